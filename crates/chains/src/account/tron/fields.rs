//! Fields of the HTTP API.

use super::super::etl;
use athar_types::account::AccountBytes;
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;

macro_rules! field {
    ($(#[$doc:meta])* $name:ident($inner:ty), $wanted:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(super) struct $name(pub(super) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
                let text = Text::deserialize(reader)?;
                let read: fn(&str) -> Option<$inner> = $read;
                let shown = || text.0.chars().take(80).collect::<String>();
                read(&text.0).map(Self).ok_or_else(|| D::Error::custom(format!("`{}` is not {}", shown(), $wanted)))
            }
        }
    };
}

/// A text, copied only where it holds an escape.
#[derive(serde::Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

field!(
    /// 20 bytes, in any form that the API knows.
    Address(AccountBytes), "an address", etl::account
);
field!(
    /// 32 bytes in hexadecimal.
    Hash([u8; 32]), "32 bytes in hexadecimal", etl::hash
);
field!(
    /// Bytes in hexadecimal, without `0x`.
    Bytes(Vec<u8>), "hexadecimal", |text| const_hex::decode(text).ok()
);
field!(
    /// The first four bytes of a call's input.
    Selector(Option<[u8; 4]>), "hexadecimal", |text| {
        let Some(head) = text.get(..8) else { return Some(None) };
        let mut selector = [0; 4];
        const_hex::decode_to_slice(head, &mut selector).ok()?;
        Some(Some(selector))
    }
);
field!(
    /// A text in hexadecimal, or as it stands.
    Note(String), "a text", |text| {
        let bytes = const_hex::decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Some(bytes.unwrap_or_else(|| text.to_string()))
    }
);

/// The number of a TRC-10 token: digits, as a text or, where it is not `visible`, their hexadecimal. `None` where the token
/// is named otherwise: by a name, before numbers, or `_` for the coin itself.
pub(super) fn token_number(name: &str) -> Option<u64> {
    let is_number = |text: &str| text.len() == 7 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit());
    if is_number(name) {
        return name.parse().ok();
    }
    let text = String::from_utf8(const_hex::decode(name).ok()?).ok()?;
    if is_number(&text) { text.parse().ok() } else { None }
}

/// Whether the token is the coin: `_`.
pub(super) fn is_coin(name: &str) -> bool {
    name == "_" || name == "5f"
}
