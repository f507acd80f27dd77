//! Identifiers looked up in everything that the store holds.

use super::{MatchKind, MatchView, ResolveFrom};
use crate::Engine;
use crate::account_chain::hash_text;
use crate::error::EngineError;
use athar_extract::{Find, Kind};
use athar_labels::{Label, RiskTable};
use athar_types::address::parse_key;
use athar_types::{Basis, Chain, Hash32, Height, Relation};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries of lists and campaigns given for one text.
const EACH_MAX: usize = 20;

/// Collects matches.
pub(super) struct Finder<'a, 'f> {
    pub(super) engine: &'a Engine,
    pub(super) from: &'a mut ResolveFrom<'f>,
    pub(super) matches: Vec<MatchView>,
    /// Engines of other chains that were asked for.
    others: BTreeMap<Chain, Option<Arc<Engine>>>,
}

impl<'a, 'f> Finder<'a, 'f> {
    pub(super) fn new(engine: &'a Engine, from: &'a mut ResolveFrom<'f>) -> Self {
        Self { engine, from, matches: Vec::new(), others: BTreeMap::new() }
    }

    pub(super) fn push(&mut self, found: MatchView) {
        let same = |m: &MatchView| m.kind == found.kind && m.chain == found.chain && m.value == found.value;
        match self.matches.iter_mut().find(|m| same(m)) {
            Some(earlier) => earlier.vout = earlier.vout.or(found.vout),
            None => self.matches.push(found),
        }
    }

    /// Asks the engine of a chain; `None` where the store has no blocks of it.
    fn on<T>(
        &mut self,
        chain: Chain,
        ask: impl FnOnce(&Engine) -> Result<T, EngineError>,
    ) -> Result<Option<T>, EngineError> {
        if chain == self.engine.chain() {
            return ask(self.engine).map(Some);
        }
        if !self.from.held.contains(&chain) {
            return Ok(None);
        }
        if !self.others.contains_key(&chain) {
            let engine = (self.from.engine_of)(chain)?;
            self.others.insert(chain, engine);
        }
        match self.others.get(&chain) {
            Some(Some(engine)) => ask(engine).map(Some),
            _ => Ok(None),
        }
    }

    /// The chains of the store, the one asked first.
    fn chains(&self) -> Vec<Chain> {
        let own = self.engine.chain();
        std::iter::once(own).chain(self.from.held.iter().copied().filter(|chain| *chain != own)).collect()
    }

    /// What the extractor found.
    pub(super) fn find(&mut self, text: &str, find: &Find) -> Result<(), EngineError> {
        match find.kind {
            Kind::Address => self.address(find),
            Kind::Txid => {
                let vout = text[find.at.end..].strip_prefix(':').and_then(number_at);
                self.hash(&find.value, vout)
            }
            // what belongs to a person is looked for on the lists and in labels, and not repeated otherwise
            _ => self.listed(&find.value),
        }
    }

    fn address(&mut self, find: &Find) -> Result<(), EngineError> {
        let mut found = Vec::new();
        for candidate in &find.chains {
            let view = match self.on(candidate.chain, |engine| Ok(engine.resolved_address(&candidate.value)))? {
                Some(view) => view,
                None => self.engine.said_of(candidate.chain, &candidate.value),
            };
            found.push(view);
        }
        let says = |view: &MatchView| view.known || view.title.is_some() || view.listed;
        if found.iter().any(says) {
            found.retain(says);
        } else {
            // the chain asked before the likeliest one
            let own = self.engine.chain();
            found.sort_by_key(|view| view.chain != Some(own));
            found.truncate(1);
        }
        for view in found {
            self.push(view);
        }
        Ok(())
    }

    fn hash(&mut self, text: &str, vout: Option<u32>) -> Result<(), EngineError> {
        let mut is_found = false;
        for chain in self.chains() {
            let found = self.on(chain, |engine| Ok(engine.resolved_hash(text)))?.flatten();
            if let Some(view) = found {
                is_found = true;
                self.push(MatchView { vout: vout.filter(|_| view.kind == MatchKind::Transaction), ..view });
            }
        }
        if !is_found {
            let labels = self.engine.labels.lookup_transaction(self.engine.chain(), text);
            let mut view = MatchView::new(MatchKind::Transaction, None, text);
            view.vout = vout;
            if let Some(label) = heaviest(labels) {
                view.say(label);
            }
            self.push(view);
        }
        Ok(())
    }

    /// A height of a block: digits alone, or at the end of the address of an explorer's page of a block.
    pub(super) fn number(&mut self, text: &str) -> Result<(), EngineError> {
        let digits = if text.contains("://") {
            let path = text.split(['?', '#']).next().unwrap_or_default();
            let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
            let last = parts.next().unwrap_or_default();
            let is_block =
                parts.next().is_some_and(|part| matches!(part, "block" | "blocks" | "height" | "block-height"));
            if is_block { last } else { return Ok(()) }
        } else {
            text
        };
        let is_number = (1..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let Some(height) = digits.parse::<u32>().ok().filter(|_| is_number) else { return Ok(()) };
        for chain in self.chains() {
            if self.on(chain, |engine| Ok(engine.resolved_block(height)))?.unwrap_or(false) {
                let view = MatchView::new(MatchKind::Block, Some(chain), height.to_string());
                self.push(MatchView { known: true, ..view });
            }
        }
        Ok(())
    }

    /// Entries of lists that have an identifier, and labels on an account of that number.
    pub(super) fn listed(&mut self, text: &str) -> Result<(), EngineError> {
        for listed in self.engine.listed_identifiers(text)?.into_iter().take(EACH_MAX) {
            let mut view = MatchView::new(MatchKind::ListEntry, None, listed.found.id.clone());
            view.title.clone_from(&listed.found.name);
            view.category = Some(listed.category);
            view.list = Some(listed.found.list.clone());
            (view.known, view.listed) = (true, true);
            self.push(view);
        }
        let accounts = heaviest(self.engine.labels.lookup_account(text)).map(|label| {
            let mut view = MatchView::new(MatchKind::Label, label.chain, label.text.to_string());
            view.known = true;
            view.say(label);
            view
        });
        if let Some(view) = accounts {
            self.push(view);
        }
        Ok(())
    }

    /// Campaigns that an address which was found stands in.
    pub(super) fn campaigns_with(&mut self, text: &str) {
        let Some(campaigns) = self.from.campaigns else { return };
        let values: Vec<String> = self
            .matches
            .iter()
            .filter(|m| m.kind == MatchKind::Address)
            .map(|m| m.value.clone())
            .chain([text.to_owned()])
            .collect();
        let found: Vec<MatchView> = campaigns
            .each()
            .filter(|c| c.addresses.iter().any(|a| values.iter().any(|v| a.value.eq_ignore_ascii_case(v))))
            .take(EACH_MAX)
            .map(|campaign| MatchView { known: true, ..MatchView::new(MatchKind::Campaign, None, campaign.id.clone()) })
            .collect();
        for view in found {
            self.push(view);
        }
    }
}

/// A number at the beginning of a text, up to what is no digit.
fn number_at(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The label that weighs most as a statement of ownership.
fn heaviest<'l>(labels: impl IntoIterator<Item = &'l Label>) -> Option<&'l Label> {
    let level = |label: &Label| RiskTable::shipped().level(label.category, label.basis, Relation::Ownership);
    labels.into_iter().filter(|label| label.is_accepted()).max_by_key(|label| (level(label), Reverse(label.basis)))
}

impl MatchView {
    pub(super) fn say(&mut self, label: &Label) {
        self.title = Some(label.name.clone());
        self.category = Some(label.category);
        self.listed |= label.basis == Basis::Designation;
    }
}

impl Engine {
    /// An address of a chain that the store has no blocks of: what labels and lists say.
    fn said_of(&self, chain: Chain, text: &str) -> MatchView {
        let mut view = MatchView::new(MatchKind::Address, Some(chain), text);
        let labels: Vec<&Label> = self.labels.lookup(chain, text).collect();
        view.listed = labels.iter().any(|label| label.is_accepted() && label.basis == Basis::Designation);
        if let Some(label) = heaviest(labels) {
            view.say(label);
        }
        view
    }

    /// An address of this engine's chain.
    fn resolved_address(&self, text: &str) -> MatchView {
        let mut view = self.said_of(self.chain, text);
        if let Some(chain) = &self.account_chain {
            let account = chain.ledger.form().parse(text).ok().and_then(|bytes| chain.ledger.account_id(&bytes));
            if let Some(account) = account {
                view.known = true;
                view.value = chain.ledger.account_text(account);
                if chain.forest.is_some() {
                    view.entity = Some(chain.ledger.account_text(chain.entity_name(account)));
                }
                if view.title.is_none() {
                    let labels = chain.labels_of(account).into_iter().map(|(_, at)| &self.labels.labels()[at as usize]);
                    if let Some(label) = heaviest(labels) {
                        view.say(label);
                    }
                }
            }
            return view;
        }
        let Some(ledger) = self.ledger.as_ref().filter(|ledger| ledger.tip().is_some()) else { return view };
        let key = parse_key(ledger.chain(), ledger.network(), text).ok();
        if let Some(id) = key.and_then(|key| ledger.address_id(&key)) {
            view.known = true;
            view.value = ledger.address_text(id);
            if let Some(forest) = &self.forest {
                view.entity = Some(ledger.address_text(self.guard.name(forest, id)));
            }
            if view.title.is_none() {
                let subject = self.known.subject(id, self.root_of(id));
                let label = subject.and_then(|subject| self.known.heaviest(subject, &self.labels));
                if let Some(label) = label {
                    view.say(label);
                }
            }
        }
        view
    }

    /// A hash that this engine's chain has, as a transaction or a block.
    fn resolved_hash(&self, text: &str) -> Option<MatchView> {
        let known = |kind, value: String| MatchView { known: true, ..MatchView::new(kind, Some(self.chain), value) };
        let bare = text.strip_prefix("0x").unwrap_or(text);
        if let Some(chain) = &self.account_chain {
            let hash = crate::account_chain::hash_of(bare)?;
            if chain.ledger.tx_by_hash(&hash).is_some() {
                let mut view = known(MatchKind::Transaction, hash_text(chain.ledger.form(), &hash));
                let labels = self.labels.lookup_transaction(self.chain, &view.value);
                if let Some(label) = heaviest(labels) {
                    view.say(label);
                }
                return Some(view);
            }
            let rank = chain.ledger.block_by_hash(&hash)?;
            return Some(known(MatchKind::Block, chain.ledger.block(rank).number.to_string()));
        }
        let ledger = self.ledger.as_ref()?;
        let hash: Hash32 = bare.parse().ok()?;
        if ledger.tx_by_id(&hash).is_some() {
            let mut view = known(MatchKind::Transaction, hash.to_string());
            let labels = self.labels.lookup_transaction(self.chain, &view.value);
            if let Some(label) = heaviest(labels) {
                view.say(label);
            }
            return Some(view);
        }
        ledger.height_of(&hash).map(|height| known(MatchKind::Block, height.0.to_string()))
    }

    /// Whether its chain has a block of that height or number.
    fn resolved_block(&self, height: u32) -> bool {
        match (&self.account_chain, &self.ledger) {
            (Some(chain), _) => chain.ledger.rank_of(height).is_some(),
            (None, Some(ledger)) => ledger.block(Height(height)).is_some(),
            (None, None) => false,
        }
    }
}
