//! Why the service cannot run.

use athar_engine::EngineError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error before the first request, or of the file of keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The store cannot be opened.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The desk cannot be opened.
    #[error(transparent)]
    Desk(#[from] athar_desk::DeskError),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Without keys only programs of this machine may be let in.
    #[error("--no-keys on {listen}: without keys the service listens on a loopback address only, such as 127.0.0.1")]
    OpenToAll {
        /// The address.
        listen: SocketAddr,
    },
    /// There is nobody who could be let in.
    #[error("nobody could be let in: there is no user, and {} holds no key that is in force\nhint: `athar users add NAME --role admin` makes the first administrator, who logs in with a browser; `athar serve keys add --name NAME --scope read,screen` makes a key for a program; --no-keys lets everybody at this machine in", path.display())]
    NoKeys {
        /// The file of keys.
        path: PathBuf,
    },
    /// The file of keys cannot be used.
    #[error("keys {}: {what}", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Certificate or key cannot be used.
    #[error("TLS: {}: {what}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The database of users and cases cannot be opened.
    #[error(transparent)]
    Team(#[from] athar_team::TeamError),
    /// The provider of logins cannot be used.
    #[error("--oidc-issuer: {0}")]
    Oidc(String),
    /// The system gives no random numbers.
    #[error("no random numbers from the system: {0}")]
    Random(String),
    /// The operating system refused an operation.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}
