//! A chain of accounts as the typologies see it: parties are entities of accounts, movements are transfers between parties.
//!
//! What counts as a movement is what changes who has what: no fees, no failed transactions (which move only their fee), no
//! transfers of nothing, and no tokens that the registry does not know. Whoever writes a contract can let it log transfers
//! between any accounts, so that an unknown token's log says nothing of those it names.

use crate::Engine;
use crate::account_chain::{AccountChain, AssetFacts, worth};
use crate::error::EngineError;
use crate::read::account_chain::is_dealing;
use athar_ledger::account::{AccountLedger, NONE};
use athar_patterns::{Classes, Facts, Move, NEVER, Party, Shape, Split, Timeline, UNPRICED, Way, World};
use athar_types::{Category, Chain};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::ops::Range;

/// Transfers of an account among which its dealings are counted, for whether it was used once.
const USED_LOOKED: usize = 50;
/// Dealings of an account that was used once: what came in, and what went out.
const SINGLE_USE_MAX: usize = 2;

/// What labels, issuers and the entities say.
#[derive(Default)]
struct Said {
    classes: FxHashMap<u32, Classes>,
    countries: FxHashMap<u32, [u8; 2]>,
    /// Labels that stay on their account: those of a service's customer.
    on_address: FxHashMap<u32, Classes>,
}

/// A chain of accounts, for one run.
pub(crate) struct AccountsWorld<'a> {
    engine: &'a Engine,
    chain: &'a AccountChain,
    ledger: &'a AccountLedger,
    /// The party of each account.
    parties: Vec<u32>,
    /// What is known of each asset; `None` of what counts for nothing.
    assets: Vec<Option<AssetFacts>>,
    said: Said,
    facts: Facts,
}

impl<'a> AccountsWorld<'a> {
    /// The world of the chain that the engine answers for.
    ///
    /// # Errors
    /// It is no chain of accounts, or the store holds no blocks of it.
    pub(crate) fn new(engine: &'a Engine, facts: Facts) -> Result<Self, EngineError> {
        let chain = engine.account_chain()?;
        let ledger = &chain.ledger;
        let mut parties: Vec<u32> = (0..ledger.account_count()).collect();
        if let Some(forest) = &chain.forest {
            for account in 0..forest.accounts().min(ledger.account_count()) {
                parties[account as usize] = forest.name(account);
            }
        }
        let known = |asset: u32| Some(chain.asset_facts(asset)).filter(|facts| facts.symbol.is_some());
        let assets = (0..ledger.asset_count()).map(known).collect();
        let said = said(engine, chain, &parties);
        Ok(Self { engine, chain, ledger, parties, assets, said, facts })
    }

    fn party_of(&self, account: u32) -> u32 {
        self.parties.get(account as usize).copied().unwrap_or(Party::NOBODY.0)
    }

    /// The movement that a transfer is for a party; `None` where it is none.
    fn movement(&self, n: u64, party: u32) -> Option<Move> {
        let transfer = self.ledger.transfer(n);
        if !is_dealing(&transfer) || transfer.tx == NONE {
            return None;
        }
        let facts = self.assets.get(transfer.asset as usize)?.as_ref()?;
        let (from, to) = (self.party_of(transfer.from), self.party_of(transfer.to));
        if from == to || (from != party && to != party) {
            return None;
        }
        let time = self.ledger.tx_time(transfer.tx);
        let is_in = to == party;
        let cents = worth(&self.engine.prices, facts, transfer.amount, time.day());
        Some(Move {
            time: time.0,
            tx: transfer.tx,
            way: if is_in { Way::In } else { Way::Out },
            own: if is_in { transfer.to } else { transfer.from },
            party: Party(if is_in { from } else { to }),
            other: if is_in { transfer.from } else { transfer.to },
            asset: transfer.asset,
            units: u128::try_from(transfer.amount).unwrap_or(u128::MAX),
            cents: cents.map_or(UNPRICED, |(usd, _)| usd.0),
            left: NEVER,
        })
    }
}

/// What labels, issuers and entities say of parties.
fn said(engine: &Engine, chain: &AccountChain, parties: &[u32]) -> Said {
    let mut said = Said::default();
    let party_of = |account: u32| parties.get(account as usize).copied().unwrap_or(account);
    let all = engine.labels.labels();
    for account in chain.labelled.accounts() {
        let is_customers = chain.custody(account).is_some();
        for label in chain.labelled.on(account).iter().map(|at| &all[*at as usize]) {
            let stays = is_customers || label.categories.contains(&Category::CustodialAccount);
            let (map, at) =
                if stays { (&mut said.on_address, account) } else { (&mut said.classes, party_of(account)) };
            let classes = map.entry(at).or_default();
            label.categories.iter().for_each(|category| classes.insert(*category));
            if let (false, Some([a, b])) = (stays, label.country.as_deref().map(str::as_bytes)) {
                said.countries.entry(at).or_insert([a.to_ascii_uppercase(), b.to_ascii_uppercase()]);
            }
        }
    }
    for account in chain.frozen.accounts() {
        if chain.frozen.is_frozen(account) {
            said.classes.entry(party_of(account)).or_default().insert(Category::Blacklisted);
        }
    }
    // who takes what is paid to deposit addresses is a service, and so is who pays out from it
    if let Some(forest) = &chain.forest {
        for collector in (0..forest.collectors()).filter_map(|rank| forest.collector_at(rank)) {
            for account in collector.payout.iter().copied().chain([collector.account]) {
                let classes = said.classes.entry(party_of(account)).or_default();
                if !classes.meets(Classes::services()) {
                    classes.insert(Category::Service);
                }
            }
        }
    }
    said
}

/// Says of what came in when it left: first in, first out, asset by asset.
fn pass_on(moves: &mut [Move]) {
    let mut held: FxHashMap<u32, VecDeque<(usize, u128)>> = FxHashMap::default();
    for at in 0..moves.len() {
        let movement = moves[at];
        let queue = held.entry(movement.asset).or_default();
        if movement.way == Way::In {
            queue.push_back((at, movement.units));
            continue;
        }
        let mut rest = movement.units;
        while rest > 0 {
            // what went out without having come in was there before, or came in a way that is no movement
            let Some((first, units)) = queue.front_mut() else { break };
            let taken = rest.min(*units);
            (rest, *units) = (rest - taken, *units - taken);
            if *units == 0 {
                moves[*first].left = movement.time;
                queue.pop_front();
            }
        }
    }
}

impl World for AccountsWorld<'_> {
    fn chain(&self) -> Chain {
        self.ledger.chain()
    }

    fn shape(&self) -> Shape {
        Shape::Accounts
    }

    fn addresses(&self) -> u32 {
        self.ledger.account_count()
    }

    fn txs(&self) -> u32 {
        self.ledger.tx_count()
    }

    fn time(&self, tx: u32) -> u32 {
        self.ledger.tx_time(tx).0
    }

    fn party(&self, address: u32) -> Party {
        Party(self.party_of(address))
    }

    fn size(&self, party: Party) -> u32 {
        self.chain.entity_size(party.0)
    }

    fn members(&self, party: Party, range: Range<u32>) -> Vec<u32> {
        let limit = range.end.saturating_sub(range.start);
        match self.chain.forest_of(party.0) {
            Some(forest) => forest.members(party.0, range.start, limit),
            None => [party.0].into_iter().skip(range.start as usize).take(limit as usize).collect(),
        }
    }

    fn weight(&self, party: Party) -> u64 {
        match self.size(party) {
            1 => self.ledger.moved_count(party.0),
            size => self.members(party, 0..size).into_iter().map(|m| self.ledger.moved_count(m)).sum(),
        }
    }

    fn fill(&self, party: Party, max: usize, into: &mut Timeline) {
        into.party = party;
        let size = self.size(party);
        let members = if size == 1 { vec![party.0] } else { self.members(party, 0..size) };
        let more = max.saturating_add(1);
        let mut found: Vec<(u64, Move)> = Vec::new();
        for member in members {
            // the oldest of each are enough for the oldest of all
            let own = self.ledger.of_account(member, 0).filter_map(|n| Some((n, self.movement(n, party.0)?)));
            found.extend(own.filter(|(_, m)| m.own == member).take(more));
        }
        found.sort_unstable_by_key(|(n, m)| (m.tx, m.way, *n));
        into.is_cut = found.len() > max;
        into.moves.extend(found.into_iter().take(max).map(|(_, movement)| movement));
        pass_on(&mut into.moves);
    }

    fn is_single_use(&self, party: Party) -> bool {
        if self.size(party) != 1 {
            return false;
        }
        let mut looked = 0;
        let transfers = self.ledger.of_account(party.0, 0).inspect(|_| looked += 1).take(USED_LOOKED);
        let dealings = transfers.filter(|n| self.movement(*n, party.0).is_some()).take(SINGLE_USE_MAX + 1).count();
        dealings <= SINGLE_USE_MAX && looked < USED_LOOKED
    }

    fn classes(&self, party: Party) -> Classes {
        let mut classes = self.said.classes.get(&party.0).copied().unwrap_or_default();
        if party.0 < self.ledger.account_count() && self.ledger.is_contract(party.0) {
            classes.insert(Category::Contract);
        }
        classes
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

    fn split(&self, _: u32) -> Option<Split> {
        None
    }

    fn mix(&self, _: u32) -> Option<&'static str> {
        None
    }

    fn output_count(&self, tx: u32) -> u32 {
        let transfers = self.ledger.tx_transfers(tx);
        transfers.filter(|n| is_dealing(&self.ledger.transfer(*n))).count() as u32
    }

    fn parties_of(&self, tx: u32, into: &mut Vec<Party>) {
        for n in self.ledger.tx_transfers(tx) {
            let transfer = self.ledger.transfer(n);
            if is_dealing(&transfer) {
                into.extend([self.party(transfer.from), self.party(transfer.to)]);
            }
        }
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn asset(&self, asset: u32) -> String {
        if asset >= self.ledger.asset_count() {
            return String::from("?");
        }
        let view = self.chain.asset_view(asset);
        view.symbol.unwrap_or(view.id)
    }

    fn address_text(&self, address: u32) -> String {
        self.ledger.account_text(address)
    }

    fn tx_text(&self, tx: u32) -> String {
        self.chain.tx_text(tx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(time: u32, way: Way, asset: u32, units: u128) -> Move {
        Move { time, tx: time, way, own: 0, party: Party(1), other: 1, asset, units, cents: UNPRICED, left: NEVER }
    }

    #[test]
    fn what_came_first_leaves_first_asset_by_asset() {
        let mut moves = [
            movement(1, Way::In, 0, 100),
            movement(2, Way::In, 1, 50),
            movement(3, Way::In, 0, 100),
            movement(4, Way::Out, 0, 150),
            movement(5, Way::Out, 0, 49),
            movement(6, Way::Out, 1, 60),
            movement(7, Way::Out, 0, 1),
        ];
        pass_on(&mut moves);
        assert_eq!(moves.map(|m| m.left), [4, 6, 7, NEVER, NEVER, NEVER, NEVER]);
    }

    #[test]
    fn what_went_out_before_anything_came_in_takes_nothing() {
        let mut moves = [movement(1, Way::Out, 0, 100), movement(2, Way::In, 0, 100)];
        pass_on(&mut moves);
        assert_eq!(moves[1].left, NEVER);
    }
}
