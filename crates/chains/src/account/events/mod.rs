//! Logs that are no transfers but say what transfers mean: trades of pools, freezes by issuers, passages of bridges.
//!
//! Anybody can write any log. A freeze is read from a verified token's own contract only, and a passage from a bridge's
//! own contract only (`data/bridges.toml`). A trade is read from any pool, since anybody may open one: it moves nothing
//! by itself, and says only that transfers of the same transaction to and from that contract belong together.
//!
//! Every log must have exactly the topics and the length of data that its event has; what does not fit is left out.

mod bridges;
mod form;
mod freezes;
mod passages;
mod signature;
mod swaps;
mod words;

pub use bridges::{bridge_id, bridge_name, bridges_version};

use super::raw::RawLog;
use super::tokens::Tokens;
use athar_types::Chain;
use athar_types::account::EventRow;

/// Adds what `log` tells to `out`: nothing for nearly every log.
///
/// `tx` is the rank of its transaction in the block. Logs of a transaction must be given in order: one of them can complete
/// the passage that the one before it told of.
pub fn events(chain: Chain, tx: u32, log: &RawLog, tokens: &Tokens, out: &mut Vec<EventRow>) {
    let Some(event) = signature::of(log) else { return };
    let kind = match event {
        signature::Event::Freeze(event) => freezes::read(chain, event, log, tokens),
        signature::Event::Swap(event) => swaps::read(event, log),
        signature::Event::Passage(form) => return passages::read(chain, tx, form, log, tokens, out),
    };
    out.extend(kind.map(|kind| EventRow { tx, kind }));
}

#[cfg(test)]
mod tests;
