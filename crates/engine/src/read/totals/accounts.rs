//! The set and its movements on a chain of accounts: transfers of the coin and of verified tokens.

use super::moves::{Moves, OUTSIDE, Side};
use super::outputs::Services;
use super::units::{MEMBERS_MAX, Said, Service, Unit, Units, service_of};
use crate::Engine;
use crate::account_chain::AccountChain;
use crate::read::account_chain::is_dealing;
use athar_types::Category;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Transfers of one set that are looked at.
const TRANSFERS_MAX: usize = 20_000_000;

impl Engine {
    /// The set of a category on a chain of accounts.
    pub(super) fn totals_account_units(&self, chain: &AccountChain, categories: &[Category]) -> Units {
        let mut units = Units::default();
        let mut by_account: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for account in chain.labelled.accounts() {
            for label in self.labels_on(chain, account) {
                if !label.categories.iter().any(|c| categories.contains(c)) {
                    continue;
                }
                let actor = label.actor.as_deref().and_then(|id| self.labels.actor(id)).map(|a| a.label.as_str());
                let said = Said::of(label, actor);
                if label.is_service() {
                    units.providers.push(said);
                } else {
                    by_account.entry(account).or_default().push(units.said.len() as u32);
                    units.said.push(said);
                }
            }
        }
        units.labelled =
            by_account.iter().map(|(a, labels)| Unit { labels: labels.clone(), addresses: vec![*a] }).collect();
        if chain.forest.is_none() {
            return units;
        }
        let mut by_name: BTreeMap<u32, Unit> = BTreeMap::new();
        let mut alone = Vec::new();
        for (account, labels) in &by_account {
            let name = chain.entity_name(*account);
            let why = if chain.custody(*account).is_some() {
                Some("custody")
            } else if chain.labelled.is_service(*account) {
                Some("service")
            } else if chain.entity_size(*account) > MEMBERS_MAX {
                Some("size")
            } else {
                None
            };
            match why {
                Some(why) => {
                    *units.not_extended.entry(why).or_default() += 1;
                    alone.push(Unit { labels: labels.clone(), addresses: vec![*account] });
                }
                None => by_name.entry(name).or_default().labels.extend(labels),
            }
        }
        for (name, unit) in &mut by_name {
            unit.addresses = chain.members(*name, MEMBERS_MAX);
            // what a service holds for one of them is the service's
            unit.addresses.retain(|member| chain.custody(*member).is_none() && !chain.labelled.is_service(*member));
            unit.labels.sort_unstable();
        }
        units.extended = Some(by_name.into_values().chain(alone).collect());
        units
    }

    /// Everything that moved in or out of the units, and how many transfers of unverified tokens were left out.
    pub(super) fn totals_account_moves(
        &self,
        chain: &AccountChain,
        units: &[Unit],
        categories: &[Category],
        services: &mut Services,
    ) -> (Moves, u64) {
        let ledger = &chain.ledger;
        let mut unit_of: FxHashMap<u32, u32> = FxHashMap::default();
        for (at, unit) in (0_u32..).zip(units) {
            unit_of.extend(unit.addresses.iter().map(|account| (*account, at)));
        }
        let mut moves = Moves::new(units.len());
        let mut transfers: Vec<u64> = Vec::new();
        'units: for unit in units {
            for account in &unit.addresses {
                for n in ledger.of_account(*account, 0) {
                    if transfers.len() >= 2 * TRANSFERS_MAX {
                        moves.is_truncated = true;
                        break 'units;
                    }
                    transfers.push(n);
                }
            }
        }
        transfers.sort_unstable();
        transfers.dedup();
        let mut odd = 0;
        for n in transfers {
            let transfer = ledger.transfer(n);
            if !is_dealing(&transfer) || transfer.from == transfer.to {
                continue;
            }
            // no verified token has so many units: what does not fit is a hostile contract's
            let amount = u128::try_from(transfer.amount).ok();
            let Some(amount) = amount.filter(|_| chain.is_verified(transfer.asset)) else {
                odd += 1;
                continue;
            };
            let mut side = |account: u32| {
                let party = match unit_of.get(&account) {
                    Some(unit) => *unit,
                    None => {
                        services.known(account, |services| self.account_party(chain, account, categories, services))
                    }
                };
                [Side { party, amount }]
            };
            let (from, to) = (side(transfer.from), side(transfer.to));
            let day = ledger.block(ledger.transfer_block(n)).time.day();
            if !moves.push(day, transfer.asset, &from, &to, false) {
                break;
            }
        }
        (moves, odd)
    }

    fn account_party(
        &self,
        chain: &AccountChain,
        account: u32,
        categories: &[Category],
        services: &mut Services,
    ) -> u32 {
        // a customer's deposit address is its service's
        let holder = chain.custody(account).map_or(account, |deposit| deposit.collector);
        if !chain.labelled.is_service(holder) {
            return OUTSIDE;
        }
        let Some((name, category, figure)) = service_of(self.labels_on(chain, holder)) else { return OUTSIDE };
        let is_provider = self
            .labels_on(chain, holder)
            .any(|l| l.is_service() && l.categories.iter().any(|c| categories.contains(c)));
        services.party(chain.entity_name(holder), || Service { name, category: Some(category), figure, is_provider })
    }
}
