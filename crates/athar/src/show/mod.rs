//! Views as text for people: plain words first, figures aligned, every hash whole.

mod accounts;
mod alerts;
mod campaign;
mod chain;
mod check;
mod desk;
mod direct;
mod discover;
mod entity;
mod evidence;
mod flows;
mod follow;
mod lists;
mod names;
mod paths;
mod patterns;
mod policy;
mod prices;
pub(crate) mod records;
#[cfg(feature = "parquet")]
mod tables;
mod totals;
mod watching;
mod words;

pub(crate) use accounts::{
    account_address, account_block, account_entity, account_explain, account_exposure, account_happening,
    account_trace, account_tx, amount, covered, ingest_accounts,
};
pub(crate) use alerts::{alert, alerts, figures, handled, suppressions};
pub(crate) use campaign::campaign;
pub(crate) use chain::{address, block, ingest, simulate, status, tx, verify};
pub(crate) use check::{decision, decisions_kept};
pub(crate) use desk::{changes, counts, deliveries, endpoints, rescreened, screenings, subjects};
pub(crate) use direct::{bench_screen, screen_direct};
pub(crate) use discover::{
    campaigns, collected, custody, discovered, fetched, found, problem, sighted_item, sightings,
};
pub(crate) use entity::{conflicts, cuts, entity, entity_past, explain, growth, inferred, without};
pub(crate) use evidence::{coinjoin, headline, label_conflicts, labels, risk, screen, taxonomy};
pub(crate) use flows::{exposure, exposure_as_of, trace, trace_compare};
pub(crate) use follow::{event, mempool};
pub(crate) use lists::{list_diff, list_entry, list_import, listed, lists, lists_found};
pub(crate) use names::{comparison, names, names_summary};
pub(crate) use paths::paths;
pub(crate) use patterns::{pattern, pattern_hit, patterns, patterns_run};
pub(crate) use policy::{assessment, backtest, policies, policy, policy_diff, policy_head, policy_stored};
pub(crate) use prices::{price_day, prices, prices_status};
#[cfg(feature = "parquet")]
pub(crate) use tables::export;
pub(crate) use totals::totals;
pub(crate) use watching::{
    caught, delivered, lifted, raised, sink_added, sink_disabled, sink_enabled, sink_gone, sink_tested, sinks,
    suppressed, watch_added, watch_gone, watch_idle, watches, watches_imported, watchlist_gone, watchlists,
};
pub(crate) use words::{btc, dollars_of_sum, grouped, money_of_sum, plain_table, safe, set_chain};
