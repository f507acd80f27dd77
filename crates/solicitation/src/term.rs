//! A term of a lexicon, and whether words of a text are it.
//!
//! The notation of the data files: a plain word stands in its ordinary inflections (Arabic with its clitics and endings, Hebrew with
//! its prefixes, English, French and Persian with their plurals); `=word` stands exactly as it is (in Arabic also after و and ف);
//! `word*` with any ending, `*word` with any beginning; `(a|b)` for either, `(a|)` for a or nothing; `~` for up to three words of any kind.

use crate::Language;
use crate::text::Text;

/// Words that `~` may pass over.
pub(crate) const GAP_MAX: usize = 3;

/// Fewest letters before an ending that stands for any word with it.
const STEM_MIN: usize = 3;

/// How much around its letters a word may have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Ending {
    Exact,
    Inflected,
    Any,
}

/// One word of a term.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Word {
    pub(crate) letters: String,
    pub(crate) ending: Ending,
    /// Whether it may end a longer word.
    pub(crate) suffix: bool,
    /// Whether up to [`GAP_MAX`] words may stand before it.
    pub(crate) gap: bool,
}

/// A term without alternatives.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Term(pub(crate) Vec<Word>);

impl Term {
    /// The terms that a text of a data file stands for.
    pub(crate) fn parse(written: &str) -> Vec<Self> {
        alternatives(written).iter().map(|one| Self::parse_one(one)).filter(|term| !term.0.is_empty()).collect()
    }

    fn parse_one(written: &str) -> Self {
        let mut words = Vec::new();
        let mut gap = false;
        for piece in written.split_whitespace() {
            if piece == "~" {
                gap = !words.is_empty();
                continue;
            }
            let (piece, exact) = piece.strip_prefix('=').map_or((piece, false), |p| (p, true));
            let (piece, suffix) = piece.strip_prefix('*').map_or((piece, false), |p| (p, true));
            let (piece, any) = piece.strip_suffix('*').map_or((piece, false), |p| (p, true));
            let text = Text::new(piece);
            let last = text.tokens.len().saturating_sub(1);
            for i in 0..text.tokens.len() {
                let ending = match (any, exact) {
                    (true, _) if i == last => Ending::Any,
                    (_, true) => Ending::Exact,
                    _ if i == last && last == 0 => Ending::Inflected,
                    _ => Ending::Exact,
                };
                let suffix = suffix && i == 0;
                words.push(Word { letters: text.word(i).to_owned(), ending, suffix, gap: std::mem::take(&mut gap) });
            }
        }
        Self(words)
    }

    /// The number of words from `token` on that are this term; `None`: they are not.
    pub(crate) fn fits(&self, language: Language, text: &Text, token: usize) -> Option<usize> {
        let end = fits_from(&self.0, language, text, token)?;
        Some(end - token)
    }
}

fn fits_from(words: &[Word], language: Language, text: &Text, token: usize) -> Option<usize> {
    let Some((word, rest)) = words.split_first() else {
        return Some(token);
    };
    let spelt = text.tokens[token].spelt && word.letters.len() >= 4 && text.word(token).contains(word.letters.as_str());
    if !spelt && !word.fits(language, text.word(token)) {
        return None;
    }
    let Some(next) = rest.first() else {
        return Some(token + 1);
    };
    let sentence = text.tokens[token].sentence;
    let skips = if next.gap { GAP_MAX } else { 0 };
    (0..=skips)
        .map(|skip| token + 1 + skip)
        .take_while(|n| text.tokens.get(*n).is_some_and(|t| t.sentence == sentence))
        .find_map(|n| fits_from(rest, language, text, n))
}

impl Word {
    /// Whether a word of a text is this one.
    pub(crate) fn fits(&self, language: Language, word: &str) -> bool {
        match language {
            _ if self.suffix => {
                word.strip_suffix(self.letters.as_str()).is_some_and(|before| before.chars().count() >= STEM_MIN)
            }
            Language::Ar | Language::He => word
                .match_indices(self.letters.as_str())
                .any(|(i, m)| self.affixes(language, &word[..i], &word[i + m.len()..])),
            _ => word.strip_prefix(self.letters.as_str()).is_some_and(|after| self.affixes(language, "", after)),
        }
    }

    /// Whether the word may begin inside a word of the text.
    pub(crate) const fn inside(&self, language: Language) -> bool {
        self.suffix || matches!(language, Language::Ar | Language::He)
    }

    fn affixes(&self, language: Language, before: &str, after: &str) -> bool {
        let after_fits = match self.ending {
            Ending::Any => true,
            Ending::Exact => after.is_empty(),
            Ending::Inflected => after.is_empty() || endings(language).contains(&after),
        };
        after_fits
            && (before.is_empty()
                || match language {
                    Language::Ar if self.ending == Ending::Exact => matches!(before, "و" | "ف"),
                    Language::Ar => AR_BEFORE.contains(&before),
                    Language::He if self.ending == Ending::Exact => before == "ו",
                    Language::He => before.chars().all(|c| "והבלשמכ".contains(c)) && before.chars().count() <= 3,
                    _ => false,
                })
    }
}

/// Conjunctions, prepositions and the article before an Arabic word, folded.
const AR_BEFORE: [&str; 24] = [
    "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "فلل", "وبال", "وب", "ول", "فب", "فل",
    "وك", "س", "وس", "اال", "ا", "فبال",
];

/// Endings of the ordinary inflections, folded.
const fn endings(language: Language) -> &'static [&'static str] {
    match language {
        // pronouns, plurals, duals and the feminine
        Language::Ar => &[
            "ه", "ها", "هم", "هن", "كم", "نا", "ي", "ك", "ين", "ون", "ان", "ات", "اتنا", "اتكم", "اتهم", "اته", "وا",
            "و", "يه", "يين", "تنا", "تكم", "تهم", "تك", "ته", "تي", "ا",
        ],
        Language::En => &["s", "es"],
        Language::Fr => &["s", "e", "es", "x"],
        Language::Fa => &["ها", "هاي", "ي", "ان", "م", "ش", "ت", "مان", "تان", "شان", "هايي", "هايشان", "را", "يم"],
        Language::He | Language::Tr | Language::Ur | Language::Ru => &[],
    }
}

/// A text with `(a|b)` written out in all its alternatives, at most 512.
fn alternatives(written: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut rest = written;
    while let Some(open) = rest.find('(') {
        let Some(close) = rest[open..].find(')').map(|i| open + i) else {
            break;
        };
        let choices: Vec<&str> = rest[open + 1..close].split('|').collect();
        let between = &rest[..open];
        out = out
            .iter()
            .flat_map(|head| choices.iter().map(move |choice| format!("{head}{between}{choice}")))
            .take(512)
            .collect();
        rest = &rest[close + 1..];
    }
    out.into_iter().map(|one| one + rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(language: Language, term: &str, text: &str) -> bool {
        let text = Text::new(text);
        Term::parse(term).iter().any(|t| (0..text.tokens.len()).any(|i| t.fits(language, &text, i).is_some()))
    }

    #[test]
    fn arabic_words_stand_with_clitics_and_endings() {
        for text in ["المجاهدين", "للمجاهدين", "وبالمجاهد", "مجاهدينا", "والمجاهدون"]
        {
            let expected = text != "مجاهدينا";
            assert_eq!(hits(Language::Ar, "مجاهد", text), expected, "{text}");
        }
        assert!(!hits(Language::Ar, "مجاهد", "مجاهدوشيء"));
        assert!(hits(Language::Ar, "=تبرعوا", "وتبرعوا") && !hits(Language::Ar, "=تبرعوا", "بتبرعوا"));
    }

    #[test]
    fn notation_means_what_it_says() {
        assert!(hits(Language::En, "donat*", "Donating") && !hits(Language::En, "donate", "donating"));
        assert!(hits(Language::En, "send (us|me) bitcoin", "send me Bitcoin"));
        assert!(hits(Language::En, "(the|) group", "group"));
        assert!(hits(Language::En, "called on ~ to donate", "called on all its followers to donate"));
        assert!(!hits(Language::En, "called on ~ to donate", "called on one two three four to donate"));
        assert!(!hits(Language::En, "send bitcoin", "send. Bitcoin"));
        assert!(hits(Language::En, "don't send", "don’t send"));
        assert!(hits(Language::He, "תרומה", "והתרומה") && !hits(Language::He, "תרומה", "אתרומה"));
        assert!(hits(Language::Tr, "bağış*", "bagislarinizi"));
        assert!(hits(Language::Tr, "*iniz", "verdiğiniz") && !hits(Language::Tr, "*iniz", "verdiğinizi"));
        assert_eq!(alternatives("(a|b)(c|)d"), ["acd", "ad", "bcd", "bd"]);
    }
}
