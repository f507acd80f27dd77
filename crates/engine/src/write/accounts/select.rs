//! What of a block is kept where only chosen assets or accounts are.

use athar_ledger::account::Selection;
use athar_node::account::LogSelection;
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, EventKind};
use rustc_hash::FxHashSet;

/// A selection, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    tokens: FxHashSet<AccountBytes>,
    accounts: FxHashSet<AccountBytes>,
    with_coin: bool,
}

impl Selected {
    /// Only transfers of `tokens`, and of the coin where `with_coin`; all assets where both are left out. Of those only what
    /// touches one of `accounts`, where there are any.
    pub fn new(tokens: &[AccountBytes], accounts: &[AccountBytes], with_coin: bool) -> Self {
        Self { tokens: tokens.iter().copied().collect(), accounts: accounts.iter().copied().collect(), with_coin }
    }

    /// The tokens chosen, where they alone are kept and the coin is not: such a choice can be read by logs alone.
    pub(super) fn by_logs(&self) -> Option<LogSelection> {
        if self.tokens.is_empty() || self.with_coin {
            return None;
        }
        let sorted = |set: &FxHashSet<AccountBytes>| {
            let mut all: Vec<AccountBytes> = set.iter().copied().collect();
            all.sort_unstable();
            all
        };
        Some(LogSelection { tokens: sorted(&self.tokens), accounts: sorted(&self.accounts) })
    }

    /// Whether everything is kept.
    pub fn is_everything(&self) -> bool {
        self.tokens.is_empty() && self.accounts.is_empty()
    }

    /// The selection as answers tell it.
    pub fn told(&self) -> Selection {
        let all = |set: &FxHashSet<AccountBytes>| set.iter().copied().collect::<Vec<_>>();
        Selection::of(&all(&self.tokens), &all(&self.accounts), self.with_coin)
    }

    fn keeps_asset(&self, asset: &AssetKey) -> bool {
        self.tokens.is_empty()
            || match asset {
                AssetKey::Native | AssetKey::Trc10(_) => self.with_coin,
                AssetKey::Token(contract) | AssetKey::Item(contract, _) => self.tokens.contains(contract),
            }
    }

    fn keeps_account(&self, account: Option<&AccountBytes>) -> bool {
        account.is_some_and(|account| self.accounts.contains(account))
    }

    /// Takes out of a block what was not chosen: transfers, then transactions in which nothing is left, with their events.
    /// An issuer's freezes of chosen tokens always stay.
    pub fn apply(&self, block: &mut AccountBlock) {
        if self.is_everything() {
            return;
        }
        block.transfers.retain(|t| {
            self.keeps_asset(&t.asset)
                && (self.accounts.is_empty()
                    || self.keeps_account(t.from.as_ref())
                    || self.keeps_account(t.to.as_ref()))
        });
        let is_issuers = |kind: &EventKind| match kind {
            EventKind::Freeze { token, account, .. } | EventKind::Destroyed { token, account, .. } => {
                (self.tokens.is_empty() || self.tokens.contains(token))
                    && (self.accounts.is_empty() || self.keeps_account(Some(account)))
            }
            _ => false,
        };
        let mut kept = vec![false; block.txs.len()];
        let moved = block.transfers.iter().filter_map(|t| t.tx);
        let told = block.events.iter().filter(|e| is_issuers(&e.kind)).map(|e| e.tx);
        for tx in moved.chain(told) {
            if let Some(kept) = kept.get_mut(tx as usize) {
                *kept = true;
            }
        }
        let mut next = 0;
        let ranks: Vec<Option<u32>> = kept
            .iter()
            .map(|kept| {
                let rank = kept.then_some(next);
                next += u32::from(*kept);
                rank
            })
            .collect();
        let rank_of = |tx: u32| ranks.get(tx as usize).copied().flatten();
        let mut keep = kept.iter();
        block.txs.retain(|_| keep.next().copied().unwrap_or(false));
        for transfer in &mut block.transfers {
            transfer.tx = transfer.tx.and_then(rank_of);
        }
        block.events.retain_mut(|event| match rank_of(event.tx) {
            Some(rank) => {
                event.tx = rank;
                true
            }
            None => false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::account::{AccountTxRow, EventRow, TransferKind, TransferRow, TxStatus, U256};

    fn block() -> AccountBlock {
        let tx = |n: u8| AccountTxRow {
            hash: [n; 32],
            from: [n; 20],
            to: None,
            created: None,
            status: TxStatus::Success,
            selector: None,
        };
        let transfer = |tx: u32, from: u8, to: u8, asset| TransferRow {
            tx: Some(tx),
            from: Some([from; 20]),
            to: Some([to; 20]),
            asset,
            amount: U256::from(1),
            kind: TransferKind::Token,
        };
        AccountBlock {
            txs: vec![tx(1), tx(2), tx(3), tx(4)],
            transfers: vec![
                transfer(0, 1, 2, AssetKey::Native),
                transfer(1, 3, 4, AssetKey::Token([9; 20])),
                transfer(2, 5, 6, AssetKey::Token([8; 20])),
            ],
            events: vec![
                EventRow { tx: 1, kind: EventKind::Swap { pool: [7; 20] } },
                EventRow { tx: 2, kind: EventKind::Swap { pool: [7; 20] } },
                EventRow { tx: 3, kind: EventKind::Freeze { token: [9; 20], account: [3; 20], is_frozen: true } },
            ],
            ..AccountBlock::default()
        }
    }

    #[test]
    fn a_token_is_kept_with_its_transactions_and_freezes() {
        let mut kept = block();
        let selected = Selected::new(&[[9; 20]], &[], false);
        selected.apply(&mut kept);
        assert_eq!(kept.txs.iter().map(|t| t.hash[0]).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(kept.transfers.len(), 1);
        assert_eq!(kept.transfers[0].tx, Some(0));
        assert_eq!(kept.events.iter().map(|e| e.tx).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(selected.told().tokens, ["09".repeat(20)]);
    }

    #[test]
    fn accounts_are_kept_on_either_side_and_everything_stays_without_a_choice() {
        let mut kept = block();
        Selected::new(&[], &[[6; 20], [1; 20]], false).apply(&mut kept);
        assert_eq!(kept.txs.iter().map(|t| t.hash[0]).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(kept.transfers.iter().map(|t| t.tx).collect::<Vec<_>>(), [Some(0), Some(1)]);
        let mut all = block();
        Selected::default().apply(&mut all);
        assert_eq!(all, block());
    }
}
