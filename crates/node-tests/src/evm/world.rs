//! The scripted world: contracts of every kind that moves value, and a seeded economy over them.
//!
//! Every account that can ever hold anything is in [`EvmWorld::accounts`], collected by the script and not from Athar, so
//! that a balance that Athar knows nothing of cannot go unseen.

use super::{
    Anvil,
    abi::{address_word, number_word, text_tail},
    contracts::contracts,
};
use crate::{HarnessError, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Enough for every call here; explicit, since estimating fails for what reverts.
const GAS: u64 = 3_000_000;
const ETHER: u128 = 1_000_000_000_000_000_000;

/// What the script does, for counting that each was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Op {
    /// Coins to an account.
    Coins,
    /// Tokens of any token.
    Tokens,
    /// Coins through a contract.
    Forward,
    /// An inner call that reverts and is caught.
    Attempt,
    /// A transaction that reverts after value has moved.
    Refuse,
    /// Contracts born with value, one of them gone in the same transaction.
    Bear,
    /// A contract that ends itself.
    End,
    /// Tokens made.
    Mint,
    /// Tokens destroyed.
    Burn,
    /// A trade with the pool.
    Swap,
    /// A single item.
    Item,
    /// More tokens than there are: reverts.
    Overdraw,
}

const OPS: [Op; 12] = [
    Op::Coins,
    Op::Tokens,
    Op::Forward,
    Op::Attempt,
    Op::Refuse,
    Op::Bear,
    Op::End,
    Op::Mint,
    Op::Burn,
    Op::Swap,
    Op::Item,
    Op::Overdraw,
];

/// A world on a node.
pub struct EvmWorld<'a> {
    node: &'a Anvil,
    rng: ChaCha8Rng,
    nonces: BTreeMap<String, u64>,
    /// The node's accounts, which sign.
    pub people: Vec<String>,
    /// Addresses that only receive.
    pub strangers: Vec<String>,
    /// Contracts by name. `Token` and `Token2` are in the pool; `Shell` is a proxy over `Token`'s code.
    pub contracts: BTreeMap<String, String>,
    /// Contracts that were born with value, and can be ended.
    mortals: Vec<String>,
    /// Hashes of `bear`, whose new contract is read from the receipt.
    births: Vec<String>,
    /// How often each thing was done.
    pub done: BTreeMap<Op, usize>,
    next_item: u128,
    /// Every account that can hold something.
    pub accounts: BTreeSet<String>,
}

impl<'a> EvmWorld<'a> {
    /// Puts the contracts on a new chain, in its first blocks.
    pub fn build(node: &'a Anvil, seed: u64) -> Result<Self> {
        let people = node.accounts()?;
        let strangers: Vec<String> = (1..=12).map(|i| format!("0x{:040x}", 0xaa00 + i)).collect();
        let mut accounts: BTreeSet<String> = people.iter().chain(&strangers).cloned().collect();
        // the block producer, and the collector of the token with a toll
        accounts.extend([format!("0x{:040x}", 0), format!("0x{:040x}", 0xfee)]);
        let mut world = Self {
            node,
            rng: ChaCha8Rng::seed_from_u64(seed),
            nonces: BTreeMap::new(),
            people,
            strangers,
            contracts: BTreeMap::new(),
            mortals: Vec::new(),
            births: Vec::new(),
            done: BTreeMap::new(),
            next_item: 1,
            accounts,
        };
        let token = |name: &str, symbol: &str, decimals: u128, supply: u128| {
            let name_tail = text_tail(name);
            let words = [
                number_word(0x80),
                number_word(0x80 + name_tail.len() as u128 / 2),
                number_word(decimals),
                number_word(supply),
            ];
            words.concat() + &name_tail + &text_tail(symbol)
        };
        world.deploy("Token", "Token", &token("Dollar", "USDX", 6, 1_000_000_000_000), 0)?;
        world.deploy("Token2", "Token", &token("Euro", "EURX", 18, 1_000_000 * ETHER), 0)?;
        world.deploy("FeeToken", "FeeToken", "", 0)?;
        world.deploy("OldToken", "OldToken", "", 0)?;
        let code = world.contracts["Token"].clone();
        world.deploy("Shell", "Proxy", &address_word(&code), 0)?;
        world.deploy("Items", "Items", "", 0)?;
        world.deploy("Forwarder", "Forwarder", "", 0)?;
        world.deploy("Mortal", "Mortal", "", 5 * ETHER)?;
        let pair = address_word(&world.contracts["Token"]) + &address_word(&world.contracts["Token2"]);
        world.deploy("Pool", "Pool", &pair, 0)?;
        world.mortals.push(world.contracts["Mortal"].clone());
        let (owner, pool) = (world.people[0].clone(), world.contracts["Pool"].clone());
        world.token_call(
            &owner,
            "Token2",
            "transfer(address,uint256)",
            &[address_word(&pool), number_word(1_000 * ETHER)],
        )?;
        for person in world.people.clone() {
            world.token_call(
                &owner,
                "Token",
                "transfer(address,uint256)",
                &[address_word(&person), number_word(1_000_000_000)],
            )?;
            world.token_call(
                &owner,
                "FeeToken",
                "transfer(address,uint256)",
                &[address_word(&person), number_word(1_000 * ETHER)],
            )?;
            world.token_call(
                &owner,
                "OldToken",
                "transfer(address,uint256)",
                &[address_word(&person), number_word(1_000_000_000)],
            )?;
            world.token_call(
                &owner,
                "Shell",
                "mint(address,uint256)",
                &[address_word(&person), number_word(5_000_000)],
            )?;
            world.token_call(
                &person,
                "Token",
                "approve(address,uint256)",
                &[address_word(&pool), number_word(u128::MAX)],
            )?;
        }
        world.mine()?;
        Ok(world)
    }

    /// `blocks` blocks of up to `txs` transactions each; every tenth block is empty.
    pub fn live(&mut self, blocks: usize, txs: usize) -> Result<()> {
        for block in 0..blocks {
            let count = if block % 10 == 9 { 0 } else { self.rng.random_range(1..=txs) };
            for _ in 0..count {
                let op = OPS[self.rng.random_range(0..OPS.len())];
                self.act(op)?;
            }
            self.mine()?;
        }
        Ok(())
    }

    /// One thing done by somebody, waiting to be mined.
    pub fn act(&mut self, op: Op) -> Result<()> {
        let from = self.person();
        let to = self.anybody();
        match op {
            Op::Coins => {
                let value = self.rng.random_range(0..ETHER);
                self.send(&from, Some(&to), value, "0x")?;
            }
            Op::Tokens => {
                let (name, most) = [
                    ("Token", 1_000_000),
                    ("Token2", 10),
                    ("FeeToken", ETHER),
                    ("OldToken", 1_000_000),
                    ("Shell", 10_000),
                ][self.rng.random_range(0..5_usize)];
                let amount = self.rng.random_range(0..most);
                self.token_call(&from, name, "transfer(address,uint256)", &[address_word(&to), number_word(amount)])?;
            }
            Op::Forward | Op::Attempt | Op::Refuse | Op::Bear => {
                let value = self.rng.random_range(4..ETHER / 10);
                let (signature, words) = match op {
                    Op::Forward => ("forward(address)", vec![address_word(&to)]),
                    Op::Attempt => ("attempt(address,address)", vec![address_word(&to), address_word(&self.anybody())]),
                    Op::Refuse => ("refuse(address)", vec![address_word(&to)]),
                    _ => ("bear(address)", vec![address_word(&to)]),
                };
                let input = contracts()["Forwarder"].input(signature, &words);
                let hash = self.send(&from, Some(&self.contracts["Forwarder"].clone()), value, &input)?;
                if op == Op::Bear {
                    self.births.push(hash);
                }
            }
            Op::End => {
                // one that ended before is called in vain, which is a transaction like any other
                let mortal = self.mortals[self.rng.random_range(0..self.mortals.len())].clone();
                let input = contracts()["Mortal"].input("end(address)", &[address_word(&to)]);
                self.send(&from, Some(&mortal), 0, &input)?;
            }
            Op::Mint => {
                let amount = self.rng.random_range(1..1_000_000);
                self.token_call(&from, "Token", "mint(address,uint256)", &[address_word(&to), number_word(amount)])?;
            }
            Op::Burn => {
                let amount = self.rng.random_range(1..1_000);
                self.token_call(&from, "Token", "burn(uint256)", &[number_word(amount)])?;
            }
            Op::Swap => {
                let amount = self.rng.random_range(1..10_000);
                let input =
                    contracts()["Pool"].input("sell0(uint256,address)", &[number_word(amount), address_word(&to)]);
                self.send(&from, Some(&self.contracts["Pool"].clone()), 0, &input)?;
            }
            Op::Item => {
                let input = contracts()["Items"]
                    .input("mint(address,uint256)", &[address_word(&to), number_word(self.next_item)]);
                self.next_item += 1;
                self.send(&from, Some(&self.contracts["Items"].clone()), 0, &input)?;
            }
            Op::Overdraw => {
                self.token_call(
                    &from,
                    "Token",
                    "transfer(address,uint256)",
                    &[address_word(&to), number_word(u128::MAX)],
                )?;
            }
        }
        *self.done.entry(op).or_default() += 1;
        Ok(())
    }

    /// Mines what waits; new contracts become known.
    pub fn mine(&mut self) -> Result<()> {
        self.node.mine()?;
        for hash in std::mem::take(&mut self.births) {
            let answer = self.node.rpc().call("debug_traceTransaction", json!([hash, {"tracer": "callTracer"}]))?;
            let mut born = Vec::new();
            for call in answer["calls"].as_array().into_iter().flatten() {
                if call["type"].as_str().is_some_and(|kind| kind.starts_with("CREATE")) {
                    let to = call["to"].as_str().ok_or_else(|| HarnessError::shape("a contract", call))?;
                    born.push(to.to_lowercase());
                }
            }
            // the first one stays; the second ended at once
            self.mortals.extend(born.first().cloned());
            self.accounts.extend(born);
        }
        Ok(())
    }

    /// Sends a transaction, which waits to be mined; gives its hash.
    pub fn send(&mut self, from: &str, to: Option<&str>, value: u128, input: &str) -> Result<String> {
        let nonce = self.nonces.entry(from.to_owned()).or_default();
        let tip = self.rng.random_range(0..3_000_000_000_u64);
        let mut tx = json!({
            "from": from, "value": format!("{value:#x}"), "input": input, "gas": format!("{GAS:#x}"),
            "nonce": format!("{nonce:#x}"), "maxFeePerGas": format!("{:#x}", 100_000_000_000_u64),
            "maxPriorityFeePerGas": format!("{tip:#x}"),
        });
        if let Some(to) = to {
            tx["to"] = Value::String(to.to_owned());
        }
        let hash = self.node.rpc().text("eth_sendTransaction", json!([tx]))?;
        *nonce += 1;
        Ok(hash)
    }

    /// Calls a function of a token, by the contract's name in this world.
    pub fn token_call(&mut self, from: &str, name: &str, signature: &str, words: &[String]) -> Result<String> {
        let form = match name {
            "FeeToken" | "OldToken" => name,
            _ => "Token",
        };
        let input = contracts()[form].input(signature, words);
        self.send(from, Some(&self.contracts[name].clone()), 0, &input)
    }

    fn deploy(&mut self, name: &str, form: &str, arguments: &str, value: u128) -> Result<()> {
        let from = self.people[0].clone();
        let hash = self.send(&from, None, value, &format!("{}{arguments}", contracts()[form].bytecode))?;
        self.node.mine()?;
        let receipt = self.node.rpc().call("eth_getTransactionReceipt", json!([hash]))?;
        if receipt["status"] != "0x1" {
            return Err(HarnessError::shape(format!("the creation of {name}"), &receipt));
        }
        let address = receipt["contractAddress"].as_str().ok_or_else(|| HarnessError::shape("an address", &receipt))?;
        self.accounts.insert(address.to_lowercase());
        self.contracts.insert(name.to_owned(), address.to_lowercase());
        Ok(())
    }

    fn person(&mut self) -> String {
        self.people[self.rng.random_range(0..self.people.len())].clone()
    }

    fn anybody(&mut self) -> String {
        if self.rng.random_bool(0.5) {
            self.person()
        } else {
            self.strangers[self.rng.random_range(0..self.strangers.len())].clone()
        }
    }
}
