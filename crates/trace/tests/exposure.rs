//! Exposure against satoshi followed one by one, on random small graphs, and told on small stories.
use crate::naive;

use athar_ledger::{Ledger, fixture};
use athar_trace::{
    Bound, Direction, Exposure, ExposureQuestion, Exposures, Flow, Labels, Limits, Owners, Policy, Side, StopReason,
    Stops, Subject, TraceError, exposure,
};
use athar_types::{AddressId, Height, OutputNum, Relation, TxNum};
use naive::{Dice, NAMES, PlainChain};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of addresses: own, labelled, and which labels are of services.
#[derive(Debug, Default)]
struct Book {
    own: BTreeSet<AddressId>,
    labels: BTreeMap<AddressId, u32>,
    services: BTreeSet<u32>,
}

impl Stops for Book {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        let label = *self.labels.get(&address?)?;
        self.services.contains(&label).then_some(StopReason::Service { label })
    }
}

impl Owners for Book {
    fn is_own(&self, address: AddressId) -> bool {
        self.own.contains(&address)
    }
}

impl Labels for Book {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        self.labels.get(&address).copied()
    }

    fn groups_of(&self, label: u32) -> &[u32] {
        groups(label)
    }
}

/// The groups of the labels that the random questions use.
fn groups(label: u32) -> &'static [u32] {
    match label {
        0 => &[0],
        1 => &[0, 1],
        _ => &[],
    }
}

fn ask(ledger: &Ledger, book: &Book, subject: Subject<'_>, limits: &Limits) -> Result<Exposures, TraceError> {
    ask_by(Policy::Fifo, ledger, book, subject, limits)
}

fn ask_by(
    policy: Policy,
    ledger: &Ledger,
    book: &Book,
    subject: Subject<'_>,
    limits: &Limits,
) -> Result<Exposures, TraceError> {
    exposure(
        ledger,
        &ExposureQuestion { policy, subject, stops: book, owners: book, labels: book, limits, evidence_max: 2 },
    )
}

type Sums = BTreeMap<(u32, Relation), (u64, u32)>;

fn sums(side: &Side) -> Sums {
    summed(&side.exposures)
}

fn summed(exposures: &[Exposure]) -> Sums {
    exposures.iter().map(|e| ((e.label, e.relation), (e.amount_sat, e.hops_min))).collect()
}

/// The same by following every satoshi of the subject on its own: label and relation to satoshi and fewest hops, the same of
/// groups, and everything received or sent.
#[allow(clippy::too_many_arguments, reason = "everything the answer depends on")]
fn followed(
    policy: Policy,
    chain: &PlainChain,
    sources: &BTreeSet<(usize, usize)>,
    direction: Direction,
    hops_max: u32,
    own: &BTreeSet<u32>,
    labels: &BTreeMap<u32, u32>,
    services: &BTreeSet<u32>,
) -> (Sums, Sums, u64) {
    let (mut sums, mut by_group, mut total) = (Sums::new(), Sums::new(), 0);
    let is_own = |output: usize| chain.outputs[output].address.is_some_and(|a| own.contains(&a));
    for start in sources {
        let (mut place, mut hops, mut met, mut met_groups) = (*start, 0, BTreeSet::new(), BTreeSet::new());
        let mut is_away = false;
        loop {
            let next = match direction {
                Direction::Forward => match chain.next(policy, place.0, place.1) {
                    None => break,
                    Some((_, next)) => next,
                },
                Direction::Backward => chain.previous(policy, place.0, place.1).map(|(_, next)| next),
            };
            // a fee was sent, and what was minted was received
            is_away |= next.is_none_or(|n| !is_own(n.0));
            if hops >= hops_max {
                break;
            }
            let Some(next) = next else { break };
            hops += u32::from(!(is_own(place.0) && is_own(next.0)));
            place = next;
            if sources.contains(&place) {
                break;
            }
            let Some(label) = chain.outputs[place.0].address.and_then(|a| labels.get(&a)) else { continue };
            if is_own(place.0) {
                continue;
            }
            let relation = if hops == 1 { Relation::Counterparty } else { Relation::Indirect };
            for group in groups(*label).iter().filter(|g| met_groups.insert(**g)) {
                let sum = by_group.entry((*group, relation)).or_insert((0, hops));
                *sum = (sum.0 + 1, sum.1.min(hops));
            }
            if met.insert(*label) {
                let sum = sums.entry((*label, relation)).or_insert((0, hops));
                *sum = (sum.0 + 1, sum.1.min(hops));
            }
            if services.contains(label) {
                break;
            }
        }
        total += u64::from(is_away);
    }
    (sums, by_group, total)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn exposure_equals_following_every_satoshi_of_the_subject(
        graphs in prop::collection::vec(prop::collection::vec(any::<u32>(), 30..200), 24),
        rolls in prop::collection::vec(prop::collection::vec(any::<u32>(), 40), 24 * 4),
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(usize::MAX);
        let ids = chain.ids(&ledger);
        for (at, roll) in rolls.iter().enumerate() {
            let (graph, mut dice) = (at % graphs.len(), Dice::new(roll));
            let names: Vec<u32> = (0..NAMES).map(|n| graph as u32 * NAMES + n).collect();
            let (mut own, mut labels, mut services) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
            own.extend((0..=dice.below(2)).map(|_| names[dice.below(6) as usize]));
            for name in &names {
                if dice.below(2) == 0 {
                    labels.insert(*name, dice.below(3) as u32);
                }
            }
            services.extend((0..3).filter(|_| dice.one_in(3)));
            let limits = Limits { hops_max: 1 + dice.below(5) as u32, ..Limits::NONE };

            let id = |name: &u32| ids.get(name).copied();
            let book = Book {
                own: own.iter().filter_map(id).collect(),
                labels: labels.iter().filter_map(|(a, l)| Some((id(a)?, *l))).collect(),
                services: services.clone(),
            };
            let addresses: Vec<_> = book.own.iter().copied().collect();
            let policy = if dice.below(2) == 0 { Policy::Fifo } else { Policy::Lifo };
            let found = ask_by(policy, &ledger, &book, Subject::Addresses(&addresses), &limits).unwrap();

            let outputs = chain.outputs.iter().enumerate().filter(|(_, o)| o.address.is_some_and(|a| own.contains(&a)));
            let sources: BTreeSet<_> = outputs.flat_map(|(o, out)| (0..out.value).map(move |at| (o, at))).collect();
            for (side, direction) in [(&found.received, Direction::Backward), (&found.sent, Direction::Forward)] {
                let (expected, by_group, total) =
                    followed(policy, &chain, &sources, direction, limits.hops_max, &own, &labels, &services);
                prop_assert_eq!(sums(side), expected, "{:?} {:?}", direction, book);
                prop_assert_eq!(summed(&side.groups), by_group, "{:?} {:?}", direction, book);
                prop_assert_eq!(side.total_sat, total);
                prop_assert!(side.totals.check());
                for e in side.exposures.iter().chain(&side.groups) {
                    check_evidence(&chain, side, e);
                }
            }
            check_amounts(&ledger, &book, &addresses, &limits, &found);
        }
    }
}

/// What must hold under the policies that give single satoshi no way of their own.
fn check_amounts(ledger: &Ledger, book: &Book, own: &[AddressId], limits: &Limits, by_satoshi: &Exposures) {
    let ask = |policy| ask_by(policy, ledger, book, Subject::Addresses(own), limits).unwrap();
    for policy in [Policy::Tiho, Policy::Haircut] {
        let found = ask(policy);
        for side in [&found.received, &found.sent] {
            assert!(side.totals.check());
            let of = |list: &[Exposure], key: u32| -> u64 {
                list.iter().filter(|e| e.label == key).map(|e| e.amount_sat).sum()
            };
            for group in [0, 1] {
                let members = (0..3).filter(|l| groups(*l).contains(&group)).map(|l| of(&side.exposures, l));
                let (sum, most) = members.fold((0, 0), |(sum, most), sat| (sum + sat, most.max(sat)));
                let sat = of(&side.groups, group);
                assert!(most <= sat && sat <= sum && sat <= side.total_sat, "{policy} {sat} of {sum}");
            }
        }
    }
    // poison reaches every label that any policy reaches, from as near, and sums nothing
    let poison = ask(Policy::Poison);
    for (side, other) in [(&poison.received, &by_satoshi.received), (&poison.sent, &by_satoshi.sent)] {
        assert!(side.total_sat == 0 && side.exposures.iter().all(|e| e.amount_sat == 0 && e.outputs > 0));
        for e in &other.exposures {
            let nearest = side.exposures.iter().filter(|p| p.label == e.label).map(|p| p.hops_min).min();
            assert!(nearest.is_some_and(|hops| hops <= e.hops_min), "poison misses {e:?}");
        }
    }
}

/// Every piece of evidence leads from the subject to the label, and together they make the amount unless truncated.
fn check_evidence(chain: &PlainChain, side: &Side, exposure: &Exposure) {
    assert_eq!(exposure.share.part, u128::from(exposure.amount_sat));
    assert!(exposure.share.part <= exposure.share.whole && exposure.share.whole == u128::from(side.total_sat));
    assert_eq!(exposure.evidence[0].hops, exposure.hops_min);
    let sum: u64 = exposure.evidence.iter().map(|e| e.sat).sum();
    assert_eq!(exposure.evidence_truncated, sum < exposure.amount_sat);
    for evidence in &exposure.evidence {
        assert!((evidence.hops == 1) == (exposure.relation == Relation::Counterparty));
        let last = evidence.path.last().unwrap();
        let end = if side.flow == Flow::Sent { last.to_output } else { last.from_output };
        assert_eq!(end, evidence.output);
        for step in &evidence.path {
            let tx = &chain.txs[step.tx.0 as usize];
            assert!(tx.inputs.contains(&(step.from_output.0 as usize)));
            assert!(tx.outputs.contains(&(step.to_output.0 as usize)));
        }
    }
}

/// A donor withdraws from an exchange and gives; the campaign collects and pays a facilitator, who cashes out.
const STORY: &str = "
block
coinbase c0 -> exchange 100
block
coinbase c1 -> miner 50
tx withdraw: c0:0 -> donor 40 exchange 60
tx gift: withdraw:0 -> campaign 30 donor 9             # fee 1
block
coinbase c2 -> miner 51
tx gift2: c1:0 -> campaign 20 miner 30
tx collect: gift:0 gift2:0 -> campaign2 45 campaign 4  # fee 1
tx pay: collect:0 -> facilitator 25 campaign2 20
block
coinbase c3 -> miner 51
tx cash: pay:0 -> exchange 20 facilitator 5
tx payout: cash:0 -> customer 20
";

const EXCHANGE: u32 = 1;
const FACILITATOR: u32 = 2;
const MINER: u32 = 3;
const CUSTOMER: u32 = 4;

struct Told {
    ledger: Ledger,
    book: Book,
    limits: Limits,
}

impl Told {
    fn new(text: &str, own: &[&str], labels: &[(&str, u32)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = fixture::ledger(folder.path(), text);
        let id = |name: &str| fixture::address(&ledger, name);
        let book = Book {
            own: own.iter().map(|n| id(n)).collect(),
            labels: labels.iter().map(|(n, l)| (id(n), *l)).collect(),
            services: [EXCHANGE].into(),
        };
        Self { ledger, book, limits: Limits::default() }
    }

    fn story(own: &[&str]) -> Self {
        let labels = [("exchange", EXCHANGE), ("facilitator", FACILITATOR), ("miner", MINER), ("customer", CUSTOMER)];
        Self::new(STORY, own, &labels)
    }

    fn ask_owner(&self) -> Exposures {
        let own: Vec<_> = self.book.own.iter().copied().collect();
        ask(&self.ledger, &self.book, Subject::Addresses(&own), &self.limits).unwrap()
    }

    fn output(&self, tx: &str, vout: u64) -> OutputNum {
        OutputNum(self.ledger.tx_outputs(fixture::tx(&self.ledger, tx)).start + vout)
    }
}

/// Label, relation, satoshi, share, fewest hops.
fn lines(side: &Side) -> Vec<(u32, &'static str, u64, String, u32)> {
    let line = |e: &Exposure| (e.label, e.relation.name(), e.amount_sat, e.share.to_string(), e.hops_min);
    side.exposures.iter().map(line).collect()
}

#[test]
fn a_campaign_is_seen_between_its_donors_exchange_and_its_facilitator() {
    let told = Told::story(&["campaign", "campaign2"]);
    let found = told.ask_owner();
    // 50 received: 30 from a donor who had them from the exchange, 20 from the miner
    assert_eq!(found.received.total_sat, 50);
    assert_eq!(
        lines(&found.received),
        [(EXCHANGE, "indirect", 30, "0.600000".into(), 2), (MINER, "counterparty", 20, "0.400000".into(), 1)]
    );
    // 25 paid and a fee of 1 sent; what was collected moved within, the rest is still there
    assert_eq!((found.sent.total_sat, found.sent.totals.internal_sat, found.sent.totals.held_sat), (26, 69, 29));
    assert_eq!(
        lines(&found.sent),
        [(EXCHANGE, "indirect", 20, "0.769230".into(), 2), (FACILITATOR, "counterparty", 25, "0.961538".into(), 1)]
    );
    assert!(found.received.is_complete() && found.sent.is_complete());

    let evidence = &found.sent.exposures[0].evidence[0];
    assert_eq!((evidence.output, evidence.sat, evidence.hops), (told.output("cash", 0), 20, 2));
    let steps: Vec<_> = evidence.path.iter().map(|s| (s.tx, s.from_output, s.to_output, s.sat)).collect();
    let tx = |name| fixture::tx(&told.ledger, name);
    let (paid, held) = (told.output("pay", 0), told.output("collect", 0));
    assert_eq!(steps, [(tx("pay"), held, paid, 25), (tx("cash"), paid, told.output("cash", 0), 20)]);
    let path = &found.received.exposures[0].evidence[0].path;
    assert_eq!(path.iter().map(|s| s.tx).collect::<Vec<_>>(), [tx("gift"), tx("withdraw")]);
}

#[test]
fn the_other_customers_of_a_service_are_never_counterparties() {
    let told = Told::story(&["facilitator"]);
    let sent = told.ask_owner().sent;
    assert_eq!(lines(&sent), [(EXCHANGE, "counterparty", 20, "1.000000".into(), 1)]);
    assert_eq!(sent.totals.stopped_sat, 20);
}

#[test]
fn exposure_as_of_an_earlier_height_knows_nothing_of_later_payments() {
    let mut told = Told::story(&["campaign", "campaign2"]);
    told.limits.until = Some(Height(1));
    let found = told.ask_owner();
    assert_eq!((found.received.total_sat, found.sent.total_sat), (30, 0));
    assert_eq!(lines(&found.received), [(EXCHANGE, "indirect", 30, "1.000000".into(), 2)]);
    assert!(lines(&found.sent).is_empty() && !found.sent.is_complete());
    assert_eq!(found.sent.bounded()[0].bound, Bound::Until);
}

#[test]
fn a_transaction_is_exposed_to_those_it_pays_and_those_it_spends_from() {
    let told = Told::story(&[]);
    let of = |name| {
        let subject = Subject::Transaction(fixture::tx(&told.ledger, name));
        ask(&told.ledger, &told.book, subject, &told.limits).unwrap()
    };
    let pay = of("pay");
    assert_eq!((pay.received.total_sat, pay.sent.total_sat), (45, 45));
    assert_eq!(
        lines(&pay.sent),
        [(EXCHANGE, "indirect", 20, "0.444444".into(), 2), (FACILITATOR, "counterparty", 25, "0.555555".into(), 1)]
    );
    assert!(pay.sent.exposures[1].evidence[0].path.is_empty());
    assert_eq!(
        lines(&pay.received),
        [(MINER, "indirect", 15, "0.333333".into(), 3)],
        "the exchange is a hop further than is asked for"
    );
    let coinbase = of("c1");
    assert_eq!((coinbase.received.total_sat, coinbase.sent.total_sat), (0, 50));
    let nowhere = TxNum(told.ledger.tx_count());
    assert!(matches!(
        ask(&told.ledger, &told.book, Subject::Transaction(nowhere), &told.limits),
        Err(TraceError::UnknownTx { .. })
    ));
}

#[test]
fn an_output_is_exposed_through_its_own_value_only() {
    let told = Told::story(&["donor"]);
    let subject = Subject::Output(told.output("gift", 1));
    let found = ask(&told.ledger, &told.book, subject, &told.limits).unwrap();
    // change of nine: it came from the exchange by way of the donor himself, which is no hop
    assert_eq!(lines(&found.received), [(EXCHANGE, "counterparty", 9, "1.000000".into(), 1)]);
    assert_eq!(found.sent.total_sat, 0);
}

#[test]
fn money_that_meets_a_label_again_is_not_counted_again_but_money_sent_again_is() {
    let told = Told::new(
        "
        block
        coinbase c -> us 10
        tx out: c:0 -> group 10
        tx inside: out:0 -> group 6 broker 4
        tx around: inside:1 -> group 4
        tx back: inside:0 -> us 6
        tx again: back:0 -> group 6
        ",
        &["us"],
        &[("group", 7)],
    );
    let found = told.ask_owner();
    // 10 at first and the 6 that came back once more; 4 of them went round by a broker without counting twice
    assert_eq!(found.sent.total_sat, 16);
    assert_eq!(lines(&found.sent), [(7, "counterparty", 16, "1.000000".into(), 1)]);
    assert_eq!(found.sent.exposures[0].outputs, 2);
    assert_eq!((found.sent.totals.returned_sat, found.sent.totals.held_sat), (6, 10));
    // received: 10 mined, 6 from the group
    assert_eq!(found.received.total_sat, 16);
    assert_eq!(lines(&found.received), [(7, "counterparty", 6, "0.375000".into(), 1)]);
    assert_eq!((found.received.totals.minted_sat, found.received.totals.returned_sat), (10, 6));
}

#[test]
fn evidence_is_cut_at_its_maximum_and_says_so() {
    let told = Told::new(
        "
        block
        coinbase c -> us 10
        tx out: c:0 -> group 2 group 5 group 3
        ",
        &["us"],
        &[("group", 7)],
    );
    let sent = told.ask_owner().sent;
    let [exposure] = &sent.exposures[..] else { panic!("{sent:?}") };
    assert_eq!((exposure.amount_sat, exposure.outputs, exposure.evidence_truncated), (10, 3, true));
    assert_eq!(exposure.evidence.iter().map(|e| e.sat).collect::<Vec<_>>(), [5, 3]);
}
