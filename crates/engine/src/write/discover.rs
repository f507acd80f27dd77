//! Reading what an investigator collected: finds to whoever asked, sightings into the store.

use crate::Engine;
use crate::error::EngineError;
use athar_discover::{Event, Knowledge, Progress, Recorded, Recorder, Settings, Source, Teller, Totals, run, run_fed};
use athar_documents::{Document, DocumentEnd, DocumentKind, Message, Moment, Segment, SegmentKind, Sink, SourceMap};
use athar_labels::official_meaning;
use athar_lists::{EntryKind, ListFormat, ListStore, Quality};
use athar_sightings::Sightings;
use athar_types::Category;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a run was, and what it found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DiscoverSummary {
    /// What was looked at and found.
    #[serde(flatten)]
    pub totals: Totals,
    /// Whether it was recorded in the store.
    pub recorded: bool,
    /// Version of the lexicons that passages were scored with.
    pub lexicon: String,
    /// Names of groups from imported lists that passages were searched for.
    pub group_names: usize,
}

/// What passages are judged by, with the groups of the lists in the store in `folder`, which need not exist. Gives also how many
/// names of groups there are.
pub fn knowledge(folder: &Path) -> Result<(Knowledge, usize), EngineError> {
    let names = group_names(folder)?;
    let count = names.len();
    Ok((Knowledge::new(names), count))
}

/// The names of groups in the lists of the store in `folder`, each with its entry: the organisations that an official list names for
/// terrorism, and all entries of lists that the user made of names; names that a list itself calls weak are left out.
pub(crate) fn group_names(folder: &Path) -> Result<Vec<(String, String)>, EngineError> {
    let lists = ListStore::open(super::lists_folder(folder))?;
    let mut names = Vec::new();
    for version in lists.live() {
        let list = lists.load(&version.version)?;
        for entry in &list.entries {
            let is_group = match list.info.format {
                ListFormat::NamesCsv => entry.kind != EntryKind::Person,
                _ => {
                    entry.kind == EntryKind::Organisation
                        && official_meaning(&list.info, entry).0.iter().any(|c| is_terrorism(*c))
                }
            };
            if !is_group {
                continue;
            }
            let good = entry.names.iter().filter(|name| name.quality != Quality::Low);
            names.extend(good.map(|name| (format!("{} {}", list.info.list, entry.id), name.text.clone())));
        }
    }
    Ok(names)
}

fn is_terrorism(category: Category) -> bool {
    matches!(category, Category::TerroristFinancing | Category::Extremism)
}

/// Reads files and gives every event to `tell`, which ends the run by false; records sightings in the store in `folder` where `record`
/// is set. Events come in the order of the files and of the documents in them.
pub fn discover(
    folder: &Path,
    files: &[Source],
    settings: &Settings,
    record: bool,
    progress: &Progress,
    tell: impl FnMut(&Event) -> bool + Send,
) -> Result<DiscoverSummary, EngineError> {
    let (knowledge, group_names) = knowledge(folder)?;
    let totals = if record {
        let store = Sightings::open(folder)?;
        let known = Recorded::new(&store, settings, knowledge.lexicon());
        let recorder = Recorder::new(&store, settings, knowledge.lexicon(), now(), tell);
        let (recorder, totals) = run(files, settings, &knowledge, Some(&known), progress, true, recorder);
        recorder.finish()?;
        totals
    } else {
        run(files, settings, &knowledge, None, progress, false, Teller(tell)).1
    };
    Ok(DiscoverSummary { totals, recorded: record, lexicon: knowledge.lexicon().into(), group_names })
}

/// Looks at one document at hand, as [`discover`] looks at files. `name` stands for its file.
pub fn discover_bytes(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    settings: &Settings,
    record: bool,
    tell: impl FnMut(&Event) -> bool + Send,
) -> Result<DiscoverSummary, EngineError> {
    discover_bytes_with(&knowledge(folder)?, folder, name, bytes, settings, record, tell)
}

/// The same with a [`knowledge`] that the caller kept: reading it takes all lists of the store.
pub fn discover_bytes_with(
    known: &(Knowledge, usize),
    folder: &Path,
    name: &str,
    bytes: &[u8],
    settings: &Settings,
    record: bool,
    tell: impl FnMut(&Event) -> bool + Send,
) -> Result<DiscoverSummary, EngineError> {
    let reader = settings.reader();
    fed(known, folder, name, settings, record, &Progress::default(), tell, &mut |sink| {
        // a break is known to whoever broke
        let _ = reader.read_bytes(Document::file(name), bytes, sink);
    })
}

/// Looks at the texts that transactions of an engine's chain carry, as [`discover`] looks at files.
pub fn discover_op_returns(
    engine: &Engine,
    settings: &Settings,
    record: bool,
    progress: &Progress,
    tell: impl FnMut(&Event) -> bool + Send,
) -> Result<DiscoverSummary, EngineError> {
    let chain = engine.chain();
    let name = format!("chain:{chain}");
    let channel = format!("{chain} OP_RETURN");
    let mut failed = None;
    let known = knowledge(&engine.folder)?;
    let summary = fed(&known, &engine.folder, &name, settings, record, progress, tell, &mut |sink| {
        let document = Document { kind: DocumentKind::Chain, channel: Some(channel.clone()), ..Document::file(&name) };
        if sink.begin(document).is_continue() {
            let read = engine.op_returns(&mut |found| {
                let message = Message {
                    id: Some(format!("{}:{}", found.txid, found.vout)),
                    channel: Some(channel.clone()),
                    at: Some(Moment { time: found.time, zone_known: true }),
                    ..Message::default()
                };
                let segment = Segment {
                    kind: SegmentKind::OpReturn,
                    map: SourceMap::default(),
                    message: Some(Box::new(message)),
                    ..Segment::text(found.text, 0)
                };
                sink.segment(segment).is_continue()
            });
            failed = read.err();
        }
        sink.end(DocumentEnd::default());
    })?;
    failed.map_or(Ok(summary), Err)
}

/// Looks at whatever `feed` gives.
#[allow(clippy::too_many_arguments)] // what is looked at, by what, and who is told
fn fed(
    (knowledge, group_names): &(Knowledge, usize),
    folder: &Path,
    name: &str,
    settings: &Settings,
    record: bool,
    progress: &Progress,
    tell: impl FnMut(&Event) -> bool + Send,
    feed: &mut dyn FnMut(&mut dyn Sink),
) -> Result<DiscoverSummary, EngineError> {
    let totals = if record {
        let store = Sightings::open(folder)?;
        let recorder = Recorder::new(&store, settings, knowledge.lexicon(), now(), tell);
        let (recorder, totals) = run_fed(name, feed, settings, knowledge, progress, true, recorder);
        recorder.finish()?;
        totals
    } else {
        let (Teller(_), totals) = run_fed(name, feed, settings, knowledge, progress, false, Teller(tell));
        totals
    };
    Ok(DiscoverSummary { totals, recorded: record, lexicon: knowledge.lexicon().into(), group_names: *group_names })
}

/// Seconds since 1970: when an item was read is part of what is recorded of it.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() as i64)
}
