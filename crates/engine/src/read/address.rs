//! One address: what was paid to it and what became of it.

use crate::error::EngineError;
use crate::{Engine, json::Usd, worth::Worth};
use athar_entities::Busy;
use athar_ledger::Ledger;
use athar_types::{AddressId, Hash32, OutputNum, UnixTime};
use schemars::JsonSchema;
use serde::Serialize;

/// Outputs listed on a page unless asked otherwise.
pub(crate) const PAGE: usize = 100;

/// An address of the store's chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AddressView {
    /// Canonical text.
    pub address: String,
    /// Chain.
    pub chain: String,
    /// Network.
    pub network: String,
    /// Name of its entity: the first-seen address in it.
    pub entity: String,
    /// The service that holds it for a customer, where it is used as a deposit address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_at: Option<super::AccountView>,
    /// Whether its entity acts as a service that no label names: inferred, by a named rule with a measured error rate.
    pub inferred_service: super::InferredServiceView,
    /// Sum of every output that pays it, in satoshi.
    pub received_sat: u64,
    /// The same in dollars, the sum of each day at its price; none where none of those days has a price.
    pub received_usd: Option<Usd>,
    /// The part of `received_sat` that `received_usd` leaves out, since its days have no price.
    pub received_unpriced_sat: u64,
    /// Sum of those that were spent.
    pub sent_sat: u64,
    /// Sum of those that were not.
    pub balance_sat: u64,
    /// Number of outputs that pay it.
    pub output_count: u64,
    /// Height of the first transaction that pays it.
    pub first_height: u32,
    /// Height of the last transaction that pays or spends it.
    pub last_height: u32,
    /// Time of the first.
    pub first_time: String,
    /// Time of the last.
    pub last_time: String,
    /// Names of its own labels.
    pub labels: Vec<String>,
    /// A page of the outputs that pay it, in chain order.
    pub outputs: Vec<PaidView>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more outputs after the page.
    pub outputs_truncated: bool,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// An output that pays an address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PaidView {
    /// The paying transaction.
    #[schemars(with = "String")]
    pub txid: Hash32,
    /// Which of its outputs.
    pub vout: u32,
    /// Height of its block.
    pub height: u32,
    /// Time of its block.
    pub time: String,
    /// Value in satoshi.
    pub value_sat: u64,
    /// Value at that day's price; none: no price.
    pub usd: Option<Usd>,
    /// The transaction that spends it.
    #[schemars(with = "Option<String>")]
    pub spent_by: Option<Hash32>,
    /// The kind of CoinJoin that it comes out of, where the paying transaction is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_mix: Option<String>,
    /// The kind of CoinJoin that it goes into, where the spending transaction is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into_mix: Option<String>,
}

impl Engine {
    /// An address with a page of its outputs; `None` where no output ever paid it.
    pub fn address(&self, text: &str, offset: u64, limit: Option<usize>) -> Result<Option<AddressView>, EngineError> {
        let Some(id) = self.address_id(text)? else { return Ok(None) };
        let ledger = self.ledger()?;
        let limit = limit.unwrap_or(PAGE);
        let count = ledger.address_output_count(id);
        let totals = self.totals(ledger, id);
        let (mut received, mut worth) = (0_u64, Worth::default());
        for (day, sum) in &totals.received {
            received = received.saturating_add(sum.0);
            worth.add(sum.0, self.usd_on(sum.0, *day));
        }
        let page = ledger.address_outputs(id).skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit);
        let outputs: Vec<PaidView> = page.map(|num| self.paid(ledger, num)).collect();
        let first = ledger.address_outputs(id).next().map(|num| ledger.output_tx(num).0);
        let last = Some(totals.last_tx);
        let at = |tx: Option<_>| tx.map_or((0, UnixTime(0)), |tx| (ledger.tx_height(tx).0, self.tx_time(tx)));
        let ((first_height, first_time), (last_height, last_time)) = (at(first), at(last));
        let address = ledger.address_text(id);
        Ok(Some(AddressView {
            chain: ledger.chain().to_string(),
            network: ledger.network().to_string(),
            entity: self.entity_name(id)?,
            account_at: self.account_view(id)?,
            inferred_service: self.inferred_service(id),
            clustering: self.clustering_view(),
            received_sat: received,
            received_usd: worth.usd(),
            received_unpriced_sat: worth.unpriced_sat(),
            sent_sat: totals.sent.0,
            balance_sat: received.saturating_sub(totals.sent.0),
            output_count: count,
            first_height,
            last_height,
            first_time: first_time.to_string(),
            last_time: last_time.to_string(),
            labels: self.labels.lookup(ledger.chain(), &address).map(|l| l.name.clone()).collect(),
            outputs_truncated: offset + (outputs.len() as u64) < count,
            outputs,
            offset,
            snapshot: self.snapshot("address", &(&address, offset, limit)),
            address,
        }))
    }

    fn paid(&self, ledger: &Ledger, num: OutputNum) -> PaidView {
        let output = ledger.output(num);
        let (tx, vout) = ledger.output_tx(num);
        let height = ledger.tx_height(tx);
        let time = self.block_time(height);
        PaidView {
            txid: ledger.txid(tx),
            vout,
            height: height.0,
            time: time.to_string(),
            value_sat: output.value.0,
            usd: self.usd(output.value.0, time),
            spent_by: output.spent_by.map(|tx| ledger.txid(tx)),
            from_mix: self.coinjoin(tx),
            into_mix: output.spent_by.and_then(|tx| self.coinjoin(tx)),
        }
    }

    /// What an address was paid and spent: from the sums of busy addresses, or from the few outputs of another one.
    pub(crate) fn totals(&self, ledger: &Ledger, address: AddressId) -> Busy {
        let current = self.forest.as_ref().filter(|forest| forest.manifest().tip == ledger.tip());
        current.and_then(|forest| forest.busy(address)).unwrap_or_else(|| Busy::sum_up(ledger, address))
    }

    /// The id of an address given as text; `None` where no output ever paid it, an error where it is no address of the
    /// store's chain.
    pub(crate) fn address_id(&self, text: &str) -> Result<Option<AddressId>, EngineError> {
        let ledger = self.ledger()?;
        match athar_types::address::parse_key(ledger.chain(), ledger.network(), text.trim()) {
            Ok(key) => Ok(ledger.address_id(&key)),
            Err(error) => Err(EngineError::Target {
                input: crate::shortened(text),
                what: format!("not an address of {} {}: {error}", ledger.chain(), ledger.network()),
            }),
        }
    }
}
