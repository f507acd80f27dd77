//! Writing WARC 1.1 (ISO 28500:2017): a gzip member a record, digests of block and payload, so that any reader finds any record.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// What a record says of itself.
#[derive(Clone, Debug, Default)]
pub struct RecordHead<'a> {
    /// `warcinfo`, `request`, `response`, `metadata`.
    pub kind: &'a str,
    /// The URL.
    pub uri: Option<&'a str>,
    /// As 2026-01-31T12:00:00Z.
    pub date: &'a str,
    /// Media type of the block.
    pub media: &'a str,
    /// The record that this one belongs to.
    pub concurrent_to: Option<&'a str>,
    /// Why the block is not the whole answer: `length`, `time`, `disconnect`.
    pub truncated: Option<&'a str>,
    /// Address that answered.
    pub ip: Option<&'a str>,
    /// Where in the block the payload begins; `None` where the block has no such part.
    pub payload_at: Option<usize>,
}

/// Writes records one after the other.
#[derive(Debug)]
pub struct WarcWriter<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> WarcWriter<W> {
    /// A writer that appends to `out`.
    pub fn new(out: W) -> Self {
        Self { out, bytes: 0 }
    }

    /// Bytes written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is written to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes one record and gives its id.
    pub fn write(&mut self, head: &RecordHead<'_>, block: &[u8]) -> io::Result<String> {
        let id = format!("<urn:uuid:{}>", uuid()?);
        let mut text =
            format!("WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\n", head.kind, head.date);
        let mut line = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                // a line end in a value would begin a field of its own
                let value: String = value.chars().filter(|c| !c.is_control()).collect();
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        line("WARC-Target-URI", head.uri);
        line("WARC-IP-Address", head.ip);
        line("WARC-Concurrent-To", head.concurrent_to);
        line("WARC-Truncated", head.truncated);
        line("WARC-Block-Digest", Some(&digest(block)));
        let payload = head.payload_at.and_then(|at| block.get(at..)).map(digest);
        line("WARC-Payload-Digest", payload.as_deref());
        line("Content-Type", Some(head.media));
        text.push_str(&format!("Content-Length: {}\r\n\r\n", block.len()));
        // made whole before anything is written: a record is there or it is not
        let mut gzip = GzEncoder::new(Vec::with_capacity(block.len() / 2 + 512), Compression::default());
        gzip.write_all(text.as_bytes())?;
        gzip.write_all(block)?;
        gzip.write_all(b"\r\n\r\n")?;
        let member = gzip.finish()?;
        self.out.write_all(&member)?;
        self.out.flush()?;
        self.bytes += member.len() as u64;
        Ok(id)
    }
}

/// `sha256:` and the hash in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A random UUID (RFC 9562, version 4).
fn uuid() -> io::Result<String> {
    let mut b = [0_u8; 16];
    getrandom::fill(&mut b).map_err(|e| io::Error::other(e.to_string()))?;
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let h = hex::encode(b);
    Ok(format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn each_record_is_a_member_of_its_own_with_digests() {
        let mut writer = WarcWriter::new(Vec::new());
        let block = b"HTTP/1.1 200 OK\r\n\r\nhello";
        let head = RecordHead {
            kind: "response",
            uri: Some("http://a.org/\r\nX: y"),
            date: "2026-01-31T00:00:00Z",
            media: "application/http; msgtype=response",
            payload_at: Some(19),
            ..RecordHead::default()
        };
        let id = writer.write(&head, block).unwrap();
        let first = writer.bytes() as usize;
        writer.write(&RecordHead { kind: "metadata", concurrent_to: Some(&id), ..head }, b"x: y\r\n").unwrap();
        let bytes = writer.get_mut().clone();
        let mut text = String::new();
        GzDecoder::new(&bytes[..first]).read_to_string(&mut text).unwrap();
        assert!(text.starts_with("WARC/1.1\r\nWARC-Type: response\r\n"));
        assert!(text.contains("WARC-Target-URI: http://a.org/X: y\r\n"));
        assert!(text.contains(&format!("WARC-Block-Digest: {}\r\n", digest(block))));
        assert!(text.contains(&format!("WARC-Payload-Digest: {}\r\n", digest(b"hello"))));
        assert!(text.ends_with("Content-Length: 24\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello\r\n\r\n"));
        text.clear();
        GzDecoder::new(&bytes[first..]).read_to_string(&mut text).unwrap();
        assert!(text.contains(&format!("WARC-Concurrent-To: {id}\r\n")));
    }
}
