//! Where an object is: `s3://bucket/folder/file`.

use crate::error::{Fault, Result};
use std::fmt;
use std::path::Path;

/// A bucket of a store and a key in it, which may stand for an object or for all objects below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    scheme: String,
    bucket: String,
    key: Vec<String>,
}

impl Address {
    /// Reads a place that somebody named; none when it is a path of this machine.
    ///
    /// # Errors
    /// When it looks like an address and is none: no bucket, or a way that leads out of it.
    pub fn of(place: &Path) -> Result<Option<Self>> {
        let text = place.to_string_lossy();
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(None) };
        let wrong = |why: &str| {
            Fault::user(format!("'{text}' is no address of an object: {why}")).remedy("write s3://bucket/folder/file")
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(['@', ':', '?', '#']) {
            return Err(wrong("it names no bucket"));
        }
        let mut parts: Vec<String> = Vec::new();
        for part in key.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.pop().is_none() => return Err(wrong("it leads out of the bucket")),
                ".." => {}
                part => parts.push(part.to_owned()),
            }
        }
        Ok(Some(Address { scheme: scheme.to_owned(), bucket: bucket.to_owned(), key: parts }))
    }

    /// The kind of store, such as `s3`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key in it.
    pub fn key(&self) -> String {
        self.key.join("/")
    }

    /// The last part of the key.
    pub fn name(&self) -> &str {
        self.key.last().map_or("", String::as_str)
    }

    /// Of what stands below, by its path from here with `/` between the parts.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        Address { key: self.key.iter().cloned().chain(parts).collect(), ..self.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.scheme, self.bucket, self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_their_ways_walked() {
        let address = |text: &str| Address::of(Path::new(text)).unwrap().unwrap();
        assert_eq!(address("s3://b/jobs/../data/./x").to_string(), "s3://b/data/x");
        assert_eq!(address("s3://b").to_string(), "s3://b/");
        let below = address("s3://b/sweeps/").below("a-1f/parts/000001.parquet");
        assert_eq!((below.key().as_str(), below.name()), ("sweeps/a-1f/parts/000001.parquet", "000001.parquet"));
        let joined = Path::new("s3://b/jobs/s.toml").parent().unwrap().join("../data");
        assert_eq!(address(&joined.display().to_string()).key(), "data");
        assert_eq!(Address::of(Path::new("sweeps/a")).unwrap(), None);
        for text in ["s3://", "s3:///key", "s3://b/../c", "s3://user:secret@host/key"] {
            assert!(Address::of(Path::new(text)).is_err(), "{text}");
        }
    }
}
