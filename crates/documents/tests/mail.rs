//! Mail, mailboxes, saved pages.
#![allow(missing_docs)] // tests

use crate::support;

use athar_documents::fixture::{Part, mail, mbox, mhtml, zip};
use athar_documents::{DocumentKind, Limits, SegmentKind, TroubleKind};
use support::{read, read_document, read_with};

const ADDRESS: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
const HEADERS: [&str; 6] = [
    "Return-Path: <sender@example.org>",
    "From: =?utf-8?B?2LnZhNmK?= <sender@example.org>",
    "To: reader@example.org",
    "Subject: =?utf-8?Q?Help_=D8=AA=D8=A8=D8=B1=D8=B9?=",
    "Message-ID: <one@example.org>",
    "Date: Tue, 5 Mar 2024 10:00:00 +0300",
];

#[test]
fn a_mail_gives_its_subject_author_time_and_bodies() {
    let bytes = mail(
        &HEADERS,
        &[
            Part::new("text/plain; charset=utf-8", format!("تبرعوا = {ADDRESS}\nthanks")).encoded("quoted-printable"),
            Part::new(
                "text/html; charset=windows-1256",
                encoding_rs::WINDOWS_1256.encode(&format!("<p>تبرعوا <b>{ADDRESS}</b>")).0,
            )
            .encoded("base64"),
            Part::new("application/zip", zip(&[("../in.txt", b"text inside")])).encoded("base64").named("a/../b.zip"),
        ],
    );
    let read = read(&bytes);
    assert_eq!(read.documents[0].document.kind, DocumentKind::Email);
    assert_eq!(read.documents[0].end.title.as_deref(), Some("Help تبرع"));
    assert_eq!(read.texts(SegmentKind::Title), ["Help تبرع"]);
    assert_eq!(
        read.texts(SegmentKind::Message),
        [format!("تبرعوا = {ADDRESS}\r\nthanks"), format!("تبرعوا {ADDRESS}")]
    );
    for segment in read.segments().filter(|segment| segment.kind == SegmentKind::Message) {
        let message = segment.message.as_ref().unwrap();
        assert_eq!(message.author.as_deref(), Some("علي <sender@example.org>"));
        let at = message.at.unwrap();
        assert_eq!((at.time.to_string().as_str(), at.zone_known), ("2024-03-05T07:00:00Z", true));
        assert_eq!(message.id.as_deref(), Some("one@example.org"));
    }
    assert_eq!(read.members(), ["part 2", "a/../b.zip", "a/../b.zip > ../in.txt"]);
    assert_eq!(read.texts(SegmentKind::Text), ["text inside"]);
    assert_eq!(read.documents[1].document.kind, DocumentKind::Html);
    // the place in the mail, through quoted-printable
    let body = read.segments().find(|segment| segment.kind == SegmentKind::Message).unwrap();
    let source = body.map.source(body.text.find("bc1q").unwrap()).unwrap() as usize;
    assert_eq!(&bytes[source..source + 6], &ADDRESS.as_bytes()[..6]);
}

#[test]
fn a_plain_body_keeps_every_place() {
    let bytes = mail(&HEADERS, &[Part::new("text/plain", format!("one two {ADDRESS}\r\nthree"))]);
    let read = read(&bytes);
    let body = read.segments().find(|segment| segment.kind == SegmentKind::Message).unwrap();
    for (at, byte) in body.text.bytes().enumerate() {
        assert_eq!(bytes[body.map.source(at).unwrap() as usize], byte);
    }
}

#[test]
fn a_mail_in_a_mail_is_a_member() {
    let inner = mail(
        &["From: inner@example.org", "Subject: inner", "MIME-Version: 1.0"],
        &[Part::new("text/plain", "inner text")],
    );
    let bytes = mail(&HEADERS, &[Part::new("text/plain", "outer text"), Part::new("message/rfc822", inner)]);
    let read = read(&bytes);
    assert_eq!(read.texts(SegmentKind::Message), ["outer text", "inner text"]);
    assert_eq!(read.members(), ["part 2"]);
    assert_eq!(read.documents[1].end.title.as_deref(), Some("inner"));
}

#[test]
fn a_saved_page_tells_where_and_when_it_was_saved() {
    let page = format!("<html><title>Page</title><p>give to <b>{ADDRESS}</b></p><img src=cid:1></html>");
    let bytes = mhtml(
        "https://example.org/give",
        &[
            Part::new("text/html; charset=utf-8", page).encoded("quoted-printable").at("https://example.org/give"),
            Part::new("image/png", b"\x89PNG\r\n\x1a\n".to_vec()).encoded("base64").at("https://example.org/qr.png"),
            Part::new("text/css", ".x{color:red}").at("https://example.org/x.css"),
        ],
    );
    let read = read(&bytes);
    let saved = &read.documents[0].document;
    assert_eq!(saved.kind, DocumentKind::Mhtml);
    assert_eq!(saved.uri.as_deref(), Some("https://example.org/give"));
    assert_eq!(saved.captured.unwrap().to_string(), "2024-03-05T08:00:00Z");
    let part = &read.documents[1].document;
    assert_eq!((part.kind, part.uri.as_deref()), (DocumentKind::Html, Some("https://example.org/give")));
    assert_eq!(part.captured, saved.captured);
    assert_eq!(read.documents[2].document.uri.as_deref(), Some("https://example.org/qr.png"));
    assert_eq!(read.documents.len(), 3);
    assert_eq!(read.texts(SegmentKind::Text), [format!("give to {ADDRESS}")]);
}

#[test]
fn a_mailbox_gives_each_mail() {
    let one = mail(&HEADERS, &[Part::new("text/plain", "first body\n>From here\nFrom within a line group")]);
    let two = mail(&["From: b@example.org", "Subject: two"], &[Part::new("text/plain", "second body")]);
    let read = read_document("box", &mbox(&[one, two]));
    assert_eq!(read.members(), ["mail 1", "mail 2"]);
    let texts = read.texts(SegmentKind::Message);
    assert!(texts[0].contains("From within a line group") && texts[1].contains("second body"));
    assert_eq!(read.documents[2].end.title.as_deref(), Some("two"));
}

#[test]
fn a_mail_of_a_mailbox_that_is_too_long_is_cut_and_the_next_is_read() {
    let long = mail(&HEADERS, &[Part::new("text/plain", "long line\n".repeat(10_000))]);
    let short = mail(&["From: b@example.org", "Subject: two"], &[Part::new("text/plain", "second body")]);
    let read = read_with(Limits { document_bytes: 5000, ..Limits::default() }, "box", &mbox(&[long, short]));
    assert_eq!(read.troubles().iter().map(|t| t.kind).collect::<Vec<_>>(), [TroubleKind::Bound]);
    assert!(read.texts(SegmentKind::Message).last().unwrap().contains("second body"));
}

#[test]
fn hostile_mail_is_bounded() {
    // parts without end, headers without end, mails in mails without end
    let parts = format!(
        "From: a@b.c\nSubject: x\nDate: x\nContent-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\n".repeat(600_000)
    );
    let headers = "a: b\n".repeat(600_000);
    let headers = format!("From: a@b.c\nSubject: x\nDate: x\n{headers}\nbody {ADDRESS}");
    let bogus = "--b\nContent-Type: multipart/mixed; boundary=none\n\n".repeat(40_000);
    let bogus = format!("From: a@b.c\nSubject: x\nDate: x\nContent-Type: multipart/mixed; boundary=b\n\n{bogus}");
    for bytes in [parts, headers, bogus] {
        let read = read_document("a.eml", bytes.as_bytes());
        assert_eq!(read.troubles().len(), 1);
        assert_eq!(read.troubles()[0].kind, TroubleKind::Malformed);
    }
    let nested = format!("From: a@b.c\nSubject: x\nDate: x\n{}", "Content-Type: message/rfc822\n\n".repeat(100_000));
    let read = read_document("a.eml", nested.as_bytes());
    assert!(read.documents.len() <= 10);
}

#[test]
fn what_the_parser_fails_on_is_told_and_its_text_is_read() {
    // a mail inside whose headers are none: mail-parser 0.11.9 asserts that this cannot be, where assertions are on
    let bytes = b"From: a@example.org\r\nSubject: x\r\nDate: y\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSu\0\n\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nthe text\r\n--b--\r\n";
    let read = read_document("a.eml", bytes);
    assert!(read.segments().any(|segment| segment.text.contains("the text")), "{read:?}");
    assert!(read.troubles().iter().all(|trouble| trouble.kind == TroubleKind::Malformed));
}

#[test]
fn a_mail_that_is_cut_anywhere_is_read_up_to_there() {
    let bytes = mail(
        &HEADERS,
        &[Part::new("text/plain", "body text").encoded("base64"), Part::new("text/html", "<p>page").encoded("base64")],
    );
    for end in 0..bytes.len() {
        assert!(!read_document("a.eml", &bytes[..end]).documents.is_empty());
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_as_a_mail(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3000)) {
        let mail = [b"From: a@b.c\r\nSubject: x\r\nDate: y\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", &*bytes].concat();
        proptest::prop_assert!(!read_document("a.eml", &mail).documents.is_empty());
        proptest::prop_assert!(!read_document("a.eml", &bytes).documents.is_empty());
    }
}
