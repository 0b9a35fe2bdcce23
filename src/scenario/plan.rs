//! The plan: a scenario with every default written out, every path found, every parameter checked.

use super::account::AccountPlan;
use super::desk::DeskPlan;
use super::instrument::InstrumentPlan;
use super::market::{DataSource, Supply, SyntheticMarket};
use super::profile::Profile;
use super::series::SeriesPlan;
use crate::domain::{InstrumentId, Timestamp};
use crate::venue::Policy;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything that decides a run, except the market data themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The run's name; its report folder begins with it.
    pub name: String,
    /// The account.
    pub account: AccountPlan,
    /// Which part of the data is traded.
    pub period: Period,
    /// The synthetic market, when an instrument is made by it.
    pub synthetic: Option<SyntheticMarket>,
    /// What is traded, in the order of the scenario.
    pub instruments: Vec<InstrumentPlan>,
    /// The series from outside, in the order of the scenario.
    pub series: Vec<SeriesPlan>,
    /// The rules of the simulated exchange.
    pub policy: Policy,
    /// The compatibility profile that these rules come from, if one was named.
    pub profile: Option<Profile>,
    /// The desks, in the order of the scenario.
    pub desks: Vec<DeskPlan>,
    /// How often the account's worth is written out.
    pub equity: EquityRows,
    /// Whether the ends of the band of doubt are run as well.
    pub band: BandRuns,
    /// Relative paths start here: the scenario's folder.
    pub directory: PathBuf,
    /// The content of the strategies' input files, by path as given. Not written into `plan.toml`.
    pub files: BTreeMap<String, String>,
    /// SHA-256 of each of these files and of those of the series, in hexadecimal.
    pub hashes: BTreeMap<String, String>,
    /// The codes of all assets, by number.
    pub(super) assets: Vec<String>,
}

/// The traded part of the data: from `from` on, and candles that have closed by `to`. Warm-up comes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first tradable instant; none is the first the data allow.
    pub from: Option<Timestamp>,
    /// The end; none is the end of the data.
    pub to: Option<Timestamp>,
}

/// How often the account's worth is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EquityRows {
    /// Once a day, as CSV.
    Daily,
    /// Also at every candle, as Parquet.
    EveryCandle,
}

/// Whether the run is repeated with every doubt decided one way, then the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandRuns {
    /// It is not.
    Off,
    /// With every doubt against the account, and with every doubt for it.
    WorstAndBest,
}

/// A path from a folder, which may itself be an address in an object store; another address stands for itself.
pub(super) fn place(directory: &Path, path: &str) -> PathBuf {
    if is_address(Path::new(path)) { PathBuf::from(path) } else { directory.join(path) }
}

/// Whether a place is an address such as `s3://bucket/folder` and no path of this machine.
pub fn is_address(place: &Path) -> bool {
    place.to_string_lossy().contains("://")
}

impl Plan {
    /// The rules of the simulated exchange.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Whether both want the same market data and series from outside, and use them alike. Input files of strategies
    /// belong to the parameters.
    pub fn plays_the_data_of(&self, other: &Plan) -> bool {
        let data = |of: &InstrumentPlan| (of.interval, of.matching, of.detail);
        let alike = |(one, other): (&InstrumentPlan, &InstrumentPlan)| {
            (&one.symbol, &one.venue, data(one), &one.supply, &one.quotes)
                == (&other.symbol, &other.venue, data(other), &other.supply, &other.quotes)
        };
        self.instruments.len() == other.instruments.len()
            && self.instruments.iter().zip(&other.instruments).all(alike)
            && self.synthetic == other.synthetic
            && self.series == other.series
            && self.directory == other.directory
            && self.series.iter().all(|series| self.hashes.get(&series.file) == other.hashes.get(&series.file))
    }

    /// The codes of all assets, by number: the account's currency first.
    pub fn assets(&self) -> &[String] {
        &self.assets
    }

    /// The number of an instrument.
    pub fn instrument_id(&self, symbol: &str) -> Option<InstrumentId> {
        let index = self.instruments.iter().position(|instrument| instrument.symbol == symbol)?;
        u16::try_from(index).ok().map(InstrumentId)
    }

    /// The instruments of a desk.
    pub fn symbols(&self, desk: &DeskPlan) -> Vec<InstrumentId> {
        desk.symbols.iter().filter_map(|symbol| self.instrument_id(symbol)).collect()
    }

    /// Where something is that the plan names: an address as it stands, a path from the plan's folder.
    pub fn place(&self, path: &str) -> PathBuf {
        place(&self.directory, path)
    }

    /// Where the data of an instrument are to be found, with whole paths.
    pub fn source(&self, instrument: &InstrumentPlan) -> DataSource {
        match &instrument.supply {
            Supply::Store { root } => DataSource::Store {
                root: self.place(root),
                venue: instrument.venue.clone(),
                symbol: instrument.symbol.clone(),
                interval: instrument.interval,
            },
            Supply::Files { candles, trades, finer } => DataSource::Files {
                candles: candles.as_ref().map(|path| self.place(path)),
                trades: trades.as_ref().map(|path| self.place(path)),
                finer: finer.as_ref().map(|path| self.place(path)),
            },
            Supply::Synthetic(symbol) => DataSource::Synthetic(symbol.clone()),
        }
    }

    /// Whether any part of the plan stands in a file beside it.
    pub(super) fn uses_paths(&self) -> bool {
        let reads = |instrument: &InstrumentPlan| match instrument.supply {
            Supply::Store { .. } | Supply::Files { .. } => true,
            Supply::Synthetic(_) => false,
        };
        !self.hashes.is_empty() || self.instruments.iter().any(reads)
    }
}
