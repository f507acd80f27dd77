//! Every key of the world: whose it is, what for, and whether it was paid yet.

use super::{ActorId, PurseId};
use crate::blocks::Kind;
use std::ops::Index;

/// A key: its rank of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct KeyId(pub(crate) u32);

impl KeyId {
    /// Numbers from here on are no keys but lengths of data outputs.
    const DATA: u32 = u32::MAX - 256;

    /// The "key" of an `OP_RETURN` output with so many bytes.
    pub(crate) const fn data(len: u8) -> Self {
        Self(Self::DATA + len as u32)
    }

    /// Bytes of the payload where it is a data output.
    pub(crate) const fn data_len(self) -> Option<u32> {
        self.0.checked_sub(Self::DATA)
    }
}

/// What an address is for; the names are those of `truth/entities.csv`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub(crate) enum Role {
    /// Takes payments.
    Receive,
    /// Takes the sender's own change.
    Change,
    /// A customer's account at a service.
    Deposit,
    /// A service's working funds.
    Hot,
    /// A service's reserve.
    Cold,
    /// A block's reward.
    Reward,
    /// One invoice.
    Invoice,
    /// Into a mix.
    Premix,
    /// Out of a mix.
    Mixed,
    /// The coordinator's fee of a mix.
    MixFee,
    /// Takes bets.
    Bets,
    /// Locked to several keys by a careful owner.
    Vault,
    /// Takes donations.
    Donation,
    /// Takes a shop's or an organiser's takings.
    Sale,
    /// Takes coupons' worth.
    Redemption,
    /// Where a campaign's money starts when it comes from a service.
    Start,
    /// Deposits of a linked group at a facilitator.
    Linked,
    /// Gathers what came in.
    Collector,
    /// On the way from a collector to the exit.
    Layer,
    /// Along a peel chain.
    Peel,
}

impl Role {
    /// The name in the truth's files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Change => "change",
            Self::Deposit => "deposit",
            Self::Hot => "hot",
            Self::Cold => "cold",
            Self::Reward => "reward",
            Self::Invoice => "invoice",
            Self::Premix => "premix",
            Self::Mixed => "mixed",
            Self::MixFee => "mix_fee",
            Self::Bets => "bets",
            Self::Vault => "vault",
            Self::Donation => "donation",
            Self::Sale => "sale",
            Self::Redemption => "redemption",
            Self::Start => "start",
            Self::Linked => "linked",
            Self::Collector => "collector",
            Self::Layer => "layer",
            Self::Peel => "peel",
        }
    }

    /// Whether what a watched key of this role receives from others is what the campaign's truth follows.
    pub(crate) const fn is_source(self) -> bool {
        matches!(self, Self::Donation | Self::Sale | Self::Redemption | Self::Start | Self::Linked)
    }
}

/// Which campaign's log notes what a key receives and spends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Watch(u16);

impl Watch {
    /// Nobody's.
    pub(crate) const NONE: Self = Self(u16::MAX);

    /// That of the campaign with that index.
    pub(crate) const fn campaign(index: usize) -> Self {
        Self(index as u16)
    }

    /// The campaign's index.
    #[inline]
    pub(crate) const fn index(self) -> Option<usize> {
        if self.0 == u16::MAX { None } else { Some(self.0 as usize) }
    }
}

/// What the world knows of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyInfo {
    /// Where its coins lie.
    pub(crate) purse: PurseId,
    /// Who can spend them.
    pub(crate) actor: ActorId,
    /// On whose behalf.
    pub(crate) customer: ActorId,
    /// Whose log notes it.
    pub(crate) watch: Watch,
    /// Its script.
    pub(crate) kind: Kind,
    /// What its public key is derived from: its own number, or that of a key in another kind of script.
    pub(crate) secret: u32,
    /// What it is for.
    pub(crate) role: Role,
}

/// Every key.
#[derive(Default)]
pub(crate) struct Keys {
    infos: Vec<KeyInfo>,
    paid: Vec<u64>,
}

impl Keys {
    /// A new one, with a public key of its own.
    pub(crate) fn add(&mut self, info: KeyInfo) -> KeyId {
        let secret = self.infos.len() as u32;
        self.put(KeyInfo { secret, ..info })
    }

    /// The same public key in another kind of script: two addresses that a spend of both shows to be one's.
    pub(crate) fn add_twin(&mut self, key: KeyId, kind: Kind) -> KeyId {
        let info = self[key];
        self.put(KeyInfo { kind, ..info })
    }

    fn put(&mut self, info: KeyInfo) -> KeyId {
        let id = KeyId(self.infos.len() as u32);
        self.infos.push(info);
        if self.paid.len() * 64 < self.infos.len() {
            self.paid.push(0);
        }
        id
    }

    /// Notes a payment; true where it is the first.
    #[inline]
    pub(crate) fn pay(&mut self, key: KeyId) -> bool {
        let bit = 1 << (key.0 % 64);
        let word = &mut self.paid[key.0 as usize / 64];
        let first = *word & bit == 0;
        *word |= bit;
        first
    }

    /// Whether it was ever paid.
    pub(crate) fn is_paid(&self, key: KeyId) -> bool {
        self.paid[key.0 as usize / 64] >> (key.0 % 64) & 1 == 1
    }

    /// Every key with its info, in order of creation.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (KeyId, &KeyInfo)> {
        self.infos.iter().enumerate().map(|(i, info)| (KeyId(i as u32), info))
    }

    /// Sets who watches a key.
    pub(crate) fn watch(&mut self, key: KeyId, watch: Watch) {
        self.infos[key.0 as usize].watch = watch;
    }
}

impl Index<KeyId> for Keys {
    type Output = KeyInfo;

    fn index(&self, key: KeyId) -> &KeyInfo {
        &self.infos[key.0 as usize]
    }
}
