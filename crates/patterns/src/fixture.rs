//! A world written by hand: parties with addresses, payments between them, labels. For tests of operators and rules.

use crate::{Classes, Facts, Move, NEVER, Party, Shape, Split, Timeline, UNPRICED, Way, World};
use athar_types::{Category, Chain};
use std::collections::BTreeMap;
use std::ops::Range;

/// A payment of the world.
#[derive(Clone, Copy, Debug)]
struct Paid {
    time: u32,
    tx: u32,
    from: u32,
    to: u32,
    asset: u32,
    units: u128,
    cents: u64,
}

/// A world written by hand. Addresses are numbers that the test chooses; each is its own party until [`HandWorld::tie`].
#[derive(Debug)]
pub struct HandWorld {
    shape: Shape,
    paid: Vec<Paid>,
    times: Vec<u32>,
    parties: Vec<u32>,
    labels: BTreeMap<u32, Classes>,
    on_address: BTreeMap<u32, Classes>,
    countries: BTreeMap<u32, [u8; 2]>,
    mixes: BTreeMap<u32, &'static str>,
    /// US cents for a euro; none where no rate is held.
    pub euro_rate: Option<u64>,
    /// What is known beside the chain.
    pub facts: Facts,
}

/// A dollar in smallest units of the fixture's coin: a cent is a hundred units.
pub const UNITS_PER_CENT: u128 = 100;

impl HandWorld {
    /// An empty world of outputs.
    pub fn outputs() -> Self {
        Self::of(Shape::Outputs)
    }

    /// An empty world of accounts.
    pub fn accounts() -> Self {
        Self::of(Shape::Accounts)
    }

    fn of(shape: Shape) -> Self {
        Self {
            shape,
            paid: Vec::new(),
            times: Vec::new(),
            parties: Vec::new(),
            labels: BTreeMap::new(),
            on_address: BTreeMap::new(),
            countries: BTreeMap::new(),
            mixes: BTreeMap::new(),
            euro_rate: None,
            facts: Facts::default(),
        }
    }

    fn know(&mut self, address: u32) {
        while self.parties.len() <= address as usize {
            self.parties.push(self.parties.len() as u32);
        }
    }

    /// A payment of so many cents, in a transaction of its own; times must not go back. Gives the transaction's number.
    pub fn pay(&mut self, time: u32, from: u32, to: u32, cents: u64) -> u32 {
        self.pay_all(time, from, &[(to, cents)])
    }

    /// Payments to several in one transaction.
    pub fn pay_all(&mut self, time: u32, from: u32, to: &[(u32, u64)]) -> u32 {
        assert!(self.times.last().is_none_or(|last| *last <= time), "times go back");
        let tx = self.times.len() as u32;
        self.times.push(time);
        if from != u32::MAX {
            self.know(from);
        }
        for (to, cents) in to {
            self.know(*to);
            let units = u128::from(*cents) * UNITS_PER_CENT;
            self.paid.push(Paid { time, tx, from, to: *to, asset: 0, units, cents: *cents });
        }
        tx
    }

    /// Makes the last transaction's payments of another asset, or without a price.
    pub fn last(&mut self, asset: u32, is_priced: bool) {
        let tx = self.times.len() as u32 - 1;
        for paid in self.paid.iter_mut().filter(|p| p.tx == tx) {
            paid.asset = asset;
            if !is_priced {
                paid.cents = UNPRICED;
            }
        }
    }

    /// Holds a transaction for a mix.
    pub fn mix(&mut self, tx: u32, kind: &'static str) {
        self.mixes.insert(tx, kind);
    }

    /// A collaborative transaction: inputs of several owners, outputs of nobody knows whom.
    pub fn pay_mixed(&mut self, time: u32, kind: &'static str, from: &[(u32, u64)], to: &[(u32, u64)]) -> u32 {
        assert!(self.times.last().is_none_or(|last| *last <= time), "times go back");
        let tx = self.times.len() as u32;
        self.times.push(time);
        let ins = from.iter().map(|(address, cents)| (*address, u32::MAX, *cents));
        let outs = to.iter().map(|(address, cents)| (u32::MAX, *address, *cents));
        for (from, to, cents) in ins.chain(outs) {
            self.know(if from == u32::MAX { to } else { from });
            let units = u128::from(cents) * UNITS_PER_CENT;
            self.paid.push(Paid { time, tx, from, to, asset: 0, units, cents });
        }
        self.mixes.insert(tx, kind);
        tx
    }

    /// Makes addresses one party, named by the first.
    pub fn tie(&mut self, addresses: &[u32]) {
        for address in addresses {
            self.know(*address);
            self.parties[*address as usize] = addresses[0];
        }
    }

    /// Labels a party.
    pub fn label(&mut self, party: u32, category: Category) {
        self.know(party);
        self.labels.entry(party).or_default().insert(category);
    }

    /// Labels one address, not its party.
    pub fn label_address(&mut self, address: u32, category: Category) {
        self.know(address);
        self.on_address.entry(address).or_default().insert(category);
    }

    /// Hits of one shipped rule, as if it had been measured.
    pub fn hits_of(&self, id: &str) -> Vec<crate::Hit> {
        self.hits_since(id, None)
    }

    /// The same of an incremental run.
    pub fn hits_since(&self, id: &str, since: Option<u32>) -> Vec<crate::Hit> {
        let rules: Vec<&crate::Rule> = crate::shipped().iter().filter(|rule| rule.id == id).collect();
        assert_eq!(rules.len(), 1, "no shipped rule {id}");
        crate::run(self, &rules, &|_| crate::Standing::Held, crate::RunOptions { since }).hits
    }

    /// Places a party.
    pub fn place(&mut self, party: u32, country: [u8; 2]) {
        self.countries.insert(party, country);
    }
}

impl World for HandWorld {
    fn chain(&self) -> Chain {
        match self.shape {
            Shape::Outputs => Chain::Bitcoin,
            Shape::Accounts => Chain::Tron,
        }
    }

    fn shape(&self) -> Shape {
        self.shape
    }

    fn addresses(&self) -> u32 {
        self.parties.len() as u32
    }

    fn txs(&self) -> u32 {
        self.times.len() as u32
    }

    fn time(&self, tx: u32) -> u32 {
        self.times[tx as usize]
    }

    fn party(&self, address: u32) -> Party {
        self.parties.get(address as usize).map_or(Party::NOBODY, |p| Party(*p))
    }

    fn size(&self, party: Party) -> u32 {
        self.parties.iter().filter(|p| **p == party.0).count() as u32
    }

    fn members(&self, party: Party, range: Range<u32>) -> Vec<u32> {
        let all = (0..self.addresses()).filter(|a| self.parties[*a as usize] == party.0);
        all.skip(range.start as usize).take(range.len()).collect()
    }

    fn weight(&self, party: Party) -> u64 {
        let touches = |p: &&Paid| self.party(p.from) == party || self.party(p.to) == party;
        self.paid.iter().filter(touches).count() as u64
    }

    fn fill(&self, party: Party, max: usize, into: &mut Timeline) {
        into.party = party;
        for paid in &self.paid {
            let (from, to) = (self.party(paid.from), self.party(paid.to));
            if from == to || (from != party && to != party) {
                continue;
            }
            let is_in = to == party;
            into.moves.push(Move {
                time: paid.time,
                tx: paid.tx,
                way: if is_in { Way::In } else { Way::Out },
                own: if is_in { paid.to } else { paid.from },
                party: if is_in { from } else { to },
                other: if is_in { paid.from } else { paid.to },
                asset: paid.asset,
                units: paid.units,
                cents: paid.cents,
                left: NEVER,
            });
        }
        into.is_cut = into.moves.len() > max;
        into.moves.truncate(max);
        // what came in first goes out first, whichever chain it is
        let mut sent: Vec<(u32, u128, u32)> =
            into.moves.iter().filter(|m| m.way == Way::Out).map(|m| (m.asset, m.units, m.time)).collect();
        for movement in into.moves.iter_mut().filter(|m| m.way == Way::In) {
            let mut rest = movement.units;
            for (asset, left, time) in sent.iter_mut().filter(|(_, left, _)| *left > 0) {
                if *asset != movement.asset || *time < movement.time {
                    continue;
                }
                let taken = rest.min(*left);
                (rest, *left) = (rest - taken, *left - taken);
                if rest == 0 {
                    movement.left = *time;
                    break;
                }
            }
        }
    }

    fn is_single_use(&self, party: Party) -> bool {
        // one receipt, and one transaction that spends it, to however many
        let txs = |mut of: Vec<u32>| {
            of.dedup();
            of.len()
        };
        let received = self.paid.iter().filter(|p| self.party(p.to) == party).map(|p| p.tx).collect();
        let spent = self.paid.iter().filter(|p| self.party(p.from) == party).map(|p| p.tx).collect();
        self.size(party) == 1 && txs(received) <= 1 && txs(spent) <= 1
    }

    fn classes(&self, party: Party) -> Classes {
        self.labels.get(&party.0).copied().unwrap_or_default()
    }

    fn address_classes(&self, address: u32) -> Classes {
        self.on_address.get(&address).copied().unwrap_or_default()
    }

    fn labelled(&self, classes: Classes) -> Vec<Party> {
        self.labels.iter().filter(|(_, c)| c.meets(classes)).map(|(p, _)| Party(*p)).collect()
    }

    fn country(&self, party: Party) -> Option<[u8; 2]> {
        self.countries.get(&party.0).copied()
    }

    fn split(&self, tx: u32) -> Option<Split> {
        let out: Vec<&Paid> = self.paid.iter().filter(|p| p.tx == tx).collect();
        let [a, b] = out.as_slice() else { return None };
        let (kept, peeled) = if a.units >= b.units { (a, b) } else { (b, a) };
        let next = self.paid.iter().find(|p| p.tx > tx && p.from == kept.to).map(|p| p.tx);
        Some(Split {
            from: kept.from,
            units: kept.units + peeled.units,
            kept: (kept.to, kept.units, next),
            peeled: (peeled.to, peeled.units),
        })
    }

    fn mix(&self, tx: u32) -> Option<&'static str> {
        self.mixes.get(&tx).copied()
    }

    fn output_count(&self, tx: u32) -> u32 {
        self.paid.iter().filter(|p| p.tx == tx).count() as u32
    }

    fn parties_of(&self, tx: u32, into: &mut Vec<Party>) {
        for paid in self.paid.iter().filter(|p| p.tx == tx) {
            into.extend([self.party(paid.from), self.party(paid.to)]);
        }
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn euro_cents(&self, _time: u32, cents: u64) -> Option<u64> {
        Some(cents * 100 / self.euro_rate?)
    }

    fn asset(&self, asset: u32) -> String {
        match (self.shape, asset) {
            (Shape::Outputs, _) => "BTC".into(),
            (Shape::Accounts, 0) => "TRX".into(),
            (Shape::Accounts, _) => "USDT".into(),
        }
    }

    fn address_text(&self, address: u32) -> String {
        format!("address-{address}")
    }

    fn tx_text(&self, tx: u32) -> String {
        format!("{tx:064x}")
    }
}
