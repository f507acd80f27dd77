//! A label: one statement by one source about one address, transaction or account.
//!
//! What many labels of a pack share (name, category, source, basis …) is a [`Claim`], held once; a label adds what is
//! its own (the text, the line). A million labels of one pack are then about a hundred bytes each.

use crate::decision::{Decided, LabelId};
use crate::defect::DefectKind;
use crate::pack::PackInfo;
use crate::risk::risk_of;
use athar_types::{Basis, Category, Chain, Day, Level, Relation};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Deref, sync::Arc};

/// What a label is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An address of a chain.
    Address,
    /// A transaction of a chain.
    Transaction,
    /// An account number at a service: an identifier of its own kind, of no chain.
    Account,
}

impl SubjectKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Transaction => "transaction",
            Self::Account => "account",
        }
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure the source is, in GraphSense's vocabulary.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Confidence {
    /// The id as written (`forensic`), or the number as written.
    pub id: String,
    /// 0 to 100; `None` for an id that the published table does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}

/// What is said, by whom and on what ground: everything of a label except its subject.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The name given to the subject, as written.
    pub name: String,
    /// The category that weighs most among all that were given: [`Self::categories`]`[0]`.
    pub category: Category,
    /// Every category that the concepts map to, the weightiest first. Never empty.
    pub categories: Vec<Category>,
    /// The concepts as written: category, abuse, programmes. Unknown ones are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<String>,
    /// What the statement stands on.
    pub basis: Basis,
    /// Where the statement was made: a URL or a text, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How sure the source is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Id of the actor in an actor pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Country or jurisdiction, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Asset or currency as written (`XBT`, `USDT`); it may contradict the chain, see [`Label::note`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// First day on which the statement holds in the world. `None`: the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Day>,
    /// Last day on which the statement holds in the world. `None`: the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Day>,
    /// The day on which the source last changed the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lastmod: Option<Day>,
    /// Whether the source wants the label to name the whole cluster. `None`: the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_cluster_definer: Option<bool>,
    /// GraphSense's tag type (`actor`, `event`, `mention`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_type: Option<String>,
    /// Id of the entry in its list: OFAC's uid, the number of a seizure order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Other names that the list gives the same subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Licence of the statement, where its source gives it one of its own; else the pack's holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Fields that no importer knows, as `name: value`, kept as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
}

impl Claim {
    /// A claim with a name, categories (the weightiest first) and a basis, and nothing else said.
    pub fn new(name: impl Into<String>, categories: Vec<Category>, basis: Basis) -> Self {
        Self {
            name: name.into(),
            category: categories.first().copied().unwrap_or(Category::Unknown),
            categories,
            concepts: Vec::new(),
            basis,
            source: None,
            confidence: None,
            actor: None,
            country: None,
            asset: None,
            valid_from: None,
            valid_to: None,
            lastmod: None,
            is_cluster_definer: None,
            tag_type: None,
            entry: None,
            aliases: Vec::new(),
            license: None,
            extra: Vec::new(),
        }
    }

    /// Whether the subject pools many customers' money, so that a trace stops there. One customer's own deposit
    /// account at a service does not.
    pub fn is_service(&self) -> bool {
        self.categories.iter().any(|c| c.is_service()) && !self.categories.contains(&Category::CustodialAccount)
    }

    /// The level of this claim by the shipped table, for an address that stands in `relation` to the labelled one: the
    /// highest over all its categories.
    pub fn level(&self, relation: Relation) -> Level {
        self.categories.iter().map(|c| risk_of(*c, self.basis, relation)).max().unwrap_or_default()
    }

    /// Whether the statement held on `day` as far as the source says: an open end counts as holding.
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// One label. It dereferences to its [`Claim`]: `label.category` is `label.claim.category`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// What the label is about. Of a quarantined entry: what it was meant to be about.
    pub subject: SubjectKind,
    /// The chain that the text belongs to. `None` for accounts, and for quarantined entries whose chain is open.
    pub chain: Option<Chain>,
    /// The canonical text (see [`athar_types::NormalAddress`]); of a quarantined entry the text as written.
    pub text: Box<str>,
    /// The text as written, where it differs from [`Self::text`].
    pub as_written: Option<Box<str>>,
    /// Why the entry is quarantined; `None`: accepted.
    pub quarantine: Option<DefectKind>,
    /// A defect of an accepted entry, such as [`DefectKind::AssetMismatch`].
    pub note: Option<DefectKind>,
    /// Further context, often JSON, as written.
    pub context: Option<Box<str>>,
    /// Line of the entry in its file, from 1.
    pub line: u32,
    /// What is said.
    pub claim: Arc<Claim>,
    /// Where it was read.
    pub pack: Arc<PackInfo>,
    /// What was decided about it here; `None`: nothing.
    pub decided: Option<Arc<Decided>>,
}

impl Deref for Label {
    type Target = Claim;

    fn deref(&self) -> &Claim {
        &self.claim
    }
}

impl Label {
    /// Whether the label is in use: its entry passed every check of its subject, and nobody retracted it.
    pub fn is_accepted(&self) -> bool {
        self.quarantine.is_none() && !self.is_retracted()
    }

    /// Whether a retraction is in force. Such a label is no statement any more, and stays as history.
    pub fn is_retracted(&self) -> bool {
        self.decided.as_ref().is_some_and(|d| d.retracted.is_some())
    }

    /// Whether a dispute is in force. A disputed label is used all the same, and is shown as disputed.
    pub fn is_disputed(&self) -> bool {
        self.decided.as_ref().is_some_and(|d| d.disputed.is_some())
    }

    /// What the source said, before any correction.
    pub fn as_said(&self) -> &Claim {
        self.decided.as_ref().and_then(|d| d.said.as_deref()).unwrap_or(&self.claim)
    }

    /// The licence that the label is under: its own, or its pack's.
    pub fn license(&self) -> Option<&str> {
        self.claim.license.as_deref().or(self.pack.license.as_deref())
    }

    /// The identity of the statement, for decisions about it.
    pub fn id(&self) -> LabelId {
        LabelId::of(self)
    }

    /// Takes every decision off again.
    pub(crate) fn undecided(mut self) -> Self {
        if let Some(said) = self.decided.take().and_then(|d| d.said.clone()) {
            self.claim = said;
        }
        self
    }
}

/// Flat JSON with every field of label, claim and pack: the shape in answers.
impl Serialize for Label {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            id: LabelId,
            subject: SubjectKind,
            chain: Option<Chain>,
            text: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            as_written: Option<&'a str>,
            status: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            disputed: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            quarantine: Option<DefectKind>,
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<DefectKind>,
            #[serde(flatten)]
            claim: &'a Claim,
            #[serde(skip_serializing_if = "Option::is_none")]
            context: Option<&'a str>,
            pack: String,
            pack_title: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            pack_as_of: Option<Day>,
            line: u32,
        }
        let disputed = self.decided.as_ref().and_then(|d| d.disputed.as_ref());
        Flat {
            id: self.id(),
            subject: self.subject,
            chain: self.chain,
            text: &self.text,
            as_written: self.as_written.as_deref(),
            status: match self.quarantine {
                Some(_) => "quarantined",
                None if self.is_retracted() => "retracted",
                None => "accepted",
            },
            disputed: disputed.map(|d| d.reason.as_str()),
            quarantine: self.quarantine,
            note: self.note,
            claim: &self.claim,
            context: self.context.as_deref(),
            pack: self.pack.id.to_string(),
            pack_title: &self.pack.title,
            pack_as_of: self.pack.as_of,
            line: self.line,
        }
        .serialize(serializer)
    }
}
