//! Cases over HTTP. What may be done, by whom, and what is logged is the team's library; here are paths, shapes and words.
//!
//! Answers are kept under no idempotency key: what a case says would outlive the purge of the case there. A change that is sent
//! twice is told apart by its version; what is added twice is seen to be there twice, and is undone.

mod attachments;
mod case;
mod check;
mod files;
mod history;
mod items;
mod overview;

use super::{Ask, Call, Part, READ, Route, Rows, Task};
use crate::app::clock;
use crate::auth::{Caller, with_team};
use crate::keys::Scope;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_team::cases::{CaseError, Cases, Who, bounds};
use bytes::Bytes;
use serde::de::DeserializeOwned;

const TAG: &str = "cases";
const CASE: Part = Part { name: "case", summary: "Number of the case" };
const ITEM: Part = Part { name: "id", summary: "Number of the item within the case" };
const PAGE: &[Param] = &[
    Param::new("limit", Kind::Integer(1, bounds::PAGE_MAX as u64, Some(100)), "Rows of the page"),
    Param::new("cursor", Kind::Text(100), "Where the page before ended: its `next`"),
];
const VERSION: Param =
    Param::new("version", Kind::Integer(1, i64::MAX as u64, None), "The version that was seen").required();
const READS: &[codes::Code] = &[
    codes::TEAM_UNAVAILABLE,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];
/// Of reads that take words.
const READS_FIELDS: &[codes::Code] = &[
    codes::TEAM_UNAVAILABLE,
    codes::FIELD_INVALID,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];
const WRITES: &[codes::Code] = &[
    codes::TEAM_UNAVAILABLE,
    codes::ORIGIN_REFUSED,
    codes::CSRF_REFUSED,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
    codes::CASE_FORBIDDEN,
    codes::FIELD_INVALID,
    codes::TOO_MANY,
    codes::VERSION_CONFLICT,
    codes::STATE_REFUSED,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];

const CHECKS: &[codes::Code] = &[
    codes::TEAM_UNAVAILABLE,
    codes::ORIGIN_REFUSED,
    codes::CSRF_REFUSED,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
    codes::STATE_REFUSED,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];

/// A question about cases that reads.
const READING: Route =
    Route { tag: TAG, scope: Some(Scope::CaseRead), rows: Rows::Numbered, codes: READS, parts: &[CASE], ..READ };
/// One that changes something.
const WRITING: Route = Route { scope: Some(Scope::CaseWrite), codes: WRITES, ..READING };

/// All of them, in the order of the documentation.
pub(super) const ROUTES: &[Route] = &[
    case::LIST,
    case::MAKE,
    case::READ_ONE,
    case::PATCH,
    case::PURGE,
    case::PUT_MEMBER,
    case::REMOVE_MEMBER,
    items::subjects::LIST,
    items::subjects::ADD,
    items::subjects::ONE,
    items::subjects::CHANGE,
    items::subjects::REMOVE,
    items::notes::LIST,
    items::notes::ADD,
    items::notes::ONE,
    items::notes::CHANGE,
    items::notes::REMOVE,
    items::findings::LIST,
    items::findings::ADD,
    items::findings::ONE,
    items::findings::CHANGE,
    items::findings::REMOVE,
    check::CHECK,
    items::tasks::LIST,
    items::tasks::ADD,
    items::tasks::ONE,
    items::tasks::CHANGE,
    items::tasks::REMOVE,
    items::links::LIST,
    items::links::ADD,
    items::links::ONE,
    items::links::CHANGE,
    items::links::REMOVE,
    items::graphs::LIST,
    items::graphs::ADD,
    items::graphs::ONE,
    items::graphs::CHANGE,
    items::graphs::REMOVE,
    attachments::LIST,
    attachments::ADD,
    attachments::READ_ONE,
    attachments::REMOVE,
    history::LIST,
    history::READ_ONE,
    history::UNDO,
    history::REDO,
    files::EXPORT,
    files::IMPORT,
    overview::DECONFLICTION,
    overview::TASKS,
];

/// A question about cases, by somebody, now.
struct At<'a> {
    cases: Cases<'a>,
    who: &'a Who,
    ask: &'a Ask,
    body: &'a Bytes,
    now_s: i64,
}

impl At<'_> {
    /// The case of the path.
    fn case(&self) -> Result<i64, Problem> {
        number(self.ask, 0, "case")
    }

    /// The item of the path, or the user.
    fn item(&self) -> Result<i64, Problem> {
        number(self.ask, 1, "id")
    }

    /// The body, read.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(self.body).map_err(|e| {
            // what serde says of a wrong type may repeat the value: only its place is told
            let what = e.to_string();
            let is_name = ["missing field", "unknown field", "duplicate field"].iter().any(|s| what.starts_with(s));
            let at = format!("it is not of its form at {}:{}", e.line(), e.column());
            Problem::new(codes::BODY_INVALID, if is_name { shown(&what) } else { at })
        })
    }

    /// The number after which a page begins.
    fn after(&self) -> i64 {
        i64::try_from(self.ask.offset).unwrap_or(i64::MAX)
    }

    /// The number below which a page begins that goes down; none: the first page.
    fn below(&self) -> Option<i64> {
        Some(self.after()).filter(|below| *below > 0)
    }

    fn limit(&self) -> u32 {
        self.ask.limit as u32
    }

    /// The answer of a page: the view that is made with the cursor of the next one, and the same in the Link header.
    fn page<T: serde::Serialize>(
        &self,
        next: Option<i64>,
        view: impl FnOnce(Option<String>) -> T,
    ) -> Result<Reply, Problem> {
        let next = next.and_then(|next| u64::try_from(next).ok());
        let mut reply = Reply::json(&view(next.map(|next| self.ask.cursor(next))))?;
        reply.next = next;
        Ok(reply)
    }
}

/// Asks the team's cases for an answer.
fn at_cases(call: Call, work: impl FnOnce(&At<'_>) -> Result<Reply, Problem> + Send + 'static) -> Task {
    Box::pin(at_cases_of(call, work))
}

/// Asks the team's cases.
async fn at_cases_of<T: Send + 'static>(
    call: Call,
    work: impl FnOnce(&At<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let Call { app, ask, caller, body, .. } = call;
    let who = who(&caller);
    with_team(&app, move |team| work(&At { cases: team.cases(), who: &who, ask: &ask, body: &body, now_s: clock() }))
        .await
}

/// Who asks, as cases know them.
fn who(caller: &Caller) -> Who {
    Who {
        user: caller.user,
        actor: caller.in_audit(),
        writes: caller.has(Scope::CaseWrite),
        supervises: caller.has(Scope::Supervise),
    }
}

fn number(ask: &Ask, at: usize, field: &str) -> Result<i64, Problem> {
    let text = ask.part(at);
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.ok_or_else(|| Problem::new(codes::TARGET_INVALID, format!("`{}` is no number", shown(text))).at(field))
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Absent(what) => Self::new(codes::NOT_FOUND, format!("there is no such {what}, or not for you")),
            CaseError::Forbidden(why) => Self::new(codes::CASE_FORBIDDEN, why),
            CaseError::Input { field, what } => {
                Self::new(codes::FIELD_INVALID, format!("it {}", shown(&what))).at(field)
            }
            CaseError::TooMany { what, max } => Self::new(codes::TOO_MANY, format!("{what}: no more than {max}")),
            CaseError::Overtaken { expected, found, current } => {
                let detail = format!("it has version {found}, not {expected}");
                Self::new(codes::VERSION_CONFLICT, detail).at("version").current(*current)
            }
            CaseError::State(why) => Self::new(codes::STATE_REFUSED, why),
            CaseError::Archive { member, what } => Self::new(codes::ARCHIVE_INVALID, what).at(member),
            CaseError::Team(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}
