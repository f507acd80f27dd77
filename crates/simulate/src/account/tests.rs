use super::*;
use athar_types::Chain;
use athar_types::account::{AssetKey, EventKind, TransferKind, U256};
use std::collections::{BTreeMap, BTreeSet};

fn of(chain: Chain, seed: u64, transfers: usize) -> AccountWorld {
    world(seed, &AccountWorldSettings::new(AccountParams::of(chain).unwrap(), transfers))
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_one_others() {
    for chain in [Chain::Ethereum, Chain::Tron] {
        assert_eq!(of(chain, 1, 5_000), of(chain, 1, 5_000));
        assert_ne!(of(chain, 1, 5_000).blocks, of(chain, 2, 5_000).blocks);
    }
}

#[test]
fn balances_never_go_below_zero_and_rows_stand_in_order() {
    for chain in [Chain::Ethereum, Chain::Tron] {
        let world = of(chain, 3, 20_000);
        let known: BTreeSet<_> = world.truth.accounts.iter().map(|a| a.account).collect();
        let mut balances: BTreeMap<(AccountBytes, AssetKey), U256> = BTreeMap::new();
        let (mut parent, mut transfers) = ([0; 32], 0);
        for (number, block) in world.blocks.iter().enumerate() {
            assert_eq!((block.number as usize, block.parent), (number, parent));
            parent = block.hash;
            let mut last = 0;
            for t in &block.transfers {
                transfers += 1;
                if let Some(tx) = t.tx {
                    assert!(tx >= last && (tx as usize) < block.txs.len());
                    last = tx;
                }
                if let Some(from) = t.from {
                    assert!(known.contains(&from));
                    let held = balances.entry((from, t.asset)).or_default();
                    *held = held.checked_sub(t.amount).expect("a balance below zero");
                }
                if let Some(to) = t.to {
                    assert!(known.contains(&to));
                    *balances.entry((to, t.asset)).or_default() += t.amount;
                }
            }
        }
        assert!(transfers >= 20_000);
    }
}

#[test]
fn everything_that_the_world_promises_happens() {
    for chain in [Chain::Ethereum, Chain::Tron] {
        let world = of(chain, 4, 60_000);
        let rows = || world.blocks.iter().flat_map(|b| &b.transfers);
        assert!(rows().any(|t| t.kind == TransferKind::Token && t.amount.is_zero()), "poisoning");
        assert!(rows().any(|t| t.kind == TransferKind::Mint));
        let events = || world.blocks.iter().flat_map(|b| &b.events);
        assert!(events().any(|e| matches!(e.kind, EventKind::Swap { .. })));
        assert_eq!(events().any(|e| matches!(e.kind, EventKind::Delegate { .. })), chain == Chain::Tron);
        let roles: BTreeSet<AccountRole> = world.truth.accounts.iter().map(|a| a.role).collect();
        assert!(roles.contains(&AccountRole::Deposit) && roles.contains(&AccountRole::LookAlike));
        assert_eq!(roles.contains(&AccountRole::DepositContract), chain == Chain::Ethereum);
        let kinds: BTreeSet<AccountActor> = world.truth.actors.iter().copied().collect();
        assert_eq!(kinds.len(), 14, "{kinds:?}");
    }
}

fn paired(chain: Chain, seed: u64) -> AccountWorld {
    let is_first = chain == Chain::Ethereum;
    let far = AccountParams::of(if is_first { Chain::Tron } else { Chain::Ethereum }).unwrap();
    let story = AccountStory { days: 260, remittances: 8, migrations: [3, 2], hops: 30, is_first, far };
    let settings = AccountWorldSettings::paired(AccountParams::of(chain).unwrap(), 300, story);
    world(seed, &AccountWorldSettings { block_secs: 1_800, acts: 2, ..settings })
}

#[test]
fn a_story_has_campaigns_within_and_outside_their_definition_with_look_alikes() {
    let world = paired(Chain::Tron, 5);
    let of = |row: u32| world.truth.campaigns.iter().filter(move |c| c.row == row);
    assert_eq!((of(11).count(), of(12).count()), (12, 5));
    assert!(of(11).any(|c| c.look_alike.is_none() && c.meets_definition));
    assert!(of(11).any(|c| c.look_alike.is_none() && !c.meets_definition));
    let kinds: BTreeSet<_> = of(11).filter_map(|c| c.look_alike).collect();
    assert_eq!(kinds, BTreeSet::from(["OTC desk", "payroll"]));
    for campaign in &world.truth.campaigns {
        assert!(!campaign.gifts.is_empty(), "{}", campaign.id);
        assert!(!campaign.accounts.is_empty() && !campaign.txs.is_empty(), "{}", campaign.id);
    }
    let known: BTreeSet<_> = world.truth.accounts.iter().map(|a| a.account).collect();
    assert!(world.labels.iter().all(|l| known.contains(&l.account)));
    assert!(world.labels.iter().any(|l| l.category.name() == "terrorist_financing"));
    assert_eq!(world.labels_csv().lines().count(), world.labels.len() + 1);
    assert_eq!(world.params.form.text(&world.dollar), "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t");
    assert!(world.blocks.last().unwrap().time.0 >= PAIR_START.0 + 259 * 86_400);
}

#[test]
fn both_worlds_play_their_side_of_every_passage() {
    let worlds = [paired(Chain::Ethereum, 6), paired(Chain::Tron, 6)];
    let hops = crate::pair::Hop::all(6, 30, PAIR_START, 260);
    let sides = worlds.each_ref().map(|world| {
        let events = world.blocks.iter().flat_map(|b| b.events.iter().map(move |e| (b, e)));
        let bridge = events.filter_map(|(block, event)| match event.kind {
            EventKind::Bridge(bridge) => Some((block.txs[event.tx as usize].hash, (block.time, bridge))),
            _ => None,
        });
        let found: BTreeMap<[u8; 32], _> = bridge.collect();
        let truth: BTreeMap<u32, [u8; 32]> = world.truth.hops.iter().copied().collect();
        assert_eq!(truth.len(), hops.len());
        assert_eq!(found.len(), hops.len());
        (found, truth)
    });
    for hop in &hops {
        let [first, second] = sides.each_ref().map(|(found, truth)| found[&truth[&hop.rank]]);
        let (out, into) = if hop.from_first { (first, second) } else { (second, first) };
        assert!(out.1.is_out && !into.1.is_out, "{}", hop.rank);
        assert_eq!((out.1.account, into.1.account), (Some(hop.accounts[0]), Some(hop.accounts[1])));
        assert_eq!(out.1.message, into.1.message);
        assert!(into.0 >= out.0 && into.1.amount <= out.1.amount);
    }
}
