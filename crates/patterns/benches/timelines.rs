//! Each rule on an invented chain of outputs in memory, whole and for a new block of 4,000 transactions: prints its figures.
//! `ATHAR_BENCH_TXS` sets the transactions (2,000,000). The world answers from plain arrays, so that the figures are the operators'
//! own; a store adds its reading.
#![allow(missing_docs, clippy::unwrap_used)] // a program

use athar_patterns::{
    Classes, DatedEvent, Facts, Move, NEVER, Party, Publication, Redemption, Rule, RunOptions, Shape, Split, Standing,
    Timeline, UNPRICED, Way, World, run, shipped,
};
use athar_types::{Category, Chain, UnixTime};
use std::ops::Range;
use std::time::Instant;

const T: u32 = 1_500_000_000;
const BLOCK: u32 = 4_000;
const EXCHANGES: u32 = 20;
const SHOPS: u32 = 2_000;

#[derive(Clone, Copy)]
struct Paid {
    tx: u32,
    from: u32,
    to: u32,
    cents: u32,
    spent: u32,
}

/// Movements by transaction, and by party where they begin and end at another.
struct Memory {
    paid: Vec<Paid>,
    tx_start: Vec<u32>,
    parties: Vec<u32>,
    members: Vec<u32>,
    member_start: Vec<u32>,
    moves: Vec<u32>,
    move_start: Vec<u32>,
    classes: Vec<Classes>,
    labelled: Vec<Party>,
    facts: Facts,
}

fn time_of(tx: u32) -> u32 {
    T + tx / BLOCK * 600
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn root(parties: &mut [u32], mut at: u32) -> u32 {
    while parties[at as usize] != at {
        parties[at as usize] = parties[parties[at as usize] as usize];
        at = parties[at as usize];
    }
    at
}

fn starts(keys: impl Iterator<Item = u32> + Clone, n: usize) -> (Vec<u32>, Vec<u32>) {
    let mut start = vec![0_u32; n + 1];
    for key in keys.clone() {
        start[key as usize + 1] += 1;
    }
    for at in 0..n {
        start[at + 1] += start[at];
    }
    let mut next = start.clone();
    let mut order = vec![0; start[n] as usize];
    for (at, key) in (0_u32..).zip(keys) {
        order[next[key as usize] as usize] = at;
        next[key as usize] += 1;
    }
    (start, order)
}

impl Memory {
    /// Payments with change to fresh addresses; a quarter spends two coins and so ties their addresses.
    fn of(txs: u32) -> Self {
        let mut dice = Dice(7);
        let mut paid: Vec<Paid> = Vec::new();
        let mut tx_start = Vec::with_capacity(txs as usize + 1);
        let mut parties: Vec<u32> = (0..EXCHANGES + SHOPS).collect();
        // coins: the payment that made them
        let mut coins: Vec<u32> = Vec::new();
        for tx in 0..txs {
            tx_start.push(paid.len() as u32);
            let mut fresh = || {
                parties.push(parties.len() as u32);
                parties.len() as u32 - 1
            };
            if coins.len() < 1_000 || dice.below(3) == 0 {
                let (from, to) = (dice.below(u64::from(EXCHANGES)) as u32, fresh());
                coins.push(paid.len() as u32);
                paid.push(Paid { tx, from, to, cents: 1_000 + dice.below(500_000) as u32, spent: u32::MAX });
                continue;
            }
            let take = |coins: &mut Vec<u32>, dice: &mut Dice| {
                let at = dice.below(coins.len() as u64) as usize;
                coins.swap_remove(at)
            };
            let coin = take(&mut coins, &mut dice);
            let from = paid[coin as usize].to;
            paid[coin as usize].spent = tx;
            let mut cents = paid[coin as usize].cents;
            let to = match dice.below(3) {
                0 => EXCHANGES + dice.below(u64::from(SHOPS)) as u32,
                1 => dice.below(u64::from(EXCHANGES)) as u32,
                _ => fresh(),
            };
            let back = fresh();
            if dice.below(4) == 0 {
                let second = take(&mut coins, &mut dice);
                let other = paid[second as usize].to;
                paid[second as usize].spent = tx;
                cents = cents.saturating_add(paid[second as usize].cents);
                let (a, b) = (root(&mut parties, from), root(&mut parties, other));
                parties[a.max(b) as usize] = a.min(b);
            }
            let sum = (u64::from(cents) * (1 + dice.below(98)) / 100) as u32;
            if to >= EXCHANGES + SHOPS {
                coins.push(paid.len() as u32);
            }
            paid.push(Paid { tx, from, to, cents: sum, spent: u32::MAX });
            coins.push(paid.len() as u32);
            paid.push(Paid { tx, from, to: back, cents: cents - sum, spent: u32::MAX });
        }
        tx_start.push(paid.len() as u32);
        for at in 0..parties.len() as u32 {
            parties[at as usize] = root(&mut parties, at);
        }
        let n = parties.len();
        let (member_start, members) = starts(parties.iter().copied(), n);
        // each payment is a movement of both sides: twice its number, and one more for the receiver
        let sides = paid.iter().flat_map(|p| [parties[p.from as usize], parties[p.to as usize]]);
        let (move_start, moves) = starts(sides.collect::<Vec<_>>().iter().copied(), n);
        let mut classes = vec![Classes::NONE; n];
        for exchange in 0..EXCHANGES {
            classes[exchange as usize] = Classes::of([Category::Exchange]);
        }
        classes[1] = Classes::of([Category::CouponService]);
        for shop in EXCHANGES..EXCHANGES + SHOPS {
            let category = match shop % 100 {
                0 => Category::DarkMarket,
                1..=30 => Category::Merchant,
                _ => continue,
            };
            classes[shop as usize] = Classes::of([category]);
        }
        let mut facts = Facts::default();
        for at in 0..3_000 {
            let address = EXCHANGES + SHOPS + dice.below(n as u64 - u64::from(EXCHANGES + SHOPS)) as u32;
            let party = parties[address as usize];
            match at % 3 {
                0 => classes[party as usize] = Classes::of([Category::TerroristFinancing]),
                1 => facts.publications.push(Publication {
                    address: Some(address),
                    solicits: true,
                    claims_aid: true,
                    ..Publication::default()
                }),
                _ => facts.redemptions.push(Redemption {
                    account: None,
                    context: Vec::new(),
                    address: Some(address),
                    beneficiary: String::new(),
                    time: UnixTime(T),
                    euro_cents: 5_000,
                    outlet: None,
                    buyer: None,
                    country: None,
                    record: String::new(),
                }),
            }
        }
        for event in 0..50 {
            let time = UnixTime(T + event * (time_of(txs) - T) / 50);
            facts.events.push(DatedEvent { id: event.to_string(), time, title: String::new() });
        }
        let labelled = (0..n as u32).filter(|p| !classes[*p as usize].is_empty()).map(Party).collect();
        Self { paid, tx_start, parties, members, member_start, moves, move_start, classes, labelled, facts }
    }
}

impl World for Memory {
    fn chain(&self) -> Chain {
        Chain::Bitcoin
    }
    fn shape(&self) -> Shape {
        Shape::Outputs
    }
    fn addresses(&self) -> u32 {
        self.parties.len() as u32
    }
    fn txs(&self) -> u32 {
        self.tx_start.len() as u32 - 1
    }
    fn time(&self, tx: u32) -> u32 {
        time_of(tx)
    }
    fn party(&self, address: u32) -> Party {
        self.parties.get(address as usize).map_or(Party::NOBODY, |p| Party(*p))
    }
    fn size(&self, party: Party) -> u32 {
        self.member_start[party.0 as usize + 1] - self.member_start[party.0 as usize]
    }
    fn members(&self, party: Party, range: Range<u32>) -> Vec<u32> {
        let start = self.member_start[party.0 as usize];
        let end = (start + range.end).min(self.member_start[party.0 as usize + 1]);
        self.members[(start + range.start) as usize..end as usize].to_vec()
    }
    fn weight(&self, party: Party) -> u64 {
        u64::from(self.move_start[party.0 as usize + 1] - self.move_start[party.0 as usize])
    }
    fn fill(&self, party: Party, max: usize, into: &mut Timeline) {
        into.party = party;
        let range = self.move_start[party.0 as usize] as usize..self.move_start[party.0 as usize + 1] as usize;
        for at in &self.moves[range] {
            let paid = self.paid[*at as usize / 2];
            let (from, to) = (self.parties[paid.from as usize], self.parties[paid.to as usize]);
            if from == to {
                continue;
            }
            if into.moves.len() == max {
                into.is_cut = true;
                return;
            }
            let is_in = at % 2 == 1;
            into.moves.push(Move {
                time: time_of(paid.tx),
                tx: paid.tx,
                way: if is_in { Way::In } else { Way::Out },
                own: if is_in { paid.to } else { paid.from },
                party: Party(if is_in { from } else { to }),
                other: if is_in { paid.from } else { paid.to },
                asset: 0,
                units: u128::from(paid.cents) * 100,
                cents: if paid.cents == 0 { UNPRICED } else { u64::from(paid.cents) },
                left: if is_in && paid.spent != u32::MAX { time_of(paid.spent) } else { NEVER },
            });
        }
    }
    fn is_single_use(&self, party: Party) -> bool {
        self.size(party) == 1 && self.weight(party) <= 3
    }
    fn classes(&self, party: Party) -> Classes {
        self.classes[party.0 as usize]
    }
    fn address_classes(&self, _address: u32) -> Classes {
        Classes::NONE
    }
    fn labelled(&self, classes: Classes) -> Vec<Party> {
        self.labelled.iter().copied().filter(|p| self.classes[p.0 as usize].meets(classes)).collect()
    }
    fn country(&self, _party: Party) -> Option<[u8; 2]> {
        Some(*b"TR")
    }
    fn split(&self, _tx: u32) -> Option<Split> {
        None
    }
    fn mix(&self, _tx: u32) -> Option<&'static str> {
        None
    }
    fn output_count(&self, tx: u32) -> u32 {
        self.tx_start[tx as usize + 1] - self.tx_start[tx as usize]
    }
    fn parties_of(&self, tx: u32, into: &mut Vec<Party>) {
        let range = self.tx_start[tx as usize] as usize..self.tx_start[tx as usize + 1] as usize;
        into.extend(self.paid[range].iter().flat_map(|p| [self.party(p.from), self.party(p.to)]));
    }
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn asset(&self, _asset: u32) -> String {
        "BTC".into()
    }
    fn address_text(&self, address: u32) -> String {
        address.to_string()
    }
    fn tx_text(&self, tx: u32) -> String {
        tx.to_string()
    }
}

fn main() {
    let txs = std::env::var("ATHAR_BENCH_TXS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_000);
    let start = Instant::now();
    let world = Memory::of(txs);
    println!("{txs} transactions, {} addresses, made in {:.1} s", world.addresses(), start.elapsed().as_secs_f64());
    let say = |name: &str, rules: &[&Rule]| {
        let go = |since| {
            let start = Instant::now();
            let found = run(&world, rules, &|_| Standing::Held, RunOptions { since });
            (start.elapsed().as_secs_f64(), found.hits.len())
        };
        let (whole, hits) = go(None);
        let (block, new) = go(Some(txs.saturating_sub(BLOCK)));
        println!("{name:28} whole {whole:7.2} s, {hits:6} hits; block {:7.1} ms, {new:5} hits", block * 1e3);
    };
    let rules: Vec<&Rule> = shipped().iter().filter(|rule| rule.on_outputs).collect();
    for rule in &rules {
        say(&rule.id, &[rule]);
    }
    say("all", &rules);
}
