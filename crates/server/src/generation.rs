//! One state of the store, held open for as long as a request needs it.
//!
//! A commit of the store never changes what is open: a new state is opened beside the old one and put in its place, requests
//! that began with the old one end with it, and the last of them closes it.

use crate::problem::{Problem, codes, shown};
use crate::settings::{CAMPAIGN_TOTALS_MAX, LISTS_LOADED_MAX, NAME_FILINGS_MAX, PAST_ENGINES_MAX, POLICIES_MAX};
use athar_engine::discovery::Knowledge;
use athar_engine::lists::{List, ListVersion};
use athar_engine::names::NameScreener;
use athar_engine::policy::{Mode, Policy, PolicyError, PolicyStore};
use athar_engine::read::{
    CampaignTotalsView, CampaignsMade, EngineOf, PolicySet, ScreenOptions, campaign_view_of, campaigns_made,
    open_sightings,
};
use athar_engine::write::knowledge;
use athar_engine::{AsOf, Chain, Engine, EngineError, Options};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What changes when the store does: length, time and identity of the files that commits replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<Option<(u64, u128, u64)>>);

impl Fingerprint {
    /// Of the store in a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let named = ["MANIFEST.json", "labels/manifest.json", "lists/manifest.json", "prices.csv", "records/VERSION"];
        let mut files: Vec<PathBuf> = named.iter().map(|name| folder.join(name)).collect();
        // decisions and cut lists are new files, never replaced ones: their folders change
        files.push(folder.join("labels/decisions"));
        files.extend(fs::read_dir(folder.join("policies")).into_iter().flatten().flatten().map(|e| e.path()));
        // an engine reads the kept hits of patterns once
        let kept = fs::read_dir(folder.join("patterns")).into_iter().flatten().flatten().map(|e| e.path());
        files.extend(kept.filter(|path| path.extension().is_some_and(|e| e == "json")));
        files.sort();
        for root in ["cuts", "entities"] {
            for chain in folders(&folder.join(root)) {
                for selection in folders(&chain) {
                    files.push(selection.join("manifest.json"));
                    files.push(selection);
                }
            }
        }
        Self(files.iter().map(|file| state(file)).collect())
    }
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(of).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

fn state(file: &Path) -> Option<(u64, u128, u64)> {
    let data = fs::metadata(file).ok()?;
    let time = data.modified().ok()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    #[cfg(unix)]
    let identity = std::os::unix::fs::MetadataExt::ino(&data);
    #[cfg(not(unix))]
    let identity = 0;
    Some((data.len(), time, identity))
}

/// One state of the store.
#[derive(Debug)]
pub(crate) struct Generation {
    folder: PathBuf,
    options: Options,
    /// What the store looked like before it was opened.
    pub(crate) fingerprint: Fingerprint,
    /// The engine of requests that name no chain.
    pub(crate) engine: Arc<Engine>,
    /// What cursors of this state carry.
    pub(crate) mark: [u8; 8],
    chains: Mutex<BTreeMap<Chain, Arc<Engine>>>,
    past: Mutex<Vec<((Chain, AsOf), Arc<Engine>)>>,
    names: Mutex<Vec<(Vec<String>, Arc<NameScreener>)>>,
    policies: Mutex<Vec<(String, Arc<PolicySet>)>>,
    passages: Mutex<Option<Arc<(Knowledge, usize)>>>,
    /// The campaigns, with what the sightings were like that they were made of.
    campaigns: Mutex<Option<([u8; 8], Arc<CampaignsMade>)>>,
    /// What campaigns received, by the same and their id.
    campaign_totals: Mutex<BTreeMap<([u8; 8], String), CampaignTotalsView>>,
    /// Lists read whole.
    lists: Mutex<Vec<(String, Arc<(ListVersion, List)>)>>,
}

impl Generation {
    /// Opens the store, with the chains that the state before had open.
    pub(crate) fn open(folder: &Path, options: &Options, before: Option<&Self>) -> Result<Self, EngineError> {
        // taken before opening: a commit in between makes the fingerprint an old one, and is seen at the next look
        let fingerprint = Fingerprint::of(folder);
        let engine = Arc::new(ready(folder, options)?);
        let mut hasher = blake3::Hasher::new_derive_key("athar cursor mark version 1");
        hasher.update(&serde_json::to_vec(engine.basis()).unwrap_or_default());
        // retracted labels and past imports are listed too, and are no part of what answers rest on
        for name in ["labels/manifest.json", "lists/manifest.json", "prices.csv"] {
            hasher.update(&fs::read(folder.join(name)).unwrap_or_default()).update(name.as_bytes());
        }
        let decisions = fs::read_dir(folder.join("labels/decisions")).into_iter().flatten().count();
        hasher.update(&(decisions as u64).to_le_bytes());
        let mut mark = [0; 8];
        mark.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        let mut chains = BTreeMap::from([(engine.chain(), Arc::clone(&engine))]);
        for chain in before.into_iter().flat_map(|b| held(&b.chains).keys().copied().collect::<Vec<_>>()) {
            if let Entry::Vacant(place) = chains.entry(chain) {
                let options = Options { chain: Some(chain), ..options.clone() };
                place.insert(Arc::new(ready(folder, &options)?));
            }
        }
        Ok(Self {
            folder: folder.into(),
            options: options.clone(),
            fingerprint,
            engine,
            mark,
            chains: Mutex::new(chains),
            past: Mutex::default(),
            names: Mutex::default(),
            policies: Mutex::default(),
            passages: Mutex::default(),
            campaigns: Mutex::default(),
            campaign_totals: Mutex::default(),
            lists: Mutex::default(),
        })
    }

    /// The store's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a chain of it is opened with.
    pub(crate) fn options(&self, chain: Option<Chain>) -> Options {
        let chain = chain.filter(|chain| chain.has_ledger()).unwrap_or(self.engine.chain());
        Options { chain: Some(chain), ..self.options.clone() }
    }

    /// What passages of documents are judged by, with the groups of the lists, and how many names of them there are.
    pub(crate) fn passages(&self) -> Result<Arc<(Knowledge, usize)>, EngineError> {
        let mut kept = held(&self.passages);
        if let Some(known) = &*kept {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(knowledge(&self.folder)?);
        *kept = Some(Arc::clone(&known));
        Ok(known)
    }

    /// What cursors of lists carry that are made of all sightings. Those are read as they are now, not as they were when the store
    /// was opened.
    pub(crate) fn sightings_mark(&self) -> Result<[u8; 8], Problem> {
        let head = match open_sightings(&self.folder)? {
            Some(sightings) => sightings.custody_head()?.unwrap_or_default(),
            None => String::new(),
        };
        let mut mark = [0; 8];
        mark.copy_from_slice(&blake3::derive_key("athar cursor sightings version 1", head.as_bytes())[..8]);
        Ok(mark)
    }

    /// The campaigns of everything recorded, made once until more is recorded or something deleted. `None` where nothing was.
    pub(crate) fn campaigns(&self) -> Result<Option<Arc<CampaignsMade>>, Problem> {
        let mark = self.sightings_mark()?;
        let mut kept = held(&self.campaigns);
        if let Some((of, made)) = &*kept
            && *of == mark
        {
            return Ok(Some(Arc::clone(made)));
        }
        let Some(made) = campaigns_made(&self.folder)?.map(Arc::new) else { return Ok(None) };
        *kept = Some((mark, Arc::clone(&made)));
        Ok(Some(made))
    }

    /// What a campaign received, looked up once for a state of the store and of the sightings.
    pub(crate) fn campaign_totals(
        &self,
        made: &CampaignsMade,
        id: &str,
        engine_of: EngineOf<'_>,
    ) -> Result<Option<CampaignTotalsView>, Problem> {
        let key = (self.sightings_mark()?, id.to_owned());
        if let Some(known) = held(&self.campaign_totals).get(&key) {
            return Ok(Some(known.clone()));
        }
        let Some(view) = campaign_view_of(made, id, false, engine_of)? else { return Ok(None) };
        let totals = CampaignTotalsView::of(&view);
        let mut kept = held(&self.campaign_totals);
        if kept.len() >= CAMPAIGN_TOTALS_MAX {
            kept.clear();
        }
        kept.insert(key, totals.clone());
        Ok(Some(totals))
    }

    /// A version of a list with all its entries.
    pub(crate) fn list(&self, name: &str) -> Result<Arc<(ListVersion, List)>, EngineError> {
        kept(&self.lists, LISTS_LOADED_MAX, &name.to_owned(), || self.engine.list_loaded(name))
    }

    /// The engine of a chain that is open already. One that no ledger can hold is known to labels alone, and any engine has
    /// those.
    pub(crate) fn opened(&self, chain: Option<Chain>) -> Option<Arc<Engine>> {
        match chain {
            Some(chain) if chain.has_ledger() => held(&self.chains).get(&chain).cloned(),
            _ => Some(Arc::clone(&self.engine)),
        }
    }

    /// The engine of a chain, opened now where it was not yet. The lock is held while it opens: it is opened once.
    pub(crate) fn of_chain(&self, chain: Option<Chain>) -> Result<Arc<Engine>, EngineError> {
        let Some(chain) = chain.filter(|chain| chain.has_ledger()) else {
            return Ok(Arc::clone(&self.engine));
        };
        let mut chains = held(&self.chains);
        if let Some(engine) = chains.get(&chain) {
            return Ok(Arc::clone(engine));
        }
        let options = Options { chain: Some(chain), ..self.options.clone() };
        let engine = Arc::new(ready(&self.folder, &options)?);
        chains.insert(chain, Arc::clone(&engine));
        Ok(engine)
    }

    /// The engine whose labels are those of some days. A few are kept; the one that was longest not asked for goes.
    pub(crate) fn past(&self, chain: Option<Chain>, as_of: AsOf) -> Result<Arc<Engine>, EngineError> {
        if as_of == AsOf::default() {
            return self.of_chain(chain);
        }
        let chain = chain.filter(|chain| chain.has_ledger());
        let key = (chain.unwrap_or(self.engine.chain()), as_of);
        kept(&self.past, PAST_ENGINES_MAX, &key, || {
            let options = Options { chain: Some(key.0), labels_as_of: as_of, ..self.options.clone() };
            Engine::open(&self.folder, &options)
        })
    }

    /// The filing of the names of some lists, or of all.
    pub(crate) fn names(&self, lists: &[String]) -> Result<Arc<NameScreener>, EngineError> {
        kept(&self.names, NAME_FILINGS_MAX, &lists.to_vec(), || NameScreener::open(&self.folder, lists))
    }

    /// The policies that a name means: `active`, with those on test beside it, or a name or version of the store, alone. A
    /// client's text never names a file of the machine that serves it.
    pub(crate) fn policy(&self, name: &str) -> Result<Arc<PolicySet>, Problem> {
        let make = || {
            let store = PolicyStore::open(self.folder.join("policies"))?;
            let deciding = store.load(store.find(name)?)?;
            if name != "active" {
                return Ok(PolicySet::of(deciding, Mode::Asked));
            }
            let beside = store.testing().map(|stored| store.load(stored)).collect::<Result<Vec<Policy>, _>>()?;
            Ok(PolicySet { deciding, mode: Mode::Active, beside })
        };
        kept(&self.policies, POLICIES_MAX, &name.to_owned(), make).map_err(|error| match error {
            EngineError::Policy(PolicyError::NoSuch { .. } | PolicyError::Refused { .. }) => {
                let detail = format!("`{}`; GET /v1/policies names them", shown(name));
                Problem::new(codes::POLICY_UNKNOWN, detail).at("policy")
            }
            other => other.into(),
        })
    }
}

/// Opens an engine and has it read what it would read at the first question.
fn ready(folder: &Path, options: &Options) -> Result<Engine, EngineError> {
    let engine = Engine::open(folder, options)?;
    engine.screen("-", &ScreenOptions { hops_max: 0, edges_max: 1, ..ScreenOptions::default() })?;
    Ok(engine)
}

/// A lock that a panic in another request does not close to all later ones: what it guards is replaced whole.
pub(crate) fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is kept under a key, made now where it is not. The list is in the order of use, the latest last.
fn kept<K: PartialEq + Clone, V>(
    list: &Mutex<Vec<(K, Arc<V>)>>,
    max: usize,
    key: &K,
    make: impl FnOnce() -> Result<V, EngineError>,
) -> Result<Arc<V>, EngineError> {
    let mut list = held(list);
    let found = match list.iter().position(|(k, _)| k == key) {
        Some(at) => list.remove(at).1,
        None => Arc::new(make()?),
    };
    list.push((key.clone(), Arc::clone(&found)));
    if list.len() > max {
        list.remove(0);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn the_longest_unused_goes_first_and_an_error_keeps_nothing() {
        let list = Mutex::new(Vec::new());
        let make = |n: u32| kept(&list, 2, &n, || Ok(n)).unwrap();
        assert_eq!((*make(1), *make(2), *make(1), *make(3)), (1, 2, 1, 3));
        assert_eq!(held(&list).iter().map(|(k, _)| *k).collect::<Vec<_>>(), [1, 3]);
        assert!(kept(&list, 2, &9, || Err(EngineError::NoLists)).is_err());
        assert_eq!(held(&list).len(), 2);
    }
}
