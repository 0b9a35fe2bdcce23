//! The exclusive right to a folder: two processes that work in it at once would do everything twice.

use crate::error::{Fault, Result};
use std::fs::File;
use std::path::Path;

/// Given up when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct Lease {
    _held: File,
}

impl Lease {
    /// Takes the right to a folder, which is made where it is not there. `held` says what it means that another process has
    /// it, and what to do then.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be written to.
    pub fn take(folder: &Path, held: impl FnOnce() -> Fault) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| Fault::unwritable("creating", folder, &error))?;
        let path = folder.join(".lock");
        let file = File::options().create(true).write(true).truncate(false).open(&path);
        let file = file.map_err(|error| Fault::unwritable("opening", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lease { _held: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(held()),
            Err(std::fs::TryLockError::Error(error)) => Err(Fault::io("locking", &path, &error)),
        }
    }
}
