//! What holds for every machine alike: the same bits in any blocks, no drift, no panic, no memory of a wrong kind.

use super::*;
use crate::domain::{Candle, CandleColumns, Price, Quantity, Rate, Timestamp};

/// A seeded sequence of numbers (SplitMix64).
pub(super) struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> usize {
        (self.next() % limit) as usize
    }
}

/// Two deviations or ranges.
const TWO: Rate = Rate::from_units(200_000_000);

pub(super) const SPECS: &[Spec] = &[
    Spec::Sma { window: 1 },
    Spec::Sma { window: 10 },
    Spec::Sma { window: 700 },
    Spec::Ema { window: 1 },
    Spec::Ema { window: 21 },
    Spec::Wma { window: 1 },
    Spec::Wma { window: 10 },
    Spec::Wma { window: 700 },
    Spec::Rsi { window: 2 },
    Spec::Rsi { window: 14 },
    Spec::Macd { fast: 1, slow: 2, signal: 1, line: MacdLine::Histogram },
    Spec::Macd { fast: 12, slow: 26, signal: 9, line: MacdLine::Line },
    Spec::Macd { fast: 12, slow: 26, signal: 9, line: MacdLine::Signal },
    Spec::Macd { fast: 12, slow: 26, signal: 9, line: MacdLine::Histogram },
    Spec::Atr { window: 1 },
    Spec::Atr { window: 14 },
    Spec::Directional { window: 2, line: DirectionalLine::Adx },
    Spec::Directional { window: 14, line: DirectionalLine::Adx },
    Spec::Directional { window: 14, line: DirectionalLine::Plus },
    Spec::Directional { window: 14, line: DirectionalLine::Minus },
    Spec::Bollinger { window: 2, width: Rate::ONE, band: Band::Lower },
    Spec::Bollinger { window: 20, width: TWO, band: Band::Upper },
    Spec::Bollinger { window: 20, width: TWO, band: Band::Middle },
    Spec::Bollinger { window: 700, width: TWO, band: Band::Lower },
    Spec::Keltner { window: 20, range: 10, width: TWO, band: Band::Upper },
    Spec::Keltner { window: 10, range: 20, width: TWO, band: Band::Middle },
    Spec::Keltner { window: 10, range: 20, width: TWO, band: Band::Lower },
    Spec::Donchian { window: 55, band: Band::Upper },
    Spec::Donchian { window: 700, band: Band::Middle },
    Spec::Donchian { window: 1, band: Band::Middle },
    Spec::Donchian { window: 55, band: Band::Lower },
    Spec::Stochastic { window: 14, smooth: 1, signal: 3, line: StochasticLine::K },
    Spec::Stochastic { window: 5, smooth: 3, signal: 3, line: StochasticLine::K },
    Spec::Stochastic { window: 300, smooth: 100, signal: 100, line: StochasticLine::D },
    Spec::StandardDeviation { window: 2 },
    Spec::StandardDeviation { window: 20 },
    Spec::ZScore { window: 2 },
    Spec::ZScore { window: 20 },
    Spec::RateOfChange { window: 1 },
    Spec::RateOfChange { window: 10 },
    Spec::RollingVwap { window: 20, width: TWO, band: Band::Middle },
    Spec::RollingVwap { window: 20, width: TWO, band: Band::Upper },
    Spec::RollingVwap { window: 700, width: TWO, band: Band::Lower },
    Spec::SessionVwap { width: TWO, band: Band::Middle },
    Spec::SessionVwap { width: Rate::ONE, band: Band::Lower },
    Spec::OnBalanceVolume,
    Spec::RollingHigh { window: 1 },
    Spec::RollingHigh { window: 55 },
    Spec::RollingLow { window: 3 },
    Spec::RollingLow { window: 700 },
];

/// Minutes in a session.
const DAY: usize = 1_440;

/// Whether a market without movement or volume leaves it without a value.
fn may_be_undefined(spec: Spec) -> bool {
    matches!(spec, Spec::Stochastic { .. } | Spec::ZScore { .. } | Spec::RollingVwap { .. } | Spec::SessionVwap { .. })
}

/// How many candles of minutes back its value reaches at most; none for ever.
fn memory(spec: Spec) -> Option<usize> {
    match (spec, spec.unstable_period()) {
        (Spec::SessionVwap { .. }, _) => Some(2 * DAY),
        (_, u32::MAX) => None,
        (_, unstable) => Some((spec.warm_up() + unstable) as usize),
    }
}

/// A random walk with still stretches, around `level` units.
fn wandering(seed: u64, candles: usize, level: i64) -> CandleColumns {
    let mut seed = Seed(seed);
    let mut columns = CandleColumns::with_capacity(candles);
    let mut close = level;
    let reach = level as u64 / 500 + 2;
    for minute in 0..candles {
        let still = (minute / 50) % 7 == 3;
        let mut step = |span: u64| if still { 0 } else { seed.below(span) as i64 };
        let open = close;
        close = (close + step(reach) - reach as i64 / 2 * i64::from(!still)).max(level / 4);
        columns.push(&Candle {
            open_time: Timestamp::from_millis(minute as i64 * 60_000),
            open: Price::from_units(open),
            high: Price::from_units(open.max(close) + step(reach)),
            low: Price::from_units(open.min(close) - step(reach).min(level / 8)),
            close: Price::from_units(close),
            volume: Quantity::from_units(step(100)),
        });
    }
    columns
}

fn machine(spec: Spec, price: u8) -> Box<dyn Machine> {
    spec.machine(Decimals { price, quantity: 3 })
}

pub(super) fn filled(spec: Spec, price: u8, rows: CandleRows<'_>) -> Vec<f64> {
    let mut out = vec![0.0; rows.len()];
    machine(spec, price).fill(rows, &mut out);
    out
}

fn streamed(spec: Spec, price: u8, rows: CandleRows<'_>) -> Vec<f64> {
    let mut machine = machine(spec, price);
    (0..rows.len()).map(|row| machine.next(&rows.candle(row)).unwrap_or(f64::NAN)).collect()
}

/// Values as bits, with every NaN alike.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
}

#[test]
fn any_split_into_blocks_gives_the_bits_of_the_stream() {
    for (spec, level) in SPECS.iter().copied().zip([6_774_575, 900, 10_000_000_000_000].into_iter().cycle()) {
        let candles = wandering(7, 5_000, level);
        let expected = bits(&streamed(spec, 2, candles.rows()));
        for longest in [1, 2, 16, 1_024, 6_000] {
            let (mut seed, mut machine, mut from) = (Seed(longest), machine(spec, 2), 0);
            let mut out = vec![0.0; candles.len()];
            while from < candles.len() {
                let to = (from + 1 + seed.below(longest)).min(candles.len());
                if seed.below(8) == 0 {
                    out[from] = machine.next(&candles.rows().candle(from)).unwrap_or(f64::NAN);
                    from += 1;
                } else {
                    machine.fill(candles.slice(from, to), &mut out[from..to]);
                    from = to;
                }
            }
            assert!(bits(&out) == expected, "{} in blocks of up to {longest}", spec.name());
        }
    }
}

#[test]
fn the_first_value_stands_where_the_warm_up_says() {
    let candles = wandering(11, 2_000, 6_774_575);
    for spec in SPECS.iter().copied() {
        let values = filled(spec, 2, candles.rows());
        let first = values.iter().position(|value| !value.is_nan()).unwrap();
        assert_eq!(first + 1, spec.warm_up() as usize, "{}", spec.name());
        let undefined = |value: &f64| value.is_nan() && may_be_undefined(spec);
        assert!(values[first..].iter().all(|value| value.is_finite() || undefined(value)), "{}", spec.name());
    }
}

#[test]
fn after_ten_million_candles_a_stream_equals_a_fresh_window() {
    let block = wandering(13, 100_000, 6_774_575);
    for spec in [
        Spec::Sma { window: 50 },
        Spec::Wma { window: 50 },
        Spec::StandardDeviation { window: 20 },
        Spec::ZScore { window: 20 },
        Spec::Stochastic { window: 14, smooth: 3, signal: 3, line: StochasticLine::D },
        Spec::RollingVwap { window: 50, width: TWO, band: Band::Upper },
        Spec::RollingHigh { window: 55 },
        Spec::RollingLow { window: 55 },
    ] {
        let mut machine = machine(spec, 2);
        let mut out = vec![0.0; block.len()];
        for _ in 0..100 {
            machine.fill(block.rows(), &mut out);
        }
        let window = block.slice(block.len() - spec.warm_up() as usize, block.len());
        let fresh = filled(spec, 2, window);
        assert!(fresh.last().unwrap().is_finite(), "{}", spec.name());
        assert_eq!(out.last().unwrap().to_bits(), fresh.last().unwrap().to_bits(), "{}", spec.name());
    }
}

#[test]
fn over_two_million_candles_no_machine_drifts_from_one_that_began_late_enough() {
    let candles = wandering(29, 2_000_000, 6_774_575);
    let last = candles.len() - 200;
    for spec in SPECS.iter().copied() {
        let Some(memory) = memory(spec) else { continue };
        let (early, from) = (filled(spec, 2, candles.rows()), last - memory);
        let late = filled(spec, 2, candles.slice(from, candles.len()));
        for row in last..candles.len() {
            let (early, late) = (early[row], late[row - from]);
            if spec.unstable_period() == 0 {
                assert!(bits(&[early]) == bits(&[late]), "{} at row {row}: {early} and {late}", spec.name());
            } else {
                assert!((early - late).abs() <= 1e-9 * scale(spec), "{} at row {row}: {early}, {late}", spec.name());
            }
        }
    }
}

/// What a distance of values is judged against: the price, or a hundred per cent.
fn scale(spec: Spec) -> f64 {
    match spec {
        Spec::Rsi { .. } | Spec::Directional { .. } => 100.0,
        _ => 67_745.0,
    }
}

#[test]
fn over_two_million_candles_every_sum_equals_the_one_made_again_from_its_candles() {
    let candles = wandering(31, 2_000_000, 6_774_575);
    let rows = candles.rows();
    let wide = |units: i64| i128::from(units);
    let whole = |price: f64| (price * 100.0).round() as i128;
    let near = |what: &str, row: usize, value: f64, exact: f64| {
        let close = (value - exact).abs() <= 4.0 * f64::EPSILON * exact.abs();
        assert!(close, "{what} at row {row}: {value} instead of {exact}");
    };
    let balance = filled(Spec::OnBalanceVolume, 2, rows);
    let weighted = filled(Spec::Wma { window: 100 }, 2, rows);
    let averages = filled(Spec::Sma { window: 100 }, 2, rows);
    let traded = filled(Spec::RollingVwap { window: 100, width: TWO, band: Band::Middle }, 2, rows);
    let session = filled(Spec::SessionVwap { width: TWO, band: Band::Middle }, 2, rows);
    let mut sum = wide(rows.volume[0]);
    for row in 1..rows.len() {
        sum += wide(rows.volume[row]) * wide((rows.close[row] - rows.close[row - 1]).signum());
        assert_eq!((balance[row] * 1_000.0).round() as i128, sum, "balance at row {row}");
        if row % 9_973 != 0 {
            continue;
        }
        let (window, day) = (rows.slice(row - 99, row + 1), rows.slice(row - row % DAY, row + 1));
        let of_closes: i128 = window.close.iter().map(|close| wide(*close)).sum();
        let of_weights: i128 = (1..).zip(window.close).map(|(weight, close)| weight * wide(*close)).sum();
        near("sma", row, averages[row], of_closes as f64 / 10_000.0);
        near("wma", row, weighted[row], of_weights as f64 / 505_000.0);
        assert_eq!(whole(averages[row] * 100.0), of_closes);
        for (what, value, rows) in [("rolling", traded[row], window), ("session", session[row], day)] {
            let typical = |row: usize| wide(rows.high[row]) + wide(rows.low[row]) + wide(rows.close[row]);
            let money: i128 = (0..rows.len()).map(|row| typical(row) * wide(rows.volume[row])).sum();
            let volume: i128 = rows.volume.iter().map(|volume| wide(*volume)).sum();
            near(what, row, value, money as f64 / (volume as f64 * 300.0));
        }
    }
}

#[test]
fn rolling_values_equal_those_of_each_window_taken_alone() {
    let candles = wandering(17, 3_000, 48_271);
    let each = |window: usize, of: &dyn Fn(CandleRows<'_>) -> f64| -> Vec<f64> {
        (window..=candles.len()).map(|to| of(candles.slice(to - window, to))).collect()
    };
    let price = |units: i64| Price::from_units(units).to_f64(3);
    for window in [1, 2, 9, 64, 500] {
        let size = window as usize;
        let highs = each(size, &|rows| price(*rows.high.iter().max().unwrap()));
        let lows = each(size, &|rows| price(*rows.low.iter().min().unwrap()));
        let means = each(size, &|rows| rows.close.iter().sum::<i64>() as f64 / (size as f64 * 1_000.0));
        for (spec, expected) in
            [(Spec::RollingHigh { window }, highs), (Spec::RollingLow { window }, lows), (Spec::Sma { window }, means)]
        {
            assert!(filled(spec, 3, candles.rows())[size - 1..] == expected, "{}", spec.name());
        }
    }
}

#[test]
fn in_a_market_that_stands_still_every_average_is_the_price_to_the_last_bit() {
    for units in [1, 3, 48_271, 6_774_575, 9_999_999_999_999] {
        let mut candles = CandleColumns::default();
        let price = Price::from_units(units);
        for minute in 0..300 {
            let open_time = Timestamp::from_millis(minute * 60_000);
            let volume = Quantity::from_units(7);
            candles.push(&Candle { open_time, open: price, high: price, low: price, close: price, volume });
        }
        for window in 1..100 {
            for spec in [
                Spec::Sma { window },
                Spec::Ema { window },
                Spec::Wma { window },
                Spec::RollingHigh { window },
                Spec::RollingLow { window },
                Spec::Donchian { window, band: Band::Middle },
                Spec::Bollinger { window: window + 1, width: TWO, band: Band::Upper },
                Spec::Keltner { window, range: window, width: TWO, band: Band::Lower },
                Spec::RollingVwap { window, width: TWO, band: Band::Middle },
                Spec::RollingVwap { window, width: TWO, band: Band::Upper },
                Spec::SessionVwap { width: TWO, band: Band::Lower },
            ] {
                let last = *filled(spec, 8, candles.rows()).last().unwrap();
                assert_eq!(last.to_bits(), price.to_f64(8).to_bits(), "{} of {units}", spec.name());
            }
        }
        for spec in [
            Spec::Rsi { window: 14 },
            Spec::Directional { window: 14, line: DirectionalLine::Plus },
            Spec::Directional { window: 14, line: DirectionalLine::Adx },
            Spec::Stochastic { window: 14, smooth: 3, signal: 3, line: StochasticLine::K },
            Spec::ZScore { window: 14 },
        ] {
            assert!(filled(spec, 8, candles.rows()).iter().all(|value| value.is_nan()), "{}", spec.name());
        }
        for spec in [
            Spec::Atr { window: 14 },
            Spec::StandardDeviation { window: 14 },
            Spec::RateOfChange { window: 14 },
            Spec::Macd { fast: 12, slow: 26, signal: 9, line: MacdLine::Line },
            Spec::Macd { fast: 12, slow: 26, signal: 9, line: MacdLine::Histogram },
        ] {
            assert_eq!(filled(spec, 8, candles.rows()).last(), Some(&0.0), "{}", spec.name());
        }
    }
}

#[test]
fn garbage_neither_panics_nor_reaches_back_nor_stays_longer_than_its_window() {
    let clean = wandering(19, 4_000, 6_774_575);
    let (from, to) = (1_000, 1_100);
    let mut poisoned = clean.clone();
    let garbage = [i64::MAX, i64::MIN, i64::MAX / 2, i64::MIN / 2, -1, 0, i64::MAX - 1];
    for row in from..to {
        for (place, column) in
            [&mut poisoned.open, &mut poisoned.high, &mut poisoned.low, &mut poisoned.close, &mut poisoned.volume]
                .into_iter()
                .enumerate()
        {
            column[row] = garbage[(row + place * (row / 50)) % garbage.len()];
        }
    }
    for spec in SPECS.iter().copied() {
        let (expected, seen) = (filled(spec, 2, clean.rows()), filled(spec, 2, poisoned.rows()));
        assert!(bits(&expected[..from]) == bits(&seen[..from]), "{} saw the future", spec.name());
        assert!(bits(&streamed(spec, 2, poisoned.rows())) == bits(&seen), "{} in blocks", spec.name());
        if spec.unstable_period() == 0 {
            let healed = match spec {
                Spec::SessionVwap { .. } => DAY,
                _ => to + spec.warm_up() as usize,
            };
            assert!(bits(&expected[healed..]) == bits(&seen[healed..]), "{} did not heal", spec.name());
        }
        if let Spec::Sma { window } = spec {
            let sums =
                poisoned.close.windows(window as usize).map(|all| all.iter().map(|x| i128::from(*x)).sum::<i128>());
            let means: Vec<f64> = sums.map(|sum| sum as f64 / (f64::from(window) * 100.0)).collect();
            assert!(bits(&means) == bits(&seen[window as usize - 1..]), "{} wraps", spec.name());
        }
    }
}

#[test]
fn after_the_unstable_period_the_beginning_no_longer_matters() {
    let candles = wandering(23, 6_000, 6_774_575);
    for spec in SPECS.iter().copied() {
        let Some(memory) = memory(spec) else { continue };
        let start = 700;
        let (early, late) = (filled(spec, 2, candles.rows()), filled(spec, 2, candles.slice(start, candles.len())));
        for (row, value) in late.iter().enumerate().skip(memory) {
            let other = early[start + row];
            let distance = (value - other).abs();
            let both_undefined = may_be_undefined(spec) && value.is_nan() && other.is_nan();
            let near = distance <= 1e-9 * scale(spec) || both_undefined;
            assert!(near, "{} at row {row}: off by {distance}", spec.name());
        }
    }
}

#[test]
fn a_session_begins_at_midnight_and_only_one_seen_from_its_beginning_has_a_value() {
    let candles = wandering(37, 3 * DAY, 6_774_575);
    let spec = Spec::SessionVwap { width: TWO, band: Band::Upper };
    let whole = filled(spec, 2, candles.rows());
    let late = filled(spec, 2, candles.slice(1, candles.len()));
    assert!(late[..DAY - 1].iter().all(|value| value.is_nan()), "the first day began before the data");
    assert!(bits(&late[DAY - 1..]) == bits(&whole[DAY..]));
    let alone = filled(spec, 2, candles.slice(DAY, 2 * DAY));
    assert!(bits(&alone) == bits(&whole[DAY..2 * DAY]), "yesterday does not matter");
    assert!(alone.iter().any(|value| value.is_finite()));
}

#[test]
fn a_candle_too_large_for_exact_sums_leaves_a_gap_and_nothing_else() {
    let mut candles = wandering(41, 200, 6_774_575);
    let clean = filled(Spec::RollingVwap { window: 10, width: TWO, band: Band::Upper }, 2, candles.rows());
    candles.volume[100] = i64::MAX;
    candles.close[100] = i64::MAX / 8;
    candles.high[100] = i64::MAX / 8;
    let shown = filled(Spec::RollingVwap { window: 10, width: TWO, band: Band::Upper }, 2, candles.rows());
    assert!(shown[100..110].iter().all(|value| value.is_nan()));
    assert!(bits(&shown[..100]) == bits(&clean[..100]) && bits(&shown[110..]) == bits(&clean[110..]));
}

#[test]
#[should_panic(expected = "sma(0): the window must be from 1 to 1000000 candles")]
fn a_machine_is_not_built_from_parameters_out_of_range() {
    machine(Spec::Sma { window: 0 }, 2);
}
