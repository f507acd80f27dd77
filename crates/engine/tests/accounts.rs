//! Chains of accounts behind the façade: a simulated world whose truth is known, from rows to screening.
use athar_engine::policy::Mode;
use athar_engine::read::{
    AssessOptions, Depth, Direction, Evidence, ExposureOptions, PathsOptions, PolicySet, ScreenOptions, ScreenStatus,
    TraceOptions, TransferAt,
};
use athar_engine::write::{MEMORY_BYTES, ingest_account_blocks};
use athar_engine::{AccountKnows, Category, Chain, Day, Engine, Level, Options, TaintPolicy};
use athar_simulate::account::{AccountActor, AccountRole, AccountWorld, AccountWorldSettings, world};
use athar_types::Relation;
use athar_types::account::{
    AccountBlock, AccountBytes, AssetKey, BridgeEvent, EventKind, EventRow, TransferKind, TransferRow, U256,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

const CHAIN: Chain = Chain::Ethereum;
/// USDT's real contract: the simulated dollar stands there, so that the registry knows it.
const USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

fn bytes(text: &str) -> AccountBytes {
    CHAIN.account().unwrap().form.parse(text).unwrap()
}

fn text(account: &AccountBytes) -> String {
    CHAIN.account().unwrap().form.text(account)
}

struct Made {
    folder: tempfile::TempDir,
    world: AccountWorld,
    campaign: String,
    frozen: String,
}

/// A world on Ethereum in a store, with labels on the campaigns and exchanges, and one account frozen by the issuer.
fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let params = CHAIN.account().unwrap();
        let mut world = world(7, &AccountWorldSettings::new(params, 20_000));
        let (from, to) = (world.dollar, bytes(USDT));
        let swap = |account: &mut AccountBytes| {
            if *account == from {
                *account = to;
            }
        };
        for block in &mut world.blocks {
            for tx in &mut block.txs {
                tx.to.iter_mut().chain(tx.created.iter_mut()).for_each(swap);
            }
            for transfer in &mut block.transfers {
                transfer.from.iter_mut().chain(transfer.to.iter_mut()).for_each(swap);
                if transfer.asset == AssetKey::Token(from) {
                    transfer.asset = AssetKey::Token(to);
                }
            }
            for event in &mut block.events {
                if let EventKind::Contract { account } | EventKind::Swap { pool: account } = &mut event.kind {
                    swap(account);
                }
            }
        }
        let of = |actor: AccountActor, role: AccountRole| {
            let is_it = |t: &&athar_simulate::account::AccountTruth| {
                t.role == role && world.truth.actors[t.actor as usize] == actor
            };
            world.truth.accounts.iter().filter(is_it).map(|t| text(&t.account)).collect::<Vec<_>>()
        };
        let campaign = of(AccountActor::Campaign, AccountRole::Own).remove(0);
        let exchanges = of(AccountActor::Exchange, AccountRole::Collector);
        let frozen = of(AccountActor::Boss, AccountRole::Own).remove(0);
        freeze(&mut world, to, bytes(&frozen));
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        ingest_account_blocks(&store, CHAIN, None, AccountKnows::ALL, MEMORY_BYTES, world.blocks.clone()).unwrap();
        let mut csv = String::from("address,label,category,source,basis\n");
        csv += &format!("{campaign},A campaign,terrorist_financing,a list,designation\n");
        for exchange in exchanges {
            csv += &format!("{exchange},An exchange,exchange,a study,third_party_claim\n");
        }
        label(&store, &csv);
        Made { folder, world, campaign, frozen }
    })
}

fn label(store: &Path, csv: &str) {
    let path = store.parent().unwrap().join(format!("labels-{}.csv", csv.len()));
    std::fs::write(&path, csv).unwrap();
    athar_engine::write::import_labels(store, &[path], Day(20_000), None).unwrap();
}

/// The issuer's transaction at the end: nothing but a freeze in it.
fn freeze(world: &mut AccountWorld, token: AccountBytes, account: AccountBytes) {
    let last = world.blocks.last().unwrap();
    let mut block = AccountBlock {
        number: last.number + 1,
        hash: [0xfe; 32],
        parent: last.hash,
        time: athar_types::UnixTime(last.time.0 + 12),
        ..AccountBlock::default()
    };
    let mut tx = last.txs.first().copied().unwrap_or_else(|| world.blocks[1].txs[0]);
    tx.hash = [0xfd; 32];
    block.txs.push(tx);
    block.events.push(EventRow { tx: 0, kind: EventKind::Freeze { token, account, is_frozen: true } });
    world.blocks.push(block);
}

fn engine(store: &Path) -> Engine {
    Engine::open(store, &Options { chain: Some(CHAIN), ..Options::default() }).unwrap()
}

fn store() -> std::path::PathBuf {
    made().folder.path().join("store")
}

#[test]
fn every_account_holds_what_its_transfers_come_to() {
    let engine = engine(&store());
    let mut balances: BTreeMap<(AccountBytes, String), i128> = BTreeMap::new();
    let mut counts: BTreeMap<AccountBytes, u64> = BTreeMap::new();
    for transfer in made().world.blocks.iter().flat_map(|block| &block.transfers) {
        let TransferRow { from, to, asset, amount, .. } = transfer;
        let asset = match asset {
            AssetKey::Native => "native".to_string(),
            AssetKey::Token(contract) => text(contract),
            AssetKey::Item(contract, id) => format!("{}:{id}", text(contract)),
            AssetKey::Trc10(number) => format!("trc10:{number}"),
        };
        let amount: i128 = amount.to::<u128>().try_into().unwrap();
        for (account, sign) in [(from, -1), (to, 1)] {
            if let Some(account) = account {
                *balances.entry((*account, asset.clone())).or_default() += sign * amount;
            }
        }
        for account in from.iter().chain(to.iter().filter(|to| Some(**to) != *from)) {
            *counts.entry(*account).or_default() += 1;
        }
    }
    assert!(counts.len() > 500, "{}", counts.len());
    for (account, count) in &counts {
        let view = engine.account_address(&text(account), 0, Some(3)).unwrap().unwrap();
        assert_eq!(view.transfer_count, *count);
        assert_eq!(view.transfers.len() as u64, (*count).min(3));
        assert_eq!(view.covered.blocks.len(), 1);
        for holding in &view.holdings {
            let expected = balances[&(*account, holding.received.asset.id.clone())];
            assert_eq!(holding.balance_units.as_deref(), Some(expected.to_string().as_str()), "{}", text(account));
        }
        let assets = balances.keys().filter(|(of, _)| of == account).count();
        assert_eq!(view.holdings.len() as u64 + view.holdings_more, assets as u64);
    }
}

#[test]
fn deposit_addresses_are_the_services_and_their_customers_are_not_merged_with_it() {
    let engine = engine(&store());
    let (mut right, mut wrong, mut all) = (0, 0, 0);
    for truth in &made().world.truth.accounts {
        let Some(view) = engine.account_entity(&text(&truth.account), 0, 10).unwrap() else { continue };
        let is_deposit = matches!(truth.role, AccountRole::Deposit | AccountRole::DepositContract);
        all += u32::from(is_deposit);
        match (&view.deposit_at, is_deposit) {
            (Some(deposit), true) => {
                right += 1;
                assert!(deposit.forwards >= 2 && view.size == 1, "{deposit:?}");
            }
            (Some(_), false) => wrong += 1,
            _ => {}
        }
    }
    assert!(wrong == 0 && right * 10 > all, "{right} of {all} found, {wrong} wrongly");
}

#[test]
fn a_listed_account_and_those_that_dealt_with_it_screen_apart() {
    let engine = engine(&store());
    let options = ScreenOptions::default();
    let own = engine.screen(&made().campaign, &options).unwrap();
    assert_eq!((own.status, own.risk), (ScreenStatus::Known, Level::Severe));
    assert_eq!(own.statements[0].relation, Relation::Ownership);
    assert!(own.covered.is_some() && own.snapshot.is_some());

    // somebody who paid it in dollars
    let campaign = bytes(&made().campaign);
    let transfers: Vec<&TransferRow> = made().world.blocks.iter().flat_map(|block| &block.transfers).collect();
    let paid = transfers.iter().find(|t| {
        t.to == Some(campaign) && t.asset == AssetKey::Token(bytes(USDT)) && t.amount > U256::from(1_000_000)
    });
    let donor = text(&paid.expect("a donation").from.unwrap());
    let view = engine.screen(&donor, &options).unwrap();
    let met = view.statements.iter().find(|s| s.relation == Relation::Counterparty && s.label == "A campaign").unwrap();
    assert_eq!(
        (met.direction, met.hops_min, met.category),
        (Some(Direction::Sent), Some(1), Category::TerroristFinancing)
    );
    let total: U256 = transfers
        .iter()
        .filter(|t| t.from == Some(bytes(&donor)) && t.to == Some(campaign) && t.asset == AssetKey::Token(bytes(USDT)))
        .fold(U256::ZERO, |sum, t| sum + t.amount);
    let usdt = met.amounts.iter().find(|a| a.asset.symbol.as_deref() == Some("USDT")).unwrap();
    assert_eq!(usdt.units, total.to_string());
    assert!(usdt.usd_at_par && met.evidence.iter().any(|e| matches!(e, Evidence::Transfer { .. })));
    assert!(view.risk >= Level::Medium, "{:?}", view.risk);

    // the quick screening says the same of counterparties
    let quick = engine.screen_direct(&donor, Depth::Counterparty).unwrap();
    let same = quick.counterparties.iter().find(|c| c.label == "A campaign").unwrap();
    assert_eq!((&same.amounts, same.amount_sat), (&met.amounts, None));

    // and a policy can judge it
    let set = PolicySet::find(&store(), "strict").or_else(|_| PolicySet::find(&store(), "sanctions"));
    if let Ok(set) = set {
        let options = AssessOptions { screen: options, attempt_sat: None };
        let judged = engine.assess(&made().campaign, &options, &set).unwrap();
        assert!(judged.assessment.verdict.level >= Some(Level::High), "{:?}", judged.assessment.verdict.level);
        assert_eq!(judged.assessment.verdict.mode, Mode::Asked);
    }

    // an account that nobody ever named is unseen, not clean
    let nobody = engine.screen(&text(&[0xcc; 20]), &options).unwrap();
    assert_eq!((nobody.status, nobody.risk), (ScreenStatus::Unseen, Level::Unknown));
}

#[test]
fn an_issuers_freeze_is_a_statement_with_its_transaction_and_day() {
    let engine = engine(&store());
    let view = engine.screen(&made().frozen, &ScreenOptions::default()).unwrap();
    let frozen = view.statements.iter().find(|s| s.category == Category::Blacklisted).unwrap();
    assert_eq!((frozen.relation, frozen.label.as_str()), (Relation::Ownership, "frozen by the issuer of USDT"));
    let Some(Evidence::Issuer { act }) = frozen.evidence.first() else { panic!("{:?}", frozen.evidence) };
    assert_eq!((act.act, act.tx.as_str()), ("frozen", format!("0x{}", "fd".repeat(32)).as_str()));
    assert!(act.time.starts_with("20"), "{}", act.time);
    assert!(engine.account_address(&made().frozen, 0, None).unwrap().unwrap().is_frozen);
}

#[test]
fn a_token_that_only_calls_itself_usdt_counts_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let fake = [0xfa; 20];
    let transfer = |tx: u32, from: u8, to: u8, asset| TransferRow {
        tx: Some(tx),
        from: Some([from; 20]),
        to: Some([to; 20]),
        asset,
        amount: U256::from(5_000_000_000_u64),
        kind: TransferKind::Token,
    };
    let mut tx = made().world.blocks.iter().find_map(|b| b.txs.first()).copied().unwrap();
    tx.hash = [1; 32];
    let block = AccountBlock {
        number: 1,
        hash: [2; 32],
        time: athar_types::UnixTime(1_700_000_000),
        txs: vec![tx],
        transfers: vec![
            transfer(0, 1, 2, AssetKey::Token(fake)),
            transfer(0, 1, 3, AssetKey::Token(bytes(USDT))),
            TransferRow { amount: U256::ZERO, ..transfer(0, 1, 4, AssetKey::Token(bytes(USDT))) },
        ],
        ..AccountBlock::default()
    };
    ingest_account_blocks(&store, CHAIN, None, AccountKnows::ALL, MEMORY_BYTES, [block]).unwrap();
    label(
        &store,
        &format!("address,label,category,source,basis\n{},Listed,sanctioned,a list,designation\n", text(&[1; 20])),
    );
    let engine = engine(&store);
    let screen = |account: u8| engine.screen(&text(&[account; 20]), &ScreenOptions::default()).unwrap();
    assert!(screen(3).statements.iter().any(|s| s.relation == Relation::Counterparty));
    let planted = screen(2);
    assert!(planted.statements.is_empty(), "{:?}", planted.statements);
    assert!(planted.notes.iter().any(|note| note.en.contains("unverified tokens")), "{:?}", planted.notes);
    assert!(screen(4).statements.is_empty(), "nothing moved");
    let view = engine.account_address(&text(&[2; 20]), 0, None).unwrap().unwrap();
    let asset = &view.holdings[0].received.asset;
    assert_eq!((asset.symbol.as_deref(), asset.verified, view.holdings[0].received.usd), (None, false, None));
    // on a network that is not the main one nothing is verified and no label counts
    let other = folder.path().join("other");
    let blocks = [AccountBlock { number: 1, ..made().world.blocks[0].clone() }];
    ingest_account_blocks(&other, CHAIN, Some(31_337), AccountKnows::ALL, MEMORY_BYTES, blocks).unwrap();
    let status = self::engine(&other).status().unwrap();
    assert_eq!(status.accounts[0].network, "chain id 31337");
}

#[test]
fn a_trace_loses_nothing_under_any_policy_and_stops_at_labelled_services() {
    let engine = engine(&store());
    for policy in [TaintPolicy::Fifo, TaintPolicy::Lifo, TaintPolicy::Haircut, TaintPolicy::Poison] {
        for backward in [false, true] {
            let options = TraceOptions { policy, backward, hops_max: 4, ..TraceOptions::default() };
            let view = engine.account_trace(&made().campaign, None, &options).unwrap().unwrap();
            assert!(!view.assets.is_empty() && view.snapshot.is_some());
            let number = |a: &athar_engine::read::AmountView| a.units.parse::<U256>().unwrap();
            for a in &view.assets {
                let ended =
                    [&a.held, &a.stopped, &a.fee, &a.outside, &a.unknown, &a.internal, &a.returned, &a.converted_out];
                let ended = ended.into_iter().map(number).chain(a.bounded.iter().map(|b| number(&b.amount)));
                let ended = ended.fold(U256::ZERO, |sum, n| sum + n);
                let begun = if view.is_summed { number(&a.source) + number(&a.converted_in) } else { U256::ZERO };
                assert_eq!(ended, begun, "{policy:?} {backward} {}", a.source.asset.id);
            }
            let again = engine.account_trace(&made().campaign, None, &options).unwrap().unwrap();
            assert_eq!(view, again);
        }
    }
    assert!(
        engine
            .account_trace(
                &made().campaign,
                None,
                &TraceOptions { policy: TaintPolicy::Tiho, ..TraceOptions::default() }
            )
            .is_err()
    );
    let usdt = engine.account_trace(&made().campaign, Some("usdt"), &TraceOptions::default()).unwrap().unwrap();
    assert!(usdt.edges.iter().any(|edge| edge.amount.asset.symbol.as_deref() == Some("USDT")));
    let exposure = engine.account_exposure(&made().campaign, &ExposureOptions::default()).unwrap().unwrap();
    assert!(exposure.ownership.iter().any(|own| own.category == Category::TerroristFinancing));
}

#[test]
fn a_transfer_is_found_by_rank_and_by_account_and_any_change_touches_every_answer() {
    let engine = engine(&store());
    let campaign = engine.account_address(&made().campaign, 0, Some(5)).unwrap().unwrap();
    let transfer = &campaign.transfers[0];
    let (tx, rank) = (transfer.tx.clone().unwrap(), transfer.rank.unwrap());
    let by_rank = engine.transfer_at(&format!("{tx}:{rank}")).unwrap();
    assert_eq!(by_rank, TransferAt::Outputs(vec![format!("{tx}:{rank}")], false));
    let TransferAt::Outputs(found, false) = engine.transfer_at(&format!("{tx}:{}", made().campaign)).unwrap() else {
        panic!("found by its account")
    };
    assert!(found.contains(&format!("{tx}:{rank}")), "{found:?}");
    assert_eq!(engine.transfer_at(&format!("{tx}:9999")).unwrap(), TransferAt::NoSuchOutput);
    assert_eq!(engine.transfer_at(&format!("0x{}:0", "ee".repeat(32))).unwrap(), TransferAt::Pending);
    assert!(engine.transfer_at("nonsense").is_err() && engine.transfer_at(&format!("{tx}:x")).is_err());

    assert!(engine.reach(&made().campaign, &ScreenOptions::default()).unwrap().is_everything);
    let tip = (engine.basis().tip_height.unwrap(), engine.basis().tip_hash.clone().unwrap());
    let now = Some((tip.0, tip.1.as_str()));
    assert_eq!(engine.touched(now, &[]).unwrap().everything, None);
    assert!(engine.touched(Some((tip.0 - 1, "00")), &[]).unwrap().everything.is_some());
    assert!(engine.touched(now, &[made().campaign.clone()]).unwrap().everything.is_some());
    assert!(engine.tip_day().unwrap().starts_with("20"));
    // what is not there for these chains is refused in words
    let error = engine.paths(&made().campaign, &made().frozen, &PathsOptions::default()).unwrap_err().to_string();
    assert!(error.contains("is a chain of accounts"), "{error}");
}

/// A block of one transaction: a dollar token goes to or comes from a bridge, whose log says so.
fn passage(number: u32, time: u32, transfer: TransferRow, event: BridgeEvent) -> AccountBlock {
    let mut tx = made().world.blocks.iter().find_map(|b| b.txs.first()).copied().unwrap();
    tx.hash = [number as u8; 32];
    AccountBlock {
        number,
        hash: [100 + number as u8; 32],
        time: athar_types::UnixTime(time),
        txs: vec![tx],
        transfers: vec![transfer],
        events: vec![EventRow { tx: 0, kind: EventKind::Bridge(event) }],
        ..AccountBlock::default()
    }
}

#[test]
fn a_bridge_ends_a_trace_and_its_other_end_is_a_set_with_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let (who, bridge) = ([1; 20], [7; 20]);
    let token = AssetKey::Token(bytes(USDT));
    let row = |from, to, amount: u64, asset| TransferRow {
        tx: Some(0),
        from: Some(from),
        to: Some(to),
        asset,
        amount: U256::from(amount),
        kind: TransferKind::Token,
    };
    let event = |is_out, far_chain, far_account: Option<AccountBytes>, account, amount: u64| BridgeEvent {
        protocol: 3,
        contract: bridge,
        is_out,
        account: Some(account),
        far_chain,
        far_account: far_account.map(|account| {
            let mut padded = [0; 32];
            padded[12..].copy_from_slice(&account);
            padded
        }),
        token: None,
        amount: U256::from(amount),
        message: None,
    };
    let received = AccountBlock {
        events: Vec::new(),
        ..passage(1, 1_700_000_000, row([9; 20], who, 500, token), event(true, None, None, who, 0))
    };
    let out = passage(2, 1_700_000_100, row(who, bridge, 500, token), event(true, Some(42_161), None, who, 500));
    ingest_account_blocks(&store, CHAIN, None, AccountKnows::ALL, MEMORY_BYTES, [received, out]).unwrap();
    let there = AssetKey::Token([0x55; 20]);
    let arrivals = [(who, 500, 10), ([2; 20], 499, 20), ([3; 20], 300, 30), ([4; 20], 500, 40 * 86_400)];
    let arrived = (1_u32..).zip(arrivals).map(|(number, (to, amount, later))| {
        passage(number, 1_700_000_100 + later, row(bridge, to, amount, there), event(false, Some(1), None, to, amount))
    });
    ingest_account_blocks(&store, Chain::Arbitrum, None, AccountKnows::ALL, MEMORY_BYTES, arrived).unwrap();

    let view = engine(&store).account_trace(&text(&who), Some("usdt"), &TraceOptions::default()).unwrap().unwrap();
    assert_eq!(view.stopped.len(), 1, "{:?} {:?}", view.stopped, view.held);
    let place = &view.stopped[0];
    assert_eq!((place.stop.as_deref(), place.amount.units.as_str()), (Some("bridge"), "500"));
    let passage = place.passage.as_ref().unwrap();
    let [set] = &passage.candidates[..] else { panic!("{:?}", passage.candidates) };
    // the same amount and one within the fee; not the smaller one, and not the one that came a month later
    assert_eq!((set.chain.as_str(), set.size), ("arbitrum", 2));
    assert_eq!(set.listed.iter().map(|c| c.units.as_str()).collect::<Vec<_>>(), ["500", "499"]);
    // the same account on the other chain is told, and not merged
    let screened = engine(&store).screen(&text(&who), &ScreenOptions::default()).unwrap();
    assert!(screened.seen_also_on.iter().any(|seen| seen.chain == "arbitrum" && seen.is_in_store));
}

#[test]
fn receipts_of_a_published_account_equal_a_slow_sum_of_its_transfers() {
    let engine = engine(&store());
    let accounts: Vec<String> = made().world.truth.accounts.iter().map(|t| text(&t.account)).collect();
    let (mut receipts, mut custody, mut whole) = (0, 0, 0);
    for account in accounts.iter().step_by(1 + accounts.len() / 200) {
        let Some(plain) = engine.account_address(account, 0, Some(100_000)).unwrap() else { continue };
        let entity = engine.account_entity(account, 0, 10_000).unwrap();
        let own: Vec<String> = entity.map(|e| e.members).unwrap_or_default();
        let dealings = [
            TransferKind::Value,
            TransferKind::Internal,
            TransferKind::Create,
            TransferKind::SelfDestruct,
            TransferKind::Token,
        ];
        let expected: Vec<_> = plain
            .transfers
            .iter()
            .filter(|t| t.to.as_ref() == Some(&plain.address) && dealings.contains(&t.kind) && t.amount.units != "0")
            .filter(|t| t.from.as_ref().is_some_and(|from| *from != plain.address && !own.contains(from)))
            .collect();
        let view = engine.published(account, None).unwrap().unwrap();
        assert_eq!(view.received.total.count as usize, expected.len(), "{account}");
        assert_eq!(view.received.first.as_ref().map(|f| &f.time), expected.first().map(|t| &t.time));
        assert!(view.received.before_publication.is_none() && view.received.first_since_publication.is_none());
        let cents: u64 = expected.iter().filter_map(|t| t.amount.usd).map(|usd| usd.0).sum();
        if let Some(usd) = view.received.total.usd {
            assert_eq!(usd.0, cents);
        }
        receipts += expected.len();
        custody += usize::from(view.custody.is_some() && view.entity_left_out == Some("custody"));
        whole += usize::from(view.entity_received.is_some());
    }
    assert!(receipts > 500 && custody > 0 && whole > 20, "{receipts} {custody} {whole}");
}

#[test]
fn direct_dealings_are_the_sums_of_transfers() {
    use athar_engine::read::{ActivityBy, CounterpartiesView, DealingsAsk, Of, Sides};
    let engine = engine(&store());
    let usdt = bytes(USDT);
    let is_counted = |transfer: &&TransferRow| {
        let moves = matches!(
            transfer.kind,
            TransferKind::Value
                | TransferKind::Internal
                | TransferKind::Create
                | TransferKind::SelfDestruct
                | TransferKind::Token
        );
        let asset = matches!(transfer.asset, AssetKey::Native) || transfer.asset == AssetKey::Token(usdt);
        moves && asset && transfer.amount != U256::ZERO && transfer.from.is_some() && transfer.to.is_some()
    };
    let all = |address: &str, of: Of| -> CounterpartiesView {
        let ask = DealingsAsk { address: address.into(), of, from: None, to: None };
        engine.dealt_with(&ask, Sides::Both, 0, 100_000).unwrap().unwrap()
    };
    let accounts: Vec<AccountBytes> = made().world.truth.accounts.iter().step_by(13).map(|t| t.account).collect();
    let (mut asked, mut parties, mut homes) = (0, 0, 0);
    for account in accounts.iter().chain([&bytes(&made().campaign)]) {
        let address = text(account);
        let Some(entity) = engine.account_entity(&address, 0, 100_000).unwrap() else { continue };
        let mut members: Vec<AccountBytes> = entity.members.iter().map(|member| bytes(member)).collect();
        if entity.deposit_at.is_some() {
            members = vec![*account];
        }
        for of in [Of::Address, Of::Entity] {
            let own = if of == Of::Address { std::slice::from_ref(account) } else { &members[..] };
            // by side and asset, and how many transfers stayed at home
            let mut wanted: BTreeMap<(&str, AssetKey), U256> = BTreeMap::new();
            for transfer in made().world.blocks.iter().flat_map(|block| &block.transfers).filter(is_counted) {
                let (from, to) = (transfer.from.unwrap(), transfer.to.unwrap());
                if members.contains(&from) && members.contains(&to) {
                    homes += usize::from(own.contains(&from));
                    continue;
                }
                for (side, end) in [("received", &to), ("sent", &from)] {
                    if own.contains(end) {
                        *wanted.entry((side, transfer.asset)).or_default() += transfer.amount;
                    }
                }
            }
            let view = all(&address, of);
            assert_eq!((view.examined.bound, view.truncated), (None, false));
            for (side, dealt) in [("received", &view.received), ("sent", &view.sent)] {
                for (asset, id) in [(AssetKey::Native, "native"), (AssetKey::Token(usdt), USDT)] {
                    let sum = wanted.get(&(side, asset)).copied().unwrap_or(U256::ZERO).to_string();
                    let units = |amounts: &[athar_engine::read::AmountView]| -> U256 {
                        let of_it = amounts.iter().find(|amount| amount.asset.id.eq_ignore_ascii_case(id));
                        of_it.map_or(U256::ZERO, |amount| amount.units.parse().unwrap())
                    };
                    assert_eq!(units(&dealt.amounts).to_string(), sum, "{address} {of:?} {side} {id}");
                    let of_side = view.parties.iter().filter(|party| party.side == side);
                    let parts = of_side.fold(U256::ZERO, |sum, party| sum + units(&party.amounts));
                    assert_eq!(parts.to_string(), sum, "{address} {of:?} {side} {id}: parties");
                }
            }
            parties += view.parties.len();
            asked += 1;
            // and by day
            let ask = DealingsAsk { address: address.clone(), of, from: None, to: None };
            let days = engine.activity(&ask, ActivityBy::Day).unwrap().unwrap();
            let cents = |usd: Option<athar_engine::Usd>| usd.map_or(0, |usd| usd.0);
            let sum: u64 = days.periods.iter().map(|day| cents(day.sent_usd)).sum();
            assert_eq!(sum, cents(view.sent.usd), "{address} {of:?}");
        }
    }
    println!("{asked} questions, {parties} parties, {homes} transfers at home");
    assert!(asked > 20 && parties > 40);
    // what a screening says of the campaign's counterparties stands here too
    let screened = engine.screen(&made().campaign, &ScreenOptions { hops_max: 1, ..ScreenOptions::default() }).unwrap();
    let view = all(&made().campaign, Of::Entity);
    let direct: Vec<_> = screened.statements.iter().filter(|s| s.relation == Relation::Counterparty).collect();
    for statement in &direct {
        let is_it = view.parties.iter().any(|party| party.label.as_ref() == Some(&statement.label));
        assert!(is_it, "no party has the label {}", statement.label);
    }
    // links between the campaign and those it dealt with are the same sums
    let nodes: Vec<String> = std::iter::once(made().campaign.clone())
        .chain(view.parties.iter().take(20).map(|p| p.address.clone()))
        .collect();
    let links = engine.links(&nodes, Of::Address).unwrap();
    let alone = all(&made().campaign, Of::Address);
    for link in links.links.iter().filter(|link| link.to == text(&bytes(&made().campaign))) {
        let of_it = |party: &&athar_engine::read::PartyView| party.side == "received" && party.addresses == 1;
        if let Some(party) = alone.parties.iter().filter(of_it).find(|party| party.address == link.from) {
            assert_eq!((&party.amounts, party.txs), (&link.amounts, link.txs));
        }
    }
    assert!(!links.links.is_empty());
    assert!(engine.links(&["nonsense".into()], Of::Address).is_err());
}
