//! What must hold of the data files.

use crate::term::{Ending, Term};
use crate::text::Text;
use crate::{Class, Language, Lexicon, Passage, ReasonKind, Scorer};
use std::collections::BTreeMap;

/// The letters of a term, without what may follow them.
fn letters(term: &Term) -> String {
    term.0.iter().map(|w| format!("{}{}", if w.gap { "~ " } else { "" }, w.letters)).collect::<Vec<_>>().join(" ")
}

fn speaks_for(class: Class) -> bool {
    matches!(class, Class::Donation | Class::Payment | Class::Cause | Class::Urgency | Class::PictureHint)
}

#[test]
fn every_language_has_entries_of_every_class_with_a_source() {
    let lexicon = Lexicon::embedded();
    for language in Language::ALL {
        for class in [
            Class::Donation,
            Class::Payment,
            Class::Cause,
            Class::Urgency,
            Class::PictureHint,
            Class::News,
            Class::Court,
            Class::Research,
            Class::Warning,
            Class::Charity,
            Class::Commerce,
            Class::Quotation,
            Class::Negation,
        ] {
            assert!(
                lexicon.entries().iter().any(|e| e.language == language && e.class == class),
                "{language:?} has no {class:?}"
            );
        }
    }
    let mut ids = std::collections::BTreeSet::new();
    for entry in lexicon.entries() {
        assert!(entry.source.len() > 10 && !entry.written.is_empty(), "{}", entry.id);
        assert!(ids.insert(entry.id.clone()), "{} comes twice", entry.id);
    }
    for signs in lexicon.signs() {
        assert!(signs.source.len() > 10 && !signs.signs.is_empty() && signs.points > 0, "{}", signs.id);
    }
}

#[test]
fn no_term_comes_twice_and_none_speaks_for_and_against() {
    let mut places: BTreeMap<(Language, String), Vec<(usize, String, Class)>> = BTreeMap::new();
    for (i, entry) in Lexicon::embedded().entries().iter().enumerate() {
        for written in &entry.written {
            for term in Term::parse(written) {
                let key = (entry.language, letters(&term));
                places.entry(key).or_default().push((i, format!("{}: {written}", entry.id), entry.class));
            }
        }
    }
    let mut wrong = Vec::new();
    for ((_, term), mut at) in places {
        let changes_others = |class: Class| matches!(class, Class::Negation | Class::Manner);
        at.retain(|(_, _, class)| !changes_others(*class));
        let opposing = at.iter().any(|(_, _, c)| speaks_for(*c)) && at.iter().any(|(_, _, c)| !speaks_for(*c));
        let same_class = at.iter().any(|(i, a, c)| at.iter().any(|(j, b, d)| (i, a) != (j, b) && c == d));
        let in_entry = at.len() > 1 && at.iter().skip(1).any(|other| other.1 == at[0].1);
        if opposing || same_class || in_entry {
            let kind = if opposing { "opposing" } else { "twice" };
            let list: Vec<&str> = at.iter().map(|(_, a, _)| a.as_str()).collect();
            wrong.push(format!("{kind}\t{term}\t{}", list.join("\t")));
        }
    }
    assert!(wrong.is_empty(), "{} terms:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_term_hits_in_a_sentence_made_of_it() {
    let lexicon = Lexicon::embedded();
    let mut count = 0;
    for (i, entry) in lexicon.entries().iter().enumerate() {
        for written in &entry.written {
            for term in Term::parse(written) {
                // short and long gaps, and a word with something before or after where that is allowed
                for filler in ["", "zzqx zzqx zzqx "] {
                    let sentence: String = term
                        .0
                        .iter()
                        .map(|w| {
                            let gap = if w.gap { filler } else { "" };
                            let before = if w.suffix { "zzqx" } else { "" };
                            let after = if w.ending == Ending::Any {
                                if w.letters.contains('é') { "s" } else { "zz" }
                            } else {
                                ""
                            };
                            format!("{gap}{before}{}{after} ", w.letters)
                        })
                        .collect();
                    let text = Text::new(&format!("zzqx. {sentence}. zzqx"));
                    let hits = lexicon.hits(&text, entry.language.bit());
                    assert!(hits.iter().any(|h| h.entry == i), "{}: {written} in {sentence:?}", entry.id);
                }
                count += 1;
            }
        }
    }
    assert!(count > 5_000, "{count} terms");
}

#[test]
fn religious_words_alone_score_nothing() {
    let scorer = Scorer::new(crate::Groups::default());
    let mut wrong = Vec::new();
    for (language, word) in Lexicon::embedded().neutral_religious() {
        for text in [word.clone(), format!("{word}.\n{word}!")] {
            let told = scorer.score(&Passage { segment: &text, ..Passage::default() });
            if told.score != 0 || told.reasons.iter().any(|r| r.kind == ReasonKind::Cause) {
                wrong.push(format!("{language:?} {word}: {:?}", told.reasons));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // with an address they are no cause either
    for text in ["زكاة الفطر وصدقة رمضان", "zakat and sadaqa", "zekat ve sadaka", "la zakat et la sadaqa"]
    {
        let told = scorer.score(&Passage { segment: text, addresses_inside: 1, ..Passage::default() });
        assert!(!told.solicits && told.reasons.iter().all(|r| r.kind != ReasonKind::Cause), "{text}: {told:?}");
    }
}
