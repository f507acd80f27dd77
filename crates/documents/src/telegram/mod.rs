//! Exports of Telegram Desktop, in JSON and in HTML.

pub(crate) mod html;
pub(crate) mod json;
mod message;

use memchr::memmem;

/// Whether a file's first bytes are those of a JSON export: an object with messages, or one of an account, and a field that only
/// Telegram's have.
pub(crate) fn is_json(head: &[u8]) -> bool {
    const OWN: [&[u8]; 11] = [
        b"\"date_unixtime\"",
        b"\"text_entities\"",
        b"\"from_id\"",
        b"\"actor_id\"",
        b"\"personal_chat\"",
        b"\"saved_messages\"",
        b"\"bot_chat\"",
        b"_channel\"",
        b"_group\"",
        b"_supergroup\"",
        b"\"personal_information\"",
    ];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let has = |words: &[u8]| memmem::find(head, words).is_some();
    head.starts_with(b"{")
        && (has(b"\"messages\"") || has(b"\"personal_information\"") || has(b"\"chats\""))
        && OWN.iter().any(|own| has(own))
}
