//! Change: which output of a transaction goes back to whoever paid.
//!
//! Each published heuristic is a [`Recorder`] of evidence: for an output, as of a moment, it votes "change", "not
//! change", or is silent. A [`ChangePolicy`] says which votes make a tie. Nothing here depends on labels.
//!
//! Facts count only from the moment at which the chain shows them. A transaction is therefore looked at several times:
//! when it is made, and whenever one of its outputs is spent for the first time (what spends it shows the habits of its
//! owner). The tie holds from the first of these moments at which the policy says "change" of exactly one output; what
//! comes later takes nothing back. So ties can be recorded in chain order, block by block, and a forest stays exact as
//! of any past transaction.
//!
//! Never tied: coinbases, transactions that tie nobody (CoinJoins), those with a part in a hidden pool, those with one
//! spendable output or more than the policy allows (batch payouts), and those that pay one of their own input addresses:
//! there the change is known already, and the other outputs are payments.
//!
//! Sources: E. Androulaki et al., "Evaluating User Privacy in Bitcoin", FC 2013 (shadow addresses); S. Meiklejohn et
//! al., "A Fistful of Bitcoins", IMC 2013 (one-time change, peeling chains); J. D. Nick, "Data-Driven De-Anonymization
//! in Bitcoin", 2015 (optimal change, consumer wallets); H. Kalodner et al., "BlockSci", USENIX Security 2020 (the list
//! of heuristics); G. Kappos et al., "How to Peel a Million", USENIX Security 2022 (continuity of fingerprints); M. Möser
//! and A. Narayanan, "Resurrecting Address Clustering in Bitcoin", FC 2022 (votes and their error rates).

mod address_reuse;
mod address_type;
mod expression;
mod fingerprint;
mod fresh;
mod lock_time;
mod optimal;
mod peel;
mod policy;
mod recorder;
mod round_value;
mod shape;
mod ties;

pub use expression::Expression;
pub use policy::{ChangePolicy, Rule};
pub use recorder::{Recorder, Recorders, Vote};
pub use ties::{ChangeTie, OutputEvidence, evidence, tie_of, ties};
