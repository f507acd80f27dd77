//! Paths on the first 4,313 blocks of mainnet, where history knows the way, and on a simulated world with services.
use crate::support;

use athar_engine::read::{PathsOptions, PathsOrder, PathsSearchView, PathsView};
use athar_engine::write::{IngestSettings, import_labels, ingest_bitcoin};
use athar_engine::{Clustering, Day, Engine, EngineError, Options};
use athar_simulate::{Settings, simulate};
use std::path::Path;
use support::shared;

/// The address of block 9's coinbase, and the one that its money was sent to in block 170.
const SATOSHI: &str = "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S";
const FINNEY: &str = "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3";
const BLOCK_9: &str = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9";
const FIRST_PAYMENT: &str = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";

fn ingest(store: &Path, blocks: &Path) {
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(store, blocks, settings, &mut |_| true).unwrap();
}

fn only(view: &PathsView) -> &PathsSearchView {
    assert_eq!(view.searches.len(), 1);
    &view.searches[0]
}

#[test]
fn the_first_payment_is_found_from_the_coinbase_of_block_9() {
    let Some(blocks) = shared("bitcoin/mainnet-0-4312/blocks") else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    ingest(&store, &blocks);
    let engine = Engine::open(&store, &Options::default()).unwrap();
    for by in PathsOrder::ALL {
        let options = PathsOptions { by, ..PathsOptions::default() };
        let view = engine.paths(&format!("{BLOCK_9}:0"), FINNEY, &options).unwrap();
        let search = only(&view);
        assert_eq!((search.outcome, &search.gave_up[..], search.paths.len()), ("found", &[][..], 1));
        let path = &search.paths[0];
        assert_eq!((path.hops, path.step_count, path.width_sat), (1, 1, 1_000_000_000));
        let step = &path.steps[0];
        assert_eq!((step.txid.as_str(), step.height), (FIRST_PAYMENT, 170));
        assert_eq!(step.time, "2009-01-12T03:30:25Z");
        assert_eq!(step.from.address.as_deref(), Some(SATOSHI));
        assert_eq!((step.from.value_sat, step.to.value_sat), (5_000_000_000, 1_000_000_000));
        assert_eq!(step.to.address.as_deref(), Some(FINNEY));
        // no market had a price for it then
        assert_eq!((path.width_usd, step.width_usd), (None, None));
    }
    // his change went on to others, and nothing came back from Hal Finney's address
    let back = engine.paths(FINNEY, SATOSHI, &PathsOptions::default()).unwrap();
    assert_eq!((only(&back).outcome, only(&back).is_none_at_all), ("none_within", true));
    let either = PathsOptions { either: true, ..PathsOptions::default() };
    let both = engine.paths(SATOSHI, &format!("entity:{FINNEY}"), &either).unwrap();
    let outcomes: Vec<_> = both.searches.iter().map(|s| (s.from.as_str(), s.outcome)).collect();
    assert_eq!(outcomes, [(SATOSHI, "found"), (&format!("entity:{FINNEY}")[..], "none_within")]);
    // the same question gives the same bytes
    let again = engine.paths(SATOSHI, &format!("entity:{FINNEY}"), &either).unwrap();
    assert_eq!(serde_json::to_string(&both).unwrap(), serde_json::to_string(&again).unwrap());
    // before block 170 there is none
    let until = PathsOptions { until: Some(169), ..PathsOptions::default() };
    let early = engine.paths(SATOSHI, FINNEY, &until).unwrap();
    assert_eq!(only(&early).outcome, "none_within");
    assert!(only(&early).ended.iter().any(|e| e.why == "until" && e.forward + e.backward > 0));
    // gave up is another answer than none
    let few = PathsOptions { edges_max: 0, ..PathsOptions::default() };
    let cut = engine.paths(SATOSHI, FINNEY, &few).unwrap();
    assert_eq!((only(&cut).outcome, &only(&cut).gave_up[..]), ("gave_up", &["edges"][..]));
    let stopped = engine.paths_with(SATOSHI, FINNEY, &PathsOptions::default(), &mut |_| false).unwrap();
    assert_eq!((only(&stopped).gave_up[0], &stopped.snapshot), ("cancelled", &None));
    assert!(cut.snapshot.is_some() && cut.snapshot != both.snapshot);
    // subjects that are none, or not there
    let unseen = engine.paths("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", FINNEY, &PathsOptions::default()).unwrap();
    assert_eq!((unseen.from.kind, unseen.to.kind, unseen.searches.len()), (None, Some("address"), 0));
    for (from, to) in [(FINNEY, FINNEY), ("hal", FINNEY), (FINNEY, "entity:hal")] {
        let error = engine.paths(from, to, &PathsOptions::default()).unwrap_err();
        assert!(matches!(error, EngineError::Target { .. }), "{error}");
    }
}

#[test]
fn paths_do_not_pass_a_service_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(77, 20_000, &world), &mut |_| ()).unwrap();
    ingest(&store, &world.join("blocks"));
    import_labels(&store, &[world.join("analyst/labels.csv")], Day(20_000), None).unwrap();
    let engine = Engine::open(&store, &Options::default()).unwrap();
    let campaigns = std::fs::read_to_string(world.join("truth/campaigns.json")).unwrap();
    let campaigns: serde_json::Value = serde_json::from_str(&campaigns).unwrap();
    let (mut passed, mut ended_at, mut stopped) = (0, 0, 0);
    for campaign in campaigns["campaigns"].as_array().unwrap() {
        for cash_out in campaign["cash_outs"].as_array().into_iter().flatten().take(3) {
            let text = |key: &str| cash_out[key].as_str().unwrap().to_string();
            let to = format!("{}:{}", text("txid"), cash_out["vout"]);
            let source = &campaign["sources"][0];
            let from = format!("{}:{}", source["txid"].as_str().unwrap(), source["vout"]);
            if from == to {
                continue;
            }
            for by in PathsOrder::ALL {
                let options = PathsOptions { by, hops_max: 8, ..PathsOptions::default() };
                let strict = engine.paths(&from, &to, &options).unwrap();
                let loose = engine.paths(&from, &to, &PathsOptions { through_services: true, ..options }).unwrap();
                let inner = |view: &PathsView| -> usize {
                    let steps = only(view).paths.iter().flat_map(|p| &p.steps[..p.steps.len() - 1]);
                    steps.filter(|s| s.to.is_service).count()
                };
                assert_eq!(inner(&strict), 0);
                assert!(loose.through_services && !strict.through_services);
                passed += inner(&loose);
                stopped += only(&strict).ended.iter().filter(|e| e.why == "service").count();
                for path in &only(&strict).paths {
                    let last = &path.steps[path.steps.len() - 1];
                    assert_eq!(last.to.output, to);
                    ended_at += usize::from(last.to.is_service);
                    // each step is on the chain
                    for step in &path.steps {
                        let tx = engine.tx(&step.txid).unwrap().unwrap();
                        let spends = |i: &athar_engine::read::InputView| format!("{}:{}", i.prev_txid, i.prev_vout);
                        assert!(tx.inputs.iter().any(|i| spends(i) == step.from.output));
                        let vout: usize = step.to.output.rsplit_once(':').unwrap().1.parse().unwrap();
                        assert_eq!(tx.outputs[vout].value_sat, step.to.value_sat);
                        assert_eq!(step.width_sat, step.from.value_sat.min(step.to.value_sat));
                    }
                }
            }
        }
    }
    assert!(ended_at > 0 && stopped > 0, "{passed} {ended_at} {stopped}");
    println!("passed services {passed} times when asked, ended at one {ended_at} times, stopped in {stopped} searches");
}
