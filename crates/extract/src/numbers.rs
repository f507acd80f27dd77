//! Numbers of banks and telephones: IBAN, payment cards, E.164.
//!
//! Sources: ISO 13616 (structure, mod 97, lengths by country in `data/iban.tsv`), ISO/IEC 7812 (Luhn) with the issuers' own
//! ranges, ITU-T E.164 (`data/calling_codes.tsv`).

use crate::cells::Cells;
use crate::glyph::LETTER;
use std::sync::LazyLock;

/// A number that was found: the cell after its last, and its normal text.
pub(crate) struct Number {
    pub(crate) end: usize,
    pub(crate) value: String,
    /// Whether it stood in groups.
    pub(crate) grouped: bool,
}

static IBAN_LENGTHS: LazyLock<Vec<([u8; 2], usize)>> = LazyLock::new(|| {
    rows(include_str!("../data/iban.tsv"))
        .map(|row| {
            let country = row[0].as_bytes();
            ([country[0], country[1]], row[1].parse().unwrap_or(0))
        })
        .collect()
});

/// Country calling code, fewest and most digits after it.
static CALLING_CODES: LazyLock<Vec<(&'static str, usize, usize)>> = LazyLock::new(|| {
    rows(include_str!("../data/calling_codes.tsv"))
        .map(|row| (row[0], row[1].parse().unwrap_or(0), row[2].parse().unwrap_or(0)))
        .collect()
});

/// The rows of a table with a line of headings.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).skip(1).map(|l| l.split('\t').collect())
}

/// An IBAN at cell `i`, the first of a word: in one piece, or in groups parted by one blank or hyphen each.
pub(crate) fn iban(cells: &Cells, i: usize) -> Option<Number> {
    let country = [cells.get(i).to_ascii_uppercase(), cells.get(i + 1).to_ascii_uppercase()];
    if !country.iter().all(u8::is_ascii_uppercase)
        || !cells.get(i + 2).is_ascii_digit()
        || !cells.get(i + 3).is_ascii_digit()
    {
        return None;
    }
    let large = cells.get(i).is_ascii_uppercase();
    let length = IBAN_LENGTHS.iter().find(|(c, _)| *c == country)?.1;
    let mut value = String::with_capacity(34);
    let (mut at, mut grouped) = (i, false);
    while value.len() < length {
        let c = cells.get(at);
        if c.is_ascii_digit() || c.is_ascii_alphabetic() && c.is_ascii_uppercase() == large {
            value.push(char::from(c.to_ascii_uppercase()));
            at += 1;
        } else if matches!(c, b' ' | b'-' | b'.') && cells.get(at + 1).is_ascii_alphanumeric() {
            grouped = true;
            at += 1;
        } else {
            return None;
        }
    }
    if cells.is_word(at) {
        return None;
    }
    // letters stand for 10 to 35; the first four go last
    let rest = value.bytes().skip(4).chain(value.bytes().take(4)).fold(0_u32, |rest, c| {
        let digit = u32::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    (rest == 1).then_some(Number { end: at, value, grouped })
}

/// Groups of digits from cell `i` on, each parted by one of `marks`: the digits and the cells after each group. At most `most` digits.
pub(crate) fn groups(cells: &Cells, i: usize, marks: &[u8], most: usize) -> (String, Vec<(usize, usize)>) {
    let (mut digits, mut ends, mut at) = (String::new(), Vec::new(), i);
    loop {
        while cells.get(at).is_ascii_digit() && digits.len() < most {
            digits.push(char::from(cells.get(at)));
            at += 1;
        }
        if cells.get(at).is_ascii_digit() || cells.get(at).is_ascii_alphabetic() || cells.get(at) == LETTER {
            break; // too long, or no number
        }
        ends.push((digits.len(), at));
        let mut next = at;
        let mut skipped = 0;
        while marks.contains(&cells.get(next)) && skipped < 3 {
            next += 1;
            skipped += 1;
        }
        if skipped == 0 || !cells.get(next).is_ascii_digit() {
            break;
        }
        at = next;
    }
    (digits, ends)
}

/// A card's number at cell `i`, the first of a word of digits: alone, or in the groups that cards show.
pub(crate) fn card(cells: &Cells, i: usize) -> Option<Number> {
    let mut end = i;
    while cells.get(end).is_ascii_digit() {
        end += 1;
    }
    if matches!(cells.get(i.wrapping_sub(1)), b'.' | b',' | b'-' | b'+' | b'/' | b'_' | b'#') {
        return None;
    }
    let first = end - i;
    let (digits, last, grouped) = if (12..=19).contains(&first) && !cells.is_word(end) {
        (cells.ch[i..end].iter().map(|c| char::from(*c)).collect::<String>(), end, false)
    } else if first == 4 && matches!(cells.get(end), b' ' | b'-' | b'.') {
        let mark = cells.get(end);
        let (digits, ends) = groups(cells, i, &[mark], 20);
        let sizes: Vec<usize> = ends.iter().scan(0, |before, (n, _)| Some(n - std::mem::replace(before, *n))).collect();
        let whole = ends.last()?;
        let shown = [&[4, 4, 4, 4][..], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]].contains(&&sizes[..]);
        if !shown || whole.0 != digits.len() || cells.is_word(whole.1) {
            return None;
        }
        (digits, whole.1, true)
    } else {
        return None;
    };
    (issued(&digits) && luhn(&digits)).then_some(Number { end: last, value: digits, grouped })
}

/// The check digit of ISO/IEC 7812.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, digit)| {
            let digit = u32::from(digit - b'0') << (n % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10) && digits.bytes().any(|d| d != b'0')
}

/// Whether an issuer gives out numbers that begin so, of that length.
fn issued(digits: &str) -> bool {
    let begin: u32 = digits[..6].parse().unwrap_or(0);
    let (two, three, four) = (begin / 10_000, begin / 1_000, begin / 100);
    let length = digits.len();
    match begin {
        _ if two / 10 == 4 => matches!(length, 13 | 16 | 19), // Visa
        _ if (51..=55).contains(&two) || (2221..=2720).contains(&four) => length == 16, // Mastercard
        _ if matches!(two, 34 | 37) => length == 15,          // American Express
        _ if (2200..=2204).contains(&four) => (16..=19).contains(&length), // Mir
        _ if (300..=305).contains(&three) || matches!(two, 36 | 38 | 39) => (14..=19).contains(&length), // Diners Club
        _ if (3528..=3589).contains(&four) => (16..=19).contains(&length), // JCB
        _ if four == 6011 || (644..=659).contains(&three) => (16..=19).contains(&length), // Discover
        _ if two == 62 || two == 81 => (16..=19).contains(&length), // UnionPay
        _ if four == 9792 => length == 16,                    // Troy
        _ if matches!(two, 50 | 56 | 57 | 58 | 60 | 61 | 63) => length == 16, // Maestro, RuPay, Meeza, Iran's Shetab
        _ => false,
    }
}

/// A telephone number in international form at cell `i`: `+`, or `00` where `zeros`.
pub(crate) fn phone(cells: &Cells, i: usize, zeros: bool) -> Option<Number> {
    let mut at = i + if zeros { 2 } else { 1 };
    while matches!(cells.get(at), b' ' | b'(' | b'-') && at < i + 5 {
        at += 1;
    }
    if !cells.get(at).is_ascii_digit() || cells.get(at) == b'0' {
        return None;
    }
    let (digits, ends) = groups(cells, at, b" -.()/", 16);
    let known = |n: usize| {
        let digits = &digits[..n];
        let code = CALLING_CODES.iter().filter(|(code, ..)| digits.starts_with(code)).max_by_key(|c| c.0.len());
        code.and_then(|(code, fewest, most)| {
            let rest = digits[code.len()..].strip_prefix("0").unwrap_or(&digits[code.len()..]);
            (*fewest..=*most).contains(&rest.len()).then(|| format!("+{code}{rest}"))
        })
    };
    // the longest run of whole groups that is a number
    let (count, end, value) = ends.iter().rev().find_map(|(n, end)| known(*n).map(|value| (*n, *end, value)))?;
    // one group more would be part of the number, not of the next sentence, unless it is on its own side of two blanks
    if digits.len() > count && ends.iter().any(|(n, _)| *n > count) && digits.len() - count < 3 {
        return None;
    }
    let grouped = ends.iter().any(|(n, _)| *n < count);
    Some(Number { end, value, grouped })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Cells {
        let mut cells = Cells::default();
        cells.read(text, 0, text.len());
        cells
    }

    #[test]
    fn the_registrys_examples_are_ibans_and_slips_are_not() {
        for (text, value) in [
            ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
            ("TR330006100519786457841326", "TR330006100519786457841326"),
            ("SA03 8000 0000 6080 1016 7519", "SA0380000000608010167519"),
            ("de89-3704-0044-0532-0130-00.", "DE89370400440532013000"),
            ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
        ] {
            assert_eq!(iban(&cells(text), 0).unwrap().value, value);
        }
        for bad in ["GB29 NWBK 6016 1331 9268 18", "GB29NWBK601613319268190", "XX29 NWBK 6016 1331 9268 19", "GB29"] {
            assert!(iban(&cells(bad), 0).is_none(), "{bad}");
        }
    }

    #[test]
    fn test_numbers_of_issuers_are_cards_and_slips_are_not() {
        for text in
            ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "5555 5555 5555 4444", "2223003122003222"]
        {
            let value: String = text.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(card(&cells(text), 0).unwrap().value, value, "{text}");
        }
        for bad in [
            "4111111111111112",
            "41111111111111111111",
            "1111111111111117",
            "4111 1111 1111 1111 1111 1",
            "0000000000000000",
        ] {
            assert!(card(&cells(bad), 0).is_none(), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers_have_a_known_code_and_a_fitting_length() {
        for (text, zeros, value) in [
            ("+44 20 7946 0958", false, "+442079460958"),
            ("+44 (0)20 7946 0958", false, "+442079460958"),
            ("+1 (212) 555-0123", false, "+12125550123"),
            ("+963 944 555 666", false, "+963944555666"),
            ("00963944555666", true, "+963944555666"),
            ("+٩٦٣٩٤٤٥٥٥٦٦٦", false, "+963944555666"),
            ("+۹۸۹۱۲۳۴۵۶۷۸۹", false, "+989123456789"),
        ] {
            assert_eq!(phone(&cells(text), 0, zeros).map(|n| n.value).as_deref(), Some(value), "{text}");
        }
        for bad in ["+0200", "+12", "+999 123 456 789", "+44 1", "+1234567890123456789"] {
            assert!(phone(&cells(bad), 0, false).is_none(), "{bad}");
        }
    }
}
