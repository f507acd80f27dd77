//! Masking of what belongs to a person, in values and in texts that were recorded.

use crate::eyes::Eyes;
use athar_extract::{Extractor, Kind, Options};

/// Whether what is recorded under a kind belongs to a person and is masked unless asked.
pub fn is_personal(kind: &str) -> bool {
    kind_of(kind).is_some_and(Eyes::is_personal)
}

/// A value of a kind with its middle masked, where the kind is personal; else as it is.
pub fn mask(kind: &str, value: &str) -> String {
    match kind_of(kind) {
        Some(kind) if Eyes::is_personal(kind) => athar_extract::mask(kind, value),
        _ => value.to_owned(),
    }
}

/// A text without secrets and with what belongs to persons masked.
pub fn masked_text(text: &str) -> String {
    let finds = Extractor::new(Options::default()).finds(text);
    Eyes::redact(&finds).excerpt_without(text, &(0..text.len()))
}

fn kind_of(name: &str) -> Option<Kind> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_kinds_are_masked_and_addresses_are_not() {
        assert!(is_personal("iban") && is_personal("email") && !is_personal("address") && !is_personal("qr"));
        let iban = "DE89370400440532013000";
        assert!(mask("iban", iban) != iban && mask("address", iban) == iban);
        let text = masked_text("pay DE89 3704 0044 0532 0130 00 or 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
        assert_eq!(text, "pay [masked] or 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    }
}
