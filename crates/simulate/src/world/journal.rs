//! What the campaigns received and spent, noted as it happens, so that the truth is not a second telling of the story.

use super::{ActorId, Coin, KeyId, Taint};

/// An output to a watched key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receipt {
    /// Number of the transaction.
    pub(crate) tx: u32,
    /// Its output.
    pub(crate) vout: u16,
    /// The key.
    pub(crate) key: KeyId,
    /// In satoshi.
    pub(crate) value: u64,
    /// The block's time.
    pub(crate) time: u32,
    /// US cents a bitcoin cost on that day.
    pub(crate) price: u64,
    /// Who sent it: the owner of the first input.
    pub(crate) sender: ActorId,
    /// Whether the sender's wallet was made for this payment.
    pub(crate) single_use: bool,
}

/// A transaction that spends coins of watched keys.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    /// Number of the transaction.
    pub(crate) tx: u32,
    /// The block's time.
    pub(crate) time: u32,
    /// Every input.
    pub(crate) coins: Vec<Coin>,
    /// Every output.
    pub(crate) outs: Vec<(KeyId, u64)>,
}

/// One campaign's.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    /// Actors who are the campaign itself: what they send is no donation.
    pub(crate) own: Vec<ActorId>,
    /// In chain order.
    pub(crate) receipts: Vec<Receipt>,
    /// In chain order.
    pub(crate) spends: Vec<Spend>,
}

/// Every campaign's log, and their money followed.
#[derive(Default)]
pub(crate) struct Journal {
    /// By the campaign's index.
    pub(crate) logs: Vec<Log>,
    /// FIFO.
    pub(crate) taint: Taint,
    /// Which outputs of the last followed transaction are followed on.
    pub(crate) marks: Vec<bool>,
}
