//! A writer of blocks for archives that shares nothing with the reader but the root of tries, which is held against
//! published ones: its own RLP, its own signatures.

use athar_chains::account::era::{Tuple, ordered_root};
use k256::ecdsa::SigningKey;
use sha3::{Digest, Keccak256};
use std::io::Write;

pub(crate) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

fn head(short: u8, len: usize) -> Vec<u8> {
    if len < 56 {
        return vec![short + len as u8];
    }
    let digits: Vec<u8> = (len as u64).to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
    [vec![short + 55 + digits.len() as u8], digits].concat()
}

/// RLP of bytes.
pub(crate) fn text(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [one @ 0..=0x7f] => vec![*one],
        _ => [head(0x80, bytes.len()), bytes.to_vec()].concat(),
    }
}

/// RLP of a number.
pub(crate) fn number(n: u128) -> Vec<u8> {
    text(&n.to_be_bytes().into_iter().skip_while(|b| *b == 0).collect::<Vec<_>>())
}

/// RLP of a list of what is RLP already.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let inner = items.concat();
    [head(0xc0, inner.len()), inner].concat()
}

/// A text of 32 bytes as a number: without its leading zeros.
fn scalar(bytes: &[u8]) -> Vec<u8> {
    text(&bytes.iter().copied().skip_while(|b| *b == 0).collect::<Vec<_>>())
}

/// Snappy frames.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut writer = snap::write::FrameEncoder::new(Vec::new());
    writer.write_all(bytes).unwrap();
    writer.into_inner().unwrap()
}

/// A key.
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(n: u8) -> Self {
        let mut bytes = [0; 32];
        bytes[31] = n;
        Self(SigningKey::from_slice(&bytes).unwrap())
    }

    pub(crate) fn address(&self) -> [u8; 20] {
        let point = self.0.verifying_key().to_encoded_point(false);
        keccak(&point.as_bytes()[1..])[12..].try_into().unwrap()
    }

    /// The contract that its transaction of that nonce creates.
    #[allow(dead_code)] // used by one of the tests that share this file
    pub(crate) fn creates(&self, nonce: u128) -> [u8; 20] {
        keccak(&list(&[text(&self.address()), number(nonce)]))[12..].try_into().unwrap()
    }

    fn sign(&self, digest: &[u8; 32]) -> (bool, [u8; 32], [u8; 32]) {
        let (signature, id) = self.0.sign_prehash_recoverable(digest).unwrap();
        let (r, s) = signature.split_bytes();
        (id.is_y_odd(), r.into(), s.into())
    }

    /// A transaction of the first form, with or without a chain's id; `is_high` gives the other signature that means the
    /// same, which was allowed at first.
    pub(crate) fn first_form(
        &self,
        nonce: u128,
        chain: Option<u128>,
        to: Option<[u8; 20]>,
        value: u128,
        data: &[u8],
        is_high: bool,
    ) -> Vec<u8> {
        let to = to.map_or_else(|| text(&[]), |to| text(&to));
        let fields = vec![number(nonce), number(1_000_000_000), number(90_000), to, number(value), text(data)];
        let mut signed = fields.clone();
        if let Some(chain) = chain {
            signed.extend([number(chain), text(&[]), text(&[])]);
        }
        let (mut odd, r, mut s) = self.sign(&keccak(&list(&signed)));
        if is_high {
            let order = hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
            let mut borrow = 0_i32;
            for at in (0..32).rev() {
                let digit = i32::from(order[at]) - i32::from(s[at]) - borrow;
                borrow = i32::from(digit < 0);
                s[at] = digit.rem_euclid(256) as u8;
            }
            odd = !odd;
        }
        let v = chain.map_or(27, |chain| 35 + 2 * chain) + u128::from(odd);
        list(&[fields, vec![number(v), scalar(&r), scalar(&s)]].concat())
    }

    /// A transaction of type 1 or 2.
    #[allow(dead_code)] // used by two of the three that share this file
    pub(crate) fn typed(&self, kind: u8, price: u128, tip: u128, to: Option<[u8; 20]>, value: u128) -> Vec<u8> {
        let to = to.map_or_else(|| text(&[]), |to| text(&to));
        let access = list(&[list(&[text(&[5; 20]), list(&[text(&[6; 32])])])]);
        let mut fields = vec![number(1), number(2)];
        if kind == 2 {
            fields.push(number(tip));
        }
        fields.extend([number(price), number(90_000), to, number(value), text(&[]), access]);
        let (odd, r, s) = self.sign(&keccak(&[vec![kind], list(&fields)].concat()));
        fields.extend([number(u128::from(odd)), scalar(&r), scalar(&s)]);
        [vec![kind], list(&fields)].concat()
    }
}

/// A log: who, topics, data.
pub(crate) type Log = ([u8; 20], Vec<[u8; 32]>, Vec<u8>);

/// A receipt of a type, as it stands in the trie.
pub(crate) fn receipt(kind: u8, status: Option<bool>, gas_so_far: u128, logs: &[Log]) -> Vec<u8> {
    let status = match status {
        Some(status) => number(u128::from(status)),
        None => text(&[7; 32]),
    };
    let logs: Vec<Vec<u8>> = logs
        .iter()
        .map(|(address, topics, data)| {
            let topics: Vec<_> = topics.iter().map(|topic| text(topic)).collect();
            list(&[text(address), list(&topics), text(data)])
        })
        .collect();
    let receipt = list(&[status, number(gas_so_far), text(&[0; 256]), list(&logs)]);
    if kind == 0 { receipt } else { [vec![kind], receipt].concat() }
}

/// A receipt with a root of the state.
#[allow(dead_code)] // used by one of the tests that share this file
pub(crate) fn receipt_before_byzantium(gas_so_far: u128) -> Vec<u8> {
    receipt(0, None, gas_so_far, &[])
}

/// A block to be written.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) number: u64,
    pub(crate) parent: [u8; 32],
    pub(crate) base_fee: Option<u128>,
    pub(crate) txs: Vec<Vec<u8>>,
    pub(crate) receipts: Vec<Vec<u8>>,
    /// What the header says, where not the truth.
    pub(crate) gas_used: Option<u128>,
}

impl Made {
    /// Items as they stand in a list: RLP as it is, and what has a type as a text.
    fn in_list(items: &[Vec<u8>]) -> Vec<Vec<u8>> {
        items.iter().map(|item| if item[0] < 0x80 { text(item) } else { item.clone() }).collect()
    }

    pub(crate) fn body_txs(&self) -> Vec<Vec<u8>> {
        Self::in_list(&self.txs)
    }

    /// Gas so far of the last receipt: the number behind its status.
    fn gas(&self) -> u128 {
        let Some(last) = self.receipts.last() else { return 0 };
        let last = if last[0] < 0x80 { &last[1..] } else { last };
        let mut at = 1 + if last[0] > 0xf7 { (last[0] - 0xf7) as usize } else { 0 };
        at += if last[at] < 0x80 { 1 } else { 1 + (last[at] - 0x80) as usize };
        let len = (last[at] - 0x80) as usize;
        last[at + 1..=at + len].iter().fold(0, |n, byte| n << 8 | u128::from(*byte))
    }

    pub(crate) fn tuple(&self) -> Tuple {
        let root = |items: &[Vec<u8>]| ordered_root(&items.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let uncles = list(&[]);
        let mut header = vec![
            text(&self.parent),
            text(&keccak(&uncles)),
            text(&[0xaa; 20]),
            text(&[1; 32]),
            text(&root(&self.txs)),
            text(&root(&self.receipts)),
            text(&[0; 256]),
            number(17),
            number(self.number.into()),
            number(30_000_000),
            number(self.gas_used.unwrap_or_else(|| self.gas())),
            number(1_500_000_000 + u128::from(self.number)),
            text(b"made"),
            text(&[2; 32]),
            text(&[3; 8]),
        ];
        header.extend(self.base_fee.map(number));
        Tuple {
            header: list(&header),
            body: list(&[list(&self.body_txs()), uncles]),
            receipts: list(&Self::in_list(&self.receipts)),
        }
    }
}
