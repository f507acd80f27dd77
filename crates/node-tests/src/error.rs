//! What can go wrong between a test and a node.

use serde_json::Value;
use std::{io, path::PathBuf};

/// An error of the harness. Tests end on it; its text says which call of which step failed.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// A file or a process.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with its path.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// The node ended or stayed silent while it should have become ready.
    #[error("{bitcoind} is not ready after {seconds} s ({why}); the end of its log:\n{log}", bitcoind = bitcoind.display())]
    NotReady {
        /// The program.
        bitcoind: PathBuf,
        /// How long was waited.
        seconds: u64,
        /// What was seen last.
        why: String,
        /// The last lines of its `debug.log` and of its stderr.
        log: String,
    },
    /// No answer to a call.
    #[error("{method}: {source}")]
    Transport {
        /// The method called.
        method: String,
        /// The cause.
        source: Box<ureq::Error>,
    },
    /// The node's own error answer.
    #[error("{method}: the node says {code}: {message}")]
    Refused {
        /// The method called.
        method: String,
        /// Bitcoin Core's error code, or the HTTP status where the answer was no JSON-RPC.
        code: i64,
        /// The node's words.
        message: String,
    },
    /// An answer of a form that the harness does not know.
    #[error("{what} is not in the answer {answer}")]
    Shape {
        /// What was looked for.
        what: String,
        /// The beginning of what came.
        answer: String,
    },
    /// The node is too old, or an answer contradicts what the world needs.
    #[error("{0}")]
    World(String),
}

impl HarnessError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn shape(what: impl Into<String>, answer: &Value) -> Self {
        let mut answer = answer.to_string();
        // the beginning shows which answer it is; a whole block would bury it
        if let Some((at, _)) = answer.char_indices().nth(400) {
            answer.truncate(at);
        }
        Self::Shape { what: what.into(), answer }
    }
}
