//! Alerts as text, in English and Arabic.

use super::words::{grouped, plain_table, safe};
use crate::args::Tongue;
use athar_desk::Page;
use athar_desk::alert::{Alert, AlertFigures, AlertState, Handled, HistoryEntry, Stage, Suppression, SuppressionKind};
use athar_desk::watch::{Flow, WatchKind};
use athar_engine::{Chain, Day, Level, Sats, Usd};

/// A text in the language that was asked for.
#[derive(Clone, Copy)]
pub(super) struct In(pub(super) Tongue);

impl In {
    pub(super) const fn say(self, en: &'static str, ar: &'static str) -> &'static str {
        match self.0 {
            Tongue::En => en,
            Tongue::Ar => ar,
        }
    }

    fn state(self, state: AlertState) -> &'static str {
        match state {
            AlertState::Open => self.say("open", "مفتوح"),
            AlertState::InReview => self.say("in review", "قيد المراجعة"),
            AlertState::Escalated => self.say("escalated", "مُصعَّد"),
            AlertState::ClosedTruePositive => self.say("closed, true positive", "مغلق: إيجابي صحيح"),
            AlertState::ClosedFalsePositive => self.say("closed, false positive", "مغلق: إيجابي كاذب"),
        }
    }

    fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Mempool => self.say("mempool", "قيد الانتظار"),
            Stage::Block => self.say("block", "في كتلة"),
            Stage::Reorged => self.say("reorganised", "خرجت كتلته من السلسلة"),
            Stage::Dropped => self.say("dropped", "غادر الانتظار بلا كتلة"),
        }
    }

    pub(super) fn severity(self, level: Level) -> &'static str {
        match level {
            Level::Low => self.say("low", "منخفضة"),
            Level::Medium => self.say("medium", "متوسطة"),
            Level::High => self.say("high", "عالية"),
            Level::Severe => self.say("severe", "شديدة"),
            Level::Unknown | Level::None => self.say("unknown", "غير معروفة"),
        }
    }

    pub(super) fn kind(self, kind: WatchKind) -> &'static str {
        match kind {
            WatchKind::Address => self.say("address", "عنوان"),
            WatchKind::Entity => self.say("entity", "كيان"),
            WatchKind::Category => self.say("category", "فئة"),
            WatchKind::Campaign => self.say("campaign", "حملة"),
            WatchKind::Pattern => self.say("pattern", "نمط"),
            WatchKind::Amount => self.say("amount", "مبلغ"),
        }
    }

    fn flow(self, flow: Flow) -> &'static str {
        match flow {
            Flow::Any => self.say("moved", "نُقل"),
            Flow::Received => self.say("received", "استُلم"),
            Flow::Sent => self.say("sent", "أُرسل"),
        }
    }

    fn action(self, action: &str) -> String {
        let text = match action {
            "raised" => self.say("raised", "أُنشئ"),
            "confirmed" => self.say("confirmed", "تأكد في كتلة"),
            "reorged" => self.say("reorganised", "خرجت كتلته من السلسلة"),
            "dropped" => self.say("dropped", "غادر الانتظار بلا كتلة"),
            "seen_again" => self.say("seen again", "شوهد من جديد"),
            "seen_more" => self.say("grew", "اتسع"),
            "state" => self.say("state", "الحالة"),
            "close_asked" => self.say("closing asked for", "طُلب الإغلاق"),
            "close_withdrawn" => self.say("closing taken back", "سُحب طلب الإغلاق"),
            "assigned" => self.say("assigned", "أُسند"),
            "note" => self.say("note", "ملاحظة"),
            other => return safe(other),
        };
        text.into()
    }
}

pub(super) fn time(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = i32::try_from(day).map_or_else(|_| day.to_string(), |day| Day(day).to_string());
    format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn span(seconds: i64) -> String {
    match seconds.max(0) {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The amount with its asset: in coins where it is the coin of a chain made like Bitcoin, else in smallest units.
fn amount(alert: &Alert) -> String {
    let Some(units) = &alert.units else { return String::new() };
    let is_coin = Chain::from_name(&alert.chain).is_some_and(|chain| chain.account().is_none());
    let text = match units.parse::<u64>() {
        Ok(sat) if is_coin => format!("{} {}", Sats(sat), safe(&alert.asset)),
        _ => format!("{} {}", safe(units), safe(&alert.asset)),
    };
    match alert.usd_cents {
        Some(cents) => format!("{text} ({})", super::words::dollars(Some(Usd(cents)))),
        None => text,
    }
}

pub(crate) fn alerts(page: &Page<Alert>, tongue: Tongue) -> String {
    let t = In(tongue);
    if page.rows.is_empty() {
        return t.say("no alerts", "لا تنبيهات").into();
    }
    let rows = page.rows.iter().map(|a| {
        let mut state = t.state(a.state).to_owned();
        if a.pending.is_some() {
            state.push_str(t.say(", second person needed", "، يلزم شخص ثانٍ"));
        }
        vec![
            a.id.to_string(),
            t.severity(a.severity).into(),
            state,
            t.stage(a.stage).into(),
            a.pattern.as_deref().map_or_else(|| t.kind(a.kind).into(), safe),
            safe(&a.subject),
            amount(a),
            a.assignee.as_deref().map_or_else(String::new, safe),
            time(a.raised_at),
        ]
    });
    let header = match tongue {
        Tongue::En => ["id", "severity", "state", "stage", "of", "subject", "amount", "with", "raised"],
        Tongue::Ar => ["الرقم", "الخطورة", "الحالة", "المرحلة", "النوع", "الموضوع", "المبلغ", "لدى", "أُنشئ"],
    };
    let table = plain_table(&header, rows.collect());
    match page.next {
        Some(next) => format!("{table}\n{}: --after {next}", t.say("more", "المزيد")),
        None => table,
    }
}

pub(crate) fn alert(alert: &Alert, history: &[HistoryEntry], tongue: Tongue) -> String {
    let t = In(tongue);
    let mut out = format!("{} {}\n\n{}\n", t.say("alert", "التنبيه"), alert.id, paragraph(alert, tongue));
    let mut line = |name: &'static str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("\n  {name}: {value}"));
        }
    };
    line(t.say("state", "الحالة"), t.state(alert.state).into());
    if let Some(pending) = &alert.pending {
        let text = format!("{} ({}): {}", t.state(pending.state), safe(&pending.by), safe(&pending.reason));
        line(t.say("waits for a second person", "بانتظار شخص ثانٍ"), text);
    }
    line(t.say("reason", "السبب"), alert.reason.as_deref().map_or_else(String::new, safe));
    line(t.say("with", "لدى"), alert.assignee.as_deref().map_or_else(String::new, safe));
    line(t.say("severity", "الخطورة"), t.severity(alert.severity).into());
    line(t.say("stage", "المرحلة"), t.stage(alert.stage).into());
    line(t.say("transaction", "المعاملة"), alert.txid.as_deref().map_or_else(String::new, safe));
    let block = alert.block_height.map(|height| {
        format!("{height} {}", alert.block_hash.as_deref().map_or_else(String::new, safe)).trim_end().to_owned()
    });
    line(t.say("block", "الكتلة"), block.unwrap_or_default());
    line(t.say("snapshot", "اللقطة"), safe(&alert.snapshot));
    line(t.say("version", "الإصدار"), alert.version.to_string());
    line(t.say("evidence", "الدليل"), safe(alert.evidence.get()));
    out.push_str(&format!("\n\n{}\n", t.say("what happened", "ما جرى")));
    for entry in history {
        let change = match (entry.from.is_empty(), entry.to.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!(" {}", safe(&entry.to)),
            _ => format!(" {} -> {}", safe(&entry.from), safe(&entry.to)),
        };
        let reason = if entry.reason.is_empty() { String::new() } else { format!(": {}", safe(&entry.reason)) };
        out.push_str(&format!(
            "  {}  {}  {}{change}{reason}\n",
            time(entry.at),
            safe(&entry.actor),
            t.action(&entry.action)
        ));
    }
    out
}

/// An alert in one paragraph.
fn paragraph(alert: &Alert, tongue: Tongue) -> String {
    let t = In(tongue);
    let (list, subject, chain) = (safe(&alert.watchlist), safe(&alert.subject), safe(&alert.chain));
    let amount = amount(alert);
    if let Some(pattern) = &alert.pattern {
        let pattern = safe(pattern);
        return match tongue {
            Tongue::En => format!(
                "The pattern {pattern}, which the list {list} watches for, was met by {subject} on {chain}. Severity {}. A pattern is a reason to look, not a finding of guilt.",
                t.severity(alert.severity)
            ),
            Tongue::Ar => format!(
                "انطبق النمط {pattern}، الذي تراقبه القائمة {list}، على {subject} في سلسلة {chain}. الخطورة: {}. انطباق النمط سبب للنظر، لا حكم بالإدانة.",
                t.severity(alert.severity)
            ),
        };
    }
    let where_en = match alert.stage {
        Stage::Mempool => "It waits in the mempool: it may still be replaced, or never be confirmed.".to_owned(),
        Stage::Block => format!("Block {} holds it.", alert.block_height.unwrap_or(0)),
        Stage::Reorged => "The block that held it has left the chain; no block holds it now.".to_owned(),
        Stage::Dropped => "It left the mempool and no block holds it: nothing was paid by it.".to_owned(),
    };
    let where_ar = match alert.stage {
        Stage::Mempool => "وهي تنتظر التأكيد: قد تُستبدل وقد لا تُؤكد أبداً.".to_owned(),
        Stage::Block => format!("وهي في الكتلة {}.", alert.block_height.unwrap_or(0)),
        Stage::Reorged => "وقد خرجت كتلتها من السلسلة، وليست الآن في أي كتلة.".to_owned(),
        Stage::Dropped => "وقد غادرت الانتظار وليست في أي كتلة: لم يُدفع بها شيء.".to_owned(),
    };
    let value = if alert.value.is_empty() { String::new() } else { format!(" {}", safe(&alert.value)) };
    match tongue {
        Tongue::En => format!(
            "A transaction on {chain} {} {amount} at {subject}. The list {list} watches for the {}{value}. {where_en}",
            t.flow(alert.direction),
            t.kind(alert.kind),
        ),
        Tongue::Ar => format!(
            "معاملة في سلسلة {chain}: {} {amount} عند {subject}. تراقب القائمة {list}: {}{value}. {where_ar}",
            t.flow(alert.direction),
            t.kind(alert.kind),
        ),
    }
}

pub(crate) fn handled(done: &Handled, tongue: Tongue) -> String {
    let t = In(tongue);
    let alert = &done.alert;
    let text = format!(
        "{} {}: {} ({} {})",
        t.say("alert", "التنبيه"),
        alert.id,
        t.state(alert.state),
        t.say("version", "الإصدار"),
        alert.version
    );
    match &alert.pending {
        Some(pending) => format!(
            "{text}\n{}: {}",
            t.say("waits for a second person to confirm", "بانتظار تأكيد شخص ثانٍ"),
            t.state(pending.state)
        ),
        None => text,
    }
}

pub(crate) fn suppressions(page: &Page<Suppression>, now: i64, tongue: Tongue) -> String {
    let t = In(tongue);
    if page.rows.is_empty() {
        return t.say("nothing is held back", "لا شيء محجوب").into();
    }
    let rows = page.rows.iter().map(|s| {
        let kind = match s.kind {
            SuppressionKind::Subject => t.say("subject", "موضوع"),
            SuppressionKind::Watch => t.say("watch", "مراقبة"),
            SuppressionKind::Pattern => t.say("pattern", "نمط"),
        };
        let state = match (s.lifted_at, s.expires_at <= now) {
            (Some(_), _) => t.say("lifted", "رُفع"),
            (None, true) => t.say("ended", "انتهى"),
            (None, false) => t.say("holds", "سارٍ"),
        };
        vec![
            s.id.to_string(),
            kind.into(),
            safe(&s.value),
            state.into(),
            time(s.expires_at),
            grouped(s.held_back),
            safe(&s.actor),
            safe(&s.reason),
        ]
    });
    let header = match tongue {
        Tongue::En => ["id", "kind", "value", "state", "until", "held back", "by", "reason"],
        Tongue::Ar => ["الرقم", "النوع", "القيمة", "الحالة", "حتى", "حُجب", "بواسطة", "السبب"],
    };
    plain_table(&header, rows.collect())
}

pub(crate) fn figures(figures: &AlertFigures, now: i64, tongue: Tongue) -> String {
    let t = In(tongue);
    let rows = figures.alerts.iter().map(|c| {
        vec![t.state(c.state).into(), t.severity(c.severity).into(), t.stage(c.stage).into(), grouped(c.count)]
    });
    let header = match tongue {
        Tongue::En => ["state", "severity", "stage", "alerts"],
        Tongue::Ar => ["الحالة", "الخطورة", "المرحلة", "التنبيهات"],
    };
    let mut out = if figures.alerts.is_empty() {
        t.say("no alerts", "لا تنبيهات").to_owned()
    } else {
        plain_table(&header, rows.collect())
    };
    if let Some(at) = figures.oldest_open_at {
        out.push_str(&format!("\n{}: {}", t.say("oldest that is not closed", "أقدم تنبيه غير مغلق"), span(now - at)));
    }
    if figures.pending > 0 {
        out.push_str(&format!(
            "\n{}: {}",
            t.say("wait for a second person", "بانتظار شخص ثانٍ"),
            grouped(figures.pending)
        ));
    }
    for queue in &figures.queues {
        out.push_str(&format!(
            "\n{} {} ({}): {} {}, {} {}",
            t.say("sink", "وجهة"),
            queue.endpoint,
            safe(&queue.transport),
            grouped(queue.waiting),
            t.say("wait", "بالانتظار"),
            grouped(queue.dead),
            t.say("given up", "تُرك")
        ));
    }
    out
}
