//! `exposure` on a chain of accounts: what an account has to do with every category, by every policy.

use super::screen::spoken;
use super::trace::{SOURCES_MAX, clipped};
use super::{AmountView, CoveredView, DepositView, TransferView};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget, LedgerFlows};
use crate::error::EngineError;
use crate::json::{Millionths, Usd};
use crate::read::exposed::PLACES_MAX;
use crate::read::{Direction, ExposureOptions, OwnView};
use athar_labels::RiskTable;
use athar_trace::Policy;
use athar_trace::account::{AccountExposure, AccountExposureQuestion, AccountLimits, AccountSide, Sum, exposure};
use athar_types::{Basis, Category, Day, Level, Relation};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Accounts of an entity that are followed.
const MEMBERS_MAX: u32 = 10_000;
/// Entities listed of a category.
const ENTITIES_MAX: usize = 20;
/// Transfers listed of an entity.
const TRANSFERS_MAX: usize = 3;

/// What an account has to do with every category, in both directions, under every policy asked for. A category that is not
/// listed was not met within the bounds and what the store covers; that is not a statement that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountExposureView {
    /// What was asked, as given.
    pub target: String,
    /// Chain.
    pub chain: String,
    /// Name of its entity, whose whole money is followed; of a customer's account at a service that of the account alone.
    pub entity: Option<String>,
    /// Accounts whose money is followed.
    pub accounts: u64,
    /// The service that holds it for a customer.
    pub deposit_at: Option<DepositView>,
    /// Hops followed.
    pub hops_max: u32,
    /// What the target is called itself.
    pub ownership: Vec<OwnView>,
    /// Where its money came from.
    pub received: AccountExposureSideView,
    /// Where its money went.
    pub sent: AccountExposureSideView,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One direction of an exposure.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountExposureSideView {
    /// `received` or `sent`.
    pub direction: Direction,
    /// Everything that was received from others, or sent to others, asset by asset; fees apart.
    pub total: Vec<AmountView>,
    /// Categories met, the weightiest first.
    pub categories: Vec<AccountCategoryView>,
    /// Bounds that a policy hit, as `policy: bound`.
    pub bounds: Vec<String>,
    /// Balances followed whose history in the store begins too late.
    pub short_places: u64,
}

/// What one category has to do with the target in one relation.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountCategoryView {
    /// The category.
    #[schemars(with = "String")]
    pub category: Category,
    /// `counterparty` (one hop) or `indirect`.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// The highest level that the labels met give.
    #[schemars(with = "String")]
    pub level: Level,
    /// What each policy says. Of counterparties, which no policy has a say in, each says the same.
    pub by_policy: Vec<AccountPolicySumView>,
    /// Who was met; at most 20.
    pub entities: Vec<AccountLinkedView>,
    /// Whether there are more.
    pub entities_truncated: bool,
}

/// What one policy says of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountPolicySumView {
    /// `fifo`, `lifo`, `haircut` or `poison`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// What met the category, asset by asset; nothing of what is indirect under poison, which adds nothing up.
    pub amounts: Vec<AmountView>,
    /// Its worth, each part at the price of its day.
    pub usd: Option<Usd>,
    /// Whether a part has no price.
    pub is_partly_unpriced: bool,
    /// Share of everything received, or sent, of the asset of which it is most.
    pub share: Option<Millionths>,
    /// Fewest hops.
    pub hops_min: u32,
    /// Transfers at which it was met.
    pub transfers: u64,
}

/// An account that was met.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountLinkedView {
    /// The account.
    pub account: String,
    /// What is said of it.
    pub label: String,
    /// What that stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// The level that it gives in this relation.
    #[schemars(with = "String")]
    pub level: Level,
    /// What links the two, by the first policy asked for.
    pub amounts: Vec<AmountView>,
    /// Its worth.
    pub usd: Option<Usd>,
    /// Fewest hops.
    pub hops_min: u32,
    /// Transfers that met it; at most three.
    pub evidence: Vec<TransferView>,
}

impl Engine {
    /// What an account has to do with every category; `None` where nothing in the store names it.
    ///
    /// # Errors
    /// A target that is no address, and a policy that has no meaning on accounts.
    pub fn account_exposure(
        &self,
        target: &str,
        options: &ExposureOptions,
    ) -> Result<Option<AccountExposureView>, EngineError> {
        let chain = self.account_chain()?;
        let AccountTarget::Account(bytes) = AccountTarget::parse(target, chain.ledger.form()) else {
            return Err(super::not_a("address", target));
        };
        let Some(account) = chain.ledger.account_id(&bytes) else { return Ok(None) };
        let custody = chain.custody(account);
        let accounts = if custody.is_some() { vec![account] } else { chain.members(account, MEMBERS_MAX) };
        let limits =
            AccountLimits { hops_max: options.hops_max, edges_max: options.edges_max, ..AccountLimits::default() };
        let mut found = Vec::new();
        // the order among outputs of a transaction means nothing here
        for policy in options.policies.iter().copied().filter(|policy| *policy != Policy::Tiho) {
            let question = AccountExposureQuestion {
                policy,
                accounts: &accounts,
                asset: None,
                stops: chain,
                labels: chain,
                limits: &limits,
                sources_max: SOURCES_MAX,
                transfers_max: options.edges_max,
                evidence_max: PLACES_MAX,
            };
            found.push((policy, exposure(&LedgerFlows(&chain.ledger), &question)?));
        }
        if found.is_empty() {
            return Err(athar_trace::account::AccountError::NoSuchPolicy { policy: Policy::Tiho.name() }.into());
        }
        let received: Vec<(Policy, &AccountSide)> = found.iter().map(|(p, both)| (*p, &both.received)).collect();
        let sent: Vec<(Policy, &AccountSide)> = found.iter().map(|(p, both)| (*p, &both.sent)).collect();
        Ok(Some(AccountExposureView {
            target: target.trim().into(),
            chain: chain.ledger.chain().to_string(),
            entity: chain.forest.as_ref().map(|_| chain.ledger.account_text(chain.entity_name(account))),
            accounts: accounts.len() as u64,
            deposit_at: custody.map(|deposit| self.deposit_view(chain, &deposit)),
            hops_max: options.hops_max,
            ownership: self.account_owned(chain, account),
            received: self.account_side(chain, Direction::Received, &received),
            sent: self.account_side(chain, Direction::Sent, &sent),
            covered: chain.covered(),
            snapshot: self.snapshot("exposure", &(target.trim(), options)),
        }))
    }

    fn account_owned(&self, chain: &AccountChain, account: u32) -> Vec<OwnView> {
        let at = chain.custody(account).map(|deposit| (deposit.collector, Relation::AccountAt));
        let mut owned = Vec::new();
        for (on, relation) in [(account, Relation::Ownership)].into_iter().chain(at) {
            for (category, speaker) in self.speakers_on(chain, on, relation) {
                let Some((basis, label, _)) = spoken(chain, on, speaker) else { continue };
                let level = RiskTable::shipped().level(category, basis, relation);
                let source = speaker.and_then(|label| label.source.clone());
                owned.push(OwnView { relation, category, level, basis, label, source });
            }
        }
        owned
    }

    fn account_side(
        &self,
        chain: &AccountChain,
        direction: Direction,
        sides: &[(Policy, &AccountSide)],
    ) -> AccountExposureSideView {
        let day = chain.ledger.tip().map_or(Day::default(), |tip| tip.time.day());
        let first = sides[0].1;
        let total = first.total.iter().map(|(asset, sum)| AmountView {
            usd: None,
            usd_at_par: false,
            ..chain.amount_on(&self.prices, *asset, clipped(*sum), day)
        });
        let mut categories: BTreeSet<(Relation, u32)> = BTreeSet::new();
        for (_, side) in sides {
            for group in side.groups.iter().filter(|group| chain.is_verified(group.asset)) {
                categories.insert((group.relation, group.label));
            }
        }
        let mut views: Vec<AccountCategoryView> =
            categories.into_iter().map(|(relation, place)| self.category_view(chain, relation, place, sides)).collect();
        views.sort_by(|a, b| (b.level, a.relation, a.category).cmp(&(a.level, b.relation, b.category)));
        let mut bounds = Vec::new();
        for (policy, side) in sides {
            bounds.extend(side.totals.bounds.iter().map(|bound| format!("{}: {bound}", policy.name())));
            if side.sources_truncated {
                bounds.push(format!("{}: sources", policy.name()));
            }
            if side.transfers_truncated {
                bounds.push(format!("{}: transfers", policy.name()));
            }
        }
        AccountExposureSideView {
            direction,
            total: total.collect(),
            categories: views,
            bounds,
            short_places: first.totals.short_places,
        }
    }

    fn category_view(
        &self,
        chain: &AccountChain,
        relation: Relation,
        place: u32,
        sides: &[(Policy, &AccountSide)],
    ) -> AccountCategoryView {
        let category = Category::ALL[place as usize];
        let is_it = |met: &&AccountExposure| met.relation == relation && chain.is_verified(met.asset);
        let by_policy = sides
            .iter()
            .filter_map(|(policy, side)| {
                let met: Vec<&AccountExposure> =
                    side.groups.iter().filter(is_it).filter(|met| met.label == place).collect();
                self.policy_sum(chain, *policy, side, &met)
            })
            .collect();
        // who was met, by the first policy that met anybody
        let mut entities: Vec<AccountLinkedView> = Vec::new();
        for (_, side) in sides {
            let mut of: BTreeMap<u32, Vec<&AccountExposure>> = BTreeMap::new();
            for met in side.exposures.iter().filter(is_it) {
                if chain.categories_of(met.label).contains(&place) {
                    of.entry(met.label).or_default().push(met);
                }
            }
            entities = of
                .into_iter()
                .filter_map(|(account, met)| self.account_linked(chain, relation, category, account, &met))
                .collect();
            if !entities.is_empty() {
                break;
            }
        }
        entities.sort_by(|a, b| (b.level, b.usd, &a.account).cmp(&(a.level, a.usd, &b.account)));
        let entities_truncated = entities.len() > ENTITIES_MAX;
        let level = entities.iter().map(|entity| entity.level).max().unwrap_or(Level::Unknown);
        entities.truncate(ENTITIES_MAX);
        AccountCategoryView { category, relation, level, by_policy, entities, entities_truncated }
    }

    fn policy_sum(
        &self,
        chain: &AccountChain,
        policy: Policy,
        side: &AccountSide,
        met: &[&AccountExposure],
    ) -> Option<AccountPolicySumView> {
        let first = met.first()?;
        let (amounts, usd, unpriced) = self.summed(chain, met);
        let share = met.iter().filter_map(|met| {
            let whole = side.total.get(&met.asset).copied().filter(|whole| *whole > Sum::ZERO)?;
            let part: u64 = (met.amount * Sum::from(1_000_000_u32) / whole).saturating_to();
            Some(Millionths(part.min(1_000_000)))
        });
        Some(AccountPolicySumView {
            policy: policy.name(),
            amounts,
            usd,
            is_partly_unpriced: unpriced,
            share: share.max(),
            hops_min: met.iter().map(|met| met.hops_min).min().unwrap_or(first.hops_min),
            transfers: met.iter().map(|met| met.transfers).sum(),
        })
    }

    /// Amounts, what those with a price are worth, and whether some have none.
    fn summed(&self, chain: &AccountChain, met: &[&AccountExposure]) -> (Vec<AmountView>, Option<Usd>, bool) {
        let mut amounts = Vec::new();
        let (mut cents, mut priced, mut unpriced) = (0_u64, false, false);
        for met in met.iter().filter(|met| met.amount > Sum::ZERO) {
            let sums = self.met_sums(chain, met);
            let (usd, left) = sums.usd();
            if let Some(usd) = usd {
                cents = cents.saturating_add(usd.0);
                priced = true;
            }
            unpriced |= left;
            amounts.push(sums.view(met.asset));
        }
        (amounts, priced.then_some(Usd(cents)), unpriced)
    }

    fn account_linked(
        &self,
        chain: &AccountChain,
        relation: Relation,
        category: Category,
        account: u32,
        met: &[&AccountExposure],
    ) -> Option<AccountLinkedView> {
        let speakers = self.speakers_on(chain, account, relation);
        let (_, speaker) = speakers.into_iter().find(|(of, _)| *of == category)?;
        let (basis, label, _) = spoken(chain, account, speaker)?;
        let (amounts, usd, _) = self.summed(chain, met);
        let evidence = met.iter().flat_map(|met| &met.evidence).take(TRANSFERS_MAX);
        Some(AccountLinkedView {
            account: chain.ledger.account_text(account),
            label,
            basis,
            level: RiskTable::shipped().level(category, basis, relation),
            amounts,
            usd,
            hops_min: met.iter().map(|met| met.hops_min).min()?,
            evidence: evidence.map(|place| self.transfer_view(chain, place.transfer)).collect(),
        })
    }
}
