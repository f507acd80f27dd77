//! What can go wrong while reading blocks, with the file and the byte.

use athar_chains::bitcoin::DecodeError;
use athar_ledger::LedgerError;
use athar_types::{Chain, Hash32, Height, Network};
use std::{io, path::PathBuf};

/// An error while ingesting. Blocks before it that were already committed stay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The operating system refused to read a file or folder.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds no block files.
    #[error("no blk*.dat files in {}\nhint: give the node's `blocks` folder itself", .0.display())]
    NoBlockFiles(PathBuf),
    /// `xor.dat` has a wrong length.
    #[error("{} has {bytes} bytes, a key has 8", path.display())]
    XorFile {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// No file begins with a block: a wrong or missing XOR key, or no block files at all.
    #[error("{} holds no block of a known network\nhint: block files are XORed with the key in `xor.dat` beside them: is it the one of this folder?", .0.display())]
    NoBlocks(PathBuf),
    /// A file holds blocks of another network than the store, the other files, or the one asked for.
    #[error("{} at byte {offset}: a block of {found}, {expected} was expected", path.display())]
    OtherNetwork {
        /// The file.
        path: PathBuf,
        /// Where the block's frame begins.
        offset: u64,
        /// Its network.
        found: Network,
        /// The network so far.
        expected: Network,
    },
    /// The files hold blocks of another chain than the one asked for.
    #[error("{} holds blocks of {found}, not of {expected}\nhint: `athar ingest {found} --blocks …` reads them", path.display())]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// Whose blocks it begins with, as its magic says.
        found: Chain,
        /// The chain asked for.
        expected: Chain,
    },
    /// Two chains share their beginning and the form of their files; these blocks are on the other one's branch.
    #[error("{} at byte {offset}: block {hash} at height {height} is on the branch of {found}, not of {expected}\nhint: `athar ingest {found} --blocks …` reads it", path.display())]
    OtherBranch {
        /// The file.
        path: PathBuf,
        /// Where the block's frame begins.
        offset: u64,
        /// The block.
        hash: Hash32,
        /// Its height.
        height: Height,
        /// Whose branch it is on.
        found: Chain,
        /// The chain asked for.
        expected: Chain,
    },
    /// The chain has no network of that name.
    #[error("{chain} has no network {network} that this program knows")]
    NoSuchNetwork {
        /// The chain.
        chain: Chain,
        /// The network asked for.
        network: Network,
    },
    /// No chain of blocks leads from the genesis block, or from the store's tip.
    #[error("{} at byte {offset}: block {hash} names parent {parent}, which is in no block file and not in the store", path.display())]
    MissingParent {
        /// The file.
        path: PathBuf,
        /// Where the block's frame begins.
        offset: u64,
        /// The block.
        hash: Hash32,
        /// Its parent.
        parent: Hash32,
    },
    /// The first block is not the network's genesis block.
    #[error("{} at byte {offset}: block {hash} has no parent but is not the genesis block of {chain} {network}\nhint: chains share the form of their files: is it a folder of {chain}?", path.display())]
    OtherGenesis {
        /// The file.
        path: PathBuf,
        /// Where the block's frame begins.
        offset: u64,
        /// The block.
        hash: Hash32,
        /// The chain asked for.
        chain: Chain,
        /// The network of its magic.
        network: Network,
    },
    /// A block of the best chain cannot be decoded.
    #[error("{} at byte {offset}: block {hash} (height {height}): {source}", path.display())]
    Block {
        /// The file.
        path: PathBuf,
        /// Where the block (not its frame) begins; the source counts from here.
        offset: u64,
        /// Its height in the best chain.
        height: Height,
        /// Its hash.
        hash: Hash32,
        /// What is wrong.
        source: Box<DecodeError>,
    },
    /// A file changed or shrank between finding a block and reading it.
    #[error("{} at byte {offset}: the block found here before is no longer readable", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// Where the block's frame begins.
        offset: u64,
    },
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The caller asked to stop.
    #[error("stopped on request")]
    Cancelled,
}
