//! Attachments: files by the hash of their bytes, stored once however many cases hold them.
//!
//! A case holds a file until it is purged, even where the attachment was removed: the removal can be undone. So its bytes count
//! towards what the case may hold, and are erased with the case.

use super::Cases;
use super::access::{Access, Who};
use super::body::{Attachment, Body, Kind, file_name, media};
use super::bounds::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX};
use super::error::CaseError;
use super::items;
use super::journal::damaged;
use super::model::{AttachmentView, Item};
use crate::{Tx, params};
use sha2::{Digest, Sha256};

/// Bytes with their hashes.
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) blake3: [u8; 32],
    pub(crate) sha256: String,
}

impl<'a> File<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, blake3: *blake3::hash(bytes).as_bytes(), sha256 }
    }

    pub(crate) fn blake3_text(&self) -> String {
        blake3::Hash::from_bytes(self.blake3).to_hex().to_string()
    }
}

impl Cases<'_> {
    /// Attaches a file. What it is called and what its media type is is the client's word; nothing is ever served under it.
    pub fn attach(
        &self,
        who: &Who,
        case: i64,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        now_s: i64,
    ) -> Result<AttachmentView, CaseError> {
        file_name(name)?;
        media(media_type)?;
        if bytes.is_empty() {
            return Err(CaseError::input("body", "is empty"));
        }
        if bytes.len() > ATTACHMENT_BYTES_MAX {
            return Err(CaseError::TooMany { what: "bytes of an attachment", max: ATTACHMENT_BYTES_MAX as u64 });
        }
        let file = File::of(bytes);
        let body = Body::Attachment(Attachment {
            name: name.trim().to_owned(),
            media: media_type.to_owned(),
            bytes: bytes.len() as u64,
            blake3: file.blake3_text(),
            sha256: file.sha256.clone(),
        });
        self.writing(who, Kind::Attachment.actions().add, case, now_s, |tx| {
            Access::to_write(tx, who, case)?;
            hold(tx, case, &file)?;
            let id = items::insert(tx, who, case, now_s, &body, None)?;
            let (item, _) = items::find(tx, case, Kind::Attachment, id)?.ok_or(CaseError::Absent("attachment"))?;
            Ok((view(&item)?, Some(("attachment", id))))
        })
    }

    /// The attachments of a case.
    pub fn attachments(&self, who: &Who, case: i64, now_s: i64) -> Result<Vec<AttachmentView>, CaseError> {
        let sql = "SELECT id, version, created_s, created_by, changed_s, changed_by, body FROM case_items
            WHERE case_id = ?1 AND kind = 'attachment' ORDER BY id";
        self.reading(who, Kind::Attachment.actions().list, Some(case), None, now_s, |tx| {
            Access::find(tx, who, case)?;
            let rows = tx.query(sql, params![case])?;
            rows.iter().map(|row| view(&items::item(row)?)).collect()
        })
    }

    /// An attachment with its bytes, which are held against their hash.
    pub fn attachment(
        &self,
        who: &Who,
        case: i64,
        id: i64,
        now_s: i64,
    ) -> Result<(AttachmentView, Vec<u8>), CaseError> {
        let what = Some(("attachment", id));
        self.reading(who, Kind::Attachment.actions().read, Some(case), what, now_s, |tx| {
            Access::find(tx, who, case)?;
            let (item, _) = items::find(tx, case, Kind::Attachment, id)?.ok_or(CaseError::Absent("attachment"))?;
            let view = view(&item)?;
            let bytes = bytes(tx, &view.blake3)?;
            Ok((view, bytes))
        })
    }
}

/// The bytes of a hash.
pub(crate) fn bytes(tx: &mut Tx<'_>, blake3: &str) -> Result<Vec<u8>, CaseError> {
    let hash = blake3::Hash::from_hex(blake3).map_err(|_| damaged("an attachment without a hash"))?;
    let row = tx.first("SELECT bytes FROM case_files WHERE hash = ?1", params![hash.as_bytes()])?;
    let bytes = row.ok_or_else(|| damaged("an attachment without bytes"))?.bytes(0)?;
    if blake3::hash(&bytes) != hash {
        return Err(damaged("an attachment that is not what its hash says"));
    }
    Ok(bytes)
}

/// Stores the bytes where they are not stored yet, and lets the case hold them.
pub(crate) fn hold(tx: &mut Tx<'_>, case: i64, file: &File<'_>) -> Result<(), CaseError> {
    let size = file.bytes.len() as i64;
    // asked first: bytes that are there already are not sent to the database again
    if tx.first("SELECT 1 FROM case_files WHERE hash = ?1", params![file.blake3])?.is_none() {
        let sql = "INSERT INTO case_files (hash, size, bytes) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![file.blake3, size, file.bytes])?;
    }
    let sql = "INSERT INTO case_holds (case_id, hash, size) VALUES (?1, ?2, ?3) ON CONFLICT (case_id, hash) DO NOTHING";
    tx.execute(sql, params![case, file.blake3, size])?;
    let sql = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM case_holds WHERE case_id = ?1";
    if tx.one(sql, params![case])?.int(0)? > ATTACHMENTS_BYTES_MAX as i64 {
        return Err(CaseError::TooMany { what: "bytes of the attachments of a case", max: ATTACHMENTS_BYTES_MAX });
    }
    Ok(())
}

/// An item as an attachment is told.
pub(crate) fn view(item: &Item) -> Result<AttachmentView, CaseError> {
    let Body::Attachment(file) = Body::read(Kind::Attachment, item.body.get().as_bytes())? else {
        return Err(damaged("an attachment that is none"));
    };
    Ok(AttachmentView {
        id: item.id,
        version: item.version,
        name: file.name,
        media: file.media,
        bytes: file.bytes,
        blake3: file.blake3,
        sha256: file.sha256,
        created_s: item.created_s,
        created_by: item.created_by,
    })
}
