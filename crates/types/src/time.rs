//! Time as block headers give it, and calendar days.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Seconds since 1970-01-01T00:00:00Z, as in a block header. A miner's claim: it may be two hours off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u32);

impl UnixTime {
    /// The UTC day that holds this second.
    pub const fn day(self) -> Day {
        Day((self.0 / 86_400) as i32)
    }
}

/// Shown as `2019-06-30T12:00:00Z`.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 % 86_400;
        f.pad(&format!("{}T{:02}:{:02}:{:02}Z", self.day(), s / 3600, s / 60 % 60, s % 60))
    }
}

/// A UTC calendar day, as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Day(pub i32);

impl Day {
    /// The day of a Gregorian date, or `None` where there is no such date.
    ///
    /// Formula: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(-9999..=9999).contains(&year) {
            return None;
        }
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let found = Self(era * 146_097 + day_of_era - 719_468);
        // refuses 30 February and its like
        (found.ymd() == (year, month, day)).then_some(found)
    }

    /// Year, month (1-12) and day of month (1-31).
    ///
    /// Formula: as [`Self::from_ymd`], `civil_from_days`.
    pub const fn ymd(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        (yoe + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
    }
}

/// Shown as `2019-06-30`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        f.pad(&format!("{y:04}-{m:02}-{d:02}"))
    }
}

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a date of the form YYYY-MM-DD";
        let ok = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| match i {
                4 | 7 => b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !ok {
            return Err(wrong);
        }
        let part = |r: std::ops::Range<usize>| text[r].parse::<u32>().map_err(|_| wrong);
        Self::from_ymd(part(0..4)? as i32, part(5..7)?, part(8..10)?).ok_or(wrong)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_over_four_centuries() {
        for day in -100_000..100_000 {
            let (y, m, d) = Day(day).ymd();
            assert_eq!(Day::from_ymd(y, m, d), Some(Day(day)));
        }
        assert_eq!(Day(0).to_string(), "1970-01-01");
        assert_eq!("2020-02-29".parse(), Ok(Day(18_321)));
        for bad in ["2019-02-29", "2019-13-01", "2019-1-01", "2019/01/01", "", "２０１９-01-01"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
        assert_eq!(UnixTime(1_231_006_505).to_string(), "2009-01-03T18:15:05Z");
    }
}
