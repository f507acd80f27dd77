//! GZIP: one or more members, whose contents are one document.

use crate::reader::{Desk, Hashing};
use crate::stream::Counting;
use crate::{Document, Stop};
use flate2::bufread::MultiGzDecoder;
use std::io::BufReader;
use std::sync::Arc;

/// Reads what is packed. Where it is damaged, what came out before is read.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let outer = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        let count = Arc::default();
        let decoder = MultiGzDecoder::new(Counting { inner: bytes, count: Arc::clone(&count) });
        let name = match decoder.header().and_then(|header| header.filename()) {
            Some(name) => String::from_utf8_lossy(name).into_owned(),
            None => {
                let name = outer.innermost_name();
                let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
                let packed =
                    name.len().checked_sub(3).is_some_and(|at| name.as_bytes()[at..].eq_ignore_ascii_case(b".gz"));
                if packed { name[..name.len() - 3].to_owned() } else { "content".to_owned() }
            }
        };
        let mut unpacked = BufReader::with_capacity(64 << 10, desk.unpacking(decoder, count));
        let member = outer.member(&name);
        desk.member(member, &mut unpacked)
    })
}
