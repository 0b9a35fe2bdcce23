#!/usr/bin/env python3
"""Replays order lists through `Portfolio.from_signals` of the released Python package vectorbt.

    vectorbt_signals.py --version
    vectorbt_signals.py CASE...

Each CASE is a directory that holds

    case.json        {"cash": "1000000", "commission": "0.001", "slippage": "0.0005", "decimals": 6}
    candles.csv      open_time,open,high,low,close,volume
    orders-0.csv     one order list in the format of the strategy `order_list`

and gets

    trades.csv       desk,size,entry_bar,exit_bar,entry_price,exit_price   one row for each closed trade
    result.json      {"equity": "...", "open_trades": 0, "version": "..."}

Nothing is written anywhere else, and nothing of the package is replaced. A market order that the list times at the
close of a candle is a signal of that candle; the stop and the target of its group are `sl_stop` and `tp_stop`, as
fractions of that close; a reduce-only market order is an exit signal. Prices leave rounded to the decimals that the
case states, which are finer than any price in it. Whatever has no such counterpart is an error, never skipped.
"""

import csv
import json
import sys
import warnings
from bisect import bisect_left
from pathlib import Path

warnings.filterwarnings("ignore")

import numpy as np
import pandas as pd
import vectorbt


class Signals:
    """What `from_signals` is told, candle by candle."""

    def __init__(self, rows):
        count = len(rows)
        self.open_times = [int(row["open_time"]) for row in rows]
        self.close = np.array([float(row["close"]) for row in rows])
        self.long_entry, self.long_exit, self.short_entry, self.short_exit = (
            np.zeros(count, dtype=bool) for _ in range(4)
        )
        self.size, self.stop, self.target = (np.full(count, np.nan) for _ in range(3))

    def take(self, lines):
        """Turns the lines of an order list into signals."""
        entries = {}
        for line in lines:
            # The candle that closes at the line's time is the last that opened before it.
            bar = bisect_left(self.open_times, int(line["time"])) - 1
            buys = line["side"] == "buy"
            if line["action"] == "cancel":
                # Stop and target go with their position.
                continue
            if line["action"] != "submit":
                raise ValueError(f"action {line['action']!r} has no counterpart")
            if line["type"] == "market" and line["flags"] == "reduce-only":
                (self.short_exit if buys else self.long_exit)[bar] = True
            elif line["type"] == "market" and not line["flags"]:
                (self.long_entry if buys else self.short_entry)[bar] = True
                self.size[bar] = float(line["quantity"])
                if line["group"]:
                    entries[line["group"]] = bar
            elif line["group"] in entries and line["type"] in ("stop-market", "limit"):
                entry = entries[line["group"]]
                column = "stop_price" if line["type"] == "stop-market" else "price"
                fractions = self.stop if line["type"] == "stop-market" else self.target
                fractions[entry] = abs(float(line[column]) / self.close[entry] - 1)
            else:
                raise ValueError(f"{line} has no counterpart")


def run(case):
    """Runs one case and writes what came of it."""
    setting = json.loads((case / "case.json").read_text())
    with (case / "candles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (case / "orders-0.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    signals = Signals(rows)
    signals.take(lines)
    index = pd.to_datetime(signals.open_times, unit="ms")
    series = lambda values: pd.Series(values, index=index)
    price = lambda name: series([float(row[name]) for row in rows])
    portfolio = vectorbt.Portfolio.from_signals(
        price("close"),
        entries=series(signals.long_entry),
        exits=series(signals.long_exit),
        short_entries=series(signals.short_entry),
        short_exits=series(signals.short_exit),
        open=price("open"),
        high=price("high"),
        low=price("low"),
        size=series(signals.size),
        sl_stop=series(signals.stop),
        tp_stop=series(signals.target),
        fees=float(setting["commission"]),
        slippage=float(setting["slippage"]),
        init_cash=float(setting["cash"]),
        allow_partial=False,
        raise_reject=True,
    )
    records = portfolio.trades.records
    closed = records[records["status"] == 1]
    decimals = setting["decimals"]
    with (case / "trades.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["desk", "size", "entry_bar", "exit_bar", "entry_price", "exit_price"])
        for trade in closed.itertuples():
            size = int(trade.size) * (1 if trade.direction == 0 else -1)
            prices = [f"{value:.{decimals}f}" for value in (trade.entry_price, trade.exit_price)]
            writer.writerow([0, size, trade.entry_idx, trade.exit_idx, *prices])
    result = {
        "equity": f"{portfolio.value().iloc[-1]:.12f}",
        "open_trades": int(len(records) - len(closed)),
        "version": vectorbt.__version__,
    }
    (case / "result.json").write_text(json.dumps(result) + "\n")


def main(arguments):
    """Runs the cases named on the command line."""
    if arguments == ["--version"]:
        print(vectorbt.__version__)
        return
    for argument in arguments:
        run(Path(argument))


if __name__ == "__main__":
    main(sys.argv[1:])
