//! Words around an identifier that say what it is: transaction, private key, coupon, the name of a chain.
//!
//! The words are data (`data/words.tsv`). One automaton finds them all in one pass; it is asked only near what needs it.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use athar_types::Chain;
use std::sync::LazyLock;

/// What a word says about what stands beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Says {
    Txid,
    Key,
    User,
    /// With the fewest digits of a code.
    Coupon(u8),
    Phone,
    Card,
    Chain(Chain),
    Network(&'static str),
}

/// A word in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) says: Says,
}

struct Words {
    automaton: AhoCorasick,
    says: Vec<(Says, bool)>,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| load(include_str!("../data/words.tsv")).unwrap_or_else(|error| panic!("words.tsv: {error}")));

fn load(table: &'static str) -> Result<Words, String> {
    let (mut patterns, mut says) = (Vec::new(), Vec::new());
    for row in table.lines().filter(|row| !row.starts_with('#') && !row.is_empty()) {
        let cells: Vec<&'static str> = row.split('\t').collect();
        let [kind, word, argument] = cells[..] else { return Err(format!("`{row}` has not three columns")) };
        let what = match kind {
            "txid" => Says::Txid,
            "key" => Says::Key,
            "user" => Says::User,
            "coupon" => Says::Coupon(argument.parse().map_err(|_| format!("`{row}` has no number of digits"))?),
            "phone" => Says::Phone,
            "card" => Says::Card,
            "chain" => Says::Chain(Chain::from_name(argument).ok_or_else(|| format!("`{row}` names no chain"))?),
            "network" => Says::Network(argument),
            _ => return Err(format!("`{row}` is of no kind")),
        };
        patterns.push(word.trim_end_matches('*'));
        says.push((what, word.ends_with('*')));
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&patterns)
        .map_err(|error| error.to_string())?;
    Ok(Words { automaton, says })
}

/// Letters that Arabic and Hebrew write onto the word that they stand before.
const PREFIXES: &str = "وبلفكךובלהמשכ";

/// Adds every word that begins in `text[from..to]`, in order. Both must be boundaries of characters.
pub(crate) fn hits(text: &str, from: usize, to: usize, out: &mut Vec<Hit>) {
    for found in WORDS.automaton.find_iter(Input::new(text).range(from..to)) {
        let (start, end) = (found.start(), found.end());
        let (says, open) = WORDS.says[found.pattern().as_usize()];
        let before = text[..start].chars().next_back().unwrap_or(' ');
        let after = text[end..].chars().next().unwrap_or(' ');
        // the underscore joins the words of a name in a program
        let joined = before == '_' || after == '_';
        let free_before = !joined && !before.is_alphanumeric() || PREFIXES.contains(before);
        // digits may follow at once (`UID123456`), letters only where the word says so
        if free_before && (open || !after.is_alphabetic()) {
            out.push(Hit { start, end, says });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<Says> {
        let mut out = Vec::new();
        hits(text, 0, text.len(), &mut out);
        out.into_iter().map(|hit| hit.says).collect()
    }

    #[test]
    fn words_are_found_in_each_language_and_not_inside_others() {
        assert_eq!(said("Binance ID: 1"), [Says::User]);
        assert_eq!(said("معرف بينانس 1"), [Says::User]);
        assert_eq!(said("والكوبون"), [Says::Coupon(8)]);
        assert_eq!(said("кодекс"), []);
        assert_eq!(said("button hotel encode"), []);
        assert_eq!(said("SOL"), [Says::Chain(Chain::Solana)]);
        assert_eq!(said("kuponları"), [Says::Coupon(8)]);
    }

    #[test]
    fn a_broken_table_is_told() {
        for (bad, why) in [
            ("tx\tword", "three columns"),
            ("what\tword\t", "no kind"),
            ("chain\tword\tmoon", "no chain"),
            ("coupon\tword\t", "number of digits"),
        ] {
            assert!(load(bad).err().unwrap().contains(why), "{bad}");
        }
    }
}
