use crate::fixture::HandWorld;
use crate::{Hit, Publication, RunOptions, Standing, run, shipped};
use athar_types::{Category, Level, UnixTime};

const START: u32 = 1_600_000_000;
const DAY: u32 = 86_400;

fn hits(world: &HandWorld, id: &str, since: Option<u32>) -> Vec<Hit> {
    let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == id).collect();
    assert_eq!(rules.len(), 1);
    run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
}

fn rotation(world: &HandWorld) -> Vec<Hit> {
    hits(world, "address-rotation", None)
}

fn hub(world: &HandWorld) -> Vec<Hit> {
    hits(world, "layer-to-hub-redistribute", None)
}

fn value(hit: &Hit, name: &str) -> i64 {
    hit.values.iter().find(|v| v.measure == name).unwrap().value
}

/// Donors 100, 101, … give to `address` on so many days from a day on.
fn gifts(world: &mut HandWorld, address: u32, from: u32, days: u32) {
    for day in 0..days {
        world.pay(START + (from + day) * DAY, 100 + address * 20 + day, address, 5_000);
    }
}

/// Addresses 0 and 1 take five gifts each, the second from `gap` days after the first on; each pays to 50 through so many
/// parties.
fn in_turn(gap: u32, hops: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    world.label(0, Category::TerroristFinancing);
    gifts(&mut world, 0, 0, 5);
    gifts(&mut world, 1, 4 + gap, 5);
    for address in [0, 1] {
        let mut from = address;
        for hop in 1..hops {
            world.pay(START + 60 * DAY + hop * 60, from, 60 + address * 10 + hop, 25_000);
            from = 60 + address * 10 + hop;
            // times may not go back
            if address == 0 {
                world.pay(START + 60 * DAY + hop * 60, 98, 99, 100);
            }
        }
        world.pay(START + 61 * DAY, from, 50, 25_000);
        if address == 0 && hops > 1 {
            return second(world, hops);
        }
    }
    world
}

/// The second address's way, later than the first's.
fn second(mut world: HandWorld, hops: u32) -> HandWorld {
    let mut from = 1;
    for hop in 1..hops {
        world.pay(START + 62 * DAY + hop * 60, from, 70 + hop, 25_000);
        from = 70 + hop;
    }
    world.pay(START + 63 * DAY, from, 50, 25_000);
    world
}

#[test]
fn addresses_in_turn_with_one_sink_are_a_rotation() {
    for hops in 1..=3 {
        let found = rotation(&in_turn(3, hops));
        assert_eq!(found.len(), 1, "{hops}");
        assert_eq!(found[0].addresses, ["address-0", "address-1"]);
        assert_eq!((value(&found[0], "in_turn"), value(&found[0], "longest_gap_days")), (2, 3));
        assert_eq!(found[0].severity, Level::High);
    }
    assert!(rotation(&in_turn(3, 4)).is_empty());
}

#[test]
fn a_pause_of_more_than_a_week_or_an_overlap_is_none() {
    assert_eq!(rotation(&in_turn(7, 1)).len(), 1);
    assert!(rotation(&in_turn(8, 1)).is_empty());
    let mut world = HandWorld::outputs();
    world.label(0, Category::TerroristFinancing);
    for day in 0..10 {
        world.pay(START + day * DAY, 100 + day, 0, 5_000);
        world.pay(START + day * DAY, 200 + day, 1, 5_000);
    }
    world.pay(START + 60 * DAY, 0, 50, 50_000);
    world.pay(START + 60 * DAY, 1, 50, 50_000);
    assert!(rotation(&world).is_empty());
}

#[test]
fn without_a_tie_or_past_a_service_there_is_nothing() {
    // nobody labelled: a project that changes its address with each release
    let mut world = HandWorld::outputs();
    gifts(&mut world, 0, 0, 5);
    gifts(&mut world, 1, 6, 5);
    world.pay(START + 60 * DAY, 0, 50, 25_000);
    world.pay(START + 60 * DAY, 1, 50, 25_000);
    assert!(rotation(&world).is_empty());
    let mut world = in_turn(3, 1);
    world.label(50, Category::Exchange);
    assert!(rotation(&world).is_empty());
    assert!(rotation(&HandWorld::outputs()).is_empty() && rotation(&HandWorld::accounts()).is_empty());
}

#[test]
fn one_page_ties_addresses_without_a_sink() {
    let mut world = HandWorld::accounts();
    gifts(&mut world, 0, 0, 5);
    gifts(&mut world, 1, 6, 5);
    let publication = |address: u32, place: &str| Publication {
        asks: 0,
        cause: 0,
        is_proved: false,
        address: Some(address),
        text: format!("address-{address}"),
        item: "item".into(),
        place: place.into(),
        time: UnixTime(START),
        solicitation: 90,
        solicits: true,
        is_quoted: false,
        claims_aid: false,
    };
    world.facts.publications = vec![publication(0, "channel"), publication(1, "channel")];
    let found = rotation(&world);
    assert_eq!((found.len(), found[0].notes.clone()), (1, vec!["channel".into()]));
    assert_eq!((value(&found[0], "co_published"), value(&found[0], "shared_sink")), (1, 0));
    world.facts.publications = vec![publication(0, "channel"), publication(1, "another")];
    assert!(rotation(&world).is_empty());
}

#[test]
fn addresses_of_one_wallet_in_turn_are_one_too() {
    let mut world = HandWorld::outputs();
    world.tie(&[0, 1]);
    world.label(0, Category::DonationCampaign);
    gifts(&mut world, 0, 0, 5);
    gifts(&mut world, 1, 6, 5);
    let found = rotation(&world);
    assert_eq!((found.len(), value(&found[0], "hops_min")), (1, 0));
    // too few payers
    let mut world = HandWorld::outputs();
    world.tie(&[0, 1]);
    world.label(0, Category::DonationCampaign);
    gifts(&mut world, 0, 0, 5);
    gifts(&mut world, 1, 6, 2);
    assert!(rotation(&world).is_empty());
}

/// So many labelled parties pay through a layer each to hub 50, which keeps `kept` cents of each 10,000 and pays so many
/// groups, days apart.
fn layers(sources: u32, kept: u64, groups: u32, days: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    for source in 0..sources {
        world.label(source, Category::TerroristFinancing);
        world.pay(START, 100 + source, source, 10_000);
    }
    for source in 0..sources {
        world.pay(START + DAY, source, 20 + source, 10_000);
    }
    for source in 0..sources {
        let parts = [(40 + source, 10_000 - kept), (50, kept)];
        world.pay_all(START + 2 * DAY, 20 + source, if kept == 10_000 { &parts[1..] } else { &parts });
    }
    for group in 0..groups {
        let all = kept * u64::from(sources);
        world.pay(START + 3 * DAY + group * days * DAY, 50, 70 + group, all / u64::from(groups));
    }
    world
}

#[test]
fn three_sources_through_layers_to_a_hub_that_shares_out() {
    let found = hub(&layers(3, 10_000, 3, 7));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject_text, "address-50");
    assert_eq!((value(&found[0], "sources"), value(&found[0], "groups")), (3, 3));
    // three ways of two hops, and three payments
    assert_eq!((found[0].txids.len(), found[0].linked.cents), (9, 30_000));
    assert_eq!(found[0].severity, Level::Medium);
    assert_eq!(hub(&layers(3, 6_000, 3, 7)).len(), 1);
}

/// Three collections with so many payers each, of which the first `known` are labelled, pay through a layer each to hub 50.
fn partly(known: u32, payers: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    for source in 0..3 {
        for payer in 0..payers {
            world.pay(START, 100 + source * 10 + payer, source, 12_000 / u64::from(payers));
        }
    }
    for source in 0..3 {
        world.pay(START + DAY, source, 20 + source, 12_000);
    }
    for source in 0..3 {
        world.pay(START + 2 * DAY, 20 + source, 50, 12_000);
    }
    for group in 0..3 {
        world.pay(START + 3 * DAY, 50, 70 + group, 12_000);
    }
    for source in 0..known {
        world.label(source, Category::TerroristFinancing);
    }
    world
}

#[test]
fn one_collection_of_three_may_be_unknown() {
    let found = hub(&partly(2, 3));
    assert_eq!(found.len(), 1);
    assert_eq!((value(&found[0], "sources"), value(&found[0], "known_sources")), (3, 2));
    // what is linked came from the two that are known
    assert_eq!((found[0].linked.cents, found[0].total.cents), (24_000, 36_000));
    assert!(hub(&partly(1, 3)).is_empty());
    // with two payers it may be a donor or a layer
    assert!(hub(&partly(2, 2)).is_empty());
}

#[test]
fn each_limit_of_the_hub_counts() {
    assert!(hub(&layers(2, 10_000, 3, 7)).is_empty());
    assert!(hub(&layers(3, 5_990, 3, 7)).is_empty());
    assert!(hub(&layers(3, 10_000, 2, 7)).is_empty());
    assert!(hub(&layers(3, 10_000, 3, 8)).is_empty());
    let mut exchange = layers(3, 10_000, 3, 7);
    exchange.label(50, Category::Exchange);
    assert!(hub(&exchange).is_empty());
    // one hop is a direct dealing
    let mut world = HandWorld::outputs();
    for source in 0..3 {
        world.label(source, Category::TerroristFinancing);
        world.pay(START, 100 + source, source, 10_000);
        world.pay(START, source, 50, 10_000);
    }
    for group in 0..3 {
        world.pay(START + DAY, 50, 70 + group, 10_000);
    }
    assert!(hub(&world).is_empty());
}

#[test]
fn a_hub_is_followed_over_its_change_and_told_once() {
    let mut world = layers(3, 10_000, 0, 1);
    world.pay_all(START + 3 * DAY, 50, &[(70, 10_000), (51, 20_000)]);
    world.pay_all(START + 4 * DAY, 51, &[(71, 9_000), (52, 11_000)]);
    world.pay(START + 5 * DAY, 52, 72, 11_000);
    let found = hub(&world);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].subject_text.as_str(), value(&found[0], "groups")), ("address-50", 3));
}

#[test]
fn new_transactions_tell_a_hub_again() {
    let world = layers(3, 10_000, 3, 2);
    let all = hub(&world);
    let last = 3 + 3 + 3 + 2;
    assert_eq!(hits(&world, "layer-to-hub-redistribute", Some(last)), all);
}
