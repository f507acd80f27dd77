//! How fast files become segments: pages and plain text, in English and Arabic, and in an old encoding. Prints medians, in bytes read
//! for a second of one core, SHA-256 of each document included.
//!
//! The pages are generated like those of a news site: navigation, scripts, articles with links and pictures.
#![allow(missing_docs)] // a program

use athar_documents::{
    Document, DocumentEnd, DocumentKind, Picture, Reader, Segment, SegmentKind, Sink, Stop, Trouble,
};
use std::hint::black_box;
use std::ops::ControlFlow;

const ENGLISH: [&str; 20] = [
    "the",
    "market",
    "today",
    "report",
    "people",
    "city",
    "donate",
    "support",
    "families",
    "winter",
    "news",
    "government",
    "price",
    "according",
    "statement",
    "said",
    "officials",
    "weather",
    "between",
    "through",
];
const ARABIC: [&str; 20] = [
    "في",
    "السوق",
    "اليوم",
    "تقرير",
    "الناس",
    "المدينة",
    "تبرع",
    "دعم",
    "العائلات",
    "الشتاء",
    "أخبار",
    "الحكومة",
    "سعر",
    "وفقا",
    "بيان",
    "قال",
    "المسؤولون",
    "الطقس",
    "بين",
    "خلال",
];

/// Numbers that are the same in every run.
struct Seeded(u64);

impl Seeded {
    fn word(&mut self, words: &[&'static str; 20]) -> &'static str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words[(self.0 >> 33) as usize % words.len()]
    }
}

fn page(words: &[&'static str; 20]) -> String {
    let mut seeded = Seeded(7);
    let mut page = String::from(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>News &amp; more</title>\n\
         <link rel=\"stylesheet\" href=\"/static/css/main.4f2a.css\">\n<script>window.dataLayer=window.dataLayer||[];\
         function gtag(){dataLayer.push(arguments);}gtag('js',new Date());</script></head><body class=\"home page\">\n<nav><ul>\n",
    );
    for i in 0..40 {
        let (title, text) = (seeded.word(words), seeded.word(words));
        page += &format!(
            "<li class=\"menu-item menu-item-{i}\"><a href=\"https://news.example.org/section/{i}/\" title=\"{title}\">{text}</a></li>\n"
        );
    }
    page += "</ul></nav>\n<main>\n";
    for i in 0..60 {
        page += &format!(
            "<article id=\"post-{i}\" class=\"post type-post status-publish\" data-id=\"{i}\">\n  <h2 class=\"entry-title\">\
             <a href=\"https://news.example.org/2024/05/{i}/story.html\" rel=\"bookmark\">"
        );
        for _ in 0..8 {
            page += seeded.word(words);
            page.push(' ');
        }
        page += &format!(
            "</a></h2>\n  <div class=\"entry-meta\"><span class=\"author vcard\">{}</span> &middot; \
             <time datetime=\"2024-05-01T12:00:00Z\">1 May 2024</time></div>\n  \
             <img src=\"https://cdn.example.org/img/{i}/photo-1024x768.jpg\" alt=\"{} {}\" width=\"1024\" loading=\"lazy\">\n",
            seeded.word(words),
            seeded.word(words),
            seeded.word(words)
        );
        for _ in 0..4 {
            page += "  <p>";
            for k in 0..60 {
                page += seeded.word(words);
                if k % 17 == 16 {
                    page += &format!("&nbsp;&ndash; <em>{}</em>", seeded.word(words));
                }
                page.push(if k % 13 == 12 { '\n' } else { ' ' });
            }
            page += "</p>\n";
        }
        page += "  <div class=\"share\"><a class=\"btn\" href=\"https://t.me/share/url?url=https%3A%2F%2Fnews.example.org\">Telegram</a>\
                 </div>\n</article>\n";
    }
    page + "</main><footer><p>&copy; 2024</p></footer></body></html>\n"
}

fn text(words: &[&'static str; 20], bytes: usize) -> String {
    let mut seeded = Seeded(11);
    let mut text = String::with_capacity(bytes + 200);
    let mut count = 0;
    while text.len() < bytes {
        text += seeded.word(words);
        count += 1;
        text += match count {
            n if n % 120 == 0 => "\n\n",
            n if n % 12 == 0 => "\n",
            _ => " ",
        };
    }
    text
}

/// Counts, as cheaply as may be.
#[derive(Default)]
struct Count {
    segments: u64,
    attributes: u64,
    bytes: u64,
}

impl Sink for Count {
    fn begin(&mut self, _: Document) -> Stop {
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.segments += 1;
        self.attributes += u64::from(segment.kind == SegmentKind::Attribute);
        self.bytes += black_box(&segment).text.len() as u64;
        ControlFlow::Continue(())
    }
    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }
    fn trouble(&mut self, trouble: Trouble) {
        panic!("{trouble:?}");
    }
    fn end(&mut self, _: DocumentEnd) {}
}

/// Seconds that this thread has had a core, so that other work on the machine does not count; of the clock where there is no Linux.
fn cpu_seconds() -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = schedule.split(' ').next().and_then(|first| first.parse::<u64>().ok());
    nanoseconds.map_or_else(
        || std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64()),
        |nanoseconds| nanoseconds as f64 / 1e9,
    )
}

fn measure(what: &str, kind: DocumentKind, bytes: &[u8], times: usize) {
    let mut seconds = Vec::new();
    let mut count = Count::default();
    for _ in 0..15 {
        count = Count::default();
        let start = cpu_seconds();
        for _ in 0..times {
            let document = Document { kind, ..Document::file("bench") };
            let _ = Reader::default().read_bytes(document, bytes, &mut count);
        }
        seconds.push(cpu_seconds() - start);
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "{what}: {:.0} MB/s a core (median of {}; slowest {:.0}); {} bytes to {} bytes in {} segments, {} of them attributes",
        (bytes.len() * times) as f64 / seconds[seconds.len() / 2] / 1e6,
        seconds.len(),
        (bytes.len() * times) as f64 / seconds[seconds.len() - 1] / 1e6,
        bytes.len(),
        count.bytes / times as u64,
        count.segments / times as u64,
        count.attributes / times as u64,
    );
}

fn main() {
    for (language, words) in [("English", &ENGLISH), ("Arabic", &ARABIC)] {
        let page = page(words);
        measure(&format!("pages, {language}"), DocumentKind::Html, page.as_bytes(), 50);
    }
    let old = page(&ARABIC).replace("utf-8", "windows-1256");
    let (old, _, _) = encoding_rs::WINDOWS_1256.encode(&old);
    measure("pages, Arabic in windows-1256", DocumentKind::Html, &old, 50);
    for (language, words) in [("English", &ENGLISH), ("Arabic", &ARABIC)] {
        let text = text(words, 16 << 20);
        measure(&format!("plain text, {language}"), DocumentKind::Text, text.as_bytes(), 1);
    }
    let arabic = text(&ARABIC, 16 << 20);
    let (old, _, _) = encoding_rs::WINDOWS_1256.encode(&arabic);
    measure("plain text, Arabic in windows-1256", DocumentKind::Text, &old, 1);
}
