//! What is announced and in no block: it has not happened, and may never.

use super::hex;
use athar_types::{
    UnixTime,
    account::{AccountBlock, AccountBytes, U256},
};
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};

/// Transactions in the view at most; the oldest make room, and are counted.
pub const PENDING_MAX: usize = 10_000;

/// The transfer of a token that a transaction asks for, read from its input: `transfer(address,uint256)` or
/// `transferFrom(address,address,uint256)`. The contract decides whether it does so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskedTransfer {
    /// The contract that is called.
    pub token: AccountBytes,
    /// Whose tokens.
    pub from: AccountBytes,
    /// For whom.
    pub to: AccountBytes,
    /// How much, in the token's smallest unit.
    pub amount: U256,
}

/// A transaction that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingTx {
    /// Its hash, as shown.
    pub hash: [u8; 32],
    /// Who signed it.
    pub from: AccountBytes,
    /// Who would be called; `None` where it creates a contract.
    pub to: Option<AccountBytes>,
    /// The coin that it carries.
    pub value: U256,
    /// Its number among those of its signer; another one with the same number replaces it.
    pub nonce: u64,
    /// First four bytes of its input.
    pub selector: Option<[u8; 4]>,
    /// The transfer of a token that it asks for.
    pub asks: Option<AskedTransfer>,
    /// When it was first seen here.
    pub seen: UnixTime,
}

impl PendingTx {
    /// Whether the account would give or receive by it.
    pub fn touches(&self, account: &AccountBytes) -> bool {
        self.from == *account
            || self.to == Some(*account)
            || self.asks.is_some_and(|asks| asks.from == *account || asks.to == *account)
    }
}

#[derive(Deserialize)]
struct TxJson<'a> {
    hash: &'a str,
    from: &'a str,
    #[serde(default)]
    to: Option<&'a str>,
    value: &'a str,
    nonce: &'a str,
    #[serde(alias = "data")]
    input: &'a str,
    #[serde(rename = "blockHash", default)]
    block: Option<&'a str>,
}

/// Reads the answer to `eth_getTransactionByHash`; `None` where the node has it no longer, or it is in a block by now.
pub(crate) fn read(text: &str, seen: UnixTime) -> Result<Option<PendingTx>, String> {
    let json: Option<TxJson<'_>> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Some(json) = json.filter(|json| json.block.is_none()) else { return Ok(None) };
    let wrong = |field: &str| format!("its {field} cannot be read");
    let from: AccountBytes = hex::fixed(json.from).ok_or_else(|| wrong("from"))?;
    let to = json.to.map(|to| hex::fixed(to).ok_or_else(|| wrong("to"))).transpose()?;
    let selector = json.input.get(..10).and_then(hex::fixed);
    Ok(Some(PendingTx {
        hash: hex::fixed(json.hash).ok_or_else(|| wrong("hash"))?,
        from,
        to,
        value: hex::amount(json.value).ok_or_else(|| wrong("value"))?,
        nonce: hex::quantity(json.nonce).ok_or_else(|| wrong("nonce"))?,
        selector,
        asks: to.and_then(|token| asked(token, from, json.input)),
        seen,
    }))
}

/// The transfer that an input asks for. Bytes after the arguments are ignored, as contracts do.
fn asked(token: AccountBytes, signer: AccountBytes, input: &str) -> Option<AskedTransfer> {
    let (name, words) = (input.get(..10)?, input.get(10..)?);
    let word = |at: usize| hex::fixed::<32>(&format!("0x{}", words.get(64 * at..64 * at + 64)?));
    let address = |at| {
        let word = word(at)?;
        let (head, tail) = word.split_at(12);
        (head == [0; 12]).then(|| tail.try_into().ok()).flatten()
    };
    let amount = |at| Some(U256::from_be_bytes(word(at)?));
    match name.to_ascii_lowercase().as_str() {
        "0xa9059cbb" => Some(AskedTransfer { token, from: signer, to: address(0)?, amount: amount(1)? }),
        "0x23b872dd" => Some(AskedTransfer { token, from: address(0)?, to: address(1)?, amount: amount(2)? }),
        _ => None,
    }
}

/// The transactions that wait, as far as they were seen: a node tells only of those that reach it.
#[derive(Clone, Debug, Default)]
pub struct PendingView {
    txs: BTreeMap<[u8; 32], PendingTx>,
    by_nonce: BTreeMap<(AccountBytes, u64), [u8; 32]>,
    order: VecDeque<[u8; 32]>,
    dropped: u64,
}

impl PendingView {
    /// Adds one; gives the one that it replaces.
    pub fn add(&mut self, tx: PendingTx) -> Option<PendingTx> {
        if self.txs.contains_key(&tx.hash) {
            return None;
        }
        let replaced = self.by_nonce.get(&(tx.from, tx.nonce)).copied().and_then(|hash| self.remove(&hash));
        while self.txs.len() >= PENDING_MAX {
            let Some(oldest) = self.order.pop_front() else { break };
            self.dropped += u64::from(self.remove(&oldest).is_some());
        }
        // hashes of those that went stay in the queue until they come first
        if self.order.len() >= 2 * PENDING_MAX {
            self.order.retain(|hash| self.txs.contains_key(hash));
        }
        self.by_nonce.insert((tx.from, tx.nonce), tx.hash);
        self.order.push_back(tx.hash);
        self.txs.insert(tx.hash, tx);
        replaced
    }

    /// Takes out what is in a block now.
    pub fn confirmed(&mut self, block: &AccountBlock) {
        for tx in &block.txs {
            self.remove(&tx.hash);
        }
    }

    fn remove(&mut self, hash: &[u8; 32]) -> Option<PendingTx> {
        let tx = self.txs.remove(hash)?;
        self.by_nonce.remove(&(tx.from, tx.nonce));
        Some(tx)
    }

    /// One by its hash.
    pub fn get(&self, hash: &[u8; 32]) -> Option<&PendingTx> {
        self.txs.get(hash)
    }

    /// Those by which the account would give or receive.
    pub fn of_account<'a>(&'a self, account: &'a AccountBytes) -> impl Iterator<Item = &'a PendingTx> {
        self.txs.values().filter(move |tx| tx.touches(account))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.txs.len()
    }

    /// Whether none was seen that waits. That is no proof that none does.
    pub fn is_empty(&self) -> bool {
        self.txs.is_empty()
    }

    /// How many were forgotten because more than [`PENDING_MAX`] waited.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tx(n: u64, nonce: u64) -> PendingTx {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        PendingTx {
            hash,
            from: [1; 20],
            to: None,
            value: U256::ZERO,
            nonce,
            selector: None,
            asks: None,
            seen: UnixTime(0),
        }
    }

    #[test]
    fn transfers_that_an_input_asks_for_are_read() {
        let text = |input: &str| {
            format!(
                r#"{{"hash":"0x{}","from":"0x{}","to":"0x{}","value":"0x5","nonce":"0x7","input":"{input}","blockHash":null}}"#,
                "ab".repeat(32),
                "01".repeat(20),
                "02".repeat(20)
            )
        };
        let word = |digits: &str| format!("{digits:0>64}");
        let input = format!("0xA9059cbb{}{}ffff", word(&"03".repeat(20)), "ff".repeat(32));
        let found = read(&text(&input), UnixTime(9)).unwrap().unwrap();
        let asks = AskedTransfer { token: [2; 20], from: [1; 20], to: [3; 20], amount: U256::MAX };
        assert_eq!((found.asks, found.nonce, found.value), (Some(asks), 7, U256::from(5)));
        assert!(found.touches(&[3; 20]) && !found.touches(&[4; 20]));
        let input = format!("0x23b872dd{}{}{}", word(&"04".repeat(20)), word(&"03".repeat(20)), word("10"));
        let asks = AskedTransfer { token: [2; 20], from: [4; 20], to: [3; 20], amount: U256::from(16) };
        assert_eq!(read(&text(&input), UnixTime(9)).unwrap().unwrap().asks, Some(asks));
        // too short, a word that is no address, another function, letters that are no ASCII
        for input in
            ["0xa9059cbb00", &format!("0xa9059cbb{}{}", "ff".repeat(32), word("1")), "0xdeadbeef", "0xa9059cbé", ""]
        {
            assert_eq!(read(&text(input), UnixTime(9)).unwrap().unwrap().asks, None, "{input}");
        }
        assert_eq!(read("null", UnixTime(9)), Ok(None));
        assert!(read("{}", UnixTime(9)).is_err());
    }

    #[test]
    fn the_view_is_bounded_and_replaces_by_nonce() {
        let mut view = PendingView::default();
        assert_eq!(view.add(tx(1, 5)), None);
        assert_eq!(view.add(tx(1, 5)), None);
        assert_eq!(view.add(tx(2, 5)), Some(tx(1, 5)));
        assert_eq!(view.len(), 1);
        for n in 0..PENDING_MAX as u64 + 9 {
            view.add(tx(100 + n, 100 + n));
        }
        assert_eq!((view.len(), view.dropped()), (PENDING_MAX, 10));
        assert_eq!((view.by_nonce.len(), view.get(&tx(2, 5).hash)), (PENDING_MAX, None));
        for n in 0..10 * PENDING_MAX as u64 {
            view.add(tx(1_000_000 + n, 1));
        }
        assert!(view.order.len() <= 2 * PENDING_MAX + 1 && view.len() <= PENDING_MAX);
    }
}
