#!/usr/bin/env python3
"""Replays order lists through the backtesting of the released trading bot freqtrade.

    freqtrade_backtest.py --version
    freqtrade_backtest.py CASE...

Each CASE is a directory that holds

    case.json        {"cash": "1000000", "commission": "0.001", "tick_decimals": 6, "decimals": 5, "interval": "5m",
                      "shorts": true, "stoploss": "0.02", "roi": "0.03"}
    candles.csv      open_time,open,high,low,close,volume
    orders-0.csv     one order list in the format of the strategy `order_list`

and gets

    trades.csv       desk,size,entry_bar,exit_bar,entry_price,exit_price,reason   one row for each closed trade
    result.json      {"equity": "...", "open_trades": 0, "version": "..."}

Nothing is written anywhere else. The bot's own `Backtesting` decides everything. Only what would ask an exchange is
answered here: that the market exists, in which steps its prices and amounts come, that there is no smallest or largest
stake, and that no funding is paid. A market order that the list times at the close of a candle is an entry signal of
that candle, a reduce-only one an exit signal; stop and target are the case's `stoploss` and `minimal_roi`. Prices are multiples of the case's tick, and
leave rounded to its decimals.
"""

import csv
import json
import logging
import sys
import tempfile
from bisect import bisect_left
from pathlib import Path
from unittest.mock import MagicMock, PropertyMock, patch

import freqtrade
import pandas as pd
from freqtrade.enums import CandleType, MarginMode, RunMode, TradingMode
from freqtrade.exchange import Exchange
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import StrategyResolver
from freqtrade.strategy import IStrategy

TICK_SIZE = 4


class Replay(IStrategy):
    """Enters and leaves where the list says."""

    INTERFACE_VERSION = 3
    process_only_new_candles = True
    startup_candle_count = 0
    use_exit_signal = True
    # What the list says: entry and exit columns by candle, and quantities by the entry's tag.
    entries, exits, quantities = {}, {}, {}

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        return dataframe.assign(**self.entries)

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe.assign(**self.exits)

    def custom_stake_amount(self, pair, current_time, current_rate, proposed_stake, min_stake, max_stake, leverage,
                            entry_tag, side, **kwargs):
        # Half a lot more than is wanted: amounts are cut to whole lots.
        return (self.quantities[entry_tag] + 0.5) * current_rate

    def leverage(self, pair, current_time, current_rate, proposed_leverage, max_leverage, entry_tag, side, **kwargs):
        return 1.0


def offline(pair, setting):
    """What an exchange would have answered."""
    base, quote = pair.split(":")[0].split("/")
    future = setting["shorts"]
    market = {
        "id": base + quote, "symbol": pair, "base": base, "quote": quote, "active": True,
        "spot": not future, "swap": future, "linear": True, "type": "swap" if future else "spot",
        "contractSize": 1 if future else None, "settle": quote if future else None,
        "precision": {"price": 10.0 ** -setting["tick_decimals"], "amount": 1.0},
        "limits": {name: {"min": None, "max": None} for name in ("amount", "cost", "price", "leverage")},
        "info": {},
    }
    answers = {
        "_init_ccxt": MagicMock(return_value=MagicMock()),
        "reload_markets": MagicMock(),
        "validate_config": MagicMock(),
        "validate_timeframes": MagicMock(),
        "validate_required_startup_candles": MagicMock(),
        "fill_leverage_tiers": MagicMock(),
        "markets": PropertyMock(return_value={pair: market}),
        "precisionMode": PropertyMock(return_value=TICK_SIZE),
        "precision_mode_price": PropertyMock(return_value=TICK_SIZE),
        "get_min_pair_stake_amount": MagicMock(return_value=None),
        "get_max_pair_stake_amount": MagicMock(return_value=float("inf")),
        "get_max_leverage": MagicMock(return_value=1.0),
        "get_maintenance_ratio_and_amt": MagicMock(return_value=(0.0, 0.0)),
        "get_liquidation_price": MagicMock(return_value=None),
        "calculate_funding_fees": MagicMock(return_value=0.0),
        "market_is_tradable": MagicMock(return_value=True),
    }
    return [patch.object(Exchange, name, answer) for name, answer in answers.items()]


def config(pair, setting, folder):
    """The bot's configuration."""
    future = setting["shorts"]
    return {
        "user_data_dir": folder, "datadir": folder, "runmode": RunMode.BACKTEST, "dry_run": True,
        "exchange": {"name": "binance", "key": "", "secret": "", "pair_whitelist": [pair], "pair_blacklist": []},
        "pairlists": [{"method": "StaticPairList"}],
        "stake_currency": pair.split(":")[0].split("/")[1], "stake_amount": float(setting["cash"]) / 2,
        "dry_run_wallet": float(setting["cash"]), "tradable_balance_ratio": 1.0, "max_open_trades": 1,
        "fee": float(setting["commission"]), "timeframe": setting["interval"],
        "stoploss": -float(setting["stoploss"]), "minimal_roi": {"0": float(setting["roi"])},
        "trading_mode": TradingMode.FUTURES if future else TradingMode.SPOT,
        "margin_mode": MarginMode.ISOLATED if future else MarginMode.NONE,
        "candle_type_def": CandleType.FUTURES if future else CandleType.SPOT,
        "strategy": "Replay", "dataformat_ohlcv": "feather", "export": "none", "verbosity": 0,
        "entry_pricing": {"price_side": "same", "use_order_book": False},
        "exit_pricing": {"price_side": "same", "use_order_book": False},
        "unfilledtimeout": {"entry": 10, "exit": 30},
        "internals": {},
    }


def signals(open_times, lines):
    """The entry columns, the exit columns and the quantities that a list means."""
    entries = {name: [0] * len(open_times) for name in ("enter_long", "enter_short")}
    exits = {name: [0] * len(open_times) for name in ("exit_long", "exit_short")}
    entries["enter_tag"] = [""] * len(open_times)
    quantities = {}
    for line in lines:
        # The candle that closes at the line's time is the last that opened before it.
        bar = bisect_left(open_times, int(line["time"])) - 1
        buys = line["side"] == "buy"
        if line["action"] == "cancel" or line["type"] in ("stop-market", "limit"):
            # Stop and target are the strategy's, and go with their position.
            continue
        if line["action"] != "submit" or line["type"] != "market":
            raise ValueError(f"{line} has no counterpart")
        if line["flags"] == "reduce-only":
            exits["exit_short" if buys else "exit_long"][bar] = 1
        else:
            entries["enter_long" if buys else "enter_short"][bar] = 1
            entries["enter_tag"][bar] = line["id"]
            quantities[line["id"]] = float(line["quantity"])
    return entries, exits, quantities


def run(case):
    """Runs one case and writes what came of it."""
    setting = json.loads((case / "case.json").read_text())
    with (case / "candles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (case / "orders-0.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    pair = "COIN/CASH:CASH" if setting["shorts"] else "COIN/CASH"
    Replay.can_short = setting["shorts"]
    Replay.timeframe = setting["interval"]
    Replay.stoploss = -float(setting["stoploss"])
    Replay.minimal_roi = {"0": float(setting["roi"])}
    open_times = [int(row["open_time"]) for row in rows]
    Replay.entries, Replay.exits, Replay.quantities = signals(open_times, lines)
    columns = {name: [float(row[name]) for row in rows] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame({"date": pd.to_datetime(open_times, unit="ms", utc=True), **columns})
    with tempfile.TemporaryDirectory() as folder:
        settings = config(pair, setting, Path(folder))
        patches = offline(pair, setting)
        # The resolver looks for a file; everything else it does is left to it.
        patches.append(patch.object(StrategyResolver, "_load_strategy", lambda *_, config, **__: found_as(config)))
        for one in patches:
            one.start()
        try:
            backtesting = Backtesting(settings, exchange=Exchange(settings, validate=False, load_leverage_tiers=False))
            backtesting._set_strategy(backtesting.strategylist[0])
            backtesting.futures_data = {pair: pd.DataFrame()}
            backtesting.funding_fee_timeframe_secs = 8 * 3600
            dates = frame["date"]
            found = backtesting.backtest(
                processed={pair: frame}, start_date=dates.iloc[0].to_pydatetime(),
                end_date=dates.iloc[-1].to_pydatetime(),
            )
        finally:
            for one in patches:
                one.stop()
            Backtesting.cleanup()
    decimals = setting["decimals"]
    bar_of = {time: bar for bar, time in enumerate(open_times)}
    millis = lambda date: int(date.timestamp() * 1000)
    with (case / "trades.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["desk", "size", "entry_bar", "exit_bar", "entry_price", "exit_price", "reason"])
        for trade in found["results"].itertuples():
            size = round(trade.amount) * (-1 if trade.is_short else 1)
            bars = [bar_of[millis(date)] for date in (trade.open_date, trade.close_date)]
            prices = [f"{value:.{decimals}f}" for value in (trade.open_rate, trade.close_rate)]
            writer.writerow([0, size, *bars, *prices, trade.exit_reason])
    result = {
        "equity": f"{found['final_balance']:.12f}",
        "open_trades": 0,
        "version": freqtrade.__version__,
    }
    (case / "result.json").write_text(json.dumps(result) + "\n")


def found_as(settings):
    """The strategy as the bot's resolver would have found it in a file."""
    return StrategyResolver.validate_strategy(Replay(settings))


def main(arguments):
    """Runs the cases named on the command line."""
    if arguments == ["--version"]:
        print(freqtrade.__version__)
        return
    logging.disable(logging.WARNING)
    for argument in arguments:
        run(Path(argument))


if __name__ == "__main__":
    main(sys.argv[1:])
