use crate::Rule;
use crate::fixture::HandWorld;
use athar_types::{Category, Level};

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const ID: &str = "round-increment-remittance";

/// Exchange 9 sends dollar tokens to address 0, which is labelled: amounts in dollars, days from the start.
fn sent(transfers: &[(u32, u64)]) -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(9, Category::Exchange);
    world.label(0, Category::TerroristFinancing);
    for (day, dollars) in transfers {
        world.pay(T + day * DAY, 9, 0, dollars * 100);
        world.last(1, true);
    }
    world
}

#[test]
fn three_round_steps_from_one_exchange_are_a_hit() {
    let hits = sent(&[(0, 10_000), (3, 20_000), (4, 10_030)]).hits_of(ID);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].total.cents, hits[0].asset.as_str(), hits[0].severity), (4_003_000, "USDT", Level::High));
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(sent(&[(0, 10_000), (3, 20_000)]).hits_of(ID).is_empty(), "two");
    assert!(sent(&[(0, 10_000), (3, 20_000), (5, 10_060)]).hits_of(ID).is_empty(), "off by more");
    assert!(sent(&[(0, 10_000), (3, 20_000), (95, 10_000)]).hits_of(ID).is_empty(), "too long");
    assert!(
        sent(&[(0, 11_000_000), (3, 12_000_000), (5, 13_000_000)]).hits_of(ID).is_empty(),
        "large sums are all round"
    );
    let uneven = [(0, 10_000), (1, 3_333), (1, 4_321), (2, 20_000), (3, 1_477), (4, 5_000), (5, 777)];
    assert!(sent(&uneven).hits_of(ID).is_empty(), "half of it is round by chance");
    let mut coin = sent(&[(0, 10_000), (3, 20_000), (4, 30_000)]);
    coin.last(0, true);
    assert!(coin.hits_of(ID).is_empty(), "one of them is no dollar token");
}

#[test]
fn several_beneficiaries_who_pay_one_known_party_count_together() {
    let of = |count: u32| {
        let mut world = HandWorld::accounts();
        world.label(9, Category::Exchange);
        world.label(0, Category::Facilitator);
        for n in 1..=count {
            world.pay(T + n * DAY, 9, 10 + n, 500_000);
            world.last(1, true);
            world.pay(T + n * DAY + 600, 10 + n, 0, 499_000);
            world.last(1, true);
        }
        world
    };
    let hits = of(5).hits_of(ID);
    assert_eq!((hits.len(), hits[0].txids.len()), (1, 10));
    assert!(of(6).hits_of(ID).is_empty(), "six beneficiaries");
    // a new transfer to one of them is found although the known one did nothing new
    let mut world = of(4);
    world.pay(T + 6 * DAY, 9, 12, 1_000_000);
    world.last(1, true);
    assert_eq!(world.hits_since(ID, Some(8)), world.hits_of(ID));
    assert_eq!(world.hits_of(ID).len(), 1);
}

#[test]
fn nobody_known_and_no_exchange_give_nothing() {
    let transfers = [(0, 10_000), (3, 20_000), (4, 10_000)];
    let mut world = HandWorld::accounts();
    world.label(9, Category::Exchange);
    for (day, dollars) in transfers {
        world.pay(T + day * DAY, 9, 0, dollars * 100);
        world.last(1, true);
    }
    assert!(world.hits_of(ID).is_empty());
    world.label(0, Category::TerroristFinancing);
    assert_eq!(world.hits_of(ID).len(), 1);
    assert!(HandWorld::accounts().hits_of(ID).is_empty());
}

#[test]
fn wages_and_businesses_stay_low() {
    let wages = sent(&[(0, 5_000), (30, 5_000), (60, 5_000)]);
    assert_eq!(wages.hits_of(ID)[0].severity, Level::Low);
    let mut world = sent(&[(0, 5_000), (3, 5_000), (60, 5_000)]);
    assert_eq!(world.hits_of(ID)[0].severity, Level::High);
    world.label(0, Category::HumanitarianOrganisation);
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low);
}

#[test]
fn a_step_that_is_no_number_is_refused() {
    let text = crate::FILES.iter().find(|(file, _)| file.starts_with("11-")).unwrap().1;
    let error = Rule::parse("11.toml", &text.replace("\"1000\"", "\"a lot\"")).unwrap_err().to_string();
    assert!(error.contains("steps_usd"), "{error}");
}
