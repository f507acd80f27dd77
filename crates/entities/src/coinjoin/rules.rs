//! The rules, one function each, with their sources and the numbers they stand on.
//!
//! Thresholds come from the sources named at each rule, and from the tuning half of the real transactions that
//! `tests/shared_coinjoin.rs` reads (for Wasabi 2, of which there are only twelve, from all of them). Every rule asks for at least as many input addresses as equal outputs: each
//! participant brings an input and takes one equal output away. That alone separates CoinJoins from nearly all payouts.

use super::{Facts, Shape};
use athar_types::{Sats, ScriptKind};
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
/// The smallest round in the tuning half had 10 participants.
const WASABI1_EQUAL_MIN: usize = 10;
/// Outputs for each equal one at most: change, and from 1.1 on further equal outputs of doubled amounts.
const WASABI1_OUTPUTS_PER_EQUAL_MAX: usize = 3;

/// The smallest Wasabi 2 rounds of the set had 22 inputs; coordinators can set the minimum lower.
const WASABI2_INPUTS_MIN: usize = 15;
/// Outputs that are standard denominations: 97 to 100 per cent in the set.
const WASABI2_STANDARD_PERCENT_MIN: usize = 80;
/// Below this no output is made (WabiSabi: minimum registrable amount).
const WASABI2_OUTPUT_SAT_MIN: u64 = 5_000;

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
    facts.equal_outputs >= WASABI1_EQUAL_MIN
        && WASABI1_BASE_SAT.contains(&facts.equal_value.0)
        && facts.equal_addresses == facts.equal_outputs
        && facts.input_addresses >= facts.equal_outputs
        && facts.outputs <= WASABI1_OUTPUTS_PER_EQUAL_MAX * facts.equal_outputs
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

/// JoinMarket and forms like it: k equal outputs to addresses of their own and k or k - 1 others, from at least k
/// addresses; two equal outputs are enough (Stonewall has them too), since the form is exact.
///
/// Source: H. Kalodner et al., "BlockSci: Design and applications of a blockchain analysis platform", USENIX Security
/// 2020 (`isCoinjoin`), after S. Goldfeder et al., "When the cookie meets the blockchain", PoPETs 2018.
pub(super) fn joinmarket(shape: &Shape<'_>, facts: &Facts) -> bool {
    let k = facts.equal_outputs;
    k >= 2 && facts.outputs.div_ceil(2) == k && facts.outputs >= 3 && shares(shape, facts)
}

/// Any other arrangement of at least three equal outputs: at most one more output for each, and one for a fee.
pub(super) fn equal_output(shape: &Shape<'_>, facts: &Facts) -> bool {
    let k = facts.equal_outputs;
    k >= EQUAL_OUTPUT_MIN && facts.outputs <= 2 * k + 1 && shares(shape, facts)
}

/// Whether the equal outputs can be shares of a mix: worth mixing, each to an address of its own, an input address for
/// each. An `OP_RETURN` rules it out: Whirlpool's Tx0 (one owner) and token transfers carry one, mixes do not.
fn shares(shape: &Shape<'_>, facts: &Facts) -> bool {
    facts.equal_value.0 > DUST_SAT_MAX
        && facts.equal_addresses == facts.equal_outputs
        && facts.input_addresses >= facts.equal_outputs
        && shape.outputs.iter().all(|o| o.kind != ScriptKind::OpReturn)
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
