//! The order of results is that of the files and of what is in them, whatever the number of threads; nothing is lost, nothing hangs.
use crate::support;

use athar_discover::{Event, Progress, Settings, Source, Teller, Totals, run};
use athar_documents::fixture::{Part, gzip, mail, mbox, zip};
use athar_documents::fixture_archives::{Packing, Post, Warc, telegram_json};
use athar_documents::fixture_pdf::pdf_with_text_and_qr;
use athar_documents::fixture_pictures::png_with_qr;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use support::{files, knowledge, look, plain, threads, within};

/// A document with one address in each place.
#[derive(Clone, Debug)]
enum Piece {
    Text(usize),
    Page(usize),
    Mail(usize),
    Picture,
    Pdf,
    Empty,
}

/// A file of the folder.
#[derive(Clone, Debug)]
enum Shape {
    One(Piece),
    Warc(Vec<Piece>, bool),
    Zip(Vec<Piece>),
    Box(Vec<usize>),
    Chat(usize),
    Broken(Vec<u8>),
}

/// Hands out addresses, in the order in which they must be told.
struct Hand {
    addresses: Vec<String>,
    next: usize,
}

impl Hand {
    fn one(&mut self) -> String {
        self.next += 1;
        self.addresses[self.next - 1].clone()
    }

    fn lines(&mut self, count: usize) -> String {
        (0..count).map(|_| format!("Please give to {} and tell others.\n\n", self.one())).collect()
    }

    fn page(&mut self, count: usize) -> String {
        let body: String = (0..count).map(|_| format!("<p>Give to {} now</p>", self.one())).collect();
        format!("<html><body>{body}</body></html>")
    }

    fn letter(&mut self, attached: usize) -> Vec<u8> {
        let mut parts = vec![Part::new("text/plain; charset=utf-8", self.lines(1).into_bytes())];
        for _ in 0..attached {
            parts.push(Part::new("text/plain", self.lines(1).into_bytes()).encoded("base64").named("a.txt"));
        }
        mail(&["From: a@example.org", "Subject: s", "MIME-Version: 1.0"], &parts)
    }

    fn piece(&mut self, piece: &Piece) -> (&'static str, Vec<u8>) {
        match piece {
            Piece::Text(count) => ("txt", self.lines(*count).into_bytes()),
            Piece::Page(count) => ("html", self.page(*count).into_bytes()),
            Piece::Mail(attached) => ("eml", self.letter(*attached)),
            Piece::Picture => ("png", png_with_qr(&self.one())),
            Piece::Pdf => {
                let text = format!("Give to {}", self.one());
                let code = self.one();
                ("pdf", pdf_with_text_and_qr(&[&text], &code))
            }
            Piece::Empty => ("txt", Vec::new()),
        }
    }

    fn file(&mut self, shape: &Shape) -> (&'static str, Vec<u8>) {
        match shape {
            Shape::One(piece) => self.piece(piece),
            Shape::Warc(pieces, packed) => {
                let mut warc = Warc::new(if *packed { Packing::GzipRecords } else { Packing::Plain });
                for (n, piece) in pieces.iter().enumerate() {
                    let (kind, bytes) = self.piece(piece);
                    // two of the same place and content now and then
                    let uri = format!("https://a.example/{}.{kind}", n / 2);
                    warc.response(&uri, "", &bytes);
                }
                ("warc", warc.finish())
            }
            Shape::Zip(pieces) => {
                let members: Vec<_> = pieces.iter().map(|piece| self.piece(piece)).collect();
                let named: Vec<_> = members.iter().map(|(kind, bytes)| (format!("m.{kind}"), bytes)).collect();
                ("zip", zip_of(&named))
            }
            Shape::Box(mails) => {
                let mails: Vec<_> = mails.iter().map(|attached| self.letter(*attached)).collect();
                ("mbox", mbox(&mails))
            }
            Shape::Chat(count) => {
                let texts: Vec<String> = (0..*count).map(|_| format!("give to {}", self.one())).collect();
                let posts: Vec<_> = texts.iter().map(|text| Post::new("A", 1_700_000_000, text)).collect();
                ("json", telegram_json("C", 1, &posts))
            }
            Shape::Broken(bytes) => {
                let mut broken = gzip(b"some text that is packed");
                broken.truncate(broken.len() / 2);
                broken.extend_from_slice(bytes);
                ("gz", broken)
            }
        }
    }
}

/// An archive may have two members of one name, which the writer of the fixtures would refuse: their names are made alike afterwards.
fn zip_of(members: &[(String, &Vec<u8>)]) -> Vec<u8> {
    let unlike: Vec<String> = (0..members.len()).map(|n| format!("{n:06}")).collect();
    let named: Vec<(&str, &[u8])> = unlike.iter().zip(members).map(|(name, (_, bytes))| (&**name, &***bytes)).collect();
    let mut archive = zip(&named);
    for (name, (alike, _)) in unlike.iter().zip(members) {
        let alike = format!("{alike:a<6}");
        let mut from = 0;
        while let Some(at) = archive[from..].windows(6).position(|w| w == name.as_bytes()) {
            archive[from + at..from + at + 6].copy_from_slice(&alike.as_bytes()[..6]);
            from += at + 6;
        }
    }
    archive
}

fn write(folder: &Path, shapes: &[Shape], seed: u64) -> Vec<String> {
    let mut hand = Hand { addresses: plain(seed, 4_000), next: 0 };
    for (n, shape) in shapes.iter().enumerate() {
        let (kind, bytes) = hand.file(shape);
        fs::write(folder.join(format!("{n:04}.{kind}")), bytes).unwrap();
    }
    hand.addresses.truncate(hand.next);
    hand.addresses
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        6 => (0..4_usize).prop_map(Piece::Text),
        6 => (0..4_usize).prop_map(Piece::Page),
        3 => (0..4_usize).prop_map(Piece::Mail),
        1 => Just(Piece::Picture),
        1 => Just(Piece::Pdf),
        1 => Just(Piece::Empty),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        3 => piece().prop_map(Shape::One),
        3 => (prop::collection::vec(piece(), 0..20), any::<bool>()).prop_map(|(pieces, packed)| Shape::Warc(pieces, packed)),
        2 => prop::collection::vec(piece(), 1..12).prop_map(Shape::Zip),
        1 => prop::collection::vec(0..3_usize, 1..8).prop_map(Shape::Box),
        1 => (1..30_usize).prop_map(Shape::Chat),
        1 => prop::collection::vec(any::<u8>(), 0..50).prop_map(Shape::Broken),
    ]
}

/// Every find of an address, the values alone.
fn values(told: &support::Told) -> Vec<String> {
    told.addresses().map(|found| found.value.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_is_whole_and_in_order_with_any_number_of_threads(
        shapes in prop::collection::vec(shape(), 1..14), seed in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let planted = write(folder.path(), &shapes, seed);
        let files = files(folder.path());
        let (first, totals) = look(&files, &threads(1));
        prop_assert_eq!(values(&first), planted);
        prop_assert_eq!(totals.files as usize, shapes.len());
        for n in [2, 5] {
            let (other, others) = look(&files, &threads(n));
            prop_assert_eq!(&other.lines, &first.lines, "{} threads", n);
            prop_assert_eq!(others, totals);
        }
    }
}

/// A folder that is large enough for the threads to get into each other's way.
fn large(folder: &Path) -> Vec<Source> {
    let mut shapes = Vec::new();
    for n in 0..30 {
        shapes.push(Shape::One(Piece::Text(n % 5)));
        let mixed = [Piece::Page(2), Piece::Mail(2), Piece::Text(1), Piece::Pdf, Piece::Page(0), Piece::Picture];
        shapes.push(Shape::Warc(mixed.iter().cycle().take(3 + n).cloned().collect(), n % 2 == 0));
        shapes.push(Shape::Zip(mixed.iter().cycle().skip(n).take(1 + n % 7).cloned().collect()));
    }
    write(folder, &shapes, 5);
    files(folder)
}

#[test]
fn one_two_and_five_threads_tell_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let files = large(folder.path());
    let (first, totals) = look(&files, &threads(1));
    assert!(totals.finds > 700 && totals.documents > 500, "{totals:?}");
    for n in [2, 5] {
        let (other, others) = look(&files, &threads(n));
        assert!(other.lines.join("\n") == first.lines.join("\n"), "{n} threads tell something else");
        assert_eq!(others, totals);
    }
}

#[test]
fn a_result_that_is_refused_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let files = large(folder.path());
    for n in [1, 2, 5] {
        for after in [0, 1, 7, 400] {
            let files = files.clone();
            let (taken, totals): (u64, Totals) = within(Duration::from_secs(60), move || {
                let taken = AtomicU64::new(0);
                let teller = Teller(|event: &Event| {
                    !matches!(event, Event::Find(..)) || taken.fetch_add(1, Ordering::Relaxed) < after
                });
                let (_, totals) = run(&files, &threads(n), &knowledge(), None, &Progress::default(), false, teller);
                (taken.into_inner(), totals)
            });
            // the one that was refused, and none after it
            assert_eq!(taken, after + 1, "{n} threads");
            assert_eq!(totals.finds, after + 1);
        }
    }
}

#[test]
fn no_files_and_no_threads_are_a_run_too() {
    let (told, totals) = look(&[], &threads(2));
    assert!(told.lines.is_empty() && totals == Totals::default());
    let folder = tempfile::tempdir().unwrap();
    let planted = write(folder.path(), &[Shape::One(Piece::Text(2))], 1);
    let (told, _) = look(&files(folder.path()), &Settings { threads: 0, ..Settings::default() });
    assert_eq!(values(&told), planted);
}
