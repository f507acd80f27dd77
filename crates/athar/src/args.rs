//! The command line's words. `docs/reference/cli.md` is made from this file's texts by `--help`.

mod accounts;
mod alerts;
mod bench_patterns;
mod check;
mod desk;
mod discover;
mod ingest;
mod labels;
mod lists;
mod names;
mod paths;
mod patterns;
mod policy;
mod records;
mod screen;
mod serve;
mod team;
mod totals;
mod trace;

pub(crate) use accounts::{FilesFormat, FollowAccounts, IngestAccounts, any_chain};
pub(crate) use alerts::{Act, Actor, Alerts, Deliver as AlertsDeliver, OneSink, Sinks, Watch, WatchAbout};
pub(crate) use bench_patterns::BenchPatterns;
pub(crate) use check::{Check, CheckQuestionWords};
pub(crate) use desk::{About, Desk, DeskPage, Rescreen, Transfers, Webhooks};
pub(crate) use discover::{
    Campaigns, Discover, DiscoverQuestion, ExportForm, Fetch, Kept, Look, Sightings, SightingsQuestion, Tongue,
};
pub(crate) use ingest::{Follow, FollowBitcoin, FollowChain, Ingest, IngestWords};
pub(crate) use labels::{AsOfDays, Labels, Ruled};
pub(crate) use lists::{Lists, ListsQuestion};
pub(crate) use names::{BenchNames, Names, NamesCompare, NamesScreen};
pub(crate) use paths::Paths;
pub(crate) use patterns::{Events, Patterns};
pub(crate) use policy::{PolicyTest, PolicyWords};
pub(crate) use records::{DeleteRecords, ImportRecords, LinkRecords, ListRecords, NoteWords, Records, RetainRecords};
pub(crate) use screen::{BenchScreen, Screen, ScreenDepth};
pub(crate) use serve::{KeysQuestion, Serve, ServeQuestion};
pub(crate) use team::{Audit, AuditQuestion, RoleWord, TeamPlace, TeamQuestion, TeamWords, Users, UsersQuestion};
pub(crate) use totals::Totals;
pub(crate) use trace::{Exposure, Policies, Trace};

use anyhow::Context;
use athar_engine::read::{Moment, WITHOUT_EDGES};
use athar_engine::{AsOf, Asset, Chain, Clustering, Day, Level, Network, Options, Selection};
#[cfg(feature = "parquet")]
use athar_export::Table;
use clap::builder::BoolishValueParser;
use clap::{Args as Words, Parser, Subcommand};
use std::path::PathBuf;

/// Counter-terrorist-financing intelligence for digital currencies: self-hosted, offline, every statement proved.
///
/// Data goes to stdout, progress and errors to stderr. Exit codes: 0 done or found, 1 nothing found, 2 error,
/// 3 a level asked for with --fail-on was reached.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Args {
    /// Folder of the store [default: athar/ in the user's data folder]
    #[arg(long, global = true, env = "ATHAR_STORE", value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Chain to ask: bitcoin, bitcoin-cash, litecoin, dogecoin, zcash, ethereum, ethereum-classic, binance-smart-chain,
    /// arbitrum, polygon, tron [default: that of the address asked, or the first in the store]
    #[arg(long, global = true, value_parser = any_chain, value_name = "CHAIN")]
    pub(crate) chain: Option<Chain>,
    /// Print JSON instead of text (shapes: docs/reference)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress on stderr
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Entities to use: strict (co-spend alone), extended (also forms of a key, and change), or a policy file; for
    /// ingest several with commas between them [default: strict]
    #[arg(long, global = true, value_name = "NAME|FILE", value_delimiter = ',', value_parser = Clustering::find)]
    pub(crate) clustering: Vec<Clustering>,
    /// Entities by heuristics alone, without a name: co-spend, same-key, change, several with commas between them
    #[arg(long, global = true, value_name = "LIST", conflicts_with = "clustering")]
    pub(crate) heuristics: Option<Selection>,
    /// Read entities as the forest has them, without the cut list
    #[arg(long, global = true)]
    pub(crate) no_cuts: bool,
    /// Use imported prices only, not the history that comes with the program
    #[arg(long, global = true, env = "ATHAR_NO_BUILTIN_PRICES", value_parser = BoolishValueParser::new())]
    pub(crate) no_builtin_prices: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole job on an invented world: find a donation campaign, prove it, follow its money
    Demo(Demo),
    /// Write an invented economy as block files, with campaigns, decoys and the truth about them
    Simulate(Simulate),
    /// Read a chain into the store
    Ingest(Ingest),
    /// Follow a node: its new blocks into the store as they come, its mempool beside it
    Follow(Follow),
    /// Unconfirmed transactions, as `athar follow` sees them, of all or of one address
    Mempool {
        /// Address
        address: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// What the store holds
    Status,
    /// Read everything again and check it against itself
    Verify,
    /// A block, by height or hash
    Block {
        /// Height or hash
        #[arg(value_name = "HEIGHT|HASH")]
        block: String,
    },
    /// A transaction, with what it spends and who spent it
    Tx {
        /// Transaction id
        txid: String,
    },
    /// An address: what was paid to it and what became of it
    Address {
        /// Address
        address: String,
        #[command(flatten)]
        page: Page,
    },
    /// The entity of an address: which addresses act as one with it
    Entity(Entity),
    /// Why two addresses are one entity: the transactions that tie them
    Explain {
        /// One address
        a: String,
        /// The other
        b: String,
        /// By what had been seen by then: a height, or a day as 2020-01-31
        #[arg(long, value_name = "MOMENT")]
        at: Option<Moment>,
    },
    /// Is it a CoinJoin, or another transaction that several people made? Of a stored one, or of those in a file
    ///
    /// A file holds one JSON object a line with txid, inputs and outputs, each of these with value_sat and script_hex; it
    /// needs no store. `-` reads stdin. With --json the answer is one JSON object a line.
    Coinjoin {
        /// Transaction id, or file
        #[arg(value_name = "TXID|FILE")]
        target: String,
    },
    /// Labels: who somebody says an address is
    #[command(subcommand)]
    Labels(Labels),
    /// Official lists: who is designated, since when, what changed; without a word more, which lists there are
    Lists(Lists),
    /// Names against the imported lists, across scripts
    #[command(subcommand)]
    Names(Names),
    /// Prices: what a coin was worth on a day
    #[command(subcommand)]
    Prices(Prices),
    /// What is known of addresses or transactions, and of those they dealt with
    Screen(Screen),
    /// Risk policies: what follows from what is known, as files that can be compared and tried
    #[command(subcommand)]
    Policy(PolicyWords),
    /// May a withdrawal go out? Allow, review or hold, within a time limit, with the reasons
    ///
    /// The decision is kept in the store. Exit codes: 0 allow, 3 review or hold.
    Check(Check),
    /// Watched addresses, transactions and transfers: their screenings, what changed, and who is told
    #[command(subcommand)]
    Desk(Desk),
    /// Watchlists: addresses, entities, categories, campaigns, patterns and amounts that alerts are raised for
    #[command(subcommand)]
    Watch(Watch),
    /// Alerts: what was met of what is watched for, who looks at it, and who is told
    #[command(subcommand)]
    Alerts(Alerts),
    /// Find addresses and other identifiers in pages, mail, chats, archives and pictures, and how much the text asks for money
    ///
    /// Prints a line a find (with --json an object a line); troubles go to stderr. With --record what is found is kept in the store,
    /// encrypted document by document, and what was recorded before is not read again. Nothing is fetched but by `discover fetch`.
    Discover(Discover),
    /// Where addresses and other identifiers were published, as `athar discover --record` saw it
    Sightings(Sightings),
    /// Addresses, channels, sites, pictures and texts that were published together, and what the addresses received
    Campaigns(Campaigns),
    /// What a coupon seller, an exchange or a bank knows: records under pseudonyms, joined with the chain
    #[command(subcommand)]
    Records(Records),
    /// Where money went, or came from, satoshi by satoshi
    Trace(Trace),
    /// What a target has to do with every category, directly and through others: amounts, dollars, shares, by every policy
    Exposure(Exposure),
    /// What a category received, sent and cashed out, by month, organisation or asset, and what a retracted label would change
    Totals(Totals),
    /// By which transactions money of one subject came to another
    Paths(Paths),
    /// Typologies: which patterns there are, and where the chain shows them
    #[command(subcommand)]
    Patterns(Patterns),
    /// Answer over HTTP: every reading command, screenings, long work (docs/reference/service.md)
    ///
    /// Listens on this machine alone unless asked otherwise, and lets in who carries a key of `athar serve keys add`. Logs a JSON
    /// object a line on stderr. Ctrl-C or SIGTERM ends it when what runs is answered.
    Serve(Serve),
    /// The people of the team: who may log in, and what each may
    Users(Users),
    /// The audit log: who did what, and whether the log is what was written
    Audit(Audit),
    /// The database of users, cases and the audit log: backup, restore, version
    Team(TeamWords),
    /// Measure how often entities are wrong, on worlds whose truth is known
    #[command(subcommand)]
    Bench(Bench),
    /// Write the whole store as open tables
    #[cfg(feature = "parquet")]
    #[command(subcommand)]
    Export(Export),
}

/// A page of a long list.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct Page {
    /// Rows to leave out at the beginning
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) offset: u64,
    /// Rows to list
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

#[derive(Debug, Words)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Entity {
    /// Any address of the entity
    #[arg(required = true)]
    pub(crate) address: Option<String>,
    #[command(flatten)]
    pub(crate) page: Page,
    /// The entity as it was then: a height, or a day as 2020-01-31
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<Moment>,
    #[command(subcommand)]
    pub(crate) question: Option<EntityQuestion>,
}

/// Further questions about an entity.
#[derive(Debug, Subcommand)]
pub(crate) enum EntityQuestion {
    /// Merges that are not believed: labels name two owners, or one transaction alone ties two large entities
    ///
    /// Looks for them, keeps a new version of the cut list where it differs, and lists it. The list is applied to every
    /// answer, which names it; --no-cuts reads the bare forest.
    Conflicts {
        /// Only list what the store holds
        #[arg(long)]
        stored: bool,
    },
    /// Decide that a transaction ties nobody: it goes on the cut list
    Cut {
        /// The transaction
        txid: String,
        /// Why; kept with the list
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Decide that a transaction counts: overrules an earlier decision, or what was found
    Uncut {
        /// The transaction
        txid: String,
        /// Why; kept with the list
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// How it grew: its size over time, and every merge of two large parts
    Growth {
        /// Any address of the entity
        address: String,
    },
    /// What would be left of it if one transaction did not count: as if that were a CoinJoin
    Without {
        /// The transaction to leave out
        txid: String,
        /// Any address of the entity
        address: String,
        /// Outputs, inputs and ties to look at
        #[arg(long, default_value_t = WITHOUT_EDGES, value_name = "N")]
        edges: u64,
    },
}

#[derive(Debug, Words)]
pub(crate) struct Demo {
    /// Seed of the invented world
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Transactions in it
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(10_000..=10_000_000))]
    pub(crate) txs: u32,
    /// Folder for the world, the store and the report [default: a new folder in the system's temporary one]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Open the world in the browser application, with a guided case: prints its URL and serves until Ctrl-C
    #[arg(long)]
    pub(crate) serve: bool,
    /// With --serve: where to listen, on this machine; port 0 takes a free one
    #[arg(long, default_value = athar_server::LISTEN_DEFAULT, value_name = "ADDRESS:PORT", requires = "serve")]
    pub(crate) listen: std::net::SocketAddr,
    /// With --serve: language of what is said here; the case is in both
    #[arg(long, value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE", requires = "serve")]
    pub(crate) lang: Tongue,
}

#[derive(Debug, Words)]
pub(crate) struct Simulate {
    /// Seed: the same seed gives the same bytes on any machine
    #[arg(long)]
    pub(crate) seed: u64,
    /// Transactions to write
    #[arg(long)]
    pub(crate) txs: u32,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// No story: random wallets with a fixed transaction profile, for benchmarks
    #[arg(long)]
    pub(crate) profile: bool,
    /// Campaigns: usual, all (of every row of the typologies that worlds have), rare (of every row, at most one address in
    /// ten thousand; from half a million transactions on)
    #[arg(long, default_value = "usual", value_name = "SET", conflicts_with = "profile")]
    pub(crate) campaigns: athar_simulate::CampaignSet,
    /// With --profile: of 1000 outputs so many pay a new address of one service, which becomes one very large entity
    #[arg(long, default_value_t = 0, value_name = "N", requires = "profile", value_parser = clap::value_parser!(u32).range(0..=900))]
    pub(crate) hub_permille: u32,
    /// Write into a folder that holds a world already
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Prices {
    /// Import daily prices: CSV with the columns day,asset,usd,source, or date,…,close, or snapped_at,price,…
    Import {
        /// Files, all or none of which are imported; where two differ, the later one holds
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Asset of files whose columns name none: BTC, ETH, TRX, …
        #[arg(long)]
        asset: Option<Asset>,
        /// Where the prices of such files are from
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
    /// List the prices in use
    List {
        /// Asset [default: the coin of the store's chain]
        #[arg(long)]
        asset: Option<Asset>,
        /// First day
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<Day>,
        /// Last day
        #[arg(long, value_name = "DAY", value_parser = day)]
        to: Option<Day>,
        #[command(flatten)]
        page: Page,
    },
    /// The price of one day, its sources, and what was imported for it before
    Show {
        /// Day, as 2020-01-31 (UTC)
        #[arg(value_parser = day)]
        day: Day,
        /// Asset [default: the coin of the store's chain]
        #[arg(long)]
        asset: Option<Asset>,
    },
    /// How far the prices reach: assets, days, missing days, sources, imports
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Every heuristic and every clustering against simulated worlds: wrong ties, pairs, entities, by year
    ///
    /// Needs no store: worlds are made in the system's temporary folder and removed again.
    Entities(BenchEntities),
    /// Name screening against real lists: who is found, who is found wrongly, how fast
    Names(BenchNames),
    /// Every pattern against simulated worlds: how often a hit is right, what is missed, who is taken for a campaign
    ///
    /// Needs no store: worlds are made in the system's temporary folder and removed again.
    Patterns(BenchPatterns),
    /// How long screening takes over the store: a sample of targets of every kind, at every depth
    Screen(BenchScreen),
    /// Services recognised by rules against simulated worlds: recognised wrongly, missed, campaigns wrongly stopped at
    ///
    /// Needs no store: worlds are made in the system's temporary folder and removed again.
    Services(BenchServices),
}

#[derive(Debug, Words)]
pub(crate) struct BenchServices {
    /// Seeds of the worlds, with commas; bounds were chosen on the seeds 1 to 6, and nothing on those from 101 on
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "101,102,103,104,105,106")]
    pub(crate) seeds: Vec<u64>,
    /// Transactions in each world
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(10_000..=10_000_000))]
    pub(crate) txs: u32,
    /// Write every entity that has figures, with its owner's kind, as JSON lines: to choose bounds by
    #[arg(long, value_name = "FILE")]
    pub(crate) figures: Option<PathBuf>,
    /// Write the rates into the program's data and documentation; in the project's folder only
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Debug, Words)]
pub(crate) struct BenchEntities {
    /// Seeds of the worlds, with commas; nothing was tuned on the seeds from 101 to 119
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "101,102,103")]
    pub(crate) seeds: Vec<u64>,
    /// Transactions in each world
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(10_000..=10_000_000))]
    pub(crate) txs: u32,
    /// Write the figures into the program's data and documentation; in the project's folder only
    #[arg(long)]
    pub(crate) write: bool,
}

#[cfg(feature = "parquet")]
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Parquet files for DuckDB, Polars, Spark and pandas (columns: docs/reference/tables.md)
    ///
    /// The same command goes on where an interrupted one stopped, and does nothing where all is done.
    Parquet(ExportParquet),
}

#[cfg(feature = "parquet")]
#[derive(Debug, Words)]
pub(crate) struct ExportParquet {
    /// Folder to write to: new, empty, or one of an earlier export
    #[arg(value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// First block of the tables of the chain [default: 0]
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) from: Option<u32>,
    /// Last block of the tables of the chain [default: the tip]
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) to: Option<u32>,
    /// Tables to write, with commas: blocks, transactions, inputs, outputs, addresses, entities, labels [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) tables: Vec<Table>,
    /// Replace files of another state of the store or of other settings
    #[arg(long)]
    pub(crate) overwrite: bool,
}

impl Args {
    /// The store's folder: as asked, from the environment, or in the user's data folder.
    pub(crate) fn store_folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.store {
            return Ok(folder.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME").filter(|d| !d.is_empty()).map(PathBuf::from);
        let home = || std::env::var_os("HOME").filter(|h| !h.is_empty()).map(|h| PathBuf::from(h).join(".local/share"));
        data.or_else(home)
            .map(|d| d.join("athar"))
            .context("no --store given, and neither HOME nor XDG_DATA_HOME is set")
    }

    /// How reading commands open the store.
    ///
    /// # Errors
    /// Where several clusterings are named: an answer is of one.
    pub(crate) fn open_options(&self) -> anyhow::Result<Options> {
        let clustering = self.one_clustering()?;
        Ok(Options {
            clustering,
            no_builtin_prices: self.no_builtin_prices,
            chain: self.chain,
            no_cuts: self.no_cuts,
            labels_as_of: AsOf::default(),
        })
    }

    /// The clustering of a command that takes one.
    pub(crate) fn one_clustering(&self) -> anyhow::Result<Clustering> {
        let mut all = self.clusterings();
        anyhow::ensure!(all.len() == 1, "--clustering names {}; only `athar ingest` takes several", all.len());
        Ok(all.remove(0))
    }

    /// The clusterings asked for, at least one.
    pub(crate) fn clusterings(&self) -> Vec<Clustering> {
        match (&self.heuristics, &self.clustering[..]) {
            (Some(heuristics), _) => vec![Clustering::of(*heuristics)],
            (None, []) => vec![Clustering::strict()],
            (None, named) => named.to_vec(),
        }
    }
}

fn network(text: &str) -> Result<Network, String> {
    Network::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Network::ALL.into_iter().map(Network::name).collect();
        format!("one of {}", names.join(", "))
    })
}

/// `none` is left out: every answered target reaches it or says that nothing is known.
fn level(text: &str) -> Result<Level, String> {
    match text.parse() {
        Ok(Level::None) | Err(_) => Err("one of unknown, low, medium, high, severe".into()),
        Ok(level) => Ok(level),
    }
}

fn day(text: &str) -> Result<Day, String> {
    text.parse().map_err(str::to_string)
}

fn bytes(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "a number of bytes, as 512M or 2G".to_string())?;
    let bytes = number.checked_mul(1 << shift).ok_or("more than 64 bits")?;
    if bytes < 256 << 20 { Err("at least 256M".into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_words_fit_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(bytes("2G"), Ok(2 << 30));
        assert_eq!(bytes("512m"), Ok(512 << 20));
        for bad in ["", "G", "1", "-1G", "99999999999G"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
        assert_eq!(level("severe"), Ok(Level::Severe));
        assert!(level("none").is_err());
    }
}
