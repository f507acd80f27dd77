//! Sums kept just below what has to be reported (row 19): several payments from one wallet to an exchange, or several receipts.
//! The look-alike pays freelancers, each a wage that happens to lie there.

use super::{
    Setup,
    timeline::{Act, Timeline},
};
use crate::{
    agents::USD_CENTS_PER_EURO,
    world::{HOUR, Role, Watch},
};
use athar_types::Category;

/// Thresholds of several jurisdictions, in US cents: EUR 1,000, USD 3,000, USD 10,000 and EUR 10,000.
pub(crate) const THRESHOLDS: [u64; 4] = [1000 * USD_CENTS_PER_EURO, 300_000, 1_000_000, 10_000 * USD_CENTS_PER_EURO];

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let threshold = setup.dice.pick(&THRESHOLDS);
    setup.drawn("threshold_usd_cents", threshold);
    let count = setup.draw("payments", 2, 9);
    let least = setup.draw("share_permille_min", 700, 960);
    let most = setup.draw("share_permille_max", least, 1020);
    let hours = setup.draw("hours", 2, 40);
    let in_not_out = !decoy && setup.dice.chance(500);
    setup.drawn("receipts_not_payments", u64::from(in_not_out));
    let purse = setup.purse(actor, kind);
    let address = setup.economy.world.key(purse, Role::Start);
    let from = setup.dice.index(setup.economy.exchanges.len());
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let watch = Watch::campaign(index);
    let one_account = setup.dice.chance(600);
    let cash = setup.economy.deposit_key(exchange, actor, watch);
    let amounts: Vec<u64> = (0..count).map(|_| threshold / 1000 * setup.dice.range(least, most)).collect();
    let mut line = Timeline::new(&mut setup);
    let times: Vec<u32> = (0..count).map(|_| setup.dice.below(hours * u64::from(HOUR)) as u32).collect();
    if in_not_out {
        for (cents, time) in amounts.iter().zip(&times) {
            let time = setup.start + time;
            line.at(&mut setup, time, Act::Withdraw { exchange: from, to: address, cents: *cents });
        }
        let end = setup.day(5);
        line.at(&mut setup, end, Act::All { from: purse, to: cash });
    } else {
        // in several sums above what is paid: the payments are what is kept small
        let all: u64 = amounts.iter().sum::<u64>() * 108 / 100;
        let start = setup.start;
        line.at(&mut setup, start, Act::Withdraw { exchange: from, to: address, cents: all });
        for (cents, time) in amounts.iter().zip(&times) {
            let time = setup.day(2) + time;
            let act = if decoy {
                Act::PaySomebody { from: purse, cents: *cents }
            } else {
                let to = if one_account { cash } else { setup.economy.deposit_key(exchange, actor, watch) };
                Act::Pay { from: purse, to, cents: *cents }
            };
            line.at(&mut setup, time, act);
        }
    }
    let story = if decoy {
        "A firm pays its freelancers in a day, each just below what it would have to report."
    } else {
        "Sums that each stay below what has to be reported."
    };
    setup.told(story, &[address], "payroll");
    if !decoy {
        setup.labelled(address, Category::TerroristFinancing);
    }
    line.start(setup);
}
