//! Where a long list goes on: an opaque text that a client gives back as it got it.
//!
//! A cursor is bound to its question (path and parameters) and to the state of the store that the page came from. Pages of two
//! states could leave a row out or list it twice without a word, so a cursor of another state is refused (`cursor_expired`), and
//! the client begins anew. It is no secret and no right: whoever holds one still needs a key.

use crate::problem::{Problem, codes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Version of the form.
const VERSION: u8 = 1;
/// Version, offset, question, state, check.
const BYTES: usize = 1 + 8 + 8 + 8 + 4;

/// The hash of a question: a path and its parameters, without those of the page.
pub(crate) fn question<'a>(path: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> [u8; 8] {
    let mut all: Vec<(&str, &str)> =
        parameters.filter(|(name, _)| !matches!(*name, "cursor" | "offset" | "limit")).collect();
    all.sort_unstable();
    let mut hasher = blake3::Hasher::new_derive_key("athar cursor question version 1");
    for part in std::iter::once(path).chain(all.into_iter().flat_map(|(name, value)| [name, value])) {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let mut hash = [0; 8];
    hash.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    hash
}

fn check(bytes: &[u8]) -> [u8; 4] {
    let hash = blake3::derive_key("athar cursor check version 1", bytes);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The cursor of the row `offset`.
pub(crate) fn write(offset: u64, question: [u8; 8], state: [u8; 8]) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.push(VERSION);
    bytes.extend(offset.to_be_bytes());
    bytes.extend(question);
    bytes.extend(state);
    bytes.extend(check(&bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The row that a cursor names.
pub(crate) fn read(cursor: &str, question: [u8; 8], state: [u8; 8]) -> Result<u64, Problem> {
    let invalid =
        || Problem::new(codes::CURSOR_INVALID, "take it from the Link header of the page before").at("cursor");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let Some((body, tail)) = bytes.split_last_chunk::<4>().filter(|_| bytes.len() == BYTES) else {
        return Err(invalid());
    };
    if check(body) != *tail || body[0] != VERSION {
        return Err(invalid());
    }
    if body[9..17] != question {
        return Err(Problem::new(
            codes::CURSOR_OTHER_QUESTION,
            "a cursor goes with the path and the parameters it was given for",
        )
        .at("cursor"));
    }
    if body[17..25] != state {
        return Err(Problem::new(codes::CURSOR_EXPIRED, "begin again with the first page").at("cursor"));
    }
    let mut offset = [0; 8];
    offset.copy_from_slice(&body[1..9]);
    Ok(u64::from_be_bytes(offset))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn a_cursor_goes_with_its_question_and_its_state_alone() {
        let asked = question("/v1/labels", [("limit", "10"), ("subject", "a")].into_iter());
        assert_eq!(asked, question("/v1/labels", [("subject", "a"), ("cursor", "x")].into_iter()));
        let other = question("/v1/labels", [("subject", "b")].into_iter());
        let (now, later) = ([1; 8], [2; 8]);
        let cursor = write(100, asked, now);
        assert_eq!(read(&cursor, asked, now).unwrap(), 100);
        assert_eq!(read(&cursor, other, now).unwrap_err().code, codes::CURSOR_OTHER_QUESTION);
        assert_eq!(read(&cursor, asked, later).unwrap_err().code, codes::CURSOR_EXPIRED);
        // every changed character is noticed
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(read(&changed, asked, now).unwrap_err().code, codes::CURSOR_INVALID, "{at}");
        }
        for garbage in ["", "=", "AAAA", &"A".repeat(10_000)] {
            assert_eq!(read(garbage, asked, now).unwrap_err().code, codes::CURSOR_INVALID);
        }
    }
}
