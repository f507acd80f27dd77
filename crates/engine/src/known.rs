//! Labels laid over the entities of the chain: which entity carries which labels.

use crate::guard::Guard;
use crate::read::DirectStatement;
use athar_entities::{Deposits, Forest, SERVICE_ADDRESSES_MIN, deposits};
use athar_labels::{Label, LabelStore, RiskTable};
use athar_ledger::Ledger;
use athar_types::address::parse_key;
use athar_types::{AddressId, Basis, Category, Relation};
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// Labels that a [`Saying`] holds at most: one more than an answer lists, so that it can say that there are more.
pub(crate) const SAYING_LABELS_MAX: usize = 11;
/// Of a subject with so many labels those on one address are found by order, not one by one.
const SORTED_FROM: usize = 16;

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
    /// The same by address, where they are many; else empty.
    by_address: Vec<(AddressId, u32)>,
    /// The labels that say the same, in the order in which it is first said.
    said: Vec<Said>,
    is_service: bool,
    /// What a direct answer says of the subject, made when it is first asked for: as owner, and as the service behind an account.
    direct: [OnceLock<Arc<[DirectStatement]>>; 2],
    /// The categories that its labels are shown under, as places in [`Category::ALL`], ascending.
    categories: Vec<u32>,
}

/// The labels of a subject with one name, basis and shown category.
#[derive(Debug)]
struct Said {
    category: Category,
    labels: Vec<(AddressId, u32)>,
}

/// Labels that say the same of a target: one name, basis and category, one statement of an answer. Never empty.
#[derive(Debug)]
pub(crate) struct Saying<'a> {
    pub(crate) category: Category,
    /// Each with the address that it is on, where that is on the chain; at most [`SAYING_LABELS_MAX`].
    pub(crate) labels: Vec<(Option<AddressId>, &'a Label)>,
}

impl<'a> Saying<'a> {
    /// What these labels say, in the order in which it is first said.
    pub(crate) fn of(labels: impl IntoIterator<Item = (Option<AddressId>, &'a Label)>) -> Vec<Self> {
        let mut sayings: Vec<Self> = Vec::new();
        for (on, label) in labels {
            for category in shown_categories(label) {
                let same = |s: &&mut Self| {
                    let first = s.labels[0].1;
                    s.category == category && first.basis == label.basis && first.name == label.name
                };
                match sayings.iter_mut().find(same) {
                    Some(saying) if saying.labels.len() < SAYING_LABELS_MAX => saying.labels.push((on, label)),
                    Some(_) => {}
                    None => sayings.push(Self { category, labels: vec![(on, label)] }),
                }
            }
        }
        sayings
    }
}

/// The categories that a label is shown under: those that say a risk, or where none does the first.
pub(crate) fn shown_categories(label: &Label) -> impl Iterator<Item = Category> + '_ {
    let first = (!label.categories.iter().any(|c| c.is_risk())).then_some(label.category);
    label.categories.iter().copied().filter(|c| c.is_risk()).chain(first)
}

/// The place of a category in [`Category::ALL`].
pub(crate) fn place_of(category: Category) -> u32 {
    category as u32
}

fn said(labels: &[(AddressId, u32)], store: &LabelStore) -> Vec<Said> {
    let all = store.labels();
    let mut said: Vec<Said> = Vec::new();
    let mut places: FxHashMap<(&str, Basis, Category), usize> = FxHashMap::default();
    for (on, index) in labels {
        let label = &all[*index as usize];
        for category in shown_categories(label) {
            let place = *places.entry((&label.name, label.basis, category)).or_insert(said.len());
            if place == said.len() {
                said.push(Said { category, labels: Vec::new() });
            }
            said[place].labels.push((*on, *index));
        }
    }
    said
}

impl Subject {
    fn new(root: AddressId) -> Self {
        Self {
            root,
            labels: Vec::new(),
            by_address: Vec::new(),
            said: Vec::new(),
            is_service: false,
            categories: Vec::new(),
            direct: [OnceLock::new(), OnceLock::new()],
        }
    }
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
                known.subjects.push(Subject::new(root));
            }
            let subject = &mut known.subjects[at as usize];
            subject.labels.push((address, index as u32));
            subject.is_service |= label.is_service();
            for place in shown_categories(label).map(place_of) {
                if let Err(at) = subject.categories.binary_search(&place) {
                    subject.categories.insert(at, place);
                }
            }
        }
        for subject in &mut known.subjects {
            // each subject's labels in the order of the store
            subject.labels.sort_by_key(|(_, index)| *index);
            subject.said = said(&subject.labels, labels);
            if subject.labels.len() > SORTED_FROM {
                subject.by_address = subject.labels.clone();
                subject.by_address.sort_unstable();
            }
        }
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

    /// Every labelled subject: its place, whether its labels stay on one address, and its root or that address.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u32, bool, AddressId)> + '_ {
        let of = |stays| move |(root, subject): (&u32, &u32)| (*subject, stays, AddressId(*root));
        self.by_entity.iter().map(of(false)).chain(self.by_address.iter().map(of(true)))
    }

    /// Every labelled address of the chain.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = AddressId> + '_ {
        self.subjects.iter().flat_map(|subject| subject.labels.iter().map(|(address, _)| *address))
    }

    pub(crate) fn is_service(&self, subject: u32) -> bool {
        self.subjects[subject as usize].is_service
    }

    /// The categories that a subject's labels are shown under, as places in [`Category::ALL`].
    pub(crate) fn categories(&self, subject: u32) -> &[u32] {
        &self.subjects[subject as usize].categories
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
            .map(|(address, index)| (*address, &store.labels()[*index as usize]))
    }

    /// Those of them that are on one address.
    pub(crate) fn labels_on<'a>(
        &'a self,
        subject: u32,
        address: AddressId,
        store: &'a LabelStore,
    ) -> impl Iterator<Item = (AddressId, &'a Label)> + 'a {
        let subject = &self.subjects[subject as usize];
        let some = if subject.by_address.is_empty() {
            &subject.labels[..]
        } else {
            let from = subject.by_address.partition_point(|(on, _)| *on < address);
            let count = subject.by_address[from..].partition_point(|(on, _)| *on == address);
            &subject.by_address[from..from + count]
        };
        let on_it = some.iter().filter(move |(on, _)| *on == address);
        on_it.map(|(on, index)| (*on, &store.labels()[*index as usize]))
    }

    /// What the subject's labels say, in the order in which it is first said; without those on one address.
    pub(crate) fn sayings<'a>(
        &self,
        subject: u32,
        without: Option<AddressId>,
        store: &'a LabelStore,
    ) -> Vec<Saying<'a>> {
        let said = &self.subjects[subject as usize].said;
        let mut sayings: Vec<(u32, Saying<'a>)> = Vec::with_capacity(said.len());
        for Said { category, labels } in said {
            let kept = labels.iter().filter(|(on, _)| without != Some(*on)).take(SAYING_LABELS_MAX);
            let Some((_, first)) = kept.clone().next() else { continue };
            let labels = kept.map(|(on, index)| (Some(*on), &store.labels()[*index as usize])).collect();
            sayings.push((*first, Saying { category: *category, labels }));
        }
        if without.is_some() {
            sayings.sort_by_key(|(first, _)| *first);
        }
        sayings.into_iter().map(|(_, saying)| saying).collect()
    }

    /// The same, each said by its first label.
    pub(crate) fn speakers<'a>(
        &'a self,
        subject: u32,
        store: &'a LabelStore,
    ) -> impl Iterator<Item = (Category, &'a Label)> + 'a {
        let said = self.subjects[subject as usize].said.iter();
        said.map(|said| (said.category, &store.labels()[said.labels[0].1 as usize]))
    }

    /// Where the direct statements of a subject are kept: those on it as owner, or (`is_account`) as the service of an account.
    pub(crate) fn direct(&self, subject: u32, is_account: bool) -> &OnceLock<Arc<[DirectStatement]>> {
        &self.subjects[subject as usize].direct[usize::from(is_account)]
    }

    /// The subjects with a label of a category, in the order in which they were found.
    pub(crate) fn of_category<'a>(
        &'a self,
        category: Category,
        store: &'a LabelStore,
    ) -> impl Iterator<Item = u32> + 'a {
        let is_of = move |s: &u32| self.labels(*s, store).any(|(_, label)| label.categories.contains(&category));
        (0..self.subjects.len() as u32).filter(is_of)
    }

    /// The label that weighs most: by the level that ownership gives it, then in the order of the store.
    pub(crate) fn heaviest<'a>(&'a self, subject: u32, store: &'a LabelStore) -> Option<&'a Label> {
        let level = |label: &Label| RiskTable::shipped().level(label.category, label.basis, Relation::Ownership);
        self.labels(subject, store).map(|(_, label)| label).reduce(|a, b| if level(b) > level(a) { b } else { a })
    }
}
