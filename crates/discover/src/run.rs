//! The threads: files and members that were set aside are read by any of them; results go out in one order.
//!
//! A thread takes what waits to be read first, else the next file. A member is set aside only while few wait, so memory holds a few
//! documents a thread; the thread that cannot set one aside reads it itself.

use crate::eyes::{Eyes, Knowledge};
use crate::order::{Order, Unit};
use crate::reading::Reading;
use crate::record::{Event, Item, Results};
use crate::{Settings, Source, Totals};
use athar_documents::{Document, Member, Reader, Sink, Stop};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Members set aside for each thread.
const ASIDE_PER_THREAD: usize = 4;

/// What a store knows already.
pub trait Known: Sync {
    /// Whether this file was read to its end before, unchanged, by the same program with the same settings.
    fn file(&self, source: &Source) -> bool;
    /// Whether a member with this SHA-256 was recorded at this place before, by the same program with the same settings.
    fn member(&self, document: &Document, sha256: &[u8; 32]) -> bool;
}

/// How far a run is, for showing.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the files that were read to their end.
    pub bytes_done: AtomicU64,
    /// Documents begun.
    pub documents: AtomicU64,
    /// Finds.
    pub finds: AtomicU64,
}

/// What the threads share.
pub(crate) struct Shared<'a, R> {
    pub(crate) settings: &'a Settings,
    pub(crate) reader: Reader,
    pub(crate) known: Option<&'a dyn Known>,
    /// Whether sightings are recorded, not only told.
    pub(crate) records: bool,
    progress: &'a Progress,
    order: Mutex<Order<R>>,
    /// Told when the turn moves on, or something is set aside.
    moved: Condvar,
    aside: Mutex<VecDeque<(Unit, &'a Source, Member)>>,
    aside_max: usize,
    next_file: AtomicUsize,
    /// Files that are being read: while there are some, more may be set aside.
    reading: AtomicUsize,
    items: AtomicU64,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads files and gives everything to `results`, in order. `knowledge` is what passages are judged by.
///
/// It ends early when `results` breaks.
pub fn run<R: Results>(
    files: &[Source],
    settings: &Settings,
    knowledge: &Knowledge,
    known: Option<&dyn Known>,
    progress: &Progress,
    records: bool,
    results: R,
) -> (R, Totals) {
    let shared = Shared::new(settings, known, progress, records, results);
    thread::scope(|scope| {
        for _ in 0..settings.threads.max(1) {
            scope.spawn(|| shared.work(files, knowledge));
        }
    });
    shared.order.into_inner().unwrap_or_else(PoisonError::into_inner).end()
}

/// Looks at documents that no file holds (a request's body, texts in transactions): `feed` gives them to the sink that it is given.
pub fn run_fed<R: Results>(
    name: &str,
    feed: &mut dyn FnMut(&mut dyn Sink),
    settings: &Settings,
    knowledge: &Knowledge,
    progress: &Progress,
    records: bool,
    results: R,
) -> (R, Totals) {
    let source = Source { path: name.into(), bytes: 0, changed_ns: 0 };
    let mut shared = Shared::new(settings, None, progress, records, results);
    // one thread feeds, and nobody else is there to read what would be set aside
    shared.aside_max = 0;
    let eyes = Eyes::new(knowledge, settings);
    Reading::feed(&shared, &eyes, &source, feed);
    shared.order.into_inner().unwrap_or_else(PoisonError::into_inner).end()
}

impl<'a, R: Results> Shared<'a, R> {
    fn new(
        settings: &'a Settings,
        known: Option<&'a dyn Known>,
        progress: &'a Progress,
        records: bool,
        results: R,
    ) -> Self {
        let threads = settings.threads.max(1);
        Self {
            settings,
            reader: settings.reader(),
            known,
            records,
            progress,
            order: Mutex::new(Order::new(results)),
            moved: Condvar::new(),
            aside: Mutex::default(),
            // one thread alone has nobody to leave something to
            aside_max: if threads == 1 { 0 } else { threads * ASIDE_PER_THREAD },
            next_file: AtomicUsize::new(0),
            reading: AtomicUsize::new(0),
            items: AtomicU64::new(0),
        }
    }

    fn work(&self, files: &'a [Source], knowledge: &Knowledge) {
        let eyes = Eyes::new(knowledge, self.settings);
        loop {
            if self.help(&eyes) {
                continue;
            }
            if held(&self.order).has_failed() {
                return;
            }
            // counted before it is taken, so that no thread leaves while members may still be set aside
            self.reading.fetch_add(1, Ordering::SeqCst);
            let at = self.next_file.fetch_add(1, Ordering::SeqCst);
            if let Some(source) = files.get(at) {
                self.read_file(&eyes, at as u32, source);
                self.reading.fetch_sub(1, Ordering::SeqCst);
                self.moved.notify_all();
                continue;
            }
            self.reading.fetch_sub(1, Ordering::SeqCst);
            let order = held(&self.order);
            if self.reading.load(Ordering::SeqCst) == 0 && held(&self.aside).is_empty() {
                self.moved.notify_all();
                return;
            }
            // somebody still reads: what it sets aside wakes us. The time is a guard against a wake that came just before
            drop(self.moved.wait_timeout(order, std::time::Duration::from_millis(20)));
        }
    }

    fn read_file(&self, eyes: &Eyes, file: u32, source: &'a Source) {
        if self.known.is_some_and(|known| known.file(source)) {
            let mut order = held(&self.order);
            order.give((file, 0), vec![Event::FileKnown(source.clone())]);
            order.finish((file, 0));
            order.finish_file(file, 1);
        } else {
            Reading::file(self, eyes, file, source);
        }
        self.progress.bytes_done.fetch_add(source.bytes, Ordering::Relaxed);
        self.moved.notify_all();
    }

    /// Reads one member that waits; false where none does.
    fn help(&self, eyes: &Eyes) -> bool {
        let Some((unit, source, member)) = held(&self.aside).pop_front() else { return false };
        Reading::member(self, eyes, unit, source, member);
        self.moved.notify_all();
        true
    }

    pub(crate) fn new_item(&self) -> Item {
        self.progress.documents.fetch_add(1, Ordering::Relaxed);
        Item(self.items.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether a member may be set aside.
    pub(crate) fn has_room(&self) -> bool {
        held(&self.aside).len() < self.aside_max
    }

    pub(crate) fn set_aside(&self, unit: Unit, source: &'a Source, member: Member) {
        held(&self.aside).push_back((unit, source, member));
        self.moved.notify_all();
    }

    /// Takes events of a unit. A thread that is ahead of its turn with much waiting helps until there is room again; the thread whose turn
    /// it is never waits, so there will be.
    pub(crate) fn give(&self, unit: Unit, events: Vec<Event>, eyes: &Eyes) -> Stop {
        let finds = events.iter().filter(|event| matches!(event, Event::Find(..))).count();
        self.progress.finds.fetch_add(finds as u64, Ordering::Relaxed);
        let mut order = held(&self.order);
        order.give(unit, events);
        while order.is_full() && order.turn() != unit.0 && !order.has_failed() {
            drop(order);
            let helped = self.help(eyes);
            order = held(&self.order);
            if !helped && order.is_full() && order.turn() != unit.0 {
                let waited = self.moved.wait_timeout(order, std::time::Duration::from_millis(20));
                order = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        if order.has_failed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    pub(crate) fn finish(&self, unit: Unit) {
        held(&self.order).finish(unit);
        self.moved.notify_all();
    }

    pub(crate) fn finish_file(&self, file: u32, units: u32) {
        held(&self.order).finish_file(file, units);
        self.moved.notify_all();
    }
}
