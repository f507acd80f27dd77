//! Taint over the balances of accounts: what became of what accounts received, and where it came from.
//!
//! On chains of accounts money has no serial numbers: a transfer takes from a balance, and which of what came in before goes out
//! is a convention. [`stream`] follows one ([`crate::Policy`]) through a balance per account and asset:
//!
//! | policy | what a transfer takes from its giver's balance |
//! |---|---|
//! | FIFO | what came first |
//! | LIFO | what came last; what one transfer brought keeps its order |
//! | haircut | of the taint the share that it has of the balance, to the nearest unit (largest remainders, a tie to the transfer) |
//! | poison | taint whole, once taint has come: places reached, never summed |
//! | TIHO | no meaning: it chooses among the outputs of one transaction, and a transfer has one receiver ([`AccountError`]) |
//!
//! Taint of several kinds (hops, marks) shares haircut's taint kind by kind, in order, by the same method over what is left.
//!
//! **Opening balances.** A balance is looked at from when taint first reaches it. What it held then is what its earlier transfers of that
//! asset come to, and is clean. Where a balance gives more than is known to have come in (coverage begins late, a token that changes
//! balances without a log), the rest is of unknown origin: counted as [`AssetTotals::short`], never tainted.
//!
//! **Backward** is the same over transfers mirrored in time: the last comes first, and who received gives. For FIFO and LIFO
//! that is the exact inverse of forward, unit by unit, and for haircut its transpose. What a balance still holds, or gave
//! later, is its opening balance then.
//!
//! **Conversions.** In a transaction in which a pool told of a swap, taint that enters the pool goes over to what the pool gives of
//! other assets: `out * tainted_in / amount_in`, rounded down once for each transfer out; what rounding drops is gone, and the
//! totals state each asset by itself. Some pools give before they are paid (Uniswap v3 calls back for its pay), so that inside
//! such a transaction the next transfer followed is the first in trace order that is not waiting, and what a pool gives of one asset
//! waits for what the transaction still brings it of others; where all that are left wait, the first goes. What an account so gives
//! before it has it is an advance, paid back from what comes ([`AccountBound::Advance`]). Where a pool takes more than
//! one other asset in, nobody says which bought what: taint then stops there. A contract that gives the same asset on in such a
//! transaction (a router) is passed, as if it held nothing else; what it keeps stops there.
//!
//! **Ends.** Every unit of taint ends once ([`AccountEnd`], [`AccountTotals::check`]). Any other contract is a stop
//! ([`AccountStop::Contract`]) unless the question asks to go through. Coins put aside ([`athar_types::account::TransferKind::Stake`])
//! are a balance of their own and stay the account's. A transfer to oneself, or of nothing, changes nothing.
//!
//! Amounts are exact and cannot overflow ([`Sum`]), whatever a token's contract logs.

mod amount;
mod bridge;
mod error;
mod exposure;
mod flows;
mod land;
mod limits;
mod made;
mod path;
mod paths;
mod places;
mod pot;
mod queue;
mod sink;
mod source;
mod step;
mod swap;
mod totals;
mod trace;
mod view;
mod walk;

pub use amount::Sum;
pub use bridge::{Candidates, FarSide, Match, MatchedBy, Passage, candidates};
pub use error::AccountError;
pub use exposure::{
    AccountEvidence, AccountExposure, AccountExposureQuestion, AccountExposures, AccountLabels, AccountSide, exposure,
};
pub use flows::{
    AccountOwners, AccountStop, AccountStops, Flows, NONE, NoAccountOwners, NoAccountStops, Place, Transfer,
};
pub use limits::{AccountBound, AccountLimits};
pub use made::MadeFlows;
pub use path::AccountStep;
pub use paths::{
    AccountPath, AccountPathStep, AccountPaths, AccountPathsBound, AccountPathsLimits, AccountPathsOrder,
    AccountPathsOutcome, AccountPathsQuestion, AccountPathsStopped, paths,
};
pub use pot::Part;
pub use sink::{AccountArrival, AccountEdge, AccountEnd, AccountSink, Conversion, NoSink};
pub use source::AccountSources;
pub use totals::{AccountBounded, AccountTotals, AssetTotals};
pub use trace::{AccountLeft, AccountTrace, Keep, trace};
pub use walk::{AccountQuestion, stream};
