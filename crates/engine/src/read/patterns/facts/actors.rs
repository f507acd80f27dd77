//! Actors with addresses on several chains of the store, and what they received day by day: what ties the chains is a label's name or a
//! campaign that published the addresses together.
//!
//! What an actor's own addresses send each other is no receipt. A customer's address at a service stands for itself alone.
//!
//! On chains of accounts somebody gives a fresh account the coins or the energy for its first fee. Accounts that were started so by
//! the same account as a named one are taken to be the same actor's, unless that funder is a service, a contract, or starts so
//! many accounts that it must be one. How many were added so is told.

use crate::account_chain::{AccountChain, worth};
use crate::engine::{Engine, Options};
use crate::error::EngineError;
use crate::read::account_chain::is_dealing;
use crate::read::{open_sightings, recorded_campaigns};
use athar_ledger::account::NONE;
use athar_patterns::{ActorOverChains, Classes, Elsewhere, Publication};
use athar_types::account::EventKind;
use athar_types::{AddressId, Category, Chain, UnixTime};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Actors that a run looks at.
const ACTORS_MAX: usize = 10_000;
/// Addresses of an actor on one chain, with the members of their entities.
const ADDRESSES_MAX: usize = 10_000;
/// Outputs or transfers of an actor on one chain that are looked at.
const LOOKED_MAX: usize = 500_000;
/// Publications beyond which campaigns are not made of them: labels alone tie then.
const CAMPAIGNS_OF_MAX: usize = 200_000;
/// Addresses on other chains that an actor names.
const OTHERS_MAX: usize = 50;
/// Accounts that one funder starts at most: who starts more does so by trade.
const FUNDED_MAX: usize = 200;
/// Transfers of a funder that are looked at: who has more deals by trade.
const FUNDER_TRANSFERS_MAX: u64 = 20_000;

/// The actors that have an address on the engine's chain and one on another that the store holds, by name.
pub(super) fn actors(engine: &Engine, publications: &[Publication]) -> Result<Vec<ActorOverChains>, EngineError> {
    let held: BTreeSet<Chain> = Engine::chains_held(&engine.folder)?.into_iter().collect();
    let mut named = by_labels(engine, &held);
    if !publications.is_empty() && publications.len() <= CAMPAIGNS_OF_MAX {
        by_campaigns(engine, &held, &mut named)?;
    }
    // of one chain alone nothing can move to another
    named.retain(|_, on| on.contains_key(&engine.chain) && on.len() > 1);
    let others: BTreeSet<Chain> = named.values().flat_map(BTreeMap::keys).copied().collect();
    let mut engines: BTreeMap<Chain, Engine> = BTreeMap::new();
    for chain in others.into_iter().filter(|chain| *chain != engine.chain) {
        let options = Options { chain: Some(chain), ..engine.options.clone() };
        engines.insert(chain, Engine::open(&engine.folder, &options)?);
    }
    let mut held: BTreeMap<Chain, Held<'_>> = engines.iter().map(|(chain, of)| (*chain, Held::of(of))).collect();
    if !named.is_empty() {
        held.insert(engine.chain, Held::of(engine));
    }
    let mut found = Vec::new();
    for (name, on) in named.into_iter().take(ACTORS_MAX) {
        let mut actor = ActorOverChains { name, ..ActorOverChains::default() };
        for (chain, texts) in on {
            let Some(of) = held.get(&chain) else { continue };
            let own = Own::of(of, &texts, &mut actor);
            if own.addresses.is_empty() {
                continue;
            }
            if chain == engine.chain {
                actor.addresses.clone_from(&own.addresses);
            } else {
                let others = texts.iter().take(OTHERS_MAX - actor.others.len().min(OTHERS_MAX));
                actor.others.extend(others.map(|text| format!("{chain}: {text}")));
            }
            own.received(of.engine, &mut actor.received);
        }
        if !actor.addresses.is_empty() && !actor.others.is_empty() {
            actor.received = by_day(std::mem::take(&mut actor.received));
            found.push(actor);
        }
    }
    Ok(found)
}

type Named = BTreeMap<String, BTreeMap<Chain, BTreeSet<String>>>;

/// Linked labels by the actor that they name, else by their name.
fn by_labels(engine: &Engine, held: &BTreeSet<Chain>) -> Named {
    let linked = Classes::of([Category::TerroristFinancing, Category::DonationCampaign, Category::Facilitator]);
    let mut named = Named::new();
    for label in engine.labels.iter().filter(|label| label.is_accepted()) {
        let Some(chain) = label.chain.filter(|chain| held.contains(chain)) else { continue };
        if !Classes::of(label.categories.iter().copied()).meets(linked) || label.name.trim().is_empty() {
            continue;
        }
        let name = label.actor.as_ref().unwrap_or(&label.name).trim().to_owned();
        named.entry(name).or_default().entry(chain).or_default().insert(label.text.to_string());
    }
    named
}

/// Addresses that one campaign published.
fn by_campaigns(engine: &Engine, held: &BTreeSet<Chain>, named: &mut Named) -> Result<(), EngineError> {
    let Some(store) = open_sightings(&engine.folder)? else { return Ok(()) };
    let (campaigns, _) = recorded_campaigns(&store)?;
    for campaign in campaigns.campaigns {
        let on = named.entry(format!("campaign {}", campaign.id)).or_default();
        for address in campaign.addresses {
            let chain = held.iter().find(|chain| chain.name() == address.chain).copied();
            if let Some(chain) = chain {
                on.entry(chain).or_default().insert(address.value);
            }
        }
    }
    Ok(())
}

/// An actor's addresses on one chain.
struct Own {
    /// The named ones, then the others; each part ascending.
    addresses: Vec<u32>,
    set: FxHashSet<u32>,
}

impl Own {
    fn of(held: &Held<'_>, texts: &BTreeSet<String>, actor: &mut ActorOverChains) -> Self {
        let (engine, mut set) = (held.engine, FxHashSet::default());
        let mut named: Vec<u32> = texts.iter().filter_map(|text| engine.number_of(text)).collect();
        named.sort_unstable();
        named.dedup();
        for address in named.iter().copied() {
            set.insert(address);
            let room = ADDRESSES_MAX.saturating_sub(set.len()) as u32;
            match engine.of_accounts() {
                Some(chain) => {
                    let is_alone = chain.custody(address).is_some() || held.services.contains(&address);
                    if !is_alone {
                        set.extend(chain.members(address, room));
                    }
                }
                None => set.extend(engine.own_members(address, room)),
            }
        }
        let ordered = |set: &FxHashSet<u32>| {
            let mut addresses: Vec<u32> = set.iter().copied().collect();
            addresses.sort_unstable();
            addresses
        };
        if let Some(chain) = engine.of_accounts() {
            for funder in ordered(&set).into_iter().filter_map(|a| held.starter(chain, a)).collect::<BTreeSet<u32>>() {
                if set.contains(&funder) {
                    continue;
                }
                if held.is_trade(chain, funder) {
                    actor.funder_is_service = true;
                    continue;
                }
                let Some(started) = held.started(chain, funder) else { continue };
                let before = set.len();
                set.extend(started.into_iter().take(ADDRESSES_MAX.saturating_sub(before)));
                if set.len() > before {
                    actor.funded += (set.len() - before) as u32;
                    actor.shared_funder.get_or_insert_with(|| chain.ledger.account_text(funder));
                }
            }
            // what was grouped, was grouped by none that is a service
            actor.funder_is_service &= actor.funded == 0;
        }
        let mut addresses = named;
        let rest: Vec<u32> = ordered(&set).into_iter().filter(|a| addresses.binary_search(a).is_err()).collect();
        addresses.extend(rest);
        Self { addresses, set }
    }

    /// Adds what came from others: bitcoin, and dollar tokens.
    fn received(&self, engine: &Engine, into: &mut Vec<Elsewhere>) {
        let mut looked = 0;
        if let Some(chain) = engine.of_accounts() {
            let ledger = &chain.ledger;
            for n in self.addresses.iter().flat_map(|account| ledger.of_account(*account, 0)).take(LOOKED_MAX) {
                let transfer = ledger.transfer(n);
                let is_receipt = self.set.contains(&transfer.to) && !self.set.contains(&transfer.from);
                if !is_receipt || !is_dealing(&transfer) || transfer.tx == NONE {
                    continue;
                }
                let facts = chain.asset_facts(transfer.asset);
                let time = ledger.tx_time(transfer.tx);
                if facts.is_dollar
                    && let Some((usd, _)) = worth(&engine.prices, &facts, transfer.amount, time.day())
                {
                    into.push(Elsewhere { time, is_bitcoin: false, cents: usd.0 });
                }
            }
            return;
        }
        let Some(ledger) = engine.ledger.as_ref().filter(|ledger| ledger.chain() == Chain::Bitcoin) else { return };
        for address in &self.addresses {
            for output in ledger.address_outputs(AddressId(*address)) {
                looked += 1;
                if looked > LOOKED_MAX {
                    return;
                }
                let (tx, _) = ledger.output_tx(output);
                if ledger.inputs(tx).any(|input| input.address.is_some_and(|a| self.set.contains(&a.0))) {
                    continue;
                }
                let time = engine.tx_time(tx);
                if let Some(usd) = engine.usd(ledger.output_value(output).0, time) {
                    into.push(Elsewhere { time, is_bitcoin: true, cents: usd.0 });
                }
            }
        }
    }
}

/// A chain of the store, with what tells who starts accounts.
struct Held<'a> {
    engine: &'a Engine,
    /// Accounts that labels or the entities know as a service's.
    services: FxHashSet<u32>,
    /// The first who lent an account energy or bandwidth, and in which transaction.
    lent: FxHashMap<u32, (u32, u32)>,
}

impl<'a> Held<'a> {
    fn of(engine: &'a Engine) -> Self {
        let mut held = Self { engine, services: FxHashSet::default(), lent: FxHashMap::default() };
        let Some(chain) = engine.of_accounts() else { return held };
        let ledger = &chain.ledger;
        held.services.extend(chain.labelled.accounts().into_iter().filter(|a| chain.labelled.is_service(*a)));
        if let Some(forest) = &chain.forest {
            for collector in (0..forest.collectors()).filter_map(|rank| forest.collector_at(rank)) {
                held.services.extend(collector.payout.iter().copied().chain([collector.account]));
            }
        }
        for notice in ledger.notices() {
            let EventKind::Delegate { from, to, is_given: true, .. } = notice.event else { continue };
            if let (Some(from), Some(to)) = (ledger.account_id(&from), ledger.account_id(&to))
                && from != to
            {
                held.lent.entry(to).or_insert((notice.tx, from));
            }
        }
        held
    }

    /// Who gave an account its first coins, or lent it energy before.
    fn starter(&self, chain: &AccountChain, account: u32) -> Option<u32> {
        let ledger = &chain.ledger;
        let coins = ledger
            .of_account(account, 0)
            .take(LOOKED_MAX)
            .map(|n| ledger.transfer(n))
            .find(|t| t.to == account && t.from != account && t.asset == 0 && t.tx != NONE && is_dealing(t));
        let coins = coins.map(|t| (t.tx, t.from));
        [coins, self.lent.get(&account).copied()].into_iter().flatten().min().map(|(_, funder)| funder)
    }

    /// Whether an account deals by trade: then that it starts others says nothing.
    fn is_trade(&self, chain: &AccountChain, account: u32) -> bool {
        self.services.contains(&account)
            || chain.custody(account).is_some()
            || chain.ledger.is_contract(account)
            || chain.ledger.moved_count(account) > FUNDER_TRANSFERS_MAX
    }

    /// The accounts that one started; `None` where they are too many for anybody but a service.
    fn started(&self, chain: &AccountChain, funder: u32) -> Option<BTreeSet<u32>> {
        let ledger = &chain.ledger;
        let paid = ledger.of_account(funder, 0).map(|n| ledger.transfer(n));
        let paid = paid.filter(|t| t.from == funder && t.to != funder && t.asset == 0 && is_dealing(t)).map(|t| t.to);
        let lent = self.lent.iter().filter(|(_, (_, from))| *from == funder).map(|(to, _)| *to);
        let mut started = BTreeSet::new();
        for account in paid.chain(lent).collect::<BTreeSet<u32>>() {
            let is_own = !self.is_trade(chain, account) && self.starter(chain, account) == Some(funder);
            if is_own && started.insert(account) && started.len() > FUNDED_MAX {
                return None;
            }
        }
        Some(started)
    }
}

/// Sums by day and kind, ascending.
fn by_day(received: Vec<Elsewhere>) -> Vec<Elsewhere> {
    let mut days: BTreeMap<(u32, bool), u64> = BTreeMap::new();
    for one in received {
        let sum = days.entry((one.time.0 / 86_400 * 86_400, one.is_bitcoin)).or_default();
        *sum = sum.saturating_add(one.cents);
    }
    days.into_iter().map(|((day, is_bitcoin), cents)| Elsewhere { time: UnixTime(day), is_bitcoin, cents }).collect()
}

impl Engine {
    /// The addresses of the entity of an address on a chain of outputs, at most so many; the address alone where the entity is a
    /// service, holds it for a customer, or is not built.
    fn own_members(&self, address: u32, max: u32) -> Vec<u32> {
        let id = AddressId(address);
        let is_service = self.known.of_entity(self.root_of(id)).is_some_and(|subject| self.known.is_service(subject))
            || self.inferred_rule(id).is_some();
        match &self.forest {
            Some(forest) if !is_service && self.account(id).is_none() => {
                self.guard.members(forest, id, 0, max).into_iter().map(|member| member.0).collect()
            }
            _ => vec![address],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_of_a_day_and_kind_are_one() {
        let got = |time, is_bitcoin, cents| Elsewhere { time: UnixTime(time), is_bitcoin, cents };
        let sums = by_day(vec![got(90_000, true, 5), got(86_400, true, 7), got(86_401, false, 1), got(3, true, 2)]);
        assert_eq!(sums, [got(0, true, 2), got(86_400, false, 1), got(86_400, true, 12)]);
    }
}
