//! The parts of a name: words with their role, and the compounds that are one name in several words.

use crate::letters::{ARABIC_LETTERS, arabic_codes, cyrillic_to_latin, hebrew_to_arabic};
use crate::model::Model;
use crate::normal::{self, Oddity};
use crate::script::Script;
use crate::words::Words;

/// What a word does in a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Role {
    /// A name proper, or a word that tells one organisation from another.
    Name,
    /// One letter that stands for a name.
    Initial,
    /// The article (al-).
    Article,
    /// Son, daughter or family of (bin, bint, ould).
    Filiation,
    /// Father or mother of (abu, umm).
    Kunya,
    /// A small word (and, of).
    Small,
    /// A title or form of address.
    Honorific,
    /// The legal form of an organisation.
    LegalForm,
    /// A number.
    Number,
}

/// Letters of one alphabet by code.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Letters {
    /// `a`–`z` as 0–25.
    Latin(Vec<u8>),
    /// By [`arabic_code`].
    Arabic(Vec<u8>),
}

impl Letters {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Latin(codes) | Self::Arabic(codes) => codes.len(),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Latin(codes) => codes.iter().map(|c| char::from(b'a' + c)).collect(),
            Self::Arabic(codes) => codes.iter().map(|c| ARABIC_LETTERS[*c as usize]).collect(),
        }
    }

    fn latin(text: &str) -> Self {
        let mut codes: Vec<u8> = text.bytes().filter(u8::is_ascii_lowercase).map(|b| b - b'a').collect();
        // doubled consonants are a matter of taste (Mekki, Meki)
        codes.dedup_by(|a, b| a == b && !b"aeiou".contains(&(*a + b'a')));
        Self::Latin(codes)
    }

    fn arabic(text: &str) -> Self {
        Self::Arabic(arabic_codes(text))
    }
}

/// Letters with the runs that the table of costs knows, worked out once.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Form {
    pub(crate) letters: Letters,
    /// Of Latin letters: by place the numbers of the runs of one, two and three letters that begin there.
    pub(crate) runs: Vec<[u16; 3]>,
}

impl Form {
    pub(crate) fn new(letters: Letters) -> Self {
        let runs = match &letters {
            Letters::Latin(codes) => Model::shipped().chunks.places(codes),
            Letters::Arabic(_) => Vec::new(),
        };
        Self { letters, runs }
    }

    pub(crate) fn len(&self) -> usize {
        self.letters.len()
    }
}

/// A word in the alphabet that it is compared in.
pub(crate) fn base_of(word: &str) -> Letters {
    let script = word.chars().find_map(Script::of);
    match script {
        Some(Script::Arabic) => Letters::arabic(word),
        Some(Script::Hebrew) => {
            let mut text = String::new();
            let mut letters = word.chars().peekable();
            while let Some(c) = letters.next() {
                let geresh = letters.peek() == Some(&'\'');
                text.extend(hebrew_to_arabic(c, geresh));
            }
            Letters::arabic(&text)
        }
        Some(Script::Cyrillic) => {
            let one = |c: char| cyrillic_to_latin(c).map_or_else(|| String::from(c), str::to_owned);
            // дж is one sound
            Letters::latin(&word.chars().map(one).collect::<String>().replace("dzh", "j"))
        }
        Some(Script::Other) => Letters::latin(&deunicode::deunicode(word).to_lowercase()),
        _ => Letters::latin(word),
    }
}

/// One part of a name.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Token {
    /// As written, folded; compounds with a space.
    pub(crate) text: String,
    /// The script that it was written in.
    pub(crate) script: Script,
    pub(crate) role: Role,
    /// The letters to compare, and where it is not sure that a prefix belongs to the name, those without it.
    pub(crate) forms: Vec<Form>,
    /// The groups of variants that the word belongs to.
    pub(crate) variants: Vec<u16>,
    /// What the word means in an organisation's name.
    pub(crate) concepts: Vec<u16>,
}

/// A name taken apart.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Parts {
    pub(crate) tokens: Vec<Token>,
    pub(crate) odd: Vec<Oddity>,
}

impl Parts {
    /// The name in Latin letters, consonant by consonant, where it is in others; `None` where it is in Latin ones.
    ///
    /// Arabic and Hebrew leave out the short vowels, and so does this: it shows what the letters say, not how the name is
    /// pronounced.
    pub(crate) fn latin(&self) -> Option<String> {
        if self.tokens.iter().all(|t| t.script == Script::Latin) {
            return None;
        }
        let one = |t: &Token| match &t.forms[0].letters {
            Letters::Latin(_) if t.role == Role::Number => t.text.clone(),
            Letters::Latin(_) => t.forms[0].letters.text(),
            Letters::Arabic(codes) => codes.iter().map(|c| Model::shipped().usual(*c)).collect(),
        };
        Some(self.tokens.iter().map(one).collect::<Vec<_>>().join(" "))
    }
}

/// Tokens of a name that are compared.
pub(crate) const TOKENS_MAX: usize = 24;

struct Word {
    text: String,
    script: Script,
    base: String,
    role: Role,
    /// Whether it is of the Latin alphabet here.
    latin: bool,
}

/// Takes a name apart.
///
/// `Amin, Muhammad` is read as `Muhammad Amin`: before the only comma stands the family name.
pub(crate) fn parts(name: &str) -> Parts {
    let mut sides = name.split([',', '،']);
    let (mut words, mut odd) = match (sides.next(), sides.next(), sides.next()) {
        (Some(family), Some(given), None) if !given.trim().is_empty() => {
            let ((mut words, mut odd), (rest, more)) = (normal::words(given), normal::words(family));
            words.extend(rest);
            odd.extend(more);
            (words, odd)
        }
        _ => normal::words(name),
    };
    words.retain(|w| !w.is_empty());
    // a space that was left out before Abd
    let glued = |w: &str| w.strip_suffix("عبد").filter(|rest| rest.chars().count() >= 3).map(str::to_owned);
    words = words
        .into_iter()
        .flat_map(|w| match glued(&w) {
            Some(rest) => vec![rest, "عبد".to_owned()],
            None => vec![w],
        })
        .collect();
    if words.len() > TOKENS_MAX && !odd.contains(&Oddity::Cut) {
        odd.push(Oddity::Cut);
    }
    let words: Vec<Word> = words.into_iter().take(TOKENS_MAX).map(word).collect();
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        let (used, token) = compound(&words[i..]);
        tokens.push(token);
        i += used;
    }
    Parts { tokens, odd }
}

fn word(text: String) -> Word {
    let script = text.chars().find_map(Script::of).unwrap_or(Script::Latin);
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Word { base: text.clone(), text, script, role: Role::Number, latin: true };
    }
    let letters = base_of(&text);
    let base = letters.text();
    let role = match Words::shipped().role(&base) {
        Some(role) => role,
        None if letters.len() == 1 => Role::Initial,
        None => Role::Name,
    };
    Word { text, script, base, role, latin: matches!(letters, Letters::Latin(_)) }
}

const SERVANT: [&str; 26] = [
    "abd", "abdu", "abdul", "abdel", "abdal", "abdol", "abdoul", "abdil", "abdur", "abder", "abdar", "abdus", "abdes",
    "abdas", "abduz", "abdez", "abdun", "abden", "abdud", "abded", "abdut", "abdet", "abdush", "abdesh", "abdou",
    "abdi",
];
// the ha that ends a word is a ta marbuta here (see `arabic_codes`), and God's name ends with one; Latin words are
// without doubled consonants, as all Latin words are here
const GOD: [&str; 8] = ["alah", "ulah", "ula", "olah", "ala", "elah", "lah", "ola"];
const FAITH: [&str; 15] = [
    "din", "deen", "dine", "dein", "edin", "edine", "udin", "udeen", "adin", "adine", "aldin", "eldin", "eldeen",
    "odin", "etin",
];

/// The compound at the beginning of `words`, or its first word: how many words it takes, and the token.
fn compound(words: &[Word]) -> (usize, Token) {
    let first = &words[0];
    let latin = first.latin;
    // the next word that is no article, when it could be part of a compound
    let skip = usize::from(words.get(1).is_some_and(|w| w.role == Role::Article && words.len() > 2));
    let next = words.get(1 + skip).filter(|w| w.latin == latin && matches!(w.role, Role::Name | Role::Honorific));
    let join = |used: usize, base: String| {
        let text: Vec<&str> = words[..used].iter().map(|w| w.text.as_str()).collect();
        (used, token(text.join(" "), first.script, Role::Name, &base, latin))
    };
    // Abd and the next word are one name when an article ties them; without one Abd may stand for itself
    let tied = skip == 1 || (first.base != "abd" && first.base != "abdi" && first.base != "abdou");
    let servant = if latin {
        SERVANT.contains(&first.base.as_str()) && tied
    } else {
        first.base == "عبد" && (skip == 1 || words.get(1).is_some_and(|w| w.base.starts_with("ال") || w.base == "للة"))
    };
    if servant && let Some(next) = next {
        let of = next.base.as_str();
        if GOD.contains(&of) || of == "اللة" || of == "للة" {
            return join(2 + skip, if latin { "abdalah".into() } else { "عبداللة".into() });
        }
        let of = if latin { of } else { without_article(of) };
        return join(2 + skip, format!("{}{of}", if latin { "abd" } else { "عبد" }));
    }
    if matches!(first.role, Role::Name | Role::Honorific)
        && first.base.chars().count() >= 2
        && let Some(next) = next
    {
        let complete = first.base.ends_with("lah") || first.base.ends_with("اللة");
        if !complete && (GOD.contains(&next.base.as_str()) || next.base == "اللة") {
            return join(2 + skip, format!("{}{}", first.base, if latin { "alah" } else { "اللة" }));
        }
        if FAITH.contains(&next.base.as_str()) || next.base == "الدين" || (next.base == "دين" && skip == 1) {
            return join(2 + skip, format!("{}{}", first.base, if latin { "din" } else { "دين" }));
        }
    }
    (1, token(first.text.clone(), first.script, first.role, &first.base, latin))
}

fn token(text: String, script: Script, role: Role, base: &str, latin: bool) -> Token {
    let words = Words::shipped();
    let main = if latin { one_word_latin(base) } else { one_word_arabic(base) };
    let mut variants = words.variants(&main);
    if variants.is_empty() {
        variants = words.variants(base);
    }
    if variants.is_empty() && !latin {
        variants = words.variants(without_article(&main));
    }
    let variants = variants.to_vec();
    let concepts = meanings(base, latin).to_vec();
    let form = |text: &str| Form::new(if latin { Letters::latin(text) } else { Letters::arabic(text) });
    let mut forms = vec![form(&main)];
    if role == Role::Name || role == Role::Honorific {
        let bare = if latin { without_prefix(&main) } else { Some(without_article(&main)).filter(|m| *m != main) };
        forms.extend(bare.map(form));
    }
    Token { text, script, role, forms, variants, concepts }
}

/// What a word means in an organisation's name, also behind what Arabic joins to it.
fn meanings(base: &str, latin: bool) -> &'static [u16] {
    let words = Words::shipped();
    let mut concepts = words.concepts(base);
    if concepts.is_empty() && !latin {
        let joined = base.strip_prefix('و').or_else(|| base.strip_prefix('ب')).or_else(|| base.strip_prefix('ل'));
        concepts = words.concepts(without_article(base));
        if let (true, Some(rest)) = (concepts.is_empty(), joined) {
            concepts = words.concepts(rest);
        }
    }
    concepts
}

/// The same for letters put together.
pub(crate) fn concepts_of(form: &Form) -> &'static [u16] {
    meanings(&form.letters.text(), matches!(form.letters, Letters::Latin(_)))
}

/// An Arabic word without the article and what is joined before it (wa-, bi-, li-), where enough is left to be a name.
fn without_article(word: &str) -> &str {
    let prefixes = ["وال", "بال", "لل", "ال", "ابوال", "ابو"];
    let rest = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    if rest.chars().count() >= 3 && word != "اللة" { rest } else { word }
}

/// A Latin word without what may be an article or a particle joined to it.
fn without_prefix(word: &str) -> Option<&str> {
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    for (prefix, least) in
        [("al", 3), ("el", 3), ("ul", 4), ("bin", 4), ("ben", 4), ("abou", 4), ("abu", 4), ("bou", 5)]
    {
        if let Some(rest) = word.strip_prefix(prefix)
            && rest.len() >= least
            && (!rest.starts_with(vowel) || prefix.len() > 2)
        {
            return Some(rest);
        }
    }
    // the article before a sun letter: as-sadi written assadi
    let bytes = word.as_bytes();
    match bytes {
        [b'a' | b'e', x, y, ..] if x == y && b"dnrstz".contains(x) && bytes.len() >= 6 => Some(&word[2..]),
        _ => None,
    }
}

/// Compounds written as one Latin word, in the form that those of several words have.
fn one_word_latin(word: &str) -> String {
    let vowel = |c: &u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if let Some(rest) = word.strip_prefix("abd") {
        let rest = rest.as_bytes();
        let vowels = rest.iter().take_while(|c| vowel(c)).count();
        let tail = &rest[vowels..];
        if (1..=2).contains(&vowels) {
            if matches!(tail, b"la" | b"lah") {
                return "abdalah".into();
            }
            let tail = match tail {
                [b'l', rest @ ..] if rest.len() >= 3 => rest,
                _ => tail,
            };
            if tail.len() >= 3 && !tail.starts_with(b"a") {
                return format!("abd{}", text(tail));
            }
        }
    }
    // what stands before an ending and its vowel, where enough is left to be a name
    let stem = |endings: &[&str], least: usize| {
        let stem = endings.iter().find_map(|end| word.strip_suffix(end))?.as_bytes();
        let kept = stem.len() - stem.iter().rev().take_while(|c| vowel(c)).count();
        (kept < stem.len() && kept >= least).then(|| text(&stem[..kept]))
    };
    if let Some(stem) = stem(&["lah", "la"], 3).filter(|_| word.len() >= 7) {
        return format!("{stem}alah");
    }
    match stem(&["dine", "din", "deen", "dyn"], 2) {
        Some(stem) if word.len() >= 6 => format!("{stem}din"),
        _ => word.to_owned(),
    }
}

/// The same for Arabic.
fn one_word_arabic(word: &str) -> String {
    if matches!(word, "عبداللة" | "عبدللة" | "عبدالة") {
        return "عبداللة".into();
    }
    if let Some(rest) = word.strip_prefix("عبدال")
        && rest.chars().count() >= 3
    {
        return format!("عبد{rest}");
    }
    match word.strip_suffix("الدين") {
        Some(stem) if stem.chars().count() >= 2 => format!("{stem}دين"),
        _ => word.to_owned(),
    }
}
