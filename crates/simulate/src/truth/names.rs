//! From the world's numbers to the chain's names: addresses and txids.

use crate::{
    blocks::{Keyring, Kind},
    world::{KeyId, KeyInfo, World},
};
use athar_chains::bitcoin::classify;
use athar_types::{Hash32, Network, UnixTime};

/// Looks names up.
pub(super) struct Names<'a> {
    ring: Keyring,
    world: &'a World,
    txids: &'a [Hash32],
}

impl<'a> Names<'a> {
    pub(super) fn new(seed: u64, world: &'a World, txids: &'a [Hash32]) -> Self {
        Self { ring: Keyring::new(seed), world, txids }
    }

    /// The address of a key; empty where its script has none.
    pub(super) fn address(&self, key: KeyId) -> String {
        let KeyInfo { secret, kind, .. } = self.world.keys[key];
        self.address_of_kind(secret, kind)
    }

    /// The address of any key number in a kind of script.
    pub(super) fn address_of_kind(&self, key: u32, kind: Kind) -> String {
        let mut script = Vec::with_capacity(80);
        self.ring.lock(kind, key, 0, &mut script);
        classify(&script).address().map_or_else(String::new, |a| a.to_text(Network::Regtest))
    }

    /// The id of a transaction.
    pub(super) fn txid(&self, tx: u32) -> String {
        self.txids[tx as usize].to_string()
    }

    /// `2018-01-01T00:00:00Z`.
    pub(super) fn time(time: u32) -> String {
        UnixTime(time).to_string()
    }
}
