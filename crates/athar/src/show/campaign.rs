//! One campaign as text, in English and Arabic: what was published, why it is one, and what its addresses received.

use super::words::{dollars, grouped, safe, told};
use crate::args::Tongue;
use athar_engine::read::{
    AmountView, CampaignAddressView, CampaignSumView, CampaignView, CustodyView, FirstDonationView, ReceivedView,
};
use athar_engine::sightings::DateSource;
use athar_engine::sightings::campaign::Dated;

/// Rows of each list that are shown; JSON has all that the view has.
const SHOWN: usize = 20;

/// A text in the language that was asked for.
#[derive(Clone, Copy)]
struct In(Tongue);

impl In {
    fn say(self, en: &'static str, ar: &'static str) -> &'static str {
        match self.0 {
            Tongue::En => en,
            Tongue::Ar => ar,
        }
    }

    fn dated(self, source: DateSource, zone_known: bool) -> &'static str {
        match source {
            DateSource::Posted if zone_known => self.say("posted", "تاريخ النشر"),
            DateSource::Posted => self.say("posted, zone unknown", "تاريخ النشر، والمنطقة الزمنية مجهولة"),
            DateSource::Captured => self.say("captured: published then or before", "تاريخ الحفظ: نُشر حينها أو قبلها"),
            DateSource::Read => self.say("read: published before", "تاريخ القراءة: نُشر قبلها"),
        }
    }

    fn on(self, dated: &Dated) -> String {
        format!("{} ({})", dated.day, self.dated(dated.source, dated.zone_known))
    }
}

pub(crate) fn campaign(view: &CampaignView, tongue: Tongue) -> String {
    let t = In(tongue);
    let campaign = &view.campaign;
    let mut out = format!("{} {}\n", t.say("campaign", "الحملة"), campaign.id);
    let mut line = |name: &str, value: String| out.push_str(&format!("  {name}: {value}\n"));
    if !campaign.former_ids.is_empty() {
        line(t.say("earlier ids", "معرّفات سابقة"), campaign.former_ids.join(", "));
    }
    line(t.say("first published", "أول نشر"), t.on(&campaign.first));
    line(t.say("last published", "آخر نشر"), t.on(&campaign.last));
    line(
        t.say("documents and messages", "الوثائق والرسائل"),
        format!(
            "{}; {} {}",
            grouped(campaign.units_total),
            grouped(campaign.soliciting_total),
            t.say("solicit", "منها تطلب المال")
        ),
    );
    line(t.say("highest score", "أعلى درجة"), format!("{}/100", campaign.score_max));
    let languages: Vec<String> = campaign.languages.iter().map(|(code, n)| format!("{code} {n}")).collect();
    if !languages.is_empty() {
        line(t.say("languages", "اللغات"), languages.join(", "));
    }
    if let Some(first) = &view.first_donation {
        line(t.say("first donation", "أول تبرع"), first_donation(first, t));
    }
    line(t.say("received by the published addresses", "ما تلقته العناوين المنشورة"), sum(&view.received, t));
    line(t.say("received with their entities", "ما تلقته مع كياناتها"), sum(&view.received_with_entities, t));
    if !view.chains_missing.is_empty() {
        line(t.say("chains not in the store", "سلاسل ليست في المخزن"), view.chains_missing.join(", "));
    }
    out.push_str(&months(&view.received, t));
    out.push_str(t.say("addresses\n", "العناوين\n"));
    for row in view.chain_addresses.iter().take(SHOWN) {
        out.push_str(&address(row, t));
    }
    more(&mut out, view.chain_addresses.len(), t);
    if !campaign.values.is_empty() {
        out.push_str(t.say("published with them\n", "نُشر معها\n"));
        for value in campaign.values.iter().take(SHOWN) {
            let kind = serde_json::to_value(value.kind).ok().and_then(|v| v.as_str().map(str::to_owned));
            out.push_str(&format!("  {}  {}  {}\n", kind.unwrap_or_default(), safe(&value.value), t.on(&value.first)));
        }
        more(&mut out, campaign.values.len(), t);
    }
    out.push_str(t.say("why it is one campaign\n", "لماذا هي حملة واحدة\n"));
    for tie in campaign.ties.iter().take(SHOWN) {
        // the words do not hold the value
        let value = told(&tie.value.as_str().into(), t.0);
        out.push_str(&format!("  {value} - {}\n", told(&tie.words, t.0)));
    }
    more(&mut out, campaign.ties.len(), t);
    out.push_str(t.say("timeline\n", "التسلسل الزمني\n"));
    for entry in campaign.timeline.iter().take(SHOWN) {
        let solicits = if entry.solicits { t.say("solicits", "يطلب المال") } else { "" };
        out.push_str(&format!(
            "  {}  {}  {}  {}/100 {solicits}  {}\n",
            entry.at.day,
            entry.at.unit,
            safe(&entry.place.name),
            entry.score,
            safe(&entry.addresses_new.join(", "))
        ));
    }
    more(&mut out, campaign.timeline.len(), t);
    for mention in campaign.mentions.iter().take(SHOWN) {
        let day = &mention.at.day;
        out.push_str(&format!("  {} {day} {}\n", t.say("also named in", "ورد أيضا في"), mention.at.unit));
    }
    for note in &campaign.notes {
        out.push_str(&format!("{}: {}\n", t.say("note", "ملاحظة"), told(note, t.0)));
    }
    out.push_str(t.say(
        "a sighting says that a text stood somewhere; it does not say who owns an address\n",
        "المشاهدة تقول إن نصا وُجد في مكان ما؛ ولا تقول من يملك العنوان\n",
    ));
    out
}

fn more(out: &mut String, len: usize, t: In) {
    if len > SHOWN {
        out.push_str(&format!("  … {} {}\n", len - SHOWN, t.say("more with --json", "أخرى مع ‎--json")));
    }
}

fn first_donation(first: &FirstDonationView, t: In) -> String {
    let dated = t.dated(first.published_dated, true);
    let mut text = format!(
        "{} {} {} ({dated}); {} {} ({}), {}",
        safe(&first.address),
        t.say("published on", "نُشر في"),
        &first.published[..10],
        t.say("first donation on", "وأول تبرع في"),
        &first.receipt.time[..10],
        amount(&first.receipt.amount),
        first.receipt.txid
    );
    if first.receipts_before > 0 {
        text.push_str(&format!(
            "; {} {}",
            grouped(first.receipts_before),
            t.say("receipts before: it was in use already", "مبالغ وردت قبل النشر: كان العنوان مستعملا")
        ));
    }
    text
}

fn amount(amount: &AmountView) -> String {
    let what = amount.asset.symbol.as_deref().unwrap_or(&amount.asset.id);
    let units = amount.amount.as_deref().unwrap_or(&amount.units);
    format!("{units} {}, {}", safe(what), dollars(amount.usd))
}

fn sum(sum: &CampaignSumView, t: In) -> String {
    let mut text = format!(
        "{} ({} {}, {} {})",
        dollars(sum.usd),
        grouped(sum.count),
        t.say("receipts", "دفعة"),
        grouped(sum.subjects),
        t.say("addresses or entities", "عنوانا أو كيانا")
    );
    if sum.is_partly_unpriced {
        text.push_str(t.say("; a part has no price", "؛ جزء منها بلا سعر"));
    }
    if sum.truncated {
        text.push_str(t.say("; cut at a bound", "؛ قُطعت عند حد"));
    }
    text
}

fn months(received: &CampaignSumView, t: In) -> String {
    let mut out = String::new();
    if received.by_month.is_empty() {
        return out;
    }
    out.push_str(t.say("by month\n", "بالشهر\n"));
    for month in &received.by_month {
        let unpriced = if month.is_partly_unpriced { t.say(" + unpriced", " + بلا سعر") } else { "" };
        out.push_str(&format!("  {}  {:>5}  {}{unpriced}\n", month.month, month.count, dollars(month.usd)));
    }
    out
}

fn address(row: &CampaignAddressView, t: In) -> String {
    let mut out = format!(
        "  {} {}\n    {} {} ({})\n",
        row.chain,
        safe(&row.address),
        t.say("published", "نُشر في"),
        &row.published[..10],
        t.dated(row.published_dated, row.zone_known)
    );
    let Some(on_chain) = &row.on_chain else {
        let why = match row.unknown {
            Some("not_on_chain") => t.say("not on the chain in this store", "ليس على السلسلة في هذا المخزن"),
            Some("bound") => t.say("not looked up: too many addresses", "لم يُبحث عنه: العناوين كثيرة"),
            _ => t.say("the store has no blocks of its chain", "ليس في المخزن كتل من سلسلته"),
        };
        out.push_str(&format!("    {why}\n"));
        return out;
    };
    let mut line = |text: String| out.push_str(&format!("    {text}\n"));
    line(format!("{} {}", t.say("received", "تلقى"), receipts(&on_chain.received, t)));
    if let (Some(entity), Some(size)) = (&on_chain.entity, on_chain.entity_size) {
        line(format!(
            "{} {} ({} {})",
            t.say("entity", "الكيان"),
            safe(entity),
            grouped(u64::from(size)),
            t.say("addresses", "عنوانا")
        ));
    }
    match &on_chain.custody {
        Some(CustodyView::AccountAt(account)) => line(format!(
            "{} {}",
            t.say("belongs to a customer's account at", "يعود إلى حساب عميل لدى"),
            safe(account.label.as_deref().unwrap_or(&account.entity))
        )),
        Some(CustodyView::DepositAt(deposit)) => line(format!(
            "{} {}",
            t.say("belongs to a customer's account at", "يعود إلى حساب عميل لدى"),
            safe(deposit.labels.first().map_or(&deposit.collector, |label| label))
        )),
        None => {}
    }
    if on_chain.entity_left_out == Some("service") {
        line(t.say("its entity acts as a service: whose receipts are not told", "كيانه خدمة: لا تُذكر مقبوضاتها").into());
    }
    if !on_chain.labels.is_empty() {
        line(format!("{} {}", t.say("labels (alleged):", "وسوم (ادعاء):"), safe(&on_chain.labels.join("; "))));
    }
    out
}

fn receipts(received: &ReceivedView, t: In) -> String {
    let total = &received.total;
    let amounts: Vec<String> = total.amounts.iter().map(amount).collect();
    let mut text = format!("{} {}: {}", grouped(total.count), t.say("receipts", "دفعة"), amounts.join("; "));
    if let (Some(before), Some(since)) = (&received.before_publication, &received.since_publication) {
        text.push_str(&format!(
            "; {} {}, {} {}",
            grouped(before.count),
            t.say("before publication", "قبل النشر"),
            grouped(since.count),
            t.say("since", "بعده")
        ));
    }
    text
}
