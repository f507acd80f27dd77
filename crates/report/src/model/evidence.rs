//! What proves a statement, in rows.

use super::Amount;
use crate::limits::{EVIDENCE_MAX, STEPS_MAX};
use crate::numbers;
use crate::visible::visible;
use athar_engine::read::{Evidence, ExplainView, PathStep, Statement};
use serde::Serialize;

/// The evidence of one statement, each kind bounded, with what was left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Proof {
    labels: Vec<Label>,
    labels_left: usize,
    merges: Vec<Merge>,
    merges_left: usize,
    paths: Vec<Path>,
    paths_left: usize,
    /// On chains of accounts.
    transfers: Vec<Transfer>,
    transfers_left: usize,
    acts: Vec<Act>,
    /// Names of bounds.
    cuts: Vec<String>,
    is_truncated: bool,
    is_empty: bool,
}

#[derive(Debug, Serialize)]
struct Label {
    subject: String,
    label: String,
    basis: &'static str,
    source: Option<String>,
    confidence: Option<u8>,
    pack: String,
    line: u32,
    id: String,
    /// Why somebody contests it.
    disputed: Option<String>,
}

#[derive(Debug, Serialize)]
struct Merge {
    txid: String,
    height: u32,
    heuristic: String,
    joins: [String; 2],
}

#[derive(Debug, Serialize)]
struct Transfer {
    tx: Option<String>,
    time: String,
    from: Option<String>,
    to: Option<String>,
    amount: String,
}

/// What an issuer did to an account.
#[derive(Debug, Serialize)]
struct Act {
    act: &'static str,
    token: String,
    tx: String,
    time: String,
}

#[derive(Debug, Serialize)]
struct Path {
    amount: Amount,
    step_count: usize,
    steps: Vec<Step>,
    steps_left: usize,
}

#[derive(Debug, Serialize)]
struct Step {
    txid: String,
    vout: u32,
    height: u32,
    time: String,
    from: Option<String>,
    to: Option<String>,
    btc: String,
}

impl Step {
    fn of(step: &PathStep) -> Self {
        Self {
            txid: visible(&step.txid),
            vout: step.vout,
            height: step.height,
            time: numbers::time(&step.time),
            from: step.from.as_deref().map(visible),
            to: step.to.as_deref().map(visible),
            btc: numbers::btc(step.amount_sat),
        }
    }
}

impl Proof {
    pub(super) fn of(statement: &Statement) -> Self {
        let mut proof = Self {
            is_truncated: statement.evidence_truncated,
            is_empty: statement.evidence.is_empty(),
            ..Self::default()
        };
        for evidence in &statement.evidence {
            match evidence {
                Evidence::Label { subject, label, basis, source, confidence, pack, line, id, disputed } => {
                    if proof.labels.len() == EVIDENCE_MAX {
                        proof.labels_left += 1;
                        continue;
                    }
                    proof.labels.push(Label {
                        subject: visible(subject),
                        label: visible(label),
                        basis: basis.name(),
                        source: source.as_deref().map(visible),
                        confidence: *confidence,
                        pack: visible(pack),
                        line: *line,
                        id: visible(id),
                        disputed: disputed.as_deref().map(visible),
                    });
                }
                Evidence::Merge { txid, height, heuristic, joins } => {
                    if proof.merges.len() == EVIDENCE_MAX {
                        proof.merges_left += 1;
                        continue;
                    }
                    proof.merges.push(Merge {
                        txid: visible(txid),
                        height: *height,
                        heuristic: visible(heuristic),
                        joins: [visible(&joins[0]), visible(&joins[1])],
                    });
                }
                Evidence::Path { amount_sat, steps } => {
                    if proof.paths.len() == EVIDENCE_MAX {
                        proof.paths_left += 1;
                        continue;
                    }
                    proof.paths.push(Path {
                        amount: Amount::bare(*amount_sat),
                        step_count: steps.len(),
                        steps: steps.iter().take(STEPS_MAX).map(Step::of).collect(),
                        steps_left: steps.len().saturating_sub(STEPS_MAX),
                    });
                }
                Evidence::Transfer { transfer } => {
                    if proof.transfers.len() == EVIDENCE_MAX {
                        proof.transfers_left += 1;
                        continue;
                    }
                    let amount = &transfer.amount;
                    let asset = amount.asset.symbol.as_ref().unwrap_or(&amount.asset.id);
                    let figure = amount.amount.as_ref().unwrap_or(&amount.units);
                    proof.transfers.push(Transfer {
                        tx: transfer.tx.as_deref().map(visible),
                        time: numbers::time(&transfer.time),
                        from: transfer.from.as_deref().map(visible),
                        to: transfer.to.as_deref().map(visible),
                        amount: format!("{figure} {}", visible(asset)),
                    });
                }
                Evidence::Issuer { act } => proof.acts.push(Act {
                    act: act.act,
                    token: visible(act.token.symbol.as_ref().unwrap_or(&act.token.id)),
                    tx: visible(&act.tx),
                    time: numbers::time(&act.time),
                }),
                Evidence::Cut { bound } => proof.cuts.push(visible(bound)),
            }
        }
        proof
    }
}

/// Why two addresses are one entity.
#[derive(Debug, Serialize)]
pub(super) struct Explain {
    is_linked: bool,
    since_height: Option<u32>,
    steps: Vec<Merge>,
    steps_left: usize,
    rates: Vec<Rate>,
    bound: Option<String>,
}

/// How often a heuristic was wrong where the truth is known.
#[derive(Debug, Serialize)]
struct Rate {
    heuristic: String,
    wrong: u64,
    of: u64,
    at_most: String,
}

impl Explain {
    pub(super) fn of(view: &ExplainView) -> Self {
        let steps = view.steps.iter().take(STEPS_MAX).map(|step| Merge {
            txid: visible(&step.txid),
            height: step.height,
            heuristic: visible(&step.heuristic),
            joins: [visible(&step.joins[0]), visible(&step.joins[1])],
        });
        Self {
            is_linked: view.linked,
            since_height: view.since_height,
            steps: steps.collect(),
            steps_left: view.steps.len().saturating_sub(STEPS_MAX),
            rates: view
                .rates
                .iter()
                .map(|rate| Rate {
                    heuristic: visible(&rate.heuristic),
                    wrong: rate.wrong,
                    of: rate.of,
                    at_most: numbers::fine_percent(rate.share_wrong_max),
                })
                .collect(),
            bound: view.bound_hit.as_deref().map(visible),
        }
    }
}
