//! What raises alerts: a transaction that meets a watch, and a hit of a pattern.

use crate::watch::{Flow, Matcher, Moves, WatchKind};
use athar_types::{Asset, Hash32, Level};
use serde::{Deserialize, Serialize};

/// Where a transaction was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// In the mempool.
    Mempool,
    /// In a block of the chain.
    Block {
        /// Its height.
        height: u32,
        /// Its hash.
        hash: String,
    },
}

/// A transaction that meets a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct TxHit {
    /// Number of the watch.
    pub watch: i64,
    /// Name of its list.
    pub watchlist: String,
    /// What the watch names.
    pub kind: WatchKind,
    /// The value that is watched.
    pub value: String,
    /// Severity of the alert.
    pub severity: Level,
    /// The chain, by name.
    pub chain: String,
    /// Whom it is about.
    pub subject: String,
    /// The transaction.
    pub txid: String,
    /// Which way.
    pub direction: Flow,
    /// Asset.
    pub asset: String,
    /// Amount in smallest units.
    pub units: u128,
    /// Worth in cents.
    pub usd_cents: Option<u64>,
    /// What was found, as plain JSON.
    pub evidence: serde_json::Value,
    /// The snapshot that it was found on.
    pub snapshot: String,
    /// Where.
    pub seen: Seen,
}

impl TxHit {
    /// What a transaction meets of the watches of a chain.
    pub fn of(matcher: &Matcher, moves: &Moves, seen: &Seen) -> Vec<Self> {
        let txid = moves.txid.to_string();
        let found = matcher.matches(moves).into_iter().filter_map(|found| {
            let watch = matcher.watch(found.watch)?;
            Some(Self {
                watch: watch.id,
                watchlist: watch.watchlist.clone(),
                kind: watch.kind,
                value: watch.value.clone(),
                severity: watch.severity,
                chain: matcher.chain().name().to_owned(),
                subject: found.subject,
                txid: txid.clone(),
                direction: found.direction,
                asset: Asset::coin_of(matcher.chain()).symbol().to_owned(),
                units: u128::from(found.sat),
                usd_cents: found.usd_cents,
                evidence: found.evidence,
                snapshot: snapshot(matcher, watch, &moves.txid, seen),
                seen: seen.clone(),
            })
        });
        found.collect()
    }
}

/// The snapshot of a match: of the store that was asked, its chain ending with the block that holds the transaction.
fn snapshot(matcher: &Matcher, watch: &crate::watch::Watch, txid: &Hash32, seen: &Seen) -> String {
    let question = (
        watch.kind,
        &watch.value,
        watch.direction,
        &watch.at_least_units,
        watch.at_least_usd_cents,
        txid.to_string(),
        matches!(seen, Seen::Mempool),
    );
    let Some(engine) = matcher.engine() else {
        return blake3::hash(&serde_json::to_vec(&question).unwrap_or_default()).to_hex().to_string();
    };
    let mut basis = engine.basis().clone();
    if let Seen::Block { height, hash } = seen {
        (basis.tip_height, basis.tip_hash) = (Some(*height), Some(hash.clone()));
    }
    basis.snapshot("alert", &question)
}

/// A hit of a pattern, as whoever runs the patterns gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternHit {
    /// Id of the pattern.
    pub pattern: String,
    /// Version of its rule.
    pub rule_version: String,
    /// How serious it is.
    pub severity: Level,
    /// The chain, by name.
    pub chain: String,
    /// Whom it is about: an address, or what stands for an entity.
    pub subject: String,
    /// Addresses that take part.
    pub addresses: Vec<String>,
    /// Transactions that take part.
    pub txids: Vec<String>,
    /// What it moved, in the smallest units of the chain's coin; none where that says nothing.
    #[serde(default)]
    pub units: Option<u128>,
    /// Its worth in cents; none where it has no price.
    #[serde(default)]
    pub usd_cents: Option<u64>,
    /// Why, in plain JSON: values that matched, results of guards, corroboration.
    pub why: serde_json::Value,
    /// The snapshot that it was found on.
    pub snapshot: String,
}
