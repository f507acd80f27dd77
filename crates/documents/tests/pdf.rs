//! PDFs: every address that is planted is found, Arabic is read, hostile files are bounded and told.
#![allow(missing_docs)] // a test

use crate::seen;

use athar_documents::fixture_pdf::{Pdf, PdfDrawn, PdfLine, PdfPage, PdfPicture, pdf_with_text_and_qr};
use athar_documents::fixture_pictures::{self as fixture, Dice};
use athar_documents::{Document, DocumentKind, Limits, Reader, SegmentKind, TroubleKind};
use lopdf::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter};
use lopdf::{EncryptionState, EncryptionVersion, Permissions};
use proptest::prelude::*;
use seen::Seen;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BASE58: &str = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
const BECH32: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const HEX: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const TRON: &str = "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8";

fn read_with(limits: Limits, bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    assert!(Reader::new(limits).read_bytes(Document::file("paper.pdf"), bytes, &mut seen).is_continue());
    assert!(seen.closed());
    assert!(seen.segments.iter().all(|(_, s)| s.text.len() <= limits.segment_bytes));
    seen
}

fn read(bytes: &[u8]) -> Seen {
    read_with(Limits::default(), bytes)
}

fn line(x: f32, y: f32, text: &str, drawn: PdfDrawn) -> PdfLine {
    PdfLine { at: (x, y), text: text.into(), drawn }
}

/// A PDF with an address everywhere one can be.
fn planted() -> Pdf {
    let mut first = PdfPage::of(&[
        "Donate",
        BASE58,
        "تبرع الآن على العنوان",
        &format!("العنوان {BECH32} شكرا لكم جميعا على دعمكم الكريم للمشروع الخيري"),
    ]);
    first.lines.push(line(60.0, 600.0, HEX, PdfDrawn::Letters));
    // one address over two lines of the right of two columns
    first.lines.push(line(60.0, 500.0, "left column, first", PdfDrawn::Whole));
    first.lines.push(line(60.0, 488.0, "left column, second", PdfDrawn::Whole));
    first.lines.push(line(320.0, 500.0, &TRON[..20], PdfDrawn::Whole));
    first.lines.push(line(320.0, 488.0, &TRON[20..], PdfDrawn::Whole));
    first.links = vec![format!("bitcoin:{BASE58}?amount=0.1"), "https://example.org/جمع".into()];
    let code = |text: &str| fixture::qr(text, 4, 1);
    let second = PdfPage {
        pictures: vec![
            PdfPicture::Jpeg(fixture::jpeg(code("qr in a jpeg"), 80)),
            PdfPicture::Grey(code("qr in grey")),
            PdfPicture::Mask(code("qr in a mask")),
            PdfPicture::Palette(code("qr in a palette")),
        ],
        drawn_codes: vec!["qr that is drawn".into()],
        ..PdfPage::of(&["Codes"])
    };
    let inner = pdf_with_text_and_qr(&["text of an attached PDF"], "qr of an attached PDF");
    Pdf {
        title: Some("حملة".into()),
        author: Some("Somebody".into()),
        pages: vec![first, second],
        attached: vec![("note.txt".into(), format!("pay to {TRON}").into_bytes()), ("inner.pdf".into(), inner)],
    }
}

fn all_planted_is_found(seen: &Seen) {
    for text in
        ["Donate", BASE58, BECH32, HEX, "تبرع الآن على العنوان", "text of an attached PDF", "شكرا لكم جميعا على دعمكم"]
    {
        assert!(seen.says(SegmentKind::Text, text), "{text} in {:#?}", seen.texts(SegmentKind::Text));
    }
    let wrapped = format!("\n\n{}\n{}", &TRON[..20], &TRON[20..]);
    assert!(seen.says(SegmentKind::Text, &wrapped), "{:#?}", seen.texts(SegmentKind::Text));
    assert!(seen.says(SegmentKind::Text, "left column, first\nleft column, second\n\n"));
    assert!(seen.says(SegmentKind::Text, &format!("pay to {TRON}")), "an attached file");
    assert!(seen.says(SegmentKind::Attribute, &format!("bitcoin:{BASE58}?amount=0.1")));
    assert!(seen.says(SegmentKind::Attribute, "https://example.org/جمع"));
    assert!(seen.says(SegmentKind::Attribute, "Somebody"));
    assert!(seen.says(SegmentKind::Attribute, "D:20240102030405Z"));
    assert!(seen.says(SegmentKind::Title, "حملة"));
    let codes = seen.texts(SegmentKind::Qr);
    for code in
        ["qr in a jpeg", "qr in grey", "qr in a mask", "qr in a palette", "qr that is drawn", "qr of an attached PDF"]
    {
        assert!(codes.contains(&code), "{code} in {codes:?}: {:?}", seen.troubles);
    }
    assert!(seen.troubles.is_empty(), "{:?}", seen.troubles);
}

#[test]
fn everything_that_is_planted_is_found_in_old_and_new_forms() {
    let pdf = planted();
    for bytes in [pdf.bytes(), pdf.packed_bytes()] {
        let seen = read(&bytes);
        all_planted_is_found(&seen);
        assert_eq!(seen.documents[0].1.as_ref().unwrap().title.as_deref(), Some("حملة"));
        let members: Vec<&str> = seen.documents.iter().filter_map(|(d, _)| d.member.as_deref()).collect();
        assert!(members.contains(&"page 2 img 1") && members.contains(&"note.txt"), "{members:?}");
        assert!(members.contains(&"inner.pdf > page 2 img 1"), "{members:?}");
        assert!(
            seen.documents
                .iter()
                .all(|(d, end)| d.kind != DocumentKind::Image || end.as_ref().unwrap().sha256.is_some())
        );
        let pages: Vec<Option<u32>> =
            seen.segments.iter().filter(|(d, s)| *d == 0 && s.kind == SegmentKind::Text).map(|(_, s)| s.page).collect();
        assert_eq!(pages, [Some(1), Some(2)]);
    }
}

#[test]
fn a_pdf_whose_table_is_lost_is_searched() {
    for bytes in [planted().bytes(), planted().packed_bytes()] {
        let at = bytes.windows(9).rposition(|w| w == b"startxref").unwrap();
        let mut seen = read(&bytes[..at]);
        assert_eq!(seen.trouble_kinds(), [TroubleKind::Malformed]);
        assert!(seen.troubles.pop().unwrap().1.words.contains("searched"));
        all_planted_is_found(&seen);
    }
}

fn encrypted(kind: usize, user: &str) -> Vec<u8> {
    let mut document = planted().document();
    let filter: Arc<dyn CryptFilter> =
        if kind == 2 { Arc::new(Aes256CryptFilter) } else { Arc::new(Aes128CryptFilter) };
    let crypt_filters = BTreeMap::from([(b"StdCF".to_vec(), filter)]);
    let state = match kind {
        0 => EncryptionState::try_from(EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: user,
            key_length: 128,
            permissions: Permissions::all(),
        }),
        1 => EncryptionState::try_from(EncryptionVersion::V4 {
            document: &document,
            encrypt_metadata: true,
            crypt_filters,
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password: "owner",
            user_password: user,
            permissions: Permissions::all(),
        }),
        _ => EncryptionState::try_from(EncryptionVersion::V5 {
            encrypt_metadata: true,
            crypt_filters,
            file_encryption_key: &[7; 32],
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password: "owner",
            user_password: user,
            permissions: Permissions::all(),
        }),
    };
    document.encrypt(&state.expect("a fixture that is whole")).expect("a fixture that is whole");
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a fixture that is whole");
    bytes
}

#[test]
fn an_encrypted_pdf_is_read_with_the_empty_password_or_told() {
    for kind in 0..3 {
        let bytes = encrypted(kind, "");
        assert!(!bytes.windows(8).any(|w| w == b"Somebody"));
        all_planted_is_found(&read(&bytes));
        let locked = read(&encrypted(kind, "secret"));
        assert_eq!(locked.trouble_kinds(), [TroubleKind::Encrypted], "{:?}", locked.troubles);
        assert!(locked.segments.is_empty());
    }
}

/// A PDF of objects written by hand, without a table.
fn by_hand(objects: &[&str]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    for object in objects {
        bytes.extend(object.as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend(b"trailer <</Root 1 0 R>>\n");
    bytes
}

fn read_in_time(bytes: &[u8]) -> Seen {
    let start = Instant::now();
    let seen = read_with(Limits { seconds: 3, ..Limits::default() }, bytes);
    // far beyond the bound: that it ends at all is what is asked, on a machine that is busy too
    assert!(start.elapsed() < Duration::from_secs(120));
    seen
}

#[test]
fn a_tree_of_pages_that_leads_into_itself_ends() {
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [2 0 R 3 0 R 2 0 R 4 0 R]>> endobj",
        "3 0 obj <</Type /Pages /Kids [2 0 R 3 0 R]>> endobj",
        "4 0 obj <</Type /Page /Contents 5 0 R /Resources <</Font <</F <</Subtype /Type1>>>>>>>> endobj",
        "5 0 obj <</Length 27>> stream\nBT /F 9 Tf (planted) Tj ET \nendstream endobj",
    ]));
    assert_eq!(seen.texts(SegmentKind::Text), ["planted"]);
}

#[test]
fn references_in_a_circle_end() {
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [3 0 R]>> endobj",
        "3 0 obj <</Type /Page /Contents 4 0 R /Annots 6 0 R /Resources 6 0 R>> endobj",
        "4 0 obj <</Length 5 0 R>> stream\nBT ET\nendstream endobj",
        "5 0 obj 7 0 R endobj",
        "6 0 obj 6 0 R endobj",
        "7 0 obj 5 0 R endobj",
        "8 0 obj <</Length 8 0 R>> stream\nBT ET\nendstream endobj",
    ]));
    assert_eq!(seen.documents.len(), 1);
}

#[test]
fn tables_that_lead_to_each_other_end() {
    let mut bytes =
        by_hand(&["1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj", "2 0 obj <</Type /Pages /Kids []>> endobj"]);
    let first = bytes.len();
    let second = first + 60;
    bytes.extend(format!("{:<60}", format!("xref\n0 0\ntrailer <</Root 1 0 R /Prev {second}>>")).bytes());
    bytes.extend(format!("xref\n0 0\ntrailer <</Root 1 0 R /Prev {first}>>\nstartxref\n{first}\n%%EOF").bytes());
    let seen = read_in_time(&bytes);
    assert_eq!(seen.trouble_kinds(), [TroubleKind::Malformed]);
    // a table that says it has four billion entries
    let at = bytes.len();
    bytes.extend(
        format!("\nxref\n0 4294967295\n0000000000 65535 f\ntrailer <</Root 1 0 R>>\nstartxref\n{}\n%%EOF", at + 1)
            .bytes(),
    );
    read_in_time(&bytes);
}

#[test]
fn a_tree_without_numbers_that_leads_into_itself_ends() {
    // the nodes are dictionaries in an array that they name: there are ever more of them
    let node = "<</Kids 5 0 R>> ".repeat(10);
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids 5 0 R>> endobj",
        &format!("5 0 obj [{node}] endobj"),
    ]));
    assert!(seen.trouble_kinds().contains(&TroubleKind::Bound), "{:?}", seen.troubles);
}

#[test]
fn a_long_string_that_is_named_again_and_again_is_taken_so_far() {
    let long = "a".repeat(1 << 20);
    let notes = "<</Contents 6 0 R>> ".repeat(10_000);
    let marks = "/Span <</ActualText 6 0 R>> BDC (x) Tj EMC /Span /P BDC (x) Tj EMC ".repeat(10_000);
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [3 0 R]>> endobj",
        &format!(
            "3 0 obj <</Type /Page /Contents 4 0 R /Annots [{notes}] /Resources <</Properties <</P <</ActualText 6 0 R>>>> /Font <</F <</Subtype /Type1>>>>>>>> endobj"
        ),
        &format!("4 0 obj <</Length {}>> stream\nBT /F 9 Tf {marks} ET\nendstream endobj", marks.len() + 13),
        &format!("6 0 obj ({long}) endobj"),
    ]));
    let bytes: usize = seen.segments.iter().map(|(_, s)| s.text.len()).sum();
    assert!(bytes < 64 << 20, "{bytes}");
}

/// Zeros that pack to a thousandth, packed again.
fn bomb(bytes: usize, layers: usize) -> Vec<u8> {
    use std::io::Write;
    let mut packed = vec![b' '; bytes];
    for _ in 0..layers {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&packed).expect("a fixture that is whole");
        packed = encoder.finish().expect("a fixture that is whole");
    }
    packed
}

fn with_stream(objects: &[&str], head: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = by_hand(objects);
    bytes.extend(head.bytes());
    bytes.extend(b" stream\n");
    bytes.extend(content);
    bytes.extend(b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n");
    bytes
}

#[test]
fn a_stream_that_becomes_too_much_is_told_and_the_next_page_read() {
    for (layers, filter) in [(1, "/FlateDecode"), (2, "[/FlateDecode /FlateDecode]")] {
        let content = bomb(80 << 20, layers);
        let seen = read_in_time(&with_stream(
            &[
                "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
                "2 0 obj <</Type /Pages /Kids [3 0 R 4 0 R]>> endobj",
                "3 0 obj <</Type /Page /Contents 6 0 R>> endobj",
                "4 0 obj <</Type /Page /Contents 5 0 R /Resources <</Font <</F <</Subtype /Type1>>>>>>>> endobj",
                "5 0 obj <</Length 27>> stream\nBT /F 9 Tf (planted) Tj ET \nendstream endobj",
            ],
            &format!("6 0 obj <</Length {} /Filter {filter}>>", content.len()),
            &content,
        ));
        assert!(seen.trouble_kinds().contains(&TroubleKind::Bound), "{:?}", seen.troubles);
        assert_eq!(seen.texts(SegmentKind::Text), ["planted"]);
    }
}

#[test]
fn one_stream_on_every_page_is_bounded_by_time() {
    // 40 MB of operators, a thousand times: each page is allowed, all of them are not
    let content = bomb(40 << 20, 1);
    let mut objects = vec!["1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj".to_owned()];
    let all: String = (10..1010).map(|n| format!("{n} 0 R ")).collect();
    objects.push(format!("2 0 obj <</Type /Pages /Kids [{all}]>> endobj"));
    objects.extend((10..1010).map(|n| format!("{n} 0 obj <</Type /Page /Contents 6 0 R>> endobj")));
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let head = format!("6 0 obj <</Length {} /Filter /FlateDecode>>", content.len());
    let seen = read_in_time(&with_stream(&objects, &head, &content));
    assert!(seen.trouble_kinds().contains(&TroubleKind::Bound), "{:?}", seen.troubles);
}

#[test]
fn object_streams_in_object_streams_are_not_followed() {
    let inner = "20 0 21 20 <</Type /ObjStm>>";
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [20 0 R 21 0 R]>> endobj",
        &format!("20 0 obj <</Type /ObjStm /N 2 /First 10 /Length {}>> stream\n{inner}\nendstream endobj", inner.len()),
        "30 0 obj <</Type /ObjStm /N 999999999999 /First 99999999999 /Length 5>> stream\n1 0 2\nendstream endobj",
    ]));
    assert_eq!(seen.documents.len(), 1);
}

#[test]
fn forms_that_draw_forms_are_counted() {
    // ten forms, each of which draws the next ten times: ten to the tenth in all
    let mut objects = vec![
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj".to_owned(),
        "2 0 obj <</Type /Pages /Kids [3 0 R]>> endobj".to_owned(),
        "3 0 obj <</Type /Page /Contents 9 0 R /Resources <</XObject <</X 10 0 R>>>>>> endobj".to_owned(),
        "9 0 obj <</Length 5>> stream\n/X Do\nendstream endobj".to_owned(),
    ];
    for n in 10..20 {
        let draws = "/X Do ".repeat(10);
        objects.push(format!(
            "{n} 0 obj <</Subtype /Form /Resources <</XObject <</X {} 0 R>>>> /Length {}>> stream\n{draws}\nendstream endobj",
            n + 1,
            draws.len()
        ));
    }
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    read_in_time(&by_hand(&objects));
    // a form that draws itself
    let own = by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [3 0 R]>> endobj",
        "3 0 obj <</Type /Page /Contents 4 0 R /Resources <</XObject <</X 4 0 R>>>>>> endobj",
        "4 0 obj <</Subtype /Form /Resources <</XObject <</X 4 0 R>>>> /Length 5>> stream\n/X Do\nendstream endobj",
    ]);
    read_in_time(&own);
}

#[test]
fn more_pages_than_the_bound_are_told() {
    let mut objects = vec!["1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj".to_owned()];
    let kids: String = (10..100_010).map(|n| format!("{n} 0 R ")).collect();
    objects.push(format!("2 0 obj <</Type /Pages /Kids [{kids}]>> endobj"));
    objects.extend(
        (10..100_010).map(|n| format!("{n} 0 obj <</Type /Page /Annots [<</A <</URI (page {n})>>>>]>> endobj")),
    );
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let seen = read(&by_hand(&objects));
    assert!(
        seen.troubles.iter().any(|(_, t)| t.kind == TroubleKind::Bound && t.words.contains("5000 pages")),
        "{:?}",
        seen.troubles
    );
    assert!(seen.says(SegmentKind::Attribute, "page 5009"));
    assert!(!seen.says(SegmentKind::Attribute, "page 5010"));
}

#[test]
fn absurd_lengths_and_sizes_are_refused() {
    let seen = read_in_time(&by_hand(&[
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        "2 0 obj <</Type /Pages /Kids [3 0 R] /Count 99999999999999999999>> endobj",
        "3 0 obj <</Type /Page /Contents [4 0 R 5 0 R] /Resources <</XObject <</X 6 0 R>> /Font <</F 7 0 R>>>>>> endobj",
        "4 0 obj <</Length 9223372036854775807>> stream\nBT /F 9 Tf <0001> Tj ET /X Do\nendstream endobj",
        "5 0 obj <</Length -5>> stream\n1e99 0 0 1e99 1e999 -1e99 cm BT /F 1e30 Tf 1e38 1e38 Td <0001> Tj ET\nendstream endobj",
        "6 0 obj <</Subtype /Image /Width 50000 /Height 50000 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 3>> stream\nabc\nendstream endobj",
        "7 0 obj <</Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<</W [0 4294967295 500 1 [2 3]]>>]>> endobj",
    ]));
    assert!(
        seen.troubles.iter().any(|(_, t)| t.kind == TroubleKind::Bound && t.words.contains("50000 x 50000")),
        "{:?}",
        seen.troubles
    );
}

#[test]
fn a_pdf_that_is_none_or_too_large_is_told() {
    assert_eq!(read(b"%PDF-1.4 and nothing else").trouble_kinds(), [TroubleKind::Malformed]);
    let bytes = planted().bytes();
    let limits = Limits { document_bytes: 1000, ..Limits::default() };
    let seen = read_with(limits, &bytes);
    assert_eq!(seen.trouble_kinds(), [TroubleKind::Bound]);
    assert_eq!(seen.documents[0].1.as_ref().unwrap().bytes, bytes.len() as u64);
}

#[test]
fn an_attached_file_is_bounded_and_its_name_no_path() {
    let pdf = Pdf {
        pages: vec![PdfPage::of(&["page"])],
        attached: vec![("../../etc/cron.txt".into(), b"inside".to_vec()), ("big".into(), vec![0; 30 << 20])],
        ..Pdf::default()
    };
    let seen = read(&pdf.bytes());
    assert!(seen.says(SegmentKind::Text, "inside"));
    assert!(seen.trouble_kinds().contains(&TroubleKind::Path));
    assert!(seen.trouble_kinds().contains(&TroubleKind::Bound), "{:?}", seen.troubles);
    let limits = Limits { members: 1, ..Limits::default() };
    let seen = read_with(limits, &planted().bytes());
    assert_eq!(seen.documents.len(), 2);
    assert!(seen.trouble_kinds().contains(&TroubleKind::Bound));
}

#[test]
fn a_long_page_is_cut_with_an_overlap() {
    let lines: Vec<String> = (0..60).map(|i| format!("line {i} of many {BECH32}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let limits = Limits { segment_bytes: 1024, ..Limits::default() };
    let seen = read_with(limits, &Pdf { pages: vec![PdfPage::of(&lines)], ..Pdf::default() }.bytes());
    let mut whole = String::new();
    for (_, segment) in seen.segments.iter().filter(|(_, s)| s.kind == SegmentKind::Text) {
        assert!(whole.ends_with(&segment.text[..segment.overlap]));
        whole.push_str(&segment.text[segment.overlap..]);
    }
    assert_eq!(whole, lines.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(seed: u64, packed: bool, flips in 1usize..60, cut in 0usize..60) {
        let pdf = Pdf { pages: vec![PdfPage { pictures: vec![PdfPicture::Grey(fixture::qr("x", 1, 1))], ..PdfPage::of(&["سلام", "abc"]) }], ..Pdf::default() };
        let mut bytes = if packed { pdf.packed_bytes() } else { pdf.bytes() };
        let mut dice = Dice::new(seed);
        for _ in 0..flips {
            let at = dice.below(bytes.len() as u32) as usize;
            bytes[at] = dice.below(256) as u8;
        }
        bytes.truncate(bytes.len() * (100 - cut) / 100);
        let seen = read_with(Limits { seconds: 5, ..Limits::default() }, &bytes);
        prop_assert!(seen.troubles.iter().all(|(_, t)| !t.words.contains("failed")), "{:?}", seen.troubles);
    }

    #[test]
    fn no_words_of_the_format_make_it_panic(words in proptest::collection::vec(0usize..40, 0..120)) {
        const WORDS: [&str; 40] = ["1", "0", "obj", "endobj", "<<", ">>", "[", "]", "/Kids", "/Type", "/Pages", "/Catalog", "/Page",
            "stream\n", "\nendstream", "R", "/Length", "/Filter", "/FlateDecode", "(a", ")", "<41", ">", "trailer", "/Root", "2", "3",
            "xref", "startxref", "/ObjStm", "/XRef", "/W", "/Index", "/N", "/First", "-9", "4294967296", "BT", "Tj", "/Contents"];
        let mut text = String::from("%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n");
        for word in words {
            text.push_str(WORDS[word]);
            text.push(' ');
        }
        let seen = read_with(Limits { seconds: 5, ..Limits::default() }, text.as_bytes());
        prop_assert!(seen.troubles.iter().all(|(_, t)| !t.words.contains("failed")), "{:?}", seen.troubles);
    }
}
