//! `athar watch` and `athar alerts`.

use crate::Outcome;
use crate::args::{Act, Actor, Alerts, AlertsDeliver, OneSink, Sinks, Tongue, Watch, WatchAbout};
use crate::commands::open_engine;
use crate::printer::Printer;
use crate::show;
use anyhow::{Context, bail};
use athar_desk::Desk;
use athar_desk::alert::{AlertFilter, Caught, Handling, NewSuppression, PatternHit};
use athar_desk::sink::NewSink;
use athar_desk::watch::{Matcher, NewWatch, WatchKind};
use athar_desk::webhook::{Delivered, Sender, SenderSettings};
use athar_engine::{Chain, Day, Engine, Options};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Hits of one file, and the longest line of it.
const HITS_MAX: usize = 1_000_000;
const LINE_BYTES_MAX: u64 = 16 << 20;
const HITS_AT_ONCE: usize = 1_000;

pub(crate) fn watch(store: &Path, open: &Options, words: Watch, printer: &Printer) -> anyhow::Result<Outcome> {
    if !store.exists() && matches!(words, Watch::List { .. } | Watch::Remove { .. }) {
        bail!("there is no store {}", store.display());
    }
    let desk = Desk::open(store)?;
    match words {
        Watch::Add { list, kind, value, about } => {
            let chain = chain_of(store, open, kind);
            let new = like(&about, NewWatch::new(kind, chain, value.trim()));
            desk.add_watchlist(&list, "", &actor(&about.who), now())?;
            let added = desk.add_watches(&list, vec![new], now())?;
            watch_from_here(&desk, store, open);
            printer.view(&added[0], |added| show::watch_added(added, about.tongue.tongue))?;
        }
        Watch::Import { list, file, about } => {
            let chain = chain_of(store, open, WatchKind::Address);
            let like = like(&about, NewWatch::new(WatchKind::Address, chain, ""));
            desk.add_watchlist(&list, "", &actor(&about.who), now())?;
            let done = desk.import_watches(&list, &file, &like, now())?;
            watch_from_here(&desk, store, open);
            printer.view(&done, |done| show::watches_imported(done, about.tongue.tongue))?;
        }
        Watch::List { list: None, tongue, .. } => {
            let lists = desk.watchlists()?;
            printer.view(&lists, |lists| show::watchlists(lists, tongue.tongue))?;
            return Ok(if lists.is_empty() { Outcome::Nothing } else { Outcome::Done });
        }
        Watch::List { list, page, tongue } => {
            let page = desk.watches(list.as_deref(), page.after, page.limit)?;
            printer.view(&page, |page| show::watches(page, tongue.tongue))?;
            return Ok(if page.rows.is_empty() { Outcome::Nothing } else { Outcome::Done });
        }
        Watch::Remove { watch: Some(id), tongue, .. } => {
            desk.remove_watch(id)?;
            printer.view(&json!({ "watches": 1 }), |_| show::watch_gone(id, tongue.tongue))?;
        }
        Watch::Remove { list, tongue, .. } => {
            let list = list.unwrap_or_default();
            let gone = desk.remove_watchlist(&list)?;
            printer.view(&json!({ "watches": gone }), |_| show::watchlist_gone(&list, gone, tongue.tongue))?;
        }
    }
    Ok(Outcome::Done)
}

/// What a watch says that its words do not.
fn like(about: &WatchAbout, watch: NewWatch) -> NewWatch {
    NewWatch {
        direction: about.direction,
        asset: about.asset.clone(),
        at_least_units: about.units,
        at_least_usd_cents: about.usd,
        severity: about.severity.unwrap_or(watch.severity),
        note: about.note.clone(),
        ..watch
    }
}

/// The chain that was named; of an address the store's where none was.
fn chain_of(store: &Path, open: &Options, kind: WatchKind) -> Option<Chain> {
    let needs_one = matches!(kind, WatchKind::Address | WatchKind::Entity);
    if open.chain.is_some() || !needs_one {
        return open.chain;
    }
    // a store without blocks is watched for the chain that will be followed into it
    Some(Engine::chains_held(store).ok().and_then(|held| held.first().copied()).unwrap_or(Chain::Bitcoin))
}

/// What is watched for is told of the blocks after those that the store has now, whoever looks at them and when.
fn watch_from_here(desk: &Desk, store: &Path, open: &Options) {
    for chain in Engine::chains_held(store).unwrap_or_default() {
        if let Ok(engine) = Engine::open(store, &Options { chain: Some(chain), ..open.clone() })
            && let Some(ledger) = engine.chain_ledger()
        {
            // what cannot be read now is watched from where it is first looked at
            let _ = desk.watch_from(ledger);
        }
    }
}

pub(crate) fn run(store: &Path, open: &Options, words: Alerts, printer: &Printer) -> anyhow::Result<Outcome> {
    if !Desk::exists(store) {
        bail!("nothing is watched for in {}\nhint: `athar watch add LIST address ADDRESS` begins", store.display());
    }
    let desk = Desk::open(store)?;
    match words {
        Alerts::List { state, all, kind, stage, severity, watchlist, subject, txid, assignee, order, tongue, page } => {
            let not_closed = state.is_none() && !all;
            let filter =
                AlertFilter { state, not_closed, kind, stage, severity, watchlist, subject, txid, assignee, order };
            let page = desk.alerts(&filter, page.after, page.limit)?;
            printer.view(&page, |page| show::alerts(page, tongue.tongue))?;
            Ok(if page.rows.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Alerts::Show { id, tongue } => {
            #[derive(Serialize)]
            struct Shown {
                alert: athar_desk::alert::Alert,
                history: Vec<athar_desk::alert::HistoryEntry>,
            }
            let Some(alert) = desk.alert(id)? else { bail!("there is no alert {id}") };
            let mut history = Vec::new();
            let mut after = Some(0);
            while let Some(from) = after {
                let page = desk.alert_history(id, from, athar_desk::PAGE_MAX)?;
                history.extend(page.rows);
                after = page.next;
            }
            printer.view(&Shown { alert, history }, |s| show::alert(&s.alert, &s.history, tongue.tongue))?;
            Ok(Outcome::Done)
        }
        Alerts::Assign { id, to, act } => handle(&desk, id, &Handling::Assign { to }, &act, printer),
        Alerts::Note { id, text, act } => handle(&desk, id, &Handling::Note { text }, &act, printer),
        Alerts::Review { id, reason, act } => handle(&desk, id, &Handling::Review { reason }, &act, printer),
        Alerts::Escalate { id, reason, act } => handle(&desk, id, &Handling::Escalate { reason }, &act, printer),
        Alerts::Close { id, outcome, reason, act } => {
            handle(&desk, id, &Handling::Close { is_true: outcome, reason }, &act, printer)
        }
        Alerts::Reopen { id, reason, act } => handle(&desk, id, &Handling::Reopen { reason }, &act, printer),
        Alerts::Suppress { kind, value, until, reason, who, tongue } => {
            let chain = open.chain.map(|chain| chain.name().to_owned());
            // to the end of that day
            let new = NewSuppression { kind, value, chain, reason, expires_at: seconds(until) + 86_400 };
            let id = desk.suppress(&new, &actor(&who), now())?;
            printer.view(&json!({ "id": id }), |_| show::suppressed(id, until, tongue.tongue))?;
            Ok(Outcome::Done)
        }
        Alerts::Suppressions { page, tongue } => {
            let page = desk.suppressions(page.after, page.limit)?;
            printer.view(&page, |page| show::suppressions(page, now(), tongue.tongue))?;
            Ok(if page.rows.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Alerts::Lift { id, who, tongue } => {
            desk.lift(id, &actor(&who), now())?;
            printer.view(&json!({ "id": id, "lifted": true }), |_| show::lifted(id, tongue.tongue))?;
            Ok(Outcome::Done)
        }
        Alerts::Run { tongue } => blocks(&desk, store, open, tongue.tongue, printer),
        Alerts::Patterns { file, tongue } => patterns(&desk, store, open, &file, tongue.tongue, printer),
        Alerts::Figures { tongue } => {
            printer.view(&desk.alert_figures(now())?, |f| show::figures(f, now(), tongue.tongue))?;
            Ok(Outcome::Done)
        }
        Alerts::Deliver(words) => deliver(&desk, &words, printer),
        Alerts::Sinks(words) => sinks(&desk, words, printer),
    }
}

fn handle(desk: &Desk, id: i64, what: &Handling, act: &Act, printer: &Printer) -> anyhow::Result<Outcome> {
    let done = desk.handle(id, what, &actor(&act.who), act.expect, now())?;
    printer.view(&done, |done| show::handled(done, act.tongue.tongue))?;
    Ok(Outcome::Done)
}

/// What looking at the blocks of a chain brought.
#[derive(Serialize)]
struct Round {
    chain: &'static str,
    #[serde(flatten)]
    caught: Caught,
}

fn blocks(desk: &Desk, store: &Path, open: &Options, tongue: Tongue, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut rounds = Vec::new();
    let chains = match open.chain {
        Some(chain) => vec![chain],
        None => Engine::chains_held(store)?,
    };
    for chain in chains.into_iter().filter(|chain| chain.account().is_none()) {
        let engine = Arc::new(open_engine(store, &Options { chain: Some(chain), ..open.clone() }, printer)?);
        let matcher = Matcher::load(desk, Arc::clone(&engine))?;
        for id in matcher.idle() {
            printer.note(&show::watch_idle(*id, chain, tongue));
        }
        let mut caught = desk.see_blocks(store, &matcher, &now, &mut || true)?;
        if let Some(raised) = desk.see_engine_patterns(&engine, now())? {
            caught.raised += raised;
        }
        rounds.push(Round { chain: chain.name(), caught });
    }
    printer.view(&rounds, |rounds| {
        let lines = rounds.iter().map(|r| show::caught(r.chain, &r.caught, tongue));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    Ok(Outcome::Done)
}

/// Reads hits line by line, and raises their alerts in pieces that are stored whole.
fn patterns(
    desk: &Desk,
    store: &Path,
    open: &Options,
    file: &Path,
    tongue: Tongue,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let named = file.display();
    let from: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(|| format!("cannot read {named}"))?)
    };
    let chain = match open.chain {
        Some(chain) => chain,
        None => Engine::chains_held(store).unwrap_or_default().first().copied().unwrap_or(Chain::Bitcoin),
    };
    let mut reader = BufReader::new(from);
    let (mut hits, mut line, mut number) = (Vec::new(), Vec::new(), 0_usize);
    loop {
        line.clear();
        number += 1;
        let read = reader.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        anyhow::ensure!(line.len() as u64 <= LINE_BYTES_MAX, "{named} line {number}: more than {LINE_BYTES_MAX} bytes");
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        anyhow::ensure!(hits.len() < HITS_MAX, "{named}: more than {HITS_MAX} hits");
        hits.push(hit(&line, chain).with_context(|| format!("{named} line {number}"))?);
    }
    let mut sum = athar_desk::alert::Raised::default();
    for piece in hits.chunks(HITS_AT_ONCE) {
        sum += desk.see_patterns(piece, now())?;
    }
    printer.view(&sum, |sum| show::raised(sum, tongue))?;
    Ok(Outcome::Done)
}

/// A hit as it is printed: what a line calls otherwise is read as well.
fn hit(line: &[u8], chain: Chain) -> anyhow::Result<PatternHit> {
    let mut value: Value = serde_json::from_slice(line)?;
    let Some(object) = value.as_object_mut() else { bail!("is no JSON object") };
    object.entry("chain").or_insert_with(|| chain.name().into());
    if !object.contains_key("units")
        && let Some(total) = object.get("total_sat").filter(|total| !total.is_null()).cloned()
    {
        object.insert("units".into(), total);
    }
    if let Some(version) = object.get_mut("rule_version").filter(|version| version.is_number()) {
        *version = version.to_string().into();
    }
    Ok(serde_json::from_value(value)?)
}

fn deliver(desk: &Desk, words: &AlertsDeliver, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut sender = Sender::new(SenderSettings::default());
    if let Some(ca) = &words.ca {
        let pem = std::fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
        sender = sender.with_roots(&pem).with_context(|| ca.display().to_string())?;
    }
    if words.stdout {
        sender = sender.with_stdout();
    }
    let stop = super::follow::stopped_by_signals()?;
    loop {
        let sent = desk.deliver(&sender, &now, &mut || !stop.load(Ordering::SeqCst))?;
        if !words.stdout && (words.once || sent != Delivered::default()) {
            printer.view(&sent, |sent| show::delivered(sent, words.tongue.tongue))?;
        }
        if words.once {
            return Ok(if sent.failed + sent.dead == 0 { Outcome::Done } else { Outcome::Partly });
        }
        for _ in 0..words.every * 10 {
            if stop.load(Ordering::SeqCst) {
                return Ok(Outcome::Done);
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Delivers what is due until it is stopped, beside something else. What goes wrong is tried again.
pub(super) fn keep_delivering(desk: &Desk, stop: &AtomicBool) {
    let sender = Sender::new(SenderSettings::default());
    while !stop.load(Ordering::SeqCst) {
        if desk.next_due().is_ok_and(|due| due.is_some_and(|due| due <= now())) {
            // what fails is in the queue with its reason
            let _ = desk.deliver(&sender, &now, &mut || !stop.load(Ordering::SeqCst));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn sinks(desk: &Desk, words: Sinks, printer: &Printer) -> anyhow::Result<Outcome> {
    let done = |text: String, value: Value| -> anyhow::Result<Outcome> {
        printer.view(&value, |_| text)?;
        Ok(Outcome::Done)
    };
    match words {
        Sinks::Add { url, events, severity, password, tongue } => {
            let id = desk.add_sink(&NewSink { url, events, least: severity, password }, now())?;
            done(show::sink_added(id, tongue.tongue), json!({ "id": id }))
        }
        Sinks::List { tongue } => {
            let endpoints = desk.endpoints()?;
            printer.view(&endpoints, |e| show::sinks(e, tongue.tongue))?;
            Ok(if endpoints.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Sinks::Disable(OneSink { id, tongue }) => {
            desk.enable_endpoint(id, false)?;
            done(show::sink_disabled(id, tongue.tongue), json!({ "id": id, "enabled": false }))
        }
        Sinks::Enable(OneSink { id, tongue }) => {
            desk.enable_endpoint(id, true)?;
            done(show::sink_enabled(id, tongue.tongue), json!({ "id": id, "enabled": true }))
        }
        Sinks::Remove(OneSink { id, tongue }) => {
            desk.remove_endpoint(id)?;
            done(show::sink_gone(id, tongue.tongue), json!({ "id": id, "removed": true }))
        }
        Sinks::Test(OneSink { id, tongue }) => {
            desk.test_endpoint(id, now())?;
            done(show::sink_tested(id, tongue.tongue), json!({ "id": id, "queued": true }))
        }
    }
}

/// Who acts: who says so, else the user of this machine. Whoever has the desk's files can say any name; the service takes the name of
/// the key.
fn actor(who: &Actor) -> String {
    let user = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok().filter(|user| !user.is_empty());
    who.actor.clone().or_else(user).unwrap_or_else(|| "unnamed".into())
}

pub(super) fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.as_secs() as i64
}

fn seconds(day: Day) -> i64 {
    i64::from(day.0) * 86_400
}
