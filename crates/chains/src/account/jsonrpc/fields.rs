//! Fields: quantities, addresses, hashes and bytes in hexadecimal.

use athar_types::account::{AccountBytes, U256};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// Bytes of one log's data that are kept. Gas bounds real ones far below.
const DATA_MAX: usize = 1 << 22;

/// A number: `0x` and digits. Leading zeros, which the specification forbids, are borne: nodes of several chains write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quantity(pub(super) U256);

impl Quantity {
    pub(super) fn small(self) -> Option<u64> {
        self.0.try_into().ok()
    }
}

/// An address: 20 bytes, or 21 of which the first is Tron's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(pub(super) AccountBytes);

/// A hash of 32 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hash(pub(super) [u8; 32]);

/// Bytes of any length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Data(pub(super) Vec<u8>);

/// The first four bytes of a call's input; its length alone is looked at beyond them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Input(pub(super) Option<[u8; 4]>);

/// What each byte is as a hexadecimal digit; [`NO_DIGIT`] where it is none.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut at = 0;
    while at < 16 {
        digits[b"0123456789abcdef"[at] as usize] = at as u8;
        digits[b"0123456789ABCDEF"[at] as usize] = at as u8;
        at += 1;
    }
    digits
};
const NO_DIGIT: u8 = 0xff;

fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NO_DIGIT
}

fn fill(digits: &[u8], out: &mut [u8]) -> Option<()> {
    if digits.len() != out.len() * 2 {
        return None;
    }
    // looked at once for the whole text: a digit has no upper bits
    let mut seen = 0;
    for (byte, pair) in out.iter_mut().zip(digits.as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| DIGITS[usize::from(digit)]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(())
}

fn digits(text: &str) -> Option<&[u8]> {
    text.strip_prefix("0x").map(str::as_bytes)
}

/// Reads a field from its text.
trait Field: Sized {
    const WANTED: &'static str;
    fn read(text: &str) -> Option<Self>;
}

impl Field for Quantity {
    const WANTED: &'static str = "a number in hexadecimal, `0x` before it, of at most 256 bits";

    fn read(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        if digits.is_empty() {
            return None;
        }
        let zeros = digits.iter().take_while(|d| **d == b'0').count();
        let digits = &digits[zeros..];
        if digits.len() > 64 {
            return None;
        }
        let mut padded = [b'0'; 64];
        padded[64 - digits.len()..].copy_from_slice(digits);
        let mut bytes = [0; 32];
        fill(&padded, &mut bytes)?;
        Some(Self(U256::from_be_bytes(bytes)))
    }
}

impl Field for Address {
    const WANTED: &'static str = "an address of 20 bytes in hexadecimal";

    fn read(text: &str) -> Option<Self> {
        let all = digits(text).unwrap_or(text.as_bytes());
        let all = match all {
            [b'4', b'1', rest @ ..] if rest.len() == 40 => rest,
            _ => all,
        };
        let mut bytes = [0; 20];
        fill(all, &mut bytes)?;
        Some(Self(bytes))
    }
}

impl Field for Hash {
    const WANTED: &'static str = "32 bytes in hexadecimal";

    fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        fill(digits(text).unwrap_or(text.as_bytes()), &mut bytes)?;
        Some(Self(bytes))
    }
}

impl Field for Data {
    const WANTED: &'static str = "bytes in hexadecimal, at most 4 MiB";

    fn read(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        if digits.len() > 2 * DATA_MAX || !digits.len().is_multiple_of(2) {
            return None;
        }
        let mut bytes = vec![0; digits.len() / 2];
        fill(digits, &mut bytes)?;
        Some(Self(bytes))
    }
}

impl Field for Input {
    const WANTED: &'static str = "bytes in hexadecimal";

    fn read(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        if digits.len() < 8 {
            return digits.iter().all(|d| is_digit(*d)).then_some(Self(None));
        }
        let mut bytes = [0; 4];
        fill(&digits[..8], &mut bytes)?;
        Some(Self(Some(bytes)))
    }
}

struct Text<T>(std::marker::PhantomData<T>);

impl<T: Field> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WANTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::read(text).ok_or_else(|| {
            let short: String = text.chars().take(80).collect();
            E::invalid_value(Unexpected::Str(&short), &self)
        })
    }
}

macro_rules! fields {
    ($($t:ty),*) => {$(
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_str(Text::<$t>(std::marker::PhantomData))
            }
        }
    )*};
}
fields!(Quantity, Address, Hash, Data, Input);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_strictly_but_for_leading_zeros() {
        let read = |text: &str| serde_json::from_str::<Quantity>(&format!("\"{text}\"")).ok().map(|q| q.0);
        assert_eq!(read("0x0"), Some(U256::ZERO));
        assert_eq!(read("0x00000ff"), Some(U256::from(255)));
        assert_eq!(read(&format!("0x{}", "f".repeat(64))), Some(U256::MAX));
        for bad in ["", "0x", "255", "0xg", "0x-1", &format!("0x1{}", "0".repeat(64)), "0X1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(serde_json::from_str::<Quantity>("5").unwrap_err().to_string().contains("a number in hexadecimal"));
    }

    #[test]
    fn addresses_of_both_families_are_read() {
        let read = |text: &str| serde_json::from_str::<Address>(&format!("\"{text}\"")).ok().map(|a| a.0);
        assert_eq!(read(&format!("0x{}", "ab".repeat(20))), Some([0xab; 20]));
        assert_eq!(read(&format!("0x41{}", "ab".repeat(20))), Some([0xab; 20]));
        assert_eq!(read(&format!("41{}", "AB".repeat(20))), Some([0xab; 20]));
        assert_eq!(read("0xab"), None);
        assert_eq!(read(&format!("0x42{}", "ab".repeat(20))), None);
    }
}
