//! Which votes make a tie: the change part of a policy file.

use super::Expression;
use athar_types::{Chain, Day, Height, UnixTime};
use serde::{Deserialize, Serialize};

/// Which votes make a tie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChangePolicy {
    /// Transactions with more spendable outputs are held for batch payouts and tie nobody.
    pub outputs_max: u32,
    /// Zeros at the end of a value in satoshi that make it round, at most 18.
    pub round_digits: u32,
    /// An output is change where any of the rules of its era says so.
    pub rules: Vec<Rule>,
}

/// One rule, for all time or an era.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// The chains that it is for; none named means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<Chain>,
    /// The first height of its era.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_height: Option<u32>,
    /// The last height of its era.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_height: Option<u32>,
    /// The first day of its era by the miners' time stamps, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_day: Option<Day>,
    /// The last day of its era.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_day: Option<Day>,
    /// What must hold of the change output.
    pub change: Expression,
    /// What must not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<Expression>,
}

impl Rule {
    /// Whether a transaction in that block falls under it.
    pub(crate) fn covers(&self, chain: Chain, height: Height, time: UnixTime) -> bool {
        (self.chains.is_empty() || self.chains.contains(&chain))
            && self.from_height.is_none_or(|from| from <= height.0)
            && self.to_height.is_none_or(|to| height.0 <= to)
            && self.from_day.is_none_or(|from| from <= time.day())
            && self.to_day.is_none_or(|to| time.day() <= to)
    }
}

impl ChangePolicy {
    /// 16 hexadecimal digits that are equal for equal policies.
    pub(crate) fn version(&self) -> String {
        let text = serde_json::json!(self).to_string();
        blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
    }

    /// What is wrong with the numbers, in words that name the key.
    pub(crate) fn defect(&self) -> Option<String> {
        if self.outputs_max < 2 {
            return Some(format!("change.outputs-max is {}: change needs a payment beside it", self.outputs_max));
        }
        if self.round_digits == 0 || self.round_digits > 18 {
            return Some(format!("change.round-digits is {}, not 1 to 18", self.round_digits));
        }
        if self.rules.is_empty() {
            return Some("change.rules is empty: then leave `change` out".into());
        }
        self.rules.iter().enumerate().find_map(|(at, rule)| {
            let reversed = |from: Option<i64>, to: Option<i64>| from.zip(to).is_some_and(|(from, to)| from > to);
            let days = reversed(rule.from_day.map(|d| d.0.into()), rule.to_day.map(|d| d.0.into()));
            let heights = reversed(rule.from_height.map(Into::into), rule.to_height.map(Into::into));
            (days || heights)
                .then(|| format!("change.rules number {} is for an era that ends before it begins", at + 1))
        })
    }
}
