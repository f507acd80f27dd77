//! Recognising transactions that several people made together, by their shape alone.
//!
//! In a CoinJoin people who do not trust one another sign one transaction, so its inputs say nothing about who is who
//! and must tie nobody. The rules look at amounts, addresses and script kinds of one transaction; where they
//! were chosen on real CoinJoins it was on one half of a set, and they are measured on the other
//! (`engine/tests/shared_coinjoins.rs` states the split and prints the rates). A transaction that no rule matches is `None`, which is no proof that one person made it.
//!
//! What must not match: payouts of a service (few input addresses, or many different amounts), the transaction that
//! prepares a Whirlpool mix ("Tx0": one owner, with an `OP_RETURN`), and dust that marks tokens.

mod rates;
mod rules;
mod scan;
mod words;

pub use rates::{CoinJoinRates, KindRate, Recall, Stratum};
pub use scan::{ShapeBuffer, recognise_in, shape_in};
pub(crate) use scan::{recognise_all, recognise_range};

use athar_types::{AddressId, Sats, ScriptKind};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of collaborative transaction; the number is the one stored in the forest's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum CoinJoinKind {
    /// Said to be one from outside, see [`crate::CoinJoins::Given`].
    Given = 0,
    /// A mix of Samourai's Whirlpool.
    Whirlpool = 1,
    /// A round of Wasabi Wallet 1.0 or 1.1.
    Wasabi1 = 2,
    /// A round of Wasabi Wallet 2 (WabiSabi).
    Wasabi2 = 3,
    /// Equal outputs and one change output each, as JoinMarket and other two-party forms make them; also trades of tokens
    /// that buyer and seller sign together.
    JoinmarketLike = 4,
    /// Equal outputs of another arrangement.
    EqualOutput = 5,
    /// The transaction by which one owner cuts coins into entries of a Whirlpool mix.
    WhirlpoolTx0 = 6,
    /// Two equal outputs and two changes, each pair paid by a set of inputs of its own: Samourai's Stonewall.
    StonewallLike = 7,
}

impl CoinJoinKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 8] = [
        Self::Given,
        Self::Whirlpool,
        Self::Wasabi1,
        Self::Wasabi2,
        Self::JoinmarketLike,
        Self::EqualOutput,
        Self::WhirlpoolTx0,
        Self::StonewallLike,
    ];

    /// Whether such a transaction may have several owners, so that its inputs say nothing about who is who. A Tx0 has
    /// one; of a Stonewall nobody can tell, so it ties nobody.
    pub const fn ties_nobody(self) -> bool {
        !matches!(self, Self::WhirlpoolTx0)
    }

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Whirlpool => "whirlpool",
            Self::Wasabi1 => "wasabi1",
            Self::Wasabi2 => "wasabi2",
            Self::JoinmarketLike => "joinmarket-like",
            Self::EqualOutput => "equal-output",
            Self::WhirlpoolTx0 => "whirlpool-tx0",
            Self::StonewallLike => "stonewall-like",
        }
    }

    /// The kind with that number in the forest's columns.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for CoinJoinKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One input as a rule sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShapeInput {
    /// Value of the spent output.
    pub value: Sats,
    /// Its address.
    pub address: Option<AddressId>,
}

/// One output as a rule sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShapeOutput {
    /// Value.
    pub value: Sats,
    /// Address paid.
    pub address: Option<AddressId>,
    /// Script kind.
    pub kind: ScriptKind,
    /// Length of the script in bytes where it carries data ([`ScriptKind::OpReturn`]); 0 elsewhere.
    pub script_len: u32,
}

/// A transaction as a rule sees it. Addresses are only ever compared with one another, so any numbering will do.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Inputs in order.
    pub inputs: &'a [ShapeInput],
    /// Outputs in order.
    pub outputs: &'a [ShapeOutput],
}

/// A recognised CoinJoin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct CoinJoin {
    /// Which kind.
    pub kind: CoinJoinKind,
    /// What was seen.
    pub facts: Facts,
}

/// What the rules look at: the most frequent output value (the highest where several are equally frequent), and how
/// the rest stands to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Facts {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of different addresses among them.
    pub input_addresses: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Number of outputs with the most frequent value.
    pub equal_outputs: usize,
    /// That value.
    pub equal_value: Sats,
    /// Number of different addresses that those outputs pay.
    pub equal_addresses: usize,
    /// Outputs (in per cent) whose value is one of Wasabi 2's standard denominations.
    pub standard_percent: usize,
    /// Whether an input is of dust value, as tokens are carried.
    pub marks: bool,
    /// Whether two sets of inputs bring one of two equal outputs, a change and half the fee each.
    pub halves: bool,
    /// Value of an entry of a mix, for a Tx0; 0 elsewhere.
    pub entry: Sats,
}

impl Facts {
    /// The facts of a shape; `None` where there is no output.
    pub fn of(shape: &Shape<'_>) -> Option<Self> {
        let mut values: Vec<u64> = shape.outputs.iter().map(|o| o.value.0).collect();
        values.sort_unstable();
        let equal = values.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
        let (equal_outputs, equal_value) = (equal.len(), Sats(equal[0]));
        let standard = values.iter().filter(|v| rules::is_standard(**v)).count();
        Some(Self {
            inputs: shape.inputs.len(),
            input_addresses: different(shape.inputs.iter().map(|i| i.address)),
            outputs: shape.outputs.len(),
            equal_outputs,
            equal_value,
            equal_addresses: different(shape.outputs.iter().filter(|o| o.value == equal_value).map(|o| o.address)),
            standard_percent: 100 * standard / values.len(),
            marks: shape.inputs.iter().any(|i| i.value.0 <= rules::MARK_SAT_MAX),
            halves: false,
            entry: Sats(0),
        })
    }
}

/// Recognises a collaborative transaction, or one that prepares a mix, from its shape. The first rule that matches names
/// the kind.
pub fn recognise(shape: &Shape<'_>) -> Option<CoinJoin> {
    let mut facts = Facts::of(shape)?;
    let kind = if rules::whirlpool(shape, &facts) {
        CoinJoinKind::Whirlpool
    } else if let Some(entry) = rules::whirlpool_tx0(shape, &facts) {
        facts.entry = entry;
        CoinJoinKind::WhirlpoolTx0
    } else if rules::wasabi1(shape, &facts) {
        CoinJoinKind::Wasabi1
    } else if rules::wasabi2(shape, &facts) {
        CoinJoinKind::Wasabi2
    } else if rules::joinmarket(shape, &facts) {
        facts.halves = rules::splits_in_halves(shape, &facts);
        if facts.halves && rules::brings_pool(shape) {
            CoinJoinKind::StonewallLike
        } else {
            CoinJoinKind::JoinmarketLike
        }
    } else if rules::equal_output(shape, &facts) {
        CoinJoinKind::EqualOutput
    } else {
        return None;
    };
    Some(CoinJoin { kind, facts })
}

/// Something that a shape may be, and that is too common in ordinary wallets to be held for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// One input more than the payment needed, as in a PayJoin (BIP 78), whose receiver adds a coin.
    PayjoinCandidate,
}

impl Hint {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PayjoinCandidate => "payjoin-candidate",
        }
    }
}

/// What a shape that no rule matches may still be. A hint changes nothing: the inputs are tied.
pub fn hints(shape: &Shape<'_>) -> Vec<Hint> {
    let unnecessary = Facts::of(shape).is_some_and(|facts| rules::unnecessary_input(shape, &facts));
    if unnecessary { vec![Hint::PayjoinCandidate] } else { Vec::new() }
}

fn different(addresses: impl Iterator<Item = Option<AddressId>>) -> usize {
    addresses.flatten().collect::<FxHashSet<_>>().len()
}

#[cfg(test)]
mod tests;
