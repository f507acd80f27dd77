use super::*;
use crate::fixture::HandWorld;
use crate::{Hit, Publication, RunOptions, Standing, run, shipped};
use athar_types::{Level, UnixTime};

const START: u32 = 1_600_000_000;
const DAY: u32 = 86_400;

fn hits(world: &HandWorld) -> Vec<Hit> {
    let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "fresh-per-donor").collect();
    assert_eq!(rules.len(), 1);
    run(world, &rules, &|_| Standing::Held, RunOptions::default()).hits
}

/// As [`unlabelled`], with a label on the wallet.
fn appeal(donors: u32) -> HandWorld {
    let mut world = unlabelled(donors);
    world.label(50, Category::TerroristFinancing);
    world
}

/// Donors 100, 101, … pay one address each of party 0, which sweeps them to 50.
fn unlabelled(donors: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    let own: Vec<u32> = (0..donors).collect();
    world.tie(&own);
    for donor in 0..donors {
        world.pay(START + donor * DAY, 100 + donor, donor, 2_000 + u64::from(donor * 37));
    }
    for donor in 0..donors {
        world.pay(START + 40 * DAY, donor, 50, 2_000 + u64::from(donor * 37));
    }
    world
}

#[test]
fn the_wallet_that_a_known_address_leads_to_as_well_is_an_anchor_and_a_new_payment_there_is_news() {
    let mut world = unlabelled(12);
    world.label(60, Category::TerroristFinancing);
    assert!(hits(&world).is_empty());
    let since = world.pay(START + 41 * DAY, 60, 50, 9_000);
    let found = hits(&world);
    assert_eq!((found.len(), found[0].subject_text.as_str(), found[0].severity), (1, "address-0", Level::Medium));
    let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "fresh-per-donor").collect();
    let new = run(&world, &rules, &|_| Standing::Held, RunOptions { since: Some(since) }).hits;
    assert_eq!(new, found);
    world.label(50, Category::Exchange);
    assert!(hits(&world).is_empty(), "everybody leads to an exchange");
}

#[test]
fn ten_fresh_addresses_swept_to_a_linked_wallet_are_a_hit() {
    let found = hits(&appeal(10));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].subject_text.as_str(), found[0].txids.len()), ("address-0", 20));
    assert_eq!(found[0].severity, Level::Medium);
    assert!(hits(&appeal(9)).is_empty());
}

/// Donors pay one address each; three addresses at a time are swept to wallet 50, which address 60 pays too.
fn by_threes(donors: u32, known: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    for donor in 0..donors {
        world.pay(START + donor * DAY, 100 + donor, donor, 2_000 + u64::from(donor * 37));
    }
    for group in (0..donors).collect::<Vec<_>>().chunks(3) {
        world.tie(group);
        for donor in group {
            world.pay(START + 40 * DAY, *donor, 50, 2_000 + u64::from(donor * 37));
        }
    }
    world.pay(START + 41 * DAY, 60, 50, 5_000);
    world.pay(START + 41 * DAY, 60, 51, 5_000);
    world.label(known, Category::TerroristFinancing);
    world
}

#[test]
fn addresses_swept_a_few_at_a_time_are_gathered_at_a_known_wallet() {
    let found = hits(&by_threes(12, 50));
    assert_eq!((found.len(), found[0].subject_text.as_str(), found[0].severity), (1, "address-50", Level::High));
    assert_eq!(found[0].txids.len(), 24);
    assert!(hits(&by_threes(9, 50)).is_empty());
    // a known party that pays the wallet beside them
    let found = hits(&by_threes(12, 60));
    assert_eq!((found.len(), found[0].severity), (1, Level::Medium));
    // a known donor is none
    assert!(hits(&by_threes(12, 105)).is_empty());
    assert!(hits(&by_threes(12, 51)).is_empty());
}

#[test]
fn without_a_label_or_page_it_is_any_payment_processor() {
    let mut world = appeal(12);
    world.label(50, Category::Donation);
    let plain = |world: &HandWorld| hits(world).len();
    assert_eq!(plain(&world), 1);
    let mut world = HandWorld::outputs();
    world.tie(&(0..12).collect::<Vec<_>>());
    for donor in 0..12 {
        world.pay(START + donor * DAY, 100 + donor, donor, 2_000);
    }
    for donor in 0..12 {
        world.pay(START + 40 * DAY, donor, 50, 2_000);
    }
    assert_eq!(plain(&world), 0);
    world.facts.publications.push(Publication {
        address: Some(3),
        text: "address-3".into(),
        item: "item".into(),
        place: "channel".into(),
        time: UnixTime(START),
        solicitation: 90,
        solicits: true,
        is_quoted: false,
        claims_aid: false,
        ..Publication::default()
    });
    // equal prices keep it low though a page names it
    assert_eq!((plain(&world), hits(&world)[0].severity), (1, Level::Low));
}

#[test]
fn donors_who_come_again_and_addresses_used_twice_are_no_fresh_ones() {
    let mut world = HandWorld::outputs();
    world.tie(&(0..12).collect::<Vec<_>>());
    world.label(50, Category::TerroristFinancing);
    for donor in 0..12 {
        world.pay(START + donor * DAY, 100 + donor % 3, donor, 2_000 + u64::from(donor));
    }
    for donor in 0..12 {
        world.pay(START + 40 * DAY, donor, 50, 2_000 + u64::from(donor));
    }
    assert!(hits(&world).is_empty());
    let mut world = HandWorld::outputs();
    world.tie(&(0..12).collect::<Vec<_>>());
    world.label(50, Category::TerroristFinancing);
    for donor in 0..24 {
        world.pay(START + donor * DAY, 100 + donor, donor % 12, 2_000 + u64::from(donor));
    }
    world.pay(START + 40 * DAY, 0, 50, 48_000);
    assert!(hits(&world).is_empty());
}

#[test]
fn what_is_swept_to_several_wallets_or_to_an_exchange_is_left_out() {
    let mut world = HandWorld::outputs();
    world.tie(&(0..12).collect::<Vec<_>>());
    world.label(0, Category::TerroristFinancing);
    for donor in 0..12 {
        world.pay(START + donor * DAY, 100 + donor, donor, 2_000 + u64::from(donor));
    }
    let mut apart = world;
    for donor in 0..12 {
        apart.pay(START + 40 * DAY, donor, 50 + donor % 2, 2_000 + u64::from(donor));
    }
    assert!(hits(&apart).is_empty());
    let mut world = appeal(12);
    world.label(50, Category::Exchange);
    assert!(hits(&world).is_empty());
}

#[test]
fn accounts_are_tied_by_the_wallet_that_empties_them_at_one_go() {
    let accounts = |quick: bool| {
        let mut world = HandWorld::accounts();
        world.label(0, Category::TerroristFinancing);
        for donor in 1..=12 {
            world.pay(START + donor * DAY, 100 + donor, donor, 2_000 + u64::from(donor * 37));
        }
        for donor in 1..=12 {
            let time = START + 40 * DAY + if quick { 60 * donor } else { 2 * DAY * donor };
            world.pay(time, donor, 0, 2_000 + u64::from(donor * 37));
        }
        world
    };
    let found = hits(&accounts(true));
    assert_eq!((found.len(), found[0].txids.len(), found[0].severity), (1, 24, Level::High));
    // donors' own wallets pay one by one
    assert!(hits(&accounts(false)).is_empty());
    assert!(hits(&HandWorld::accounts()).is_empty());
}

#[test]
fn a_prefix_counts_beyond_what_all_addresses_share() {
    let mut world = HandWorld::outputs();
    world.pay(START, 8_000, 9_999, 100);
    // "address-" is everybody's; of ten thousand a tenth begin with "address-7", and few with "address-777"
    assert_eq!(vanity(&world, &[7_770, 7_771, 7_772, 7_773, 7_774, 1, 20, 300, 4_000, 5_000]), 2);
    assert_eq!(vanity(&world, &[1_111, 2_222, 3_333, 4_444, 5_555, 6_666]), 0);
}
