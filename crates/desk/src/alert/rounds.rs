//! Patterns looked for after each change of a chain, on a thread of its own: a run takes longer than a payment may wait for its
//! alert. Changes that come meanwhile are one more round.

use super::hit::PatternHit;
use super::raise::Raised;
use super::watcher::WatcherSettings;
use crate::DeskError;
use crate::db::{Desk, held};
use athar_engine::Engine;
use athar_engine::read::{PatternHitView, PatternsOptions, Rules};
use serde_json::json;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// Hits that are stored at once.
const AT_ONCE: usize = 1_000;

/// A hit as alerts take it.
fn taken(hit: &PatternHitView) -> PatternHit {
    PatternHit {
        pattern: hit.pattern.clone(),
        rule_version: hit.rule_version.clone(),
        severity: hit.severity,
        chain: hit.chain.clone(),
        subject: hit.subject.clone(),
        addresses: hit.addresses.clone(),
        txids: hit.txids.clone(),
        units: hit.total_units.parse().ok(),
        usd_cents: Some(hit.total_usd.0),
        why: json!({
            "hit": hit.id,
            "why": hit.why,
            "why_ar": hit.why_ar,
            "values": hit.values,
            "guards": hit.guards,
            "corroboration": hit.corroboration,
            "linked_units": hit.linked_units,
            "linked_usd": hit.linked_usd,
        }),
        snapshot: hit.snapshot.clone(),
    }
}

impl Desk {
    /// Looks for patterns on the engine's chain, keeps the hits, and takes note of those that are watched for. `None` where no pattern is
    /// watched for on that chain: then nothing is looked for.
    pub fn see_engine_patterns(&self, engine: &Engine, now: i64) -> Result<Option<Raised>, DeskError> {
        if self.watches_of(engine.chain().name(), true)?.0.is_empty() {
            return Ok(None);
        }
        let found = engine.patterns_keep(&Rules::Shipped, &PatternsOptions::default())?;
        let mut sum = Raised::default();
        for piece in found.hits.chunks(AT_ONCE) {
            let hits: Vec<PatternHit> = piece.iter().map(taken).collect();
            sum += self.see_patterns(&hits, now)?;
        }
        Ok(Some(sum))
    }
}

#[derive(Debug, Default)]
struct State {
    is_due: bool,
    is_over: bool,
    sum: Raised,
    warnings: Vec<String>,
}

/// Looks for patterns whenever the chain has changed, until it is dropped.
#[derive(Debug)]
pub struct PatternRounds {
    shared: Arc<(Mutex<State>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl PatternRounds {
    /// Begins, with a first round. `clock` gives seconds since 1970.
    pub fn start(desk: Arc<Desk>, settings: WatcherSettings, clock: fn() -> i64) -> Result<Self, DeskError> {
        let first = State { is_due: true, ..State::default() };
        let shared = Arc::new((Mutex::new(first), Condvar::new()));
        let of_thread = Arc::clone(&shared);
        let run = move || rounds(&desk, &settings, &of_thread, clock);
        let thread = std::thread::Builder::new()
            .name("patterns".into())
            .spawn(run)
            .map_err(|source| DeskError::io("patterns", source))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The chain has changed.
    pub fn chain_changed(&self) {
        held(&self.shared.0).is_due = true;
        self.shared.1.notify_all();
    }

    /// What was raised since it was asked last, and what went wrong.
    pub fn fetch(&self) -> (Raised, Vec<String>) {
        let mut state = held(&self.shared.0);
        (std::mem::take(&mut state.sum), std::mem::take(&mut state.warnings))
    }
}

impl Drop for PatternRounds {
    fn drop(&mut self) {
        held(&self.shared.0).is_over = true;
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn rounds(desk: &Desk, settings: &WatcherSettings, shared: &(Mutex<State>, Condvar), clock: fn() -> i64) {
    loop {
        let mut state = held(&shared.0);
        while !state.is_due && !state.is_over {
            state = shared.1.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        if state.is_over {
            return;
        }
        state.is_due = false;
        drop(state);
        let round = || -> Result<Option<Raised>, DeskError> {
            let engine = Engine::open(&settings.store, &settings.options)?;
            // before the first block and its entities there is nothing to look at
            if engine.tip_day().is_none() {
                return Ok(None);
            }
            desk.see_engine_patterns(&engine, clock())
        };
        match round() {
            Ok(Some(raised)) => held(&shared.0).sum += raised,
            Ok(None) => {}
            Err(error) => {
                let mut state = held(&shared.0);
                if state.warnings.len() < 100 {
                    state.warnings.push(format!("patterns: {error}"));
                }
            }
        }
    }
}
