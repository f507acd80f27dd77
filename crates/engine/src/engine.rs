//! An opened store: one commit of everything, held together by one snapshot.

use crate::account_chain::AccountChain;
use crate::accounts::Accounts;
use crate::error::EngineError;
use crate::guard::{CutEntry, Guard};
use crate::known::Known;
use crate::mixes::Mixes;
use crate::read::{CutsView, KeptPatterns, LabelNames, Meanings, Others};
use crate::services::Inferences;
use crate::snapshot::{Basis, Snapshots};
use athar_entities::coinjoin::{ShapeBuffer, recognise_in};
use athar_entities::services::Services;
use athar_entities::{Clustering, CoinJoinKind, Forest, HEURISTICS_VERSION, Settings};
use athar_labels::{AsOf, LabelStore, RiskTable};
use athar_ledger::{Ledger, Store};
use athar_lists::{Identifiers, ListStore};
use athar_prices::Prices;
use athar_types::{AddressId, Chain, Height, Network, TxNum, UnixTime};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// How to open a store for reading.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which entities to use; they must have been built by an ingest with the same clustering.
    pub clustering: Clustering,
    /// Leaves the price history that comes with the program out: only imported prices count.
    pub no_builtin_prices: bool,
    /// The chain to ask; `None` takes the only one that the store holds blocks of, or Bitcoin.
    pub chain: Option<Chain>,
    /// Reads the bare forest, without the cut list.
    pub no_cuts: bool,
    /// Which labels count: what was true and what was known on a day.
    pub labels_as_of: AsOf,
}

/// Whether the price history that comes with the program is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuiltinUse {
    /// It gives the price of every day for which nothing was imported.
    Used,
    /// It was switched off.
    Off,
    /// The store holds a test network, whose coins have no market. Prices imported for them count.
    NoMarket,
}

impl BuiltinUse {
    fn of(options: &Options, network: Option<Network>) -> Self {
        match network {
            _ if options.no_builtin_prices => Self::Off,
            Some(network) if network != Network::Mainnet => Self::NoMarket,
            _ => Self::Used,
        }
    }
}

/// A store opened for reading. It shows the commit it was opened at, whatever is written meanwhile.
#[derive(Debug)]
pub struct Engine {
    pub(crate) folder: PathBuf,
    pub(crate) store: Store,
    pub(crate) chain: Chain,
    pub(crate) ledger: Option<Ledger>,
    pub(crate) forest: Option<Forest>,
    /// The ledger of a chain of accounts, where such a one is asked; then there is no other ledger.
    pub(crate) account_chain: Option<AccountChain>,
    pub(crate) others: Others,
    pub(crate) labels: LabelStore,
    pub(crate) lists: ListStore,
    /// Read from [`Self::lists`] when they are first asked for.
    pub(crate) identifiers: OnceLock<Identifiers>,
    /// What the entries of a version of a list mean, read when it is first asked for.
    pub(crate) meanings: Mutex<HashMap<String, Arc<Meanings>>>,
    pub(crate) prices: Prices,
    pub(crate) builtin: BuiltinUse,
    pub(crate) known: Known,
    pub(crate) guard: Guard,
    mixes: Mixes,
    pub(crate) accounts: Accounts,
    pub(crate) inferences: Inferences,
    /// Hits of patterns that are kept, read when they are first asked for.
    pub(crate) patterns: OnceLock<Option<KeptPatterns>>,
    /// The names of labels, filed when a name is first looked for.
    pub(crate) label_names: OnceLock<LabelNames>,
    pub(crate) settings: Settings,
    pub(crate) clustering: Clustering,
    /// What it was opened with.
    pub(crate) options: Options,
    basis: Basis,
    snapshots: Snapshots,
}

impl Engine {
    /// Opens the store in `folder`.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, EngineError> {
        let store = Store::open(folder)?;
        let chain = options.chain.unwrap_or_else(|| only_chain(&store));
        let ledger = store.ledger(chain)?;
        let settings = Settings::from(&options.clustering);
        let forest = match &ledger {
            Some(ledger) if ledger.tip().is_some() => Forest::open_extended(folder, ledger, &settings)?,
            _ => None,
        };
        let labels = LabelStore::open_as_of(crate::write::labels_folder(folder), options.labels_as_of)?;
        let lists = ListStore::open(crate::write::lists_folder(folder))?;
        let builtin = BuiltinUse::of(options, ledger.as_ref().map(Ledger::network));
        let prices = Prices::open(folder, builtin == BuiltinUse::Used)?;
        let guard = match (&ledger, &forest) {
            (Some(ledger), Some(forest)) if !options.no_cuts => Guard::open(folder, ledger, forest)?,
            _ => Guard::default(),
        };
        let account_chain = match store.account_ledger(chain)? {
            Some(ledger) => Some(AccountChain::open(folder, ledger, &labels)?),
            None => None,
        };
        let known = Known::find(ledger.as_ref(), forest.as_ref(), &guard, &labels);
        let mixes = forest.as_ref().map(Mixes::of).unwrap_or_default();
        let inferences = match (&ledger, &forest) {
            (Some(ledger), Some(forest)) => Inferences::new(Services::open(forest, ledger)?),
            _ => Inferences::default(),
        };
        let tip = ledger.as_ref().and_then(Ledger::tip);
        let of_accounts = account_chain.as_ref().and_then(|chain| Some((chain, chain.ledger.tip()?)));
        let basis = Basis {
            program: format!("athar {}", env!("CARGO_PKG_VERSION")),
            chain: match (&ledger, &account_chain) {
                (Some(ledger), _) => format!("{}/{}", ledger.chain(), ledger.network()),
                (None, Some(chain)) => format!("{}/{}", chain.ledger.chain(), chain.ledger.chain_id()),
                (None, None) => String::new(),
            },
            tip_height: tip.map(|t| t.height.0).or(of_accounts.map(|(_, tip)| tip.number)),
            tip_hash: tip.map(|t| t.hash.to_string()).or(of_accounts.map(|(_, tip)| hex(&tip.hash))),
            accounts: account_chain.as_ref().map(AccountChain::basis),
            heuristics: basis_of(&options.clustering),
            labels: hex(&labels.version()),
            lists: (!lists.history().is_empty()).then(|| hex(&lists.version_hash())),
            risk_table: hex(&RiskTable::shipped().hash()),
            prices: prices.version(),
            cuts: guard.list().map(|list| format!("{} {}", list.version, list.tip_hash)),
            services: inferences.basis(),
            records: crate::read::records_basis(folder)?,
            entities_tip: forest
                .as_ref()
                .and_then(|f| f.rewound_from().or(f.manifest().tip.filter(|of| Some(*of) != tip)))
                .map(|t| t.hash.to_string()),
        };
        Ok(Self {
            folder: folder.into(),
            store,
            chain,
            ledger,
            forest,
            account_chain,
            others: Others::default(),
            labels,
            lists,
            identifiers: OnceLock::new(),
            meanings: Mutex::default(),
            prices,
            builtin,
            known,
            guard,
            mixes,
            accounts: Accounts::default(),
            inferences,
            patterns: OnceLock::new(),
            label_names: OnceLock::new(),
            settings,
            clustering: options.clustering.clone(),
            options: Options { chain: Some(chain), ..options.clone() },
            snapshots: Snapshots::of(&basis),
            basis,
        })
    }

    /// The chains that the store in `folder` holds blocks of, in the order of declaration.
    pub fn chains_held(folder: &Path) -> Result<Vec<Chain>, EngineError> {
        let store = Store::open(folder)?;
        Ok(Chain::with_ledger().filter(|chain| holds(&store, *chain)).collect())
    }

    /// The chains of the store in `folder` that `text` is an address of, the likeliest first; none where it is no address.
    pub fn chains_of(folder: &Path, text: &str) -> Result<Vec<Chain>, EngineError> {
        let store = Store::open(folder)?;
        let text = text.trim();
        if let Some(hash) = crate::account_chain::hash_of(text) {
            // a hash tells no chain: whoever has a transaction or block of it
            let mut found = Vec::new();
            for entry in &store.manifest().accounts {
                let Some(ledger) = store.account_ledger(entry.chain)? else { continue };
                if ledger.tx_by_hash(&hash).is_some() || ledger.block_by_hash(&hash).is_some() {
                    found.push(entry.chain);
                }
            }
            return Ok(found);
        }
        let read = athar_types::address::detect_on(Network::Mainnet, text);
        Ok(read.into_iter().map(|candidate| candidate.address.chain).filter(|chain| holds(&store, *chain)).collect())
    }

    /// The day of the last block, as 2020-01-31; none where there is no block.
    pub fn tip_day(&self) -> Option<String> {
        let of_outputs = self.ledger.as_ref().and_then(|ledger| Some(ledger.block_time(ledger.tip()?.height)));
        let of_accounts = || Some(self.account_chain.as_ref()?.ledger.tip()?.time);
        Some(of_outputs.or_else(of_accounts)?.day().to_string())
    }

    /// The chain that this engine answers for.
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// What the answers of this engine depend on besides the question.
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    pub(crate) fn snapshot(&self, command: &str, parameters: &impl Serialize) -> String {
        self.snapshots.snapshot(command, parameters)
    }

    /// The ledger, or the error that says how to get one.
    pub(crate) fn ledger(&self) -> Result<&Ledger, EngineError> {
        if self.is_account_chain() {
            return Err(EngineError::OnlyOutputs(self.chain));
        }
        self.ledger
            .as_ref()
            .filter(|l| l.tip().is_some())
            .ok_or_else(|| EngineError::Empty { chain: self.chain, folder: self.folder.clone() })
    }

    /// The entities, or the error that says how to get them.
    pub(crate) fn forest(&self) -> Result<&Forest, EngineError> {
        self.ledger()?;
        self.forest.as_ref().ok_or_else(|| EngineError::NoEntities {
            chain: self.chain,
            heuristics: self.clustering.to_string(),
            folder: self.folder.clone(),
        })
    }

    /// Height up to which the entities are, and how many blocks of the chain are newer; `None` where they are up to date,
    /// or there are none. What the chain has added since they were built is added when the store is opened, unless that is too
    /// much ([`Forest::open_extended`]).
    pub fn entities_behind(&self) -> Option<(u32, u32)> {
        let of = self.forest.as_ref()?.manifest().tip?;
        let tip = self.ledger.as_ref()?.tip()?;
        (of != tip).then(|| (of.height.0, tip.height.0 - of.height.0))
    }

    /// What stands for the entity of an address: equal for two addresses exactly when they are one.
    pub(crate) fn root_of(&self, address: AddressId) -> AddressId {
        self.forest.as_ref().map_or(address, |forest| self.guard.root(forest, address))
    }

    /// The cut list in use, as an answer names it: the version, and what of it touches the entity of `address`.
    pub(crate) fn cuts_view(&self, address: AddressId) -> Option<CutsView> {
        let (forest, list) = (self.forest.as_ref()?, self.guard.list()?);
        let applied: Vec<CutEntry> = self.guard.applied(forest, address).cloned().collect();
        let view =
            CutsView { version: list.version.clone(), number: list.number, as_of_height: list.tip_height, applied };
        (!view.applied.is_empty()).then_some(view)
    }

    /// Why a cut list that is there is not applied.
    pub fn cuts_stale(&self) -> Option<&str> {
        self.guard.stale()
    }

    /// Height of the block that the stored entities end with, where that block has left the chain: the answers are at the
    /// chain's last block, but the figures of some large entities are not known until they are built again.
    pub fn entities_rewound(&self) -> Option<u32> {
        Some(self.forest.as_ref()?.rewound_from()?.height.0)
    }

    /// The name of an address's entity: the first-seen address in it.
    pub(crate) fn entity_name(&self, address: AddressId) -> Result<String, EngineError> {
        let forest = self.forest()?;
        Ok(self.ledger()?.address_text(self.guard.name(forest, address)))
    }

    /// The ledger, for views of things that were found in it.
    ///
    /// # Panics
    /// Where there is none: then nothing was found.
    pub(crate) fn ledger_or_empty(&self) -> &Ledger {
        match &self.ledger {
            Some(ledger) => ledger,
            None => unreachable!("a view of something found in no ledger"),
        }
    }

    /// The CoinJoin that a transaction is held for, by name.
    pub(crate) fn coinjoin(&self, tx: TxNum) -> Option<String> {
        self.coinjoin_kind(tx).map(|kind| kind.name().to_string())
    }

    /// Which kind of CoinJoin a transaction is held for; of one that is younger than the entities it is told here.
    pub(crate) fn coinjoin_kind(&self, tx: TxNum) -> Option<CoinJoinKind> {
        let forest = self.forest.as_ref()?;
        if tx.0 < forest.manifest().txs {
            return if self.mixes.may_have(tx) { forest.coinjoin(tx) } else { None };
        }
        let kind = recognise_in(self.ledger.as_ref()?, tx, &mut ShapeBuffer::default())?.kind;
        kind.ties_nobody().then_some(kind)
    }

    /// The time of a transaction's block.
    pub(crate) fn tx_time(&self, tx: TxNum) -> UnixTime {
        let Some(ledger) = &self.ledger else { return UnixTime::default() };
        self.block_time(ledger.tx_height(tx))
    }

    pub(crate) fn block_time(&self, height: Height) -> UnixTime {
        let known = self.ledger.as_ref().filter(|l| height.0 < l.block_count());
        known.map(|l| l.block_time(height)).unwrap_or_default()
    }
}

/// Whether a store holds blocks of a chain.
fn holds(store: &Store, chain: Chain) -> bool {
    store.chain(chain).is_some_and(|entry| !entry.segments.is_empty())
        || store.account_chain(chain).is_some_and(|entry| !entry.segments.is_empty())
}

/// The chain of a store to ask where none is named: Bitcoin where it holds blocks of it, or of none, else the first it holds.
fn only_chain(store: &Store) -> Chain {
    let manifest = store.manifest();
    let outputs = manifest.chains.iter().filter(|entry| !entry.segments.is_empty()).map(|entry| entry.chain);
    let accounts = manifest.accounts.iter().filter(|entry| !entry.segments.is_empty()).map(|entry| entry.chain);
    // Bitcoin is the first in the order of declaration
    outputs.chain(accounts).min().unwrap_or(Chain::Bitcoin)
}

/// What entities depend on besides the chain. A change policy counts by its content.
fn basis_of(clustering: &Clustering) -> String {
    match clustering.change() {
        Some(_) => format!("{HEURISTICS_VERSION} {} {}", clustering.heuristics(), clustering.version()),
        None => format!("{HEURISTICS_VERSION} {}", clustering.heuristics()),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
