//! Deposit addresses of services: who is paid there has an account, and the service holds the keys.
//!
//! Co-spending puts a customer's deposit address into the entity of the exchange that sweeps it, rightly: the exchange owns
//! it. But what is known of the address is known of a customer's account, and what is known of the exchange is not known of
//! the customer. So such addresses are told apart, by how they are used.
//!
//! Sources: E. Androulaki et al., "Evaluating User Privacy in Bitcoin", FC 2013, and F. Victor, "Address Clustering
//! Heuristics for Ethereum", FC 2020 (deposit-address reuse), for the pattern; S. Meiklejohn et al., IMC 2013, for sweeps of
//! deposits into a service's own wallet. The rule itself is stricter than theirs: a single output that fits it not, rules an
//! address out.

use crate::forest::Forest;
use crate::links::Links;
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};

/// From so many addresses on an entity is held for a service even where nobody has labelled it.
pub const SERVICE_ADDRESSES_MIN: u32 = 1_000;
/// An address that more outputs pay is no single customer's.
const OUTPUTS_MAX: u64 = 500;
/// A sweep with more outputs pays people out.
const SWEEP_OUTPUTS_MAX: u64 = 2;
/// Sweeps that are named.
const SWEEPS_MAX: usize = 10;

/// How an address was used as an account at a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposits {
    /// Outputs that pay it, all of them from outside the service.
    pub receipts: u64,
    /// Transactions in which the service took them, the first ten.
    pub sweeps: Vec<TxNum>,
}

/// Whether an address is used as a deposit address of its own entity: only strangers pay it, and whatever is spent goes
/// back to the entity in a transaction of one or two outputs, never to the address itself. Whether the entity is a service
/// is for the caller to know. Looks at no more than 500 outputs and their transactions.
pub fn deposits(ledger: &Ledger, forest: &Forest, address: AddressId) -> Option<Deposits> {
    let root = forest.find(address);
    let is_own = |other: Option<AddressId>| other.is_some_and(|a| forest.find(a) == root);
    let receipts = ledger.address_output_count(address);
    if receipts == 0 || receipts > OUTPUTS_MAX {
        return None;
    }
    let mut sweeps: Vec<TxNum> = Vec::new();
    let mut spent = false;
    for output in ledger.address_outputs(address) {
        let (paid_by, _) = ledger.output_tx(output);
        // change, or the service's own money on its way
        if ledger.inputs(paid_by).any(|input| is_own(input.address)) {
            return None;
        }
        let Some(sweep) = ledger.spent_by(output) else { continue };
        spent = true;
        if sweeps.last() == Some(&sweep) {
            continue;
        }
        let outputs = ledger.tx_outputs(sweep);
        let goes_back = ledger.outputs(sweep).all(|o| is_own(o.address) && o.address != Some(address));
        if outputs.end - outputs.start > SWEEP_OUTPUTS_MAX || !goes_back || forest.coinjoin(sweep).is_some() {
            return None;
        }
        sweeps.push(sweep);
    }
    sweeps.sort_unstable();
    sweeps.dedup();
    sweeps.truncate(SWEEPS_MAX);
    spent.then_some(Deposits { receipts, sweeps })
}
