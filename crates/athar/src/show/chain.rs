//! What the chain says: blocks, transactions, addresses, entities, and the store as a whole.

use super::prices::price_line;
use super::words::{btc, dollars, grouped, money, money_of_sum, plain_table, safe, size};
use crate::commands::simulate::SimulateView;
use athar_engine::BuiltinUse;
use athar_engine::read::{AddressView, BlockView, PricesStatus, StatusView, TxView, VerifyView};
use athar_engine::write::IngestSummary;
use std::fmt::Write;

/// Lines of a list shown before it is cut, with the number left out.
const LINES_MAX: usize = 40;

fn cut(rows: &mut Vec<Vec<String>>) -> String {
    let more = rows.len().saturating_sub(LINES_MAX);
    rows.truncate(LINES_MAX);
    if more == 0 { String::new() } else { format!("\n… and {more} more (--json lists all)") }
}

pub(crate) fn simulate(s: &SimulateView) -> String {
    format!(
        "{} transactions in {} blocks ({} beside the best chain), {} of block files\n{} campaigns and look-alikes\n\
         digest {}",
        grouped(s.txs),
        grouped(s.blocks),
        s.stale_blocks,
        size(s.block_bytes),
        s.campaigns,
        s.digest
    )
}

pub(crate) fn ingest(s: &IngestSummary) -> String {
    let mut out =
        format!("{} {}: {} blocks added ({})", s.chain, s.network, grouped(s.blocks_added), size(s.bytes_added));
    if s.blocks_dropped > 0 {
        let _ = write!(out, ", {} dropped for a branch with more work", grouped(s.blocks_dropped));
    }
    if s.blocks_stale > 0 {
        let _ = write!(out, ", {} stale", grouped(s.blocks_stale));
    }
    if let (Some(height), Some(hash)) = (s.tip_height, s.tip_hash) {
        let _ = write!(out, "\ntip {} {hash}", grouped(u64::from(height)));
    }
    let _ = write!(out, "\n{} entities by {}", grouped(s.entities), s.heuristics);
    out
}

pub(crate) fn status(s: &StatusView) -> String {
    let mut out = format!("store      {}\n", s.store);
    if s.chains.is_empty() && s.accounts.is_empty() {
        out.push_str("chains     none yet\n");
    }
    for c in &s.chains {
        let _ = writeln!(out, "chain      {} {}", c.chain, c.network);
        if let (Some(height), Some(hash), Some(time)) = (c.tip_height, c.tip_hash, &c.tip_time) {
            let _ = writeln!(out, "tip        {} {hash} {time}", grouped(u64::from(height)));
        }
        let _ = writeln!(
            out,
            "holds      {} transactions, {} outputs, {} inputs, {} addresses",
            grouped(u64::from(c.txs)),
            grouped(c.outputs),
            grouped(c.inputs),
            grouped(u64::from(c.addresses))
        );
        let _ = writeln!(
            out,
            "on disk    {} in {} segments, from {} of blocks",
            size(c.store_bytes),
            c.segments,
            size(c.block_bytes)
        );
    }
    for c in &s.accounts {
        let _ = writeln!(out, "chain      {} {}", c.chain, c.network);
        if let (Some(number), Some(time)) = (c.covered.tip_number, &c.covered.tip_time) {
            let _ = writeln!(out, "tip        {} {time}", grouped(u64::from(number)));
        }
        let _ = writeln!(
            out,
            "holds      {} blocks, {} transactions, {} transfers of {} assets, {} accounts",
            grouped(u64::from(c.blocks)),
            grouped(u64::from(c.txs)),
            grouped(c.transfers),
            grouped(u64::from(c.assets)),
            grouped(u64::from(c.accounts))
        );
        let _ = writeln!(out, "covers     {}", super::covered(&c.covered));
        let _ = writeln!(out, "on disk    {} in {} segments", size(c.store_bytes), c.segments);
    }
    match &s.entities {
        Some(e) => {
            let _ = writeln!(
                out,
                "entities   {} by {} (rules {}), {} CoinJoins left out{}",
                grouped(e.entities),
                e.heuristics,
                e.heuristics_version,
                grouped(e.coinjoins),
                match (e.blocks_behind, e.as_of_height) {
                    (0, _) | (_, None) => String::new(),
                    (blocks, Some(height)) => format!("; as of height {height}, {blocks} blocks behind"),
                }
            );
        }
        None => out.push_str("entities   not built\n"),
    }
    let _ = writeln!(
        out,
        "labels     {} in {} files, {} in quarantine",
        grouped(s.labels.labels),
        s.labels.packs,
        grouped(s.labels.quarantined)
    );
    for (category, count) in &s.labels.categories {
        let _ = writeln!(out, "           {category:<28} {:>10}", grouped(*count));
    }
    let _ = writeln!(out, "prices     {}", prices(&s.prices));
    let _ = write!(out, "snapshot   {}", s.snapshot);
    out
}

/// The prices of the chain's coin in one line.
fn prices(p: &PricesStatus) -> String {
    let why = match p.builtin {
        BuiltinUse::Used => "",
        BuiltinUse::Off => "; built-in prices switched off",
        BuiltinUse::NoMarket => "; built-in prices are not for a test network",
    };
    let (Some(from), Some(to)) = (p.from, p.to) else { return format!("none of {}{why}", p.asset) };
    let sources: Vec<String> = p.sources.iter().map(|t| safe(t)).collect();
    format!("{} days of {}, {from} to {to}, {}{why}", grouped(p.days), p.asset, sources.join(", "))
}

pub(crate) fn verify(v: &VerifyView) -> String {
    format!(
        "everything fits: {} files ({}), {} blocks, {} transactions, {} inputs, {} outputs, {} addresses{}",
        v.files,
        size(v.bytes),
        grouped(v.blocks),
        grouped(v.txs),
        grouped(v.inputs),
        grouped(v.outputs),
        grouped(v.addresses),
        if v.entities == Some(true) { ", entities built again and equal" } else { ", no entities" }
    )
}

pub(crate) fn block(b: &BlockView) -> String {
    let mut out = format!(
        "block      {} {}\nparent     {}\ntime       {}\nsize       {} B, {} transactions\noutputs    {}\n",
        grouped(u64::from(b.height)),
        b.hash,
        b.prev_hash,
        b.time,
        grouped(u64::from(b.size)),
        grouped(u64::from(b.tx_count)),
        money(b.output_sat, b.output_usd)
    );
    if let Some(price) = &b.price {
        let _ = writeln!(out, "price      {}", price_line(price));
    }
    for txid in b.txs.iter().take(LINES_MAX) {
        let _ = writeln!(out, "  {txid}");
    }
    if b.txs.len() > LINES_MAX || b.txs_truncated {
        let _ = writeln!(out, "  … and {} more", b.tx_count as usize - LINES_MAX.min(b.txs.len()));
    }
    out
}

pub(crate) fn tx(t: &TxView) -> String {
    let mut out = format!("transaction {}\nblock       {} {}\n", t.txid, grouped(u64::from(t.height)), t.time);
    let marks = [(t.coinbase, "coinbase"), (t.segwit, "segwit"), (t.rbf, "replaceable")];
    let marks: Vec<&str> = marks.iter().filter(|(set, _)| *set).map(|(_, m)| *m).collect();
    let _ = writeln!(out, "facts       {} weight units, version {} {}", t.weight, t.version, marks.join(", "));
    if let Some(kind) = &t.coinjoin {
        let _ = writeln!(out, "shape       a CoinJoin ({kind}): its inputs are not tied together");
    }
    let hidden = match t.hidden {
        Some("mweb") => "pays into Litecoin's extension block, whose inside is hidden",
        Some("hogex") => "joins Litecoin's extension block: what is inside is hidden, what leaves is paid out here",
        Some(_) => "has a part in a shielded pool: inputs, outputs and fee in the open need not balance",
        None => "",
    };
    if !hidden.is_empty() {
        let _ = writeln!(out, "hidden      {hidden}");
    }
    for label in &t.labels {
        let _ = writeln!(out, "label       {}", safe(label));
    }
    let mut inputs: Vec<Vec<String>> = t
        .inputs
        .iter()
        .map(|i| {
            let address = i.address.clone().unwrap_or_else(|| "(no address)".into());
            let made = format!("{}:{}{}", i.prev_txid, i.prev_vout, mix(" out of ", i.from_mix.as_ref()));
            vec!["  in".into(), btc(i.value_sat), address, made]
        })
        .collect();
    let inputs_cut = cut(&mut inputs);
    if !inputs.is_empty() {
        let _ = writeln!(out, "{}{inputs_cut}", plain_table(&["", "value", "address", "made by"], inputs));
    }
    let mut outputs: Vec<Vec<String>> = t
        .outputs
        .iter()
        .map(|o| {
            let address = o.address.clone().unwrap_or_else(|| match &o.data_text {
                Some(text) => format!("(data \"{}\")", safe(text)),
                None => format!("({})", o.script_asm.as_deref().map(safe).unwrap_or_default()),
            });
            let spent = o.spent_by.map_or_else(|| "unspent".into(), |t| t.to_string());
            vec![format!("  {}", o.vout), btc(o.value_sat), address, spent + &mix(" into ", o.into_mix.as_ref())]
        })
        .collect();
    let outputs_cut = cut(&mut outputs);
    let _ = writeln!(out, "{}{outputs_cut}", plain_table(&["out", "value", "address", "spent by"], outputs));
    let fee = t.fee_sat.map_or_else(|| "none (new coins)".into(), btc);
    let _ = write!(out, "sum         {}, fee {fee}", money(t.output_sat, t.output_usd));
    if let Some(price) = &t.price {
        let _ = write!(out, "\nprice       {}", price_line(price));
    }
    out
}

/// The CoinJoin that money goes into or comes out of, behind a transaction's id.
fn mix(way: &str, kind: Option<&String>) -> String {
    kind.map_or_else(String::new, |kind| format!("{way}{kind}"))
}

pub(crate) fn address(a: &AddressView) -> String {
    let mut out = format!(
        "address    {}\nentity     {}\nreceived   {}\nsent       {}\nbalance    {}\nactive     {} to {}, {} outputs\n",
        a.address,
        a.entity,
        money_of_sum(a.received_sat, a.received_usd, a.received_unpriced_sat),
        btc(a.sent_sat),
        btc(a.balance_sat),
        a.first_time,
        a.last_time,
        grouped(a.output_count)
    );
    if let Some(account) = &a.account_at {
        let service = account.label.as_deref().map_or_else(|| "a large service".into(), |l| format!("\"{}\"", safe(l)));
        let _ = writeln!(out, "account    a customer's deposit address at {service}");
    }
    out.push_str(&super::inferred(&a.inferred_service));
    for label in &a.labels {
        let _ = writeln!(out, "label      {}", safe(label));
    }
    let mut rows: Vec<Vec<String>> = a
        .outputs
        .iter()
        .map(|o| {
            let spent = o.spent_by.map_or_else(|| "unspent".into(), |t| t.to_string());
            let spent = spent + &mix(" into ", o.into_mix.as_ref());
            let made = format!("{}:{}{}", o.txid, o.vout, mix(" out of ", o.from_mix.as_ref()));
            vec![o.time.clone(), btc(o.value_sat), dollars(o.usd), made, spent]
        })
        .collect();
    let rows_cut = cut(&mut rows);
    let _ = write!(out, "{}{rows_cut}", plain_table(&["time", "value", "then worth", "output", "spent by"], rows));
    if a.outputs_truncated {
        let _ = write!(out, "\nnext page: --offset {}", a.offset + a.outputs.len() as u64);
    }
    out
}
