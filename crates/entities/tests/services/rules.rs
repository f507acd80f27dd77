//! The shipped rules on stories: services from the bounds of their rule on, and collections, shops and miners that are none.

use crate::story::{House, Story, least, names};
use athar_entities::services::Measure;
use std::fmt::Write;

#[test]
fn a_house_with_accounts_is_recognised_from_the_bounds_of_its_rule_on() {
    for rule in ["exchange-like", "payment-processor-like"] {
        let house = House::of(rule);
        let (figures, found) = house.story().told("hot");
        assert_eq!(found, Some(rule), "{figures:?}");
        assert!(figures.sweeps > 0 && figures.deposits > 0, "{figures:?}");
        let less = [
            House { payers: house.payers - 11, ..house },
            House { paid: house.paid - house.batch, both: house.both.min(house.paid - house.batch), ..house },
            House { days: house.days - 1, ..house },
        ];
        for house in less {
            let (figures, found) = house.story().told("hot");
            assert_ne!(found, Some(rule), "{figures:?}");
        }
    }
}

/// A pool: each of `coinbases` blocks pays it, and it pays `members` out of what it has, `batch` at a time.
fn pool(coinbases: u64, members: u64, batch: u64, days: u64) -> Story {
    let mut story = Story::default();
    let mut coins = Vec::new();
    for _ in 0..coinbases {
        let id = story.id();
        writeln!(story.text, "block\ncoinbase {id} -> pool 5000").unwrap();
        coins.push(format!("{id}:0"));
    }
    story.wait(days as u32 - 1);
    let members = names("m", members);
    for (coin, some) in coins.iter().cycle().take(coins.len()).zip(members.chunks(batch as usize)) {
        let mut outputs: Vec<(String, u64)> = some.iter().map(|name| (name.clone(), 5)).collect();
        outputs.push(("pool".into(), 4000));
        story.pay(std::slice::from_ref(coin), &outputs);
    }
    story
}

#[test]
fn a_pool_is_recognised_by_coinbases_and_payouts_and_a_lone_miner_is_not() {
    let rule = "mining-pool-like";
    let bound = |m| least(rule, m);
    let (coinbases, paid) = (bound(Measure::Coinbases), bound(Measure::Paid).max(4 * bound(Measure::Batches)));
    let days = bound(Measure::Days);
    let (figures, found) = pool(coinbases, paid, 4, days).told("pool");
    assert_eq!(found, Some(rule), "{figures:?}");
    assert_eq!((u64::from(figures.coinbases), figures.receipts, u64::from(figures.paid)), (coinbases, 0, paid));
    assert_eq!(pool(coinbases - 1, paid, 4, days).rule("pool"), None);
    assert_eq!(pool(coinbases, bound(Measure::Paid) - 1, 4, days).rule("pool"), None);
    // sells at one place, whatever he finds
    let mut lone = pool(4 * coinbases, 0, 4, days);
    for coin in 1..=4 * coinbases {
        lone.pay(&[format!("t{coin}:0")], &[("exchange".into(), 4990)]);
    }
    assert_eq!(lone.rule("pool"), None);
}

/// How donors of a collection are told where to pay.
#[derive(Clone, Copy)]
enum Shown {
    /// One address.
    Static,
    /// Twenty, one after the other.
    Rotating,
    /// One for each donor.
    Fresh,
}

/// A thousand donors, `Shown` so; every fifty gifts are brought together at `fund`, and then leave it by `leave`, which is given
/// the story, the coin and the number of the collection.
fn collection(shown: Shown, leave: impl Fn(&mut Story, String, usize)) -> Story {
    let mut story = Story::default();
    let donors = names("donor", 1000);
    let coins = story.fund(&donors);
    for (round, some) in coins.chunks(50).enumerate() {
        let gifts: Vec<String> = some
            .iter()
            .enumerate()
            .map(|(n, coin)| {
                let to = match shown {
                    Shown::Static => "appeal".to_string(),
                    Shown::Rotating => format!("appeal{round}"),
                    Shown::Fresh => format!("appeal{round}x{n}"),
                };
                format!("{}:0", story.pay(std::slice::from_ref(coin), &[(to, 9000)]))
            })
            .collect();
        let swept = story.pay(&gifts, &[("fund".into(), 400_000)]);
        leave(&mut story, format!("{swept}:0"), round);
        story.wait(10);
    }
    story
}

/// Everything at once to a fresh deposit address of an exchange.
fn cash_out(story: &mut Story, coin: String, round: usize) {
    story.pay(&[coin], &[(format!("cash{round}"), 399_000)]);
}

/// Along a chain of nine payments, each of what is left of the one before.
fn peel(story: &mut Story, coin: String, round: usize) {
    let mut coin = coin;
    for hop in 0..9_u64 {
        let rest = 399_000 - 40_000 * hop;
        let tx = story
            .pay(&[coin], &[(format!("cash{round}x{hop}"), 40_000), (format!("peel{round}x{hop}"), rest - 40_000)]);
        coin = format!("{tx}:1");
    }
}

/// To two exchanges and a shop, the rest comes back.
fn spend(story: &mut Story, coin: String, round: usize) {
    let outputs = [("cashA", 100_000), ("cashB", 100_000), ("fund", 90_000)].map(|(n, v)| (n.to_string(), v));
    let mut outputs = outputs.to_vec();
    outputs.push((format!("invoice{round}"), 100_000));
    story.pay(&[coin], &outputs);
}

/// To forty helpers, the same each time.
fn stipends(story: &mut Story, coin: String, _: usize) {
    let mut outputs: Vec<(String, u64)> = names("helper", 40).into_iter().map(|name| (name, 5_000)).collect();
    outputs.push(("fund".into(), 150_000));
    story.pay(&[coin], &outputs);
}

#[test]
fn a_collection_with_a_thousand_donors_is_no_service() {
    type Leave = fn(&mut Story, String, usize);
    for (way, leave) in [("cash", cash_out as Leave), ("peel", peel), ("spend", spend), ("stipends", stipends)] {
        for (shown, own) in [(Shown::Static, "appeal"), (Shown::Rotating, "appeal7"), (Shown::Fresh, "appeal7x7")] {
            let story = collection(shown, leave);
            for name in [own, "fund"] {
                let (figures, found) = story.told(name);
                assert_eq!(found, None, "{way} {name}: {figures:?}");
            }
            // what is tested is a busy one: all the donors are seen where one address or one sweep of all takes them
            if matches!(shown, Shown::Static) {
                assert_eq!(story.told(own).0.payers, 1000);
            }
        }
    }
}

#[test]
fn a_shop_with_an_address_for_each_of_a_thousand_invoices_is_no_service() {
    let mut story = Story::default();
    let mut funded = names("buyer", 1000);
    funded.push("till".into());
    let mut coins = story.fund(&funded);
    let mut till = coins.pop();
    for (week, some) in coins.chunks(20).enumerate() {
        let paid: Vec<String> = some
            .iter()
            .enumerate()
            .map(|(n, coin)| {
                format!("{}:0", story.pay(std::slice::from_ref(coin), &[(format!("invoice{week}x{n}"), 9000)]))
            })
            .chain(till.take())
            .collect();
        let swept = story.pay(&paid, &[("till".into(), 180_000)]);
        // six suppliers, each paid on addresses of its own
        let mut outputs: Vec<(String, u64)> = (0..6).map(|n| (format!("supplier{n}"), 10_000)).collect();
        outputs.push(("till".into(), 90_000));
        till = Some(format!("{}:6", story.pay(&[format!("{swept}:0")], &outputs)));
        story.wait(7);
    }
    let (figures, found) = story.told("till");
    assert_eq!(found, None, "{figures:?}");
    assert_eq!((figures.payers, figures.paid, figures.sweeps, figures.batches), (1000, 6, 50, 50));
    assert!(figures.sampled == 200 && figures.deposits > 190, "{figures:?}");
}
