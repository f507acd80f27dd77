//! The tables of `data/words.toml`: what a word of a name is, apart from how it is spelt.

use crate::normal;
use crate::token::{Role, base_of};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/words.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    article: Vec<String>,
    filiation: Vec<String>,
    kunya: Vec<String>,
    small: Vec<String>,
    honorific: Vec<String>,
    legal_form: Vec<String>,
    concept: Vec<Vec<String>>,
    variant: Vec<Vec<String>>,
}

/// The tables, by the base text of a word (see [`base_of`]).
#[derive(Debug, Default)]
pub(crate) struct Words {
    roles: FxHashMap<String, Role>,
    concepts: FxHashMap<String, Vec<u16>>,
    variants: FxHashMap<String, Vec<u16>>,
    concept_names: Vec<String>,
    variant_names: Vec<String>,
}

impl Words {
    pub(crate) fn shipped() -> &'static Self {
        static WORDS: LazyLock<Words> = LazyLock::new(|| {
            // the text is part of the program, and a test reads it
            Words::read(TABLE).unwrap_or_else(|error| panic!("words.toml: {error}"))
        });
        &WORDS
    }

    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.version != 1 {
            return Err(format!("version {} is not known, only 1", file.version));
        }
        let base = |word: &str| -> Result<String, String> {
            match normal::words(word).0.as_slice() {
                [one] => Ok(base_of(one).text()),
                _ => Err(format!("{word:?} is not one word")),
            }
        };
        let mut words = Self::default();
        let roles = [
            (Role::Article, file.article),
            (Role::Filiation, file.filiation),
            (Role::Kunya, file.kunya),
            (Role::Small, file.small),
            (Role::Honorific, file.honorific),
            (Role::LegalForm, file.legal_form),
        ];
        for (role, list) in roles {
            for word in list {
                // the first list that names a word decides
                words.roles.entry(base(&word)?).or_insert(role);
            }
        }
        for (i, group) in file.concept.iter().enumerate() {
            words.concept_names.push(group.first().cloned().unwrap_or_default());
            for word in group {
                let of = words.concepts.entry(base(word)?).or_default();
                if !of.contains(&(i as u16)) {
                    of.push(i as u16);
                }
            }
        }
        for (i, group) in file.variant.iter().enumerate() {
            words.variant_names.push(group.first().cloned().unwrap_or_default());
            for word in group {
                let of = words.variants.entry(base(word)?).or_default();
                if !of.contains(&(i as u16)) {
                    of.push(i as u16);
                }
            }
        }
        Ok(words)
    }

    pub(crate) fn role(&self, base: &str) -> Option<Role> {
        self.roles.get(base).copied()
    }

    pub(crate) fn concepts(&self, base: &str) -> &[u16] {
        self.concepts.get(base).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn variants(&self, base: &str) -> &[u16] {
        self.variants.get(base).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn concept_name(&self, concept: u16) -> &str {
        self.concept_names.get(concept as usize).map_or("", String::as_str)
    }

    pub(crate) fn variant_name(&self, variant: u16) -> &str {
        self.variant_names.get(variant as usize).map_or("", String::as_str)
    }
}

/// BLAKE3 over every table that a score depends on: part of the snapshot of an answer.
pub fn tables_hash() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("athar names tables version 1");
    for table in [TABLE, include_str!("../data/costs.tsv"), include_str!("../data/frequencies.tsv")] {
        hasher.update(&(table.len() as u64).to_le_bytes()).update(table.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_read_and_a_broken_one_is_told() {
        let words = Words::shipped();
        assert_eq!(words.role("bin"), Some(Role::Filiation));
        assert_eq!(words.role("ابو"), Some(Role::Kunya));
        assert_eq!(words.variants("mohd"), words.variants("محمد"));
        assert_ne!(words.variants("hasan"), words.variants("husain"));
        assert_eq!(words.variants("salim").len(), 2);
        assert_eq!(words.concepts("jabhat"), words.concepts(&base_of("جبهه").text()));
        assert!(!words.concepts("jabhat").is_empty());
        assert!(Words::read("version = 2").is_err());
        let two = TABLE.replace("[\"ali\", \"aly\"", "[\"ali\", \"a b\"");
        assert!(Words::read(&two).err().is_some_and(|e| e.contains("one word")));
    }
}
