//! Web archives of other projects' tests: whole, cut and broken ones.

use crate::kept;

use athar_documents::{DocumentKind, TroubleKind};
use kept::{Keep, Read, kind, read};

fn file(name: &str) -> Option<Keep> {
    let folder = kept::shared("web archives")?.join("web/warc");
    let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    Some(read(name, &bytes))
}

/// The URI, the bytes of the payload and the place of each member.
fn members(keep: &Keep) -> Vec<(&str, u64, &str)> {
    let of = |read: &Read| {
        let document = &read.document;
        let member = document.member.as_deref().unwrap_or_default();
        let place = member.split(" at ").nth(1).unwrap_or_default().split(' ').next().unwrap_or_default().to_owned();
        (document.uri.clone().unwrap_or_default(), read.end.as_ref().map_or(0, |e| e.bytes), place)
    };
    keep.members()
        .iter()
        .map(|read| {
            let (uri, bytes, place) = of(read);
            (&*uri.leak(), bytes, &*place.leak())
        })
        .collect()
}

/// Troubles of the archive itself, with their places.
fn troubles(keep: &Keep) -> Vec<(TroubleKind, Option<u64>)> {
    keep.all[0].troubles.iter().map(|t| (t.kind, t.offset)).collect()
}

const PAGE: &str = "http://example.com/";

#[test]
fn whole_archives_give_each_published_record_with_its_place_and_no_trouble() {
    // place and payload as `warcio index -f offset,...` and the files themselves give them
    for (name, expected) in [
        ("example.warc", vec![(PAGE, 1270, "1197"), (PAGE, 0, "3370")]),
        ("example.warc.gz", vec![(PAGE, 1270, "784"), (PAGE, 0, "2621")]),
        ("example-bad-non-chunked.warc.gz", vec![(PAGE, 1270, "0+1197"), (PAGE, 0, "0+3370")]),
        ("example-iana.org-chunked.warc", vec![("http://www.iana.org/", 7223, "405")]),
        ("example-resource.warc.gz", vec![(PAGE, 1303, "802")]),
        ("example-space-in-target-uri.warc.gz", vec![("file:///example with spaces.png", 70, "241")]),
        (
            "post-test.warc.gz",
            vec![
                ("http://httpbin.org/post", 545, "0"),
                ("http://httpbin.org/post", 552, "1196"),
                ("http://httpbin.org/post?foo=bar", 551, "2395"),
            ],
        ),
        ("example.arc", vec![(PAGE, 1270, "151")]),
        ("example.arc.gz", vec![(PAGE, 1270, "171")]),
    ] {
        let Some(keep) = file(name) else { return };
        let wanted = if name.contains(".arc") { DocumentKind::Arc } else { DocumentKind::Warc };
        assert_eq!(kind(&keep), wanted, "{name}");
        assert_eq!(members(&keep), expected, "{name}");
        let told: Vec<_> = keep.all[0].troubles.iter().map(|t| &*t.words).collect();
        // its digest is truly another: `sha1sum` of the block says so too
        let known = ["record 5 at 0+3370: its block is not that of its digest"];
        assert_eq!(told, if name == "example-bad-non-chunked.warc.gz" { &known[..] } else { &[] }, "{name}");
        assert!(keep.all[0].end.as_ref().is_some_and(|end| end.sha256.is_some()), "{name}");
    }
}

#[test]
fn the_time_of_capture_and_the_name_of_the_collection_are_kept() {
    let Some(keep) = file("example.warc.gz") else { return };
    assert_eq!(keep.members()[0].document.captured.map(|t| t.to_string()), Some("2017-03-06T04:02:06Z".into()));
    assert_eq!(keep.all[0].end.as_ref().and_then(|e| e.title.as_deref()), Some("Temporary%20Collection"));
    let Some(keep) = file("example.arc.gz") else { return };
    assert_eq!(keep.members()[0].document.captured.map(|t| t.to_string()), Some("2014-02-16T05:02:21Z".into()));
}

#[test]
fn an_archive_packed_as_a_whole_under_another_name_is_known_by_its_content() {
    let Some(keep) = file("example-bad.warc.gz.bad") else { return };
    assert_eq!(kind(&keep), DocumentKind::Warc);
    let uris: Vec<_> = members(&keep).iter().map(|m| m.0).collect();
    assert_eq!(
        uris,
        ["http://example.com?example=1", "http://example.com?example=1", "http://www.iana.org/domains/example"]
    );
    assert_eq!(keep.members()[2].document.member.as_deref().map(|m| m.starts_with("record 6 at 0+4771 ")), Some(true));
}

#[test]
fn uris_in_brackets_and_with_spaces_are_read() {
    let Some(keep) = file("example-wget-bad-target-uri.warc.gz") else { return };
    assert_eq!(members(&keep)[0], (PAGE, 1270, "824"));
    assert!(keep.members()[3].text().contains("example.com"));
    let Some(keep) = file("example-space-in-url.arc") else { return };
    let uri = "http://example.com/index.cfm?FuseAction=Email&EmailTitle=Examples From The Live Web&IsPopUp=False";
    assert_eq!(members(&keep), [(uri, 1271, "151")]);
    // its length is 12 more than there is
    assert_eq!(troubles(&keep), [(TroubleKind::Truncated, Some(151))]);
}

#[test]
fn a_record_that_was_cut_is_told_with_its_place_and_the_next_one_is_found() {
    let Some(keep) = file("example-trunc.warc") else { return };
    assert_eq!(members(&keep), [(PAGE, 1270, "1197")]);
    let places: Vec<_> = troubles(&keep);
    assert!(places.contains(&(TroubleKind::Truncated, Some(1197))), "{places:?}");
    assert!(places.contains(&(TroubleKind::Malformed, Some(2560))), "{places:?}");
}

#[test]
fn a_record_over_two_packed_members_is_read_as_one_and_its_wrong_digest_told() {
    let Some(keep) = file("example-wrong-chunks.warc.gz") else { return };
    assert_eq!(members(&keep), [(PAGE, 1270, "0")]);
    assert_eq!(keep.all[0].troubles.len(), 1);
    assert!(keep.all[0].troubles[0].words.ends_with("its block is not that of its digest"));
}

#[test]
fn lengths_that_are_none_are_told_and_the_lines_that_follow_are_read() {
    let Some(keep) = file("bad.arc") else { return };
    let lengths: Vec<_> = keep.troubles().into_iter().filter(|t| t.contains("its length is")).collect();
    assert_eq!(lengths.len(), 3, "{lengths:?}");
    assert!(lengths[2].starts_with("record 4 at 262: its length is abc"));
}

#[test]
fn requests_are_not_read_and_digests_in_base_64_are_understood() {
    let Some(keep) = file("example-digest.warc") else { return };
    assert_eq!(members(&keep), []);
    assert_eq!(troubles(&keep), []);
}
