//! What one thread looks with: the extractor, the scorer, and the removal of secrets. The only file that knows their calls.

use crate::Settings;
use crate::passage;
use athar_documents::{DocumentKind, Segment};
use athar_extract::{Extractor, Find, Kind, Options};
use athar_sightings::Sketch;
use athar_solicitation::{Groups, Lexicon, Passage, Scorer, Solicitation};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the text around an attribute that are read with it.
const CONTEXT_BYTES: usize = 120;
/// Whether a find is a secret, whose text is in no result.
pub(crate) fn is_secret(kind: Kind) -> bool {
    matches!(kind, Kind::PrivateKey | Kind::SeedPhrase)
}

/// What stands in a copy where a secret stood.
pub(crate) const REMOVED: &str = "[secret removed]";
/// What stands in an excerpt where something personal stood.
const MASKED: &str = "[masked]";

/// What passages are judged by: the lexicons, and the names of groups from imported lists.
#[derive(Clone)]
pub struct Knowledge {
    scorer: Arc<Scorer>,
}

impl fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knowledge").field("groups", &self.groups()).finish_non_exhaustive()
    }
}

impl Knowledge {
    /// With named groups: the reference of the entry, and one of its names or aliases.
    pub fn new(groups: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { scorer: Arc::new(Scorer::new(Groups::new(groups))) }
    }

    /// The version of the lexicons.
    #[allow(clippy::unused_self)] // what a caller has in hand is what it was judged by
    pub fn lexicon(&self) -> &str {
        Lexicon::embedded().version()
    }

    /// How many forms of names of groups are looked for.
    pub fn groups(&self) -> usize {
        self.scorer.groups().len()
    }
}

/// What one thread looks with.
pub(crate) struct Eyes {
    extractor: Extractor,
    scorer: Arc<Scorer>,
}

impl Eyes {
    pub(crate) fn new(knowledge: &Knowledge, settings: &Settings) -> Self {
        let options = Options {
            bare_hashes: settings.bare_hashes,
            test_networks: settings.test_networks,
            bare_solana: settings.bare_hashes,
        };
        Self { extractor: Extractor::new(options), scorer: Arc::clone(&knowledge.scorer) }
    }

    /// The finds of a segment of a document of a kind.
    pub(crate) fn find(&self, segment: &Segment, kind: DocumentKind) -> Vec<Find> {
        let text = &segment.text;
        let mut finds = Vec::new();
        match &segment.context {
            // the words around say what a bare value or code is: they are read with it, and give no finds of their own. A web address
            // says itself whose it is
            Some(context) if !text.is_empty() && !text.contains("://") => {
                let from = passage::ceil(context, context.len().saturating_sub(CONTEXT_BYTES));
                let lead = format!("{}\n\n", &context[from..]);
                self.extractor.scan(&format!("{lead}{text}"), &mut |mut find| {
                    if find.at.start >= lead.len() {
                        find.at = find.at.start - lead.len()..find.at.end - lead.len();
                        finds.push(find);
                    }
                });
            }
            _ => {
                self.extractor.scan(text, &mut |find| finds.push(find));
            }
        }
        if matches!(kind, DocumentKind::TelegramJson | DocumentKind::TelegramHtml) {
            for find in finds.iter_mut().filter(|find| find.kind == Kind::Handle) {
                if let Some(name) = find.value.strip_prefix("unknown:") {
                    find.value = format!("telegram:{name}");
                }
            }
        }
        finds
    }

    /// Whether a text has a secret in it.
    pub(crate) fn has_secret(&self, text: &str) -> bool {
        self.extractor.finds(text).iter().any(|find| is_secret(find.kind))
    }

    /// What to leave out of a text with these finds.
    pub(crate) fn redact(finds: &[Find]) -> Safe {
        let of = |wanted: &dyn Fn(Kind) -> bool| {
            finds.iter().filter(|f| wanted(f.kind)).map(|f| f.at.clone()).collect::<Vec<_>>()
        };
        Safe { secrets: of(&is_secret), personal: of(&Self::is_personal) }
    }

    /// The score of a passage, and its language.
    pub(crate) fn judge(&self, passage: &Passage<'_>) -> (Solicitation, Option<&'static str>) {
        let (solicitation, languages) = self.scorer.score_with_language(passage);
        (solicitation, languages.main.map(athar_solicitation::Language::code))
    }

    /// A sketch of a text; empty where it is too short for one.
    pub(crate) fn sketch(text: &str) -> Vec<u8> {
        Sketch::of(text).map(|sketch| sketch.to_bytes()).unwrap_or_default()
    }

    /// Whether finds of a kind belong to a person.
    pub(crate) fn is_personal(kind: Kind) -> bool {
        matches!(kind, Kind::Iban | Kind::Card | Kind::Phone | Kind::ExchangeUser | Kind::CouponCode | Kind::Email)
    }
}

/// What is left out of copies of one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Safe {
    secrets: Vec<Range<usize>>,
    personal: Vec<Range<usize>>,
}

impl Safe {
    /// The whole text without its secrets.
    pub(crate) fn whole(&self, text: &str) -> String {
        without(text, &(0..text.len()), &[(&self.secrets, REMOVED)])
    }

    /// A part of it, grown so far that nothing of a person's is cut by its ends.
    pub(crate) fn grown(&self, part: Range<usize>) -> Range<usize> {
        let cuts = |at: usize| self.personal.iter().filter(move |range| range.start < at && at < range.end);
        let start = cuts(part.start).map(|range| range.start).min().unwrap_or(part.start);
        start..cuts(part.end).map(|range| range.end).max().unwrap_or(part.end)
    }

    /// A part of it without its secrets.
    pub(crate) fn excerpt(&self, text: &str, part: &Range<usize>) -> String {
        without(text, part, &[(&self.secrets, REMOVED)])
    }

    /// A part of it without secrets and without what belongs to persons.
    pub(crate) fn excerpt_without(&self, text: &str, part: &Range<usize>) -> String {
        without(text, part, &[(&self.secrets, REMOVED), (&self.personal, MASKED)])
    }
}

/// A part of a text with ranges replaced by marks. A range that is cut by the end of the part is left out as far as it reaches in.
fn without(text: &str, part: &Range<usize>, marks: &[(&Vec<Range<usize>>, &str)]) -> String {
    let mut cuts: Vec<(&Range<usize>, &str)> =
        marks.iter().flat_map(|(ranges, mark)| ranges.iter().map(|range| (range, *mark))).collect();
    cuts.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(part.len());
    let mut at = part.start;
    for (range, mark) in cuts {
        let (start, end) = (range.start.max(at), range.end.min(part.end));
        if start >= end {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(mark);
        at = end;
    }
    out.push_str(&text[at.min(part.end)..part.end]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_reach_into_an_excerpt_are_cut_from_it() {
        let safe = Safe { secrets: vec![4..10, 20..26], personal: std::iter::once(12..15).collect() };
        let text = "abcdSECRETghPPPklmnoSECRETxyz";
        assert_eq!(safe.whole(text), format!("abcd{REMOVED}ghPPPklmno{REMOVED}xyz"));
        assert_eq!(safe.excerpt(text, &(6..18)), format!("{REMOVED}ghPPPklm"));
        assert_eq!(safe.excerpt_without(text, &(6..18)), format!("{REMOVED}gh{MASKED}klm"));
        assert_eq!(safe.excerpt(text, &(22..24)), REMOVED);
        assert_eq!(safe.grown(13..14), 12..15);
        assert_eq!((safe.grown(12..15), safe.grown(0..12), safe.grown(5..24)), (12..15, 0..12, 5..24));
    }
}
