//! The world of all tests here: mined once, both nodes asked and stopped, their block files left for reading.

use athar_node_tests::{BlockFiles, Node, NodeChain, configured, replay, utxo::UtxoSet, world, world::World};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Instant,
};

/// A fixed world: a failure can be looked at again.
const SEED: u64 = 2;

/// One chain in two nodes' block files, and what the node that mined it says.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) chain: NodeChain,
    pub(crate) utxo: UtxoSet,
    /// The default form: XORed, in the order of mining, the stale branch between.
    pub(crate) blocks: PathBuf,
    /// The same blocks not XORed, in many small files, shuffled.
    pub(crate) shuffled_blocks: PathBuf,
}

static FIXTURE: LazyLock<Option<Fixture>> = LazyLock::new(|| configured("regtest").map(|path| build(&path)));

/// The fixture, or `None` where this run has no node.
pub(crate) fn fixture() -> Option<&'static Fixture> {
    FIXTURE.as_ref()
}

fn build(bitcoind: &Path) -> Fixture {
    let start = Instant::now();
    // kept until the next run, so that a failure can be looked at
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("regtest");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let node = Node::start(bitcoind, &folder.join("miner"), BlockFiles::Default).unwrap();
    let version = node.version().to_owned();
    let world = world::build(node.rpc(), SEED).unwrap();
    let chain = NodeChain::read(node.rpc()).unwrap();
    let utxo = UtxoSet::read(node.rpc(), &chain).unwrap();

    let copy = Node::start(bitcoind, &folder.join("copy"), BlockFiles::PlainAndSmall).unwrap();
    let mut hashes: Vec<String> = chain.blocks.iter().skip(1).map(|block| block.hash.clone()).collect();
    hashes.extend(world.stale_blocks.iter().cloned());
    replay::shuffled(node.rpc(), copy.rpc(), &hashes, SEED).unwrap();
    let (blocks, shuffled_blocks) = (node.stop().unwrap(), copy.stop().unwrap());
    let _ = writeln!(
        std::io::stderr(),
        "node {version}: {} blocks, {} transactions, {} outputs, {} addresses, made and read in {:.1} s",
        chain.blocks.len(),
        chain.txs().count(),
        chain.outputs().count(),
        chain.accounts().len(),
        start.elapsed().as_secs_f64(),
    );
    Fixture { world, chain, utxo, blocks, shuffled_blocks }
}
