//! Layers that lead to a hub, and out of it to several groups (row 8). The look-alike is a broker at whom several appeals
//! happen to sell, and who pays many customers: an exchange, of which row 9 asks.

use super::{
    Setup,
    timeline::{Act, Timeline},
};
use crate::world::{ActorKind, DAY, HOUR, Role, Watch};
use athar_types::Category;

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, decoy) = (setup.actor, setup.index, setup.decoy);
    let sources = setup.draw("sources", 2, 6);
    let hops = setup.draw("hops", 1, 7);
    let leak = setup.draw("leak_permille", 0, 140);
    let groups = setup.draw("groups", 2, 6);
    let out_days = setup.draw("out_days", 1, 24);
    let median = setup.dice.octaves(4000, 40_000);
    setup.drawn("median_usd_cents", median);
    let kind = setup.script_kind();
    let hub = setup.purse(actor, kind);
    let hub_key = setup.economy.world.key(hub, Role::Collector);
    let watch = Watch::campaign(index);
    let mut line = Timeline::new(&mut setup);
    let mut published = Vec::new();
    let mut arrived = setup.start;
    for _ in 0..sources {
        let (owner, kind) = (setup.member(ActorKind::Campaign), setup.script_kind());
        let source = setup.purse(owner, kind);
        let address = setup.economy.world.key(source, Role::Donation);
        published.push(address);
        let days = setup.dice.range(10, 40);
        for _ in 0..setup.dice.range(3, 8) {
            let time = setup.start + setup.dice.below(days * u64::from(DAY)) as u32;
            let cents = setup.dice.bell(median, 2);
            line.at(&mut setup, time, Act::Give { to: address, cents });
        }
        let mut from = source;
        let mut time = setup.day(days + 2);
        for hop in 1..=hops {
            let (to, next) = if hop == hops {
                (hub_key, hub)
            } else {
                let owner = if setup.dice.chance(600) { owner } else { setup.member(ActorKind::Person) };
                let kind = setup.script_kind();
                let layer = setup.purse(owner, kind);
                (setup.economy.world.key(layer, Role::Layer), layer)
            };
            let act = if leak > 0 && hop > 1 {
                // somebody on the way takes a part
                let exchange = setup.dice.index(setup.economy.exchanges.len());
                let off = setup.economy.deposit_key(exchange, actor, watch);
                Act::Split { from, shares: vec![(off, leak), (to, 1000 - leak)] }
            } else {
                Act::All { from, to }
            };
            line.at(&mut setup, time, act);
            time += setup.dice.range(7, 40) as u32 * HOUR;
            from = next;
        }
        arrived = arrived.max(time);
    }
    for group in 0..groups {
        let time = arrived + (out_days * u64::from(DAY) * group / groups) as u32 + 2 * HOUR;
        let permille = 1000 / (groups - group);
        let act = if decoy {
            let user = setup.economy.someone();
            let to = setup.economy.address_of(user);
            Act::Part { from: hub, to: vec![to], permille }
        } else {
            let (owner, kind) = (setup.member(ActorKind::Campaign), setup.script_kind());
            let purse = setup.purse(owner, kind);
            let to = setup.economy.world.key(purse, Role::Receive);
            let exchange = setup.dice.index(setup.economy.exchanges.len());
            let cash = setup.economy.deposit_key(exchange, owner, watch);
            let later = time + setup.dice.range(1, 20) as u32 * DAY;
            line.at(&mut setup, later, Act::All { from: purse, to: cash });
            Act::Part { from: hub, to: vec![to], permille }
        };
        line.at(&mut setup, time, act);
    }
    let story = if decoy {
        "Several appeals sell at the same broker, who pays many others too."
    } else {
        "Several appeals pay, through layers, into one hub that shares out among groups."
    };
    published.push(hub_key);
    setup.told(story, &published, "exchange");
    for source in &published[..published.len() - 1] {
        setup.labelled(*source, Category::TerroristFinancing);
    }
    if decoy {
        setup.labelled(hub_key, Category::Exchange);
    }
    line.start(setup);
}
