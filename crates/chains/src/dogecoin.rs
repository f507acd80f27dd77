//! What a Dogecoin block has beyond Bitcoin's: work done for another chain's block that commits to it (auxpow).
//!
//! Behind the 80 bytes of a header whose version has bit 8 set stand the other block's coinbase transaction, the branch
//! that leads from it to that block's merkle root, the branch that leads from this block to the root of all chains
//! mined with it, and the other block's header. The coinbase names that last root. Source: Dogecoin Core's `auxpow.cpp`
//! (`CAuxPow::check`), whose checks are made here in its order.

use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::{BlockVisitor, HEADER_LEN, Header, Input, sha, tx};
use athar_types::Hash32;

/// The version bit of merge-mined blocks.
const AUXPOW: i32 = 1 << 8;
/// Dogecoin's number among the chains mined together.
pub const CHAIN_ID: u32 = 0x62;
/// What the coinbase says before the root of the chains mined together.
const MERGED_MINING: [u8; 4] = [0xfa, 0xbe, b'm', b'm'];
/// No tree of chains is higher.
const CHAIN_BRANCH_MAX: usize = 30;

/// Whether the work for a block was done for another chain's block.
pub fn is_merge_mined(header: &Header) -> bool {
    header.version & AUXPOW != 0
}

/// The coinbase's unlocking script, which commits to the chains mined together.
#[derive(Default)]
struct CoinbaseScript(Vec<u8>);

impl BlockVisitor for CoinbaseScript {
    fn input(&mut self, index: u32, input: &Input<'_>) {
        if index == 0 {
            self.0 = input.script_sig.to_vec();
        }
    }
}

/// Reads the work behind a header, checks that it commits to the block of `hash`, and gives the header that the work
/// was done for.
pub(crate) fn read_auxpow(reader: &mut Reader<'_>, hash: &Hash32) -> Result<[u8; HEADER_LEN], DecodeError> {
    let at = reader.at();
    let refuse = |why| Err(fail(at, DecodeErrorKind::AuxPow(why)));
    let mut script = CoinbaseScript::default();
    // the other chain may have segwit, though miners leave the witness out
    let coinbase = tx::walk::<crate::bitcoin::dialect::Foreign, _>(reader, &mut script)?;
    reader.bytes(32, Part::AuxPow)?; // hash of the other block, which nobody checks
    let (branch, index) = read_branch(reader)?;
    let (chain_branch, chain_index) = read_branch(reader)?;
    let parent_raw = reader.array::<HEADER_LEN>(Part::AuxPow)?;
    let parent = Header::parse(parent_raw);

    if index != 0 {
        return refuse("its transaction is not the first of the other block");
    }
    if (parent.version >> 16) as u32 == CHAIN_ID {
        return refuse("the other block is Dogecoin's own");
    }
    if chain_branch.len() > CHAIN_BRANCH_MAX {
        return refuse("the branch of chains is too long");
    }
    if climb(coinbase.txid, &branch, index) != parent.merkle_root {
        return refuse("its transaction is not in the other block");
    }
    let mut root = climb(*hash, &chain_branch, chain_index).0;
    root.reverse();
    let script = script.0;
    let Some(root_at) = find(&script, &root) else {
        return refuse("the other block does not commit to this one");
    };
    match find(&script, &MERGED_MINING) {
        Some(mark) => {
            if find(&script[mark + 1..], &MERGED_MINING).is_some() {
                return refuse("the mark of merged mining occurs twice");
            }
            if mark + MERGED_MINING.len() != root_at {
                return refuse("the mark of merged mining is not before the commitment");
            }
        }
        // before the mark was in use: the commitment stands early, so that there can be one only
        None if root_at > 20 => return refuse("the commitment stands too late"),
        None => {}
    }
    let Some((numbers, _)) = script[root_at + root.len()..].split_first_chunk::<8>() else {
        return refuse("the size of the tree of chains is missing");
    };
    let [s0, s1, s2, s3, n0, n1, n2, n3] = *numbers;
    let (size, nonce) = (u32::from_le_bytes([s0, s1, s2, s3]), u32::from_le_bytes([n0, n1, n2, n3]));
    if size != 1 << chain_branch.len() {
        return refuse("the size of the tree of chains is not that of the branch");
    }
    if chain_index != slot(nonce, CHAIN_ID, chain_branch.len() as u32) {
        return refuse("this block is not in its place among the chains");
    }
    Ok(*parent_raw)
}

/// A merkle branch and the place of its leaf.
fn read_branch(reader: &mut Reader<'_>) -> Result<(Vec<[u8; 32]>, u32), DecodeError> {
    let count = reader.count(32, Part::AuxPow)?;
    let hashes = reader.bytes(count * 32, Part::AuxPow)?.as_chunks::<32>().0.to_vec();
    Ok((hashes, u32::from_le_bytes(*reader.array(Part::AuxPow)?)))
}

/// The root that a branch leads to from a leaf.
fn climb(leaf: Hash32, branch: &[[u8; 32]], mut index: u32) -> Hash32 {
    let mut hash = leaf.0;
    for other in branch {
        let pair = if index & 1 == 1 { [*other, hash] } else { [hash, *other] };
        hash = sha::sha256d(pair.as_flattened()).0;
        index >>= 1;
    }
    Hash32(hash)
}

/// Where a chain stands in a tree of 2^`height` chains: fixed by the nonce, so that no work counts twice.
fn slot(nonce: u32, chain: u32, height: u32) -> u32 {
    let step = |n: u32| n.wrapping_mul(1_103_515_245).wrapping_add(12_345);
    step(step(nonce).wrapping_add(chain)) % (1 << height)
}

fn find(data: &[u8], what: &[u8]) -> Option<usize> {
    data.windows(what.len()).position(|part| part == what)
}
