//! Which column of a table, or field of an object, holds what of a message: as the user says, or guessed by common names.

use crate::chat::said::Said;
use crate::{Message, Moment, moment};

/// The names of the columns of a chat's table, or of the fields of its objects, where `user.name` is a field in a field.
///
/// Names are compared without regard to case, blanks, hyphens and underscores.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChatColumns {
    /// The text of the message.
    pub text: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// When: RFC 3339, `YYYY-MM-DD HH:MM`, or seconds or milliseconds since 1970.
    pub at: Option<String>,
    /// The channel, group or chat.
    pub channel: Option<String>,
    /// The message's id.
    pub id: Option<String>,
    /// The id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whom it was forwarded from.
    pub forwarded_from: Option<String>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Part {
    Text,
    Author,
    At,
    Channel,
    Id,
    ReplyTo,
    ForwardedFrom,
}

/// Names that exports give to columns, in languages of their users, the likeliest first.
const GUESSES: &[(Part, &[&str])] = &[
    (
        Part::Text,
        &[
            "text",
            "message",
            "messagetext",
            "messagebody",
            "msg",
            "body",
            "content",
            "fulltext",
            "caption",
            "post",
            "tweet",
            "comment",
            "النص",
            "الرسالة",
            "نصالرسالة",
            "texte",
            "contenu",
            "mesaj",
            "metin",
            "متن",
            "پیام",
            "текст",
            "сообщение",
            "טקסט",
            "הודעה",
            "پیغام",
            "mensaje",
            "nachricht",
        ],
    ),
    (
        Part::Author,
        &[
            "author",
            "from",
            "sender",
            "sendername",
            "fromname",
            "username",
            "user",
            "authorname",
            "nickname",
            "nick",
            "screenname",
            "handle",
            "name",
            "المرسل",
            "الكاتب",
            "auteur",
            "expéditeur",
            "gönderen",
            "yazar",
            "فرستنده",
            "نویسنده",
            "автор",
            "отправитель",
            "שולח",
            "بھیجنےوالا",
        ],
    ),
    (
        Part::At,
        &[
            "dateunixtime",
            "timestamp",
            "datetime",
            "createdat",
            "sentat",
            "publishedat",
            "date",
            "time",
            "sent",
            "created",
            "published",
            "postedat",
            "unixtime",
            "ts",
            "التاريخ",
            "الوقت",
            "heure",
            "tarih",
            "zaman",
            "تاریخ",
            "زمان",
            "дата",
            "время",
            "תאריך",
        ],
    ),
    (
        Part::Channel,
        &[
            "channel",
            "channelname",
            "chat",
            "chatname",
            "chattitle",
            "group",
            "groupname",
            "room",
            "conversation",
            "thread",
            "القناة",
            "المجموعة",
            "canal",
            "groupe",
            "kanal",
            "grup",
            "کانال",
            "گروه",
            "канал",
            "группа",
            "чат",
            "ערוץ",
            "קבוצה",
        ],
    ),
    (Part::Id, &["messageid", "msgid", "postid", "id", "tweetid"]),
    (
        Part::ReplyTo,
        &["replyto", "inreplyto", "replytoid", "replytomessageid", "replytomsgid", "inreplytoid", "quotedid"],
    ),
    (Part::ForwardedFrom, &["forwardedfrom", "fwdfrom", "forwardfrom", "fwdfromname", "forwarded"]),
];

/// Whether a field is, by its name, that of a channel.
pub(crate) fn is_channel(name: &str) -> bool {
    let name = plain(name);
    GUESSES.iter().any(|(part, guesses)| *part == Part::Channel && guesses.contains(&&*name))
}

/// A name in the form that names are compared in.
pub(crate) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric() || *c == '.');
    kept.flat_map(char::to_lowercase).collect()
}

impl ChatColumns {
    fn named(&self) -> [(Part, Option<&str>); 7] {
        [
            (Part::Text, Some(&*self.text)),
            (Part::Author, self.author.as_deref()),
            (Part::At, self.at.as_deref()),
            (Part::Channel, self.channel.as_deref()),
            (Part::Id, self.id.as_deref()),
            (Part::ReplyTo, self.reply_to.as_deref()),
            (Part::ForwardedFrom, self.forwarded_from.as_deref()),
        ]
    }

    /// The columns among `names`. As the user said; where they said nothing, or nothing that is there, by common names, of which a
    /// chat has those of a text and of an author or a time.
    pub(crate) fn among(columns: Option<&Self>, names: &[String]) -> Option<Vec<(Part, usize)>> {
        let plain_names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let find = |wanted: &str| plain_names.iter().position(|name| *name == wanted);
        let Some(columns) = columns else {
            let mut found: Vec<(Part, usize)> = Vec::new();
            for (part, guesses) in GUESSES {
                let free = guesses.iter().filter_map(|guess| find(guess)).find(|at| found.iter().all(|(_, f)| f != at));
                found.extend(free.map(|at| (*part, at)));
            }
            let has = |part: Part| found.iter().any(|(found, _)| *found == part);
            return (has(Part::Text) && (has(Part::Author) || has(Part::At))).then_some(found);
        };
        let found = columns.named().into_iter().filter_map(|(part, name)| Some((part, find(&plain(name?))?)));
        let found: Vec<_> = found.collect();
        if found.iter().any(|(part, _)| *part == Part::Text) {
            return Some(found);
        }
        Self::among(None, names)
    }
}

/// Sets what a column holds; false where it is a time that cannot be read.
pub(crate) fn set(said: &mut Said, part: Part, value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || value == "null" {
        return true;
    }
    let Message { id, channel, author, at, reply_to, forwarded_from, .. } = &mut said.message;
    let field = match part {
        Part::Text => return true,
        Part::At => {
            *at = time(value);
            return at.is_some();
        }
        Part::Author => author,
        Part::Channel => channel,
        Part::Id => id,
        Part::ReplyTo => reply_to,
        Part::ForwardedFrom => forwarded_from,
    };
    *field = Some(value.to_owned());
    true
}

/// A time in one of the forms of [`ChatColumns::at`].
fn time(value: &str) -> Option<Moment> {
    match value.parse::<f64>() {
        Ok(number) => moment::unix(number),
        Err(_) => moment::iso(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: Option<&ChatColumns>, names: &[&str]) -> Option<Vec<(Part, usize)>> {
        ChatColumns::among(columns, &names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_guessed_by_common_names_and_only_where_there_is_a_chat() {
        let expected = Some(vec![(Part::Text, 3), (Part::Author, 1), (Part::At, 0), (Part::Id, 2)]);
        assert_eq!(found(None, &["Date", "From", "Message-ID", "Message"]), expected);
        assert_eq!(found(None, &["التاريخ", "المرسل", "النص"]).map(|f| f.len()), Some(3));
        assert_eq!(found(None, &["Дата", "Автор", "Текст"]).map(|f| f.len()), Some(3));
        assert_eq!(found(None, &["Tarih", "Gönderen", "Mesaj"]).map(|f| f.len()), Some(3));
        assert_eq!(found(None, &["amount", "currency", "date"]), None);
        assert_eq!(found(None, &["text", "label"]), None);
    }

    #[test]
    fn columns_that_the_user_names_are_taken_and_where_they_are_not_there_common_names() {
        let columns = ChatColumns { text: "Inhalt".into(), author: Some("wer".into()), ..ChatColumns::default() };
        assert_eq!(found(Some(&columns), &["wer", "inhalt"]), Some(vec![(Part::Text, 1), (Part::Author, 0)]));
        assert_eq!(found(Some(&columns), &["text", "author"]), Some(vec![(Part::Text, 0), (Part::Author, 1)]));
        assert_eq!(found(Some(&columns), &["texto", "author"]), None);
    }

    #[test]
    fn times_are_read_in_their_forms_and_others_are_none() {
        for value in ["2023-11-14T22:13:20Z", "1700000000", "1700000000000", "1700000000.5", "2023-11-14 22:13:20 UTC"]
        {
            assert_eq!(time(value).map(|m| m.time.0), Some(1_700_000_000), "{value}");
        }
        assert_eq!(time("14/11/2023"), None);
        assert_eq!(time("NaN"), None);
    }
}
