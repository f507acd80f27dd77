//! The transfers that Athar reads give the balances that the node says: every account, every asset, after every block.

use crate::fixture::{Balances, account, blocks, client, genesis, number, settings};
use athar_node::account::{EvmClient, Traces, Wanted, coin_balances};
use athar_node_tests::evm::{Anvil, EvmWorld, Op, address_word, configured_anvil, contracts, number_word};
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, TransferKind, TransferRow, U256};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const TOKENS: [&str; 5] = ["Token", "Token2", "FeeToken", "OldToken", "Shell"];

/// Holds every balance after every block against the node's; gives how many were compared.
pub(crate) fn compare(node: &Anvil, world: &EvmWorld<'_>, all: &[AccountBlock]) -> usize {
    let mut accounts: BTreeSet<String> = world.accounts.clone();
    // whom the rows name and the script does not know would be a mistake of either: the node decides
    for row in all.iter().flat_map(|block| &block.transfers) {
        accounts.extend([row.from, row.to].into_iter().flatten().map(|a| athar_node_tests::evm::hex_text(&a)));
    }
    let mut held = Balances::default();
    for row in &genesis(node, &accounts) {
        held.add(row);
    }
    let balance_of = |holder: &str| contracts()["Token"].input("balanceOf(address)", &[address_word(holder)]);
    let mut compared = 0;
    for block in all {
        for row in &block.transfers {
            held.add(row);
        }
        let at = format!("{:#x}", block.number);
        let asked: Vec<_> = accounts.iter().map(|a| json!([a, at])).collect();
        let answers = node.rpc().batch("eth_getBalance", &asked).unwrap();
        for (who, answer) in accounts.iter().zip(&answers) {
            let ours = held.of(account(who), AssetKey::Native);
            assert_eq!(ours, number(answer), "{who} after block {}", block.number);
            compared += 1;
        }
        for name in TOKENS {
            let token = &world.contracts[name];
            let call = |a: &String| json!([{"to": token, "data": balance_of(a)}, at]);
            let asked: Vec<_> = accounts.iter().map(call).collect();
            let answers = node.rpc().batch("eth_call", &asked).unwrap();
            for (who, answer) in accounts.iter().zip(&answers) {
                // before the contract was there, it answers with nothing
                let theirs = if answer == "0x" { U256::ZERO } else { number(answer) };
                let ours = held.of(account(who), AssetKey::Token(account(token)));
                assert_eq!(ours, theirs, "{name} of {who} after block {}", block.number);
                compared += 1;
            }
        }
    }
    // items: whoever the node says owns one holds exactly one
    let items = &world.contracts["Items"];
    let at = format!("{:#x}", all.last().unwrap().number);
    let held_items: Vec<_> = held.0.iter().filter(|((_, asset), _)| matches!(asset, AssetKey::Item(..))).collect();
    for ((owner, asset), amount) in held_items {
        let AssetKey::Item(contract, id) = asset else { continue };
        assert_eq!(*contract, account(items));
        let input = contracts()["Items"].input("ownerOf(uint256)", &[number_word(id.to::<u128>())]);
        let answer = node.rpc().text("eth_call", json!([{"to": items, "data": input}, at])).unwrap();
        assert_eq!(answer[26..], athar_node_tests::evm::hex_text(owner)[2..]);
        assert_eq!(*amount, U256::from(1));
        compared += 1;
    }
    compared
}

pub(crate) fn world_of(node: &Anvil, seed: u64) -> EvmWorld<'_> {
    let mut world = EvmWorld::build(node, seed).unwrap();
    world.live(40, 24).unwrap();
    world
}

fn all_of(node: &Anvil, client: &EvmClient) -> Vec<AccountBlock> {
    blocks(client, 0, node.height().unwrap())
}

#[test]
fn every_balance_after_every_block_is_the_nodes() {
    let Some(program) = configured_anvil("balances against anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let world = world_of(&node, 6);
    assert_eq!(world.done.len(), 12, "not everything was done: {:?}", world.done);
    let client = client(&node);
    assert_eq!(client.traces(), Traces::TraceBlock);
    let all = all_of(&node, &client);
    let kinds: BTreeSet<&str> = all.iter().flat_map(|b| &b.transfers).map(|row| row.kind.name()).collect();
    for kind in [
        TransferKind::Value,
        TransferKind::Internal,
        TransferKind::Create,
        TransferKind::SelfDestruct,
        TransferKind::Token,
        TransferKind::Mint,
        TransferKind::Burn,
        TransferKind::Fee,
        TransferKind::FeeBurned,
    ] {
        assert!(kinds.contains(kind.name()), "no {} in {kinds:?}", kind.name());
    }
    let compared = compare(&node, &world, &all);
    let transfers: usize = all.iter().map(|b| b.transfers.len()).sum();
    println!("{compared} balances of {} blocks with {transfers} transfers are the node's", all.len());
    assert!(world.done[&Op::Attempt] > 0 && compared > 1_000);

    // the other way to trace says the same
    let wanted = Wanted { traces: Some(Traces::CallTracer), ..Wanted::default() };
    let other = EvmClient::connect(vec![settings(&node.url())], wanted).unwrap();
    assert_eq!(all_of(&node, &other), all);
    // without traces what contracts sent on is missing, and nothing else
    let wanted = Wanted { traces: Some(Traces::None), ..Wanted::default() };
    let bare = all_of(&node, &EvmClient::connect(vec![settings(&node.url())], wanted).unwrap());
    for (bare, whole) in bare.iter().zip(&all) {
        let is_inside = |row: &&TransferRow| {
            matches!(row.kind, TransferKind::Internal | TransferKind::SelfDestruct)
                || (row.kind == TransferKind::Create && row.tx.is_some_and(|tx| whole.txs[tx as usize].to.is_some()))
        };
        let expected: Vec<_> = whole.transfers.iter().filter(|row| !is_inside(row)).collect();
        assert_eq!(bare.transfers.iter().collect::<Vec<_>>(), expected);
    }
    assert!(bare.iter().map(|b| b.transfers.len()).sum::<usize>() < transfers);
    // and the balances show it: what is compared above would not hold
    let at = node.height().unwrap();
    let accounts: Vec<_> = world.accounts.iter().map(|text| account(text)).collect();
    let theirs = coin_balances(&client, &accounts, at).unwrap();
    let opening = genesis(&node, &world.accounts);
    let off = |all: &[AccountBlock]| {
        let mut sums: BTreeMap<_, (U256, U256)> = BTreeMap::new();
        for row in opening.iter().chain(all.iter().flat_map(|b| &b.transfers)).filter(|r| r.asset == AssetKey::Native) {
            if let Some(to) = row.to {
                sums.entry(to).or_default().0 += row.amount;
            }
            if let Some(from) = row.from {
                sums.entry(from).or_default().1 += row.amount;
            }
        }
        let held = |who: &AccountBytes| sums.get(who).map_or(Some(U256::ZERO), |(got, gave)| got.checked_sub(*gave));
        accounts.iter().zip(&theirs).filter(|(who, theirs)| held(who) != Some(**theirs)).count()
    };
    assert_eq!(off(&all), 0);
    assert!(off(&bare) > 10, "{}", off(&bare));
}
