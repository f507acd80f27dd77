//! Amounts, shares and times as the report writes them: the same in every language, so that they can be compared.

use athar_engine::{Millionths, Sats, Usd};

/// Satoshi as bitcoin with eight decimals: `0.01000000`.
pub(crate) fn btc(sat: u64) -> String {
    Sats(sat).to_string()
}

/// US dollars with two decimals and thousands apart: `1,234.50`.
pub(crate) fn usd(value: Usd) -> String {
    format!("{}.{:02}", grouped(value.0 / 100), value.0 % 100)
}

/// A whole number with thousands apart: `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `part` of `whole` in percent with one decimal, rounded down: `33.3%`; what is not nothing is never shown as `0.0%`,
/// and what is not all never as `100.0%`. `None` for a part of nothing.
pub(crate) fn share(part: u64, whole: u64) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    Some(percent(tenths, part > 0))
}

/// A share in millionths, as [`share`].
pub(crate) fn millionths(share: Millionths) -> String {
    percent(u128::from(share.0 / 1000), share.0 > 0)
}

/// A share in millionths in percent with all its decimals: `0.0011%`.
pub(crate) fn fine_percent(share: Millionths) -> String {
    let text = format!("{}.{:04}", share.0 / 10_000, share.0 % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn percent(tenths: u128, is_something: bool) -> String {
    if tenths == 0 && is_something { "<0.1%".into() } else { format!("{}.{}%", tenths / 10, tenths % 10) }
}

/// `2019-06-30T12:00:00Z` as `2019-06-30 12:00:00`; the column or sentence says UTC. Another form stays as it is.
pub(crate) fn time(text: &str) -> String {
    match text.strip_suffix('Z').and_then(|t| t.split_once('T')) {
        Some((day, hour)) => format!("{day} {hour}"),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_exactly() {
        assert_eq!([0, 11, 10_000, 1_000_000].map(|m| fine_percent(Millionths(m))), ["0%", "0.0011%", "1%", "100%"]);
        assert_eq!(btc(2_099_999_997_690_000), "20999999.97690000");
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(usd(Usd(123_456_705)), "1,234,567.05");
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_all() {
        assert_eq!(share(1, 3).as_deref(), Some("33.3%"));
        assert_eq!(share(1, 1_000_000).as_deref(), Some("<0.1%"));
        assert_eq!(share(999_999, 1_000_000).as_deref(), Some("99.9%"));
        assert_eq!(share(u64::MAX, u64::MAX).as_deref(), Some("100.0%"));
        assert_eq!(share(0, 5).as_deref(), Some("0.0%"));
        assert_eq!(share(0, 0), None);
        assert_eq!(millionths(Millionths(333_333)), "33.3%");
        assert_eq!(millionths(Millionths(1)), "<0.1%");
    }

    #[test]
    fn times_lose_only_their_letters() {
        assert_eq!(time("2019-06-30T12:00:00Z"), "2019-06-30 12:00:00");
        assert_eq!(time("unknown"), "unknown");
    }
}
