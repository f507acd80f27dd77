//! Names against the imported lists, across scripts.

use super::{READ, Route, Run};
use crate::keys::Scope;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_engine::names::{Comparison, Facts, NameView, Query, THRESHOLD, Wanted, compare};

const TAG: &str = "names";
const NAME_BYTES_MAX: usize = 1_000;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/names/screen",
        id: "namesScreen",
        tag: TAG,
        summary: "Whom on the lists a name could be; a name alone never says more than that",
        scope: Some(Scope::Screen),
        params: &[&[
            Param::new("name", Kind::Text(NAME_BYTES_MAX), "Name, in any script").required(),
            Param::new("born", Kind::Text(50), "Year or date of birth"),
            Param::new("country", Kind::Text(200), "Country, by name or code"),
            Param::new("id", Kind::Text(200), "Identifier: a passport, a number of registration"),
            Param::new("list", Kind::Text(200), "List to ask; without it all newest versions").repeated(),
            Param::new("threshold", Kind::Share, "Leave out hits of a lower score"),
            Param::new("top", Kind::Integer(1, 1_000, Some(10)), "Hits at most"),
        ]],
        shape: |g| g.subschema_for::<NameView>(),
        codes: &[codes::LISTS_MISSING, codes::NOT_FOUND],
        run: Run::Engine(|ask| {
            let given = &ask.given;
            let born = given.get("born");
            if let Some(born) = born.filter(|born| Facts::years(born).is_none()) {
                let detail = format!("`born` is `{}`, and no year is in it", shown(born));
                return Err(Problem::new(codes::PARAMETER_INVALID, detail).at("born"));
            }
            let query = Query {
                name: ask.needed("name").to_owned(),
                facts: Facts {
                    born: born.and_then(Facts::years).into_iter().collect(),
                    countries: given.get("country").map(str::to_owned).into_iter().collect(),
                    identifiers: given.get("id").map(str::to_owned).into_iter().collect(),
                },
            };
            let threshold = given.parsed("threshold").unwrap_or(THRESHOLD);
            let wanted = Wanted { threshold, top: given.parsed("top").unwrap_or(10) };
            Reply::view(&ask.store.names(&given.all("list"))?.view(&query, &wanted))
        }),
        ..READ
    },
    Route {
        path: "/v1/names/compare",
        id: "namesCompare",
        tag: TAG,
        summary: "Whether two names could be the same: the score and the reasons",
        params: &[&[
            Param::new("a", Kind::Text(NAME_BYTES_MAX), "One name").required(),
            Param::new("b", Kind::Text(NAME_BYTES_MAX), "The other").required(),
        ]],
        shape: |g| g.subschema_for::<Comparison>(),
        run: Run::Engine(|ask| Reply::view(&compare(ask.needed("a"), ask.needed("b")))),
        ..READ
    },
];
