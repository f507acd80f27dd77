//! When a delivery that failed is tried again: 10 s, doubled each time, at most six hours; a part of it is left to chance,
//! so that many that failed together do not come back together. The chance is drawn from the event's id: the same event has
//! the same times wherever it is computed.

/// Attempts after which a delivery is dead.
pub const ATTEMPTS_MAX: u32 = 14;
/// Seconds after the first failure.
const BASE_SECONDS: u64 = 10;
/// Longest wait.
const WAIT_SECONDS_MAX: u64 = 6 * 3600;

/// Seconds to wait after attempt `attempt` (the first is 1) has failed: half of the time is fixed, up to half is by chance.
pub fn delay_seconds(event: &str, attempt: u32) -> i64 {
    let doubled = BASE_SECONDS.checked_shl(attempt.saturating_sub(1).min(32)).unwrap_or(WAIT_SECONDS_MAX);
    let whole = doubled.min(WAIT_SECONDS_MAX);
    let hash = blake3::hash(format!("{event} {attempt}").as_bytes());
    let mut chance = [0; 8];
    chance.copy_from_slice(&hash.as_bytes()[..8]);
    let half = whole / 2;
    (whole - half + u64::from_le_bytes(chance) % (half + 1)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn waits_double_up_to_six_hours_and_scatter() {
        for attempt in 1..=ATTEMPTS_MAX {
            let whole = (10_i64 << (attempt - 1)).min(21_600);
            let waits: Vec<i64> = (0..200).map(|event| delay_seconds(&format!("evt_{event}"), attempt)).collect();
            assert!(waits.iter().all(|w| (whole - whole / 2..=whole).contains(w)), "{attempt}: {waits:?}");
            assert!(waits.iter().collect::<BTreeSet<_>>().len() > 4, "{attempt}");
        }
        assert_eq!(delay_seconds("evt_1", 3), delay_seconds("evt_1", 3));
        assert!(delay_seconds("evt_1", u32::MAX) <= 21_600);
        // all attempts together: less than a day, more than six hours
        let all: i64 = (1..ATTEMPTS_MAX).map(|attempt| delay_seconds("evt_1", attempt)).sum();
        assert!((6 * 3600..24 * 3600).contains(&all), "{all}");
    }
}
