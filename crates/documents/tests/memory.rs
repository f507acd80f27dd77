//! Memory does not grow with the file: an archive and an export of hundreds of megabytes, from the disk. Alone in its process, whose
//! peak it measures.
#![allow(clippy::unwrap_used)] // tests

use athar_documents::fixture_archives::{Post, telegram_json};
use athar_documents::{Document, DocumentEnd, Limits, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;

/// Megabytes of each file when unpacked.
const MEGABYTES: usize = 150;

#[derive(Default)]
struct Count {
    text: u64,
    troubles: Vec<Trouble>,
}

impl Sink for Count {
    fn begin(&mut self, _: Document) -> Stop {
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.text += (segment.text.len() - segment.overlap) as u64;
        ControlFlow::Continue(())
    }
    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }
    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }
    fn end(&mut self, _: DocumentEnd) {}
}

/// The peak of the process in bytes; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[test]
fn files_of_hundreds_of_megabytes_are_read_in_a_few() {
    let folder = tempfile::tempdir().unwrap();
    // a record that is one long text, packed, of which no two lines are alike
    let archive = folder.path().join("a.warc.gz");
    let line = |i: usize| {
        format!(
            "{:064x} some words of a long text\n",
            (i as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        )
    };
    let lines = MEGABYTES * 1_000_000 / line(0).len();
    let file = BufWriter::new(std::fs::File::create(&archive).unwrap());
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
    let length = head.len() + lines * line(0).len();
    write!(packer, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Type: application/http\r\nContent-Length: {length}\r\n\r\n{head}").unwrap();
    for i in 0..lines {
        packer.write_all(line(i).as_bytes()).unwrap();
    }
    packer.write_all(b"\r\n\r\n").unwrap();
    packer.finish().unwrap().flush().unwrap();
    // an export with many messages
    let export = folder.path().join("result.json");
    let one =
        String::from_utf8(telegram_json("x", 1, &[Post::new("A", 1_600_000_000, &"some words ".repeat(30))])).unwrap();
    let at = one.find("[{").unwrap() + 1;
    let (begin, message) = (&one[..at], &one[at..one.len() - 3]);
    let mut file = BufWriter::new(std::fs::File::create(&export).unwrap());
    let messages = MEGABYTES * 1_000_000 / message.len();
    write!(file, "{begin}{message}").unwrap();
    for _ in 1..messages {
        write!(file, ",{message}").unwrap();
    }
    write!(file, "]}}").unwrap();
    file.flush().unwrap();

    let Some(before) = peak() else { return };
    let reader = Reader::new(Limits { document_bytes: 4 << 20, ..Limits::default() });
    for (path, text_min) in [(archive, lines * line(0).len()), (export, messages * 300)] {
        let mut count = Count::default();
        assert!(reader.read(&path, "file", &mut count).is_continue());
        assert_eq!(count.troubles, []);
        assert!(count.text >= text_min as u64, "{} {text_min}", count.text);
    }
    let grown = peak().unwrap_or(u64::MAX).saturating_sub(before);
    eprintln!("{grown} bytes more at the peak");
    assert!(grown < 48 << 20, "{grown} bytes more at the peak");
}
