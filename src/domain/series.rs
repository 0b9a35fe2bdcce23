//! A series: one instrument at one interval.

use super::{InstrumentId, Interval};
use serde::{Deserialize, Serialize};

/// Index into a session's list of series; names stay at the doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u16);

/// One instrument's candles at one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Whose candles.
    pub instrument: InstrumentId,
    /// How long each of them is.
    pub interval: Interval,
}
