//! Chains told as stories, and what the table says of who is in them.

use crate::support::{World, build, ledger_of, store_of};
use athar_entities::Settings;
use athar_entities::services::{Figures, Measure, RuleSet, Services};
use athar_ledger::{BlockRows, Disk, fixture};
use athar_types::Hash32;
use athar_types::address::sha256d;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A chain told transaction by transaction; addresses are names.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) text: String,
    pub(crate) txs: u32,
    /// Days that pass before a block, by its place.
    waits: BTreeMap<usize, u32>,
}

impl Story {
    /// A coin of 10,000 for each of these, from one coinbase that is nobody's in particular.
    pub(crate) fn fund(&mut self, names: &[String]) -> Vec<String> {
        let id = self.id();
        let paid: String = names.iter().map(|name| format!(" {name} 10000")).collect();
        writeln!(self.text, "block\ncoinbase {id} ->{paid}\nblock").unwrap();
        (0..names.len()).map(|vout| format!("{id}:{vout}")).collect()
    }

    pub(crate) fn id(&mut self) -> String {
        self.txs += 1;
        format!("t{}", self.txs)
    }

    /// A transaction; gives its id.
    pub(crate) fn pay(&mut self, coins: &[String], outputs: &[(String, u64)]) -> String {
        let id = self.id();
        let paid: String = outputs.iter().map(|(name, value)| format!(" {name} {value}")).collect();
        writeln!(self.text, "tx {id}: {} ->{paid}", coins.join(" ")).unwrap();
        id
    }

    /// Days pass, and a new block begins.
    pub(crate) fn wait(&mut self, days: u32) {
        let place = self.text.lines().filter(|line| *line == "block").count();
        self.waits.insert(place, days);
        self.text.push_str("block\n");
    }

    /// The blocks, each ten minutes after the one before it and later by the days that passed.
    pub(crate) fn blocks(&self) -> Vec<BlockRows> {
        let mut blocks = fixture::blocks(&self.text);
        let mut parent = Hash32::ZERO;
        let mut late = 0;
        for (place, block) in blocks.iter_mut().enumerate() {
            late += self.waits.get(&place).map_or(0, |days| days * 86_400);
            block.time += late;
            block.header[4..36].copy_from_slice(&parent.0);
            block.header[68..72].copy_from_slice(&block.time.to_le_bytes());
            block.hash = Hash32(sha256d(&block.header));
            parent = block.hash;
        }
        blocks
    }

    pub(crate) fn world(&self) -> World {
        let folder = tempfile::tempdir().unwrap();
        let blocks = self.blocks();
        let ledger = ledger_of(&store_of(folder.path(), &blocks, blocks.len()));
        let forest = build(folder.path(), &ledger, &Settings::default()).unwrap();
        World { folder, ledger, forest }
    }

    /// The figures of the entity of a name, and the rule that recognises it.
    pub(crate) fn told(&self, name: &str) -> (Figures, Option<&'static str>) {
        let world = self.world();
        let services = Services::build(&Disk::default(), &world.ledger, &world.forest, u64::MAX, &mut |_| {}).unwrap();
        let figures = services.figures(&world.forest, world.address(name)).unwrap_or_default();
        (figures, RuleSet::shipped().first(&figures).map(|rule| rule.name.as_str()))
    }

    pub(crate) fn rule(&self, name: &str) -> Option<&'static str> {
        self.told(name).1
    }
}

pub(crate) fn names(prefix: &str, count: u64) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}

/// What a rule asks for at least; 0 where it does not ask.
pub(crate) fn least(rule: &str, measure: Measure) -> u64 {
    let rule = RuleSet::shipped().rules.iter().find(|r| r.name == rule).unwrap();
    rule.at_least.get(&measure).copied().unwrap_or(0)
}

/// A house with accounts: customers pay deposit addresses, which are swept ten at a time with the working coin into `hot`; it pays
/// out `batch` people at a time, and takes `days`.
#[derive(Clone, Copy)]
pub(crate) struct House {
    pub(crate) payers: u64,
    pub(crate) paid: u64,
    pub(crate) batch: u64,
    /// Of those paid, how many were payers.
    pub(crate) both: u64,
    pub(crate) days: u64,
}

impl House {
    /// The smallest that a rule recognises.
    pub(crate) fn of(rule: &str) -> Self {
        let most = |a: u64, b: u64| a.max(b);
        let batch = if least(rule, Measure::Batches) > 0 { 4 } else { 1 };
        let paid = most(least(rule, Measure::Paid), 4);
        Self {
            payers: most(least(rule, Measure::Payers), least(rule, Measure::Receipts)),
            paid,
            batch,
            both: most(least(rule, Measure::Both), (paid * least(rule, Measure::BothPermille)).div_ceil(1000)),
            days: most(least(rule, Measure::Days), 1),
        }
    }

    pub(crate) fn story(self) -> Story {
        let mut story = Story::default();
        let mut funded = names("u", self.payers);
        // a working coin from the start, so that the first sweep ties its deposits to the rest as well
        funded.push("hot".into());
        let mut coins = story.fund(&funded);
        let mut hot = coins.pop();
        let mut paid = names("u", self.both);
        paid.extend(names("w", self.paid - self.both));
        let mut left = paid.chunks(self.batch as usize);
        for (at, some) in coins.chunks(10).enumerate() {
            let deposits: Vec<String> = some
                .iter()
                .enumerate()
                .map(|(n, coin)| {
                    format!("{}:0", story.pay(std::slice::from_ref(coin), &[(format!("d{at}x{n}"), 9000)]))
                })
                .collect();
            let spent: Vec<String> = deposits.into_iter().chain(hot.take()).collect();
            let sweep = story.pay(&spent, &[("hot".into(), 9000)]);
            hot = Some(format!("{sweep}:0"));
            if at == 0 {
                story.wait(self.days as u32 - 1);
            }
            hot = Some(Self::pay_out(&mut story, hot.take().unwrap(), left.next()));
        }
        for some in left {
            hot = Some(Self::pay_out(&mut story, hot.take().unwrap(), Some(some)));
        }
        story
    }

    fn pay_out(story: &mut Story, hot: String, people: Option<&[String]>) -> String {
        let Some(people) = people else { return hot };
        let mut outputs: Vec<(String, u64)> = people.iter().map(|name| (name.clone(), 5)).collect();
        outputs.push(("hot".into(), 9000));
        let change = outputs.len() - 1;
        format!("{}:{change}", story.pay(&[hot], &outputs))
    }
}
