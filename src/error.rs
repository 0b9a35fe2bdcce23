//! Faults: what went wrong at a door, where, and what to do about it.

use std::fmt;
use std::io::ErrorKind;

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The user's input is wrong: exit code 2.
    User,
    /// The machine or the data failed: exit code 1.
    Failure,
}

/// One clear message: what was being done, to which file, line or field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    message: String,
    remedy: Option<String>,
}

/// The result of work at a door.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A mistake in what the user gave.
    pub fn user(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::User, message: message.into(), remedy: None }
    }

    /// A failure that is not the user's mistake.
    pub fn failure(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Failure, message: message.into(), remedy: None }
    }

    /// A file operation that failed: `doing` says what was being done, `path` to what. A file that is missing, is a
    /// folder or is no text is the user's mistake; a disk that fails is not.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("{doing} {}: {error}", path.display());
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::InvalidData => {
                Fault::user(message)
            }
            _ => Fault::failure(message),
        }
    }

    /// A place that the user named and that could not be written to: `doing` says what was being done. A place that is no
    /// folder, does not exist or is closed to this user is the user's mistake; a disk that is full or fails is not.
    pub fn unwritable(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("{doing} {}: {error}", path.display());
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput => Fault::user(message),
            _ => Fault::failure(message),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub fn within(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// Who must act.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The process's exit code for this fault.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            FaultKind::User => 2,
            FaultKind::Failure => 1,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  what to do: {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// The closest of `known` to `word`, when it is close enough to be a slip of the finger.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .min()
        .map(|(_, name)| name)
}
