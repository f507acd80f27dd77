//! The lock against guessing: failures by name and by source, and how long is to be waited.
//!
//! Both are kept as keyed hashes. A name has five tries without a wait and a source twenty; after the last of them, and after each further one, the wait doubles, from 15 seconds
//! to a quarter of an hour. So a guesser has some hundred tries a day at a name, and whoever wants to lock a colleague out gains a quarter of an
//! hour. Names that nobody has are counted like others: the lock does not tell who exists.

use super::LoginError;
use crate::audit::Secret;
use crate::db::Tx;
use crate::{Database, TeamError, params};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

/// Failures without a wait.
const FREE_OF_NAME: i64 = 5;
const FREE_OF_SOURCE: i64 = 20;
/// The first wait, and the longest, in seconds.
const WAIT_FIRST_S: i64 = 15;
const WAIT_MAX_S: i64 = 900;
/// After so long without a failure the count begins anew.
const FORGET_S: i64 = 86_400;
/// Rows of failures.
const ROWS_MAX: i64 = 50_000;
/// How often the table is swept, in seconds.
const SWEEP_S: i64 = 60;

/// Whose failures are counted: the name, and the source where it is known.
#[derive(Debug)]
pub(super) struct Marks {
    name: [u8; 32],
    source: Option<[u8; 32]>,
}

impl Marks {
    fn each(&self) -> impl Iterator<Item = ([u8; 32], i64)> {
        [(Some(self.name), FREE_OF_NAME), (self.source, FREE_OF_SOURCE)]
            .into_iter()
            .filter_map(|(mark, free)| mark.map(|mark| (mark, free)))
    }
}

pub(super) fn marks(secret: &Secret, name: &str, source: Option<IpAddr>) -> Marks {
    Marks { name: name_mark(secret, name), source: source.map(|source| secret.mark("login.source", &network(source))) }
}

pub(crate) fn name_mark(secret: &Secret, name: &str) -> [u8; 32] {
    secret.mark("login.name", name)
}

/// One subscriber: an IPv4 address, or the 64 bits of an IPv6 network, in which everybody has addresses without number.
fn network(source: IpAddr) -> String {
    match source.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}

#[derive(Debug, Default)]
pub(crate) struct Guard {
    swept_s: AtomicI64,
}

impl Guard {
    /// Counts a failure of each mark, which [`succeeded`] takes back; refuses where there is still to be waited.
    pub(super) fn enter(&self, db: &Database, marks: &Marks, now_s: i64) -> Result<(), LoginError> {
        let sweep = now_s >= self.swept_s.load(Ordering::Relaxed).saturating_add(SWEEP_S);
        db.write(|tx| {
            if sweep {
                sweep_in(tx, now_s)?;
            }
            let mut wait_s = 0;
            for (mark, _) in marks.each() {
                if let Some(row) = tx.first("SELECT until_s FROM failures WHERE mark = ?1", params![mark])? {
                    wait_s = wait_s.max(row.int(0)? - now_s);
                }
            }
            if wait_s > 0 {
                // a clock that was set back must not lock anybody out for years
                return Err(LoginError::Locked { wait_s: wait_s.min(WAIT_MAX_S) });
            }
            for (mark, free) in marks.each() {
                let row = tx.one(
                    "INSERT INTO failures (mark, count, last_s, until_s) VALUES (?1, 1, ?2, 0)
                     ON CONFLICT (mark) DO UPDATE SET count = CASE WHEN failures.last_s < ?3 THEN 1 ELSE failures.count + 1 END, last_s = ?2
                     RETURNING count",
                    params![mark, now_s, now_s - FORGET_S],
                )?;
                let wait_s = wait_after(row.int(0)?, free);
                tx.execute("UPDATE failures SET until_s = ?2 WHERE mark = ?1", params![mark, if wait_s > 0 { now_s + wait_s } else { 0 }])?;
            }
            Ok(())
        })?;
        if sweep {
            self.swept_s.store(now_s, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Seconds to wait after so many failures.
fn wait_after(count: i64, free: i64) -> i64 {
    let over = count - free;
    if over < 0 { 0 } else { (WAIT_FIRST_S << over.min(10)).min(WAIT_MAX_S) }
}

/// The password was right: the name's failures are forgotten, and the source has one less, which this login was.
pub(super) fn succeeded(tx: &mut Tx<'_>, marks: &Marks) -> Result<(), TeamError> {
    tx.execute("DELETE FROM failures WHERE mark = ?1", params![marks.name])?;
    marks.source.map_or(Ok(()), |source| take_back(tx, source, FREE_OF_SOURCE))
}

/// The password was not looked at: it was no failure.
pub(super) fn unseen(tx: &mut Tx<'_>, marks: &Marks) -> Result<(), TeamError> {
    marks.each().try_for_each(|(mark, free)| take_back(tx, mark, free))
}

/// One less. Whoever has an account of his own must not lift the wait of his source with it.
fn take_back(tx: &mut Tx<'_>, mark: [u8; 32], free: i64) -> Result<(), TeamError> {
    tx.execute(
        "UPDATE failures SET count = count - 1, until_s = CASE WHEN count - 1 < ?2 THEN 0 ELSE until_s END WHERE mark = ?1",
        params![mark, free],
    )?;
    tx.execute("DELETE FROM failures WHERE mark = ?1 AND count <= 0", params![mark]).map(drop)
}

/// Old rows go, and where there are too many the oldest.
fn sweep_in(tx: &mut Tx<'_>, now_s: i64) -> Result<(), TeamError> {
    tx.execute("DELETE FROM failures WHERE last_s < ?1", params![now_s - FORGET_S])?;
    tx.execute(
        "DELETE FROM failures WHERE last_s <= (SELECT last_s FROM failures ORDER BY last_s DESC LIMIT 1 OFFSET ?1)",
        params![ROWS_MAX],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=14).map(|count| wait_after(count, FREE_OF_NAME)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
        assert_eq!(wait_after(i64::MAX, FREE_OF_NAME), WAIT_MAX_S);
    }

    #[test]
    fn a_subscriber_is_one_source_however_he_writes_his_address() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }
}
