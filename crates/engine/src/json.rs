//! Exact decimal numbers in JSON: money and shares are written digit by digit, never through a float.

use athar_prices::Price;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// An amount in US dollars, in cents. In JSON a number with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(pub u64);

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        number(self, s)
    }
}

/// The price of one unit of an asset in US dollars. In JSON a number with two decimals, or as many more as it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsdPrice(pub Price);

impl fmt::Display for UsdPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UsdPrice {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        number(self, s)
    }
}

impl JsonSchema for UsdPrice {
    fn schema_name() -> Cow<'static, str> {
        "UsdPrice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "exclusiveMinimum": 0, "description": "US dollars for one unit, two to ten decimals" })
    }
}

/// A share of a whole, in millionths rounded down. In JSON a number with six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub u64);

impl fmt::Display for Millionths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000))
    }
}

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        number(self, s)
    }
}

impl JsonSchema for Usd {
    fn schema_name() -> Cow<'static, str> {
        "Usd".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "multipleOf": 0.01, "description": "US dollars" })
    }
}

impl JsonSchema for Millionths {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "description": "share of a whole, six decimals, rounded down" })
    }
}

fn number<S: Serializer>(value: &impl fmt::Display, s: S) -> Result<S::Ok, S::Error> {
    let raw = RawValue::from_string(value.to_string()).map_err(serde::ser::Error::custom)?;
    raw.serialize(s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_numbers_with_all_their_digits() {
        assert_eq!(serde_json::to_string(&Usd(1_234_567_890_123_456_705)).unwrap(), "12345678901234567.05");
        assert_eq!(serde_json::to_string(&Millionths(333_333)).unwrap(), "0.333333");
        let price = UsdPrice("0.0000000001".parse().unwrap());
        assert_eq!(serde_json::to_string(&price).unwrap(), "0.0000000001");
        assert_eq!(serde_json::to_string(&[Usd(0), Usd(7)]).unwrap(), "[0.00,0.07]");
    }
}
