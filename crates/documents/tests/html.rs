//! Pages: what is shown, what is not, and where it stands.
#![allow(missing_docs)] // tests

use crate::support;

use athar_documents::{DocumentKind, SegmentKind};
use support::{read, read_document};

#[test]
fn blocks_are_parted_lines_break_and_inline_tags_join() {
    let page = "<!DOCTYPE html><title>A &amp; B</title><body><h1>Head</h1><p>one  two\n three<br>four</p>\n<p>1A1zP1eP<b>5QGefi</b><span class=x>2DMPTf</span>TL5SLmv7DivfNa</p><ul><li>x<li>y</ul><table><tr><td>a<td>b</table>&nbsp;end &lt;tag&gt; &#x41;";
    let read = read(page.as_bytes());
    assert_eq!(
        read.texts(SegmentKind::Text),
        ["Head\n\none two three\nfour\n\n1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\n\nx\n\ny\n\na\n\nb\n\n\u{a0}end <tag> A"]
    );
    assert_eq!(read.texts(SegmentKind::Title), ["A & B"]);
    assert_eq!(read.documents[0].end.title.as_deref(), Some("A & B"));
    assert_eq!(read.documents[0].document.kind, DocumentKind::Html);
}

#[test]
fn each_position_is_that_of_the_page() {
    let page = "<p>caf\u{e9} &amp; <b>word</b>\n\n  other&nbsp;<a href='https://e.example/?a=%3A&amp;b=zz'>link</a></p><!-- note here --><pre>\n a\n  b</pre>";
    let read = read(page.as_bytes());
    for segment in read.segments() {
        for (at, letter) in segment.text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let source = segment.map.source(at).unwrap() as usize;
            assert_eq!(page.as_bytes()[source] as char, letter, "{at} in {:?}", segment.text);
        }
    }
}

#[test]
fn white_space_stays_where_it_is_kept() {
    let read = read(b"<pre>a  b\n\tc</pre><textarea>x\n  y</textarea> z   z");
    assert_eq!(read.texts(SegmentKind::Text), ["a  b\n\tc\n\nx\n  y\n\nz z"]);
}

#[test]
fn what_is_not_shown_is_read_as_attributes() {
    let page = "<p>Give here <a href=\"bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?amount=1\">now</a> please</p>\
        <div style='color:red; display : none'>hid<p>den</p> text</div><span hidden>unseen</span> seen\
        <script>var a = \"scripted < b\";</script><style>.x{color:red}</style><noscript>no <b>script</b></noscript>\
        <template>template</template><!-- comment 1A1zP1 --><img alt='words on it' src='/a.png'>\
        <input value='1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa' hidden><li hidden>item<li>shown item";
    let read = read(page.as_bytes());
    assert_eq!(read.texts(SegmentKind::Text), ["Give here now please\n\nseen\n\nshown item"]);
    let attributes = read.texts(SegmentKind::Attribute);
    for value in [
        "bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?amount=1",
        " comment 1A1zP1 ",
        "words on it",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    ] {
        assert!(attributes.contains(&value), "{value} in {attributes:?}");
    }
    let unseen = attributes.iter().find(|text| text.contains("scripted")).unwrap();
    assert_eq!(*unseen, "hid\n\nden\n\ntext\n\nunseen\n\nvar a = \"scripted < b\";\n\nno script\n\ntemplate\n\nitem");
    let link = read.segments().find(|segment| segment.text.starts_with("bitcoin:")).unwrap();
    assert_eq!(link.context.as_deref(), Some("Give here now please\n\nseen\n\nshown item"));
}

#[test]
fn links_are_legible_and_pictures_are_members() {
    let page = "<a href='https://t.me/share/url?url=bitcoin%3A1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'>x</a>\
        <img src='data:image/png;base64,iVBORw0KGgo='><div style=\"background:url('data:image/gif;base64,R0lGODlh')\">y</div>\
        <a href='data:text/plain,hello%20there'>z</a>";
    let read = read(page.as_bytes());
    assert!(
        read.texts(SegmentKind::Attribute)
            .contains(&"https://t.me/share/url?url=bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    );
    let members: Vec<_> =
        read.documents.iter().filter_map(|d| d.document.member.clone().map(|m| (m, d.document.kind))).collect();
    assert_eq!(
        members,
        [
            ("img 1".to_owned(), DocumentKind::Image),
            ("img 2".to_owned(), DocumentKind::Image),
            ("data 3".to_owned(), DocumentKind::Text)
        ]
    );
    assert_eq!(read.texts(SegmentKind::Text), ["hello there", "x\n\ny\n\nz"]);
}

#[test]
fn a_page_that_is_cut_anywhere_is_read_up_to_there() {
    let page = "<!DOCTYPE html><title>T</title><p>shown <a href=\"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\">x &amp; y</a><!-- c --><script>s</script>";
    for end in 0..page.len() {
        let read = read_document("a.html", &page.as_bytes()[..end]);
        assert_eq!(read.documents.len(), 1);
        assert!(read.troubles().is_empty());
    }
    let cut = &page[..page.find("DivfNa").unwrap() + 6];
    assert_eq!(read(cut.as_bytes()).texts(SegmentKind::Attribute), ["bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]);
}

#[test]
fn a_hundred_thousand_nested_tags_are_harmless() {
    for tag in ["div", "b", "svg", "table", "pre", "template", "div hidden", "p"] {
        let name = tag.split(' ').next().unwrap();
        let page = format!(
            "<html>{}deep 1A1zP1{}after",
            format!("<{tag}>").repeat(100_000),
            format!("</{name}>").repeat(100_000)
        );
        let read = read(page.as_bytes());
        let found: Vec<_> = read.segments().map(|segment| segment.text.trim()).collect();
        assert!(found.iter().any(|text| text.contains("deep 1A1zP1")), "{tag}: {found:?}");
        assert!(found.iter().any(|text| text.ends_with("after")), "{tag}: {found:?}");
    }
}

#[test]
fn a_tag_of_a_hundred_thousand_attributes_is_read_in_parts() {
    let page = format!("<html><p {}>x", "data-a='value 1' ".repeat(100_000));
    assert_eq!(read(page.as_bytes()).texts(SegmentKind::Attribute).len(), 100_000);
}

#[test]
fn pages_in_arabic_hebrew_and_persian_read_the_same_in_every_encoding() {
    let cases = [
        ("windows-1256", "تبرعوا للعائلات عبر العنوان bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq جزاكم"),
        ("windows-1256", "کمک کنید به آدرس bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq سپاس"),
        ("windows-1255", "תרומה לכתובת bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq תודה"),
        ("windows-1254", "Bağış için adres bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq teşekkürler"),
        ("utf-8", "کمک کنید به آدرس bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq سپاس"),
        ("gb18030", "请捐款到 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq 谢谢"),
        ("shift_jis", "ソ表 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq ありがとう"),
    ];
    for (label, text) in cases {
        let page = format!("<html><meta charset={label}><p>{text}</p>");
        // the Persian ye is not in windows-1256, whose own stands for it
        let page = if label == "windows-1256" { page.replace('ی', "ي") } else { page };
        let (bytes, _, lost) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&page);
        assert!(!lost, "{label}");
        let read = read(&bytes);
        let segment = read.segments().find(|segment| segment.kind == SegmentKind::Text).unwrap();
        assert!(page.contains(&segment.text), "{label}: {}", segment.text);
        let at = segment.map.source(segment.text.find("bc1q").unwrap()).unwrap() as usize;
        assert_eq!(&bytes[at..at + 4], b"bc1q", "{label}");
    }
}

#[test]
fn marks_of_direction_stay_in_the_text() {
    let page = "<html><p>\u{202e}evitanretla\u{202c} \u{200b}bc1q\u{200f}x &rlm;&#x202e;y</p>";
    assert_eq!(
        read(page.as_bytes()).texts(SegmentKind::Text),
        ["\u{202e}evitanretla\u{202c} \u{200b}bc1q\u{200f}x \u{200f}\u{202e}y"]
    );
}

#[test]
fn line_ends_of_two_characters_inside_of_values_and_comments_keep_their_place() {
    let page = "<html><p data-a='one:\r\n\r\ntwo\r\n'><!--one two\r\n\r\nthree-->";
    let read = read(page.as_bytes());
    assert_eq!(read.texts(SegmentKind::Attribute), ["one:\n\ntwo\n", "one two\n\nthree"]);
    for (segment, word) in read.segments().zip(["two", "three"]) {
        let at = segment.map.source(segment.text.find(word).unwrap()).unwrap() as usize;
        assert!(page[at..].starts_with(word));
    }
}

#[test]
fn a_zero_parts_no_word() {
    let read = read(b"<html><p>bc1q\0ar0s rrr");
    assert_eq!(read.texts(SegmentKind::Text), ["bc1qar0s rrr"]);
    assert_eq!(read.all[0].map.source(4), Some(14));
}

#[test]
fn a_page_that_is_too_long_goes_on_as_text() {
    let page = format!("<html><p>{}</p><p>last <b>word</b>", "word ".repeat(1000));
    let limits = athar_documents::Limits { document_bytes: 1000, ..Default::default() };
    let read = support::read_with(limits, "a", page.as_bytes());
    assert_eq!(read.troubles().len(), 1);
    assert!(read.segments().last().unwrap().text.ends_with("<b>word</b>"));
    assert_eq!(read.documents[0].end.bytes, page.len() as u64);
    assert!(read.documents[0].end.sha256.is_some());
}

#[test]
fn drawings_of_some_size_are_members_and_icons_are_not() {
    let squares = "<rect x='1' y='2' width='1' height='1'/>".repeat(100);
    let page = format!(
        "<html><svg><path d='M1 1'/></svg><p>scan <svg><title>code</title><g><svg>{squares}</svg></g><text>words</text></svg> it"
    );
    let read = read(page.as_bytes());
    assert_eq!(read.members(), ["svg 1"]);
    let drawing = &read.documents[1];
    assert_eq!(drawing.document.kind, DocumentKind::Image);
    let from = page.find("<svg><title>").unwrap();
    assert_eq!(drawing.end.bytes as usize, page.rfind("</svg>").unwrap() + 6 - from);
    assert_eq!(read.documents[0].end.title, None);
}

#[test]
fn a_page_in_16_bits_is_read() {
    let text = "\u{feff}<html><meta charset=utf-8><p>تبرع bc1qx <b>b</b>old";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let read = read(&bytes);
    assert_eq!(read.documents[0].document.kind, DocumentKind::Html);
    assert_eq!(read.texts(SegmentKind::Text), ["تبرع bc1qx bold"]);
    let at = read.all[0].map.source(read.all[0].text.find("bc1qx").unwrap()).unwrap() as usize;
    assert_eq!(&bytes[at..at + 4], b"b\0c\0");
}

#[test]
fn long_values_and_scripts_are_cut_like_text_and_keep_their_place() {
    let page =
        format!("<html><p data-list='{}'>x</p><script>{}</script>", "word1 ".repeat(500), "var a1; ".repeat(500));
    let limits = athar_documents::Limits { segment_bytes: 512, ..Default::default() };
    let read = support::read_with(limits, "a", page.as_bytes());
    let attributes: Vec<_> = read.segments().filter(|segment| segment.kind == SegmentKind::Attribute).collect();
    assert!(attributes.len() > 12);
    for segment in attributes {
        for (at, byte) in segment.text.bytes().enumerate() {
            assert_eq!(page.as_bytes()[segment.map.source(at).unwrap() as usize], byte);
        }
    }
}

#[test]
fn a_sink_that_breaks_inside_of_a_page_ends_it() {
    let page = "<html><p data-a='value 1'>text</p>".repeat(1000);
    let mut keep = support::Keep { break_after: Some(3), ..Default::default() };
    let document = athar_documents::Document::file("a");
    assert!(athar_documents::Reader::default().read_bytes(document, page.as_bytes(), &mut keep).is_break());
    assert_eq!((keep.all.len(), keep.open.len()), (3, 0));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_as_a_page(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        let read = read_document("a.html", &bytes);
        proptest::prop_assert!(!read.documents.is_empty());
    }

    #[test]
    fn any_tag_soup_keeps_its_places(soup in "(<[a-z/!-]{0,8}[ ='\"a-z0-9]{0,12}>?|[a-zA-Z0-9 \n]{0,20}|\r\n|\r|&amp;|&nbsp|&zz;|&z|&|<!--|-->|<pre>|</pre>|<!\\[CDATA\\[|\u{e9}|\u{628}){0,40}") {
        let page = format!("<html>{soup}");
        let read = read_document("a.html", page.as_bytes());
        for segment in read.segments() {
            for (at, letter) in segment.text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
                let source = segment.map.source(at).unwrap() as usize;
                proptest::prop_assert_eq!(page.as_bytes()[source] as char, letter);
            }
        }
    }
}
