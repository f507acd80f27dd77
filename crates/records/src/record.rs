//! A record, and how it is written before it is encrypted.
//!
//! The bytes are an own small format and not JSON: a store holds millions of records of a dozen short values, of which most are 16 bytes.
//! They begin with a version, and every field with its code and its length, so that a later version can read an earlier one.

use crate::{Field, Kind, Money, Pseudonym, When};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Bytes of one value.
pub const VALUE_BYTES_MAX: usize = 1_024;
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const HIDDEN: u8 = 1;
const KEPT: u8 = 2;

/// A value of a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// As it was given: what leads to no person.
    Plain(String),
    /// What leads to a person.
    Personal {
        /// What stands for it.
        pseudonym: Pseudonym,
        /// The value itself, where the import was told to keep it.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
}

impl Value {
    /// What it is found by.
    pub fn pseudonym(&self) -> Option<Pseudonym> {
        match self {
            Self::Plain(_) => None,
            Self::Personal { pseudonym, .. } => Some(*pseudonym),
        }
    }
}

/// A record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Record {
    /// Its number in the store.
    pub id: u64,
    /// The import it came with.
    pub import: u64,
    /// Its line in the file, from 1; of a JSON array its element.
    pub line: u64,
    /// What it is of.
    pub kind: Kind,
    /// When, in the zone it was told in.
    pub time: When,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The other fields.
    #[serde(flatten)]
    pub values: BTreeMap<Field, Value>,
}

impl Record {
    /// The plain value of a field that leads to no person, such as `address` or `country`.
    pub fn plain(&self, field: Field) -> Option<&str> {
        match self.values.get(&field)? {
            Value::Plain(text) => Some(text),
            Value::Personal { .. } => None,
        }
    }

    /// The pseudonym of a field that leads to a person.
    pub fn pseudonym(&self, field: Field) -> Option<Pseudonym> {
        self.values.get(&field)?.pseudonym()
    }
}

/// What a record says, without where it lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Content {
    pub(crate) kind: Kind,
    pub(crate) time: When,
    pub(crate) amount: Option<Money>,
    pub(crate) values: BTreeMap<Field, Value>,
}

impl Content {
    /// The bytes. Without `kept` those of values that are kept beside their pseudonym are left out: equal records are equal whether or not.
    pub(crate) fn bytes(&self, kept: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        out.extend([VERSION, self.kind.code()]);
        out.extend(self.time.seconds.to_le_bytes());
        out.extend(self.time.offset.to_le_bytes());
        match &self.amount {
            None => out.push(0),
            Some(money) => {
                out.push(money.currency.len() as u8);
                out.extend(money.currency.as_bytes());
                out.push(money.decimals);
                out.extend(money.minor.to_le_bytes());
            }
        }
        for (field, value) in &self.values {
            out.push(field.code());
            let (tag, pseudonym, text) = match value {
                Value::Plain(text) => (PLAIN, None, text.as_str()),
                Value::Personal { pseudonym, value: Some(text) } if kept => (KEPT, Some(pseudonym), text.as_str()),
                Value::Personal { pseudonym, .. } => (HIDDEN, Some(pseudonym), ""),
            };
            out.push(tag);
            out.extend(pseudonym.iter().flat_map(|p| p.0));
            if tag != HIDDEN {
                out.extend((text.len() as u16).to_le_bytes());
                out.extend(text.as_bytes());
            }
        }
        out
    }

    /// What was written; `None` where the bytes are none of a record.
    pub(crate) fn read(mut from: &[u8]) -> Option<Self> {
        let from = &mut from;
        let [version, kind] = take(from)?;
        if version != VERSION {
            return None;
        }
        let kind = Kind::from_code(kind)?;
        let time = When { seconds: i64::from_le_bytes(take(from)?), offset: i32::from_le_bytes(take(from)?) };
        let [length] = take(from)?;
        let amount = if length == 0 {
            None
        } else {
            let currency = text(from, usize::from(length))?;
            let [decimals] = take(from)?;
            // more would not fit into the amount, and no currency has them
            let decimals = Some(decimals).filter(|d| *d <= 38)?;
            Some(Money { minor: u128::from_le_bytes(take(from)?), decimals, currency })
        };
        let mut values = BTreeMap::new();
        while !from.is_empty() {
            let [field, tag] = take(from)?;
            let pseudonym = if tag == PLAIN { None } else { Some(Pseudonym(take(from)?)) };
            let text = if tag == HIDDEN {
                None
            } else {
                let length = u16::from_le_bytes(take(from)?);
                Some(text(from, usize::from(length))?)
            };
            let value = match (tag, pseudonym) {
                (PLAIN, _) => Value::Plain(text?),
                (HIDDEN | KEPT, Some(pseudonym)) => Value::Personal { pseudonym, value: text },
                _ => return None,
            };
            values.insert(Field::from_code(field)?, value);
        }
        Some(Self { kind, time, amount, values })
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*first)
}

fn text(from: &mut &[u8], length: usize) -> Option<String> {
    let (first, rest) = from.split_at_checked(length)?;
    *from = rest;
    String::from_utf8(first.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content() -> impl Strategy<Value = Content> {
        let value = prop_oneof![
            ".{0,40}".prop_map(Value::Plain),
            (any::<[u8; 16]>(), proptest::option::of(".{0,40}"))
                .prop_map(|(p, value)| Value::Personal { pseudonym: Pseudonym(p), value }),
        ];
        let money =
            (any::<u128>(), 0..19u8).prop_map(|(minor, decimals)| Money { minor, decimals, currency: "EUR".into() });
        (
            prop::sample::select(&Kind::ALL[..]),
            0..4_000_000_000i64,
            -50_000..50_000i32,
            proptest::option::of(money),
            proptest::collection::btree_map(prop::sample::select(&Field::ALL[..]), value, 0..8),
        )
            .prop_map(|(kind, seconds, offset, amount, values)| Content {
                kind,
                time: When { seconds, offset },
                amount,
                values,
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in content()) {
            let bytes = content.bytes(true);
            prop_assert_eq!(Content::read(&bytes), Some(content));
            // no cut and no change of a byte makes it fall over
            for at in 0..bytes.len() {
                let _ = Content::read(&bytes[..at]);
                let mut changed = bytes.clone();
                changed[at] ^= 0x41;
                let _ = Content::read(&changed);
            }
        }

        #[test]
        fn a_record_is_the_same_whether_its_values_are_kept_or_not(content in content()) {
            let mut hidden = content.clone();
            for value in hidden.values.values_mut() {
                if let Value::Personal { value, .. } = value {
                    *value = None;
                }
            }
            prop_assert_eq!(content.bytes(false), hidden.bytes(true));
        }
    }
}
