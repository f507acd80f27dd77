//! The judgment over one cell that should hold an address: good, good with a note, an account number, or quarantine.

use crate::assets::Asset;
use crate::defect::DefectKind;
use crate::index::{mentioned, tokens};
use athar_types::address::{self, AddressError};
use athar_types::{Chain, Network, NormalAddress};

/// What a cell turned out to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Judgment {
    /// A good address. The note names a defect of the entry around it.
    Address { address: NormalAddress, note: Option<(DefectKind, String)>, chain_from_text: bool },
    /// An account number at a service.
    Account,
    /// Nothing that can be trusted to be one address; `chain` is what the entry says, where it says one.
    Quarantine { kind: DefectKind, message: String, chain: Option<Chain> },
}

/// Characters of the longest number that is taken for an account number at a service.
const ACCOUNT_DIGITS_MAX: usize = 24;

/// Judges the text of a cell under the asset that its entry names. `accounts`: whether the list also holds account
/// numbers. White space around the text is no part of it.
pub(crate) fn judge(written: &str, asset: &Asset, network: Network, accounts: bool) -> Judgment {
    let text = written.trim();
    let chain = match asset {
        Asset::Coin(chain) => Some(*chain),
        _ => None,
    };
    let quarantine = |kind, message: &str| Judgment::Quarantine { kind, message: message.to_owned(), chain };
    if text.is_empty() {
        return quarantine(DefectKind::Empty, "no address");
    }
    if text.chars().all(|c| matches!(c, '-' | '–' | '—' | '?' | '.' | '_')) {
        return quarantine(DefectKind::Placeholder, "a placeholder instead of an address");
    }
    let good = |address, note, chain_from_text| Judgment::Address { address, note, chain_from_text };
    let error = match asset {
        Asset::Coin(chain) => match address::parse_on(*chain, network, text) {
            Ok(address) => return good(address, white_space(written), false),
            Err(AddressError::OtherChain(other)) => match address::parse_on(other, network, text) {
                Ok(address) => {
                    let message = format!(
                        "the entry says {chain}, the checksum proves an address of {other}; filed under {other}, the address unchanged"
                    );
                    return good(address, Some((DefectKind::AssetMismatch, message)), false);
                }
                Err(error) => error,
            },
            Err(error) => error,
        },
        Asset::Token(chains) => match token(text, chains, network) {
            Some((address, note)) => return good(address, note.or_else(|| white_space(written)), false),
            None => guess(text, network),
        },
        Asset::Unstated => match address::detect_on(network, text).into_iter().next() {
            Some(found) => return good(found.address, white_space(written), true),
            None if accounts && text.len() <= ACCOUNT_DIGITS_MAX && text.bytes().all(|b| b.is_ascii_digit()) => {
                return Judgment::Account;
            }
            None => guess(text, network),
        },
        Asset::Unsupported | Asset::Unknown => {
            if let Some(shape) = shape(text) {
                return quarantine(shape.0, &shape.1);
            }
            return match asset {
                Asset::Unsupported => quarantine(
                    DefectKind::UnsupportedAsset,
                    "addresses of this asset cannot be checked; kept as written, in quarantine",
                ),
                _ => quarantine(
                    DefectKind::UnknownAsset,
                    "the table of assets does not have this asset; kept as written, in quarantine",
                ),
            };
        }
    };
    if let Some((kind, message)) = shape(text) {
        return quarantine(kind, &message);
    }
    if text.starts_with("0x") && asset != &Asset::Unstated && address::parse_evm(text).is_ok() {
        let message = "an address of the Ethereum family without a checksum, under an asset of another chain; \
                       nothing proves which is right; kept as written, in quarantine";
        return quarantine(DefectKind::AssetMismatch, message);
    }
    let kind = match &error {
        AddressError::Empty => DefectKind::Empty,
        AddressError::Checksum => DefectKind::Checksum,
        AddressError::Character { look_alike: true, .. } => DefectKind::LookAlike,
        AddressError::Character { .. } => DefectKind::ForeignCharacter,
        AddressError::OtherNetwork(_) => DefectKind::OtherNetwork,
        AddressError::OtherChain(_) => DefectKind::AssetMismatch,
        AddressError::MixedCase => DefectKind::MixedCase,
        _ => DefectKind::Form,
    };
    let named = chain.map(|c| format!(" as an address of {c}")).unwrap_or_default();
    quarantine(kind, &format!("{error}{named}; kept as written, in quarantine"))
}

/// A token's address: the first of its chains that the text fits, or another chain that its checksum proves.
fn token(text: &str, chains: &[Chain], network: Network) -> Option<(NormalAddress, Option<(DefectKind, String)>)> {
    for chain in chains {
        match address::parse_on(*chain, network, text) {
            Ok(address) if *chain == Chain::Bitcoin => {
                let message = "a token with an address of bitcoin (the Omni layer); filed under bitcoin".to_owned();
                return Some((address, Some((DefectKind::OmniToken, message))));
            }
            Ok(address) => return Some((address, None)),
            Err(_) => {}
        }
    }
    let proved = address::detect_on(network, text).into_iter().find(|candidate| candidate.checked)?.address;
    let message = format!(
        "the asset does not live on {0}, the checksum proves an address of it; filed under {0}, the address unchanged",
        proved.chain
    );
    Some((proved, Some((DefectKind::AssetMismatch, message))))
}

/// Why a text is no address where no single chain is named: the error of the chain that its beginning and length
/// point to.
fn guess(text: &str, network: Network) -> AddressError {
    let letters = text.chars().count();
    let chain = match text.as_bytes() {
        [b'0', b'x', ..] => Some(Chain::Ethereum),
        [b'T', ..] if (33..=35).contains(&letters) => Some(Chain::Tron),
        [b'1' | b'3', ..] if (25..=36).contains(&letters) => Some(Chain::Bitcoin),
        [b'b', b'c', b'1', ..] => Some(Chain::Bitcoin),
        _ => None,
    };
    match (chain, address::parse_on(chain.unwrap_or(Chain::Bitcoin), network, text)) {
        (Some(_), Err(error))
        | (None, Err(error @ (AddressError::Character { .. } | AddressError::OtherNetwork(_)))) => error,
        _ => AddressError::Form("of any chain"),
    }
}

/// More than one address in a cell, or text beside one.
fn shape(text: &str) -> Option<(DefectKind, String)> {
    let several = tokens(text).count() > 1 && {
        let mut texts: Vec<&str> = tokens(text).filter(|token| !address::detect(token).is_empty()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts.len() > 1
    };
    if several {
        return Some((DefectKind::SeveralAddresses, "several addresses in one cell; kept whole, in quarantine".into()));
    }
    let inner = text.chars().any(|c| c.is_ascii_whitespace() || matches!(c, '(' | ',' | ';'));
    if !inner {
        return None;
    }
    let what = if mentioned(text).is_empty() {
        "text that is no address"
    } else {
        "more text beside an address: the entry may mean one account behind a shared address"
    };
    Some((DefectKind::TrailingText, format!("{what}; kept whole, in quarantine")))
}

fn white_space(written: &str) -> Option<(DefectKind, String)> {
    (written.trim().len() != written.len())
        .then(|| (DefectKind::WhiteSpace, "white space around the address, left out".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::asset;

    const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    const BITCOIN: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    const CONTRACT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

    fn judged(text: &str, symbol: &str) -> Judgment {
        judge(text, &asset(symbol), Network::Mainnet, true)
    }

    fn filed(text: &str, symbol: &str) -> (Chain, String, Option<DefectKind>) {
        match judged(text, symbol) {
            Judgment::Address { address, note, .. } => (address.chain, address.text, note.map(|n| n.0)),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn reason(text: &str, symbol: &str) -> DefectKind {
        match judged(text, symbol) {
            Judgment::Quarantine { kind, message, .. } => {
                assert!(!message.is_empty());
                kind
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn good_addresses_are_filed_under_their_chain_in_canonical_text() {
        assert_eq!(filed(BITCOIN, "XBT"), (Chain::Bitcoin, BITCOIN.into(), None));
        assert_eq!(filed(&CONTRACT.to_lowercase(), "ETH"), (Chain::Ethereum, CONTRACT.into(), None));
        assert_eq!(filed(TRON, "USDT"), (Chain::Tron, TRON.into(), None));
        assert_eq!(filed(TRON, ""), (Chain::Tron, TRON.into(), None));
        assert_eq!(filed(&format!(" {TRON} "), "TRX"), (Chain::Tron, TRON.into(), Some(DefectKind::WhiteSpace)));
        assert!(matches!(judged(TRON, "-"), Judgment::Address { chain_from_text: true, .. }));
    }

    #[test]
    fn a_checksum_decides_over_a_wrong_asset_and_a_text_without_one_does_not() {
        assert_eq!(filed(TRON, "XBT"), (Chain::Tron, TRON.into(), Some(DefectKind::AssetMismatch)));
        assert_eq!(filed(BITCOIN, "USDT"), (Chain::Bitcoin, BITCOIN.into(), Some(DefectKind::OmniToken)));
        assert_eq!(filed(TRON, "KCS"), (Chain::Tron, TRON.into(), Some(DefectKind::AssetMismatch)));
        assert_eq!(reason(&CONTRACT.to_lowercase(), "BTC"), DefectKind::AssetMismatch);
    }

    #[test]
    fn every_defect_of_a_cell_has_its_reason() {
        for (text, symbol, expected) in [
            ("", "BTC", DefectKind::Empty),
            (" - ", "", DefectKind::Placeholder),
            ("T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "", DefectKind::LookAlike),
            ("T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TRX", DefectKind::LookAlike),
            ("T\u{202e}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TRX", DefectKind::ForeignCharacter),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "BTC", DefectKind::Checksum),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "", DefectKind::Checksum),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4", "BTC", DefectKind::MixedCase),
            ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "BTC", DefectKind::OtherNetwork),
            ("0x12", "ETH", DefectKind::Form),
            ("KEESC5ALZHWX7B7SBNBDY6Z7COYMO6U", "USDT", DefectKind::Form),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T", "USDT", DefectKind::Checksum),
            ("who knows", "", DefectKind::TrailingText),
            ("whoknows", "", DefectKind::Form),
            ("rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe (Address tag 102)*", "XRP", DefectKind::TrailingText),
            ("binanceiost (Address tag 100) *", "IOST", DefectKind::TrailingText),
            ("cosmos1xyz", "ATOM", DefectKind::UnsupportedAsset),
            ("addr1xyz", "Callisto", DefectKind::UnknownAsset),
        ] {
            assert_eq!(reason(text, symbol), expected, "{text}");
        }
        let two = format!("{}, {TRON}", CONTRACT.to_lowercase());
        assert_eq!(reason(&two, ""), DefectKind::SeveralAddresses);
        assert_eq!(reason(&format!("{BITCOIN}/{TRON}"), "BTC"), DefectKind::SeveralAddresses);
    }

    #[test]
    fn numbers_are_accounts_only_where_the_list_holds_accounts_and_names_no_asset() {
        assert_eq!(judged("104728783", ""), Judgment::Account);
        assert_eq!(reason("104728783", "BTC"), DefectKind::Checksum);
        assert!(matches!(judge("104728783", &Asset::Unstated, Network::Mainnet, false), Judgment::Quarantine { .. }));
        assert_eq!(reason(&"1".repeat(25), ""), DefectKind::Checksum);
        assert_eq!(reason(&"1".repeat(45), ""), DefectKind::Form);
    }
}
