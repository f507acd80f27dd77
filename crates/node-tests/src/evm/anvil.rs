//! anvil as a child process: loopback only, a port of its own, mining only when told to.

use super::EvmRpc;
use crate::{HarnessError, Result};
use serde_json::{Value, json};
use std::{
    env,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Names the `anvil` to test against; `cargo xtask test --nodes` sets it.
const NODE: &str = "ATHAR_NODE_ANVIL";
/// `1` turns a missing node into a failure.
const REQUIRED: &str = "ATHAR_REQUIRE_NODES";
/// How long it may take until it answers.
const READY_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(30);
/// Another process can take the free port between its choice and the node's start; then another is chosen.
const STARTS_MAX: usize = 3;

/// The `anvil` of this run, or `None` after a line that says that `test` is skipped.
///
/// # Panics
/// Where `ATHAR_REQUIRE_NODES=1` asks for a node and none is given, or the one given is no file.
pub fn configured_anvil(test: &str) -> Option<PathBuf> {
    let node = env::var_os(NODE).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = &node {
        assert!(path.is_file(), "{NODE} is {}, which is no file", path.display());
        return node;
    }
    assert!(env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{REQUIRED}=1, but {NODE} names no anvil");
    let _ = writeln!(std::io::stderr(), "skipped: {test}: no anvil (`cargo xtask test --nodes` brings one)");
    None
}

/// A running node. Dropping it ends it.
pub struct Anvil {
    child: Child,
    rpc: EvmRpc,
    port: u16,
    program: PathBuf,
    more: Vec<String>,
}

impl Anvil {
    /// Starts a new chain with more arguments, and waits until it answers.
    pub fn start(program: &Path, more: &[&str]) -> Result<Self> {
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        let mut tries = 0;
        loop {
            tries += 1;
            let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(HarnessError::io("looking for a free port"))?;
            let port = listener.local_addr().map_err(HarnessError::io("looking for a free port"))?.port();
            drop(listener);
            match Self::start_at(program, port, &more) {
                Err(HarnessError::NotReady { .. }) if tries < STARTS_MAX => {}
                done => return done,
            }
        }
    }

    fn start_at(program: &Path, port: u16, more: &[String]) -> Result<Self> {
        let child = Command::new(program)
            .args(["--host", "127.0.0.1", "--silent", "--steps-tracing", "--no-mining", "--order", "fifo"])
            .args(["--port", &port.to_string()])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(HarnessError::io(format!("starting {}", program.display())))?;
        // from here on the drop ends the child
        let mut node = Self { child, rpc: EvmRpc::new(port), port, program: program.to_owned(), more: more.to_vec() };
        let start = Instant::now();
        loop {
            let ended = node.child.try_wait().map_err(HarnessError::io("waiting for anvil"))?;
            if ended.is_none() && node.rpc.call("eth_chainId", json!([])).is_ok() {
                return Ok(node);
            }
            if ended.is_some() || start.elapsed() > READY_MAX {
                let why = ended.map_or("it does not answer".into(), |status| format!("it ended with {status}"));
                let seconds = start.elapsed().as_secs();
                return Err(HarnessError::NotReady { bitcoind: program.to_owned(), seconds, why, log: String::new() });
            }
            thread::sleep(POLL);
        }
    }

    /// Ends it, waits for `pause`, and starts a new chain at the same port.
    pub fn restart(self, pause: Duration) -> Result<Self> {
        let (program, port, more) = (self.program.clone(), self.port, self.more.clone());
        drop(self);
        thread::sleep(pause);
        Self::start_at(&program, port, &more)
    }

    /// Its RPC.
    pub fn rpc(&self) -> &EvmRpc {
        &self.rpc
    }

    /// The address of its RPC.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address of its WebSocket.
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Mines one block of what waits.
    pub fn mine(&self) -> Result<()> {
        self.rpc.call("evm_mine", json!([])).map(|_| ())
    }

    /// Replaces the last `depth` blocks with empty ones.
    pub fn reorg(&self, depth: u64) -> Result<()> {
        self.rpc.call("anvil_reorg", json!([depth, []])).map(|_| ())
    }

    /// Number of the newest block.
    pub fn height(&self) -> Result<u64> {
        let text = self.rpc.text("eth_blockNumber", json!([]))?;
        let number = text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        number.ok_or_else(|| HarnessError::shape("a number", &Value::String(text)))
    }

    /// Its accounts, whose keys it holds.
    pub fn accounts(&self) -> Result<Vec<String>> {
        let answer = self.rpc.call("eth_accounts", json!([]))?;
        let texts = answer.as_array().into_iter().flatten().filter_map(|a| a.as_str().map(str::to_owned));
        Ok(texts.collect())
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
