//! The newest blocks as they come, and what a reorganisation takes back.
//!
//! A WebSocket wakes the follower, or a clock where there is none or it is lost. It then asks where the chain ends, whether
//! its own last block is still in it, and fetches everything between: so a lost connection, a machine that slept and a
//! notice that never came leave no gap.

use super::{
    call::Call,
    client::EvmClient,
    error::EvmError,
    fetch::Fetcher,
    head::Head,
    hex,
    pending::{self, PendingTx, PendingView},
    rows::account_block,
    socket::Socket,
    url::{Auth, EndpointUrl},
};
use athar_chains::account::Tokens;
use athar_types::{
    UnixTime,
    account::{AccountBlock, AccountParams},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant, SystemTime},
};

/// Blocks whose hashes are remembered, which is how far a reorganisation can be walked back.
pub const REORG_MAX: usize = 1_024;
/// Times that the chain may change under one look before it fails.
const ROUNDS_MAX: usize = 8;
/// Waiting transactions asked about in one go.
const PENDING_BATCH: usize = 200;
/// Waiting transactions that are yet to be asked about.
const WAITING_MAX: usize = 10_000;
/// How often the head is asked for where a WebSocket does not tell, and at most so long where it is silent.
const POLL: Duration = Duration::from_secs(4);
/// The same while a WebSocket tells of blocks.
const POLL_BESIDE_SOCKET: Duration = Duration::from_secs(30);

/// How to follow.
#[derive(Clone, Debug)]
pub struct FollowSettings {
    /// The node's WebSocket; without one the head is asked for every [`Self::poll`].
    pub socket: Option<EndpointUrl>,
    /// Who calls there.
    pub auth: Auth,
    /// How often the head is asked for without a WebSocket.
    pub poll: Duration,
    /// Whether waiting transactions are listened to; needs a WebSocket.
    pub is_pending: bool,
}

impl Default for FollowSettings {
    fn default() -> Self {
        Self { socket: None, auth: Auth::None, poll: POLL, is_pending: false }
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub enum FollowEvent {
    /// The chain was reorganised: every block above this number is gone. The new ones follow.
    Drop {
        /// The last block that both chains have.
        to: u64,
        /// Its hash.
        hash: [u8; 32],
        /// Blocks that are gone.
        depth: u64,
    },
    /// The next block.
    Block(Box<AccountBlock>),
    /// Transactions that wait now, and did not before.
    Pending(Vec<PendingTx>),
    /// The WebSocket is connected.
    Connected,
    /// The WebSocket is lost; the head is asked for by the clock until it is back.
    Lost(EvmError),
}

/// Follows a chain from the last block that is known.
#[derive(Debug)]
pub struct Follower<'a> {
    client: &'a EvmClient,
    params: &'static AccountParams,
    tokens: &'a Tokens,
    poll: Duration,
    socket: Option<Socket>,
    is_connected: bool,
    looked: Option<Instant>,
    from: u64,
    /// Number to hash of the last blocks.
    recent: BTreeMap<u64, [u8; 32]>,
    pending: PendingView,
    left_out: u64,
    waiting: Vec<[u8; 32]>,
}

impl<'a> Follower<'a> {
    /// Follows on from `known`: numbers and hashes of the last blocks of the store, in order. Where there is none, it
    /// begins with the block `from`.
    pub fn new(
        client: &'a EvmClient,
        params: &'static AccountParams,
        tokens: &'a Tokens,
        from: u64,
        known: impl IntoIterator<Item = (u64, [u8; 32])>,
        settings: FollowSettings,
    ) -> Self {
        let FollowSettings { socket, auth, poll, is_pending } = settings;
        let mut follower = Self {
            client,
            params,
            tokens,
            poll,
            socket: socket.map(|url| Socket::start(url, auth, is_pending)),
            is_connected: false,
            looked: None,
            from,
            recent: BTreeMap::new(),
            pending: PendingView::default(),
            left_out: 0,
            waiting: Vec::new(),
        };
        for (number, hash) in known {
            follower.remember(number, hash);
        }
        follower
    }

    /// The last block handed on.
    pub fn tip(&self) -> Option<(u64, [u8; 32])> {
        self.recent.last_key_value().map(|(number, hash)| (*number, *hash))
    }

    /// What waits, as far as the WebSocket told of it.
    pub fn pending(&self) -> &PendingView {
        &self.pending
    }

    /// Waiting transactions that were told of faster than they could be asked about, and are not in the view.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Waits for something to happen, at most for `wait`, and tells it to `on`.
    ///
    /// After an error it can be called again: what was told stays told, and nothing is lost.
    pub fn step<E: From<EvmError>>(
        &mut self,
        wait: Duration,
        mut on: impl FnMut(FollowEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let poll = if self.is_connected { POLL_BESIDE_SOCKET.max(self.poll) } else { self.poll };
        let due = self.looked.map_or(Duration::ZERO, |looked| poll.saturating_sub(looked.elapsed()));
        let mut is_due = due <= wait;
        match &self.socket {
            Some(socket) => {
                let told = socket.take(due.min(wait));
                self.left_out += told.left_out;
                self.waiting.extend(told.hashes);
                // only where the node fails again and again
                self.left_out += self.waiting.len().saturating_sub(WAITING_MAX) as u64;
                self.waiting.truncate(WAITING_MAX);
                if told.is_connected {
                    self.is_connected = true;
                    on(FollowEvent::Connected)?;
                }
                if let Some(error) = told.lost {
                    self.is_connected = false;
                    on(FollowEvent::Lost(error))?;
                }
                is_due = told.is_head || self.looked.is_none_or(|looked| looked.elapsed() >= poll);
            }
            None => std::thread::sleep(due.min(wait)),
        }
        if is_due {
            self.catch_up(&mut on)?;
            self.looked = Some(Instant::now());
        }
        self.ask_waiting(&mut on)
    }

    /// Hands on everything up to the newest block.
    pub fn catch_up<E: From<EvmError>>(&mut self, on: &mut impl FnMut(FollowEvent) -> Result<(), E>) -> Result<(), E> {
        let mut last = None;
        for _ in 0..ROUNDS_MAX {
            let head = self.client.head()?;
            self.walk_back(&head, on)?;
            let (from, parent) = self.tip().map_or((self.from, None), |(number, hash)| (number + 1, Some(hash)));
            if from > head.number {
                return Ok(());
            }
            let (params, tokens) = (self.params, self.tokens);
            let decode = |parts: &super::BlockParts| account_block(parts, params, tokens).map_err(|e| e.to_string());
            let fetcher = Fetcher::new(self.client);
            let done = fetcher.run::<_, Stop<E>>(from, head.number, parent, decode, |head, block| {
                self.remember(head.number, head.hash);
                self.pending.confirmed(&block);
                on(FollowEvent::Block(Box::new(block))).map_err(Stop::Caller)?;
                Ok(true)
            });
            match done {
                Ok(()) => return Ok(()),
                Err(Stop::Caller(error)) => return Err(error),
                // the chain changed on the way: look again where it parts from ours
                Err(Stop::Node(error @ EvmError::Broken { .. })) => last = Some(error),
                Err(Stop::Node(error)) => return Err(error.into()),
            }
        }
        last.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Where our last block is no longer in the chain: finds the last one that is, and tells that those above are gone.
    fn walk_back<E: From<EvmError>>(
        &mut self,
        head: &Head,
        on: &mut impl FnMut(FollowEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((tip, hash)) = self.tip() else { return Ok(()) };
        if head.number < tip && self.recent.get(&head.number) == Some(&head.hash) {
            // a node that is behind, on our chain: what is above its end may well stand elsewhere
            return Ok(());
        }
        if head.number == tip && head.hash == hash {
            return Ok(());
        }
        let numbers: Vec<u64> = self.recent.keys().rev().copied().filter(|n| *n <= head.number).collect();
        let mut done = 0;
        let mut count = 1;
        while done < numbers.len() {
            let some = &numbers[done..numbers.len().min(done + count)];
            for (number, found) in some.iter().zip(self.client.heads(some)?) {
                let ours = self.recent[number];
                if found.is_none_or(|found| found.hash != ours) {
                    continue;
                }
                if *number == tip {
                    return Ok(());
                }
                let gone = self.recent.split_off(&(number + 1)).len() as u64;
                return on(FollowEvent::Drop { to: *number, hash: ours, depth: gone });
            }
            done += some.len();
            // most reorganisations are short, and a long one shall not take a thousand requests
            count = (count * 2).min(64);
        }
        Err(EvmError::TooDeep { depth: self.recent.len(), from: tip }.into())
    }

    fn remember(&mut self, number: u64, hash: [u8; 32]) {
        self.recent.insert(number, hash);
        while self.recent.len() > REORG_MAX {
            self.recent.pop_first();
        }
    }

    /// Asks what the transactions are that the WebSocket told of.
    fn ask_waiting<E: From<EvmError>>(&mut self, on: &mut impl FnMut(FollowEvent) -> Result<(), E>) -> Result<(), E> {
        let seen = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let seen = UnixTime(u32::try_from(seen).unwrap_or(u32::MAX));
        while !self.waiting.is_empty() {
            let some: Vec<[u8; 32]> = self.waiting.drain(..self.waiting.len().min(PENDING_BATCH)).collect();
            let method = "eth_getTransactionByHash";
            let calls: Vec<Call> = some.iter().map(|hash| Call::new(method, json!([hex::text(hash)]))).collect();
            let mut new = Vec::new();
            for answer in self.client.many(&calls)?.into_iter().flatten() {
                // what a node says of a transaction that never happened is not worth an error
                let Ok(Some(tx)) = pending::read(answer.get(), seen) else { continue };
                if self.pending.get(&tx.hash).is_none() {
                    self.pending.add(tx);
                    new.push(tx);
                }
            }
            if !new.is_empty() {
                on(FollowEvent::Pending(new))?;
            }
        }
        Ok(())
    }
}

/// Who ended a fetch.
enum Stop<E> {
    Node(EvmError),
    Caller(E),
}

impl<E> From<EvmError> for Stop<E> {
    fn from(error: EvmError) -> Self {
        Self::Node(error)
    }
}
