//! The walk of value from party to party over their timelines, forwards or backwards in time, under three policies at once.
//!
//! * **First in, first out**: what a party received is matched to what it sent, in the order in which it left ([`Move::left`]); a
//!   part of a movement keeps its place in it, so that the next party matches that very part. The matching is one to one, so
//!   the walk backwards goes over the same pairs.
//! * **Haircut**: what a party holds is one pool; each payment takes of every origin in proportion. Backwards, the pool is what it
//!   will send, and each receipt is due to every destination in proportion.
//! * **Poison**: whoever is reached; a movement counts whole.
//!
//! Fees are in no timeline, so that what a party received may exceed what it sent by them; the matching then runs late by as much.
//! The walk stops at services and at its bounds, and never passes through one of its own beginnings: what comes from there
//! counts as from there. It is in order of transactions over all parties, so that each is gone through once.

use super::At;
use super::seeds::read;
use crate::{Classes, Move, NEVER, Party, Sum, Way, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Hops that can be told apart, and one for the beginning itself.
pub(super) const HOPS: usize = 8;

/// Which way in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Towards {
    /// Where it went.
    Later,
    /// Where it came from.
    Earlier,
}

/// How far to walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Hops at most, below [`HOPS`].
    pub(super) hops: u8,
    /// Parts worth less in US cents are not followed; unpriced ones are.
    pub(super) dust: u64,
    /// Parts below so many thousandths of what the beginnings sent of the asset are not followed.
    pub(super) keep_permille: u128,
    /// Parts that make less than so many thousandths of their movement are not followed: what a busy party hardly had any of.
    pub(super) part_permille: u128,
    /// Parties whose timelines are read at most.
    pub(super) parties_max: usize,
    /// Movements that are read at most, over all parties.
    pub(super) moves_max: usize,
    /// A party with more movements is gone no further through, as if it were a service.
    pub(super) weight_max: u64,
}

/// A part of a movement of a party that was reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// The movement, as the reached party's.
    pub(super) movement: Move,
    /// Hops from a beginning.
    pub(super) hops: u8,
    /// Units of it by first in, first out.
    pub(super) fifo: u128,
    /// Units of it by haircut.
    pub(super) haircut: u128,
}

/// A party that was reached.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// Fewest hops.
    pub(super) hops: u8,
    /// By whom and in which transaction it was reached with fewest hops, first.
    pub(super) via: (Party, u32),
    /// Whether the walk stopped here because it is a service.
    pub(super) is_service: bool,
    /// Movements that carry something, in the walk's order.
    pub(super) parts: Vec<Part>,
}

/// What a walk found.
#[derive(Default, Debug)]
pub(super) struct Found {
    /// Parties reached; beginnings are not among them.
    pub(super) reached: FxHashMap<Party, Reached>,
    /// Whether a bound was hit.
    pub(super) is_bounded: bool,
}

impl Found {
    /// The way to a party with fewest hops: the beginning first, the party itself last, and the transactions between.
    pub(super) fn path(&self, party: Party) -> (Vec<Party>, Vec<u32>) {
        let (mut parties, mut txs, mut at) = (vec![party], Vec::new(), party);
        while let Some(reached) = self.reached.get(&at) {
            if parties.len() > HOPS {
                break;
            }
            at = reached.via.0;
            parties.push(at);
            txs.push(reached.via.1);
        }
        parties.reverse();
        txs.reverse();
        (parties, txs)
    }
}

/// Part of a movement: from one unit of it to another.
#[derive(Clone, Copy)]
struct Span {
    from: u128,
    to: u128,
    hops: u8,
}

/// So many units of a receipt that are so many of a payment.
#[derive(Clone, Copy)]
struct Pair {
    received: u32,
    sent: u32,
    received_at: u128,
    sent_at: u128,
    units: u128,
}

/// A party's movements with the matching of receipts to payments.
struct Book {
    moves: Vec<Move>,
    by_sent: Vec<Pair>,
    by_received: Vec<Pair>,
}

impl Book {
    fn of(moves: Vec<Move>) -> Self {
        // receipts of each asset in the order in which they left
        let mut queues: FxHashMap<u32, (Vec<u32>, usize, u128)> = FxHashMap::default();
        for (at, movement) in moves.iter().enumerate().filter(|(_, m)| m.way == Way::In) {
            queues.entry(movement.asset).or_default().0.push(at as u32);
        }
        for (queue, _, _) in queues.values_mut() {
            queue.sort_by_key(|at| moves[*at as usize].left);
        }
        let mut by_sent = Vec::new();
        for (at, sent) in moves.iter().enumerate().filter(|(_, m)| m.way == Way::Out) {
            let Some((queue, next, used)) = queues.get_mut(&sent.asset) else { continue };
            let mut done = 0;
            while done < sent.units {
                let Some(received) = queue.get(*next).copied() else { break };
                let receipt = &moves[received as usize];
                if receipt.tx > sent.tx {
                    break;
                }
                let units = (receipt.units - *used).min(sent.units - done);
                if units > 0 {
                    by_sent.push(Pair { received, sent: at as u32, received_at: *used, sent_at: done, units });
                }
                done += units;
                *used += units;
                if *used == receipt.units {
                    *next += 1;
                    *used = 0;
                }
            }
        }
        let mut by_received = by_sent.clone();
        by_received.sort_by_key(|pair| pair.received);
        Self { moves, by_sent, by_received }
    }
}

/// What is held, and how much of it is of each number of hops.
#[derive(Clone, Copy, Default)]
struct Pool {
    units: u128,
    tainted: [u128; HOPS],
}

/// A party that the walk goes through.
struct Node {
    book: Book,
    is_beginning: bool,
    /// Movements gone through, in the walk's order.
    done: usize,
    /// Whether it waits for its next payment, or has none left.
    is_waiting: bool,
    spans: FxHashMap<u32, Vec<Span>>,
    haircut: FxHashMap<u32, [u128; HOPS]>,
    pools: FxHashMap<u32, Pool>,
}

/// `value × part / whole`, rounded down; where that does not fit, of numbers with fewer digits.
fn share(value: u128, part: u128, whole: u128) -> u128 {
    let (mut part, mut whole) = (part, whole);
    while whole > 0 {
        if let Some(product) = value.checked_mul(part) {
            return product / whole;
        }
        (part, whole) = (part >> 8, whole >> 8);
    }
    0
}

/// The worth of some units of a movement in US cents, where it has a price.
pub(super) fn worth_of(movement: &Move, units: u128) -> Option<u64> {
    let cents = share(units, u128::from(movement.worth()?), movement.units);
    Some(u64::try_from(cents).unwrap_or(u64::MAX))
}

/// Adds some units of a movement to a sum.
pub(super) fn add_part(sum: &mut Sum, movement: &Move, units: u128) {
    sum.units = sum.units.saturating_add(units);
    match worth_of(movement, units) {
        Some(cents) => sum.cents = sum.cents.saturating_add(cents),
        None => sum.unpriced = sum.unpriced.saturating_add(units),
    }
}

struct Walk<'a, 'w> {
    at: &'a At<'w>,
    towards: Towards,
    limits: Limits,
    services: Classes,
    beginnings: FxHashSet<Party>,
    /// What the beginnings sent or received, by asset.
    whole: FxHashMap<u32, u128>,
    nodes: FxHashMap<Party, Node>,
    read: usize,
    events: BinaryHeap<Reverse<(u32, Party)>>,
    found: Found,
}

/// Walks from some parties.
pub(super) fn walk(at: &At<'_>, beginnings: &[Party], towards: Towards, limits: Limits) -> Found {
    let mut walk = Walk {
        at,
        towards,
        limits: Limits { hops: limits.hops.min(HOPS as u8 - 1), ..limits },
        services: Classes::services(),
        beginnings: beginnings.iter().copied().collect(),
        whole: FxHashMap::default(),
        nodes: FxHashMap::default(),
        read: 0,
        events: BinaryHeap::new(),
        found: Found::default(),
    };
    for party in beginnings {
        walk.begin(*party);
    }
    while let Some(Reverse((key, party))) = walk.events.pop() {
        walk.go_on(party, key);
    }
    walk.found
}

impl Walk<'_, '_> {
    fn world(&self) -> &dyn World {
        self.at.world
    }

    /// Transactions in the walk's order.
    fn key(&self, tx: u32) -> u32 {
        if self.towards == Towards::Later { tx } else { u32::MAX - tx }
    }

    fn is_result(&self, movement: &Move) -> bool {
        (movement.way == Way::Out) == (self.towards == Towards::Later)
    }

    fn begin(&mut self, party: Party) {
        if !self.open(party, true) {
            return;
        }
        let Some(node) = self.nodes.get(&party) else { return };
        let results = node.book.moves.iter().filter(|m| self.is_result(m));
        for (asset, units) in results.map(|m| (m.asset, m.units)).collect::<Vec<_>>() {
            *self.whole.entry(asset).or_default() += units;
        }
        self.schedule(party);
    }

    /// Reads a party, where bounds allow it.
    fn open(&mut self, party: Party, is_beginning: bool) -> bool {
        let weight = self.world().weight(party);
        let room = self.limits.moves_max.saturating_sub(self.read);
        if self.nodes.len() >= self.limits.parties_max
            || weight > room as u64
            || (!is_beginning && weight > self.limits.weight_max)
        {
            self.found.is_bounded = true;
            return false;
        }
        let timeline = read(self.at, party, room);
        self.read += timeline.moves.len();
        let mut pools: FxHashMap<u32, Pool> = FxHashMap::default();
        if self.towards == Towards::Earlier {
            // backwards, the pool begins with what was never sent
            let mut held: FxHashMap<u32, (u128, u128)> = FxHashMap::default();
            for movement in &timeline.moves {
                let entry = held.entry(movement.asset).or_default();
                match movement.way {
                    Way::In => entry.0 += movement.units,
                    Way::Out => entry.1 += movement.units,
                }
            }
            for (asset, (received, sent)) in held {
                pools.insert(asset, Pool { units: received.saturating_sub(sent), ..Pool::default() });
            }
        }
        let node = Node {
            // nothing of a beginning has to be matched
            book: if is_beginning {
                Book { moves: timeline.moves, by_sent: Vec::new(), by_received: Vec::new() }
            } else {
                Book::of(timeline.moves)
            },
            is_beginning,
            done: 0,
            is_waiting: false,
            spans: FxHashMap::default(),
            haircut: FxHashMap::default(),
            pools,
        };
        self.nodes.insert(party, node);
        true
    }

    /// The place of a party's movement in its timeline, by the walk's order.
    fn place(&self, node: &Node, rank: usize) -> Option<usize> {
        let all = node.book.moves.len();
        (rank < all).then(|| if self.towards == Towards::Later { rank } else { all - 1 - rank })
    }

    /// Notes when a party next sends something on.
    fn schedule(&mut self, party: Party) {
        let Some(node) = self.nodes.get(&party) else { return };
        let left = (node.done..).map_while(|rank| self.place(node, rank)).map(|place| &node.book.moves[place]);
        let next = left.into_iter().find(|m| self.is_result(m)).map(|m| self.key(m.tx));
        self.events.extend(next.map(|key| Reverse((key, party))));
        if let Some(node) = self.nodes.get_mut(&party) {
            node.is_waiting = true;
        }
    }

    /// Goes through a party's movements up to a transaction and delivers what it sends on.
    fn go_on(&mut self, party: Party, key: u32) {
        let Some(mut node) = self.nodes.remove(&party) else { return };
        while let Some(place) = self.place(&node, node.done) {
            let movement = node.book.moves[place];
            if self.key(movement.tx) > key {
                break;
            }
            node.done += 1;
            if !self.is_result(&movement) {
                let pool = node.pools.entry(movement.asset).or_default();
                pool.units += movement.units;
                for (all, more) in pool.tainted.iter_mut().zip(node.haircut.remove(&(place as u32)).unwrap_or_default())
                {
                    *all += more;
                }
                continue;
            }
            let (spans, haircut) = self.sent_on(&mut node, place, &movement);
            if haircut.iter().any(|units| *units > 0) || !spans.is_empty() {
                self.deliver(party, &movement, &spans, &haircut);
            }
        }
        self.nodes.insert(party, node);
        self.schedule(party);
    }

    /// What a movement carries on, under both policies.
    fn sent_on(&self, node: &mut Node, place: usize, movement: &Move) -> (Vec<Span>, [u128; HOPS]) {
        let mut haircut = [0; HOPS];
        if node.is_beginning {
            haircut[0] = movement.units;
            return (vec![Span { from: 0, to: movement.units, hops: 0 }], haircut);
        }
        let pool = node.pools.entry(movement.asset).or_default();
        let whole = pool.units.max(movement.units);
        for (part, all) in haircut.iter_mut().zip(&mut pool.tainted) {
            *part = share(*all, movement.units, whole);
            *all -= *part;
        }
        pool.units = pool.units.saturating_sub(movement.units);
        if node.spans.is_empty() {
            return (Vec::new(), haircut);
        }
        let is_later = self.towards == Towards::Later;
        let pairs = if is_later { &node.book.by_sent } else { &node.book.by_received };
        let own = |pair: &Pair| if is_later { pair.sent } else { pair.received } as usize;
        let first = pairs.partition_point(|pair| own(pair) < place);
        let mut spans: Vec<Span> = Vec::new();
        for pair in pairs[first..].iter().take_while(|pair| own(pair) == place) {
            let (from, from_at, to_at) = if is_later {
                (pair.received, pair.received_at, pair.sent_at)
            } else {
                (pair.sent, pair.sent_at, pair.received_at)
            };
            for span in node.spans.get(&from).into_iter().flatten() {
                let (start, end) = (span.from.max(from_at), span.to.min(from_at + pair.units));
                if start < end {
                    let (start, end) = (start - from_at + to_at, end - from_at + to_at);
                    match spans.last_mut() {
                        Some(last) if last.to == start && last.hops == span.hops => last.to = end,
                        _ => spans.push(Span { from: start, to: end, hops: span.hops }),
                    }
                }
            }
        }
        (spans, haircut)
    }

    /// Hands on what a movement carries to the party on its other side.
    fn deliver(&mut self, from: Party, movement: &Move, spans: &[Span], haircut: &[u128; HOPS]) {
        let to = movement.party;
        if to == Party::NOBODY || self.beginnings.contains(&to) {
            return;
        }
        let last = self.limits.hops;
        let mut fifo = [0_u128; HOPS];
        for span in spans {
            fifo[span.hops as usize] += span.to - span.from;
        }
        let all = |by_hop: &[u128; HOPS]| by_hop[..last as usize].iter().sum::<u128>();
        let carried = all(&fifo).max(all(haircut));
        let cents = movement.worth().map(|cents| share(carried, u128::from(cents), movement.units.max(1)));
        let whole = self.whole.get(&movement.asset).copied().unwrap_or(0);
        if carried == 0
            || cents.is_some_and(|cents| cents < u128::from(self.limits.dust))
            || carried < share(whole, self.limits.keep_permille, 1000)
            || carried < share(movement.units, self.limits.part_permille, 1000)
        {
            return;
        }
        let is_service = self.world().classes(to).meets(self.services)
            || (movement.other != u32::MAX && self.world().facts().deposits.contains(&movement.other));
        let least = (0..last).find(|h| fifo[*h as usize] > 0 || haircut[*h as usize] > 0).unwrap_or(0) + 1;
        let way = if movement.way == Way::In { Way::Out } else { Way::In };
        let turned = Move { way, own: movement.other, other: movement.own, party: from, left: NEVER, ..*movement };
        let reached = self.found.reached.entry(to).or_insert_with(|| Reached {
            hops: least,
            via: (from, movement.tx),
            is_service,
            parts: Vec::new(),
        });
        if least < reached.hops {
            (reached.hops, reached.via) = (least, (from, movement.tx));
        }
        for h in 0..last {
            let (fifo, haircut) = (fifo[h as usize], haircut[h as usize]);
            if fifo > 0 || haircut > 0 {
                reached.parts.push(Part { movement: turned, hops: h + 1, fifo, haircut });
            }
        }
        if is_service || least >= last {
            return;
        }
        if !self.nodes.contains_key(&to) && !self.open(to, false) {
            return;
        }
        self.hold(to, &turned, spans, haircut);
    }

    /// Notes what a party got, to be sent on by it.
    fn hold(&mut self, to: Party, turned: &Move, spans: &[Span], haircut: &[u128; HOPS]) {
        let last = self.limits.hops;
        let Some(node) = self.nodes.get_mut(&to) else { return };
        let moves = &node.book.moves;
        let first = moves.partition_point(|m| m.tx < turned.tx);
        let same = |place: &usize| {
            let m = &moves[*place];
            m.way == turned.way && m.own == turned.own && m.party == turned.party && m.units == turned.units
        };
        let of_tx = || (first..moves.len()).take_while(|place| moves[*place].tx == turned.tx);
        let is_free =
            |place: &usize| !node.haircut.contains_key(&(*place as u32)) && !node.spans.contains_key(&(*place as u32));
        let Some(place) = of_tx().filter(same).find(is_free) else { return };
        // one hop more for everything; what would be beyond the last is left
        let mut shifted = [0; HOPS];
        let kept = usize::from(last.saturating_sub(1));
        shifted[1..=kept].copy_from_slice(&haircut[..kept]);
        node.haircut.insert(place as u32, shifted);
        let spans: Vec<Span> =
            spans.iter().filter(|s| s.hops + 1 < last).map(|s| Span { hops: s.hops + 1, ..*s }).collect();
        if !spans.is_empty() {
            node.spans.insert(place as u32, spans);
        }
        // a party that was waiting for a later transaction is woken for this one
        self.wake(to, turned.tx);
    }

    /// Goes quietly through what was before a transaction, and notes when the party next sends something on.
    fn wake(&mut self, party: Party, tx: u32) {
        let key = self.key(tx);
        let Some(mut node) = self.nodes.remove(&party) else { return };
        while let Some(place) = self.place(&node, node.done) {
            let movement = node.book.moves[place];
            if self.key(movement.tx) >= key {
                break;
            }
            node.done += 1;
            let pool = node.pools.entry(movement.asset).or_default();
            if self.is_result(&movement) {
                // nothing can be carried here: what was carried before has been gone through
                pool.units = pool.units.saturating_sub(movement.units);
            } else {
                pool.units += movement.units;
                for (all, more) in pool.tainted.iter_mut().zip(node.haircut.remove(&(place as u32)).unwrap_or_default())
                {
                    *all += more;
                }
            }
        }
        let is_waiting = node.is_waiting;
        self.nodes.insert(party, node);
        if !is_waiting {
            self.schedule(party);
        }
    }
}
