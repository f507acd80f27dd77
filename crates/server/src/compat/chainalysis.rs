//! Chainalysis' free sanctions screening and its address screening ("entities"), by their public documentation.

use crate::generation::Generation;
use crate::keys::Scope;
use crate::media::JSON;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{BodyKind, Call, Part, READ, Route, Run, Verb};
use crate::screenings::wrong;
use athar_engine::read::{Direction, LabelsOf, ScreenOptions, ScreenStatus};
use athar_engine::{Bilingual, Engine, LabelBasis, Level, Usd};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

const TAG: &str = "compat";
const ADDRESS: Part = Part { name: "address", summary: "Address" };
const CODES: &[codes::Code] = &[codes::TARGET_INVALID];
/// Labels of one address that are looked at.
const LABELS_MAX: usize = 1_000;

pub(crate) const ROUTES: &[Route] = &[
    Route {
        path: "/compat/chainalysis/api/v1/address/{address}",
        id: "chainalysisSanctions",
        tag: TAG,
        summary: "Designations of an address, in the shape of Chainalysis' free sanctions screening",
        scope: Some(Scope::Screen),
        parts: &[ADDRESS],
        shape: |g| g.subschema_for::<Sanctions>(),
        codes: CODES,
        run: Run::Engine(|ask| Reply::json(&sanctions(&*ask.engine()?, ask.part(0))?)),
        ..READ
    },
    Route {
        path: "/compat/chainalysis/api/risk/v2/entities/{address}",
        id: "chainalysisEntity",
        tag: TAG,
        summary: "The risk of an address, in the shape of Chainalysis' address screening",
        scope: Some(Scope::Screen),
        parts: &[ADDRESS],
        shape: |g| g.subschema_for::<EntityRisk>(),
        codes: CODES,
        run: Run::Engine(|ask| Reply::json(&entity(&*ask.engine()?, ask.part(0))?)),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/compat/chainalysis/api/risk/v2/entities",
        id: "chainalysisRegister",
        tag: TAG,
        summary: "Takes an address as Chainalysis' registration does; nothing needs to be registered here",
        scope: Some(Scope::Screen),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Registered>(), idempotent: false }),
        status: 201,
        shape: |g| g.subschema_for::<Registered>(),
        codes: CODES,
        run: Run::Task(|call| Box::pin(register(call))),
        ..READ
    },
];

/// The answer of the sanctions screening.
#[derive(Debug, Serialize, JsonSchema)]
struct Sanctions {
    /// One for each designation of the address itself; empty: no imported list names it, which says nothing else of it.
    identifications: Vec<Identification>,
}

/// What an address is identified as.
#[derive(Debug, Serialize, JsonSchema)]
struct Identification {
    /// `sanctions` in the sanctions screening; else the category's name.
    category: String,
    /// The label.
    name: String,
    /// Where it stands.
    description: String,
    /// The source, where it is a link.
    url: Option<String>,
}

/// The answer of the address screening.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EntityRisk {
    /// The address as asked.
    address: String,
    /// `Low`, `Medium`, `High` or `Severe`; null where nothing is known, which is not low.
    #[schemars(with = "Option<String>")]
    risk: Option<&'static str>,
    /// Why, in words.
    risk_reason: String,
    /// `PRIVATE_WALLET`: chains of unspent outputs have no liquidity pools.
    #[schemars(with = "String")]
    address_type: &'static str,
    /// Whose entity it is, where a label says so.
    cluster: Option<Cluster>,
    /// Labels of the address itself.
    address_identifications: Vec<Identification>,
    /// By category, type and direction, in dollars at the time.
    exposures: Vec<Exposure>,
    /// The statements that gave the risk.
    triggers: Vec<Trigger>,
    /// `COMPLETE`: answers are not made in the background.
    #[schemars(with = "String")]
    status: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Cluster {
    name: String,
    category: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Exposure {
    category: String,
    /// Dollars; null where no day of it has a price.
    value: Option<Usd>,
    /// `direct` or `indirect`.
    #[schemars(with = "String")]
    exposure_type: &'static str,
    /// `received` or `sent`.
    #[schemars(with = "String")]
    direction: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    category: String,
    /// Share of everything received (or sent), in percent; null for what the address itself is.
    percentage: Option<f64>,
    message: String,
    rule_triggered: Rule,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[schemars(with = "Option<String>")]
    risk: Option<&'static str>,
    /// `direct` or `indirect`; null for what the address itself is.
    #[schemars(with = "Option<String>")]
    exposure_type: Option<&'static str>,
    /// `received` or `sent`; null for what the address itself is.
    #[schemars(with = "Option<String>")]
    direction: Option<&'static str>,
}

/// An address that was registered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Registered {
    /// The address.
    address: String,
}

/// A category by its name, as a client of that service reads it.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn risk_word(level: Level) -> Option<&'static str> {
    match level {
        Level::Unknown => None,
        Level::None | Level::Low => Some("Low"),
        Level::Medium => Some("Medium"),
        Level::High => Some("High"),
        Level::Severe => Some("Severe"),
    }
}

/// An empty answer to a mistyped address would read as a clean one.
fn must_be_address(kind: &str, status: ScreenStatus, reason: Option<&Bilingual>) -> Result<(), Problem> {
    if kind == "address" && status != ScreenStatus::Invalid {
        return Ok(());
    }
    let detail = reason.map_or_else(|| format!("it is of the kind {kind}"), |reason| reason.en.clone());
    Err(Problem::new(codes::TARGET_INVALID, detail).at("address"))
}

fn sanctions(engine: &Engine, address: &str) -> Result<Sanctions, Problem> {
    let view = crate::screenings::direct(engine, address)?;
    must_be_address(view.kind, view.status, view.reason.as_ref())?;
    let identifications = identifications(engine, address, |basis| basis == LabelBasis::Designation)?;
    let identifications =
        identifications.into_iter().map(|i| Identification { category: "sanctions".into(), ..i }).collect();
    Ok(Sanctions { identifications })
}

/// The labels of the address itself, not those of its entity.
fn identifications(
    engine: &Engine,
    address: &str,
    wanted: impl Fn(LabelBasis) -> bool,
) -> Result<Vec<Identification>, Problem> {
    let labels = engine.labels(Some(address), LabelsOf::InUse, 0, LABELS_MAX)?.labels;
    let counted = labels.into_iter().filter(|label| label.quarantine.is_none() && wanted(label.basis));
    let one = counted.map(|label| {
        let url = label.source.clone().filter(|s| s.starts_with("https://") || s.starts_with("http://"));
        let from = label.source.filter(|_| url.is_none()).map(|s| format!(", {s}")).unwrap_or_default();
        Identification {
            category: spaced(label.category.name()),
            description: format!("{} ({}), {} line {}{from}", label.label, label.basis.name(), label.pack, label.line),
            name: label.label,
            url,
        }
    });
    Ok(one.collect())
}

fn entity(engine: &Engine, address: &str) -> Result<EntityRisk, Problem> {
    let view = engine.screen(address, &ScreenOptions::default())?;
    must_be_address(view.kind, view.status, view.reason.as_ref())?;
    let mut exposures: BTreeMap<(String, &'static str, &'static str), Option<u64>> = BTreeMap::new();
    let mut triggers = Vec::new();
    for statement in &view.statements {
        let direction = statement.direction.map(|direction| match direction {
            Direction::Received => "received",
            Direction::Sent => "sent",
        });
        let category = spaced(statement.category.name());
        let exposure_type = statement.hops_min.map(|hops| if hops <= 1 { "direct" } else { "indirect" });
        if let (Some(kind), Some(direction)) = (exposure_type, direction) {
            let sum = exposures.entry((category.clone(), kind, direction)).or_default();
            if let Some(usd) = statement.usd {
                *sum = Some(sum.unwrap_or(0).saturating_add(usd.0));
            }
        }
        if statement.level == view.risk && statement.level > Level::None {
            let what = format!("{}: {} ({})", statement.relation.name(), statement.label, statement.basis.name());
            triggers.push(Trigger {
                category,
                // a share of at most one, in millionths: a percentage with four decimals is exact in a float
                percentage: statement.share.map(|share| share.0 as f64 / 10_000.0),
                message: what,
                rule_triggered: Rule { risk: risk_word(statement.level), exposure_type, direction },
            });
        }
    }
    let owner = view.statements.iter().find(|s| s.direction.is_none());
    let risk_reason = match triggers.first() {
        Some(trigger) => trigger.message.clone(),
        None if view.risk == Level::Unknown => {
            "Nothing is known of this address here, which does not mean low risk.".into()
        }
        None => "What is known of this address says no risk.".into(),
    };
    Ok(EntityRisk {
        address: address.to_owned(),
        risk: risk_word(view.risk),
        risk_reason,
        address_type: "PRIVATE_WALLET",
        cluster: owner.map(|s| Cluster { name: s.label.clone(), category: spaced(s.category.name()) }),
        address_identifications: identifications(engine, address, |_| true)?,
        exposures: exposures
            .into_iter()
            .map(|((category, exposure_type, direction), cents)| Exposure {
                category,
                value: cents.map(Usd),
                exposure_type,
                direction,
            })
            .collect(),
        triggers,
        status: "COMPLETE",
    })
}

async fn register(call: Call) -> Result<Reply, Problem> {
    let given: Registered = serde_json::from_slice(&call.body).map_err(|e| wrong(&e))?;
    let store: Arc<Generation> = Arc::clone(&call.ask.store);
    let work = move || {
        let view = crate::screenings::direct(&store.engine, &given.address)?;
        must_be_address(view.kind, view.status, view.reason.as_ref())?;
        Ok(Reply::json(&given)?.status(StatusCode::CREATED))
    };
    call.app.pool.run(call.app.settings.limits.request_time, &call.ask.cancel, work).await
}
