use crate::fixture::HandWorld;
use athar_types::{Category, Level};

const T: u32 = 1_600_000_000;
const HOUR: u32 = 3_600;
const ID: &str = "facilitator";

/// Desk 0 takes `deposits` and makes `withdrawals` within 25 days; with party 1, a campaign, it deals `two_way` or one way.
fn desk(deposits: u32, withdrawals: u32, two_way: bool) -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(1, Category::TerroristFinancing);
    let mut payments = Vec::new();
    let step = 25 * 24 * HOUR / deposits.max(withdrawals).max(1);
    for n in 0..deposits {
        payments.push((T + n * step, if n == 3 { 1 } else { 100 + n }, 0, 20_000));
    }
    for n in 0..withdrawals {
        let to = if n == 5 && two_way { 1 } else { 1_000 + n };
        payments.push((T + n * step + 2 * HOUR, 0, to, 20_000 * u64::from(deposits) / u64::from(withdrawals)));
    }
    payments.sort_unstable();
    for (time, from, to, cents) in payments {
        world.pay(time, from, to, cents);
    }
    world
}

#[test]
fn a_desk_that_deals_both_ways_with_a_campaign_is_a_hit_and_its_total_is_not_linked() {
    let hits = desk(60, 60, true).hits_of(ID);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].subject_text, "address-0");
    assert_eq!((hits[0].linked.cents, hits[0].total.cents), (40_000, 2_400_000));
    assert_eq!(hits[0].txids.len(), 2, "only the linked transactions are named");
    assert_eq!(hits[0].severity, Level::Medium);
    assert!(hits[0].why_en.contains("is not attributed"));
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(desk(60, 60, false).hits_of(ID).is_empty(), "one way only");
    assert!(desk(49, 50, true).hits_of(ID).is_empty(), "fewer than a hundred");
    assert_eq!(desk(50, 50, true).hits_of(ID).len(), 1);
    assert!(desk(100, 60, true).hits_of(ID).is_empty(), "deposits outnumber withdrawals");
    assert!(desk(60, 80, true).hits_of(ID).is_empty(), "withdrawals outnumber deposits");
    let mut world = HandWorld::accounts();
    world.label(1, Category::TerroristFinancing);
    world.pay(T, 1, 0, 900_000_000);
    world.pay(T + 60, 0, 1, 100);
    for n in 0..60 {
        world.pay(T + (2 * n + 1) * HOUR, 100 + n, 0, 20_000);
        world.pay(T + (2 * n + 2) * HOUR, 0, 300 + n, 20_000);
    }
    assert!(world.hits_of(ID).is_empty(), "it keeps much");
}

#[test]
fn open_services_are_left_out_and_hawala_stays_low() {
    let mut world = desk(60, 60, true);
    world.label(0, Category::Exchange);
    assert!(world.hits_of(ID).is_empty());
    let mut world = desk(60, 60, true);
    world.label(0, Category::Hawala);
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low);
}

#[test]
fn payments_to_many_at_once_are_one_withdrawal() {
    let mut world = HandWorld::accounts();
    world.label(1, Category::TerroristFinancing);
    world.pay(T, 1, 0, 20_000);
    for n in 0..60 {
        world.pay(T + n * HOUR + 60, 100 + n, 0, 20_000);
    }
    let all: Vec<(u32, u64)> = (0..60).map(|n| (if n == 0 { 1 } else { 300 + n }, 20_000)).collect();
    world.pay_all(T + 70 * HOUR, 0, &all);
    assert!(world.hits_of(ID).is_empty());
}

#[test]
fn on_a_chain_of_outputs_withdrawals_are_followed_over_change_and_fresh_addresses() {
    let mut world = HandWorld::outputs();
    world.label(1, Category::TerroristFinancing);
    // the campaign's gift came in at a fresh address, of which the desk got the change
    world.pay(T, 1, 50, 20_000);
    world.pay_all(T + 60, 50, &[(2_000, 5_000), (0, 15_000)]);
    // the first withdrawal is from the desk itself, to the campaign; every other is out of the change before it
    let mut from = 0;
    for n in 0..55 {
        world.pay(T + (1 + n) * HOUR, 100 + n, 0, 20_000);
        let to = if n == 0 { 1 } else { 3_000 + n };
        world.pay_all(T + (1 + n) * HOUR + 60, from, &[(to, 20_000), (4_000 + n, 30_000)]);
        from = 4_000 + n;
    }
    let hits = world.hits_of(ID);
    assert_eq!(hits.len(), 1);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("deposits"), value("withdrawals"), value("two_way")), (Some(56), Some(55), Some(1)));
    assert_eq!(hits[0].linked.cents, 35_000, "what reached it of the gift, and what it paid");
}

#[test]
fn a_payment_out_of_change_that_was_smaller_than_the_payment_before_is_seen() {
    let mut world = HandWorld::outputs();
    world.label(1, Category::TerroristFinancing);
    world.pay(T, 1, 0, 20_000);
    for n in 0..55 {
        world.pay(T + (1 + n) * HOUR, 100 + n, 0, 10_000);
        world.pay(T + (1 + n) * HOUR + 30, 200 + n, 0, 10_000);
        // the larger part is the payment, which its customer spends: the change passes for a small payment
        world.pay_all(T + (1 + n) * HOUR + 60, 0, &[(3_000 + n, 15_000), (4_000 + n, 5_000)]);
        world.pay(T + (1 + n) * HOUR + 90, 3_000 + n, 500, 15_000);
        if n == 7 {
            world.pay(T + (1 + n) * HOUR + 120, 4_000 + n, 1, 5_000);
        }
    }
    let hits = world.hits_of(ID);
    assert_eq!(hits.len(), 1);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("two_way"), hits[0].linked.cents), (Some(1), 25_000));
}
