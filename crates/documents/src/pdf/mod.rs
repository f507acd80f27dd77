//! PDF: the text of its pages, links and notes, pictures with QR codes, attached files.
//!
//! No library that is kept bounds what a PDF can become in memory, and a thread that has run away cannot be ended. So the file is read
//! lazily by `file`, on this thread, with `lopdf` for its objects' types, filters (each bounded), encryption and tables of glyph names;
//! every loop looks at a deadline or a count. A panic of a library ends the part that it was in.

mod cmap;
mod content;
mod file;
mod font;
mod layout;
mod lexer;
mod pages;
mod pictures;

use crate::document::Names;
use crate::picture::{look, qr};
use crate::reader::{Desk, Hashing};
use crate::{Document, DocumentEnd, DocumentKind, Segment, SegmentKind, SourceMap, Stop, Trouble, TroubleKind};
use content::{Drawing, Drawn, Fonts};
use file::{File, Refused};
use lopdf::{Object, Stream};
use pages::{Attached, Note};
use pictures::Found;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How many times the time of a document its pictures may take together, besides.
const PICTURES_TIME: u32 = 10;
/// Pictures of one PDF. Those in the pages' own streams are kept until they are looked at, of no more bytes than a document may have.
const PICTURES_MAX: usize = 20_000;
/// The end of a long page's segment that the next one begins with.
const OVERLAP_BYTES: usize = 512;

/// Characters of a title.
const TITLE_CHARS_MAX: usize = 1000;

/// Reads a PDF.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    desk.sink.begin(document.clone())?;
    let mut title = None;
    let stop = match bytes.whole(desk.limits.document_bytes) {
        Ok(Some(whole)) => read_whole(&document, &whole, &mut title, desk),
        Ok(None) => {
            let words = format!("a PDF of more than {} bytes", desk.limits.document_bytes);
            tell(desk, Refused::new(TroubleKind::Bound, words));
            ControlFlow::Continue(())
        }
        Err(error) => {
            desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
            ControlFlow::Continue(())
        }
    };
    let end = bytes.finish();
    desk.sink.end(DocumentEnd { title, ..end });
    stop
}

fn read_whole(document: &Document, bytes: &[u8], title: &mut Option<String>, desk: &mut Desk<'_>) -> Stop {
    let limits = desk.limits;
    let time = Duration::from_secs(limits.seconds);
    let deadline = Instant::now() + time;
    let mut file = match guarded(|| File::open(bytes, &limits, deadline)) {
        Ok(Ok(file)) => file,
        Ok(Err(refused)) | Err(refused) => {
            tell(desk, refused);
            return ControlFlow::Continue(());
        }
    };
    if file.searched {
        let words = "its table of positions is broken; the file was searched for objects";
        tell(desk, Refused::new(TroubleKind::Malformed, words));
    }
    for (is, text) in guarded(|| pages::about(&file)).unwrap_or_default() {
        let kind = if is == "title" { SegmentKind::Title } else { SegmentKind::Attribute };
        if is == "title" {
            *title = Some(text.chars().take(TITLE_CHARS_MAX).collect());
        }
        give(kind, &text, None, Some(is), desk)?;
    }
    let pages_max = usize::try_from(limits.pages).unwrap_or(usize::MAX);
    let (list, more) = guarded(|| pages::list(&file, pages_max)).unwrap_or_default();
    if more {
        let words = format!("more than {} pages; the others are not read", limits.pages);
        tell(desk, Refused::new(TroubleKind::Bound, words));
    }
    let mut fonts = Fonts::default();
    let mut pictures: Vec<(u32, usize, Drawing)> = Vec::new();
    let mut seen = HashSet::new();
    let mut attached = Vec::new();
    let (mut unmapped, mut inline_bytes) = (0, 0);
    for (page, number) in list.iter().zip(1u32..) {
        if file.late() {
            let words = format!("its time of {} s was over at page {number} of {}", limits.seconds, list.len());
            tell(desk, Refused::new(TroubleKind::Bound, words));
            break;
        }
        let read = match guarded(|| read_page(&file, page, &mut fonts)) {
            Ok(read) => read,
            Err(refused) => {
                tell(desk, Refused { words: format!("page {number}: {}", refused.words), ..refused });
                continue;
            }
        };
        unmapped += read.drawn.unmapped;
        if let Some(refused) = read.refused {
            tell(desk, Refused { words: format!("page {number}: {}", refused.words), ..refused });
        }
        if read.drawn.cut {
            let words = format!("page {number} draws more than is read");
            tell(desk, Refused::new(TroubleKind::Bound, words));
        }
        give(SegmentKind::Text, &read.text, Some(number), None, desk)?;
        for note in read.notes {
            give(SegmentKind::Attribute, &note.text, Some(number), Some(note.is), desk)?;
        }
        for text in read.codes {
            give(SegmentKind::Qr, &text, Some(number), None, desk)?;
        }
        attached.extend(read.attached);
        for (drawing, place) in read.drawn.pictures.into_iter().zip(1..) {
            if let Drawing::Inline(stream) = &drawing {
                inline_bytes += stream.content.len() as u64;
            }
            if pictures.len() >= PICTURES_MAX || inline_bytes > limits.document_bytes {
                break;
            }
            // a letterhead is looked at once
            if let Drawing::Object(object) = drawing
                && !seen.insert(object)
            {
                continue;
            }
            pictures.push((number, place, drawing));
        }
    }
    if unmapped > 0 {
        let words = format!("{unmapped} characters are glyphs that the PDF gives no text for");
        tell(desk, Refused::new(TroubleKind::Unsupported, words));
    }
    // what was read as text is safe now; pictures and attached files have time of their own
    let pictures_deadline = Instant::now() + time * PICTURES_TIME;
    file.extend(pictures_deadline);
    for (page, place, drawing) in pictures {
        if file.late() {
            tell(desk, Refused::new(TroubleKind::Bound, "no more time for its pictures"));
            break;
        }
        let member = document.member(&format!("page {page} img {place}"));
        read_picture(&file, member, drawing, desk)?;
    }
    read_attached(&file, document, attached, desk)
}

/// What a page gives.
struct ReadPage {
    drawn: Drawn,
    text: String,
    notes: Vec<Note>,
    attached: Vec<Attached>,
    codes: Vec<String>,
    refused: Option<Refused>,
}

fn read_page(file: &File<'_>, page: &pages::Page, fonts: &mut Fonts) -> ReadPage {
    let dictionary = page.dictionary(file).unwrap_or_default();
    let (content, refused) = pages::Page::content(file, &dictionary, usize::MAX);
    let drawn = content::draw(file, fonts, &content, &page.resources(file));
    let (notes, attached) = pages::annotations(file, &dictionary);
    let painted = pictures::painted(&drawn.rectangles);
    let codes = painted.map_or_else(Vec::new, |picture| qr::read(&picture, file.deadline()).texts);
    ReadPage { text: layout::text(&drawn), drawn, notes, attached, codes, refused }
}

fn read_picture(file: &File<'_>, mut member: Document, drawing: Drawing, desk: &mut Desk<'_>) -> Stop {
    let stream = match drawing {
        Drawing::Inline(stream) => *stream,
        Drawing::Object(number) => match file.object(number) {
            Some(Object::Stream(stream)) => stream,
            _ => return ControlFlow::Continue(()),
        },
    };
    let limits = desk.limits;
    member.kind = DocumentKind::Image;
    if !counted(desk, 0) {
        return ControlFlow::Continue(());
    }
    match guarded(|| pictures::read(file, &stream, &limits)).and_then(|read| read) {
        Ok(Found::Jpeg(bytes)) => desk.member_bytes(member, bytes),
        Ok(Found::Grey(grey)) => {
            if !desk.count_member() {
                return ControlFlow::Continue(());
            }
            desk.sink.begin(member)?;
            let deadline = Instant::now() + Duration::from_secs(limits.seconds);
            let stop = look(&grey, None, deadline, desk);
            desk.sink.end(end_of(&stream));
            stop
        }
        Err(Refused { kind, words }) => desk.refuse(member, Trouble { kind, offset: None, words }),
    }
}

/// A picture's own bytes are those of its stream.
fn end_of(stream: &Stream) -> DocumentEnd {
    let hash = Sha256::digest(&stream.content);
    DocumentEnd { sha256: Some(hash.into()), bytes: stream.content.len() as u64, title: None }
}

fn read_attached(file: &File<'_>, document: &Document, on_pages: Vec<Attached>, desk: &mut Desk<'_>) -> Stop {
    let mut stop = ControlFlow::Continue(());
    let (mut seen, mut names) = (HashSet::new(), Names::default());
    let mut each = |attached: Attached| {
        // the list of files and the pages may name the same one
        if !seen.insert(attached.number) {
            return true;
        }
        stop = read_file(file, names.member(document, &attached.name), &attached, desk);
        stop.is_continue()
    };
    for attached in on_pages {
        if !each(attached) {
            return stop;
        }
    }
    pages::attachments(file, each);
    stop
}

fn read_file(file: &File<'_>, member: Document, attached: &Attached, desk: &mut Desk<'_>) -> Stop {
    let Some(Object::Stream(stream)) = file.object(attached.number) else { return ControlFlow::Continue(()) };
    let packed = stream.content.len() as u64;
    let most = packed.saturating_mul(desk.limits.ratio).max(1 << 20);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match guarded(|| file.decoded(&stream, 0, most)).and_then(|read| read) {
        Ok(bytes) => {
            if !counted(desk, bytes.len() as u64) {
                return ControlFlow::Continue(());
            }
            if pages::leads_out(&attached.name) {
                let words = format!("an attached file is named `{}`", attached.name);
                tell(desk, Refused::new(TroubleKind::Path, words));
            }
            desk.member_bytes(member, bytes)
        }
        Err(Refused { kind, words }) => desk.refuse(member, Trouble { kind, offset: None, words }),
    }
}

/// Counts the bytes that a member became; where all members together are too many, that is told, and no further one is given.
/// The members themselves are counted as they are given.
fn counted(desk: &mut Desk<'_>, bytes: u64) -> bool {
    let before = desk.usage().unpacked.fetch_add(bytes, Ordering::Relaxed);
    let after = before.saturating_add(bytes);
    let bytes_max = desk.limits.unpacked_bytes;
    if after > bytes_max && before <= bytes_max {
        tell(desk, Refused::new(TroubleKind::Bound, format!("its members are more than {bytes_max} bytes")));
    }
    after <= bytes_max && !desk.is_used_up()
}

/// Gives a text in as many segments as it needs. `is` says what a value is, where it is not the page's own text.
fn give(kind: SegmentKind, text: &str, page: Option<u32>, is: Option<&str>, desk: &mut Desk<'_>) -> Stop {
    for (piece, overlap) in crate::picture::pieces(text, desk.limits.segment_bytes, OVERLAP_BYTES) {
        desk.segment(Segment {
            kind,
            map: SourceMap::default(),
            overlap,
            context: is.map(str::to_owned),
            page,
            ..Segment::text(piece, 0)
        })?;
    }
    ControlFlow::Continue(())
}

fn tell(desk: &mut Desk<'_>, refused: Refused) {
    desk.sink.trouble(Trouble { kind: refused.kind, offset: None, words: refused.words });
}

/// Runs a part of the reading. What panics in it is told and ends that part only.
fn guarded<T>(part: impl FnOnce() -> T) -> Result<T, Refused> {
    let failed = |_| Refused::new(TroubleKind::Malformed, "reading it failed");
    catch_unwind(AssertUnwindSafe(part)).map_err(failed)
}

/// A text string of the standard: UTF-16 or UTF-8 with its mark, else the PDF's own encoding.
fn text_string(object: &Object) -> Option<String> {
    let bytes = object.as_str().ok()?;
    let units = |two: fn([u8; 2]) -> u16| -> String {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| two([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    Some(match bytes {
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        _ => lopdf::decode_text_string(object).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()),
    })
}
