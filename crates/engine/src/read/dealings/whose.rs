//! Who is asked about on a chain of outputs: which addresses are the subject's own, and which transactions touch them.

use super::{DealingsAsk, MEMBERS_MAX, OUTPUTS_MAX, Of};
use crate::Engine;
use crate::error::EngineError;
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};
use rustc_hash::FxHashSet;

/// To whom an address belongs, seen from the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To the subject.
    Own,
    /// To the entity of a subject that is one address.
    Home,
    /// To somebody else.
    Other,
}

/// A subject.
pub(super) struct Whose {
    /// The address that was asked.
    pub(super) asked: AddressId,
    pub(super) of: Of,
    /// Its addresses that are looked at.
    pub(super) addresses: Vec<AddressId>,
    /// How many it has.
    pub(super) addresses_total: u64,
    /// What stands for its entity. None where the subject is an account at a service: the service is somebody else then.
    home: Option<AddressId>,
}

/// The transactions of a subject.
pub(super) struct Touching {
    /// Those that pay it or spend from it, in chain order.
    pub(super) txs: Vec<TxNum>,
    /// Outputs that were looked at for them.
    pub(super) outputs: u64,
    /// Whether there are more outputs.
    pub(super) is_cut: bool,
}

impl Whose {
    /// The subject of a question; `None` where no output ever paid the address.
    pub(super) fn find(engine: &Engine, ask: &DealingsAsk) -> Result<Option<Self>, EngineError> {
        let Some(asked) = engine.address_id(&ask.address)? else { return Ok(None) };
        let (addresses, addresses_total, home) = match ask.of {
            Of::Entity => {
                let forest = engine.forest()?;
                let members = engine.guard.members(forest, asked, 0, MEMBERS_MAX);
                (members, u64::from(engine.guard.size(forest, asked)), Some(engine.root_of(asked)))
            }
            // as a screening has it: an account at a service deals with the service
            Of::Address => (vec![asked], 1, engine.account(asked).is_none().then(|| engine.root_of(asked))),
        };
        Ok(Some(Self { asked, of: ask.of, addresses, addresses_total, home }))
    }

    pub(super) fn belongs(&self, engine: &Engine, address: AddressId) -> Belongs {
        match self.of {
            Of::Address if address == self.asked => Belongs::Own,
            _ if self.home != Some(engine.root_of(address)) => Belongs::Other,
            Of::Address => Belongs::Home,
            Of::Entity => Belongs::Own,
        }
    }

    /// The transactions that touch it; those of the first outputs of its first addresses where there are too many.
    pub(super) fn touching(&self, ledger: &Ledger) -> Touching {
        touching(ledger, &self.addresses, OUTPUTS_MAX)
    }

    /// What of its addresses was left out.
    pub(super) fn is_cut(&self) -> bool {
        (self.addresses.len() as u64) < self.addresses_total
    }
}

/// The transactions that touch some addresses.
pub(super) fn touching(ledger: &Ledger, addresses: &[AddressId], outputs_max: usize) -> Touching {
    let (mut txs, mut outputs, mut is_cut) = (Vec::new(), 0, false);
    'all: for address in addresses {
        for output in ledger.address_outputs(*address) {
            if outputs >= outputs_max {
                is_cut = true;
                break 'all;
            }
            outputs += 1;
            txs.push(ledger.output_tx(output).0);
            txs.extend(ledger.spent_by(output));
        }
    }
    txs.sort_unstable();
    txs.dedup();
    Touching { txs, outputs: outputs as u64, is_cut }
}

/// Addresses that were counted already, by whom.
#[derive(Default)]
pub(super) struct Distinct(FxHashSet<(u32, u32)>);

impl Distinct {
    /// Whether it is the first time.
    pub(super) fn is_new(&mut self, of: u32, address: AddressId) -> bool {
        self.0.insert((of, address.0))
    }
}
