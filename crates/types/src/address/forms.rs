//! Address text of the chains of unspent outputs, by parameters: which version bytes and prefixes stand for what.

use super::bitcoin::{parse_bitcoin, parse_segwit};
use super::error::foreign_character;
use super::other::decode_base58check;
use super::{AddressError, AddressKey, AddressKind, cashaddr};
use crate::{Chain, ChainParams, Network};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Fe32, Hrp};

/// What tells the addresses of one network of one chain from another's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forms {
    /// Base58Check version bytes of a public-key hash.
    pub(super) p2pkh: &'static [u8],
    /// Of a script hash; the first is the one that is shown.
    pub(super) p2sh: &'static [&'static [u8]],
    /// Human-readable part of segwit addresses, or empty.
    pub(super) hrp: &'static str,
    /// Prefix of CashAddr addresses, or empty.
    pub(super) cashaddr: &'static str,
    /// Human-readable part of Zcash's addresses for transparent senders (ZIP 320), or empty.
    pub(super) tex: &'static str,
}

impl Forms {
    /// No forms at all, to fill in from.
    pub(super) const NONE: Self = Self { p2pkh: &[], p2sh: &[], hrp: "", cashaddr: "", tex: "" };

    /// The forms of a network.
    pub(super) const fn of(params: &ChainParams) -> Self {
        let ChainParams { p2pkh, p2sh, hrp, cashaddr, tex, .. } = *params;
        Self { p2pkh, p2sh, hrp, cashaddr, tex }
    }

    /// Reads an address.
    pub(super) fn read(&self, text: &str) -> Result<AddressKey, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if let Some(error) = foreign_character(text) {
            return Err(error);
        }
        // no form is longer; a bound keeps the quadratic decoder off hostile input
        if text.len() > 112 {
            return Err(AddressError::Form("too long"));
        }
        if !self.cashaddr.is_empty() && cashaddr::looks_like(self.cashaddr, text) {
            return cashaddr::parse(self.cashaddr, text);
        }
        let lower = text.to_ascii_lowercase();
        let begins = |hrp: &str| !hrp.is_empty() && lower.strip_prefix(hrp).is_some_and(|rest| rest.starts_with('1'));
        if begins(self.hrp) {
            return parse_segwit(text);
        }
        if begins(self.tex) {
            let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| AddressError::Checksum)?;
            let hash: Vec<u8> = checked.byte_iter().collect();
            return AddressKey::new(AddressKind::P2pkh, &hash).ok_or(AddressError::Form("payload is not 20 bytes"));
        }
        if ["ltcmweb1", "tmweb1"].iter().any(|prefix| lower.starts_with(prefix)) {
            return Err(AddressError::Form("an address inside Litecoin's MWEB, which is hidden"));
        }
        let data = decode_base58check(text)?;
        let versions = std::iter::once((AddressKind::P2pkh, self.p2pkh))
            .chain(self.p2sh.iter().map(|version| (AddressKind::P2sh, *version)));
        for (kind, version) in versions {
            if let Some(payload) = data.strip_prefix(version) {
                return AddressKey::new(kind, payload).ok_or(AddressError::Form("payload is not 20 bytes"));
            }
        }
        Err(AddressError::Form("version byte of another chain"))
    }

    /// The text of an address.
    pub(super) fn text(&self, key: &AddressKey) -> String {
        if !self.cashaddr.is_empty() {
            return cashaddr::text(self.cashaddr, key).unwrap_or_else(|| key.raw_text());
        }
        let base58 = |version: &[u8]| base58ck::encode_check(&[version, key.payload()].concat());
        let segwit = |version: u8, program: &[u8]| {
            // key and program lengths were checked when the key was made
            let version = Fe32::try_from(version).unwrap_or(Fe32::Q);
            bech32::segwit::encode(Hrp::parse_unchecked(self.hrp), version, program).unwrap_or_default()
        };
        match key.kind() {
            AddressKind::P2pkh => base58(self.p2pkh),
            AddressKind::P2sh => base58(self.p2sh.first().copied().unwrap_or_default()),
            _ if self.hrp.is_empty() => key.raw_text(),
            AddressKind::P2wpkh | AddressKind::P2wsh => segwit(0, key.payload()),
            AddressKind::P2tr => segwit(1, key.payload()),
            AddressKind::Witness => segwit(key.payload()[0], &key.payload()[1..]),
            AddressKind::P2sh32 => key.raw_text(),
        }
    }
}

/// Reads an address of a chain that the ledger can hold, in any form that its users write: the key it has inside the
/// ledger. Surrounding white space is the caller's to remove.
///
/// Zcash's shielded addresses and addresses inside Litecoin's MWEB are no keys of the ledger and are refused. A good
/// address of another network gives [`AddressError::OtherNetwork`].
pub fn parse_key(chain: Chain, network: Network, text: &str) -> Result<AddressKey, AddressError> {
    if chain == Chain::Bitcoin {
        return parse_bitcoin(text, network);
    }
    let params = chain.params(network).ok_or(AddressError::Form("not a network whose addresses are known"))?;
    let error = match Forms::of(params).read(text) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let other = matches!(error, AddressError::Form(_) | AddressError::Checksum)
        .then(|| Network::ALL.into_iter().find(|n| chain.params(*n).is_some_and(|p| Forms::of(p).read(text).is_ok())))
        .flatten();
    Err(other.map_or(error, AddressError::OtherNetwork))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(chain: Chain, text: &str) -> AddressKey {
        parse_key(chain, Network::Mainnet, text).unwrap_or_else(|e| panic!("{chain} {text}: {e}"))
    }

    #[test]
    fn published_addresses_of_each_chain_read_and_are_shown_as_they_were() {
        for (chain, kind, text) in [
            (Chain::BitcoinCash, AddressKind::P2pkh, "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
            (Chain::BitcoinCash, AddressKind::P2sh, "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
            (Chain::Litecoin, AddressKind::P2pkh, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
            (Chain::Dogecoin, AddressKind::P2pkh, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
            // of Zcash's founders' reward and funding streams, in zcashd's chainparams.cpp
            (Chain::Zcash, AddressKind::P2sh, "t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd"),
            (Chain::Zcash, AddressKind::P2sh, "t3dvVE3SQEi7kqNzwrfNePxZ1d4hUyztBA1"),
            (Chain::Zcash, AddressKind::P2pkh, "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC"),
        ] {
            let key = key(chain, text);
            assert_eq!((key.kind(), key.to_text_on(chain, Network::Mainnet).as_str()), (kind, text));
        }
    }

    #[test]
    fn every_form_of_one_script_is_one_key() {
        let same = |chain, a: &str, b: &str| assert_eq!(key(chain, a), key(chain, b), "{a} {b}");
        same(Chain::BitcoinCash, "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a");
        // the example of ZIP 320
        same(Chain::Zcash, "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC", "tex1s2rt77ggv6q989lr49rkgzmh5slsksa9khdgte");
        let old = "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC";
        let new = key(Chain::Litecoin, old).to_text_on(Chain::Litecoin, Network::Mainnet);
        assert!(new.starts_with('M'), "{new}");
        same(Chain::Litecoin, old, &new);
    }

    #[test]
    fn addresses_of_another_network_say_which() {
        for (chain, network, text) in [
            (Chain::Zcash, Network::Testnet3, "t26ovBdKAJLtrvBsE2QGF4nqBkEuptuPFZz"), // zcashd's testnet funding stream
            (Chain::Zcash, Network::Testnet3, "textest1qyqszqgpqyqszqgpqyqszqgpqyqszqgpfcjgfy"), // zcash_address's test
            (Chain::BitcoinCash, Network::Testnet3, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"),
        ] {
            assert_eq!(parse_key(chain, Network::Mainnet, text), Err(AddressError::OtherNetwork(network)), "{text}");
            assert!(parse_key(chain, network, text).is_ok(), "{text}");
        }
        assert!(matches!(
            parse_key(Chain::Litecoin, Network::Mainnet, "ltcmweb1qqqq"),
            Err(AddressError::Form(text)) if text.contains("MWEB")
        ));
        assert!(parse_key(Chain::Zcash, Network::Signet, "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC").is_err());
        assert_eq!(parse_key(Chain::Dogecoin, Network::Mainnet, ""), Err(AddressError::Empty));
    }

    #[test]
    fn a_kind_that_a_chain_has_no_address_of_is_shown_as_what_it_is() {
        let key = AddressKey::new(AddressKind::P2wpkh, &[1; 20]).unwrap();
        for chain in [Chain::Dogecoin, Chain::BitcoinCash, Chain::Zcash] {
            assert_eq!(key.to_text_on(chain, Network::Mainnet), format!("P2wpkh:{}", "01".repeat(20)));
        }
    }

    proptest! {
        #[test]
        fn every_address_of_every_network_reads_back(
            chain in 0usize..5, network in 0usize..5, kind in 0u8..7, bytes in any::<[u8; 32]>(), version in 2u8..17,
        ) {
            let (chain, network) = (Chain::LEDGERS[chain], Network::ALL[network]);
            prop_assume!(chain.params(network).is_some());
            let kind = AddressKind::from_code(kind).unwrap();
            let exists = match kind {
                AddressKind::P2pkh | AddressKind::P2sh => true,
                AddressKind::P2sh32 => chain == Chain::BitcoinCash,
                _ => chain.has_segwit(),
            };
            prop_assume!(exists);
            let other = [&[version][..], &bytes[..20]].concat();
            let payload = kind.payload_len().map_or(&other[..], |len| &bytes[..len]);
            let key = AddressKey::new(kind, payload).unwrap();
            let text = key.to_text_on(chain, network);
            prop_assert_eq!(parse_key(chain, network, &text), Ok(key));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,120}", chain in 0usize..5) {
            let _ = parse_key(Chain::LEDGERS[chain], Network::Mainnet, &text);
        }
    }
}
