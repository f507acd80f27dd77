//! ZIP archives: every member a document.
//!
//! A file is read by its central directory, at random; so is an archive inside another that fits into memory. One that does not, and
//! one whose directory is missing, damaged or larger than memory should be, is read front to back by its local headers ([`local`]).

mod local;

use crate::document::Names;
use crate::reader::{Desk, Hashing};
use crate::stream::guarded;
use crate::{Document, Stop, Trouble, TroubleKind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use zip::ZipArchive;
use zip::result::ZipError;

/// Bytes at the end where the end record of the directory stands: itself and the longest comment.
const END_BYTES: u64 = 22 + 0xffff;

/// Reads an archive.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let outer = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        let opened = match desk.file.clone() {
            Some(path) => match File::open(path) {
                Ok(file) => open(BufReader::new(file), desk),
                Err(error) => Err(Trouble::io(&error, None)),
            }
            .map(|archive| read_all(archive, &outer, desk)),
            None if bytes.fill_head(desk.limits.document_bytes as usize) => {
                open(Cursor::new(bytes.at_hand()), desk).map(|archive| read_all(archive, &outer, desk))
            }
            None => Err(bound(desk)),
        };
        match opened {
            Ok(stop) => stop,
            Err(trouble) => {
                desk.sink.trouble(trouble);
                local::read_all(&outer, bytes, desk)
            }
        }
    })
}

/// Reads all members that stand in what is left of a stream.
pub(crate) fn read_stream(outer: &Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    local::read_all(outer, bytes, desk)
}

fn bound(desk: &Desk<'_>) -> Trouble {
    let words = format!(
        "an archive or its directory of more than {} bytes; read by its local headers",
        desk.limits.document_bytes
    );
    Trouble { kind: TroubleKind::Bound, offset: None, words }
}

/// Opens an archive by its directory.
pub(crate) fn open<R: Read + Seek>(mut reader: R, desk: &Desk<'_>) -> Result<ZipArchive<R>, Trouble> {
    let told = |words: String| Trouble { kind: TroubleKind::Malformed, offset: None, words };
    // the library holds the whole directory in memory
    if directory_bytes(&mut reader).is_some_and(|bytes| bytes > desk.limits.document_bytes) {
        return Err(bound(desk));
    }
    let archive = match guarded(|| ZipArchive::new(reader)) {
        Ok(Ok(archive)) => archive,
        Ok(Err(error)) => {
            return Err(told(format!("no directory of the archive ({error}); read by its local headers")));
        }
        Err(words) => return Err(told(words)),
    };
    if archive.has_duplicate_names() {
        // the library keeps one of each
        return Err(told("members of one name; read by its local headers".to_owned()));
    }
    Ok(archive)
}

/// The size of the central directory, as the end record says (APPNOTE 4.3.14, 4.3.16).
fn directory_bytes<R: Read + Seek>(reader: &mut R) -> Option<u64> {
    let length = reader.seek(SeekFrom::End(0)).ok()?;
    let start = length.saturating_sub(END_BYTES + 76);
    reader.seek(SeekFrom::Start(start)).ok()?;
    let mut end = Vec::new();
    reader.take(END_BYTES + 76).read_to_end(&mut end).ok()?;
    let record = &end[memchr::memmem::rfind(&end, b"PK\x05\x06")?..];
    let size = u32::from_le_bytes(record.get(12..16)?.try_into().ok()?);
    if size != u32::MAX {
        return Some(u64::from(size));
    }
    let wide = &end[memchr::memmem::rfind(&end, b"PK\x06\x06")?..];
    Some(u64::from_le_bytes(wide.get(40..48)?.try_into().ok()?))
}

/// Reads all members of an archive in the order of its directory.
pub(crate) fn read_all<R: Read + Seek>(mut archive: ZipArchive<R>, outer: &Document, desk: &mut Desk<'_>) -> Stop {
    let mut taken = Taken::default();
    for index in 0..archive.len() {
        if desk.is_used_up() {
            break;
        }
        read_entry(&mut archive, index, outer, &mut taken, desk)?;
    }
    taken.tell(desk);
    ControlFlow::Continue(())
}

/// Reads a member of an archive as a document.
pub(crate) fn read_entry<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    outer: &Document,
    taken: &mut Taken,
    desk: &mut Desk<'_>,
) -> Stop {
    let directory = archive.metadata();
    let Ok(entry) = directory.entry(index) else { return ControlFlow::Continue(()) };
    if entry.is_dir() {
        return ControlFlow::Continue(());
    }
    let (offset, packed_bytes) = (entry.header_start(), entry.compressed_size());
    let name = name_of(entry.name_raw(), entry.name().ok().as_deref());
    let member = taken.names.member(outer, &name);
    tell_path(&name, Some(offset), desk);
    let refused = |kind, words| Trouble { kind, offset: Some(offset), words };
    if entry.encrypted() {
        return desk.refuse_member(member, refused(TroubleKind::Encrypted, "encrypted".to_owned()));
    }
    let mut file = match guarded(|| archive.by_index(index)) {
        Ok(Ok(file)) => file,
        Ok(Err(error)) => return desk.refuse_member(member, trouble_of(&error, offset)),
        Err(words) => return desk.refuse_member(member, refused(TroubleKind::Malformed, words)),
    };
    if !taken.take(offset, file.data_start().unwrap_or(0).saturating_add(packed_bytes)) {
        return ControlFlow::Continue(());
    }
    let packed = Arc::new(AtomicU64::new(packed_bytes));
    let mut unpacked = BufReader::with_capacity(32 << 10, desk.unpacking(&mut file, packed));
    desk.member(member, &mut unpacked)
}

/// Ranges of the archive that were read: a bomb of overlapping members unpacks the same bytes again and again. And the names that were
/// given.
#[derive(Default)]
pub(crate) struct Taken {
    names: Names,
    ranges: BTreeMap<u64, u64>,
    refused: u64,
}

impl Taken {
    /// Takes a range; false where a part of it was taken before.
    fn take(&mut self, start: u64, end: u64) -> bool {
        let before = self.ranges.range(..=start).next_back().is_some_and(|(_, taken)| *taken > start);
        let after = self.ranges.range(start..).next().is_some_and(|(taken, _)| *taken < end);
        if before || after {
            self.refused += 1;
            return false;
        }
        self.ranges.insert(start, end);
        true
    }

    /// Tells how many members were not read.
    pub(crate) fn tell(&self, desk: &mut Desk<'_>) {
        if self.refused > 0 {
            let words = format!("{} members lie over others in the archive and were not read", self.refused);
            desk.tell(TroubleKind::Malformed, None, words);
        }
    }
}

/// The name of a member: UTF-8 where it is that, whatever its flag says, else as the flag says.
fn name_of(raw: &[u8], told: Option<&str>) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => told.map_or_else(|| String::from_utf8_lossy(raw).into_owned(), str::to_owned),
    }
}

/// Tells of a name that is a path out of the archive. It is a name here and nothing else.
fn tell_path(name: &str, offset: Option<u64>, desk: &mut Desk<'_>) {
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\']) || drive || name.split(['/', '\\']).any(|part| part == "..") {
        let shown: String = name.chars().take(200).collect();
        desk.tell(TroubleKind::Path, offset, format!("a member is named {shown:?}, a path out of the archive"));
    }
}

pub(crate) fn trouble_of(error: &ZipError, offset: u64) -> Trouble {
    let kind = match error {
        ZipError::Io(error) => return Trouble::io(error, Some(offset)),
        ZipError::UnsupportedArchive(words) if *words == ZipError::PASSWORD_REQUIRED => TroubleKind::Encrypted,
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => TroubleKind::Unsupported,
        _ => TroubleKind::Malformed,
    };
    Trouble { kind, offset: Some(offset), words: error.to_string() }
}
