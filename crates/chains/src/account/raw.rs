//! What a source says of a block, before it is known what it means.

use athar_types::account::{AccountBytes, U256};

/// A block as a source gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawBlock {
    /// Its number.
    pub number: u64,
    /// Its hash, as shown; zeros where the source does not say.
    pub hash: [u8; 32],
    /// The hash of the block before it; zeros where the source does not say.
    pub parent: [u8; 32],
    /// Seconds since 1970.
    pub time: u64,
    /// Who gets the fees of its transactions.
    pub producer: AccountBytes,
    /// What is burned of each unit of gas (EIP-1559), in the coin's smallest unit.
    pub base_fee: Option<U256>,
    /// Its transactions, by rank.
    pub txs: Vec<RawTx>,
    /// Whether the source does not say of what asset [`RawTx::value`] is. Tron's JSON-RPC writes there whatever number the
    /// transaction has: coins, TRC-10 tokens, votes, what is frozen.
    pub is_value_vague: bool,
    /// Validators' withdrawals (EIP-4895): account and amount in the coin's smallest unit.
    pub withdrawals: Vec<(AccountBytes, U256)>,
    /// Calls, creations, self-destructions, rewards and genesis balances, in the order they happened. `None` where the
    /// source has no traces: value that contracts sent on is then unknown, which is not none.
    pub calls: Option<Vec<RawCall>>,
    /// Energy and bandwidth that was lent or taken back (Tron), in the order of transactions.
    pub delegations: Vec<RawDelegation>,
}

/// Staked coins whose energy or bandwidth another account may use (Tron).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RawDelegation {
    /// Rank of the transaction.
    pub tx: u32,
    /// Whose coins they are.
    pub from: AccountBytes,
    /// Who may use what they give.
    pub to: AccountBytes,
    /// The coins behind it, in the smallest unit.
    pub amount: U256,
    /// Whether lent, or taken back.
    pub is_given: bool,
}

/// A transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawTx {
    /// Its hash, as shown.
    pub hash: [u8; 32],
    /// Who signed it; zeros, which no key has, where the source knows the transaction only by the hash that its logs or
    /// traces name.
    pub from: AccountBytes,
    /// Who was called; `None` where it creates a contract (or, on Tron, does something that has no recipient).
    pub to: Option<AccountBytes>,
    /// The coin it carries.
    pub value: U256,
    /// Its input's first four bytes, where it has so many.
    pub selector: Option<[u8; 4]>,
    /// Price of a unit of gas that it offers.
    pub gas_price: U256,
    /// What came of it; `None` where the source has no receipts.
    pub receipt: Option<RawReceipt>,
    /// Tokens that the chain itself keeps, carried beside the coin (Tron's TRC-10): number and amount.
    pub trc10: Option<(u64, U256)>,
}

/// What came of a transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawReceipt {
    /// Whether it succeeded; `None` before Byzantium.
    pub status: Option<bool>,
    /// Gas that it used.
    pub gas_used: u64,
    /// Price that was paid for it; `None` where it is [`RawTx::gas_price`].
    pub gas_price_paid: Option<U256>,
    /// Further fees in the coin's smallest unit, burned or paid to the chain (blobs, layer 1 data).
    pub fee_beside: U256,
    /// The whole fee, where the source gives it instead of gas (Tron).
    pub fee: Option<U256>,
    /// The contract it created.
    pub created: Option<AccountBytes>,
    /// Its logs in order.
    pub logs: Vec<RawLog>,
}

/// A log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawLog {
    /// The contract that wrote it.
    pub address: AccountBytes,
    /// Its topics, at most four on every real chain; a source may claim otherwise.
    pub topics: Vec<[u8; 32]>,
    /// Its data.
    pub data: Vec<u8>,
    /// Its rank in the block, where the source says.
    pub index: Option<u32>,
}

/// What a [`RawCall`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RawCallKind {
    /// A call that can carry value. Delegate calls, static calls and call codes move none and are left out by readers.
    #[default]
    Call,
    /// A creation (`CREATE`, `CREATE2`).
    Create,
    /// A self-destruction that gives what is left to `to`.
    SelfDestruct,
    /// A block's or an uncle's reward.
    Reward,
    /// A balance before the first block.
    Genesis,
    /// Coins put aside for energy, bandwidth or votes, or given to the chain's own exchange (Tron): `from` without `to` on
    /// the way in, the reverse back.
    Stake,
}

/// One call inside a block.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawCall {
    /// Rank of the transaction; `None` for what is of the block.
    pub tx: Option<u32>,
    /// What.
    pub kind: RawCallKind,
    /// Whether it is the transaction itself, whose value the transaction already says.
    pub is_top: bool,
    /// Who called.
    pub from: Option<AccountBytes>,
    /// Who was called or created.
    pub to: Option<AccountBytes>,
    /// The coin it carried.
    pub value: U256,
    /// A token that the chain itself keeps, carried instead of the coin (TRC-10).
    pub trc10: Option<u64>,
    /// Whether it, or a call around it, was reverted: then nothing moved.
    pub is_reverted: bool,
}
