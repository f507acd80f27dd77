//! Names across scripts: what must match, what must not, and what is said about it.
#![allow(clippy::unwrap_used)] // tests

use athar_names::{
    Facts, Grade, Listed, ListedName, Oddity, Query, Rule, Screener, Session, THRESHOLD, Wanted, compare, compare_with,
};
use proptest::prelude::*;

fn listed(id: &str, names: &[&str]) -> Listed {
    let names = names.iter().map(|n| ListedName { text: (*n).into(), weak: false }).collect();
    Listed { list: "test".into(), id: id.into(), names, facts: Facts::default() }
}

fn query(name: &str) -> Query {
    Query { name: name.into(), facts: Facts::default() }
}

#[test]
fn one_name_matches_in_every_script_and_usual_spelling() {
    for (a, b) in [
        ("أسامة بن لادن", "Usama bin Ladin"),
        ("اسامه بن لادن", "Oussama Ben Laden"),
        ("Усама бин Ладен", "Usama bin Ladin"),
        ("אוסאמה בן לאדן", "Osama bin Laden"),
        ("محمد عمر غلام نبی", "MOHAMMED OMAR GHULAM NABI"),
        ("عبد الرحمن محمد العتيبي", "Abdurrahman Mohammed al-Otaibi"),
        ("عبدالرحمن محمد العتيبي", "Abd al-Rahman Muhammad Al Utaybi"),
        ("هدايت الله رحمت زاده", "Hidayatullah Rahmatzadeh"),
        ("نور الدين الجبوري", "Noureddine El-Djebouri"),
        ("گلبدین حکمتیار", "Gulbuddin Hekmatyar"),
        ("جمال عبد الناصر", "Gamal Abdel Nasser"),
        ("Mohd Yousuf Qureshi", "Muhammad Yusuf Quraishi"),
        ("Khaled Cheikh Mohammed", "Khalid Shaykh Muhammad"),
        ("Халид Шейх Мохаммед", "Khalid Shaykh Muhammad"),
        ("AL-TIKRITI, Saddam Hussein", "Saddam Hussein al-Tikriti"),
        ("Saleh Binladin", "bin Ladin, Saleh"),
        ("جبهة النصرة لأهل الشام", "AL-NUSRAH FRONT FOR THE PEOPLE OF THE LEVANT"),
        ("شركة الكوثر للتجارة", "Al Kawthar Trading Co."),
        ("Aleksandr Petrov", "Александр Петров"),
        ("J. Robert Oppenheimer", "Julius Robert Oppenheimer"),
        ("Mohammed Omar Gulam Naby", "MOHAMMED OMAR GHULAM NABI"),
    ] {
        let one = compare(a, b);
        assert!(one.score >= THRESHOLD, "{a} | {b}: {one:?}");
        let other = compare(b, a);
        assert!(other.score >= THRESHOLD, "{b} | {a}: {other:?}");
    }
}

#[test]
fn different_names_do_not_match_however_near_their_letters_are() {
    for (a, b) in [
        ("Hassan Ali al-Tikriti", "Hussein Ali al-Tikriti"),
        ("حسن علي التكريتي", "Hussein Ali al-Tikriti"),
        ("سالم أحمد الفارسي", "Salim Ahmad al-Farisi Nasr Omar"),
        ("Muhammad Ahmad", "Mahmud Ahmad"),
        ("محمد علي", "Muhammad Ali Hassan al-Masri"),
        ("Omar", "Omar Abdel Rahman"),
        ("Islamic Relief Foundation", "Islamic State"),
        ("Bank of Beirut", "Bank of Baghdad"),
        ("Jean Dupont", "محمد عمر"),
        ("", "Muhammad Omar"),
        ("و في من", "Muhammad Omar"),
        ("12345", "Muhammad Omar"),
    ] {
        let one = compare(a, b);
        assert!(one.score < THRESHOLD, "{a} | {b}: {one:?}");
    }
}

#[test]
fn a_score_says_which_part_matched_which_by_what_rule() {
    let why = compare("محمد بن يوسف الجبوري", "MOHAMMED YUSUF AL-JUBURI KHALID").why;
    let part = |query: &str| why.parts.iter().find(|p| p.query == query).unwrap();
    assert_eq!((part("محمد").listed.as_str(), part("محمد").rule), ("mohammed", Rule::Variant));
    assert_eq!(part("محمد").group.as_deref(), Some("muhammad"));
    assert_eq!((part("الجبوري").listed.as_str(), part("الجبوري").rule), ("juburi", Rule::Transliteration));
    assert_eq!(why.unmatched_listed, ["khalid"]);
    assert_eq!(why.unmatched_query, ["بن"]);
    assert!(why.query_latin.is_some() && why.listed_latin.is_none());
    assert!(why.bits > 15.0, "{}", why.bits);
}

#[test]
fn common_names_say_less_than_rare_ones() {
    let common = compare("Muhammad Ahmad", "Muhammad Ahmad");
    let rare = compare("Shihabuddin Zawahiri", "Shihabuddin Zawahiri");
    assert!(common.why.bits < rare.why.bits && common.score < rare.score, "{} {}", common.score, rare.score);
}

#[test]
fn what_a_name_hides_is_told_and_does_not_help_it() {
    let fake = compare("Оsama bіn Laden", "Osama bin Laden"); // Cyrillic О and і
    assert_eq!(fake.why.odd, [Oddity::LookAlikes]);
    assert!(fake.score >= THRESHOLD);
    let turned = compare("\u{202E}Osama\u{200B} bin Laden", "Osama bin Laden");
    assert_eq!(turned.why.odd, [Oddity::DirectionMarks, Oddity::Unseen]);
    assert!(turned.score >= THRESHOLD);
}

#[test]
fn screening_gives_the_best_name_of_a_subject_once_and_in_order() {
    let screener = Screener::new(vec![
        listed("1", &["Usama Muhammed Awad bin Laden", "Usama bin Ladin", "The Emir"]),
        listed("2", &["Saad bin Laden"]),
        listed("3", &["Abdul Rahman", "Abu Hamza"]),
        listed("4", &["Abu Salma", "Abdurrahman"]),
    ]);
    let mut session = Session::default();
    let hits = screener.screen(&query("أسامة بن لادن"), &Wanted::default(), &mut session);
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!((hits[0].id.as_str(), hits[0].matched_name.as_str()), ("1", "Usama bin Ladin"));
    assert_eq!(hits[0].grade, Grade::Possible, "a name alone is never more");
    // equal scores: the primary name before the alias
    let hits = screener.screen(&query("عبد الرحمن"), &Wanted { threshold: 0.5, top: 5 }, &mut session);
    assert_eq!(hits.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    let hits = screener.screen(&query("عبد الرحمن"), &Wanted { threshold: 0.5, top: 1 }, &mut session);
    assert_eq!(hits.len(), 1);
    assert!(screener.screen(&query("Jean Dupont"), &Wanted::default(), &mut session).is_empty());
    assert!(screener.screen(&query("\u{202E}()[]"), &Wanted::default(), &mut session).is_empty());
}

#[test]
fn facts_raise_and_lower_a_score_and_never_hide_a_name_that_fits() {
    let mut subject = listed("1", &["Muhammad Yusuf al-Juburi"]);
    subject.facts =
        Facts { born: vec![(1970, 1970)], countries: vec!["Iraq".into()], identifiers: vec!["A 123-456".into()] };
    let screener = Screener::new(vec![subject.clone()]);
    let ask = |facts: Facts| {
        let query = Query { name: "محمد يوسف الجبوري".into(), facts };
        screener.screen(&query, &Wanted::default(), &mut Session::default()).remove(0)
    };
    let alone = ask(Facts::default());
    let born = ask(Facts { born: vec![(1970, 1970)], ..Facts::default() });
    let other = ask(Facts { born: vec![(1999, 1999)], ..Facts::default() });
    let number =
        ask(Facts { identifiers: vec!["a123456".into()], countries: vec!["العراق".into()], ..Facts::default() });
    assert_eq!(
        [alone.grade, born.grade, other.grade, number.grade],
        [Grade::Possible, Grade::Likely, Grade::Unlikely, Grade::Strong]
    );
    assert!(other.score < alone.score && alone.score < born.score && born.score < number.score);
    assert_eq!(alone.why.name_score, other.why.name_score, "the name's own score stays what it is");
    let two =
        compare_with("Ali Hassan", "علي حسن", &Facts { born: vec![(1950, 1950)], ..Facts::default() }, &subject.facts);
    assert!(two.why.is_contradicted());
}

#[test]
fn weak_aliases_are_marked_and_count_less() {
    let mut subject = listed("1", &["Ibrahim Awwad al-Badri"]);
    subject.names.push(ListedName { text: "Shihab al-Samarrai".into(), weak: true });
    let strong = Screener::new(vec![listed("1", &["Shihab al-Samarrai"])]);
    let weak = Screener::new(vec![subject]);
    let ask = |s: &Screener| {
        s.screen(&query("شهاب السامرائي"), &Wanted { threshold: 0.5, top: 1 }, &mut Session::default()).remove(0)
    };
    let (strong, weak) = (ask(&strong), ask(&weak));
    assert!(weak.weak_alias && !strong.weak_alias && weak.score < strong.score);
}

#[test]
fn a_session_changes_no_answer() {
    let names = ["Muhammad Ali", "محمد علي حسن", "Ali Hassan", "عبد الله يوسف", "Yusuf Abdallah", "Hasan Mohamed"];
    let screener = Screener::new(names.iter().enumerate().map(|(i, n)| listed(&i.to_string(), &[n])).collect());
    let wanted = Wanted { threshold: 0.1, top: 10 };
    let mut session = Session::default();
    for name in names.iter().chain(names.iter().rev()) {
        let fresh = screener.screen(&query(name), &wanted, &mut Session::default());
        assert_eq!(screener.screen(&query(name), &wanted, &mut session), fresh);
    }
    // nor does one that was used with other lists
    let other = Screener::new(vec![listed("x", &["Ali Muhammad"]), listed("y", &["Yusuf Abdallah"])]);
    let fresh = other.screen(&query("Yusuf Abdallah"), &wanted, &mut Session::default());
    assert_eq!(other.screen(&query("Yusuf Abdallah"), &wanted, &mut session), fresh);
}

proptest! {
    #[test]
    fn any_text_gives_a_score_between_0_and_1_and_the_same_both_times(a in "\\PC{0,40}", b in "[a-zA-Zاأبتجحخدرزسشصعغفقكلمنهوي ʿ'.-]{0,40}") {
        let one = compare(&a, &b);
        prop_assert!((0.0..=1.0).contains(&one.score));
        prop_assert_eq!(&one, &compare(&a, &b));
        // a name matches itself part by part, and nothing is left open
        let whole = compare(&b, &b).why;
        prop_assert!(whole.unmatched_query.is_empty() && whole.unmatched_listed.is_empty(), "{whole:?}");
        prop_assert!(whole.parts.iter().all(|p| p.likeness == 1.0 && p.rule == Rule::Same), "{whole:?}");
    }

    /// The index finds what comparing one by one finds: it may not lose a name that scores above the threshold.
    #[test]
    fn filing_loses_no_match(seed in 0usize..10_000) {
        const PARTS: [&str; 24] = [
            "Muhammad", "Ahmed", "Yusuf", "Khalid", "Ibrahim", "Zawahiri", "Tikriti", "Haqqani", "Djamel", "Abd al-Rahman",
            "محمد", "أحمد", "يوسف", "خالد", "إبراهيم", "الظواهري", "التكريتي", "حقاني", "جمال", "عبد الرحمن", "Walid",
            "وليد", "Shuwaykh", "الشويخ",
        ];
        let name = |i: usize| {
            let part = |k: usize| PARTS[(i.wrapping_mul(7919).wrapping_add(k * 31 + i / (k + 1))) % PARTS.len()];
            (0..2 + i % 3).map(part).collect::<Vec<_>>().join(" ")
        };
        let names: Vec<String> = (0..30).map(|i| name(seed + i)).collect();
        let screener = Screener::new(names.iter().enumerate().map(|(i, n)| listed(&i.to_string(), &[n])).collect());
        let asked = name(seed + 1_000);
        let wanted = Wanted { threshold: THRESHOLD, top: 100 };
        let mut found: Vec<String> =
            screener.screen(&query(&asked), &wanted, &mut Session::default()).into_iter().map(|h| h.id).collect();
        let mut every: Vec<String> = (0..names.len())
            .filter(|i| compare(&asked, &names[*i]).score >= THRESHOLD)
            .map(|i| i.to_string())
            .collect();
        found.sort();
        every.sort();
        prop_assert_eq!(found, every);
    }
}
