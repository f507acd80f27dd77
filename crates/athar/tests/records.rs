//! `athar records`, as its users run it.
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(store: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").arg("--store").arg(store).arg("records").args(args).output().unwrap()
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

#[test]
fn coupons_are_imported_joined_noted_and_forgotten_in_english_and_arabic() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let sales = "code;pdv;vendu;prix;client\n1111-2222;Tabac A;29/09/2020 12:00;50,00;+33 6 39 98 00 01\n\
                 3333-4444;Tabac B;30/09/2020 12:00;150;+33 6 39 98 00 01\nx;Tabac B;30/09/2020 12:00;1,234;\n";
    fs::write(folder.path().join("sales.csv"), sales).unwrap();
    let map = "kind = \"coupon_sale\"\nzone = \"Europe/Paris\"\ntime_format = \"%d/%m/%Y %H:%M\"\ndecimal_comma = true\n\
               delimiter = \";\"\n[columns]\nserial = \"code\"\noutlet = \"pdv\"\ntime = \"vendu\"\namount = \"prix\"\nbuyer = \"client\"\n\
               [constants]\ncurrency = \"EUR\"\n";
    fs::write(folder.path().join("map.toml"), map).unwrap();
    let redeemed = "{\"serial\":\"11112222\",\"account\":\"user-77\",\"country\":\"tr\",\"time\":\"2020-09-29T11:00:00Z\"}\n\
                    {\"serial\":\"33334444\",\"account\":\"user-77\",\"country\":\"tr\",\"time\":\"2020-09-30T11:00:00Z\"}\n";
    fs::write(folder.path().join("redeemed.ndjson"), redeemed).unwrap();

    let none = run(&store, &["stats"]);
    assert_eq!(code(&none), 2);
    assert!(stderr(&none).contains("athar records import FILE --kind KIND"), "{}", stderr(&none));

    let told = run(
        &store,
        &["import", &at("sales.csv"), "--map", &at("map.toml"), "--keep-plain", "outlet", "--retain", "30"],
    );
    assert_eq!(code(&told), 0, "{}", stderr(&told));
    for words in [
        "rows: 3",
        "added: 2",
        "in quarantine: 1",
        "line 4: amount: more than 2 decimals",
        "pseudonyms in place of: serial, buyer",
        "encrypted, of: outlet",
    ] {
        assert!(text(&told).contains(words), "{words} in {}", text(&told));
    }
    let again = run(
        &store,
        &[
            "import",
            &at("sales.csv"),
            "--map",
            &at("map.toml"),
            "--keep-plain",
            "outlet",
            "--retain",
            "30",
            "--lang",
            "ar",
        ],
    );
    assert!(text(&again).contains("لم يُضف شيء"), "{}", text(&again));
    let receipt = json(&run(&store, &["import", &at("redeemed.ndjson"), "--kind", "redemption", "--json"]));
    assert_eq!((&receipt["added"], &receipt["quarantined"]), (&json!(2), &json!(0)));

    let found = json(&run(&store, &["list", "--subject", "0033639980001", "--json"]));
    assert_eq!(found["records"].as_array().unwrap().len(), 2);
    assert_eq!(found["records"][0]["outlet"]["value"], "Tabac A");
    assert!(!found.to_string().contains("39980001"));
    let id = found["records"][0]["id"].to_string();
    let shown = run(&store, &["show", &id, "--language", "ar"]);
    assert!(text(&shown).contains("بيع قسيمة") && text(&shown).contains("50.00 EUR"), "{}", text(&shown));

    let noted = run(
        &store,
        &["note", "+33639980001", "--text", "mother of a detainee", "--source", "statement", "--time", "2020-10-02"],
    );
    assert_eq!(code(&noted), 0, "{}", stderr(&noted));
    let linked = run(&store, &["link"]);
    for words in [
        "redemptions: 2; whose sale is known: 2",
        "2, 200.00 EUR",
        "points of sale, buyers: 2, 1",
        "redeemed from: TR",
        "mother of a detainee",
        "no chain to look",
    ] {
        assert!(text(&linked).contains(words), "{words} in {}", text(&linked));
    }
    assert!(text(&run(&store, &["link", "--lang", "ar"])).contains("المستفيد"));
    assert_eq!(code(&run(&store, &["link", "--redemptions-min", "3"])), 1);

    let gone = run(&store, &["delete", "--subject", "+33639980001", "--reason", "request", "--operator", "a"]);
    assert!(stderr(&gone).contains("2 records deleted"), "{}", stderr(&gone));
    assert_eq!(code(&run(&store, &["show", &id])), 1);
    assert_eq!(code(&run(&store, &["notes"])), 1);
    let journal = text(&run(&store, &["journal"]));
    assert!(journal.contains("deleted_subject") && journal.contains("request"), "{journal}");
    let limit = run(&store, &["retain", "--kind", "redemption", "--days", "0"]);
    assert!(stderr(&limit).contains("2 records deleted"), "{}", stderr(&limit));
    assert_eq!(json(&run(&store, &["stats", "--json"]))["records"], json!({}));
}

#[test]
fn what_cannot_be_meant_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = folder.path().join("f.csv");
    fs::write(&file, "a,b\n1,2\n").unwrap();
    let file = file.display().to_string();
    for (args, words) in [
        (vec!["import", &file, "--kind", "salary"], "none of coupon-sale, redemption"),
        (vec!["import", &file], "it is not said which"),
        (vec!["import", &file, "--kind", "login", "--map", "nobody=a"], "there is no field `nobody`"),
        (vec!["import", &file, "--kind", "login", "--map", "account=c"], "there is no column `c`"),
        (vec!["import", &file, "--kind", "login", "--keep-plain", "country"], "none of id, serial"),
        (vec!["import", "nowhere.csv", "--kind", "login"], "cannot read nowhere.csv"),
        (vec!["delete", "--reason", "x"], "required"),
    ] {
        let output = run(&store, &args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
    }
    // every row in quarantine is an error, told with its reasons
    let all = run(&store, &["import", &file, "--kind", "login", "--map", "account=a"]);
    assert_eq!(code(&all), 2);
    assert!(text(&all).contains("line 2: time: missing"), "{}", text(&all));
}
