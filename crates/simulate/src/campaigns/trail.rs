//! A peel chain on its own (row 17). The look-alike is a payout desk that pays customers out of one coin.

use super::Setup;
use crate::{
    agents::{Peel, PeelTo},
    world::{HOUR, Role, Watch},
};

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let hops = setup.draw("hops", 2, 14) as u8;
    let least = setup.draw("keep_permille_min", 560, 930);
    let most = setup.draw("keep_permille_max", least, 965);
    let hours = setup.draw("hours_max", 2, 50);
    let cents = setup.dice.octaves(100_000, 3_000_000);
    setup.drawn("usd_cents", cents);
    let purse = setup.purse(actor, kind);
    let first = setup.economy.world.key(purse, Role::Start);
    let from = setup.dice.index(setup.economy.exchanges.len());
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let watch = Watch::campaign(index);
    let exit = setup.economy.deposit_key(exchange, actor, watch);
    let to = match (decoy, setup.dice.below(3)) {
        (true, _) | (_, 0) => PeelTo::People,
        (_, 1) => PeelTo::Deposit { exchange, customer: actor, watch },
        _ => PeelTo::Both { exchange, customer: actor, watch },
    };
    setup.economy.campaigns[index].story = if decoy {
        "A payout desk pays one customer after the other out of one coin.".into()
    } else {
        "A large sum is peeled off piece by piece on its way to an exchange.".into()
    };
    setup.economy.campaigns[index].published = vec![first];
    let start = setup.start;
    let script = Fund { from, first, cents };
    setup.economy.scripts[index] = Some(Box::new(script));
    setup.economy.agenda.at(start, crate::agents::Event::Campaign { index, step: 0 });
    let peel = Peel { purse, hops, keep: (least, most), hours: (1, hours), to, exit };
    setup.economy.start_peel(start + 2 * HOUR, peel);
}

/// Brings the coin.
struct Fund {
    from: usize,
    first: crate::world::KeyId,
    cents: u64,
}

impl super::Script for Fund {
    fn step(&mut self, economy: &mut crate::agents::Economy, _step: u32) {
        let most = economy.exchanges[self.from].free(&economy.world) / 20;
        let value = economy.world.sats(self.cents).min(most);
        economy.withdraw(self.from, self.first, value);
    }
}
