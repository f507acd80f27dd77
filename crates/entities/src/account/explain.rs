//! Why two accounts are held for one actor's: a path of deposit addresses (or funders) between them, each with the transfers
//! that anyone can look up.

use super::forest::AccountForest;
use crate::Heuristic;
use crate::links::{Link, Links};
use athar_types::AddressId;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What an explanation may cost, counted in things looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountBounds {
    /// Rows of evidence that the search for a shortest path may look at.
    pub rows_max: usize,
}

impl Default for AccountBounds {
    fn default() -> Self {
        Self { rows_max: 100_000 }
    }
}

/// What shows that an account belongs to a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Sent {
    /// The transfer to the deposit address; of a funder, the first coins he sent.
    pub sent: u64,
    /// The transfer that passed it on to the collector; of a funder, the first one back to him.
    pub passed_on: u64,
}

/// One step of an explanation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AccountStep {
    /// Why.
    pub heuristic: Heuristic,
    /// The account nearer to the first one asked.
    pub a: u32,
    /// The account nearer to the second one asked.
    pub b: u32,
    /// The deposit address that both pay; `None` where one funds the other.
    pub deposit: Option<u32>,
    /// The transaction by which all of it was there.
    pub since: u32,
    /// What shows it of `a`; `None` where `a` is the funder.
    pub of_a: Option<Sent>,
    /// What shows it of `b`; `None` where `b` is the funder.
    pub of_b: Option<Sent>,
}

/// Whether and why two accounts are one entity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AccountExplanation {
    /// Whether they are.
    pub linked: bool,
    /// What first made them one; `None` where they are not, or are the same account.
    #[serde(skip)]
    pub since: Option<Link>,
    /// The shortest path: each step begins where the one before it ended.
    pub steps: Vec<AccountStep>,
    /// Whether [`AccountBounds::rows_max`] was hit before a path was found; there are no steps then.
    pub bound_hit: bool,
}

impl AccountForest {
    /// Explains why `a` and `b` are one entity.
    pub fn explain(&self, a: u32, b: u32, bounds: &AccountBounds) -> AccountExplanation {
        let links = &self.tables;
        let linked = links.find(AddressId(a)) == links.find(AddressId(b));
        let mut explanation =
            AccountExplanation { linked, since: self.joined(a, b), steps: Vec::new(), bound_hit: false };
        if !linked || a == b {
            return explanation;
        }
        match self.path(a, b, bounds.rows_max) {
            Some(steps) => explanation.steps = steps,
            None => explanation.bound_hit = true,
        }
        explanation
    }

    /// The shortest path, by breadth; ties by the order of the evidence.
    fn path(&self, a: u32, b: u32, rows_max: usize) -> Option<Vec<AccountStep>> {
        let mut came_by: FxHashMap<u32, Option<AccountStep>> = FxHashMap::from_iter([(a, None)]);
        let mut queue = VecDeque::from([a]);
        let mut looked = 0;
        while let Some(at) = queue.pop_front() {
            if at == b {
                let mut steps = Vec::new();
                let mut last = b;
                while let Some(Some(step)) = came_by.get(&last) {
                    steps.push(*step);
                    last = step.a;
                }
                steps.reverse();
                return Some(steps);
            }
            for step in self.steps_from(at, rows_max, &mut looked)? {
                came_by.entry(step.b).or_insert_with(|| {
                    queue.push_back(step.b);
                    Some(step)
                });
            }
        }
        None
    }

    /// Every step from an account; `None` once more rows were looked at than allowed.
    fn steps_from(&self, at: u32, rows_max: usize, looked: &mut usize) -> Option<Vec<AccountStep>> {
        let t = &self.tables;
        let mut steps = Vec::new();
        let sent = |row: usize| Sent { sent: t.evidence_sent[row], passed_on: t.evidence_passed_on[row] };
        let mut see = |rows: usize| {
            *looked += rows;
            (*looked <= rows_max).then_some(())
        };
        let reuse = Heuristic::DepositReuse as u8;
        let first = t.evidence_by_member.partition_point(|row| t.evidence_member[*row as usize] < at);
        let own = t.evidence_by_member[first..].iter().map(|row| *row as usize);
        for row in own.take_while(|row| t.evidence_member[*row] == at) {
            see(1)?;
            let hub = t.evidence_hub[row];
            if t.evidence_heuristic[row] != reuse {
                steps.push(AccountStep {
                    heuristic: Heuristic::SharedFunder,
                    a: at,
                    b: hub,
                    deposit: None,
                    since: t.evidence_since[row],
                    of_a: Some(sent(row)),
                    of_b: None,
                });
                continue;
            }
            for other in self.rows_of(hub).filter(|other| t.evidence_heuristic[*other] == reuse) {
                see(1)?;
                if other != row {
                    steps.push(AccountStep {
                        heuristic: Heuristic::DepositReuse,
                        a: at,
                        b: t.evidence_member[other],
                        deposit: Some(hub),
                        since: t.evidence_since[row].max(t.evidence_since[other]),
                        of_a: Some(sent(row)),
                        of_b: Some(sent(other)),
                    });
                }
            }
        }
        for row in self.rows_of(at).filter(|row| t.evidence_heuristic[*row] != reuse) {
            see(1)?;
            steps.push(AccountStep {
                heuristic: Heuristic::SharedFunder,
                a: at,
                b: t.evidence_member[row],
                deposit: None,
                since: t.evidence_since[row],
                of_a: None,
                of_b: Some(sent(row)),
            });
        }
        Some(steps)
    }

    fn rows_of(&self, hub: u32) -> std::ops::Range<usize> {
        let hubs = &self.tables.evidence_hub;
        hubs.partition_point(|h| *h < hub)..hubs.partition_point(|h| *h <= hub)
    }
}
