//! What ends a collection. What goes wrong with one URL ends that URL only, see [`Outcome`](crate::Outcome).

use std::io;
use std::path::PathBuf;

/// Why nothing was, or nothing more is, collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line of the list is no URL that can be fetched.
    #[error("{}, line {line}: {what}", path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The proxy's URL is none.
    #[error("proxy: {0}")]
    Proxy(String),
    /// An `.onion` host would be asked without a proxy, which would tell its name to the resolver of the network.
    #[error("{}, line {line}: {host} is an .onion host, and no SOCKS proxy is set (--proxy socks5h://127.0.0.1:9050)", path.display())]
    Onion {
        /// The list.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The host.
        host: String,
    },
}
