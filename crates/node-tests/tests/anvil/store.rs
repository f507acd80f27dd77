//! The same through the store: what an ingest and a follower put there is what the node says, also after a reorganisation.

use crate::balances::{compare, world_of};
use crate::fixture::{account, blocks, client, genesis, number, settings};
use athar_engine::account_node::FollowSettings;
use athar_engine::write::{
    AccountHappening, AccountNodeSettings, MEMORY_BYTES, Selected, follow_accounts, ingest_account_node,
};
use athar_engine::{Chain, Engine, Options};
use athar_ledger::Store;
use athar_node_tests::evm::{Anvil, configured_anvil};
use athar_types::account::{AccountBlock, AssetKey, U256};
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

const CHAIN: Chain = Chain::Ethereum;
const CHAIN_ID: u64 = 31_337;

fn node_settings(node: &Anvil) -> AccountNodeSettings {
    AccountNodeSettings {
        chain: CHAIN,
        chain_id: Some(CHAIN_ID),
        endpoints: vec![settings(&node.url())],
        from: 0,
        to: None,
        selected: Selected::default(),
        genesis: Vec::new(),
        memory_bytes: MEMORY_BYTES,
    }
}

fn stored(folder: &Path) -> Vec<AccountBlock> {
    let ledger = Store::open(folder).unwrap().account_ledger(CHAIN).unwrap().unwrap();
    (0..ledger.block_count()).map(|rank| ledger.rows(rank)).collect()
}

/// What a block moved, and between whom: contracts are told once in a store, and in every block by a node.
fn moved(blocks: &[AccountBlock]) -> Vec<AccountBlock> {
    blocks.iter().map(|block| AccountBlock { events: Vec::new(), ..block.clone() }).collect()
}

#[test]
fn the_store_has_every_balance_after_every_block_and_goes_through_reorganisations() {
    let Some(program) = configured_anvil("a store against anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let world = world_of(&node, 11);
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    let mut told = 0;
    let summary = ingest_account_node(&first, &node_settings(&node), &mut |p| {
        told = p.blocks;
        true
    })
    .unwrap();
    assert_eq!((summary.blocks_added, summary.tip_number), (told, Some(node.height().unwrap() as u32)));
    let compared = compare(&node, &world, &stored(&first));
    println!("{compared} balances of the store are the node's");
    assert!(compared > 1_000);

    // with opening balances the answers themselves are the node's
    let accounts = world.accounts.clone();
    let opening = genesis(&node, &accounts).into_iter().filter_map(|row| Some((row.to?, row.amount))).collect();
    let second = folder.path().join("second");
    let with_opening = AccountNodeSettings { genesis: opening, ..node_settings(&node) };
    ingest_account_node(&second, &with_opening, &mut |_| true).unwrap();
    let engine = Engine::open(&second, &Options { chain: Some(CHAIN), ..Options::default() }).unwrap();
    let mut held = 0;
    for who in &accounts {
        let answer = node.rpc().call("eth_getBalance", json!([who, "latest"])).unwrap();
        let Some(view) = engine.account_address(who, 0, Some(1)).unwrap() else {
            assert_eq!(number(&answer), U256::ZERO, "{who}");
            continue;
        };
        let coin = view.holdings.iter().find(|h| h.received.asset.id == "native");
        let ours = coin.map_or_else(|| "0".to_string(), |h| h.balance_units.clone().unwrap());
        assert_eq!(ours, number(&answer).to_string(), "{who}");
        held += u32::from(ours != "0");
    }
    assert!(held > 3);

    // an ingest after a reorganisation goes on from the last block in common
    node.reorg(3).unwrap();
    node.mine().unwrap();
    ingest_account_node(&first, &node_settings(&node), &mut |_| true).unwrap();
    let fresh = blocks(&client(&node), 0, node.height().unwrap());
    assert_eq!(moved(&stored(&first)), moved(&fresh));
    let verified = athar_ledger::verify(&Store::open(&first).unwrap()).unwrap();
    assert!(verified.transfers > 0);

    // and so does a follower, which commits each block
    let stop = AtomicBool::new(false);
    let (mut dropped, mut heights) = (0, Vec::new());
    let socket = athar_engine::account_node::EndpointUrl::parse(&node.ws_url()).unwrap();
    let following = FollowSettings { socket: Some(socket), ..FollowSettings::default() };
    let mut reorganised = false;
    follow_accounts(&first, &node_settings(&node), following, &stop, &mut |happening| {
        match happening {
            AccountHappening::Block { number, .. } => heights.push(*number),
            AccountHappening::Dropped { depth, .. } => dropped += depth,
            AccountHappening::CaughtUp { .. } if !reorganised => {
                reorganised = true;
                node.reorg(2).unwrap();
                node.mine().unwrap();
            }
            AccountHappening::CaughtUp { .. } if dropped > 0 => stop.store(true, Ordering::Relaxed),
            _ => {}
        }
        true
    })
    .unwrap();
    assert!(dropped >= 2 && !heights.is_empty(), "{dropped} {heights:?}");
    let fresh = blocks(&client(&node), 0, node.height().unwrap());
    assert_eq!(moved(&stored(&first)), moved(&fresh));
}

#[test]
fn chosen_tokens_are_read_by_their_logs_and_go_on_where_they_ended() {
    let Some(program) = configured_anvil("chosen tokens into a store") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let world = world_of(&node, 12);
    let token = account(&world.contracts["Token"]);
    let folder = tempfile::tempdir().unwrap();
    let chosen = AccountNodeSettings { selected: Selected::new(&[token], &[], false), ..node_settings(&node) };
    let half = AccountNodeSettings { to: Some(20), ..chosen.clone() };
    let first = ingest_account_node(folder.path(), &half, &mut |_| true).unwrap();
    assert_eq!(first.tip_number, Some(20));
    let summary = ingest_account_node(folder.path(), &chosen, &mut |_| true).unwrap();
    let head = node.height().unwrap() as u32;
    assert_eq!(summary.tip_number, Some(head));
    let coverage = &summary.coverage;
    assert_eq!((coverage.len(), coverage[0].from, coverage[0].to), (1, 0, head));
    assert!(coverage[0].knows.tokens && !coverage[0].knows.receipts && !coverage[0].selection.is_everything());
    let of = |all: &[AccountBlock]| -> Vec<_> {
        let rows = all.iter().flat_map(|block| block.transfers.iter().map(|row| (block.number, *row)));
        rows.filter(|(_, row)| row.asset == AssetKey::Token(token))
            .map(|(number, row)| (number, row.from, row.to, row.amount))
            .collect()
    };
    let all = blocks(&client(&node), 0, u64::from(head));
    assert!(of(&all).len() > 50);
    assert_eq!(of(&stored(folder.path())), of(&all));
    assert!(stored(folder.path()).iter().flat_map(|b| &b.transfers).all(|row| row.asset == AssetKey::Token(token)));

    // after a reorganisation what the node no longer has is dropped
    node.reorg(4).unwrap();
    node.mine().unwrap();
    ingest_account_node(folder.path(), &chosen, &mut |_| true).unwrap();
    let all = blocks(&client(&node), 0, node.height().unwrap());
    assert_eq!(of(&stored(folder.path())), of(&all));
}
