//! Volume-weighted average price with bands, over the last candles and since UTC midnight.

use super::centre::{Centre, Line};
use super::{Band, nearest, units_per_whole};
use crate::domain::{Candle, Span, Timestamp};

/// What a candle brings into the sums.
#[derive(Clone, Copy, Debug)]
struct Traded {
    /// High, low and close added up: three times the typical price.
    thrice: i64,
    volume: i64,
}

impl Traded {
    /// None where the sum of the prices is too large, or the volume negative.
    #[inline]
    fn of(candle: &Candle) -> Option<Self> {
        let [high, low, close] = [candle.high, candle.low, candle.close].map(|price| i128::from(price.units()));
        let (thrice, volume) = (i64::try_from(high + low + close).ok()?, candle.volume.units());
        (thrice.unsigned_abs() < 1 << 62 && volume >= 0).then_some(Traded { thrice, volume })
    }

    /// Volume times price, and times price squared, in thirds; none where the second has more than 127 bits.
    #[inline]
    fn products(self) -> Option<(i128, i128)> {
        let thrice = i128::from(self.thrice);
        let first = thrice * i128::from(self.volume);
        // Two factors of 64 bits cannot overflow 128: the common case needs no wide check.
        let second = match i64::try_from(first) {
            Ok(narrow) => thrice * i128::from(narrow),
            Err(_) => thrice.checked_mul(first)?,
        };
        Some((first, second))
    }
}

/// Exact sums of volume v, of v * t and of v * t^2 over typical prices t in thirds of a price unit, and how average and
/// deviation come from them.
///
/// They hold candles with volume * (3 * price)^2 up to 2^125 / candles, in units: with 8 decimals of quantities and a
/// window of 1,440 that is a volume of 10,000 at prices of 500 million in 2 decimals. A candle beyond that, or with a
/// negative volume, leaves every window that holds it without a value.
#[derive(Clone, Debug)]
struct Sums {
    limit: i128,
    beyond: u32,
    volume: i128,
    first: i128,
    second: i128,
}

impl Sums {
    fn new(candles: u32) -> Self {
        Sums { limit: (1 << 125) / i128::from(candles), beyond: 0, volume: 0, first: 0, second: 0 }
    }

    /// What a candle brings; none when it lies beyond what the sums hold.
    #[inline]
    fn admit(&self, candle: &Candle) -> Option<Traded> {
        Traded::of(candle).filter(|traded| traded.products().is_some_and(|(_, second)| second <= self.limit))
    }

    #[inline]
    fn add(&mut self, entering: Option<Traded>) {
        match entering.and_then(|traded| Some((traded.volume, traded.products()?))) {
            Some((volume, (first, second))) => {
                self.volume += i128::from(volume);
                self.first += first;
                self.second += second;
            }
            None => self.beyond += 1,
        }
    }

    #[inline]
    fn take(&mut self, leaving: Option<Traded>) {
        match leaving.and_then(|traded| Some((traded.volume, traded.products()?))) {
            Some((volume, (first, second))) => {
                self.volume -= i128::from(volume);
                self.first -= first;
                self.second -= second;
            }
            None => self.beyond -= 1,
        }
    }

    /// Average and deviation in thirds of a price unit; none while nothing was traded.
    ///
    /// The sums are moved exactly to a whole number next to the average before anything is rounded: what is left is as
    /// small as the prices lie apart, and nothing cancels. By the mean inequality no product here passes 2^127.
    #[inline]
    fn value(&self) -> Option<(f64, f64)> {
        if self.beyond > 0 || self.volume == 0 {
            return None;
        }
        let volume = nearest(self.volume);
        let near = (nearest(self.first) / volume).round();
        let whole = i128::from(near as i64);
        let above = self.first - whole * self.volume;
        let rest = nearest(above) / volume;
        let squares = self.second - whole * (self.first + above);
        let variance = nearest(squares) / volume - rest * rest;
        Some((near + rest, variance.max(0.0).sqrt()))
    }
}

/// The line at `width` deviations on one side of the average, or the average itself.
pub(super) fn line(width: f64, band: Band, price_decimals: u8) -> Line {
    Line { reach: band.reach(width), divisor: 3.0 * units_per_whole(price_decimals) }
}

/// Typical prices (high + low + close) / 3 of the last `window` candles weighted by volume, and bands at `width`
/// volume-weighted population deviations. Undefined while none of the candles has volume.
#[derive(Clone, Debug)]
pub(super) struct RollingVwap {
    sums: Sums,
    ring: Vec<Option<Traded>>,
    oldest: usize,
    missing: u32,
}

impl RollingVwap {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32) -> Self {
        RollingVwap {
            sums: Sums::new(window),
            ring: vec![Some(Traded { thrice: 0, volume: 0 }); window as usize],
            oldest: 0,
            missing: window,
        }
    }
}

impl Centre for RollingVwap {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<(f64, f64)> {
        let entering = self.sums.admit(candle);
        let leaving = std::mem::replace(&mut self.ring[self.oldest], entering);
        self.oldest += 1;
        if self.oldest == self.ring.len() {
            self.oldest = 0;
        }
        self.sums.take(leaving);
        self.sums.add(entering);
        self.missing = self.missing.saturating_sub(1);
        if self.missing > 0 { None } else { self.sums.value() }
    }
}

/// The same over the candles that opened since UTC midnight. Undefined until the first session whose beginning lies in
/// the data, so that no value depends on where they begin, and until something is traded in a session.
#[derive(Clone, Debug)]
pub(super) struct SessionVwap {
    empty: Sums,
    sums: Sums,
    /// The midnight that the session of the last candle began with.
    midnight: Option<Timestamp>,
    /// Whether the session is known from its beginning.
    whole: bool,
}

/// Candles of one second in a day: no session has more.
const CANDLES_MAX: u32 = 86_400;

impl SessionVwap {
    pub(super) fn new() -> Self {
        let empty = Sums::new(CANDLES_MAX);
        SessionVwap { sums: empty.clone(), empty, midnight: None, whole: false }
    }
}

impl Centre for SessionVwap {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<(f64, f64)> {
        let since_midnight = candle.open_time.nanos().rem_euclid(Span::DAY.nanos());
        let midnight = candle.open_time.before(Span::from_nanos(since_midnight));
        if self.midnight != Some(midnight) {
            self.whole = self.midnight.is_some() || since_midnight == 0;
            self.midnight = Some(midnight);
            self.sums.clone_from(&self.empty);
        }
        let entering = self.sums.admit(candle);
        self.sums.add(entering);
        if self.whole { self.sums.value() } else { None }
    }
}
