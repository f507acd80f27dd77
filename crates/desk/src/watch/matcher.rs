//! Finds what a transaction has to do with the watches of a chain.
//!
//! Of each side of a transaction one bit is looked at first, in a table of one size whatever is watched; only where it is set are
//! the watched addresses asked. So a transaction that concerns nobody costs as much with a hundred thousand watched addresses as
//! with one, save for the few bits that happen to be set by another address.

use super::condition::{Flow, Watch, WatchKind};
use crate::DeskError;
use crate::db::Desk;
use athar_engine::Engine;
use athar_types::{AddressKey, Asset, Category, Chain, Hash32, Network, UnixTime};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Bits of the first table, as a power of two: 256 KiB. With 100,000 addresses one bit in twenty is set.
const BITS: u32 = 21;
/// Sides that the evidence of one match lists.
const SIDES_MAX: usize = 50;
const NONE: u32 = u32::MAX;

/// One side of a transaction: an output that it makes, or spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The transaction that makes the output.
    pub txid: Hash32,
    /// Which of its outputs.
    pub vout: u32,
    /// Its address, where its script has one and the output is known.
    pub address: Option<AddressKey>,
    /// Its value; none where the output is not known.
    pub sat: Option<u64>,
}

/// What a transaction moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moves {
    /// The transaction.
    pub txid: Hash32,
    /// When: its block's time, or when it was first seen.
    pub time: UnixTime,
    /// What it spends.
    pub inputs: Vec<Side>,
    /// What it pays.
    pub outputs: Vec<Side>,
}

/// A watch that a transaction meets.
#[derive(Clone, Debug, PartialEq)]
pub struct TxMatch {
    /// Number of the watch.
    pub watch: i64,
    /// The address that was matched first; the watched one where an entity is watched; the txid where no address is known.
    pub subject: String,
    /// Which way the money went.
    pub direction: Flow,
    /// What went that way, in satoshi.
    pub sat: u64,
    /// Its worth in cents, at the price of the day or of one of the seven before.
    pub usd_cents: Option<u64>,
    /// What was matched, as plain JSON.
    pub evidence: serde_json::Value,
}

/// One address or root that a watch names, and the next watch that names the same.
#[derive(Clone, Debug)]
struct Named {
    watch: u32,
    next: u32,
    /// What the address carries: the name of a label, or the id of a campaign.
    name: Option<Arc<str>>,
}

/// The watches of one chain, ready to be asked. It holds for the state of the store that it was made of.
#[derive(Debug)]
pub struct Matcher {
    chain: Chain,
    network: Network,
    revision: i64,
    engine: Option<Arc<Engine>>,
    watches: Vec<Watch>,
    bits: Box<[u64]>,
    keys: FxHashMap<AddressKey, u32>,
    roots: FxHashMap<u32, u32>,
    named: Vec<Named>,
    /// Watches of amounts alone, and the least amount of them in satoshi; zero where dollars decide.
    amounts: Vec<u32>,
    amount_sat: u64,
    /// Watches that name nothing that is known now, such as a campaign that is not recorded.
    idle: Vec<i64>,
}

impl Matcher {
    /// The watches of an opened chain.
    pub fn load(desk: &Desk, engine: Arc<Engine>) -> Result<Self, DeskError> {
        let (watches, revision) = desk.watches_of(engine.chain().name(), false)?;
        let network = engine.ledger_network().unwrap_or(Network::Mainnet);
        let mut matcher = Self::empty(engine.chain(), network, revision);
        matcher.engine = Some(engine);
        for watch in watches {
            matcher.add(watch)?;
        }
        Ok(matcher)
    }

    /// A matcher of watches alone, without a store: no entities, labels, campaigns or prices.
    pub fn bare(chain: Chain, network: Network, watches: Vec<Watch>) -> Result<Self, DeskError> {
        let mut matcher = Self::empty(chain, network, 0);
        for watch in watches {
            matcher.add(watch)?;
        }
        Ok(matcher)
    }

    fn empty(chain: Chain, network: Network, revision: i64) -> Self {
        Self {
            chain,
            network,
            revision,
            engine: None,
            watches: Vec::new(),
            bits: vec![0; 1 << (BITS - 6)].into_boxed_slice(),
            keys: FxHashMap::default(),
            roots: FxHashMap::default(),
            named: Vec::new(),
            amounts: Vec::new(),
            amount_sat: u64::MAX,
            idle: Vec::new(),
        }
    }

    fn add(&mut self, watch: Watch) -> Result<(), DeskError> {
        let at = self.watches.len() as u32;
        let before = self.named.len();
        let engine = self.engine.clone();
        // an asset that is no coin of this chain moves elsewhere
        let is_coin = |asset: &str| asset.parse() == Ok(Asset::coin_of(self.chain));
        if watch.asset.as_deref().is_some_and(|asset| !is_coin(asset)) {
            return Ok(());
        }
        match watch.kind {
            WatchKind::Address | WatchKind::Entity => {
                let Ok(key) = athar_types::address::parse_key(self.chain, self.network, &watch.value) else {
                    // an address of another network than the store's
                    self.idle.push(watch.id);
                    return Ok(());
                };
                self.name_key(key, at, None);
                if watch.kind == WatchKind::Entity
                    && let Some(root) = engine.as_ref().and_then(|engine| engine.entity_root(&key))
                {
                    self.name_root(root, at, None);
                }
            }
            WatchKind::Category | WatchKind::Campaign => {
                let found = match (&engine, watch.kind) {
                    (None, _) => Vec::new(),
                    (Some(engine), WatchKind::Category) => {
                        watch.value.parse().map(|category: Category| engine.labelled(category)).unwrap_or_default()
                    }
                    (Some(engine), _) => engine.campaign_keys(&watch.value)?.unwrap_or_default(),
                };
                for address in found {
                    let name: Arc<str> = address.name.into();
                    self.name_key(address.key, at, Some(name.clone()));
                    if let Some(root) = address.root {
                        self.name_root(root, at, Some(name));
                    }
                }
                if self.named.len() == before {
                    self.idle.push(watch.id);
                }
            }
            WatchKind::Amount => {
                let units = watch.at_least_units.as_deref().and_then(|units| units.parse().ok()).unwrap_or(0);
                self.amount_sat = self.amount_sat.min(units);
                self.amounts.push(at);
            }
            WatchKind::Pattern => return Ok(()),
        }
        self.watches.push(watch);
        Ok(())
    }

    fn name_key(&mut self, key: AddressKey, watch: u32, name: Option<Arc<str>>) {
        let bit = bit_of(&key);
        self.bits[bit >> 6] |= 1 << (bit & 63);
        let head = self.keys.entry(key).or_insert(NONE);
        chain_in(&mut self.named, head, watch, name);
    }

    fn name_root(&mut self, root: u32, watch: u32, name: Option<Arc<str>>) {
        let head = self.roots.entry(root).or_insert(NONE);
        chain_in(&mut self.named, head, watch, name);
    }

    /// The chain.
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// Its network.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The store that it was made of.
    pub fn engine(&self) -> Option<&Arc<Engine>> {
        self.engine.as_ref()
    }

    /// The revision of the watchlists that it was made of.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Whether nothing is watched on the chain.
    pub fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }

    /// Number of the newest watch; 0 where there is none. Numbers ascend and are never given again.
    pub fn newest(&self) -> i64 {
        self.watches.last().map_or(0, |watch| watch.id)
    }

    /// Watches that name nothing that is known now.
    pub fn idle(&self) -> &[i64] {
        &self.idle
    }

    /// Number of addresses that are watched by their key.
    pub fn addresses(&self) -> usize {
        self.keys.len()
    }

    /// The watch of a number.
    pub fn watch(&self, id: i64) -> Option<&Watch> {
        self.watches.binary_search_by_key(&id, |watch| watch.id).ok().map(|at| &self.watches[at])
    }

    /// Whether any of these addresses, or the largest of these amounts, concerns a watch: the quick look before [`Self::matches`].
    #[inline]
    pub fn concerns<K: std::borrow::Borrow<AddressKey>>(
        &self,
        addresses: impl Iterator<Item = K>,
        largest_sat: u64,
    ) -> bool {
        if largest_sat >= self.amount_sat {
            return true;
        }
        for key in addresses {
            let key = key.borrow();
            let bit = bit_of(key);
            if self.bits[bit >> 6] >> (bit & 63) & 1 == 1 && self.keys.contains_key(key) {
                return true;
            }
            if !self.roots.is_empty() && self.root(key).is_some() {
                return true;
            }
        }
        false
    }

    /// The watched root of an address.
    fn root(&self, key: &AddressKey) -> Option<u32> {
        let root = self.engine.as_ref()?.entity_root(key)?;
        self.roots.get(&root).copied()
    }

    /// The watches that a transaction meets, by ascending number.
    pub fn matches(&self, moves: &Moves) -> Vec<TxMatch> {
        let mut met: FxHashMap<u32, Met<'_>> = FxHashMap::default();
        for (is_output, sides) in [(false, &moves.inputs), (true, &moves.outputs)] {
            for side in sides {
                let Some(key) = &side.address else { continue };
                let by_key = self.keys.get(key).map(|head| (*head, "address"));
                let by_root = if self.roots.is_empty() { None } else { self.root(key).map(|head| (head, "entity")) };
                // the same watch may name an address and its entity: each side counts once for it
                let mut counted: Vec<u32> = Vec::new();
                for (mut at, via) in [by_key, by_root].into_iter().flatten() {
                    while at != NONE {
                        let named = &self.named[at as usize];
                        if !counted.contains(&named.watch) {
                            counted.push(named.watch);
                            met.entry(named.watch).or_default().add(side, is_output, via, named.name.as_ref());
                        }
                        at = named.next;
                    }
                }
            }
        }
        let unknown = moves.inputs.iter().filter(|side| side.sat.is_none()).count();
        let mut found: Vec<TxMatch> = met.iter().filter_map(|(at, met)| self.met(*at, met, moves, unknown)).collect();
        if let Some(largest) = moves.outputs.iter().max_by_key(|side| side.sat) {
            found.extend(self.amounts.iter().filter_map(|at| self.amount(*at, largest, moves)));
        }
        found.sort_by_key(|found| found.watch);
        found
    }

    fn met(&self, at: u32, met: &Met<'_>, moves: &Moves, unknown: usize) -> Option<TxMatch> {
        let watch = &self.watches[at as usize];
        let (direction, sat) = if met.received >= met.sent && met.received > 0 {
            (Flow::Received, met.received - met.sent)
        } else {
            (Flow::Sent, met.sent - met.received)
        };
        let (usd, priced_on) = self.usd(sat, moves.time);
        if (watch.direction != Flow::Any && watch.direction != direction) || Self::is_below(watch, sat, usd) {
            return None;
        }
        let (first, ..) = met.sides.first()?;
        let text = |key: &AddressKey| key.to_text_on(self.chain, self.network);
        let sides: Vec<serde_json::Value> = met
            .sides
            .iter()
            .take(SIDES_MAX)
            .map(|(side, is_output, via, name)| {
                serde_json::json!({
                    "side": if *is_output { "output" } else { "input" },
                    "output": format!("{}:{}", side.txid, side.vout),
                    "address": side.address.as_ref().map(text),
                    "value_sat": side.sat,
                    "via": via,
                    "named": name.map(|name| &**name),
                })
            })
            .collect();
        let subject = match watch.kind {
            WatchKind::Entity => watch.value.clone(),
            _ => first.address.as_ref().map(text)?,
        };
        Some(TxMatch {
            watch: watch.id,
            subject,
            direction,
            sat,
            usd_cents: usd,
            evidence: serde_json::json!({
                "received_sat": met.received,
                "sent_sat": met.sent,
                "priced_on": priced_on,
                "usd_undecided": watch.at_least_usd_cents.is_some() && usd.is_none(),
                "unknown_inputs": unknown,
                "sides": sides,
                "sides_total": met.sides.len(),
            }),
        })
    }

    fn amount(&self, at: u32, largest: &Side, moves: &Moves) -> Option<TxMatch> {
        let watch = &self.watches[at as usize];
        let sat = largest.sat?;
        let (usd, priced_on) = self.usd(sat, moves.time);
        // without a price nothing can be said of dollars, and everything would be told
        if Self::is_below(watch, sat, usd) || (watch.at_least_usd_cents.is_some() && usd.is_none()) {
            return None;
        }
        let address = largest.address.as_ref().map(|key| key.to_text_on(self.chain, self.network));
        Some(TxMatch {
            watch: watch.id,
            subject: address.clone().unwrap_or_else(|| moves.txid.to_string()),
            direction: Flow::Any,
            sat,
            usd_cents: usd,
            evidence: serde_json::json!({
                "largest_output": format!("{}:{}", largest.txid, largest.vout),
                "address": address,
                "value_sat": sat,
                "priced_on": priced_on,
            }),
        })
    }

    fn usd(&self, sat: u64, time: UnixTime) -> (Option<u64>, Option<String>) {
        let near = self.engine.as_ref().and_then(|engine| engine.usd_near(sat, time));
        (near.map(|(usd, _)| usd.0), near.map(|(_, day)| day.to_string()))
    }

    /// Whether an amount is known to be below what a watch asks for. Where it has no price that is not known.
    fn is_below(watch: &Watch, sat: u64, usd: Option<u64>) -> bool {
        let units = watch.at_least_units.as_deref().and_then(|units| units.parse::<u128>().ok());
        units.is_some_and(|least| u128::from(sat) < least)
            || watch.at_least_usd_cents.zip(usd).is_some_and(|(least, usd)| usd < least)
    }
}

/// What of a transaction concerns one watch.
#[derive(Default)]
struct Met<'a> {
    received: u64,
    sent: u64,
    sides: Vec<(&'a Side, bool, &'static str, Option<&'a Arc<str>>)>,
}

impl<'a> Met<'a> {
    fn add(&mut self, side: &'a Side, is_output: bool, via: &'static str, name: Option<&'a Arc<str>>) {
        let sum = if is_output { &mut self.received } else { &mut self.sent };
        *sum = sum.saturating_add(side.sat.unwrap_or(0));
        self.sides.push((side, is_output, via, name));
    }
}

fn chain_in(all: &mut Vec<Named>, head: &mut u32, watch: u32, name: Option<Arc<str>>) {
    all.push(Named { watch, next: *head, name });
    *head = all.len() as u32 - 1;
}

/// The bit of an address. Payloads are hashes or points, so their first bytes are as good as chance; who searches for addresses
/// that share them makes the watched addresses be asked in vain, no more.
#[inline]
fn bit_of(key: &AddressKey) -> usize {
    let word = match key.payload().first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => key.payload().iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    ((word ^ (key.kind() as u64) << 61).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::{AddressKind, Level};

    fn key(n: u8) -> AddressKey {
        AddressKey::new(AddressKind::P2pkh, &[n; 20]).unwrap()
    }

    fn side(n: u8, vout: u32, address: u8, sat: u64) -> Side {
        Side { txid: Hash32([n; 32]), vout, address: Some(key(address)), sat: Some(sat) }
    }

    fn watch(id: i64, kind: WatchKind, value: &str) -> Watch {
        Watch {
            id,
            watchlist: "test".into(),
            kind,
            chain: None,
            value: value.into(),
            direction: Flow::Any,
            asset: None,
            at_least_units: None,
            at_least_usd_cents: None,
            severity: Level::High,
            note: String::new(),
            added_at: 0,
        }
    }

    fn of(n: u8) -> String {
        key(n).to_text(Network::Mainnet)
    }

    fn moves(inputs: Vec<Side>, outputs: Vec<Side>) -> Moves {
        Moves { txid: Hash32([9; 32]), time: UnixTime(1_700_000_000), inputs, outputs }
    }

    fn matcher(watches: Vec<Watch>) -> Matcher {
        Matcher::bare(Chain::Bitcoin, Network::Mainnet, watches).unwrap()
    }

    #[test]
    fn change_is_no_receipt_and_a_payment_is_told_with_its_way() {
        let watched = || watch(1, WatchKind::Address, &of(1));
        let all = matcher(vec![
            watched(),
            Watch { id: 2, direction: Flow::Received, ..watched() },
            Watch { id: 3, direction: Flow::Sent, ..watched() },
            Watch { id: 4, at_least_units: Some("500".into()), ..watched() },
        ]);
        let ids = |moves: &Moves| all.matches(moves).iter().map(|m| (m.watch, m.direction, m.sat)).collect::<Vec<_>>();
        // paid 400
        let paid = moves(vec![side(1, 0, 7, 1_000)], vec![side(9, 0, 1, 400), side(9, 1, 7, 590)]);
        assert_eq!(ids(&paid), [(1, Flow::Received, 400), (2, Flow::Received, 400)]);
        // spends 1000, takes 300 back
        let spent = moves(vec![side(1, 0, 1, 1_000)], vec![side(9, 0, 8, 690), side(9, 1, 1, 300)]);
        assert_eq!(ids(&spent), [(1, Flow::Sent, 700), (3, Flow::Sent, 700), (4, Flow::Sent, 700)]);
        assert_eq!(all.matches(&spent)[0].evidence["sides_total"], 2);
        // nobody
        assert!(ids(&moves(vec![side(1, 0, 7, 1_000)], vec![side(9, 0, 8, 990)])).is_empty());
    }

    #[test]
    fn the_quick_look_never_misses_what_matches() {
        let watches = (0..200).map(|n| watch(i64::from(n), WatchKind::Address, &of(n))).collect();
        let all = matcher(watches);
        for n in 0..=255 {
            assert_eq!(all.concerns([key(n)].iter(), 0), n < 200, "{n}");
        }
        let none = std::iter::empty::<AddressKey>;
        let amount = matcher(vec![Watch { at_least_units: Some("1000".into()), ..watch(1, WatchKind::Amount, "") }]);
        assert!(amount.concerns(none(), 1_000) && !amount.concerns(none(), 999));
        let large = moves(vec![], vec![side(9, 0, 3, 999), side(9, 1, 4, 1_000)]);
        assert_eq!(amount.matches(&large)[0].subject, of(4));
    }

    #[test]
    fn dollars_without_a_price_are_told_for_an_address_and_not_for_everybody() {
        let dollars = |kind, value: &str| Watch { at_least_usd_cents: Some(100), ..watch(1, kind, value) };
        let paid = moves(vec![], vec![side(9, 0, 1, 400)]);
        let of_address = matcher(vec![dollars(WatchKind::Address, &of(1))]).matches(&paid);
        assert_eq!(of_address[0].evidence["usd_undecided"], true);
        assert!(matcher(vec![dollars(WatchKind::Amount, "")]).matches(&paid).is_empty());
    }

    #[test]
    fn an_address_of_another_network_is_idle() {
        let all = matcher(vec![watch(5, WatchKind::Address, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")]);
        assert_eq!((all.idle(), all.is_empty()), (&[5][..], true));
    }
}
