//! Checked copies of objects on this machine's disk.
//!
//! ```text
//! <cache>/content/<sha256>             a copy, under the checksum of its content
//! <cache>/files/<sha256>/<name>        the same under the object's own name, for those that look at names
//! <cache>/views/<sha256>/...           copies at the places that a manifest of this checksum gives them
//! ```
//!
//! A copy takes its name when it is whole and has been checked, and never changes then, so that any number of processes may
//! share the folder.

use super::address::Address;
use super::bucket::Bucket;
use crate::error::{Fault, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The folder of copies.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// What this process has asked for, by address: it sees one state of an object, and asks once.
    seen: Mutex<BTreeMap<Address, PathBuf>>,
}

impl Cache {
    /// This process's cache: the folder that `TAPELINE_CACHE` names, else `tapeline` in the user's folder for caches.
    pub fn here() -> &'static Cache {
        static HERE: OnceLock<Cache> = OnceLock::new();
        HERE.get_or_init(|| {
            let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            let users = || set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
            let folder =
                set("TAPELINE_CACHE").unwrap_or_else(|| users().unwrap_or_else(std::env::temp_dir).join("tapeline"));
            Cache { folder, seen: Mutex::default() }
        })
    }

    /// A copy of an object under its own name, as it was when this process first asked.
    ///
    /// # Errors
    /// When it cannot be read, or the copy not be written.
    pub fn file(&self, address: &Address) -> Result<PathBuf> {
        if let Some(path) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(address) {
            return Ok(path.clone());
        }
        let (hash, content) = self.fetch(&Bucket::of(address)?, address)?;
        let path = self.folder.join("files").join(hash).join(address.name());
        link(&content, &path)?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), path.clone());
        Ok(path)
    }

    /// The folder of copies that belong to a manifest of this content.
    pub fn view(&self, manifest: &[u8]) -> PathBuf {
        self.folder.join("views").join(hexadecimal(&Sha256::digest(manifest)))
    }

    /// Puts a copy of an object with a known checksum at a place, unless there is one.
    ///
    /// # Errors
    /// When the object cannot be read or is not what the checksum says, or the copy not be written.
    pub fn place(&self, bucket: &Bucket, address: &Address, sha256: &str, path: &Path) -> Result<()> {
        if path.is_file() {
            return Ok(());
        }
        if sha256.len() != 64 || !sha256.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Fault::failure(format!("the manifest's SHA-256 of {address} is none"))
                .remedy("put the file and its manifest into the store again"));
        }
        let content = self.content(sha256);
        if !content.is_file() {
            let (hash, _) = self.fetch(bucket, address)?;
            if hash != sha256 {
                return Err(Fault::failure(format!(
                    "{address} has the SHA-256 {hash}, and its manifest says {sha256}"
                ))
                .remedy("put the file and its manifest into the store again"));
            }
        }
        link(&content, path)
    }

    /// Gives a copy that is there a place in a view.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn place_copy(&self, copy: &Path, path: &Path) -> Result<()> {
        if path.is_file() { Ok(()) } else { link(copy, path) }
    }

    fn content(&self, sha256: &str) -> PathBuf {
        self.folder.join("content").join(sha256)
    }

    /// Copies an object; returns its checksum and where the copy is.
    fn fetch(&self, bucket: &Bucket, address: &Address) -> Result<(String, PathBuf)> {
        let folder = self.folder.join("content");
        let failed = |error: &std::io::Error| unwritable("writing below", &folder, error);
        std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        let mut beside = tempfile::NamedTempFile::new_in(&folder).map_err(|error| failed(&error))?;
        let mut hashing = Hashing { file: beside.as_file_mut(), hash: Sha256::new() };
        bucket.copy(address, &mut hashing, &failed)?;
        let hash = hexadecimal(&hashing.hash.finalize());
        let content = self.content(&hash);
        let whole = beside.as_file().sync_all().and_then(|()| beside.persist(&content).map_err(|error| error.error));
        whole.map_err(|error| failed(&error))?;
        Ok((hash, content))
    }
}

/// Gives a copy another name. Where the disk knows no second names, the name gets a copy of its own.
fn link(content: &Path, path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let failed = |error: &std::io::Error| unwritable("writing", path, error);
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    match std::fs::hard_link(content, path) {
        Ok(()) => return Ok(()),
        Err(_) if path.is_file() => return Ok(()),
        Err(_) => {}
    }
    let beside = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    let copied = std::fs::copy(content, beside.path()).and_then(|_| beside.as_file().sync_all());
    copied.map_err(|error| failed(&error))?;
    beside.persist(path).map(drop).map_err(|error| failed(&error.error))
}

fn unwritable(doing: &str, path: &Path, error: &std::io::Error) -> Fault {
    Fault::unwritable(doing, path, error).remedy("name a folder that can be written and has room in TAPELINE_CACHE")
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is hashed as it is written.
struct Hashing<'a> {
    file: &'a mut std::fs::File,
    hash: Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.hash.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
