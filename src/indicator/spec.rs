//! What indicators there are, as ordered values: the key by which equal columns are shared.

use super::Machine;
use super::atr::Atr;
use super::ema::Ema;
use super::extreme::{End, Extreme};
use super::rsi::Rsi;
use super::sma::Sma;
use super::standard_deviation::StandardDeviation;

/// An indicator with its parameters. Windows are counted in candles of its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spec {
    /// Simple moving average of closes, a price.
    Sma {
        /// Candles.
        window: u32,
    },
    /// Exponential moving average of closes, a price.
    Ema {
        /// Candles.
        window: u32,
    },
    /// Wilder's relative strength index of closes, 0 to 100.
    Rsi {
        /// Changes averaged.
        window: u32,
    },
    /// Wilder's average true range, a price distance.
    Atr {
        /// True ranges averaged.
        window: u32,
    },
    /// Population standard deviation of closes, a price distance.
    StandardDeviation {
        /// Candles.
        window: u32,
    },
    /// Highest high, a price.
    RollingHigh {
        /// Candles.
        window: u32,
    },
    /// Lowest low, a price.
    RollingLow {
        /// Candles.
        window: u32,
    },
}

/// Larger windows are refused: they are slips of the finger.
const WINDOW_MAX: u32 = 1_000_000;

impl Spec {
    /// Whether the parameters make sense.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn check(&self) -> Result<(), String> {
        let window = self.window();
        if (1..=WINDOW_MAX).contains(&window) {
            Ok(())
        } else {
            Err(format!("{}: the window must be between 1 and {WINDOW_MAX}", self.name()))
        }
    }

    /// Candles until its first value.
    pub fn warm_up(&self) -> u32 {
        match *self {
            Spec::Rsi { window } | Spec::Atr { window } => window + 1,
            Spec::Sma { window }
            | Spec::Ema { window }
            | Spec::StandardDeviation { window }
            | Spec::RollingHigh { window }
            | Spec::RollingLow { window } => window,
        }
    }

    /// Its name with its parameters, such as `sma(20)`.
    pub fn name(&self) -> String {
        let name = match self {
            Spec::Sma { .. } => "sma",
            Spec::Ema { .. } => "ema",
            Spec::Rsi { .. } => "rsi",
            Spec::Atr { .. } => "atr",
            Spec::StandardDeviation { .. } => "standard_deviation",
            Spec::RollingHigh { .. } => "rolling_high",
            Spec::RollingLow { .. } => "rolling_low",
        };
        format!("{name}({})", self.window())
    }

    /// A machine for it over candles whose prices have this many decimals.
    pub fn machine(&self, price_decimals: u8) -> Box<dyn Machine> {
        match *self {
            Spec::Sma { window } => Box::new(Sma::new(window, price_decimals)),
            Spec::Ema { window } => Box::new(Ema::new(window, price_decimals)),
            Spec::Rsi { window } => Box::new(Rsi::new(window)),
            Spec::Atr { window } => Box::new(Atr::new(window, price_decimals)),
            Spec::StandardDeviation { window } => Box::new(StandardDeviation::new(window, price_decimals)),
            Spec::RollingHigh { window } => Box::new(Extreme::new(End::High, window, price_decimals)),
            Spec::RollingLow { window } => Box::new(Extreme::new(End::Low, window, price_decimals)),
        }
    }

    fn window(&self) -> u32 {
        match *self {
            Spec::Sma { window }
            | Spec::Ema { window }
            | Spec::Rsi { window }
            | Spec::Atr { window }
            | Spec::StandardDeviation { window }
            | Spec::RollingHigh { window }
            | Spec::RollingLow { window } => window,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Candle, CandleColumns, Price, Quantity, Timestamp};

    /// A walk that is the same on every machine.
    fn candles(count: usize) -> CandleColumns {
        let mut columns = CandleColumns::with_capacity(count);
        let (mut state, mut price) = (0x9E37_79B9_7F4A_7C15u64, 1_000_000i64);
        for row in 0..count {
            let mut draw = |range: i64| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 33) as i64 % range
            };
            let open = price;
            price = (price + draw(401) - 200).max(1_000);
            let (high, low) = (open.max(price) + draw(90), open.min(price) - draw(90));
            columns.push(&Candle {
                open_time: Timestamp::from_millis(row as i64 * 60_000),
                open: Price::from_units(open),
                high: Price::from_units(high),
                low: Price::from_units(low),
                close: Price::from_units(price),
                volume: Quantity::from_units(1 + draw(1_000)),
            });
        }
        columns
    }

    fn all(window: u32) -> [Spec; 7] {
        [
            Spec::Sma { window },
            Spec::Ema { window },
            Spec::Rsi { window },
            Spec::Atr { window },
            Spec::StandardDeviation { window },
            Spec::RollingHigh { window },
            Spec::RollingLow { window },
        ]
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
    }

    #[test]
    fn a_column_in_blocks_has_the_bits_of_the_stream() {
        let columns = candles(700);
        for window in [1, 2, 3, 14, 50, 333] {
            for spec in all(window) {
                let mut stream = spec.machine(2);
                let expected: Vec<f64> =
                    (0..700).map(|row| stream.next(&columns.rows().candle(row)).unwrap_or(f64::NAN)).collect();
                let first = expected.iter().position(|value| !value.is_nan());
                assert_eq!(first, Some(spec.warm_up() as usize - 1), "{}", spec.name());
                for size in [1, 2, 7, 64, 333, 512, 700] {
                    let (mut machine, mut values) = (spec.machine(2), vec![f64::NAN; 700]);
                    for from in (0..700).step_by(size) {
                        let to = (from + size).min(700);
                        machine.fill(columns.slice(from, to), &mut values[from..to]);
                    }
                    assert_eq!(bits(&values), bits(&expected), "{} in blocks of {size}", spec.name());
                }
            }
        }
    }

    #[test]
    fn window_indicators_equal_their_definition_at_every_row() {
        let columns = candles(400);
        for window in [1usize, 2, 5, 17, 100] {
            let length = window as u32;
            for spec in all(length) {
                let mut values = vec![0.0; 400];
                spec.machine(2).fill(columns.rows(), &mut values);
                for row in window - 1..400 {
                    let span = row + 1 - window..=row;
                    let closes = &columns.close[span.clone()];
                    let mean = closes.iter().sum::<i64>() as f64 / window as f64 / 100.0;
                    let expected = match spec {
                        Spec::Sma { .. } => mean,
                        Spec::StandardDeviation { .. } => {
                            let deviations = closes.iter().map(|close| (*close as f64 / 100.0 - mean).powi(2));
                            (deviations.sum::<f64>() / window as f64).sqrt()
                        }
                        Spec::RollingHigh { .. } => *columns.high[span].iter().max().unwrap() as f64 * 0.01,
                        Spec::RollingLow { .. } => *columns.low[span].iter().min().unwrap() as f64 * 0.01,
                        Spec::Ema { .. } | Spec::Rsi { .. } | Spec::Atr { .. } => continue,
                    };
                    assert!((values[row] - expected).abs() <= 1e-9 * 10_000.0, "{} at {row}", spec.name());
                }
            }
        }
    }

    #[test]
    fn ten_million_candles_leave_no_drift() {
        let columns = candles(100_000);
        for spec in [Spec::Sma { window: 50 }, Spec::StandardDeviation { window: 50 }, Spec::RollingHigh { window: 50 }]
        {
            let (mut long, mut out) = (spec.machine(2), vec![0.0; 100_000]);
            for _ in 0..100 {
                long.fill(columns.rows(), &mut out);
            }
            let (mut fresh, mut tail) = (spec.machine(2), vec![0.0; 50]);
            fresh.fill(columns.slice(99_950, 100_000), &mut tail);
            assert_eq!(out[99_999].to_bits(), tail[49].to_bits(), "{}", spec.name());
        }
    }

    #[test]
    fn poisoned_prices_do_not_panic() {
        let mut columns = candles(200);
        columns.close[120..].fill(i64::MAX / 2);
        columns.high[120..].fill(i64::MAX);
        columns.low[120..].fill(i64::MIN);
        for spec in all(14) {
            spec.machine(2).fill(columns.rows(), &mut vec![0.0; 200]);
        }
    }

    #[test]
    fn a_window_of_nothing_is_refused() {
        assert!(Spec::Sma { window: 0 }.check().unwrap_err().contains("sma(0)"));
        assert!(Spec::Atr { window: 1_000_001 }.check().is_err());
        assert!(Spec::Atr { window: 14 }.check().is_ok());
    }
}
