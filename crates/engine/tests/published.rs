//! Receipts of published addresses, held against a slow sum over what the other views say.
use athar_engine::write::{IngestSettings, ingest_bitcoin};
use athar_engine::{Clustering, Engine, Options};
use athar_simulate::{Settings, simulate};
use athar_types::UnixTime;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn open(folder: &Path) -> Engine {
    let (world, store) = (folder.join("world"), folder.join("store"));
    simulate(&Settings::economy(11, 12_000, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    Engine::open(&store, &Options::default()).unwrap()
}

/// Every receipt of `members` from outside their entity, by what `address` and `tx` say: time and satoshi.
fn slow(engine: &Engine, members: &[String], entity: &str) -> Vec<(String, u64)> {
    let mut receipts = Vec::new();
    for member in members {
        for paid in engine.address(member, 0, Some(10_000)).unwrap().unwrap().outputs {
            let tx = engine.tx(&paid.txid.to_string()).unwrap().unwrap();
            let own = tx
                .inputs
                .iter()
                .filter_map(|input| input.address.as_deref())
                .any(|from| engine.address(from, 0, Some(0)).unwrap().unwrap().entity == entity);
            if !own {
                receipts.push((paid.time, paid.value_sat));
            }
        }
    }
    receipts.sort();
    receipts
}

#[test]
fn receipts_of_an_address_and_of_its_entity_equal_a_slow_sum_before_and_after_publication() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let rows = fs::read_to_string(folder.path().join("world/truth/entities.csv")).unwrap();
    let addresses: Vec<&str> = rows.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let (mut checked, mut with_change, mut several) = (0, 0, 0);
    for address in addresses.iter().step_by(addresses.len() / 500) {
        let Some(plain) = engine.address(address, 0, Some(10_000)).unwrap() else { continue };
        let expected = slow(&engine, &[(*address).to_owned()], &plain.entity);
        // published in the middle of what it received
        let published = plain.outputs[plain.outputs.len() / 2].time.clone();
        let seconds = seconds_of(&published);
        let view = engine.published(address, Some(UnixTime(seconds))).unwrap().unwrap();
        let received = &view.received;
        let sum = |rows: &mut dyn Iterator<Item = &(String, u64)>| rows.map(|(_, sat)| sat).sum::<u64>().to_string();
        let units = |view: &athar_engine::read::ReceiptsView| {
            view.amounts.first().map_or("0".to_owned(), |amount| amount.units.clone())
        };
        assert_eq!(received.total.count as usize, expected.len(), "{address}");
        assert_eq!(units(&received.total), sum(&mut expected.iter()));
        let before = expected.iter().filter(|(time, _)| *time < published);
        assert_eq!(units(received.before_publication.as_ref().unwrap()), sum(&mut before.clone()));
        let since: Vec<_> = expected.iter().filter(|(time, _)| *time >= published).collect();
        assert_eq!(received.since_publication.as_ref().unwrap().count as usize, since.len());
        assert_eq!(
            received.first_since_publication.as_ref().map(|first| first.time.as_str()),
            since.first().map(|(time, _)| time.as_str())
        );
        assert_eq!(received.first.as_ref().map(|f| f.time.as_str()), expected.first().map(|(time, _)| time.as_str()));
        let mut months: BTreeMap<&str, u64> = BTreeMap::new();
        for (time, sat) in &expected {
            *months.entry(&time[..7]).or_default() += sat;
        }
        let told: BTreeMap<&str, u64> =
            received.by_month.iter().map(|m| (m.month.as_str(), units(&m.receipts).parse().unwrap())).collect();
        assert_eq!(told, months);
        with_change += usize::from(expected.len() < plain.outputs.len());

        let entity = engine.entity(address, 0, Some(1_000)).unwrap().unwrap();
        match &view.entity_received {
            Some(all) if entity.size <= 40 => {
                let expected = slow(&engine, &entity.addresses, &entity.entity);
                assert_eq!(all.total.count as usize, expected.len());
                assert_eq!(units(&all.total), sum(&mut expected.iter()));
                several += usize::from(entity.size > 1);
            }
            Some(_) => {}
            None => assert!(view.entity_left_out.is_some()),
        }
        checked += 1;
    }
    // the sample has what could go wrong in it
    assert!(checked > 400 && with_change > 5 && several > 20, "{checked} {with_change} {several}");
    // a good address that the chain never paid
    let unpaid = engine.published("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", None);
    assert!(unpaid.is_ok_and(|view| view.is_none()));
    assert!(engine.published("no address", None).is_err());
}

/// Seconds of a time as answers show it.
fn seconds_of(time: &str) -> u32 {
    let day: athar_engine::Day = time[..10].parse().unwrap();
    let part = |from: usize| time[from..from + 2].parse::<u32>().unwrap();
    day.0 as u32 * 86_400 + part(11) * 3_600 + part(14) * 60 + part(17)
}
