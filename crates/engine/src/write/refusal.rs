//! Whether an error speaks of what was given, of who else is writing, or of the store: whoever answers over a network tells the first
//! two to the client, and the last to the operator alone.

use crate::error::EngineError;
use athar_labels::LabelError;
use athar_ledger::{LedgerError, StoreLock};
use athar_lists::ListError;
use athar_policy::PolicyError;
use athar_prices::PricesError;
use std::path::Path;

/// What an error of a write speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another process writes to the store.
    Locked,
    /// What was given is not as it should be; nothing of it is stored.
    Input,
    /// What was named is not there.
    Unknown,
    /// The store itself, or the system.
    Store,
}

impl Refusal {
    /// What an error speaks of.
    pub fn of(error: &EngineError) -> Self {
        match error {
            EngineError::Ledger(LedgerError::Locked { .. }) => Self::Locked,
            EngineError::Policy(PolicyError::NoSuch { .. }) | EngineError::Lists(ListError::NoSuch { .. }) => {
                Self::Unknown
            }
            EngineError::Labels(error) => match error {
                LabelError::Io { .. } | LabelError::Corrupt { .. } => Self::Store,
                _ => Self::Input,
            },
            EngineError::Lists(error) => match error {
                ListError::Io { .. } | ListError::Corrupt { .. } => Self::Store,
                _ => Self::Input,
            },
            EngineError::Prices(PricesError::Input { .. })
            | EngineError::Policy(
                PolicyError::Large { .. } | PolicyError::Field { .. } | PolicyError::Refused { .. },
            )
            | EngineError::Output { .. }
            | EngineError::Target { .. } => Self::Input,
            _ => Self::Store,
        }
    }
}

/// That no other process writes to the store in `folder` now; the error says which does.
pub fn check_writable(folder: &Path) -> Result<(), EngineError> {
    StoreLock::take(folder)?;
    Ok(())
}
