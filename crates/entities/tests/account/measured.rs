//! How a forest of accounts stands to the truth.

use athar_entities::account::{AccountForest, AccountRates, AccountSettings, Flows, MemoryFlows};
use athar_entities::{Heuristic, Links, Tally};
use athar_simulate::account::{AccountActor, AccountRole, AccountWorld, AccountWorldSettings, world};
use athar_types::Chain;
use athar_types::account::AccountParams;
use std::collections::BTreeMap;

/// A world with its flows and, by account number, its truth.
pub(crate) struct Known {
    pub(crate) world: AccountWorld,
    pub(crate) flows: MemoryFlows,
    pub(crate) truth: Vec<Option<athar_simulate::account::AccountTruth>>,
}

impl Known {
    pub(crate) fn new(chain: Chain, seed: u64, transfers: usize) -> Self {
        let world = world(seed, &AccountWorldSettings::new(AccountParams::of(chain).unwrap(), transfers));
        let flows = MemoryFlows::of(&world.blocks).unwrap();
        let mut truth = vec![None; flows.accounts() as usize];
        for account in &world.truth.accounts {
            if let Some(id) = flows.account(&account.account) {
                truth[id as usize] = Some(*account);
            }
        }
        Self { world, flows, truth }
    }

    pub(crate) fn actor(&self, account: u32) -> u32 {
        self.truth[account as usize].unwrap().actor
    }

    pub(crate) fn kind(&self, account: u32) -> AccountActor {
        self.world.truth.actors[self.actor(account) as usize]
    }

    pub(crate) fn build(&self, settings: &AccountSettings) -> AccountForest {
        AccountForest::build(&self.flows, settings).unwrap()
    }
}

/// Adds what one forest shows to `rates`.
pub(crate) fn add(known: &Known, forest: &AccountForest, rates: &mut AccountRates) {
    // ties: each account against the one it is tied to
    for account in 0..forest.accounts() {
        let id = athar_types::AddressId(account);
        if let Some(link) = forest.links().link(id) {
            let parent = forest.links().parent(id).0;
            let wrong = known.actor(account) != known.actor(parent);
            match link.heuristic {
                Heuristic::SharedFunder => rates.shared_funder.add(wrong),
                _ => rates.deposit_reuse.add(wrong),
            }
        }
    }
    // pairs in one entity, and pairs of one owner
    let mut by_owner: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for account in 0..forest.accounts() {
        let own = known.truth[account as usize].is_some_and(|t| t.role == AccountRole::Own);
        if own && known.kind(account) == AccountActor::Person || known.kind(account) == AccountActor::Campaign {
            by_owner.entry(known.actor(account)).or_default().push(account);
        }
        if forest.name(account) == account && forest.size(account) > 1 {
            let members = forest.members(account, 0, u32::MAX);
            let mut is_wrong = false;
            for (at, a) in members.iter().enumerate() {
                for b in &members[at + 1..] {
                    let wrong = known.actor(*a) != known.actor(*b);
                    rates.pairs.add(wrong);
                    is_wrong |= wrong;
                }
            }
            rates.entities.add(is_wrong);
        }
    }
    for accounts in by_owner.values() {
        for (at, a) in accounts.iter().enumerate() {
            for b in &accounts[at + 1..] {
                rates.owner_pairs.add(forest.name(*a) != forest.name(*b));
            }
        }
    }
    // deposit addresses: those found, and those that were swept often enough to be found
    for rank in 0..forest.deposits() {
        let deposit = forest.deposit(rank).unwrap();
        let truth = known.truth[deposit.account as usize].unwrap();
        let is_right = truth.customer.is_some() && truth.actor == known.actor(deposit.collector);
        rates.deposits.wrong.add(!is_right);
    }
    for account in 0..forest.accounts() {
        let truth = known.truth[account as usize].unwrap();
        let swept = |n: &u64| {
            let t = known.flows.transfer(*n);
            t.from == account && !t.kind.is_fee()
        };
        let is_swept = truth.customer.is_some() && known.flows.of_account(account, 0).filter(swept).nth(1).is_some();
        if is_swept {
            rates.deposits.missed.add(forest.custody(account).is_none());
        }
    }
}

/// The rates over worlds of these seeds, on a chain like Ethereum and on one like Tron.
pub(crate) fn rates(seeds: &[u64], transfers: usize, settings: &AccountSettings) -> AccountRates {
    let mut rates = AccountRates::default();
    for chain in [Chain::Ethereum, Chain::Tron] {
        for seed in seeds {
            let known = Known::new(chain, *seed, transfers);
            add(&known, &known.build(settings), &mut rates);
        }
    }
    rates
}

/// A tally in words.
pub(crate) fn share(tally: &Tally) -> String {
    format!("{}/{}", tally.wrong, tally.of)
}

#[test]
#[ignore = "prints the rates by bound, for choosing them"]
fn rates_by_bound() {
    let base = AccountSettings::default();
    let seeds = [1, 2, 3];
    let show = |name: &str, settings: &AccountSettings| {
        let r = rates(&seeds, 60_000, settings);
        println!(
            "{name:24} ties {} funder {} pairs {} owner pairs {} entities {} deposits wrong {} missed {}",
            share(&r.deposit_reuse),
            share(&r.shared_funder),
            share(&r.pairs),
            share(&r.owner_pairs),
            share(&r.entities),
            share(&r.deposits.wrong),
            share(&r.deposits.missed),
        );
    };
    show("default", &base);
    for deposits_min in [1, 3, 4] {
        show(&format!("deposits_min {deposits_min}"), &AccountSettings { deposits_min, ..base.clone() });
    }
    for senders_max in [3, 4, 8] {
        show(&format!("senders_max {senders_max}"), &AccountSettings { senders_max, ..base.clone() });
    }
    for share_min_permille in [1, 50, 100] {
        show(&format!("share_min {share_min_permille}"), &AccountSettings { share_min_permille, ..base.clone() });
    }
    for forwards_min in [1, 3] {
        show(&format!("forwards_min {forwards_min}"), &AccountSettings { forwards_min, ..base.clone() });
    }
    for payees_min in [1, 50] {
        show(&format!("payees_min {payees_min}"), &AccountSettings { payees_min, ..base.clone() });
    }
    for forwarders_min in [3, 30] {
        show(&format!("forwarders_min {forwarders_min}"), &AccountSettings { forwarders_min, ..base.clone() });
    }
    for window_secs in [43_200, 400_000] {
        show(&format!("window {window_secs}"), &AccountSettings { window_secs, ..base.clone() });
    }
    show("funder", &AccountSettings { shared_funder: true, ..base.clone() });
    show("funder 3", &AccountSettings { shared_funder: true, fundings_min: 3, ..base });
}

/// What holds in small worlds need not in large ones: bounds that are counts meet more people there.
#[test]
#[ignore = "a minute: prints the rates of large worlds"]
fn rates_of_large_worlds() {
    for settings in [AccountSettings::default(), AccountSettings { shared_funder: true, ..AccountSettings::default() }]
    {
        println!("{:#?}", rates(&[21], 1_000_000, &settings));
    }
}

#[test]
#[ignore = "prints wrong ties"]
fn causes() {
    let mut causes: BTreeMap<String, u32> = BTreeMap::new();
    for chain in [Chain::Ethereum, Chain::Tron] {
        for seed in [1, 2, 3] {
            let known = Known::new(chain, seed, 60_000);
            let forest = known.build(&AccountSettings::default());
            for rank in 0..forest.deposits() {
                let deposit = forest.deposit(rank).unwrap();
                let truth = known.truth[deposit.account as usize].unwrap();
                let Some(customer) = truth.customer else {
                    *causes
                        .entry(format!(
                            "no deposit {:?} {:?}",
                            known.kind(deposit.account),
                            known.kind(deposit.collector)
                        ))
                        .or_default() += 1;
                    continue;
                };
                let kind = known.world.truth.actors[customer as usize];
                let payers = forest.customers(deposit.account, 0, 100);
                let strangers = payers.iter().filter(|p| known.actor(**p) != customer).count();
                if payers.len() > 1 {
                    *causes.entry(format!("{kind:?} {strangers} of {}", payers.len())).or_default() += 1;
                }
            }
        }
    }
    for (cause, count) in causes {
        println!("{count:6} {cause}");
    }
}
