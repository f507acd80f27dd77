//! Labels out of the store again: the project's own table, and TagPacks for GraphSense users.

mod actorpack;
mod csv;
mod tagpack;

pub use self::csv::export_csv;
pub use actorpack::export_actorpack;
pub use tagpack::{export_tagpack, export_tagpacks};

use crate::label::Claim;
use serde_json::{Map, Value, json};

/// Characters that a spreadsheet takes for the beginning of a formula or command.
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text for a cell, guarded against spreadsheets: an apostrophe is put before a text that begins with `=`, `+`, `-`,
/// `@`, a tab or a carriage return, and before one that begins with an apostrophe and one of these, so that
/// [`unguarded`] gives every text back.
///
/// Source: OWASP, "CSV Injection".
pub fn guarded(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(DANGEROUS) { format!("'{text}") } else { text.to_owned() }
}

/// The reverse of [`guarded`].
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(DANGEROUS) => rest,
        _ => text,
    }
}

/// What a TagPack has no field for, as the value of `athar` inside a tag's context.
fn own(claim: &Claim) -> Value {
    let mut own = Map::new();
    own.insert("basis".into(), json!(claim.basis));
    own.insert("category".into(), json!(claim.category));
    if let Some(country) = &claim.country {
        own.insert("country".into(), json!(country));
    }
    if let Some(day) = claim.valid_from {
        own.insert("valid_from".into(), json!(day));
    }
    if let Some(day) = claim.valid_to {
        own.insert("valid_to".into(), json!(day));
    }
    if let Some(entry) = &claim.entry {
        own.insert("entry".into(), json!(entry));
    }
    if let Some(license) = &claim.license {
        own.insert("license".into(), json!(license));
    }
    if !claim.aliases.is_empty() {
        own.insert("aliases".into(), json!(claim.aliases));
    }
    Value::Object(own)
}

/// A tag's context with our own part in it.
pub(crate) fn with_own(context: Option<&str>, claim: &Claim) -> String {
    let mut map = match context.map(|text| (text, serde_json::from_str(text))) {
        Some((_, Ok(Value::Object(map)))) => map,
        Some((text, _)) => Map::from_iter([("context".to_owned(), json!(text))]),
        None => Map::new(),
    };
    map.insert("athar".into(), own(claim));
    Value::Object(map).to_string()
}

/// The reverse of [`with_own`]: moves our own part of a context into the claim and gives the rest (a JSON object without
/// the white space that it may have been written with).
pub(crate) fn take_own(context: &str, claim: &mut Claim) -> Option<String> {
    if !context.contains("\"athar\"") {
        return Some(context.to_owned());
    }
    let Ok(Value::Object(mut map)) = serde_json::from_str(context) else { return Some(context.to_owned()) };
    let Some(Value::Object(own)) = map.remove("athar") else { return Some(context.to_owned()) };
    let text = |name: &str| own.get(name).and_then(Value::as_str);
    if let Some(basis) = text("basis").and_then(|t| t.parse().ok()) {
        claim.basis = basis;
    }
    if let Some(category) = text("category").and_then(|t| t.parse().ok()) {
        claim.category = category;
        claim.categories.retain(|c| *c != category);
        claim.categories.insert(0, category);
    }
    claim.country = text("country").map(str::to_owned).or(claim.country.take());
    claim.valid_from = text("valid_from").and_then(|t| t.parse().ok()).or(claim.valid_from);
    claim.valid_to = text("valid_to").and_then(|t| t.parse().ok()).or(claim.valid_to);
    claim.license = text("license").map(str::to_owned).or(claim.license.take());
    claim.entry = text("entry").map(str::to_owned).or(claim.entry.take());
    if let Some(Value::Array(aliases)) = own.get("aliases") {
        claim.aliases = aliases.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    match (map.len(), map.get("context")) {
        (0, _) => None,
        (1, Some(Value::String(text))) => Some(text.clone()),
        _ => Some(Value::Object(map).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::{Basis, Category};
    use proptest::prelude::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_guarded() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1"] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(unguarded(&guarded(text)), text);
        }
        for text in ["", "1=1", "'quoted'", "Al-Qaeda"] {
            assert_eq!((guarded(text).as_str(), unguarded(text)), (text, text));
        }
    }

    #[test]
    fn what_a_tagpack_has_no_field_for_survives_in_the_context() {
        let mut claim = Claim::new("a", vec![Category::DonationCampaign, Category::Exchange], Basis::Judgment);
        claim.country = Some("IL".into());
        claim.aliases = vec!["b".into()];
        claim.valid_from = "2019-02-03".parse().ok();
        for context in [None, Some("{\"token\":\"USDT\"}"), Some("plain words")] {
            let written = with_own(context, &claim);
            let mut read = Claim::new("a", vec![Category::Exchange], Basis::ThirdPartyClaim);
            assert_eq!(take_own(&written, &mut read).as_deref(), context);
            assert_eq!(read, claim);
        }
    }

    proptest! {
        #[test]
        fn every_text_survives_the_guard_and_no_guarded_text_begins_a_formula(text in "['=+@\t\r-]{0,3}\\PC{0,6}") {
            let safe = guarded(&text);
            prop_assert!(!safe.starts_with(DANGEROUS));
            prop_assert_eq!(unguarded(&safe), text);
        }
    }
}
