//! What WhatsApp itself writes into a chat, by language: halves of the day, deleted and edited messages, media left out.
//!
//! The lists are of the phrases that phones write; one that is missing makes a line of the service look like the author's, and costs
//! nothing else. Most of what WhatsApp writes is known by its form instead: a left-to-right mark before it, or angle brackets around.

use super::line::{Half, is_mark};

/// Half-day words as the CLDR gives them for the languages of phones, without points and blanks.
const MORNING: &[&str] = &[
    "am",
    "vm",
    "fm",
    "ap",
    "dop",
    "de",
    "öö",
    "ص",
    "صباحا",
    "صباحاً",
    "قظ",
    "قبلازظهر",
    "قبلدوپہر",
    "לפנהצ",
    "上午",
    "午前",
    "오전",
    "πμ",
    "sa",
    "pg",
    "проб",
    "претпладне",
    "पूर्वाह्न",
    "முற்பகல்",
    "priešpiet",
    "priekšp",
    "pd",
    "eparadites",
    "ጥዋት",
];
const AFTERNOON: &[&str] = &[
    "pm",
    "nm",
    "em",
    "ip",
    "odp",
    "du",
    "ös",
    "م",
    "مساء",
    "مساءً",
    "بظ",
    "بعدازظهر",
    "بعددوپہر",
    "אחהצ",
    "下午",
    "午後",
    "오후",
    "μμ",
    "ch",
    "ptg",
    "слоб",
    "попладне",
    "अपराह्न",
    "பிற்பகல்",
    "popiet",
    "pēcp",
    "md",
    "epasdites",
    "ከሰዓት",
];

const DELETED: &[&str] = &[
    "this message was deleted",
    "you deleted this message",
    "تم حذف هذه الرسالة",
    "لقد حذفت هذه الرسالة",
    "حذفت هذه الرسالة",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "bu mesaj silindi",
    "bu mesajı sildiniz",
    "این پیام حذف شد",
    "این پیام حذف شده است",
    "شما این پیام را حذف کردید",
    "הודעה זו נמחקה",
    "מחקת הודעה זו",
    "данное сообщение удалено",
    "это сообщение удалено",
    "вы удалили данное сообщение",
    "یہ پیغام حذف کر دیا گیا",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "eliminaste este mensaje",
    "mensagem apagada",
    "essa mensagem foi apagada",
    "questo messaggio è stato eliminato",
    "pesan ini telah dihapus",
];

const EDITED: &[&str] = &[
    "this message was edited",
    "تم تعديل هذه الرسالة",
    "ce message a été modifié",
    "bu mesaj düzenlendi",
    "این پیام ویرایش شد",
    "این پیام ویرایش شده است",
    "הודעה זו נערכה",
    "данное сообщение изменено",
    "сообщение изменено",
    "یہ پیغام ترمیم کیا گیا",
    "diese nachricht wurde bearbeitet",
    "se editó este mensaje",
    "mensagem editada",
    "questo messaggio è stato modificato",
];

/// The half of the day that a word tells.
pub(crate) fn half(word: &str) -> Option<Half> {
    let plain: String = word
        .to_lowercase()
        .chars()
        .filter(|c| !is_mark(*c) && !c.is_whitespace() && !matches!(c, '.' | '\u{5f4}' | '"' | '\u{2019}' | ','))
        .collect();
    if MORNING.contains(&&*plain) {
        Some(Half::Morning)
    } else if AFTERNOON.contains(&&*plain) {
        Some(Half::Afternoon)
    } else {
        None
    }
}

fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !is_mark(*c)).collect();
    kept.trim().trim_end_matches(['.', '。', '۔']).to_lowercase()
}

/// Whether a whole message only says that it was deleted.
pub(crate) fn is_deleted(text: &str) -> bool {
    text.len() < 200 && DELETED.contains(&&*plain(text))
}

/// Where in a message the mark begins that says that it was edited.
pub(crate) fn edited_at(text: &str) -> Option<usize> {
    let end = text.trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()).strip_suffix('>')?;
    let at = end.rfind('<')?;
    let words = &end[at + 1..];
    let marked = text[..at].ends_with('\u{200e}');
    let short = words.len() < 120 && !words.contains(['\n', '/', ':']);
    (short && (marked && at > 3 || EDITED.contains(&&*plain(words)))).then_some(at)
}

/// Whether a whole message is words of WhatsApp in the place of media that was left out: `<Media omitted>`, or words behind a
/// left-to-right mark (`‎image omitted`).
pub(crate) fn is_left_out(text: &str) -> bool {
    let words = text.trim();
    if words.len() > 200 || words.contains('\n') {
        return false;
    }
    let bare: String = words.chars().filter(|c| !is_mark(*c)).collect();
    let bracketed = bare.starts_with('<') && bare.ends_with('>') && !bare.contains([':', '/']);
    // people copy addresses with such marks before them
    let long_word =
        words.split_whitespace().any(|word| word.len() >= 25 && word.chars().all(|c| c.is_ascii() || is_mark(c)));
    bracketed || (words.starts_with('\u{200e}') && !long_word && attached(text).is_none())
}

/// The name of a file that a message's first line says is attached, where in the text: `IMG-1.jpg (file attached)`, or
/// `‎<attached: 1-PHOTO.jpg>`. Second, where the line ends.
pub(crate) fn attached(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let end = text.find('\n').unwrap_or(text.len());
    let line = text[..end].trim_end_matches(|c: char| is_mark(c) || c.is_whitespace());
    let begin = line.len() - line.trim_start_matches(|c: char| is_mark(c) || c.is_whitespace()).len();
    let inner = &line[begin..];
    if let Some(inside) = inner.strip_prefix('<').and_then(|l| l.strip_suffix('>')) {
        let colon = inside.find(':')?;
        let name = &inside[colon + 1..];
        let lead = name.len() - name.trim_start_matches(|c: char| is_mark(c) || c.is_whitespace()).len();
        let from = begin + 1 + colon + 1 + lead;
        let name = text[from..begin + 1 + inside.len()].trim_end();
        return is_file(name).then(|| (from..from + name.len(), end));
    }
    // only short words in the bracket, and a name before it
    let open = inner.rfind(" (")?;
    let words = inner[open + 2..].strip_suffix(')')?;
    let name = &inner[..open];
    (is_file(name) && words.chars().count() <= 40 && !words.contains(['/', ':', '@']))
        .then(|| (begin..begin + open, end))
}

/// Whether words are the name of a file.
fn is_file(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    !stem.is_empty()
        && name.len() <= 255
        && (2..=5).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic())
        && !name.contains(['\n', '<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_message_and_media_left_out_are_the_words_of_the_service() {
        for text in
            ["This message was deleted", "\u{200e}You deleted this message.", "تم حذف هذه الرسالة", "Bu mesaj silindi"]
        {
            assert!(is_deleted(text), "{text}");
        }
        assert!(!is_deleted("this message was deleted by the censors, send to another"));
        for text in
            ["<Media omitted>", "\u{200e}image omitted", "\u{200e}<\u{200e}تم استبعاد الوسائط>", "<Без медиафайлов>"]
        {
            assert!(is_left_out(text), "{text}");
        }
        for text in ["<https://example.org/>", "<bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT>", "a < b > c", "<a>\n<b>"]
        {
            assert!(!is_left_out(text), "{text}");
        }
    }

    #[test]
    fn attached_files_give_their_names_and_leave_the_caption() {
        for (text, name) in [
            ("IMG-20201231-WA0001.jpg (file attached)\nthe caption", "IMG-20201231-WA0001.jpg"),
            ("\u{200e}IMG-1.jpg (الملف مرفق)\nx", "IMG-1.jpg"),
            ("\u{200e}<attached: 00000012-PHOTO-2020-12-31.jpg>", "00000012-PHOTO-2020-12-31.jpg"),
            ("\u{200e}<مُرفق: ../../a.pdf>\nx", "../../a.pdf"),
            ("\u{200e}<pièce jointe : a b.opus>", "a b.opus"),
            ("two words.pdf (dosya ekli)", "two words.pdf"),
        ] {
            let (range, end) = attached(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(&text[range], name);
            assert!(text[end..].is_empty() || text[end..].starts_with('\n'));
        }
        for text in ["give (now)", "see example.org (a site: good)", "<b: c>", "", "x.jpg", "(file attached)"] {
            assert_eq!(attached(text), None, "{text}");
        }
    }

    #[test]
    fn the_mark_of_an_edited_message_is_found_and_other_brackets_are_not() {
        let text = "give to x \u{200e}<This message was edited>";
        assert_eq!(edited_at(text).map(|at| &text[at..]), Some("<This message was edited>"));
        assert!(edited_at("x <تم تعديل هذه الرسالة>").is_some());
        assert_eq!(edited_at("x <name@example.org>"), None);
        assert_eq!(edited_at("x <y>"), None);
        assert_eq!(edited_at(">"), None);
    }
}
