//! The order in which blocks lie on disk. A node writes them as they arrive: mostly in order, not always.

use super::Encoded;
use crate::dice::Dice;

/// Brings blocks into the order of the files.
pub(crate) struct Disorder {
    /// `None` keeps the order of heights.
    dice: Option<Dice>,
    held: Vec<(Vec<u8>, u64)>,
}

impl Disorder {
    /// Blocks stay in order, or some come up to four places late.
    pub(crate) fn new(seed: u64, wanted: bool) -> Self {
        Self { dice: wanted.then(|| Dice::new(seed, "disorder")), held: Vec::new() }
    }

    /// Takes the next block of the chain; `write` gets every block whose time has come.
    pub(crate) fn push<E>(&mut self, next: Encoded, mut write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let Some(dice) = &mut self.dice else {
            next.stale.iter().try_for_each(|block| write(block))?;
            return write(&next.block);
        };
        let stale_first = dice.chance(500);
        if stale_first {
            next.stale.iter().try_for_each(|block| write(block))?;
        }
        // the genesis block is in the file before the node has a peer
        if next.height > 0 && dice.chance(60) {
            self.held.push((next.block, dice.range(1, 4)));
        } else {
            write(&next.block)?;
            for (_, wait) in &mut self.held {
                *wait -= 1;
            }
        }
        if !stale_first {
            next.stale.iter().try_for_each(|block| write(block))?;
        }
        let mut i = 0;
        while i < self.held.len() {
            if self.held[i].1 == 0 {
                write(&self.held.remove(i).0)?;
            } else {
                i += 1;
            }
        }
        Ok(())
    }

    /// Writes what is still held.
    pub(crate) fn finish<E>(self, mut write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.held.iter().try_for_each(|(block, _)| write(block))
    }
}
