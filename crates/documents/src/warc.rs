//! WARC (ISO 28500; versions 0.17, 0.18, 1.0 and 1.1): the heads of records and what their types mean.

use crate::moment;
use crate::reader::{Desk, Hashing};
use crate::web_archive::{self, Claimed, Content, Format, Head, LOOK_BYTES};
use crate::{Document, Stop, TroubleKind};
use memchr::memmem;

/// Reads a WARC.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    web_archive::read::<Warc>(document, bytes, desk)
}

/// Whether a file's first bytes, unpacked, are those of a WARC.
pub(crate) fn begins(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    // the line ends with the version, which in a text about the format it hardly does
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end();
    Warc::begins(head) && line.len() <= VERSION_BYTES_MAX
}

/// Bytes of the line of a version: `WARC/1.0`.
const VERSION_BYTES_MAX: usize = 10;
/// Lines of a head in which the type of the record is looked for.
const LINES_MAX: usize = 40;

struct Warc;

impl Format for Warc {
    const NAME: &'static str = "WARC";

    fn begins(bytes: &[u8]) -> bool {
        matches!(bytes, [b'W', b'A', b'R', b'C', b'/', major, b'.', ..] if major.is_ascii_digit())
    }

    fn find(bytes: &[u8]) -> Option<usize> {
        memmem::find_iter(bytes, b"WARC/").find(|at| {
            let bytes = &bytes[*at..bytes.len().min(at + LOOK_BYTES)];
            if memchr::memchr(b'\n', &bytes[..bytes.len().min(VERSION_BYTES_MAX + 2)]).is_none() {
                return false;
            }
            // a page about the format may show a head; a whole one with a type and a length at the beginning of a line is rare
            let mut lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end);
            let version = lines.next().unwrap_or_default();
            Self::begins(bytes)
                && version.len() <= VERSION_BYTES_MAX
                && lines
                    .take(LINES_MAX)
                    .take_while(|line| !line.is_empty())
                    .any(|line| line.get(..10).is_some_and(|name| name.eq_ignore_ascii_case(b"WARC-Type:")))
        })
    }

    fn head_end(bytes: &[u8]) -> Option<usize> {
        memchr::memchr_iter(b'\n', bytes).find_map(|at| match bytes.get(at + 1..)? {
            [b'\n', ..] => Some(at + 2),
            [b'\r', b'\n', ..] => Some(at + 3),
            _ => None,
        })
    }

    fn head(bytes: &[u8]) -> Option<Head> {
        let end = Self::head_end(bytes)?;
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = text.lines();
        let version = lines.next()?.trim();
        let mut head = Head {
            bytes: end,
            content: Content::Payload,
            length: None,
            uri: None,
            captured: None,
            id: None,
            content_type: None,
            block_digest: None,
            payload_digest: None,
            faults: Vec::new(),
        };
        if !matches!(version, "WARC/0.17" | "WARC/0.18" | "WARC/1.0" | "WARC/1.1") {
            let words = format!("its version is {}, and it is read as 1.1", version.escape_debug());
            head.faults.push((TroubleKind::Unsupported, words));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            if line.starts_with([' ', '\t']) {
                // a folded value (1.0, 4)
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            } else {
                let words = format!(
                    "a line of its head is no field: {}",
                    line.chars().take(60).collect::<String>().escape_debug()
                );
                head.faults.push((TroubleKind::Malformed, words));
            }
        }
        let mut kind = String::new();
        let mut refers_to = None;
        for (name, value) in fields {
            match name.as_str() {
                "warc-type" => kind = value.to_ascii_lowercase(),
                "content-length" => match value.parse() {
                    Ok(length) => head.length = Some(length),
                    Err(_) => {
                        head.faults.push((TroubleKind::Malformed, format!("its length is {}", value.escape_debug())));
                    }
                },
                // wget writes the brackets that only ids have
                "warc-target-uri" => {
                    let uri = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).unwrap_or(&value);
                    head.uri = Some(uri.to_owned());
                }
                "warc-date" => match moment::iso(&value)
                    .or_else(|| moment::digits14(&value).map(|time| crate::Moment { time, zone_known: true }))
                {
                    Some(moment) => head.captured = Some(moment.time),
                    None => head.faults.push((TroubleKind::Malformed, format!("its date is {}", value.escape_debug()))),
                },
                "warc-record-id" => head.id = Some(value),
                "content-type" => head.content_type = Some(value),
                "warc-block-digest" => head.block_digest = Claimed::parse(&value),
                "warc-payload-digest" => head.payload_digest = Claimed::parse(&value),
                "warc-refers-to-target-uri" => refers_to = Some(value),
                "warc-truncated" => {
                    let words = format!("the crawler cut it: {}", value.escape_debug());
                    head.faults.push((TroubleKind::Truncated, words));
                }
                "warc-segment-number" => {
                    let words = "it is a part of a record in segments, and each part is read by itself".to_owned();
                    head.faults.push((TroubleKind::Unsupported, words));
                }
                _ => {}
            }
        }
        if head.length.is_none() && head.faults.is_empty() {
            head.faults.push((TroubleKind::Malformed, "it tells no length".to_owned()));
        }
        let http = head
            .content_type
            .as_deref()
            .is_some_and(|t| t.get(..16).is_some_and(|t| t.eq_ignore_ascii_case("application/http")));
        let fields = head
            .content_type
            .as_deref()
            .is_some_and(|t| t.get(..23).is_some_and(|t| t.eq_ignore_ascii_case("application/warc-fields")));
        head.content = match kind.as_str() {
            "request" => Content::Skipped,
            "warcinfo" => Content::Info,
            "revisit" => {
                head.uri = head.uri.or(refers_to);
                Content::Revisit
            }
            "response" if head.uri.as_deref().is_some_and(|uri| !uri.starts_with("http")) && !http => Content::Payload,
            "response" => Content::Http,
            "metadata" if fields => Content::Fields,
            "resource" | "metadata" | "conversion" | "continuation" => Content::Payload,
            _ if http => Content::Http,
            other => {
                let words =
                    format!("its type {} is not known, and its block is read as it stands", other.escape_debug());
                head.faults.push((TroubleKind::Unsupported, words));
                Content::Payload
            }
        };
        if matches!(head.content, Content::Payload) {
            head.content_type = head.content_type.and_then(|value| crate::http::content_type(&value).0);
        }
        Some(head)
    }
}
