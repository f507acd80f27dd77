//! How lists word things: kinds of documents, dates of birth, several values in one cell, another script in brackets.

use crate::date::{PartialDay, date};
use crate::entry::{Birth, EntryKind, ListEntry, NameKind, Quality, tidy};

/// The kind of an identifier by what its list calls it.
pub(super) fn identifier_kind(words: &str) -> &'static str {
    let words = words.to_lowercase();
    let has = |part: &str| words.contains(part);
    if has("passport") || has("passeport") || has("pasaporte") {
        "passport"
    } else if has("digital currency") || has("crypto") || has("wallet") {
        "wallet"
    } else if has("imo ") || words == "imo" || has("vessel registration identification") {
        "imo"
    } else if has("swift") || has("bic") {
        "swift"
    } else if has("tax") || has("fiscal") || has("vat ") {
        "tax_id"
    } else if has("account") || has("iban") {
        "account"
    } else if has("phone") || has("telephone") || has("mobile") {
        "phone"
    } else if has("email") || has("e-mail") {
        "email"
    } else if has("website") || has("web site") {
        "website"
    } else if has("registration") || has("registered company") || has("company number") || has("license") {
        "registration"
    } else if has("national")
        || has("identity")
        || has("identification")
        || has("id card")
        || words.trim() == "id"
        || has("cedula")
        || has("ssn")
    {
        "national_id"
    } else {
        "other"
    }
}

/// The kind of an entry by what its list calls it.
pub(super) fn entry_kind(words: &str) -> EntryKind {
    match words.trim().to_lowercase().as_str() {
        "individual" | "person" | "p" => EntryKind::Person,
        "entity" | "enterprise" | "organisation" | "organization" | "e" | "company" | "legalentity" | "publicbody" => {
            EntryKind::Organisation
        }
        "ship" | "vessel" => EntryKind::Vessel,
        "aircraft" | "airplane" => EntryKind::Aircraft,
        _ => EntryKind::Other,
    }
}

/// A date of birth as written: a date, `1961 to 1963`, `circa 1961`.
pub(super) fn birth(text: &str) -> Option<Birth> {
    let as_written = tidy(text);
    if as_written.is_empty() {
        return None;
    }
    let lower = as_written.to_lowercase();
    let marks = ["circa ", "c. ", "approximately ", "approx. ", "about ", "between "];
    let mark = marks.iter().find(|m| lower.starts_with(*m));
    let circa = mark.is_some_and(|m| *m != "between ");
    let rest = mark.map_or(lower.as_str(), |m| &lower[m.len()..]);
    let ends = [" to ", " and ", "-", "–"].iter().find_map(|by| rest.split_once(by));
    let (from, to) = match (date(rest), ends) {
        (Some(day), _) => (Some(day), Some(day)),
        (None, Some((a, b))) => match (date(a), date(b)) {
            (Some(a), Some(b)) if a <= b => (Some(a), Some(b)),
            _ => (None, None),
        },
        (None, None) => (None, None),
    };
    Some(Birth { from, to, circa, as_written })
}

/// A birth of known parts.
pub(super) fn birth_of(from: Option<PartialDay>, to: Option<PartialDay>, circa: bool, as_written: &str) -> Birth {
    Birth { from, to: to.or(from), circa, as_written: tidy(as_written) }
}

/// The values of a cell that numbers them `(a) …, (b) …`; the whole cell where it does not.
pub(super) fn lettered(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    // `(a)`, or `a)` after a space or at the beginning: where the number begins, and where its value does
    let mark = |i: usize| match bytes.get(i..)? {
        [b'(', b'a'..=b'z', b')', ..] => Some((i, i + 3)),
        [b'a'..=b'z', b')', ..] if i == 0 || bytes[i - 1] == b' ' => Some((i, i + 2)),
        _ => None,
    };
    let starts: Vec<(usize, usize)> = (0..bytes.len()).filter_map(mark).collect();
    let clean = |part: &str| tidy(part.trim().trim_matches('"').trim_end_matches([',', ';']).trim());
    if starts.is_empty() {
        return Some(clean(text)).filter(|t| !t.is_empty()).into_iter().collect();
    }
    let mut values = vec![clean(&text[..starts[0].0])];
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).map_or(text.len(), |next| next.0);
        values.push(clean(&text[start.1..end]));
    }
    values.retain(|v| !v.is_empty());
    values
}

/// Adds a name and, where Latin and another script stand in one text (`… (in Arabic: …)`), the part in the other script
/// as a name of its own.
pub(super) fn name_with_scripts(entry: &mut ListEntry, text: &str, kind: NameKind, quality: Quality) {
    let scripts = other_script(text);
    if !scripts.is_empty() && !text.chars().any(|c| c.is_ascii_alphabetic()) {
        entry.name(text, if kind == NameKind::Primary { kind } else { NameKind::OriginalScript }, quality);
        return;
    }
    entry.name(text, kind, quality);
    for script in scripts {
        entry.name(&script, NameKind::OriginalScript, Quality::Unstated);
    }
}

/// The parts of a text that are written in letters outside Latin, Greek and its extensions: runs with the spaces and
/// marks inside them.
pub(super) fn other_script(text: &str) -> Vec<String> {
    let foreign = |c: char| c.is_alphabetic() && c >= '\u{400}' && !('\u{1e00}'..='\u{1eff}').contains(&c);
    let mut found = Vec::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        let inside = foreign(c)
            || (!run.is_empty()
                && !c.is_ascii_alphanumeric()
                && !matches!(c, '(' | ')' | ';' | ',' | ':' | '،' | '؛' | '\n'));
        if inside {
            run.push(c);
            continue;
        }
        let part = run.trim_matches(|c: char| !foreign(c) && !('\u{64b}'..='\u{655}').contains(&c));
        if part.chars().filter(|c| foreign(*c)).count() > 1 {
            found.push(tidy(part));
        }
        run.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_values_in_one_cell_are_parted() {
        assert_eq!(lettered("(a) 3.3.1965, (b) 1.1.1965"), ["3.3.1965", "1.1.1965"]);
        assert_eq!(lettered("a) 1975 b) 1970"), ["1975", "1970"]);
        assert_eq!(lettered("\"one; two\""), ["one; two"]);
        assert_eq!(lettered("Haji (b)"), ["Haji"]);
        assert!(lettered(" ").is_empty());
    }

    #[test]
    fn births_keep_their_words_and_only_what_can_be_read() {
        let read = |text: &str| {
            let b = birth(text).unwrap();
            (b.from.map(|d| d.to_string()), b.to.map(|d| d.to_string()), b.circa)
        };
        let day = |text: &str| Some(text.to_string());
        assert_eq!(read("10 Dec 1948"), (day("1948-12-10"), day("1948-12-10"), false));
        assert_eq!(read("circa 1961"), (day("1961"), day("1961"), true));
        assert_eq!(read("1961 to 1963"), (day("1961"), day("1963"), false));
        assert_eq!(read("1965-1968"), (day("1965"), day("1968"), false));
        assert_eq!(read("29 years old"), (None, None, false));
    }

    #[test]
    fn another_script_inside_a_name_is_found() {
        assert_eq!(other_script("Abu Bakr al-Jaziri (In Arabic: أبوبكر الجزائري)"), ["أبوبكر الجزائري"]);
        assert_eq!(other_script("original script: Рамзан Одуев"), ["Рамзан Одуев"]);
        assert!(other_script("Türkiye Şah Ưng").is_empty());
    }
}
