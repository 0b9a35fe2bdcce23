//! A bucket of a store, asked and answered one call at a time: the waiting stays in here.

use super::address::Address;
use super::failure::fault;
use crate::error::{Fault, Result};
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Larger files go up in pieces, which become an object with the last of them.
const PIECES_FROM: u64 = 64 << 20;

/// The size of a piece.
const PIECE: usize = 16 << 20;

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    runtime: Arc<Runtime>,
}

impl Bucket {
    /// The bucket of an address, with what the environment says about the store: no question is asked yet.
    ///
    /// # Errors
    /// When the kind of store is not known to this build, or the environment has no credentials.
    pub fn of(address: &Address) -> Result<Self> {
        // Whoever calls second finds the same provider there already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::failure(format!("preparing to speak to servers: {error}")))?;
        Ok(Bucket { store: store(address)?, runtime: Arc::new(runtime) })
    }

    /// Copies an object into a writer, piece by piece.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or the writer fails, which `unwritable` words.
    pub fn copy(
        &self,
        address: &Address,
        into: &mut dyn Write,
        unwritable: &dyn Fn(&std::io::Error) -> Fault,
    ) -> Result<()> {
        self.runtime.block_on(async {
            let failed = |error: &Error| fault("reading", address, error);
            let answer = self.store.get(&key(address)).await.map_err(|error| failed(&error))?;
            let mut pieces = answer.into_stream();
            while let Some(piece) = pieces.try_next().await.map_err(|error| failed(&error))? {
                into.write_all(&piece).map_err(|error| unwritable(&error))?;
            }
            Ok(())
        })
    }

    /// Puts a file of this machine as an object, which is there whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be read or the object not be put.
    pub fn put(&self, address: &Address, path: &Path) -> Result<()> {
        let unreadable = |error: std::io::Error| Fault::io("reading", path, &error);
        let mut file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let failed = |error: Error| fault("writing", address, &error);
        if bytes <= PIECES_FROM {
            let mut content = Vec::with_capacity(bytes as usize);
            file.read_to_end(&mut content).map_err(unreadable)?;
            let key = key(address);
            let put = self.store.put(&key, PutPayload::from(content));
            return self.runtime.block_on(put).map(drop).map_err(failed);
        }
        self.runtime.block_on(async {
            let upload = self.store.put_multipart(&key(address)).await.map_err(failed)?;
            let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE);
            let mut piece = vec![0; PIECE];
            loop {
                match file.read(&mut piece) {
                    Ok(0) => return writer.finish().await.map(drop).map_err(failed),
                    Ok(length) => writer.write(&piece[..length]),
                    Err(error) => {
                        // What went up is no object; a store that cannot be told keeps it until its own rules end it.
                        let _ = writer.abort().await;
                        return Err(unreadable(error));
                    }
                }
                if let Err(error) = writer.wait_for_capacity(2).await {
                    let _ = writer.abort().await;
                    return Err(failed(error));
                }
            }
        })
    }

    /// The paths of all objects below an address, from there, in order.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub fn below(&self, address: &Address) -> Result<Vec<String>> {
        let prefix = key(address);
        let listed: std::result::Result<Vec<_>, Error> =
            self.runtime.block_on(self.store.list(Some(&prefix)).try_collect());
        let listed = listed.map_err(|error| fault("listing", address, &error))?;
        let path =
            |key: &Key| key.prefix_match(&prefix).map(|rest| rest.map(|part| part.as_ref().to_owned()).collect());
        let mut paths: Vec<String> = listed
            .iter()
            .filter_map(|object| path(&object.location))
            .map(|parts: Vec<String>| parts.join("/"))
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// Takes an object away; one that is not there is no failure.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn remove(&self, address: &Address) -> Result<()> {
        match self.runtime.block_on(self.store.delete(&key(address))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault("removing", address, &error)),
        }
    }
}

fn key(address: &Address) -> Key {
    Key::from(address.key())
}

fn store(address: &Address) -> Result<Arc<dyn ObjectStore>> {
    let failed = |error: Error| fault("preparing to ask", address, &error);
    match address.scheme() {
        "s3" => {
            has_credentials(address)?;
            let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
                .iter()
                .find_map(|name| std::env::var(name).ok());
            let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
            let builder = AmazonS3Builder::from_env()
                .with_bucket_name(address.bucket())
                .with_retry(retries())
                // Who names an endpoint without encryption wants it: signatures are sent, never the secret itself.
                .with_client_options(options().with_allow_http(is_plain));
            Ok(Arc::new(builder.build().map_err(failed)?))
        }
        #[cfg(feature = "google")]
        "gs" => {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env().with_bucket_name(address.bucket());
            let builder = builder.with_retry(retries()).with_client_options(options());
            Ok(Arc::new(builder.build().map_err(failed)?))
        }
        #[cfg(feature = "azure")]
        "az" => {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env().with_container_name(address.bucket());
            let builder = builder.with_retry(retries()).with_client_options(options());
            Ok(Arc::new(builder.build().map_err(failed)?))
        }
        scheme => Err(Fault::user(format!("{address}: this tapeline knows no store of the kind '{scheme}'"))
            .remedy("write s3://bucket/folder; gs:// and az:// need a build with --features google or azure")),
    }
}

fn options() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(10))
        .with_read_timeout(Duration::from_secs(60))
        // A large object may take long, as long as something comes.
        .with_timeout_disabled()
}

/// A hiccup is waited out, a store that is down is said to be.
fn retries() -> RetryConfig {
    let backoff =
        BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(4), base: 2.0 };
    RetryConfig { backoff, max_retries: 6, retry_timeout: Duration::from_secs(60) }
}

/// Without credentials in the environment the library would ask the machine's own metadata service.
fn has_credentials(address: &Address) -> Result<()> {
    const ONE_OF: &[&[&str]] = &[
        &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
        &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
        &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
        &["AWS_SKIP_SIGNATURE"],
    ];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if ONE_OF.iter().any(|names| names.iter().all(is_set)) {
        return Ok(());
    }
    Err(Fault::user(format!("{address}: the environment has no credentials for the store"))
        .remedy("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_ENDPOINT_URL and AWS_REGION say where it is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_up_whole_or_in_pieces_and_come_back_as_they_were() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let bucket = Bucket { store: Arc::new(object_store::memory::InMemory::new()), runtime: Arc::new(runtime) };
        let root = Address::of(Path::new("s3://bucket/sweeps")).unwrap().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (name, bytes) in [("none", 0), ("small", 5), ("large", PIECES_FROM as usize + PIECE + 7)] {
            let content: Vec<u8> = (0..bytes).map(|place| (place % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            bucket.put(&root.below(name), &path).unwrap();
            let mut copy = Vec::new();
            bucket.copy(&root.below(name), &mut copy, &|error| Fault::failure(error.to_string())).unwrap();
            assert!(copy == content, "{name}");
        }
        assert_eq!(bucket.below(&root).unwrap(), ["large", "none", "small"]);
        bucket.remove(&root.below("small")).unwrap();
        bucket.remove(&root.below("small")).unwrap();
        assert_eq!(bucket.below(&root).unwrap(), ["large", "none"]);
        let gone = bucket.copy(&root.below("small"), &mut Vec::new(), &|error| Fault::failure(error.to_string()));
        assert!(gone.unwrap_err().to_string().contains("no such object"));
        assert!(bucket.put(&root.below("x"), &folder.path().join("absent")).is_err());
    }
}
