//! The ledger's file.

use super::entry::{Identity, TrialEntry};
use super::scope::Scope;
use super::snapshot::{Counted, SAMPLE};
use crate::database::{self, Format};
use crate::domain::Timestamp;
use crate::error::Result;
use crate::scenario::{DataSource, Plan, is_address};
use crate::sweep::DailyReturns;
use rusqlite::{Connection, Error, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// The file's name, beside the data.
pub const FILE: &str = "trials.sqlite";

const FORMAT: Format = Format {
    name: "trial ledger",
    // "TLtr"
    application_id: 0x544c_7472,
    steps: &["
        CREATE TABLE data_set (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE trial (
            identity BLOB PRIMARY KEY CHECK (length(identity) = 16),
            data_set INTEGER NOT NULL REFERENCES data_set (id),
            strategies TEXT NOT NULL,
            from_day INTEGER NOT NULL,
            to_day INTEGER NOT NULL,
            sharpe REAL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX trial_by_data_set ON trial (data_set);
        CREATE TABLE sample (
            data_set INTEGER NOT NULL REFERENCES data_set (id),
            identity BLOB NOT NULL REFERENCES trial (identity),
            from_nanos INTEGER NOT NULL,
            to_nanos INTEGER NOT NULL,
            returns BLOB NOT NULL,
            PRIMARY KEY (data_set, identity)
        ) STRICT, WITHOUT ROWID;
    "],
};

/// Why data have no ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// The plan makes its market itself: another seed is another market.
    OwnMarket,
    /// They lie in an object store, and a database lies on a disk.
    ObjectStore,
}

/// Where the ledger of a plan's data lies: in the store, or beside the scenario where the data are files.
///
/// # Errors
/// Why there is none.
pub fn place(plan: &Plan) -> std::result::Result<PathBuf, Unkept> {
    let place = plan.instruments.iter().find_map(|instrument| match plan.source(instrument) {
        DataSource::Store { root, .. } => Some(root.join(FILE)),
        DataSource::Files { .. } => Some(plan.directory.join(FILE)),
        DataSource::Synthetic(_) => None,
    });
    let place = place.ok_or(Unkept::OwnMarket)?;
    if is_address(&place) { Err(Unkept::ObjectStore) } else { Ok(place) }
}

/// An open ledger.
#[derive(Debug)]
pub struct TrialLedger {
    connection: Connection,
    path: PathBuf,
}

/// What the ledger has of one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSetLine {
    /// Its series.
    pub name: String,
    /// Distinct trials by strategy.
    pub trials: Vec<(String, u64)>,
    /// The first UTC day that any of them traded, counted from 1970-01-01.
    pub from_day: i64,
    /// The day after the last one.
    pub to_day: i64,
}

impl TrialLedger {
    /// Opens a ledger, or begins one.
    ///
    /// # Errors
    /// When the file cannot be opened or is of a version that this program does not know.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(TrialLedger { connection: database::open(path, &FORMAT)?, path: path.to_owned() })
    }

    /// Notes trials on the data of `scope`: those that are not known yet, and those that ran to their end and have no Sharpe
    /// ratio yet, as they were stopped before. Returns of those that [`TrialLedger::wanted`]
    /// named are kept as a part of the sample. All of it is written, or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&mut self, scope: &Scope, entries: &[TrialEntry], sample: &[(Identity, DailyReturns)]) -> Result<()> {
        let path = self.path.clone();
        let doing = |error: Error| database::fault("writing to the trial ledger", &path, &error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(doing)?;
        write(&transaction, scope, entries, sample).map_err(doing)?;
        transaction.commit().map_err(doing)
    }

    /// Of the trials about to be noted, those whose daily returns belong into the sample, ascending: the [`SAMPLE`]
    /// smallest identities of a data set. An identity is a hash, so they are as good as drawn, and the same whoever was
    /// first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn wanted(&self, scope: &Scope, mut wanted: Vec<Identity>) -> Result<Vec<Identity>> {
        let doing = |error: Error| database::fault("reading the trial ledger", &self.path, &error);
        let largest: Option<Vec<u8>> = self
            .connection
            .query_row(
                "SELECT identity FROM sample JOIN data_set ON data_set.id = sample.data_set
                 WHERE name = ?1 ORDER BY identity LIMIT 1 OFFSET ?2",
                params![scope.data_set(), SAMPLE as i64 - 1],
                |row| row.get(0),
            )
            .optional()
            .map_err(doing)?;
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(SAMPLE);
        wanted.retain(|identity| largest.as_ref().is_none_or(|largest| identity.as_slice() < largest.as_slice()));
        Ok(wanted)
    }

    /// The trials that count within a scope, and the sample of their returns.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) fn counted(&self, scope: &Scope) -> Result<Vec<Counted>> {
        self.read_counted(scope).map_err(|error| database::fault("reading the trial ledger", &self.path, &error))
    }

    fn read_counted(&self, scope: &Scope) -> rusqlite::Result<Vec<Counted>> {
        // One transaction: the count and the sample are of the same instant.
        let transaction = self.connection.unchecked_transaction()?;
        let mut found = Vec::new();
        let mut trials = transaction.prepare(
            "SELECT trial.identity, to_day, sharpe, from_nanos, to_nanos, returns FROM trial
             LEFT JOIN sample ON sample.data_set = trial.data_set AND sample.identity = trial.identity
             WHERE trial.data_set = ?1 AND from_day < ?3 AND to_day > ?2 ORDER BY trial.identity",
        )?;
        for (id, name) in data_sets(&transaction)? {
            if !scope.shares(&name) {
                continue;
            }
            let rows = trials.query_map(params![id, scope.from_day, scope.to_day], |row| {
                let returns = match row.get::<_, Option<Vec<u8>>>(5)? {
                    Some(bytes) => Some(DailyReturns {
                        trial: 0,
                        from: Timestamp::from_nanos(row.get(3)?),
                        to: Timestamp::from_nanos(row.get(4)?),
                        returns: floats(&bytes),
                    }),
                    None => None,
                };
                Ok(Counted { data_set: name.clone(), to_day: row.get(1)?, sharpe: row.get(2)?, returns })
            })?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    /// What the ledger holds, by data set and strategy.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn lines(&self) -> Result<Vec<DataSetLine>> {
        let read = || -> rusqlite::Result<Vec<DataSetLine>> {
            let mut trials = self.connection.prepare(
                "SELECT strategies, count(*), min(from_day), max(to_day) FROM trial WHERE data_set = ?1
                 GROUP BY strategies ORDER BY strategies",
            )?;
            let mut lines = Vec::new();
            for (id, name) in data_sets(&self.connection)? {
                let mut line = DataSetLine { name, trials: Vec::new(), from_day: i64::MAX, to_day: i64::MIN };
                let rows = trials.query_map([id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
                })?;
                for row in rows {
                    let (strategies, count, from, to) = row?;
                    line.trials.push((strategies, count.unsigned_abs()));
                    (line.from_day, line.to_day) = (line.from_day.min(from), line.to_day.max(to));
                }
                lines.push(line);
            }
            Ok(lines)
        };
        read().map_err(|error| database::fault("reading the trial ledger", &self.path, &error))
    }
}

fn data_sets(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare("SELECT id, name FROM data_set ORDER BY name")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn write(
    transaction: &Transaction<'_>,
    scope: &Scope,
    entries: &[TrialEntry],
    sample: &[(Identity, DailyReturns)],
) -> rusqlite::Result<()> {
    let name = scope.data_set();
    transaction.execute("INSERT OR IGNORE INTO data_set (name) VALUES (?1)", [&name])?;
    let id: i64 = transaction.query_row("SELECT id FROM data_set WHERE name = ?1", [&name], |row| row.get(0))?;
    let mut insert = transaction.prepare(
        "INSERT INTO trial VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (identity) DO UPDATE
         SET from_day = excluded.from_day, to_day = excluded.to_day, sharpe = excluded.sharpe
         WHERE trial.sharpe IS NULL AND ?7",
    )?;
    for entry in entries {
        let TrialEntry { identity, strategies, from_day, to_day, sharpe, is_whole } = entry;
        insert.execute(params![&identity[..], id, strategies, from_day, to_day, sharpe, is_whole])?;
    }
    let mut keep = transaction.prepare("INSERT OR IGNORE INTO sample VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (identity, row) in sample {
        keep.execute(params![id, &identity[..], row.from.nanos(), row.to.nanos(), bytes(&row.returns)])?;
    }
    // Others may have written meanwhile: only the smallest stay.
    transaction.execute(
        "DELETE FROM sample WHERE data_set = ?1 AND identity NOT IN
         (SELECT identity FROM sample WHERE data_set = ?1 ORDER BY identity LIMIT ?2)",
        params![id, SAMPLE as i64],
    )?;
    Ok(())
}

fn bytes(returns: &[f64]) -> Vec<u8> {
    returns.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f64> {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().map(|eight| f64::from_le_bytes(*eight)).collect()
}
