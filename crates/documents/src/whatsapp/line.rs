//! The beginning of a line that begins a message: its date and time, as phones of many countries write them.
//!
//! Known forms are `[31/12/2020, 23:59:59] Name: text` (iOS), `31/12/20, 23:59 - Name: text` (Android) and
//! `31/12/2013 23:59:59: Name: text` (iOS before 2016), with the separators, digits, half-day words, spaces and marks of direction of
//! the phone's language. What the three numbers of a date mean is not decided here.

use super::words;

/// Characters of the beginning that are looked at.
const BEGIN_CHARS_MAX: usize = 80;

/// A time of day as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Clock {
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
}

/// A half of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    Morning,
    Afternoon,
    /// A word that is not known: the hour may be 12 too few.
    Unknown,
}

/// The beginning of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Begin {
    /// The numbers of the date, as they stand.
    pub(crate) date: [u32; 3],
    /// Which of them is written with four digits.
    pub(crate) long_year: Option<usize>,
    pub(crate) clock: Clock,
    pub(crate) half: Option<Half>,
    /// Whether the half of the day is written `AM` or `PM`, as the United States do.
    pub(crate) capital_half: bool,
    /// Whether it is in brackets.
    pub(crate) bracketed: bool,
    /// Where in the line the author, or the notice, begins.
    pub(crate) rest: usize,
}

/// Marks of direction and joining, which stand anywhere.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// The value of a digit of the scripts that phones write dates with.
fn digit(c: char) -> Option<u32> {
    // the ten digits of each script stand in a row
    const ZEROS: [char; 8] = [
        '0', '\u{660}', '\u{6f0}', '\u{966}', // Latin, Arabic, Persian, Devanagari
        '\u{9e6}', '\u{1040}', '\u{e50}', '\u{ff10}', // Bengali, Burmese, Thai, full width
    ];
    ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10))
}

fn is_blank(c: char) -> bool {
    c == '\t' || (c.is_whitespace() && c != '\n' && c != '\r')
}

/// The characters of a line that are not marks, with their places.
struct Chars<'a> {
    chars: Vec<(usize, char)>,
    at: usize,
    line: &'a str,
}

impl Chars<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|c| wanted(*c))?;
        self.at += 1;
        Some(c)
    }

    fn blanks(&mut self) {
        while self.take(is_blank).is_some() {}
    }

    /// A number of at most `digits_max` digits, and how many it has.
    fn number(&mut self, digits_max: usize) -> Option<(u32, usize)> {
        let (mut value, mut count) = (0, 0);
        while let Some(next) = self.peek().and_then(digit) {
            (value, count) = (value * 10 + next, count + 1);
            self.at += 1;
            if count > digits_max {
                return None;
            }
        }
        (count > 0).then_some((value, count))
    }

    /// Where in the line the next character stands.
    fn place(&self) -> usize {
        self.chars.get(self.at).map_or(self.line.len(), |(at, _)| *at)
    }
}

/// Reads the beginning of a line; `None` where it begins no message.
pub(crate) fn begin(line: &str) -> Option<Begin> {
    // most lines go on with a message, and are told by their first character
    let first = line.chars().find(|c| !is_mark(*c))?;
    if first != '[' && digit(first).is_none() {
        return None;
    }
    let kept: Vec<(usize, char)> = line.char_indices().filter(|(_, c)| !is_mark(*c)).take(BEGIN_CHARS_MAX).collect();
    let mut chars = Chars { chars: kept, at: 0, line };
    let bracketed = chars.take(|c| c == '[').is_some();
    chars.blanks();
    let (date, long_year) = date(&mut chars)?;
    // `12/31/20, `, `31.12.20 `, `31/12/20 à `, `2020. 12. 31. `
    let before = chars.at;
    chars.take(|c| c == '.');
    chars.take(|c| matches!(c, ',' | '\u{60c}'));
    chars.blanks();
    // `2020-12-31T23:59` is of a log
    if chars.at == before {
        return None;
    }
    let mut half = word(&mut chars).and_then(|word| words::half(&word).map(|half| (half, word)));
    chars.blanks();
    let (clock, seconds) = clock(&mut chars)?;
    let from = chars.at;
    let rest = end(&mut chars, bracketed, seconds)?;
    let between: String = chars.chars[from..rest.0].iter().map(|(_, c)| *c).collect();
    let between = between.trim();
    if !between.is_empty() {
        // a word behind the time is its half of the day, or this is no message
        let fits = between.chars().count() <= 16
            && between.split_whitespace().count() <= 2
            && between.chars().all(|c| !c.is_ascii_digit() && !"/:[]<>@".contains(c));
        if !fits || half.is_some() {
            return None;
        }
        half = Some((words::half(between).unwrap_or(Half::Unknown), between.to_owned()));
    }
    let capital_half = half.as_ref().is_some_and(|(_, word)| matches!(&**word, "AM" | "PM"));
    let half = half.map(|(half, _)| half);
    Some(Begin { date, long_year, clock, half, capital_half, bracketed, rest: rest.1 })
}

fn date(chars: &mut Chars<'_>) -> Option<([u32; 3], Option<usize>)> {
    let mut date = [0; 3];
    let mut long_year = None;
    for (i, part) in date.iter_mut().enumerate() {
        if i > 0 {
            chars.blanks();
            chars.take(|c| matches!(c, '/' | '.' | '-' | '\u{60d}' | '\u{5be}' | '年' | '月'))?;
            chars.blanks();
        }
        let (value, digits) = chars.number(4)?;
        match digits {
            4 => long_year = Some(i),
            3 => return None,
            _ => {}
        }
        *part = value;
    }
    chars.take(|c| c == '日');
    Some((date, long_year))
}

/// A short word between the date and the time: `à`, `um`, or a half of the day.
fn word(chars: &mut Chars<'_>) -> Option<String> {
    let mut word = String::new();
    while let Some(c) = chars.peek().filter(|c| digit(*c).is_none() && !matches!(c, ':' | ']' | '-' | '[')) {
        word.push(c);
        chars.at += 1;
        if word.len() > 40 {
            return None;
        }
    }
    Some(word.trim().to_owned()).filter(|word| !word.is_empty())
}

fn clock(chars: &mut Chars<'_>) -> Option<(Clock, bool)> {
    let colon = |c| matches!(c, ':' | '.' | '\u{2236}' | '\u{ff1a}' | '時' | '时');
    let (hour, _) = chars.number(2)?;
    chars.take(colon)?;
    let (minute, digits) = chars.number(2)?;
    if digits != 2 {
        return None;
    }
    let mut second = 0;
    let before = chars.at;
    let seconds = chars.take(colon).is_some() && chars.peek().and_then(digit).is_some();
    if seconds {
        second = chars.number(2)?.0;
    } else {
        chars.at = before;
    }
    (hour < 25 && minute < 60 && second < 61).then_some((Clock { hour, minute, second }, seconds))
}

/// Finds what ends the beginning: where in the characters it stands, and where the rest of the line begins.
fn end(chars: &mut Chars<'_>, bracketed: bool, seconds: bool) -> Option<(usize, usize)> {
    loop {
        let at = chars.at;
        let c = chars.peek()?;
        let next = chars.chars.get(at + 1).map(|(_, c)| *c);
        chars.at += 1;
        let ended = if bracketed {
            c == ']'
        } else {
            let dash = matches!(c, '-' | '\u{2013}') && next.is_none_or(is_blank);
            // the old form of iOS, which always told seconds
            dash || (seconds && c == ':' && next.is_none_or(is_blank))
        };
        if ended {
            chars.take(is_blank);
            return Some((at, chars.place()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Date, hour, minute, second, half, and the rest.
    fn told(line: &str) -> Option<([u32; 3], (u32, u32, u32), Option<Half>, &str)> {
        let begin = begin(line)?;
        let clock = begin.clock;
        Some((begin.date, (clock.hour, clock.minute, clock.second), begin.half, &line[begin.rest..]))
    }

    #[test]
    fn beginnings_of_many_locales_are_read() {
        use Half::{Afternoon, Morning};
        let cases = [
            ("[31/12/2020, 23:59:58] A: x", [31, 12, 2020], (23, 59, 58), None),
            ("\u{200e}[12/31/20, 11:59:58\u{202f}PM] A: x", [12, 31, 20], (11, 59, 58), Some(Afternoon)),
            ("12/31/20, 11:59 PM - A: x", [12, 31, 20], (11, 59, 0), Some(Afternoon)),
            ("31/12/20, 11:59 a. m. - A: x", [31, 12, 20], (11, 59, 0), Some(Morning)),
            ("31/12/2020, 11:59 p.\u{a0}m. - A: x", [31, 12, 2020], (11, 59, 0), Some(Afternoon)),
            ("31.12.20, 23:59 - A: x", [31, 12, 20], (23, 59, 0), None),
            ("31.12.2020 23:59 - A: x", [31, 12, 2020], (23, 59, 0), None),
            ("31/12/2020 à 23:59 - A: x", [31, 12, 2020], (23, 59, 0), None),
            ("31-12-2020 23:59 - A: x", [31, 12, 2020], (23, 59, 0), None),
            ("2020-12-31, 23:59 - A: x", [2020, 12, 31], (23, 59, 0), None),
            ("2020/12/31 23:59 - A: x", [2020, 12, 31], (23, 59, 0), None),
            ("2020. 12. 31. 오후 11:59 - A: x", [2020, 12, 31], (11, 59, 0), Some(Afternoon)),
            ("2020. 12. 31. 23:59 - A: x", [2020, 12, 31], (23, 59, 0), None),
            ("[2020/12/31 下午11:59:58] A: x", [2020, 12, 31], (11, 59, 58), Some(Afternoon)),
            ("31.12.2020 ÖS 11:59 - A: x", [31, 12, 2020], (11, 59, 0), Some(Afternoon)),
            ("[31.12.2020 11:59:58 ÖÖ] A: x", [31, 12, 2020], (11, 59, 58), Some(Morning)),
            ("[٣١/١٢/٢٠٢٠، ١١:٥٩:٥٨ م] A: x", [31, 12, 2020], (11, 59, 58), Some(Afternoon)),
            ("\u{200f}٣١\u{200f}/١٢\u{200f}/٢٠٢٠، ١١:٥٩ ص - A: x", [31, 12, 2020], (11, 59, 0), Some(Morning)),
            ("۱۳۹۹/۱۰/۱۱،\u{200f} ۱۱:۵۹ ب.ظ. - A: x", [1399, 10, 11], (11, 59, 0), Some(Afternoon)),
            ("۲۰۲۰/۱۲/۳۱،\u{a0}۱۱:۵۹\u{a0}ق.ظ - A: x", [2020, 12, 31], (11, 59, 0), Some(Morning)),
            ("31.12.2020, 23:59 - \u{202b}A\u{202c}: x", [31, 12, 2020], (23, 59, 0), None),
            ("[31.12.2020, 11:59:58 אחה״צ] A: x", [31, 12, 2020], (11, 59, 58), Some(Afternoon)),
            ("31.12.20 23.59 - A: x", [31, 12, 20], (23, 59, 0), None),
            ("31/12/2013 23:59:58: A: x", [31, 12, 2013], (23, 59, 58), None),
            ("[31/12/20, 11:59:58 xyz] A: x", [31, 12, 20], (11, 59, 58), Some(Half::Unknown)),
        ];
        for (line, date, clock, half) in cases {
            let Some(found) = told(line) else { panic!("no message: {line}") };
            assert_eq!((found.0, found.1, found.2), (date, clock, half), "{line}");
            assert!(found.3.ends_with(": x") && found.3.chars().filter(|c| !is_mark(*c)).count() == 4, "{:?}", found.3);
        }
    }

    #[test]
    fn lines_that_only_look_alike_begin_no_message() {
        for line in [
            "",
            "[",
            "hello",
            "12/31/20 was a day",
            "1. first, 2. second",
            "31/12/20, 23:59",
            "31/12/20, 25:61 - A: x",
            "[1] https://example.org/12:30] x",
            "12.5.3 - 4",
            "2020-12-31T23:59:58Z - x",
            "+90 555 000 00 00 - A: x",
            "31/12/20, 23:59 and some more words - x",
            "123/12/20, 23:59 - A: x",
            "\u{200e}\u{200f}",
        ] {
            assert_eq!(begin(line), None, "{line}");
        }
    }
}
