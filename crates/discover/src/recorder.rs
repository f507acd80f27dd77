//! Recording into the store of sightings, and what it knows from before.
//!
//! An item is begun with its first find, so that a million pages without one leave nothing behind; a picture is recorded by its look
//! alone, since the same picture on two sites ties them. What a broken run has not finished is not there afterwards.

use crate::record::{Ended, Event, Item, Results};
use crate::run::Known;
use crate::{Settings, Source};
use athar_documents::{Document, TroubleKind};
use athar_sightings::{FileState, ItemEnd, ItemId, NewItem, Reading, Sightings, SightingsError, Writer};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Smallest side in pixels of a picture that is recorded by its look: smaller ones are icons and dots, which look alike everywhere.
const PICTURE_SIDE_MIN: u32 = 100;

/// Program and version, as recorded.
pub fn tool() -> String {
    format!("athar {}", env!("CARGO_PKG_VERSION"))
}

/// Everything that decides what is found in a file and recorded of it, as a hash.
fn settings_hash(settings: &Settings, lexicon: &str) -> Vec<u8> {
    let Settings { limits, keep, bare_hashes, test_networks, score_min, ocr, chat_columns, .. } = settings;
    let text = format!(
        "{} {lexicon} {limits:?} {keep:?} {bare_hashes} {test_networks} {score_min} {ocr:?} {chat_columns:?}",
        tool()
    );
    blake3::hash(text.as_bytes()).as_bytes().to_vec()
}

/// Program and version, and where the settings are not the usual ones a mark of them: a member that was read with other settings
/// is read again.
fn tool_with(settings: &Settings, lexicon: &str) -> String {
    let [these, usual] = [settings, &Settings::default()].map(|settings| settings_hash(settings, lexicon));
    if these == usual {
        return tool();
    }
    let mark: String = these.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{} settings {mark}", tool())
}

/// What a store knows from earlier runs.
#[derive(Debug)]
pub struct Recorded<'s> {
    store: &'s Sightings,
    tool: String,
    lexicon: String,
    settings: Vec<u8>,
}

impl<'s> Recorded<'s> {
    /// What `store` knows of what would be read with these settings.
    pub fn new(store: &'s Sightings, settings: &Settings, lexicon: &str) -> Self {
        let (tool, settings) = (tool_with(settings, lexicon), settings_hash(settings, lexicon));
        Self { store, tool, lexicon: lexicon.to_owned(), settings }
    }
}

impl Known for Recorded<'_> {
    fn file(&self, source: &Source) -> bool {
        // a store that does not answer has the file read again; what then cannot be recorded is an error there
        self.store.file_is_done(file_state(source, &source.path.to_string_lossy(), &self.settings)).unwrap_or(false)
    }

    fn member(&self, document: &Document, sha256: &[u8; 32]) -> bool {
        let reading = Reading {
            file: &document.file,
            member: document.member.as_deref(),
            sha256,
            tool: &self.tool,
            lexicon: &self.lexicon,
        };
        self.store.is_done(reading).unwrap_or(false)
    }
}

fn file_state<'a>(source: &Source, path: &'a str, settings: &'a [u8]) -> FileState<'a> {
    FileState { path, bytes: source.bytes, mtime_ns: i64::try_from(source.changed_ns).unwrap_or(i64::MAX), settings }
}

/// Where an item stands.
enum State {
    /// Its beginning is known, and nothing was found in it yet.
    Waiting(Arc<Document>),
    /// It is recorded.
    Begun(ItemId),
}

/// Records events, and hands each on.
pub struct Recorder<'s, F> {
    writer: Writer<'s>,
    open: HashMap<Item, State>,
    /// Whether the system refused something of the file that is being read.
    unread: bool,
    tool: String,
    lexicon: String,
    settings: Vec<u8>,
    operator: Option<String>,
    /// When the run began, in seconds since 1970.
    now: i64,
    told: F,
    /// What ended it.
    error: Option<SightingsError>,
}

impl<F> std::fmt::Debug for Recorder<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

impl<'s, F: FnMut(&Event) -> bool + Send> Recorder<'s, F> {
    /// Records into `store`; `now` is the time that items are said to be read at, in seconds since 1970. `told` sees every event
    /// after it was recorded, and ends the run by false.
    pub fn new(store: &'s Sightings, settings: &Settings, lexicon: &str, now: i64, told: F) -> Self {
        Self {
            writer: store.writer(),
            open: HashMap::new(),
            unread: false,
            tool: tool_with(settings, lexicon),
            lexicon: lexicon.to_owned(),
            settings: settings_hash(settings, lexicon),
            operator: settings.operator.clone(),
            now,
            told,
            error: None,
        }
    }

    /// Stores what is not stored yet. What a broken run left unfinished is not kept.
    pub fn finish(mut self) -> Result<(), SightingsError> {
        let unfinished = std::mem::take(&mut self.open);
        for state in unfinished.into_values() {
            if let State::Begun(id) = state {
                self.writer.abandon(id)?;
            }
        }
        self.writer.flush()?;
        self.error.map_or(Ok(()), Err)
    }

    fn begun(&mut self, item: Item) -> Result<Option<ItemId>, SightingsError> {
        let document = match self.open.get(&item) {
            Some(State::Begun(id)) => return Ok(Some(*id)),
            Some(State::Waiting(document)) => Arc::clone(document),
            None => return Ok(None),
        };
        let id = self.writer.begin(NewItem {
            kind: crate::found::word(&document.kind),
            file: document.file.clone(),
            member: document.member.clone(),
            uri: document.uri.clone(),
            channel: document.channel.clone(),
            captured: document.captured,
            read_at: self.now,
            tool: self.tool.clone(),
            lexicon: self.lexicon.clone(),
            operator: self.operator.clone(),
            ..NewItem::default()
        })?;
        self.open.insert(item, State::Begun(id));
        Ok(Some(id))
    }

    fn record(&mut self, event: &Event) -> Result<(), SightingsError> {
        match event {
            Event::Begin(item, document) => {
                self.open.insert(*item, State::Waiting(Arc::clone(document)));
            }
            Event::Find(_, Some((item, sighting))) => {
                if let Some(id) = self.begun(*item)? {
                    self.writer.add(id, std::slice::from_ref(sighting))?;
                }
            }
            Event::End(item, ended, _) => {
                let is_seen = ended.picture.is_some_and(|p| p.width.min(p.height) >= PICTURE_SIDE_MIN);
                if is_seen {
                    self.begun(*item)?;
                }
                if let Some(State::Begun(id)) = self.open.remove(item) {
                    let Ended { end, picture, sketch, original } = ended.as_ref().clone();
                    let end = ItemEnd {
                        sha256: end.sha256,
                        bytes: Some(end.bytes),
                        title: end.title,
                        picture_hash: picture.filter(|_| is_seen).map(|p| p.hash),
                        sketch,
                        original,
                    };
                    self.writer.finish(id, end)?;
                }
            }
            Event::Problem(problem) => self.unread |= problem.kind == TroubleKind::Io,
            // what could not be read may be readable the next time, without any change of the file
            Event::FileDone(_) if std::mem::take(&mut self.unread) => {}
            Event::FileDone(source) => {
                let path = source.path.to_string_lossy();
                self.writer.file_done(file_state(source, &path, &self.settings))?;
            }
            Event::Find(_, None) | Event::Known(_) | Event::FileKnown(_) => {}
        }
        Ok(())
    }
}

impl<F: FnMut(&Event) -> bool + Send> Results for Recorder<'_, F> {
    fn take(&mut self, event: Event) -> Result<(), ControlFlow<()>> {
        if let Err(error) = self.record(&event) {
            self.error = Some(error);
            return Err(ControlFlow::Break(()));
        }
        if (self.told)(&event) { Ok(()) } else { Err(ControlFlow::Break(())) }
    }
}

/// Only tells events, for a run that records nothing.
pub struct Teller<F>(pub F);

impl<F> std::fmt::Debug for Teller<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Teller")
    }
}

impl<F: FnMut(&Event) -> bool + Send> Results for Teller<F> {
    fn take(&mut self, event: Event) -> Result<(), ControlFlow<()>> {
        if (self.0)(&event) { Ok(()) } else { Err(ControlFlow::Break(())) }
    }
}
