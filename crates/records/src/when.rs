//! Times, always with their zone.
//!
//! A time without one is refused unless whoever imports says which zone the file is in: a few hours decide whether money was moved on
//! within a day. Zones come from the built-in copy of the IANA database, so that the same file gives the same times on every machine.

use crate::reason::Reason;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, fmt::strtime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment and the zone it was told in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct When {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Seconds that its clock was ahead of UTC.
    pub offset: i32,
}

/// The last second of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.seconds + i64::from(self.offset);
        let day = athar_types::Day(local.div_euclid(86_400) as i32);
        let s = local.rem_euclid(86_400);
        let zone = match self.offset {
            0 => "Z".into(),
            o => format!("{}{:02}:{:02}", if o < 0 { '-' } else { '+' }, o.abs() / 3600, o.abs() / 60 % 60),
        };
        f.pad(&format!("{day}T{:02}:{:02}:{:02}{zone}", s / 3600, s / 60 % 60, s % 60))
    }
}

impl From<When> for String {
    fn from(when: When) -> Self {
        when.to_string()
    }
}

impl TryFrom<String> for When {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Clock::default().read(&text).map_err(|why| why.said().en)
    }
}

/// How the times of a file are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// The zone of times that name none.
    zone: Option<TimeZone>,
    /// A pattern of `strftime`.
    format: Option<String>,
}

impl Clock {
    /// `zone`: a name of the IANA database (`Europe/Paris`), `UTC`, or an offset (`+02:00`). `format`: a pattern of `strftime`; without one
    /// RFC 3339 and its likes and Unix seconds are read.
    pub(crate) fn new(zone: Option<&str>, format: Option<&str>) -> Result<Self, String> {
        let zone = zone.map(|name| zone_of(name).ok_or_else(|| format!("no such zone: {name}"))).transpose()?;
        Ok(Self { zone, format: format.map(str::to_owned) })
    }

    /// Reads a time.
    pub(crate) fn read(&self, text: &str) -> Result<When, Reason> {
        const WRONG: Reason = Reason::TimeForm;
        let text = text.trim();
        if text.len() > 64 {
            return Err(WRONG);
        }
        let (local, offset) = match &self.format {
            Some(format) => {
                let parts = strtime::parse(format, text).map_err(|_| Reason::TimeOfMap)?;
                if let Ok(stamp) = parts.to_timestamp() {
                    let offset = parts.offset().map_or(0, jiff::tz::Offset::seconds);
                    return within(stamp.as_second(), offset);
                }
                (parts.to_datetime().map_err(|_| Reason::TimeParts)?, None)
            }
            None if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                let seconds: i64 = text.parse().map_err(|_| WRONG)?;
                // 13 digits are milliseconds, as many programs write them
                let seconds = if text.len() == 13 { seconds / 1_000 } else { seconds };
                return within(seconds, 0);
            }
            None => {
                let (local, offset) = split_zone(text);
                (local.replacen(' ', "T", 1).parse::<DateTime>().map_err(|_| WRONG)?, offset)
            }
        };
        if let Some(offset) = offset {
            let seconds = jiff::tz::Offset::from_seconds(offset)
                .and_then(|o| o.to_timestamp(local))
                .map_err(|_| WRONG)?
                .as_second();
            return within(seconds, offset);
        }
        let zone = self.zone.as_ref().ok_or(Reason::NoZone)?;
        match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => stamp(offset, local),
            AmbiguousOffset::Gap { .. } => Err(Reason::PutForward),
            // an hour that was twice: the first, and nobody can know better
            AmbiguousOffset::Fold { before, .. } => stamp(before, local),
        }
    }
}

fn stamp(offset: jiff::tz::Offset, local: DateTime) -> Result<When, Reason> {
    let at: Timestamp = offset.to_timestamp(local).map_err(|_| Reason::TimeRange)?;
    within(at.as_second(), offset.seconds())
}

fn within(seconds: i64, offset: i32) -> Result<When, Reason> {
    if (0..=SECONDS_MAX).contains(&seconds) { Ok(When { seconds, offset }) } else { Err(Reason::TimeYears) }
}

fn zone_of(name: &str) -> Option<TimeZone> {
    if let (_, Some(offset)) = split_zone(&format!("T{name}")) {
        return Some(jiff::tz::Offset::from_seconds(offset).ok()?.to_time_zone());
    }
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

/// A time and the offset at its end: `Z`, `+02:00`, `+0200` or `+02`.
fn split_zone(text: &str) -> (&str, Option<i32>) {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return (local.trim_end(), Some(0));
    }
    // a sign after the time of day; those before stand in the date
    let Some(from) = text.find(['T', 't', ' ']) else { return (text, None) };
    let Some(at) = text[from..].rfind(['+', '-']).map(|at| from + at) else { return (text, None) };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return (text, None);
    }
    let number = |part: &str| part.parse::<i32>().unwrap_or(99);
    let (hours, minutes) = (number(&digits[..2]), digits.get(2..).filter(|m| !m.is_empty()).map_or(0, number));
    if hours > 15 || minutes > 59 {
        return (text, None);
    }
    let offset = hours * 3_600 + minutes * 60;
    (text[..at].trim_end(), Some(if text.as_bytes()[at] == b'-' { -offset } else { offset }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: Option<&str>, format: Option<&str>) -> Result<String, String> {
        let when = Clock::new(zone, format)?.read(text).map_err(|why| why.said().en)?;
        Ok(format!("{} {when}", when.seconds))
    }

    #[test]
    fn times_keep_their_zone() {
        // date -u -d '2020-09-29T10:00:00Z' +%s
        const AT: &str = "1601373600";
        for (text, zone, format, shown) in [
            ("2020-09-29T10:00:00Z", None, None, "2020-09-29T10:00:00Z"),
            ("2020-09-29 12:00:00+02:00", None, None, "2020-09-29T12:00:00+02:00"),
            ("2020-09-29T12:00:00.250+0200", None, None, "2020-09-29T12:00:00+02:00"),
            ("2020-09-29T04:30:00-05:30", None, None, "2020-09-29T04:30:00-05:30"),
            ("2020-09-29 12:00:00", Some("Europe/Paris"), None, "2020-09-29T12:00:00+02:00"),
            ("2020-09-29T13:00", Some("+03:00"), None, "2020-09-29T13:00:00+03:00"),
            ("29/09/2020 12:00", Some("Europe/Paris"), Some("%d/%m/%Y %H:%M"), "2020-09-29T12:00:00+02:00"),
            ("29.09.2020 10:00:00 +0000", None, Some("%d.%m.%Y %H:%M:%S %z"), "2020-09-29T10:00:00Z"),
            (AT, None, None, "2020-09-29T10:00:00Z"),
            ("1601373600000", None, None, "2020-09-29T10:00:00Z"),
        ] {
            assert_eq!(read(text, zone, format).unwrap(), format!("{AT} {shown}"), "{text}");
        }
        // in winter Paris is one hour ahead
        assert!(read("2020-12-01 00:30", Some("Europe/Paris"), None).unwrap().ends_with("+01:00"));
        let when = Clock::default().read("2020-09-29T04:30:00-05:30").unwrap();
        assert_eq!(serde_json::from_str::<When>(&serde_json::to_string(&when).unwrap()).unwrap(), when);
    }

    #[test]
    fn a_time_that_could_be_another_is_refused() {
        for (text, zone, why) in [
            ("2020-09-29 12:00:00", None, "names no zone"),
            ("2020-03-29 02:30:00", Some("Europe/Paris"), "put forward"),
            ("2020-02-30T00:00:00Z", None, "not in a form"),
            ("1969-12-31T23:59:59Z", None, "between 1970"),
            ("yesterday", None, "not in a form"),
            ("", None, "not in a form"),
            ("2020-09-29", None, "names no zone"),
        ] {
            let error = read(text, zone, None).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Clock::new(Some("Mars/Olympus"), None).is_err());
        // the hour that was twice: the first of the two
        assert!(read("2020-10-25 02:30:00", Some("Europe/Paris"), None).unwrap().ends_with("+02:00"));
    }
}
