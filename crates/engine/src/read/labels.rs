//! Labels as they are listed and exported.

use crate::Engine;
use crate::error::EngineError;
use crate::target::Target;
use athar_labels::{Label, export_csv, export_tagpack};
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

/// One label.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelView {
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
    /// Why the entry is quarantined; none: accepted.
    pub quarantine: Option<String>,
    /// A defect of an accepted entry.
    pub note: Option<String>,
}

impl From<&Label> for LabelView {
    fn from(label: &Label) -> Self {
        Self {
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
            quarantine: label.quarantine.map(|d| d.name().to_string()),
            note: label.note.map(|d| d.name().to_string()),
        }
    }
}

impl Engine {
    /// The network that addresses of Bitcoin are read on: the store's, or mainnet.
    pub(crate) fn network(&self) -> Network {
        self.ledger.as_ref().map_or(Network::Mainnet, athar_ledger::Ledger::network)
    }

    /// All labels, or those of one subject; `quarantined` gives the entries that were kept aside instead.
    pub fn labels(
        &self,
        subject: Option<&str>,
        quarantined: bool,
        offset: u64,
        limit: usize,
    ) -> Result<LabelsView, EngineError> {
        let of_subject: Vec<&Label> = match subject {
            None => self.labels.iter().collect(),
            Some(text) => match Target::parse(text, self.chain, self.network()) {
                Target::Address(a) => {
                    let others = self.labels.mentions(a.chain, &a.text);
                    self.labels.lookup(a.chain, &a.text).chain(others).collect()
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
        let wanted = |label: &&&Label| label.is_accepted() != quarantined || (subject.is_some() && !quarantined);
        let matching: Vec<&&Label> = of_subject.iter().filter(wanted).collect();
        let labels: Vec<LabelView> =
            matching.iter().skip(offset as usize).take(limit).map(|label| LabelView::from(**label)).collect();
        Ok(LabelsView {
            total: matching.len() as u64,
            truncated: offset + (labels.len() as u64) < matching.len() as u64,
            labels,
            offset,
            snapshot: self.snapshot("labels", &(subject, quarantined, offset, limit)),
        })
    }

    /// Every accepted label as CSV; cells that a spreadsheet would run are guarded.
    pub fn labels_csv(&self) -> Result<String, EngineError> {
        let mut out = Vec::new();
        export_csv(self.labels.iter(), &mut out)
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
}
