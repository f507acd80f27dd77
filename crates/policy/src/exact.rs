//! Exact numbers with a unit, comparisons with them, and ranges: what is known of a number that is not known exactly.

use crate::Truth;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// What a number counts. It decides how many decimals the number has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// The chain's smallest unit.
    Satoshi,
    /// US dollars, two decimals.
    Usd,
    /// Parts of a whole, six decimals; written also in percent.
    Share,
    /// A weight or score from 0 to 1, six decimals.
    Score,
    /// Transactions on the way.
    Hops,
    /// Days; may be negative.
    Days,
    /// Things counted.
    Count,
}

impl Unit {
    const fn decimals(self) -> u32 {
        match self {
            Self::Usd => 2,
            Self::Share | Self::Score => 6,
            Self::Satoshi | Self::Hops | Self::Days | Self::Count => 0,
        }
    }
}

/// A number in the smallest part of its unit: cents, millionths, or whole ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quantity {
    /// What it counts.
    pub unit: Unit,
    /// How many of the smallest part.
    pub parts: i128,
}

impl Quantity {
    /// A number of the smallest parts of a unit.
    pub const fn new(unit: Unit, parts: i128) -> Self {
        Self { unit, parts }
    }

    /// Reads decimal digits, with `_` between them where wished, a point, a sign for days, and `%` for a share. No number is
    /// rounded: more decimals than the unit has are refused.
    ///
    /// # Errors
    /// In words, fit to follow a field's name.
    pub fn parse(unit: Unit, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (digits, decimals) = match text.strip_suffix('%') {
            Some(percent) if unit == Unit::Share => (percent.trim_end(), unit.decimals() - 2),
            _ => (text, unit.decimals()),
        };
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) if unit == Unit::Days => (-1, rest),
            _ => (1, digits),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || b == b'_') && !t.starts_with('_');
        let point_fits = !digits.contains('.') || !part.is_empty();
        if whole.is_empty() || whole.len() > 30 || !is_number(whole) || !is_number(part) || !point_fits {
            return Err(format!("`{}` is no number", shown(text)));
        }
        if part.len() > decimals as usize {
            let places = if decimals == 1 { "decimal" } else { "decimals" };
            return Err(format!("`{}` has more than {decimals} {places}", shown(text)));
        }
        let mut all: String = whole.chars().chain(part.chars()).filter(|c| *c != '_').collect();
        all.extend(std::iter::repeat_n('0', decimals as usize - part.len()));
        let parts: i128 = all.parse().map_err(|_| format!("`{}` is too large", shown(text)))?;
        if parts > i128::from(u64::MAX) {
            return Err(format!("`{}` is too large", shown(text)));
        }
        Ok(Self { unit, parts: sign * parts })
    }
}

/// A stranger's text, short and without control characters, fit for an error message.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.parts < 0 { "-" } else { "" };
        let parts = self.parts.unsigned_abs();
        match self.unit.decimals() {
            0 => f.pad(&format!("{sign}{parts}")),
            decimals => {
                let whole = 10_u128.pow(decimals);
                f.pad(&format!("{sign}{}.{:0width$}", parts / whole, parts % whole, width = decimals as usize))
            }
        }
    }
}

/// A number with all its decimals, never through a float.
impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(s)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "description": "exact: dollars with two decimals, shares and scores with six, satoshi, hops, days and counts whole"
        })
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
    /// `!=`
    Other,
}

impl Op {
    /// Longer signs before those that they begin with.
    const ALL: [Self; 6] = [Self::AtLeast, Self::AtMost, Self::Other, Self::Above, Self::Below, Self::Equal];

    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "=",
            Self::Other => "!=",
        }
    }
}

/// A comparison with a threshold: `>= 1000.00`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// How.
    pub op: Op,
    /// With what.
    pub threshold: Quantity,
}

impl Comparison {
    /// Reads a sign and a number.
    ///
    /// # Errors
    /// In words, fit to follow a field's name.
    pub fn parse(unit: Unit, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let op = Op::ALL.into_iter().find(|op| text.starts_with(op.sign()));
        let Some(op) = op else {
            return Err(format!("`{}` is no comparison: write one as `>= 10` (>=, >, <=, <, =, !=)", shown(text)));
        };
        Ok(Self { op, threshold: Quantity::parse(unit, &text[op.sign().len()..])? })
    }

    /// Whether it holds of a number that lies in a range.
    pub fn of(&self, range: Range) -> Truth {
        let t = self.threshold.parts;
        // of the lowest value it can have, and of the highest; none where there is no bound
        let low = |holds: fn(&i128, &i128) -> bool| range.low.is_some_and(|low| holds(&low, &t));
        let high = |holds: fn(&i128, &i128) -> bool| range.high.is_some_and(|high| holds(&high, &t));
        let (yes, no) = match self.op {
            Op::AtLeast => (low(i128::ge), high(i128::lt)),
            Op::Above => (low(i128::gt), high(i128::le)),
            Op::AtMost => (high(i128::le), low(i128::gt)),
            Op::Below => (high(i128::lt), low(i128::ge)),
            Op::Equal => (low(i128::eq) && high(i128::eq), low(i128::gt) || high(i128::lt)),
            Op::Other => (low(i128::gt) || high(i128::lt), low(i128::eq) && high(i128::eq)),
        };
        match (yes, no) {
            (true, _) => Truth::True,
            (_, true) => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.op.sign(), self.threshold))
    }
}

/// As text, so that a policy's JSON is as exact as its file.
impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// What is known of a number: it is at least `low` and at most `high`, in the smallest part of its unit. None: no bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Range {
    /// The least it can be.
    pub low: Option<i128>,
    /// The most it can be.
    pub high: Option<i128>,
}

impl Range {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { low: None, high: None };

    /// A number that is known.
    pub fn exactly(parts: impl Into<i128>) -> Self {
        let parts = parts.into();
        Self { low: Some(parts), high: Some(parts) }
    }

    /// A number that may be known.
    pub fn known(parts: Option<impl Into<i128>>) -> Self {
        parts.map_or(Self::UNKNOWN, Self::exactly)
    }
}
