//! The two languages of a report and their texts (`i18n/*.toml`).
//!
//! A text is plain, with `{placeholders}`; what is put into them is escaped or marked up by [`crate::page`]. Counted
//! things have one text for each plural form of the language.

use crate::error::ReportError;
use std::{collections::BTreeMap, sync::LazyLock};

/// A language of the report. Every report holds all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Arabic, written from right to left.
    Arabic,
}

impl Language {
    /// Every language, in the order in which a report holds them.
    pub const ALL: [Self; 2] = [Self::English, Self::Arabic];

    /// The code that HTML's `lang` wants (BCP 47).
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    /// The direction that HTML's `dir` wants.
    pub const fn dir(self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }

    /// Whether it is written from right to left.
    pub const fn is_rtl(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// The texts of this language.
    pub(crate) fn texts(self) -> Result<&'static Texts, ReportError> {
        static ENGLISH: LazyLock<Result<Texts, String>> = LazyLock::new(|| read(include_str!("../i18n/en.toml")));
        static ARABIC: LazyLock<Result<Texts, String>> = LazyLock::new(|| read(include_str!("../i18n/ar.toml")));
        let texts = match self {
            Self::English => &ENGLISH,
            Self::Arabic => &ARABIC,
        };
        texts.as_ref().map_err(|what| ReportError::Texts { language: self.code(), what: what.clone() })
    }

    /// The plural form of a whole number.
    ///
    /// Source: Unicode CLDR 45, cardinal plural rules of `en` and `ar`; Arabic's `zero` shares the text of `other`.
    pub(crate) const fn plural(self, n: u64) -> &'static str {
        match (self, n, n % 100) {
            (_, 1, _) => "one",
            (Self::Arabic, 2, _) => "two",
            (Self::Arabic, _, 3..=10) => "few",
            (Self::Arabic, _, 11..) => "many",
            _ => "other",
        }
    }
}

/// The texts of one language, by dotted key.
#[derive(Debug)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The text with that key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Every key.
    #[cfg(test)]
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// To be shown as it is.
    Words(&'a str),
    /// Between a pair of backquotes: a command.
    Code(&'a str),
    /// The name of what is to be put here.
    Place(&'a str),
}

/// Cuts a text at its placeholders and commands. A placeholder inside a command stays for the caller to cut again.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '`']) {
        let close = if rest[at..].starts_with('{') { '}' } else { '`' };
        let Some(len) = rest[at + 1..].find(close) else { break };
        if at > 0 {
            pieces.push(Piece::Words(&rest[..at]));
        }
        let inner = &rest[at + 1..at + 1 + len];
        pieces.push(if close == '}' { Piece::Place(inner) } else { Piece::Code(inner) });
        rest = &rest[at + len + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// Reads nested tables of strings into dotted keys.
fn read(text: &str) -> Result<Texts, String> {
    fn flatten(prefix: &str, table: toml::Table, into: &mut BTreeMap<String, String>) -> Result<(), String> {
        for (name, value) in table {
            let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match value {
                toml::Value::String(text) => {
                    into.insert(key, text);
                }
                toml::Value::Table(table) => flatten(&key, table, into)?,
                _ => return Err(format!("`{key}` is neither a text nor a table")),
            }
        }
        Ok(())
    }
    let mut texts = BTreeMap::new();
    flatten("", text.parse().map_err(|e: toml::de::Error| e.to_string())?, &mut texts)?;
    Ok(Texts(texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::{Basis, Category, Level, Relation};
    use std::collections::BTreeSet;

    fn texts(language: Language) -> &'static Texts {
        language.texts().unwrap()
    }

    /// Keys without the plural form.
    fn keys(language: Language) -> BTreeSet<&'static str> {
        texts(language).keys().map(|k| if k.starts_with("count.") { &k[..k.rfind('.').unwrap()] } else { k }).collect()
    }

    fn places(text: &str) -> BTreeSet<&str> {
        let cut = |piece| match piece {
            Piece::Place(name) => vec![name],
            Piece::Code(code) => {
                pieces(code).into_iter().filter_map(|p| if let Piece::Place(n) = p { Some(n) } else { None }).collect()
            }
            Piece::Words(_) => vec![],
        };
        pieces(text).into_iter().flat_map(cut).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        assert_eq!(keys(Language::English), keys(Language::Arabic));
        for key in keys(Language::English).into_iter().filter(|k| !k.starts_with("count.")) {
            let [en, ar] = Language::ALL.map(|l| texts(l).get(key).unwrap());
            assert_eq!(places(en), places(ar), "{key}");
            assert!(!en.trim().is_empty() && !ar.trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn arabic_texts_are_arabic() {
        for key in keys(Language::Arabic).into_iter().filter(|k| !k.starts_with("count.")) {
            let text = texts(Language::Arabic).get(key).unwrap();
            // CoinJoin is a proper name
            let arabic = text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
            assert!(arabic || text == "CoinJoin" || places(text).len() == pieces(text).len(), "{key}: {text}");
        }
    }

    #[test]
    fn every_plural_form_of_every_counted_thing_is_there() {
        for language in Language::ALL {
            for key in keys(language).into_iter().filter(|k| k.starts_with("count.")) {
                for n in (0..130).chain([1_000_000, u64::MAX]) {
                    let form = language.plural(n);
                    let text = texts(language).get(&format!("{key}.{form}")).unwrap_or_else(|| panic!("{key} {form}"));
                    assert!(matches!(form, "one" | "two") || places(text) == BTreeSet::from(["n"]), "{key}: {text}");
                }
            }
        }
        let arabic = [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111].map(|n| Language::Arabic.plural(n));
        let wanted = ["other", "one", "two", "few", "few", "many", "many", "other", "other", "few", "many"];
        assert_eq!(arabic, wanted);
    }

    #[test]
    fn everything_an_answer_can_name_has_a_text_in_both_languages() {
        let mut wanted: Vec<String> = Vec::new();
        wanted.extend(Category::ALL.iter().map(|c| format!("category.{c}")));
        wanted.extend(Basis::ALL.iter().flat_map(|b| [format!("basis.{b}"), format!("basis_note.{b}")]));
        wanted.extend(Level::ALL.iter().flat_map(|l| [format!("level.{l}"), format!("risk.{l}")]));
        for relation in Relation::ALL {
            wanted.push(format!("relation.{relation}"));
            wanted.extend(["", "_note", "_empty"].map(|part| format!("finding.group_{relation}{part}")));
        }
        wanted.extend(athar_trace::Bound::ALL.iter().map(|b| format!("bound.{b}")));
        wanted.extend(athar_entities::Heuristic::ALL.iter().map(|h| format!("heuristic.{h}")));
        wanted.extend(athar_entities::Heuristic::ALL.iter().map(|h| format!("heuristic_rule.{h}")));
        for key in wanted {
            for language in Language::ALL {
                assert!(texts(language).get(&key).is_some(), "{} lacks {key}", language.code());
            }
        }
    }

    #[test]
    fn no_two_categories_levels_or_bases_share_a_text() {
        for language in Language::ALL {
            for (group, names) in [
                ("category", Category::ALL.iter().map(|c| c.name()).collect::<Vec<_>>()),
                ("basis", Basis::ALL.iter().map(|b| b.name()).collect()),
                ("level", Level::ALL.iter().map(|l| l.name()).collect()),
                ("relation", Relation::ALL.iter().map(|r| r.name()).collect()),
            ] {
                let distinct: BTreeSet<_> =
                    names.iter().map(|n| texts(language).get(&format!("{group}.{n}"))).collect();
                assert_eq!(distinct.len(), names.len(), "{} {group}", language.code());
            }
        }
    }

    #[test]
    fn a_text_is_cut_at_placeholders_and_commands() {
        use Piece::{Code, Place, Words};
        assert_eq!(pieces("a {b} c"), [Words("a "), Place("b"), Words(" c")]);
        assert_eq!(pieces("{b}"), [Place("b")]);
        assert_eq!(pieces("see `x {y}`."), [Words("see "), Code("x {y}"), Words(".")]);
        assert_eq!(pieces("open {"), [Words("open {")]);
        assert!(pieces("").is_empty());
    }
}
