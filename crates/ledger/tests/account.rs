//! Chains of accounts: what was put in comes out, whatever the segments, joins, cuts and readers.
use athar_ledger::account::{AccountBuilder, AccountLedger, Coverage, Knows, NONE, Selection};
use athar_ledger::{Disk, LedgerError, Store, StoreLock, verify};
use athar_types::account::{
    AccountBlock, AccountTxRow, AssetKey, BridgeEvent, EventKind, EventRow, TransferKind, TransferRow, TxStatus, U256,
};
use athar_types::{Chain, UnixTime};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

const CHAIN: Chain = Chain::Ethereum;

fn account(n: u8) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&blake3::hash(&[n]).as_bytes()[..20]);
    bytes
}

fn hash(number: u32, tx: u32, salt: u8) -> [u8; 32] {
    *blake3::hash(&[&number.to_le_bytes()[..], &tx.to_le_bytes(), &[salt]].concat()).as_bytes()
}

/// A random event; contracts first, as the ledger gives them back.
fn event() -> impl Strategy<Value = EventKind> {
    let amount = any::<[u64; 4]>().prop_map(U256::from_limbs);
    prop_oneof![
        any::<u8>().prop_map(|n| EventKind::Contract { account: account(n % 40) }),
        any::<u8>().prop_map(|n| EventKind::Swap { pool: account(n % 40) }),
        (any::<u8>(), any::<bool>()).prop_map(|(n, is_frozen)| EventKind::Freeze {
            token: account(1),
            account: account(n),
            is_frozen
        }),
        (any::<u8>(), amount.clone()).prop_map(|(n, amount)| EventKind::Destroyed {
            token: account(1),
            account: account(n),
            amount
        }),
        (any::<u8>(), amount.clone(), any::<bool>()).prop_map(|(n, amount, is_given)| EventKind::Delegate {
            from: account(n),
            to: account(n / 2),
            amount,
            is_given
        }),
        (any::<(u16, bool, Option<u64>, Option<[u8; 32]>)>(), any::<(Option<u8>, Option<u8>)>(), amount).prop_map(
            |((protocol, is_out, far_chain, far_account), (who, token), amount)| {
                EventKind::Bridge(BridgeEvent {
                    protocol,
                    contract: account(3),
                    is_out,
                    account: who.map(account),
                    far_chain,
                    far_account,
                    token: token.map(account),
                    amount,
                    message: far_account,
                })
            }
        ),
    ]
}

fn transfer() -> impl Strategy<Value = TransferRow> {
    let amount = prop_oneof![
        any::<u64>().prop_map(U256::from),
        any::<[u64; 4]>().prop_map(U256::from_limbs),
        Just(U256::from(u128::MAX)),
        Just(U256::from(u128::MAX) - U256::from(1)),
        Just(U256::MAX),
        Just(U256::ZERO),
    ];
    let side = || prop_oneof![4 => any::<u8>().prop_map(|n| Some(account(n % 60))), 1 => Just(None)];
    let asset = prop_oneof![
        Just(AssetKey::Native),
        (0_u8..4).prop_map(|n| AssetKey::Token(account(n))),
        (0_u8..3, any::<u8>()).prop_map(|(n, id)| AssetKey::Item(account(n), U256::MAX - U256::from(id))),
        (0_u64..5).prop_map(AssetKey::Trc10),
    ];
    (side(), side(), asset, amount, 0_u8..13).prop_map(|(from, to, asset, amount, kind)| TransferRow {
        tx: None,
        from,
        to,
        asset,
        amount,
        kind: TransferKind::from_code(kind).unwrap(),
    })
}

type TxShape = (u8, Option<u8>, Option<u8>, u8, Option<[u8; 4]>, Vec<TransferRow>, Vec<EventKind>);

fn tx() -> impl Strategy<Value = TxShape> {
    (
        any::<u8>(),
        any::<Option<u8>>(),
        any::<Option<u8>>(),
        0_u8..3,
        any::<Option<[u8; 4]>>(),
        prop::collection::vec(transfer(), 0..5),
        prop::collection::vec(event(), 0..3),
    )
}

/// Blocks with gaps between their numbers.
fn blocks() -> impl Strategy<Value = Vec<AccountBlock>> {
    let block = (1_u32..3, prop::collection::vec(tx(), 0..4), prop::collection::vec(transfer(), 0..3), any::<bool>());
    prop::collection::vec(block, 1..12).prop_map(|shapes| {
        let (mut out, mut number, mut parent) = (Vec::<AccountBlock>::new(), 5, [0; 32]);
        let mut contracts = BTreeSet::new();
        for (step, txs, own, first) in shapes {
            number += step;
            let mut block = AccountBlock {
                number,
                hash: hash(number, u32::MAX, 0),
                parent: if step == 1 { parent } else { [9; 32] },
                time: UnixTime(number * 12),
                odd_logs: step,
                ..AccountBlock::default()
            };
            if first {
                block.transfers.clone_from(&own);
            }
            for (rank, (from, to, created, status, selector, transfers, events)) in (0_u32..).zip(txs) {
                let status = [TxStatus::Success, TxStatus::Failed, TxStatus::Unknown][usize::from(status)];
                block.txs.push(AccountTxRow {
                    hash: hash(number, rank, 1),
                    from: account(from),
                    to: to.map(account),
                    created: created.map(account),
                    status,
                    selector,
                });
                block.transfers.extend(transfers.into_iter().map(|t| TransferRow { tx: Some(rank), ..t }));
                let mut events: Vec<EventRow> = events
                    .into_iter()
                    .map(|kind| EventRow { tx: rank, kind })
                    .filter(|e| match e.kind {
                        EventKind::Contract { account } => contracts.insert(account),
                        _ => true,
                    })
                    .collect();
                events.sort_by_key(|e| match e.kind {
                    EventKind::Contract { .. } => 0,
                    EventKind::Swap { .. } => 1,
                    _ => 2,
                });
                block.events.extend(events);
            }
            if !first {
                block.transfers.extend(own);
            }
            parent = block.hash;
            out.push(block);
        }
        out
    })
}

fn coverage(from: u32, to: u32) -> Coverage {
    Coverage { from, to, knows: Knows::ALL, selection: Selection::default() }
}

/// Puts blocks into the store in pieces of `sizes`.
fn put(store: &mut Store, blocks: &[AccountBlock], sizes: &[usize]) -> Result<(), LedgerError> {
    store.set_chain_id(CHAIN, 1)?;
    let mut rest = blocks;
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
        let ledger = store.account_ledger(CHAIN)?.filter(|ledger| ledger.tip().is_some());
        let mut builder = AccountBuilder::new(ledger.as_ref());
        for block in now {
            builder.push(block, ledger.as_ref())?;
        }
        builder.cover(coverage(now[0].number, now[now.len() - 1].number));
        let folder = store.chain_folder(CHAIN);
        let piece = builder.finish(store.disk(), &folder)?.unwrap();
        drop(ledger);
        store.append_account(CHAIN, piece)?;
        rest = later;
    }
    Ok(())
}

fn writing(folder: &Path) -> (StoreLock, Store) {
    let lock = StoreLock::take(folder).unwrap();
    let store = Store::open_for_writing(folder, &lock, Disk::default()).unwrap();
    (lock, store)
}

/// Everything that a ledger answers, found by going through the rows that went in.
fn holds(ledger: &AccountLedger, blocks: &[AccountBlock]) {
    assert_eq!(ledger.block_count() as usize, blocks.len());
    let all: Vec<AccountBlock> = (0..ledger.block_count()).map(|rank| ledger.rows(rank)).collect();
    assert_eq!(all, blocks);
    let mut accounts = Vec::new();
    let mut see = |bytes: [u8; 20]| {
        if !accounts.contains(&bytes) {
            accounts.push(bytes);
        }
    };
    let (mut transfers, mut txs) = (Vec::new(), 0);
    for (rank, block) in (0_u32..).zip(blocks) {
        assert_eq!(ledger.rank_of(block.number), Some(rank));
        assert_eq!(ledger.first_rank_from(block.number), rank);
        assert_eq!(ledger.first_rank_at(block.time), rank);
        assert_eq!(ledger.block_by_hash(&block.hash), Some(rank));
        for tx in &block.txs {
            assert_eq!(ledger.tx_by_hash(&tx.hash), Some(txs));
            assert_eq!((ledger.tx_block(txs), ledger.tx_time(txs)), (rank, block.time));
            txs += 1;
            see(tx.from);
            tx.to.into_iter().chain(tx.created).for_each(&mut see);
        }
        for transfer in &block.transfers {
            assert_eq!(ledger.transfer_block(transfers.len() as u64), rank);
            transfers.push(*transfer);
        }
    }
    assert_eq!((ledger.tx_count(), ledger.transfer_count()), (txs, transfers.len() as u64));
    for bytes in accounts {
        let id = ledger.account_id(&bytes).unwrap();
        assert_eq!(ledger.account_bytes(id), bytes);
        let touched: Vec<u64> = (0..)
            .zip(&transfers)
            .filter(|(_, t)| t.from == Some(bytes) || t.to == Some(bytes))
            .map(|(n, _)| n)
            .collect();
        assert_eq!(ledger.of_account(id, 0).collect::<Vec<_>>(), touched);
        assert_eq!(ledger.moved_count(id) as usize, touched.len());
        for from in touched.iter().flat_map(|n| [*n, *n + 1]) {
            let after: Vec<u64> = touched.iter().copied().filter(|n| *n >= from).collect();
            assert_eq!(ledger.of_account(id, from).collect::<Vec<_>>(), after);
            let before: Vec<u64> = touched.iter().rev().copied().filter(|n| *n < from).collect();
            assert_eq!(ledger.of_account_back(id, from).collect::<Vec<_>>(), before);
        }
        let told = blocks.iter().flat_map(|b| &b.events);
        let is_contract = told.clone().any(|e| e.kind == EventKind::Contract { account: bytes });
        assert_eq!(ledger.is_contract(id), is_contract);
    }
    assert_eq!(ledger.account_id(&[0xee; 20]), None);
    assert_eq!(ledger.tx_by_hash(&[0xee; 32]), None);
    assert_eq!(ledger.asset_id(&AssetKey::Token([0xee; 20])), None);
    for transfer in &transfers {
        let id = ledger.asset_id(&transfer.asset).unwrap();
        assert_eq!(ledger.asset(id), transfer.asset);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_was_put_in_comes_out_and_the_same_ids_whatever_the_pieces(
        blocks in blocks(), sizes in prop::collection::vec(1_usize..5, 1..4), cut in 0_usize..12,
    ) {
        let (whole, pieces) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (_lock, mut store) = writing(whole.path());
        put(&mut store, &blocks, &[blocks.len()]).unwrap();
        let one = store.account_ledger(CHAIN).unwrap().unwrap();
        holds(&one, &blocks);
        verify(&store).unwrap();
        prop_assert_eq!(one.segment_count(), 1);

        let (_lock, mut store) = writing(pieces.path());
        put(&mut store, &blocks, &sizes).unwrap();
        let many = store.account_ledger(CHAIN).unwrap().unwrap();
        holds(&many, &blocks);
        verify(&store).unwrap();
        let ids = |ledger: &AccountLedger| (0..ledger.account_count()).map(|id| ledger.account_bytes(id)).collect::<Vec<_>>();
        prop_assert_eq!(ids(&one), ids(&many));
        let rows = |ledger: &AccountLedger| (0..ledger.transfer_count()).map(|n| ledger.transfer(n)).collect::<Vec<_>>();
        prop_assert_eq!(rows(&one), rows(&many));

        // cut anywhere, it is as if the rest had never been; and it can go on
        let cut = cut.min(blocks.len() - 1);
        drop(many);
        store.unwind_account(CHAIN, blocks[cut].number).unwrap();
        holds(&store.account_ledger(CHAIN).unwrap().unwrap(), &blocks[..=cut]);
        put(&mut store, &blocks[cut + 1..], &[2]).unwrap();
        holds(&store.account_ledger(CHAIN).unwrap().unwrap(), &blocks);
        verify(&store).unwrap();
    }
}

/// A chain of `count` small blocks: each of ten transfers of one token among twenty accounts.
fn plain(count: u32) -> Vec<AccountBlock> {
    (0..count)
        .map(|number| AccountBlock {
            number,
            hash: hash(number, u32::MAX, 7),
            parent: number.checked_sub(1).map_or([0; 32], |n| hash(n, u32::MAX, 7)),
            time: UnixTime(1_600_000_000 + number),
            txs: vec![AccountTxRow {
                hash: hash(number, 0, 7),
                from: account(1),
                to: None,
                created: None,
                status: TxStatus::Success,
                selector: None,
            }],
            transfers: (0..10)
                .map(|n| TransferRow {
                    tx: Some(0),
                    from: Some(account(n)),
                    to: Some(account(n + 10)),
                    asset: AssetKey::Token(account(99)),
                    amount: U256::from(number),
                    kind: TransferKind::Token,
                })
                .collect(),
            ..AccountBlock::default()
        })
        .collect()
}

#[test]
fn segments_stay_few_however_small_the_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let (_lock, mut store) = writing(folder.path());
    let blocks = plain(120);
    put(&mut store, &blocks, &[1]).unwrap();
    let ledger = store.account_ledger(CHAIN).unwrap().unwrap();
    assert!(ledger.segment_count() <= 5, "{}", ledger.segment_count());
    assert_eq!(ledger.coverage(), [coverage(0, 119)]);
    holds(&ledger, &blocks);
    assert_eq!(ledger.flows_before(ledger.account_id(&account(15)).unwrap(), 1, u64::MAX).0, U256::from(119 * 60));
}

#[test]
fn blocks_that_do_not_fit_are_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (_lock, mut store) = writing(folder.path());
    let blocks = plain(4);
    put(&mut store, &blocks[..3], &[2]).unwrap();
    let ledger = store.account_ledger(CHAIN).unwrap().unwrap();
    let refused = |block: &AccountBlock| {
        let mut builder = AccountBuilder::new(Some(&ledger));
        let error = builder.push(block, Some(&ledger)).unwrap_err().to_string();
        assert_eq!(builder.blocks(), 0);
        error
    };
    assert!(refused(&blocks[1]).contains("block 1: it does not come after block 2"));
    let other = AccountBlock { parent: [7; 32], ..blocks[3].clone() };
    assert!(refused(&other).contains("its parent is 0707"));
    let mut far = blocks[3].clone();
    far.transfers[0].tx = Some(1);
    assert!(refused(&far).contains("a transfer is of transaction 1 of 1"));
    let mut event = blocks[3].clone();
    event.events.push(EventRow { tx: 5, kind: EventKind::Swap { pool: account(1) } });
    assert!(refused(&event).contains("an event is of transaction 5 of 1"));
    assert!(matches!(store.set_chain_id(CHAIN, 31_337), Err(LedgerError::OtherChainId { stored: 1, .. })));
    holds(&store.account_ledger(CHAIN).unwrap().unwrap(), &blocks[..3]);
}

#[test]
fn a_full_disk_and_damage_are_told_with_the_file_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (lock, mut store) = writing(folder.path());
    let blocks = plain(40);
    put(&mut store, &blocks[..20], &[20]).unwrap();
    let mut full = Store::open_for_writing(folder.path(), &lock, Disk::with_space(50_000)).unwrap();
    let error = put(&mut full, &blocks[20..], &[20]).unwrap_err().to_string();
    assert!(error.contains("accounts-000000020-000000039-") && error.contains(".arrow"), "{error}");
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    holds(&store.account_ledger(CHAIN).unwrap().unwrap(), &blocks[..20]);
    put(&mut store, &blocks[20..], &[20]).unwrap();
    verify(&store).unwrap();

    let entry = store.account_chain(CHAIN).unwrap().segments[0].clone();
    let path = store.chain_folder(CHAIN).join(&entry.folder).join("transfer.amount.arrow");
    let good = std::fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[5000] ^= 1;
    std::fs::write(&path, &bad).unwrap();
    assert!(verify(&store).unwrap_err().to_string().contains("transfer.amount.arrow"));
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    let error = store.account_ledger(CHAIN).unwrap_err().to_string();
    assert!(error.contains("transfer.amount.arrow") && error.contains("damaged"), "{error}");
}

#[test]
fn what_moves_nothing_is_stored_too() {
    let folder = tempfile::tempdir().unwrap();
    let (_lock, mut store) = writing(folder.path());
    let empty = [AccountBlock { number: 7, ..AccountBlock::default() }];
    put(&mut store, &empty, &[1]).unwrap();
    let ledger = store.account_ledger(CHAIN).unwrap().unwrap();
    holds(&ledger, &empty);
    assert_eq!((ledger.asset_count(), ledger.asset(0)), (1, AssetKey::Native));
    assert_eq!(ledger.tip().unwrap().number, 7);
    assert_eq!(NONE, u32::MAX);
    assert_eq!(store.unwind_account(CHAIN, 3).unwrap(), None);
    assert_eq!(store.account_ledger(CHAIN).unwrap().unwrap().tip(), None);
}
