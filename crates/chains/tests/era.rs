//! Archives: published facts of mainnet's first blocks, and damage.
#[path = "support/era.rs"]
mod support;

use athar_chains::account::era::{self, EraError, Kind, Tuple};
use athar_chains::account::raw::RawBlock;
use athar_types::account::{AccountBytes, U256};
use proptest::prelude::*;
use support::{Key, Made, list, number, text};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex.trim_start_matches("0x")).unwrap().try_into().unwrap()
}

/// Mainnet's first transaction, in block 46,147, as every explorer shows it; its signature stands in web3.py's documentation.
fn first_transaction() -> Vec<u8> {
    list(&[
        number(0),
        number(50_000_000_000_000),
        number(21_000),
        text(&bytes::<20>("5df9b87991262f6ba471f09758cde1c0fc1de734")),
        number(31_337),
        text(&[]),
        number(28),
        text(&bytes::<32>("88ff6cf0fefd94db46111149ae4bfc179e9b94721fffd821d38d16464b3f71d0")),
        text(&bytes::<32>("45e0aff800961cfce805daef7016b9b675c137a6a41a548f7b60a3484c06a33a")),
    ])
}

#[test]
fn the_root_of_block_46147_is_the_published_one() {
    let root = bytes("4513310fcb9f6f616972a3b948dc5d547f280849a87ebb5af0191f98b87be598");
    assert_eq!(era::ordered_root(&[&first_transaction()]), root);
    // and of no transactions, as in every block before it
    let empty = bytes("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    assert_eq!(era::ordered_root(&[]), empty);
}

#[test]
fn the_first_transaction_has_its_hash_and_its_sender() {
    let mut made = Made { txs: vec![first_transaction()], ..Made::default() };
    made.receipts = vec![support::receipt_before_byzantium(21_000)];
    let block = era::block(&made.tuple()).unwrap();
    let tx = &block.txs[0];
    assert_eq!(tx.hash, bytes("5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"));
    assert_eq!(tx.from, bytes::<20>("a1e4380a3b1f749673e270229993ee55f35663b4"));
    assert_eq!((tx.value, tx.gas_price), (U256::from(31_337), U256::from(50_000_000_000_000_u64)));
    let receipt = tx.receipt.as_ref().unwrap();
    assert_eq!((receipt.status, receipt.gas_used, receipt.created), (None, 21_000, None));
}

#[test]
fn mainnets_genesis_has_its_hash() {
    let header = list(&[
        text(&[0; 32]),
        text(&bytes::<32>("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347")),
        text(&[0; 20]),
        text(&bytes::<32>("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544")),
        text(&bytes::<32>("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")),
        text(&bytes::<32>("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")),
        text(&[0; 256]),
        number(0x4_0000_0000),
        number(0),
        number(5000),
        number(0),
        number(0),
        text(&bytes::<32>("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa")),
        text(&[0; 32]),
        text(&[0, 0, 0, 0, 0, 0, 0, 0x42]),
    ]);
    let body = list(&[list(&[]), list(&[])]);
    let block = era::block(&Tuple { header, body, receipts: list(&[]) }).unwrap();
    assert_eq!(block.hash, bytes("d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"));
    assert_eq!((block.number, block.parent, block.txs.len()), (0, [0; 32], 0));
    assert!(block.calls.is_none(), "an archive has no traces, which is not none");
}

#[test]
fn signers_of_every_form_are_found() {
    let keys = [1, 2, 3, 4, 5].map(Key::new);
    let other: AccountBytes = [9; 20];
    let made = Made {
        base_fee: Some(100),
        txs: vec![
            keys[0].first_form(7, None, Some(other), 5, &[1, 2, 3, 4, 5], false),
            keys[1].first_form(0, Some(1), Some(other), 6, &[], false),
            keys[2].first_form(3, Some(1), None, 7, &[0x60], true),
            keys[3].typed(1, 250, 0, Some(other), 8),
            keys[4].typed(2, 250, 30, Some(other), 9),
        ],
        receipts: vec![
            support::receipt(0, Some(true), 21_000, &[]),
            support::receipt(0, Some(false), 42_000, &[]),
            support::receipt(0, Some(true), 142_000, &[(other, vec![[7; 32], [8; 32]], vec![1; 40])]),
            support::receipt(1, Some(true), 163_000, &[]),
            support::receipt(2, Some(true), 184_000, &[(other, vec![], vec![])]),
        ],
        ..Made::default()
    };
    let block = era::block(&made.tuple()).unwrap();
    for (tx, key) in block.txs.iter().zip(&keys) {
        assert_eq!(tx.from, key.address());
    }
    let receipts: Vec<_> = block.txs.iter().map(|tx| tx.receipt.as_ref().unwrap()).collect();
    assert_eq!(receipts.iter().map(|r| r.gas_used).collect::<Vec<_>>(), [21_000, 21_000, 100_000, 21_000, 21_000]);
    assert_eq!(receipts.iter().map(|r| r.status).collect::<Vec<_>>(), [true, false, true, true, true].map(Some));
    // 100 of base fee and 30 of tip, below the 250 that were offered
    assert_eq!(receipts[4].gas_price_paid, Some(U256::from(130)));
    assert_eq!((receipts[3].gas_price_paid, block.txs[3].gas_price), (None, U256::from(250)));
    assert_eq!(receipts[2].created, Some(keys[2].creates(3)));
    assert_eq!(receipts[2].logs[0].topics.len(), 2);
    assert_eq!(receipts.iter().flat_map(|r| &r.logs).map(|log| log.index).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(block.txs[0].selector, Some([1, 2, 3, 4]));
    assert_eq!(block.base_fee, Some(U256::from(100)));
}

/// An address that another library computed: of the key of 1 the address is known everywhere, and what it creates first.
#[test]
fn the_key_of_one_has_the_known_address() {
    assert_eq!(Key::new(1).address(), bytes::<20>("7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
    assert_eq!(Key::new(1).creates(0), bytes::<20>("f2e246bb76df876cef8b38ae84130f4f55de395b"));
}

fn made() -> Made {
    let key = Key::new(42);
    Made {
        txs: vec![key.first_form(0, Some(1), Some([1; 20]), 5, &[], false), key.typed(2, 9, 1, None, 0)],
        receipts: vec![
            support::receipt(0, Some(true), 21_000, &[([2; 20], vec![[1; 32]], vec![3; 64])]),
            support::receipt(2, Some(true), 90_000, &[]),
        ],
        base_fee: Some(3),
        ..Made::default()
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let good = made();
    assert!(era::block(&good.tuple()).is_ok());
    let told = |tuple: &Tuple| match era::block(tuple) {
        Err(EraError::Block { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let swap = |change: &dyn Fn(&mut Tuple, &Tuple)| {
        let mut tuple = good.tuple();
        let mut other = made();
        other.txs.pop();
        other.receipts.pop();
        change(&mut tuple, &other.tuple());
        told(&tuple)
    };
    assert!(swap(&|tuple, other| tuple.body.clone_from(&other.body)).contains("transactions are not those"));
    assert!(swap(&|tuple, other| tuple.receipts.clone_from(&other.receipts)).contains("receipts are not those"));
    let mut tuple = good.tuple();
    tuple.body = list(&[list(&good.body_txs()), list(&[text(&[1])])]);
    assert!(told(&tuple).contains("uncles"));
    let gas = Made { gas_used: Some(5), ..made() };
    assert!(told(&gas.tuple()).contains("gas"));
    let mut few = made();
    few.receipts.pop();
    assert!(told(&few.tuple()).contains("2 transactions and 1 receipts"));
    let mut falling = made();
    falling.receipts[1] = support::receipt(2, Some(true), 20_000, &[]);
    assert!(told(&falling.tuple()).contains("less than before"));
    let mut blob = made();
    blob.txs[1] = [vec![3], list(&[])].concat();
    assert!(told(&blob.tuple()).contains("transaction 1"));
}

#[test]
fn bombs_do_not_go_off() {
    // an entry that claims 4 GB, a list that claims 2^56 bytes, lists a million deep, frames that unpack without end
    assert_eq!(era::entry_head([3, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]), Err(EraError::LongEntry(u32::MAX)));
    assert_eq!(era::entry_head([3, 0, 1, 0, 0, 0, 1, 0]), Err(EraError::Reserved));
    for header in [vec![0xff; 9], vec![0xc1; 1_000_000], [vec![0xfb, 0xff, 0xff, 0xff, 0xff], vec![0; 100]].concat()] {
        let tuple = Tuple { header, ..Tuple::default() };
        assert!(matches!(era::block(&tuple), Err(EraError::Rlp { .. })));
    }
    let mut tuple = made().tuple();
    tuple.body = vec![0xc1; 1_000_000];
    assert!(era::block(&tuple).is_err());
    // 300 MB of zeros in some 14 MB of frames
    let packed = support::pack(&vec![0; 300 << 20]);
    assert_eq!(era::unpack(&packed), Err(EraError::LongContent));
    assert!(matches!(era::unpack(b"\xff\x06\x00\x00sNaPpY\x00\x05"), Err(EraError::Snappy(_))));
}

#[test]
fn archives_of_other_forms_are_named() {
    for kind in [[1, 0], [2, 0], [0x0a, 0], [0x67, 0x32]] {
        let head = [kind[0], kind[1], 0, 0, 0, 0, 0, 0];
        assert!(matches!(era::entry_head(head), Err(EraError::OtherForm(_))));
    }
    assert_eq!(era::entry_head([0x80, 1, 9, 0, 0, 0, 0, 0]).unwrap().kind, Kind::Other);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A changed byte changes the header's hash, or is refused; nothing panics, and nothing else than the hash changes unseen.
    #[test]
    fn a_changed_byte_is_seen(part in 0_usize..3, at in any::<prop::sample::Index>(), with in 1_u8..) {
        let good = made().tuple();
        let before: RawBlock = era::block(&good).unwrap();
        let mut tuple = good.clone();
        let bytes = [&mut tuple.header, &mut tuple.body, &mut tuple.receipts].into_iter().nth(part).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        if let Ok(block) = era::block(&tuple) {
            prop_assert!(part == 0 && block.hash != before.hash, "part {part}, byte {at}");
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(header in prop::collection::vec(any::<u8>(), 0..700), body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = era::block(&Tuple { header: header.clone(), body: body.clone(), receipts: body.clone() });
        let _ = era::unpack(&body);
        let _ = era::index(&body);
        let mut tuple = made().tuple();
        tuple.body = body.clone();
        let _ = era::block(&tuple);
    }

    /// The trie's root tells apart any two lists, whatever their lengths: every value counts, and so does its place.
    #[test]
    fn every_value_counts_in_the_root(count in 1_usize..400, at in any::<prop::sample::Index>(), len in 1_usize..80) {
        let mut values: Vec<Vec<u8>> = (0..count).map(|n| vec![n as u8; len]).collect();
        let root = |values: &[Vec<u8>]| era::ordered_root(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let before = root(&values);
        let at = at.index(count);
        values[at][0] ^= 0x55;
        prop_assert_ne!(root(&values), before);
    }
}
