#!/usr/bin/env python3
"""Replays order lists through the released Python package backtesting.py: the outside oracle of its profile.

    backtesting_py.py --version
    backtesting_py.py CASE...

Each CASE is a directory that holds

    case.json        {"cash": "1000000", "commission": "0.001"}
    candles.csv      open_time,open,high,low,close,volume
    orders-*.csv     order lists in the format of the strategy `order_list`, one for each desk

and gets

    trades.csv       desk,entry,size,entry_bar,exit_bar,entry_price,exit_price   one row for each closed trade
    result.json      {"equity": "...", "open_trades": 0, "version": "..."}

Nothing is written anywhere else. The package is used as it is: nothing of it is replaced or reached into. An order
that the list times at the close of a candle is placed in the `next()` of that candle. Prices leave as the shortest
decimal that names the same float, so that equality can be judged exactly.

What the list says is done with the package's public means: a group is an order with `sl` and `tp`, a cancelled or
replaced child is `trade.sl` or `trade.tp` set anew, a replaced entry is cancelled and placed again, a reduce-only
market order is `trade.close()`. Whatever has no such counterpart is an error, never skipped.
"""

import csv
import json
import sys
import warnings
from bisect import bisect_left
from decimal import Decimal
from pathlib import Path

import backtesting
import pandas as pd
from backtesting import Backtest, Strategy


class Desk:
    """One order list: its lines by candle, and the entries it has placed."""

    def __init__(self, name, lines, open_times):
        self.name = name
        self.by_bar = {}
        self.entries = {}
        self.child_of = {}
        for line in lines:
            # The candle that closes at the line's time is the last that opened before it.
            bar = bisect_left(open_times, int(line["time"])) - 1
            self.by_bar.setdefault(bar, []).append(line)

    def act(self, strategy, bar):
        """Does what the list says for the close of this candle."""
        lines = self.by_bar.get(bar, [])
        groups = {}
        for line in lines:
            if line["action"] == "submit" and line["group"]:
                groups.setdefault(line["group"], []).append(line)
        for line in lines:
            action = line["action"]
            if action == "submit" and line["group"]:
                members = groups.pop(line["group"], None)
                if members:
                    self.submit(strategy, members)
            elif action == "submit":
                self.submit(strategy, [line])
            elif action == "cancel":
                self.cancel(strategy, line["id"])
            elif action == "replace":
                self.replace(strategy, line)
            else:
                raise ValueError(f"action {action!r} is not known")

    def submit(self, strategy, members):
        """Places an entry with its children, or closes the desk's trades."""
        entry, children = members[0], members[1:]
        if entry["flags"] == "reduce-only":
            if entry["type"] != "market" or children:
                raise ValueError("only a lone market order can be reduce-only here")
            for trade in self.trades(strategy):
                if trade.is_long == (entry["side"] == "sell"):
                    trade.close()
            return
        if entry["flags"]:
            raise ValueError(f"flags {entry['flags']!r} are not known")
        terms = {
            "side": entry["side"],
            "size": float(entry["quantity"]),
            "limit": level(entry, "limit", "price"),
            "stop": level(entry, "stop-market", "stop_price"),
            "sl": None,
            "tp": None,
        }
        for child in children:
            name = {"stop-market": "sl", "limit": "tp"}[child["type"]]
            terms[name] = float(child["stop_price" if name == "sl" else "price"])
            self.child_of[child["id"]] = (entry["id"], name)
        self.place(strategy, entry["id"], terms)

    def place(self, strategy, name, terms):
        """Places an order under these terms, and keeps it by its name."""
        placing = strategy.buy if terms["side"] == "buy" else strategy.sell
        order = placing(
            size=terms["size"],
            limit=terms["limit"],
            stop=terms["stop"],
            sl=terms["sl"],
            tp=terms["tp"],
            tag=(self.name, name),
        )
        self.entries[name] = (order, terms)

    def cancel(self, strategy, name):
        """Cancels an entry that waits, or a child of an open trade."""
        if name in self.entries:
            order, _ = self.entries[name]
            if order in strategy.orders:
                order.cancel()
            return
        entry, child = self.child_of[name]
        if self.entries[entry][0] in strategy.orders:
            raise ValueError("a child cannot be cancelled while its entry waits")
        for trade in self.trades(strategy, entry):
            setattr(trade, child, None)

    def replace(self, strategy, line):
        """Gives an entry that waits, or a child, another price."""
        entry, changed = self.child_of.get(line["id"], (line["id"], None))
        order, terms = self.entries[entry]
        if line["quantity"]:
            raise ValueError("another quantity cannot be given here")
        if changed is None:
            changed = "limit" if terms["limit"] else "stop"
        price = float(line["stop_price" if changed in ("stop", "sl") else "price"])
        if order in strategy.orders:
            order.cancel()
            self.place(strategy, entry, {**terms, changed: price})
        elif changed in ("sl", "tp"):
            for trade in self.trades(strategy, entry):
                # A child that was cancelled is gone.
                if getattr(trade, changed) is not None:
                    setattr(trade, changed, price)

    def trades(self, strategy, entry=None):
        """The desk's open trades, or those that one entry opened."""
        mine = [trade for trade in strategy.trades if trade.tag[0] == self.name]
        return [trade for trade in mine if entry is None or trade.tag[1] == entry]


def level(line, kind, column):
    """The price of an order of this kind, none for another kind."""
    return float(line[column]) if line["type"] == kind else None


def run(case):
    """Runs one case and writes what came of it."""
    setting = json.loads((case / "case.json").read_text())
    with (case / "candles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    open_times = [int(row["open_time"]) for row in rows]
    columns = {name.capitalize(): [float(row[name]) for row in rows] for name in
               ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.to_datetime(open_times, unit="ms"))
    desks = []
    for path in sorted(case.glob("orders-*.csv")):
        with path.open(newline="") as file:
            desks.append(Desk(path.stem.removeprefix("orders-"), list(csv.DictReader(file)), open_times))

    class Replay(Strategy):
        """Places what the lists say."""

        def init(self):
            pass

        def next(self):
            bar = len(self.data) - 1
            for desk in desks:
                desk.act(self, bar)

    backtest = Backtest(
        frame,
        Replay,
        cash=float(setting["cash"]),
        commission=float(setting["commission"]),
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        stats = backtest.run()
    refused = [str(warning.message) for warning in heard if "margin" in str(warning.message)]
    if refused:
        raise ValueError(f"{case.name}: {refused[0]}")
    rows = zip(*(stats["_trades"][name] for name in
                 ("Tag", "Size", "EntryBar", "ExitBar", "EntryPrice", "ExitPrice")))
    with (case / "trades.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["desk", "entry", "size", "entry_bar", "exit_bar", "entry_price", "exit_price"])
        for tag, size, entry_bar, exit_bar, entry_price, exit_price in rows:
            writer.writerow([*tag, int(size), entry_bar, exit_bar, number(entry_price), number(exit_price)])
    result = {
        "equity": number(stats["_equity_curve"]["Equity"].iloc[-1]),
        "open_trades": len(stats["_strategy"].trades),
        "version": backtesting.__version__,
    }
    (case / "result.json").write_text(json.dumps(result) + "\n")


def number(value):
    """The shortest decimal that names this float, without an exponent."""
    return format(Decimal(repr(float(value))), "f")


def main(arguments):
    """Runs the cases named on the command line."""
    if arguments == ["--version"]:
        print(backtesting.__version__)
        return
    for argument in arguments:
        run(Path(argument))


if __name__ == "__main__":
    main(sys.argv[1:])
