//! What the node published. Nothing here asks the node.

use super::event::Happening;
use super::follower::{Follower, pause};
use crate::error::EngineError;
use athar_chains::bitcoin::Header;
use athar_node::{FeedEvent, Notice, SequenceNotice, Topic};
use athar_types::Hash32;
use std::time::{Duration, Instant};

/// Events taken before something else gets its turn.
const EVENTS_MAX: usize = 10_000;
/// Named blocks that are remembered, to tell whether notices still come.
const NAMED_MAX: usize = 64;

impl Follower<'_> {
    /// Takes what the node published. Nothing here asks the node.
    pub(super) fn hear(&mut self, wait: Duration) -> Result<(), EngineError> {
        let Some(feed) = self.feed.take() else {
            pause(wait, self.stop);
            return Ok(());
        };
        let mut next = feed.next(if self.behind.is_some() { wait.min(Duration::from_millis(5)) } else { wait });
        let mut result = Ok(());
        let mut count = 0;
        while let Some(event) = next {
            result = self.heard(event);
            count += 1;
            if result.is_err() || count == EVENTS_MAX || self.is_ending() {
                break;
            }
            // news is told as it comes, not after everything behind it was read
            self.tell_news();
            self.tell_changes();
            next = feed.next(Duration::ZERO);
        }
        self.feed = Some(feed);
        result
    }

    fn heard(&mut self, event: FeedEvent) -> Result<(), EngineError> {
        match event {
            FeedEvent::Connected { socket } => {
                if let Some(Err(since)) = self.sockets.get(socket).copied() {
                    let url = self.settings.zmq[socket].to_string();
                    let ms = since.elapsed().as_millis() as u64;
                    self.tell(Happening::Reconnected { what: "zmq", url, ms, restarted: None });
                }
                self.sockets[socket] = Ok(());
                self.pool.list_again();
                self.is_behind(false);
            }
            FeedEvent::Lost { socket, error } => {
                if self.sockets[socket].is_ok() {
                    self.sockets[socket] = Err(Instant::now());
                    let url = self.settings.zmq[socket].to_string();
                    self.tell(Happening::Disconnected { what: "zmq", url, error: error.to_string() });
                }
                self.next_poll = Instant::now();
            }
            FeedEvent::Gap { topic: Topic::Sequence, .. } => {
                self.pool.list_again();
                self.is_behind(false);
            }
            FeedEvent::Gap { topic: Topic::RawBlock | Topic::HashBlock, .. } => self.is_behind(false),
            // what it would have carried is asked for
            FeedEvent::Gap { topic: Topic::RawTx, .. } => {}
            FeedEvent::Notice { received, notice, .. } => self.noticed(notice, received)?,
        }
        Ok(())
    }

    fn noticed(&mut self, notice: Notice, received: Instant) -> Result<(), EngineError> {
        match notice {
            Notice::RawBlock(raw) => {
                if let Some(header) = raw.first_chunk::<80>() {
                    self.name(Header::hash(header));
                }
                if self.is_caught_up && self.chain.published(raw, received)? {
                    self.behind = None;
                } else {
                    self.is_behind(false);
                }
            }
            Notice::HashBlock(hash) => {
                self.name(hash);
                if hash != self.chain.tip_hash() {
                    self.is_behind(self.has_raw_block);
                }
            }
            Notice::Sequence(SequenceNotice::Connected(hash)) => {
                self.has_sequence = true;
                self.name(hash);
                if hash != self.chain.tip_hash() {
                    self.is_behind(self.has_raw_block);
                }
            }
            Notice::Sequence(SequenceNotice::Disconnected(_)) => {
                self.has_sequence = true;
                self.is_behind(false);
            }
            Notice::Sequence(notice) => {
                self.has_sequence = true;
                self.pool.told(notice, &self.chain.ledger);
            }
            Notice::RawTx(raw) => self.pool.published(&raw),
        }
        Ok(())
    }

    /// The node has another tip. Where its body is about to be published, it is given a moment.
    pub(super) fn is_behind(&mut self, is_body_coming: bool) {
        self.behind.get_or_insert_with(Instant::now);
        self.is_body_coming = is_body_coming;
    }

    fn name(&mut self, hash: Hash32) {
        if self.unnamed.is_some_and(|(unnamed, _)| unnamed == hash) {
            self.unnamed = None;
        }
        if self.named.contains(&hash) {
            return;
        }
        if self.named.len() == NAMED_MAX {
            self.named.pop_front();
        }
        self.named.push_back(hash);
    }
}
