//! The claim of re-screening, on the engine: random small chains grow block by block while labels come and go; after every step
//! the desk, which screens only the affected again, must hold what screening everybody again gives.
use athar_desk::{Cause, Desk, EngineWorld, Marks, NewSubject, SubjectKind, Way, World};
use athar_engine::policy::{Policy, shipped};
use athar_engine::read::ScreenOptions;
use athar_engine::write::import_labels;
use athar_engine::{Chain, Engine, Network, Options};
use athar_ledger::{Disk, Store, fixture};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const PEOPLE: u32 = 30;
const CATEGORIES: [&str; 5] = ["exchange", "terrorist_financing", "scam", "custodial_account", "merchant_services"];

/// A small generator: the same seed gives the same history.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(below)) as u32
    }
}

/// A chain as text that grows.
struct Growing {
    dice: Dice,
    text: Vec<String>,
    unspent: Vec<(String, u64)>,
    txs: u32,
    blocks: u32,
    labels: BTreeMap<u32, usize>,
}

impl Growing {
    fn block(&mut self) {
        let mut text = String::from("block\n");
        let (block, miner) = (self.blocks, self.dice.roll(PEOPLE));
        let _ = writeln!(text, "coinbase m{block} -> p{miner} 50");
        self.blocks += 1;
        for _ in 0..=self.dice.roll(3) {
            if self.unspent.is_empty() {
                break;
            }
            let mut spent: Vec<(String, u64)> = Vec::new();
            for _ in 0..=self.dice.roll(3) {
                if !self.unspent.is_empty() {
                    let at = self.dice.roll(self.unspent.len() as u32);
                    spent.push(self.unspent.remove(at as usize));
                }
            }
            let mut left: u64 = spent.iter().map(|(_, value)| value).sum();
            let name = format!("t{}", self.txs);
            self.txs += 1;
            let inputs: Vec<&str> = spent.iter().map(|(name, _)| name.as_str()).collect();
            let _ = write!(text, "tx {name}: {} ->", inputs.join(" "));
            let outputs = 1 + self.dice.roll(3);
            for vout in 0..outputs {
                let value = if vout + 1 == outputs { left } else { left / 2 };
                if value == 0 {
                    break;
                }
                left -= value;
                let _ = write!(text, " p{} {value}", self.dice.roll(PEOPLE));
                self.unspent.push((format!("{name}:{vout}"), value));
            }
            text.push('\n');
        }
        self.unspent.push((format!("m{block}:0"), 50));
        self.text.push(text);
    }

    /// A store of the chain as it is now, with its entities and labels.
    fn store(&self, folder: &Path) {
        let store = fixture::store(folder, &self.text.concat(), 3).unwrap();
        entities(&store, folder);
        let mut csv = String::from("address,label,category,source,basis\n");
        for (who, category) in &self.labels {
            let _ = writeln!(csv, "{},name {who},{},a source,complaint", text_of(*who), CATEGORIES[*category]);
        }
        drop(store);
        if !self.labels.is_empty() {
            let file = folder.join("labels.csv");
            std::fs::write(&file, csv).unwrap();
            let import = import_labels(folder, &[file], "2026-01-01".parse().unwrap(), None).unwrap();
            assert!(import.refused.is_empty(), "{:?}", import.refused);
        }
    }
}

/// The address that the fixture gives to `p{who}`.
fn text_of(who: u32) -> String {
    fixture::key(&format!("p{who}")).to_text_on(Chain::Bitcoin, Network::Regtest)
}

fn entities(store: &Store, folder: &Path) {
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    let settings = athar_entities::Settings::default();
    athar_entities::Forest::build(folder, &Disk::default(), &ledger, &settings, 1 << 28, &mut |_| {}).unwrap();
}

fn watch(desk: &Desk) {
    let mut new: Vec<NewSubject> = Vec::new();
    for who in 0..PEOPLE {
        let kind = if who % 5 == 0 { SubjectKind::WithdrawalAttempt } else { SubjectKind::Address };
        new.push(NewSubject::new(kind, "bitcoin", text_of(who)));
    }
    // most of these are on the chain later, or never
    for tx in 0..12 {
        let txid = fixture::txid(&format!("t{tx}"));
        new.push(NewSubject::new(SubjectKind::Transaction, "bitcoin", txid.to_string()));
        new.push(NewSubject::new(SubjectKind::Output, "bitcoin", format!("{txid}:0")));
        for (place, way) in [("0".to_string(), Way::Received), ("1".into(), Way::Sent), (text_of(tx), Way::Received)] {
            let mut transfer = NewSubject::new(SubjectKind::Transfer, "bitcoin", format!("{txid}:{place}"));
            transfer.direction = Some(way);
            new.push(transfer);
        }
    }
    desk.register(&new, 0).unwrap();
}

fn run(seed: u64) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(&folder.path().join("at")).unwrap();
    watch(&desk);
    let mut chain = Growing {
        dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1),
        text: Vec::new(),
        unspent: Vec::new(),
        txs: 0,
        blocks: 0,
        labels: BTreeMap::new(),
    };
    (0..5).for_each(|_| chain.block());
    let options = ScreenOptions { hops_max: 2, ..ScreenOptions::default() };
    let (mut screened, mut spared) = (0, 0);
    for step in 0..10 {
        let mut what = String::new();
        if step > 0 {
            let dice = chain.dice.roll(10);
            if dice < 5 {
                chain.block();
                what += "block ";
            }
            if dice >= 3 {
                let who = chain.dice.roll(PEOPLE);
                if chain.labels.remove(&who).is_none() {
                    let category = chain.dice.roll(CATEGORIES.len() as u32);
                    chain.labels.insert(who, category as usize);
                }
                let _ = write!(what, "label of p{who}");
            }
        }
        let at = folder.path().join(format!("store-{step}"));
        chain.store(&at);
        let engine = Engine::open(&at, &Options::default()).unwrap();
        // by the screenings alone, and by each of the policies that come with the program
        let world = EngineWorld::new(&engine, options);
        let judge = (seed % 3).checked_sub(1).map(|n| shipped()[n as usize % shipped().len()].clone());
        let world = match judge {
            Some(policy) => world.judged_by(policy).unwrap(),
            None => world,
        };
        let done = desk.rescreen(&world, step, &mut |_| true).unwrap();
        assert_eq!((done.failed, &done.error), (0, &None), "seed {seed} step {step}");
        if step > 0 {
            assert_eq!(done.everything, None, "seed {seed} step {step}: {what}");
            screened += done.screened;
            spared += done.spared;
        }
        let mut subjects = desk.subjects(None, 0, 1_000).unwrap();
        assert!(subjects.next.is_none());
        for subject in subjects.rows.drain(..) {
            let kept = desk.screening(subject.screening.unwrap()).unwrap().unwrap();
            let answer = world.screen(&subject).unwrap();
            assert_eq!(
                (kept.state, kept.level.as_str(), kept.score, kept.summary.get()),
                (answer.state, answer.level.as_str(), answer.score, answer.summary.as_str()),
                "seed {seed} step {step} ({what}): {} {}\n{}",
                subject.kind.name(),
                subject.target,
                chain.text.concat()
            );
        }
        assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
    }
    (screened, spared)
}

#[test]
fn the_desk_of_a_growing_chain_holds_what_screening_everybody_again_gives() {
    let seeds: u64 = std::env::var("ATHAR_DESK_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let (mut screened, mut spared) = (0, 0);
    for seed in 0..seeds {
        let (s, p) = run(seed);
        screened += s;
        spared += p;
    }
    println!("{seeds} chains: {screened} screened again, {spared} spared");
    assert!(screened > 0 && spared > screened, "screened {screened}, spared {spared}");
}

/// A label on a customer's account is the account's alone. When somebody who paid it turns out to be the service itself, it was no
/// account, and the label is the service's: whoever dealt with the service is told, though none of what he saw was used.
#[test]
fn a_label_that_turns_from_an_account_to_its_service_touches_all_who_met_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(&folder.path().join("desk")).unwrap();
    let text = "block\ncoinbase c0 -> payer 50\nblock\ncoinbase c1 -> hot 50\ntx dep: c0:0 -> d 50\n\
                block\ncoinbase c2 -> s 50\ntx sweep: dep:0 c1:0 -> hot 100\n\
                block\ncoinbase c3 -> payer 50\ntx buy: c2:0 -> hot 50\n";
    let more = "block\ncoinbase c4 -> miner 50\ntx merge: c3:0 buy:0 -> hot 100\n";
    let text_of = |name: &str| fixture::key(name).to_text_on(Chain::Bitcoin, Network::Regtest);
    desk.register(&[NewSubject::new(SubjectKind::Address, "bitcoin", text_of("s"))], 0).unwrap();
    let mut said = Vec::new();
    for (step, text) in [text.to_string(), format!("{text}{more}")].iter().enumerate() {
        let at = folder.path().join(step.to_string());
        entities(&fixture::store(&at, text, 1).unwrap(), &at);
        let file = at.join("labels.csv");
        let csv = format!(
            "address,label,category,source,basis\n{},Exchange,exchange,x,complaint\n{},Bad,scam,x,complaint\n",
            text_of("hot"),
            text_of("d")
        );
        std::fs::write(&file, csv).unwrap();
        import_labels(&at, &[file], "2026-01-01".parse().unwrap(), None).unwrap();
        let engine = Engine::open(&at, &Options::default()).unwrap();
        let world = EngineWorld::new(&engine, ScreenOptions::default());
        let done = desk.rescreen(&world, step as i64, &mut |_| true).unwrap();
        assert!(step == 0 || done.everything.is_none());
        let subject = desk.subject(1).unwrap().unwrap();
        let kept = desk.screening(subject.screening.unwrap()).unwrap().unwrap();
        assert_eq!(kept.summary.get(), world.screen(&subject).unwrap().summary);
        said.push(kept.summary.get().contains("Bad"));
    }
    assert_eq!(said, [false, true]);
}

#[test]
fn a_transfer_waits_for_its_block_and_goes_back_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(&folder.path().join("desk")).unwrap();
    let first = "block\ncoinbase m0 -> bad 50\n";
    let more = "block\ncoinbase m1 -> miner 50\ntx pay: m0:0 -> mine 50\n";
    let txid = fixture::txid("pay");
    let mut transfer = NewSubject::new(SubjectKind::Transfer, "bitcoin", format!("{txid}:0"));
    transfer.direction = Some(Way::Received);
    transfer.reference = Some("deposit 7".into());
    let mut missing = NewSubject::new(SubjectKind::Transfer, "bitcoin", format!("{txid}:9"));
    missing.direction = Some(Way::Received);
    desk.register(&[transfer, missing], 0).unwrap();
    let bad = fixture::key("bad").to_text_on(Chain::Bitcoin, Network::Regtest);
    let mut states = Vec::new();
    for (step, text) in [first.to_string(), format!("{first}{more}"), first.to_string()].iter().enumerate() {
        let at = folder.path().join(step.to_string());
        let store: Store = fixture::store(&at, text, 1).unwrap();
        entities(&store, &at);
        drop(store);
        let file = at.join("labels.csv");
        std::fs::write(
            &file,
            format!("address,label,category,source,basis\n{bad},Bad,terrorist_financing,a list,complaint\n"),
        )
        .unwrap();
        import_labels(&at, &[file], "2026-01-01".parse().unwrap(), None).unwrap();
        let engine = Engine::open(&at, &Options::default()).unwrap();
        let world = EngineWorld::new(&engine, ScreenOptions::default());
        desk.rescreen(&world, step as i64, &mut |_| true).unwrap();
        let rows = desk.subjects(None, 0, 10).unwrap().rows;
        states.push(
            rows.iter().map(|s| format!("{:?} {}", s.state.unwrap(), s.level.as_deref().unwrap())).collect::<Vec<_>>(),
        );
    }
    assert_eq!(
        states,
        [
            ["Pending unknown", "Pending unknown"],
            ["Screened high", "Missing unknown"],
            ["Pending unknown", "Pending unknown"]
        ]
    );
    let changes = desk.changes(None, 0, 10).unwrap().rows;
    assert_eq!(changes.len(), 4);
}

#[test]
fn the_policy_gives_level_and_score_and_a_new_day_touches_everybody_where_it_asks_for_ages() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("store");
    drop(fixture::store(&at, "block\ncoinbase m0 -> p1 50\n", 1).unwrap());
    let engine = Engine::open(&at, &Options::default()).unwrap();
    let file = folder.path().join("own.toml");
    let rule = |when: &str| {
        let text = format!(
            "format = 1\nname = \"own\"\nmodel = \"levels\"\n[title]\nen = \"Own\"\nar = \"Own\"\n[[rule]]\nid = \"one\"\n\
             title = {{ en = \"One\", ar = \"One\" }}\nlevel = \"medium\"\nwhen = {{ {when} }}\n"
        );
        std::fs::write(&file, text).unwrap();
        Policy::read(&file).unwrap()
    };
    let world = |policy| EngineWorld::new(&engine, ScreenOptions::default()).judged_by(policy).unwrap();
    let desk = Desk::open(&folder.path().join("desk")).unwrap();
    desk.register(&[NewSubject::new(SubjectKind::Address, "bitcoin", text_of(1))], 0).unwrap();
    // no rule applies: unknown, whatever the screening itself makes of it
    let large = world(rule("amount = { of = \"received\", amount_sat = \">= 1_000_000\" }"));
    assert_eq!(large.marks().today, None);
    desk.rescreen(&large, 0, &mut |_| true).unwrap();
    let level = || desk.subject(1).unwrap().unwrap().level.unwrap();
    assert_eq!(level(), "unknown");
    let some = world(rule("amount = { of = \"received\", amount_sat = \">= 1\" }"));
    let done = desk.rescreen(&some, 1, &mut |_| true).unwrap();
    assert_eq!(done.everything, Some(Cause::Policy { version: some.marks().policy }));
    assert_eq!((done.changed, level().as_str()), (1, "medium"));

    let aged = world(rule("age = { of = \"first_seen\", days = \">= 0\" }"));
    let today = aged.marks();
    assert!(today.today.is_some());
    let yesterday = Marks { today: Some("2001-01-01".into()), ..today.clone() };
    assert_eq!(aged.changed(&today, &[]).unwrap().everything, None);
    assert!(matches!(aged.changed(&yesterday, &[]).unwrap().everything, Some(Cause::Everything { .. })));
}
