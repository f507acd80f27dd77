//! One entity: the addresses that act as one.

use crate::Engine;
use crate::error::EngineError;
use crate::json::Usd;
use crate::worth::PriceView;
use schemars::JsonSchema;
use serde::Serialize;

/// An entity, with a page of its addresses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntityAnswer {
    /// Its name: the first-seen address in it.
    pub entity: String,
    /// Number of addresses.
    pub size: u32,
    /// A page of its addresses, in the order in which they joined.
    pub addresses: Vec<String>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more addresses after the page.
    pub addresses_truncated: bool,
    /// What left the figures that follow, up to the balance, out: `reorganisation`, where blocks that have left the chain
    /// count in the stored ones and there are too many outputs to sum them up anew. The next build of the entities has them. `members`, where very many
    /// of them joined an entity after the cut list that cuts it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures_bound: Option<String>,
    /// Height of the first transaction that pays it.
    pub first_height: Option<u32>,
    /// Height of the last transaction that pays it or spends from it.
    pub last_height: Option<u32>,
    /// Time of the first.
    pub first_time: Option<String>,
    /// Time of the last.
    pub last_time: Option<String>,
    /// Sum of every output ever paid to its addresses, change included, in satoshi.
    pub received_sat: Option<u64>,
    /// Sum of every such output that was spent.
    pub sent_sat: Option<u64>,
    /// The difference.
    pub balance_sat: Option<u64>,
    /// The balance at the price of the chain's last day; none: no price.
    pub balance_usd: Option<Usd>,
    /// That price.
    pub price: Option<PriceView>,
    /// Labels on its addresses.
    pub labels: Vec<super::LabelView>,
    /// Whether it acts as a service that no label names: inferred, by a named rule with a measured error rate.
    pub inferred_service: super::InferredServiceView,
    /// Height of the last block that the entities know: what the entity did later is not in here.
    pub as_of_height: Option<u32>,
    /// The cut list, where it cuts this entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuts: Option<super::CutsView>,
    /// Heuristics that tie its addresses.
    pub heuristics: String,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// The entity of an address, with a page of its addresses; `None` where no output ever paid the address.
    pub fn entity(
        &self,
        address: &str,
        offset: u64,
        limit: Option<usize>,
    ) -> Result<Option<EntityAnswer>, EngineError> {
        let forest = self.forest()?;
        let Some(id) = self.address_id(address)? else { return Ok(None) };
        let ledger = self.ledger()?;
        let limit = limit.unwrap_or(super::address::PAGE);
        let entity = self.guard.entity(ledger, forest, id);
        let page = self.guard.members(forest, id, u32::try_from(offset).unwrap_or(u32::MAX), limit as u32);
        let labels = self.subject_of(id).map(|s| self.known.labels(s, &self.labels).map(|(_, l)| l.into()).collect());
        let balance = entity.map(|e| e.received.0.saturating_sub(e.sent.0));
        let (name, size) = (self.guard.name(forest, id), self.guard.size(forest, id));
        let last_day = ledger.tip().map(|t| self.block_time(t.height)).unwrap_or_default();
        Ok(Some(EntityAnswer {
            entity: ledger.address_text(name),
            size,
            addresses_truncated: offset + (page.len() as u64) < u64::from(size),
            addresses: page.into_iter().map(|a| ledger.address_text(a)).collect(),
            offset,
            figures_bound: entity.is_none().then(|| {
                let why = if forest.rewound_from().is_some() { "reorganisation" } else { "members" };
                why.into()
            }),
            first_height: entity.map(|e| ledger.tx_height(e.first_tx).0),
            last_height: entity.map(|e| ledger.tx_height(e.last_tx).0),
            first_time: entity.map(|e| self.tx_time(e.first_tx).to_string()),
            last_time: entity.map(|e| self.tx_time(e.last_tx).to_string()),
            received_sat: entity.map(|e| e.received.0),
            sent_sat: entity.map(|e| e.sent.0),
            balance_sat: balance,
            balance_usd: balance.and_then(|balance| self.usd(balance, last_day)),
            price: self.price_of(last_day),
            labels: labels.unwrap_or_default(),
            inferred_service: self.inferred_service(id),
            as_of_height: forest.manifest().tip.map(|t| t.height.0),
            cuts: self.cuts_view(id),
            heuristics: self.settings.heuristics.to_string(),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("entity", &(ledger.address_text(name), offset, limit)),
        }))
    }
}
