//! The shelf: files as they were fetched, each put under its name only when it is whole and verified. A process killed at
//! any moment leaves at most one part of a file, which the next one goes on with.

use super::binance::{Candles, Product};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The folder of one instrument's candles of one interval.
pub(super) struct Shelf {
    folder: PathBuf,
    _held: File,
}

/// What is known about a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Its candles lie in this file.
    Candles(PathBuf),
    /// It has none, and never will.
    Nothing,
}

impl Shelf {
    /// Opens the shelf of these candles under `cache`, for one process at a time.
    pub fn open(cache: &Path, of: &Candles) -> Result<Self> {
        let product = match of.product {
            Product::Spot => "binance-spot",
            Product::Usdm => "binance-usdm",
        };
        let folder = cache.join(product).join(&of.symbol).join(of.interval.to_string());
        std::fs::create_dir_all(&folder).map_err(|error| unwritable("creating", &folder, &error))?;
        let path = folder.join(".lock");
        let held = File::options().create(true).write(true).truncate(false).open(&path);
        let held = held.map_err(|error| unwritable("opening", &path, &error))?;
        held.try_lock().map_err(|error| {
            Fault::failure(format!("{} is being filled by another process ({error})", folder.display()))
                .remedy("wait until it is done and try again")
        })?;
        Ok(Shelf { folder, _held: held })
    }

    /// The archive's file of this name, if it stands there and is what its checksum says. One that is not is removed.
    pub fn zip(&self, name: &str) -> Result<Option<PathBuf>> {
        let path = self.folder.join(format!("{name}.zip"));
        let stated = self.folder.join(format!("{name}.zip.sha256"));
        if !path.is_file() {
            return Ok(None);
        }
        if std::fs::read_to_string(stated).is_ok_and(|stated| sha256_of(&path).is_ok_and(|hash| hash == stated.trim()))
        {
            return Ok(Some(path));
        }
        std::fs::remove_file(&path).map_err(|error| unwritable("removing", &path, &error))?;
        Ok(None)
    }

    /// Where a file is fetched to before it is verified.
    pub fn part(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.zip.part"))
    }

    /// Drops what was fetched of a file.
    pub fn drop_part(&self, name: &str) -> Result<()> {
        let part = self.part(name);
        match std::fs::remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unwritable("removing", &part, &error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Takes a fetched file in under its name if it has the stated checksum; else tells which it has.
    pub fn take_in(&self, name: &str, stated: &str) -> Result<std::result::Result<PathBuf, String>> {
        let part = self.part(name);
        let hash = sha256_of(&part).map_err(|error| Fault::io("reading", &part, &error))?;
        if hash != stated {
            return Ok(Err(hash));
        }
        refuse_unreadable(&part)?;
        self.put(&format!("{name}.zip.sha256"), stated.as_bytes())?;
        let path = self.folder.join(format!("{name}.zip"));
        std::fs::rename(&part, &path).map_err(|error| unwritable("renaming", &part, &error))?;
        Ok(Ok(path))
    }

    /// What is known about the day of this name for good.
    pub fn settled(&self, day: &str) -> Result<Option<Settled>> {
        if let Some(path) = self.zip(day)? {
            return Ok(Some(Settled::Candles(path)));
        }
        let rows = self.folder.join(format!("{day}.csv"));
        if rows.is_file() {
            return Ok(Some(Settled::Candles(rows)));
        }
        let nothing = self.folder.join(format!("{day}.none"));
        Ok(nothing.is_file().then_some(Settled::Nothing))
    }

    /// Keeps a day's rows for good.
    pub fn keep_day(&self, day: &str, lines: &str) -> Result<PathBuf> {
        self.put(&format!("{day}.csv"), lines.as_bytes())
    }

    /// Keeps the rows of a day that may still get more; the next visit asks for it again.
    pub fn keep_open_day(&self, day: &str, lines: &str) -> Result<PathBuf> {
        self.put(&format!("{day}.open.csv"), lines.as_bytes())
    }

    /// Notes that a day has no candle.
    pub fn note_nothing(&self, day: &str) -> Result<()> {
        self.put(&format!("{day}.none"), b"").map(drop)
    }

    /// When the instrument's first candle opened, if that was asked before.
    pub fn listed(&self) -> Option<Timestamp> {
        std::fs::read_to_string(self.folder.join("listed")).ok()?.trim().parse().ok()
    }

    /// Keeps when the instrument's first candle opened.
    pub fn note_listed(&self, at: Timestamp) -> Result<()> {
        self.put("listed", at.to_string().as_bytes()).map(drop)
    }

    /// Writes a file whole: beside its place, then moved there.
    fn put(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let (path, draft) = (self.folder.join(name), self.folder.join(format!("{name}.writing")));
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&draft, &path)
        };
        write().map_err(|error| unwritable("writing", &path, &error))?;
        Ok(path)
    }
}

/// Reads an archive to its end: a file may be what its checksum says and broken all the same.
fn refuse_unreadable(path: &Path) -> Result<()> {
    let read = || {
        let mut archive = zip::ZipArchive::new(File::open(path)?)?;
        let mut content = archive.by_index(0)?;
        std::io::copy(&mut content, &mut std::io::sink()).map_err(zip::result::ZipError::from)
    };
    read().map(drop).map_err(|error| {
        Fault::failure(format!("{} has the right checksum and cannot be unpacked: {error}", path.display())).remedy(
            "the archive's own file is damaged; leave its time out with --from and --to, or try again another day",
        )
    })
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hash.update(&buffer[..count]),
        }
    }
}

fn unwritable(doing: &str, path: &Path, error: &std::io::Error) -> Fault {
    Fault::unwritable(doing, path, error).remedy("give a --cache folder that can be written and has room")
}
