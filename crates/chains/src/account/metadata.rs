//! What a contract says of itself: `symbol()`, `name()` and `decimals()`.
//!
//! All of it is only ever a claim. Anybody deploys a contract that answers "USDT", and some answer with texts of a million
//! letters, with letters that only look like Latin ones, or with 255 decimals. A token is verified by the
//! [registry](super::tokens) alone, never by what it says.

use super::tokens::{Token, Tokens};
use athar_types::Chain;
use athar_types::account::{AccountBytes, U256};
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// Longest text that is kept, in characters; a longer one is cut and ends in `…`.
pub const TEXT_MAX: usize = 64;

/// What a contract claims. Nothing of it is verified.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenClaim {
    /// Its symbol, as text that can be shown; `None` where it gave none.
    pub symbol: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its decimals; `None` where it gave none, or more than 255. Amounts of more than 77 decimals are shown in the
    /// smallest unit (`show_units`).
    pub decimals: Option<u8>,
}

impl TokenClaim {
    /// From what `eth_call` gave for each function; empty where the call failed. Every content is accepted: what cannot be
    /// read is `None`.
    pub fn from_calls(symbol: &[u8], name: &[u8], decimals: &[u8]) -> Self {
        Self { symbol: text(symbol), name: text(name), decimals: number(decimals) }
    }
}

/// The verified token of the same chain whose symbol `claim` has, or has letters that look like it, at a contract that is
/// not that token's. `None` where `contract` is itself verified.
///
/// Tokens of other chains are not compared: a token may well be bridged to a chain where the registry does not know it.
/// It is then unverified, but nobody's imitation.
pub fn imitates<'a>(
    claim: &TokenClaim,
    chain: Chain,
    contract: &AccountBytes,
    tokens: &'a Tokens,
) -> Option<&'a Token> {
    if tokens.get(chain, contract).is_some() {
        return None;
    }
    let looks = look(claim.symbol.as_deref()?);
    if looks.is_empty() {
        return None;
    }
    tokens.on(chain).find(|token| look(&token.symbol) == looks)
}

/// What a symbol looks like to a reader in a hurry: without case, marks, signs and invisible characters, and with every
/// letter that looks like another one replaced by that one (Unicode Technical Standard 39, section 4).
fn look(symbol: &str) -> String {
    // Tether's own sign for its tokens
    let plain: String = symbol.replace('₮', "T").nfkd().filter(|c| c.is_alphanumeric()).collect();
    // a letter may have a look-alike only in one case: first as it stands, then as capitals
    let once: String = skeleton(&plain).collect::<String>().to_uppercase();
    skeleton(&once).filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// A text as Solidity returns one: place, length, bytes; or, of old contracts, 32 bytes filled up with zeros.
fn text(data: &[u8]) -> Option<String> {
    let bytes = match data.len() {
        32 => data.split(|b| *b == 0).next()?,
        _ => string(data)?,
    };
    // a character has at most four bytes: no more are looked at than can be kept
    let is_cut = bytes.len() > TEXT_MAX * 4;
    let lossy = String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_MAX * 4)]);
    let shown: String = lossy.trim_matches(|c: char| c.is_whitespace() || c == '\0').chars().map(visible).collect();
    if shown.chars().count() > TEXT_MAX || is_cut {
        return Some(shown.chars().take(TEXT_MAX).chain(['…']).collect());
    }
    (!shown.is_empty()).then_some(shown)
}

/// The bytes of an ABI string; `None` where its place or length points outside of the data.
fn string(data: &[u8]) -> Option<&[u8]> {
    let place = usize::try_from(word(data)?).ok()?;
    let rest = data.get(place..)?;
    let length = usize::try_from(word(rest)?).ok()?;
    rest.get(32..)?.get(..length)
}

fn number(data: &[u8]) -> Option<u8> {
    u8::try_from(word(data)?).ok()
}

fn word(data: &[u8]) -> Option<U256> {
    data.first_chunk::<32>().map(|word| U256::from_be_bytes(*word))
}

/// Control characters and those that turn the direction of writing could change how a whole line of an answer looks.
fn visible(c: char) -> char {
    let turns = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if c.is_control() || turns { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word_of(n: u64) -> [u8; 32] {
        U256::from(n).to_be_bytes()
    }

    fn abi(text: &str) -> Vec<u8> {
        let mut data = [word_of(32), word_of(text.len() as u64)].concat();
        data.extend(text.bytes());
        data.resize(data.len().next_multiple_of(32), 0);
        data
    }

    fn fixed(text: &str) -> Vec<u8> {
        let mut data = text.as_bytes().to_vec();
        data.resize(32, 0);
        data
    }

    fn claim(symbol: &str) -> TokenClaim {
        TokenClaim { symbol: Some(symbol.to_string()), ..TokenClaim::default() }
    }

    #[test]
    fn texts_are_read_in_both_forms() {
        let new = TokenClaim::from_calls(&abi("USDC"), &abi("USD Coin"), &word_of(6));
        assert_eq!(new.symbol.as_deref(), Some("USDC"));
        assert_eq!(new.name.as_deref(), Some("USD Coin"));
        assert_eq!(new.decimals, Some(6));
        let old = TokenClaim::from_calls(&fixed("MKR"), &fixed("Maker"), &word_of(18));
        assert_eq!((old.symbol.as_deref(), old.name.as_deref(), old.decimals), (Some("MKR"), Some("Maker"), Some(18)));
        assert_eq!(TokenClaim::from_calls(&[], &[], &[]), TokenClaim::default());
        assert_eq!(TokenClaim::from_calls(&abi(""), &fixed(""), &[0; 31]), TokenClaim::default());
    }

    #[test]
    fn hostile_answers_are_kept_small_or_left_out() {
        let long = text(&abi(&"x".repeat(1_000_000))).unwrap();
        assert_eq!(long.chars().count(), TEXT_MAX + 1);
        assert!(long.ends_with('…'));
        // a length or a place that is not there, up to 2^256 - 1
        let mut data = abi("USDT");
        data[32..64].fill(255);
        assert_eq!(text(&data), None);
        let mut data = abi("USDT");
        data[..32].fill(255);
        assert_eq!(text(&data), None);
        assert_eq!(text(&abi("a\u{202e}b\nc")).unwrap(), "a\u{fffd}b\u{fffd}c");
        let mut broken = abi("ab");
        broken[64] = 0xff;
        assert_eq!(text(&broken).unwrap(), "\u{fffd}b");
        assert_eq!(number(&word_of(255)), Some(255));
        assert_eq!(number(&word_of(256)), None);
        assert_eq!(number(&[255; 32]), None);
    }

    #[test]
    fn symbols_that_look_verified_are_told() {
        let tokens = Tokens::shipped();
        let usdt = tokens.by_symbol(Chain::Ethereum, "USDT").unwrap();
        for symbol in [
            "USDT",
            "usdt",
            "UЅDТ",         // Cyrillic
            "U\u{200b}SDT", // invisible
            "ＵＳＤＴ",     // full width
            "USD₮",         // Tether's sign
            "𝐔𝐒𝐃𝐓",         // mathematical
            "U S D T",
            "$USDT",
            "USḌT",
            "ＵЅᎠΤ",
        ] {
            let found = imitates(&claim(symbol), Chain::Ethereum, &[1; 20], tokens);
            assert_eq!(found, Some(usdt), "{symbol}");
            assert_eq!(imitates(&claim(symbol), Chain::Ethereum, &usdt.contract, tokens), None, "the token itself");
        }
        for symbol in ["USDT2", "USD", "TUSDT", "PEPE", "", "₮", "$$$"] {
            assert_eq!(imitates(&claim(symbol), Chain::Ethereum, &[1; 20], tokens), None, "{symbol}");
        }
        assert_eq!(imitates(&TokenClaim::default(), Chain::Ethereum, &[1; 20], tokens), None);
        assert_eq!(imitates(&claim("FDUSD"), Chain::Tron, &[1; 20], tokens), None, "not on that chain");
        assert_eq!(imitates(&claim("USDТ"), Chain::Tron, &[1; 20], tokens).unwrap().chain, Chain::Tron);
    }

    #[test]
    fn no_two_verified_tokens_of_a_chain_look_alike() {
        for token in Tokens::shipped().iter() {
            let alike = Tokens::shipped().on(token.chain).filter(|other| look(&other.symbol) == look(&token.symbol));
            assert_eq!(alike.count(), 1, "{} on {}", token.symbol, token.chain);
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let claim = TokenClaim::from_calls(&bytes, &bytes, &bytes);
            if let Some(symbol) = &claim.symbol {
                prop_assert!(symbol.chars().count() <= TEXT_MAX + 1);
                prop_assert!(!symbol.chars().any(char::is_control));
            }
            let _ = imitates(&claim, Chain::Tron, &[2; 20], Tokens::shipped());
        }

        #[test]
        fn texts_read_back(symbol in "[A-Za-z0-9₮]{1,20}") {
            let read = TokenClaim::from_calls(&abi(&symbol), &[], &[]).symbol;
            prop_assert_eq!(read, Some(symbol));
        }
    }
}
