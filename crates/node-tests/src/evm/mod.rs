//! A real node of an account chain (anvil), a scripted world on it, and the node's own answers.

mod abi;
mod anvil;
mod contracts;
mod rpc;
mod world;

pub use abi::{address_word, number_word, text_tail};
pub use anvil::{Anvil, configured_anvil};
pub use contracts::{Contract, contracts};
pub use rpc::{EvmRpc, hex_bytes, hex_text};
pub use world::{EvmWorld, Op};
