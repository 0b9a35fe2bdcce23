//! The exclusive right to run a sweep: two processes at one folder would run every part twice.

use crate::error::{Fault, Result};
use std::fs::File;
use std::path::Path;

/// Given up when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct SweepLock {
    _held: File,
}

impl SweepLock {
    /// Takes the right to run the sweep whose parts lie in this folder, which is made where it is not there.
    pub(super) fn take(parts: &Path) -> Result<Self> {
        std::fs::create_dir_all(parts).map_err(|error| Fault::unwritable("creating", parts, &error))?;
        let path = parts.join(".lock");
        let file = File::options().create(true).write(true).truncate(false).open(&path);
        let held = file.map_err(|error| Fault::unwritable("opening", &path, &error))?;
        held.try_lock().map_err(|error| {
            let place = parts.parent().unwrap_or(parts).display();
            Fault::failure(format!("{place} is being run by another process ({error})"))
                .remedy("wait until it is done, or stop it, and try again with --resume")
        })?;
        Ok(SweepLock { _held: held })
    }
}
