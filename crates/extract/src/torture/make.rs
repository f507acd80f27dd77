//! Making identifiers of each form from random bytes, by the encoders of the standards and not by the code under test.

use super::Dice;
use crate::Kind;
use athar_types::address::{evm_text, parse_for, ton_text};
use athar_types::{AddressKey, AddressKind, Chain, Network};
use bech32::{Bech32, Bech32m, Fe32, Hrp};
use sha3::{Digest, Keccak256};

/// A form of identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    /// What reports call it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The chain of an address.
    pub chain: Option<Chain>,
    /// Whether a checksum proves it, so that it is found when it is in pieces or bent.
    pub checked: bool,
}

const fn address(name: &'static str, chain: Chain) -> Form {
    Form { name, kind: Kind::Address, chain: Some(chain), checked: true }
}

const fn other(name: &'static str, kind: Kind) -> Form {
    Form { name, kind, chain: None, checked: false }
}

/// Every form of the set.
pub const FORMS: [Form; 47] = [
    address("bitcoin p2pkh", Chain::Bitcoin),
    address("bitcoin p2sh", Chain::Bitcoin),
    address("bitcoin p2wpkh", Chain::Bitcoin),
    address("bitcoin p2wsh", Chain::Bitcoin),
    address("bitcoin p2tr", Chain::Bitcoin),
    address("bitcoin-cash", Chain::BitcoinCash),
    address("bitcoin-sv", Chain::BitcoinSv),
    address("bitcoin-gold", Chain::BitcoinGold),
    address("litecoin p2pkh", Chain::Litecoin),
    address("litecoin p2sh", Chain::Litecoin),
    address("litecoin segwit", Chain::Litecoin),
    address("dogecoin", Chain::Dogecoin),
    address("dash", Chain::Dash),
    address("zcash t1", Chain::Zcash),
    address("zcash t3", Chain::Zcash),
    address("zcash sapling", Chain::Zcash),
    address("zcash unified", Chain::Zcash),
    address("zcash sprout", Chain::Zcash),
    address("verge", Chain::Verge),
    address("monero", Chain::Monero),
    address("monero sub", Chain::Monero),
    address("monero integrated", Chain::Monero),
    address("ethereum", Chain::Ethereum),
    address("ethereum-classic", Chain::EthereumClassic),
    address("bsc", Chain::BinanceSmartChain),
    address("arbitrum", Chain::Arbitrum),
    address("polygon", Chain::Polygon),
    Form { checked: false, ..address("ethereum lower", Chain::Ethereum) },
    address("tron", Chain::Tron),
    address("ripple", Chain::Ripple),
    address("ripple x", Chain::Ripple),
    Form { checked: false, ..address("solana", Chain::Solana) },
    address("ton", Chain::Ton),
    address("stellar", Chain::Stellar),
    address("stellar muxed", Chain::Stellar),
    address("cardano", Chain::Cardano),
    address("cardano stake", Chain::Cardano),
    address("cardano byron", Chain::Cardano),
    address("polkadot", Chain::Polkadot),
    Form { checked: true, ..other("invoice", Kind::LightningInvoice) },
    other("iban", Kind::Iban),
    other("card", Kind::Card),
    other("phone", Kind::Phone),
    other("exchange user", Kind::ExchangeUser),
    other("coupon", Kind::CouponCode),
    other("e-mail", Kind::Email),
    other("onion", Kind::Site),
];

/// An identifier that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// As it is written plainly.
    pub text: String,
    /// As it must be found.
    pub value: String,
}

const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn base58(version: &[u8], payload: &[u8]) -> String {
    base58ck::encode_check(&[version, payload].concat())
}

fn key(kind: AddressKind, payload: &[u8], chain: Chain) -> String {
    AddressKey::new(kind, payload).map(|key| key.to_text_on(chain, Network::Mainnet)).unwrap_or_default()
}

fn bech32_text<C: bech32::Checksum>(hrp: &str, data: &[u8]) -> String {
    bech32::encode::<C>(Hrp::parse_unchecked(hrp), data).unwrap_or_default()
}

fn ripple(data: &[u8]) -> String {
    let place = |b: u8| BITCOIN.iter().position(|a| *a == b).unwrap_or(0);
    base58ck::encode_check(data).bytes().map(|b| char::from(RIPPLE[place(b)])).collect()
}

fn monero(kind: u8, body: &[u8]) -> String {
    let mut data = [&[kind][..], body].concat();
    let checksum = Keccak256::digest(&data);
    data.extend_from_slice(&checksum[..4]);
    let mut text = String::new();
    for block in data.chunks(8) {
        let mut value = block.iter().fold(0_u128, |v, b| v << 8 | u128::from(*b));
        let mut letters = vec![b'1'; [0, 2, 3, 5, 6, 7, 9, 10, 11][block.len()]];
        for letter in letters.iter_mut().rev() {
            *letter = BITCOIN[(value % 58) as usize];
            value /= 58;
        }
        text.push_str(&String::from_utf8_lossy(&letters));
    }
    text
}

fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        }
    }
    crc
}

fn base32(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |n| b >> n & 1)).collect();
    bits.chunks(5)
        .map(|five| {
            let value = five.iter().fold(0, |v, b| v << 1 | b) << (5 - five.len());
            char::from(alphabet[usize::from(value)])
        })
        .collect()
}

fn strkey(version: u8, payload: &[u8]) -> String {
    let mut data = [&[version][..], payload].concat();
    data.extend_from_slice(&crc16(&data).to_le_bytes());
    base32(&data, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

fn same(text: String) -> Made {
    Made { value: text.clone(), text }
}

/// The words before a user id and a coupon, by language.
pub(super) const USER_WORDS: [(&str, &str); 8] = [
    ("en", "Binance ID"),
    ("ar", "معرف بينانس"),
    ("fr", "Identifiant Binance"),
    ("tr", "Kullanıcı ID"),
    ("he", "מזהה משתמש"),
    ("fa", "شناسه کاربری"),
    ("ur", "یوزر آئی ڈی"),
    ("ru", "айди бинанс"),
];
pub(super) const COUPON_WORDS: [(&str, &str); 8] = [
    ("en", "coupon"),
    ("ar", "كوبون"),
    ("fr", "coupon PCS"),
    ("tr", "kupon kodu"),
    ("he", "קופון"),
    ("fa", "کوپن"),
    ("ur", "واؤچر"),
    ("ru", "купон"),
];

impl Form {
    /// One of this form. `language` matters to those that words tell.
    pub fn make(&self, dice: &mut Dice, language: &str) -> Made {
        let hash: [u8; 20] = dice.bytes();
        let long: [u8; 32] = dice.bytes();
        // one case alone carries no checksum; such an address is another form
        let mut account = hash;
        while !athar_types::address::evm_has_checksum(&evm_text(&account)) {
            account = dice.bytes();
        }
        let evm = |chain| {
            let text = evm_text(&account);
            let value = parse_for(chain, &text).map(|a| a.text).unwrap_or_default();
            Made { text, value }
        };
        match self.name {
            "bitcoin p2pkh" => same(base58(&[0], &hash)),
            "bitcoin p2sh" => same(base58(&[5], &hash)),
            "bitcoin p2wpkh" => same(key(AddressKind::P2wpkh, &hash, Chain::Bitcoin)),
            "bitcoin p2wsh" => same(key(AddressKind::P2wsh, &long, Chain::Bitcoin)),
            "bitcoin p2tr" => same(key(AddressKind::P2tr, &long, Chain::Bitcoin)),
            "bitcoin-cash" => {
                let value = key(AddressKind::P2pkh, &hash, Chain::BitcoinCash);
                Made { text: value.trim_start_matches("bitcoincash:").to_owned(), value }
            }
            "bitcoin-sv" => same(base58(&[0], &hash)),
            "bitcoin-gold" => same(base58(&[dice.pick(&[0x26, 0x17])], &hash)),
            "litecoin p2pkh" => same(base58(&[0x30], &hash)),
            "litecoin p2sh" => same(base58(&[0x32], &hash)),
            "litecoin segwit" => same(key(AddressKind::P2wpkh, &hash, Chain::Litecoin)),
            "dogecoin" => same(base58(&[dice.pick(&[0x1e, 0x16])], &hash)),
            "dash" => same(base58(&[dice.pick(&[0x4c, 0x10])], &hash)),
            "zcash t1" => same(base58(&[0x1c, 0xb8], &hash)),
            "zcash t3" => same(base58(&[0x1c, 0xbd], &hash)),
            "zcash sapling" => same(bech32_text::<Bech32>("zs", &dice.bytes::<43>())),
            "zcash unified" => {
                let letters: Vec<Fe32> = (0..220).filter_map(|_| Fe32::try_from(dice.below(32) as u8).ok()).collect();
                use bech32::primitives::iter::Fe32IterExt;
                same(letters.into_iter().with_checksum::<Bech32m>(&Hrp::parse_unchecked("u")).chars().collect())
            }
            "zcash sprout" => same(base58(&[0x16, 0x9a], &dice.bytes::<64>())),
            "verge" => same(base58(&[0x1e], &hash)),
            "monero" => same(monero(18, &dice.bytes::<64>())),
            "monero sub" => same(monero(42, &dice.bytes::<64>())),
            "monero integrated" => same(monero(19, &dice.bytes::<72>())),
            "ethereum" => evm(Chain::Ethereum),
            "ethereum-classic" => evm(Chain::EthereumClassic),
            "bsc" => evm(Chain::BinanceSmartChain),
            "arbitrum" => evm(Chain::Arbitrum),
            "polygon" => evm(Chain::Polygon),
            "ethereum lower" => {
                let value = evm_text(&hash);
                Made { text: value.to_ascii_lowercase(), value }
            }
            "tron" => same(base58(&[0x41], &hash)),
            "ripple" => same(ripple(&[&[0][..], &hash].concat())),
            "ripple x" => {
                let tag = (dice.roll() as u32).to_le_bytes();
                Made {
                    text: ripple(&[&[0x05, 0x44][..], &hash, &[1], &tag, &[0; 4]].concat()),
                    value: ripple(&[&[0][..], &hash].concat()),
                }
            }
            "solana" => {
                // a text without digits or without capitals has not the form; one in a hundred thousand
                same(base58ck::encode(&long))
            }
            "ton" => same(ton_text(0, &long)),
            "stellar" => same(strkey(6 << 3, &long)),
            "stellar muxed" => same(strkey(12 << 3, &[&long[..], &dice.bytes::<8>()].concat())),
            "cardano" => same(bech32_text::<Bech32>("addr", &[&[0x01][..], &dice.bytes::<56>()].concat())),
            "cardano stake" => same(bech32_text::<Bech32>("stake", &[&[0xe1][..], &dice.bytes::<28>()].concat())),
            "cardano byron" => {
                let payload = [&[0x83, 0x58, 0x1c][..], &dice.bytes::<28>(), &[0xa0, 0x00]].concat();
                let crc = crc32fast::hash(&payload).to_be_bytes();
                let frame = [&[0x82, 0xd8, 0x18, 0x58, payload.len() as u8][..], &payload, &[0x1a], &crc].concat();
                same(base58ck::encode(&frame))
            }
            "polkadot" => {
                let body = [&[0][..], &long].concat();
                let hash =
                    blake2b_simd::Params::new().hash_length(64).to_state().update(b"SS58PRE").update(&body).finalize();
                same(base58ck::encode(&[&body[..], &hash.as_bytes()[..2]].concat()))
            }
            "invoice" => {
                let hrp = format!("lnbc{}{}", 1 + dice.below(9_000), dice.pick(&["m", "u", "n"]));
                let letters: Vec<Fe32> = (0..180).filter_map(|_| Fe32::try_from(dice.below(32) as u8).ok()).collect();
                use bech32::primitives::iter::Fe32IterExt;
                same(letters.into_iter().with_checksum::<Bech32>(&Hrp::parse_unchecked(&hrp)).chars().collect())
            }
            "iban" => {
                let (country, digits) =
                    dice.pick(&[("DE", 18), ("TR", 22), ("SA", 20), ("FR", 23), ("BE", 12), ("PS", 25)]);
                let account = dice.letters(digits, b"0123456789");
                let numbers: String = format!("{account}{country}00")
                    .chars()
                    .filter_map(|c| c.to_digit(36))
                    .map(|d| d.to_string())
                    .collect();
                let rest = numbers.bytes().fold(0_u32, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
                same(format!("{country}{:02}{account}", 98 - rest))
            }
            "card" => {
                let begin =
                    format!("{}{}", dice.pick(&["4", "51", "55", "2221", "62"]), dice.letters(16, b"0123456789"));
                let digits = &begin[..15];
                let sum: u32 = digits
                    .bytes()
                    .rev()
                    .enumerate()
                    .map(|(n, b)| {
                        let d = u32::from(b - b'0') << (1 - n % 2);
                        if d > 9 { d - 9 } else { d }
                    })
                    .sum();
                let value = format!("{digits}{}", (10 - sum % 10) % 10);
                Made { text: group(&value, 4, " "), value }
            }
            "phone" => {
                let (code, digits) =
                    dice.pick(&[("44", 10), ("963", 9), ("90", 10), ("33", 9), ("98", 10), ("7", 10), ("92", 10)]);
                let digits = format!("{}{}", dice.pick(b"123456789") - b'0', dice.letters(digits - 1, b"0123456789"));
                let value = format!("+{code}{digits}");
                let text =
                    if dice.below(2) == 0 { value.clone() } else { format!("+{code} {}", group(&digits, 3, " ")) };
                Made { text, value }
            }
            "exchange user" => {
                let value = format!("{}{}", 1 + dice.below(9), dice.letters(8, b"0123456789"));
                Made { text: format!("{}: {value}", word(&USER_WORDS, language)), value }
            }
            "coupon" => {
                let value = dice.letters(12, b"0123456789");
                let text = if dice.below(2) == 0 { value.clone() } else { group(&value, 4, dice.pick(&[" ", "-"])) };
                Made { text: format!("{} {text}", word(&COUPON_WORDS, language)), value }
            }
            "e-mail" => {
                let name = dice.letters(7, b"abcdefghijklmnopqrstuvwxyz");
                let host = dice.pick(&["example.org", "mail.example.com"]);
                let value = format!("{name}@{host}");
                let text = match dice.below(3) {
                    0 => format!("{name} [at] {}", host.replace('.', " [dot] ")),
                    1 => format!("{name}(at){host}"),
                    _ => value.clone(),
                };
                Made { text, value }
            }
            _ => {
                let mut hash = sha3::Sha3_256::new();
                hash.update(b".onion checksum");
                hash.update(long);
                hash.update([3]);
                let checksum = hash.finalize();
                let data = [&long[..], &checksum[..2], &[3]].concat();
                same(format!("{}.onion", base32(&data, b"abcdefghijklmnopqrstuvwxyz234567")))
            }
        }
    }
}

fn word(words: &[(&'static str, &'static str)], language: &str) -> &'static str {
    words.iter().find(|(l, _)| *l == language).map_or(words[0].1, |(_, word)| word)
}

/// A text in groups.
pub(super) fn group(text: &str, size: usize, mark: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(mark)
}
