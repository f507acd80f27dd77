//! Wallets that pay each other: every address type, batches, consolidations, reused addresses, change.

use crate::{
    HarnessError, Result, Rpc,
    rpc::{coins, list_of, text_of},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// The address types of the node's wallet: P2PKH, P2WPKH in P2SH, P2WPKH, P2TR.
const TYPES: [&str; 4] = ["legacy", "p2sh-segwit", "bech32", "bech32m"];
const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];
/// A coinbase output can be spent this many blocks later.
const MATURITY: u32 = 100;

/// The wallets of the world, and the source of chance.
pub(crate) struct Economy {
    pub(crate) rpc: Rpc,
    pub(crate) wallets: Vec<Rpc>,
    random: ChaCha8Rng,
    /// Per wallet, addresses that it gave out; some are paid again.
    known: Vec<Vec<String>>,
}

impl Economy {
    /// Creates the wallets and mines them their first coins.
    pub(crate) fn start(rpc: &Rpc, seed: u64) -> Result<Self> {
        for name in NAMES {
            rpc.call("createwallet", json!([name]))?;
        }
        let mut economy = Self {
            rpc: rpc.clone(),
            wallets: NAMES.iter().map(|name| rpc.wallet(name)).collect(),
            random: ChaCha8Rng::seed_from_u64(seed),
            known: vec![Vec::new(); NAMES.len()],
        };
        // one coinbase of each type for each wallet, and all of them mature
        economy.mine(16)?;
        economy.mine(MATURITY)?;
        Ok(economy)
    }

    /// Mines blocks, each to the next wallet and the next address type.
    pub(crate) fn mine(&mut self, blocks: u32) -> Result<Vec<String>> {
        let mut hashes = Vec::new();
        for _ in 0..blocks {
            let height = self.rpc.call("getblockcount", json!([]))?.as_u64().unwrap_or_default() as usize;
            let kind = TYPES[height % TYPES.len()];
            let miner = (height / TYPES.len()) % self.wallets.len();
            let address = self.wallets[miner].text("getnewaddress", json!(["", kind]))?;
            let mined = self.rpc.call("generatetoaddress", json!([1, address]))?;
            let hash = mined[0].as_str().ok_or_else(|| HarnessError::shape("a block hash", &mined))?;
            hashes.push(hash.to_owned());
        }
        Ok(hashes)
    }

    /// Mines one block of exactly these transactions; policy does not apply to them, only consensus.
    pub(crate) fn mine_exactly(&mut self, txs_hex: &[String]) -> Result<()> {
        let address = self.address(0)?;
        self.rpc.call("generateblock", json!([address, txs_hex])).map(|_| ())
    }

    /// Every wallet acts, then a block is mined.
    pub(crate) fn round(&mut self, round: u32) -> Result<()> {
        for payer in 0..self.wallets.len() {
            // the wallets take turns in doing something else than paying
            match (round as usize + payer) % 7 {
                0 => self.pay_many(payer, 12)?,
                3 => self.consolidate(payer, 6)?,
                _ => {
                    for _ in 0..3 {
                        self.pay(payer)?;
                    }
                }
            }
        }
        self.mine(1).map(|_| ())
    }

    /// A payment to somebody else, replaceable by its payer; gives its txid.
    pub(crate) fn pay(&mut self, payer: usize) -> Result<String> {
        let payee = self.someone_else(payer);
        let address = self.address(payee)?;
        let amount = coins(self.amount_sat());
        let payment = json!({"address": address, "amount": amount, "replaceable": true, "fee_rate": 10});
        self.wallets[payer].text("sendtoaddress", payment)
    }

    fn pay_many(&mut self, payer: usize, outputs: usize) -> Result<()> {
        let mut amounts = Map::new();
        for _ in 0..outputs {
            let payee = self.someone_else(payer);
            let address = self.address(payee)?;
            let amount = coins(self.amount_sat());
            amounts.insert(address, amount);
        }
        self.wallets[payer].call("sendmany", json!({"amounts": amounts, "fee_rate": 10})).map(|_| ())
    }

    /// Gathers the wallet's smallest coins into one of its own addresses.
    fn consolidate(&mut self, wallet: usize, inputs: usize) -> Result<()> {
        let listed = self.wallets[wallet].call("listunspent", json!([1]))?;
        let mut unspent: Vec<&Value> = listed.as_array().into_iter().flatten().collect();
        unspent.sort_by(|a, b| a["amount"].as_f64().unwrap_or(0.0).total_cmp(&b["amount"].as_f64().unwrap_or(0.0)));
        if unspent.len() < 2 {
            return self.pay(wallet).map(|_| ());
        }
        let chosen: Vec<Value> =
            unspent.iter().take(inputs).map(|coin| json!({"txid": coin["txid"], "vout": coin["vout"]})).collect();
        let address = self.address(wallet)?;
        let request = json!({"recipients": [address], "options": {"inputs": chosen, "fee_rate": 10}});
        self.wallets[wallet].call("sendall", request).map(|_| ())
    }

    /// An address of the wallet; about one in three was given out before.
    pub(crate) fn address(&mut self, wallet: usize) -> Result<String> {
        if !self.known[wallet].is_empty() && self.random.random_ratio(1, 3) {
            let at = self.random.random_range(0..self.known[wallet].len());
            return Ok(self.known[wallet][at].clone());
        }
        let kind = TYPES[self.random.random_range(0..TYPES.len())];
        let address = self.wallets[wallet].text("getnewaddress", json!(["", kind]))?;
        self.known[wallet].push(address.clone());
        Ok(address)
    }

    /// The largest confirmed coin of the wallet as (txid, vout, amount in the node's form, script in hex).
    pub(crate) fn largest_coin(&self, wallet: usize) -> Result<(String, u32, Value, String)> {
        let listed = json!({"unspent": self.wallets[wallet].call("listunspent", json!([1]))?});
        let coin = list_of(&listed, "unspent")?
            .iter()
            .max_by(|a, b| a["amount"].as_f64().unwrap_or(0.0).total_cmp(&b["amount"].as_f64().unwrap_or(0.0)))
            .ok_or_else(|| HarnessError::World(format!("wallet {wallet} has no coin")))?;
        let vout = coin["vout"].as_u64().ok_or_else(|| HarnessError::shape("number `vout`", coin))?;
        Ok((text_of(coin, "txid")?, vout as u32, coin["amount"].clone(), text_of(coin, "scriptPubKey")?))
    }

    fn someone_else(&mut self, wallet: usize) -> usize {
        (wallet + self.random.random_range(1..self.wallets.len())) % self.wallets.len()
    }

    /// Between 0.001 and 0.3 coins, never round.
    fn amount_sat(&mut self) -> u64 {
        self.random.random_range(100_000..30_000_000)
    }
}
