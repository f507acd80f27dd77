//! Builders of files for tests: mail, saved pages, office documents and archives, with what the test plants in them.
//!
//! Behind the feature `fixture`; nothing of it is in the program.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A part of a mail.
#[derive(Clone, Debug)]
pub struct Part {
    /// The media type, with its parameters.
    pub kind: String,
    /// The name of an attachment.
    pub name: Option<String>,
    /// Where a part of a saved page was.
    pub location: Option<String>,
    /// `7bit`, `8bit`, `quoted-printable` or `base64`.
    pub encoding: String,
    /// The content before the transfer encoding.
    pub bytes: Vec<u8>,
}

impl Part {
    /// A part as it stands.
    pub fn new(kind: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind: kind.into(), name: None, location: None, encoding: "8bit".into(), bytes: bytes.into() }
    }

    /// The same in a transfer encoding.
    #[must_use]
    pub fn encoded(self, encoding: &str) -> Self {
        Self { encoding: encoding.into(), ..self }
    }

    /// The same as an attachment of a name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same from a place on the web.
    #[must_use]
    pub fn at(self, location: &str) -> Self {
        Self { location: Some(location.into()), ..self }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut headers = format!("Content-Type: {}\r\nContent-Transfer-Encoding: {}\r\n", self.kind, self.encoding);
        if let Some(name) = &self.name {
            let _ = write!(headers, "Content-Disposition: attachment; filename=\"{name}\"\r\n");
        }
        if let Some(location) = &self.location {
            let _ = write!(headers, "Content-Location: {location}\r\n");
        }
        out.extend_from_slice(headers.as_bytes());
        out.extend_from_slice(b"\r\n");
        match &*self.encoding {
            "base64" => {
                let text = base64_of(&self.bytes);
                for line in text.as_bytes().chunks(76) {
                    out.extend_from_slice(line);
                    out.extend_from_slice(b"\r\n");
                }
            }
            "quoted-printable" => out.extend_from_slice(quoted_printable_of(&self.bytes).as_bytes()),
            _ => out.extend_from_slice(&self.bytes),
        }
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn quoted_printable_of(bytes: &[u8]) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for &byte in bytes {
        let piece = match byte {
            b'\n' => {
                out.push_str("\r\n");
                column = 0;
                continue;
            }
            b'\r' => continue,
            b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if column + piece.len() > 72 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

/// A mail with these headers (`Name: value`) and parts; with one part it is the mail's own body.
pub fn mail(headers: &[&str], parts: &[Part]) -> Vec<u8> {
    multipart(headers, "mixed", parts)
}

/// A saved page (MHTML): the first part is the page.
pub fn mhtml(location: &str, parts: &[Part]) -> Vec<u8> {
    let location = format!("Snapshot-Content-Location: {location}");
    let headers = [
        "From: <Saved by Blink>",
        &location,
        "Subject: Saved page",
        "Date: Tue, 5 Mar 2024 10:00:00 +0200",
        "MIME-Version: 1.0",
    ];
    multipart(&headers, "related; type=\"text/html\"", parts)
}

fn multipart(headers: &[&str], kind: &str, parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for header in headers {
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if let [part] = parts {
        part.write(&mut out);
        return out;
    }
    // unlike that of a mail inside, whose length differs
    let boundary = format!("=_part_{}_{}", parts.len(), parts.iter().map(|part| part.bytes.len()).sum::<usize>());
    out.extend_from_slice(format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n").as_bytes());
    for part in parts {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        part.write(&mut out);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

/// A mailbox of these mails.
pub fn mbox(mails: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for mail in mails {
        out.extend_from_slice(b"From sender@example.org Tue Mar  5 10:00:00 2024\n");
        out.extend_from_slice(mail);
        out.extend_from_slice(b"\n\n");
    }
    out
}

/// An archive of these members, compressed.
///
/// # Panics
///
/// Where a name is longer than the format allows.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(members, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
}

fn zip_with(members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, options).expect("a name that fits");
        writer.write_all(bytes).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// Bytes packed as GZIP, in one member.
///
/// # Panics
///
/// Never: memory takes all.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// What stands in an office document.
#[derive(Clone, Debug, Default)]
pub struct Docx {
    /// Paragraphs; each is a list of runs, as a word processor splits them.
    pub paragraphs: Vec<Vec<String>>,
    /// Rows of a table behind them.
    pub table: Vec<Vec<String>>,
    /// The running head.
    pub header: Option<String>,
    /// The running foot.
    pub footer: Option<String>,
    /// A comment and its author.
    pub comment: Option<(String, String)>,
    /// Targets of links.
    pub links: Vec<String>,
    /// Pictures: name and bytes.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// The title of its properties.
    pub title: Option<String>,
}

/// An office document (Office Open XML).
pub fn docx(docx: &Docx) -> Vec<u8> {
    const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    let run =
        |text: &String| format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(text));
    let paragraph = |runs: &[String]| format!("<w:p><w:pPr/>{}</w:p>", runs.iter().map(run).collect::<String>());
    let cell = |text: &String| format!("<w:tc>{}</w:tc>", paragraph(std::slice::from_ref(text)));
    let row = |cells: &Vec<String>| format!("<w:tr>{}</w:tr>", cells.iter().map(cell).collect::<String>());
    let body: String = docx.paragraphs.iter().map(|runs| paragraph(runs)).collect();
    let table: String = docx.table.iter().map(row).collect();
    let mut relations = String::new();
    for (index, link) in docx.links.iter().enumerate() {
        let _ = write!(
            relations,
            "<Relationship Id=\"rL{index}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" \
             Target=\"{}\" TargetMode=\"External\"/>",
            escaped(link)
        );
    }
    let part = |root: &str, text: &str| format!("{DECLARATION}<w:{root} {W}>{text}</w:{root}>");
    let mut members: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".into(), format!("{DECLARATION}<Types/>").into_bytes()),
        (
            "word/document.xml".into(),
            part("document", &format!("<w:body>{body}<w:tbl>{table}</w:tbl></w:body>")).into_bytes(),
        ),
        (
            "word/_rels/document.xml.rels".into(),
            format!("{DECLARATION}<Relationships>{relations}</Relationships>").into_bytes(),
        ),
    ];
    for (name, root, text) in [("header1", "hdr", &docx.header), ("footer1", "ftr", &docx.footer)] {
        if let Some(text) = text {
            members.push((format!("word/{name}.xml"), part(root, &paragraph(std::slice::from_ref(text))).into_bytes()));
        }
    }
    if let Some((author, text)) = &docx.comment {
        let comment = format!(
            "<w:comment w:id=\"0\" w:author=\"{}\" w:date=\"2024-03-05T10:00:00Z\">{}</w:comment>",
            escaped(author),
            paragraph(std::slice::from_ref(text))
        );
        members.push(("word/comments.xml".into(), part("comments", &comment).into_bytes()));
    }
    for (name, bytes) in &docx.pictures {
        members.push((format!("word/media/{name}"), bytes.clone()));
    }
    if let Some(title) = &docx.title {
        let core = format!(
            "{DECLARATION}<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\" xmlns:dcterms=\"t\"><dc:title>{}</dc:title>\
             <dcterms:modified>2024-03-05T10:00:00Z</dcterms:modified></cp:coreProperties>",
            escaped(title)
        );
        members.push(("docProps/core.xml".into(), core.into_bytes()));
    }
    zip(&members.iter().map(|(name, bytes)| (&**name, &**bytes)).collect::<Vec<_>>())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
