//! Quotation marks: the bytes of a text that stand between them.

use std::ops::Range;

/// Longest quotation, in bytes: a mark without its pair must not swallow the text.
const QUOTED_MAX: usize = 1200;

/// What stands between quotation marks, in order; the marks are outside.
pub(crate) fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open: Option<(char, usize)> = None;
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        if let Some((closes, start)) = open {
            let inside_word = matches!(c, '\'' | '’')
                && before.is_alphanumeric()
                && text[i + c.len_utf8()..].chars().next().is_some_and(char::is_alphanumeric);
            if inside_word {
                before = c;
                continue;
            }
            if c == closes || (closes == '”' && c == '“') || (closes == '“' && c == '”') {
                if i > start {
                    out.push(start..i);
                }
                open = None;
            } else if i - start > QUOTED_MAX {
                open = None;
            }
        } else {
            let closes = match c {
                '“' => Some('”'),
                '”' => Some('“'),
                '„' => Some('“'),
                '«' => Some('»'),
                '‹' => Some('›'),
                // inside a word it is the sign of a Hebrew abbreviation
                '‘' => Some('’'),
                // an apostrophe stands in or after a word
                '\'' if !before.is_alphanumeric() => Some('\''),
                '"' if !before.is_alphanumeric() => Some('"'),
                _ => None,
            };
            open = closes.map(|closes| (closes, i + c.len_utf8()));
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_all_kinds_pair() {
        let texts = |t: &'static str| quoted(t).into_iter().map(|r| &t[r]).collect::<Vec<_>>();
        assert_eq!(texts("he said \"give now\" and «هنا» and “there” „so“"), ["give now", "هنا", "there", "so"]);
        assert_eq!(texts("צה\"ל said"), Vec::<&str>::new());
        assert_eq!(texts("it's ('equip a brother's son') and the brothers' 'so"), ["equip a brother's son"]);
        assert_eq!(texts("one \" open"), Vec::<&str>::new());
        assert!(quoted(&format!("\"{}\"", "a ".repeat(2000))).is_empty());
    }
}
