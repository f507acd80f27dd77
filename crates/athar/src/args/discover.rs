//! The words of `athar discover`, `athar sightings` and `athar campaigns`.

use super::Page;
use clap::{Args as Words, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Words)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Discover {
    /// Files and folders: pages, mail, documents, archives (WARC, ARC, ZIP), exports of Telegram and WhatsApp, pictures
    #[arg(required_unless_present = "op_return", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(subcommand)]
    pub(crate) question: Option<DiscoverQuestion>,
}

/// How files are looked at.
#[derive(Debug, Words)]
pub(crate) struct Look {
    /// Record what is found in the store (athar sightings, athar campaigns); without it finds are only printed
    #[arg(long)]
    pub(crate) record: bool,
    /// What is kept of a recorded document: its hash and an excerpt around each find, or the whole original too
    #[arg(long, value_enum, default_value_t = Kept::Excerpt, requires = "record")]
    pub(crate) keep: Kept,
    /// Who runs this, for the chain of custody
    #[arg(long, value_name = "NAME", requires = "record")]
    pub(crate) operator: Option<String>,
    /// Look at the texts in transactions (OP_RETURN) of the chain in the store too
    #[arg(long)]
    pub(crate) op_return: bool,
    /// Print account, card and phone numbers, coupon codes, e-mail addresses and authors as they are, not masked
    #[arg(long)]
    pub(crate) unmasked: bool,
    /// Print the text around each find, without secrets
    #[arg(long)]
    pub(crate) excerpts: bool,
    /// Leave out finds whose passage has a lower solicitation score
    #[arg(long, value_name = "SCORE", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_score: u8,
    /// Find hashes too that nothing says to be transaction ids
    #[arg(long)]
    pub(crate) bare_hashes: bool,
    /// Find addresses of test networks too
    #[arg(long)]
    pub(crate) test_networks: bool,
    /// Read text in pictures by this program, such as tesseract, where it is installed; what it reads may be wrong
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "tesseract")]
    pub(crate) ocr: Option<PathBuf>,
    /// Languages of that program, with plus signs between them
    #[arg(long, value_name = "LIST", default_value = "ara+eng", requires = "ocr")]
    pub(crate) ocr_languages: String,
    /// Columns or fields of chat tables, as text=body,author=from,at=date,channel=room,id=nr,reply_to=re,forwarded_from=fwd
    #[arg(long, value_name = "MAP")]
    pub(crate) columns: Option<String>,
    /// Threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// Largest page, mail, PDF or picture that is read, in MiB; text, chats and archives are read as a stream of any size
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4_096))]
    pub(crate) document_mib: u16,
}

/// How much of a document is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kept {
    Excerpt,
    Original,
}

/// What else is done with published addresses.
#[derive(Debug, Subcommand)]
pub(crate) enum DiscoverQuestion {
    /// Fetch the URLs of a list, one a line, into a web archive; nothing else is fetched
    ///
    /// GET alone; no link and no redirect is followed, no cookie kept, no script run. robots.txt is honoured unless an authority is
    /// stated. Each raw answer is stored with its SHA-256 and time. An .onion host is asked only through a SOCKS proxy that looks
    /// names up itself (socks5h), such as Tor's. Then: athar discover ARCHIVE.
    Fetch(Fetch),
}

#[derive(Debug, Words)]
pub(crate) struct Fetch {
    /// The list
    pub(crate) list: PathBuf,
    /// Archive to write; it must not be there yet
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// SOCKS proxy for everything, such as socks5h://127.0.0.1:9050
    #[arg(long, value_name = "URL", env = "ATHAR_PROXY")]
    pub(crate) proxy: Option<String>,
    /// Seconds between two requests to one host
    #[arg(long, value_name = "S", default_value_t = 2.0, value_parser = seconds)]
    pub(crate) delay: f64,
    /// Longest time of one request in seconds
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) time: u32,
    /// Largest answer in MiB; a longer one is kept that far and marked as cut
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) mib: u16,
    /// Do not ask robots.txt, by this authority (a court order, a mandate); the words go into the archive
    #[arg(long, value_name = "TEXT")]
    pub(crate) authority: Option<String>,
    /// Who runs this; goes into the archive
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: Option<String>,
    /// What to send as User-Agent
    #[arg(long, value_name = "TEXT")]
    pub(crate) user_agent: Option<String>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(s) if (0.0..=3_600.0).contains(&s) => Ok(s),
        _ => Err("seconds from 0 to 3600".into()),
    }
}

#[derive(Debug, Words)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sightings {
    /// An address, transaction id or other identifier [default: every sighting]
    pub(crate) value: Option<String>,
    /// Only of a type: address, txid, iban, card, phone, coupon_code, handle, site, qr, …
    #[arg(long, value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Only of a channel or site
    #[arg(long, value_name = "NAME")]
    pub(crate) published_in: Option<String>,
    /// Only of a file, as it was named
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<String>,
    /// Only those of passages with at least this solicitation score
    #[arg(long, value_name = "SCORE", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_score: u8,
    /// Show personal identifiers as they are, not masked
    #[arg(long)]
    pub(crate) unmasked: bool,
    #[command(flatten)]
    pub(crate) page: Page,
    #[command(subcommand)]
    pub(crate) question: Option<SightingsQuestion>,
}

/// What else is done with sightings.
#[derive(Debug, Subcommand)]
pub(crate) enum SightingsQuestion {
    /// A recorded document with all that was seen in it, and what it equals or resembles
    Item {
        /// Its number
        item: u64,
        /// Show personal identifiers as they are, not masked
        #[arg(long)]
        unmasked: bool,
    },
    /// Write the kept copy of a document to a file; that is written into the chain of custody
    Original {
        /// Its number
        item: u64,
        /// File to write; it must not be there yet
        #[arg(long, short, value_name = "FILE")]
        out: PathBuf,
        /// Who asks, for the chain of custody
        #[arg(long, value_name = "NAME")]
        operator: Option<String>,
    },
    /// Delete documents with all that was seen in them: their keys are destroyed
    Delete {
        /// Their numbers
        #[arg(required = true)]
        items: Vec<u64>,
        /// Why; kept in the chain of custody, so no personal data
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who deletes, for the chain of custody
        #[arg(long, value_name = "NAME")]
        operator: Option<String>,
    },
    /// Check the chain of custody, and list its entries
    Custody {
        #[command(flatten)]
        page: Page,
    },
    /// Write sightings as a GraphSense TagPack or a STIX 2.1 bundle, with where each was published
    Export {
        /// Form
        #[arg(long, value_enum)]
        format: ExportForm,
        /// Only those of passages with at least this solicitation score [default: those that solicit]
        #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(0..=100))]
        min_score: Option<u8>,
        /// Who stands for it
        #[arg(long, value_name = "NAME", default_value = "athar")]
        creator: String,
    },
}

/// A form to export in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    Tagpack,
    Stix,
}

#[derive(Debug, Words)]
pub(crate) struct Campaigns {
    /// One campaign, by its id or by an address in it [default: all]
    pub(crate) campaign: Option<String>,
    /// Show personal identifiers as they are, not masked
    #[arg(long)]
    pub(crate) unmasked: bool,
    /// Language of the text
    #[arg(long, value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE")]
    pub(crate) language: Tongue,
    #[command(flatten)]
    pub(crate) page: Page,
}

/// A language that people are answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tongue {
    En,
    Ar,
}
