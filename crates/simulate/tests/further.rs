//! Worlds with campaigns of every row: what is in them, and what is true of it.

use crate::common;

use athar_simulate::{CampaignSet, Settings};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn all(seed: u64) -> common::World {
    common::World::new(|s| Settings { seed, txs: 30_000, campaigns: CampaignSet::All, ..s })
}

/// The campaigns of a world that is not read back: most of a test's time would go there.
fn told(change: impl FnOnce(Settings) -> Settings) -> (tempfile::TempDir, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let settings = change(Settings::economy(1, 20_000, folder.path().join("world")));
    athar_simulate::simulate(&settings, &mut |_| ()).unwrap();
    let text = std::fs::read(settings.out.join("truth/campaigns.json")).unwrap();
    let truth: Value = serde_json::from_slice(&text).unwrap();
    (folder, truth["campaigns"].as_array().unwrap().clone())
}

fn of<'a>(campaigns: &'a [Value], kind: &str) -> Vec<&'a Value> {
    campaigns.iter().filter(|c| c["kind"] == kind).collect()
}

const FURTHER: [(&str, u64); 8] = [
    ("layer-to-hub-redistribute", 8),
    ("chain-migration", 12),
    ("sudden-large-donation", 13),
    ("event-spike", 14),
    ("pass-through", 18),
    ("structuring", 19),
    ("new-account-drain", 20),
    ("vasp-spray", 21),
];

#[test]
fn every_kind_has_campaigns_and_look_alikes_with_addresses_and_transactions() {
    let world = all(3);
    let campaigns = world.campaigns();
    let usual = common::World::new(|s| Settings { seed: 3, txs: 30_000, ..s }).campaigns();
    assert!(usual.iter().all(|c| c.get("look_alike").is_none()));
    assert!(campaigns.len() > usual.len());
    let owners = world.owners();
    for (kind, row) in FURTHER {
        let found = of(&campaigns, kind);
        for decoy in [false, true] {
            let one = found.iter().find(|c| c["decoy"] == decoy).unwrap_or_else(|| panic!("{kind} {decoy}"));
            assert_eq!(one["rows"], serde_json::json!([row]));
            assert_eq!(one["look_alike"].is_string(), decoy, "{kind}");
        }
        for one in found {
            assert!(!one["addresses"].as_array().unwrap().is_empty(), "{}", one["id"]);
            assert!(!one["txids"].as_array().unwrap().is_empty(), "{}", one["id"]);
            for own in one["addresses"].as_array().unwrap() {
                assert!(owners.contains_key(own["address"].as_str().unwrap()));
            }
        }
    }
    let numbers: BTreeSet<&str> = campaigns.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), campaigns.len(), "a name is one campaign's");
}

#[test]
fn some_campaigns_meet_the_definition_and_some_do_not_and_so_do_look_alikes() {
    let mut met: BTreeMap<String, [[u32; 2]; 2]> = BTreeMap::new();
    for seed in 1..=8 {
        for campaign in told(|s| Settings { seed, campaigns: CampaignSet::All, ..s }).1 {
            let cell = met.entry(campaign["kind"].as_str().unwrap().into()).or_default();
            let decoy = usize::from(campaign["decoy"].as_bool().unwrap());
            cell[decoy][usize::from(campaign["meets_definition"].as_bool().unwrap())] += 1;
        }
    }
    for (kind, _) in FURTHER.iter().filter(|(_, row)| *row != 12) {
        let [[outside, within], [_, decoys]] = met[*kind];
        assert!(outside > 0 && within > 0 && decoys > 0, "{kind}: {:?}", met[*kind]);
    }
}

#[test]
fn events_are_dated_and_services_are_labelled_as_what_they_are() {
    let world = all(5);
    let events = world.rows("analyst/events.csv");
    assert_eq!(events.len(), 8);
    assert!(world.text("analyst/events.csv").starts_with("day,event,country,source\n"));
    let days: Vec<athar_types::Day> = events.iter().map(|r| r[0].parse().unwrap()).collect();
    assert!(days.windows(2).all(|w| w[1].0 > w[0].0 + 14), "no two events share a window");
    let kinds: Vec<String> = world.rows("truth/actors.csv").into_iter().map(|r| r[1].clone()).collect();
    let owners = world.owners();
    let mut told = BTreeSet::new();
    for label in world.rows("analyst/labels.csv") {
        assert_eq!(label.len(), 9, "{label:?}");
        let category: athar_types::Category = label[2].parse().unwrap();
        label[5].parse::<athar_types::Basis>().unwrap();
        let Some((actor, _)) = owners.get(&label[0]) else { continue };
        if category.is_service() {
            assert_eq!(kinds[*actor as usize], category.name(), "{label:?}");
        }
        told.insert((label[2].clone(), kinds[*actor as usize].clone()));
    }
    assert!(told.contains(&("terrorist_financing".into(), "campaign".into())));
}

#[test]
fn the_usual_world_has_no_events_and_says_nothing_of_sets() {
    let world = common::World::new(|s| Settings { txs: 10_000, ..s });
    assert!(!world.path("analyst/events.csv").exists());
    assert!(world.json("truth/manifest.json").get("campaign_set").is_none());
    let world = common::World::new(|s| Settings { txs: 10_000, campaigns: CampaignSet::All, ..s });
    assert_eq!(world.json("truth/manifest.json")["campaign_set"], "all");
}

#[test]
fn rare_campaigns_are_at_most_one_address_in_ten_thousand_and_of_several_kinds() {
    let mut kinds: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    let (folder, campaigns) = told(|s| Settings { txs: 500_000, campaigns: CampaignSet::Rare, ..s });
    let mut own = 0;
    for campaign in campaigns {
        if campaign["decoy"] == false {
            own += campaign["addresses"].as_array().unwrap().len();
            let cell = kinds.entry(campaign["kind"].as_str().unwrap().into()).or_default();
            cell[usize::from(campaign["meets_definition"].as_bool().unwrap())] += 1;
        }
    }
    let rows = std::fs::read(folder.path().join("world/truth/entities.csv")).unwrap();
    let addresses = rows.iter().filter(|byte| **byte == b'\n').count() - 1;
    assert!(own * 10_000 <= addresses, "{own} of {addresses}");
    assert!(own * 30_000 > addresses, "{own} of {addresses}: there is room for more");
    assert!(kinds.len() >= 5, "{kinds:?}");
}

#[test]
fn rare_campaigns_need_a_large_world() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { campaigns: CampaignSet::Rare, ..Settings::economy(1, 100_000, folder.path()) };
    let error = athar_simulate::simulate(&settings, &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("500000"), "{error}");
}
