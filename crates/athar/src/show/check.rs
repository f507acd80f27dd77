//! A decision about a withdrawal as text, in English and Arabic.

use super::words::{plain_table, safe, told};
use crate::args::Tongue;
use athar_desk::KeptDecision;
use athar_engine::UnixTime;
use athar_engine::policy::Answer;
use athar_engine::read::{DecidedBy, DecisionView, ReasonView, StoreState};

/// Labels of a reason that are shown; JSON has all that the view has.
const LABELS_SHOWN: usize = 3;

fn say(tongue: Tongue, en: &'static str, ar: &'static str) -> &'static str {
    match tongue {
        Tongue::En => en,
        Tongue::Ar => ar,
    }
}

fn answer(answer: Answer, tongue: Tongue) -> &'static str {
    match answer {
        Answer::Allow => say(tongue, "allow", "السماح"),
        Answer::Review => say(tongue, "review", "المراجعة"),
        Answer::Hold => say(tongue, "hold", "الإيقاف"),
    }
}

fn decided_by(by: DecidedBy, tongue: Tongue) -> &'static str {
    match by {
        DecidedBy::Rules => say(tongue, "the rules", "القواعد"),
        DecidedBy::Limit => say(tongue, "the time limit", "المهلة"),
        DecidedBy::Staleness => say(tongue, "the state of the store", "تأخّر قاعدة البيانات"),
        DecidedBy::Error => say(tongue, "a failure", "عطل"),
    }
}

pub(crate) fn decision(view: &DecisionView, tongue: Tongue) -> String {
    let t = |en, ar| say(tongue, en, ar);
    let mut out = format!(
        "{}: {} ({} {})\n",
        t("decision", "القرار"),
        answer(view.decision, tongue),
        t("by", "بحكم"),
        decided_by(view.decided_by, tongue)
    );
    let mut line = |name: &str, value: String| out.push_str(&format!("  {name}: {value}\n"));
    line(t("address", "العنوان"), format!("{} ({})", safe(&view.address), view.chain));
    let amount = view.amount.as_ref().or(view.units.as_ref());
    if let Some(amount) = amount {
        let unit = if view.units.is_some() { t(" smallest units", " وحدة صغرى") } else { "" };
        let asset = view.asset.as_deref().map(|asset| format!(" {}", safe(asset))).unwrap_or_default();
        line(t("amount", "المبلغ"), format!("{amount}{unit}{asset}"));
    }
    if let Some(reference) = &view.reference {
        line(t("reference", "المرجع"), safe(reference));
    }
    match view.same_entity {
        Some(true) => line(t("own address", "عنوانكم"), t("of the same entity", "من الكيان نفسه").into()),
        Some(false) => line(t("own address", "عنوانكم"), t("of another entity", "من كيان آخر").into()),
        None => {}
    }
    if let Some(policy) = &view.policy {
        let table = if policy.has_table {
            t("its own table", "بجدولها")
        } else {
            t("the shipped table", "بالجدول المرفق")
        };
        line(t("policy", "السياسة"), format!("{}@{}, {table}", safe(&policy.name), &policy.version[..12]));
    }
    let depth = match view.depth {
        None => t("nothing could be looked up", "تعذّر البحث").to_string(),
        Some(depth) => {
            let whole = if view.complete { t("complete", "كامل") } else { t("not complete", "غير كامل") };
            format!("{}, {whole}", depth.name())
        }
    };
    line(t("looked at", "عمق النظر"), depth);
    if let Some(knowledge) = &view.knowledge {
        let height = knowledge.tip_height.map_or_else(|| "-".into(), |height| height.to_string());
        let time = knowledge.tip_time.as_deref().unwrap_or("-");
        let age = knowledge.tip_age_s.map_or_else(|| "-".into(), |age| age.to_string());
        let store = match knowledge.store {
            StoreState::Current => "",
            StoreState::Older(_) => t(", an older state of the store", "، حالة سابقة من قاعدة البيانات"),
            StoreState::Missing(_) => t(", the store is gone", "، قاعدة البيانات غير موجودة"),
        };
        line(t("last block", "آخر كتلة"), format!("{height} ({time}, {age} {}){store}", t("seconds ago", "ثانية مضت")));
        let day = |day: Option<athar_engine::Day>| day.map_or_else(|| "-".into(), |day| day.to_string());
        line(
            t("labels and lists of", "التصنيفات والقوائم حتى"),
            format!("{}, {}", day(knowledge.labels_day), day(knowledge.lists_day)),
        );
    }
    line(t("took", "استغرق"), format!("{:.1} ms / {} ms", view.took_ms, view.time_limit_ms));
    let kept = view.kept.map_or_else(|| t("not kept", "لم يُحفظ").into(), |id| id.to_string());
    line(t("kept as", "رقم الحفظ"), kept);
    out.push_str(t("reasons\n", "الأسباب\n"));
    for of in &view.reasons {
        out.push_str(&reason(of, tongue));
    }
    for note in &view.notes {
        out.push_str(&format!("{}: {}\n", t("note", "ملاحظة"), told(note, tongue)));
    }
    match &view.snapshot {
        Some(snapshot) => out.push_str(&format!("{} {snapshot}\n", t("snapshot", "اللقطة"))),
        None => out.push_str(t(
            "no snapshot: the same question may be answered otherwise\n",
            "لا لقطة: قد يختلف جواب السؤال نفسه\n",
        )),
    }
    out
}

fn reason(of: &ReasonView, tongue: Tongue) -> String {
    let answer = of.answer.map_or("-", |a| answer(a, tongue));
    let rule = of.rule.as_deref().map(|rule| format!(" [{}]", safe(rule))).unwrap_or_default();
    let mut out = format!("  {answer}: {}{rule}\n", told(&of.says, tongue));
    for statement in of.evidence.iter().take(LABELS_SHOWN) {
        out.push_str(&format!(
            "    {} — {} ({}, {})\n",
            safe(&statement.label),
            safe(&statement.entity),
            statement.category.name(),
            statement.basis.name()
        ));
    }
    if !of.labels.is_empty() {
        let more = if of.labels.len() > LABELS_SHOWN { ", …" } else { "" };
        let labels: Vec<&str> = of.labels.iter().take(LABELS_SHOWN).map(String::as_str).collect();
        out.push_str(&format!("    {}: {}{more}\n", say(tongue, "labels", "التصنيفات"), labels.join(", ")));
    }
    for listed in &of.listed {
        out.push_str(&format!("    {}\n", safe(&listed.found.id)));
    }
    out
}

pub(crate) fn decisions_kept(rows: &[KeptDecision]) -> String {
    let rows = rows.iter().map(|row| {
        let time = UnixTime(u32::try_from(row.at_ms / 1000).unwrap_or(u32::MAX));
        vec![
            row.id.to_string(),
            time.to_string(),
            row.decision.clone(),
            row.decided_by.clone(),
            row.chain.clone(),
            safe(&row.address),
            row.reference.as_deref().map(safe).unwrap_or_default(),
        ]
    });
    plain_table(&["number", "time", "decision", "by", "chain", "address", "reference"], rows.collect())
}
