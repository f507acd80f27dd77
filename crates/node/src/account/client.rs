//! Several endpoints as one: who is asked, who rests, who is put aside, and why.

use super::{
    call::{Answer, Call},
    capabilities::{Capabilities, Traces, opened, probe},
    endpoint::{Endpoint, EndpointSettings},
    error::{EvmError, hash_text},
    head::{self, Head},
    health::Health,
    hex,
};
use serde_json::json;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Endpoints at most.
pub const ENDPOINTS_MAX: usize = 16;
/// How long a question is tried at endpoints that rest, before it fails.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// An endpoint whose newest block is more than this behind that of others lags.
pub const LAG_MAX: u64 = 8;

/// Which chain the endpoints must be of. What is not given is taken from the first endpoint that answers.
#[derive(Clone, Copy, Default, Debug)]
pub struct Wanted {
    /// Its `eth_chainId`.
    pub chain_id: Option<u64>,
    /// Hash of its block 0.
    pub genesis: Option<[u8; 32]>,
    /// The traces to take; `None` takes the best that any endpoint has.
    pub traces: Option<Traces>,
}

/// What an endpoint is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// Anything that every node answers.
    Any,
    /// Whole blocks, with the traces that were settled on.
    Blocks(Traces),
}

/// One endpoint as it stands.
#[derive(Clone, Debug)]
pub struct EndpointState {
    /// How it is named.
    pub name: String,
    /// What it can do; `None` where it has not answered yet.
    pub capabilities: Option<Capabilities>,
    /// Why it is asked nothing more.
    pub aside: Option<String>,
    /// What went wrong last, also where it answers again.
    pub last: Option<String>,
}

#[derive(Debug)]
struct Node {
    endpoint: Endpoint,
    health: Mutex<Health>,
    can: Mutex<Option<Capabilities>>,
}

/// The endpoints of one chain. Shared by threads; nothing is sent but calls that only read.
#[derive(Debug)]
pub struct EvmClient {
    nodes: Vec<Node>,
    turn: AtomicUsize,
    wanted: Mutex<Wanted>,
    patience: Duration,
}

impl EvmClient {
    /// A client of these endpoints, of which at least one must answer. The others are looked at when they are needed.
    pub fn connect(endpoints: Vec<EndpointSettings>, wanted: Wanted) -> Result<Self, EvmError> {
        Self::connect_with(endpoints, wanted, PATIENCE)
    }

    /// The same with another patience.
    pub fn connect_with(
        endpoints: Vec<EndpointSettings>,
        wanted: Wanted,
        patience: Duration,
    ) -> Result<Self, EvmError> {
        let count = endpoints.len();
        if count == 0 || count > ENDPOINTS_MAX {
            let what = if count == 0 { "no endpoint is given" } else { "more than 16 endpoints" };
            return Err(EvmError::Url { input: String::new(), what });
        }
        let node = |(rank, settings)| Node {
            endpoint: Endpoint::new(settings, rank, count),
            health: Mutex::default(),
            can: Mutex::default(),
        };
        let nodes = endpoints.into_iter().enumerate().map(node).collect();
        let client = Self { nodes, turn: AtomicUsize::new(0), wanted: Mutex::new(wanted), patience };
        client.ask("eth_chainId", Need::Any, |_, _| Ok(()))?;
        // each is looked at now, so that the best traces are known; one that does not answer may come later
        for rank in 0..count {
            if let Err(error) = client.look_at(rank) {
                client.failed(rank, error);
            }
        }
        Ok(client)
    }

    /// Every endpoint as it stands, in the order given.
    pub fn endpoints(&self) -> Vec<EndpointState> {
        let state = |node: &Node| {
            let health = lock(&node.health);
            EndpointState {
                name: node.endpoint.shown(),
                capabilities: lock(&node.can).clone(),
                aside: health.aside.as_ref().map(ToString::to_string),
                last: health.last.as_ref().map(ToString::to_string),
            }
        };
        self.nodes.iter().map(state).collect()
    }

    /// The chain id that all endpoints in use have, and the hash of block 0.
    pub fn identity(&self) -> (u64, [u8; 32]) {
        let wanted = lock(&self.wanted);
        (wanted.chain_id.unwrap_or_default(), wanted.genesis.unwrap_or_default())
    }

    /// The traces that were wanted, or the best that any endpoint in use has: blocks are asked only of those that have
    /// these.
    pub fn traces(&self) -> Traces {
        if let Some(wanted) = lock(&self.wanted).traces {
            return wanted;
        }
        let usable = self.nodes.iter().filter(|node| lock(&node.health).aside.is_none());
        usable.filter_map(|node| lock(&node.can).as_ref()?.traces.last().copied()).max().unwrap_or(Traces::None)
    }

    /// The newest block. Of three endpoints or more, the newest that a second one does not fall short of: one alone
    /// could claim any number. Endpoints far behind it rest for a while.
    pub fn head(&self) -> Result<Head, EvmError> {
        let call = Call::new("eth_getBlockByNumber", json!(["latest", false]));
        let read = |endpoint: &Endpoint| {
            let raw = opened(endpoint, call.method, endpoint.one(&call)?)?;
            let found = head::head(&raw).map_err(|what| endpoint.no_node(call.method, what))?;
            found.ok_or_else(|| endpoint.no_node(call.method, "no newest block".into()))
        };
        let mut heads = Vec::new();
        if self.nodes.len() > 1 {
            for (rank, node) in self.nodes.iter().enumerate() {
                if !self.is_ready(rank) {
                    continue;
                }
                match self.look_at(rank).and_then(|_| read(&node.endpoint)) {
                    Ok(head) => heads.push((head, rank)),
                    Err(error) => self.failed(rank, error),
                }
            }
        }
        heads.sort_by_key(|(head, rank)| (std::cmp::Reverse(head.number), *rank));
        let Some((best, _)) = heads.get(usize::from(heads.len() >= 3)).copied() else {
            return self.ask(call.method, Need::Any, |endpoint, _| read(endpoint));
        };
        for (head, rank) in heads {
            if head.number + LAG_MAX < best.number {
                let url = self.nodes[rank].endpoint.shown();
                self.failed(rank, EvmError::Missing { url, number: best.number });
            }
        }
        Ok(best)
    }

    /// The heads of blocks by number, in the order asked; `None` for a number that the chain does not reach.
    pub fn heads(&self, numbers: &[u64]) -> Result<Vec<Option<Head>>, EvmError> {
        let calls: Vec<Call> =
            numbers.iter().map(|n| Call::new("eth_getBlockByNumber", json!([hex::shown(*n), false]))).collect();
        self.ask("eth_getBlockByNumber", Need::Any, |endpoint, _| {
            let answers = endpoint.many(&calls)?;
            let read = |(answer, number): (Answer, &u64)| {
                let raw = opened(endpoint, "eth_getBlockByNumber", answer)?;
                let wrong = |what| EvmError::Block { url: endpoint.shown(), number: *number, what };
                let head = head::head(&raw).map_err(wrong)?;
                if let Some(head) = head.filter(|head| head.number != *number) {
                    return Err(wrong(format!("it is block {}", head.number)));
                }
                Ok(head)
            };
            answers.into_iter().zip(numbers).map(read).collect()
        })
    }

    /// Calls of any kind, answered by one endpoint; the node's own error to a single call is an answer.
    pub fn many(&self, calls: &[Call]) -> Result<Vec<Answer>, EvmError> {
        let Some(first) = calls.first() else { return Ok(Vec::new()) };
        self.ask(first.method, Need::Any, |endpoint, _| endpoint.many(calls))
    }

    /// Asks endpoints one after the other until one gives a right answer.
    ///
    /// What can pass is tried again, at the same endpoint too, as long as the client's patience lasts; an error that the
    /// node gave to the call itself counts once every endpoint gave one.
    pub(crate) fn ask<T>(
        &self,
        method: &'static str,
        need: Need,
        run: impl Fn(&Endpoint, &Capabilities) -> Result<T, EvmError>,
    ) -> Result<T, EvmError> {
        self.ask_but(method, need, None, run)
    }

    /// The same, leaving out one endpoint. Where nobody else can answer, the error given with it is the answer.
    pub(crate) fn ask_but<T>(
        &self,
        method: &'static str,
        need: Need,
        but: Option<(usize, EvmError)>,
        run: impl Fn(&Endpoint, &Capabilities) -> Result<T, EvmError>,
    ) -> Result<T, EvmError> {
        let start = Instant::now();
        let mut refusals: Vec<Option<EvmError>> = self.nodes.iter().map(|_| None).collect();
        let mut is_refused = false;
        if let Some((rank, error)) = but {
            refusals[rank] = Some(error);
        }
        loop {
            let Some(rank) = self.choose(need, &refusals) else {
                // nobody can be asked now: a wait, unless a node has answered in its own words
                let until = if is_refused { None } else { self.soonest(need, &refusals) };
                if let Some(until) = until.filter(|_| start.elapsed() < self.patience) {
                    let left = self.patience.saturating_sub(start.elapsed());
                    thread::sleep(until.saturating_duration_since(Instant::now()).min(left));
                    continue;
                }
                let refusal = refusals.into_iter().flatten().next_back();
                return Err(refusal.unwrap_or_else(|| self.nobody(method, need)));
            };
            let answer = self.look_at(rank).and_then(|can| {
                if suits(need, &can) { run(&self.nodes[rank].endpoint, &can).map(Some) } else { Ok(None) }
            });
            match answer {
                Ok(Some(answer)) => {
                    lock(&self.nodes[rank].health).good();
                    return Ok(answer);
                }
                Ok(None) => {}
                Err(error @ EvmError::Rpc { .. }) => {
                    is_refused = true;
                    refusals[rank] = Some(error);
                }
                Err(error) => self.failed(rank, error),
            }
        }
    }

    /// Notes that what `rank` said was found to be wrong later.
    pub(crate) fn failed(&self, rank: usize, error: EvmError) {
        lock(&self.nodes[rank].health).failed(error, Instant::now());
    }

    fn is_ready(&self, rank: usize) -> bool {
        let health = lock(&self.nodes[rank].health);
        health.aside.is_none() && health.rests_until.is_none_or(|until| until <= Instant::now())
    }

    /// The next endpoint in turn that can be asked.
    fn choose(&self, need: Need, refusals: &[Option<EvmError>]) -> Option<usize> {
        let count = self.nodes.len();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        (0..count)
            .map(|i| (turn.wrapping_add(i)) % count)
            .find(|rank| refusals[*rank].is_none() && self.is_ready(*rank) && self.may_suit(need, *rank))
    }

    /// Whether it suits, or is not known yet.
    fn may_suit(&self, need: Need, rank: usize) -> bool {
        lock(&self.nodes[rank].can).as_ref().is_none_or(|can| suits(need, can))
    }

    /// When the first endpoint has rested; `None` where all are put aside.
    fn soonest(&self, need: Need, refusals: &[Option<EvmError>]) -> Option<Instant> {
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.filter(|(rank, _)| refusals[*rank].is_none() && self.may_suit(need, *rank));
        nodes
            .filter_map(|(_, node)| {
                let health = lock(&node.health);
                health.aside.is_none().then(|| health.rests_until.unwrap_or_else(Instant::now))
            })
            .min()
    }

    fn nobody(&self, method: &'static str, need: Need) -> EvmError {
        let reason = |(rank, node): (usize, &Node)| match lock(&node.health).reason() {
            Some(error) => error.to_string(),
            None if !self.may_suit(need, rank) => {
                format!("{} lacks the traces that others have", node.endpoint.shown())
            }
            None => format!("{} was not asked", node.endpoint.shown()),
        };
        EvmError::Nobody { method, reasons: self.nodes.iter().enumerate().map(reason).collect() }
    }

    /// Who the endpoint is: asked once, and held against what is wanted.
    fn look_at(&self, rank: usize) -> Result<Capabilities, EvmError> {
        let node = &self.nodes[rank];
        let mut kept = lock(&node.can);
        if let Some(can) = &*kept {
            return Ok(can.clone());
        }
        let can = probe(&node.endpoint)?;
        let mut wanted = lock(&self.wanted);
        let expected = *wanted.chain_id.get_or_insert(can.chain_id);
        let url = node.endpoint.shown();
        if can.chain_id != expected {
            return Err(EvmError::OtherChain { url, found: can.chain_id, expected });
        }
        let genesis = *wanted.genesis.get_or_insert(can.genesis);
        if can.genesis != genesis {
            let (found, expected) = (hash_text(&can.genesis), hash_text(&genesis));
            return Err(EvmError::OtherGenesis { url, found, expected });
        }
        *kept = Some(can.clone());
        Ok(can)
    }
}

/// Whether an endpoint that can do this can be asked for that.
fn suits(need: Need, can: &Capabilities) -> bool {
    match need {
        Need::Any => true,
        Need::Blocks(traces) => can.traces.contains(&traces),
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
