//! Patterns: which typologies are looked for, and the hits that are kept. A run over a whole chain is a job.

use super::{Part, READ, Route, Run};
use crate::parameters::{CHAIN, Kind, PAGE, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use athar_engine::Level;
use athar_engine::read::{PatternView, PatternsKeptView, PatternsView, Rules, patterns};

const TAG: &str = "patterns";
/// Longest id or address that is asked about.
const TEXT_MAX: usize = 256;
const LEVELS: &[&str] = &["low", "medium", "high", "severe"];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/patterns",
        id: "patterns",
        tag: TAG,
        summary: "Every pattern: its rule's parameters, guards and sources, and whether its error rate was measured",
        shape: |g| g.subschema_for::<PatternsView>(),
        run: Run::Engine(|_| Reply::view(&patterns(&Rules::Shipped)?)),
        ..READ
    },
    Route {
        path: "/v1/patterns/rule/{id}",
        id: "pattern",
        tag: TAG,
        summary: "One pattern",
        parts: &[Part { name: "id", summary: "Id, as static-donation-address" }],
        shape: |g| g.subschema_for::<PatternView>(),
        codes: &[codes::NOT_FOUND],
        run: Run::Engine(|ask| {
            let view = patterns(&Rules::Shipped)?;
            super::found(view.patterns.into_iter().find(|pattern| pattern.id == ask.part(0)))
        }),
        ..READ
    },
    Route {
        path: "/v1/patterns/hits",
        id: "patternHits",
        tag: TAG,
        summary: "Hits that the last kept run found: shapes in the chain with what corroborates them, never a finding about a person",
        params: &[
            CHAIN,
            PAGE,
            &[
                Param::new("pattern", Kind::Text(TEXT_MAX), "Only of this pattern"),
                Param::new("address", Kind::Text(TEXT_MAX), "Only hits about this address, or in which it takes part"),
                Param::new("min_severity", Kind::Word(LEVELS), "Leaves out hits of a lower severity"),
            ],
        ],
        shape: |g| g.subschema_for::<PatternsKeptView>(),
        codes: &[codes::NOT_FOUND],
        run: Run::Engine(|ask| {
            let level = match ask.given.get("min_severity") {
                Some("medium") => Level::Medium,
                Some("high") => Level::High,
                Some("severe") => Level::Severe,
                _ => Level::Unknown,
            };
            let (pattern, address) = (ask.given.get("pattern"), ask.given.get("address"));
            let view = ask.engine()?.patterns_kept(pattern, address, level, ask.offset, ask.limit);
            let Some(view) = view else {
                let detail = "no hits are kept for this chain: a job of kind `patterns`, or `athar patterns run --keep`, keeps them";
                return Err(Problem::new(codes::NOT_FOUND, detail));
            };
            Ok(Reply::view(&view)?.next(view.truncated, ask.offset, view.hits.len()))
        }),
        ..READ
    },
];
