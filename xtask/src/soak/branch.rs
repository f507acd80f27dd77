//! Two block folders of one simulated chain: one that ends early, and one whose longer branch leaves it before that end.
//! A store that goes from the first to the second drops blocks and adds others.

use anyhow::{Context, Result, bail, ensure};
use athar_types::address::sha256d;
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

const HEADER: usize = 80;
const FRAME: usize = 8;
/// Of regtest, the only network whose blocks can be mined again in no time.
const MAGIC: [u8; 4] = [0xfa, 0xbf, 0xb5, 0xda];
/// Where the branches part and where the first one ends, in hundredths of the chain.
const FORK: usize = 80;
const SHORT: usize = 90;

/// The two folders and where they part.
pub(crate) struct Branches {
    /// Blocks of the first branch.
    pub(crate) short: PathBuf,
    /// Blocks of the second, which has more work.
    pub(crate) long: PathBuf,
    /// Height of the first block that differs.
    pub(crate) fork: u32,
    /// Height of the first branch's last block.
    pub(crate) short_tip: u32,
    /// Height of the second's.
    pub(crate) long_tip: u32,
}

impl Branches {
    /// Makes both below `out` from the block files in `blocks`, which must be of a network where any work will do.
    pub(crate) fn make(blocks: &Path, out: &Path) -> Result<Self> {
        let data = read(blocks)?;
        let chain = chain(&data).with_context(|| format!("the blocks in {}", blocks.display()))?;
        let [fork, end] = [FORK, SHORT].map(|part| chain.len() * part / 100);
        ensure!(fork > 0 && end > fork && end < chain.len(), "{} blocks are too few for two branches", chain.len());
        let [short, long] = ["short", "long"].map(|name| out.join(name));
        write(&short, chain[..end].iter().map(|frame| frame.to_vec()))?;
        let mut parent = sha256d(header(chain[fork - 1])?);
        let mut other = Vec::new();
        for frame in &chain[fork..] {
            let mut frame = frame.to_vec();
            parent = mine_again(&mut frame, parent)?;
            other.push(frame);
        }
        write(&long, chain[..fork].iter().map(|frame| frame.to_vec()).chain(other))?;
        let [fork, short_tip, long_tip] = [fork, end - 1, chain.len() - 1].map(|height| height as u32);
        Ok(Self { short, long, fork, short_tip, long_tip })
    }
}

fn header(frame: &[u8]) -> Result<&[u8]> {
    frame.get(FRAME..FRAME + HEADER).context("a block without a header")
}

/// Puts the block after `parent` under another hash than it had, and gives that.
fn mine_again(frame: &mut [u8], parent: [u8; 32]) -> Result<[u8; 32]> {
    let header = frame.get_mut(FRAME..FRAME + HEADER).context("a block without a header")?;
    let old = header[76..].to_vec();
    header[4..36].copy_from_slice(&parent);
    for nonce in 0..u32::MAX {
        header[76..].copy_from_slice(&nonce.to_le_bytes());
        let hash = sha256d(header);
        // half of all hashes prove the work of a regtest block
        if hash[31] < 0x7f && header[76..] != old[..] {
            return Ok(hash);
        }
    }
    bail!("no nonce")
}

/// Where the frames of a file end: a node makes its files longer than what they hold.
fn frames_end(file: &[u8]) -> usize {
    let mut at = 0;
    while let Some(head) = file.get(at..at + FRAME).filter(|head| head[..4] == MAGIC) {
        let end = at + FRAME + u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if end > file.len() {
            break;
        }
        at = end;
    }
    at
}

/// The frames of all block files in order.
fn read(blocks: &Path) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    // each file is masked from its own beginning on
    let key = fs::read(blocks.join("xor.dat")).unwrap_or_default();
    for number in 0.. {
        let path = blocks.join(format!("blk{number:05}.dat"));
        if !path.is_file() {
            break;
        }
        let mut file = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        if !key.is_empty() {
            file.iter_mut().zip(key.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        }
        data.extend_from_slice(&file[..frames_end(&file)]);
    }
    Ok(data)
}

/// The frames of the longest chain, from the genesis block on.
fn chain(data: &[u8]) -> Result<Vec<&[u8]>> {
    let mut frames = HashMap::new();
    let mut at = 0;
    while let Some(head) = data.get(at..at + FRAME) {
        let len = FRAME + u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let frame = data.get(at..at + len).context("the last block is cut short")?;
        frames.insert(sha256d(header(frame)?), frame);
        at += len;
    }
    let parent = |frame: &[u8]| -> [u8; 32] {
        let mut parent = [0; 32];
        parent.copy_from_slice(&frame[FRAME + 4..FRAME + 36]);
        parent
    };
    // heights by walking back, with what was walked before known
    let mut heights: HashMap<[u8; 32], usize> = HashMap::from([([0; 32], 0)]);
    for start in frames.keys() {
        let mut path = Vec::new();
        let mut hash = *start;
        while !heights.contains_key(&hash) {
            path.push(hash);
            hash = parent(frames.get(&hash).context("a block without its parent")?);
        }
        let known = heights[&hash];
        for (n, hash) in path.into_iter().rev().enumerate() {
            heights.insert(hash, known + n + 1);
        }
    }
    let (mut hash, _) = heights.iter().max_by_key(|(hash, height)| (**height, **hash)).context("no blocks")?;
    let mut chain = Vec::new();
    let mut up;
    while let Some(frame) = frames.get(hash) {
        chain.push(*frame);
        up = parent(frame);
        hash = heights.get_key_value(&up).context("no parent")?.0;
    }
    chain.reverse();
    Ok(chain)
}

fn write(folder: &Path, frames: impl Iterator<Item = Vec<u8>>) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join("blk00000.dat");
    fs::write(&path, frames.flatten().collect::<Vec<u8>>()).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten blocks of a header and one byte, each naming the one before it.
    fn ten() -> Vec<u8> {
        let (mut data, mut parent) = (Vec::new(), [0; 32]);
        for n in 0..10_u8 {
            let mut block = vec![n; HEADER + 1];
            block[4..36].copy_from_slice(&parent);
            parent = sha256d(&block[..HEADER]);
            data.extend([0xfa, 0xbf, 0xb5, 0xda]);
            data.extend((block.len() as u32).to_le_bytes());
            data.extend(block);
        }
        data
    }

    #[test]
    fn the_branches_share_blocks_to_the_fork_and_the_second_goes_on_longer() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("blk00000.dat"), ten()).unwrap();
        let branches = Branches::make(folder.path(), &folder.path().join("out")).unwrap();
        assert_eq!((branches.fork, branches.short_tip, branches.long_tip), (8, 8, 9));
        let [short, long] = [&branches.short, &branches.long].map(|folder| read(folder).unwrap());
        let (short, long) = (chain(&short).unwrap(), chain(&long).unwrap());
        assert_eq!((short.len(), long.len()), (9, 10));
        assert_eq!(short[..8], long[..8]);
        assert_ne!(short[8], long[8]);
        // what stands in the blocks is the same
        assert_eq!(short[8][FRAME + HEADER..], long[8][FRAME + HEADER..]);
    }
}
