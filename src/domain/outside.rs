//! Values from outside the market: a model's signals, a regime, a funding rate.

use super::Timestamp;

/// Values by the instant at which they became known. A row without a value says that from then on nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutsideSeries {
    available_at: Vec<Timestamp>,
    values: Vec<Option<f64>>,
}

/// Index into the scenario's list of outside series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutsideId(pub u16);

impl OutsideSeries {
    /// Rows in ascending order of time; none when two rows share a time or are out of order, when a value is not a
    /// finite number, or when the columns differ in length.
    pub fn new(available_at: Vec<Timestamp>, values: Vec<Option<f64>>) -> Option<Self> {
        let ascending = available_at.windows(2).all(|pair| pair[0] < pair[1]);
        let finite = values.iter().flatten().all(|value| value.is_finite());
        (available_at.len() == values.len() && ascending && finite).then_some(OutsideSeries { available_at, values })
    }

    /// When each value became known, ascending.
    pub fn available_at(&self) -> &[Timestamp] {
        &self.available_at
    }

    /// The values.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }
}
