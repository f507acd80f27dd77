use super::Ranks;
use crate::fixture::HandWorld;
use athar_types::{Category, Level};
use proptest::prelude::*;

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const ID: &str = "sudden-large-donation";

/// Address 0, labelled, gets `gifts` of a hundred dollars and one of `large`; after `hours` it sends `out` to address 500.
fn surprised(gifts: u32, large: u64, hours: u32, out: u64) -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(0, Category::DonationCampaign);
    for n in 0..gifts {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
        world.pay(T + n * DAY + 600, 0, 400, 10_000);
    }
    let time = T + gifts * DAY;
    world.pay(time, 99, 0, large);
    world.pay(time + hours * 3_600, 0, 500, out);
    world
}

#[test]
fn one_gift_far_above_the_others_that_leaves_is_a_hit() {
    let hits = surprised(10, 100_000, 48, 70_000).hits_of(ID);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].total.cents, hits[0].severity, hits[0].txids.len()), (100_000, Level::High, 2));
    assert!(hits[0].why_en.contains("10.00 times the median of its 10 receipts"), "{}", hits[0].why_en);
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(surprised(9, 100_000, 48, 70_000).hits_of(ID).is_empty(), "no history");
    assert!(surprised(10, 99_000, 48, 99_000).hits_of(ID).is_empty(), "less than ten times");
    assert!(surprised(10, 100_000, 49, 100_000).hits_of(ID).is_empty(), "later");
    assert!(surprised(10, 100_000, 48, 69_000).hits_of(ID).is_empty(), "most of it stays");
    let mut world = HandWorld::accounts();
    world.label(0, Category::DonationCampaign);
    world.pay(T - DAY, 98, 0, 200_000);
    for n in 0..20 {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
    }
    world.pay(T + 30 * DAY, 99, 0, 150_000);
    world.pay(T + 30 * DAY + 60, 0, 500, 400_000);
    assert!(world.hits_of(ID).is_empty(), "not above its 99th percentile");
}

#[test]
fn nobody_known_gives_nothing() {
    let mut world = HandWorld::accounts();
    for n in 0..12 {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
    }
    world.pay(T + 20 * DAY, 99, 0, 500_000);
    world.pay(T + 20 * DAY + 60, 0, 500, 500_000);
    assert!(world.hits_of(ID).is_empty());
}

#[test]
fn a_treasury_move_and_a_relief_organisation_stay_low() {
    let mut world = HandWorld::accounts();
    world.label(0, Category::DonationCampaign);
    for n in 0..10 {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
    }
    world.pay(T + 11 * DAY, 0, 99, 50_000);
    world.pay(T + 12 * DAY, 99, 0, 200_000);
    world.pay(T + 12 * DAY + 60, 0, 500, 250_000);
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low);
    let mut world = surprised(10, 100_000, 48, 70_000);
    world.label(0, Category::HumanitarianOrganisation);
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low);
}

#[test]
fn change_is_not_gone() {
    let mut world = HandWorld::outputs();
    world.label(0, Category::DonationCampaign);
    for n in 0..10 {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
        world.pay(T + n * DAY + 60, 0, 400, 10_000);
    }
    world.pay(T + 20 * DAY, 99, 0, 200_000);
    world.pay_all(T + 20 * DAY + 60, 0, &[(500, 20_000), (501, 180_000)]);
    assert!(world.hits_of(ID).is_empty());
}

proptest! {
    #[test]
    fn ranks_are_those_of_a_sorted_list(values in proptest::collection::vec(0_usize..50, 1..200)) {
        let mut ranks = Ranks::new(50);
        let mut sorted = Vec::new();
        for value in values {
            ranks.add(value);
            sorted.push(value);
            sorted.sort_unstable();
            for (n, value) in sorted.iter().enumerate() {
                prop_assert_eq!(ranks.nth(n as u64), *value);
            }
        }
    }
}
