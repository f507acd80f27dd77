//! Which campaigns a world of a given size and seed has.

use super::{CampaignKind, collect, enter, facilitator, purchase, trail, voucher};
use crate::agents::Economy;

/// Plans every campaign and look-alike. Larger worlds have more, but far from in proportion: needles, not hay.
pub(crate) fn plan(economy: &mut Economy, seed: u64, txs: u32) {
    let doublings = (txs / 20_000).checked_ilog2().unwrap_or(0);
    let (real, decoys) = (2 + doublings / 2, 1 + doublings / 3);
    collect::appeal(enter(economy, seed, "campaign-1".to_owned(), CampaignKind::Appeal, false, 240));
    let (mut campaign, mut decoy) = (1, 0);
    for kind in [
        CampaignKind::StaticDonation,
        CampaignKind::Rotation,
        CampaignKind::FreshPerDonor,
        CampaignKind::ManyToOneExit,
        CampaignKind::Facilitator,
        CampaignKind::Voucher,
        CampaignKind::PeelChain,
        CampaignKind::Purchase,
    ] {
        // a facilitator is a hundred payments a month: one of them is enough for a small world
        let real = if kind == CampaignKind::Facilitator { 1 + doublings / 3 } else { real };
        for copy in 0..real + decoys {
            let innocent = copy >= real;
            let id = if innocent {
                decoy += 1;
                format!("decoy-{decoy}")
            } else {
                campaign += 1;
                format!("campaign-{campaign}")
            };
            let setup = enter(economy, seed, id, kind, innocent, 200);
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
            }
        }
    }
}
