//! What happens on account chains (Ethereum, its relatives, Tron), as rows: the words that decoders, the ledger and
//! traces share.
//!
//! A *transfer* moves an amount of one asset from one account to another; everything that changes a balance is one: the
//! value of a call, fees, token logs, rewards, withdrawals. An account that is `None` stands for what is outside of the
//! chain: a mint, a reward, a fee that is burned.

mod params;
mod units;

pub use params::{AccountParams, AddressForm};
pub use units::{UnitsError, parse_units, show_units};

use crate::UnixTime;
pub use ruint::aliases::U256;
use serde::{Deserialize, Serialize};

/// The 20 bytes of an account's address.
pub type AccountBytes = [u8; 20];

/// An asset of an account chain by what names it there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AssetKey {
    /// The coin that fees are paid in.
    Native,
    /// A fungible token (ERC-20, TRC-20) by its contract.
    Token(AccountBytes),
    /// One item, or one kind of items, of a collection (ERC-721, ERC-1155): contract and id.
    Item(AccountBytes, U256),
    /// A token that Tron itself keeps, by its number.
    Trc10(u64),
}

/// Why a balance changed. The number is the one stored in the ledger's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum TransferKind {
    /// The value that a transaction itself carries.
    Value = 0,
    /// Value that a contract sent on inside a transaction.
    Internal = 1,
    /// Value given to a contract as it was created.
    Create = 2,
    /// What a contract held when it destroyed itself.
    SelfDestruct = 3,
    /// A token's `Transfer` log, or its like for items.
    Token = 4,
    /// Tokens that came into being.
    Mint = 5,
    /// Tokens that ceased to be.
    Burn = 6,
    /// The part of a fee that a block producer gets.
    Fee = 7,
    /// The part of a fee that nobody gets.
    FeeBurned = 8,
    /// What a block gives to its producer.
    Reward = 9,
    /// What a validator withdrew (EIP-4895).
    Withdrawal = 10,
    /// What an account held before the first block.
    Genesis = 11,
    /// Coins put aside for energy, bandwidth or votes (Tron): out of the balance, and back.
    Stake = 12,
}

impl TransferKind {
    /// Every kind, by number.
    pub const ALL: [Self; 13] = [
        Self::Value,
        Self::Internal,
        Self::Create,
        Self::SelfDestruct,
        Self::Token,
        Self::Mint,
        Self::Burn,
        Self::Fee,
        Self::FeeBurned,
        Self::Reward,
        Self::Withdrawal,
        Self::Genesis,
        Self::Stake,
    ];

    /// The kind with that number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Internal => "internal",
            Self::Create => "create",
            Self::SelfDestruct => "self_destruct",
            Self::Token => "token",
            Self::Mint => "mint",
            Self::Burn => "burn",
            Self::Fee => "fee",
            Self::FeeBurned => "fee_burned",
            Self::Reward => "reward",
            Self::Withdrawal => "withdrawal",
            Self::Genesis => "genesis",
            Self::Stake => "stake",
        }
    }

    /// Whether it pays for a transaction.
    pub const fn is_fee(self) -> bool {
        matches!(self, Self::Fee | Self::FeeBurned)
    }
}

/// One change of balances.
///
/// Inside a transaction they stand in this order: its fee, its value, what contracts sent on in the order of calls, then
/// tokens in the order of logs. Balances of different assets do not touch one another, so every balance is right after
/// each of them; that a fee comes first is how the chains charge it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferRow {
    /// Rank of the transaction in its block; `None` for what a block does by itself (rewards, withdrawals, genesis).
    pub tx: Option<u32>,
    /// Who gives; `None` is outside of the chain.
    pub from: Option<AccountBytes>,
    /// Who receives.
    pub to: Option<AccountBytes>,
    /// What.
    pub asset: AssetKey,
    /// How much, in the asset's smallest unit.
    pub amount: U256,
    /// Why.
    pub kind: TransferKind,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum TxStatus {
    /// It did what it says.
    Success = 0,
    /// It was reverted: only its fee moved.
    Failed = 1,
    /// The source does not say (before Byzantium, or without receipts).
    Unknown = 2,
}

/// One transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountTxRow {
    /// Its hash, in the order it is shown.
    pub hash: [u8; 32],
    /// Who signed it.
    pub from: AccountBytes,
    /// Who was called; `None` where a contract was created.
    pub to: Option<AccountBytes>,
    /// The contract it created.
    pub created: Option<AccountBytes>,
    /// How it ended.
    pub status: TxStatus,
    /// First four bytes of its input: which function was called.
    pub selector: Option<[u8; 4]>,
}

/// Something a contract told that is no transfer, but says what transfers mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// A pool exchanged one asset for another: the transfers of this transaction to and from `pool` are one trade.
    Swap {
        /// The contract that holds both assets.
        pool: AccountBytes,
    },
    /// An issuer froze an account of its token, or let it go.
    Freeze {
        /// The token.
        token: AccountBytes,
        /// Whose tokens cannot move.
        account: AccountBytes,
        /// Whether frozen from now on.
        is_frozen: bool,
    },
    /// An issuer destroyed what a frozen account held.
    Destroyed {
        /// The token.
        token: AccountBytes,
        /// Whose.
        account: AccountBytes,
        /// How much.
        amount: U256,
    },
    /// A bridge took something in, or gave something out.
    Bridge(BridgeEvent),
    /// Energy or bandwidth was lent (Tron).
    Delegate {
        /// Who pays for the other's transactions.
        from: AccountBytes,
        /// Whose they are.
        to: AccountBytes,
        /// Staked coins behind it, in sun.
        amount: U256,
        /// Whether lent, or taken back.
        is_given: bool,
    },
    /// The account is a contract: it was created, or it wrote a log.
    Contract {
        /// Which.
        account: AccountBytes,
    },
}

/// What a bridge's own log says of a passage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BridgeEvent {
    /// Number of the protocol in `data/bridges.toml`.
    pub protocol: u16,
    /// The bridge's contract on this chain.
    pub contract: AccountBytes,
    /// Whether value left this chain here; else it arrived.
    pub is_out: bool,
    /// The account on this chain: who gave, or who received.
    pub account: Option<AccountBytes>,
    /// The other chain, by its EVM chain id, where the log says it.
    pub far_chain: Option<u64>,
    /// The account on the other chain, right-aligned as logs have it.
    pub far_account: Option<[u8; 32]>,
    /// The token's contract on this chain, where the log says it.
    pub token: Option<AccountBytes>,
    /// How much.
    pub amount: U256,
    /// What both sides of the passage have in common, where the protocol has such a thing.
    pub message: Option<[u8; 32]>,
}

/// An event and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Rank of the transaction in its block.
    pub tx: u32,
    /// What.
    pub kind: EventKind,
}

/// One block of an account chain. Transfers and events stand in the order of their transactions; those of the block
/// itself stand first where they are its genesis, and last otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountBlock {
    /// Its number.
    pub number: u32,
    /// Its hash, in the order it is shown; zeros where the source does not say.
    pub hash: [u8; 32],
    /// The hash of the block before it; zeros where the source does not say.
    pub parent: [u8; 32],
    /// When it was made.
    pub time: UnixTime,
    /// Its transactions.
    pub txs: Vec<AccountTxRow>,
    /// Its transfers.
    pub transfers: Vec<TransferRow>,
    /// Its events.
    pub events: Vec<EventRow>,
    /// Logs that look like transfers and are none: the wrong number of topics, or of bytes.
    pub odd_logs: u32,
}
