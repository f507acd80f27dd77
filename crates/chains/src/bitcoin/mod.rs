//! Bitcoin: block files, blocks, transactions, scripts, and what a spend reveals.
//!
//! Reading goes one way and copies nothing: [`frame_head`] finds a block in a block file, [`decode_block`] walks it
//! once and hands inputs, outputs and witnesses to a [`BlockVisitor`], [`classify`] names an output's script and
//! [`key_reveal`] what an input shows about keys. [`mod@write`] goes the other way, for simulated chains and tests.
//!
//! ```
//! use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx, REGTEST_BITS};
//! use athar_chains::bitcoin::{BlockVisitor, Output, classify, decode_block};
//! use athar_types::{Hash32, Network, Sats, UnixTime};
//!
//! /// Prints who is paid.
//! #[derive(Default)]
//! struct Paid(Vec<String>);
//!
//! impl BlockVisitor for Paid {
//!     fn output(&mut self, _index: u32, output: &Output<'_>) {
//!         let address = classify(output.script).address().map(|a| a.to_text(Network::Mainnet));
//!         self.0.push(format!("{} to {}", output.value, address.unwrap_or("no address".into())));
//!     }
//! }
//!
//! let script = hex::decode("76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac").unwrap();
//! let mut builder = BlockBuilder::new();
//! builder.push(&OwnedTx {
//!     inputs: vec![OwnedInput { prev_vout: u32::MAX, ..OwnedInput::default() }],
//!     outputs: vec![OwnedOutput { value: Sats(5_000_000_000), script }],
//!     ..OwnedTx::default()
//! });
//! let mut block = Vec::new();
//! builder.finish(&mut block, 4, Hash32::ZERO, UnixTime(1_296_688_602), REGTEST_BITS);
//!
//! let mut paid = Paid::default();
//! let decoded = decode_block(&block, &mut paid)?;
//! assert!(decoded.header.proves_work(&decoded.hash));
//! assert_eq!(paid.0, ["50.00000000 to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]);
//! # Ok::<(), athar_chains::bitcoin::DecodeError>(())
//! ```

mod asm;
pub(crate) mod block;
pub(crate) mod dialect;
pub(crate) mod error;
mod frame;
mod header;
pub(crate) mod merkle;
mod multisig;
mod opcode;
mod owned;
mod parts;
mod push;
pub(crate) mod read;
mod reveal;
mod script;
pub(crate) mod sha;
pub(crate) mod tx;
mod visit;
pub(crate) mod witness;
pub mod write;

pub use asm::{ASM_LEN_MAX, disassemble};
pub use block::{DecodedHeader, decode_block};
pub use error::{DecodeError, DecodeErrorKind, Part};
pub use frame::{BLOCK_LEN_MAX, BLOCK_LEN_MIN, FRAME_HEAD_LEN, FrameHead, XorKey, find_magic, frame_head};
pub use header::{HEADER_LEN, Header};
pub use merkle::merkle_root;
pub use multisig::MultisigKeys;
pub use parts::{Input, MONEY_MAX, Output, TxHead};
pub use push::{Push, Pushes};
pub use reveal::{KeyReveal, key_reveal, pushed_key};
pub use script::{OpReturnData, OpReturnPayload, Script, classify, is_public_key, op_return_payload};
pub use tx::{decode_tx, decode_tx_with};
pub use visit::{BlockVisitor, NoVisitor};
pub use witness::{Witness, WitnessItems};
