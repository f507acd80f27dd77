//! What a follower tells, a line an event; and the mempool view.

use super::words::{btc, grouped, safe};
use athar_engine::read::{MempoolSide, MempoolTxView, MempoolView};
use athar_engine::write::{FollowEvent, Happening};

/// Addresses shown of one side.
const SHOWN: usize = 3;

/// One event on one line, without the line's end.
pub(crate) fn event(event: &FollowEvent) -> String {
    format!("{}  {}", event.time, what(&event.what))
}

fn what(what: &Happening) -> String {
    match what {
        Happening::Started { network, node, node_height, store_height, zmq, .. } => {
            let store = store_height.map_or("empty".into(), |h| format!("at height {h}"));
            let zmq =
                if zmq.is_empty() { "asked every second".into() } else { format!("notices from {}", zmq.join(", ")) };
            format!("started            bitcoin {network}: node {node} at height {node_height}, store {store}; {zmq}")
        }
        Happening::CaughtUp { height, hash, blocks_added, ms } => {
            format!(
                "caught-up          height {height} {hash}, {} blocks added in {}",
                grouped(*blocks_added),
                seconds(*ms)
            )
        }
        Happening::Block { height, hash, txs, commit_ms, via, .. } => {
            format!(
                "block              height {height} {hash}, {} transactions, committed in {commit_ms} ms ({via})",
                grouped(u64::from(*txs))
            )
        }
        Happening::Reorg { depth, fork_height, fork_hash, old_height, old_hash } => format!(
            "reorg              {depth} blocks dropped: height {old_height} {old_hash} back to height {fork_height} {fork_hash}"
        ),
        Happening::MempoolReady { txs, left_out } => {
            let left_out = if *left_out > 0 { format!(", {} left out", grouped(*left_out)) } else { String::new() };
            format!("mempool-ready      {} transactions{left_out}", grouped(*txs))
        }
        Happening::MempoolAdded(tx) => format!("mempool-added      {}", tx_line(tx)),
        Happening::MempoolReplaced { txid, by, output, signalled, value_sat, paid } => format!(
            "mempool-replaced   {txid} ({}{}) by {by}: both spend {output}{}",
            btc(*value_sat),
            to(paid),
            if *signalled { "" } else { ", and it had not signalled" }
        ),
        Happening::DoubleSpend { txid, by, height, output, value_sat, paid } => format!(
            "double-spend       {txid} ({}{}) lost to {by} in block {height}: both spend {output}",
            btc(*value_sat),
            to(paid)
        ),
        Happening::MempoolRemoved { txid, reason, height, by } => {
            let why = match (height, by) {
                (Some(height), _) => format!("{reason} in block {height}"),
                (None, Some(by)) => format!("{reason}: {by} made it impossible"),
                (None, None) => format!("{reason}: expired, pushed out or no longer valid"),
            };
            format!("mempool-removed    {txid} {why}")
        }
        Happening::MempoolFull { txs_max, bytes_max } => format!(
            "mempool-full       the view holds at most {} transactions in {} MB; more is counted and left out",
            grouped(*txs_max),
            bytes_max / 1_000_000
        ),
        Happening::Disconnected { what, error, .. } => format!("disconnected       {what}: {}", one_line(error)),
        Happening::Reconnected { what, url, ms, restarted } => {
            let restarted = if *restarted == Some(true) { "; the node was restarted" } else { "" };
            format!("reconnected        {what}: {url} after {}{restarted}", seconds(*ms))
        }
        Happening::Waiting { why } => format!("waiting            {}", one_line(why)),
        Happening::Entities { height, entities, ms } => {
            format!("entities           {} up to height {height}, built in {}", grouped(*entities), seconds(*ms))
        }
        Happening::Stopped { height, blocks_added, .. } => {
            let at = height.map_or("empty".into(), |h| format!("at height {h}"));
            format!("stopped            the store is {at}, {} blocks added", grouped(*blocks_added))
        }
    }
}

/// The mempool view.
pub(crate) fn mempool(view: &MempoolView) -> String {
    let mut out = format!("Mempool as of {} ({} ago), {}\n", view.as_of, seconds(view.age_ms), view.network);
    match &view.follower {
        Some(f) => out += &format!("Kept by process {}, which follows {}: {}\n", f.pid, safe(&f.node), safe(&f.state)),
        None => out += "No follower keeps it any more: what is below may long be confirmed or gone\n",
    }
    if !view.complete {
        out += "Not complete: the node's list is still being read\n";
    }
    if view.left_out > 0 {
        out += &format!("{} transactions of the node are left out for lack of room\n", grouped(view.left_out));
    }
    match (&view.address, view.incoming_sat, view.outgoing_sat) {
        (Some(address), Some(incoming), Some(outgoing)) => {
            out += &format!(
                "{address}: {} of {} transactions, {} incoming, {} outgoing, none of it confirmed\n",
                grouped(view.txs_matching),
                grouped(view.txs_total),
                btc(incoming),
                btc(outgoing)
            );
        }
        _ => out += &format!("{} transactions, none of them confirmed\n", grouped(view.txs_total)),
    }
    for tx in &view.txs {
        out += &format!("{}  {}\n", tx.seen, tx_line(tx));
    }
    if view.txs_truncated {
        out += "… more with --offset\n";
    }
    out
}

fn tx_line(tx: &MempoolTxView) -> String {
    let fee = match tx.fee_sat {
        Some(fee) => format!("fee {}", btc(fee)),
        None => format!("{} inputs unresolved", tx.unresolved_inputs),
    };
    format!(
        "{} {}, {fee}{}{}{}",
        tx.txid,
        btc(tx.value_sat),
        if tx.replaceable { ", replaceable" } else { "" },
        side(" from ", &tx.inputs),
        side(" to ", &tx.outputs)
    )
}

fn side(word: &str, sides: &[MempoolSide]) -> String {
    let mut addresses: Vec<&str> = Vec::new();
    for address in sides.iter().filter_map(|s| s.address.as_deref()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    listed(word, &addresses)
}

fn to(paid: &[String]) -> String {
    listed(" to ", &paid.iter().map(String::as_str).collect::<Vec<_>>())
}

fn listed(word: &str, addresses: &[&str]) -> String {
    if addresses.is_empty() {
        return String::new();
    }
    let more = addresses.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{word}{}{more}", addresses[..addresses.len().min(SHOWN)].join(", "))
}

fn seconds(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", grouped(ms / 1_000), ms % 1_000 / 100) }
}

/// A text of several lines on one.
fn one_line(text: &str) -> String {
    safe(&text.replace('\n', "; "))
}
