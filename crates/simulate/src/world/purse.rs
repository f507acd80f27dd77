//! Purses: the unspent coins of one wallet, and which of them a payment takes.

use super::{ActorId, KeyId, Watch};
use crate::blocks::{Kind, Style};
use std::collections::VecDeque;

/// A purse: its rank of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct PurseId(pub(crate) u32);

impl PurseId {
    /// As an index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An unspent output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Coin {
    /// In satoshi.
    pub(crate) value: u64,
    /// Number of the transaction that made it.
    pub(crate) tx: u32,
    /// Its key.
    pub(crate) key: KeyId,
    /// Which output of the transaction.
    pub(crate) vout: u16,
    /// Whether a campaign's truth follows some of it.
    pub(crate) tainted: bool,
}

/// How a wallet goes about its business.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Habits {
    /// One address for everything, change included.
    pub(crate) reuses: bool,
    /// Change is the last output, not anywhere.
    pub(crate) change_last: bool,
    /// Change takes the script of the payee where both are single keys, as Bitcoin Core does.
    pub(crate) mirrors: bool,
    /// Asks at each payment whether it may be replaced, instead of once.
    pub(crate) asks_rbf: bool,
    /// Pays with the oldest coins first, rather than the smallest that suffices.
    pub(crate) oldest_first: bool,
    /// What its transactions look like.
    pub(crate) style: Style,
}

impl Habits {
    /// A service's: fresh change in any place, old coins first.
    pub(crate) const SERVICE: Self = Self {
        reuses: false,
        change_last: false,
        mirrors: false,
        asks_rbf: false,
        oldest_first: true,
        style: Style { version: 2, sequence: 0xfd, locks_height: false },
    };
    /// A common wallet's: fresh change in any place, best coin first.
    pub(crate) const WALLET: Self = Self { oldest_first: false, ..Self::SERVICE };
}

/// The unspent coins of one wallet.
#[derive(Clone, Debug)]
pub(crate) struct Purse {
    /// Whose.
    pub(crate) actor: ActorId,
    /// Scripts of its keys.
    pub(crate) kind: Kind,
    /// How it pays.
    pub(crate) habits: Habits,
    /// The address that it reuses.
    pub(crate) main: Option<KeyId>,
    /// The same key's address in another kind of script.
    pub(crate) twin: Option<KeyId>,
    /// Who watches its keys.
    pub(crate) watch: Watch,
    /// Made for one payment.
    pub(crate) single_use: bool,
    coins: VecDeque<Coin>,
    balance: u64,
}

impl Purse {
    /// An empty one.
    pub(crate) fn new(actor: ActorId, kind: Kind, habits: Habits) -> Self {
        let (main, twin, watch, single_use, coins) = (None, None, Watch::NONE, false, VecDeque::new());
        Self { actor, kind, habits, main, twin, watch, single_use, coins, balance: 0 }
    }

    /// Satoshi in it.
    #[inline]
    pub(crate) fn balance(&self) -> u64 {
        self.balance
    }

    /// Coins in it.
    pub(crate) fn len(&self) -> usize {
        self.coins.len()
    }

    /// The coins, oldest first as far as none was picked out of the middle.
    pub(crate) fn coins(&self) -> impl Iterator<Item = &Coin> {
        self.coins.iter()
    }

    /// Adds a coin as the youngest.
    #[inline]
    pub(crate) fn put(&mut self, coin: Coin) {
        self.balance += coin.value;
        self.coins.push_back(coin);
    }

    /// Puts a coin back as the oldest.
    pub(crate) fn put_back(&mut self, coin: Coin) {
        self.balance += coin.value;
        self.coins.push_front(coin);
    }

    /// Takes the oldest.
    pub(crate) fn take_oldest(&mut self) -> Option<Coin> {
        let coin = self.coins.pop_front()?;
        self.balance -= coin.value;
        Some(coin)
    }

    /// Takes the youngest.
    pub(crate) fn take_youngest(&mut self) -> Option<Coin> {
        let coin = self.coins.pop_back()?;
        self.balance -= coin.value;
        Some(coin)
    }

    /// Takes the smallest that suffices alone, among the oldest few.
    pub(crate) fn take_best(&mut self, need: u64) -> Option<Coin> {
        const LOOKED_AT: usize = 24;
        let mut best: Option<(usize, u64)> = None;
        for (i, coin) in self.coins.iter().take(LOOKED_AT).enumerate() {
            if coin.value >= need && best.is_none_or(|(_, value)| coin.value < value) {
                best = Some((i, coin.value));
            }
        }
        let coin = self.coins.swap_remove_front(best?.0)?;
        self.balance -= coin.value;
        Some(coin)
    }
}
