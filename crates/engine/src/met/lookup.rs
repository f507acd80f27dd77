//! What a walk asks about addresses, each looked up once: whose it is, what it is labelled as, whether money stops there.

use crate::Engine;
use athar_ledger::{Ledger, TxFlags};
use athar_trace::{Labels, Owners, StopReason, Stops};
use athar_types::{AddressId, Chain, OutputNum, TxNum};
use std::cell::Cell;

/// Addresses remembered, as a power of two: a walk asks several times about one address in a row, and again a little later.
const MEMO_BITS: u32 = 10;
/// Nothing is known of the address.
const NOTHING: u32 = u32::MAX;
/// The address is the subject's own.
const OWN: u32 = u32::MAX - 1;
/// From here on: a service that no label names, by the number of the rule that recognises it.
const INFERRED: u32 = 1 << 30;

/// The engine's knowledge, for one walk.
pub(super) struct Lookup<'a> {
    engine: &'a Engine,
    ledger: &'a Ledger,
    own: Option<AddressId>,
    /// Whether transactions of this chain can cross the border of a hidden pool.
    has_pools: bool,
    /// Address and what is known of it: [`OWN`], [`NOTHING`], its labelled subject, or [`INFERRED`] and a rule.
    memo: Box<[Cell<(u32, u32)>]>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(engine: &'a Engine, ledger: &'a Ledger, own: Option<AddressId>) -> Self {
        let memo = vec![Cell::new((AddressId::NONE, NOTHING)); 1 << MEMO_BITS].into();
        let has_pools = matches!(ledger.chain(), Chain::Litecoin | Chain::Zcash);
        Self { engine, ledger, own, has_pools, memo }
    }

    #[inline]
    fn of(&self, address: AddressId) -> u32 {
        let slot = &self.memo[(address.0.wrapping_mul(0x9e37_79b1) >> (32 - MEMO_BITS)) as usize];
        let (known, found) = slot.get();
        if known == address.0 {
            return found;
        }
        let root = self.engine.root_of(address);
        let found = if self.own == Some(root) {
            OWN
        } else {
            let rule = || self.engine.inferred_rule(address).map(|rule| INFERRED + rule);
            self.engine.known.subject(address, root).or_else(rule).unwrap_or(NOTHING)
        };
        slot.set((address.0, found));
        found
    }

    fn subject(&self, address: AddressId) -> Option<u32> {
        Some(self.of(address)).filter(|found| *found < INFERRED)
    }

    /// The label that is met at an address, or that a stop alone knows.
    pub(super) fn label(&self, address: Option<AddressId>, stop: Option<StopReason>) -> Option<u32> {
        address.and_then(|a| self.subject(a)).or(match stop {
            Some(StopReason::Service { label }) => Some(label),
            _ => None,
        })
    }
}

impl Owners for Lookup<'_> {
    #[inline]
    fn is_own(&self, address: AddressId) -> bool {
        self.own.is_some() && self.of(address) == OWN
    }
}

impl Stops for Lookup<'_> {
    #[inline]
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        match self.of(address?) {
            label @ ..INFERRED => self.engine.known.is_service(label).then_some(StopReason::Service { label }),
            NOTHING | OWN => None,
            inferred => Some(StopReason::InferredService { rule: inferred - INFERRED }),
        }
    }

    #[inline]
    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        // as a trace has it (`read/trace.rs`)
        if self.has_pools {
            let flags = self.ledger.tx_flags(tx);
            let crosses = flags.has(TxFlags::HOGEX) || flags.has(TxFlags::SHIELDED);
            if crosses && !flags.has(TxFlags::COINBASE) {
                return Some(StopReason::Pool);
            }
        }
        self.engine.coinjoin_kind(tx).map(|_| StopReason::CoinJoin { anonymity_set: 0 })
    }
}

impl Labels for Lookup<'_> {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        self.subject(address)
    }
}
