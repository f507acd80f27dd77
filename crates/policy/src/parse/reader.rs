//! Reading fields of a TOML document, each with its place: so that every error names line and field.

use crate::error::PolicyError;
use crate::exact::{Comparison, Quantity, Unit, shown};
use crate::policy::{TEXT_MAX, WORDS_MAX};
use athar_types::Bilingual;
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The document that is read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// A table with the name of its field.
pub(super) struct Table<'a> {
    reader: Reader<'a>,
    table: &'a DeTable<'a>,
    at: usize,
    field: String,
}

type Read<T> = Result<T, PolicyError>;

impl<'a> Reader<'a> {
    pub(super) fn error(self, at: usize, field: &str, what: impl Into<String>) -> PolicyError {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        PolicyError::Field { path: self.path.into(), line, field: field.into(), what: what.into() }
    }

    pub(super) fn wrong(self, value: &Value<'_>, field: &str, what: impl Into<String>) -> PolicyError {
        self.error(value.span().start, field, what)
    }

    /// A table with no other keys than these.
    pub(super) fn table(self, value: &'a Value<'a>, field: &str, keys: &[&str]) -> Read<Table<'a>> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong(value, field, format!("a {} and not a table", value.get_ref().type_str())));
        };
        self.keyed(table, value.span().start, field, keys)
    }

    pub(super) fn keyed(self, table: &'a DeTable<'a>, at: usize, field: &str, keys: &[&str]) -> Read<Table<'a>> {
        let unknown = table.keys().filter(|k| !keys.contains(&k.get_ref().as_ref())).min_by_key(|k| k.span().start);
        if let Some(key) = unknown {
            let what = format!("unknown key `{}`: one of {}", shown(key.get_ref()), keys.join(", "));
            return Err(self.error(key.span().start, field, what));
        }
        Ok(Table { reader: self, table, at, field: field.into() })
    }

    pub(super) fn text(self, value: &'a Value<'a>, field: &str) -> Read<&'a str> {
        let Some(text) = value.get_ref().as_str() else {
            return Err(self.wrong(value, field, format!("a {} and not a text", value.get_ref().type_str())));
        };
        if text.trim().is_empty() {
            return Err(self.wrong(value, field, "an empty text"));
        }
        if text.chars().count() > TEXT_MAX {
            return Err(self.wrong(value, field, format!("longer than {TEXT_MAX} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(self.wrong(value, field, "a control character in the text"));
        }
        Ok(text)
    }

    pub(super) fn array(self, value: &'a Value<'a>, field: &str, max: usize) -> Read<Vec<(&'a Value<'a>, String)>> {
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.wrong(value, field, format!("a {} and not a list", value.get_ref().type_str())));
        };
        if array.is_empty() {
            return Err(self.wrong(value, field, "an empty list"));
        }
        if array.len() > max {
            return Err(self.wrong(value, field, format!("{} of them, and at most {max}", array.len())));
        }
        Ok(array.iter().enumerate().map(|(i, v)| (v, format!("{field}[{i}]"))).collect())
    }

    /// A text, or a list of texts, each read by `read`.
    pub(super) fn words<T: Ord>(
        self,
        value: &'a Value<'a>,
        field: &str,
        mut read: impl FnMut(&'a str) -> Result<T, String>,
    ) -> Read<BTreeSet<T>> {
        let values = match value.get_ref() {
            DeValue::Array(_) => self.array(value, field, WORDS_MAX)?,
            _ => vec![(value, field.to_owned())],
        };
        let mut words = BTreeSet::new();
        for (value, field) in values {
            let word = read(self.text(value, &field)?).map_err(|what| self.wrong(value, &field, what))?;
            if !words.insert(word) {
                return Err(self.wrong(value, &field, "named twice"));
            }
        }
        Ok(words)
    }

    /// A number: a text, or a number of TOML, which is read digit by digit.
    pub(super) fn quantity(self, value: &'a Value<'a>, field: &str, unit: Unit) -> Read<Quantity> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            other => return Err(self.wrong(value, field, format!("a {} and not a number", other.type_str()))),
        };
        Quantity::parse(unit, text).map_err(|what| self.wrong(value, field, what))
    }
}

impl<'a> Table<'a> {
    /// A field, where it is there, and its full name.
    pub(super) fn get(&self, key: &str) -> Option<(&'a Value<'a>, String)> {
        let value = self.table.get(key)?;
        Some((value, if self.field.is_empty() { key.to_owned() } else { format!("{}.{key}", self.field) }))
    }

    /// A field that must be there.
    pub(super) fn must(&self, key: &str) -> Read<(&'a Value<'a>, String)> {
        self.get(key).ok_or_else(|| self.error(format!("`{key}` is missing")))
    }

    /// Something wrong with the table as a whole.
    pub(super) fn error(&self, what: impl Into<String>) -> PolicyError {
        self.reader.error(self.at, &self.field, what)
    }

    /// A name: lower-case letters, digits and hyphens, at most 64.
    pub(super) fn name(&self, key: &str) -> Read<String> {
        let (value, field) = self.must(key)?;
        let text = self.reader.text(value, &field)?;
        if is_name(text) {
            Ok(text.to_owned())
        } else {
            Err(self.reader.wrong(value, &field, "not 1 to 64 lower-case letters, digits and hyphens"))
        }
    }

    /// `{ en = "…", ar = "…" }`.
    pub(super) fn titles(&self, key: &str) -> Read<Option<Bilingual>> {
        let Some((value, field)) = self.get(key) else { return Ok(None) };
        let table = self.reader.table(value, &field, &["en", "ar"])?;
        let text = |key| {
            let (value, field) = table.must(key)?;
            self.reader.text(value, &field).map(str::to_owned)
        };
        Ok(Some(Bilingual { en: text("en")?, ar: text("ar")? }))
    }

    /// A comparison, or a list of them that must all hold; none where the field is not there.
    pub(super) fn comparisons(&self, key: &str, unit: Unit) -> Read<Vec<Comparison>> {
        let Some((value, field)) = self.get(key) else { return Ok(Vec::new()) };
        let values = match value.get_ref() {
            DeValue::Array(_) => self.reader.array(value, &field, 4)?,
            _ => vec![(value, field)],
        };
        let read = |(value, field): (&'a Value<'a>, String)| {
            let text = self.reader.text(value, &field)?;
            Comparison::parse(unit, text).map_err(|what| self.reader.wrong(value, &field, what))
        };
        values.into_iter().map(read).collect()
    }

    /// Yes or no; none where the field is not there.
    pub(super) fn flag(&self, key: &str) -> Read<Option<bool>> {
        let Some((value, field)) = self.get(key) else { return Ok(None) };
        let Some(flag) = value.get_ref().as_bool() else {
            return Err(self.reader.wrong(value, &field, "neither true nor false"));
        };
        Ok(Some(flag))
    }

    /// A set of words; empty where the field is not there.
    pub(super) fn words<T: Ord>(&self, key: &str, read: impl FnMut(&'a str) -> Result<T, String>) -> Read<BTreeSet<T>> {
        self.get(key).map_or_else(|| Ok(BTreeSet::new()), |(value, field)| self.reader.words(value, &field, read))
    }
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
}

/// One of several words, or which there are.
pub(super) fn one_of<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            format!("`{}` is none of {}", shown(text), names.join(", "))
        })
    }
}
