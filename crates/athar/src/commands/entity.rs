//! `athar entity` and `athar explain`.

use super::{open_engine, open_engine_for, read::found};
use crate::Outcome;
use crate::args::{Entity, EntityQuestion};
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::guard::Decision;
use athar_engine::read::Moment;
use athar_engine::write::{MEMORY_BYTES, update_cuts};
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Entity, printer: &Printer) -> anyhow::Result<Outcome> {
    let decided = match &words.question {
        Some(EntityQuestion::Conflicts { stored: false }) => Some(None),
        Some(EntityQuestion::Cut { txid, reason }) => Some(Some((txid, reason, true))),
        Some(EntityQuestion::Uncut { txid, reason }) => Some(Some((txid, reason, false))),
        _ => None,
    };
    if let Some(decision) = decided {
        let is_decision = decision.is_some();
        let decision = decision.map(|(txid, reason, cut)| Decision {
            txid: txid.trim().to_ascii_lowercase(),
            cut,
            reason: reason.clone(),
        });
        let found = update_cuts(store, open, decision, MEMORY_BYTES)?;
        let view = open_engine(store, open, printer)?.conflicts_found(&found)?;
        printer.view(&view, show::conflicts)?;
        let is_empty = view.entries.is_empty() && !is_decision;
        return Ok(if is_empty { Outcome::Nothing } else { Outcome::Done });
    }
    let engine = open_engine_for(store, open, words.address.as_deref().unwrap_or_default(), printer)?;
    if engine.is_account_chain() {
        anyhow::ensure!(
            words.question.is_none() && words.at.is_none(),
            "of chains of accounts only the entity itself can be asked for, as it is now"
        );
        return super::accounts::entity(&engine, words.address.as_deref().unwrap_or_default(), words.page, printer);
    }
    match (&words.question, &words.address) {
        (Some(EntityQuestion::Without { txid, address, edges }), _) => {
            let view = engine.entity_without(txid, address, *edges)?;
            found(view, &format!("{txid} or {address}"), printer, show::without)
        }
        (Some(EntityQuestion::Conflicts { .. } | EntityQuestion::Cut { .. } | EntityQuestion::Uncut { .. }), _) => {
            let view = engine.conflicts()?;
            printer.view(&view, show::conflicts)?;
            Ok(if view.entries.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        (Some(EntityQuestion::Growth { address }), _) => {
            found(engine.entity_growth(address)?, address, printer, show::growth)
        }
        (None, address) => {
            // without a question the address is required
            let address = address.as_deref().unwrap_or_default();
            let page = words.page;
            if let Some(at) = words.at {
                let view = engine.entity_at(address, at, page.offset, Some(page.limit as usize))?;
                return found(view, address, printer, show::entity_past);
            }
            found(engine.entity(address, page.offset, Some(page.limit as usize))?, address, printer, show::entity)
        }
    }
}

pub(crate) fn explain(
    store: &Path,
    open: &Options,
    [a, b]: [&str; 2],
    at: Option<Moment>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let engine = open_engine_for(store, open, a, printer)?;
    if engine.is_account_chain() {
        anyhow::ensure!(at.is_none(), "--at is not there yet for chains of accounts");
        return found(engine.account_explain(a, b)?, &format!("{a} or {b}"), printer, show::account_explain);
    }
    let Some(view) = engine.explain_at(a, b, at)? else {
        return found::<()>(None, &format!("{a} or {b}"), printer, |()| String::new());
    };
    printer.view(&view, |v| show::explain(v, a, b))?;
    Ok(if view.linked { Outcome::Done } else { Outcome::Nothing })
}
