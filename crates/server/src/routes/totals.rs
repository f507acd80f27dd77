//! What categories received, sent and cashed out.

use super::{Ask, READ, Route, Run};
use crate::csv::Table;
use crate::media::{CSV, JSON};
use crate::parameters::{DAYS, Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_engine::read::{TotalsBy, TotalsOptions, TotalsView, totals};
use athar_engine::{Category, Chain, Engine};

pub(super) const ROUTES: &[Route] = &[Route {
    path: "/v1/totals",
    id: "totals",
    tag: "totals",
    summary: "What a category received, sent and cashed out, and what a retracted label would change; of every chain of the \
              store, or of one",
    params: &[
        DAYS,
        &[
            Param::new("chain", Kind::Chain, "Chain to count; without it every one that the store holds"),
            Param::new("category", Kind::Text(60), "Category of the labels; repeated: any of them")
                .required()
                .repeated(),
            Param::new("by", Kind::Word(&["month", "organisation", "asset"]), "What the rows are; without it months"),
        ],
    ],
    media: &[JSON, CSV],
    shape: |g| g.subschema_for::<TotalsView>(),
    codes: &[codes::STORE_EMPTY],
    run: Run::Engine(answer),
    ..READ
}];

fn answer(ask: &Ask) -> Result<Reply, Problem> {
    let mut categories: Vec<Category> = Vec::new();
    for name in ask.given.all("category") {
        let category = name.parse().map_err(|_| {
            Problem::new(codes::PARAMETER_INVALID, format!("`{}` is no category", shown(&name))).at("category")
        })?;
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    let by = ask.given.get("by").and_then(TotalsBy::from_name).unwrap_or_default();
    let options = TotalsOptions { categories, by };
    let chains: Vec<Option<Chain>> = match ask.given.chain() {
        Some(chain) => vec![Some(chain)],
        None => {
            let held = Engine::chains_held(ask.store.folder())?;
            if held.is_empty() { vec![None] } else { held.into_iter().map(Some).collect() }
        }
    };
    let mut parts = Vec::with_capacity(chains.len());
    for chain in chains {
        if ask.cancel.is_cancelled() {
            return Err(Problem::new(codes::TIME_LIMIT, "name a chain, or give requests more time"));
        }
        parts.push(ask.store.past(chain, ask.given.as_of())?.totals_part(&options)?);
    }
    let view = totals(&options, &parts);
    if ask.media == CSV {
        let mut table = Table::new(&TotalsView::COLUMNS)?;
        for record in view.records() {
            table.row(record.into_iter())?;
        }
        return Ok(Reply::of(CSV, table.end()?));
    }
    Reply::view(&view)
}
