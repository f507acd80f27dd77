//! The transfer encodings of MIME (RFC 2045), with where each decoded byte stood.

use mail_parser::Encoding;

/// Decoded bytes, and positions in them and in what they were decoded from, each good until the next.
pub(crate) type Decoded = (Vec<u8>, Vec<(usize, usize)>);

/// Undoes a transfer encoding. What breaks its rules stays as it stands (quoted-printable) or is left out (base64).
pub(crate) fn decode(raw: &[u8], encoding: Encoding) -> Decoded {
    match encoding {
        Encoding::None => (raw.to_vec(), vec![(0, 0)]),
        Encoding::QuotedPrintable => quoted_printable(raw),
        Encoding::Base64 => base64(raw),
    }
}

fn quoted_printable(raw: &[u8]) -> Decoded {
    let (mut out, mut marks) = (Vec::with_capacity(raw.len()), vec![(0, 0)]);
    let mark = |out: &Vec<u8>, marks: &mut Vec<(usize, usize)>, at: usize| {
        let (decoded, from) = marks[marks.len() - 1];
        if from + (out.len() - decoded) != at {
            marks.push((out.len(), at));
        }
    };
    let mut at = 0;
    while at < raw.len() {
        let next = memchr::memchr(b'=', &raw[at..]).map_or(raw.len(), |next| at + next);
        if next > at {
            mark(&out, &mut marks, at);
            out.extend_from_slice(&raw[at..next]);
            at = next;
            continue;
        }
        let hex = |b: u8| char::from(b).to_digit(16);
        match &raw[at + 1..] {
            [b'\r', b'\n', ..] => at += 3,
            [b'\n', ..] => at += 2,
            [high, low, ..] if hex(*high).is_some() && hex(*low).is_some() => {
                mark(&out, &mut marks, at);
                out.push((hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0)) as u8);
                at += 3;
            }
            _ => {
                mark(&out, &mut marks, at);
                out.push(b'=');
                at += 1;
            }
        }
    }
    (out, marks)
}

/// Base64, marked where each group of a line begins to stand elsewhere than its bytes: four characters for three bytes, so the marks
/// are the begins of lines, and a place within a line is up to a third of the line too early.
fn base64(raw: &[u8]) -> Decoded {
    let (mut out, mut marks) = (Vec::with_capacity(raw.len() / 4 * 3), vec![(0, 0)]);
    let (mut bits, mut count) = (0_u32, 0);
    let mut line_begins = true;
    for (at, &byte) in raw.iter().enumerate() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' => {
                line_begins = true;
                continue;
            }
            _ => continue,
        };
        if line_begins && count == 0 {
            line_begins = false;
            if at > 0 {
                marks.push((out.len(), at));
            }
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
    (out, marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_keeps_the_place_of_each_byte() {
        let raw = b"a=3Db=\r\nc =D8=AA = =zz";
        let (out, marks) = quoted_printable(raw);
        assert_eq!(out, "a=bc \u{62a} = =zz".as_bytes());
        for (at, byte) in out.iter().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()) {
            let mark = marks[marks.partition_point(|(decoded, _)| *decoded <= at) - 1];
            assert_eq!(raw[mark.1 + at - mark.0], *byte);
        }
    }

    #[test]
    fn base64_is_read_with_or_without_padding_over_lines() {
        assert_eq!(base64(b"aGVsbG8g\r\nd29ybGQ=").0, b"hello world");
        assert_eq!(base64(b"aGVsbG8g\r\nd29ybGQ").0, b"hello world");
        assert_eq!(base64(b"aGVsbG8g\r\nd29ybGQ=").1, [(0, 0), (6, 10)]);
        assert_eq!(base64(b"").0, b"");
    }
}
