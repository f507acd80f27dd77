//! What a cell says: numbers, bytes, addresses, times, lists.
//!
//! Amounts are decimal digits (with an exact power of ten, `199e17`, in some dumps), or hexadecimal after `0x`. A point or
//! a signed exponent is refused: a program wrote the number through a float, which cannot hold an amount exactly. Bytes are hexadecimal (with `0x` or without) or, in GraphSense's
//! JSON, base64; which of them follows from the length.

use super::cell::{Cell, Cells, Field};
use super::{EtlError, Problem};
use athar_types::account::{AccountBytes, U256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

impl<'a> Cells<'a> {
    fn bare(&self, field: Field) -> Option<&str> {
        self.get(field).map(|cell| match cell {
            Cell::Text(text) => text.as_ref(),
            Cell::Json(raw) => raw,
        })
    }

    /// The text of a cell that is text, or a bare JSON value as it stands.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        self.bare(field)
    }

    fn parse<T>(
        &self,
        field: Field,
        problem: Problem,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, EtlError> {
        let Some(text) = self.bare(field) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| EtlError::field(field, problem, text))
    }

    /// An amount.
    pub(super) fn amount(&self, field: Field) -> Result<Option<U256>, EtlError> {
        let Some(text) = self.bare(field) else { return Ok(None) };
        amount(text).map(Some).map_err(|problem| EtlError::field(field, problem, text))
    }

    /// A number of at most 64 bits.
    pub(super) fn number(&self, field: Field) -> Result<Option<u64>, EtlError> {
        self.parse(field, Problem::Number, number)
    }

    /// A rank.
    pub(super) fn rank(&self, field: Field) -> Result<Option<u32>, EtlError> {
        self.parse(field, Problem::Number, |text| number(text)?.try_into().ok())
    }

    /// Yes or no: `1`, `0`, `true`, `false`.
    pub(super) fn truth(&self, field: Field) -> Result<Option<bool>, EtlError> {
        self.parse(field, Problem::Truth, |text| match text {
            "1" | "0x1" | "true" | "True" => Some(true),
            "0" | "0x0" | "false" | "False" => Some(false),
            _ => None,
        })
    }

    /// 32 bytes.
    pub(super) fn hash(&self, field: Field) -> Result<Option<[u8; 32]>, EtlError> {
        self.parse(field, Problem::Hash, hash)
    }

    /// An address. Twenty zeros are an address as well: tokens name them where they mint and burn.
    pub(super) fn account(&self, field: Field) -> Result<Option<AccountBytes>, EtlError> {
        self.parse(field, Problem::Address, account)
    }

    /// Seconds since 1970, as a number or as BigQuery writes it (`2022-06-21 02:28:20 UTC`).
    pub(super) fn time(&self, field: Field) -> Result<Option<u64>, EtlError> {
        self.parse(field, Problem::Time, |text| number(text).or_else(|| calendar(text)))
    }

    /// Bytes of any length; absent is none.
    pub(super) fn bytes(&self, field: Field) -> Result<Vec<u8>, EtlError> {
        Ok(self.parse(field, Problem::Bytes, bytes)?.unwrap_or_default())
    }

    /// The first four bytes, where there are so many.
    pub(super) fn selector(&self, field: Field) -> Result<Option<[u8; 4]>, EtlError> {
        let Some(text) = self.bare(field) else { return Ok(None) };
        let wrong = || EtlError::field(field, Problem::Bytes, text);
        if let Some(digits) = text.strip_prefix("0x") {
            let Some(head) = digits.get(..8) else { return Ok(None) };
            let mut selector = [0; 4];
            const_hex::decode_to_slice(head, &mut selector).map_err(|_| wrong())?;
            return Ok(Some(selector));
        }
        // six base64 digits hold four bytes and half a one
        let Some(head) = text.get(..8) else { return Ok(None) };
        let head = BASE64.decode(head).map_err(|_| wrong())?;
        Ok(head.get(..4).and_then(|head| head.try_into().ok()))
    }
}

/// Reads an amount; says whether it is too large or no number.
pub(crate) fn amount(text: &str) -> Result<U256, Problem> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    if radix == 10
        && digits.len() <= 19
        && let Some(small) = number(text)
    {
        // nearly every amount, and much quicker
        return Ok(U256::from(small));
    }
    if let (10, Some((mantissa, power))) = (radix, text.split_once(['e', 'E'])) {
        // `199e17`, as programs with decimal numbers write it, is exact; floats print a point or a sign (`1e+18`)
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(mantissa) || !is_digits(power) {
            return Err(what_is_wrong(text));
        }
        let power = power.parse::<u32>().ok().and_then(|power| U256::from(10).checked_pow(U256::from(power)));
        let mantissa = U256::from_str_radix(mantissa, 10).map_err(|_| Problem::Large)?;
        return power.and_then(|power| mantissa.checked_mul(power)).ok_or(Problem::Large);
    }
    if digits.is_empty() || !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return Err(what_is_wrong(text));
    }
    U256::from_str_radix(digits, u64::from(radix)).map_err(|_| Problem::Large)
}

fn what_is_wrong(text: &str) -> Problem {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_float = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) && !digits.is_empty();
    match (is_float, digits.bytes().all(|b| b.is_ascii_digit())) {
        (true, true) if digits.len() < text.len() => Problem::Negative,
        (true, false) => Problem::Float,
        _ => Problem::Number,
    }
}

/// A whole number without sign, decimal or hexadecimal after `0x`.
pub(crate) fn number(text: &str) -> Option<u64> {
    if let Some(digits) = text.strip_prefix("0x") {
        return if digits.starts_with('+') { None } else { u64::from_str_radix(digits, 16).ok() };
    }
    if text.starts_with('+') { None } else { text.parse().ok() }
}

fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut out = [0; N];
    if digits.len() == 2 * N {
        const_hex::decode_to_slice(digits, &mut out).ok()?;
        return Some(out);
    }
    if text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    // the library wants room for what the length could hold at most
    let mut room = [0; 48];
    let len = BASE64.decode_slice(text, room.get_mut(..N.div_ceil(3) * 3)?).ok()?;
    (len == N).then(|| out.copy_from_slice(&room[..N]))?;
    Some(out)
}

pub(crate) fn hash(text: &str) -> Option<[u8; 32]> {
    fixed(text)
}

/// 20 bytes as hexadecimal or base64, or a Tron address in any of its three forms.
pub(crate) fn account(text: &str) -> Option<AccountBytes> {
    if let Some(account) = fixed::<20>(text) {
        return Some(account);
    }
    if let Some([0x41, account @ ..]) = fixed::<21>(text) {
        return Some(account);
    }
    if text.starts_with('T') { athar_types::address::parse_tron(text).ok() } else { None }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix("0x") {
        return const_hex::decode(digits).ok();
    }
    BASE64.decode(text).ok()
}

/// `2022-06-21 02:28:20 UTC` or `2022-06-21T02:28:20+00:00` or with `Z`, always in UTC.
fn calendar(text: &str) -> Option<u64> {
    let (day, rest) = text.split_at_checked(10)?;
    let (clock, zone) = rest.get(1..)?.split_at_checked(8)?;
    if !matches!(rest.as_bytes()[0], b' ' | b'T') || !matches!(zone, "" | " UTC" | "Z" | "+00:00") {
        return None;
    }
    let part = |text: &str, range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let is_formed = day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-' && clock.as_bytes()[2] == b':';
    if !is_formed || clock.as_bytes()[5] != b':' {
        return None;
    }
    let day = athar_types::Day::from_ymd(part(day, 0..4)? as i32, part(day, 5..7)?, part(day, 8..10)?)?;
    let (hour, minute, second) = (part(clock, 0..2)?, part(clock, 3..5)?, part(clock, 6..8)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    u64::try_from(day.0).ok()?.checked_mul(86_400)?.checked_add(u64::from(hour * 3600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_numbers_of_256_bits() {
        let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(amount(most), Ok(U256::MAX));
        assert_eq!(
            amount("115792089237316195423570985008687907853269984665640564039457584007913129639936"),
            Err(Problem::Large)
        );
        assert_eq!(amount(&format!("0x{}", "f".repeat(64))), Ok(U256::MAX));
        assert_eq!(amount(&format!("0x1{}", "0".repeat(64))), Err(Problem::Large));
        assert_eq!(amount("199e17"), amount("19900000000000000000"));
        assert_eq!(amount("0"), Ok(U256::ZERO));
        assert_eq!(amount("9999999999999999999"), Ok(U256::from(9_999_999_999_999_999_999_u64)));
        for (bad, why) in [
            ("", Problem::Number),
            ("0x", Problem::Number),
            ("-1", Problem::Negative),
            ("-99999999999999999999999", Problem::Negative),
            ("1e+18", Problem::Float),
            ("1.99e19", Problem::Float),
            ("1e", Problem::Float),
            ("1e99", Problem::Large),
            ("1e4294967296", Problem::Large),
            ("1.5", Problem::Float),
            ("1.0000000000000000000001e30", Problem::Float),
            ("+1", Problem::Float),
            ("12x", Problem::Number),
            ("1_000_000_000_000_000_000_000_000", Problem::Number),
        ] {
            assert_eq!(amount(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn one_address_has_five_forms() {
        let expected = account("0xa614f803b6fd780986a42c78ec9c7f77e6ded13c").unwrap();
        for text in [
            "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "phT4A7b9eAmGpCx47Jx/d+be0Tw=",
        ] {
            assert_eq!(account(text), Some(expected), "{text}");
        }
        for bad in ["", "0x", "phT4A7b9eAmGpCx47Jx/d+be0TwAAA==", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "0xa614"] {
            assert_eq!(account(bad), None, "{bad}");
        }
        // base64 whose length fits and whose bytes are too few
        assert_eq!(account("phT4A7b9eAmGpCx47Jx/d+be0Q=="), None);
        assert_eq!(hash("AAAAAAAAJKq3pg0K1eUW0KGn2fCyaoayZkJg07wYGdk=").unwrap()[6..9], [0x24, 0xaa, 0xb7]);
    }

    #[test]
    fn times_are_numbers_or_dates_in_utc() {
        assert_eq!(calendar("2022-06-21 02:28:20 UTC"), Some(1_655_778_500));
        assert_eq!(calendar("2015-07-30T15:26:13+00:00"), Some(1_438_269_973));
        for bad in [
            "2022-06-21",
            "2022-02-30 00:00:00",
            "2022-06-21 24:00:00",
            "2022-06-21 02:28:20+02:00",
            "2022/06/21 00:00:00",
            "1969-12-31 00:00:00",
            "é022-06-21 02:28:20",
        ] {
            assert_eq!(calendar(bad), None, "{bad}");
        }
    }
}
