//! A document: one file, or one member of an archive, a mail or a page.

use crate::boundary;
use athar_types::UnixTime;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes of a member's name that are kept.
const NAME_BYTES: usize = 1024;

/// What a document was read as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)] // the variants are the formats' own names
pub enum DocumentKind {
    Text,
    Markdown,
    Html,
    Mhtml,
    Email,
    Pdf,
    Docx,
    Zip,
    Gzip,
    Warc,
    Arc,
    TelegramJson,
    TelegramHtml,
    Whatsapp,
    ChatCsv,
    ChatJson,
    Image,
    /// A chain of a ledger, whose transactions carry texts.
    Chain,
    /// Known by its form, and not read.
    Other,
}

/// What is known of a document when it begins. Documents nest: a member begins and ends between the begin and the end
/// of what holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// What it is read as.
    pub kind: DocumentKind,
    /// The file, as it was named to the reader.
    pub file: String,
    /// Where in the file, from outside to inside, parted by ` > `; `None` of the file itself. Never used as a path.
    pub member: Option<String>,
    /// Where it was published: the URI of an archived record, the location of a part of a saved page.
    pub uri: Option<String>,
    /// When it was captured, where the file says so itself.
    pub captured: Option<UnixTime>,
    /// The channel, group or chat that it is an export of.
    pub channel: Option<String>,
    /// The character set that its transport declares (HTTP, a part's header); what a document says of itself comes after it.
    pub charset: Option<String>,
}

impl Document {
    /// A file of its own, of a kind that its content tells.
    pub fn file(name: impl Into<String>) -> Self {
        Self {
            kind: DocumentKind::Other,
            file: name.into(),
            member: None,
            uri: None,
            captured: None,
            channel: None,
            charset: None,
        }
    }

    /// A member of this document, of a kind that its content tells. Its name is for people: it is shortened where it is very long, and
    /// control characters in it are replaced, and what parts names is taken out of it.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let short = boundary::head(name, NAME_BYTES);
        let name: String = short.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let name = name.replace(" > ", " ");
        let member = match &self.member {
            Some(outer) => format!("{outer} > {name}"),
            None => name,
        };
        Self { kind: DocumentKind::Other, member: Some(member), charset: None, ..self.clone() }
    }

    /// The name of what it is in, innermost: of the member, else of the file.
    pub(crate) fn innermost_name(&self) -> &str {
        let name = self.member.as_deref().unwrap_or(&self.file);
        name.rsplit(" > ").next().unwrap_or(name)
    }
}

/// The names of the members of one document, each given once: a place that two members shared would be neither's.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<u64, u32>);

impl Names {
    /// A member of a document, whose name has a number where another had it before.
    pub(crate) fn member(&mut self, of: &Document, name: &str) -> Document {
        let member = of.member(name);
        let first = hash(&member);
        if let Entry::Vacant(place) = self.0.entry(first) {
            place.insert(1);
            return member;
        }
        // room for the number
        let short = boundary::head(name, NAME_BYTES - 16);
        loop {
            let count = self.0.entry(first).or_insert(1);
            *count = count.saturating_add(1);
            let numbered = of.member(&format!("{short} ({count})"));
            if self.0.insert(hash(&numbered), 1).is_none() {
                return numbered;
            }
        }
    }
}

/// A hash stands for a name: an archive may have millions. Two that share one only get a number that was not needed.
fn hash(member: &Document) -> u64 {
    let mut hasher = DefaultHasher::new();
    member.member.hash(&mut hasher);
    hasher.finish()
}

/// What is known of a document when it ends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DocumentEnd {
    /// SHA-256 of its bytes as they stand in what holds it, after the transfer encoding; `None` where they were not all read.
    pub sha256: Option<[u8; 32]>,
    /// How many bytes these are.
    pub bytes: u64,
    /// The title, where it has one.
    pub title: Option<String>,
}

/// What a picture looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Perceptual hash of 64 bits: pictures that look alike differ in few bits. Its method is told at the function that makes it.
    pub hash: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_one_name_get_numbers_and_no_number_is_given_twice() {
        let outer = Document::file("a.zip");
        let mut names = Names::default();
        let long = "x".repeat(3_000);
        let given: Vec<_> = ["a", "a", "a (2)", "a", "a > b", "a b", &long, &long]
            .iter()
            .filter_map(|name| names.member(&outer, name).member)
            .collect();
        assert_eq!(given[..6], ["a", "a (2)", "a (2) (2)", "a (3)", "a b", "a b (2)"]);
        assert!(given[7].ends_with("x (2)") && given[6] != given[7]);
    }

    #[test]
    fn many_members_of_one_name_take_no_longer_each() {
        let (outer, mut names) = (Document::file("a.zip"), Names::default());
        let last = (0..200_000).map(|_| names.member(&outer, "same")).last();
        assert_eq!(last.and_then(|d| d.member).as_deref(), Some("same (200000)"));
    }
}
