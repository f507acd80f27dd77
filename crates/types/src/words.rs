//! Names and definitions of the categories for people: the table `data/categories.toml`.

use crate::Category;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/categories.toml");

/// A category in words, by language: its name, and what it means.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct CategoryWords {
    /// English: name, definition.
    pub en: [String; 2],
    /// Arabic: name, definition.
    pub ar: [String; 2],
}

#[derive(Deserialize)]
struct File {
    version: u32,
    #[serde(flatten)]
    categories: BTreeMap<Category, CategoryWords>,
}

static WORDS: LazyLock<BTreeMap<Category, CategoryWords>> = LazyLock::new(|| {
    // the text is part of the program, and a test reads it
    let file: File = toml::from_str(TABLE).unwrap_or_else(|error| panic!("categories.toml: {error}"));
    assert!(file.version == 1, "categories.toml: version {} is not known", file.version);
    file.categories
});

/// What a category is called and means. `None` is not to be had of any category: a test sees to it.
pub fn words(category: Category) -> Option<&'static CategoryWords> {
    WORDS.get(&category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_words_and_they_are_those_of_the_report() {
        assert_eq!(WORDS.len(), Category::ALL.len());
        for language in ["en", "ar"] {
            let path = format!("{}/../report/i18n/{language}.toml", env!("CARGO_MANIFEST_DIR"));
            let report: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
            for category in Category::ALL {
                let words = words(*category).unwrap();
                let [name, definition] = if language == "en" { &words.en } else { &words.ar };
                assert_eq!(report["category"][category.name()].as_str(), Some(name.as_str()), "{category} {language}");
                assert!(definition.ends_with('.'), "{category} {language}");
            }
        }
    }
}
