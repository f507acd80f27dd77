//! Taking secrets out of a text, and hiding most of a personal identifier.

use crate::{Find, Kind};

/// `text` with each secret among `finds` replaced by a fixed mark. `finds` must be those of this text, in order.
///
/// Nothing of the secret is left, its length neither.
pub fn redact(text: &str, finds: &[Find]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for find in finds {
        let mark = match find.kind {
            Kind::PrivateKey => "[private key removed]",
            Kind::SeedPhrase => "[seed phrase removed]",
            _ => continue,
        };
        if let Some(before) = text.get(done..find.at.start) {
            out.push_str(before);
            out.push_str(mark);
            done = find.at.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// A value as it is shown by default: of a personal identifier only its ends, of anything else all of it.
///
/// | kind | kept |
/// |---|---|
/// | IBAN | the first 4 characters (country, check digits) and the last 4 |
/// | card | the last 4 |
/// | phone | the `+` with the first 3 digits, and the last 2 |
/// | exchange user, coupon | the last 3 |
/// | e-mail | the first letter, and the host |
/// | secrets | nothing |
///
/// Each character that is not kept is a `*`; of a value too short to hide half of it, all are.
pub fn mask(kind: Kind, value: &str) -> String {
    let ends = |first: usize, last: usize| {
        let count = value.chars().count();
        let shown = 2 * (first + last) <= count;
        value
            .chars()
            .enumerate()
            .map(|(i, c)| if shown && (i < first || i >= count - last) { c } else { '*' })
            .collect()
    };
    match kind {
        Kind::Iban => ends(4, 4),
        Kind::Card => ends(0, 4),
        Kind::Phone => ends(4, 2),
        Kind::ExchangeUser | Kind::CouponCode => ends(0, 3),
        Kind::Email => match value.split_once('@') {
            Some((name, host)) => {
                let mut letters = name.chars();
                let first = letters.next().unwrap_or('*');
                format!("{first}{}@{host}", "*".repeat(letters.count().max(1)))
            }
            None => ends(0, 0),
        },
        Kind::PrivateKey | Kind::SeedPhrase => String::new(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_its_ends() {
        for (kind, value, masked) in [
            (Kind::Iban, "GB29NWBK60161331926819", "GB29**************6819"),
            (Kind::Card, "4111111111111111", "************1111"),
            (Kind::Phone, "+442079460958", "+442*******58"),
            (Kind::ExchangeUser, "123456789", "******789"),
            (Kind::ExchangeUser, "12345", "*****"),
            (Kind::CouponCode, "1234567890", "*******890"),
            (Kind::Email, "donate@example.org", "d*****@example.org"),
            (Kind::Email, "d@example.org", "d*@example.org"),
            (Kind::Handle, "telegram:name", "telegram:name"),
            (Kind::PrivateKey, "", ""),
        ] {
            assert_eq!(mask(kind, value), masked, "{kind:?}");
        }
    }
}
