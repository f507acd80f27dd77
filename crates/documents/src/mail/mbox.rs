//! Mailboxes (RFC 4155): one mail after the other, each after a line that begins with `From `.

use crate::reader::{Desk, Hashing};
use crate::{Document, DocumentKind, Stop, Trouble, TroubleKind};
use std::io::{BufRead, Read};
use std::ops::ControlFlow;

/// Bytes of a line that are read at once.
const PIECE_BYTES: u64 = 64 << 10;

/// Reads a mailbox as a stream: each mail is a member.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let outer = document.clone();
    desk.document(document, bytes, |desk, bytes| {
        let mut mailbox = Mailbox { outer, number: 0, mail: Vec::new(), too_long: false };
        // at the begin, and behind an empty line, a line may begin a mail
        let (mut line_begins, mut may_part, mut parting) = (true, true, false);
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let read = bytes.by_ref().take(PIECE_BYTES).read_until(b'\n', &mut piece);
            if line_begins {
                parting = may_part && piece.starts_with(b"From ");
                if parting {
                    mailbox.give(desk)?;
                }
                may_part = matches!(&*piece, b"\n" | b"\r\n");
            }
            // the line that parts mails is of neither
            if !parting {
                mailbox.add(&piece, desk);
            }
            line_begins = piece.ends_with(b"\n");
            match read {
                Ok(0) => break,
                Ok(_) if desk.is_used_up() => break,
                Ok(_) => {}
                Err(error) => {
                    desk.sink.trouble(Trouble::io(&error, Some(bytes.position())));
                    break;
                }
            }
        }
        mailbox.give(desk)
    })
}

struct Mailbox {
    outer: Document,
    number: u64,
    mail: Vec<u8>,
    too_long: bool,
}

impl Mailbox {
    fn add(&mut self, piece: &[u8], desk: &mut Desk<'_>) {
        if self.mail.len() + piece.len() <= desk.limits.document_bytes as usize {
            self.mail.extend_from_slice(piece);
        } else if !self.too_long {
            self.too_long = true;
            let words = format!("mail {} is of more than {} bytes and is cut", self.number, desk.limits.document_bytes);
            desk.tell(TroubleKind::Bound, None, words);
        }
    }

    fn give(&mut self, desk: &mut Desk<'_>) -> Stop {
        let mail = std::mem::take(&mut self.mail);
        self.too_long = false;
        if mail.is_empty() {
            self.number = self.number.max(1);
            return ControlFlow::Continue(());
        }
        let member = self.outer.member(&format!("mail {}", self.number));
        self.number += 1;
        desk.member_bytes(Document { kind: DocumentKind::Email, ..member }, mail)
    }
}
