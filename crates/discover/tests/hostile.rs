//! Files that were made to break a reader, each before one that is sound: they are a problem or nothing, and the sound one is read.
use crate::support;

use athar_discover::{Settings, Source};
use athar_documents::fixture::{gzip, zip};
use athar_documents::fixture_archives::{Packing, Warc};
use athar_documents::{Limits, TroubleKind};
use std::fs;
use std::path::Path;
use support::{Told, files, look, plain};

/// Small bounds, so that they are hit soon.
fn small(threads: usize) -> Settings {
    let limits = Limits {
        document_bytes: 4 << 20,
        unpacked_bytes: 64 << 20,
        members: 2_000,
        depth: 4,
        pixels: 4_000_000,
        seconds: 5,
        ..Limits::default()
    };
    Settings { limits, threads, excerpts: true, ..Settings::default() }
}

/// Writes each file with a sound one after it, reads all, and has the sound ones found. Gives what was told.
fn after_each(hostile: &[(&str, Vec<u8>)]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let addresses = plain(77, hostile.len());
    for (n, (name, bytes)) in hostile.iter().enumerate() {
        fs::write(folder.path().join(format!("{n:03} {name}")), bytes).unwrap();
        fs::write(folder.path().join(format!("{n:03} {name} ~.txt")), format!("Pay {} now", addresses[n])).unwrap();
    }
    let files = files(folder.path());
    assert_eq!(files.len(), 2 * hostile.len());
    let mut first: Option<Told> = None;
    for threads in [1, 3] {
        let (told, totals) = look(&files, &small(threads));
        assert_eq!(totals.files as usize, files.len());
        for (n, (name, _)) in hostile.iter().enumerate() {
            assert!(told.has(&format!("{name} ~.txt"), &addresses[n]), "after {name}, {threads} threads");
        }
        if let Some(first) = &first {
            assert_eq!(first.lines, told.lines);
        }
        first = first.or(Some(told));
    }
    first.unwrap()
}

fn problems<'t>(told: &'t Told, name: &str) -> Vec<&'t athar_discover::Problem> {
    told.problems.iter().filter(|problem| problem.file.ends_with(name)).collect()
}

#[test]
fn bombs_and_nests_hit_their_bounds() {
    let zeros = vec![b'0'; 40 << 20];
    let address = &plain(1, 1)[0];
    let sound = format!("Pay {address}");
    let bomb = zip(&[("zeros", &zeros), ("sound.txt", sound.as_bytes())]);
    let mut nested = zip(&[("deep.txt", sound.as_bytes())]);
    for n in 0..12 {
        nested = zip(&[(&format!("{n}.zip"), &nested), ("beside.txt", sound.as_bytes())]);
    }
    let members: Vec<(String, Vec<u8>)> = (0..3_000).map(|n| (format!("{n}.txt"), b"x".to_vec())).collect();
    let many = zip(&members.iter().map(|(n, b)| (&**n, &**b)).collect::<Vec<_>>());
    let told = after_each(&[
        ("bomb.zip", bomb),
        ("bomb.gz", gzip(&zeros)),
        ("bomb of a bomb.gz", gzip(&gzip(&zeros))),
        ("nested.zip", nested),
        ("many.zip", many),
    ]);
    for name in ["bomb.zip", "bomb.gz", "nested.zip", "many.zip"] {
        let problems = problems(&told, name);
        assert!(problems.iter().any(|p| p.kind == TroubleKind::Bound), "{name}: {problems:?}");
    }
    // what stands beside a bomb, and above what is too deep
    assert!(told.has("bomb.zip", address));
    let above = told.addresses().filter(|found| found.file.ends_with("nested.zip"));
    assert!((3..=4).contains(&above.count()));
}

#[test]
fn web_archives_that_lie_or_break_off_lose_no_more_than_they_must() {
    let address = plain(2, 3);
    let page = |n: usize| format!("<html><body>Pay {}</body></html>", address[n]);
    let mut lying = Warc::new(Packing::Plain);
    lying.bare(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: application/http\r\n\
          Content-Length: 99999999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\nnothing",
    );
    lying.page("https://a.example/0", &page(0));
    lying.bare(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\n\r\n\r\n");
    lying.bare(&[0xff; 5_000]);
    lying.page("https://a.example/1", &page(1));
    let mut cut = Warc::new(Packing::GzipRecords);
    cut.page("https://a.example/2", &page(2));
    let whole = cut.finish().len();
    cut.page("https://a.example/x", &"x".repeat(20_000));
    let mut cut = cut.finish();
    cut.truncate(whole + 60);
    let mut headless = b"WARC/1.0\r\n".to_vec();
    headless.extend(b"A: b\r\n".repeat(300_000));
    let told = after_each(&[("lying.warc", lying.finish()), ("cut.warc.gz", cut), ("headless.warc", headless)]);
    for (file, value) in [("lying.warc", &address[0]), ("lying.warc", &address[1]), ("cut.warc.gz", &address[2])] {
        assert!(told.has(file, value), "{file} {value}: {:?}", told.problems);
    }
    for file in ["lying.warc", "cut.warc.gz"] {
        assert!(!problems(&told, file).is_empty(), "{file}");
    }
}

/// CRC-32 as PNG has it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A PNG that says it is so large.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (name, body) in
        [(b"IHDR", &head[..]), (b"IDAT", &[0x78, 0x9c, 0x63, 0x60, 0x60, 0, 0, 0, 3, 0, 1]), (b"IEND", &[])]
    {
        png.extend((body.len() as u32).to_be_bytes());
        let named = [&name[..], body].concat();
        png.extend(&named);
        png.extend(crc(&named).to_be_bytes());
    }
    png
}

/// A PDF in which the pages, a form and a font hold themselves.
fn circular_pdf() -> Vec<u8> {
    let content = "/F Do /F Do BT /T 12 Tf (text) Tj ET";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Names 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 99999999/Parent 2 0 R>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents[4 0 R 4 0 R]/Resources 5 0 R/MediaBox[0 0 600 800]/Annots 3 0 R>>"
            .to_owned(),
        format!("<</Type/XObject/Subtype/Form/Resources 5 0 R/Length {}>>stream\n{content}\nendstream", content.len()),
        "<</XObject<</F 4 0 R>>/Font<</T 6 0 R>>>>".to_owned(),
        "<</Type/Font/Subtype/Type0/BaseFont/A/DescendantFonts[6 0 R]/ToUnicode 4 0 R/Encoding 6 0 R>>".to_owned(),
    ];
    let mut pdf = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).bytes());
    }
    let table = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for at in &places {
        pdf.extend(format!("{at:010} 00000 n \n").bytes());
    }
    pdf.extend(format!("trailer<</Size 7/Root 1 0 R/Prev {table}>>\nstartxref\n{table}\n%%EOF").bytes());
    pdf
}

#[test]
fn pages_papers_and_pictures_that_go_without_end_end() {
    let address = &plain(3, 1)[0];
    let deep = format!("{}Pay {address}{}", "<div><b>".repeat(50_000), "</b></div>".repeat(50_000));
    let attributes = format!("<p {}>Pay {address}", "a=1 ".repeat(100_000));
    let entities = format!("<p>{}Pay {address}", "&#x202e;&amp;".repeat(50_000));
    let told = after_each(&[
        ("deep.html", deep.into_bytes()),
        ("attributes.html", attributes.into_bytes()),
        ("entities.html", entities.into_bytes()),
        ("circular.pdf", circular_pdf()),
        ("huge.png", png_of(50_000, 50_000)),
        ("huger.png", png_of(u32::MAX, u32::MAX)),
        ("empty.png", png_of(0, 0)),
        ("cut.pdf", circular_pdf()[..300].to_vec()),
    ]);
    for name in ["deep.html", "attributes.html", "entities.html"] {
        assert!(told.has(name, address) || !problems(&told, name).is_empty(), "{name}: {:?}", told.problems);
    }
    assert!(told.has("deep.html", address));
    assert!(problems(&told, "huge.png").iter().any(|p| p.kind == TroubleKind::Bound), "{:?}", told.problems);
    assert!(!problems(&told, "huger.png").is_empty());
}

#[test]
fn names_are_names_and_nothing_else() {
    let address = plain(4, 6);
    let names =
        ["../../../etc/passwd", "/etc/shadow", "C:\\Windows\\x", "a\u{202e}txt.exe", "a\nb\x1b[31m", "x > y > z"];
    let texts: Vec<_> = address.iter().map(|a| format!("Pay {a}")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().zip(&texts).map(|(n, t)| (*n, t.as_bytes())).collect();
    let archive = zip(&members);
    let bidi = format!("\u{202e}\u{2066}Pay {}\u{2069}\u{202c} \u{200f}\u{feff}thanks", address[0]);
    let told = after_each(&[
        ("names.zip", archive),
        ("\u{202e}gpj.txt", bidi.clone().into_bytes()),
        ("line\u{2028}end.txt", bidi.into_bytes()),
    ]);
    for value in &address {
        assert!(told.has("names.zip", value), "{value}");
    }
    let paths = problems(&told, "names.zip");
    assert_eq!(paths.iter().filter(|p| p.kind == TroubleKind::Path).count(), 3, "{paths:?}");
    for found in told.addresses().filter(|found| found.file.ends_with("names.zip")) {
        let member = found.member.as_deref().unwrap();
        assert!(!member.contains(char::is_control) && !member.contains(" > "), "{member:?}");
    }
    assert!(told.has("gpj.txt", &address[0]) && told.has("end.txt", &address[0]));
}

#[test]
fn what_vanishes_or_is_no_file_is_told_and_the_rest_is_read() {
    let root = tempfile::tempdir().unwrap();
    let address = plain(5, 3);
    let gone = root.path().join("b gone");
    fs::create_dir(&gone).unwrap();
    for (name, n) in [("a.txt", 0), ("b gone/x.txt", 1), ("c.txt", 2)] {
        fs::write(root.path().join(name), format!("Pay {}", address[n])).unwrap();
    }
    let mut listed = files(root.path());
    fs::remove_dir_all(&gone).unwrap();
    // and a folder where a file was
    listed.insert(1, Source { path: root.path().to_owned(), bytes: 1, changed_ns: 0 });
    for threads in [1, 2] {
        let (told, totals) = look(&listed, &small(threads));
        assert!(told.has("a.txt", &address[0]) && told.has("c.txt", &address[2]));
        assert_eq!(told.addresses().count(), 2);
        assert_eq!((totals.problems, told.problems.len()), (2, 2), "{:?}", told.problems);
        assert!(told.problems.iter().all(|problem| problem.kind == TroubleKind::Io));
        assert_eq!(Path::new(&told.problems[1].file), gone.join("x.txt"));
    }
}

/// One line of 64 MB: neither memory nor time may grow with its square.
fn endless(letters: &str) {
    let address = &plain(6, 1)[0];
    let mut line = letters.repeat((64 << 20) / letters.len());
    line.push_str(&format!(" {address} "));
    line.push_str(&letters.repeat(1_000));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), line).unwrap();
    fs::write(folder.path().join("b.txt"), format!("Pay {address}")).unwrap();
    let (told, totals) = look(&files(folder.path()), &small(2));
    assert!(told.has("a.txt", address) && told.has("b.txt", address), "{:?}", told.problems);
    assert!(totals.text_bytes > 64 << 20);
    assert_eq!(told.addresses().count(), 2);
}

#[test]
fn a_line_of_64_mb_of_letters_is_read_to_its_end() {
    endless("a");
}

#[test]
fn a_line_of_64_mb_of_digits_is_read_to_its_end() {
    endless("7");
}
