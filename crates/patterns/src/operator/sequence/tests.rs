use crate::fixture::HandWorld;
use athar_types::{Category, Level};

const T: u32 = 1_600_000_000;
const HOUR: u32 = 3_600;
const ID: &str = "dark-market-purchase";
const EXCHANGE: u32 = 9;
const MARKET: u32 = 8;

fn bought(vendor: Category, cents: u64, hold: u32) -> HandWorld {
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, vendor);
    world.pay(T, EXCHANGE, 0, cents);
    world.pay(T + hold * HOUR, 0, MARKET, cents);
    world
}

#[test]
fn bought_held_and_spent_at_a_market_is_a_hit_that_stays_low() {
    let hits = bought(Category::DarkMarket, 50_000, 48).hits_of(ID);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].subject_text.as_str(), hits[0].severity), ("address-0", Level::Low));
    assert_eq!((hits[0].txids.len(), hits[0].linked.cents), (2, 50_000));
    assert_eq!(bought(Category::Weapons, 50_000, 48).hits_of(ID)[0].severity, Level::Medium);
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(bought(Category::DarkMarket, 50_000, 49).hits_of(ID).is_empty(), "held longer");
    assert!(bought(Category::DarkMarket, 4_999, 1).hits_of(ID).is_empty(), "small");
    assert_eq!(bought(Category::DarkMarket, 5_000, 1).hits_of(ID).len(), 1);
    assert_eq!(bought(Category::DarkMarket, 500_000, 1).hits_of(ID).len(), 1);
    assert!(bought(Category::DarkMarket, 500_001, 1).hits_of(ID).is_empty(), "large");
    assert!(bought(Category::Merchant, 50_000, 1).hits_of(ID).is_empty(), "a shop for hardware");
    let mut world = HandWorld::outputs();
    world.label(MARKET, Category::DarkMarket);
    world.pay(T, 77, 0, 50_000);
    world.pay(T + HOUR, 0, MARKET, 50_000);
    assert!(world.hits_of(ID).is_empty(), "from nobody that sells coins");
}

#[test]
fn coins_that_waited_at_change_are_followed_back() {
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, Category::DarkMarket);
    world.pay(T, EXCHANGE, 0, 100_000);
    world.pay_all(T + HOUR, 0, &[(500, 20_000), (1, 80_000)]);
    world.pay_all(T + 2 * HOUR, 1, &[(501, 10_000), (2, 70_000)]);
    world.pay_all(T + 3 * HOUR, 2, &[(MARKET, 30_000), (3, 40_000)]);
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].subject_text.as_str(), hits[0].txids.len()), (1, "address-0", 4));
    // the next purchase, from the change of the first, is no first one
    world.pay(T + 4 * HOUR, 3, MARKET, 40_000);
    assert_eq!(world.hits_of(ID).len(), 1);
    // the smaller output of a payment is not taken for change
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, Category::DarkMarket);
    world.pay(T, EXCHANGE, 0, 100_000);
    world.pay_all(T + HOUR, 0, &[(500, 80_000), (1, 20_000)]);
    world.pay(T + 2 * HOUR, 1, MARKET, 20_000);
    assert!(world.hits_of(ID).is_empty());
}

#[test]
fn who_has_a_history_or_bought_before_is_left_out() {
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, Category::DarkMarket);
    for n in 0..4 {
        world.pay(T - 1_000 + n, 70 + n, 0, 1_000);
    }
    world.pay(T, EXCHANGE, 0, 50_000);
    world.pay(T + HOUR, 0, MARKET, 50_000);
    assert!(world.hits_of(ID).is_empty());
    let mut world = bought(Category::DarkMarket, 50_000, 1);
    world.pay(T + 2 * HOUR, EXCHANGE, 0, 60_000);
    world.pay(T + 3 * HOUR, 0, MARKET, 60_000);
    assert_eq!(world.hits_of(ID).len(), 1, "the first alone");
}

#[test]
fn a_new_block_finds_the_new_purchase_alone() {
    let mut world = bought(Category::DarkMarket, 50_000, 1);
    world.pay(T + 2 * HOUR, EXCHANGE, 40, 60_000);
    world.pay(T + 3 * HOUR, 40, MARKET, 60_000);
    let hits = world.hits_since(ID, Some(3));
    assert_eq!((hits.len(), hits[0].subject_text.as_str()), (1, "address-40"));
    assert!(HandWorld::outputs().hits_of(ID).is_empty());
}

#[test]
fn a_customer_deposit_address_of_a_market_is_the_market() {
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, Category::Weapons);
    world.pay(T, EXCHANGE, 0, 60_000);
    world.pay(T + HOUR, 0, 300, 60_000);
    assert!(world.hits_of(ID).is_empty());
    world.facts.deposits.insert(300);
    world.facts.deposit_service.insert(300, MARKET);
    world.facts.deposit_service.insert(301, 4_000_000);
    let hits = world.hits_of(ID);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((hits.len(), value("weapons_or_papers")), (1, Some(1)));
    assert_eq!(world.hits_since(ID, Some(1)), hits);
}

/// Three buyers pay to order addresses, which a market sweeps into its labelled wallet, with `back` returned.
fn orders(buyers: u32, back: u64) -> HandWorld {
    let mut world = HandWorld::outputs();
    world.label(EXCHANGE, Category::Exchange);
    world.label(MARKET, Category::DarkMarket);
    world.tie(&[300, 301, 302]);
    for n in 0..buyers {
        world.pay(T + n, EXCHANGE, 40 + n, 60_000);
    }
    for n in 0..buyers {
        world.pay(T + HOUR + n, 40 + n, 300 + n % 3, 60_000);
    }
    let all = 60_000 * u64::from(buyers);
    match back {
        0 => world.pay(T + 5 * HOUR, 300, MARKET, all),
        back => world.pay_all(T + 5 * HOUR, 300, &[(MARKET, all - back), (310, back)]),
    };
    world
}

#[test]
fn what_gathers_from_several_and_goes_whole_to_the_vendor_is_its_till() {
    let world = orders(3, 0);
    let hits = world.hits_of(ID);
    assert_eq!(hits.len(), 3);
    assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len(), hits[0].linked.cents), ("address-40", 3, 60_000));
    assert_eq!(world.hits_since(ID, Some(6)), hits, "the sweep tells what was paid before it");
    assert!(
        orders(2, 0).hits_of(ID).iter().all(|h| h.subject_text == "address-300"),
        "two payers are too few for a till"
    );
    assert!(
        orders(3, 500).hits_of(ID).iter().all(|h| !h.subject_text.starts_with("address-4")),
        "a till keeps nothing"
    );
}
