//! Faults: what went wrong at a door, where, and what to do about it.

pub mod guard;

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
    full_disk: bool,
}

/// The result of work at a door.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A mistake in what the user gave.
    pub fn user(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::User, message: message.into(), remedy: None, full_disk: false }
    }

    /// A failure that is not the user's mistake.
    pub fn failure(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Failure, message: message.into(), remedy: None, full_disk: false }
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
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Fault { full_disk: true, ..Fault::failure(message) },
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

    /// Whether it is that a disk has no room left: waiting may help.
    pub fn is_full_disk(&self) -> bool {
        self.full_disk
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
        f.write_str(&one_line(&self.message))?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  what to do: {}", one_line(remedy)),
            None => Ok(()),
        }
    }
}

/// A message may quote what a file says: of that, nothing reaches the terminal as a command, and no more than can be read.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 1_000;
    const END: usize = 250;
    // Marks that turn the direction of writing hide what a line says as well as control characters do.
    let is_unseen = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{feff}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = text.chars().map(|letter| match is_unseen(letter) {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    });
    let letters: Vec<char> = shown.collect::<String>().chars().collect();
    if letters.len() <= LONGEST {
        return letters.into_iter().collect();
    }
    let (front, end) = (&letters[..LONGEST - END], &letters[letters.len() - END..]);
    format!("{} … {}", front.iter().collect::<String>(), end.iter().collect::<String>())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_readable_line_whatever_it_quotes() {
        let fault = Fault::user("cell 'a\nb\u{1b}[2J\u{202e}c'").remedy("mend\r it");
        assert_eq!(fault.to_string(), "cell 'a\\nb\\u{1b}[2J\\u{202e}c'\n  what to do: mend\\r it");
        let long = Fault::failure(format!("reading x.csv: '{}' is no number", "9".repeat(100_000))).to_string();
        assert!(long.chars().count() < 1_010 && long.starts_with("reading x.csv: '99"), "{long}");
        assert!(long.contains(" … ") && long.ends_with("9' is no number"), "{long}");
        assert!(Fault::user("\u{4}".repeat(5_000)).to_string().chars().count() < 1_010);
        assert_eq!(Fault::user("größer, 8 €").to_string(), "größer, 8 €");
    }
}
