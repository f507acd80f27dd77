//! What a report says, and that it says it in both languages.

use crate::common;

use athar_engine::read::{Direction, Evidence, InferredRuleView, ServiceFiguresView, ServiceRateView, ShareView};
use athar_engine::{Level, Usd};
use athar_report::{Language, ReportError, render};
use athar_types::{Basis, Category, Relation};
use common::{Case, address, campaign, hash, screen, statement};

/// The part of the document in one language.
fn part<'a>(html: &'a str, code: &str) -> &'a str {
    let start = html.find(&format!("<article id=\"{code}\"")).unwrap();
    let len = html[start..].find("</article>").unwrap();
    &html[start..start + len]
}

/// Its visible text: no tags, entities decoded, white space as one space.
fn text(html: &str) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                out.push(' ');
            }
            c if !in_tag => out.push(c),
            _ => {}
        }
    }
    let decoded = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")]
        .iter()
        .fold(out, |text, (entity, c)| text.replace(entity, c));
    decoded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_languages_are_complete_and_marked_with_language_and_direction() {
    let html = campaign().html();
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(html.contains("<article id=\"en\" lang=\"en\" dir=\"ltr\">"));
    assert!(html.contains("<article id=\"ar\" lang=\"ar\" dir=\"rtl\">"));
    let [en, ar] = ["en", "ar"].map(|code| part(&html, code));
    for (tag, what) in
        [("<h2", "sections"), ("<table", "tables"), ("<tr", "rows"), ("<svg", "diagrams"), ("<li", "items")]
    {
        let count = |html: &str| html.matches(tag).count();
        assert!(count(en) > 0, "{what}");
        assert_eq!(count(en), count(ar), "{what}");
    }
    // every hash and amount that one language shows, the other shows as well
    let values = |html: &str| {
        let mark = "<bdi dir=\"ltr\" class=\"m";
        let mut values: Vec<String> =
            html.split(mark).skip(1).map(|s| s.split_once('>').unwrap().1.split_once('<').unwrap().0.into()).collect();
        values.sort();
        values
    };
    let (of_en, of_ar) = (values(en), values(ar));
    assert!(of_en.len() > 300);
    let differing = of_en.iter().zip(&of_ar).find(|(a, b)| a != b);
    assert_eq!((differing, of_en.len()), (None, of_ar.len()));
    assert!(text(ar).contains("تقرير تحقيق") && text(ar).contains("نداء عائلات الشمال"));
    assert!(text(en).contains("Investigation report The appeal of the northern families"));
}

#[test]
fn the_language_asked_for_is_the_one_shown_first() {
    let case = campaign();
    for language in Language::ALL {
        let html = render(&case.report(language)).unwrap();
        let checked: Vec<&str> = html.lines().filter(|l| l.starts_with("<input") && l.contains(" checked>")).collect();
        assert_eq!(checked.len(), 1);
        assert!(checked[0].contains(&format!("id=\"pick-{}\"", language.code())));
        assert!(html.contains(&format!("<html lang=\"{}\">", language.code())));
    }
}

#[test]
fn the_same_case_gives_the_same_bytes_and_no_trace_of_the_machine() {
    let html = campaign().html();
    assert_eq!(html, campaign().html());
    assert!(!html.contains("secret-store"), "the store's folder is nobody's business");
}

#[test]
fn every_statement_is_said_with_its_level_basis_and_transactions_in_both_languages() {
    let case = campaign();
    let html = case.html();
    for code in ["en", "ar"] {
        let part = part(&html, code);
        let mut number = 0;
        for statement in case.screens.iter().flat_map(|s| &s.statements) {
            number += 1;
            assert_eq!(part.matches(&format!("id=\"{code}-e{number}\"")).count(), 1);
            assert!(part.contains(&format!("href=\"#{code}-e{number}\"")));
            for evidence in &statement.evidence {
                match evidence {
                    Evidence::Label { subject, pack, line, .. } => {
                        assert!(part.contains(subject.as_str()) && part.contains(pack.as_str()));
                        assert!(part.contains(&format!(">{line}</bdi>")));
                    }
                    Evidence::Merge { txid, joins, .. } => {
                        assert!(part.contains(txid.as_str()) && joins.iter().all(|a| part.contains(a.as_str())));
                    }
                    Evidence::Path { steps, .. } => {
                        for step in steps {
                            assert!(part.contains(&format!("{}:{}", step.txid, step.vout)));
                        }
                    }
                    Evidence::Transfer { transfer } => {
                        assert!(transfer.tx.iter().all(|tx| part.contains(tx.as_str())));
                    }
                    Evidence::Issuer { act } => assert!(part.contains(act.tx.as_str())),
                    Evidence::Cut { .. } => {}
                }
            }
        }
        assert_eq!(number, 6);
    }
    let [en, ar] = ["en", "ar"].map(|code| text(part(&html, code)));
    assert!(en.contains("Received money directly from Coupon Corner (coupon service)."));
    assert!(ar.contains("تلقّى مالًا مباشرة من Coupon Corner (خدمة قسائم)."));
    assert!(en.contains("Sent money that reached Bosphorus Exchange (high-risk exchange) through others."));
    assert!(ar.contains("أرسل مالًا وصل إلى Bosphorus Exchange (منصّة تداول عالية المخاطر) عبر آخرين."));
}

#[test]
fn ownership_counterparty_and_indirect_stay_apart_and_empty_ones_are_not_called_clean() {
    let html = campaign().html();
    for code in ["en", "ar"] {
        let part = part(&html, code);
        let heads: &[&str] = match code {
            "en" => &["The address itself and its entity", "Direct counterparties", "Indirect exposure"],
            _ => &["العنوان نفسه وكيانه", "الأطراف المقابلة المباشرة", "التعرّض غير المباشر"],
        };
        // two of the three targets have statements, and each shows all three groups
        for head in heads {
            assert_eq!(part.matches(&format!("<h4>{head}</h4>")).count(), 2, "{head}");
        }
    }
    let en = text(part(&html, "en"));
    assert!(en.contains("Nothing is known. That does not mean that it is clean"));
    assert!(en.contains("No labelled direct counterparty was found."));
    let mut case = campaign();
    case.screens = vec![screen(&address(600), Level::Unknown, Vec::new())];
    let html = case.html();
    assert!(text(part(&html, "ar")).contains("لا يُعرف عنه شيء. ولا يعني هذا أنه سليم"));
}

#[test]
fn a_complaint_is_called_an_allegation_and_a_designation_decided() {
    let mut case = campaign();
    let own = |basis| {
        let mut own = statement(Relation::Ownership, Category::TerroristFinancing, Level::High, basis, "X");
        own.evidence = vec![common::label(&address(1), "X", basis, 3)];
        own
    };
    let mark = |html: &str, code: &str| {
        let part = part(html, code).to_string();
        let at = part.find("class=\"mk mk-").unwrap() + 13;
        let rest = &part[at..];
        (rest[..rest.find('"').unwrap()].to_string(), text(&format!("<{}", &rest[..rest.find("</span>").unwrap()])))
    };
    for (basis, class, en, ar) in [
        (Basis::Complaint, "allegation", "allegation", "ادّعاء"),
        (Basis::ThirdPartyClaim, "allegation", "allegation", "ادّعاء"),
        (Basis::SeizureOrder, "measure", "measure, not a judgment", "تدبير لا حكم"),
        (Basis::Designation, "decided", "decided", "مبتوت فيه"),
    ] {
        case.screens = vec![screen(&address(1), Level::High, vec![own(basis)])];
        case.entity = None;
        let html = case.html();
        assert_eq!(mark(&html, "en"), (class.into(), en.into()));
        assert_eq!(mark(&html, "ar"), (class.into(), ar.into()));
    }
}

#[test]
fn a_disputed_label_is_shown_as_disputed_with_the_reason_escaped() {
    let mut case = campaign();
    let html = case.html();
    for (code, word) in [("en", "Disputed:"), ("ar", "محل نزاع:")] {
        let part = part(&html, code);
        assert!(part.matches(word).count() >= 2, "in the finding and in the evidence");
        assert!(part.contains("the owner &lt;contests&gt; it") && !part.contains("<contests>"));
    }
    case.screens = vec![screen(&address(1), Level::Unknown, Vec::new())];
    case.entity = None;
    assert!(!case.html().contains("Disputed:"), "and where nothing is disputed nothing says so");
}

#[test]
fn the_amounts_of_the_trace_are_shown_and_add_up_to_its_source() {
    let case = campaign();
    let html = case.html();
    let sats = |text: &str| text.parse::<athar_engine::Sats>().unwrap().0;
    for code in ["en", "ar"] {
        let part = part(&html, code);
        let table = &part[part.find(&format!("aria-labelledby=\"{code}-balance\"")).unwrap()..];
        let table = &table[..table.find("</table>").unwrap()];
        let amounts: Vec<u64> = table
            .split("class=\"m\">")
            .skip(1)
            .map(|s| s.split_once('<').unwrap().0)
            .filter(|s| !s.ends_with('%'))
            .map(sats)
            .collect();
        let (whole, lines) = amounts.split_last().unwrap();
        assert_eq!(*whole, case.trace.source_sat);
        assert_eq!(lines.iter().sum::<u64>(), case.trace.source_sat);
        for place in case.trace.stopped.iter().chain(&case.trace.held) {
            assert!(part.contains(&format!("{}:{}", place.txid, place.vout)));
            assert!(part.contains(&athar_engine::Sats(place.amount_sat).to_string()));
        }
    }
}

#[test]
fn a_trace_that_does_not_add_up_is_refused() {
    let refuse = |change: fn(&mut Case), what: &str| {
        let mut case = campaign();
        change(&mut case);
        match render(&case.report(Language::English)) {
            Err(error @ ReportError::Unbalanced { .. }) => assert!(error.to_string().contains(what), "{error}"),
            other => panic!("{what}: {}", if other.is_ok() { "written" } else { "another error" }),
        }
    };
    refuse(|c| c.trace.fee_sat += 1, "the whole trace");
    refuse(|c| c.trace.source_sat -= 1, "the whole trace");
    refuse(|c| c.trace.stopped[0].amount_sat -= 1, "what stopped");
    refuse(|c| c.trace.held[0].amount_sat += 1, "what is unspent");
    refuse(|c| c.trace.bounded[0].amount_sat += 1, "what was left at bounds");
    refuse(
        |c| {
            c.trace.places_truncated = true;
            c.trace.held[0].amount_sat += c.trace.held_sat;
        },
        "what is unspent",
    );
}

#[test]
fn an_origin_that_is_no_backward_trace_of_the_same_target_is_refused() {
    let mut case = campaign();
    case.origin = Some(case.trace.clone());
    assert!(matches!(render(&case.report(Language::English)), Err(ReportError::Origin { .. })));
    case.origin = campaign().origin.map(|o| athar_engine::read::TraceView { target: address(2), ..o });
    assert!(matches!(render(&case.report(Language::English)), Err(ReportError::Origin { .. })));
}

#[test]
fn a_backward_trace_tells_where_the_money_came_from() {
    let mut case = campaign();
    case.trace = case.origin.take().unwrap();
    let html = case.html();
    let [en, ar] = ["en", "ar"].map(|code| text(part(&html, code)));
    assert!(en.contains("is traced back to") || en.contains("traced back to 2 labelled services"));
    assert!(en.contains("The services it came from") && en.contains("Oasis Exchange"));
    assert!(ar.contains("الخدمات التي جاء منها المال"));
    assert!(en.contains("--backward --hops 1"));
}

#[test]
fn an_invented_world_is_called_invented_and_a_real_one_is_not() {
    let case = campaign();
    let html = case.html();
    assert!(text(part(&html, "en")).contains("Everything in this report is invented"));
    assert!(text(part(&html, "ar")).contains("كل ما في هذا التقرير مُختلَق"));
    let mut report = case.report(Language::English);
    report.simulated = None;
    let html = render(&report).unwrap();
    assert!(!html.contains("invented") && !html.contains("مُختلَق"), "style aside, nothing may say so");
}

#[test]
fn snapshots_commands_and_limits_are_there() {
    let case = campaign();
    let html = case.html();
    for code in ["en", "ar"] {
        let part = part(&html, code);
        let snapshots = case.screens.iter().filter_map(|s| s.snapshot.as_ref()).chain([
            case.trace.snapshot.as_ref().unwrap(),
            case.origin.as_ref().unwrap().snapshot.as_ref().unwrap(),
            &case.entity.as_ref().unwrap().snapshot,
            &case.explain.as_ref().unwrap().snapshot,
        ]);
        for snapshot in snapshots {
            assert!(part.contains(snapshot.as_str()));
        }
        for command in case.reproduce.iter().map(String::as_str).chain(["athar trace ", "athar explain "]) {
            assert!(text(part).contains(command), "{command}");
        }
        assert!(part.contains(&hash(1)), "the hash of the last block");
        assert!(["374,416", "0.0024%"].iter().all(|figure| text(part).contains(figure)), "the measured error rate");
    }
}

#[test]
fn directions_hops_and_shares_are_those_of_the_statement() {
    let mut case = campaign();
    let mut sent = statement(Relation::Indirect, Category::Mixer, Level::Low, Basis::OwnAnalysis, "M");
    sent.direction = Some(Direction::Sent);
    sent.amount_sat = Some(123_456_789);
    sent.share = Some(athar_engine::Millionths(250_000));
    sent.hops_min = Some(17);
    case.screens = vec![screen(&address(1), Level::Low, vec![sent])];
    let html = case.html();
    let en = text(part(&html, "en"));
    assert!(en.contains("Sent money that reached M (mixer) through others."));
    assert!(en.contains("1.23456789 BTC no price 25.0% of all it sent 17"));
    assert!(en.contains("The answer lists no evidence for this statement."));
}

#[test]
fn no_price_is_said_and_a_sum_names_the_part_that_has_none() {
    let mut case = campaign();
    let mut paid = statement(Relation::Counterparty, Category::Exchange, Level::None, Basis::ThirdPartyClaim, "X");
    (paid.direction, paid.amount_sat, paid.hops_min) = (Some(Direction::Sent), Some(300_000_000), Some(1));
    (paid.usd, paid.unpriced_sat) = (Some(Usd(4_200_050)), Some(100_000_000));
    case.screens = vec![screen(&address(1), Level::None, vec![paid])];
    case.entity.as_mut().unwrap().balance_usd = None;
    let source_sat = case.trace.source_sat;
    (case.trace.source_usd, case.trace.source_unpriced_sat) = (None, source_sat);
    // one place of those that a service holds has no price
    let service = case.trace.stopped[0].label.clone();
    let (gone, left): (Vec<_>, Vec<_>) = {
        let of_service = case.trace.stopped.iter_mut().filter(|p| p.label == service);
        let mut of_service: Vec<_> = of_service.collect();
        of_service[0].usd = None;
        (vec![of_service[0].amount_sat], of_service[1..].iter().map(|p| p.usd.unwrap().0).collect())
    };
    assert!(!left.is_empty(), "a service with one place cannot be priced in part");
    let html = case.html();
    for (code, none, partly) in
        [("en", "no price", "and {} BTC without a price"), ("ar", "لا سعر", "إضافةً إلى {} BTC بلا سعر")]
    {
        let part = text(part(&html, code));
        let partly = |sat: u64| partly.replace("{}", &athar_engine::Sats(sat).to_string());
        let statement = format!("3.00000000 BTC 42,000.50 USD {}", partly(100_000_000));
        assert!(part.contains(&statement), "{code} lacks `{statement}`");
        let balance = format!("0.03000000 BTC ({none})");
        assert!(part.contains(&balance), "{code} lacks `{balance}`");
        let source = format!("{} BTC ({none})", athar_engine::Sats(source_sat));
        assert!(part.contains(&source), "{code} lacks `{source}`");
        let cents: u64 = left.iter().sum();
        let whole = cents / 100;
        assert!(whole < 1_000_000);
        let dollars = if whole < 1_000 { whole.to_string() } else { format!("{},{:03}", whole / 1_000, whole % 1_000) };
        let row = format!("{dollars}.{:02} {}", cents % 100, partly(gone[0]));
        assert!(part.contains(&row), "{code} lacks `{row}`");
    }
    // in the drawing as well
    let drawing = &html[html.find("<svg").unwrap()..html.find("</svg>").unwrap()];
    assert!(drawing.contains("(no price)") && drawing.contains("without a price)"), "{drawing}");
}

#[test]
fn an_inferred_service_is_said_to_be_inferred_with_its_numbers_and_its_rate() {
    let mut case = campaign();
    let plain = case.html();
    assert!(!text(&plain).contains("acts like a service"));
    let share = |wrong, of| ShareView { wrong, of, share_wrong_min: None, share_wrong_max: None };
    let figures = ServiceFiguresView {
        addresses: 3,
        days: 90,
        receipts: 2_345,
        coinbases: 0,
        made: 400,
        sweeps: 40,
        batches: 50,
        payers: 1_234,
        paid: 567,
        both: 8,
        received_sat: 9,
        sent_sat: 8,
        sampled: 3,
        deposits: 2,
    };
    let rate = ServiceRateView {
        set: "simulated",
        entities: share(3, 77),
        payments: share(0, 9),
        missed: share(0, 9),
        campaigns: share(0, 9),
    };
    let rule = InferredRuleView {
        name: "exchange-like".into(),
        rules_version: 1,
        figures_version: 1,
        claims: String::new(),
        conditions: Vec::new(),
        stops_traces: true,
        rate: Some(rate),
    };
    let entity = case.entity.as_mut().unwrap();
    entity.inferred_service.status = "recognised";
    entity.inferred_service.figures = Some(figures);
    entity.inferred_service.rule = Some(rule);
    let html = case.html();
    let [en, ar] = ["en", "ar"].map(|code| text(part(&html, code)));
    assert!(en.contains("acts like a service (rule exchange-like , version 1.1 )") && en.contains("no label says it"));
    assert!(ar.contains("exchange-like") && ar.contains("مُستنتَج"));
    for part in [&en, &ar] {
        assert!(["1,234", "567", " 3 ", "77"].iter().all(|number| part.contains(number)), "{part}");
    }
    assert!(en.contains("A trace stops here"));
    let entity = case.entity.as_mut().unwrap();
    entity.inferred_service.rule.as_mut().unwrap().stops_traces = false;
    assert!(text(&case.html()).contains("a label of the entity decides that"));
    let entity = case.entity.as_mut().unwrap();
    (entity.inferred_service.status, entity.inferred_service.rule) = ("not-evaluated", None);
    assert!(text(&case.html()).contains("Whether it acts like a service was not evaluated"));
}
