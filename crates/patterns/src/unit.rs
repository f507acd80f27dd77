//! Units of parameters and measures: how a number is to be read and shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Things: senders, transactions, hops.
    Count,
    /// Thousandths of a whole.
    Permille,
    /// US cents.
    UsdCents,
    /// Euro cents.
    EurCents,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Hundredths: of a standard deviation, of a ratio.
    Hundredths,
    /// 1 or 0.
    Flag,
    /// Smallest units of an asset.
    Units,
    /// Seconds since 1970.
    Time,
}

impl Unit {
    /// As shown: amounts with two decimals, shares in per cent, times as dates. Latin digits in every language, as in
    /// every other answer.
    pub fn show(self, value: i64) -> String {
        match self {
            Self::Count | Self::Seconds | Self::Minutes | Self::Hours | Self::Days | Self::Units => value.to_string(),
            Self::Permille => format!("{}.{}%", value / 10, (value % 10).abs()),
            Self::UsdCents => format!("{}.{:02} USD", value / 100, (value % 100).abs()),
            Self::EurCents => format!("{}.{:02} EUR", value / 100, (value % 100).abs()),
            Self::Hundredths => format!("{}.{:02}", value / 100, (value % 100).abs()),
            Self::Flag => String::from(if value == 0 { "no" } else { "yes" }),
            Self::Time => athar_types::UnixTime(u32::try_from(value).unwrap_or(0)).to_string(),
        }
    }
}
