//! The compiled contracts of `contracts/`.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::OnceLock};

/// What the compiler made of a contract.
#[derive(Debug, Deserialize)]
pub struct Contract {
    /// The code that creates it: `0x` and digits.
    pub bytecode: String,
    /// Signature to the four bytes that name it.
    pub methods: BTreeMap<String, String>,
}

impl Contract {
    /// The input of a call: `words` are the encoded arguments, without `0x`.
    ///
    /// # Panics
    /// Where the contract has no function of that signature.
    pub fn input(&self, signature: &str, words: &[String]) -> String {
        let selector = self.methods.get(signature).unwrap_or_else(|| panic!("no function {signature}"));
        format!("0x{selector}{}", words.concat())
    }
}

#[derive(Deserialize)]
struct File {
    contracts: BTreeMap<String, Contract>,
}

/// All contracts by name.
pub fn contracts() -> &'static BTreeMap<String, Contract> {
    static ALL: OnceLock<BTreeMap<String, Contract>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = serde_json::from_str(include_str!("../../contracts/contracts.json")).expect("contracts.json");
        file.contracts
    })
}
