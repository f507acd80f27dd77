//! Pictures and PDFs: milliseconds a megapixel, what part of QR codes is found by the way they are met, distances of hashes, pages a
//! second. Prints its figures. `ATHAR_BENCH_CODES` says how many pictures a way (24).
#![allow(missing_docs)] // a program

use athar_documents::fixture_pdf::{Pdf, PdfPage};
use athar_documents::fixture_pictures as fixture;
use athar_documents::{
    Document, DocumentEnd, Picture, Reader, Segment, SegmentKind, Sink, Stop, Trouble, hash_distance,
};
use image::imageops;
use std::time::Instant;

#[derive(Default)]
struct Kept {
    codes: Vec<String>,
    hashes: Vec<u64>,
    text_bytes: usize,
    troubles: usize,
}

impl Sink for Kept {
    fn begin(&mut self, _: Document) -> Stop {
        Stop::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.text_bytes += segment.text.len();
        if segment.kind == SegmentKind::Qr {
            self.codes.push(segment.text);
        }
        Stop::Continue(())
    }
    fn picture(&mut self, picture: Picture) -> Stop {
        self.hashes.push(picture.hash);
        Stop::Continue(())
    }
    fn trouble(&mut self, _: Trouble) {
        self.troubles += 1;
    }
    fn end(&mut self, _: DocumentEnd) {}
}

fn read(bytes: &[u8]) -> Kept {
    let mut kept = Kept::default();
    let _ = Reader::default().read_bytes(Document::file("bench"), bytes, &mut kept);
    kept
}

fn main() {
    let count: u64 = std::env::var("ATHAR_BENCH_CODES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    println!("QR codes found, {count} pictures a way:");
    let (mut found_all, mut codes_all) = (0, 0);
    for (way, pictures) in fixture::qr_kinds(count) {
        let start = Instant::now();
        let (mut found, mut codes) = (0, 0);
        for picture in &pictures {
            let said = read(&picture.bytes).codes;
            codes += picture.texts.len();
            found += picture.texts.iter().filter(|text| said.contains(text)).count();
        }
        let ms = start.elapsed().as_secs_f64() * 1e3 / pictures.len() as f64;
        println!("  {way:<28} {found:>3} of {codes:>3}, {ms:>5.1} ms a picture");
        found_all += found;
        codes_all += codes;
    }
    println!("  together {found_all} of {codes_all}");

    println!("decoding, hash and search for codes in a picture without one:");
    for (width, height) in [(640, 480), (1080, 2400), (4000, 3000)] {
        let scene = fixture::scene(width, height, 11);
        for (form, bytes) in [("JPEG", fixture::jpeg(scene.clone(), 85)), ("PNG", fixture::png(scene.clone()))] {
            let start = Instant::now();
            assert_eq!(read(&bytes).hashes.len(), 1);
            let ms = start.elapsed().as_secs_f64() * 1e3;
            let megapixels = f64::from(width * height) / 1e6;
            println!("  {width} x {height} {form}: {ms:.0} ms, {:.0} ms a megapixel", ms / megapixels);
        }
    }
    let screen = fixture::jpeg_screenshot_with_qr("bc1qbench");
    let start = Instant::now();
    assert_eq!(read(&screen).codes, ["bc1qbench"]);
    println!("  a screenshot of 1080 x 2400 with a code: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);

    distances();

    let line = "Donations are taken at bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 and by post, as before";
    let pages = vec![PdfPage::of(&[line; 45]); 400];
    let bytes = Pdf { pages, ..Pdf::default() }.bytes();
    let start = Instant::now();
    let kept = read(&bytes);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "PDF: 400 pages of 45 lines, {} bytes of text: {:.0} pages a second, {:.1} MB of text a second, {} troubles",
        kept.text_bytes,
        400.0 / seconds,
        kept.text_bytes as f64 / 1e6 / seconds,
        kept.troubles
    );
}

fn distances() {
    let hash = |bytes: &[u8]| read(bytes).hashes[0];
    let scenes: Vec<image::RgbImage> = (0..50).map(|seed| fixture::scene(480, 360, seed)).collect();
    let hashes: Vec<u64> = scenes.iter().map(|scene| hash(&fixture::png(scene.clone()))).collect();
    println!("hashes of 50 scenes, bits that differ after (half, 19 of 20, most):");
    type Change = fn(&image::RgbImage) -> Vec<u8>;
    let changes: [(&str, Change); 6] = [
        ("JPEG of quality 30", |s| fixture::jpeg(s.clone(), 30)),
        ("a third of the size", |s| fixture::jpeg(imageops::resize(s, 160, 120, imageops::FilterType::Triangle), 75)),
        ("lighter by 25", |s| {
            let mut s = s.clone();
            s.iter_mut().for_each(|c| *c = c.saturating_add(25));
            fixture::jpeg(s, 75)
        }),
        ("2 % cut off", |s| fixture::jpeg(imageops::crop_imm(s, 5, 4, 470, 352).to_image(), 75)),
        ("5 % cut off", |s| fixture::jpeg(imageops::crop_imm(s, 12, 9, 456, 342).to_image(), 75)),
        ("10 % cut off", |s| fixture::jpeg(imageops::crop_imm(s, 24, 18, 432, 324).to_image(), 75)),
    ];
    let spread = |mut bits: Vec<u32>| {
        bits.sort_unstable();
        (bits[bits.len() / 2], bits[bits.len() * 19 / 20], bits[bits.len() - 1])
    };
    for (name, change) in changes {
        let bits = scenes.iter().zip(&hashes).filter_map(|(s, h)| hash_distance(*h, hash(&change(s)))).collect();
        println!("  {name:<22} {:?}", spread(bits));
    }
    let mut pairs = Vec::new();
    for (i, a) in hashes.iter().enumerate() {
        pairs.extend(hashes[..i].iter().filter_map(|b| hash_distance(*a, *b)));
    }
    pairs.sort_unstable();
    println!(
        "  different scenes: least {}, 1 of 100 {}, half {}",
        pairs[0],
        pairs[pairs.len() / 100],
        pairs[pairs.len() / 2]
    );
    let codes: Vec<u64> = (0..30).map(|seed| hash(&fixture::png(fixture::qr(&fixture::payload(seed), 4, 4)))).collect();
    let mut pairs = Vec::new();
    for (i, a) in codes.iter().enumerate() {
        pairs.extend(codes[..i].iter().filter_map(|b| hash_distance(*a, *b)));
    }
    pairs.sort_unstable();
    println!("  different plain QR codes: least {}, half {}", pairs[0], pairs[pairs.len() / 2]);
}
