//! Series that close together, with their prices side by side.
//!
//! Column by column, one row of fifty instruments lies in a hundred and fifty places of memory whose addresses share
//! their low bits: in each cache they crowd one another out, and every line is fetched again for every row. Here a few
//! rows of all series are laid row by row, so that a line is fetched once and a turn reads one run of memory.

use super::block::CloseTimes;
use crate::domain::Timestamp;
use crate::strategy::SeriesView;

/// The prices of one candle that every turn looks at, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prices {
    pub low: i64,
    pub high: i64,
    pub close: i64,
}

/// A window of rows over all series of a block, which close together at every row.
#[derive(Clone, Debug)]
pub(super) struct Abreast {
    prices: Vec<Prices>,
    /// The first row of the window.
    from: usize,
}

impl Abreast {
    /// Rows laid side by side at a time: with fifty series they stay in the nearest cache.
    const ROWS: usize = 16;

    /// How many series ahead memory is asked for what is laid next.
    const AHEAD: usize = 4;

    /// Below this many series the caches hold their columns.
    const SERIES: usize = 8;

    /// For the series of a block whose next rows are `next`; none where there are few, or where they do not close
    /// together throughout.
    pub fn of(times: &[CloseTimes<'_>], next: &[usize]) -> Option<Self> {
        let together = times.len() >= Self::SERIES
            && times.iter().zip(next).all(|(of, row)| times[0].is_same(of) && next[0] == *row);
        together.then(|| Abreast { prices: Vec::with_capacity(Self::ROWS * times.len()), from: 0 })
    }

    /// The prices of all series at a row, by series number. Rows are asked for in ascending order.
    #[inline]
    pub fn row(&mut self, series: &[SeriesView<'_>], row: usize) -> &[Prices] {
        let width = series.len();
        let mut place = (row - self.from) * width;
        if place >= self.prices.len() {
            self.lay(series, row);
            place = 0;
        }
        &self.prices[place..place + width]
    }

    fn lay(&mut self, series: &[SeriesView<'_>], from: usize) {
        let to = series[0].rows.len().min(from + Self::ROWS);
        let width = series.len();
        self.from = from;
        self.prices.clear();
        self.prices.resize((to - from) * width, Prices::default());
        for (index, shown) in series.iter().enumerate() {
            if let Some(later) = series.get(index + Self::AHEAD) {
                later.rows.fetch_prices(from..to);
            }
            let [low, high, close] =
                [shown.rows.low, shown.rows.high, shown.rows.close].map(|column| &column[from..to]);
            let places = self.prices[index..].iter_mut().step_by(width);
            for (((place, low), high), close) in places.zip(low).zip(high).zip(close) {
                *place = Prices { low: *low, high: *high, close: *close };
            }
        }
    }
}

/// When the next row of all series closes.
#[inline]
pub(super) fn next_close(times: &[CloseTimes<'_>], next: &[usize], abreast: bool) -> Timestamp {
    let looked_at = if abreast { 1 } else { times.len() };
    let closes = times[..looked_at].iter().zip(next).map(|(times, row)| times.get(*row).unwrap_or(Timestamp::MAX));
    closes.min().unwrap_or(Timestamp::MAX)
}
