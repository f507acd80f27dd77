//! The words of `athar check`.

use super::Tongue;
use clap::{Args as Words, Subcommand};

#[derive(Debug, Words)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Check {
    /// The address that it goes to
    #[arg(required = true)]
    pub(crate) address: Option<String>,
    /// The amount in whole coins, as 0.015
    #[arg(long, value_name = "AMOUNT", conflicts_with = "units")]
    pub(crate) amount: Option<String>,
    /// The amount in the asset's smallest unit instead
    #[arg(long, value_name = "N")]
    pub(crate) units: Option<String>,
    /// The asset, by symbol or contract [default: the coin of the chain]
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: Option<String>,
    /// The address of your own that it goes out from
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: Option<String>,
    /// Your own reference; kept with the decision
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Your pseudonym of the customer; kept as a keyed hash only
    #[arg(long, value_name = "TEXT")]
    pub(crate) customer: Option<String>,
    /// Milliseconds that the answer may take [default: as the policy says]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub(crate) time_limit: Option<u32>,
    /// The policy to decide by: active, a name, name@version, or a file
    #[arg(long, default_value = "active", value_name = "NAME|FILE")]
    pub(crate) policy: String,
    /// Do not keep the decision
    #[arg(long)]
    pub(crate) no_record: bool,
    /// Language of the text: en, ar
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Tongue,
    #[command(subcommand)]
    pub(crate) question: Option<CheckQuestionWords>,
}

/// Questions about decisions that were made.
#[derive(Debug, Subcommand)]
pub(crate) enum CheckQuestionWords {
    /// Decisions that were kept, the newest first
    Kept {
        /// Only about this address
        #[arg(long)]
        address: Option<String>,
        /// Only with this reference
        #[arg(long)]
        reference: Option<String>,
        /// Only of this customer
        #[arg(long)]
        customer: Option<String>,
        /// Before the decision of this number
        #[arg(long, default_value_t = 0, value_name = "N")]
        before: u64,
        /// Rows to list
        #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Compute the chain of hashes over all decisions again
    Verify,
    /// Print the table that decides where a policy has none, to begin your own with
    Table,
}
