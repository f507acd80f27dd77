//! Which text is judged around a find: the paragraph that it stands in, joined with its neighbours where it is short, and a little
//! of what stands before and after.
//!
//! On a page the appeal, the name of the coin and the address are often three blocks of a few words each: a block alone would say
//! nothing. A message is one passage whatever its paragraphs, since it was written as one.

use std::ops::Range;

/// Bytes up to which neighbouring paragraphs are joined into one passage.
const PASSAGE_BYTES: usize = 700;
/// Bytes of one passage that are judged; a longer paragraph is cut around the find.
const PASSAGE_MAX: usize = 4_000;
/// Bytes before and after it that are looked at too.
const NEAR_BYTES: usize = 400;
/// Bytes to each side of a find that an excerpt shows.
const EXCERPT_BYTES: usize = 240;

/// The nearest character boundary at or below `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The nearest character boundary at or above `at`.
pub(crate) fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The passage around `at` in running text.
pub(crate) fn around(text: &str, at: &Range<usize>) -> Range<usize> {
    let mut passage = paragraph(text, at);
    // one neighbour after the other, the one before first: an address follows what introduces it
    let mut backward = true;
    let mut stuck = 0;
    while stuck < 2 && passage.len() < PASSAGE_BYTES {
        let wider = if backward { before(text, passage.start) } else { after(text, passage.end) };
        let grown = match wider {
            Some(next) if backward => next.start..passage.end,
            Some(next) => passage.start..next.end,
            None => passage.clone(),
        };
        if grown.len() > passage.len() && grown.len() <= PASSAGE_BYTES {
            passage = grown;
            stuck = 0;
        } else {
            stuck += 1;
        }
        backward = !backward;
    }
    cut(text, passage, at)
}

/// The paragraph of `at` alone.
pub(crate) fn alone(text: &str, at: &Range<usize>) -> Range<usize> {
    cut(text, paragraph(text, at), at)
}

/// The passage around `at` in a message: all of it, or what stands around the find where it is long.
pub(crate) fn of_message(text: &str, at: &Range<usize>) -> Range<usize> {
    cut(text, 0..text.len(), at)
}

/// The text before and after a passage, a little of it.
pub(crate) fn near(text: &str, passage: &Range<usize>) -> [Range<usize>; 2] {
    let start = ceil(text, passage.start.saturating_sub(NEAR_BYTES));
    let end = floor(text, passage.end.saturating_add(NEAR_BYTES).min(text.len()));
    [start.min(passage.start)..passage.start, passage.end..end.max(passage.end)]
}

/// The bytes that an excerpt of a find shows.
pub(crate) fn excerpt(text: &str, at: &Range<usize>) -> Range<usize> {
    let start = ceil(text, at.start.saturating_sub(EXCERPT_BYTES)).min(at.start);
    let end = floor(text, at.end.saturating_add(EXCERPT_BYTES).min(text.len())).max(at.end);
    start..end
}

fn cut(text: &str, passage: Range<usize>, at: &Range<usize>) -> Range<usize> {
    if passage.len() <= PASSAGE_MAX {
        return passage;
    }
    // the same for all finds that begin in one step of the text: a list of addresses is judged once a step, and not once an address
    let step = PASSAGE_MAX / 2;
    let first = at.start / step * step;
    let start = ceil(text, first.saturating_sub(step / 2).max(passage.start)).min(at.start);
    let end = floor(text, (first + step + step / 2).min(passage.end)).max(at.end);
    start..end
}

/// The paragraph of `at`: up to the empty lines before and after it, and no further than a passage reaches.
fn paragraph(text: &str, at: &Range<usize>) -> Range<usize> {
    let from = ceil(text, at.start.saturating_sub(PASSAGE_MAX)).min(at.start);
    let to = floor(text, at.end.saturating_add(PASSAGE_MAX).min(text.len())).max(at.end);
    let start = text[from..at.start].rfind("\n\n").map_or(from, |i| from + i + 2);
    let end = text[at.end..to].find("\n\n").map_or(to, |i| at.end + i);
    start..end
}

/// The paragraph that ends before the empty line at `start`.
fn before(text: &str, start: usize) -> Option<Range<usize>> {
    let end = text[..start].trim_end_matches('\n').len();
    (end > 0).then(|| paragraph(text, &(end..end)))
}

fn after(text: &str, end: usize) -> Option<Range<usize>> {
    let start = text.len() - text[end..].trim_start_matches('\n').len();
    (start < text.len()).then(|| paragraph(text, &(start..start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passage<'a>(text: &'a str, find: &str) -> &'a str {
        let at = text.find(find).unwrap();
        &text[around(text, &(at..at + find.len()))]
    }

    #[test]
    fn short_blocks_are_one_passage_and_long_paragraphs_stay_apart() {
        let page = "Menu\n\nHelp us\n\nBitcoin\n\nADDRESS\n\nThank you";
        assert_eq!(passage(page, "ADDRESS"), page);
        let long = "x".repeat(PASSAGE_BYTES);
        let page = format!("{long}\n\nHelp us\n\nADDRESS\n\n{long}");
        assert_eq!(passage(&page, "ADDRESS"), "Help us\n\nADDRESS");
        let page = format!("{long} ADDRESS {long}\n\nother");
        assert_eq!(passage(&page, "ADDRESS"), format!("{long} ADDRESS {long}"));
    }

    #[test]
    fn one_endless_line_is_cut_around_the_find() {
        let half = "ع".repeat(10_000);
        let text = format!("{half}ADDRESS{half}");
        let at = text.find("ADDRESS").unwrap();
        for passage in [around(&text, &(at..at + 7)), of_message(&text, &(at..at + 7))] {
            assert!(passage.len() <= PASSAGE_MAX + 16 && passage.contains(&at));
            let [before, after] = near(&text, &passage);
            assert!(before.len() <= NEAR_BYTES && after.len() <= NEAR_BYTES && !before.is_empty());
        }
    }

    #[test]
    fn a_list_is_judged_a_few_times_and_not_for_each_of_its_lines() {
        let line = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n";
        let text = line.repeat(2_000);
        let places = (0..2_000).map(|n| n * line.len()..(n + 1) * line.len() - 1);
        let mut passages: Vec<_> = places.map(|at| around(&text, &at)).collect();
        passages.dedup();
        assert!(passages.len() <= text.len() / (PASSAGE_MAX / 2) + 2, "{}", passages.len());
    }

    proptest! {
        #[test]
        fn every_range_lies_in_the_text_and_holds_the_find(
            parts in proptest::collection::vec("[a-zعш\n]{0,300}", 1..12), a in any::<usize>(), b in any::<usize>(),
        ) {
            let text = parts.join("\n\n");
            let (a, b) = (floor(&text, a % (text.len() + 1)), floor(&text, b % (text.len() + 1)));
            let at = a.min(b)..a.max(b);
            for range in [around(&text, &at), of_message(&text, &at), excerpt(&text, &at)] {
                prop_assert!(range.start <= at.start && at.end <= range.end && text.get(range.clone()).is_some());
                for near in near(&text, &range) {
                    prop_assert!(text.get(near).is_some());
                }
            }
        }
    }
}
