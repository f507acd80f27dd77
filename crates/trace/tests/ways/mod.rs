//! Every path between two subjects of a small chain, found by walking every way there is: shares nothing with the
//! library.

use crate::naive::{Dice, NAMES, PlainChain, PlainOutput, PlainTx};
use athar_trace::{PathsLimits, PathsOrder};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct PlainAsk {
    pub(crate) from: BTreeSet<usize>,
    pub(crate) to: BTreeSet<usize>,
    /// Address names that stop.
    pub(crate) stops: BTreeSet<u32>,
    pub(crate) stop_txs: BTreeSet<usize>,
    /// The owner of each address name that has one beside itself.
    pub(crate) owners: BTreeMap<u32, u32>,
    pub(crate) order: PathsOrder,
    pub(crate) limits: PathsLimits,
}

/// A path: its outputs, and the transactions between each two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) outputs: Vec<usize>,
    pub(crate) txs: Vec<usize>,
    pub(crate) hops: u32,
    pub(crate) width: u64,
}

struct Walker<'a> {
    chain: &'a PlainChain,
    ask: &'a PlainAsk,
    found: Vec<Way>,
}

/// Every path, in the order asked for, each sequence of transactions once; not cut to a count.
pub(crate) fn all(chain: &PlainChain, ask: &PlainAsk) -> Vec<Way> {
    let mut walker = Walker { chain, ask, found: Vec::new() };
    for output in &ask.from {
        if walker.is_enough(*output) {
            let width = chain.outputs[*output].value as u64;
            walker.walk(&Way { outputs: vec![*output], txs: Vec::new(), hops: 0, width });
        }
    }
    let mut found = walker.found;
    let back = |list: &[usize]| list.iter().rev().copied().collect::<Vec<_>>();
    found.sort_by_cached_key(|way| {
        let last = way.txs.last().copied();
        let first = match ask.order {
            PathsOrder::Hops => (Reverse(0), None),
            PathsOrder::Value => (Reverse(way.width), None),
            PathsOrder::Earliest => (Reverse(0), last),
        };
        (first, way.hops, back(&way.txs), back(&way.outputs))
    });
    let mut seen = BTreeSet::new();
    found.retain(|way| seen.insert(way.txs.clone()));
    found
}

impl Walker<'_> {
    fn is_enough(&self, output: usize) -> bool {
        self.chain.outputs[output].value as u64 >= self.ask.limits.amount_min_sat.max(1)
    }

    fn owner(&self, output: usize) -> Option<u32> {
        let name = self.chain.outputs[output].address?;
        Some(self.ask.owners.get(&name).copied().unwrap_or(1_000_000 + name))
    }

    fn walk(&mut self, way: &Way) {
        let (chain, ask) = (self.chain, self.ask);
        let at = way.outputs[way.outputs.len() - 1];
        let Some(tx) = chain.outputs[at].spent_by else { return };
        let plain = &chain.txs[tx];
        let limits = &ask.limits;
        let is_open = limits.since.is_none_or(|h| plain.height >= h.0)
            && limits.until.is_none_or(|h| plain.height <= h.0)
            && !ask.stop_txs.contains(&tx)
            && plain.inputs.len().max(plain.outputs.len()) <= limits.fan_max as usize;
        if !is_open {
            return;
        }
        for next in &plain.outputs {
            let mut longer = way.clone();
            longer.outputs.push(*next);
            longer.txs.push(tx);
            longer.width = longer.width.min(chain.outputs[*next].value as u64);
            let stays = self.owner(at).is_some() && self.owner(at) == self.owner(*next);
            longer.hops += u32::from(!stays);
            if !self.is_enough(*next) || longer.hops > limits.hops_max {
                continue;
            }
            if ask.to.contains(next) {
                self.found.push(longer);
            } else if !ask.from.contains(next) {
                let stops = chain.outputs[*next].address.is_some_and(|a| ask.stops.contains(&a));
                if !stops {
                    self.walk(&longer);
                }
            }
        }
    }
}

/// A chain of graphs that many ways lead through: one large coinbase each, then transactions that spend what came last and
/// leave no output empty.
pub(crate) fn dense(graphs: &[Vec<u32>]) -> PlainChain {
    let mut chain = PlainChain::default();
    for (graph, numbers) in graphs.iter().enumerate() {
        let (first, height, dice) = (chain.txs.len(), graph as u32, &mut Dice::new(numbers));
        chain.text.push_str("block\n");
        let mut unspent = Vec::new();
        for at in 0..6 + dice.below(10) {
            let mut inputs = Vec::new();
            for _ in 0..=if at == 0 { 0 } else { dice.below(3) } {
                if at > 0 && !unspent.is_empty() {
                    inputs.push(unspent.swap_remove(dice.below(unspent.len() as u64) as usize));
                }
            }
            let spent: usize = inputs.iter().map(|o: &usize| chain.outputs[*o].value).sum();
            let value = if at == 0 { 1_000_000 } else { spent };
            if value >= 10 {
                add(&mut chain, graph as u32, height, inputs, value, &mut unspent, dice);
            }
        }
        chain.graphs.push(first..chain.txs.len());
    }
    chain
}

fn add(
    chain: &mut PlainChain,
    graph: u32,
    height: u32,
    inputs: Vec<usize>,
    value: usize,
    unspent: &mut Vec<usize>,
    dice: &mut Dice<'_>,
) {
    let tx = chain.txs.len();
    let word = if inputs.is_empty() { "coinbase" } else { "tx" };
    write!(chain.text, "{word} t{tx}:").unwrap();
    for input in &inputs {
        let made_by = chain.outputs[*input].made_by;
        chain.outputs[*input].spent_by = Some(tx);
        write!(chain.text, " t{made_by}:{}", input - chain.txs[made_by].outputs[0]).unwrap();
    }
    chain.text.push_str(" ->");
    let count = 2 + dice.below(3) as usize;
    // few different values, so that paths are often as wide as each other
    let parts: Vec<usize> = (0..count).map(|_| 1 + dice.below(3) as usize).collect();
    let whole: usize = parts.iter().sum();
    let mut plain = PlainTx { height, inputs, outputs: Vec::new() };
    for part in parts {
        let value = value * part / whole;
        let address = (!dice.one_in(8)).then(|| graph * NAMES + dice.below(u64::from(NAMES)) as u32);
        write!(chain.text, " {} {value}", address.map_or("-".into(), |a| format!("a{a}"))).unwrap();
        plain.outputs.push(chain.outputs.len());
        unspent.push(chain.outputs.len());
        chain.outputs.push(PlainOutput { value, address, made_by: tx, spent_by: None });
    }
    chain.text.push('\n');
    chain.txs.push(plain);
}
