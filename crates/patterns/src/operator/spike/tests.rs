use crate::DatedEvent;
use crate::fixture::HandWorld;
use athar_types::{Category, Level, UnixTime};

const T: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
const ID: &str = "event-spike";

/// Address 0 gets about 300 dollars in each of ten windows of fifteen days; in the sixth, around an event, `factor` times as
/// much. The chain has `usual` further transactions a window, and `busy` in the sixth.
fn wave(factor: u64, usual: u32, busy: u32) -> HandWorld {
    let mut world = HandWorld::accounts();
    world.label(0, Category::DonationCampaign);
    for window in 0..10_u32 {
        let start = T + window * 15 * DAY;
        let (times, others) = if window == 5 { (factor, busy) } else { (1, usual) };
        let mut payments = Vec::new();
        for n in 0..6_u32 {
            payments.push((
                start + n * 2 * DAY + 60,
                100 + window * 10 + n,
                0,
                (5_000 + u64::from(window % 3) * 100) * times,
            ));
        }
        for n in 0..others {
            payments.push((start + n * (14 * DAY / others), 900, 901, 100));
        }
        payments.sort_unstable();
        for (time, from, to, cents) in payments {
            world.pay(time, from, to, cents);
        }
    }
    let time = UnixTime(T + 5 * 15 * DAY + 7 * DAY);
    world.facts.events.push(DatedEvent { id: "2020-x".into(), time, title: "an event".into() });
    world
}

#[test]
fn gifts_that_rise_around_an_event_are_a_hit() {
    let hits = wave(3, 20, 20).hits_of(ID);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].txids.len(), hits[0].severity), (6, Level::High));
    assert!(hits[0].notes[0].en.contains("an event"), "{:?}", hits[0].notes);
}

#[test]
fn a_small_rise_a_risen_market_and_nobody_known_are_none() {
    // a tenth of the mean is the least deviation: a third more is three of them, and more than three is asked
    assert!(wave(1, 20, 20).hits_of(ID).is_empty());
    assert!(wave(3, 20, 70).hits_of(ID).is_empty(), "the whole chain rose alike");
    let mut world = wave(3, 20, 20);
    world.facts.events.clear();
    assert!(world.hits_of(ID).is_empty());
    let mut world = HandWorld::accounts();
    world.facts = wave(3, 20, 20).facts;
    assert!(world.hits_of(ID).is_empty());
}

#[test]
fn one_large_gift_is_no_wave_and_a_merchant_stays_low() {
    let mut world = wave(1, 20, 20);
    let unlabelled = wave(3, 20, 20);
    assert!(!unlabelled.hits_of(ID).is_empty());
    world.facts.events[0].time = UnixTime(T + 10 * 15 * DAY + 7 * DAY);
    for n in 0..5 {
        world.pay(T + 10 * 15 * DAY + n * DAY, 800 + n, 0, 5_000);
    }
    world.pay(T + 10 * 15 * DAY + 6 * DAY, 810, 0, 100_000);
    let hits = world.hits_of(ID);
    assert_eq!((hits.len(), hits[0].severity), (1, Level::Low));
    let mut merchant = wave(3, 20, 20);
    merchant.label(0, Category::Merchant);
    assert_eq!(merchant.hits_of(ID)[0].severity, Level::Low);
}

#[test]
fn a_history_of_less_than_four_windows_is_none() {
    let mut world = HandWorld::accounts();
    world.label(0, Category::DonationCampaign);
    for n in 0..30 {
        world.pay(T + n * 2 * DAY, 100 + n, 0, if n > 20 { 50_000 } else { 5_000 });
    }
    let time = UnixTime(T + 50 * DAY);
    world.facts.events.push(DatedEvent { id: "2020-y".into(), time, title: "another".into() });
    assert!(world.hits_of(ID).is_empty());
}
