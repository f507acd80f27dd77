//! Exposure: which labelled counterparties a subject's money came from and went to, directly or through others.
//!
//! What is summed, and why nothing is summed twice for a label:
//! * The sources are the subject's own outputs. Value that only moves between them is `internal` and no exposure.
//! * A label records each satoshi of the subject once per direction: where it first reaches an address of that label
//!   (the label's key then travels with the taint, [`Span::tag`]). That a service lies further on does not matter to a
//!   label met before it, and one satoshi may be recorded by several labels: shares of different labels are not to be
//!   added up.
//! * Whether the trace goes on past a labelled address is for [`Stops`] alone: at a service it ends, since the service's
//!   other customers are nobody's counterparties; past any other label it goes on.
//! * Direct and indirect are apart: satoshi that reached the label with one hop, and those that needed more.
//! * Labels come in groups ([`Labels::groups_of`]): each group is recorded in the same way, beside its labels, so that a
//!   satoshi that met two labels of a group counts once for the group.
//! * Under poison nothing is summed: an exposure then says that a label was reached, from how near, on how many outputs; its
//!   amount is 0, and its evidence gives the values of outputs reached.

use crate::bounds::{Bound, Bounded, Limits};
use crate::error::TraceError;
use crate::path::{Links, Step};
use crate::share::Share;
use crate::sink::{Arrival, End, Link, Sink};
use crate::source::Sources;
use crate::stop::{Labels, Owners, StopReason, Stops};
use crate::taint::{Direction, Policy, Span};
use crate::totals::Totals;
use crate::walk::{Question, stream};
use athar_ledger::Ledger;
use athar_types::{AddressId, InputNum, OutputNum, Relation, TxNum};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};

/// What exposure is asked of.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// An owner: everything ever paid to these addresses. [`Owners::is_own`] should hold for each of them.
    Addresses(&'a [AddressId]),
    /// One output: where its value came from and where it went.
    Output(OutputNum),
    /// A transaction: where what it spends came from, where what it makes went. Its own inputs and outputs are one hop
    /// away; its fee is no part of what it sent.
    Transaction(TxNum),
}

/// Everything an exposure depends on beside the ledger.
#[derive(Debug)]
pub struct ExposureQuestion<'a, S: ?Sized, O: ?Sized, L: ?Sized> {
    /// How transactions carry taint.
    pub policy: Policy,
    /// Of what.
    pub subject: Subject<'a>,
    /// Where to stop.
    pub stops: &'a S,
    /// What is the subject's own.
    pub owners: &'a O,
    /// Who is met. Own addresses are not asked about.
    pub labels: &'a L,
    /// How far, in each direction.
    pub limits: &'a Limits,
    /// At most this many places are given as evidence of one exposure.
    pub evidence_max: usize,
}

/// Whether the subject received or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// The subject's money came from there.
    Received,
    /// The subject's money went there.
    Sent,
}

/// One place where a label was met, and the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The output at the labelled address.
    pub output: OutputNum,
    /// Satoshi of the subject that first met the label there, at this number of hops.
    pub sat: u64,
    /// How many hops from the subject.
    pub hops: u32,
    /// The way, from the subject on. Empty where the subject is the transaction that makes or spends the output, and
    /// where no paths are kept ([`Limits::keep_paths`]).
    pub path: Vec<Step>,
}

/// What one label has to do with the subject, in one direction and one relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// The caller's key of the label.
    pub label: u32,
    /// Counterparty (one hop) or indirect (more).
    pub relation: Relation,
    /// Received from there or sent there.
    pub flow: Flow,
    /// Satoshi of the subject that met the label; 0 under poison.
    pub amount_sat: u64,
    /// That, of everything the subject received or sent ([`Side::total_sat`]).
    pub share: Share,
    /// Fewest hops to the label in this relation.
    pub hops_min: u32,
    /// Number of outputs at which the label was met.
    pub outputs: u64,
    /// Places where it was met: fewest hops first, then the largest amounts, then chain order.
    pub evidence: Vec<Evidence>,
    /// Whether there are more places than given.
    pub evidence_truncated: bool,
}

/// One direction of an exposure.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Received or sent.
    pub flow: Flow,
    /// Everything the subject received from others or sent to others (fees included), within the heights asked for.
    /// Moves within the subject are no part of it; what others sent back to it is. 0 under poison.
    pub total_sat: u64,
    /// Exposures by label, the direct before the indirect.
    pub exposures: Vec<Exposure>,
    /// The same by group; the key is the group's.
    pub groups: Vec<Exposure>,
    /// Where everything ended.
    pub totals: Totals,
    /// Whether the subject has more outputs than were looked at.
    pub sources_truncated: bool,
}

impl Side {
    /// Whether nothing was left at a bound but that of hops: within those, the answer is whole.
    pub fn is_complete(&self) -> bool {
        !self.sources_truncated && self.totals.bounded.iter().all(|b| b.bound == Bound::Hops)
    }

    /// What was left at bounds.
    pub fn bounded(&self) -> &[Bounded] {
        &self.totals.bounded
    }
}

/// Exposure in both directions.
#[derive(Clone, Debug, Serialize)]
pub struct Exposures {
    /// Where the subject's money came from.
    pub received: Side,
    /// Where it went.
    pub sent: Side,
}

/// Finds the labelled counterparties of a subject, backward and forward.
pub fn exposure<S, O, L>(ledger: &Ledger, question: &ExposureQuestion<'_, S, O, L>) -> Result<Exposures, TraceError>
where
    S: Stops + ?Sized,
    O: Owners + ?Sized,
    L: Labels + ?Sized,
{
    let max = question.limits.sources_max;
    let (received, sent) = match question.subject {
        Subject::Addresses(addresses) => {
            let sources = Sources::addresses(ledger, addresses.iter().copied(), max)?;
            (sources.clone(), sources)
        }
        Subject::Output(output) => {
            let sources = Sources::outputs(ledger, [output], max)?;
            (sources.clone(), sources)
        }
        Subject::Transaction(tx) => {
            if tx.0 >= ledger.tx_count() {
                return Err(TraceError::UnknownTx { tx, count: ledger.tx_count() });
            }
            let spent = ledger.tx_inputs(tx).map(|i| ledger.spent_output(&ledger.input(InputNum(i))));
            let made = ledger.tx_outputs(tx).map(OutputNum);
            (Sources::outputs(ledger, spent, max)?.reached(), Sources::outputs(ledger, made, max)?.reached())
        }
    };
    Ok(Exposures {
        received: side(ledger, question, Flow::Received, &received),
        sent: side(ledger, question, Flow::Sent, &sent),
    })
}

fn side<S, O, L>(ledger: &Ledger, question: &ExposureQuestion<'_, S, O, L>, flow: Flow, sources: &Sources) -> Side
where
    S: Stops + ?Sized,
    O: Owners + ?Sized,
    L: Labels + ?Sized,
{
    let ExposureQuestion { policy, stops, owners, labels, limits, evidence_max, .. } = *question;
    let direction = match flow {
        Flow::Received => Direction::Backward,
        Flow::Sent => Direction::Forward,
    };
    let mut meetings = Meetings {
        labels,
        sets: Sets::default(),
        met: BTreeMap::new(),
        evidence_max,
        is_summed: policy.is_summed(),
        keys: Vec::new(),
        by_hop: Vec::new(),
        at_home_sat: 0,
        links: limits.keep_paths.then(|| Links::new(direction, sources)),
    };
    let totals = stream(ledger, &Question { policy, direction, sources, stops, owners, limits }, &mut meetings);
    let Meetings { met, at_home_sat, mut links, .. } = meetings;
    if let Some(links) = &mut links {
        links.finish();
    }
    let total_sat = if totals.is_summed { totals.source_sat - totals.internal_sat - at_home_sat } else { 0 };
    let (mut exposures, mut groups) = (Vec::new(), Vec::new());
    for ((key, relation), met) in met {
        let list = if key < GROUP { &mut exposures } else { &mut groups };
        list.push(Exposure {
            label: key & !GROUP,
            relation,
            flow,
            amount_sat: met.sat,
            share: Share { part: u128::from(met.sat), whole: u128::from(total_sat) },
            hops_min: met.hops_min,
            outputs: met.outputs,
            evidence_truncated: met.places > met.best.len() as u64,
            evidence: met.best.into_iter().map(|place| place.evidence(links.as_ref())).collect(),
        });
    }
    Side { flow, total_sat, exposures, groups, totals, sources_truncated: sources.is_truncated() }
}

/// What marks the key of a group among those of labels.
const GROUP: u32 = 1 << 31;

/// Where a label was met, in the order of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    hops: u32,
    sat: Reverse<u64>,
    output: OutputNum,
    /// The first satoshi that met the label there.
    at: u64,
}

impl Place {
    fn evidence(self, links: Option<&Links>) -> Evidence {
        let path = links.and_then(|l| l.path_of(self.output, self.at)).unwrap_or_default();
        Evidence { output: self.output, sat: self.sat.0, hops: self.hops, path }
    }
}

#[derive(Debug, Default)]
struct Met {
    sat: u64,
    hops_min: u32,
    outputs: u64,
    /// Outputs, counted once for each number of hops at which they were reached.
    places: u64,
    best: Vec<Place>,
}

/// Sets of labels that taint has met, as small numbers: what travels with the taint.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    /// The members of set `n + 1`, sorted; set 0 is empty.
    members: Vec<Vec<u32>>,
    numbers: FxHashMap<Vec<u32>, u32>,
}

impl Sets {
    /// The set with `label` added, `None` where it holds it already.
    pub(crate) fn with(&mut self, set: u32, label: u32) -> Option<u32> {
        let members = if set == 0 { &[][..] } else { &self.members[set as usize - 1] };
        let at = members.binary_search(&label).err()?;
        let mut grown = members.to_vec();
        grown.insert(at, label);
        let number = self.members.len() as u32 + 1;
        let members = &mut self.members;
        Some(*self.numbers.entry(grown).or_insert_with_key(|grown| {
            members.push(grown.clone());
            number
        }))
    }
}

struct Meetings<'a, L: ?Sized> {
    labels: &'a L,
    sets: Sets,
    met: BTreeMap<(u32, Relation), Met>,
    evidence_max: usize,
    is_summed: bool,
    keys: Vec<u32>,
    /// Hops, satoshi, and the first of them: of one arrival.
    by_hop: Vec<(u32, u64, u64)>,
    /// Satoshi that never left the subject, or did outside the heights asked for.
    at_home_sat: u64,
    links: Option<Links>,
}

impl<L: Labels + ?Sized> Sink for Meetings<'_, L> {
    fn link(&mut self, link: &Link) {
        if let Some(links) = &mut self.links {
            links.push(link);
        }
    }

    fn reach(&mut self, at: &Arrival, spans: &mut [Span]) {
        if at.is_own {
            return;
        }
        // a service that only a rule knows has no label; one whose label the stop alone knows is met by that
        let label = at.address.and_then(|a| self.labels.label_of(a)).or(match at.stop {
            Some(StopReason::Service { label }) => Some(label),
            _ => None,
        });
        let Some(label) = label else { return };
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        keys.push(label);
        keys.extend(self.labels.groups_of(label).iter().map(|group| group | GROUP));
        for key in &keys {
            self.meet(*key, at.output, spans);
        }
        self.keys = keys;
    }

    fn end(&mut self, _: OutputNum, spans: &[Span], end: End) {
        if matches!(end, End::Held | End::Bounded(Bound::Since | Bound::Until)) {
            self.at_home_sat += spans.iter().filter(|s| s.hop == 0).map(Span::sat).sum::<u64>();
        }
    }
}

impl<L: ?Sized> Meetings<'_, L> {
    /// Records what meets a label or group here for the first time, and marks it.
    fn meet(&mut self, key: u32, output: OutputNum, spans: &mut [Span]) {
        let mut by_hop = std::mem::take(&mut self.by_hop);
        by_hop.clear();
        for span in spans {
            let is_new = if self.is_summed {
                let grown = self.sets.with(span.tag, key);
                span.tag = grown.unwrap_or(span.tag);
                grown.is_some()
            } else {
                true // reached is reached, however often
            };
            if is_new {
                match by_hop.iter_mut().find(|(hop, ..)| *hop == span.hop) {
                    Some((_, sat, _)) => *sat += span.sat(),
                    None => by_hop.push((span.hop, span.sat(), span.lo)),
                }
            }
        }
        by_hop.sort_unstable();
        let mut last = None;
        for (hops, sat, at) in by_hop.iter().copied() {
            let relation = if hops <= 1 { Relation::Counterparty } else { Relation::Indirect };
            let met = self.met.entry((key, relation)).or_insert_with(|| Met { hops_min: hops, ..Met::default() });
            met.sat += if self.is_summed { sat } else { 0 };
            met.hops_min = met.hops_min.min(hops);
            met.places += 1;
            met.outputs += u64::from(last.replace(relation) != Some(relation));
            let place = Place { hops, sat: Reverse(sat), output, at };
            let rank = met.best.partition_point(|p| *p < place);
            if rank < self.evidence_max {
                met.best.truncate(self.evidence_max - 1);
                met.best.insert(rank, place);
            }
        }
        self.by_hop = by_hop;
    }
}
