//! Paths against a walker that goes every way there is, on random small graphs.
use crate::naive;
use crate::ways;

use athar_ledger::{Ledger, fixture};
use athar_trace::{
    NoOwners, NoStops, Owners, Party, Path, Paths, PathsBound, PathsEnd, PathsLimits, PathsOrder, PathsOutcome,
    PathsProgress, PathsQuestion, StopReason, Stops,
};
use athar_types::{AddressId, Height, OutputNum, TxNum};
use naive::{Dice, NAMES, PlainChain};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use ways::{PlainAsk, Way};

const GRAPHS: usize = 32;

fn graphs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(any::<u32>(), 40..220), GRAPHS)
}

const NO_LIMITS: PathsLimits = PathsLimits {
    count_max: 1,
    hops_max: 1_000,
    since: None,
    until: None,
    amount_min_sat: 0,
    edges_max: u64::MAX,
    fan_max: u32::MAX,
    labels_max: u64::MAX,
};

/// Stops and owners of a question, by address id.
struct Told {
    stops: BTreeSet<AddressId>,
    stop_txs: BTreeSet<TxNum>,
    owners: BTreeMap<AddressId, u32>,
}

impl Told {
    fn new(ask: &PlainAsk, ids: &BTreeMap<u32, AddressId>) -> Self {
        Self {
            stops: ask.stops.iter().filter_map(|a| ids.get(a).copied()).collect(),
            stop_txs: ask.stop_txs.iter().map(|t| TxNum(*t as u32)).collect(),
            owners: ask.owners.iter().filter_map(|(a, owner)| Some((*ids.get(a)?, *owner))).collect(),
        }
    }
}

impl Stops for Told {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        self.stops.contains(&address?).then_some(StopReason::Service { label: 7 })
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        self.stop_txs.contains(&tx).then_some(StopReason::CoinJoin { anonymity_set: 5 })
    }
}

impl Owners for Told {
    fn is_own(&self, _: AddressId) -> bool {
        false
    }

    fn same_owner(&self, a: AddressId, b: AddressId) -> bool {
        a == b || self.owners.get(&a).is_some_and(|owner| self.owners.get(&b) == Some(owner))
    }
}

/// The library's answer; `cut` lists so many outputs only of the party where paths begin, or end.
fn ask_cut(
    ledger: &Ledger,
    ids: &BTreeMap<u32, AddressId>,
    ask: &PlainAsk,
    cut: [Option<usize>; 2],
    go_on: &mut dyn FnMut(PathsProgress) -> bool,
) -> Paths {
    let told = Told::new(ask, ids);
    let party = |outputs: &BTreeSet<usize>, cut: Option<usize>| {
        let nums: Vec<OutputNum> = outputs.iter().map(|o| OutputNum(*o as u64)).collect();
        let Some(cut) = cut else { return Party::outputs(ledger, nums).unwrap() };
        // some addresses' outputs, told by a set that knows them all
        let addresses: BTreeSet<AddressId> = nums.iter().filter_map(|o| ledger.output_address(*o)).collect();
        let has = move |output: OutputNum, _: Option<AddressId>| nums.contains(&output);
        Party::owner(ledger, addresses, cut, has).unwrap().truncated()
    };
    let (from, to) = (party(&ask.from, cut[0]), party(&ask.to, cut[1]));
    let question =
        PathsQuestion { from: &from, to: &to, order: ask.order, stops: &told, owners: &told, limits: &ask.limits };
    athar_trace::paths(ledger, &question, go_on)
}

fn ask(ledger: &Ledger, ids: &BTreeMap<u32, AddressId>, ask: &PlainAsk) -> Paths {
    ask_cut(ledger, ids, ask, [None; 2], &mut |_| true)
}

/// Outputs of a graph that belong to one of its subjects: an address, several, or some outputs.
fn roll_party(chain: &PlainChain, graph: usize, dice: &mut Dice<'_>) -> BTreeSet<usize> {
    let outputs = chain.outputs_of(graph);
    let mut party = BTreeSet::new();
    if dice.below(2) == 0 {
        for _ in 0..=dice.below(2) {
            let address = graph as u32 * NAMES + dice.below(u64::from(NAMES)) as u32;
            party.extend(outputs.iter().copied().filter(|o| chain.outputs[*o].address == Some(address)));
        }
    } else {
        for _ in 0..=dice.below(3) {
            party.insert(outputs[dice.below(outputs.len() as u64) as usize]);
        }
    }
    party
}

/// A question about one graph; with `bounded`, stops, owners and bounds of every kind but those of the work occur.
fn roll(chain: &PlainChain, graph: usize, bounded: bool, dice: &mut Dice<'_>) -> PlainAsk {
    let order = PathsOrder::ALL[dice.below(3) as usize];
    let (from, mut to) = (roll_party(chain, graph, dice), roll_party(chain, graph, dice));
    if dice.below(2) == 0 {
        // one that money of the first came to, by one of many ways
        let mut at = from.iter().copied().max_by_key(|o| chain.outputs[*o].value);
        for _ in 0..=dice.below(5) {
            let next = |o: usize| chain.outputs[o].spent_by.map(|tx| &chain.txs[tx].outputs);
            let Some(outputs) = at.and_then(next) else { break };
            at = outputs.iter().copied().max_by_key(|o| (chain.outputs[*o].value, dice.below(3)));
        }
        to = at.into_iter().collect();
    }
    let limits = PathsLimits { count_max: 1 + dice.below(5) as usize, ..NO_LIMITS };
    let nothing = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let (stops, stop_txs, owners) = nothing;
    let mut ask = PlainAsk { from, to, stops, stop_txs, owners, order, limits };
    if !bounded {
        return ask;
    }
    let first = graph as u32 * NAMES;
    for _ in 0..dice.below(3) {
        ask.stops.insert(first + dice.below(u64::from(NAMES)) as u32);
    }
    for _ in 0..dice.below(5) {
        ask.owners.insert(first + dice.below(u64::from(NAMES)) as u32, dice.below(2) as u32);
    }
    let txs = chain.graphs[graph].clone();
    if dice.one_in(3) {
        ask.stop_txs.insert(txs.start + dice.below(txs.len() as u64) as usize);
    }
    if dice.below(3) > 0 {
        ask.limits.hops_max = dice.below(6) as u32;
    }
    let heights = chain.txs[txs.start].height..=chain.txs[txs.end - 1].height;
    let height = |dice: &mut Dice<'_>| {
        Some(Height(heights.start() + dice.below(u64::from(heights.end() - heights.start()) + 2) as u32))
    };
    if dice.one_in(5) {
        ask.limits.since = height(dice);
    }
    if dice.one_in(5) {
        ask.limits.until = height(dice);
    }
    if dice.one_in(4) {
        ask.limits.amount_min_sat = dice.below(5);
    }
    if dice.one_in(4) {
        ask.limits.fan_max = 1 + dice.below(4) as u32;
    }
    ask
}

fn plain(path: &Path) -> Way {
    let mut outputs = vec![path.steps[0].from_output.0 as usize];
    outputs.extend(path.steps.iter().map(|s| s.to_output.0 as usize));
    let txs = path.steps.iter().map(|s| s.tx.0 as usize).collect();
    Way { outputs, txs, hops: path.hops, width: path.width_sat }
}

/// What must hold of any answer's paths by themselves.
fn check_steps(chain: &PlainChain, paths: &[Path]) {
    for path in paths {
        assert_eq!(path.hops, path.steps.iter().map(|s| u32::from(s.is_hop)).sum::<u32>());
        assert_eq!(path.width_sat, path.steps.iter().map(|s| s.width_sat).min().unwrap());
        assert!(path.steps.windows(2).all(|w| w[0].to_output == w[1].from_output && w[0].tx < w[1].tx));
        for step in &path.steps {
            let (from, to) = (&chain.outputs[step.from_output.0 as usize], &chain.outputs[step.to_output.0 as usize]);
            assert_eq!((from.spent_by, to.made_by), (Some(step.tx.0 as usize), step.tx.0 as usize));
            assert_eq!(step.width_sat, from.value.min(to.value) as u64);
        }
    }
}

/// An answer whose work was not bounded is the walker's.
fn check_whole(chain: &PlainChain, ledger: &Ledger, ids: &BTreeMap<u32, AddressId>, question: &PlainAsk) -> usize {
    let expected = ways::all(chain, question);
    let answer = ask(ledger, ids, question);
    check_steps(chain, &answer.paths);
    let found: Vec<Way> = answer.paths.iter().map(plain).collect();
    let first = &expected[..expected.len().min(question.limits.count_max)];
    assert_eq!(found, first, "{question:?}\n{}", chain.text);
    let wider = PlainAsk { limits: PathsLimits { fan_max: u32::MAX, ..question.limits }, ..question.clone() };
    match answer.outcome {
        PathsOutcome::Found => assert!(!found.is_empty()),
        // none means none, also where a wide transaction was left out
        PathsOutcome::NoneWithin => assert_eq!(ways::all(chain, &wider), [], "{question:?}\n{}", chain.text),
        PathsOutcome::GaveUp => assert_eq!((found.len(), &answer.gave_up[..]), (0, &[PathsBound::Fan][..])),
    }
    if answer.is_whole() {
        let all = ways::all(chain, &wider);
        assert_eq!(found, all[..all.len().min(question.limits.count_max)], "{question:?}\n{}", chain.text);
    } else {
        assert!(question.limits.fan_max < 5, "{question:?}");
    }
    if answer.is_none_at_all {
        let farther = PlainAsk { limits: PathsLimits { hops_max: 1_000, ..wider.limits }, ..wider };
        assert_eq!((found.len(), ways::all(chain, &farther)), (0, Vec::new()), "{question:?}\n{}", chain.text);
    }
    assert_eq!(answer.shared_outputs as usize, question.from.intersection(&question.to).count());
    found.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn paths_are_those_of_every_way_walked(
        graphs in graphs(),
        questions in prop::collection::vec(prop::collection::vec(any::<u32>(), 40), GRAPHS * 6),
        per_segment in 1usize..40,
        is_dense in any::<bool>(),
    ) {
        let chain = if is_dense { ways::dense(&graphs) } else { PlainChain::roll(&graphs) };
        let ledger = chain.ledger(per_segment);
        let ids = chain.ids(&ledger);
        for (at, numbers) in questions.iter().enumerate() {
            let question = roll(&chain, at % GRAPHS, at % 3 > 0, &mut Dice::new(numbers));
            check_whole(&chain, &ledger, &ids, &question);
        }
    }

    #[test]
    fn what_the_work_was_bounded_to_is_still_true(
        graphs in graphs(),
        questions in prop::collection::vec(prop::collection::vec(any::<u32>(), 40), GRAPHS * 4),
        is_dense in any::<bool>(),
    ) {
        let chain = if is_dense { ways::dense(&graphs) } else { PlainChain::roll(&graphs) };
        let ledger = chain.ledger(7);
        let ids = chain.ids(&ledger);
        for (at, numbers) in questions.iter().enumerate() {
            let mut dice = Dice::new(numbers);
            let bound = dice.below(4);
            let most = dice.below(30);
            let mut question = roll(&chain, at % GRAPHS, at % 3 > 0, &mut dice);
            question.limits.fan_max = u32::MAX;
            let expected = ways::all(&chain, &question);
            let mut cut = [None; 2];
            let mut left = u64::MAX;
            match bound {
                0 => question.limits.edges_max = most,
                1 => question.limits.labels_max = most,
                2 => left = most / 4,
                _ => cut = [[Some(1), None], [None, Some(0)], [Some(2), Some(1)]][most as usize % 3],
            }
            let answer = ask_cut(&ledger, &ids, &question, cut, &mut |_| {
                let goes_on = left > 0;
                left = left.saturating_sub(1);
                goes_on
            });
            check_steps(&chain, &answer.paths);
            let found: Vec<Way> = answer.paths.iter().map(plain).collect();
            let first = &expected[..expected.len().min(question.limits.count_max)];
            let said = format!("{answer:?}\n{question:?}\n{}", chain.text);
            // found ways are ways, in order, whatever was left out; of the outputs between, others may be the best
            let place = |way: &Way| expected.iter().position(|e| e.txs == way.txs);
            prop_assert!(found.iter().all(|way| place(way).is_some()), "{said}");
            if answer.is_whole() {
                prop_assert_eq!(&found, first, "{}", said);
                let outcome = if found.is_empty() { PathsOutcome::NoneWithin } else { PathsOutcome::Found };
                prop_assert_eq!(answer.outcome, outcome);
            } else {
                let allowed =
                    [PathsBound::Edges, PathsBound::Labels, PathsBound::Cancelled, PathsBound::Parties][bound as usize];
                prop_assert_eq!(&answer.gave_up[..], &[allowed][..], "{}", said);
                let outcome = if found.is_empty() { PathsOutcome::GaveUp } else { PathsOutcome::Found };
                prop_assert_eq!(answer.outcome, outcome);
            }
            prop_assert!(answer.edge_count <= question.limits.edges_max);
            // every path within the hops covered was looked at
            if let (Some(covered), false) = (answer.hops_covered, answer.gave_up.contains(&PathsBound::Labels)) {
                let near = |ways: &[Way]| ways.iter().filter(|w| w.hops <= covered).cloned().collect::<Vec<_>>();
                match question.order {
                    PathsOrder::Hops => {
                        prop_assert_eq!(near(&found), near(first), "{}", said);
                    }
                    // the others may put one of more hops first
                    _ if found.len() < question.limits.count_max => {
                        prop_assert_eq!(near(&found), near(&expected), "{}", said);
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_random_questions_have_answers() {
    // what the two tests above are worth: many of their questions find something, in every order
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let graphs: Vec<Vec<u32>> = (0..GRAPHS).map(|_| (0..200).map(|_| number()).collect()).collect();
    for (chain, found_min, several_min) in [(PlainChain::roll(&graphs), 20, 10), (ways::dense(&graphs), 40, 60)] {
        let ledger = chain.ledger(9);
        let ids = chain.ids(&ledger);
        let (mut found, mut several) = ([0; 3], 0);
        for at in 0..GRAPHS * 12 {
            let numbers: Vec<u32> = (0..40).map(|_| number()).collect();
            let question = roll(&chain, at % GRAPHS, at % 3 > 0, &mut Dice::new(&numbers));
            let count = check_whole(&chain, &ledger, &ids, &question);
            found[question.order as usize] += usize::from(count > 0);
            several += usize::from(count > 1);
        }
        println!("{found:?} of {} found, {several} of more than one path", GRAPHS * 12);
        assert!(found.iter().all(|f| *f > found_min) && several > several_min, "{found:?} {several}");
    }
}

struct Exchange(AddressId);

impl Stops for Exchange {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        (address == Some(self.0)).then_some(StopReason::Service { label: 1 })
    }
}

#[test]
fn services_end_branches_and_are_counted() {
    let text = "block
        coinbase mint: -> alice 50
        tx split: mint:0 -> exchange 20 bob 29
        block
        tx onward: split:1 -> carol 18 dave 10
        tx payout: split:0 -> carol 20";
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), text);
    let id = |name: &str| fixture::address(&ledger, name);
    let party = |name: &str| Party::addresses(&ledger, [id(name)], 100).unwrap();
    let ask = |from: &str, to: &str, order, stops: &dyn Stops, limits: &PathsLimits| {
        let (from, to) = (party(from), party(to));
        let question = PathsQuestion { from: &from, to: &to, order, stops, owners: &NoOwners, limits };
        athar_trace::paths(&ledger, &question, &mut |_| true)
    };
    let names = |answer: &Paths| -> Vec<Vec<TxNum>> {
        answer.paths.iter().map(|p| p.steps.iter().map(|s| s.tx).collect()).collect()
    };
    let tx = |name: &str| fixture::tx(&ledger, name);
    let (exchange, limits) = (Exchange(id("exchange")), PathsLimits::default());
    let answer = ask("alice", "carol", PathsOrder::Hops, &exchange, &limits);
    assert_eq!(names(&answer), [[tx("split"), tx("onward")]]);
    assert_eq!((answer.paths[0].width_sat, answer.paths[0].hops, answer.is_whole()), (18, 2, true));
    let services: u64 =
        answer.ended.iter().filter(|e| e.why == PathsEnd::Service).map(|e| e.forward + e.backward).sum();
    assert_eq!(services, 1);
    // to the exchange itself, and from it, there are paths
    assert_eq!(names(&ask("alice", "exchange", PathsOrder::Hops, &exchange, &limits)), [[tx("split")]]);
    assert_eq!(names(&ask("exchange", "carol", PathsOrder::Hops, &exchange, &limits)), [[tx("payout")]]);
    // without the stop both, the wider one or the earlier one first
    let (onward, payout) = ([tx("split"), tx("onward")], [tx("split"), tx("payout")]);
    for (order, first) in [
        (PathsOrder::Hops, [onward, payout]),
        (PathsOrder::Earliest, [onward, payout]),
        (PathsOrder::Value, [payout, onward]),
    ] {
        assert_eq!(names(&ask("alice", "carol", order, &NoStops, &limits)), first);
    }
    // nothing leads back, and nothing from one who never paid
    let back = ask("carol", "alice", PathsOrder::Value, &NoStops, &limits);
    assert_eq!((back.outcome, back.is_none_at_all, back.edge_count), (PathsOutcome::NoneWithin, true, 0));
    // one hop is too few, which is not none at all
    let near = ask("alice", "carol", PathsOrder::Value, &NoStops, &PathsLimits { hops_max: 1, ..limits });
    assert_eq!((near.outcome, near.is_none_at_all, near.hops_covered), (PathsOutcome::NoneWithin, false, Some(1)));
    let dear = ask("alice", "carol", PathsOrder::Value, &NoStops, &PathsLimits { edges_max: 1, ..limits });
    assert_eq!((dear.outcome, &dear.gave_up[..]), (PathsOutcome::GaveUp, &[PathsBound::Edges][..]));
}
