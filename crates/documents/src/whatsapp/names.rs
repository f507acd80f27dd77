//! Names in a chat: of who writes, and of the chat.

use super::line::is_mark;
use crate::Document;
use std::collections::HashMap;

/// Characters of a name; what WhatsApp lets one have is 25, and phone books let more.
const NAME_CHARS_MAX: usize = 100;
/// Messages that must begin alike before a colon counts as part of a name.
const ALIKE_MIN: u32 = 3;
/// Names that are counted. A chat has at most some thousand members.
const NAMES_MAX: usize = 10_000;

/// What is before the name of the chat in the file's name, by language, and what is behind it.
const BEFORE: &[&str] = &[
    "whatsapp chat with ",
    "whatsapp chat - ",
    "chat whatsapp con ",
    "chat de whatsapp con ",
    "conversa do whatsapp com ",
    "discussion whatsapp avec ",
    "whatsapp-chat mit ",
    "whatsapp chat mit ",
    "whatsapp-chat met ",
    "чат whatsapp с ",
    "чат whatsapp с контактом ",
    "محادثة واتساب مع ",
    "دردشة واتساب مع ",
    "دردشة whatsapp مع ",
    "محادثة whatsapp مع ",
    "גיבוי צ'אט whatsapp עם ",
    "צ'אט whatsapp עם ",
    "گپ واتساپ با ",
    "گفتگوی whatsapp با ",
    "whatsapp گفتگو با ",
    "chat whatsapp dengan ",
];
const BEHIND: &[&str] = &[" ile whatsapp sohbeti", " ile whatsapp sohbetleri"];

/// The name of the chat, from the file's name or that of what it is in.
pub(crate) fn channel(document: &Document) -> Option<String> {
    let of_member = document.member.as_deref().unwrap_or_default();
    let names = of_member.rsplit(" > ").chain([&*document.file]);
    names.into_iter().find_map(|name| {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem: String = name.chars().filter(|c| !is_mark(*c)).collect();
        let stem = stem.strip_suffix(".txt").or_else(|| stem.strip_suffix(".zip")).unwrap_or(&stem);
        let behind = BEHIND.iter().find_map(|words| cut_end(stem, words));
        let before = BEFORE.iter().find_map(|words| cut_begin(stem, words));
        before.or(behind).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    })
}

fn cut_begin<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let begin = text.get(..words.len())?;
    (begin.to_lowercase() == words).then(|| &text[words.len()..])
}

fn cut_end<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(words.len())?;
    (text.get(at..)?.to_lowercase() == words).then(|| &text[..at])
}

/// The names that the beginning of a chat shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// How often a line has these words before its first colon.
    first: HashMap<String, u32>,
    /// How often before its second.
    second: HashMap<String, u32>,
}

/// The ends of what is before the first and the second colon.
fn colons(line: &str) -> (Option<usize>, Option<usize>) {
    let mut ends = line
        .match_indices(':')
        .map(|(at, _)| at)
        .filter(|at| line[at + 1..].chars().find(|c| !is_mark(*c)).is_none_or(char::is_whitespace));
    (ends.next(), ends.next())
}

impl Names {
    /// Counts what a message, without its date, begins with.
    pub(crate) fn count(&mut self, line: &str) {
        let (first, second) = colons(line);
        for (end, counts) in [(first, &mut self.first), (second, &mut self.second)] {
            if let Some(end) = end.filter(|end| is_name(&line[..*end])) {
                if let Some(count) = counts.get_mut(&line[..end]) {
                    *count += 1;
                } else if counts.len() < NAMES_MAX {
                    counts.insert(line[..end].to_owned(), 1);
                }
            }
        }
    }

    /// Who wrote a message, and where its text begins; `None` for what WhatsApp wrote.
    ///
    /// A name that contains a colon is known by this: all messages that begin with its first half go on with its second.
    pub(crate) fn author(&self, line: &str) -> Option<(String, usize)> {
        let (first, second) = colons(line);
        let first = first.filter(|end| is_name(&line[..*end]))?;
        let longer = second.filter(|end| {
            let alike = self.second.get(&line[..*end]).copied().unwrap_or_default();
            alike >= ALIKE_MIN && self.first.get(&line[..first]) == Some(&alike)
        });
        let end = longer.unwrap_or(first);
        let name: String = line[..end].chars().filter(|c| !is_mark(*c)).collect();
        let name = name.trim().trim_start_matches('~').trim();
        let after = &line[end + 1..];
        let blank = after.len() - after.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
        (!name.is_empty()).then(|| (name.to_owned(), end + 1 + blank.min(after.len())))
    }
}

/// Whether words can be a name: notices with a colon in them mostly quote something before it.
fn is_name(words: &str) -> bool {
    words.chars().count() <= NAME_CHARS_MAX && !words.contains(['"', '\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_colon_is_known_by_its_repetition() {
        let mut names = Names::default();
        for text in ["Team: Aid: hello", "Team: Aid: give", "Team: Aid: again", "Ali: note: x", "Ali: y", "Ali: z"] {
            names.count(text);
        }
        assert_eq!(names.author("Team: Aid: more"), Some(("Team: Aid".into(), 11)));
        assert_eq!(names.author("Ali: note: x"), Some(("Ali".into(), 5)));
        assert_eq!(names.author("+90 555 000 00 00: x"), Some(("+90 555 000 00 00".into(), 19)));
        assert_eq!(names.author("\u{202a}+90 555\u{202c}: x").map(|a| a.0), Some("+90 555".into()));
        assert_eq!(names.author("~ Bo: x").map(|a| a.0), Some("Bo".into()));
        assert_eq!(names.author("Ali changed the subject to \"A: B\""), None);
        assert_eq!(names.author("Ali joined using this group's invite link"), None);
        assert_eq!(names.author("http://example.org: x").map(|a| a.0), Some("http://example.org".into()));
    }

    #[test]
    fn the_chat_has_the_name_in_the_name_of_its_file() {
        let of = |file: &str, member: Option<&str>| {
            let mut document = Document::file(file);
            document.member = member.map(str::to_owned);
            channel(&document)
        };
        assert_eq!(of("in/WhatsApp Chat with Aid Group.txt", None), Some("Aid Group".into()));
        assert_eq!(of("WhatsApp Chat - Aid.zip", Some("_chat.txt")), Some("Aid".into()));
        assert_eq!(of("x.zip", Some("Discussion WhatsApp avec Secours.txt")), Some("Secours".into()));
        assert_eq!(of("Yardım ile WhatsApp Sohbeti.txt", None), Some("Yardım".into()));
        assert_eq!(of("محادثة واتساب مع العون.txt", None), Some("العون".into()));
        assert_eq!(of("_chat.txt", None), None);
    }
}
