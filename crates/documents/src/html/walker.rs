//! Goes through a page token by token and gives its text, its hidden text, its values and its pictures.

use super::attributes::{self, Value};
use super::element::{Element, Hidden, element, is_void};
use super::flow::{Flow, Gap};
use super::page::Page;
use super::tag::{Attribute, Tag};
use crate::boundary;
use crate::passage::Passage;
use crate::reader::Desk;
use crate::{Document, Message, SegmentKind, Stop};
use html5gum::{Emitter, Error, State, Tokenizer};
use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

/// Bytes of text that are told as the context of a value, on each side of it.
const CONTEXT_BYTES: u64 = 200;

/// Values that wait for the text behind them, at most.
const PENDING_MAX: usize = 256;

/// Attributes of one tag that are kept before they are read. A tag of more is hostile, and is read in parts.
const ATTRIBUTES_MAX: usize = 256;

/// Bytes from which an inline drawing is read as a picture: smaller ones are icons, and hold no code.
const DRAWING_BYTES: usize = 2000;

/// Bytes of a title that are kept for the end of the document.
const TITLE_BYTES: usize = 1000;

/// Goes through a page.
pub(crate) fn walk(page: &Page, document: &Document, message: Option<Box<Message>>, desk: &mut Desk<'_>) -> Stop {
    let shown_kind = if message.is_some() { SegmentKind::Message } else { SegmentKind::Text };
    let flow = |kind| Flow::new(Passage::new(kind, desk).of(message.clone()));
    let mut stop = ControlFlow::Continue(());
    let walker = Walker {
        shown: flow(shown_kind),
        unseen: flow(SegmentKind::Attribute),
        title: flow(SegmentKind::Title),
        page,
        document,
        message,
        desk,
        stop: &mut stop,
        position: 0,
        run: 0..0,
        tag: Tag::default(),
        in_tag: false,
        last_start: Vec::new(),
        comment: Vec::new(),
        comment_places: Vec::new(),
        mode: Mode::Text,
        kept: 0,
        hidden: None,
        drawing: None,
        pictures: 0,
        pending: VecDeque::new(),
    };
    // it only yields where it was stopped, and reading from memory does not fail
    let _ = Tokenizer::new_with_emitter(&page.text, walker).next();
    stop
}

/// Where text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Title,
    /// A script: a value.
    Script,
    /// A frame's or old browser's replacement: a value.
    Raw,
    /// A style sheet: nowhere.
    Style,
}

/// A value that waits for the text behind it.
struct Pending {
    value: Value,
    /// The position in all shown text.
    at: u64,
    /// Whether it stands among text.
    among: bool,
}

struct Walker<'p, 'd, 's> {
    page: &'p Page,
    document: &'p Document,
    message: Option<Box<Message>>,
    desk: &'d mut Desk<'s>,
    stop: &'d mut Stop,
    /// How far the tokenizer is, in the page's text.
    position: usize,
    /// Text that stands in the page as it is and was not handed on.
    run: Range<usize>,
    tag: Tag,
    in_tag: bool,
    last_start: Vec<u8>,
    comment: Vec<u8>,
    /// Positions in the comment and in the page.
    comment_places: Vec<(usize, usize)>,
    mode: Mode,
    shown: Flow,
    unseen: Flow,
    title: Flow,
    /// Open elements whose white space stays.
    kept: usize,
    hidden: Option<Hidden>,
    /// Where the outermost drawing begins, and how many are open.
    drawing: Option<(usize, usize)>,
    pictures: usize,
    pending: VecDeque<Pending>,
}

impl Walker<'_, '_, '_> {
    fn note(&mut self, stop: Stop) {
        if stop.is_break() {
            *self.stop = stop;
        }
    }

    /// Where bytes that the tokenizer gives stand: directly before its position, if they stand in the page as they are.
    fn place(&self, bytes: &[u8]) -> Option<usize> {
        let at = self.position.checked_sub(bytes.len())?;
        (self.page.text.as_bytes().get(at..self.position) == Some(bytes)).then_some(at)
    }

    /// Hands on the text so far.
    fn hand_on(&mut self) {
        let run = std::mem::replace(&mut self.run, self.position..self.position);
        if run.is_empty() || self.stop.is_break() {
            return;
        }
        let kept = self.kept > 0;
        let stop = match self.mode {
            Mode::Style => ControlFlow::Continue(()),
            Mode::Title => self.title.text(self.page, run, false, self.desk),
            Mode::Script | Mode::Raw => self.unseen.text(self.page, run, true, self.desk),
            Mode::Text if self.hidden.is_some() => self.unseen.text(self.page, run, kept, self.desk),
            Mode::Text => {
                let settled = self.settle_before(run.len());
                if settled.is_continue() { self.shown.text(self.page, run, kept, self.desk) } else { settled }
            }
        };
        self.note(stop);
    }

    /// Hands on a character that stands otherwise in the page.
    fn hand_on_reference(&mut self, text: &str, at: usize) {
        if self.stop.is_break() || text == "\0" {
            return;
        }
        let (kept, source) = (self.kept > 0, self.page.source(at));
        let stop = match self.mode {
            Mode::Style => ControlFlow::Continue(()),
            Mode::Title => self.title.reference(text, source, false, self.desk),
            Mode::Script | Mode::Raw => self.unseen.reference(text, source, true, self.desk),
            Mode::Text if self.hidden.is_some() => self.unseen.reference(text, source, kept, self.desk),
            Mode::Text => {
                let settled = self.settle_before(text.len());
                if settled.is_continue() { self.shown.reference(text, source, kept, self.desk) } else { settled }
            }
        };
        self.note(stop);
    }

    fn flow(&mut self) -> &mut Flow {
        if self.hidden.is_some() { &mut self.unseen } else { &mut self.shown }
    }

    /// Gives the values that wait, where the next text cuts off the text before them.
    fn settle_before(&mut self, bytes: usize) -> Stop {
        // a gap is at most two bytes
        if self.shown.passage.is_full(bytes + 2) { self.settle(true) } else { ControlFlow::Continue(()) }
    }

    /// Gives the values that wait and have their text, or `all`.
    fn settle(&mut self, all: bool) -> Stop {
        while let Some(first) = self.pending.front() {
            let ready = self.shown.passage.position() >= first.at + CONTEXT_BYTES;
            if !(all || ready || self.pending.len() > PENDING_MAX) {
                break;
            }
            let context = if first.among { self.context(first.at) } else { None };
            if let Some(pending) = self.pending.pop_front() {
                attributes::give(pending.value, context, self.message.clone(), self.desk)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The shown text around a position.
    fn context(&self, at: u64) -> Option<String> {
        let (text, begin) = (self.shown.passage.text(), self.shown.passage.begin());
        let within = |position: u64| (position.saturating_sub(begin) as usize).min(text.len());
        let start = boundary::ceil(text, within(at.saturating_sub(CONTEXT_BYTES)));
        let end = boundary::floor(text, within(at + CONTEXT_BYTES)).max(start);
        let context = text[start..end].trim();
        (!context.is_empty()).then(|| context.to_owned())
    }

    /// Gives a value once the text behind it is there; one that is not `among` text has no context.
    fn give_later(&mut self, value: Value, among: bool) {
        self.pending.push_back(Pending { value, at: self.shown.passage.position(), among });
        let stop = self.settle(false);
        self.note(stop);
    }

    /// Reads the attributes of the tag so far.
    fn read_attributes(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        for attribute in &tag.attributes {
            if self.stop.is_break() {
                break;
            }
            let (name, value) = (tag.name(attribute), tag.value(attribute));
            if self.take_data(name, value) || !attributes::is_read(name, value) {
                continue;
            }
            let value = self.value_of(&tag, attribute);
            let value = if is_link(name) { attributes::unescape(value) } else { value };
            self.give_later(value, !matches!(&*tag.name, b"meta" | b"link" | b"script" | b"base" | b"html" | b"body"));
        }
        self.tag = tag;
        self.tag.clear_attributes();
    }

    fn value_of(&self, tag: &Tag, attribute: &Attribute) -> Value {
        let start = attribute.value.start;
        let map = tag.places[attribute.places.clone()].iter();
        let map = map.map(|(at, place)| ((at - start) as u32, self.page.source(*place))).collect();
        Value { text: String::from_utf8_lossy(tag.value(attribute)).into_owned(), map }
    }

    /// Gives what is in a `data:` URI as a member. False where there is none.
    fn take_data(&mut self, name: &[u8], value: &[u8]) -> bool {
        const SCHEME: &[u8] = b"data:";
        let start = match name {
            b"style" => memchr::memmem::find(value, SCHEME),
            _ => value.trim_ascii_start().get(..5).filter(|s| s.eq_ignore_ascii_case(SCHEME)).map(|_| 0),
        };
        let Some(start) = start else { return false };
        let Ok(uri) = std::str::from_utf8(&value[start..]) else { return false };
        let uri = if name == b"style" { uri.split(['"', '\'', ')']).next().unwrap_or(uri) } else { uri };
        let Some((media, bytes)) = attributes::data_uri(uri).filter(|(_, bytes)| !bytes.is_empty()) else {
            return false;
        };
        let prefix = if media.to_ascii_lowercase().starts_with("image/") { "img" } else { "data" };
        self.give_member(prefix, bytes);
        true
    }

    fn give_member(&mut self, prefix: &str, bytes: Vec<u8>) {
        self.pictures += 1;
        let member = self.document.member(&format!("{prefix} {}", self.pictures));
        if bytes.len() as u64 <= self.desk.limits.document_bytes {
            let stop = self.desk.member_bytes(member, bytes);
            self.note(stop);
        }
    }

    /// What a start tag does, and in which state the tokenizer goes on.
    fn start(&mut self) -> Option<State> {
        let hides = self.tag.hides();
        self.read_attributes();
        let name = std::mem::take(&mut self.tag.name);
        let kind = element(&name);
        if self.hidden.as_ref().is_some_and(|hidden| hidden.ends_at_start(&name, kind)) {
            self.end_hidden();
        }
        match kind {
            Element::Inline | Element::Style => {}
            Element::Break => self.flow().part(Gap::Line),
            _ => self.flow().part(Gap::Block),
        }
        let has_content = !(is_void(&name) || (self.tag.closes_itself && self.drawing.is_some()));
        if has_content && (hides || kind == Element::Unseen) && self.hidden.is_none() {
            self.hidden = Some(Hidden::new(&name));
            self.unseen.part(Gap::Block);
        } else if let Some(hidden) = self.hidden.as_mut().filter(|_| has_content) {
            hidden.open(&name, kind);
        }
        let state = self.enter(kind, &name, has_content);
        std::mem::swap(&mut self.last_start, &mut self.tag.name);
        self.last_start = name;
        state
    }

    fn enter(&mut self, kind: Element, name: &[u8], has_content: bool) -> Option<State> {
        if !has_content {
            return None;
        }
        match kind {
            Element::Drawing => {
                let (_, open) = self.drawing.get_or_insert((self.tag.at, 0));
                *open += 1;
                None
            }
            // a drawing's title is the words of a picture
            Element::Title if self.drawing.is_none() => {
                self.mode = Mode::Title;
                Some(State::RcData)
            }
            Element::Script => {
                self.unseen.part(Gap::Block);
                self.mode = Mode::Script;
                Some(State::ScriptData)
            }
            Element::Style => {
                self.mode = Mode::Style;
                Some(State::RawText)
            }
            Element::Raw => {
                self.unseen.part(Gap::Block);
                self.mode = Mode::Raw;
                Some(State::RawText)
            }
            Element::Kept => {
                self.kept += 1;
                match name {
                    b"textarea" => Some(State::RcData),
                    b"xmp" => Some(State::RawText),
                    b"plaintext" => Some(State::PlainText),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn end_hidden(&mut self) {
        self.hidden = None;
        self.unseen.part(Gap::Block);
    }

    fn end(&mut self) {
        self.read_attributes();
        let name = std::mem::take(&mut self.tag.name);
        let kind = element(&name);
        match kind {
            Element::Inline => {}
            Element::Break => self.flow().part(Gap::Line),
            _ => self.flow().part(Gap::Block),
        }
        match kind {
            Element::Kept => self.kept = self.kept.saturating_sub(1),
            Element::Title if self.mode == Mode::Title => self.end_title(),
            Element::Script | Element::Raw => self.unseen.part(Gap::Block),
            Element::Drawing => self.end_drawing(),
            _ => {}
        }
        self.mode = Mode::Text;
        if self.hidden.as_mut().is_some_and(|hidden| hidden.ends_at_end(&name, kind)) {
            self.end_hidden();
        }
        self.tag.name = name;
    }

    fn end_title(&mut self) {
        let title = self.title.passage.text().trim();
        if self.desk.title.is_none() && !title.is_empty() {
            self.desk.title = Some(boundary::head(title, TITLE_BYTES).to_owned());
        }
        let stop = self.title.passage.flush(self.desk);
        self.note(stop);
    }

    fn end_drawing(&mut self) {
        let Some((start, open)) = self.drawing else { return };
        if open > 1 {
            self.drawing = Some((start, open - 1));
            return;
        }
        self.drawing = None;
        if let Some(drawing) = self.page.text.get(start..self.position).filter(|drawing| drawing.len() >= DRAWING_BYTES)
        {
            self.give_member("svg", drawing.as_bytes().to_vec());
        }
    }

    fn finish(&mut self) {
        // a page that is cut inside a tag still has what stands in it
        if self.in_tag {
            self.read_attributes();
        }
        self.hand_on();
        if self.mode == Mode::Title {
            self.end_title();
        }
        if self.stop.is_continue() {
            let stop = self.flush();
            self.note(stop);
        }
    }

    fn flush(&mut self) -> Stop {
        self.settle(true)?;
        self.shown.passage.flush(self.desk)?;
        self.unseen.passage.flush(self.desk)
    }
}

fn is_link(name: &[u8]) -> bool {
    matches!(name, b"href" | b"src" | b"action" | b"formaction" | b"content" | b"xlink:href" | b"data" | b"cite")
        || name.starts_with(b"data-")
}

impl Emitter for Walker<'_, '_, '_> {
    type Token = ();

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_error(&mut self, _: Error) {}

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start = name.unwrap_or_default().to_vec();
    }

    fn pop_token(&mut self) -> Option<()> {
        self.stop.is_break().then_some(())
    }

    fn emit_string(&mut self, bytes: &[u8]) {
        match self.place(bytes) {
            // browsers leave it out, so it must not part a word
            Some(_) if bytes == b"\0" => {
                self.hand_on();
                self.run = self.position..self.position;
            }
            Some(at) if at == self.run.end => self.run.end = self.position,
            Some(at) => {
                self.hand_on();
                self.run = at..self.position;
            }
            None => {
                let at = self.run.end.min(self.position);
                self.hand_on();
                let text = String::from_utf8_lossy(bytes);
                self.hand_on_reference(&text, at);
            }
        }
    }

    fn start_open_tag(&mut self) {
        self.tag.at = self.position.saturating_sub(1);
    }

    fn init_start_tag(&mut self) {
        self.hand_on();
        self.in_tag = true;
        self.tag.begin(self.tag.at, false);
    }

    fn init_end_tag(&mut self) {
        self.in_tag = true;
        self.tag.begin(self.tag.at, true);
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.name.extend_from_slice(name);
    }

    fn set_self_closing(&mut self) {
        self.tag.closes_itself = true;
    }

    fn init_attribute(&mut self) {
        if self.tag.attributes.len() >= ATTRIBUTES_MAX {
            self.read_attributes();
        }
        let (at, places) = (self.tag.bytes.len(), self.tag.places.len());
        self.tag.attributes.push(Attribute { name: at..at, value: at..at, places: places..places });
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.tag.bytes.extend_from_slice(name);
        let end = self.tag.bytes.len();
        if let Some(attribute) = self.tag.attributes.last_mut() {
            attribute.name.end = end;
            attribute.value = end..end;
        }
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        if value.is_empty() {
            return; // a line feed behind a carriage return
        }
        let place = self.place(value);
        let at = self.tag.bytes.len();
        self.tag.bytes.extend_from_slice(value);
        let Some(attribute) = self.tag.attributes.last_mut() else { return };
        attribute.value.end = self.tag.bytes.len();
        let goes_on = match (self.tag.places[attribute.places.clone()].last(), place) {
            (Some((from, source)), Some(place)) => source + (at - from) == place,
            _ => false,
        };
        if !goes_on {
            // a reference begins a few bytes before the position; its end is near enough
            let place = place.unwrap_or_else(|| reference_start(&self.page.text, self.position));
            self.tag.places.push((at, place));
            attribute.places.end = self.tag.places.len();
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.hand_on();
        self.in_tag = false;
        let state = if self.tag.is_end {
            self.end();
            None
        } else {
            self.start()
        };
        self.run = self.position..self.position;
        state
    }

    fn init_comment(&mut self) {
        self.hand_on();
        self.comment.clear();
        self.comment_places.clear();
    }

    fn push_comment(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let at = self.comment.len();
        match (self.comment_places.last(), self.place(text)) {
            (Some((from, source)), Some(place)) if source + (at - from) == place => {}
            (_, Some(place)) => self.comment_places.push((at, place)),
            (None, None) => self.comment_places.push((at, self.position)),
            (Some(_), None) => {}
        }
        // in bytes, for the tokenizer may part a character
        self.comment.extend_from_slice(text);
    }

    fn emit_current_comment(&mut self) {
        if self.comment.trim_ascii().len() >= 6 && self.stop.is_continue() {
            let text = String::from_utf8_lossy(&self.comment).into_owned();
            let places = self.comment_places.iter();
            let map = places.map(|(at, place)| (*at as u32, self.page.source(*place))).collect();
            self.give_later(Value { text, map }, true);
        }
        self.run = self.position..self.position;
    }

    fn init_doctype(&mut self) {
        self.hand_on();
    }

    fn emit_current_doctype(&mut self) {
        self.run = self.position..self.position;
    }

    fn set_force_quirks(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag.is_end && !self.last_start.is_empty() && self.tag.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.drawing.is_some()
    }

    fn emit_eof(&mut self) {
        self.finish();
    }
}

/// Where the reference begins that ends at a position.
fn reference_start(text: &str, end: usize) -> usize {
    let from = end.saturating_sub(40);
    memchr::memrchr(b'&', &text.as_bytes()[from..end.min(text.len())]).map_or(end, |at| from + at)
}
