//! A real node as a child process: regtest, loopback only, a data folder and a port of its own.

use crate::{
    HarnessError, Result, Rpc,
    rpc::{number_of, text_of},
};
use serde_json::json;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a node may take until it answers, and until it has ended after `stop`.
const READY_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(60);
/// The same for a test that failed on the way: then the child is killed by its own pid.
const DROP_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);
/// Another process can take the free port between its choice and the node's start; then another is chosen.
const STARTS_MAX: usize = 3;
/// `getblock` with spent outputs came with 24, XORed block files with 28.
const VERSION_MIN: u64 = 280_000;

/// How the node lays down its block files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockFiles {
    /// As it does by default: XORed with a random key, one large preallocated file.
    Default,
    /// Not XORed, in many small files of 64 KiB.
    PlainAndSmall,
}

/// A running node. Dropping it stops it.
pub struct Node {
    child: Child,
    rpc: Rpc,
    bitcoind: PathBuf,
    datadir: PathBuf,
    version: String,
    running: bool,
    setup: Setup,
}

/// How a node is started, and started again.
#[derive(Clone, Debug)]
struct Setup {
    files: BlockFiles,
    port: u16,
    /// Ports for the topics sequence, rawblock and rawtx.
    zmq: Option<[u16; 3]>,
    more: Vec<String>,
}

impl Node {
    /// Starts `bitcoind` on an empty `datadir` and waits until it answers.
    pub fn start(bitcoind: &Path, datadir: &Path, files: BlockFiles) -> Result<Self> {
        Self::start_with(bitcoind, datadir, files, false, &[])
    }

    /// The same with more arguments, and where asked for publishing over ZMQ.
    pub fn start_with(
        bitcoind: &Path,
        datadir: &Path,
        files: BlockFiles,
        is_publishing: bool,
        more: &[&str],
    ) -> Result<Self> {
        let mut tries = 0;
        loop {
            tries += 1;
            let zmq = if is_publishing { Some([free_port()?, free_port()?, free_port()?]) } else { None };
            let more = more.iter().map(ToString::to_string).collect();
            match Self::try_start(bitcoind, datadir, Setup { files, port: free_port()?, zmq, more }) {
                Err(HarnessError::NotReady { log, .. }) if tries < STARTS_MAX && log.contains("Unable to bind") => {}
                done => return done,
            }
        }
    }

    fn try_start(bitcoind: &Path, datadir: &Path, setup: Setup) -> Result<Self> {
        fs::create_dir_all(datadir).map_err(HarnessError::io(format!("creating {}", datadir.display())))?;
        let port = setup.port;
        let stderr_path = datadir.join("stderr.log");
        let stderr =
            fs::File::create(&stderr_path).map_err(HarnessError::io(format!("creating {}", stderr_path.display())))?;
        let mut command = Command::new(bitcoind);
        command
            .arg(format!("-datadir={}", datadir.display()))
            .args(["-regtest", "-server", "-txindex=1", "-rest=0", "-printtoconsole=0"])
            .args(["-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1", "-rpcservertimeout=600"])
            .arg(format!("-rpcport={port}"))
            // no peer, no name look-up, nothing that leaves the machine
            .args(["-listen=0", "-dnsseed=0", "-fixedseeds=0", "-discover=0", "-connect=0", "-natpmp=0"])
            // the tests need the chain, not the node's checks of itself or safety against power cuts
            .args(["-fallbackfee=0.0002", "-checkblockindex=0", "-checkmempool=0", "-unsafesqlitesync=1"]);
        if setup.files == BlockFiles::PlainAndSmall {
            command.args(["-blocksxor=0", "-fastprune=1"]);
        }
        for (topic, port) in ["sequence", "rawblock", "rawtx"].into_iter().zip(setup.zmq.into_iter().flatten()) {
            command.arg(format!("-zmqpub{topic}=tcp://127.0.0.1:{port}"));
        }
        // of an argument given twice the last counts
        command.args(&setup.more);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(HarnessError::io(format!("starting {}", bitcoind.display())))?;
        // from here on the drop of `node` ends the child
        let mut node = Self {
            child,
            rpc: Rpc::new(port, ""),
            bitcoind: bitcoind.to_owned(),
            datadir: datadir.to_owned(),
            version: String::new(),
            running: true,
            setup,
        };
        node.wait_ready(bitcoind, port)?;
        let info = node.rpc.call("getnetworkinfo", json!([]))?;
        let number = number_of(&info, "version")?;
        node.version = format!("{} ({number})", text_of(&info, "subversion")?);
        if number < VERSION_MIN {
            return Err(HarnessError::World(format!(
                "{} is {}: version 28 or later is needed",
                bitcoind.display(),
                node.version
            )));
        }
        Ok(node)
    }

    fn wait_ready(&mut self, bitcoind: &Path, port: u16) -> Result<()> {
        let start = Instant::now();
        let cookie = self.network_dir().join(".cookie");
        let mut why = String::from("no cookie file yet");
        loop {
            if let Some(status) = self.child.try_wait().map_err(HarnessError::io("waiting for the node"))? {
                self.running = false;
                why = format!("it ended with {status}");
            } else if let Ok(credentials) = fs::read_to_string(&cookie) {
                self.rpc = Rpc::new(port, &credentials);
                // while it loads, it answers with an error
                match self.rpc.call("getblockcount", json!([])) {
                    Ok(_) => return Ok(()),
                    Err(error) => why = error.to_string(),
                }
            }
            if !self.running || start.elapsed() > READY_MAX {
                let seconds = start.elapsed().as_secs();
                return Err(HarnessError::NotReady { bitcoind: bitcoind.to_owned(), seconds, why, log: self.log() });
            }
            thread::sleep(POLL);
        }
    }

    /// The node's RPC interface.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Name and version as the node tells its peers, with its version number.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder with `blk*.dat`; complete once the node is stopped.
    pub fn blocks_dir(&self) -> PathBuf {
        self.network_dir().join("blocks")
    }

    /// The address of its RPC, without user and password.
    pub fn rpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.setup.port)
    }

    /// The file with user and password for its RPC; there while it runs.
    pub fn cookie(&self) -> PathBuf {
        self.network_dir().join(".cookie")
    }

    /// Where it publishes the topics sequence, rawblock and rawtx.
    pub fn zmq_urls(&self) -> Vec<String> {
        self.setup.zmq.into_iter().flatten().map(|port| format!("tcp://127.0.0.1:{port}")).collect()
    }

    /// Stops it, waits for `pause`, and starts it again on the same ports.
    pub fn restart(self, pause: Duration) -> Result<Self> {
        let (bitcoind, datadir, setup) = (self.bitcoind.clone(), self.datadir.clone(), self.setup.clone());
        self.stop()?;
        thread::sleep(pause);
        Self::try_start(&bitcoind, &datadir, setup)
    }

    fn network_dir(&self) -> PathBuf {
        self.datadir.join("regtest")
    }

    /// Asks the node to stop and waits until everything is on disk and the process has ended.
    pub fn stop(mut self) -> Result<PathBuf> {
        let blocks = self.blocks_dir();
        self.rpc.call("stop", json!([]))?;
        let start = Instant::now();
        while start.elapsed() < STOP_MAX {
            if let Some(status) = self.child.try_wait().map_err(HarnessError::io("waiting for the node"))? {
                self.running = false;
                return if status.success() {
                    Ok(blocks)
                } else {
                    Err(HarnessError::World(format!("the node ended with {status}:\n{}", self.log())))
                };
            }
            thread::sleep(POLL);
        }
        Err(HarnessError::World(format!("the node did not stop within {} s", STOP_MAX.as_secs())))
    }

    /// The last lines of what the node wrote.
    fn log(&self) -> String {
        let mut text = String::new();
        for path in [self.network_dir().join("debug.log"), self.datadir.join("stderr.log")] {
            if let Ok(log) = fs::read_to_string(path) {
                let lines: Vec<&str> = log.lines().collect();
                for line in &lines[lines.len().saturating_sub(15)..] {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        text
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if !self.running {
            return;
        }
        // a program that forked the node would survive the end of the child, so the node itself is asked first
        let start = Instant::now();
        let asked = self.rpc.with_call_max(DROP_MAX).call("stop", json!([])).is_ok();
        while asked && start.elapsed() < DROP_MAX && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of loopback that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(HarnessError::io("looking for a free port"))?;
    Ok(listener.local_addr().map_err(HarnessError::io("looking for a free port"))?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_node_is_reported_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new("/bin/sh");
        if !program.is_file() {
            return;
        }
        let Err(error) = Node::start(program, folder.path(), BlockFiles::Default) else { panic!("sh is no node") };
        assert!(matches!(&error, HarnessError::NotReady { why, .. } if why.starts_with("it ended with")), "{error}");
    }
}
