//! The body of a check, and what is wrong with one.

use crate::problem::{Problem, codes, shown};
use crate::screenings::{may_be_absent, wrong};
use athar_engine::Chain;
use athar_engine::policy::TIME_LIMIT_MS_MAX;
use athar_engine::read::{CHECK_TEXT_MAX, CheckQuestion};
use schemars::JsonSchema;
use serde::Deserialize;

/// A withdrawal that is about to go out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The chain that it goes out on, by name.
    pub(crate) chain: String,
    /// The address that it goes to.
    pub(crate) address: String,
    /// The asset, by symbol or contract; without it the coin of the chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) asset: Option<String>,
    /// The amount in whole coins, as a decimal number in a string.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) amount: Option<String>,
    /// The amount in the asset's smallest unit instead, as digits in a string.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) units: Option<String>,
    /// Your own reference, given back and kept as it came.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) reference: Option<String>,
    /// Your pseudonym of the customer. It is kept as a keyed hash only.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) customer: Option<String>,
    /// The address of your own that it goes out from.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) from: Option<String>,
    /// Milliseconds that the answer may take; without it as the policy says.
    #[schemars(range(min = 1, max = 60_000))]
    #[serde(default, skip_serializing_if = "may_be_absent")]
    pub(crate) time_limit_ms: Option<u32>,
}

impl Asked {
    /// Reads and checks a body. An address that is none is no error here: it is answered with a decision.
    pub(crate) fn read(body: &[u8]) -> Result<(Self, CheckQuestion), Problem> {
        let asked: Self = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
        let chain = Chain::from_name(&asked.chain).ok_or_else(|| {
            let names = Chain::ALL.map(Chain::name).join(", ");
            Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is none of {names}", shown(&asked.chain))).at("chain")
        })?;
        let texts = [("reference", &asked.reference), ("customer", &asked.customer)];
        for (field, text) in texts {
            if text.as_ref().is_some_and(|text| text.len() > CHECK_TEXT_MAX) {
                let detail = format!("longer than {CHECK_TEXT_MAX} bytes");
                return Err(Problem::new(codes::FIELD_INVALID, detail).at(field));
            }
        }
        if asked.time_limit_ms.is_some_and(|ms| !(1..=TIME_LIMIT_MS_MAX).contains(&ms)) {
            let detail = format!("1 to {TIME_LIMIT_MS_MAX} milliseconds");
            return Err(Problem::new(codes::FIELD_INVALID, detail).at("time_limit_ms"));
        }
        let question = CheckQuestion {
            chain,
            address: asked.address.clone(),
            asset: asked.asset.clone(),
            amount: asked.amount.clone(),
            units: asked.units.clone(),
            from: asked.from.clone(),
        };
        question.check().map_err(|error| {
            let code =
                if matches!(error.field, "amount" | "units") { codes::AMOUNT_INVALID } else { codes::FIELD_INVALID };
            Problem::new(code, error.what).at(error.field)
        })?;
        Ok((asked, question))
    }
}
