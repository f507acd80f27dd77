use crate::fixture::HandWorld;
use crate::{Rule, shipped};
use athar_types::{Category, Level};

const T: u32 = 1_600_000_000;
const HOUR: u32 = 3_600;
const ID: &str = "structuring";

/// Address 0 receives each amount an `step` after the other from one sender.
fn receipts(amounts: &[u64], step: u32) -> HandWorld {
    let mut world = HandWorld::accounts();
    for (n, cents) in (0..).zip(amounts) {
        world.pay(T + n * step, 100, 0, *cents);
    }
    world
}

/// Hits on address 0; its partner shows the same payments from the other side.
fn of_zero(world: &HandWorld) -> Vec<crate::Hit> {
    world.hits_of(ID).into_iter().filter(|hit| hit.subject_text == "address-0").collect()
}

#[test]
fn three_sums_just_below_a_threshold_are_a_hit() {
    let hits = of_zero(&receipts(&[95_000, 90_000, 99_999], 8 * HOUR));
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].txids.len(), hits[0].severity, hits[0].notes[0].en.as_str()), (3, Level::Low, "FATF 1000 USD"));
    let hits = of_zero(&receipts(&[950_000, 900_000, 999_999, 810_000], 8 * HOUR));
    assert_eq!(hits[0].notes, ["US 10000 USD".into()]);
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(of_zero(&receipts(&[95_000, 90_000], HOUR)).is_empty(), "two");
    assert!(of_zero(&receipts(&[95_000, 90_000, 79_999], HOUR)).is_empty(), "too small");
    assert!(of_zero(&receipts(&[95_000, 90_000, 100_000], HOUR)).is_empty(), "at the threshold");
    assert!(of_zero(&receipts(&[95_000, 90_000, 99_000], 13 * HOUR)).is_empty(), "longer than a day");
    let many = [95_000, 5_000, 1_000, 90_000, 7_000, 99_000];
    assert!(of_zero(&receipts(&many, HOUR)).is_empty(), "most of its sums lie elsewhere");
}

#[test]
fn thresholds_in_euro_need_a_rate() {
    // 1,092.50 dollars are 950 euro at 1.15
    let mut world = receipts(&[109_250, 109_000, 110_000], HOUR);
    assert!(of_zero(&world).is_empty());
    world.euro_rate = Some(115);
    assert_eq!(of_zero(&world)[0].notes, ["EU 1000 EUR".into()]);
}

#[test]
fn its_own_change_is_no_payment() {
    let mut world = HandWorld::outputs();
    for n in 0..3 {
        world.pay(T + n * HOUR, 100, 0, 195_000);
        world.pay_all(T + n * HOUR + 60, 0, &[(500, 100_000), (600 + n, 95_000)]);
    }
    // the shop's payments are the smaller ones here only where the fresh address took less
    assert!(of_zero(&world).is_empty());
}

#[test]
fn payments_to_deposit_addresses_of_one_exchange_have_one_partner() {
    let mut world = HandWorld::outputs();
    world.pay(T, 90, 0, 900_000);
    for n in 0..4 {
        world.pay(T + n * HOUR, 0, 500 + n, 95_000 + u64::from(n) * 100);
    }
    world.label(700, Category::Exchange);
    for n in 0..4 {
        world.facts.deposits.insert(500 + n);
        world.facts.deposit_service.insert(500 + n, 700);
    }
    world.label(0, Category::TerroristFinancing);
    let hits = of_zero(&world);
    assert_eq!((hits.len(), hits[0].severity), (1, Level::High));
}

#[test]
fn wages_prices_and_services_are_guarded() {
    let mut world = HandWorld::accounts();
    for n in 0..6 {
        world.pay(T + n * 60, 0, 100 + n, 95_000 + u64::from(n));
    }
    world.label(0, Category::TerroristFinancing);
    assert_eq!(of_zero(&world)[0].severity, Level::Low, "many partners");
    let mut world = receipts(&[95_000, 95_000, 95_000], HOUR);
    world.label(0, Category::TerroristFinancing);
    assert_eq!(of_zero(&world)[0].severity, Level::Low, "equal sums");
    let mut world = receipts(&[95_000, 90_000, 99_000], HOUR);
    world.label(0, Category::PaymentProcessor);
    assert!(of_zero(&world).is_empty());
    // an address at which a service takes one customer's deposits is that customer's
    let mut world = receipts(&[95_000, 90_000, 99_000], HOUR);
    world.tie(&[700, 0, 1]);
    world.label(700, Category::Exchange);
    assert!(of_zero(&world).is_empty());
    world.facts.deposits.insert(0);
    assert_eq!(of_zero(&world).len(), 1);
    let mut world = receipts(&[95_000, 90_000, 99_000], HOUR);
    world.label(0, Category::Merchant);
    assert_eq!(of_zero(&world)[0].severity, Level::Low);
}

#[test]
fn a_threshold_in_another_currency_is_refused_with_its_place() {
    let text = crate::FILES.iter().find(|(file, _)| file.starts_with("19-")).unwrap().1;
    for wrong in ["XX 1000 GBP", "XX -5 USD", "1000 USD", "XX 1000 USD more", "XX 0 EUR"] {
        let text = text.replace("FATF 1000 USD", wrong);
        let error = Rule::parse("19.toml", &text).unwrap_err().to_string();
        assert!(error.contains("thresholds") && error.contains(wrong), "{error}");
    }
    assert!(shipped().iter().any(|rule| rule.id == ID));
}

#[test]
fn payments_out_of_change_are_one_payers() {
    // one coin, four payments to a shop's account, each out of the change of the one before
    let pay = |step: u32| {
        let mut world = HandWorld::outputs();
        world.pay(T, 90, 0, 900_000);
        let mut rest = 900_000;
        for n in 0..4_u32 {
            let cents = 95_000 + u64::from(n) * 100;
            rest -= cents;
            let from = if n == 0 { 0 } else { 600 + n };
            world.pay_all(T + n * step, from, &[(500, cents), (601 + n, rest)]);
        }
        world
    };
    let paid = |world: &HandWorld| {
        let mut hits = world.hits_of(ID);
        hits.retain(|hit| hit.subject_text != "address-500");
        hits
    };
    let hits = paid(&pay(HOUR));
    assert_eq!(hits.len(), 1, "the first payer alone tells it");
    assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len()), ("address-0", 4));
    assert!(paid(&pay(13 * HOUR)).is_empty(), "two a day");
    // a new block with the last payment finds the first payer, who did nothing new; one with all of them finds it once
    for since in [4, 3, 1] {
        let mut new = pay(HOUR).hits_since(ID, Some(since));
        new.retain(|hit| hit.subject_text != "address-500");
        assert_eq!(new, hits, "since {since}");
    }
}
