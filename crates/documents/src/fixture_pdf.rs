//! PDFs made in code, for tests: pages of text, Arabic in a font with a map of characters, links, pictures, attached files.
//!
//! They are written by `lopdf`; what reads them finds its objects by other code.

use image::GrayImage;
use lopdf::{Document, Object, SaveOptions, Stream, StringFormat, dictionary};

/// A PDF to be written.
#[derive(Clone, Debug, Default)]
pub struct Pdf {
    /// The title, where it has one.
    pub title: Option<String>,
    /// The author, where it has one.
    pub author: Option<String>,
    /// Its pages.
    pub pages: Vec<PdfPage>,
    /// Attached files: names and bytes.
    pub attached: Vec<(String, Vec<u8>)>,
}

/// A page of a [`Pdf`], of the size A4.
#[derive(Clone, Debug, Default)]
pub struct PdfPage {
    /// What is written on it.
    pub lines: Vec<PdfLine>,
    /// Where its links lead.
    pub links: Vec<String>,
    /// Pictures on it.
    pub pictures: Vec<PdfPicture>,
    /// QR codes that are drawn from rectangles.
    pub drawn_codes: Vec<String>,
}

/// A line of a page.
#[derive(Clone, Debug)]
pub struct PdfLine {
    /// Where it begins, in points from the left and from the foot.
    pub at: (f32, f32),
    /// The text in the order of reading.
    pub text: String,
    /// How it is drawn.
    pub drawn: PdfDrawn,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PdfDrawn {
    /// As one string in Helvetica.
    Whole,
    /// Each letter at a place of its own, the even ones first.
    Letters,
    /// In a font of glyphs with a map of characters, from left to right as it is seen: right-to-left text backwards.
    Seen,
}

/// A picture on a page.
#[derive(Clone, Debug)]
pub enum PdfPicture {
    /// A JPEG file of a grey or colour picture.
    Jpeg(Vec<u8>),
    /// Grey samples, packed.
    Grey(GrayImage),
    /// One bit a pixel, as a mask that ink goes through.
    Mask(GrayImage),
    /// A palette of two colours.
    Palette(GrayImage),
}

impl PdfPage {
    /// A page of lines, one below the other.
    pub fn of(lines: &[&str]) -> Self {
        let line = |(i, text): (usize, &&str)| PdfLine {
            at: (60.0, 780.0 - 16.0 * i as f32),
            text: (*text).to_owned(),
            drawn: if text.is_ascii() { PdfDrawn::Whole } else { PdfDrawn::Seen },
        };
        Self { lines: lines.iter().enumerate().map(line).collect(), ..Self::default() }
    }
}

impl Pdf {
    /// As `lopdf`'s document, to be written in ways of one's own.
    pub fn document(&self) -> Document {
        let mut document = Document::with_version("1.7");
        let tree = document.new_object_id();
        let sans = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        });
        let letters = self.letters();
        let seen = mapped_font(&mut document, &letters);
        let kids: Vec<Object> =
            self.pages.iter().map(|page| page.write(&mut document, tree, (sans, seen), &letters).into()).collect();
        let count = kids.len() as i64;
        document.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
        let mut catalogue = dictionary! { "Type" => "Catalog", "Pages" => tree };
        let mut names = Vec::new();
        for (name, bytes) in &self.attached {
            let stream = document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.clone()));
            let file = document.add_object(dictionary! {
                "Type" => "Filespec", "F" => lopdf::text_string(name), "UF" => lopdf::text_string(name),
                "EF" => dictionary! { "F" => stream },
            });
            names.extend([lopdf::text_string(name), file.into()]);
        }
        catalogue.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
        let root = document.add_object(catalogue);
        document.trailer.set("Root", root);
        let mut info = dictionary! { "CreationDate" => Object::string_literal("D:20240102030405Z") };
        for (key, value) in [("Title", &self.title), ("Author", &self.author)] {
            if let Some(value) = value {
                info.set(key, lopdf::text_string(value));
            }
        }
        let info = document.add_object(info);
        document.trailer.set("Info", info);
        let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
        document.trailer.set("ID", vec![id.clone(), id]);
        document.compress();
        document
    }

    /// Its bytes, with a table of positions as old PDFs have.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.document().save_to(&mut bytes).expect("writing to memory");
        bytes
    }

    /// Its bytes, with object streams and a table in a stream as new PDFs have.
    pub fn packed_bytes(&self) -> Vec<u8> {
        let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
        let mut bytes = Vec::new();
        self.document().save_with_options(&mut bytes, options).expect("writing to memory");
        bytes
    }

    /// The letters of lines that are drawn as glyphs; a letter's glyph is its place here, from 1.
    fn letters(&self) -> Vec<char> {
        let lines = self.pages.iter().flat_map(|page| &page.lines).filter(|line| line.drawn == PdfDrawn::Seen);
        let mut letters: Vec<char> = lines.flat_map(|line| line.text.chars()).collect();
        letters.sort_unstable();
        letters.dedup();
        letters
    }
}

impl PdfPage {
    fn write(
        &self,
        document: &mut Document,
        tree: lopdf::ObjectId,
        fonts: (lopdf::ObjectId, lopdf::ObjectId),
        letters: &[char],
    ) -> lopdf::ObjectId {
        let mut content = String::new();
        for line in &self.lines {
            line.write(letters, &mut content);
        }
        let mut objects = lopdf::Dictionary::new();
        for (i, picture) in self.pictures.iter().enumerate() {
            let stream = picture.stream();
            let id = document.add_object(stream);
            objects.set(format!("Im{i}"), id);
            content.push_str(&format!("q 180 0 0 180 60 {} cm /Im{i} Do Q\n", 40 + 190 * i));
        }
        for (i, text) in self.drawn_codes.iter().enumerate() {
            let code = crate::fixture_pictures::qr(text, 1, 1);
            for (x, y, pixel) in code.enumerate_pixels() {
                if pixel[0] == 0 {
                    let (x, y) = (300.0 + 3.0 * x as f32, 300.0 + 200.0 * i as f32 - 3.0 * y as f32);
                    content.push_str(&format!("{x} {y} 3 3 re f\n"));
                }
            }
        }
        let content = document.add_object(Stream::new(dictionary! {}, content.into_bytes()));
        let link = |uri: &String| -> Object {
            let uri = Object::String(uri.as_bytes().to_vec(), StringFormat::Literal);
            let action = dictionary! { "S" => "URI", "URI" => uri };
            dictionary! { "Type" => "Annot", "Subtype" => "Link", "Rect" => vec![0.into(), 0.into(), 9.into(), 9.into()], "A" => action }.into()
        };
        let annotations: Vec<Object> = self.links.iter().map(link).collect();
        document.add_object(dictionary! {
            "Type" => "Page", "Parent" => tree, "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Contents" => content, "Annots" => annotations,
            "Resources" => dictionary! {
                "Font" => dictionary! { "F1" => fonts.0, "F2" => fonts.1 },
                "XObject" => objects,
            },
        })
    }
}

impl PdfLine {
    fn write(&self, letters: &[char], content: &mut String) {
        let (x, y) = self.at;
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        match self.drawn {
            PdfDrawn::Whole => {
                content.push_str(&format!("BT /F1 11 Tf {x} {y} Td ({}) Tj ET\n", escaped(&self.text)));
            }
            PdfDrawn::Letters => {
                let chars: Vec<char> = self.text.chars().collect();
                for first in [0, 1] {
                    for (i, c) in chars.iter().enumerate().skip(first).step_by(2) {
                        let x = x + 7.0 * i as f32;
                        content.push_str(&format!(
                            "BT /F1 11 Tf 1 0 0 1 {x} {y} Tm ({}) Tj ET\n",
                            escaped(&c.to_string())
                        ));
                    }
                }
            }
            PdfDrawn::Seen => {
                let codes = seen(&self.text).into_iter().map(|c| {
                    let glyph = letters.binary_search(&c).expect("every letter was collected") + 1;
                    format!("{glyph:04x}")
                });
                content.push_str(&format!("BT /F2 11 Tf {x} {y} Td <{}> Tj ET\n", codes.collect::<String>()));
            }
        }
    }
}

/// A line of right-to-left text as it is seen from left to right: all turned, but words of ASCII as they are.
fn seen(text: &str) -> Vec<char> {
    let mut turned = Vec::new();
    for word in text.split_inclusive(' ').rev() {
        let bare = word.trim_end_matches(' ');
        if !turned.is_empty() || word.len() > bare.len() {
            turned.push(' ');
        }
        if bare.is_ascii() {
            turned.extend(bare.chars());
        } else {
            turned.extend(bare.chars().rev());
        }
    }
    if turned.first() == Some(&' ') {
        turned.remove(0);
    }
    turned
}

fn mapped_font(document: &mut Document, letters: &[char]) -> lopdf::ObjectId {
    let mut map = String::from("1 begincodespacerange <0000> <ffff> endcodespacerange\n");
    for (letter, glyph) in letters.iter().zip(1..) {
        let mut units = [0; 2];
        let text: String = letter.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04x}")).collect();
        map.push_str(&format!("1 beginbfchar <{glyph:04x}> <{text}> endbfchar\n"));
    }
    let map = document.add_object(Stream::new(dictionary! {}, map.into_bytes()));
    let descendant = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "Made", "DW" => 500,
        "CIDSystemInfo" => dictionary! { "Registry" => Object::string_literal("Adobe"),
            "Ordering" => Object::string_literal("Identity"), "Supplement" => 0 },
    });
    document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "Made", "Encoding" => "Identity-H",
        "DescendantFonts" => vec![descendant.into()], "ToUnicode" => map,
    })
}

impl PdfPicture {
    fn stream(&self) -> Stream {
        let bits = |picture: &GrayImage| -> Vec<u8> {
            let row = |y: u32| {
                let pixels: Vec<bool> = (0..picture.width()).map(|x| picture.get_pixel(x, y)[0] > 127).collect();
                let pack = |eight: &[bool]| {
                    eight.iter().enumerate().fold(0, |byte, (i, light)| byte | u8::from(*light) << (7 - i))
                };
                pixels.chunks(8).map(pack).collect::<Vec<u8>>()
            };
            (0..picture.height()).flat_map(row).collect()
        };
        let (width, height) = match self {
            Self::Jpeg(bytes) => {
                let picture = image::load_from_memory(bytes).expect("a JPEG");
                (picture.width(), picture.height())
            }
            Self::Grey(picture) | Self::Mask(picture) | Self::Palette(picture) => picture.dimensions(),
        };
        let mut dictionary = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(width), "Height" => i64::from(height),
        };
        match self {
            Self::Jpeg(bytes) => {
                dictionary.set("Filter", "DCTDecode");
                dictionary.set("ColorSpace", "DeviceRGB");
                dictionary.set("BitsPerComponent", 8);
                Stream::new(dictionary, bytes.clone()).with_compression(false)
            }
            Self::Grey(picture) => {
                dictionary.set("ColorSpace", "DeviceGray");
                dictionary.set("BitsPerComponent", 8);
                Stream::new(dictionary, picture.as_raw().clone())
            }
            Self::Mask(picture) => {
                dictionary.set("ImageMask", true);
                dictionary.set("BitsPerComponent", 1);
                Stream::new(dictionary, bits(picture))
            }
            Self::Palette(picture) => {
                let colours = Object::String(vec![20, 10, 60, 240, 250, 200], StringFormat::Hexadecimal);
                dictionary.set("ColorSpace", vec!["Indexed".into(), "DeviceRGB".into(), 1.into(), colours]);
                dictionary.set("BitsPerComponent", 1);
                Stream::new(dictionary, bits(picture))
            }
        }
    }
}

/// A PDF of two pages with `texts` on the first and a QR code of `qr` as a JPEG on the second.
pub fn pdf_with_text_and_qr(texts: &[&str], qr: &str) -> Vec<u8> {
    let code = crate::fixture_pictures::qr(qr, 5, 1);
    let picture = PdfPicture::Jpeg(crate::fixture_pictures::jpeg(code, 85));
    let second = PdfPage { pictures: vec![picture], ..PdfPage::of(&["Scan the code"]) };
    Pdf { title: Some("Made for a test".into()), pages: vec![PdfPage::of(texts), second], ..Pdf::default() }.bytes()
}
