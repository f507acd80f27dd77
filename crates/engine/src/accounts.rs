//! Uses of deposit addresses, remembered: finding one looks at every output that pays the address, up to 500, and the
//! transactions around each; and the addresses with many are those that are asked about again.

use athar_entities::Deposits;
use athar_types::AddressId;
use rustc_hash::FxHashMap;
use std::sync::{Mutex, PoisonError};

/// Addresses that fewer outputs pay are looked at again: that is as quick.
pub(crate) const OUTPUTS_MIN: u64 = 6;
/// Parts of the memory, each with a lock of its own.
const SHARDS: usize = 16;
/// Addresses that a part remembers; then it begins anew. At about 100 bytes each, all parts hold seven megabytes.
const SHARD_MAX: usize = 4_096;

/// What was found of addresses; `None` is "no deposit address".
#[derive(Debug, Default)]
pub(crate) struct Accounts([Mutex<FxHashMap<u32, Option<Deposits>>>; SHARDS]);

impl Accounts {
    /// What is known of an address, or what `find` says. An opened store never changes, so that it stays true.
    pub(crate) fn get(&self, address: AddressId, find: impl FnOnce() -> Option<Deposits>) -> Option<Deposits> {
        // nothing is left half done under a lock
        let shard = || self.0[address.0 as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shard().get(&address.0) {
            return known.clone();
        }
        let found = find();
        let mut shard = shard();
        if shard.len() >= SHARD_MAX {
            shard.clear();
        }
        shard.insert(address.0, found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_not_looked_for_again_until_room_is_made() {
        let accounts = Accounts::default();
        let found = Deposits { receipts: 7, sweeps: Vec::new() };
        let get = |address, found: Option<Deposits>| {
            let mut asked = false;
            let got = accounts.get(AddressId(address), || {
                asked = true;
                found
            });
            (got, asked)
        };
        assert_eq!(get(1, Some(found.clone())), (Some(found.clone()), true));
        assert_eq!(get(1, None), (Some(found), false));
        assert_eq!((get(2, None), get(2, None)), ((None, true), (None, false)));
        for other in 0..(SHARD_MAX * SHARDS) as u32 {
            get(other + 16, None);
        }
        assert!(accounts.0.iter().all(|shard| shard.lock().unwrap().len() <= SHARD_MAX));
    }
}
