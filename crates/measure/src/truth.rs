//! What else a world's answer sheet says: what each actor is, and which addresses are a campaign's.

use crate::MeasureError;
use athar_ledger::Ledger;
use athar_types::{AddressId, address::parse_key};
use serde::Deserialize;
use std::path::Path;

/// Kinds of actors in whose purses the money of many is one: where the truth's own tracing stops.
const POOLING: [&str; 7] =
    ["exchange", "mining_pool", "payment_processor", "coupon_service", "dark_market", "mixer", "gambling"];

/// Whether a kind of actor pools the money of many.
pub fn is_pooling(kind: &str) -> bool {
    POOLING.contains(&kind)
}

/// What each actor is, by its number (`truth/actors.csv`, columns `actor` and `kind`).
#[derive(Clone, Debug, Default)]
pub struct Actors(Vec<String>);

impl Actors {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, MeasureError> {
        let wrong = |line: u64, what: String| MeasureError::Truth { path: path.into(), line, what };
        let mut rows = csv::Reader::from_path(path).map_err(|e| wrong(0, e.to_string()))?;
        let mut kinds = Vec::new();
        for (at, row) in rows.deserialize::<(usize, String, String, String)>().enumerate() {
            let line = at as u64 + 2;
            let (actor, kind, ..) = row.map_err(|e| wrong(line, e.to_string()))?;
            if actor != at {
                return Err(wrong(line, format!("actor {actor} stands where {at} was expected")));
            }
            kinds.push(kind);
        }
        Ok(Self(kinds))
    }

    /// What an actor is; empty where the file does not name it.
    pub fn kind(&self, actor: u32) -> &str {
        self.0.get(actor as usize).map_or("", String::as_str)
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0_u32..).zip(self.0.iter().map(String::as_str))
    }
}

/// A campaign or look-alike.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// What it is: `campaign static_donation`, `look-alike static_donation`.
    pub kind: String,
    /// Its own addresses, without its accounts at services.
    pub addresses: Vec<AddressId>,
}

#[derive(Deserialize)]
struct Document {
    campaigns: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    kind: String,
    decoy: bool,
    addresses: Vec<Own>,
}

#[derive(Deserialize)]
struct Own {
    address: String,
}

impl Campaign {
    /// Reads `truth/campaigns.json`.
    pub fn read(path: &Path, ledger: &Ledger) -> Result<Vec<Self>, MeasureError> {
        let text = std::fs::read(path).map_err(|source| MeasureError::Io { path: path.into(), source })?;
        let wrong = |line: u64, what: String| MeasureError::Truth { path: path.into(), line, what };
        let document: Document = serde_json::from_slice(&text).map_err(|e| wrong(e.line() as u64, e.to_string()))?;
        let one = |told: Told| {
            let id = |own: &Own| {
                let key = parse_key(ledger.chain(), ledger.network(), &own.address);
                let key = key.map_err(|e| wrong(0, format!("{}: {e}", told.id)))?;
                ledger.address_id(&key).ok_or_else(|| wrong(0, format!("{}: {} was never paid", told.id, own.address)))
            };
            let addresses = told.addresses.iter().map(id).collect::<Result<_, _>>()?;
            let what = if told.decoy { "look-alike" } else { "campaign" };
            Ok(Self { kind: format!("{what} {}", told.kind), addresses })
        };
        document.campaigns.into_iter().map(one).collect()
    }
}
