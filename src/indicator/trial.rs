//! What holds for every machine alike: the same bits in any blocks, no drift, no panic, no memory of a wrong kind.

use super::*;
use crate::domain::{Candle, CandleColumns, Price, Quantity, Timestamp};

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

const SPECS: [Spec; 15] = [
    Spec::Sma { window: 1 },
    Spec::Sma { window: 10 },
    Spec::Sma { window: 700 },
    Spec::Ema { window: 1 },
    Spec::Ema { window: 21 },
    Spec::Rsi { window: 2 },
    Spec::Rsi { window: 14 },
    Spec::Atr { window: 1 },
    Spec::Atr { window: 14 },
    Spec::StandardDeviation { window: 2 },
    Spec::StandardDeviation { window: 20 },
    Spec::RollingHigh { window: 1 },
    Spec::RollingHigh { window: 55 },
    Spec::RollingLow { window: 3 },
    Spec::RollingLow { window: 700 },
];

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

pub(super) fn filled(spec: Spec, decimals: u8, rows: CandleRows<'_>) -> Vec<f64> {
    let mut out = vec![0.0; rows.len()];
    spec.machine(decimals).fill(rows, &mut out);
    out
}

fn streamed(spec: Spec, decimals: u8, rows: CandleRows<'_>) -> Vec<f64> {
    let mut machine = spec.machine(decimals);
    (0..rows.len()).map(|row| machine.next(&rows.candle(row)).unwrap_or(f64::NAN)).collect()
}

/// Values as bits, with every NaN alike.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
}

#[test]
fn any_split_into_blocks_gives_the_bits_of_the_stream() {
    for (spec, level) in SPECS.into_iter().zip([6_774_575, 900, 10_000_000_000_000].into_iter().cycle()) {
        let candles = wandering(7, 5_000, level);
        let expected = bits(&streamed(spec, 2, candles.rows()));
        for longest in [1, 2, 16, 1_024, 6_000] {
            let (mut seed, mut machine, mut from) = (Seed(longest), spec.machine(2), 0);
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
    for spec in SPECS {
        let values = filled(spec, 2, candles.rows());
        let first = values.iter().position(|value| !value.is_nan()).unwrap();
        assert_eq!(first + 1, spec.warm_up() as usize, "{}", spec.name());
        assert!(values[first..].iter().all(|value| value.is_finite()), "{}", spec.name());
    }
}

#[test]
fn after_ten_million_candles_a_stream_equals_a_fresh_window() {
    let block = wandering(13, 100_000, 6_774_575);
    for spec in [
        Spec::Sma { window: 50 },
        Spec::StandardDeviation { window: 20 },
        Spec::RollingHigh { window: 55 },
        Spec::RollingLow { window: 55 },
    ] {
        let mut machine = spec.machine(2);
        let mut out = vec![0.0; block.len()];
        for _ in 0..100 {
            machine.fill(block.rows(), &mut out);
        }
        let window = block.slice(block.len() - spec.window() as usize, block.len());
        let fresh = filled(spec, 2, window);
        assert_eq!(out.last().unwrap().to_bits(), fresh.last().unwrap().to_bits(), "{}", spec.name());
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
            let volume = Quantity::ZERO;
            candles.push(&Candle { open_time, open: price, high: price, low: price, close: price, volume });
        }
        for window in 1..100 {
            for spec in
                [Spec::Sma { window }, Spec::Ema { window }, Spec::RollingHigh { window }, Spec::RollingLow { window }]
            {
                let last = *filled(spec, 8, candles.rows()).last().unwrap();
                assert_eq!(last.to_bits(), price.to_f64(8).to_bits(), "{} of {units}", spec.name());
            }
        }
        assert!(filled(Spec::Rsi { window: 14 }, 8, candles.rows()).iter().all(|value| value.is_nan()));
        assert_eq!(filled(Spec::Atr { window: 14 }, 8, candles.rows()).last(), Some(&0.0));
        assert_eq!(filled(Spec::StandardDeviation { window: 14 }, 8, candles.rows()).last(), Some(&0.0));
    }
}

#[test]
fn garbage_neither_panics_nor_reaches_back_nor_stays_longer_than_its_window() {
    let clean = wandering(19, 4_000, 6_774_575);
    let (from, to) = (1_000, 1_100);
    let mut poisoned = clean.clone();
    let garbage = [i64::MAX, i64::MIN, i64::MAX / 2, i64::MIN / 2, -1, 0, i64::MAX - 1];
    for row in from..to {
        for column in [&mut poisoned.open, &mut poisoned.high, &mut poisoned.low, &mut poisoned.close] {
            column[row] = garbage[row % garbage.len()];
        }
    }
    for spec in SPECS {
        let (expected, seen) = (filled(spec, 2, clean.rows()), filled(spec, 2, poisoned.rows()));
        assert!(bits(&expected[..from]) == bits(&seen[..from]), "{} saw the future", spec.name());
        assert!(bits(&streamed(spec, 2, poisoned.rows())) == bits(&seen), "{} in blocks", spec.name());
        if spec.unstable_period() == 0 {
            let healed = to + spec.window() as usize;
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
    for spec in SPECS {
        let start = 700;
        let (early, late) = (filled(spec, 2, candles.rows()), filled(spec, 2, candles.slice(start, candles.len())));
        let settled = (spec.warm_up() + spec.unstable_period()) as usize;
        for (row, value) in late.iter().enumerate().skip(settled) {
            let distance = (value - early[start + row]).abs();
            assert!(distance <= 1e-9 * 67_745.0, "{} at row {row}: off by {distance}", spec.name());
        }
    }
}

#[test]
#[should_panic(expected = "sma(0): the window must be from 1 to 1000000 candles")]
fn a_machine_is_not_built_from_parameters_out_of_range() {
    Spec::Sma { window: 0 }.machine(2);
}
