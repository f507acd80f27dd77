//! What the node has to be asked, and what becomes of a node that does not answer.

use super::chain::Synced;
use super::event::{FollowEvent, Happening, Observer};
use super::files::LiveFiles;
use super::follower::Follower;
use crate::error::EngineError;
use crate::write::Stage;
use athar_node::{Feed, MEMPOOL_BYTES_MAX, MEMPOOL_TXS_MAX, NodeError};
use std::time::{Duration, Instant};

/// How often the node is asked for its best block: without notices, and with them (they can be lost).
const POLL_ALONE: Duration = Duration::from_secs(1);
const POLL_BESIDE: Duration = Duration::from_secs(10);
/// How long a block is waited for after it was named, before it is asked for.
const BODY_WAIT: Duration = Duration::from_millis(30);
/// A block that was asked for and not named within this time means that the notices are dead.
const NAMED_WAIT: Duration = Duration::from_secs(15);
/// How long errors that a restart explains are put up with; after that they end the follower.
const RESTART_MAX: Duration = Duration::from_secs(120);

impl Follower<'_> {
    /// Asks the node what has to be asked now. Whether there is more to ask at once.
    pub(super) fn ask(&mut self) -> Result<bool, EngineError> {
        if self.down.is_some() {
            if Instant::now() < self.retry_at {
                return Ok(false);
            }
            self.reconnect()?;
        }
        let now = Instant::now();
        if now >= self.next_poll {
            let is_heard = self.is_heard();
            self.next_poll = now + if is_heard { POLL_BESIDE } else { POLL_ALONE };
            let best = self.rpc.best_hash()?;
            if best != self.chain.tip_hash() || !self.is_caught_up {
                self.is_behind(false);
                if is_heard && self.unnamed.is_none() && !self.named.contains(&best) {
                    self.unnamed = Some((best, now));
                }
            }
            if let Some((_, since)) = self.unnamed
                && since.elapsed() > NAMED_WAIT
                && let Some(feed) = &self.feed
            {
                self.unnamed = None;
                feed.reconnect();
            }
        }
        if self.behind.is_some_and(|since| !self.is_body_coming || since.elapsed() >= BODY_WAIT) {
            self.sync()?;
        }
        if !self.is_caught_up || self.is_ending() {
            return Ok(false);
        }
        let has_more = self.pool.work(&self.rpc, &self.chain.ledger, self.has_sequence && self.is_heard())?;
        if self.pool.is_ready && !self.is_ready_told {
            self.is_ready_told = true;
            self.tell_changes();
            self.observer.listed(&self.pool.pool);
            let (txs, left_out) = (self.pool.pool.len() as u64, self.pool.pool.left_out() as u64);
            self.tell(Happening::MempoolReady { txs, left_out });
        }
        if self.is_ready_told {
            self.observer.waiting(&self.pool.pool);
        }
        if self.pool.pool.left_out() > 0 && !self.is_full_told {
            self.is_full_told = true;
            self.tell(Happening::MempoolFull { txs_max: MEMPOOL_TXS_MAX as u64, bytes_max: MEMPOOL_BYTES_MAX as u64 });
        }
        self.backoff.reset();
        self.failing = None;
        Ok(has_more)
    }

    /// Whether every address is connected.
    fn is_heard(&self) -> bool {
        !self.sockets.is_empty() && self.sockets.iter().all(Result::is_ok) && self.feed.is_some()
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        let since = self.behind.take();
        let mut observer = Beating {
            observer: &mut *self.observer,
            files: &mut self.files,
            tip: self.chain.tip(),
            is_beating: !self.is_caught_up,
        };
        let synced = self.chain.sync(&self.rpc, self.stop, &mut observer);
        if std::mem::take(&mut self.chain.is_reorganised) {
            self.pool.list_again();
        }
        match synced {
            Ok(Synced::AtTip) => self.kept_why = None,
            Ok(Synced::Stopped) => return Ok(()),
            Ok(Synced::Kept(why)) => {
                if self.kept_why.is_none() {
                    self.tell(Happening::Waiting { why: why.clone() });
                }
                self.kept_why = Some(why);
                self.next_poll = Instant::now() + POLL_ALONE;
                return Ok(());
            }
            Err(error) => {
                // not done: the next time begins here
                self.behind = since;
                return Err(error);
            }
        }
        if !self.is_caught_up {
            self.caught_up()?;
        }
        Ok(())
    }

    /// The store has all blocks for the first time: from here on notices are listened for, and each block is told.
    fn caught_up(&mut self) -> Result<(), EngineError> {
        let Some(tip) = self.chain.tip() else { return Ok(()) };
        if self.feed.is_none() && !self.settings.zmq.is_empty() {
            self.check_topics()?;
            self.sockets = vec![Ok(()); self.settings.zmq.len()];
            self.feed = Some(Feed::start(self.settings.zmq.clone()));
        }
        self.is_caught_up = true;
        self.chain.is_following = true;
        self.observer.chain_changed();
        let ms = self.started.elapsed().as_millis() as u64;
        self.tell(Happening::CaughtUp { height: tip.height.0, hash: tip.hash, blocks_added: self.chain.added, ms });
        Ok(())
    }

    /// Compares the addresses given with what the node says that it publishes.
    fn check_topics(&mut self) -> Result<(), EngineError> {
        let topics = self.rpc.zmq_topics()?;
        let ports: Vec<u16> = self.settings.zmq.iter().map(athar_node::ZmqUrl::port).collect();
        let has = |kind: &str| topics.iter().any(|t| t.kind == kind && t.port().is_some_and(|p| ports.contains(&p)));
        (self.has_sequence, self.has_raw_block) = (has("pubsequence"), has("pubrawblock"));
        let mut list: Vec<String> =
            topics.iter().map(|t| format!("{} at {}", t.kind.trim_start_matches("pub"), t.address)).collect();
        list.sort();
        let list = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
        for url in &self.settings.zmq {
            if !topics.iter().any(|t| t.port() == Some(url.port())) {
                self.observer.warn(&format!(
                    "{url}: the node at {} publishes nothing on that port; it publishes {list}",
                    self.rpc.url()
                ));
            }
        }
        for (topic, is_there, instead) in [
            ("sequence", self.has_sequence, "the mempool is listed every few seconds instead"),
            ("rawblock", self.has_raw_block, "blocks are asked for instead"),
        ] {
            if !is_there {
                self.observer.warn(&format!(
                    "the node at {} does not publish `{topic}` at any --zmq address: {instead}\nhint: start it with -zmqpub{topic}=tcp://127.0.0.1:PORT",
                    self.rpc.url()
                ));
            }
        }
        Ok(())
    }

    /// The node did not answer. Told once; what no waiting can mend ends the follower.
    pub(super) fn lost(&mut self, error: NodeError) -> Result<(), EngineError> {
        let is_final = matches!(
            error,
            NodeError::OtherNetwork { .. }
                | NodeError::OtherGenesis { .. }
                | NodeError::UnknownNetwork { .. }
                | NodeError::Pruned { .. }
        );
        // a node that stops answers strangely for a moment, and its cookie is gone until it is back
        if error.is_transient() {
            self.failing = None;
        } else if is_final || self.failing.get_or_insert_with(Instant::now).elapsed() > RESTART_MAX {
            return Err(error.into());
        }
        if self.down.is_none() {
            self.down = Some(Instant::now());
            self.tell(Happening::Disconnected {
                what: "rpc",
                url: self.rpc.url().to_string(),
                error: error.to_string(),
            });
        }
        self.retry_at = Instant::now() + self.backoff.next_wait();
        Ok(())
    }

    /// Whether the node is back, and still the right one.
    fn reconnect(&mut self) -> Result<(), EngineError> {
        let info = self.rpc.chain_info()?;
        self.rpc.check_network(&info, Some(self.chain.network))?;
        let uptime = Duration::from_secs(self.rpc.uptime_seconds()?);
        // a second for the rounding of either clock
        let restarted = uptime + Duration::from_secs(1) < self.seen_up.elapsed();
        if restarted {
            self.seen_up = Instant::now().checked_sub(uptime).unwrap_or_else(Instant::now);
        }
        let ms = self.down.take().map_or(0, |since| since.elapsed().as_millis() as u64);
        self.pool.list_again();
        self.is_behind(false);
        let url = self.rpc.url().to_string();
        self.tell(Happening::Reconnected { what: "rpc", url, ms, restarted: Some(restarted) });
        Ok(())
    }
}

/// Says on the way that the follower is still there.
struct Beating<'a> {
    observer: &'a mut dyn Observer,
    files: &'a mut LiveFiles,
    tip: Option<athar_ledger::Tip>,
    is_beating: bool,
}

impl Observer for Beating<'_> {
    fn event(&mut self, event: &FollowEvent) -> bool {
        self.observer.event(event)
    }

    fn stage(&mut self, stage: Stage) {
        if self.is_beating {
            // the next turn reports what is wrong with the disk
            let _ = self.files.beat("catching-up", self.tip);
        }
        self.observer.stage(stage);
    }

    fn warn(&mut self, text: &str) {
        self.observer.warn(text);
    }
}
