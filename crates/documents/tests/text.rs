//! Plain text: cut well, in every encoding, of any length.
#![allow(missing_docs)] // tests

use crate::support;

use athar_documents::{Document, DocumentKind, Limits, Reader, Segment, SegmentKind, Sink};
use proptest::prelude::*;
use std::io::Read;
use std::ops::ControlFlow;
use support::{Keep, read, read_document, read_with};

fn short(segment_bytes: usize) -> Limits {
    Limits { segment_bytes, ..Limits::default() }
}

/// The text of all segments, each without what it repeats.
fn joined(read: &Keep) -> String {
    read.segments().map(|segment| &segment.text[segment.overlap..]).collect()
}

#[test]
fn a_text_is_cut_at_empty_lines_first() {
    let paragraph = "word ".repeat(20).trim().to_owned() + "\n\n";
    let text = paragraph.repeat(50);
    let read = read_with(short(1000), "a.txt", text.as_bytes());
    assert_eq!(joined(&read), text);
    for segment in read.segments() {
        assert!(segment.text.starts_with("word") && segment.text.ends_with("\n\n") && segment.overlap == 0);
        assert!(segment.text.len() <= 1000);
    }
    assert_eq!(read.documents[0].document.kind, DocumentKind::Text);
    assert_eq!(read.documents[0].end.bytes, text.len() as u64);
}

#[test]
fn a_text_without_empty_lines_is_cut_at_lines_then_blanks_then_anywhere_and_repeats_its_end() {
    for (unit, ends) in [("a line of words\n", '\n'), ("word ", ' '), ("\u{628}", '\u{628}')] {
        let text = unit.repeat(3000);
        let read = read_with(short(1000), "a.txt", text.as_bytes());
        assert_eq!(joined(&read), text);
        assert!(read.all.len() > 3);
        for segment in &read.all[1..] {
            assert!((200..=250).contains(&segment.overlap), "{}", segment.overlap);
        }
        for segment in &read.all[..read.all.len() - 1] {
            assert!(segment.text.ends_with(ends));
        }
    }
}

#[test]
fn whatever_is_shorter_than_the_overlap_stands_whole_in_a_segment() {
    let address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    for before in 700..1100 {
        let text = format!("{}{address}{}", "x".repeat(before), "y".repeat(2000));
        let read = read_with(short(1000), "a.txt", text.as_bytes());
        let segment = read.segments().find(|segment| segment.text.contains(address)).expect("whole");
        let at = segment.text.find(address).unwrap();
        assert_eq!(segment.map.source(at), Some(before as u64));
    }
}

#[test]
fn each_encoding_is_told_by_mark_or_guess() {
    let arabic = "ساعدوا العائلات المحتاجة في هذا الشتاء وتبرعوا بما تستطيعون عبر العنوان bc1qar0srrr7 جزاكم الله خيرا";
    let russian = "Помогите семьям этой зимой, переведите сколько сможете на адрес bc1qar0srrr7 спасибо вам";
    let turkish =
        "Bu kış ailelere yardım edin, gücünüz yettiğince bağış yapın bc1qar0srrr7 teşekkürler, Allah razı olsun";
    let cases: [(&str, Vec<u8>); 7] = [
        (arabic, arabic.as_bytes().to_vec()),
        (arabic, [b"\xef\xbb\xbf", arabic.as_bytes()].concat()),
        (arabic, [vec![0xff, 0xfe], arabic.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()),
        (arabic, [vec![0xfe, 0xff], arabic.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat()),
        (arabic, encoding_rs::WINDOWS_1256.encode(arabic).0.into_owned()),
        (russian, encoding_rs::WINDOWS_1251.encode(russian).0.into_owned()),
        (turkish, encoding_rs::WINDOWS_1254.encode(turkish).0.into_owned()),
    ];
    for (text, bytes) in cases {
        let read = read(&bytes);
        assert_eq!(read.texts(SegmentKind::Text), [text]);
        let source = read.all[0].map.source(text.find("bc1q").unwrap()).unwrap() as usize;
        let wide = if bytes[0] == 0xff || bytes[0] == 0xfe { 2 } else { 1 };
        let found: Vec<u8> = bytes[source..source + 4 * wide].iter().copied().filter(|&b| b != 0).collect();
        assert_eq!(found, b"bc1q", "{text}");
    }
}

#[test]
fn a_charset_of_the_transport_is_followed() {
    let (bytes, _, _) = encoding_rs::KOI8_R.encode("Помощь bc1q");
    let mut document = Document::file("a.txt");
    document.charset = Some("koi8-r".to_owned());
    let mut keep = Keep::default();
    assert!(Reader::default().read_bytes(document, &bytes, &mut keep).is_continue());
    assert_eq!(keep.texts(SegmentKind::Text), ["Помощь bc1q"]);
}

#[test]
fn a_text_that_was_pasted_from_several_encodings_is_read_block_by_block() {
    let utf8 = "تبرعوا اليوم للعائلات\n".repeat(4000);
    let legacy = "ساعدوا العائلات في هذا الشتاء\n".repeat(8000);
    let (old, _, _) = encoding_rs::WINDOWS_1256.encode(&legacy);
    let all = [utf8.as_bytes(), &old].concat();
    let text = joined(&read(&all));
    assert!(text.starts_with(&utf8));
    assert!(text.ends_with(&"ساعدوا العائلات في هذا الشتاء\n".repeat(4000)));
}

#[test]
fn a_fault_in_utf8_costs_one_character() {
    let read = read("تبرعوا اليوم \u{0}للعائلات".replace('\u{0}', "").as_bytes());
    assert_eq!(read.all.len(), 1);
    let mut bytes = "تبرعوا للعائلات bc1q و bc1p".as_bytes().to_vec();
    bytes.insert(13, 0xff);
    let broken = support::read(&bytes);
    assert!(broken.all[0].text.contains("\u{fffd}"), "{}", broken.all[0].text);
    let at = broken.all[0].text.find("bc1p").unwrap();
    let source = broken.all[0].map.source(at).unwrap() as usize;
    assert_eq!(&bytes[source..], b"bc1p");
}

/// A sink that keeps counts alone.
#[derive(Default)]
struct Count {
    bytes: u64,
    longest: usize,
    found: Vec<u64>,
}

impl Sink for Count {
    fn begin(&mut self, _: Document) -> athar_documents::Stop {
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> athar_documents::Stop {
        self.bytes += (segment.text.len() - segment.overlap) as u64;
        self.longest = self.longest.max(segment.text.capacity() + segment.map.0.capacity() * 16);
        self.found.extend(segment.text.find("bc1q").and_then(|at| segment.map.source(at)));
        ControlFlow::Continue(())
    }
    fn picture(&mut self, _: athar_documents::Picture) -> athar_documents::Stop {
        ControlFlow::Continue(())
    }
    fn trouble(&mut self, trouble: athar_documents::Trouble) {
        panic!("{trouble:?}");
    }
    fn end(&mut self, end: athar_documents::DocumentEnd) {
        assert_eq!(end.bytes, self.bytes);
    }
}

#[test]
fn a_line_of_64_mib_is_read_in_small_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("line");
    let length = 64 << 20;
    let mut line = std::io::repeat(b'x').take(length - 4).chain(&b"bc1q"[..]);
    std::io::copy(&mut line, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let mut count = Count::default();
    assert!(Reader::new(short(4096)).read(&path, "line", &mut count).is_continue());
    assert_eq!(count.bytes, length);
    assert!(count.longest <= 16 << 10, "{}", count.longest);
    assert_eq!(count.found, [length - 4]);
}

#[test]
fn a_sink_that_breaks_ends_the_reading() {
    let mut keep = Keep { break_after: Some(2), ..Keep::default() };
    let text = "word ".repeat(100_000);
    assert!(Reader::new(short(1000)).read_bytes(Document::file("a"), text.as_bytes(), &mut keep).is_break());
    assert_eq!(keep.all.len(), 2);
    assert!(keep.documents[0].end.sha256.is_none());
}

#[test]
fn markdown_is_text_and_a_file_that_is_not_there_is_a_trouble() {
    let read = read_document("a.md", b"[give](bitcoin:1A1zP1)");
    assert_eq!(read.documents[0].document.kind, DocumentKind::Markdown);
    assert_eq!(read.texts(SegmentKind::Text), ["[give](bitcoin:1A1zP1)"]);
    let mut keep = Keep::default();
    assert!(Reader::default().read(std::path::Path::new("/nowhere/at/all"), "x", &mut keep).is_continue());
    assert_eq!(keep.documents[0].troubles.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_text_of_bounded_segments(bytes in prop::collection::vec(any::<u8>(), 0..5000), segment in 256..2000_usize) {
        let limits = Limits { segment_bytes: segment, ..Limits::default() };
        let mut document = Document::file("a");
        document.kind = DocumentKind::Text;
        let mut keep = Keep::default();
        prop_assert!(Reader::new(limits).read_bytes(document, &bytes, &mut keep).is_continue());
        for found in keep.segments() {
            prop_assert!(found.text.len() <= segment);
        }
    }

    #[test]
    fn plain_ascii_keeps_every_place(text in "[a-z \n]{0,3000}", segment in 256..1000_usize) {
        let limits = Limits { segment_bytes: segment, ..Limits::default() };
        let read = read_with(limits, "a.txt", text.as_bytes());
        for segment in read.segments() {
            for (at, byte) in segment.text.bytes().enumerate() {
                let source = segment.map.source(at).unwrap() as usize;
                prop_assert_eq!(text.as_bytes()[source], byte);
            }
        }
    }

    #[test]
    fn ascii_words_keep_their_place_in_every_encoding(words in prop::collection::vec("[a-z]{1,8}|[ء-ي]{1,8}|[а-я]{1,8}", 1..60), which in 0..5_usize) {
        let text = words.join(" ");
        let label = ["windows-1256", "windows-1251", "utf-8", "gb18030", "euc-jp"][which];
        let (bytes, _, lost) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text);
        prop_assume!(!lost);
        let mut document = Document::file("a.txt");
        document.kind = DocumentKind::Text;
        document.charset = Some(label.to_owned());
        let mut keep = Keep::default();
        prop_assert!(Reader::default().read_bytes(document, &bytes, &mut keep).is_continue());
        for segment in keep.segments() {
            for (at, letter) in segment.text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
                prop_assert_eq!(bytes[segment.map.source(at).unwrap() as usize], letter as u8);
            }
        }
    }
}
