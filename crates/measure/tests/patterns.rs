//! Patterns measured end to end on small worlds: worlds are made, read in, and hits that are known to be right or wrong scored.
use athar_engine::{Chain, Engine, Options};
use athar_measure::patterns::{Asked, Hit, PatternWorlds, RateStatus, Truth, measure_patterns, table};
use athar_simulate::CampaignSet;
use athar_simulate::account::AccountWorldSettings;
use std::collections::BTreeSet;
use std::path::Path;

fn worlds(people: u32) -> PatternWorlds {
    PatternWorlds {
        seeds: vec![950],
        txs: 20_000,
        campaigns: CampaignSet::All,
        people,
        keep: None,
        change: |settings| AccountWorldSettings { block_secs: 1_800, acts: 1, ..settings },
    }
}

/// Hits that name each campaign and look-alike of a truth, by its own pattern.
fn hits_of(truth: &Truth, severity: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for case in &truth.cases {
        for row in &case.rows {
            let pattern = athar_measure::patterns::ROWS.iter().find(|(own, _)| own == row).unwrap().1;
            hits.push(Hit {
                pattern: pattern.into(),
                addresses: case.addresses.iter().take(1).cloned().collect(),
                txids: case.txids.iter().cloned().collect(),
                severity: severity.into(),
                ..Hit::default()
            });
        }
    }
    hits
}

/// Hits on what the official list of a world means, as far as it is written without a slip.
fn meant_by(world: &Path) -> Vec<Hit> {
    let orders = std::fs::read_to_string(world.join("analyst/orders.csv")).unwrap();
    let meant = orders.lines().filter(|line| line.starts_with("A "));
    let hit = |line: &str| Hit {
        pattern: "listed-owner".into(),
        subject: line.split(',').nth(1).unwrap().into(),
        severity: "severe".into(),
        ..Hit::default()
    };
    meant.map(hit).collect()
}

/// Hits on everybody who paid an address with a label of concern, or was paid by it.
fn dealings_of(engine: &Engine, world: &Path) -> Vec<Hit> {
    let labels = std::fs::read_to_string(world.join("analyst/labels.csv")).unwrap();
    let mut subjects = BTreeSet::new();
    // what a campaign pays to itself is nobody's dealing
    let cases = Truth::of_economy(world).unwrap().cases.into_iter().filter(|case| case.look_alike.is_none());
    let campaigns: BTreeSet<String> = cases.flat_map(|case| case.addresses).collect();
    let labelled = labels.lines().filter(|line| line.contains("terrorist_financing"));
    let labelled: BTreeSet<&str> = labelled.map(|line| line.split(',').next().unwrap()).collect();
    for own in &labelled {
        let Some(address) = engine.address(own, 0, None).unwrap() else { continue };
        for paid in address.outputs {
            for txid in [Some(paid.txid), paid.spent_by].into_iter().flatten() {
                let tx = engine.tx(&txid.to_string()).unwrap().unwrap();
                if tx.coinjoin.is_some() {
                    continue;
                }
                let spent: Vec<String> = tx.inputs.into_iter().filter_map(|input| input.address).collect();
                let is_sent = spent.iter().any(|address| address == *own);
                // what is spent together with it is its own
                if is_sent {
                    subjects.extend(tx.outputs.into_iter().filter_map(|output| output.address));
                } else {
                    subjects.extend(spent.into_iter().filter(|address| !campaigns.contains(address)));
                }
            }
        }
    }
    // one labelled party that deals with another is none of the labelled ones' partners
    subjects.retain(|address| !labelled.contains(address.as_str()));
    let hit =
        |subject| Hit { pattern: "direct-counterparty".into(), subject, severity: "medium".into(), ..Hit::default() };
    subjects.into_iter().map(hit).collect()
}

#[test]
fn who_finds_all_has_found_all_and_the_look_alikes_are_told_by_name() {
    let run = |asked: &Asked<'_>| {
        // the store is one that patterns can be run over
        let engine = Engine::open(asked.store, &Options { chain: Some(Chain::Bitcoin), ..Options::default() }).unwrap();
        assert!(engine.status().is_ok());
        assert!(asked.events.is_some_and(Path::exists));
        let world = asked.store.parent().unwrap().join("world");
        if asked.only == ["listed-owner"] {
            return Ok(meant_by(&world));
        }
        let mut hits = hits_of(&Truth::of_economy(&world).unwrap(), "high");
        hits.extend(dealings_of(&engine, &world));
        Ok(hits)
    };
    let rates = measure_patterns(&worlds(0), &run, &mut |_| (), &mut |_, _| ()).unwrap();
    assert_eq!(rates.rows.len(), 30);
    for rate in &rates.rows {
        if matches!(rate.row, 1 | 2) {
            assert_eq!((rate.all.hits.wrong, rate.all.campaigns.wrong), (0, 0), "{}", rate.pattern);
            assert!(rate.all.campaigns.of > 3, "{}: {}", rate.pattern, rate.all.campaigns.of);
            continue;
        }
        if rate.status == RateStatus::Unmeasured {
            assert!(matches!(rate.row, 3 | 11 | 12 | 15 | 22 | 24..=30), "{}", rate.row);
            continue;
        }
        assert_eq!(rate.all.campaigns.wrong, 0, "{}", rate.pattern);
        assert_eq!(rate.outside.wrong, 0, "{}", rate.pattern);
        let decoys: u64 = rate.look_alikes.iter().map(|l| l.of_row.of).sum();
        // a look-alike's own hit is wrong, unless it lies on the addresses of another
        assert_eq!(rate.all.hits.wrong, decoys, "{}", rate.pattern);
        assert_eq!(rate.all.look_alikes, decoys, "{}", rate.pattern);
        assert!(rate.row == 16 || decoys > 0, "{}", rate.pattern);
    }
    let page = table::page(&rates);
    assert!(page.contains("| 3 | indirect-exposure | unmeasured |"));
    let slips = rates.rows[0].look_alikes.iter().find(|l| l.look_alike == "slip of the pen").unwrap();
    assert!(slips.of_row.of > 3 && slips.hits == 0);
    assert!(page.contains("payment processor"));
    assert!(page.contains("held aside"));
    assert!(rates.one_in().is_some_and(|n| n > 1));
}

#[test]
fn nobody_asked_nothing_found_and_what_fails_is_told_with_the_world() {
    let rates = measure_patterns(&worlds(0), &|_| Ok(Vec::new()), &mut |_| (), &mut |_, _| ()).unwrap();
    let found = rates.rows.iter().find(|rate| rate.row == 18).unwrap();
    assert_eq!((found.all.hits.of, found.alerts_per_million_thousandths()), (0, [0, 0]));
    assert_eq!(found.all.campaigns.wrong, found.all.campaigns.of);
    let error = measure_patterns(&worlds(0), &|_| Err("no such rule".into()), &mut |_| (), &mut |_, _| ()).unwrap_err();
    assert_eq!(error.to_string(), "simulated world 950: patterns: no such rule");
}

#[test]
fn worlds_of_accounts_stand_in_the_same_store_and_a_passage_is_right_with_both_its_sides_only() {
    let run = |asked: &Asked<'_>| {
        if asked.chains.len() == 1 {
            return Ok(Vec::new());
        }
        assert_eq!(asked.chains, [Chain::Bitcoin, Chain::Ethereum, Chain::Tron]);
        for chain in asked.chains {
            let options = Options { chain: Some(*chain), ..Options::default() };
            assert!(Engine::open(asked.store, &options).unwrap().status().is_ok());
        }
        let hop = Hit { pattern: "chain-hop".into(), txids: vec!["00".into(), "11".into()], ..Hit::default() };
        Ok(vec![hop])
    };
    let rates = measure_patterns(&worlds(300), &run, &mut |_| (), &mut |_, _| ()).unwrap();
    for row in [11, 12, 22] {
        let rate = rates.rows.iter().find(|rate| rate.row == row).unwrap();
        assert_eq!(rate.status, RateStatus::Measured);
        assert!(rate.txs > 0);
        assert!(rate.all.campaigns.of + rate.outside.of > 0, "{row}");
    }
    let hops = rates.rows.iter().find(|rate| rate.row == 22).unwrap();
    assert_eq!((hops.all.hits.wrong, hops.all.hits.of, hops.all.ordinary), (1, 1, 1));
    assert!(hops.all.campaigns.of > 5 && hops.outside.of > 0);
}
