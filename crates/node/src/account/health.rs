//! What is known of an endpoint's health: good, resting after a failure, or put aside for good with the reason.

use super::error::EvmError;
use crate::backoff::Backoff;
use std::time::{Duration, Instant};

/// Answers that cannot be true before an endpoint is put aside. One alone can be a reorganisation in the middle of an
/// answer.
const LIES_MAX: u32 = 3;
/// Right answers in a row after which a lie is forgotten.
const FORGIVEN_AFTER: u32 = 1_000;
/// Longest wait that an endpoint's Retry-After is followed for.
const REST_MAX: Duration = Duration::from_secs(60);

/// State of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Health {
    backoff: Backoff,
    /// Not to be asked before.
    pub(crate) rests_until: Option<Instant>,
    lies: u32,
    /// Right answers since the last failure.
    right: u32,
    /// Why it is asked nothing more.
    pub(crate) aside: Option<EvmError>,
    /// What went wrong last, also where it answers again.
    pub(crate) last: Option<EvmError>,
}

impl Health {
    /// After a right answer.
    pub(crate) fn good(&mut self) {
        self.backoff.reset();
        self.rests_until = None;
        self.right += 1;
        if self.right >= FORGIVEN_AFTER {
            self.right = 0;
            self.lies = self.lies.saturating_sub(1);
        }
    }

    /// After a failure.
    pub(crate) fn failed(&mut self, error: EvmError, now: Instant) {
        self.right = 0;
        if error.is_lie() {
            self.lies += 1;
        }
        if error.is_final() || self.lies >= LIES_MAX {
            self.aside = Some(error);
            return;
        }
        let wait = match &error {
            EvmError::RateLimited { after_seconds: Some(seconds), .. } => Duration::from_secs(*seconds).min(REST_MAX),
            _ => self.backoff.next_wait(),
        };
        self.rests_until = Some(now + wait);
        self.last = Some(error);
    }

    /// Why it is not asked, in words; `None` where it can be.
    pub(crate) fn reason(&self) -> Option<&EvmError> {
        self.aside.as_ref().or(self.last.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_rest_lies_put_aside() {
        let now = Instant::now();
        let mut health = Health::default();
        let trouble = || EvmError::Trouble { url: "u".into(), status: 500, message: String::new() };
        for _ in 0..20 {
            health.failed(trouble(), now);
        }
        assert!(health.aside.is_none() && health.rests_until > Some(now));
        health.failed(EvmError::RateLimited { url: "u".into(), after_seconds: Some(7), message: String::new() }, now);
        assert_eq!(health.rests_until, Some(now + Duration::from_secs(7)));
        health.failed(
            EvmError::RateLimited { url: "u".into(), after_seconds: Some(u64::MAX), message: String::new() },
            now,
        );
        assert_eq!(health.rests_until, Some(now + REST_MAX));
        let lie = || EvmError::Block { url: "u".into(), number: 1, what: String::new() };
        health.failed(lie(), now);
        health.failed(lie(), now);
        // one that answers rightly for long is believed again
        for _ in 0..FORGIVEN_AFTER {
            health.good();
        }
        health.failed(lie(), now);
        assert!(health.aside.is_none());
        // and one that lies now and then is not
        health.good();
        health.failed(lie(), now);
        assert!(health.aside.is_some());
        let mut other = Health::default();
        other.failed(EvmError::OtherChain { url: "u".into(), found: 2, expected: 1 }, now);
        assert!(other.aside.is_some());
    }
}
