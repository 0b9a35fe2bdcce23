#!/usr/bin/env python3
"""What QuantStats, empyrical-reloaded and backtesting.py print for seeded returns and trades: metrics.json.

    python3 -m venv elsewhere && elsewhere/bin/pip install -r tests/oracles/metrics-requirements.txt
    elsewhere/bin/python tests/oracles/metrics.py           write the table
    elsewhere/bin/python tests/oracles/metrics.py --check   compare with the committed file, write nothing

Every value is what the released function returned: `nan`, `inf` and `-inf` stand as text.
"""

import json
import math
import pathlib
import sys
import warnings

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as qs
from backtesting._stats import compute_stats

from seeded import generator

warnings.filterwarnings("ignore")
TABLE = pathlib.Path(__file__).with_suffix(".json")

QUANTSTATS = """comp expected_return cagr volatility sharpe sortino adjusted_sortino probabilistic_sharpe_ratio omega
gain_to_pain_ratio calmar max_drawdown ulcer_index ulcer_performance_index serenity_index recovery_factor value_at_risk
cvar skew kurtosis tail_ratio outlier_win_ratio outlier_loss_ratio best worst win_rate avg_win avg_loss avg_return
payoff_ratio profit_factor cpc_index common_sense_ratio kelly_criterion risk_of_ruin consecutive_wins consecutive_losses
exposure risk_return_ratio""".split()


def noise(days, shift, seed):
    draw = generator(seed)
    return [round(sum(draw(101) - 50 for _ in range(4)) / 4_000 + shift, 4) for _ in range(days)]


def cases():
    flat = noise(60, 0.001, 5)
    return {
        "long": noise(800, 0.0011, 1),
        "month": noise(31, 0.0, 2),
        "losing": noise(200, -0.004, 3),
        "idle": [rate if day % 3 == 0 else 0.0 for day, rate in enumerate(flat)],
        "all_gains": [abs(rate) + 0.0001 for rate in noise(40, 0.0, 6)],
        "all_losses": [-abs(rate) - 0.0001 for rate in noise(40, 0.0, 7)],
        "one_day": [0.0123],
        "one_losing_day": [-0.0123],
        "two_days": [0.02, -0.01],
        "constant": [2.0**-10] * 32,
        "constant_loss": [-(2.0**-10)] * 32,
        "zeros": [0.0] * 40,
        "total_loss": noise(10, 0.0, 8) + [-1.0],
        "doubled": [0.0, 0.5, 1.5, 0.25, 0.0, 0.75],
    }


def plain(value):
    """A JSON number, or text for what is none."""
    if value is pd.NaT:
        return "nan"
    if isinstance(value, pd.Timedelta):
        return value / pd.Timedelta(days=1)
    value = float(value)
    return value if math.isfinite(value) else str(value)


def tried(work):
    """What a call returned; the name of what it raised, where it raised."""
    try:
        return plain(work())
    except Exception as error:
        return f"raises {type(error).__name__}"


def by_quantstats(series):
    return {name: tried(lambda name=name: getattr(qs, name)(series)) for name in QUANTSTATS}


def by_empyrical(series):
    return {
        "total_return": tried(lambda: empyrical.cum_returns_final(series)),
        "cagr": tried(lambda: empyrical.cagr(series, annualization=365)),
        "volatility": tried(lambda: empyrical.annual_volatility(series, annualization=365)),
        "sharpe": tried(lambda: empyrical.sharpe_ratio(series, annualization=365)),
        "sortino": tried(lambda: empyrical.sortino_ratio(series, annualization=365)),
        "calmar": tried(lambda: empyrical.calmar_ratio(series, annualization=365)),
        "max_drawdown": tried(lambda: empyrical.max_drawdown(series)),
        "var_95": tried(lambda: empyrical.value_at_risk(series)),
        "tail_ratio": tried(lambda: empyrical.tail_ratio(series)),
    }


def by_backtesting(equity, trades, hours):
    """Bars of so many hours; a trade is entry bar, exit bar, profit and return."""
    index = pd.date_range("2024-01-01", periods=len(equity), freq=f"{hours}h")
    frame = pd.DataFrame(
        {
            "EntryBar": [trade[0] for trade in trades],
            "ExitBar": [trade[1] for trade in trades],
            "PnL": [trade[2] for trade in trades],
            "ReturnPct": [trade[3] for trade in trades],
            "Duration": pd.to_timedelta([index[trade[1]] - index[trade[0]] for trade in trades]),
        }
    ).astype({"EntryBar": int, "ExitBar": int, "PnL": float, "ReturnPct": float})
    candles = pd.DataFrame({"Close": np.linspace(100.0, 120.0, len(equity))}, index=index)
    stats = compute_stats(frame, np.array(equity, dtype=float), candles, None)
    unwanted = {"Start", "End", "Duration", "Alpha [%]", "Beta"}
    return {key: plain(stats[key]) for key in stats.index if not key.startswith("_") and key not in unwanted}


def books():
    for name, returns in cases().items():
        equity = [1_000.0]
        for rate in returns:
            equity.append(equity[-1] * (1.0 + rate))
        yield name, equity, [], 24
    draw = generator(11)
    for name, days, hours, seed, sign in [
        ("trades", 300, 24, 21, 0),
        ("hourly", 900, 1, 22, 0),
        ("only_winners", 120, 24, 23, 1),
        ("only_losers", 120, 24, 24, -1),
    ]:
        equity, trades, bar = [10_000.0], [], 0
        for rate in noise(days, 0.0005, seed):
            equity.append(round(equity[-1] * (1.0 + rate), 2))
        while bar + 12 < days:
            entry = bar + 1 + draw(5)
            bar = entry + 1 + draw(6)
            rate = (draw(2001) - 1000) / 20_000
            rate = rate if sign == 0 else sign * (abs(rate) + 0.0005)
            trades.append([entry, bar, round(rate * 2_000, 2), rate])
        yield name, equity, trades, hours
    yield "one_trade", [100.0, 90.0, 95.0], [[0, 2, -5.0, -0.05]], 24
    yield "trade_lost_whole", [100.0, 50.0, 1.0], [[0, 1, -50.0, -1.0], [1, 2, 4.0, 0.5]], 24
    yield "zero_trade", [100.0, 100.0, 100.0, 101.0], [[0, 1, 0.0, 0.0], [1, 2, 1.0, 0.01]], 24


def table():
    series = {}
    for name, returns in cases().items():
        column = pd.Series(returns, index=pd.date_range("2024-01-01", periods=len(returns)))
        series[name] = {
            "returns": returns,
            "quantstats": by_quantstats(column),
            "empyrical": by_empyrical(column),
        }
    runs = {
        name: {"equity": equity, "trades": trades, "hours": hours, "stats": by_backtesting(equity, trades, hours)}
        for name, equity, trades, hours in books()
    }
    return {"returns": series, "runs": runs}


def main():
    text = json.dumps(table(), indent=None, separators=(",", ":")).replace('},"', '},\n"') + "\n"
    if "--check" in sys.argv[1:]:
        if text != TABLE.read_text():
            sys.exit(f"{TABLE.name} is not what this script makes")
    else:
        TABLE.write_text(text)


if __name__ == "__main__":
    main()
