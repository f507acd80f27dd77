//! How long the rules over flows take on a large chain of outputs, whole and for one block: prints figures, asserts nothing.
//!
//! `cargo bench -p athar-patterns --bench flows -- 2000000` makes a world of so many transactions: people who pay each other,
//! shops and exchanges out of one coin whose change goes to a fresh address; exchanges that pay out ten at a time; one address in
//! ten thousand labelled. No real economy is like it: what is measured is cost.

use athar_patterns::{
    Classes, Facts, Move, NEVER, Party, RunOptions, Shape, Split, Standing, Timeline, Way, World, run, shipped,
};
use athar_types::{Category, Chain};
use std::ops::Range;
use std::time::Instant;

const START: u32 = 1_400_000_000;
const EXCHANGES: u32 = 20;

/// A pseudo-random number, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[derive(Clone, Copy)]
struct Out {
    tx: u32,
    to: u32,
    units: u64,
    spent: u32,
}

struct Large {
    /// The spending address of each transaction, and where its outputs begin.
    txs: Vec<(u32, u32)>,
    outs: Vec<Out>,
    parties: Vec<u32>,
    /// Movements by party: outputs that came in, and outputs that went out with the highest bit set.
    starts: Vec<u32>,
    refs: Vec<u32>,
    labelled: Vec<Party>,
    facts: Facts,
}

const SENT: u32 = 1 << 31;

impl Large {
    fn new(count: u32) -> Self {
        let people = (count / 40).max(100);
        // one address in ten thousand, and two addresses for three transactions
        let labels = count / 6_000 + 5;
        let mut dice = Dice(7);
        // 0.. exchanges' hot addresses; then people's own addresses; then whatever is made
        let mut parties: Vec<u32> = (0..EXCHANGES + people).collect();
        let mut coins: Vec<Vec<u32>> = vec![Vec::new(); people as usize];
        let (mut txs, mut outs): (Vec<(u32, u32)>, Vec<Out>) = (Vec::new(), Vec::new());
        let fresh = |parties: &mut Vec<u32>, party: Option<u32>| {
            let own = parties.len() as u32;
            parties.push(party.unwrap_or(own));
            own
        };
        while (txs.len() as u32) < count {
            let tx = txs.len() as u32;
            let who = dice.below(u64::from(people)) as u32;
            let first = outs.len() as u32;
            let Some(coin) = coins[who as usize].pop() else {
                let exchange = dice.below(u64::from(EXCHANGES)) as u32;
                txs.push((exchange, first));
                for extra in 0..10 {
                    let person = if extra == 0 { who } else { dice.below(u64::from(people)) as u32 };
                    coins[person as usize].push(outs.len() as u32);
                    let to = EXCHANGES + person;
                    outs.push(Out { tx, to, units: 50_000_000 + dice.below(900_000_000), spent: u32::MAX });
                }
                continue;
            };
            let spent = outs[coin as usize];
            outs[coin as usize].spent = tx;
            txs.push((spent.to, first));
            let to = match dice.below(10) {
                0..=3 => {
                    let exchange = dice.below(u64::from(EXCHANGES)) as u32;
                    fresh(&mut parties, Some(exchange))
                }
                4..=6 => EXCHANGES + (dice.below(u64::from(people)) as u32).min(people - 1),
                _ => fresh(&mut parties, None),
            };
            let part = spent.units / (2 + dice.below(8));
            let rest = spent.units - part;
            if part > 100_000 {
                if (EXCHANGES..EXCHANGES + people).contains(&to) {
                    coins[(to - EXCHANGES) as usize].push(outs.len() as u32);
                }
                outs.push(Out { tx, to, units: part, spent: u32::MAX });
                coins[who as usize].push(outs.len() as u32);
                let change = fresh(&mut parties, None);
                outs.push(Out { tx, to: change, units: rest, spent: u32::MAX });
            } else {
                outs.push(Out { tx, to, units: spent.units, spent: u32::MAX });
            }
        }
        let mut world = Self {
            txs,
            outs,
            starts: vec![0; parties.len() + 1],
            parties,
            refs: Vec::new(),
            labelled: (0..labels).map(|i| Party(EXCHANGES + i * 7_919 % people)).collect(),
            facts: Facts::default(),
        };
        world.labelled.sort_unstable();
        world.labelled.dedup();
        world.index();
        world
    }

    fn index(&mut self) {
        let sides = |world: &Self, at: usize| {
            let out = world.outs[at];
            let (from, to) = (world.parties[world.txs[out.tx as usize].0 as usize], world.parties[out.to as usize]);
            (from != to).then_some((from, to))
        };
        for at in 0..self.outs.len() {
            if let Some((from, to)) = sides(self, at) {
                self.starts[from as usize + 1] += 1;
                self.starts[to as usize + 1] += 1;
            }
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        let mut next = self.starts.clone();
        self.refs = vec![0; self.starts.last().copied().unwrap_or(0) as usize];
        for at in 0..self.outs.len() {
            if let Some((from, to)) = sides(self, at) {
                self.refs[next[to as usize] as usize] = at as u32;
                next[to as usize] += 1;
                self.refs[next[from as usize] as usize] = at as u32 | SENT;
                next[from as usize] += 1;
            }
        }
    }
}

impl Large {
    fn movement(&self, out: Out, is_in: bool) -> Move {
        let from = self.txs[out.tx as usize].0;
        let (own, other) = if is_in { (out.to, from) } else { (from, out.to) };
        Move {
            time: self.time(out.tx),
            tx: out.tx,
            way: if is_in { Way::In } else { Way::Out },
            own,
            party: self.party(other),
            other,
            asset: 0,
            units: u128::from(out.units),
            cents: out.units / 10_000,
            left: if is_in && out.spent != u32::MAX { self.time(out.spent) } else { NEVER },
        }
    }
}

impl World for Large {
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
        self.txs.len() as u32
    }
    fn time(&self, tx: u32) -> u32 {
        START + tx / 4_000 * 600
    }
    fn party(&self, address: u32) -> Party {
        self.parties.get(address as usize).map_or(Party::NOBODY, |p| Party(*p))
    }
    fn size(&self, party: Party) -> u32 {
        if party.0 < EXCHANGES { self.addresses() / EXCHANGES } else { 1 }
    }
    fn members(&self, party: Party, _: Range<u32>) -> Vec<u32> {
        vec![party.0]
    }
    fn weight(&self, party: Party) -> u64 {
        u64::from(self.starts[party.0 as usize + 1] - self.starts[party.0 as usize])
    }
    fn fill(&self, party: Party, max: usize, into: &mut Timeline) {
        into.party = party;
        let refs = &self.refs[self.starts[party.0 as usize] as usize..self.starts[party.0 as usize + 1] as usize];
        into.is_cut = refs.len() > max;
        into.moves
            .extend(refs.iter().take(max).map(|at| self.movement(self.outs[(at & !SENT) as usize], at & SENT == 0)));
    }
    fn sent_in(&self, tx: u32, party: Party, into: &mut Vec<Move>) {
        let (from, first) = self.txs[tx as usize];
        if self.party(from) == party {
            let outs = &self.outs[first as usize..(first + self.output_count(tx)) as usize];
            into.extend(outs.iter().filter(|out| self.party(out.to) != party).map(|out| self.movement(*out, false)));
        }
    }
    fn is_single_use(&self, party: Party) -> bool {
        self.weight(party) <= 2
    }
    fn classes(&self, party: Party) -> Classes {
        if party.0 < EXCHANGES {
            return Classes::of([Category::Exchange]);
        }
        match self.labelled.binary_search(&party) {
            Ok(_) => Classes::of([Category::TerroristFinancing]),
            Err(_) => Classes::NONE,
        }
    }
    fn address_classes(&self, _: u32) -> Classes {
        Classes::NONE
    }
    fn labelled(&self, classes: Classes) -> Vec<Party> {
        let exchanges = (0..EXCHANGES).map(Party);
        exchanges.chain(self.labelled.iter().copied()).filter(|p| self.classes(*p).meets(classes)).collect()
    }
    fn country(&self, _: Party) -> Option<[u8; 2]> {
        None
    }
    fn split(&self, tx: u32) -> Option<Split> {
        let (from, first) = self.txs[tx as usize];
        let end = self.txs.get(tx as usize + 1).map_or(self.outs.len() as u32, |next| next.1);
        let [a, b] = &self.outs[first as usize..end as usize] else { return None };
        let (kept, peeled) = if a.units >= b.units { (a, b) } else { (b, a) };
        Some(Split {
            from,
            units: u128::from(a.units + b.units),
            kept: (kept.to, kept.units.into(), (kept.spent != u32::MAX).then_some(kept.spent)),
            peeled: (peeled.to, peeled.units.into()),
        })
    }
    fn mix(&self, tx: u32) -> Option<&'static str> {
        // one in a hundred stands for a mix
        (tx % 100 == 7).then_some("whirlpool")
    }
    fn output_count(&self, tx: u32) -> u32 {
        let first = self.txs[tx as usize].1;
        self.txs.get(tx as usize + 1).map_or(self.outs.len() as u32, |next| next.1) - first
    }
    fn parties_of(&self, tx: u32, into: &mut Vec<Party>) {
        let (from, first) = self.txs[tx as usize];
        into.push(self.party(from));
        let outs = &self.outs[first as usize..(first + self.output_count(tx)) as usize];
        into.extend(outs.iter().map(|out| self.party(out.to)));
    }
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn asset(&self, _: u32) -> String {
        "BTC".into()
    }
    fn address_text(&self, address: u32) -> String {
        format!("bc1q{address:08x}")
    }
    fn tx_text(&self, tx: u32) -> String {
        format!("{tx:064x}")
    }
}

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let begun = Instant::now();
    let world = Large::new(count);
    println!(
        "{count} transactions, {} addresses, {} labelled parties; made in {:.1?}",
        world.addresses(),
        world.labelled.len(),
        begun.elapsed()
    );
    let block = RunOptions { since: Some(count.saturating_sub(4_000)) };
    for rule in shipped() {
        let begun = Instant::now();
        let whole = run(&world, &[rule], &|_| Standing::Held, RunOptions::default());
        let took = begun.elapsed();
        let begun = Instant::now();
        let new = run(&world, &[rule], &|_| Standing::Held, block);
        println!(
            "row {:2} {:26} whole {:8.0} ms, {:7} hits; block {:7.1} ms, {:5} hits",
            rule.row,
            rule.id,
            took.as_secs_f64() * 1e3,
            whole.hits.len(),
            begun.elapsed().as_secs_f64() * 1e3,
            new.hits.len()
        );
    }
    let rules: Vec<&athar_patterns::Rule> = shipped().iter().collect();
    let begun = Instant::now();
    let whole = run(&world, &rules, &|_| Standing::Held, RunOptions::default());
    println!("all rows whole: {:.1?}, {} hits", begun.elapsed(), whole.hits.len());
    let begun = Instant::now();
    let new = run(&world, &rules, &|_| Standing::Held, block);
    println!("all rows, one block: {:.1?}, {} hits", begun.elapsed(), new.hits.len());
}
