//! `truth/campaigns.json`: every campaign and look-alike, with its transactions and exact amounts.

use super::{
    criteria::{Criterion, is_source, measure},
    names::Names,
};
use crate::{
    SimulateError,
    agents::Economy,
    blocks::{FileEntry, HashedFile},
    world::{ActorId, ActorKind, Arrival, Receipt, Role, cents_at},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// A campaign as told.
#[derive(Serialize)]
pub(super) struct Told {
    id: String,
    kind: &'static str,
    /// Rows of the typologies.
    rows: &'static [u32],
    decoy: bool,
    /// What a look-alike is; only where campaigns are not the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    look_alike: Option<&'static str>,
    /// Whether every criterion is met. A decoy can meet them all: that is what makes it one.
    meets_definition: bool,
    story: String,
    actor: u32,
    /// First and last time that one of its addresses took part in a transaction.
    start: Option<String>,
    end: Option<String>,
    published: Vec<String>,
    drawn: BTreeMap<&'static str, u64>,
    criteria: Vec<Criterion>,
    addresses: Vec<OwnAddress>,
    sources: Vec<Source>,
    own_transactions: Vec<OwnTx>,
    cash_outs: Vec<CashOut>,
    fifo: Fifo,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redemptions: Vec<Redeemed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked: Option<Linked>,
    /// Every transaction that one of its addresses takes part in, in chain order.
    txids: Vec<String>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // the names of the file
struct OwnAddress {
    address: String,
    actor: u32,
    role: &'static str,
}

/// What the followed money begins with: a donation, a redemption, a sale, a first coin.
#[derive(Serialize)]
struct Source {
    txid: String,
    vout: u16,
    sat: u64,
    usd_cents: u64,
    time: String,
    address: String,
    role: &'static str,
    sender: u32,
    /// `exchange`, `single_use_wallet`, `service` or `wallet`.
    from: &'static str,
}

/// A transaction that spends the campaign's coins.
#[derive(Serialize)]
struct OwnTx {
    txid: String,
    time: String,
    sat: u64,
}

/// A payment of the campaign to its own account at a service.
#[derive(Serialize)]
struct CashOut {
    txid: String,
    vout: u16,
    sat: u64,
    /// How much of it are the sources' satoshi under FIFO.
    fifo_sat: u64,
    usd_cents: u64,
    time: String,
    address: String,
    service: String,
    country: &'static str,
}

/// Where the sources' satoshi went under FIFO (inputs in index order to outputs in index order, the fee last),
/// followed through everybody's transactions, until a service holds them.
/// `sources_sat = cash_outs_sat + elsewhere_sat + fees_sat + unspent_sat + reentered_sat`.
#[derive(Serialize)]
struct Fifo {
    sources_sat: u64,
    cash_outs_sat: u64,
    elsewhere_sat: u64,
    fees_sat: u64,
    unspent_sat: u64,
    /// Came in at a source again, where it begins anew.
    reentered_sat: u64,
    /// Reached services otherwise: peeled off, spent, passed on by others.
    elsewhere: Vec<Elsewhere>,
}

#[derive(Serialize)]
struct Elsewhere {
    txid: String,
    vout: u16,
    fifo_sat: u64,
    service: String,
}

#[derive(Serialize)]
struct Redeemed {
    address: String,
    euro_cents: u64,
    point_of_sale: u32,
}

/// A facilitator's linked part, and its total, which must not be attributed.
#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // the names of the file
struct Linked {
    actor: u32,
    linked_sat: u64,
    linked_usd_cents: u64,
    total_sat: u64,
    total_usd_cents: u64,
}

/// Tells every campaign.
pub(super) fn tell(economy: &Economy, names: &Names<'_>) -> Vec<Told> {
    let mut keys: Vec<Vec<OwnAddress>> = economy.campaigns.iter().map(|_| Vec::new()).collect();
    for (key, info) in economy.world.keys.iter() {
        if let Some(index) = info.watch.index()
            && economy.world.keys.is_paid(key)
            && !matches!(info.role, Role::Deposit)
        {
            keys[index].push(OwnAddress { address: names.address(key), actor: info.actor.0, role: info.role.name() });
        }
    }
    keys.into_iter().enumerate().map(|(index, addresses)| tell_one(economy, names, index, addresses)).collect()
}

fn tell_one(economy: &Economy, names: &Names<'_>, index: usize, addresses: Vec<OwnAddress>) -> Told {
    let world = &economy.world;
    let (campaign, log) = (&economy.campaigns[index], &world.journal.logs[index]);
    let (totals, unspent) = world.journal.taint.totals(index);
    let service = |actor: ActorId| world.actors[actor.index()].name.as_deref().unwrap_or_default().to_owned();
    let mut followed: BTreeMap<(u32, u16), Arrival> = totals.arrivals.iter().map(|a| ((a.tx, a.vout), *a)).collect();
    let mut cash_outs = Vec::new();
    for receipt in log.receipts.iter().filter(|r| world.keys[r.key].role == Role::Deposit) {
        let info = world.keys[receipt.key];
        let arrival = followed.remove(&(receipt.tx, receipt.vout));
        cash_outs.push(CashOut {
            txid: names.txid(receipt.tx),
            vout: receipt.vout,
            sat: receipt.value,
            fifo_sat: arrival.map_or(0, |a| a.value),
            usd_cents: cents_at(receipt.value, receipt.price),
            time: Names::time(receipt.time),
            address: names.address(receipt.key),
            service: service(info.actor),
            country: world.actors[info.actor.index()].country,
        });
    }
    let elsewhere: Vec<Elsewhere> = followed
        .into_values()
        .map(|a| Elsewhere { txid: names.txid(a.tx), vout: a.vout, fifo_sat: a.value, service: service(a.actor) })
        .collect();
    let sources =
        log.receipts.iter().filter(|r| is_source(economy, log, r)).map(|r| source(economy, names, r)).collect();
    let mut txs: BTreeSet<u32> = log.receipts.iter().map(|r| r.tx).collect();
    txs.extend(log.spends.iter().map(|s| s.tx));
    let times = || log.receipts.iter().map(|r| r.time).chain(log.spends.iter().map(|s| s.time));
    let criteria = measure(economy, index);
    Told {
        id: campaign.id.clone(),
        kind: campaign.kind.name(),
        rows: campaign.kind.rows(),
        decoy: campaign.decoy,
        look_alike: campaign.look_alike,
        meets_definition: criteria.iter().all(|c| c.met),
        story: campaign.story.clone(),
        actor: campaign.actor.0,
        start: times().min().map(Names::time),
        end: times().max().map(Names::time),
        published: campaign.published.iter().map(|k| names.address(*k)).collect(),
        drawn: campaign.drawn.iter().copied().collect(),
        criteria,
        addresses,
        sources,
        own_transactions: log
            .spends
            .iter()
            .map(|s| OwnTx {
                txid: names.txid(s.tx),
                time: Names::time(s.time),
                sat: s.coins.iter().map(|c| c.value).sum(),
            })
            .collect(),
        fifo: Fifo {
            sources_sat: totals.sources,
            cash_outs_sat: cash_outs.iter().map(|c| c.fifo_sat).sum(),
            elsewhere_sat: elsewhere.iter().map(|e| e.fifo_sat).sum(),
            fees_sat: totals.fees,
            unspent_sat: unspent,
            reentered_sat: totals.reentered,
            elsewhere,
        },
        cash_outs,
        redemptions: campaign
            .redemptions
            .iter()
            .map(|r| Redeemed {
                address: names.address(r.key),
                euro_cents: r.euro_cents,
                point_of_sale: r.point_of_sale,
            })
            .collect(),
        linked: campaign.linked.map(|actor| linked(economy, index, actor)),
        txids: txs.into_iter().map(|tx| names.txid(tx)).collect(),
    }
}

fn source(economy: &Economy, names: &Names<'_>, receipt: &Receipt) -> Source {
    let world = &economy.world;
    let kind = world.actors[receipt.sender.index()].kind;
    Source {
        txid: names.txid(receipt.tx),
        vout: receipt.vout,
        sat: receipt.value,
        usd_cents: cents_at(receipt.value, receipt.price),
        time: Names::time(receipt.time),
        address: names.address(receipt.key),
        role: world.keys[receipt.key].role.name(),
        sender: receipt.sender.0,
        from: match kind {
            _ if receipt.single_use => "single_use_wallet",
            ActorKind::Exchange => "exchange",
            kind if kind.is_service() => "service",
            _ => "wallet",
        },
    }
}

fn linked(economy: &Economy, index: usize, actor: ActorId) -> Linked {
    let (world, log) = (&economy.world, &economy.world.journal.logs[index]);
    let own = economy.campaigns[index].actor;
    let mut linked = Linked { actor: actor.0, linked_sat: 0, linked_usd_cents: 0, total_sat: 0, total_usd_cents: 0 };
    for receipt in log.receipts.iter().filter(|r| world.keys[r.key].actor == own && r.sender != own) {
        let cents = cents_at(receipt.value, receipt.price);
        linked.total_sat += receipt.value;
        linked.total_usd_cents += cents;
        if receipt.sender == actor {
            linked.linked_sat += receipt.value;
            linked.linked_usd_cents += cents;
        }
    }
    linked
}

/// Writes the file.
pub(super) fn write(root: &Path, seed: u64, told: &[Told]) -> Result<FileEntry, SimulateError> {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        seed: u64,
        campaigns: &'a [Told],
    }
    let mut file = HashedFile::create(root, "truth/campaigns.json")?;
    serde_json::to_writer_pretty(&mut file, &Document { format: 1, seed, campaigns: told })
        .map_err(|e| SimulateError::io(file.path())(e.into()))?;
    file.put(b"\n")?;
    file.close(0)
}
