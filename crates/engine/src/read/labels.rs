//! Labels as they are listed and exported.

use crate::Engine;
use crate::engine::hex;
use crate::error::EngineError;
use crate::target::Target;
use athar_labels::{Label, export_actorpack, export_csv, export_tagpack, export_tagpacks};
use athar_types::{Basis, Category, Day, Network};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of labels.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelsView {
    /// The labels.
    pub labels: Vec<LabelView>,
    /// Labels in all, of those asked for.
    pub total: u64,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more after the page.
    pub truncated: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Labels of which standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelsOf {
    /// Those in use; of one subject also the quarantined entries that mention it.
    InUse,
    /// The quarantined entries.
    Quarantined,
    /// Everything, retracted labels too.
    All,
}

/// Subjects whose labels contradict each other.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelConflictsView {
    /// The contradictions, by subject and kind.
    pub conflicts: Vec<LabelConflict>,
    /// Contradictions in all.
    pub total: u64,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more after the page.
    pub truncated: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One contradiction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelConflict {
    /// What the labels are about.
    pub subject: String,
    /// Its chain.
    #[schemars(with = "Option<String>")]
    pub chain: Option<&'static str>,
    /// `owner` (two actors, or two services' names), `risk` (a risk beside a harmless trade), `designation` (ended beside
    /// standing) or `disputed`.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// The labels that take part, with their sources.
    pub labels: Vec<LabelView>,
}

/// One label.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelView {
    /// Identity of the statement, for decisions about it.
    pub id: String,
    /// What it is about: the canonical text, or as written where it is quarantined.
    pub subject: String,
    /// `address`, `transaction` or `account`.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// Chain of the subject.
    #[schemars(with = "Option<String>")]
    pub chain: Option<&'static str>,
    /// The name given to it.
    pub label: String,
    /// Its category.
    #[schemars(with = "String")]
    pub category: Category,
    /// What the statement stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// Where it was made.
    pub source: Option<String>,
    /// How sure the source is, 0 to 100.
    pub confidence: Option<u8>,
    /// Id of the actor.
    pub actor: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// First day on which it holds.
    #[schemars(with = "Option<String>")]
    pub valid_from: Option<Day>,
    /// Last day on which it holds.
    #[schemars(with = "Option<String>")]
    pub valid_to: Option<Day>,
    /// Title of the file it was read from.
    pub pack: String,
    /// Line in that file.
    pub line: u32,
    /// Licence of the label, or of the file where it has none of its own.
    pub license: Option<String>,
    /// Further context, as written.
    pub context: Option<String>,
    /// Whether it is an allegation: says a risk that nobody has decided on.
    pub alleged: bool,
    /// First day on which this store used it.
    #[schemars(with = "Option<String>")]
    pub known_from: Option<Day>,
    /// The day from which this store did not use its version any more.
    #[schemars(with = "Option<String>")]
    pub known_to: Option<Day>,
    /// Reason of the dispute in force. A disputed label keeps its weight.
    pub disputed: Option<String>,
    /// Reason of the retraction in force. A retracted label has no weight.
    pub retracted: Option<String>,
    /// Reasons of the corrections of it, in their order.
    pub corrected: Vec<String>,
    /// Why the entry is quarantined; none: accepted.
    pub quarantine: Option<String>,
    /// A defect of an accepted entry.
    pub note: Option<String>,
}

impl From<&Label> for LabelView {
    fn from(label: &Label) -> Self {
        let decided = label.decided.as_deref();
        Self {
            id: label.id().to_string(),
            subject: label.text.to_string(),
            kind: label.subject.name(),
            chain: label.chain.map(athar_types::Chain::name),
            label: label.name.clone(),
            category: label.category,
            basis: label.basis,
            source: label.source.clone(),
            confidence: label.confidence.as_ref().and_then(|c| c.level),
            actor: label.actor.clone(),
            country: label.country.clone(),
            valid_from: label.valid_from,
            valid_to: label.valid_to,
            pack: label.pack.title.clone(),
            line: label.line,
            license: label.license().map(str::to_owned),
            context: label.context.as_deref().map(str::to_owned),
            alleged: label.basis.is_allegation() && label.categories.iter().any(|c| c.is_risk()),
            known_from: None,
            known_to: None,
            disputed: decided.and_then(|d| d.disputed.as_ref()).map(|d| d.reason.clone()),
            retracted: decided.and_then(|d| d.retracted.as_ref()).map(|d| d.reason.clone()),
            corrected: decided.map(|d| d.corrections.iter().map(|c| c.reason.clone()).collect()).unwrap_or_default(),
            quarantine: label.quarantine.map(|d| d.name().to_string()),
            note: label.note.map(|d| d.name().to_string()),
        }
    }
}

/// Which labels are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LabelFilter {
    /// Those whose name holds this, upper and lower case alike.
    pub name: Option<String>,
    /// Those of a category.
    pub category: Option<Category>,
}

impl Engine {
    /// The network that addresses of Bitcoin are read on: the store's, or mainnet.
    pub(crate) fn network(&self) -> Network {
        self.ledger.as_ref().map_or(Network::Mainnet, athar_ledger::Ledger::network)
    }

    /// All labels, or those of one subject; `which` says of what standing.
    pub fn labels(
        &self,
        subject: Option<&str>,
        which: LabelsOf,
        offset: u64,
        limit: usize,
    ) -> Result<LabelsView, EngineError> {
        self.labels_filtered(subject, which, &LabelFilter::default(), offset, limit)
    }

    /// The same, of those labels alone that a filter lets through.
    pub fn labels_filtered(
        &self,
        subject: Option<&str>,
        which: LabelsOf,
        filter: &LabelFilter,
        offset: u64,
        limit: usize,
    ) -> Result<LabelsView, EngineError> {
        let of_subject: Vec<&Label> = match subject {
            None => self.labels.iter().collect(),
            Some(text) => match Target::parse(text, self.chain, self.network()) {
                Target::Address(a) => {
                    let others = self.labels.mentions(a.chain, &a.text);
                    let retracted = self
                        .labels
                        .iter()
                        .filter(|l| l.is_retracted() && l.chain == Some(a.chain) && *l.text == *a.text);
                    self.labels.lookup(a.chain, &a.text).chain(others).chain(retracted).collect()
                }
                Target::Hash(id) | Target::Output(id, _) => {
                    self.labels.lookup_transaction(self.chain, &id.to_string()).collect()
                }
                Target::Invalid(_) => {
                    let text = text.trim();
                    self.labels.lookup_account(text).chain(self.labels.quarantined(text)).collect()
                }
            },
        };
        let wanted = |label: &&&Label| match which {
            LabelsOf::InUse => label.is_accepted() || (subject.is_some() && label.quarantine.is_some()),
            LabelsOf::Quarantined => label.quarantine.is_some(),
            LabelsOf::All => true,
        };
        let name = filter.name.as_deref().map(str::to_lowercase);
        let passes = |label: &&&Label| {
            name.as_deref().is_none_or(|name| label.name.to_lowercase().contains(name))
                && filter.category.is_none_or(|category| label.categories.contains(&category))
        };
        let matching: Vec<&&Label> = of_subject.iter().filter(wanted).filter(passes).collect();
        let labels: Vec<LabelView> =
            matching.iter().skip(offset as usize).take(limit).map(|label| self.label_view(label)).collect();
        Ok(LabelsView {
            total: matching.len() as u64,
            truncated: offset + (labels.len() as u64) < matching.len() as u64,
            labels,
            offset,
            snapshot: if filter == &LabelFilter::default() {
                self.snapshot("labels", &(subject, which, offset, limit, hex(&self.labels.history_version())))
            } else {
                let asked = (subject, which, filter, offset, limit, hex(&self.labels.history_version()));
                self.snapshot("labels filtered", &asked)
            },
        })
    }

    fn label_view(&self, label: &Label) -> LabelView {
        let known = self.labels.known(label.pack.id);
        LabelView {
            known_from: known.map(|(from, _)| from),
            known_to: known.and_then(|(_, to)| to),
            ..LabelView::from(label)
        }
    }

    /// Subjects whose labels contradict each other, a page of them.
    pub fn label_conflicts(&self, offset: u64, limit: usize) -> LabelConflictsView {
        let all = self.labels.conflicts();
        let page = all.iter().skip(offset as usize).take(limit);
        let conflicts: Vec<LabelConflict> = page
            .map(|c| LabelConflict {
                subject: c.text.to_owned(),
                chain: c.chain.map(athar_types::Chain::name),
                kind: c.kind.name(),
                labels: c.labels.iter().map(|label| self.label_view(label)).collect(),
            })
            .collect();
        LabelConflictsView {
            total: all.len() as u64,
            truncated: offset + (conflicts.len() as u64) < all.len() as u64,
            conflicts,
            offset,
            snapshot: self.snapshot("labels conflicts", &(offset, limit, hex(&self.labels.history_version()))),
        }
    }

    /// The whole history of labels, superseded and retracted ones too, for another store.
    pub fn labels_history(&self, out: impl std::io::Write) -> Result<(), EngineError> {
        Ok(self.labels.export_history(out)?)
    }

    /// Every accepted label as CSV; cells that a spreadsheet would run are guarded.
    pub fn labels_csv(&self) -> Result<String, EngineError> {
        let mut out = Vec::new();
        export_csv(self.labels.iter(), &mut out)
            .map_err(|source| EngineError::Io { path: "standard output".into(), source })?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Every actor as a GraphSense ActorPack.
    pub fn labels_actorpack(&self) -> Result<String, EngineError> {
        let mut out = Vec::new();
        export_actorpack("Athar actors", "Athar", self.labels.actors(), &mut out)
            .map_err(|source| EngineError::Io { path: "standard output".into(), source })?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Every accepted label as a GraphSense TagPack.
    pub fn labels_tagpack(&self) -> Result<String, EngineError> {
        let mut out = Vec::new();
        export_tagpack("Athar labels", "Athar", self.labels.iter(), &mut out)
            .map_err(|source| EngineError::Io { path: "standard output".into(), source })?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// The accepted labels as GraphSense TagPacks, one for each pack that they were read from: file names and contents.
    pub fn labels_tagpacks(&self) -> Result<Vec<(String, Vec<u8>)>, EngineError> {
        export_tagpacks(self.labels.iter()).map_err(|source| EngineError::Io { path: "memory".into(), source })
    }
}
