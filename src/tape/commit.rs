//! Changing a series without ever leaving it half changed.
//!
//! New files are written beside the old ones as `<period>.parquet.next`, then the new manifest as
//! `manifest.json.next`: that rename is the moment of commitment. Only then do the files take their places, the
//! manifest last. Whoever finds a `manifest.json.next` finishes the move; whoever finds files without it ignores them.

use super::manifest::{FILE_NAME, Manifest};
use super::place::SeriesKey;
use crate::error::{Fault, Result};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The exclusive right to change one series; given up when dropped.
pub struct SeriesLock {
    folder: PathBuf,
    _held: File,
}

impl SeriesLock {
    /// Takes the right to change a series, making its folder and finishing an interrupted change.
    pub fn take(root: &Path, key: &SeriesKey) -> Result<Self> {
        let folder = key.folder(root);
        create_folders(&folder)?;
        let path = folder.join(".lock");
        let file = File::options().create(true).write(true).truncate(false).open(&path);
        let held = file.map_err(|error| not_writable("opening", &path, &error))?;
        held.try_lock().map_err(|error| {
            Fault::failure(format!("series {key} is being written by another process ({error})"))
                .remedy("wait until it is done and try again")
        })?;
        finish_interrupted(&folder)?;
        discard_uncommitted(&folder)?;
        Ok(SeriesLock { folder, _held: held })
    }

    /// The series' folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts new contents of some periods and the manifest in place: all of it or nothing.
    pub fn commit(&self, files: &[(String, Vec<u8>)], manifest: &Manifest) -> Result<()> {
        let prepared = self.prepare(files, manifest);
        if prepared.is_err() {
            // On a full disk, what was written so far is in the way; what could not be removed goes at the next change.
            let _ = discard_uncommitted(&self.folder);
        }
        prepared?;
        sync_folder(&self.folder)?;
        finish_interrupted(&self.folder)
    }

    /// Writes everything beside its place. With the last rename the change is committed.
    fn prepare(&self, files: &[(String, Vec<u8>)], manifest: &Manifest) -> Result<()> {
        for (period, bytes) in files {
            write_durably(&self.folder.join(format!("{period}.parquet.next")), bytes)?;
        }
        let prepared = self.folder.join("manifest.json.writing");
        write_durably(&prepared, manifest.to_text().as_bytes())?;
        // Contents and names are on the disk before the commitment is, and the commitment before anything moves.
        sync_folder(&self.folder)?;
        rename(&prepared, &self.folder.join("manifest.json.next"))
    }
}

/// Completes a change that was committed but not moved into place. Two processes may do so at once.
pub fn finish_interrupted(folder: &Path) -> Result<()> {
    let next = folder.join("manifest.json.next");
    let Some(manifest) = Manifest::read(&next)? else {
        return Ok(());
    };
    for period in manifest.files.keys() {
        rename(&folder.join(format!("{period}.parquet.next")), &folder.join(format!("{period}.parquet")))?;
    }
    // The manifest leaves its waiting place only when every file has surely reached its own.
    sync_folder(folder)?;
    rename(&next, &folder.join(FILE_NAME))?;
    sync_folder(folder)
}

/// Makes a folder and those above it, each durably named in the one above.
fn create_folders(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        Some(_) | None => Path::new("."),
    };
    if above != Path::new(".") {
        create_folders(above)?;
    }
    match std::fs::create_dir(folder) {
        Ok(()) => sync_folder(above),
        // Another process was faster.
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(not_writable("creating", folder, &error)),
    }
}

fn discard_uncommitted(folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| Fault::io("listing", folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Fault::io("listing", folder, &error))?.path();
        let leftover = path.extension().is_some_and(|extension| extension == "next" || extension == "writing");
        if leftover {
            std::fs::remove_file(&path).map_err(|error| Fault::io("removing", &path, &error))?;
        }
    }
    Ok(())
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| not_writable("writing", path, &error))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Ok(()) => Ok(()),
        // Not part of this change, or already moved.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(not_writable("renaming", from, &error)),
    }
}

/// Makes what was created and renamed in a folder outlast a power cut.
fn sync_folder(folder: &Path) -> Result<()> {
    let sync = || File::open(folder)?.sync_all();
    // Windows opens no folder as a file; its renames are ordered by the file system's own journal.
    if cfg!(windows) { Ok(()) } else { sync().map_err(|error| not_writable("syncing", folder, &error)) }
}

fn not_writable(doing: &str, path: &Path, error: &std::io::Error) -> Fault {
    Fault::unwritable(doing, path, error).remedy("give a --root folder that can be written and has room")
}

#[cfg(test)]
mod tests {
    use super::super::manifest::FileEntry;
    use super::super::set::QuietMinutes;
    use super::*;
    use crate::domain::Origin;

    fn manifest(key: &SeriesKey, rows: u64) -> Manifest {
        let mut manifest = Manifest::new(key, Origin::Real, QuietMinutes::ZeroVolume);
        let entry = FileEntry {
            rows,
            first: "2024-07-26T14:15:00Z".into(),
            last: "2024-07-26T14:17:00Z".into(),
            price_decimals: 2,
            quantity_decimals: 5,
            bytes: 1,
            sha256: String::new(),
            content_xxh3_128: String::new(),
            sources: vec![],
        };
        manifest.files.insert("2024-07".into(), entry);
        manifest
    }

    #[test]
    fn a_change_interrupted_before_its_commitment_never_happened() {
        let root = tempfile::tempdir().unwrap();
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let lock = SeriesLock::take(root.path(), &key).unwrap();
        lock.commit(&[("2024-07".into(), b"old".to_vec())], &manifest(&key, 1)).unwrap();
        let folder = lock.folder().to_owned();
        std::fs::write(folder.join("2024-07.parquet.next"), b"new").unwrap();
        drop(lock);
        let lock = SeriesLock::take(root.path(), &key).unwrap();
        assert_eq!(std::fs::read(folder.join("2024-07.parquet")).unwrap(), b"old");
        assert!(!folder.join("2024-07.parquet.next").exists());
        drop(lock);
    }

    #[test]
    fn a_change_interrupted_after_its_commitment_is_finished_by_the_next_reader() {
        let root = tempfile::tempdir().unwrap();
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let lock = SeriesLock::take(root.path(), &key).unwrap();
        lock.commit(&[("2024-07".into(), b"old".to_vec())], &manifest(&key, 1)).unwrap();
        let folder = lock.folder().to_owned();
        std::fs::write(folder.join("2024-07.parquet.next"), b"new").unwrap();
        std::fs::write(folder.join("manifest.json.next"), manifest(&key, 2).to_text()).unwrap();
        finish_interrupted(&folder).unwrap();
        assert_eq!(std::fs::read(folder.join("2024-07.parquet")).unwrap(), b"new");
        assert_eq!(Manifest::read(&folder.join(FILE_NAME)).unwrap().unwrap().rows(), 2);
    }

    #[test]
    fn two_writers_of_one_series_do_not_meet() {
        let root = tempfile::tempdir().unwrap();
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let first = SeriesLock::take(root.path(), &key).unwrap();
        let fault = SeriesLock::take(root.path(), &key).err().unwrap().to_string();
        assert!(fault.contains("being written"), "{fault}");
        drop(first);
        assert!(SeriesLock::take(root.path(), &key).is_ok());
    }

    #[test]
    fn a_store_that_cannot_be_made_is_one_clear_fault() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("occupied");
        std::fs::write(&file, b"x").unwrap();
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let fault = SeriesLock::take(&file, &key).err().unwrap().to_string();
        assert!(fault.contains("occupied") && fault.contains("--root"), "{fault}");
    }
}
