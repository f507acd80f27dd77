//! What the heuristics ask of a ledger of transfers.

use athar_types::UnixTime;
use athar_types::account::{TransferKind, U256};

/// Stands for what is outside of the chain: who mints, who gets what is burned.
pub const NOBODY: u32 = u32::MAX;

/// One change of balances, by dense numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// The transaction, by its rank in chain order. What a block does by itself has the rank of the last transaction
    /// before it.
    pub tx: u32,
    /// Who gives, or [`NOBODY`].
    pub from: u32,
    /// Who receives, or [`NOBODY`].
    pub to: u32,
    /// What; 0 is the chain's own coin.
    pub asset: u32,
    /// How much, in the asset's smallest unit.
    pub amount: U256,
    /// Why.
    pub kind: TransferKind,
}

/// Energy or bandwidth, lent so that another's transactions cost nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lent {
    /// The transaction.
    pub tx: u32,
    /// Who lent it.
    pub from: u32,
}

/// Transfers of one chain, numbered in chain order: transactions ascend with them.
pub trait Flows: Sync {
    /// Number of accounts; their numbers lie below it.
    fn accounts(&self) -> u32;

    /// Number of transfers.
    fn transfers(&self) -> u64;

    /// The transfer `n`.
    fn transfer(&self, n: u64) -> Transfer;

    /// The numbers from `from` on of the transfers that `account` gives or receives, ascending, each once.
    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64>;

    /// Whether anything on the chain says that the account is a contract.
    fn is_contract(&self, account: u32) -> bool;

    /// When the transaction's block was made.
    fn tx_time(&self, tx: u32) -> UnixTime;

    /// Who signed the transaction, or [`NOBODY`].
    fn tx_sender(&self, tx: u32) -> u32;

    /// Energy or bandwidth that was lent to `account` (Tron), in chain order: who lent it, and in which transaction. Taking it
    /// back is none.
    fn lent_to(&self, account: u32) -> impl Iterator<Item = Lent> {
        let _ = account;
        std::iter::empty()
    }
}
