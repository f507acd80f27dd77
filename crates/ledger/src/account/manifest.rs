//! What the manifest says of a chain of accounts.

use crate::column::FileMeta;
use athar_types::account::AccountBytes;
use athar_types::{Chain, UnixTime};
use serde::{Deserialize, Serialize};

/// The segments of one chain of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountManifest {
    /// The chain.
    pub chain: Chain,
    /// What its nodes answer to `eth_chainId`: tells the main network from others.
    pub chain_id: u64,
    /// Live segments in chain order.
    pub segments: Vec<AccountSegmentMeta>,
}

/// First (inclusive) and last (exclusive) ids of everything in a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRanges {
    /// Blocks, by rank in the store.
    pub blocks: [u32; 2],
    /// Transactions.
    pub txs: [u32; 2],
    /// Transfers.
    pub transfers: [u64; 2],
    /// Accounts first named here.
    pub accounts: [u32; 2],
    /// Assets first named here.
    pub assets: [u32; 2],
}

impl AccountRanges {
    /// Empty ranges that begin where these end.
    pub(crate) const fn next(&self) -> Self {
        Self {
            blocks: [self.blocks[1]; 2],
            txs: [self.txs[1]; 2],
            transfers: [self.transfers[1]; 2],
            accounts: [self.accounts[1]; 2],
            assets: [self.assets[1]; 2],
        }
    }

    /// Whether these begin where `before` ends.
    pub(crate) fn follows(&self, before: &Self) -> bool {
        let begin = Self {
            blocks: [self.blocks[0]; 2],
            txs: [self.txs[0]; 2],
            transfers: [self.transfers[0]; 2],
            accounts: [self.accounts[0]; 2],
            assets: [self.assets[0]; 2],
        };
        begin == before.next()
    }
}

/// What a source told of its blocks. What is not known is not none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // they are independent facts of a source
pub struct Knows {
    /// Transactions with their values.
    pub txs: bool,
    /// How transactions ended, and their fees.
    pub receipts: bool,
    /// Transfers of tokens.
    pub tokens: bool,
    /// All logs, and so exchanges, freezes and bridges.
    pub events: bool,
    /// Value that contracts sent on.
    pub calls: bool,
}

impl Knows {
    /// Everything.
    pub const ALL: Self = Self { txs: true, receipts: true, tokens: true, events: true, calls: true };
}

/// What was chosen of each block. Both empty: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Only transfers of these tokens, by contract in hexadecimal, ascending.
    pub tokens: Vec<String>,
    /// Only transfers from or to these accounts, in hexadecimal, ascending.
    pub accounts: Vec<String>,
    /// Whether the coin was kept although tokens were chosen.
    pub with_coin: bool,
}

impl Selection {
    /// Everything.
    pub fn is_everything(&self) -> bool {
        self.tokens.is_empty() && self.accounts.is_empty()
    }

    /// A selection of tokens and accounts, in canonical form.
    pub fn of(tokens: &[AccountBytes], accounts: &[AccountBytes], with_coin: bool) -> Self {
        let hex = |all: &[AccountBytes]| {
            let mut all: Vec<String> =
                all.iter().map(|bytes| bytes.iter().map(|b| format!("{b:02x}")).collect()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        Self { tokens: hex(tokens), accounts: hex(accounts), with_coin }
    }
}

/// Which blocks a part of the store stands for, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// First block number.
    pub from: u32,
    /// Last block number. Blocks in between that are not in the store had nothing in them that was chosen.
    pub to: u32,
    /// What the source told of them.
    pub knows: Knows,
    /// What was chosen of them.
    pub selection: Selection,
}

impl Coverage {
    /// Joins neighbours that say the same: the shortest list that says what `all` says.
    pub fn joined(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        for next in all {
            match out.last_mut() {
                Some(last)
                    if last.to.checked_add(1) == Some(next.from)
                        && last.knows == next.knows
                        && last.selection == next.selection =>
                {
                    last.to = next.to;
                }
                _ => out.push(next),
            }
        }
        out
    }
}

/// The last block of a chain of accounts in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTip {
    /// Its number.
    pub number: u32,
    /// Its hash, as shown; zeros where the source did not say.
    pub hash: [u8; 32],
    /// Its time.
    pub time: UnixTime,
}

/// One segment as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSegmentMeta {
    /// Folder name inside the chain's folder.
    pub folder: String,
    /// Its ids.
    pub ranges: AccountRanges,
    /// Number of its first block.
    pub first: u32,
    /// Number of its last block.
    pub last: u32,
    /// Hash of its last block in hexadecimal, as shown.
    pub tip: String,
    /// Which blocks it stands for.
    pub coverage: Vec<Coverage>,
    /// Its files with their checksums.
    pub files: Vec<FileMeta>,
}
