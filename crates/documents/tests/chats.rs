//! Exports of messengers, in the languages and formats of their users, and broken ones.

use crate::fuzzed;
use crate::kept;

use athar_documents::fixture_archives::{
    Phone, Post, chat_csv, chat_json_lines, telegram_account_json, telegram_html, telegram_json, whatsapp,
};
use athar_documents::{ChatColumns, DocumentKind, Limits, Message, Reader, Segment, SegmentKind, TroubleKind};
use kept::{Keep, kind, read, read_with};
use proptest::prelude::*;

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// 2021-03-13T22:05:09Z
const AT: u32 = 1_615_673_109;

fn of_kind(keep: &Keep, kind: SegmentKind) -> Vec<&Segment> {
    keep.all.iter().flat_map(|read| &read.segments).filter(|segment| segment.kind == kind).collect()
}

fn messages(keep: &Keep) -> Vec<(&str, &Message)> {
    of_kind(keep, SegmentKind::Message)
        .into_iter()
        .map(|s| (&*s.text, &**s.message.as_ref().expect("a message")))
        .collect()
}

fn values(keep: &Keep) -> Vec<&str> {
    of_kind(keep, SegmentKind::Attribute).into_iter().map(|s| &*s.text).collect()
}

/// Every place of a segment that the map names truly holds the text from there to the next place, in a file of UTF-8.
fn check_places(keep: &Keep, bytes: &[u8]) {
    for segment in keep.all.iter().flat_map(|read| &read.segments) {
        let at = segment.text.find(ADDRESS);
        if let Some(at) = at {
            let source = segment.map.source(at).expect("a place") as usize;
            assert!(bytes[source..].starts_with(&ADDRESS.as_bytes()[..1]), "{:?} at {source}", segment.text);
            let end = segment.map.source(at + ADDRESS.len() - 1).expect("a place") as usize;
            assert_eq!(bytes[end], ADDRESS.as_bytes()[ADDRESS.len() - 1]);
        }
    }
}

fn posts() -> Vec<Post<'static>> {
    vec![
        Post::new("Aid & Co", AT, "Give to 1A1zP1eP5QGefi2DMP**TfTL5SLmv7DivfNa** <today>\n\"second\" line"),
        Post {
            reply_to: Some(1),
            ..Post::new("Aid & Co", AT + 60, "تبرعوا الآن إلى 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
        },
        Post { forwarded_from: Some("Other <b>"), ..Post::new("Umut", AT + 86_400, "Bağış yapın 😀") },
    ]
}

const TEXTS: [&str; 3] = [
    "Give to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa <today>\n\"second\" line",
    "تبرعوا الآن إلى 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "Bağış yapın 😀",
];

#[test]
fn telegram_json_gives_every_message_with_what_is_known_of_it() {
    let bytes = telegram_json("Relief \"x\"", 1_234_567_890, &posts());
    let keep = read("result.json", &bytes);
    assert_eq!(kind(&keep), DocumentKind::TelegramJson);
    assert_eq!(keep.troubles(), Vec::<String>::new());
    assert_eq!(keep.all[0].document.channel.as_deref(), Some("Relief \"x\""));
    let all = messages(&keep);
    assert_eq!(all.iter().map(|(text, _)| *text).collect::<Vec<_>>(), TEXTS);
    check_places(&keep, &bytes);
    let first = all[0].1;
    assert_eq!((first.id.as_deref(), first.channel.as_deref()), (Some("1"), Some("Relief \"x\"")));
    assert_eq!((first.channel_id.as_deref(), first.author.as_deref()), (Some("1234567890"), Some("Aid & Co")));
    assert_eq!(first.at.map(|m| (m.time.0, m.zone_known)), Some((AT, true)));
    assert_eq!(all[1].1.reply_to.as_deref(), Some("1"));
    assert_eq!(all[2].1.forwarded_from.as_deref(), Some("Other <b>"));
}

#[test]
fn telegram_html_gives_the_same_messages_as_its_json() {
    let bytes = telegram_html("Relief <x>", &posts());
    let keep = read("messages.html", &bytes);
    assert_eq!(kind(&keep), DocumentKind::TelegramHtml);
    assert_eq!(keep.troubles(), Vec::<String>::new());
    assert_eq!(keep.all[0].document.channel.as_deref(), Some("Relief <x>"));
    let all = messages(&keep);
    assert_eq!(all.iter().map(|(text, _)| *text).collect::<Vec<_>>(), TEXTS);
    check_places(&keep, &bytes);
    let json = telegram_json("Relief <x>", 1, &posts());
    let json = read("result.json", &json);
    for ((_, html), (_, json)) in all.iter().zip(messages(&json)) {
        let json = Message { channel_id: None, ..json.clone() };
        assert_eq!(**html, json);
    }
    // the line of the day is no message
    assert!(of_kind(&keep, SegmentKind::Notice).is_empty());
}

#[test]
fn a_whole_account_is_read_chat_by_chat() {
    let bytes = telegram_account_json(&[("One", 1, &posts()), ("Two", 2, &posts()[..1])]);
    let keep = read("result.json", &bytes);
    assert_eq!(kind(&keep), DocumentKind::TelegramJson);
    let channels: Vec<_> = messages(&keep).iter().map(|(_, m)| (m.channel.clone(), m.channel_id.clone())).collect();
    let of = |name: &str, id: &str| (Some(name.to_owned()), Some(id.to_owned()));
    assert_eq!(channels, [of("One", "1"), of("One", "1"), of("One", "1"), of("Two", "2")]);
    assert_eq!(keep.all[0].document.channel, None);
    check_places(&keep, &bytes);
}

#[test]
fn links_polls_cards_buttons_and_names_of_files_are_read() {
    let json = format!(
        r##"{{"name":"x","type":"public_channel","id":5,"messages":[
        {{"id":1,"type":"message","date":"2021-03-13T22:05:09","from":null,"from_id":"channel5","author":"Sam",
          "photo":"photos/photo_1.jpg","file":"(File not included. Change data exporting settings to download.)",
          "text":["look ",{{"type":"text_link","text":"here","href":"https://give.example/?a={ADDRESS}"}},
                  {{"type":"hashtag","text":"#aid"}}," ",{{"type":"bank_card","text":"4111 1111 1111 1111"}},
                  " ",{{"type":"phone","text":"+1 555 0100"}}]}},
        {{"id":2,"type":"message","date_unixtime":"0","date":"bad","text":"","poll":{{"question":"Which?","total_voters":3,
          "answers":[{{"text":"bitcoin","voters":1}},{{"text":"{ADDRESS}","voters":2}}]}}}},
        {{"id":3,"type":"message","date_unixtime":"1615673109","text":"",
          "contact_information":{{"first_name":"Ann","last_name":"","phone_number":"0015550100"}}}},
        {{"id":4,"type":"message","date_unixtime":1615673109,"text":"pay",
          "inline_bot_buttons":[[{{"type":"url","text":"Donate","data":"bitcoin:{ADDRESS}"}}]],
          "file":"files/../../../etc/passwd","mime_type":"x"}},
        {{"id":5,"type":"service","date_unixtime":"1615673109","actor":"Ann","actor_id":"user7","action":"edit_group_title",
          "title":"New name","text":""}},
        {{"id":6,"type":"message","text_entities":[{{"type":"plain","text":"only {ADDRESS}"}}],"text":""}}
        ]}}"##
    );
    let keep = read("result.json", json.as_bytes());
    assert_eq!(kind(&keep), DocumentKind::TelegramJson);
    assert_eq!(keep.troubles(), Vec::<String>::new());
    let texts: Vec<_> = messages(&keep).iter().map(|(text, _)| *text).collect();
    assert_eq!(
        texts.iter().map(|t| t.trim()).collect::<Vec<_>>(),
        [
            "look here#aid 4111 1111 1111 1111 +1 555 0100",
            &format!("Which?\nbitcoin\n{ADDRESS}"),
            "Ann\n0015550100",
            "pay",
            &format!("only {ADDRESS}"),
        ]
    );
    let link = format!("https://give.example/?a={ADDRESS}");
    let uri = format!("bitcoin:{ADDRESS}");
    assert_eq!(values(&keep), [&*link, "photos/photo_1.jpg", &uri, "Donate", "files/../../../etc/passwd"]);
    let segment = of_kind(&keep, SegmentKind::Attribute)[0];
    assert!(segment.context.as_deref().is_some_and(|c| c.starts_with("look here")));
    let first = messages(&keep)[0].1;
    assert_eq!(first.author.as_deref(), Some("channel5 (Sam)"));
    assert_eq!(first.at.map(|m| (m.time.0, m.zone_known)), Some((AT, false)));
    assert_eq!(messages(&keep)[1].1.at, None);
    let notice = of_kind(&keep, SegmentKind::Notice)[0];
    assert_eq!(notice.text.trim(), "edit_group_title\nNew name");
    assert_eq!(notice.message.as_ref().unwrap().author.as_deref(), Some("Ann"));
    check_places(&keep, json.as_bytes());
}

#[test]
fn parts_of_a_telegram_page_that_are_not_text_are_read_as_what_they_are() {
    let body = format!(
        r#"<div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">Ch</div></div></div>
        <div class="page_body chat_page"><div class="history">
        <a class="pagination block_link" href="messages2.html">Previous messages</a>
        <div class="message service" id="message7"><div class="body details">Ann joined &amp; left</div></div>
        <div class="message default clearfix" id="message8">
         <div class="pull_left userpic_wrap"><div class="userpic userpic1"><div class="initials">A</div></div></div>
         <div class="body"><div class="pull_right date details" title="13.03.2021 22:05:09">22:05</div>
          <div class="from_name">Ann <span class="via">via @bot</span></div>
          <div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/{ADDRESS}.jpg"><img class="photo" src="t.jpg"></a></div>
          <div class="text">see <a href="https://give.example/?x=1&amp;a={ADDRESS}">this</a> and <a href="" onclick="return ShowHashtag(&quot;aid&quot;)">#aid</a><br><code>{ADDRESS}</code></div>
          <div class="signature details">Sam</div>
         </div></div>
        <div class="message default clearfix joined" id="message9"><div class="body">
          <div class="media_wrap clearfix"><div class="media clearfix pull_left media_contact"><div class="fill pull_left"></div>
           <div class="body"><div class="title bold">Bob</div><div class="status details">+1 555 0100</div></div></div></div>
         </div></div>
        <div class="message default clearfix joined" id="message10"><div class="body">
          <div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">Which?</div><div class="details">Anonymous poll</div>
           <div class="answer">- bitcoin <span class="details">1 vote</span></div></div></div></div></div>
        </div></div></div>"#
    );
    let page = format!("<!DOCTYPE html><html><head><title>Exported Data</title></head><body>{body}</body></html>");
    let keep = read("messages.html", page.as_bytes());
    assert_eq!(kind(&keep), DocumentKind::TelegramHtml);
    let all = messages(&keep);
    let texts: Vec<_> = all.iter().map(|(text, _)| *text).collect();
    let first = format!("see this and #aid\n{ADDRESS}");
    assert_eq!(texts, [&*first, "Bob\n+1 555 0100", "Which?\n- bitcoin"]);
    assert_eq!(all[0].1.author.as_deref(), Some("Ann (Sam)"));
    assert_eq!(all[1].1.author.as_deref(), Some("Ann"));
    assert_eq!(all[0].1.at.map(|m| (m.time.0, m.zone_known)), Some((AT, false)));
    assert_eq!(values(&keep), [format!("photos/{ADDRESS}.jpg"), format!("https://give.example/?x=1&a={ADDRESS}")]);
    assert_eq!(of_kind(&keep, SegmentKind::Notice)[0].text, "Ann joined & left");
    check_places(&keep, page.as_bytes());
}

#[test]
fn broken_telegram_exports_give_what_can_be_read_and_say_the_rest() {
    let good = telegram_json("x", 1, &posts());
    // cut anywhere: no message before the cut is lost
    let second = memchr::memmem::find(&good, b"\"id\":2").unwrap();
    for cut in [second + 5, good.len() - 3, good.len() - 40] {
        let keep = read("result.json", &good[..cut]);
        assert_eq!(messages(&keep)[0].0, TEXTS[0]);
        let trouble = &keep.all[0].troubles[0];
        assert_eq!((trouble.kind, trouble.offset), (TroubleKind::Truncated, Some(cut as u64)));
    }
    // a message that is no JSON is read as it stands, and the next one as ever
    let text = String::from_utf8(good.clone()).unwrap();
    let broken = text.replacen("\"id\":1,", "\"id\":,", 1);
    let keep = read("result.json", broken.as_bytes());
    assert!(messages(&keep)[0].0.contains("1A1zP1eP5QGefi2DMP"));
    assert_eq!(messages(&keep)[1].0, TEXTS[1]);
    assert!(keep.troubles()[0].contains("as it stands"), "{:?}", keep.troubles());
    // nesting that no parser follows
    let deep =
        text.replacen("\"id\":1,", &format!("\"x\":{}1{},\"id\":1,", "[".repeat(200_000), "]".repeat(200_000)), 1);
    let keep = read("result.json", deep.as_bytes());
    assert!(messages(&keep).iter().any(|(text, _)| text.contains("1A1zP1eP5QGefi2DMP")));
    assert_eq!(messages(&keep).last().unwrap().0, TEXTS[2]);
    // rubbish between messages
    let rubbish = text.replacen("},{", "} ?? {", 1);
    let keep = read("result.json", rubbish.as_bytes());
    let all = keep.all[0].text();
    assert!(all.contains(TEXTS[0]) && all.contains("تبرعوا الآن"), "{all}");
    assert!(!keep.troubles().is_empty());
}

#[test]
fn one_message_of_a_hundred_megabytes_is_read_in_bounded_pieces() {
    let long = format!("{ADDRESS} {}", "ab ".repeat(33_000_000));
    let json = format!(
        r#"{{"name":"x","type":"public_channel","id":1,"messages":[{{"id":1,"from_id":"u","text":"{long}{ADDRESS}"}},{{"id":2,"text":"after"}}]}}"#
    );
    // the other readers are slower without optimisation; their bounds lie lower
    let long = &long[..12_000_000];
    let whatsapp = format!("31/12/20, 23:59 - A: {long}{ADDRESS}\n31/12/20, 23:59 - B: after\n");
    let csv = format!("date,from,message\n2020-12-31,A,\"{long}{ADDRESS}\"\n2020-12-31,B,after\n");
    let html =
        String::from_utf8(telegram_html("x", &[Post::new("A", AT, "first"), Post::new("B", AT, "after")])).unwrap();
    let html = html.replacen("first", &format!("{long}{ADDRESS}"), 1);
    for (name, bytes) in [("result.json", json), ("a.txt", whatsapp), ("a.csv", csv), ("messages.html", html)] {
        let keep = read(name, bytes.as_bytes());
        assert!(keep.segment_bytes_max <= Limits::default().segment_bytes, "{name}");
        let text = keep.all[0].text();
        assert_eq!(text.matches(ADDRESS).count(), 2, "{name}");
        assert!(text.trim_end().ends_with("after") || text.contains("after"), "{name}");
    }
}

#[test]
fn whatsapp_chats_of_every_phone_give_the_same_messages() {
    let texts = [
        "give to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\nsecond line\n\nfourth: line",
        "تبرعوا",
        "13:00 - no message",
        "last",
    ];
    let posts: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| Post::new(["Ann", "+90 555 000 00 00", "أمين"][i % 3], AT + i as u32 * 40_000, text))
        .collect();
    for phone in Phone::ALL {
        let bytes = whatsapp(phone, &posts);
        let keep = read("_chat.txt", &bytes);
        assert_eq!(kind(&keep), DocumentKind::Whatsapp, "{phone:?}");
        assert_eq!(keep.troubles(), Vec::<String>::new(), "{phone:?}");
        let all = messages(&keep);
        assert_eq!(all.iter().map(|(text, _)| *text).collect::<Vec<_>>(), texts, "{phone:?}");
        for ((_, message), post) in all.iter().zip(&posts) {
            assert_eq!(message.author.as_deref(), Some(post.author), "{phone:?}");
            let at = message.at.expect("a time");
            assert!(!at.zone_known);
            assert!(post.at - at.time.0 < 60, "{phone:?}: {} {}", at.time, post.at);
        }
        assert_eq!(of_kind(&keep, SegmentKind::Notice).len(), 1, "{phone:?}");
        check_places(&keep, &bytes);
    }
}

#[test]
fn a_chat_in_a_zip_has_the_name_of_the_zip() {
    let chat = whatsapp(Phone::IosEnglish, &posts());
    let bytes = athar_documents::fixture::zip(&[("_chat.txt", &chat), ("../../IMG-1.jpg", b"x")]);
    let keep = read("in/WhatsApp Chat - Aid.zip", &bytes);
    let read = keep.all.iter().find(|read| read.document.kind == DocumentKind::Whatsapp).unwrap();
    assert_eq!(read.document.channel.as_deref(), Some("Aid"));
    assert_eq!(read.segments.iter().filter(|s| s.kind == SegmentKind::Message).count(), 3);
}

#[test]
fn an_order_of_dates_that_the_lines_do_not_tell_is_a_guess_and_told() {
    let keep = read("a.txt", b"03/04/21, 10:00 - Ann: x\n04/04/21, 10:00 - Ann: y\n");
    assert!(keep.troubles()[0].contains("which is a guess"), "{:?}", keep.troubles());
    assert_eq!(messages(&keep)[0].1.at.map(|m| m.time.to_string()), Some("2021-04-03T10:00:00Z".into()));
    // evidence that comes after the sample
    let mut text = "03/04/21, 10:00 - Ann: same day\n".repeat(40_000);
    text += "04/13/21, 10:00 - Ann: late\n";
    let keep = read("a.txt", text.as_bytes());
    let troubles = keep.troubles();
    assert_eq!(troubles.len(), 2, "{troubles:?}");
    assert!(troubles[1].contains("read as month/day/year"), "{troubles:?}");
    assert_eq!(messages(&keep).last().unwrap().1.at.map(|m| m.time.to_string()), Some("2021-04-13T10:00:00Z".into()));
    // dates that are none
    let keep = read("a.txt", b"13/12/21, 10:00 - Ann: x\n99/99/21, 10:00 - Ann: y\n");
    assert_eq!(messages(&keep)[1].1.at, None);
    assert_eq!(keep.all[0].troubles[0].offset, Some(25));
}

#[test]
fn what_whatsapp_wrote_itself_is_a_notice_and_files_give_their_names() {
    let text = format!(
        "31/12/20, 23:58 - Ann created group \"Aid: now\"\n\
         31/12/20, 23:59 - Ann: <Media omitted>\n\
         31/12/20, 23:59 - Ann: This message was deleted\n\
         31/12/20, 23:59 - Ann: {ADDRESS}.jpg (file attached)\nthe caption {ADDRESS}\n\
         31/12/20, 23:59 - Ann: give {ADDRESS} <This message was edited>\n\
         31/12/20, 23:59 - Ann: \u{200e}image omitted\n\
         31/12/20, 23:59 - Ann: \u{200e}<attached: ../../0001-PHOTO.jpg>\n\
         31/12/20, 23:59 - Ann: \u{200e}{ADDRESS}\n"
    );
    let keep = read("in/WhatsApp Chat with Aid.txt", text.as_bytes());
    assert_eq!(keep.all[0].document.channel.as_deref(), Some("Aid"));
    let caption = format!("the caption {ADDRESS}");
    let edited = format!("give {ADDRESS} ");
    let marked = format!("\u{200e}{ADDRESS}");
    let all = messages(&keep);
    assert_eq!(all.iter().map(|(text, _)| *text).collect::<Vec<_>>(), [&*caption, &edited, &marked]);
    assert!(all.iter().all(|(_, message)| message.channel.as_deref() == Some("Aid")));
    assert_eq!(values(&keep), [&*format!("{ADDRESS}.jpg"), "../../0001-PHOTO.jpg"]);
    let notices: Vec<_> = of_kind(&keep, SegmentKind::Notice).iter().map(|s| &*s.text).collect();
    assert_eq!(
        notices,
        [
            "Ann created group \"Aid: now\"",
            "<Media omitted>",
            "This message was deleted",
            "<This message was edited>",
            "\u{200e}image omitted"
        ]
    );
}

#[test]
fn logs_and_lists_are_no_chats() {
    for text in ["2024-01-01 10:00 - started\nsecond line of something\n", "1. 2. 3. go\n", "12/31/20 was a day\n"] {
        assert_eq!(kind(&read("a.txt", text.as_bytes())), DocumentKind::Text, "{text}");
    }
}

#[test]
fn tables_and_lines_of_json_give_the_same_messages() {
    let csv = chat_csv(&posts());
    let lines = chat_json_lines(&posts());
    let array = format!("[{}]", String::from_utf8(lines.clone()).unwrap().trim_end().replace('\n', ","));
    let inside = format!("{{\"exportedAt\":\"x\",\"channel\":{{\"name\":\"Relief\"}},\"messages\":{array}}}");
    for (name, bytes, expected) in [
        ("a.csv", csv, DocumentKind::ChatCsv),
        ("a.jsonl", lines, DocumentKind::ChatJson),
        ("a.json", array.into_bytes(), DocumentKind::ChatJson),
        ("b.json", inside.into_bytes(), DocumentKind::ChatJson),
    ] {
        let keep = read(name, &bytes);
        assert_eq!(kind(&keep), expected, "{name}");
        assert_eq!(keep.troubles(), Vec::<String>::new(), "{name}");
        let all = messages(&keep);
        assert_eq!(all.iter().map(|(text, _)| *text).collect::<Vec<_>>(), TEXTS, "{name}");
        check_places(&keep, &bytes);
        let (_, second) = all[1];
        assert_eq!((second.id.as_deref(), second.author.as_deref()), (Some("2"), Some("Aid & Co")), "{name}");
        assert_eq!(second.at.map(|m| (m.time.0, m.zone_known)), Some((AT + 60, true)), "{name}");
        assert_eq!(second.reply_to.as_deref(), Some("1"), "{name}");
        if name == "b.json" {
            assert_eq!(second.channel.as_deref(), Some("Relief"));
        }
    }
}

#[test]
fn columns_are_those_that_the_user_names() {
    let columns = ChatColumns {
        text: "Inhalt".into(),
        author: Some("wer.name".into()),
        at: Some("wann".into()),
        channel: Some("wo".into()),
        ..ChatColumns::default()
    };
    let reader = || Reader::default().with_chat_columns(columns.clone());
    let json = format!(r#"[{{"wer":{{"name":"Ann"}},"wann":1615673109000,"wo":"K","Inhalt":"give {ADDRESS}"}}]"#);
    let csv =
        format!("wer.name;wann;wo;Inhalt;link\nAnn;2021-03-13 22:05;K;give {ADDRESS};https://x.example/{ADDRESS}\n");
    for (name, bytes) in [("a.json", json), ("a.txt", csv)] {
        let keep = read_with(reader(), name, bytes.as_bytes());
        let all = messages(&keep);
        assert_eq!(all[0].0, format!("give {ADDRESS}"), "{name}");
        assert_eq!(all[0].1.author.as_deref(), Some("Ann"), "{name}");
        assert_eq!(all[0].1.channel.as_deref(), Some("K"), "{name}");
        assert!(all[0].1.at.is_some(), "{name}");
        check_places(&keep, bytes.as_bytes());
        assert_eq!(kind(&read(name, bytes.as_bytes())), DocumentKind::Text, "{name} without columns");
    }
}

#[test]
fn values_of_other_columns_that_are_long_enough_are_read() {
    let csv = format!(
        "date,from,message,link,likes\n2021-03-13,Ann,look,https://x.example/{ADDRESS},5\n14/03/2021,Bo,y,,6\n"
    );
    let keep = read("a.csv", csv.as_bytes());
    assert_eq!(values(&keep), [format!("https://x.example/{ADDRESS}")]);
    assert_eq!(of_kind(&keep, SegmentKind::Attribute)[0].context.as_deref(), Some("look"));
    assert_eq!(keep.troubles(), ["times like \"14/03/2021\" are not read"]);
    assert_eq!(messages(&keep)[1].1.at, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_bytes_make_a_chat_panic_or_give_too_long_a_segment(
        which in 0..6_usize,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..20),
    ) {
        let posts = posts();
        let (name, mut bytes) = match which {
            0 => ("result.json", telegram_json("x", 1, &posts)),
            1 => ("messages.html", telegram_html("x", &posts)),
            2 => ("_chat.txt", whatsapp(Phone::IosArabic, &posts)),
            3 => ("a.csv", chat_csv(&posts)),
            4 => ("a.jsonl", chat_json_lines(&posts)),
            _ => ("result.json", telegram_account_json(&[("x", 1, &posts)])),
        };
        let kind = kind(&read(name, &bytes));
        for (index, byte, what) in cuts {
            let at = index.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let at = [DocumentKind::TelegramJson, DocumentKind::TelegramHtml, DocumentKind::Whatsapp, DocumentKind::ChatCsv, DocumentKind::ChatJson];
        let at = at.iter().position(|k| *k == kind).unwrap() as u8;
        for first in [at, at + 130] {
            fuzzed::chat(&[&[first], &bytes[..]].concat());
        }
    }

    #[test]
    fn any_text_is_read_as_any_chat(text in "\\PC{0,200}", kind in 0..5_usize) {
        fuzzed::chat(&[&[kind as u8], text.as_bytes()].concat());
    }
}

#[test]
fn a_message_of_a_hundred_thousand_links_and_breaks_is_read_in_bounded_time() {
    let links: String = (0..100_000).map(|i| format!("<a href=\"https://x.example/{i}\">y</a> <br>")).collect();
    let html =
        String::from_utf8(telegram_html("x", &[Post::new("A", AT, "first"), Post::new("B", AT, "after")])).unwrap();
    let html = html.replacen("first", &links, 1);
    let keep = read("messages.html", html.as_bytes());
    assert_eq!(values(&keep).len(), 100_000);
    assert_eq!(messages(&keep).last().unwrap().0, "after");
    let deep = html.replacen(&links, &format!("{}{ADDRESS}", "<div class=\"x\">".repeat(100_000)), 1);
    let keep = read("messages.html", deep.as_bytes());
    assert!(messages(&keep)[0].0.contains(ADDRESS));
}

#[test]
fn what_json_holds_besides_messages_is_not_lost() {
    let json = format!(
        r#"{{"about":"pay {ADDRESS}","messages":[{{"author":{{"name":"Ann"}},"content":"hello","date":"2021-03-13"}},
           "loose {ADDRESS}",{{"odd":"{ADDRESS}","deep":{{"x":["{ADDRESS}"]}}}}],"extra":{{"a":"{ADDRESS}"}}}}"#
    );
    let keep = read("a.json", json.as_bytes());
    assert_eq!(kind(&keep), DocumentKind::ChatJson);
    assert_eq!(messages(&keep)[0].0, "hello");
    assert_eq!(messages(&keep)[0].1.author.as_deref(), Some("Ann"));
    assert_eq!(values(&keep).iter().filter(|value| value.contains(ADDRESS)).count(), 5);
    check_places(&keep, json.as_bytes());
}
