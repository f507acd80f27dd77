//! A wallet's change has the script type of its coins.
//!
//! Source: H. Kalodner et al., "BlockSci", USENIX Security 2020 (address type); M. Möser and A. Narayanan, FC 2022. It
//! fails where a wallet moves to another script type, or picks its change's type after the payee's (Bitcoin Core with
//! several types in one wallet).

use super::recorder::Vote;
use super::shape::Shape;

/// Change: the only output with the one script type that all inputs have. Not change: another type, where one has it.
pub(super) fn vote(shape: &Shape<'_>, place: usize) -> Vote {
    let Some((first, rest)) = shape.inputs.split_first() else { return Vote::Silent };
    if rest.iter().any(|input| input.kind != first.kind) {
        return Vote::Silent;
    }
    let is_alike = shape.outputs[place].kind == first.kind;
    let is_another_alike = shape.others(place).any(|other| other.kind == first.kind);
    match (is_alike, is_another_alike) {
        (true, false) => Vote::Change,
        (false, true) => Vote::NotChange,
        _ => Vote::Silent,
    }
}
