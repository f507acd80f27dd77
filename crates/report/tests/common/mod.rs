//! An invented case, and the means to invent others: a toy ledger in which every coin is followed first in, first out.
//!
//! Longer than other files: one small world that several test programs share, of no use in parts.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)] // shared by test programs, none of which uses all of it

use athar_engine::read::{
    BoundedView, ChainStatus, ClusteringView, Direction, EdgeView, EntitiesStatus, EntityAnswer, Evidence, ExplainView,
    InferredServiceView, LabelView, LabelsStatus, PathStep, PlaceView, PricesStatus, RateView, ScreenStatus,
    ScreenView, Statement, StatusView, StepView, TraceView,
};
use athar_engine::{BuiltinUse, Day, Level, Millionths, Usd};
use athar_report::{CaseReport, Language, SimulatedWorld, Title};
use athar_types::{Basis, Category, Relation, UnixTime};
use std::collections::BTreeMap;

/// A number that looks random and is always the same (SplitMix64).
pub fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 64 hexadecimal digits.
pub fn hash(seed: u64) -> String {
    (0..4).map(|i| format!("{:016x}", mix(seed.wrapping_mul(31) + i))).collect()
}

/// Something that looks like an address of regtest.
pub fn address(seed: u64) -> String {
    let letters = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let body: String = (0..39).map(|i| letters[mix(seed.wrapping_mul(77) + i) as usize % 32] as char).collect();
    format!("bcrt1q{body}")
}

/// US dollars at one price.
pub fn usd(sat: u64) -> Option<Usd> {
    u64::try_from((u128::from(sat) * 2_713_455 + 50_000_000) / 100_000_000).ok().map(Usd)
}

fn time(height: u32) -> String {
    UnixTime(1_577_836_800 + height * 600).to_string()
}

struct Coin {
    outpoint: (String, u32),
    address: String,
    sat: u64,
    hop: u32,
    height: u32,
    is_source: bool,
    is_spent: bool,
}

/// A toy ledger in which a whole world descends from one address.
pub struct Ledger {
    target: String,
    coins: Vec<Coin>,
    edges: Vec<EdgeView>,
    fee_sat: u64,
    txs: u64,
    returned_sat: u64,
    /// Labels of services by address.
    pub services: BTreeMap<String, (String, String)>,
    /// Addresses whose coins a CoinJoin spends.
    pub coinjoins: Vec<String>,
    /// Coins of these addresses are left at the bound `hops`.
    pub beyond: Vec<String>,
}

impl Ledger {
    pub fn new(target: &str) -> Self {
        Self {
            target: target.into(),
            coins: Vec::new(),
            edges: Vec::new(),
            fee_sat: 0,
            txs: 0,
            returned_sat: 0,
            services: BTreeMap::new(),
            coinjoins: Vec::new(),
            beyond: Vec::new(),
        }
    }

    fn next_tx(&mut self) -> (String, u32) {
        self.txs += 1;
        (hash(1_000 + self.txs), 100 + 7 * self.txs as u32)
    }

    /// Pays the target.
    pub fn fund(&mut self, sat: u64) -> usize {
        let (txid, height) = self.next_tx();
        let address = self.target.clone();
        self.coins.push(Coin { outpoint: (txid, 0), address, sat, hop: 0, height, is_source: true, is_spent: false });
        self.coins.len() - 1
    }

    /// Spends coins; what is not paid out is fee. Gives the new coins.
    pub fn spend(&mut self, coins: &[usize], payments: &[(String, u64)]) -> Vec<usize> {
        let (txid, height) = self.next_tx();
        let taken: u64 = coins.iter().map(|c| self.coins[*c].sat).sum();
        let paid: u64 = payments.iter().map(|p| p.1).sum();
        self.fee_sat += taken.checked_sub(paid).expect("a transaction pays out more than it takes in");
        let (mut queue, mut left) = (coins.iter().copied(), 0);
        let mut current = None;
        let mut made = Vec::new();
        for (vout, (address, sat)) in payments.iter().enumerate() {
            let mut wanted = *sat;
            let mut hop = u32::MAX;
            let back = *address == self.target;
            while wanted > 0 {
                if left == 0 {
                    current = queue.next();
                    left = self.coins[current.unwrap()].sat;
                }
                let part = wanted.min(left);
                let from = &self.coins[current.unwrap()];
                let from_output = format!("{}:{}", from.outpoint.0, from.outpoint.1);
                let edge_hop = if back && from.is_source { from.hop } else { from.hop + 1 };
                hop = hop.min(edge_hop);
                self.edges.push(EdgeView {
                    txid: txid.clone(),
                    height,
                    time: time(height),
                    from_output,
                    from: Some(from.address.clone()),
                    to_output: Some(format!("{txid}:{vout}")),
                    to: Some(address.clone()),
                    amount_sat: part,
                    hop: edge_hop,
                });
                wanted -= part;
                left -= part;
            }
            if back {
                self.returned_sat += sat;
            }
            self.coins.push(Coin {
                outpoint: (txid.clone(), vout as u32),
                address: address.clone(),
                sat: *sat,
                hop: if back { 0 } else { hop },
                height,
                is_source: back,
                is_spent: false,
            });
            made.push(self.coins.len() - 1);
        }
        for coin in coins {
            assert!(!self.coins[*coin].is_spent);
            self.coins[*coin].is_spent = true;
        }
        made
    }

    /// The trace forward from the target.
    pub fn trace(&self, hops_max: u32) -> TraceView {
        let (mut stopped, mut held, mut bounded_sat, mut bounded_outputs) = (Vec::new(), Vec::new(), 0, 0);
        for coin in self.coins.iter().filter(|c| !c.is_spent) {
            let label = self.services.get(&coin.address);
            let reason = match label {
                Some(_) => "service",
                None if self.coinjoins.contains(&coin.address) => "coinjoin (whirlpool)",
                None => "unspent",
            };
            let place = PlaceView {
                txid: coin.outpoint.0.clone(),
                vout: coin.outpoint.1,
                height: coin.height,
                time: time(coin.height),
                address: Some(coin.address.clone()),
                label: label.map(|l| l.0.clone()),
                category: label.map(|l| l.1.clone()),
                reason: reason.into(),
                anonymity_set: None,
                amount_sat: coin.sat,
                usd: usd(coin.sat),
                hops: coin.hop,
            };
            if reason != "unspent" {
                stopped.push(place);
            } else if self.beyond.contains(&coin.address) {
                bounded_sat += coin.sat;
                bounded_outputs += 1;
            } else {
                held.push(place);
            }
        }
        let sort = |places: &mut Vec<PlaceView>| {
            places.sort_by(|a, b| b.amount_sat.cmp(&a.amount_sat).then_with(|| a.txid.cmp(&b.txid)));
        };
        sort(&mut stopped);
        sort(&mut held);
        let sum = |places: &[PlaceView]| places.iter().map(|p| p.amount_sat).sum();
        let source_sat: u64 = self.coins.iter().filter(|c| c.is_source).map(|c| c.sat).sum();
        let bounded =
            BoundedView { bound: "hops".into(), direction: None, amount_sat: bounded_sat, outputs: bounded_outputs };
        TraceView {
            clustering: clustering(),
            target: self.target.clone(),
            direction: "forward",
            policy: "fifo",
            is_summed: true,
            hops_max,
            unseen: Vec::new(),
            source_sat,
            source_usd: usd(source_sat),
            source_unpriced_sat: 0,
            sources_truncated: false,
            stopped_sat: sum(&stopped),
            stopped_outputs: stopped.len() as u64,
            held_sat: sum(&held),
            held_outputs: held.len() as u64,
            stopped,
            held,
            fee_sat: self.fee_sat,
            minted_sat: 0,
            minted: Vec::new(),
            internal_sat: self.returned_sat,
            returned_sat: 0,
            bounded: if bounded_sat > 0 { vec![bounded] } else { Vec::new() },
            bounded_sat,
            edge_count: self.edges.len() as u64,
            tx_count: self.edges.iter().map(|e| &e.txid).collect::<std::collections::BTreeSet<_>>().len() as u64,
            edges: self.edges.clone(),
            edges_truncated: false,
            places_truncated: false,
            snapshot: Some(hash(9_001)),
        }
    }

    /// One hop backward from the target: every funding coin was paid by the payer given for it, in turn.
    pub fn origin(&self, payers: &[(String, Option<(&str, &str)>)]) -> TraceView {
        let mut trace = self.trace(1);
        trace.direction = "backward";
        trace.snapshot = Some(hash(9_002));
        (trace.held, trace.stopped, trace.bounded, trace.edges) = Default::default();
        (trace.held_sat, trace.stopped_sat, trace.bounded_sat, trace.fee_sat) = (0, 0, 0, 0);
        let funded = self.coins.iter().filter(|c| c.is_source);
        trace.internal_sat = 0;
        for (i, coin) in funded.enumerate() {
            let (payer, label) = &payers[i % payers.len()];
            let from = (hash(500_000 + i as u64), i as u32 % 3);
            trace.edges.push(EdgeView {
                txid: coin.outpoint.0.clone(),
                height: coin.height,
                time: time(coin.height),
                from_output: format!("{}:{}", from.0, from.1),
                from: Some(payer.clone()),
                to_output: Some(format!("{}:{}", coin.outpoint.0, coin.outpoint.1)),
                to: Some(coin.address.clone()),
                amount_sat: coin.sat,
                hop: 1,
            });
            if let Some((label, category)) = label {
                trace.stopped_sat += coin.sat;
                trace.stopped.push(PlaceView {
                    txid: from.0,
                    vout: from.1,
                    height: coin.height - 1,
                    time: time(coin.height - 1),
                    address: Some(payer.clone()),
                    label: Some((*label).into()),
                    category: Some((*category).into()),
                    reason: "service".into(),
                    anonymity_set: None,
                    amount_sat: coin.sat,
                    usd: usd(coin.sat),
                    hops: 1,
                });
            } else {
                trace.bounded_sat += coin.sat;
            }
        }
        trace.source_sat = trace.stopped_sat + trace.bounded_sat;
        trace.bounded = vec![BoundedView {
            bound: "hops".into(),
            direction: None,
            amount_sat: trace.bounded_sat,
            outputs: trace.edges.len() as u64 - trace.stopped.len() as u64,
        }];
        trace.edge_count = trace.edges.len() as u64;
        trace
    }
}

/// Everything that a report borrows.
pub struct Case {
    pub title: [String; 2],
    pub status: StatusView,
    pub screens: Vec<ScreenView>,
    pub entity: Option<EntityAnswer>,
    pub explain: Option<ExplainView>,
    pub trace: TraceView,
    pub origin: Option<TraceView>,
    pub reproduce: Vec<String>,
}

impl Case {
    pub fn report(&self, opens_in: Language) -> CaseReport<'_> {
        CaseReport {
            title: Title { english: &self.title[0], arabic: &self.title[1] },
            simulated: Some(SimulatedWorld { seed: 7, txs: 20_000 }),
            status: &self.status,
            screens: &self.screens,
            entity: self.entity.as_ref(),
            explain: self.explain.as_ref(),
            trace: &self.trace,
            origin: self.origin.as_ref(),
            reproduce: &self.reproduce,
            opens_in,
        }
    }

    pub fn html(&self) -> String {
        athar_report::render(&self.report(Language::English)).unwrap()
    }
}

pub fn label(subject: &str, name: &str, basis: Basis, line: u32) -> Evidence {
    Evidence::Label {
        subject: subject.into(),
        label: name.into(),
        basis,
        source: Some("https://example.org/analyst/notes/2020-03".into()),
        confidence: Some(80),
        pack: "analyst.csv".into(),
        line,
        id: format!("{line:032x}"),
        disputed: (line == 12).then(|| "the owner <contests> it".into()),
    }
}

pub fn path(seed: u64, from: &str, to: &str, sat: u64, steps: u64) -> Evidence {
    let place = |i: u64| match i {
        0 => from.to_string(),
        i if i == steps => to.to_string(),
        i => address(seed + i),
    };
    let step = |i: u64| PathStep {
        txid: hash(seed * 13 + i),
        height: 800 + 9 * i as u32,
        time: time(800 + 9 * i as u32),
        from: Some(place(i)),
        to: Some(place(i + 1)),
        vout: i as u32 % 2,
        amount_sat: sat,
    };
    Evidence::Path { amount_sat: sat, steps: (0..steps).map(step).collect() }
}

pub fn statement(relation: Relation, category: Category, level: Level, basis: Basis, name: &str) -> Statement {
    Statement {
        relation,
        category,
        level,
        basis,
        entity: address(9_999),
        label: name.into(),
        direction: None,
        amount_sat: None,
        amounts: Vec::new(),
        usd: None,
        unpriced_sat: None,
        share: None,
        hops_min: None,
        evidence: Vec::new(),
        evidence_truncated: false,
    }
}

pub fn screen(input: &str, risk: Level, statements: Vec<Statement>) -> ScreenView {
    ScreenView {
        covered: None,
        deposit_at: None,
        seen_also_on: Vec::new(),
        listed: Vec::new(),
        clustering: clustering(),
        input: input.into(),
        chain: Some("bitcoin".into()),
        kind: "address",
        status: ScreenStatus::Known,
        reason: None,
        risk,
        entity: Some(input.into()),
        entity_size: Some(1),
        account_at: None,
        cuts: None,
        statements,
        notes: Vec::new(),
        bounds: Vec::new(),
        snapshot: Some(hash(input.bytes().fold(7, |sum, b| mix(sum ^ u64::from(b))) >> 8)),
    }
}

pub fn status() -> StatusView {
    StatusView {
        accounts: Vec::new(),
        store: "/home/analyst/secret-store".into(),
        program: "athar 0.1.0".into(),
        chains: vec![ChainStatus {
            chain: "bitcoin".into(),
            network: "regtest".into(),
            tip_height: Some(4_319),
            tip_hash: hash(1).parse().ok(),
            tip_time: Some(time(4_319)),
            blocks: 4_320,
            txs: 20_000,
            outputs: 61_204,
            inputs: 40_011,
            addresses: 31_877,
            segments: 1,
            block_bytes: 9_000_000,
            store_bytes: 5_000_000,
        }],
        entities: Some(EntitiesStatus {
            heuristics: "co-spend".into(),
            heuristics_version: 1,
            as_of_height: Some(1_440),
            blocks_behind: 0,
            entities: 22_140,
            merges: 9_737,
            coinjoins: 38,
            bytes: 400_000,
        }),
        labels: LabelsStatus { packs: 2, labels: 64, quarantined: 1, categories: BTreeMap::new(), version: hash(2) },
        prices: PricesStatus {
            asset: "BTC",
            days: 1_096,
            from: Day::from_ymd(2019, 1, 1),
            to: Day::from_ymd(2021, 12, 31),
            sources: vec!["simulated".into()],
            builtin: BuiltinUse::NoMarket,
            version: hash(3),
        },
        snapshot: hash(4),
    }
}

/// A campaign: 90 gifts, collected, moved through layers, peeled off to two exchanges, a part mixed, a part kept.
pub fn campaign() -> Case {
    let target = address(1);
    let mut ledger = Ledger::new(&target);
    let [ramp, other, market] = [11, 12, 13].map(address);
    ledger.services.insert(ramp.clone(), ("Bosphorus Exchange".into(), "high_risk_exchange".into()));
    ledger.services.insert(other.clone(), ("منصّة الواحة للتداول".into(), "exchange".into()));
    ledger.services.insert(market.clone(), ("Night Bazaar".into(), "dark_market".into()));
    ledger.coinjoins.push(address(15));
    ledger.beyond.push(address(16));
    let mut purse = Vec::new();
    let mut collected = Vec::new();
    for gift in 0..90u64 {
        purse.push(ledger.fund(60_000 + mix(gift) % 900_000));
        if gift % 18 == 17 {
            let sum: u64 = purse.iter().map(|c| ledger.coins[*c].sat).sum();
            let to = address(20 + gift / 18 % 2);
            collected.extend(ledger.spend(&purse, &[(to, sum - 8_000)]));
            purse.clear();
        }
    }
    purse.push(ledger.fund(250_000));
    let sum: u64 = collected.iter().map(|c| ledger.coins[*c].sat).sum();
    let hub = address(30);
    let parts = [(hub.clone(), sum / 2), (address(31), sum / 4), (address(32), sum - sum / 2 - sum / 4 - 4_000)];
    let layered = ledger.spend(&collected, &parts);
    // the first part is peeled off to the off-ramp
    let mut rest = layered[0];
    for step in 0..6 {
        let sat = ledger.coins[rest].sat;
        let peel = sat / 5 + mix(step) % 10_000;
        let made = ledger.spend(&[rest], &[(ramp.clone(), peel), (address(40 + step), sat - peel - 900)]);
        rest = made[1];
    }
    let sat = ledger.coins[rest].sat;
    ledger.spend(&[rest], &[(ramp.clone(), sat - 700)]);
    // the second goes to another exchange, a market, a CoinJoin and out of sight
    let sat = ledger.coins[layered[1]].sat;
    let cuts = [(other, sat / 2), (market, sat / 9), (address(15), sat / 6), (address(16), sat / 12)];
    let paid: u64 = cuts.iter().map(|c| c.1).sum();
    let mut payments = cuts.to_vec();
    payments.push((address(50), sat - paid - 2_100));
    ledger.spend(&[layered[1]], &payments);
    // of the third a part comes back to the campaign, the rest goes to many
    let sat = ledger.coins[layered[2]].sat;
    let mut many: Vec<(String, u64)> = (0..14).map(|i| (address(60 + i), sat / 20)).collect();
    many.push((target.clone(), sat / 10));
    let spread = ledger.spend(&[layered[2]], &many);
    for (i, coin) in spread.iter().take(9).enumerate() {
        let sat = ledger.coins[*coin].sat;
        ledger.spend(&[*coin], &[(address(80 + i as u64), sat - 300)]);
    }
    let trace = ledger.trace(12);
    let payers: Vec<(String, Option<(&str, &str)>)> = (0..45)
        .map(|i| {
            let label = match i % 5 {
                0 | 1 => Some(("Oasis Exchange", "exchange")),
                2 => Some(("Coupon Corner", "coupon_service")),
                _ => None,
            };
            (address(200 + i), label)
        })
        .collect();
    let origin = ledger.origin(&payers);
    let appeal = "Appeal “For the families of the north”";
    let mut own = statement(Relation::Ownership, Category::DonationCampaign, Level::High, Basis::Complaint, appeal);
    own.entity.clone_from(&target);
    own.evidence = vec![
        label(&target, appeal, Basis::Complaint, 12),
        Evidence::Merge {
            txid: hash(71),
            height: 1_204,
            heuristic: "co-spend".into(),
            joins: [target.clone(), address(2)],
        },
        Evidence::Merge {
            txid: hash(72),
            height: 1_377,
            heuristic: "same-key".into(),
            joins: [address(2), address(3)],
        },
    ];
    let flow = |relation, category, level, basis, name: &str, direction, sat: u64, hops, evidence| {
        let mut statement = statement(relation, category, level, basis, name);
        (statement.direction, statement.amount_sat, statement.usd) = (Some(direction), Some(sat), usd(sat));
        statement.unpriced_sat = Some(0);
        (statement.share, statement.hops_min) = (Some(Millionths(sat * 1_000_000 / trace.source_sat)), Some(hops));
        statement.evidence = evidence;
        statement
    };
    let coupon = flow(
        Relation::Counterparty,
        Category::CouponService,
        Level::Medium,
        Basis::ThirdPartyClaim,
        "Coupon Corner",
        Direction::Received,
        8_713_220,
        1,
        vec![
            label(&address(202), "Coupon Corner", Basis::ThirdPartyClaim, 31),
            path(300, &address(202), &target, 913_004, 1),
        ],
    );
    let exchange = flow(
        Relation::Counterparty,
        Category::Exchange,
        Level::None,
        Basis::OwnAnalysis,
        "Oasis Exchange",
        Direction::Received,
        19_002_118,
        1,
        vec![
            label(&address(200), "Oasis Exchange", Basis::OwnAnalysis, 4),
            path(310, &address(200), &target, 655_120, 1),
        ],
    );
    let ramp_statement = flow(
        Relation::Indirect,
        Category::HighRiskExchange,
        Level::Medium,
        Basis::AuthorityStatement,
        "Bosphorus Exchange",
        Direction::Sent,
        16_400_431,
        3,
        vec![
            label(&ramp, "Bosphorus Exchange", Basis::AuthorityStatement, 9),
            path(320, &target, &ramp, 5_002_100, 3),
            path(330, &target, &ramp, 401_777, 4),
        ],
    );
    let listed = flow(
        Relation::Indirect,
        Category::Sanctioned,
        Level::Medium,
        Basis::Designation,
        "وسيط مُدرَج",
        Direction::Received,
        120_000,
        2,
        vec![label(&address(77), "وسيط مُدرَج", Basis::Designation, 88), path(340, &address(77), &target, 120_000, 2)],
    );
    let mut first = screen(&target, Level::High, vec![own, coupon, exchange, ramp_statement, listed]);
    first.entity_size = Some(3);
    first.bounds =
        vec![BoundedView { bound: "hops".into(), direction: Some(Direction::Sent), amount_sat: 1_200_331, outputs: 4 }];
    let charity = statement(
        Relation::Ownership,
        Category::HumanitarianOrganisation,
        Level::None,
        Basis::OwnAnalysis,
        "Relief without Borders",
    );
    let mut second = screen(&address(500), Level::None, vec![charity]);
    second.statements[0].evidence = vec![label(&address(500), "Relief without Borders", Basis::OwnAnalysis, 40)];
    let mut third = screen(&address(501), Level::Unknown, Vec::new());
    third.status = ScreenStatus::Unseen;
    third.notes = vec!["quarantined: `1BoatSLRHtKNngkdXEeobR76b53LETtpyV` in pack.yaml line 7 (checksum)".into()];
    (third.entity, third.entity_size) = (None, None);
    let entity = EntityAnswer {
        clustering: clustering(),
        entity: target.clone(),
        size: 3,
        addresses: (1..4).map(address).collect(),
        offset: 0,
        addresses_truncated: false,
        figures_bound: None,
        first_height: Some(107),
        last_height: Some(1_377),
        first_time: Some(time(107)),
        last_time: Some(time(1_377)),
        received_sat: Some(48_112_004),
        sent_sat: Some(45_112_004),
        balance_sat: Some(3_000_000),
        balance_usd: usd(3_000_000),
        price: None,
        labels: vec![LabelView {
            id: format!("{:032x}", 12),
            license: None,
            context: None,
            alleged: true,
            known_from: None,
            known_to: None,
            disputed: Some("the owner <contests> it".into()),
            retracted: None,
            corrected: Vec::new(),
            subject: target.clone(),
            kind: "address",
            chain: Some("bitcoin"),
            label: appeal.into(),
            category: Category::DonationCampaign,
            basis: Basis::Complaint,
            source: Some("https://example.org/court/complaint-20-cv-1.pdf".into()),
            confidence: Some(80),
            actor: None,
            country: None,
            valid_from: None,
            valid_to: None,
            pack: "analyst.csv".into(),
            line: 12,
            quarantine: None,
            note: None,
        }],
        inferred_service: inferred_service(),
        as_of_height: Some(1_440),
        cuts: None,
        heuristics: "co-spend".into(),
        snapshot: hash(9_003),
    };
    let explain = ExplainView {
        clustering: clustering(),
        linked: true,
        since_height: Some(1_377),
        steps: vec![
            StepView {
                txid: hash(71),
                height: 1_204,
                heuristic: "co-spend".into(),
                joins: [target.clone(), address(2)],
            },
            StepView { txid: hash(72), height: 1_377, heuristic: "same-key".into(), joins: [address(2), address(3)] },
        ],
        rates: vec![RateView {
            heuristic: "co-spend".into(),
            set: "simulated".into(),
            wrong: 3,
            of: 374_416,
            share_wrong_min: Millionths(2),
            share_wrong_max: Millionths(24),
        }],
        cuts: None,
        bound_hit: None,
        snapshot: hash(9_004),
    };
    Case {
        title: ["The appeal of the northern families".into(), "نداء عائلات الشمال".into()],
        status: status(),
        screens: vec![first, second, third],
        entity: Some(entity),
        explain: Some(explain),
        trace,
        origin: Some(origin),
        reproduce: vec![
            "athar simulate --seed 7 --txs 20000 --out world".into(),
            "athar ingest bitcoin --blocks world/blocks".into(),
            "athar labels import world/analyst/labels.csv".into(),
        ],
    }
}

/// What is inferred of an entity that does too little for any rule.
pub fn inferred_service() -> InferredServiceView {
    InferredServiceView {
        status: "none",
        why: None,
        rule: None,
        figures: None,
        as_of_height: Some(1_440),
        blocks_behind: Some(0),
    }
}

/// The clustering of every answer.
pub fn clustering() -> ClusteringView {
    ClusteringView { name: Some("strict".into()), heuristics: "co-spend".into(), version: "0123456789abcdef".into() }
}
