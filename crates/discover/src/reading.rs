//! Reading of one file or member: documents and segments come in, finds with their passages go out.

use crate::copy;
use crate::eyes::{Eyes, Safe, is_secret};
use crate::passage;
use crate::place::Place;
use crate::record::{Ended, Event, Item};
use crate::run::Shared;
use crate::{FoundKind, Problem, Results, Source};
use athar_documents::{
    Document, DocumentEnd, DocumentKind, Member, Message, Picture, Segment, SegmentKind, Sink, Stop, Trouble,
    TroubleKind,
};
use athar_extract::{Find, Kind};
use athar_sightings::Keep;
use athar_solicitation::{Lexicon, Solicitation};
use sha2::{Digest, Sha256};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// Events of a unit that are held before they are handed on.
const BATCH: usize = 256;
/// Bytes of a document's text that its sketch is made of.
const SKETCH_BYTES: usize = 256 << 10;
/// Bytes of a post that stand before the next one of its author as context.
const INTRODUCTION_BYTES: usize = 400;
/// Troubles of one document that are told; the rest is counted in one line.
const TROUBLES_MAX: u32 = 100;

/// An open document.
struct Open {
    item: Item,
    document: Arc<Document>,
    title: Option<String>,
    /// The beginning of its text, for a sketch.
    text: String,
    text_bytes: u64,
    picture: Option<Picture>,
    /// The post that is being read, of a chat.
    post: Option<Post>,
    /// Where secrets stand, in bytes of the document; for the copy that is kept.
    secrets: Vec<Range<u64>>,
    /// Whether a secret was found at a place that is not known in bytes.
    secret_unplaced: bool,
    troubles: u32,
    /// Finds so far that are not in posts: posts are items of their own.
    finds: u64,
    /// Posts so far in which something was found.
    posts: u64,
    /// Its bytes, of a member of which a copy may be kept.
    bytes: Option<Arc<Vec<u8>>>,
}

/// One post of a chat: it is published by itself, so it is an item of its own once something is found in it.
struct Post {
    message: Message,
    item: Option<Item>,
    /// The end of the post before, where the same author wrote it in the same channel: it introduces this one.
    introduced: String,
    text: String,
    hash: Sha256,
    bytes: u64,
    /// A copy without secrets, where one is kept.
    original: Option<String>,
}

/// Reads one file, or one member that was set aside.
pub(crate) struct Reading<'a, 's, R: Results> {
    shared: &'a Shared<'s, R>,
    eyes: &'a Eyes,
    file: u32,
    /// The unit that is being filled.
    unit: u32,
    /// The next unit of the file; a member that was set aside has one unit only.
    next: Option<u32>,
    events: Vec<Event>,
    open: Vec<Open>,
    /// Bytes of the member that begins next, where copies are kept.
    bytes: Option<Arc<Vec<u8>>>,
    source: &'s Source,
}

impl<'a, 's, R: Results> Reading<'a, 's, R> {
    fn new(shared: &'a Shared<'s, R>, eyes: &'a Eyes, file: u32, source: &'s Source) -> Self {
        Self { shared, eyes, file, unit: 0, next: Some(1), events: Vec::new(), open: Vec::new(), bytes: None, source }
    }

    /// Reads a whole file.
    pub(crate) fn file(shared: &'a Shared<'s, R>, eyes: &'a Eyes, file: u32, source: &'s Source) {
        let mut reading = Self::new(shared, eyes, file, source);
        let name = source.path.to_string_lossy();
        let stop = shared.reader.read(&source.path, &name, &mut reading);
        if stop.is_continue() {
            reading.events.push(Event::FileDone(source.clone()));
        }
        reading.end_file();
    }

    /// Reads whatever `feed` gives as if it were one file.
    pub(crate) fn feed(
        shared: &'a Shared<'s, R>,
        eyes: &'a Eyes,
        source: &'s Source,
        feed: &mut dyn FnMut(&mut dyn Sink),
    ) {
        let mut reading = Self::new(shared, eyes, 0, source);
        feed(&mut reading);
        reading.end_file();
    }

    fn end_file(&mut self) {
        self.close_unit();
        self.shared.finish_file(self.file, self.next.unwrap_or(1));
    }

    /// Reads a member that was set aside as a unit of its own.
    pub(crate) fn member(
        shared: &'a Shared<'s, R>,
        eyes: &'a Eyes,
        (file, unit): (u32, u32),
        source: &'s Source,
        member: Member,
    ) {
        let mut reading = Self { unit, next: None, ..Self::new(shared, eyes, file, source) };
        if reading.is_known(&member) {
            reading.events.push(Event::Known(Arc::new(member.document)));
        } else {
            reading.hold(&member);
            // a break is known to the order already
            let _ = member.read(&mut reading);
        }
        reading.close_unit();
    }

    fn is_known(&self, member: &Member) -> bool {
        let known =
            |known: &dyn crate::run::Known| known.member(&member.document, &Sha256::digest(&member.bytes).into());
        self.shared.known.is_some_and(known)
    }

    /// Holds the bytes of a member that is read next, where a copy may be kept of it.
    fn hold(&mut self, member: &Member) {
        let keeps = self.shared.records && self.shared.settings.keep == Keep::Original;
        self.bytes = keeps.then(|| Arc::new(member.bytes.clone()));
    }

    fn push(&mut self, event: Event) -> Stop {
        self.events.push(event);
        if self.events.len() >= BATCH { self.hand_on() } else { ControlFlow::Continue(()) }
    }

    fn hand_on(&mut self) -> Stop {
        let events = std::mem::take(&mut self.events);
        self.shared.give((self.file, self.unit), events, self.eyes)
    }

    fn close_unit(&mut self) {
        let _ = self.hand_on();
        self.shared.finish((self.file, self.unit));
    }

    /// Ends the unit, leaves one for a member that is set aside, and begins the one after it. Gives the one that was left.
    fn leave_unit(&mut self) -> Option<u32> {
        let aside = self.next?;
        self.close_unit();
        self.unit = aside + 1;
        self.next = Some(aside + 2);
        Some(aside)
    }

    fn look(&mut self, segment: &Segment) -> Stop {
        let shared = self.shared;
        let is_post = self.open.last().is_some_and(|open| is_chat(open.document.kind)) && segment.message.is_some();
        if is_post {
            self.turn_to(segment)?;
        }
        let Some(open) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        open.take_text(segment);
        // what lies wholly in the overlap was told with the segment before, and is still to be left out of copies
        let all = self.eyes.find(segment, open.document.kind);
        let safe = Eyes::redact(&all);
        let finds: Vec<Find> = all.into_iter().filter(|find| find.at.end > segment.overlap).collect();
        open.mark_secrets(segment, &finds);
        let is_qr = segment.kind == SegmentKind::Qr;
        if let Some(post) = open.post.as_mut().filter(|_| is_post) {
            post.take(segment, &safe, shared.settings.keep);
        }
        if finds.is_empty() && !is_qr {
            return ControlFlow::Continue(());
        }
        let document = Arc::clone(&open.document);
        let title = open.title.clone();
        let introduced = open.post.as_ref().filter(|_| is_post).map(|post| post.introduced.clone()).unwrap_or_default();
        let item = if is_post {
            self.post_item(&document, segment)?
        } else {
            open.finds += finds.len() as u64 + u64::from(is_qr);
            open.item
        };
        let place = Place {
            settings: shared.settings,
            records: shared.records,
            document: &document,
            segment,
            message: segment.message.as_deref(),
            is_post,
            title: title.as_deref(),
            introduced: &introduced,
            safe,
        };
        // of a post, which is compared with others by itself; once is enough
        let mut sketch = if is_post && shared.records { Eyes::sketch(&segment.text) } else { Vec::new() };
        if is_qr {
            let (solicitation, language) = place.judge(self.eyes, &(0..segment.text.len()), &finds);
            self.push(place.event(item, &place.qr(), FoundKind::QR, &solicitation, language))?;
        }
        let mut judged: Option<(Range<usize>, Solicitation, Option<&'static str>)> = None;
        for find in &finds {
            let range = place.passage(find);
            // a page names a hundred hosts, and none of them can be paid: a score for each would take most of the time
            if find.kind == Kind::Site && !Place::has_payment(&range, &finds) {
                if shared.settings.score_min == 0 {
                    let lexicon = Lexicon::embedded().version().to_owned();
                    let none = Solicitation { score: 0, solicits: false, reasons: Vec::new(), lexicon };
                    self.push(place.event(item, find, FoundKind::Identifier(find.kind), &none, None))?;
                }
                continue;
            }
            let known = judged.take().filter(|(of, ..)| *of == range);
            let (range, solicitation, language) = known.unwrap_or_else(|| {
                let (solicitation, language) = place.judge(self.eyes, &range, &finds);
                (range, solicitation, language)
            });
            if solicitation.score >= shared.settings.score_min {
                let mut event = place.event(item, find, FoundKind::Identifier(find.kind), &solicitation, language);
                if let Event::Find(_, Some((_, sighting))) = &mut event {
                    sighting.sketch = std::mem::take(&mut sketch);
                }
                self.push(event)?;
            }
            judged = Some((range, solicitation, language));
        }
        ControlFlow::Continue(())
    }

    /// Ends the post before, where this segment is of another one, and begins that.
    fn turn_to(&mut self, segment: &Segment) -> Stop {
        let Some(message) = segment.message.as_deref() else { return ControlFlow::Continue(()) };
        let Some(open) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        if open.post.as_ref().is_some_and(|post| post.message == *message) {
            return ControlFlow::Continue(());
        }
        let before = open.post.take();
        let same = |post: &&Post| post.message.channel == message.channel && post.message.author == message.author;
        let introduced = before.as_ref().filter(same).map(Post::end_of_text).unwrap_or_default();
        open.post = Some(Post {
            message: message.clone(),
            item: None,
            introduced,
            text: String::new(),
            hash: Sha256::new(),
            bytes: 0,
            original: None,
        });
        before.map_or(ControlFlow::Continue(()), |post| self.end_post(post))
    }

    /// The item of the post that is being read, begun with its first find.
    fn post_item(&mut self, of: &Arc<Document>, segment: &Segment) -> ControlFlow<(), Item> {
        let Some(open) = self.open.last_mut() else { return ControlFlow::Break(()) };
        let Some(post) = open.post.as_mut() else { return ControlFlow::Break(()) };
        if let Some(item) = post.item {
            return ControlFlow::Continue(item);
        }
        let item = self.shared.new_item();
        post.item = Some(item);
        open.posts += 1;
        let name = match (&post.message.id, segment.map.source(0)) {
            // an export of several chats has the same ids in each
            (Some(id), _) if of.channel.is_none() => match &post.message.channel_id {
                Some(chat) => format!("chat {chat} message {id}"),
                None => format!("message {id}"),
            },
            (Some(id), _) => format!("message {id}"),
            (None, Some(offset)) => format!("message at {offset}"),
            (None, None) => format!("message {} with finds", open.posts),
        };
        let channel = post.message.channel.clone().or_else(|| of.channel.clone());
        let document = Document { kind: of.kind, channel, ..of.member(&name) };
        match self.push(Event::Begin(item, Arc::new(document))) {
            ControlFlow::Continue(()) => ControlFlow::Continue(item),
            ControlFlow::Break(()) => ControlFlow::Break(()),
        }
    }

    fn end_post(&mut self, post: Post) -> Stop {
        let Some(item) = post.item else { return ControlFlow::Continue(()) };
        let sketch = if self.shared.records { Eyes::sketch(&post.text) } else { Vec::new() };
        let end = DocumentEnd { sha256: Some(post.hash.finalize().into()), bytes: post.bytes, title: None };
        let original = post.original.map(String::into_bytes);
        self.push(Event::End(item, Box::new(Ended { end, picture: None, sketch, original }), 0))
    }

    /// The copy to keep of a document, without its secrets; `None` where none is asked for or possible.
    fn original(&self, open: &Open, end: &DocumentEnd) -> Option<Vec<u8>> {
        let settings = &self.shared.settings;
        if settings.keep != Keep::Original || open.finds == 0 || is_container(open.document.kind) {
            return None;
        }
        let bytes = match &open.bytes {
            Some(bytes) => (**bytes).clone(),
            None if open.document.member.is_none() && end.bytes <= settings.limits.document_bytes => {
                std::fs::read(&self.source.path).ok()?
            }
            _ => return None,
        };
        // the copy must be of what was read; and what cannot be cut out exactly is not kept
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        if end.sha256 != Some(hash) || open.secret_unplaced {
            return None;
        }
        let bytes = copy::without(&bytes, &open.secrets)?;
        copy::is_clean(&open.document, &bytes, &self.shared.reader, self.eyes).then_some(bytes)
    }
}

impl Open {
    fn take_text(&mut self, segment: &Segment) {
        self.text_bytes += (segment.text.len() - segment.overlap) as u64;
        let is_read = matches!(segment.kind, SegmentKind::Text | SegmentKind::Title);
        if is_read && !is_chat(self.document.kind) && self.text.len() < SKETCH_BYTES {
            let fresh = &segment.text[passage::ceil(&segment.text, segment.overlap)..];
            self.text.push_str(&fresh[..passage::floor(fresh, SKETCH_BYTES - self.text.len())]);
            self.text.push('\n');
        }
    }

    fn mark_secrets(&mut self, segment: &Segment, finds: &[Find]) {
        for find in finds.iter().filter(|f| is_secret(f.kind)) {
            let last = segment.map.source(find.at.end.saturating_sub(1));
            // up to the next character, since one may take several bytes there (an entity, UTF-16)
            let next = segment.map.source(find.at.end).filter(|_| find.at.end < segment.text.len());
            match (segment.map.source(find.at.start), last) {
                (Some(start), Some(last)) if start <= last => {
                    self.secrets.push(start..(last + 1).max(next.unwrap_or(0)));
                }
                _ => self.secret_unplaced = true,
            }
        }
    }

    fn problem(&self, trouble: Trouble) -> Event {
        Event::Problem(Box::new(Problem {
            kind: trouble.kind,
            file: self.document.file.clone(),
            member: self.document.member.clone(),
            offset: trouble.offset,
            words: trouble.words,
        }))
    }
}

impl Post {
    /// Takes the text of a segment of it.
    fn take(&mut self, segment: &Segment, safe: &Safe, keep: Keep) {
        let fresh = &segment.text[passage::ceil(&segment.text, segment.overlap)..];
        self.hash.update(fresh.as_bytes());
        self.bytes += fresh.len() as u64;
        if segment.kind == SegmentKind::Attribute {
            return;
        }
        if self.text.len() < SKETCH_BYTES {
            self.text.push_str(&fresh[..passage::floor(fresh, SKETCH_BYTES - self.text.len())]);
        }
        if keep == Keep::Original {
            let text = &segment.text;
            let copy = safe.excerpt(text, &(text.len() - fresh.len()..text.len()));
            self.original.get_or_insert_default().push_str(&copy);
        }
    }

    fn end_of_text(&self) -> String {
        self.text[passage::ceil(&self.text, self.text.len().saturating_sub(INTRODUCTION_BYTES))..].to_owned()
    }
}

/// Documents that are posts one after the other.
fn is_chat(kind: DocumentKind) -> bool {
    use DocumentKind::{Chain, ChatCsv, ChatJson, TelegramHtml, TelegramJson, Whatsapp};
    matches!(kind, Chain | ChatCsv | ChatJson | TelegramHtml | TelegramJson | Whatsapp)
}

/// Documents that only hold others.
fn is_container(kind: DocumentKind) -> bool {
    use DocumentKind::{Arc, Gzip, Warc, Zip};
    matches!(kind, Arc | Gzip | Warc | Zip) || is_chat(kind)
}

impl<R: Results> Sink for Reading<'_, '_, R> {
    fn begin(&mut self, document: Document) -> Stop {
        let item = self.shared.new_item();
        let document = Arc::new(document);
        self.open.push(Open {
            item,
            document: Arc::clone(&document),
            title: None,
            text: String::new(),
            text_bytes: 0,
            picture: None,
            post: None,
            secrets: Vec::new(),
            secret_unplaced: false,
            troubles: 0,
            finds: 0,
            posts: 0,
            bytes: self.bytes.take(),
        });
        self.push(Event::Begin(item, document))
    }

    fn segment(&mut self, segment: Segment) -> Stop {
        if segment.kind == SegmentKind::Title
            && let Some(open) = self.open.last_mut()
        {
            open.title.get_or_insert_with(|| segment.text.clone());
        }
        self.look(&segment)
    }

    fn picture(&mut self, picture: Picture) -> Stop {
        if let Some(open) = self.open.last_mut() {
            open.picture = Some(picture);
        }
        ControlFlow::Continue(())
    }

    fn trouble(&mut self, trouble: Trouble) {
        let Some(open) = self.open.last_mut() else { return };
        open.troubles += 1;
        if open.troubles <= TROUBLES_MAX {
            let event = open.problem(trouble);
            let _ = self.push(event);
        }
    }

    fn defer(&mut self, member: Member) -> Option<Member> {
        let unit = if self.next.is_some() && self.shared.has_room() { self.leave_unit() } else { None };
        if let Some(unit) = unit {
            self.shared.set_aside((self.file, unit), self.source, member);
            return None;
        }
        // whoever reads it, the same is passed over
        if self.is_known(&member) {
            let _ = self.push(Event::Known(Arc::new(member.document)));
            return None;
        }
        self.hold(&member);
        Some(member)
    }

    fn end(&mut self, end: DocumentEnd) {
        if let Some(post) = self.open.last_mut().and_then(|open| open.post.take()) {
            let _ = self.end_post(post);
        }
        let Some(mut open) = self.open.pop() else { return };
        if open.troubles > TROUBLES_MAX {
            let words = format!("{} troubles more of this document are not listed", open.troubles - TROUBLES_MAX);
            let event = open.problem(Trouble { kind: TroubleKind::Bound, offset: None, words });
            let _ = self.push(event);
        }
        let original = self.original(&open, &end);
        // a sketch costs more than reading the text: only what is recorded needs one
        let sketch = if self.shared.records && open.finds > 0 { Eyes::sketch(&open.text) } else { Vec::new() };
        let title = end.title.clone().or(open.title.take());
        let ended = Ended { end: DocumentEnd { title, ..end }, picture: open.picture, sketch, original };
        let _ = self.push(Event::End(open.item, Box::new(ended), open.text_bytes));
    }
}
