//! An entry of a list: one person, organisation, vessel or aircraft, with all that the list says of it.
//!
//! Texts are kept as written, with runs of white space made one space. A date that the list does not give is absent, and
//! what has no field of its own stands in [`ListEntry::details`]: nothing that was read is dropped.

use crate::date::PartialDay;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an entry is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A natural person.
    Person,
    /// An organisation, company or group.
    Organisation,
    /// A ship.
    Vessel,
    /// An aircraft.
    Aircraft,
    /// Something else, or the list does not say.
    Other,
}

impl EntryKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Other => "other",
        }
    }
}

/// How a name stands to its bearer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// The name that the list files the entry under.
    Primary,
    /// Another name ("also known as").
    Alias,
    /// A name borne before ("formerly known as").
    Former,
    /// The name in its own script.
    OriginalScript,
}

impl NameKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Alias => "alias",
            Self::Former => "former",
            Self::OriginalScript => "original_script",
        }
    }
}

/// How well a name identifies its bearer, as the list says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Good, strong.
    Good,
    /// Low, weak: broad or generic, many others bear it.
    Low,
    /// The list does not say.
    Unstated,
}

impl Quality {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Low => "low",
            Self::Unstated => "unstated",
        }
    }
}

/// A name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListedName {
    /// The name as written; its parts, where the list gives parts, joined by a space in the order of the source.
    pub text: String,
    /// How it stands to its bearer.
    pub kind: NameKind,
    /// How well it identifies.
    pub quality: Quality,
}

/// A date of birth, or what is known of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Birth {
    /// The date, or the beginning of a range. `None`: no date can be read from [`Self::as_written`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<PartialDay>,
    /// The end of a range, included; equal to [`Self::from`] for one date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<PartialDay>,
    /// Whether the list says that it is approximate.
    pub circa: bool,
    /// The text as written.
    pub as_written: String,
}

/// Something other than a name that identifies.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Identifier {
    /// `passport`, `national_id`, `tax_id`, `account`, `phone`, `email`, `website`, `registration`, `imo`, `swift`,
    /// `lei`, `wallet`, `other`.
    pub kind: String,
    /// The value as written.
    pub value: String,
    /// Country that issued it, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What else the list says of it: its kind in the list's words, dates, place of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An address of a digital currency.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Wallet {
    /// The currency in the list's words (`XBT`, `USDT`); empty where the list does not say.
    pub asset: String,
    /// The address as written.
    pub address: String,
    /// The line that it stands in, from 1.
    pub line: u32,
}

/// What has no field of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Detail {
    /// Name of the field in the source, in lower case.
    pub name: String,
    /// The value as written.
    pub value: String,
}

/// An entry of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListEntry {
    /// The list's own reference: `QDi.006`, OFAC's uid, the EU's reference number, the number of a seizure order.
    pub id: String,
    /// What it is about.
    pub kind: EntryKind,
    /// Names in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<ListedName>,
    /// Dates of birth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub births: Vec<Birth>,
    /// Places of birth as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub birth_places: Vec<String>,
    /// Nationalities and citizenships as written; of an organisation its country.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Where they live or sit, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// Programmes or regimes under which it is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Other identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Addresses of digital currencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wallets: Vec<Wallet>,
    /// The day of the listing, where the source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub listed_on: Option<Day>,
    /// The day of the delisting, where the source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub delisted_on: Option<Day>,
    /// The day of the last change, where the source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub updated_on: Option<Day>,
    /// Remarks, comments, the statement of reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// Everything else, in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Line at which the entry begins, from 1.
    pub line: u32,
}

impl ListEntry {
    /// An entry of which nothing is known yet but its reference, kind and line.
    pub fn new(id: impl Into<String>, kind: EntryKind, line: u32) -> Self {
        Self {
            id: id.into(),
            kind,
            names: Vec::new(),
            births: Vec::new(),
            birth_places: Vec::new(),
            countries: Vec::new(),
            addresses: Vec::new(),
            programs: Vec::new(),
            identifiers: Vec::new(),
            wallets: Vec::new(),
            listed_on: None,
            delisted_on: None,
            updated_on: None,
            remarks: None,
            details: Vec::new(),
            line,
        }
    }

    /// The name that the list files the entry under, or else its first one.
    pub fn primary_name(&self) -> Option<&str> {
        let primary = self.names.iter().find(|n| n.kind == NameKind::Primary);
        primary.or(self.names.first()).map(|n| n.text.as_str())
    }

    /// Adds a name, its white space tidied; an empty one is none, and the same name of the same kind is kept once.
    pub(crate) fn name(&mut self, text: &str, kind: NameKind, quality: Quality) {
        let text = tidy(text);
        if !text.is_empty() && !self.names.iter().any(|n| n.text == text && n.kind == kind) {
            self.names.push(ListedName { text, kind, quality });
        }
    }

    /// Adds a detail unless it is empty.
    pub(crate) fn detail(&mut self, name: &str, value: &str) {
        let value = tidy(value);
        if !value.is_empty() {
            self.details.push(Detail { name: name.to_lowercase(), value });
        }
    }

    /// Adds an identifier unless it is empty.
    pub(crate) fn identifier(&mut self, kind: &str, value: &str, country: Option<&str>, note: Option<&str>) {
        let value = tidy(value);
        if !value.is_empty() {
            let text = |t: Option<&str>| t.map(tidy).filter(|t| !t.is_empty());
            self.identifiers.push(Identifier { kind: kind.into(), value, country: text(country), note: text(note) });
        }
    }
}

/// Adds a tidied text to a list of texts unless it is empty or there already.
pub(crate) fn add(texts: &mut Vec<String>, text: &str) {
    let text = tidy(text);
    if !text.is_empty() && !texts.contains(&text) {
        texts.push(text);
    }
}

/// A text without white space at its ends, and each run of white space inside made one space.
pub(crate) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Texts that are not empty, tidied and joined.
pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, by: &str) -> String {
    parts.into_iter().map(tidy).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(by)
}
