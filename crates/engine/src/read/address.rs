//! One address: what was paid to it and what became of it.

use crate::error::EngineError;
use crate::{Engine, json::Usd};
use athar_types::{AddressId, Hash32, UnixTime};
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
    /// Sum of every output that pays it, in satoshi.
    pub received_sat: u64,
    /// The same, each output at the price of its day; none where any of those days has no price.
    pub received_usd: Option<Usd>,
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
    /// Value at that day's price.
    pub usd: Option<Usd>,
    /// The transaction that spends it.
    #[schemars(with = "Option<String>")]
    pub spent_by: Option<Hash32>,
}

/// A sum in 64 bits; one that does not fit is the largest number, which no real sum of coins is.
fn saturated(sat: u128) -> u64 {
    u64::try_from(sat).unwrap_or(u64::MAX)
}

impl Engine {
    /// An address with a page of its outputs; `None` where no output ever paid it.
    pub fn address(&self, text: &str, offset: u64, limit: Option<usize>) -> Result<Option<AddressView>, EngineError> {
        let Some(id) = self.address_id(text)? else { return Ok(None) };
        let ledger = self.ledger()?;
        let limit = limit.unwrap_or(PAGE);
        // sums of a coin without end (Dogecoin) may pass 64 bits after years of an exchange's turnover
        let (mut received, mut sent, mut last) = (0_u128, 0_u128, None);
        let mut received_usd = Some(0u64);
        let (mut count, mut first) = (0u64, None);
        let mut outputs = Vec::new();
        for num in ledger.address_outputs(id) {
            let output = ledger.output(num);
            let (tx, vout) = ledger.output_tx(num);
            let time = self.tx_time(tx);
            let usd = self.prices.value(output.value, time);
            received += u128::from(output.value.0);
            received_usd = received_usd.zip(usd).and_then(|(sum, usd)| sum.checked_add(usd.0));
            first = first.or(Some(tx));
            last = last.max(Some(tx));
            if let Some(spender) = output.spent_by {
                sent += u128::from(output.value.0);
                last = last.max(Some(spender));
            }
            if count >= offset && outputs.len() < limit {
                outputs.push(PaidView {
                    txid: ledger.txid(tx),
                    vout,
                    height: ledger.tx_height(tx).0,
                    time: time.to_string(),
                    value_sat: output.value.0,
                    usd,
                    spent_by: output.spent_by.map(|tx| ledger.txid(tx)),
                });
            }
            count += 1;
        }
        let at = |tx: Option<_>| tx.map_or((0, UnixTime(0)), |tx| (ledger.tx_height(tx).0, self.tx_time(tx)));
        let ((first_height, first_time), (last_height, last_time)) = (at(first), at(last));
        let address = ledger.address_text(id);
        Ok(Some(AddressView {
            chain: ledger.chain().to_string(),
            network: ledger.network().to_string(),
            entity: self.entity_name(id)?,
            received_sat: saturated(received),
            received_usd: received_usd.map(Usd),
            sent_sat: saturated(sent),
            balance_sat: saturated(received - sent),
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
