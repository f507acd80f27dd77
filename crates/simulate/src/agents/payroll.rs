//! Employers: bitcoin is bought before the end of the month and paid to the same people in one transaction.

use super::{Economy, Event};
use crate::{
    blocks::Kind,
    world::{ActorKind, DAY, Habits, Pay, PurseId, Role},
};

/// An employer.
pub(crate) struct Employer {
    purse: PurseId,
    /// Users, with what each earns a month in US cents.
    staff: Vec<(usize, u64)>,
}

impl Economy {
    /// Sets employers up; their first month is the economy's first.
    pub(super) fn hire(&mut self, txs: u32) {
        let opening = self.world.clock.schedule.opening;
        for index in 0..(2 + txs as usize / 100_000).min(60) {
            let actor = self.world.actor(ActorKind::Employer, format!("Employer {}", index + 1), "");
            let purse = self.world.purse(actor, Kind::P2wpkh, Habits::SERVICE);
            let count = self.world.dice.range(6, 24);
            let staff = (0..count).map(|_| (self.someone(), self.world.dice.bell(120_000, 3))).collect();
            self.employers.push(Employer { purse, staff });
            let day = self.world.dice.range(22, 26) as u32;
            self.agenda.at(opening + day * DAY, Event::FundWages { employer: index });
        }
    }

    pub(super) fn fund_wages(&mut self, employer: usize) {
        let now = self.world.clock.time;
        let purse = self.employers[employer].purse;
        let cents: u64 = self.employers[employer].staff.iter().map(|(_, wage)| wage).sum();
        let scale = self.exchange_share().min(400);
        let value = self.world.sats(cents * scale / 400 * 105 / 100);
        let to = self.world.key(purse, Role::Receive);
        let exchange = employer % self.exchanges.len();
        if self.withdraw(exchange, to, value) {
            self.agenda.at(now + 2 * DAY, Event::PayWages { employer, tries: 20 });
        }
        self.agenda.at(now + 30 * DAY, Event::FundWages { employer });
    }

    pub(super) fn pay_wages(&mut self, employer: usize, tries: u8) {
        let Employer { purse, staff } = &self.employers[employer];
        let (purse, staff) = (*purse, staff.clone());
        let balance = self.world[purse].balance();
        let all: u64 = staff.iter().map(|(_, wage)| wage).sum();
        let spare = self.world.fee_of(Kind::P2pkh, 6, staff.len() as u64 + 2);
        let spent = balance.saturating_sub(spare).min(self.world.sats(all));
        let mut pays = Vec::with_capacity(staff.len());
        for (user, wage) in staff {
            let value = (u128::from(spent) * u128::from(wage) / u128::from(all)) as u64;
            if value > 3000 {
                pays.push(Pay { to: self.address_of(user), value });
            }
        }
        let paid = !pays.is_empty() && self.world.pay(purse, &pays).is_some();
        if !paid && tries > 0 {
            self.agenda.at(self.world.clock.time + 1, Event::PayWages { employer, tries: tries - 1 });
        }
    }
}
