//! Files that an investigator collected, as segments of text with their place: pages, mail, office documents, web archives,
//! exports of messengers, pictures with QR codes.
//!
//! Everything is read as a stream with bounds ([`Limits`]): what is too large, too deep or damaged is told as [`Trouble`],
//! what could be read before it stays, and the next document follows. Nothing is executed and nothing is fetched.

mod arc;
mod boundary;
mod charset;
mod chat;
mod detect;
mod document;
mod docx;
#[cfg(feature = "fixture")]
pub mod fixture;
#[cfg(feature = "fixture")]
pub mod fixture_archives;
#[cfg(feature = "fixture")]
pub mod fixture_pdf;
#[cfg(feature = "fixture")]
pub mod fixture_pictures;
mod gzip;
mod html;
mod http;
mod limits;
mod mail;
mod moment;
mod passage;
mod pdf;
mod picture;
mod reader;
mod segment;
mod sink;
mod stream;
mod telegram;
mod text;
mod troubles;
mod warc;
mod web_archive;
mod whatsapp;
mod zip;

pub use chat::ChatColumns;
pub use document::{Document, DocumentEnd, DocumentKind, Picture};
pub use limits::Limits;
pub use picture::{FLAT_HASH, OcrSettings, SAME_PICTURE_BITS_MAX, hash_distance, perceptual_hash};
pub use reader::{Member, Reader};
pub use segment::{Message, Moment, Segment, SegmentKind, SourceMap};
pub use sink::{Sink, Stop, Trouble, TroubleKind};
