//! The façade: everything Athar does, for whoever shows it to a user.
//!
//! * [`mod@write`] changes a store: one ordered list of stages (blocks, entities), and the imports of labels and prices.
//! * [`Engine`] reads one: each question is a method that gives a plain view ([`read`]), ready to be shown or
//!   serialised. A view carries the snapshot that it was computed on; the same snapshot gives the same bytes.
//!
//! Nothing here formats for users, and nothing below knows that users exist.

mod account_chain;
mod accounts;
mod engine;
mod error;
pub mod guard;
mod json;
mod known;
mod live;
mod met;
mod mixes;
pub mod names;
pub mod read;
mod services;
mod snapshot;
mod target;
mod worth;
pub mod write;

pub use athar_discover as discovery;
pub use athar_documents as documents;
pub use athar_entities::{Clustering, ClusteringError, HEURISTICS_VERSION, Selection};
pub use athar_ingest::Progress as BlocksProgress;
pub use athar_labels::{
    AsOf, BundleReport, Decision, DecisionKind, Field as LabelField, ImportReport as LabelsReport, LabelError, LabelId,
    Outcome as LabelsOutcome, OwnLabel, Ruling, SubjectKind, guarded, unguarded,
};
pub use athar_ledger::account::Knows as AccountKnows;
pub use athar_lists as lists;
pub use athar_node::account as account_node;
pub use athar_node::{Credentials, NodeError, RpcUrl, ZmqUrl};
pub use athar_policy as policy;
pub use athar_prices::{ImportOptions as PricesOptions, ImportReport as PricesReport, PricesError};
pub use athar_records as records;
pub use athar_sightings as sightings;
pub use athar_solicitation as solicitation;
pub use athar_trace::{Policy as TaintPolicy, PolicyError as TaintPolicyError};
pub use athar_types::UnixTime;
pub use athar_types::account::{AddressForm, TransferKind, TxStatus};
pub use athar_types::{Asset, Basis as LabelBasis, Bilingual, Category, Chain, Day, Level, Network, Sats};
pub use engine::{BuiltinUse, Engine, Options};
pub use error::EngineError;
pub use json::{Millionths, Usd, UsdPrice};
pub use snapshot::Basis;
pub use target::Target;

/// A user's text, short and without control characters, fit for an error message.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}
