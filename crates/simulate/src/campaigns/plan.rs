//! Which campaigns a world of a given size and seed has.

use super::{
    CampaignKind, Setup, collect, enter, facilitator, hub, purchase, quick, structuring, surge, trail, voucher,
};
use crate::{CampaignSet, agents::Economy};

/// The kinds of the usual worlds, the appeal apart.
const USUAL: [CampaignKind; 8] = [
    CampaignKind::StaticDonation,
    CampaignKind::Rotation,
    CampaignKind::FreshPerDonor,
    CampaignKind::ManyToOneExit,
    CampaignKind::Facilitator,
    CampaignKind::Voucher,
    CampaignKind::PeelChain,
    CampaignKind::Purchase,
];

/// The kinds that only the other worlds have.
const FURTHER: [CampaignKind; 8] = [
    CampaignKind::Hub,
    CampaignKind::Migration,
    CampaignKind::SuddenDonation,
    CampaignKind::EventSpike,
    CampaignKind::PassThrough,
    CampaignKind::Structuring,
    CampaignKind::Drain,
    CampaignKind::Spray,
];

/// Kinds of which few meet their definition: where campaigns are rare, these are planned more often, so that there are enough to
/// be found.
const AGAIN: [CampaignKind; 8] = [
    CampaignKind::StaticDonation,
    CampaignKind::Purchase,
    CampaignKind::Rotation,
    CampaignKind::Purchase,
    CampaignKind::ManyToOneExit,
    CampaignKind::StaticDonation,
    CampaignKind::Purchase,
    CampaignKind::SuddenDonation,
];

/// Plans every campaign and look-alike.
pub(crate) fn plan(economy: &mut Economy, seed: u64, txs: u32, set: CampaignSet) {
    let mut numbers = Numbers { seed, campaign: 0, decoy: 0 };
    match set {
        CampaignSet::Usual => usual(economy, &mut numbers, txs),
        CampaignSet::All => {
            usual(economy, &mut numbers, txs);
            by_size(economy, &mut numbers, txs, &FURTHER);
        }
        CampaignSet::Rare => rare(economy, &mut numbers, txs),
    }
}

/// Gives campaigns their names.
struct Numbers {
    seed: u64,
    campaign: u32,
    decoy: u32,
}

impl Numbers {
    fn next(&mut self, innocent: bool) -> String {
        if innocent {
            self.decoy += 1;
            format!("decoy-{}", self.decoy)
        } else {
            self.campaign += 1;
            format!("campaign-{}", self.campaign)
        }
    }
}

fn usual(economy: &mut Economy, numbers: &mut Numbers, txs: u32) {
    let id = numbers.next(false);
    collect::appeal(enter(economy, numbers.seed, id, CampaignKind::Appeal, false, 240));
    by_size(economy, numbers, txs, &USUAL);
}

/// Larger worlds have more, but far from in proportion: needles, not hay.
fn by_size(economy: &mut Economy, numbers: &mut Numbers, txs: u32, kinds: &[CampaignKind]) {
    let doublings = (txs / 20_000).checked_ilog2().unwrap_or(0);
    let (real, decoys) = (2 + doublings / 2, 1 + doublings / 3);
    for kind in kinds {
        // a facilitator is a hundred payments a month: one of them is enough for a small world
        let real = if *kind == CampaignKind::Facilitator { 1 + doublings / 3 } else { real };
        for copy in 0..real + decoys {
            one(economy, numbers, *kind, copy >= real);
        }
    }
}

/// By turns, one of each kind with its look-alike, as long as there is room for another of the kind. Which kind comes first moves
/// on with the seed, so that consecutive seeds have about as many of each.
fn rare(economy: &mut Economy, numbers: &mut Numbers, txs: u32) {
    let kinds: Vec<CampaignKind> = USUAL.into_iter().chain(FURTHER).chain(AGAIN).collect();
    let mut room = u64::from(txs) * ADDRESSES_A_1000_TXS / 1000 / u64::from(CampaignSet::RARE_ONE_IN);
    let shift = numbers.seed as usize % kinds.len() * 7 % kinds.len();
    let mut skipped = 0;
    let mut at = 0;
    while skipped < kinds.len() {
        let kind = kinds[(shift + at) % kinds.len()];
        at += 1;
        let cost = kind.addresses();
        // one facilitator would take the place of ten others in a world that has room for no more
        if cost > room || (kind == CampaignKind::Facilitator && cost * 3 / 2 > room) {
            skipped += 1;
            continue;
        }
        skipped = 0;
        room -= cost;
        one(economy, numbers, kind, false);
        one(economy, numbers, kind, true);
    }
}

/// Addresses that a world has for a thousand transactions, cautiously: measured are 1,548 to 1,551 in worlds of a million.
const ADDRESSES_A_1000_TXS: u64 = 1450;

fn one(economy: &mut Economy, numbers: &mut Numbers, kind: CampaignKind, innocent: bool) {
    let id = numbers.next(innocent);
    let setup: Setup<'_> = enter(economy, numbers.seed, id, kind, innocent, 200);
    match kind {
        CampaignKind::Appeal
        | CampaignKind::StaticDonation
        | CampaignKind::Rotation
        | CampaignKind::FreshPerDonor
        | CampaignKind::ManyToOneExit => collect::plan(setup),
        CampaignKind::Facilitator => facilitator::plan(setup),
        CampaignKind::Voucher => voucher::plan(setup),
        CampaignKind::PeelChain => trail::plan(setup),
        CampaignKind::Purchase => purchase::plan(setup),
        CampaignKind::Hub => hub::plan(setup),
        CampaignKind::Migration => surge::migration(setup),
        CampaignKind::SuddenDonation => surge::sudden(setup),
        CampaignKind::EventSpike => surge::spike(setup),
        CampaignKind::PassThrough => quick::pass_through(setup),
        CampaignKind::Structuring => structuring::plan(setup),
        CampaignKind::Drain => quick::drain(setup),
        CampaignKind::Spray => quick::spray(setup),
    }
}
