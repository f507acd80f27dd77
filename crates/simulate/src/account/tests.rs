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
