//! How to look.

use athar_documents::{ChatColumns, Limits, OcrSettings, Reader};
use athar_sightings::Keep;

/// How files are looked at. The default finds everything, masks what belongs to persons and keeps excerpts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bounds of reading.
    pub limits: Limits,
    /// Threads; at least one.
    pub threads: usize,
    /// Gives personal identifiers (account, card and telephone numbers, coupon codes, authors) as they are, not masked.
    pub unmasked: bool,
    /// Gives the text around each find.
    pub excerpts: bool,
    /// How much of a document a store keeps.
    pub keep: Keep,
    /// Also finds hashes that nothing says to be transactions, and Base58 texts that nothing says to be of Solana.
    pub bare_hashes: bool,
    /// Also finds addresses of test networks.
    pub test_networks: bool,
    /// Only finds whose passage has at least this score.
    pub score_min: u8,
    /// Has text in pictures read by a program, where that was asked.
    pub ocr: Option<OcrSettings>,
    /// Columns of chat tables, where they were told.
    pub chat_columns: Option<ChatColumns>,
    /// Who runs it, as they name themselves; goes into the chain of custody.
    pub operator: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            unmasked: false,
            excerpts: false,
            keep: Keep::Excerpt,
            bare_hashes: false,
            test_networks: false,
            score_min: 0,
            ocr: None,
            chat_columns: None,
            operator: None,
        }
    }
}

impl Settings {
    /// The reader that reads with these settings.
    pub fn reader(&self) -> Reader {
        let mut reader = Reader::new(self.limits);
        if let Some(columns) = &self.chat_columns {
            reader = reader.with_chat_columns(columns.clone());
        }
        if let Some(ocr) = &self.ocr {
            reader = reader.with_ocr(ocr.clone());
        }
        reader
    }
}
