//! Office documents (Office Open XML, ECMA-376): the text of all parts of a `.docx`, its links, and its pictures as members.
//!
//! Only the five references that XML itself defines and character references are resolved. A document type is never read, so
//! entities that expand to each other stay words.

use crate::boundary;
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::stream::guarded;
use crate::zip::Taken;
use crate::{Document, Message, Moment, Segment, SegmentKind, SourceMap, Stop, TroubleKind};
use athar_types::{Day, UnixTime};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use zip::ZipArchive;

/// Bytes of a paragraph that are told as the context of a link in it.
const CONTEXT_BYTES: usize = 400;

/// Reads an office document.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let outer = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        if !bytes.fill_head(desk.limits.document_bytes as usize) {
            let words = format!("not whole, or of more than {} bytes", desk.limits.document_bytes);
            desk.tell(TroubleKind::Bound, None, words);
            return crate::zip::read_stream(&outer, bytes, desk);
        }
        match crate::zip::open(Cursor::new(bytes.at_hand()), desk) {
            Ok(archive) => read_archive(archive, &outer, desk),
            Err(trouble) => {
                desk.sink.trouble(trouble);
                crate::zip::read_stream(&outer, bytes, desk)
            }
        }
    })
}

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

fn read_archive(mut archive: Archive<'_>, outer: &Document, desk: &mut Desk<'_>) -> Stop {
    let directory = archive.metadata();
    let names: Vec<String> = (0..directory.len())
        .map(|index| {
            directory
                .entry(index)
                .map_or_else(|_| String::new(), |e| String::from_utf8_lossy(e.name_raw()).into_owned())
        })
        .collect();
    if !names.iter().any(|name| is_story(name, "word/document")) {
        return crate::zip::read_all(archive, outer, desk);
    }
    let mut message = None;
    if let Some(index) = names.iter().position(|name| name == "docProps/core.xml") {
        let properties = Properties::read(&part(&mut archive, index, desk));
        if let Some(title) = properties.title {
            desk.title = Some(boundary::head(&title, 1000).to_owned());
            let text = boundary::head(&title, desk.limits.segment_bytes).to_owned();
            let map = SourceMap::default();
            desk.segment(Segment { kind: SegmentKind::Title, map, ..Segment::text(text, 0) })?;
        }
        message = (properties.author.is_some() || properties.at.is_some())
            .then(|| Box::new(Message { author: properties.author, at: properties.at, ..Message::default() }));
    }
    // the body first, then what stands around it
    let order = ["word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments"];
    for start in order {
        for index in 0..names.len() {
            let name = &names[index];
            if !is_story(name, start) {
                continue;
            }
            let relations = format!("word/_rels/{}.rels", &name[5..]);
            let relations = match names.iter().position(|name| *name == relations) {
                Some(index) => links(&part(&mut archive, index, desk)),
                None => BTreeMap::new(),
            };
            let text = part(&mut archive, index, desk);
            Story::new(relations, message.clone(), desk).read(&text, desk)?;
        }
    }
    let mut taken = Taken::default();
    for index in 0..names.len() {
        if names[index].starts_with("word/media/") || names[index].starts_with("word/embeddings/") {
            crate::zip::read_entry(&mut archive, index, outer, &mut taken, desk)?;
        }
    }
    taken.tell(desk);
    ControlFlow::Continue(())
}

/// Whether a member is a part with text: `word/header1.xml` for `word/header`. The names are of the format, in this case.
fn is_story(name: &str, start: &str) -> bool {
    name.strip_prefix(start).and_then(|rest| rest.strip_suffix(".xml")).is_some_and(|number| !number.contains('/'))
}

/// A part of the document as text; empty where it cannot be unpacked, which is told.
fn part(archive: &mut Archive<'_>, index: usize, desk: &mut Desk<'_>) -> String {
    let bytes_max = desk.limits.document_bytes;
    let mut bytes = Vec::new();
    let error = match guarded(|| archive.by_index(index)) {
        Ok(Ok(mut file)) => {
            let packed = Arc::new(AtomicU64::new(file.compressed_size()));
            desk.unpacking(&mut file, packed)
                .take(bytes_max)
                .read_to_end(&mut bytes)
                .err()
                .map(|error| crate::Trouble::io(&error, None))
        }
        Ok(Err(error)) => Some(crate::zip::trouble_of(&error, 0)),
        Err(words) => Some(crate::Trouble { kind: TroubleKind::Malformed, offset: None, words }),
    };
    if let Some(trouble) = error {
        desk.sink.trouble(trouble);
    }
    match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, _)) => encoding.decode(&bytes).0.into_owned(),
        None => String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

/// What the core properties tell.
#[derive(Default)]
struct Properties {
    title: Option<String>,
    author: Option<String>,
    at: Option<Moment>,
}

impl Properties {
    fn read(xml: &str) -> Self {
        let mut found = Self::default();
        let mut text = String::new();
        let mut reader = lenient(xml);
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Eof => break,
                Event::Start(_) => text.clear(),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => text.push_str(&words(&event)),
                Event::End(end) => {
                    let value = Some(text.trim().to_owned()).filter(|value| !value.is_empty());
                    match end.local_name().as_ref() {
                        b"title" => found.title = value,
                        b"creator" => found.author = value,
                        b"modified" => found.at = value.as_deref().and_then(moment).or(found.at),
                        b"created" => found.at = found.at.or_else(|| value.as_deref().and_then(moment)),
                        _ => {}
                    }
                    text.clear();
                }
                _ => {}
            }
        }
        found
    }
}

/// A time as the properties write it: W3CDTF in UTC.
fn moment(text: &str) -> Option<Moment> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let day = Day::from_ymd(number(0..4)? as i32, number(5..7)?, number(8..10)?)?;
    let second = number(11..13).unwrap_or(0) * 3600 + number(14..16).unwrap_or(0) * 60 + number(17..19).unwrap_or(0);
    let time = u32::try_from(i64::from(day.0) * 86_400 + i64::from(second)).ok()?;
    Some(Moment { time: UnixTime(time), zone_known: text.ends_with('Z') })
}

/// The targets of links, by the id of their relationship.
fn links(xml: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut reader = lenient(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let external = attribute(&tag, b"TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
                if let (true, Some(id), Some(target)) = (external, attribute(&tag, b"Id"), attribute(&tag, b"Target")) {
                    found.insert(id, target);
                }
            }
            _ => {}
        }
    }
    found
}

/// A reader that does not stop at faults that do not matter to the text.
fn lenient(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader
}

fn attribute(tag: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let found =
        tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let raw = String::from_utf8_lossy(&found.value);
    Some(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone().into_owned(), std::borrow::Cow::into_owned))
}

/// The words of a text or reference. A reference that XML itself does not define stays as it stands.
fn words(event: &Event<'_>) -> String {
    match event {
        Event::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Event::CData(text) => String::from_utf8_lossy(text).into_owned(),
        Event::GeneralRef(reference) => {
            if let Ok(Some(char)) = reference.resolve_char_ref() {
                return char.to_string();
            }
            let name = String::from_utf8_lossy(reference);
            quick_xml::escape::resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
        }
        _ => String::new(),
    }
}

/// One part of the document: its body, a header, the notes.
struct Story {
    relations: BTreeMap<String, String>,
    message: Option<Box<Message>>,
    shown: Passage,
    hidden: Passage,
    /// The text of the paragraph so far, for links.
    paragraph: String,
    links: Vec<String>,
    parted: bool,
}

impl Story {
    fn new(relations: BTreeMap<String, String>, message: Option<Box<Message>>, desk: &Desk<'_>) -> Self {
        Self {
            relations,
            shown: Passage::new(SegmentKind::Text, desk).of(message.clone()),
            hidden: Passage::new(SegmentKind::Attribute, desk).of(message.clone()),
            message,
            paragraph: String::new(),
            links: Vec::new(),
            parted: false,
        }
    }

    fn read(mut self, xml: &str, desk: &mut Desk<'_>) -> Stop {
        let mut reader = lenient(xml);
        // whether inside of text, of a field's code, of a hidden run, of a second form of what was given before
        let (mut text, mut code, mut vanished, mut second) = (false, false, false, 0_usize);
        let mut field = String::new();
        loop {
            let event = match guarded(|| reader.read_event()) {
                Ok(Ok(event)) => event,
                Ok(Err(error)) => {
                    desk.tell(TroubleKind::Malformed, None, format!("a part of the document: {error}"));
                    break;
                }
                Err(words) => {
                    desk.tell(TroubleKind::Malformed, None, words);
                    break;
                }
            };
            match &event {
                Event::Eof => break,
                Event::Start(tag) if tag.local_name().as_ref() == b"Fallback" => second += 1,
                Event::End(tag) if tag.local_name().as_ref() == b"Fallback" => second = second.saturating_sub(1),
                _ if second > 0 => {}
                Event::Start(tag) | Event::Empty(tag) => {
                    let open = matches!(event, Event::Start(_));
                    match tag.local_name().as_ref() {
                        b"t" => text = open,
                        b"delText" => (text, vanished) = (open, true),
                        b"instrText" => code = open,
                        b"r" => vanished = false,
                        b"vanish" => {
                            vanished = attribute(tag, b"val").is_none_or(|value| value != "0" && value != "false");
                        }
                        b"tab" => self.push("\t", vanished, desk)?,
                        b"br" | b"cr" => self.push("\n", vanished, desk)?,
                        b"noBreakHyphen" => self.push("-", vanished, desk)?,
                        b"hyperlink" => {
                            let target = attribute(tag, b"id").and_then(|id| self.relations.remove(&id));
                            self.links.extend(target);
                        }
                        _ => {}
                    }
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if text => {
                    self.push(&words(&event), vanished, desk)?;
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if code => field.push_str(&words(&event)),
                Event::End(tag) => match tag.local_name().as_ref() {
                    b"t" | b"delText" => text = false,
                    b"instrText" => {
                        code = false;
                        self.links.push(std::mem::take(&mut field));
                    }
                    b"r" => vanished = false,
                    b"p" => self.end_paragraph(desk)?,
                    _ => {}
                },
                _ => {}
            }
        }
        self.end_paragraph(desk)?;
        // what no text refers to
        for target in std::mem::take(&mut self.relations).into_values() {
            self.give_link(target, None, desk)?;
        }
        self.shown.flush(desk)?;
        self.hidden.flush(desk)
    }

    fn push(&mut self, text: &str, vanished: bool, desk: &mut Desk<'_>) -> Stop {
        if vanished {
            return self.hidden.push(text, None, desk);
        }
        if self.parted && self.shown.position() > 0 {
            self.shown.push("\n\n", None, desk)?;
        }
        self.parted = false;
        let room = CONTEXT_BYTES.saturating_sub(self.paragraph.len());
        self.paragraph.push_str(boundary::head(text, room));
        self.shown.push(text, None, desk)
    }

    fn end_paragraph(&mut self, desk: &mut Desk<'_>) -> Stop {
        self.parted = true;
        self.hidden.push("\n\n", None, desk)?;
        let context = std::mem::take(&mut self.paragraph);
        for link in std::mem::take(&mut self.links) {
            let context = Some(context.trim().to_owned()).filter(|context| !context.is_empty());
            self.give_link(link, context, desk)?;
        }
        ControlFlow::Continue(())
    }

    fn give_link(&mut self, link: String, context: Option<String>, desk: &mut Desk<'_>) -> Stop {
        if link.trim().len() < 3 {
            return ControlFlow::Continue(());
        }
        let mut passage = Passage::new(SegmentKind::Attribute, desk).around(context).of(self.message.clone());
        passage.push(&crate::html::unescape(&link), None, desk)?;
        passage.flush(desk)
    }
}
