//! Exposure of accounts: which labelled counterparties a subject dealt with, and which its money came from or went to through others.
//!
//! * *Counterparty*: every transfer between the subject and a labelled account, summed as it is. No policy has a say in that.
//! * *Indirect*: taint from the subject's receipts, backward and forward ([`super::stream`]), where it first reaches a label with two
//!   hops or more. A unit counts once for a label: the labels that it met travel with it as its mark, and so one that was met as a
//!   counterparty is not met again further on. One unit may meet several labels: their sums are not to be added up.
//! * Amounts are in the asset in which the label was met: past a conversion that is another than the subject's.
//! * Groups of labels (categories) are told beside their labels; a unit counts once for each.
//! * Fees are nobody's exposure. Moves within the subject are none either.
//! * Under poison nothing indirect is summed: its amount is 0, its evidence says where it was reached.

use super::amount::{Sum, digits, sum_of};
use super::error::AccountError;
use super::flows::{AccountOwners, AccountStop, AccountStops, Flows};
use super::limits::AccountLimits;
use super::pot::Part;
use super::sink::{AccountArrival, AccountSink};
use super::source::AccountSources;
use super::totals::AccountTotals;
use super::walk::{AccountQuestion, stream};
use crate::exposure::{Flow, Sets};
use crate::taint::{Direction, Policy};
use athar_types::Relation;
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};

/// The labels of accounts.
pub trait AccountLabels {
    /// The caller's key of the label that an account carries.
    fn label_of(&self, account: u32) -> Option<u32>;

    /// The groups that a label belongs to. Keys of groups and of labels are apart; both are below 2^31.
    fn groups_of(&self, label: u32) -> &[u32] {
        let _ = label;
        &[]
    }
}

/// Everything an exposure of accounts depends on beside the transfers.
#[derive(Debug)]
pub struct AccountExposureQuestion<'a, S: ?Sized, L: ?Sized> {
    /// How balances hand taint on.
    pub policy: Policy,
    /// The subject's accounts.
    pub accounts: &'a [u32],
    /// One asset alone, as far as the subject is concerned.
    pub asset: Option<u32>,
    /// Where to stop.
    pub stops: &'a S,
    /// Who is met.
    pub labels: &'a L,
    /// How far, in each direction.
    pub limits: &'a AccountLimits,
    /// At most so many receipts are taken as sources, the first in chain order.
    pub sources_max: usize,
    /// At most so many transfers of the subject are looked at for its counterparties, account by account.
    pub transfers_max: u64,
    /// At most so many places are given as evidence of one exposure.
    pub evidence_max: usize,
}

/// One place where a label was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AccountEvidence {
    /// How many hops from the subject.
    pub hops: u32,
    #[serde(serialize_with = "largest")]
    amount: Reverse<Sum>,
    /// The transfer that met it.
    pub transfer: u64,
    /// The labelled account.
    pub account: u32,
}

impl AccountEvidence {
    /// How much met it there; under poison what the transfer moved.
    pub fn amount(&self) -> Sum {
        self.amount.0
    }
}

fn largest<S: serde::Serializer>(amount: &Reverse<Sum>, serializer: S) -> Result<S::Ok, S::Error> {
    digits(&amount.0, serializer)
}

/// What one label, or one group of labels, has to do with the subject, in one direction, relation and asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountExposure {
    /// The caller's key of the label or group.
    pub label: u32,
    /// Counterparty or indirect.
    pub relation: Relation,
    /// The asset in which it was met.
    pub asset: u32,
    /// How much; of what is indirect under poison 0.
    #[serde(serialize_with = "digits")]
    pub amount: Sum,
    /// Fewest hops.
    pub hops_min: u32,
    /// With how many transfers.
    pub transfers: u64,
    /// Fewest hops first, then the largest amounts, then chain order.
    pub evidence: Vec<AccountEvidence>,
    /// Whether there are more places than given.
    pub evidence_truncated: bool,
}

/// One direction of an exposure.
#[derive(Clone, Debug, Serialize)]
pub struct AccountSide {
    /// Received or sent.
    pub flow: Flow,
    /// Everything the subject received from others or sent to others, by asset; fees apart.
    #[serde(serialize_with = "by_asset")]
    pub total: BTreeMap<u32, Sum>,
    /// What it paid in fees, by asset, on the side of what it sent.
    #[serde(serialize_with = "by_asset")]
    pub fees: BTreeMap<u32, Sum>,
    /// By label, ascending by label, relation (direct before indirect) and asset.
    pub exposures: Vec<AccountExposure>,
    /// The same by group.
    pub groups: Vec<AccountExposure>,
    /// Where everything ended that was followed.
    pub totals: AccountTotals,
    /// Whether the subject received more than was followed.
    pub sources_truncated: bool,
    /// Whether it has more transfers than were looked at for its counterparties.
    pub transfers_truncated: bool,
}

fn by_asset<S: serde::Serializer>(sums: &BTreeMap<u32, Sum>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(sums.iter().map(|(asset, sum)| (asset, sum.to_string())))
}

/// Exposure in both directions.
#[derive(Clone, Debug, Serialize)]
pub struct AccountExposures {
    /// Where the subject's money came from.
    pub received: AccountSide,
    /// Where it went.
    pub sent: AccountSide,
}

/// Finds the labelled counterparties of a subject, direct and indirect, backward and forward.
pub fn exposure<F, S, L>(
    flows: &F,
    question: &AccountExposureQuestion<'_, S, L>,
) -> Result<AccountExposures, AccountError>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    L: AccountLabels + ?Sized,
{
    let sources = AccountSources::receipts(flows, question.accounts, question.asset, question.sources_max);
    Ok(AccountExposures {
        received: side(flows, question, Flow::Received, &sources)?,
        sent: side(flows, question, Flow::Sent, &sources)?,
    })
}

/// The subject's accounts, ascending.
struct Own(Vec<u32>);

impl AccountOwners for Own {
    fn is_own(&self, account: u32) -> bool {
        self.0.binary_search(&account).is_ok()
    }
}

fn side<F, S, L>(
    flows: &F,
    question: &AccountExposureQuestion<'_, S, L>,
    flow: Flow,
    sources: &AccountSources,
) -> Result<AccountSide, AccountError>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    L: AccountLabels + ?Sized,
{
    let AccountExposureQuestion { policy, stops, labels, limits, evidence_max, .. } = *question;
    let mut own = Own(question.accounts.to_vec());
    own.0.sort_unstable();
    own.0.dedup();
    let mut meetings = Meetings {
        labels,
        flows,
        sets: Sets::default(),
        met: BTreeMap::new(),
        evidence_max,
        is_summed: policy.is_summed(),
    };
    let (mut total, mut fees) = (BTreeMap::new(), BTreeMap::new());
    let transfers_truncated = direct(flows, question, flow, &own, &mut meetings, [&mut total, &mut fees]);
    let direction = if flow == Flow::Received { Direction::Backward } else { Direction::Forward };
    let totals =
        stream(flows, &AccountQuestion { policy, direction, sources, stops, owners: &own, limits }, &mut meetings)?;
    let (mut exposures, mut groups) = (Vec::new(), Vec::new());
    for ((key, relation, asset), met) in meetings.met {
        let list = if key < GROUP { &mut exposures } else { &mut groups };
        list.push(AccountExposure {
            label: key & !GROUP,
            relation,
            asset,
            amount: met.amount,
            hops_min: met.hops_min,
            transfers: met.transfers,
            evidence_truncated: met.places > met.best.len() as u64,
            evidence: met.best,
        });
    }
    let sources_truncated = sources.is_truncated();
    Ok(AccountSide { flow, total, fees, exposures, groups, totals, sources_truncated, transfers_truncated })
}

/// Sums the subject's own transfers by counterparty; whether there are more than were looked at.
fn direct<F, S, L>(
    flows: &F,
    question: &AccountExposureQuestion<'_, S, L>,
    flow: Flow,
    own: &Own,
    meetings: &mut Meetings<'_, F, L>,
    [total, fees]: [&mut BTreeMap<u32, Sum>; 2],
) -> bool
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    L: AccountLabels + ?Sized,
{
    let mut looked = 0;
    for account in &own.0 {
        for n in flows.of_account(*account, 0) {
            if looked == question.transfers_max {
                return true;
            }
            looked += 1;
            let t = flows.transfer(n);
            let (subject, other) = if flow == Flow::Received { (t.to, t.from) } else { (t.from, t.to) };
            let is_stake = [t.giver(), t.receiver()].into_iter().flatten().any(|place| place.is_staked);
            let is_asked = subject == *account
                && !own.is_own(other)
                && t.moves()
                && !is_stake
                && question.asset.is_none_or(|asset| asset == t.asset);
            if !is_asked {
                continue;
            }
            let amount = sum_of(t.amount);
            let sums = if t.kind.is_fee() { &mut *fees } else { &mut *total };
            *sums.entry(t.asset).or_insert(Sum::ZERO) += amount;
            if t.kind.is_fee() || other == super::NONE {
                continue;
            }
            let stop = question.stops.stop(other);
            for key in meetings.keys_of(other, stop) {
                meetings.meet((key, Relation::Counterparty, t.asset), n, other, 1, amount, true);
            }
        }
    }
    false
}

/// What marks the key of a group among those of labels.
const GROUP: u32 = 1 << 31;

struct Met {
    amount: Sum,
    hops_min: u32,
    transfers: u64,
    last: Option<u64>,
    places: u64,
    best: Vec<AccountEvidence>,
}

struct Meetings<'a, F: ?Sized, L: ?Sized> {
    labels: &'a L,
    flows: &'a F,
    sets: Sets,
    met: BTreeMap<(u32, Relation, u32), Met>,
    evidence_max: usize,
    is_summed: bool,
}

impl<F: Flows + ?Sized, L: AccountLabels + ?Sized> Meetings<'_, F, L> {
    /// Label and groups of an account; one whose label the stop alone knows is met by that.
    fn keys_of(&self, account: u32, stop: Option<AccountStop>) -> Vec<u32> {
        let label = self.labels.label_of(account).or(match stop {
            Some(AccountStop::Service { label } | AccountStop::Mixer { label }) => Some(label),
            _ => None,
        });
        let Some(label) = label else { return Vec::new() };
        std::iter::once(label).chain(self.labels.groups_of(label).iter().map(|group| group | GROUP)).collect()
    }

    fn meet(
        &mut self,
        key: (u32, Relation, u32),
        transfer: u64,
        account: u32,
        hops: u32,
        amount: Sum,
        is_summed: bool,
    ) {
        let met = self.met.entry(key).or_insert_with(|| Met {
            amount: Sum::ZERO,
            hops_min: hops,
            transfers: 0,
            last: None,
            places: 0,
            best: Vec::new(),
        });
        if is_summed {
            met.amount += amount;
        }
        met.hops_min = met.hops_min.min(hops);
        met.transfers += u64::from(met.last.replace(transfer) != Some(transfer));
        met.places += 1;
        let evidence = AccountEvidence { hops, amount: Reverse(amount), transfer, account };
        let rank = met.best.partition_point(|e| *e < evidence);
        if rank < self.evidence_max {
            met.best.truncate(self.evidence_max - 1);
            met.best.insert(rank, evidence);
        }
    }
}

impl<F: Flows + ?Sized, L: AccountLabels + ?Sized> AccountSink for Meetings<'_, F, L> {
    fn reach(&mut self, at: &AccountArrival, parts: &mut [Part]) {
        if at.is_own {
            return;
        }
        let keys = self.keys_of(at.place.account, at.stop);
        let moved = sum_of(self.flows.transfer(at.transfer).amount);
        for key in keys {
            let mut by_hop: BTreeMap<u32, Sum> = BTreeMap::new();
            for part in parts.iter_mut() {
                let is_new = if self.is_summed {
                    let grown = self.sets.with(part.tag, key);
                    part.tag = grown.unwrap_or(part.tag);
                    grown.is_some()
                } else {
                    true // reached is reached, however often
                };
                // what is direct was summed as it is
                if is_new && part.hop > 1 {
                    *by_hop.entry(part.hop).or_insert(Sum::ZERO) += part.amount;
                }
            }
            for (hops, amount) in by_hop {
                let amount = if self.is_summed { amount } else { moved };
                let key = (key, Relation::Indirect, at.place.asset);
                self.meet(key, at.transfer, at.place.account, hops, amount, self.is_summed);
            }
        }
    }
}
