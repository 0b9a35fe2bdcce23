//! What a strategy sees of the market: for each series the rows up to the candle that has just closed.

use crate::domain::{Candle, CandleRows, Price, Series, SeriesId};
use std::cell::Cell;

/// One series as seen at this instant.
#[derive(Clone, Copy, Debug)]
pub struct SeriesView<'a> {
    /// Which instrument at which interval.
    pub series: Series,
    /// A run of rows, of which only those up to [`View::at`] may be shown.
    pub rows: CandleRows<'a>,
}

/// All series and indicator columns as seen at this instant. A strategy cannot name a later row.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// By series number.
    pub series: &'a [SeriesView<'a>],
    /// By slot: the number of its series, and one value per row of that series, NaN where undefined.
    pub columns: &'a [(SeriesId, &'a [f64])],
    /// By series number: the row that closed last; beyond the rows while none has closed yet. The pump moves it on.
    pub at: &'a [Cell<usize>],
}

impl View<'_> {
    /// The last closed candle of a series.
    #[inline]
    pub fn candle(&self, series: SeriesId) -> Option<Candle> {
        let index = usize::from(series.0);
        let (view, row) = (self.series.get(index)?, self.at.get(index)?.get());
        (row < view.rows.len()).then(|| view.rows.candle(row))
    }

    /// The close of the last closed candle of a series.
    #[inline]
    pub fn close(&self, series: SeriesId) -> Option<Price> {
        let index = usize::from(series.0);
        let (view, row) = (self.series.get(index)?, self.at.get(index)?.get());
        view.rows.close.get(row).copied().map(Price::from_units)
    }

    /// The value of a slot at the last closed candle of its series.
    #[inline]
    pub fn value(&self, slot: usize) -> Option<f64> {
        let (series, values) = self.columns.get(slot)?;
        let value = *values.get(self.at.get(usize::from(series.0))?.get())?;
        if value.is_nan() { None } else { Some(value) }
    }
}
