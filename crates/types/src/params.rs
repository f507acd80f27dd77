//! What distinguishes one network of one chain from another.
//!
//! Sources: `kernel/chainparams.cpp` of Bitcoin Core, `chainparams.cpp` of Bitcoin Cash Node, Litecoin Core, Dogecoin
//! Core 1.14 and zcashd; ZIP 320 for Zcash's TEX addresses. The tests rebuild each genesis block from its published
//! fields where the header is plain, and `chains` hashes Zcash's.

use crate::{Chain, Hash32, Network};

/// The parameters of one network of one chain.
#[derive(Debug, PartialEq, Eq)]
pub struct ChainParams {
    /// The four bytes before every block on disk. Of Bitcoin Cash these are Bitcoin's (`diskMagic`), not those of its
    /// messages (`netMagic`).
    pub magic: [u8; 4],
    /// Base58Check version bytes of a public-key hash.
    pub p2pkh: &'static [u8],
    /// Base58Check version bytes of a script hash; the first is the one that is shown.
    pub p2sh: &'static [&'static [u8]],
    /// Human-readable part of segwit addresses; empty where the chain has none.
    pub hrp: &'static str,
    /// Human-readable part of CashAddr addresses; empty where the chain has none.
    pub cashaddr: &'static str,
    /// Human-readable part of addresses that take money from transparent senders only (ZIP 320); empty where the chain
    /// has none.
    pub tex: &'static str,
    /// Hash of block 0, in hexadecimal as shown.
    pub genesis: &'static str,
}

impl ChainParams {
    /// The hash of block 0.
    pub fn genesis(&self) -> Hash32 {
        self.genesis.parse().unwrap_or_default()
    }
}

const BASE: ChainParams = ChainParams {
    magic: [0; 4],
    p2pkh: &[0x6f],
    p2sh: &[&[0xc4]],
    hrp: "",
    cashaddr: "",
    tex: "",
    genesis: "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
};
const REGTEST_MAGIC: [u8; 4] = [0xfa, 0xbf, 0xb5, 0xda];
const BITCOIN_MAGIC: [u8; 4] = [0xf9, 0xbe, 0xb4, 0xd9];
const BITCOIN_GENESIS: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
const TESTNET3_MAGIC: [u8; 4] = [0x0b, 0x11, 0x09, 0x07];
const TESTNET3_GENESIS: &str = "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943";

/// Bitcoin's parameters.
pub(crate) const fn bitcoin(network: Network) -> &'static ChainParams {
    match network {
        Network::Mainnet => &ChainParams {
            magic: BITCOIN_MAGIC,
            p2pkh: &[0x00],
            p2sh: &[&[0x05]],
            hrp: "bc",
            genesis: BITCOIN_GENESIS,
            ..BASE
        },
        Network::Testnet3 => &ChainParams { magic: TESTNET3_MAGIC, hrp: "tb", genesis: TESTNET3_GENESIS, ..BASE },
        Network::Testnet4 => &ChainParams {
            magic: [0x1c, 0x16, 0x3f, 0x28],
            hrp: "tb",
            genesis: "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
            ..BASE
        },
        Network::Signet => &ChainParams {
            magic: [0x0a, 0x03, 0xcf, 0x40],
            hrp: "tb",
            genesis: "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
            ..BASE
        },
        Network::Regtest => &ChainParams { magic: REGTEST_MAGIC, hrp: "bcrt", ..BASE },
    }
}

/// The parameters of any network that we know.
pub(crate) fn of(chain: Chain, network: Network) -> Option<&'static ChainParams> {
    match chain {
        Chain::Bitcoin => Some(bitcoin(network)),
        Chain::BitcoinCash => bitcoin_cash(network),
        Chain::Litecoin => litecoin(network),
        Chain::Dogecoin => dogecoin(network),
        Chain::Zcash => zcash(network),
        _ => None,
    }
}

fn bitcoin_cash(network: Network) -> Option<&'static ChainParams> {
    Some(match network {
        Network::Mainnet => &ChainParams {
            magic: BITCOIN_MAGIC,
            p2pkh: &[0x00],
            p2sh: &[&[0x05]],
            cashaddr: "bitcoincash",
            genesis: BITCOIN_GENESIS,
            ..BASE
        },
        Network::Testnet3 => {
            &ChainParams { magic: TESTNET3_MAGIC, cashaddr: "bchtest", genesis: TESTNET3_GENESIS, ..BASE }
        }
        Network::Testnet4 => &ChainParams {
            magic: [0xcd, 0x22, 0xa7, 0x92],
            cashaddr: "bchtest",
            genesis: "000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b",
            ..BASE
        },
        Network::Regtest => &ChainParams { magic: REGTEST_MAGIC, cashaddr: "bchreg", ..BASE },
        Network::Signet => return None,
    })
}

fn litecoin(network: Network) -> Option<&'static ChainParams> {
    Some(match network {
        Network::Mainnet => &ChainParams {
            magic: [0xfb, 0xc0, 0xb6, 0xdb],
            p2pkh: &[0x30],
            p2sh: &[&[0x32], &[0x05]],
            hrp: "ltc",
            genesis: "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
            ..BASE
        },
        Network::Testnet3 => &ChainParams {
            magic: [0xfd, 0xd2, 0xc8, 0xf1],
            p2sh: &[&[0x3a], &[0xc4]],
            hrp: "tltc",
            genesis: "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
            ..BASE
        },
        Network::Regtest => &ChainParams {
            magic: REGTEST_MAGIC,
            p2sh: &[&[0x3a], &[0xc4]],
            hrp: "rltc",
            genesis: "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
            ..BASE
        },
        Network::Testnet4 | Network::Signet => return None,
    })
}

fn dogecoin(network: Network) -> Option<&'static ChainParams> {
    Some(match network {
        Network::Mainnet => &ChainParams {
            magic: [0xc0; 4],
            p2pkh: &[0x1e],
            p2sh: &[&[0x16]],
            genesis: "1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691",
            ..BASE
        },
        Network::Testnet3 => &ChainParams {
            magic: [0xfc, 0xc1, 0xb7, 0xdc],
            p2pkh: &[0x71],
            genesis: "bb0a78264637406b6360aad926284d544d7049f45189db5664f3c4d07350559e",
            ..BASE
        },
        Network::Regtest => &ChainParams {
            magic: REGTEST_MAGIC,
            genesis: "3d2160a3b5dc4a9d62e7e66a295f70313ac808440ef7400d6c0772171ce973a5",
            ..BASE
        },
        Network::Testnet4 | Network::Signet => return None,
    })
}

fn zcash(network: Network) -> Option<&'static ChainParams> {
    Some(match network {
        Network::Mainnet => &ChainParams {
            magic: [0x24, 0xe9, 0x27, 0x64],
            p2pkh: &[0x1c, 0xb8],
            p2sh: &[&[0x1c, 0xbd]],
            tex: "tex",
            genesis: "00040fe8ec8471911baa1db1266ea15dd06b4a8a5c453883c000b031973dce08",
            ..BASE
        },
        Network::Testnet3 => &ChainParams {
            magic: [0xfa, 0x1a, 0xf9, 0xbf],
            p2pkh: &[0x1d, 0x25],
            p2sh: &[&[0x1c, 0xba]],
            tex: "textest",
            genesis: "05a60a92d99d85997cce3b87616c089f6124d7342af37106edc76126334a2c38",
            ..BASE
        },
        Network::Regtest => &ChainParams {
            magic: [0xaa, 0xe8, 0x3f, 0x5f],
            p2pkh: &[0x1d, 0x25],
            p2sh: &[&[0x1c, 0xba]],
            tex: "texregtest",
            genesis: "029f11d80ef9765602235e1bc9727e3eb6ba20839319f761fee920d63401e327",
            ..BASE
        },
        Network::Testnet4 | Network::Signet => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::sha256d;

    const SATOSHI: &str = "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f";
    const LEE: &str = "040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21b179c45070ac7b03a9";

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    /// The hash of a genesis block, from the fields that its node's `CreateGenesisBlock` is given.
    fn genesis(words: &str, key: &str, coins: u64, time: u32, nonce: u32, bits: u32) -> Hash32 {
        let mut tx = bytes("01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff");
        let script = [&bytes("04ffff001d0104")[..], &[words.len() as u8], words.as_bytes()].concat();
        // the texts are below 76 bytes: one byte of length each
        assert!(words.len() < 76);
        tx.push(script.len() as u8);
        tx.extend_from_slice(&script);
        tx.extend_from_slice(&bytes("ffffffff01"));
        tx.extend_from_slice(&(coins * 100_000_000).to_le_bytes());
        tx.extend_from_slice(&[67, 65]);
        tx.extend_from_slice(&bytes(key));
        tx.extend_from_slice(&bytes("ac00000000"));
        let mut header = bytes("01000000");
        header.extend_from_slice(&[0; 32]);
        header.extend_from_slice(&sha256d(&tx));
        for number in [time, bits, nonce] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        Hash32(sha256d(&header))
    }

    #[test]
    fn genesis_blocks_rebuilt_from_their_published_fields_have_the_hashes_stated() {
        let times = "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks";
        let jobs = "NY Times 05/Oct/2011 Steve Jobs, Apple\u{2019}s Visionary, Dies at 56";
        use Chain::{Bitcoin, BitcoinCash, Dogecoin, Litecoin};
        use Network::{Mainnet, Regtest, Testnet3, Testnet4};
        let plain = 0x1d00_ffff;
        for (chain, network, words, key, coins, time, nonce, bits) in [
            (Bitcoin, Mainnet, times, SATOSHI, 50, 1_231_006_505, 2_083_236_893, plain),
            (Bitcoin, Testnet3, times, SATOSHI, 50, 1_296_688_602, 414_098_458, plain),
            (Bitcoin, Regtest, times, SATOSHI, 50, 1_296_688_602, 2, 0x207f_ffff),
            (BitcoinCash, Mainnet, times, SATOSHI, 50, 1_231_006_505, 2_083_236_893, plain),
            (BitcoinCash, Testnet3, times, SATOSHI, 50, 1_296_688_602, 414_098_458, plain),
            (BitcoinCash, Testnet4, times, SATOSHI, 50, 1_597_811_185, 114_152_193, plain),
            (BitcoinCash, Regtest, times, SATOSHI, 50, 1_296_688_602, 2, 0x207f_ffff),
            (Litecoin, Mainnet, jobs, LEE, 50, 1_317_972_665, 2_084_524_493, 0x1e0f_fff0),
            (Litecoin, Testnet3, jobs, LEE, 50, 1_486_949_366, 293_345, 0x1e0f_fff0),
            (Litecoin, Regtest, jobs, LEE, 50, 1_296_688_602, 0, 0x207f_ffff),
            (Dogecoin, Mainnet, "Nintondo", LEE, 88, 1_386_325_540, 99_943, 0x1e0f_fff0),
            (Dogecoin, Testnet3, "Nintondo", LEE, 88, 1_391_503_289, 997_879, 0x1e0f_fff0),
            (Dogecoin, Regtest, "Nintondo", LEE, 88, 1_296_688_602, 2, 0x207f_ffff),
        ] {
            let params = chain.params(network).unwrap();
            assert_eq!(params.genesis(), genesis(words, key, coins, time, nonce, bits), "{chain} {network}");
        }
    }

    #[test]
    fn magics_name_one_network_of_a_chain_and_networks_that_do_not_exist_have_no_parameters() {
        for chain in Chain::LEDGERS {
            assert!(chain.ticker().is_some() && chain.params(Network::Mainnet).is_some());
            for network in Network::ALL {
                let Some(params) = chain.params(network) else { continue };
                assert_eq!(chain.network_of_magic(params.magic), Some(network), "{chain}");
                assert_ne!(params.genesis(), Hash32::ZERO);
                assert_eq!(params.hrp.is_empty(), !chain.has_segwit());
            }
        }
        assert_eq!(Chain::Zcash.params(Network::Signet), None);
        assert_eq!(Chain::Monero.params(Network::Mainnet), None);
        assert_eq!(Chain::Litecoin.network_of_magic([0xf9, 0xbe, 0xb4, 0xd9]), None);
    }
}
