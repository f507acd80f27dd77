//! Events as bytes.

use athar_types::account::{BridgeEvent, EventKind, U256};

/// Codes of `notice.kind`.
pub(crate) const FREEZE: u8 = 1;
pub(crate) const UNFREEZE: u8 = 2;
pub(crate) const DESTROYED: u8 = 3;
pub(crate) const BRIDGE: u8 = 4;
pub(crate) const LENT: u8 = 5;
pub(crate) const RECALLED: u8 = 6;

/// What a notice says beside its two accounts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    None,
    Amount(U256),
    Bridge(BridgeEvent),
}

fn put<const N: usize>(out: &mut Vec<u8>, flags: &mut u8, bit: u8, value: Option<[u8; N]>) {
    if let Some(value) = value {
        *flags |= 1 << bit;
        out.extend_from_slice(&value);
    }
}

impl Body {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::None => {}
            Self::Amount(amount) => out.extend_from_slice(&amount.to_le_bytes::<32>()),
            Self::Bridge(event) => {
                let at = out.len();
                out.push(0);
                let mut flags = u8::from(event.is_out);
                out.extend_from_slice(&event.protocol.to_le_bytes());
                out.extend_from_slice(&event.amount.to_le_bytes::<32>());
                put(out, &mut flags, 1, event.far_chain.map(u64::to_le_bytes));
                put(out, &mut flags, 2, event.far_account);
                put(out, &mut flags, 3, event.token);
                put(out, &mut flags, 4, event.message);
                out[at] = flags;
            }
        }
    }

    pub(crate) fn read(kind: u8, bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let body = match kind {
            FREEZE | UNFREEZE => Self::None,
            DESTROYED | LENT | RECALLED => Self::Amount(U256::from_le_bytes(take::<32>(&mut rest)?)),
            BRIDGE => {
                let [flags] = take::<1>(&mut rest)?;
                let protocol = u16::from_le_bytes(take(&mut rest)?);
                let amount = U256::from_le_bytes(take::<32>(&mut rest)?);
                let has = |bit: u8| flags >> bit & 1 == 1;
                let far_chain = if has(1) { Some(u64::from_le_bytes(take(&mut rest)?)) } else { None };
                let far_account = if has(2) { Some(take(&mut rest)?) } else { None };
                let token = if has(3) { Some(take(&mut rest)?) } else { None };
                let message = if has(4) { Some(take(&mut rest)?) } else { None };
                Self::Bridge(BridgeEvent {
                    protocol,
                    is_out: has(0),
                    far_chain,
                    far_account,
                    token,
                    amount,
                    message,
                    ..BLANK
                })
            }
            _ => return None,
        };
        rest.is_empty().then_some(body)
    }
}

/// A bridge's event without its accounts, which stand in columns.
const BLANK: BridgeEvent = BridgeEvent {
    protocol: 0,
    contract: [0; 20],
    is_out: false,
    account: None,
    far_chain: None,
    far_account: None,
    token: None,
    amount: U256::ZERO,
    message: None,
};

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// Code, the contract (or who gives), whom it is about, and the rest; `None` for events that have columns of their own.
#[allow(clippy::type_complexity)] // the four columns of a notice
pub(crate) fn notice(kind: &EventKind) -> Option<(u8, [u8; 20], Option<[u8; 20]>, Body)> {
    Some(match *kind {
        EventKind::Swap { .. } | EventKind::Contract { .. } => return None,
        EventKind::Freeze { token, account, is_frozen } => {
            (if is_frozen { FREEZE } else { UNFREEZE }, token, Some(account), Body::None)
        }
        EventKind::Destroyed { token, account, amount } => (DESTROYED, token, Some(account), Body::Amount(amount)),
        EventKind::Bridge(event) => (BRIDGE, event.contract, event.account, Body::Bridge(event)),
        EventKind::Delegate { from, to, amount, is_given } => {
            (if is_given { LENT } else { RECALLED }, from, Some(to), Body::Amount(amount))
        }
    })
}

/// The event of a stored notice; `None` where the bytes are none.
pub(crate) fn event(kind: u8, contract: [u8; 20], account: Option<[u8; 20]>, bytes: &[u8]) -> Option<EventKind> {
    Some(match (Body::read(kind, bytes)?, kind) {
        (Body::None, _) => EventKind::Freeze { token: contract, account: account?, is_frozen: kind == FREEZE },
        (Body::Amount(amount), DESTROYED) => EventKind::Destroyed { token: contract, account: account?, amount },
        (Body::Amount(amount), _) => {
            EventKind::Delegate { from: contract, to: account?, amount, is_given: kind == LENT }
        }
        (Body::Bridge(event), _) => EventKind::Bridge(BridgeEvent { contract, account, ..event }),
    })
}
