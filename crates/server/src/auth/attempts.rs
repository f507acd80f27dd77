//! How often logins may be tried from one network.
//!
//! An account locks by itself after wrong passwords (that is the database's part, and holds over all servers). This holds up who
//! tries one password on many names, and bounds what a stranger can have the service compute: a login costs tens of milliseconds
//! by intent.

use crate::generation::held;
use crate::problem::{Problem, codes};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
/// Networks that are remembered; where more come, those with nothing left to remember are forgotten.
const NETWORKS_MAX: usize = 10_000;

/// The attempts of every network.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Instant>>);

impl Attempts {
    /// Counts an attempt of a network that may make `per_minute`, so many at once. What is kept of it is the moment at which all its
    /// attempts are paid back.
    pub(crate) fn count(&self, network: IpAddr, per_minute: u32, now: Instant) -> Result<(), Problem> {
        let (refill, burst) = (MINUTE / per_minute.max(1), MINUTE);
        let mut paid_back = held(&self.0);
        if paid_back.len() >= NETWORKS_MAX && !paid_back.contains_key(&network) {
            paid_back.retain(|_, at| *at > now);
            if paid_back.len() >= NETWORKS_MAX {
                return Err(refused(refill));
            }
        }
        let at = paid_back.entry(network).or_insert(now);
        let next = (*at).max(now) + refill;
        let owed = next.saturating_duration_since(now);
        if owed > burst {
            return Err(refused(owed.saturating_sub(burst)));
        }
        *at = next;
        Ok(())
    }

    /// Pays an attempt back that was a right one: many people may sit behind one address.
    pub(crate) fn pay_back(&self, network: IpAddr, per_minute: u32, now: Instant) {
        if let Some(at) = held(&self.0).get_mut(&network) {
            *at = at.checked_sub(MINUTE / per_minute.max(1)).unwrap_or(now);
        }
    }
}

fn refused(wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    Problem::new(codes::RATE_LIMITED, "too many logins were tried from this network").retry(seconds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    const RATE: u32 = 10;
    const REFILL: Duration = Duration::from_secs(6);

    #[test]
    fn a_network_has_so_many_attempts_and_one_more_now_and_then() {
        let (attempts, begin) = (Attempts::default(), Instant::now());
        let ip: IpAddr = "1.2.3.4".parse().unwrap();
        let count = |now| attempts.count(ip, RATE, now);
        for n in 0..RATE {
            assert!(count(begin).is_ok(), "{n}");
        }
        let refused = count(begin).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (codes::RATE_LIMITED, Some(7)));
        assert!(attempts.count("1.2.3.5".parse().unwrap(), RATE, begin).is_ok());
        assert!(count(begin + REFILL).is_ok() && count(begin + REFILL).is_err());
        // a right one does not count
        attempts.pay_back(ip, RATE, begin + REFILL);
        assert!(count(begin + REFILL).is_ok() && count(begin + REFILL).is_err());
        // a long silence saves up no more than a minute's
        let later = begin + Duration::from_secs(86_400);
        assert_eq!((0..100).filter(|_| count(later).is_ok()).count() as u32, RATE);
    }

    #[test]
    fn a_flood_of_networks_is_bounded_and_those_that_owe_nothing_are_forgotten() {
        let (attempts, begin) = (Attempts::default(), Instant::now());
        let count = |n: usize, now| attempts.count(IpAddr::from(std::net::Ipv4Addr::from_bits(n as u32)), RATE, now);
        for n in 0..NETWORKS_MAX {
            assert!(count(n, begin).is_ok());
        }
        assert!(count(NETWORKS_MAX, begin).is_err());
        assert!(count(NETWORKS_MAX, begin + REFILL).is_ok());
        assert!(held(&attempts.0).len() < NETWORKS_MAX);
    }
}
