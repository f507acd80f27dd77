//! What a chain of accounts says.

use super::words::{dollars, grouped, percent, plain_table, safe};
use athar_engine::AddressForm;
use athar_engine::read::{
    AccountAddressView, AccountBlockView, AccountEntityView, AccountExplainView, AccountExposureView, AccountTraceView,
    AccountTxView, AmountView, CoveredView, DepositView, Direction, NoticeView, SeenOnView, TransferView,
};
use athar_engine::write::{AccountHappening, AccountIngestSummary};
use serde_json::json;
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
            let units = units.as_ref().map(|units| format!("{units} units ")).unwrap_or_default();
            format!("bridge {protocol}: {units}{way} {chain}{account}")
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
    if let (Some(entity), Some(size)) = (&a.entity, a.entity_size.filter(|size| *size > 1)) {
        let _ = writeln!(out, "entity     {entity}, {} accounts", grouped(u64::from(size)));
    }
    if let Some(deposit) = &a.deposit_at {
        out.push_str(&deposit_lines(deposit));
    }
    out.push_str(&seen_also_on(&a.seen_also_on));
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
    match (t.begins_with, t.assets.is_empty()) {
        (_, true) => out.push_str("begins     with nothing: the store has no receipt of it\n"),
        ("payments", false) => {
            out.push_str("begins     with what it paid: the store has no receipt of it\n");
        }
        _ => {}
    }
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
                    (_, Some(passage)) => {
                        let sets = passage.candidates.iter().map(|c| format!(", {} candidates on {}", c.size, c.chain));
                        format!("bridge {}{}", passage.protocol, sets.collect::<String>())
                    }
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

pub(crate) fn account_entity(e: &AccountEntityView) -> String {
    let mut out = format!("entity     {}\nchain      {}\n", e.entity, e.chain);
    if let Some(deposit) = &e.deposit_at {
        out.push_str(&deposit_lines(deposit));
    }
    let _ = writeln!(out, "accounts   {}", grouped(u64::from(e.size)));
    for label in &e.labels {
        let _ = writeln!(out, "label      {}", safe(label));
    }
    if let Some(block) = e.as_of_block {
        let _ = writeln!(out, "as of      block {block}: the entities are older than the chain");
    }
    let _ = writeln!(out, "by         {}", e.heuristics);
    let _ = writeln!(out, "covers     {}", covered(&e.covered));
    for member in &e.members {
        let _ = writeln!(out, "           {member}");
    }
    if e.members_truncated {
        let _ = writeln!(out, "           … more from --offset {}", e.offset + e.members.len() as u64);
    }
    let _ = write!(out, "snapshot   {}", e.snapshot);
    out
}

/// Where else the same key is known, in lines.
pub(crate) fn seen_also_on(all: &[SeenOnView]) -> String {
    let mut out = String::new();
    for seen in all {
        let sure = if seen.is_one_key { "one key" } else { "perhaps one key" };
        let store = if seen.is_in_store { ", in this store" } else { "" };
        let labels: Vec<String> = seen.labels.iter().map(|label| safe(label)).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(": {}", labels.join("; ")) };
        let _ = writeln!(out, "also on    {} {} ({sure}{store}){labels}", seen.chain, seen.address);
    }
    out
}

/// That an account is a customer's at a service.
pub(crate) fn deposit_lines(d: &DepositView) -> String {
    let kind = if d.is_contract { "a contract that the service deployed" } else { "an account" };
    let mut out = format!("held by    {} for a customer: {kind}, emptied {} times\n", d.collector, d.forwards);
    for label in &d.labels {
        let _ = writeln!(out, "           {}", safe(label));
    }
    out
}

pub(crate) fn account_explain(e: &AccountExplainView) -> String {
    let mut out = String::new();
    if e.linked {
        let _ = write!(out, "{} and {} are one entity", e.a, e.b);
    } else {
        let why = if e.bound_hit { " (the search gave up at its bound)" } else { "" };
        let _ = write!(out, "{} and {} are not one entity{why}", e.a, e.b);
    }
    for step in &e.steps {
        let _ = write!(out, "\n  {} {} + {}", step.heuristic, step.a, step.b);
        if let Some(deposit) = &step.deposit {
            let _ = write!(out, "\n    both pay the deposit address {deposit}");
        }
        for (account, sent) in [(&step.a, &step.of_a), (&step.b, &step.of_b)] {
            if let Some(sent) = sent {
                let _ = write!(out, "\n    {account}: paid in {}, passed on in {}", sent.sent, sent.passed_on);
            }
        }
        let _ = write!(out, "\n    all of it there by {}", step.since);
    }
    let _ = write!(out, "\nby {}\nsnapshot   {}", e.heuristics, e.snapshot);
    out
}

pub(crate) fn account_exposure(e: &AccountExposureView) -> String {
    let mut out = format!("exposure   {} on {}\n", safe(&e.target), e.chain);
    if let Some(entity) = &e.entity {
        let _ = writeln!(out, "entity     {entity}, {} accounts followed", grouped(e.accounts));
    }
    if let Some(deposit) = &e.deposit_at {
        out.push_str(&deposit_lines(deposit));
    }
    let _ = writeln!(out, "hops       {}", e.hops_max);
    let _ = writeln!(out, "covers     {}", covered(&e.covered));
    for own in &e.ownership {
        let level = own.level.name().to_uppercase();
        let _ = writeln!(
            out,
            "  [{level:^7}] {}: {} \"{}\" by {}",
            own.relation,
            own.category,
            safe(&own.label),
            own.basis
        );
    }
    for side in [&e.received, &e.sent] {
        let name = if side.direction == Direction::Received { "received" } else { "sent" };
        let total: Vec<String> = side.total.iter().filter(|a| a.asset.verified).map(amount_alone).collect();
        let total = if total.is_empty() { "nothing".into() } else { total.join(", ") };
        let _ = writeln!(out, "\n{name}   {total}");
        for c in &side.categories {
            let level = c.level.name().to_uppercase();
            let _ = writeln!(out, "  [{level:^7}] {}: {}", c.relation, c.category);
            for sum in &c.by_policy {
                let amounts: Vec<String> = sum.amounts.iter().map(amount).collect();
                let amounts = if amounts.is_empty() { "reached".into() } else { amounts.join(", ") };
                let share = sum.share.map(|s| format!(", {}", percent(s))).unwrap_or_default();
                let _ = writeln!(
                    out,
                    "      {:<8} {amounts}{share}, {} hops, {} transfers",
                    sum.policy, sum.hops_min, sum.transfers
                );
            }
            for entity in c.entities.iter().take(5) {
                let _ = writeln!(out, "      {} \"{}\"", entity.account, safe(&entity.label));
            }
        }
        if side.categories.is_empty() {
            out.push_str("  no category was met\n");
        }
        for bound in &side.bounds {
            let _ = writeln!(out, "  bound hit {bound}");
        }
        if side.short_places > 0 {
            let _ = writeln!(out, "  {} balances have a history that begins before the store does", side.short_places);
        }
    }
    let _ = write!(out, "snapshot   {}", e.snapshot);
    out
}

/// An amount without its worth.
fn amount_alone(a: &AmountView) -> String {
    format!("{} {}", a.amount.as_ref().unwrap_or(&a.units), a.asset.symbol.as_deref().unwrap_or(&a.asset.id))
}

/// What happened while a chain was followed, a line each.
pub(crate) fn account_happening(what: &AccountHappening, form: AddressForm, json: bool) -> Vec<String> {
    let hash = |hash: &[u8; 32]| {
        let digits: String = hash.iter().map(|b| format!("{b:02x}")).collect();
        if form == AddressForm::Evm { format!("0x{digits}") } else { digits }
    };
    let one = |value: serde_json::Value, text: String| vec![if json { value.to_string() } else { text }];
    match what {
        AccountHappening::Block { number, hash: id, transfers } => one(
            json!({ "event": "block", "number": number, "hash": hash(id), "transfers": transfers }),
            format!("block {number} {} {transfers} transfers", hash(id)),
        ),
        AccountHappening::Dropped { to, depth } => one(
            json!({ "event": "reorganisation", "to": to, "depth": depth }),
            format!("reorganisation: {depth} blocks above {to} are gone"),
        ),
        AccountHappening::CaughtUp { number } => {
            one(json!({ "event": "caught_up", "number": number }), format!("caught up at block {number}"))
        }
        AccountHappening::Connected => one(json!({ "event": "connected" }), "connected".into()),
        AccountHappening::Lost(why) => one(json!({ "event": "lost", "why": why }), format!("lost: {}", safe(why))),
        AccountHappening::Failed(why) => {
            one(json!({ "event": "failed", "why": why }), format!("failed: {}", safe(why)))
        }
        AccountHappening::Pending(waiting) => waiting
            .iter()
            .map(|tx| {
                let to = tx.to.map(|to| form.text(&to));
                let asks = tx.asks.map(|asks| {
                    json!({ "token": form.text(&asks.token), "from": form.text(&asks.from), "to": form.text(&asks.to),
                        "units": asks.amount.to_string() })
                });
                let value = json!({ "event": "pending", "tx": hash(&tx.hash), "from": form.text(&tx.from), "to": to,
                    "value_units": tx.value.to_string(), "asks": asks });
                if json {
                    return value.to_string();
                }
                let asked = tx.asks.map_or_else(String::new, |asks| {
                    format!(
                        ", asks {} to send {} units to {}",
                        form.text(&asks.token),
                        asks.amount,
                        form.text(&asks.to)
                    )
                });
                format!(
                    "pending {} {} -> {}{asked} (not yet happened)",
                    hash(&tx.hash),
                    form.text(&tx.from),
                    to.unwrap_or_else(|| "-".into())
                )
            })
            .collect(),
    }
}
