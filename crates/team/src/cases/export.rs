//! A case as one file, whole: fields, items, history, attachments.

use super::Cases;
use super::access::{Access, Who};
use super::archive::{
    Archive, ArchiveChange, ArchiveItem, ArchiveMember, ArchivePerson, CASE, FOLDER, FORMAT, Listed, MANIFEST,
    Manifest, VERSION,
};
use super::attach::{self, File};
use super::body::Kind;
use super::case::one;
use super::error::CaseError;
use super::journal::{State, damaged};
use super::model::{Action, Thing};
use crate::{Row, TeamError, Tx, params};
use serde_json::value::RawValue;
use std::io::{self, BufWriter, Seek, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

impl Cases<'_> {
    /// Writes a case into a file, from its beginning; what the file held before is gone.
    pub fn export(&self, who: &Who, case: i64, out: &mut std::fs::File, now_s: i64) -> Result<(), CaseError> {
        self.reading(who, "case.export", Some(case), None, now_s, |tx| {
            Access::find(tx, who, case)?;
            // it may be run again: what was written before is thrown away
            out.set_len(0).and_then(|()| out.rewind()).map_err(|e| failed(&e))?;
            let archive = read(tx, who, case, now_s)?;
            let json = serde_json::to_vec(&archive).map_err(|_| damaged("a case that is no JSON"))?;
            let mut zip = ZipWriter::new(BufWriter::new(&mut *out));
            let mut files = Vec::new();
            put(&mut zip, &mut files, CASE.into(), &json)?;
            let sql = "SELECT hash FROM case_holds WHERE case_id = ?1 ORDER BY hash";
            for row in tx.query(sql, params![case])? {
                let hash = blake3::Hash::from_bytes(row.hash(0)?).to_hex().to_string();
                let bytes = attach::bytes(tx, &hash)?;
                put(&mut zip, &mut files, format!("{FOLDER}{hash}"), &bytes)?;
            }
            let manifest = Manifest {
                format: FORMAT.into(),
                version: VERSION,
                exported_s: now_s,
                mark: Manifest::mark_of(self.team, &files),
                files,
            };
            let json = serde_json::to_vec_pretty(&manifest).map_err(|_| damaged("a manifest that is no JSON"))?;
            put(&mut zip, &mut Vec::new(), MANIFEST.into(), &json)?;
            let mut rest = zip.finish().map_err(|e| failed(&e.into()))?;
            rest.flush().map_err(|e| failed(&e))
        })
    }
}

/// An error of the file, which is a temporary one that has no name.
fn failed(error: &io::Error) -> CaseError {
    TeamError::Database { database: "the file of the export".into(), what: error.to_string() }.into()
}

fn put<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    files: &mut Vec<Listed>,
    name: String,
    bytes: &[u8],
) -> Result<(), CaseError> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file(name.as_str(), options).map_err(|e| failed(&e.into()))?;
    zip.write_all(bytes).map_err(|e| failed(&e))?;
    let file = File::of(bytes);
    let (blake3, sha256) = (file.blake3_text(), file.sha256);
    files.push(Listed { name, bytes: bytes.len() as u64, blake3, sha256 });
    Ok(())
}

fn read(tx: &mut Tx<'_>, who: &Who, case: i64, now_s: i64) -> Result<Archive, CaseError> {
    let view = one(tx, who, case, now_s)?;
    let row = tx.one("SELECT next_item, next_seq FROM cases WHERE id = ?1", params![case])?;
    let (next_item, next_seq) = (row.int(0)?, row.int(1)?);
    let mut items = Vec::new();
    let sql = "SELECT id, kind, version, changed_s, changed_by, created_s, created_by, party_key, body
        FROM case_items WHERE case_id = ?1 ORDER BY id";
    for row in tx.query(sql, params![case])? {
        items.push(ArchiveItem {
            id: row.int(0)?,
            kind: Kind::from_name(&row.text(1)?).ok_or_else(|| damaged("an unknown kind"))?,
            version: row.int(2)?,
            changed_s: row.int(3)?,
            changed_by: row.int(4)?,
            state: State {
                created_s: row.int(5)?,
                created_by: row.int(6)?,
                party: row.opt_text(7)?,
                body: raw(row.text(8)?)?,
            },
        });
    }
    let sql =
        "SELECT seq, at_s, by_id, action, kind, item, state, kept, version, summary, of_seq, undone_seq, undone_by
        FROM case_changes WHERE case_id = ?1 ORDER BY seq";
    let history = tx.query(sql, params![case])?.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let members = view.members.iter().map(|m| ArchiveMember { user: m.user, role: m.role }).collect();
    Ok(Archive {
        fields: view.fields(),
        version: view.version,
        created_s: view.created_s,
        created_by: view.created_by,
        changed_s: view.changed_s,
        next_item,
        next_seq,
        people: people(tx, case, &view, &items, &history)?,
        members,
        items,
        history,
    })
}

fn raw(text: String) -> Result<Box<RawValue>, CaseError> {
    RawValue::from_string(text).map_err(|_| damaged("a text that is no JSON"))
}

fn change(row: &Row) -> Result<ArchiveChange, CaseError> {
    Ok(ArchiveChange {
        seq: row.int(0)?,
        at_s: row.int(1)?,
        by: row.int(2)?,
        action: Action::from_name(&row.text(3)?).ok_or_else(|| damaged("an unknown action"))?,
        kind: Thing::from_name(&row.text(4)?).ok_or_else(|| damaged("an unknown kind"))?,
        item: row.int(5)?,
        state: row.opt_text(6)?.map(raw).transpose()?,
        kept: row.flag(7)?,
        version: row.int(8)?,
        summary: row.text(9)?,
        of: row.opt_int(10)?,
        undone_seq: row.opt_int(11)?,
        undone_by: row.opt_int(12)?,
    })
}

/// Everybody whom the case names, with the name that is shown.
fn people(
    tx: &mut Tx<'_>,
    case: i64,
    view: &super::Case,
    items: &[ArchiveItem],
    history: &[ArchiveChange],
) -> Result<Vec<ArchivePerson>, CaseError> {
    #[derive(serde::Deserialize)]
    struct Given {
        assignee: Option<i64>,
    }
    #[derive(serde::Deserialize)]
    struct OfTask {
        body: Given,
    }
    let mut users = std::collections::BTreeSet::from([view.created_by]);
    users.extend(view.members.iter().map(|member| member.user));
    for item in items {
        users.extend([item.changed_by, item.state.created_by]);
        if item.kind == Kind::Task {
            users.extend(serde_json::from_str::<Given>(item.state.body.get()).ok().and_then(|task| task.assignee));
        }
    }
    for change in history {
        users.insert(change.by);
        users.extend(change.undone_by);
        match (change.kind, &change.state) {
            (Thing::Member, _) => _ = users.insert(change.item),
            (Thing::Task, Some(state)) => {
                let task = serde_json::from_str::<OfTask>(state.get()).ok();
                users.extend(task.and_then(|task| task.body.assignee));
            }
            _ => {}
        }
    }
    users.remove(&0);
    let mut people = Vec::new();
    for user in users {
        let sql = if user < 0 {
            "SELECT display FROM case_people WHERE case_id = ?1 AND id = ?2"
        } else {
            "SELECT display FROM users WHERE CAST(?1 AS BIGINT) IS NOT NULL AND id = ?2"
        };
        let display = tx.first(sql, params![case, user])?.map(|row| row.text(0)).transpose()?;
        people.push(ArchivePerson { user, display: display.unwrap_or_default() });
    }
    Ok(people)
}
