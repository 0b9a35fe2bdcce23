//! A certificate for one session, so that clients that insist on TLS can connect.

use crate::error::{Fault, Result};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A self-signed certificate with its key.
pub struct Certificate {
    /// The certificate, for clients to trust.
    pub pem: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    pub(super) fn acceptor(self) -> TlsAcceptor {
        TlsAcceptor::from(self.config)
    }
}

/// Makes a certificate for `localhost` and the loopback addresses.
///
/// # Errors
/// When the system gives no randomness.
pub fn make_certificate() -> Result<Certificate> {
    let failed = |error: String| Fault::failure(format!("making a certificate: {error}"));
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let made = rcgen::generate_simple_self_signed(names).map_err(|error| failed(error.to_string()))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(|error| failed(error.to_string()))?;
    Ok(Certificate { pem: made.cert.pem(), config: Arc::new(config) })
}
