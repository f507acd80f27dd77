//! When two cases have the same subject: the canonical text of a subject, and the keys by which teams learn of each other.
//!
//! An address and the entity of that address have one key, since they name the same party. A person is the same where the name is,
//! letter by letter, apart from case, spaces and forms of writing: two people may share a name, so a match is a reason to speak with
//! the other team and nothing more. Names that are only alike are not matched here; name screening does that, with its reasons.

use super::body::SubjectKind;
use super::error::CaseError;
use athar_types::address::{AddressError, parse_on};
use athar_types::{Chain, Network};
use unicode_normalization::UnicodeNormalization;

/// The canonical text of a subject's value.
pub(super) fn canonical(kind: SubjectKind, chain: Option<&str>, value: &str) -> Result<String, CaseError> {
    let value = value.trim();
    match (kind, chain) {
        (SubjectKind::Campaign | SubjectKind::Person, Some(_)) => {
            Err(CaseError::input("chain", "is not for a campaign or a person"))
        }
        (SubjectKind::Campaign | SubjectKind::Person, None) => Ok(value.to_owned()),
        (_, None) => Err(CaseError::input("chain", "is needed")),
        (kind, Some(name)) => {
            let chain = Chain::from_name(name).ok_or_else(|| CaseError::input("chain", "is the name of no chain"))?;
            match kind {
                SubjectKind::Address | SubjectKind::Entity => address(chain, value),
                SubjectKind::Block if is_height(value) => Ok(value.to_owned()),
                _ => hash(kind, value),
            }
        }
    }
}

/// An address of the chain, on whichever of its networks it is one.
fn address(chain: Chain, value: &str) -> Result<String, CaseError> {
    let mut first: Option<AddressError> = None;
    for network in Network::ALL {
        match parse_on(chain, network, value) {
            Ok(address) => return Ok(address.text),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let why = first.map_or_else(String::new, |error| format!(": {error}"));
    Err(CaseError::input("value", format!("is no address of {}{why}", chain.name())))
}

fn is_height(value: &str) -> bool {
    value.len() <= 10 && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())
}

/// A hash of a block or transaction. Hexadecimal ones are written small, those of other chains as they are.
fn hash(kind: SubjectKind, value: &str) -> Result<String, CaseError> {
    let digits = value.strip_prefix("0x").unwrap_or(value);
    if digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(value.to_ascii_lowercase());
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'+' | b'/');
    if (32..=128).contains(&value.len()) && value.bytes().all(is_plain) {
        return Ok(value.to_owned());
    }
    let what = if kind == SubjectKind::Block { "a block" } else { "a transaction" };
    Err(CaseError::input("value", format!("is no hash of {what}")))
}

/// The key by which a subject, its value canonical, is the same in two cases.
pub(crate) fn key(kind: SubjectKind, chain: Option<&str>, canonical: &str) -> String {
    let chain = chain.unwrap_or_default();
    match kind {
        SubjectKind::Address | SubjectKind::Entity => party(chain, canonical),
        SubjectKind::Person => format!("person||{}", folded(canonical)),
        SubjectKind::Transaction | SubjectKind::Block => {
            format!("{}|{chain}|{}", kind.name(), canonical.strip_prefix("0x").unwrap_or(canonical))
        }
        SubjectKind::Campaign => format!("campaign||{canonical}"),
    }
}

/// The key of a party: of an address, of an entity by one of its addresses.
pub(crate) fn party(chain: &str, address: &str) -> String {
    format!("party|{chain}|{address}")
}

/// A name without what only writing adds: forms, case, marks of Arabic vowels, tatweel, spaces.
fn folded(name: &str) -> String {
    let is_left_out = |c: &char| matches!(c, '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' | '\u{200c}'..='\u{200f}');
    let plain: String = name.nfkc().filter(|c| !is_left_out(c)).flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn one_party_has_one_key_however_it_is_written() {
        let upper = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
        let address = canonical(SubjectKind::Address, Some("bitcoin"), upper).unwrap();
        assert_eq!(address, upper.to_ascii_lowercase());
        let entity = canonical(SubjectKind::Entity, Some("bitcoin"), &format!(" {address} ")).unwrap();
        let of = |kind| key(kind, Some("bitcoin"), &entity);
        assert_eq!(of(SubjectKind::Address), of(SubjectKind::Entity));
        let regtest = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
        assert_eq!(canonical(SubjectKind::Address, Some("bitcoin"), regtest).unwrap(), regtest);
        let small = canonical(SubjectKind::Address, Some("ethereum"), "0xd8da6bf26964af9d7eed9e03e53415d37aa96045");
        assert_eq!(small.unwrap(), "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045");
    }

    #[test]
    fn what_is_no_subject_is_refused_by_its_field() {
        let long = "1".repeat(200);
        for (kind, chain, value, field) in [
            (SubjectKind::Address, Some("bitcoin"), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "value"),
            (SubjectKind::Address, Some("ethereum"), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "value"),
            (SubjectKind::Address, None, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "chain"),
            (SubjectKind::Address, Some("dollars"), "x", "chain"),
            (SubjectKind::Transaction, Some("bitcoin"), "12", "value"),
            (SubjectKind::Block, Some("bitcoin"), "-1", "value"),
            (SubjectKind::Block, Some("bitcoin"), &long, "value"),
            (SubjectKind::Person, Some("bitcoin"), "A", "chain"),
        ] {
            match canonical(kind, chain, value) {
                Err(CaseError::Input { field: found, .. }) => assert_eq!(found, field, "{value}"),
                other => panic!("{value}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_name_is_the_same_name_whatever_only_writing_adds() {
        let of = |name| key(SubjectKind::Person, None, name);
        assert_eq!(of("Ahmad  HASSAN"), of("ahmad hassan"));
        assert_eq!(of("مُحَمَّد حسن"), of("محمد حـسن"));
        assert_ne!(of("Ahmad Hassan"), of("Ahmed Hassan"));
    }
}
