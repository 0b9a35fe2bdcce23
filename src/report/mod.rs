//! What a run writes, and the report made from it.
//!
//! `write_run` turns an outcome into files; `build` makes the page from those files alone and never sees the engine, so
//! that any report can be made again from its directory. No clock: nothing in the files depends on when they were written.

mod digits;
mod export;
mod facts;
mod files;
mod html;
mod parquet_file;
mod profile;
#[cfg(test)]
mod sample;
mod sheet;
mod summary;
mod table;
mod terminal;
mod trail;
pub mod windows;
pub mod wording;

pub use export::{RunFormat, export};
pub use facts::{
    Band, BandEnd, DeskFacts, GapFacts, GapLine, IndicatorTrack, NearCandles, Panel, PriceOverview, ProfileFacts,
    RunFacts, SeriesFacts,
};
pub use files::{SUMMARY, Written, is_run, write as write_run};
pub use html::{Extent, build, page};
pub use profile::{MetricsProfile, json as profile_json, table as profile_table};
pub use summary::{MetricRow, Summary};
pub use terminal::{Pace, table};
