//! The recorders of evidence by name, and what they say.

use super::shape::Shape;
use super::{address_reuse, address_type, fingerprint, fresh, lock_time, optimal, peel, round_value};
use athar_types::TxNum;
use serde::{Deserialize, Serialize};

/// What a recorder says of an output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vote {
    /// It looks like the payer's own.
    Change,
    /// It looks like somebody else's.
    NotChange,
    /// Nothing.
    Silent,
}

/// A recorder of evidence. The names are those of policy files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Recorder {
    /// The address had never been paid before.
    Fresh = 0,
    /// As `fresh`, and it was not paid again either.
    OneTime = 1,
    /// The only output with the script type of the inputs.
    AddressType = 2,
    /// The only output whose value is not round.
    RoundValue = 3,
    /// The only output below every input.
    OptimalChange = 4,
    /// The only output that the peeling chain goes on from.
    PeelingChain = 5,
    /// The only output spent with the payer's habit of lock times.
    LockTime = 6,
    /// The only output spent with the payer's fingerprint.
    Fingerprint = 7,
    /// Spent with the payer's fingerprint, whatever is known of the others.
    Continuity = 8,
    /// Pays one of the input addresses.
    AddressReuse = 9,
}

impl Recorder {
    /// Every recorder, by its number.
    pub const ALL: [Self; 10] = [
        Self::Fresh,
        Self::OneTime,
        Self::AddressType,
        Self::RoundValue,
        Self::OptimalChange,
        Self::PeelingChain,
        Self::LockTime,
        Self::Fingerprint,
        Self::Continuity,
        Self::AddressReuse,
    ];

    /// The name in policy files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::OneTime => "one-time",
            Self::AddressType => "address-type",
            Self::RoundValue => "round-value",
            Self::OptimalChange => "optimal-change",
            Self::PeelingChain => "peeling-chain",
            Self::LockTime => "lock-time",
            Self::Fingerprint => "fingerprint",
            Self::Continuity => "continuity",
            Self::AddressReuse => "address-reuse",
        }
    }

    /// Its vote on the output at `place` by what is known once `at` has been seen.
    pub(super) fn vote(self, shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
        match self {
            Self::Fresh => fresh::fresh(shape, place),
            Self::OneTime => fresh::one_time(shape, place, at),
            Self::AddressType => address_type::vote(shape, place),
            Self::RoundValue => round_value::vote(shape, place),
            Self::OptimalChange => optimal::vote(shape, place),
            Self::PeelingChain => peel::vote(shape, place, at),
            Self::LockTime => lock_time::vote(shape, place, at),
            Self::Fingerprint => fingerprint::vote(shape, place, at),
            Self::Continuity => fingerprint::continuity(shape, place, at),
            Self::AddressReuse => address_reuse::vote(shape, place),
        }
    }
}

/// A set of recorders, a bit each by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Recorders(pub u16);

impl Recorders {
    /// Whether `recorder` is among them.
    pub const fn has(self, recorder: Recorder) -> bool {
        self.0 & 1 << recorder as u8 != 0
    }

    /// The recorders, by their numbers.
    pub fn iter(self) -> impl Iterator<Item = Recorder> {
        Recorder::ALL.into_iter().filter(move |r| self.has(*r))
    }
}

impl FromIterator<Recorder> for Recorders {
    fn from_iter<I: IntoIterator<Item = Recorder>>(recorders: I) -> Self {
        Self(recorders.into_iter().fold(0, |bits, r| bits | 1 << r as u8))
    }
}
