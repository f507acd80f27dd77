//! A screening in short, as it is kept and compared: the statements without the paths that prove them, which the snapshot
//! gives again. And where a registered transfer lies on the chain.

use super::{BoundedView, Direction, Evidence, ScreenStatus, ScreenView};
use crate::Engine;
use crate::error::EngineError;
use crate::json::{Millionths, Usd};
use athar_types::address::parse_key;
use athar_types::{Basis, Category, Hash32, Level, OutputNum, Relation};
use schemars::JsonSchema;
use serde::Serialize;

/// Outputs of one transfer that are screened.
const TRANSFER_OUTPUTS_MAX: usize = 16;

/// What a screening says, without evidence and without its snapshot: equal for two screenings that say the same.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScreenSummary {
    /// What was screened: an address, a transaction or an output.
    pub target: String,
    /// Whether the chain has it.
    pub status: ScreenStatus,
    /// The highest level of all statements.
    #[schemars(with = "String")]
    pub risk: Level,
    /// Name of its entity.
    pub entity: Option<String>,
    /// Label of the service that holds it for a customer; empty where only its size says that it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_at: Option<String>,
    /// What is known, the weightiest first.
    pub statements: Vec<SummaryStatement>,
    /// Entries in quarantine that name the target, and what else a reader should know: in English alone, since summaries are compared and a wording
    /// in one more language is no change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Bounds that were hit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<BoundedView>,
}

/// One statement; fields as in a screening.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SummaryStatement {
    /// How the target relates to the labelled subject.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// Category of the label.
    #[schemars(with = "String")]
    pub category: Category,
    /// The level.
    #[schemars(with = "String")]
    pub level: Level,
    /// What the label stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// Name of the labelled entity.
    pub entity: String,
    /// The label.
    pub label: String,
    /// Which way value moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Satoshi that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_sat: Option<u64>,
    /// What moved on a chain of accounts, asset by asset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<super::AmountView>,
    /// The same in dollars, as far as there are prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<Usd>,
    /// Share of everything received or sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Millionths>,
    /// Fewest hops between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops_min: Option<u32>,
    /// Identities of the labels that say it.
    pub labels: Vec<String>,
    /// Whether one of those is contested.
    pub disputed: bool,
}

impl From<&ScreenView> for ScreenSummary {
    fn from(view: &ScreenView) -> Self {
        let statements = view.statements.iter().map(|s| {
            let said = s.evidence.iter().filter_map(|e| match e {
                Evidence::Label { id, disputed, .. } => Some((id.clone(), disputed.is_some())),
                _ => None,
            });
            let (labels, disputed): (Vec<String>, Vec<bool>) = said.unzip();
            SummaryStatement {
                relation: s.relation,
                category: s.category,
                level: s.level,
                basis: s.basis,
                entity: s.entity.clone(),
                label: s.label.clone(),
                direction: s.direction,
                amount_sat: s.amount_sat,
                amounts: s.amounts.clone(),
                usd: s.usd,
                share: s.share,
                hops_min: s.hops_min,
                labels,
                disputed: disputed.contains(&true),
            }
        });
        Self {
            target: view.input.trim().to_string(),
            status: view.status,
            risk: view.risk,
            entity: view.entity.clone(),
            account_at: view
                .account_at
                .as_ref()
                .map(|a| a.label.clone().unwrap_or_default())
                .or(view.deposit_at.as_ref().map(|at| at.labels.first().cloned().unwrap_or_default())),
            statements: statements.collect(),
            notes: view.notes.iter().map(|note| note.en.clone()).collect(),
            bounds: view.bounds.clone(),
        }
    }
}

/// Where a transfer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferAt {
    /// The chain in the store does not have the transaction (yet, or no more).
    Pending,
    /// It has, and the transaction has no such output.
    NoSuchOutput,
    /// Its outputs, as `txid:vout`, the first sixteen; and whether there are more.
    Outputs(Vec<String>, bool),
}

impl Engine {
    /// Finds a transfer, named `txid:vout` or `txid:address`. Of the second kind every output that pays the address counts.
    pub fn transfer_at(&self, reference: &str) -> Result<TransferAt, EngineError> {
        if let Some(chain) = &self.account_chain {
            return chain.transfer_at(reference);
        }
        let refuse = |what: &str| EngineError::Target { input: crate::shortened(reference), what: what.into() };
        let (txid, place) =
            reference.trim().split_once(':').ok_or_else(|| refuse("no `txid:vout` or `txid:address`"))?;
        let txid: Hash32 = txid.parse().map_err(|_| refuse("does not begin with a transaction id"))?;
        let vout = place.parse::<u32>().ok();
        let key = match vout {
            Some(_) => None,
            None => Some(
                parse_key(self.chain, self.network(), place)
                    .map_err(|e| refuse(&format!("no output number or address after the transaction id: {e}")))?,
            ),
        };
        let Some((ledger, tx)) = self.ledger.as_ref().and_then(|l| Some((l, l.tx_by_id(&txid)?))) else {
            return Ok(TransferAt::Pending);
        };
        let id = key.and_then(|key| ledger.address_id(&key));
        let mut found: Vec<String> = Vec::new();
        let mut more = false;
        for (at, output) in ledger.tx_outputs(tx).enumerate() {
            let meant = match vout {
                Some(vout) => at as u32 == vout,
                None => id.is_some() && ledger.output_address(OutputNum(output)) == id,
            };
            if meant && found.len() < TRANSFER_OUTPUTS_MAX {
                found.push(format!("{txid}:{at}"));
            } else {
                more |= meant;
            }
        }
        Ok(if found.is_empty() { TransferAt::NoSuchOutput } else { TransferAt::Outputs(found, more) })
    }

    /// The address that an output pays, given as `txid:vout`; none where it pays none or is not on the chain.
    pub fn paid_address(&self, output: &str) -> Option<String> {
        let (txid, vout) = output.split_once(':')?;
        let ledger = self.ledger.as_ref()?;
        let tx = ledger.tx_by_id(&txid.parse().ok()?)?;
        let output = ledger.tx_outputs(tx).nth(vout.parse::<usize>().ok()?)?;
        Some(ledger.address_text(ledger.output_address(OutputNum(output))?))
    }
}
