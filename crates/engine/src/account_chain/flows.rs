//! The ledger as traces and entities ask for it.

use super::AccountChain;
use athar_ledger::account::{AccountLedger, NONE};
use athar_trace::account::{AccountLabels, AccountOwners, AccountStop, AccountStops, Flows, Passage, Transfer};
use athar_types::Category;
use athar_types::account::{EventKind, U256};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// The transfers of a ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LedgerFlows<'a>(pub(crate) &'a AccountLedger);

impl Flows for LedgerFlows<'_> {
    #[inline]
    fn transfer(&self, n: u64) -> Transfer {
        let athar_ledger::account::Transfer { tx, from, to, asset, amount, kind } = self.0.transfer(n);
        Transfer { tx, from, to, asset, amount, kind }
    }

    fn transfers(&self) -> u64 {
        self.0.transfer_count()
    }

    #[inline]
    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64> {
        self.0.of_account(account, from)
    }

    fn of_account_back(&self, account: u32, before: u64) -> impl Iterator<Item = u64> {
        self.0.of_account_back(account, before)
    }

    fn of_tx(&self, tx: u32) -> Range<u64> {
        if tx == NONE { 0..0 } else { self.0.tx_transfers(tx) }
    }

    fn swap_pools(&self, tx: u32) -> impl Iterator<Item = u32> {
        (tx != NONE).then(|| self.0.swap_pools(tx)).into_iter().flatten()
    }

    fn is_contract(&self, account: u32) -> bool {
        self.0.is_contract(account)
    }

    /// A bridge's log speaks of the transfer of its transaction that has the amount it says, and that its contract, or the
    /// account it names, takes part in.
    fn bridge(&self, n: u64) -> Option<Passage> {
        let transfer = self.0.transfer(n);
        if transfer.tx == NONE {
            return None;
        }
        self.0.notices_of(transfer.tx).find_map(|notice| {
            let EventKind::Bridge(event) = notice.event else { return None };
            let id = |bytes: [u8; 20]| self.0.account_id(&bytes);
            let sides = [transfer.from, transfer.to];
            let contract = id(event.contract).is_some_and(|contract| sides.contains(&contract));
            let account = event.account.and_then(id).is_some_and(|account| sides.contains(&account));
            // a log that does not say the amount exactly has zero
            let amount = event.amount == transfer.amount || event.amount == U256::ZERO;
            (amount && (contract || account)).then(|| Passage {
                protocol: event.protocol,
                is_out: event.is_out,
                far_chain: event.far_chain,
                far_account: event.far_account,
                message: event.message,
                amount: transfer.amount,
                time: i64::from(self.0.tx_time(transfer.tx).0),
            })
        })
    }
}

impl AccountStops for AccountChain {
    #[inline]
    fn stop(&self, account: u32) -> Option<AccountStop> {
        if !self.labelled.is_service(account) {
            return None;
        }
        let stop = if self.labelled.is(account, Category::Mixer) {
            AccountStop::Mixer { label: account }
        } else {
            AccountStop::Service { label: account }
        };
        Some(stop)
    }
}

/// An account that labels or issuers speak of is its own label; its categories are the groups.
impl AccountLabels for AccountChain {
    #[inline]
    fn label_of(&self, account: u32) -> Option<u32> {
        // keys are below 2^31; a chain with more accounts than that is met by its first ones alone
        (account < 1 << 31 && !self.categories_of(account).is_empty()).then_some(account)
    }

    fn groups_of(&self, label: u32) -> &[u32] {
        self.categories_of(label)
    }
}

/// The accounts of the subject of a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnAccounts(pub(crate) FxHashSet<u32>);

impl AccountOwners for OwnAccounts {
    #[inline]
    fn is_own(&self, account: u32) -> bool {
        self.0.contains(&account)
    }
}
