//! Pseudonyms: keyed hashes that stand for what leads to a person.
//!
//! HMAC-SHA-256 under a key of the store, cut to 128 bits ([`athar_vault::Key::mark`]). Equal values get equal pseudonyms whatever their
//! field, so that an account of a redemption meets the same account in a deposit; without the key nobody can try values. The key is in the
//! database of keys: whoever has that and a list of values can look them up, as the store itself does for the one who asks.

use crate::Field;
use athar_vault::{Key, MARK_BYTES};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// What stands for a value; shown as `p-` and 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct Pseudonym(pub [u8; MARK_BYTES]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("p-{}", hex::encode(self.0)))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Pseudonym {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a pseudonym: `p-` and 32 hexadecimal digits";
        let mut bytes = [0; MARK_BYTES];
        hex::decode_to_slice(text.strip_prefix("p-").ok_or(wrong)?, &mut bytes).map_err(|_| wrong)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pseudonym {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Pseudonym {
    /// That of a value of a field, under the store's key.
    pub(crate) fn of(key: &Key, field: Field, value: &str) -> Self {
        Self(key.mark("value", &normal(field, value)))
    }

    /// Every pseudonym that a value can have, whatever its field.
    pub(crate) fn all_of(key: &Key, value: &str) -> Vec<Self> {
        let mut all: Vec<Self> = Field::ALL
            .into_iter()
            .filter(|field| field.is_personal())
            .map(|field| Self::of(key, field, value))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The one form of a value, so that two ways to write it are equal.
pub(crate) fn normal(field: Field, value: &str) -> String {
    let value = value.trim();
    match field {
        // printed in groups, typed without
        Field::Serial => value
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–'))
            .flat_map(char::to_uppercase)
            .collect(),
        // a buyer is often known by a telephone number alone
        Field::Person | Field::Buyer if is_phone(value) => normal(Field::Phone, value),
        Field::Phone => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            match digits.strip_prefix("00") {
                Some(rest) => format!("+{rest}"),
                None if value.starts_with('+') => format!("+{digits}"),
                None => digits,
            }
        }
        Field::Email => value.to_lowercase(),
        Field::Ip => value.parse::<IpAddr>().map_or_else(|_| value.to_owned(), |ip| ip.to_canonical().to_string()),
        Field::Account | Field::From | Field::To => {
            let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            if is_iban(&bare) { bare.to_ascii_uppercase() } else { value.to_owned() }
        }
        Field::Person | Field::Buyer | Field::Outlet => {
            value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
        }
        Field::Txid => value.to_ascii_lowercase(),
        _ => value.to_owned(),
    }
}

/// Whether a text can only be a telephone number in its international form.
fn is_phone(text: &str) -> bool {
    (text.starts_with('+') || text.starts_with("00"))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 8
        && text.bytes().all(|b| b.is_ascii_digit() || b"+ -./()".contains(&b))
}

/// Whether a text has the shape of an IBAN: they are written in groups, and in small letters too.
fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_pseudonym_however_it_is_written() {
        let key = Key::from_bytes(&[7; 32]).unwrap();
        for (field, one, other) in [
            (Field::Serial, "abcd-1234 5678", "ABCD12345678"),
            (Field::Phone, "0033 6 12 34 56 78", "+33 612345678"),
            (Field::Email, "A.Person@Example.org ", "a.person@example.org"),
            (Field::Ip, "::ffff:192.0.2.7", "192.0.2.7"),
            (Field::Account, "fr14 2004 1010 0505 0001 3m02 606", "FR1420041010050500013M02606"),
            (Field::Buyer, "Nour  Example", "nour example"),
        ] {
            assert_eq!(Pseudonym::of(&key, field, one), Pseudonym::of(&key, field, other), "{field}");
            assert!(Pseudonym::all_of(&key, one).contains(&Pseudonym::of(&key, field, other)), "{field}");
        }
        assert_ne!(Pseudonym::of(&key, Field::Account, "a1"), Pseudonym::of(&key, Field::Account, "A1"));
        assert_eq!(
            Pseudonym::of(&key, Field::Buyer, "0033 6 12 34 56 78"),
            Pseudonym::of(&key, Field::Phone, "+33612345678")
        );
        assert_ne!(Pseudonym::of(&key, Field::Buyer, "0033"), Pseudonym::of(&key, Field::Phone, "+33"));
        // equal values meet across fields
        assert_eq!(Pseudonym::of(&key, Field::Account, "77"), Pseudonym::of(&key, Field::From, "77"));
        let other = Key::from_bytes(&[8; 32]).unwrap();
        assert_ne!(Pseudonym::of(&key, Field::Serial, "1"), Pseudonym::of(&other, Field::Serial, "1"));
        let shown = Pseudonym::of(&key, Field::Serial, "1").to_string();
        assert_eq!(shown.parse::<Pseudonym>().unwrap().to_string(), shown);
        assert!("p-12".parse::<Pseudonym>().is_err() && "12".parse::<Pseudonym>().is_err());
    }
}
