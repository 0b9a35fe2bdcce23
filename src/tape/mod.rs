//! The tape: historical candles, trades and quotes, from foreign files into the Parquet store and from the store into columns.
//!
//! This door opens onto files only. It must never know strategies, the engine or a report, and it never fills in a row
//! that no source holds.

pub mod check;
pub mod commit;
pub mod csv;
pub mod decimal;
pub mod deliver;
pub mod derive;
pub mod export;
pub mod foreign;
pub mod gaps;
pub use crate::error::guard;
pub mod import;
pub mod layout;
pub mod manifest;
pub mod merge;
pub mod outside;
pub mod parquet;
pub mod parquet_foreign;
pub mod place;
pub mod resample;
pub mod set;
pub mod source;
pub mod store;
pub mod suspicion;
pub mod synth;
pub mod synth_trades;
pub mod table;
pub mod ticks;

pub use check::{CheckReport, check_series};
pub use derive::{DeriveReport, derive};
pub use export::{ExportFormat, export};
pub use foreign::{Source, read_candle_file, read_candle_files, read_tick_file, read_tick_files};
pub use gaps::{Gap, GapKind};
pub use import::{ImportPlan, ImportReport, OffGrid, import};
pub use layout::Layout;
pub use manifest::Manifest;
pub use outside::read_outside;
pub use place::{SeriesKey, SeriesKind};
pub use resample::{Resampled, candles_from_trades, resample};
pub use set::{CandleSet, QuietMinutes};
pub use store::{list_series, load_candles, load_ticks};
pub use synth::{SynthGaps, SynthSpec, SynthSymbol, synthesize};
pub use synth_trades::trades_beneath;
pub use ticks::{QuoteSet, TickSet, Ticks, TradeSet};

#[cfg(test)]
mod real_data_tests;
#[cfg(test)]
mod store_tests;
