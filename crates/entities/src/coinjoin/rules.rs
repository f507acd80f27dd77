//! The rules, one function each, with their sources and the numbers they stand on.
//!
//! Thresholds come from the sources named at each rule, and from the tuning half of the real transactions that
//! `engine/tests/shared_coinjoins.rs` reads (for Wasabi 2, of which there are only twelve, from all of them). Every rule asks for at least as many input addresses as equal outputs: each
//! participant brings an input and takes one equal output away. That alone separates CoinJoins from nearly all payouts.

use super::{Facts, Shape};
use athar_types::{Sats, ScriptKind};
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Denominations of Whirlpool's pools in satoshi (Samourai Wallet, "Whirlpool: pools", 2019-2024).
const WHIRLPOOL_POOLS: [u64; 4] = [100_000, 1_000_000, 5_000_000, 50_000_000];
/// Participants of one mix: five at first, up to eight later ("surge cycles"), ten with room to spare.
const WHIRLPOOL_SIZES: std::ops::RangeInclusive<usize> = 5..=10;
/// What an input may bring above the denomination: new entrants carry the miner's fee of the mix. At most 76,500 sat
/// in the whole set.
const WHIRLPOOL_PREMIUM_SAT_MAX: u64 = 110_000;

/// The base denomination of Wasabi 1 fell slowly from 0.05 (2018) and 0.1 BTC with each round.
const WASABI1_BASE_SAT: std::ops::RangeInclusive<u64> = 4_500_000..=12_000_000;
/// Participants from which on the base denomination alone tells a round; smaller ones need [`WASABI1_SMALL_SAT`].
const WASABI1_EQUAL_MIN: usize = 10;
/// Fewest participants of a round: those of the first months, and rounds that were made from who was left.
const WASABI1_SMALL_MIN: usize = 5;
/// What a small round must pay: nearer to 0.1 BTC, since with few participants JoinMarket has the same form.
const WASABI1_SMALL_SAT: std::ops::RangeInclusive<u64> = 8_000_000..=12_000_000;
/// Outputs for each equal one at most: change, and from 1.1 on further equal outputs of doubled amounts.
const WASABI1_OUTPUTS_PER_EQUAL_MAX: usize = 3;

/// The smallest Wasabi 2 rounds of the set had 22 inputs; coordinators can set the minimum lower.
const WASABI2_INPUTS_MIN: usize = 15;
/// Outputs that are standard denominations: 97 to 100 per cent in the set.
const WASABI2_STANDARD_PERCENT_MIN: usize = 80;
/// Below this no output is made (WabiSabi: minimum registrable amount).
const WASABI2_OUTPUT_SAT_MIN: u64 = 5_000;

/// Lengths of the script of a Tx0's data output: 64 bytes in its first versions, 80 later, with what pushes them.
const TX0_SCRIPT_LENGTHS: [u32; 2] = [66, 83];
/// An input of at most so much carries a token: protocols use 294, 330, 546, 555, 600, 700 and 1,000 sat.
pub(super) const MARK_SAT_MAX: u64 = 1_000;
/// Different sums of inputs that are tried for the halves of a Stonewall.
const STONEWALL_SUMS_MAX: usize = 1 << 14;

/// Equal outputs at or below this mark tokens or dust, not shares of a mix: 5,460 sat was the relay limit of the first
/// years, 546, 330, 555 and 600 are what token protocols pay to carry a mark.
const DUST_SAT_MAX: u64 = 5_460;
/// Below three equal outputs anything but the exact form of [`joinmarket`] is too often chance.
const EQUAL_OUTPUT_MIN: usize = 3;

/// Whirlpool mix: 5 to 10 inputs and as many outputs, every output exactly a pool's denomination to an address of its
/// own, every input that amount with at most a fee's premium on top.
///
/// Source: R. Stütz et al., "Adoption and Actual Privacy of Decentralized CoinJoin Implementations in Bitcoin", AFT
/// 2022 (there: five inputs); larger mixes from the tuning half.
pub(super) fn whirlpool(shape: &Shape<'_>, facts: &Facts) -> bool {
    let pool = facts.equal_value.0;
    let brings = |value: Sats| (pool..=pool + WHIRLPOOL_PREMIUM_SAT_MAX).contains(&value.0);
    WHIRLPOOL_SIZES.contains(&facts.inputs)
        && facts.outputs == facts.inputs
        && facts.equal_outputs == facts.outputs
        && facts.equal_addresses == facts.equal_outputs
        && facts.input_addresses >= WHIRLPOOL_SIZES.start() - 1
        && WHIRLPOOL_POOLS.contains(&pool)
        && shape.inputs.iter().all(|i| brings(i.value))
}

/// Wasabi 1: at least ten equal P2WPKH outputs of the base denomination to addresses of their own, at least as many
/// input addresses, and at most twice as many other outputs.
///
/// Source: R. Stütz et al., AFT 2022 (0.1 BTC within 0.02, at least ten equal outputs, as many inputs); the lower
/// denomination of 2018 from the tuning half.
pub(super) fn wasabi1(shape: &Shape<'_>, facts: &Facts) -> bool {
    let k = facts.equal_outputs;
    let form = if k >= WASABI1_EQUAL_MIN {
        WASABI1_BASE_SAT.contains(&facts.equal_value.0) && facts.outputs <= WASABI1_OUTPUTS_PER_EQUAL_MAX * k
    } else {
        // change for nearly everyone and the coordinator's fee
        let others = facts.outputs - k;
        k >= WASABI1_SMALL_MIN
            && WASABI1_SMALL_SAT.contains(&facts.equal_value.0)
            && (k.saturating_sub(2)..=k + 1).contains(&others)
    };
    form && facts.equal_addresses == k
        && facts.input_addresses >= k
        && shape.outputs.iter().all(|o| o.kind == ScriptKind::P2wpkh)
}

/// Wasabi 2: many inputs, nearly all outputs of a standard denomination and some of a binary or ternary one, P2WPKH and
/// P2TR only, inputs and outputs sorted by falling amount.
///
/// Source: Á. Ficsór et al., "WabiSabi: Centrally Coordinated CoinJoins with Variable Amounts", 2021, and the
/// denominations of Wasabi Wallet 2.0 (powers of two and three, twice the powers of three, and the 1-2-5 series).
pub(super) fn wasabi2(shape: &Shape<'_>, facts: &Facts) -> bool {
    let taken = |kind| matches!(kind, ScriptKind::P2wpkh | ScriptKind::P2tr);
    // payouts in round decimal amounts exist; nobody else pays out 65,536 or 1,594,323 satoshi
    let undecimal = || shape.outputs.iter().filter(|o| is_standard(o.value.0) && !is_decimal(o.value.0)).count();
    facts.inputs >= WASABI2_INPUTS_MIN
        && facts.input_addresses >= WASABI2_INPUTS_MIN
        && facts.outputs >= WASABI2_INPUTS_MIN
        && facts.standard_percent >= WASABI2_STANDARD_PERCENT_MIN
        && shape.outputs.iter().all(|o| taken(o.kind) && o.value.0 >= WASABI2_OUTPUT_SAT_MIN)
        && shape.inputs.is_sorted_by(|a, b| a.value >= b.value)
        && shape.outputs.is_sorted_by(|a, b| a.value >= b.value)
        && 5 * undecimal() >= facts.outputs
}

/// Whirlpool's first transaction ("Tx0"), by which one owner cuts coins into entries of a mix: exactly one data output of
/// 64 or 80 bytes, at least one entry that brings a pool's denomination and a premium for the mix's fee, and one to three
/// other outputs (the coordinator's fee and change), none of them a script.
///
/// Source: Samourai Wallet, "Whirlpool: a practitioner's guide" and the whirlpool-client library (2019-2024).
pub(super) fn whirlpool_tx0(shape: &Shape<'_>, facts: &Facts) -> Option<Sats> {
    let mut data = shape.outputs.iter().filter(|o| o.kind == ScriptKind::OpReturn);
    let one = data.next().is_some_and(|o| TX0_SCRIPT_LENGTHS.contains(&o.script_len) && o.value.0 == 0);
    if !one || data.next().is_some() {
        return None;
    }
    let is_entry =
        |value: u64| WHIRLPOOL_POOLS.iter().any(|p| (p + 1..=p + WHIRLPOOL_PREMIUM_SAT_MAX).contains(&value));
    // all entries are equal; where there is one only, it is the one that is as large as an entry must be
    let entry = if facts.equal_outputs > 1 {
        facts.equal_value.0
    } else {
        shape.outputs.iter().map(|o| o.value.0).filter(|v| is_entry(*v)).max()?
    };
    let entries = shape.outputs.iter().filter(|o| o.value.0 == entry).count();
    let others = facts.outputs - entries - 1;
    let form = is_entry(entry) && (1..=3).contains(&others) && shape.outputs.iter().all(|o| is_entry_script(o.kind));
    form.then_some(Sats(entry))
}

fn is_entry_script(kind: ScriptKind) -> bool {
    matches!(kind, ScriptKind::OpReturn | ScriptKind::P2wpkh | ScriptKind::P2pkh | ScriptKind::P2sh | ScriptKind::P2tr)
}

/// JoinMarket and forms like it: k equal outputs and k or k - 1 others, from at least k addresses; two equal outputs are
/// enough, since the form is exact. Trades of tokens that buyer and seller sign together (one pays out, the other gives
/// away marks of dust value) have the same form and as many owners; then the equal outputs may be dust, carry data beside
/// them, or pay the same seller twice.
///
/// Source: H. Kalodner et al., "BlockSci: Design and applications of a blockchain analysis platform", USENIX Security
/// 2020 (`isCoinjoin`), after S. Goldfeder et al., "When the cookie meets the blockchain", PoPETs 2018; the trades from
/// the tuning half.
pub(super) fn joinmarket(shape: &Shape<'_>, facts: &Facts) -> bool {
    let k = facts.equal_outputs;
    if k < 2 || facts.outputs.div_ceil(2) != k || facts.outputs < 3 || facts.input_addresses < k {
        return false;
    }
    let marks = shape.inputs.iter().any(|i| i.value.0 <= MARK_SAT_MAX);
    // one wallet that moves tokens from one address and pays the fee from another has two inputs
    let trade = marks && facts.inputs > 2;
    trade || facts.equal_addresses == k && !has_data(shape) && facts.equal_value.0 > DUST_SAT_MAX
}

/// The halves of a Stonewall: four outputs, two of them equal, and inputs that fall into two sets, each of which pays one
/// of the equal outputs, one change and half the fee; a wallet makes it alone, or two people do. `false` where the
/// inputs have more than [`STONEWALL_SUMS_MAX`] different sums, which would be too many to try.
///
/// Source: Samourai Wallet, "STONEWALL" and "STONEWALLx2" (2018); the split of the fee from the tuning half of the
/// transactions after mixes.
pub(super) fn splits_in_halves(shape: &Shape<'_>, facts: &Facts) -> bool {
    if facts.outputs != 4 || facts.equal_outputs != 2 || shape.inputs.len() < 2 {
        return false;
    }
    let all: u128 = shape.inputs.iter().map(|i| u128::from(i.value.0)).sum();
    let paid: u128 = shape.outputs.iter().map(|o| u128::from(o.value.0)).sum();
    let Some(fee) = all.checked_sub(paid) else { return false };
    let mut others = shape.outputs.iter().map(|o| o.value.0).filter(|v| *v != facts.equal_value.0);
    let (Some(change), Some(_)) = (others.next(), others.next()) else { return false };
    // what one side brings: the first change, an equal output and half the fee; an odd satoshi goes to either side
    let wanted = u128::from(change) + u128::from(facts.equal_value.0) + fee / 2;
    let mut sums: FxHashSet<u128> = FxHashSet::from_iter([0]);
    for value in shape.inputs.iter().map(|i| u128::from(i.value.0)) {
        let more: Vec<u128> = sums.iter().map(|sum| sum + value).filter(|sum| *sum <= wanted + fee % 2).collect();
        sums.extend(more);
        if sums.len() > STONEWALL_SUMS_MAX {
            return false;
        }
    }
    sums.contains(&wanted) || sums.contains(&(wanted + fee % 2))
}

/// Whether an input has the denomination of a Whirlpool pool: the wallet that makes Stonewalls is the one that mixes in
/// Whirlpool. Two people in JoinMarket share the fee otherwise than a Stonewall does, but chance may have it so.
pub(super) fn brings_pool(shape: &Shape<'_>) -> bool {
    shape.inputs.iter().any(|i| WHIRLPOOL_POOLS.contains(&i.value.0))
}

/// Any other arrangement of at least three equal outputs: at most one more output for each, and one for a fee. Not where
/// as many inputs have just that value: then one wallet hands its coins on, and another coin pays the fee.
pub(super) fn equal_output(shape: &Shape<'_>, facts: &Facts) -> bool {
    let k = facts.equal_outputs;
    let handed_on = shape.inputs.iter().filter(|i| i.value == facts.equal_value).count();
    k >= EQUAL_OUTPUT_MIN && facts.outputs <= 2 * k + 1 && handed_on < k && shares(shape, facts)
}

/// Whether the equal outputs can be shares of a mix: worth mixing, each to an address of its own, an input address for
/// each. An `OP_RETURN` rules it out: Whirlpool's Tx0 (one owner) and token transfers carry one, mixes do not.
fn shares(shape: &Shape<'_>, facts: &Facts) -> bool {
    facts.equal_value.0 > DUST_SAT_MAX
        && facts.equal_addresses == facts.equal_outputs
        && facts.input_addresses >= facts.equal_outputs
        && !has_data(shape)
}

fn has_data(shape: &Shape<'_>) -> bool {
    shape.outputs.iter().any(|o| o.kind == ScriptKind::OpReturn)
}

/// Whether one input more was spent than the payment needed: without the smallest the others still pay the larger of two
/// outputs and the fee. A PayJoin looks like that, since its receiver adds a coin; so do wallets that clean up.
///
/// Source: BIP 78 (N. Dorier, 2019), "unnecessary input heuristic"; A. Gibson, "PayJoin" (2018).
pub(super) fn unnecessary_input(shape: &Shape<'_>, facts: &Facts) -> bool {
    if facts.outputs != 2 || facts.input_addresses < 2 || has_data(shape) {
        return false;
    }
    let sum = |values: &mut dyn Iterator<Item = u64>| values.map(u128::from).sum::<u128>();
    let all = sum(&mut shape.inputs.iter().map(|i| i.value.0));
    let paid = sum(&mut shape.outputs.iter().map(|o| o.value.0));
    let least = shape.inputs.iter().map(|i| i.value.0).min().unwrap_or(0);
    let largest = shape.outputs.iter().map(|o| o.value.0).max().unwrap_or(0);
    all.checked_sub(paid).is_some_and(|fee| all - u128::from(least) >= u128::from(largest) + fee)
}

/// The 1-2-5 series.
fn is_decimal(mut value: u64) -> bool {
    while value > 9 && value.is_multiple_of(10) {
        value /= 10;
    }
    matches!(value, 1 | 2 | 5)
}

/// Wasabi 2's standard denominations: powers of two, powers of three and twice them, and the 1-2-5 series.
pub(super) fn is_standard(value: u64) -> bool {
    static TERNARY: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let powers = std::iter::successors(Some(1_u64), |p| p.checked_mul(3).filter(|p| *p < u64::MAX / 2));
        let mut all: Vec<u64> = powers.flat_map(|p| [p, 2 * p]).collect();
        all.sort_unstable();
        all
    });
    value >= WASABI2_OUTPUT_SAT_MIN
        && (value.is_power_of_two() || is_decimal(value) || TERNARY.binary_search(&value).is_ok())
}
