//! Blocks of every chain, written here and read back: what each format adds, and what damage does to it.
use crate::support;

use athar_chains::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx};
use athar_chains::bitcoin::{BlockVisitor, DecodeErrorKind, Input, NoVisitor, Output, TxHead};
use athar_chains::write::{NewBlock, RawTx, ZcashTx, extension_block, regtest_genesis};
use athar_chains::{classify_on, decode_block, proof, read_header};
use athar_types::{Chain, Hash32, Network, Pool, Sats, ScriptKind, UnixTime};
use support::fixtures::{SplitMix, coinbase};

#[derive(Default)]
struct Seen {
    inputs: usize,
    scripts: Vec<Vec<u8>>,
    pools: Vec<(usize, Pool, i64)>,
    heads: Vec<TxHead>,
}

impl BlockVisitor for Seen {
    fn input(&mut self, _: u32, _: &Input<'_>) {
        self.inputs += 1;
    }

    fn output(&mut self, _: u32, output: &Output<'_>) {
        self.scripts.push(output.script.to_vec());
    }

    fn pool(&mut self, pool: Pool, value_sat: i64) {
        self.pools.push((self.heads.len(), pool, value_sat));
    }

    fn tx(&mut self, head: &TxHead) {
        self.heads.push(*head);
    }
}

fn p2pkh(seed: u8) -> Vec<u8> {
    [&[0x76, 0xa9, 20][..], &[seed; 20], &[0x88, 0xac]].concat()
}

fn pay(from: Hash32, outputs: Vec<OwnedOutput>) -> OwnedTx {
    let input = OwnedInput { prev_txid: from, prev_vout: 0, script_sig: vec![1, 2], sequence: u32::MAX };
    OwnedTx { version: 2, inputs: vec![input], outputs, ..OwnedTx::default() }
}

fn output(value: u64, script: Vec<u8>) -> OwnedOutput {
    OwnedOutput { value: Sats(value), script }
}

fn bits(chain: Chain) -> u32 {
    if chain == Chain::Zcash { 0x200f_0f0f } else { 0x207f_ffff }
}

fn block(chain: Chain, version: i32, txs: &[RawTx], tail: &[u8]) -> Vec<u8> {
    let new = NewBlock { version, prev: Hash32([9; 32]), time: UnixTime(1_600_000_000), bits: bits(chain), txs, tail };
    let (raw, hash) = new.write(chain).unwrap();
    let header = read_header(chain, &raw).unwrap();
    assert_eq!((header.hash, header.fields.prev, header.fields.time), (hash, new.prev, new.time));
    assert_eq!(proof::is_proved(chain, &raw), Ok(true), "{chain}");
    raw
}

/// A coinbase without witness programs, which most chains lack.
fn mint(chain: Chain) -> RawTx {
    let mut tx = coinbase(5);
    tx.outputs[0].script = p2pkh(1);
    if chain == Chain::Zcash {
        let ZcashTx { .. } = ZcashTx::default();
        return ZcashTx { version: 4, inputs: tx.inputs, outputs: tx.outputs, ..ZcashTx::default() }.raw().unwrap();
    }
    RawTx::from(&tx)
}

/// A Litecoin block that pegs in three coins and pegs out one.
fn mweb_block(body: &[u8]) -> (Vec<u8>, [RawTx; 3]) {
    let (tail, script) = extension_block(2_300_000, body);
    let coinbase = mint(Chain::Litecoin);
    let pegin = [&[0x59, 32][..], &[4; 32]].concat();
    let into = pay(Hash32([1; 32]), vec![output(300_000_000, pegin), output(50, p2pkh(2))]);
    let joined = pay(into.txid(), vec![output(900_000_000, script), output(100_000_000, p2pkh(3))]);
    let txs = [coinbase, RawTx::from(&into), RawTx::hogex(&joined)];
    (block(Chain::Litecoin, 0x2000_0000, &txs, &tail), txs)
}

fn every_format() -> Vec<(Chain, Vec<u8>)> {
    let plain = |chain| {
        let pay = RawTx::from(&pay(Hash32([1; 32]), vec![output(5, p2pkh(2)), output(6, vec![0x6a, 1, 2])]));
        block(chain, 4, &[mint(chain), pay], &[])
    };
    let merged = {
        let pay = RawTx::from(&pay(Hash32([1; 32]), vec![output(5, p2pkh(2))]));
        block(Chain::Dogecoin, 0x0062_0104, &[mint(Chain::Dogecoin), pay], &[])
    };
    vec![
        (Chain::Bitcoin, plain(Chain::Bitcoin)),
        (Chain::BitcoinCash, plain(Chain::BitcoinCash)),
        (Chain::Litecoin, plain(Chain::Litecoin)),
        (Chain::Litecoin, mweb_block(&[0; 100]).0),
        (Chain::Dogecoin, plain(Chain::Dogecoin)),
        (Chain::Dogecoin, merged),
        (Chain::Zcash, zcash_block()),
    ]
}

fn zcash_txs() -> Vec<ZcashTx> {
    let spend = |seed: u8| OwnedInput { prev_txid: Hash32([seed; 32]), ..OwnedInput::default() };
    vec![
        ZcashTx { version: 1, inputs: vec![spend(1)], outputs: vec![output(7, p2pkh(4))], ..ZcashTx::default() },
        ZcashTx { version: 2, inputs: vec![spend(2)], joinsplits: vec![(900, 0), (0, 200)], ..ZcashTx::default() },
        ZcashTx { version: 3, outputs: vec![output(40, p2pkh(5))], joinsplits: vec![(0, 50)], ..ZcashTx::default() },
        ZcashTx {
            version: 4,
            inputs: vec![spend(3)],
            sapling: Some((1, 2, -600)),
            joinsplits: vec![(10, 0)],
            ..ZcashTx::default()
        },
        ZcashTx {
            version: 5,
            inputs: vec![spend(4)],
            outputs: vec![output(1, p2pkh(6))],
            sapling: Some((2, 0, 800)),
            orchard: Some((2, -300)),
            ..ZcashTx::default()
        },
        ZcashTx { version: 5, outputs: vec![output(9, p2pkh(7))], orchard: Some((1, 10)), ..ZcashTx::default() },
    ]
}

fn zcash_block() -> Vec<u8> {
    let mut txs = vec![mint(Chain::Zcash)];
    txs.extend(zcash_txs().iter().map(|tx| tx.raw().unwrap()));
    block(Chain::Zcash, 4, &txs, &[])
}

#[test]
fn genesis_blocks_of_every_regtest_are_the_ones_in_their_parameters() {
    for chain in Chain::LEDGERS {
        let raw = regtest_genesis(chain).unwrap();
        let decoded = decode_block(chain, &raw, &mut NoVisitor).unwrap();
        assert_eq!(decoded.header.hash, chain.params(Network::Regtest).unwrap().genesis(), "{chain}");
        assert_eq!(proof::is_proved(chain, &raw), Ok(true), "{chain}");
    }
    assert_eq!(regtest_genesis(Chain::Monero), None);
}

#[test]
fn litecoins_extension_block_is_passed_over_and_what_crosses_its_border_is_told() {
    let (raw, txs) = mweb_block(&[0xee; 5000]);
    let mut seen = Seen::default();
    let decoded = decode_block(Chain::Litecoin, &raw, &mut seen).unwrap();
    assert_eq!(decoded.tx_count, 3);
    assert_eq!(seen.heads.iter().map(|h| h.txid).collect::<Vec<_>>(), txs.map(|tx| tx.txid));
    assert_eq!(seen.heads.iter().map(|h| h.hogex).collect::<Vec<_>>(), [false, false, true]);
    // three coins in; of what the joining transaction pays, the first output stays inside
    assert_eq!(seen.pools, [(1, Pool::Mweb, 300_000_000), (2, Pool::Mweb, -100_000_000)]);
    let kinds: Vec<_> = seen.scripts.iter().map(|s| classify_on(Chain::Litecoin, s).kind()).collect();
    use ScriptKind::{Opaque, P2pkh};
    assert_eq!(kinds, [P2pkh, Opaque, P2pkh, Opaque, P2pkh]);
    // no other chain reads it
    let error = decode_block(Chain::Bitcoin, &raw, &mut NoVisitor).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::SegwitFlag(8));
}

#[test]
fn an_extension_block_that_is_missing_or_another_is_refused() {
    let (tail, script) = extension_block(7, &[]);
    let joined = RawTx::hogex(&pay(Hash32([1; 32]), vec![output(9, script.clone())]));
    let with = |txs: &[RawTx], tail: &[u8]| {
        decode_block(Chain::Litecoin, &block(Chain::Litecoin, 4, txs, tail), &mut NoVisitor).map_err(|e| e.kind)
    };
    let mint = mint(Chain::Litecoin);
    with(&[mint.clone(), joined.clone()], &tail).unwrap();
    assert_eq!(with(&[mint.clone(), joined.clone()], &[0]), Err(DecodeErrorKind::MwebMissing));
    assert!(matches!(with(&[mint.clone(), joined.clone()], &[]), Err(DecodeErrorKind::Truncated(_))));
    let (other, _) = extension_block(8, &[]);
    assert!(matches!(with(&[mint.clone(), joined.clone()], &other), Err(DecodeErrorKind::MwebHash { .. })));
    // a joining transaction whose first output commits to nothing
    let idle = RawTx::hogex(&pay(Hash32([1; 32]), vec![output(9, p2pkh(1))]));
    assert!(matches!(with(&[mint.clone(), idle], &tail), Err(DecodeErrorKind::MwebHash { .. })));
    // it must be the last one, and no transaction may carry a part of the extension block itself
    let pay = RawTx::from(&pay(Hash32([2; 32]), vec![output(9, p2pkh(1))]));
    assert_eq!(with(&[mint.clone(), joined.clone(), pay], &tail), Err(DecodeErrorKind::HogExPlace));
    let mut carrying = joined;
    let at = carrying.bytes.len() - 5;
    carrying.bytes[at] = 1;
    assert_eq!(with(&[mint, carrying], &tail), Err(DecodeErrorKind::MwebTx));
}

#[test]
fn zcash_transactions_of_every_format_tell_what_goes_into_each_pool() {
    let mut seen = Seen::default();
    decode_block(Chain::Zcash, &zcash_block(), &mut seen).unwrap();
    assert_eq!(seen.heads.iter().map(|h| h.version).collect::<Vec<_>>(), [4, 1, 2, 3, 4, 5, 5]);
    assert_eq!(seen.heads.iter().map(|h| h.shielded).collect::<Vec<_>>(), [false, false, true, true, true, true, true]);
    let expected = [
        (2, Pool::Sprout, 700),
        (3, Pool::Sprout, -50),
        (4, Pool::Sprout, 10),
        (4, Pool::Sapling, 600),
        (5, Pool::Sapling, -800),
        (5, Pool::Orchard, 300),
        (6, Pool::Orchard, -10),
    ];
    assert_eq!(seen.pools, expected);
}

#[test]
fn zcash_formats_and_balances_that_cannot_be_are_refused_in_words() {
    let good = zcash_txs()[4].raw().unwrap().bytes;
    let decode = |raw: &[u8]| athar_chains::zcash::decode_tx(raw, &mut NoVisitor).map(|(_, used)| used);
    assert_eq!(decode(&good), Ok(good.len()));
    let mut later = good.clone();
    later[0] = 6;
    assert_eq!(
        decode(&later).unwrap_err().to_string(),
        "byte 0: transaction format 6 with group 26a7270a is not known to this program"
    );
    let mut other = good.clone();
    other[4] ^= 1;
    assert!(matches!(decode(&other).unwrap_err().kind, DecodeErrorKind::TxVersion { version: 5, .. }));
    let too_much = ZcashTx { sapling: Some((1, 0, 21_000_001 * 100_000_000)), ..zcash_txs()[4].clone() };
    assert_eq!(too_much.raw(), None);
    let twice = ZcashTx { joinsplits: vec![(u64::MAX, 0)], ..zcash_txs()[1].clone() };
    assert_eq!(twice.raw(), None);
    // neither side of the border: value from nowhere
    assert_eq!(ZcashTx { version: 4, outputs: vec![output(1, p2pkh(1))], ..ZcashTx::default() }.raw(), None);
    assert_eq!(ZcashTx { version: 4, inputs: vec![OwnedInput::default()], ..ZcashTx::default() }.raw(), None);
}

#[test]
fn chains_without_segwit_do_not_read_its_form() {
    let mut tx = pay(Hash32([1; 32]), vec![output(5, p2pkh(2))]);
    tx.witnesses = vec![vec![vec![7; 10]]];
    for chain in [Chain::BitcoinCash, Chain::Dogecoin] {
        let raw = block(chain, 4, &[mint(chain), RawTx::from(&tx)], &[]);
        assert_eq!(decode_block(chain, &raw, &mut NoVisitor).unwrap_err().kind, DecodeErrorKind::NoInputs, "{chain}");
    }
    let raw = block(Chain::Litecoin, 4, &[mint(Chain::Litecoin), RawTx::from(&tx)], &[]);
    decode_block(Chain::Litecoin, &raw, &mut NoVisitor).unwrap();
}

#[test]
fn all_money_is_that_of_the_chain() {
    let coins = 100_000_000;
    for (chain, all) in [
        (Chain::Bitcoin, 21_000_000),
        (Chain::BitcoinCash, 21_000_000),
        (Chain::Litecoin, 84_000_000),
        (Chain::Dogecoin, 10_000_000_000),
    ] {
        let with = |value| {
            let tx = RawTx::from(&pay(Hash32([1; 32]), vec![output(value, p2pkh(2))]));
            decode_block(chain, &block(chain, 4, &[mint(chain), tx], &[]), &mut NoVisitor).map_err(|e| e.kind)
        };
        with(all * coins).unwrap();
        assert_eq!(with(all * coins + 1), Err(DecodeErrorKind::Value(all * coins + 1)), "{chain}");
    }
}

#[test]
fn a_chain_without_a_decoder_is_refused() {
    for chain in [Chain::Monero, Chain::Ethereum, Chain::Dash] {
        let error = decode_block(chain, &[0; 200], &mut NoVisitor).unwrap_err();
        assert_eq!(error.to_string(), format!("byte 0: blocks of {chain} are not known to this program"));
        assert!(read_header(chain, &[0; 200]).is_err());
    }
}

#[test]
fn every_truncation_of_every_format_is_refused_inside_what_is_left() {
    for (chain, raw) in every_format() {
        let mut seen = Seen::default();
        decode_block(chain, &raw, &mut seen).unwrap();
        // the body of an extension block is hidden: where it ends only the frame tells
        let hidden = if seen.heads.iter().any(|h| h.hogex) { 100 } else { 0 };
        for len in 0..raw.len() - hidden {
            let error = decode_block(chain, &raw[..len], &mut NoVisitor).expect_err("a cut block was accepted");
            assert!(error.offset <= len, "{chain}, {len} bytes: {error}");
            let _ = proof::is_proved(chain, &raw[..len]);
        }
    }
}

#[test]
fn thousands_of_random_mutations_of_every_format_never_panic() {
    let mut random = SplitMix(11);
    for (chain, good) in every_format() {
        for _ in 0..2000 {
            let mut data = good.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(data.len());
                let len = random.below(64).min(data.len() - at);
                match random.below(6) {
                    0 => data[at] ^= 1 << random.below(8),
                    1 => data[at] = [0, 1, 0xfc, 0xfd, 0xfe, 0xff][random.below(6)],
                    2 => drop(data.drain(at..at + len)),
                    3 => {
                        let part = data[at..at + len].to_vec();
                        data.splice(at..at, part);
                    }
                    4 => data.truncate(at.max(1)),
                    _ => data[at..at + len].fill(0xff),
                }
                if data.is_empty() {
                    data.push(0);
                }
            }
            for other in [chain, Chain::LEDGERS[random.below(5)]] {
                match decode_block(other, &data, &mut NoVisitor) {
                    Ok(decoded) => assert!(decoded.tx_count > 0),
                    Err(error) => assert!(error.offset <= data.len(), "{error}"),
                }
                let _ = read_header(other, &data);
            }
        }
    }
}
