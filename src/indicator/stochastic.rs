//! Stochastic oscillator (Lane): where the close stands between the lowest low and the highest high.

use super::Machine;
use super::extreme::Extreme;
use super::ring::single;
use super::spec::StochasticLine;
use crate::domain::{Candle, CandleRows};

/// %K is 100 * (close - lowest low) / (highest high - lowest low) over `window` candles, averaged over `smooth` of
/// them (1 for the fast oscillator, usually 3 for the slow one); %D is the plain average of `signal` of those.
///
/// Places are kept as whole numbers of 2^-48, so that their sums are exact and nothing drifts. Where no price of the
/// window differs there is no place: the value is undefined, and so is every average that would hold it. (TA-Lib says
/// 0 there, which reads as "oversold".)
#[derive(Clone, Debug)]
pub(super) struct Stochastic {
    highs: Extreme,
    lows: Extreme,
    smooth: Means,
    signal: Means,
    line: StochasticLine,
    /// What a sum is divided by to be a percentage.
    divisor: f64,
}

/// Steps of a place between 0 and 1. With two averages of at most 100 each a sum stays within 62 bits.
const STEPS: f64 = (1i64 << 48) as f64;

/// Lows held beside the highs at once, on the stack.
const CHUNK: usize = 256;

impl Stochastic {
    /// A machine for a window of at least one candle and averages of 1 to 100.
    pub(super) fn new(window: u32, smooth: u32, signal: u32, line: StochasticLine) -> Self {
        let averaged = match line {
            StochasticLine::K => smooth,
            StochasticLine::D => smooth * signal,
        };
        Stochastic {
            highs: Extreme::new(window),
            lows: Extreme::new(window),
            smooth: Means::new(smooth),
            signal: Means::new(signal),
            line,
            divisor: f64::from(averaged) * STEPS,
        }
    }

    fn advance(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        let mut smallest = [0.0; CHUNK];
        for from in (0..rows.len()).step_by(CHUNK) {
            let to = (from + CHUNK).min(rows.len());
            let (rows, out, smallest) = (rows.slice(from, to), &mut out[from..to], &mut smallest[..to - from]);
            self.highs.advance(rows.high, out, |high| high, |high| high as f64);
            // The smallest low is the largest complement; unlike the negative, it exists for every number.
            self.lows.advance(rows.low, smallest, |low| !low, |key| !key as f64);
            for ((value, low), close) in out.iter_mut().zip(smallest).zip(rows.close) {
                *value = self.place(*close as f64 - *low, *value - *low).unwrap_or(f64::NAN);
            }
        }
    }

    #[inline]
    fn place(&mut self, above: f64, range: f64) -> Option<f64> {
        // Neither holds before the warm-up is over, when the range is no number.
        let steps = (range > 0.0).then(|| ((above / range).clamp(0.0, 1.0) * STEPS).round() as i64);
        let smooth = self.smooth.next(steps);
        let sum = match self.line {
            StochasticLine::K => smooth,
            StochasticLine::D => self.signal.next(smooth),
        };
        sum.map(|sum| 100.0 * sum as f64 / self.divisor)
    }
}

impl Machine for Stochastic {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let (open_time, open) = ([candle.open_time.nanos()], [candle.open.units()]);
        let (high, low, close) = ([candle.high.units()], [candle.low.units()], [candle.close.units()]);
        let volume = [candle.volume.units()];
        let rows =
            CandleRows { open_time: &open_time, open: &open, high: &high, low: &low, close: &close, volume: &volume };
        single(|out| self.advance(rows, out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows, out);
    }
}

/// The sum of the last values, none while one of them is undefined; it starts full of those.
#[derive(Clone, Debug)]
struct Means {
    values: Vec<Option<i64>>,
    oldest: usize,
    undefined: u32,
    sum: i64,
}

impl Means {
    fn new(window: u32) -> Self {
        Means { values: vec![None; window as usize], oldest: 0, undefined: window, sum: 0 }
    }

    #[inline]
    fn next(&mut self, value: Option<i64>) -> Option<i64> {
        let leaving = std::mem::replace(&mut self.values[self.oldest], value);
        self.oldest += 1;
        if self.oldest == self.values.len() {
            self.oldest = 0;
        }
        self.undefined = self.undefined + u32::from(value.is_none()) - u32::from(leaving.is_none());
        self.sum += value.unwrap_or(0) - leaving.unwrap_or(0);
        (self.undefined == 0).then_some(self.sum)
    }
}
