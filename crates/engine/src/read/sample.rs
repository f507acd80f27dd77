//! A sample of what could be asked about, to measure answers with: the same for the same store, number and seed.

use crate::Engine;
use crate::error::EngineError;
use athar_types::address::{AddressKey, AddressKind};
use athar_types::{AddressId, TxNum};
use serde::Serialize;

/// An entity with so many addresses is large.
const LARGE_MIN: u32 = 1_000;
/// Draws for each large entity's address that is wanted, at most: a store may have none.
const DRAWS_MAX: u64 = 50;

/// What a sampled target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleKind {
    /// Any address of the chain, each as likely as every other.
    Address,
    /// An address that a label in use names, on the chain or not.
    Labelled,
    /// An address in an entity of a thousand addresses or more.
    Large,
    /// A well-formed address that the chain never paid.
    Unseen,
    /// Any transaction.
    Transaction,
    /// Any output.
    Output,
    /// A text that is no address: one with a wrong letter, in mixed case, of no known form, or not even letters. (Of Solana,
    /// whose addresses have no checksum, a few of them may be one.)
    Invalid,
}

impl SampleKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Address, Self::Labelled, Self::Large, Self::Unseen, Self::Transaction, Self::Output, Self::Invalid];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Labelled => "labelled",
            Self::Large => "large",
            Self::Unseen => "unseen",
            Self::Transaction => "transaction",
            Self::Output => "output",
            Self::Invalid => "invalid",
        }
    }
}

/// A sampled target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// What it is.
    pub kind: SampleKind,
    /// What is asked.
    pub text: String,
}

/// A draw: BLAKE3 of seed, kind and number.
fn draw(seed: u64, kind: SampleKind, number: u64) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("athar sample version 1");
    hasher.update(&seed.to_le_bytes()).update(kind.name().as_bytes()).update(&number.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// A draw below `count`, which must not be zero.
fn below(seed: u64, kind: SampleKind, number: u64, count: u64) -> u64 {
    let bytes = draw(seed, kind, number);
    let number = bytes[..8].iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    // the bias of a remainder is below 2^-30 for any count that a chain has
    number % count
}

impl Engine {
    /// `count` targets of each kind (of a kind of which there are fewer, fewer), the kinds one after the other.
    ///
    /// # Errors
    /// Where the store has no chain.
    pub fn sample(&self, count: u64, seed: u64) -> Result<Vec<Sampled>, EngineError> {
        let ledger = self.ledger()?;
        let addresses = u64::from(ledger.address_count());
        let address = |kind, number| AddressId(below(seed, kind, number, addresses.max(1)) as u32);
        let tx = |kind, number| TxNum(below(seed, kind, number, u64::from(ledger.tx_count()).max(1)) as u32);
        let mut sample = Vec::new();
        for kind in SampleKind::ALL {
            let mut put = |text: String| sample.push(Sampled { kind, text });
            match kind {
                SampleKind::Address if addresses > 0 => {
                    (0..count).for_each(|n| put(ledger.address_text(address(kind, n))));
                }
                SampleKind::Labelled => {
                    let all = self.labels.labels();
                    let wanted = all.iter().filter(|l| l.is_accepted() && l.chain == Some(ledger.chain()));
                    let mut texts: Vec<&str> = wanted.map(|l| &*l.text).collect();
                    texts.sort_unstable();
                    texts.dedup();
                    if texts.len() as u64 <= count {
                        for text in texts {
                            put((*text).to_string());
                        }
                    } else {
                        let len = texts.len() as u64;
                        (0..count).for_each(|n| put(texts[below(seed, kind, n, len) as usize].to_string()));
                    }
                }
                SampleKind::Large if addresses > 0 => {
                    let Some(forest) = &self.forest else { continue };
                    let drawn = (0..count.saturating_mul(DRAWS_MAX)).map(|n| address(kind, n));
                    let large = drawn.filter(|id| self.guard.size(forest, *id) >= LARGE_MIN);
                    large.take(count as usize).for_each(|id| put(ledger.address_text(id)));
                }
                SampleKind::Unseen => {
                    for number in 0..count {
                        let key = AddressKey::new(AddressKind::P2pkh, &draw(seed, kind, number)[..20]);
                        let text = key.and_then(|key| self.text_of(&key));
                        text.into_iter().for_each(&mut put);
                    }
                }
                SampleKind::Transaction => (0..count).for_each(|n| put(ledger.txid(tx(kind, n)).to_string())),
                SampleKind::Output => (0..count).for_each(|n| {
                    let tx = tx(kind, n);
                    let outputs = ledger.tx_outputs(tx);
                    let vout = below(seed, kind, n, (outputs.end - outputs.start).max(1));
                    put(format!("{}:{vout}", ledger.txid(tx)));
                }),
                SampleKind::Invalid if addresses > 0 => {
                    (0..count).for_each(|n| put(spoilt(&ledger.address_text(address(kind, n)), n)));
                }
                SampleKind::Address | SampleKind::Large | SampleKind::Invalid => {}
            }
        }
        Ok(sample)
    }

    /// The text of a key that the chain never paid.
    fn text_of(&self, key: &AddressKey) -> Option<String> {
        let ledger = self.ledger.as_ref()?;
        ledger.address_id(key).is_none().then(|| key.to_text_on(ledger.chain(), ledger.network()))
    }
}

/// A text that was an address, spoilt in one of five ways.
fn spoilt(address: &str, number: u64) -> String {
    let middle = address.len() / 2;
    match number % 5 {
        // a letter taken for another: both are of Base58 and of Bech32
        0 => {
            let other = if address.as_bytes().get(middle) == Some(&b'q') { "p" } else { "q" };
            format!("{}{other}{}", &address[..middle], &address[middle + 1..])
        }
        1 => address.chars().enumerate().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect(),
        // short by one, and with a digit that Base58 has not: what is short may be an address of a chain without checksums
        2 => format!("{}0", &address[..address.len() - 2]),
        3 => format!("{}\u{202e}{}", &address[..middle], &address[middle..]),
        _ => format!("account {number}"),
    }
}
