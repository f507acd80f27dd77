//! What one transaction moves between a subject and others, by first in, first out.
//!
//! The satoshi of the inputs lie on one line, those of the outputs and the fee on another of the same length; each keeps its
//! place. Going along both at once tells of every satoshi from which input to which output it went. That is what a trace by FIFO
//! does for one hop, in both directions, and at no other cost than reading the transaction once.

use super::whose::Belongs;
use crate::Engine;
use athar_entities::CoinJoinKind;
use athar_ledger::{Ledger, TxFlags};
use athar_trace::Limits;
use athar_types::{AddressId, Chain, OutputNum, TxNum};

/// Which way value moved, seen from the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Way {
    /// To the subject.
    In,
    /// From it.
    Out,
}

impl Way {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::In => "received",
            Self::Out => "sent",
        }
    }
}

/// Where value came from or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// An address of somebody else.
    Party(AddressId),
    /// An output of somebody else that has no address.
    Unaddressed,
    /// The subject itself, or for one address its entity.
    Home,
    /// The fee.
    Fee,
    /// New coins.
    Minted,
    /// A CoinJoin.
    Mix(CoinJoinKind),
    /// The border of a hidden pool.
    Pool,
    /// A transaction with too many inputs (of what came) or outputs (of what went) to be read.
    Wide,
}

/// One slot of one side of a transaction.
#[derive(Clone, Copy)]
struct Slot {
    address: Option<AddressId>,
    value: u64,
    belongs: Belongs,
    /// Satoshi of the subject that came from it or went to it.
    met: u64,
}

/// Reads transactions of a chain, with buffers that are used again.
pub(super) struct Reader<'a> {
    engine: &'a Engine,
    ledger: &'a Ledger,
    has_pools: bool,
    wide: u64,
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(engine: &'a Engine, ledger: &'a Ledger) -> Self {
        let has_pools = matches!(ledger.chain(), Chain::Litecoin | Chain::Zcash);
        let wide = u64::from(Limits::default().outputs_max);
        Self { engine, ledger, has_pools, wide, inputs: Vec::new(), outputs: Vec::new() }
    }

    /// Inputs and outputs that reading a transaction means.
    pub(super) fn slots(&self, tx: TxNum) -> u64 {
        let (inputs, outputs) = (self.ledger.tx_inputs(tx), self.ledger.tx_outputs(tx));
        (inputs.end - inputs.start) + (outputs.end - outputs.start)
    }

    /// Tells of everything that a transaction moves to the subject or from it: once for each input that it comes from, once for each
    /// output that it goes to, once for what is neither. Nothing of no value.
    pub(super) fn read(
        &mut self,
        tx: TxNum,
        belongs: &dyn Fn(AddressId) -> Belongs,
        tell: &mut dyn FnMut(Way, With, u64),
    ) {
        let ledger = self.ledger;
        let of = |address: Option<AddressId>| address.map_or(Belongs::Other, belongs);
        self.inputs.clear();
        self.inputs.extend(ledger.inputs(tx).map(|input| Slot {
            address: input.address,
            value: ledger.output_value(ledger.spent_output(&input)).0,
            belongs: of(input.address),
            met: 0,
        }));
        self.outputs.clear();
        self.outputs.extend(ledger.tx_outputs(tx).map(|n| {
            let (address, value) = (ledger.output_address(OutputNum(n)), ledger.output_value(OutputNum(n)).0);
            Slot { address, value, belongs: of(address), met: 0 }
        }));
        if let Some(with) = self.through(tx) {
            let own = |slots: &[Slot]| {
                slots.iter().filter(|slot| slot.belongs == Belongs::Own).map(|slot| slot.value).sum::<u64>()
            };
            let (came, went) = (own(&self.outputs), own(&self.inputs));
            for (way, sat) in [(Way::In, came), (Way::Out, went)].into_iter().filter(|(_, sat)| *sat > 0) {
                tell(way, with, sat);
            }
            return;
        }
        let Flows { home, minted, fee } = self.lay();
        for (way, slots, is_wide) in [
            (Way::In, &self.inputs, self.inputs.len() as u64 > self.wide),
            (Way::Out, &self.outputs, self.outputs.len() as u64 > self.wide),
        ] {
            let (at_home, beyond) = match way {
                Way::In => (home[0], (With::Minted, minted)),
                Way::Out => (home[1], (With::Fee, fee)),
            };
            if is_wide {
                let all = slots.iter().map(|slot| slot.met).sum::<u64>() + at_home + beyond.1;
                tell_of(tell, way, With::Wide, all);
                continue;
            }
            for slot in slots {
                tell_of(tell, way, slot.address.map_or(With::Unaddressed, With::Party), slot.met);
            }
            tell_of(tell, way, With::Home, at_home);
            tell_of(tell, way, beyond.0, beyond.1);
        }
    }

    /// Lays both sides beside each other: marks what met the subject on the slots of others, and gives what met none.
    fn lay(&mut self) -> Flows {
        let mut flows = Flows::default();
        let (mut next_in, mut next_out) = (0, 0);
        let (mut left_in, mut left_out) = (0_u64, 0_u64);
        loop {
            while left_in == 0 && next_in < self.inputs.len() {
                left_in = self.inputs[next_in].value;
                next_in += 1;
            }
            while left_out == 0 && next_out < self.outputs.len() {
                left_out = self.outputs[next_out].value;
                next_out += 1;
            }
            let sat = match (left_in, left_out) {
                (0, 0) => return flows,
                (spent, 0) => {
                    // the fee
                    if self.inputs[next_in - 1].belongs == Belongs::Own {
                        flows.fee += spent;
                    }
                    spent
                }
                (0, made) => {
                    if self.outputs[next_out - 1].belongs == Belongs::Own {
                        flows.minted += made;
                    }
                    made
                }
                (spent, made) => {
                    let sat = spent.min(made);
                    let (source, target) = (&mut self.inputs[next_in - 1], &mut self.outputs[next_out - 1]);
                    match (source.belongs, target.belongs) {
                        (Belongs::Own, Belongs::Own) => {
                            flows.home[0] += sat;
                            flows.home[1] += sat;
                        }
                        (Belongs::Own, Belongs::Home) => flows.home[1] += sat,
                        (Belongs::Home, Belongs::Own) => flows.home[0] += sat,
                        (Belongs::Own, Belongs::Other) => target.met += sat,
                        (Belongs::Other, Belongs::Own) => source.met += sat,
                        _ => {}
                    }
                    sat
                }
            };
            left_in = left_in.saturating_sub(sat);
            left_out = left_out.saturating_sub(sat);
        }
    }

    /// Why nobody can be told for what goes through a transaction, where that is so. As a screening has it.
    fn through(&self, tx: TxNum) -> Option<With> {
        let flags = self.ledger.tx_flags(tx);
        if flags.has(TxFlags::COINBASE) {
            return None;
        }
        if self.has_pools && (flags.has(TxFlags::HOGEX) || flags.has(TxFlags::SHIELDED)) {
            return Some(With::Pool);
        }
        self.engine.coinjoin_kind(tx).map(With::Mix)
    }
}

/// What of a transaction met nobody else: what stayed at home, seen from what came and from what went, new coins, and the fee.
#[derive(Default)]
struct Flows {
    home: [u64; 2],
    minted: u64,
    fee: u64,
}

fn tell_of(tell: &mut dyn FnMut(Way, With, u64), way: Way, with: With, sat: u64) {
    if sat > 0 {
        tell(way, with, sat);
    }
}
