//! What stands beside a name: dates of birth, countries, identifiers. A name alone never says more than "possible".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a hit says, in words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The name fits, but something else contradicts it.
    Unlikely,
    /// The name fits. That is all a name can say: many people share one.
    Possible,
    /// The name fits, and the year of birth too, or the country with nothing against it.
    Likely,
    /// The name fits and an identifier (a passport, a number of registration) is the same.
    Strong,
}

impl Grade {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlikely => "unlikely",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Strong => "strong",
        }
    }
}

/// What is known of a person besides the name, on either side.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// Years of birth, each as a first and last year that are possible.
    pub born: Vec<(i16, i16)>,
    /// Countries in any form of writing; compared by [`same_country`].
    pub countries: Vec<String>,
    /// Identifiers: passports, national numbers, registrations.
    pub identifiers: Vec<String>,
}

/// How one kind of fact stands on the two sides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// Both sides say the same.
    Same,
    /// Years of birth at most two apart.
    Near,
    /// Both sides say something, and it is not the same.
    Different,
    /// One side says nothing.
    Unknown,
}

impl Agreement {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Near => "near",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }
}

/// How all facts stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// Years of birth.
    pub born: Agreement,
    /// Countries. Different countries are common for one person, and weigh little.
    pub country: Agreement,
    /// Identifiers.
    pub identifier: Agreement,
}

/// An identifier without what people write differently: letters and digits alone, in capitals.
pub fn bare_identifier(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// A country by its name or code as one code of two letters; `None` where the table does not have it.
pub fn country_code(text: &str) -> Option<&'static str> {
    use rustc_hash::FxHashMap;
    use std::sync::LazyLock;
    static TABLE: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
        let mut table = FxHashMap::default();
        for line in include_str!("../data/countries.tsv").lines().filter(|l| !l.starts_with('#')) {
            let mut fields = line.split('\t');
            let Some(code) = fields.next().filter(|c| !c.is_empty()) else { continue };
            table.insert(bare_identifier(code), code);
            for name in fields {
                table.insert(bare_identifier(name), code);
            }
        }
        table
    });
    TABLE.get(&bare_identifier(text)).copied()
}

/// Whether two texts name one country.
pub fn same_country(a: &str, b: &str) -> bool {
    match (country_code(a), country_code(b)) {
        (Some(a), Some(b)) => a == b,
        _ => bare_identifier(a) == bare_identifier(b),
    }
}

impl Facts {
    /// The years in a date as written: `1970`, `1970-05-01`, `01/05/1970`, `1968-1971`. Empty: it names none.
    pub fn years(text: &str) -> Option<(i16, i16)> {
        let digits = |c: char| {
            c.to_digit(10).or(match c {
                '٠'..='٩' => Some(c as u32 - '٠' as u32),
                '۰'..='۹' => Some(c as u32 - '۰' as u32),
                _ => None,
            })
        };
        let (mut years, mut run, mut value) = (Vec::new(), 0, 0u32);
        for c in text.chars().chain([' ']) {
            match digits(c) {
                Some(d) => (run, value) = (run + 1, value.saturating_mul(10).saturating_add(d)),
                None => {
                    if run == 4 && (1850..=2100).contains(&value) {
                        years.push(value as i16);
                    } else if run == 8 && (1850..=2100).contains(&(value / 10_000)) {
                        years.push((value / 10_000) as i16);
                    }
                    (run, value) = (0, 0);
                }
            }
        }
        Some((*years.iter().min()?, *years.iter().max()?))
    }

    /// How two sides stand to each other.
    pub fn compare(&self, other: &Self) -> Compared {
        let born = match (self.born.is_empty(), other.born.is_empty()) {
            (false, false) => {
                let apart = |a: &(i16, i16), b: &(i16, i16)| (a.0 - b.1).max(b.0 - a.1).max(0);
                let least = self.born.iter().flat_map(|a| other.born.iter().map(move |b| apart(a, b))).min();
                match least {
                    Some(0) => Agreement::Same,
                    Some(1..=2) => Agreement::Near,
                    _ => Agreement::Different,
                }
            }
            _ => Agreement::Unknown,
        };
        let any = |a: &[String], b: &[String], same: fn(&str, &str) -> bool| match (a.is_empty(), b.is_empty()) {
            (false, false) if a.iter().any(|a| b.iter().any(|b| same(a, b))) => Agreement::Same,
            (false, false) => Agreement::Different,
            _ => Agreement::Unknown,
        };
        let same_number = |a: &str, b: &str| bare_identifier(a) == bare_identifier(b) && bare_identifier(a).len() >= 4;
        Compared {
            born,
            country: any(&self.countries, &other.countries, same_country),
            identifier: any(&self.identifiers, &other.identifiers, same_number),
        }
    }
}

impl Compared {
    /// What stands beside a name makes of its score (0 to 1), and the grade.
    ///
    /// A number that is the same closes most of the gap to 1; a year of birth that differs takes a third. A country that
    /// differs takes little, because people move and lists name several.
    pub fn apply(self, score: f32) -> (f32, Grade) {
        let toward = |score: f32, share: f32| score + (1.0 - score) * share;
        let mut score = score;
        score = match self.born {
            Agreement::Same => toward(score, 0.25),
            Agreement::Near => toward(score, 0.1),
            Agreement::Different => score * 0.67,
            Agreement::Unknown => score,
        };
        score = match self.country {
            Agreement::Same => toward(score, 0.1),
            Agreement::Different => score * 0.95,
            _ => score,
        };
        if self.identifier == Agreement::Same {
            return (toward(score, 0.8), Grade::Strong);
        }
        let grade = match (self.born, self.country) {
            (Agreement::Different, _) => Grade::Unlikely,
            (Agreement::Same, _) => Grade::Likely,
            (Agreement::Near, Agreement::Same) => Grade::Likely,
            _ => Grade::Possible,
        };
        (score, grade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_read_from_what_people_write() {
        for (text, years) in [
            ("1970", Some((1970, 1970))),
            ("1957-03-10", Some((1957, 1957))),
            ("10.3.1957", Some((1957, 1957))),
            ("between 1957 and 1960", Some((1957, 1960))),
            ("19570310", Some((1957, 1957))),
            ("١٩٥٧", Some((1957, 1957))),
            ("57", None),
            ("unknown", None),
        ] {
            assert_eq!(Facts::years(text), years, "{text}");
        }
    }

    #[test]
    fn a_name_alone_is_possible_and_no_more() {
        let of = |born: &[(i16, i16)], countries: &[&str], identifiers: &[&str]| Facts {
            born: born.to_vec(),
            countries: countries.iter().map(|c| (*c).to_owned()).collect(),
            identifiers: identifiers.iter().map(|i| (*i).to_owned()).collect(),
        };
        let listed = of(&[(1957, 1957)], &["Saudi Arabia"], &["A-123 456"]);
        let graded = |facts: &Facts| facts.compare(&listed).apply(0.9);
        assert_eq!(graded(&Facts::default()), (0.9, Grade::Possible));
        assert_eq!(graded(&of(&[(1990, 1990)], &[], &[])).1, Grade::Unlikely);
        assert!(graded(&of(&[(1990, 1990)], &[], &[])).0 < 0.7);
        assert_eq!(graded(&of(&[(1957, 1957)], &["SA"], &[])).1, Grade::Likely);
        assert_eq!(graded(&of(&[], &["السعودية"], &[])).1, Grade::Possible);
        let strong = graded(&of(&[], &[], &["a123456"]));
        assert!(strong.1 == Grade::Strong && strong.0 > 0.97, "{strong:?}");
        assert_eq!(graded(&of(&[], &[], &["12"])).1, Grade::Possible);
    }
}
