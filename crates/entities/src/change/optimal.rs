//! No wallet spends a coin that it could have left out: change is smaller than every input.
//!
//! Source: J. D. Nick, "Data-Driven De-Anonymization in Bitcoin", ETH Zürich 2015, section 3.3. It fails where the wallet
//! gathers coins on purpose (the oldest first, or dust), or where the fee made the last coin necessary. Of a transaction
//! with one input it says nothing: there every output is smaller.

use super::recorder::Vote;
use super::shape::Shape;

/// Change: below every input, while no other output is. Not change: not below, while another is.
pub(super) fn vote(shape: &Shape<'_>, place: usize) -> Vote {
    let Some(least) = shape.inputs.iter().map(|input| input.value).min() else { return Vote::Silent };
    let is_another_below = shape.others(place).any(|other| other.value < least);
    match (shape.outputs[place].value < least, is_another_below) {
        (true, false) if shape.inputs.len() > 1 => Vote::Change,
        (false, true) if shape.inputs.len() > 1 => Vote::NotChange,
        _ => Vote::Silent,
    }
}
