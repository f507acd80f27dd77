//! An output that pays one of the input addresses goes back to the payer for certain.
//!
//! Source: H. Kalodner et al., "BlockSci", USENIX Security 2020 (address reuse). It ties nothing by itself, for the
//! address is an input's already; what it says is that the other outputs are payments.

use super::recorder::Vote;
use super::shape::Shape;

/// Change: pays an input address. Not change: another output does.
pub(super) fn vote(shape: &Shape<'_>, place: usize) -> Vote {
    if shape.pays_input(&shape.outputs[place]) {
        return Vote::Change;
    }
    if shape.others(place).any(|other| shape.pays_input(other)) { Vote::NotChange } else { Vote::Silent }
}
