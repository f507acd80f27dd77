//! A chain of outputs as the typologies see it: parties are entities under the cut list, movements are outputs that cross from
//! one party to another.
//!
//! For a whole run two columns are made and thrown away after it: the party of each address and the sender of each transaction, four
//! bytes each. A run over what changed asks the forest and the ledger instead. Everything else is read from the ledger where it lies. A transaction whose inputs belong to several parties, or
//! that is held for a CoinJoin, has no sender: its outputs come from nobody in particular.

use crate::Engine;
use crate::error::EngineError;
use athar_entities::Forest;
use athar_ledger::Ledger;
use athar_patterns::{Classes, Facts, Move, NEVER, Party, Shape, Split, Timeline, UNPRICED, Way, World};
use athar_types::{AddressId, Category, Chain, OutputNum, TxNum};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

/// The first movements of a heavy party are kept, and of every party where only what changed is looked at: how many, and from which
/// weight on. Operators ask for the same parties time and again, and the movements of a service are dear to put in order.
const FIRST_MAX: usize = 20_000;
const HEAVY: u64 = 2_000;
/// Movements that are kept of all of them together: some 200 MB.
const KEPT_MAX: usize = 2_000_000;
/// Transactions or addresses that a thread takes at once.
const CHUNK: usize = 1 << 16;
/// Addresses of a party that are weighed at once where it may be heavy.
const MEMBERS_AT_ONCE: u32 = 256;
/// Receipts of a lone address whose weight is not kept.
const WEIGHED_EACH_TIME: u64 = 8;
/// A transaction that nobody in particular sends.
const NOBODY: u32 = Party::NOBODY.0;

/// What labels say of a party or address.
#[derive(Default)]
struct Said {
    classes: FxHashMap<u32, Classes>,
    countries: FxHashMap<u32, [u8; 2]>,
    /// Labels that stay on their address.
    on_address: FxHashMap<u32, Classes>,
}

/// A chain of outputs, for one run.
pub(super) struct OutputsWorld<'a> {
    engine: &'a Engine,
    ledger: &'a Ledger,
    forest: &'a Forest,
    /// The party of each address, and the sender of each transaction; none where so few are asked for that they are looked up.
    columns: Option<(Vec<u32>, Vec<u32>)>,
    said: Said,
    /// Weights of parties that are dear to weigh: operators ask for those of services time and again.
    weights: RwLock<FxHashMap<u32, Weight>>,
    /// The first movements of parties that were asked for.
    firsts: RwLock<Firsts>,
    facts: Facts,
}

/// What is known of a party's weight.
#[derive(Clone, Copy)]
enum Weight {
    Whole(u64),
    /// Counted so far and no further.
    AtLeast(u64),
}

/// The first movements of parties, within bounds.
#[derive(Default)]
struct Firsts {
    of: FxHashMap<u32, Arc<Timeline>>,
    kept: usize,
}

impl<'a> OutputsWorld<'a> {
    /// `is_partial`: only a small part of the chain will be looked at.
    pub(super) fn new(engine: &'a Engine, facts: Facts, is_partial: bool) -> Result<Self, EngineError> {
        let (ledger, forest) = (engine.ledger()?, engine.forest()?);
        let columns = (!is_partial).then(|| {
            let mut parties = vec![0_u32; ledger.address_count() as usize];
            parties.par_chunks_mut(CHUNK).enumerate().for_each(|(at, chunk)| {
                for (row, party) in chunk.iter_mut().enumerate() {
                    *party = engine.guard.root(forest, AddressId((at * CHUNK + row) as u32)).0;
                }
            });
            let senders = senders(engine, ledger, &parties);
            (parties, senders)
        });
        let mut world = Self {
            engine,
            ledger,
            forest,
            columns,
            said: Said::default(),
            weights: RwLock::default(),
            firsts: RwLock::default(),
            facts,
        };
        world.said = said(&world);
        Ok(world)
    }

    /// The party of an address.
    fn root(&self, address: u32) -> u32 {
        match &self.columns {
            Some((parties, _)) => parties.get(address as usize).copied().unwrap_or(NOBODY),
            None if address < self.ledger.address_count() => self.engine.guard.root(self.forest, AddressId(address)).0,
            None => NOBODY,
        }
    }

    /// The sender of a transaction.
    fn sender(&self, tx: u32) -> u32 {
        if let Some((_, senders)) = &self.columns {
            return senders[tx as usize];
        }
        let mut of = self.ledger.inputs(TxNum(tx)).map(|input| self.party_of(input.address));
        match of.next() {
            Some(one) if of.all(|other| other == one) && self.engine.coinjoin_kind(TxNum(tx)).is_none() => one,
            _ => NOBODY,
        }
    }

    fn party_of(&self, address: Option<AddressId>) -> u32 {
        address.map_or(NOBODY, |a| self.root(a.0))
    }

    fn cents(&self, sat: u64, time: u32) -> u64 {
        self.engine.usd(sat, athar_types::UnixTime(time)).map_or(UNPRICED, |usd| usd.0)
    }

    /// The outputs to others of a transaction that the party sends.
    fn sent(&self, party: u32, tx: TxNum, into: &mut Vec<Move>) {
        let time = self.time(tx.0);
        let own = self.ledger.inputs(tx).find_map(|input| input.address).map_or(u32::MAX, |a| a.0);
        for output in self.ledger.outputs(tx) {
            let to = self.party_of(output.address);
            if to == party || output.value.0 == 0 {
                continue;
            }
            into.push(Move {
                time,
                tx: tx.0,
                way: Way::Out,
                own,
                party: Party(to),
                other: output.address.map_or(u32::MAX, |a| a.0),
                asset: 0,
                units: u128::from(output.value.0),
                cents: self.cents(output.value.0, time),
                left: NEVER,
            });
        }
    }

    fn known_weight(&self, party: Party) -> Option<Weight> {
        self.weights.read().unwrap_or_else(PoisonError::into_inner).get(&party.0).copied()
    }

    /// Movements that an address has at most.
    fn weigh(&self, address: u32) -> u64 {
        let of = |output: OutputNum| {
            let spent = self.ledger.spent_by(output);
            1 + spent.map_or(0, |tx| u64::from(self.output_count(tx.0)))
        };
        self.ledger.address_outputs(AddressId(address)).map(of).sum()
    }

    /// Puts all movements of a party in order.
    fn read(&self, party: Party, into: &mut Timeline) {
        let ledger = self.ledger;
        into.party = party;
        let mut receipts: Vec<Receipt> = Vec::new();
        let mut spends: Vec<u32> = Vec::new();
        let size = self.size(party);
        let members = if size == 1 { vec![party.0] } else { self.members(party, 0..size) };
        for address in members {
            for output in ledger.address_outputs(AddressId(address)) {
                let spent_by = ledger.spent_by(output);
                spends.extend(spent_by.map(|tx| tx.0));
                let (tx, value) = (ledger.output_tx(output).0.0, ledger.output_value(output).0);
                receipts.push(Receipt { tx, address, value, spent_by });
            }
        }
        receipts.sort_unstable_by_key(|r| (r.tx, r.address));
        spends.sort_unstable();
        spends.dedup();
        // what the party puts into transactions that it does not send alone
        let mut shared: FxHashMap<u32, (u64, u32)> = FxHashMap::default();
        for receipt in &receipts {
            if let Some(tx) = receipt.spent_by.filter(|tx| self.sender(tx.0) != party.0) {
                shared.entry(tx.0).or_insert((0, receipt.address)).0 += receipt.value;
            }
        }
        // spending transactions by which nothing leaves the party
        let mut own_only: Vec<u32> = Vec::new();
        for tx in &spends {
            let before = into.moves.len();
            if let Some((value, address)) = shared.get(tx).copied() {
                let time = self.time(*tx);
                into.moves.push(Move {
                    time,
                    tx: *tx,
                    way: Way::Out,
                    own: address,
                    party: Party::NOBODY,
                    other: u32::MAX,
                    asset: 0,
                    units: u128::from(value),
                    cents: self.cents(value, time),
                    left: NEVER,
                });
            } else {
                self.sent(party.0, TxNum(*tx), &mut into.moves);
            }
            if into.moves.len() == before {
                own_only.push(*tx);
            }
        }
        // when what an own consolidation gathered left: on with the largest of what it made, the newest first, since each is
        // followed by later ones alone
        let mut gathered: FxHashMap<u32, u32> = FxHashMap::default();
        for tx in own_only.iter().rev() {
            let from = receipts.partition_point(|r| r.tx < *tx);
            let made = receipts[from..].iter().take_while(|r| r.tx == *tx);
            let next = made.max_by_key(|r| r.value).and_then(|r| r.spent_by);
            let left = next.map_or(NEVER, |next| gathered.get(&next.0).copied().unwrap_or_else(|| self.time(next.0)));
            gathered.insert(*tx, left);
        }
        let left = |receipt: &Receipt| {
            let Some(tx) = receipt.spent_by else { return NEVER };
            gathered.get(&tx.0).copied().unwrap_or_else(|| self.time(tx.0))
        };
        for receipt in &receipts {
            let sender = self.sender(receipt.tx);
            if sender == party.0 || receipt.value == 0 {
                continue;
            }
            let time = self.time(receipt.tx);
            let other = if sender == NOBODY {
                u32::MAX
            } else {
                ledger.inputs(TxNum(receipt.tx)).find_map(|input| input.address).map_or(u32::MAX, |a| a.0)
            };
            into.moves.push(Move {
                time,
                tx: receipt.tx,
                way: Way::In,
                own: receipt.address,
                party: Party(sender),
                other,
                asset: 0,
                units: u128::from(receipt.value),
                cents: self.cents(receipt.value, time),
                left: left(receipt),
            });
        }
        into.moves.sort_by_key(|m| (m.tx, m.way, m.own, m.other));
    }
}

/// The sender of each transaction.
fn senders(engine: &Engine, ledger: &Ledger, parties: &[u32]) -> Vec<u32> {
    let mut senders = vec![NOBODY; ledger.tx_count() as usize];
    for segment in ledger.segments() {
        let [first, end] = segment.ranges().txs;
        let (starts, addresses) = (segment.tx_input_starts(), segment.input_addresses());
        let of = &mut senders[first as usize..end as usize];
        of.par_chunks_mut(CHUNK).enumerate().for_each(|(at, chunk)| {
            for (row, sender) in chunk.iter_mut().enumerate() {
                let tx = at * CHUNK + row;
                let inputs = &addresses[starts[tx] as usize..starts[tx + 1] as usize];
                let mut of = inputs.iter().map(|a| if *a == AddressId::NONE { NOBODY } else { parties[*a as usize] });
                let Some(one) = of.next() else { continue };
                if of.all(|other| other == one) {
                    *sender = one;
                }
            }
        });
    }
    if let Some(forest) = &engine.forest {
        for (tx, _) in forest.coinjoins().filter(|(tx, _)| engine.coinjoin_kind(*tx).is_some()) {
            if let Some(sender) = senders.get_mut(tx.0 as usize) {
                *sender = NOBODY;
            }
        }
    }
    senders
}

/// What labels and the rules for services say of parties.
fn said(world: &OutputsWorld<'_>) -> Said {
    let engine = world.engine;
    let mut said = Said::default();
    for (subject, stays, root) in engine.known.each() {
        let (map, at) = if stays { (&mut said.on_address, root.0) } else { (&mut said.classes, world.root(root.0)) };
        let classes = map.entry(at).or_default();
        for (_, label) in engine.known.labels(subject, &engine.labels) {
            for category in &label.categories {
                classes.insert(*category);
            }
            let country = label.country.as_deref().map(str::as_bytes);
            if let (false, Some([a, b])) = (stays, country) {
                said.countries.entry(at).or_insert([a.to_ascii_uppercase(), b.to_ascii_uppercase()]);
            }
        }
    }
    for root in engine.inferred_roots() {
        said.classes.entry(world.root(root.0)).or_insert_with(|| Classes::of([Category::Service]));
    }
    said
}

/// A receipt of a party: from others, or its own change.
struct Receipt {
    tx: u32,
    address: u32,
    value: u64,
    spent_by: Option<TxNum>,
}

impl World for OutputsWorld<'_> {
    fn chain(&self) -> Chain {
        self.ledger.chain()
    }

    fn shape(&self) -> Shape {
        Shape::Outputs
    }

    fn addresses(&self) -> u32 {
        self.ledger.address_count()
    }

    fn txs(&self) -> u32 {
        self.ledger.tx_count()
    }

    fn time(&self, tx: u32) -> u32 {
        self.ledger.block_time(self.ledger.tx_height(TxNum(tx))).0
    }

    fn party(&self, address: u32) -> Party {
        Party(self.root(address))
    }

    fn size(&self, party: Party) -> u32 {
        self.engine.guard.size(self.forest, AddressId(party.0))
    }

    fn members(&self, party: Party, range: Range<u32>) -> Vec<u32> {
        let limit = range.end.saturating_sub(range.start);
        let members = self.engine.guard.members(self.forest, AddressId(party.0), range.start, limit);
        members.into_iter().map(|a| a.0).collect()
    }

    fn weight(&self, party: Party) -> u64 {
        let size = self.size(party);
        if size == 1 && self.ledger.address_output_count(AddressId(party.0)) <= WEIGHED_EACH_TIME {
            return self.weigh(party.0);
        }
        if let Some(Weight::Whole(weight)) = self.known_weight(party) {
            return weight;
        }
        let weight = self.members(party, 0..size).into_iter().map(|address| self.weigh(address)).sum();
        self.weights.write().unwrap_or_else(PoisonError::into_inner).insert(party.0, Weight::Whole(weight));
        weight
    }

    fn is_heavier(&self, party: Party, limit: u64) -> bool {
        match self.known_weight(party) {
            Some(Weight::Whole(weight)) => return weight > limit,
            Some(Weight::AtLeast(weight)) if weight > limit => return true,
            _ => {}
        }
        let (size, mut weight) = (self.size(party), 0);
        for first in (0..size).step_by(MEMBERS_AT_ONCE as usize) {
            for address in self.members(party, first..(first.saturating_add(MEMBERS_AT_ONCE)).min(size)) {
                weight += self.weigh(address);
                if weight > limit {
                    if weight > WEIGHED_EACH_TIME {
                        let mut weights = self.weights.write().unwrap_or_else(PoisonError::into_inner);
                        weights.insert(party.0, Weight::AtLeast(weight));
                    }
                    return true;
                }
            }
        }
        if weight > WEIGHED_EACH_TIME {
            self.weights.write().unwrap_or_else(PoisonError::into_inner).insert(party.0, Weight::Whole(weight));
        }
        false
    }

    fn fill(&self, party: Party, max: usize, into: &mut Timeline) {
        into.party = party;
        let known = self.firsts.read().unwrap_or_else(PoisonError::into_inner).of.get(&party.0).cloned();
        if let Some(first) = known.filter(|first| !first.is_cut || max <= FIRST_MAX) {
            into.moves.extend(first.moves.iter().take(max));
            into.is_cut = first.is_cut || first.moves.len() > max;
            return;
        }
        self.read(party, into);
        // over what changed, one rule after the other asks for the same few parties; over the whole, only services are asked for again
        if self.columns.is_none() || (max <= FIRST_MAX && self.is_heavier(party, HEAVY)) {
            let moves: Vec<Move> = into.moves.iter().take(FIRST_MAX).copied().collect();
            let first = Timeline { party, is_cut: into.moves.len() > moves.len(), moves };
            let mut firsts = self.firsts.write().unwrap_or_else(PoisonError::into_inner);
            let count = first.moves.len();
            if firsts.kept + count <= KEPT_MAX && firsts.of.insert(party.0, Arc::new(first)).is_none() {
                firsts.kept += count;
            }
        }
        into.is_cut = into.moves.len() > max;
        into.moves.truncate(max);
    }

    fn sent_in(&self, tx: u32, party: Party, into: &mut Vec<Move>) {
        if self.sender(tx) == party.0 {
            let first = into.len();
            self.sent(party.0, TxNum(tx), into);
            into[first..].sort_by_key(|m| (m.own, m.other));
        }
    }

    fn payers_of(&self, address: u32, max: usize) -> Option<Vec<Party>> {
        let own = self.root(address);
        let paid = self.ledger.address_outputs(AddressId(address));
        let paid = paid.filter(|output| self.ledger.output_value(*output).0 > 0);
        let senders = paid.map(|output| self.sender(self.ledger.output_tx(output).0.0));
        // change is no payment
        let payers: Vec<Party> = senders.filter(|sender| *sender != own).take(max + 1).map(Party).collect();
        (payers.len() <= max).then(|| Party::distinct(payers))
    }

    fn is_single_use(&self, party: Party) -> bool {
        self.size(party) == 1 && self.ledger.address_output_count(AddressId(party.0)) == 1
    }

    fn classes(&self, party: Party) -> Classes {
        self.said.classes.get(&party.0).copied().unwrap_or_default()
    }

    fn address_classes(&self, address: u32) -> Classes {
        self.said.on_address.get(&address).copied().unwrap_or_default()
    }

    fn labelled(&self, classes: Classes) -> Vec<Party> {
        let mut parties: Vec<Party> =
            self.said.classes.iter().filter(|(_, c)| c.meets(classes)).map(|(party, _)| Party(*party)).collect();
        parties.sort_unstable();
        parties
    }

    fn country(&self, party: Party) -> Option<[u8; 2]> {
        self.said.countries.get(&party.0).copied()
    }

    fn split(&self, tx: u32) -> Option<Split> {
        let ledger = self.ledger;
        let (inputs, outputs) = (ledger.tx_inputs(TxNum(tx)), ledger.tx_outputs(TxNum(tx)));
        if inputs.end - inputs.start != 1 || outputs.end - outputs.start != 2 {
            return None;
        }
        let input = ledger.inputs(TxNum(tx)).next()?;
        let spent = ledger.output_value(ledger.spent_output(&input)).0;
        let [a, b] = [outputs.start, outputs.start + 1].map(|n| (n, ledger.output_value(OutputNum(n)).0));
        let (kept, peeled) = if a.1 >= b.1 { (a, b) } else { (b, a) };
        let address = |n: u64| ledger.output_address(OutputNum(n)).map_or(u32::MAX, |a| a.0);
        Some(Split {
            from: input.address?.0,
            units: u128::from(spent),
            kept: (address(kept.0), u128::from(kept.1), ledger.spent_by(OutputNum(kept.0)).map(|tx| tx.0)),
            peeled: (address(peeled.0), u128::from(peeled.1)),
        })
    }

    fn mix(&self, tx: u32) -> Option<&'static str> {
        self.engine.coinjoin_kind(TxNum(tx)).map(athar_entities::CoinJoinKind::name)
    }

    fn output_count(&self, tx: u32) -> u32 {
        let outputs = self.ledger.tx_outputs(TxNum(tx));
        (outputs.end - outputs.start) as u32
    }

    fn parties_of(&self, tx: u32, into: &mut Vec<Party>) {
        into.extend(self.ledger.inputs(TxNum(tx)).map(|input| Party(self.party_of(input.address))));
        into.extend(self.ledger.outputs(TxNum(tx)).map(|output| Party(self.party_of(output.address))));
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn asset(&self, _: u32) -> String {
        self.engine.asset().symbol().into()
    }

    fn address_text(&self, address: u32) -> String {
        self.ledger.address_text(AddressId(address))
    }

    fn tx_text(&self, tx: u32) -> String {
        self.ledger.txid(TxNum(tx)).to_string()
    }
}
