//! `athar desk`.

use crate::Outcome;
use crate::args::{Desk as DeskWords, DeskPage, Rescreen, Transfers, Webhooks};
use crate::commands::open_engine;
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_desk::webhook::{Delivered, NewEndpoint, Sender, SenderSettings};
use athar_desk::{Counts, Desk, EngineWorld, NewSubject, Page, Registered, Rescreened, SubjectKind};
use athar_engine::read::ScreenOptions;
use athar_engine::{Day, Engine, Options};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// `athar desk status`.
#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    counts: Counts,
    /// What is wrong with the database; empty where nothing is.
    damage: Vec<String>,
}

/// `athar desk rescreen`.
#[derive(Serialize)]
struct Round {
    rescreened: Rescreened,
    delivered: Delivered,
}

/// `athar desk webhooks add`.
#[derive(Serialize)]
struct Added {
    id: i64,
    secret: String,
}

pub(crate) fn run(store: &Path, open: &Options, words: DeskWords, printer: &Printer) -> anyhow::Result<Outcome> {
    if !store.exists() && !matches!(words, DeskWords::Add { .. } | DeskWords::Transfers(Transfers::Add { .. })) {
        anyhow::bail!("there is no store {}", store.display());
    }
    let desk = Desk::open(store)?;
    match words {
        DeskWords::Status => {
            let status = Status { counts: desk.counts()?, damage: desk.verify()? };
            printer.view(&status, |s| show::counts(&s.counts, &s.damage))?;
            Ok(if status.damage.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        DeskWords::Add { kind, target, about } => register(&desk, store, open, kind, target, None, about, printer),
        DeskWords::Transfers(Transfers::Add { transfer, direction, about }) => {
            register(&desk, store, open, SubjectKind::Transfer, transfer, Some(direction), about, printer)
        }
        DeskWords::Subjects(page) => listed(&desk.subjects(None, page.after, page.limit)?, show::subjects, printer),
        DeskWords::Transfers(Transfers::List(page)) => {
            listed(&desk.subjects(Some(SubjectKind::Transfer), page.after, page.limit)?, show::subjects, printer)
        }
        DeskWords::Screenings { subject, page } => {
            listed(&desk.screenings(subject, page.after, page.limit)?, show::screenings, printer)
        }
        DeskWords::Changes { subject, page } => {
            listed(&desk.changes(subject, page.after, page.limit)?, show::changes, printer)
        }
        DeskWords::Webhooks(words) => webhooks(&desk, words, printer),
        DeskWords::Rescreen(words) => rescreen(&desk, store, open, &words, printer),
        DeskWords::Prune { before } => {
            let pruned = desk.prune(seconds(before))?;
            printer.view(&serde_json::json!({ "screenings": pruned }), |_| format!("{pruned} screenings deleted"))?;
            Ok(Outcome::Done)
        }
        DeskWords::Forget { id } => {
            desk.forget(id)?;
            printer.view(&serde_json::json!({ "forgotten": id }), |_| format!("subject {id} is forgotten"))?;
            Ok(Outcome::Done)
        }
    }
}

fn listed<T: Serialize>(
    page: &Page<T>,
    show: impl Fn(&Page<T>) -> String,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    printer.view(page, show)?;
    Ok(if page.rows.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

#[allow(clippy::too_many_arguments)] // the words of one command
fn register(
    desk: &Desk,
    store: &Path,
    open: &Options,
    kind: SubjectKind,
    target: String,
    direction: Option<athar_desk::Way>,
    about: crate::args::About,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let chain = match open.chain {
        Some(chain) => chain,
        None => Engine::open(store, open)?.chain(),
    };
    let new = NewSubject {
        kind,
        chain: chain.to_string(),
        target: target.trim().to_string(),
        asset: about.asset,
        amount: about.amount,
        direction,
        reference: about.reference,
        customer: about.customer,
        // to the end of that day
        monitor_until: about.until.map(|day| seconds(day) + 86_400),
    };
    let registered: Vec<Registered> = desk.register(&[new], now())?;
    printer.view(&registered[0], |r| {
        let was = if r.is_new { "is watched from now on" } else { "was watched already" };
        format!("subject {} {was}; `athar desk rescreen --once` screens it", r.id)
    })?;
    Ok(Outcome::Done)
}

fn webhooks(desk: &Desk, words: Webhooks, printer: &Printer) -> anyhow::Result<Outcome> {
    let done = |text: String, value: serde_json::Value| -> anyhow::Result<Outcome> {
        printer.view(&value, |_| text)?;
        Ok(Outcome::Done)
    };
    match words {
        Webhooks::Add { url, events, allow_internal, secret } => {
            let (id, secret) = desk.add_endpoint(&NewEndpoint { url, secret, events, allow_internal }, now())?;
            printer.view(&Added { id, secret }, |added| {
                format!("endpoint {}\nsecret {} (it is not shown again)", added.id, show::safe(&added.secret))
            })?;
            Ok(Outcome::Done)
        }
        Webhooks::List => {
            let endpoints = desk.endpoints()?;
            printer.view(&endpoints, |e| show::endpoints(e))?;
            Ok(if endpoints.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Webhooks::Disable { id } => {
            desk.enable_endpoint(id, false)?;
            done(format!("nothing is sent to endpoint {id}"), serde_json::json!({ "id": id, "enabled": false }))
        }
        Webhooks::Enable { id } => {
            desk.enable_endpoint(id, true)?;
            done(format!("endpoint {id} is sent to"), serde_json::json!({ "id": id, "enabled": true }))
        }
        Webhooks::Remove { id } => {
            desk.remove_endpoint(id)?;
            done(format!("endpoint {id} is deleted"), serde_json::json!({ "id": id, "removed": true }))
        }
        Webhooks::Test { id } => {
            desk.test_endpoint(id, now())?;
            done(
                format!("an event for endpoint {id} waits; `athar desk rescreen --once` delivers it"),
                serde_json::json!({ "id": id, "queued": true }),
            )
        }
        Webhooks::Dead(page) => deliveries(desk, "dead", page, printer),
        Webhooks::Waiting(page) => deliveries(desk, "waiting", page, printer),
        Webhooks::Replay { delivery, endpoint } => {
            let replayed = desk.replay(delivery, endpoint, now())?;
            printer
                .view(&serde_json::json!({ "replayed": replayed }), |_| format!("{replayed} deliveries wait again"))?;
            Ok(if replayed == 0 { Outcome::Nothing } else { Outcome::Done })
        }
    }
}

fn deliveries(desk: &Desk, state: &str, page: DeskPage, printer: &Printer) -> anyhow::Result<Outcome> {
    listed(&desk.deliveries(state, page.after, page.limit)?, show::deliveries, printer)
}

fn rescreen(desk: &Desk, store: &Path, open: &Options, words: &Rescreen, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut sender = Sender::new(SenderSettings::default());
    if let Some(ca) = &words.ca {
        let pem = std::fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
        sender = sender.with_roots(&pem).with_context(|| ca.display().to_string())?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // the second one ends the program at once
        signal_hook::flag::register_conditional_default(signal, stop.clone())?;
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let goes_on = || !stop.load(Ordering::SeqCst);
    loop {
        let round = round(desk, store, open, words, &sender, printer, &goes_on)?;
        let idle = round.rescreened.screened == 0 && round.delivered == Delivered::default();
        if words.once || !idle {
            printer.view(&round, |r| show::rescreened(&r.rescreened, &r.delivered))?;
        }
        if words.once {
            let whole = round.rescreened.failed == 0 && !round.rescreened.stopped;
            return Ok(if whole { Outcome::Done } else { Outcome::Partly });
        }
        for _ in 0..words.every * 10 {
            if !goes_on() {
                return Ok(Outcome::Done);
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn round(
    desk: &Desk,
    store: &Path,
    open: &Options,
    words: &Rescreen,
    sender: &Sender,
    printer: &Printer,
    goes_on: &dyn Fn() -> bool,
) -> anyhow::Result<Round> {
    let engine = open_engine(store, open, printer)?;
    let options = ScreenOptions { hops_max: words.hops, ..ScreenOptions::default() };
    let rescreened = desk.rescreen(&EngineWorld::active(&engine, options, store)?, now(), &mut |_| goes_on())?;
    if let Some(error) = &rescreened.error {
        printer.warn(error);
    }
    let delivered =
        if words.no_deliver { Delivered::default() } else { desk.deliver(sender, &now, &mut || goes_on())? };
    Ok(Round { rescreened, delivered })
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.as_secs() as i64
}

fn seconds(day: Day) -> i64 {
    i64::from(day.0) * 86_400
}
