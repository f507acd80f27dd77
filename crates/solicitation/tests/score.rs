//! The score on made-up passages: what it needs, what counts against it, and what hides it not.

use athar_solicitation::{Groups, Language, Lexicon, Passage, ReasonKind, Scorer, Solicitation, TEXT_MAX};
use proptest::prelude::*;

fn scorer() -> Scorer {
    Scorer::new(Groups::new([("g1", "Zalmura Front"), ("g1", "جبهة زلمورا"), ("g1", "Zalmura Cephesi")]))
}

fn score(segment: &str, addresses_inside: u32) -> Solicitation {
    scorer().score(&Passage { segment, addresses_inside, ..Passage::default() })
}

fn points(told: &Solicitation, kind: ReasonKind) -> i32 {
    told.reasons.iter().filter(|r| r.kind == kind).map(|r| r.points).sum()
}

const ASKS: [&str; 8] = [
    "Send your donation to the mujahideen, bitcoin only",
    "أرسلوا تبرعاتكم إلى المجاهدين بالبيتكوين",
    "Envoyez vos dons aux combattants du front, en bitcoin",
    "Cephedeki mücahitlere bağışlarınızı bitcoin ile gönderin",
    "שלחו את תרומתכם ללוחמים בחזית, בביטקוין",
    "کمک‌های خود را با بیت‌کوین برای مجاهدین بفرستید",
    "مجاہدین کے لیے اپنے عطیات بٹ کوائن میں بھیجیں",
    "Отправьте пожертвования моджахедам на фронт, биткоин",
];

#[test]
fn asking_for_fighters_with_an_address_solicits_in_all_eight_languages() {
    for text in ASKS {
        let told = score(text, 1);
        assert!(told.solicits, "{text}: {told:?}");
        assert!(points(&told, ReasonKind::Together) > 0, "{text}");
        assert_eq!(told.lexicon, Lexicon::embedded().version());
    }
}

#[test]
fn reports_of_the_same_words_do_not() {
    for text in [
        "Police said the post by the group read \"Send your donation to the mujahideen, bitcoin only\", a court document shows.",
        "قالت النيابة إن منشور الجماعة المحظورة جاء فيه «أرسلوا تبرعاتكم إلى المجاهدين بالبيتكوين»، وقضت المحكمة بالسجن.",
        "Selon le parquet, le message du groupe terroriste disait « Envoyez vos dons aux combattants du front, en bitcoin ».",
        "Savcılık, örgütün paylaşımında «Cephedeki mücahitlere bağışlarınızı bitcoin ile gönderin» denildiğini açıkladı; sanık tutuklandı.",
        "לפי המשטרה, ארגון הטרור קרא לתומכיו: \"שלחו את תרומתכם ללוחמים בחזית, בביטקוין\". הנאשם הורשע בבית המשפט.",
        "به گزارش خبرگزاری، گروه تروریستی از هواداران خواست: «کمک‌های خود را با بیت‌کوین برای مجاهدین بفرستید». دادگاه متهم را محکوم کرد.",
        "پولیس کے مطابق کالعدم تنظیم نے اپیل کی: «مجاہدین کے لیے اپنے عطیات بٹ کوائن میں بھیجیں»۔ عدالت نے ملزم کو سزا سنائی۔",
        "По данным ФСБ, запрещённая группировка призывала сторонников: «Отправьте пожертвования моджахедам на фронт, биткоин». Суд вынес приговор.",
    ] {
        let told = score(text, 1);
        assert!(!told.solicits, "{text}: {told:?}");
    }
}

#[test]
fn none_of_the_three_can_be_missing() {
    // asking and payment without a cause; cause and payment without asking; asking and cause without payment
    for (text, addresses) in [
        ("Please donate today, send your contribution now, any amount helps. Bitcoin, Monero, USDT wallet:", 3),
        ("mujahideen, the front line, rifles and ammunition, Zalmura Front. Bitcoin Monero wallet", 3),
        (
            "Donate now to the mujahideen on the front line, buy rifles and ammunition for our brothers of the Zalmura Front",
            0,
        ),
    ] {
        let told = score(text, addresses);
        assert!(!told.solicits && points(&told, ReasonKind::Together) == 0, "{text}: {told:?}");
    }
}

#[test]
fn no_kind_nor_any_two_can_reach_the_threshold() {
    let rules = Lexicon::embedded().rules();
    let cap = |kind| rules.caps[&kind];
    let three = [cap(ReasonKind::Donation), cap(ReasonKind::Cause), cap(ReasonKind::Payment)];
    let two: i32 = three.iter().sum::<i32>() - three.iter().min().unwrap() + cap(ReasonKind::Urgency);
    assert!(two < rules.threshold, "{two}");
    let all = three.iter().sum::<i32>() + cap(ReasonKind::Urgency) + rules.together;
    assert!((rules.threshold..=100).contains(&all), "{all}");
}

#[test]
fn a_denied_asking_is_a_refusal_and_an_instruction_is_none() {
    for text in [
        "Never send money to the mujahideen",
        "لا ترسلوا أموالا إلى المجاهدين",
        "N'envoyez jamais d'argent aux moudjahidines",
    ] {
        let told = score(text, 1);
        assert!(!told.solicits && points(&told, ReasonKind::Warning) < 0, "{text}: {told:?}");
    }
    let told = score("Do not send from an exchange, brothers of the Zalmura Front; send your donation in Monero", 1);
    assert!(told.solicits, "{told:?}");
}

#[test]
fn what_hides_a_word_does_not_hide_it_from_the_score() {
    for text in [
        "D0nate b1tcoin to the muj\u{200B}ahideen",
        "D o n a t e bitcoin to the m-u-j-a-h-i-d-e-e-n",
        "تـبـرعـوا بالبيتكوين للمجـــاهدين",
        "ت ب ر ع و ا بالبيتكوين للمجاهدين",
        "Dоnаte bitcoin to the mujahideen", // with Cyrillic letters
    ] {
        let told = score(text, 1);
        assert!(told.solicits, "{text}: {told:?}");
    }
}

#[test]
fn reasons_give_the_words_as_they_stand_there() {
    let told = score("وتـبرعوا لجبهة زلمورا", 1);
    assert!(told.reasons.iter().any(|r| r.words == "وتـبرعوا" && r.entry.starts_with("ar.donation.")), "{told:?}");
    let group = told.reasons.iter().find(|r| r.kind == ReasonKind::Group).unwrap();
    assert_eq!((group.words.as_str(), group.entry.as_str()), ("جبهة زلمورا", "g1"));
    let shown = group.words_in(Language::Ar);
    assert!(shown.contains("جماعة مسماة") && shown.contains("جبهة زلمورا"), "{shown}");
}

#[test]
fn a_group_counts_only_where_it_was_supplied() {
    let passage = Passage { segment: "Donate to the Zalmura Front", addresses_inside: 1, ..Passage::default() };
    let without = Scorer::new(Groups::default()).score(&passage);
    assert!(scorer().score(&passage).solicits && !without.solicits, "{without:?}");
    assert!(without.reasons.iter().all(|r| r.kind != ReasonKind::Group));
}

#[test]
fn what_stands_around_counts_less_than_the_segment() {
    let scorer = scorer();
    let inside = scorer.score(&Passage { segment: ASKS[0], addresses_inside: 1, ..Passage::default() });
    let around =
        scorer.score(&Passage { segment: "the list", before: ASKS[0], addresses_near: 1, ..Passage::default() });
    let title = scorer.score(&Passage { segment: "the list", title: Some(ASKS[0]), ..Passage::default() });
    assert!(around.score < inside.score && around.score > 0, "{around:?}");
    assert!(title.score < inside.score && title.score > 0, "{title:?}");
}

#[test]
fn ordinary_charity_trade_and_scams_do_not_solicit() {
    for text in [
        "We are a registered charity. Your zakat feeds orphans: please donate in bitcoin, a receipt for tax purposes is sent",
        "جمعية خيرية مرخصة تستقبل زكاتكم وصدقاتكم لكفالة الأيتام، أرسلوا تبرعاتكم بالبيتكوين وسيصلكم إيصال",
        "Association reconnue d'utilité publique : faites un don en bitcoin pour les réfugiés, un reçu fiscal vous sera envoyé",
        "Derneğimiz valilik izniyle yardım topluyor, bağışlarınızı gönderin, makbuz verilir",
        "Send 1 BTC to this address and get 2 BTC back, guaranteed profit",
        "The resistance level at 60k held, I sent my bitcoin to a hardware wallet",
    ] {
        let told = score(text, 1);
        assert!(!told.solicits, "{text}: {told:?}");
    }
}

#[test]
fn a_long_text_is_cut_and_a_hostile_one_takes_no_harm() {
    let long = format!("{} {}", "word ".repeat(TEXT_MAX / 5 + 10), ASKS[0]);
    assert_eq!(points(&score(&long, 0), ReasonKind::Cause), 0, "what follows the bound is left out");
    for text in
        ["\u{202E}\u{200B}".repeat(9000), "«".repeat(9000), "a ".repeat(9000), "ا".repeat(9000), "(|*~=)".repeat(2000)]
    {
        assert!(!score(&text, u32::MAX).solicits);
    }
}

proptest! {
    #[test]
    fn any_text_has_a_score_that_its_reasons_explain(segment in "\\PC{0,300}", inside in 0u32..3) {
        let told = score(&segment, inside);
        let sum: i32 = told.reasons.iter().map(|r| r.points).sum();
        prop_assert_eq!(i32::from(told.score), sum.clamp(0, 100));
        prop_assert_eq!(told.solicits, sum >= Lexicon::embedded().rules().threshold);
    }
}
