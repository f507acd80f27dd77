//! Which accounts act as one, and why.

use super::CoveredView;
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget};
use crate::error::EngineError;
use athar_entities::account::{AccountBounds, AccountExplanation, AccountStep, Deposit, Sent};
use schemars::JsonSchema;
use serde::Serialize;

/// A customer's account at a service: paid to by the customer, emptied by the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DepositView {
    /// The service's account that takes what is paid there.
    pub collector: String,
    /// Names of the collector's labels.
    pub labels: Vec<String>,
    /// Times it forwarded.
    pub forwards: u32,
    /// Thousandths of what it received that it forwarded, of the asset of which that is least.
    pub forwarded_permille: u32,
    /// Whether it is a contract that the service deployed.
    pub is_contract: bool,
    /// The transaction by which it was known.
    pub since: String,
}

/// The entity of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountEntityView {
    /// Its name: its account that was seen first.
    pub entity: String,
    /// Chain.
    pub chain: String,
    /// The account asked.
    pub address: String,
    /// Accounts in it.
    pub size: u32,
    /// A page of them.
    pub members: Vec<String>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more.
    pub members_truncated: bool,
    /// Names of labels on its accounts.
    pub labels: Vec<String>,
    /// The service that holds the account for a customer; then it is no member of anything.
    pub deposit_at: Option<DepositView>,
    /// The block that entities are as of, where they are older than the store's last one.
    pub as_of_block: Option<u32>,
    /// What was built: heuristics and bounds, as a version.
    pub heuristics: String,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// What shows that an account belongs to a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SentView {
    /// The transaction in which it paid the deposit address (of a funder: was sent its first coins).
    pub sent: String,
    /// The transaction in which that was passed on.
    pub passed_on: String,
}

/// One step between two accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountStepView {
    /// Why.
    pub heuristic: String,
    /// One account.
    pub a: String,
    /// The other.
    pub b: String,
    /// The deposit address that both pay.
    pub deposit: Option<String>,
    /// The transaction by which all of it was there.
    pub since: String,
    /// What shows it of the one.
    pub of_a: Option<SentView>,
    /// What shows it of the other.
    pub of_b: Option<SentView>,
}

/// Why two accounts are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountExplainView {
    /// One account.
    pub a: String,
    /// The other.
    pub b: String,
    /// Whether they are one.
    pub linked: bool,
    /// The steps between them.
    pub steps: Vec<AccountStepView>,
    /// Whether a bound was hit before a path was found.
    pub bound_hit: bool,
    /// What was built.
    pub heuristics: String,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    pub(in crate::read) fn no_account_entities(&self, chain: &AccountChain) -> EngineError {
        EngineError::NoEntities {
            chain: chain.ledger.chain(),
            heuristics: "deposit-reuse".into(),
            folder: self.folder.clone(),
        }
    }

    /// The entity of an account with a page of its members; `None` where nothing in the store names the account.
    pub fn account_entity(
        &self,
        text: &str,
        offset: u64,
        limit: u32,
    ) -> Result<Option<AccountEntityView>, EngineError> {
        let chain = self.account_chain()?;
        let Some(account) = account_id(chain, text)? else { return Ok(None) };
        let forest = chain.forest.as_ref().ok_or_else(|| self.no_account_entities(chain))?;
        let from = u32::try_from(offset).unwrap_or(u32::MAX);
        let members = match chain.forest_of(account) {
            Some(forest) => forest.members(account, from, limit),
            None => vec![account],
        };
        let size = chain.entity_size(account);
        let mut labels: Vec<String> = chain
            .labels_of(account)
            .into_iter()
            .map(|(_, at)| self.labels.labels()[at as usize].name.clone())
            .collect();
        labels.dedup();
        Ok(Some(AccountEntityView {
            entity: chain.ledger.account_text(chain.entity_name(account)),
            chain: chain.ledger.chain().to_string(),
            address: chain.ledger.account_text(account),
            size,
            as_of_block: chain.entities_at,
            members_truncated: offset.saturating_add(members.len() as u64) < u64::from(size),
            members: members.into_iter().map(|member| chain.ledger.account_text(member)).collect(),
            offset,
            labels,
            deposit_at: chain.custody(account).map(|deposit| self.deposit_view(chain, &deposit)),
            heuristics: forest.settings().version(),
            covered: chain.covered(),
            snapshot: self.snapshot("entity", &(text.trim(), offset, limit)),
        }))
    }

    /// Why two accounts are one entity; `None` where one of them is not in the store.
    pub fn account_explain(&self, a: &str, b: &str) -> Result<Option<AccountExplainView>, EngineError> {
        let chain = self.account_chain()?;
        let (Some(first), Some(second)) = (account_id(chain, a)?, account_id(chain, b)?) else {
            return Ok(None);
        };
        let forest = chain.forest.as_ref().ok_or_else(|| self.no_account_entities(chain))?;
        let explained = match chain.forest_of(first.max(second)) {
            Some(forest) => forest.explain(first, second, &AccountBounds::default()),
            // one of them came after the entities were built
            None => AccountExplanation { linked: first == second, since: None, steps: Vec::new(), bound_hit: false },
        };
        Ok(Some(AccountExplainView {
            a: chain.ledger.account_text(first),
            b: chain.ledger.account_text(second),
            linked: explained.linked,
            steps: explained.steps.iter().map(|step| chain.step_view(step)).collect(),
            bound_hit: explained.bound_hit,
            heuristics: forest.settings().version(),
            covered: chain.covered(),
            snapshot: self.snapshot("explain", &(a.trim(), b.trim())),
        }))
    }

    pub(crate) fn deposit_view(&self, chain: &AccountChain, deposit: &Deposit) -> DepositView {
        DepositView {
            collector: chain.ledger.account_text(deposit.collector),
            labels: self.labels_on(chain, deposit.collector).map(|label| label.name.clone()).collect(),
            forwards: deposit.forwards,
            forwarded_permille: deposit.forwarded_permille,
            is_contract: deposit.is_contract,
            since: chain.tx_text(deposit.since),
        }
    }
}

impl AccountChain {
    fn step_view(&self, step: &AccountStep) -> AccountStepView {
        let tx_of = |n: u64| match self.ledger.transfer(n).tx {
            athar_ledger::account::NONE => String::new(),
            tx => self.tx_text(tx),
        };
        let sent =
            |sent: Option<Sent>| sent.map(|sent| SentView { sent: tx_of(sent.sent), passed_on: tx_of(sent.passed_on) });
        AccountStepView {
            heuristic: step.heuristic.name().into(),
            a: self.ledger.account_text(step.a),
            b: self.ledger.account_text(step.b),
            deposit: step.deposit.map(|account| self.ledger.account_text(account)),
            since: self.tx_text(step.since),
            of_a: sent(step.of_a),
            of_b: sent(step.of_b),
        }
    }
}

fn account_id(chain: &AccountChain, text: &str) -> Result<Option<u32>, EngineError> {
    match AccountTarget::parse(text, chain.ledger.form()) {
        AccountTarget::Account(bytes) => Ok(chain.ledger.account_id(&bytes)),
        _ => Err(super::not_a("address", text)),
    }
}
