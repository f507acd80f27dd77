//! Proof of work by chain: whether the work that a header claims was done.
//!
//! | chain | function | cost of a check |
//! |---|---|---|
//! | Bitcoin, Bitcoin Cash | double SHA-256, the block's hash itself | nothing beyond the hash |
//! | Litecoin, Dogecoin | scrypt (N 1024, r 1, p 1) of the header; of a merge-mined block, of the other block's header | some hundred times that |
//! | Zcash | the block's hash, and an Equihash solution over the header before it | the solution about as much as scrypt |

use crate::bitcoin::error::DecodeError;
use crate::bitcoin::read::Reader;
use crate::bitcoin::{HEADER_LEN, Header};
use crate::header::BlockHeader;
use crate::{dogecoin, header, zcash};
use athar_types::{Chain, Hash32};

/// Whether the hash that names a block is itself the proof of its work. Where it is, damage to a header shows at once,
/// by [`BlockHeader::fields`]' target alone; where not, only [`is_proved`] or a child that names the block shows it.
pub const fn is_in_the_hash(chain: Chain) -> bool {
    matches!(chain, Chain::Bitcoin | Chain::BitcoinCash | Chain::Zcash)
}

/// Whether the block that begins `raw` (its header and, of a merge-mined Dogecoin block, the proof behind it) proves the
/// work that it claims. An error where the bytes end before that can be told, or are no header.
pub fn is_proved(chain: Chain, raw: &[u8]) -> Result<bool, DecodeError> {
    let mut reader = Reader::new(raw);
    let header = header::read(chain, &mut reader)?;
    Ok(match chain {
        Chain::Litecoin => by_scrypt(&header.fields, &raw[..HEADER_LEN]),
        Chain::Dogecoin if dogecoin::is_merge_mined(&header.fields) => {
            let other = dogecoin::read_auxpow(&mut reader, &header.hash)?;
            by_scrypt(&header.fields, &other)
        }
        Chain::Dogecoin => by_scrypt(&header.fields, &raw[..HEADER_LEN]),
        Chain::Zcash => header.fields.proves_work(&header.hash) && by_equihash(&header, raw),
        _ => header.fields.proves_work(&header.hash),
    })
}

/// Whether the scrypt hash of 80 bytes meets the target of `header`.
fn by_scrypt(header: &Header, hashed: &[u8]) -> bool {
    let mut hash = [0; 32];
    let Ok(params) = scrypt::Params::new(10, 1, 1) else { return false };
    // salt and message are both the header
    scrypt::scrypt(hashed, hashed, &params, &mut hash).is_ok() && header.proves_work(&Hash32(hash))
}

/// Whether the solution in a Zcash header solves Equihash. Its length tells the parameters: 1344 bytes are those of the
/// main and test networks (200, 9), 36 bytes those of regtest (48, 5).
fn by_equihash(header: &BlockHeader, raw: &[u8]) -> bool {
    let plain = zcash::HEADER_LEN_PLAIN;
    let (before_nonce, nonce) = raw[..plain].split_at(plain - 32);
    let (n, k, len) = match header.len - plain {
        1347 => (200, 9, 1344),
        37 => (48, 5, 36),
        _ => return false,
    };
    equihash::is_valid_solution(n, k, before_nonce, nonce, &raw[header.len - len..header.len]).is_ok()
}
