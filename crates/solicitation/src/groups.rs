//! Named groups: the names and aliases that the caller supplies from official lists, found in text in any script.
//!
//! Athar brings no list of groups of its own. An alias that is short or an ordinary word ("the base", "the party") is ignored, and
//! told: it would be found everywhere.

use crate::lexicon::Lexicon;
use crate::text::Text;
use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Fewest letters of a name that is looked for.
pub(crate) const LETTERS_MIN: usize = 4;

/// Why a name is not looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IgnoredWhy {
    /// It has fewer than four letters.
    Short,
    /// It is an ordinary word of a language that is scored.
    Ordinary,
    /// The search cannot hold any more names.
    TooMany,
}

/// A name that is not looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ignored {
    /// The entry of the list.
    pub entry: String,
    /// The name as the list has it.
    pub name: String,
    /// Why.
    pub why: IgnoredWhy,
}

/// The groups to look for.
#[derive(Default)]
pub struct Groups {
    /// Per pattern the entry, the name as the list has it, and whether it is a part of it.
    names: Vec<(String, String, bool)>,
    search: Option<AhoCorasick>,
    ignored: Vec<Ignored>,
}

/// A group that was found.
pub(crate) struct Found<'g> {
    pub(crate) entry: &'g str,
    pub(crate) name: &'g str,
    /// Whether only a part of the name stood there.
    pub(crate) part: bool,
    pub(crate) tokens: Range<usize>,
}

impl Groups {
    /// Groups by (id of the entry of a list, name). A name may come more than once, in any script; the first entry is told.
    pub fn new<I, E, N>(names: I) -> Self
    where
        I: IntoIterator<Item = (E, N)>,
        E: Into<String>,
        N: Into<String>,
    {
        let lexicon = Lexicon::embedded();
        let mut groups = Self::default();
        let mut seen: FxHashSet<String> = FxHashSet::default();
        let mut patterns = Vec::new();
        let mut parts = Vec::new();
        for (entry, name) in names {
            let (entry, name) = (entry.into(), name.into());
            let text = Text::new(&name);
            let letters = text.folded.chars().filter(|c| c.is_alphabetic()).count();
            let ordinary = (0..text.tokens.len()).all(|t| lexicon.ordinary(text.word(t)) || is_article(text.word(t)));
            let why = match () {
                () if letters < LETTERS_MIN => Some(IgnoredWhy::Short),
                // several ordinary words may be a name together; an article makes no difference
                () if ordinary
                    && text.tokens.iter().filter(|t| !is_article(&text.folded[t.folded.clone()])).count() < 2 =>
                {
                    Some(IgnoredWhy::Ordinary)
                }
                () => None,
            };
            if let Some(why) = why {
                groups.ignored.push(Ignored { entry, name, why });
                continue;
            }
            for pattern in written_forms(&text) {
                if seen.insert(pattern.clone()) {
                    patterns.push(pattern);
                    groups.names.push((entry.clone(), name.clone(), false));
                }
            }
            if let Some(part) = own_part(&text, lexicon) {
                parts.push((part, entry, name));
            }
        }
        for (part, entry, name) in parts {
            if seen.insert(part.clone()) {
                patterns.push(part);
                groups.names.push((entry, name, true));
            }
        }
        match AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns) {
            Ok(search) => groups.search = Some(search),
            Err(_) => {
                let names = std::mem::take(&mut groups.names);
                let why = IgnoredWhy::TooMany;
                groups.ignored.extend(names.into_iter().map(|(entry, name, _)| Ignored { entry, name, why }));
            }
        }
        groups
    }

    /// The names that are not looked for, and why.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// How many forms of names are looked for.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name is looked for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The groups that a text names, by place; of overlapping ones the longest.
    pub(crate) fn find(&self, text: &Text) -> Vec<Found<'_>> {
        let Some(search) = &self.search else {
            return Vec::new();
        };
        let mut found: Vec<Found<'_>> = Vec::new();
        for hit in search.find_overlapping_iter(text.folded.as_str()) {
            let (Some(first), Some(last)) = (text.token_at(hit.start()), text.token_at(hit.end() - 1)) else {
                continue;
            };
            let before = &text.folded[text.tokens[first].folded.start..hit.start()];
            let after = &text.folded[hit.end()..text.tokens[last].folded.end];
            if prefix_fits(before) && ending_fits(after) {
                let (entry, name, part) = &self.names[hit.pattern().as_usize()];
                found.push(Found { entry, name, part: *part, tokens: first..last + 1 });
            }
        }
        found.sort_by_key(|f| (f.tokens.start, std::cmp::Reverse(f.tokens.end)));
        let mut end = 0;
        found.retain(|f| {
            let keep = f.tokens.start >= end;
            if keep {
                end = f.tokens.end;
            }
            keep
        });
        found
    }
}

/// A name as its words, and with an article of Latin letters written on.
fn written_forms(text: &Text) -> Vec<String> {
    let plain = text.folded.trim().to_owned();
    let joined = plain
        .split(' ')
        .fold((String::new(), false), |(mut out, article), word| {
            if !out.is_empty() && !article {
                out.push(' ');
            }
            out.push_str(word);
            (out, is_article(word))
        })
        .0;
    if joined == plain { vec![plain] } else { vec![plain, joined] }
}

/// What is left of a name without the word for what kind of group it is ("front", "brigades") and the words beside it that
/// only join: two words or more that are not all ordinary, of seven letters or more. People who know a group leave that word out.
fn own_part(text: &Text, lexicon: &Lexicon) -> Option<String> {
    let words: Vec<&str> = text.folded.split_whitespace().collect();
    let joins = |w: &&str| matches!(*w, "de" | "des" | "du" | "of" | "d" | "di") || is_article(w);
    let kind = |w: &&str| {
        let w = w.strip_prefix("ال").unwrap_or(w);
        KINDS.contains(&w)
    };
    let mut left = words.as_slice();
    if left.first().is_some_and(kind) {
        left = &left[1..];
    } else if left.last().is_some_and(kind) {
        left = &left[..left.len() - 1];
    } else {
        return None;
    }
    while let Some((first, rest)) = left.split_first()
        && joins(first)
    {
        left = rest;
    }
    let own: Vec<&&str> = left.iter().filter(|w| !joins(w)).collect();
    let letters: usize = own.iter().map(|w| w.chars().count()).sum();
    let long_enough = own.len() >= 2 && letters >= 7;
    (long_enough && own.iter().any(|w| lexicon.common(w) == 0)).then(|| left.join(" "))
}

/// Words for kinds of groups, folded.
const KINDS: [&str; 74] = [
    "front",
    "brigade",
    "brigades",
    "army",
    "movement",
    "division",
    "battalion",
    "battalions",
    "regiment",
    "organization",
    "organisation",
    "group",
    "party",
    "companies",
    "company",
    "units",
    "unit",
    "soldiers",
    "partisans",
    "legion",
    "force",
    "forces",
    "katibat",
    "kataib",
    "kateebat",
    "liwa",
    "saraya",
    "jaysh",
    "jaish",
    "harakat",
    "jabhat",
    "jund",
    "ansar",
    "tanzim",
    "hizb",
    "asaib",
    "firqat",
    "quwat",
    "brigata",
    "armee",
    "mouvement",
    "bataillon",
    "katiba",
    "tugayi",
    "tugaylari",
    "ordusu",
    "cephesi",
    "hareketi",
    "tumeni",
    "seriyyeleri",
    "ketibesi",
    "askerleri",
    "birlikleri",
    "taburu",
    "كتيبه",
    "كتايب",
    "لوا",
    "سرايا",
    "جيش",
    "حركه",
    "جبهه",
    "جند",
    "انصار",
    "تنظيم",
    "حزب",
    "عصايب",
    "فرقه",
    "قوات",
    "وحدات",
    "رجال",
    "фронт",
    "бригада",
    "армия",
    "движение",
];

fn is_article(word: &str) -> bool {
    matches!(word, "al" | "el" | "ul" | "the" | "le" | "la" | "les" | "l" | "ה" | "ال")
}

/// Arabic and Hebrew write conjunctions and prepositions on.
fn prefix_fits(before: &str) -> bool {
    matches!(before, "" | "و" | "ف" | "ب" | "ل" | "ك" | "ال" | "وال" | "لل" | "بال" | "ول" | "وب" | "ולה")
        || (before.chars().count() <= 2 && before.chars().all(|c| "והבלשמכ".contains(c)))
}

/// Russian inflects, Persian and Arabic add little, Turkish puts an apostrophe.
fn ending_fits(after: &str) -> bool {
    after.is_empty() || (after.chars().count() <= 3 && after.chars().all(|c| "аеиоуыэюяймх".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(groups: &Groups, text: &str) -> Vec<String> {
        groups.find(&Text::new(text)).iter().map(|f| f.entry.to_owned()).collect()
    }

    #[test]
    fn names_are_found_in_any_script_and_dress() {
        let groups = Groups::new([
            ("q1", "Katibat al-Zilal"),
            ("q1", "كتيبة الظلال"),
            ("q2", "Zalmura Front"),
            ("q2", "Фронт Залмура"),
            ("q3", "חזית זלמורה"),
        ]);
        for text in [
            "join KATIBAT AL ZILAL today",
            "katibat alzilal",
            "لكتيبة الظـلال",
            "وكَتيبه الظلال",
            "kat\u{200B}ibat al-zilal",
        ] {
            assert_eq!(found(&groups, text), ["q1"], "{text}");
        }
        assert_eq!(found(&groups, "the Zalmura Front's wallet"), ["q2"]);
        assert_eq!(found(&groups, "помощь для фронт залмура, Фронт Залмурам"), ["q2", "q2"]);
        assert_eq!(found(&groups, "לחזית זלמורה"), ["q3"]);
        assert!(found(&groups, "zilal, the front, kata al-zilalun katibat").is_empty());
        assert!(Groups::default().find(&Text::new("Zalmura Front")).is_empty());
    }

    #[test]
    fn a_name_without_its_word_for_a_group_is_a_part() {
        let groups = Groups::new([
            ("1", "Brigades de la Vallée de la Lune"),
            ("2", "جيش التلة الزرقاء"),
            ("3", "Zalmura Front"),
        ]);
        let parts = |text: &str| groups.find(&Text::new(text)).iter().map(|f| f.part).collect::<Vec<_>>();
        assert_eq!(parts("les gars de la vallée de la lune"), [true]);
        assert_eq!(parts("من جيش التلة الزرقاء إلى أهل التلة الزرقاء"), [false, true]);
        assert!(parts("Zalmura, la vallée, التلة").is_empty());
    }

    #[test]
    fn short_and_ordinary_names_are_ignored_and_told() {
        let groups = Groups::new([
            ("1", "IS"),
            ("2", "The Money"),
            ("3", "and"),
            ("4", "المال"),
            ("5", "Brothers"),
            ("6", "Zalmura"),
            ("7", ""),
        ]);
        assert!(groups.len() == 1 && found(&groups, "Zalmura is the money") == ["6"]);
        let why: Vec<_> = groups.ignored().iter().map(|i| (i.entry.as_str(), i.why)).collect();
        assert!(why.contains(&("1", IgnoredWhy::Short)) && why.contains(&("7", IgnoredWhy::Short)), "{why:?}");
        for ordinary in ["2", "4", "5"] {
            assert!(why.contains(&(ordinary, IgnoredWhy::Ordinary)), "{ordinary}: {why:?}");
        }
    }
}
