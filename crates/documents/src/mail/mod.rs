//! Mail (RFC 5322, MIME), mailboxes of it, and saved pages (MHTML, RFC 2557), which are mail in form.
//!
//! Headers and MIME are mail-parser's. What a part becomes after its transfer encoding is decoded here, for the place of each word
//! in the mail ([`transfer`]). Plain bodies are segments of the mail itself; pages, attachments and mails inside are members.

mod mbox;
mod transfer;

use crate::boundary;
use crate::charset::Decoder;
use crate::document::Names;
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::stream::guarded;
use crate::{Document, DocumentKind, Message, Moment, Segment, SegmentKind, SourceMap, Stop, TroubleKind};
use athar_types::UnixTime;
use encoding_rs::{Encoding, UTF_8};
use mail_parser::{Addr, HeaderName, MessageParser, MessagePart, MimeHeaders, PartType};
use std::io::Read;
use std::ops::ControlFlow;

/// Lines that begin a header or a part, in one mail. The parser's memory grows with them, 150 bytes each or more.
const LINES_MAX: usize = 500_000;

/// Bytes that the parser may go through while it looks for the begin of parts that are not there, at worst: half a minute's work.
const SEARCH_BYTES_MAX: u64 = 30_000_000_000;

/// Reads a mail, a mailbox, or a saved page.
pub(crate) fn read(mut document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    if document.kind == DocumentKind::Email && bytes.head().starts_with(b"From ") {
        return mbox::read(document, bytes, desk);
    }
    let mut all = Vec::new();
    let failed = bytes.take(desk.limits.document_bytes).read_to_end(&mut all).err();
    let mail = if is_bounded(&all) { guarded(|| MessageParser::default().parse(&all)) } else { Ok(None) };
    if let Ok(Some(mail)) = &mail {
        let saved = document.kind == DocumentKind::Mhtml;
        let location = mail.parts.first().and_then(|part| {
            let snapshot =
                part.headers.iter().find(|h| h.name.as_str().eq_ignore_ascii_case("snapshot-content-location"));
            snapshot.and_then(|header| header.value.as_text()).or_else(|| part.content_location())
        });
        document.uri = location.map(|uri| uri.trim().to_owned()).or(document.uri);
        if saved {
            document.captured =
                moment(mail).filter(|moment| moment.zone_known).map(|moment| moment.time).or(document.captured);
        }
    }
    let place = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        if let Some(error) = failed {
            desk.sink.trouble(crate::Trouble::io(&error, Some(bytes.position())));
        }
        match mail {
            Ok(Some(mail)) => {
                let stop = give(&mail, &all, &place, desk);
                dismantle(mail);
                stop?;
            }
            Ok(None) => {
                desk.tell(TroubleKind::Malformed, None, "no mail, or one of too many parts; read as plain text");
                give_text(&all, 0, None, None, desk)?;
            }
            Err(words) => {
                desk.tell(TroubleKind::Malformed, None, words);
                give_text(&all, 0, None, None, desk)?;
            }
        }
        if !bytes.has_more() {
            return ControlFlow::Continue(());
        }
        let words = format!("a mail of more than {} bytes; the rest is read as plain text", desk.limits.document_bytes);
        desk.tell(TroubleKind::Bound, Some(bytes.position()), words);
        crate::text::read_rest(None, bytes, desk)
    })
}

/// Whether the parser will neither need much more memory than the mail, nor search it too often.
fn is_bounded(mail: &[u8]) -> bool {
    let (mut lines, mut multiparts) = (0_usize, 0_u64);
    for line in mail.split(|&b| b == b'\n') {
        let start = &line[..line.len().min(40)];
        lines += usize::from(start.starts_with(b"--") || start.contains(&b':'));
        multiparts += u64::from(line.windows(9).any(|word| word.eq_ignore_ascii_case(b"multipart")));
    }
    lines <= LINES_MAX && multiparts * mail.len() as u64 <= SEARCH_BYTES_MAX
}

/// Takes a mail apart level by level: one that is nested a million times must not be dropped by recursion.
fn dismantle(mail: mail_parser::Message<'_>) {
    let mut left = vec![mail];
    while let Some(mail) = left.pop() {
        left.extend(mail.parts.into_iter().filter_map(|part| match part.body {
            PartType::Message(inner) => Some(inner),
            _ => None,
        }));
    }
}

/// Gives the headers and parts of a mail.
fn give(mail: &mail_parser::Message<'_>, all: &[u8], place: &Document, desk: &mut Desk<'_>) -> Stop {
    let saved = place.kind == DocumentKind::Mhtml;
    let message = (!saved).then(|| Box::new(message_of(mail)));
    give_headers(mail, message.as_deref(), desk)?;
    let mut names = Names::default();
    for (index, part) in mail.parts.iter().enumerate() {
        if desk.is_used_up() {
            break;
        }
        if matches!(part.body, PartType::Multipart(_)) {
            continue;
        }
        let mut named = |name: &str| names.member(place, name);
        give_part(index, part, all, &mut named, message.as_deref(), desk)?;
    }
    ControlFlow::Continue(())
}

fn give_headers(mail: &mail_parser::Message<'_>, message: Option<&Message>, desk: &mut Desk<'_>) -> Stop {
    let Some(root) = mail.parts.first() else { return ControlFlow::Continue(()) };
    for header in &root.headers {
        let (kind, text) = match header.name {
            HeaderName::Subject => (SegmentKind::Title, header.value.as_text().map(str::to_owned)),
            HeaderName::From | HeaderName::ReplyTo => {
                let addresses = header.value.as_address();
                (SegmentKind::Attribute, addresses.and_then(|list| list.first()).map(author_of))
            }
            _ => continue,
        };
        let Some(mut text) = text.filter(|text| !text.trim().is_empty()) else { continue };
        text.truncate(boundary::floor(&text, desk.limits.segment_bytes));
        if kind == SegmentKind::Title && desk.title.is_none() {
            desk.title = Some(boundary::head(&text, 1000).to_owned());
        }
        // a header may be encoded and folded: its begin is known
        let at = u64::from(header.offset_start) + 1;
        desk.segment(Segment {
            kind,
            map: SourceMap::plain(at),
            message: message.cloned().map(Box::new),
            ..Segment::text(text, 0)
        })?;
    }
    ControlFlow::Continue(())
}

fn give_part(
    index: usize,
    part: &MessagePart<'_>,
    all: &[u8],
    named: &mut dyn FnMut(&str) -> Document,
    message: Option<&Message>,
    desk: &mut Desk<'_>,
) -> Stop {
    let (start, end) = (part.offset_body as usize, part.offset_end as usize);
    let raw = all.get(start..end.max(start)).unwrap_or_default();
    let declared = part.content_type();
    let charset = declared.and_then(|kind| kind.attribute("charset")).map(str::to_owned);
    let subtype = declared.and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase();
    let attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    let plain = matches!(part.body, PartType::Text(_)) && !attached && matches!(&*subtype, "" | "plain" | "enriched");
    if plain {
        let (bytes, marks) = transfer::decode(raw, part.encoding);
        let encoding = charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
        return give_decoded(&bytes, &marks, start as u64, encoding, message, desk);
    }
    // a style sheet says nothing to anybody
    if subtype == "css" {
        return ControlFlow::Continue(());
    }
    let name = part.attachment_name().map_or_else(|| format!("part {index}"), |name| name.chars().take(200).collect());
    let mut member = named(&name);
    member.charset = charset;
    if let Some(uri) = part.content_location() {
        member.uri = Some(uri.trim().to_owned());
    }
    let (bytes, _) = transfer::decode(raw, part.encoding);
    match part.body {
        PartType::Message(_) => desk.member_bytes(Document { kind: DocumentKind::Email, ..member }, bytes),
        PartType::Html(_) if !attached => {
            desk.member_page(Document { kind: DocumentKind::Html, ..member }, &bytes, message.cloned().map(Box::new))
        }
        _ => desk.member_bytes(member, bytes),
    }
}

/// Text that was decoded, with the marks of its places in `raw`, which begins at `start`.
fn give_decoded(
    bytes: &[u8],
    marks: &[(usize, usize)],
    start: u64,
    encoding: Option<&'static Encoding>,
    message: Option<&Message>,
    desk: &mut Desk<'_>,
) -> Stop {
    let kind = if message.is_some() { SegmentKind::Message } else { SegmentKind::Text };
    let mut passage = Passage::new(kind, desk).of(message.cloned().map(Box::new));
    let mut decoder = Decoder::new(encoding.filter(|encoding| *encoding != UTF_8), 0);
    decoder.decode(bytes, true, &mut |text, text_marks| {
        passage.push_marked(text, &composed(text, text_marks, marks, start), desk)
    })?;
    passage.flush(desk)
}

/// Marks of a text in the mail, from its marks in the decoded bytes and theirs in the raw ones.
fn composed(text: &str, in_decoded: &[(u32, u64)], in_raw: &[(usize, usize)], start: u64) -> Vec<(u32, u64)> {
    let mut all = Vec::with_capacity(in_decoded.len());
    for (index, (at, decoded)) in in_decoded.iter().enumerate() {
        let (at, decoded) = (*at as usize, *decoded as usize);
        let end = in_decoded.get(index + 1).map_or(text.len(), |(next, _)| *next as usize);
        let mut raw = in_raw.partition_point(|(from, _)| *from <= decoded).max(1) - 1;
        let mut done = at;
        while done < end {
            let (from, place) = in_raw.get(raw).copied().unwrap_or((0, 0));
            raw += 1;
            all.push((done as u32, start + (place + (decoded + done - at).saturating_sub(from)) as u64));
            let next = in_raw.get(raw).map_or(usize::MAX, |(from, _)| *from);
            done = boundary::ceil(text, at.saturating_add(next - decoded).min(end)).max(done + 1);
        }
    }
    all
}

fn give_text(
    bytes: &[u8],
    start: u64,
    encoding: Option<&'static Encoding>,
    message: Option<&Message>,
    desk: &mut Desk<'_>,
) -> Stop {
    give_decoded(bytes, &[(0, 0)], start, encoding, message, desk)
}

fn message_of(mail: &mail_parser::Message<'_>) -> Message {
    Message {
        id: mail.message_id().map(str::to_owned),
        channel: None,
        channel_id: None,
        author: mail.from().and_then(|from| from.first()).map(author_of),
        at: moment(mail),
        reply_to: mail.in_reply_to().as_text().map(str::to_owned),
        forwarded_from: None,
    }
}

fn author_of(address: &Addr<'_>) -> String {
    match (address.name.as_deref(), address.address.as_deref()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// When it was sent, as it says. RFC 5322 has `-0000` for a zone that is not known.
fn moment(mail: &mail_parser::Message<'_>) -> Option<Moment> {
    let date = mail.date().filter(|date| date.is_valid())?;
    let time = UnixTime(u32::try_from(date.to_timestamp()).ok()?);
    let zone_known = !(date.tz_before_gmt && date.tz_hour == 0 && date.tz_minute == 0);
    Some(Moment { time, zone_known })
}
