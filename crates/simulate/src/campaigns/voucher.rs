//! A voucher network: coupons bought for cash at several counters, redeemed for one beneficiary, sold elsewhere
//! (row 10). The look-alike is a reseller of gift cards.

use super::{Redemption, Script, Setup};
use crate::{
    agents::{Economy, Event, Exchange},
    dice::Dice,
    world::{ActorKind, HOUR, KeyId, PurseId, Role, Watch},
};

struct Voucher {
    index: usize,
    dice: Dice,
    /// What coupons are worth, in euro cents.
    faces: Vec<u64>,
    points: u64,
    /// Wallets of those who redeem; empty where coupons are redeemed straight to the beneficiary.
    buyers: Vec<PurseId>,
    beneficiary: PurseId,
    /// The beneficiary's address; a fresh one each time where it has none.
    address: Option<KeyId>,
    onward_hours: u64,
    cash: KeyId,
}

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, decoy, kind) = (setup.actor, setup.index, setup.decoy, setup.script_kind());
    let count = setup.draw("redemptions", 3, 26);
    let days = setup.draw("days", 6, 60);
    let points = setup.draw("points_of_sale", 1, 7);
    let face_max = setup.dice.pick(&[50, 100, 150, 150, 250]);
    setup.drawn("face_eur_max", face_max);
    let faces =
        [10, 15, 20, 25, 50, 75, 100, 150, 200, 250].iter().filter(|f| **f <= face_max).map(|f| f * 100).collect();
    let onward_hours = setup.draw("onward_hours_max", 2, 60);
    let beneficiary = setup.purse(actor, kind);
    let through_buyers = !decoy && setup.dice.chance(450);
    let mut buyers = Vec::new();
    if through_buyers {
        for _ in 0..points {
            let buyer = setup.member(ActorKind::Person);
            let kind = setup.script_kind();
            buyers.push(setup.purse(buyer, kind));
        }
    }
    let role = if through_buyers { Role::Collector } else { Role::Redemption };
    let address = setup.dice.chance(600).then(|| setup.economy.world.key(beneficiary, role));
    let exchange = match (decoy, setup.dice.chance(700)) {
        (false, true) => Exchange::OFF_RAMP,
        (false, false) => setup.dice.index(setup.economy.exchanges.len()),
        (true, _) => 1,
    };
    setup.drawn("exchange", exchange as u64);
    let cash = setup.economy.deposit_key(exchange, actor, Watch::campaign(index));
    for _ in 0..count {
        let time = setup.day(0) + setup.dice.below(days * 86_400) as u32;
        setup.economy.agenda.at(time, Event::Campaign { index, step: 0 });
    }
    let campaign = &mut setup.economy.campaigns[index];
    campaign.story = if decoy {
        "A reseller redeems customers' gift cards and sells the bitcoin.".into()
    } else {
        "Coupons bought for cash at several counters are redeemed for one beneficiary and sold abroad.".into()
    };
    campaign.published = address.into_iter().collect();
    let dice = Dice::new(setup.dice.any(), "voucher");
    let script = Voucher { index, dice, faces, points, buyers, beneficiary, address, onward_hours, cash };
    setup.economy.scripts[index] = Some(Box::new(script));
}

impl Script for Voucher {
    fn step(&mut self, economy: &mut Economy, _step: u32) {
        let euro_cents = self.dice.pick(&self.faces);
        let point_of_sale = self.dice.below(self.points) as u32;
        let mut time = economy.world.clock.time + self.dice.range(1, self.onward_hours) as u32 * HOUR;
        let collect = |economy: &mut Economy, role| match self.address {
            Some(key) => key,
            None => economy.world.key(self.beneficiary, role),
        };
        let key = if let Some(buyer) = self.buyers.get(point_of_sale as usize).copied() {
            let to = collect(economy, Role::Collector);
            economy.agenda.at(time, Event::SendAll { from: buyer, to, tries: 20 });
            time += self.dice.range(1, self.onward_hours) as u32 * HOUR;
            economy.world.key(buyer, Role::Redemption)
        } else {
            collect(economy, Role::Redemption)
        };
        economy.redeem(key, euro_cents);
        economy.campaigns[self.index].redemptions.push(Redemption { key, euro_cents, point_of_sale });
        economy.agenda.at(time, Event::SendAll { from: self.beneficiary, to: self.cash, tries: 20 });
    }
}
