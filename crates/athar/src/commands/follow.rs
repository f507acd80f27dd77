//! `athar follow`.

use crate::Outcome;
use crate::args::{Follow, FollowBitcoin, FollowChain};
use crate::printer::{Printer, is_closed_pipe};
use crate::show;
use anyhow::{Context, bail};
use athar_desk::Desk;
use athar_desk::alert::{PatternRounds, Watcher, WatcherSettings};
use athar_engine::write::{
    FollowEvent, FollowSettings, Happening, Hash32, Mempool, MempoolTx, Observer, Stage, follow_bitcoin,
};
use athar_engine::{Chain, Credentials, Options, RpcUrl, ZmqUrl};
use indicatif::ProgressBar;
use signal_hook::{consts::TERM_SIGNALS, flag};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

pub(crate) fn run(store: &Path, follow: &Follow, open: &Options, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some((chain, words)) = follow.chain.accounts() {
        return super::accounts::follow(store, chain, words, printer);
    }
    let FollowChain::Bitcoin(words) = &follow.chain else { unreachable!("every other chain is one of accounts") };
    let (rpc, in_url) = RpcUrl::parse(&words.rpc)?;
    let settings = FollowSettings {
        credentials: credentials(words, in_url)?,
        rpc,
        zmq: words.zmq.iter().map(|url| ZmqUrl::parse(url)).collect::<Result<_, _>>()?,
        blocks: words.blocks.clone(),
        network: words.network,
        memory_bytes: words.memory,
        clustering: open.clustering.clone(),
    };
    let stop = stopped_by_signals()?;
    let desk = if words.no_alerts || !(words.alerts || words.deliver || Desk::exists(store)) {
        None
    } else {
        Some(Arc::new(Desk::open(store)?))
    };
    let options = Options { chain: Some(Chain::Bitcoin), ..open.clone() };
    let watching = WatcherSettings { store: store.into(), chain: Chain::Bitcoin, options };
    let watcher = desk.as_ref().map(|desk| Watcher::start(Arc::clone(desk), watching.clone())).transpose()?;
    let rounds =
        desk.as_ref().map(|desk| PatternRounds::start(Arc::clone(desk), watching, super::alerts::now)).transpose()?;
    let mut listener = Listener { printer, bar: None, failed: None, watcher, rounds };
    let is_over = AtomicBool::new(false);
    let followed = thread::scope(|scope| {
        if let Some(desk) = desk.as_ref().filter(|_| words.deliver) {
            scope.spawn(|| super::alerts::keep_delivering(desk, &is_over));
        }
        let followed = follow_bitcoin(store, &settings, &stop, &mut listener);
        listener.clear();
        // what was met last is stored before the deliveries end
        listener.watcher = None;
        is_over.store(true, Ordering::SeqCst);
        followed
    });
    match listener.failed {
        Some(error) if !is_closed_pipe(&error) => return Err(error),
        _ => {}
    }
    followed?;
    Ok(Outcome::Done)
}

/// Set by Ctrl-C or SIGTERM.
pub(super) fn stopped_by_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in TERM_SIGNALS {
        // the order counts: the first signal only sets the flag, a second one finds it set and ends the program
        flag::register_conditional_shutdown(*signal, INTERRUPTED, Arc::clone(&stop)).context("cannot take signals")?;
        flag::register(*signal, Arc::clone(&stop)).context("cannot take signals")?;
    }
    Ok(stop)
}

fn credentials(words: &FollowBitcoin, in_url: Option<Credentials>) -> anyhow::Result<Credentials> {
    if let Some(cookie) = &words.cookie {
        return Ok(Credentials::Cookie(cookie.clone()));
    }
    if let Some(in_url) = in_url {
        return Ok(in_url);
    }
    match (&words.rpc_user, &words.rpc_password) {
        (Some(user), Some(password)) => Ok(Credentials::Password { user: user.clone(), password: password.clone() }),
        (Some(_), None) => bail!("--rpc-user without a password\nhint: set ATHAR_RPC_PASSWORD"),
        (None, Some(_)) => bail!("a password without a user\nhint: give --rpc-user or set ATHAR_RPC_USER"),
        (None, None) => bail!(
            "the node asks for a user and a password\nhint: give --cookie FILE (the file `.cookie` in the node's data folder), or \
             ATHAR_RPC_USER and ATHAR_RPC_PASSWORD"
        ),
    }
}

struct Listener<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    failed: Option<anyhow::Error>,
    watcher: Option<Watcher>,
    rounds: Option<PatternRounds>,
}

impl Listener<'_> {
    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Listener<'_> {
    fn event(&mut self, event: &FollowEvent) -> bool {
        if matches!(event.what, Happening::CaughtUp { .. }) {
            self.clear();
        }
        if let Some(watcher) = &self.watcher {
            if matches!(event.what, Happening::Entities { .. }) {
                watcher.entities_changed();
            }
            for warning in watcher.warnings() {
                self.printer.warn(&warning);
            }
        }
        let line = if self.printer.is_json() {
            serde_json::to_string(event).map(|json| json + "\n").map_err(anyhow::Error::from)
        } else {
            Ok(show::event(event) + "\n")
        };
        match line.and_then(|line| self.printer.data(&line)) {
            Ok(()) => true,
            Err(error) => {
                self.failed = Some(error);
                false
            }
        }
    }

    fn stage(&mut self, stage: Stage) {
        if let Stage::Blocks(p) = stage {
            let bar = self.bar.get_or_insert_with(|| {
                let template = "{prefix:>9} {wide_bar} height {msg}  {human_pos}/{human_len} blocks  {per_sec}  {eta}";
                self.printer.bar(p.blocks_total, "blocks", template)
            });
            bar.set_length(p.blocks_total);
            bar.set_position(p.blocks);
            bar.set_message(p.height.to_string());
        }
    }

    fn warn(&mut self, text: &str) {
        self.printer.warn(text);
    }

    fn entered(&mut self, tx: &MempoolTx) {
        if let Some(watcher) = &self.watcher {
            watcher.entered(tx);
        }
    }

    fn left(&mut self, txid: &Hash32, why: &'static str) {
        if let Some(watcher) = &self.watcher {
            watcher.left(txid, why);
        }
    }

    fn listed(&mut self, pool: &Mempool) {
        if let Some(watcher) = &self.watcher {
            watcher.listed(pool);
        }
    }

    fn waiting(&mut self, pool: &Mempool) {
        if let Some(watcher) = &self.watcher {
            watcher.waiting(pool);
        }
    }

    fn chain_changed(&mut self) {
        if let Some(rounds) = &self.rounds {
            for warning in rounds.fetch().1 {
                self.printer.warn(&warning);
            }
            rounds.chain_changed();
        }
        if let Some(watcher) = &self.watcher {
            watcher.chain_changed();
        }
    }
}
