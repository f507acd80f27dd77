//! The store as of a day, on either of the two axes of time.

use crate::decision::{self, Decision, DecisionKind, Field, LabelId};
use crate::error::LabelError;
use crate::import::{self, ImportOptions};
use crate::journal;
use crate::label::{Label, SubjectKind};
use crate::manifest::{self, Entry};
use crate::report::ImportOutcome;
use crate::store::LabelStore;
use athar_types::{Basis, Category, Day};
use std::collections::BTreeMap;
use std::path::Path;

/// Which labels are meant. The default is everything that is known now, whenever it was true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct AsOf {
    /// Only what held in the world on that day. A label whose source gives no dates counts as holding: nothing says that
    /// it did not.
    pub true_on: Option<Day>,
    /// Only what this store knew at the end of that day, packs and decisions alike.
    pub known_on: Option<Day>,
}

impl AsOf {
    /// Whether an import is one of those meant.
    pub(crate) fn uses(self, entry: &Entry) -> bool {
        self.known_on.map_or_else(|| entry.is_live(), |day| entry.was_known_on(day))
    }
}

/// What a user decides about a label, without the label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ruling {
    /// What is decided.
    pub kind: DecisionKind,
    /// New values of a correction.
    pub changes: BTreeMap<Field, Option<String>>,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Option<String>,
    /// The day of the decision; not before that of the last one.
    pub day: Day,
}

/// A label of the user's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnLabel {
    /// The address, transaction id or account number, as written.
    pub subject: String,
    /// Which of them it is.
    pub kind: SubjectKind,
    /// Chain or asset, where the address does not say it.
    pub chain: Option<String>,
    /// Name.
    pub name: String,
    /// Category.
    pub category: Category,
    /// What the statement stands on.
    pub basis: Basis,
    /// Where it is shown. Never empty.
    pub source: String,
    /// An id of confidence, or 0 to 100.
    pub confidence: Option<String>,
    /// Country or jurisdiction.
    pub country: Option<String>,
    /// Actor.
    pub actor: Option<String>,
    /// First day on which it holds.
    pub valid_from: Option<Day>,
    /// Last day on which it holds.
    pub valid_to: Option<Day>,
    /// Further context.
    pub context: Option<String>,
    /// Licence.
    pub license: Option<String>,
}

impl LabelStore {
    /// The same store as it stood at a moment, with every look-up. It is read from the packs, superseded ones too.
    pub fn as_of(&self, as_of: AsOf) -> Result<Self, LabelError> {
        Self::open_as_of(self.dir.clone(), as_of)
    }

    /// The labels of a statement, retracted ones too. More than one where a file says the same on several lines.
    pub fn of_id(&self, id: LabelId) -> impl Iterator<Item = &Label> {
        self.iter().filter(move |label| label.id() == id)
    }

    /// Records a decision about a statement; see [`Decision`]. It is refused where it has no reason, where the statement is
    /// not known, where it would change nothing, and where its day lies before that of an earlier decision.
    pub fn decide_on(&mut self, id: LabelId, ruling: Ruling) -> Result<Decision, LabelError> {
        self.writable()?;
        let refuse = |message: String| Err(LabelError::undecidable(&self.dir, message));
        let Some(label) = self.of_id(id).next() else {
            return refuse(format!("no label in use has the id {id}"));
        };
        if ruling.reason.trim().is_empty() {
            return refuse("a decision needs a reason".into());
        }
        if let Some(last) = self.decisions.iter().max_by_key(|d| d.day).filter(|last| ruling.day < last.day) {
            return refuse(format!("the day {} lies before that of the last decision, {}", ruling.day, last.day));
        }
        let nothing = match ruling.kind {
            DecisionKind::Retract => label.is_retracted().then_some("it is retracted already"),
            DecisionKind::Restore => (!label.is_retracted()).then_some("it is not retracted"),
            DecisionKind::Dispute => label.is_disputed().then_some("it is disputed already"),
            DecisionKind::Undispute => (!label.is_disputed()).then_some("it is not disputed"),
            DecisionKind::Correct => match decision::corrected(&label.claim, &ruling.changes) {
                Err(message) => return refuse(message),
                Ok(new) => (new == *label.claim).then_some("it says that already"),
            },
        };
        if let Some(message) = nothing {
            return refuse(format!("{id}: {message}"));
        }
        let decision = Decision {
            kind: ruling.kind,
            label: id,
            subject: label.subject,
            chain: label.chain,
            text: label.text.to_string(),
            changes: ruling.changes,
            reason: ruling.reason.trim().to_owned(),
            by: ruling.by.map(|by| by.trim().to_owned()).filter(|by| !by.is_empty()),
            day: ruling.day,
        };
        let new = journal::write(&self.disk, &self.dir, self.decision_hashes.len(), std::slice::from_ref(&decision))?;
        let hashes: Vec<String> = self.decision_hashes.iter().cloned().chain(new).collect();
        manifest::write(&self.disk, &self.dir, &self.entries, &hashes)?;
        self.decision_hashes = hashes;
        self.decisions.push(decision.clone());
        self.reload();
        Ok(decision)
    }

    /// Adds a label of the user's own: a pack of one label, which can be retracted and corrected like any other. An address
    /// that does not pass the checks is refused, and nothing is stored.
    pub fn add(&mut self, own: &OwnLabel, options: &ImportOptions) -> Result<ImportOutcome, LabelError> {
        self.writable()?;
        if own.source.trim().is_empty() || own.name.trim().is_empty() {
            return Err(LabelError::undecidable(&self.dir, "a label of your own needs a name and a source"));
        }
        let bytes = own.to_csv().map_err(LabelError::io(&self.dir))?;
        let series = format!("own:{}", &blake3::hash(&bytes).to_hex()[..16]);
        let options = ImportOptions { series: Some(series), ..options.clone() };
        let path = Path::new("own label");
        let (draft, report) = import::read_bytes(path, &bytes, &options)?;
        if report.accepted + report.transactions + report.identifiers != 1 || !report.defects.is_empty() {
            let why = report.defects.first().map_or_else(|| "not an address".into(), |d| d.message.clone());
            return Err(LabelError::undecidable(&self.dir, why));
        }
        self.store_drafts(vec![(path.to_owned(), draft, report)], Vec::new(), &options)
    }
}

impl OwnLabel {
    /// The label as the project's own table.
    fn to_csv(&self) -> std::io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record([
            "address",
            "label",
            "category",
            "source",
            "confidence",
            "basis",
            "country",
            "valid_from",
            "valid_to",
            "chain",
            "actor",
            "context",
            "subject_kind",
            "license",
        ])?;
        let text = |text: &Option<String>| crate::export::guarded(text.as_deref().unwrap_or_default());
        let day = |day: Option<Day>| day.map(|d| d.to_string()).unwrap_or_default();
        writer.write_record([
            crate::export::guarded(self.subject.trim()),
            crate::export::guarded(&self.name),
            self.category.to_string(),
            crate::export::guarded(&self.source),
            text(&self.confidence),
            self.basis.to_string(),
            text(&self.country),
            day(self.valid_from),
            day(self.valid_to),
            text(&self.chain),
            text(&self.actor),
            text(&self.context),
            self.kind.to_string(),
            text(&self.license),
        ])?;
        writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
    }
}
