//! `result.json` of Telegram Desktop: of one chat, or of a whole account with a list of chats. Walked as a stream.

use super::message::{self, Chat};
use crate::chat::json::{Fault, Raw, Walk};
use crate::chat::said::{self, Placed};
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::troubles::Troubles;
use crate::{Document, Message, SegmentKind, Stop, Trouble, TroubleKind};
use std::ops::ControlFlow;

/// Bytes of one message. Telegram's own bound is 4,096 characters of text.
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// How deep chats nest in an account's export: `chats`, `list`, the chat.
const DEPTH_MAX: usize = 8;

/// Reads an export.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let channel = channel_of(bytes.head());
    desk.document(Document { channel, ..document }, bytes, |desk, bytes| {
        let mut reading =
            Reading { walk: Walk::new(bytes), troubles: Troubles::default(), stop: ControlFlow::Continue(()) };
        let walked = reading.export(desk);
        let Reading { walk, mut troubles, mut stop } = reading;
        let rest = walk.into_bytes();
        if let Err(fault) = walked {
            let broken = matches!(fault, Fault::Unexpected(..));
            troubles.tell(desk.sink, fault.trouble());
            if broken && stop.is_continue() {
                stop = crate::text::read_rest(None, rest, desk);
            }
        }
        troubles.close(desk.sink);
        stop
    })
}

/// The name of the one chat that an export is of; its fields come before its messages.
fn channel_of(head: &[u8]) -> Option<String> {
    let mut inner = head;
    let mut bytes = Hashing::new(&mut inner);
    let mut walk = Walk::new(&mut bytes);
    walk.take(b'{').ok()?;
    while let Some(key) = walk.key().ok()? {
        match key.as_str() {
            "name" => return walk.words().ok()?,
            "type" | "id" => walk.skip().ok()?,
            _ => return None,
        }
    }
    None
}

struct Reading<'b, 'r> {
    walk: Walk<'b, 'r>,
    troubles: Troubles,
    stop: Stop,
}

impl Reading<'_, '_> {
    fn export(&mut self, desk: &mut Desk<'_>) -> Result<(), Fault> {
        self.walk.take(b'{')?;
        self.chat(desk, 0)?;
        // nothing may follow
        match self.walk.next()? {
            Some(byte) if self.stop.is_continue() => Err(Fault::Unexpected(byte, self.walk.position())),
            _ => Ok(()),
        }
    }

    /// An object that was opened and is, or holds, chats.
    fn chat(&mut self, desk: &mut Desk<'_>, depth: usize) -> Result<(), Fault> {
        let mut chat = Chat::default();
        while let Some(key) = self.walk.key()? {
            let next = self.walk.next()?;
            match (key.as_str(), next) {
                ("name", _) => chat.name = self.walk.words()?.filter(|name| !name.trim().is_empty()),
                ("type", _) => chat.kind = self.walk.words()?,
                ("id", _) => chat.id = self.walk.words()?,
                ("messages", Some(b'[')) => {
                    self.walk.take(b'[')?;
                    while self.walk.element()? {
                        self.message(desk, &chat)?;
                        if self.stop.is_break() {
                            return Ok(());
                        }
                    }
                }
                ("chats" | "left_chats", Some(b'{')) if depth < DEPTH_MAX => {
                    self.walk.take(b'{')?;
                    self.chat(desk, depth + 1)?;
                }
                ("list", Some(b'[')) if depth < DEPTH_MAX => {
                    self.walk.take(b'[')?;
                    while self.walk.element()? {
                        if self.walk.next()? == Some(b'{') {
                            self.walk.take(b'{')?;
                            self.chat(desk, depth + 1)?;
                        } else {
                            self.walk.skip()?;
                        }
                        if self.stop.is_break() {
                            return Ok(());
                        }
                    }
                }
                _ => self.walk.skip()?,
            }
            if self.stop.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn message(&mut self, desk: &mut Desk<'_>, chat: &Chat) -> Result<(), Fault> {
        let mut raw = Raw { offset: self.walk.position(), bytes: Vec::new(), whole: false };
        let taken = self.walk.value_into(&mut raw, MESSAGE_BYTES_MAX);
        if let Err(fault) = taken {
            // what there is of a cut message is read as it stands
            self.stop = Self::as_it_stands(desk, chat, &raw.bytes, raw.offset);
            return Err(fault);
        }
        if !raw.whole {
            let words = format!("a message of more than {MESSAGE_BYTES_MAX} bytes is read as it stands");
            self.troubles.tell(desk.sink, Trouble { kind: TroubleKind::Bound, offset: Some(raw.offset), words });
            return self.long(desk, chat, raw);
        }
        match message::read(&raw.bytes, raw.offset, chat) {
            Ok(said) => self.stop = said.give(desk),
            Err(error) => {
                let words = format!("a message is read as it stands: {error}");
                self.troubles
                    .tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(raw.offset), words });
                self.stop = Self::as_it_stands(desk, chat, &raw.bytes, raw.offset);
            }
        }
        Ok(())
    }

    /// A message that is longer than may be in memory, piece by piece.
    fn long(&mut self, desk: &mut Desk<'_>, chat: &Chat, raw: Raw) -> Result<(), Fault> {
        let mut passage = passage(desk, chat);
        let Raw { offset: mut at, mut bytes, mut whole } = raw;
        loop {
            // a character may be cut at the end
            let keep = if whole { 0 } else { said::cut_tail(&bytes) };
            let n = bytes.len() - keep;
            let mut placed = Placed::default();
            placed.push_bytes(&bytes[..n], at);
            self.stop = placed.pour(&mut passage, desk);
            if whole || self.stop.is_break() {
                break;
            }
            at += n as u64;
            bytes.drain(..n);
            whole = self.walk.more(MESSAGE_BYTES_MAX / 8, &mut bytes)?;
        }
        if self.stop.is_continue() {
            self.stop = passage.flush(desk);
        }
        Ok(())
    }

    fn as_it_stands(desk: &mut Desk<'_>, chat: &Chat, bytes: &[u8], at: u64) -> Stop {
        let mut passage = passage(desk, chat);
        let mut placed = Placed::default();
        placed.push_bytes(bytes, at);
        placed.pour(&mut passage, desk)?;
        passage.flush(desk)
    }
}

fn passage(desk: &Desk<'_>, chat: &Chat) -> Passage {
    let message = Message { channel: chat.name.clone(), channel_id: chat.id.clone(), ..Message::default() };
    Passage::new(SegmentKind::Message, desk).of(Some(Box::new(message)))
}
