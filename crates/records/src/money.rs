//! Amounts, exact: whole minor units of a currency or a coin.
//!
//! The number of decimals is that of ISO 4217, of a coin that of its own unit. A code that is not known here is refused, since its minor
//! unit would be a guess.

use crate::reason::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// An amount.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, JsonSchema)]
pub struct Money {
    /// Minor units: cents, satoshi, wei. Written as a decimal string where it is JSON.
    #[serde(deserialize_with = "from_text")]
    #[schemars(with = "String")]
    pub minor: u128,
    /// Decimals: 2 of the euro.
    pub decimals: u8,
    /// Code, in upper case.
    pub currency: String,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = s.serialize_struct("Money", 3)?;
        out.serialize_field("minor", &self.minor.to_string())?;
        out.serialize_field("decimals", &self.decimals)?;
        out.serialize_field("currency", &self.currency)?;
        out.end()
    }
}

fn from_text<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u128, D::Error> {
    String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
}

/// Shown as `150.00 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10u128.pow(u32::from(self.decimals));
        let (whole, part) = (self.minor / unit, self.minor % unit);
        match self.decimals {
            0 => f.pad(&format!("{whole} {}", self.currency)),
            n => f.pad(&format!("{whole}.{part:0width$} {}", self.currency, width = usize::from(n))),
        }
    }
}

impl Money {
    /// Reads a decimal number in a currency. `comma`: the comma is the decimal sign, and the full stop stands between thousands.
    ///
    /// White space, apostrophes and the sign between thousands are passed over, where three digits follow each; everything else but digits
    /// is refused, a minus too: what goes the other way is a record of another kind.
    pub(crate) fn read(text: &str, currency: &str, comma: bool) -> Result<Self, Reason> {
        let currency = currency.trim().to_ascii_uppercase();
        let decimals = decimals(&currency).ok_or(Reason::Currency)?;
        let minor = minor(text, decimals, comma)?;
        Ok(Self { minor, decimals, currency })
    }

    /// In euro cents, where it is in euros.
    pub fn euro_cents(&self) -> Option<i64> {
        (self.currency == "EUR").then(|| i64::try_from(self.minor).ok()).flatten()
    }
}

fn minor(text: &str, decimals: u8, comma: bool) -> Result<u128, Reason> {
    const WRONG: Reason = Reason::AmountForm;
    let (point, thousands) = if comma { (',', '.') } else { ('.', ',') };
    let text = text.trim();
    if text.len() > 64 {
        return Err(WRONG);
    }
    if text.starts_with(['-', '−', '(']) {
        return Err(Reason::Negative);
    }
    let (whole, part) = text.split_once(point).unwrap_or((text, ""));
    let mut value: u128 = 0;
    let mut digits = 0;
    let is_between = |c: char| c == thousands || c == '\'' || c == '’' || c.is_whitespace();
    let groups: Vec<&str> = whole.split(is_between).collect();
    for (n, group) in groups.iter().enumerate() {
        let fits = if n == 0 { !group.is_empty() && (groups.len() == 1 || group.len() <= 3) } else { group.len() == 3 };
        if !fits || !group.bytes().all(|b| b.is_ascii_digit()) {
            return Err(WRONG);
        }
        for b in group.bytes() {
            value = value.checked_mul(10).and_then(|v| v.checked_add(u128::from(b - b'0'))).ok_or(Reason::Large)?;
            digits += 1;
        }
    }
    if digits == 0 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WRONG);
    }
    let part = part.trim_end_matches('0');
    if part.len() > usize::from(decimals) {
        return Err(Reason::Decimals(decimals));
    }
    for n in 0..usize::from(decimals) {
        let digit = part.as_bytes().get(n).map_or(0, |b| b - b'0');
        value = value.checked_mul(10).and_then(|v| v.checked_add(u128::from(digit))).ok_or(Reason::Large)?;
    }
    Ok(value)
}

/// Decimals of a code in upper case.
///
/// Source: ISO 4217 (active codes and their minor units); of coins, the unit of their protocol or token contract.
fn decimals(code: &str) -> Option<u8> {
    const NONE: &str = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
    const THREE: &str = " BHD IQD JOD KWD LYD OMR TND ";
    const TWO: &str = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY \
        COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES \
        KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB \
        PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD \
        TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG ";
    const COINS: [(&str, u8); 17] = [
        ("BTC", 8),
        ("BCH", 8),
        ("LTC", 8),
        ("DOGE", 8),
        ("DASH", 8),
        ("ZEC", 8),
        ("ETH", 18),
        ("ETC", 18),
        ("BNB", 18),
        ("DAI", 18),
        ("TRX", 6),
        ("USDT", 6),
        ("USDC", 6),
        ("XRP", 6),
        ("XMR", 12),
        ("SOL", 9),
        ("TON", 9),
    ];
    if let Some((_, decimals)) = COINS.iter().find(|(coin, _)| *coin == code) {
        return Some(*decimals);
    }
    if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let word = format!(" {code} ");
    [(NONE, 0), (TWO, 2), (THREE, 3)].into_iter().find(|(codes, _)| codes.contains(&word)).map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_minor_units() {
        for (text, currency, comma, minor) in [
            ("150", "eur", false, 15_000),
            (" 12.5 ", "EUR", false, 1_250),
            ("1,234.56", "USD", false, 123_456),
            ("1 234,56", "EUR", true, 123_456),
            ("1.234,56", "EUR", true, 123_456),
            ("12.500", "EUR", false, 1_250),
            ("0.00000001", "BTC", false, 1),
            ("500", "JPY", false, 500),
            ("1.234", "KWD", false, 1_234),
            ("20000000", "ETH", false, 20_000_000 * 10u128.pow(18)),
        ] {
            assert_eq!(Money::read(text, currency, comma).unwrap().minor, minor, "{text} {currency}");
        }
        assert_eq!(Money::read("150", "EUR", false).unwrap().to_string(), "150.00 EUR");
        assert_eq!(Money::read("7", "XOF", false).unwrap().to_string(), "7 XOF");
        for (text, currency, why) in [
            ("12.345", "EUR", "more than 2 decimals"),
            ("-5", "EUR", "negative"),
            ("1e3", "EUR", "not a decimal"),
            ("12,5", "EUR", "not a decimal"),
            ("", "EUR", "not a decimal"),
            (".5", "EUR", "not a decimal"),
            ("٥", "EUR", "not a decimal"),
            ("NaN", "EUR", "not a decimal"),
            ("340282366920938463463374607431768211456", "JPY", "too large"),
            ("5", "XYZ", "currency"),
            ("5", "", "currency"),
        ] {
            let error = Money::read(text, currency, false).unwrap_err().said().en;
            assert!(error.contains(why), "{text} {currency}: {error}");
        }
    }

    #[test]
    fn money_goes_through_json_without_losing_a_unit() {
        let money = Money { minor: u128::MAX, decimals: 18, currency: "ETH".into() };
        assert_eq!(serde_json::from_str::<Money>(&serde_json::to_string(&money).unwrap()).unwrap(), money);
    }
}
