//! Off-chain records as text, in English and Arabic: receipts, records, and coupons joined with the chain.

use super::words::{grouped, safe, told};
use crate::args::Tongue;
use athar_engine::read::{
    CouponBeneficiaryView, CouponCollectorView, CouponFlowsView, ReceiptsListView, RecordView, RecordsJournalView,
    RecordsStatusView, RecordsView,
};
use athar_engine::records::{BeneficiaryId, Kind, Note, Receipt, Record, Value};
use athar_engine::{Sats, UnixTime};

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

    fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::CouponSale => self.say("coupon sale", "بيع قسيمة"),
            Kind::Redemption => self.say("redemption", "استبدال قسيمة"),
            Kind::Deposit => self.say("deposit", "إيداع"),
            Kind::Withdrawal => self.say("withdrawal", "سحب"),
            Kind::Login => self.say("log-in", "تسجيل دخول"),
            Kind::FiatTransfer => self.say("fiat transfer", "تحويل نقدي"),
        }
    }

    fn more(self, out: &mut String, count: usize) {
        if count > SHOWN {
            let rest = grouped((count - SHOWN) as u64);
            out.push_str(&format!("  {} {rest} {}\n", self.say("and", "و"), self.say("more", "أخرى")));
        }
    }
}

fn at(seconds: i64) -> String {
    u32::try_from(seconds).map_or_else(|_| seconds.to_string(), |s| UnixTime(s).to_string())
}

pub(crate) fn receipt(receipt: &Receipt, tongue: Tongue) -> String {
    let t = In(tongue);
    let kind = receipt.kind.map(|kind| t.kind(kind)).unwrap_or_default();
    let mut out = format!("{} {}: {kind}, {}\n", t.say("import", "الاستيراد"), receipt.import, safe(&receipt.file));
    if receipt.already {
        out.push_str(t.say(
            "  the same file was imported before with the same map: nothing was added; its counts were\n",
            "  استُورد الملف نفسه من قبل بالخريطة نفسها: لم يُضف شيء؛ وكانت أعداده\n",
        ));
    }
    let mut line = |name: &str, value: String| out.push_str(&format!("  {name}: {value}\n"));
    line(t.say("rows", "الصفوف"), grouped(receipt.rows));
    line(t.say("added", "أضيف"), grouped(receipt.added));
    line(t.say("known already", "معروف من قبل"), grouped(receipt.known));
    line(t.say("in quarantine", "في الحجر"), grouped(receipt.quarantined));
    if let (Some(first), Some(last)) = (receipt.first, receipt.last) {
        line(t.say("from", "من"), format!("{first} {} {last}", t.say("to", "إلى")));
    }
    let names = |fields: &[athar_engine::records::Field]| {
        fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
    };
    if !receipt.pseudonymised.is_empty() {
        line(t.say("pseudonyms in place of", "أسماء مستعارة بدلا من"), names(&receipt.pseudonymised));
    }
    if !receipt.kept_plain.is_empty() {
        line(t.say("values kept, encrypted, of", "قيم محفوظة ومشفرة من"), names(&receipt.kept_plain));
    }
    if !receipt.unused.is_empty() {
        line(t.say("columns not stored", "أعمدة لم تُخزن"), safe(&receipt.unused.join(", ")));
    }
    if let Some(days) = receipt.retain_days {
        line(t.say("deleted after days", "تُحذف بعد أيام"), grouped(days.into()));
    }
    line("SHA-256", receipt.sha256.clone());
    for row in receipt.quarantine.iter().take(SHOWN) {
        out.push_str(&format!("  {} {}: {}\n", t.say("line", "السطر"), row.line, told(&row.reason, tongue)));
    }
    t.more(&mut out, usize::try_from(receipt.quarantined).unwrap_or(usize::MAX));
    out
}

pub(crate) fn imports(view: &ReceiptsListView, tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = String::new();
    for receipt in &view.imports {
        out.push_str(&format!(
            "{}  {}  {}  {} {}, {} {}  {}\n",
            receipt.import,
            at(receipt.time),
            receipt.kind.map(|kind| t.kind(kind)).unwrap_or_default(),
            grouped(receipt.added),
            t.say("added", "أضيف"),
            grouped(receipt.quarantined),
            t.say("in quarantine", "في الحجر"),
            safe(&receipt.file)
        ));
    }
    out
}

pub(crate) fn stats(view: &RecordsStatusView, tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = String::new();
    for (kind, count) in &view.counts.records {
        let days = view.counts.retention_days.get(kind);
        let kept = days.map(|days| format!("  ({} {days} {})", t.say("kept", "تُحفظ"), t.say("days", "يوما")));
        out.push_str(&format!("{}: {}{}\n", t.kind(*kind), grouped(*count), kept.unwrap_or_default()));
    }
    for (name, count) in [
        (t.say("imports", "عمليات الاستيراد"), view.counts.imports),
        (t.say("imports not finished", "عمليات لم تنته"), view.counts.open),
        (t.say("notes on circumstances", "ملاحظات عن الظروف"), view.counts.notes),
        (t.say("entries of the journal", "قيود السجل"), view.counts.journal),
    ] {
        out.push_str(&format!("{name}: {}\n", grouped(count)));
    }
    for wrong in &view.journal_wrong {
        out.push_str(&format!("{}: {}\n", t.say("wrong", "خطأ"), safe(wrong)));
    }
    out
}

fn line(record: &Record, t: In) -> String {
    let mut out = format!("{}  {}  {}", record.id, record.time, t.kind(record.kind));
    if let Some(amount) = &record.amount {
        out.push_str(&format!("  {amount}"));
    }
    for (field, value) in &record.values {
        let shown = match value {
            Value::Plain(text) => safe(text),
            Value::Personal { pseudonym, value: None } => pseudonym.to_string(),
            Value::Personal { pseudonym, value: Some(text) } => format!("{pseudonym} ({})", safe(text)),
        };
        out.push_str(&format!("  {field} {shown}"));
    }
    out.push('\n');
    out
}

pub(crate) fn list(view: &RecordsView, tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out: String = view.records.iter().map(|record| line(record, t)).collect();
    for one in &view.unreadable {
        out.push_str(&format!("{}  {}: {}\n", one.id, t.say("cannot be read", "لا يُقرأ"), safe(&one.what)));
    }
    if let Some(next) = view.next {
        out.push_str(&format!("{} --after {next}\n", t.say("more follow:", "يتبع المزيد:")));
    }
    out.push_str(&notes(&view.context, tongue));
    out
}

pub(crate) fn record(view: &RecordView, tongue: Tongue) -> String {
    let t = In(tongue);
    let place = format!(
        "  {} {}, {} {}\n",
        t.say("import", "الاستيراد"),
        view.record.import,
        t.say("line", "السطر"),
        view.record.line
    );
    line(&view.record, t) + &place + &notes(&view.context, tongue)
}

pub(crate) fn notes(notes: &[Note], tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = String::new();
    for note in notes {
        out.push_str(&format!(
            "{} {}  {}  {}\n  {}\n  {}: {}\n",
            t.say("circumstances", "الظروف"),
            note.id,
            at(note.time),
            safe(&note.subject),
            safe(&note.text),
            t.say("source", "المصدر"),
            safe(&note.source)
        ));
    }
    out
}

pub(crate) fn journal(view: &RecordsJournalView, tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = String::new();
    for entry in &view.entries {
        let subject = entry.subject.map(|id| format!(" {id}")).unwrap_or_default();
        out.push_str(&format!(
            "{}  {}  {}{subject}  {} {}  {} {}  {}\n",
            entry.seq,
            at(entry.time),
            safe(&entry.action),
            t.say("count", "العدد"),
            grouped(entry.count),
            t.say("by", "بواسطة"),
            safe(&entry.operator),
            safe(&entry.reason)
        ));
    }
    out
}

pub(crate) fn linked(view: &CouponFlowsView, tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = format!(
        "{}: {}; {}: {}\n",
        t.say("redemptions", "عمليات الاستبدال"),
        grouped(view.redemptions),
        t.say("whose sale is known", "منها ما يُعرف بيعه"),
        grouped(view.matched)
    );
    for one in view.beneficiaries.iter().take(SHOWN) {
        out.push_str(&beneficiary(one, t));
    }
    t.more(&mut out, view.beneficiaries.len());
    for one in view.collectors.iter().take(SHOWN) {
        out.push_str(&collector(one, t));
    }
    t.more(&mut out, view.collectors.len());
    if !view.is_on_chain {
        out.push_str(t.say(
            "the store has no chain to look for payments on\n",
            "لا توجد في المخزن سلسلة يُبحث فيها عن المدفوعات\n",
        ));
    }
    out.push_str(t.say(
        "a join of records says which coupons were redeemed for whom; it does not say that anybody knew what for\n",
        "الربط بين السجلات يقول أي قسائم استُبدلت ولمن؛ ولا يقول إن أحدا كان يعلم الغرض منها\n",
    ));
    out
}

/// An entity that several beneficiaries passed their coupons' worth on to.
fn collector(one: &CouponCollectorView, t: In) -> String {
    let mut out = format!("{} {}\n", t.say("collected at", "جُمعت عند"), safe(&one.entity));
    let mut line = |name: &str, value: String| out.push_str(&format!("  {name}: {value}\n"));
    line(
        t.say("beneficiaries, redemptions", "المستفيدون، عمليات الاستبدال"),
        format!("{}, {}", grouped(one.beneficiaries), grouped(one.redemptions)),
    );
    line(
        t.say("points of sale, buyers", "نقاط البيع، المشترون"),
        format!("{}, {}", grouped(one.outlets), grouped(one.buyers)),
    );
    let countries: Vec<String> = one.countries.iter().map(|code| safe(code)).collect();
    line(t.say("redeemed from", "استُبدلت من"), countries.join(", "));
    if !one.labels.is_empty() {
        line(t.say("labels", "الوسوم"), safe(&one.labels.join(", ")));
    }
    out.push_str(&notes(&one.context, t.0));
    out
}

fn beneficiary(one: &CouponBeneficiaryView, t: In) -> String {
    let who = match &one.id {
        BeneficiaryId::Account(account) => format!("{} {account}", t.say("account", "الحساب")),
        BeneficiaryId::Address(address) => format!("{} {}", t.say("address", "العنوان"), safe(address)),
    };
    let mut out = format!("{} {who}\n", t.say("beneficiary", "المستفيد"));
    let mut line = |name: &str, value: String| out.push_str(&format!("  {name}: {value}\n"));
    let euros = format!("{}.{:02} EUR", grouped((one.euro_cents / 100).unsigned_abs()), one.euro_cents % 100);
    let unpriced = format!("{} {}", grouped(one.unpriced), t.say("of unknown worth", "قيمتها مجهولة"));
    line(
        t.say("redemptions", "عمليات الاستبدال"),
        format!("{}, {euros}; {unpriced}", grouped(one.redemptions.len() as u64)),
    );
    line(
        t.say("points of sale, buyers", "نقاط البيع، المشترون"),
        format!("{}, {}", grouped(one.outlets), grouped(one.buyers)),
    );
    let list = |all: &std::collections::BTreeSet<String>| {
        all.iter().take(SHOWN).map(|text| safe(text)).collect::<Vec<_>>().join(", ")
    };
    for (name, all) in [
        (t.say("places of sale", "أماكن البيع"), &one.places),
        (t.say("redeemed from", "استُبدلت من"), &one.countries),
        (t.say("addresses", "العناوين"), &one.addresses),
        (t.say("entities", "الكيانات"), &one.entities),
    ] {
        if !all.is_empty() {
            line(name, list(all));
        }
    }
    line(
        t.say("paid on the chain by a coupon service", "دفعتها خدمة قسائم على السلسلة"),
        format!("{}, {} BTC", grouped(one.paid), Sats(one.paid_sat)),
    );
    for each in one.redemptions.iter().take(SHOWN) {
        let redemption = &each.redemption;
        let amount = redemption.amount.as_ref().map(ToString::to_string).unwrap_or_default();
        let sold = redemption.sale.as_ref().map_or_else(
            || t.say("sale unknown", "البيع مجهول").to_owned(),
            |sale| {
                let place = sale.place.as_deref().map(|place| format!(" {}", safe(place))).unwrap_or_default();
                format!("{} {}{place}", t.say("sold", "بيعت"), sale.time)
            },
        );
        let paid = each.payment.as_ref().map_or_else(
            || t.say("no payment found", "لم يوجد دفع").to_owned(),
            |paid| format!("{} {}:{}", t.say("paid by", "دفعتها المعاملة"), paid.txid, paid.vout),
        );
        let country = redemption.country.as_deref().map(|code| format!("  {}", safe(code))).unwrap_or_default();
        out.push_str(&format!("    {}  {amount}{country}  {sold}  {paid}\n", redemption.time));
    }
    t.more(&mut out, one.redemptions.len());
    out.push_str(&notes(&one.context, t.0));
    out
}
