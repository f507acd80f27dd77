//! The file of an exported case: its members, its shapes, and what makes a stranger's file safe to take in.
//!
//! A ZIP file with `MANIFEST.json`, `case.json` and `attachments/HASH` (the BLAKE3 hash of its bytes), and nothing else. The manifest names
//! every other member with its length, BLAKE3 and SHA-256, and carries a mark that only the database that made it can make: a file with a good
//! mark comes from here and is unaltered, so its numbers of users and cases mean what they say. In any other file they are
//! somebody else's numbers: its authors become text, its links words. So nobody can put statements into the mouth of a user by a file.

use super::access::Who;
use super::body::{Body, Kind, Link};
use super::error::CaseError;
use super::journal::{State, damaged};
use super::model::{Action, CaseFields, CaseRole, Thing};
use crate::Team;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// What the files call themselves.
pub(crate) const FORMAT: &str = "athar-case";
/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;
/// Bytes of a manifest: some hundred for each attachment.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 16 << 20;
/// Bytes of `case.json`: what a case may hold twice, as items and in its history, and what JSON adds.
pub(crate) const CASE_BYTES_MAX: u64 = 400 << 20;
pub(crate) const MANIFEST: &str = "MANIFEST.json";
pub(crate) const CASE: &str = "case.json";
pub(crate) const FOLDER: &str = "attachments/";

/// `MANIFEST.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) exported_s: i64,
    pub(crate) files: Vec<Listed>,
    /// The mark of the database that made the file, over its list of files.
    pub(crate) mark: String,
}

/// A member that a manifest names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
    pub(crate) sha256: String,
}

impl Manifest {
    /// The mark that this database gives to a list of files.
    pub(crate) fn mark_of(team: &Team, files: &[Listed]) -> String {
        let mut list = String::new();
        for file in files {
            list.push_str(&format!("{}\n{}\n{}\n", file.name, file.bytes, file.blake3));
        }
        blake3::Hash::from_bytes(team.secret().mark("case export", &list)).to_hex().to_string()
    }
}

/// `case.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    pub(crate) fields: CaseFields,
    pub(crate) version: i64,
    pub(crate) created_s: i64,
    pub(crate) created_by: i64,
    pub(crate) changed_s: i64,
    pub(crate) next_item: i64,
    pub(crate) next_seq: i64,
    /// Everybody whom the case names by number.
    pub(crate) people: Vec<ArchivePerson>,
    /// Who was a member. It is told, and gives nobody a right where the file is imported.
    pub(crate) members: Vec<ArchiveMember>,
    pub(crate) items: Vec<ArchiveItem>,
    pub(crate) history: Vec<ArchiveChange>,
}

/// Somebody whom a case names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchivePerson {
    pub(crate) user: i64,
    pub(crate) display: String,
}

/// A member.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveMember {
    pub(crate) user: i64,
    pub(crate) role: CaseRole,
}

/// An item.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveItem {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) version: i64,
    pub(crate) changed_s: i64,
    pub(crate) changed_by: i64,
    pub(crate) state: State,
}

/// A change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveChange {
    pub(crate) seq: i64,
    pub(crate) at_s: i64,
    pub(crate) by: i64,
    pub(crate) action: Action,
    pub(crate) kind: Thing,
    pub(crate) item: i64,
    pub(crate) state: Option<Box<RawValue>>,
    pub(crate) kept: bool,
    pub(crate) version: i64,
    pub(crate) summary: String,
    pub(crate) of: Option<i64>,
    pub(crate) undone_seq: Option<i64>,
    pub(crate) undone_by: Option<i64>,
}

/// Whom the numbers of a file mean here.
pub(crate) struct Numbers {
    /// Where the file is not from here: the author that a number of it is.
    strangers: Option<HashMap<i64, i64>>,
}

impl Numbers {
    /// Of a file of this database: its numbers are ours.
    pub(crate) fn ours() -> Self {
        Self { strangers: None }
    }

    /// Of any other: each person gets a negative number; those that have one keep it.
    pub(crate) fn strangers(people: &[ArchivePerson]) -> Self {
        let mut next = people.iter().map(|person| person.user).min().unwrap_or(0).min(0);
        let mut strangers = HashMap::new();
        for person in people {
            let number = if person.user < 0 {
                person.user
            } else {
                next -= 1;
                next
            };
            strangers.insert(person.user, number);
        }
        Self { strangers: Some(strangers) }
    }

    /// The author that a number means. 0 is a program.
    pub(crate) fn of(&self, user: i64) -> Option<i64> {
        match &self.strangers {
            None => Some(user),
            Some(_) if user == 0 => Some(0),
            Some(strangers) => strangers.get(&user).copied(),
        }
    }

    /// The number of a case in words, where it is not ours.
    fn link(&self, link: &mut Link) {
        if self.strangers.is_some()
            && let Some(case) = link.case.take()
        {
            link.elsewhere = Some(format!("case {case} of where this case was exported"));
        }
    }

    /// A state of an item with the numbers that its authors have here, checked as one that is added.
    pub(crate) fn state(&self, kind: Kind, state: &State) -> Result<(State, Body), CaseError> {
        let unknown = || CaseError::input("people", "does not name everybody that the case does");
        let mut body = Body::read(kind, state.body.get().as_bytes())?;
        match &mut body {
            Body::Task(task) => {
                task.assignee = task.assignee.map(|user| self.of(user).ok_or_else(unknown)).transpose()?;
            }
            Body::Link(link) => self.link(link),
            _ => {}
        }
        let created_by = self.of(state.created_by).ok_or_else(unknown)?;
        let raw = RawValue::from_string(body.to_json()?).map_err(|_| damaged("a body that is no JSON"))?;
        Ok((State { created_s: state.created_s, created_by, party: state.party.clone(), body: raw }, body))
    }
}

/// Everybody may be let out of a file, and nobody in by one: who imports owns.
pub(crate) fn importer(who: &Who) -> Result<i64, CaseError> {
    who.user.filter(|_| who.writes).ok_or(CaseError::Forbidden("a case is imported by a person who may write"))
}
