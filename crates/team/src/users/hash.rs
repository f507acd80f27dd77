//! Hashes of passwords: argon2id, a few at a time.
//!
//! One hashing takes 64 MiB and some tenths of a second, on purpose. As many run at once as there are processors, four at most; a few more wait; who comes
//! then is told that the service is busy. So a flood of logins costs neither memory nor the rest of the service.

use super::password::spelled;
use crate::{TeamError, random};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Condvar, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Memory of a hash that is read: more is damage, or an attack by a backup.
const MEMORY_KIB_MAX: u32 = 1 << 20;
/// Logins that wait for a free place.
const WAITING_MAX: usize = 64;

/// How costly a hash is. A stored hash that cost less is made again at the next login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for HashCost {
    /// The second recommendation of RFC 9106, on one lane: 64 MiB, three passes.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3 }
    }
}

/// Hashes and checks, a bounded number at once.
#[derive(Debug)]
pub(crate) struct Hasher {
    cost: HashCost,
    most: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    waiting: usize,
}

/// What a check of a password gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It is the one; a new hash where the stored one cost less than is wanted now.
    Right(Option<String>),
    Wrong,
}

impl Hasher {
    pub(crate) fn new(cost: HashCost) -> Self {
        let most = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(1, 4));
        Self { cost, most, state: Mutex::default(), freed: Condvar::new() }
    }

    /// The hash of a password, as text (PHC).
    pub(crate) fn hash(&self, password: &str) -> Result<String, TeamError> {
        let salt: [u8; 16] = random::bytes()?;
        let password = Zeroizing::new(spelled(password));
        self.one_of_few(|| {
            let made = argon2(self.cost)?.hash_password_with_salt(password.as_bytes(), &salt);
            made.map(|hash: PasswordHash| hash.to_string()).map_err(|error| failed(&error))
        })
    }

    /// Whether a password is the one of a stored hash. Without one (an unknown name, a user without password) the same work is done for
    /// nothing, so that the time does not tell.
    pub(crate) fn check(&self, password: &str, stored: Option<&str>) -> Result<Checked, TeamError> {
        let Some(stored) = stored else { return self.hash(password).map(|_| Checked::Wrong) };
        let damaged = || TeamError::Damaged {
            database: "the team's database".into(),
            what: "the hash of a password cannot be read".into(),
        };
        let parsed = PasswordHash::new(stored).map_err(|_| damaged())?;
        let params = Params::try_from(&parsed).map_err(|_| damaged())?;
        if params.m_cost() > MEMORY_KIB_MAX {
            return Err(damaged());
        }
        let spelled = Zeroizing::new(spelled(password));
        let right = self.one_of_few(|| match argon2(self.cost)?.verify_password(spelled.as_bytes(), &parsed) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(failed(&error)),
        })?;
        if !right {
            return Ok(Checked::Wrong);
        }
        let cheap = params.m_cost() < self.cost.memory_kib || params.t_cost() < self.cost.passes;
        Ok(Checked::Right(cheap.then(|| self.hash(password)).transpose()?))
    }

    fn one_of_few<T>(&self, work: impl FnOnce() -> Result<T, TeamError>) -> Result<T, TeamError> {
        let mut state = athar_vault::held(&self.state);
        if state.running >= self.most {
            if state.waiting >= WAITING_MAX {
                return Err(TeamError::TooMany { what: "logins at once", most: (WAITING_MAX + self.most) as u64 });
            }
            state.waiting += 1;
            while state.running >= self.most {
                state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting -= 1;
        }
        state.running += 1;
        drop(state);
        let _free = Free(self);
        work()
    }
}

/// Gives the place back, also after a panic.
struct Free<'a>(&'a Hasher);

impl Drop for Free<'_> {
    fn drop(&mut self) {
        athar_vault::held(&self.0.state).running -= 1;
        self.0.freed.notify_one();
    }
}

fn argon2(cost: HashCost) -> Result<Argon2<'static>, TeamError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None);
    params.map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params)).map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> TeamError {
    TeamError::Refused { why: format!("a password cannot be hashed: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let hasher = Hasher::new(CHEAP);
        let hash = hasher.hash("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert_eq!(hasher.check("correct horse battery", Some(&hash)).unwrap(), Checked::Right(None));
        // the same text, typed with other code points
        assert_eq!(hasher.check("ｃorrect horse battery", Some(&hash)).unwrap(), Checked::Right(None));
        assert_eq!(hasher.check("correct horse batterx", Some(&hash)).unwrap(), Checked::Wrong);
        assert_eq!(hasher.check("correct horse battery", None).unwrap(), Checked::Wrong);
        assert!(
            hasher.check("x", Some("$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aaaaaaaaaaaaaaaaaaaaaa")).is_err()
        );
        assert!(hasher.check("x", Some("nonsense")).is_err());
    }

    #[test]
    fn a_hash_that_cost_less_is_made_again() {
        let hash = Hasher::new(CHEAP).hash("correct horse battery").unwrap();
        let dearer = Hasher::new(HashCost { memory_kib: 128, passes: 2 });
        let Checked::Right(Some(new)) = dearer.check("correct horse battery", Some(&hash)).unwrap() else { panic!() };
        assert!(new.contains("m=128,t=2"));
        assert_eq!(dearer.check("correct horse battery", Some(&new)).unwrap(), Checked::Right(None));
    }

    #[test]
    fn a_flood_of_logins_is_told_that_it_is_one() {
        let hasher = Hasher { most: 1, ..Hasher::new(HashCost { memory_kib: 16 * 1024, passes: 2 }) };
        let refused = std::thread::scope(|scope| {
            let all: Vec<_> = (0..200).map(|_| scope.spawn(|| hasher.hash("correct horse battery").is_err())).collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|refused| *refused).count()
        });
        assert!(refused > 0 && refused < 200, "{refused}");
        hasher.hash("correct horse battery").unwrap();
    }
}
