//! The label store: a folder of immutable packs and a manifest, and the live labels in memory.

use crate::as_of::AsOf;
use crate::decision::{self, Decision};
use crate::error::LabelError;
use crate::import::{self, ImportOptions};
use crate::index::{Index, Matches};
use crate::journal;
use crate::label::{Label, SubjectKind};
use crate::manifest::{self, BY_PLACE, Entry, Standing};
use crate::pack::{Actor, Concept, Draft, Pack, PackId};
use crate::report::{ImportOutcome, ImportReport, Outcome};
use athar_disk::Disk;
use athar_lists::List;
use athar_types::{Chain, Day};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Labels of every live pack, with look-ups. Two processes must not write to one folder at a time: the caller locks.
#[derive(Debug)]
pub struct LabelStore {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Disk,
    pub(crate) entries: Vec<Entry>,
    /// The decisions in the order in which they were made, and the hash of each one's file.
    pub(crate) decisions: Vec<Decision>,
    pub(crate) decision_hashes: Vec<String>,
    /// Where this is not the present state: what was asked for. Such a store cannot be written to.
    pub(crate) as_of: AsOf,
    /// The live packs, their labels moved to the index.
    packs: BTreeMap<PackId, Pack>,
    index: Index,
    /// By id: the pack and the place in it.
    actors: FxHashMap<String, (PackId, usize)>,
}

impl LabelStore {
    /// Opens the store in `dir` and checks every live pack against its checksum. A folder that does not exist is an
    /// empty store; it is made by the first import.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, LabelError> {
        Self::open_as_of(dir, AsOf::default())
    }

    /// The store in `dir` as it stood at a moment: see [`AsOf`]. It has every look-up, and cannot be written to unless the
    /// moment is the present.
    pub fn open_as_of(dir: impl Into<PathBuf>, as_of: AsOf) -> Result<Self, LabelError> {
        let dir = dir.into();
        let (entries, decision_hashes) = manifest::read(&dir)?;
        let decisions = journal::read(&dir, &decision_hashes)?;
        let mut packs = BTreeMap::new();
        for entry in entries.iter().filter(|e| as_of.uses(e)) {
            if let std::collections::btree_map::Entry::Vacant(place) = packs.entry(entry.pack) {
                place.insert(read_pack(&dir, entry.pack)?);
            }
        }
        let mut store = Self {
            dir,
            disk: Disk::default(),
            entries,
            decisions,
            decision_hashes,
            as_of,
            packs: BTreeMap::new(),
            index: Index::default(),
            actors: FxHashMap::default(),
        };
        store.load(packs);
        Ok(store)
    }

    /// The same store, writing to `disk`.
    #[must_use]
    pub fn with_disk(mut self, disk: Disk) -> Self {
        self.disk = disk;
        self
    }

    /// Fills the memory from the live packs, in the order of their identity.
    fn load(&mut self, mut packs: BTreeMap<PackId, Pack>) {
        let mut labels = Vec::with_capacity(packs.values().map(|p| p.labels.len()).sum());
        self.actors.clear();
        for (id, pack) in &mut packs {
            labels.append(&mut pack.labels);
            pack.labels.shrink_to_fit();
            for (i, actor) in pack.actors.iter().enumerate() {
                self.actors.entry(actor.id.clone()).or_insert((*id, i));
            }
        }
        self.packs = packs;
        self.decide(&mut labels);
        if let Some(day) = self.as_of.true_on {
            labels.retain(|label| label.holds_on(day));
        }
        self.index = Index::new(labels);
    }

    /// Lays the decisions over the labels.
    fn decide(&self, labels: &mut [Label]) {
        let mut by_text: FxHashMap<&str, Vec<&Decision>> = FxHashMap::default();
        let known = |d: &&Decision| self.as_of.known_on.is_none_or(|day| d.day <= day);
        for decision in self.decisions.iter().filter(known) {
            by_text.entry(&*decision.text).or_default().push(decision);
        }
        if by_text.is_empty() {
            return;
        }
        // decisions taken in from another store come later in the journal than they were made
        for decisions in by_text.values_mut() {
            decisions.sort_by_key(|d| d.day);
        }
        // identities are hashed only where a decision concerns the same text
        for label in labels.iter_mut() {
            if let Some(decisions) = by_text.get(&*label.text) {
                let id = label.id();
                decision::apply(label, decisions.iter().copied().filter(|d| d.label == id));
            }
        }
    }

    /// The reverse of [`Self::load`].
    fn unload(&mut self) -> BTreeMap<PackId, Pack> {
        let mut packs = std::mem::take(&mut self.packs);
        for label in std::mem::take(&mut self.index).into_labels() {
            if let Some(pack) = packs.get_mut(&label.pack.id) {
                pack.labels.push(label.undecided());
            }
        }
        packs
    }

    /// Reads, checks and stores files. A file that is malformed as a whole is refused and named in the outcome; the
    /// others are stored, all in one commit. An error (a full disk, say) leaves the store as it was.
    pub fn import<P: AsRef<Path>>(
        &mut self,
        paths: &[P],
        options: &ImportOptions,
    ) -> Result<ImportOutcome, LabelError> {
        self.writable()?;
        let mut refused = Vec::new();
        let mut drafts = Vec::new();
        for path in paths {
            match import::read_file(path.as_ref(), options) {
                Ok((draft, report)) => drafts.push((path.as_ref().to_owned(), draft, report)),
                Err(error) => refused.push(error),
            }
        }
        self.store_drafts(drafts, refused, options)
    }

    /// Stores the digital-currency addresses of official lists that were read, each from the file beside it, as
    /// [`Self::import`] does with the addresses of label files. A list without any gives no pack, unless an earlier
    /// version gave one, which then is superseded.
    pub fn import_lists(
        &mut self,
        lists: &[(PathBuf, List)],
        options: &ImportOptions,
    ) -> Result<ImportOutcome, LabelError> {
        let live: Vec<String> = self.entries.iter().filter(|e| e.is_live()).map(|e| e.series.clone()).collect();
        let wanted = |list: &List| {
            list.entries.iter().any(|e| !e.wallets.is_empty()) || live.contains(&import::series(&list.info))
        };
        self.writable()?;
        let read = lists.iter().filter(|(_, list)| wanted(list));
        let drafts = read.map(|(path, list)| {
            let (draft, report) = import::read_list(path, list, options);
            (path.clone(), draft, report)
        });
        self.store_drafts(drafts.collect(), Vec::new(), options)
    }

    /// Stores what was read, in one commit.
    pub(crate) fn store_drafts(
        &mut self,
        drafts: Vec<(PathBuf, Draft, ImportReport)>,
        refused: Vec<LabelError>,
        options: &ImportOptions,
    ) -> Result<ImportOutcome, LabelError> {
        let mut outcome = ImportOutcome { refused, ..ImportOutcome::default() };
        let mut entries = self.entries.clone();
        let mut new_packs = BTreeMap::new();
        for (path, draft, mut report) in drafts {
            let bytes = draft.encode().map_err(|error| LabelError::corrupt(&path, error))?;
            report.pack = PackId(*blake3::hash(&bytes).as_bytes());
            let (done, superseded) = enter(&mut entries, &draft, &path, report.pack, options, &mut report);
            if done != Outcome::AlreadyStored {
                self.write_pack(report.pack, &bytes)?;
                let pack = draft.into_pack(report.pack).map_err(|error| LabelError::corrupt(&path, error))?;
                new_packs.insert(report.pack, pack);
            }
            (report.outcome, report.supersedes) = (done, superseded);
            outcome.reports.push(report);
        }
        if entries != self.entries {
            manifest::write(&self.disk, &self.dir, &entries, &self.decision_hashes)?;
            // committed: from here on nothing fails
            let mut packs = self.unload();
            packs.append(&mut new_packs);
            packs.retain(|id, _| entries.iter().any(|e| e.is_live() && e.pack == *id));
            self.entries = entries;
            self.load(packs);
        }
        Ok(outcome)
    }

    /// Lays the decisions over the labels anew.
    pub(crate) fn reload(&mut self) {
        let packs = self.unload();
        self.load(packs);
    }

    /// Refuses to write to the past.
    pub(crate) fn writable(&self) -> Result<(), LabelError> {
        if self.as_of == AsOf::default() {
            Ok(())
        } else {
            Err(LabelError::undecidable(&self.dir, "the labels as of a past moment cannot be changed"))
        }
    }

    pub(crate) fn write_pack(&self, id: PackId, bytes: &[u8]) -> Result<(), LabelError> {
        let path = pack_path(&self.dir, id);
        let dir = self.dir.join(PACKS);
        self.disk.create_folder(&dir)?;
        if self.entries.is_empty() {
            // an import that was killed may have made them without making their names durable
            let above = self.dir.parent().filter(|above| above.is_dir());
            above.into_iter().chain([&*self.dir]).try_for_each(|folder| self.disk.sync_folder(folder))?;
        }
        match fs::read(&path) {
            // the name is the content's hash; a file damaged since is written anew
            Ok(stored) if stored == bytes => Ok(self.disk.sync_folder(&dir)?),
            Ok(_) => Ok(self.disk.replace(&path, bytes)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(self.disk.replace(&path, bytes)?),
            Err(error) => Err(LabelError::io(&path)(error)),
        }
    }

    /// The accepted labels of an address, by its canonical text (see [`athar_types::address::parse_for`]).
    pub fn lookup(&self, chain: Chain, canonical: &str) -> Matches<'_> {
        self.index.find(SubjectKind::Address, Some(chain), canonical)
    }

    /// The labels of a transaction, by its id in lower-case hexadecimal (with `0x` on the chains that write it).
    pub fn lookup_transaction(&self, chain: Chain, txid: &str) -> Matches<'_> {
        self.index.find(SubjectKind::Transaction, Some(chain), txid)
    }

    /// The labels of an account number at a service, as written.
    pub fn lookup_account(&self, number: &str) -> Matches<'_> {
        self.index.find(SubjectKind::Account, None, number)
    }

    /// The quarantined entries written exactly so.
    pub fn quarantined(&self, as_written: &str) -> impl Iterator<Item = &Label> {
        self.index.quarantined(as_written)
    }

    /// The quarantined entries in whose text this good address stands, such as a cell with two addresses. They are no
    /// statement about the address that was accepted, but a reason to look.
    pub fn mentions(&self, chain: Chain, canonical: &str) -> impl Iterator<Item = &Label> {
        self.index.mentions(chain, canonical)
    }

    /// Every label in use, accepted and quarantined, in an order that does not depend on the order of imports.
    pub fn iter(&self) -> std::slice::Iter<'_, Label> {
        self.index.labels().iter()
    }

    /// The same as a slice, for those who keep places in it.
    pub fn labels(&self) -> &[Label] {
        self.index.labels()
    }

    /// How many labels are in use, accepted and quarantined.
    pub fn len(&self) -> usize {
        self.index.labels().len()
    }

    /// Whether no label is in use.
    pub fn is_empty(&self) -> bool {
        self.index.labels().is_empty()
    }

    /// The actor behind an id, if an actor pack in use names it.
    pub fn actor(&self, id: &str) -> Option<&Actor> {
        let (pack, i) = self.actors.get(id)?;
        self.packs.get(pack)?.actors.get(*i)
    }

    /// Every actor known, by id.
    pub fn actors(&self) -> Vec<&Actor> {
        let mut ids: Vec<&str> = self.actors.keys().map(String::as_str).collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.actor(id)).collect()
    }

    /// How many actors are known.
    pub fn actors_len(&self) -> usize {
        self.actors.len()
    }

    /// The concepts of the imported taxonomies.
    pub fn concepts(&self) -> impl Iterator<Item = &Concept> {
        self.packs.values().flat_map(|pack| &pack.concepts)
    }

    /// Every import there was, in its order, superseded packs included.
    pub fn history(&self) -> &[Entry] {
        &self.entries
    }

    /// BLAKE3 over the identities of the live packs: equal on two machines that use the same files under the same names,
    /// whatever the order and day of their imports, as long as nothing was decided about them. Decisions count with their days.
    /// What else an answer shows of the past stands in [`Self::history_version`].
    pub fn version(&self) -> [u8; 32] {
        let mut live: Vec<PackId> = self.entries.iter().filter(|e| self.as_of.uses(e)).map(|e| e.pack).collect();
        live.sort_unstable();
        live.dedup();
        let mut hasher = blake3::Hasher::new_derive_key("athar labels version 1");
        for id in &live {
            hasher.update(&id.0);
        }
        if self.as_of == AsOf::default() && self.decisions.is_empty() {
            return *hasher.finalize().as_bytes();
        }
        // decisions count with their days, which answers show
        hasher.update(b"decisions");
        let known = |day: Day| self.as_of.known_on.is_none_or(|on| day <= on);
        for (decision, hash) in self.decisions.iter().zip(&self.decision_hashes) {
            if known(decision.day) {
                hasher.update(hash.as_bytes());
            }
        }
        if let Some(day) = self.as_of.true_on {
            hasher.update(b"true on").update(&day.0.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// BLAKE3 over the whole history: every import with its days and every decision, live or not. Equal on two machines only
    /// where both can give the same answers as of every day.
    pub fn history_version(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("athar labels history version 1");
        let mut lines: Vec<String> = self.entries.iter().map(history_line).collect();
        lines.sort_unstable();
        for line in lines.iter().chain(&self.decision_hashes) {
            hasher.update(line.as_bytes()).update(b"\n");
        }
        *hasher.finalize().as_bytes()
    }

    /// Since when and until when the pack of a label is in use here, of the import that this state uses.
    pub fn known(&self, id: PackId) -> Option<(Day, Option<Day>)> {
        let used = |e: &&Entry| e.pack == id && self.as_of.uses(e);
        self.entries.iter().rev().find(used).map(|e| (e.known_from, e.known_to))
    }

    /// Every decision, in the order in which they were made.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Re-reads every pack, superseded ones too, and checks it against its name.
    pub fn verify(&self) -> Result<(), LabelError> {
        journal::read(&self.dir, &self.decision_hashes)?;
        self.entries.iter().try_for_each(|entry| read_pack(&self.dir, entry.pack).map(|_| ()))
    }

    /// Reads one pack of the [history](Self::history).
    pub fn pack(&self, id: PackId) -> Result<Pack, LabelError> {
        read_pack(&self.dir, id)
    }
}

impl<'a> IntoIterator for &'a LabelStore {
    type Item = &'a Label;
    type IntoIter = std::slice::Iter<'a, Label>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

const PACKS: &str = "packs";

pub(crate) fn pack_path(dir: &Path, id: PackId) -> PathBuf {
    dir.join(PACKS).join(format!("{id}.jsonl"))
}

pub(crate) fn read_pack(dir: &Path, id: PackId) -> Result<Pack, LabelError> {
    let path = pack_path(dir, id);
    let bytes = fs::read(&path).map_err(LabelError::io(&path))?;
    if *blake3::hash(&bytes).as_bytes() != id.0 {
        return Err(LabelError::corrupt(&path, "its content does not match its name"));
    }
    let read = Draft::decode(&bytes).and_then(|draft| draft.into_pack(id));
    read.map_err(|error| LabelError::corrupt(&path, error))
}

fn history_line(e: &Entry) -> String {
    let to = e.known_to.map(|d| d.to_string()).unwrap_or_default();
    format!("{} {} {to} {}", e.pack, e.known_from, e.series)
}

/// Enters a read pack into the manifest: what happens to it, and the packs it supersedes or is superseded by.
fn enter(
    entries: &mut Vec<Entry>,
    draft: &Draft,
    path: &Path,
    id: PackId,
    options: &ImportOptions,
    report: &mut ImportReport,
) -> (Outcome, Vec<PackId>) {
    let info = &draft.info;
    let origin = (options.series.is_none() && info.series.starts_with(BY_PLACE))
        .then(|| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned());
    let of_series = |e: &&mut Entry| e.is_live() && e.series == info.series && e.origin == origin;
    if entries.iter().any(|e| e.is_live() && e.pack == id) {
        return (Outcome::AlreadyStored, Vec::new());
    }
    let newer = entries.iter_mut().filter(of_series).find(|e| e.against(info) == Standing::Newer).map(|e| e.pack);
    if newer.is_some() && entries.iter().any(|e| e.pack == id) {
        return (Outcome::AlreadyStored, Vec::new());
    }
    let mut superseded = Vec::new();
    if newer.is_none() {
        for entry in entries.iter_mut().filter(of_series).filter(|e| e.against(info) == Standing::Older) {
            entry.known_to = Some(options.day);
            entry.superseded_by = Some(id);
            superseded.push(entry.pack);
        }
    }
    let namesake = |e: &&Entry| {
        e.is_live() && e.format == info.format && e.title == info.title && !e.title.is_empty() && e.part == info.part
    };
    report.namesakes = entries.iter().filter(namesake).map(|e| e.pack).collect();
    entries.push(Entry {
        pack: id,
        format: info.format,
        title: info.title.clone(),
        series: info.series.clone(),
        part: info.part.clone(),
        as_of: info.as_of,
        file: path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        origin,
        source_hash: info.source_hash.clone(),
        known_from: options.day,
        known_to: newer.map(|_| options.day),
        superseded_by: newer,
        accepted: report.accepted + report.transactions + report.identifiers,
        quarantined: report.quarantined,
    });
    match newer {
        Some(newer) => (Outcome::StoredAsHistory, vec![newer]),
        None => (Outcome::Stored, superseded),
    }
}
