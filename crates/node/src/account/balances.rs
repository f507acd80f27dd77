//! What the node itself says that accounts hold: to begin a chain whose first block gave accounts something, and to hold a
//! store's balances against.

use super::{call::Call, capabilities::opened, client::EvmClient, client::Need, error::EvmError, hex};
use athar_types::account::{AccountBytes, U256};
use serde_json::json;

/// Accounts in one go at most.
const ACCOUNTS_MAX: usize = 1_000;

/// The coin that each account holds after the block `number`, in the coin's smallest unit, in the order given. Nodes keep
/// this for the last 128 blocks only, unless they are archive nodes; then the error is the node's own.
pub fn coin_balances(client: &EvmClient, accounts: &[AccountBytes], number: u64) -> Result<Vec<U256>, EvmError> {
    let method = "eth_getBalance";
    let mut all = Vec::with_capacity(accounts.len());
    for some in accounts.chunks(ACCOUNTS_MAX) {
        let calls: Vec<Call> =
            some.iter().map(|a| Call::new(method, json!([hex::text(a), hex::shown(number)]))).collect();
        let found = client.ask(method, Need::Any, |endpoint, _| {
            let read = |answer| {
                let raw = opened(endpoint, method, answer)?;
                let text = serde_json::from_str::<&str>(raw.get()).ok();
                text.and_then(hex::amount).ok_or_else(|| endpoint.no_node(method, "no number".into()))
            };
            endpoint.many(&calls)?.into_iter().map(read).collect::<Result<Vec<U256>, EvmError>>()
        })?;
        all.extend(found);
    }
    Ok(all)
}
