//! Labels laid over the entities of the chain: which entity carries which labels.

use crate::guard::Guard;
use athar_entities::{Deposits, Forest, SERVICE_ADDRESSES_MIN, deposits};
use athar_labels::{Label, LabelStore, RiskTable};
use athar_ledger::Ledger;
use athar_types::address::parse_key;
use athar_types::{AddressId, Category, Relation};
use rustc_hash::FxHashMap;

/// The labelled subjects of the chain. A subject is an entity, or a lone address whose label must stay on it: a custodial
/// account's label says nothing about the service that holds the account.
#[derive(Debug, Default)]
pub(crate) struct Known {
    subjects: Vec<Subject>,
    by_entity: FxHashMap<u32, u32>,
    by_address: FxHashMap<u32, u32>,
}

#[derive(Debug)]
struct Subject {
    /// Root of the entity, or the lone address.
    root: AddressId,
    /// Labels with the address that each is on, in the order of the label store.
    labels: Vec<(AddressId, u32)>,
    is_service: bool,
}

impl Known {
    /// Finds the labelled addresses on the chain.
    pub(crate) fn find(ledger: Option<&Ledger>, forest: Option<&Forest>, guard: &Guard, labels: &LabelStore) -> Self {
        let mut known = Self::default();
        let Some(ledger) = ledger else { return known };
        // services first: whether another label stays on its address depends on them
        let (services, others): (Vec<_>, Vec<_>) = labels.iter().enumerate().partition(|(_, label)| label.is_service());
        for (index, label) in services.into_iter().chain(others) {
            if !label.is_accepted() || label.chain != Some(ledger.chain()) {
                continue;
            }
            let Ok(key) = parse_key(ledger.chain(), ledger.network(), &label.text) else { continue };
            let Some(address) = ledger.address_id(&key) else { continue };
            let stays = label.categories.contains(&Category::CustodialAccount)
                || (!label.is_service() && known.account(ledger, forest, guard, address).is_some());
            let root = match forest {
                Some(forest) if !stays => guard.root(forest, address),
                _ => address,
            };
            let map = if stays { &mut known.by_address } else { &mut known.by_entity };
            let next = known.subjects.len() as u32;
            let at = *map.entry(root.0).or_insert(next);
            if at == next {
                known.subjects.push(Subject { root, labels: Vec::new(), is_service: false });
            }
            let subject = &mut known.subjects[at as usize];
            subject.labels.push((address, index as u32));
            subject.is_service |= label.is_service();
        }
        // each subject's labels in the order of the store
        known.subjects.iter_mut().for_each(|subject| subject.labels.sort_by_key(|(_, index)| *index));
        known
    }

    /// How an address is used as a deposit address, where its entity is a service: labelled as one, or very large.
    pub(crate) fn account(
        &self,
        ledger: &Ledger,
        forest: Option<&Forest>,
        guard: &Guard,
        address: AddressId,
    ) -> Option<Deposits> {
        let forest = forest?;
        let root = guard.root(forest, address);
        let is_service = self.by_entity.get(&root.0).is_some_and(|subject| self.is_service(*subject));
        if !is_service && guard.size(forest, address) < SERVICE_ADDRESSES_MIN {
            return None;
        }
        deposits(ledger, forest, address)
    }

    /// The subject of the entity with that root, whatever stays on single addresses of it.
    pub(crate) fn of_entity(&self, root: AddressId) -> Option<u32> {
        self.by_entity.get(&root.0).copied()
    }

    /// The subject of an address whose labels stay on it.
    pub(crate) fn of_address(&self, address: AddressId) -> Option<u32> {
        self.by_address.get(&address.0).copied()
    }

    /// The subject of an address in the entity with that root.
    #[inline]
    pub(crate) fn subject(&self, address: AddressId, root: AddressId) -> Option<u32> {
        let own = if self.by_address.is_empty() { None } else { self.by_address.get(&address.0) };
        own.or_else(|| self.by_entity.get(&root.0)).copied()
    }

    /// Every labelled address of the chain.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = AddressId> + '_ {
        self.subjects.iter().flat_map(|subject| subject.labels.iter().map(|(address, _)| *address))
    }

    pub(crate) fn is_service(&self, subject: u32) -> bool {
        self.subjects[subject as usize].is_service
    }

    /// Root of the subject's entity, or the lone address.
    pub(crate) fn root(&self, subject: u32) -> AddressId {
        self.subjects[subject as usize].root
    }

    /// The subject's labels, each with the address it is on.
    pub(crate) fn labels<'a>(
        &'a self,
        subject: u32,
        store: &'a LabelStore,
    ) -> impl Iterator<Item = (AddressId, &'a Label)> + 'a {
        self.subjects[subject as usize]
            .labels
            .iter()
            .filter_map(|(address, index)| store.iter().nth(*index as usize).map(|label| (*address, label)))
    }

    /// The label that weighs most: by the level that ownership gives it, then in the order of the store.
    pub(crate) fn heaviest<'a>(&'a self, subject: u32, store: &'a LabelStore) -> Option<&'a Label> {
        let level = |label: &Label| RiskTable::shipped().level(label.category, label.basis, Relation::Ownership);
        self.labels(subject, store).map(|(_, label)| label).reduce(|a, b| if level(b) > level(a) { b } else { a })
    }
}
