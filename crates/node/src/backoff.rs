//! How long to wait before trying again: twice as long each time, up to a maximum, and never quite the same, so that
//! many programs do not come back to a restarted node in the same instant.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// The first wait.
const FIRST: Duration = Duration::from_millis(100);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(15);

/// Waits between tries.
#[derive(Debug)]
pub struct Backoff {
    tries: u32,
    random: RandomState,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { tries: 0, random: RandomState::new() }
    }
}

impl Backoff {
    /// The next wait: between half and the whole of 0.1 s, 0.2 s, 0.4 s … 15 s.
    pub fn next_wait(&mut self) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        // the standard library's hash keys are random and differ for each instance: chance enough for jitter
        let chance = (self.random.hash_one(self.tries) >> 32) as u32;
        whole / 2 + (whole / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }

    /// Tries since the last success.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// After a success.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ() {
        let waits = |_| {
            let mut backoff = Backoff::default();
            (0..40).map(|_| backoff.next_wait()).collect::<Vec<_>>()
        };
        let all: Vec<Vec<Duration>> = (0..8).map(waits).collect();
        for waits in &all {
            for (i, wait) in waits.iter().enumerate() {
                let whole = (FIRST * (1 << i.min(10))).min(LONGEST);
                assert!((whole / 2..=whole).contains(wait), "{i}: {wait:?}");
            }
        }
        assert!(all.windows(2).any(|pair| pair[0] != pair[1]));
        let mut backoff = Backoff::default();
        backoff.next_wait();
        backoff.next_wait();
        backoff.reset();
        assert!(backoff.next_wait() <= FIRST);
    }
}
