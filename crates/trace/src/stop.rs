//! What the caller knows and the graph does not: services, owners, labels.

use athar_types::{AddressId, OutputNum, TxNum};
use serde::{Deserialize, Serialize};

/// Why a trace does not go past a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// A labelled service that pools the money of many customers: past it, the trace would follow other people's money.
    Service {
        /// The caller's key of the label.
        label: u32,
    },
    /// A service that no label names, recognised by a rule.
    InferredService {
        /// The caller's key of the rule or of what it found.
        rule: u32,
    },
    /// The border of a hidden pool (Litecoin's extension block, Zcash's shielded pools): what goes in and what comes out
    /// are public, who has what in between is not.
    Pool,
    /// A collaborative transaction.
    CoinJoin {
        /// Number of outputs that an observer cannot tell apart; 0 where it is not known.
        anonymity_set: u32,
    },
}

/// Where a trace stops. Addresses of the subject itself ([`Owners::is_own`]) are never asked about.
pub trait Stops {
    /// Whether taint that reaches this output goes no further. Forward that is an output that pays a service, backward
    /// one that a service spent. Asked once for each output that a transaction of the trace carries taint to; sources
    /// are always followed, unless they are [`crate::Sources::reached`].
    fn stop(&self, output: OutputNum, address: Option<AddressId>) -> Option<StopReason>;

    /// Whether taint does not pass through this transaction: it stops on the outputs that would enter it. Asked once
    /// for each transaction, for sources as well.
    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        let _ = tx;
        None
    }
}

/// Who owns what, for counting hops: a hop is one transaction that carries value from one owner to another.
pub trait Owners {
    /// Whether the address belongs to the subject of the question.
    fn is_own(&self, address: AddressId) -> bool;

    /// Whether value moved from `a` to `b` stays with one owner, so that no hop is counted. By default only inside the
    /// subject's own addresses; an implementation may answer for every entity.
    fn same_owner(&self, a: AddressId, b: AddressId) -> bool {
        self.is_own(a) && self.is_own(b)
    }
}

/// The labels of addresses.
pub trait Labels {
    /// The caller's key of the label that an address carries. Addresses of one actor should give one key: exposure is
    /// summed by key.
    fn label_of(&self, address: AddressId) -> Option<u32>;

    /// The groups that a label belongs to (its categories): exposure is summed by group beside that by label, so that a
    /// satoshi that met two labels of one group counts once for it. Keys of groups and of labels are apart; both are below
    /// 2^31.
    fn groups_of(&self, label: u32) -> &[u32] {
        let _ = label;
        &[]
    }
}

/// Stops nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStops;

impl Stops for NoStops {
    #[inline]
    fn stop(&self, _: OutputNum, _: Option<AddressId>) -> Option<StopReason> {
        None
    }
}

/// Nobody owns anything: every transaction is a hop.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOwners;

impl Owners for NoOwners {
    #[inline]
    fn is_own(&self, _: AddressId) -> bool {
        false
    }
}

/// No address has a label.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLabels;

impl Labels for NoLabels {
    fn label_of(&self, _: AddressId) -> Option<u32> {
        None
    }
}

impl<T: Stops + ?Sized> Stops for &T {
    fn stop(&self, output: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        (**self).stop(output, address)
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        (**self).stop_tx(tx)
    }
}

impl<T: Owners + ?Sized> Owners for &T {
    fn is_own(&self, address: AddressId) -> bool {
        (**self).is_own(address)
    }

    fn same_owner(&self, a: AddressId, b: AddressId) -> bool {
        (**self).same_owner(a, b)
    }
}

impl<T: Labels + ?Sized> Labels for &T {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        (**self).label_of(address)
    }

    fn groups_of(&self, label: u32) -> &[u32] {
        (**self).groups_of(label)
    }
}
