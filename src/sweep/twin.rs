//! A sweep's folder in an object store, and the working copy that it is run in.
//!
//! The store is the only memory: a process begins with what is there and sends every file when it is whole, so that any
//! machine can go on where another was killed. The working copy goes with the process.

use crate::error::{Fault, Result};
use crate::objects::{Address, Bucket};
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

/// A folder in a store with its working copy.
#[derive(Debug)]
pub(super) struct Twin {
    address: Address,
    bucket: Bucket,
    copy: TempDir,
}

impl Twin {
    /// Of the folder at an address, with everything that is there.
    ///
    /// # Errors
    /// When the store cannot be read, or the copy not be written.
    pub fn of(address: Address) -> Result<Self> {
        let copy = tempfile::tempdir().map_err(|error| Fault::failure(format!("making a working copy: {error}")))?;
        let twin = Twin { bucket: Bucket::of(&address)?, address, copy };
        for name in twin.bucket.below(&twin.address)? {
            twin.bring(&name)?;
        }
        Ok(twin)
    }

    /// The address of the folder.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The working copy.
    pub fn folder(&self) -> &Path {
        self.copy.path()
    }

    fn bring(&self, name: &str) -> Result<()> {
        // Keys of an object store may be what no path is.
        if name.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Ok(());
        }
        let path = self.folder().join(name);
        let failed = |error: &std::io::Error| {
            Fault::unwritable("writing", &path, error).remedy("name a folder that has room in TMPDIR")
        };
        let folder = path.parent().unwrap_or(&path);
        let mut file =
            std::fs::create_dir_all(folder).and_then(|()| File::create(&path)).map_err(|error| failed(&error))?;
        self.bucket.copy(&self.address.below(name), &mut file, &failed)
    }

    /// Puts a file of the working copy into the store.
    ///
    /// # Errors
    /// When it cannot be put; then the store has the file as it was before, or none.
    pub fn send(&self, name: &str) -> Result<()> {
        self.bucket.put(&self.address.below(name), &self.folder().join(name))
    }

    /// Takes everything below a folder away from the store.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn clear(&self, folder: &str) -> Result<()> {
        let address = self.address.below(folder);
        self.bucket.below(&address)?.iter().try_for_each(|name| self.bucket.remove(&address.below(name)))
    }
}
