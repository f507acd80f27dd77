//! Texts that transactions carry.
use athar_engine::{Engine, Options};
use athar_ledger::fixture;

const CHAIN: &str = "
    block
    coinbase mint -> miner 50
    block
    tx plea: mint:0 -> alice 20 -donate_to_the_front_here 0 - 0 bob 29
    block
    tx arabic: plea:0 -> -تبرع_للإخوة 0 carol 19
    tx none: plea:3 -> dave 28
";

#[test]
fn every_text_is_given_with_its_output_and_time_and_bytes_are_not() {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), CHAIN, 1).unwrap();
    let engine = Engine::open(folder.path(), &Options::default()).unwrap();
    let mut found = Vec::new();
    let carriers = engine
        .op_returns(&mut |text| {
            found.push((text.txid, text.vout, text.time.to_string(), text.text));
            true
        })
        .unwrap();
    let expected = [
        (fixture::txid("plea"), 1, "2020-01-01T00:10:00Z".to_owned(), "donate to the front here".to_owned()),
        (fixture::txid("arabic"), 0, "2020-01-01T00:20:00Z".to_owned(), "تبرع للإخوة".to_owned()),
    ];
    assert_eq!(found, expected);
    assert_eq!(carriers, 3);
    let mut first = 0;
    engine
        .op_returns(&mut |_| {
            first += 1;
            false
        })
        .unwrap();
    assert_eq!(first, 1, "it ends when it is told to");
}
