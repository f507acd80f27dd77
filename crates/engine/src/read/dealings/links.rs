//! Money that went directly from one of some subjects to another: the lines of a graph.
//!
//! Of two subjects the one with fewer outputs is read, so one busy service among the nodes costs nothing: what it dealt with the
//! others is found at them. Only what two busy ones dealt with each other can be left out, and the answer names them.

use super::moves::{Reader, Way, With};
use super::whose::{Belongs, touching};
use super::{OUTPUTS_MAX, Of, SAMPLE, SLOTS_MAX};
use crate::Engine;
use crate::error::EngineError;
use crate::json::Usd;
use crate::read::AmountView;
use crate::worth::Worth;
use athar_types::{AddressId, TxNum};
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Nodes of one question.
pub const LINKED_MAX: usize = 500;
/// Outputs that are looked at over all nodes.
const OUTPUTS_TOTAL_MAX: u64 = 300_000;
/// Addresses of one node's entity that are looked at.
const MEMBERS_EACH_MAX: u32 = 20_000;

/// What went directly between some subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinksView {
    /// Chain.
    pub chain: String,
    /// `address` or `entity`.
    #[schemars(with = "String")]
    pub of: &'static str,
    /// What went from one node to another, in the order of the nodes.
    pub links: Vec<LinkView>,
    /// Nodes that act as one with an earlier one; links name the earlier.
    pub merged: Vec<MergedNode>,
    /// Nodes that are not on the chain; that says nothing else of them.
    pub unseen: Vec<String>,
    /// Nodes too busy to be read: what two of them dealt with each other is not, or not wholly, in the answer.
    pub unread: Vec<String>,
    /// Whether something is left out: `unread` names the nodes between which.
    pub truncated: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Two nodes that are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MergedNode {
    /// The node.
    pub node: String,
    /// The earlier one that stands for both.
    pub into: String,
}

/// What went from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinkView {
    /// Who sent, as its address.
    pub from: String,
    /// Who received.
    pub to: String,
    /// Satoshi, as digits; none on a chain of accounts.
    pub amount_units: Option<String>,
    /// On a chain of accounts: the sums, asset by asset, the first 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<AmountView>,
    /// What it was worth, each part at the price of its day.
    pub usd: Option<Usd>,
    /// Transactions.
    pub txs: u64,
    /// Time of the first.
    pub first_time: String,
    /// Time of the last.
    pub last_time: String,
    /// The first transactions, at most five.
    pub sample_txids: Vec<String>,
}

struct Link {
    sat: u64,
    worth: Worth,
    txs: Vec<TxNum>,
    count: u64,
    last: TxNum,
    first: TxNum,
}

/// A node.
struct Node {
    id: AddressId,
    addresses: Vec<AddressId>,
    outputs: u64,
    /// Whether not all of it can be read.
    is_cut: bool,
}

impl Engine {
    /// What went directly from one of `nodes` (addresses) to another.
    pub fn links(&self, nodes: &[String], of: Of) -> Result<LinksView, EngineError> {
        if self.is_account_chain() {
            return self.account_links(nodes, of);
        }
        let ledger = self.ledger()?;
        let (mut found, mut merged, mut unseen) = (Vec::<Node>::new(), Vec::new(), Vec::new());
        // the node of each owner: of a root, or of an address
        let mut owners: FxHashMap<u32, usize> = FxHashMap::default();
        for text in nodes {
            let Some(id) = self.address_id(text)? else {
                unseen.push(text.trim().to_owned());
                continue;
            };
            let owner = match of {
                Of::Address => id,
                Of::Entity => {
                    self.forest()?;
                    self.root_of(id)
                }
            };
            if let Some(earlier) = owners.get(&owner.0) {
                let [node, into] = [id, found[*earlier].id].map(|id| ledger.address_text(id));
                if node != into {
                    merged.push(MergedNode { node, into });
                }
                continue;
            }
            owners.insert(owner.0, found.len());
            let addresses = match of {
                Of::Address => vec![id],
                Of::Entity => self.guard.members(self.forest()?, id, 0, MEMBERS_EACH_MAX),
            };
            let size = if of == Of::Entity { self.guard.size(self.forest()?, id) as usize } else { 1 };
            let outputs = addresses.iter().map(|a| ledger.address_output_count(*a)).sum();
            let is_cut = size > addresses.len() || outputs > OUTPUTS_MAX as u64;
            found.push(Node { id, addresses, outputs, is_cut });
        }
        let owner_of = |address: AddressId| -> Option<usize> {
            let owner = if of == Of::Address { address } else { self.root_of(address) };
            owners.get(&owner.0).copied()
        };
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by_key(|at| (found[*at].is_cut, found[*at].outputs, *at));
        let mut is_read = vec![false; found.len()];
        let mut unread: Vec<usize> = Vec::new();
        let mut links: BTreeMap<(usize, usize), Link> = BTreeMap::new();
        let mut reader = Reader::new(self, ledger);
        let (mut outputs_left, mut slots_left) = (OUTPUTS_TOTAL_MAX, SLOTS_MAX);
        // what the last one dealt with the others is found at them
        let mut left = order.len();
        for at in order {
            left -= 1;
            if left == 0 && unread.is_empty() {
                break;
            }
            let node = &found[at];
            if node.is_cut || node.outputs > outputs_left {
                unread.push(at);
                continue;
            }
            outputs_left -= node.outputs;
            let touched = touching(ledger, &node.addresses, OUTPUTS_MAX);
            let slots: u64 = touched.txs.iter().map(|tx| reader.slots(*tx)).sum();
            if slots > slots_left {
                unread.push(at);
                continue;
            }
            slots_left -= slots;
            let belongs =
                |address: AddressId| if owner_of(address) == Some(at) { Belongs::Own } else { Belongs::Other };
            for tx in touched.txs {
                let time = self.tx_time(tx);
                reader.read(tx, &belongs, &mut |way, with, sat| {
                    let With::Party(address) = with else { return };
                    let Some(other) = owner_of(address).filter(|other| !is_read[*other]) else { return };
                    let key = if way == Way::In { (other, at) } else { (at, other) };
                    let link = links.entry(key).or_insert_with(|| Link {
                        sat: 0,
                        worth: Worth::default(),
                        txs: Vec::new(),
                        count: 0,
                        last: TxNum(u32::MAX),
                        first: tx,
                    });
                    link.sat += sat;
                    link.worth.add(sat, self.usd(sat, time));
                    if link.last != tx {
                        (link.last, link.count) = (tx, link.count + 1);
                        if link.txs.len() < SAMPLE {
                            link.txs.push(tx);
                        }
                    }
                });
            }
            is_read[at] = true;
        }
        // one of them alone leaves nothing out: the others were read
        let truncated = unread.len() > 1;
        if !truncated {
            unread.clear();
        }
        let text = |at: usize| ledger.address_text(found[at].id);
        let links = links.into_iter().map(|((from, to), link)| LinkView {
            from: text(from),
            to: text(to),
            amount_units: Some(link.sat.to_string()),
            amounts: Vec::new(),
            usd: link.worth.usd(),
            txs: link.count,
            first_time: self.tx_time(link.first).to_string(),
            last_time: self.tx_time(link.last).to_string(),
            sample_txids: link.txs.iter().map(|tx| ledger.txid(*tx).to_string()).collect(),
        });
        Ok(LinksView {
            chain: ledger.chain().to_string(),
            of: of.name(),
            links: links.collect(),
            merged,
            unseen,
            unread: unread.into_iter().map(text).collect(),
            truncated,
            snapshot: self.snapshot("links", &(nodes, of)),
        })
    }
}
