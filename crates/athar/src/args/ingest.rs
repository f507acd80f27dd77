//! Words of `ingest` and `follow`: which chain, and how it is read.

use super::{FollowAccounts, IngestAccounts, bytes, network};
use athar_engine::{Chain, Network};
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Words)]
pub(crate) struct Ingest {
    #[command(subcommand)]
    pub(crate) chain: IngestChain,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IngestChain {
    /// Bitcoin, from a node's block files
    Bitcoin(IngestBlocks),
    /// Bitcoin Cash, from a node's block files
    BitcoinCash(IngestBlocks),
    /// Litecoin, from a node's block files; its extension block (MWEB) stays hidden
    Litecoin(IngestBlocks),
    /// Dogecoin, from a node's block files
    Dogecoin(IngestBlocks),
    /// Zcash, the transparent part, from a node's block files (zcashd)
    Zcash(IngestBlocks),
    /// Ethereum, from dumps or a node's JSON-RPC: coins, tokens, what contracts sent on
    Ethereum(IngestAccounts),
    /// Ethereum Classic, in the same ways
    EthereumClassic(IngestAccounts),
    /// BNB Smart Chain, in the same ways
    BinanceSmartChain(IngestAccounts),
    /// Arbitrum One, in the same ways
    Arbitrum(IngestAccounts),
    /// Polygon PoS, in the same ways
    Polygon(IngestAccounts),
    /// Tron, from dumps, its HTTP API's blocks or a node's JSON-RPC: TRX, TRC-10, TRC-20
    Tron(IngestAccounts),
}

/// How a chain is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IngestWords<'a> {
    /// Block files.
    Blocks(&'a IngestBlocks),
    /// A chain of accounts.
    Accounts(&'a IngestAccounts),
}

impl IngestChain {
    /// Which chain, and how.
    pub(crate) fn parts(&self) -> (Chain, IngestWords<'_>) {
        use IngestWords::{Accounts, Blocks};
        match self {
            Self::Bitcoin(words) => (Chain::Bitcoin, Blocks(words)),
            Self::BitcoinCash(words) => (Chain::BitcoinCash, Blocks(words)),
            Self::Litecoin(words) => (Chain::Litecoin, Blocks(words)),
            Self::Dogecoin(words) => (Chain::Dogecoin, Blocks(words)),
            Self::Zcash(words) => (Chain::Zcash, Blocks(words)),
            Self::Ethereum(words) => (Chain::Ethereum, Accounts(words)),
            Self::EthereumClassic(words) => (Chain::EthereumClassic, Accounts(words)),
            Self::BinanceSmartChain(words) => (Chain::BinanceSmartChain, Accounts(words)),
            Self::Arbitrum(words) => (Chain::Arbitrum, Accounts(words)),
            Self::Polygon(words) => (Chain::Polygon, Accounts(words)),
            Self::Tron(words) => (Chain::Tron, Accounts(words)),
        }
    }
}

#[derive(Debug, Words)]
pub(crate) struct IngestBlocks {
    /// The node's folder of blk*.dat files
    #[arg(long, value_name = "DIR")]
    pub(crate) blocks: PathBuf,
    /// Network to expect: mainnet, testnet3, testnet4, signet, regtest (testnet3 also for the one test network of
    /// Litecoin, Dogecoin and Zcash) [default: that of the first block]
    #[arg(long, value_parser = network, value_name = "NETWORK")]
    pub(crate) network: Option<Network>,
    /// Anonymous memory to stay within, as 512M or 2G
    #[arg(long, default_value = "2G", value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: u64,
}

#[derive(Debug, Words)]
pub(crate) struct Follow {
    #[command(subcommand)]
    pub(crate) chain: FollowChain,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FollowChain {
    /// Bitcoin: catches up through RPC (or block files), then follows until Ctrl-C
    ///
    /// Prints an event a line: blocks, reorganisations, and what enters, replaces, double-spends or leaves the mempool;
    /// with --json one JSON object a line (docs/reference/follow.md). Ctrl-C or SIGTERM ends it with what is committed
    /// and exit code 0; a second one does not wait for the entities.
    Bitcoin(FollowBitcoin),
    /// Ethereum: catches up through JSON-RPC, then follows until Ctrl-C
    ///
    /// Prints an event a line: blocks, reorganisations and, where asked, transactions that wait; with --json one JSON object
    /// a line. Ctrl-C or SIGTERM ends it with what is committed and exit code 0.
    Ethereum(FollowAccounts),
    /// Ethereum Classic, in the same way
    EthereumClassic(FollowAccounts),
    /// BNB Smart Chain, in the same way
    BinanceSmartChain(FollowAccounts),
    /// Arbitrum One, in the same way
    Arbitrum(FollowAccounts),
    /// Polygon PoS, in the same way
    Polygon(FollowAccounts),
    /// Tron, by a node's JSON-RPC, in the same way
    Tron(FollowAccounts),
}

impl FollowChain {
    /// Which chain of accounts, and how; `None` for Bitcoin.
    pub(crate) fn accounts(&self) -> Option<(Chain, &FollowAccounts)> {
        Some(match self {
            Self::Bitcoin(_) => return None,
            Self::Ethereum(words) => (Chain::Ethereum, words),
            Self::EthereumClassic(words) => (Chain::EthereumClassic, words),
            Self::BinanceSmartChain(words) => (Chain::BinanceSmartChain, words),
            Self::Arbitrum(words) => (Chain::Arbitrum, words),
            Self::Polygon(words) => (Chain::Polygon, words),
            Self::Tron(words) => (Chain::Tron, words),
        })
    }
}

#[derive(Debug, Words)]
pub(crate) struct FollowBitcoin {
    /// The node's RPC, as http://127.0.0.1:8332 (user:password@ may stand before the host)
    #[arg(long, value_name = "URL", env = "ATHAR_RPC", hide_env_values = true)]
    pub(crate) rpc: String,
    /// The cookie file that the node writes into its data folder at each start
    #[arg(long, value_name = "FILE", conflicts_with = "rpc_user")]
    pub(crate) cookie: Option<PathBuf>,
    /// User of the node's RPC, where it is not in the URL; the password comes from ATHAR_RPC_PASSWORD
    #[arg(long, value_name = "USER", env = "ATHAR_RPC_USER")]
    pub(crate) rpc_user: Option<String>,
    /// Password of the node's RPC; better given by the environment, since others can see the words of a command
    #[arg(long, value_name = "PASSWORD", env = "ATHAR_RPC_PASSWORD", hide_env_values = true)]
    pub(crate) rpc_password: Option<String>,
    /// Where the node publishes sequence, rawblock and rawtx, as tcp://127.0.0.1:28332; once for each address. Without
    /// it the node is asked every second
    #[arg(long, value_name = "URL")]
    pub(crate) zmq: Vec<String>,
    /// The node's folder of blk*.dat files, to read first where the store is more than 144 blocks behind
    #[arg(long, value_name = "DIR")]
    pub(crate) blocks: Option<PathBuf>,
    /// Network to expect: mainnet, testnet3, testnet4, signet, regtest [default: the store's, else the node's]
    #[arg(long, value_parser = network, value_name = "NETWORK")]
    pub(crate) network: Option<Network>,
    /// Anonymous memory to stay within while catching up, as 512M or 2G
    #[arg(long, default_value = "2G", value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: u64,
    /// Raise alerts also where nothing is watched for yet [default: where `athar watch` or `athar desk` was used]
    #[arg(long)]
    pub(crate) alerts: bool,
    /// Raise no alerts
    #[arg(long, conflicts_with = "alerts")]
    pub(crate) no_alerts: bool,
    /// Deliver alerts too, beside following; `athar serve` and `athar alerts deliver` do so by themselves
    #[arg(long, conflicts_with = "no_alerts")]
    pub(crate) deliver: bool,
}
