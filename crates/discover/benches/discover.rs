//! From files to finds, end to end: `cargo bench -p athar-discover` prints bytes read for a second of processor time of one core, beside
//! wall time. Medians of several rounds.
//!
//! The pages are generated like those of a news site, in English and Arabic; one in fifty holds an appeal and an address. What is given as
//! arguments chooses rows by a part of their name. `ATHAR_BENCH_MB` sets the bytes of each row (32). `ATHAR_BENCH_GB` has one archive of so many
//! gigabytes written below the folder `ATHAR_BENCH_DIR` (that for temporary files), read with two threads, and removed: it prints the peak of the
//! memory in use.
#![allow(missing_docs, clippy::unwrap_used)] // a program

use athar_discover::{Event, Knowledge, Progress, Settings, Source, Teller, Totals, run, walk};
use athar_documents::fixture_archives::{Packing, Phone, Post, Warc, whatsapp};
use athar_extract::torture::{Dice, FORMS};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

const ENGLISH: &str = "the market today report people city support families winter news government price according statement said \
    officials weather between through after before while school hospital road water company minister president week month year \
    match team season player football review film music book author museum street train station airport travel holiday recipe \
    kitchen garden science research university students teachers children parents health doctors patients medicine study result";
const ARABIC: &str = "في السوق اليوم تقرير الناس المدينة دعم العائلات الشتاء أخبار الحكومة سعر وفقا بيان قال المسؤولون الطقس بين خلال \
    بعد قبل بينما المدرسة المستشفى الطريق الماء الشركة الوزير الرئيس الأسبوع الشهر السنة المباراة الفريق الموسم اللاعب كرة القدم \
    مراجعة فيلم موسيقى كتاب المؤلف المتحف الشارع القطار المحطة المطار السفر العطلة وصفة المطبخ الحديقة العلوم البحث الجامعة الطلاب";
const APPEALS: [&str; 2] = [
    "Support our brothers on the front: donate to the fighters. Send Bitcoin to ADDRESS and may it be accepted from you.",
    "ادعموا إخوانكم المجاهدين في الجبهة، تبرعوا لشراء السلاح. أرسلوا بيتكوين إلى ADDRESS جزاكم الله خيرا.",
];

/// Words, and addresses, from a seed.
struct Writer {
    dice: Dice,
    words: Vec<&'static str>,
    arabic: bool,
    pages: u64,
    planted: u64,
}

impl Writer {
    fn new(arabic: bool, seed: u64) -> Self {
        let words = if arabic { ARABIC } else { ENGLISH }.split_whitespace().collect();
        Self { dice: Dice::new(seed), words, arabic, pages: 0, planted: 0 }
    }

    fn word(&mut self) -> &'static str {
        let at = self.dice.below(self.words.len());
        self.words[at]
    }

    fn words(&mut self, count: usize, out: &mut String) {
        for n in 0..count {
            let word = self.word();
            out.push_str(word);
            out.push_str(if n % 13 == 12 { ", " } else { " " });
        }
    }

    /// An appeal now and then.
    fn appeal(&mut self) -> Option<String> {
        self.pages += 1;
        if self.pages % 50 != 7 {
            return None;
        }
        self.planted += 1;
        let form = FORMS.iter().find(|form| form.name == "bitcoin p2wpkh").unwrap();
        let address = form.make(&mut self.dice, "en").text;
        Some(APPEALS[usize::from(self.arabic)].replace("ADDRESS", &address))
    }

    fn page(&mut self) -> String {
        let n = self.pages;
        let mut out = String::with_capacity(48 << 10);
        out += "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>";
        self.words(6, &mut out);
        out += "</title>\n<link rel=\"stylesheet\" href=\"/static/css/main.4f2a.css\">\n<style>.a{color:#123456;margin:0 auto}</style>\n\
                <script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments);}gtag('js',new Date());</script>\n\
                <meta property=\"og:image\" content=\"https://cdn.example.org/img/cover.jpg\"></head><body class=\"home page\">\n<nav><ul>\n";
        for i in 0..30 {
            let (title, text) = (self.word(), self.word());
            out += &format!(
                "<li class=\"menu-item menu-item-{i}\"><a href=\"https://news.example.org/section/{i}/\" title=\"{title}\">{text}</a></li>\n"
            );
        }
        out += "</ul></nav>\n<main>\n";
        for i in 0..12 {
            out += &format!(
                "<article id=\"post-{n}-{i}\" class=\"post type-post status-publish\" data-id=\"{i}\">\n <h2 class=\"entry-title\">\
                 <a href=\"https://news.example.org/2024/05/{n}/{i}/story.html\" rel=\"bookmark\">"
            );
            self.words(8, &mut out);
            let (by, alt) = (self.word(), self.word());
            out += &format!(
                "</a></h2>\n <div class=\"entry-meta\"><span class=\"author vcard\">{by}</span> &middot; \
                 <time datetime=\"2024-05-01T12:00:00Z\">1 May 2024</time></div>\n \
                 <img src=\"https://cdn.example.org/img/{n}/photo-1024x768.jpg\" alt=\"{alt}\" width=\"1024\" loading=\"lazy\">\n"
            );
            for _ in 0..4 {
                out += " <p>";
                self.words(50, &mut out);
                let word = self.word();
                out += &format!("&nbsp;&ndash; <em>{word}</em> ");
                self.words(10, &mut out);
                out += "</p>\n";
            }
            out += " <div class=\"share\"><a class=\"btn\" href=\"https://t.me/share/url?url=https%3A%2F%2Fnews.example.org\">Telegram</a>\
                    <a class=\"btn\" href=\"https://x.com/intent/tweet?text=x\">X</a></div>\n</article>\n";
        }
        if let Some(appeal) = self.appeal() {
            out += &format!("<aside><h3>Help</h3><p>{appeal}</p></aside>\n");
        }
        out + "</main><footer><p>&copy; 2024</p></footer></body></html>\n"
    }

    /// Paragraphs; one in some hundreds is an appeal.
    fn text(&mut self, bytes: usize) -> String {
        let mut out = String::with_capacity(bytes + 2_000);
        while out.len() < bytes {
            for _ in 0..40 {
                self.words(60, &mut out);
                out += "\n\n";
            }
            if let Some(appeal) = self.appeal() {
                out += &appeal;
                out += "\n\n";
            }
        }
        out
    }

    fn chat(&mut self, bytes: usize) -> Vec<u8> {
        let (mut texts, mut length) = (Vec::new(), 0);
        while length < bytes {
            let mut text = String::new();
            let count = 3 + self.dice.below(25);
            self.words(count, &mut text);
            // posts are short: as many appeals a byte as elsewhere
            if texts.len() % 200 == 0
                && let Some(appeal) = self.appeal()
            {
                text += &appeal;
            }
            length += text.len() + 30;
            texts.push(text);
        }
        let post = |(i, text): (usize, &'static str)| {
            Post::new(["Ann", "Bob", "Cem"][i % 3], 1_600_000_000 + i as u32 * 61, text)
        };
        let leaked: Vec<&'static str> = texts.into_iter().map(|text| &*text.leak()).collect();
        let posts: Vec<_> = leaked.into_iter().enumerate().map(post).collect();
        whatsapp(if self.arabic { Phone::AndroidArabic } else { Phone::IosEnglish }, &posts)
    }

    fn warc(&mut self, bytes: usize, packing: Packing) -> (Vec<u8>, u64) {
        let (mut warc, mut unpacked) = (Warc::new(packing), 0);
        while unpacked < bytes as u64 {
            let page = self.page();
            unpacked += page.len() as u64 + 400;
            warc.page(&format!("https://news.example.org/{}", self.pages), &page);
        }
        (warc.finish(), unpacked)
    }
}

/// Processor time of this process in seconds: on a machine that does other things too it differs from wall time.
#[cfg(unix)]
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn processor() -> f64 {
    0.0
}

fn number(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// A run: wall and processor seconds, addresses found, totals.
fn measure(files: &[Source], threads: usize, knowledge: &Knowledge) -> (f64, f64, u64, Totals) {
    let settings = Settings { threads, ..Settings::default() };
    let mut addresses = 0;
    let teller = Teller(|event: &Event| {
        addresses += u64::from(matches!(event, Event::Find(found, _) if found.kind.name() == "address"));
        true
    });
    let (wall, work) = (Instant::now(), processor());
    let (_, totals) = run(files, &settings, knowledge, None, &Progress::default(), false, teller);
    (wall.elapsed().as_secs_f64(), processor() - work, addresses, totals)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// One row: files of `bytes` bytes when unpacked, with so many addresses.
fn row(name: &str, folder: &Path, bytes: u64, planted: u64, rounds: usize, knowledge: &Knowledge) {
    let (files, _) = walk(&[folder.to_owned()], Path::new("none"));
    let on_disk: u64 = files.iter().map(|file| file.bytes).sum();
    for threads in [1, 2] {
        let (mut walls, mut works) = (Vec::new(), Vec::new());
        let mut told = String::new();
        for _ in 0..rounds {
            let (wall, work, addresses, totals) = measure(&files, threads, knowledge);
            assert_eq!(addresses, planted, "{name}: what was planted is not what was found");
            assert_eq!(totals.problems, 0, "{name}");
            told = format!("{} documents, {} finds, {} soliciting", totals.documents, totals.finds, totals.soliciting);
            walls.push(bytes as f64 / wall / 1e6);
            works.push(bytes as f64 / work / 1e6);
        }
        println!(
            "{name:<22} {threads} thread(s): {:>6.1} MB/s of processor time, {:>6.1} MB/s of wall time ({:.1} MB, {:.1} MB on disk; {told})",
            median(works),
            median(walls),
            bytes as f64 / 1e6,
            on_disk as f64 / 1e6
        );
    }
}

/// The peak of the memory in use, in MB.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0 / 1e6)
}

/// An archive of so many gigabytes: pages that all differ, in both languages.
fn large(gigabytes: f64, knowledge: &Knowledge) {
    let folder = std::env::var_os("ATHAR_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let path = folder.path().join("large.warc");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let (mut english, mut arabic) = (Writer::new(false, 1), Writer::new(true, 2));
    let (mut bytes, mut number) = (0, 0_u64);
    while (bytes as f64) < gigabytes * 1e9 {
        number += 1;
        let page = if number % 2 == 0 { english.page() } else { arabic.page() };
        let http = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            page.len()
        );
        let head = format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n\
             WARC-Date: 2024-03-01T12:00:00Z\r\nWARC-Target-URI: https://news.example.org/{number}\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n",
            http.len() + page.len()
        );
        for part in [head.as_bytes(), http.as_bytes(), page.as_bytes(), b"\r\n\r\n"] {
            out.write_all(part).unwrap();
            bytes += part.len() as u64;
        }
    }
    out.into_inner().unwrap().sync_all().unwrap();
    println!(
        "written: {:.2} GB, {number} pages; {:.0} MB of memory at most so far",
        bytes as f64 / 1e9,
        peak().unwrap_or(0.0)
    );
    let (files, _) = walk(&[path], Path::new("none"));
    let (wall, work, addresses, totals) = measure(&files, 2, knowledge);
    assert_eq!(addresses, english.planted + arabic.planted);
    println!(
        "{:.2} GB in one WARC, 2 threads: {:.0} s ({:.0} s of processor), {:.1} MB/s of wall time, {:.1} MB/s of processor time; \
         {} documents, {} finds, {addresses} of {addresses} planted addresses; peak of memory {:.0} MB",
        bytes as f64 / 1e9,
        wall,
        work,
        bytes as f64 / wall / 1e6,
        bytes as f64 / work / 1e6,
        totals.documents,
        totals.finds,
        peak().unwrap_or(0.0)
    );
}

fn main() {
    let knowledge = Knowledge::new([]);
    let gigabytes = number("ATHAR_BENCH_GB", 0.0);
    if gigabytes > 0.0 {
        large(gigabytes, &knowledge);
        return;
    }
    let bytes = (number("ATHAR_BENCH_MB", 32.0) * 1e6) as usize;
    let rounds = number("ATHAR_BENCH_ROUNDS", 5.0) as usize;
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(&**part));
    for arabic in [false, true] {
        let language = if arabic { "Arabic" } else { "English" };
        for kind in ["HTML", "text", "WhatsApp", "WARC", "WARC gzip"] {
            let name = format!("{kind}, {language}");
            if !is_wanted(&name) {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let mut writer = Writer::new(arabic, 3);
            let unpacked = match kind {
                "HTML" => {
                    let mut written = 0;
                    while written < bytes {
                        let page = writer.page();
                        fs::write(folder.path().join(format!("{:05}.html", writer.pages)), &page).unwrap();
                        written += page.len();
                    }
                    written as u64
                }
                "text" => {
                    let text = writer.text(bytes);
                    fs::write(folder.path().join("a.txt"), &text).unwrap();
                    text.len() as u64
                }
                "WhatsApp" => {
                    let chat = writer.chat(bytes);
                    fs::write(folder.path().join("WhatsApp Chat.txt"), &chat).unwrap();
                    chat.len() as u64
                }
                _ => {
                    let packing = if kind == "WARC" { Packing::Plain } else { Packing::GzipRecords };
                    let (warc, unpacked) = writer.warc(bytes, packing);
                    fs::write(folder.path().join("a.warc"), &warc).unwrap();
                    unpacked
                }
            };
            row(&name, folder.path(), unpacked, writer.planted, rounds, &knowledge);
        }
    }
}
