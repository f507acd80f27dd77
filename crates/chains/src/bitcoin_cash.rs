//! What a Bitcoin Cash output has beyond Bitcoin's: tokens before its locking script (CHIP-2022-02-CashTokens).

use athar_types::Hash32;

/// Begins a token prefix; no opcode has this number.
const PREFIX_TOKEN: u8 = 0xef;
const HAS_COMMITMENT: u8 = 0x40;
const HAS_NFT: u8 = 0x20;
const HAS_AMOUNT: u8 = 0x10;
const RESERVED: u8 = 0x80;

/// The tokens that an output carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tokens<'a> {
    /// Which kind of token: the transaction whose output 0 was spent to make it.
    pub category: Hash32,
    /// Of a non-fungible token what it may do: 0 nothing, 1 change, 2 make new ones. `None` without one.
    pub capability: Option<u8>,
    /// What the non-fungible token says.
    pub commitment: &'a [u8],
    /// How many fungible tokens, at most 2^63 - 1.
    pub amount: u64,
}

/// The tokens before a locking script, and the locking script itself. A script that begins with the prefix's byte but
/// holds no well-formed prefix is all locking script (there were such outputs before tokens existed).
pub fn split_tokens(script: &[u8]) -> (Option<Tokens<'_>>, &[u8]) {
    match parse(script) {
        Some((tokens, rest)) => (Some(tokens), rest),
        None => (None, script),
    }
}

fn parse(script: &[u8]) -> Option<(Tokens<'_>, &[u8])> {
    let rest = script.strip_prefix(&[PREFIX_TOKEN])?;
    let (category, rest) = rest.split_first_chunk::<32>()?;
    let (bits, mut rest) = rest.split_first()?;
    let capability = bits & 0x0f;
    let has = |bit: u8| bits & bit != 0;
    let well_formed = !has(RESERVED)
        && capability <= 2
        && (has(HAS_NFT) || has(HAS_AMOUNT))
        && (has(HAS_NFT) || (capability == 0 && !has(HAS_COMMITMENT)));
    if !well_formed {
        return None;
    }
    let mut commitment: &[u8] = &[];
    if has(HAS_COMMITMENT) {
        let (len, after) = compact_size(rest)?;
        let len = usize::try_from(len).ok().filter(|len| *len > 0)?;
        (commitment, rest) = after.split_at_checked(len)?;
    }
    let mut amount = 0;
    if has(HAS_AMOUNT) {
        (amount, rest) = compact_size(rest)?;
        if amount == 0 || amount > i64::MAX as u64 {
            return None;
        }
    }
    let tokens =
        Tokens { category: Hash32(*category), capability: has(HAS_NFT).then_some(capability), commitment, amount };
    Some((tokens, rest))
}

/// A CompactSize in its shortest form, and what follows it.
fn compact_size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (value, rest, least) = match bytes {
        [0xfd, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from(u16::from_le_bytes(*n)), r, 0xfd))?,
        [0xfe, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from(u32::from_le_bytes(*n)), r, 0x1_0000))?,
        [0xff, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from_le_bytes(*n), r, 0x1_0000_0000))?,
        [small, rest @ ..] => (u64::from(*small), rest, 0),
        [] => return None,
    };
    (value >= least).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: [u8; 3] = [0x51, 0x52, 0x53];

    fn prefix(bits: u8, tail: &[u8]) -> Vec<u8> {
        [&[0xef][..], &[0xbb; 32], &[bits], tail, &LOCK].concat()
    }

    #[test]
    fn the_examples_of_the_specification_split() {
        // "Token Prefix Standard Encoding" of the CHIP, in the order of its table of valid prefixes
        for (bits, tail, capability, commitment, amount) in [
            (0x10, &[1][..], None, &[][..], 1),
            (0x10, &[252], None, &[], 252),
            (0x10, &[0xfd, 253, 0], None, &[], 253),
            (0x10, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], None, &[], i64::MAX as u64),
            (0x20, &[], Some(0), &[], 0),
            (0x30, &[1], Some(0), &[], 1),
            (0x60, &[1, 0xcc], Some(0), &[0xcc], 0),
            (0x70, &[1, 0xcc, 1], Some(0), &[0xcc], 1),
            (0x71, &[10, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 1], Some(1), &[0xcc; 10], 1),
            (0x22, &[], Some(2), &[], 0),
        ] {
            let script = prefix(bits, tail);
            let tokens = Tokens { category: Hash32([0xbb; 32]), capability, commitment, amount };
            assert_eq!(split_tokens(&script), (Some(tokens), &LOCK[..]), "{bits:02x}");
        }
    }

    #[test]
    fn what_is_no_prefix_is_all_locking_script() {
        for (bits, tail) in [
            (0x00, &[][..]),                            // neither
            (0x80, &[]),                                // reserved
            (0x23, &[]),                                // capability 3
            (0x11, &[1]),                               // capability without a token to have it
            (0x50, &[1, 0xcc, 1]),                      // commitment without a token
            (0x60, &[0]),                               // empty commitment
            (0x10, &[0]),                               // no amount
            (0x10, &[0xfd, 1, 0]),                      // not in its shortest form
            (0x10, &[0xff, 0, 0, 0, 0, 0, 0, 0, 0x80]), // too many
            (0x60, &[0xfd, 0xff, 0xff]),                // commitment beyond the end
        ] {
            let script = prefix(bits, tail);
            assert_eq!(split_tokens(&script), (None, &script[..]), "{bits:02x}");
        }
        for len in 0..34 {
            let script = &prefix(0x10, &[1])[..len];
            assert_eq!(split_tokens(script), (None, script));
        }
        assert_eq!(split_tokens(&[]), (None, &[][..]));
    }
}
