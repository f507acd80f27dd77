//! TLS by rustls: the certificate and the key from files, read again when they change.
//!
//! Certificates are renewed by other programs, which know nothing of this one: every second the files are looked at, and a pair that
//! fits together is used for the connections that follow. One that does not leaves the old one in use, and is told in the log.

use crate::error::ServeError;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;

/// Bytes of such a file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that sign it, as PEM, its own first.
    pub cert: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

type Seen = [Option<(u64, SystemTime)>; 2];

/// The certificate in use.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    config: ArcSwap<ServerConfig>,
    seen: std::sync::Mutex<Seen>,
}

impl Tls {
    /// Reads the files.
    pub(crate) fn open(files: &TlsFiles) -> Result<Self, ServeError> {
        let seen = seen(files);
        let config = ArcSwap::from_pointee(config(files)?);
        Ok(Self { files: files.clone(), config, seen: std::sync::Mutex::new(seen) })
    }

    /// What takes the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }

    /// Takes up changed files. Says whether there was something to take up.
    pub(crate) fn look(&self) -> Result<bool, ServeError> {
        let now = seen(&self.files);
        {
            let mut before = crate::generation::held(&self.seen);
            if *before == now {
                return Ok(false);
            }
            // tried once for each change: the other file of the pair is often written a moment later, which is another change
            *before = now;
        }
        self.config.store(Arc::new(config(&self.files)?));
        Ok(true)
    }
}

fn seen(files: &TlsFiles) -> Seen {
    [&files.cert, &files.key].map(|path| {
        let data = std::fs::metadata(path).ok()?;
        Some((data.len(), data.modified().ok()?))
    })
}

fn config(files: &TlsFiles) -> Result<ServerConfig, ServeError> {
    let wrong = |path: &Path, what: String| ServeError::Tls { path: path.into(), what };
    let read = |path: &Path| {
        let length = std::fs::metadata(path).map_err(|e| wrong(path, e.to_string()))?.len();
        if length > FILE_BYTES_MAX {
            return Err(wrong(path, format!("{length} bytes, more than {FILE_BYTES_MAX}")));
        }
        std::fs::read(path).map_err(|e| wrong(path, e.to_string()))
    };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(&files.cert)?)
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(&files.cert, format!("no certificate as PEM: {e}")))?;
    if certificates.is_empty() {
        return Err(wrong(&files.cert, "holds no certificate as PEM".into()));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|e| wrong(&files.key, format!("no private key as PEM: {e}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&files.cert, e.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|e| wrong(&files.cert, format!("does not go with the key {}: {e}", files.key.display())))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
