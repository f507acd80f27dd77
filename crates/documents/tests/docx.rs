//! Office documents.
#![allow(missing_docs)] // tests

use crate::support;

use athar_documents::fixture::{Docx, docx, zip};
use athar_documents::{DocumentKind, SegmentKind, TroubleKind};
use support::{read, read_document};

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn document_xml(body: &str) -> Vec<u8> {
    let xml = format!("<?xml version=\"1.0\"?>{body}");
    zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", xml.as_bytes())])
}

#[test]
fn all_parts_are_read_and_runs_are_joined() {
    let bytes = docx(&Docx {
        paragraphs: vec![strings(&["Give & help: ", "1A1zP1eP5QGefi2", "DMPTfTL5SLmv7DivfNa"]), strings(&["تبرعوا"])],
        table: vec![strings(&["left", "right"]), strings(&["below"])],
        header: Some("head text".into()),
        footer: Some("foot text".into()),
        comment: Some(("A".into(), "comment text".into())),
        links: vec!["https://t.me/x?text=bitcoin%3Abc1q".into()],
        pictures: vec![("image1.png".into(), athar_documents::fixture_pictures::png_with_qr("in a picture"))],
        title: Some("Title <1>".into()),
    });
    let read = read(&bytes);
    assert_eq!(read.documents[0].document.kind, DocumentKind::Docx);
    assert_eq!(read.documents[0].end.title.as_deref(), Some("Title <1>"));
    assert_eq!(
        read.texts(SegmentKind::Text),
        [
            &*format!("Give & help: {ADDRESS}\n\nتبرعوا\n\nleft\n\nright\n\nbelow"),
            "head text",
            "foot text",
            "comment text"
        ]
    );
    assert_eq!(read.texts(SegmentKind::Attribute), ["https://t.me/x?text=bitcoin:bc1q"]);
    assert_eq!(read.members(), ["word/media/image1.png"]);
    assert_eq!(read.documents[1].document.kind, DocumentKind::Image);
    let at = read.segments().find_map(|segment| segment.message.as_ref()?.at).unwrap();
    assert_eq!(at.time.to_string(), "2024-03-05T10:00:00Z");
    assert!(read.troubles().is_empty());
}

#[test]
fn entities_of_a_document_type_are_not_expanded() {
    let bytes = document_xml(
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>\
         <w:document><w:p><w:t>x &b; &c; &amp; &#65;</w:t></w:p></w:document>",
    );
    assert_eq!(read(&bytes).texts(SegmentKind::Text), ["x &b; &c; & A"]);
}

#[test]
fn hidden_and_deleted_text_and_codes_of_fields_are_attributes() {
    let bytes = document_xml(
        "<w:document><w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>\
         <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>\
         <w:r><w:instrText>HYPERLINK \"bitcoin:1A1z\"</w:instrText></w:r><w:r><w:t> again</w:t></w:r></w:p>\
         <mc:AlternateContent><mc:Choice><w:p><w:t>box</w:t></w:p></mc:Choice><mc:Fallback><w:p><w:t>box</w:t></w:p></mc:Fallback></mc:AlternateContent></w:document>",
    );
    let read = read(&bytes);
    assert_eq!(read.texts(SegmentKind::Text), ["seen again\n\nbox"]);
    assert_eq!(read.texts(SegmentKind::Attribute)[0], "HYPERLINK \"bitcoin:1A1z\"");
    assert!(read.texts(SegmentKind::Attribute)[1].starts_with("hiddendeleted"));
    let link = read.segments().find(|segment| segment.text.starts_with("HYPER")).unwrap();
    assert_eq!(link.context.as_deref(), Some("seen again"));
}

#[test]
fn a_hundred_thousand_nested_tables_are_harmless() {
    let bytes =
        document_xml(&format!("<w:document>{}<w:p><w:t>deep</w:t></w:p>", "<w:tbl><w:tr><w:tc>".repeat(40_000)));
    assert_eq!(read(&bytes).texts(SegmentKind::Text), ["deep"]);
}

#[test]
fn a_damaged_document_gives_what_stands_before_and_says_so() {
    let bytes = document_xml("<w:document><w:p><w:t>before</w:t></w:p><w:p a=<");
    let read = read(&bytes);
    assert_eq!(read.texts(SegmentKind::Text), ["before"]);
    assert_eq!(read.troubles()[0].kind, TroubleKind::Malformed);
    let whole = docx(&Docx { paragraphs: vec![strings(&["text"])], ..Docx::default() });
    for end in 4..whole.len() {
        assert!(!read_document("a.docx", &whole[..end]).documents.is_empty());
    }
}
