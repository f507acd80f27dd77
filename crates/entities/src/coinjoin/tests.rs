//! Shapes drawn by hand: what each rule takes, and its nearest neighbours that it must not.

use super::*;
use CoinJoinKind::{EqualOutput, JoinmarketLike, StonewallLike, Wasabi1, Wasabi2, Whirlpool, WhirlpoolTx0};
use ScriptKind::{OpReturn, P2pkh, P2tr, P2wpkh};

/// A transaction: inputs as (value, address), outputs as (value, address, kind).
#[derive(Clone, Default)]
struct Drawn {
    inputs: Vec<ShapeInput>,
    outputs: Vec<ShapeOutput>,
}

impl Drawn {
    fn from(mut self, value: u64, address: u32) -> Self {
        self.inputs.push(ShapeInput { value: Sats(value), address: Some(AddressId(address)) });
        self
    }

    fn to(mut self, value: u64, address: u32, kind: ScriptKind) -> Self {
        let address = (kind != OpReturn).then_some(AddressId(address));
        let script_len = if kind == OpReturn { 66 } else { 0 };
        self.outputs.push(ShapeOutput { value: Sats(value), address, kind, script_len });
        self
    }

    fn kind(&self) -> Option<CoinJoinKind> {
        recognise(&Shape { inputs: &self.inputs, outputs: &self.outputs }).map(|c| c.kind)
    }
}

fn times(n: u32, start: Drawn, more: impl Fn(Drawn, u32) -> Drawn) -> Drawn {
    (0..n).fold(start, more)
}

/// `n` inputs of a Whirlpool pool, two of them new, and `n` outputs.
fn whirlpool(n: u32, pool: u64) -> Drawn {
    let drawn = times(n, Drawn::default(), |d, i| d.from(pool + if i < 2 { 25_410 } else { 0 }, i));
    times(n, drawn, |d, i| d.to(pool, 100 + i, P2wpkh))
}

#[test]
fn a_whirlpool_mix_has_as_many_inputs_as_equal_outputs_of_a_pool() {
    for n in 5..=10 {
        assert_eq!(whirlpool(n, 1_000_000).kind(), Some(Whirlpool));
    }
    // another amount is an equal-output transaction of nobody in particular
    assert_eq!(whirlpool(5, 1_000_001).kind(), Some(EqualOutput));
    // an input that brings far more than a fee
    let mut rich = whirlpool(5, 1_000_000);
    rich.inputs[0].value = Sats(2_000_000);
    assert_eq!(rich.kind(), Some(EqualOutput));
    // one owner: all inputs from one address
    let mut one = whirlpool(5, 1_000_000);
    one.inputs.iter_mut().for_each(|i| i.address = Some(AddressId(1)));
    assert_eq!(one.kind(), None);
}

#[test]
fn the_transaction_before_a_whirlpool_mix_has_one_owner() {
    // OP_RETURN, the coordinator's fee, the new entries, the change
    let start = times(4, Drawn::default(), |d, i| d.from(2_000_000, i)).to(0, 0, OpReturn).to(50_000, 50, P2wpkh);
    for n in 1..=4 {
        let tx0 = times(n, start.clone(), |d, i| d.to(1_003_000, 100 + i, P2wpkh)).to(20_000, 60, P2wpkh);
        assert_eq!(tx0.kind(), Some(WhirlpoolTx0), "{n} new entries");
        assert!(!WhirlpoolTx0.ties_nobody());
        // without a premium nothing pays the mix's fee; without data, or with other data, it is not Whirlpool's
        let mut bare = tx0.clone();
        bare.outputs.iter_mut().filter(|o| o.value.0 == 1_003_000).for_each(|o| o.value = Sats(1_000_000));
        assert_ne!(bare.kind(), Some(WhirlpoolTx0));
        let mut short = tx0.clone();
        short.outputs[0].script_len = 42;
        assert_ne!(short.kind(), Some(WhirlpoolTx0));
    }
}

/// `n` participants of a Wasabi 1 round, each with change.
fn wasabi1(n: u32, value: u64) -> Drawn {
    let drawn = times(n, Drawn::default(), |d, i| d.from(2 * value + u64::from(i), i));
    times(n, drawn, |d, i| d.to(value, 100 + i, P2wpkh).to(value - 7_000 + u64::from(i), 300 + i, P2wpkh))
}

#[test]
fn a_wasabi_1_round_has_equal_outputs_of_its_base_denomination() {
    assert_eq!(wasabi1(10, 9_950_000).kind(), Some(Wasabi1));
    assert_eq!(wasabi1(60, 5_003_000).kind(), Some(Wasabi1));
    // fewer only near 0.1 BTC; another amount has the form of JoinMarket
    assert_eq!(wasabi1(6, 8_797_488).kind(), Some(Wasabi1));
    assert_eq!(wasabi1(9, 5_003_000).kind(), Some(JoinmarketLike));
    assert_eq!(wasabi1(4, 9_950_000).kind(), Some(JoinmarketLike));
    assert_eq!(wasabi1(12, 700_000).kind(), Some(JoinmarketLike));
    // later rounds double the amount for some, so there are more outputs
    let levels = times(8, wasabi1(20, 10_000_000), |d, i| d.to(20_000_000, 500 + i, P2wpkh));
    assert_eq!(levels.kind(), Some(Wasabi1));
    // other scripts are not Wasabi's
    let mut other = levels;
    other.outputs[0].kind = P2pkh;
    assert_eq!(other.kind(), None);
}

/// A Wasabi 2 round of 20 inputs with these output values.
fn wasabi2(values: &[u64]) -> Drawn {
    let drawn = times(20, Drawn::default(), |d, i| d.from(1_000_000 - u64::from(i), i));
    values.iter().enumerate().fold(drawn, |d, (i, v)| d.to(*v, 100 + i as u32, if i % 2 == 0 { P2wpkh } else { P2tr }))
}

#[test]
fn a_wasabi_2_round_pays_standard_denominations_sorted_by_amount() {
    let mut values =
        [vec![1_594_323; 4], vec![1_000_000; 6], vec![65_536; 6], vec![5_000; 3], vec![39_366; 2]].concat();
    values.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(wasabi2(&values).kind(), Some(Wasabi2));
    let mut unsorted = wasabi2(&values);
    unsorted.inputs.swap(0, 19);
    assert_ne!(unsorted.kind(), Some(Wasabi2));
    // round payouts of a service
    let payouts: Vec<u64> = values.iter().map(|v| if *v > 500_000 { 1_000_000 } else { 50_000 }).collect();
    assert_ne!(wasabi2(&payouts).kind(), Some(Wasabi2));
    // odd amounts
    let odd: Vec<u64> = values.iter().map(|v| v + 7).collect();
    assert_ne!(wasabi2(&odd).kind(), Some(Wasabi2));
}

/// `k` equal outputs of `value` and `changes` others, from `inputs` addresses.
fn equal(k: u32, changes: u32, inputs: u32, value: u64) -> Drawn {
    let drawn = times(inputs, Drawn::default(), |d, i| d.from(3 * value + u64::from(i), i));
    let drawn = times(k, drawn, |d, i| d.to(value, 100 + i, P2wpkh));
    times(changes, drawn, |d, i| d.to(value / 3 + u64::from(i), 200 + i, P2wpkh))
}

#[test]
fn joinmarket_leaves_every_participant_but_one_a_change_output() {
    for k in 2..=12 {
        assert_eq!(equal(k, k, k, 700_000).kind(), Some(JoinmarketLike), "{k} with change");
        assert_eq!(equal(k, k - 1, k + 3, 700_000).kind(), Some(JoinmarketLike), "{k}, one without change");
    }
    // fewer input addresses than equal outputs: somebody paid several people
    assert_eq!(equal(5, 5, 4, 700_000).kind(), None);
    // two equal outputs and a change more: not the exact form
    assert_eq!(equal(2, 3, 2, 700_000).kind(), None);
    // a payment in two equal parts
    assert_eq!(equal(2, 0, 2, 700_000).kind(), None);
    // token marks
    assert_eq!(equal(2, 2, 4, 546).kind(), None);
}

#[test]
fn other_equal_outputs_count_from_three_on() {
    assert_eq!(equal(3, 0, 3, 700_000).kind(), Some(EqualOutput));
    assert_eq!(equal(4, 2, 4, 700_000).kind(), Some(EqualOutput));
    assert_eq!(equal(3, 4, 3, 700_000).kind(), Some(EqualOutput));
    assert_eq!(equal(3, 5, 3, 700_000).kind(), None);
    // the equal outputs go to one address
    let mut one = equal(3, 0, 3, 700_000);
    one.outputs.iter_mut().for_each(|o| o.address = Some(AddressId(100)));
    assert_eq!(one.kind(), None);
}

#[test]
fn payouts_of_a_service_are_no_coinjoin() {
    // fifty customers, ten of them the same amount, from two addresses of the service
    let drawn = Drawn::default().from(1_000_000_000, 1).from(1_000_000_000, 2);
    let drawn = times(10, drawn, |d, i| d.to(10_000_000, 100 + i, P2wpkh));
    let batch = times(40, drawn, |d, i| d.to(1_234_567 * u64::from(i + 1), 200 + i, P2wpkh));
    assert_eq!(batch.kind(), None);
    // and from many addresses: too many other outputs
    let many = times(30, batch, |d, i| d.from(5_000_000, 10 + i));
    assert_eq!(many.kind(), None);
}

#[test]
fn nothing_at_all_is_no_coinjoin_and_reasons_name_what_was_seen() {
    assert_eq!(Drawn::default().kind(), None);
    let drawn = whirlpool(5, 5_000_000);
    let found = recognise(&Shape { inputs: &drawn.inputs, outputs: &drawn.outputs }).unwrap();
    let text = found.reasons().join("; ");
    assert!(text.contains("5 of 5 outputs pay 0.05000000 BTC each"), "{text}");
    for kind in CoinJoinKind::ALL {
        assert_eq!(CoinJoinKind::from_code(kind as u8), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        let all = Facts { marks: true, halves: true, ..found.facts };
        let told = CoinJoin { kind, facts: all };
        assert!(!told.reasons().is_empty());
        assert_eq!(told.reasons().len(), told.reasons_ar().len(), "{kind}");
        for line in told.reasons_ar() {
            let outside: String = line.split('\u{2069}').filter_map(|part| part.split('\u{2068}').next()).collect();
            assert!(!outside.contains(|c: char| c.is_ascii_alphanumeric()), "{line}");
        }
    }
    assert_eq!(CoinJoinKind::from_code(8), None);
}

#[test]
fn standard_denominations_are_those_of_wasabi_2() {
    for value in [5_000, 6_561, 8_192, 10_000, 13_122, 16_384, 20_000, 50_000, 1_594_323, 134_217_728, 137_438_953_472]
    {
        assert!(rules::is_standard(value), "{value}");
    }
    for value in [0, 1, 4_096, 5_001, 30_000, 1_594_324, u64::MAX] {
        assert!(!rules::is_standard(value), "{value}");
    }
}

/// Two sets of inputs, each of which pays `equal`, a change and half of an odd fee.
fn stonewall(first: u64, equal: u64) -> Drawn {
    let fee = 1_001;
    let drawn = Drawn::default().from(first, 1).from(700_000, 2).from(950_000, 3);
    drawn.to(equal, 10, P2wpkh).to(first + 700_000 - equal - fee / 2, 11, P2wpkh).to(equal, 12, P2wpkh).to(
        950_000 - equal - fee / 2 - 1,
        13,
        P2wpkh,
    )
}

#[test]
fn a_stonewall_is_two_halves_and_an_input_from_a_pool() {
    let drawn = stonewall(1_000_000, 400_000);
    assert_eq!(drawn.kind(), Some(StonewallLike));
    // the same without a pool's denomination may be a Stonewall, and is named by its form
    let other = stonewall(1_000_100, 400_000);
    let found = recognise(&Shape { inputs: &other.inputs, outputs: &other.outputs }).unwrap();
    assert_eq!((found.kind, found.facts.halves), (JoinmarketLike, true));
    // a fee that is shared otherwise
    let mut uneven = drawn.clone();
    uneven.outputs[1].value = Sats(uneven.outputs[1].value.0 - 300);
    assert_eq!(uneven.kind(), Some(JoinmarketLike));
    // very many inputs of one value have few sums, very many of different values too many to try
    let many = times(300, Drawn::default(), |d, i| d.from(100_000, i));
    let paid = many.to(15_000_000, 1, P2wpkh).to(15_000_000 - 1_000, 2, P2wpkh);
    assert_eq!(paid.kind(), None);
    let wide = times(40, drawn, |d, i| d.from(1 << i.min(30), 50 + i));
    assert_eq!(wide.kind(), Some(JoinmarketLike));
}

#[test]
fn a_trade_of_tokens_ties_nobody_and_a_transfer_of_tokens_does() {
    // buyer: marks and money; seller: a mark; the seller is paid twice the same
    let trade = Drawn::default().from(58_480, 1).from(546, 2).from(546, 2).from(53_984, 1);
    let trade = trade.to(546, 1, P2tr).to(40_000, 2, P2tr).to(40_000, 2, P2tr).to(16_622, 1, P2tr);
    assert_eq!(trade.kind(), Some(JoinmarketLike));
    // one wallet: a token from one address, the fee from another, both get their rest back
    let transfer = Drawn::default().from(546, 1).from(363_133, 2);
    let transfer = transfer.to(0, 0, OpReturn).to(546, 1, P2tr).to(546, 1, P2tr).to(361_187, 2, P2wpkh);
    assert_eq!(transfer.kind(), None);
}

#[test]
fn an_unnecessary_input_is_a_hint_and_no_kind() {
    let hints_of = |d: &Drawn| hints(&Shape { inputs: &d.inputs, outputs: &d.outputs });
    // the payment of 30,000 needs only the first input
    let candidate = Drawn::default().from(100_000, 1).from(40_000, 2).to(30_000, 3, P2wpkh).to(109_000, 4, P2wpkh);
    assert_eq!((candidate.kind(), hints_of(&candidate).len()), (None, 0), "109,000 needs both");
    let candidate = Drawn::default().from(100_000, 1).from(40_000, 2).to(70_000, 3, P2wpkh).to(69_000, 4, P2wpkh);
    assert_eq!((candidate.kind(), hints_of(&candidate)), (None, vec![Hint::PayjoinCandidate]));
    let one = Drawn::default().from(100_000, 1).from(40_000, 1).to(70_000, 3, P2wpkh).to(69_000, 4, P2wpkh);
    assert!(hints_of(&one).is_empty(), "one address is one owner");
}
