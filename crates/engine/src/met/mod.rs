//! Whom a subject's money met: FIFO taint in both directions, summed up for each labelled entity, made to answer quickly.
//!
//! The question and its sums are those of [`athar_trace::exposure`], which a test holds them against. What differs is for
//! screening, which is asked a thousand times a second:
//!
//! * A clock may end it ([`Clock`]); what is then still on its way ends at the bound `cancelled`, and the answer says so.
//! * Roots and labels of addresses are looked up once and remembered ([`lookup`]).
//! * The places where a label is met come without paths; a path is made for the few that are shown ([`paths`]).
//! * Sources are gathered once for both directions.

mod clock;
mod lookup;
mod paths;
mod sink;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;

pub(crate) use clock::Clock;
pub(crate) use sink::Met;

use crate::Engine;
use crate::error::EngineError;
use athar_ledger::Ledger;
use athar_trace::{
    Bound, Direction, Flow, Limits, Link, Policy, Question, Sources, Subject, Totals, TraceError, stream,
};
use athar_types::{AddressId, InputNum, OutputNum};
use lookup::Lookup;
use sink::Meetings;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Outputs of a subject between two looks at the clock while they are gathered.
const LOOK_EVERY: usize = 256;
/// Links that a thread keeps room for between two questions (48 bytes each).
const LINKS_KEPT_MAX: usize = 1 << 19;

thread_local! {
    /// Memory for links, so that not every question takes new pages from the system.
    static LINKS: RefCell<Vec<Link>> = const { RefCell::new(Vec::new()) };
}

/// What is asked.
pub(crate) struct Ask<'a> {
    pub(crate) subject: Subject<'a>,
    /// Root of the subject's entity; none where only what was named is its own.
    pub(crate) own: Option<AddressId>,
    /// How far, in each direction.
    pub(crate) limits: &'a Limits,
    /// Places kept for each label and relation: fewest hops first, then the largest amounts, then chain order.
    pub(crate) places_max: usize,
    /// How many of them get a path.
    pub(crate) paths_max: usize,
    /// What ends it early.
    pub(crate) clock: Option<&'a Clock>,
}

/// One direction of the answer.
pub(crate) struct Side {
    pub(crate) flow: Flow,
    /// Everything received from others or sent to others.
    pub(crate) total_sat: u64,
    /// Whom the money met, by label and relation.
    pub(crate) met: Vec<Met>,
    /// What stopped at services that no label names, by rule: satoshi, outputs.
    pub(crate) inferred: BTreeMap<u32, (u64, u64)>,
    pub(crate) totals: Totals,
    /// Whether the subject has more outputs than were looked at, and whether it was the clock that said so.
    pub(crate) sources_truncated: bool,
    pub(crate) sources_cut: bool,
}

impl Side {
    /// Whether nothing was left at a bound but that of hops: within those, the answer is whole.
    pub(crate) fn is_complete(&self) -> bool {
        !self.sources_truncated && self.totals.bounded.iter().all(|b| b.bound == Bound::Hops)
    }

    /// Whether the clock ended it.
    pub(crate) fn is_cut(&self) -> bool {
        self.sources_cut || self.totals.bounded.iter().any(|b| b.bound == Bound::Cancelled)
    }
}

/// Finds whom the subject's money met, backward and forward.
pub(crate) fn met(engine: &Engine, ask: &Ask<'_>) -> Result<[Side; 2], EngineError> {
    let ledger = engine.ledger()?;
    // of a transaction two sets, else one for both directions
    let (received, sent, truncated, cut) = match ask.subject {
        Subject::Addresses(addresses) => {
            let (outputs, truncated, cut) = gather(ledger, addresses, ask)?;
            (Sources::outputs(ledger, outputs, usize::MAX)?, None, truncated, cut)
        }
        Subject::Output(output) => (Sources::outputs(ledger, [output], 1)?, None, false, false),
        Subject::Transaction(tx) => {
            if tx.0 >= ledger.tx_count() {
                return Err(TraceError::UnknownTx { tx, count: ledger.tx_count() }.into());
            }
            let max = ask.limits.sources_max;
            let spent = ledger.tx_inputs(tx).map(|i| ledger.spent_output(&ledger.input(InputNum(i))));
            let made = ledger.tx_outputs(tx).map(OutputNum);
            let made = Sources::outputs(ledger, made, max)?.reached();
            (Sources::outputs(ledger, spent, max)?.reached(), Some(made), false, false)
        }
    };
    let mut sides = [
        side(engine, ledger, ask, Flow::Received, &received),
        side(engine, ledger, ask, Flow::Sent, sent.as_ref().unwrap_or(&received)),
    ];
    for side in &mut sides {
        side.sources_truncated |= truncated;
        side.sources_cut = cut;
    }
    Ok(sides)
}

/// The outputs that paid the addresses, whether there are more, and whether the clock left them out.
fn gather(
    ledger: &Ledger,
    addresses: &[AddressId],
    ask: &Ask<'_>,
) -> Result<(Vec<OutputNum>, bool, bool), EngineError> {
    let in_time = ask.clock.map_or(usize::MAX, Clock::sources_max);
    let mut outputs = Vec::new();
    for address in addresses {
        if address.0 >= ledger.address_count() {
            let (address, count) = (*address, ledger.address_count());
            return Err(TraceError::UnknownAddress { address, count }.into());
        }
        for output in ledger.address_outputs(*address) {
            if outputs.len() >= ask.limits.sources_max {
                return Ok((outputs, true, false));
            }
            let looks = outputs.len() % LOOK_EVERY == LOOK_EVERY - 1;
            if outputs.len() >= in_time || looks && ask.clock.is_some_and(Clock::gathered_enough) {
                return Ok((outputs, true, true));
            }
            outputs.push(output);
        }
    }
    Ok((outputs, false, false))
}

fn side(engine: &Engine, ledger: &Ledger, ask: &Ask<'_>, flow: Flow, sources: &Sources) -> Side {
    let direction = match flow {
        Flow::Received => Direction::Backward,
        Flow::Sent => Direction::Forward,
    };
    let lookup = Lookup::new(engine, ledger, ask.own);
    let deadline = ask.clock.map(|clock| clock.walked_enough(flow));
    let mut links = (ask.paths_max > 0).then(|| LINKS.take());
    let mut meetings = Meetings::new(&lookup, ask.places_max, deadline, links.as_mut());
    let question =
        Question { policy: Policy::Fifo, direction, sources, stops: &lookup, owners: &lookup, limits: ask.limits };
    let totals = stream(ledger, &question, &mut meetings);
    let (mut met, at_home_sat, inferred) = meetings.finish();
    for of in met.iter_mut().flat_map(|met| &mut met.places) {
        // what the subject itself is made of was reached by no link
        of.moved.get_or_insert_with(|| match direction {
            Direction::Forward => ledger.output_tx(of.output).0,
            Direction::Backward => ledger.spent_by(of.output).unwrap_or_else(|| ledger.output_tx(of.output).0),
        });
    }
    if let Some(mut links) = links {
        let shown = met.iter_mut().flat_map(|met| met.places.iter_mut().take(ask.paths_max));
        paths::fill(shown.collect(), &links, direction, sources);
        links.clear();
        if links.capacity() <= LINKS_KEPT_MAX {
            LINKS.set(links);
        }
    }
    Side {
        flow,
        total_sat: totals.source_sat - totals.internal_sat - at_home_sat,
        met,
        inferred,
        totals,
        sources_truncated: sources.is_truncated(),
        sources_cut: false,
    }
}
