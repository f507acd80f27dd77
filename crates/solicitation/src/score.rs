//! The score: what speaks for and against, capped by kind, and the bonus where asking, cause and payment stand together.
//!
//! Every point is a reason's. No kind reaches the threshold alone, nor do any two of asking, cause and payment: who only asks is a
//! charity, who only names a group is a newspaper. What reports (news, courts, research, warnings) uses the same words; it is told by
//! its own words, and words between quotation marks then lose most of their points.

use crate::groups::Found;
use crate::language::detect;
use crate::lexicon::{Hit, Rules};
use crate::quotes::quoted;
use crate::text::{Text, head};
use crate::{Class, Groups, Languages, Lexicon, Passage, Reason, ReasonKind, Solicitation};
use rustc_hash::FxHashSet;

/// Words between a denial and what it denies.
const DENIAL_REACH: usize = 3;

/// Words between what is denied and a word of manner.
const MANNER_REACH: usize = 8;

/// How many different words of one entry count against.
const AGAINST_TIMES: usize = 3;

/// Points from which an entry asks, and does not only speak of giving: only asking is denied.
const ASKING_MIN: i32 = 14;

/// Characters of a quotation that a reason gives.
const EXCERPT: usize = 60;

/// Scores passages.
pub struct Scorer {
    lexicon: &'static Lexicon,
    groups: Groups,
}

/// What counts once in a passage.
#[derive(PartialEq, Eq, Hash)]
enum Seen {
    Entry(usize),
    Words(usize, String),
    Signs(String),
    Sum,
    Group(String),
}

/// Points before caps.
struct Part {
    kind: ReasonKind,
    words: String,
    entry: String,
    points: i32,
}

impl Scorer {
    /// A scorer with the embedded lexicons and the groups of the caller.
    pub fn new(groups: Groups) -> Self {
        Self { lexicon: Lexicon::embedded(), groups }
    }

    /// The groups that are looked for.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The score of a passage.
    pub fn score(&self, passage: &Passage<'_>) -> Solicitation {
        self.score_with_language(passage).0
    }

    /// The score of a passage and the language of its segment.
    pub fn score_with_language(&self, passage: &Passage<'_>) -> (Solicitation, Languages) {
        let rules = &self.lexicon.rules;
        let mut parts = Vec::new();
        let mut seen = FxHashSet::default();
        let (languages, bits) = self.zone(passage.segment, 100, 0, &mut seen, &mut parts);
        if let Some(title) = passage.title {
            self.zone(title, rules.title_percent, bits, &mut seen, &mut parts);
        }
        for near in [passage.before, passage.after] {
            self.zone(near, rules.near_percent, bits, &mut seen, &mut parts);
        }
        for (count, points, entry) in [
            (passage.addresses_inside, rules.address_inside, "address.inside"),
            (passage.addresses_near, rules.address_near, "address.near"),
        ] {
            if count > 0 {
                parts.push(Part { kind: ReasonKind::Address, words: count.to_string(), entry: entry.into(), points });
            }
        }
        (self.sum(parts), languages)
    }

    /// Adds what a stretch of text says. An entry counts once in a passage, where it counts most.
    fn zone(
        &self,
        written: &str,
        percent: i32,
        languages: u8,
        seen: &mut FxHashSet<Seen>,
        parts: &mut Vec<Part>,
    ) -> (Languages, u8) {
        if written.is_empty() {
            return (Languages::default(), languages);
        }
        let written = head(written);
        let text = Text::new(written);
        let (told, bits) = detect(written, &text);
        let hits = self.lexicon.hits(&text, bits | languages);
        let groups = self.groups.find(&text);
        let hits = self.outermost(&hits, &groups);
        let quotes = quoted(written);
        let place = |hit: &Hit| text.tokens[hit.tokens.start].at.start..text.tokens[hit.tokens.end - 1].at.end;
        let in_quotes =
            |at: &std::ops::Range<usize>| quotes.iter().position(|q| q.start <= at.start && at.end <= q.end);
        let reports = hits.iter().any(|hit| {
            let class = self.lexicon.entries[hit.entry].class;
            matches!(class, Class::News | Class::Court | Class::Research | Class::Warning | Class::Quotation)
                && in_quotes(&place(hit)).is_none()
        });
        let mut lost = vec![0; quotes.len()];
        for hit in &hits {
            let entry = &self.lexicon.entries[hit.entry];
            let Some(kind) = entry.class.kind() else {
                continue;
            };
            // one word may stand anywhere; several of what reports hardly do
            let (first, again) = if speaks_for(kind) {
                (seen.insert(Seen::Entry(hit.entry)), 0)
            } else {
                let folded = hit.tokens.clone().map(|t| text.word(t)).collect::<Vec<_>>().join(" ");
                let times = seen.iter().filter(|s| matches!(s, Seen::Words(entry, _) if *entry == hit.entry)).count();
                (times < AGAINST_TIMES && seen.insert(Seen::Words(hit.entry, folded)), times)
            };
            if !first {
                continue;
            }
            let at = place(hit);
            let words = written[at.clone()].to_owned();
            let again = if again == 0 { 100 } else { self.lexicon.rules.again_percent };
            let points = entry.points * percent / 100 * again / 100;
            if entry.class == Class::Donation && entry.points >= ASKING_MIN && self.denied(&text, hit, &hits) {
                let points = -points * self.lexicon.rules.denied_percent / 100;
                parts.push(Part { kind: ReasonKind::Warning, words, entry: format!("denied.{}", entry.id), points });
                continue;
            }
            if speaks_for(kind) {
                if let (true, Some(quote)) = (reports, in_quotes(&at)) {
                    lost[quote] += points * self.lexicon.rules.quoted_percent / 100;
                }
                parts.push(Part { kind, words, entry: entry.id.clone(), points });
            } else {
                parts.push(Part { kind, words, entry: entry.id.clone(), points: -points });
            }
        }
        for (signs, sign) in self.lexicon.shown(written) {
            if let (Some(kind), true) = (signs.class.kind(), seen.insert(Seen::Signs(signs.id.clone()))) {
                let points = signs.points * percent / 100 * if speaks_for(kind) { 1 } else { -1 };
                parts.push(Part { kind, words: sign.to_string(), entry: signs.id.clone(), points });
            }
        }
        if let Some(sum) = sum_of_money(written)
            && seen.insert(Seen::Sum)
        {
            let points = self.lexicon.rules.sum * percent / 100;
            parts.push(Part { kind: ReasonKind::Donation, words: sum.to_owned(), entry: "sum".into(), points });
        }
        for group in groups {
            if seen.insert(Seen::Group(group.entry.to_owned())) {
                let rules = &self.lexicon.rules;
                let points = if group.part { rules.group_part } else { rules.group } * percent / 100;
                // of a part what stands there, of a name the list's own spelling
                let words = if group.part {
                    let (first, last) = (&text.tokens[group.tokens.start], &text.tokens[group.tokens.end - 1]);
                    written[first.at.start..last.at.end].to_owned()
                } else {
                    group.name.to_owned()
                };
                parts.push(Part { kind: ReasonKind::Group, words, entry: group.entry.to_owned(), points });
            }
        }
        for (quote, points) in quotes.iter().zip(lost) {
            if points > 0 {
                let words: String = written[quote.clone()].chars().take(EXCERPT).collect();
                let entry = "quotation.marks".into();
                parts.push(Part { kind: ReasonKind::Quotation, words, entry, points: -points });
            }
        }
        (told, bits | languages)
    }

    /// The hits without those that lie inside a longer one: "asked them to donate" is no "donate". Those that speak for keep
    /// each other where they are of different classes, and denials are never what hides another.
    fn outermost(&self, hits: &[Hit], groups: &[Found<'_>]) -> Vec<Hit> {
        let class = |hit: &Hit| self.lexicon.entries[hit.entry].class;
        let inside = |inner: &std::ops::Range<usize>, outer: &std::ops::Range<usize>| {
            outer.start <= inner.start && inner.end <= outer.end && outer.len() > inner.len()
        };
        hits.iter()
            .filter(|hit| {
                let hidden = hits.iter().any(|outer| {
                    let (of, by) = (class(hit), class(outer));
                    // one word counts against once, where it counts most
                    let against = |class: Class| class.kind().is_some_and(|kind| !speaks_for(kind));
                    if hit.tokens == outer.tokens && against(of) && against(by) {
                        let weight = |h: &Hit| (self.lexicon.entries[h.entry].points, std::cmp::Reverse(h.entry));
                        return weight(outer) > weight(hit);
                    }
                    let both_for = of.kind().is_some_and(speaks_for) && by.kind().is_some_and(speaks_for) && of != by;
                    by.kind().is_some() && !both_for && of != Class::Manner && inside(&hit.tokens, &outer.tokens)
                });
                // a word of a group's name says nothing by itself
                let named = groups.iter().any(|g| g.tokens.start <= hit.tokens.start && hit.tokens.end <= g.tokens.end);
                !hidden && !named
            })
            .cloned()
            .collect()
    }

    /// Whether an asking is denied: "do not send". Not where a manner follows: "do not send from an exchange".
    fn denied(&self, text: &Text, asking: &Hit, hits: &[Hit]) -> bool {
        let sentence = text.tokens[asking.tokens.start].sentence;
        let of = |class: Class| {
            hits.iter().filter(move |h| {
                self.lexicon.entries[h.entry].class == class && text.tokens[h.tokens.start].sentence == sentence
            })
        };
        let denies = of(Class::Negation)
            .any(|h| h.tokens.end <= asking.tokens.start && asking.tokens.start - h.tokens.end < DENIAL_REACH);
        denies
            && !of(Class::Manner).any(|h| {
                h.tokens.start >= asking.tokens.start
                    && h.tokens.start.saturating_sub(asking.tokens.end) <= MANNER_REACH
            })
    }

    fn sum(&self, mut parts: Vec<Part>) -> Solicitation {
        let rules = &self.lexicon.rules;
        // the heaviest first, so that a cap cuts the lightest
        parts.sort_by(|a, b| b.points.abs().cmp(&a.points.abs()).then(a.kind.cmp(&b.kind)).then(a.entry.cmp(&b.entry)));
        let mut used: Vec<(ReasonKind, i32)> = Vec::new();
        let mut reasons = Vec::new();
        for part in parts {
            let shared = shares_cap_with(part.kind);
            let cap = rules.caps.get(&shared).copied().unwrap_or(0);
            let i = used.iter().position(|(kind, _)| *kind == shared).unwrap_or_else(|| {
                used.push((shared, 0));
                used.len() - 1
            });
            let points = part.points.abs().min(cap - used[i].1);
            used[i].1 += points;
            if points > 0 {
                let points = points * part.points.signum();
                reasons.push(Reason { kind: part.kind, words: part.words, entry: part.entry, points });
            }
        }
        if let Some(together) = together(&used, rules) {
            reasons.push(together);
        }
        let total: i32 = reasons.iter().map(|r| r.points).sum();
        reasons
            .sort_by(|a, b| b.points.abs().cmp(&a.points.abs()).then(a.kind.cmp(&b.kind)).then(a.entry.cmp(&b.entry)));
        Solicitation {
            score: total.clamp(0, 100) as u8,
            solicits: total >= rules.threshold,
            reasons,
            lexicon: self.lexicon.version().to_owned(),
        }
    }
}

/// A sum of money by a sign of currency: `$5`, `340 €`.
fn sum_of_money(written: &str) -> Option<&str> {
    let (at, sign) = written.char_indices().find(|(i, c)| {
        let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        matches!(c, '$' | '€' | '£' | '₺' | '₽' | '₪' | '₨' | '﷼')
            && (digit(written[..*i].trim_end().chars().next_back())
                || digit(written[i + c.len_utf8()..].trim_start().chars().next()))
    })?;
    let amount = |c: char| c.is_numeric() || matches!(c, '.' | ',' | ' ' | '\u{A0}');
    let start = written[..at].trim_end_matches(amount).len();
    let after = at + sign.len_utf8();
    let end = written.len() - written[after..].trim_start_matches(amount).len();
    Some(written[start..end].trim())
}

/// The bonus where asking, cause and payment stand together; less where asking or the cause is only hinted at.
fn together(used: &[(ReasonKind, i32)], rules: &Rules) -> Option<Reason> {
    let of = |kind| used.iter().find(|(k, _)| *k == kind).map_or(0, |(_, points)| *points);
    let (asking, cause) = (of(ReasonKind::Donation), of(ReasonKind::Cause));
    if of(ReasonKind::Payment) < rules.payment_min {
        return None;
    }
    let (entry, points) = if asking >= rules.asking_min && cause >= rules.cause_min {
        ("together", rules.together)
    } else if asking >= rules.asking_hint_min && cause >= rules.cause_hint_min {
        ("together.hint", rules.together_hint)
    } else {
        return None;
    };
    Some(Reason { kind: ReasonKind::Together, words: String::new(), entry: entry.into(), points })
}

const fn speaks_for(kind: ReasonKind) -> bool {
    matches!(
        kind,
        ReasonKind::Donation
            | ReasonKind::Payment
            | ReasonKind::Cause
            | ReasonKind::Urgency
            | ReasonKind::Group
            | ReasonKind::Address
            | ReasonKind::PictureHint
            | ReasonKind::Together
    )
}

/// The kind whose cap a kind counts towards.
const fn shares_cap_with(kind: ReasonKind) -> ReasonKind {
    match kind {
        ReasonKind::Group => ReasonKind::Cause,
        ReasonKind::Address | ReasonKind::PictureHint => ReasonKind::Payment,
        other => other,
    }
}
