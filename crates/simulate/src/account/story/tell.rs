//! What is true of the campaigns of a world of accounts, measured from its rows, and what an analyst would know of them.

use super::super::acts::Acts;
use super::super::rows::{DOLLAR, USD};
use super::super::{AccountActor, AccountWorld};
use athar_types::account::{AccountBytes, AssetKey, TransferKind};
use athar_types::{Basis, Category, UnixTime};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// One condition of a definition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AccountCriterion {
    /// What is measured, with its unit.
    pub name: &'static str,
    /// The measured value.
    pub value: u64,
    /// What the definition wants.
    pub limit: String,
    /// Whether the value is within.
    pub met: bool,
}

/// What one of the campaign's accounts received from outside, in the dollar token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct TransferGift {
    /// When.
    pub time: u32,
    /// US cents.
    pub cents: u64,
}

/// A campaign or look-alike.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AccountCampaign {
    /// Its name.
    pub id: String,
    /// The typology's id.
    pub kind: &'static str,
    /// Its row.
    pub row: u32,
    /// What it is, where it is an innocent look-alike.
    pub look_alike: Option<&'static str>,
    /// Whether every criterion is met. Of a migration the other half is measured in the world of bitcoin.
    pub meets_definition: bool,
    /// The criteria.
    pub criteria: Vec<AccountCriterion>,
    /// What was drawn, by name.
    pub drawn: BTreeMap<&'static str, u64>,
    /// Its own accounts, without those at services.
    pub accounts: Vec<AccountBytes>,
    /// Transactions that its accounts signed.
    pub txs: Vec<[u8; 32]>,
    /// What its accounts received from outside.
    pub gifts: Vec<TransferGift>,
}

/// A label that an analyst would have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AccountLabel {
    /// Of this account.
    pub account: AccountBytes,
    /// Its text.
    pub label: String,
    /// What it says that the account is.
    pub category: Category,
    /// On which ground.
    pub basis: Basis,
}

impl AccountWorld {
    /// The labels as a table: `address,label,category,source,confidence,basis,country,valid_from,valid_to`, the form of a world of
    /// bitcoin.
    pub fn labels_csv(&self) -> String {
        let mut text = String::from("address,label,category,source,confidence,basis,country,valid_from,valid_to\n");
        for AccountLabel { account, label, category, basis } in &self.labels {
            let address = self.params.form.text(account);
            let source =
                if *basis == Basis::Complaint { "Simulated complaint" } else { "Simulated attribution vendor" };
            let confidence = if *basis == Basis::Complaint { "authority_data" } else { "forensic" };
            let _ = writeln!(text, "{address},{label},{category},{source},{confidence},{basis},,,");
        }
        text
    }
}

impl Acts {
    /// Measures the campaigns; returns the labels.
    pub(in super::super) fn finish_story(&mut self) -> Vec<AccountLabel> {
        let Some(story) = self.story.take() else { return Vec::new() };
        let rows = &mut self.cast.rows;
        let mut place: BTreeMap<AccountBytes, usize> = BTreeMap::new();
        for (case, told) in story.cases.iter().enumerate() {
            place.extend(told.accounts.iter().map(|a| (rows.bytes(*a), case)));
        }
        let exchanges: BTreeMap<AccountBytes, usize> =
            (0..).zip(&self.cast.exchanges).map(|(rank, e)| (rows.bytes(e.hot), rank)).collect();
        let dollar = AssetKey::Token(rows.bytes(rows.tokens[DOLLAR]));
        let mut seen: Vec<Seen> = story.cases.iter().map(|_| Seen::default()).collect();
        for block in &rows.blocks {
            for tx in &block.txs {
                if let Some(case) = place.get(&tx.from) {
                    seen[*case].txs.push(tx.hash);
                }
            }
            for transfer in &block.transfers {
                if transfer.kind != TransferKind::Token || transfer.asset != dollar || transfer.amount.is_zero() {
                    continue;
                }
                let Some((to, case)) = transfer.to.and_then(|to| Some((to, *place.get(&to)?))) else { continue };
                let from = transfer.from.and_then(|from| place.get(&from));
                if from == Some(&case) {
                    continue;
                }
                let amount: u128 = transfer.amount.saturating_to();
                let origin = transfer.from.and_then(|from| exchanges.get(&from)).copied();
                seen[case].received.push(Received { time: block.time, amount, to, origin });
            }
        }
        let cases = story.cases.into_iter().zip(seen).map(|(case, seen)| {
            let criteria = match case.row {
                11 => seen.remittance(),
                _ => vec![at_least("gifts", seen.received.len() as u64, 1)],
            };
            AccountCampaign {
                id: case.id,
                kind: case.kind,
                row: case.row,
                look_alike: case.look_alike,
                meets_definition: criteria.iter().all(|c| c.met),
                criteria,
                drawn: case.drawn,
                accounts: case.accounts.iter().map(|a| rows.truth.accounts[*a as usize].account).collect(),
                txs: seen.txs,
                gifts: seen
                    .received
                    .iter()
                    .map(|r| TransferGift { time: r.time.0, cents: (r.amount / (USD / 100)) as u64 })
                    .collect(),
            }
        });
        let cases: Vec<AccountCampaign> = cases.collect();
        rows.truth.campaigns = cases;
        let told = |(account, label, category): (u32, String, Category)| {
            let is_told = category == Category::TerroristFinancing;
            let basis = if is_told { Basis::Complaint } else { Basis::ThirdPartyClaim };
            AccountLabel { account: rows.bytes(account), label, category, basis }
        };
        debug_assert!(rows.truth.actors.contains(&AccountActor::Bridge));
        story.labels.into_iter().map(told).collect()
    }
}

/// What was seen of a campaign.
#[derive(Default)]
struct Seen {
    txs: Vec<[u8; 32]>,
    received: Vec<Received>,
}

struct Received {
    time: UnixTime,
    amount: u128,
    to: AccountBytes,
    /// The exchange that paid.
    origin: Option<usize>,
}

impl Seen {
    /// Row 11, of the exchange that paid most often: 5,000 and 10,000 are multiples of 1,000, too.
    fn remittance(&self) -> Vec<AccountCriterion> {
        let mut by_origin: BTreeMap<usize, (u64, BTreeSet<AccountBytes>)> = BTreeMap::new();
        for received in &self.received {
            let thousand = 1000 * USD;
            let times = (received.amount + thousand / 2) / thousand;
            let off = received.amount.abs_diff(times * thousand);
            if let (Some(origin), true) = (received.origin, times > 0 && off * 200 <= times * thousand) {
                let found = by_origin.entry(origin).or_default();
                found.0 += 1;
                found.1.insert(received.to);
            }
        }
        let best = by_origin.into_values().max_by_key(|(count, _)| *count);
        let (count, to) = best.map_or((0, 0), |(count, to)| (count, to.len() as u64));
        vec![
            at_least("round_transfers_from_one_exchange", count, 3),
            AccountCriterion { name: "beneficiaries", value: to, limit: "at most 5".into(), met: to <= 5 },
        ]
    }
}

fn at_least(name: &'static str, value: u64, limit: u64) -> AccountCriterion {
    AccountCriterion { name, value, limit: format!("at least {limit}"), met: value >= limit }
}
