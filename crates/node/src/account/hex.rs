//! The texts of JSON-RPC: `0x` and hexadecimal digits.

use athar_types::account::U256;

/// A quantity of at most 64 bits.
pub(crate) fn quantity(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x")?;
    // from_str_radix takes a sign
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

/// A quantity of at most 256 bits.
pub(crate) fn amount(text: &str) -> Option<U256> {
    let digits = text.strip_prefix("0x").filter(|digits| (1..=64).contains(&digits.len()))?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| U256::from_str_radix(digits, 16).ok()).flatten()
}

/// Exactly `N` bytes.
pub(crate) fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

/// Any number of bytes.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

fn digit(b: u8) -> Option<u8> {
    (b as char).to_digit(16).map(|d| d as u8)
}

/// A quantity as a parameter.
pub(crate) fn shown(number: u64) -> String {
    format!("{number:#x}")
}

/// Bytes as a parameter.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_or_refused() {
        assert_eq!(quantity("0x7a69"), Some(31337));
        assert_eq!(quantity("0xffffffffffffffff"), Some(u64::MAX));
        for bad in ["", "0x", "7", "0x+7", "0x10000000000000000", "0xg"] {
            assert_eq!(quantity(bad), None, "{bad}");
        }
        assert_eq!(fixed::<2>("0x0aFf"), Some([10, 255]));
        assert_eq!(fixed::<2>("0x0aF"), None);
        assert_eq!(bytes("0x"), Some(Vec::new()));
        assert_eq!(bytes("0x0"), None);
        assert_eq!((shown(255), text(&[1, 255])), ("0xff".into(), "0x01ff".into()));
    }
}
