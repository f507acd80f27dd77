//! A clustering: which heuristics tie addresses, and by which policy, under a name. Read from policy files.

use crate::change::ChangePolicy;
use crate::{HEURISTICS_VERSION, Heuristic, Selection};
use serde::Deserialize;
use std::{fmt, fs, io, path::Path, path::PathBuf, sync::Arc};

const STRICT: &str = include_str!("../data/policies/strict.toml");
const EXTENDED: &str = include_str!("../data/policies/extended.toml");
/// Longest policy file: far beyond any that a person writes.
const FILE_LEN_MAX: u64 = 1 << 20;

/// Which heuristics tie addresses, and by which policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clustering {
    name: Option<String>,
    heuristics: Selection,
    change: Option<Arc<ChangePolicy>>,
    version: String,
}

/// Why a text or file is no clustering.
#[derive(Debug, thiserror::Error)]
pub enum ClusteringError {
    /// The file could not be read.
    #[error("cannot read the policy {}: {source}\nhint: `strict` and `extended` come with the program", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file says something that no policy says.
    #[error("{} is no policy: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, key and what is wrong there.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    name: String,
    heuristics: Vec<Heuristic>,
    change: Option<ChangePolicy>,
}

impl Clustering {
    /// The one that comes with the program to prove things with: co-spend alone.
    pub fn strict() -> Self {
        Self::shipped("strict.toml", STRICT)
    }

    /// The one that comes with the program to look further with: co-spend, same-key and change.
    pub fn extended() -> Self {
        Self::shipped("extended.toml", EXTENDED)
    }

    fn shipped(file: &str, text: &str) -> Self {
        // both are read by a test
        Self::parse(Path::new(file), text).unwrap_or_else(|e| panic!("a policy of the program itself: {e}"))
    }

    /// Heuristics without a name; change, where it is among them, by the policy of [`Self::extended`].
    pub fn of(heuristics: Selection) -> Self {
        let change = if heuristics.has(Heuristic::Change) { Self::extended().change } else { None };
        Self::new(None, heuristics, change)
    }

    /// The one of that name, or else in the file of that path.
    pub fn find(name_or_file: &str) -> Result<Self, ClusteringError> {
        match name_or_file {
            "strict" => Ok(Self::strict()),
            "extended" => Ok(Self::extended()),
            path => Self::read(Path::new(path)),
        }
    }

    /// Reads a policy file.
    pub fn read(path: &Path) -> Result<Self, ClusteringError> {
        let wrong = |source| ClusteringError::Read { path: path.into(), source };
        if fs::metadata(path).map_err(wrong)?.len() > FILE_LEN_MAX {
            let what = format!("longer than {FILE_LEN_MAX} bytes");
            return Err(ClusteringError::Wrong { path: path.into(), what });
        }
        Self::parse(path, &fs::read_to_string(path).map_err(wrong)?)
    }

    /// Reads the text of a policy file; `path` is for errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ClusteringError> {
        let wrong = |what: String| ClusteringError::Wrong { path: path.into(), what };
        // the error of the reader names line, column and the words at fault
        let file: PolicyFile = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if file.name.is_empty() || file.name.len() > 32 || !file.name.chars().all(fits) {
            return Err(wrong("`name` must have 1 to 32 small letters, digits and dashes".into()));
        }
        let heuristics = Selection::of(&file.heuristics).ok_or_else(|| wrong("`heuristics` is empty".into()))?;
        if heuristics.has(Heuristic::Change) != file.change.is_some() {
            return Err(wrong("`change` is among the heuristics and has a table of its own, or neither".into()));
        }
        if let Some(defect) = file.change.as_ref().and_then(ChangePolicy::defect) {
            return Err(wrong(defect));
        }
        Ok(Self::new(Some(file.name), heuristics, file.change.map(Arc::new)))
    }

    fn new(name: Option<String>, heuristics: Selection, change: Option<Arc<ChangePolicy>>) -> Self {
        // over what was understood: comments, order of keys and spaces make no other policy
        let content = serde_json::json!({
            "rules": HEURISTICS_VERSION,
            "heuristics": heuristics,
            "change": change.as_deref(),
        });
        let version = blake3::hash(content.to_string().as_bytes()).to_hex()[..16].to_string();
        Self { name, heuristics, change, version }
    }

    /// Its name; `None` where heuristics were merely listed.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The heuristics that tie addresses.
    pub fn heuristics(&self) -> Selection {
        self.heuristics
    }

    /// Which votes on change outputs make a tie; `None` without the heuristic.
    pub fn change(&self) -> Option<&Arc<ChangePolicy>> {
        self.change.as_ref()
    }

    /// 16 hexadecimal digits that are equal for equal rules, whatever the name.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// As `--clustering` or `--heuristics` take it: its name, or its heuristics where it has none.
impl fmt::Display for Clustering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.pad(name),
            None => f.pad(&self.heuristics.to_string()),
        }
    }
}

/// [`Clustering::of`].
impl From<Selection> for Clustering {
    fn from(heuristics: Selection) -> Self {
        Self::of(heuristics)
    }
}

/// [`Clustering::strict`].
impl Default for Clustering {
    fn default() -> Self {
        Self::strict()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        Clustering::parse(Path::new("my.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn shipped_policies_are_what_their_names_say() {
        let (strict, extended) = (Clustering::strict(), Clustering::extended());
        assert_eq!((strict.name(), strict.heuristics().to_string().as_str()), (Some("strict"), "co-spend"));
        assert_eq!(extended.heuristics().to_string(), "co-spend,same-key,change");
        assert!(strict.change().is_none() && extended.change().is_some());
        assert_ne!(strict.version(), extended.version());
        assert_eq!(Clustering::of(strict.heuristics()).version(), strict.version());
        assert_eq!(Clustering::of(extended.heuristics()).version(), extended.version());
    }

    #[test]
    fn comments_and_names_make_no_other_version_but_rules_do() {
        let parse = |text: &str| Clustering::parse(Path::new("my.toml"), text).unwrap();
        let own = parse(&format!("# mine\n{}", EXTENDED.replace("\"extended\"", "\"mine\"")));
        assert_eq!(own.version(), Clustering::extended().version());
        let other = parse(&EXTENDED.replace("round-digits = 5", "round-digits = 4"));
        assert_ne!(other.version(), Clustering::extended().version());
    }

    #[test]
    fn a_wrong_policy_is_refused_with_file_line_and_key() {
        let rules = |rule: &str| {
            format!(
                "name = \"x\"\nheuristics = [\"change\"]\n[change]\noutputs-max = 2\nround-digits = 6\n[[change.rules]]\n{rule}"
            )
        };
        for (text, words) in [
            (rules("change = \"fresj\""), &["my.toml", "line 7", "fresj", "one-time"][..]),
            (rules("change = \"fresh\"\nunles = \"fresh\""), &["line 8", "unles"]),
            (rules("change = { al = [\"fresh\"] }"), &["line 7", "`al`"]),
            (rules("change = { all = [] }"), &["line 7", "empty list"]),
            (rules("change = { votes = 3, of = [\"fresh\"] }"), &["line 7", "3 votes of 1"]),
            (rules("change = { not = \"fresh\", against = \"fresh\" }"), &["line 7", "against"]),
            (rules("change = \"fresh\"\nfrom-height = 9\nto-height = 8"), &["number 1", "ends before"]),
            (rules("change = \"fresh\"").replace("max = 2", "max = 1"), &["outputs-max is 1"]),
            ("name = \"x\"\nheuristics = [\"co-spent\"]".into(), &["line 2", "co-spent"]),
            ("name = \"x\"\nheuristics = [\"change\"]".into(), &["`change`"]),
            ("name = \"x\"\nheuristics = []".into(), &["empty"]),
            ("name = \"../x\"\nheuristics = [\"co-spend\"]".into(), &["`name`"]),
            ("name = \"x\"\nheuristics = [\"co-spend\"]\nextra = 1".into(), &["line 3", "extra"]),
            ("name = ".into(), &["line 1"]),
        ] {
            let error = wrong(&text);
            assert!(words.iter().all(|word| error.contains(word)), "{text}\n{error}");
        }
        let error = Clustering::find("no/such/file.toml").unwrap_err().to_string();
        assert!(error.contains("no/such/file.toml") && error.contains("hint"), "{error}");
    }

    #[test]
    fn a_rule_holds_in_its_era_alone() {
        use athar_types::{Chain, Height, UnixTime};
        let text = "name = \"x\"\nheuristics = [\"change\"]\n[change]\noutputs-max = 2\nround-digits = 6\n[[change.rules]]\n\
             chains = [\"bitcoin\"]\nfrom-height = 10\nto-day = \"2020-01-31\"\nchange = \"fresh\"";
        let policy = Clustering::parse(Path::new("my.toml"), text).unwrap().change().unwrap().clone();
        let day = |text: &str| UnixTime(text.parse::<athar_types::Day>().unwrap().0 as u32 * 86_400 + 86_399);
        let covers = |chain, height, text| policy.rules[0].covers(chain, Height(height), day(text));
        assert!(covers(Chain::Bitcoin, 10, "2020-01-31"));
        assert!(!covers(Chain::Bitcoin, 9, "2020-01-31"));
        assert!(!covers(Chain::Bitcoin, 10, "2020-02-01"));
        assert!(!covers(Chain::Litecoin, 10, "2020-01-31"));
    }
}
