//! Chats as JSON that is no messenger's own: an array of objects, an object on each line, or arrays of objects in an object.

use super::columns::{self, ChatColumns, Part};
use super::json::{Fault, Raw, Walk, string_parts};
use super::said::{Placed, Said};
use super::table::OTHER_BYTES_MIN;
use crate::reader::{Desk, Hashing};
use crate::troubles::Troubles;
use crate::{Document, Stop, Trouble, TroubleKind};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Bytes of one message.
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// How deep arrays of messages are looked for in objects.
const DEPTH_MAX: usize = 4;
/// How deep values of a message are looked at.
const VALUE_DEPTH_MAX: usize = 16;

/// Whether the first object of messages in a file has the fields of a chat.
pub(crate) fn is_chat(head: &[u8], columns: Option<&ChatColumns>) -> bool {
    let mut inner = head;
    let mut bytes = Hashing::new(&mut inner);
    let mut walk = Walk::new(&mut bytes);
    first(&mut walk, columns, 0).unwrap_or(false)
}

/// Whether the first value of a file is itself a message, as where one stands on each line.
fn is_message(head: &[u8], columns: Option<&ChatColumns>) -> bool {
    let mut inner = head;
    let mut bytes = Hashing::new(&mut inner);
    let mut walk = Walk::new(&mut bytes);
    let mut names = Vec::new();
    // what is cut after the head has its names so far
    let _ = (|| {
        walk.take(b'{')?;
        while let Some(name) = walk.key()? {
            names.push(name);
            walk.skip()?;
        }
        Ok::<_, Fault>(())
    })();
    ChatColumns::among(columns, &names).is_some()
}

/// Looks for the first object that is a message.
fn first(walk: &mut Walk<'_, '_>, columns: Option<&ChatColumns>, depth: usize) -> Result<bool, Fault> {
    match walk.next()? {
        Some(b'[') if depth <= DEPTH_MAX => {
            walk.take(b'[')?;
            if walk.element()? && matches!(walk.next()?, Some(b'{')) {
                return first(walk, columns, depth + 1);
            }
            Ok(false)
        }
        Some(b'{') if depth <= DEPTH_MAX => {
            walk.take(b'{')?;
            let mut names = Vec::new();
            while let Some(name) = walk.key()? {
                names.push(name);
                match walk.next()? {
                    Some(b'[' | b'{') if depth < DEPTH_MAX && ChatColumns::among(columns, &names).is_none() => {
                        let inner = name_paths(walk, columns, depth)?;
                        if inner {
                            return Ok(true);
                        }
                    }
                    _ => walk.skip()?,
                }
                if ChatColumns::among(columns, &names).is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

/// An array or object inside an object: cut out and looked at by itself.
fn name_paths(walk: &mut Walk<'_, '_>, columns: Option<&ChatColumns>, depth: usize) -> Result<bool, Fault> {
    let mut raw = Raw { offset: 0, bytes: Vec::new(), whole: false };
    let taken = walk.value_into(&mut raw, MESSAGE_BYTES_MAX);
    let mut inner = &raw.bytes[..];
    let mut bytes = Hashing::new(&mut inner);
    if raw.bytes.starts_with(b"[") && first(&mut Walk::new(&mut bytes), columns, depth + 1).unwrap_or(false) {
        return Ok(true);
    }
    taken?;
    Ok(false)
}

/// Reads an export.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let columns = desk.chat_columns();
    let lines = is_message(bytes.head(), columns.as_deref());
    desk.document(document, bytes, |desk, bytes| {
        let mut reading = Reading {
            walk: Walk::new(bytes),
            columns,
            troubles: Troubles::default(),
            told_time: false,
            channel: None,
            stop: ControlFlow::Continue(()),
        };
        let walked = reading.all(desk, lines);
        let Reading { walk, mut troubles, mut stop, .. } = reading;
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

struct Reading<'b, 'r> {
    walk: Walk<'b, 'r>,
    columns: Option<Arc<ChatColumns>>,
    troubles: Troubles,
    told_time: bool,
    /// What the objects around the messages say that the channel is.
    channel: Option<String>,
    stop: Stop,
}

type Object<'a> = BTreeMap<String, &'a RawValue>;

impl Reading<'_, '_> {
    /// Values one after the other: one, or one on each line. An object that is no message itself holds them, and is walked through,
    /// for it may be as long as the file.
    fn all(&mut self, desk: &mut Desk<'_>, lines: bool) -> Result<(), Fault> {
        while let Some(byte) = self.walk.next()?
            && self.stop.is_continue()
        {
            if byte == b'{' && !lines {
                self.walk.take(b'{')?;
                self.outermost(desk)?;
            } else {
                self.value(desk, 0)?;
            }
        }
        Ok(())
    }

    fn outermost(&mut self, desk: &mut Desk<'_>) -> Result<(), Fault> {
        while let Some(key) = self.walk.key()? {
            match self.walk.next()? {
                Some(b'[') => self.value(desk, 1)?,
                _ if columns::is_channel(&key) => {
                    let raw = self.walk.value(MESSAGE_BYTES_MAX)?;
                    self.walk.pass_over()?;
                    self.channel = serde_json::from_slice(&raw.bytes).ok().and_then(words);
                }
                _ => self.other(desk)?,
            }
            if self.stop.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// A value that is no message: what of it is long enough is a value of none.
    fn other(&mut self, desk: &mut Desk<'_>) -> Result<(), Fault> {
        let raw = self.walk.value(MESSAGE_BYTES_MAX)?;
        if !raw.whole {
            return self.long(desk, raw);
        }
        if let Ok(value) = serde_json::from_slice::<&RawValue>(&raw.bytes) {
            self.values(desk, value, (raw.bytes.as_ptr() as usize, raw.offset));
        }
        Ok(())
    }

    fn values(&mut self, desk: &mut Desk<'_>, value: &RawValue, origin: (usize, u64)) {
        let mut said = Said::default();
        said.message.channel.clone_from(&self.channel);
        collect(value, origin, 0, &mut |part| {
            if part.text.len() >= OTHER_BYTES_MIN {
                said.add_value(part);
            }
        });
        self.stop = said.give(desk);
    }

    fn value(&mut self, desk: &mut Desk<'_>, depth: usize) -> Result<(), Fault> {
        match self.walk.next()? {
            Some(b'[') if depth <= DEPTH_MAX => {
                self.walk.take(b'[')?;
                while self.walk.element()? {
                    self.value(desk, depth + 1)?;
                    if self.stop.is_break() {
                        return Ok(());
                    }
                }
                Ok(())
            }
            Some(b'{') => self.object(desk, depth),
            _ => self.other(desk),
        }
    }

    /// An object that is a message, or holds arrays of them.
    fn object(&mut self, desk: &mut Desk<'_>, depth: usize) -> Result<(), Fault> {
        let mut raw = Raw { offset: self.walk.position(), bytes: Vec::new(), whole: false };
        if let Err(fault) = self.walk.value_into(&mut raw, MESSAGE_BYTES_MAX) {
            self.stop = as_it_stands(&raw.bytes, raw.offset, desk);
            return Err(fault);
        }
        if !raw.whole {
            return self.long(desk, raw);
        }
        let object: Object<'_> = match serde_json::from_slice(&raw.bytes) {
            Ok(object) => object,
            Err(error) => {
                let words = format!("an object is read as it stands: {error}");
                self.troubles
                    .tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(raw.offset), words });
                self.stop = as_it_stands(&raw.bytes, raw.offset, desk);
                return Ok(());
            }
        };
        let flat = self.flat(&object);
        let flat_names: Vec<String> = flat.iter().map(|(name, _)| name.clone()).collect();
        let origin = (raw.bytes.as_ptr() as usize, raw.offset);
        if let Some(parts) = ChatColumns::among(self.columns.as_deref(), &flat_names) {
            self.message(desk, &flat, &parts, origin);
            return Ok(());
        }
        // it may hold messages
        for value in object.values() {
            if value.get().starts_with(['[', '{']) && depth <= DEPTH_MAX {
                let mut inner = value.get().as_bytes();
                let mut bytes = Hashing::new(&mut inner);
                let mut nested = Reading {
                    walk: Walk::at(&mut bytes, origin.1 + (value.get().as_ptr() as usize - origin.0) as u64),
                    columns: self.columns.clone(),
                    troubles: std::mem::take(&mut self.troubles),
                    told_time: self.told_time,
                    channel: self.channel.clone(),
                    stop: ControlFlow::Continue(()),
                };
                let walked = nested.value(desk, depth + 1);
                (self.troubles, self.told_time, self.stop) = (nested.troubles, nested.told_time, nested.stop);
                walked?;
            } else {
                self.values(desk, value, origin);
            }
            if self.stop.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The fields of an object, and of objects in it that a column may name, as `user.name`.
    fn flat<'a>(&self, object: &Object<'a>) -> Vec<(String, &'a RawValue)> {
        let mut flat: Vec<(String, &RawValue)> = object.iter().map(|(name, value)| (name.clone(), *value)).collect();
        let dotted = self.columns.as_deref().is_some_and(|columns| format!("{columns:?}").contains('.'));
        if dotted {
            for (name, value) in object {
                if let Ok(inner) = serde_json::from_str::<Object<'_>>(value.get()) {
                    flat.extend(inner.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
                }
            }
        }
        flat
    }

    fn message(
        &mut self,
        desk: &mut Desk<'_>,
        fields: &[(String, &RawValue)],
        parts: &[(Part, usize)],
        origin: (usize, u64),
    ) {
        let mut said = Said::default();
        for (i, (_, value)) in fields.iter().enumerate() {
            match parts.iter().find(|(_, at)| *at == i) {
                Some((Part::Text, _)) => collect(value, origin, 0, &mut |part| {
                    said.text.line();
                    part.pour_into(0, part.text.len(), &mut said.text);
                }),
                Some((part, _)) => {
                    let words = serde_json::from_str(value.get()).ok().and_then(words).unwrap_or_default();
                    if !columns::set(&mut said, *part, &words) && !self.told_time {
                        self.told_time = true;
                        let words = format!("times like {:?} are not read", words.chars().take(40).collect::<String>());
                        self.troubles
                            .tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(origin.1), words });
                    }
                }
                None => collect(value, origin, 0, &mut |part| {
                    if part.text.len() >= OTHER_BYTES_MIN {
                        said.add_value(part);
                    }
                }),
            }
        }
        if said.message.channel.is_none() {
            said.message.channel.clone_from(&self.channel);
        }
        self.stop = said.give(desk);
    }

    /// An object that is too long for one message: where it holds messages it was opened too early, and is walked as text.
    fn long(&mut self, desk: &mut Desk<'_>, raw: Raw) -> Result<(), Fault> {
        let words = format!("an object of more than {MESSAGE_BYTES_MAX} bytes is read as it stands");
        self.troubles.tell(desk.sink, Trouble { kind: TroubleKind::Bound, offset: Some(raw.offset), words });
        let Raw { offset: mut at, mut bytes, mut whole } = raw;
        loop {
            self.stop = as_it_stands(&bytes, at, desk);
            if whole || self.stop.is_break() {
                return Ok(());
            }
            at += bytes.len() as u64;
            bytes.clear();
            whole = self.walk.more(MESSAGE_BYTES_MAX, &mut bytes)?;
        }
    }
}

fn as_it_stands(bytes: &[u8], at: u64, desk: &mut Desk<'_>) -> Stop {
    let mut placed = Placed::default();
    placed.push_bytes(bytes, at);
    Said { text: placed, ..Said::default() }.give(desk)
}

/// A string or a number as words; of an object its name, as authors are objects in many exports.
fn words(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(words) => Some(words),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Object(object) => ["name", "username", "nickname", "title", "id"]
            .iter()
            .find_map(|key| object.get(*key))
            .and_then(|value| value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|n| n.to_string()))),
        _ => None,
    }
}

/// Each string in a value, with its places.
fn collect(value: &RawValue, origin: (usize, u64), depth: usize, out: &mut dyn FnMut(Placed)) {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'"') => {
            let mut placed = Placed::default();
            let at = origin.1 + (raw.as_ptr() as usize - origin.0) as u64;
            string_parts(raw, at, |text, at| placed.push(text, Some(at)));
            out(placed);
        }
        Some(b'[') if depth < VALUE_DEPTH_MAX => {
            for value in serde_json::from_str::<Vec<&RawValue>>(raw).unwrap_or_default() {
                collect(value, origin, depth + 1, out);
            }
        }
        Some(b'{') if depth < VALUE_DEPTH_MAX => {
            for value in serde_json::from_str::<Object<'_>>(raw).unwrap_or_default().values() {
                collect(value, origin, depth + 1, out);
            }
        }
        _ => {}
    }
}
