//! Pictures: QR codes as they are met, the hash of their look, hostile files, and text read by a program.
#![allow(missing_docs)] // a test

use crate::seen;

use athar_documents::fixture_pictures::{self as fixture, Dice};
use athar_documents::{
    Document, DocumentKind, Limits, OcrSettings, Reader, SAME_PICTURE_BITS_MAX, SegmentKind, TroubleKind,
    hash_distance, perceptual_hash,
};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, RgbImage, imageops};
use proptest::prelude::*;
use seen::Seen;

fn read_with(reader: &Reader, bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    assert!(reader.read_bytes(Document::file("picture"), bytes, &mut seen).is_continue());
    assert!(seen.closed());
    seen
}

fn read(bytes: &[u8]) -> Seen {
    read_with(&Reader::default(), bytes)
}

fn hash(bytes: &[u8]) -> u64 {
    perceptual_hash(&image::load_from_memory(bytes).expect("a fixture that is whole").into_luma8())
}

#[test]
fn qr_codes_are_found_as_they_are_met() {
    // the ways that destroy modules are not asked to be read whole
    let hard = [("noise of 110", 4), ("contrast of 20, noise of 4", 4)];
    for (way, pictures) in fixture::qr_kinds(6) {
        let (mut found, mut all) = (0, 0);
        for picture in &pictures {
            let seen = read(&picture.bytes);
            let said = seen.texts(SegmentKind::Qr);
            all += picture.texts.len();
            found += picture.texts.iter().filter(|text| said.contains(&text.as_str())).count();
            assert!(said.iter().all(|text| picture.texts.iter().any(|known| known == text)), "{way}: {said:?}");
        }
        let least = hard.iter().find(|(name, _)| *name == way).map_or(all, |(_, least)| *least);
        assert!(found >= least, "{way}: {found} of {all}");
    }
}

#[test]
fn a_picture_is_known_by_its_size_and_its_bytes_in_every_format() {
    let code = DynamicImage::ImageLuma8(fixture::qr("bc1qformat", 4, 1)).to_rgb8();
    for format in
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff]
    {
        let seen = read(&fixture::encoded(code.clone(), format));
        assert_eq!(seen.documents[0].0.kind, DocumentKind::Image, "{format:?}");
        assert_eq!((seen.pictures[0].1.width, seen.pictures[0].1.height), code.dimensions());
        assert_eq!(seen.texts(SegmentKind::Qr), ["bc1qformat"], "{format:?}");
        assert!(seen.documents[0].1.as_ref().unwrap().sha256.is_some());
        assert!(seen.troubles.is_empty());
    }
}

#[test]
fn a_code_in_white_on_nothing_is_found() {
    let code = fixture::qr("bc1qtransparent", 4, 1);
    let sticker = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        LumaA([255, if code.get_pixel(x, y)[0] == 0 { 255 } else { 0 }])
    });
    assert_eq!(read(&fixture::png(sticker)).texts(SegmentKind::Qr), ["bc1qtransparent"]);
}

/// What becomes of a picture that is passed on.
fn passed_on(picture: &RgbImage) -> Vec<(&'static str, Vec<u8>)> {
    let (w, h) = picture.dimensions();
    let lighter = |by: i16| {
        let mut picture = picture.clone();
        picture.iter_mut().for_each(|c| *c = (i16::from(*c) + by).clamp(0, 255) as u8);
        picture
    };
    let crop = |part: u32| {
        imageops::crop_imm(picture, w * part / 200, h * part / 200, w - w * part / 100, h - h * part / 100).to_image()
    };
    let resize = |w: u32, h: u32| imageops::resize(picture, w, h, imageops::FilterType::Triangle);
    vec![
        ("the same as PNG", fixture::png(picture.clone())),
        ("JPEG of quality 30", fixture::jpeg(picture.clone(), 30)),
        ("a third of the size", fixture::jpeg(resize(w / 3, h / 3), 75)),
        ("twice the size", fixture::jpeg(resize(w * 2, h * 2), 75)),
        ("lighter by 25", fixture::jpeg(lighter(25), 75)),
        ("darker by 25", fixture::jpeg(lighter(-25), 75)),
        ("2 % cut off", fixture::jpeg(crop(2), 75)),
    ]
}

#[test]
fn hashes_tell_pictures_passed_on_from_other_pictures() {
    let scenes: Vec<RgbImage> = (0..50).map(|seed| fixture::scene(240 + 16 * (seed as u32 % 7), 180, seed)).collect();
    let hashes: Vec<u64> = scenes.iter().map(|scene| hash(&fixture::png(scene.clone()))).collect();
    let (mut far, mut variants) = (0, 0);
    for (scene, hash_before) in scenes.iter().zip(&hashes) {
        for (_, bytes) in passed_on(scene) {
            variants += 1;
            far += usize::from(hash_distance(*hash_before, hash(&bytes)).unwrap() > SAME_PICTURE_BITS_MAX);
        }
    }
    let (mut near, mut pairs) = (0, 0);
    for (i, a) in hashes.iter().enumerate() {
        for b in &hashes[..i] {
            pairs += 1;
            near += usize::from(hash_distance(*a, *b).unwrap() <= SAME_PICTURE_BITS_MAX);
        }
    }
    assert_eq!(read(&fixture::png(scenes[0].clone())).pictures[0].1.hash, hashes[0]);
    assert_eq!((variants, pairs), (350, 1225));
    assert_eq!(near, 0, "different pictures taken as one");
    assert!(far <= variants / 50, "{far} of {variants} pictures passed on are not known again");
}

/// A PNG's beginning that says a size, with what follows cut off.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut ihdr = b"IHDR".to_vec();
    ihdr.extend(width.to_be_bytes());
    ihdr.extend(height.to_be_bytes());
    ihdr.extend([8, 2, 0, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&ihdr);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&ihdr);
    bytes.extend(crc.sum().to_be_bytes());
    bytes.extend(b"\0\0\x10\0IDAT\x78\x9c");
    bytes
}

#[test]
fn a_picture_of_fifty_thousand_squared_is_refused_from_its_header() {
    let gif = [b"GIF89a\x50\xc3\x50\xc3\0\0\0,\0\0\0\0\x50\xc3\x50\xc3\0\x08".to_vec(), vec![0; 64]].concat();
    let mut bmp = fixture::encoded(GrayImage::new(4, 4), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&50_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&50_000u32.to_le_bytes());
    for (form, bytes) in [("png", png_header(50_000, 50_000)), ("gif", gif), ("bmp", bmp)] {
        let seen = read(&bytes);
        assert_eq!(seen.trouble_kinds(), [TroubleKind::Bound], "{form}");
        assert!(seen.troubles[0].1.words.contains("50000"), "{form}: {}", seen.troubles[0].1.words);
        assert!(seen.pictures.is_empty());
        assert!(seen.documents[0].1.as_ref().unwrap().sha256.is_some(), "the bytes are hashed all the same");
    }
}

#[test]
fn a_bound_of_pixels_and_of_bytes_holds() {
    let picture = fixture::png(GrayImage::new(2000, 2000));
    let limits = Limits { pixels: 3_999_999, ..Limits::default() };
    assert_eq!(read_with(&Reader::new(limits), &picture).trouble_kinds(), [TroubleKind::Bound]);
    let limits = Limits { document_bytes: picture.len() as u64 - 1, ..Limits::default() };
    assert_eq!(read_with(&Reader::new(limits), &picture).trouble_kinds(), [TroubleKind::Bound]);
    let limits = Limits { pixels: 4_000_000, document_bytes: picture.len() as u64, ..Limits::default() };
    assert!(read_with(&Reader::new(limits), &picture).troubles.is_empty());
}

#[test]
fn a_damaged_picture_is_told_and_no_panic() {
    let whole = fixture::png(fixture::scene(200, 200, 3));
    let seen = read(&whole[..whole.len() / 2]);
    assert!(
        matches!(seen.trouble_kinds()[..], [TroubleKind::Truncated | TroubleKind::Malformed]),
        "{:?}",
        seen.troubles
    );
    assert_eq!(read(&png_header(100, 100)).trouble_kinds().len(), 1);
}

#[test]
fn the_first_frame_of_a_moving_picture_is_read_and_that_told() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for text in ["bc1qfirst", "bc1qsecond"] {
        let picture = DynamicImage::ImageLuma8(fixture::qr(text, 4, 2)).to_rgba8();
        encoder.encode_frame(image::Frame::new(picture)).unwrap();
    }
    drop(encoder);
    let seen = read(&bytes);
    assert_eq!(seen.texts(SegmentKind::Qr), ["bc1qfirst"]);
    assert_eq!(seen.trouble_kinds(), [TroubleKind::Unsupported]);
    assert!(seen.troubles[0].1.words.contains("first frame"));
    let still = fixture::encoded(DynamicImage::ImageLuma8(GrayImage::new(30, 30)).to_rgb8(), ImageFormat::Gif);
    assert!(read(&still).troubles.is_empty());
}

#[test]
fn a_picture_without_a_code_gives_its_hash_only() {
    let seen = read(&fixture::png(fixture::scene(400, 300, 1)));
    assert!(seen.segments.is_empty() && seen.troubles.is_empty());
    assert_eq!(seen.pictures.len(), 1);
}

/// Words in letters of 5 x 7 dots, each 9 pixels, smoothed.
fn written(word: &str) -> Vec<u8> {
    let dots = |c: char| -> [u8; 7] {
        match c {
            'A' => [14, 17, 17, 31, 17, 17, 17],
            'D' => [30, 17, 17, 17, 17, 17, 30],
            'E' => [31, 16, 16, 30, 16, 16, 31],
            'H' => [17, 17, 17, 31, 17, 17, 17],
            'N' => [17, 25, 25, 21, 19, 19, 17],
            'O' => [14, 17, 17, 17, 17, 17, 14],
            'T' => [31, 4, 4, 4, 4, 4, 4],
            _ => [0; 7],
        }
    };
    let letters: Vec<[u8; 7]> = word.chars().map(dots).collect();
    let picture = GrayImage::from_fn(60 + 54 * letters.len() as u32, 130, |x, y| {
        let (column, row) = (x.wrapping_sub(30) / 9, y.wrapping_sub(30) / 9);
        let letter = letters.get(column as usize / 6).filter(|_| x >= 30 && y >= 30 && row < 7 && column % 6 < 5);
        let ink = letter.is_some_and(|rows| rows[row as usize] >> (4 - column % 6) & 1 == 1);
        Luma([if ink { 0 } else { 255 }])
    });
    fixture::png(imageops::fast_blur(&picture, 2.5))
}

#[test]
fn text_in_a_picture_is_read_where_the_program_is_there() {
    let bytes = written("DONATE TO THE");
    assert!(read(&bytes).segments.is_empty(), "nothing is started unless asked");
    let settings = OcrSettings { languages: "eng".into(), ..OcrSettings::default() };
    let seen = read_with(&Reader::default().with_ocr(settings), &bytes);
    if seen.troubles.iter().any(|(_, trouble)| trouble.words.contains("was not started")) {
        eprintln!("skipped: tesseract is not on this machine");
        return;
    }
    assert!(seen.says(SegmentKind::Ocr, "DONATE"), "{:?} {:?}", seen.texts(SegmentKind::Ocr), seen.troubles);
}

#[cfg(unix)]
fn program(folder: &std::path::Path, script: &str) -> OcrSettings {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("reader");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a fixture that is whole");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a fixture that is whole");
    OcrSettings { program: path, languages: "ara+eng".into() }
}

#[cfg(unix)]
#[test]
fn a_program_that_reads_text_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let picture = fixture::png(fixture::scene(300, 200, 5));
    let run = |script: &str| {
        let reader = Reader::new(Limits { seconds: 2, ..Limits::default() });
        read_with(&reader.with_ocr(program(folder.path(), script)), &picture)
    };
    let seen = run("head -c 15; echo \" $*\"");
    assert_eq!(seen.texts(SegmentKind::Ocr), ["P5 300 200 255\n stdin stdout -l ara+eng"]);
    let seen = run("cat >/dev/null; exit 3");
    assert!(seen.troubles[0].1.words.contains("failed"), "{:?}", seen.troubles);
    let before = std::time::Instant::now();
    let seen = run("exec sleep 60");
    assert!(seen.troubles[0].1.words.contains("did not end in time"), "{:?}", seen.troubles);
    assert!(before.elapsed().as_secs() < 30);
    // more than is taken: it is cut, and the program is ended
    let seen = run("exec yes 0123456789");
    let bytes: usize = seen.segments.iter().map(|(_, s)| s.text.len() - s.overlap).sum();
    assert!(bytes <= 1 << 20 && bytes > 1 << 19);
    assert!(seen.segments.iter().all(|(_, s)| s.text.len() <= Limits::default().segment_bytes));
    let missing = OcrSettings { program: folder.path().join("none"), ..OcrSettings::default() };
    let seen = read_with(&Reader::default().with_ocr(missing), &picture);
    assert!(seen.troubles[0].1.words.contains("was not started"));
    let injected = OcrSettings { languages: "eng; rm".into(), ..OcrSettings::default() };
    assert!(read_with(&Reader::default().with_ocr(injected), &picture).troubles[0].1.words.contains("no languages"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_make_it_panic(form in 0usize..6, seed: u64, flips in 1usize..40, cut in 0usize..100) {
        let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff];
        let mut bytes = fixture::encoded(fixture::scene(60, 40, seed % 8), formats[form]);
        let mut dice = Dice::new(seed);
        for _ in 0..flips {
            let at = dice.below(bytes.len() as u32) as usize;
            bytes[at] = dice.below(256) as u8;
        }
        bytes.truncate(bytes.len() * (100 - cut) / 100);
        let limits = Limits { pixels: 1_000_000, ..Limits::default() };
        read_with(&Reader::new(limits), &bytes);
    }
}
