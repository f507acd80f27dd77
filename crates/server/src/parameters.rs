//! Parameters of a question: what a route takes, and what a request gave, checked before anything is asked.

use crate::problem::{Problem, codes, shown};
use crate::settings::{PAGE_DEFAULT, PAGE_MAX, PARAMETERS_MAX};
use athar_engine::{AsOf, Asset, Chain, Day};
use serde_json::{Value, json};
use std::str::FromStr;

/// A parameter that a route takes.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether the route needs it.
    pub required: bool,
    /// Whether it may be given several times.
    pub repeated: bool,
    /// What it is for.
    pub summary: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text of 1 to so many bytes.
    Text(usize),
    /// A whole number from, to, and where it is not given.
    Integer(u64, u64, Option<u64>),
    /// A decimal number from 0 to 1.
    Share,
    /// `true` or `false`.
    Boolean,
    /// A day as 2020-01-31.
    Day,
    /// A height or a day.
    Moment,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of a chain that a ledger can hold.
    Chain,
    /// The name of any chain whose addresses are known.
    AnyChain,
    /// The name of an asset.
    Asset,
}

impl Param {
    /// One that may be left out.
    pub(crate) const fn new(name: &'static str, kind: Kind, summary: &'static str) -> Self {
        Self { name, kind, required: false, repeated: false, summary }
    }

    /// The same, needed.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, to be given several times.
    pub(crate) const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }

    /// Its JSON schema.
    pub(crate) fn schema(&self) -> Value {
        let one = match self.kind {
            Kind::Text(max) => json!({ "type": "string", "minLength": 1, "maxLength": max }),
            Kind::Integer(from, to, default) => {
                let mut schema = json!({ "type": "integer", "minimum": from, "maximum": to });
                if let Some(default) = default {
                    schema["default"] = default.into();
                }
                schema
            }
            Kind::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Kind::Boolean => json!({ "type": "boolean", "default": false }),
            Kind::Day => json!({ "type": "string", "format": "date" }),
            Kind::Moment => json!({ "type": "string", "pattern": "^([0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2})$" }),
            Kind::Word(words) => json!({ "type": "string", "enum": words }),
            Kind::Chain => json!({ "type": "string", "enum": chain_names() }),
            Kind::AnyChain => json!({ "type": "string", "enum": Chain::ALL.map(Chain::name) }),
            Kind::Asset => json!({ "type": "string", "minLength": 1, "maxLength": 20 }),
        };
        if self.repeated { json!({ "type": "array", "items": one, "maxItems": PARAMETERS_MAX }) } else { one }
    }

    /// Whether a value is of its form.
    fn check(&self, value: &str) -> Result<(), String> {
        match self.kind {
            Kind::Text(max) if (1..=max).contains(&value.len()) => Ok(()),
            Kind::Text(max) => Err(format!("1 to {max} bytes")),
            Kind::Integer(from, to, _) => match value.parse::<u64>() {
                Ok(number) if (from..=to).contains(&number) && is_digits(value) => Ok(()),
                _ => Err(format!("a whole number from {from} to {to}")),
            },
            Kind::Share => match value.parse::<f32>() {
                Ok(number) if (0.0..=1.0).contains(&number) => Ok(()),
                _ => Err("a number from 0 to 1".into()),
            },
            Kind::Boolean if matches!(value, "true" | "false") => Ok(()),
            Kind::Boolean => Err("true or false".into()),
            Kind::Day => Day::from_str(value).map(|_| ()).map_err(|_| "a day as 2020-01-31".into()),
            Kind::Moment => athar_engine::read::Moment::from_str(value).map(|_| ()),
            Kind::Word(words) if words.contains(&value) => Ok(()),
            Kind::Word(words) => Err(format!("one of {}", words.join(", "))),
            Kind::Chain if chain_names().contains(&value) => Ok(()),
            Kind::Chain => Err(format!("one of {}", chain_names().join(", "))),
            Kind::AnyChain if Chain::from_name(value).is_some() => Ok(()),
            Kind::AnyChain => Err(format!("one of {}", Chain::ALL.map(Chain::name).join(", "))),
            Kind::Asset => Asset::from_str(value).map(|_| ()).map_err(|e| e.to_string()),
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The chain that is asked.
pub(crate) const CHAIN: &[Param] =
    &[Param::new("chain", Kind::Chain, "Chain to ask; without it the one that the service was started for")];
/// The page of a list.
pub(crate) const PAGE: &[Param] = &[
    Param::new("limit", Kind::Integer(1, PAGE_MAX as u64, Some(PAGE_DEFAULT as u64)), "Rows of the page"),
    Param::new("offset", Kind::Integer(0, u32::MAX as u64, Some(0)), "Rows to leave out at the beginning"),
    Param::new("cursor", Kind::Text(100), "Where the page before ended, from its Link header; instead of offset"),
];
/// The days that labels are asked of.
pub(crate) const DAYS: &[Param] = &[
    Param::new("at", Kind::Day, "Only labels that held in the world on that day, as far as their sources say"),
    Param::new("known_at", Kind::Day, "Only what this store knew at the end of that day"),
];

/// What a request gave: names that the route takes, values of their form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(Vec<(String, String)>);

impl Given {
    /// Reads a query string for a route that takes `params`.
    pub(crate) fn read(query: &str, params: &[&[Param]]) -> Result<Self, Problem> {
        let mut given = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if given.len() >= PARAMETERS_MAX {
                return Err(Problem::new(codes::PARAMETER_INVALID, format!("more than {PARAMETERS_MAX} parameters")));
            }
            let Some(param) = params.iter().copied().flatten().find(|p| p.name == name) else {
                let names: Vec<&str> = params.iter().copied().flatten().map(|p| p.name).collect();
                let takes = if names.is_empty() { "none".into() } else { names.join(", ") };
                let detail = format!("`{}`; the route takes {takes}", shown(&name));
                return Err(Problem::new(codes::PARAMETER_UNKNOWN, detail).at(shown(&name)));
            };
            if !param.repeated && given.iter().any(|(n, _)| *n == name) {
                return Err(Problem::new(codes::PARAMETER_REPEATED, format!("`{name}`")).at(name));
            }
            if let Err(wanted) = param.check(&value) {
                let detail = format!("`{name}` is `{}`, not {wanted}", shown(&value));
                return Err(Problem::new(codes::PARAMETER_INVALID, detail).at(name));
            }
            given.push((name.into_owned(), value.into_owned()));
        }
        for param in params.iter().copied().flatten().filter(|p| p.required) {
            if !given.iter().any(|(name, _)| name == param.name) {
                return Err(Problem::new(codes::PARAMETER_MISSING, format!("`{}`: {}", param.name, param.summary))
                    .at(param.name));
            }
        }
        let has = |name: &str| given.iter().any(|(n, _)| n == name);
        if has("cursor") && has("offset") {
            return Err(Problem::new(codes::PARAMETER_INVALID, "`cursor` and `offset` exclude each other").at("offset"));
        }
        Ok(Self(given))
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The values of a repeated one.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }

    /// The value, read. It was checked before: what cannot be read counts as not given.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// Whether it is `true`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The chain asked.
    pub(crate) fn chain(&self) -> Option<Chain> {
        self.get("chain").and_then(Chain::from_name)
    }

    /// The days that labels are asked of.
    pub(crate) fn as_of(&self) -> AsOf {
        AsOf { true_on: self.parsed("at"), known_on: self.parsed("known_at") }
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// The chains that a store can hold, by name.
pub(crate) fn chain_names() -> Vec<&'static str> {
    Chain::with_ledger().map(Chain::name).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    const TAKES: &[&[Param]] = &[
        PAGE,
        CHAIN,
        &[
            Param::new("value", Kind::Text(5), "text").required(),
            Param::new("list", Kind::Text(5), "texts").repeated(),
            Param::new("day", Kind::Day, "a day"),
        ],
    ];

    #[test]
    fn what_a_route_does_not_take_is_refused_by_name() {
        for (query, code, field) in [
            ("value=a&colour=red", codes::PARAMETER_UNKNOWN, "colour"),
            ("value=a&limit=0", codes::PARAMETER_INVALID, "limit"),
            ("value=a&limit=%2B5", codes::PARAMETER_INVALID, "limit"),
            ("value=a&limit=10001", codes::PARAMETER_INVALID, "limit"),
            ("value=a&limit=99999999999999999999", codes::PARAMETER_INVALID, "limit"),
            ("value=a&limit=5&limit=5", codes::PARAMETER_REPEATED, "limit"),
            ("limit=5", codes::PARAMETER_MISSING, "value"),
            ("value=", codes::PARAMETER_INVALID, "value"),
            ("value=123456", codes::PARAMETER_INVALID, "value"),
            ("value=a&day=2020-02-30", codes::PARAMETER_INVALID, "day"),
            ("value=a&chain=monero", codes::PARAMETER_INVALID, "chain"),
            ("value=a&cursor=x&offset=1", codes::PARAMETER_INVALID, "offset"),
        ] {
            let problem = Given::read(query, TAKES).unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{query}: {problem:?}");
        }
        assert!(Given::read(&"list=a&".repeat(PARAMETERS_MAX + 1), TAKES).is_err());
        let given = Given::read("value=%D8%A3&list=a&list=b&chain=zcash", TAKES).unwrap();
        assert_eq!((given.get("value"), given.all("list").len(), given.chain()), (Some("أ"), 2, Some(Chain::Zcash)));
    }
}
