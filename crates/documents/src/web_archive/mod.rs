//! Web archives: what WARC and ARC have in common. The formats' own rules are in `warc` and `arc`.
//!
//! A record's block is taken into memory up to [`Limits::document_bytes`](crate::Limits::document_bytes) and handed on, so that other
//! threads may read it; what is longer is handed on as a stream. Memory does not grow with the archive.
//!
//! No length that a record claims is trusted. Where what follows a block is no record, or nothing follows, the next record may have
//! been swallowed: its beginning is looked for in the block, and reading goes on there.

mod block;
mod digest;
mod hand;
mod packed;
mod stream;
mod window;

pub(crate) use digest::Claimed;
pub(crate) use stream::LOOK_BYTES;

use crate::reader::{Desk, Hashing};
use crate::troubles::Troubles;
use crate::{Document, DocumentKind, Stop, Trouble, TroubleKind};
use athar_types::UnixTime;
use block::Block;
use hand::Hand;
use std::ops::ControlFlow;
use stream::Stream;

/// Bytes of a record's head.
const HEAD_BYTES_MAX: usize = 1 << 20;

/// Whether a document's first bytes, packed or not, are those of a web archive.
pub(crate) fn kind(head: &[u8]) -> Option<DocumentKind> {
    let unpacked = packed::unpacked_head(head);
    let head = if unpacked.is_empty() { head } else { &unpacked };
    match head {
        _ if crate::warc::begins(head) => Some(DocumentKind::Warc),
        _ if crate::arc::begins(head) => Some(DocumentKind::Arc),
        _ => None,
    }
}

/// What a record's block is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// An HTTP answer.
    Http,
    /// The payload itself.
    Payload,
    /// Fields in words: `name: value`.
    Fields,
    /// What the archive says of itself.
    Info,
    /// Nothing that was published.
    Skipped,
    /// The body is that of another record.
    Revisit,
}

/// A record's head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// Bytes of the head.
    pub(crate) bytes: usize,
    pub(crate) content: Content,
    /// Bytes of the block; `None` where the head does not tell.
    pub(crate) length: Option<u64>,
    pub(crate) uri: Option<String>,
    pub(crate) captured: Option<UnixTime>,
    pub(crate) id: Option<String>,
    /// Of the payload.
    pub(crate) content_type: Option<String>,
    pub(crate) block_digest: Option<Claimed>,
    pub(crate) payload_digest: Option<Claimed>,
    /// What is wrong with it, in words.
    pub(crate) faults: Vec<(TroubleKind, String)>,
}

/// The rules of a format.
pub(crate) trait Format {
    /// The format's name.
    const NAME: &'static str;

    /// Whether bytes begin a record, where one is expected.
    fn begins(bytes: &[u8]) -> bool;
    /// Where among any bytes a record begins: stricter. It looks at no more than [`LOOK_BYTES`] of the record.
    fn find(bytes: &[u8]) -> Option<usize>;
    /// Reads a head, which may be cut after [`HEAD_BYTES_MAX`]; `None` where it is none.
    fn head(bytes: &[u8]) -> Option<Head>;
    /// How much is needed to read a head; `None` where its end is not in `bytes`.
    fn head_end(bytes: &[u8]) -> Option<usize>;
}

/// Reads an archive.
pub(crate) fn read<F: Format>(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let archive = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        let mut troubles = Troubles::default();
        let mut title = None;
        let stop = records::<F>(&archive, bytes, desk, &mut troubles, &mut title);
        troubles.close(desk.sink);
        desk.title = title;
        stop
    })
}

fn records<F: Format>(
    archive: &Document,
    bytes: &mut Hashing<'_>,
    desk: &mut Desk<'_>,
    troubles: &mut Troubles,
    title: &mut Option<String>,
) -> Stop {
    let mut stream = Stream::new(bytes, F::begins, desk.limits, desk.usage());
    let mut ordinal = 0_u64;
    loop {
        // between records
        if let Some(gap) = stream.take_gap() {
            troubles.tell(desk.sink, gap);
            continue;
        }
        let ready = stream.peek(LOOK_BYTES);
        if ready.is_empty() {
            // a gap at this place may have come to light just now
            match stream.take_gap() {
                Some(gap) => {
                    troubles.tell(desk.sink, gap);
                    continue;
                }
                None => break,
            }
        }
        let blank = ready.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if blank > 0 {
            stream.consume(blank);
            continue;
        }
        let place = stream.place();
        if !F::begins(stream.peek(LOOK_BYTES)) {
            let passed = stream.seek(F::find);
            let words = format!("{passed} bytes at {place} are no {} record", F::NAME);
            troubles.tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(place.file), words });
            continue;
        }
        ordinal += 1;
        let mut n = LOOK_BYTES;
        while F::head_end(stream.peek(n)).is_none() && stream.peek(n).len() >= n && n < HEAD_BYTES_MAX {
            n *= 4;
        }
        let Some(mut head) = F::head(stream.peek(n)) else {
            stream.consume(1);
            stream.seek(F::find);
            let words = format!("record {ordinal} at {place} has no head that can be read");
            troubles.tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(place.file), words });
            continue;
        };
        stream.consume(head.bytes);
        for (kind, words) in std::mem::take(&mut head.faults) {
            let words = format!("record {ordinal} at {place}: {words}");
            troubles.tell(desk.sink, Trouble { kind, offset: Some(place.file), words });
        }
        let block = Block::take::<F>(&mut stream, &head, desk.limits.document_bytes);
        if let Some((kind, words)) = &block.fault {
            let words = format!("record {ordinal} at {place}: {words}");
            troubles.tell(desk.sink, Trouble { kind: *kind, offset: Some(place.file), words });
        }
        let mut hand = Hand { archive, ordinal, place, head, troubles: &mut *troubles, title: &mut *title };
        hand.record::<F>(block, &mut stream, desk)?;
        // which bound it was is told where it was hit
        if desk.is_used_up() {
            break;
        }
    }
    if stream.exhausted() {
        let words = "unpacks to more than the bound; the rest is not read".to_owned();
        troubles.tell(desk.sink, Trouble { kind: TroubleKind::Bound, offset: None, words });
    }
    if let Some(error) = stream.take_failure() {
        let place = stream.place();
        troubles.tell(desk.sink, Trouble::io(&error, Some(place.file)));
    }
    ControlFlow::Continue(())
}
