//! Handing a record on: what its block holds is freed of its encodings, its digests are checked, and it becomes a member.

use super::block::{Block, Rest};
use super::digest::{Claimed, Running};
use super::stream::{Place, Stream};
use super::{Content, Format, Head};
use crate::http;
use crate::reader::Desk;
use crate::stream::Counting;
use crate::troubles::Troubles;
use crate::{Document, DocumentKind, Stop, Trouble, TroubleKind};
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Bytes of the beginning that tell what a payload is.
const HEAD_BYTES: usize = 16 << 10;
/// Bytes of a URI and of a record's id; longer ones are cut.
const NAME_BYTES_MAX: usize = 8 << 10;

/// A record on its way to its reader.
pub(crate) struct Hand<'a> {
    pub(crate) archive: &'a Document,
    pub(crate) ordinal: u64,
    pub(crate) place: Place,
    pub(crate) head: Head,
    pub(crate) troubles: &'a mut Troubles,
    pub(crate) title: &'a mut Option<String>,
}

impl Hand<'_> {
    /// Hands the record on; afterwards the stream stands behind its block.
    pub(crate) fn record<F: Format>(&mut self, block: Block, stream: &mut Stream<'_>, desk: &mut Desk<'_>) -> Stop {
        if block.whole && self.head.block_digest.as_ref().is_some_and(|claimed| !claimed.is_of(&block.bytes)) {
            self.tell(desk, TroubleKind::Malformed, "its block is not that of its digest");
        }
        match self.head.content {
            Content::Skipped => self.pass_over::<F>(block, stream, desk),
            Content::Info => {
                self.note(&block.bytes);
                self.pass_over::<F>(block, stream, desk)
            }
            Content::Revisit => {
                let words = "a revisit: the body is that of an earlier record, and is not here again".to_owned();
                let document = self.document();
                self.pass_over::<F>(block, stream, desk)?;
                desk.refuse(document, Trouble { kind: TroubleKind::Unsupported, offset: None, words })
            }
            Content::Http | Content::Payload | Content::Fields => {
                if block.left == 0 {
                    self.short(block, desk)
                } else {
                    self.long::<F>(block, stream, desk)
                }
            }
        }
    }

    /// What finds the record again, and what is known of it.
    fn document(&self) -> Document {
        let name = match &self.head.id {
            Some(id) => format!("record {} at {} {}", self.ordinal, self.place, cut(id)),
            None => format!("record {} at {}", self.ordinal, self.place),
        };
        Document {
            uri: self.head.uri.as_deref().map(|uri| cut(uri).to_owned()),
            captured: self.head.captured,
            ..self.archive.member(&name.replace(" > ", " "))
        }
    }

    fn tell(&mut self, desk: &mut Desk<'_>, kind: TroubleKind, words: &str) {
        let words = format!("record {} at {}: {words}", self.ordinal, self.place);
        self.troubles.tell(desk.sink, Trouble { kind, offset: Some(self.place.file), words });
    }

    /// The name that an archive gives itself.
    fn note(&mut self, block: &[u8]) {
        let block = String::from_utf8_lossy(&block[..block.len().min(NAME_BYTES_MAX)]);
        let field = |wanted: &str| {
            block.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned()).filter(|v| !v.is_empty())
            })
        };
        if self.title.is_none() {
            *self.title = field("isPartOf").or_else(|| field("description"));
        }
    }

    fn pass_over<F: Format>(&mut self, block: Block, stream: &mut Stream<'_>, desk: &mut Desk<'_>) -> Stop {
        if block.left > 0 {
            let (missing, _) = Rest::new::<F>(stream, block.left, None, true).finish();
            self.missing(missing, desk);
        }
        ControlFlow::Continue(())
    }

    fn missing(&mut self, missing: u64, desk: &mut Desk<'_>) {
        if missing > 0 && self.head.length.is_some() {
            self.tell(desk, TroubleKind::Truncated, &format!("is cut: {missing} bytes are missing"));
        }
    }

    /// A record whose block is at hand.
    fn short(&mut self, mut block: Block, desk: &mut Desk<'_>) -> Stop {
        let http_head = self.http_head(&block.bytes, desk);
        let Some(http_head) = http_head else {
            self.check_payload(block.whole, &[&block.bytes], desk);
            let kind = self.head.content_type.clone();
            return self.give(kind.as_deref(), None, block.bytes, desk);
        };
        let content_type = http_head.content_type.clone();
        if !http_head.is_encoded() {
            self.check_payload(block.whole, &[&block.bytes[http_head.body_at..]], desk);
            block.bytes.drain(..http_head.body_at);
            return self.give(content_type.as_deref(), http_head.charset.as_deref(), block.bytes, desk);
        }
        let raw = &block.bytes[http_head.body_at..];
        let (joined, fault) = http_head.joined(raw);
        if let Some(error) = fault {
            self.tell(desk, kind_of(&error), &error.to_string());
        }
        self.check_payload(block.whole, &[raw, &joined], desk);
        let body = match http_head.decoded(Box::new(&*joined)) {
            Ok(body) => body,
            Err(error) => {
                self.tell(desk, kind_of(&error), &error.to_string());
                return ControlFlow::Continue(());
            }
        };
        let mut body = desk.unpacking(body, Arc::new(AtomicU64::new(joined.len() as u64)));
        let mut decoded = Vec::new();
        let read = (&mut body).take(desk.limits.document_bytes + 1).read_to_end(&mut decoded);
        if let Err(error) = read {
            drop(body);
            self.tell(desk, kind_of(&error), &format!("its body: {error}"));
            if decoded.is_empty() {
                // brotli has no magic number: a body that was decoded before it was stored looks like a broken one
                decoded = joined.into_owned();
            }
            return self.give(content_type.as_deref(), http_head.charset.as_deref(), decoded, desk);
        }
        if decoded.len() as u64 <= desk.limits.document_bytes {
            return self.give(content_type.as_deref(), http_head.charset.as_deref(), decoded, desk);
        }
        let mut all = Cursor::new(decoded).chain(BufReader::new(body));
        self.stream(content_type.as_deref(), http_head.charset.as_deref(), &mut all, desk)
    }

    /// A record of which only the beginning is at hand.
    fn long<F: Format>(&mut self, block: Block, stream: &mut Stream<'_>, desk: &mut Desk<'_>) -> Stop {
        let http_head = self.http_head(&block.bytes, desk);
        let body_at = http_head.as_ref().map_or(0, |h| h.body_at);
        let mut running: Option<Running> = self.head.block_digest.as_ref().map(Claimed::start);
        if let Some(running) = &mut running {
            running.update(&block.bytes);
        }
        let content_type = http_head.as_ref().map_or(&self.head.content_type, |h| &h.content_type).clone();
        let nested = content_type.as_deref().is_some_and(|t| t.contains("warc"));
        let mut rest = Rest::new::<F>(stream, block.left, running, !nested);
        let mut beginning = Cursor::new(block.bytes);
        beginning.set_position(body_at as u64);
        let charset = http_head.as_ref().and_then(|h| h.charset.clone());
        {
            let packed = Arc::new(AtomicU64::new(0));
            let mut all = beginning.chain(&mut rest);
            let counted = Counting { inner: &mut all, count: Arc::clone(&packed) };
            let body: io::Result<Box<dyn BufRead>> = match &http_head {
                Some(head) if head.is_encoded() => {
                    head.body(Box::new(counted)).map(|body| Box::new(BufReader::new(desk.unpacking(body, packed))) as _)
                }
                _ => Ok(Box::new(counted)),
            };
            match body {
                Ok(mut body) => self.stream(content_type.as_deref(), charset.as_deref(), &mut *body, desk)?,
                Err(error) => self.tell(desk, kind_of(&error), &error.to_string()),
            }
        }
        let (missing, running) = rest.finish();
        self.missing(missing, desk);
        if running.is_some_and(|running| !running.matches()) {
            self.tell(desk, TroubleKind::Malformed, "its block is not that of its digest");
        }
        ControlFlow::Continue(())
    }

    fn http_head(&mut self, block: &[u8], desk: &mut Desk<'_>) -> Option<http::Head> {
        if self.head.content != Content::Http {
            return None;
        }
        let head = http::head(block);
        if head.is_none() && !block.is_empty() {
            self.tell(desk, TroubleKind::Malformed, "has no HTTP head; its block is read as it stands");
        }
        head
    }

    /// Crawlers differ in whether the payload that they hash is the body as it came or freed of its chunks: either will do.
    fn check_payload(&mut self, whole: bool, payloads: &[&[u8]], desk: &mut Desk<'_>) {
        let Some(claimed) = self.head.payload_digest.as_ref().filter(|_| whole) else { return };
        if !payloads.iter().any(|payload| claimed.is_of(payload)) {
            self.tell(desk, TroubleKind::Malformed, "its payload is not that of its digest");
        }
    }

    fn give(&mut self, content_type: Option<&str>, charset: Option<&str>, bytes: Vec<u8>, desk: &mut Desk<'_>) -> Stop {
        if bytes.is_empty() {
            // a redirection, say: there is nothing to read
            return ControlFlow::Continue(());
        }
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let document = self.kinded(content_type, charset, head);
        desk.member_bytes(document, bytes)
    }

    fn stream(
        &mut self,
        content_type: Option<&str>,
        charset: Option<&str>,
        body: &mut dyn BufRead,
        desk: &mut Desk<'_>,
    ) -> Stop {
        let head = match body.fill_buf() {
            Ok(head) => head,
            Err(error) => {
                self.tell(desk, kind_of(&error), &format!("its body: {error}"));
                return ControlFlow::Continue(());
            }
        };
        let document = self.kinded(content_type, charset, &head[..head.len().min(HEAD_BYTES)]);
        desk.member(document, body)
    }

    /// The document with the kind that the content tells, or where it tells none, the type that the server named.
    fn kinded(&self, content_type: Option<&str>, charset: Option<&str>, head: &[u8]) -> Document {
        let mut document = Document { charset: charset.map(str::to_owned), ..self.document() };
        if self.head.content == Content::Fields {
            document.kind = DocumentKind::Text;
            return document;
        }
        let path = document.uri.as_deref().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        // a host's name ends in no extension
        let name = if path.matches('/').count() < 3 { "" } else { name };
        let told = crate::detect::detect(name, head);
        document.kind = match (told, content_type) {
            (DocumentKind::Text | DocumentKind::Markdown, Some("text/html" | "application/xhtml+xml")) => {
                DocumentKind::Html
            }
            _ => told,
        };
        document
    }
}

fn kind_of(error: &io::Error) -> TroubleKind {
    Trouble::io(error, None).kind
}

fn cut(text: &str) -> &str {
    &text[..crate::boundary::floor(text, NAME_BYTES_MAX)]
}

impl http::Head {
    /// The body freed of its chunks, and what stopped it.
    fn joined<'b>(&self, raw: &'b [u8]) -> (Cow<'b, [u8]>, Option<io::Error>) {
        match self.unchunked(raw) {
            Some(mut chunks) => {
                let mut out = Vec::new();
                let error = chunks.read_to_end(&mut out).err();
                (Cow::Owned(out), error)
            }
            None => (Cow::Borrowed(raw), None),
        }
    }
}
