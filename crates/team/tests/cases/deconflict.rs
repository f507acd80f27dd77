//! What teams learn of each other.

use crate::world::{ADDRESS, NOW, OTHER, World, code, fields, on_each, subject};
use athar_team::cases::{AlsoIn, Body, CaseFields, Disclosure, Kind, Seen, Subject, SubjectKind};

fn given(kind: SubjectKind, chain: Option<&str>, value: &str) -> Subject {
    Subject { kind, chain: chain.map(Into::into), value: value.into(), note: String::new() }
}

fn case_with(world: &World, disclosure: Disclosure, body: Body, entity: Option<&str>) -> i64 {
    let fields = CaseFields { disclosure, ..fields(disclosure.name()) };
    let case = world.cases().make(&world.owner, &fields, NOW).unwrap().id;
    world.cases().add(&world.owner, case, body, entity, NOW).unwrap();
    case
}

#[test]
fn a_case_tells_what_its_disclosure_says_and_no_more() {
    on_each(|world| {
        let cases = world.cases();
        let _nothing = case_with(world, Disclosure::Nothing, subject(ADDRESS), None);
        let contact = case_with(world, Disclosure::Contact, subject(ADDRESS), None);
        let title = case_with(world, Disclosure::Title, subject(ADDRESS), None);
        let mine = cases.make(&world.outsider, &fields("mine"), NOW).unwrap().id;
        let added = cases.add(&world.outsider, mine, subject(&ADDRESS.to_uppercase()), None, NOW).unwrap();
        let owner = Some("The owner".to_owned());
        let told = [
            AlsoIn { case: None, title: None, contact: owner.clone() },
            AlsoIn { case: Some(title), title: Some("title".into()), contact: owner.clone() },
        ];
        assert_eq!(added.also_in.as_deref(), Some(&told[..]));
        let asked = given(SubjectKind::Address, Some("bitcoin"), ADDRESS);
        // their own case is one of them now, and they see it whole
        let found = cases.also_in(&world.outsider, &asked, None, NOW).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[2].case, Some(mine));
        // who may see a case is told of it whatever it discloses
        let seen = cases.also_in(&world.supervisor, &asked, None, NOW).unwrap();
        assert_eq!(seen.iter().map(|also| also.case.unwrap()).collect::<Vec<_>>().len(), 4);
        let own = cases.also_in(&world.owner, &asked, None, NOW).unwrap();
        assert_eq!(own.iter().filter(|also| also.case.is_some()).count(), 3);
        // the log tells that it was asked, and not what
        let entry = world.team.audit(&athar_team::AuditOf::default(), 1).unwrap().remove(0);
        assert!(entry.action == "deconfliction.ask" && entry.target.starts_with("hash:"), "{entry:?}");
        // what is changed to is what is matched
        let item = cases.items(&world.owner, contact, Kind::Subject, 0, 9, NOW).unwrap().items.remove(0);
        cases
            .change(&world.owner, contact, Seen { item: item.id, version: item.version }, subject(OTHER), None, NOW)
            .unwrap();
        assert_eq!(cases.also_in(&world.outsider, &asked, None, NOW).unwrap().len(), 2);
    });
}

#[test]
fn the_same_thing_matches_however_it_is_named_and_another_does_not() {
    on_each(|world| {
        let cases = world.cases();
        let ask = |kind, chain, value: &str, entity: Option<&str>| {
            cases.also_in(&world.outsider, &given(kind, chain, value), entity, NOW).unwrap().len()
        };
        let body = |kind, chain, value: &str| Body::Subject(given(kind, chain, value));
        // two addresses of one entity
        case_with(world, Disclosure::Contact, subject(ADDRESS), Some(ADDRESS));
        assert_eq!(ask(SubjectKind::Address, Some("bitcoin"), OTHER, None), 0);
        assert_eq!(ask(SubjectKind::Address, Some("bitcoin"), OTHER, Some(ADDRESS)), 1);
        assert_eq!(ask(SubjectKind::Entity, Some("bitcoin"), ADDRESS, None), 1);
        assert_eq!(ask(SubjectKind::Entity, Some("bitcoin"), OTHER, Some(ADDRESS)), 1);
        // the same letters on another chain are another party
        let evm = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
        case_with(world, Disclosure::Contact, body(SubjectKind::Address, Some("ethereum"), evm), None);
        assert_eq!(ask(SubjectKind::Address, Some("ethereum"), &evm.to_lowercase(), None), 1);
        assert_eq!(ask(SubjectKind::Address, Some("polygon"), evm, None), 0);
        let txid = "AB".repeat(32);
        case_with(world, Disclosure::Contact, body(SubjectKind::Transaction, Some("bitcoin"), &txid), None);
        assert_eq!(ask(SubjectKind::Transaction, Some("bitcoin"), &txid.to_lowercase(), None), 1);
        assert_eq!(ask(SubjectKind::Block, Some("bitcoin"), &txid, None), 0);
        case_with(world, Disclosure::Contact, body(SubjectKind::Person, None, "Ahmad  HASSAN"), None);
        assert_eq!(ask(SubjectKind::Person, None, "ahmad hassan", None), 1);
        assert_eq!(ask(SubjectKind::Campaign, None, "ahmad hassan", None), 0);
    });
}

#[test]
fn a_link_is_seen_from_both_sides_by_those_who_see_both() {
    on_each(|world| {
        let cases = world.cases();
        let (first, second) = (world.case("First").id, world.case("Second").id);
        let other = cases.make(&world.outsider, &fields("Theirs"), NOW).unwrap().id;
        assert_eq!(code(cases.add(&world.owner, first, crate::world::link(other), None, NOW)), "input");
        assert_eq!(code(cases.add(&world.owner, first, crate::world::link(first), None, NOW)), "input");
        world.add(&world.owner, first, crate::world::link(second));
        world.add(&world.supervisor, first, crate::world::link(other));
        let here = cases.links(&world.owner, first, 0, 10, NOW).unwrap();
        assert_eq!(here.items.len(), 2);
        assert_eq!(here.titles.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(), ["Second"]);
        let there = cases.links(&world.owner, second, 0, 10, NOW).unwrap();
        assert_eq!((there.linked_from.len(), there.linked_from[0].case), (1, first));
        assert_eq!(there.linked_from[0].why, "the same coupons");
        // the other team does not learn of a case that it does not see
        assert!(cases.links(&world.outsider, other, 0, 10, NOW).unwrap().linked_from.is_empty());
        assert_eq!(cases.links(&world.supervisor, other, 0, 10, NOW).unwrap().linked_from.len(), 1);
    });
}
