//! Chosen tokens and accounts by their logs: what is in whole blocks, without the rest.

use crate::fixture::{account, blocks, client, params};
use athar_chains::account::Tokens;
use athar_node::account::{EvmClient, EvmError, LogFetcher, LogSelection};
use athar_node_tests::evm::{Anvil, EvmWorld, configured_anvil};
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, TransferRow};

fn chosen(client: &EvmClient, to: u64, selection: &LogSelection) -> Vec<AccountBlock> {
    let fetcher = LogFetcher::new(client, params(), Tokens::shipped(), selection).unwrap();
    let (mut all, mut reached) = (Vec::new(), 0);
    fetcher
        .run::<EvmError>(0, to, |blocks, up_to| {
            assert!(up_to > reached && up_to <= to);
            reached = up_to;
            all.extend(blocks);
            Ok(true)
        })
        .unwrap();
    assert_eq!(reached, to);
    all
}

/// Transfers with the block and the hash of the transaction, by which rows of both ways can be compared.
fn told(all: &[AccountBlock], is: impl Fn(&TransferRow) -> bool) -> Vec<(u32, [u8; 32], TransferRow)> {
    let mut out = Vec::new();
    for block in all {
        for row in block.transfers.iter().filter(|row| is(row)) {
            let hash = block.txs[row.tx.unwrap() as usize].hash;
            out.push((block.number, hash, TransferRow { tx: None, ..*row }));
        }
    }
    out
}

#[test]
fn chosen_tokens_and_accounts_are_what_whole_blocks_say_of_them() {
    let Some(program) = configured_anvil("chosen tokens of anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let mut world = EvmWorld::build(&node, 11).unwrap();
    world.live(30, 20).unwrap();
    let client = client(&node);
    let to = node.height().unwrap();
    let whole = blocks(&client, 0, to);
    let token = |name: &str| account(&world.contracts[name]);
    let of_asset = |asset: &AssetKey| match asset {
        AssetKey::Token(contract) | AssetKey::Item(contract, _) => Some(*contract),
        _ => None,
    };
    let tokens = vec![token("Token"), token("OldToken"), token("Items")];
    let people: Vec<AccountBytes> = world.people[..2].iter().chain(&world.strangers[..2]).map(|a| account(a)).collect();
    for selection in [
        LogSelection { tokens: tokens.clone(), accounts: Vec::new() },
        LogSelection { tokens: Vec::new(), accounts: people.clone() },
        LogSelection { tokens, accounts: people },
    ] {
        let is_chosen = |row: &TransferRow| {
            let Some(contract) = of_asset(&row.asset) else { return false };
            let is_token = selection.tokens.is_empty() || selection.tokens.contains(&contract);
            let is_of = |side: Option<AccountBytes>| side.is_some_and(|side| selection.accounts.contains(&side));
            is_token && (selection.accounts.is_empty() || is_of(row.from) || is_of(row.to))
        };
        let expected = told(&whole, is_chosen);
        let found = chosen(&client, to, &selection);
        assert_eq!(told(&found, |_| true), expected);
        assert!(expected.len() > 30, "{}", expected.len());
        for block in &found {
            let same = &whole[block.number as usize];
            assert_eq!((block.hash, block.parent, block.time), (same.hash, same.parent, same.time));
            for tx in &block.txs {
                assert!(same.txs.contains(tx));
            }
        }
    }
}
