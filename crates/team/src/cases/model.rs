//! What is told of a case: plain data, as the service gives it.

use super::body::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How far a case is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody works on it yet.
    #[default]
    Open,
    /// Somebody works on it.
    Active,
    /// Somebody else looks at what was found.
    Review,
    /// It is done.
    Closed,
}

/// What other teams learn that have a subject of this case too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Nothing, not even that there is a case.
    Nothing,
    /// Who owns the case, to speak with.
    #[default]
    Contact,
    /// That, and its number and title.
    Title,
}

/// What a member may do in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseRole {
    /// Read.
    Reader,
    /// Read and write.
    Editor,
    /// That, and say who the members are.
    Owner,
}

macro_rules! names {
    ($type:ident: $($variant:ident $name:literal),*) => {
        impl $type {
            /// As in JSON and in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
names!(CaseState: Open "open", Active "active", Review "review", Closed "closed");
names!(Disclosure: Nothing "nothing", Contact "contact", Title "title");
names!(CaseRole: Reader "reader", Editor "editor", Owner "owner");

/// Whether a case is about people in need, whom it must not harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Humanitarian {
    /// Whether it is.
    pub flag: bool,
    /// What the circumstances are.
    #[serde(default)]
    #[schemars(length(max = 4_000))]
    pub note: String,
}

/// The fields of a case that people write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFields {
    /// What it is called.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// How far it is.
    #[serde(default)]
    pub state: CaseState,
    /// What it is about.
    #[serde(default)]
    #[schemars(length(max = 20_000))]
    pub summary: String,
    /// On what law it rests.
    #[serde(default)]
    #[schemars(length(max = 4_000))]
    pub legal_basis: String,
    /// The day until which it may be kept, as 2027-01-31.
    #[serde(default)]
    #[schemars(extend("format" = "date"))]
    pub retention_until: Option<String>,
    /// Whether it is about people in need.
    #[serde(default)]
    pub humanitarian: Humanitarian,
    /// What other teams learn that have a subject of it too.
    #[serde(default)]
    pub disclosure: Disclosure,
}

/// A change to the fields of a case: what is not given stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasePatch {
    /// The version that was seen.
    pub version: i64,
    /// A new title.
    #[serde(default)]
    pub title: Option<String>,
    /// A new state.
    #[serde(default)]
    pub state: Option<CaseState>,
    /// A new summary.
    #[serde(default)]
    pub summary: Option<String>,
    /// A new legal basis.
    #[serde(default)]
    pub legal_basis: Option<String>,
    /// Another day until which it may be kept; `null` for none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub retention_until: Option<Option<String>>,
    /// Whether it is about people in need.
    #[serde(default)]
    pub humanitarian: Option<Humanitarian>,
    /// What other teams learn.
    #[serde(default)]
    pub disclosure: Option<Disclosure>,
}

/// Tells `null` from what is not given.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Case {
    /// Its number.
    pub id: i64,
    /// The version of its fields. Items have versions of their own.
    pub version: i64,
    /// What it is called.
    pub title: String,
    /// How far it is.
    pub state: CaseState,
    /// What it is about.
    pub summary: String,
    /// On what law it rests.
    pub legal_basis: String,
    /// The day until which it may be kept.
    pub retention_until: Option<String>,
    /// Whether that day is past, so that it is to be purged, or kept on another basis.
    pub retention_past: bool,
    /// Whether it is about people in need.
    pub humanitarian: Humanitarian,
    /// What other teams learn that have a subject of it too.
    pub disclosure: Disclosure,
    /// When it was made, in seconds since 1970.
    pub created_s: i64,
    /// By whom.
    pub created_by: i64,
    /// When anything of it was changed last.
    pub changed_s: i64,
    /// What the person who asks is in it; nothing where only a supervisor's eye lets them in.
    pub role: Option<CaseRole>,
    /// Who works on it.
    pub members: Vec<Member>,
    /// Authors of an imported case who are no users here.
    pub people: Vec<Person>,
    /// How much it holds.
    pub counts: Counts,
}

/// A member of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    /// The user.
    pub user: i64,
    /// How the user is called.
    pub display: String,
    /// What the user may do.
    pub role: CaseRole,
}

/// An author who is no user here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The number by which items name the author: a negative one.
    pub user: i64,
    /// How the author is called.
    pub display: String,
}

/// How much a case holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Subjects.
    pub subjects: u64,
    /// Notes.
    pub notes: u64,
    /// Attachments.
    pub attachments: u64,
    /// Findings.
    pub findings: u64,
    /// Tasks.
    pub tasks: u64,
    /// Tasks that are not done.
    pub tasks_open: u64,
    /// Links to other cases.
    pub links: u64,
    /// Graphs.
    pub graphs: u64,
}

/// A page of cases.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CasePage {
    /// The cases, newest first.
    pub cases: Vec<Case>,
    /// The number below which the next page begins.
    pub next: Option<i64>,
}

/// Which cases are listed.
#[derive(Clone, Debug, Default)]
pub struct CaseQuery {
    /// Only those in a state.
    pub state: Option<CaseState>,
    /// Only those with these letters in title or summary, large or small.
    pub text: Option<String>,
    /// Only those whose retention date is past.
    pub past_retention: bool,
    /// Only those that the person who asks is a member of.
    pub mine: bool,
    /// Only those below this number.
    pub below: Option<i64>,
    /// How many.
    pub limit: u32,
}

/// An item of a case; `B` is the shape of its body.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Item<B = Box<RawValue>> {
    /// Its number within the case.
    pub id: i64,
    /// Its version: a change names the one it saw.
    pub version: i64,
    /// When it was made.
    pub created_s: i64,
    /// By whom.
    pub created_by: i64,
    /// When it was changed last.
    pub changed_s: i64,
    /// By whom.
    pub changed_by: i64,
    /// What it says.
    pub body: B,
}

/// A page of items.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ItemPage<B = Box<RawValue>> {
    /// The items, by ascending number.
    pub items: Vec<Item<B>>,
    /// The number after which the next page begins.
    pub next: Option<i64>,
}

/// A subject that was added, with what other cases have it too.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Added<B = Box<RawValue>> {
    /// The item.
    #[serde(flatten)]
    pub item: Item<B>,
    /// Other cases that have it, as far as each discloses that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also_in: Option<Vec<AlsoIn>>,
}

/// Another case with the same subject, as far as it discloses itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlsoIn {
    /// Its number, where its title is disclosed or the person who asks may see it.
    pub case: Option<i64>,
    /// Its title, in the same cases.
    pub title: Option<String>,
    /// Its owners, by name.
    pub contact: Option<String>,
}

/// A link from another case to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinkedFrom {
    /// The other case.
    pub case: i64,
    /// Its title.
    pub title: String,
    /// What they have to do with each other, as written there.
    pub why: String,
}

/// A page of links, with those that point here.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LinkPage<B = Box<RawValue>> {
    /// The links of this case.
    pub items: Vec<Item<B>>,
    /// The number after which the next page begins.
    pub next: Option<i64>,
    /// Titles of the cases that the items name, where the person who asks may see them.
    pub titles: Vec<LinkTitle>,
    /// Links of other cases to this one, where the person who asks may see them; on the first page only.
    pub linked_from: Vec<LinkedFrom>,
}

/// The title of a linked case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinkTitle {
    /// The case.
    pub case: i64,
    /// Its title.
    pub title: String,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttachmentView {
    /// Its number within the case.
    pub id: i64,
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The media type that was told with it.
    pub media: String,
    /// How many bytes.
    pub bytes: u64,
    /// Their BLAKE3 hash.
    pub blake3: String,
    /// Their SHA-256 hash.
    pub sha256: String,
    /// When it was attached.
    pub created_s: i64,
    /// By whom.
    pub created_by: i64,
}

/// A change in the history of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Its number within the case.
    pub seq: i64,
    /// When it was made.
    pub at_s: i64,
    /// By whom.
    pub by: i64,
    /// What was done.
    pub action: Action,
    /// To what: the case's fields, a member, or an item of a kind.
    pub kind: Thing,
    /// The item, or the user who is the member.
    pub item: Option<i64>,
    /// Whether it is undone.
    pub undone: bool,
    /// Whether it is of a kind that can be undone.
    pub undoable: bool,
    /// Of `undo` and `redo`: the change that was undone or done again.
    pub of: Option<i64>,
    /// The beginning of what it is about.
    pub summary: String,
    /// What it was before; only where a single change is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub before: Option<Box<RawJson>>,
    /// What it was after; only where a single change is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub after: Option<Box<RawJson>>,
}

/// JSON as it is stored.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct RawJson(pub Box<RawValue>);

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for RawJson {}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The case was made.
    Made,
    /// Something was added.
    Add,
    /// Something was changed.
    Change,
    /// Something was taken away.
    Remove,
    /// A change was undone.
    Undo,
    /// A change that was undone was done again.
    Redo,
}
names!(Action: Made "made", Add "add", Change "change", Remove "remove", Undo "undo", Redo "redo");

/// What a change is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// The fields of the case.
    Case,
    /// A member.
    Member,
    /// A subject.
    Subject,
    /// A note.
    Note,
    /// A finding.
    Finding,
    /// A task.
    Task,
    /// A link.
    Link,
    /// A graph.
    Graph,
    /// An attachment.
    Attachment,
}
names!(Thing: Case "case", Member "member", Subject "subject", Note "note", Finding "finding", Task "task", Link "link",
    Graph "graph", Attachment "attachment");

impl From<Kind> for Thing {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Subject => Self::Subject,
            Kind::Note => Self::Note,
            Kind::Finding => Self::Finding,
            Kind::Task => Self::Task,
            Kind::Link => Self::Link,
            Kind::Graph => Self::Graph,
            Kind::Attachment => Self::Attachment,
        }
    }
}

impl Thing {
    /// The kind of item it is.
    pub fn item(self) -> Option<Kind> {
        Kind::from_name(self.name())
    }
}

/// A page of the history.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangePage {
    /// The changes, newest first.
    pub changes: Vec<Change>,
    /// The number below which the next page begins.
    pub next: Option<i64>,
}

/// A task with its case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TaskOf<B = Box<RawValue>> {
    /// The item.
    #[serde(flatten)]
    pub item: Item<B>,
    /// Its case.
    pub case: i64,
    /// The title of its case.
    pub case_title: String,
}

/// Open tasks over cases.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TaskPage<B = Box<RawValue>> {
    /// The tasks, by case.
    pub tasks: Vec<TaskOf<B>>,
    /// Whether there are more than are told.
    pub truncated: bool,
}
