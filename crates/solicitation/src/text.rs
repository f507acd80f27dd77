//! Text as it is compared: words in one form, each with its place in the text as written.
//!
//! Who hides a text from filters writes `d0nate`, `t a b a r r u`, stretches words with tatweel or puts characters between the
//! letters that cannot be seen. All of that folds away here, and the place of a word stays that of what was written.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text that is compared, in bytes; what follows is left out. A segment is a paragraph or a message.
pub const TEXT_MAX: usize = 16 << 10;

/// A word longer than this is no word: an address, a key.
const WORD_MAX: usize = 24;

/// One word.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// Bytes of [`Text::folded`].
    pub(crate) folded: Range<usize>,
    /// Bytes of the text as written.
    pub(crate) at: Range<usize>,
    /// Number of the sentence, from 0.
    pub(crate) sentence: u32,
    /// Whether it was spelt letter by letter, so that it may be several words.
    pub(crate) spelt: bool,
}

/// A text with its words in one form: ` word word word `.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) folded: String,
    pub(crate) tokens: Vec<Token>,
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        let text = head(text);
        let raw = tokens(text);
        let mut out = Self { folded: String::with_capacity(text.len() + 2), tokens: Vec::with_capacity(raw.len()) };
        out.folded.push(' ');
        let mut i = 0;
        while i < raw.len() {
            let run = spaced(text, &raw[i..]);
            let start = out.folded.len();
            if run == 1 {
                out.folded.push_str(&raw[i].word);
            } else {
                out.folded.push_str(&tidy(&raw[i..i + run].iter().map(|r| r.word.as_str()).collect::<String>()));
            }
            out.tokens.push(Token {
                folded: start..out.folded.len(),
                at: raw[i].at.start..raw[i + run - 1].at.end,
                sentence: raw[i].sentence,
                spelt: run > 1,
            });
            out.folded.push(' ');
            i += run;
        }
        out
    }

    pub(crate) fn word(&self, token: usize) -> &str {
        &self.folded[self.tokens[token].folded.clone()]
    }

    /// The word that holds a byte of the folded text.
    pub(crate) fn token_at(&self, byte: usize) -> Option<usize> {
        let i = self.tokens.partition_point(|t| t.folded.start <= byte).checked_sub(1)?;
        (byte < self.tokens[i].folded.end).then_some(i)
    }
}

/// The part of a text that is compared.
pub(crate) fn head(text: &str) -> &str {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

struct Raw {
    word: String,
    at: Range<usize>,
    sentence: u32,
}

fn tokens(text: &str) -> Vec<Raw> {
    let mut out: Vec<Raw> = Vec::with_capacity(text.len() / 5);
    let mut word = String::new();
    let mut at = 0..0;
    let mut sentence = 0;
    let mut chars = text.char_indices().peekable();
    let mut close = |word: &mut String, at: &Range<usize>, sentence: u32| {
        if !word.is_empty() {
            out.push(Raw { word: tidy(word), at: at.clone(), sentence });
            word.clear();
        }
    };
    while let Some((i, c)) = chars.next() {
        if unseen(c) {
            continue;
        }
        let before = word.len();
        if c == '\u{301}' && word.ends_with('e') {
            word.pop();
            word.push('é');
            at.end = i + c.len_utf8();
            continue;
        }
        fold(c, &mut word);
        if word.len() > before || is_combining_mark(c) || (c == 'ء' && before > 0) {
            if before == 0 {
                at.start = i;
            }
            at.end = i + c.len_utf8();
            continue;
        }
        let next = chars.peek().map(|(_, c)| *c);
        // a sign for a letter
        if let ('@' | '$', Some(next)) = (c, next)
            && next.is_ascii_alphabetic()
            && word.ends_with(|c: char| c.is_ascii_alphabetic())
        {
            word.push(if c == '@' { 'a' } else { 's' });
            at.end = i + 1;
            continue;
        }
        close(&mut word, &at, sentence);
        let ends = match c {
            '\n' | '!' | '?' | '؟' | '۔' | '…' | ';' | '؛' => true,
            '.' => next.is_none_or(|n| !n.is_alphanumeric()),
            _ => false,
        };
        sentence += u32::from(ends);
    }
    close(&mut word, &at, sentence);
    out
}

/// Characters that show as nothing or only turn the direction. The joiners of Persian are among them: the words of the
/// lexicons are folded in the same way.
const fn unseen(c: char) -> bool {
    matches!(
        c,
        'ـ' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}'
            | '\u{061C}'
            | '\u{FEFF}'
            | '\u{00AD}'
            | '\u{034F}'
            | '\u{180E}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// Adds the folded form of a character to a word: nothing where it is no letter or digit.
fn fold(c: char, word: &mut String) {
    match c {
        'a'..='z' | '0'..='9' => word.push(c),
        'A'..='Z' => word.push(c.to_ascii_lowercase()),
        '\0'..='\u{7F}' => {}
        _ => fold_wide(c, word),
    }
}

fn fold_wide(c: char, word: &mut String) {
    if let Some(folded) = plain(c) {
        word.push(folded);
        return;
    }
    for c in [c].into_iter().nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match plain(c) {
            Some(folded) => word.push(folded),
            None if c == 'ء' || unseen(c) || is_combining_mark(c) => {}
            None if c.is_alphanumeric() => word.push(c),
            None => {}
        }
    }
}

/// The plain form of a letter that has one. Forms that a keyboard or a habit chooses are one letter: hamza and its carriers, alef
/// maqsura, ta marbuta, the kaf, ya and ha of Persian and Urdu, the dotless i of Turkish, yo of Russian.
const fn plain(c: char) -> Option<char> {
    Some(match c {
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ا' => 'ا',
        'ؤ' => 'و',
        'ئ' | 'ى' | 'ی' | 'ې' | 'ے' | 'ۓ' => 'ي',
        'ک' | 'ڪ' => 'ك',
        'ہ' | 'ھ' | 'ۀ' | 'ە' | 'ۂ' | 'ة' | 'ۃ' => 'ه',
        'ٹ' => 'ت',
        'ڈ' => 'د',
        'ڑ' => 'ر',
        'ں' => 'ن',
        'ب' | 'ت' | 'ث' | 'ج' | 'ح' | 'خ' | 'د' | 'ذ' | 'ر' | 'ز' | 'س' | 'ش' | 'ص' | 'ض' | 'ط' | 'ظ' | 'ع' | 'غ'
        | 'ف' | 'ق' | 'ك' | 'ل' | 'م' | 'ن' | 'ه' | 'و' | 'ي' | 'پ' | 'چ' | 'ژ' | 'گ' => c,
        '٠'..='٩' => (b'0' + (c as u32 - '٠' as u32) as u8) as char,
        '۰'..='۹' => (b'0' + (c as u32 - '۰' as u32) as u8) as char,
        'ı' | 'İ' => 'i',
        'ё' | 'Ё' => 'е',
        'а'..='я' => c,
        'А'..='Я' => match char::from_u32(c as u32 + 32) {
            Some(small) => small,
            None => c,
        },
        'ך' => 'כ',
        'ם' => 'מ',
        'ן' => 'נ',
        'ף' => 'פ',
        'ץ' => 'צ',
        'א'..='ת' => c,
        // told apart at the end of a word, see `tidy`
        'é' | 'É' => 'é',
        'æ' | 'Æ' => 'e',
        'œ' | 'Œ' => 'o',
        'ø' | 'Ø' => 'o',
        'ł' | 'Ł' => 'l',
        'đ' | 'Đ' => 'd',
        _ => return None,
    })
}

/// A word without stretched letters, signs for letters and letters of another script that look alike.
fn tidy(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    if word.chars().count() > WORD_MAX {
        return word.to_owned();
    }
    let mut letters: Vec<char> = word.chars().collect();
    // in French it tells who gave (donné) from give! (donne); elsewhere it is left out in haste
    let last = letters.iter().rposition(|c| !matches!(c, 'e' | 's'));
    for (i, c) in letters.iter_mut().enumerate() {
        if *c == 'é' && Some(i) != last {
            *c = 'e';
        }
    }
    let latin = letters.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let cyrillic = letters.iter().filter(|c| ('а'..='я').contains(*c)).count();
    let mut i = 0;
    while i < letters.len() {
        let c = letters[i];
        let run = letters[i..].iter().take_while(|o| **o == c).count();
        let inside = i > 0 && i + run < letters.len();
        let between = inside && letters[i - 1].is_ascii_alphabetic() && letters[i + run].is_ascii_alphabetic();
        let folded = match c {
            '0' if between => 'o',
            '1' if between && run == 2 => 'l',
            '1' if between => 'i',
            '3' if between => 'e',
            '4' if between => 'a',
            '5' if between => 's',
            '7' if between => 't',
            _ if latin > cyrillic && cyrillic > 0 => looks_like(c),
            _ if cyrillic > latin && latin > 0 => looks_like_back(c),
            _ => c,
        };
        let keep = if c.is_alphabetic() && run >= 3 { 1 } else { run };
        out.extend(std::iter::repeat_n(folded, keep));
        i += run;
    }
    // the mute alef after the plural's waw is left out in dialects and in haste
    if letters.len() > 4 && out.ends_with("وا") {
        out.pop();
    }
    out
}

/// Cyrillic and Latin letters that look alike.
const ALIKE: [(char, char); 11] = [
    ('а', 'a'),
    ('в', 'b'),
    ('е', 'e'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('т', 't'),
    ('х', 'x'),
];

fn looks_like(c: char) -> char {
    ALIKE.iter().find(|(cyrillic, _)| *cyrillic == c).map_or(if c == 'у' { 'y' } else { c }, |(_, latin)| *latin)
}

fn looks_like_back(c: char) -> char {
    ALIKE.iter().find(|(_, latin)| *latin == c).map_or(if c == 'y' { 'у' } else { c }, |(cyrillic, _)| *cyrillic)
}

/// How many of the first words are single letters parted by one sign, which spell one word: four or more; else 1.
fn spaced(text: &str, raw: &[Raw]) -> usize {
    let single = |r: &Raw| {
        let mut chars = r.word.chars();
        matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic())
    };
    if raw.is_empty() || !single(&raw[0]) {
        return 1;
    }
    let mut run = 1;
    while run < raw.len()
        && single(&raw[run])
        && raw[run].sentence == raw[0].sentence
        && text[raw[run - 1].at.end..raw[run].at.start].chars().filter(|c| !unseen(*c)).count() == 1
    {
        run += 1;
    }
    if run >= 4 { run } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> String {
        Text::new(text).folded.trim().to_owned()
    }

    #[test]
    fn one_word_in_many_dresses_is_one_word() {
        assert_eq!(plain("تَبَرَّعُوا"), plain("تبـــرعوا"));
        assert_eq!(plain("الشهداء إلى أُسَرِ"), plain("الشهدا الي اسر"));
        assert_eq!(plain("مؤسسة ﻣﺤﻤﺪ ١٢"), "موسسه محمد 12");
        assert_eq!(plain("BAĞIŞ İçin ışık"), "bagis icin isik");
        assert_eq!(plain("l’Ouest éléphant"), "l ouest elephant");
        assert_eq!(plain("donné DONNÉES donne e\u{301}té"), "donné données donne eté");
        assert_eq!(plain("ещё ЁЛКА"), "еще елка");
        assert_eq!(plain("می‌کنیم"), plain("ميكنيم"));
    }

    #[test]
    fn what_hides_a_word_folds_away() {
        assert_eq!(plain("d0nate b1tcoin wa11et don@te"), "donate bitcoin wallet donate");
        assert_eq!(plain("d o n a t e now, I a b"), "donate now i a b");
        assert_eq!(plain("ت ب ر ع و ا الآن"), "تبرعو الان");
        assert_eq!(plain("do\u{200B}na\u{00AD}te pleaaaase"), "donate please");
        assert_eq!(plain("dоnаte"), "donate"); // with Cyrillic letters
        assert_eq!(plain("TRC20 2024 3rd"), "trc20 2024 3rd");
    }

    #[test]
    fn sentences_and_places_are_kept() {
        let written = "Send 0.5 now. Дайте, «تـبرعوا»!";
        let text = Text::new(written);
        let last = text.tokens.last().unwrap();
        assert_eq!((&written[last.at.clone()], last.sentence), ("تـبرعوا", 1));
        assert_eq!(text.tokens.iter().filter(|t| t.sentence == 0).count(), 4);
        assert_eq!(text.token_at(last.folded.start + 2), Some(text.tokens.len() - 1));
    }

    proptest! {
        #[test]
        fn any_text_folds_with_places_inside_it(written in "\\PC{0,200}") {
            let text = Text::new(&written);
            for token in &text.tokens {
                prop_assert!(written.get(token.at.clone()).is_some());
                prop_assert!(text.folded.get(token.folded.clone()).is_some_and(|w| !w.is_empty()));
            }
            // folding what was folded changes nothing but merged letters
            let again = Text::new(&text.folded);
            prop_assert!(again.tokens.len() <= text.tokens.len());
        }
    }
}
