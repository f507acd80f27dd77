//! Totals of a category, held against a slow sum over the block files, the simulator's own record, and real retractions.
use athar_engine::read::{
    ContributionView, LabelsOf, ScreenOptions, SumView, TotalsBy, TotalsOptions, TotalsRowView, TotalsScopeView,
    TotalsView, totals,
};
use athar_engine::write::{
    IngestSettings, MEMORY_BYTES, decide_label, import_labels, import_prices, ingest_account_blocks, ingest_bitcoin,
};
use athar_engine::{
    AccountKnows, Category, Chain, Clustering, Day, DecisionKind, Engine, Options, PricesOptions, Ruling, Usd,
};
use athar_simulate::account::{AccountActor, AccountRole, AccountWorldSettings, world as account_world};
use athar_simulate::{Settings, simulate};
use athar_types::account::{AccountBytes, AssetKey, TransferKind, TransferRow, U256};
use bitcoin::consensus::deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const DAY: Day = Day(20_000);
const SEED: u64 = 78;

struct World {
    _folder: tempfile::TempDir,
    world: PathBuf,
    store: PathBuf,
}

fn made() -> World {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(SEED, 20_000, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None).unwrap();
    let prices = [world.join("analyst/prices.csv")];
    import_prices(&store, &prices, &PricesOptions { today: DAY, ..PricesOptions::default() }).unwrap();
    World { _folder: folder, world, store }
}

/// The world that tests share which change nothing.
fn shared() -> &'static World {
    static SHARED: OnceLock<World> = OnceLock::new();
    SHARED.get_or_init(made)
}

fn open(store: &Path) -> Engine {
    Engine::open(store, &Options::default()).unwrap()
}

fn ask(engine: &Engine, category: Category, by: TotalsBy) -> TotalsView {
    let options = TotalsOptions { categories: vec![category], by };
    totals(&options, &[engine.totals_part(&options).unwrap()])
}

fn units(sum: &SumView) -> u128 {
    sum.amounts.iter().map(|amount| amount.units.parse::<u128>().unwrap()).sum()
}

/// A transaction as its block says it: address and satoshi of what it spends and pays.
struct Tx {
    month: String,
    day: String,
    from: Vec<(String, u64)>,
    to: Vec<(String, u64)>,
}

/// Every transaction of the block files, by another decoder than the program's own.
fn block_files(folder: &Path) -> Vec<Tx> {
    let key = std::fs::read(folder.join("xor.dat")).unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "dat") && !path.ends_with("xor.dat"));
    files.sort();
    let mut blocks: HashMap<bitcoin::BlockHash, bitcoin::Block> = HashMap::new();
    for file in files {
        let mut bytes = std::fs::read(file).unwrap();
        bytes.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        let mut at = 0;
        while bytes.len() >= at + 8 && bytes[at..at + 4] == [0xfa, 0xbf, 0xb5, 0xda] {
            let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
            let block: bitcoin::Block = deserialize(&bytes[at + 8..at + 8 + length]).unwrap();
            blocks.insert(block.block_hash(), block);
            at += 8 + length;
        }
    }
    // the best chain: the longest, since every block of the world is as hard
    let mut height: HashMap<bitcoin::BlockHash, u32> = HashMap::new();
    let mut chain: Vec<&bitcoin::Block> = Vec::new();
    for start in blocks.values() {
        let mut way = vec![start];
        while let Some(before) = blocks.get(&way[way.len() - 1].header.prev_blockhash) {
            if height.contains_key(&before.block_hash()) {
                break;
            }
            way.push(before);
        }
        for block in way.into_iter().rev() {
            let own = height.get(&block.header.prev_blockhash).map_or(0, |h| h + 1);
            height.insert(block.block_hash(), own);
        }
    }
    let tip = height.iter().max_by_key(|(_, height)| **height).unwrap().0;
    let mut next = blocks.get(tip);
    while let Some(block) = next {
        chain.push(block);
        next = blocks.get(&block.header.prev_blockhash);
    }
    chain.reverse();
    let mut paid: HashMap<bitcoin::OutPoint, (String, u64)> = HashMap::new();
    let mut txs = Vec::new();
    for block in chain {
        let day = Day((block.header.time / 86_400) as i32).to_string();
        for tx in &block.txdata {
            let txid = tx.compute_txid();
            let from = tx.input.iter().filter_map(|input| paid.remove(&input.previous_output)).collect();
            let mut to = Vec::new();
            for (vout, output) in tx.output.iter().enumerate() {
                let address = bitcoin::Address::from_script(&output.script_pubkey, bitcoin::Network::Regtest);
                let row = (address.map_or_else(|_| "-".into(), |a| a.to_string()), output.value.to_sat());
                paid.insert(bitcoin::OutPoint::new(txid, vout as u32), row.clone());
                to.push(row);
            }
            txs.push(Tx { month: day[..7].into(), day: day.clone(), from, to });
        }
    }
    txs
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Slow {
    received: u128,
    sent: u128,
    cashed_out: u128,
    internal: u128,
    fees: u128,
    shared: u128,
    received_by_month: BTreeMap<String, u128>,
    sent_by_month: BTreeMap<String, u128>,
    /// Cents, exact times the satoshi of a coin.
    received_cents: u128,
}

/// The sums of a set by the definition, one transaction after the other.
fn slow(txs: &[Tx], own: &BTreeSet<String>, off_ramps: &BTreeSet<String>, cents: &HashMap<String, u128>) -> Slow {
    let mut all = Slow::default();
    for tx in txs {
        let mine = |sides: &[(String, u64)]| -> u128 {
            sides.iter().filter(|(a, _)| own.contains(a)).map(|(_, sat)| u128::from(*sat)).sum()
        };
        let sum = |sides: &[(String, u64)]| -> u128 { sides.iter().map(|(_, sat)| u128::from(*sat)).sum() };
        let (given, taken) = (mine(&tx.from), mine(&tx.to));
        let (mut received, mut sent) = (0, 0);
        if given == 0 {
            received = taken;
        } else if given == sum(&tx.from) {
            sent = sum(&tx.to) - taken;
            all.internal += taken;
            all.fees += given - sum(&tx.to);
            let cashed = tx.to.iter().filter(|(a, _)| !own.contains(a) && off_ramps.contains(a));
            all.cashed_out += cashed.map(|(_, sat)| u128::from(*sat)).sum::<u128>();
        } else {
            (received, sent) = (taken.saturating_sub(given), given.saturating_sub(taken));
            all.shared += received + sent;
            all.internal += given.min(taken);
        }
        all.received += received;
        all.sent += sent;
        all.received_cents += received * cents.get(&tx.day).copied().unwrap_or_default();
        for (by_month, sat) in [(&mut all.received_by_month, received), (&mut all.sent_by_month, sent)] {
            if sat > 0 {
                *by_month.entry(tx.month.clone()).or_default() += sat;
            }
        }
    }
    all
}

fn of_scope(scope: &TotalsScopeView) -> Slow {
    let by_month = |pick: fn(&TotalsRowView) -> &SumView| {
        let rows = scope.rows.iter().filter(|row| units(pick(row)) > 0);
        rows.map(|row| (row.key.clone(), units(pick(row)))).collect()
    };
    Slow {
        received: units(&scope.total.received.sum),
        sent: units(&scope.total.sent.sum),
        cashed_out: units(&scope.total.cashed_out.sum),
        internal: units(&scope.total.internal),
        fees: units(&scope.total.fees),
        shared: units(&scope.total.shared),
        received_by_month: by_month(|row| &row.received.sum),
        sent_by_month: by_month(|row| &row.sent.sum),
        received_cents: 0,
    }
}

fn labels_csv(world: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(world.join("analyst/labels.csv")).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn members(engine: &Engine, address: &str) -> Vec<String> {
    engine.entity(address, 0, Some(1_000_000)).unwrap().map(|e| e.addresses).unwrap_or_default()
}

#[test]
fn sums_equal_a_slow_sum_over_the_block_files() {
    let world = shared();
    let engine = open(&world.store);
    let txs = block_files(&world.world.join("blocks"));
    let prices = std::fs::read_to_string(world.world.join("analyst/prices.csv")).unwrap();
    let cents: HashMap<String, u128> = prices
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|row| (row[0].to_owned(), row[2].replace('.', "").parse().unwrap()))
        .collect();
    let rows = labels_csv(&world.world);
    let cash = ["exchange", "payment_processor", "coupon_service"];
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<&String> {
        rows.iter().filter(|row| wanted(&row[2])).map(|row| &row[0]).collect()
    };
    let off_ramps: BTreeSet<String> =
        of(&|c| cash.contains(&c)).into_iter().flat_map(|address| members(&engine, address)).collect();
    let services: BTreeSet<String> = of(&|c| c.parse::<Category>().is_ok_and(Category::is_service))
        .into_iter()
        .flat_map(|address| members(&engine, address))
        .collect();
    for category in ["terrorist_financing", "humanitarian_organisation"] {
        let labelled: BTreeSet<String> = of(&|c| c == category).into_iter().cloned().collect();
        let mut extended = labelled.clone();
        for address in labelled.iter().filter(|address| !services.contains(*address)) {
            extended.extend(members(&engine, address));
        }
        let view = ask(&engine, category.parse().unwrap(), TotalsBy::Month);
        for (scope, own) in [(&view.labelled, &labelled), (&view.extended, &extended)] {
            let mut expected = slow(&txs, own, &off_ramps, &cents);
            // dollars are rounded movement by movement: half a cent each at most
            let received = &scope.total.received.sum;
            let whole = expected.received_cents / 100_000_000;
            let told = u128::from(received.usd.unwrap().0);
            assert!(told.abs_diff(whole) <= u128::from(received.count), "{category}: {told} {whole}");
            assert!(!received.is_partly_unpriced);
            expected.received_cents = 0;
            assert_eq!(of_scope(scope), expected, "{category}");
            assert!(expected.received > 0 && expected.sent > 0, "{category}: {expected:?}");
            // nothing is lost between the rows
            let sum = |pick: fn(&TotalsRowView) -> &SumView| scope.rows.iter().map(|r| units(pick(r))).sum::<u128>();
            assert_eq!(sum(|r| &r.received.sum), units(&scope.total.received.sum));
            assert_eq!(sum(|r| &r.internal), units(&scope.total.internal));
        }
        // by organisation and by asset it is the same money
        for by in [TotalsBy::Organisation, TotalsBy::Asset] {
            let other = ask(&engine, category.parse().unwrap(), by);
            assert_eq!(other.extended.total.received, view.extended.total.received);
            let rows: u128 = other.extended.rows.iter().map(|row| units(&row.sent.sum)).sum();
            assert_eq!(rows, units(&view.extended.total.sent.sum), "{by:?}");
        }
    }
}

#[test]
fn a_campaigns_row_is_what_the_simulator_wrote_down() {
    let world = shared();
    let engine = open(&world.store);
    let text = std::fs::read_to_string(world.world.join("truth/campaigns.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    let labels = labels_csv(&world.world);
    let mut checked = 0;
    for campaign in truth["campaigns"].as_array().unwrap() {
        let published: Vec<&str> =
            campaign["published"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        let Some(label) = labels.iter().find(|row| published.first() == Some(&row[0].as_str())) else { continue };
        let category: Category = label[2].parse().unwrap();
        let view = ask(&engine, category, TotalsBy::Organisation);
        let row = view.labelled.rows.iter().find(|row| row.key == label[1]).unwrap();
        // gifts to the labelled address, each as the simulator made it
        let gifts = campaign["sources"].as_array().unwrap().iter().filter(|source| source["address"] == published[0]);
        let given: u128 = gifts.clone().map(|gift| u128::from(gift["sat"].as_u64().unwrap())).sum();
        let others = labels.iter().filter(|row| row[1] == label[1] && row[2] == label[2]).count();
        if given > 0 && others == 1 {
            assert!(units(&row.received.sum) >= given, "{label:?}: {} {given}", units(&row.received.sum));
            // whatever else came was no gift: change of its owner at most
            let txs: BTreeSet<&str> = gifts.map(|gift| gift["txid"].as_str().unwrap()).collect();
            assert!(row.received.sum.count >= txs.len() as u64);
            checked += 1;
        }
    }
    assert!(checked > 0, "no labelled campaign with gifts");
}

/// What is left of a figure when a retraction is real.
fn after(world: &World, labels: &BTreeSet<String>, category: Category) -> TotalsView {
    let engine = open(&world.store);
    let all = engine.labels(None, LabelsOf::InUse, 0, usize::MAX).unwrap().labels;
    drop(engine);
    let id = |text: &str| all.iter().find(|l| l.id == text).unwrap().id.parse().unwrap();
    let rule = |kind, of: &str| {
        let ruling = Ruling { kind, changes: BTreeMap::new(), reason: "a test".into(), by: None, day: DAY };
        decide_label(&world.store, id(of), ruling).unwrap();
    };
    for label in labels {
        rule(DecisionKind::Retract, label);
    }
    let view = ask(&open(&world.store), category, TotalsBy::Month);
    for label in labels {
        rule(DecisionKind::Restore, label);
    }
    view
}

#[test]
fn what_a_retraction_would_change_is_what_it_changes() {
    let world = made();
    let category = Category::TerroristFinancing;
    let before = ask(&open(&world.store), category, TotalsBy::Month);
    let all = open(&world.store).labels(None, LabelsOf::InUse, 0, usize::MAX).unwrap().labels;
    let expect = |of: &ContributionView, labels: &BTreeSet<String>, scope: fn(&TotalsView) -> &TotalsScopeView| {
        let view = after(&world, labels, category);
        let (old, new) = (&scope(&before).total, &scope(&view).total);
        for (name, old, new, change) in [
            ("received", &old.received.sum, &new.received.sum, &of.received),
            ("sent", &old.sent.sum, &new.sent.sum, &of.sent),
            ("cashed out", &old.cashed_out.sum, &new.cashed_out.sum, &of.cashed_out),
        ] {
            let told: i128 = change.amounts.iter().map(|a| a.units.parse::<i128>().unwrap()).sum();
            assert_eq!(units(new) as i128 - units(old) as i128, told, "{name} {of:?}");
            let cents = |sum: &SumView| sum.usd.map_or(0, |usd| usd.0 as i128);
            let told: i128 = change.usd.replace('.', "").parse().unwrap();
            assert_eq!(cents(new) - cents(old), told, "{name} {of:?}");
        }
        // the range holds it, for every month
        for row in &scope(&before).rows {
            let left = scope(&view).rows.iter().find(|r| r.key == row.key);
            let usd = left.map_or(Usd(0), |r| r.received.sum.usd.unwrap());
            let range = if of.label.is_some() { &row.received.without_a_label } else { &row.received.without_a_source };
            assert!(range.usd_min.unwrap() <= usd && usd <= range.usd_max.unwrap(), "{} {usd} {range:?}", row.key);
        }
    };
    let scopes: [fn(&TotalsView) -> &TotalsScopeView; 2] = [|view| &view.labelled, |view| &view.extended];
    for scope in scopes {
        let scoped = scope(&before);
        assert!(!scoped.weightiest_labels.is_empty() && !scoped.weightiest_sources.is_empty());
        for of in scoped.weightiest_labels.iter().take(2) {
            expect(of, &BTreeSet::from([of.label.clone().unwrap()]), scope);
        }
        for of in scoped.weightiest_sources.iter().take(2) {
            let labels: BTreeSet<String> = all
                .iter()
                .filter(|l| l.category == category && l.source.as_deref() == Some(&*of.source))
                .filter(|l| open(&world.store).address(&l.subject, 0, Some(0)).unwrap().is_some())
                .map(|l| l.id.clone())
                .collect();
            expect(of, &labels, scope);
        }
        // what is told first weighs most, and the least and the most are no empty promise
        let received = &scoped.total.received;
        assert!(received.without_a_label.usd_min < received.sum.usd);
        assert!(received.without_a_source.usd_min <= received.without_a_label.usd_min);
    }
}

#[test]
fn grounds_are_told_apart_and_the_same_question_gives_the_same_bytes() {
    let world = shared();
    let view = ask(&open(&world.store), Category::TerroristFinancing, TotalsBy::Month);
    for scope in [&view.labelled, &view.extended] {
        let both = units(&scope.decided.received) + units(&scope.alleged.received);
        assert_eq!(both, units(&scope.total.received.sum));
        assert_eq!(scope.decided.units + scope.alleged.units, scope.units);
        let by_basis: u128 = scope.by_basis.iter().map(|mix| units(&mix.sent)).sum();
        assert_eq!(by_basis, units(&scope.total.sent.sum));
        let paid: u128 = scope.services.iter().filter(|s| s.is_cash_out).map(|s| units(&s.paid)).sum();
        assert_eq!(paid, units(&scope.total.cashed_out.sum));
    }
    let again = ask(&open(&world.store), Category::TerroristFinancing, TotalsBy::Month);
    assert_eq!(serde_json::to_string(&view).unwrap(), serde_json::to_string(&again).unwrap());
    let other = ask(&open(&world.store), Category::TerroristFinancing, TotalsBy::Asset);
    assert_ne!(view.snapshot, other.snapshot);
    let records = view.records();
    assert!(records.iter().any(|r| r[0] == "extended" && r[1] == "total" && r[2] == "received" && !r[4].is_empty()));
    // of a category that nobody has, nothing is known
    let none = ask(&open(&world.store), Category::Ransomware, TotalsBy::Month);
    assert_eq!((none.labelled.units, none.labelled.rows.len()), (0, 0));
    assert!(none.notes.iter().any(|note| note.en.contains("nothing is known")));
}

#[test]
fn labels_of_the_days_asked_make_the_set_and_a_service_is_nobodys_own() {
    let world = made();
    let engine = open(&world.store);
    let exchange = labels_csv(&world.world).into_iter().find(|row| row[2] == "exchange").unwrap();
    let before = ask(&engine, Category::TerroristFinancing, TotalsBy::Month);
    // somebody calls an exchange a financier of terrorism: its customers' money is not the group's
    let csv = world.store.parent().unwrap().join("provider.csv");
    let later = Day(DAY.0 + 10);
    let text = format!(
        "address,label,category,concepts,source,basis\n{},A provider,exchange,terrorist_financing,a study,third_party_claim\n",
        exchange[0]
    );
    std::fs::write(&csv, text).unwrap();
    import_labels(&world.store, &[csv], later, None).unwrap();
    let view = ask(&open(&world.store), Category::TerroristFinancing, TotalsBy::Month);
    assert_eq!(units(&view.extended.total.received.sum), units(&before.extended.total.received.sum));
    assert!(
        view.providers.iter().any(|provider| provider.name.contains("provider") || provider.name == exchange[1]),
        "{:?}",
        view.providers
    );
    // at the end of the day before nobody had said so
    let known = athar_engine::AsOf { known_on: Some(DAY), true_on: None };
    let past = Engine::open(&world.store, &Options { labels_as_of: known, ..Options::default() }).unwrap();
    assert!(ask(&past, Category::TerroristFinancing, TotalsBy::Month).providers.is_empty());
}

const CHAIN: Chain = Chain::Ethereum;
/// USDT's real contract: the simulated dollar stands there, so that the registry knows it.
const USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

fn bytes(text: &str) -> AccountBytes {
    CHAIN.account().unwrap().form.parse(text).unwrap()
}

fn text(account: &AccountBytes) -> String {
    CHAIN.account().unwrap().form.text(account)
}

#[test]
fn transfers_of_accounts_are_summed_by_asset_and_unverified_tokens_are_left_out() {
    let mut world = account_world(9, &AccountWorldSettings::new(CHAIN.account().unwrap(), 10_000));
    let (from, to) = (world.dollar, bytes(USDT));
    for block in &mut world.blocks {
        for transfer in &mut block.transfers {
            if transfer.asset == AssetKey::Token(from) {
                transfer.asset = AssetKey::Token(to);
            }
        }
    }
    let of = |actor: AccountActor, role: AccountRole| -> Vec<AccountBytes> {
        let all = world.truth.accounts.iter();
        let is_it = |t: &&athar_simulate::account::AccountTruth| {
            t.role == role && world.truth.actors[t.actor as usize] == actor
        };
        all.filter(is_it).map(|t| t.account).collect()
    };
    // some persons too: they pay into exchanges
    let actors = [(AccountActor::Campaign, 100), (AccountActor::Boss, 100), (AccountActor::Person, 300)];
    let campaigns: Vec<AccountBytes> =
        actors.into_iter().flat_map(|(actor, most)| of(actor, AccountRole::Own).into_iter().take(most)).collect();
    let collectors = of(AccountActor::Exchange, AccountRole::Collector);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let all: Vec<TransferRow> = world.blocks.iter().flat_map(|block| block.transfers.clone()).collect();
    ingest_account_blocks(&store, CHAIN, None, AccountKnows::ALL, MEMORY_BYTES, world.blocks).unwrap();
    let mut csv = String::from("address,label,category,source,basis\n");
    for campaign in &campaigns {
        csv += &format!("{},A campaign,terrorist_financing,a list,designation\n", text(campaign));
    }
    for collector in &collectors {
        csv += &format!("{},An exchange,exchange,a study,third_party_claim\n", text(collector));
    }
    let file = folder.path().join("labels.csv");
    std::fs::write(&file, csv).unwrap();
    import_labels(&store, &[file], DAY, None).unwrap();
    let engine = Engine::open(&store, &Options { chain: Some(CHAIN), ..Options::default() }).unwrap();
    let view = ask(&engine, Category::TerroristFinancing, TotalsBy::Asset);

    // by hand: who gave and took what, asset by asset
    let moves = [
        TransferKind::Value,
        TransferKind::Internal,
        TransferKind::Create,
        TransferKind::SelfDestruct,
        TransferKind::Token,
    ];
    let (mut received, mut sent, mut internal, mut cashed) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut exchanges: HashMap<AccountBytes, bool> = HashMap::new();
    let mut at_exchange = |account: AccountBytes| {
        *exchanges.entry(account).or_insert_with(|| {
            let view =
                engine.screen(&text(&account), &ScreenOptions { hops_max: 1, ..ScreenOptions::default() }).unwrap();
            collectors.contains(&account)
                || view.deposit_at.is_some_and(|at| collectors.iter().any(|c| text(c) == at.collector))
        })
    };
    for row in all {
        let (Some(giver), Some(taker)) = (row.from, row.to) else { continue };
        if !moves.contains(&row.kind) || row.amount == U256::ZERO || giver == taker {
            continue;
        }
        let asset = match row.asset {
            AssetKey::Native => "ETH",
            AssetKey::Token(token) if token == to => "USDT",
            _ => continue,
        };
        let sum = match (campaigns.contains(&giver), campaigns.contains(&taker)) {
            (true, true) => &mut internal,
            (true, false) => &mut sent,
            (false, true) => &mut received,
            (false, false) => continue,
        };
        *sum.entry(asset).or_insert(U256::ZERO) += row.amount;
        if campaigns.contains(&giver) && !campaigns.contains(&taker) && at_exchange(taker) {
            *cashed.entry(asset).or_insert(U256::ZERO) += row.amount;
        }
    }
    let told = |sum: &SumView| -> BTreeMap<String, U256> {
        let of = sum.amounts.iter();
        of.map(|a| (a.asset.symbol.clone().unwrap(), a.units.parse().unwrap())).collect()
    };
    let expected =
        |of: &BTreeMap<&str, U256>| of.iter().map(|(a, u)| ((*a).to_owned(), *u)).collect::<BTreeMap<_, _>>();
    let total = &view.labelled.total;
    assert!(!received.is_empty() && !sent.is_empty());
    assert_eq!(told(&total.received.sum), expected(&received));
    assert_eq!(told(&total.sent.sum), expected(&sent));
    assert_eq!(told(&total.internal), expected(&internal));
    // what goes to a customer's deposit address has arrived at its exchange
    assert!(!cashed.is_empty());
    assert_eq!(told(&total.cashed_out.sum), expected(&cashed));
    let keys: BTreeSet<&str> = view.labelled.rows.iter().map(|row| row.key.as_str()).collect();
    assert!(keys.iter().all(|key| key.ends_with("(ethereum)")), "{keys:?}");
}
