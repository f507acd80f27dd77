//! Traces and exposure as the engine gives them: sources of every sort, policies side by side, streams, as of a day.
use athar_engine::read::{ExposureOptions, ExposureSideView, ExposureView, Moment, TraceEvent, TraceOptions};
use athar_engine::write::import_labels;
use athar_engine::{Day, Engine, EngineError, Network, Options, TaintPolicy as Policy};
use athar_entities::{Forest, Settings};
use athar_ledger::{Disk, Ledger, SegmentBuilder, Store, StoreLock, fixture};
use athar_types::{Category, Chain, Hash32, Relation};
use std::path::PathBuf;
use tempfile::TempDir;

const KNOWN_FIRST: Day = Day(18_263);
const KNOWN_LATER: Day = Day(18_600);

/// A donor with money from an exchange gives to a campaign, which collects, pays a facilitator and a friend; the
/// facilitator cashes out at the exchange, whose money then goes to another customer. Blocks are ten minutes apart.
const STORY: &str = "
block
coinbase c0 -> exchange 100
block
coinbase c1 -> miner 50
tx withdraw: c0:0 -> donor 40 exchange 60
tx gift: withdraw:0 -> campaign 30 donor 9
block
coinbase c2 -> miner 51
tx gift2: c1:0 -> campaign2 20 miner 30
tx collect: gift:0 gift2:0 -> hub 45 campaign 4
tx pay: collect:0 -> facilitator 25 friend 20
block
coinbase c3 -> miner 51
tx cash: pay:0 -> exchange 20 facilitator 5
tx payout: cash:0 -> customer 20
";

struct Case {
    folder: TempDir,
    ledger: Ledger,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let lock = StoreLock::take(&path).unwrap();
        let mut store = Store::open_for_writing(&path, &lock, Disk::default()).unwrap();
        store.set_network(Chain::Bitcoin, Network::Regtest).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let mut builder = SegmentBuilder::new(ledger.end(), Hash32::ZERO);
        for block in &fixture::blocks(STORY) {
            builder.push(block).unwrap();
        }
        let chain = store.chain_folder(Chain::Bitcoin);
        let segment = builder.finish(&ledger, store.disk(), &chain).unwrap();
        store.append(Chain::Bitcoin, segment).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        Forest::build(&path, store.disk(), &ledger, &Settings::default(), u64::MAX, &mut |_| ()).unwrap();
        drop((store, lock));
        let case = Self { folder, ledger };
        case.label(
            KNOWN_FIRST,
            &[("exchange", "The Exchange", "exchange"), ("campaign", "The Campaign", "terrorist_financing")],
        );
        case.label(
            KNOWN_LATER,
            &[("facilitator", "The Changer", "facilitator"), ("hub", "Same Changer", "facilitator")],
        );
        case
    }

    fn label(&self, day: Day, labels: &[(&str, &str, &str)]) {
        let mut text = "address,label,category,source\n".to_string();
        for (name, label, category) in labels {
            text += &format!("{},{label},{category},test\n", self.address(name));
        }
        let file = self.folder.path().join(format!("labels-{}.csv", day.0));
        std::fs::write(&file, text).unwrap();
        let outcome = import_labels(&self.store(), &[file], day, None).unwrap();
        assert!(outcome.refused.is_empty() && outcome.reports[0].accepted == labels.len() as u64);
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn address(&self, name: &str) -> String {
        self.ledger.address_text(fixture::address(&self.ledger, name))
    }

    fn txid(&self, name: &str) -> String {
        self.ledger.txid(fixture::tx(&self.ledger, name)).to_string()
    }

    fn open(&self) -> Engine {
        Engine::open(&self.store(), &Options::default()).unwrap()
    }
}

fn options() -> TraceOptions {
    TraceOptions { hops_max: 9, ..TraceOptions::default() }
}

#[test]
fn sources_are_addresses_entities_transactions_outputs_and_categories() {
    let case = Case::new();
    let engine = case.open();
    let source = |target: &str| engine.trace(target, &options()).unwrap().map(|t| t.source_sat);
    let [campaign, campaign2, customer] = ["campaign", "campaign2", "customer"].map(|n| case.address(n));
    assert_eq!(source(&campaign), Some(34));
    // the two were spent together
    assert_eq!(source(&format!("entity:{campaign2}")), Some(54));
    assert_eq!(source("category:terrorist_financing"), Some(54));
    assert_eq!(source(&case.txid("gift")), Some(39));
    assert_eq!(source(&format!("{}:1", case.txid("gift"))), Some(9));
    // several are one set: what two of them name counts once
    assert_eq!(source(&format!("{campaign}, entity:{campaign2}\n{customer}")), Some(74));
    let unused = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    assert_eq!(source(unused), None);
    let view = engine.trace(&format!("{customer} {unused}"), &options()).unwrap().unwrap();
    assert_eq!((view.source_sat, &view.unseen[..]), (20, &[unused.to_string()][..]));
    assert_eq!(source("category:ransomware"), None);
    for (bad, what) in
        [("", "nothing to trace"), ("category:nonsense", "no category"), ("entity:x", "x"), ("1bad", "1bad")]
    {
        let error = engine.trace(bad, &options()).unwrap_err();
        assert!(matches!(&error, EngineError::Target { .. }) && error.to_string().contains(what), "{error}");
    }
}

#[test]
fn every_policy_stands_beside_the_others_and_each_sums_to_the_source() {
    let case = Case::new();
    let engine = case.open();
    let target = format!("entity:{}", case.address("campaign"));
    let view = engine.trace_compare(&target, &options()).unwrap().unwrap();
    assert_eq!(
        view.policies.iter().map(|p| p.policy).collect::<Vec<_>>(),
        ["fifo", "lifo", "tiho", "haircut", "poison"]
    );
    for (sums, policy) in view.policies.iter().zip(Policy::ALL) {
        let ends =
            [sums.stopped_sat, sums.held_sat, sums.fee_sat, sums.minted_sat, sums.internal_sat, sums.returned_sat];
        let all: u64 = ends.iter().sum::<u64>() + sums.bounded_sat;
        assert_eq!(all, if policy == Policy::Poison { 0 } else { view.source_sat }, "{policy}");
        // and the same as that policy's own trace
        let own = engine.trace(&target, &TraceOptions { policy, ..options() }).unwrap().unwrap();
        assert_eq!((own.stopped_sat, own.held_sat, own.edge_count), (sums.stopped_sat, sums.held_sat, sums.edge_count));
        assert_eq!(own.is_summed, policy != Policy::Poison);
    }
    let exchange = view.ends.iter().find(|e| e.label.as_deref() == Some("The Exchange")).unwrap();
    let said: Vec<_> = exchange.by_policy.iter().map(|s| (s.policy, s.amount_sat)).collect();
    assert_eq!(
        said,
        [("fifo", Some(20)), ("lifo", Some(20)), ("tiho", Some(20)), ("haircut", Some(20)), ("poison", None)]
    );
}

#[test]
fn a_stream_tells_all_that_the_trace_lists_and_can_be_ended() {
    let case = Case::new();
    let engine = case.open();
    let target = case.address("campaign");
    let whole = engine.trace(&target, &options()).unwrap().unwrap();
    let (mut edges, mut places) = (Vec::new(), Vec::new());
    let end = engine
        .trace_stream(&target, &options(), |event| {
            match event {
                TraceEvent::Edge(edge) => edges.push(serde_json::to_string(&edge).unwrap()),
                TraceEvent::Place(place) => places.push((place.txid, place.vout, place.amount_sat)),
                TraceEvent::Progress { .. } => {}
            }
            true
        })
        .unwrap()
        .unwrap();
    let listed: Vec<_> = whole.edges.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
    assert_eq!(edges, listed);
    let mut rested: Vec<_> =
        whole.stopped.iter().chain(&whole.held).map(|p| (p.txid.clone(), p.vout, p.amount_sat)).collect();
    rested.sort();
    places.sort();
    assert_eq!(places, rested);
    assert_eq!((end.stopped_sat, end.held_sat, end.snapshot), (whole.stopped_sat, whole.held_sat, whole.snapshot));

    let mut told = 0;
    let cut = engine
        .trace_stream(&target, &options(), |_| {
            told += 1;
            told < 2
        })
        .unwrap()
        .unwrap();
    assert_eq!(told, 2, "nothing is told after the end was asked for");
    assert!(cut.snapshot.is_none() && cut.bounded.iter().any(|b| b.bound == "cancelled" && b.amount_sat > 0));
    let ends = cut.stopped_sat + cut.held_sat + cut.fee_sat + cut.internal_sat + cut.returned_sat + cut.bounded_sat;
    assert_eq!(ends, cut.source_sat, "a satoshi is lost");
}

#[test]
fn every_bound_that_was_hit_is_in_the_answer() {
    let case = Case::new();
    let engine = case.open();
    let target = case.address("campaign");
    let bounds = |options: TraceOptions| -> Vec<String> {
        engine.trace(&target, &options).unwrap().unwrap().bounded.into_iter().map(|b| b.bound).collect()
    };
    assert_eq!(bounds(options()), [""; 0]);
    assert_eq!(bounds(TraceOptions { hops_max: 1, ..options() }), ["hops"]);
    assert_eq!(bounds(TraceOptions { edges_max: 1, ..options() }), ["edges"]);
    assert_eq!(bounds(TraceOptions { amount_min_sat: 26, ..options() }), ["amount"]);
    assert_eq!(bounds(TraceOptions { outputs_max: 1, ..options() }), ["outputs"]);
    assert_eq!(bounds(TraceOptions { until: Some(Moment::Height(2)), ..options() }), ["until"]);
    assert_eq!(bounds(TraceOptions { since: Some(Moment::Height(3)), ..options() }), ["since"]);
    let never = TraceOptions { until: Some(Moment::Day(Day(1))), ..options() };
    assert!(engine.trace(&target, &never).unwrap_err().to_string().contains("before the first block"));
}

/// Category, relation, FIFO satoshi, share, fewest hops; without what poison alone reaches.
fn lines(side: &ExposureSideView) -> Vec<(Category, Relation, u64, String, u32)> {
    let line = |c: &athar_engine::read::CategoryExposureView| {
        let fifo = c.by_policy.iter().find(|p| p.policy == "fifo")?;
        Some((c.category, c.relation, fifo.amount_sat.unwrap(), fifo.share.unwrap().to_string(), fifo.hops_min))
    };
    side.categories.iter().filter_map(line).collect()
}

#[test]
fn exposure_is_by_category_and_keeps_what_is_linked_apart_from_the_turnover() {
    let case = Case::new();
    let engine = case.open();
    let view = engine.exposure(&case.address("campaign"), &ExposureOptions::default()).unwrap().unwrap();
    assert_eq!(
        (view.addresses, view.ownership.len(), view.ownership[0].category),
        (2, 1, Category::TerroristFinancing)
    );
    let (facilitator, exchange) = (Category::Facilitator, Category::Exchange);
    // 45 to the hub, which carries a label of the same category as the one that it pays 25 of them: they count once
    assert_eq!(view.sent.total_sat, 46);
    assert_eq!(
        lines(&view.sent),
        [
            (facilitator, Relation::Counterparty, 45, "0.978260".into(), 1),
            (exchange, Relation::Indirect, 20, "0.434782".into(), 3)
        ]
    );
    assert_eq!(lines(&view.received), [(exchange, Relation::Indirect, 30, "0.600000".into(), 2)]);
    let exchanges = view.sent.categories.iter().find(|c| c.category == exchange).unwrap();
    let linked = &exchanges.entities[0];
    assert_eq!((linked.linked_sat, linked.total_sat), (Some(20), Some(180)), "{linked:?}");
    assert_eq!(linked.evidence[0].last().unwrap().txid, case.txid("cash"));
    let poison = view.sent.categories[0].by_policy.last().unwrap();
    assert_eq!((poison.policy, poison.amount_sat, poison.share, poison.usd), ("poison", None, None, None));

    // of the facilitator the exchange is a counterparty, and the exchange's other customer is nobody's
    let view = engine.exposure(&case.address("facilitator"), &ExposureOptions::default()).unwrap().unwrap();
    assert_eq!(lines(&view.sent), [(exchange, Relation::Counterparty, 20, "1.000000".into(), 1)]);
    // of the pay transaction: what it spends came from the campaign
    let view = engine.exposure(&case.txid("pay"), &ExposureOptions::default()).unwrap().unwrap();
    assert!(lines(&view.received).iter().any(|l| l.0 == Category::TerroristFinancing && l.2 == 45));
    // an address of which nothing is known says so, and is not clean
    let view = engine.exposure(&case.address("miner"), &ExposureOptions { hops_max: 1, ..ExposureOptions::default() });
    let view = view.unwrap().unwrap();
    assert!(view.ownership.is_empty() && view.received.categories.is_empty());
    assert!(view.received.followed.iter().all(|f| f.is_complete));
}

#[test]
fn exposure_as_of_a_day_rests_on_what_was_known_then_and_on_what_is_known_now() {
    let case = Case::new();
    let engine = case.open();
    let target = case.address("campaign");
    let day = Day(KNOWN_FIRST.0 + 1);
    let options = ExposureOptions::default();
    let has = |view: &ExposureView| view.sent.categories.iter().any(|c| c.category == Category::Facilitator);
    let view = engine.exposure_as_of(&target, Moment::Day(day), &options).unwrap().unwrap();
    assert!(!has(&view.known_then) && has(view.known_now.as_ref().unwrap()));
    assert_ne!(view.known_then.snapshot, view.known_now.unwrap().snapshot);
    // later both say the same
    let view = engine.exposure_as_of(&target, Moment::Day(Day(KNOWN_LATER.0)), &options).unwrap().unwrap();
    assert!(has(&view.known_then) && view.known_now.is_none());
    // and by an earlier block nothing had been paid yet
    let view = engine.exposure_as_of(&target, Moment::Height(1), &options).unwrap().unwrap();
    assert_eq!((view.known_then.addresses, view.known_then.as_of_height), (1, 1));
    assert_eq!((view.known_then.received.total_sat, view.known_then.sent.total_sat), (30, 0));
    assert!(engine.exposure_as_of(&target, Moment::Height(0), &options).unwrap().is_none(), "not there yet");
}
