//! Witnesses: what a segwit input shows to spend its output (BIP 141, BIP 144).
#![allow(clippy::inline_always, reason = "the hot path, see `read`")]

use super::error::{DecodeError, Part};
use super::frame::BLOCK_LEN_MAX;
use super::read::Reader;

/// The witness of one input: a list of byte strings, found well-formed when it was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Witness<'a> {
    count: u32,
    items: &'a [u8],
}

impl<'a> Witness<'a> {
    /// The witness that begins `data` (a CompactSize count, then length-prefixed items), and the bytes it takes.
    pub fn parse(data: &'a [u8]) -> Result<(Self, usize), DecodeError> {
        // no more than fits in a block: the count is a 32-bit number
        let mut reader = Reader::new(&data[..data.len().min(BLOCK_LEN_MAX as usize)]);
        let witness = Self::read(&mut reader)?;
        Ok((witness, reader.at()))
    }

    #[inline(always)]
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let count = reader.count(1, Part::WitnessCount)?;
        let start = reader.at();
        for _ in 0..count {
            let len = reader.count(1, Part::WitnessLen)?;
            reader.bytes(len, Part::WitnessItem)?;
        }
        Ok(Self { count: count as u32, items: reader.between(start, reader.at()) })
    }

    /// Number of items; 0 where the input has no witness.
    #[inline]
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The items in order.
    #[inline]
    pub fn iter(&self) -> WitnessItems<'a> {
        WitnessItems { left: self.count, rest: Reader::new(self.items) }
    }

    /// The items as they are serialised, each behind its length.
    pub fn raw_items(&self) -> &'a [u8] {
        self.items
    }
}

impl<'a> IntoIterator for &Witness<'a> {
    type Item = &'a [u8];
    type IntoIter = WitnessItems<'a>;

    fn into_iter(self) -> WitnessItems<'a> {
        self.iter()
    }
}

/// The items of a [`Witness`].
#[derive(Clone, Debug)]
pub struct WitnessItems<'a> {
    left: u32,
    rest: Reader<'a>,
}

impl<'a> Iterator for WitnessItems<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let len = self.rest.count(1, Part::WitnessLen).ok()?;
        self.rest.bytes(len, Part::WitnessItem).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for WitnessItems<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_back_in_order_and_the_rest_is_left_alone() {
        let data = [3, 0, 2, 7, 8, 1, 9, 0xaa];
        let (witness, used) = Witness::parse(&data).unwrap();
        assert_eq!((witness.count(), used), (3, 7));
        let mut items = witness.iter();
        assert_eq!((items.len(), items.next().map(<[u8]>::len), items.len()), (3, Some(0), 2));
        assert_eq!(witness.iter().collect::<Vec<_>>(), [&[][..], &[7, 8], &[9]]);
        assert_eq!(witness.raw_items(), &data[1..7]);
    }

    #[test]
    fn a_witness_cut_short_is_refused() {
        let data = [2, 1, 5, 2, 6, 7];
        assert!(Witness::parse(&data).is_ok());
        for len in 0..data.len() {
            assert!(Witness::parse(&data[..len]).is_err(), "{len} bytes");
        }
    }
}
