//! What a page draws: characters with their places, pictures, and filled rectangles (a QR code that is drawn rather than a picture).
//!
//! Operators are those of ISO 32000-1, annex A. A page may draw forms that draw forms; operators, characters and time are counted
//! over all of them, so that forms that draw each other cost no more than a page may.

use super::file::{File, into_dictionary, number};
use super::font::Font;
use super::lexer::{Lexer, Token, is_space};
use lopdf::{Dictionary, Object, Stream};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Characters of one page.
const GLYPHS_MAX: usize = 1_000_000;
/// Operators of one page with its forms.
const OPERATORS_MAX: usize = 10_000_000;
/// Rectangles of one page that are kept.
const RECTANGLES_MAX: usize = 200_000;
/// Pictures that are kept of one page.
const PICTURES_MAX: usize = 2_000;
/// Forms in forms, and saved states.
const FORMS_MAX: usize = 8;
const STATES_MAX: usize = 256;
const OPERANDS_MAX: usize = 512;
/// Entries of the fonts that are kept for the pages that follow.
const FONT_ENTRIES_MAX: usize = 600_000;
/// Bytes of text of one page.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Bytes of pictures in one page's own stream.
const INLINE_BYTES_MAX: usize = 4 << 20;

/// A matrix `[a b c d e f]`.
type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// A character, or what is drawn as one, where the page has it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Glyph {
    /// Its text in [`Drawn::text`].
    pub(crate) start: u32,
    pub(crate) length: u32,
    /// Where its base begins, on the page.
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// How far it moves along its line, on the page.
    pub(crate) width: f64,
    /// The height of its font, on the page.
    pub(crate) size: f64,
    /// The direction of its line, in degrees.
    pub(crate) angle: i16,
}

/// A filled rectangle, upright, and how bright it is (0 to 1).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Rectangle {
    pub(crate) left: f64,
    pub(crate) low: f64,
    pub(crate) right: f64,
    pub(crate) high: f64,
    pub(crate) light: f32,
}

/// A picture that is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Drawing {
    /// By the number of its object.
    Object(u32),
    /// In the page's own stream.
    Inline(Box<Stream>),
}

/// What a page draws.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) text: String,
    pub(crate) pictures: Vec<Drawing>,
    pub(crate) rectangles: Vec<Rectangle>,
    /// Characters that have no text.
    pub(crate) unmapped: usize,
    /// A bound ended it.
    pub(crate) cut: bool,
}

/// Fonts by the number of their object, for one file.
#[derive(Default)]
pub(crate) struct Fonts {
    known: HashMap<u32, Rc<Font>>,
    entries: usize,
}

/// Draws a page's streams, one after the other, with its resources.
pub(crate) fn draw(file: &File<'_>, fonts: &mut Fonts, content: &[u8], resources: &Dictionary) -> Drawn {
    let mut page = Page {
        file,
        fonts,
        drawn: Drawn::default(),
        operators: 0,
        state: State::default(),
        saved: Vec::new(),
        forms: Vec::new(),
        pictures: HashSet::new(),
        path: Path::default(),
        marks: Vec::new(),
        inline_bytes: 0,
    };
    page.run(content, resources);
    page.drawn
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
    light: f32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            matrix: IDENTITY,
            font: None,
            size: 1.0,
            character_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            light: 0.0,
        }
    }
}

/// The path that is being made: its closed figures, as far as they can be rectangles.
#[derive(Default)]
struct Path {
    points: Vec<(f64, f64)>,
    rectangles: Vec<[f64; 4]>,
    curved: bool,
}

/// A marked part of the content: what it says as a whole, where it tells, and whether that was given.
struct Mark {
    says: Option<String>,
    given: bool,
}

struct Page<'f, 'a> {
    file: &'f File<'a>,
    fonts: &'f mut Fonts,
    drawn: Drawn,
    operators: usize,
    state: State,
    saved: Vec<State>,
    /// The forms that are being drawn, by number.
    forms: Vec<u32>,
    pictures: HashSet<u32>,
    path: Path,
    marks: Vec<Mark>,
    inline_bytes: usize,
}

impl Page<'_, '_> {
    fn run(&mut self, content: &[u8], resources: &Dictionary) {
        let mut lexer = Lexer::content(content);
        let mut operands: Vec<Object> = Vec::new();
        let (mut text, mut line) = (IDENTITY, IDENTITY);
        while let Some(token) = lexer.token() {
            let word = match token {
                Token::Object(object) => {
                    if operands.len() < OPERANDS_MAX {
                        operands.push(object);
                    }
                    continue;
                }
                Token::Word(word) => word,
            };
            self.operators += 1;
            let late = self.operators.is_multiple_of(16) && self.file.late();
            if self.operators > OPERATORS_MAX || late || self.full() {
                self.drawn.cut = true;
                return;
            }
            let at = |i: usize| operands.get(i).and_then(number).unwrap_or(0.0);
            let string = |i: usize| operands.get(i).and_then(|o| o.as_str().ok()).unwrap_or_default();
            match word {
                b"BT" => (text, line) = (IDENTITY, IDENTITY),
                b"Tc" => self.state.character_space = at(0),
                b"Tw" => self.state.word_space = at(0),
                b"Tz" => self.state.scale = at(0) / 100.0,
                b"TL" => self.state.leading = at(0),
                b"Ts" => self.state.rise = at(0),
                b"Tf" => {
                    self.state.size = at(1);
                    self.state.font =
                        operands.first().and_then(|o| o.as_name().ok()).and_then(|n| self.font(resources, n));
                }
                b"Td" | b"TD" => {
                    if word == b"TD" {
                        self.state.leading = -at(1);
                    }
                    line = times(&[1.0, 0.0, 0.0, 1.0, at(0), at(1)], &line);
                    text = line;
                }
                b"Tm" => {
                    line = [at(0), at(1), at(2), at(3), at(4), at(5)];
                    text = line;
                }
                b"T*" | b"'" | b"\"" => {
                    line = times(&[1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading], &line);
                    text = line;
                    if word == b"'" {
                        self.show(string(0), &mut text);
                    } else if word == b"\"" {
                        (self.state.word_space, self.state.character_space) = (at(0), at(1));
                        self.show(string(2), &mut text);
                    }
                }
                b"Tj" => self.show(string(0), &mut text),
                b"TJ" => {
                    if let Some(Object::Array(parts)) = operands.first() {
                        for part in parts {
                            if let Object::String(string, _) = part {
                                self.show(string, &mut text);
                            } else if let Some(back) = number(part) {
                                let by = -back / 1000.0 * self.state.size * self.state.scale;
                                text = times(&[1.0, 0.0, 0.0, 1.0, by, 0.0], &text);
                            }
                        }
                    }
                }
                b"q" if self.saved.len() < STATES_MAX => self.saved.push(self.state.clone()),
                b"Q" => {
                    if let Some(state) = self.saved.pop() {
                        self.state = state;
                    }
                }
                b"cm" => {
                    self.state.matrix = times(&[at(0), at(1), at(2), at(3), at(4), at(5)], &self.state.matrix);
                }
                b"Do" => {
                    if let Some(Object::Name(name)) = operands.first() {
                        self.draw_object(resources, name);
                    }
                }
                b"BI" => self.draw_inline(&mut lexer, content),
                b"BDC" | b"BMC" => self.mark(&operands, resources),
                b"EMC" => {
                    self.marks.pop();
                }
                b"g" | b"sc" | b"scn" | b"rg" | b"k" => self.colour(&operands),
                b"m" | b"l" | b"h" | b"re" | b"c" | b"v" | b"y" => self.add_path(word, &operands),
                b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => self.fill(),
                b"n" | b"S" | b"s" => self.path = Path::default(),
                _ => {}
            }
            operands.clear();
        }
    }

    fn full(&self) -> bool {
        self.drawn.glyphs.len() >= GLYPHS_MAX || self.drawn.text.len() >= TEXT_BYTES_MAX
    }

    fn font(&mut self, resources: &Dictionary, name: &[u8]) -> Option<Rc<Font>> {
        let fonts = self.file.dictionary(resources, b"Font")?;
        let entry = fonts.get(name).ok()?;
        let number = entry.as_reference().ok().map(|id| id.0);
        if let Some(known) = number.and_then(|number| self.fonts.known.get(&number)) {
            return Some(known.clone());
        }
        let dictionary = self.file.resolved(entry).and_then(into_dictionary)?;
        let font = Rc::new(Font::read(self.file, &dictionary));
        let entries = 64 + font.entries();
        if self.fonts.entries + entries > FONT_ENTRIES_MAX {
            *self.fonts = Fonts::default();
        }
        if let Some(number) = number {
            self.fonts.entries += entries;
            self.fonts.known.insert(number, font.clone());
        }
        Some(font)
    }

    fn show(&mut self, string: &[u8], text: &mut Matrix) {
        let Some(font) = self.state.font.clone() else { return };
        let state = &self.state;
        let (size, scale) = (state.size, state.scale);
        let angle_of = |m: &Matrix| (m[1].atan2(m[0]).to_degrees().round() as i16).rem_euclid(360);
        // long strings go in parts: one code may become as much as a character of the map may say
        for part in string.chunks(4096) {
            if self.file.late() {
                self.drawn.cut = true;
                return;
            }
            for shown in font.shown(part) {
                if self.full() {
                    self.drawn.cut = true;
                    return;
                }
                let place =
                    times(&[size * scale, 0.0, 0.0, size, 0.0, self.state.rise], &times(text, &self.state.matrix));
                let space = if shown.space { self.state.word_space } else { 0.0 };
                let width = f64::from(shown.width) * size;
                let moved = (width + self.state.character_space + space) * scale;
                let on_page = |length: f64| length * (place[0].hypot(place[1])) / (size * scale).abs().max(1e-9);
                let mut glyph = Glyph {
                    start: self.drawn.text.len() as u32,
                    length: 0,
                    x: place[4],
                    y: place[5],
                    width: on_page(width * scale).abs(),
                    size: place[2].hypot(place[3]),
                    angle: angle_of(&place),
                };
                *text = times(&[1.0, 0.0, 0.0, 1.0, moved, 0.0], text);
                if !(glyph.x.is_finite() && glyph.y.is_finite() && glyph.width.is_finite() && glyph.size.is_finite()) {
                    continue;
                }
                let whole = self.marks.iter_mut().rev().find(|mark| mark.says.is_some());
                if let Some(Mark { says: Some(says), given }) = whole {
                    if *given {
                        // what stands for all was given at the first; it reaches to the last
                        if let Some(first) = self.drawn.glyphs.last_mut()
                            && first.angle == glyph.angle
                            && glyph.angle == 0
                            && (first.y - glyph.y).abs() < first.size
                        {
                            let left = first.x.min(glyph.x);
                            let right = (first.x + first.width).max(glyph.x + glyph.width);
                            // a mark stands where it likes; the letter stands on the line
                            if glyph.width > first.width {
                                first.y = glyph.y;
                            }
                            (first.x, first.width) = (left, right - left);
                        }
                        continue;
                    }
                    *given = true;
                    self.drawn.text.push_str(says);
                } else if let Some(said) = &shown.text {
                    self.drawn.text.push_str(said);
                } else {
                    self.drawn.unmapped += 1;
                    continue;
                }
                glyph.length = self.drawn.text.len() as u32 - glyph.start;
                if glyph.length > 0 {
                    self.drawn.glyphs.push(glyph);
                }
            }
        }
    }

    fn mark(&mut self, operands: &[Object], resources: &Dictionary) {
        let properties = match operands.get(1) {
            Some(Object::Dictionary(dictionary)) => Some(dictionary.clone()),
            Some(Object::Name(name)) => {
                let named = self.file.dictionary(resources, b"Properties");
                named.and_then(|named| self.file.dictionary(&named, name))
            }
            _ => None,
        };
        let says = properties.and_then(|p| self.file.get(&p, b"ActualText")).and_then(|text| super::text_string(&text));
        if self.marks.len() < STATES_MAX {
            // at most what a line holds: a whole page in one mark would be a page without places
            self.marks.push(Mark { says: says.filter(|says| says.len() < 4096), given: false });
        }
    }

    fn draw_object(&mut self, resources: &Dictionary, name: &[u8]) {
        let Some(objects) = self.file.dictionary(resources, b"XObject") else { return };
        let Ok(Object::Reference((number, _))) = objects.get(name) else { return };
        if self.pictures.contains(number) {
            return;
        }
        let Some(Object::Stream(stream)) = self.file.object(*number) else { return };
        match self.file.name(&stream.dict, b"Subtype").as_deref() {
            Some(b"Image") if self.drawn.pictures.len() < PICTURES_MAX => {
                self.pictures.insert(*number);
                self.drawn.pictures.push(Drawing::Object(*number));
            }
            Some(b"Form") => {
                if self.forms.len() >= FORMS_MAX || self.forms.contains(number) {
                    return;
                }
                let Ok(content) = self.file.decoded(&stream, 0, usize::MAX) else { return };
                let own = self.file.dictionary(&stream.dict, b"Resources");
                let (state, saved) = (self.state.clone(), std::mem::take(&mut self.saved));
                let matrix: Vec<f64> = self
                    .file
                    .array(&stream.dict, b"Matrix")
                    .unwrap_or_default()
                    .iter()
                    .filter_map(crate::pdf::file::number)
                    .collect();
                if let Ok(matrix) = Matrix::try_from(matrix) {
                    self.state.matrix = times(&matrix, &self.state.matrix);
                }
                self.forms.push(*number);
                self.run(&content, own.as_ref().unwrap_or(resources));
                self.forms.pop();
                (self.state, self.saved) = (state, saved);
            }
            _ => {}
        }
    }

    fn draw_inline(&mut self, lexer: &mut Lexer<'_>, content: &[u8]) {
        let mut dictionary = Dictionary::new();
        loop {
            match lexer.token() {
                Some(Token::Object(Object::Name(key))) => {
                    let Some(Token::Object(value)) = lexer.token() else { return };
                    let long: &[u8] = match key.as_slice() {
                        b"BPC" => b"BitsPerComponent",
                        b"CS" => b"ColorSpace",
                        b"D" => b"Decode",
                        b"DP" => b"DecodeParms",
                        b"F" => b"Filter",
                        b"H" => b"Height",
                        b"IM" => b"ImageMask",
                        b"W" => b"Width",
                        other => other,
                    };
                    dictionary.set(long, value);
                }
                Some(Token::Word(b"ID")) => break,
                Some(_) => {}
                None => return,
            }
        }
        // one space, the bytes, and `EI` between spaces
        let start = (lexer.at + 1).min(content.len());
        let mut from = start;
        let end = loop {
            let Some(at) = super::file::find(content, from, b"EI") else {
                lexer.at = content.len();
                return;
            };
            let before = at > start && is_space(content[at - 1]);
            if before && content.get(at + 2).is_none_or(|b| is_space(*b)) {
                break at;
            }
            from = at + 2;
        };
        lexer.at = end + 2;
        self.inline_bytes += end - start;
        if self.drawn.pictures.len() < PICTURES_MAX && self.inline_bytes <= INLINE_BYTES_MAX {
            let stream = Stream::new(dictionary, content[start..end].to_vec());
            self.drawn.pictures.push(Drawing::Inline(Box::new(stream)));
        }
    }

    fn colour(&mut self, operands: &[Object]) {
        let parts: Vec<f32> = operands.iter().filter_map(number).map(|n| n as f32).collect();
        self.state.light = match *parts.as_slice() {
            [grey] => grey,
            [r, g, b] => 0.3 * r + 0.59 * g + 0.11 * b,
            [c, m, y, k] => 1.0 - (0.3 * c + 0.59 * m + 0.11 * y + k).min(1.0),
            _ => return,
        };
    }

    fn add_path(&mut self, word: &[u8], operands: &[Object]) {
        let at = |i: usize| operands.get(i).and_then(number).unwrap_or(0.0);
        match word {
            b"re" => {
                let (x, y, w, h) = (at(0), at(1), at(2), at(3));
                self.close();
                self.path.points.extend([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]);
                self.close();
            }
            b"m" => {
                self.close();
                self.path.points.push((at(0), at(1)));
            }
            // more points than a rectangle needs: they are only counted
            b"l" if self.path.points.len() < 6 => self.path.points.push((at(0), at(1))),
            b"l" => self.path.curved = true,
            b"h" => self.close(),
            _ => self.path.curved = true,
        }
    }

    /// Ends a figure, and keeps it where it is an upright rectangle.
    fn close(&mut self) {
        let mut points = std::mem::take(&mut self.path.points);
        let curved = std::mem::take(&mut self.path.curved);
        if points.len() == 5 && points.first() == points.last() {
            points.pop();
        }
        if curved || points.len() != 4 || self.path.rectangles.len() >= RECTANGLES_MAX {
            return;
        }
        let m = self.state.matrix;
        let placed: Vec<(f64, f64)> =
            points.iter().map(|(x, y)| (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])).collect();
        let (left, right) = placed.iter().fold((f64::MAX, f64::MIN), |(l, r), p| (l.min(p.0), r.max(p.0)));
        let (low, high) = placed.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p.1), h.max(p.1)));
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        let corner = |p: &(f64, f64)| (near(p.0, left) || near(p.0, right)) && (near(p.1, low) || near(p.1, high));
        if placed.iter().all(corner) && [left, right, low, high].iter().all(|n| n.is_finite()) {
            self.path.rectangles.push([left, low, right, high]);
        }
    }

    fn fill(&mut self) {
        self.close();
        let light = self.state.light.clamp(0.0, 1.0);
        let room = RECTANGLES_MAX.saturating_sub(self.drawn.rectangles.len());
        let path = std::mem::take(&mut self.path);
        self.drawn.rectangles.extend(
            path.rectangles.into_iter().take(room).map(|[left, low, right, high]| Rectangle {
                left,
                low,
                right,
                high,
                light,
            }),
        );
    }
}

/// `first` applied before `second`.
fn times(first: &Matrix, second: &Matrix) -> Matrix {
    let [a, b, c, d, e, f] = *first;
    let [g, h, i, j, k, l] = *second;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}
