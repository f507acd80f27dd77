use crate::Redemption;
use crate::fixture::HandWorld;
use athar_types::{Category, Level, UnixTime};

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const HOUR: u32 = 3_600;
const ID: &str = "voucher-network";

const SELLER: u32 = 9;
const RAMP: u32 = 8;

fn base() -> HandWorld {
    let mut world = HandWorld::outputs();
    world.label(SELLER, Category::CouponService);
    world.label(RAMP, Category::Exchange);
    world.place(RAMP, *b"TR");
    world.euro_rate = Some(115);
    world
}

/// Coupons paid to address 0, a day apart, each passed on to the exchange after `hours`.
fn on_chain(mut world: HandWorld, coupons: u32, euro: u64, hours: u32) -> HandWorld {
    let cents = |n: u32| (euro + u64::from(n)) * 115;
    let paid = (0..coupons).map(|n| (T + n * DAY, SELLER, 0, cents(n)));
    let moved = (0..coupons).map(|n| (T + n * DAY + hours * HOUR, 0, RAMP, cents(n)));
    let mut payments: Vec<_> = paid.chain(moved).collect();
    payments.sort_unstable();
    for (time, from, to, cents) in payments {
        world.pay(time, from, to, cents);
    }
    world
}

/// Records of `count` redemptions to address 0 at the times of the payments, from so many outlets.
fn record(world: &mut HandWorld, count: u32, outlets: u32, address: Option<u32>) {
    for n in 0..count {
        world.facts.redemptions.push(Redemption {
            context: Vec::new(),
            account: None,
            address,
            beneficiary: "account-7".into(),
            time: UnixTime(T + n * DAY),
            euro_cents: (40 + u64::from(n)) * 100,
            outlet: Some(format!("outlet-{}", n % outlets)),
            buyer: Some(format!("buyer-{}", n % outlets)),
            country: Some(*b"TR"),
            record: format!("r{n}"),
        });
    }
}

#[test]
fn coupons_from_several_outlets_that_reach_a_risk_off_ramp_are_a_hit() {
    let mut world = on_chain(base(), 6, 40, 23);
    record(&mut world, 6, 3, Some(0));
    let hits = world.hits_of(ID);
    assert_eq!(hits.len(), 1);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("recorded"), value("on_chain"), value("points")), (Some(6), Some(6), Some(3)));
    assert_eq!((value("risk_off_ramp_permille"), value("abroad_permille")), (Some(1000), Some(1000)));
    assert_eq!((hits[0].severity, hits[0].txids.len()), (Level::Medium, 12));
    assert!(hits[0].why_en.contains("relatives in need"), "{}", hits[0].why_en);
    assert!(hits[0].notes.iter().any(|n| n.en == "record r0" && n.ar == "السجل \u{2068}r0\u{2069}"));
    world.label(0, Category::TerroristFinancing);
    assert_eq!(world.hits_of(ID)[0].severity, Level::High);
}

#[test]
fn the_chain_alone_and_records_alone_say_what_they_do_not_know() {
    // the chain does not tell points of sale: the guard is open and the severity stays low
    let mut world = on_chain(base(), 6, 40, 23);
    world.label(0, Category::TerroristFinancing);
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].severity, hits[0].capped_by.as_deref()), (1, Level::Low, Some("guard_open")));
    // an account off the chain: where it went is not known
    let mut world = HandWorld::outputs();
    record(&mut world, 6, 3, None);
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].subject_text.as_str(), hits[0].severity), (1, "account-7", Level::Low));
}

#[test]
fn each_threshold_has_an_outside() {
    let of = |count, outlets, euro, hours| {
        let mut world = on_chain(base(), count, euro, hours);
        record(&mut world, count, outlets, Some(0));
        world.hits_of(ID).len()
    };
    assert_eq!(of(5, 3, 40, 24), 1);
    assert_eq!(of(4, 3, 40, 24), 0, "four");
    assert_eq!(of(5, 2, 40, 24), 0, "two outlets");
    assert_eq!(of(5, 3, 40, 25), 0, "later than a day");
    let mut world = on_chain(base(), 6, 40, 23);
    record(&mut world, 6, 3, Some(0));
    world.place(RAMP, *b"DE");
    assert!(world.hits_of(ID).is_empty(), "another country");
    let large = on_chain(base(), 6, 151, 23);
    assert!(large.hits_of(ID).is_empty(), "coupons of more than 150 euro");
    let mut slow = base();
    for n in 0..5 {
        slow.pay(T + n * 8 * DAY, SELLER, 0, 5_000);
        slow.pay(T + n * 8 * DAY + HOUR, 0, RAMP, 5_000);
    }
    assert!(slow.hits_of(ID).is_empty(), "longer than thirty days");
}

#[test]
fn wallets_that_redeem_for_one_are_points_that_the_chain_shows() {
    let mut world = base();
    for n in 0..6_u32 {
        let buyer = 100 + n % 3;
        let cents = 5_000 + u64::from(n) * 100;
        world.pay(T + n * DAY, SELLER, buyer, cents);
        world.pay(T + n * DAY + 2 * HOUR, buyer, 0, cents - 50);
        world.pay(T + n * DAY + 4 * HOUR, 0, 50, cents - 50);
        world.pay(T + n * DAY + 6 * HOUR, 50, RAMP, cents - 50);
    }
    world.label(0, Category::Facilitator);
    let hits: Vec<_> = world.hits_of(ID).into_iter().filter(|h| h.subject_text == "address-0").collect();
    assert_eq!(hits.len(), 1);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("points"), value("on_chain")), (Some(3), Some(6)));
    assert_eq!(hits[0].severity, Level::High);
    // a new block with the last of it finds the same
    let since: Vec<_> = world.hits_since(ID, Some(23)).into_iter().filter(|h| h.subject_text == "address-0").collect();
    assert!(since.is_empty(), "nothing new came to the beneficiary itself");
    assert_eq!(world.hits_since(ID, Some(22)).len(), 1);
}

#[test]
fn resellers_payroll_and_aid_stay_low() {
    let mut world = on_chain(base(), 6, 40, 23);
    record(&mut world, 6, 3, Some(0));
    for redemption in &mut world.facts.redemptions {
        redemption.buyer = Some("one".into());
    }
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low, "one buyer");
    let mut world = on_chain(base(), 6, 40, 23);
    record(&mut world, 6, 3, Some(0));
    for redemption in &mut world.facts.redemptions {
        redemption.euro_cents = 5_000;
    }
    assert_eq!(world.hits_of(ID)[0].severity, Level::Low, "equal sums");
    for category in [Category::HumanitarianOrganisation, Category::Merchant] {
        let mut world = on_chain(base(), 6, 40, 23);
        record(&mut world, 6, 3, Some(0));
        world.label(0, category);
        assert_eq!(world.hits_of(ID)[0].severity, Level::Low);
    }
    let mut world = on_chain(base(), 6, 40, 23);
    record(&mut world, 6, 3, Some(0));
    world.label(0, Category::PeerToPeerExchange);
    assert!(world.hits_of(ID).is_empty(), "a service");
}

#[test]
fn an_empty_world_with_wild_records_is_read() {
    let mut world = HandWorld::outputs();
    world.facts.redemptions.push(Redemption {
        context: Vec::new(),
        account: None,
        address: Some(4_000_000),
        beneficiary: String::new(),
        time: UnixTime(u32::MAX),
        euro_cents: 5_000,
        outlet: None,
        buyer: None,
        country: None,
        record: String::new(),
    });
    assert!(world.hits_of(ID).is_empty());
    record(&mut world, 6, 3, None);
    for redemption in &mut world.facts.redemptions {
        redemption.time = UnixTime(u32::MAX);
    }
    assert_eq!(world.hits_of(ID).len(), 1);
}

/// Each coupon to a fresh address, from which it goes to one customer's address at the exchange after `hours`.
fn fresh(coupons: u32, hours: u32, to: u32) -> HandWorld {
    let mut world = base();
    world.tie(&[RAMP, 80, 81]);
    for n in 0..coupons {
        world.pay(T + n * DAY, SELLER, 100 + n, 4_000 + u64::from(n) * 100);
        world.pay(T + n * DAY + hours * HOUR, 100 + n, if n % 2 == 0 { 80 } else { to }, 4_000 + u64::from(n) * 100);
    }
    world
}

#[test]
fn coupons_that_meet_only_at_one_customers_address_are_one_beneficiarys() {
    let world = fresh(6, 20, 80);
    let hits = world.hits_of(ID);
    assert_eq!(hits.len(), 1);
    let value = |name: &str| hits[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value("on_chain"), value("risk_off_ramp_permille"), value("points")), (Some(6), Some(1000), None));
    assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len(), hits[0].severity), ("address-100", 12, Level::Low));
    assert_eq!(world.hits_since(ID, Some(11)).len(), 1, "the last coupon's way is new");
    assert!(fresh(4, 20, 80).hits_of(ID).is_empty(), "too few");
    assert!(fresh(6, 23, 81).hits_of(ID).is_empty(), "two customers");
    // more than a day on the way: not moved on in time
    let mut late = base();
    late.tie(&[RAMP, 80]);
    for n in 0..6 {
        late.pay(T + n * HOUR, SELLER, 100 + n, 4_000 + u64::from(n) * 100);
    }
    for n in 0..6 {
        late.pay(T + 2 * DAY + n * HOUR, 100 + n, 80, 4_000 + u64::from(n) * 100);
    }
    assert!(late.hits_of(ID).is_empty());
}

/// The case of the first test, labelled, with its hit.
fn labelled(world: &mut HandWorld) -> crate::Hit {
    record(world, 6, 3, Some(0));
    world.label(0, Category::TerroristFinancing);
    let mut hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].severity), (1, Level::High));
    hits.remove(0)
}

#[test]
fn recorded_context_keeps_the_hit_and_its_severity_low() {
    let mut world = on_chain(base(), 6, 40, 23);
    let before = labelled(&mut world);
    let value = |hit: &crate::Hit, name: &str| hit.values.iter().find(|v| v.measure == name).map(|v| v.value);
    assert_eq!((value(&before, "context"), value(&before, "context_notes")), (Some(0), Some(0)));
    assert!(!before.why_en.contains("But:"), "{}", before.why_en);
    // one buyer of three is a relative: two coupons of six
    for redemption in &mut world.facts.redemptions {
        if redemption.buyer.as_deref() == Some("buyer-1") {
            redemption.context = vec!["note 4 on a buyer".into()];
        }
    }
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), value(&hits[0], "context"), value(&hits[0], "context_notes")), (1, Some(2), Some(1)));
    let hit = &hits[0];
    assert_eq!((hit.severity, hit.uncapped, hit.capped_by.as_deref()), (Level::Low, Level::High, Some("guard")));
    let guard = hit.guards.iter().find(|g| g.id == "no-context").unwrap();
    assert_eq!((guard.result, guard.value, guard.limit), (crate::GuardResult::Failed, Some(2), 0));
    assert_eq!(hit.notes[0].en, "humanitarian context: note 4 on a buyer");
    assert!(hit.why_en.contains("Humanitarian context is recorded for 2 of them (notes: 1)"), "{}", hit.why_en);
    assert!(hit.why_en.contains("But: humanitarian context is recorded"), "{}", hit.why_en);
    assert!(hit.why_ar.contains("لكن: سُجّل سياق إنساني"), "{}", hit.why_ar);
    assert_eq!((&hit.txids, hit.total, hit.linked), (&before.txids, before.total, before.linked), "nothing is erased");
    // with the note gone it is as before
    for redemption in &mut world.facts.redemptions {
        redemption.context.clear();
    }
    assert_eq!(world.hits_of(ID), [before]);
}

#[test]
fn context_of_an_address_counts_for_every_coupon_of_its_owner() {
    let value = |hit: &crate::Hit, name: &str| hit.values.iter().find(|v| v.measure == name).map(|v| v.value);
    // the note is on another address of the beneficiary, and records name neither
    let mut world = on_chain(base(), 6, 40, 23);
    world.tie(&[0, 1]);
    labelled(&mut world);
    world.facts.context.push((1, "note 7 on an address".into()));
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].severity, value(&hits[0], "context")), (1, Level::Low, Some(6)));
    // on one of the fresh addresses that meet only at the off-ramp
    let mut world = fresh(6, 20, 80);
    world.facts.context.push((103, "note 8 on an address".into()));
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), value(&hits[0], "context"), value(&hits[0], "context_notes")), (1, Some(1), Some(1)));
    // an account off the chain
    let mut world = HandWorld::outputs();
    record(&mut world, 6, 3, None);
    world.facts.redemptions[0].context = vec!["note 9 on the beneficiary".into()];
    assert_eq!(value(&world.hits_of(ID)[0], "context"), Some(1));
}

#[test]
fn records_of_the_wallets_that_redeem_belong_to_whom_they_hand_on_to() {
    let mut world = base();
    for n in 0..6_u32 {
        let cents = 5_000 + u64::from(n) * 100;
        world.pay(T + n * DAY, SELLER, 100 + n % 3, cents);
        world.pay(T + n * DAY + 2 * HOUR, 100 + n % 3, 0, cents - 50);
        world.pay(T + n * DAY + 4 * HOUR, 0, RAMP, cents - 50);
    }
    for n in 0..6 {
        record(&mut world, 1, 1, Some(100 + n % 3));
        let redemption = world.facts.redemptions.last_mut().unwrap();
        redemption.time = UnixTime(T + n * DAY);
        redemption.record = format!("r{n}");
        redemption.outlet = Some(format!("outlet-{}", n % 4));
        redemption.buyer = Some(format!("buyer-{}", n % 4));
        redemption.euro_cents += u64::from(n) * 100;
    }
    // a record of another day is of another coupon
    record(&mut world, 1, 1, Some(100));
    world.facts.redemptions.last_mut().unwrap().time = UnixTime(T + 100 * DAY);
    let of = |world: &HandWorld| world.hits_of(ID).into_iter().find(|h| h.subject_text == "address-0").unwrap();
    let value = |hit: &crate::Hit, name: &str| hit.values.iter().find(|v| v.measure == name).map(|v| v.value);
    let hit = of(&world);
    assert_eq!((value(&hit, "recorded"), value(&hit, "on_chain"), value(&hit, "outlets")), (Some(6), Some(6), Some(4)));
    assert_eq!((value(&hit, "abroad_permille"), hit.severity), (Some(1000), Level::Medium));
    assert!(hit.corroboration.iter().any(|c| c.what.en == "6 records of redemptions"), "{:?}", hit.corroboration);
    assert!(!hit.addresses.contains(&"address-100".to_string()), "the buyers' wallets are not the beneficiary's");
    // one of them is a relative
    world.facts.redemptions[1].context = vec!["note 2 on a buyer".into()];
    let hit = of(&world);
    assert_eq!((value(&hit, "context"), hit.severity, hit.uncapped), (Some(1), Level::Low, Level::Medium));
    // the same where the coupons meet only at the off-ramp
    let mut world = fresh(6, 20, 80);
    for n in 0..6 {
        record(&mut world, 1, 1, Some(100 + n));
        let redemption = world.facts.redemptions.last_mut().unwrap();
        (redemption.time, redemption.record) = (UnixTime(T + n * DAY), format!("r{n}"));
        redemption.outlet = Some(format!("outlet-{n}"));
        redemption.buyer = Some(format!("buyer-{n}"));
        redemption.euro_cents += u64::from(n) * 100;
    }
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), value(&hits[0], "recorded"), value(&hits[0], "points")), (1, Some(6), Some(6)));
    assert_eq!(hits[0].severity, Level::Medium, "{:?} {}", hits[0].capped_by, hits[0].why_en);
}
