//! Exports of conversations: what readers of messengers' own formats and of tables have in common.

pub(crate) mod columns;
pub(crate) mod json;
pub(crate) mod objects;
pub(crate) mod said;
pub(crate) mod table;

pub use columns::ChatColumns;

use crate::DocumentKind;

/// The kind of a document where the user named the columns of chats: texts that have them are chats.
pub(crate) fn kind(kind: DocumentKind, head: &[u8], columns: &ChatColumns) -> DocumentKind {
    match kind {
        DocumentKind::Text | DocumentKind::ChatCsv | DocumentKind::ChatJson | DocumentKind::TelegramJson => {
            if objects::is_chat(head, Some(columns)) {
                DocumentKind::ChatJson
            } else if table::is_chat(head, Some(columns)) {
                DocumentKind::ChatCsv
            } else {
                kind
            }
        }
        _ => kind,
    }
}
