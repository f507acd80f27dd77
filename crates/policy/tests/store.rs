//! The store of policies: modes, journal, damage, and a disk that fails.
use crate::support;

use athar_policy::{DEFAULT, Mode, Policy, PolicyError, PolicyStore, Stored};
use std::path::Path;
use support::{day, levels, parse};

fn text(name: &str, level: &str) -> String {
    levels(&format!(
        "[[rule]]\nid = \"r\"\ntitle = {{ en = \"R\", ar = \"ق\" }}\nlevel = \"{level}\"\nwhen = {{ ownership = {{}} }}\n"
    ))
    .replace("name = \"p\"", &format!("name = \"{name}\""))
}

fn add(store: &mut PolicyStore, name: &str, level: &str) -> Result<Stored, PolicyError> {
    let text = text(name, level);
    store.add(&text, &parse(&text).unwrap(), day("2024-01-01"))
}

fn modes(store: &PolicyStore) -> Vec<(String, Mode)> {
    store.all().iter().map(|s| (s.name.clone(), s.mode)).collect()
}

fn named(all: &[(&str, Mode)]) -> Vec<(String, Mode)> {
    all.iter().map(|(name, mode)| ((*name).to_owned(), *mode)).collect()
}

#[test]
fn exactly_one_decides_and_the_journal_says_since_when() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("policies");
    let mut store = PolicyStore::open(&folder).unwrap();
    assert_eq!(modes(&store), named(&[(DEFAULT, Mode::Active), ("weighted", Mode::Idle)]));
    assert!(!folder.exists());
    let default = store.active().clone();

    let mine = add(&mut store, "mine", "low").unwrap();
    assert_eq!(mine.mode, Mode::Test);
    // the same again changes nothing
    assert_eq!(add(&mut store, "mine", "low").unwrap(), mine);
    assert_eq!(store.events().len(), 1);
    let mine = store.activate(&mine, day("2024-01-02")).unwrap();
    let newer = add(&mut store, "mine", "high").unwrap();
    let weighted = store.find("weighted").unwrap().clone();
    let weighted = store.take_up(&weighted, day("2024-01-03")).unwrap();
    let all = [(DEFAULT, Mode::Idle), ("weighted", Mode::Test), ("mine", Mode::Active), ("mine", Mode::Test)];
    assert_eq!(modes(&store), named(&all));
    assert_eq!(modes(&PolicyStore::open(&folder).unwrap()), named(&all));

    // names mean the newest, versions themselves
    assert_eq!(store.find("mine").unwrap(), &newer);
    assert_eq!(store.find(&format!("mine@{}", &mine.version[..8])).unwrap().version, mine.version);
    assert_eq!(store.find(&mine.version[..6]).unwrap().version, mine.version);
    assert_eq!(store.find("active").unwrap().version, mine.version);
    for wrong in ["yours", "mine@", "mine@zzzzzz", &mine.version[..5], ""] {
        assert!(store.find(wrong).unwrap_err().to_string().contains("no policy is called"), "{wrong}");
    }
    assert_eq!(store.load(&mine).unwrap(), parse(&text("mine", "low")).unwrap());

    // what is refused changes nothing
    let refused = |result: Result<Stored, PolicyError>, words: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let active = store.active().clone();
    refused(store.retire(&active, day("2024-01-04")), "one always decides");
    refused(store.activate(&active, day("2024-01-04")), "is active already");
    refused(store.take_up(&weighted, day("2024-01-04")), "is test already");
    refused(store.retire(&default, day("2024-01-04")), "not on test");
    refused(add(&mut store, DEFAULT, "low"), "comes with the program");
    refused(add(&mut store, "active", "low"), "`active` stands for");
    assert_eq!(modes(&store), named(&all));

    store.retire(&weighted, day("2024-01-05")).unwrap();
    let default = store.find(DEFAULT).unwrap().clone();
    store.activate(&default, day("2024-01-06")).unwrap();
    let all = [(DEFAULT, Mode::Active), ("weighted", Mode::Idle), ("mine", Mode::Idle), ("mine", Mode::Test)];
    assert_eq!(modes(&PolicyStore::open(&folder).unwrap()), named(&all));
    assert_eq!(store.events().len(), 6);
    store.verify().unwrap();
}

#[test]
fn a_damaged_file_is_told_by_name_and_can_be_added_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = PolicyStore::open(dir.path().join("policies")).unwrap();
    let mine = add(&mut store, "mine", "low").unwrap();
    let file = dir.path().join("policies/versions").join(format!("{}.toml", mine.version));
    // comments may go: the version is that of what it says
    std::fs::write(&file, format!("# mine\n{}", text("mine", "low"))).unwrap();
    store.verify().unwrap();
    for damaged in [text("mine", "severe"), "format = 1".into(), String::new()] {
        std::fs::write(&file, damaged).unwrap();
        let error = store.load(&mine).unwrap_err().to_string();
        assert!(error.contains(&mine.version), "{error}");
        assert!(store.verify().is_err());
        assert!(store.activate(&mine, day("2024-01-02")).is_err());
    }
    add(&mut store, "mine", "low").unwrap();
    store.verify().unwrap();
    let journal = dir.path().join("policies/manifest.json");
    let sound = std::fs::read_to_string(&journal).unwrap();
    for (damaged, words) in [
        (sound.replace("\"add\"", "\"activate\""), "checksum"),
        (String::new(), "no checksum line"),
        (sound.replacen('\n', "", 1), "checksum"),
    ] {
        std::fs::write(&journal, damaged).unwrap();
        let error = PolicyStore::open(dir.path().join("policies")).unwrap_err().to_string();
        assert!(error.contains("manifest.json") && error.contains(words), "{error}");
    }
}

/// Cuts the power after every disk operation of an activation: what is left is the state before or after, never another.
#[test]
fn a_cut_at_any_operation_leaves_the_state_before_or_after() {
    use athar_disk::{Cut, Disk, Failure, Fault};
    let work = |folder: &Path, disk: Disk| -> Result<(), PolicyError> {
        let mut store = PolicyStore::open(folder)?.with_disk(disk);
        let mine = add(&mut store, "mine", "low")?;
        store.activate(&mine, day("2024-01-02"))?;
        Ok(())
    };
    let whole = tempfile::tempdir().unwrap();
    let disk = Disk::planned(whole.path(), None);
    work(&whole.path().join("policies"), disk.clone()).unwrap();
    let steps = disk.steps();
    assert!(steps.len() > 8, "{steps:?}");
    let cuts = [Cut::LeavesRemovals, Cut::LeavesRenames].map(Failure::Power);
    let failures = [Failure::Refused, Failure::Full, Failure::Torn, Failure::Late].into_iter().chain(cuts);
    for step in steps {
        for failure in failures.clone() {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("policies");
            let disk = Disk::planned(dir.path(), Some(Fault { step: step.clone(), failure }));
            let failed = work(&folder, disk.clone()).is_err();
            let store = PolicyStore::open(&folder).unwrap();
            store.verify().unwrap();
            assert!(failed || !disk.has_failed(), "{step:?} {failure:?} failed in silence");
            let active = store.active().name.clone();
            assert!(active == DEFAULT || active == "mine", "{active}");
            // and it goes on from there
            let mut store = store;
            let mine = add(&mut store, "mine", "low").unwrap();
            if store.active().version != mine.version {
                store.activate(&mine, day("2024-01-03")).unwrap();
            }
            assert_eq!(PolicyStore::open(&folder).unwrap().active().name, "mine");
        }
    }
}

#[test]
fn two_policies_are_compared_rule_by_rule_and_field_by_field() {
    let old = levels(
        "[[rule]]\nid = \"a\"\ntitle = { en = \"A\", ar = \"أ\" }\nlevel = \"low\"\nwhen = { counterparty = { category = [\"mixer\", \"scam\"], usd = \">= 10\" } }\n\
         [[rule]]\nid = \"b\"\ntitle = { en = \"B\", ar = \"ب\" }\nlevel = \"low\"\nwhen = { ownership = {} }\n\
         [[rule]]\nid = \"c\"\ntitle = { en = \"C\", ar = \"ج\" }\nlevel = \"low\"\nwhen = { listed = {} }\n",
    );
    let new = old
        .replace("\">= 10\"", "\">= 20\"")
        .replace("\"mixer\", \"scam\"", "\"scam\", \"theft\", \"mixer\"")
        .replace("id = \"b\"", "id = \"d\"")
        .replace("ar = \"ج\"", "ar = \"جيم\"")
        .replace("en = \"P\"", "en = \"Q\"");
    let policy = |text: &str| Policy::parse(Path::new("x.toml"), text).unwrap();
    let diff = athar_policy::diff(&policy(&old), &policy(&new));
    assert_eq!((&diff.added[..], &diff.removed[..]), (&["d".to_owned()][..], &["b".to_owned()][..]));
    let fields = |changes: &[athar_policy::Change]| -> Vec<String> {
        let of = |c: &athar_policy::Change| {
            format!("{}: {} -> {}", c.field, c.old.as_deref().unwrap_or("-"), c.new.as_deref().unwrap_or("-"))
        };
        changes.iter().map(of).collect()
    };
    assert_eq!(fields(&diff.head), ["title.en: P -> Q"]);
    assert_eq!(diff.changed.len(), 2);
    assert_eq!(
        fields(&diff.changed[0].changes),
        [
            "when.exposure.of.categories.of: - -> theft",
            "when.exposure.of.categories.words: - -> theft",
            "when.exposure.usd: >= 10.00 -> >= 20.00"
        ]
    );
    assert_eq!(fields(&diff.changed[1].changes), ["title.ar: ج -> جيم"]);
    assert!(athar_policy::diff(&policy(&old), &policy(&format!("# only a remark\n{old}"))).is_empty());
    // the order counts where it decides: and is told
    let turned = {
        let (head, rules) = old.split_at(old.find("[[rule]]").unwrap());
        let (first, rest) = rules.split_at(rules[2..].find("[[rule]]").unwrap() + 2);
        format!("{head}{rest}{first}")
    };
    let diff = athar_policy::diff(&policy(&old), &policy(&turned));
    assert_eq!(fields(&diff.head), ["order of the rules: a, b, c -> b, c, a"]);
    assert!(diff.changed.is_empty() && diff.added.is_empty());
}
