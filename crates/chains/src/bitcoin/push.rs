//! Stepping through a script, opcode by opcode.

use super::opcode::{OP_0, OP_1, OP_1NEGATE, OP_16, OP_PUSHDATA1, OP_PUSHDATA2, OP_PUSHDATA4};

/// One step of a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Push<'a> {
    /// Bytes pushed from the script itself, by the opcode given (its length, or `OP_PUSHDATA1`, `2`, `4`).
    Data {
        /// The opcode that pushes.
        opcode: u8,
        /// What it pushes.
        data: &'a [u8],
    },
    /// An opcode without data of its own.
    Op(u8),
}

impl<'a> Push<'a> {
    /// What the step puts on the stack where it is a push: data, or a small number (`OP_0` an empty string,
    /// `OP_1NEGATE` 0x81, `OP_1` to `OP_16` one byte).
    pub fn pushed(&self) -> Option<&'a [u8]> {
        const NUMBERS: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        match *self {
            Self::Data { data, .. } => Some(data),
            Self::Op(OP_0) => Some(&[]),
            Self::Op(OP_1NEGATE) => Some(&[0x81]),
            Self::Op(op @ OP_1..=OP_16) => NUMBERS.get(usize::from(op - OP_1)).map(std::slice::from_ref),
            Self::Op(_) => None,
        }
    }
}

/// The steps of a script. Ends at the end, or before a push that the script is too short for: [`rest`](Self::rest) is
/// empty only in the first case.
#[derive(Clone, Debug)]
pub struct Pushes<'a> {
    rest: &'a [u8],
}

impl<'a> Pushes<'a> {
    /// The steps of `script`.
    #[inline]
    pub fn new(script: &'a [u8]) -> Self {
        Self { rest: script }
    }

    /// What has not been stepped over.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Pushes<'a> {
    type Item = Push<'a>;

    #[inline]
    fn next(&mut self) -> Option<Push<'a>> {
        let (&opcode, rest) = self.rest.split_first()?;
        let (len, rest) = match opcode {
            0x01..=0x4b => (usize::from(opcode), rest),
            OP_PUSHDATA1 => rest.split_first().map(|(len, rest)| (usize::from(*len), rest))?,
            OP_PUSHDATA2 => rest.split_first_chunk().map(|(len, rest)| (u16::from_le_bytes(*len) as usize, rest))?,
            OP_PUSHDATA4 => rest.split_first_chunk().map(|(len, rest)| (u32::from_le_bytes(*len) as usize, rest))?,
            _ => {
                self.rest = rest;
                return Some(Push::Op(opcode));
            }
        };
        let (data, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some(Push::Data { opcode, data })
    }
}
