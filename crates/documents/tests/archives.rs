//! Archives: every member a document, and bombs that do not go off.
#![allow(missing_docs)] // tests

use crate::support;

use athar_documents::fixture::{gzip, zip};
use athar_documents::{Document, DocumentKind, Limits, Member, Reader, SegmentKind, Sink, TroubleKind};
use std::ops::ControlFlow;
use support::{Keep, read, read_file, read_with};

fn kinds(read: &Keep) -> Vec<TroubleKind> {
    read.documents.iter().flat_map(|document| &document.troubles).map(|trouble| trouble.kind).collect()
}

#[test]
fn members_are_documents_of_their_own_kind_at_hand_or_in_a_file() {
    let inner = zip(&[("deep.txt", b"deepest")]);
    let archive = zip(&[
        ("a/plain.txt", b"plain text"),
        ("page.html", b"<p>one<p>two"),
        ("inner.zip", &inner),
        ("packed.txt.gz", &gzip(b"packed text")),
        ("folder/", b""),
    ]);
    for read in [read(&archive), read_file(Limits::default(), "archive.zip", &archive)] {
        assert_eq!(read.texts(SegmentKind::Text), ["plain text", "one\n\ntwo", "deepest", "packed text"]);
        assert_eq!(
            read.members(),
            [
                "a/plain.txt",
                "page.html",
                "inner.zip",
                "inner.zip > deep.txt",
                "packed.txt.gz",
                "packed.txt.gz > packed.txt"
            ]
        );
        assert!(read.troubles().is_empty(), "{:?}", read.troubles());
        assert_eq!(read.documents[0].document.kind, DocumentKind::Zip);
        assert_eq!(read.documents[0].end.bytes, archive.len() as u64);
        assert!(read.documents.iter().all(|document| document.end.sha256.is_some()));
        assert_eq!(read.documents[1].end.bytes, 10);
    }
}

#[test]
fn a_name_that_leads_out_is_told_and_the_member_is_read() {
    for name in ["../../etc/cron.d/x", "/etc/passwd", "a\\..\\..\\b", "C:\\x.txt"] {
        let read = read(&zip(&[(name, b"text of it")]));
        assert_eq!(kinds(&read), [TroubleKind::Path], "{name}");
        assert_eq!(read.texts(SegmentKind::Text), ["text of it"]);
        assert_eq!(read.members(), [name]);
    }
}

#[test]
fn a_name_is_shortened_and_its_control_characters_are_replaced() {
    let long = format!("a\u{1b}[31m\n{}", "n".repeat(60_000));
    let read = read(&zip(&[(&long, b"text")]));
    let name = read.members()[0];
    assert!(name.starts_with("a\u{fffd}[31m\u{fffd}nnn") && name.len() < 1100);
}

#[test]
fn a_member_that_unpacks_too_much_is_cut_and_the_next_is_read() {
    let bomb = vec![b'a'; 20 << 20];
    let archive = zip(&[("bomb.txt", &bomb), ("after.txt", b"after it")]);
    assert!(archive.len() < 100_000);
    for read in [read(&archive), read_file(Limits::default(), "archive.zip", &archive)] {
        assert_eq!(kinds(&read), [TroubleKind::Bound]);
        assert!(read.texts(SegmentKind::Text).contains(&"after it"));
        let unpacked: usize = read.segments().map(|segment| segment.text.len() - segment.overlap).sum();
        assert!((1 << 20..6 << 20).contains(&unpacked), "{unpacked}");
    }
    let packed = gzip(&bomb);
    assert_eq!(kinds(&read(&packed)), [TroubleKind::Bound]);
}

#[test]
fn all_members_together_are_bounded_however_they_nest() {
    let part = vec![b'x'; 300_000];
    let inner = zip(&[("1", &part), ("2", &part), ("3", &part)]);
    let archive = zip(&[("a.zip", &inner), ("b.zip", &inner), ("c.txt", b"last")]);
    let limits = Limits { unpacked_bytes: 1_000_000, ratio: u64::MAX, ..Limits::default() };
    let read = read_with(limits, "a.zip", &archive);
    assert!(kinds(&read).contains(&TroubleKind::Bound));
    let unpacked: u64 = read.documents.iter().map(|document| document.end.bytes).sum();
    assert!(unpacked < 2_500_000, "{unpacked}");
}

/// Puts all members aside, as a sink with threads does.
#[derive(Default)]
struct Aside {
    keep: Keep,
    members: Vec<Member>,
}

impl Sink for Aside {
    fn begin(&mut self, document: Document) -> athar_documents::Stop {
        self.keep.begin(document)
    }
    fn segment(&mut self, segment: athar_documents::Segment) -> athar_documents::Stop {
        self.keep.segment(segment)
    }
    fn picture(&mut self, picture: athar_documents::Picture) -> athar_documents::Stop {
        self.keep.picture(picture)
    }
    fn trouble(&mut self, trouble: athar_documents::Trouble) {
        self.keep.trouble(trouble);
    }
    fn defer(&mut self, member: Member) -> Option<Member> {
        self.members.push(member);
        None
    }
    fn end(&mut self, end: athar_documents::DocumentEnd) {
        self.keep.end(end);
    }
}

#[test]
fn members_that_are_put_aside_count_for_their_file_and_know_their_depth() {
    let mail = b"From: a@example.org\r\nSubject: x\r\nDate: Tue, 5 Mar 2024 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream; name=y\r\n\r\ntext of a part\r\n--b--\r\n";
    let archive = zip(&[("1.eml", mail), ("2.eml", mail)]);
    let limits = Limits { members: 3, depth: 2, ..Limits::default() };
    let mut aside = Aside::default();
    assert!(Reader::new(limits).read_bytes(Document::file("a.zip"), &archive, &mut aside).is_continue());
    assert_eq!(aside.members.len(), 2);
    for member in std::mem::take(&mut aside.members) {
        assert_eq!(member.document.kind, DocumentKind::Email);
        assert!(member.read(&mut aside).is_continue());
    }
    // the third member is the first mail's part; the fourth is one too many
    assert_eq!(aside.members.len(), 1);
    assert_eq!(kinds(&aside.keep), [TroubleKind::Bound]);
}

#[test]
fn too_many_members_are_told_once() {
    let names: Vec<String> = (0..50).map(|n| format!("{n}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b"x y z"[..])).collect();
    let read = read_with(Limits { members: 10, ..Limits::default() }, "a.zip", &zip(&members));
    assert_eq!(kinds(&read), [TroubleKind::Bound]);
    assert_eq!(read.all.len(), 10);
}

#[test]
fn archives_in_archives_end_at_the_depth() {
    let mut archive = zip(&[("text.txt", b"inside")]);
    for n in 0..20 {
        archive = zip(&[(&format!("{n}.zip"), &archive)]);
    }
    let read = read(&archive);
    assert_eq!(kinds(&read), [TroubleKind::Bound]);
    assert!(read.documents.len() <= 10);
}

/// Makes two members of the directory point to the same bytes, as overlapping bombs do.
fn overlapping() -> Vec<u8> {
    let mut archive = zip(&[("a.txt", b"the same kernel"), ("b.txt", b"another kernel")]);
    let central: Vec<usize> = memchr::memmem::find_iter(&archive, b"PK\x01\x02").collect();
    let first = archive[central[0]..central[0] + 46].to_vec();
    let second = &mut archive[central[1]..central[1] + 46];
    second[16..28].copy_from_slice(&first[16..28]); // checksum and sizes
    second[42..46].copy_from_slice(&first[42..46]); // place of the header
    archive
}

#[test]
fn members_that_overlap_are_read_once() {
    let read = read(&overlapping());
    assert_eq!(read.texts(SegmentKind::Text), ["the same kernel"]);
    assert_eq!(kinds(&read), [TroubleKind::Malformed]);
}

#[test]
fn an_encrypted_member_is_told_and_the_others_are_read() {
    let mut archive = zip(&[("secret.txt", b"secret"), ("open.txt", b"open text")]);
    archive[6] |= 1;
    let central = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    archive[central + 8] |= 1;
    let read = read(&archive);
    assert_eq!(kinds(&read), [TroubleKind::Encrypted]);
    assert_eq!(read.members(), ["secret.txt", "open.txt"]);
    assert_eq!(read.texts(SegmentKind::Text), ["open text"]);
}

#[test]
fn an_archive_without_its_directory_is_read_front_to_back() {
    let long: String = (0..3000).map(|n| format!("line {n}\n")).collect();
    let archive = zip(&[("a.txt", b"first"), ("b.txt", long.as_bytes()), ("c.txt", b"third")]);
    let central = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    for read in [read(&archive[..central]), read_file(Limits::default(), "a.zip", &archive[..central])] {
        assert_eq!(read.members(), ["a.txt", "b.txt", "c.txt"]);
        assert_eq!(read.texts(SegmentKind::Text).concat(), format!("first{long}third"));
    }
    // one that does not fit into memory as well
    let large = read_with(Limits { document_bytes: 1000, ..Limits::default() }, "a.zip", &archive);
    assert_eq!(large.members(), ["a.txt", "b.txt", "c.txt"]);
}

#[test]
fn an_archive_that_is_cut_anywhere_gives_what_is_before() {
    let archive = zip(&[("a.txt", b"first text"), ("b.txt", b"second text")]);
    for end in 4..archive.len() {
        let read = read_with(Limits::default(), "a.zip", &archive[..end]);
        assert!(!read.documents.is_empty());
        if end > 60 {
            assert!(read.texts(SegmentKind::Text).contains(&"first text"), "{end}");
        }
    }
    let packed = gzip(b"packed text of some length, of some length");
    for end in 3..packed.len() {
        assert!(!kinds(&read(&packed[..end])).is_empty(), "{end}");
    }
}

#[test]
fn gzip_of_several_members_is_one_document_and_what_follows_is_told() {
    let mut packed = [gzip(b"one "), gzip(b"two")].concat();
    let whole = read(&packed);
    assert_eq!(whole.texts(SegmentKind::Text), ["one two"]);
    assert_eq!(whole.documents.len(), 2);
    packed.extend_from_slice(b"rubbish behind it, longer than a header");
    let read = read(&packed);
    assert_eq!(read.texts(SegmentKind::Text), ["one two"]);
    assert_eq!(kinds(&read), [TroubleKind::Malformed]);
}

#[test]
fn a_sink_that_breaks_inside_of_an_archive_ends_all() {
    let archive = zip(&[("a.txt", b"first"), ("b.txt", b"second")]);
    let mut keep = Keep { break_after: Some(1), ..Keep::default() };
    assert_eq!(Reader::default().read_bytes(Document::file("a"), &archive, &mut keep), ControlFlow::Break(()));
    assert_eq!(keep.documents.len(), 2);
    assert!(keep.open.is_empty());
}

proptest::proptest! {
    #[test]
    fn a_damaged_archive_never_panics(at in 0..400_usize, byte in proptest::prelude::any::<u8>(), cut in 0..400_usize) {
        let mut archive = zip(&[("a.txt", b"first text"), ("b/c.html", b"<p>second"), ("d.gz", &gzip(b"third"))]);
        let at = at % archive.len();
        archive[at] = byte;
        archive.truncate(archive.len() - cut % archive.len());
        let read = read_with(Limits::default(), "a.zip", &archive);
        proptest::prop_assert!(!read.documents.is_empty());
    }
}
