//! Notes in transactions: texts in outputs that have a term of the lexicons of solicitation or the name of a listed group.
//!
//! What counts is a cause or a group. Words of giving, of religion and of money are counted beside it: anybody may write "donate".
//! The ledger of a chain of accounts keeps no call data beyond the selector, so there is no text there to look at.

use super::kept::Kept;
use crate::Engine;
use crate::error::EngineError;
use crate::read::op_returns::text_of;
use athar_chains::bitcoin::op_return_payload;
use athar_ledger::Ledger;
use athar_patterns::Memo;
use athar_solicitation::{Groups, Lexicon, Passage, ReasonKind, Scorer};
use athar_types::{OutputNum, ScriptKind, TxNum};
use rayon::prelude::*;

/// Outputs that a thread takes at once.
const CHUNK: u64 = 1 << 16;
/// Notes that a run keeps: more are left out.
const MEMOS_MAX: usize = 100_000;

/// What texts are read with, by the lists in the store.
static READER: Kept<Reader> = Kept::new();

/// The notes from a transaction on that have a term, in chain order.
pub(super) fn memos(engine: &Engine, since: Option<u32>) -> Result<Vec<Memo>, EngineError> {
    if engine.of_accounts().is_some() {
        return Ok(Vec::new());
    }
    let ledger = engine.ledger()?;
    let first = match since {
        Some(since) if since >= ledger.tx_count() => return Ok(Vec::new()),
        Some(since) => ledger.tx_outputs(TxNum(since)).start,
        None => 0,
    };
    let groups = || Ok::<_, EngineError>(Reader::new(crate::write::group_names(&engine.folder)?));
    let reader = READER.get(engine.lists.version_hash(), groups)?;
    let chunks = ledger.output_count().saturating_sub(first).div_ceil(CHUNK);
    let of_chunk = |chunk: u64| {
        let from = first + chunk * CHUNK;
        let to = (from + CHUNK).min(ledger.output_count());
        (from..to).filter_map(|n| reader.memo(ledger, OutputNum(n))).collect::<Vec<_>>()
    };
    let mut all: Vec<Memo> = (0..chunks).into_par_iter().flat_map_iter(of_chunk).collect();
    all.truncate(MEMOS_MAX);
    Ok(all)
}

struct Reader {
    scorer: Scorer,
    neutral: Vec<String>,
}

impl Reader {
    fn new(groups: Vec<(String, String)>) -> Self {
        let neutral = Lexicon::embedded().neutral_religious();
        Self {
            scorer: Scorer::new(Groups::new(groups)),
            neutral: neutral
                .iter()
                .map(|(_, term)| term.to_lowercase())
                .filter(|term| term.chars().count() >= 3)
                .collect(),
        }
    }

    fn memo(&self, ledger: &Ledger, num: OutputNum) -> Option<Memo> {
        if ledger.output(num).kind != ScriptKind::OpReturn {
            return None;
        }
        let text = text_of(op_return_payload(ledger.output_script(num)?)?.data)?;
        let (terms, neutral, score, is_quoted) = self.read(&text);
        (!terms.is_empty()).then(|| Memo { tx: ledger.output_tx(num).0.0, text, terms, neutral, score, is_quoted })
    }

    /// The terms of a text, its neutral words, its score and whether it reports.
    fn read(&self, text: &str) -> (Vec<String>, Vec<String>, u8, bool) {
        let score = self.scorer.score(&Passage { segment: text, ..Passage::default() });
        let is_term = |kind| matches!(kind, ReasonKind::Cause | ReasonKind::Group);
        let reports = |kind| {
            matches!(
                kind,
                ReasonKind::News
                    | ReasonKind::Court
                    | ReasonKind::Research
                    | ReasonKind::Warning
                    | ReasonKind::Quotation
            )
        };
        let (mut terms, mut neutral, mut against) = (Vec::new(), Vec::new(), 0);
        for reason in &score.reasons {
            let source = Lexicon::embedded().entries().iter().find(|e| e.id == reason.entry).map(|e| e.source.as_str());
            let said = format!("{} ({}: {})", reason.words, reason.entry, source.unwrap_or("imported list"));
            if is_term(reason.kind) && reason.points > 0 {
                terms.push(said);
            } else if reports(reason.kind) {
                against += reason.points;
            } else if matches!(reason.kind, ReasonKind::Donation | ReasonKind::Payment | ReasonKind::Urgency) {
                neutral.push(said);
            }
        }
        if !terms.is_empty() {
            let lower = text.to_lowercase();
            neutral.extend(self.neutral.iter().filter(|term| lower.contains(*term)).take(10).cloned());
        }
        (terms, neutral, score.score, against < 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>, u8, bool) {
        Reader::new(vec![("example-list 7".into(), "Example Martyrs Brigade".into())]).read(text)
    }

    #[test]
    fn a_named_group_is_a_term_with_its_list() {
        let (terms, ..) = read("support the Example Martyrs Brigade");
        assert!(terms.iter().any(|t| t.contains("example-list 7: imported list")), "{terms:?}");
    }

    #[test]
    fn religious_words_and_words_of_giving_alone_are_no_terms() {
        for text in ["صدقة جارية في رمضان", "zakat and sadaqah", "please donate", "الحمد لله رب العالمين"]
        {
            assert!(read(text).0.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_cause_names_its_entry_and_source() {
        let (terms, ..) = read("donate for the mujahideen");
        assert!(terms.iter().any(|t| t.contains("en.cause.")), "{terms:?}");
    }
}
