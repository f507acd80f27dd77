//! The lists and tables: OFAC in both forms, NBCTF, the project's own CSV, and the taxonomy.

use crate::common;

use athar_labels::{DefectKind, Format, SubjectKind};
use athar_types::{Basis, Category, Chain, Level, Network, Relation};
use common::{Bed, EVM, GENESIS, P2SH, RIPPLE, SEGWIT, TRON, day, defects};

#[test]
fn the_ofac_table_is_a_designation_and_its_programmes_decide_the_category() {
    let table = format!(
        "address,ofac_currency,sdn_uid,entity,programs,akas,case_preserved\r
{GENESIS},XBT,1,A PERSON,\"SDGT, IFSR\",AN ALIAS|ANOTHER,yes\r
{TRON},XBT,2,A FIRM,CYBER2,,yes\r
{P2SH},USDT,2,A FIRM,CYBER2,,yes\r
{SEGWIT},XBT,3,NOBODY,,,NO\r
T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,TRX,3,NOBODY,FTO,,yes\r
{GENESIS},XBT,1,A PERSON,\"SDGT, IFSR\",AN ALIAS|ANOTHER,yes\r
"
    );
    let bed = Bed::new();
    let (store, report) = bed.read("ofac_2026-08-20.csv", table);
    assert_eq!((report.format, report.as_of), (Format::OfacCsv, Some(day("2026-08-20"))));
    assert_eq!(
        defects(&report),
        [
            (3, None, "asset_mismatch"),
            (4, None, "omni_token"),
            (5, None, "missing_field"),
            (6, None, "look_alike"),
            (7, None, "duplicate"),
        ]
    );
    let person = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((person.category, person.basis), (Category::TerroristFinancing, Basis::Designation));
    assert_eq!(
        (&person.concepts[..], &person.aliases[..]),
        (&["SDGT".into(), "IFSR".into()][..], &["AN ALIAS".into(), "ANOTHER".into()][..])
    );
    assert_eq!((person.entry.as_deref(), person.line), (Some("1"), 2));
    assert_eq!(person.level(Relation::Ownership), Level::Severe);
    assert_eq!((person.valid_from, person.valid_to), (None, None), "the list gives no dates");
    let firm = store.lookup(Chain::Tron, TRON).next().unwrap();
    assert_eq!((firm.category, firm.note), (Category::Sanctioned, Some(DefectKind::AssetMismatch)));
    assert_eq!(store.lookup(Chain::Bitcoin, P2SH).next().unwrap().note, Some(DefectKind::OmniToken));
    let nobody = store.lookup(Chain::Bitcoin, SEGWIT).next().unwrap();
    assert_eq!((nobody.category, &nobody.extra[..]), (Category::Sanctioned, &["case_preserved: NO".into()][..]));
    let written = report.defects[3].text.as_str();
    assert!(written.starts_with("T\\u{41d}7"), "the foreign letter is shown for what it is: {written}");
}

#[test]
fn the_ofac_files_by_asset_take_the_asset_from_their_name() {
    let bed = Bed::new();
    let (store, report) = bed
        .read("2024-09-27/sanctioned_addresses_XBT.json", format!("[\n  \"{GENESIS}\",\n  \"{TRON}\",\n\t\"x\"\n]\n"));
    assert_eq!((report.format, report.as_of), (Format::OfacJson, Some(day("2024-09-27"))));
    assert_eq!(defects(&report), [(3, Some(3), "asset_mismatch"), (4, Some(2), "checksum")]);
    let label = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((label.basis, label.category, label.line), (Basis::Designation, Category::Sanctioned, 2));
    assert_eq!((label.asset.as_deref(), label.pack.part.as_deref()), (Some("XBT"), Some("XBT")));
    // a name without an asset leaves it to the text
    let bed = Bed::new();
    let (store, report) = bed.read("list.json", format!("[\"{EVM}\"]"));
    assert_eq!((report.chain_from_text, report.as_of), (1, None));
    assert!(!store.lookup(Chain::Ethereum, EVM).is_empty());
}

#[test]
fn seizure_orders_hold_addresses_accounts_and_every_kind_of_wrong_cell() {
    let checksum = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb";
    let table = format!(
        "order,identifier,asset
צ.ת 1/25,{TRON},
צ.ת 1/25,104728783,-
צ.ת 1/25,-,
צ.ת 1/25,,USDT
צ.ת 1/25,\"{EVM}, {TRON}\",
צ.ת 1/25,{RIPPLE} (Address tag 102334770)*,XRP
צ.ת 1/25,T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,
צ.ת 1/25,{checksum},BTC
צ.ת 1/25,12154055877559948854L,LSK
צ.ת 2/25,{TRON},
צ.ת 2/25,{TRON},
,{GENESIS},USDT
"
    );
    let bed = Bed::new();
    let (store, report) = bed.read("nbctf.csv", table);
    assert_eq!(
        defects(&report),
        [
            (3, None, "account_number"),
            (4, None, "placeholder"),
            (5, None, "empty"),
            (6, None, "several_addresses"),
            (7, None, "trailing_text"),
            (8, None, "look_alike"),
            (9, None, "checksum"),
            (10, None, "unsupported_asset"),
            (12, None, "duplicate"),
            (13, None, "missing_field"),
            (13, None, "omni_token"),
        ]
    );
    assert_eq!((report.accepted, report.identifiers, report.quarantined, report.duplicates), (3, 1, 7, 1));
    let labels: Vec<_> = store.lookup(Chain::Tron, TRON).map(|l| (l.line, l.entry.clone().unwrap())).collect();
    assert_eq!(labels, [(2, "צ.ת 1/25".to_owned()), (11, "צ.ת 2/25".to_owned())], "one label an order");
    let label = store.lookup(Chain::Tron, TRON).next().unwrap();
    assert_eq!((label.basis, label.category), (Basis::SeizureOrder, Category::TerroristFinancing));
    assert_eq!(label.level(Relation::Ownership), Level::High, "a seizure order alone is not severe");
    let account = store.lookup_account("104728783").next().unwrap();
    assert_eq!((account.subject, account.chain), (SubjectKind::Account, None));
    // what stands in quarantine is found by its text and by the good addresses inside it, and is no label of them
    assert!(store.lookup(Chain::Ethereum, EVM).is_empty());
    assert_eq!(store.mentions(Chain::Ethereum, EVM).map(|l| l.line).collect::<Vec<_>>(), [6]);
    assert_eq!(store.mentions(Chain::Tron, TRON).map(|l| l.line).collect::<Vec<_>>(), [6]);
    assert_eq!(store.mentions(Chain::Ripple, RIPPLE).map(|l| l.line).collect::<Vec<_>>(), [7]);
    assert_eq!(store.quarantined(checksum).count(), 1);
    assert_eq!(store.quarantined("").map(|l| l.line).collect::<Vec<_>>(), [5]);
}

#[test]
fn the_plain_table_reads_its_optional_columns_in_any_order() {
    let table = format!(
        "\u{feff}category,ADDRESS,source,label,confidence,basis,country,valid_from,valid_to,chain,mood
terrorist_financing,{GENESIS},court,\"A, group\",75,judgment,IL,2020-01-02,2021-03-04,bitcoin,calm
Coupon service,{SEGWIT},me,'=SUM(A1),heuristic,own analysis,,,,,
,{TRON},,,,,,,,,
mixing_service,{EVM},x,y,200,rumour,,2021-01-01,2020-01-01,polygon,
dreaming,{P2SH},x,y,,,,2020-02-30,,moon,
exchange,{RIPPLE},x,y,,,,,,bitcoin,
"
    );
    let bed = Bed::new();
    let (store, report) = bed.read("mine.csv", table);
    assert_eq!(
        defects(&report),
        [
            (1, None, "unknown_field"),
            (4, None, "missing_field"),
            (4, None, "missing_field"),
            (4, None, "missing_field"),
            (5, None, "basis"),
            (5, None, "confidence"),
            (5, None, "date"),
            (6, None, "unknown_concept"),
            (6, None, "date"),
            (6, None, "unknown_asset"),
            (7, None, "asset_mismatch"),
        ]
    );
    let group = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((&*group.name, group.basis, group.country.as_deref()), ("A, group", Basis::Judgment, Some("IL")));
    assert_eq!((group.valid_from, group.valid_to), (Some(day("2020-01-02")), Some(day("2021-03-04"))));
    assert_eq!((group.confidence.as_ref().unwrap().level, &group.extra[..]), (Some(75), &["mood: calm".into()][..]));
    assert!(group.holds_on(day("2020-01-02")) && group.holds_on(day("2021-03-04")));
    assert!(!group.holds_on(day("2020-01-01")) && !group.holds_on(day("2021-03-05")));
    let coupons = store.lookup(Chain::Bitcoin, SEGWIT).next().unwrap();
    assert_eq!(
        (&*coupons.name, coupons.category, coupons.basis),
        ("=SUM(A1)", Category::CouponService, Basis::OwnAnalysis)
    );
    assert_eq!((coupons.valid_from, coupons.valid_to), (None, None));
    let weak = store.lookup(Chain::Polygon, EVM).next().unwrap();
    assert_eq!(
        (weak.basis, weak.category),
        (Basis::ThirdPartyClaim, Category::Mixer),
        "a bad basis never gives strength"
    );
    assert_eq!((weak.valid_from, weak.valid_to), (None, None));
    assert_eq!(store.quarantined(P2SH).next().unwrap().category, Category::Other);
    assert_eq!(store.lookup(Chain::Ripple, RIPPLE).next().unwrap().note, Some(DefectKind::AssetMismatch));
}

#[test]
fn labels_of_another_network_are_read_where_asked_for() {
    let regtest = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    let table = format!("address,label,category,source\n{regtest},a,exchange,b\n");
    let mut bed = Bed::new();
    let (_, report) = bed.read("main.csv", &table);
    assert_eq!(defects(&report), [(2, None, "other_network")]);
    bed = Bed::new();
    bed.options.network = Network::Regtest;
    let (store, report) = bed.read("regtest.csv", &table);
    assert_eq!((report.accepted, store.lookup(Chain::Bitcoin, regtest).count()), (1, 1));
}

#[test]
fn a_taxonomy_is_recognised_and_its_concepts_kept_for_reference() {
    let text = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dc: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://example.org/t#> a skos:ConceptScheme ; skos:prefLabel \"Test Taxonomy\" ; owl:versionInfo \"0.3\", \"Reviewed\" .
<http://example.org/t#tumbler> a skos:Concept ; skos:prefLabel \"Tumbler\" ;
  skos:definition \"A \\\"mixer\\\".\" ; skos:broader <http://example.org/t#service> .
<http://example.org/t#metadata> a skos:Concept .
";
    let bed = Bed::new();
    let (store, report) = bed.read("t.ttl", text);
    assert_eq!((report.format, report.title.as_str(), report.concepts), (Format::Taxonomy, "Test Taxonomy 0.3", 2));
    let concepts: Vec<_> = store.concepts().collect();
    assert_eq!((concepts[0].id.as_str(), concepts[0].category), ("tumbler", Some(Category::Mixer)));
    assert_eq!(concepts[0].definition.as_deref(), Some("A \"mixer\"."));
    assert_eq!((&concepts[0].broader[..], concepts[1].category), (&["service".into()][..], None));
}

#[test]
fn the_report_is_readable_and_names_the_kinds_of_all_defects() {
    let rows: String = (0..30).map(|i| format!("o,{},\n", 100_000_000 + i)).collect::<Vec<_>>().concat();
    let bed = Bed::new();
    let (_, report) =
        bed.read("nbctf.csv", format!("order,identifier,asset\n{rows}o,T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,\n"));
    let text = report.to_string();
    assert!(text.contains("31 rows, 30 account numbers, 1 in quarantine"), "{text}");
    assert!(text.contains("line 32: look_alike"), "hundreds of account numbers must not hide the one letter: {text}");
    assert!(text.contains("look_alike 1, account_number 30"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["defects"].as_array().unwrap().len(), 31);
    assert_eq!(json["defects_by_kind"]["account_number"], 30);
}

#[test]
fn any_table_with_an_address_is_read_by_the_columns_that_are_named() {
    for (name, d) in [("c.csv", ","), ("s.csv", ";"), ("t.tsv", "\t")] {
        let mut bed = Bed::new();
        let columns = [("address", "Wallet"), ("label", "owner"), ("valid_from", "Since")];
        bed.options.columns = columns.into_iter().map(|(a, b)| (a.into(), b.into())).collect();
        let row = |cells: [&str; 4]| cells.join(d) + "\n";
        let rows = [
            row(["Owner", "Wallet", "Since", "Remark"]),
            row(["Amal", GENESIS, "2020-01-02", "seen"]),
            row(["Badr", "no address at all", "", ""]),
        ];
        let (store, report) = bed.read(name, rows.concat());
        assert_eq!((report.rows, report.accepted, report.quarantined), (2, 1, 1), "{name}");
        let label = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
        assert_eq!(
            (&*label.name, label.valid_from, label.category),
            ("Amal", Some(day("2020-01-02")), Category::Unknown)
        );
        assert_eq!(label.basis, Basis::ThirdPartyClaim);
        assert_eq!(label.extra, ["remark: seen"], "other columns are kept as written");
    }
}

#[test]
fn columns_that_do_not_fit_the_table_refuse_it() {
    let refused = |columns: &[(&str, &str)], text: &str| {
        let mut bed = Bed::new();
        bed.options.columns = columns.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        bed.refused("x.csv", text).to_string()
    };
    let text = "wallet,label\na,b\n";
    assert!(refused(&[("address", "purse")], text).contains("x.csv: line 1, column 0: column `purse` is missing"));
    assert!(refused(&[("label", "label")], text).contains("no column is named for `address`"));
    assert!(refused(&[("address", "wallet"), ("colour", "label")], text).contains("`colour` is no field"));
    assert!(refused(&[("address", "wallet"), ("actor", "wallet")], text).contains("named for two fields"));
    assert!(
        refused(&[("address", "wallet"), ("source", "label")], "wallet,label,source\n").contains("stands there twice")
    );
    assert!(refused(&[("address", "wallet")], "wallet,b\n1,2,3\n").contains("line 2"));
}

#[test]
fn json_lines_are_read_by_the_fields_that_are_named_and_a_bad_line_refuses_the_file() {
    let mut bed = Bed::new();
    bed.options.columns = [("address", "Wallet"), ("label", "owner"), ("entry", "no")]
        .map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()))
        .into();
    let lines = format!(
        "{{\"wallet\": \"{GENESIS}\", \"owner\": \"=شبكة\", \"no\": 123456789012345678901234567890, \"tags\": [1, \"x\"]}}\n\n\
         {{\"owner\": null, \"wallet\": \"{TRON}\", \"license\": \"CC0\", \"jurisdiction\": \"LB\"}}\n"
    );
    let (store, report) = bed.read("a.jsonl", lines);
    assert_eq!((report.accepted, report.rows), (2, 2));
    let first = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((first.name.as_str(), first.line), ("=شبكة", 1));
    assert_eq!(first.entry.as_deref(), Some("123456789012345678901234567890"), "every digit as written");
    assert_eq!(first.extra, ["tags: [1, \"x\"]"]);
    assert_eq!(first.license(), None);
    let second = store.lookup(Chain::Tron, TRON).next().unwrap();
    assert_eq!((second.line, second.license(), second.country.as_deref()), (3, Some("CC0"), Some("LB")));
    let refused = |text: &str| bed.refused("b.jsonl", text).to_string();
    let good = "{\"wallet\":\"x\",\"owner\":\"y\",\"no\":1}\n";
    let error = refused(&format!("{good}{{\"wallet\":\"x\",\"Wallet\":\"y\"}}\n"));
    assert!(error.contains("line 2") && error.contains("`wallet` stands there twice"), "{error}");
    let error = refused(&format!("{good}{{\"wallet\":\n"));
    assert!(error.contains("line 2, column 1"), "{error}");
    let error = refused(&format!("{good}[1]\n"));
    assert!(error.contains("line 2") && error.contains("an object on each line"), "{error}");
    assert!(refused("{\"wallet\":\"x\",\"owner\":\"y\"}\n").contains("column `no` is missing"));
}

#[test]
fn a_table_in_windows_1256_or_utf_16_is_read_and_the_report_says_so() {
    let table = format!("address,label,category,source\n{GENESIS},شبكة التبرعات,donation_campaign,s\n");
    let utf16: Vec<u8> = format!("\u{feff}{table}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut arabic = format!("address,label,category,source\n{GENESIS},").into_bytes();
    arabic.extend_from_slice(b"\xd4\xc8\xdf\xc9 \xc7\xe1\xca\xc8\xd1\xda\xc7\xca,donation_campaign,s\n");
    for (bytes, encoding, guessed) in [
        (table.clone().into_bytes(), "UTF-8", false),
        (utf16, "UTF-16LE", false),
        (arabic.clone(), "windows-1256", true),
    ] {
        let bed = Bed::new();
        let (store, report) = bed.read("a.csv", &bytes);
        assert_eq!((report.encoding, report.encoding_guessed), (encoding, guessed));
        assert_eq!(report.to_string().contains("guessed from its content"), guessed);
        assert_eq!(store.lookup(Chain::Bitcoin, GENESIS).next().unwrap().name, "شبكة التبرعات");
    }
    let mut bed = Bed::new();
    let mixed = [table.as_bytes(), &arabic].concat();
    let error = bed.refused("b.csv", &mixed).to_string();
    assert!(error.contains("line 4, byte") && error.contains("two encodings"), "{error}");
    bed.options.encoding = Some("windows-1256".into());
    let (_, report) = bed.read("c.csv", &arabic);
    assert_eq!((report.encoding, report.encoding_guessed), ("windows-1256", false));
}

#[test]
fn a_table_may_say_which_kind_each_subject_is() {
    let txid = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
    let table = format!(
        "address,label,category,source,chain,subject_kind\n{GENESIS},a,scam,s,,\n{txid},b,scam,s,bitcoin,transaction\n\
         00123,c,scam,s,,account\n{SEGWIT},d,scam,s,,hat\n"
    );
    let (store, report) = Bed::new().read("a.csv", table);
    assert_eq!((report.accepted, report.transactions, report.identifiers, report.quarantined), (1, 1, 1, 1));
    assert_eq!(store.lookup_transaction(Chain::Bitcoin, txid).next().unwrap().name, "b");
    assert_eq!(store.lookup_account("00123").next().unwrap().name, "c", "a number keeps its zeros");
}
