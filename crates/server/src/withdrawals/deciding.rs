//! What decisions need of the service beside the store: what became of the store on disk, and the journal.

use crate::generation::held;
use athar_desk::{DecisionJournal, DeskError};
use athar_engine::read::StoreState;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Deciding {
    state: Mutex<StoreState>,
    journal: Mutex<Option<Arc<DecisionJournal>>>,
}

impl Deciding {
    /// Notes that the newest state of the store is open, or why it is not.
    pub(crate) fn note(&self, trouble: Option<&str>) {
        // the cause speaks of files: it is for the log, which has it
        *held(&self.state) = match trouble {
            None => StoreState::Current,
            Some(_) => StoreState::Older("the operator finds the cause in the log".into()),
        };
    }

    /// What became of the store in `folder`.
    pub(crate) fn state(&self, folder: &Path) -> StoreState {
        if !folder.join("MANIFEST.json").exists() {
            return StoreState::Missing("it has no manifest".into());
        }
        held(&self.state).clone()
    }

    /// The journal of the store in `folder`, opened at the first decision. One that cannot be opened is tried again at the next.
    pub(crate) fn journal(&self, folder: &Path) -> Result<Arc<DecisionJournal>, DeskError> {
        let mut journal = held(&self.journal);
        if let Some(journal) = &*journal {
            return Ok(Arc::clone(journal));
        }
        let opened = Arc::new(DecisionJournal::open(folder)?);
        *journal = Some(Arc::clone(&opened));
        Ok(opened)
    }
}
