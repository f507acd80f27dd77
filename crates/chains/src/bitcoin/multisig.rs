//! Bare multisig: `m <key>... n OP_CHECKMULTISIG` in the output itself (Bitcoin Core's `MatchMultisig`).

use super::opcode::{OP_1, OP_16, OP_CHECKMULTISIG};
use super::push::{Push, Pushes};
use super::script::is_public_key;

/// Most keys that `OP_CHECKMULTISIG` takes.
const KEYS_MAX: u8 = 20;

/// The keys of a bare multisig script, in order; each 33 or 65 bytes.
#[derive(Clone, Debug)]
pub struct MultisigKeys<'a> {
    left: u8,
    steps: Pushes<'a>,
}

impl<'a> Iterator for MultisigKeys<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        self.steps.next().and_then(|step| step.pushed())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::from(self.left), Some(usize::from(self.left)))
    }
}

impl ExactSizeIterator for MultisigKeys<'_> {}

/// How many signatures of which keys a bare multisig script asks for; `None` for any other script.
#[inline]
pub(super) fn parse(script: &[u8]) -> Option<(u8, MultisigKeys<'_>)> {
    let (last, script) = script.split_last()?;
    if *last != OP_CHECKMULTISIG {
        return None;
    }
    let mut steps = Pushes::new(script);
    let required = number(&steps.next()?)?;
    let keys = steps.clone();
    let mut found = 0;
    for step in steps.by_ref() {
        match step {
            Push::Data { data, .. } if is_public_key(data) => {
                found += 1;
                if found > KEYS_MAX {
                    return None;
                }
            }
            other => {
                let whole = steps.rest().is_empty() && number(&other)? == found && required <= found;
                return whole.then_some((required, MultisigKeys { left: found, steps: keys }));
            }
        }
    }
    None
}

/// A number from 1 to 20 in its shortest form: `OP_1` to `OP_16`, or a push of one byte for 17 to 20.
fn number(step: &Push<'_>) -> Option<u8> {
    match *step {
        Push::Op(op @ OP_1..=OP_16) => Some(op - OP_1 + 1),
        Push::Data { opcode: 1, data: &[n @ 17..=KEYS_MAX] } => Some(n),
        _ => None,
    }
}
