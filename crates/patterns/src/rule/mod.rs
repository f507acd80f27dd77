//! A rule: one typology as a file. Which operator measures what, which measures make a hit, what guards against the innocent
//! that look the same, what corroborates, what severity follows, and the sentences that say so in English and Arabic.
//!
//! The form is documented in `docs/reference/patterns.md`. A rule's version is its own number and the hash of its file, so that
//! a hit says exactly by which text it was found.

mod check;

use crate::operator::{self, Bound};
use crate::{Classes, RuleError, Unit};
use athar_types::{Bilingual, Category, Level};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Longest rule file in bytes.
pub const RULE_BYTES_MAX: usize = 64 << 10;

/// The value of a parameter.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// A number in the parameter's unit.
    Number(i64),
    /// Names: categories, countries, assets, terms.
    Names(Vec<String>),
}

/// A parameter of a rule.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its value.
    pub value: Setting,
    /// Where the value comes from, or `proposal`: to be measured and changed.
    pub source: String,
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, serde::Serialize)]
pub enum Op {
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// More than.
    #[serde(rename = ">")]
    More,
    /// Less than.
    #[serde(rename = "<")]
    Less,
    /// Equal.
    #[serde(rename = "==")]
    Equal,
}

impl Op {
    /// Whether it holds between a value and a limit.
    pub const fn holds(self, value: i64, limit: i64) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::AtMost => value <= limit,
            Self::More => value > limit,
            Self::Less => value < limit,
            Self::Equal => value == limit,
        }
    }

    /// As written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::Less => "<",
            Self::Equal => "==",
        }
    }
}

/// A condition on a measure: the limit is a number or the name of a parameter.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The measure.
    pub measure: String,
    /// The comparison.
    pub op: Op,
    /// A number, or a parameter's name.
    pub limit: Limit,
}

/// A limit.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// The number itself.
    Number(i64),
    /// A parameter of the rule.
    Parameter(String),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Parameter(name) => name.fmt(f),
        }
    }
}

/// What a guard that fails does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardEffect {
    /// There is no hit.
    Drop,
    /// The hit stays, at the lowest severity.
    Low,
}

/// A guard against what looks the same and is innocent. It passes where its condition holds; where the measure is not known it
/// is open, and the hit says so.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Its id within the rule.
    pub id: String,
    /// What must hold for the guard to pass.
    pub pass: Condition,
    /// What follows where it does not hold.
    pub effect: GuardEffect,
    /// Where it is open: whether severity stays low.
    #[serde(default)]
    pub open_is_low: bool,
    /// What it keeps out.
    pub why: Bilingual,
}

/// What may corroborate a hit, found for every rule in the same way (`anchor.rs`).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// A label says that the subject's own party is of the linked categories.
    Owner,
    /// A direct counterparty is labelled so.
    Counterparty,
    /// One of its addresses is on an official list.
    Listed,
    /// One of its addresses was published in a passage that solicits.
    Published,
    /// One of its addresses was published in two places or more.
    CoPublished,
    /// An off-chain record names it.
    Record,
    /// Another pattern, of another operator, hit the same party.
    Pattern,
}

impl Anchor {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::Counterparty,
        Self::Listed,
        Self::Published,
        Self::CoPublished,
        Self::Record,
        Self::Pattern,
    ];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Counterparty => "counterparty",
            Self::Listed => "listed",
            Self::Published => "published",
            Self::CoPublished => "co_published",
            Self::Record => "record",
            Self::Pattern => "pattern",
        }
    }
}

/// A step of severity: taken where one of the anchors is there and every condition holds.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// To which level.
    pub to: Level,
    /// One of these must be there; none asked means none is needed.
    #[serde(default)]
    pub anchors: Vec<Anchor>,
    /// Every one of these must hold.
    #[serde(default)]
    pub when: Vec<Condition>,
}

/// What severity follows.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Without corroboration. At most `low`: no single flag is determinative (FinCEN, advisories on virtual currency).
    pub base: Level,
    /// Steps; the highest that applies counts.
    #[serde(default)]
    pub raise: Vec<Raise>,
    /// Whether a hit without any anchor is left out.
    #[serde(default)]
    pub needs_anchor: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: u32,
    id: String,
    row: u32,
    version: u32,
    operator: String,
    shapes: Vec<String>,
    title: Bilingual,
    about: Bilingual,
    sources: Vec<String>,
    /// Categories that count as linked to the mission.
    linked: Vec<Category>,
    #[serde(default)]
    parameters: BTreeMap<String, Parameter>,
    require: Vec<Condition>,
    #[serde(default)]
    guard: Vec<Guard>,
    severity: Severity,
    /// One paragraph, with measures in braces.
    explain: Bilingual,
}

/// A typology, read and checked.
pub struct Rule {
    /// Its id: `static-donation-address`.
    pub id: String,
    /// The row of the table of typologies.
    pub row: u32,
    /// `number+first 12 digits of the file's BLAKE3`.
    pub version: String,
    /// The operator that measures.
    pub operator: &'static operator::Spec,
    /// Whether it reads chains of outputs, and of accounts.
    pub on_outputs: bool,
    /// Whether it reads chains of accounts.
    pub on_accounts: bool,
    /// Its name for people.
    pub title: Bilingual,
    /// What it looks for, and why that matters.
    pub about: Bilingual,
    /// Where the definition comes from.
    pub sources: Vec<String>,
    /// Categories that count as linked to the mission.
    pub linked: Classes,
    /// Its parameters.
    pub parameters: BTreeMap<String, Parameter>,
    /// What must hold of the measures.
    pub require: Vec<Condition>,
    /// What keeps the innocent out.
    pub guards: Vec<Guard>,
    /// What severity follows.
    pub severity: Severity,
    /// The paragraph.
    pub explain: Bilingual,
    pub(crate) bound: Box<dyn Bound>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule {} {}", self.id, self.version)
    }
}

impl Rule {
    /// Reads a rule. `file` is its name in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleError> {
        let form = |what: String| RuleError::Form { file: file.into(), what };
        if text.len() > RULE_BYTES_MAX {
            return Err(form(format!("longer than {RULE_BYTES_MAX} bytes")));
        }
        let read: Form = toml::from_str(text).map_err(|error| form(error.to_string()))?;
        if read.format != 1 {
            return Err(RuleError::part(&read.id, "format", format!("{} is not known, only 1", read.format)));
        }
        let operator = operator::find(&read.operator).ok_or_else(|| {
            RuleError::part(&read.id, "operator", format!("{:?} is none of {}", read.operator, operator::names()))
        })?;
        check::shapes(&read.id, &read.shapes)?;
        let bound = (operator.bind)(&Params { rule: &read.id, given: &read.parameters, spec: operator })?;
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let rule = Self {
            version: format!("{}+{}", read.version, &hash[..12]),
            operator,
            on_outputs: read.shapes.iter().any(|s| s == "outputs"),
            on_accounts: read.shapes.iter().any(|s| s == "accounts"),
            title: read.title,
            about: read.about,
            sources: read.sources,
            linked: Classes::of(read.linked),
            parameters: read.parameters,
            require: read.require,
            guards: read.guard,
            severity: read.severity,
            explain: read.explain,
            bound,
            id: read.id,
            row: read.row,
        };
        check::rule(&rule)?;
        Ok(rule)
    }

    /// A limit's number.
    pub(crate) fn limit(&self, limit: &Limit) -> i64 {
        match limit {
            Limit::Number(number) => *number,
            // checked when the rule was read
            Limit::Parameter(name) => match self.parameters.get(name).map(|p| &p.value) {
                Some(Setting::Number(number)) => *number,
                _ => 0,
            },
        }
    }

    /// Every condition: requirements, guards, steps of severity.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let guards = self.guards.iter().map(|guard| &guard.pass);
        self.require.iter().chain(guards).chain(self.severity.raise.iter().flat_map(|raise| &raise.when))
    }

    /// The unit of a measure or parameter: of its operator, or of the measure that the parameter limits.
    pub fn unit(&self, name: &str) -> Option<Unit> {
        let measure = |name: &str| self.operator.measures.iter().find(|m| m.name == name).map(|m| m.unit);
        let parameter = || self.operator.parameters.iter().find(|p| p.name == name).map(|p| p.unit);
        let limited = || {
            let is_limit = |c: &&Condition| matches!(&c.limit, Limit::Parameter(limit) if limit == name);
            measure(&self.conditions().find(is_limit)?.measure)
        };
        measure(name).or_else(parameter).or_else(limited)
    }
}

/// The parameters of a rule, as its operator reads them once.
pub struct Params<'a> {
    rule: &'a str,
    given: &'a BTreeMap<String, Parameter>,
    spec: &'static operator::Spec,
}

impl Params<'_> {
    fn get(&self, name: &str) -> Result<&Setting, RuleError> {
        debug_assert!(self.spec.parameters.iter().any(|p| p.name == name), "{name} is not declared");
        let given = self.given.get(name).map(|p| &p.value);
        given.ok_or_else(|| RuleError::part(self.rule, format!("parameters.{name}"), "is missing"))
    }

    pub(crate) fn wrong(&self, name: &str, what: impl Into<String>) -> RuleError {
        RuleError::part(self.rule, format!("parameters.{name}"), what)
    }

    /// A number from 0 on.
    pub fn number(&self, name: &str) -> Result<u64, RuleError> {
        match self.get(name)? {
            Setting::Number(number) => u64::try_from(*number).map_err(|_| self.wrong(name, "is below 0")),
            Setting::Names(_) => Err(self.wrong(name, "is not a number")),
        }
    }

    /// A number of seconds, days, hops that fits 32 bits.
    pub fn small(&self, name: &str) -> Result<u32, RuleError> {
        u32::try_from(self.number(name)?).map_err(|_| self.wrong(name, "is too large"))
    }

    /// Names.
    pub fn names(&self, name: &str) -> Result<&[String], RuleError> {
        match self.get(name)? {
            Setting::Names(names) => Ok(names),
            Setting::Number(_) => Err(self.wrong(name, "is not a list of names")),
        }
    }

    /// A set of categories.
    pub fn classes(&self, name: &str) -> Result<Classes, RuleError> {
        let mut set = Classes::NONE;
        for word in self.names(name)? {
            let category =
                word.parse::<Category>().map_err(|_| self.wrong(name, format!("{word:?} is no category")))?;
            set.insert(category);
        }
        Ok(set)
    }

    /// Countries: ISO 3166-1 alpha-2.
    pub fn countries(&self, name: &str) -> Result<Vec<[u8; 2]>, RuleError> {
        let read = |word: &String| match word.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok([*a, *b]),
            _ => Err(self.wrong(name, format!("{word:?} is no country of two capital letters"))),
        };
        self.names(name)?.iter().map(read).collect()
    }
}
