//! Whom a subject dealt with directly, summed up for each party.
//!
//! A party is an entity, or a single address whose labels say nothing of its entity (a customer's account at a service), just as
//! a screening's statements keep them apart.

use super::moves::{Reader, Way, With};
use super::whose::{Distinct, Whose};
use super::{DealingsAsk, MEMBERS_MAX, OUTPUTS_MAX, SAMPLE, SLOTS_MAX, Sides};
use crate::Engine;
use crate::error::EngineError;
use crate::json::{Millionths, Usd};
use crate::read::AmountView;
use crate::worth::Worth;
use athar_labels::RiskTable;
use athar_ledger::Ledger;
use athar_types::{AddressId, Basis, Category, Level, Relation, TxNum, UnixTime};
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;

/// Whom a subject dealt with directly. On a chain of outputs amounts are satoshi in `*_units`; on a chain of accounts they are told
/// asset by asset in `amounts`, sums are in dollars alone, and only the coin and verified tokens count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CounterpartiesView {
    /// The address that was asked about.
    pub subject: String,
    /// `address`: it alone. `entity`: all addresses that act as one with it.
    #[schemars(with = "String")]
    pub of: &'static str,
    /// Chain.
    pub chain: String,
    /// Name of its entity; none where entities are not built.
    pub entity: Option<String>,
    /// Everything that it received.
    pub received: DealtView,
    /// Everything that it sent.
    pub sent: DealtView,
    /// CoinJoins that it took part in, in which nobody can say who paid whom. No sum of a party holds what went through one.
    pub coinjoins: Vec<MixedView>,
    /// A page of the parties, the largest sum first: in satoshi on a chain of outputs, in dollars on one of accounts.
    pub parties: Vec<PartyView>,
    /// Where the page begins.
    pub offset: u64,
    /// Parties of the sides asked for.
    pub parties_total: u64,
    /// Whether there are more after the page.
    pub truncated: bool,
    /// What was looked at, and the bound that was hit.
    pub examined: ExaminedView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One side of a subject's dealings. On a chain of outputs: the sum over all parties, with `fees_units`, `minted_units`,
/// `coinjoin_units`, `pool_units`, `unaddressed_units` and `unread_units`, is `amount_units`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DealtView {
    /// Everything that came from others, or went to others, fees included; digits. None on a chain of accounts.
    pub amount_units: Option<String>,
    /// What it was worth, each part at the price of its day; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something has no price and is not in `usd`.
    pub is_partly_unpriced: bool,
    /// How many parties.
    pub parties: u64,
    /// Transactions with one of them.
    pub txs: u64,
    /// What went between the subject and itself (change, and of an address also its entity's other addresses). In no other figure.
    pub to_self_units: Option<String>,
    /// Fees that it paid.
    pub fees_units: Option<String>,
    /// New coins.
    pub minted_units: Option<String>,
    /// What came out of CoinJoins or went into them.
    pub coinjoin_units: Option<String>,
    /// What crossed the border of a hidden pool.
    pub pool_units: Option<String>,
    /// What came from or went to outputs without an address.
    pub unaddressed_units: Option<String>,
    /// What went through transactions of more than 10,000 inputs (outputs), whose parties are not read.
    pub unread_units: Option<String>,
    /// On a chain of accounts: the sums, asset by asset, the first 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<AmountView>,
}

/// CoinJoins of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MixedView {
    /// The kind.
    pub kind: String,
    /// `received`: what came out. `sent`: what went in.
    #[schemars(with = "String")]
    pub side: &'static str,
    /// Satoshi, as digits.
    pub amount_units: String,
    /// Transactions.
    pub txs: u64,
    /// The first of them.
    pub sample_txids: Vec<String>,
}

/// A party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartyView {
    /// Name of the entity: the first-seen address in it.
    pub entity: String,
    /// The address of it that took part with the largest amount.
    pub address: String,
    /// `received` (from it) or `sent` (to it).
    #[schemars(with = "String")]
    pub side: &'static str,
    /// The label that weighs most for a counterparty; none where nothing is known, which says nothing else of it.
    pub label: Option<String>,
    /// Its category.
    #[schemars(with = "Option<String>")]
    pub category: Option<Category>,
    /// What it stands on.
    #[schemars(with = "Option<String>")]
    pub basis: Option<Basis>,
    /// The level that the category and its basis give a direct counterparty.
    #[schemars(with = "Option<String>")]
    pub severity: Option<Level>,
    /// Whether it is a service: by a label, or by an inferred rule.
    pub service: bool,
    /// The rule by which it is held for a service where no label says so.
    pub inferred: Option<String>,
    /// Sum in satoshi, as digits; none on a chain of accounts.
    pub amount_units: Option<String>,
    /// On a chain of accounts: the sums, asset by asset, the first 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<AmountView>,
    /// What it was worth, each part at the price of its day.
    pub usd: Option<Usd>,
    /// Its part of everything on its side: of the amount; on a chain of accounts of the dollars.
    pub share: Option<Millionths>,
    /// Transactions.
    pub txs: u64,
    /// Time of the first.
    pub first_time: String,
    /// Time of the last.
    pub last_time: String,
    /// Transactions with the largest amounts, at most five. On a chain of accounts the first.
    pub sample_txids: Vec<String>,
    /// Addresses of it that took part.
    pub addresses: u64,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExaminedView {
    /// Addresses of the subject.
    pub addresses: u64,
    /// How many it has.
    pub addresses_total: u64,
    /// Outputs that pay it; transfers on a chain of accounts.
    pub outputs: u64,
    /// Transactions, of the days asked for.
    pub txs: u64,
    /// On a chain of accounts: transfers of unverified tokens, which anybody can send to anybody. They are in no sum.
    #[serde(skip_serializing_if = "is_zero")]
    pub unverified: u64,
    /// The bound that was hit: `addresses` (the first 50,000), `outputs` (the first 100,000), `inputs_and_outputs` (the first 3,000,000 of
    /// transactions), `transfers` (the first 300,000). Then the sums are of the first transactions alone; none: they are of all.
    #[schemars(with = "Option<String>")]
    pub bound: Option<&'static str>,
    /// The last day that was looked at, where a bound was hit: of later ones nothing is said, and of earlier ones what was not among the
    /// outputs is missing too.
    pub until: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde calls
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What adds up for one party on one side.
struct Sum {
    /// An address of it, and the largest amount of one slot there.
    address: (AddressId, u64),
    sat: u64,
    worth: Worth,
    txs: u64,
    first: TxNum,
    last: TxNum,
    /// The transactions with the largest amounts.
    sample: Vec<(Reverse<u64>, TxNum)>,
    /// Satoshi in the last of them so far.
    in_last: u64,
    addresses: u64,
}

impl Sum {
    fn new(address: AddressId, tx: TxNum) -> Self {
        Self {
            address: (address, 0),
            sat: 0,
            worth: Worth::default(),
            txs: 1,
            first: tx,
            last: tx,
            sample: Vec::new(),
            in_last: 0,
            addresses: 0,
        }
    }

    fn add(&mut self, address: AddressId, tx: TxNum, sat: u64, usd: Option<Usd>) {
        if self.last != tx {
            self.close();
            (self.last, self.txs) = (tx, self.txs + 1);
        }
        if sat > self.address.1 {
            self.address = (address, sat);
        }
        self.sat += sat;
        self.in_last += sat;
        self.worth.add(sat, usd);
    }

    /// Ends the transaction that was added to last.
    fn close(&mut self) {
        let next = (Reverse(std::mem::take(&mut self.in_last)), self.last);
        if let Err(at) = self.sample.binary_search(&next)
            && at < SAMPLE
        {
            self.sample.insert(at, next);
            self.sample.truncate(SAMPLE);
        }
    }
}

/// What adds up on one side beside the parties.
#[derive(Default)]
struct Whole {
    sat: u64,
    worth: Worth,
    txs: u64,
    last: Option<TxNum>,
    home: u64,
    fees: u64,
    minted: u64,
    mixed: u64,
    pool: u64,
    unaddressed: u64,
    unread: u64,
}

/// Sums of CoinJoins of one kind on one side.
#[derive(Default)]
struct Mixed {
    sat: u64,
    txs: u64,
    sample: Vec<TxNum>,
}

/// All sums of an answer.
#[derive(Default)]
struct Sums {
    parties: FxHashMap<(Way, u32), Sum>,
    /// By way.
    whole: [Whole; 2],
    mixed: FxHashMap<(&'static str, Way), Mixed>,
    distinct: [Distinct; 2],
}

/// What stands for a party: the root of its entity, or with the highest bit the lone address whose labels stay on it.
fn party_of(engine: &Engine, address: AddressId) -> u32 {
    const LONE: u32 = 1 << 31;
    if engine.known.of_address(address).is_some() { address.0 | LONE } else { engine.root_of(address).0 }
}

impl Sums {
    fn add(&mut self, engine: &Engine, tx: TxNum, time: UnixTime, (way, with, sat): (Way, With, u64)) {
        let whole = &mut self.whole[usize::from(way == Way::Out)];
        if with == With::Home {
            whole.home += sat;
            return;
        }
        let usd = engine.usd(sat, time);
        whole.sat += sat;
        whole.worth.add(sat, usd);
        match with {
            With::Party(address) => {
                if whole.last != Some(tx) {
                    (whole.last, whole.txs) = (Some(tx), whole.txs + 1);
                }
                let party = party_of(engine, address);
                let sum = self.parties.entry((way, party)).or_insert_with(|| Sum::new(address, tx));
                sum.add(address, tx, sat, usd);
                if self.distinct[usize::from(way == Way::Out)].is_new(party, address) {
                    sum.addresses += 1;
                }
            }
            With::Mix(kind) => {
                whole.mixed += sat;
                let mixed = self.mixed.entry((kind.name(), way)).or_default();
                mixed.sat += sat;
                mixed.txs += 1;
                if mixed.sample.len() < SAMPLE {
                    mixed.sample.push(tx);
                }
            }
            With::Unaddressed => whole.unaddressed += sat,
            With::Fee => whole.fees += sat,
            With::Minted => whole.minted += sat,
            With::Pool => whole.pool += sat,
            With::Wide => whole.unread += sat,
            With::Home => {}
        }
    }
}

impl Engine {
    /// Whom an address or its entity dealt with directly; `None` where it is not on the chain.
    pub fn dealt_with(
        &self,
        ask: &DealingsAsk,
        sides: Sides,
        offset: u64,
        limit: usize,
    ) -> Result<Option<CounterpartiesView>, EngineError> {
        ask.check()?;
        if self.is_account_chain() {
            return self.account_counterparties(ask, sides, offset, limit);
        }
        let ledger = self.ledger()?;
        let Some(whose) = Whose::find(self, ask)? else { return Ok(None) };
        let mut sums = Sums::default();
        let examined = self.each_dealing(ledger, &whose, ask, &mut |tx, time, dealt| sums.add(self, tx, time, dealt));
        let Sums { mut parties, whole, mixed, .. } = sums;
        parties.values_mut().for_each(Sum::close);
        let counts = [Way::In, Way::Out].map(|way| parties.keys().filter(|(of, _)| *of == way).count() as u64);
        let mut order: Vec<((Way, u32), &Sum)> = parties
            .iter()
            .map(|(key, sum)| (*key, sum))
            .filter(|((way, _), _)| match sides {
                Sides::Both => true,
                Sides::Received => *way == Way::In,
                Sides::Sent => *way == Way::Out,
            })
            .collect();
        order.sort_unstable_by_key(|(key, sum)| (Reverse(sum.sat), *key));
        let first = usize::try_from(offset).unwrap_or(usize::MAX);
        let page: Vec<PartyView> = order
            .iter()
            .skip(first)
            .take(limit)
            .map(|((way, _), sum)| self.party_view(ledger, *way, sum, &whole[usize::from(*way == Way::Out)]))
            .collect();
        let mut coinjoins: Vec<MixedView> = mixed
            .into_iter()
            .map(|((kind, way), mixed)| MixedView {
                kind: kind.into(),
                side: way.name(),
                amount_units: mixed.sat.to_string(),
                txs: mixed.txs,
                sample_txids: mixed.sample.iter().map(|tx| ledger.txid(*tx).to_string()).collect(),
            })
            .collect();
        coinjoins.sort_by(|a, b| (&a.kind, a.side).cmp(&(&b.kind, b.side)));
        let [received, sent] = whole;
        Ok(Some(CounterpartiesView {
            subject: ledger.address_text(whose.asked),
            of: ask.of.name(),
            chain: ledger.chain().to_string(),
            entity: self.forest.as_ref().map(|forest| ledger.address_text(self.guard.name(forest, whose.asked))),
            received: received.view(counts[0]),
            sent: sent.view(counts[1]),
            coinjoins,
            truncated: first.saturating_add(page.len()) < order.len(),
            parties_total: order.len() as u64,
            parties: page,
            offset,
            examined,
            snapshot: self.snapshot(
                "counterparties",
                &(ledger.address_text(whose.asked), ask.of, ask.from, ask.to, sides, offset, limit),
            ),
        }))
    }

    /// Tells of everything that the subject dealt in the days asked for, and gives what was looked at.
    pub(super) fn each_dealing(
        &self,
        ledger: &Ledger,
        whose: &Whose,
        ask: &DealingsAsk,
        tell: &mut dyn FnMut(TxNum, UnixTime, (Way, With, u64)),
    ) -> ExaminedView {
        let touching = whose.touching(ledger);
        let mut reader = Reader::new(self, ledger);
        let belongs = |address: AddressId| whose.belongs(self, address);
        let mut examined = ExaminedView {
            addresses: whose.addresses.len() as u64,
            addresses_total: whose.addresses_total,
            outputs: touching.outputs,
            ..ExaminedView::default()
        };
        examined.bound = match (touching.is_cut, whose.is_cut()) {
            (true, _) => Some("outputs"),
            (false, true) => Some("addresses"),
            (false, false) => None,
        };
        let (mut slots, mut last) = (0_u64, None);
        for tx in touching.txs {
            let time = self.tx_time(tx);
            if !ask.holds(time.day()) {
                continue;
            }
            slots += reader.slots(tx);
            if slots > SLOTS_MAX {
                examined.bound = Some("inputs_and_outputs");
                break;
            }
            examined.txs += 1;
            last = Some(time.day());
            reader.read(tx, &belongs, &mut |way, with, sat| tell(tx, time, (way, with, sat)));
        }
        examined.until = last.filter(|_| examined.bound.is_some()).map(|day| day.to_string());
        examined
    }

    fn party_view(&self, ledger: &Ledger, way: Way, sum: &Sum, whole: &Whole) -> PartyView {
        let (address, _) = sum.address;
        let name = self.forest.as_ref().map_or(address, |forest| self.guard.name(forest, address));
        let subject = self.known.of_address(address).or_else(|| self.known.of_entity(self.root_of(address)));
        let said = subject.and_then(|subject| self.speaker(subject));
        let rule = if subject.is_none() { self.inferred_rule(address) } else { None };
        PartyView {
            entity: ledger.address_text(name),
            address: ledger.address_text(address),
            side: way.name(),
            label: said.map(|(_, label, _)| label.name.clone()),
            category: said.map(|(category, ..)| category),
            basis: said.map(|(_, label, _)| label.basis),
            severity: said.map(|(.., level)| level),
            service: rule.is_some() || subject.is_some_and(|subject| self.known.is_service(subject)),
            inferred: rule.map(|rule| self.rule_name(rule).to_owned()),
            amount_units: Some(sum.sat.to_string()),
            amounts: Vec::new(),
            usd: sum.worth.usd(),
            share: Some(crate::read::exposed::share(sum.sat, whole.sat)),
            txs: sum.txs,
            first_time: self.tx_time(sum.first).to_string(),
            last_time: self.tx_time(sum.last).to_string(),
            sample_txids: sum.sample.iter().map(|(_, tx)| ledger.txid(*tx).to_string()).collect(),
            addresses: sum.addresses,
        }
    }

    /// The label of a subject that weighs most for a counterparty, as a screening weighs them: what it says, and its level.
    pub(in crate::read) fn speaker(&self, subject: u32) -> Option<(Category, &athar_labels::Label, Level)> {
        let level = |category, basis| RiskTable::shipped().level(category, basis, Relation::Counterparty);
        let said = self.known.speakers(subject, &self.labels);
        let weighed = said.map(|(category, label)| (category, label, level(category, label.basis)));
        weighed.reduce(|a, b| if (b.2, Reverse(b.1.basis)) > (a.2, Reverse(a.1.basis)) { b } else { a })
    }
}

impl Whole {
    fn view(&self, parties: u64) -> DealtView {
        let digits = |sat: u64| Some(sat.to_string());
        DealtView {
            amount_units: digits(self.sat),
            usd: self.worth.usd(),
            is_partly_unpriced: self.worth.unpriced_sat() > 0,
            parties,
            txs: self.txs,
            to_self_units: digits(self.home),
            fees_units: digits(self.fees),
            minted_units: digits(self.minted),
            coinjoin_units: digits(self.mixed),
            pool_units: digits(self.pool),
            unaddressed_units: digits(self.unaddressed),
            unread_units: digits(self.unread),
            amounts: Vec::new(),
        }
    }
}

const _: () = assert!(OUTPUTS_MAX == 100_000 && MEMBERS_MAX == 50_000 && SLOTS_MAX == 3_000_000, "told in words above");
