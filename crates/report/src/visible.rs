//! Text from outside, made safe to look at.
//!
//! Labels, addresses as typed and titles are hostile input. Markup in them is escaped by the template; this file deals
//! with what escaping cannot see: characters that have no picture of their own but hide, join, or turn the order of what
//! stands beside them. They are written out as `[U+202E]`.

use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A text longer than this many characters is cut, and says so.
pub(crate) const TEXT_CHARS_MAX: usize = 160;
/// The same for command lines, which are of use only whole.
pub(crate) const COMMAND_CHARS_MAX: usize = 1_000;

/// The text with every invisible character written out, cut at [`TEXT_CHARS_MAX`] characters.
pub(crate) fn visible(text: &str) -> String {
    shown(text, TEXT_CHARS_MAX)
}

/// A piece of a sentence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Whether it comes from outside, and must not turn what stands around it.
    pub(crate) is_outside: bool,
}

/// A sentence of ours with texts from outside between isolates (U+2068 and U+2069): its pieces, each as with [`visible`]. The page
/// isolates them by elements, so that it holds no such character at all.
pub(crate) fn pieces(sentence: &str) -> Vec<Piece> {
    let piece = |text: &str, is_outside| Piece { text: visible(text), is_outside };
    let mut all = Vec::new();
    let mut rest = sentence;
    while let Some((before, (inside, after))) =
        rest.split_once('\u{2068}').and_then(|(before, rest)| Some((before, rest.split_once('\u{2069}')?)))
    {
        all.extend([piece(before, false), piece(inside, true)]);
        rest = after;
    }
    all.push(piece(rest, false));
    all.retain(|piece| !piece.text.is_empty());
    all
}

/// A command line with every invisible character written out, cut at [`COMMAND_CHARS_MAX`] characters.
pub(crate) fn visible_command(text: &str) -> String {
    shown(text, COMMAND_CHARS_MAX)
}

fn shown(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * TEXT_CHARS_MAX));
    for c in text.chars().take(chars_max) {
        if is_hidden(c) {
            // writing to a string does not fail
            let _ = write!(out, "[U+{:04X}]", u32::from(c));
        } else {
            out.push(c);
        }
    }
    let left = text.chars().skip(chars_max).count();
    if left > 0 {
        let _ = write!(out, "… (+{left})");
    }
    out
}

/// Whether a character is a control character or draws nothing: `Cc`, line and paragraph separators, and Unicode's
/// `Default_Ignorable_Code_Point` (which holds every bidirectional control).
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A long identifier (address, hash) with its middle left out: `bcrt1qxy…k3d9m2`. Others stay whole.
pub(crate) fn middle_out(text: &str, head: usize, tail: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= head + tail + 1 {
        return Cow::Borrowed(text);
    }
    let (start, end): (String, String) = (text.chars().take(head).collect(), text.chars().skip(count - tail).collect());
    Cow::Owned(format!("{start}…{end}"))
}

/// Whether the first letter that has a direction is one of a script written from right to left, as HTML's `dir=auto`
/// would decide.
pub(crate) fn is_rtl(text: &str) -> bool {
    let strong = |c: &char| c.is_alphabetic();
    let rtl = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    text.chars().find(strong).is_some_and(rtl)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_text_is_written_out() {
        assert_eq!(visible("a\u{202e}b"), "a[U+202E]b");
        assert_eq!(
            visible("x\u{2066}\u{200b}\u{feff}\u{e0041}\n\0"),
            "x[U+2066][U+200B][U+FEFF][U+E0041][U+000A][U+0000]"
        );
        assert_eq!(visible("حملة – Kampagne 資金 €"), "حملة – Kampagne 資金 €");
    }

    #[test]
    fn a_sentence_is_taken_apart_at_its_isolates_and_hides_nothing() {
        let piece = |text: &str, is_outside| Piece { text: text.into(), is_outside };
        assert_eq!(
            pieces("قيد: \u{2068}a\u{202e}b\u{2069}."),
            [piece("قيد: ", false), piece("a[U+202E]b", true), piece(".", false)]
        );
        assert_eq!(pieces("a\u{2068}b"), [piece("a[U+2068]b", false)]);
        assert_eq!(pieces("plain"), [piece("plain", false)]);
    }

    #[test]
    fn long_text_is_cut_and_says_by_how_much() {
        let long = "ش".repeat(TEXT_CHARS_MAX + 7);
        assert!(visible(&long).ends_with("ش… (+7)"));
        assert_eq!(visible_command(&long), long);
        assert!(visible_command(&"a".repeat(COMMAND_CHARS_MAX + 1)).ends_with("a… (+1)"));
        assert_eq!(visible(&"a".repeat(TEXT_CHARS_MAX)), "a".repeat(TEXT_CHARS_MAX));
    }

    #[test]
    fn identifiers_lose_their_middle_only_when_long() {
        assert_eq!(middle_out("bcrt1qabcdefghijklmnop", 6, 4), "bcrt1q…mnop");
        assert_eq!(middle_out("short", 6, 4), "short");
        assert_eq!(middle_out("éééééééééééé", 2, 2), "éé…éé");
    }

    #[test]
    fn direction_follows_the_first_letter() {
        assert!(is_rtl("12 – منصّة"));
        assert!(!is_rtl("Off-ramp منصّة"));
        assert!(!is_rtl("123"));
    }
}
