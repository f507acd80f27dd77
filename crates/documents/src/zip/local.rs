//! An archive front to back, by the header before each member: for streams, and for archives whose directory is lost.
//!
//! A member that does not say its size, as many programs write it, ends where its compressed stream ends. After anything that cannot
//! be read the next header is looked for.

use super::{name_of, tell_path};
use crate::document::Names;
use crate::reader::{Desk, Hashing};
use crate::stream::Counting;
use crate::{Document, Stop, Trouble, TroubleKind};
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

const MAGIC: &[u8; 4] = b"PK\x03\x04";

/// The header of a member (APPNOTE 4.3.7).
struct Local {
    name: String,
    encrypted: bool,
    method: u16,
    /// Bytes of the packed member; `None` where they are told after it.
    packed_bytes: Option<u64>,
}

/// Reads all members that stand in a stream.
pub(crate) fn read_all(outer: &Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let (mut found, mut names) = (0_u64, Names::default());
    while !desk.is_used_up() {
        match seek_header(bytes) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
                break;
            }
        }
        let offset = bytes.position() - MAGIC.len() as u64;
        let local = match read_header(bytes) {
            Ok(local) => local,
            Err(error) => {
                desk.sink.trouble(Trouble::io(&error, Some(offset)));
                continue;
            }
        };
        found += 1;
        if local.name.ends_with('/') && local.packed_bytes == Some(0) {
            continue;
        }
        tell_path(&local.name, Some(offset), desk);
        read_member(names.member(outer, &local.name), &local, offset, bytes, desk)?;
    }
    if found == 0 {
        desk.tell(TroubleKind::Malformed, None, "no member of an archive is there");
    }
    ControlFlow::Continue(())
}

fn read_member(member: Document, local: &Local, offset: u64, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let refused = if local.encrypted {
        Some((TroubleKind::Encrypted, "encrypted".to_owned()))
    } else if local.method != 0 && local.method != 8 {
        Some((TroubleKind::Unsupported, format!("compression method {} without a directory", local.method)))
    } else if local.method == 0 && local.packed_bytes.is_none() {
        Some((TroubleKind::Malformed, "a member that is not compressed does not say its size".to_owned()))
    } else {
        None
    };
    if let Some((kind, words)) = refused {
        desk.refuse_member(member, Trouble { kind, offset: Some(offset), words })?;
        return skip(bytes, local.packed_bytes.unwrap_or(0), desk);
    }
    let start = bytes.position();
    let count = Arc::default();
    let stop = {
        let mut limited = (&mut *bytes).take(local.packed_bytes.unwrap_or(u64::MAX));
        let packed = Counting { inner: &mut limited, count: Arc::clone(&count) };
        if local.method == 0 {
            desk.member(member, &mut BufReader::new(desk.unpacking(packed, count)))
        } else {
            let unpacked = desk.unpacking(DeflateDecoder::new(packed), count);
            let mut unpacked = BufReader::with_capacity(32 << 10, unpacked);
            desk.member(member, &mut unpacked)
        }
    };
    stop?;
    // where it broke off, the next member begins behind what it says of its size
    let read = bytes.position() - start;
    skip(bytes, local.packed_bytes.unwrap_or(0).saturating_sub(read), desk)
}

fn skip(bytes: &mut Hashing<'_>, count: u64, desk: &mut Desk<'_>) -> Stop {
    match io::copy(&mut bytes.take(count), &mut io::sink()) {
        Ok(skipped) if skipped < count => {
            desk.tell(TroubleKind::Truncated, Some(bytes.position()), "it ends inside of a member");
        }
        Ok(_) => {}
        Err(error) => desk.sink.trouble(Trouble::io(&error, Some(bytes.position()))),
    }
    ControlFlow::Continue(())
}

/// Goes behind the next mark of a header. False at the end.
fn seek_header(bytes: &mut Hashing<'_>) -> io::Result<bool> {
    let mut matched = 0;
    loop {
        let ready = bytes.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        let mut used = 0;
        for &byte in ready {
            used += 1;
            matched = match byte {
                _ if byte == MAGIC[matched] => matched + 1,
                b'P' => 1,
                _ => 0,
            };
            if matched == MAGIC.len() {
                break;
            }
        }
        bytes.consume(used);
        if matched == MAGIC.len() {
            return Ok(true);
        }
    }
}

fn read_header(bytes: &mut Hashing<'_>) -> io::Result<Local> {
    let mut fixed = [0_u8; 26];
    bytes.read_exact(&mut fixed)?;
    let word = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let (flags, method) = (word(2), word(4));
    let (mut name, mut extra) = (vec![0; usize::from(word(22))], vec![0; usize::from(word(24))]);
    bytes.read_exact(&mut name)?;
    bytes.read_exact(&mut extra)?;
    let packed_bytes = match long(14) {
        _ if flags & 8 != 0 => None,
        u32::MAX => Some(wide_size(&extra).unwrap_or(u64::from(u32::MAX))),
        size => Some(u64::from(size)),
    };
    Ok(Local { name: name_of(&name, None), encrypted: flags & 1 != 0, method, packed_bytes })
}

/// The packed size in the extra field of sizes of 64 bits (APPNOTE 4.5.3).
fn wide_size(mut extra: &[u8]) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let field = rest.get(..length)?;
        if id == 1 {
            return Some(u64::from_le_bytes(field.get(8..16)?.try_into().ok()?));
        }
        extra = &rest[length..];
    }
    None
}
