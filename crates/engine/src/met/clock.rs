//! The clock of an answer that may not take longer than asked.
//!
//! The time is parted beforehand, so that one part that takes long leaves some for the others: a quarter for gathering the
//! subject's outputs, then half of what is left for where the money came from, then where it went, and a tenth at the end
//! for putting the answer together. The limit holds for following money; a single step that is under way is brought to its
//! end, so that an answer can be late by what one takes.

use athar_trace::Flow;
use std::time::{Duration, Instant};

/// Outputs of the subject that are followed for each millisecond of the limit: each takes about half a microsecond in each
/// direction before the first step is made, and no clock is looked at meanwhile.
const SOURCES_PER_MS: usize = 500;

/// When an answer was asked for, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    limit: Duration,
}

impl Clock {
    /// Starts it.
    pub(crate) fn start(limit_ms: u32) -> Self {
        Self { began: Instant::now(), limit: Duration::from_millis(limit_ms.into()) }
    }

    /// How many outputs of the subject may be gathered.
    pub(crate) fn sources_max(&self) -> usize {
        (self.limit.as_millis() as usize).saturating_mul(SOURCES_PER_MS)
    }

    /// Whether no more of them should be gathered.
    pub(crate) fn gathered_enough(&self) -> bool {
        self.began.elapsed() >= self.limit / 4
    }

    /// When the walk that begins now has to end.
    pub(crate) fn walked_enough(&self, flow: Flow) -> Instant {
        let end = self.began + self.limit / 10 * 9;
        match flow {
            Flow::Received => {
                let now = Instant::now();
                now + end.saturating_duration_since(now) / 2
            }
            Flow::Sent => end,
        }
    }

    /// Whether nothing should be begun any more.
    pub(crate) fn is_over(&self) -> bool {
        self.began.elapsed() >= self.limit / 10 * 9
    }
}
