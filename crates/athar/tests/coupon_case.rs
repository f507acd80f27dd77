//! The coupon case, as its users run it: in a simulated world the coupon service's books are imported with a map of columns, the rule
//! of voucher networks is run on records and chain together, and what it finds is held against the simulator's own record. Then a
//! relative's circumstances are recorded, and at last what names a person is deleted.
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The rule of row 10.
const RULE: &str = "voucher-network";

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
        command.env_remove("ATHAR_STORE").env_remove("ATHAR_NO_BUILTIN_PRICES");
        command.arg("--store").arg(self.at("store")).args(args).output().unwrap()
    }

    /// Runs what must succeed.
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The hits, as if the rule's error rate were measured: what is asked here is what the rule itself says.
    fn hits(&self) -> Vec<Value> {
        let text = self.ok(&["patterns", "run", "--only", RULE, "--as-measured", "--json"]);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.at("world").join(name)).unwrap()
    }
}

/// A world, read, with the coupon service's books in a form of its own.
fn case(seed: &str) -> Case {
    let case = Case { folder: tempfile::tempdir().unwrap() };
    let path = |name: &str| case.at(name).display().to_string();
    case.ok(&["simulate", "--seed", seed, "--txs", "20000", "--out", &path("world")]);
    case.ok(&["ingest", "bitcoin", "--blocks", &path("world/blocks")]);
    case.ok(&["labels", "import", &path("world/analyst/labels.csv")]);
    case.ok(&["prices", "import", &path("world/analyst/prices.csv")]);
    case.ok(&["patterns", "rates", "import", &path("world/analyst/fx.csv")]);

    let sales = case.file("analyst/coupon_sales.csv");
    let (_, rows) = sales.split_once('\n').unwrap();
    fs::write(case.at("ventes.csv"), format!("code,pdv,ville,vendu,montant,devise,client\n{rows}")).unwrap();
    let map = "kind = \"coupon_sale\"\n[columns]\nserial = \"code\"\noutlet = \"pdv\"\nplace = \"ville\"\ntime = \"vendu\"\n\
               amount = \"montant\"\ncurrency = \"devise\"\nbuyer = \"client\"\n";
    fs::write(case.at("ventes.toml"), map).unwrap();
    let told = case.ok(&["records", "import", &path("ventes.csv"), "--map", &path("ventes.toml"), "--retain", "365"]);
    assert!(told.contains("in quarantine: 0") || !told.contains("in quarantine"), "{told}");
    let redemptions = path("world/analyst/redemptions.csv");
    let told = case.ok(&[
        "--chain",
        "bitcoin",
        "records",
        "import",
        &redemptions,
        "--kind",
        "redemption",
        "--retain",
        "365",
        "--lang",
        "ar",
    ]);
    assert!(told.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c)), "{told}");
    case
}

fn texts<'v>(of: &'v Value, list: &str, field: &str) -> BTreeSet<&'v str> {
    of[list].as_array().unwrap().iter().filter_map(|each| each[field].as_str()).collect()
}

/// Whether a hit is about a campaign: one of its own addresses is in it.
fn is_of(hit: &Value, campaign: &Value) -> bool {
    let own = texts(campaign, "addresses", "address");
    let told = hit["addresses"].as_array().unwrap().iter().chain([&hit["subject"]]);
    told.filter_map(Value::as_str).any(|address| own.contains(address))
}

fn measure(hit: &Value, name: &str) -> i64 {
    let value = hit["values"].as_array().unwrap().iter().find(|met| met["measure"] == name);
    value.and_then(|met| met["value"].as_i64()).unwrap_or(0)
}

fn guard<'v>(hit: &'v Value, id: &str) -> &'v Value {
    hit["guards"].as_array().unwrap().iter().find(|guard| guard["id"] == id).unwrap()
}

/// Campaigns of row 10 by the simulator's record.
fn campaigns(case: &Case) -> Vec<Value> {
    let told: Value = serde_json::from_str(&case.file("truth/campaigns.json")).unwrap();
    let all = told["campaigns"].as_array().unwrap().iter();
    all.filter(|campaign| campaign["rows"].as_array().unwrap().contains(&10.into())).cloned().collect()
}

/// What redemptions of a network the books have: account and serial of each, by its addresses.
fn redeemed(case: &Case, network: &Value) -> Vec<(String, String)> {
    let addresses = texts(network, "redemptions", "address");
    let books = case.file("analyst/redemptions.csv");
    let rows = books.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    rows.filter(|row| addresses.contains(row[2])).map(|row| (row[1].to_owned(), row[0].to_owned())).collect()
}

/// The telephone number that bought a coupon.
fn buyer(case: &Case, serial: &str) -> Option<String> {
    let sales = case.file("analyst/coupon_sales.csv");
    let row = sales.lines().find(|row| row.starts_with(serial))?;
    row.rsplit(',').next().filter(|buyer| !buyer.is_empty()).map(str::to_owned)
}

#[test]
fn networks_are_found_on_records_and_chain_together_and_nobody_else_is() {
    let (mut wanted, mut found) = (0, 0);
    for seed in ["78", "84"] {
        let case = case(seed);
        let (hits, campaigns) = (case.hits(), campaigns(&case));
        for campaign in campaigns.iter().filter(|c| c["decoy"] == false && c["meets_definition"] == true) {
            wanted += 1;
            let Some(hit) = hits.iter().find(|hit| is_of(hit, campaign)) else { continue };
            found += 1;
            // several points of sale by the books, from abroad, and at an off-ramp in Turkey by the chain
            assert!(measure(hit, "recorded") >= 5 && measure(hit, "on_chain") >= 5, "seed {seed}: {hit}");
            assert!(measure(hit, "outlets") >= 3 && measure(hit, "abroad_permille") == 1_000, "seed {seed}: {hit}");
            assert!(measure(hit, "risk_off_ramp_permille") >= 500, "seed {seed}: {hit}");
            let shown: BTreeSet<&str> = hit["txids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let cash_outs = campaign["cash_outs"].as_array().unwrap().iter().filter(|out| out["country"] == "TR");
            assert!(cash_outs.filter_map(|out| out["txid"].as_str()).any(|txid| shown.contains(txid)), "{hit}");
            // most of the coupons' payments, by the record: those beyond thirty days, or dearer than 150 euros, are none of it
            // one payment may be several coupons
            let paid = campaign["sources"].as_array().unwrap();
            let met = paid.iter().filter(|source| shown.contains(source["txid"].as_str().unwrap())).count();
            assert!(met as i64 >= measure(hit, "on_chain"), "seed {seed}: {met} of {}: {hit}", paid.len());
            // records of coupons tie nobody to the mission: they corroborate to medium, and no further
            assert_eq!(hit["severity"], "medium", "seed {seed}: {hit}");
        }
        for hit in &hits {
            let of = campaigns.iter().find(|campaign| is_of(hit, campaign));
            assert!(of.is_some_and(|campaign| campaign["decoy"] == false), "seed {seed}: an innocent is hit: {hit}");
        }
    }
    // recall over both worlds: each network that meets the definition
    assert_eq!((found, wanted), (3, 3));
}

#[test]
fn a_relatives_circumstances_are_told_and_what_is_deleted_is_gone() {
    let case = case("84");
    let campaigns = campaigns(&case);
    let is_wanted = |c: &&Value| c["decoy"] == false && c["meets_definition"] == true && is_direct(c);
    let network = campaigns.iter().find(is_wanted).unwrap();
    let hit_of = |case: &Case| case.hits().into_iter().find(|hit| is_of(hit, network));
    let before = hit_of(&case).unwrap();
    assert_eq!((&before["severity"], &guard(&before, "no-context")["result"]), (&"medium".into(), &"passed".into()));

    // one of the buyers is a relative
    let coupons = redeemed(&case, network);
    let relative = coupons.iter().find_map(|(_, serial)| buyer(&case, serial)).unwrap();
    let words = "mother of a woman held at a camp; sent money for food";
    let source = "statement to the investigating judge";
    case.ok(&["records", "note", &relative, "--text", words, "--source", source, "--time", "2020-10-02"]);
    let noted = hit_of(&case).unwrap();
    assert_eq!((&noted["severity"], &noted["uncapped_severity"]), (&"low".into(), &"medium".into()));
    assert_eq!((&noted["capped_by"], &guard(&noted, "no-context")["result"]), (&"guard".into(), &"failed".into()));
    assert_eq!(
        (&noted["txids"], &noted["total_units"]),
        (&before["txids"], &before["total_units"]),
        "nothing is erased"
    );
    let count = measure(&noted, "context");
    assert!(count >= 1 && count < measure(&noted, "recorded"), "{noted}");
    assert!(noted["why"].as_str().unwrap().contains("But: humanitarian context is recorded"), "{noted}");
    assert!(noted["notes"][0]["en"].as_str().unwrap().starts_with("humanitarian context: note"), "{noted}");
    let arabic = case.ok(&["patterns", "run", "--only", RULE, "--lang", "ar"]);
    assert!(arabic.contains("سُجّل سياق إنساني للمستفيد أو لمشتري هذه القسائم"), "{arabic}");
    let linked = case.ok(&["records", "link", "--redemptions-min", "5", "--lang", "ar"]);
    assert!(linked.contains(words), "the join shows the note itself");

    // kept hits name notes and records by number alone
    case.ok(&["patterns", "run", "--only", RULE, "--keep"]);
    let kept = || fs::read_to_string(case.at("store/patterns/bitcoin.json")).unwrap();
    assert!(kept().contains("humanitarian context: note") && !kept().contains("held at a camp"));

    // the relative's sales and the note go: what her coupons were worth stood in the sales, so they count no more
    case.ok(&["records", "delete", "--subject", &relative, "--reason", "request of the person"]);
    assert!(!kept().contains("humanitarian context: note") && !kept().contains("\"record "), "{}", kept());
    assert_eq!(case.run(&["records", "list", "--subject", &relative]).status.code(), Some(1));
    let without = hit_of(&case).unwrap();
    assert_eq!(
        (measure(&without, "context"), measure(&without, "recorded")),
        (0, measure(&before, "recorded") - count)
    );
    assert!(measure(&without, "buyers") < measure(&before, "buyers"), "{without}");

    // the beneficiary's records go: what is left is what anybody can read on the chain, and it is low
    for account in coupons.iter().map(|(account, _)| account).collect::<BTreeSet<_>>() {
        case.ok(&["records", "delete", "--subject", account, "--reason", "end of the case"]);
    }
    if let Some(left) = hit_of(&case) {
        assert_eq!((measure(&left, "recorded"), &left["severity"]), (0, &"low".into()), "{left}");
        let corroboration = left["corroboration"].as_array().unwrap();
        assert!(!corroboration.iter().any(|each| each["anchor"] == "record"), "{left}");
    }
    let all = fs::read(case.at("store/records/records.sqlite")).unwrap();
    let has = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!has(&relative) && !has(&coupons[0].0) && !has("held at a camp"));
}

/// Whether a network's coupons were redeemed at one address of its own.
fn is_direct(campaign: &Value) -> bool {
    texts(campaign, "redemptions", "address").len() == 1
}
