//! Money that does not stay: passed through within the hour (row 18), drained from a new address (row 20), sprayed over several
//! exchanges (row 21).
//!
//! The look-alikes are a payment gateway, a firm that moves its treasury into a new wallet, and a payment processor that
//! sells at several exchanges.

use super::{
    Setup,
    timeline::{Act, Timeline},
};
use crate::world::{HOUR, Role, Watch};
use athar_types::Category;

/// Row 18.
pub(super) fn pass_through(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let count = setup.draw("passages", 2, 10);
    let days = setup.draw("days", 2, 60);
    let permille = setup.draw("onward_permille", 780, 1000);
    let quick = setup.draw("same_block_permille", 450, 1000);
    let cents = setup.dice.octaves(5000, 400_000);
    setup.drawn("median_usd_cents", cents);
    let one = setup.dice.chance(850);
    setup.drawn("one_address", u64::from(one));
    let (through, behind) = (setup.purse(actor, kind), setup.purse(actor, kind));
    let address = setup.economy.world.key(through, Role::Donation);
    let collector = setup.economy.world.key(behind, Role::Collector);
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let cash = setup.economy.deposit_key(exchange, actor, Watch::campaign(index));
    let mut line = Timeline::new(&mut setup);
    for _ in 0..count {
        let time = setup.day(0) + setup.dice.below(days * 86_400) as u32;
        let cents = setup.dice.bell(cents, 2);
        let to = if one { address } else { setup.economy.world.key(through, Role::Donation) };
        if setup.dice.chance(quick) {
            line.at(&mut setup, time, Act::PassOn { to, cents, from: through, onward: collector, permille });
        } else {
            line.at(&mut setup, time, Act::PayIn { to, cents });
            let later = time + setup.dice.range(8, 60) as u32 * HOUR;
            line.at(&mut setup, later, Act::Part { from: through, to: vec![collector], permille });
        }
    }
    let end = setup.day(days + 3);
    line.at(&mut setup, end, Act::All { from: behind, to: cash });
    let story = if decoy {
        "A payment gateway forwards what each customer pays to its merchant at once."
    } else {
        "An address through which payments go on within the hour."
    };
    setup.told(story, &[address], "payment processor");
    setup.labelled(address, if decoy { Category::PaymentProcessor } else { Category::TerroristFinancing });
    line.start(setup);
}

/// Row 20.
pub(super) fn drain(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let age_days = setup.draw("age_days", 0, 9);
    let cents = setup.dice.octaves(60_000, 8_000_000);
    setup.drawn("usd_cents", cents);
    let hours = setup.draw("drained_after_hours", 1, 36);
    let permille = if setup.dice.chance(800) { 1000 } else { setup.dice.range(600, 999) };
    setup.drawn("drained_permille", permille);
    let purse = setup.purse(actor, kind);
    let address = setup.economy.world.key(purse, Role::Start);
    let next = setup.purse(actor, kind);
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let cash = setup.economy.deposit_key(exchange, actor, Watch::campaign(index));
    let out = if decoy || setup.dice.chance(500) { setup.economy.world.key(next, Role::Layer) } else { cash };
    let start = setup.start;
    let from = setup.dice.index(setup.economy.exchanges.len());
    let mut line = Timeline::new(&mut setup);
    let mut time = start;
    if age_days > 0 {
        let test = setup.dice.range(1000, 6000);
        line.at(&mut setup, time, Act::Give { to: address, cents: test });
        time += age_days as u32 * 86_400;
    }
    line.at(&mut setup, time, Act::Withdraw { exchange: from, to: address, cents });
    // a withdrawal comes with the next block or the one after it; until then the drain waits
    let time = time + hours as u32 * HOUR;
    line.at(&mut setup, time, Act::Part { from: purse, to: vec![out], permille });
    if out != cash && !decoy {
        let time = time + setup.dice.range(10, 90) as u32 * HOUR;
        line.at(&mut setup, time, Act::All { from: next, to: cash });
    }
    let story = if decoy {
        "A firm tries a new wallet with a small sum, moves its treasury through it and on into its vault."
    } else {
        "A new address takes a large sum and is empty within a day or two."
    };
    setup.told(story, &[address], "treasury move");
    setup.labelled(address, if decoy { Category::Merchant } else { Category::TerroristFinancing });
    line.start(setup);
}

/// Row 21.
pub(super) fn spray(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let count = setup.draw("exchanges", 1, 5);
    let hours = setup.draw("hours", 1, 60);
    let cents = setup.dice.octaves(20_000, 2_000_000);
    setup.drawn("usd_cents", cents);
    let at_once = setup.dice.chance(350);
    setup.drawn("one_transaction", u64::from(at_once));
    let purse = setup.purse(actor, kind);
    let address = setup.economy.world.key(purse, Role::Donation);
    let mut exchanges: Vec<usize> = (0..setup.economy.exchanges.len()).collect();
    setup.dice.shuffle(&mut exchanges);
    let from = exchanges[exchanges.len() - 1];
    exchanges.truncate(count as usize);
    let watch = Watch::campaign(index);
    let keys: Vec<_> = exchanges.iter().map(|e| setup.economy.deposit_key(*e, actor, watch)).collect();
    let mut line = Timeline::new(&mut setup);
    let givers = if decoy { 8 } else { setup.dice.range(1, 6) };
    for _ in 0..givers {
        let time = setup.start + setup.dice.below(4 * 86_400) as u32;
        let act = if givers == 1 {
            Act::Withdraw { exchange: from, to: address, cents }
        } else {
            Act::Give { to: address, cents: (cents / givers).max(2000) }
        };
        line.at(&mut setup, time, act);
    }
    let time = setup.day(9);
    if at_once {
        let share = 1000 / keys.len() as u64;
        let mut shares: Vec<_> = keys.iter().map(|key| (*key, share)).collect();
        shares[0].1 += 1000 - share * keys.len() as u64;
        line.at(&mut setup, time, Act::Split { from: purse, shares });
    } else {
        for (rank, key) in (0..).zip(&keys) {
            // in order, so that each part is one of what the parts before it left
            let later = time + (hours as u32 * HOUR) / keys.len() as u32 * rank;
            let permille = 1000 / (keys.len() as u64 - u64::from(rank));
            line.at(&mut setup, later, Act::Part { from: purse, to: vec![*key], permille });
        }
    }
    let story = if decoy {
        "A payment processor sells a week's takings at several exchanges."
    } else {
        "What came in is spread over several exchanges."
    };
    setup.told(story, &[address], "payment processor");
    setup.labelled(address, if decoy { Category::PaymentProcessor } else { Category::TerroristFinancing });
    line.start(setup);
}
