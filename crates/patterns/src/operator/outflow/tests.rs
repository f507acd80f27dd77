use crate::Publication;
use crate::fixture::HandWorld;
use athar_types::{Category, Level, UnixTime};

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const HAWALA: u32 = 9;
const SHOP: u32 = 8;
const FRONT: &str = "charity-front";
const FRAUD: &str = "fraud-front";

fn page(world: &mut HandWorld, claims_aid: bool, is_quoted: bool) {
    world.facts.publications.push(Publication {
        address: Some(0),
        text: "address-0".into(),
        item: "item-1".into(),
        place: "a channel".into(),
        time: UnixTime(T),
        solicits: true,
        is_quoted,
        claims_aid,
        ..Publication::default()
    });
}

/// Address 0 collects ten gifts of a hundred dollars and pays `exit` dollars to a hawala and `spent` to a shop.
fn appeal(exit: u64, spent: u64, unknown: u64) -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(HAWALA, Category::Hawala);
    world.label(SHOP, Category::Merchant);
    for n in 0..10 {
        world.pay(T + n * DAY, 100 + n, 0, 10_000);
    }
    for (to, dollars) in [(HAWALA, exit), (SHOP, spent), (77, unknown)] {
        if dollars > 0 {
            world.pay(T + 20 * DAY, 0, to, dollars * 100);
        }
    }
    page(&mut world, true, false);
    world
}

#[test]
fn an_appeal_for_aid_that_pays_exits_alone_is_a_hit() {
    let hits = appeal(900, 50, 50).hits_of(FRONT);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].severity, hits[0].total.cents), (Level::Medium, 100_000));
    assert_eq!(hits[0].notes, ["a channel (item-1)".into()]);
    assert!(hits[0].why_en.contains("5.0% to merchants"), "{}", hits[0].why_en);
    let mut world = appeal(900, 50, 50);
    world.label(77, Category::TerroristFinancing);
    let hits = world.hits_of(FRONT);
    assert_eq!((hits[0].severity, hits[0].linked.cents), (Level::High, 5_000));
}

#[test]
fn each_threshold_has_an_outside() {
    assert!(appeal(900, 100, 0).hits_of(FRONT).is_empty(), "a tenth is spent on goods");
    assert_eq!(appeal(710, 99, 191).hits_of(FRONT).len(), 1);
    assert!(appeal(700, 0, 300).hits_of(FRONT).is_empty(), "seven tenths and not more");
    assert!(appeal(0, 0, 0).hits_of(FRONT).is_empty(), "nothing went out");
    let mut world = appeal(900, 0, 0);
    world.facts.publications[0].claims_aid = false;
    assert!(world.hits_of(FRONT).is_empty(), "the page claims no aid");
    let mut world = appeal(900, 0, 0);
    world.facts.publications[0].is_quoted = true;
    assert!(world.hits_of(FRONT).is_empty(), "research that quotes it");
}

#[test]
fn the_allow_list_and_custodial_addresses_are_left_out() {
    let mut world = appeal(900, 0, 100);
    world.label(0, Category::HumanitarianOrganisation);
    assert!(world.hits_of(FRONT).is_empty(), "honest charities sell coins, too");
    let mut world = appeal(900, 0, 100);
    world.facts.deposits.insert(0);
    assert!(world.hits_of(FRONT).is_empty());
    let mut world = appeal(900, 0, 100);
    world.facts.publications[0].solicits = false;
    assert!(world.hits_of(FRONT).is_empty(), "no anchor");
}

#[test]
fn later_payments_out_of_change_are_seen() {
    let of = |last: u32| {
        let mut world = HandWorld::outputs();
        world.label(HAWALA, Category::Hawala);
        world.label(SHOP, Category::Merchant);
        for n in 0..10 {
            world.pay(T + n * DAY, 100 + n, 0, 10_000);
        }
        world.pay_all(T + 20 * DAY, 0, &[(HAWALA, 30_000), (1, 70_000)]);
        world.pay_all(T + 21 * DAY, 1, &[(HAWALA, 20_000), (2, 50_000)]);
        world.pay(T + 22 * DAY, 2, last, 50_000);
        page(&mut world, true, false);
        world
    };
    let hits = of(HAWALA).hits_of(FRONT);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("exit_permille"), value("change_parties"), value("payments")), (Some(1000), Some(2), Some(3)));
    assert!(of(SHOP).hits_of(FRONT).is_empty(), "half of it is spent on goods, out of the change");
    // what came of it in a new block is found from the appeal
    assert_eq!(of(HAWALA).hits_since(FRONT, Some(12)), of(HAWALA).hits_of(FRONT));
}

/// A shop with eight customers that pays a campaign.
fn shop() -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(0, Category::Merchant);
    world.label(5, Category::TerroristFinancing);
    for n in 0..8 {
        world.pay(T + n * DAY, 100 + n, 0, 5_000 + u64::from(n) * 10);
    }
    world.pay(T + 9 * DAY, 0, 5, 10_000);
    world
}

#[test]
fn a_shop_without_refunds_that_pays_a_campaign_is_a_hit() {
    let hits = shop().hits_of(FRAUD);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].linked.cents, hits[0].total.cents, hits[0].severity), (10_000, 40_280, Level::Medium));
}

#[test]
fn a_refund_few_customers_and_no_link_are_none() {
    let mut world = shop();
    world.pay(T + 10 * DAY, 0, 103, 2_000);
    assert!(world.hits_of(FRAUD).is_empty(), "to one who paid");
    let mut world = shop();
    world.pay(T + 10 * DAY, 0, 300, 5_040);
    assert!(world.hits_of(FRAUD).is_empty(), "the exact sum of a receipt");
    let mut world = shop();
    world.label(0, Category::Authority);
    assert!(world.hits_of(FRAUD).is_empty());
    let mut few = HandWorld::accounts();
    few.label(0, Category::Merchant);
    few.label(5, Category::TerroristFinancing);
    for n in 0..4 {
        few.pay(T + n * DAY, 100 + n, 0, 5_000);
    }
    few.pay(T + 9 * DAY, 0, 5, 10_000);
    assert!(few.hits_of(FRAUD).is_empty(), "four customers");
    let mut none = HandWorld::accounts();
    none.label(0, Category::Merchant);
    for n in 0..8 {
        none.pay(T + n * DAY, 100 + n, 0, 5_000 + u64::from(n));
    }
    assert!(none.hits_of(FRAUD).is_empty(), "no link");
    assert!(HandWorld::outputs().hits_of(FRAUD).is_empty());
}

#[test]
fn an_address_on_the_rules_own_list_is_left_out() {
    let text = crate::FILES.iter().find(|(file, _)| file.starts_with("24-")).unwrap().1;
    assert!(text.contains("allow = { value = []"));
    let listed =
        crate::Rule::parse("24.toml", &text.replace("allow = { value = []", "allow = { value = [\"address-0\"]"));
    let run = |rule: &crate::Rule| {
        crate::run(&appeal(900, 0, 100), &[rule], &|_| crate::Standing::Held, crate::RunOptions::default()).hits.len()
    };
    assert_eq!(run(&listed.unwrap()), 0);
    assert_eq!(run(&crate::Rule::parse("24.toml", text).unwrap()), 1);
}

#[test]
fn what_is_linked_is_at_most_what_came_in() {
    // the account had money before its transfers were kept
    let mut world = appeal(900, 50, 5_000);
    world.label(77, Category::TerroristFinancing);
    let hits = world.hits_of(FRONT);
    assert_eq!((hits.len(), hits[0].linked.cents, hits[0].total.cents), (1, 100_000, 100_000));
}
