//! XML of strangers, an entry at a time: well-formed to its end or refused; no document type, no entities of its own,
//! every text, entry and depth bounded.

use crate::error::ListError;
use crate::source::{Guard, Limits};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::path::{Path, PathBuf};

/// An element with all that is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Element {
    /// Its name without prefix.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Its own text, that of its children left out.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
    /// Line at which it begins, from 1.
    pub(crate) line: u32,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The text of the first child of that name; empty where there is none.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |c| c.text.trim())
    }

    /// Every element of that name below this one, at any depth, in document order.
    pub(crate) fn deep<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            found.extend(child.deep(name));
        }
        found
    }
}

/// A stream of elements.
pub(crate) struct Xml {
    path: PathBuf,
    reader: Reader<Guard>,
    limits: Limits,
    known: Option<(String, u64, &'static str)>,
    open: Vec<String>,
    root_done: bool,
    buffer: Vec<u8>,
    /// An element without content was opened and is closed next.
    empty: bool,
}

impl Xml {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, ListError> {
        let (guard, known) = Guard::open(path, limits)?;
        Ok(Self::new(path, guard, known, limits))
    }

    pub(crate) fn new(path: &Path, guard: Guard, known: Option<(String, u64, &'static str)>, limits: &Limits) -> Self {
        let reader = Reader::from_reader(guard);
        let (open, buffer) = (Vec::new(), Vec::new());
        Self { path: path.into(), reader, limits: *limits, known, open, root_done: false, buffer, empty: false }
    }

    /// Hash, length and encoding of the file; only after [`Self::next`] has come to its end.
    pub(crate) fn provenance(&mut self) -> (String, u64, &'static str) {
        match self.known.take() {
            Some(known) => known,
            None => (self.reader.get_mut().hash(), self.reader.get_ref().consumed, "UTF-8"),
        }
    }

    fn error(&self, message: impl ToString) -> ListError {
        let guard = self.reader.get_ref();
        ListError::malformed(&self.path, guard.lines + 1, guard.consumed, message)
    }

    /// The root element without its content.
    pub(crate) fn root(&mut self) -> Result<Element, ListError> {
        loop {
            match self.event()? {
                Some(Piece::Start(element)) => return Ok(element),
                Some(_) => {}
                None => return Err(self.error("no element")),
            }
        }
    }

    /// The next element for whose path (names from the root down, its own last) `wanted` says yes, whole; `None` at the
    /// end of a well-formed document.
    pub(crate) fn next(&mut self, wanted: impl Fn(&[String]) -> bool) -> Result<Option<Element>, ListError> {
        loop {
            match self.event()? {
                None => return Ok(None),
                Some(Piece::Start(element)) if wanted(&self.open) => return self.whole(element).map(Some),
                Some(_) => {}
            }
        }
    }

    /// The rest of an element that was opened.
    fn whole(&mut self, element: Element) -> Result<Element, ListError> {
        let began = self.reader.get_ref().event_start;
        let mut stack = vec![element];
        loop {
            let piece = self.event()?;
            if self.reader.get_ref().consumed - began > self.limits.entry_bytes_max {
                return Err(self.error(format!("an entry of more than {} bytes", self.limits.entry_bytes_max)));
            }
            match piece {
                Some(Piece::Start(element)) => stack.push(element),
                Some(Piece::Text(text)) => {
                    if let Some(top) = stack.last_mut() {
                        top.text.push_str(&text);
                    }
                }
                Some(Piece::End) => {
                    let Some(done) = stack.pop() else { return Err(self.error("an end without a beginning")) };
                    match stack.last_mut() {
                        Some(above) => above.children.push(done),
                        None => return Ok(done),
                    }
                }
                None => return Err(self.error("the document ends inside an entry")),
            }
        }
    }

    fn event(&mut self) -> Result<Option<Piece>, ListError> {
        if std::mem::take(&mut self.empty) {
            return self.close();
        }
        loop {
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            let guard = self.reader.get_mut();
            guard.event_start = guard.consumed;
            let line = guard.lines + 1;
            let read = self.reader.read_event_into(&mut buffer).map(Event::into_owned);
            self.buffer = buffer;
            let event = match read {
                Ok(event) => event,
                Err(error) => {
                    if let Some(refusal) = self.reader.get_ref().refusal.clone() {
                        return Err(ListError::malformed(&self.path, refusal.line, refusal.byte, refusal.message));
                    }
                    if let quick_xml::Error::Io(error) = error {
                        let source = std::io::Error::new(error.kind(), error.to_string());
                        return Err(ListError::Io { path: self.path.clone(), source });
                    }
                    return Err(self.error(format!("not well-formed: {error}")));
                }
            };
            match event {
                Event::Start(start) => return self.start(&start, line).map(Some),
                Event::Empty(start) => {
                    self.empty = true;
                    return self.start(&start, line).map(Some);
                }
                Event::End(_) => return self.close(),
                Event::Text(text) => {
                    let text = text.decode().map_err(|error| self.error(error))?.into_owned();
                    if self.open.is_empty() {
                        if !text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() {
                            return Err(self.error("text outside the root element"));
                        }
                        continue;
                    }
                    return Ok(Some(Piece::Text(text)));
                }
                Event::CData(data) => {
                    let text = data.decode().map_err(|error| self.error(error))?.into_owned();
                    return Ok(Some(Piece::Text(text)));
                }
                Event::GeneralRef(reference) => {
                    if let Ok(Some(c)) = reference.resolve_char_ref() {
                        return Ok(Some(Piece::Text(c.to_string())));
                    }
                    let text = match &*reference {
                        b"amp" => "&",
                        b"lt" => "<",
                        b"gt" => ">",
                        b"quot" => "\"",
                        b"apos" => "'",
                        _ => return Err(self.error("a reference to an entity that XML itself does not have")),
                    };
                    return Ok(Some(Piece::Text(text.into())));
                }
                Event::DocType(_) => {
                    return Err(self.error("a document type declaration; entities of a file's own are never read"));
                }
                Event::Decl(declaration) => {
                    if let Some(Ok(encoding)) = declaration.encoding() {
                        let name = String::from_utf8_lossy(&encoding).to_lowercase();
                        if !["utf-8", "utf8", "us-ascii", "utf-16"].contains(&name.as_str()) {
                            return Err(self.error("an encoding that is not read: only UTF-8 and UTF-16 are in XML"));
                        }
                    }
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => {
                    if !self.open.is_empty() {
                        let open = self.open.join("/");
                        return Err(self.error(format!("the file is cut off: it ends inside `{open}`")));
                    }
                    if !self.root_done {
                        return Err(self.error("no element"));
                    }
                    return Ok(None);
                }
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u32) -> Result<Piece, ListError> {
        if self.root_done {
            return Err(self.error("a second root element"));
        }
        if self.open.len() == self.limits.depth_max {
            return Err(self.error(format!("elements nested more than {} deep", self.limits.depth_max)));
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.error(format!("not well-formed: {error}")))?;
            let value = attribute.unescape_value().map_err(|error| self.error(format!("not well-formed: {error}")))?;
            attributes.push((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.into_owned()));
        }
        self.open.push(name.clone());
        Ok(Piece::Start(Element { name, attributes, text: String::new(), children: Vec::new(), line }))
    }

    fn close(&mut self) -> Result<Option<Piece>, ListError> {
        if self.open.pop().is_none() {
            return Err(self.error("an end without a beginning"));
        }
        self.root_done = self.open.is_empty();
        Ok(Some(Piece::End))
    }
}

enum Piece {
    Start(Element),
    Text(String),
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    fn all(text: &str) -> Result<Vec<Element>, String> {
        from(Box::new(Cursor::new(text.as_bytes().to_vec())))
    }

    fn from(stream: Box<dyn Read>) -> Result<Vec<Element>, String> {
        let limits = Limits::default();
        let mut xml = Xml::new(Path::new("l.xml"), Guard::new(stream, &limits), None, &limits);
        let mut found = Vec::new();
        while let Some(element) = xml.next(|path| path.len() == 2).map_err(|error| error.to_string())? {
            found.push(element);
        }
        Ok(found)
    }

    #[test]
    fn elements_come_whole_with_references_resolved() {
        let found =
            all("<?xml version=\"1.0\"?>\n<r>\n<e a=\"1 &amp; 2\"><n>A &lt;&#x42;<![CDATA[&]]></n><n/></e></r>\n")
                .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].attribute("a")), (3, "1 & 2"));
        assert_eq!(found[0].text_of("n"), "A <B&");
        assert_eq!(found[0].all("n").count(), 2);
    }

    #[test]
    fn what_is_not_well_formed_to_its_end_is_refused_with_line_and_byte() {
        for (text, why) in [
            ("<r>\n<e>a</e>\n<e>b", "line 3, byte 17: the file is cut off: it ends inside `r/e`"),
            ("<r>\n<e>a</e>\n<e", "line 3"),
            ("<r><e></r>", "not well-formed"),
            ("<r/><r/>", "second root"),
            ("<r/>x", "outside the root"),
            ("", "no element"),
            ("<r><e>\u{1}</e></r>", "byte 6: the control character 0x01"),
            ("<r><e a='1' a='2'/></r>", "not well-formed"),
            ("<?xml version='1.0' encoding='windows-1256'?><r/>", "encoding that is not read"),
        ] {
            let error = all(text).unwrap_err();
            assert!(error.starts_with("l.xml: line ") && error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn entities_of_a_files_own_are_refused_inside_and_outside() {
        let lol = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r><e>&b;</e></r>";
        let outside = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r><e>&x;</e></r>";
        for text in [lol, outside, "<!DOCTYPE r SYSTEM \"http://example.org/r.dtd\"><r/>"] {
            assert!(all(text).unwrap_err().contains("document type declaration"), "{text}");
        }
        assert!(all("<r><e>&x;</e></r>").unwrap_err().contains("reference to an entity"));
    }

    #[test]
    fn a_text_of_a_gigabyte_and_a_million_levels_stop_at_their_bounds() {
        let endless = |head: &str, with: u8| -> Box<dyn Read> {
            Box::new(Cursor::new(head.as_bytes().to_vec()).chain(std::io::repeat(with).take(1 << 30)))
        };
        // stopping at the bound is seen by the place that the error names: the event's first byte
        for head in ["<r><e>", "<r><e a='", "<r><!--"] {
            let error = from(endless(head, b'a')).unwrap_err();
            assert!(error.contains("line 1") && error.contains("more than 1048576 bytes"), "{error}");
        }
        let deep = "<a>".repeat(1_000_000);
        assert!(all(&deep).unwrap_err().contains("nested more than 32 deep"));
        let many = format!("<r><e>{}", "<x>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</x>".repeat(400_000));
        assert!(all(&many).unwrap_err().contains("an entry of more than 16777216 bytes"));
    }

    #[test]
    fn a_character_cut_by_a_piece_is_read_and_a_wrong_byte_is_told_with_its_place() {
        let text = format!("<r>\n<e>{}</e></r>", "ﷲ".repeat(50_000));
        assert_eq!(all(&text).unwrap()[0].text.chars().count(), 50_000);
        let mut bytes = text.into_bytes();
        bytes[100_000] = 0xff;
        let place = (100_000 - 7) / 3 * 3 + 7;
        let error = from(Box::new(Cursor::new(bytes))).unwrap_err();
        assert!(error.contains(&format!("line 2, byte {place}: not UTF-8")), "{error}");
    }
}
