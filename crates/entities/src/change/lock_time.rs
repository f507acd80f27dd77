//! Wallets differ in the lock times that they set.
//!
//! Sources: J. D. Nick, 2015; H. Kalodner et al., "BlockSci", USENIX Security 2020 (locktime). Some lock every transaction
//! to the height of the chain so that no miner gains by going back ("anti fee sniping", Bitcoin Core since 0.11), most
//! leave 0. It fails where payer and payee use the same software, so it is silent unless the outputs differ.

use super::recorder::Vote;
use super::shape::Shape;
use athar_types::TxNum;

/// Change: spent with the payer's habit, while every other output was spent with another. Not change: spent with another.
pub(super) fn vote(shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
    let Some(own) = shape.outputs[place].spender(at) else { return Vote::Silent };
    if own.habits.lock != shape.habits.lock {
        return Vote::NotChange;
    }
    let mut others = shape.others(place).map(|other| other.spender(at));
    let is_alone = others.all(|other| other.is_some_and(|spender| spender.habits.lock != shape.habits.lock));
    if is_alone && shape.outputs.len() > 1 { Vote::Change } else { Vote::Silent }
}
