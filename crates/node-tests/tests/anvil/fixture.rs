//! What the tests share: a client of the node, all its rows, and balances summed from them.

use athar_chains::account::Tokens;
use athar_node::account::{EndpointSettings, EndpointUrl, EvmClient, EvmError, Fetcher, Wanted, account_block};
use athar_node_tests::evm::{Anvil, hex_bytes, hex_text};
use athar_types::{
    Chain,
    account::{AccountBlock, AccountBytes, AccountParams, AssetKey, TransferKind, TransferRow, U256},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn params() -> &'static AccountParams {
    AccountParams::of(Chain::Ethereum).unwrap()
}

pub(crate) fn settings(url: &str) -> EndpointSettings {
    EndpointSettings::new(EndpointUrl::parse(url).unwrap())
}

pub(crate) fn client(node: &Anvil) -> EvmClient {
    EvmClient::connect(vec![settings(&node.url())], Wanted::default()).unwrap()
}

pub(crate) fn account(text: &str) -> AccountBytes {
    hex_bytes(text).unwrap().try_into().unwrap()
}

/// The rows of the blocks `from..=to`, each checked to follow the one before.
pub(crate) fn blocks(client: &EvmClient, from: u64, to: u64) -> Vec<AccountBlock> {
    let mut all = Vec::new();
    Fetcher::new(client)
        .run::<_, EvmError>(
            from,
            to,
            None,
            |parts| account_block(parts, params(), Tokens::shipped()).map_err(|error| error.to_string()),
            |_, block| {
                all.push(block);
                Ok(true)
            },
        )
        .unwrap();
    assert_eq!(all.len() as u64, to - from + 1);
    for (block, number) in all.iter().zip(from..) {
        assert_eq!(u64::from(block.number), number);
    }
    assert!(all.windows(2).all(|pair| pair[0].hash == pair[1].parent));
    all
}

/// What accounts hold.
#[derive(Default)]
pub(crate) struct Balances(pub(crate) BTreeMap<(AccountBytes, AssetKey), U256>);

impl Balances {
    /// Moves what the row says. Nobody can give what he does not have.
    pub(crate) fn add(&mut self, row: &TransferRow) {
        if let Some(from) = row.from {
            let held = self.0.entry((from, row.asset)).or_default();
            *held = held
                .checked_sub(row.amount)
                .unwrap_or_else(|| panic!("{} gives more than it has: {row:?}", hex_text(&from)));
        }
        if let Some(to) = row.to {
            let held = self.0.entry((to, row.asset)).or_default();
            *held = held.checked_add(row.amount).unwrap();
        }
    }

    pub(crate) fn of(&self, account: AccountBytes, asset: AssetKey) -> U256 {
        self.0.get(&(account, asset)).copied().unwrap_or_default()
    }
}

/// What the node's accounts held before the first block, as rows.
pub(crate) fn genesis(node: &Anvil, accounts: &BTreeSet<String>) -> Vec<TransferRow> {
    let accounts: Vec<&String> = accounts.iter().collect();
    let params: Vec<_> = accounts.iter().map(|a| json!([a, "0x0"])).collect();
    let answers = node.rpc().batch("eth_getBalance", &params).unwrap();
    let row = |(text, answer): (&&String, &serde_json::Value)| TransferRow {
        tx: None,
        from: None,
        to: Some(account(text)),
        asset: AssetKey::Native,
        amount: number(answer),
        kind: TransferKind::Genesis,
    };
    accounts.iter().zip(&answers).map(row).collect()
}

/// A number of up to 256 bits from `0x` and digits.
pub(crate) fn number(answer: &serde_json::Value) -> U256 {
    U256::from_str_radix(answer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}
