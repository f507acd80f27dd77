//! Bytes of a PDF to its objects, one at a time.
//!
//! The objects are `lopdf`'s; its own loader is not used, because it turns every object of a file into a tree in memory before a
//! single one is asked for, which no bound on the file's size bounds. Here an object is read where it stands, as deep and as large as
//! the bounds allow.

use lopdf::{Dictionary, Object, StringFormat};

/// How deep arrays and dictionaries nest.
const DEPTH_MAX: usize = 48;
/// Objects in one object.
const NODES_MAX: usize = 400_000;

/// A reader of objects and operators.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    nodes: usize,
    references: bool,
}

/// What stands next.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Token<'a> {
    /// An object.
    Object(Object),
    /// A word that is no object: an operator, `obj`, `stream`, `xref`.
    Word(&'a [u8]),
}

impl<'a> Lexer<'a> {
    /// Reads the file's objects from `at` on.
    pub(crate) fn file(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, nodes: NODES_MAX, references: true }
    }

    /// Reads a page's operators, or a map of characters: `1 0 R` is three tokens there.
    pub(crate) fn content(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, nodes: NODES_MAX, references: false }
    }

    /// The next token; `None` at the end. What is no token is passed over.
    pub(crate) fn token(&mut self) -> Option<Token<'a>> {
        self.nodes = NODES_MAX;
        loop {
            self.space();
            let byte = *self.bytes.get(self.at)?;
            if !starts_object(byte) {
                if let Some(word) = self.word() {
                    return Some(match constant(word) {
                        Some(object) => Token::Object(object),
                        None => Token::Word(word),
                    });
                }
                self.at += 1;
                continue;
            }
            let start = self.at;
            if let Some(object) = self.object(0) {
                return Some(Token::Object(object));
            }
            // whatever it was, go on behind where it broke
            self.at = self.at.max(start + 1);
        }
    }

    /// An object that stands here; `None` where none does, or one that is too deep or too large.
    pub(crate) fn object(&mut self, depth: usize) -> Option<Object> {
        self.nodes = self.nodes.checked_sub(1)?;
        if depth > DEPTH_MAX {
            return None;
        }
        self.space();
        match *self.bytes.get(self.at)? {
            b'/' => self.name().map(Object::Name),
            b'(' => Some(Object::String(self.literal(), StringFormat::Literal)),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => self.dictionary(depth).map(Object::Dictionary),
            b'<' => Some(Object::String(self.hexadecimal(), StringFormat::Hexadecimal)),
            b'[' => self.array(depth),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_reference(),
            _ => {
                let start = self.at;
                let found = constant(self.word()?);
                if found.is_none() {
                    self.at = start;
                }
                found
            }
        }
    }

    /// Passes over white space and comments.
    pub(crate) fn space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            if *byte == b'%' {
                while self.bytes.get(self.at).is_some_and(|b| !matches!(b, b'\r' | b'\n')) {
                    self.at += 1;
                }
            } else if !is_space(*byte) {
                return;
            } else {
                self.at += 1;
            }
        }
    }

    /// A word of regular characters.
    pub(crate) fn word(&mut self) -> Option<&'a [u8]> {
        self.space();
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|b| is_regular(*b)) {
            self.at += 1;
        }
        (self.at > start).then(|| &self.bytes[start..self.at])
    }

    /// A whole number that stands here and is not negative.
    pub(crate) fn whole(&mut self) -> Option<u64> {
        self.space();
        let start = self.at;
        let mut value = 0u64;
        while let Some(digit) = self.bytes.get(self.at).filter(|b| b.is_ascii_digit()) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.at += 1;
        }
        (self.at > start).then_some(value)
    }

    /// Passes over `word` where it stands here.
    pub(crate) fn passed(&mut self, word: &[u8]) -> bool {
        let before = self.at;
        self.space();
        let stands = self.bytes[self.at..].starts_with(word);
        if stands {
            self.at += word.len();
        } else {
            self.at = before;
        }
        stands
    }

    fn number_or_reference(&mut self) -> Option<Object> {
        let number = self.number()?;
        if let (true, Object::Integer(id)) = (self.references, &number) {
            let after = self.at;
            if let (Ok(id), Some(generation)) = (u32::try_from(*id), self.whole()) {
                self.space();
                let end = self.bytes.get(self.at + 1).is_none_or(|b| !is_regular(*b));
                if let (Ok(generation), Some(b'R'), true) = (u16::try_from(generation), self.bytes.get(self.at), end) {
                    self.at += 1;
                    return Some(Object::Reference((id, generation)));
                }
            }
            self.at = after;
        }
        Some(number)
    }

    fn number(&mut self) -> Option<Object> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        let mut text = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        // `--5` and `5-3` are written by broken producers: the sign once, up to the next sign
        while text.len() > 1 && text.starts_with(['-', '+']) && text[1..].starts_with(['-', '+']) {
            text = &text[1..];
        }
        if let Some(sign) = text.char_indices().skip(1).find(|(_, c)| matches!(c, '-' | '+')) {
            text = &text[..sign.0];
        }
        if let Ok(whole) = text.parse::<i64>() {
            return Some(Object::Integer(whole));
        }
        Some(Object::Real(text.parse::<f32>().ok().filter(|n| n.is_finite()).unwrap_or(0.0)))
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.bytes.get(self.at).copied().filter(|b| is_regular(*b)) {
            let code = self.bytes.get(self.at + 1..self.at + 3).and_then(|two| Some(hex(two[0])? << 4 | hex(two[1])?));
            match (byte, code) {
                (b'#', Some(code)) => {
                    name.push(code);
                    self.at += 3;
                }
                _ => {
                    name.push(byte);
                    self.at += 1;
                }
            }
            if name.len() > 4096 {
                return None;
            }
        }
        Some(name)
    }

    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut string = Vec::new();
        let mut open = 1;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            match byte {
                b'(' => {
                    open += 1;
                    string.push(byte);
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                    string.push(byte);
                }
                b'\\' => self.escape(&mut string),
                _ => string.push(byte),
            }
        }
        string
    }

    fn escape(&mut self, string: &mut Vec<u8>) {
        let Some(byte) = self.bytes.get(self.at).copied() else { return };
        self.at += 1;
        match byte {
            b'n' => string.push(b'\n'),
            b'r' => string.push(b'\r'),
            b't' => string.push(b'\t'),
            b'b' => string.push(8),
            b'f' => string.push(12),
            b'\r' => {
                if self.bytes.get(self.at) == Some(&b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.bytes.get(self.at).filter(|b| matches!(b, b'0'..=b'7')) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                string.push(code as u8);
            }
            _ => string.push(byte),
        }
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut string = Vec::new();
        let mut half = None;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex(byte) else { continue };
            match half.take() {
                Some(high) => string.push(high << 4 | digit),
                None => half = Some(digit),
            }
        }
        string.extend(half.map(|high| high << 4));
        string
    }

    fn array(&mut self, depth: usize) -> Option<Object> {
        self.at += 1;
        let mut array = Vec::new();
        loop {
            self.space();
            match *self.bytes.get(self.at)? {
                b']' => {
                    self.at += 1;
                    return Some(Object::Array(array));
                }
                // a word has no place here, nor has the end of a dictionary
                b'>' => return None,
                byte if starts_object(byte) => array.push(self.object(depth + 1)?),
                _ => match constant(self.word()?) {
                    Some(object) => array.push(object),
                    None => return None,
                },
            }
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Dictionary> {
        self.at += 2;
        let mut dictionary = Dictionary::new();
        loop {
            self.space();
            match *self.bytes.get(self.at)? {
                b'>' => {
                    self.at += if self.bytes.get(self.at + 1) == Some(&b'>') { 2 } else { 1 };
                    return Some(dictionary);
                }
                b'/' => {
                    let name = self.name()?;
                    self.space();
                    if self.bytes[self.at..].starts_with(b">>") {
                        continue;
                    }
                    let value = self.object(depth + 1)?;
                    dictionary.set(name, value);
                }
                _ => {
                    // a dictionary that was never closed ends where its object does
                    let start = self.at;
                    match self.word() {
                        Some(b"endobj" | b"stream" | b"endstream") => {
                            self.at = start;
                            return Some(dictionary);
                        }
                        Some(_) => {}
                        None => self.at += 1,
                    }
                }
            }
            self.nodes = self.nodes.checked_sub(1)?;
        }
    }
}

fn constant(word: &[u8]) -> Option<Object> {
    match word {
        b"true" => Some(Object::Boolean(true)),
        b"false" => Some(Object::Boolean(false)),
        b"null" => Some(Object::Null),
        _ => None,
    }
}

fn starts_object(byte: u8) -> bool {
    matches!(byte, b'/' | b'(' | b'<' | b'[' | b'0'..=b'9' | b'+' | b'-' | b'.')
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &[u8]) -> Option<Object> {
        Lexer::file(text, 0).object(0)
    }

    #[test]
    fn objects_of_the_standard_are_read() {
        // examples of ISO 32000-1, 7.3
        assert_eq!(object(b" 43445"), Some(Object::Integer(43445)));
        assert_eq!(object(b"-.002"), Some(Object::Real(-0.002)));
        assert_eq!(object(b"+17 0 X"), Some(Object::Integer(17)));
        assert_eq!(object(b"12 0 R"), Some(Object::Reference((12, 0))));
        assert_eq!(object(b"/A#42"), Some(Object::Name(b"AB".to_vec())));
        let text = |t: &[u8]| object(t).and_then(|o| o.as_str().map(<[u8]>::to_vec).ok());
        assert_eq!(text(b"(These (two) \\\r\nstrings\\051 \\0053)"), Some(b"These (two) strings) \x053".to_vec()));
        assert_eq!(text(b"<901FA>"), Some(vec![0x90, 0x1f, 0xa0]));
        let array = object(b"[549 3.14 false (Ralph) /SomeName null [1 0 R]]").unwrap();
        assert_eq!(array.as_array().unwrap().len(), 7);
        let dictionary = object(b"<</Type /Example % a comment\n /Sub <</A 0.4 /B 1>> /Empty>>").unwrap();
        assert_eq!(dictionary.as_dict().unwrap().get(b"Sub").unwrap().as_dict().unwrap().len(), 2);
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_no_object() {
        assert_eq!(object(&b"[".repeat(100_000)), None);
        assert_eq!(object(&b"<</A".repeat(100_000)), None);
        let many = [b"[".to_vec(), b"0 ".repeat(NODES_MAX + 1), b"]".to_vec()].concat();
        assert_eq!(object(&many), None);
    }

    #[test]
    fn operators_follow_their_operands() {
        let mut lexer = Lexer::content(b"1 0 R [(a)-3(b)]TJ\n0.5 g ) >> /F1 12 Tf");
        let mut words = Vec::new();
        let mut objects = 0;
        while let Some(token) = lexer.token() {
            match token {
                Token::Word(word) => words.push(String::from_utf8_lossy(word).into_owned()),
                Token::Object(_) => objects += 1,
            }
        }
        assert_eq!(words, ["R", "TJ", "g", "Tf"]);
        assert_eq!(objects, 6);
    }
}
