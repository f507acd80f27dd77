//! The troubles of one document, of which a broken one may have millions: the first are told one by one, the rest as a number.

use crate::{Sink, Trouble, TroubleKind};

/// Troubles that are told one by one.
const TOLD_MAX: u64 = 1_000;

/// Counts what is told.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    count: u64,
}

impl Troubles {
    /// Tells a trouble.
    pub(crate) fn tell(&mut self, sink: &mut dyn Sink, trouble: Trouble) {
        self.count += 1;
        if self.count <= TOLD_MAX {
            sink.trouble(trouble);
        }
    }

    /// Tells how many were not told.
    pub(crate) fn close(self, sink: &mut dyn Sink) {
        if let Some(more) = self.count.checked_sub(TOLD_MAX).filter(|more| *more > 0) {
            sink.trouble(Trouble {
                kind: TroubleKind::Malformed,
                offset: None,
                words: format!("{more} more such places"),
            });
        }
    }
}
