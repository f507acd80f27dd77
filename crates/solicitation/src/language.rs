//! The language of a text, from its script, its commonest words and the letters that only one language writes; a general detector
//! ([`whatlang`]) decides where these say little.
//!
//! A message is short and mixes languages, where detectors by letter statistics err: so each sentence and script is told for
//! itself, and what speaks is weighed by its letters.

use crate::Language;
use crate::lexicon::Lexicon;
use crate::text::{Text, head};
use serde::{Deserialize, Serialize};
use whatlang::{Detector, Lang};

/// The language of a text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Languages {
    /// The main one; `None`: none of the eight, or no words.
    pub main: Option<Language>,
    /// How sure that is, in percent.
    pub reliability: u8,
    /// The others that take up a tenth of the letters or more, the largest first.
    pub others: Vec<Language>,
}

/// The share of the letters from which another language is told, in percent.
const OTHER_PERCENT: usize = 10;

/// Below this reliability every language of the text's scripts is looked for.
const RELIABLE: u8 = 70;

impl Language {
    /// All, in the order of the type.
    pub const ALL: [Self; 8] = [Self::Ar, Self::En, Self::Fr, Self::Tr, Self::He, Self::Fa, Self::Ur, Self::Ru];

    /// The code of ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::En => "en",
            Self::Fr => "fr",
            Self::Tr => "tr",
            Self::He => "he",
            Self::Fa => "fa",
            Self::Ur => "ur",
            Self::Ru => "ru",
        }
    }

    /// The language of a code of ISO 639-1.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The language of a text.
pub fn language(text: &str) -> Languages {
    detect(head(text), &Text::new(text)).0
}

/// What was found, and the languages to look for as [`Language::bit`]s.
pub(crate) fn detect(written: &str, text: &Text) -> (Languages, u8) {
    let lexicon = Lexicon::embedded();
    // per language the letters that speak it and how sure that is; the last place: another language
    let mut letters = [0usize; 9];
    let mut sure = [0f32; 9];
    let mut unknown = [0usize; 4];
    let mut start = 0;
    while start < text.tokens.len() {
        let sentence = text.tokens[start].sentence;
        let end = start + text.tokens[start..].partition_point(|t| t.sentence == sentence);
        for script in [Script::Arabic, Script::Hebrew, Script::Cyrillic, Script::Latin] {
            let unit = Unit::new(script, written, text, start..end, lexicon);
            if unit.letters == 0 {
                continue;
            }
            let count = unit.letters;
            let (which, confidence) = unit.told(written, text, start..end);
            match which {
                Some(which) => {
                    letters[which] += count;
                    sure[which] += confidence * count as f32;
                }
                None => unknown[script as usize] += count,
            }
        }
        start = end;
    }
    // what does not tell itself is of the language of its script that does, else of the one it would ordinarily be
    let mut guessed = 0;
    for (script, count) in [Script::Arabic, Script::Hebrew, Script::Cyrillic, Script::Latin].iter().zip(unknown) {
        if count > 0 {
            let of_script = script.languages();
            let best = of_script.iter().map(|l| *l as usize).max_by_key(|l| letters[*l]).unwrap_or(8);
            if letters[best] > 0 {
                sure[best] += 0.6 * count as f32;
                letters[best] += count;
            } else {
                guessed |= script.bits();
                letters[of_script[0] as usize] += count;
                sure[of_script[0] as usize] += 0.3 * count as f32;
            }
        }
    }
    let total: usize = letters.iter().sum();
    let Some(best) = (0..9).filter(|l| letters[*l] > 0).max_by_key(|l| letters[*l]) else {
        return (Languages::default(), 0);
    };
    let reliability = (100.0 * sure[best] / letters[best] as f32) as u8;
    let mut order: Vec<Language> = Language::ALL
        .into_iter()
        .filter(|l| *l as usize != best && letters[*l as usize] * 100 >= total * OTHER_PERCENT)
        .collect();
    order.sort_by_key(|l| std::cmp::Reverse(letters[*l as usize]));
    let main = Language::ALL.get(best).copied();
    let mut bits = guessed | order.iter().chain(&main).map(|l| l.bit()).fold(0, |a, b| a | b);
    for l in Language::ALL {
        // a few words of another script are read as well
        if letters[l as usize] > 0 {
            bits |= l.bit();
        }
    }
    if reliability < RELIABLE
        && let Some(main) = main
    {
        bits |= Script::of(main).bits();
    }
    (Languages { main, reliability: reliability.min(100), others: order }, bits)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Arabic,
    Hebrew,
    Cyrillic,
    Latin,
}

impl Script {
    const fn of(language: Language) -> Self {
        match language {
            Language::Ar | Language::Fa | Language::Ur => Self::Arabic,
            Language::He => Self::Hebrew,
            Language::Ru => Self::Cyrillic,
            Language::En | Language::Fr | Language::Tr => Self::Latin,
        }
    }

    fn languages(self) -> &'static [Language] {
        match self {
            Self::Arabic => &[Language::Ar, Language::Fa, Language::Ur],
            Self::Hebrew => &[Language::He],
            Self::Cyrillic => &[Language::Ru],
            Self::Latin => &[Language::En, Language::Fr, Language::Tr],
        }
    }

    fn bits(self) -> u8 {
        self.languages().iter().fold(0, |bits, l| bits | l.bit())
    }

    /// The script of a word; `None` of numbers, and of addresses and the like.
    fn of_word(word: &str) -> Option<Self> {
        let first = word.chars().find(|c| c.is_alphabetic())?;
        if word.len() > 24 && first.is_ascii() {
            return None;
        }
        Some(match first {
            '\u{0590}'..='\u{05FF}' => Self::Hebrew,
            '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' => Self::Arabic,
            '\u{0400}'..='\u{04FF}' => Self::Cyrillic,
            _ if first.is_ascii_alphabetic() || ('\u{C0}'..='\u{24F}').contains(&first) => Self::Latin,
            _ => return None,
        })
    }
}

/// The words of one script in one sentence, and what speaks for each language.
struct Unit {
    script: Script,
    letters: usize,
    words: usize,
    common_words: usize,
    points: [f32; 9],
}

impl Unit {
    fn new(script: Script, written: &str, text: &Text, tokens: std::ops::Range<usize>, lexicon: &Lexicon) -> Self {
        let mut unit = Self { script, letters: 0, words: 0, common_words: 0, points: [0.0; 9] };
        for token in tokens {
            let word = text.word(token);
            if Script::of_word(word) != Some(script) {
                continue;
            }
            let length = word.chars().count();
            unit.letters += length;
            unit.words += 1;
            let common = lexicon.common(word) & script.bits();
            unit.common_words += usize::from(common != 0);
            let sharers = common.count_ones() as f32;
            for l in script.languages() {
                if common & l.bit() != 0 {
                    unit.points[*l as usize] += 1.0 / sharers;
                }
            }
            for c in written[text.tokens[token].at.clone()].chars() {
                unit.marker(c);
            }
            if script == Script::Arabic && length > 4 && (word.starts_with("ال") || word.starts_with("وال")) {
                unit.points[Language::Ar as usize] += 0.4;
            }
        }
        match script {
            Script::Hebrew => unit.points[Language::He as usize] += 3.0,
            Script::Cyrillic => unit.points[Language::Ru as usize] += 1.5,
            Script::Arabic | Script::Latin => {}
        }
        unit
    }

    /// Letters that only one of the languages of a script writes.
    fn marker(&mut self, c: char) {
        let mut add = |l: usize, points: f32| self.points[l] += points;
        match c {
            'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ھ' | 'ہ' => add(Language::Ur as usize, 1.0),
            'پ' | 'چ' | 'ژ' | 'گ' => {
                add(Language::Fa as usize, 0.7);
                add(Language::Ur as usize, 0.5);
            }
            'ک' | 'ی' => {
                add(Language::Fa as usize, 0.3);
                add(Language::Ur as usize, 0.2);
            }
            'ة' | 'ى' | 'إ' | 'أ' => add(Language::Ar as usize, 0.5),
            'ك' | 'ي' => add(Language::Ar as usize, 0.15),
            // Pashto, Kurdish, Uyghur
            'ټ' | 'ډ' | 'ړ' | 'ږ' | 'ښ' | 'ڼ' | 'ێ' | 'ۆ' | 'ې' => add(8, 1.5),
            'ı' | 'ş' | 'ğ' | 'İ' | 'Ş' | 'Ğ' => add(Language::Tr as usize, 1.0),
            'ö' | 'ü' | 'Ö' | 'Ü' => add(Language::Tr as usize, 0.3),
            'é' | 'è' | 'à' | 'ê' | 'œ' | 'ù' | 'â' | 'î' | 'ô' | 'û' | 'É' | 'À' | 'È' | 'Ê' => {
                add(Language::Fr as usize, 0.5);
            }
            'ß' | 'ä' | 'ñ' | '¿' | '¡' | 'ã' | 'õ' | 'å' | 'ø' | 'ą' | 'ę' | 'ł' | 'ż' | 'č' | 'š' | 'ž' | 'ř'
            | 'ő' => {
                add(8, 1.0);
            }
            'á' | 'í' | 'ó' | 'ú' => add(8, 1.5),
            // Ukrainian, Belarusian, Serbian, Macedonian, Central Asia
            'і' | 'ї' | 'є' | 'ґ' | 'ў' | 'ј' | 'ђ' | 'љ' | 'њ' | 'ћ' | 'џ' | 'қ' | 'ғ' | 'ҳ' | 'ҷ' | 'ң' | 'ө'
            | 'ү' | 'ұ' | 'ә' => add(8, 1.5),
            _ => {}
        }
    }

    /// The place of the language and how sure it is from 0 to 1; `None`: nothing tells it.
    fn told(mut self, written: &str, text: &Text, tokens: std::ops::Range<usize>) -> (Option<usize>, f32) {
        let best = self.best();
        // few of the words are common ones: perhaps a language that there is no list for
        let share = self.common_words * 5 < self.words * 2;
        let few = (share && self.points[best] < 3.0) || self.points[best] < 1.5;
        if self.script == Script::Latin && few && self.letters >= 12 {
            let from = text.tokens[tokens.start].at.start;
            let mut to = text.tokens[tokens.end - 1].at.end.min(from + 400);
            while !written.is_char_boundary(to) {
                to -= 1;
            }
            if let Some(info) = Detector::new().detect(&written[from..to]) {
                let weight = if info.is_reliable() { 2.0 } else { 0.8 * info.confidence() as f32 };
                match info.lang() {
                    Lang::Eng => self.points[Language::En as usize] += weight,
                    Lang::Fra => self.points[Language::Fr as usize] += weight,
                    Lang::Tur => self.points[Language::Tr as usize] += weight,
                    _ => self.points[8] += if info.is_reliable() { 4.0 } else { 0.0 },
                }
            }
        }
        let best = self.best();
        let points = self.points[best];
        if points < 0.8 {
            return (None, 0.0);
        }
        let second = (0..9).filter(|l| *l != best).map(|l| self.points[l]).fold(0.0, f32::max);
        (Some(best), (1.0 - 0.5f32.powf(points)) * ((points - second) / points).sqrt())
    }

    fn best(&self) -> usize {
        (0..9).max_by(|a, b| self.points[*a].total_cmp(&self.points[*b]).then(b.cmp(a))).unwrap_or(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sentences_of_all_eight_are_told() {
        let cases = [
            ("ar", "أرسل المبلغ إلى العنوان التالي"),
            ("ar", "وصلنا اليوم الى المدينة"),
            ("ar", "تبرعوا الان"),
            ("en", "Send it to the address below"),
            ("en", "we will meet you there"),
            ("fr", "Envoyez votre don à cette adresse"),
            ("fr", "nous avons recu la somme hier"),
            ("tr", "Bağışlarınızı bu adrese gönderin"),
            ("tr", "bu adrese para gonderin kardesler"),
            ("he", "שלחו את הכסף לכתובת הזאת"),
            ("he", "אנחנו צריכים עזרה"),
            ("fa", "لطفا کمک خود را به این آدرس بفرستید"),
            ("fa", "ما این پول را از شما می‌خواهیم"),
            ("ur", "براہ کرم اس پتے پر رقم بھیجیں"),
            ("ur", "یہ پیسے ہمارے بھائیوں کے لیے ہیں"),
            ("ru", "Отправьте деньги на этот адрес"),
            ("ru", "мы ждем вашей помощи"),
        ];
        for (code, text) in cases {
            let told = language(text);
            assert_eq!(told.main, Language::from_code(code), "{text}: {told:?}");
            assert!(told.reliability >= 30 && told.others.is_empty(), "{text}: {told:?}");
        }
    }

    #[test]
    fn other_languages_and_no_words_are_none() {
        for text in [
            "Bitte senden Sie das Geld heute noch an die folgende Adresse, wir danken Ihnen herzlich",
            "Por favor envíen el dinero a la dirección que está abajo, muchas gracias a todos",
            "Будь ласка, надішліть гроші на цю адресу, її власник чекає",
            "1234 5678",
            "",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        ] {
            assert_eq!(language(text).main, None, "{text}: {:?}", language(text));
        }
    }

    #[test]
    fn a_mixed_text_gives_the_main_language_and_the_others() {
        let told = language("أرسلوا المبلغ إلى العنوان التالي قبل نهاية الأسبوع\nSend the money to this address");
        assert_eq!((told.main, told.others), (Some(Language::Ar), vec![Language::En]));
        let told =
            language("Envoyez votre don à cette adresse avant la fin du mois. Bu adrese gönderin. شكرا لكم جميعا");
        assert_eq!(told.main, Some(Language::Fr));
        assert!(told.others.contains(&Language::Tr) && told.others.contains(&Language::Ar), "{told:?}");
    }
}
