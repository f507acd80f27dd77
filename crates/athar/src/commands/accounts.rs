//! Commands on chains of accounts.

use super::read::found;
use super::trace::shown;
use crate::Outcome;
use crate::args::{FilesFormat, FollowAccounts, IngestAccounts, Page, Policies, Trace};
use crate::printer::{Printer, is_closed_pipe};
use crate::show;
use anyhow::Context;
use athar_engine::account_node::{EndpointSettings, EndpointUrl, FollowSettings};
use athar_engine::read::TraceOptions;
use athar_engine::write::{
    AccountIngestSettings, AccountIngestSummary, AccountNodeSettings, AccountsProgress, FileFormat, Selected,
    account_token, follow_accounts, ingest_account_files, ingest_account_node, read_genesis,
};
use athar_engine::{Chain, Engine, TaintPolicy};
use std::path::Path;

impl From<FilesFormat> for FileFormat {
    fn from(format: FilesFormat) -> Self {
        match format {
            FilesFormat::Etl => Self::Etl,
            FilesFormat::Graphsense => Self::GraphSense,
            FilesFormat::Era => Self::Era,
            FilesFormat::TronHttp => Self::TronHttp,
            FilesFormat::JsonRpc => Self::JsonRpc,
        }
    }
}

/// `athar ingest ethereum` and its like.
pub(crate) fn ingest(store: &Path, chain: Chain, words: &IngestAccounts, printer: &Printer) -> anyhow::Result<Outcome> {
    let selected = selected(chain, &words.tokens, words.with_coin, &words.accounts)?;
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
    let summary = if words.rpc.is_empty() {
        let settings = AccountIngestSettings {
            chain,
            chain_id: words.chain_id,
            memory_bytes: words.memory,
            selected,
            format: words.format.map(FileFormat::from),
            blocks: [words.from, words.to.unwrap_or(u32::MAX)],
        };
        ingest_account_files(store, &words.files, &settings, &mut told)
    } else {
        let settings = AccountNodeSettings {
            chain,
            chain_id: words.chain_id,
            endpoints: endpoints(&words.rpc, words.rate)?,
            from: words.from,
            to: words.to,
            selected,
            genesis: words.genesis.as_deref().map_or(Ok(Vec::new()), read_genesis)?,
            memory_bytes: words.memory,
        };
        ingest_account_node(store, &settings, &mut told)
    };
    bar.finish_and_clear();
    print(&summary?, printer)
}

fn endpoints(urls: &[String], rate: Option<u32>) -> anyhow::Result<Vec<EndpointSettings>> {
    let read = |text: &String| -> anyhow::Result<EndpointSettings> {
        let url = EndpointUrl::parse(text)?;
        anyhow::ensure!(!url.is_socket(), "--rpc {url}: an address that begins with ws:// belongs to --ws");
        Ok(EndpointSettings { calls_per_second: rate, ..EndpointSettings::new(url) })
    };
    urls.iter().map(read).collect()
}

/// `athar follow ethereum` and its like.
pub(crate) fn follow(store: &Path, chain: Chain, words: &FollowAccounts, printer: &Printer) -> anyhow::Result<Outcome> {
    let settings = AccountNodeSettings {
        chain,
        chain_id: words.chain_id,
        endpoints: endpoints(&words.rpc, words.rate)?,
        from: words.from,
        to: None,
        selected: selected(chain, &words.tokens, words.with_coin, &words.accounts)?,
        genesis: words.genesis.as_deref().map_or(Ok(Vec::new()), read_genesis)?,
        memory_bytes: words.memory,
    };
    let socket = words.ws.as_deref().map(EndpointUrl::parse).transpose()?;
    let following = FollowSettings { socket, is_pending: words.pending, ..FollowSettings::default() };
    let stop = super::follow::stopped_by_signals()?;
    let form = chain.account().context("no chain of accounts")?.form;
    let mut failed = None;
    let summary = follow_accounts(store, &settings, following, &stop, &mut |happening| {
        for line in show::account_happening(happening, form, printer.is_json()) {
            if let Err(error) = printer.data(&(line + "\n")) {
                failed = Some(error);
                return false;
            }
        }
        true
    });
    match failed {
        Some(error) if !is_closed_pipe(&error) => return Err(error),
        Some(_) => return Ok(Outcome::Done),
        None => {}
    }
    let summary = summary?;
    if let Some(number) = summary.tip_number {
        printer.note(&format!("{} blocks added, the store ends with block {number}", summary.blocks_added));
    }
    Ok(Outcome::Done)
}

fn print(summary: &AccountIngestSummary, printer: &Printer) -> anyhow::Result<Outcome> {
    for line in &summary.told {
        printer.warn(line);
    }
    printer.view(summary, show::ingest_accounts)?;
    Ok(Outcome::Done)
}

/// What the words choose.
fn selected(chain: Chain, tokens: &[String], with_coin: bool, chosen: &[String]) -> anyhow::Result<Selected> {
    let tokens = tokens
        .iter()
        .map(|text| account_token(chain, text).with_context(|| format!("--tokens {text}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut accounts = Vec::new();
    let form = chain.account().context("no chain of accounts")?.form;
    for text in chosen {
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
    Ok(Selected::new(&tokens, &accounts, with_coin))
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

pub(crate) fn entity(engine: &Engine, address: &str, page: Page, printer: &Printer) -> anyhow::Result<Outcome> {
    found(engine.account_entity(address, page.offset, page.limit)?, address, printer, show::account_entity)
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
