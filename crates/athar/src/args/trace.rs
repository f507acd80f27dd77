//! Words of `trace` and `exposure`.

use athar_engine::read::{ExposureOptions, Moment, TraceOptions};
use athar_engine::{TaintPolicy as Policy, TaintPolicyError};
use clap::Args as Words;

/// Policies asked for: one, or every one side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policies {
    One(Policy),
    All,
}

fn policies(text: &str) -> Result<Policies, String> {
    match text {
        "all" => Ok(Policies::All),
        name => name.parse().map(Policies::One).map_err(|error: TaintPolicyError| error.to_string()),
    }
}

#[derive(Debug, Words)]
pub(crate) struct Trace {
    /// Addresses, transaction ids, outputs as txid:vout, entity:ADDRESS for a whole entity, category:NAME for everybody with
    /// such a label; several are one set of sources
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Where the money came from, instead of where it went
    #[arg(long)]
    pub(crate) backward: bool,
    /// How taint moves through a transaction: fifo, lifo, tiho (taint in, highest out), haircut, poison; all of them side by
    /// side with `all`
    #[arg(long, default_value = "fifo", value_parser = policies)]
    pub(crate) policy: Policies,
    /// Hops to follow
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) hops: u32,
    /// Edges to list
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) edges: u32,
    /// Edges that the trace may have; with --stream there is no bound unless one is given [default: 1000000]
    #[arg(long, value_name = "N")]
    pub(crate) edges_max: Option<u64>,
    /// Do not follow an output further that carries less, in satoshi
    #[arg(long, default_value_t = 0, value_name = "SAT")]
    pub(crate) amount_min: u64,
    /// Only through transactions from then on: a height, or a day as 2020-01-31
    #[arg(long, value_name = "MOMENT")]
    pub(crate) since: Option<Moment>,
    /// Only through transactions up to then
    #[arg(long, value_name = "MOMENT")]
    pub(crate) until: Option<Moment>,
    /// On a chain of accounts: follow this asset alone (coin, a symbol of the registry, a contract), into what it is exchanged
    /// for too; --amount-min then counts in its smallest unit
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: Option<String>,
    /// Do not enter a transaction with more outputs (backward: inputs)
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(crate) outputs_max: u32,
    /// Print everything as it is found, one JSON object a line, the sums last; Ctrl-C ends it in order
    #[arg(long)]
    pub(crate) stream: bool,
}

impl Trace {
    /// The sources as one text.
    pub(crate) fn target(&self) -> String {
        self.targets.join(",")
    }

    pub(crate) fn options(&self) -> TraceOptions {
        let edges_max = if self.stream { u64::MAX } else { TraceOptions::default().edges_max };
        TraceOptions {
            policy: if let Policies::One(policy) = self.policy { policy } else { Policy::default() },
            backward: self.backward,
            hops_max: self.hops,
            edges_max: self.edges_max.unwrap_or(edges_max),
            edges_listed_max: self.edges as usize,
            amount_min_sat: self.amount_min,
            since: self.since,
            until: self.until,
            outputs_max: self.outputs_max,
        }
    }
}

#[derive(Debug, Words)]
pub(crate) struct Exposure {
    /// Address, transaction id, or output as txid:vout
    pub(crate) target: String,
    /// By which policy: fifo, lifo, tiho, haircut, poison, or all of them
    #[arg(long, default_value = "all", value_parser = policies)]
    pub(crate) policy: Policies,
    /// Hops to follow
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) hops: u32,
    /// Edges that each trace may have
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    pub(crate) edges_max: u64,
    /// As of then (a height, or a day as 2020-01-31): the chain and the entity up to then, by the labels known on that day, and
    /// by those known now where they say something else
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<Moment>,
}

impl Exposure {
    pub(crate) fn options(&self) -> ExposureOptions {
        let policies = match self.policy {
            Policies::One(policy) => vec![policy],
            Policies::All => Policy::ALL.to_vec(),
        };
        ExposureOptions { policies, hops_max: self.hops, edges_max: self.edges_max, at: None }
    }
}
