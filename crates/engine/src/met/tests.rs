//! Held against the plain exposure of the trace crate, with look-ups that remember nothing, on a simulated world.

use super::*;
use crate::write::{IngestSettings, import_labels, ingest_bitcoin};
use crate::{Clustering, Day, Options};
use athar_simulate::{Settings, simulate};
use athar_trace::{ExposureQuestion, Labels, Owners, StopReason, Stops, exposure};
use athar_types::TxNum;
use std::fs;

struct Plain<'a>(&'a Engine, Option<AddressId>);

impl Stops for Plain<'_> {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        let label = self.0.subject_of(address?)?;
        self.0.known.is_service(label).then_some(StopReason::Service { label })
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        self.0.coinjoin_kind(tx).map(|_| StopReason::CoinJoin { anonymity_set: 0 })
    }
}

impl Owners for Plain<'_> {
    fn is_own(&self, address: AddressId) -> bool {
        self.1.is_some_and(|root| self.0.root_of(address) == root)
    }
}

impl Labels for Plain<'_> {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        self.0.subject_of(address)
    }
}

#[test]
fn sums_places_and_paths_are_those_of_the_plain_exposure() {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(77, 20_000, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    // labels that are no service and lie along the way, so that sets of them travel
    let truth = fs::read_to_string(world.join("truth/entities.csv")).unwrap();
    let rows: String = truth
        .lines()
        .skip(1)
        .step_by(61)
        .map(|line| format!("{},Somebody,scam,test\n", line.split(',').next().unwrap()))
        .collect();
    let more = folder.path().join("more.csv");
    fs::write(&more, format!("address,label,category,source\n{rows}")).unwrap();
    import_labels(&store, &[world.join("analyst/labels.csv"), more], Day(20_000), None).unwrap();
    let engine = Engine::open(&store, &Options::default()).unwrap();
    let ledger = engine.ledger().unwrap();
    let ids = (0..ledger.address_count()).step_by(89).map(AddressId);
    let members: Vec<Vec<AddressId>> = ids.map(|id| engine.members(id, 100)).collect();
    let txs = (0..ledger.tx_count()).step_by(211).map(|tx| (Subject::Transaction(TxNum(tx)), None));
    let outputs = (0..ledger.output_count()).step_by(509).map(|o| {
        let output = OutputNum(o);
        (Subject::Output(output), ledger.output_address(output))
    });
    let subjects = members.iter().map(|members| (Subject::Addresses(members), members.first().copied()));
    let (mut asked, mut compared, mut steps, mut bounded) = (0, 0, 0, 0);
    for (subject, own) in subjects.chain(txs).chain(outputs) {
        let own = own.map(|id| engine.root_of(id));
        for (hops_max, edges_max, places_max, paths_max, sources_max) in
            [(1, 1_000, 1, 1, 1_000), (3, 50_000, 3, 2, 5), (5, 2_000, 2_000, 10, 1_000)]
        {
            let limits = Limits { hops_max, edges_max, sources_max, ..Limits::default() };
            let plain = Plain(&engine, own);
            let question = ExposureQuestion {
                policy: Policy::Fifo,
                subject,
                stops: &plain,
                owners: &plain,
                labels: &plain,
                limits: &limits,
                evidence_max: places_max,
            };
            let wanted = exposure(ledger, &question).unwrap();
            let ask = Ask { subject, own, limits: &limits, places_max, paths_max, clock: None };
            let found = met(&engine, &ask).unwrap();
            asked += 1;
            for (wanted, found) in [&wanted.received, &wanted.sent].into_iter().zip(&found) {
                assert_eq!(
                    (found.flow, found.total_sat, &found.totals),
                    (wanted.flow, wanted.total_sat, &wanted.totals)
                );
                assert_eq!((found.is_complete(), found.is_cut()), (wanted.is_complete(), false));
                assert_eq!(found.sources_truncated, wanted.sources_truncated);
                bounded += usize::from(!wanted.is_complete());
                assert_eq!(found.met.len(), wanted.exposures.len(), "{subject:?}");
                for (met, exposure) in found.met.iter().zip(&wanted.exposures) {
                    compared += 1;
                    assert_eq!((met.label, met.relation), (exposure.label, exposure.relation));
                    assert_eq!((met.sat, met.hops_min), (exposure.amount_sat, exposure.hops_min));
                    assert_eq!(met.places_count > met.places.len() as u64, exposure.evidence_truncated);
                    assert_eq!(met.places.len(), exposure.evidence.len());
                    for (rank, (place, evidence)) in met.places.iter().zip(&exposure.evidence).enumerate() {
                        let of = (place.output, place.sat, place.hops);
                        assert_eq!(of, (evidence.output, evidence.sat, evidence.hops));
                        if let Some(last) = evidence.path.last() {
                            assert_eq!(place.moved, Some(last.tx));
                        }
                        if rank < paths_max {
                            assert_eq!(place.path, evidence.path, "{subject:?} {of:?}");
                            steps += place.path.len();
                        } else {
                            assert!(place.path.is_empty());
                        }
                    }
                }
            }
        }
    }
    println!("{asked} questions, {compared} exposures, {steps} steps, {bounded} at a bound");
    assert!(asked > 1_000 && compared > 5_000 && steps > 50_000 && bounded > 100);
}
