//! Amounts of up to 256 bits as texts with a decimal point.

use super::U256;

/// Decimals beyond this are no point to set in a text: an amount is then shown in its smallest unit.
///
/// 2^256 has 78 digits. A contract can claim up to 255 decimals, and hostile ones do.
pub(super) const DECIMALS_MAX: u8 = 77;

/// An amount in whole coins: `1.5` for 1,500,000 of six decimals. Trailing zeros are left out. With more than
/// 77 decimals it is given in the smallest unit.
pub fn show_units(amount: U256, decimals: u8) -> String {
    let digits = amount.to_string();
    let decimals = usize::from(decimals);
    if decimals == 0 || decimals > usize::from(DECIMALS_MAX) {
        return digits;
    }
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, part) = padded.split_at(padded.len() - decimals);
    match part.trim_end_matches('0') {
        "" => whole.to_string(),
        part => format!("{whole}.{part}"),
    }
}

/// Why a text is no amount.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnitsError {
    /// Not digits with at most one point.
    #[error("`{0}` is no amount (digits and at most one point)")]
    Form(String),
    /// More digits after the point than the asset has.
    #[error("`{0}` has more than {1} decimals")]
    Decimals(String, u8),
    /// Above 2^256 - 1 of the smallest unit.
    #[error("`{0}` is larger than 256 bits can hold")]
    Large(String),
}

/// Reads an amount in whole coins as [`show_units`] writes it.
pub fn parse_units(text: &str, decimals: u8) -> Result<U256, UnitsError> {
    let short = || text.chars().take(100).collect::<String>();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || text.ends_with('.') || !is_digits(whole) || !is_digits(part) {
        return Err(UnitsError::Form(short()));
    }
    let decimals = if decimals > DECIMALS_MAX { 0 } else { decimals };
    let width = usize::from(decimals);
    if part.len() > width {
        return Err(UnitsError::Decimals(short(), decimals));
    }
    format!("{whole}{part:0<width$}").parse().map_err(|_| UnitsError::Large(short()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_shown_in_whole_coins() {
        let show = |n: u64, d| show_units(U256::from(n), d);
        assert_eq!(show(1_500_000, 6), "1.5");
        assert_eq!(show(1, 18), "0.000000000000000001");
        assert_eq!(show(0, 18), "0");
        assert_eq!(show(20_000_000, 6), "20");
        assert_eq!(show(7, 0), "7");
        assert_eq!(show(7, 255), "7");
        let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(show_units(U256::MAX, 0), most);
        assert_eq!(show_units(U256::MAX, 77), format!("1.{}", &most[1..]));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["", ".5", "5.", "-1", "1e3", "١", "1.2.3", " 1"] {
            assert!(matches!(parse_units(bad, 6), Err(UnitsError::Form(_))), "{bad}");
        }
        assert!(matches!(parse_units("1.1234567", 6), Err(UnitsError::Decimals(..))));
        assert!(matches!(parse_units(&"9".repeat(78), 0), Err(UnitsError::Large(_))));
        assert!(matches!(parse_units(&"9".repeat(78), 18), Err(UnitsError::Large(_))));
    }

    proptest! {
        #[test]
        fn amounts_read_back_as_shown(limbs in any::<[u64; 4]>(), shift in 0_usize..256, decimals: u8) {
            let amount = U256::from_limbs(limbs) >> shift;
            prop_assert_eq!(parse_units(&show_units(amount, decimals), decimals), Ok(amount));
        }
    }
}
