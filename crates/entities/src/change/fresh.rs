//! Change goes to an address that nobody was ever given.
//!
//! Sources: E. Androulaki et al., FC 2013 ("shadow addresses"); S. Meiklejohn et al., IMC 2013, heuristic 2, which also
//! waits whether the address is used again. It fails where the payee gives out a fresh address too, as most do now: alone
//! it says nothing when both outputs are fresh.

use super::recorder::Vote;
use super::shape::Shape;
use athar_types::TxNum;

/// Fresh: no earlier output pays the address, nor another one of this transaction.
pub(super) fn fresh(shape: &Shape<'_>, place: usize) -> Vote {
    let output = &shape.outputs[place];
    match output.address {
        None => Vote::Silent,
        Some(_) if output.is_fresh => Vote::Change,
        Some(_) => Vote::NotChange,
    }
}

/// One-time: fresh, and not paid again up to `at`.
pub(super) fn one_time(shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
    match fresh(shape, place) {
        Vote::Change if shape.outputs[place].paid_again.is_some_and(|tx| tx <= at) => Vote::NotChange,
        vote => vote,
    }
}
