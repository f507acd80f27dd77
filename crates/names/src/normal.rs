//! Text as it is compared: one form for what looks or sounds the same, and what was strange about the original.

use crate::letters::{fold_arabic, latin_with_mark};
use crate::script::Script;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Something about a name as written that a reader must know, because it hides or fakes something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Marks that turn the direction of writing, so that a name shows other than it is stored.
    DirectionMarks,
    /// Characters that show as nothing, or control characters.
    Unseen,
    /// Letters of another script that look like those around them; compared as what they look like.
    LookAlikes,
    /// Longer than [`NAME_MAX`] characters: what follows was not compared.
    Cut,
    /// The replacement character: the text went through a wrong encoding before.
    Replaced,
}

impl Oddity {
    /// What the name holds, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::DirectionMarks => "marks that turn the direction of writing",
            Self::Unseen => "characters that cannot be seen",
            Self::LookAlikes => "letters of another script that look like those around them",
            Self::Cut => "more than is compared: the end was left out",
            Self::Replaced => "characters that a wrong encoding destroyed",
        }
    }
}

/// Characters of a name that are compared.
pub const NAME_MAX: usize = 400;

const fn turns(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Zero-width joiners are part of Persian and Urdu spelling, and say nothing.
const fn unseen(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{034F}' | '\u{180E}' | '\u{E0000}'..='\u{E007F}')
}

/// Signs that stand for a sound between letters, or for nothing: they never cut a name in two.
const fn apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '’' | '‘' | '`' | '´' | 'ʿ' | 'ʾ' | 'ʻ' | 'ʼ' | '′' | 'ˈ' | '\u{05F3}' | '\u{05F4}' | '"' | '“' | '”'
    )
}

/// The Latin letter that a Cyrillic or Greek one looks like.
const fn looks_like(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'е' | 'ε' => 'e',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' | 'η' => 'h',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'с' => 'c',
        'т' | 'τ' => 't',
        'у' | 'υ' => 'y',
        'х' | 'χ' => 'x',
        'і' | 'ι' => 'i',
        'ѕ' => 's',
        'ј' => 'j',
        'ԁ' => 'd',
        'ν' => 'v',
        _ => return None,
    })
}

/// The words of a name in one form, and what was odd about it. A word is a run of letters; hyphens, commas and spaces
/// part words, apostrophes do not. An initial keeps its dot as the only sign.
pub(crate) fn words(name: &str) -> (Vec<String>, Vec<Oddity>) {
    let mut odd = Vec::new();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut close = |word: &mut String, odd: &mut Vec<Oddity>| {
        if !word.is_empty() {
            words.push(one_script(std::mem::take(word), odd));
        }
    };
    for (i, c) in name.nfkc().flat_map(char::to_lowercase).enumerate() {
        if i == NAME_MAX {
            odd.push(Oddity::Cut);
            break;
        }
        match c {
            _ if turns(c) => odd.push(Oddity::DirectionMarks),
            _ if unseen(c) => odd.push(Oddity::Unseen),
            '\u{200C}' | '\u{200D}' | 'ـ' => {}
            '\u{FFFD}' => {
                odd.push(Oddity::Replaced);
                close(&mut word, &mut odd);
            }
            _ if apostrophe(c) => {
                // in Hebrew it changes the letter before it
                if word.chars().next_back().and_then(Script::of) == Some(Script::Hebrew) {
                    word.push('\'');
                } else if word == "l" || word == "d" {
                    // the French article (l'Ouest)
                    word.clear();
                }
            }
            '.' => {
                // `M.` is an initial, `S.A.` one word
                if word.chars().count() != 1 {
                    close(&mut word, &mut odd);
                }
            }
            _ if is_combining_mark(c) => {}
            _ if c.is_alphanumeric() => word.push(c),
            _ if c.is_control() && !c.is_whitespace() => odd.push(Oddity::Unseen),
            _ => close(&mut word, &mut odd),
        }
    }
    close(&mut word, &mut odd);
    odd.sort_unstable();
    odd.dedup();
    (words, odd)
}

/// A word with its letters folded, look-alikes of a minority script turned into the script of the others.
fn one_script(word: String, odd: &mut Vec<Oddity>) -> String {
    let count = |script| word.chars().filter(|c| Script::of(*c) == Some(script)).count();
    let latin = count(Script::Latin);
    let others = count(Script::Cyrillic) + count(Script::Other);
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            _ if latin > others && matches!(Script::of(c), Some(Script::Cyrillic | Script::Other)) => {
                odd.push(Oddity::LookAlikes);
                out.push(looks_like(c).unwrap_or(c));
            }
            'a'..='z' | '0'..='9' | '\'' => out.push(c),
            _ if fold_arabic(c).is_some() => out.extend(fold_arabic(c)),
            _ if latin_with_mark(c).is_some() => out.push_str(latin_with_mark(c).unwrap_or_default()),
            // й, ё and ї are letters of their own; in other scripts the mark is left out
            _ if Script::of(c) == Some(Script::Cyrillic) => out.push(c),
            _ => match c.to_digit(10).or_else(|| digit(c)) {
                Some(digit) => out.extend(char::from_digit(digit, 10)),
                None => out.extend([c].into_iter().nfd().filter(|c| !is_combining_mark(*c))),
            },
        }
    }
    out
}

/// The value of an Arabic or Persian digit.
const fn digit(c: char) -> Option<u32> {
    match c {
        '٠'..='٩' => Some(c as u32 - '٠' as u32),
        '۰'..='۹' => Some(c as u32 - '۰' as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &str) -> String {
        words(name).0.join(" ")
    }

    #[test]
    fn one_name_in_many_dresses_is_one_text() {
        assert_eq!(plain("أُسامَة بن لادِن"), plain("اسامه بن لادن"));
        assert_eq!(plain("مـصـطـفـى"), plain("مصطفی"));
        assert_eq!(plain("ﻣﺤﻤﺪ"), "محمد");
        assert_eq!(plain("عبدالحق کریمی"), plain("عبدالحق كريمي"));
        assert_eq!(plain("AL-SA’DI, Ḥusayn"), "al sadi husayn");
        assert_eq!(plain("Şeyh Ğazi Müller"), "sheyh ghazi muller");
        assert_eq!(plain("رقم ١٢۳"), "رقم 123");
        assert_eq!(plain("S.A. M. Omar"), "sa m omar");
        assert_eq!(plain(""), "");
    }

    #[test]
    fn what_hides_or_fakes_something_is_told() {
        assert_eq!(words("Osama\u{202E}nedaL").1, [Oddity::DirectionMarks]);
        assert_eq!(words("Os\u{200B}ama\u{0}").1, [Oddity::Unseen]);
        let (fake, odd) = words("Оsаma"); // the first and third letters are Cyrillic
        assert_eq!((fake[0].as_str(), odd), ("osama", vec![Oddity::LookAlikes]));
        assert!(words("Усама").1.is_empty() && words("محمد\u{200C}زاده").1.is_empty());
        assert_eq!(words(&"a".repeat(10_000)).1, [Oddity::Cut]);
        assert_eq!(words("محمد الل\u{FFFD}\u{FFFD} مطيع").1, [Oddity::Replaced]);
    }
}
