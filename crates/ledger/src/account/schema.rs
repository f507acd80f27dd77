//! The columns of a segment of a chain of accounts, by file name.
//!
//! "Relative" counts from the segment's own first row; other numbers are chain-wide. 2^32-1 stands for none.

use crate::schema::columns;

columns! {
    AccountColumns, AccountData,

    /// Number of each block.
    block_number: u32 = "block.number",
    /// Its hash, as shown.
    block_hash: [u8; 32] = "block.hash",
    /// The hash of the block before it, as shown.
    block_parent: [u8; 32] = "block.parent",
    /// Seconds since 1970.
    block_time: u32 = "block.time",
    /// End (exclusive) of its transactions, relative.
    block_tx_end: u32 = "block.tx_end",
    /// End (exclusive) of its transfers, relative.
    block_transfer_end: u32 = "block.transfer_end",
    /// Logs that look like transfers and are none.
    block_odd_logs: u32 = "block.odd_logs",

    /// Hash of each transaction, as shown.
    tx_hash: [u8; 32] = "tx.hash",
    /// Who signed it.
    tx_from: u32 = "tx.from",
    /// Who was called.
    tx_to: u32 = "tx.to",
    /// How it ended (number of [`athar_types::account::TxStatus`]); 8 is added where it has a selector.
    tx_status: u8 = "tx.status",
    /// First four bytes of its input, big-endian.
    tx_selector: u32 = "tx.selector",
    /// Its first transfer, relative.
    tx_transfer: u32 = "tx.transfer",
    /// End (exclusive) of its transfers, relative.
    tx_transfer_end: u32 = "tx.transfer_end",
    /// Transactions (relative, ascending) that created a contract.
    created_tx: u32 = "created.tx",
    /// Which.
    created_account: u32 = "created.account",

    /// Who gives.
    transfer_from: u32 = "transfer.from",
    /// Who receives.
    transfer_to: u32 = "transfer.to",
    /// Which asset.
    transfer_asset: u32 = "transfer.asset",
    /// How much, little-endian in the asset's smallest unit; all ones where it stands in `wide.amount`.
    transfer_amount: [u8; 16] = "transfer.amount",
    /// Why (number of [`athar_types::account::TransferKind`]).
    transfer_kind: u8 = "transfer.kind",
    /// In which transaction.
    transfer_tx: u32 = "transfer.tx",
    /// Transfers (relative, ascending) of 2^128 - 1 or more.
    wide_transfer: u32 = "wide.transfer",
    /// How much, little-endian.
    wide_amount: [u8; 32] = "wide.amount",

    /// Transactions (chain-wide, ascending) in which a pool exchanged assets.
    swap_tx: u32 = "swap.tx",
    /// Which pool.
    swap_pool: u32 = "swap.pool",
    /// Transactions (chain-wide, ascending) with another event.
    notice_tx: u32 = "notice.tx",
    /// What (see `payload`).
    notice_kind: u8 = "notice.kind",
    /// The contract that told it, or who gives.
    notice_contract: u32 = "notice.contract",
    /// Whom it is about.
    notice_account: u32 = "notice.account",
    /// Where what else it says begins in `notice.bytes`; one more entry at the end.
    notice_start: u32 = "notice.start",
    /// What else it says.
    notice_bytes: u8 = "notice.bytes",
    /// Accounts (chain-wide) that are first seen to be contracts here, in chain order.
    contract_account: u32 = "contract.account",
    /// The transaction (chain-wide) that shows it.
    contract_tx: u32 = "contract.tx",

    /// Address of each account first named here, in id order.
    account_bytes: [u8; 20] = "account.bytes",
    /// Kind of each asset first named here: 0 coin, 1 token, 2 item, 3 TRC-10.
    asset_kind: u8 = "asset.kind",
    /// Its contract.
    asset_contract: u32 = "asset.contract",
    /// Item id or TRC-10 number, little-endian.
    asset_item: [u8; 32] = "asset.item",

    /// Look-up of transactions by the first eight bytes of their hash (see `run::index`).
    txid_head: u32 = "txid.head",
    /// Relative.
    txid_tx: u32 = "txid.tx",
    /// Buckets.
    txid_bucket: u32 = "txid.bucket",
    /// Look-up of accounts by the hash of their address.
    key_head: u32 = "key.head",
    /// Relative.
    key_account: u32 = "key.account",
    /// Buckets.
    key_bucket: u32 = "key.bucket",
    /// Look-up of assets by the hash of what names them.
    name_head: u32 = "name.head",
    /// Relative.
    name_asset: u32 = "name.asset",
    /// Buckets.
    name_bucket: u32 = "name.bucket",

    /// Accounts of earlier segments that have transfers here, ascending.
    moved_again: u32 = "moved.again",
    /// Where the transfers of each account begin in `moved.transfer`: first those of `moved.again`, then those first named
    /// here in id order; one more entry at the end.
    moved_start: u32 = "moved.start",
    /// Transfers by account, relative, ascending within an account; one to oneself stands once.
    moved_transfer: u32 = "moved.transfer",
}
