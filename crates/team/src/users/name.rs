//! What a user may be called.
//!
//! A name is typed at every login, so one spelling of it is kept: NFKC, small letters. It may be in any script. What looks like it but is another
//! text (directions, invisible characters) is refused.

use crate::TeamError;
use unicode_normalization::UnicodeNormalization;

/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 64;
/// Characters of a displayed name.
pub const DISPLAY_CHARS_MAX: usize = 120;

/// The kept spelling of a name, or nothing where no user can have it.
pub(crate) fn folded(name: &str) -> Option<String> {
    // far longer than any name: not worth the work
    if name.len() > 8 * NAME_CHARS_MAX {
        return None;
    }
    let folded = name.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect::<String>();
    let allowed = |char: char| char.is_alphanumeric() || "._-@+".contains(char) || is_mark(char);
    let length = folded.chars().count();
    let starts = folded.chars().next().is_some_and(char::is_alphanumeric);
    (starts && length <= NAME_CHARS_MAX && folded.chars().all(allowed)).then_some(folded)
}

/// Marks that letters of some scripts carry.
fn is_mark(char: char) -> bool {
    unicode_normalization::char::is_combining_mark(char)
}

/// The same, with words for whoever makes a user.
pub(crate) fn checked(name: &str) -> Result<String, TeamError> {
    let why = format!("has 1 to {NAME_CHARS_MAX} letters and digits, and . _ - @ + after the first");
    folded(name).ok_or_else(|| TeamError::invalid("name", why))
}

/// A displayed name: one line of text.
pub(crate) fn display(text: &str) -> Result<String, TeamError> {
    let text: String = text.trim().nfc().collect();
    let hidden = |char: char| {
        char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if text.is_empty() || text.chars().count() > DISPLAY_CHARS_MAX || text.chars().any(hidden) {
        let why = format!("has 1 to {DISPLAY_CHARS_MAX} characters, on one line and all of them visible");
        return Err(TeamError::invalid("display", why));
    }
    Ok(text)
}

/// A language: `en`, `ar`, `fr-CA`.
pub(crate) fn language(text: &str) -> Result<String, TeamError> {
    let fits = (2..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| text.to_owned()).ok_or_else(|| TeamError::invalid("language", "is a code like en, ar or fr-CA"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_spelling() {
        assert_eq!(folded(" Ann.Lee "), Some("ann.lee".into()));
        assert_eq!(folded("Ａｎｎ"), Some("ann".into()));
        assert_eq!(folded("سارة"), Some("سارة".into()));
        for bad in ["", "  ", ".ann", "a b", "a\u{202e}nn", "ann\u{200b}", "a/b", "a\0", &"x".repeat(65)] {
            assert_eq!(folded(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_displayed_is_visible() {
        assert_eq!(display(" Ann  Lee ").unwrap(), "Ann  Lee");
        assert!(display("Ann\nLee").is_err() && display("Ann\u{202e}eeL").is_err() && display(" ").is_err());
    }
}
