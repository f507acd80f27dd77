//! The header: 140 bytes, then the Equihash solution behind its length.

use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::{Header, sha};
use crate::header::BlockHeader;
use athar_types::{Hash32, UnixTime};

/// Bytes before the solution's length: what the solution is for.
pub(crate) const HEADER_LEN_PLAIN: usize = 140;
/// Bytes of a solution on the main and the test network (Equihash 200, 9).
const SOLUTION_LEN_MAX: usize = 1344;
/// With the length of a solution in three bytes, and the solution.
pub(crate) const HEADER_LEN_MAX: usize = HEADER_LEN_PLAIN + 3 + SOLUTION_LEN_MAX;

/// Reads a header.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<BlockHeader, DecodeError> {
    let start = reader.at();
    let plain = reader.array::<HEADER_LEN_PLAIN>(Part::Header)?;
    let at = reader.at();
    let len = reader.count(1, Part::Solution)?;
    if len > SOLUTION_LEN_MAX {
        let kind = DecodeErrorKind::TooMany { part: Part::Solution, claimed: len as u64, left: SOLUTION_LEN_MAX };
        return Err(fail(at, kind));
    }
    reader.bytes(len, Part::Solution)?;
    let whole = reader.between(start, reader.at());
    // version, parent and merkle root stand where Bitcoin's do; a commitment to the note trees comes before the time
    let fields = Header {
        version: i32::from_le_bytes(part(plain, 0)),
        prev: Hash32(part(plain, 4)),
        merkle_root: Hash32(part(plain, 36)),
        time: UnixTime(u32::from_le_bytes(part(plain, 100))),
        bits: u32::from_le_bytes(part(plain, 104)),
        nonce: 0,
    };
    Ok(BlockHeader { fields, hash: sha::sha256d(whole), len: whole.len() })
}

/// `N` bytes of the header from `at`, both constants at every call.
fn part<const N: usize>(raw: &[u8; HEADER_LEN_PLAIN], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&raw[at..at + N]);
    out
}
