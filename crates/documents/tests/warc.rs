//! Web archives made in memory: every packing, every encoding, and every way to break them.

use crate::fuzzed;
use crate::kept;

use athar_documents::fixture_archives::{Packing, Warc, arc, gzip};
use athar_documents::{
    Document, DocumentKind, Limits, Member, Reader, Segment, SegmentKind, Sink, Stop, Trouble, TroubleKind,
};
use kept::{Keep, kind, read, read_with};
use proptest::prelude::*;
use std::io::Write;
use std::ops::ControlFlow;

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const PACKINGS: [Packing; 4] = [Packing::Plain, Packing::GzipRecords, Packing::GzipWhole, Packing::ZstdRecords];

fn text(warc: &mut Warc, uri: &str, body: &str) {
    let headers = format!("Content-Type: text/plain\r\nContent-Length: {}\r\n", body.len());
    warc.response(uri, &headers, body.as_bytes());
}

/// Text that is found in the members, by URI.
fn found(keep: &Keep, words: &str) -> Vec<String> {
    let has = |read: &&kept::Read| read.text().contains(words);
    keep.members().iter().filter(has).map(|read| read.document.uri.clone().unwrap_or_default()).collect()
}

#[test]
fn every_packing_gives_the_same_records_with_their_places() {
    for packing in PACKINGS {
        let mut warc = Warc::new(packing);
        let mut places = Vec::new();
        for i in 0..20 {
            places.push(warc.position());
            text(&mut warc, &format!("http://site.example/{i}"), &format!("give to {ADDRESS} {}", "x".repeat(i * 500)));
            warc.record(
                "request",
                Some("http://site.example/"),
                "application/http; msgtype=request",
                b"GET / HTTP/1.1\r\n\r\n",
            );
        }
        let keep = read("any name", &warc.finish());
        assert_eq!(kind(&keep), DocumentKind::Warc, "{packing:?}");
        assert_eq!(keep.troubles(), Vec::<String>::new(), "{packing:?}");
        assert_eq!(found(&keep, ADDRESS).len(), 20, "{packing:?}");
        for (i, read) in keep.members().iter().enumerate() {
            let inside = if packing == Packing::GzipWhole { "0+" } else { "" };
            let begin = format!("record {} at {inside}{} <urn:uuid:", 2 + i * 2, places[i]);
            assert!(read.document.member.as_deref().unwrap().starts_with(&begin), "{:?}", read.document.member);
            assert_eq!(read.document.uri, Some(format!("http://site.example/{i}")));
        }
        assert_eq!(keep.all[0].end.as_ref().unwrap().title.as_deref(), Some("fixture collection"));
    }
}

#[test]
fn pages_have_the_character_set_of_their_head_and_the_kind_of_their_content() {
    let mut warc = Warc::new(Packing::GzipRecords);
    warc.response("http://a.example/1", "Content-Type: text/html; charset=windows-1256\r\n", b"no tag at all");
    warc.response("http://a.example/2", "Content-Type: text/html\r\n", b"%PDF-1.4\n");
    warc.response("http://a.example/3", "", b"<!doctype html><p>x");
    let keep = read("a.warc.gz", &warc.finish());
    let kinds: Vec<_> =
        keep.members().iter().map(|read| (read.document.kind, read.document.charset.as_deref())).collect();
    let expected = [(DocumentKind::Html, Some("windows-1256")), (DocumentKind::Pdf, None), (DocumentKind::Html, None)];
    assert_eq!(kinds, expected);
}

#[test]
fn every_type_of_record_is_read_as_what_it_is() {
    let mut warc = Warc::new(Packing::Plain);
    let body = format!("send to {ADDRESS}");
    warc.record("resource", Some("http://r.example/"), "text/plain", body.as_bytes());
    warc.record("conversion", Some("http://c.example/"), "text/plain", body.as_bytes());
    warc.record(
        "metadata",
        Some("http://m.example/"),
        "application/warc-fields",
        format!("note: {body}\r\n").as_bytes(),
    );
    warc.record("request", Some("http://q.example/"), "application/http;msgtype=request", body.as_bytes());
    warc.record("revisit", Some("http://v.example/"), "application/http;msgtype=response", b"HTTP/1.1 200 OK\r\n\r\n");
    warc.record("unheard-of", Some("http://u.example/"), "text/plain", body.as_bytes());
    let keep = read("a.warc", &warc.finish());
    assert_eq!(
        found(&keep, ADDRESS),
        ["http://r.example/", "http://c.example/", "http://m.example/", "http://u.example/"]
    );
    let revisit = keep.members().iter().find(|read| read.document.uri.as_deref() == Some("http://v.example/")).unwrap();
    assert!(revisit.troubles[0].words.starts_with("a revisit"));
    assert!(keep.troubles().iter().any(|t| t.contains("its type unheard-of is not known")));
}

#[test]
fn chunked_and_packed_bodies_are_undone_and_their_digests_agree_in_either_form() {
    use sha1::{Digest, Sha1};
    let packed = gzip(format!("send to {ADDRESS}").as_bytes());
    let (one, two) = packed.split_at(10);
    let chunked = [
        format!("{:x}\r\n", one.len()).as_bytes(),
        one,
        format!("\r\n{:x}\r\n", two.len()).as_bytes(),
        two,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    let block = [head.as_bytes(), &chunked].concat();
    let mut warc = Warc::new(Packing::GzipRecords);
    for (uri, digest) in [
        ("http://raw.example/", Sha1::digest(&chunked)),
        ("http://joined.example/", Sha1::digest(&packed)),
        ("http://wrong.example/", Sha1::digest(b"another")),
    ] {
        let digest = data_encoding::BASE32.encode(&digest);
        let record = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {uri}\r\nWARC-Payload-Digest: sha1:{digest}\r\n\
             Content-Type: application/http\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        warc.raw(&[record.as_bytes(), &block, b"\r\n\r\n"].concat());
    }
    let keep = read("a.warc.gz", &warc.finish());
    assert_eq!(found(&keep, ADDRESS).len(), 3);
    let troubles = keep.troubles();
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert!(troubles[0].contains("record 4 ") && troubles[0].ends_with("its payload is not that of its digest"));
}

#[test]
fn a_length_of_two_to_the_63_hides_no_record_after_it() {
    for packing in [Packing::Plain, Packing::GzipWhole, Packing::GzipRecords] {
        for length in ["9223372036854775808", "18446744073709551615", "99999999999999999999999", "-5", "abc", "5000"] {
            let mut warc = Warc::new(packing);
            warc.raw(
                format!(
                    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://liar.example/\r\nContent-Type: application/http\r\n\
                     Content-Length: {length}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfirst {ADDRESS}\r\n\r\n"
                )
                .as_bytes(),
            );
            text(&mut warc, "http://honest.example/", &format!("second {ADDRESS}"));
            let keep = read("a.warc", &warc.finish());
            assert_eq!(
                found(&keep, ADDRESS),
                ["http://liar.example/", "http://honest.example/"],
                "{packing:?} {length}"
            );
            assert!(!keep.all[0].troubles.is_empty(), "{packing:?} {length}");
        }
    }
}

#[test]
fn a_length_that_is_too_small_and_rubbish_between_records_are_told_and_passed() {
    let mut warc = Warc::new(Packing::Plain);
    warc.bare(b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://s.example/\r\nContent-Length: 3\r\n\r\nabcdefgh\r\n\r\n");
    let place = warc.position();
    warc.bare(&vec![b'#'; 300_000]);
    text(&mut warc, "http://after.example/", ADDRESS);
    let keep = read("a.warc", &warc.finish());
    assert_eq!(found(&keep, ADDRESS), ["http://after.example/"]);
    let trouble = &keep.all[0].troubles[0];
    assert!(trouble.offset.unwrap() < place as u64);
    assert_eq!(trouble.words, format!("{} bytes at {} are no WARC record", 300_000 + 9, place - 9));
}

#[test]
fn cut_members_and_flipped_bytes_cost_only_their_own_records() {
    let mut warc = Warc::new(Packing::GzipRecords);
    let mut starts = Vec::new();
    for i in 0..30 {
        starts.push(warc.position());
        text(&mut warc, &format!("http://site.example/{i}"), &format!("give to {ADDRESS} {i} {}", "words ".repeat(i)));
    }
    let whole = warc.finish();
    // the tenth loses its second half, the twentieth has a byte changed
    let mut broken = whole.clone();
    broken[starts[20] + 40] ^= 0x55;
    broken.drain(usize::midpoint(starts[10], starts[11])..starts[11]);
    let keep = read("a.warc.gz", &broken);
    let uris = found(&keep, ADDRESS);
    for i in (0..30).filter(|i| *i != 10 && *i != 20) {
        assert!(uris.contains(&format!("http://site.example/{i}")), "{i}");
    }
    assert!(keep.all[0].troubles.iter().any(|t| t.offset == Some(starts[10] as u64)), "{:?}", keep.troubles());
    // and a file that is cut anywhere gives all records before the cut
    for cut in [starts[29], starts[29] + 1, starts[29] + 30, whole.len() - 1] {
        let keep = read("a.warc.gz", &whole[..cut]);
        assert!(found_count(&keep) >= 29, "{cut}");
    }
}

fn found_count(keep: &Keep) -> usize {
    found(keep, ADDRESS).len()
}

#[test]
fn a_gzip_bomb_in_a_record_is_bounded_and_the_next_record_is_read() {
    let bomb = gzip(&vec![b'a'; 300 << 20]);
    let mut warc = Warc::new(Packing::Plain);
    warc.response("http://bomb.example/", "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", &bomb);
    text(&mut warc, "http://after.example/", ADDRESS);
    let mut total = Total::default();
    assert!(Reader::default().read_bytes(Document::file("a.warc"), &warc.finish(), &mut total).is_continue());
    assert!(total.troubles.iter().any(|t| t.kind == TroubleKind::Bound), "{:?}", total.troubles);
    assert!(total.text < (2 << 20) + bomb.len() as u64 * 200 + 1000, "{}", total.text);
    assert!(total.uris.contains(&"http://after.example/".to_owned()));
}

#[test]
fn what_all_members_unpack_to_is_bounded_together() {
    let mut warc = Warc::new(Packing::GzipRecords);
    for i in 0..100 {
        text(&mut warc, &format!("http://site.example/{i}"), &"many words ".repeat(2_000));
    }
    let reader = Reader::new(Limits { unpacked_bytes: 500_000, ..Limits::default() });
    let keep = read_with(reader, "a.warc.gz", &warc.finish());
    assert!(keep.members().len() < 40);
    assert!(keep.all[0].troubles.iter().any(|t| t.kind == TroubleKind::Bound));
    let reader = Reader::new(Limits { members: 10, ..Limits::default() });
    let keep = read_with(reader, "a.warc.gz", &warc.finish());
    assert_eq!(keep.members().len(), 10);
    assert!(keep.troubles().iter().any(|t| t.contains("members")), "{:?}", keep.troubles());
}

#[test]
fn a_name_that_is_a_path_stays_a_name() {
    let mut warc = Warc::new(Packing::Plain);
    text(&mut warc, "file:///../../../../etc/passwd > x", ADDRESS);
    warc.record("resource", Some("../../outside"), "text/plain", ADDRESS.as_bytes());
    let keep = read("a.warc", &warc.finish());
    assert_eq!(found(&keep, ADDRESS).len(), 2);
    assert!(keep.members().iter().all(|read| read.document.member.as_deref().unwrap().matches(" > ").count() == 0));
}

#[test]
fn an_archive_in_an_archive_is_read_to_the_bound_of_nesting() {
    let mut inner = Warc::new(Packing::GzipRecords);
    text(&mut inner, "http://inner.example/", ADDRESS);
    let mut bytes = inner.finish();
    for _ in 0..3 {
        let mut outer = Warc::new(Packing::GzipRecords);
        outer.record("resource", Some("file:///inner.warc.gz"), "application/warc", &bytes);
        bytes = outer.finish();
    }
    assert_eq!(found(&read("a.warc.gz", &bytes), ADDRESS), ["http://inner.example/"]);
    let keep = read_with(Reader::new(Limits { depth: 2, ..Limits::default() }), "a.warc.gz", &bytes);
    assert!(found(&keep, ADDRESS).is_empty());
    assert!(keep.troubles().iter().any(|t| t.contains("nested deeper")));
}

#[test]
fn arcs_are_read_packed_or_not_and_go_on_after_rubbish() {
    let page = format!("<!doctype html><p>{ADDRESS}");
    let bytes = arc(&[("http://a.example/x y", &page), ("http://b.example/", &page)]);
    for bytes in [bytes.clone(), gzip(&bytes)] {
        let keep = read("a", &bytes);
        assert_eq!(kind(&keep), DocumentKind::Arc);
        let uris: Vec<_> = keep.members().iter().filter_map(|read| read.document.uri.as_deref()).collect();
        assert_eq!(uris, ["http://a.example/x y", "http://b.example/"]);
        assert!(keep.all[0].troubles.is_empty(), "{:?}", keep.troubles());
    }
    let at = memchr::memmem::find(&bytes, b"http://b.example/").unwrap();
    let broken = [&bytes[..at], b"rubbish\nand more\n", &bytes[at..]].concat();
    let keep = read("a", &broken);
    assert_eq!(keep.members().len(), 2);
    assert_eq!(keep.all[0].troubles[0].words, format!("17 bytes at {at} are no ARC record"));
    // version 2 of the line
    let block = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>";
    let two = format!(
        "filedesc://x.arc 0.0.0.0 20080430204825 text/plain 200 - - 0 x.arc 9\n2 0 Org\nx\n\n\
         http://v2.example/ 192.0.2.1 20080430204826 text/html 200 fac069150613fe55599cc7fa88aa089d - 209 x.arc {}\n{block}\n",
        block.len()
    );
    let keep = read("a", two.as_bytes());
    assert_eq!(keep.members()[0].document.uri.as_deref(), Some("http://v2.example/"));
}

/// Counts what comes and keeps little.
#[derive(Default)]
struct Total {
    text: u64,
    longest: usize,
    documents: u64,
    uris: Vec<String>,
    troubles: Vec<Trouble>,
    member_bytes_max: usize,
}

impl Sink for Total {
    fn begin(&mut self, document: Document) -> Stop {
        self.documents += 1;
        self.uris.extend(document.uri);
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.text += segment.text.len() as u64;
        self.longest = self.longest.max(segment.text.len());
        ControlFlow::Continue(())
    }
    fn picture(&mut self, _: athar_documents::Picture) -> Stop {
        ControlFlow::Continue(())
    }
    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }
    fn defer(&mut self, member: Member) -> Option<Member> {
        self.member_bytes_max = self.member_bytes_max.max(member.bytes.len());
        Some(member)
    }
    fn end(&mut self, _: athar_documents::DocumentEnd) {}
}

#[test]
fn a_record_that_is_longer_than_the_bound_is_read_as_a_stream() {
    let line =
        |i: u64| format!("some words of a long text, and {ADDRESS} {:x}\n", i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let body: String = (0..150_000).map(line).collect();
    let bound = 1 << 20;
    for packing in [Packing::Plain, Packing::GzipRecords] {
        let mut warc = Warc::new(packing);
        text(&mut warc, "http://long.example/", &body);
        text(&mut warc, "http://after.example/", ADDRESS);
        let mut total = Total::default();
        let reader = Reader::new(Limits { document_bytes: bound, ..Limits::default() });
        assert!(reader.read_bytes(Document::file("a.warc"), &warc.finish(), &mut total).is_continue());
        assert_eq!(total.troubles, [], "{packing:?}");
        assert_eq!(total.uris, ["http://long.example/", "http://after.example/"], "{packing:?}");
        assert!(total.member_bytes_max as u64 <= bound);
        assert!(total.longest <= Limits::default().segment_bytes);
    }
}

#[test]
fn a_break_ends_reading_at_once_and_every_document_ends() {
    struct First(i32, u32);
    impl Sink for First {
        fn begin(&mut self, document: Document) -> Stop {
            self.0 += 1;
            if document.member.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
        fn segment(&mut self, _: Segment) -> Stop {
            self.1 += 1;
            ControlFlow::Continue(())
        }
        fn picture(&mut self, _: athar_documents::Picture) -> Stop {
            ControlFlow::Continue(())
        }
        fn trouble(&mut self, _: Trouble) {}
        fn end(&mut self, _: athar_documents::DocumentEnd) {
            self.0 -= 1;
        }
    }
    let mut warc = Warc::new(Packing::Plain);
    text(&mut warc, "http://a.example/", ADDRESS);
    text(&mut warc, "http://b.example/", ADDRESS);
    let mut first = First(0, 0);
    assert!(Reader::default().read_bytes(Document::file("a.warc"), &warc.finish(), &mut first).is_break());
    assert_eq!(first.1, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_it_panic_or_give_too_long_a_segment(
        packing in 0..4_usize,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..12),
    ) {
        let mut warc = Warc::new(PACKINGS[packing]);
        for i in 0..6 {
            text(&mut warc, &format!("http://site.example/{i}"), &format!("{ADDRESS} {}", "y".repeat(i * 100)));
        }
        let mut bytes = warc.finish();
        for (index, byte, what) in cuts {
            if bytes.is_empty() { break; }
            let at = index.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        for first in [0, 129] {
            fuzzed::web_archive(&[&[first], &bytes[..]].concat());
        }
    }

    #[test]
    fn any_bytes_after_a_begin_do_not_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000), start in 0..4_usize) {
        let begin: &[u8] = [&b"WARC/1.0\r\n"[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"filedesc://a 0.0.0.0 20140216050221 text/plain 5\n", b"\x28\xb5\x2f\xfd"][start];
        fuzzed::web_archive(&[&[if start == 2 { 130 } else { 129 }], begin, &bytes].concat());
    }
}

#[test]
fn pages_in_records_are_read_with_their_places_links_and_titles() {
    let mut warc = Warc::new(Packing::GzipRecords);
    let page = format!("<!doctype html><title>Aid</title><p>Give to {ADDRESS}<a href=\"bitcoin:{ADDRESS}\">now</a>");
    warc.page("https://a.example/", &page);
    let (legacy, _, _) = encoding_rs::WINDOWS_1256.encode("<p>تبرعوا اليوم للعائلات</p>");
    warc.response("https://b.example/", "Content-Type: text/html; charset=windows-1256\r\n", &legacy);
    let keep = read("a.warc.gz", &warc.finish());
    assert_eq!(keep.troubles(), Vec::<String>::new());
    let (first, second) = (&keep.members()[0], &keep.members()[1]);
    assert_eq!(first.end.as_ref().unwrap().title.as_deref(), Some("Aid"));
    let texts: Vec<_> = first.segments.iter().map(|s| (s.kind, &*s.text)).collect();
    let (given, link) = (format!("Give to {ADDRESS}now"), format!("bitcoin:{ADDRESS}"));
    assert!(texts.contains(&(SegmentKind::Text, &*given)), "{texts:?}");
    assert!(texts.contains(&(SegmentKind::Attribute, &*link)), "{texts:?}");
    // the place is one in the page
    let segment = first.segments.iter().find(|s| s.kind == SegmentKind::Text).unwrap();
    assert_eq!(segment.map.source(8), page.find(ADDRESS).map(|at| at as u64));
    assert_eq!(second.text(), "تبرعوا اليوم للعائلات");
}

#[test]
fn members_that_are_read_on_another_thread_are_the_same() {
    /// Puts members aside, as a sink with threads does.
    #[derive(Default)]
    struct Later(Vec<Member>);
    impl Sink for Later {
        fn begin(&mut self, _: Document) -> Stop {
            ControlFlow::Continue(())
        }
        fn segment(&mut self, _: Segment) -> Stop {
            ControlFlow::Continue(())
        }
        fn picture(&mut self, _: athar_documents::Picture) -> Stop {
            ControlFlow::Continue(())
        }
        fn trouble(&mut self, _: Trouble) {}
        fn defer(&mut self, member: Member) -> Option<Member> {
            self.0.push(member);
            None
        }
        fn end(&mut self, _: athar_documents::DocumentEnd) {}
    }
    let mut warc = Warc::new(Packing::ZstdRecords);
    for i in 0..10 {
        warc.page(&format!("https://{i}.example/"), &format!("<p>{ADDRESS} {i}"));
    }
    let bytes = warc.finish();
    let mut later = Later::default();
    assert!(Reader::default().read_bytes(Document::file("a"), &bytes, &mut later).is_continue());
    let mut keep = Keep::default();
    for member in later.0 {
        assert!(std::thread::spawn(|| member).join().unwrap().read(&mut keep).is_continue());
    }
    let here = read("a", &bytes);
    assert_eq!(keep.all.len(), 10);
    assert!(keep.all.iter().zip(here.members()).all(|(a, b)| a.document == b.document && a.segments == b.segments));
}

#[test]
fn a_file_is_read_the_same_from_the_disk() {
    let mut warc = Warc::new(Packing::GzipRecords);
    for i in 0..50 {
        text(&mut warc, &format!("http://site.example/{i}"), &format!("{ADDRESS} {}", "z".repeat(i * 999)));
    }
    let bytes = warc.finish();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let mut keep = Keep::default();
    assert!(Reader::default().read(file.path(), "named.warc.gz", &mut keep).is_continue());
    let memory = read("named.warc.gz", &bytes);
    assert_eq!(keep.all.len(), memory.all.len());
    assert_eq!(keep.all[0].end, memory.all[0].end);
    assert!(keep.all.iter().zip(&memory.all).all(|(a, b)| a.document == b.document && a.segments == b.segments));
}

#[test]
fn a_text_about_the_format_is_a_text() {
    let keep = read("a.txt", b"WARC/1.0 is the first line of a record.\nMore.\n");
    assert_eq!(kind(&keep), DocumentKind::Text);
}

#[test]
fn millions_of_tiny_members_and_of_signs_of_a_record_are_passed_in_bounded_time() {
    // 21 bytes each, with one byte of text; then bytes that begin like members, and lines that begin like records
    let mut bytes = gzip(b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 9223372036854775808\r\n\r\n");
    bytes.extend(gzip(b"a").repeat(300_000));
    bytes.extend(b"\x1f\x8b\x08\0\0\0\0\0\0\x03".repeat(20_000));
    let mut good = Warc::new(Packing::GzipRecords);
    text(&mut good, "http://after.example/", ADDRESS);
    bytes.extend(good.finish());
    let keep = read("a.warc.gz", &bytes);
    assert_eq!(found(&keep, ADDRESS), ["http://after.example/"]);

    let mut plain = Warc::new(Packing::Plain);
    plain.bare(&b"WARC/1.0\nx: y\n".repeat(200_000));
    plain.bare(&b"WARC/".repeat(400_000));
    plain.bare(b"\n");
    text(&mut plain, "http://after.example/", ADDRESS);
    assert_eq!(found(&read("a.warc", &plain.finish()), ADDRESS), ["http://after.example/"]);

    let mut lines = arc(&[]);
    lines.extend(b"://".repeat(1_000_000));
    lines.extend(b"\na://b\n".repeat(200_000));
    lines.extend(arc(&[("http://after.example/", &format!("<p>{ADDRESS}"))]));
    assert_eq!(found(&read("a.arc", &lines), ADDRESS), ["http://after.example/"]);
}
