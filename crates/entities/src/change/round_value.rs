//! People pay round amounts; what is left over is not round.
//!
//! Source: H. Kalodner et al., "BlockSci", USENIX Security 2020 (power of ten); M. Möser and A. Narayanan, FC 2022. It
//! fails where the amount is round in another currency, and where nothing is left over of a round coin.

use super::recorder::Vote;
use super::shape::Shape;

/// Change: not a multiple of a power of ten, while all others are. Not change: one, while another is not.
pub(super) fn vote(shape: &Shape<'_>, place: usize) -> Vote {
    let unit = 10_u64.pow(shape.round_digits);
    let is_round = |value: u64| value.is_multiple_of(unit);
    let mut others = shape.others(place);
    if is_round(shape.outputs[place].value) {
        return if others.any(|other| !is_round(other.value)) { Vote::NotChange } else { Vote::Silent };
    }
    if shape.outputs.len() > 1 && others.all(|other| is_round(other.value)) { Vote::Change } else { Vote::Silent }
}
