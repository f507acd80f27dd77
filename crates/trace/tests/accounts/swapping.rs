//! FIFO through transactions of swaps, by replaying every transfer with a line of single units for everybody.
//!
//! In these worlds nobody ever gives what he has not, in the chain's order.

use crate::answer::Answer;
use athar_trace::Direction;
use athar_trace::account::{AccountBound, AccountEnd, AccountStop, Conversion, MadeFlows, NONE, Place, Sum, Transfer};
use athar_types::account::{TransferKind, U256};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

/// Persons 0 to 2, a router 3, pools 4 and 5.
const ACCOUNTS: u32 = 6;
const ROUTER: u32 = 3;
const ASSETS: u32 = 3;

/// A world of swaps.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub(crate) transfers: Vec<Transfer>,
    /// Transactions and the pools that told of swaps in them.
    pub(crate) pools: BTreeMap<u32, BTreeSet<u32>>,
    pub(crate) sources: Vec<(u64, u32)>,
}

impl Market {
    pub(crate) fn flows(&self) -> MadeFlows {
        let mut flows = MadeFlows::new(self.transfers.clone());
        (ROUTER..ACCOUNTS).for_each(|account| flows.contract(account));
        for (tx, pools) in &self.pools {
            for pool in pools {
                flows.swap(*tx, *pool);
            }
        }
        flows
    }
}

/// First everybody gets enough of everything, then come transactions of one to seven transfers, most with swaps.
pub(crate) fn market() -> impl Strategy<Value = Market> {
    let moves = (0..ACCOUNTS, 0..ACCOUNTS, 0..ASSETS, 1_u64..12);
    let pools = prop::collection::btree_set(ROUTER + 1..ACCOUNTS, 0..3);
    let txs = prop::collection::vec((pools, prop::collection::vec(moves, 1..8)), 1..6);
    (txs, prop::collection::vec((any::<prop::sample::Index>(), 0_u32..2), 1..4)).prop_map(|(txs, sources)| {
        let of = |tx, from, to, asset, amount, kind| Transfer { tx, from, to, asset, amount, kind };
        let mut market = Market { transfers: Vec::new(), pools: BTreeMap::new(), sources: Vec::new() };
        for (account, asset) in (0..ACCOUNTS).flat_map(|a| (0..ASSETS).map(move |asset| (a, asset))) {
            market.transfers.push(of(NONE, NONE, account, asset, U256::from(40 * 12), TransferKind::Mint));
        }
        let first = market.transfers.len();
        for (tx, (pools, moves)) in txs.into_iter().enumerate() {
            let tx = tx as u32;
            market.pools.insert(tx, pools);
            for (from, to, asset, amount) in moves {
                market.transfers.push(of(tx, from, to, asset, U256::from(amount), TransferKind::Token));
            }
        }
        let moved = market.transfers.len() - first;
        market.sources = sources.into_iter().map(|(at, tag)| ((first + at.index(moved)) as u64, tag)).collect();
        market
    })
}

type Kind = (u32, u32);
type Units = VecDeque<Option<Kind>>;

#[derive(Default)]
struct Replay {
    lines: HashMap<Place, Units>,
    answer: Answer,
    conversions: Vec<Conversion>,
    sources: BTreeMap<usize, u32>,
    is_back: bool,
}

/// What a transaction of swaps knows of itself.
#[derive(Default)]
struct Group {
    pools: BTreeSet<u32>,
    brought: BTreeMap<(u32, u32), u64>,
    entered: BTreeMap<(u32, u32), Vec<Kind>>,
    used: BTreeMap<(u32, u32), usize>,
    through: BTreeMap<Place, Units>,
    /// What contracts on the way gained or lost of their own.
    gained: HashMap<Place, i64>,
    debts: HashMap<Place, u64>,
    opened: HashSet<Place>,
    done: Vec<Transfer>,
    left: Vec<Transfer>,
}

fn moves(t: &Transfer) -> bool {
    t.from != t.to
}

/// The first that is not waiting; what a pool gives waits for what it is still brought of other assets.
fn next(left: &[(usize, Transfer)], pools: &BTreeSet<u32>) -> usize {
    let waits = |t: &Transfer| {
        pools.contains(&t.from) && left.iter().any(|(_, other)| other.to == t.from && other.asset != t.asset)
    };
    left.iter().position(|(_, t)| !waits(t)).unwrap_or(0)
}

impl Replay {
    fn end(&mut self, place: Place, kind: Kind, end: AccountEnd) {
        self.answer.end(place, end, kind.0, kind.1, 1);
    }

    fn step(&mut self, n: usize, t: &Transfer, group: &mut Group) {
        let amount: u64 = t.amount.to();
        let (giver, receiver) = (t.giver(), t.receiver());
        let is_group = !group.pools.is_empty();
        let mut units = Vec::new();
        if let Some(place) = giver {
            if group.through.contains_key(&place) {
                *group.gained.entry(place).or_default() -= amount as i64;
            }
            let line = group.through.get_mut(&place).unwrap_or_else(|| self.lines.entry(place).or_default());
            units.extend((0..amount).map_while(|_| line.pop_front()));
            let missing = amount - units.len() as u64;
            if !group.through.contains_key(&place) && missing > 0 {
                assert!(is_group, "these worlds owe nothing outside of swaps");
                *group.debts.entry(place).or_default() += missing;
            }
        }
        units.resize(amount as usize, None);
        if group.pools.contains(&t.from) {
            self.exchange(n, t, group, &mut units);
        }
        if let Some(tag) = self.sources.remove(&n) {
            let back: Vec<Kind> = units.iter().flatten().copied().collect();
            if !back.is_empty() {
                if !self.is_back {
                    let more = u32::from(!group.pools.contains(&t.to));
                    let hop = back.iter().map(|kind| kind.0 + more).min().unwrap();
                    self.answer.edges.push((n as u64, back.len() as u64, hop));
                }
                for kind in back {
                    self.end(receiver.or(giver).unwrap(), kind, AccountEnd::Rejoined);
                }
            }
            units = vec![Some((0, tag)); amount as usize];
            if !self.is_back {
                return self.receive(receiver.unwrap(), units, group);
            }
        }
        if units.iter().any(Option::is_some) {
            if !group.pools.contains(&t.to) {
                units.iter_mut().flatten().for_each(|kind| kind.0 += 1);
            }
            let hop = units.iter().flatten().map(|kind| kind.0).min().unwrap();
            self.answer.edges.push((n as u64, units.iter().flatten().count() as u64, hop));
            self.arrive(t, group, &mut units);
        }
        if let Some(place) = receiver {
            self.receive(place, units, group);
        }
    }

    fn exchange(&mut self, n: usize, t: &Transfer, group: &mut Group, units: &mut [Option<Kind>]) {
        let others: Vec<_> = group.brought.keys().filter(|k| k.0 == t.from && k.1 != t.asset).copied().collect();
        let [key] = others[..] else { return };
        let entered = group.entered.get(&key).cloned().unwrap_or_default();
        if entered.is_empty() {
            return;
        }
        let (amount, whole): (u64, u64) = (t.amount.to(), group.brought[&key]);
        let mut bought = VecDeque::new();
        let mut so_far = 0;
        for (at, kind) in entered.iter().enumerate() {
            let until = amount * (at as u64 + 1) / whole;
            bought.extend((so_far..until).map(|_| *kind));
            so_far = until;
        }
        let mut laid = 0;
        for unit in units.iter_mut().filter(|u| u.is_none()) {
            let Some(kind) = bought.pop_front() else { break };
            (*unit, laid) = (Some(kind), laid + 1);
        }
        group.used.insert(key, entered.len());
        let sum = |n: u64| Sum::from(n);
        let (in_units, out_units) = (sum(entered.len() as u64), sum(laid));
        let (mut asset_in, mut amount_in, mut tainted_in) = (key.1, sum(whole), in_units);
        let (mut asset_out, mut amount_out, mut tainted_out) = (t.asset, sum(amount), out_units);
        if self.is_back {
            std::mem::swap(&mut asset_in, &mut asset_out);
            std::mem::swap(&mut amount_in, &mut amount_out);
            std::mem::swap(&mut tainted_in, &mut tainted_out);
        }
        let (tx, pool, transfer) = (t.tx, t.from, n as u64);
        let conversion =
            Conversion { tx, pool, transfer, asset_in, amount_in, tainted_in, asset_out, amount_out, tainted_out };
        self.conversions.push(conversion);
    }

    fn arrive(&mut self, t: &Transfer, group: &mut Group, units: &mut [Option<Kind>]) {
        let Some(place) = t.receiver() else {
            for kind in units.iter_mut().filter_map(Option::take) {
                self.end(t.giver().unwrap(), kind, AccountEnd::Outside);
            }
            return;
        };
        if place.account < ROUTER || group.pools.contains(&place.account) || group.through.contains_key(&place) {
            return;
        }
        let gives_on = group.left.iter().any(|later| later.from == place.account && later.asset == place.asset);
        if !group.pools.is_empty() && gives_on && !group.opened.contains(&place) {
            let mut line = Units::new();
            for done in &group.done {
                let amount: u64 = done.amount.to();
                if done.receiver() == Some(place) {
                    line.extend((0..amount).map(|_| None));
                } else if done.giver() == Some(place) {
                    line.drain(..line.len().min(amount as usize));
                }
            }
            group.through.insert(place, line);
            return;
        }
        for kind in units.iter_mut().filter_map(Option::take) {
            self.end(place, kind, AccountEnd::Stopped(AccountStop::Contract));
        }
    }

    fn receive(&mut self, place: Place, mut units: Vec<Option<Kind>>, group: &mut Group) {
        if group.pools.contains(&place.account) {
            let entered = group.entered.entry((place.account, place.asset)).or_default();
            entered.extend(units.iter_mut().filter_map(Option::take));
        } else if let Some(line) = group.through.get_mut(&place) {
            *group.gained.entry(place).or_default() += units.len() as i64;
            return line.extend(units);
        }
        if units.iter().any(Option::is_some) {
            group.opened.insert(place);
        }
        let debt = group.debts.entry(place).or_default();
        let paid = (*debt).min(units.len() as u64);
        *debt -= paid;
        let rest = units.split_off(paid as usize);
        for kind in units.into_iter().flatten() {
            self.end(place, kind, AccountEnd::Bounded(AccountBound::Advance));
        }
        self.lines.entry(place).or_default().extend(rest);
    }

    fn group(&mut self, transfers: Vec<(usize, Transfer)>, pools: BTreeSet<u32>) {
        let mut group = Group { pools, ..Group::default() };
        let tainted = self.lines.iter().filter(|(_, line)| line.iter().any(Option::is_some));
        group.opened = tainted.map(|(place, _)| *place).collect();
        for (_, t) in transfers.iter().filter(|(_, t)| group.pools.contains(&t.to)) {
            *group.brought.entry((t.to, t.asset)).or_default() += t.amount.to::<u64>();
        }
        let mut left = transfers;
        while !left.is_empty() {
            let (n, t) = left.remove(next(&left, &group.pools));
            group.left = left.iter().map(|(_, t)| *t).collect();
            self.step(n, &t, &mut group);
            group.done.push(t);
        }
        for ((pool, asset), kinds) in group.entered {
            let used = group.used.get(&(pool, asset)).copied().unwrap_or(0);
            for (at, kind) in kinds.into_iter().enumerate() {
                let end = if at < used { AccountEnd::Converted } else { AccountEnd::Stopped(AccountStop::Contract) };
                self.end(Place::free(pool, asset), kind, end);
            }
        }
        for (place, gained) in group.gained {
            let line = self.lines.entry(place).or_default();
            line.resize((line.len() as i64 + gained) as usize, None);
        }
        for (place, line) in group.through {
            for kind in line.into_iter().flatten() {
                self.end(place, kind, AccountEnd::Stopped(AccountStop::Contract));
            }
        }
    }
}

/// What a FIFO trace must say, and its conversions.
pub(crate) fn replay(market: &Market, direction: Direction) -> (Answer, Vec<Conversion>) {
    let is_back = direction == Direction::Backward;
    let mut replay = Replay { is_back, ..Replay::default() };
    for (n, tag) in &market.sources {
        if moves(&market.transfers[*n as usize]) {
            let least = replay.sources.entry(*n as usize).or_insert(*tag);
            *least = (*least).min(*tag);
        }
    }
    let mut transfers: Vec<(usize, Transfer)> = market.transfers.iter().copied().enumerate().collect();
    if is_back {
        let mut balances: HashMap<Place, i64> = HashMap::new();
        for (_, t) in transfers.iter().filter(|(_, t)| moves(t)) {
            let amount: i64 = t.amount.to();
            t.giver().into_iter().for_each(|place| *balances.entry(place).or_default() -= amount);
            t.receiver().into_iter().for_each(|place| *balances.entry(place).or_default() += amount);
        }
        replay.lines = balances.into_iter().map(|(place, n)| (place, (0..n).map(|_| None).collect())).collect();
        transfers.reverse();
        for (_, t) in &mut transfers {
            (t.from, t.to) = (t.to, t.from);
        }
    }
    for run in transfers.chunk_by(|a, b| a.1.tx == b.1.tx && a.1.tx != NONE) {
        let pools = market.pools.get(&run[0].1.tx).cloned().unwrap_or_default();
        let run: Vec<_> = run.iter().copied().filter(|(_, t)| moves(t)).collect();
        if pools.is_empty() {
            for (n, t) in run {
                replay.step(n, &t, &mut Group::default());
            }
        } else {
            replay.group(run, pools);
        }
    }
    for (place, line) in std::mem::take(&mut replay.lines) {
        for kind in line.into_iter().flatten() {
            replay.end(place, kind, AccountEnd::Held);
        }
    }
    (replay.answer, replay.conversions)
}
