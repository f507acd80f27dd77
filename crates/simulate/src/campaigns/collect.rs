//! What collecting campaigns (rows 4 to 7) and their look-alikes are drawn from: the demo's appeal, and the others.

use super::{
    CampaignKind, Setup,
    donation::{Donation, Exit, Phase},
};
use crate::{agents::Exchange, dice::Dice, world::Role};

/// The campaign of the demo. Its ranges are narrow: it must be the story that the README tells.
pub(super) fn appeal(mut setup: Setup<'_>) {
    let kind = setup.script_kind();
    let actor = setup.actor;
    let first = setup.purse(actor, kind);
    let rails = [first, first, setup.purse(actor, kind), setup.purse(actor, kind), setup.purse(actor, kind)];
    let mut phases = Vec::new();
    let mut day = 0;
    for (i, (name, days, donors)) in [
        ("donors_1", 90, (52, 64)),
        ("donors_2", 26, (12, 16)),
        ("donors_3", 22, (10, 14)),
        ("donors_4", 20, (9, 12)),
        ("donors_5", 24, (12, 16)),
    ]
    .into_iter()
    .enumerate()
    {
        let address = (i < 4).then(|| setup.economy.world.key(rails[i], Role::Donation));
        let donors = setup.draw(name, donors.0, donors.1);
        phases.push(Phase { opens: setup.day(day), closes: setup.day(day + days), donors, address, rail: rails[i] });
        // donations on their way to the old address arrive before the first to the new one
        day += days + 3;
    }
    let (collector, layer, peel) = (setup.purse(actor, kind), setup.purse(actor, kind), setup.purse(actor, kind));
    let median_cents = setup.draw("median_usd_cents", 4500, 8000);
    let hops = setup.draw("peel_hops", 6, 8) as u8;
    let story = "An appeal publishes one donation address, changes it three times and \
        then shows each donor a fresh one; what comes in is collected, and cashed out at an exchange, directly and along \
        a peel chain.";
    story.clone_into(&mut setup.economy.campaigns[setup.index].story);
    let collector_keys = vec![setup.economy.world.key(collector, Role::Collector)];
    let donation = Donation {
        index: setup.index,
        dice: Dice::new(setup.dice.any(), "appeal"),
        actor,
        phases,
        role: Role::Donation,
        prices: Vec::new(),
        median_cents,
        octaves: 3,
        direct: 500,
        single: 380,
        repeat: 0,
        last_fresh: None,
        before: Vec::new(),
        collector,
        collector_keys,
        collected: 0,
        layers: vec![layer],
        exit: Exit::CashOut,
        exit_exchange: Exchange::OFF_RAMP,
        exit_key: None,
        exit_hours: (20, 70),
        peel: Some((peel, hops, (860, 920))),
        peel_share: 450,
        exits: 0,
        steady: true,
    };
    donation.start(setup, 20);
}

/// A campaign, or look-alike, of rows 4 to 7, with everything drawn.
pub(super) fn plan(mut setup: Setup<'_>) {
    let (kind, campaign, decoy, actor) = (setup.script_kind(), setup.kind, setup.decoy, setup.actor);
    let role = if decoy && campaign != CampaignKind::StaticDonation { Role::Sale } else { Role::Donation };
    let mut phases = Vec::new();
    match campaign {
        CampaignKind::Rotation => {
            let count = setup.draw("addresses", 2, 6);
            let gap = setup.draw("gap_days_max", 0, 14);
            let mut day = 0;
            for _ in 0..count {
                let days = setup.dice.range(8, 30);
                let donors = setup.dice.range(4, 14);
                let rail = setup.purse(actor, kind);
                let address = Some(setup.economy.world.key(rail, role));
                phases.push(Phase { opens: setup.day(day), closes: setup.day(day + days), donors, address, rail });
                day += days + setup.dice.range(0, gap);
            }
        }
        CampaignKind::FreshPerDonor => {
            let (days, donors) = (setup.draw("days", 10, 90), setup.draw("donors", 4, 40));
            let rail = setup.purse(actor, kind);
            phases.push(Phase { opens: setup.day(0), closes: setup.day(days), donors, address: None, rail });
        }
        _ => {
            let many = campaign == CampaignKind::ManyToOneExit;
            let days = if many { setup.draw("days", 6, 40) } else { setup.draw("days", 5, 120) };
            let donors = if many { setup.draw("donors", 6, 45) } else { setup.draw("donors", 4, 60) };
            let rail = setup.purse(actor, kind);
            let address = Some(setup.economy.world.key(rail, role));
            phases.push(Phase { opens: setup.day(0), closes: setup.day(days), donors, address, rail });
        }
    }
    let (collector, layer) = (setup.purse(actor, kind), setup.purse(actor, kind));
    let hops_before = if campaign == CampaignKind::Rotation { setup.draw("hops_to_sink", 0, 3) } else { 0 };
    let before = (0..hops_before).map(|_| setup.purse(actor, kind)).collect();
    let collectors = if campaign == CampaignKind::StaticDonation { setup.draw("collectors", 1, 5) } else { 1 };
    let collector_keys = (0..collectors).map(|_| setup.economy.world.key(collector, Role::Collector)).collect();
    let collect_days = match campaign {
        CampaignKind::ManyToOneExit => setup.draw("collect_days", 1, 12),
        _ => setup.draw("collect_days", 5, 30),
    };
    let shop = decoy && matches!(campaign, CampaignKind::FreshPerDonor | CampaignKind::ManyToOneExit);
    let prices =
        if shop { vec![1900, 2900, 4900, 9900][..setup.dice.range(2, 4) as usize].to_vec() } else { Vec::new() };
    let direct = setup.draw("direct_permille", 200, 650);
    let single = setup.draw("single_use_permille", 150, (1000 - direct).min(550));
    let repeat = if setup.dice.chance(300) { setup.draw("repeat_permille", 50, 400) } else { 0 };
    let median_cents = setup.dice.octaves(2000, 90_000);
    setup.drawn("median_usd_cents", median_cents);
    let octaves = setup.draw("octaves", 1, 5) as u32;
    let peels = !decoy && setup.dice.chance(350);
    let peel = peels.then(|| (setup.purse(actor, kind), setup.dice.range(3, 9) as u8, (800, 930)));
    let exit_exchange = setup.dice.index(setup.economy.exchanges.len());
    let story = match (campaign, decoy) {
        (CampaignKind::StaticDonation, false) => "A donation address that never changes.",
        (CampaignKind::StaticDonation, true) => "A relief organisation's published address, spent on supplies.",
        (CampaignKind::Rotation, false) => "Donation addresses that follow each other.",
        (CampaignKind::Rotation, true) => "A software project that changes its address with each release.",
        (CampaignKind::FreshPerDonor, false) => "A fresh donation address for every donor.",
        (CampaignKind::FreshPerDonor, true) => "A shop with a fresh address for every order and fixed prices.",
        (_, false) => "Many donors in a short time, cashed out at once.",
        (_, true) => "A ticket sale with a few prices, cashed out at once.",
    };
    story.clone_into(&mut setup.economy.campaigns[setup.index].story);
    let donation = Donation {
        index: setup.index,
        dice: Dice::new(setup.dice.any(), "donation"),
        actor,
        phases,
        role,
        prices,
        median_cents,
        octaves,
        direct,
        single,
        repeat,
        last_fresh: None,
        before,
        collector,
        collector_keys,
        collected: 0,
        layers: if setup.dice.chance(500) { vec![layer] } else { Vec::new() },
        exit: if decoy && campaign == CampaignKind::StaticDonation { Exit::Supplies } else { Exit::CashOut },
        exit_exchange,
        exit_key: None,
        exit_hours: (2, setup.dice.range(6, 120)),
        peel,
        peel_share: 500,
        exits: 0,
        steady: false,
    };
    donation.start(setup, collect_days);
}
