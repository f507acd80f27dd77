//! `messages.html`, `messages2.html`, …: pages that Telegram Desktop writes for the eye, read by the classes of their elements.
//!
//! A page is read for itself. The author of a message that is `joined` to the one before is that one's; the first message of a page
//! never is joined. Dates carry the offset from UTC since the exports of 2022; older ones are the clock of the exporting computer.

use crate::chat::said::{Placed, Said};
use crate::reader::{Desk, Hashing};
use crate::{Document, Message, Moment, Stop, Trouble, TroubleKind, moment};
use html5gum::{DefaultEmitter, Span, StartTag, Token, Tokenizer};
use std::io::Read;
use std::ops::ControlFlow;

/// How deep elements nest before their tags are only counted. An export's own are some ten.
const DEPTH_MAX: usize = 64;

/// Reads a page of an export.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let channel = channel_of(bytes.head());
    desk.document(Document { channel: channel.clone(), ..document }, bytes, |desk, bytes| {
        let bytes_max = desk.limits.document_bytes;
        let mut all = Vec::new();
        if let Err(error) = bytes.by_ref().take(bytes_max).read_to_end(&mut all) {
            desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
        }
        walk(&all, channel, desk)?;
        if !bytes.has_more() {
            return ControlFlow::Continue(());
        }
        let words = format!("a page of more than {bytes_max} bytes; the rest is read as plain text");
        desk.sink.trouble(Trouble { kind: TroubleKind::Bound, offset: Some(bytes.position()), words });
        crate::text::read_rest(None, bytes, desk)
    })
}

/// The name in the page's header.
fn channel_of(head: &[u8]) -> Option<String> {
    let mut pages = Pages::default();
    for token in Tokenizer::new_with_emitter(head, DefaultEmitter::<usize>::new_with_span()) {
        let Ok(token) = token;
        pages.token(token, head);
        if pages.said.is_some() || (!pages.channel.text.is_empty() && !pages.inside(Role::Header)) {
            break;
        }
    }
    pages.channel_name()
}

fn walk(page: &[u8], channel: Option<String>, desk: &mut Desk<'_>) -> Stop {
    let mut pages = Pages::default();
    for token in Tokenizer::new_with_emitter(page, DefaultEmitter::<usize>::new_with_span()) {
        let Ok(token) = token;
        if let Some(said) = pages.token(token, page) {
            pages.finished(said, channel.as_ref()).give(desk)?;
        }
    }
    match pages.said.take() {
        Some(said) => pages.finished(said, channel.as_ref()).give(desk),
        None => ControlFlow::Continue(()),
    }
}

/// What an element is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    /// As what it is in.
    Plain,
    Header,
    HeaderName,
    Message,
    FromName,
    Forwarded,
    Reply,
    Text,
    Kept,
    Service,
    Contact,
    Media,
    Line,
    Value,
    Signature,
    /// Not read: times, sizes, initials, views.
    Aside,
}

#[derive(Default)]
struct Pages {
    open: Vec<(Vec<u8>, Role)>,
    /// Open elements that are too deep to be kept.
    deeper: usize,
    channel: Placed,
    author: Placed,
    forwarded: Placed,
    signature: Placed,
    joined: bool,
    /// The author of the message before.
    before: Option<String>,
    said: Option<Said>,
    value: Placed,
}

fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"br" | b"img" | b"meta" | b"link" | b"hr" | b"input" | b"source" | b"wbr" | b"base" | b"col" | b"area"
    )
}

fn attribute(tag: &StartTag<usize>, name: &[u8]) -> Option<(String, Span<usize>)> {
    let value = tag.attributes.get(name)?;
    Some((String::from_utf8_lossy(&value.value).into_owned(), value.span))
}

impl Pages {
    fn inside(&self, role: Role) -> bool {
        self.open.iter().any(|(_, open)| *open == role)
    }

    /// The innermost role that says something.
    fn role(&self) -> Role {
        self.open.iter().rev().map(|(_, role)| *role).find(|role| *role != Role::Plain).unwrap_or(Role::Plain)
    }

    fn channel_name(&self) -> Option<String> {
        Some(self.channel.text.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Takes a token; a message that ended by it.
    fn token(&mut self, token: Token<usize>, page: &[u8]) -> Option<Said> {
        match token {
            Token::StartTag(tag) => self.start(tag, page),
            Token::EndTag(tag) => {
                self.end(&tag.name);
                None
            }
            Token::String(text) => {
                self.text(&text.value, text.span, page);
                None
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => None,
        }
    }

    fn start(&mut self, tag: StartTag<usize>, page: &[u8]) -> Option<Said> {
        let class = attribute(&tag, b"class").map(|(class, _)| class).unwrap_or_default();
        let has = |wanted: &str| class.split_ascii_whitespace().any(|c| c == wanted);
        let mut done = None;
        let mut role = match &*tag.name.0 {
            b"script" | b"style" | b"title" | b"head" => Role::Aside,
            b"pre" | b"code" if self.role() == Role::Text => Role::Kept,
            _ if has("message") && (has("default") || has("service")) => {
                done = self.begin(&tag, has("service"), has("joined"));
                Role::Message
            }
            _ if has("page_header") => Role::Header,
            _ if self.inside(Role::Header) && has("text") => Role::HeaderName,
            _ if self.said.is_none() => Role::Plain,
            _ if has("pagination") || has("initials") || has("userpic_wrap") || has("userpic") => Role::Aside,
            _ if has("date") && has("details") => {
                if !self.inside(Role::Forwarded) {
                    self.date(&tag);
                }
                Role::Aside
            }
            _ if has("forwarded") && has("body") => Role::Forwarded,
            _ if has("from_name") => Role::FromName,
            _ if has("via") => Role::Aside,
            _ if has("reply_to") => Role::Reply,
            _ if has("media_contact") => Role::Contact,
            _ if has("media_wrap") || has("media") || has("media_poll") => Role::Media,
            _ if has("question") || has("answer") || has("description") => Role::Line,
            _ if has("title") && self.inside(Role::Media) => {
                if self.inside(Role::Contact) {
                    Role::Line
                } else {
                    Role::Value
                }
            }
            _ if has("status") => {
                if self.inside(Role::Contact) {
                    Role::Line
                } else {
                    Role::Aside
                }
            }
            _ if has("signature") => Role::Signature,
            _ if has("bot_button") || has("bot_buttons_table") => Role::Value,
            _ if has("text") => Role::Text,
            _ if has("body") && has("details") => Role::Service,
            _ if has("details") && self.inside(Role::Media) => Role::Aside,
            _ => Role::Plain,
        };
        if self.role() == Role::Aside {
            role = Role::Aside;
        }
        let outer = self.role();
        if let Some(said) = &mut self.said {
            match role {
                Role::Line => said.text.line(),
                Role::Text if !said.text.text.is_empty() => said.text.push("\n\n", None),
                _ => {}
            }
            if &*tag.name.0 == b"br" && matches!(outer, Role::Text | Role::Kept | Role::Line | Role::Service) {
                said.text.trim_end();
                said.text.push("\n", Some(tag.span.start as u64));
            }
        }
        self.link(&tag, role, page);
        if !is_void(&tag.name) && !tag.self_closing {
            if self.open.len() < DEPTH_MAX {
                self.open.push((tag.name.0, role));
            } else {
                self.deeper += 1;
            }
        }
        done
    }

    /// A message begins; the one before is done.
    fn begin(&mut self, tag: &StartTag<usize>, service: bool, joined: bool) -> Option<Said> {
        let done = self.said.take();
        let done = done.map(|said| self.named(said));
        (self.author, self.forwarded, self.signature) = <_>::default();
        self.joined = joined;
        let id = attribute(tag, b"id").map(|(id, _)| id.trim_start_matches("message").to_owned());
        let id = id.filter(|id| !id.is_empty());
        self.said = Some(Said { notice: service, message: Message { id, ..Message::default() }, ..Said::default() });
        // a message inside a message is a page that was meddled with: what was open is not closed by it
        done
    }

    fn named(&mut self, mut said: Said) -> Said {
        let name = |placed: &Placed| Some(placed.text.trim().to_owned()).filter(|name| !name.is_empty());
        let mut author = name(&self.author);
        if author.is_none() && self.joined {
            author.clone_from(&self.before);
        }
        if !said.notice {
            self.before.clone_from(&author);
        }
        said.message.author = match (author, name(&self.signature)) {
            (Some(author), Some(signed)) if author != signed => Some(format!("{author} ({signed})")),
            (author, signed) => author.or(signed),
        };
        said.message.forwarded_from = name(&self.forwarded);
        said
    }

    fn finished(&mut self, said: Said, channel: Option<&String>) -> Said {
        // one that `begin` gave is named already; the last one is not
        let mut said = if said.message.author.is_none() && self.said.is_none() { self.named(said) } else { said };
        said.message.channel = channel.cloned().or_else(|| self.channel_name());
        // the line that shows a new day has a number below zero, and says nothing that the messages do not
        if said.notice && said.message.id.as_ref().is_some_and(|id| id.starts_with('-')) {
            said.text = Placed::default();
        }
        said.text.trim_end();
        said
    }

    fn date(&mut self, tag: &StartTag<usize>) {
        if let (Some(said), Some((title, _))) = (&mut self.said, attribute(tag, b"title")) {
            said.message.at = said.message.at.or_else(|| date(&title));
        }
    }

    /// What a link leads to.
    fn link(&mut self, tag: &StartTag<usize>, role: Role, page: &[u8]) {
        let Some((href, span)) = attribute(tag, b"href").filter(|(href, _)| !href.is_empty()) else { return };
        let inside = if role == Role::Plain { self.role() } else { role };
        let Some(said) = &mut self.said else { return };
        match inside {
            Role::Reply => {
                if let Some((_, id)) = href.split_once("#go_to_message") {
                    said.message.reply_to = Some(id.to_owned());
                }
            }
            Role::Aside => {}
            _ => {
                let mut placed = Placed::default();
                push_decoded(&mut placed, href.as_bytes(), value_span(span, page), page);
                said.add_value(placed);
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        // an end tag that nothing began closes nothing
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            let ended = self.open.split_off(at);
            if ended.iter().any(|(_, role)| *role == Role::Value)
                && let Some(said) = &mut self.said
            {
                said.add_value(std::mem::take(&mut self.value));
            }
        }
    }

    fn text(&mut self, text: &[u8], span: Span<usize>, page: &[u8]) {
        let role = self.role();
        let forwarded = self.inside(Role::Forwarded);
        let out = match (role, &mut self.said) {
            (Role::HeaderName, _) => &mut self.channel,
            (Role::FromName, Some(_)) if forwarded => &mut self.forwarded,
            (Role::FromName, Some(_)) => &mut self.author,
            (Role::Signature, Some(_)) => &mut self.signature,
            (Role::Value, Some(_)) => &mut self.value,
            (Role::Text | Role::Kept | Role::Line | Role::Service, Some(said)) => &mut said.text,
            _ => return,
        };
        if role == Role::Kept {
            push_decoded(out, text, span, page);
        } else {
            let mut placed = Placed::default();
            push_decoded(&mut placed, text, span, page);
            collapse(out, &placed);
        }
    }
}

/// `13.05.2020 10:21:52 UTC+03:00`, and without the zone before 2022.
fn date(title: &str) -> Option<Moment> {
    let mut words = title.split_ascii_whitespace();
    let mut day = words.next()?.split('.');
    let (d, m, y) = (day.next()?, day.next()?, day.next()?);
    let zone = title.split_once("UTC").map_or("", |(_, zone)| if zone.is_empty() { "Z" } else { zone });
    moment::iso(&format!("{y}-{m}-{d} {}{zone}", words.next()?))
}

/// Of the span of an attribute, which begins with its name, that of its value.
fn value_span(span: Span<usize>, page: &[u8]) -> Span<usize> {
    let source = page.get(span.start..span.end).unwrap_or_default();
    let Some(sign) = memchr::memchr(b'=', source) else { return span };
    let blank = source[sign + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let quote = usize::from(matches!(source.get(sign + 1 + blank), Some(b'"' | b'\'')));
    Span { start: span.start + sign + 1 + blank + quote, end: span.end }
}

/// Adds decoded bytes of a span of the page. Where they stand there as they are they have one place, else one for each reference.
fn push_decoded(out: &mut Placed, bytes: &[u8], span: Span<usize>, page: &[u8]) {
    let (mut at, mut from) = (span.start, 0);
    while from < bytes.len() {
        let rest = page.get(at..span.end).unwrap_or_default();
        let same = bytes[from..].iter().zip(rest).take_while(|(a, b)| a == b && **b != b'&').count();
        if same > 0 {
            out.push_bytes(&bytes[from..from + same], at as u64);
            (at, from) = (at + same, from + same);
            continue;
        }
        // a reference: one character up to its semicolon
        let length = match bytes[from] {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        let end = (from + length).min(bytes.len());
        out.push_bytes(&bytes[from..end], at as u64);
        from = end;
        let reference = rest.first() == Some(&b'&');
        at += match rest.iter().take(40).position(|b| *b == b';') {
            Some(semicolon) if reference => semicolon + 1,
            _ => 1,
        };
    }
}

/// Adds text with its white space as a page shows it.
fn collapse(out: &mut Placed, text: &Placed) {
    let bytes = text.text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let white = bytes[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if white > 0 {
            if !out.text.is_empty() && !out.text.ends_with([' ', '\n']) {
                out.push(" ", None);
            }
            at += white;
            continue;
        }
        // a single blank inside stays as it stands
        let white = |i: usize| bytes.get(i).is_none_or(u8::is_ascii_whitespace);
        let word =
            (at..bytes.len()).find(|i| white(*i) && (bytes[*i] != b' ' || white(i + 1))).unwrap_or(bytes.len()) - at;
        text.pour_into(at, at + word, out);
        at += word;
    }
}
