//! Words for chains of accounts.

use super::bytes;
use athar_engine::Chain;
use clap::{Args as Words, ValueEnum};
use std::path::PathBuf;

/// What the files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilesFormat {
    /// ethereum-etl's tables, as CSV or JSON lines
    Etl,
    /// GraphSense's tables
    Graphsense,
    /// Archives of Ethereum's history before the merge (.era1)
    Era,
    /// Answers of Tron's HTTP API, one block a line
    TronHttp,
    /// Answers of a node's JSON-RPC, one block a line
    JsonRpc,
}

#[derive(Debug, Words)]
pub(crate) struct IngestAccounts {
    /// Dumps: files, or folders of them (docs/reference/account-files.md)
    #[arg(long, value_name = "PATH", num_args = 1.., required_unless_present = "rpc")]
    pub(crate) files: Vec<PathBuf>,
    /// What the files hold [default: what they look like]
    #[arg(long, value_name = "FORMAT", requires = "files")]
    pub(crate) format: Option<FilesFormat>,
    /// A node's JSON-RPC, as http://127.0.0.1:8545 (user:password@ may stand before the host); several: the next one is
    /// asked where one fails
    #[arg(long, value_name = "URL", value_delimiter = ',', conflicts_with = "files")]
    pub(crate) rpc: Vec<String>,
    /// First block to keep
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) from: u32,
    /// Last block to keep [default: the last one there is]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: Option<u32>,
    /// Keep these tokens alone: symbols of the registry (usdt, usdc) or contracts, with commas between them
    #[arg(long, value_name = "TOKENS", value_delimiter = ',')]
    pub(crate) tokens: Vec<String>,
    /// With --tokens: keep the coin as well
    #[arg(long, requires = "tokens")]
    pub(crate) with_coin: bool,
    /// Keep what touches these accounts alone: addresses with commas between them, or a file with one a line
    #[arg(long, value_name = "ADDRESSES|FILE", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// What the node answers to eth_chainId, where it is not the main network
    #[arg(long, value_name = "ID")]
    pub(crate) chain_id: Option<u64>,
    /// With --rpc: opening balances before the first block, as a genesis file in geth's form
    #[arg(long, value_name = "FILE", requires = "rpc")]
    pub(crate) genesis: Option<PathBuf>,
    /// Requests a second to a node at most [default: as many as it answers]
    #[arg(long, value_name = "N", requires = "rpc")]
    pub(crate) rate: Option<u32>,
    /// Memory to stay within, as 512M or 2G
    #[arg(long, default_value = "2G", value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: u64,
}

/// Any chain that a store can hold.
pub(crate) fn any_chain(text: &str) -> Result<Chain, String> {
    Chain::from_name(text).filter(|chain| chain.has_ledger()).ok_or_else(|| {
        let names: Vec<_> = Chain::with_ledger().map(Chain::name).collect();
        format!("one of {}", names.join(", "))
    })
}

#[derive(Debug, Words)]
pub(crate) struct FollowAccounts {
    /// A node's JSON-RPC, as http://127.0.0.1:8545 (user:password@ may stand before the host); several with commas: the next
    /// one is asked where one fails
    #[arg(
        long,
        value_name = "URL",
        env = "ATHAR_EVM_RPC",
        hide_env_values = true,
        value_delimiter = ',',
        required = true
    )]
    pub(crate) rpc: Vec<String>,
    /// Where a node tells of new blocks, as ws://127.0.0.1:8546; without it the node is asked every few seconds
    #[arg(long, value_name = "URL", env = "ATHAR_EVM_WS", hide_env_values = true)]
    pub(crate) ws: Option<String>,
    /// Print transactions that wait as well; needs --ws. They have not happened, and may never
    #[arg(long, requires = "ws")]
    pub(crate) pending: bool,
    /// First block, of a store that has none
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) from: u32,
    /// Keep these tokens alone: symbols of the registry or contracts, with commas between them
    #[arg(long, value_name = "TOKENS", value_delimiter = ',')]
    pub(crate) tokens: Vec<String>,
    /// With --tokens: keep the coin as well
    #[arg(long, requires = "tokens")]
    pub(crate) with_coin: bool,
    /// Keep what touches these accounts alone: addresses with commas between them, or a file with one a line
    #[arg(long, value_name = "ADDRESSES|FILE", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// What the node answers to eth_chainId, where it is not the main network
    #[arg(long, value_name = "ID")]
    pub(crate) chain_id: Option<u64>,
    /// Opening balances before the first block, as a genesis file in geth's form
    #[arg(long, value_name = "FILE")]
    pub(crate) genesis: Option<PathBuf>,
    /// Requests a second to a node at most [default: as many as it answers]
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<u32>,
    /// Memory to stay within, as 512M or 2G
    #[arg(long, default_value = "2G", value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: u64,
}
