//! `named`: a name that matches a listed one, with what else agrees. A name alone says "possible" and no more: many people
//! share one.

use super::beside::{m, moves_of, note, ranked};
use super::{At, Bound, Scope, Spec};
use crate::{Candidate, Move, NameHit, Subject, Sum, Unit};
use athar_types::{Bilingual, isolated};

pub(super) static SPEC: Spec = Spec {
    name: "named",
    about: "a name that matches a listed one across scripts, with what else agrees",
    parameters: &[],
    measures: &[
        m("score_permille", Unit::Permille, "how well the names match"),
        m("attributes", Unit::Count, "other attributes that agree: date of birth, nationality, document"),
        m("identifying", Unit::Count, "those of them that few people share: date of birth, document"),
        m("against", Unit::Count, "attributes that contradict"),
        m("weak_alias", Unit::Flag, "whether the list itself calls the matched name weak"),
        m("other_script", Unit::Flag, "whether one of the names is not in Latin letters"),
        m("bound_hit", Unit::Flag, "its entity has too many movements: those of the address were not looked at"),
    ],
    bind: |_| Ok(Box::new(Named)),
};

struct Named;

impl Bound for Named {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        for hit in &at.world.facts().names {
            if hit.address.is_none_or(|address| at.is_due(at.world.party(address))) {
                found.push(look(at, hit));
            }
        }
    }
}

fn look(at: &At<'_>, hit: &NameHit) -> Candidate {
    let read = hit.address.map(|address| moves_of(at.world, at.world.party(address), |own| own == address));
    let moves: Vec<&Move> = ranked(read.iter().flatten().flatten());
    let subject = hit.address.map_or_else(|| Subject::Text(hit.found_in.clone()), Subject::Address);
    let mut candidate = Candidate::of(subject, moves);
    candidate.addresses.extend(hit.address);
    // that somebody's name is like a listed one links no money
    candidate.linked = Some(Sum::default());
    let measures = &mut candidate.measures;
    measures.set("score_permille", hit.score_permille);
    measures.set("attributes", hit.attributes.len());
    let identifies = |attribute: &&String| matches!(attribute.as_str(), "birth_date" | "document");
    measures.set("identifying", hit.attributes.iter().filter(identifies).count());
    measures.set("against", hit.against.len());
    measures.set("weak_alias", i64::from(hit.is_weak));
    measures.set("other_script", i64::from(hit.name_latin.is_some() || hit.listed_latin.is_some()));
    measures.set("bound_hit", i64::from(matches!(read, Some(None))));
    let both = |written: &str, latin: &Option<String>| match latin {
        Some(latin) => format!("{written} [{latin}]"),
        None => written.to_owned(),
    };
    let told = [
        (["name", "الاسم"], both(&hit.name, &hit.name_latin)),
        (["listed", "المدرج"], format!("{} ({})", both(&hit.listed, &hit.listed_latin), hit.entry)),
        (["found in", "وُجد في"], hit.found_in.clone()),
    ]
    .map(|([en, ar], what)| {
        let what = note(&what);
        Bilingual::new(format!("{en}: {what}"), format!("{ar}: {}", isolated(&what)))
    });
    let compared = [(["agrees", "يوافق"], &hit.attributes), (["contradicts", "يخالف"], &hit.against)]
        .into_iter()
        .filter(|(_, attributes)| !attributes.is_empty())
        .map(|([en, ar], attributes)| {
            let arabic: Vec<&str> = attributes.iter().map(|attribute| arabic(attribute)).collect();
            Bilingual::new(format!("{en}: {}", attributes.join(", ")), format!("{ar}: {}", arabic.join("، ")))
        });
    let [name, listed, found_in] = told;
    candidate.notes.extend([name, listed].into_iter().chain(compared).chain([found_in]));
    candidate
}

/// What was compared, in Arabic.
fn arabic(attribute: &str) -> &str {
    match attribute {
        "birth_date" => "تاريخ الميلاد",
        "nationality" => "الجنسية",
        "document" => "الوثيقة",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::NameHit;
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::hits;
    use athar_types::{Category, Level};

    fn hit() -> NameHit {
        NameHit {
            address: Some(0),
            name: "محمد المثال".into(),
            listed: "Mohamed AL-MITHAL".into(),
            entry: "un-sc QDi.000".into(),
            score_permille: 930,
            attributes: vec!["birth_date".into()],
            found_in: "label pack:7".into(),
            name_latin: Some("mhmd almthal".into()),
            ..NameHit::default()
        }
    }

    fn world(hit: NameHit) -> HandWorld {
        let mut world = HandWorld::outputs();
        world.pay(1_000, 1, 0, 500);
        world.facts.names.push(hit);
        world
    }

    #[test]
    fn both_renderings_are_shown() {
        let found = hits(&world(hit()), "name-hit");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].notes[0].en, "name: محمد المثال [mhmd almthal]");
        assert_eq!(found[0].notes[1].en, "listed: Mohamed AL-MITHAL (un-sc QDi.000)");
        assert_eq!(found[0].notes[2], athar_types::Bilingual::new("agrees: birth_date", "يوافق: تاريخ الميلاد"));
        assert_eq!((found[0].txids.len(), found[0].linked.units, found[0].severity), (1, 0, Level::Low));
        let mut world = world(hit());
        world.label(0, Category::Facilitator);
        assert_eq!(hits(&world, "name-hit")[0].severity, Level::High);
    }

    #[test]
    fn a_name_alone_or_a_weaker_score_is_none() {
        for none in [NameHit { attributes: Vec::new(), ..hit() }, NameHit { score_permille: 804, ..hit() }] {
            assert!(hits(&world(none), "name-hit").is_empty());
        }
        assert_eq!(hits(&world(NameHit { score_permille: 805, ..hit() }), "name-hit").len(), 1);
    }

    #[test]
    fn namesakes_weak_aliases_and_countrymen_stay_low() {
        for low in [
            NameHit { against: vec!["birth_date".into()], ..hit() },
            NameHit { is_weak: true, ..hit() },
            NameHit { attributes: vec!["nationality".into()], ..hit() },
        ] {
            let mut world = world(low);
            world.label(0, Category::Facilitator);
            let found = hits(&world, "name-hit");
            assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
        }
    }

    #[test]
    fn a_name_on_no_address_is_about_where_it_stands() {
        let found = hits(&world(NameHit { address: None, ..hit() }), "name-hit");
        assert_eq!(found[0].subject_text, "label pack:7");
    }
}
