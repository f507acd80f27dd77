//! `athar demo --serve`: the world of the demo opened in the browser application, with a case that is begun already.
//!
//! What the case says is found in the world that was just made, and its findings are the answers of this very service, pinned as an
//! investigator would pin them. Nothing in it is written down beforehand.

use crate::Outcome;
use crate::args::{Demo, Tongue};
use crate::printer::Printer;
use crate::show::{btc, grouped};
use anyhow::Context;
use athar_desk::Desk;
use athar_desk::watch::{NewWatch, WatchKind};
use athar_engine::{Engine, Options};
use athar_server::{DemoCase, Limits, LogLevel, People, Server, Settings, Transport, Upkeep, keys, team_default};
use athar_team::cases::{Body, CaseFields, CaseState, Finding, Note, Subject, SubjectKind, Task, Who};
use athar_team::{Actor, Team};
use serde_json::Value;
use serde_json::value::RawValue;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// How long the service may take for an answer that is pinned.
const ANSWER_TIME: Duration = Duration::from_secs(120);
/// Bytes of such an answer: a finding holds no more.
const ANSWER_BYTES_MAX: u64 = 256 << 10;

/// What the story found, as far as the case speaks of it.
pub(crate) struct Found {
    /// The address that it is about.
    pub(crate) address: String,
    /// Another address of its entity, where it has one.
    pub(crate) other: Option<String>,
    /// What was donated to the address, in satoshi.
    pub(crate) donated_sat: u64,
    /// The service that most of it reached: name, satoshi, payments, the transaction of the largest payment.
    pub(crate) service: Option<(String, u64, u64, String)>,
    /// The campaign's id.
    pub(crate) campaign: String,
    /// Documents and messages that it was published in.
    pub(crate) published: u64,
    /// Patterns that the address shows, by id.
    pub(crate) patterns: Vec<String>,
    /// Hops that its money was followed for.
    pub(crate) hops: u32,
}

const fn say(tongue: Tongue, en: &'static str, ar: &'static str) -> &'static str {
    match tongue {
        Tongue::En => en,
        Tongue::Ar => ar,
    }
}

fn now() -> i64 {
    i64::try_from(keys::now_s()).unwrap_or(i64::MAX)
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn serve(store: &Path, words: &Demo, found: &Found, printer: &Printer) -> anyhow::Result<Outcome> {
    watch(store, found)?;
    let url = team_default(store);
    let (case, who) = {
        let team = Team::open(&url.0)?;
        let who =
            Who { user: Some(athar_server::local_user(&team)?), actor: Actor::Local, writes: true, supervises: true };
        (begin(&team, &who, found)?, who)
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings {
        store: store.into(),
        options: Options::default(),
        listen: words.listen,
        keys: None,
        workers,
        log: LogLevel::Error,
        limits: Limits::for_workers(workers),
        // nothing leaves the machine
        upkeep: Upkeep { deliver: false, ..Upkeep::default() },
        transport: Transport::default(),
        people: People {
            team: Some(url),
            demo: Some(DemoCase { case, address: found.address.clone() }),
            ..People::default()
        },
    };
    let server = Server::bind(settings, std::io::stderr())?;
    let (address, team) = (server.address(), server.team().context("the demo has no database of cases")?);
    let cut = std::thread::scope(|scope| {
        scope.spawn(|| {
            // the case is told as it is: without its findings where they could not be pinned
            if let Err(error) = pin(address, &team, &who, case, found) {
                printer.warn(&format!("the case's findings could not be pinned: {error:#}"));
            }
            let told = format!(
                "\n{}\nhttp://{address}\n{}\n",
                say(words.lang, "The desk is open in the browser at:", "منصة التحقيق مفتوحة في المتصفح على العنوان:"),
                say(words.lang, "Ctrl-C ends it.", "لإنهائها: Ctrl-C."),
            );
            // whoever has closed stdout has the URL already, or does not want it
            let _ = printer.data(&told);
        });
        server.run_until_signal()
    });
    Ok(if cut == 0 { Outcome::Done } else { Outcome::Partly })
}

/// A watchlist of the patterns that the address shows, and the alerts they raise.
fn watch(store: &Path, found: &Found) -> anyhow::Result<()> {
    let desk = Desk::open(store)?;
    let engine = Engine::open(store, &Options::default())?;
    desk.add_watchlist(
        "demo",
        "What the address of the guided case shows / ما يظهره عنوان القضية الإرشادية",
        "demo",
        now(),
    )?;
    let chain = Some(engine.chain());
    let mut watches: Vec<NewWatch> =
        found.patterns.iter().map(|id| NewWatch::new(WatchKind::Pattern, None, id)).collect();
    watches.push(NewWatch::new(WatchKind::Entity, chain, &found.address));
    desk.add_watches("demo", watches, now())?;
    desk.see_engine_patterns(&engine, now())?;
    Ok(())
}

/// A text in both languages.
fn both(en: &str, ar: &str) -> String {
    format!("{en}\n\n{ar}")
}

/// The case without its findings: fields, subjects, tasks, a note.
fn begin(team: &Team, who: &Who, found: &Found) -> anyhow::Result<i64> {
    let (cases, now) = (team.cases(), now());
    let donated = btc(found.donated_sat);
    let fields = CaseFields {
        title: "Donation appeal (simulated) / نداء تبرعات (محاكاة)".into(),
        state: CaseState::Active,
        summary: both(
            &format!(
                "An appeal for donations was published with the address {}. It received {donated}. Who received the money, and why do we \
                 believe so? Everything in this case is simulated.",
                found.address
            ),
            &format!(
                "نُشر نداء تبرعات مع العنوان \u{2068}{}\u{2069}. استلم العنوان \u{2068}{donated}\u{2069}. من الذي وصلته الأموال، وعلى أي دليل؟ كل ما في هذه القضية \
                 محاكاة.",
                found.address
            ),
        ),
        legal_basis: both("None: an exercise on invented data.", "لا يوجد: تمرين على بيانات مختلَقة."),
        ..CaseFields::default()
    };
    let case = cases.make(who, &fields, now)?.id;
    let add = |body: Body| cases.add(who, case, body, None, now).map(drop);
    let subject = |kind, chain: Option<&str>, value: &str, en: &str, ar: &str| {
        let (chain, value) = (chain.map(str::to_owned), value.to_owned());
        Body::Subject(Subject { kind, chain, value, note: both(en, ar) })
    };
    let chain = Some("bitcoin");
    let start = (
        "The address of the appeal. Begin here: open it and ask why it is severe.",
        "عنوان النداء. ابدأ من هنا: افتحه واسأل عن سبب تصنيفه شديد الخطورة.",
    );
    add(subject(SubjectKind::Address, chain, &found.address, start.0, start.1))?;
    if let Some(other) = &found.other {
        let (en, ar) = (
            "The entity that the address belongs to, by another of its addresses.",
            "الكيان الذي ينتمي إليه العنوان، من خلال عنوان آخر من عناوينه.",
        );
        add(subject(SubjectKind::Entity, chain, other, en, ar))?;
    }
    let (en, ar) = ("The campaign that published the address.", "الحملة التي نشرت العنوان.");
    add(subject(SubjectKind::Campaign, None, &found.campaign, en, ar))?;
    let task = |en: &str, ar: &str, done| Body::Task(Task { text: both(en, ar), assignee: who.user, due: None, done });
    add(task(
        "Find out why the address is severe, and read the evidence.",
        "معرفة سبب تصنيف العنوان شديد الخطورة، وقراءة الأدلة.",
        true,
    ))?;
    add(task(
        "Open the graph of the address and follow the money to the services that it reached.",
        "فتح الرسم البياني للعنوان وتتبّع الأموال حتى الخدمات التي وصلت إليها.",
        false,
    ))?;
    if let Some((name, sat, payments, txid)) = &found.service {
        let (en, ar) = (
            "The largest payment to a service that was reached by the money.",
            "أكبر دفعة وصلت إلى خدمة من الأموال المتتبَّعة.",
        );
        add(subject(SubjectKind::Transaction, chain, txid, en, ar))?;
        let (amount, count) = (btc(*sat), grouped(*payments));
        add(task(
            &format!(
                "Prepare a request to {name}: {amount} in {count} payments. Ask who holds the accounts that were credited."
            ),
            &format!(
                "إعداد طلب إلى \u{2068}{name}\u{2069}: \u{2068}{amount}\u{2069} في \u{2068}{count}\u{2069} دفعة. السؤال عن أصحاب الحسابات التي أُودعت فيها."
            ),
            false,
        ))?;
    }
    add(Body::Note(Note {
        text: both(
            "How to go on: each figure has a \"why\" that shows the transactions and labels it rests on. What is pinned here keeps the answer \
             as it was; \"check\" asks again and says what has changed. That nothing is known of an address does not mean that it is clean, and a \
             pattern is never a finding about a person.",
            "كيف تتابع: بجانب كل رقم زر «لماذا» يعرض المعاملات والتسميات التي يستند إليها. ما يُثبَّت هنا يحفظ الإجابة كما كانت، و«تحقّق» يسأل من جديد ويبيّن ما \
             تغيّر. عدم معرفة شيء عن عنوان لا يعني أنه سليم، والنمط ليس حكماً على شخص أبداً.",
        ),
    }))?;
    Ok(case)
}

/// Pins what the service answers to the questions that the case begins with.
fn pin(address: SocketAddr, team: &Team, who: &Who, case: i64, found: &Found) -> anyhow::Result<()> {
    let donated = btc(found.donated_sat);
    let mut findings = vec![
        (
            format!("/v1/screen?target={}", found.address),
            both(
                "The address is on a list of terrorist financing by designation: the risk is severe.",
                "العنوان مُدرج في قائمة تمويل الإرهاب بموجب قرار إدراج: الخطورة شديدة.",
            ),
        ),
        (
            format!("/v1/campaigns/{}", found.campaign),
            both(
                &format!("The address was published with an appeal, in {} documents and messages.", found.published),
                &format!("نُشر العنوان مع نداء في \u{2068}{}\u{2069} من المستندات والرسائل.", found.published),
            ),
        ),
    ];
    if let Some((name, sat, ..)) = &found.service {
        let amount = btc(*sat);
        findings.push((
            format!("/v1/trace/{}?hops={}", found.address, found.hops),
            both(
                &format!("Of {donated} that the address received, {amount} reached {name}, satoshi by satoshi (FIFO)."),
                &format!(
                    "من أصل \u{2068}{donated}\u{2069} استلمها العنوان، وصل \u{2068}{amount}\u{2069} إلى \u{2068}{name}\u{2069}، ساتوشي بساتوشي (FIFO)."
                ),
            ),
        ));
    }
    for (path, statement) in findings {
        let Some(answer) = ask(address, &path)? else { continue };
        let snapshot = snapshot_of(&serde_json::from_str(&answer)?).unwrap_or_default();
        let pinned = RawValue::from_string(answer.trim().to_owned())?;
        let finding = Finding { statement, path, snapshot, pinned, note: String::new() };
        team.cases().add(who, case, Body::Finding(finding), None, now())?;
    }
    Ok(())
}

/// The snapshot that an answer names, at its top or in its first part.
fn snapshot_of(answer: &Value) -> Option<String> {
    match answer {
        Value::Object(fields) => match fields.get("snapshot") {
            Some(Value::String(snapshot)) => Some(snapshot.clone()),
            _ => fields.values().find_map(snapshot_of),
        },
        Value::Array(items) => items.iter().find_map(snapshot_of),
        _ => None,
    }
}

/// Asks the service itself; nothing where the answer is longer than a finding holds.
fn ask(address: SocketAddr, path: &str) -> anyhow::Result<Option<String>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    // HTTP/1.0: the answer ends with the connection and comes in one piece
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: application/json\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX + 8_192).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes)?;
    let (head, body) = text.split_once("\r\n\r\n").context("the service gave no answer")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    anyhow::ensure!(status == "200", "{path}: status {status}");
    Ok((body.len() as u64 <= ANSWER_BYTES_MAX).then(|| body.to_owned()))
}
