//! The exact search of one stretch: every recogniser at every beginning, with the words around it.
//!
//! It is long because it is one decision: which recogniser may begin at a cell, which of several finds at a place stands, and what the
//! words before and after say of it, need the same buffers and the same order.

use crate::cells::{Cells, SEPARATED, manners};
use crate::forms::{What, form_at};
use crate::glyph::LOOK;
use crate::hosts::{Host, Named, Onion, RESERVED, handle_of, host_at, onion, plain_host, sign};
use crate::numbers::{card, groups, iban, phone, rows};
use crate::seeds::{self, Run};
use crate::words::{Hit, Says, hits};
use crate::{Candidate, Find, Kind, Manner, Options, Proof};
use athar_types::{Chain, Network, address};
use std::cell::OnceCell;
use std::sync::LazyLock;

/// Bytes before and after a stretch in which words count.
const WORDS_AROUND: usize = 96;
/// A word of more letters than any identifier has is skipped whole.
const WORD_MAX: usize = 2_100;

/// The chains whose transaction ids are 64 hexadecimal digits without `0x`.
const HEX_TXIDS: [Chain; 13] = [
    Chain::Bitcoin,
    Chain::BitcoinCash,
    Chain::BitcoinSv,
    Chain::Litecoin,
    Chain::Dogecoin,
    Chain::Dash,
    Chain::Zcash,
    Chain::Monero,
    Chain::Tron,
    Chain::Ripple,
    Chain::Stellar,
    Chain::Cardano,
    Chain::Ton,
];
const EVM: [Chain; 5] =
    [Chain::Ethereum, Chain::EthereumClassic, Chain::BinanceSmartChain, Chain::Arbitrum, Chain::Polygon];

static EXPLORERS: LazyLock<Vec<(&'static str, Vec<Chain>)>> = LazyLock::new(|| {
    rows(include_str!("../data/explorers.tsv"))
        .map(|row| (row[0], row[1].split(' ').filter_map(Chain::from_name).collect()))
        .collect()
});

static SCHEMES: LazyLock<Vec<(&'static str, Chain)>> = LazyLock::new(|| {
    rows(include_str!("../data/schemes.tsv")).filter_map(|row| Some((row[0], Chain::from_name(row[1])?))).collect()
});

/// A web address that is being read.
#[derive(Default)]
struct Link {
    /// The cell after its last; 0 where none is.
    end: usize,
    /// The chains that its host shows, where it is an explorer's.
    chains: &'static [Chain],
}

/// Buffers that are used again for each stretch.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(crate) cells: Cells,
    pub(crate) finds: Vec<Find>,
    /// Cells looked at, letters read by forms and bytes read for words: the measure of work that tests compare.
    pub(crate) steps: u64,
}

/// The search of `text[from..to]`. What begins before `first` is only context.
pub(crate) struct Region<'a> {
    text: &'a str,
    options: Options,
    buffers: &'a mut Buffers,
    to: usize,
    words: OnceCell<Vec<Hit>>,
    link: Link,
    /// The cell after the last coupon, which makes another code beside it one too.
    coupon: Option<(usize, u8)>,
    /// No run of a seed's words begins before this cell.
    seeds_from: usize,
}

impl<'a> Region<'a> {
    pub(crate) fn new(text: &'a str, options: Options, buffers: &'a mut Buffers, from: usize, to: usize) -> Self {
        buffers.cells.read(text, from, to);
        buffers.finds.clear();
        Self { text, options, buffers, to, words: OnceCell::new(), link: Link::default(), coupon: None, seeds_from: 0 }
    }

    /// Finds what begins in cells from the one at byte `first` on and before byte `until`. Gives the byte up to which it is done.
    pub(crate) fn search(&mut self, first: usize, until: usize) -> usize {
        let mut i = 0;
        let begin = self.buffers.cells.index_of(first);
        // a link that began before is read again, so that what stands in it is told as such
        while i < self.buffers.cells.len() && (i < begin || self.byte(i) < until) {
            let next = self.step(i, begin);
            self.buffers.steps += (next - i) as u64;
            i = next;
        }
        self.buffers.steps += self.buffers.cells.read.take();
        if self.words.get().is_some() {
            self.buffers.steps += (self.to - self.buffers.cells.base + 2 * WORDS_AROUND) as u64;
        }
        if i < self.buffers.cells.len() { self.byte(i) } else { self.to }
    }

    fn byte(&self, i: usize) -> usize {
        self.buffers.cells.base + self.buffers.cells.at[i] as usize
    }

    /// Looks at cell `i`; gives the next cell to look at.
    fn step(&mut self, i: usize, begin: usize) -> usize {
        let cells = &self.buffers.cells;
        match cells.get(i) {
            _ if cells.is_word(i) => {
                let end = cells.word_end(i);
                if i > 0 && cells.is_word(i - 1) || end - i > WORD_MAX {
                    return end;
                }
                // at the very beginning of a stretch the letter before may have been cut off
                if i == 0 && self.cut_before() {
                    return end;
                }
                if i < begin { self.context_only(i, end) } else { self.word(i, end) }
            }
            b'@' if i >= begin => self.at_sign(i).unwrap_or(i + 1),
            b'[' | b'(' | b'{' if i >= begin => match sign(cells, i, b'@', b"at") {
                Some((after, true)) => self.email(i, after, true).unwrap_or(i + 1),
                _ => i + 1,
            },
            b'+' if i >= begin => self.phone(i, false).unwrap_or(i + 1),
            b'-' if cells.get(i + 1) == b'1' && cells.get(i + 2) == b':' => self.raw_ton(i, i + 3).unwrap_or(i + 1),
            _ => i + 1,
        }
    }

    fn cut_before(&self) -> bool {
        let base = self.buffers.cells.base;
        self.text[..base].chars().next_back().is_some_and(|c| crate::glyph::glyph(c).0.is_ascii_alphanumeric())
    }

    /// Before the part that is searched, only web addresses matter, for what stands in them later.
    fn context_only(&mut self, i: usize, end: usize) -> usize {
        if self.is_scheme_end(end)
            && let Some(host) = host_at(&self.buffers.cells, end + 3, true)
        {
            let _ = i;
            self.begin_link(&host);
        }
        end
    }

    fn is_scheme_end(&self, end: usize) -> bool {
        let cells = &self.buffers.cells;
        cells.get(end) == b':' && cells.get(end + 1) == b'/' && cells.get(end + 2) == b'/'
    }

    /// A word begins at `i` and ends before `end`.
    fn word(&mut self, i: usize, end: usize) -> usize {
        let cells = &self.buffers.cells;
        let (first, len) = (cells.ch[i], end - i);
        if self.is_scheme_end(end) && (3..=10).contains(&len) && !self.is_payment_scheme(i, end) {
            return self.web(i, end + 3).unwrap_or(end);
        }
        if cells.get(end) == b':'
            && first == b'0'
            && len == 1
            && let Some(next) = self.raw_ton(i, end + 1)
        {
            return next;
        }
        if let Some(next) = self.form(i) {
            return next;
        }
        if let Some(next) = self.hex(i, end).or_else(|| self.long_base58(i, end)) {
            return next;
        }
        let cells = &self.buffers.cells;
        if first.is_ascii_alphabetic()
            && let Some(number) = iban(cells, i)
        {
            return self.push(Kind::Iban, i, number.end, number.value, Proof::Checksum, 16 * u8::from(number.grouped));
        }
        if let Some(next) = self.code(i, end) {
            return next;
        }
        if first.is_ascii_digit() {
            if let Some(next) = self.card(i) {
                return next;
            }
            if first == b'0'
                && self.buffers.cells.get(i + 1) == b'0'
                && self.buffers.cells.get(i.wrapping_sub(1)) != b'+'
                && let Some(next) = self.phone(i, true)
            {
                return next;
            }
        }
        if i >= self.seeds_from && first.is_ascii_alphabetic() && (3..=9).contains(&len) {
            match seeds::run_at(self.text, &self.buffers.cells, i) {
                Run::Seed(from, to) => {
                    self.seeds_from = to;
                    return self.push(Kind::SeedPhrase, from, to, String::new(), Proof::Checksum, 0);
                }
                Run::None(past) => self.seeds_from = past,
            }
        }
        self.bare_host(i, end).unwrap_or(end)
    }

    // ---- addresses and keys ----

    fn form(&mut self, i: usize) -> Option<usize> {
        let found = form_at(&self.buffers.cells, i, self.options)?;
        Some(match found.what {
            What::Key => self.push(Kind::PrivateKey, i, found.end, String::new(), Proof::Checksum, found.joined),
            What::Invoice(text) => self.push(Kind::LightningInvoice, i, found.end, text, Proof::Checksum, found.joined),
            What::Address(chains, proof) => {
                // without a checksum, pieces count only where words say what they are
                if proof == Proof::Form && found.joined != 0 && self.chain_near(i, found.end, &EVM).is_none() {
                    return None;
                }
                self.address(i, found.end, chains, proof, found.joined)
            }
        })
    }

    /// Records an address. The chain that a URI, a link or a word names comes first.
    fn address(&mut self, i: usize, end: usize, chains: Vec<(Chain, String)>, proof: Proof, joined: u8) -> usize {
        let mut chains = chains;
        let all: Vec<Chain> = chains.iter().map(|c| c.0).collect();
        let uri = self.scheme_before(i);
        let linked = i < self.link.end;
        let named = uri
            .filter(|c| all.contains(c))
            .or_else(|| self.link_chain(i, &all))
            .or_else(|| if all.len() > 1 || proof == Proof::Form { self.chain_near(i, end, &all) } else { None });
        if let Some(named) = named {
            chains.sort_by_key(|(chain, _)| *chain != named);
        }
        let proof = if proof == Proof::Form && named.is_some() { Proof::Context } else { proof };
        let mut manner = Vec::new();
        // CashAddr's prefix is part of the address, and the scheme of a URI only where it goes on as one
        let plain = uri == Some(Chain::BitcoinCash) && self.buffers.cells.get(end) != b'?';
        if uri.is_some() && !plain {
            manner.push(Manner::PaymentUri);
        }
        if linked {
            manner.push(Manner::Link);
        }
        let value = chains[0].1.clone();
        let chains = chains.into_iter().map(|(chain, value)| Candidate { chain, value, proof }).collect();
        self.record(Kind::Address, i, end, value, chains, proof, manner, joined)
    }

    /// TON's raw form, whose digits begin at cell `at`.
    fn raw_ton(&mut self, i: usize, at: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        let end = at + 64;
        if cells.is_word(end) || i > 0 && (cells.is_word(i - 1) || matches!(cells.get(i - 1), b':' | b'.')) {
            return None;
        }
        if !cells.ch.get(at..end)?.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let text: String = cells.ch[i..end].iter().map(|c| char::from(*c)).collect();
        let found = address::read_on(Chain::Ton, Network::Mainnet, &text).ok()?;
        Some(self.address(i, end, vec![(Chain::Ton, found.text)], Proof::Form, 0))
    }

    /// 64 hexadecimal digits, with or without `0x`; and Tron's 42.
    fn hex(&mut self, i: usize, end: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        let prefixed = cells.get(i) == b'0' && matches!(cells.get(i + 1), b'x' | b'X');
        let from = if prefixed { i + 2 } else { i };
        if !matches!(end - from, 42 | 64) || !cells.ch[from..end].iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        // the letters of a longer text in base64 or of a dump go on after the word
        if matches!(cells.get(end), b'+' | b'=') || cells.flags(i, end) & LOOK != 0 {
            return None;
        }
        let digits: String = cells.ch[from..end].iter().map(|c| char::from(c.to_ascii_lowercase())).collect();
        if digits.len() == 42 {
            let tron = [Chain::Tron];
            if prefixed
                || !digits.starts_with("41")
                || self.chain_near(i, end, &tron).is_none() && self.link_chain(i, &tron).is_none()
            {
                return None;
            }
            let found = address::read_on(Chain::Tron, Network::Mainnet, &digits).ok()?;
            return Some(self.address(i, end, vec![(Chain::Tron, found.text)], Proof::Form, 0));
        }
        let key = self.said_before(i, 48, |s| s == Says::Key);
        let txid = self.said_before(i, 64, |s| s == Says::Txid);
        if key.map(|k| k.0) > txid.map(|t| t.0) {
            return Some(self.push(Kind::PrivateKey, i, end, String::new(), Proof::Context, 0));
        }
        let possible = if prefixed { &EVM[..] } else { &HEX_TXIDS[..] };
        let linked = self.link_chain(i, Chain::ALL.as_slice()).is_some();
        let proof = if linked || txid.is_some() {
            Proof::Context
        } else if self.options.bare_hashes {
            Proof::Form
        } else {
            return None;
        };
        Some(self.txid(i, end, &digits, possible, proof, prefixed))
    }

    fn txid(&mut self, i: usize, end: usize, digits: &str, possible: &[Chain], proof: Proof, prefixed: bool) -> usize {
        let shown: Vec<Chain> = if i < self.link.end { self.link.chains.to_vec() } else { Vec::new() };
        let named = if shown.is_empty() { self.chain_near(i, end, Chain::ALL.as_slice()) } else { None };
        let mut chains: Vec<Chain> = match (shown.as_slice(), named) {
            ([], Some(named)) => possible.iter().copied().filter(|c| *c == named).collect(),
            ([], None) => possible.to_vec(),
            (shown, _) => shown.to_vec(),
        };
        if chains.is_empty() {
            chains = possible.to_vec();
        }
        let text_on = |chain: Chain| {
            if EVM.contains(&chain) || prefixed { format!("0x{digits}") } else { digits.to_owned() }
        };
        let manner = if i < self.link.end { vec![Manner::Link] } else { Vec::new() };
        let value = text_on(chains[0]);
        let chains = chains.into_iter().map(|chain| Candidate { chain, value: text_on(chain), proof }).collect();
        self.record(Kind::Txid, i, end, value, chains, proof, manner, 0)
    }

    /// Solana's texts, which have no checksum: an address, a signature, a secret key.
    fn long_base58(&mut self, i: usize, end: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        let len = end - i;
        if !(32..=44).contains(&len) && !(86..=88).contains(&len) || cells.flags(i, end) & LOOK != 0 {
            return None;
        }
        let before = cells.get(i.wrapping_sub(1));
        // part of a text in base64 or of a path of names
        if matches!(before, b'+' | b'_')
            || matches!(cells.get(end), b'+' | b'=' | b'_')
            || before == b'/' && i >= self.link.end
        {
            return None;
        }
        let text: String = cells.ch[i..end].iter().map(|c| char::from(*c)).collect();
        let mixed = text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase());
        if !mixed {
            return None;
        }
        let bytes = base58ck::decode(&text).ok()?;
        let solana = [Chain::Solana];
        let near = self
            .link_chain(i, &solana)
            .or(self.scheme_before(i).filter(|c| *c == Chain::Solana))
            .or_else(|| self.chain_near(i, end, &solana));
        match bytes.len() {
            32 if near.is_some() || self.options.bare_solana && text.bytes().any(|b| b.is_ascii_digit()) => {
                Some(self.address(i, end, vec![(Chain::Solana, text)], Proof::Form, 0))
            }
            64 if self.said_before(i, 48, |s| s == Says::Key).is_some() => {
                Some(self.push(Kind::PrivateKey, i, end, String::new(), Proof::Context, 0))
            }
            64 if near.is_some() && (i < self.link.end || self.said_before(i, 64, |s| s == Says::Txid).is_some()) => {
                let manner = if i < self.link.end { vec![Manner::Link] } else { Vec::new() };
                let chains = vec![Candidate { chain: Chain::Solana, value: text.clone(), proof: Proof::Context }];
                Some(self.record(Kind::Txid, i, end, text, chains, Proof::Context, manner, 0))
            }
            _ => None,
        }
    }

    // ---- numbers ----

    fn card(&mut self, i: usize) -> Option<usize> {
        let number = card(&self.buffers.cells, i)?;
        let cells = &self.buffers.cells;
        // as stolen cards are listed: number, month, year
        let expires = matches!(cells.get(number.end), b'|' | b':' | b';' | b'/')
            && cells.get(number.end + 1).is_ascii_digit()
            && cells.get(number.end + 2).is_ascii_digit()
            && matches!(cells.get(number.end + 3), b'|' | b':' | b';' | b'/');
        if !number.grouped && !expires && self.said_before(i, 48, |s| s == Says::Card).is_none() {
            return None;
        }
        let joined = if number.grouped { crate::cells::SPACED } else { 0 };
        Some(self.push(Kind::Card, i, number.end, number.value, Proof::Checksum, joined))
    }

    fn phone(&mut self, i: usize, zeros: bool) -> Option<usize> {
        let cells = &self.buffers.cells;
        if i > 0
            && (cells.is_word(i - 1) || matches!(cells.get(i - 1), b'+' | b'=' | b'.' | b',' | b'/' | b'-'))
            && !zeros
        {
            let quoted = cells.get(i - 1) == b'/' || cells.get(i - 1) == b',' || cells.get(i - 1) == b'=';
            if !quoted {
                return None;
            }
        }
        let number = phone(cells, i, zeros)?;
        let said = self.said_before(i, 40, |s| s == Says::Phone).is_some();
        // `0011 …` is a row of bits; a known code of two digits and more is no chance
        let prefixed = zeros
            && self.buffers.cells.word_end(i) >= i + 4
            && !number.value.starts_with("+1")
            && !number.value.starts_with("+7")
            && !matches!(self.buffers.cells.get(i.wrapping_sub(1)), b'-' | b'.' | b',' | b':' | b'/' | b'_' | b'=')
            && number.grouped;
        if zeros && !prefixed && !said {
            return None;
        }
        let proof = if said { Proof::Context } else { Proof::Form };
        let joined = if number.grouped { crate::cells::SPACED } else { 0 };
        Some(self.push(Kind::Phone, i, number.end, number.value, proof, joined))
    }

    /// A user id or the code of a coupon, told by the word before it.
    fn code(&mut self, i: usize, end: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        // `UID123456789` in one word
        let letters = cells.ch[i..end].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let at = i + letters;
        if (3..=8).contains(&letters)
            && (6..=20).contains(&(end - at))
            && cells.ch[at..end].iter().all(u8::is_ascii_digit)
            && self.said_before(at, 0, |s| s == Says::User).is_some()
        {
            let value = cells.ch[at..end].iter().map(|c| char::from(*c)).collect();
            return Some(self.push(Kind::ExchangeUser, at, end, value, Proof::Context, 0));
        }
        if !cells.ch[i..end].iter().any(u8::is_ascii_digit)
            || !cells.ch[i..end].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        {
            return None;
        }
        let (digits, ends) = groups(cells, i, b" -", 24);
        let whole = ends.last().copied().filter(|(n, _)| *n == digits.len());
        let again = self.coupon.filter(|(after, _)| i - after.min(&i) <= 6 && *after <= i);
        // nothing but marks may stand between the word, or one that follows it, and the number
        let adjacent =
            cells.ch[i.saturating_sub(32)..i].iter().rev().find(|c| c.is_ascii_alphanumeric() || **c >= 0x80);
        let adjacent = adjacent.is_some_and(|c| !c.is_ascii_digit());
        let said = self.said_before(i, 32, |s| matches!(s, Says::User | Says::Coupon(_))).filter(|_| adjacent);
        let (fewest, user) = match (said, again) {
            (Some((_, Says::User)), _) => (6, true),
            // of several words (`kupon kodu`) the plainest counts
            (Some((_, Says::Coupon(fewest))), _) => {
                let plainest = (4..fewest).find(|n| self.said_before(i, 32, |s| s == Says::Coupon(*n)).is_some());
                (usize::from(plainest.unwrap_or(fewest)), false)
            }
            (None, Some((_, fewest))) => (usize::from(fewest), false),
            _ => return None,
        };
        if user {
            let (count, end) = whole?;
            return (6..=20).contains(&count).then(|| self.push(Kind::ExchangeUser, i, end, digits, Proof::Context, 0));
        }
        let (value, end) = match whole {
            Some((count, end)) if (fewest..=24).contains(&count) => (digits, end),
            _ => self.letters_and_digits(i, fewest)?,
        };
        self.coupon = Some((end, fewest as u8));
        let grouped = end - i > value.len();
        Some(self.push(Kind::CouponCode, i, end, value, Proof::Context, if grouped { crate::cells::SPACED } else { 0 }))
    }

    /// A code of capital letters and digits in groups, as the sellers of coupons print it.
    fn letters_and_digits(&self, i: usize, fewest: usize) -> Option<(String, usize)> {
        let cells = &self.buffers.cells;
        let (mut at, mut value) = (i, String::new());
        loop {
            while cells.get(at).is_ascii_digit() || cells.get(at).is_ascii_uppercase() {
                value.push(char::from(cells.get(at)));
                at += 1;
            }
            if cells.is_word(at) || value.len() > 24 {
                return None;
            }
            if cells.get(at) != b'-' || !cells.is_word(at + 1) {
                break;
            }
            at += 1;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        ((fewest..=24).contains(&value.len()) && 3 * digits >= value.len()).then_some((value, at))
    }

    // ---- hosts, e-mails, handles ----

    /// A web address whose scheme begins at `i` and whose host begins at `at`.
    fn web(&mut self, i: usize, at: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        let scheme: String = cells.ch[i..at - 3].iter().map(|c| char::from(c.to_ascii_lowercase())).collect();
        if scheme == "tg" {
            return self.telegram_link(i, at);
        }
        if !matches!(scheme.as_str(), "http" | "https" | "hxxp" | "hxxps" | "ftp" | "tor" | "ws" | "wss") {
            return None;
        }
        let host = host_at(cells, at, true)?;
        self.begin_link(&host);
        Some(self.host(at, host))
    }

    fn begin_link(&mut self, host: &Host) {
        let cells = &self.buffers.cells;
        let mut end = host.end;
        while end < cells.len()
            && !matches!(cells.get(end), b' ' | b'\n' | b'\t' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b')' | 0x80)
        {
            end += 1;
        }
        let explorer = EXPLORERS.iter().find(|(name, _)| {
            host.name.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        });
        self.link = Link { end, chains: explorer.map_or(&[], |(_, chains)| chains.as_slice()) };
    }

    /// Records a host, or the handle that its path names.
    fn host(&mut self, i: usize, host: Host) -> usize {
        let cells = &self.buffers.cells;
        if cells.flags(i, host.end) & LOOK != 0 {
            return host.end; // a name in another script is another name
        }
        let joined = if host.marked { SEPARATED } else { 0 };
        match handle_of(cells, &host.name, host.end) {
            Some((Named::Handle(value), end)) => return self.push(Kind::Handle, i, end, value, Proof::Form, joined),
            Some((Named::Phone(value), end)) => {
                let manner = vec![Manner::Link];
                return self.record(Kind::Phone, i, end, value, Vec::new(), Proof::Context, manner, joined);
            }
            None => {}
        }
        let proof = match onion(&host.name) {
            Onion::Broken => return host.end,
            Onion::Checked => Proof::Checksum,
            Onion::Unchecked | Onion::Other => Proof::Form,
        };
        self.push(Kind::Site, i, host.end, host.name, proof, joined)
    }

    /// `tg://resolve?domain=name`.
    fn telegram_link(&mut self, i: usize, at: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        let wanted = b"resolve?domain=";
        if !wanted.iter().enumerate().all(|(n, c)| cells.get(at + n) == *c) {
            return None;
        }
        let from = at + wanted.len();
        let mut to = from;
        while cells.get(to).is_ascii_alphanumeric() || cells.get(to) == b'_' {
            to += 1;
        }
        let name: String = cells.ch[from..to].iter().map(|c| char::from(c.to_ascii_lowercase())).collect();
        (name.len() >= 4).then(|| self.push(Kind::Handle, i, to, format!("telegram:{name}"), Proof::Form, 0))
    }

    fn bare_host(&mut self, i: usize, end: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        sign(cells, end, b'.', b"dot").filter(|(next, _)| cells.get(*next).is_ascii_alphanumeric()).or_else(|| {
            (cells.get(end) == b'-' && cells.get(end + 1).is_ascii_alphanumeric()).then_some((end + 1, false))
        })?;
        if i < self.link.end
            || matches!(cells.get(i.wrapping_sub(1)), b'@' | b'.' | b'/' | b'-' | b'_' | b'=' | b'\\' | b'+' | b'%')
        {
            return None;
        }
        let host = host_at(cells, i, false)?;
        if !plain_host(cells, &host) || sign(cells, host.end, b'@', b"at").is_some() {
            return None;
        }
        let lower = cells.ch[i..host.end].iter().filter(|c| c.is_ascii_uppercase()).count() * 2 <= host.end - i
            || host.name.starts_with("www.");
        if !lower {
            return None;
        }
        self.begin_link(&host);
        Some(self.host(i, host))
    }

    /// `@` at `i`: an e-mail address where a name stands before it, a handle where none does.
    fn at_sign(&mut self, i: usize) -> Option<usize> {
        let cells = &self.buffers.cells;
        if i > 0 && (cells.is_word(i - 1) || matches!(cells.get(i - 1), b'.' | b'_' | b'-' | b'+' | b'@' | b'/' | b'='))
        {
            return self.email(i, i + 1, false);
        }
        let mut end = i + 1;
        while cells.get(end).is_ascii_alphanumeric()
            || matches!(cells.get(end), b'_')
            || cells.get(end) == b'.' && cells.is_word(end + 1)
        {
            end += 1;
        }
        if cells.is_word(end)
            || matches!(cells.get(end), b'@' | b'(' | b'/' | b'{' | b'[')
            || cells.get(end) == b'-' && cells.is_word(end + 1)
            || cells.flags(i, end) & LOOK != 0
        {
            return None;
        }
        let name: String = cells.ch[i + 1..end].iter().map(|c| char::from(c.to_ascii_lowercase())).collect();
        let letters = name.bytes().filter(u8::is_ascii_alphabetic).count();
        if !(4..=32).contains(&name.len()) || letters < 2 || RESERVED.contains(&name.as_str()) {
            return None;
        }
        let network = self.said_before(i, 64, |s| matches!(s, Says::Network(_)));
        let (network, proof) = match network {
            Some((_, Says::Network(network))) => (network, Proof::Context),
            _ => ("unknown", Proof::Form),
        };
        Some(self.push(Kind::Handle, i, end, format!("{network}:{name}"), proof, 0))
    }

    /// An e-mail address whose sign, or the mark for it, begins at `i`, and whose host begins at `after`.
    fn email(&mut self, i: usize, after: usize, mark: bool) -> Option<usize> {
        let cells = &self.buffers.cells;
        let mut end = i;
        while mark && end > 0 && cells.get(end - 1) == b' ' && i - end < 2 {
            end -= 1;
        }
        let mut start = end;
        while start > 0
            && end - start < 64
            && (cells.is_word(start - 1) || matches!(cells.get(start - 1), b'.' | b'_' | b'%' | b'+' | b'-'))
        {
            start -= 1;
        }
        while start < end && !cells.get(start).is_ascii_alphanumeric() {
            start += 1;
        }
        if start == end || cells.get(end - 1) == b'.' || cells.ch[start..end].iter().any(|c| *c >= 0x80) {
            return None;
        }
        let host = host_at(cells, after, false)?;
        if cells.flags(start, host.end) & LOOK != 0 || cells.get(host.end) == b'@' {
            return None;
        }
        let name: String = cells.ch[start..end].iter().map(|c| char::from(c.to_ascii_lowercase())).collect();
        let joined = if mark || host.marked { SEPARATED } else { 0 };
        Some(self.push(Kind::Email, start, host.end, format!("{name}@{}", host.name), Proof::Form, joined))
    }

    // ---- what stands around ----

    fn is_payment_scheme(&self, i: usize, end: usize) -> bool {
        self.scheme_of(i, end).is_some()
    }

    fn scheme_of(&self, i: usize, end: usize) -> Option<Chain> {
        let cells = &self.buffers.cells;
        let letters = cells.ch.get(i..end)?;
        SCHEMES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(letters)).map(|(_, chain)| *chain)
    }

    /// The chain of the payment URI that goes on at cell `i`: `bitcoin:`, `ton://transfer/`, `ethereum:pay-`.
    fn scheme_before(&self, i: usize) -> Option<Chain> {
        let cells = &self.buffers.cells;
        let mut at = i;
        for before in [&b"pay-"[..], b"transfer/", b"//"] {
            if at >= before.len() && cells.ch[at - before.len()..at] == *before {
                at -= before.len();
            }
        }
        if at == 0 || cells.get(at - 1) != b':' {
            return None;
        }
        let end = at - 1;
        let mut start = end;
        while start > 0 && cells.is_word(start - 1) && end - start < 16 {
            start -= 1;
        }
        self.scheme_of(start, end)
    }

    /// The chain of the explorer whose link cell `i` stands in, where it is one of `chains`.
    fn link_chain(&self, i: usize, chains: &[Chain]) -> Option<Chain> {
        if i >= self.link.end {
            return None;
        }
        self.link.chains.iter().copied().find(|c| chains.contains(c))
    }

    /// The words in and around the stretch, read when first asked for.
    fn words(&self) -> &[Hit] {
        self.words.get_or_init(|| {
            let base = self.buffers.cells.base;
            let from = floor(self.text, base.saturating_sub(WORDS_AROUND));
            let to = floor(self.text, (self.to + WORDS_AROUND).min(self.text.len()));
            let mut words = Vec::new();
            hits(self.text, from, to, &mut words);
            words
        })
    }

    /// The last word of a kind that ends at most `gap` bytes before cell `i`: where it ends, and what it says.
    fn said_before(&self, i: usize, gap: usize, wanted: impl Fn(Says) -> bool) -> Option<(usize, Says)> {
        let at = self.byte(i);
        let words = self.words();
        let last = words.partition_point(|hit| hit.end <= at);
        words[..last]
            .iter()
            .rev()
            .take_while(|hit| hit.end + gap >= at)
            .find(|hit| wanted(hit.says))
            .map(|hit| (hit.end, hit.says))
    }

    /// The chain, of `chains`, that the nearest word within 64 bytes before or 32 after names. Compared words are never
    /// inside the find itself.
    fn chain_near(&self, i: usize, end: usize, chains: &[Chain]) -> Option<Chain> {
        let range = self.buffers.cells.range(i, end);
        let words = self.words();
        let last = words.partition_point(|hit| hit.end <= range.start);
        let named = |hit: &Hit| match hit.says {
            Says::Chain(chain) if chains.contains(&chain) => Some(chain),
            _ => None,
        };
        let before = words[..last].iter().rev().take_while(|hit| hit.end + 64 >= range.start).find_map(named);
        before.or_else(|| {
            let first = words.partition_point(|hit| hit.start < range.end);
            words[first..].iter().take_while(|hit| hit.start <= range.end + 32).find_map(named)
        })
    }

    // ---- recording ----

    fn push(&mut self, kind: Kind, i: usize, end: usize, value: String, proof: Proof, joined: u8) -> usize {
        let mut manner = Vec::new();
        if matches!(kind, Kind::LightningInvoice) && self.scheme_before(i).is_some() {
            manner.push(Manner::PaymentUri);
        }
        self.record(kind, i, end, value, Vec::new(), proof, manner, joined)
    }

    #[allow(clippy::too_many_arguments)] // the parts of a find
    fn record(
        &mut self,
        kind: Kind,
        i: usize,
        end: usize,
        value: String,
        chains: Vec<Candidate>,
        proof: Proof,
        mut manner: Vec<Manner>,
        joined: u8,
    ) -> usize {
        let flags = self.buffers.cells.flags(i, end);
        manner.extend(manners(flags | joined));
        manner.sort_unstable();
        manner.dedup();
        let at = self.buffers.cells.range(i, end);
        self.buffers.finds.push(Find { kind, at, value, chains, proof, manner });
        end
    }
}

/// The boundary of a character at or before `at`.
pub(crate) fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
