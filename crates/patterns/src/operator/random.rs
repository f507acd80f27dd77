//! Every shipped rule over random small worlds: whatever is paid by whomever, nothing panics, and what a hit says holds together.

use crate::fixture::HandWorld;
use crate::{Hit, Publication, RunOptions, Standing, run, shipped};
use athar_types::{Category, Level, UnixTime};
use proptest::prelude::*;

const START: u32 = 1_600_000_000;
const LABELS: [Category; 6] = [
    Category::TerroristFinancing,
    Category::DonationCampaign,
    Category::Exchange,
    Category::HighRiskExchange,
    Category::Merchant,
    Category::PaymentProcessor,
];

/// A step of a random world: who pays whom how much, hours after the step before.
#[derive(Clone, Debug)]
enum Step {
    Pay { from: u32, to: Vec<(u32, u64)>, hours: u32, is_token: bool, is_priced: bool },
    Mix { from: Vec<u32>, to: Vec<u32> },
}

fn step() -> impl Strategy<Value = Step> {
    let pay =
        (0_u32..24, proptest::collection::vec((0_u32..24, 1_u64..90_000), 1..4), 0_u32..30, any::<bool>(), 0_u32..8)
            .prop_map(|(from, to, hours, is_token, priced)| Step::Pay {
                from,
                to,
                hours,
                is_token,
                is_priced: priced > 0,
            });
    let mix = (proptest::collection::vec(0_u32..24, 1..5), proptest::collection::vec(0_u32..24, 1..5))
        .prop_map(|(from, to)| Step::Mix { from, to });
    prop_oneof![9 => pay, 1 => mix]
}

fn world(steps: &[Step], labels: &[(u32, usize)], ties: &[(u32, u32)], is_accounts: bool) -> HandWorld {
    let mut world = if is_accounts { HandWorld::accounts() } else { HandWorld::outputs() };
    for (a, b) in ties {
        // only addresses that name themselves, so that a party's number is one of its addresses
        if a < b {
            world.tie(&[a * 2, b * 2 + 1]);
        }
    }
    for (party, label) in labels {
        world.label(*party, LABELS[*label]);
    }
    let mut time = START;
    for step in steps {
        match step {
            Step::Pay { from, to, hours, is_token, is_priced } => {
                time += hours * 3_600;
                world.pay_all(time, *from, to);
                world.last(u32::from(is_accounts && *is_token), *is_priced);
            }
            Step::Mix { from, to } if !is_accounts => {
                let pairs = |all: &[u32]| all.iter().map(|a| (*a, 5_000)).collect::<Vec<_>>();
                world.pay_mixed(time, "whirlpool", &pairs(from), &pairs(to));
            }
            Step::Mix { .. } => {}
        }
    }
    world.facts.publications = [3_u32, 5]
        .map(|address| Publication {
            asks: 0,
            cause: 0,
            is_proved: false,
            address: Some(address),
            text: format!("address-{address}"),
            item: "item".into(),
            place: "channel".into(),
            time: UnixTime(START),
            solicitation: 90,
            solicits: true,
            is_quoted: address == 5,
            claims_aid: false,
        })
        .to_vec();
    world
}

fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
    let rules: Vec<&crate::Rule> = shipped().iter().collect();
    run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
}

/// A shipped rule with another value of a parameter.
fn with(id: &str, parameter: &str, value: u64) -> crate::Rule {
    let (file, text) = crate::FILES.iter().find(|(file, _)| file.contains(id)).unwrap();
    let lines = text.lines().map(|line| match line.strip_prefix(parameter) {
        Some(rest) if rest.starts_with(" = {") => format!("{parameter} = {{ value = {value}, source = \"test\" }}"),
        _ => String::from(line),
    });
    crate::Rule::parse(file, &lines.collect::<Vec<_>>().join("\n")).unwrap()
}

/// 0 is labelled; it pays 1, who pays 2, who pays a swap service at 50; five more pay 0; 60 to 64 mix.
fn busy() -> HandWorld {
    let mut world = HandWorld::outputs();
    world.label(0, Category::TerroristFinancing);
    world.label(50, Category::HighRiskExchange);
    for hop in 0..2 {
        world.pay(START + hop, hop, hop + 1, 50_000);
    }
    world.pay(START + 3, 2, 50, 20_000);
    world.pay(START + 3, 2, 51, 30_000);
    for donor in 10..15 {
        world.pay(START + donor, donor, 0, 10_000);
    }
    let mixed: Vec<(u32, u64)> = (60..65).map(|a| (a, 1_000)).collect();
    world.pay_mixed(START + 20, "whirlpool", &mixed, &mixed);
    let mut rest = 1_000_000;
    for hop in 70..77 {
        world.pay_all(START + hop, hop, &[(hop + 30, rest / 10), (hop + 1, rest - rest / 10)]);
        rest -= rest / 10;
    }
    world.label(70, Category::TerroristFinancing);
    world
}

#[test]
fn a_bound_that_was_hit_is_told() {
    let world = busy();
    for (id, parameter, value) in [
        ("direct-counterparty", "moves_max", 3),
        ("indirect-exposure", "parties_max", 3),
        ("indirect-exposure", "moves_max", 20),
        ("privacy-coin-exit", "parties_max", 4),
        ("coinjoin-mixer", "parties_max", 2),
        ("peel-chain", "hops_max", 5),
    ] {
        let rule = with(id, parameter, value);
        let found = run(&world, &[&rule], &|_| Standing::Held, RunOptions::default());
        let is_told = |hit: &Hit| hit.values.iter().any(|v| v.measure == "bound_hit" && v.value == 1);
        assert!(found.hits.iter().any(is_told), "{id} with {parameter} {value}: {:?}", found.hits);
        let whole = with(id, parameter, 1_000);
        let found = run(&world, &[&whole], &|_| Standing::Held, RunOptions::default());
        assert!(!found.hits.is_empty() && !found.hits.iter().any(is_told), "{id} with {parameter} 1000");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn hits_hold_together(
        steps in proptest::collection::vec(step(), 0..90),
        labels in proptest::collection::vec((0_u32..24, 0_usize..6), 0..6),
        ties in proptest::collection::vec((0_u32..12, 0_u32..12), 0..4),
        is_accounts: bool,
    ) {
        let world = world(&steps, &labels, &ties, is_accounts);
        let all = hits(&world, None);
        for hit in &all {
            prop_assert!(hit.start <= hit.end);
            prop_assert!(hit.linked.units <= hit.total.units, "{}: {:?} of {:?}", hit.pattern, hit.linked, hit.total);
            prop_assert!(!hit.txids.is_empty(), "{} without a transaction", hit.pattern);
            prop_assert!(hit.txids.windows(2).all(|pair| pair[0] < pair[1]));
            let is_filled = !hit.why_en.contains('{') && !hit.why_ar.contains('{');
            prop_assert!(is_filled, "{}", hit.why_en);
            // a shape alone is never more than low
            prop_assert!(hit.severity <= Level::Low || !hit.corroboration.is_empty());
        }
        // the same again, by other threads or not
        prop_assert_eq!(&all, &hits(&world, None));
        // of what is new from the first transaction on everything is new
        let from_start = hits(&world, Some(0));
        let key = |hit: &Hit| (hit.pattern.clone(), hit.subject.clone(), hit.start);
        for hit in &all {
            prop_assert!(from_start.iter().any(|h| key(h) == key(hit)), "{} {} is missing", hit.pattern, hit.subject_text);
        }
    }
}
