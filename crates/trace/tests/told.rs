//! Traces told on small stories: each rule once, by name.
use athar_ledger::{Ledger, fixture};
use athar_trace::{
    Bound, Direction, Edge, End, Held, Limits, NoOwners, NoStops, Owners, Policy, Question, Sink, Sources, Span, Stops,
    Trace, TraceError, stream, trace,
};
use athar_types::{AddressId, Height, OutputNum};

const CHAIN: &str = "
block
coinbase a -> alice 10
coinbase b -> bob 10
block
coinbase c -> miner 12
tx mix: a:0 b:0 -> x 4 y 14           # fee 2
tx on: mix:1 -> z 14
block
coinbase d -> miner 10
tx far: on:0 -> far 13                # fee 1
";

struct Told {
    ledger: Ledger,
}

impl Told {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { ledger: fixture::ledger(folder.path(), text) }
    }

    fn output(&self, tx: &str, vout: u64) -> OutputNum {
        OutputNum(self.ledger.tx_outputs(fixture::tx(&self.ledger, tx)).start + vout)
    }

    fn ask(&self, direction: Direction, sources: &Sources, limits: &Limits) -> Trace {
        self.ask_of(direction, sources, limits, &NoStops, &NoOwners)
    }

    fn ask_of(
        &self,
        direction: Direction,
        sources: &Sources,
        limits: &Limits,
        stops: &dyn Stops,
        owners: &dyn Owners,
    ) -> Trace {
        let found = trace(&self.ledger, &Question { policy: Policy::Fifo, direction, sources, stops, owners, limits });
        assert!(found.check(), "{:?}", found.totals);
        found
    }

    fn whole(&self, tx: &str, vout: u64) -> Sources {
        Sources::outputs(&self.ledger, [self.output(tx, vout)], 1).unwrap()
    }
}

#[test]
fn inputs_fill_outputs_in_order_and_the_fee_comes_last() {
    let told = Told::new(CHAIN);
    // bob's ten lie at 10..20 of the mix: eight of them on y, two on the fee; the fee of `far` takes one more
    let found = told.ask(Direction::Forward, &told.whole("b", 0), &Limits::NONE);
    assert_eq!(found.held, [Held { output: told.output("far", 0), sat: 7, hops: 3 }]);
    assert_eq!((found.totals.fee_sat, found.totals.edge_count, found.totals.tx_count), (3, 3, 3));
    let tx = fixture::tx(&told.ledger, "mix");
    let edge = Edge { tx, from_output: told.output("b", 0), to_output: told.output("mix", 1), sat: 8, hop: 1 };
    assert_eq!(found.edges[0], edge);
    let path: Vec<_> = found.path_to(told.output("far", 0)).unwrap().iter().map(|s| (s.to_output, s.sat)).collect();
    assert_eq!(path, [(told.output("mix", 1), 8), (told.output("on", 0), 8), (told.output("far", 0), 7)]);
    assert_eq!(found.path_to(told.output("mix", 0)), None);
    assert_eq!(found.path_to(told.output("b", 0)), Some(vec![]));
}

#[test]
fn a_backward_trace_ends_at_coinbases() {
    let told = Told::new(CHAIN);
    let found = told.ask(Direction::Backward, &told.whole("far", 0), &Limits::NONE);
    let held = |tx, sat| Held { output: told.output(tx, 0), sat, hops: 3 };
    assert_eq!(found.minted, [held("a", 6), held("b", 7)]);
    assert_eq!((found.totals.minted_sat, found.totals.fee_sat), (13, 0));
    // the steps of a path go from the source on, each in the money's direction
    let path: Vec<_> = found.path_to(told.output("a", 0)).unwrap().iter().map(|s| (s.from_output, s.sat)).collect();
    assert_eq!(path, [(told.output("on", 0), 13), (told.output("mix", 1), 13), (told.output("a", 0), 6)]);
}

#[test]
fn part_of_an_output_can_be_asked_for() {
    let told = Told::new(CHAIN);
    let sources = Sources::parts(&told.ledger, [(told.output("a", 0), 3..6)], 1).unwrap();
    let found = told.ask(Direction::Forward, &sources, &Limits::NONE);
    let ends: Vec<_> = found.held.iter().map(|h| (h.output, h.sat)).collect();
    assert_eq!(ends, [(told.output("mix", 0), 1), (told.output("far", 0), 2)]);
}

#[test]
fn a_path_leads_to_the_source_of_the_very_satoshi_it_ends_in() {
    let told = Told::new(
        "
        block
        coinbase a -> alice 4
        coinbase b -> bob 4
        tx join: a:0 b:0 -> x 8
        tx move: join:0 -> y 8
        tx part: move:0 -> first 4 second 4
        ",
    );
    let both = Sources::outputs(&told.ledger, [told.output("a", 0), told.output("b", 0)], 2).unwrap();
    let found = told.ask(Direction::Forward, &both, &Limits::NONE);
    for (vout, source) in [(0, "a"), (1, "b")] {
        let path = found.path_to(told.output("part", vout)).unwrap();
        assert_eq!((path.len(), path[0].from_output), (3, told.output(source, 0)));
    }
}

#[test]
fn every_bound_is_named_with_what_was_left_there() {
    let told = Told::new(CHAIN);
    let left = |limits: Limits| {
        let found = told.ask(Direction::Forward, &told.whole("a", 0), &limits);
        found.bounded().iter().map(|b| (b.bound.name(), b.sat, b.outputs)).collect::<Vec<_>>()
    };
    assert_eq!(left(Limits::default()), []);
    assert_eq!(left(Limits { hops_max: 2, ..Limits::NONE }), [("hops", 6, 1)]);
    assert_eq!(left(Limits { hops_max: 0, ..Limits::NONE }), [("hops", 10, 1)]);
    assert_eq!(left(Limits { edges_max: 1, ..Limits::NONE }), [("edges", 10, 1)]);
    assert_eq!(left(Limits { edges_max: 2, ..Limits::NONE }), [("edges", 6, 1)]);
    assert_eq!(left(Limits { amount_min_sat: 7, ..Limits::NONE }), [("amount", 6, 1)]);
    assert_eq!(left(Limits { outputs_max: 1, ..Limits::NONE }), [("outputs", 10, 1)]);
    assert_eq!(left(Limits { since: Some(Height(2)), ..Limits::NONE }), [("since", 10, 1)]);
    assert_eq!(left(Limits { until: Some(Height(1)), ..Limits::NONE }), [("until", 6, 1)]);
    assert_eq!(left(Limits { since: Some(Height(9)), ..Limits::NONE }), [("since", 10, 1)]);
    assert_eq!(left(Limits { until: Some(Height(9)), ..Limits::NONE }), []);
}

#[test]
fn listing_fewer_edges_changes_no_amount_and_is_said() {
    let told = Told::new(CHAIN);
    let whole = told.ask(Direction::Forward, &told.whole("a", 0), &Limits::NONE);
    let limits = Limits { edges_listed_max: 1, keep_paths: false, ..Limits::NONE };
    let cut = told.ask(Direction::Forward, &told.whole("a", 0), &limits);
    assert_eq!((whole.edges_truncated, cut.edges_truncated), (false, true));
    assert_eq!((&whole.edges[..1], &whole.totals, &whole.held), (&cut.edges[..], &cut.totals, &cut.held));
    assert_eq!(cut.path_to(told.output("mix", 0)), None);
}

struct Own(AddressId);

impl Owners for Own {
    fn is_own(&self, address: AddressId) -> bool {
        address == self.0
    }
}

#[test]
fn change_back_to_the_owner_is_no_hop() {
    let told = Told::new(
        "
        block
        coinbase c -> alice 10
        tx t1: c:0 -> bob 1 alice 9
        tx t2: t1:1 -> bob 1 alice 8
        tx t3: t2:1 -> bob 8
        ",
    );
    let alice = Own(fixture::address(&told.ledger, "alice"));
    let limits = Limits { hops_max: 1, ..Limits::NONE };
    let found = told.ask_of(Direction::Forward, &told.whole("c", 0), &limits, &NoStops, &alice);
    assert_eq!(found.held.iter().map(|h| (h.sat, h.hops)).collect::<Vec<_>>(), [(1, 1), (1, 1), (8, 1)]);
    let found = told.ask(Direction::Forward, &told.whole("c", 0), &limits);
    assert_eq!(found.bounded()[0].bound, Bound::Hops);
    assert_eq!((found.totals.bounded_sat(), found.totals.held_sat), (9, 1));
}

#[test]
fn a_chain_that_breaks_its_own_rules_neither_panics_nor_loses_satoshi() {
    let max = u64::MAX;
    let told = Told::new(&format!(
        "
        block
        coinbase a -> alice {max} bob {max}
        tx both: a:0 a:1 -> x {max} y 5                    # a fee of nearly all of bob's
        tx more: both:1 -> z 3 w {max}                     # makes more than it spends
        "
    ));
    let (a, bob) = (told.output("a", 0), told.output("a", 1));
    assert_eq!(Sources::outputs(&told.ledger, [a, bob], 2).unwrap_err(), TraceError::TooMuch);
    let found = told.ask(Direction::Forward, &told.whole("a", 1), &Limits::NONE);
    assert_eq!((found.totals.fee_sat, found.totals.held_sat), (max - 5, 5));
    // the two of w's satoshi that an input covers come from bob, the others from nothing
    let found = told.ask(Direction::Backward, &told.whole("more", 1), &Limits::NONE);
    assert_eq!(found.minted, [Held { output: bob, sat: 2, hops: 2 }]);
    assert_eq!(found.totals.minted_sat, max);
}

#[test]
fn taint_that_comes_back_to_a_source_is_not_counted_twice() {
    let told = Told::new(
        "
        block
        coinbase c -> alice 10
        tx t1: c:0 -> alice 9              # fee 1
        tx t2: t1:0 -> bob 9
        tx t3: t2:0 -> alice 9
        ",
    );
    let alice = fixture::address(&told.ledger, "alice");
    let sources = Sources::addresses(&told.ledger, [alice], 100).unwrap();
    let found = told.ask_of(Direction::Forward, &sources, &Limits::NONE, &NoStops, &Own(alice));
    let t = &found.totals;
    assert_eq!((t.source_sat, t.internal_sat, t.returned_sat, t.held_sat, t.fee_sat), (28, 9, 9, 9, 1));
}

#[test]
fn sources_say_what_is_wrong_with_them_and_when_they_are_cut() {
    let told = Told::new(CHAIN);
    let (ledger, a) = (&told.ledger, told.output("a", 0));
    let count = ledger.output_count();
    let past = Sources::outputs(ledger, [OutputNum(count)], 1);
    assert_eq!(past.unwrap_err(), TraceError::UnknownOutput { output: OutputNum(count), count });
    for (from, to) in [(0, 11), (5, 5), (7, 3)] {
        let error = Sources::parts(ledger, [(a, from..to)], 1).unwrap_err();
        assert_eq!(error, TraceError::NoSuchPart { output: a, from, to, value: 10 });
    }
    let nobody = AddressId(ledger.address_count());
    assert!(matches!(Sources::addresses(ledger, [nobody], 1), Err(TraceError::UnknownAddress { .. })));
    let miner = fixture::address(ledger, "miner");
    assert!(!Sources::addresses(ledger, [miner], 2).unwrap().is_truncated());
    let cut = Sources::addresses(ledger, [miner], 1).unwrap();
    assert_eq!((cut.is_truncated(), cut.sat()), (true, 12));
    assert!(told.ask(Direction::Forward, &cut, &Limits::NONE).sources_truncated);
    let both = Sources::outputs(ledger, (0..2).map(OutputNum), 1).unwrap();
    assert!(both.is_truncated());
    let none = Sources::outputs(ledger, [], 1).unwrap();
    assert_eq!(told.ask(Direction::Forward, &none, &Limits::NONE).totals.source_sat, 0);
}

/// Ends after some transactions, and notes everything it is told.
#[derive(Default)]
struct Impatient {
    asked: u32,
    told: Vec<String>,
}

impl Sink for Impatient {
    fn edge(&mut self, edge: &Edge) {
        self.told.push(format!("edge of {}", edge.sat));
    }

    fn end(&mut self, _: OutputNum, spans: &[Span], end: End) {
        self.told.push(format!("{end:?} {}", spans.iter().map(Span::sat).sum::<u64>()));
    }

    fn go_on(&mut self, _: u64) -> bool {
        self.asked += 1;
        self.asked <= 2
    }
}

#[test]
fn a_sink_is_told_in_order_and_can_end_the_trace() {
    let told = Told::new(CHAIN);
    let mut sink = Impatient::default();
    let sources = told.whole("a", 0);
    let question = Question {
        policy: Policy::Fifo,
        direction: Direction::Forward,
        sources: &sources,
        stops: &NoStops,
        owners: &NoOwners,
        limits: &Limits::NONE,
    };
    let totals = stream(&told.ledger, &question, &mut sink);
    assert_eq!(sink.told, ["edge of 4", "Held 4", "edge of 6", "edge of 6", "Bounded(Cancelled) 6"]);
    assert!(totals.check() && sink.asked == 3 && totals.frontier_max == 1);
}
