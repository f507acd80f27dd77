//! The parts of a PDF besides what its pages draw: the list of pages, links and notes, attached files, the title.

use super::file::{File, Refused, into_dictionary};
use super::text_string;
use lopdf::{Dictionary, Object};
use std::collections::HashSet;
use std::rc::Rc;

/// Links and notes of one page.
const ANNOTATIONS_MAX: usize = 20_000;
/// Nodes of the tree of attached files, and the files.
const NODES_MAX: usize = 20_000;
/// Nodes of the tree of pages.
const PAGE_NODES_MAX: usize = 1_000_000;
/// Bytes of what a page's links and notes say, and characters of a file's name.
const NOTE_BYTES_MAX: usize = 4 << 20;
const NAME_CHARS_MAX: usize = 255;
/// Streams that a page's content is made of.
const CONTENTS_MAX: usize = 10_000;

/// A page: its dictionary's number or itself, and the resources it has from above.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    node: Rc<Object>,
    resources: Option<Rc<Object>>,
}

/// The pages in order, at most `pages_max`, and whether there are more.
pub(crate) fn list(file: &File<'_>, pages_max: usize) -> (Vec<Page>, bool) {
    let mut pages = Vec::new();
    let root = file.dictionary(&file.trailer, b"Root").and_then(|root| root.get(b"Pages").ok().cloned());
    let mut stack: Vec<(Rc<Object>, Option<Rc<Object>>)> = root.map(|root| (Rc::new(root), None)).into_iter().collect();
    let mut seen = HashSet::new();
    let mut nodes = 0;
    while let Some((node, from_above)) = stack.pop() {
        nodes += 1;
        if file.late() || nodes > PAGE_NODES_MAX || stack.len() > PAGE_NODES_MAX {
            return (pages, true);
        }
        // a tree that leads back into itself is read once
        if let Object::Reference((number, _)) = *node
            && !seen.insert(number)
        {
            continue;
        }
        let Some(dictionary) = file.resolved(&node).and_then(into_dictionary) else { continue };
        let resources = dictionary.get(b"Resources").ok().map(|own| Rc::new(own.clone())).or(from_above);
        match file.array(&dictionary, b"Kids") {
            Some(kids) => {
                // a node that has no number cannot be known again, so nodes are counted as well
                stack.extend(kids.into_iter().rev().map(|kid| (Rc::new(kid), resources.clone())));
            }
            None if pages.len() >= pages_max => return (pages, true),
            None => pages.push(Page { node, resources }),
        }
    }
    (pages, false)
}

impl Page {
    /// Its dictionary.
    pub(crate) fn dictionary(&self, file: &File<'_>) -> Option<Dictionary> {
        file.resolved(&self.node).and_then(into_dictionary)
    }

    /// Its resources.
    pub(crate) fn resources(&self, file: &File<'_>) -> Dictionary {
        self.resources.as_ref().and_then(|r| file.resolved(r)).and_then(into_dictionary).unwrap_or_default()
    }

    /// Its content: its streams, one after the other. With what of it was refused.
    pub(crate) fn content(file: &File<'_>, page: &Dictionary, bytes_max: usize) -> (Vec<u8>, Option<Refused>) {
        let streams = match page.get(b"Contents").map(|contents| file.resolved(contents)) {
            Ok(Some(Object::Array(streams))) => streams,
            Ok(Some(stream @ Object::Stream(_))) => vec![stream],
            _ => Vec::new(),
        };
        let mut content = Vec::new();
        for stream in streams.iter().take(CONTENTS_MAX) {
            let Some(Object::Stream(stream)) = file.resolved(stream) else { continue };
            match file.decoded(&stream, 0, bytes_max.saturating_sub(content.len())) {
                Ok(bytes) => content.extend_from_slice(&bytes),
                Err(refused) => return (content, Some(refused)),
            }
            // a word may not go over from one stream to the next
            content.push(b'\n');
        }
        (content, None)
    }
}

/// A value of a page that is not drawn: where a link leads, what a note or a field says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) is: &'static str,
}

/// The links, notes and fields of a page, and the files that hang on it.
pub(crate) fn annotations(file: &File<'_>, page: &Dictionary) -> (Vec<Note>, Vec<Attached>) {
    let (mut notes, mut attached) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for annotation in file.array(page, b"Annots").unwrap_or_default().iter().take(ANNOTATIONS_MAX) {
        if file.late() || bytes > NOTE_BYTES_MAX {
            break;
        }
        let Some(annotation) = file.resolved(annotation).and_then(into_dictionary) else { continue };
        let mut note = |text: Option<String>, is| {
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                bytes += text.len();
                notes.push(Note { text, is });
            }
        };
        let action = file.dictionary(&annotation, b"A");
        // a URI is ASCII by the standard and UTF-8 by custom
        let target = action.and_then(|action| file.get(&action, b"URI"));
        note(target.and_then(|uri| uri.as_str().map(|uri| String::from_utf8_lossy(uri).into_owned()).ok()), "link");
        note(file.get(&annotation, b"Contents").and_then(|text| text_string(&text)), "note");
        note(file.get(&annotation, b"V").and_then(|text| text_string(&text)), "field");
        if let Some(specification) = file.dictionary(&annotation, b"FS") {
            attached.extend(attachment(file, &specification));
        }
    }
    (notes, attached)
}

/// A file in a PDF.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) name: String,
    /// The number of its stream.
    pub(crate) number: u32,
}

/// The files that a PDF holds as a whole. Their streams are read one at a time: `each` is given a file, and says whether to go on.
pub(crate) fn attachments(file: &File<'_>, mut each: impl FnMut(Attached) -> bool) {
    let names = file.dictionary(&file.trailer, b"Root").and_then(|root| file.dictionary(&root, b"Names"));
    let Some(Ok(root)) = names.map(|names| names.get(b"EmbeddedFiles").cloned()) else { return };
    let (mut stack, mut seen, mut nodes) = (vec![root], HashSet::new(), 0);
    while let Some(node) = stack.pop() {
        nodes += 1;
        if nodes > NODES_MAX || stack.len() > NODES_MAX || file.late() {
            return;
        }
        if let Object::Reference((number, _)) = node
            && !seen.insert(number)
        {
            continue;
        }
        let Some(dictionary) = file.resolved(&node).and_then(into_dictionary) else { continue };
        stack.extend(file.array(&dictionary, b"Kids").unwrap_or_default().into_iter().rev().take(NODES_MAX));
        for pair in file.array(&dictionary, b"Names").unwrap_or_default().chunks_exact(2) {
            let Some(specification) = file.resolved(&pair[1]).and_then(into_dictionary) else { continue };
            if let Some(attached) = attachment(file, &specification)
                && !each(attached)
            {
                return;
            }
        }
    }
}

fn attachment(file: &File<'_>, specification: &Dictionary) -> Option<Attached> {
    let files = file.dictionary(specification, b"EF")?;
    let number = files.get(b"UF").or_else(|_| files.get(b"F")).and_then(Object::as_reference).ok()?.0;
    let name = file.get(specification, b"UF").or_else(|| file.get(specification, b"F"));
    let name = name.and_then(|name| text_string(&name)).map(|name| name.chars().take(NAME_CHARS_MAX).collect());
    let name = name.unwrap_or_else(|| "attached".to_owned());
    Some(Attached { name, number })
}

/// What the PDF says of itself: title, author, subject, keywords, the dates as it writes them.
pub(crate) fn about(file: &File<'_>) -> Vec<(&'static str, String)> {
    let Some(info) = file.dictionary(&file.trailer, b"Info") else { return Vec::new() };
    const KEYS: [(&str, &str); 6] = [
        ("Title", "title"),
        ("Author", "author"),
        ("Subject", "subject"),
        ("Keywords", "keywords"),
        ("CreationDate", "made"),
        ("ModDate", "changed"),
    ];
    KEYS.iter()
        .filter_map(|(key, is)| Some((*is, file.get(&info, key.as_bytes()).and_then(|text| text_string(&text))?)))
        .filter(|(_, text)| !text.trim().is_empty())
        .collect()
}

/// Whether a name leads out of the folder it would be put into.
pub(crate) fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") || name.get(1..2) == Some(":")
}
