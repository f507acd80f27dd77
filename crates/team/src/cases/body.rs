//! What an item of a case says, by its kind: one type each, with a bound on every field.
//!
//! Items of all kinds are stored alike, as the JSON of these types; so a kind is added here and nowhere in the database. A body is
//! read from JSON with unknown fields refused, checked, and written again: what is stored is what the types say.

use super::bounds::{
    DOCUMENT_BYTES_MAX, JSON_DEPTH_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, PATH_BYTES_MAX, PINNED_BYTES_MAX,
    REASON_CHARS_MAX, SNAPSHOT_CHARS_MAX, STATEMENT_CHARS_MAX, VALUE_CHARS_MAX,
};
use super::error::CaseError;
use super::subject;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::str::FromStr;

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What is investigated.
    Subject,
    /// What somebody wrote down.
    Note,
    /// A statement with the answer it rests on.
    Finding,
    /// What is to be done.
    Task,
    /// Another case that has to do with it.
    Link,
    /// A picture of flows, as it was drawn.
    Graph,
    /// A file.
    Attachment,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Subject, Self::Note, Self::Finding, Self::Task, Self::Link, Self::Graph, Self::Attachment];

    /// As in the database, in the history and in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Note => "note",
            Self::Finding => "finding",
            Self::Task => "task",
            Self::Link => "link",
            Self::Graph => "graph",
            Self::Attachment => "attachment",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the audit log calls what is done with items of it.
    pub(crate) const fn actions(self) -> Actions {
        macro_rules! actions {
            ($name:literal) => {
                Actions {
                    add: concat!($name, ".add"),
                    change: concat!($name, ".change"),
                    remove: concat!($name, ".remove"),
                    read: concat!($name, ".read"),
                    list: concat!($name, ".list"),
                }
            };
        }
        match self {
            Self::Subject => actions!("subject"),
            Self::Note => actions!("note"),
            Self::Finding => actions!("finding"),
            Self::Task => actions!("task"),
            Self::Link => actions!("link"),
            Self::Graph => actions!("graph"),
            Self::Attachment => actions!("attachment"),
        }
    }
}

/// Words of the audit log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actions {
    pub(crate) add: &'static str,
    pub(crate) change: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) read: &'static str,
    pub(crate) list: &'static str,
}

/// What is investigated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The chain, by name; of an address, an entity, a transaction and a block. None of a campaign and a person.
    #[serde(default)]
    pub chain: Option<String>,
    /// The address, an address of the entity, the transaction's id, the block's height or hash, the campaign's id, the name.
    /// Addresses are kept in the canonical text of their chain.
    #[schemars(length(min = 1, max = 512))]
    pub value: String,
    /// What is thought of it.
    #[serde(default)]
    #[schemars(length(max = 4_000))]
    pub note: String,
}

/// What a subject can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An address.
    Address,
    /// The entity of an address.
    Entity,
    /// A transaction.
    Transaction,
    /// A campaign of sightings.
    Campaign,
    /// A person or an organisation, by name.
    Person,
    /// A block.
    Block,
}

impl SubjectKind {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Entity => "entity",
            Self::Transaction => "transaction",
            Self::Campaign => "campaign",
            Self::Person => "person",
            Self::Block => "block",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Address, Self::Entity, Self::Transaction, Self::Campaign, Self::Person, Self::Block]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What somebody wrote down. It is plain text: nothing in it is ever markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The text.
    #[schemars(length(min = 1, max = 100_000))]
    pub text: String,
}

/// A statement with the answer it rests on, as it was when it was pinned.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What is stated, in words.
    #[schemars(length(min = 1, max = 4_000))]
    pub statement: String,
    /// The path and query of this service that was asked, such as `/v1/address/…?chain=bitcoin`.
    #[schemars(length(min = 1, max = 4_096))]
    pub path: String,
    /// The snapshot of the answer; empty where the answer has none.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub snapshot: String,
    /// The answer, up to 256 KiB.
    #[schemars(with = "serde_json::Value")]
    pub pinned: Box<RawValue>,
    /// What is thought of it.
    #[serde(default)]
    #[schemars(length(max = 4_000))]
    pub note: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What.
    #[schemars(length(min = 1, max = 4_000))]
    pub text: String,
    /// By whom: id of a user.
    #[serde(default)]
    pub assignee: Option<i64>,
    /// Until when, as 2027-01-31.
    #[serde(default)]
    #[schemars(extend("format" = "date"))]
    pub due: Option<String>,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

/// Another case that has to do with it: one of this service, or one elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The case of this service.
    #[serde(default)]
    pub case: Option<i64>,
    /// A case that is not of this service, in words.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub elsewhere: Option<String>,
    /// What they have to do with each other.
    #[serde(default)]
    #[schemars(length(max = 4_000))]
    pub why: String,
}

/// A picture of flows, as it was drawn.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// What it is called.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The drawing, up to 2 MiB. Only the application that draws knows its shape.
    #[schemars(with = "serde_json::Value")]
    pub document: Box<RawValue>,
}

/// What is kept of a file beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name, without a folder.
    pub name: String,
    /// The media type that was told with it. It is never served under it.
    pub media: String,
    /// How many bytes.
    pub bytes: u64,
    /// Their BLAKE3 hash, in hexadecimal.
    pub blake3: String,
    /// Their SHA-256 hash, in hexadecimal.
    pub sha256: String,
}

/// A body of any kind.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// Of a subject.
    Subject(Subject),
    /// Of a note.
    Note(Note),
    /// Of a finding.
    Finding(Finding),
    /// Of a task.
    Task(Task),
    /// Of a link.
    Link(Link),
    /// Of a graph.
    Graph(Graph),
    /// Of a file.
    Attachment(Attachment),
}

impl Body {
    /// Reads and checks the body of a kind.
    pub fn read(kind: Kind, json: &[u8]) -> Result<Self, CaseError> {
        fn of<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, CaseError> {
            // what serde says of a wrong type may repeat the value: only its place is told
            serde_json::from_slice(json).map_err(|e| {
                let what = e.to_string();
                let is_name = ["missing field", "unknown field", "duplicate field"].iter().any(|s| what.starts_with(s));
                let what = if is_name { what } else { format!("is not of its form at {}:{}", e.line(), e.column()) };
                CaseError::input("body", what)
            })
        }
        let body = match kind {
            Kind::Subject => Self::Subject(of(json)?),
            Kind::Note => Self::Note(of(json)?),
            Kind::Finding => Self::Finding(of(json)?),
            Kind::Task => Self::Task(of(json)?),
            Kind::Link => Self::Link(of(json)?),
            Kind::Graph => Self::Graph(of(json)?),
            Kind::Attachment => Self::Attachment(of(json)?),
        };
        body.checked()
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Subject(_) => Kind::Subject,
            Self::Note(_) => Kind::Note,
            Self::Finding(_) => Kind::Finding,
            Self::Task(_) => Kind::Task,
            Self::Link(_) => Kind::Link,
            Self::Graph(_) => Kind::Graph,
            Self::Attachment(_) => Kind::Attachment,
        }
    }

    /// As it is stored.
    pub fn to_json(&self) -> Result<String, CaseError> {
        serde_json::to_string(self).map_err(|e| CaseError::input("body", e.to_string()))
    }

    /// Holds every field to its bound, and puts a subject into its canonical text.
    pub fn checked(mut self) -> Result<Self, CaseError> {
        match &mut self {
            Self::Subject(subject) => {
                text("value", &subject.value, 1, VALUE_CHARS_MAX, Lines::One)?;
                text("note", &subject.note, 0, STATEMENT_CHARS_MAX, Lines::Many)?;
                subject.value = subject::canonical(subject.kind, subject.chain.as_deref(), &subject.value)?;
            }
            Self::Note(note) => text("text", &note.text, 1, NOTE_CHARS_MAX, Lines::Many)?,
            Self::Finding(finding) => {
                text("statement", &finding.statement, 1, STATEMENT_CHARS_MAX, Lines::Many)?;
                text("note", &finding.note, 0, STATEMENT_CHARS_MAX, Lines::Many)?;
                text("snapshot", &finding.snapshot, 0, SNAPSHOT_CHARS_MAX, Lines::One)?;
                let path = &finding.path;
                let is_path = path.starts_with("/v1/") && path.bytes().all(|b| b.is_ascii_graphic());
                if path.len() > PATH_BYTES_MAX || !is_path {
                    let what = format!("is no path of this service of at most {PATH_BYTES_MAX} bytes");
                    return Err(CaseError::input("path", what));
                }
                json("pinned", &finding.pinned, PINNED_BYTES_MAX)?;
            }
            Self::Task(task) => {
                text("text", &task.text, 1, STATEMENT_CHARS_MAX, Lines::Many)?;
                day("due", task.due.as_deref())?;
            }
            Self::Link(link) => {
                text("why", &link.why, 0, REASON_CHARS_MAX, Lines::Many)?;
                match (link.case, &link.elsewhere) {
                    (Some(_), None) => {}
                    (None, Some(words)) => text("elsewhere", words, 1, NAME_CHARS_MAX, Lines::One)?,
                    _ => return Err(CaseError::input("case", "or `elsewhere` is needed, and not both")),
                }
            }
            Self::Graph(graph) => {
                text("name", &graph.name, 1, NAME_CHARS_MAX, Lines::One)?;
                json("document", &graph.document, DOCUMENT_BYTES_MAX)?;
            }
            Self::Attachment(file) => {
                file_name(&file.name)?;
                media(&file.media)?;
                for (field, hash) in [("blake3", &file.blake3), ("sha256", &file.sha256)] {
                    if !is_hash(hash) {
                        return Err(CaseError::input(field, "is no hash of 64 hexadecimal digits"));
                    }
                }
            }
        }
        Ok(self)
    }
}

/// Whether a text may have line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    One,
    Many,
}

/// Holds a text to its length in characters, and keeps control characters out.
pub(crate) fn text(field: &str, text: &str, min: usize, max: usize, lines: Lines) -> Result<(), CaseError> {
    // a character has at most four bytes: a long text is not counted through
    let chars = if text.len() > max.saturating_mul(4) { usize::MAX } else { text.chars().count() };
    if chars > max {
        return Err(CaseError::input(field, format!("has more than {max} characters")));
    }
    if text.trim().chars().count() < min {
        return Err(CaseError::input(field, "is empty"));
    }
    let is_wrong = |c: char| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\r' | '\t'));
    if text.chars().any(is_wrong) {
        return Err(CaseError::input(field, "holds a control character"));
    }
    Ok(())
}

/// Holds the name of a file to what any system can store, and to what reads as what it is.
pub(crate) fn file_name(name: &str) -> Result<(), CaseError> {
    text("name", name, 1, NAME_CHARS_MAX, Lines::One)?;
    // a right-to-left override makes `gpj.exe` read as `exe.jpg`
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if name.contains(['/', '\\']) || name.chars().any(turns) || matches!(name.trim(), "." | "..") {
        return Err(CaseError::input("name", "is no plain name of a file"));
    }
    Ok(())
}

/// Holds a media type to its form.
pub(crate) fn media(media: &str) -> Result<(), CaseError> {
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    match media.split_once('/') {
        Some((kind, sub)) if media.len() <= 127 && is_token(kind) && is_token(sub) => Ok(()),
        _ => Err(CaseError::input("media", "is no media type")),
    }
}

/// Holds a day to its form.
pub(crate) fn day(field: &str, text: Option<&str>) -> Result<(), CaseError> {
    match text {
        Some(text) if Day::from_str(text).is_err() || text.len() != 10 => {
            Err(CaseError::input(field, "is no day as 2027-01-31"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Holds JSON of a client to its bytes and its depth. Deep nesting costs a reader its stack.
fn json(field: &str, value: &RawValue, max: usize) -> Result<(), CaseError> {
    let text = value.get();
    if text.len() > max {
        return Err(CaseError::input(field, format!("has more than {max} bytes")));
    }
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => depth += 1,
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > JSON_DEPTH_MAX {
            return Err(CaseError::input(field, format!("is nested more than {JSON_DEPTH_MAX} deep")));
        }
    }
    Ok(())
}
