//! How fast archives and exports become segments, on one thread and into nothing: prints megabytes of the file per second, medians, by
//! the clock and, on Linux, by the time that the thread was on a processor, which other programs do not change.
//! SHA-256 of the file and of each member is part of it, as it is when the program reads.
//!
//! `ATHAR_BENCH_MEGABYTES` sets the size of each file (64).
#![allow(missing_docs)] // a program

use athar_documents::fixture_archives::{
    Packing, Phone, Post, Warc, chat_csv, chat_json_lines, telegram_html, telegram_json, whatsapp,
};
use athar_documents::{Document, DocumentEnd, Member, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

/// Takes everything; members are read, or dropped where they are offered.
#[derive(Default)]
struct Nothing {
    drops_members: bool,
    documents: u64,
    segments: u64,
    text: u64,
    troubles: u64,
}

impl Sink for Nothing {
    fn begin(&mut self, document: Document) -> Stop {
        self.documents += 1;
        black_box(document);
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.segments += 1;
        self.text += segment.text.len() as u64;
        black_box(segment);
        ControlFlow::Continue(())
    }
    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }
    fn trouble(&mut self, _: Trouble) {
        self.troubles += 1;
    }
    fn defer(&mut self, member: Member) -> Option<Member> {
        if self.drops_members {
            self.documents += 1;
            black_box(member);
            return None;
        }
        Some(member)
    }
    fn end(&mut self, _: DocumentEnd) {}
}

/// Seconds that this thread was on a processor; nothing where the system does not tell.
fn on_processor() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn measure(what: &str, name: &str, bytes: &[u8], drops_members: bool) {
    let mut last = Nothing::default();
    let mut times: Vec<(f64, f64)> = (0..3)
        .map(|_| {
            let mut sink = Nothing { drops_members, ..Nothing::default() };
            let (start, busy) = (Instant::now(), on_processor());
            let _ = Reader::default().read_bytes(Document::file(name), bytes, &mut sink);
            last = sink;
            (start.elapsed().as_secs_f64(), on_processor() - busy)
        })
        .collect();
    times.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (clock, busy) = times[times.len() / 2];
    let megabytes = bytes.len() as f64 / 1e6;
    println!(
        "{what:<45} {:>6.1} MB/s by the clock, {:>6.1} on the processor, of {megabytes:.0} MB: {} documents, {} segments, {:.0} MB of text, {} troubles",
        megabytes / clock,
        megabytes / busy,
        last.documents,
        last.segments,
        last.text as f64 / 1e6,
        last.troubles,
    );
}

const WORDS: [&str; 16] = [
    "give",
    "today",
    "the",
    "families",
    "تبرعوا",
    "اليوم",
    "to",
    "of",
    "winter",
    "bread",
    "الشتاء",
    "مع",
    "yardım",
    "için",
    "помощь",
    "and",
];

/// Made-up words, the same in every run.
fn words(seed: usize, count: usize) -> String {
    let pick = |i: usize| WORDS[(seed.wrapping_mul(2_654_435_761).wrapping_add(i * i * 40_503 + i) >> 5) % WORDS.len()];
    (0..count).map(pick).collect::<Vec<_>>().join(" ")
}

fn main() {
    let megabytes = std::env::var("ATHAR_BENCH_MEGABYTES").ok().and_then(|n| n.parse().ok()).unwrap_or(64_usize);
    let bytes_max = megabytes * 1_000_000;

    let page = |i: usize| {
        let paragraphs: String = (0..40)
            .map(|k| {
                format!(
                    "<p class=\"text-{k}\">{} <a href=\"/news/{i}/{k}\">{}</a></p>\n",
                    words(i + k, 40),
                    words(k, 3)
                )
            })
            .collect();
        format!("<!doctype html><html><head><title>{i}</title></head><body><main>{paragraphs}</main></body></html>")
    };
    let pages: Vec<String> = (0..200).map(page).collect();
    for packing in [Packing::Plain, Packing::GzipRecords, Packing::ZstdRecords] {
        let mut warc = Warc::new(packing);
        let mut unpacked = 0;
        while unpacked < bytes_max {
            let page = &pages[unpacked / 7 % pages.len()];
            warc.page("https://news.example/some/path/of/a/page", page);
            unpacked += page.len() + 600;
        }
        let bytes = warc.finish();
        println!("WARC {packing:?}: {:.0} MB unpacked", unpacked as f64 / 1e6);
        measure("  records to others' threads, digests checked", "a.warc", &bytes, true);
        measure("  pages read too", "a.warc", &bytes, false);
    }

    let texts: Vec<String> = (0..1000).map(|i| words(i, 20 + i % 60)).collect();
    let mean = texts.iter().map(String::len).sum::<usize>() / texts.len();
    let posts: Vec<Post<'_>> = (0..bytes_max / (mean + 60))
        .map(|i| Post::new(["Ann", "Umut", "أمين"][i % 3], 1_600_000_000 + i as u32 * 60, &texts[i % texts.len()]))
        .collect();
    measure("Telegram JSON", "result.json", &telegram_json("Relief", 1, &posts), false);
    measure("Telegram HTML", "messages.html", &telegram_html("Relief", &posts[..posts.len().min(50_000)]), false);
    measure("WhatsApp, Android, English", "a.txt", &whatsapp(Phone::AndroidUnitedKingdom, &posts), false);
    measure("WhatsApp, iOS, Arabic", "a.txt", &whatsapp(Phone::IosArabic, &posts), false);
    measure("CSV", "a.csv", &chat_csv(&posts), false);
    measure("JSON lines", "a.jsonl", &chat_json_lines(&posts), false);
}
