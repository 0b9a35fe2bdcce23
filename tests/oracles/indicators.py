#!/usr/bin/env python3
"""Reference tables for Tapeline's indicators, made without any of its code.

indicators.csv: generated candles, and every indicator in exact rational arithmetic (`fractions`; square roots in 60
decimal digits), by the definitions of TA-Lib where it has them and by those of docs/indicators.md else. Standard
library only.

indicators_talib.csv: what the released TA-Lib package says to the same candles (`pip install TA-Lib numpy`, versions in
requirements.txt). Where it is not installed, the committed table stands.

    python3 tests/oracles/indicators.py           write both tables
    python3 tests/oracles/indicators.py --check   compare with the committed files, write nothing
"""

import csv
import io
import pathlib
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

from seeded import generator

getcontext().prec = 60
TABLE = pathlib.Path(__file__).with_suffix(".csv")
TALIB_TABLE = TABLE.with_name("indicators_talib.csv")
CANDLES, PRICE_DECIMALS, VOLUME_DECIMALS = 240, 2, 3
MINUTE, DAY = 60_000, 86_400_000
# 22:00 in UTC: a midnight lies in the middle.
START = 1_704_146_400_000


def candles():
    """A wandering price with quiet stretches, jumps and gaps, in units of 0.01, and volumes in units of 0.001."""
    draw, draw_volume = generator(20240726), generator(20240101)
    close, rows = 6_774_575, []
    for row in range(CANDLES):
        quiet = 60 <= row < 66 or 150 <= row < 190
        stir = 0 if quiet else 90_000 if draw(25) == 0 else 9_000
        open_ = close if draw(4) else close + draw(2 * stir + 1) - stir
        close = open_ + draw(2 * stir + 1) - stir
        high = max(open_, close) + draw(stir // 2 + 1)
        low = min(open_, close) - draw(stir // 2 + 1)
        # Nothing is traded for longer than any window, and by chance.
        traded = not (155 <= row < 185) and draw_volume(12) > 0
        volume = 1 + draw_volume(40_000) if traded else 0
        rows.append((START + row * MINUTE, open_, high, low, close, volume))
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


def lagged(columns, of):
    """Applied where every column has a value."""
    return [None if any(cell is None for cell in cells) else of(*cells) for cells in zip(*columns)]


def after(column, of):
    """An average of a column that begins with undefined cells only."""
    begin = next(row for row, cell in enumerate(column) if cell is not None)
    return [None] * begin + of(column[begin:])


def wma(column, window):
    weights = range(1, window + 1)
    return rolling(column, window, lambda values: Fraction(sum(w * v for w, v in zip(weights, values)), sum(weights)))


def macd(column, fast, slow, signal):
    """The fast average begins with the closes up to candle `slow`, as in TA-Lib."""
    fasts = [None] * (slow - fast) + ema(column[slow - fast :], fast)
    line = lagged([fasts, ema(column, slow)], lambda f, s: f - s)
    signals = after(line, lambda values: smoothed(values, signal, Fraction(2, signal + 1)))
    return {"line": line, "signal": signals, "histogram": lagged([line, signals], lambda l, s: l - s)}


def true_ranges(highs, lows, closes):
    return [max(h, before) - min(l, before) for h, l, before in zip(highs[1:], lows[1:], closes)]


def atr(highs, lows, closes, window):
    return [None] + smoothed(true_ranges(highs, lows, closes), window, Fraction(1, window))


def directional(highs, lows, closes, window):
    """Wilder's sums as in TA-Lib: begun with `window - 1` values, then sum += value - sum / window."""

    def sums(values):
        total, out = Fraction(sum(values[: window - 1])), [None] * window
        for value in values[window - 1 :]:
            total += value - total / window
            total = Fraction(round(total * 10**45), 10**45)
            out.append(total)
        return out

    ups = [b - a for a, b in zip(highs, highs[1:])]
    downs = [a - b for a, b in zip(lows, lows[1:])]
    plus = sums([u if u > max(d, 0) else 0 for u, d in zip(ups, downs)])
    minus = sums([d if d > max(u, 0) else 0 for u, d in zip(ups, downs)])
    ranges = sums(true_ranges(highs, lows, closes))
    share = lambda part, whole: 100 * part / whole if whole else None
    distances = lagged([plus, minus], lambda p, m: share(abs(p - m), p + m))
    return {
        "adx": after(distances, lambda values: smoothed(values, window, Fraction(1, window))),
        "plus": lagged([plus, ranges], share),
        "minus": lagged([minus, ranges], share),
    }


def bands(middle, spread, width):
    return {
        "upper": lagged([middle, spread], lambda m, s: m + width * s),
        "middle": middle,
        "lower": lagged([middle, spread], lambda m, s: m - width * s),
    }


def stochastic(highs, lows, closes, window, smooth, signal):
    edges = zip(closes, rolling(highs, window, max), rolling(lows, window, min))
    places = [Fraction(100 * (c - l), h - l) if h is not None and h > l else None for c, h, l in edges]
    known = lambda values: mean(values) if all(value is not None for value in values) else None
    k = rolling(places, smooth, known)
    return {"k": k, "d": rolling(k, signal, known)}


def z_score(values):
    spread = deviation(values)
    return (values[-1] - mean(values)) / spread if spread else None


def vwap(candles):
    """Average and deviation of the typical price, weighted by volume."""
    typical = [(Fraction(h + l + c, 3), v) for _, _, h, l, c, v in candles]
    volume = sum(v for _, v in typical)
    if volume == 0:
        return None
    average = sum(t * v for t, v in typical) / volume
    return average, root(sum(v * (t - average) ** 2 for t, v in typical) / volume)


def vwap_bands(values, width):
    part = lambda of: [None if value is None else of(*value) for value in values]
    return {
        "upper": part(lambda average, spread: average + width * spread),
        "middle": part(lambda average, _: average),
        "lower": part(lambda average, spread: average - width * spread),
    }


def sessions(rows):
    """The candles of the same day up to each one; none on a day that began before the data."""
    begins = [row for row, candle in enumerate(rows) if candle[0] % DAY == 0]
    out = []
    for row in range(len(rows)):
        begin = max((begin for begin in begins if begin <= row), default=None)
        out.append(None if begin is None else vwap(rows[begin : row + 1]))
    return out


def on_balance(closes, volumes):
    total, out = volumes[0], [Fraction(volumes[0])]
    for before, now, volume in zip(closes, closes[1:], volumes[1:]):
        total += volume * ((now > before) - (now < before))
        out.append(Fraction(total))
    return out


def columns(rows):
    _, _, highs, lows, closes, volumes = zip(*rows)
    scaled = lambda column, decimals: [None if v is None else Fraction(v) / 10**decimals for v in column]
    price = lambda column: scaled(column, PRICE_DECIMALS)
    table = {}

    def add(name, lines, scale=price):
        table.update({f"{name}.{line}": scale(column) for line, column in lines.items()})

    for window in (1, 3, 20):
        table[f"sma({window})"] = price(rolling(closes, window, mean))
    for window in (1, 12):
        table[f"ema({window})"] = price(ema(closes, window))
    for window in (1, 3, 20):
        table[f"wma({window})"] = price(wma(closes, window))
    for window in (2, 14):
        table[f"rsi({window})"] = rsi(closes, window)
    for windows in ((3, 10, 4), (12, 26, 9)):
        add("macd(%d,%d,%d)" % windows, macd(closes, *windows))
    for window in (1, 14):
        table[f"atr({window})"] = price(atr(highs, lows, closes, window))
    for window in (2, 14):
        add(f"directional({window})", directional(highs, lows, closes, window), list)
    for window, width in ((5, "1.5"), (20, "2")):
        middle, spread = rolling(closes, window, mean), rolling(closes, window, deviation)
        add(f"bollinger({window},{width})", bands(middle, spread, Fraction(width)))
    for window, width in ((20, 10), (5, 14)):
        middle, spread = ema(closes, window), atr(highs, lows, closes, width)
        add(f"keltner({window},{width},1.5)", bands(middle, spread, Fraction("1.5")))
    for window in (1, 20):
        edges = rolling(highs, window, max), rolling(lows, window, min)
        middle = lagged(edges, lambda high, low: Fraction(high + low, 2))
        add(f"donchian({window})", {"upper": edges[0], "middle": middle, "lower": edges[1]})
    for windows in ((14, 1, 3), (5, 3, 3), (14, 3, 5)):
        add("stochastic(%d,%d,%d)" % windows, stochastic(highs, lows, closes, *windows), list)
    for window in (2, 20):
        table[f"standard_deviation({window})"] = price(rolling(closes, window, deviation))
    for window in (2, 20):
        table[f"z_score({window})"] = rolling(closes, window, z_score)
    for window in (1, 10):
        changes = [Fraction(100 * (now - then), then) for then, now in zip(closes, closes[window:])]
        table[f"rate_of_change({window})"] = [None] * window + changes
    for window, width in ((1, "2"), (20, "2.5")):
        values = rolling(rows, window, vwap)
        add(f"rolling_vwap({window},{width})", vwap_bands(values, Fraction(width)))
    add("session_vwap(2)", vwap_bands(sessions(rows), 2))
    table["on_balance_volume"] = scaled(on_balance(closes, volumes), VOLUME_DECIMALS)
    for window in (1, 5, 55):
        table[f"rolling_high({window})"] = price(rolling(highs, window, max))
        table[f"rolling_low({window})"] = price(rolling(lows, window, min))
    return table


def talib_columns(rows, names):
    """The same columns by TA-Lib, None where it has no such indicator or refuses the parameters."""
    import numpy
    import talib

    real = lambda column, decimals: numpy.array(column, dtype=float) / 10**decimals
    _, _, *prices, volume = zip(*rows)
    high, low, close = (real(column, PRICE_DECIMALS) for column in prices)
    volume = real(volume, VOLUME_DECIMALS)
    lines = lambda names, columns: dict(zip(names, columns))
    channel = ("upper", "middle", "lower")
    calls = {
        "sma": lambda w: talib.SMA(close, w),
        "ema": lambda w: talib.EMA(close, w),
        "wma": lambda w: talib.WMA(close, w),
        "rsi": lambda w: talib.RSI(close, w),
        "macd": lambda f, s, g: lines(("line", "signal", "histogram"), talib.MACD(close, f, s, g)),
        "atr": lambda w: talib.ATR(high, low, close, w),
        "directional": lambda w: {
            "adx": talib.ADX(high, low, close, w),
            "plus": talib.PLUS_DI(high, low, close, w),
            "minus": talib.MINUS_DI(high, low, close, w),
        },
        "bollinger": lambda w, width: lines(channel, talib.BBANDS(close, w, float(width), float(width), 0)),
        "donchian": lambda w: {"upper": talib.MAX(high, w), "lower": talib.MIN(low, w)},
        "stochastic": lambda w, k, d: lines(
            ("k", "d"),
            talib.STOCHF(high, low, close, w, d, 0) if k == 1 else talib.STOCH(high, low, close, w, k, 0, d, 0),
        ),
        "standard_deviation": lambda w: talib.STDDEV(close, w, 1),
        "rate_of_change": lambda w: talib.ROC(close, w),
        "rolling_high": lambda w: talib.MAX(high, w),
        "rolling_low": lambda w: talib.MIN(low, w),
    }
    table = {}
    for name in names:
        if name == "on_balance_volume":
            table[name] = talib.OBV(close, volume)
            continue
        kind, rest = name.split("(")
        words, line = rest.split(")")
        if kind not in calls:
            continue
        # Only the width of a band may be a fraction.
        parameters = [float(word) if "." in word else int(word) for word in words.split(",")]
        try:
            found = calls[kind](*parameters)
        except Exception as refusal:
            print(f"{name}: TA-Lib refuses these parameters ({str(refusal).split(':')[-1].strip()})")
            continue
        found = found.get(line[1:]) if line else found
        if found is not None:
            table[name] = found
    print(f"TA-Lib {talib.__version__} ({talib.__ta_version__.decode()}): {len(table)} columns")
    return {name: [None if numpy.isnan(v) else float(v) for v in column] for name, column in table.items()}


def text_of(table, integers=()):
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([*(name for name, _ in integers), *table])
    for row in range(CANDLES):
        values = ("" if column[row] is None else repr(float(column[row])) for column in table.values())
        writer.writerow([*(column[row] for _, column in integers), *values])
    return page.getvalue()


def near(text, other):
    """Whether two tables of floats differ by no more than another processor's rounding."""
    left, right = (list(csv.reader(io.StringIO(page))) for page in (text, other))
    same = lambda a, b: a == b or (a != "" and b != "" and abs(float(a) - float(b)) <= 1e-12 * max(1, abs(float(a))))
    rows = zip(left[1:], right[1:])
    return left[:1] == right[:1] and len(left) == len(right) and all(
        len(a) == len(b) and all(map(same, a, b)) for a, b in rows
    )


def keep(path, text, same):
    what = f"{path.name}: {CANDLES} candles, {len(next(csv.reader(io.StringIO(text))))} columns"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
        print(f"wrote {what}")
    elif same(path.read_text(), text):
        print(f"up to date: {what}")
    else:
        sys.exit(f"{path} is not what this program makes; run it without --check and look at the difference")


def main():
    rows = candles()
    table = columns(rows)
    names = ("open_time", "open", "high", "low", "close", "volume")
    keep(TABLE, text_of(table, list(zip(names, zip(*rows)))), lambda old, new: old == new)
    try:
        theirs = talib_columns(rows, table)
    except ImportError:
        print("skipped: TA-Lib is not installed (pip install TA-Lib numpy); its committed table stands")
        return
    keep(TALIB_TABLE, text_of(theirs), near)


if __name__ == "__main__":
    main()
