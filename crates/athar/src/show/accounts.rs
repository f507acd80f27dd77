//! What a chain of accounts says.

use super::words::{dollars, grouped, plain_table, safe};
use athar_engine::read::{
    AccountAddressView, AccountBlockView, AccountTraceView, AccountTxView, AmountView, CoveredView, NoticeView,
    TransferView,
};
use athar_engine::write::AccountIngestSummary;
use std::fmt::Write;

/// Parts of the coverage shown.
const PARTS_MAX: usize = 5;

pub(crate) fn ingest_accounts(s: &AccountIngestSummary) -> String {
    let mut out = format!(
        "{} (chain id {}): {} blocks, {} transactions, {} transfers added",
        s.chain,
        s.chain_id,
        grouped(s.blocks_added),
        grouped(s.txs_added),
        grouped(s.transfers_added)
    );
    if s.blocks_skipped > 0 {
        let _ =
            write!(out, "\n{} blocks were there already, or are outside of those asked for", grouped(s.blocks_skipped));
    }
    if s.odd_logs > 0 {
        let _ = write!(out, "\n{} logs look like transfers and are none: they were left out", grouped(s.odd_logs));
    }
    if let (Some(number), Some(time)) = (s.tip_number, &s.tip_time) {
        let _ = write!(out, "\ntip block {} {time}", grouped(u64::from(number)));
    }
    let _ = write!(out, "\nthe store stands for {} ranges of blocks (`athar status` lists them)", s.coverage.len());
    out
}

/// An amount with its asset and worth.
pub(crate) fn amount(a: &AmountView) -> String {
    let name = match &a.asset.symbol {
        Some(symbol) => symbol.clone(),
        None if a.asset.id.starts_with("trc10:") => safe(&a.asset.id),
        None => format!("units of {}", safe(&a.asset.id)),
    };
    let figure = a.amount.as_ref().unwrap_or(&a.units);
    match (a.usd, a.usd_at_par) {
        (Some(usd), true) => format!("{figure} {name} ({} at par)", dollars(Some(usd))),
        (Some(usd), false) => format!("{figure} {name} ({})", dollars(Some(usd))),
        (None, _) if a.asset.verified => format!("{figure} {name} (no price)"),
        (None, _) => format!("{figure} {name} (unverified)"),
    }
}

/// What the store covers, in a few lines.
pub(crate) fn covered(c: &CoveredView) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in c.blocks.iter().take(PARTS_MAX) {
        let mut line = format!("blocks {} to {}", part.from, part.to);
        if !part.unknown.is_empty() {
            let _ = write!(line, "; not known: {}", part.unknown.join(", "));
        }
        if !part.tokens_only.is_empty() {
            let _ = write!(line, "; only the tokens {}", part.tokens_only.join(", "));
            line.push_str(if part.without_coin { ", without the coin" } else { " and the coin" });
        }
        if !part.accounts_only.is_empty() {
            let _ = write!(line, "; only {} chosen accounts", part.accounts_only.len());
        }
        lines.push(line);
    }
    let more = c.blocks.len().saturating_sub(PARTS_MAX) as u64 + c.more;
    if more > 0 {
        lines.push(format!("and {more} more ranges"));
    }
    lines.join("\n           ")
}

fn transfers(all: &[TransferView], with_tx: bool) -> String {
    let rows = all
        .iter()
        .map(|t| {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            let mut row =
                vec![t.time.clone(), t.kind.name().to_string(), side(&t.from), side(&t.to), amount(&t.amount)];
            if with_tx {
                row.push(t.tx.clone().unwrap_or_else(|| format!("block {}", t.number)));
            }
            row
        })
        .collect();
    let mut header = vec!["time", "kind", "from", "to", "amount"];
    if with_tx {
        header.push("transaction");
    }
    plain_table(&header, rows)
}

pub(crate) fn account_tx(t: &AccountTxView) -> String {
    let mut out =
        format!("tx         {}\nchain      {} {}\nblock      {} {}\n", t.tx, t.chain, t.network, t.number, t.time);
    let _ = writeln!(out, "from       {}", t.from.as_deref().unwrap_or("not known"));
    if let Some(to) = &t.to {
        let _ = writeln!(out, "to         {to}");
    }
    if let Some(created) = &t.created {
        let _ = writeln!(out, "created    {created}");
    }
    let status = match t.status {
        athar_engine::TxStatus::Success => "success",
        athar_engine::TxStatus::Failed => "failed: nothing moved but its fee",
        athar_engine::TxStatus::Unknown => "not known",
    };
    let _ = writeln!(out, "status     {status}");
    for notice in &t.notices {
        let _ = writeln!(out, "notice     {}", notice_line(notice));
    }
    let _ = writeln!(out, "covers     {}", covered(&t.covered));
    if !t.transfers.is_empty() {
        let _ = write!(out, "\n{}\n", transfers(&t.transfers, false));
    }
    if t.transfers_more > 0 {
        let _ = writeln!(out, "… and {} more", grouped(t.transfers_more));
    }
    let _ = write!(out, "snapshot   {}", t.snapshot);
    out
}

fn notice_line(notice: &NoticeView) -> String {
    match notice {
        NoticeView::Swap { pool } => format!("swap in the pool {pool}"),
        NoticeView::Freeze { token, account, is_frozen: true } => format!("{account} frozen by the issuer of {token}"),
        NoticeView::Freeze { token, account, .. } => format!("{account} released by the issuer of {token}"),
        NoticeView::Destroyed { token, account, units } => {
            format!("{units} units of {token} of {account} destroyed by the issuer")
        }
        NoticeView::Bridge { protocol, is_out, far_chain, far_account, units, .. } => {
            let way = if *is_out { "to" } else { "from" };
            let chain = far_chain.map_or_else(|| "another chain".into(), |id| format!("chain id {id}"));
            let account = far_account.as_ref().map(|a| format!(", account {a}")).unwrap_or_default();
            format!("bridge {protocol}: {units} units {way} {chain}{account}")
        }
        NoticeView::Delegate { from, to, units, is_given } => {
            let what = if *is_given { "lent to" } else { "taken back from" };
            format!("energy or bandwidth of {from} {what} {to} ({units} units staked)")
        }
    }
}

pub(crate) fn account_block(b: &AccountBlockView) -> String {
    let hash = b.hash.as_deref().unwrap_or("hash not known");
    let mut out = format!("block      {} {hash}\ntime       {}\n", b.number, b.time);
    let _ = writeln!(out, "holds      {} transactions, {} transfers", b.txs.len() as u64 + b.txs_more, b.transfers);
    if b.odd_logs > 0 {
        let _ = writeln!(out, "odd        {} logs look like transfers and are none", b.odd_logs);
    }
    let _ = writeln!(out, "covers     {}", covered(&b.covered));
    for tx in b.txs.iter().take(40) {
        let _ = writeln!(out, "           {tx}");
    }
    if b.txs.len() > 40 {
        let _ = writeln!(out, "           … and {} more (--json lists all)", b.txs.len() - 40);
    }
    let _ = write!(out, "snapshot   {}", b.snapshot);
    out
}

pub(crate) fn account_address(a: &AccountAddressView) -> String {
    let mut out = format!("address    {}\nchain      {} {}\n", a.address, a.chain, a.network);
    if a.is_contract {
        out.push_str("kind       contract\n");
    }
    if let Some(token) = &a.token {
        let _ = writeln!(out, "token      {}", token.symbol.as_deref().unwrap_or(&token.id));
    }
    for label in &a.labels {
        let _ = writeln!(out, "label      {}", safe(label));
    }
    for act in &a.issuer_acts {
        let symbol = act.token.symbol.as_deref().unwrap_or(&act.token.id);
        let _ = writeln!(out, "issuer     {} by the issuer of {symbol} {} {}", act.act, act.time, act.tx);
    }
    if a.is_frozen {
        out.push_str("frozen     yes, at the last block in the store\n");
    }
    let _ = writeln!(out, "transfers  {}", grouped(a.transfer_count));
    if let (Some(first), Some(last)) = (&a.first_time, &a.last_time) {
        let _ = writeln!(out, "seen       {first} to {last}");
    }
    let partly = if a.is_partly_unpriced { ", what has a price" } else { "" };
    let _ = writeln!(out, "received   {}{partly}", dollars(a.received_usd));
    let _ = writeln!(out, "sent       {}{partly}", dollars(a.sent_usd));
    let _ = writeln!(out, "covers     {}", covered(&a.covered));
    if !a.holdings.is_empty() {
        let rows = a
            .holdings
            .iter()
            .map(|h| {
                let balance = match (&h.balance, &h.balance_units) {
                    (Some(balance), _) | (None, Some(balance)) => balance.clone(),
                    (None, None) => "not known: more went out than came in".into(),
                };
                vec![amount(&h.received), amount(&h.sent), balance]
            })
            .collect();
        let _ = write!(out, "\n{}\n", plain_table(&["received", "sent", "balance"], rows));
        if a.holdings_more > 0 {
            let _ = writeln!(out, "… and {} more assets", grouped(a.holdings_more));
        }
    }
    if !a.transfers.is_empty() {
        let _ = write!(out, "\n{}\n", transfers(&a.transfers, true));
    }
    if a.transfers_truncated {
        let _ = writeln!(out, "… more from --offset {}", a.offset + a.transfers.len() as u64);
    }
    let _ = write!(out, "snapshot   {}", a.snapshot);
    out
}

pub(crate) fn account_trace(t: &AccountTraceView) -> String {
    let mut out = format!(
        "trace      {} of {} on {}, {}, {} hops\n",
        t.direction,
        safe(&t.target),
        t.chain,
        t.policy,
        t.hops_max
    );
    for text in &t.unseen {
        let _ = writeln!(out, "unseen     {}: not in this store", safe(text));
    }
    let _ = writeln!(out, "covers     {}", covered(&t.covered));
    for a in &t.assets {
        let _ = writeln!(out, "\nof {}", a.source.asset.symbol.as_deref().unwrap_or(&a.source.asset.id));
        let lines = [
            ("began with", &a.source),
            ("exchanged for", &a.converted_in),
            ("held", &a.held),
            ("stopped", &a.stopped),
            ("fees", &a.fee),
            ("outside", &a.outside),
            ("unknown", &a.unknown),
            ("came back", &a.internal),
            ("returned", &a.returned),
            ("exchanged", &a.converted_out),
            ("short", &a.short),
        ];
        for (name, figure) in lines.into_iter().filter(|(name, figure)| *name == "began with" || figure.units != "0") {
            let _ = writeln!(out, "  {name:<14} {}", figure.amount.as_ref().unwrap_or(&figure.units));
        }
        for b in &a.bounded {
            let figure = b.amount.amount.as_ref().unwrap_or(&b.amount.units);
            let _ = writeln!(out, "  {:<14} {figure} in {} places", format!("at {}", b.bound), b.count);
        }
        if a.is_beyond_256_bits {
            out.push_str("  sums pass 256 bits: no honest token's do\n");
        }
    }
    if !t.is_summed {
        out.push_str("\npoison says what was reached; nothing is summed\n");
    }
    for (name, places) in [("stopped at", &t.stopped), ("held by", &t.held)] {
        if places.is_empty() {
            continue;
        }
        let rows = places
            .iter()
            .take(40)
            .map(|p| {
                let why = match (&p.stop, &p.passage) {
                    (_, Some(passage)) => format!("bridge {}", passage.protocol),
                    (Some(stop), None) => stop.clone(),
                    (None, None) => String::new(),
                };
                let labels: Vec<String> = p.labels.iter().map(|label| safe(label)).collect();
                vec![p.account.clone(), amount(&p.amount), p.hops.to_string(), why, labels.join("; ")]
            })
            .collect();
        let _ = write!(out, "\n{}\n", plain_table(&[name, "amount", "hops", "why", "labels"], rows));
        if places.len() > 40 {
            let _ = writeln!(out, "… and {} more (--json lists all)", places.len() - 40);
        }
    }
    if !t.conversions.is_empty() {
        let rows = t
            .conversions
            .iter()
            .take(40)
            .map(|c| vec![c.tx.clone(), c.pool.clone(), amount(&c.into), amount(&c.out_of)])
            .collect();
        let _ = write!(out, "\n{}\n", plain_table(&["exchanged in", "pool", "in", "out"], rows));
    }
    if t.short_places > 0 {
        let _ = writeln!(out, "{} balances have a history that begins before the store does", t.short_places);
    }
    if !t.bounds.is_empty() {
        let _ = writeln!(out, "bounds hit {}", t.bounds.join(", "));
    }
    let _ = writeln!(out, "transfers  {} carried taint", grouped(t.edge_count));
    let _ = write!(out, "snapshot   {}", t.snapshot.as_deref().unwrap_or("none: cut short"));
    out
}
