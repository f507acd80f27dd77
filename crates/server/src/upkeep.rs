//! What the service does beside answering: watched subjects are screened again when the store has changed, and changes are told.
//!
//! Two threads, apart from those that answer and apart from each other: a server that does not take its webhooks holds up neither.
//! Both work in pieces that are stored whole, so that they may be cut at any moment. The log tells counts, never whom.

use crate::app::{App, clock};
use crate::generation::Generation;
use crate::settings::{LogLevel, RESCREEN_RETRY, WATCH_EVERY};
use athar_desk::watch::Matcher;
use athar_desk::webhook::{Delivered, Sender};
use athar_desk::{Desk, DeskError, EngineWorld, Rescreened, VaultError};
use athar_engine::read::ScreenOptions;
use athar_engine::{Chain, Engine};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a sleeping thread looks whether it is to end.
const NAP: Duration = Duration::from_millis(50);
/// How long the end is waited for. What is cut then is done again by the next process.
const END_TIME: Duration = Duration::from_secs(2);

/// The threads.
pub(crate) struct Keeping {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Keeping {
    /// Has them end, and waits a little for it.
    pub(crate) async fn end(self, time: Duration) {
        self.stop.store(true, Ordering::Relaxed);
        let until = Instant::now() + time.min(END_TIME);
        while self.threads.iter().any(|thread| !thread.is_finished()) && Instant::now() < until {
            tokio::time::sleep(NAP).await;
        }
    }
}

/// Begins what the settings ask for. Nothing where the store cannot be written.
pub(crate) fn begin(app: &Arc<App>) -> Keeping {
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = Vec::new();
    if let Ok(desk) = app.desk() {
        let wanted = [
            (app.settings.upkeep.rescreen, "rescreen", screen_again as fn(&App, &Desk, &AtomicBool)),
            (app.settings.upkeep.deliver, "deliver", deliver),
            (app.settings.upkeep.rescreen, "watch", watch_blocks),
        ];
        for (_, name, work) in wanted.into_iter().filter(|(is_wanted, ..)| *is_wanted) {
            let (of_thread, desk, stop) = (Arc::clone(app), Arc::clone(desk), Arc::clone(&stop));
            let begun = std::thread::Builder::new().name(name.into()).spawn(move || work(&of_thread, &desk, &stop));
            match begun {
                Ok(thread) => threads.push(thread),
                Err(error) => app.log.line(LogLevel::Error, name, json!({ "cause": error.to_string() })),
            }
        }
    }
    Keeping { stop, threads }
}

/// Sleeps, and gives whether to go on.
fn sleep(time: Duration, stop: &AtomicBool) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
    }
    !stop.load(Ordering::Relaxed)
}

/// At the start, when a newer state of the store is in use, and when somebody was registered.
fn screen_again(app: &App, desk: &Desk, stop: &AtomicBool) {
    let mut done: Weak<Generation> = Weak::new();
    let mut not_before = Instant::now();
    loop {
        let store = app.store.load_full();
        let is_new = !std::ptr::eq(done.as_ptr(), Arc::as_ptr(&store));
        // a queue that cannot be read is told by the run
        if Instant::now() >= not_before && (is_new || desk.is_anybody_waiting().unwrap_or(true)) {
            // a newer state of the store ends the run: the next one begins with it
            let goes_on = || !stop.load(Ordering::Relaxed) && Arc::ptr_eq(&*app.store.load(), &store);
            match rescreen(app, desk, &store, &goes_on) {
                Ok(true) => done = Arc::downgrade(&store),
                Ok(false) if goes_on() => {
                    done = Arc::downgrade(&store);
                    not_before = Instant::now() + RESCREEN_RETRY;
                }
                Ok(false) => {}
                // another process is at it, such as a second service over this store: what it leaves is looked at then
                Err(DeskError::Vault(VaultError::Locked { .. })) => not_before = Instant::now() + 5 * WATCH_EVERY,
                Err(error) => {
                    app.log.line(LogLevel::Error, "rescreen_failed", json!({ "cause": error.to_string() }));
                    not_before = Instant::now() + RESCREEN_RETRY;
                }
            }
        }
        drop(store);
        if !sleep(WATCH_EVERY, stop) {
            return;
        }
    }
}

/// Screens again on one state of the store, chain by chain. Whether everybody was screened who had to be.
fn rescreen(app: &App, desk: &Desk, store: &Generation, goes_on: &dyn Fn() -> bool) -> Result<bool, DeskError> {
    let options = ScreenOptions { hops_max: app.settings.upkeep.hops, ..ScreenOptions::default() };
    let mut is_whole = true;
    for name in desk.chains()? {
        let Some(chain) = Chain::from_name(&name).filter(|chain| chain.has_ledger()) else { continue };
        let engine = store.of_chain(Some(chain))?;
        let world = EngineWorld::active(&engine, options, store.folder())?;
        let done: Rescreened = desk.rescreen(&world, clock(), &mut |_| goes_on())?;
        is_whole &= done.failed == 0 && !done.stopped;
        if done.screened > 0 || done.failed > 0 || done.affected > 0 {
            let fields = json!({
                "chain": name, "affected": done.affected, "spared": done.spared, "everything": done.everything.is_some(),
                "screened": done.screened, "changed": done.changed, "failed": done.failed, "stopped": done.stopped,
            });
            app.log.line(if done.failed > 0 { LogLevel::Error } else { LogLevel::Info }, "rescreened", fields);
        }
    }
    Ok(is_whole)
}

/// Raises the alerts of new blocks, whoever added them: when a newer state of the store is in use, and when other things are watched.
fn watch_blocks(app: &App, desk: &Desk, stop: &AtomicBool) {
    let mut done: (Weak<Generation>, Option<i64>) = (Weak::new(), None);
    let mut not_before = Instant::now();
    loop {
        let store = app.store.load_full();
        let revision = desk.watch_revision().ok();
        let is_new = !std::ptr::eq(done.0.as_ptr(), Arc::as_ptr(&store)) || revision != done.1;
        if is_new && Instant::now() >= not_before {
            match see_blocks(app, desk, &store, stop) {
                Ok(()) => done = (Arc::downgrade(&store), revision),
                Err(error) => {
                    app.log.line(LogLevel::Error, "watch_failed", json!({ "cause": error.to_string() }));
                    not_before = Instant::now() + RESCREEN_RETRY;
                }
            }
        }
        drop(store);
        if !sleep(WATCH_EVERY, stop) {
            return;
        }
    }
}

fn see_blocks(app: &App, desk: &Desk, store: &Generation, stop: &AtomicBool) -> Result<(), DeskError> {
    for chain in
        Engine::chains_held(store.folder()).unwrap_or_default().into_iter().filter(|chain| chain.account().is_none())
    {
        let engine = store.of_chain(Some(chain))?;
        let matcher = Matcher::load(desk, engine)?;
        // a desk that watches nothing is left as it is
        if matcher.is_empty() && desk.watched_height(chain.name())?.is_none() {
            continue;
        }
        let caught = desk.see_blocks(store.folder(), &matcher, &clock, &mut || !stop.load(Ordering::Relaxed))?;
        if caught.raised != athar_desk::alert::Raised::default() {
            let raised = caught.raised;
            let fields = json!({
                "chain": chain.name(), "blocks": caught.blocks, "raised": raised.raised, "confirmed": raised.confirmed,
                "reorged": raised.reorged, "held_back": raised.held_back,
            });
            app.log.line(LogLevel::Info, "watched", fields);
        }
    }
    Ok(())
}

/// Sends what is due, whenever anything is.
fn deliver(app: &App, desk: &Desk, stop: &AtomicBool) {
    let mut sender = Sender::new(app.settings.upkeep.sending);
    if let Some(roots) = &app.settings.upkeep.roots {
        match sender.with_roots(roots) {
            Ok(trusting) => sender = trusting,
            // without the certificates asked for nothing is sent
            Err(error) => {
                return app.log.line(LogLevel::Error, "deliver", json!({ "cause": error.to_string() }));
            }
        }
    }
    loop {
        let sent = desk.next_due().and_then(|due| match due.filter(|due| *due <= clock()) {
            Some(_) => desk.deliver(&sender, &clock, &mut || !stop.load(Ordering::Relaxed)),
            None => Ok(Delivered::default()),
        });
        let pause = match sent {
            Ok(sent) => {
                if sent != Delivered::default() {
                    let fields = json!({ "delivered": sent.delivered, "failed": sent.failed, "dead": sent.dead });
                    app.log.line(LogLevel::Info, "delivered", fields);
                }
                WATCH_EVERY
            }
            Err(error) => {
                app.log.line(LogLevel::Error, "deliver_failed", json!({ "cause": error.to_string() }));
                RESCREEN_RETRY
            }
        };
        if !sleep(pause, stop) {
            return;
        }
    }
}
