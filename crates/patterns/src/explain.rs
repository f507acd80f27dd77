//! A hit in one paragraph, in English and Arabic: the rule's own sentence filled in, then what corroborates it, what is open, and
//! what the severity rests on.

use crate::hit::{GuardResult, Hit, Standing};
use crate::rule::{Rule, Setting};
use crate::{Measures, Sum, Unit};
use athar_types::isolated;

/// A sum in a language's own words; of Arabic every figure and symbol stands apart, so that the whole is Arabic.
fn sum(sum: &Sum, asset: &str, words: &Words) -> String {
    let cents = i64::try_from(sum.cents).unwrap_or(i64::MAX);
    let shown = |text: &dyn std::fmt::Display| (words.shown)(&text.to_string());
    let units = (words.units)(&shown(&sum.units), asset);
    let dollars = shown(&Unit::UsdCents.show(cents));
    match (sum.units, sum.unpriced) {
        (0, _) => units,
        (_, 0) => format!("{units} ({dollars})"),
        (_, unpriced) => format!("{units} ({dollars}{}", (words.unpriced)(&shown(&unpriced))) + ")",
    }
}

/// An amount in an asset's smallest units.
fn english_units(amount: &str, asset: &str) -> String {
    match asset {
        "BTC" | "BCH" => format!("{amount} sat"),
        other => format!("{amount} {other} units"),
    }
}

fn arabic_units(amount: &str, asset: &str) -> String {
    match asset {
        "BTC" | "BCH" => format!("{amount} ساتوشي"),
        other => format!("{amount} من أصغر وحدات {}", isolated(other)),
    }
}

/// What a sentence of a language is filled in with.
struct Words {
    shown: fn(&str) -> String,
    yes: &'static str,
    no: &'static str,
    unknown: &'static str,
    /// An amount, as shown, of an asset.
    units: fn(&str, &str) -> String,
    /// The part of a sum that has no price, as shown, after the part that has one.
    unpriced: fn(&str) -> String,
}

const ENGLISH: Words = Words {
    shown: str::to_string,
    yes: "yes",
    no: "no",
    unknown: "unknown",
    units: english_units,
    unpriced: |part| format!("; {part} unpriced"),
};
const ARABIC: Words = Words {
    shown: isolated,
    yes: "نعم",
    no: "لا",
    unknown: "غير معلوم",
    units: arabic_units,
    unpriced: |part| format!("؛ ومنها بلا سعر {part}"),
};

fn filled(text: &str, rule: &Rule, hit: &Hit, measures: &Measures, words: &Words) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((word, after)) = after.split_once('}') else { break };
        let value = match word {
            "subject" => hit.subject_text.clone(),
            "start" => athar_types::UnixTime(hit.start).day().to_string(),
            "end" => athar_types::UnixTime(hit.end).day().to_string(),
            "total" | "linked" => {
                out.push_str(&sum(if word == "total" { &hit.total } else { &hit.linked }, &hit.asset, words));
                rest = after;
                continue;
            }
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

/// Writes both paragraphs into the hit.
pub(crate) fn explain(rule: &Rule, hit: &mut Hit, measures: &Measures) {
    let mut en = filled(&rule.explain.en, rule, hit, measures, &ENGLISH);
    let mut ar = filled(&rule.explain.ar, rule, hit, measures, &ARABIC);
    if hit.corroboration.is_empty() {
        en.push_str(" Nothing else corroborates it: a shape alone is no finding.");
        ar.push_str(" ولا شيء آخر يعزّزه: فالشكل وحده ليس نتيجة.");
    } else {
        let (english, arabic): (Vec<_>, Vec<_>) =
            hit.corroboration.iter().take(3).map(|c| (c.what.en.as_str(), c.what.ar.as_str())).unzip();
        en.push_str(&format!(" Corroborated by: {}.", english.join("; ")));
        ar.push_str(&format!(" ويعزّزه: {}.", arabic.join("؛ ")));
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
    use super::*;

    #[test]
    fn a_sum_says_in_both_languages_what_of_it_has_no_price() {
        let some = Sum { units: 700, cents: 1_250, unpriced: 20 };
        assert_eq!(sum(&some, "USDT", &ENGLISH), "700 USDT units (12.50 USD; 20 unpriced)");
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(plain(sum(&some, "USDT", &ARABIC)), "700 من أصغر وحدات USDT (12.50 USD؛ ومنها بلا سعر 20)");
        assert_eq!(
            sum(&Sum { unpriced: 0, ..some }, "BTC", &ARABIC),
            "\u{2068}700\u{2069} ساتوشي (\u{2068}12.50 USD\u{2069})"
        );
        assert_eq!(sum(&Sum::default(), "BTC", &ENGLISH), "0 sat");
    }
}
