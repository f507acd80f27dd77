//! `/v1/withdrawals`: may it go out? An answer within the time that was stated, and the journal of answers.
//!
//! Whatever happens to the work (it is slow, it waits, it fails, the store is gone), a question of the right form is answered
//! with a decision. The work tells each step as it finds it; when the time is over the decision is made of what is there, and
//! the work ends at its own bounds in its place of the pool. The decision is then kept, in what is left of the time.

mod deciding;
mod request;

pub(crate) use deciding::Deciding;

use crate::app::App;
use crate::generation::{Generation, held};
use crate::keys::Scope;
use crate::media::JSON;
use crate::parameters::{Kind, Param};
use crate::pool::Cancel;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{Ask, BodyKind, Call, Part, READ, Route, Rows, Run, Verb};
use crate::settings::LogLevel;
use athar_desk::{DecisionsOf, KeptDecision, NewDecision};
use athar_engine::Bilingual;
use athar_engine::policy::DecisionTable;
use athar_engine::read::{CheckEnd, CheckFound, CheckMade, CheckQuestion, DecisionView, KnowledgeView, PolicySet};
use request::Asked;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TAG: &str = "withdrawals";
/// Of the time limit, what is left for making and keeping the decision: a tenth, within these bounds.
const MARGIN: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));
/// How long the journal is waited for at least. What is not kept by then is answered as not yet kept, and kept all the same.
const KEEPING_MIN: Duration = Duration::from_millis(20);
const CODES: &[codes::Code] = &[codes::CHAIN_UNKNOWN, codes::AMOUNT_INVALID, codes::FIELD_INVALID, codes::BODY_INVALID];

/// Decisions that were kept.
#[derive(Debug, Serialize, JsonSchema)]
struct KeptView {
    /// The decisions, the newest first.
    decisions: Vec<KeptDecision>,
}

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/withdrawals/check",
        id: "withdrawalCheck",
        tag: TAG,
        summary: "Allow, hold or review a withdrawal, within a stated time, with the reasons; the decision is kept",
        scope: Some(Scope::Screen),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Asked>(), idempotent: true }),
        shape: |g| g.subschema_for::<DecisionView>(),
        codes: CODES,
        run: Run::Task(|call| Box::pin(check(call))),
        ..READ
    },
    Route {
        path: "/v1/withdrawals/checks",
        id: "withdrawalChecks",
        tag: TAG,
        summary: "Decisions that were made, the newest first",
        params: &[&[
            Param::new("address", Kind::Text(4_096), "Only about this address, as it was given"),
            Param::new("reference", Kind::Text(4_096), "Only with this reference"),
            Param::new("limit", Kind::Integer(1, athar_desk::DECISIONS_PAGE_MAX as u64, Some(100)), "Rows of the page"),
            Param::new("cursor", Kind::Text(100), "Where the page before ended, from its Link header"),
        ]],
        shape: |g| g.subschema_for::<KeptView>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| Box::pin(kept(call, list))),
        ..READ
    },
    Route {
        path: "/v1/withdrawals/checks/{id}",
        id: "withdrawalCheckKept",
        tag: TAG,
        summary: "A decision that was made, as it was answered",
        parts: &[Part { name: "id", summary: "Its number" }],
        shape: |g| g.subschema_for::<KeptDecision>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID],
        run: Run::Task(|call| Box::pin(kept(call, one))),
        ..READ
    },
];

/// What the work has found so far.
#[derive(Debug, Default)]
struct Slot {
    knowledge: Option<KnowledgeView>,
    found: Option<CheckFound>,
}

async fn check(call: Call) -> Result<Reply, Problem> {
    let began = Instant::now();
    let (asked, question) = Asked::read(&call.body)?;
    let (app, store) = (Arc::clone(&call.app), Arc::clone(&call.ask.store));
    let policy = policy(&app, &store, asked.time_limit_ms).await;
    let table = match &policy {
        Ok(set) => set.deciding.decision().clone(),
        Err(_) => DecisionTable::shipped().clone(),
    };
    let limit_ms = asked.time_limit_ms.unwrap_or(table.time_limit_ms);
    let limit = Duration::from_millis(limit_ms.into());
    let margin = (limit / 10).clamp(MARGIN.0.min(limit / 2), MARGIN.1);
    let slot = Arc::new(Mutex::new(Slot::default()));
    let (end, set) = match policy {
        Ok(set) => {
            let until = began + limit.saturating_sub(margin);
            let cancel = call.ask.cancel.clone();
            (look(&app, &store, &question, &set, &slot, until, &cancel).await, Some(set))
        }
        Err(end) => (end, None),
    };
    let (knowledge, found) = {
        let mut slot = held(&slot);
        (slot.knowledge.take(), slot.found.take())
    };
    let mut view = CheckMade {
        question: &question,
        reference: asked.reference.as_deref(),
        set: set.as_deref(),
        knowledge,
        found: found.as_ref(),
        end,
        time_limit_ms: limit_ms,
        took: began.elapsed(),
    }
    .decide();
    keep(&app, &mut view, asked.customer, &table, limit.saturating_sub(began.elapsed()).max(KEEPING_MIN)).await;
    Reply::view(&view)
}

/// The active policy, within the time that was asked for.
async fn policy(app: &Arc<App>, store: &Arc<Generation>, limit_ms: Option<u32>) -> Result<Arc<PolicySet>, CheckEnd> {
    let limit = Duration::from_millis(limit_ms.unwrap_or(DecisionTable::shipped().time_limit_ms).into());
    let store = Arc::clone(store);
    let read = tokio::task::spawn_blocking(move || store.policy("active"));
    match tokio::time::timeout(limit, read).await {
        Ok(Ok(Ok(set))) => Ok(set),
        Ok(Ok(Err(problem))) => {
            app.log.line(LogLevel::Error, "policy_unreadable", serde_json::json!({ "cause": problem.cause }));
            Err(CheckEnd::Failed(Bilingual::new("the risk policy cannot be read", "تعذّرت قراءة سياسة المخاطر")))
        }
        Ok(Err(_)) => Err(failed()),
        Err(_) => Err(late("the risk policy could not be read in time", "تعذّرت قراءة سياسة المخاطر ضمن المهلة")),
    }
}

/// Looks until the time is over, and says how it ended.
async fn look(
    app: &Arc<App>,
    store: &Arc<Generation>,
    question: &CheckQuestion,
    set: &Arc<PolicySet>,
    slot: &Arc<Mutex<Slot>>,
    until: Instant,
    cancel: &Cancel,
) -> CheckEnd {
    let work = {
        let (app, store, set) = (Arc::clone(app), Arc::clone(store), Arc::clone(set));
        let (question, slot) = (question.clone(), Arc::clone(slot));
        move || {
            // a chain that was not asked before is opened now
            let engine = store.of_chain(Some(question.chain))?;
            let state = app.deciding.state(store.folder());
            let knowledge = engine.knowledge(now_ms(), state, &set.deciding.decision().when_behind);
            held(&slot).knowledge = Some(knowledge);
            engine.check(&question, &set, until, &mut |found| held(&slot).found = Some(found))?;
            Ok(())
        }
    };
    let time = until.saturating_duration_since(Instant::now());
    match app.pool.run(time, cancel, work).await {
        Ok(()) => CheckEnd::Done,
        Err(problem) if problem.code == codes::TIME_LIMIT => {
            late("the time limit was over before everything was looked at", "انتهت المهلة قبل النظر في كل شيء")
        }
        Err(problem) if problem.code == codes::BUSY || problem.code == codes::SHUTTING_DOWN => {
            late("as many questions as may wait are waiting", "الخدمة مشغولة، وبلغ عدد الطلبات المنتظرة حدّه الأقصى")
        }
        Err(problem) => {
            let cause = problem.cause.unwrap_or(problem.detail);
            app.log.line(LogLevel::Error, "check_failed", serde_json::json!({ "cause": cause }));
            if app.deciding.state(store.folder()) == athar_engine::read::StoreState::Current {
                failed()
            } else {
                CheckEnd::StoreFailed(Bilingual::new("the store cannot be read", "تعذّرت قراءة قاعدة البيانات"))
            }
        }
    }
}

/// Keeps the decision, and notes its number; where it cannot be kept the table says what follows.
async fn keep(
    app: &Arc<App>,
    view: &mut DecisionView,
    customer: Option<String>,
    table: &DecisionTable,
    time: Duration,
) {
    if app.desk().is_err() {
        let why = Bilingual::new("the store cannot be written", "تعذّرت الكتابة في قاعدة البيانات");
        view.not_kept(table, &why);
        return;
    }
    let decision = NewDecision::of(view, customer, now_ms());
    let keeper = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || {
        let kept = keeper.deciding.journal(&keeper.settings.store).and_then(|journal| journal.append(decision));
        if let Err(error) = &kept {
            let cause = serde_json::json!({ "cause": error.to_string() });
            keeper.log.line(LogLevel::Error, "decision_not_kept", cause);
        }
        kept
    });
    match tokio::time::timeout(time, task).await {
        Ok(Ok(Ok(id))) => view.kept = Some(id),
        Ok(_) => view.not_kept(table, &DecisionView::journal_failed()),
        Err(_) => {
            view.notes.push(Bilingual::new(
                "the decision was not yet on the disk when it was sent; it is kept as soon as it is",
                "لم يكن القرار قد كُتب على القرص حين أُرسل؛ ويُعدّ محفوظًا متى كُتب",
            ));
        }
    }
}

/// Answers from the journal, off the threads that talk to clients.
async fn kept(call: Call, work: fn(&App, &Ask) -> Result<Reply, Problem>) -> Result<Reply, Problem> {
    let Call { app, ask, .. } = call;
    let (time, cancel, asked) = (app.settings.limits.request_time, ask.cancel.clone(), Arc::clone(&app));
    app.pool.run(time, &cancel, move || work(&asked, &ask)).await
}

fn list(app: &App, ask: &Ask) -> Result<Reply, Problem> {
    app.desk()?;
    let of = DecisionsOf { address: ask.given.get("address"), reference: ask.given.get("reference"), customer: None };
    let (decisions, is_more) = app.deciding.journal(&app.settings.store)?.page(&of, ask.offset, ask.limit)?;
    let last = decisions.last().and_then(|decision| u64::try_from(decision.id).ok());
    let mut reply = Reply::view(&KeptView { decisions })?;
    reply.next = last.filter(|_| is_more);
    Ok(reply)
}

fn one(app: &App, ask: &Ask) -> Result<Reply, Problem> {
    app.desk()?;
    let id = crate::routes::number(ask)?;
    Reply::view(&app.deciding.journal(&app.settings.store)?.decision(id)?)
}

fn late(en: &str, ar: &str) -> CheckEnd {
    CheckEnd::Late(Bilingual::new(en, ar))
}

fn failed() -> CheckEnd {
    CheckEnd::Failed(Bilingual::new(
        "the service could not look, for a reason of its own",
        "تعذّر النظر لسبب داخلي في الخدمة",
    ))
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}
