//! Published blocks of Dogecoin and Zcash, and published ids of Zcash transactions: what other people's programs wrote.
//!
//! Sources and licences: `tests/data/README.md`.
use athar_chains::bitcoin::write::TxCollector;
use athar_chains::bitcoin::{BlockVisitor, DecodeErrorKind, Header, NoVisitor, Output, TxHead};
use athar_chains::{classify_on, decode_block, dogecoin, proof, read_header, zcash};
use athar_types::{Chain, Hash32, Network, Pool, Sats, ScriptKind, UnixTime};

fn block(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

/// What a block moves and pays, as text.
#[derive(Default)]
struct Seen {
    chain: Option<(Chain, Network)>,
    paid: Vec<(Sats, String)>,
    kinds: Vec<ScriptKind>,
    pools: Vec<(usize, Pool, i64)>,
    heads: Vec<TxHead>,
}

impl BlockVisitor for Seen {
    fn output(&mut self, _: u32, output: &Output<'_>) {
        let (chain, network) = self.chain.unwrap();
        let script = classify_on(chain, output.script);
        self.kinds.push(script.kind());
        let address = script.address().map_or_else(|| "-".into(), |key| key.to_text_on(chain, network));
        self.paid.push((output.value, address));
    }

    fn pool(&mut self, pool: Pool, value_sat: i64) {
        self.pools.push((self.heads.len(), pool, value_sat));
    }

    fn tx(&mut self, head: &TxHead) {
        self.heads.push(*head);
    }
}

fn seen(chain: Chain, network: Network, raw: &[u8]) -> Seen {
    let mut seen = Seen { chain: Some((chain, network)), ..Seen::default() };
    decode_block(chain, raw, &mut seen).unwrap();
    seen
}

const ZCASH: [(&str, &str, usize); 9] = [
    ("main-0", "00040fe8ec8471911baa1db1266ea15dd06b4a8a5c453883c000b031973dce08", 1),
    ("main-1", "0007bc227e1c57a4a70e237cad00e7b7ce565155ab49166bc57397a26d339283", 1),
    ("main-396", "000000e869e3a0fa79858a51b4b1d09a6480dcdb37bae63653fcb11a718abf3f", 2),
    ("main-347501", "000000000a915a2d1d0d438469dfb0c9a7acaee2dd98e41e521e06a9d02458d3", 4),
    ("main-949496", "00000000007789e77350e49331122e6c585a4ed34f6c268881ea94d9dc972347", 4),
    ("main-1687106", "00000000017d40c50ef7f27bd2e997ed5d1009a332e4fa85b9939652b8dd516b", 5),
    ("test-0", "05a60a92d99d85997cce3b87616c089f6124d7342af37106edc76126334a2c38", 1),
    ("test-1101629", "0000622ba5c90b11ba093ab894d62de6177f8c99f57394446dc5b408012d32f0", 1),
    ("test-1842421", "06d4a68dbd21f273e0dc1cb0f4cca9625f3ba0097e5b561831464fcc03c76a5e", 2),
];

#[test]
fn zcash_blocks_of_every_format_have_their_hash_their_merkle_root_and_their_work() {
    let mut versions = std::collections::BTreeSet::new();
    for (name, hash, txs) in ZCASH {
        let raw = block(&format!("zcash/block-{name}"));
        let mut found = TxCollector::default();
        // the merkle root is over the ids: were one of them computed wrongly, this would fail
        let decoded = decode_block(Chain::Zcash, &raw, &mut found).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(decoded.header.hash.to_string(), hash, "{name}");
        assert_eq!((decoded.tx_count as usize, found.txs.len()), (txs, txs), "{name}");
        assert_eq!(proof::is_proved(Chain::Zcash, &raw), Ok(true), "{name}");
        assert_eq!(read_header(Chain::Zcash, &raw[..decoded.header.len]).unwrap(), decoded.header);
        versions.extend(found.txs.iter().map(|(head, _)| head.version));
    }
    assert_eq!(versions.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let genesis = |network| Chain::Zcash.params(network).unwrap().genesis().to_string();
    assert_eq!((genesis(Network::Mainnet).as_str(), genesis(Network::Testnet3).as_str()), (ZCASH[0].1, ZCASH[6].1));
}

#[test]
fn regtests_genesis_block_of_zcash_is_the_one_in_its_parameters() {
    // zcashd's chainparams.cpp: time, nonce, solution, bits; merkle root and coinbase are the main network's
    let main = block("zcash/block-main-0");
    let mut raw = main[..140].to_vec();
    raw[100..104].copy_from_slice(&1_296_688_602u32.to_le_bytes());
    raw[104..108].copy_from_slice(&0x200f_0f0fu32.to_le_bytes());
    raw[108..140].fill(0);
    raw[108] = 9;
    raw.push(36);
    raw.extend(hex::decode("01936b7db1eb4ac39f151b8704642d0a8bda13ec547d54cd5e43ba142fc6d8877cab07b3").unwrap());
    raw.extend_from_slice(&main[1487..]);
    let decoded = decode_block(Chain::Zcash, &raw, &mut NoVisitor).unwrap();
    assert_eq!(decoded.header.hash, Chain::Zcash.params(Network::Regtest).unwrap().genesis());
    assert_eq!(proof::is_proved(Chain::Zcash, &raw), Ok(true));
}

#[test]
fn zcashs_first_blocks_pay_the_miner_and_the_founders_address_of_its_parameters() {
    let first = seen(Chain::Zcash, Network::Mainnet, &block("zcash/block-main-1"));
    // a fifth of the slow start's first 0.000625 goes to the founders (zcashd: vFoundersRewardAddress[0])
    assert_eq!(first.paid[0].0, Sats(50_000));
    assert_eq!(first.paid[1], (Sats(12_500), "t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd".into()));
}

#[test]
fn what_enters_and_leaves_zcashs_pools_is_told_by_pool() {
    let split = seen(Chain::Zcash, Network::Mainnet, &block("zcash/block-main-396"));
    // the first block with a shielded transaction: no transparent output, all of it but the fee goes into Sprout
    assert_eq!(split.heads[1].outputs, 0);
    assert!(split.heads[1].shielded && !split.heads[0].shielded);
    assert_eq!(split.pools.len(), 1);
    let (tx, pool, into) = split.pools[0];
    assert_eq!((tx, pool), (1, Pool::Sprout));
    assert!(into > 0, "{into}");
    let later = seen(Chain::Zcash, Network::Testnet3, &block("zcash/block-test-1842421"));
    // ten coins move from one pool to the next, without a transparent part: what leaves one enters the other
    assert_eq!((later.heads[1].inputs, later.heads[1].outputs), (0, 0));
    assert_eq!(later.pools, [(1, Pool::Sapling, -1_000_000_000), (1, Pool::Orchard, 1_000_000_000)]);
    let newer = seen(Chain::Zcash, Network::Mainnet, &block("zcash/block-main-1687106"));
    assert_eq!(newer.heads.iter().filter(|h| h.shielded).count(), 4);
    // shielded coinbase (ZIP 213): part of the block's reward is made inside Sapling
    let coinbase = seen(Chain::Zcash, Network::Testnet3, &block("zcash/block-test-1101629"));
    assert!(coinbase.heads[0].coinbase && coinbase.heads[0].shielded);
    assert!(matches!(coinbase.pools[..], [(0, Pool::Sapling, into)] if into > 0), "{:?}", coinbase.pools);
}

#[test]
fn ids_of_zcashs_version_five_are_those_of_the_zips_vectors() {
    let text =
        std::fs::read_to_string(format!("{}/tests/data/zcash/zip-0244.txt", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut count = 0;
    for line in text.lines() {
        let (tx, id) = line.split_once(' ').unwrap();
        let raw = hex::decode(tx).unwrap();
        let mut found = TxCollector::default();
        match zcash::decode_tx(&raw, &mut found) {
            Ok((head, used)) => {
                assert_eq!(used, raw.len());
                assert_eq!(head.txid, Hash32(hex::decode(id).unwrap().try_into().unwrap()), "vector {count}");
                count += 1;
            }
            // the vectors are random: some move more than all money, some have no outputs at all
            Err(error) => assert!(
                matches!(
                    error.kind,
                    DecodeErrorKind::PoolValue(_)
                        | DecodeErrorKind::Value(_)
                        | DecodeErrorKind::ValueSum(_)
                        | DecodeErrorKind::NoInputs
                        | DecodeErrorKind::NoOutputs
                ),
                "{error}"
            ),
        }
    }
    assert!(count >= 5, "only {count} vectors were read");
}

const PLAIN: &str = "5794c80b80d9c33e0737a5353cd52b1f097f61d8d2b9f471e1702345080e0002";
const MERGED: &str = "d3ea48350b102b90acf9eac6629072d5f697c02faf360b26d365e7b2bfb98070";

#[test]
fn dogecoin_blocks_with_and_without_merge_mining_decode_and_prove_their_work() {
    for (hash, merged, bits, time) in
        [(PLAIN, false, 469_798_878, 1_388_017_789), (MERGED, true, 453_486_607, 1_410_566_068)]
    {
        let raw = block(&format!("dogecoin/block-{hash}"));
        let mut found = TxCollector::default();
        let decoded = decode_block(Chain::Dogecoin, &raw, &mut found).unwrap();
        let header = decoded.header;
        assert_eq!((header.hash.to_string().as_str(), header.len), (hash, 80));
        assert_eq!((header.fields.bits, header.fields.time.0), (bits, time));
        assert_eq!(dogecoin::is_merge_mined(&header.fields), merged);
        assert_eq!(proof::is_proved(Chain::Dogecoin, &raw), Ok(true), "{hash}");
        assert!(found.txs[0].0.coinbase && found.txs.iter().all(|(head, _)| !head.segwit));
    }
    let paid = seen(Chain::Dogecoin, Network::Mainnet, &block(&format!("dogecoin/block-{PLAIN}"))).paid;
    assert!(paid.iter().all(|(_, address)| address.starts_with('D')), "{paid:?}");
}

#[test]
fn merge_mined_work_that_was_changed_anywhere_no_longer_holds() {
    let raw = block(&format!("dogecoin/block-{MERGED}"));
    // 80 bytes of header, 318 of proof (bitcoin-dogecoin's test names the parts)
    let proof_bytes = 80..398;
    let unchecked = 80 + 164..80 + 196; // the other block's hash, which no node checks
    let mut changed = raw.clone();
    for at in (0..80).chain(proof_bytes).filter(|at| !unchecked.contains(at)) {
        changed[at] ^= 0x10;
        let held = decode_block(Chain::Dogecoin, &changed, &mut NoVisitor).is_ok()
            && proof::is_proved(Chain::Dogecoin, &changed) == Ok(true);
        assert!(!held, "byte {at}");
        changed[at] = raw[at];
    }
    let error = {
        changed[60] ^= 1; // the merkle root: another block
        decode_block(Chain::Dogecoin, &changed, &mut NoVisitor).unwrap_err()
    };
    assert_eq!(
        error.to_string(),
        "byte 80: the merge-mined proof of work does not hold: the other block does not commit to this one"
    );
}

#[test]
fn genesis_headers_of_litecoin_and_dogecoin_prove_their_work_by_scrypt() {
    let jobs = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9";
    let nintondo = "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69";
    for (chain, network, root, time, nonce) in [
        (Chain::Litecoin, Network::Mainnet, jobs, 1_317_972_665, 2_084_524_493),
        (Chain::Litecoin, Network::Testnet3, jobs, 1_486_949_366, 293_345),
        (Chain::Dogecoin, Network::Mainnet, nintondo, 1_386_325_540, 99_943),
        (Chain::Dogecoin, Network::Testnet3, nintondo, 1_391_503_289, 997_879),
    ] {
        let (merkle_root, time) = (root.parse().unwrap(), UnixTime(time));
        let mut header = Header { version: 1, prev: Hash32::ZERO, merkle_root, time, bits: 0x1e0f_fff0, nonce };
        let raw = header.encode();
        assert_eq!(read_header(chain, &raw).unwrap().hash, chain.params(network).unwrap().genesis());
        assert_eq!(proof::is_proved(chain, &raw), Ok(true), "{chain} {network}");
        header.nonce += 1;
        assert_eq!(proof::is_proved(chain, &header.encode()), Ok(false), "{chain} {network}");
    }
}

#[test]
fn a_zcash_header_with_another_nonce_or_solution_proves_nothing() {
    let raw = block("zcash/block-main-1");
    for at in [4, 110, 150, 1400] {
        let mut changed = raw.clone();
        changed[at] ^= 1;
        assert_eq!(proof::is_proved(Chain::Zcash, &changed), Ok(false), "byte {at}");
    }
}
