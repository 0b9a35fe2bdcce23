//! Writing down and reading back.

use super::identity::{Environment, Epoch, Identity};
use super::schema::FORMAT;
use super::sending::{Attempt, Sending};
use crate::database::{self, Lease};
use crate::domain::{Command, Event, Timestamp};
use crate::engine::{Journal, JournalError};
use crate::error::{Fault, Result};
use rusqlite::{Connection, Error, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// The file's name in the folder of its account.
pub const FILE: &str = "session.sqlite";

/// The open memory of one account. Clones share it: the engine's side writes events and commands, the side that sends
/// writes what became of them.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
pub(super) struct Inner {
    connection: Connection,
    path: PathBuf,
    session: i64,
    epoch: u64,
    events: u64,
    commands: u64,
    /// Whether something is written that is not on the disk yet.
    is_open: bool,
    /// Something could not be written: what follows would have a hole before it.
    is_broken: bool,
    _lease: Lease,
}

/// An event as it was written, with the commands that it caused.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its number in its epoch, from zero.
    pub number: u64,
    /// What the session was told.
    pub event: Event,
    /// What it decided then, each with its number.
    pub commands: Vec<(u64, Timestamp, Command)>,
}

/// The way of a session's commands to the disk.
#[derive(Clone, Debug)]
pub struct Recorder(pub Store);

impl Journal for Recorder {
    fn record(&mut self, now: Timestamp, commands: &[Command]) -> std::result::Result<(), JournalError> {
        self.0.lock().decide(now, commands).map_err(|fault| JournalError(fault.to_string()))
    }
}

impl Store {
    /// Opens the memory of an account in its folder, or begins one. Its content is checked; nobody else may have it open.
    ///
    /// # Errors
    /// When another process runs this account, the file is damaged, of an unknown version or of another account or
    /// environment, or it cannot be opened.
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self> {
        let lease = Lease::take(folder, || {
            Fault::user(format!("the {identity} is run by another process"))
                .remedy("several strategies on one account are desks of one session; stop the other session first")
        })?;
        let path = folder.join(FILE);
        let connection = database::open(&path, &FORMAT)?;
        let doing = |error: Error| database::fault("reading the session store", &path, &error);
        let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(doing)?;
        if verdict != "ok" {
            return Err(Fault::failure(format!("reading the session store {}: {verdict}", path.display()))
                .remedy("the file is damaged: restore it from a backup; until then nothing is sent"));
        }
        let session = whose(&connection, identity, &path)?;
        let inner = Inner {
            connection,
            path,
            session,
            epoch: 0,
            events: 0,
            commands: 0,
            is_open: false,
            is_broken: false,
            _lease: lease,
        };
        Ok(Store { inner: Arc::new(Mutex::new(inner)) })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        match self.inner.lock() {
            Ok(inner) => inner,
            // A thread panicked while it wrote: what it left half is undone, and nothing follows on it.
            Err(poisoned) => {
                let mut inner = poisoned.into_inner();
                inner.give_up();
                self.inner.clear_poison();
                inner
            }
        }
    }

    /// The latest epoch with its number, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn latest(&self) -> Result<Option<(u64, Epoch)>> {
        self.lock().latest()
    }

    /// Begins the next epoch; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&self, epoch: &Epoch) -> Result<u64> {
        let mut inner = self.lock();
        let number = inner.latest()?.map_or(0, |(number, _)| number + 1);
        let row = params![number as i64, epoch.preset, epoch.engine_version, epoch.opened_at.nanos(), epoch.opening];
        inner.run("INSERT INTO epoch VALUES (?1, ?2, ?3, ?4, ?5, ?6)", row)?;
        inner.settle()?;
        (inner.epoch, inner.events, inner.commands) = (number, 0, 0);
        Ok(number)
    }

    /// Goes on with an epoch: what is written from now on follows on what is written there, which is handed out.
    ///
    /// # Errors
    /// When the store cannot be read, or a body does not read as what was written.
    pub fn resume(&self, number: u64) -> Result<Vec<Recorded>> {
        let mut inner = self.lock();
        inner.settle()?;
        let recorded = inner.recorded(number)?;
        inner.epoch = number;
        inner.events = recorded.last().map_or(0, |last| last.number + 1);
        inner.commands = recorded.iter().flat_map(|one| &one.commands).last().map_or(0, |last| last.0 + 1);
        Ok(recorded)
    }

    /// Writes down what the session is told. It is on the disk with the commands that it causes, or at the next
    /// [`Store::settle`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, event: &Event) -> Result<u64> {
        self.lock().note(event)
    }

    /// Writes down the execution of an order under the exchange's own number of the trade. An execution that is known
    /// already is none: exchanges repeat themselves.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note_execution(&self, event: &Event, symbol: &str, trade: &str) -> Result<Option<u64>> {
        let mut inner = self.lock();
        let known: Option<i64> = inner
            .connection
            .query_row(
                "SELECT event FROM execution WHERE session = ?1 AND symbol = ?2 AND trade = ?3",
                params![inner.session, symbol, trade],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| inner.unreadable(&error))?;
        if known.is_some() {
            return Ok(None);
        }
        let number = inner.note(event)?;
        let epoch = inner.epoch as i64;
        let row = params![symbol, trade, epoch, number as i64];
        inner.run("INSERT INTO execution VALUES (?1, ?2, ?3, ?4, ?5)", row)?;
        Ok(Some(number))
    }

    /// Writes down that a command is about to be sent under this client id; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the id was used before, or it cannot be written.
    pub fn intend(&self, command: u64, client_id: &str, at: Timestamp) -> Result<()> {
        let mut inner = self.lock();
        let epoch = inner.epoch as i64;
        let row = params![client_id, epoch, command as i64, Sending::Intended.word(), at.nanos(), ""];
        inner.run("INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", row)?;
        inner.settle()
    }

    /// Writes down what became of an attempt; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the attempt is not known or settled already, or it cannot be written.
    pub fn became(&self, client_id: &str, state: Sending, at: Timestamp, note: &str) -> Result<()> {
        let mut inner = self.lock();
        let Some(before) = inner.attempts("client_id = ?2", &client_id)?.pop() else {
            return Err(Fault::failure(format!("no attempt to send has the client id {client_id}")));
        };
        if !state.may_follow(before.state) {
            let (was, is) = (before.state.word(), state.word());
            return Err(Fault::failure(format!("the attempt {client_id} is {was} and cannot become {is}")));
        }
        let row = params![client_id, state.word(), at.nanos(), note];
        inner.run(
            "UPDATE attempt SET state = ?3, changed_at = ?4, note = ?5 WHERE session = ?1 AND client_id = ?2",
            row,
        )?;
        inner.settle()
    }

    /// The attempts of which nobody knows what became: intended or unknown, whatever the epoch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unsettled(&self) -> Result<Vec<Attempt>> {
        let inner = self.lock();
        let mut open = Vec::new();
        for state in Sending::ALL.into_iter().filter(|state| state.is_open()) {
            open.extend(inner.attempts("state = ?2", &state.word())?);
        }
        open.sort_by(|one, other| {
            (one.epoch, one.command, &one.client_id).cmp(&(other.epoch, other.command, &other.client_id))
        });
        Ok(open)
    }

    /// Brings everything that is written onto the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle(&self) -> Result<()> {
        self.lock().settle()
    }

    /// Copies the store, as it stands on the disk, to another file while it is in use: beside its place first, so that there is
    /// no half of a copy.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be written.
    pub fn backup(&self, to: &Path) -> Result<()> {
        if to.exists() {
            return Err(Fault::user(format!("backing up to {}: it exists", to.display())).remedy("name a new file"));
        }
        let mut inner = self.lock();
        inner.settle()?;
        let draft = to.with_extension("part");
        let failed = |error: &std::io::Error| Fault::io("backing up the session store to", to, error);
        match std::fs::remove_file(&draft) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&error)),
        }
        let copied = inner.connection.execute("VACUUM INTO ?1", [draft.to_string_lossy()]);
        copied.map_err(|error| database::fault("backing up the session store to", to, &error))?;
        std::fs::File::open(&draft).and_then(|file| file.sync_all()).map_err(|error| failed(&error))?;
        std::fs::rename(&draft, to).map_err(|error| failed(&error))
    }
}

impl Inner {
    fn unwritable(&self, error: &Error) -> Fault {
        database::fault("writing to the session store", &self.path, error)
    }

    fn unreadable(&self, error: &Error) -> Fault {
        database::fault("reading the session store", &self.path, error)
    }

    /// What is not on the disk yet is undone, and nothing is written any more: it would have a hole before it.
    fn give_up(&mut self) {
        self.is_broken = true;
        self.is_open = false;
        // Where even this fails, the transaction is undone when the file is opened again.
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    fn check(&self) -> Result<()> {
        if !self.is_broken {
            return Ok(());
        }
        Err(Fault::failure(format!("writing to the session store {}: it failed before", self.path.display()))
            .remedy("restart the session: it goes on from what is on the disk"))
    }

    /// Writes a row of this session, its number standing first, within the open transaction; one is begun where there is none.
    fn run(&mut self, sql: &str, row: &[&dyn rusqlite::ToSql]) -> Result<()> {
        self.check()?;
        let begin = if self.is_open { "" } else { "BEGIN IMMEDIATE" };
        self.is_open = true;
        let begun = self.connection.execute_batch(begin);
        let row: Vec<&dyn rusqlite::ToSql> =
            std::iter::once(&self.session as &dyn rusqlite::ToSql).chain(row.iter().copied()).collect();
        let done = begun.and_then(|()| self.connection.prepare_cached(sql)?.execute(row.as_slice()));
        self.kept(done.map(|_| ()))
    }

    fn settle(&mut self) -> Result<()> {
        self.check()?;
        if !self.is_open {
            return Ok(());
        }
        let done = self.connection.execute_batch("COMMIT");
        self.is_open = false;
        self.kept(done)
    }

    /// What could not be written is undone whole, and nothing is written any more.
    fn kept(&mut self, done: rusqlite::Result<()>) -> Result<()> {
        done.map_err(|error| {
            self.give_up();
            self.unwritable(&error)
        })
    }

    pub(super) fn note(&mut self, event: &Event) -> Result<u64> {
        let number = self.events;
        let body = body(&event.kind)?;
        let epoch = self.epoch as i64;
        let row = params![epoch, number as i64, event.at.nanos(), body];
        self.run("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)", row)?;
        self.events += 1;
        Ok(number)
    }

    fn decide(&mut self, now: Timestamp, commands: &[Command]) -> Result<()> {
        let Some(cause) = self.events.checked_sub(1) else {
            return Err(Fault::failure("a session decided something before it was told anything"));
        };
        // All of them, or none: what cannot be put into words is found before anything is written.
        let bodies = commands.iter().map(body).collect::<Result<Vec<_>>>()?;
        for body in bodies {
            let (epoch, number) = (self.epoch as i64, self.commands as i64);
            let row = params![epoch, number, cause as i64, now.nanos(), body];
            self.run("INSERT INTO command VALUES (?1, ?2, ?3, ?4, ?5, ?6)", row)?;
            self.commands += 1;
        }
        self.settle()
    }

    fn latest(&self) -> Result<Option<(u64, Epoch)>> {
        let sql = "SELECT number, preset, engine_version, opened_at, opening FROM epoch WHERE session = ?1 \
                   ORDER BY number DESC LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| {
            let epoch = Epoch {
                preset: row.get(1)?,
                engine_version: row.get(2)?,
                opened_at: Timestamp::from_nanos(row.get(3)?),
                opening: row.get(4)?,
            };
            Ok((row.get::<_, i64>(0)? as u64, epoch))
        };
        self.connection.query_row(sql, [self.session], row).optional().map_err(|error| self.unreadable(&error))
    }

    fn recorded(&self, epoch: u64) -> Result<Vec<Recorded>> {
        let mut recorded = Vec::new();
        let sql = "SELECT number, at, body FROM event WHERE session = ?1 AND epoch = ?2 ORDER BY number";
        for (number, at, text) in self.rows(sql, epoch)? {
            let event = Event { at: Timestamp::from_nanos(at), kind: self.read(&text)? };
            recorded.push(Recorded { number: number as u64, event, commands: Vec::new() });
        }
        let sql = "SELECT number, cause, at, body FROM command WHERE session = ?1 AND epoch = ?2 ORDER BY number";
        let read = || {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map(params![self.session, epoch as i64], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        for (number, cause, at, text) in read().map_err(|error| self.unreadable(&error))? {
            let command = (number as u64, Timestamp::from_nanos(at), self.read(&text)?);
            let place = recorded.binary_search_by_key(&(cause as u64), |one: &Recorded| one.number);
            let place = place.ok().and_then(|place| recorded.get_mut(place)).ok_or_else(|| {
                Fault::failure(format!("reading the session store {}: event {cause} is missing", self.path.display()))
            })?;
            place.commands.push(command);
        }
        Ok(recorded)
    }

    fn rows(&self, sql: &str, epoch: u64) -> Result<Vec<(i64, i64, String)>> {
        let read = || {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement
                .query_map(params![self.session, epoch as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.unreadable(&error))
    }

    fn read<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|error| {
            Fault::failure(format!("reading the session store {}: {error}: {text}", self.path.display()))
                .remedy("it was written by another version; go on with the tapeline that wrote it")
        })
    }

    /// The attempts of this session of which a condition on `?2` holds.
    fn attempts(&self, condition: &'static str, value: &dyn rusqlite::ToSql) -> Result<Vec<Attempt>> {
        let sql =
            format!("SELECT client_id, epoch, command, state, note FROM attempt WHERE session = ?1 AND {condition}");
        let row = |row: &rusqlite::Row<'_>| {
            let word: String = row.get(3)?;
            let state = Sending::ALL.into_iter().find(|state| state.word() == word);
            Ok(Attempt {
                client_id: row.get(0)?,
                epoch: row.get::<_, i64>(1)? as u64,
                command: row.get::<_, i64>(2)? as u64,
                state: state.expect("the table holds no other word"),
                note: row.get(4)?,
            })
        };
        let read = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![self.session, value], row)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.unreadable(&error))
    }
}

/// The session of this identity in the file; a file of another one is refused.
fn whose(connection: &Connection, identity: &Identity, path: &Path) -> Result<i64> {
    let doing = |error: Error| database::fault("reading the session store", path, &error);
    let (environment, venue, account) = (identity.environment.word(), &identity.venue, &identity.account);
    let other: Option<(String, String, String)> = connection
        .query_row(
            "SELECT environment, venue, account FROM session WHERE (environment, venue, account) != (?1, ?2, ?3)",
            params![environment, venue, account],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(doing)?;
    if let Some((environment, venue, account)) = other {
        return Err(Fault::user(format!(
            "{} is the memory of {venue} account {account} in environment {environment}, not of the {identity}",
            path.display()
        ))
        .remedy("give each account and environment a folder of its own"));
    }
    connection
        .execute(
            "INSERT OR IGNORE INTO session (environment, venue, account) VALUES (?1, ?2, ?3)",
            params![environment, venue, account],
        )
        .map_err(doing)?;
    connection.query_row("SELECT id FROM session", [], |row| row.get(0)).map_err(doing)
}

fn body(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Fault::failure(format!("writing to the session store: {error}")))
}

/// The environment by its word.
impl std::str::FromStr for Environment {
    type Err = Fault;

    fn from_str(word: &str) -> Result<Self> {
        Environment::ALL.into_iter().find(|environment| environment.word() == word).ok_or_else(|| {
            let known = Environment::ALL.map(Environment::word).join(", ");
            Fault::user(format!("there is no environment '{word}'")).remedy(format!("one of {known}"))
        })
    }
}
