//! What holds of every forest of accounts, on whole worlds.

use crate::measured::Known;
use athar_entities::Links;
use athar_entities::account::{AccountBounds, AccountForest, AccountSettings, AccountTip, Flows, MemoryFlows};
use athar_simulate::account::{AccountActor, AccountRole};
use athar_types::account::EventKind;
use athar_types::{AddressId, Chain, Hash32};

fn both() -> impl Iterator<Item = Known> {
    [Chain::Ethereum, Chain::Tron].into_iter().map(|chain| Known::new(chain, 5, 40_000))
}

fn funders() -> AccountSettings {
    AccountSettings { shared_funder: true, ..AccountSettings::default() }
}

#[test]
fn contracts_services_and_deposit_addresses_are_never_members() {
    for known in both() {
        let forest = known.build(&funders());
        assert!(forest.entities() > 50 && forest.deposits() > 100);
        for account in 0..forest.accounts() {
            if forest.size(account) > 1 {
                let truth = known.truth[account as usize].unwrap();
                assert_eq!(truth.role, AccountRole::Own, "{:?}", known.kind(account));
                assert!(!known.flows.is_contract(account) && forest.custody(account).is_none());
                assert!(!matches!(
                    known.kind(account),
                    AccountActor::Airdropper
                        | AccountActor::Duster
                        | AccountActor::Poisoner
                        | AccountActor::BettingSite
                ));
            }
        }
    }
}

/// Whoever floods the chain with what nobody asked for changes nothing.
#[test]
fn unasked_transfers_tie_nobody_and_untie_nobody() {
    for known in both() {
        let is_flood = |actor| {
            let kind = known.world.truth.actors[actor as usize];
            matches!(kind, AccountActor::Airdropper | AccountActor::Duster | AccountActor::Poisoner)
        };
        let signers: Vec<_> =
            known.world.truth.accounts.iter().filter(|a| is_flood(a.actor)).map(|a| a.account).collect();
        let mut blocks = known.world.blocks.clone();
        for block in &mut blocks {
            let txs: Vec<bool> = block.txs.iter().map(|tx| signers.contains(&tx.from)).collect();
            block.transfers.retain(|t| t.tx.is_none_or(|tx| !txs[tx as usize]));
        }
        let quiet = MemoryFlows::of(&blocks).unwrap();
        assert!(quiet.transfers() < known.flows.transfers());
        let (with, without) = (
            known.build(&AccountSettings::default()),
            AccountForest::build(&quiet, &AccountSettings::default()).unwrap(),
        );
        for account in 0..with.accounts() {
            let bytes = known.flows.bytes(account).unwrap();
            let Some(other) = quiet.account(&bytes) else {
                assert_eq!(with.size(account), 1);
                continue;
            };
            assert_eq!(with.size(account), without.size(other));
            assert_eq!(with.custody(account).is_some(), without.custody(other).is_some());
            let names = [known.flows.bytes(with.name(account)), quiet.bytes(without.name(other))];
            let name = quiet.account(&names[0].unwrap()).unwrap();
            assert_eq!(without.name(name), without.name(other), "{names:?}");
        }
    }
}

/// Every step of every explanation is what it says, and leads from one to the other.
#[test]
fn explanations_lead_from_one_to_the_other_by_transfers_that_exist() {
    let mut explained = 0;
    for known in both() {
        let forest = known.build(&funders());
        let pairs =
            (0..forest.accounts()).flat_map(|a| forest.members(a, 0, u32::MAX).into_iter().map(move |b| (a, b)));
        for (a, b) in pairs.filter(|(a, b)| a != b) {
            let found = forest.explain(a, b, &AccountBounds::default());
            assert!(found.linked && !found.bound_hit && !found.steps.is_empty());
            let mut at = a;
            for step in &found.steps {
                assert_eq!(step.a, at);
                at = step.b;
                let pairs = [(step.a, step.of_a), (step.b, step.of_b)];
                for (account, sent) in pairs.into_iter().filter_map(|(account, sent)| Some((account, sent?))) {
                    let (first, second) = (known.flows.transfer(sent.sent), known.flows.transfer(sent.passed_on));
                    assert!(first.tx <= step.since && second.tx <= step.since && sent.sent < sent.passed_on);
                    match step.deposit {
                        Some(deposit) => {
                            let collector = forest.custody(deposit).unwrap().collector;
                            assert_eq!((first.from, first.to), (account, deposit));
                            assert_eq!((second.from, second.to, second.asset), (deposit, collector, first.asset));
                        }
                        None => assert_eq!((first.to, second.from, first.from), (account, account, second.to)),
                    }
                }
            }
            assert_eq!(at, b);
            explained += 1;
            assert!(forest.explain(a, b, &AccountBounds { rows_max: 0 }).bound_hit);
            // they are one from the last piece of the path on at the latest, and not before the forest says so
            let since = found.since.unwrap().tx.0;
            assert!(since <= found.steps.iter().map(|s| s.since).max().unwrap());
            assert!(forest.members_as_of(a, since, 0, u32::MAX).contains(&b));
            assert!(!forest.members_as_of(a, since - 1, 0, u32::MAX).contains(&b));
        }
        assert!(!forest.explain(0, 1, &AccountBounds::default()).linked);
    }
    assert!(explained > 200, "{explained}");
}

#[test]
fn any_number_of_threads_gives_the_same_forest() {
    let known = Known::new(Chain::Ethereum, 6, 30_000);
    let forest = known.build(&funders());
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let pool = one.install(|| known.build(&funders()));
    for account in 0..forest.accounts() {
        let id = AddressId(account);
        assert_eq!(forest.links().parent(id), pool.links().parent(id));
        assert_eq!(forest.links().link(id), pool.links().link(id));
        assert_eq!(forest.custody(account), pool.custody(account));
    }
}

#[test]
fn a_stored_forest_answers_as_it_did_and_opens_only_where_it_fits() {
    let known = Known::new(Chain::Tron, 7, 30_000);
    let settings = funders();
    let forest = known.build(&settings);
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("accounts");
    let tip = AccountTip {
        chain: Chain::Tron,
        block: 9,
        hash: Hash32([1; 32]),
        accounts: known.flows.accounts(),
        transfers: known.flows.transfers(),
    };
    let disk = athar_ledger::Disk::default();
    assert!(AccountForest::open(&home, tip, &settings).unwrap().is_none());
    for generation in 0..2 {
        assert_eq!(forest.write(&disk, &home, tip).unwrap().generation, generation);
    }
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 2, "one manifest, one folder");
    let opened = AccountForest::open(&home, tip, &settings).unwrap().unwrap();
    for account in 0..forest.accounts() {
        assert_eq!(forest.members(account, 0, 50), opened.members(account, 0, 50));
        assert_eq!(forest.custody(account), opened.custody(account));
        let b = forest.members(account, 0, 2).pop().unwrap();
        let bounds = AccountBounds::default();
        assert_eq!(forest.explain(account, b, &bounds), opened.explain(account, b, &bounds));
    }
    assert!(AccountForest::open(&home, AccountTip { block: 10, ..tip }, &settings).unwrap().is_none());
    assert!(AccountForest::open(&home, tip, &AccountSettings::default()).unwrap().is_none());
    let wrong = AccountTip { accounts: tip.accounts, ..tip };
    let column = std::fs::read_dir(&home).unwrap().find_map(|item| {
        let path = item.unwrap().path().join("evidence.sent.arrow");
        path.exists().then_some(path)
    });
    std::fs::remove_file(column.unwrap()).unwrap();
    let error = AccountForest::open(&home, wrong, &settings).unwrap_err().to_string();
    assert!(error.contains("evidence.sent"), "{error}");
}

#[test]
fn collectors_and_their_wallets_are_of_one_service() {
    for known in both() {
        let forest = known.build(&AccountSettings::default());
        let exchanges = known.world.truth.actors.iter().filter(|a| **a == AccountActor::Exchange).count();
        let found: Vec<_> = (0..forest.collectors()).filter_map(|rank| forest.collector_at(rank)).collect();
        let of = |kind: AccountActor| found.iter().filter(|c| known.kind(c.account) == kind).count();
        assert_eq!(of(AccountActor::Exchange), exchanges);
        // the betting site takes in and pays out as a service does: it is one, without deposit addresses
        assert_eq!(of(AccountActor::Exchange) + of(AccountActor::BettingSite), found.len());
        for collector in &found {
            assert!(collector.payout.iter().all(|wallet| known.actor(*wallet) == known.actor(collector.account)));
            assert_eq!(forest.collector(collector.account).as_ref(), Some(collector));
        }
        for rank in 0..forest.deposits() {
            let deposit = forest.deposit(rank).unwrap();
            let (received, passed_on) =
                (known.flows.transfer(deposit.received), known.flows.transfer(deposit.passed_on));
            assert_eq!(
                (received.to, passed_on.from, passed_on.to),
                (deposit.account, deposit.account, deposit.collector)
            );
            assert_eq!(received.asset, passed_on.asset);
        }
    }
}

/// Energy that a gas station lends is read, and lent to deposit addresses alone here.
#[test]
fn energy_is_lent_to_deposit_addresses() {
    let known = Known::new(Chain::Tron, 5, 40_000);
    let lent = |account: u32| known.flows.lent_to(account).count();
    let total: usize = (0..known.flows.accounts()).map(lent).sum();
    let to_deposits: usize =
        (0..known.flows.accounts()).filter(|a| known.truth[*a as usize].unwrap().customer.is_some()).map(lent).sum();
    assert!(total > 100);
    assert_eq!(total, to_deposits);
}

#[test]
fn forwarders_that_are_contracts_are_told_apart() {
    let known = Known::new(Chain::Ethereum, 5, 40_000);
    let forest = known.build(&AccountSettings::default());
    let created = known
        .world
        .blocks
        .iter()
        .flat_map(|b| &b.events)
        .filter(|e| matches!(e.kind, EventKind::Contract { .. }))
        .count();
    let contracts = (0..forest.deposits()).filter(|rank| forest.deposit(*rank).unwrap().is_contract);
    let contracts: Vec<usize> = contracts.collect();
    assert!(!contracts.is_empty() && contracts.len() < created);
    for rank in contracts {
        let deposit = forest.deposit(rank).unwrap();
        assert_eq!(known.truth[deposit.account as usize].unwrap().role, AccountRole::DepositContract);
    }
}
