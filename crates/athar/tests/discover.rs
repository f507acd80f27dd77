//! `athar discover`, `sightings` and `campaigns`, as their users run them.
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const IBAN: &str = "DE89370400440532013000";
// the key of a public example: <https://en.bitcoin.it/wiki/Wallet_import_format>
const KEY: &str = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";

fn run(store: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").arg("--store").arg(store).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn lines(output: &Output) -> Vec<Value> {
    text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder with an Arabic appeal, an English one, a report on them, and personal data with a secret.
fn evidence(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let arabic = format!(
        "<html lang=ar><meta charset=utf-8><title>ادعموا المقاتلين</title><body><p>تبرعوا لإخوانكم في الجبهة بالبيتكوين لشراء السلاح:</p>\
         <p><b>{}</b><span>{}</span></p><p>أو {SEGWIT}</p></body></html>",
        &ADDRESS[..10],
        &ADDRESS[10..]
    );
    fs::write(folder.join("a.html"), arabic).unwrap();
    fs::write(folder.join("b.txt"), format!("Donate bitcoin to the fighters at the front: {ADDRESS}\n")).unwrap();
    let news = format!(
        "Prosecutors said in court that the group asked its followers to donate to the fighters. According to the indictment the \
         address {SEGWIT} was seized, the news agency reported.\n"
    );
    fs::write(folder.join("c.md"), news).unwrap();
    fs::write(folder.join("d.txt"), format!("my account {IBAN}, my private key {KEY}\n")).unwrap();
}

#[test]
fn finds_are_told_a_line_each_with_place_score_and_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let (store, folder) = (dir.path().join("store"), dir.path().join("evidence"));
    evidence(&folder);
    let out = run(&store, &["discover", folder.to_str().unwrap(), "--json", "--excerpts"]);
    assert_eq!(code(&out), 0, "{out:?}");
    assert!(!store.exists(), "nothing is recorded unless asked");
    let finds = lines(&out);
    let of = |value: &str| finds.iter().filter(|f| f["value"] == value).collect::<Vec<_>>();
    assert_eq!((of(ADDRESS).len(), of(SEGWIT).len()), (2, 2));
    for find in &finds {
        for field in [
            "type",
            "chain",
            "value",
            "valid",
            "file",
            "member",
            "offset",
            "segment_language",
            "solicitation",
            "masked",
        ] {
            assert!(find.get(field).is_some(), "{field}: {find}");
        }
    }
    let arabic = of(ADDRESS).into_iter().find(|f| f["file"].as_str().unwrap().ends_with("a.html")).unwrap();
    assert_eq!((arabic["segment_language"].as_str(), arabic["chain"].as_str()), (Some("ar"), Some("bitcoin")));
    assert_eq!(arabic["solicitation"]["solicits"], true, "{arabic}");
    let page = fs::read(folder.join("a.html")).unwrap();
    let offset = arabic["offset"].as_u64().unwrap() as usize;
    assert!(page[offset..].starts_with(&ADDRESS.as_bytes()[..10]));
    let plain = of(ADDRESS).into_iter().find(|f| f["file"].as_str().unwrap().ends_with("b.txt")).unwrap();
    assert_eq!((plain["offset"].as_u64(), plain["solicitation"]["solicits"].as_bool()), (Some(45), Some(true)));
    let news = of(SEGWIT).into_iter().find(|f| f["file"].as_str().unwrap().ends_with("c.md")).unwrap();
    assert_eq!(news["solicitation"]["solicits"], false, "{news}");
    // what belongs to a person is masked, and a secret is nowhere
    let all = text(&out);
    assert!(!all.contains(KEY) && !all.contains(IBAN) && all.contains("private_key") && all.contains("[masked]"));
    let shown = run(&store, &["discover", folder.to_str().unwrap(), "--json", "--excerpts", "--unmasked"]);
    assert!(text(&shown).contains(IBAN) && !text(&shown).contains(KEY));
    // for people, and with a lowest score
    let words = run(&store, &["discover", folder.to_str().unwrap(), "--min-score", "50"]);
    assert!(text(&words).contains("solicits") && !text(&words).contains("c.md"), "{}", text(&words));
    assert!(stderr(&words).contains("nothing was recorded"));
}

#[test]
fn what_is_recorded_is_found_again_told_as_a_campaign_exported_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (store, folder) = (dir.path().join("store"), dir.path().join("evidence"));
    evidence(&folder);
    let path = folder.to_str().unwrap();
    let nothing = run(&store, &["campaigns"]);
    assert_eq!(code(&nothing), 2);
    assert!(stderr(&nothing).contains("discover --record"), "{}", stderr(&nothing));

    let record =
        |args: &[&str]| run(&store, &[&["discover", path, "--record", "--operator", "amal", "--json"], args].concat());
    let first = record(&["--keep", "original"]);
    assert_eq!(code(&first), 0, "{first:?}");
    let again = record(&["--keep", "original"]);
    assert_eq!((code(&again), text(&again).as_str()), (0, ""));
    assert!(stderr(&again).contains("4 files") && stderr(&again).contains("recorded before"), "{}", stderr(&again));

    let seen = json(&run(&store, &["sightings", ADDRESS, "--json"]));
    assert_eq!(seen["sightings"].as_array().unwrap().len(), 2);
    assert_eq!(code(&run(&store, &["sightings", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"])), 1);
    let iban = run(&store, &["sightings", IBAN, "--json"]);
    assert_eq!(json(&iban)["sightings"].as_array().unwrap().len(), 1);
    assert!(!text(&iban).contains(IBAN), "{}", text(&iban));
    assert!(text(&run(&store, &["sightings", IBAN, "--json", "--unmasked"])).contains(IBAN));

    let campaigns = json(&run(&store, &["campaigns", "--json"]));
    assert_eq!(campaigns["total"], 1, "{campaigns}");
    let id = campaigns["campaigns"][0]["id"].as_str().unwrap().to_owned();
    let campaign = json(&run(&store, &["campaigns", &id, "--json"]));
    let addresses: Vec<&str> =
        campaign["addresses"].as_array().unwrap().iter().map(|a| a["value"].as_str().unwrap()).collect();
    assert_eq!(addresses.len(), 2);
    assert_eq!(campaign["chains_missing"], serde_json::json!(["bitcoin"]));
    assert_eq!(campaign["mentions"].as_array().unwrap().len(), 1, "the report names it and ties nothing");
    let arabic = text(&run(&store, &["campaigns", ADDRESS, "--language", "ar"]));
    assert!(arabic.contains("الحملة") && arabic.contains("ليس في المخزن كتل من سلسلته"), "{arabic}");

    let stix = json(&run(&store, &["sightings", "export", "--format", "stix"]));
    assert_eq!(stix["type"], "bundle");
    assert!(
        stix["objects"].as_array().unwrap().iter().any(|o| o["value"] == ADDRESS || o["address"] == ADDRESS),
        "{stix}"
    );
    let tags = text(&run(&store, &["sightings", "export", "--format", "tagpack", "--creator", "a unit"]));
    assert!(tags.contains("currency: BTC") && tags.contains(ADDRESS));
    // what is exported can be imported, as a claim
    let pack = dir.path().join("pack.yaml");
    fs::write(&pack, &tags).unwrap();
    let import = run(&store, &["labels", "import", pack.to_str().unwrap()]);
    assert_eq!(code(&import), 0, "{import:?}");

    let item = seen["sightings"][0]["item"].as_u64().unwrap().to_string();
    let shown = json(&run(&store, &["sightings", "item", &item, "--json"]));
    assert_eq!((shown["original_kept"].as_bool(), shown["sha256"].as_str().unwrap().len()), (Some(true), 64));
    let copy = dir.path().join("copy");
    let original =
        run(&store, &["sightings", "original", &item, "--out", copy.to_str().unwrap(), "--operator", "amal"]);
    assert_eq!(code(&original), 0, "{original:?}");
    assert_eq!(fs::read(&copy).unwrap(), fs::read(folder.join("a.html")).unwrap());
    assert_eq!(code(&run(&store, &["sightings", "original", &item, "--out", copy.to_str().unwrap()])), 2);

    let delete = run(&store, &["sightings", "delete", &item, "--reason", "case closed", "--operator", "amal"]);
    assert_eq!(code(&delete), 0, "{delete:?}");
    assert_eq!(code(&run(&store, &["sightings", "item", &item])), 1);
    let custody = text(&run(&store, &["sightings", "custody"]));
    for action in ["recorded", "exported", "original_shown", "deleted"] {
        assert!(custody.contains(action), "{action}: {custody}");
    }
    assert!(custody.contains("every one follows the one before"), "{custody}");
    for file in fs::read_dir(store.join("sightings")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for secret in [KEY, IBAN] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn wrong_words_and_files_are_errors_and_the_next_file_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (store, folder) = (dir.path().join("store"), dir.path().join("evidence"));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.to_str().unwrap();
    fs::write(folder.join("empty.txt"), "nothing to find\n").unwrap();
    assert_eq!(code(&run(&store, &["discover", path])), 1);
    fs::write(folder.join("a.zip"), b"PK\x03\x04 broken").unwrap();
    fs::write(folder.join("b.warc"), b"WARC/1.0\r\nContent-Length: 9999999\r\n\r\ncut").unwrap();
    fs::write(folder.join("z.txt"), ADDRESS).unwrap();
    let out = run(&store, &["discover", path, "/nowhere/at/all", "--json"]);
    assert_eq!(code(&out), 2);
    assert!(lines(&out).iter().any(|f| f["value"] == ADDRESS));
    for named in ["a.zip", "b.warc", "/nowhere/at/all"] {
        assert!(stderr(&out).contains(named), "{named}: {}", stderr(&out));
    }
    for args in [
        &["discover"][..],
        &["discover", path, "--keep", "original"],
        &["discover", path, "--columns", "text"],
        &["discover", path, "--columns", "author=a"],
        &["discover", path, "--min-score", "101"],
        &["sightings", "delete", "1"],
    ] {
        assert_eq!(code(&run(&store, args)), 2, "{args:?}");
    }
    // a list that would tell a resolver the name of an onion service is refused whole
    let list = dir.path().join("list.txt");
    fs::write(&list, "http://athartestathartestathartestathartestathartestathartestaa.onion/\n").unwrap();
    let out = dir.path().join("out.warc.gz");
    let fetch = run(&store, &["discover", "fetch", list.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!((code(&fetch), out.exists()), (2, false));
    assert!(stderr(&fetch).contains("line 1") && stderr(&fetch).contains("socks5h"), "{}", stderr(&fetch));
}
