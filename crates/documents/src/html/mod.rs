//! Web pages: what is shown as text, and what is not shown as attributes.
//!
//! A page is tokenized, not built into a tree: a tree of hostile pages recurses, and costs several times the reading. The tokenizer is
//! html5gum's with an emitter of our own ([`walker`]): on generated news pages it went through 870 MB/s a core, lol_html with a handler
//! for elements through 260, html5ever's tokenizer through 140. It follows the WHATWG rules for tags, references and raw text; what only
//! a tree would tell (a paragraph that ends where a division begins) is not needed for text that is parted at both.

mod attributes;
mod element;
mod flow;
mod page;
mod tag;
mod walker;

use crate::reader::{Desk, Hashing};
use crate::{Document, Message, Stop, Trouble, TroubleKind};
use page::Page;
use std::io::Read;
use std::ops::ControlFlow;

/// Reads a page. What is longer than [`Limits::document_bytes`](crate::Limits::document_bytes) is read as plain text from there on.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    read_as(document, bytes, None, desk)
}

/// A link with its percent escapes undone where they are text.
pub(crate) fn unescape(link: &str) -> String {
    attributes::unescape(attributes::Value { text: link.to_owned(), map: Vec::new() }).text
}

/// Reads a page that is (the body of) a message.
pub(crate) fn read_as(
    document: Document,
    bytes: &mut Hashing<'_>,
    message: Option<Box<Message>>,
    desk: &mut Desk<'_>,
) -> Stop {
    let place = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        let bytes_max = desk.limits.document_bytes;
        let mut all = Vec::new();
        if let Err(error) = bytes.by_ref().take(bytes_max).read_to_end(&mut all) {
            desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
        }
        let page = Page::new(all, place.charset.as_deref());
        walker::walk(&page, &place, message, desk)?;
        if !bytes.has_more() {
            return ControlFlow::Continue(());
        }
        let words = format!("a page of more than {bytes_max} bytes; the rest is read as plain text");
        desk.sink.trouble(Trouble { kind: TroubleKind::Bound, offset: Some(bytes.position()), words });
        crate::text::read_rest(None, bytes, desk)
    })
}
