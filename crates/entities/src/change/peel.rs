//! A peeling chain goes on from its change.
//!
//! A large coin is paid out bit by bit: each transaction has one input and two outputs, one of them the payment, the
//! other the coin of the next. Sources: S. Meiklejohn et al., IMC 2013, section 5; G. Kappos et al., USENIX Security
//! 2022, whose features of a hop are those of [`super::fingerprint`]. It fails where the payee peels as well, so it
//! speaks only once it is seen how every output was spent.

use super::recorder::Vote;
use super::shape::{Shape, is_peel};
use athar_types::TxNum;

/// Change: in a chain (this transaction and the one before it, or behind it, peel), spent by a peel while the other
/// output was spent otherwise. Not change: the reverse.
pub(super) fn vote(shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
    let ([input], 2) = (&shape.inputs[..], shape.outputs.len()) else { return Vote::Silent };
    let Some(own) = shape.outputs[place].spender(at) else { return Vote::Silent };
    let Some(other) = shape.others(place).next().and_then(|other| other.spender(at)) else { return Vote::Silent };
    if !is_peel(shape.ledger, input.tx) {
        return Vote::Silent;
    }
    match (own.is_peel, other.is_peel) {
        (true, false) => Vote::Change,
        (false, true) => Vote::NotChange,
        _ => Vote::Silent,
    }
}
