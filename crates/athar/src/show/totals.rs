//! The figures of a category as text, in English and Arabic.

use super::words::{grouped, plain_table, safe, told};
use crate::args::Tongue;
use athar_engine::Usd;
use athar_engine::read::{
    ContributionView, FigureView, MixView, RangeView, SumView, TotalsBy, TotalsRowView, TotalsScopeView, TotalsView,
};

/// Rows of each list that are shown; JSON has all that the view has.
const SHOWN: usize = 60;
/// Retractions that are shown.
const WEIGHTIEST_SHOWN: usize = 5;
/// Amounts of a sum that are shown in a line.
const AMOUNTS_SHOWN: usize = 4;

#[derive(Clone, Copy)]
struct In(Tongue);

impl In {
    fn say(self, en: &'static str, ar: &'static str) -> &'static str {
        match self.0 {
            Tongue::En => en,
            Tongue::Ar => ar,
        }
    }
}

pub(crate) fn totals(view: &TotalsView, tongue: Tongue) -> String {
    let t = In(tongue);
    let categories: Vec<&str> = view.categories.iter().map(|category| category.name()).collect();
    let mut out = format!("{}: {}\n", t.say("totals of", "مجاميع"), categories.join(", "));
    for chain in &view.chains {
        let tip = chain.tip_height.map_or_else(|| "-".into(), |height| height.to_string());
        out.push_str(&format!(
            "  {}: {} {} {} ({}), {} {}\n",
            safe(&chain.chain),
            t.say("up to block", "حتى الكتلة"),
            tip,
            chain.tip_day.as_deref().unwrap_or("-"),
            t.say("the last counted day", "آخر يوم محسوب"),
            grouped(chain.addresses),
            t.say("labelled addresses", "عنوانًا مصنّفًا")
        ));
        for (why, count) in &chain.not_extended {
            let count = grouped(*count);
            out.push_str(&format!(
                "    {}: {count} ({why})\n",
                t.say("not extended to their entity", "لم تُوسَّع إلى كياناتها")
            ));
        }
    }
    out.push_str(&scope(&view.labelled, view.by, t.say("\nlabelled addresses alone", "\nالعناوين المصنّفة وحدها"), t));
    out.push_str(&scope(&view.extended, view.by, t.say("\nwith their entities", "\nمع كياناتها"), t));
    if !view.providers.is_empty() {
        out.push_str(t.say(
            "\nservices of the category: their total is nobody's figure\n",
            "\nخدمات من هذا الصنف: مجموعها لا يُنسب إلى أحد\n",
        ));
        for provider in view.providers.iter().take(SHOWN) {
            out.push_str(&format!(
                "  {} ({}): {} {}; {} {}\n",
                safe(&provider.name),
                provider.chain,
                t.say("was paid", "دُفع لها"),
                money(&provider.linked_sent, t),
                t.say("paid", "دفعت"),
                money(&provider.linked_received, t)
            ));
        }
    }
    for note in &view.notes {
        out.push_str(&format!("{}: {}\n", t.say("note", "ملاحظة"), told(note, t.0)));
    }
    out.push_str(&format!("{} {}\n", t.say("snapshot", "اللقطة"), view.snapshot));
    out
}

fn scope(of: &TotalsScopeView, by: TotalsBy, title: &str, t: In) -> String {
    let mut out = format!(
        "{title}: {} {}, {} {}, {} {}\n",
        grouped(of.addresses),
        t.say("addresses", "عنوان"),
        grouped(of.labels),
        t.say("labels", "تصنيف"),
        grouped(of.sources),
        t.say("sources", "مصدر")
    );
    let total = &of.total;
    out.push_str(&figure(t.say("received", "المقبوض"), &total.received, t));
    out.push_str(&figure(t.say("sent", "المرسل"), &total.sent, t));
    out.push_str(&figure(t.say("cashed out", "المحوَّل إلى نقد"), &total.cashed_out, t));
    let sums = [
        (t.say("to other services", "إلى خدمات أخرى"), &total.to_other_services),
        (t.say("to services known by a rule alone", "إلى خدمات عُرفت بقاعدة وحدها"), &total.to_inferred_services),
        (t.say("among themselves, in no other figure", "فيما بينها، خارج كل رقم آخر"), &total.internal),
        (t.say("fees", "الرسوم"), &total.fees),
        (t.say("in transactions with others", "في معاملات مع آخرين"), &total.shared),
    ];
    for (name, sum) in sums.into_iter().filter(|(_, sum)| sum.count > 0) {
        out.push_str(&format!("  {name}: {}\n", money(sum, t)));
    }
    for (name, mix) in [
        (t.say("decided by an authority or court", "بقرار سلطة أو محكمة"), &of.decided),
        (t.say("only alleged", "مجرّد ادعاء"), &of.alleged),
    ] {
        out.push_str(&mix_line(name, mix, t));
    }
    for mix in of.by_confidence.iter().filter(|_| of.by_confidence.len() > 1) {
        let name = format!("{} {}", t.say("confidence", "الثقة"), mix.of);
        out.push_str(&mix_line(&name, mix, t));
    }
    if of.disputed_units + of.contested_units > 0 {
        out.push_str(&format!(
            "  {}: {}; {}: {}\n",
            t.say("disputed", "محلّ نزاع"),
            of.disputed_units,
            t.say("named for several organisations", "منسوبة إلى أكثر من جهة"),
            of.contested_units
        ));
    }
    let name = match by {
        TotalsBy::Month => t.say("month", "الشهر"),
        TotalsBy::Organisation => t.say("organisation", "الجهة"),
        TotalsBy::Asset => t.say("asset", "الأصل"),
    };
    let header = [
        name,
        t.say("received", "المقبوض"),
        t.say("without a label", "بلا تصنيف واحد"),
        t.say("sent", "المرسل"),
        t.say("cashed out", "المحوَّل إلى نقد"),
        t.say("internal", "الداخلي"),
    ];
    let rows: Vec<Vec<String>> = of.rows.iter().take(SHOWN).map(|row| cells(row, t)).collect();
    if !rows.is_empty() {
        out.push_str(&plain_table(&header, rows));
        out.push('\n');
    }
    let more = of.rows.len().saturating_sub(SHOWN) as u64 + of.rows_left_out;
    if more > 0 {
        out.push_str(&format!("  … {more}\n"));
    }
    out.push_str(&weightiest(t.say("the labels that weigh most", "أثقل التصنيفات"), &of.weightiest_labels, t));
    out.push_str(&weightiest(t.say("the sources that weigh most", "أثقل المصادر"), &of.weightiest_sources, t));
    if of.truncated {
        out.push_str(t.say("  a bound was hit: the figures are not whole\n", "  بُلغ حدّ: الأرقام غير كاملة\n"));
    }
    out
}

fn cells(row: &TotalsRowView, t: In) -> Vec<String> {
    vec![
        safe(&row.key),
        money(&row.received.sum, t),
        range(&row.received.without_a_label, t),
        money(&row.sent.sum, t),
        money(&row.cashed_out.sum, t),
        money(&row.internal, t),
    ]
}

fn figure(name: &str, of: &FigureView, t: In) -> String {
    format!(
        "  {name}: {}; {} {}; {} {}\n",
        money(&of.sum, t),
        t.say("without one label", "بلا تصنيف واحد"),
        range(&of.without_a_label, t),
        t.say("without one source", "بلا مصدر واحد"),
        range(&of.without_a_source, t)
    )
}

fn mix_line(name: &str, mix: &MixView, t: In) -> String {
    format!(
        "  {name} ({}): {} {}, {} {}, {} {}\n",
        grouped(mix.units),
        t.say("received", "المقبوض"),
        money(&mix.received, t),
        t.say("sent", "المرسل"),
        money(&mix.sent, t),
        t.say("cashed out", "المحوَّل إلى نقد"),
        money(&mix.cashed_out, t)
    )
}

fn weightiest(title: &str, all: &[ContributionView], t: In) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out = format!("  {title}\n");
    for of in all.iter().take(WEIGHTIEST_SHOWN) {
        let name = match (&of.name, &of.subject) {
            (Some(name), Some(subject)) => format!("{} {} [{}]", safe(name), safe(subject), safe(&of.source)),
            _ => safe(&of.source),
        };
        out.push_str(&format!(
            "    {name}: {} USD {}, {} USD {}, {} USD {}\n",
            t.say("received", "المقبوض"),
            of.received.usd,
            t.say("sent", "المرسل"),
            of.sent.usd,
            t.say("cashed out", "المحوَّل إلى نقد"),
            of.cashed_out.usd
        ));
    }
    out
}

fn usd(of: Option<Usd>, t: In) -> String {
    of.map_or_else(
        || t.say("no price", "بلا سعر").into(),
        |usd| format!("USD {}.{:02}", grouped(usd.0 / 100), usd.0 % 100),
    )
}

fn range(of: &RangeView, t: In) -> String {
    match (of.usd_min, of.usd_max) {
        (Some(min), Some(max)) => format!("{} … {}", usd(Some(min), t), usd(Some(max), t)),
        _ => {
            let all = of.amounts.iter().take(AMOUNTS_SHOWN);
            let parts: Vec<String> =
                all.map(|a| format!("{} … {} {}", a.units_min, a.units_max, safe(&a.asset))).collect();
            if parts.is_empty() { "-".into() } else { parts.join("; ") }
        }
    }
}

/// `12.50000000 BTC (USD 1,000.00)`, with what has no price.
fn money(of: &SumView, t: In) -> String {
    let amounts: Vec<String> = of
        .amounts
        .iter()
        .take(AMOUNTS_SHOWN)
        .map(|amount| {
            let asset = amount.asset.symbol.as_ref().unwrap_or(&amount.asset.id);
            format!("{} {}", amount.amount.as_ref().unwrap_or(&amount.units), safe(asset))
        })
        .collect();
    if amounts.is_empty() {
        return "0".into();
    }
    let more = if of.amounts.len() > AMOUNTS_SHOWN { ", …" } else { "" };
    let unpriced = match (of.usd, of.is_partly_unpriced) {
        (Some(_), true) => t.say(" and a part without a price", " وجزء بلا سعر"),
        _ => "",
    };
    format!("{}{more} ({}{unpriced})", amounts.join(", "), usd(of.usd, t))
}
