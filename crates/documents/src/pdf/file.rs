//! A PDF's objects, each found and read when it is asked for.
//!
//! The table of positions is followed as written; where it leads to no pages, the file is searched for objects instead, the last of
//! a number counting. Everything that a file can blow up is counted: positions, decoded bytes, depth of references, time.
//!
//! It is long because its steps need each other: a table may be in a stream, a stream's length in an object, an object in a stream
//! that a table names, and any of them encrypted.

use super::lexer::Lexer;
use crate::{Limits, TroubleKind};
use lopdf::encryption::decrypt_object;
use lopdf::{Dictionary, Document, EncryptionState, Object, ObjectId, Stream};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Instant;

/// Positions of objects that are kept.
const OBJECTS_MAX: usize = 2_000_000;
/// References that are followed from one to the next.
const REFERENCES_MAX: usize = 16;
/// Bytes of decoded object streams that are kept at once.
const PACKED_BYTES_MAX: usize = 64 << 20;
/// Reads of objects that nest: an object's stream in a stream whose length is an object, and so on.
const READS_MAX: u8 = 8;

/// Where an object stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    At(usize),
    Packed { stream: u32, index: u32 },
}

/// Why a PDF, or a part of it, was not read.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) kind: TroubleKind,
    pub(crate) words: String,
}

impl Refused {
    pub(crate) fn new(kind: TroubleKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

/// A decoded object stream: its bytes, and its objects' numbers with their positions.
#[derive(Debug)]
struct Packed {
    bytes: Vec<u8>,
    objects: Vec<(u32, usize)>,
}

/// A PDF whose bytes are at hand.
pub(crate) struct File<'a> {
    bytes: &'a [u8],
    places: HashMap<u32, Place>,
    pub(crate) trailer: Dictionary,
    crypt: Option<EncryptionState>,
    /// The number of the dictionary that says how it is encrypted, which is not itself.
    crypt_number: Option<u32>,
    /// Whether the table of positions was of no use.
    pub(crate) searched: bool,
    packed: RefCell<HashMap<u32, Option<Rc<Packed>>>>,
    packed_bytes: Cell<usize>,
    decoded_left: Cell<u64>,
    reads: Cell<u8>,
    stream_bytes_max: usize,
    deadline: Instant,
}

impl<'a> File<'a> {
    /// Opens a PDF: finds its objects, and opens it with the empty password where it is encrypted.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits, deadline: Instant) -> Result<Self, Refused> {
        let mut file = Self {
            bytes,
            places: HashMap::new(),
            trailer: Dictionary::new(),
            crypt: None,
            crypt_number: None,
            searched: false,
            packed: RefCell::default(),
            packed_bytes: Cell::new(0),
            decoded_left: Cell::new(limits.document_bytes.saturating_mul(16)),
            reads: Cell::new(0),
            stream_bytes_max: usize::try_from(limits.document_bytes).unwrap_or(usize::MAX),
            deadline,
        };
        file.follow_tables();
        file.unlock()?;
        if !file.leads_to_pages() {
            let late = || Refused::new(TroubleKind::Bound, "no more time to search the PDF for its objects");
            file.search().ok_or_else(late)?;
            file.unlock()?;
            file.search_packed();
            if !file.leads_to_pages() {
                return Err(Refused::new(TroubleKind::Malformed, "no pages are found in the PDF"));
            }
        }
        Ok(file)
    }

    /// Whether the time is over.
    pub(crate) fn late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// When its time is over.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Gives it time until then.
    pub(crate) fn extend(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// The numbers of all objects, ascending.
    fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.places.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// An object by its number. A stream comes decrypted and not decoded.
    pub(crate) fn object(&self, number: u32) -> Option<Object> {
        if self.reads.get() >= READS_MAX || self.late() {
            return None;
        }
        self.reads.set(self.reads.get() + 1);
        let object = match self.places.get(&number) {
            Some(Place::At(at)) => self.object_at(*at, Some(number)).map(|(_, object)| object),
            Some(Place::Packed { stream, index }) => self.packed_object(*stream, *index, number),
            None => None,
        };
        self.reads.set(self.reads.get() - 1);
        object
    }

    /// What a reference leads to; anything else itself.
    pub(crate) fn resolved(&self, object: &Object) -> Option<Object> {
        let mut id = match object {
            Object::Reference(id) => *id,
            other => return Some(other.clone()),
        };
        for _ in 0..REFERENCES_MAX {
            match self.object(id.0)? {
                Object::Reference(next) => id = next,
                other => return Some(other),
            }
        }
        None
    }

    /// A value of a dictionary, followed.
    pub(crate) fn get(&self, dictionary: &Dictionary, key: &[u8]) -> Option<Object> {
        self.resolved(dictionary.get(key).ok()?)
    }

    /// A dictionary in a dictionary, or that of a stream.
    pub(crate) fn dictionary(&self, dictionary: &Dictionary, key: &[u8]) -> Option<Dictionary> {
        into_dictionary(self.get(dictionary, key)?)
    }

    /// A number in a dictionary.
    pub(crate) fn number(&self, dictionary: &Dictionary, key: &[u8]) -> Option<f64> {
        number(&self.get(dictionary, key)?)
    }

    /// An array in a dictionary.
    pub(crate) fn array(&self, dictionary: &Dictionary, key: &[u8]) -> Option<Vec<Object>> {
        match self.get(dictionary, key)? {
            Object::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The name that a value of a dictionary is.
    pub(crate) fn name(&self, dictionary: &Dictionary, key: &[u8]) -> Option<Vec<u8>> {
        match self.get(dictionary, key)? {
            Object::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The names of a stream's filters, in order, by their long names.
    pub(crate) fn filters(&self, stream: &Dictionary) -> Vec<Vec<u8>> {
        let names = match self.get(stream, b"Filter").or_else(|| self.get(stream, b"F")) {
            Some(Object::Name(name)) => vec![Object::Name(name)],
            Some(Object::Array(names)) => names,
            _ => Vec::new(),
        };
        let long = |name: Object| match self.resolved(&name) {
            Some(Object::Name(name)) => match name.as_slice() {
                b"Fl" => b"FlateDecode".to_vec(),
                b"AHx" => b"ASCIIHexDecode".to_vec(),
                b"A85" => b"ASCII85Decode".to_vec(),
                b"LZW" => b"LZWDecode".to_vec(),
                b"RL" => b"RunLengthDecode".to_vec(),
                b"DCT" => b"DCTDecode".to_vec(),
                _ => name,
            },
            _ => Vec::new(),
        };
        names.into_iter().take(Stream::MAX_FILTERS + 1).map(long).collect()
    }

    /// A stream's bytes after all its filters but the last `kept`.
    pub(crate) fn decoded(&self, stream: &Stream, kept: usize, bytes_max: usize) -> Result<Vec<u8>, Refused> {
        let mut filters = self.filters(&stream.dict);
        // the file's encryption is undone when an object is read
        let crypt = filters.first().is_some_and(|f| f == b"Crypt");
        filters.truncate(filters.len().saturating_sub(kept));
        let mut plain = Dictionary::new();
        if !filters.is_empty() {
            let params = match self.get(&stream.dict, b"DecodeParms").or_else(|| self.get(&stream.dict, b"DP")) {
                Some(Object::Dictionary(one)) => vec![Object::Dictionary(one)],
                Some(Object::Array(many)) => many,
                _ => Vec::new(),
            };
            let params = params.iter().take(filters.len()).map(|p| self.flat(p)).skip(usize::from(crypt));
            plain.set("DecodeParms", params.collect::<Vec<_>>());
            let names = filters.into_iter().skip(usize::from(crypt)).map(Object::Name);
            plain.set("Filter", names.collect::<Vec<_>>());
        }
        let left = usize::try_from(self.decoded_left.get()).unwrap_or(usize::MAX);
        if left == 0 {
            return Err(Refused::new(TroubleKind::Bound, "all its streams together are more than is decoded of a PDF"));
        }
        let most = bytes_max.min(self.stream_bytes_max).min(left);
        let input =
            Stream { dict: plain, content: stream.content.clone(), allows_compression: false, start_position: None };
        match input.get_plain_content_with_limit(most) {
            Ok(bytes) => {
                self.decoded_left.set(self.decoded_left.get().saturating_sub(bytes.len() as u64));
                Ok(bytes)
            }
            Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { limit })) => {
                // what was decoded to see that it is too much was work as well
                self.decoded_left.set(self.decoded_left.get().saturating_sub(limit as u64));
                Err(Refused::new(TroubleKind::Bound, format!("a stream becomes more than {limit} bytes")))
            }
            Err(lopdf::Error::Unimplemented(_)) => {
                Err(Refused::new(TroubleKind::Unsupported, "a stream has a filter that is not read"))
            }
            Err(error) => Err(Refused::new(TroubleKind::Malformed, format!("a stream was not decoded: {error}"))),
        }
    }

    /// A dictionary of parameters with its references followed.
    fn flat(&self, object: &Object) -> Object {
        match self.resolved(object) {
            Some(Object::Dictionary(dictionary)) => {
                let flat = dictionary.iter().filter_map(|(key, value)| Some((key.clone(), self.resolved(value)?)));
                Object::Dictionary(flat.collect())
            }
            _ => Object::Null,
        }
    }

    fn object_at(&self, at: usize, wanted: Option<u32>) -> Option<(ObjectId, Object)> {
        let mut lexer = Lexer::file(self.bytes, at);
        let number = u32::try_from(lexer.whole()?).ok()?;
        let generation = u16::try_from(lexer.whole()?).ok()?;
        if !lexer.passed(b"obj") || wanted.is_some_and(|wanted| wanted != number) {
            return None;
        }
        let mut object = lexer.object(0)?;
        if let Object::Dictionary(dictionary) = object {
            object = if lexer.passed(b"stream") {
                let content = self.content(&dictionary, lexer.at);
                // `Stream::new` writes the length anew
                Object::Stream(Stream::new(dictionary, content.to_vec()))
            } else {
                Object::Dictionary(dictionary)
            };
        }
        if let Some(state) = &self.crypt
            && self.crypt_number != Some(number)
        {
            // what cannot be decrypted stays as it is, and will not be read as anything
            let _ = decrypt_object(state, (number, generation), &mut object);
        }
        Some(((number, generation), object))
    }

    /// The bytes of a stream behind the word `stream`.
    fn content(&self, dictionary: &Dictionary, mut at: usize) -> &'a [u8] {
        match self.bytes.get(at) {
            Some(b'\r') if self.bytes.get(at + 1) == Some(&b'\n') => at += 2,
            Some(b'\r' | b'\n') => at += 1,
            _ => {}
        }
        let length = match dictionary.get(b"Length") {
            Ok(Object::Integer(length)) => usize::try_from(*length).ok(),
            Ok(Object::Reference(id)) => match self.object(id.0) {
                Some(Object::Integer(length)) => usize::try_from(length).ok(),
                _ => None,
            },
            _ => None,
        };
        let end = length.and_then(|length| at.checked_add(length)).filter(|end| *end <= self.bytes.len());
        if let Some(end) = end
            && Lexer::file(self.bytes, end).passed(b"endstream")
        {
            return &self.bytes[at..end];
        }
        // the length is wrong: up to the word that ends it
        let end = find(self.bytes, at, b"endstream").or_else(|| find(self.bytes, at, b"endobj"));
        let bytes = &self.bytes[at..end.unwrap_or(self.bytes.len())];
        bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).unwrap_or(bytes)
    }

    fn packed_object(&self, stream: u32, index: u32, number: u32) -> Option<Object> {
        let packed = self.packed(stream)?;
        let (_, at) = packed
            .objects
            .get(index as usize)
            .filter(|(found, _)| *found == number)
            .or_else(|| packed.objects.iter().find(|(found, _)| *found == number))?;
        Lexer::file(&packed.bytes, *at).object(0)
    }

    /// An object stream, decoded once while there is room to keep it.
    fn packed(&self, number: u32) -> Option<Rc<Packed>> {
        if let Some(known) = self.packed.borrow().get(&number) {
            return known.clone();
        }
        let packed = self.unpack(number).map(Rc::new);
        let bytes = packed.as_ref().map_or(0, |p| p.bytes.len() + p.objects.len() * 16);
        if self.packed_bytes.get() + bytes > PACKED_BYTES_MAX {
            self.packed.borrow_mut().clear();
            self.packed_bytes.set(0);
        }
        self.packed_bytes.set(self.packed_bytes.get() + bytes);
        self.packed.borrow_mut().insert(number, packed.clone());
        packed
    }

    fn unpack(&self, number: u32) -> Option<Packed> {
        // an object stream stands in the file itself, never in another one
        let Some(Place::At(at)) = self.places.get(&number) else { return None };
        let (_, Object::Stream(stream)) = self.object_at(*at, Some(number))? else { return None };
        let first = self.number(&stream.dict, b"First")?;
        let bytes = self.decoded(&stream, 0, PACKED_BYTES_MAX).ok()?;
        let mut lexer = Lexer::file(&bytes, 0);
        let mut objects = Vec::new();
        while lexer.at < first as usize && objects.len() < OBJECTS_MAX {
            let (Some(number), Some(offset)) = (lexer.whole(), lexer.whole()) else { break };
            if let (Ok(number), Ok(offset)) = (u32::try_from(number), usize::try_from(offset)) {
                objects.push((number, (first as usize).saturating_add(offset)));
            }
        }
        objects.retain(|(_, at)| *at < bytes.len());
        Some(Packed { bytes, objects })
    }

    /// Follows the tables of positions from the end of the file backwards in time.
    fn follow_tables(&mut self) {
        let header = find(&self.bytes[..self.bytes.len().min(1024)], 0, b"%PDF-").unwrap_or(0);
        let tail = self.bytes.len().saturating_sub(2048);
        let Some(start) = rfind(&self.bytes[tail..], b"startxref") else { return };
        let Some(offset) = Lexer::file(self.bytes, tail + start + 9).whole() else { return };
        let mut next = vec![offset];
        let mut seen = HashSet::new();
        while let Some(offset) = next.pop() {
            if !seen.insert(offset) || self.late() || self.places.len() >= OBJECTS_MAX {
                continue;
            }
            let Ok(offset) = usize::try_from(offset) else { continue };
            // positions count from the header in files that have something before it
            let table = self.table(offset).or_else(|| self.table(offset.checked_add(header).filter(|_| header > 0)?));
            let Some(trailer) = table else { continue };
            for key in [b"Prev".as_slice(), b"XRefStm"] {
                if let Ok(Object::Integer(at)) = trailer.get(key) {
                    next.extend(u64::try_from(*at).ok());
                }
            }
            self.take_trailer(trailer);
        }
    }

    /// The newest trailer that says a thing counts.
    fn take_trailer(&mut self, trailer: Dictionary) {
        for (key, value) in trailer {
            if matches!(key.as_slice(), b"Root" | b"Info" | b"Encrypt" | b"ID") && !self.trailer.has(&key) {
                self.trailer.set(key, value);
            }
        }
    }

    fn table(&mut self, at: usize) -> Option<Dictionary> {
        if at >= self.bytes.len() {
            return None;
        }
        let mut lexer = Lexer::file(self.bytes, at);
        if !lexer.passed(b"xref") {
            return self.table_in_stream(at);
        }
        while let Some(first) = lexer.whole() {
            let count = lexer.whole()?;
            for number in first..first.saturating_add(count) {
                let (Some(offset), Some(_)) = (lexer.whole(), lexer.whole()) else { break };
                let used = lexer.word()? == b"n";
                if let (true, Ok(number), Ok(offset)) = (used, u32::try_from(number), usize::try_from(offset)) {
                    self.take_place(number, Place::At(offset));
                }
            }
        }
        if !lexer.passed(b"trailer") {
            return None;
        }
        match lexer.object(0)? {
            Object::Dictionary(trailer) => Some(trailer),
            _ => None,
        }
    }

    fn table_in_stream(&mut self, at: usize) -> Option<Dictionary> {
        let (_, Object::Stream(stream)) = self.object_at(at, None)? else { return None };
        let dictionary = &stream.dict;
        if dictionary.get_type().ok()? != b"XRef" {
            return None;
        }
        let whole = |object: &Object| object.as_i64().ok().and_then(|n| usize::try_from(n).ok());
        let widths: Vec<usize> = dictionary.get(b"W").ok()?.as_array().ok()?.iter().filter_map(whole).collect();
        let [w0, w1, w2] = *widths.as_slice() else { return None };
        if w0 > 8 || w1 > 8 || w2 > 8 || w0 + w1 + w2 == 0 {
            return None;
        }
        let rows = self.decoded(&stream, 0, PACKED_BYTES_MAX).ok()?;
        let size = dictionary.get(b"Size").ok().and_then(whole).unwrap_or(0);
        let index: Vec<usize> = match dictionary.get(b"Index") {
            Ok(Object::Array(index)) => index.iter().filter_map(whole).collect(),
            _ => vec![0, size],
        };
        let mut rows = rows.chunks_exact(w0 + w1 + w2);
        let value = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        for part in index.chunks_exact(2) {
            for (number, row) in (part[0]..part[0].saturating_add(part[1])).zip(&mut rows) {
                let kind = if w0 == 0 { 1 } else { value(&row[..w0]) };
                let (second, third) = (value(&row[w0..w0 + w1]), value(&row[w0 + w1..]));
                let place = match kind {
                    1 => usize::try_from(second).ok().map(Place::At),
                    2 => match (u32::try_from(second), u32::try_from(third)) {
                        (Ok(stream), Ok(index)) => Some(Place::Packed { stream, index }),
                        _ => None,
                    },
                    _ => None,
                };
                if let (Some(place), Ok(number)) = (place, u32::try_from(number)) {
                    self.take_place(number, place);
                }
            }
        }
        Some(stream.dict)
    }

    fn take_place(&mut self, number: u32, place: Place) {
        if self.places.len() < OBJECTS_MAX {
            self.places.entry(number).or_insert(place);
        }
    }

    /// Whether the catalogue and its pages are where they should be.
    fn leads_to_pages(&self) -> bool {
        let catalogue = self.dictionary(&self.trailer, b"Root");
        let pages = catalogue.and_then(|catalogue| self.dictionary(&catalogue, b"Pages"));
        pages.is_some_and(|pages| pages.has(b"Kids"))
    }

    /// Searches the file for objects. `None` where time ran out.
    fn search(&mut self) -> Option<()> {
        self.searched = true;
        self.places.clear();
        self.packed.borrow_mut().clear();
        self.crypt = None;
        let kept = std::mem::take(&mut self.trailer);
        let (mut at, mut seen) = (0, 0u32);
        let mut catalogue = None;
        while let Some(word) = find(self.bytes, at, b"obj") {
            at = word + 3;
            seen += 1;
            if seen.is_multiple_of(16) && self.late() {
                return None;
            }
            let Some(start) = header_before(self.bytes, word) else { continue };
            let mut lexer = Lexer::file(self.bytes, start);
            let Some(number) = lexer.whole().and_then(|n| u32::try_from(n).ok()) else { continue };
            if self.places.len() >= OBJECTS_MAX {
                break;
            }
            self.places.insert(number, Place::At(start));
            let mut body = Lexer::file(self.bytes, at);
            let Some(Object::Dictionary(dictionary)) = body.object(0) else { continue };
            if dictionary.has_type(b"Catalog") {
                catalogue = Some(number);
            }
            if dictionary.has_type(b"XRef") {
                self.take_newer_trailer(&dictionary);
            }
            // what stands in a stream is not the file's own: an attached PDF has objects too
            at = body.at.max(at);
            if body.passed(b"stream")
                && let Ok(Object::Integer(length)) = dictionary.get(b"Length")
                && let Some(end) = usize::try_from(*length).ok().and_then(|length| body.at.checked_add(length))
                && end < self.bytes.len()
                && find(&self.bytes[..self.bytes.len().min(end + 32)], end, b"endstream").is_some()
            {
                at = end;
            }
        }
        let mut from = 0;
        while let Some(word) = find(self.bytes, from, b"trailer") {
            from = word + 7;
            if self.late() {
                return None;
            }
            if let Some(Object::Dictionary(trailer)) = Lexer::file(self.bytes, from).object(0) {
                self.take_newer_trailer(&trailer);
            }
        }
        self.take_trailer(kept);
        if let (Some(number), None) = (catalogue, self.dictionary(&self.trailer, b"Root")) {
            self.trailer.set("Root", Object::Reference((number, 0)));
        }
        Some(())
    }

    fn take_newer_trailer(&mut self, trailer: &Dictionary) {
        for key in [b"Root".as_slice(), b"Info", b"Encrypt", b"ID"] {
            if let Ok(value) = trailer.get(key) {
                self.trailer.set(key, value.clone());
            }
        }
    }

    /// After a search: the objects in object streams.
    fn search_packed(&mut self) {
        let mut found = Vec::new();
        for number in self.numbers() {
            if self.late() {
                break;
            }
            let Some(Object::Stream(stream)) = self.object(number) else { continue };
            if !stream.dict.has_type(b"ObjStm") {
                continue;
            }
            if let Some(packed) = self.packed(number) {
                found.extend(packed.objects.iter().enumerate().map(|(index, (object, _))| (*object, number, index)));
            }
            if found.len() > OBJECTS_MAX {
                break;
            }
        }
        for (object, stream, index) in found {
            self.take_place(object, Place::Packed { stream, index: index as u32 });
        }
        if self.dictionary(&self.trailer, b"Root").is_none() {
            let is_catalogue = |number: &u32| {
                self.object(*number).and_then(into_dictionary).is_some_and(|dictionary| dictionary.has_type(b"Catalog"))
            };
            if let Some(number) = self.numbers().into_iter().find(is_catalogue) {
                self.trailer.set("Root", Object::Reference((number, 0)));
            }
        }
    }

    /// Opens an encrypted file with the empty password, which is what a file has that only forbids printing.
    fn unlock(&mut self) -> Result<(), Refused> {
        let Ok(encrypt) = self.trailer.get(b"Encrypt").cloned() else { return Ok(()) };
        let refused = |words: String| Refused::new(TroubleKind::Encrypted, words);
        self.crypt_number = encrypt.as_reference().ok().map(|id| id.0);
        let Some(dictionary) = self.resolved(&encrypt).and_then(into_dictionary) else {
            return if self.searched { Err(refused("how it is encrypted is not told".into())) } else { Ok(()) };
        };
        let mut shell = Document::new();
        let entries = dictionary.iter().filter_map(|(key, value)| Some((key.clone(), self.resolved(value)?)));
        shell.objects.insert((1, 0), Object::Dictionary(entries.collect()));
        shell.trailer.set("Encrypt", Object::Reference((1, 0)));
        if let Some(id) = self.get(&self.trailer, b"ID") {
            shell.trailer.set("ID", id);
        }
        shell.authenticate_password("").map_err(|_| refused("it needs a password".into()))?;
        let state =
            EncryptionState::decode(&shell, "").map_err(|e| refused(format!("its encryption is not read: {e}")))?;
        self.crypt = Some(state);
        // what was read before was read encrypted
        self.packed.borrow_mut().clear();
        Ok(())
    }
}

/// The dictionary that an object is or has.
pub(crate) fn into_dictionary(object: Object) -> Option<Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(stream.dict),
        _ => None,
    }
}

/// A number that an object is.
pub(crate) fn number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(whole) => Some(*whole as f64),
        Object::Real(real) => Some(f64::from(*real)),
        _ => None,
    }
}

pub(crate) fn find(bytes: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, word).map(|at| from + at)
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    memchr::memmem::rfind(bytes, word)
}

/// Where the two numbers before the word `obj` begin.
fn header_before(bytes: &[u8], word: usize) -> Option<usize> {
    let back = |mut at: usize, wanted: fn(u8) -> bool| {
        while at > 0 && wanted(bytes[at - 1]) {
            at -= 1;
        }
        at
    };
    let digit = |b: u8| b.is_ascii_digit();
    let generation_end = back(word, super::lexer::is_space);
    let generation = back(generation_end, digit);
    let number_end = back(generation, super::lexer::is_space);
    let number = back(number_end, digit);
    (generation < generation_end && number_end < generation && number < number_end && number_end - number < 11)
        .then_some(number)
}
