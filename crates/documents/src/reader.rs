//! Reading: what a file is, and which module reads it.
//!
//! Each format has a function of one shape, [`Read`]: it is given the document, its bytes as a stream, and the [`Desk`] that it hands
//! everything to. It begins the document, gives its parts, hands members back to [`Desk::member`], and ends it.

use crate::stream::{Unpacking, Usage};
use crate::{
    ChatColumns, Document, DocumentEnd, DocumentKind, Limits, Message, OcrSettings, Segment, Sink, Stop, Trouble,
    TroubleKind,
};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use crate::stream::{HEAD_BYTES, Hashing};

/// Bytes of a member up to which it is read into memory, to be offered to another thread, though its kind is read as a stream.
const DEFER_BYTES: u64 = 4 << 20;

/// The shortest segments that are made, whatever the limit.
const SEGMENT_BYTES_MIN: usize = 256;

/// The longest segments, whatever the limit: positions in them are of 32 bits.
const SEGMENT_BYTES_MAX: usize = 1 << 30;

/// The largest documents in memory, whatever the limit: positions in them are of 32 bits, also where a byte becomes three.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;

/// Reads files into a [`Sink`].
#[derive(Clone, Debug, Default)]
pub struct Reader {
    limits: Limits,
    chat: Option<Arc<ChatColumns>>,
    ocr: Option<Arc<OcrSettings>>,
}

impl Reader {
    /// A reader with bounds.
    pub fn new(limits: Limits) -> Self {
        let segment_bytes = limits.segment_bytes.clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        let document_bytes = limits.document_bytes.min(DOCUMENT_BYTES_MAX);
        Self { limits: Limits { segment_bytes, document_bytes, ..limits }, chat: None, ocr: None }
    }

    /// The same, which reads tables and JSON that have these columns as chats. Without, common names are known.
    #[must_use]
    pub fn with_chat_columns(self, columns: ChatColumns) -> Self {
        Self { chat: Some(Arc::new(columns)), ..self }
    }

    /// The same, which has text in pictures read by a program. Without, nothing is started.
    #[must_use]
    pub fn with_ocr(self, settings: OcrSettings) -> Self {
        Self { ocr: Some(Arc::new(settings)), ..self }
    }

    fn desk<'s>(&self, sink: &'s mut dyn Sink) -> Desk<'s> {
        Desk { chat: self.chat.clone(), ocr: self.ocr.clone(), ..Desk::new(self.limits, sink) }
    }

    /// Reads the file at `path`. `name` stands for it in every document. What cannot be read is a [`Trouble`].
    pub fn read(&self, path: &Path, name: &str, sink: &mut dyn Sink) -> Stop {
        let document = Document::file(name);
        match File::open(path) {
            Ok(file) => {
                let mut desk = self.desk(sink);
                desk.file = Some(path.to_owned());
                desk.dispatch(document, &mut Hashing::new(&mut BufReader::with_capacity(256 << 10, file)))
            }
            Err(error) => {
                sink.begin(document)?;
                sink.trouble(Trouble::io(&error, None));
                sink.end(DocumentEnd::default());
                ControlFlow::Continue(())
            }
        }
    }

    /// Reads bytes at hand as `document`, whose kind is told by content where it is [`DocumentKind::Other`].
    pub fn read_bytes(&self, document: Document, bytes: &[u8], sink: &mut dyn Sink) -> Stop {
        self.desk(sink).dispatch(document, &mut Hashing::new(&mut &*bytes))
    }
}

/// A member whose bytes are at hand, for reading on another thread. What it uses of the bounds counts for the file it is of.
#[derive(Debug)]
pub struct Member {
    /// The document.
    pub document: Document,
    /// Its bytes, not longer than [`Limits::document_bytes`].
    pub bytes: Vec<u8>,
    limits: Limits,
    depth: usize,
    usage: Arc<Usage>,
    chat: Option<Arc<ChatColumns>>,
    /// The program that reads text in pictures, where one was named.
    pub(crate) ocr: Option<Arc<OcrSettings>>,
}

impl Member {
    /// Reads it into a sink.
    pub fn read(self, sink: &mut dyn Sink) -> Stop {
        let Self { depth, usage, chat, ocr, limits, .. } = self;
        let mut desk = Desk { depth, usage, chat, ocr, ..Desk::new(limits, sink) };
        desk.dispatch(self.document, &mut Hashing::new(&mut &*self.bytes))
    }
}

/// What a format's reader is given besides the bytes: the sink, the bounds, and how much of them is used.
pub(crate) struct Desk<'s> {
    pub(crate) sink: &'s mut dyn Sink,
    pub(crate) limits: Limits,
    /// How deep the document that is being read is nested; 0 is the file itself.
    pub(crate) depth: usize,
    /// The path of the file, for a format that must read at random. Only where the document is the file.
    pub(crate) file: Option<PathBuf>,
    /// The title of the document that is being read, for its end.
    pub(crate) title: Option<String>,
    usage: Arc<Usage>,
    chat: Option<Arc<ChatColumns>>,
    /// The program that reads text in pictures, where one was named.
    pub(crate) ocr: Option<Arc<OcrSettings>>,
}

impl<'s> Desk<'s> {
    pub(crate) fn new(limits: Limits, sink: &'s mut dyn Sink) -> Self {
        Self { sink, limits, depth: 0, file: None, title: None, usage: Arc::default(), chat: None, ocr: None }
    }

    /// Reads a member of the document that is being read, of any kind.
    ///
    /// One that must be in memory as a whole, or is small, is offered to [`Sink::defer`] first.
    pub(crate) fn member(&mut self, document: Document, bytes: &mut dyn BufRead) -> Stop {
        if !self.count_member() {
            return ControlFlow::Continue(());
        }
        let mut bytes = Hashing::new(bytes);
        let kind = known_kind(&document, &mut bytes, self.chat.as_deref());
        let at_hand =
            if in_memory(kind) { self.limits.document_bytes } else { DEFER_BYTES.min(self.limits.document_bytes) };
        // an archive's own members are what is worth another thread
        if !holds_members(kind) && bytes.fill_head(at_hand as usize) {
            let bytes = bytes.take_head();
            return self.deferred(Document { kind, ..document }, bytes);
        }
        self.nested(|desk| desk.dispatch(Document { kind, ..document }, &mut bytes))
    }

    /// Offers a member whose bytes are at hand to another thread, or reads it here.
    pub(crate) fn member_bytes(&mut self, document: Document, bytes: Vec<u8>) -> Stop {
        if self.count_member() { self.deferred(document, bytes) } else { ControlFlow::Continue(()) }
    }

    /// Reads a page that is the body of a message, here.
    pub(crate) fn member_page(&mut self, document: Document, bytes: &[u8], message: Option<Box<Message>>) -> Stop {
        if !self.count_member() {
            return ControlFlow::Continue(());
        }
        self.nested(|desk| crate::html::read_as(document, &mut Hashing::new(&mut &*bytes), message, desk))
    }

    fn deferred(&mut self, document: Document, bytes: Vec<u8>) -> Stop {
        let usage = Arc::clone(&self.usage);
        let (chat, ocr) = (self.chat.clone(), self.ocr.clone());
        let member = Member { document, bytes, limits: self.limits, depth: self.depth + 1, usage, chat, ocr };
        match self.sink.defer(member) {
            None => ControlFlow::Continue(()),
            Some(member) => self.nested(|desk| desk.dispatch(member.document, &mut Hashing::new(&mut &*member.bytes))),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Stop) -> Stop {
        self.depth += 1;
        let file = self.file.take();
        let stop = read(self);
        self.file = file;
        self.depth -= 1;
        stop
    }

    /// Counts a member. False where there are too many, which is told once.
    pub(crate) fn count_member(&mut self) -> bool {
        let before = self.usage.members.fetch_add(1, Ordering::Relaxed);
        if before == self.limits.members {
            let words = format!("more than {before} members; the rest is not read");
            self.sink.trouble(Trouble { kind: TroubleKind::Bound, offset: None, words });
        }
        before < self.limits.members
    }

    /// Whether nothing more of this file's members will be read: an archive can stop.
    pub(crate) fn is_used_up(&self) -> bool {
        self.usage.members.load(Ordering::Relaxed) > self.limits.members
            || self.usage.unpacked.load(Ordering::Relaxed) > self.limits.unpacked_bytes
    }

    /// The columns of chats that the user named.
    pub(crate) fn chat_columns(&self) -> Option<Arc<ChatColumns>> {
        self.chat.clone()
    }

    /// What the file has used of its bounds.
    pub(crate) fn usage(&self) -> Arc<Usage> {
        Arc::clone(&self.usage)
    }

    /// What an unpacker gives, bounded by the ratio to what it took (`packed` bytes, which may grow) and by what all members of
    /// the file may become.
    pub(crate) fn unpacking<R: Read>(&self, inner: R, packed: Arc<AtomicU64>) -> Unpacking<R> {
        Unpacking::new(inner, packed, self.limits, Arc::clone(&self.usage))
    }

    /// Begins a document, has it read, and ends it with the hash of all its bytes.
    pub(crate) fn document(
        &mut self,
        document: Document,
        bytes: &mut Hashing<'_>,
        read: impl FnOnce(&mut Self, &mut Hashing<'_>) -> Stop,
    ) -> Stop {
        self.sink.begin(document)?;
        let outer = self.title.take();
        let stop = read(self, bytes);
        let title = std::mem::replace(&mut self.title, outer);
        self.sink.end(DocumentEnd { title, ..bytes.end(stop) });
        stop
    }

    /// A member that is known and not read.
    pub(crate) fn refuse_member(&mut self, document: Document, trouble: Trouble) -> Stop {
        if self.count_member() { self.refuse(document, trouble) } else { ControlFlow::Continue(()) }
    }

    /// Tells of the document that is being read.
    pub(crate) fn tell(&mut self, kind: TroubleKind, offset: Option<u64>, words: impl Into<String>) {
        self.sink.trouble(Trouble { kind, offset, words: words.into() });
    }

    /// A document that is known and not read.
    pub(crate) fn refuse(&mut self, document: Document, trouble: Trouble) -> Stop {
        self.sink.begin(document)?;
        self.sink.trouble(trouble);
        self.sink.end(DocumentEnd::default());
        ControlFlow::Continue(())
    }

    fn dispatch(&mut self, mut document: Document, bytes: &mut Hashing<'_>) -> Stop {
        if self.depth > self.limits.depth {
            let words = format!("nested deeper than {} documents", self.limits.depth);
            return self.refuse(document, Trouble { kind: TroubleKind::Bound, offset: None, words });
        }
        document.kind = known_kind(&document, bytes, self.chat.as_deref());
        match document.kind {
            DocumentKind::Text | DocumentKind::Markdown => crate::text::read(document, bytes, self),
            DocumentKind::ChatJson => crate::chat::objects::read(document, bytes, self),
            DocumentKind::ChatCsv => crate::chat::table::read(document, bytes, self),
            DocumentKind::TelegramJson => crate::telegram::json::read(document, bytes, self),
            DocumentKind::TelegramHtml => crate::telegram::html::read(document, bytes, self),
            DocumentKind::Whatsapp => crate::whatsapp::read(document, bytes, self),
            DocumentKind::Warc => crate::warc::read(document, bytes, self),
            DocumentKind::Arc => crate::arc::read(document, bytes, self),
            DocumentKind::Docx => crate::docx::read(document, bytes, self),
            DocumentKind::Email | DocumentKind::Mhtml => crate::mail::read(document, bytes, self),
            DocumentKind::Gzip => crate::gzip::read(document, bytes, self),
            DocumentKind::Html => crate::html::read(document, bytes, self),
            DocumentKind::Image => crate::picture::read(document, bytes, self),
            DocumentKind::Pdf => crate::pdf::read(document, bytes, self),
            DocumentKind::Zip => crate::zip::read(document, bytes, self),
            _ => self.unread(document, bytes),
        }
    }

    /// A document that is not read, and hashed.
    fn unread(&mut self, document: Document, bytes: &mut Hashing<'_>) -> Stop {
        let words = format!("{:?} is not read", document.kind);
        self.document(document, bytes, |desk, _| {
            desk.sink.trouble(Trouble { kind: TroubleKind::Unsupported, offset: None, words });
            ControlFlow::Continue(())
        })
    }

    /// Gives a segment to the sink.
    pub(crate) fn segment(&mut self, segment: Segment) -> Stop {
        debug_assert!(segment.text.len() <= self.limits.segment_bytes);
        self.sink.segment(segment)
    }
}

/// What a document is: as told, else by its content.
fn known_kind(document: &Document, bytes: &mut Hashing<'_>, columns: Option<&ChatColumns>) -> DocumentKind {
    let kind = match document.kind {
        DocumentKind::Other => crate::detect::detect(document.innermost_name(), bytes.head()),
        kind => return kind,
    };
    match columns {
        Some(columns) => crate::chat::kind(kind, bytes.head(), columns),
        None => kind,
    }
}

/// Whether documents of a kind must be in memory as a whole to be read.
fn in_memory(kind: DocumentKind) -> bool {
    use DocumentKind as Kind;
    matches!(kind, Kind::Html | Kind::Mhtml | Kind::Email | Kind::Pdf | Kind::Docx | Kind::Image)
}

/// Whether documents of a kind hold others and are read as a stream.
fn holds_members(kind: DocumentKind) -> bool {
    use DocumentKind as Kind;
    matches!(kind, Kind::Zip | Kind::Gzip | Kind::Warc | Kind::Arc)
}
