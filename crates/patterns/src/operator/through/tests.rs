use crate::fixture::HandWorld;
use athar_types::{Category, Level};
use proptest::prelude::*;

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const ID: &str = "pass-through";

/// Address 0 receives `count` times and sends `permille` of it to address 500 after `minutes`.
fn passing(mut world: HandWorld, count: u32, minutes: u32, permille: u64) -> HandWorld {
    for n in 0..count {
        let amount = 50_000 + u64::from(n) * 1_000;
        world.pay(T + n * DAY, 100 + n, 0, amount);
        world.pay(T + n * DAY + minutes * 60, 0, 500, amount * permille / 1000);
    }
    world
}

#[test]
fn three_receipts_passed_on_within_the_hour_are_a_hit() {
    for world in [HandWorld::accounts(), HandWorld::outputs()] {
        let hits = passing(world, 3, 59, 1000).hits_of(ID);
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len()), ("address-0", 6));
        assert_eq!(hits[0].total.cents, 153_000);
        assert_eq!(hits[0].severity, Level::Low);
        assert!(hits[0].why_en.contains("sent on 3 of 3 receipts within 60 minutes"), "{}", hits[0].why_en);
        assert!(hits[0].why_ar.contains("مرّر"), "{}", hits[0].why_ar);
    }
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(passing(HandWorld::accounts(), 2, 10, 1000).hits_of(ID).is_empty(), "twice is not again and again");
    assert!(passing(HandWorld::accounts(), 3, 61, 1000).hits_of(ID).is_empty(), "an hour is over");
    assert_eq!(passing(HandWorld::accounts(), 3, 60, 900).hits_of(ID).len(), 1);
    assert!(passing(HandWorld::accounts(), 3, 10, 890).hits_of(ID).is_empty(), "a tenth stays");
    let mut world = passing(HandWorld::accounts(), 3, 10, 1000);
    for n in 0..4 {
        world.pay(T + (20 + n) * DAY, 300 + n, 0, 10_000);
    }
    assert!(world.hits_of(ID).is_empty(), "most receipts stay");
}

#[test]
fn an_old_balance_explains_no_passage() {
    let mut world = HandWorld::accounts();
    world.pay(T, 99, 0, 1_000_000);
    // payments before each receipt are of the old balance
    for n in 1..6 {
        world.pay(T + n * DAY, 0, 500, 50_000);
        world.pay(T + n * DAY + 60, 100 + n, 0, 50_000);
    }
    assert!(world.hits_of(ID).is_empty());
}

#[test]
fn a_payment_with_change_is_no_passage() {
    // address 0 gets coins, and each is spent at once: a fifth to a shop, the rest to a fresh address of change
    let mut world = HandWorld::outputs();
    for n in 0..6 {
        world.pay(T + n * DAY, 100 + n, 0, 50_000);
        world.pay_all(T + n * DAY + 600, 0, &[(500, 10_000), (600 + n, 40_000)]);
    }
    assert!(world.hits_of(ID).is_empty());
    // the same with a collector that takes nearly all
    let mut world = HandWorld::outputs();
    for n in 0..6 {
        world.pay(T + n * DAY, 100 + n, 0, 50_000);
        world.pay_all(T + n * DAY + 600, 0, &[(500, 49_000), (600 + n, 1_000)]);
    }
    assert_eq!(world.hits_of(ID).len(), 1);
}

#[test]
fn guards_keep_services_deposits_and_processors_out() {
    let mut world = passing(HandWorld::accounts(), 4, 10, 1000);
    world.label(0, Category::Exchange);
    assert!(world.hits_of(ID).is_empty());
    let mut world = passing(HandWorld::accounts(), 4, 10, 1000);
    world.facts.deposits.insert(0);
    assert!(world.hits_of(ID).is_empty());
    let mut world = passing(HandWorld::accounts(), 4, 10, 1000);
    world.label(0, Category::PaymentProcessor);
    assert!(world.hits_of(ID).is_empty());
    // whoever takes it moves as a service does: low, whatever else is known
    let mut world = passing(HandWorld::accounts(), 4, 10, 1000);
    world.label(0, Category::TerroristFinancing);
    assert_eq!(world.hits_of(ID)[0].severity, Level::High);
    for n in 0..1_000 {
        world.pay(T + 30 * DAY + n, 1_000 + n % 7, 500, 500);
    }
    let hits = world.hits_of(ID);
    assert_eq!((hits[0].severity, hits[0].capped_by.as_deref()), (Level::Low, Some("guard")));
}

#[test]
fn only_what_is_new_is_looked_at_again() {
    let mut world = passing(HandWorld::accounts(), 3, 10, 1000);
    world.pay(T + 40 * DAY, 700, 701, 5_000);
    let txs = 7;
    assert!(world.hits_since(ID, Some(txs - 1)).is_empty());
    assert_eq!(world.hits_since(ID, Some(txs - 2)), world.hits_of(ID));
}

proptest! {
    #[test]
    fn no_world_of_payments_breaks_it_and_passes_never_exceed_receipts(
        steps in proptest::collection::vec((0_u32..5, 0_u32..5, 1_u64..100_000, 0_u32..7_200), 0..60),
        by_outputs: bool,
    ) {
        let mut world = if by_outputs { HandWorld::outputs() } else { HandWorld::accounts() };
        let mut time = T;
        for (from, to, cents, wait) in steps {
            time += wait;
            world.pay(time, from, to, cents);
        }
        for hit in world.hits_of(ID) {
            let value = |name: &str| hit.values.iter().find(|v| v.measure == name).map(|v| v.value).unwrap();
            prop_assert!(value("passes") <= value("receipts"));
            prop_assert!(value("forwarded_permille") <= 1000);
        }
    }
}

#[test]
fn gas_that_stays_is_no_receipt_to_compare_with() {
    let mut world = HandWorld::accounts();
    for n in 0..3 {
        for _ in 0..2 {
            world.pay(T + n * DAY, 900, 0, 500);
        }
        world.pay(T + n * DAY + 60, 100 + n, 0, 50_000);
        world.last(1, true);
        world.pay(T + n * DAY + 120, 0, 500, 50_000);
        world.last(1, true);
    }
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].asset.as_str()), (1, "USDT"));
}
