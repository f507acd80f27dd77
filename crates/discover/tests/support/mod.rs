//! What the tests share: runs with what they told, and addresses to plant.
#![allow(dead_code)] // no test needs all of it

use athar_discover::{Event, Found, Knowledge, Problem, Progress, Settings, Source, Teller, Totals, run, walk};
use athar_extract::torture::{Case, FORMS, cases};
use athar_extract::{Extractor, Kind, Options};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub(crate) fn knowledge() -> Knowledge {
    Knowledge::new([])
}

/// The usual settings, with so many threads.
pub(crate) fn threads(threads: usize) -> Settings {
    Settings { threads, ..Settings::default() }
}

/// What a run told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) found: Vec<Found>,
    pub(crate) problems: Vec<Problem>,
    /// Every find, problem and known document as a line of JSON, in order.
    pub(crate) lines: Vec<String>,
    pub(crate) known: u64,
    pub(crate) files_known: u64,
}

impl Told {
    pub(crate) fn take(&mut self, event: &Event) {
        match event {
            Event::Find(found, _) => {
                self.lines.push(serde_json::to_string(found).unwrap());
                self.found.push((**found).clone());
            }
            Event::Problem(problem) => {
                self.lines.push(serde_json::to_string(problem).unwrap());
                self.problems.push((**problem).clone());
            }
            Event::Known(document) => {
                self.lines.push(format!("known {:?}", document.member));
                self.known += 1;
            }
            Event::FileKnown(_) => self.files_known += 1,
            _ => {}
        }
    }

    /// The addresses among the finds.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|found| found.kind.name() == "address")
    }

    /// Whether an address was found in a file of this name.
    pub(crate) fn has(&self, file: &str, value: &str) -> bool {
        self.addresses().any(|found| found.value == value && found.file.ends_with(file))
    }
}

/// The files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<Source> {
    walk(&[folder.to_owned()], Path::new("none")).0
}

/// Looks at files, with a guard against a run that does not end.
pub(crate) fn look(files: &[Source], settings: &Settings) -> (Told, Totals) {
    let (files, settings) = (files.to_vec(), settings.clone());
    within(Duration::from_secs(180), move || {
        let mut told = Told::default();
        let teller = Teller(|event: &Event| {
            told.take(event);
            true
        });
        let (_, totals) = run(&files, &settings, &knowledge(), None, &Progress::default(), false, teller);
        (told, totals)
    })
}

/// Runs `work` on a thread of its own, and fails when it takes longer: a deadlock must not hang the tests.
pub(crate) fn within<T: Send + 'static>(time: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    let worker = thread::spawn(move || {
        let _ = send.send(work());
    });
    match receive.recv_timeout(time) {
        Ok(done) => done,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("not done after {time:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => panic!("gave no result"),
        },
    }
}

/// Sentences with one address each, that the extractor alone finds: what is not found then is lost on the way.
pub(crate) fn address_cases(seed: u64) -> Vec<Case> {
    let extractor = Extractor::new(Options::default());
    let finds_it = |case: &Case| {
        let Some(planted) = &case.planted else { return false };
        let finds = extractor.finds(&case.text);
        let addresses: Vec<_> = finds.iter().filter(|find| find.kind == Kind::Address).collect();
        planted.kind == Kind::Address
            && matches!(&addresses[..], [one] if one.chains.iter().any(|c| Some(c.chain) == planted.chain && c.value == planted.value))
    };
    cases(seed, 1).take_while(|case| case.planted.is_some()).filter(finds_it).collect()
}

/// Plain addresses of Bitcoin, as many as wanted.
pub(crate) fn plain(seed: u64, count: usize) -> Vec<String> {
    let mut dice = athar_extract::torture::Dice::new(seed);
    let form = FORMS.iter().find(|form| form.name == "bitcoin p2wpkh").unwrap();
    (0..count).map(|_| form.make(&mut dice, "en").text).collect()
}
