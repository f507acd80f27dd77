//! What really happened: the campaigns and look-alikes of a world, as far as hits are held against them.

use super::receipts::Receipt;
use super::shapes::CashOut;
use crate::MeasureError;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use std::path::Path;

/// A campaign or look-alike.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Case {
    /// Its name in the truth.
    pub id: String,
    /// Rows that it is a case of.
    pub rows: Vec<u32>,
    /// Rows whose shape its own transactions have by the way: a hit of these is right, and none is asked for.
    pub also: Vec<u32>,
    /// What it is, where it is an innocent look-alike.
    pub look_alike: Option<String>,
    /// Whether it meets the definition of its rows.
    pub meets_definition: bool,
    /// Whether a label of concern lies on one of its addresses.
    pub is_labelled: bool,
    /// Its own addresses.
    pub addresses: FxHashSet<String>,
    /// Transactions that spend its coins.
    pub txids: FxHashSet<String>,
    /// Of a look-alike at whom appeals sell: the appeals' addresses and those of their layers.
    pub(super) appeals: FxHashSet<String>,
    /// Its sales at services.
    pub(super) cash_outs: Vec<CashOut>,
    /// What came in from outside.
    pub(super) receipts: Vec<Receipt>,
    /// Own addresses that a label of concern lies on.
    pub(super) labelled: FxHashSet<String>,
    /// Own addresses that took change alone.
    pub(super) change: FxHashSet<String>,
    /// Whether only its two sides together are it: a hit must name all of `txids` and addresses say nothing.
    pub needs_all_txids: bool,
}

/// A world's truth.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Truth {
    /// Rows that the world has campaigns of, or could have had.
    pub rows: Vec<u32>,
    /// Campaigns and look-alikes.
    pub cases: Vec<Case>,
    /// Transactions in the world.
    pub txs: u64,
    /// Addresses in the world.
    pub addresses: u64,
    /// US cents that one in twenty of the world's payments exceeds, where a campaign of row 20 was measured by it.
    pub(super) large: Option<u64>,
}

#[derive(Deserialize)]
struct Document {
    campaigns: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    rows: Vec<u32>,
    decoy: bool,
    #[serde(default)]
    look_alike: Option<String>,
    meets_definition: bool,
    addresses: Vec<Own>,
    own_transactions: Vec<OwnTx>,
    #[serde(default)]
    cash_outs: Vec<Sale>,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    criteria: Vec<Criterion>,
}

#[derive(Deserialize)]
struct Criterion {
    name: String,
    limit: String,
}

#[derive(Deserialize)]
struct Source {
    txid: String,
    vout: u32,
    sat: u64,
    usd_cents: u64,
    time: String,
    address: String,
    sender: u32,
    from: String,
}

#[derive(Deserialize)]
struct Sale {
    service: String,
    time: String,
    #[serde(default)]
    usd_cents: u64,
}

#[derive(Deserialize)]
struct Own {
    address: String,
    #[serde(default)]
    actor: u32,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
struct OwnTx {
    txid: String,
}

#[derive(Deserialize)]
struct Mix {
    txid: String,
    kind: String,
}

#[derive(Deserialize)]
struct Label {
    address: String,
    category: String,
}

#[derive(Deserialize)]
struct Manifest {
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    txs: u64,
}

/// Rows that an economy has cases of.
const ECONOMY_ROWS: [u32; 16] = [4, 5, 6, 7, 8, 9, 10, 13, 14, 16, 17, 18, 19, 20, 21, 23];
/// The row of mixes.
pub(super) const MIXES: u32 = 16;
/// The row whose criteria say what a large payment is in this world.
const DRAIN: u32 = 20;
/// The row whose look-alike is a service at which appeals sell.
const HUB: u32 = 8;

impl Truth {
    /// The truth of a simulated economy, from its folder.
    pub fn of_economy(world: &Path) -> Result<Self, MeasureError> {
        let read = |name: &str| {
            let path = world.join(name);
            std::fs::read(&path).map_err(|source| MeasureError::Io { path, source })
        };
        let wrong = |name: &str, line: usize, what: String| MeasureError::Truth {
            path: world.join(name),
            line: line as u64,
            what,
        };
        let name = "truth/campaigns.json";
        let document: Document =
            serde_json::from_slice(&read(name)?).map_err(|e| wrong(name, e.line(), e.to_string()))?;
        let name = "truth/manifest.json";
        let manifest: Manifest =
            serde_json::from_slice(&read(name)?).map_err(|e| wrong(name, e.line(), e.to_string()))?;
        let labelled: FxHashSet<String> = rows::<Label>(world, "analyst/labels.csv")?
            .into_iter()
            .filter(|label| label.category == "terrorist_financing")
            .map(|label| label.address)
            .collect();
        let of_drains = document.campaigns.iter().filter(|told| told.rows == [DRAIN]).flat_map(|told| &told.criteria);
        let mut limits = of_drains.filter(|c| c.name == "usd_cents").filter_map(|c| c.limit.strip_prefix("at least "));
        let large = limits.next().and_then(|limit| limit.parse().ok());
        let mut cases: Vec<Case> = document
            .campaigns
            .into_iter()
            .map(|told| {
                let of_appeals = |own: &&Own| matches!(own.role.as_str(), "donation" | "layer");
                let has_appeals = told.decoy && told.rows == [HUB];
                let appeals = told.addresses.iter().filter(|_| has_appeals).filter(of_appeals);
                let appeals = appeals.map(|own| own.address.clone()).collect();
                let change = told.addresses.iter().filter(|own| own.role == "change");
                let change = change.map(|own| own.address.clone()).collect();
                let actors: FxHashMap<&str, u32> =
                    told.addresses.iter().map(|own| (own.address.as_str(), own.actor)).collect();
                let receipts = told.sources.into_iter().filter_map(|source| receipt(source, &actors)).collect();
                let addresses: FxHashSet<String> = told.addresses.into_iter().map(|own| own.address).collect();
                let labelled: FxHashSet<String> = addresses.intersection(&labelled).cloned().collect();
                Case {
                    appeals,
                    receipts,
                    change,
                    is_labelled: !labelled.is_empty(),
                    labelled,
                    id: told.id,
                    rows: told.rows,
                    look_alike: told.decoy.then(|| told.look_alike.unwrap_or_else(|| "look-alike".into())),
                    meets_definition: told.meets_definition,
                    addresses,
                    txids: told.own_transactions.into_iter().map(|own| own.txid).collect(),
                    cash_outs: told.cash_outs.into_iter().filter_map(sale).collect(),
                    ..Case::default()
                }
            })
            .collect();
        for mix in rows::<Mix>(world, "truth/coinjoins.csv")? {
            cases.push(Case {
                id: mix.txid.clone(),
                rows: vec![MIXES],
                // the split before the first round belongs to the mix, but is no mix
                meets_definition: mix.kind == "whirlpool",
                txids: std::iter::once(mix.txid).collect(),
                ..Case::default()
            });
        }
        let entities = read("truth/entities.csv")?;
        let addresses = entities.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(Self {
            rows: ECONOMY_ROWS.to_vec(),
            cases,
            large,
            txs: manifest.counts.txs,
            addresses: addresses.saturating_sub(1),
        })
    }

    /// Own addresses of campaigns, look-alikes left out.
    pub fn campaign_addresses(&self) -> u64 {
        self.cases.iter().filter(|c| c.look_alike.is_none()).map(|c| c.addresses.len() as u64).sum()
    }
}

/// A receipt with a time that can be read.
fn receipt(told: Source, actors: &FxHashMap<&str, u32>) -> Option<Receipt> {
    Some(Receipt {
        time: super::accounts::seconds(&told.time)?,
        actor: actors.get(told.address.as_str()).copied().unwrap_or_default(),
        is_pooled: told.from == "exchange",
        is_private: matches!(told.from.as_str(), "exchange" | "single_use_wallet"),
        txid: told.txid,
        vout: told.vout,
        sat: told.sat,
        cents: told.usd_cents,
        address: told.address,
        sender: told.sender,
    })
}

/// A sale with a time that can be read.
fn sale(told: Sale) -> Option<CashOut> {
    let time = super::accounts::seconds(&told.time)?;
    Some(CashOut { service: told.service, time: i64::from(time), cents: told.usd_cents })
}

fn rows<T: for<'a> Deserialize<'a>>(world: &Path, name: &str) -> Result<Vec<T>, MeasureError> {
    let path = world.join(name);
    let wrong = |e: &csv::Error| MeasureError::Truth {
        path: path.clone(),
        line: e.position().map_or(0, csv::Position::line),
        what: e.to_string(),
    };
    let mut reader = csv::Reader::from_path(&path).map_err(|e| wrong(&e))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|e| wrong(&e))
}
