//! A finished run as files: what the report has to know beside the outcome, and the name that the run goes by.

use super::beneath::DetailSet;
use super::market::{InstrumentData, Market};
use super::stage::{Run, Stage};
use super::tracks;
use crate::domain::{Interval, Origin, Timestamp};
use crate::error::Result;
use crate::report::{DeskFacts, GapFacts, GapLine, ProfileFacts, RunFacts, SeriesFacts, Summary, Written, write_run};
use crate::scenario::{Plan, Profile};
use crate::tape::{self, CandleSet, Gap, TickSet, Ticks};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The version of this engine: runs of different versions have different names.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Holes that a run lists one by one.
const GAPS_LISTED: usize = 100;

/// What a run is known by before it has been run.
#[derive(Clone, Debug)]
pub struct Dossier {
    plan: String,
    folder: String,
    desks: Vec<DeskFacts>,
    data: Vec<SeriesFacts>,
    policy: Vec<(String, String)>,
    profile: Option<ProfileFacts<'static>>,
}

impl Dossier {
    /// Of a plan and the data it found.
    pub fn of(plan: &Plan, market: &Market) -> Self {
        let data: Vec<SeriesFacts> = market.instruments.iter().flat_map(series_facts).collect();
        let desks = plan.desks.iter().map(|desk| DeskFacts {
            name: desk.name.clone(),
            strategy: desk.strategy.clone(),
            parameters: desk.parameters.iter().map(|(name, value)| (name.clone(), word(value))).collect(),
        });
        let text = plan.to_toml();
        Dossier {
            folder: format!("{}-{}", plan.name, identity(plan, &data)),
            desks: desks.collect(),
            policy: policy_of(&text),
            profile: plan.profile.map(profile_facts),
            plan: text,
            data,
        }
    }

    /// Where the run belongs under `root`.
    pub fn place(&self, root: &Path) -> PathBuf {
        root.join(&self.folder)
    }

    /// The hashes of the data by series, for telling whether they are still the same.
    pub fn data_hashes(&self) -> Vec<(String, String)> {
        self.data.iter().map(|series| (name(series), series.content_hash.clone())).collect()
    }

    /// The series whose data are not real, with where they come from.
    pub fn unreal_data(&self) -> Vec<(String, Origin)> {
        let is_real = |series: &&SeriesFacts| series.origin != Origin::Real;
        self.data.iter().filter(is_real).map(|series| (name(series), series.origin)).collect()
    }

    /// Writes the run's files to `directory`.
    ///
    /// # Errors
    /// When they cannot be summed up or written.
    pub fn write(&self, directory: &Path, stage: &Stage, run: &Run) -> Result<(Summary, Written)> {
        let prices = tracks::prices(stage, &run.outcome);
        let near = tracks::near(stage, &run.outcome, &prices);
        let indicators = tracks::indicators(stage, run, &near)?;
        let candles_of_trades = tracks::candles_of_trades(stage, &run.outcome);
        let facts = RunFacts {
            name: &stage.plan.name,
            engine_version: ENGINE_VERSION,
            plan: &self.plan,
            instruments: &stage.listing.instruments,
            assets: &stage.listing.assets,
            valuation: &stage.listing.valuation,
            desks: &self.desks,
            tags: &run.registry.tags,
            data: &self.data,
            policy: &self.policy,
            profile: self.profile,
            doubts: run.doubts,
            in_detail: stage.plays_in_detail(),
            band: run.band,
            prices: &prices,
            near: &near,
            indicators: &indicators,
            candles_of_trades: &candles_of_trades,
        };
        let summary = Summary::of(&run.outcome, &facts)?;
        let written = write_run(directory, &run.outcome, &facts, &summary)?;
        Ok((summary, written))
    }
}

fn name(series: &SeriesFacts) -> String {
    format!("{}/{}", series.venue, series.symbol)
}

fn profile_facts(profile: Profile) -> ProfileFacts<'static> {
    let (verdict, reason) = profile.caution();
    ProfileFacts { name: profile.name(), verdict, reason }
}

/// A hash of everything that decides the run: the plan, the data, the engine.
fn identity(plan: &Plan, data: &[SeriesFacts]) -> String {
    let mut hash = Sha256::new();
    hash.update(plan.identity());
    for series in data {
        hash.update(format!("{} {} {}\n", series.venue, series.symbol, series.content_hash));
    }
    hash.update(ENGINE_VERSION);
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn series_facts(data: &InstrumentData) -> Vec<SeriesFacts> {
    let mut facts = vec![candle_facts(&data.candles)];
    facts.extend(data.trades.as_ref().map(tick_facts));
    facts.extend(data.quotes.as_ref().map(tick_facts));
    facts.extend(data.detail.as_ref().map(|detail| match detail {
        DetailSet::Candles(set) => candle_facts(set),
        DetailSet::Trades(set) => tick_facts(set),
    }));
    facts
}

fn candle_facts(set: &CandleSet) -> SeriesFacts {
    let facts = facts(&set.venue, &set.symbol, &set.columns.open_time, set.origin, set.content_hash);
    SeriesFacts { rows_are: set.interval.to_string(), gaps: gap_facts(&set.gaps(), set.interval), ..facts }
}

fn tick_facts<C: Ticks>(set: &TickSet<C>) -> SeriesFacts {
    let facts = facts(&set.venue, &set.symbol, set.times(), set.origin, set.content_hash);
    SeriesFacts { rows_are: C::KIND.word().to_owned(), ..facts }
}

/// What holds for rows of any kind; `rows_are` is left to say, and gaps are for rows on a grid.
fn facts(venue: &str, symbol: &str, times: &[i64], origin: Origin, content_hash: u128) -> SeriesFacts {
    let time = |nanos: Option<&i64>| Timestamp::from_nanos(nanos.copied().unwrap_or_default());
    SeriesFacts {
        venue: venue.to_owned(),
        symbol: symbol.to_owned(),
        rows_are: String::new(),
        rows: times.len() as u64,
        first: time(times.first()),
        last: time(times.last()),
        origin,
        content_hash: tape::manifest::hash_text(content_hash),
        gaps: GapFacts::default(),
    }
}

/// The holes in numbers; the unexplained ones, and then the longest, are named one by one.
fn gap_facts(gaps: &[Gap], interval: Interval) -> GapFacts {
    let mut telling: Vec<&Gap> = gaps.iter().collect();
    telling.sort_by_key(|gap| (!gap.kind.is_unexplained(), std::cmp::Reverse(gap.count), gap.from));
    telling.truncate(GAPS_LISTED);
    telling.sort_by_key(|gap| gap.from);
    let line = |gap: &&Gap| GapLine {
        from: gap.from.to_string(),
        to: gap.to.to_string(),
        rows: gap.count,
        kind: format!("{} ({interval})", gap.kind.name()),
    };
    GapFacts {
        count: gaps.len() as u64,
        missing_rows: gaps.iter().map(|gap| gap.count).sum(),
        unexplained: gaps.iter().filter(|gap| gap.kind.is_unexplained()).count() as u64,
        listed: telling.iter().map(line).collect(),
    }
}

/// The rules of the simulated exchange as the plan states them.
fn policy_of(plan: &str) -> Vec<(String, String)> {
    let Ok(table) = plan.parse::<toml::Table>() else { return Vec::new() };
    let mut rows = Vec::new();
    for section in ["costs", "policy"] {
        if let Some(toml::Value::Table(table)) = table.get(section) {
            flatten(section, table, &mut rows);
        }
    }
    rows
}

fn flatten(path: &str, table: &toml::Table, rows: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let name = format!("{path}.{key}");
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, rows),
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => rows.push((name, word(value))),
        }
    }
}

fn word(value: &toml::Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
