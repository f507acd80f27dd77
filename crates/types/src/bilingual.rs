//! A text in the two languages in which everything is said to people.

use serde::{Deserialize, Serialize};

/// A text in English and Arabic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// Arabic.
    pub ar: String,
}

impl Bilingual {
    /// A text in both languages.
    pub fn new(en: impl Into<String>, ar: impl Into<String>) -> Self {
        Self { en: en.into(), ar: ar.into() }
    }

    /// What is written in the same way in both: an address, a name, a place.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ar: isolated(&text), en: text }
    }

    /// The text in a language: `ar` is Arabic, everything else English.
    pub fn of(&self, language: &str) -> &str {
        if language == "ar" { &self.ar } else { &self.en }
    }
}

impl From<&str> for Bilingual {
    fn from(text: &str) -> Self {
        Self::same(text)
    }
}

impl From<String> for Bilingual {
    fn from(text: String) -> Self {
        Self::same(text)
    }
}

/// A text within an Arabic sentence that keeps its own direction (Unicode Standard Annex 9: first strong isolate). A text from
/// outside (a place, a list's entry) must not end its own isolation: such marks in it are left out, and what ends a line or paragraph, which
/// ends every isolation, is a space.
pub fn isolated(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).map(|c| match c {
        '\n' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c => c,
    });
    ['\u{2068}'].into_iter().chain(kept).chain(['\u{2069}']).collect()
}

#[cfg(test)]
mod tests {
    use super::{Bilingual, isolated};

    #[test]
    fn a_text_from_outside_cannot_leave_its_isolation() {
        assert_eq!(isolated("a\u{2069}b\u{2067}c"), "\u{2068}abc\u{2069}");
        assert_eq!(isolated("a\u{2029}b\nc"), "\u{2068}a b c\u{2069}");
    }

    #[test]
    fn every_language_but_arabic_reads_english() {
        let text = Bilingual::new("a page", "صفحة");
        assert_eq!([text.of("ar"), text.of("en"), text.of("fr")], ["صفحة", "a page", "a page"]);
        assert_eq!(Bilingual::same("x"), Bilingual::new("x", "\u{2068}x\u{2069}"));
    }
}
