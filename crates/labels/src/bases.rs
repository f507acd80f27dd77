//! What a pack's labels stand on where the pack does not say: the rules of `data/bases.toml`.

use crate::pack::Format;
use athar_types::Basis;
use serde::Deserialize;
use std::sync::LazyLock;

const RULES: &str = include_str!("../data/bases.toml");

/// What a rule decides for a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Outcome {
    pub(crate) basis: Basis,
    /// The list that the pack is a copy of.
    pub(crate) series: Option<&'static str>,
    /// Concepts of GraphSense's that the listing itself says.
    pub(crate) implies: &'static [String],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    default: Basis,
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    format: Option<Format>,
    title: Option<String>,
    creator: Option<String>,
    source_host: Option<String>,
    source_contains: Option<String>,
    basis: Basis,
    series: Option<String>,
    #[serde(default)]
    implies: Vec<String>,
    /// The reason, for readers of the file.
    #[serde(rename = "why")]
    _why: String,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    // the text is part of the program, and a test reads it
    read(RULES).unwrap_or_else(|error| panic!("bases.toml: {error}"))
});

fn read(text: &str) -> Result<File, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if file.version != 1 {
        return Err(format!("version {} is not known, only 1", file.version));
    }
    for rule in &file.rule {
        let texts = [&rule.title, &rule.creator, &rule.source_host, &rule.source_contains];
        if rule.format.is_none() && texts.iter().all(|t| t.is_none()) {
            return Err("a rule without a condition".into());
        }
        if texts.into_iter().flatten().any(|t| *t != t.to_lowercase()) {
            return Err("conditions are written in lower case".into());
        }
    }
    Ok(file)
}

/// The first rule that fits, or the default basis.
pub(crate) fn outcome(format: Format, title: &str, creator: &str, source: &str) -> Outcome {
    let file = &*FILE;
    let (title, creator, source) = (title.to_lowercase(), creator.to_lowercase(), source.to_lowercase());
    let host = host(&source);
    let fits = |rule: &&Rule| {
        rule.format.is_none_or(|f| f == format)
            && rule.title.as_ref().is_none_or(|t| title.contains(t))
            && rule.creator.as_ref().is_none_or(|c| creator.contains(c))
            && rule.source_contains.as_ref().is_none_or(|s| source.contains(s))
            && rule.source_host.as_ref().is_none_or(|h| {
                host.strip_suffix(h.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
    };
    match file.rule.iter().find(fits) {
        Some(rule) => Outcome { basis: rule.basis, series: rule.series.as_deref(), implies: &rule.implies },
        None => Outcome { basis: file.default, series: None, implies: &[] },
    }
}

/// The host of a URL, without user, port and path; empty where the text is no URL.
fn host(source: &str) -> &str {
    let Some((_, rest)) = source.split_once("://") else { return "" };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

/// BLAKE3 of the rules: part of a pack's identity, since other rules would read the same file otherwise.
pub(crate) fn hash() -> [u8; 32] {
    *blake3::hash(RULES.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(title: &str, source: &str) -> Basis {
        outcome(Format::TagPack, title, "GraphSense Core Team", source).basis
    }

    #[test]
    fn a_forfeiture_complaint_is_an_allegation_and_an_announcement_no_designation() {
        let complaint = "https://www.justice.gov/opa/press-release/file/1304296/download";
        assert_eq!(basis("155 virtual currency assets", complaint), Basis::Complaint);
        assert_eq!(basis("x", "https://www.justice.gov/opa/pr/something"), Basis::AuthorityStatement);
        let action = "https://home.treasury.gov/policy-issues/financial-sanctions/recent-actions/20220808";
        assert_eq!(basis("Tornado.cash", action), Basis::AuthorityStatement);
        assert_eq!(basis("x", "https://www.walletexplorer.com/"), Basis::ThirdPartyClaim);
        assert_eq!(basis("x", ""), Basis::ThirdPartyClaim);
    }

    #[test]
    fn copies_of_the_list_itself_are_designations_of_one_series() {
        let copy = outcome(Format::TagPack, "t", "INTERPOL", "https://www.treasury.gov/ofac/downloads/sdnlist.txt");
        let own = outcome(Format::OfacCsv, "", "", "");
        assert_eq!((copy.basis, own.basis), (Basis::Designation, Basis::Designation));
        assert_eq!((copy.series, own.series), (Some("us-ofac-sdn"), Some("us-ofac-sdn")));
        assert_eq!(copy.implies, ["sanction"]);
        assert_eq!(outcome(Format::Nbctf, "", "", "").basis, Basis::SeizureOrder);
    }

    #[test]
    fn a_host_is_matched_whole_and_not_by_its_tail_or_path() {
        assert_eq!(basis("x", "https://nottreasury.gov/"), Basis::ThirdPartyClaim);
        assert_eq!(basis("x", "https://evil.example/treasury.gov"), Basis::ThirdPartyClaim);
        assert_eq!(basis("x", "https://treasury.gov@evil.example/"), Basis::ThirdPartyClaim);
        assert_eq!(basis("x", "https://OFAC.treasury.gov:443/x"), Basis::AuthorityStatement);
        assert_eq!(basis("x", "https://evil.example/justice.gov?x=1"), Basis::ThirdPartyClaim);
    }

    #[test]
    fn broken_rules_are_told() {
        let rule = |text: &str| read(&format!("version = 1\ndefault = \"complaint\"\n[[rule]]\n{text}")).err().unwrap();
        assert!(rule("basis = \"complaint\"\nwhy = \"\"").contains("without a condition"));
        assert!(rule("title = \"A\"\nbasis = \"complaint\"\nwhy = \"\"").contains("lower case"));
        assert!(rule("title = \"a\"\nbasis = \"rumour\"\nwhy = \"\"").contains("rumour"));
    }
}
