//! Random small chains, and a tracer that shares nothing with the library: it moves satoshi one by one through every
//! transaction of the chain.
#![allow(dead_code)] // each test binary uses a part

pub(crate) mod amounts;

use athar_ledger::{Ledger, fixture};
use athar_trace::{Bound, Direction, Limits, Policy, StopReason};
use athar_types::{AddressId, Chain, Height, OutputNum, TxNum};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Numbers to decide with; endless, 0 once the given ones are used up.
pub(crate) struct Dice<'a>(std::slice::Iter<'a, u32>);

impl<'a> Dice<'a> {
    pub(crate) fn new(numbers: &'a [u32]) -> Self {
        Self(numbers.iter())
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        u64::from(*self.0.next().unwrap_or(&0)) % sides.max(1)
    }

    /// True once in `sides` times.
    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 1
    }
}

#[derive(Debug, Default, Clone)]
pub(crate) struct PlainTx {
    pub(crate) height: u32,
    /// Output numbers.
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct PlainOutput {
    pub(crate) value: usize,
    /// Index of the address's name.
    pub(crate) address: Option<u32>,
    pub(crate) made_by: usize,
    pub(crate) spent_by: Option<usize>,
}

/// A chain of separate small graphs.
#[derive(Debug, Default, Clone)]
pub(crate) struct PlainChain {
    pub(crate) txs: Vec<PlainTx>,
    pub(crate) outputs: Vec<PlainOutput>,
    /// Transactions of each graph.
    pub(crate) graphs: Vec<std::ops::Range<usize>>,
    pub(crate) text: String,
    blocks: u32,
}

pub(crate) const NAMES: u32 = 6;

impl PlainChain {
    /// A chain with one graph for each list of numbers.
    pub(crate) fn roll(graphs: &[Vec<u32>]) -> Self {
        let mut chain = Self::default();
        for (graph, numbers) in graphs.iter().enumerate() {
            let first = chain.txs.len();
            chain.add_graph(graph as u32, &mut Dice::new(numbers));
            chain.graphs.push(first..chain.txs.len());
        }
        chain
    }

    fn add_graph(&mut self, graph: u32, dice: &mut Dice<'_>) {
        let mut unspent: Vec<usize> = Vec::new();
        for _ in 0..2 + dice.below(5) {
            self.text.push_str("block\n");
            let height = self.blocks;
            self.blocks += 1;
            let value = dice.below(14) as usize;
            self.add_tx(graph, height, Vec::new(), value, &mut unspent, dice);
            for _ in 0..dice.below(5) {
                let mut inputs = Vec::new();
                for _ in 0..=dice.below(4) {
                    if !unspent.is_empty() {
                        inputs.push(unspent.swap_remove(dice.below(unspent.len() as u64) as usize));
                    }
                }
                if !inputs.is_empty() {
                    let value: usize = inputs.iter().map(|o| self.outputs[*o].value).sum();
                    let fee = if dice.one_in(3) { dice.below(value as u64 + 1) as usize } else { 0 };
                    self.add_tx(graph, height, inputs, value - fee, &mut unspent, dice);
                }
            }
        }
    }

    /// A transaction whose outputs share `value`.
    fn add_tx(
        &mut self,
        graph: u32,
        height: u32,
        inputs: Vec<usize>,
        value: usize,
        unspent: &mut Vec<usize>,
        dice: &mut Dice<'_>,
    ) {
        let tx = self.txs.len();
        let word = if inputs.is_empty() { "coinbase" } else { "tx" };
        write!(self.text, "{word} t{tx}:").unwrap();
        for input in &inputs {
            let PlainOutput { made_by, .. } = self.outputs[*input];
            self.outputs[*input].spent_by = Some(tx);
            write!(self.text, " t{made_by}:{}", input - self.txs[made_by].outputs[0]).unwrap();
        }
        self.text.push_str(" ->");
        let mut plain = PlainTx { height, inputs, outputs: Vec::new() };
        let mut left = value;
        let count = 1 + dice.below(4);
        for place in 1..=count {
            let value = if place == count { left } else { dice.below(left as u64 + 1) as usize };
            left -= value;
            let address = (!dice.one_in(8)).then(|| graph * NAMES + dice.below(u64::from(NAMES)) as u32);
            let name = address.map_or("-".into(), |a| format!("a{a}"));
            write!(self.text, " {name} {value}").unwrap();
            plain.outputs.push(self.outputs.len());
            unspent.push(self.outputs.len());
            self.outputs.push(PlainOutput { value, address, made_by: tx, spent_by: None });
        }
        self.text.push('\n');
        self.txs.push(plain);
    }

    /// The chain's ledger, in segments of so many blocks. Checks that both number alike.
    pub(crate) fn ledger(&self, per_segment: usize) -> Ledger {
        let folder = tempfile::tempdir().unwrap();
        let store = fixture::store(folder.path(), &self.text, per_segment).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        assert_eq!(ledger.tx_count() as usize, self.txs.len());
        for (num, output) in self.outputs.iter().enumerate() {
            let found = ledger.output(OutputNum(num as u64));
            assert_eq!(found.value.0 as usize, output.value);
            assert_eq!(found.spent_by.map(|t| t.0 as usize), output.spent_by);
            assert_eq!(found.address, output.address.map(|a| fixture::address(&ledger, &format!("a{a}"))));
        }
        ledger
    }

    /// The id of each address's name that occurs.
    pub(crate) fn ids(&self, ledger: &Ledger) -> BTreeMap<u32, AddressId> {
        let names: BTreeSet<u32> = self.outputs.iter().filter_map(|o| o.address).collect();
        names.into_iter().map(|a| (a, fixture::address(ledger, &format!("a{a}")))).collect()
    }

    /// Outputs of a graph.
    pub(crate) fn outputs_of(&self, graph: usize) -> Vec<usize> {
        self.txs[self.graphs[graph].clone()].iter().flat_map(|t| t.outputs.clone()).collect()
    }

    /// Where a satoshi goes in the transaction that spends it; `None` in the place of an output for the fee.
    pub(crate) fn next(&self, policy: Policy, output: usize, at: usize) -> Option<(usize, Option<(usize, usize)>)> {
        let tx = self.outputs[output].spent_by?;
        let place = self.spent_line(policy, tx).iter().position(|l| *l == (output, at)).unwrap();
        Some((tx, self.made_line(tx).get(place).copied()))
    }

    /// Where a satoshi was in the transaction that made it, `None` for a coinbase.
    pub(crate) fn previous(&self, policy: Policy, output: usize, at: usize) -> Option<(usize, (usize, usize))> {
        let tx = self.outputs[output].made_by;
        let place = self.made_line(tx).iter().position(|l| *l == (output, at)).unwrap();
        self.spent_line(policy, tx).get(place).map(|found| (tx, *found))
    }

    /// The satoshi that a transaction spends, in the order in which it hands them on.
    fn spent_line(&self, policy: Policy, tx: usize) -> Vec<(usize, usize)> {
        let mut inputs = self.txs[tx].inputs.clone();
        match policy {
            Policy::Fifo => {}
            Policy::Lifo => inputs.reverse(),
            _ => panic!("{policy} gives single satoshi no way of their own"),
        }
        inputs.iter().flat_map(|i| (0..self.outputs[*i].value).map(|at| (*i, at))).collect()
    }

    fn made_line(&self, tx: usize) -> Vec<(usize, usize)> {
        let mut line = Vec::new();
        for output in &self.txs[tx].outputs {
            line.extend((0..self.outputs[*output].value).map(|at| (*output, at)));
        }
        line
    }
}

/// What the naive tracer is asked.
#[derive(Debug, Clone)]
pub(crate) struct PlainQuestion {
    pub(crate) policy: Policy,
    pub(crate) direction: Direction,
    /// Output, first satoshi, end.
    pub(crate) sources: Vec<(usize, usize, usize)>,
    pub(crate) reached: bool,
    /// Address names that stop, with the label given as reason.
    pub(crate) stops: BTreeMap<u32, u32>,
    pub(crate) stop_txs: BTreeSet<usize>,
    pub(crate) own: BTreeSet<u32>,
    pub(crate) limits: Limits,
}

/// Its answer, as maps from output to satoshi and fewest hops.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub(crate) struct PlainAnswer {
    pub(crate) source: usize,
    pub(crate) held: BTreeMap<usize, (u64, u32)>,
    pub(crate) stopped: BTreeMap<(usize, StopReason), (u64, u32)>,
    pub(crate) minted: BTreeMap<usize, (u64, u32)>,
    pub(crate) fee: u64,
    pub(crate) internal: u64,
    pub(crate) returned: u64,
    pub(crate) bounded: BTreeMap<Bound, u64>,
    /// In trace order: transaction, from, to, satoshi, fewest hops.
    pub(crate) edges: Vec<(usize, usize, usize, u64, u32)>,
}

fn add<K: Ord + Copy>(map: &mut BTreeMap<K, (u64, u32)>, key: K, satoshi: &BTreeMap<usize, u32>) {
    for hop in satoshi.values() {
        let entry = map.entry(key).or_insert((0, *hop));
        entry.0 += 1;
        entry.1 = entry.1.min(*hop);
    }
}

struct Tracer<'a> {
    chain: &'a PlainChain,
    question: &'a PlainQuestion,
    source: BTreeSet<(usize, usize)>,
    /// Hops of each satoshi that waits on an output.
    waiting: BTreeMap<usize, BTreeMap<usize, u32>>,
    answer: PlainAnswer,
    halted: bool,
}

/// Moves satoshi one by one through every transaction, in trace order.
pub(crate) fn trace(chain: &PlainChain, question: &PlainQuestion) -> PlainAnswer {
    let source: BTreeSet<_> = question.sources.iter().flat_map(|(o, lo, hi)| (*lo..*hi).map(|at| (*o, at))).collect();
    let answer = PlainAnswer { source: source.len(), ..PlainAnswer::default() };
    let mut tracer = Tracer { chain, question, source, waiting: BTreeMap::new(), answer, halted: false };
    let mut starts: BTreeMap<usize, BTreeMap<usize, u32>> = BTreeMap::new();
    for (output, at) in &tracer.source {
        starts.entry(*output).or_default().insert(*at, u32::from(question.reached));
    }
    for (output, satoshi) in starts {
        if question.reached { tracer.arrive(output, satoshi) } else { tracer.settle(output, satoshi) }
    }
    let mut order: Vec<usize> = (0..chain.txs.len()).collect();
    if question.direction == Direction::Backward {
        order.reverse();
    }
    for tx in order {
        tracer.pass(tx);
    }
    assert!(tracer.waiting.is_empty());
    tracer.answer
}

impl Tracer<'_> {
    fn is_own(&self, output: usize) -> bool {
        self.chain.outputs[output].address.is_some_and(|a| self.question.own.contains(&a))
    }

    fn leave(&mut self, bound: Bound, sat: usize) {
        *self.answer.bounded.entry(bound).or_default() += sat as u64;
    }

    fn pass(&mut self, tx: usize) {
        let forward = self.question.direction == Direction::Forward;
        let plain = &self.chain.txs[tx];
        let (mut near, mut far) = (plain.inputs.clone(), plain.outputs.clone());
        if self.question.policy == Policy::Lifo {
            near.reverse();
        }
        if !forward {
            (near, far) = (far, near);
        }
        if self.question.policy == Policy::Tiho {
            far.sort_by_key(|o| std::cmp::Reverse(self.chain.outputs[*o].value));
        }
        let waiting: Vec<_> = near.iter().filter_map(|o| Some((*o, self.waiting.remove(o)?))).collect();
        if waiting.is_empty() {
            return;
        }
        let limits = &self.question.limits;
        if !forward && far.is_empty() {
            for (output, satoshi) in waiting {
                add(&mut self.answer.minted, output, &satoshi);
            }
            return;
        }
        if self.question.stop_txs.contains(&tx) {
            let reason = StopReason::CoinJoin { anonymity_set: 5 };
            for (output, satoshi) in waiting {
                add(&mut self.answer.stopped, (output, reason), &satoshi);
            }
            return;
        }
        let sat: usize = waiting.iter().map(|(_, satoshi)| satoshi.len()).sum();
        if far.len() > limits.outputs_max as usize {
            return self.leave(Bound::Outputs, sat);
        }
        if self.halted {
            return self.leave(Bound::Edges, sat);
        }
        // lay both sides out satoshi by satoshi
        let lay = |outputs: &[usize]| -> Vec<(usize, usize)> {
            outputs.iter().flat_map(|o| (0..self.chain.outputs[*o].value).map(|at| (*o, at))).collect()
        };
        let (mut near_line, far_line) = (lay(&near), lay(&far));
        if self.question.policy == Policy::Tiho {
            near_line.retain(|(o, at)| waiting.iter().any(|(w, satoshi)| w == o && satoshi.contains_key(at)));
        }
        let (mut arrived, mut edges) = (BTreeMap::<usize, BTreeMap<usize, u32>>::new(), BTreeMap::new());
        let mut fee = 0;
        for (output, satoshi) in &waiting {
            for (at, hop) in satoshi {
                let place = near_line.iter().position(|l| l == &(*output, *at)).unwrap();
                let Some((reached, reached_at)) = far_line.get(place).copied() else {
                    assert!(forward);
                    fee += 1;
                    continue;
                };
                let hop = if self.is_own(*output) && self.is_own(reached) { *hop } else { hop + 1 };
                arrived.entry(reached).or_default().insert(reached_at, hop);
                // by place among the outputs or inputs reached, as the line has them
                let rank = far.iter().position(|o| *o == reached).unwrap();
                let near_rank = near.iter().position(|o| o == output).unwrap();
                let edge = edges.entry((rank, near_rank)).or_insert((*output, reached, 0u64, hop));
                edge.2 += 1;
                edge.3 = edge.3.min(hop);
            }
        }
        if self.answer.edges.len() + edges.len() > limits.edges_max as usize {
            self.halted = true;
            return self.leave(Bound::Edges, sat);
        }
        self.answer.fee += fee;
        for (near, reached, sat, hop) in edges.into_values() {
            let (from, to) = if forward { (near, reached) } else { (reached, near) };
            self.answer.edges.push((tx, from, to, sat, hop));
        }
        for (output, mut satoshi) in arrived {
            satoshi.retain(|at, hop| {
                let back = self.source.contains(&(output, *at));
                let sum = if *hop == 0 { &mut self.answer.internal } else { &mut self.answer.returned };
                *sum += u64::from(back);
                !back
            });
            if !satoshi.is_empty() {
                self.arrive(output, satoshi);
            }
        }
    }

    fn arrive(&mut self, output: usize, satoshi: BTreeMap<usize, u32>) {
        let stop = self.chain.outputs[output].address.and_then(|a| self.question.stops.get(&a));
        match stop {
            Some(label) if !self.is_own(output) => {
                let key = (output, StopReason::Service { label: *label });
                add(&mut self.answer.stopped, key, &satoshi);
            }
            _ => self.settle(output, satoshi),
        }
    }

    fn settle(&mut self, output: usize, mut satoshi: BTreeMap<usize, u32>) {
        let limits = &self.question.limits;
        let plain = &self.chain.outputs[output];
        let tx = match self.question.direction {
            Direction::Forward => plain.spent_by,
            Direction::Backward => Some(plain.made_by),
        };
        let Some(tx) = tx else {
            add(&mut self.answer.held, output, &satoshi);
            return;
        };
        if self.question.direction == Direction::Backward && self.chain.txs[tx].inputs.is_empty() {
            add(&mut self.answer.minted, output, &satoshi);
            return;
        }
        let height = Height(self.chain.txs[tx].height);
        if limits.since.is_some_and(|since| height < since) {
            return self.leave(Bound::Since, satoshi.len());
        }
        if limits.until.is_some_and(|until| height > until) {
            return self.leave(Bound::Until, satoshi.len());
        }
        let before = satoshi.len();
        satoshi.retain(|_, hop| *hop < limits.hops_max);
        if satoshi.len() < before {
            self.leave(Bound::Hops, before - satoshi.len());
        }
        if (satoshi.len() as u64) < limits.amount_min_sat && !satoshi.is_empty() {
            return self.leave(Bound::Amount, satoshi.len());
        }
        if !satoshi.is_empty() {
            self.waiting.entry(output).or_default().extend(satoshi);
        }
    }
}

/// The library's answer in the naive one's shape.
pub(crate) fn plain(trace: &athar_trace::Trace) -> PlainAnswer {
    let index = |output: OutputNum| output.0 as usize;
    PlainAnswer {
        source: trace.totals.source_sat as usize,
        held: trace.held.iter().map(|h| (index(h.output), (h.sat, h.hops))).collect(),
        stopped: trace.stopped.iter().map(|s| ((index(s.output), s.reason), (s.sat, s.hops))).collect(),
        minted: trace.minted.iter().map(|h| (index(h.output), (h.sat, h.hops))).collect(),
        fee: trace.totals.fee_sat,
        internal: trace.totals.internal_sat,
        returned: trace.totals.returned_sat,
        bounded: trace.bounded().iter().map(|b| (b.bound, b.sat)).collect(),
        edges: trace
            .edges
            .iter()
            .map(|e| (e.tx.0 as usize, index(e.from_output), index(e.to_output), e.sat, e.hop))
            .collect(),
    }
}

/// Stops and owners of a question, by address id.
pub(crate) struct Known {
    pub(crate) stops: BTreeMap<AddressId, u32>,
    pub(crate) stop_txs: BTreeSet<TxNum>,
    pub(crate) own: BTreeSet<AddressId>,
}

impl Known {
    pub(crate) fn new(question: &PlainQuestion, ids: &BTreeMap<u32, AddressId>) -> Self {
        Self {
            stops: question.stops.iter().filter_map(|(a, label)| Some((*ids.get(a)?, *label))).collect(),
            stop_txs: question.stop_txs.iter().map(|t| TxNum(*t as u32)).collect(),
            own: question.own.iter().filter_map(|a| ids.get(a).copied()).collect(),
        }
    }
}

impl athar_trace::Stops for Known {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        self.stops.get(&address?).map(|label| StopReason::Service { label: *label })
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        self.stop_txs.contains(&tx).then_some(StopReason::CoinJoin { anonymity_set: 5 })
    }
}

impl athar_trace::Owners for Known {
    fn is_own(&self, address: AddressId) -> bool {
        self.own.contains(&address)
    }
}
