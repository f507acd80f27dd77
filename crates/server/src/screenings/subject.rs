//! What is screened: a subject as the client gives it, and what is wrong with one.

use crate::problem::{Problem, codes, shown};
use athar_engine::{Asset, Chain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of a value, and of a reference.
const TEXT_BYTES_MAX: usize = 4_096;
/// Digits of an amount, the point aside: more than any coin has.
const AMOUNT_DIGITS_MAX: usize = 60;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectKind {
    /// An address.
    Address,
    /// An output, as `txid:vout`.
    Output,
    /// A transaction id.
    Transaction,
    /// An address that money is about to be sent to.
    WithdrawalAttempt,
    /// An account number or another identifier that lists name.
    Account,
}

impl SubjectKind {
    const NAMES: &str = "address, output, transaction, withdrawal_attempt, account";

    /// The kind of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "address" => Self::Address,
            "output" => Self::Output,
            "transaction" => Self::Transaction,
            "withdrawal_attempt" => Self::WithdrawalAttempt,
            "account" => Self::Account,
            _ => return None,
        })
    }

    /// Whether what a value turned out to be is of this kind.
    fn fits(self, found: &str) -> bool {
        match self {
            Self::Address | Self::WithdrawalAttempt => found == "address",
            Self::Output => found == "output",
            Self::Transaction => found == "transaction",
            Self::Account => matches!(found, "account" | "identifier"),
        }
    }
}

/// A subject.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    /// `address`, `output`, `transaction`, `withdrawal_attempt` or `account`; without it whatever the value is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SubjectKind>")]
    pub(crate) kind: Option<String>,
    /// The chain, by name; without it the one that the service was started for, or where the value tells another, that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
    /// The address, transaction id, `txid:vout`, or number.
    pub(crate) value: String,
    /// The amount that is about to move, as a decimal number in a string; kept with the answer, and for policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<String>,
    /// The asset of the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asset: Option<String>,
    /// The client's own reference, given back as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// Whether it is watched from now on, and screened again when what is known of it changes. Needs the scope `write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) monitor: Option<bool>,
}

/// A subject whose form is right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked {
    pub(crate) kind: Option<SubjectKind>,
    pub(crate) chain: Option<Chain>,
}

impl Subject {
    /// Checks everything that needs no store.
    pub(crate) fn check(&self) -> Result<Checked, Problem> {
        let kind = match self.kind.as_deref() {
            None => None,
            Some(name) => Some(SubjectKind::from_name(name).ok_or_else(|| {
                let detail = format!("`{}` is none of {}", shown(name), SubjectKind::NAMES);
                Problem::new(codes::SUBJECT_MALFORMED, detail).at("kind")
            })?),
        };
        let chain = match self.chain.as_deref() {
            None => None,
            Some(name) => Some(Chain::from_name(name).ok_or_else(|| {
                let names = Chain::ALL.map(Chain::name).join(", ");
                Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is none of {names}", shown(name))).at("chain")
            })?),
        };
        let texts =
            [("value", Some(&self.value)), ("reference", self.reference.as_ref()), ("asset", self.asset.as_ref())];
        for (name, text) in texts {
            if text.is_some_and(|text| text.len() > TEXT_BYTES_MAX) {
                return Err(
                    Problem::new(codes::SUBJECT_MALFORMED, format!("longer than {TEXT_BYTES_MAX} bytes")).at(name)
                );
            }
        }
        if self.value.trim().is_empty() {
            return Err(Problem::new(codes::SUBJECT_MALFORMED, "it is empty").at("value"));
        }
        if let Some(amount) = self.amount.as_deref().filter(|amount| !is_decimal(amount)) {
            let detail = format!("`{}` is no amount such as 0.015", shown(amount));
            return Err(Problem::new(codes::AMOUNT_INVALID, detail).at("amount"));
        }
        Ok(Checked { kind, chain })
    }
}

impl Subject {
    /// What somebody wants to withdraw to it, in the chain's smallest unit: of a withdrawal attempt in the chain's coin. Of
    /// another asset a policy's question for the amount stays open.
    pub(crate) fn attempt_sat(&self, chain: Chain) -> Result<Option<u64>, Problem> {
        let coin = Asset::coin_of(chain);
        let is_coin = self.asset.as_deref().is_none_or(|asset| asset.parse() == Ok(coin));
        let is_attempt = self.kind.as_deref() == Some("withdrawal_attempt");
        let Some(amount) = self.amount.as_deref().filter(|_| is_attempt && is_coin) else { return Ok(None) };
        let decimals = coin.coin_decimals().unwrap_or_default() as usize;
        smallest(amount, decimals).map(Some).ok_or_else(|| {
            let detail = format!("`{}` has more than {decimals} decimals, or is more than there can be", shown(amount));
            Problem::new(codes::AMOUNT_INVALID, detail).at("amount")
        })
    }
}

/// A decimal amount in parts of which `decimals` digits make one; none where it has finer parts or is too large.
fn smallest(amount: &str, decimals: usize) -> Option<u64> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let part = part.trim_end_matches('0');
    if part.len() > decimals {
        return None;
    }
    let digits = format!("{whole}{part:0<decimals$}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { Some(0) } else { digits.parse().ok() }
}

impl Checked {
    /// Whether the value turned out to be what the subject says.
    pub(crate) fn agrees(self, kind: &str, chain: Option<&str>) -> Result<(), Problem> {
        if self.kind.is_some_and(|wanted| !wanted.fits(kind)) {
            return Err(
                Problem::new(codes::SUBJECT_KIND_OTHER, format!("the value is of the kind `{kind}`")).at("kind")
            );
        }
        match (self.chain, chain) {
            (Some(asked), Some(found)) if asked.name() != found => {
                Err(Problem::new(codes::SUBJECT_CHAIN_OTHER, format!("the value belongs to {found}")).at("chain"))
            }
            _ => Ok(()),
        }
    }
}

/// A decimal number without a sign or an exponent.
fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.len() <= AMOUNT_DIGITS_MAX && digits(whole) && part.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn amounts_are_decimals_and_nothing_else() {
        for good in ["0", "1", "0.00000001", "21000000", "007.50"] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e9", "1,5", "١", "0x10", "NaN", "1 ", &"1".repeat(61)] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }

    #[test]
    fn amounts_become_smallest_units_exactly_or_not_at_all() {
        for (amount, sat) in [
            ("0", Some(0)),
            ("0.00000001", Some(1)),
            ("0.015", Some(1_500_000)),
            ("007.5000000000", Some(750_000_000)),
            ("21000000", Some(2_100_000_000_000_000)),
            ("0.000000001", None),
            ("184467440737.09551616", None),
            ("184467440737.09551615", Some(u64::MAX)),
        ] {
            assert_eq!(smallest(amount, 8), sat, "{amount}");
        }
        let attempt = |json: &str| serde_json::from_str::<Subject>(json).unwrap().attempt_sat(Chain::Bitcoin);
        let of = |kind: &str, asset: &str| {
            attempt(&format!(r#"{{"value":"a","kind":"{kind}","amount":"2","asset":"{asset}"}}"#)).unwrap()
        };
        assert_eq!(of("withdrawal_attempt", "btc"), Some(200_000_000));
        assert_eq!((of("withdrawal_attempt", "USDT"), of("address", "BTC")), (None, None));
        let fine = r#"{"value":"a","kind":"withdrawal_attempt","amount":"0.000000001"}"#;
        assert_eq!(attempt(fine).unwrap_err().code, codes::AMOUNT_INVALID);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let of = |json: &str| {
            let problem = serde_json::from_str::<Subject>(json).unwrap().check().unwrap_err();
            (problem.code.name, problem.field.unwrap())
        };
        assert_eq!(of(r#"{"value":"a","kind":"wallet"}"#), ("subject_malformed", "kind".into()));
        assert_eq!(of(r#"{"value":"a","chain":"Bitcoin"}"#), ("chain_unknown", "chain".into()));
        assert_eq!(of(r#"{"value":" "}"#), ("subject_malformed", "value".into()));
        assert_eq!(of(r#"{"value":"a","amount":"1e3"}"#), ("amount_invalid", "amount".into()));
        for json in [
            r#"{"value":"a","amount":1}"#,
            r#"{"kind":"address"}"#,
            r#"{"value":"a","colour":1}"#,
            r#"{"value":["a"]}"#,
        ] {
            assert!(serde_json::from_str::<Subject>(json).is_err(), "{json}");
        }
    }
}
