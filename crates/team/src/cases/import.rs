//! A case out of a file, whole or not at all.
//!
//! The file may be anybody's. It is read twice: first everything in it is held against the bounds, the hashes and itself, then it is stored in one
//! transaction. No member's name is ever a path on this machine, no length that the file claims is trusted, and what is
//! unpacked is bounded before it is.

use super::Cases;
use super::access::Who;
use super::archive::{
    Archive, ArchiveChange, ArchivePerson, CASE, CASE_BYTES_MAX, FOLDER, FORMAT, Listed, MANIFEST, MANIFEST_BYTES_MAX,
    Manifest, Numbers, VERSION, importer,
};
use super::attach::{self, File};
use super::body::{Body, Lines, is_hash, text};
use super::bounds::{
    ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, CHANGES_MAX, ITEMS_MAX, NAME_CHARS_MAX, TEXT_BYTES_MAX,
};
use super::case::{self, one};
use super::error::CaseError;
use super::items;
use super::journal::{self, Entry, State};
use super::members::{self, MemberState};
use super::model::{Action, Case, CaseFields, CaseRole, Thing};
use crate::{Tx, params};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Seek};
use zip::ZipArchive;

/// Characters of a summary in the history, and what is added where one was cut.
const SUMMARY_CHARS_MAX: usize = 101;
/// Times that a file may name: up to the year 9999.
const TIME_S_MAX: i64 = 253_402_300_799;

impl Cases<'_> {
    /// Makes a case of an exported one. Whoever imports it owns it and is its only member: no file gives anybody a right.
    pub fn import<R: Read + Seek>(&self, who: &Who, file: R, now_s: i64) -> Result<Case, CaseError> {
        let user = importer(who)?;
        let mut file = Reading::open(file)?;
        let manifest = file.manifest()?;
        let is_ours = manifest.mark == Manifest::mark_of(self.team, &manifest.files);
        let whole = Whole::check(file.case(&manifest)?, is_ours)?;
        file.attachments(&manifest, &whole.files)?;
        let done = self.team.db().write(|tx| {
            let id = whole.store(tx, now_s)?;
            for listed in manifest.files.iter().filter(|listed| listed.name != CASE) {
                let bytes = file.read(&listed.name, ATTACHMENT_BYTES_MAX as u64)?;
                attach::hold(tx, id, &File::of(&bytes)).map_err(|e| refused(&listed.name, e))?;
            }
            members::put(tx, id, user, CaseRole::Owner, now_s)?;
            let version = journal::last(tx, id, Thing::Member, user)?.map_or(0, |last| last.version) + 1;
            let entry = Entry {
                action: Action::Add,
                thing: Thing::Member,
                item: user,
                state: Some(MemberState::json(CaseRole::Owner)?),
                version,
                summary: CaseRole::Owner.name().into(),
                of: None,
            };
            journal::append(tx, who, id, now_s, &entry)?;
            self.team.append_in(tx, &[super::entry(who, "case.import", Some(id), None, now_s)])?;
            one(tx, who, id, now_s)
        });
        if let Err(error) = &done {
            let entry = super::entry(who, "case.import", None, None, now_s).outcome(super::outcome(Some(error)));
            self.team.append_read(entry)?;
        }
        done
    }
}

fn bad(member: &str, what: impl Into<String>) -> CaseError {
    let mut short: String = member.chars().take(100).flat_map(char::escape_debug).collect();
    if short.is_empty() {
        short = "the file".into();
    }
    CaseError::Archive { member: short, what: what.into() }
}

/// What is wrong with a part of `member`.
fn refused(member: &str, error: CaseError) -> CaseError {
    match error {
        CaseError::Input { .. } | CaseError::TooMany { .. } | CaseError::State(_) => bad(member, error.to_string()),
        other => other,
    }
}

/// A file that is being read.
struct Reading<R> {
    zip: ZipArchive<R>,
    names: Vec<String>,
}

impl<R: Read + Seek> Reading<R> {
    /// Opens the file, and holds the names of its members to the few that there may be.
    fn open(file: R) -> Result<Self, CaseError> {
        let mut zip = ZipArchive::new(file).map_err(|e| bad("", format!("it is no ZIP file that can be read: {e}")))?;
        let mut names = Vec::new();
        for at in 0..zip.len() {
            let member = zip.by_index_raw(at).map_err(|e| bad("", format!("member {at} cannot be read: {e}")))?;
            let name = member.name().map_err(|e| bad("", format!("the name of member {at} cannot be read: {e}")))?;
            let name = name.into_owned();
            let is_known = name == MANIFEST || name == CASE || name.strip_prefix(FOLDER).is_some_and(is_hash);
            if !is_known {
                return Err(bad(&name, "it is none of MANIFEST.json, case.json and attachments/HASH"));
            }
            if member.encrypted() || member.is_symlink() || member.is_dir() {
                return Err(bad(&name, "it is encrypted, or no plain file"));
            }
            drop(member);
            names.push(name);
        }
        Ok(Self { zip, names })
    }

    /// A member, unpacked, of at most so many bytes whatever the file says of it.
    fn read(&mut self, name: &str, max: u64) -> Result<Vec<u8>, CaseError> {
        let member = self.zip.by_name(name).map_err(|_| bad(name, "it is missing, or cannot be unpacked"))?;
        let mut bytes = Vec::new();
        member.take(max + 1).read_to_end(&mut bytes).map_err(|e| bad(name, format!("it cannot be unpacked: {e}")))?;
        if bytes.len() as u64 > max {
            return Err(bad(name, format!("it has more than {max} bytes")));
        }
        Ok(bytes)
    }

    fn manifest(&mut self) -> Result<Manifest, CaseError> {
        #[derive(serde::Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let bytes = self.read(MANIFEST, MANIFEST_BYTES_MAX)?;
        let no_manifest = |e: serde_json::Error| bad(MANIFEST, format!("it is no manifest: {}", place(&e)));
        // before the rest: a newer version may have another shape
        let head: Head = serde_json::from_slice(&bytes).map_err(no_manifest)?;
        if head.format != FORMAT {
            return Err(bad(MANIFEST, "it is of no exported case"));
        }
        if head.version != VERSION {
            let what = format!("the file has version {}, and this program reads version {VERSION}", head.version);
            return Err(bad(MANIFEST, what));
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(no_manifest)?;
        let mut names = HashSet::new();
        let mut total = 0_u64;
        for file in &manifest.files {
            let hash = file.name.strip_prefix(FOLDER);
            if file.name != CASE && !hash.is_some_and(|hash| is_hash(hash) && hash == file.blake3) {
                return Err(bad(&file.name, "the manifest names what cannot be in the file"));
            }
            if !names.insert(file.name.as_str()) {
                return Err(bad(&file.name, "the manifest names it twice"));
            }
            if hash.is_some() {
                total = total.saturating_add(file.bytes);
            }
        }
        if !names.contains(CASE) {
            return Err(bad(CASE, "the manifest does not name it"));
        }
        if total > ATTACHMENTS_BYTES_MAX {
            return Err(bad(MANIFEST, format!("its attachments have more than {ATTACHMENTS_BYTES_MAX} bytes")));
        }
        match self.names.iter().find(|name| *name != MANIFEST && !names.contains(name.as_str())) {
            Some(name) => Err(bad(name, "the manifest does not name it")),
            None => Ok(manifest),
        }
    }

    /// A member that is what the manifest says.
    fn listed(&mut self, listed: &Listed, max: u64) -> Result<Vec<u8>, CaseError> {
        let bytes = self.read(&listed.name, max)?;
        if bytes.len() as u64 != listed.bytes {
            let what = format!("it has {} bytes, and the manifest says {}", bytes.len(), listed.bytes);
            return Err(bad(&listed.name, what));
        }
        let file = File::of(&bytes);
        if file.blake3_text() != listed.blake3 || file.sha256 != listed.sha256 {
            return Err(bad(&listed.name, "it is not what its hashes in the manifest say"));
        }
        Ok(bytes)
    }

    fn case(&mut self, manifest: &Manifest) -> Result<Archive, CaseError> {
        let listed = manifest.files.iter().find(|file| file.name == CASE);
        let listed = listed.ok_or_else(|| bad(CASE, "the manifest does not name it"))?;
        let bytes = self.listed(listed, CASE_BYTES_MAX)?;
        serde_json::from_slice(&bytes).map_err(|e| bad(CASE, format!("it is no case: {}", place(&e))))
    }

    /// Holds the attachments to their hashes, and to those that the case names.
    fn attachments(&mut self, manifest: &Manifest, named: &BTreeMap<String, (u64, String)>) -> Result<(), CaseError> {
        let mut found = HashSet::new();
        for listed in manifest.files.iter().filter(|listed| listed.name != CASE) {
            let said = named.get(&listed.blake3);
            let said = said.ok_or_else(|| bad(&listed.name, "nothing in the case names it"))?;
            let bytes = self.listed(listed, ATTACHMENT_BYTES_MAX as u64)?;
            if *said != (bytes.len() as u64, listed.sha256.clone()) {
                return Err(bad(&listed.name, "the case says another length or SHA-256 of it"));
            }
            found.insert(listed.blake3.as_str());
        }
        match named.keys().find(|hash| !found.contains(hash.as_str())) {
            Some(hash) => Err(bad(&format!("{FOLDER}{hash}"), "it is missing")),
            None => Ok(()),
        }
    }
}

/// Where JSON is wrong; what stands there is not repeated.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// A case that was held against everything, with the numbers that its people have here.
struct Whole {
    archive: Archive,
    people: Vec<(i64, String)>,
    items: Vec<(State, Body)>,
    /// The state after each change.
    states: Vec<Option<String>>,
    texts: i64,
    /// Length and SHA-256 of the files that it names, by BLAKE3.
    files: BTreeMap<String, (u64, String)>,
    created_by: i64,
    numbers: Numbers,
}

impl Whole {
    fn check(archive: Archive, is_ours: bool) -> Result<Self, CaseError> {
        let wrong = |what: String| bad(CASE, what);
        let bounds = [
            ("people", archive.people.len(), ITEMS_MAX),
            ("items", archive.items.len(), ITEMS_MAX),
            ("changes", archive.history.len(), CHANGES_MAX),
        ];
        if let Some((what, _, max)) = bounds.iter().find(|(_, count, max)| *count as u64 > *max) {
            return Err(wrong(format!("it has more than {max} {what}")));
        }
        archive.fields.check().map_err(|e| refused(CASE, e))?;
        let numbers = if is_ours { Numbers::ours() } else { Numbers::strangers(&archive.people) };
        let unknown = |user: i64| wrong(format!("its people do not name {user}"));
        let mut people = Vec::new();
        let mut seen = HashSet::new();
        for ArchivePerson { user, display } in &archive.people {
            text("people", display, 0, NAME_CHARS_MAX, Lines::One).map_err(|e| refused(CASE, e))?;
            if !seen.insert(*user) || *user == 0 {
                return Err(wrong(format!("its people name {user} twice, or are nobody")));
            }
            let number = numbers.of(*user).ok_or_else(|| unknown(*user))?;
            if number < 0 {
                people.push((number, display.clone()));
            }
        }
        let author = |user: i64| {
            let known = user == 0 || seen.contains(&user);
            known.then(|| numbers.of(user)).flatten().ok_or_else(|| unknown(user))
        };
        let created_by = author(archive.created_by)?;
        let times = [archive.created_s, archive.changed_s];
        if archive.version < 1 || archive.next_item < 1 || times.iter().any(|time| !(0..=TIME_S_MAX).contains(time)) {
            return Err(wrong("its version, numbers or times are out of bounds".into()));
        }

        let mut files = BTreeMap::new();
        let mut file = |body: &Body| match body {
            Body::Attachment(file) => {
                let said = (file.bytes, file.sha256.clone());
                match files.insert(file.blake3.clone(), said.clone()) {
                    Some(other) if other != said => Err(bad(CASE, "it says two things of one attachment")),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        };
        let mut states = Vec::with_capacity(archive.history.len());
        let mut last: HashMap<(Thing, i64), usize> = HashMap::new();
        let mut texts = 0_i64;
        for (at, change) in archive.history.iter().enumerate() {
            let within = |what: &str| bad(CASE, format!("change {}: {what}", change.seq));
            author(change.by)?;
            change.undone_by.map(author).transpose()?;
            text("summary", &change.summary, 0, SUMMARY_CHARS_MAX, Lines::One).map_err(|e| refused(CASE, e))?;
            if change.seq != at as i64 + 1 || change.version < 1 || !(0..=TIME_S_MAX).contains(&change.at_s) {
                return Err(within("its number, version or time is out of order or bounds"));
            }
            let state = match (change.kind.item(), &change.state) {
                _ if !change.kept && (change.state.is_some() || change.kind != Thing::Graph) => {
                    return Err(within("only earlier states of graphs may be left out"));
                }
                (Some(_), _) if !(1..archive.next_item).contains(&change.item) => {
                    return Err(within("its item is out of bounds"));
                }
                (_, None) => None,
                (Some(kind), Some(raw)) => {
                    let state: State = serde_json::from_str(raw.get()).map_err(|_| within("its state is none"))?;
                    author(state.created_by)?;
                    let (state, body) = numbers.state(kind, &state).map_err(|e| refused(CASE, e))?;
                    file(&body)?;
                    Some(items::json(&state)?)
                }
                (None, Some(raw)) if change.kind == Thing::Case => {
                    let fields: CaseFields =
                        serde_json::from_str(raw.get()).map_err(|_| within("its state is none"))?;
                    fields.check().map_err(|e| refused(CASE, e))?;
                    Some(fields.json()?)
                }
                (None, Some(raw)) => {
                    let member: MemberState =
                        serde_json::from_str(raw.get()).map_err(|_| within("its state is none"))?;
                    Some(MemberState::json(member.role)?)
                }
            };
            if change.kind == Thing::Member {
                author(change.item)?;
            }
            if change.kind == Thing::Case && change.item != 0 {
                return Err(within("the case itself has no item"));
            }
            texts += state.as_ref().map_or(0, String::len) as i64;
            if texts > TEXT_BYTES_MAX as i64 {
                return Err(wrong(format!("its texts have more than {TEXT_BYTES_MAX} bytes")));
            }
            if let Some(before) = last.insert((change.kind, change.item), at)
                && archive.history[before].version >= change.version
            {
                return Err(within("its version does not follow the one before"));
            }
            marks(&archive.history, change).map_err(within)?;
            states.push(state);
        }
        if archive.next_seq != archive.history.len() as i64 + 1 {
            return Err(wrong("its history is not whole".into()));
        }

        // what it is now must be what its history leads to: undoing would else make up a state that nobody wrote
        let mut whole: Vec<(State, Body)> = Vec::with_capacity(archive.items.len());
        let mut ids = HashSet::new();
        for item in &archive.items {
            let within = |what: &str| bad(CASE, format!("item {}: {what}", item.id));
            author(item.changed_by)?;
            author(item.state.created_by)?;
            if !ids.insert(item.id) || !(0..=TIME_S_MAX).contains(&item.changed_s) {
                return Err(within("it is there twice, or its time is out of bounds"));
            }
            let (state, body) = numbers.state(item.kind, &item.state).map_err(|e| refused(CASE, e))?;
            file(&body)?;
            let at = last.get(&(item.kind.into(), item.id)).copied();
            let at = at.ok_or_else(|| within("its history does not tell of it"))?;
            let is_led_to = states[at].as_deref() == Some(items::json(&state)?.as_str());
            if !is_led_to || archive.history[at].version != item.version {
                return Err(within("it is not what its history leads to"));
            }
            whole.push((state, body));
        }
        for ((thing, item), at) in &last {
            let is_gone = states[*at].is_none();
            if thing.item().is_some() && is_gone == ids.contains(item) {
                return Err(bad(CASE, format!("item {item}: it is not what its history leads to")));
            }
        }
        let fields = last.get(&(Thing::Case, 0)).and_then(|at| states[*at].clone());
        if fields != Some(archive.fields.json()?) {
            return Err(wrong("its fields are not what its history leads to".into()));
        }
        Ok(Self { archive, people, items: whole, states, texts, files, created_by, numbers })
    }

    /// Puts all of it in; gives the number of the case.
    fn store(&self, tx: &mut Tx<'_>, now_s: i64) -> Result<i64, CaseError> {
        let archive = &self.archive;
        let author = |user: i64| self.numbers.of(user).unwrap_or(0);
        let id = case::insert(tx, &archive.fields, archive.created_s, self.created_by)?;
        tx.execute(
            "UPDATE cases SET version = ?2, changed_s = ?3, next_item = ?4, next_seq = ?5, texts = ?6 WHERE id = ?1",
            params![id, archive.version, now_s, archive.next_item, archive.next_seq, self.texts],
        )?;
        for (number, display) in &self.people {
            let sql = "INSERT INTO case_people (case_id, id, display) VALUES (?1, ?2, ?3)";
            tx.execute(sql, params![id, *number, display])?;
        }
        for (item, (state, body)) in archive.items.iter().zip(&self.items) {
            let changed = (item.changed_s, author(item.changed_by));
            items::store(tx, id, item.id, item.version, state, body, changed)?;
        }
        for (change, state) in archive.history.iter().zip(&self.states) {
            let item = if change.kind == Thing::Member { author(change.item) } else { change.item };
            tx.execute(
                "INSERT INTO case_changes (case_id, seq, at_s, by_id, action, kind, item, state, kept, version, summary,
                     of_seq, undone_seq, undone_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                params![
                    id,
                    change.seq,
                    change.at_s,
                    author(change.by),
                    change.action.name(),
                    change.kind.name(),
                    item,
                    state.as_deref(),
                    change.kept,
                    change.version,
                    &change.summary,
                    change.of,
                    change.undone_seq,
                    change.undone_by.map(author)
                ],
            )?;
        }
        Ok(id)
    }
}

/// What a change says of the one that it undoes, and the other way round, must agree.
fn marks(history: &[ArchiveChange], change: &ArchiveChange) -> Result<(), &'static str> {
    let at = |seq: i64| usize::try_from(seq - 1).ok().and_then(|at| history.get(at));
    if let Some(of) = change.of {
        let is_right = matches!(change.action, Action::Undo | Action::Redo) && of < change.seq;
        if !is_right || at(of).is_none_or(|other| (other.kind, other.item) != (change.kind, change.item)) {
            return Err("what it undoes is no change of the same thing");
        }
    } else if matches!(change.action, Action::Undo | Action::Redo) {
        return Err("it undoes nothing");
    }
    match (change.undone_seq, change.undone_by) {
        (None, None) => Ok(()),
        (Some(seq), Some(_)) => {
            let undoing = at(seq).filter(|other| other.action == Action::Undo && other.of == Some(change.seq));
            undoing.map(|_| ()).ok_or("it is undone by no undoing")
        }
        _ => Err("it is undone by nobody"),
    }
}
