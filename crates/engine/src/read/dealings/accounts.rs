//! Direct dealings on a chain of accounts: transfers of the coin and of verified tokens, asset by asset.
//!
//! As in a screening, fees, rewards and transfers of nothing are no dealings, and a token that is not in the registry can be sent to
//! anybody by anybody: its transfers are counted and in no sum. Amounts of several assets do not add up, so parties are put in order
//! by what they were worth.

use super::activity::{ActivityBy, ActivityPeriod, ActivityView};
use super::counterparties::{CounterpartiesView, DealtView, ExaminedView, PartyView};
use super::links::{LinkView, LinksView, MergedNode};
use super::moves::Way;
use super::{DealingsAsk, MEMBERS_MAX, Of, SAMPLE, Sides};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget, Sums, shown_fact};
use crate::error::EngineError;
use crate::json::Millionths;
use crate::read::account_chain::is_dealing;
use athar_labels::RiskTable;
use athar_ledger::account::{NONE, Transfer};
use athar_types::{Basis, Category, Day, Level, Relation, UnixTime};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Transfers that are looked at for one answer.
const TRANSFERS_MAX: u64 = 300_000;
/// Assets told of a party or link, and of a side.
const ASSETS_EACH: usize = 10;
const ASSETS_WHOLE: usize = 100;

/// A subject on a chain of accounts.
struct Whose {
    asked: u32,
    accounts: Vec<u32>,
    total: u64,
    /// Those with it that are no parties: the accounts, and of one address its entity.
    home: FxHashSet<u32>,
}

/// One dealing.
struct Dealing<'t> {
    transfer: &'t Transfer,
    way: Way,
    other: u32,
    time: UnixTime,
}

/// Sums with a party.
struct Party<'a> {
    account: u32,
    sums: Sums<'a>,
    txs: u64,
    last_tx: u32,
    first: UnixTime,
    last: UnixTime,
    sample: Vec<u32>,
    accounts: FxHashSet<u32>,
}

impl<'a> Party<'a> {
    fn new(engine: &'a Engine, chain: &'a AccountChain, account: u32, time: UnixTime) -> Self {
        Self {
            account,
            sums: chain.sums(&engine.prices),
            txs: 0,
            last_tx: NONE,
            first: time,
            last: time,
            sample: Vec::new(),
            accounts: FxHashSet::default(),
        }
    }

    fn add(&mut self, dealing: &Dealing<'_>) {
        self.sums.add(dealing.transfer.asset, dealing.transfer.amount, dealing.time.day());
        let tx = dealing.transfer.tx;
        // what a block does by itself is no transaction
        if tx != NONE && tx != self.last_tx {
            (self.last_tx, self.txs) = (tx, self.txs + 1);
            if self.sample.len() < SAMPLE && !self.sample.contains(&tx) {
                self.sample.push(tx);
            }
        }
        self.first = self.first.min(dealing.time);
        self.last = self.last.max(dealing.time);
        self.accounts.insert(dealing.other);
    }

    fn cents(&self) -> u64 {
        self.sums.usd().0.map_or(0, |usd| usd.0)
    }
}

/// What stands for the owner of an account: its entity, or a customer's account at a service by itself.
fn owner(chain: &AccountChain, account: u32) -> u32 {
    if chain.custody(account).is_some() { account } else { chain.entity_name(account) }
}

fn account_id(chain: &AccountChain, text: &str) -> Result<Option<u32>, EngineError> {
    match AccountTarget::parse(text, chain.ledger.form()) {
        AccountTarget::Account(bytes) => Ok(chain.ledger.account_id(&bytes)),
        _ => Err(crate::read::account_chain::not_a("address", text)),
    }
}

impl Engine {
    fn account_whose(&self, chain: &AccountChain, ask: &DealingsAsk) -> Result<Option<Whose>, EngineError> {
        let Some(asked) = account_id(chain, &ask.address)? else { return Ok(None) };
        let (accounts, total) = match ask.of {
            Of::Address => (vec![asked], 1),
            Of::Entity if chain.forest.is_none() => return Err(self.no_account_entities(chain)),
            Of::Entity if chain.custody(asked).is_some() => (vec![asked], 1),
            Of::Entity => (chain.members(asked, MEMBERS_MAX), u64::from(chain.entity_size(asked))),
        };
        let mut home: FxHashSet<u32> = accounts.iter().copied().collect();
        if ask.of == Of::Address && chain.custody(asked).is_none() {
            home.extend(chain.members(asked, MEMBERS_MAX));
        }
        Ok(Some(Whose { asked, accounts, total, home }))
    }

    /// Tells of every dealing of the subject with others in the days asked for.
    fn each_account_dealing(
        chain: &AccountChain,
        whose: &Whose,
        ask: &DealingsAsk,
        tell: &mut dyn FnMut(&Dealing<'_>),
    ) -> ExaminedView {
        let ledger = &chain.ledger;
        let mut examined = ExaminedView {
            addresses: whose.accounts.len() as u64,
            addresses_total: whose.total,
            ..ExaminedView::default()
        };
        if examined.addresses < examined.addresses_total {
            examined.bound = Some("addresses");
        }
        let mut block = (u32::MAX, UnixTime::default());
        let mut latest = None;
        let mut txs = FxHashSet::default();
        'accounts: for own in &whose.accounts {
            for n in ledger.of_account(*own, 0) {
                if examined.outputs >= TRANSFERS_MAX {
                    examined.bound = Some("transfers");
                    break 'accounts;
                }
                examined.outputs += 1;
                let transfer = ledger.transfer(n);
                let rank = ledger.transfer_block(n);
                if block.0 != rank {
                    block = (rank, ledger.block(rank).time);
                }
                let time = block.1;
                if !ask.holds(time.day()) || !is_dealing(&transfer) {
                    continue;
                }
                if whose.home.contains(&transfer.from) && whose.home.contains(&transfer.to) {
                    continue;
                }
                if !chain.is_verified(transfer.asset) {
                    examined.unverified += 1;
                    continue;
                }
                txs.insert(transfer.tx);
                latest = latest.max(Some(time.day()));
                let is_in = transfer.to == *own;
                let (way, other) = if is_in { (Way::In, transfer.from) } else { (Way::Out, transfer.to) };
                tell(&Dealing { transfer: &transfer, way, other, time });
            }
        }
        examined.txs = txs.len() as u64;
        examined.until = latest.filter(|_| examined.bound.is_some()).map(|day: Day| day.to_string());
        examined
    }

    pub(super) fn account_counterparties(
        &self,
        ask: &DealingsAsk,
        sides: Sides,
        offset: u64,
        limit: usize,
    ) -> Result<Option<CounterpartiesView>, EngineError> {
        let chain = self.account_chain()?;
        let Some(whose) = self.account_whose(chain, ask)? else { return Ok(None) };
        let mut parties: BTreeMap<(Way, u32), Party<'_>> = BTreeMap::new();
        let mut whole = [chain.sums(&self.prices), chain.sums(&self.prices)];
        let mut txs: [FxHashSet<u32>; 2] = Default::default();
        let examined = Self::each_account_dealing(chain, &whose, ask, &mut |dealing| {
            let side = usize::from(dealing.way == Way::Out);
            whole[side].add(dealing.transfer.asset, dealing.transfer.amount, dealing.time.day());
            txs[side].insert(dealing.transfer.tx);
            let key = (dealing.way, owner(chain, dealing.other));
            parties.entry(key).or_insert_with(|| Party::new(self, chain, dealing.other, dealing.time)).add(dealing);
        });
        let counts = [Way::In, Way::Out].map(|way| parties.keys().filter(|(of, _)| *of == way).count() as u64);
        let [received, sent] = [0, 1].map(|side| {
            let (usd, is_partly_unpriced) = whole[side].usd();
            DealtView {
                usd,
                is_partly_unpriced,
                parties: counts[side],
                txs: txs[side].len() as u64,
                amounts: whole[side].views(ASSETS_WHOLE),
                ..DealtView::default()
            }
        });
        let mut order: Vec<(&(Way, u32), &Party<'_>)> = parties
            .iter()
            .filter(|((way, _), _)| match sides {
                Sides::Both => true,
                Sides::Received => *way == Way::In,
                Sides::Sent => *way == Way::Out,
            })
            .collect();
        order.sort_by_key(|(key, party)| (Reverse(party.cents()), **key));
        let first = usize::try_from(offset).unwrap_or(usize::MAX);
        let page: Vec<PartyView> = order
            .iter()
            .skip(first)
            .take(limit)
            .map(|((way, _), party)| {
                let whole = if *way == Way::In { received.usd } else { sent.usd };
                self.dealt_party(chain, *way, party, whole.map(|usd| usd.0))
            })
            .collect();
        let subject = chain.ledger.account_text(whose.asked);
        Ok(Some(CounterpartiesView {
            of: ask.of.name(),
            chain: chain.ledger.chain().to_string(),
            entity: chain.forest.as_ref().map(|_| chain.ledger.account_text(chain.entity_name(whose.asked))),
            received,
            sent,
            coinjoins: Vec::new(),
            truncated: first.saturating_add(page.len()) < order.len(),
            parties_total: order.len() as u64,
            parties: page,
            offset,
            examined,
            snapshot: self.snapshot("counterparties", &(&subject, ask.of, ask.from, ask.to, sides, offset, limit)),
            subject,
        }))
    }

    fn dealt_party(&self, chain: &AccountChain, way: Way, party: &Party<'_>, whole_cents: Option<u64>) -> PartyView {
        // of an entity's accounts each can be spoken of by itself: a label on it, or a freeze
        let mut accounts: Vec<u32> = party.accounts.iter().copied().collect();
        accounts.retain(|account| !chain.categories_of(*account).is_empty());
        accounts.sort_unstable();
        let spoken = accounts.iter().filter_map(|account| Some((*account, self.account_speaker(chain, *account)?)));
        let weight = |said: &(Category, String, Basis, Level)| (said.3, Reverse(said.2));
        let best = spoken.reduce(|a, b| if weight(&b.1) > weight(&a.1) { b } else { a });
        let (account, said) = best.map_or((party.account, None), |(account, said)| (account, Some(said)));
        let usd = party.sums.usd().0;
        let share = usd
            .zip(whole_cents.filter(|cents| *cents > 0))
            .map(|(usd, whole)| Millionths((u128::from(usd.0) * 1_000_000 / u128::from(whole)).min(1_000_000) as u64));
        PartyView {
            entity: chain.ledger.account_text(owner(chain, account)),
            address: chain.ledger.account_text(account),
            side: way.name(),
            service: self.labels_on(chain, account).any(|label| label.is_service()),
            label: said.as_ref().map(|(_, name, ..)| name.clone()),
            category: said.as_ref().map(|(category, ..)| *category),
            basis: said.as_ref().map(|(_, _, basis, _)| *basis),
            severity: said.as_ref().map(|(.., level)| *level),
            inferred: None,
            amount_units: None,
            amounts: party.sums.views(ASSETS_EACH),
            usd,
            share,
            txs: party.txs,
            first_time: party.first.to_string(),
            last_time: party.last.to_string(),
            sample_txids: party.sample.iter().map(|tx| chain.tx_text(*tx)).collect(),
            addresses: party.accounts.len() as u64,
        }
    }

    /// What weighs most of all that is said of an account as a counterparty: a label, or an issuer's freeze.
    fn account_speaker(&self, chain: &AccountChain, account: u32) -> Option<(Category, String, Basis, Level)> {
        let said = self.speakers_on(chain, account, Relation::Counterparty).into_iter().map(|(category, label)| {
            let (basis, name) = match label {
                Some(label) => (label.basis, label.name.clone()),
                None => {
                    let act = chain.frozen.now(account).first().map(|act| shown_fact(chain, act));
                    (Basis::ThirdPartyClaim, format!("frozen by the issuer of {}", act.unwrap_or_default()))
                }
            };
            (category, name, basis, RiskTable::shipped().level(category, basis, Relation::Counterparty))
        });
        said.reduce(|a, b| if (b.3, Reverse(b.2)) > (a.3, Reverse(a.2)) { b } else { a })
    }

    pub(super) fn account_activity(
        &self,
        ask: &DealingsAsk,
        by: ActivityBy,
    ) -> Result<Option<ActivityView>, EngineError> {
        let chain = self.account_chain()?;
        let Some(whose) = self.account_whose(chain, ask)? else { return Ok(None) };
        let mut periods: BTreeMap<String, ([Sums<'_>; 2], FxHashSet<u32>)> = BTreeMap::new();
        let examined = Self::each_account_dealing(chain, &whose, ask, &mut |dealing| {
            let day = dealing.time.day();
            let none = || ([chain.sums(&self.prices), chain.sums(&self.prices)], FxHashSet::default());
            let (sums, txs) = periods.entry(by.start(day)).or_insert_with(none);
            let side = usize::from(dealing.way == Way::Out);
            sums[side].add(dealing.transfer.asset, dealing.transfer.amount, day);
            txs.insert(dealing.transfer.tx);
        });
        let periods = periods.into_iter().map(|(start, ([received, sent], txs))| ActivityPeriod {
            start,
            received_units: None,
            received_usd: received.usd().0,
            sent_units: None,
            sent_usd: sent.usd().0,
            is_partly_unpriced: received.usd().1 || sent.usd().1,
            txs: txs.len() as u64,
        });
        let subject = chain.ledger.account_text(whose.asked);
        Ok(Some(ActivityView {
            of: ask.of.name(),
            chain: chain.ledger.chain().to_string(),
            by: by.name(),
            periods: periods.collect(),
            truncated: examined.bound.is_some(),
            examined,
            snapshot: self.activity_snapshot(&subject, ask, by),
            subject,
        }))
    }

    pub(super) fn account_links(&self, nodes: &[String], of: Of) -> Result<LinksView, EngineError> {
        let chain = self.account_chain()?;
        let ledger = &chain.ledger;
        let (mut found, mut merged, mut unseen) = (Vec::<u32>::new(), Vec::new(), Vec::new());
        let mut owners: FxHashMap<u32, usize> = FxHashMap::default();
        let owner_of = |account: u32| if of == Of::Address { account } else { owner(chain, account) };
        for text in nodes {
            let Some(id) = account_id(chain, text)? else {
                unseen.push(text.trim().to_owned());
                continue;
            };
            if let Some(earlier) = owners.get(&owner_of(id)) {
                let [node, into] = [id, found[*earlier]].map(|id| ledger.account_text(id));
                if node != into {
                    merged.push(MergedNode { node, into });
                }
                continue;
            }
            owners.insert(owner_of(id), found.len());
            found.push(id);
        }
        let members = |at: usize| -> Vec<u32> {
            if of == Of::Address || chain.custody(found[at]).is_some() {
                return vec![found[at]];
            }
            chain.members(found[at], MEMBERS_MAX)
        };
        let weights: Vec<u64> =
            (0..found.len()).map(|at| members(at).iter().map(|account| ledger.moved_count(*account)).sum()).collect();
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by_key(|at| (weights[*at], *at));
        let (mut is_read, mut unread) = (vec![false; found.len()], Vec::new());
        let mut links: BTreeMap<(usize, usize), Party<'_>> = BTreeMap::new();
        let (mut transfers_left, mut left) = (TRANSFERS_MAX, order.len());
        for at in order {
            left -= 1;
            if left == 0 && unread.is_empty() {
                break;
            }
            if weights[at] > transfers_left {
                unread.push(at);
                continue;
            }
            transfers_left -= weights[at];
            let accounts = members(at);
            let whose = Whose { asked: found[at], home: accounts.iter().copied().collect(), total: 1, accounts };
            let ask = DealingsAsk { address: String::new(), of, from: None, to: None };
            Self::each_account_dealing(chain, &whose, &ask, &mut |dealing| {
                let other = owners.get(&owner_of(dealing.other)).copied();
                let Some(other) = other.filter(|other| *other != at && !is_read[*other]) else { return };
                let key = if dealing.way == Way::In { (other, at) } else { (at, other) };
                links.entry(key).or_insert_with(|| Party::new(self, chain, dealing.other, dealing.time)).add(dealing);
            });
            is_read[at] = true;
        }
        let truncated = unread.len() > 1;
        if !truncated {
            unread.clear();
        }
        let text = |at: usize| ledger.account_text(found[at]);
        let links = links.into_iter().map(|((from, to), link)| LinkView {
            from: text(from),
            to: text(to),
            amount_units: None,
            amounts: link.sums.views(ASSETS_EACH),
            usd: link.sums.usd().0,
            txs: link.txs,
            first_time: link.first.to_string(),
            last_time: link.last.to_string(),
            sample_txids: link.sample.iter().map(|tx| chain.tx_text(*tx)).collect(),
        });
        Ok(LinksView {
            chain: ledger.chain().to_string(),
            of: of.name(),
            links: links.collect(),
            merged,
            unseen,
            unread: unread.into_iter().map(text).collect(),
            truncated,
            snapshot: self.snapshot("links", &(nodes, of)),
        })
    }
}
