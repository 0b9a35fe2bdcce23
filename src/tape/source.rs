//! Opening foreign files: plain text, gzip, zip and Parquet, told apart by their first bytes, and hashed as they lie.

use crate::error::{Fault, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What a file's first bytes say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// Text as it is.
    Plain,
    /// gzip around text.
    Gzip,
    /// A zip archive of one text file.
    Zip,
    /// A Parquet file.
    Parquet,
}

/// Looks at the first bytes of a file.
pub fn wrapping(path: &Path) -> Result<Wrapping> {
    let mut head = [0u8; 4];
    let mut file = open(path)?;
    let mut filled = 0;
    while filled < head.len() {
        match file.read(&mut head[filled..]).map_err(|error| Fault::io("reading", path, &error))? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(match &head[..filled] {
        [0x1f, 0x8b, ..] => Wrapping::Gzip,
        b"PK\x03\x04" => Wrapping::Zip,
        b"PAR1" => Wrapping::Parquet,
        [] => {
            return Err(Fault::user(format!("{} is empty", path.display())).remedy("download it again or leave it out"));
        }
        _ => Wrapping::Plain,
    })
}

/// SHA-256 of a file, in hexadecimal.
pub fn sha256_of(path: &Path) -> Result<String> {
    let mut file = open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 17];
    loop {
        match file.read(&mut buffer).map_err(|error| Fault::io("reading", path, &error))? {
            0 => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// Hands the text inside a plain, gzip or zip file to `read`, unpacked as it is read.
pub fn with_text<T>(path: &Path, wrapping: Wrapping, read: impl FnOnce(&mut dyn Read) -> Result<T>) -> Result<T> {
    let mut file = BufReader::with_capacity(1 << 16, open(path)?);
    match wrapping {
        Wrapping::Plain => read(&mut file),
        Wrapping::Gzip => read(&mut flate2::bufread::MultiGzDecoder::new(file)),
        Wrapping::Zip => {
            file.seek(SeekFrom::Start(0)).map_err(|error| Fault::io("reading", path, &error))?;
            let damaged = |error: zip::result::ZipError| {
                Fault::user(format!("{}: the zip archive cannot be read: {error}", path.display()))
                    .remedy("the download is incomplete or damaged; fetch the file again")
            };
            let mut archive = zip::ZipArchive::new(file).map_err(damaged)?;
            if archive.len() != 1 {
                return Err(Fault::user(format!(
                    "{} holds {} files; one CSV was expected",
                    path.display(),
                    archive.len()
                ))
                .remedy("unpack it and name the files themselves"));
            }
            let mut text = archive.by_index(0).map_err(damaged)?;
            read(&mut text)
        }
        Wrapping::Parquet => Err(Fault::user(format!("{} is a Parquet file, not text", path.display()))
            .remedy("name text files together with text files")),
    }
}

/// The files that patterns such as `data/*.csv.gz` name, in order, each once. A pattern that names nothing is refused.
pub fn expand(patterns: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pattern in patterns {
        if Path::new(pattern).is_file() {
            files.push(PathBuf::from(pattern));
            continue;
        }
        let paths = glob::glob(pattern).map_err(|error| {
            Fault::user(format!("'{pattern}' is no file pattern: {error}")).remedy("quote it as 'dir/*.csv.gz'")
        })?;
        let before = files.len();
        for path in paths {
            let path = path.map_err(|error| Fault::failure(format!("listing '{pattern}': {error}")))?;
            if path.is_file() {
                files.push(path);
            }
        }
        if files.len() == before {
            return Err(Fault::user(format!("no file is named '{pattern}'")).remedy("check the path and the pattern"));
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| Fault::io("opening", path, &error).remedy("check the path"))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            Err(Fault::user(format!("{} is a folder", path.display()))
                .remedy("name its files, such as 'folder/*.csv.gz'"))
        }
        Ok(_) => Ok(file),
        Err(error) => Err(Fault::io("opening", path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text_in(path: &Path) -> Result<String> {
        with_text(path, wrapping(path)?, |reader| {
            let mut text = String::new();
            reader.read_to_string(&mut text).map_err(|error| Fault::io("reading", path, &error))?;
            Ok(text)
        })
    }

    #[test]
    fn text_is_found_in_every_wrapping() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("a.csv");
        std::fs::write(&plain, "1,2\n").unwrap();
        let packed = folder.path().join("b.csv.gz");
        let mut gzip = flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
        gzip.write_all(b"1,2\n").unwrap();
        gzip.finish().unwrap();
        let zipped = folder.path().join("c.zip");
        let mut archive = zip::ZipWriter::new(File::create(&zipped).unwrap());
        archive.start_file("c.csv", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(b"1,2\n").unwrap();
        archive.finish().unwrap();
        for path in [&plain, &packed, &zipped] {
            assert_eq!(text_in(path).unwrap(), "1,2\n", "{}", path.display());
        }
        assert_eq!(sha256_of(&plain).unwrap(), super::super::deliver::sha256_text(b"1,2\n"));
    }

    #[test]
    fn missing_empty_and_cut_files_are_one_clear_fault_each() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.csv");
        assert_eq!(text_in(&missing).unwrap_err().exit_code(), 2);
        let empty = folder.path().join("empty.csv");
        std::fs::write(&empty, "").unwrap();
        assert!(text_in(&empty).unwrap_err().to_string().contains("empty.csv is empty"));
        let cut = folder.path().join("cut.zip");
        std::fs::write(&cut, b"PK\x03\x04 and then nothing").unwrap();
        assert!(text_in(&cut).unwrap_err().to_string().contains("fetch the file again"));
        assert!(text_in(folder.path()).unwrap_err().to_string().contains("is a folder"));
        assert!(expand(&["no/such/*.csv".to_owned()]).unwrap_err().to_string().contains("no/such"));
    }
}
