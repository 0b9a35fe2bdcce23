//! What a strategy declares before the first candle.

use crate::domain::{DeskId, Instrument, InstrumentId, Interval, OutsideId, Series, SeriesId, Tag, TimerId, Timestamp};
use crate::indicator::Spec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a strategy reads an indicator or a series from outside that it declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// What fills a column beside the candles of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An indicator of these candles.
    Indicator(Spec),
    /// A series from outside as of each close.
    Outside(OutsideId),
}

/// Why a strategy cannot be set up; shown to the user. Where the content of a file parameter is at fault, it begins with
/// that file's path and a colon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(pub String);

/// Everything that the desks of a session have declared. Equal wishes share one series, one column, one tag.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Series by number.
    pub series: Vec<Series>,
    /// Columns by slot.
    pub columns: Vec<(SeriesId, Source)>,
    /// Names of tags; the first is empty.
    pub tags: Vec<String>,
    /// Which series each desk follows.
    pub desk_series: Vec<Vec<SeriesId>>,
    /// Each desk's warm-up, in candles of each series it follows.
    pub warm_up: Vec<u32>,
    /// Timers set before the start.
    pub timers: Vec<(Timestamp, DeskId, TimerId)>,
    tag_numbers: BTreeMap<String, Tag>,
}

/// The hands of a strategy while it is being set up.
pub struct Setup<'a> {
    registry: &'a mut Registry,
    desk: DeskId,
    instruments: &'a Arc<[Instrument]>,
    symbols: &'a [InstrumentId],
    interval: Interval,
    files: &'a BTreeMap<String, String>,
    outside: &'a [String],
    next_timer: u32,
}

impl Registry {
    /// Nothing declared yet.
    pub fn new() -> Self {
        Registry { tags: vec![String::new()], ..Registry::default() }
    }

    /// The number of a series, declared if need be.
    pub fn series(&mut self, series: Series) -> SeriesId {
        let known = self.series.iter().position(|other| *other == series);
        let index = known.unwrap_or_else(|| {
            self.series.push(series);
            self.series.len() - 1
        });
        SeriesId(u16::try_from(index).expect("a session has fewer than 65,536 series"))
    }

    /// The number of a tag, declared if need be.
    pub fn tag(&mut self, name: &str) -> Tag {
        if name.is_empty() {
            return Tag::default();
        }
        if let Some(tag) = self.tag_numbers.get(name) {
            return *tag;
        }
        let tag = Tag(u32::try_from(self.tags.len()).expect("a session has fewer than 2^32 tags"));
        self.tags.push(name.to_owned());
        self.tag_numbers.insert(name.to_owned(), tag);
        tag
    }

    fn slot(&mut self, series: SeriesId, source: Source) -> Slot {
        let known = self.columns.iter().position(|column| *column == (series, source));
        let index = known.unwrap_or_else(|| {
            self.columns.push((series, source));
            self.columns.len() - 1
        });
        Slot(u16::try_from(index).expect("a session has fewer than 65,536 columns"))
    }
}

impl<'a> Setup<'a> {
    /// The set-up of one desk on its symbols at its interval. `files` holds the content of file parameters by path,
    /// `outside` the names of the scenario's series from outside by number.
    pub fn new(
        registry: &'a mut Registry,
        desk: DeskId,
        instruments: &'a Arc<[Instrument]>,
        symbols: &'a [InstrumentId],
        interval: Interval,
        files: &'a BTreeMap<String, String>,
        outside: &'a [String],
    ) -> Self {
        let desks = usize::from(desk.0) + 1;
        registry.desk_series.resize(registry.desk_series.len().max(desks), Vec::new());
        registry.warm_up.resize(registry.warm_up.len().max(desks), 0);
        Setup { registry, desk, instruments, symbols, interval, files, outside, next_timer: 0 }
    }

    /// The instruments that the scenario gives this desk.
    pub fn symbols(&self) -> &'a [InstrumentId] {
        self.symbols
    }

    /// The interval that the scenario gives this desk.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// What an instrument is.
    pub fn instrument(&self, id: InstrumentId) -> &'a Instrument {
        &self.instruments[usize::from(id.0)]
    }

    /// The desk's instrument of this name.
    pub fn find(&self, symbol: &str) -> Option<InstrumentId> {
        self.symbols.iter().copied().find(|id| self.instrument(*id).symbol == symbol)
    }

    /// Follows a series: its closes are delivered to this desk.
    pub fn follow(&mut self, instrument: InstrumentId, interval: Interval) -> SeriesId {
        let series = self.registry.series(Series { instrument, interval });
        let followed = &mut self.registry.desk_series[usize::from(self.desk.0)];
        if !followed.contains(&series) {
            followed.push(series);
            followed.sort_unstable();
        }
        series
    }

    /// Declares an indicator on a series and returns where to read it. Its warm-up is added to the desk's.
    ///
    /// # Errors
    /// When the indicator's own parameters are out of range.
    pub fn indicator(&mut self, series: SeriesId, spec: Spec) -> Result<Slot, SetupError> {
        spec.check().map_err(SetupError)?;
        self.warm_up(spec.warm_up());
        Ok(self.registry.slot(series, Source::Indicator(spec)))
    }

    /// [`Setup::indicator`], with a warm-up after which its value no longer depends on where the data begin
    /// ([`Spec::unstable_period`]): for recursive indicators that a decision is made by.
    ///
    /// # Errors
    /// When the indicator's own parameters are out of range.
    pub fn settled_indicator(&mut self, series: SeriesId, spec: Spec) -> Result<Slot, SetupError> {
        let slot = self.indicator(series, spec)?;
        self.warm_up(spec.warm_up().saturating_add(spec.unstable_period()));
        Ok(slot)
    }

    /// Declares a series from outside, by its name in the scenario, beside the candles of a series: its slot holds the
    /// latest value that was available when the candle closed. It adds nothing to the warm-up.
    ///
    /// # Errors
    /// When the scenario has no series of this name.
    pub fn outside(&mut self, series: SeriesId, name: &str) -> Result<Slot, SetupError> {
        let index = self.outside.iter().position(|known| known == name);
        let id = index.and_then(|index| u16::try_from(index).ok()).map(OutsideId);
        let id = id.ok_or_else(|| match self.outside {
            [] => SetupError(format!("there is no series '{name}': the scenario has no [[series]]")),
            known => SetupError(format!("there is no series '{name}'; the scenario has {}", known.join(", "))),
        })?;
        Ok(self.registry.slot(series, Source::Outside(id)))
    }

    /// Nothing may be submitted before every followed series has closed this many candles.
    pub fn warm_up(&mut self, candles: u32) {
        let warm_up = &mut self.registry.warm_up[usize::from(self.desk.0)];
        *warm_up = (*warm_up).max(candles);
    }

    /// Every indicator declared so far is to have had a value at this many closes before the first one that may trade.
    ///
    /// For a strategy that compares with what stood before, or waits until something has lasted: without it the first
    /// decisions would depend on where the data begin.
    pub fn known_before(&mut self, closes: u32) {
        let warm_up = &mut self.registry.warm_up[usize::from(self.desk.0)];
        *warm_up = warm_up.saturating_add(closes);
    }

    /// Asks to be woken at an instant.
    pub fn timer(&mut self, at: Timestamp) -> TimerId {
        let timer = TimerId(self.next_timer);
        self.next_timer += 1;
        self.registry.timers.push((at, self.desk, timer));
        timer
    }

    /// A name for orders.
    pub fn tag(&mut self, name: &str) -> Tag {
        self.registry.tag(name)
    }

    /// The content of a file parameter.
    pub fn file(&self, path: &str) -> Option<&'a str> {
        self.files.get(path).map(String::as_str)
    }
}
