//! What a strategy sees of the market: for each series the rows up to the candle that has just closed.

use crate::domain::{Candle, CandleRows, Series, SeriesId};

/// One series as seen at this instant.
#[derive(Clone, Copy, Debug)]
pub struct SeriesView<'a> {
    /// Which instrument at which interval.
    pub series: Series,
    /// A run of rows, of which only those up to `row` may be shown.
    pub rows: CandleRows<'a>,
    /// The row that closed last; beyond the rows while none has closed yet.
    pub row: usize,
}

/// All series and indicator columns as seen at this instant. A strategy cannot name a later row.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// By series number.
    pub series: &'a [SeriesView<'a>],
    /// By slot: the number of its series, and one value per row of that series, NaN where undefined.
    pub columns: &'a [(SeriesId, &'a [f64])],
}

impl View<'_> {
    /// The last closed candle of a series.
    #[inline]
    pub fn candle(&self, series: SeriesId) -> Option<Candle> {
        let view = self.series.get(usize::from(series.0))?;
        (view.row < view.rows.len()).then(|| view.rows.candle(view.row))
    }

    /// The value of a slot at the last closed candle of its series.
    #[inline]
    pub fn value(&self, slot: usize) -> Option<f64> {
        let (series, values) = self.columns.get(slot)?;
        let row = self.series.get(usize::from(series.0))?.row;
        values.get(row).copied().filter(|value| !value.is_nan())
    }
}
