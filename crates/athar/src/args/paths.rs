//! The words of `athar paths`.

use athar_engine::read::PathsOrder;
use clap::Args as Words;

/// What a path is, and where it ends, is in docs/reference/paths.md.
#[derive(Debug, Words)]
pub(crate) struct Paths {
    /// Where the money was: address, `entity:ADDRESS` for all of its entity, transaction id, or output as txid:vout
    pub(crate) from: String,
    /// Where it came to, of the same forms
    pub(crate) to: String,
    /// Which paths come first: hops (fewest), value (largest smallest output), earliest (arrival)
    #[arg(long, default_value = "hops", value_parser = order, value_name = "ORDER")]
    pub(crate) by: PathsOrder,
    /// Paths to give
    #[arg(long, default_value_t = 3, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) count: u32,
    /// Hops that a path may have; moves inside one entity are none
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) hops: u32,
    /// Steps to look at, in each direction; an answer that gave up there says so
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) edges: u64,
    /// Also from the second to the first
    #[arg(long)]
    pub(crate) either: bool,
    /// Only transactions from this block on
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) since: Option<u32>,
    /// Only transactions up to this block
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) until: Option<u32>,
    /// Only through outputs of at least so many satoshi
    #[arg(long, default_value_t = 1, value_name = "SAT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) min_amount: u64,
    /// Do not pass transactions of more inputs or outputs than this
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) fan: u32,
    /// Also through labelled services, whose customers' money is mixed: no proof that it was the same money
    #[arg(long)]
    pub(crate) through_services: bool,
}

fn order(text: &str) -> Result<PathsOrder, String> {
    PathsOrder::from_name(text).ok_or_else(|| {
        let names: Vec<_> = PathsOrder::ALL.into_iter().map(PathsOrder::name).collect();
        format!("one of {}", names.join(", "))
    })
}
