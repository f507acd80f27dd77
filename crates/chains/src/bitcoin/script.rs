//! Locking scripts: from bytes to an address, or to a named thing that has none.
//!
//! The kinds are those of Bitcoin Core's `Solver` (`script/solver.cpp`), with one deliberate difference: every script
//! that begins with `OP_RETURN` is [`Script::OpReturn`], also where what follows is no clean list of pushes. It can
//! never be spent either way, and damaged payloads are of interest to an investigator.

use super::multisig::{self, MultisigKeys};
use super::opcode::{OP_0, OP_1, OP_16, OP_CHECKSIG, OP_DUP, OP_EQUAL, OP_EQUALVERIFY, OP_HASH160, OP_RETURN};
use super::push::Pushes;
use athar_types::{AddressKey, AddressKind, ScriptKind};

/// What a locking script pays.
#[derive(Clone, Debug)]
pub enum Script<'a> {
    /// A public key directly.
    P2pk {
        /// The key: 33 or 65 bytes with a known first byte; not checked to be on the curve.
        key: &'a [u8],
    },
    /// The hash of a public key.
    P2pkh(&'a [u8; 20]),
    /// The hash of a script (BIP 16).
    P2sh(&'a [u8; 20]),
    /// Segwit v0 key hash (BIP 141).
    P2wpkh(&'a [u8; 20]),
    /// Segwit v0 script hash (BIP 141).
    P2wsh(&'a [u8; 32]),
    /// Taproot (BIP 341).
    P2tr(&'a [u8; 32]),
    /// A witness program of a version or length without a meaning yet.
    WitnessUnknown {
        /// 1 to 16.
        version: u8,
        /// 2 to 40 bytes.
        program: &'a [u8],
    },
    /// `required` of several keys, all in the output itself.
    Multisig {
        /// How many signatures are needed, at least 1 and at most the number of keys.
        required: u8,
        /// The keys, 1 to 20.
        keys: MultisigKeys<'a>,
    },
    /// Data that can never be spent.
    OpReturn {
        /// What follows the opcode.
        payload: OpReturnPayload<'a>,
    },
    /// Anything else.
    Unknown,
    /// A door of Litecoin's extension block. Never made by [`classify`], see [`crate::classify_on`].
    Opaque,
    /// The double SHA-256 of a script, Bitcoin Cash only. Never made by [`classify`], see [`crate::classify_on`].
    P2sh32(&'a [u8; 32]),
}

/// Names a locking script of Bitcoin.
#[inline]
pub fn classify(script: &[u8]) -> Script<'_> {
    // by length first: the common kinds have one length each
    match script.len() {
        25 => {
            if let [OP_DUP, OP_HASH160, 20, hash @ .., OP_EQUALVERIFY, OP_CHECKSIG] = script
                && let Ok(hash) = hash.try_into()
            {
                return Script::P2pkh(hash);
            }
        }
        23 => {
            if let [OP_HASH160, 20, hash @ .., OP_EQUAL] = script
                && let Ok(hash) = hash.try_into()
            {
                return Script::P2sh(hash);
            }
        }
        35 | 67 => {
            if let [len, key @ .., OP_CHECKSIG] = script
                && usize::from(*len) == key.len()
                && is_public_key(key)
            {
                return Script::P2pk { key };
            }
        }
        _ => {}
    }
    if let Some(found) = witness_program(script) {
        return found;
    }
    if let [OP_RETURN, payload @ ..] = script {
        return Script::OpReturn { payload: OpReturnPayload(payload) };
    }
    match multisig::parse(script) {
        Some((required, keys)) => Script::Multisig { required, keys },
        None => Script::Unknown,
    }
}

/// A version opcode, then one direct push of 2 to 40 bytes and nothing else (BIP 141).
/// Version 0 knows 20 and 32 bytes only, and nothing else can ever be spent under it.
#[inline]
fn witness_program(script: &[u8]) -> Option<Script<'_>> {
    let [version, len, program @ ..] = script else { return None };
    if usize::from(*len) != program.len() || !(2..=40).contains(len) {
        return None;
    }
    match (*version, program.len()) {
        (OP_0, 20) => program.try_into().ok().map(Script::P2wpkh),
        (OP_0, 32) => program.try_into().ok().map(Script::P2wsh),
        (OP_1, 32) => program.try_into().ok().map(Script::P2tr),
        (OP_1..=OP_16, _) => Some(Script::WitnessUnknown { version: version - OP_1 + 1, program }),
        _ => None,
    }
}

impl Script<'_> {
    /// The kind, as the ledger stores it.
    #[inline]
    pub fn kind(&self) -> ScriptKind {
        match self {
            Self::P2pk { .. } => ScriptKind::P2pk,
            Self::P2pkh(_) => ScriptKind::P2pkh,
            Self::P2sh(_) => ScriptKind::P2sh,
            Self::P2wpkh(_) => ScriptKind::P2wpkh,
            Self::P2wsh(_) => ScriptKind::P2wsh,
            Self::P2tr(_) => ScriptKind::P2tr,
            Self::WitnessUnknown { .. } => ScriptKind::WitnessUnknown,
            Self::Multisig { .. } => ScriptKind::Multisig,
            Self::OpReturn { .. } => ScriptKind::OpReturn,
            Self::Unknown => ScriptKind::Unknown,
            Self::Opaque => ScriptKind::Opaque,
            Self::P2sh32(_) => ScriptKind::P2sh32,
        }
    }

    /// The address paid, where there is one. A key paid directly has the P2PKH address of that key.
    #[inline]
    pub fn address(&self) -> Option<AddressKey> {
        match *self {
            Self::P2pk { key } => Some(AddressKey::of_public_key(key)),
            Self::P2pkh(hash) => AddressKey::new(AddressKind::P2pkh, hash),
            Self::P2sh(hash) => AddressKey::new(AddressKind::P2sh, hash),
            Self::P2wpkh(hash) => AddressKey::new(AddressKind::P2wpkh, hash),
            Self::P2wsh(hash) => AddressKey::new(AddressKind::P2wsh, hash),
            Self::P2tr(key) => AddressKey::new(AddressKind::P2tr, key),
            Self::WitnessUnknown { version, program } => {
                let mut payload = [0; 41];
                payload[0] = version;
                let len = program.len().min(40);
                payload[1..=len].copy_from_slice(&program[..len]);
                AddressKey::new(AddressKind::Witness, &payload[..=len])
            }
            Self::P2sh32(hash) => AddressKey::new(AddressKind::P2sh32, hash),
            Self::Multisig { .. } | Self::OpReturn { .. } | Self::Unknown | Self::Opaque => None,
        }
    }
}

/// The script after `OP_RETURN`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpReturnPayload<'a>(pub &'a [u8]);

impl<'a> OpReturnPayload<'a> {
    /// The pushes joined, and what could not be read as one.
    pub fn data(&self) -> OpReturnData<'a> {
        let mut steps = Pushes::new(self.0);
        let mut data = Vec::new();
        loop {
            let rest = steps.rest();
            match steps.next().and_then(|step| step.pushed()) {
                Some(pushed) => data.extend_from_slice(pushed),
                None => return OpReturnData { data, malformed: rest },
            }
        }
    }
}

/// What an `OP_RETURN` output carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpReturnData<'a> {
    /// What the pushes put on the stack, joined.
    pub data: Vec<u8>,
    /// The script from the first step on that is no whole push; empty where all of it is well-formed.
    pub malformed: &'a [u8],
}

/// What `script` carries, where it begins with `OP_RETURN`.
pub fn op_return_payload(script: &[u8]) -> Option<OpReturnData<'_>> {
    match script {
        [OP_RETURN, payload @ ..] => Some(OpReturnPayload(payload).data()),
        _ => None,
    }
}

/// Whether `key` has the form of a public key: 33 bytes from 02 or 03, or 65 bytes from 04, 06 or 07
/// (Bitcoin Core's `CPubKey::ValidSize`).
#[inline]
pub fn is_public_key(key: &[u8]) -> bool {
    matches!((key.len(), key.first()), (33, Some(2 | 3)) | (65, Some(4 | 6 | 7)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script from hexadecimal with spaces.
    fn script(text: &str) -> Vec<u8> {
        hex::decode(text.replace(' ', "")).unwrap()
    }

    fn kind(text: &str) -> ScriptKind {
        classify(&script(text)).kind()
    }

    fn repeat(byte: &str, times: usize) -> String {
        byte.repeat(times)
    }

    #[test]
    fn each_kind_is_told_by_its_exact_form() {
        let h20 = repeat("ab", 20);
        let h32 = repeat("cd", 32);
        let h64 = repeat("ef", 64);
        for (text, expected) in [
            (format!("76a914{h20}88ac"), ScriptKind::P2pkh),
            (format!("a914{h20}87"), ScriptKind::P2sh),
            (format!("0014{h20}"), ScriptKind::P2wpkh),
            (format!("0020{h32}"), ScriptKind::P2wsh),
            (format!("5120{h32}"), ScriptKind::P2tr),
            (format!("5114{h20}"), ScriptKind::WitnessUnknown),
            (format!("6020{h32}"), ScriptKind::WitnessUnknown),
            ("51024e73".to_owned(), ScriptKind::WitnessUnknown), // pay to anchor
            (format!("2102{h32}ac"), ScriptKind::P2pk),
            (format!("4104{h64}ac"), ScriptKind::P2pk),
            (format!("4106{h64}ac"), ScriptKind::P2pk),
            (format!("2104{h32}ac"), ScriptKind::Unknown),
            (format!("4102{h64}ac"), ScriptKind::Unknown),
            (format!("4105{h64}ac"), ScriptKind::Unknown),
            (format!("76a914{h20}88ad"), ScriptKind::Unknown),
            (format!("76a913{h20}88ac"), ScriptKind::Unknown),
            (format!("a914{h20}88"), ScriptKind::Unknown),
            (format!("0013{}", repeat("ab", 19)), ScriptKind::Unknown), // version 0 knows 20 and 32 bytes only
            (format!("5001{h20}"), ScriptKind::Unknown),
            ("5101aa".to_owned(), ScriptKind::Unknown),
            (format!("5129{}", repeat("ab", 41)), ScriptKind::Unknown),
            (format!("5128{}", repeat("ab", 40)), ScriptKind::WitnessUnknown),
            (format!("51144c14{h20}"), ScriptKind::Unknown),
            ("6a".to_owned(), ScriptKind::OpReturn),
            ("6a05aa".to_owned(), ScriptKind::OpReturn),
            ("006a".to_owned(), ScriptKind::Unknown),
            (String::new(), ScriptKind::Unknown),
        ] {
            assert_eq!(kind(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_key_paid_directly_has_the_address_of_its_hash() {
        // the key of the first block's output and its well-known address
        let key = "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f";
        let direct = script(&format!("41{key}ac"));
        let address = classify(&direct).address().unwrap();
        assert_eq!(address.to_text(athar_types::Network::Mainnet), "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
        let hashed = script(&format!("76a914{}88ac", hex::encode(address.payload())));
        assert_eq!(classify(&hashed).address(), Some(address));
    }

    #[test]
    fn bare_multisig_gives_its_keys_and_nothing_else_is_taken_for_it() {
        let a = format!("21{}", format_args!("02{}", repeat("11", 32)));
        let b = format!("41{}", format_args!("04{}", repeat("22", 64)));
        let two = script(&format!("51{a}{b}52ae"));
        let Script::Multisig { required: 1, keys } = classify(&two) else { panic!("not multisig") };
        assert_eq!(keys.len(), 2);
        assert_eq!(keys.map(<[u8]>::len).collect::<Vec<_>>(), [33, 65]);
        // a key by OP_PUSHDATA1 is still a key
        assert_eq!(kind(&format!("51 4c{a} {b} 52ae")), ScriptKind::Multisig);
        // 20 keys: the count is a pushed byte, in its shortest form only
        let many = |n: usize, count: &str| kind(&format!("51{}{count}ae", a.repeat(n)));
        assert_eq!(many(16, "60"), ScriptKind::Multisig);
        assert_eq!(many(17, "0111"), ScriptKind::Multisig);
        assert_eq!(many(20, "0114"), ScriptKind::Multisig);
        assert_eq!(many(21, "0115"), ScriptKind::Unknown);
        assert_eq!(many(16, "0110"), ScriptKind::Unknown);
        assert_eq!(many(17, "4c0111"), ScriptKind::Unknown);
        for wrong in [
            format!("53{a}{b}52ae"),                 // three of two
            format!("50{a}{b}52ae"),                 // no number
            format!("00{a}{b}52ae"),                 // none of two
            format!("51{a}{b}51ae"),                 // two keys counted as one
            format!("51{a}{b}52ae61"),               // something after it
            format!("51{a}{b}5261ae"),               // something before the end
            format!("5120{}51ae", repeat("11", 32)), // a key too short
            "5100ae".to_owned(),                     // no keys
            "51ae".to_owned(),
            "ae".to_owned(),
        ] {
            assert_eq!(kind(&wrong), ScriptKind::Unknown, "{wrong}");
        }
    }

    #[test]
    fn op_return_payloads_are_joined_and_damage_is_shown() {
        let clean = script("6a 0548656c6c6f 4c0120 4d0200776f 51 00 4f");
        let found = op_return_payload(&clean).unwrap();
        assert_eq!(found.data, [b"Hello wo".as_slice(), &[1, 0x81]].concat());
        assert_eq!(found.malformed, b"");
        let cut = script("6a 026869 05aabb");
        let found = op_return_payload(&cut).unwrap();
        assert_eq!((found.data.as_slice(), found.malformed), (b"hi".as_slice(), &[5, 0xaa, 0xbb][..]));
        let no_push = script("6a 0168 ac69");
        let found = op_return_payload(&no_push).unwrap();
        assert_eq!((found.data.as_slice(), found.malformed), (b"h".as_slice(), &[0xac, 0x69][..]));
        assert_eq!(op_return_payload(&script("6a")).unwrap().data, b"");
        assert_eq!(op_return_payload(&script("006a01aa")), None);
    }
}
