//! One message of a JSON export: what its fields hold that somebody published.

use crate::chat::json::string_parts;
use crate::chat::said::{Placed, Said};
use crate::{Message, Moment, moment};
use athar_types::UnixTime;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The chat that messages are of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Chat {
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) id: Option<String>,
}

type Value<'a> = Option<&'a RawValue>;

/// The fields that are read. Telegram adds others with every version; they are passed over.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    id: Value<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Value<'a>,
    #[serde(borrow, default)]
    date: Value<'a>,
    #[serde(borrow, default)]
    date_unixtime: Value<'a>,
    #[serde(borrow, default)]
    from: Value<'a>,
    #[serde(borrow, default)]
    from_id: Value<'a>,
    #[serde(borrow, default)]
    actor: Value<'a>,
    #[serde(borrow, default)]
    actor_id: Value<'a>,
    #[serde(borrow, default)]
    author: Value<'a>,
    #[serde(borrow, default)]
    action: Value<'a>,
    #[serde(borrow, default)]
    title: Value<'a>,
    #[serde(borrow, default)]
    members: Value<'a>,
    #[serde(borrow, default)]
    text: Value<'a>,
    #[serde(borrow, default)]
    text_entities: Value<'a>,
    #[serde(borrow, default)]
    forwarded_from: Value<'a>,
    #[serde(borrow, default)]
    saved_from: Value<'a>,
    #[serde(borrow, default)]
    reply_to_message_id: Value<'a>,
    #[serde(borrow, default)]
    message_id: Value<'a>,
    #[serde(borrow, default)]
    photo: Value<'a>,
    #[serde(borrow, default)]
    file: Value<'a>,
    #[serde(borrow, default)]
    file_name: Value<'a>,
    #[serde(borrow, default)]
    performer: Value<'a>,
    #[serde(borrow, default)]
    poll: Value<'a>,
    #[serde(borrow, default)]
    contact_information: Value<'a>,
    #[serde(borrow, default)]
    game_title: Value<'a>,
    #[serde(borrow, default)]
    game_description: Value<'a>,
    #[serde(borrow, default)]
    game_link: Value<'a>,
    #[serde(borrow, default)]
    invoice_information: Value<'a>,
    #[serde(borrow, default)]
    place_name: Value<'a>,
    #[serde(borrow, default)]
    address: Value<'a>,
    #[serde(borrow, default)]
    inline_bot_buttons: Value<'a>,
}

/// A piece of a text: `{"type": "text_link", "text": "here", "href": "https://…"}`.
#[derive(Deserialize)]
struct Entity<'a> {
    #[serde(borrow, default)]
    text: Value<'a>,
    #[serde(borrow, default)]
    href: Value<'a>,
}

#[derive(Deserialize)]
struct Poll<'a> {
    #[serde(borrow, default)]
    question: Value<'a>,
    #[serde(borrow, default)]
    answers: Value<'a>,
    #[serde(borrow, default)]
    options: Value<'a>,
}

#[derive(Deserialize)]
struct Contact<'a> {
    #[serde(borrow, default)]
    first_name: Value<'a>,
    #[serde(borrow, default)]
    last_name: Value<'a>,
    #[serde(borrow, default)]
    phone_number: Value<'a>,
}

#[derive(Deserialize)]
struct Invoice<'a> {
    #[serde(borrow, default)]
    title: Value<'a>,
    #[serde(borrow, default)]
    description: Value<'a>,
}

#[derive(Deserialize)]
struct Button<'a> {
    #[serde(borrow, default)]
    text: Value<'a>,
    #[serde(borrow, default)]
    data: Value<'a>,
}

/// Where a value of the message stands in the document.
#[derive(Clone, Copy)]
struct Origin {
    address: usize,
    offset: u64,
}

impl Origin {
    fn of(self, value: &RawValue) -> u64 {
        self.offset + (value.get().as_ptr() as usize - self.address) as u64
    }
}

/// Reads a message that stands at `offset`.
///
/// # Errors
///
/// Where it is no JSON object, nests too deep, or has a field twice.
pub(crate) fn read(bytes: &[u8], offset: u64, chat: &Chat) -> Result<Said, serde_json::Error> {
    let fields: Fields<'_> = serde_json::from_slice(bytes)?;
    let origin = Origin { address: bytes.as_ptr() as usize, offset };
    let mut said = Said { notice: words(fields.kind).as_deref() == Some("service"), ..Said::default() };
    said.message = Message {
        id: words(fields.id),
        channel: chat.name.clone().or_else(|| chat.id.clone()),
        channel_id: chat.id.clone(),
        author: author(&fields),
        at: moment_of(&fields),
        reply_to: words(fields.reply_to_message_id),
        forwarded_from: words(fields.forwarded_from).or_else(|| words(fields.saved_from)),
    };
    if said.notice {
        for value in [fields.action, fields.title].into_iter().chain(list(fields.members).into_iter().map(Some)) {
            said.text.join(&scalar(value, origin));
        }
        // the message that was pinned, or answered by the service
        said.message.reply_to = said.message.reply_to.or_else(|| words(fields.message_id));
    }
    let mut body = said.shown(fields.text, origin);
    if body.is_empty() {
        body = said.shown(fields.text_entities, origin);
    }
    said.text.join(&body);
    if let Some(poll) = parse::<Poll<'_>>(fields.poll) {
        let options = list(poll.answers).into_iter().chain(list(poll.options));
        let options = options.map(|option| parse::<Entity<'_>>(Some(option)).and_then(|option| option.text));
        for value in [poll.question].into_iter().chain(options) {
            let line = said.shown(value, origin);
            said.text.join(&line);
        }
    }
    let contact = parse::<Contact<'_>>(fields.contact_information);
    let contact = contact.map_or([None; 3], |contact| [contact.first_name, contact.last_name, contact.phone_number]);
    let invoice = parse::<Invoice<'_>>(fields.invoice_information);
    let invoice = invoice.map_or([None; 2], |invoice| [invoice.title, invoice.description]);
    let shown = [fields.game_title, fields.game_description, fields.place_name, fields.address];
    for value in contact.into_iter().chain(shown).chain(invoice) {
        said.text.join(&scalar(value, origin));
    }
    for row in list(fields.inline_bot_buttons) {
        for button in list(Some(row)).into_iter().filter_map(|b| parse::<Button<'_>>(Some(b))) {
            said.value(button.data, origin);
            said.value(button.text, origin);
        }
    }
    said.value(fields.game_link, origin);
    // names only: nothing beside the export is opened
    let title = fields.title.filter(|_| !said.notice);
    for value in [fields.photo, fields.file, fields.file_name, title, fields.performer] {
        // "(File not included. Change data exporting settings to download.)"
        if words(value).is_some_and(|name| !name.starts_with('(')) {
            said.value(value, origin);
        }
    }
    Ok(said)
}

impl Said {
    /// A text: a string, or a list of strings and entities. Their pieces are joined as they are shown, so that an address of which a
    /// part is bold stays whole. The target of a link is a value.
    fn shown(&mut self, value: Value<'_>, origin: Origin) -> Placed {
        let Some(raw) = value else { return Placed::default() };
        let pieces = match raw.get().as_bytes().first() {
            Some(b'[') => list(value),
            Some(b'{') => vec![raw],
            _ => return scalar(value, origin),
        };
        let mut text = Placed::default();
        for piece in pieces {
            let entity = parse::<Entity<'_>>(Some(piece));
            let part = scalar(entity.as_ref().map_or(Some(piece), |entity| entity.text), origin);
            part.pour_into(0, part.text.len(), &mut text);
            self.value(entity.and_then(|entity| entity.href), origin);
        }
        text
    }

    fn value(&mut self, value: Value<'_>, origin: Origin) {
        self.add_value(scalar(value, origin));
    }
}

fn author(fields: &Fields<'_>) -> Option<String> {
    let name = words(fields.from).or_else(|| words(fields.actor));
    let name = name.or_else(|| words(fields.from_id)).or_else(|| words(fields.actor_id));
    // a channel may sign its posts
    match (name, words(fields.author)) {
        (Some(name), Some(signed)) if signed != name => Some(format!("{name} ({signed})")),
        (name, signed) => name.or(signed),
    }
}

/// `date_unixtime` tells the second; `date` is the clock of the computer that exported, in a zone that is not told.
fn moment_of(fields: &Fields<'_>) -> Option<Moment> {
    let unix = words(fields.date_unixtime).and_then(|text| text.parse::<u32>().ok()).filter(|time| *time > 0);
    match unix {
        Some(time) => Some(Moment { time: UnixTime(time), zone_known: true }),
        None => moment::iso(&words(fields.date)?),
    }
}

fn parse<'a, T: Deserialize<'a>>(value: Value<'a>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

fn list<'a>(value: Value<'a>) -> Vec<&'a RawValue> {
    parse(value).unwrap_or_default()
}

/// A string, or a number as it is written.
fn words(value: Value<'_>) -> Option<String> {
    let raw = value?.get();
    let text = match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok()?,
        b'0'..=b'9' | b'-' => raw.to_owned(),
        _ => return None,
    };
    Some(text).filter(|text: &String| !text.trim().is_empty())
}

/// A string or a number, with its places.
fn scalar(value: Value<'_>, origin: Origin) -> Placed {
    let mut out = Placed::default();
    let Some(value) = value else { return out };
    match value.get().as_bytes().first() {
        Some(b'"') => string_parts(value.get(), origin.of(value), |text, at| out.push(text, Some(at))),
        Some(b'0'..=b'9' | b'-') => out.push(value.get(), Some(origin.of(value))),
        _ => {}
    }
    out
}
