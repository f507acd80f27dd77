//! What the operators read: one chain with its parties, and what is known beside it. The engine gives it; tests make small
//! ones by hand ([`crate::fixture`]).

use crate::{Classes, Facts, Move, Party, Timeline};
use athar_types::Chain;
use std::ops::Range;

/// Which kind of ledger a chain has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// Transactions spend outputs.
    Outputs,
    /// Transfers change balances.
    Accounts,
}

/// A transaction with one input (address) and two outputs, as a hop of a peel chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    /// Address that is spent from.
    pub from: u32,
    /// Units spent.
    pub units: u128,
    /// Address, units and spending transaction of the larger output.
    pub kept: (u32, u128, Option<u32>),
    /// Address and units of the smaller one; `u32::MAX` where it has no address.
    pub peeled: (u32, u128),
}

/// One chain as the operators see it. Addresses, transactions and assets are numbers; texts are made for hits alone.
pub trait World: Sync {
    /// The chain.
    fn chain(&self) -> Chain;
    /// Its kind of ledger.
    fn shape(&self) -> Shape;
    /// Addresses are numbered from 0 to here.
    fn addresses(&self) -> u32;
    /// Transactions are numbered from 0 to here.
    fn txs(&self) -> u32;
    /// The time of a transaction's block, in seconds since 1970.
    fn time(&self, tx: u32) -> u32;
    /// The party that an address belongs to; the party's number is one of its addresses.
    fn party(&self, address: u32) -> Party;
    /// Addresses of a party.
    fn size(&self, party: Party) -> u32;
    /// Addresses of a party from `range` of their order.
    fn members(&self, party: Party, range: Range<u32>) -> Vec<u32>;
    /// Movements that a party has at most, told without reading them.
    fn weight(&self, party: Party) -> u64;
    /// Whether a party's weight is above a limit. A world should stop counting there: services have millions of movements, and
    /// what is asked of most parties is only that they have few.
    fn is_heavier(&self, party: Party, limit: u64) -> bool {
        self.weight(party) > limit
    }
    /// Fills in the movements of a party, at most `max` of them (the oldest).
    fn fill(&self, party: Party, max: usize, into: &mut Timeline);
    /// Adds the movements by which a party sends in one transaction, as they stand in its timeline. A world that can should read
    /// that transaction alone.
    fn sent_in(&self, tx: u32, party: Party, into: &mut Vec<Move>) {
        let mut timeline = Timeline { party, ..Timeline::default() };
        self.fill(party, usize::MAX, &mut timeline);
        into.extend(timeline.sent().filter(|m| m.tx == tx));
    }
    /// Who paid one address, each once and ascending; `None` where it was paid more than `max` times. A world that can should ask for
    /// the address alone: that of a service's customer is paid seldom, the service all the time.
    fn payers_of(&self, address: u32, max: usize) -> Option<Vec<Party>> {
        let mut timeline = Timeline::default();
        self.fill(self.party(address), usize::MAX, &mut timeline);
        let paid = timeline.received().filter(|m| m.own == address);
        let payers: Vec<Party> = paid.map(|m| m.party).collect();
        (payers.len() <= max).then(|| Party::distinct(payers))
    }
    /// Whether the party has one address that was used once: nobody's lasting wallet.
    fn is_single_use(&self, party: Party) -> bool;
    /// What labels say of the party.
    fn classes(&self, party: Party) -> Classes;
    /// What labels say of the address itself: a custodial account's label stays on it.
    fn address_classes(&self, address: u32) -> Classes;
    /// Parties that labels say something of that meets `classes`, ascending.
    fn labelled(&self, classes: Classes) -> Vec<Party>;
    /// Where a label places the party: ISO 3166-1 alpha-2.
    fn country(&self, party: Party) -> Option<[u8; 2]>;
    /// On chains of outputs, a transaction of one input and two outputs.
    fn split(&self, tx: u32) -> Option<Split>;
    /// The name of the collaborative transaction that it is held for (`whirlpool`, `wasabi1`, …).
    fn mix(&self, tx: u32) -> Option<&'static str>;
    /// Whether the transaction sends to more parties than one person would pay: it has at least so many outputs.
    fn output_count(&self, tx: u32) -> u32;
    /// The parties on both sides of a transaction.
    fn parties_of(&self, tx: u32, into: &mut Vec<Party>);
    /// What is known beside the chain.
    fn facts(&self) -> &Facts;
    /// US cents of a day in euro cents, where a rate of that day is held ([`Facts::euro_rates`]).
    fn euro_cents(&self, time: u32, cents: u64) -> Option<u64> {
        let rates = &self.facts().euro_rates;
        let (_, rate) = rates.get(rates.partition_point(|(from, _)| *from <= time).checked_sub(1)?)?;
        u64::try_from((u128::from(cents) * 1_000_000 + u128::from(rate / 2)) / u128::from(*rate)).ok()
    }
    /// Parameter `asset` of a movement as its symbol: `BTC`, `USDT`.
    fn asset(&self, asset: u32) -> String;
    /// An address as text.
    fn address_text(&self, address: u32) -> String;
    /// A transaction's id, as text.
    fn tx_text(&self, tx: u32) -> String;
}
