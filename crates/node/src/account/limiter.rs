//! A token bucket: so many calls a second and no more, for nodes that count them.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lets calls pass at a rate. Shared by threads.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_second: u32,
    /// When the calls let pass so far will have been paid for by time.
    paid: Mutex<Option<Instant>>,
}

impl Limiter {
    /// `None` is no limit.
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        Self { per_second: per_second.unwrap_or(0), paid: Mutex::new(None) }
    }

    /// Takes `calls` and says how long to wait before sending them. One second's worth may come at once; more than that
    /// is taken on credit, so that a batch larger than the rate is slow and not stuck.
    pub(crate) fn take(&self, calls: usize, now: Instant) -> Duration {
        if self.per_second == 0 {
            return Duration::ZERO;
        }
        let cost = Duration::from_secs_f64(calls as f64 / f64::from(self.per_second));
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let since = paid.map_or(now, |paid| paid.max(now));
        let until = since + cost;
        *paid = Some(until);
        // the bucket holds one second
        (until - now).saturating_sub(Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_any_time_no_more_than_the_rate_and_one_second_passes() {
        let limiter = Limiter::new(Some(10));
        let start = Instant::now();
        let mut now = start;
        let mut calls = 0;
        for n in [1, 9, 5, 30, 1, 1, 2] {
            now += limiter.take(n, now);
            calls += n;
            let allowed = 10.0 * ((now - start).as_secs_f64() + 1.0) + 1e-6;
            assert!(calls as f64 <= allowed, "{calls} > {allowed}");
        }
        // and it is not slower than the rate either
        assert!((now - start).as_secs_f64() < 4.0);
        // a pause is worth one second and no more
        now += Duration::from_secs(100);
        assert_eq!(limiter.take(10, now), Duration::ZERO);
        assert!(limiter.take(10, now) >= Duration::from_millis(900));
        assert_eq!(Limiter::new(None).take(1_000_000, now), Duration::ZERO);
    }
}
