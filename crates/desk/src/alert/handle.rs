//! What people do with alerts.
//!
//! Whoever acts says which version he looked at; where the alert has another one by then nothing is done. Closing an alert that is
//! severe takes two people: the first asks for it, and it stays as it is, shown as pending, until another confirms the same.

use super::model::{Alert, HistoryEntry, alert, note};
use super::raise::{PROGRAM, tell};
use super::state::AlertState;
use crate::DeskError;
use crate::db::{Desk, Done as Stored};
use crate::event::EventKind;
use athar_types::Level;
use rusqlite::{Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;

/// From this severity on closing takes two people.
const TWO_PEOPLE: Level = Level::Severe;
const NAME_BYTES_MAX: usize = 128;
const REASON_BYTES_MAX: usize = 4_000;

/// What somebody does with an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Gives it to somebody, or to nobody.
    Assign {
        /// To whom.
        to: Option<String>,
    },
    /// Writes something down.
    Note {
        /// What.
        text: String,
    },
    /// Looks at it; also takes back a closing that waits for a second person.
    Review {
        /// Why; may be empty.
        reason: String,
    },
    /// Hands it on.
    Escalate {
        /// Why.
        reason: String,
    },
    /// Closes it, or confirms that another closes it.
    Close {
        /// As a true positive; else as a false one.
        is_true: bool,
        /// Why.
        reason: String,
    },
    /// Opens it again.
    Reopen {
        /// Why.
        reason: String,
    },
}

/// What came of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Done {
    /// The alert as it is now.
    pub alert: Alert,
    /// What was added to its history.
    pub added: Vec<HistoryEntry>,
    /// Whether a second person has to confirm it.
    pub needs_second_person: bool,
}

impl Desk {
    /// Does something with an alert. `version` is the one that the person looked at; none takes whatever there is.
    pub fn handle(
        &self,
        id: i64,
        what: &Handling,
        actor: &str,
        version: Option<i64>,
        now: i64,
    ) -> Result<Done, DeskError> {
        let actor = name("actor", actor)?;
        if actor.eq_ignore_ascii_case(PROGRAM) {
            return Err(DeskError::input("actor", "is the name that the program itself has in the history"));
        }
        self.write(|t| {
            let found = alert(t, id)?.ok_or_else(|| DeskError::unknown("alert", id))?;
            if let Some(expected) = version.filter(|version| *version != found.version) {
                return Err(DeskError::Overtaken { id, expected, found: found.version }.into());
            }
            let mut act = Act { t, alert: found, actor, now, added: Vec::new() };
            act.run(what)?;
            let Act { added, .. } = act;
            let alert = alert(t, id)?.ok_or_else(|| DeskError::unknown("alert", id))?;
            let needs_second_person = alert.pending.is_some();
            Ok(Done { alert, added, needs_second_person })
        })
    }
}

struct Act<'a> {
    t: &'a Transaction<'a>,
    alert: Alert,
    actor: &'a str,
    now: i64,
    added: Vec<HistoryEntry>,
}

impl Act<'_> {
    fn run(&mut self, what: &Handling) -> Stored<()> {
        match what {
            Handling::Assign { to } => {
                let to = to.as_deref().map(|to| name("assignee", to)).transpose()?;
                let was = self.alert.assignee.clone().unwrap_or_default();
                self.t.execute("UPDATE alerts SET assignee = ?2 WHERE id = ?1", params![self.alert.id, to])?;
                self.note("assigned", &was, to.unwrap_or(""), "", true)
            }
            Handling::Note { text } => self.note("note", "", "", reason("note", text)?, false),
            Handling::Review { reason: why } => {
                let was_pending = self.withdraw(why)?;
                if was_pending && self.alert.state == AlertState::InReview {
                    return Ok(());
                }
                self.go(AlertState::InReview, why)
            }
            Handling::Escalate { reason: why } => {
                let why = reason("reason", why)?;
                self.withdraw(why)?;
                self.go(AlertState::Escalated, why)
            }
            Handling::Reopen { reason: why } => self.go(AlertState::Open, reason("reason", why)?),
            Handling::Close { is_true, reason: why } => {
                let next = if *is_true { AlertState::ClosedTruePositive } else { AlertState::ClosedFalsePositive };
                self.close(next, reason("reason", why)?)
            }
        }
    }

    fn close(&mut self, next: AlertState, why: &str) -> Stored<()> {
        if self.alert.severity < TWO_PEOPLE {
            return self.go(next, why);
        }
        if !self.alert.state.goes_to(next) {
            return self.refuse(format!("is {}: reopen it first", self.alert.state.name()));
        }
        let Some(pending) = self.alert.pending.clone() else {
            self.t.execute(
                "UPDATE alerts SET pending_state = ?2, pending_by = ?3, pending_reason = ?4 WHERE id = ?1",
                params![self.alert.id, next.name(), self.actor, why],
            )?;
            let state = self.alert.state.name();
            return self.note("close_asked", state, next.name(), why, true);
        };
        if pending.by.eq_ignore_ascii_case(self.actor) {
            return self.refuse(format!("{} asked for it: a second person has to confirm", pending.by));
        }
        if pending.state != next {
            let (by, state) = (pending.by, pending.state.name());
            return self.refuse(format!("{by} asked for {state}; confirm that, or take it back with a review"));
        }
        self.go(next, &format!("{}: {}; {}: {why}", pending.by, pending.reason, self.actor))
    }

    /// Takes back a closing that waits for a second person. Whether there was one.
    fn withdraw(&mut self, why: &str) -> Stored<bool> {
        let Some(pending) = self.alert.pending.take() else { return Ok(false) };
        self.t.execute(
            "UPDATE alerts SET pending_state = NULL, pending_by = NULL, pending_reason = NULL WHERE id = ?1",
            [self.alert.id],
        )?;
        let state = self.alert.state.name();
        self.note("close_withdrawn", pending.state.name(), state, why, true)?;
        Ok(true)
    }

    fn go(&mut self, next: AlertState, why: &str) -> Stored<()> {
        let was = self.alert.state;
        if !was.goes_to(next) {
            let first = if was.is_closed() { ": reopen it first" } else { " already" };
            return self.refuse(format!("is {}{first}", was.name()));
        }
        let reason = (next.is_closed() || was.is_closed()).then_some(why);
        self.t.execute(
            "UPDATE alerts SET state = ?2, reason = coalesce(?3, reason), pending_state = NULL, pending_by = NULL, pending_reason = NULL
             WHERE id = ?1",
            params![self.alert.id, next.name(), reason],
        )?;
        self.alert.state = next;
        self.note("state", was.name(), next.name(), why, true)
    }

    fn note(&mut self, action: &'static str, from: &str, to: &str, why: &str, is_told: bool) -> Stored<()> {
        self.alert.version += 1;
        let (id, version) = (self.alert.id, self.alert.version);
        self.t
            .execute("UPDATE alerts SET version = ?2, changed_at = ?3 WHERE id = ?1", params![id, version, self.now])?;
        let entry = note(self.t, id, version, self.now, self.actor, action, from, to, why)?;
        if is_told {
            tell(self.t, id, EventKind::AlertChanged, &entry, self.now)?;
        }
        self.added.push(entry);
        Ok(())
    }

    fn refuse(&self, what: String) -> Stored<()> {
        Err(DeskError::State { id: self.alert.id, what }.into())
    }
}

fn name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, DeskError> {
    let text = text.trim();
    if text.is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(DeskError::input(
            field,
            format!("is empty, has more than {NAME_BYTES_MAX} bytes, or control characters"),
        ));
    }
    Ok(text)
}

fn reason<'a>(field: &'static str, text: &'a str) -> Result<&'a str, DeskError> {
    let text = text.trim();
    if text.is_empty() || text.len() > REASON_BYTES_MAX || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(DeskError::input(
            field,
            format!("is empty, has more than {REASON_BYTES_MAX} bytes, or control characters"),
        ));
    }
    Ok(text)
}
