//! What is too long, too large, too many or of no form is refused by its field, and changes nothing.

use crate::world::{NOW, code, fields, note, on_each, task};
use athar_team::cases::{Body, CaseError, CaseFields, CaseQuery, Kind, bounds};

fn field(result: Result<Body, CaseError>) -> String {
    match result {
        Err(CaseError::Input { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_is_refused_by_the_field_that_is_wrong() {
    let long = |chars: usize| "م".repeat(chars);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (kind, json, wrong) in [
        (Kind::Note, "{}".to_owned(), "body"),
        (Kind::Note, r#"{"text":""}"#.to_owned(), "text"),
        (Kind::Note, r#"{"text":" \n "}"#.to_owned(), "text"),
        (Kind::Note, r#"{"text":"a","html":"<b>"}"#.to_owned(), "body"),
        (Kind::Note, r#"{"text":"a","text":"b"}"#.to_owned(), "body"),
        (Kind::Note, r#"{"text":7}"#.to_owned(), "body"),
        (Kind::Note, r#"{"text":"a\u0000b"}"#.to_owned(), "text"),
        (Kind::Note, r#"{"text":"a\u001bb"}"#.to_owned(), "text"),
        (Kind::Note, format!(r#"{{"text":"{}"}}"#, long(bounds::NOTE_CHARS_MAX + 1)), "text"),
        (Kind::Subject, r#"{"kind":"address","chain":"bitcoin","value":"x"}"#.to_owned(), "value"),
        (Kind::Subject, r#"{"kind":"animal","value":"x"}"#.to_owned(), "body"),
        (Kind::Subject, format!(r#"{{"kind":"person","value":"{}"}}"#, long(513)), "value"),
        (Kind::Finding, r#"{"statement":"s","path":"http://evil.example/","pinned":1}"#.to_owned(), "path"),
        (Kind::Finding, r#"{"statement":"s","path":"/v1/a b","pinned":1}"#.to_owned(), "path"),
        (Kind::Finding, format!(r#"{{"statement":"s","path":"/v1/{}","pinned":1}}"#, "a".repeat(5_000)), "path"),
        (Kind::Finding, format!(r#"{{"statement":"s","path":"/v1/a","pinned":"{}"}}"#, "a".repeat(300_000)), "pinned"),
        (Kind::Finding, format!(r#"{{"statement":"s","path":"/v1/a","pinned":{deep}}}"#), "pinned"),
        (Kind::Task, r#"{"text":"t","due":"2027-02-30"}"#.to_owned(), "due"),
        (Kind::Task, r#"{"text":"t","due":"tomorrow"}"#.to_owned(), "due"),
        (Kind::Link, r#"{"why":"w"}"#.to_owned(), "case"),
        (Kind::Link, r#"{"case":1,"elsewhere":"x","why":"w"}"#.to_owned(), "case"),
        (Kind::Graph, format!(r#"{{"name":"n","document":"{}"}}"#, "a".repeat(2 << 20)), "document"),
        (Kind::Graph, r#"{"name":"n\nm","document":{}}"#.to_owned(), "name"),
    ] {
        assert_eq!(field(Body::read(kind, json.as_bytes())), wrong, "{kind:?} {}", &json[..json.len().min(80)]);
    }
    // a bound is a bound and not less
    for json in [format!(r#"{{"text":"{}"}}"#, long(bounds::NOTE_CHARS_MAX)), r#"{"text":"a\nb\tc"}"#.to_owned()] {
        Body::read(Kind::Note, json.as_bytes()).unwrap();
    }
    // what is wrong is told by its place: the text itself may be a secret
    let error = Body::read(Kind::Note, br#"{"text": ["Zarqa4711"]}"#).unwrap_err().to_string();
    assert!(!error.contains("Zarqa"), "{error}");
    let error = Body::read(Kind::Subject, br#"{"kind":"Zarqa4711","value":""}"#).unwrap_err().to_string();
    assert!(!error.contains("Zarqa"), "{error}");
}

#[test]
fn json_of_a_client_stays_as_it_was_written() {
    on_each(|world| {
        let case = world.case("A case").id;
        let item = world.add(&world.owner, case, crate::world::finding("a statement"));
        let body = world.cases().item(&world.owner, case, Kind::Finding, item, NOW).unwrap().body;
        assert!(body.get().contains("123456789012345678901234567890"), "{body}");
    });
}

#[test]
fn names_of_files_are_names_and_nothing_else() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        for name in ["", "../a", "a/b", "a\\b", "..", "a\0", "exe.\u{202e}gpj", "a\nb"] {
            assert_eq!(code(cases.attach(&world.owner, case, name, "text/plain", b"x", NOW)), "input", "{name:?}");
        }
        for media in ["text", "text/html; charset=x", "a/b/c", "", "text/<b>"] {
            assert_eq!(code(cases.attach(&world.owner, case, "a", media, b"x", NOW)), "input", "{media:?}");
        }
        assert_eq!(code(cases.attach(&world.owner, case, "a", "text/plain", b"", NOW)), "input");
        let large = vec![7_u8; bounds::ATTACHMENT_BYTES_MAX + 1];
        assert_eq!(code(cases.attach(&world.owner, case, "a", "text/plain", &large, NOW)), "too many");
        let arabic = cases.attach(&world.owner, case, "تقرير.pdf", "application/pdf", b"%PDF", NOW).unwrap();
        assert_eq!(arabic.name, "تقرير.pdf");
        assert_eq!(arabic.sha256, "315d429b7714cedb6ad04ac31240145257692630457f3c88253c5beceac76027", "sha256 of %PDF");
        assert_eq!(cases.case(&world.owner, case, NOW).unwrap().counts.attachments, 1);
    });
}

#[test]
fn one_file_in_two_cases_is_stored_once_and_a_case_holds_so_many_bytes_and_no_more() {
    on_each(|world| {
        let (cases, first, second) = (world.cases(), world.case("First").id, world.case("Second").id);
        let bytes = vec![1_u8; 1 << 20];
        for case in [first, first, second] {
            cases.attach(&world.owner, case, "a", "text/plain", &bytes, NOW).unwrap();
        }
        let files = |sql: &str| world.team.db().read(|tx| tx.one(sql, &[])?.int(0)).unwrap();
        assert_eq!(files("SELECT count(*) FROM case_files"), 1);
        // as if it were larger: what counts is what is held
        let max = bounds::ATTACHMENTS_BYTES_MAX as i64;
        let grow = |size: i64| {
            let sql = "UPDATE case_holds SET size = ?2 WHERE case_id = ?1";
            world.team.db().write(|tx| tx.execute(sql, athar_team::params![first, size])).unwrap()
        };
        grow(max);
        assert_eq!(code(cases.attach(&world.owner, first, "b", "text/plain", b"one more", NOW)), "too many");
        assert_eq!(files("SELECT count(*) FROM case_files"), 1, "what was refused is not stored");
        cases.attach(&world.owner, second, "b", "text/plain", b"one more", NOW).unwrap();
        // the same bytes again cost nothing
        cases.attach(&world.owner, first, "c", "text/plain", &bytes, NOW).unwrap();
    });
}

#[test]
fn a_case_holds_so_many_items_and_texts_and_no_more() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        let set = |sql: &str| world.team.db().write(|tx| tx.execute(sql, athar_team::params![case])).unwrap();
        let item = world.add(&world.owner, case, note("a"));
        set(&format!("UPDATE cases SET texts = {} WHERE id = ?1", bounds::TEXT_BYTES_MAX));
        assert_eq!(code(cases.add(&world.owner, case, note("b"), None, NOW)), "too many");
        assert_eq!(world.said(case).len(), 1);
        // what takes away is let in: a full case can be emptied
        cases.remove(&world.owner, case, Kind::Note, item, None, NOW).unwrap();
        set("UPDATE cases SET texts = 0 WHERE id = ?1");
        set(&format!("UPDATE cases SET next_seq = {} WHERE id = ?1", bounds::CHANGES_MAX + 1));
        assert_eq!(code(cases.add(&world.owner, case, task("b"), None, NOW)), "too many");
    });
}

#[test]
fn pages_go_through_all_and_letters_are_letters() {
    on_each(|world| {
        let cases = world.cases();
        let titles = ["50% off", "5_0", "ÉTUDE", "قضية القسائم", "plain"];
        for title in titles {
            cases.make(&world.owner, &fields(title), NOW).unwrap();
        }
        let find = |text: &str| -> Vec<String> {
            let query = CaseQuery { text: Some(text.into()), limit: 10, ..CaseQuery::default() };
            cases.list(&world.owner, &query, NOW).unwrap().cases.into_iter().map(|case| case.title).collect()
        };
        assert_eq!(find("%"), ["50% off"]);
        assert_eq!(find("_"), ["5_0"]);
        assert_eq!(find("étude"), ["ÉTUDE"]);
        assert_eq!(find("القسائم"), ["قضية القسائم"]);
        assert_eq!(find("PLAIN"), ["plain"]);
        assert_eq!(find("'; DROP TABLE cases; --"), [""; 0]);
        let mut below = None;
        let mut seen = Vec::new();
        loop {
            let page = cases.list(&world.owner, &CaseQuery { below, limit: 2, ..CaseQuery::default() }, NOW).unwrap();
            seen.extend(page.cases.into_iter().map(|case| case.title));
            match page.next {
                Some(next) => below = Some(next),
                None => break,
            }
        }
        seen.reverse();
        assert_eq!(seen, titles);
        assert_eq!(code(cases.make(&world.owner, &CaseFields::default(), NOW)), "input");

        let case = cases.make(&world.owner, &fields("items"), NOW).unwrap().id;
        for at in 0..5 {
            world.add(&world.owner, case, crate::world::graph(&format!("g{at}"), 200_000));
        }
        let first = cases.items(&world.owner, case, Kind::Graph, 0, 1_000, NOW).unwrap();
        assert_eq!((first.items.len(), first.next.is_some()), (4, true), "a page ends at its bytes");
        let second = cases.items(&world.owner, case, Kind::Graph, first.next.unwrap(), 1_000, NOW).unwrap();
        assert_eq!((second.items.len(), second.next), (1, None));
    });
}
