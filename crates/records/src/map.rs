//! A map: which column of a file is which field, and how its times and amounts are written.
//!
//! As TOML, or in one line on the command line or in a request. A map that names a field or a setting that does not exist is refused:
//! a misspelt `keep_plain` must not pass.

use crate::when::Clock;
use crate::{Field, Kind, RecordsError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A column map.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Map {
    /// What the records are of, where it is not told beside the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// By field, the column of a CSV, or the key of a JSON object (`user.id` is `id` in `user`). Without one a field is looked for under
    /// its own name.
    pub columns: BTreeMap<Field, String>,
    /// By field, a value that every record has: `currency = "EUR"`.
    pub constants: BTreeMap<Field, String>,
    /// Personal fields whose values are kept, encrypted, beside their pseudonyms.
    pub keep_plain: Vec<Field>,
    /// Zone of times that name none: `Europe/Paris`, `UTC`, `+02:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How times are written, as a pattern of `strftime`: `%d/%m/%Y %H:%M`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// The decimal sign is a comma.
    pub decimal_comma: bool,
    /// What stands between columns: one ASCII character; `,` where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
}

impl Map {
    /// Reads a map in TOML. `name` is the file's, for errors.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, RecordsError> {
        toml::from_str(text).map_err(|error| {
            let line =
                error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() as u64 + 1);
            RecordsError::File { file: name.into(), line, what: error.message().to_owned() }
        })
    }

    /// Reads a map in one line: `serial=code,time=sold at,currency:=EUR`. `=` names a column, `:=` a constant value.
    pub fn from_line(text: &str) -> Result<Self, RecordsError> {
        let mut map = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = || RecordsError::input("map", format!("`{part}` is not FIELD=COLUMN or FIELD:=VALUE"));
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let (name, constant) = name.strip_suffix(':').map_or((name, false), |name| (name, true));
            let field = Field::from_name(name.trim()).ok_or_else(|| unknown(name.trim()))?;
            let fields = if constant { &mut map.constants } else { &mut map.columns };
            fields.insert(field, value.trim().to_owned());
        }
        Ok(map)
    }

    /// Reads what was given on a command line: the path of a TOML file, or a map in one line.
    pub fn from_argument(text: &str) -> Result<Self, RecordsError> {
        if text.contains('=') {
            return Self::from_line(text);
        }
        let words = std::fs::read_to_string(text).map_err(|source| RecordsError::Io { file: text.into(), source })?;
        Self::from_toml(text, &words)
    }

    /// The column in which a field is looked for.
    pub(crate) fn column(&self, field: Field) -> &str {
        self.columns.get(&field).map_or(field.name(), String::as_str)
    }

    pub(crate) fn clock(&self) -> Result<Clock, RecordsError> {
        Clock::new(self.zone.as_deref(), self.time_format.as_deref()).map_err(|what| RecordsError::input("zone", what))
    }

    pub(crate) fn delimiter(&self) -> Result<u8, RecordsError> {
        match self.delimiter.as_deref().map(str::as_bytes) {
            None => Ok(b','),
            Some([one]) if one.is_ascii() && !matches!(one, b'"' | b'\r' | b'\n') => Ok(*one),
            Some(b"\\t") => Ok(b'\t'),
            Some(_) => Err(RecordsError::input("delimiter", "not one ASCII character")),
        }
    }

    /// Refuses what cannot be meant.
    pub(crate) fn check(&self) -> Result<(), RecordsError> {
        for field in &self.keep_plain {
            if !field.is_personal() {
                return Err(RecordsError::input("keep_plain", format!("`{field}` is kept as it is anyway")));
            }
        }
        Ok(())
    }
}

/// An error that names the fields that there are.
fn unknown(name: &str) -> RecordsError {
    let known: Vec<&str> = Field::ALL.into_iter().map(Field::name).collect();
    RecordsError::input("map", format!("there is no field `{name}`; there are: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_from_toml_and_from_a_line() {
        let toml = "kind = \"coupon_sale\"\nzone = \"Europe/Paris\"\nkeep_plain = [\"outlet\"]\n[columns]\nserial = \"Code\"\n\
                    time = \"Vendu le\"\n[constants]\ncurrency = \"EUR\"\n";
        let map = Map::from_toml("m.toml", toml).unwrap();
        assert_eq!(
            (map.kind, map.column(Field::Serial), map.column(Field::Amount)),
            (Some(Kind::CouponSale), "Code", "amount")
        );
        let line = Map::from_line("serial=Code, time=Vendu le,currency:=EUR").unwrap();
        assert_eq!((line.columns, line.constants), (map.columns, map.constants));
    }

    #[test]
    fn what_is_misspelt_is_refused_with_its_place() {
        let error = Map::from_toml("m.toml", "[columns]\nserial = \"a\"\nsertal = \"b\"\n").unwrap_err();
        assert!(error.to_string().starts_with("m.toml: line 3: unknown variant `sertal`"), "{error}");
        let error = Map::from_toml("m.toml", "\nkeep_plane = []\n").unwrap_err();
        assert!(error.to_string().starts_with("m.toml: line 2: unknown field `keep_plane`"), "{error}");
        assert!(
            Map::from_line("sertal=a")
                .unwrap_err()
                .to_string()
                .contains("there is no field `sertal`; there are: id, time")
        );
        assert!(Map::from_line("serial").is_err());
        let map = Map { keep_plain: vec![Field::Address], ..Map::default() };
        assert!(map.check().unwrap_err().to_string().contains("kept as it is"));
        let map = Map { delimiter: Some("ab".into()), ..Map::default() };
        assert!(map.delimiter().is_err());
    }
}
