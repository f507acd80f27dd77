//! What a token says of itself, by `eth_call`. It is a claim of the contract: anybody can call a token USDT.

use super::{call::Call, client::EvmClient, error::EvmError, hex};
use athar_types::account::AccountBytes;
use serde_json::json;

/// Tokens in one request at most: three calls each.
const TOKENS_MAX: usize = 30;
/// Bytes of an answer that are kept. A symbol of more is none.
const BYTES_MAX: usize = 4_096;

/// What a contract returned; `None` where it has no such function or returned an error.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenClaims {
    /// Of `symbol()`: an ABI text, or 32 bytes at old tokens.
    pub symbol: Option<Vec<u8>>,
    /// Of `name()`.
    pub name: Option<Vec<u8>>,
    /// Of `decimals()`.
    pub decimals: Option<Vec<u8>>,
}

/// Asks the contracts, in the order given, as of the newest block.
pub fn token_claims(client: &EvmClient, tokens: &[AccountBytes]) -> Result<Vec<TokenClaims>, EvmError> {
    let mut all = Vec::with_capacity(tokens.len());
    for some in tokens.chunks(TOKENS_MAX) {
        let call = |token: &AccountBytes, data| {
            Call::new("eth_call", json!([{"to": hex::text(token), "data": data}, "latest"]))
        };
        // symbol(), name(), decimals()
        let of = |token| ["0x95d89b41", "0x06fdde03", "0x313ce567"].map(|data| call(token, data));
        let calls: Vec<Call> = some.iter().flat_map(of).collect();
        let answers = client.many(&calls)?;
        let read = |answer: &super::Answer| {
            let bytes = hex::bytes(serde_json::from_str::<&str>(answer.as_ref().ok()?.get()).ok()?)?;
            (1..=BYTES_MAX).contains(&bytes.len()).then_some(bytes)
        };
        all.extend(answers.chunks_exact(3).map(|three| TokenClaims {
            symbol: read(&three[0]),
            name: read(&three[1]),
            decimals: read(&three[2]),
        }));
    }
    Ok(all)
}
