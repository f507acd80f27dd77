//! What a caller may ask for besides the usual.

/// Options of an [`Extractor`](crate::Extractor). The default is what a search of untrusted pages should use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Also addresses of Bitcoin's test networks (`tb1…`, `bcrt1…`, `m…`, `n…`, `2…`). Their candidate is Bitcoin; the text tells.
    pub test_networks: bool,
    /// Also 64 hexadecimal digits that nothing says are a transaction id, as [`Kind::Txid`](crate::Kind::Txid) with
    /// [`Proof::Form`](crate::Proof::Form). Most such texts are hashes of something else.
    pub bare_hashes: bool,
    /// Also 32 bytes in Base58 that nothing says are of Solana, as an address with [`Proof::Form`](crate::Proof::Form). Many
    /// random ids of 43 or 44 letters have that form.
    pub bare_solana: bool,
}
