//! What a notice says. Source: Bitcoin Core, `doc/zmq.md`.

use athar_types::Hash32;

/// The topics that a follower subscribes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// Changes of chain and mempool in order.
    Sequence,
    /// Whole blocks that became the tip.
    RawBlock,
    /// Whole transactions that entered mempool or chain.
    RawTx,
    /// Hashes of blocks that became the tip.
    HashBlock,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Sequence, Self::RawBlock, Self::RawTx, Self::HashBlock];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::RawBlock => "rawblock",
            Self::RawTx => "rawtx",
            Self::HashBlock => "hashblock",
        }
    }
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A change of chain or mempool.
    Sequence(SequenceNotice),
    /// The new tip, whole.
    RawBlock(Vec<u8>),
    /// A transaction, whole.
    RawTx(Vec<u8>),
    /// The new tip's hash.
    HashBlock(Hash32),
}

/// A change of chain or mempool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceNotice {
    /// A block joined the best chain.
    Connected(Hash32),
    /// A block left the best chain.
    Disconnected(Hash32),
    /// A transaction entered the mempool.
    Added {
        /// Its id.
        txid: Hash32,
        /// The number of the change.
        sequence: u64,
    },
    /// A transaction left the mempool for another reason than a block that holds it.
    Removed {
        /// Its id.
        txid: Hash32,
        /// The number of the change.
        sequence: u64,
    },
}

impl Notice {
    /// Reads topic, body and the topic's running number; what is wrong otherwise.
    pub(super) fn read(parts: Vec<Vec<u8>>) -> Result<(Topic, u32, Self), String> {
        let count = parts.len();
        let parts: [Vec<u8>; 3] = parts.try_into().map_err(|_| format!("a message of {count} parts instead of 3"))?;
        let [topic, body, number] = parts;
        let number: [u8; 4] =
            number.try_into().map_err(|n: Vec<u8>| format!("a running number of {} bytes instead of 4", n.len()))?;
        let number = u32::from_le_bytes(number);
        let topic = Topic::ALL.into_iter().find(|t| t.name().as_bytes() == topic).ok_or_else(|| {
            let begin: String = String::from_utf8_lossy(&topic).chars().take(40).flat_map(char::escape_debug).collect();
            format!("a message on the topic `{begin}`, which was not subscribed to")
        })?;
        let notice = match topic {
            Topic::Sequence => Self::Sequence(sequence(&body)?),
            Topic::RawBlock => Self::RawBlock(body),
            Topic::RawTx => Self::RawTx(body),
            Topic::HashBlock => Self::HashBlock(hash(&body).ok_or("a block hash that has not 32 bytes")?),
        };
        Ok((topic, number, notice))
    }

    /// Bytes of its body, where it is long.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::RawBlock(raw) | Self::RawTx(raw) => raw.len(),
            Self::Sequence(_) | Self::HashBlock(_) => 0,
        }
    }
}

/// Hash, kind, and for the mempool the number of the change.
fn sequence(body: &[u8]) -> Result<SequenceNotice, String> {
    let wrong =
        || format!("a sequence notice of {} bytes, kind {:?}", body.len(), body.get(32).map(|b| char::from(*b)));
    let hash = body.get(..32).and_then(hash).ok_or_else(wrong)?;
    match body[32..] {
        [b'C'] => Ok(SequenceNotice::Connected(hash)),
        [b'D'] => Ok(SequenceNotice::Disconnected(hash)),
        [kind @ (b'A' | b'R'), ref number @ ..] => {
            let number: [u8; 8] = number.try_into().map_err(|_| wrong())?;
            let sequence = u64::from_le_bytes(number);
            Ok(if kind == b'A' {
                SequenceNotice::Added { txid: hash, sequence }
            } else {
                SequenceNotice::Removed { txid: hash, sequence }
            })
        }
        _ => Err(wrong()),
    }
}

/// A hash as ZMQ notices carry it: in the order in which it is shown.
fn hash(shown: &[u8]) -> Option<Hash32> {
    let mut bytes: [u8; 32] = shown.try_into().ok()?;
    bytes.reverse();
    Some(Hash32(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(topic: &[u8], body: &[u8], number: &[u8]) -> Result<(Topic, u32, Notice), String> {
        Notice::read(vec![topic.to_vec(), body.to_vec(), number.to_vec()])
    }

    #[test]
    fn bodies_are_read_as_documented() {
        let shown: Vec<u8> = (0..32).collect();
        let hash: Hash32 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f".parse().unwrap();
        let body = |tail: &[u8]| [&shown, tail].concat();
        let sequence = |tail: &[u8]| match read(b"sequence", &body(tail), &[7, 0, 0, 0]) {
            Ok((Topic::Sequence, 7, Notice::Sequence(notice))) => Some(notice),
            _ => None,
        };
        assert_eq!(sequence(b"C"), Some(SequenceNotice::Connected(hash)));
        assert_eq!(sequence(b"D"), Some(SequenceNotice::Disconnected(hash)));
        assert_eq!(sequence(b"A\x02\x01\0\0\0\0\0\0"), Some(SequenceNotice::Added { txid: hash, sequence: 258 }));
        assert_eq!(sequence(b"R\x01\0\0\0\0\0\0\0"), Some(SequenceNotice::Removed { txid: hash, sequence: 1 }));
        for bad in [&b""[..], b"X", b"A", b"A\x01\0\0\0\0\0\0", b"C\0", b"R\x01\0\0\0\0\0\0\0\0"] {
            assert_eq!(sequence(bad), None, "{bad:?}");
        }
        assert_eq!(read(b"hashblock", &shown, &[0; 4]), Ok((Topic::HashBlock, 0, Notice::HashBlock(hash))));
        assert!(read(b"hashblock", &shown[1..], &[0; 4]).is_err());
        assert!(read(b"sequence", &shown[1..], &[0; 4]).is_err());
        assert!(read(b"rawtx", b"", &[0; 3]).is_err());
        assert!(read(b"hashtx\x1b[31m", b"", &[0; 4]).unwrap_err().contains("\\u{1b}"));
        assert!(Notice::read(vec![b"rawtx".to_vec()]).is_err());
    }
}
