//! SQLite files: the one place that opens them, with every setting read back.
//!
//! A file belongs to one format, told by its `application_id`; `user_version` counts the steps of its schema. Steps are
//! only ever added, and are taken in one transaction. A file of another format, or of a later version, is refused.

mod lease;

pub use lease::Lease;

use crate::error::{Fault, Result};
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long one process waits for another one's transaction.
const WAIT: Duration = Duration::from_secs(30);

/// What a file is, and how it comes to its latest schema.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it holds, for messages: `trial ledger`.
    pub name: &'static str,
    /// Told apart by this number, as SQLite's `application_id`.
    pub application_id: i32,
    /// The schema as steps of SQL: version n has taken the first n.
    pub steps: &'static [&'static str],
}

/// Settings that decide what survives a crash, and what they have to read back as.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("journal_mode", "WAL", "wal"),
    // Nothing that was committed is lost with the power.
    ("synchronous", "FULL", "2"),
    ("fullfsync", "1", "1"),
    ("checkpoint_fullfsync", "1", "1"),
    ("foreign_keys", "1", "1"),
    ("trusted_schema", "0", "0"),
];

/// Opens a database for reading and writing, made where there is none, and brings it to its latest version.
///
/// # Errors
/// When it cannot be opened, a setting does not hold, or the file is of another format or of a later version.
pub fn open(path: &Path, format: &Format) -> Result<Connection> {
    let doing = |error: Error| fault(&format!("opening the {}", format.name), path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(doing)?;
    connection.busy_timeout(WAIT).map_err(doing)?;
    check_format(&connection, path, format)?;
    for (name, value, expected) in SETTINGS {
        connection.pragma_update(None, name, value).or_else(returned_rows).map_err(doing)?;
        let found = connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        let found = words(&found.map_err(doing)?);
        if found != *expected {
            return Err(Fault::failure(format!(
                "opening the {} {}: the setting {name} is {found} instead of {expected}",
                format.name,
                path.display()
            ))
            .remedy("keep it on a local disk: network file systems cannot hold a database safely"));
        }
    }
    upgrade(&mut connection, path, format)?;
    Ok(connection)
}

/// A failure of SQLite: `doing` says what was being done.
pub fn fault(doing: &str, path: &Path, error: &Error) -> Fault {
    let message = format!("{doing} {}: {error}", path.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Fault::user(message).remedy("the file is damaged or no database: restore it from a backup, or move it away where nothing in it is needed")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Fault::user(message).remedy("its folder has to exist and be open for writing")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Fault::failure(message).remedy("another process holds it for long; try again when that is done")
        }
        Some(_) | None => Fault::failure(message),
    }
}

/// A pragma that answers with a row is set all the same.
fn returned_rows(error: Error) -> std::result::Result<(), Error> {
    match error {
        Error::ExecuteReturnedResults => Ok(()),
        other => Err(other),
    }
}

fn words(value: &rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn number(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Before anything is changed: a stranger's file stays as it is.
fn check_format(connection: &Connection, path: &Path, format: &Format) -> Result<usize> {
    let read = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((number(connection, "application_id")?, number(connection, "user_version")?, tables))
    };
    let (id, version, tables) = read().map_err(|error| fault(&format!("opening the {}", format.name), path, &error))?;
    if (id, version, tables) == (0, 0, 0) {
        return Ok(0);
    }
    let refused = |why: String| Fault::user(format!("opening the {} {}: {why}", format.name, path.display()));
    if id != i64::from(format.application_id) {
        return Err(refused("it is the database of another program".to_owned()).remedy("move it away"));
    }
    match usize::try_from(version) {
        Ok(version) if (1..=format.steps.len()).contains(&version) => Ok(version),
        Ok(_) | Err(_) => {
            Err(refused(format!("its version {version} is not known; this program knows up to {}", format.steps.len()))
                .remedy("use the tapeline that wrote it, or a later one"))
        }
    }
}

/// Takes the steps that are missing, all or none.
fn upgrade(connection: &mut Connection, path: &Path, format: &Format) -> Result<()> {
    let doing = |error: Error| fault(&format!("making the tables of the {}", format.name), path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(doing)?;
    // Asked again under the lock: another process may have been faster.
    let version = check_format(&transaction, path, format)?;
    if version == format.steps.len() {
        return Ok(());
    }
    for step in &format.steps[version..] {
        transaction.execute_batch(step).map_err(doing)?;
    }
    transaction.pragma_update(None, "application_id", format.application_id).map_err(doing)?;
    transaction.pragma_update(None, "user_version", format.steps.len() as i64).map_err(doing)?;
    transaction.commit().map_err(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Format = Format {
        name: "test",
        application_id: 7,
        steps: &["CREATE TABLE note (text TEXT NOT NULL) STRICT; INSERT INTO note VALUES ('kept');"],
    };
    const SECOND: Format = Format { steps: &[FIRST.steps[0], "ALTER TABLE note ADD COLUMN number INTEGER;"], ..FIRST };

    #[test]
    fn a_file_is_made_kept_and_brought_up_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        drop(open(&path, &FIRST).unwrap());
        let connection = open(&path, &SECOND).unwrap();
        let kept = connection.query_row("SELECT text, number FROM note", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        assert_eq!(kept.unwrap(), ("kept".to_owned(), None));
        let wrong = connection.execute("INSERT INTO note VALUES (x'00', 'text')", []);
        assert!(wrong.is_err(), "tables are strict");
        drop(connection);
        let fault = open(&path, &FIRST).unwrap_err();
        assert!(fault.to_string().contains("version 2 is not known; this program knows up to 1"), "{fault}");
        let stranger = open(&path, &Format { application_id: 8, ..SECOND }).unwrap_err();
        assert!(stranger.to_string().contains("another program"), "{stranger}");
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        drop(open(&path, &FIRST).unwrap());
        const BROKEN: Format =
            Format { steps: &[FIRST.steps[0], "CREATE TABLE other (x ANY) STRICT; nonsense;"], ..FIRST };
        assert_eq!(open(&path, &BROKEN).unwrap_err().exit_code(), 1);
        let connection = open(&path, &FIRST).unwrap();
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn what_is_no_database_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        let text = "these are notes, and they are longer than the header of a database is, which has a hundred bytes";
        std::fs::write(&path, text).unwrap();
        assert_eq!(open(&path, &FIRST).unwrap_err().exit_code(), 2);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(open(&folder.path().join("none/a.sqlite"), &FIRST).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn many_at_once_make_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| drop(open(&path, &SECOND).unwrap()));
            }
        });
        let connection = open(&path, &SECOND).unwrap();
        let rows: i64 = connection.query_row("SELECT count(*) FROM note", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }
}
