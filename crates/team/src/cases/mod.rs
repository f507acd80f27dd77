//! Cases: what is investigated, what was found, by whom, and what was changed when.
//!
//! * [`Cases`] is the way in. Every call names who asks ([`Who`]) and when; every call is in the audit log, a change in the transaction that
//!   makes it, a read before its answer is given. What was refused is there too.
//! * A case has fields ([`CaseFields`]), members, and items: subjects, notes, findings, tasks, links, graphs and attachments. Items of all
//!   kinds are stored alike, each with a typed body ([`Body`]).
//! * Everything changeable has a version, and a change names the version that was seen. A history keeps what a thing was after every
//!   change; undoing works from it.
//! * Erasing means purging a case: nothing of it stays but the entries of the audit log, which hold ids.
//!
//! Items and changes are numbered within their case, so that a case is the same after it was exported and imported.

mod access;
mod archive;
mod attach;
mod body;
pub mod bounds;
mod case;
mod deconflict;
mod error;
mod export;
mod import;
mod items;
mod journal;
mod members;
mod model;
mod subject;
mod tasks;
mod undo;

pub use access::Who;
pub use body::{Attachment, Body, Finding, Graph, Kind, Link, Note, Subject, SubjectKind, Task};
pub use error::CaseError;
pub use items::Seen;
pub use model::{
    Action, Added, AlsoIn, AttachmentView, Case, CaseFields, CasePage, CasePatch, CaseQuery, CaseRole, CaseState,
    Change, ChangePage, Counts, Disclosure, Humanitarian, Item, ItemPage, LinkPage, LinkTitle, LinkedFrom, Member,
    Person, RawJson, TaskOf, TaskPage, Thing,
};

use crate::{Entry, Outcome, Target, Team, Tx};

/// Cases of a team.
#[derive(Debug)]
pub struct Cases<'a> {
    team: &'a Team,
}

/// A thing by its kind and number, for the audit log.
type What = Option<(&'static str, i64)>;

impl Team {
    /// Its cases.
    pub fn cases(&self) -> Cases<'_> {
        Cases { team: self }
    }
}

impl Cases<'_> {
    /// Runs a read and puts it into the audit log before its answer is given. Without the entry there is no answer.
    fn reading<T>(
        &self,
        who: &Who,
        action: &'static str,
        case: Option<i64>,
        what: What,
        now_s: i64,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, CaseError>,
    ) -> Result<T, CaseError> {
        let done = self.team.db().read(work);
        let entry = entry(who, action, case, what, now_s).outcome(outcome(done.as_ref().err()));
        self.team.append_read(entry)?;
        done
    }

    /// Runs a change of a case with its entry of the audit log, in one transaction. What is refused is in the log too.
    fn writing<T>(
        &self,
        who: &Who,
        action: &'static str,
        case: i64,
        now_s: i64,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<(T, What), CaseError>,
    ) -> Result<T, CaseError> {
        let done = self.team.db().write(|tx| {
            let (done, what) = work(tx)?;
            self.team.append_in(tx, &[entry(who, action, Some(case), what, now_s)])?;
            Ok(done)
        });
        if let Err(error) = &done {
            let entry = entry(who, action, Some(case), None, now_s).outcome(outcome(Some(error)));
            self.team.append_read(entry)?;
        }
        done
    }
}

fn entry(who: &Who, action: &'static str, case: Option<i64>, what: What, now_s: i64) -> Entry {
    let target = match (what, case) {
        (Some((kind, id)), _) => Target::id(kind, id),
        (None, Some(case)) => Target::id("case", case),
        (None, None) => Target::None,
    };
    let entry = Entry::new(now_s, who.actor.clone(), action, target);
    match case {
        Some(case) => entry.in_case(case),
        None => entry,
    }
}

fn outcome(error: Option<&CaseError>) -> Outcome {
    match error {
        None => Outcome::Done,
        Some(CaseError::Absent(_) | CaseError::Forbidden(_)) => Outcome::Refused,
        Some(_) => Outcome::Failed,
    }
}
