//! Facts of small stores, written by hand: each is held against what was put in.

use super::*;
use crate::read::patterns::accounts::AccountsWorld;
use crate::write::{MEMORY_BYTES, discover_bytes, import_labels, import_lists, ingest_account_blocks};
use crate::{AccountKnows, Options};
use athar_ledger::{Disk, SegmentBuilder, Store, StoreLock, fixture};
use athar_lists::ReadOptions;
use athar_patterns::{RunOptions, Standing, World, run, shipped};
use athar_types::account::{
    AccountBlock, AccountBytes, AccountTxRow, AssetKey, BridgeEvent, EventKind, EventRow, TransferKind, TransferRow,
    TxStatus, U256,
};
use athar_types::{Day, Hash32, Level, Network, UnixTime};
use std::fs;
use std::path::{Path, PathBuf};

const TODAY: Day = Day(20_000);
/// 2020-01-01, when the fixture's chain begins.
const START: u32 = 1_577_836_800;
const USDT: [(Chain, &str); 2] = [
    (Chain::Ethereum, "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    (Chain::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
];

/// A chain of outputs on the main network.
fn outputs(folder: &Path, text: &str) {
    let lock = StoreLock::take(folder).unwrap();
    let mut store = Store::open_for_writing(folder, &lock, Disk::default()).unwrap();
    store.set_network(Chain::Bitcoin, Network::Mainnet).unwrap();
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    let mut builder = SegmentBuilder::new(ledger.end(), Hash32::ZERO);
    fixture::blocks(text).iter().try_for_each(|block| builder.push(block)).unwrap();
    let piece = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin)).unwrap();
    store.append(Chain::Bitcoin, piece).unwrap();
}

fn bitcoin(name: &str) -> String {
    fixture::key(name).to_text(Network::Mainnet)
}

fn account(chain: Chain, number: u8) -> String {
    chain.account().unwrap().form.text(&[number; 20])
}

fn engine(folder: &Path, chain: Chain) -> Engine {
    Engine::open(folder, &Options { chain: Some(chain), ..Options::default() }).unwrap()
}

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn list(store: &Path, file: &Path, as_of: &str) {
    let options = ReadOptions { as_of: Some(as_of.parse().unwrap()), ..ReadOptions::default() };
    let import = import_lists(store, &[file.to_path_buf()], &options, TODAY).unwrap();
    assert!(import.lists.refused.is_empty(), "{:?}", import.lists.refused);
}

/// What a transaction of an account chain moves.
struct Moved {
    time: u32,
    from: u8,
    to: u8,
    /// Whole dollars; none: a hundred coins.
    dollars: Option<u64>,
    bridge: Option<BridgeEvent>,
}

fn accounts(store: &Path, chain: Chain, moved: &[Moved]) {
    let form = chain.account().unwrap().form;
    let token: AccountBytes = form.parse(USDT.iter().find(|(of, _)| *of == chain).unwrap().1).unwrap();
    let hash = |kind: u8, n: usize| {
        let mut hash = [kind; 32];
        hash[0] = chain as u8;
        hash[1..3].copy_from_slice(&(n as u16).to_le_bytes());
        hash
    };
    let blocks = moved.iter().enumerate().map(|(n, moved)| {
        let (from, to) = ([moved.from; 20], [moved.to; 20]);
        let (asset, amount, kind) = match moved.dollars {
            Some(dollars) => (AssetKey::Token(token), U256::from(dollars * 1_000_000), TransferKind::Token),
            None => (AssetKey::Native, U256::from(100_000_000_u64), TransferKind::Value),
        };
        AccountBlock {
            number: n as u32 + 1,
            hash: hash(1, n + 1),
            parent: hash(1, n),
            time: UnixTime(moved.time),
            txs: vec![AccountTxRow {
                hash: hash(2, n),
                from,
                to: Some(to),
                created: None,
                status: TxStatus::Success,
                selector: None,
            }],
            transfers: vec![TransferRow { tx: Some(0), from: Some(from), to: Some(to), asset, amount, kind }],
            events: moved.bridge.iter().map(|event| EventRow { tx: 0, kind: EventKind::Bridge(*event) }).collect(),
            ..AccountBlock::default()
        }
    });
    ingest_account_blocks(store, chain, None, AccountKnows::ALL, MEMORY_BYTES, blocks.collect::<Vec<_>>()).unwrap();
}

fn wanted() -> Wanted {
    Wanted { memos: true, names: true, bridgings: true, actors: true, bridge_window: 1_800, since: None }
}

const CHAIN: &str = "
    block
    coinbase mint -> miner 5000000000
    block
    tx gift: mint:0 -> front 2000000000 -the_Example_Martyrs_Brigade 0 donor 2900000000
    block
    tx second: gift:2 -> front 1000000000 -zakat_and_sadaqah_for_all 0 rest 1800000000
";

#[test]
fn lists_count_in_every_imported_version() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    fs::create_dir(&store).unwrap();
    outputs(&store, CHAIN);
    let order = |identifiers: &str| format!("order,identifier,asset\n{identifiers}B 9/20,{},\n", bitcoin("rest"));
    let with = put(folder.path(), "with.csv", &order(&format!("A 1/20,{},\n", bitcoin("front"))));
    let without = put(folder.path(), "without.csv", &order(""));
    list(&store, &with, "2020-02-01");
    list(&store, &without, "2020-03-01");
    let facts = facts(&engine(&store, Chain::Bitcoin), &Wanted::default()).unwrap();
    let day = |t: Option<UnixTime>| t.map(|t| t.day().to_string());
    let of = |name: &str| facts.listings.iter().find(|l| l.text == bitcoin(name)).unwrap();
    assert_eq!(facts.listings.len(), 2);
    assert_eq!(day(of("front").first_seen).as_deref(), Some("2020-02-01"));
    assert_eq!(day(of("front").listed_until).as_deref(), Some("2020-03-01"));
    assert_eq!((of("front").entry.as_str(), of("rest").listed_until), ("A 1/20", None));
    assert!(of("front").address.is_some());
    assert!(of("front").classes.meets(athar_patterns::Classes::of([athar_types::Category::TerroristFinancing])));
}

#[test]
fn pages_are_publications_and_notes_are_read_with_the_lists_groups() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    fs::create_dir(&store).unwrap();
    outputs(&store, CHAIN);
    let groups = put(folder.path(), "groups.csv", "id,name,kind\n7,Example Martyrs Brigade,organisation\n");
    list(&store, &groups, "2019-01-01");
    let appeal = |name: &str| {
        format!(
            "<html><body><p>Donate bitcoin to the mujahideen of the Example Martyrs Brigade, equip a fighter: {}</p></body></html>",
            bitcoin(name)
        )
    };
    let settings = athar_discover::Settings::default();
    discover_bytes(&store, "page.html", appeal("front").as_bytes(), &settings, true, |_| true).unwrap();
    discover_bytes(&store, "other.html", appeal("nobody").as_bytes(), &settings, true, |_| true).unwrap();
    let news = format!(
        "<html><body><p>Prosecutors said in court on Monday, according to the indictment, that the suspects used the \
         bitcoin address {} which was seized. The Justice Department announced charges, reported the newspaper.</p></body></html>",
        bitcoin("donor")
    );
    discover_bytes(&store, "news.html", news.as_bytes(), &settings, true, |_| true).unwrap();
    let engine = engine(&store, Chain::Bitcoin);
    let facts = facts(&engine, &Wanted { memos: true, ..Wanted::default() }).unwrap();
    let of = |name: &str| facts.publications.iter().find(|p| p.text == bitcoin(name)).unwrap();
    let page = of("front");
    assert!(page.solicits && !page.is_quoted && page.is_proved, "{page:?}");
    assert!(page.asks >= 10 && page.cause >= 12 && page.address.is_some(), "{page:?}");
    assert_eq!(of("nobody").address, None);
    assert!(of("donor").is_quoted && !of("donor").solicits, "{:?}", of("donor"));
    // the note that names a listed group; not the one of religious words
    assert_eq!(facts.memos.len(), 1);
    assert!(facts.memos[0].terms.iter().any(|t| t.contains("imported list")), "{:?}", facts.memos[0]);
    // an incremental run reads new notes alone
    assert!(noted::memos(&engine, Some(2)).unwrap().is_empty());
    assert_eq!(noted::memos(&engine, Some(1)).unwrap().len(), 1);
    assert!(noted::memos(&engine, Some(99)).unwrap().is_empty());
}

fn bridge(account: u8, is_out: bool, dollars: u64, message: Option<u8>) -> BridgeEvent {
    BridgeEvent {
        protocol: 11,
        contract: [99; 20],
        is_out,
        account: Some([account; 20]),
        far_chain: None,
        far_account: None,
        token: None,
        amount: U256::from(dollars * 1_000_000),
        message: message.map(|byte| [byte; 32]),
    }
}

fn passes(time: u32, account: u8, is_out: bool, dollars: u64, message: Option<u8>) -> Moved {
    let (from, to) = if is_out { (account, 99) } else { (99, account) };
    Moved { time, from, to, dollars: Some(dollars), bridge: Some(bridge(account, is_out, dollars, message)) }
}

#[test]
fn a_passage_is_matched_by_its_message_else_by_amount_and_time_with_the_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let near = [
        passes(START, 1, true, 1_000, Some(7)),
        passes(START + 10_000, 2, true, 500, None),
        passes(START + 20_000, 3, true, 800, None),
        passes(START + 30_000, 4, true, 700, None),
    ];
    accounts(&store, Chain::Ethereum, &near);
    let far = [
        // by its message, though long after
        passes(START + 9_000, 11, false, 1_000, Some(7)),
        passes(START + 10_600, 12, false, 500, None),
        passes(START + 10_700, 13, false, 495, None),
        // a second too late, and another amount
        passes(START + 21_801, 14, false, 800, None),
        passes(START + 30_100, 15, false, 600, None),
    ];
    accounts(&store, Chain::Tron, &far);
    let engine = engine(&store, Chain::Ethereum);
    let found = bridged::bridgings(&engine, &wanted());
    let told: Vec<_> = found.iter().map(|b| (b.matched.is_some(), b.candidates, b.lag)).collect();
    assert_eq!(told, [(true, 1, Some(9_000)), (false, 2, Some(600)), (false, 0, None), (false, 0, None)]);
    assert!(found.iter().all(|b| b.is_searched && b.is_out), "{found:?}");
    assert_eq!((found[1].cents, found[1].legs.len()), (Some(50_000), 2));
    assert!(found[0].matched.as_ref().unwrap().starts_with("tron "));
    assert_eq!(bridged::bridgings(&engine, &Wanted { since: Some(2), ..wanted() }).len(), 2);
    // the same from the other side
    let back = bridged::bridgings(&self::engine(&store, Chain::Tron), &wanted());
    assert_eq!(
        back.iter().map(|b| (b.matched.is_some(), b.candidates)).collect::<Vec<_>>()[..2],
        [(true, 1), (false, 1)]
    );
}

/// Bitcoin in January 2020, dollars on Tron in February, by labels of one name.
fn moved_on(folder: &Path) -> PathBuf {
    let store = folder.join("store");
    fs::create_dir(&store).unwrap();
    outputs(&store, CHAIN);
    let day = |n: u32| START + n * 86_400;
    let dollars = |time, from, to, dollars| Moved { time, from, to, dollars: Some(dollars), bridge: None };
    let gas = |time, from, to| Moved { time, from, to, dollars: None, bridge: None };
    let tron = [
        // one account starts the named one and another
        gas(day(18), 50, 1),
        gas(day(19), 50, 2),
        dollars(day(20), 30, 1, 400_000),
        dollars(day(25), 31, 2, 600_000),
        // to itself, and what it pays
        dollars(day(26), 1, 2, 100_000),
        dollars(day(26), 1, 40, 200_000),
    ];
    accounts(&store, Chain::Tron, &tron);
    let csv = format!(
        "address,label,category,source,basis,chain\n{},Example Front,terrorist_financing,a court,judgment,bitcoin\n\
         {},Example Front,terrorist_financing,a court,judgment,tron\n{},Other Front,terrorist_financing,a court,judgment,tron\n",
        bitcoin("front"),
        account(Chain::Tron, 1),
        account(Chain::Tron, 40),
    );
    import_labels(&store, &[put(folder, "labels.csv", &csv)], TODAY, None).unwrap();
    store
}

#[test]
fn an_actor_over_chains_is_tied_by_its_labels_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = moved_on(folder.path());
    for chain in [Chain::Bitcoin, Chain::Tron] {
        let found = actors::actors(&engine(&store, chain), &[]).unwrap();
        assert_eq!(found.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["Example Front"]);
        let actor = &found[0];
        let on_tron = usize::from(chain == Chain::Tron);
        assert_eq!((actor.addresses.len(), actor.others.len(), actor.funded), (1 + on_tron, 1, 1));
        let sum =
            |is_bitcoin| actor.received.iter().filter(|r| r.is_bitcoin == is_bitcoin).map(|r| r.cents).sum::<u64>();
        // thirty bitcoin of January 2020 at some 7,000 dollars
        assert!((20_000_000..24_000_000).contains(&sum(true)), "{}", sum(true));
        assert_eq!(sum(false), 100_000_000);
        assert_eq!(actor.shared_funder, Some(account(Chain::Tron, 50)));
    }
}

#[test]
fn a_service_that_starts_accounts_groups_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = moved_on(folder.path());
    let csv = format!(
        "address,label,category,source,basis,chain\n{},An exchange,exchange,a study,third_party_claim,tron\n",
        account(Chain::Tron, 50)
    );
    import_labels(&store, &[put(folder.path(), "more.csv", &csv)], TODAY, None).unwrap();
    let found = actors::actors(&engine(&store, Chain::Tron), &[]).unwrap();
    let actor = &found[0];
    assert_eq!((actor.addresses.len(), actor.funded, actor.shared_funder.as_ref()), (1, 0, None));
    assert!(actor.funder_is_service);
    assert_eq!(actor.received.iter().filter(|r| !r.is_bitcoin).map(|r| r.cents).sum::<u64>(), 40_000_000);
}

#[test]
fn the_rule_finds_the_move_to_another_chain_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = moved_on(folder.path());
    let engine = engine(&store, Chain::Tron);
    let rules: Vec<&Rule> = shipped().iter().filter(|rule| rule.id == "chain-migration").collect();
    let facts = facts(&engine, &Wanted::of(&rules, None)).unwrap();
    let world = AccountsWorld::new(&engine, facts).unwrap();
    let hits = run(&world, &rules, &|_| Standing::Held, RunOptions::default()).hits;
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len()), (account(Chain::Tron, 1).as_str(), 2));
    assert_eq!(hits[0].severity, Level::High);
}

#[test]
fn names_need_a_second_attribute() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    accounts(&store, Chain::Tron, &[Moved { time: START, from: 1, to: 2, dollars: Some(5), bridge: None }]);
    let names = put(
        folder.path(),
        "names.csv",
        "id,name,kind,born,country\nX1,Mohamed Abdelrahman AL-MITHALI,person,1970,Egypt\nX2,Yusuf Khalid AL-NAMUDHAJI,person,1980,Yemen\n",
    );
    list(&store, &names, "2019-01-01");
    let csv = format!(
        "address,label,category,source,basis,country\n{0},محمد عبد الرحمن المثالي,user,a study,third_party_claim,EG\n\
         {1},Yusuf Khalid Al Namudhaji,user,a study,third_party_claim,\n",
        account(Chain::Tron, 1),
        account(Chain::Tron, 2),
    );
    import_labels(&store, &[put(folder.path(), "labels.csv", &csv)], TODAY, None).unwrap();
    let found = named::names(&engine(&store, Chain::Tron)).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].attributes.as_slice(), found[0].entry.ends_with("X1")),
        (&["nationality".to_owned()][..], true)
    );
    assert!(found[0].name_latin.is_some() && found[0].score_permille >= 805, "{:?}", found[0]);
}

#[test]
fn an_account_world_holds_every_dealing_once_on_each_side() {
    let params = Chain::Ethereum.account().unwrap();
    let mut made =
        athar_simulate::account::world(5, &athar_simulate::account::AccountWorldSettings::new(params, 8_000));
    // the simulated dollar stands where the real one does, so that the registry knows it
    let (from, to) = (made.dollar, params.form.parse(USDT[0].1).unwrap());
    for transfer in made.blocks.iter_mut().flat_map(|block| &mut block.transfers) {
        transfer.from.iter_mut().chain(transfer.to.iter_mut()).filter(|a| **a == from).for_each(|a| *a = to);
        if transfer.asset == AssetKey::Token(from) {
            transfer.asset = AssetKey::Token(to);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    ingest_account_blocks(&store, Chain::Ethereum, None, AccountKnows::ALL, MEMORY_BYTES, made.blocks).unwrap();
    let engine = engine(&store, Chain::Ethereum);
    let chain = engine.account_chain().unwrap();
    let facts = facts(&engine, &wanted()).unwrap();
    assert_eq!(facts.deposits.len(), chain.forest.as_ref().unwrap().deposits());
    let world = AccountsWorld::new(&engine, facts).unwrap();
    let (mut sent, mut received) = (0_u64, 0_u64);
    for address in (0..world.addresses()).filter(|a| world.party(*a).0 == *a) {
        let party = athar_patterns::Party(address);
        let mut timeline = athar_patterns::Timeline::default();
        world.fill(party, usize::MAX - 1, &mut timeline);
        assert!(timeline.moves.len() as u64 <= world.weight(party), "{address}");
        assert!(timeline.moves.is_sorted_by_key(|m| (m.tx, m.way)) && !timeline.is_cut);
        for m in &timeline.moves {
            assert!(world.party(m.own) == party && m.party != party && m.left >= m.time);
            assert_eq!(world.time(m.tx), m.time);
        }
        sent += timeline.sent().count() as u64;
        received += timeline.received().count() as u64;
        // cut to the oldest
        let mut cut = athar_patterns::Timeline::default();
        world.fill(party, 3, &mut cut);
        assert_eq!(cut.is_cut, timeline.moves.len() > 3);
        let plain =
            |t: &athar_patterns::Timeline| t.moves.iter().take(3).map(|m| (m.tx, m.own, m.units)).collect::<Vec<_>>();
        assert_eq!(plain(&cut), plain(&timeline));
    }
    let ledger = &chain.ledger;
    let is_dealing = |n: &u64| {
        let t = ledger.transfer(*n);
        crate::read::account_chain::is_dealing(&t)
            && chain.is_verified(t.asset)
            && world.party(t.from) != world.party(t.to)
    };
    let dealings = (0..ledger.transfer_count()).filter(is_dealing).count() as u64;
    assert!(dealings > 2_000, "{dealings}");
    assert_eq!((sent, received), (dealings, dealings));
    // every shipped rule runs over it, whole and for its last transactions
    let rules: Vec<&Rule> = shipped().iter().collect();
    for since in [None, Some(world.txs() - 10)] {
        let found = run(&world, &rules, &|_| Standing::Unmeasured, RunOptions { since });
        assert!(found.hits.iter().all(|hit| hit.severity <= Level::Low));
    }
}
