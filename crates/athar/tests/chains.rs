//! Other chains than Bitcoin, as users of the program meet them.
use athar_chains::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx};
use athar_chains::write::{ChainFile, RawTx};
use athar_types::{AddressKey, AddressKind, Chain, Network, Sats};
use serde_json::Value;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athar")).env_remove("ATHAR_STORE").args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn script(seed: u8) -> Vec<u8> {
    [&[0x76, 0xa9, 20][..], &[seed; 20], &[0x88, 0xac]].concat()
}

fn address(chain: Chain, seed: u8) -> String {
    AddressKey::new(AddressKind::P2pkh, &[seed; 20]).unwrap().to_text_on(chain, Network::Regtest)
}

#[test]
fn chains_are_ingested_by_name_and_asked_by_option() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(folder.path().join("blocks")).unwrap();
    for chain in [Chain::Dogecoin, Chain::BitcoinCash] {
        let mut file = ChainFile::new(chain).unwrap();
        let first = file.block(4, &script(1), &[], &[]).unwrap();
        let pay = OwnedTx {
            version: 2,
            inputs: vec![OwnedInput { prev_txid: first, script_sig: vec![0x51], ..OwnedInput::default() }],
            outputs: vec![OwnedOutput { value: Sats(123_456_789), script: script(2) }],
            ..OwnedTx::default()
        };
        file.block(4, &script(3), &[RawTx::from(&pay)], &[]).unwrap();
        std::fs::write(folder.path().join("blocks/blk00000.dat"), file.bytes()).unwrap();
        let output = run(&["--store", &at("store"), "ingest", chain.name(), "--blocks", &at("blocks")]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).starts_with(&format!("{chain} regtest: 3 blocks added")), "{output:?}");
    }
    for (chain, coin) in [(Chain::Dogecoin, "DOGE"), (Chain::BitcoinCash, "BCH")] {
        let own = address(chain, 2);
        let output = run(&["--store", &at("store"), "--chain", chain.name(), "address", &own]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let shown = text(&output.stdout);
        assert!(shown.contains(&own) && shown.contains(&format!("1.23456789 {coin}")), "{shown}");
        let output = run(&["--store", &at("store"), "--chain", chain.name(), "--json", "address", &own]);
        let view: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&view["chain"], &view["received_sat"]), (&chain.name().into(), &123_456_789.into()));
    }
    let status = run(&["--store", &at("store"), "--json", "status"]);
    let view: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(view["chains"].as_array().unwrap().len(), 2);
}

#[test]
fn a_chain_that_is_none_of_ours_is_refused_with_the_names_of_those_that_are() {
    let output = run(&["--chain", "monero", "status"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("one of bitcoin, bitcoin-cash, litecoin, dogecoin, zcash"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(folder.path().join("blocks")).unwrap();
    let file = ChainFile::new(Chain::Zcash).unwrap();
    std::fs::write(folder.path().join("blocks/blk00000.dat"), file.bytes()).unwrap();
    let output = run(&["--store", &at("store"), "ingest", "dogecoin", "--blocks", &at("blocks")]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("holds blocks of zcash, not of dogecoin"), "{error}");
}
