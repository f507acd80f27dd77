//! A hit in one paragraph, in English and Arabic: the rule's own sentence filled in, then what corroborates it, what is open, and
//! what the severity rests on.

use crate::hit::{GuardResult, Hit, Standing};
use crate::rule::{Rule, Setting};
use crate::{Measures, Sum, Unit};

/// Texts that are shown in Arabic sentences keep their own direction. A text from outside (a place, a list's entry) must not end
/// its own isolation, so such marks in it are left out.
fn isolated(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], ""))
}

fn sum(sum: &Sum, asset: &str) -> String {
    let cents = i64::try_from(sum.cents).unwrap_or(i64::MAX);
    let dollars = Unit::UsdCents.show(cents);
    if sum.units == 0 {
        return format!("0 {asset}");
    }
    if sum.unpriced == 0 {
        return format!("{} {asset} ({dollars})", sum.units);
    }
    format!("{} {asset} ({dollars}; {} unpriced)", sum.units, sum.unpriced)
}

/// What a sentence of a language is filled in with.
struct Words<S> {
    shown: S,
    yes: &'static str,
    no: &'static str,
    unknown: &'static str,
}

fn filled(text: &str, rule: &Rule, hit: &Hit, measures: &Measures, words: &Words<impl Fn(&str) -> String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((word, after)) = after.split_once('}') else { break };
        let value = match word {
            "subject" => hit.subject_text.clone(),
            "start" => athar_types::UnixTime(hit.start).day().to_string(),
            "end" => athar_types::UnixTime(hit.end).day().to_string(),
            "total" => sum(&hit.total, &unit_of(&hit.asset)),
            "linked" => sum(&hit.linked, &unit_of(&hit.asset)),
            "txs" => (hit.txids.len() as u64 + hit.more_txids).to_string(),
            name => {
                let parameter = rule.parameters.get(name).map(|p| &p.value);
                let number = measures.get(name).or(match parameter {
                    Some(Setting::Number(number)) => Some(*number),
                    _ => None,
                });
                match (number, rule.unit(name), parameter) {
                    (Some(0), Some(Unit::Flag), _) => words.no.into(),
                    (Some(_), Some(Unit::Flag), _) => words.yes.into(),
                    (Some(number), Some(unit), _) => unit.show(number),
                    (None, _, Some(Setting::Names(names))) => names.join(", "),
                    _ => words.unknown.into(),
                }
            }
        };
        out.push_str(&(words.shown)(&value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The name of an asset's smallest unit.
fn unit_of(asset: &str) -> String {
    match asset {
        "BTC" | "BCH" => "sat".into(),
        other => format!("{other} units"),
    }
}

/// Writes both paragraphs into the hit.
pub(crate) fn explain(rule: &Rule, hit: &mut Hit, measures: &Measures) {
    let english = Words { shown: str::to_string, yes: "yes", no: "no", unknown: "unknown" };
    let arabic = Words { shown: isolated, yes: "نعم", no: "لا", unknown: "غير معلوم" };
    let mut en = filled(&rule.explain.en, rule, hit, measures, &english);
    let mut ar = filled(&rule.explain.ar, rule, hit, measures, &arabic);
    if hit.corroboration.is_empty() {
        en.push_str(" Nothing else corroborates it: a shape alone is no finding.");
        ar.push_str(" ولا شيء آخر يعزّزه: فالشكل وحده ليس نتيجة.");
    } else {
        let all = |say: &dyn Fn(&str) -> String| {
            hit.corroboration.iter().take(3).map(|c| say(&c.what)).collect::<Vec<_>>().join("; ")
        };
        en.push_str(&format!(" Corroborated by: {}.", all(&|text| text.to_string())));
        ar.push_str(&format!(" ويعزّزه: {}.", all(&isolated)));
    }
    for guard in &hit.guards {
        let Some(of) = rule.guards.iter().find(|g| g.id == guard.id) else { continue };
        match guard.result {
            GuardResult::Passed => {}
            GuardResult::Failed => {
                en.push_str(&format!(" But: {}", of.why.en));
                ar.push_str(&format!(" لكن: {}", of.why.ar));
            }
            GuardResult::Open => {
                en.push_str(&format!(" Not known: {}", of.why.en));
                ar.push_str(&format!(" غير معلوم: {}", of.why.ar));
            }
        }
    }
    match hit.standing {
        Standing::Held => {}
        Standing::Below => {
            en.push_str(" In measurement this rule did not reach its target, so its severity stays low.");
            ar.push_str(" لم تبلغ هذه القاعدة هدفها عند القياس، ولذا تبقى خطورتها منخفضة.");
        }
        Standing::Unmeasured => {
            en.push_str(" How often this rule is wrong has not been measured, so its severity stays low.");
            ar.push_str(" لم يُقَس بعدُ معدّل خطأ هذه القاعدة، ولذا تبقى خطورتها منخفضة.");
        }
    }
    hit.why_en = en;
    hit.why_ar = ar;
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn a_text_from_outside_cannot_leave_its_isolation() {
        assert_eq!(isolated("a\u{2069}b\u{2067}c"), "\u{2068}abc\u{2069}");
    }
}
