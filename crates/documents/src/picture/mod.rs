//! Pictures: their size, a hash of their look, what their QR codes say, and their text where a program for it was named.

mod decode;
mod hash;
mod ocr;
pub(crate) mod qr;

pub use hash::{FLAT_HASH, SAME_PICTURE_BITS_MAX, hash_distance, perceptual_hash};
pub use ocr::OcrSettings;

use crate::reader::{Desk, Hashing};
use crate::{Document, Picture, Segment, SegmentKind, SourceMap, Stop, Trouble, TroubleKind};
use decode::Decoded;
use image::GrayImage;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Reads a picture.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    desk.sink.begin(document)?;
    let deadline = Instant::now() + Duration::from_secs(desk.limits.seconds);
    let stop = match bytes.whole(desk.limits.document_bytes) {
        Ok(Some(whole)) => decode_and_look(&whole, deadline, desk),
        Ok(None) => {
            let words = format!("a picture of more than {} bytes", desk.limits.document_bytes);
            trouble(desk, TroubleKind::Bound, words);
            ControlFlow::Continue(())
        }
        Err(error) => {
            desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
            ControlFlow::Continue(())
        }
    };
    let end = bytes.finish();
    desk.sink.end(end);
    stop
}

/// Decodes a picture's bytes and gives what is in it. The document is open.
fn decode_and_look(bytes: &[u8], deadline: Instant, desk: &mut Desk<'_>) -> Stop {
    if decode::moves(bytes) {
        trouble(desk, TroubleKind::Unsupported, "the picture moves; its first frame is read".to_owned());
    }
    match decode::decode(bytes, &desk.limits) {
        Ok(Decoded { grey, over_black }) => look(&grey, over_black.as_ref(), deadline, desk),
        Err(refused) => {
            trouble(desk, refused.kind, refused.words);
            ControlFlow::Continue(())
        }
    }
}

/// Gives a decoded picture's look and what it says. The document is open.
pub(crate) fn look(grey: &GrayImage, over_black: Option<&GrayImage>, deadline: Instant, desk: &mut Desk<'_>) -> Stop {
    let (width, height) = grey.dimensions();
    desk.sink.picture(Picture { width, height, hash: perceptual_hash(grey) })?;
    let mut found = qr::read(grey, deadline);
    if let (true, Some(picture)) = (found.texts.is_empty(), over_black) {
        found = qr::read(picture, deadline);
    }
    for text in found.texts {
        desk.segment(segment(SegmentKind::Qr, text))?;
    }
    if !found.all_tried {
        let words = format!("not every search for QR codes was done in {} s", desk.limits.seconds);
        trouble(desk, TroubleKind::Bound, words);
    }
    let Some(settings) = desk.ocr.clone() else { return ControlFlow::Continue(()) };
    match ocr::read(&settings, grey, deadline) {
        Ok(text) => {
            for (piece, overlap) in pieces(text.trim(), desk.limits.segment_bytes, 256) {
                desk.segment(Segment { overlap, ..segment(SegmentKind::Ocr, piece.to_owned()) })?;
            }
        }
        Err(words) => trouble(desk, TroubleKind::Unsupported, words),
    }
    ControlFlow::Continue(())
}

/// What a QR code or a reader of text says has no place in the document's bytes.
fn segment(kind: SegmentKind, text: String) -> Segment {
    Segment { kind, map: SourceMap::default(), ..Segment::text(text, 0) }
}

/// A text cut, at a line end where one is near, into what a segment may hold. Each piece comes with the bytes at its beginning that
/// were already the end of the one before, at most `overlap`.
pub(crate) fn pieces(text: &str, bytes_max: usize, overlap: usize) -> impl Iterator<Item = (&str, usize)> {
    // a piece must be longer than what it repeats, and hold a character
    let bytes_max = bytes_max.max(8);
    let overlap = overlap.min(bytes_max / 4);
    let mut start = 0;
    let mut repeated = 0;
    let mut done = text.is_empty();
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let rest = &text[start..];
        let mut end = rest.len();
        if end > bytes_max {
            end = floor(rest, bytes_max);
            let line_end = rest[..end].rfind('\n').map(|at| at + 1);
            end = line_end.filter(|at| *at > bytes_max / 2).unwrap_or(end);
        }
        let piece = (&rest[..end], repeated);
        done = end == rest.len();
        if !done {
            let next = floor(rest, end - overlap);
            repeated = end - next;
            start += next;
        }
        Some(piece)
    })
}

/// The last boundary of a character at or before a position.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn trouble(desk: &mut Desk<'_>, kind: TroubleKind, words: String) {
    desk.sink.trouble(Trouble { kind, offset: None, words });
}
