//! Commands on chains of accounts.

use super::read::found;
use super::trace::shown;
use crate::Outcome;
use crate::args::{FilesFormat, IngestAccounts, Page, Policies, Trace};
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::read::TraceOptions;
use athar_engine::write::{
    AccountIngestSettings, AccountIngestSummary, AccountsProgress, FileFormat, Selected, account_token,
    ingest_account_files,
};
use athar_engine::{Chain, Engine, TaintPolicy};
use std::path::Path;

impl From<FilesFormat> for FileFormat {
    fn from(format: FilesFormat) -> Self {
        match format {
            FilesFormat::Etl => Self::Etl,
            FilesFormat::Graphsense => Self::GraphSense,
        }
    }
}

/// `athar ingest ethereum` and its like.
pub(crate) fn ingest(store: &Path, chain: Chain, words: &IngestAccounts, printer: &Printer) -> anyhow::Result<Outcome> {
    let settings = AccountIngestSettings {
        chain,
        chain_id: words.chain_id,
        memory_bytes: words.memory,
        selected: selected(chain, words)?,
        format: words.format.map(FileFormat::from),
        blocks: [words.from, words.to.unwrap_or(u32::MAX)],
    };
    let bar = printer.bar(0, "blocks", "{prefix:>9} {spinner} {msg}  {elapsed}");
    let mut last = 0;
    let mut told = |p: AccountsProgress| {
        if p.blocks >= last + 100 {
            last = p.blocks;
            bar.set_message(format!("{} of them, {} transfers, block {}", p.blocks, p.transfers, p.number));
            bar.tick();
        }
        true
    };
    let summary = ingest_account_files(store, &words.files, &settings, &mut told);
    bar.finish_and_clear();
    print(&summary?, printer)
}

fn print(summary: &AccountIngestSummary, printer: &Printer) -> anyhow::Result<Outcome> {
    for line in &summary.told {
        printer.warn(line);
    }
    printer.view(summary, show::ingest_accounts)?;
    Ok(Outcome::Done)
}

/// What the words choose.
fn selected(chain: Chain, words: &IngestAccounts) -> anyhow::Result<Selected> {
    let tokens = words
        .tokens
        .iter()
        .map(|text| account_token(chain, text).with_context(|| format!("--tokens {text}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut accounts = Vec::new();
    let form = chain.account().context("no chain of accounts")?.form;
    for text in &words.accounts {
        match form.parse(text) {
            Ok(account) => accounts.push(account),
            Err(error) if !Path::new(text).is_file() => {
                anyhow::bail!("--accounts {text}: no address of {chain} ({error}), and no file")
            }
            Err(_) => {
                let lines = std::fs::read_to_string(text).with_context(|| format!("--accounts {text}"))?;
                for (at, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                    let read = form.parse(line.trim());
                    accounts.push(read.with_context(|| format!("{text} line {}", at + 1))?);
                }
            }
        }
    }
    Ok(Selected::new(&tokens, &accounts, words.with_coin))
}

pub(crate) fn tx(engine: &Engine, txid: &str, printer: &Printer) -> anyhow::Result<Outcome> {
    found(engine.account_tx(txid)?, txid, printer, show::account_tx)
}

pub(crate) fn block(engine: &Engine, block: &str, printer: &Printer) -> anyhow::Result<Outcome> {
    found(engine.account_block(block)?, block, printer, show::account_block)
}

pub(crate) fn address(engine: &Engine, address: &str, page: Page, printer: &Printer) -> anyhow::Result<Outcome> {
    let view = engine.account_address(address, page.offset, Some(page.limit as usize))?;
    found(view, address, printer, show::account_address)
}

pub(crate) fn trace(engine: &Engine, words: &Trace, printer: &Printer) -> anyhow::Result<Outcome> {
    let (target, asset) = (words.target(), words.asset.as_deref());
    match words.policy {
        Policies::One(_) => {
            let view = engine.account_trace(&target, asset, &words.options())?;
            shown(view.as_ref(), &target, printer, show::account_trace)
        }
        Policies::All => {
            let mut views = Vec::new();
            for policy in TaintPolicy::ALL.into_iter().filter(|policy| *policy != TaintPolicy::Tiho) {
                let options = TraceOptions { policy, ..words.options() };
                match engine.account_trace(&target, asset, &options)? {
                    Some(view) => views.push(view),
                    None => return shown(None::<&Vec<()>>, &target, printer, |_| String::new()),
                }
            }
            shown(Some(&views), &target, printer, |views| {
                views.iter().map(show::account_trace).collect::<Vec<_>>().join("\n\n")
            })
        }
    }
}
