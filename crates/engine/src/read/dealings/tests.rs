//! Held against the screening's own walk for one hop, and against sums made in another way, on a simulated world and on random
//! small chains.

use super::moves::{Reader, Way, With};
use super::whose::Belongs;
use super::*;
use crate::met::{Ask, met};
use crate::write::{IngestSettings, import_labels, ingest_bitcoin};
use crate::{Clustering, Day, Engine, Options};
use athar_simulate::{Settings, simulate};
use athar_trace::{Limits, Subject};
use athar_types::{AddressId, OutputNum, Relation, TxNum};
use std::collections::BTreeMap;

fn world(seed: u64, txs: u32) -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(seed, txs, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    import_labels(&store, &[world.join("analyst/labels.csv")], Day(20_000), None).unwrap();
    let engine = Engine::open(&store, &Options::default()).unwrap();
    (folder, engine)
}

fn digits(text: Option<&String>) -> u64 {
    text.map_or(0, |text| text.parse().unwrap())
}

/// Everything of an answer, page after page.
fn all(engine: &Engine, ask: &DealingsAsk, sides: Sides) -> CounterpartiesView {
    let mut view = engine.dealt_with(ask, sides, 0, 7).unwrap().unwrap();
    while view.truncated {
        let next = engine.dealt_with(ask, sides, view.parties.len() as u64, 1_000).unwrap().unwrap();
        assert_eq!((&next.received, &next.sent, next.parties_total), (&view.received, &view.sent, view.parties_total));
        view.parties.extend(next.parties);
        view.truncated = next.truncated;
    }
    assert_eq!(view.parties.len() as u64, view.parties_total);
    view
}

/// That the parts of each side are the whole of it, to the satoshi.
fn adds_up(view: &CounterpartiesView) {
    for (name, side) in [("received", &view.received), ("sent", &view.sent)] {
        let of_side = view.parties.iter().filter(|party| party.side == name);
        let parties: u64 = of_side.clone().map(|party| digits(party.amount_units.as_ref())).sum();
        let rest = [
            &side.fees_units,
            &side.minted_units,
            &side.coinjoin_units,
            &side.pool_units,
            &side.unaddressed_units,
            &side.unread_units,
        ];
        let rest: u64 = rest.iter().map(|units| digits(units.as_ref())).sum();
        assert_eq!(parties + rest, digits(side.amount_units.as_ref()), "{}: {name}", view.subject);
        assert_eq!(of_side.count() as u64, side.parties);
        let mixed = view.coinjoins.iter().filter(|mixed| mixed.side == name);
        let mixed: u64 = mixed.map(|mixed| mixed.amount_units.parse::<u64>().unwrap()).sum();
        assert_eq!(mixed, digits(side.coinjoin_units.as_ref()));
    }
}

#[test]
fn parties_are_those_of_a_screening_and_everything_adds_up() {
    let (_folder, engine) = world(77, 20_000);
    let ledger = engine.ledger().unwrap();
    let limits = Limits { hops_max: 1, edges_max: u64::MAX, sources_max: usize::MAX, ..Limits::default() };
    let (mut asked, mut compared, mut mixed, mut homes) = (0, 0, 0, 0);
    for id in (0..ledger.address_count()).step_by(37).map(AddressId) {
        let address = ledger.address_text(id);
        for of in [Of::Address, Of::Entity] {
            let ask = DealingsAsk { address: address.clone(), of, from: None, to: None };
            let view = all(&engine, &ask, Sides::Both);
            adds_up(&view);
            asked += 1;
            mixed += view.coinjoins.len();
            homes += usize::from(digits(view.sent.to_self_units.as_ref()) > 0);
            assert_eq!(view.examined.bound, None);
            // what was paid to it is what it received, from whomever
            let members = if of == Of::Address {
                vec![id]
            } else {
                engine.guard.members(engine.forest().unwrap(), id, 0, 1 << 30)
            };
            let outputs: Vec<OutputNum> = members.iter().flat_map(|a| ledger.address_outputs(*a)).collect();
            let paid: u64 = outputs.iter().map(|output| ledger.output_value(*output).0).sum();
            let spent = outputs.iter().filter(|output| ledger.spent_by(**output).is_some());
            let spent: u64 = spent.map(|output| ledger.output_value(*output).0).sum();
            for (side, gross) in [(&view.received, paid), (&view.sent, spent)] {
                let (others, home) = (digits(side.amount_units.as_ref()), digits(side.to_self_units.as_ref()));
                assert_eq!(others + home, gross, "{address} {of:?}");
            }
            // an account at a service deals with the service: a screening of its entity would not be of it
            if of == Of::Address && members.len() as u32 != engine.guard.size(engine.forest().unwrap(), id) {
                continue;
            }
            let subject = Subject::Addresses(&members);
            let own = Some(engine.root_of(id));
            if of == Of::Address && engine.account(id).is_some() {
                continue;
            }
            let ask = Ask { subject, own, limits: &limits, places_max: 1, paths_max: 0, clock: None };
            for (found, (name, side)) in
                met(&engine, &ask).unwrap().iter().zip([("received", &view.received), ("sent", &view.sent)])
            {
                assert_eq!(found.total_sat, digits(side.amount_units.as_ref()), "{address} {of:?} {name}");
                let direct = found.met.iter().filter(|met| met.relation == Relation::Counterparty);
                let wanted: BTreeMap<u32, u64> = direct.map(|met| (met.label, met.sat)).collect();
                let known = view.parties.iter().filter(|party| party.side == name && party.label.is_some());
                let known: BTreeMap<u32, u64> = known
                    .map(|party| {
                        let id = engine.address_id(&party.address).unwrap().unwrap();
                        let subject = engine.known.subject(id, engine.root_of(id)).unwrap();
                        (subject, digits(party.amount_units.as_ref()))
                    })
                    .collect();
                compared += wanted.len();
                assert_eq!(known, wanted, "{address} {of:?} {name}");
            }
        }
    }
    println!("{asked} questions, {compared} labelled parties, {mixed} with CoinJoins, {homes} with change");
    assert!(asked > 700 && compared > 400 && homes > 100, "{asked} {compared} {mixed} {homes}");
}

#[test]
fn periods_and_days_are_parts_of_the_whole() {
    let (_folder, engine) = world(5, 10_000);
    let ledger = engine.ledger().unwrap();
    let mut asked = 0;
    for id in (0..ledger.address_count()).step_by(101).map(AddressId) {
        let address = ledger.address_text(id);
        let ask = DealingsAsk { address, of: Of::Entity, from: None, to: None };
        let whole = all(&engine, &ask, Sides::Both);
        for by in [ActivityBy::Day, ActivityBy::Month] {
            let view = engine.activity(&ask, by).unwrap().unwrap();
            let sum = |of: fn(&ActivityPeriod) -> &Option<String>| -> u64 {
                view.periods.iter().map(|period| digits(of(period).as_ref())).sum()
            };
            assert_eq!(sum(|p| &p.received_units), digits(whole.received.amount_units.as_ref()));
            assert_eq!(sum(|p| &p.sent_units), digits(whole.sent.amount_units.as_ref()));
            assert_eq!(view.periods.iter().map(|period| period.txs).sum::<u64>(), whole.examined.txs);
            let cents = |usd: Option<crate::Usd>| usd.map_or(0, |usd| usd.0);
            let usd: u64 = view.periods.iter().map(|period| cents(period.received_usd)).sum();
            assert_eq!(usd, cents(whole.received.usd));
            assert!(view.periods.is_sorted_by_key(|period| period.start.clone()));
        }
        // two halves of the time
        let days = engine.activity(&ask, ActivityBy::Day).unwrap().unwrap().periods;
        let middle: Day = days[days.len() / 2].start.parse().unwrap();
        let first = DealingsAsk { to: Some(middle), ..ask.clone() };
        let rest = DealingsAsk { from: Some(Day(middle.0 + 1)), ..ask.clone() };
        let halves = [first, rest].map(|ask| all(&engine, &ask, Sides::Both));
        halves.iter().for_each(adds_up);
        let sum: u64 = halves.iter().map(|half| digits(half.sent.amount_units.as_ref())).sum();
        assert_eq!(sum, digits(whole.sent.amount_units.as_ref()));
        asked += 1;
    }
    assert!(asked > 20);
    let wrong = DealingsAsk {
        from: Some(Day(9)),
        to: Some(Day(8)),
        ..DealingsAsk::read(&ledger.address_text(AddressId(0)), None)
    };
    assert!(engine.activity(&wrong, ActivityBy::Day).is_err());
}

#[test]
fn links_are_what_each_node_sent_the_other() {
    let (_folder, engine) = world(11, 10_000);
    let ledger = engine.ledger().unwrap();
    // neighbours, so that there is something between them
    let mut ids: Vec<AddressId> = Vec::new();
    for tx in (ledger.tx_count() / 2..ledger.tx_count()).step_by(97).map(TxNum) {
        ids.extend(ledger.inputs(tx).filter_map(|input| input.address));
        ids.extend(ledger.outputs(tx).filter_map(|output| output.address));
    }
    ids.truncate(120);
    let nodes: Vec<String> = ids.iter().map(|id| ledger.address_text(*id)).collect();
    let mut found = 0;
    for of in [Of::Address, Of::Entity] {
        let view = engine.links(&nodes, of).unwrap();
        assert!(!view.truncated && view.unseen.is_empty());
        let owner = |id: AddressId| if of == Of::Address { id } else { engine.root_of(id) };
        // naively: every transaction of the chain, satoshi by satoshi of the other half of the rule
        let mut wanted: BTreeMap<(AddressId, AddressId), u64> = BTreeMap::new();
        let mut distinct: Vec<AddressId> = ids.iter().map(|id| owner(*id)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        for tx in (0..ledger.tx_count()).map(TxNum) {
            if engine.coinjoin_kind(tx).is_some() {
                continue;
            }
            let of = |address: Option<AddressId>| address.map(owner).filter(|o| distinct.binary_search(o).is_ok());
            let mut ends: Vec<(u64, u64, Option<AddressId>)> = Vec::new();
            let mut at = 0;
            for input in ledger.inputs(tx) {
                let value = ledger.output_value(ledger.spent_output(&input)).0;
                ends.push((at, at + value, of(input.address)));
                at += value;
            }
            let mut at = 0;
            for output in ledger.outputs(tx) {
                let (from, to) = (at, at + output.value.0);
                at = to;
                let Some(receiver) = of(output.address) else { continue };
                for (lo, hi, sender) in &ends {
                    let sat = to.min(*hi).saturating_sub(from.max(*lo));
                    if let Some(sender) = sender.filter(|sender| *sender != receiver && sat > 0) {
                        *wanted.entry((sender, receiver)).or_default() += sat;
                    }
                }
            }
        }
        let links: BTreeMap<(AddressId, AddressId), u64> = view
            .links
            .iter()
            .map(|link| {
                let id = |text: &str| owner(engine.address_id(text).unwrap().unwrap());
                ((id(&link.from), id(&link.to)), digits(link.amount_units.as_ref()))
            })
            .collect();
        assert_eq!(links, wanted, "{of:?}");
        found += links.len();
        assert!(view.links.iter().all(|link| link.txs >= 1 && link.first_time <= link.last_time));
    }
    println!("{found} links");
    assert!(found > 40);
}

#[test]
fn a_shared_transaction_is_split_by_first_in_first_out() {
    // alice 30 and bob 20 pay carol 35 and dave 14; the fee is 1
    let text = "
        block
        coinbase mint -> alice 30 bob 20 alice 5
        block
        coinbase mint2 -> miner 50
        tx pay: mint:0 mint:1 -> carol 35 dave 14
        tx own: mint:2 -> alice 2 - 1 erin 1
    ";
    let folder = tempfile::tempdir().unwrap();
    athar_ledger::fixture::store(folder.path(), text, 100).unwrap();
    let engine = Engine::open(folder.path(), &Options::default()).unwrap();
    let ledger = engine.ledger().unwrap();
    let id = |name: &str| ledger.address_id(&athar_ledger::fixture::key(name)).unwrap();
    let alice = id("alice");
    let mut told: BTreeMap<(TxNum, Way, String), u64> = BTreeMap::new();
    let mut reader = Reader::new(&engine, ledger);
    let belongs = |address: AddressId| if address == alice { Belongs::Own } else { Belongs::Other };
    for tx in (0..ledger.tx_count()).map(TxNum) {
        reader.read(tx, &belongs, &mut |way, with, sat| {
            let with = match with {
                With::Party(address) => ledger.address_text(address),
                other => format!("{other:?}"),
            };
            *told.entry((tx, way, with)).or_default() += sat;
        });
    }
    let text = |name: &str| ledger.address_text(id(name));
    let wanted = [
        ((TxNum(0), Way::In, "Minted".to_owned()), 35),
        ((TxNum(2), Way::Out, text("carol")), 30),
        ((TxNum(3), Way::In, "Home".to_owned()), 2),
        ((TxNum(3), Way::Out, "Home".to_owned()), 2),
        ((TxNum(3), Way::Out, "Unaddressed".to_owned()), 1),
        ((TxNum(3), Way::Out, "Fee".to_owned()), 1),
        ((TxNum(3), Way::Out, text("erin")), 1),
    ];
    assert_eq!(told, BTreeMap::from(wanted));
}
