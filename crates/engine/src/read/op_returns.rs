//! Texts that transactions carry (`OP_RETURN`): one of the places where an appeal can be published.

use crate::Engine;
use crate::error::EngineError;
use athar_chains::bitcoin::op_return_payload;
use athar_types::{Hash32, OutputNum, ScriptKind, UnixTime};

/// The shortest text that is given, in bytes: shorter ones are markers of protocols.
const TEXT_BYTES_MIN: usize = 8;

/// A text in an output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpReturnText {
    /// The transaction.
    pub txid: Hash32,
    /// Which of its outputs.
    pub vout: u32,
    /// Time of its block.
    pub time: UnixTime,
    /// The text.
    pub text: String,
}

impl Engine {
    /// Gives every text that an output of the chain carries, in chain order, until `each` says false. Data that is no text is left
    /// out: it must be UTF-8 without control characters but for white space. Gives how many outputs carry data at all.
    pub fn op_returns(&self, each: &mut dyn FnMut(OpReturnText) -> bool) -> Result<u64, EngineError> {
        let ledger = self.ledger()?;
        let mut carriers = 0;
        for num in 0..ledger.output_count() {
            let num = OutputNum(num);
            if ledger.output(num).kind != ScriptKind::OpReturn {
                continue;
            }
            carriers += 1;
            let payload = ledger.output_script(num).and_then(op_return_payload);
            let Some(text) = payload.and_then(|payload| text_of(payload.data)) else { continue };
            let (tx, vout) = ledger.output_tx(num);
            if !each(OpReturnText { txid: ledger.txid(tx), vout, time: self.tx_time(tx), text }) {
                break;
            }
        }
        Ok(carriers)
    }
}

pub(super) fn text_of(data: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(data).ok()?;
    let is_text = text.len() >= TEXT_BYTES_MIN
        && text.chars().all(|c| !c.is_control() || c.is_whitespace())
        && text.chars().any(char::is_alphabetic);
    is_text.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_data() {
        assert_eq!(text_of(b"donate here".to_vec()).as_deref(), Some("donate here"));
        assert_eq!(text_of("تبرع للإخوة".into()).as_deref(), Some("تبرع للإخوة"));
        for data in [&b"short"[..], b"\xaa\x21\xa9\xed\0\0\0\0\0\0", b"binary\0\0\0\0", b"12345678901234"] {
            assert_eq!(text_of(data.to_vec()), None);
        }
    }
}
