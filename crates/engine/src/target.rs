//! What a user pasted: an address, a transaction, an output, a block, or nothing we know.

use athar_types::address::{NormalAddress, detect_on, parse_bitcoin, parse_on};
use athar_types::{AddressError, Chain, Hash32, Network};

/// What a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address. Where several chains share the form, the store's chain, else the likeliest.
    Address(NormalAddress),
    /// A transaction id (or a block hash: both are 64 hexadecimal digits).
    Hash(Hash32),
    /// An output, written `txid:vout`.
    Output(Hash32, u32),
    /// None of these, and why it is no address of the store's chain.
    Invalid(AddressError),
}

impl Target {
    /// Reads a text, white space around it removed; never corrects it. Addresses are read as those of `chain` on
    /// `network`, then of any chain, on `network` and on the main one.
    pub fn parse(text: &str, chain: Chain, network: Network) -> Self {
        let text = text.trim();
        if let Ok(hash) = text.parse() {
            return Self::Hash(hash);
        }
        if let Some((txid, vout)) = text.split_once(':')
            && let (Ok(txid), Ok(vout)) = (txid.parse(), vout.parse())
        {
            return Self::Output(txid, vout);
        }
        // of Bitcoin without asking what else it could be: that comes below
        let read = match chain {
            Chain::Bitcoin => {
                parse_bitcoin(text, network).map(|key| NormalAddress { chain, text: key.to_text(network) })
            }
            _ => parse_on(chain, network, text),
        };
        let error = match read {
            Ok(address) => return Self::Address(address),
            Err(error) => error,
        };
        // no address of any chain has such a character, and asking all of them takes a while
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Self::Invalid(error);
        }
        // labels speak of mainnet whatever the store holds: an address of it is unseen there, not invalid
        let first = |network| detect_on(network, text).into_iter().next();
        let other = first(network).or_else(|| if network == Network::Mainnet { None } else { first(Network::Mainnet) });
        match other {
            Some(candidate) => Self::Address(candidate.address),
            None => Self::Invalid(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_form() {
        let parse = |text: &str| Target::parse(text, Chain::Bitcoin, Network::Mainnet);
        let txid = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";
        assert_eq!(parse(txid), Target::Hash(txid.parse().unwrap()));
        assert_eq!(parse(&format!(" {txid}:1\n")), Target::Output(txid.parse().unwrap(), 1));
        assert!(matches!(parse("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), Target::Address(a) if a.chain == Chain::Bitcoin));
        assert!(matches!(parse("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"), Target::Address(a) if a.chain == Chain::Tron));
        assert_eq!(parse("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), Target::Invalid(AddressError::Checksum));
        assert!(matches!(parse(&format!("{txid}:-1")), Target::Invalid(_)));
        assert!(matches!(
            Target::parse("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Chain::Bitcoin, Network::Regtest),
            Target::Address(_)
        ));
        // one text, as each chain reads it
        let old = "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC";
        let on = |chain| match Target::parse(old, chain, Network::Mainnet) {
            Target::Address(address) => (address.chain, address.text),
            other => panic!("{other:?}"),
        };
        assert_eq!(on(Chain::Bitcoin), (Chain::Bitcoin, old.into()));
        assert!(on(Chain::Litecoin).1.starts_with('M'));
        assert_eq!(on(Chain::BitcoinCash).1, "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq");
        assert_eq!(on(Chain::Dogecoin).0, Chain::Bitcoin);
        assert!(matches!(
            parse("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"),
            Target::Invalid(AddressError::OtherNetwork(Network::Regtest))
        ));
    }
}
