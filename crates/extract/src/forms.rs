//! Addresses, invoices and keys by their form: which letters go on, how long it may be, and the checksum at the end.
//!
//! Each form is read letter by letter, across what may part its pieces, and is tried wherever a word ends and the length
//! fits. What is found is proved by the checksum, so no piece is needed to look like one. The work for one beginning is
//! bounded by the longest form that its first letters can be.
//!
//! It is long because it is a table: one entry for each form, beside the check that proves it.

use crate::cells::{Cells, LINES, SPACED, Walk};
use crate::glyph::LOOK;
use crate::{Options, Proof};
use athar_types::address::{evm_has_checksum, is_stellar_seed, parse_ripple_x, read_on, ripple_seed_checks};
use athar_types::{Chain, Network};

/// What a form was.
#[derive(Debug)]
pub(crate) enum What {
    Address(Vec<(Chain, String)>, Proof),
    Invoice(String),
    Key,
}

/// A form that was found.
#[derive(Debug)]
pub(crate) struct Match {
    /// The cell after its last.
    pub(crate) end: usize,
    /// How its pieces were parted.
    pub(crate) joined: u8,
    pub(crate) what: What,
}

const EVM: [Chain; 5] =
    [Chain::Ethereum, Chain::EthereumClassic, Chain::BinanceSmartChain, Chain::Arbitrum, Chain::Polygon];
const NONE: u8 = 0xff;
const BASE58: [u8; 256] = values(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
const RIPPLE58: [u8; 256] = values(b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");
const BECH32: [u8; 256] = values(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l");

const fn values(letters: &[u8]) -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < letters.len() {
        table[letters[i] as usize] = i as u8;
        i += 1;
    }
    table
}

/// What a look-alike may stand for besides the letter it was first taken for, in an alphabet that has not that one.
fn second(c: u8) -> u8 {
    match c {
        b'O' | b'o' => b'0',
        b'I' | b'l' | b'i' => b'1',
        b'0' => b'o',
        _ => c,
    }
}

/// The letter in the alphabet that a cell stands for, and its value.
fn letter(table: &[u8; 256], (c, flag): (u8, u8), fold: bool) -> Option<(u8, u8)> {
    let value = |c: u8| table[usize::from(if fold { c.to_ascii_lowercase() } else { c })];
    match value(c) {
        NONE if flag & LOOK != 0 && value(second(c)) != NONE => Some((second(c), value(second(c)))),
        NONE => None,
        v => Some((c, v)),
    }
}

/// The form that begins at cell `i`, which is the first of a word.
pub(crate) fn form_at(cells: &Cells, i: usize, options: Options) -> Option<Match> {
    let (first, flag) = (cells.ch[i], cells.flag[i]);
    let also = if flag & LOOK != 0 { second(first) } else { first };
    let mut found = None;
    if first == b'0' || also == b'0' {
        found = evm(cells, i);
    }
    if found.is_none() && begins_bech32(cells, i) {
        found = bech32(cells, i, options);
    }
    if found.is_none() && matches!(first, b'E' | b'U') {
        found = ton(cells, i);
    }
    if found.is_none() && matches!(first, b'q' | b'p' | b'z' | b'r' | b'Q' | b'P' | b'Z' | b'R') {
        found = cashaddr(cells, i);
    }
    if found.is_none() && matches!(first, b'G' | b'M' | b'C' | b'S') {
        found = stellar(cells, i);
    }
    if found.is_none() {
        found = base58(cells, i, options);
    }
    found
}

/// Whether the first two letters are those of a known human-readable part.
fn begins_bech32(cells: &Cells, i: usize) -> bool {
    if !matches!(cells.ch[i].to_ascii_lowercase(), b'b' | b't' | b'l' | b'z' | b'u' | b'a' | b's') {
        return false;
    }
    let mut walk = Walk::new(cells, i);
    let (Some((first, _)), Some((next, flag))) = (walk.next(), walk.next()) else { return false };
    let one = next == b'1' || flag & LOOK != 0 && second(next) == b'1';
    match (first.to_ascii_lowercase(), next.to_ascii_lowercase()) {
        (b'b', b'c' | b't')
        | (b't', b'b' | b'e')
        | (b'l', b't' | b'n')
        | (b'z', b's')
        | (b'a', b'd')
        | (b's', b't') => true,
        (b'u', _) => one,
        _ => false,
    }
}

/// Reads `text` on each of `chains`; `None` where none takes it.
fn on(chains: &[Chain], network: Network, text: &str, proof: Proof) -> Option<What> {
    let found: Vec<_> =
        chains.iter().filter_map(|c| read_on(*c, network, text).ok()).map(|a| (a.chain, a.text)).collect();
    (!found.is_empty()).then_some(What::Address(found, proof))
}

/// The chains of a Base58Check text of 25 or 26 bytes by its version: `chainparams.cpp` of each.
fn chains_of_version(version: u8) -> &'static [Chain] {
    use Chain::{Bitcoin, BitcoinCash, BitcoinGold, BitcoinSv, Dash, Dogecoin, Litecoin, Tron, Verge};
    match version {
        0x00 => &[Bitcoin, BitcoinCash, BitcoinSv],
        0x05 => &[Bitcoin, BitcoinCash, BitcoinSv, Litecoin],
        0x26 | 0x17 => &[BitcoinGold],
        0x30 | 0x32 => &[Litecoin],
        0x1e => &[Dogecoin, Verge],
        0x16 => &[Dogecoin],
        0x4c | 0x10 => &[Dash],
        0x21 => &[Verge],
        0x41 => &[Tron],
        _ => &[],
    }
}

/// Letters of Base58 that [`Number`] has room for.
const NUMBER_LETTERS: usize = 54;

/// A number in base 58, as it grows, and how many zero bytes stand before it.
#[derive(Default)]
struct Number {
    limbs: [u64; 5],
    used: usize,
    zeros: usize,
}

impl Number {
    fn push(&mut self, value: u8) {
        if value == 0 && self.used == 0 {
            self.zeros += 1;
            return;
        }
        let mut carry = u128::from(value);
        for limb in &mut self.limbs[..self.used] {
            carry += u128::from(*limb) * 58;
            *limb = carry as u64;
            carry >>= 64;
        }
        if carry > 0 && self.used < self.limbs.len() {
            self.limbs[self.used] = carry as u64;
            self.used += 1;
        }
    }

    /// How many bytes it decodes to.
    fn bytes(&self) -> usize {
        let top = match self.used.checked_sub(1) {
            Some(top) => top * 8 + (64 - self.limbs[top].leading_zeros() as usize).div_ceil(8),
            None => 0,
        };
        self.zeros + top
    }

    /// The byte at `i` from the front, of `len`.
    fn byte(&self, i: usize, len: usize) -> u8 {
        let from_end = len - 1 - i;
        self.limbs.get(from_end / 8).map_or(0, |limb| (limb >> (8 * (from_end % 8))) as u8)
    }
}

/// The longest text in Base58 that the first letters allow, in pieces; of the rarer keys only in one, of `word` letters.
fn longest_base58(start: &[u8], word: usize, options: Options) -> usize {
    match start {
        [b'D', b'd', ..] => 128,
        [b'A', b'e', ..] => 80,
        [b'4' | b'8', ..] => 106,
        [b'z', b'c', ..] => 95,
        [b'x' | b'y' | b'z' | b'Y' | b'Z' | b't', b'p', b'r', b'v', ..] => 112,
        [b'x' | b'y' | b'Y' | b'Z' | b't' | b'z', b'p', b'r', ..] => 112,
        [b'x' | b'y' | b'Y' | b'Z' | b't' | b'z', b'p', ..] => 112,
        [b'6', b'P', ..] => 58,
        [b'5' | b'K' | b'L', ..] => 52,
        [b'9' | b'c' | b'6' | b'T' | b'Q' | b'7' | b'X', ..] if (51..=52).contains(&word) => 52,
        [b'X', ..] => 48,
        [b'1', ..] => 50,
        [b's', ..] if matches!(word, 29 | 31) => 31,
        [b't'] | [b't', b'1' | b'3', ..] => 36,
        [b'3' | b'A' | b'G' | b'M' | b'D' | b'E' | b'T' | b'7' | b'9' | b'r', ..] => 36,
        [b'm' | b'n' | b'2', ..] if options.test_networks => 36,
        [b'x' | b'y' | b'Y' | b'Z' | b'z' | b'6'] => 4,
        _ => 0,
    }
}

fn base58(cells: &Cells, i: usize, options: Options) -> Option<Match> {
    let mut walk = Walk::new(cells, i);
    let mut text = [0_u8; 128];
    let mut len = 0;
    let mut number = Number::default();
    let word = cells.word_end(i) - i;
    let mut longest = 4;
    let ripple = cells.ch[i] == b'r' || cells.ch[i] == b's';
    let mut letters = false;
    while len < longest {
        let Some((c, value)) = walk.next().and_then(|cell| letter(&BASE58, cell, false)) else { break };
        text[len] = c;
        len += 1;
        letters |= c.is_ascii_alphabetic();
        // numbers in a row, as in a table: no address has twelve digits before its first letter
        if len == 12 && !letters {
            return None;
        }
        if len <= NUMBER_LETTERS {
            number.push(if ripple { RIPPLE58[usize::from(c)] } else { value });
        }
        if len <= 4 {
            longest = longest_base58(&text[..len], word, options);
        }
        if len < 25 || !walk.at_boundary() {
            continue;
        }
        let text = std::str::from_utf8(&text[..len]).unwrap_or_default();
        if let Some(what) = base58_text(text, &number, options) {
            return Some(Match { end: walk.end, joined: walk.joined, what });
        }
    }
    None
}

/// What a whole text in Base58 is, by length, first letters and checksum.
fn base58_text(text: &str, number: &Number, options: Options) -> Option<What> {
    let main = Network::Mainnet;
    let checked = |chain| on(&[chain], main, text, Proof::Checksum);
    let first = text.as_bytes()[0];
    let bytes = if text.len() <= NUMBER_LETTERS { number.bytes() } else { 0 };
    let found = match (first, text.len()) {
        (b'r', _) if bytes != 25 || number.byte(0, 25) != 0 => return None,
        (b'r', _) => return checked(Chain::Ripple),
        (_, 25..=36) if bytes == 25 => {
            let version = number.byte(0, 25);
            let test = matches!(version, 0x6f | 0xc4) && options.test_networks;
            if chains_of_version(version).is_empty() && !test || base58ck::decode_check(text).is_err() {
                None
            } else if test {
                on(&[Chain::Bitcoin], Network::Testnet3, text, Proof::Checksum)
            } else {
                on(chains_of_version(version), main, text, Proof::Checksum)
            }
        }
        (b't', 35 | 36) if bytes == 26 => checked(Chain::Zcash),
        (b'1', 45..=50) if bytes == 35 => checked(Chain::Polkadot),
        (b'4' | b'8', 95 | 106) => checked(Chain::Monero),
        (b'z', 95) => checked(Chain::Zcash),
        (b'A', 55..) | (b'D', 100..) => checked(Chain::Cardano),
        _ => None,
    };
    let found = found.or_else(|| match (first, text.len()) {
        (b'X', 46..=48) => {
            let (account, _) = parse_ripple_x(text)?;
            Some(What::Address(vec![(Chain::Ripple, account)], Proof::Checksum))
        }
        _ => None,
    });
    found.or_else(|| is_key(text, bytes).then_some(What::Key))
}

/// Whether a text in Base58 is a private key by its checksum: WIF of Bitcoin and its relatives, an extended private key
/// (BIP 32, SLIP 132), a key under a password (BIP 38), a seed of Ripple.
fn is_key(text: &str, bytes: usize) -> bool {
    let letters = text.as_bytes();
    let data = || base58ck::decode_check(text).unwrap_or_default();
    match (letters, letters.len()) {
        ([b'5' | b'K' | b'L' | b'9' | b'c' | b'6' | b'T' | b'Q' | b'7' | b'X', ..], 51 | 52)
            if matches!(bytes, 37 | 38) =>
        {
            let data = data();
            let version = matches!(data.first(), Some(0x80 | 0xef | 0xb0 | 0x9e | 0xcc));
            version && (data.len() == 33 || data.len() == 34 && data[33] == 1)
        }
        ([b'6', b'P', ..], 58) => matches!(data()[..], [1, 0x42 | 0x43, ..]),
        ([_, b'p', b'r', b'v', ..], 107..=112) => data().len() == 78,
        ([b's', ..], 29 | 31) => ripple_seed_checks(text),
        _ => false,
    }
}

/// What stands before the data of a text in Bech32.
#[derive(Clone, Copy)]
struct Prefix {
    hrp: &'static str,
    chain: Chain,
    network: Network,
    /// Letters of the data with the checksum, at most.
    longest: usize,
}

const PREFIXES: [Prefix; 10] = [
    Prefix { hrp: "bc", chain: Chain::Bitcoin, network: Network::Mainnet, longest: 87 },
    Prefix { hrp: "tb", chain: Chain::Bitcoin, network: Network::Testnet3, longest: 87 },
    Prefix { hrp: "bcrt", chain: Chain::Bitcoin, network: Network::Regtest, longest: 85 },
    Prefix { hrp: "ltc", chain: Chain::Litecoin, network: Network::Mainnet, longest: 86 },
    Prefix { hrp: "btg", chain: Chain::BitcoinGold, network: Network::Mainnet, longest: 86 },
    Prefix { hrp: "tex", chain: Chain::Zcash, network: Network::Mainnet, longest: 60 },
    Prefix { hrp: "zs", chain: Chain::Zcash, network: Network::Mainnet, longest: 80 },
    Prefix { hrp: "u", chain: Chain::Zcash, network: Network::Mainnet, longest: 510 },
    Prefix { hrp: "addr", chain: Chain::Cardano, network: Network::Mainnet, longest: 123 },
    Prefix { hrp: "stake", chain: Chain::Cardano, network: Network::Mainnet, longest: 80 },
];

/// Letters of the data of an invoice that are read; those with several routes have some hundred.
const INVOICE_LETTERS_MAX: usize = 1_500;

fn bech32(cells: &Cells, i: usize, options: Options) -> Option<Match> {
    let mut walk = Walk::new(cells, i);
    // the human-readable part: known, or that of an invoice with its amount
    let mut text = String::new();
    let prefix = loop {
        let (c, flag) = walk.next()?;
        let part = text.to_ascii_lowercase();
        let one = c == b'1' || flag & LOOK != 0 && second(c) == b'1' && !part.is_empty();
        if one {
            if let Some(prefix) = PREFIXES.iter().find(|p| p.hrp == part) {
                text.push('1');
                break Some(prefix);
            }
            if is_invoice_prefix(&part) {
                text.push('1');
                break None;
            }
        }
        text.push(char::from(c));
        let part = text.to_ascii_lowercase();
        let goes_on = PREFIXES.iter().any(|p| p.hrp.starts_with(&part)) || goes_on_as_invoice(&part);
        if !goes_on {
            return None;
        }
    };
    if prefix.is_some_and(|p| p.network != Network::Mainnet && !options.test_networks) {
        return None;
    }
    let mut check = Polymod::of(&text[..text.len() - 1]);
    let (longest, shortest) = prefix.map_or((INVOICE_LETTERS_MAX, 100), |p| (p.longest, 8));
    let mut count = 0;
    while count < longest {
        let cell = walk.next()?;
        if prefix.is_none() && cell.0 == b'1' && is_invoice_prefix(&text.to_ascii_lowercase()) {
            // the `1` before was a digit of the amount: the last one parts
            check = Polymod::of(&text);
            text.push('1');
            count = 0;
            continue;
        }
        let (c, value) = letter(&BECH32, cell, true)?;
        text.push(char::from(c));
        check.push(value);
        count += 1;
        if count < shortest || !walk.at_boundary() || !check.is_right() {
            continue;
        }
        let one_case = !(text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()));
        let what = match prefix {
            Some(prefix) => on(&[prefix.chain], prefix.network, &text, Proof::Checksum),
            None => (one_case && check.is_first()).then(|| What::Invoice(text.to_ascii_lowercase())),
        };
        if let Some(what) = what {
            return Some(Match { end: walk.end, joined: walk.joined, what });
        }
    }
    None
}

/// `lnbc` (main), `lntb`, `lntbs`, `lnbcrt` and an amount with its multiplier, as BOLT 11 has it.
fn is_invoice_prefix(part: &str) -> bool {
    let Some(rest) = ["lnbcrt", "lntbs", "lnbc", "lntb"].iter().find_map(|p| part.strip_prefix(p)) else {
        return false;
    };
    let digits = rest.trim_end_matches(['m', 'u', 'n', 'p']);
    rest.len() <= digits.len() + 1
        && (rest.is_empty() || !digits.is_empty())
        && digits.bytes().all(|b| b.is_ascii_digit())
}

fn goes_on_as_invoice(part: &str) -> bool {
    part.len() <= 24 && (["lnbcrt", "lntbs"].iter().any(|p| p.starts_with(part)) || is_invoice_prefix(part))
}

/// The checksum of Bech32 (BIP 173, BIP 350) as it grows.
struct Polymod(u32);

impl Polymod {
    fn of(hrp: &str) -> Self {
        let mut check = Self(1);
        let hrp = hrp.to_ascii_lowercase();
        hrp.bytes().for_each(|b| check.push(b >> 5));
        check.push(0);
        hrp.bytes().for_each(|b| check.push(b & 31));
        check
    }

    fn push(&mut self, value: u8) {
        const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = self.0 >> 25;
        self.0 = (self.0 & 0x1ff_ffff) << 5 ^ u32::from(value);
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                self.0 ^= generator;
            }
        }
    }

    /// Bech32.
    fn is_first(&self) -> bool {
        self.0 == 1
    }

    /// Bech32 or Bech32m.
    fn is_right(&self) -> bool {
        self.0 == 1 || self.0 == 0x2bc8_30a3
    }
}

fn cashaddr(cells: &Cells, i: usize) -> Option<Match> {
    let mut walk = Walk::new(cells, i);
    let mut text = String::with_capacity(61);
    while text.len() < 61 {
        let (c, _) = letter(&BECH32, walk.next()?, true)?;
        text.push(char::from(c));
        if matches!(text.len(), 42 | 61)
            && walk.at_boundary()
            && let Some(what) = on(&[Chain::BitcoinCash], Network::Mainnet, &text, Proof::Checksum)
        {
            return Some(Match { end: walk.end, joined: walk.joined, what });
        }
    }
    None
}

fn stellar(cells: &Cells, i: usize) -> Option<Match> {
    let mut walk = Walk::new(cells, i);
    let mut text = String::with_capacity(69);
    while text.len() < 69 {
        let (c, flag) = walk.next()?;
        let c = if matches!(c, b'A'..=b'Z' | b'2'..=b'7') {
            c
        } else if flag & LOOK != 0 && matches!(c, b'l' | b'1') {
            b'I' // the table of Unicode takes capitals that look so for a small letter or a digit
        } else {
            return None;
        };
        text.push(char::from(c));
        if matches!(text.len(), 56 | 69) && walk.at_boundary() {
            let what = on(&[Chain::Stellar], Network::Mainnet, &text, Proof::Checksum)
                .or_else(|| is_stellar_seed(&text).then_some(What::Key));
            if let Some(what) = what {
                return Some(Match { end: walk.end, joined: walk.joined, what });
            }
        }
    }
    None
}

/// TON's user-friendly form. Its own alphabet has the hyphen and the underscore, so only blanks, line ends and dots part it.
fn ton(cells: &Cells, i: usize) -> Option<Match> {
    let of_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'+' | b'/');
    if i > 0 && of_base64(cells.get(i - 1)) && !matches!(cells.get(i - 1), b'/' | b'-') {
        return None;
    }
    let mut text = String::with_capacity(48);
    let (mut at, mut joined) = (i, 0);
    loop {
        let c = cells.get(at);
        if of_base64(c) {
            text.push(char::from(c));
            at += 1;
            match text.len() {
                2 if !matches!(text.as_str(), "EQ" | "UQ" | "Ef" | "Uf") => return None,
                48 => break,
                _ => continue,
            }
        }
        let mut walk = Walk { at, ..Walk::new(cells, at) };
        // a piece may begin with one of the alphabet's own marks, so blanks and line ends are skipped by hand
        let (mut lines, mut dots) = (0, 0);
        while let c @ (b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'.') = cells.get(walk.at) {
            lines += usize::from(c == b'\n');
            dots += usize::from(c == b'.');
            if c == b'>' && lines == 0 {
                return None;
            }
            walk.at += 1;
        }
        if walk.at == at || walk.at - at > 12 || lines > 2 || dots > 1 {
            return None;
        }
        joined |= if lines > 0 {
            LINES
        } else if dots > 0 {
            crate::cells::SEPARATED
        } else {
            SPACED
        };
        at = walk.at;
    }
    let after = cells.get(at);
    if cells.is_word(at) || after == b'_' || matches!(after, b'-' | b'+') && of_base64(cells.get(at + 1)) {
        return None;
    }
    let what = on(&[Chain::Ton], Network::Mainnet, &text, Proof::Checksum)?;
    Some(Match { end: at, joined, what })
}

/// `0x` and 40 hexadecimal digits. In mixed case it must be right by EIP-55. Without a checksum it counts only where
/// nothing was repaired, or where its pieces are plainly those of one text: equal groups, or one line that goes on.
fn evm(cells: &Cells, i: usize) -> Option<Match> {
    let mut walk = Walk::new(cells, i);
    let (zero, flag) = walk.next()?;
    if zero != b'0' && !(flag & LOOK != 0 && second(zero) == b'0') || !walk.next()?.0.eq_ignore_ascii_case(&b'x') {
        return None;
    }
    let mut text = String::with_capacity(42);
    text.push_str("0x");
    let mut pieces = Vec::new();
    let mut piece = 0;
    while text.len() < 42 {
        let before = walk.end;
        let (c, flag) = walk.next()?;
        let c = match c {
            c if c.is_ascii_hexdigit() => c,
            c if flag & LOOK != 0 && second(c) == b'0' => b'0',
            c if flag & LOOK != 0 && second(c) == b'1' => b'1',
            _ => return None,
        };
        if walk.end != before + 1 {
            pieces.push(piece);
            piece = 0;
        }
        text.push(char::from(c));
        piece += 1;
    }
    if !walk.at_boundary() {
        return None;
    }
    pieces.push(piece);
    let proof = if evm_has_checksum(&text) { Proof::Checksum } else { Proof::Form };
    if proof == Proof::Form {
        let looks = cells.flags(i, walk.end) & LOOK != 0;
        if looks || walk.joined != 0 && !plainly_one(&pieces, walk.joined) {
            return None;
        }
    }
    let what = on(&EVM, Network::Mainnet, &text, proof)?;
    Some(Match { end: walk.end, joined: walk.joined, what })
}

/// Whether pieces of these lengths are plainly one text.
fn plainly_one(pieces: &[usize], joined: u8) -> bool {
    // `0x` alone is a piece without digits
    let pieces = if pieces[0] == 0 { &pieces[1..] } else { pieces };
    let (Some((last, before)), true) = (pieces.split_last(), pieces.len() > 1) else { return pieces.len() == 1 };
    let line = joined == LINES && pieces.len() == 2 && before[0] >= 8;
    let from = usize::from(pieces.len() > 3);
    let group = before[from.min(before.len() - 1)];
    let equal =
        before[from.min(before.len() - 1)..].iter().all(|n| *n == group) && *last <= group && before[0] <= group;
    line || equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_invoices_are_those_of_the_standard() {
        for good in ["lnbc", "lnbc2500u", "lnbc20m", "lntb20m", "lnbcrt50n", "lntbs1"] {
            assert!(is_invoice_prefix(good) && goes_on_as_invoice(good), "{good}");
        }
        for bad in ["lnb", "lnbcu", "lnbc25uu", "lnbc2x"] {
            assert!(!is_invoice_prefix(bad), "{bad}");
        }
    }

    #[test]
    fn a_number_knows_its_bytes() {
        let mut number = Number::default();
        for c in b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa" {
            number.push(BASE58[usize::from(*c)]);
        }
        assert_eq!((number.bytes(), number.byte(0, 25), number.byte(1, 25)), (25, 0, 0x62));
    }

    #[test]
    fn pieces_of_one_text_are_told_from_others() {
        assert!(plainly_one(&[4, 4, 4, 4, 4, 4, 4, 4, 4, 4], SPACED));
        assert!(plainly_one(&[2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2], SPACED));
        assert!(plainly_one(&[20, 20], LINES) && plainly_one(&[31, 9], LINES));
        assert!(!plainly_one(&[3, 30, 7], SPACED) && !plainly_one(&[10, 30], SPACED));
    }
}
