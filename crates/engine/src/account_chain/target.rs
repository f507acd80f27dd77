//! What a user pasted, as a chain of accounts reads it.

use athar_types::AddressError;
use athar_types::account::{AccountBytes, AddressForm};

/// What a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccountTarget {
    /// An account.
    Account(AccountBytes),
    /// A transaction (or a block), as shown.
    Hash([u8; 32]),
    /// A transfer: transaction and rank in it.
    Transfer([u8; 32], u32),
    /// None of these.
    Invalid(AddressError),
}

impl AccountTarget {
    /// Reads a text, white space around it removed. A hash may have `0x` before it or not.
    pub(crate) fn parse(text: &str, form: AddressForm) -> Self {
        let text = text.trim();
        if let Some(hash) = hash(text) {
            return Self::Hash(hash);
        }
        if let Some((tx, rank)) = text.split_once(':')
            && let (Some(hash), Ok(rank)) = (hash(tx), rank.parse())
        {
            return Self::Transfer(hash, rank);
        }
        match form.parse(text) {
            Ok(account) => Self::Account(account),
            Err(error) => Self::Invalid(error),
        }
    }

    /// The hash, where it names a transaction or a transfer in one.
    pub(crate) fn tx(&self) -> Option<[u8; 32]> {
        match self {
            Self::Hash(hash) | Self::Transfer(hash, _) => Some(*hash),
            _ => None,
        }
    }
}

/// The hash that a text names, alone or as a transfer's (`TX:RANK`).
pub(crate) fn hash_of(text: &str) -> Option<[u8; 32]> {
    hash(text).or_else(|| hash(text.split_once(':')?.0))
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut out = [0; 32];
    (digits.len() == 64 && hex::decode_to_slice(digits, &mut out).is_ok()).then_some(out)
}

/// A hash as the chain's explorers show it.
pub(crate) fn hash_text(form: AddressForm, hash: &[u8; 32]) -> String {
    match form {
        AddressForm::Evm => format!("0x{}", hex::encode(hash)),
        AddressForm::Tron => hex::encode(hash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_form() {
        let evm = |text: &str| AccountTarget::parse(text, AddressForm::Evm);
        let hash = format!("0x{}", "ab".repeat(32));
        assert_eq!(evm(&hash), AccountTarget::Hash([0xab; 32]));
        assert_eq!(evm(&hash[2..]), AccountTarget::Hash([0xab; 32]));
        assert_eq!(evm(&format!(" {hash}:3 ")), AccountTarget::Transfer([0xab; 32], 3));
        assert!(matches!(evm("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), AccountTarget::Account(_)));
        assert_eq!(evm("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), AccountTarget::Invalid(AddressError::Checksum));
        let tron = |text: &str| AccountTarget::parse(text, AddressForm::Tron);
        assert!(matches!(tron("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"), AccountTarget::Account(_)));
        assert!(matches!(tron("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), AccountTarget::Invalid(_)));
        assert_eq!(hash_text(AddressForm::Tron, &[0xab; 32]), "ab".repeat(32));
    }
}
