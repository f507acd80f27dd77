//! A name looked for in labels, campaigns and lists.
//!
//! Labels are asked in two ways: whose name holds the words of the question, letter by letter; and whose name is near it as the
//! screening of names has it, which reads across scripts. Entries of lists are asked by that screening alone.

use super::identifiers::Finder;
use super::{MatchKind, MatchView};
use crate::Engine;
use athar_labels::{Label, RiskTable};
use athar_names::{Facts, Listed, ListedName, Query, Screener, Session, THRESHOLD, Wanted};
use athar_types::Relation;
use athar_types::address::parse_key;
use rustc_hash::FxHashMap;

/// Matches of one kind.
const EACH_MAX: usize = 20;
/// Names of labels that are filed for a search across scripts. With more of them labels are found letter by letter alone.
const FILED_MAX: usize = 50_000;
/// Characters of a question that is worth a search letter by letter.
const LETTERS_MIN: usize = 2;

/// The names of the labels in use.
#[derive(Debug)]
pub(crate) struct LabelNames {
    names: Vec<NameOf>,
    /// Across scripts; none where they are too many.
    screener: Option<Screener>,
}

/// One name.
#[derive(Debug)]
struct NameOf {
    /// Without upper case and marks.
    folded: String,
    /// The label with that name that weighs most, by its place in the store.
    label: u32,
    /// Labels of that name.
    count: u64,
}

impl LabelNames {
    fn of(engine: &Engine) -> Self {
        let level = |label: &Label| RiskTable::shipped().level(label.category, label.basis, Relation::Ownership);
        let mut places: FxHashMap<&str, usize> = FxHashMap::default();
        let mut names: Vec<NameOf> = Vec::new();
        let labels = engine.labels.labels();
        for (at, label) in (0_u32..).zip(labels).filter(|(_, label)| label.is_accepted()) {
            let place = *places.entry(&label.name).or_insert(names.len());
            match names.get_mut(place) {
                Some(name) => {
                    name.count += 1;
                    if level(label) > level(&labels[name.label as usize]) {
                        name.label = at;
                    }
                }
                None => names.push(NameOf { folded: folded(&label.name), label: at, count: 1 }),
            }
        }
        let screener = (names.len() <= FILED_MAX).then(|| {
            let listed = names.iter().enumerate().map(|(at, name)| Listed {
                list: "labels".into(),
                id: at.to_string(),
                names: vec![ListedName { text: labels[name.label as usize].name.clone(), weak: false }],
                facts: Facts::default(),
            });
            Screener::new(listed.collect())
        });
        Self { names, screener }
    }

    /// Places of names that hold every word of the question, the shortest first; then those that are near it.
    fn find(&self, question: &str) -> Vec<(usize, Option<f32>)> {
        let asked = folded(question);
        let words: Vec<&str> = asked.split_whitespace().collect();
        let mut found: Vec<(usize, Option<f32>)> = Vec::new();
        if asked.chars().count() >= LETTERS_MIN {
            let holds = |name: &NameOf| words.iter().all(|word| name.folded.contains(word));
            let mut holding: Vec<usize> = (0..self.names.len()).filter(|at| holds(&self.names[*at])).collect();
            holding.sort_by_key(|at| (!self.names[*at].folded.starts_with(&asked), self.names[*at].folded.len(), *at));
            found.extend(holding.into_iter().take(EACH_MAX + 1).map(|at| (at, None)));
        }
        if let Some(screener) = &self.screener {
            let query = Query { name: question.to_owned(), facts: Facts::default() };
            let wanted = Wanted { threshold: THRESHOLD, top: EACH_MAX };
            for hit in screener.screen(&query, &wanted, &mut Session::default()) {
                if let Ok(at) = hit.id.parse::<usize>()
                    && !found.iter().any(|(known, _)| *known == at)
                {
                    found.push((at, Some(hit.score)));
                }
            }
        }
        found
    }
}

/// A name without upper case, and without the marks that Arabic is written with or not.
fn folded(name: &str) -> String {
    let kept = name.chars().filter(|c| !matches!(c, '\u{0640}' | '\u{064b}'..='\u{065f}' | '\u{0670}'));
    let plain = kept.map(|c| match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        other => other,
    });
    plain.flat_map(char::to_lowercase).collect()
}

impl Finder<'_, '_> {
    /// Everything that a name could mean.
    pub(super) fn name(&mut self, text: &str) {
        self.campaigns_named(text);
        let engine = self.engine;
        let names = engine.label_names.get_or_init(|| LabelNames::of(engine));
        for (at, score) in names.find(text).into_iter().take(EACH_MAX) {
            let name = &names.names[at];
            let label = &engine.labels.labels()[name.label as usize];
            let mut view = MatchView::new(MatchKind::Label, label.chain, label.text.to_string());
            view.say(label);
            (view.known, view.score, view.labels) = (true, score, Some(name.count));
            view.entity = engine.entity_named(label);
            self.push(view);
        }
        let Some(screener) = self.from.names else { return };
        let query = Query { name: text.to_owned(), facts: Facts::default() };
        let wanted = Wanted { threshold: THRESHOLD, top: EACH_MAX };
        for hit in screener.screen(&query, &wanted, &mut Session::default()) {
            let mut view = MatchView::new(MatchKind::Name, None, hit.id);
            view.title = Some(hit.matched_name);
            view.list = Some(hit.list);
            view.score = Some(hit.score);
            (view.known, view.listed) = (true, true);
            self.matches.push(view);
        }
    }

    /// Campaigns by their id, or by a channel or site that they were published on.
    fn campaigns_named(&mut self, text: &str) {
        let Some(campaigns) = self.from.campaigns else { return };
        let asked = folded(text);
        let bare = asked.trim_start_matches('@');
        if bare.chars().count() < LETTERS_MIN {
            return;
        }
        let mut found = Vec::new();
        for campaign in campaigns.each() {
            let is_id = campaign.id.eq_ignore_ascii_case(text) || campaign.former_ids.iter().any(|id| id == text);
            let place = campaign.timeline.iter().map(|entry| &entry.place.name);
            let place = place.into_iter().find(|name| folded(name).contains(bare));
            if is_id || place.is_some() {
                let view = MatchView::new(MatchKind::Campaign, None, campaign.id.clone());
                found.push(MatchView { known: true, title: place.cloned(), ..view });
            }
            if found.len() >= EACH_MAX {
                break;
            }
        }
        for view in found {
            self.push(view);
        }
    }
}

impl Engine {
    /// The name of the entity that a label is on, where its chain is this one.
    fn entity_named(&self, label: &Label) -> Option<String> {
        if label.chain != Some(self.chain) {
            return None;
        }
        if let Some(chain) = &self.account_chain {
            let account = chain.ledger.account_id(&chain.ledger.form().parse(&label.text).ok()?)?;
            chain.forest.as_ref()?;
            return Some(chain.ledger.account_text(chain.entity_name(account)));
        }
        let (ledger, forest) = (self.ledger.as_ref()?, self.forest.as_ref()?);
        let id = ledger.address_id(&parse_key(ledger.chain(), ledger.network(), &label.text).ok()?)?;
        Some(ledger.address_text(self.guard.name(forest, id)))
    }
}
