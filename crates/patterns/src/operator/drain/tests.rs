use crate::fixture::HandWorld;
use athar_types::{Category, Level};

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const ID: &str = "new-account-drain";

/// A market of small receipts, and account 0: a test payment, `age` days later a large one, out after `hours`.
fn drained(mut world: HandWorld, age: u32, hours: u32, permille: u64) -> HandWorld {
    for n in 0..60 {
        world.pay(T - DAY + n * 60, 200 + n, 300 + n, 1_000 + u64::from(n) * 100);
    }
    world.pay(T, 100, 0, 2_000);
    world.pay(T + age * DAY, 101, 0, 998_000);
    world.pay(T + age * DAY + hours * 3_600, 0, 102, 1_000_000 * permille / 1000);
    world
}

fn labelled(mut world: HandWorld) -> HandWorld {
    world.label(0, Category::TerroristFinancing);
    world
}

#[test]
fn a_new_account_filled_and_emptied_is_a_hit_where_it_is_known() {
    for world in [HandWorld::accounts(), HandWorld::outputs()] {
        let hits = labelled(drained(world, 5, 23, 1000)).hits_of(ID);
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].severity, hits[0].txids.len(), hits[0].total.cents), (Level::High, 3, 1_000_000));
    }
    assert!(drained(HandWorld::accounts(), 5, 23, 1000).hits_of(ID).is_empty(), "nothing is known of it");
    let mut near = drained(HandWorld::accounts(), 5, 23, 1000);
    near.label(102, Category::DonationCampaign);
    assert!(near.hits_of(ID).is_empty(), "that it paid somebody known says nothing of it");
}

#[test]
fn each_threshold_has_an_outside() {
    let none = |world: HandWorld| labelled(world).hits_of(ID).is_empty();
    assert!(none(drained(HandWorld::accounts(), 8, 23, 1000)), "the account is old");
    assert!(none(drained(HandWorld::accounts(), 5, 25, 1000)), "a day is over");
    assert!(none(drained(HandWorld::accounts(), 5, 23, 940)), "some stays");
    let several = |sums: u32| {
        let mut world = HandWorld::accounts();
        for n in 0..60 {
            world.pay(T - DAY + n * 60, 200 + n, 300 + n, 1_000);
        }
        for n in 0..sums {
            world.pay(T + n * 60, 100 + n, 0, 900_000);
        }
        world.pay(T + 7_200, 0, 102, u64::from(sums) * 900_000);
        world
    };
    assert!(none(several(3)), "one of several sums");
    assert!(!none(several(2)));
    let mut world = HandWorld::accounts();
    for n in 0..60 {
        world.pay(T + n * 60, 200 + n, 300 + n, 10_000);
    }
    world.pay(T + DAY, 101, 0, 9_000);
    world.pay(T + DAY + 60, 0, 102, 9_000);
    assert!(none(world), "the sum is usual");
}

#[test]
fn change_is_not_out() {
    let mut world = drained(HandWorld::outputs(), 5, 1, 0);
    world.pay_all(T + 5 * DAY + 7_200, 0, &[(500, 100_000), (501, 900_000)]);
    assert!(labelled(world).hits_of(ID).is_empty());
}

#[test]
fn guards_keep_deposit_addresses_and_businesses_out() {
    let mut world = labelled(drained(HandWorld::accounts(), 5, 23, 1000));
    world.facts.deposits.insert(0);
    assert!(world.hits_of(ID).is_empty());
    let mut world = labelled(drained(HandWorld::accounts(), 5, 23, 1000));
    world.label(0, Category::Merchant);
    assert!(world.hits_of(ID).is_empty(), "a firm moves its treasury");
}

#[test]
fn a_new_block_finds_what_the_whole_run_finds() {
    let world = labelled(drained(HandWorld::accounts(), 5, 23, 1000));
    assert_eq!(world.hits_since(ID, Some(62)), world.hits_of(ID));
    assert!(HandWorld::outputs().hits_of(ID).is_empty());
}

#[test]
fn the_change_of_services_does_not_make_every_sum_small() {
    let mut world = HandWorld::outputs();
    for n in 0..60 {
        world.pay_all(T - DAY + n * 60, 160 + n, &[(400 + n, 1_000), (151, 500_000_000)]);
    }
    world.pay(T, 100, 0, 900_000);
    world.pay(T + 3_600, 0, 102, 900_000);
    world.label(0, Category::TerroristFinancing);
    assert_eq!(world.hits_of(ID).len(), 1);
}
