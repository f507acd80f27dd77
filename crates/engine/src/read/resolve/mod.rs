//! What a pasted text is: addresses, transactions, blocks, names, in one answer.
//!
//! Identifiers are found by the same extractor that reads documents, so an address is one by its checksum, and broken, spaced or
//! defanged forms are read as there. Each is then looked up in what the store holds. Of what it does not hold nothing more is said
//! than that. A short text without identifiers is a name: labels, campaigns and lists are asked for it, across scripts.
//!
//! A private key or the words of a seed are told as such and never repeated: then no name is looked for either.

mod identifiers;
mod names;

pub(crate) use names::LabelNames;

use super::{CampaignsMade, EngineOf};
use crate::Engine;
use crate::error::EngineError;
use crate::names::NameScreener;
use athar_extract::{Extractor, Find, Kind, Options};
use athar_types::{Category, Chain, Network};
use identifiers::Finder;
use schemars::JsonSchema;
use serde::Serialize;

/// Bytes of a text that is read.
pub const RESOLVE_BYTES_MAX: usize = 256 << 10;
/// Matches given.
const MATCHES_MAX: usize = 200;
/// Identifiers of one text that are looked up.
const FINDS_MAX: usize = 1_000;
/// Characters of a text that is looked for as a name.
const NAME_MAX: usize = 200;

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReadAs {
    /// One identifier.
    Identifier,
    /// A name.
    Name,
    /// A text that may hold identifiers.
    Text,
}

/// What a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// An address.
    Address,
    /// A transaction.
    Transaction,
    /// A block.
    Block,
    /// A campaign.
    Campaign,
    /// Labels of a name; the value is one of their subjects.
    Label,
    /// An entry of an official list that has the identifier.
    ListEntry,
    /// An entry of an official list whose name is near: that it is the same is for somebody to find out.
    Name,
    /// The address of a web page in which no identifier stands.
    Url,
}

/// One thing that the text could mean.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MatchView {
    /// What it is.
    pub kind: MatchKind,
    /// Its chain; none of what belongs to none, and of a hash that no chain of the store has.
    #[schemars(with = "Option<String>")]
    pub chain: Option<Chain>,
    /// Its canonical text: an address, a transaction id, a height, the id of a campaign or of an entry.
    pub value: String,
    /// Which output (of an account chain: which transfer), where the text named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vout: Option<u32>,
    /// Whether this store has it: on its chain, or in its data. False says nothing else of it.
    pub known: bool,
    /// A label's or entry's name.
    pub title: Option<String>,
    /// Category of that.
    #[schemars(with = "Option<String>")]
    pub category: Option<Category>,
    /// Name of the entity of an address.
    pub entity: Option<String>,
    /// Whether an official list has it.
    pub listed: bool,
    /// Of an entry of a list: which list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Of a name: how near, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// Of labels of one name: how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<u64>,
}

impl MatchView {
    fn new(kind: MatchKind, chain: Option<Chain>, value: impl Into<String>) -> Self {
        Self {
            kind,
            chain,
            value: value.into(),
            vout: None,
            known: false,
            title: None,
            category: None,
            entity: None,
            listed: false,
            list: None,
            score: None,
            labels: None,
        }
    }
}

/// What a text is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ResolveView {
    /// What it could mean, the best first.
    pub matches: Vec<MatchView>,
    /// Whether there are more than are given, or a bound ended the search.
    pub truncated: bool,
    /// What it was read as.
    pub read_as: ReadAs,
    /// Private keys and seeds in it. They are never repeated, kept or looked up.
    pub secrets: u64,
}

/// Where answers come from besides the engine asked.
pub struct ResolveFrom<'a> {
    /// The chains that the store holds.
    pub held: &'a [Chain],
    /// Their engines.
    pub engine_of: EngineOf<'a>,
    /// The names of the lists; none where there is none.
    pub names: Option<&'a NameScreener>,
    /// The campaigns; none where nothing was recorded.
    pub campaigns: Option<&'a CampaignsMade>,
}

impl std::fmt::Debug for ResolveFrom<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResolveFrom").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Engine {
    /// What a text is. Only its first 256 KiB are read.
    pub fn resolve(&self, text: &str, from: &mut ResolveFrom<'_>) -> Result<ResolveView, EngineError> {
        let cut = (0..=text.len().min(RESOLVE_BYTES_MAX)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let mut truncated = cut < text.len();
        let text = text[..cut].trim();
        let options = Options {
            test_networks: self.network() != Network::Mainnet,
            bare_hashes: true,
            // of a longer text most such words are something else
            bare_solana: text.len() <= 100,
        };
        let mut finds: Vec<Find> = Vec::new();
        let mut secrets = 0;
        Extractor::new(options).scan(text, &mut |find| match find.kind {
            Kind::PrivateKey | Kind::SeedPhrase => secrets += 1,
            _ if finds.len() < FINDS_MAX => finds.push(find),
            _ => truncated = true,
        });
        let mut finder = Finder::new(self, from);
        let is_short = text.chars().nth(NAME_MAX).is_none() && !text.contains('\n');
        let is_one = is_short && !text.contains(char::is_whitespace);
        if secrets == 0 && is_one {
            finder.number(text)?;
        }
        for find in &finds {
            finder.find(text, find)?;
        }
        if secrets == 0 && is_short {
            finder.listed(text)?;
        }
        let has_identifiers = !finder.matches.is_empty();
        let read_as = match (has_identifiers, is_one, is_short) {
            (true, true, _) => ReadAs::Identifier,
            (false, _, true) => ReadAs::Name,
            _ => ReadAs::Text,
        };
        if read_as == ReadAs::Identifier {
            finder.campaigns_with(text);
        }
        if read_as == ReadAs::Name && secrets == 0 && text.chars().any(char::is_alphanumeric) {
            finder.name(text);
            if finder.matches.is_empty() && text.contains("://") {
                finder.matches.push(MatchView::new(MatchKind::Url, None, text));
            }
        }
        let mut matches = finder.matches;
        // in the order in which they stand, what the store has before the rest
        matches.sort_by_key(|found| !found.known);
        truncated |= matches.len() > MATCHES_MAX;
        matches.truncate(MATCHES_MAX);
        Ok(ResolveView { matches, truncated, read_as, secrets })
    }
}
