//! Was it listed on that day? Answered from the versions that were imported and from dates that the source itself gives,
//! and from nothing else: where neither speaks of the day, the answer is unknown.

use crate::entry::ListEntry;
use crate::error::ListError;
use crate::store::ListStore;
use athar_types::Day;
use schemars::JsonSchema;
use serde::Serialize;

/// The answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was listed.
    Yes,
    /// It was not listed.
    No,
    /// Nothing imported says.
    Unknown,
}

/// The answer with its reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Listed {
    /// The list.
    pub list: String,
    /// The reference asked for.
    pub id: String,
    /// The day asked for.
    #[schemars(with = "String")]
    pub day: Day,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: String,
    /// The name of the entry in the newest version that has it.
    pub name: Option<String>,
    /// What each imported version says, the oldest first.
    pub evidence: Vec<Presence>,
}

/// What one version says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Presence {
    /// The version.
    pub version: String,
    /// Its day; `None`: unknown.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// Whether the entry stands in it.
    pub present: bool,
    /// The day of listing that it gives.
    #[schemars(with = "Option<String>")]
    pub listed_on: Option<Day>,
    /// The day of delisting that it gives.
    #[schemars(with = "Option<String>")]
    pub delisted_on: Option<Day>,
}

impl ListStore {
    /// Whether the entry `id` was on `list` on `day`.
    ///
    /// # Errors
    /// No version of the list was imported, or one cannot be read.
    pub fn listed_on(&self, list: &str, id: &str, day: Day) -> Result<Listed, ListError> {
        let versions = self.versions(list);
        if versions.is_empty() {
            return Err(ListError::NoSuch { what: list.into() });
        }
        let (mut evidence, mut name) = (Vec::new(), None);
        for version in versions {
            let loaded = self.load(&version.version)?;
            let entry: Option<&ListEntry> = loaded.entries.iter().find(|e| e.id == id);
            if let Some(entry) = entry {
                name = entry.primary_name().map(str::to_owned);
            }
            evidence.push(Presence {
                version: version.version.clone(),
                as_of: version.info.as_of,
                present: entry.is_some(),
                listed_on: entry.and_then(|e| e.listed_on),
                delisted_on: entry.and_then(|e| e.delisted_on),
            });
        }
        let (answer, reason) = judge(&evidence, day);
        Ok(Listed { list: list.into(), id: id.into(), day, answer, reason, name, evidence })
    }
}

/// The answer from what the versions say.
fn judge(evidence: &[Presence], day: Day) -> (Answer, String) {
    let is_on = |p: &Presence| p.present && p.delisted_on.is_none_or(|out| p.as_of.is_none_or(|of| of < out));
    // the version of that very day speaks first; of several, the last imported
    if let Some(p) = evidence.iter().rev().find(|p| p.as_of == Some(day)) {
        return if is_on(p) {
            (Answer::Yes, "it stands in the version of that day".into())
        } else if p.present {
            (Answer::No, "the version of that day gives it as delisted".into())
        } else {
            (Answer::No, "it does not stand in the version of that day".into())
        };
    }
    let with = || evidence.iter().filter(|p| p.present);
    if with().next().is_none() {
        return (Answer::Unknown, "it stands in no imported version, and none is of that day".into());
    }
    // what the newest version says of a date is the source's last word
    let listed = with().filter_map(|p| p.listed_on).next_back();
    let earliest = with().filter_map(|p| p.listed_on).min();
    let delisted = with().filter_map(|p| p.delisted_on).next_back();
    if let Some(out) = delisted.filter(|out| *out <= day) {
        let later = with().any(|p| p.as_of.is_some_and(|of| of > out) && p.delisted_on.is_none());
        if !later {
            return (Answer::No, format!("the source gives {out} as the day of its delisting"));
        }
    }
    if let Some(first) = earliest.filter(|first| day < *first) {
        let before = evidence.iter().any(|p| p.present && p.as_of.is_some_and(|of| of <= day));
        if !before {
            return (Answer::No, format!("the source gives {first} as the day of its listing"));
        }
    }
    let after = evidence.iter().find(|p| p.as_of.is_some_and(|of| of > day));
    let before = evidence.iter().rev().find(|p| p.as_of.is_some_and(|of| of < day));
    let of = |p: &Presence| p.as_of.map(|d| d.to_string()).unwrap_or_default();
    // listed by the source's own date, and still there in a later version that gives the same date
    if let Some(since) = listed.filter(|since| *since <= day)
        && let Some(later) = after.filter(|p| is_on(p) && p.listed_on == Some(since))
        && !evidence.iter().any(|p| !is_on(p) && p.as_of.is_some_and(|of| of >= since && of < day))
    {
        return (
            Answer::Yes,
            format!(
                "the source gives {since} as the day of its listing, and it stands in the version of {}",
                of(later)
            ),
        );
    }
    if let (Some(since), Some(out)) = (listed, delisted)
        && since <= day
        && day < out
    {
        return (
            Answer::Yes,
            format!("the source gives {since} as the day of its listing and {out} as that of its delisting"),
        );
    }
    let reason = match (before, after) {
        (Some(b), Some(a)) if is_on(b) && is_on(a) => {
            format!("it stands in the versions of {} and {}, but nothing says that it stood between them", of(b), of(a))
        }
        (Some(b), Some(a)) if is_on(a) => format!(
            "it is not in the version of {} and is in that of {}; the source does not give the day of its listing",
            of(b),
            of(a)
        ),
        (Some(b), Some(a)) if is_on(b) => format!(
            "it is in the version of {} and not in that of {}; nothing says on which day between them it went",
            of(b),
            of(a)
        ),
        (Some(b), None) => format!("the newest version with a day is of {}, before the day asked for", of(b)),
        (None, Some(a)) => format!("the oldest version with a day is of {}, after the day asked for", of(a)),
        (Some(b), Some(a)) => format!(
            "it is neither in the version of {} nor in that of {}, and nothing says what was between",
            of(b),
            of(a)
        ),
        (None, None) => "no imported version has a day".into(),
    };
    (Answer::Unknown, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn at(as_of: &str, present: bool, listed_on: Option<&str>, delisted_on: Option<&str>) -> Presence {
        let as_of = as_of.parse().ok();
        Presence {
            version: String::new(),
            as_of,
            present,
            listed_on: listed_on.map(day),
            delisted_on: delisted_on.map(day),
        }
    }

    #[test]
    fn a_day_is_answered_from_versions_and_the_sources_own_dates_alone() {
        let silent = [
            at("2020-01-10", false, None, None),
            at("2020-02-10", true, None, None),
            at("2020-03-10", true, None, None),
            at("2020-04-10", false, None, None),
        ];
        let says = |evidence: &[Presence], text: &str| judge(evidence, day(text)).0;
        assert_eq!(says(&silent, "2020-01-10"), Answer::No);
        assert_eq!(says(&silent, "2020-02-10"), Answer::Yes);
        for open in ["2020-01-01", "2020-01-20", "2020-02-20", "2020-03-20", "2020-05-01"] {
            assert_eq!(says(&silent, open), Answer::Unknown, "{open}");
        }
        let dated = [at("2020-01-10", false, None, None), at("2020-02-10", true, Some("2020-01-20"), None)];
        assert_eq!(says(&dated, "2020-01-15"), Answer::No);
        assert_eq!(says(&dated, "2020-01-20"), Answer::Yes);
        assert_eq!(says(&dated, "2020-02-11"), Answer::Unknown);
        let delisted = [at("2021-01-01", true, Some("2019-05-01"), Some("2020-06-01"))];
        assert_eq!(says(&delisted, "2019-04-30"), Answer::No);
        assert_eq!(says(&delisted, "2020-05-31"), Answer::Yes);
        assert_eq!(says(&delisted, "2020-06-01"), Answer::No);
        assert_eq!(says(&delisted, "2021-01-01"), Answer::No);
        // listed, gone and listed again: the source's date of the first listing does not cover the gap
        let again = [
            at("2020-01-10", true, Some("2019-01-01"), None),
            at("2020-02-10", false, None, None),
            at("2020-04-10", true, Some("2019-01-01"), None),
        ];
        assert_eq!(says(&again, "2020-03-01"), Answer::Unknown);
        assert_eq!(says(&again, "2019-06-01"), Answer::Yes);
        // without a day of the version, and without any version
        assert_eq!(says(&[at("", true, None, None)], "2020-01-01"), Answer::Unknown);
        assert_eq!(says(&[at("", true, Some("2021-01-01"), None)], "2020-01-01"), Answer::No);
        assert_eq!(says(&[], "2020-01-01"), Answer::Unknown);
    }
}
