//! Labels and freezes laid over the accounts of a chain.

use athar_entities::account::AccountForest;
use athar_labels::LabelStore;
use athar_ledger::account::AccountLedger;
use athar_types::Category;
use athar_types::account::EventKind;
use rustc_hash::FxHashMap;

/// Which accounts of the chain carry labels. On a network that is not the main one none does: labels speak of the main one.
#[derive(Debug, Default)]
pub(crate) struct Labelled {
    by_account: FxHashMap<u32, Vec<u32>>,
    /// Of entities of several accounts, by name: labels of members that speak of their owner, each with the member.
    by_entity: FxHashMap<u32, Vec<(u32, u32)>>,
    services: rustc_hash::FxHashSet<u32>,
    categories: FxHashMap<u32, Vec<Category>>,
}

impl Labelled {
    pub(super) fn find(ledger: &AccountLedger, labels: &LabelStore, forest: Option<&AccountForest>) -> Self {
        let mut labelled = Self::default();
        if !ledger.is_mainnet() {
            return labelled;
        }
        let form = ledger.form();
        for (index, label) in (0_u32..).zip(labels.iter()) {
            if !label.is_accepted() || label.chain != Some(ledger.chain()) {
                continue;
            }
            let Ok(bytes) = form.parse(&label.text) else { continue };
            let Some(account) = ledger.account_id(&bytes) else { continue };
            labelled.by_account.entry(account).or_default().push(index);
            // a customer's account says nothing of others that pay there
            if let Some(forest) = forest.filter(|forest| account < forest.accounts())
                && forest.size(account) > 1
                && !label.categories.contains(&Category::CustodialAccount)
                && forest.custody(account).is_none()
            {
                labelled.by_entity.entry(forest.name(account)).or_default().push((account, index));
            }
            let categories = labelled.categories.entry(account).or_default();
            for category in &label.categories {
                if !categories.contains(category) {
                    categories.push(*category);
                }
            }
            if label.is_service() {
                labelled.services.insert(account);
            }
        }
        labelled
    }

    /// Places in [`LabelStore::labels`] of the labels on an account, in the order of the store.
    pub(crate) fn on(&self, account: u32) -> &[u32] {
        self.by_account.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Labels on members of the entity of that name, each with the member.
    pub(crate) fn on_entity(&self, name: u32) -> &[(u32, u32)] {
        self.by_entity.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Whether a label says that the account pools the money of many.
    pub(crate) fn is_service(&self, account: u32) -> bool {
        self.services.contains(&account)
    }

    /// Whether a label of that category is on the account.
    pub(crate) fn is(&self, account: u32, category: Category) -> bool {
        self.categories.get(&account).is_some_and(|categories| categories.contains(&category))
    }

    /// Every labelled account, ascending.
    pub(crate) fn accounts(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.by_account.keys().copied().collect();
        all.sort_unstable();
        all
    }
}

/// An issuer's act on an account: what a log of its token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct IssuerAct {
    pub(crate) tx: u32,
    pub(crate) act: EventKind,
}

/// What issuers froze, let go and destroyed, by account, each in chain order.
#[derive(Debug, Default)]
pub(crate) struct Frozen {
    by_account: FxHashMap<u32, Vec<IssuerAct>>,
}

impl Frozen {
    pub(super) fn find(ledger: &AccountLedger) -> Self {
        let mut frozen = Self::default();
        for notice in ledger.notices() {
            let (EventKind::Freeze { account, .. } | EventKind::Destroyed { account, .. }) = notice.event else {
                continue;
            };
            if let Some(account) = ledger.account_id(&account) {
                let act = IssuerAct { tx: notice.tx, act: notice.event };
                frozen.by_account.entry(account).or_default().push(act);
            }
        }
        frozen
    }

    /// Everything that issuers did to an account.
    pub(crate) fn acts(&self, account: u32) -> &[IssuerAct] {
        self.by_account.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Whether any issuer holds the account frozen now.
    pub(crate) fn is_frozen(&self, account: u32) -> bool {
        !self.now(account).is_empty()
    }

    /// The freezes in force on an account: the last act of each token that says so.
    pub(crate) fn now(&self, account: u32) -> Vec<IssuerAct> {
        let mut last: Vec<([u8; 20], IssuerAct)> = Vec::new();
        for act in self.acts(account) {
            let EventKind::Freeze { token, .. } = act.act else { continue };
            match last.iter_mut().find(|(of, _)| *of == token) {
                Some((_, held)) => *held = *act,
                None => last.push((token, *act)),
            }
        }
        last.into_iter()
            .map(|(_, act)| act)
            .filter(|act| matches!(act.act, EventKind::Freeze { is_frozen: true, .. }))
            .collect()
    }

    /// Every account that an issuer acted on, ascending.
    pub(crate) fn accounts(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.by_account.keys().copied().collect();
        all.sort_unstable();
        all
    }
}
