//! What is watched for and who is told of it, as text, in English and Arabic.

use super::alerts::{In, time};
use super::words::{dollars, grouped, plain_table, safe};
use crate::args::Tongue;
use athar_desk::alert::{Caught, Raised};
use athar_desk::watch::{Flow, Watch, WatchImport, Watchlist};
use athar_desk::webhook::{Delivered, Endpoint};
use athar_desk::{Page, Registered};
use athar_engine::{Chain, Day, Usd};

pub(crate) fn watch_added(added: &Registered, tongue: Tongue) -> String {
    let t = In(tongue);
    let was = if added.is_new {
        t.say("is watched for from now on", "قائمة من الآن")
    } else {
        t.say("was watched for already", "كانت قائمة من قبل")
    };
    format!("{} {} {was}", t.say("watch", "المراقبة"), added.id)
}

pub(crate) fn watches_imported(done: &WatchImport, tongue: Tongue) -> String {
    let (lines, added, known) = (grouped(done.lines), grouped(done.added), grouped(done.known));
    match tongue {
        Tongue::En => format!("{lines} lines: {added} watched for from now on, {known} already"),
        Tongue::Ar => format!("عدد الأسطر {lines}: تُراقَب من الآن {added}، وكانت مراقَبة من قبل {known}"),
    }
}

pub(crate) fn watch_gone(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("watch {id} is gone"),
        Tongue::Ar => format!("حُذفت المراقبة {id}"),
    }
}

pub(crate) fn watchlist_gone(list: &str, watches: u64, tongue: Tongue) -> String {
    let (list, watches) = (safe(list), grouped(watches));
    match tongue {
        Tongue::En => format!("the list {list} is gone with {watches} watches"),
        Tongue::Ar => format!("حُذفت القائمة {list} وعدد مراقباتها {watches}"),
    }
}

pub(crate) fn watch_idle(id: i64, chain: Chain, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("watch {id} names nothing that {chain} of this store knows now"),
        Tongue::Ar => format!("لا تعرف سلسلة {chain} في هذا المخزن الآن ما تسمّيه المراقبة {id}"),
    }
}

pub(crate) fn watchlists(lists: &[Watchlist], tongue: Tongue) -> String {
    let t = In(tongue);
    if lists.is_empty() {
        return t
            .say(
                "nothing is watched for: `athar watch add LIST address ADDRESS` begins",
                "لا شيء مراقَب: تبدأ المراقبة بالأمر `athar watch add LIST address ADDRESS`",
            )
            .into();
    }
    let rows = lists.iter().map(|l| {
        vec![l.id.to_string(), safe(&l.name), grouped(l.watches), safe(&l.added_by), time(l.added_at), safe(&l.note)]
    });
    let header = match tongue {
        Tongue::En => ["id", "list", "watches", "made by", "made", "note"],
        Tongue::Ar => ["الرقم", "القائمة", "المراقبات", "أنشأها", "أُنشئت", "ملاحظة"],
    };
    plain_table(&header, rows.collect())
}

pub(crate) fn watches(page: &Page<Watch>, tongue: Tongue) -> String {
    let t = In(tongue);
    if page.rows.is_empty() {
        return t.say("no watches", "لا مراقبات").into();
    }
    let units = t.say("units", "وحدة");
    let rows = page.rows.iter().map(|w| {
        let mut least = w.at_least_units.as_deref().map_or_else(String::new, |n| format!("{} {units}", safe(n)));
        if let Some(cents) = w.at_least_usd_cents {
            least = format!("{least} {}", dollars(Some(Usd(cents)))).trim().into();
        }
        let direction = match w.direction {
            Flow::Any => t.say("any", "الاتجاهان"),
            Flow::Received => t.say("received", "وارد"),
            Flow::Sent => t.say("sent", "صادر"),
        };
        vec![
            w.id.to_string(),
            t.kind(w.kind).into(),
            w.chain.as_deref().map_or_else(|| t.say("all", "الكل").into(), safe),
            safe(&w.value),
            direction.into(),
            least,
            t.severity(w.severity).into(),
            safe(&w.note),
        ]
    });
    let header = match tongue {
        Tongue::En => ["id", "kind", "chain", "value", "direction", "at least", "severity", "note"],
        Tongue::Ar => ["الرقم", "النوع", "السلسلة", "القيمة", "الاتجاه", "الحد الأدنى", "الخطورة", "ملاحظة"],
    };
    let table = plain_table(&header, rows.collect());
    match page.next {
        Some(next) => format!("{table}\n{}: --after {next}", t.say("more", "المزيد")),
        None => table,
    }
}

pub(crate) fn suppressed(id: i64, until: Day, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("suppression {id} holds back until the end of {until}"),
        Tongue::Ar => format!("يسري الحجب {id} حتى نهاية يوم {until}"),
    }
}

pub(crate) fn lifted(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("suppression {id} is lifted"),
        Tongue::Ar => format!("رُفع الحجب {id}"),
    }
}

pub(crate) fn raised(r: &Raised, tongue: Tongue) -> String {
    let [raised, confirmed, reorged, held_back, known] =
        [r.raised, r.confirmed, r.reorged, r.held_back, r.known].map(grouped);
    match tongue {
        Tongue::En => format!(
            "{raised} raised, {confirmed} confirmed, {reorged} reorganised, {held_back} held back, {known} known"
        ),
        Tongue::Ar => {
            format!("أُنشئ {raised}، تأكد {confirmed}، خرجت كتلته {reorged}، حُجب {held_back}، معروف من قبل {known}")
        }
    }
}

pub(crate) fn caught(chain: &str, caught: &Caught, tongue: Tongue) -> String {
    let t = In(tongue);
    let height = caught.height.map_or_else(|| t.say("none", "لا شيء").into(), |height| height.to_string());
    let (blocks, txs) = (grouped(caught.blocks), grouped(caught.txs));
    let raised = raised(&caught.raised, tongue);
    match tongue {
        Tongue::En => format!("{chain}: {blocks} blocks with {txs} transactions, up to height {height}: {raised}"),
        Tongue::Ar => format!("{chain}: عدد الكتل {blocks} وعدد معاملاتها {txs}، حتى الارتفاع {height}: {raised}"),
    }
}

pub(crate) fn delivered(d: &Delivered, tongue: Tongue) -> String {
    let [delivered, failed, dead] = [d.delivered, d.failed, d.dead].map(grouped);
    match tongue {
        Tongue::En => format!("{delivered} delivered, {failed} failed and wait, {dead} given up"),
        Tongue::Ar => format!("سُلّم {delivered}، تعذّر وينتظر {failed}، تُرك {dead}"),
    }
}

pub(crate) fn sinks(endpoints: &[Endpoint], tongue: Tongue) -> String {
    let t = In(tongue);
    if endpoints.is_empty() {
        return t
            .say(
                "nobody is told: `athar alerts sinks add URL` adds mail, syslog or a file, `athar desk webhooks add URL` a server",
                "لا يُبلَّغ أحد: يضيف `athar alerts sinks add URL` بريدًا أو syslog أو ملفًا، و`athar desk webhooks add URL` خادمًا",
            )
            .into();
    }
    let all = || t.say("all", "الكل").to_owned();
    let rows = endpoints.iter().map(|e| {
        let events = if e.events.is_empty() { all() } else { e.events.join(" ") };
        let enabled = if e.enabled { t.say("yes", "نعم") } else { t.say("no", "لا") };
        let least = e.least_severity.as_deref().map_or_else(all, |name| match name.parse() {
            Ok(level) => t.severity(level).into(),
            Err(_) => safe(name),
        });
        vec![e.id.to_string(), safe(&e.url), events, least, enabled.into(), grouped(e.waiting), grouped(e.dead)]
    });
    let header = match tongue {
        Tongue::En => ["id", "url", "events", "severity", "enabled", "waiting", "dead"],
        Tongue::Ar => ["الرقم", "إلى", "الأحداث", "الخطورة", "مفعّلة", "بالانتظار", "تُرك"],
    };
    plain_table(&header, rows.collect())
}

pub(crate) fn sink_added(id: i64, tongue: Tongue) -> String {
    format!("{} {id}", In(tongue).say("sink", "الوجهة"))
}

pub(crate) fn sink_disabled(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("nothing is sent to sink {id}"),
        Tongue::Ar => format!("لا يُرسَل شيء إلى الوجهة {id}"),
    }
}

pub(crate) fn sink_enabled(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("sink {id} is sent to"),
        Tongue::Ar => format!("يُرسَل إلى الوجهة {id}"),
    }
}

pub(crate) fn sink_gone(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("sink {id} is deleted"),
        Tongue::Ar => format!("حُذفت الوجهة {id}"),
    }
}

pub(crate) fn sink_tested(id: i64, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => format!("an event for sink {id} waits; `athar alerts deliver --once` delivers it"),
        Tongue::Ar => format!("حدثٌ للوجهة {id} بالانتظار؛ يسلّمه `athar alerts deliver --once`"),
    }
}
