//! The URL of a PostgreSQL database: what we take from it, whether the connection is encrypted, and how it is shown.
//!
//! `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=verify-full&sslrootcert=FILE&password_file=FILE&pool=16`
//!
//! * `sslmode`: `disable` speaks in clear; `require`, `verify-ca` and `verify-full` all encrypt **and** check the server's certificate and name. There is
//!   no mode that encrypts and checks nothing: it only looks safe. Without `sslmode` a server on this machine is spoken to in
//!   clear and any other one encrypted.
//! * `sslrootcert`: the certificates (PEM) that the server's may come from, instead of Mozilla's list.
//! * `password_file`: the password is the first line of this file, so that it stands in no list of processes.

use crate::TeamError;
use percent_encoding::percent_decode_str;
use postgres::config::{Host, SslMode};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections that are open at once, where the URL does not say.
const POOL: usize = 16;
const POOL_MAX: usize = 200;

/// How a server is reached.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: postgres::Config,
    pub(super) tls: Option<MakeRustlsConnect>,
    pub(super) pool: usize,
    /// Without the password.
    pub(super) shown: String,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way").field("shown", &self.shown).finish_non_exhaustive()
    }
}

/// Whether a text names a PostgreSQL database.
pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

impl FromStr for Way {
    type Err = TeamError;

    fn from_str(text: &str) -> Result<Self, TeamError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut password_file, mut pool, mut rest) = (None, None, None, POOL, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8().map_err(|_| bad(format!("{key} is not UTF-8")))?;
            match key {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => roots = Some(value.into_owned()),
                "password_file" => password_file = Some(value.into_owned()),
                "pool" => {
                    let read = value.parse().ok().filter(|pool| (2..=POOL_MAX).contains(pool));
                    pool = read.ok_or_else(|| bad(format!("pool is a number from 2 to {POOL_MAX}")))?;
                }
                _ => rest.push(pair),
            }
        }
        let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        // the library's words name the option, never its value; still only that there is something wrong is told
        let mut config = postgres::Config::from_str(&plain).map_err(|_| {
            bad("its form is postgres://USER:PASSWORD@HOST:PORT/NAME, where special characters are written as %XX")
        })?;
        if config.get_hosts().is_empty() {
            return Err(bad("it names no host"));
        }
        if let Some(path) = password_file {
            let text = std::fs::read_to_string(&path).map_err(|source| TeamError::Io { path: path.into(), source })?;
            config.password(text.lines().next().unwrap_or_default());
        }
        let local = config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        });
        let encrypted = match mode.as_deref() {
            None => !local,
            Some("disable") => false,
            Some("require" | "verify-ca" | "verify-full") => true,
            Some(_) => return Err(bad("sslmode is disable, require, verify-ca or verify-full")),
        };
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(Duration::from_secs(5)).keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(40)).application_name("athar");
        let tls = encrypted.then(|| tls(roots.as_deref())).transpose()?;
        let shown = shown(&config);
        Ok(Self { config, tls, pool, shown })
    }
}

fn bad(what: impl Into<String>) -> TeamError {
    TeamError::Url { what: what.into() }
}

fn tls(roots: Option<&str>) -> Result<MakeRustlsConnect, TeamError> {
    let mut store = RootCertStore::empty();
    match roots {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let certificates = certificates.map_err(|error| bad(format!("sslrootcert {path}: {error}")))?;
            for certificate in certificates {
                store.add(certificate).map_err(|error| bad(format!("sslrootcert {path}: {error}")))?;
            }
            if store.is_empty() {
                return Err(bad(format!("sslrootcert {path} holds no certificate")));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| bad(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(store).with_no_client_auth()))
}

fn shown(config: &postgres::Config) -> String {
    let user = config.get_user().map_or(String::new(), |user| format!("{user}@"));
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    let port = config.get_ports().first().map_or(String::new(), |port| format!(":{port}"));
    format!("postgres://{user}{host}{port}/{}", config.get_dbname().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_never_holds_the_password() {
        let way: Way = "postgres://ann:s3cret@127.0.0.1:5433/desk?pool=3".parse().unwrap();
        assert_eq!(way.shown, "postgres://ann@127.0.0.1:5433/desk");
        assert!(!format!("{way:?}").contains("s3cret") && way.pool == 3 && way.tls.is_none());
        for text in [
            "postgres://ann:s3cret@h:port/desk",
            "postgres://ann:s3cret@h/d?sslmode=maybe",
            "postgres://ann:s3cret@h/d?pool=0",
            "postgres://ann:s3cret@h/d?s3cret=s3cret",
        ] {
            let error = text.parse::<Way>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn another_machine_is_spoken_to_encrypted_unless_the_url_says_otherwise() {
        let encrypted = |text: &str| text.parse::<Way>().unwrap().tls.is_some();
        assert!(encrypted("postgres://a@db.example/x") && encrypted("postgres://a@localhost/x?sslmode=require"));
        assert!(!encrypted("postgres://a@localhost/x") && !encrypted("postgres://a@[::1]/x"));
        assert!(!encrypted("postgres://a@db.example/x?sslmode=disable") && !encrypted("postgres://a@%2Frun%2Fpg/x"));
        assert!("postgres://a@h/x?sslmode=prefer".parse::<Way>().is_err());
        assert!("postgres://a@h/x?sslrootcert=/nowhere".parse::<Way>().is_err());
    }
}
