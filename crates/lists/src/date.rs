//! Dates as lists write them: whole, or as much of them as is known.

use athar_types::Day;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A year, a month of a year, or a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PartialDay {
    /// The year, 1 to 9999.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month; only where the month is known.
    pub day: Option<u8>,
}

impl PartialDay {
    /// A year alone.
    pub fn of_year(year: u16) -> Option<Self> {
        (1..=9999).contains(&year).then_some(Self { year, month: None, day: None })
    }

    /// A month of a year.
    pub fn of_month(year: u16, month: u32) -> Option<Self> {
        let valid = (1..=9999).contains(&year) && (1..=12).contains(&month);
        valid.then_some(Self { year, month: Some(month as u8), day: None })
    }

    /// A day; `None` where there is no such date.
    pub fn of_day(year: u16, month: u32, day: u32) -> Option<Self> {
        Day::from_ymd(i32::from(year), month, day)?;
        (year > 0).then_some(Self { year, month: Some(month as u8), day: Some(day as u8) })
    }

    /// The whole day, where it is known.
    pub fn day(self) -> Option<Day> {
        Day::from_ymd(i32::from(self.year), u32::from(self.month?), u32::from(self.day?))
    }
}

/// Shown as `1964-07-17`, `1964-07` or `1964`.
impl fmt::Display for PartialDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{:04}", self.year);
        for part in [self.month, self.day].into_iter().flatten() {
            text.push_str(&format!("-{part:02}"));
        }
        f.pad(&text)
    }
}

impl FromStr for PartialDay {
    type Err = &'static str;

    /// Reads `1964-07-17`, `1964-07` or `1964`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a date of the form YYYY, YYYY-MM or YYYY-MM-DD";
        let digits = |t: &str, len: usize| {
            (t.len() == len && t.bytes().all(|b| b.is_ascii_digit()))
                .then(|| t.parse::<u32>().ok())
                .flatten()
                .ok_or(wrong)
        };
        let parts: Vec<&str> = text.split('-').collect();
        match parts[..] {
            [y] => Self::of_year(digits(y, 4)? as u16),
            [y, m] => Self::of_month(digits(y, 4)? as u16, digits(m, 2)?),
            [y, m, d] => Self::of_day(digits(y, 4)? as u16, digits(m, 2)?, digits(d, 2)?),
            _ => None,
        }
        .ok_or(wrong)
    }
}

impl Serialize for PartialDay {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDay {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads a date in the ways lists write one: ISO with or without a time of day, `17/07/1964` and `17.7.1964` (day first),
/// `17 Jul 1964`, `Jul 1964`, `1964`. `00` for day or month, as the UK writes it, is an unknown one. `None`: none of these.
pub(crate) fn date(text: &str) -> Option<PartialDay> {
    let text = text.trim();
    let iso = match text.get(..10) {
        Some(head) if matches!(text.as_bytes().get(10), None | Some(b'T' | b' ' | b'+' | b'-' | b'Z')) => head,
        _ => text,
    };
    if let Ok(found) = iso.parse() {
        return Some(found);
    }
    let parts: Vec<&str> = text.split(['/', '.', ' ']).filter(|p| !p.is_empty()).collect();
    let year = |t: &str| (t.len() == 4).then(|| t.parse::<u16>().ok()).flatten();
    let number = |t: &str| match t {
        // how the UK writes a part that is not known
        "dd" | "mm" => Some(0),
        t if t.len() <= 2 && t.bytes().all(|b| b.is_ascii_digit()) => t.parse::<u32>().ok(),
        _ => None,
    };
    match parts[..] {
        [d, m, y] => {
            let (y, m) = (year(y)?, number(m).or_else(|| month(m))?);
            match (number(d)?, m) {
                (_, 0) => PartialDay::of_year(y),
                (0, m) => PartialDay::of_month(y, m),
                (d, m) => PartialDay::of_day(y, m, d),
            }
        }
        [m, y] => PartialDay::of_month(year(y)?, month(m)?),
        _ => None,
    }
}

/// A whole day in the ways of [`date`].
pub(crate) fn day(text: &str) -> Option<Day> {
    date(text)?.day()
}

fn month(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.to_lowercase();
    let found = MONTHS.iter().position(|m| text.starts_with(m))?;
    Some(found as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_lists_write_them_and_nothing_is_filled_in() {
        for (text, expected) in [
            ("1964-07-17", "1964-07-17"),
            ("2020-11-30T20:31:19.923-05:00", "2020-11-30"),
            ("2002-03-22+01:00", "2002-03-22"),
            ("2015-04-14-04:00", "2015-04-14"),
            ("6.10.2001", "2001-10-06"),
            ("17/07/1964", "1964-07-17"),
            ("00/00/1964", "1964"),
            ("00/07/1964", "1964-07"),
            ("dd/mm/1964", "1964"),
            ("17 Jul 1964", "1964-07-17"),
            ("Sept 1964", "1964-09"),
            ("1964", "1964"),
        ] {
            assert_eq!(date(text).unwrap().to_string(), expected, "{text}");
        }
        for bad in ["", "29 years old", "31/02/1964", "July", "0000", "1964-13", "07/1964", "1964-07-17x"] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(day("Jul 1964"), None);
    }
}
