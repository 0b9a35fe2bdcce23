#!/usr/bin/env python3
"""Reference tables for Tapeline's indicators, made without any of its code.

Generated candles, every value in exact rational arithmetic (`fractions`; square roots in 60 decimal digits), by the
definitions of TA-Lib for the recursive ones. Standard library only; where the released TA-Lib package is installed
(`pip install ta-lib numpy`) every column is compared with it as well.

    python3 tests/oracles/indicators.py           write tests/oracles/indicators.csv
    python3 tests/oracles/indicators.py --check   compare with the committed file, write nothing
"""

import pathlib
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
TABLE = pathlib.Path(__file__).with_suffix(".csv")
CANDLES, DECIMALS = 240, 2


def candles():
    """A wandering price with quiet stretches, jumps and gaps, in units of 0.01, from a fixed linear congruence."""
    state = 20240726

    def draw(limit):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % limit

    close, rows = 6_774_575, []
    for row in range(CANDLES):
        quiet = 60 <= row < 66 or 150 <= row < 190
        stir = 0 if quiet else 90_000 if draw(25) == 0 else 9_000
        open_ = close if draw(4) else close + draw(2 * stir + 1) - stir
        close = open_ + draw(2 * stir + 1) - stir
        high = max(open_, close) + draw(stir // 2 + 1)
        low = min(open_, close) - draw(stir // 2 + 1)
        rows.append((open_, high, low, close))
    return rows


def rolling(column, window, of):
    return [of(column[i + 1 - window : i + 1]) if i + 1 >= window else None for i in range(len(column))]


def root(value):
    return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def mean(values):
    return Fraction(sum(values), len(values))


def deviation(values):
    return root(mean([v * v for v in values]) - mean(values) ** 2)


def smoothed(values, window, weight):
    """Seeded with the mean of the first window, then exact recursion (rounded at 1e-45, or the fractions explode)."""
    out, average = [None] * (window - 1), mean(values[:window])
    out.append(average)
    for value in values[window:]:
        average += (value - average) * weight
        average = Fraction(round(average * 10**45), 10**45)
        out.append(average)
    return out


def ema(column, window):
    return smoothed(column, window, Fraction(2, window + 1))


def rsi(column, window):
    changes = [b - a for a, b in zip(column, column[1:])]
    gains = smoothed([max(c, 0) for c in changes], window, Fraction(1, window))
    losses = smoothed([max(-c, 0) for c in changes], window, Fraction(1, window))
    ratio = [None if g is None or g + l == 0 else 100 * g / (g + l) for g, l in zip(gains, losses)]
    return [None] + ratio


def atr(rows, window):
    ranges = [max(h, before) - min(l, before) for (_, h, l, _), (_, _, _, before) in zip(rows[1:], rows)]
    return [None] + smoothed(ranges, window, Fraction(1, window))


def columns(rows):
    _, highs, lows, closes = zip(*rows)
    scale = 10**DECIMALS
    price = lambda column: [None if v is None else Fraction(v) / scale for v in column]
    table = {}
    for window in (1, 3, 20):
        table[f"sma({window})"] = price(rolling(closes, window, mean))
    for window in (1, 12):
        table[f"ema({window})"] = price(ema(closes, window))
    for window in (2, 14):
        table[f"rsi({window})"] = rsi(closes, window)
    for window in (1, 14):
        table[f"atr({window})"] = price(atr(rows, window))
    for window in (2, 20):
        table[f"standard_deviation({window})"] = price(rolling(closes, window, deviation))
    for window in (1, 5, 55):
        table[f"rolling_high({window})"] = price(rolling(highs, window, max))
        table[f"rolling_low({window})"] = price(rolling(lows, window, min))
    return table


def compare_with_talib(rows, table):
    try:
        import numpy
        import talib
    except ImportError:
        print("skipped: TA-Lib is not installed (pip install ta-lib numpy); the exact table stands alone")
        return
    _, high, low, close = (numpy.array(column, dtype=float) / 10**DECIMALS for column in zip(*rows))
    calls = {
        "sma": lambda w: talib.SMA(close, w),
        "ema": lambda w: talib.EMA(close, w),
        "rsi": lambda w: talib.RSI(close, w),
        "atr": lambda w: talib.ATR(high, low, close, w),
        "standard_deviation": lambda w: talib.STDDEV(close, w, 1),
        "rolling_high": lambda w: talib.MAX(high, w),
        "rolling_low": lambda w: talib.MIN(low, w),
    }
    compared = 0
    for name, ours in table.items():
        kind, window = name[:-1].split("(")
        try:
            theirs = calls[kind](int(window))
        except Exception as refusal:
            print(f"{name}: TA-Lib refuses this window ({refusal})")
            continue
        # TA-Lib takes its standard deviation from the difference of two large means, and loses half the digits.
        tolerance = 1e-2 if kind == "standard_deviation" else 1e-9 * close.max()
        for row, (mine, other) in enumerate(zip(ours, theirs)):
            if mine is None:
                assert numpy.isnan(other) or kind == "rsi", (name, row, other)
            else:
                assert abs(float(mine) - other) <= tolerance, (name, row, float(mine), other)
                compared += 1
    print(f"TA-Lib {talib.__version__} agrees on {compared} values of {len(table)} columns")


def main():
    rows = candles()
    table = columns(rows)
    compare_with_talib(rows, table)
    lines = [",".join(["open", "high", "low", "close", *table])]
    for row, prices in enumerate(rows):
        values = ("" if column[row] is None else repr(float(column[row])) for column in table.values())
        lines.append(",".join([*map(str, prices), *values]))
    text = "\n".join(lines) + "\n"
    if "--check" in sys.argv[1:]:
        if TABLE.read_text() != text:
            sys.exit(f"{TABLE} is not what this program makes; run it without --check and look at the difference")
        print(f"{TABLE.name} is up to date: {len(rows)} candles, {len(table)} columns")
    else:
        TABLE.write_text(text)
        print(f"wrote {TABLE.name}: {len(rows)} candles, {len(table)} columns")


if __name__ == "__main__":
    main()
