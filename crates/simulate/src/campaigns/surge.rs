//! Donation addresses on which something unusual happens: one sum far above all others (row 13), a wave of gifts around a dated
//! event (row 14), and donors who move to another chain (row 12, the half of it that this chain shows).
//!
//! The look-alikes are a relief organisation that moves its own treasury or collects after an event, a merchant whose sales
//! follow the market's, and a project that closes its address.

use super::{
    Setup,
    timeline::{Act, Timeline},
};
use crate::{
    agents::Dated,
    world::{DAY, HOUR, KeyId, PurseId, Role, Watch},
};
use athar_types::Category;

/// A donation address with what comes behind it.
struct Address {
    purse: PurseId,
    key: KeyId,
    cash: KeyId,
}

fn address(setup: &mut Setup<'_>) -> Address {
    let (actor, kind) = (setup.actor, setup.script_kind());
    let purse = setup.purse(actor, kind);
    let key = setup.economy.world.key(purse, Role::Donation);
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let cash = setup.economy.deposit_key(exchange, actor, Watch::campaign(setup.index));
    Address { purse, key, cash }
}

/// Gifts on random days between two.
fn gifts(setup: &mut Setup<'_>, line: &mut Timeline, to: KeyId, count: u64, cents: (u64, u32), days: (u64, u64)) {
    for _ in 0..count {
        let time = setup.day(days.0) + setup.dice.below((days.1 - days.0).max(1) * u64::from(DAY)) as u32;
        let cents = setup.dice.bell(cents.0, cents.1).max(200);
        line.at(setup, time, Act::Give { to, cents });
    }
}

/// Row 13.
pub(super) fn sudden(mut setup: Setup<'_>) {
    let decoy = setup.decoy;
    let days = setup.draw("days", 30, 140);
    let gifts_before = setup.draw("gifts", 6, 50);
    let median = setup.dice.octaves(1000, 25_000);
    setup.drawn("median_usd_cents", median);
    let octaves = setup.draw("octaves", 1, 3) as u32;
    let multiple = setup.dice.octaves(4, 150);
    setup.drawn("multiple", multiple);
    let out_permille = setup.draw("out_permille", 450, 1000);
    let out_hours = setup.draw("out_hours", 1, 72);
    let Address { purse, key, cash } = address(&mut setup);
    let mut line = Timeline::new(&mut setup);
    gifts(&mut setup, &mut line, key, gifts_before, (median, octaves), (0, days));
    let cents = median * multiple;
    let time = setup.day(days + 1);
    if decoy {
        // its own reserve, of which a coin was spent beside the address's before
        let (actor, kind) = (setup.actor, setup.script_kind());
        let reserve = setup.purse(actor, kind);
        let at = setup.economy.world.key(reserve, Role::Collector);
        let from = setup.dice.index(setup.economy.exchanges.len());
        let (first, tie) = (setup.day(days / 2), setup.day(days - 3));
        line.at(&mut setup, first, Act::Withdraw { exchange: from, to: at, cents: 3000 });
        line.at(&mut setup, first, Act::Withdraw { exchange: from, to: at, cents: cents + cents / 20 });
        line.at(&mut setup, tie, Act::Beside { from: purse, second: reserve, to: at });
        line.at(&mut setup, time, Act::Pay { from: reserve, to: key, cents });
    } else {
        let from = setup.dice.index(setup.economy.exchanges.len());
        line.at(&mut setup, time, Act::Withdraw { exchange: from, to: key, cents });
    }
    let out = if decoy { setup.economy.invoice() } else { cash };
    let later = time + out_hours as u32 * HOUR;
    line.at(&mut setup, later, Act::Part { from: purse, to: vec![out], permille: out_permille });
    let story = if decoy {
        "A relief organisation moves its own reserve to the address that it pays supplies from."
    } else {
        "An address of small gifts takes one that is far larger than all before it."
    };
    setup.told(story, &[key], "charity");
    setup.labelled(key, if decoy { Category::HumanitarianOrganisation } else { Category::TerroristFinancing });
    line.start(setup);
}

/// Row 14.
pub(super) fn spike(mut setup: Setup<'_>) {
    let decoy = setup.decoy;
    let wanted = |dated: &&Dated| decoy || dated.market_permille == 1000;
    let events: Vec<Dated> = setup.economy.dated.iter().filter(wanted).copied().collect();
    let event = setup.dice.pick(&events);
    // a look-alike at an event that moves the market is a merchant, otherwise a relief organisation
    let merchant = decoy && event.market_permille > 1000;
    let before_days = setup.draw("days_before", 70, 150);
    setup.start = event.time - before_days as u32 * DAY;
    let weekly = setup.draw("gifts_a_week", 1, 5);
    let factor = if merchant { event.market_permille } else { setup.draw("factor_permille", 700, 14_000) };
    let weekly = if merchant { weekly + 6 } else { weekly };
    let median = setup.dice.octaves(1500, 30_000);
    setup.drawn("median_usd_cents", median);
    let octaves = setup.draw("octaves", 1, 3) as u32;
    let Address { purse, key, cash } = address(&mut setup);
    let mut line = Timeline::new(&mut setup);
    let near = u64::from(Dated::DAYS);
    let money = (median, octaves);
    gifts(&mut setup, &mut line, key, before_days * weekly / 7, money, (0, before_days - near));
    let wave = weekly * 2 * factor / 1000;
    // an event is answered on its day and after it, rather than before
    gifts(&mut setup, &mut line, key, wave, money, (before_days - 1, before_days + near));
    gifts(&mut setup, &mut line, key, weekly * 4, money, (before_days + near, before_days + near + 28));
    for month in 1..=(before_days + 40) / 30 {
        let time = setup.day(month * 30 + 3);
        line.at(&mut setup, time, Act::All { from: purse, to: cash });
    }
    let story = match (decoy, merchant) {
        (false, _) => "An appeal to which gifts come in a wave after something happened.",
        (true, false) => "A relief organisation whose donors answer a disaster.",
        (true, true) => "A merchant who sells more in the weeks in which everybody pays more.",
    };
    setup.told(story, &[key], if merchant { "merchant" } else { "charity" });
    match (decoy, merchant) {
        (false, _) => setup.labelled(key, Category::TerroristFinancing),
        (true, false) => setup.labelled(key, Category::HumanitarianOrganisation),
        (true, true) => {}
    }
    line.start(setup);
}

/// Row 12, the bitcoin half.
pub(super) fn migration(mut setup: Setup<'_>) {
    let (seed, rank) = (setup.seed, setup.rank);
    let plan = crate::pair::Migration::draw(seed, rank, setup.decoy);
    setup.start = plan.start.0;
    let Address { purse, key, cash } = address(&mut setup);
    let mut line = Timeline::new(&mut setup);
    setup.drawn("migration", u64::from(rank));
    let money = (plan.median_cents, 2);
    let (first, moved) = (u64::from(plan.days_before), u64::from(plan.days_before + plan.days_after));
    gifts(&mut setup, &mut line, key, plan.coin_gifts.0.into(), money, (0, first));
    gifts(&mut setup, &mut line, key, plan.coin_gifts.1.into(), money, (first, moved));
    for month in 1..=moved / 30 + 1 {
        let time = setup.day(month * 30);
        line.at(&mut setup, time, Act::All { from: purse, to: cash });
    }
    let story = if setup.decoy {
        "A relief fund asks its donors to give dollars on another chain from now on."
    } else {
        "An appeal that leaves bitcoin for a dollar token on another chain."
    };
    setup.told(story, &[key], "charity");
    setup.economy.campaigns[setup.index].labels = plan.category.map(|category| (key, category)).into_iter().collect();
    setup.economy.campaigns[setup.index].label_text = Some(plan.label());
    line.start(setup);
}
