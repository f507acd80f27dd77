//! Times as archives and exports write them.
//!
//! Only what an export really says becomes a [`Moment`]: a time without a zone keeps its clock reading and says that the zone is not
//! known. Times before 1970 or after 2106 are none.

use crate::Moment;
use athar_types::{Day, UnixTime};

/// A clock reading on a day, `offset` seconds ahead of UTC.
pub(crate) fn civil(date: (i32, u32, u32), clock: (u32, u32, u32), offset: i64) -> Option<UnixTime> {
    let day = Day::from_ymd(date.0, date.1, date.2)?;
    let (hour, minute, second) = clock;
    // 60: a leap second
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = i64::from(day.0) * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - offset;
    u32::try_from(seconds).ok().map(UnixTime)
}

/// A time of RFC 3339 and its looser relatives: `2023-01-02T03:04:05.678+03:30`, a space in place of the `T`, no seconds, no zone,
/// or a date alone (its midnight, zone not known).
pub(crate) fn iso(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split(['-', '/', '.']);
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    let date = (i32::try_from(year).ok()?, month, day);
    if rest.is_empty() {
        return Some(Moment { time: civil(date, (0, 0, 0), 0)?, zone_known: false });
    }
    let rest = rest.strip_prefix(['T', 't', ' ', ','])?.trim_start();
    let clock_len = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (clock, rest) = rest.split_at(clock_len);
    let mut parts = clock.split(':');
    let clock = (
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
        match parts.next() {
            Some(second) => number(second, 2)?,
            None => 0,
        },
    );
    // fractions of a second are dropped
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let rest = rest.trim();
    let rest = rest
        .strip_suffix("UTC")
        .or_else(|| rest.strip_suffix("GMT"))
        .map_or(rest, |r| if r.is_empty() { "Z" } else { r });
    let (offset, zone_known) = if rest.is_empty() { (0, false) } else { (zone(rest)?, true) };
    Some(Moment { time: civil(date, clock, offset)?, zone_known })
}

/// Seconds ahead of UTC of `Z`, `+03:00`, `-0330`, `+3`.
pub(crate) fn zone(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    (hours <= 14 && minutes <= 59).then_some(sign * i64::from(hours * 3600 + minutes * 60))
}

/// A time as digits: `20140216050221`, or its first parts. Web archives give UTC. Digits past the fourteenth are dropped.
pub(crate) fn digits14(text: &str) -> Option<UnixTime> {
    if text.len() < 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).map_or(Some(0), |t| t.parse::<u32>().ok());
    let date = (i32::try_from(part(0, 4)?).ok()?, part(4, 6)?, part(6, 8)?);
    civil(date, (part(8, 10)?, part(10, 12)?, part(12, 14)?), 0)
}

/// Seconds, milliseconds or microseconds since 1970: which, its size tells. 10 digits are seconds until the year 2286.
pub(crate) fn unix(number: f64) -> Option<Moment> {
    let seconds = match number {
        n if !n.is_finite() || n < 1.0 => return None,
        n if n < 1e11 => n,
        n if n < 1e14 => n / 1e3,
        n => n / 1e6,
    };
    let seconds = seconds.floor();
    (seconds <= f64::from(u32::MAX)).then_some(Moment { time: UnixTime(seconds as u32), zone_known: true })
}

/// A number of 1 to `digits_max` ASCII digits.
fn number(text: &str, digits_max: usize) -> Option<u32> {
    let fits = !text.is_empty() && text.len() <= digits_max && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_a_zone_is_taken_to_utc_and_one_without_says_so() {
        let told = |text| iso(text).map(|m| (m.time.to_string(), m.zone_known));
        assert_eq!(told("2023-01-02T03:04:05Z"), Some(("2023-01-02T03:04:05Z".into(), true)));
        assert_eq!(told("2023-01-02T03:04:05.123456+03:30"), Some(("2023-01-01T23:34:05Z".into(), true)));
        assert_eq!(told("2023-01-02 03:04:05 -0500"), Some(("2023-01-02T08:04:05Z".into(), true)));
        assert_eq!(told("2023-01-02 03:04"), Some(("2023-01-02T03:04:00Z".into(), false)));
        assert_eq!(told("2023-01-02"), Some(("2023-01-02T00:00:00Z".into(), false)));
        assert_eq!(told("2023-01-02 03:04:05 UTC"), Some(("2023-01-02T03:04:05Z".into(), true)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2023",
            "2023-02-30",
            "2023-13-01T00:00:00Z",
            "2023-01-02T25:00:00Z",
            "1969-12-31T23:59:59Z",
            "2023-01-02T03:04:05+99:00",
            "yesterday!",
            "2023-01-02Tab:cd",
            "٢٠٢٣-٠١-٠٢",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
        assert_eq!(digits14("20140299000000"), None);
        assert_eq!(unix(f64::NAN), None);
        assert_eq!(unix(-5.0), None);
        assert_eq!(unix(1e40), None);
    }

    #[test]
    fn numbers_are_seconds_milliseconds_or_microseconds_by_their_size() {
        for number in [1_700_000_000.0, 1_700_000_000_123.0, 1_700_000_000_123_456.0] {
            assert_eq!(unix(number).map(|m| m.time), Some(UnixTime(1_700_000_000)));
        }
        assert_eq!(digits14("20140216050221").map(|t| t.to_string()), Some("2014-02-16T05:02:21Z".into()));
        assert_eq!(digits14("201404010000000000").map(|t| t.to_string()), Some("2014-04-01T00:00:00Z".into()));
    }
}
