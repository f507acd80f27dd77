//! A first purchase at a dark market, straight from an exchange (row 23). The look-alike buys hardware from a shop.

use super::{Script, Setup};
use crate::{
    agents::{Economy, Event},
    dice::Dice,
    world::{ActorId, HOUR, KeyId, Pay, PurseId, Role, Watch},
};

struct Purchase {
    index: usize,
    dice: Dice,
    actor: ActorId,
    decoy: bool,
    exchange: usize,
    purse: PurseId,
    first: KeyId,
    cents: u64,
    hold_hours: u64,
}

const BUY: u32 = 0;
/// Later steps count the blocks that the coin is waited for.
const TRIES: u32 = 30;

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let cents = setup.dice.octaves(2000, 800_000);
    setup.drawn("usd_cents", cents);
    let hold_hours = setup.draw("hold_hours", 1, 120);
    let exchange = setup.dice.index(setup.economy.exchanges.len());
    let purse = setup.purse(actor, kind);
    let first = setup.economy.world.key(purse, Role::Start);
    setup.economy.campaigns[index].story = if decoy {
        "Somebody buys bitcoin for the first time and pays a shop with it.".into()
    } else {
        "Somebody without a history buys bitcoin and spends it at a dark market.".into()
    };
    setup.economy.campaigns[index].published = vec![first];
    let start = setup.start;
    let dice = Dice::new(setup.dice.any(), "purchase");
    let script = Purchase { index, dice, actor, decoy, exchange, purse, first, cents, hold_hours };
    setup.economy.scripts[index] = Some(Box::new(script));
    setup.economy.agenda.at(start, Event::Campaign { index, step: BUY });
}

impl Script for Purchase {
    fn step(&mut self, economy: &mut Economy, step: u32) {
        let now = economy.world.clock.time;
        if step == BUY {
            let value = economy.world.sats(self.cents).max(20_000);
            economy.withdraw(self.exchange, self.first, value);
            let time = now + self.hold_hours as u32 * HOUR;
            economy.agenda.at(time, Event::Campaign { index: self.index, step: 1 });
            return;
        }
        let balance = economy.world[self.purse].balance();
        if balance == 0 {
            if step < TRIES {
                economy.agenda.at(now + 1, Event::Campaign { index: self.index, step: step + 1 });
            }
            return;
        }
        let to =
            if self.decoy { economy.invoice() } else { economy.market_order(self.actor, Watch::campaign(self.index)) };
        // the price leaves some change, or none where all was meant for it
        let value = balance / 100 * self.dice.range(70, 97);
        if economy.world.pay(self.purse, &[Pay { to, value }]).is_none() {
            economy.world.sweep(self.purse, 10, to);
        }
    }
}
