//! Blocks as Tron's HTTP API gives them: `wallet/getblockbynum` and, for what came of the transactions,
//! `wallet/gettransactioninfobyblocknum`.
//!
//! Sources: the API's reference (`developers.tron.network`), `Tron.proto` and the contracts' messages of `java-tron`, and its
//! virtual machine for the notes of internal transactions. Addresses are 21 bytes in hexadecimal or, with
//! `"visible": true`, Base58Check; logs name contracts by 20 bytes. Amounts are in sun. A block of which the answers do not
//! agree (another number, a transaction without its information) is refused: it was recorded wrongly.
//!
//! # What becomes of what
//!
//! - `TransferContract`, `TriggerSmartContract`, `CreateSmartContract`: value of the transaction; TRC-10 beside it.
//! - Staking: [`RawCallKind::Stake`](super::raw::RawCallKind::Stake), out of the balance when frozen, back when withdrawn.
//!   Unfreezing under Stake 2.0 moves nothing yet: the coins come back with `withdraw_expire_amount`.
//! - Lending of energy or bandwidth: [`RawDelegation`](super::raw::RawDelegation); under Stake 1.0 a freeze for a receiver is one.
//! - Rewards: a transfer from outside when they are withdrawn, which is when the balance changes.
//! - Fees: the whole fee, as the information says it.
//! - What moves coins or tokens in a way that these answers do not tell in full (the chain's own exchange, sales of tokens,
//!   tokens named before they had numbers) is kept as far as told, and counted in [`TronTold::not_told`].

mod block;
mod contract;
mod fields;
mod info;

pub use block::{TronTold, block};
