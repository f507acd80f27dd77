//! A folder with every format, an address or more planted at every place that is read: each is found once, where it stands, on its
//! chain, and nothing else is.
use crate::support;

use athar_discover::{Event, Found, Progress, Teller, run_fed};
use athar_documents::fixture::{Docx, Part, docx, gzip, mail, mbox, mhtml, zip};
use athar_documents::fixture_archives::{
    Packing, Phone, Post, Warc, arc, chat_csv, chat_json_lines, telegram_account_json, telegram_html, telegram_json,
    whatsapp,
};
use athar_documents::fixture_pdf::{Pdf, PdfPage, PdfPicture, pdf_with_text_and_qr};
use athar_documents::fixture_pictures::{jpeg, jpeg_screenshot_with_qr, png_with_qr, qr};
use athar_documents::{Document, DocumentEnd, DocumentKind, Message, Segment, SegmentKind, Sink, SourceMap};
use athar_extract::torture::{Case, Disguise};
use athar_types::Chain;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::{address_cases, files, look, threads};

/// An address that must be found.
#[derive(Clone, Debug)]
struct Want {
    value: String,
    chain: Chain,
    file: String,
    /// The member; a `*` at its end stands for anything.
    member: Option<String>,
    /// Bytes of the file that it stands in, of plain text.
    within: Option<std::ops::Range<u64>>,
    /// Whether it stands there plainly.
    plain: bool,
}

/// What is planted, and what is left to plant.
struct Plan {
    pool: Vec<Case>,
    wants: Vec<Want>,
    made: Vec<(String, Vec<u8>)>,
    /// Where the next are planted.
    place: (String, Option<String>),
}

impl Plan {
    fn new() -> Self {
        let mut pool = address_cases(0x0a7a);
        // neighbours are of one form: mix them
        let stride = 1_009;
        assert_ne!(pool.len() % stride, 0);
        pool = (0..pool.len()).map(|i| pool[i * stride % pool.len()].clone()).collect();
        Self { pool, wants: Vec::new(), made: Vec::new(), place: (String::new(), None) }
    }

    fn at(&mut self, file: &str, member: Option<&str>) -> &mut Self {
        self.place = (file.into(), member.map(str::to_owned));
        self
    }

    fn take(&mut self, fits: impl Fn(&Case) -> bool) -> Case {
        let at = self.pool.iter().position(fits).expect("a case that fits");
        let case = self.pool.swap_remove(at);
        let planted = case.planted.as_ref().unwrap();
        self.wants.push(Want {
            value: planted.value.clone(),
            chain: planted.chain.unwrap(),
            file: self.place.0.clone(),
            member: self.place.1.clone(),
            within: None,
            plain: matches!(planted.disguise, Disguise::Plain),
        });
        case
    }

    /// A sentence in any disguise that one line can have.
    fn line(&mut self) -> String {
        self.take(|case| !case.text.contains(['\n', '<', '>', '\r'])).text
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }

    /// A sentence in any disguise.
    fn any(&mut self) -> String {
        self.take(|_| true).text
    }

    fn plain_in(&mut self, language: &str) -> String {
        self.take(|case| case.language == language && is(case, Disguise::Plain)).text
    }

    /// A sentence in ASCII.
    fn ascii(&mut self) -> String {
        // what fits on a line of a page
        self.take(|case| case.text.is_ascii() && !case.text.contains(['\n', '\r']) && case.text.len() < 110).text
    }

    /// An address alone, whose form tells the chain.
    fn bare(&mut self) -> String {
        let told = ["bitcoin p2wpkh", "bitcoin p2tr", "litecoin segwit", "tron", "dash", "zcash t1", "ripple"];
        let case = self.take(|c| is(c, Disguise::Plain) && c.planted.as_ref().is_some_and(|p| told.contains(&p.form)));
        case.planted.unwrap().value
    }

    fn file(&mut self, name: &str, bytes: Vec<u8>) {
        self.made.push((name.into(), bytes));
    }

    /// Writes what another file holds into members of one, and wants it there.
    fn nest(&mut self, from: &[&str], into: &str) -> Vec<(String, Vec<u8>)> {
        let mut members = Vec::new();
        for name in from {
            let bytes = self.made.iter().find(|(n, _)| n == name).unwrap().1.clone();
            members.push(((*name).to_owned(), bytes));
            for want in self.wants.clone().into_iter().filter(|want| want.file == *name) {
                let member = match &want.member {
                    Some(inner) => format!("{name} > {inner}"),
                    None => (*name).to_owned(),
                };
                self.wants.push(Want { file: into.into(), member: Some(member), within: None, ..want });
            }
        }
        members
    }

    fn write(&self, folder: &Path) {
        for (name, bytes) in &self.made {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

fn is(case: &Case, disguise: Disguise) -> bool {
    case.planted.as_ref().is_some_and(|planted| planted.disguise == disguise)
}

fn page(title: &str, paragraphs: &[String]) -> String {
    let body: String = paragraphs.iter().map(|p| format!("<p>{}</p>\n", p.replace('&', "&amp;"))).collect();
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}</title></head><body>{body}</body></html>"
    )
}

/// Texts in three encodings, with the place of each sentence.
fn plant_texts(plan: &mut Plan) {
    plan.at("any.txt", None);
    let mut text = String::new();
    for n in 0..60 {
        text.push_str("Nothing stands in this paragraph but words.\n\n");
        let start = text.len() as u64;
        // two sentences in one paragraph now and then
        text.push_str(&plan.any());
        text.push_str(if n % 5 == 0 { ".\n" } else { "\n\n" });
        plan.wants.last_mut().unwrap().within = Some(start..text.len() as u64);
    }
    plan.file("any.txt", text.into_bytes());

    plan.at("list.md", None);
    let sentences = plan.lines(6);
    let mut text = "# Help\n\n".to_owned();
    for s in &sentences {
        text.push_str(&format!("- {s}\n\n"));
    }
    text.push_str(&format!("[give](bitcoin:{})\n", plan.take(|c| form(c) == "bitcoin p2wpkh").planted.unwrap().value));
    plan.file("list.md", text.into_bytes());

    plan.at("old.txt", None);
    let mut bytes = Vec::new();
    for _ in 0..8 {
        let sentence = plan.plain_in("ar") + "\r\n\r\n";
        let (encoded, _, lost) = encoding_rs::WINDOWS_1256.encode(&sentence);
        assert!(!lost, "{sentence}");
        let start = bytes.len() as u64;
        bytes.extend_from_slice(&encoded);
        plan.wants.last_mut().unwrap().within = Some(start..bytes.len() as u64);
    }
    plan.file("old.txt", bytes);

    for (name, big) in [("little.txt", false), ("big.txt", true)] {
        plan.at(name, None);
        let mut bytes = if big { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
        for language in ["ar", "ru", "he", "en"] {
            let sentence = plan.plain_in(language) + "\n\n";
            let start = bytes.len() as u64;
            let units = sentence.encode_utf16();
            bytes.extend(units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }));
            plan.wants.last_mut().unwrap().within = Some(start..bytes.len() as u64);
        }
        plan.file(name, bytes);
    }

    plan.at("packed.txt.gz", Some("packed.txt"));
    let text = plan.lines(5).join("\n\n");
    plan.file("packed.txt.gz", gzip(text.as_bytes()));
}

fn form(case: &Case) -> &'static str {
    case.planted.as_ref().map_or("", |planted| planted.form)
}

fn plant_pages(plan: &mut Plan) {
    plan.at("page.html", None);
    let sentences = plan.lines(25);
    let mut html = page("Our page", &sentences);
    let link = plan.bare();
    let button = plan.bare();
    let field = plan.bare();
    let split = plan.bare();
    html = html.replace(
        "</body>",
        &format!(
            "<a href=\"/pay?to={link}\">Give here</a> <button data-clipboard-text=\"{button}\">Copy</button>\
             <input value=\"{field}\"><p>Send it to {}<wbr>{} today</p></body>",
            &split[..10],
            &split[10..]
        ),
    );
    plan.file("page.html", html.into_bytes());

    plan.at("saved.mhtml", Some("part 1"));
    let html = page("Saved", &plan.lines(4));
    plan.at("saved.mhtml", Some("part 2"));
    let code = png_with_qr(&plan.bare());
    let parts = [
        Part::new("text/html; charset=\"utf-8\"", html.into_bytes())
            .encoded("quoted-printable")
            .at("https://a.example/"),
        Part::new("image/png", code).encoded("base64").at("https://a.example/code.png"),
    ];
    plan.file("saved.mhtml", mhtml("https://a.example/", &parts));

    plan.at("office.docx", None);
    let text = Docx {
        paragraphs: vec![plan.line().chars().collect::<Vec<_>>().chunks(9).map(|c| c.iter().collect()).collect()],
        table: vec![vec!["Coin".into(), plan.line()], vec!["Coin".into(), plan.line()]],
        header: Some(plan.line()),
        footer: Some(plan.line()),
        comment: Some(("Somebody".into(), plan.line())),
        links: vec![format!("bitcoin:{}", plan.take(|c| form(c) == "bitcoin p2tr").planted.unwrap().value)],
        pictures: Vec::new(),
        title: Some("A paper".into()),
    };
    plan.at("office.docx", Some("word/media/code.png"));
    let pictures = vec![("code.png".to_owned(), png_with_qr(&plan.bare()))];
    plan.file("office.docx", docx(&Docx { pictures, ..text }));
}

fn plant_pdfs(plan: &mut Plan) {
    plan.at("short.pdf", None);
    let texts = [plan.ascii(), plan.ascii()];
    plan.at("short.pdf", Some("page 2 img 1"));
    let code = plan.bare();
    plan.file("short.pdf", pdf_with_text_and_qr(&[&texts[0], &texts[1]], &code));

    plan.at("long.pdf", None);
    let texts = [plan.ascii(), plan.ascii(), plan.ascii()];
    let link = plan.take(|c| form(c) == "bitcoin p2wpkh").planted.unwrap().value;
    plan.at("long.pdf", Some("page 1 img *"));
    let seen = plan.bare();
    plan.at("long.pdf", Some("more.txt"));
    let attached = plan.lines(2).join("\n\n");
    let first = PdfPage {
        links: vec![format!("bitcoin:{link}?amount=0.1")],
        pictures: vec![PdfPicture::Jpeg(jpeg(qr(&seen, 5, 1), 85))],
        ..PdfPage::of(&[&texts[0]])
    };
    let second = PdfPage::of(&[&texts[1], &texts[2]]);
    let attached = vec![("more.txt".to_owned(), attached.into_bytes())];
    plan.file("long.pdf", Pdf { pages: vec![first, second], attached, ..Pdf::default() }.packed_bytes());
}

fn plant_mails(plan: &mut Plan) {
    let headers = [
        "From: Somebody <somebody@example.org>",
        "To: other@example.org",
        "Date: Tue, 5 Mar 2024 10:00:00 +0200",
        "MIME-Version: 1.0",
    ];
    let letter = |plan: &mut Plan, file: &str, outer: &str, encoding: &str, rich: bool| {
        let place = |name: &str| match outer {
            "" => name.to_owned(),
            outer => format!("{outer} > {name}"),
        };
        let own = (!outer.is_empty()).then(|| outer.to_owned());
        plan.at(file, own.as_deref());
        let body = plan.lines(2).join("\r\n\r\n");
        let mut parts = vec![Part::new("text/plain; charset=utf-8", body.into_bytes()).encoded(encoding)];
        if rich {
            plan.at(file, Some(&place("part 2")));
            let html = page("Letter", &plan.lines(2)).into_bytes();
            parts.push(Part::new("text/html; charset=utf-8", html).encoded("quoted-printable"));
            plan.at(file, Some(&place("list.txt")));
            let list = plan.lines(2).join("\n\n").into_bytes();
            parts.push(Part::new("text/plain; charset=utf-8", list).encoded("base64").named("list.txt"));
            plan.at(file, Some(&place("code.png")));
            let code = png_with_qr(&plan.bare());
            parts.push(Part::new("image/png", code).encoded("base64").named("code.png"));
            // a second one of the same name
            plan.at(file, Some(&place("code.png (2)")));
            let code = png_with_qr(&plan.bare());
            parts.push(Part::new("image/png", code).encoded("base64").named("code.png"));
        }
        mail(&headers, &parts)
    };
    let one = letter(plan, "letter.eml", "", "base64", true);
    plan.file("letter.eml", one);
    let box_of = [
        letter(plan, "box.mbox", "mail 1", "8bit", false),
        letter(plan, "box.mbox", "mail 2", "quoted-printable", true),
        letter(plan, "box.mbox", "mail 3", "base64", false),
    ];
    plan.file("box.mbox", mbox(&box_of));
}

fn plant_chats(plan: &mut Plan) {
    const AT: u32 = 1_700_000_000;
    fn posts(texts: &[String]) -> Vec<Post<'_>> {
        texts.iter().enumerate().map(|(i, text)| Post::new(["A", "B"][i % 2], AT + i as u32 * 900, text)).collect()
    }
    let chat = |plan: &mut Plan, file: &str, make: &dyn Fn(&[Post<'_>]) -> Vec<u8>| {
        plan.at(file, None);
        let mut texts = Vec::new();
        for n in 0..8 {
            texts.push(if n % 3 == 2 { "thank you all".to_owned() } else { plan.line() });
        }
        let bytes = make(&posts(&texts));
        plan.file(file, bytes);
    };
    chat(plan, "result.json", &|posts| telegram_json("A channel", 7, posts));
    chat(plan, "messages.html", &|posts| telegram_html("A channel", posts));
    chat(plan, "chat.csv", &chat_csv);
    chat(plan, "chat.jsonl", &chat_json_lines);
    for (n, phone) in Phone::ALL.into_iter().enumerate() {
        chat(plan, &format!("WhatsApp {n}.txt"), &|posts| whatsapp(phone, posts));
    }
    // two chats of one account, with the same ids in each
    plan.at("account.json", None);
    let texts = plan.lines(4);
    let (first, second) = (posts(&texts[..2]), posts(&texts[2..]));
    plan.file("account.json", telegram_account_json(&[("One", 11, &first), ("Two", 12, &second)]));
}

fn plant_pictures(plan: &mut Plan) {
    plan.at("code.png", None);
    let code = format!("bitcoin:{}?amount=0.01", plan.take(|c| form(c) == "bitcoin p2wpkh").planted.unwrap().value);
    plan.file("code.png", png_with_qr(&code));
    plan.at("screen.jpg", None);
    let code = plan.bare();
    plan.file("screen.jpg", jpeg_screenshot_with_qr(&code));
}

fn plant_archives(plan: &mut Plan) {
    let packings = [
        ("plain.warc", Packing::Plain),
        ("records.warc.gz", Packing::GzipRecords),
        ("whole.warc.gz", Packing::GzipWhole),
        ("records.warc.zst", Packing::ZstdRecords),
    ];
    for (name, packing) in packings {
        let mut warc = Warc::new(packing);
        for n in 0..12 {
            // the first record says what the archive is
            let member = format!("record {} at *", n + 2);
            plan.at(name, Some(&member));
            match n % 4 {
                0 | 1 => {
                    let html = page("A page", &plan.lines(3));
                    warc.page(&format!("https://a.example/{n}"), &html);
                }
                2 => {
                    let texts = [plan.ascii()];
                    plan.at(name, Some(&format!("{member} > page 2 img 1")));
                    let pdf = pdf_with_text_and_qr(&[&texts[0]], &plan.bare());
                    warc.response("https://a.example/a.pdf", "Content-Type: application/pdf\r\n", &pdf);
                }
                _ => {
                    let png = png_with_qr(&plan.bare());
                    warc.response("https://a.example/a.png", "Content-Type: image/png\r\n", &png);
                }
            }
        }
        plan.file(name, warc.finish());
    }
    plan.at("old.arc", Some("record 2 at *"));
    let first = page("A page", &plan.lines(2));
    plan.at("old.arc", Some("record 3 at *"));
    let second = page("A page", &plan.lines(2));
    plan.file("old.arc", arc(&[("http://a.example/", &first), ("http://b.example/", &second)]));

    let all = [
        "any.txt",
        "page.html",
        "saved.mhtml",
        "office.docx",
        "short.pdf",
        "letter.eml",
        "box.mbox",
        "result.json",
        "chat.csv",
        "code.png",
        "records.warc.gz",
        "old.arc",
        "packed.txt.gz",
    ];
    let members = plan.nest(&all, "all.zip");
    let inner = zip(&members.iter().map(|(n, b)| (&**n, &**b)).collect::<Vec<_>>());
    plan.file("all.zip", inner);
    let members = plan.nest(&["all.zip", "screen.jpg"], "nested.zip");
    plan.file("nested.zip", zip(&members.iter().map(|(n, b)| (&**n, &**b)).collect::<Vec<_>>()));
}

/// Compares what was found with what was planted: all of it, once each, and nothing else.
fn check(wants: &[Want], found: &[&Found], read: &dyn Fn(&str) -> Vec<u8>) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut at: BTreeMap<(&str, &str), Vec<&Found>> = BTreeMap::new();
    for found in found {
        let file = found.file.rsplit('/').next().unwrap_or_default();
        at.entry((file, &found.value)).or_default().push(found);
    }
    let fits = |want: &Want, found: &Found| match (&want.member, &found.member) {
        (None, None) => true,
        (Some(want), Some(member)) => {
            // a `*` stands for the rest of one name
            let mut rest = member.split(" > ");
            let mut parts = want.split(" > ");
            let same = parts.by_ref().all(|part| {
                rest.next().is_some_and(|name| match part.strip_suffix('*') {
                    Some(begin) => name.starts_with(begin),
                    None => name == part,
                })
            });
            same && rest.next().is_none()
        }
        _ => false,
    };
    let mut seen = 0;
    for want in wants {
        let values = found.iter().filter(|found| {
            found.file.rsplit('/').next() == Some(&*want.file)
                && (found.value == want.value
                    || found.chains.iter().any(|c| c.chain == want.chain && c.value == want.value))
        });
        let here: Vec<&&Found> = values.filter(|found| fits(want, found)).collect();
        let [one] = &here[..] else {
            wrong.push(format!("found {} times: {want:?}", here.len()));
            continue;
        };
        let told = one.chain == Some(want.chain) || one.chains.iter().any(|c| c.chain == want.chain);
        if !told {
            wrong.push(format!("on {:?}: {want:?}", one.chain));
        }
        if let Some(within) = &want.within {
            let offset = one.offset.unwrap_or(u64::MAX);
            if !within.contains(&offset) {
                wrong.push(format!("at {offset}: {want:?}"));
            } else if want.plain {
                let bytes = &read(&want.file)[offset as usize..];
                // every second byte is 0 in the encodings of 16 bits
                let text: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).take(want.value.len()).collect();
                let text = String::from_utf8_lossy(&text).to_lowercase();
                // written without its prefix, or in another case, it is the same address
                let value = want.value.to_lowercase();
                if !text.starts_with(&value) && !value.contains(':') && !value.starts_with('r') {
                    wrong.push(format!("{text} stands at {offset}: {want:?}"));
                }
            }
        }
        seen += 1;
    }
    if found.len() > wants.len() {
        for (place, found) in at {
            let wanted = wants.iter().filter(|want| {
                want.file == place.0
                    && (want.value == place.1 || found.iter().any(|f| f.chains.iter().any(|c| c.value == want.value)))
            });
            let wanted = wanted.count();
            if found.len() != wanted {
                let members: Vec<_> = found.iter().map(|f| (&f.member, f.segment, f.offset)).collect();
                wrong.push(format!("{place:?} is found {} times and planted {wanted} times: {members:?}", found.len()));
            }
        }
    }
    (seen, wrong)
}

#[test]
fn every_planted_address_is_found_once_at_its_place_and_nothing_else_is() {
    let mut plan = Plan::new();
    plant_texts(&mut plan);
    plant_pages(&mut plan);
    plant_pdfs(&mut plan);
    plant_mails(&mut plan);
    plant_chats(&mut plan);
    plant_pictures(&mut plan);
    plant_archives(&mut plan);
    let folder = tempfile::tempdir().unwrap();
    plan.write(folder.path());
    let (told, totals) = look(&files(folder.path()), &threads(2));
    let found: Vec<&Found> = told.addresses().collect();
    let (seen, wrong) = check(&plan.wants, &found, &|name| fs::read(folder.path().join(name)).unwrap());
    let mut chains: BTreeMap<&str, usize> = BTreeMap::new();
    plan.wants.iter().for_each(|want| *chains.entry(want.chain.name()).or_default() += 1);
    println!(
        "{seen} of {} planted addresses found in {} files and {} documents, on {} chains; {} finds of addresses in all",
        plan.wants.len(),
        totals.files,
        totals.documents,
        chains.len(),
        found.len()
    );
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert_eq!(found.len(), plan.wants.len());
    assert!(chains.len() >= 20, "{chains:?}");
    assert!(told.problems.is_empty(), "{:?}", told.problems);
}

#[test]
fn texts_of_transactions_are_looked_at_as_they_are_fed() {
    let mut plan = Plan::new();
    plan.at("chain:bitcoin", None);
    let texts = plan.lines(40);
    let mut told = support::Told::default();
    let teller = Teller(|event: &Event| {
        told.take(event);
        true
    });
    let mut feed = |sink: &mut dyn Sink| {
        let document = Document { kind: DocumentKind::Chain, ..Document::file("chain:bitcoin") };
        let _ = sink.begin(document);
        for (n, text) in texts.iter().enumerate() {
            let message = Message { id: Some(format!("{n:064x}:0")), ..Message::default() };
            let _ = sink.segment(Segment {
                kind: SegmentKind::OpReturn,
                map: SourceMap::default(),
                message: Some(Box::new(message)),
                ..Segment::text(text.clone(), 0)
            });
        }
        sink.end(DocumentEnd::default());
    };
    let (_, totals) =
        run_fed("chain:bitcoin", &mut feed, &threads(4), &support::knowledge(), &Progress::default(), false, teller);
    let found: Vec<&Found> = told.addresses().collect();
    let (seen, wrong) = check(&plan.wants, &found, &|_| Vec::new());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((seen, found.len()), (40, 40));
    assert!(found.iter().all(|found| found.segment == SegmentKind::OpReturn && found.posted.is_some()));
    assert!(totals.documents >= 41);
}
