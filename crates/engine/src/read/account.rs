//! Deposit addresses: whose account, as far as that can be said.

use super::explain::RateView;
use crate::Engine;
use crate::accounts::OUTPUTS_MIN;
use crate::error::EngineError;
use athar_entities::Deposits;
use athar_types::AddressId;
use schemars::JsonSchema;
use serde::Serialize;

/// An account at a service: the address is the service's, what is paid there is a customer's.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccountView {
    /// Name of the service's entity: the first-seen address in it.
    pub entity: String,
    /// Number of addresses in it.
    pub size: u32,
    /// The label that says it is a service; none where only its size does.
    pub label: Option<String>,
    /// Outputs that pay the address, all of them from outside.
    pub receipts: u64,
    /// Transactions in which the service took them, the first ten.
    pub sweeps: Vec<String>,
    /// How often an address was wrongly held for a deposit address where the truth is known.
    pub rate: Option<RateView>,
}

impl Engine {
    /// How an address is used as a deposit address at a service, if it is.
    pub(crate) fn account(&self, id: AddressId) -> Option<Deposits> {
        let ledger = self.ledger.as_ref()?;
        let find = || self.known.account(ledger, self.forest.as_ref(), &self.guard, id);
        if ledger.address_output_count(id) < OUTPUTS_MIN { find() } else { self.accounts.get(id, find) }
    }

    /// The same, for people.
    pub(crate) fn account_view(&self, id: AddressId) -> Result<Option<AccountView>, EngineError> {
        self.account(id).map(|found| self.account_view_of(id, &found)).transpose()
    }

    /// The use of an address as a deposit address, for people.
    pub(crate) fn account_view_of(&self, id: AddressId, found: &Deposits) -> Result<AccountView, EngineError> {
        let (ledger, forest) = (self.ledger()?, self.forest()?);
        let root = self.root_of(id);
        let service = self.known.of_entity(root).filter(|s| self.known.is_service(*s));
        let label = service
            .and_then(|s| self.known.labels(s, &self.labels).map(|(_, label)| label).find(|label| label.is_service()));
        Ok(AccountView {
            entity: ledger.address_text(self.guard.name(forest, id)),
            size: self.guard.size(forest, id),
            label: label.map(|l| l.name.clone()),
            receipts: found.receipts,
            sweeps: found.sweeps.iter().map(|tx| ledger.txid(*tx).to_string()).collect(),
            rate: RateView::of_deposits(),
        })
    }
}
