//! Archives and exports made in memory, for tests: WARC, ARC, and messengers' exports with texts that the test plants.
//!
//! They are written from the formats' own rules, apart from the readers, so that a reader's misunderstanding is not shared.

pub use crate::fixture::gzip;
use athar_types::UnixTime;
use sha1::{Digest, Sha1};

/// How a WARC is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// A gzip member for each record.
    GzipRecords,
    /// One gzip member.
    GzipWhole,
    /// A zstd frame for each record.
    ZstdRecords,
}

/// A WARC that grows by records.
#[derive(Clone, Debug)]
pub struct Warc {
    packing: Packing,
    bytes: Vec<u8>,
    records: u32,
}

impl Warc {
    /// An archive that begins with a `warcinfo` record.
    pub fn new(packing: Packing) -> Self {
        let mut warc = Self { packing, bytes: Vec::new(), records: 0 };
        warc.record(
            "warcinfo",
            None,
            "application/warc-fields",
            b"software: fixture\r\nisPartOf: fixture collection\r\n",
        );
        warc
    }

    /// Where the next record will begin, in bytes of the file; of one that is packed as a whole, in its unpacked bytes.
    pub fn position(&self) -> usize {
        self.bytes.len()
    }

    /// An HTTP answer with a head of its own (`name: value` lines, each with its end) and the body as it was sent.
    pub fn response(&mut self, uri: &str, headers: &str, body: &[u8]) -> &mut Self {
        let block = [b"HTTP/1.1 200 OK\r\n", headers.as_bytes(), b"\r\n", body].concat();
        self.record("response", Some(uri), "application/http; msgtype=response", &block)
    }

    /// A page in UTF-8.
    pub fn page(&mut self, uri: &str, html: &str) -> &mut Self {
        let headers = format!("Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n", html.len());
        self.response(uri, &headers, html.as_bytes())
    }

    /// A record of any type, with its block digest.
    pub fn record(&mut self, kind: &str, uri: Option<&str>, content_type: &str, block: &[u8]) -> &mut Self {
        let digest = data_encoding::BASE32.encode(&Sha1::digest(block));
        let uri = uri.map_or(String::new(), |uri| format!("WARC-Target-URI: {uri}\r\n"));
        let head = format!(
            "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{:012}>\r\n\
             WARC-Date: 2024-03-0{}T12:00:00Z\r\n{uri}WARC-Block-Digest: sha1:{digest}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            self.records,
            1 + self.records % 9,
            block.len(),
        );
        self.records += 1;
        self.raw(&[head.as_bytes(), block, b"\r\n\r\n"].concat())
    }

    /// Bytes as they are, packed as a record would be.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        match self.packing {
            Packing::Plain | Packing::GzipWhole => self.bytes.extend_from_slice(bytes),
            Packing::GzipRecords => self.bytes.extend(gzip(bytes)),
            Packing::ZstdRecords => self.bytes.extend(zstd::bulk::compress(bytes, 3).unwrap_or_default()),
        }
        self
    }

    /// Bytes as they are, not packed.
    pub fn bare(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The file.
    pub fn finish(&self) -> Vec<u8> {
        if self.packing == Packing::GzipWhole { gzip(&self.bytes) } else { self.bytes.clone() }
    }
}

/// An ARC of version 1 with pages (URI and HTML) captured on 2014-02-16.
pub fn arc(pages: &[(&str, &str)]) -> Vec<u8> {
    let info = "1 0 Fixture\nURL IP-address Archive-date Content-type Archive-length\n";
    let mut out = format!("filedesc://fixture.arc 0.0.0.0 20140216050221 text/plain {}\n{info}\n", info.len());
    for (uri, html) in pages {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{html}");
        out += &format!("{uri} 192.0.2.1 20140216050221 text/html {}\n{block}\n", block.len());
    }
    out.into_bytes()
}

/// A message of a made-up chat. In its text `**` begins and ends bold words, where a format has them.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    /// Who wrote it.
    pub author: &'a str,
    /// When, in seconds since 1970. WhatsApp's clock is taken to be in UTC.
    pub at: u32,
    /// What.
    pub text: &'a str,
    /// The number of the message that it answers, from 1.
    pub reply_to: Option<usize>,
    /// Whom it was forwarded from.
    pub forwarded_from: Option<&'a str>,
}

impl<'a> Post<'a> {
    /// A message that answers none and was not forwarded.
    pub fn new(author: &'a str, at: u32, text: &'a str) -> Self {
        Self { author, at, text, reply_to: None, forwarded_from: None }
    }

    fn plain(&self) -> String {
        self.text.replace("**", "")
    }
}

fn chat(channel: &str, id: u64, posts: &[Post<'_>]) -> serde_json::Value {
    let messages = posts.iter().enumerate().map(|(i, post)| {
        let pieces: Vec<serde_json::Value> = post
            .text
            .split("**")
            .enumerate()
            .map(
                |(i, piece)| if i % 2 == 0 { piece.into() } else { serde_json::json!({"type": "bold", "text": piece}) },
            )
            .collect();
        let text = if pieces.len() == 1 { post.text.into() } else { serde_json::Value::Array(pieces) };
        let mut message = serde_json::json!({
            "id": i + 1,
            "type": "message",
            "date": UnixTime(post.at).to_string().trim_end_matches('Z'),
            "date_unixtime": post.at.to_string(),
            "from": post.author,
            "from_id": format!("channel{id}"),
            "text": text,
        });
        if let Some(reply) = post.reply_to {
            message["reply_to_message_id"] = reply.into();
        }
        if let Some(from) = post.forwarded_from {
            message["forwarded_from"] = from.into();
        }
        message
    });
    let messages: Vec<_> = messages.collect();
    serde_json::json!({"name": channel, "type": "public_channel", "id": id, "messages": messages})
}

/// `result.json` of one chat of Telegram Desktop.
pub fn telegram_json(channel: &str, id: u64, posts: &[Post<'_>]) -> Vec<u8> {
    // keys in the order of a true export, which has the name before the messages
    let chat = chat(channel, id, posts);
    format!(
        "{{\n \"name\": {},\n \"type\": {},\n \"id\": {},\n \"messages\": {}\n}}",
        chat["name"], chat["type"], chat["id"], chat["messages"]
    )
    .into_bytes()
}

/// `result.json` of a whole account: names, ids and messages of its chats.
pub fn telegram_account_json(chats: &[(&str, u64, &[Post<'_>])]) -> Vec<u8> {
    let list: Vec<String> = chats
        .iter()
        .map(|(name, id, posts)| String::from_utf8_lossy(&telegram_json(name, *id, posts)).into_owned())
        .collect();
    format!(
        "{{\n \"about\": \"Here is the data you requested.\",\n \"personal_information\": {{\"user_id\": 1}},\n \
         \"contacts\": {{\"about\": \"x\", \"list\": []}},\n \"chats\": {{\n  \"about\": \"x\",\n  \"list\": [{}]\n }}\n}}",
        list.join(",\n")
    )
    .into_bytes()
}

/// `messages.html` of Telegram Desktop, with the clock of UTC+03:00. A message of the author of the one before is joined to it.
pub fn telegram_html(channel: &str, posts: &[Post<'_>]) -> Vec<u8> {
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut out = format!(
        "<!DOCTYPE html>\n<html>\n\n <head>\n\n  <meta charset=\"utf-8\"/>\n  <title>Exported Data</title>\n </head>\n\n \
         <body onload=\"CheckLocation();\">\n\n  <div class=\"page_wrap\">\n\n   <div class=\"page_header\">\n\n    \
         <div class=\"content\">\n\n     <div class=\"text bold\">\n{}\n     </div>\n\n    </div>\n\n   </div>\n\n   \
         <div class=\"page_body chat_page\">\n\n    <div class=\"history\">\n\n     \
         <div class=\"message service\" id=\"message-1\">\n\n      <div class=\"body details\">\n13 May 2020\n      </div>\n\n     \
         </div>\n",
        escape(channel)
    );
    for (i, post) in posts.iter().enumerate() {
        let joined = i > 0 && posts[i - 1].author == post.author && post.forwarded_from.is_none();
        let local = UnixTime(post.at + 3 * 3600);
        let (year, month, day) = local.day().ymd();
        let clock = local.to_string();
        let clock = clock.get(11..19).unwrap_or_default();
        out += &format!(
            "\n     <div class=\"message default clearfix{}\" id=\"message{}\">\n\n      <div class=\"body\">\n\n       \
             <div class=\"pull_right date details\" title=\"{day:02}.{month:02}.{year} {clock} UTC+03:00\">\n{}\n       </div>\n",
            if joined { " joined" } else { "" },
            i + 1,
            &clock[..5]
        );
        if !joined {
            out += &format!("\n       <div class=\"from_name\">\n{} \n       </div>\n", escape(post.author));
        }
        if let Some(reply) = post.reply_to {
            out += &format!(
                "\n       <div class=\"reply_to details\">\nIn reply to <a href=\"#go_to_message{reply}\" \
                 onclick=\"return GoToMessage({reply})\">this message</a>\n       </div>\n"
            );
        }
        if let Some(from) = post.forwarded_from {
            out += &format!(
                "\n       <div class=\"forwarded body\">\n\n        <div class=\"from_name\">\n{} <span class=\"date details\" \
                 title=\"01.01.2019 00:00:00 UTC+03:00\"> 01.01.2019 00:00:00</span>\n        </div>\n",
                escape(from)
            );
        }
        let mut text = String::new();
        for (i, piece) in post.text.split("**").enumerate() {
            let piece = escape(piece).replace('\n', "<br>");
            text += &if i % 2 == 0 { piece } else { format!("<strong>{piece}</strong>") };
        }
        out += &format!("\n       <div class=\"text\">\n{text}\n       </div>\n");
        if post.forwarded_from.is_some() {
            out += "\n       </div>\n";
        }
        out += "\n      </div>\n\n     </div>\n";
    }
    out += "\n    </div>\n\n   </div>\n\n  </div>\n\n </body>\n\n</html>\n";
    out.into_bytes()
}

/// Phones whose exports of WhatsApp differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // system, language and format are in the names
pub enum Phone {
    IosEnglish,
    AndroidUnitedStates,
    AndroidUnitedKingdom,
    AndroidArabic,
    IosArabic,
    AndroidFrench,
    AndroidTurkish,
    IosTurkish,
    AndroidPersian,
    AndroidHebrew,
    IosHebrew,
    AndroidRussian,
    AndroidUrdu,
    AndroidSpanish,
    AndroidGerman,
    AndroidKorean,
    IosChinese,
}

impl Phone {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::IosEnglish,
        Self::AndroidUnitedStates,
        Self::AndroidUnitedKingdom,
        Self::AndroidArabic,
        Self::IosArabic,
        Self::AndroidFrench,
        Self::AndroidTurkish,
        Self::IosTurkish,
        Self::AndroidPersian,
        Self::AndroidHebrew,
        Self::IosHebrew,
        Self::AndroidRussian,
        Self::AndroidUrdu,
        Self::AndroidSpanish,
        Self::AndroidGerman,
        Self::AndroidKorean,
        Self::IosChinese,
    ];

    /// What a line begins with, before the author.
    fn begin(self, at: u32) -> String {
        let (y, m, d) = UnixTime(at).day().ymd();
        let (h, min, s) = (at % 86_400 / 3600, at / 60 % 60, at % 60);
        let (h12, late) = (if h % 12 == 0 { 12 } else { h % 12 }, h >= 12);
        let yy = y % 100;
        let half = |words: [&'static str; 2]| words[usize::from(late)];
        let digits = |text: String, zero: u32| -> String {
            text.chars().map(|c| c.to_digit(10).and_then(|n| char::from_u32(zero + n)).unwrap_or(c)).collect()
        };
        match self {
            Self::IosEnglish => format!("[{d:02}/{m:02}/{y}, {h:02}:{min:02}:{s:02}] "),
            Self::AndroidUnitedStates => format!("{m}/{d}/{yy:02}, {h12}:{min:02}\u{202f}{} - ", half(["AM", "PM"])),
            Self::AndroidUnitedKingdom => format!("{d:02}/{m:02}/{y}, {h:02}:{min:02} - "),
            Self::AndroidArabic => {
                digits(format!("{d}\u{200f}/{m}\u{200f}/{y}، {h12}:{min:02} {} - ", half(["ص", "م"])), 0x660)
            }
            Self::IosArabic => digits(
                format!("\u{200f}[{d}\u{200f}/{m}\u{200f}/{y}، {h12}:{min:02}:{s:02} {}] ", half(["ص", "م"])),
                0x660,
            ),
            Self::AndroidFrench => format!("{d:02}/{m:02}/{y} à {h:02}:{min:02} - "),
            Self::AndroidTurkish => format!("{d}.{m:02}.{y} {h:02}:{min:02} - "),
            Self::IosTurkish => format!("[{d}.{m:02}.{y} {h12}:{min:02}:{s:02} {}] ", half(["ÖÖ", "ÖS"])),
            Self::AndroidPersian => {
                digits(format!("{y}/{m}/{d}،\u{200f} {h12}:{min:02} {} - ", half(["ق.ظ.", "ب.ظ."])), 0x6f0)
            }
            Self::AndroidHebrew => format!("{d}.{m}.{y}, {h}:{min:02} - "),
            Self::IosHebrew => format!("[{d}.{m}.{y}, {h12}:{min:02}:{s:02} {}] ", half(["לפנה״צ", "אחה״צ"])),
            Self::AndroidRussian => format!("{d:02}.{m:02}.{y}, {h:02}:{min:02} - "),
            Self::AndroidUrdu => format!("{d}/{m}/{y}، {h12}:{min:02} {} - ", half(["قبل دوپہر", "بعد دوپہر"])),
            Self::AndroidSpanish => format!("{d}/{m}/{yy:02}, {h12}:{min:02}\u{a0}{} - ", half(["a. m.", "p. m."])),
            Self::AndroidGerman => format!("{d:02}.{m:02}.{yy:02}, {h:02}:{min:02} - "),
            Self::AndroidKorean => format!("{y}. {m}. {d}. {} {h12}:{min:02} - ", half(["오전", "오후"])),
            Self::IosChinese => format!("[{y}/{m}/{d} {}{h12}:{min:02}:{s:02}] ", half(["上午", "下午"])),
        }
    }
}

/// A chat as a phone exports it: first the line that all chats begin with, then the messages.
pub fn whatsapp(phone: Phone, posts: &[Post<'_>]) -> Vec<u8> {
    let first = posts.first().map_or(1_500_000_000, |post| post.at);
    let mut out = format!("{}Messages and calls are end-to-end encrypted.\r\n", phone.begin(first));
    for post in posts {
        out += &format!("{}{}: {}\r\n", phone.begin(post.at), post.author, post.plain());
    }
    // Android ends its lines as Unix does
    if out.starts_with(['[', '\u{200f}']) { out.into_bytes() } else { out.replace("\r\n", "\n").into_bytes() }
}

/// A table of messages with the columns `date`, `from`, `message_id`, `reply_to` and `message`.
pub fn chat_csv(posts: &[Post<'_>]) -> Vec<u8> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = "date,from,message_id,reply_to,message\r\n".to_owned();
    for (i, post) in posts.iter().enumerate() {
        let reply = post.reply_to.map(|n| n.to_string()).unwrap_or_default();
        let (author, text) = (quoted(post.author), quoted(&post.plain()));
        out += &format!("{},{author},{},{reply},{text}\r\n", UnixTime(post.at), i + 1);
    }
    out.into_bytes()
}

/// The same as JSON, one object on each line.
pub fn chat_json_lines(posts: &[Post<'_>]) -> Vec<u8> {
    let line = |(i, post): (usize, &Post<'_>)| {
        let reply = post.reply_to.map(|n| n.to_string());
        let object = serde_json::json!({
            "date": UnixTime(post.at).to_string(),
            "from": post.author,
            "message_id": i + 1,
            "reply_to": reply,
            "forwarded_from": post.forwarded_from,
            "message": post.plain(),
        });
        format!("{object}\n")
    };
    posts.iter().enumerate().map(line).collect::<String>().into_bytes()
}
