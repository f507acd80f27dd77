//! Plain text and Markdown, as a stream: of any length, in constant memory, whether it has lines or not.
//!
//! Markdown is read as it is written: links, code and raw HTML stay in sight, which is what is looked for.

use crate::charset::Decoder;
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::{Document, SegmentKind, Stop, Trouble};
use encoding_rs::Encoding;
use std::io::{self, Read};

/// Bytes that are read and decoded at once.
const BLOCK_BYTES: usize = 64 << 10;

/// Reads text.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let declared = document.charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    desk.document(document, bytes, |desk, bytes| read_rest(declared, bytes, desk))
}

/// Reads what is left of a document as text.
pub(crate) fn read_rest(declared: Option<&'static Encoding>, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let mut passage = Passage::new(SegmentKind::Text, desk);
    let mut decoder = Decoder::new(declared, bytes.position());
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let (filled, error) = fill(bytes, &mut block);
        let last = filled < block.len();
        decoder.decode(&block[..filled], last, &mut |text, marks| passage.push_marked(text, marks, desk))?;
        if let Some(error) = error {
            desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
        }
        if last {
            return passage.flush(desk);
        }
    }
}

/// Reads until the block is full, the document ends, or reading fails. What was read before it failed counts.
fn fill(bytes: &mut Hashing<'_>, block: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while filled < block.len() {
        match bytes.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}
