//! What a coin was worth on a day.

use super::{Part, READ, Route, Run};
use crate::parameters::{CHAIN, Kind, PAGE, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_engine::Day;
use athar_engine::read::{PriceDayView, PricesStatusView, PricesView};

const TAG: &str = "prices";
const ASSET: Param = Param::new("asset", Kind::Asset, "Asset; without it the coin of the chain");

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/prices",
        id: "prices",
        tag: TAG,
        summary: "The prices in use",
        params: &[
            CHAIN,
            PAGE,
            &[ASSET, Param::new("from", Kind::Day, "First day"), Param::new("to", Kind::Day, "Last day")],
        ],
        shape: |g| g.subschema_for::<PricesView>(),
        run: Run::Engine(|ask| {
            let given = &ask.given;
            let (asset, from, to) = (given.parsed("asset"), given.parsed("from"), given.parsed("to"));
            let view = ask.engine()?.prices(asset, from, to, ask.offset, ask.limit);
            Ok(Reply::view(&view)?.next(view.truncated, ask.offset, view.prices.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/prices/day/{day}",
        id: "priceDay",
        tag: TAG,
        summary: "The price of one day, its sources, and what was imported for it before",
        parts: &[Part { name: "day", summary: "Day as 2020-01-31 (UTC)" }],
        params: &[CHAIN, &[ASSET]],
        shape: |g| g.subschema_for::<PriceDayView>(),
        codes: &[codes::TARGET_INVALID],
        run: Run::Engine(|ask| {
            let wrong =
                || Problem::new(codes::TARGET_INVALID, format!("`{}` is no day as 2020-01-31", shown(ask.part(0))));
            let day: Day = ask.part(0).parse().map_err(|_| wrong().at("day"))?;
            Reply::view(&ask.engine()?.price_day(day, ask.given.parsed("asset")))
        }),
        ..READ
    },
    Route {
        path: "/v1/prices/status",
        id: "pricesStatus",
        tag: TAG,
        summary: "How far the prices reach: assets, days, missing days, sources, imports",
        params: &[CHAIN],
        shape: |g| g.subschema_for::<PricesStatusView>(),
        run: Run::Engine(|ask| Reply::view(&ask.engine()?.prices_status())),
        ..READ
    },
];
