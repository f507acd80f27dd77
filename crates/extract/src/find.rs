//! What is found in a text.

use athar_types::Chain;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a find is. The name in `snake_case` is the `type` of every answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// An address of one or more chains.
    Address,
    /// A transaction id, or a hash that stands where one would.
    Txid,
    /// A Lightning invoice (BOLT 11): an identifier, not an address.
    LightningInvoice,
    /// An international bank account number (ISO 13616).
    Iban,
    /// A payment card number (ISO/IEC 7812).
    Card,
    /// A telephone number (E.164).
    Phone,
    /// A user id or pay id at an exchange, told by the words before it.
    ExchangeUser,
    /// A code of a prepaid coupon, told by the words before it or by its form.
    CouponCode,
    /// An e-mail address.
    Email,
    /// A handle or channel of a messenger or network (`@name`, `t.me/name`), in lower case, with its network before a colon.
    Handle,
    /// The host of a web address, `.onion` included, in lower case.
    Site,
    /// A private key. Its text is never given.
    PrivateKey,
    /// The words of a seed (BIP 39). Their text is never given.
    SeedPhrase,
}

/// How much the form of a find proves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Its form fits, and nothing could check it.
    Form,
    /// Its form fits, and the words or the link around it say what it is.
    Context,
    /// Its checksum was verified.
    Checksum,
}

/// A chain that an address or transaction id could belong to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// The chain.
    pub chain: Chain,
    /// The canonical text on that chain.
    pub value: String,
    /// What proves it.
    pub proof: Proof,
}

/// How a find stood in the text, besides plainly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Manner {
    /// In a payment URI (`bitcoin:`, `ethereum:`, …).
    PaymentUri,
    /// In the address of a web page, as of a block explorer.
    Link,
    /// Over several lines.
    Lines,
    /// With blanks between groups or letters.
    Spaced,
    /// With hyphens, dots or other marks between groups or letters.
    Separated,
    /// With invisible characters inside (zero width, soft hyphen, direction marks).
    Invisible,
    /// With letters of another script or width that look alike.
    Lookalike,
    /// With digits of another script.
    Digits,
}

/// One find.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Find {
    /// What it is.
    pub kind: Kind,
    /// Bytes of the text that it takes.
    pub at: Range<usize>,
    /// The normal text: of an address that of the likeliest chain; of a phone number E.164; empty of a secret.
    pub value: String,
    /// The chains it could belong to, the likeliest first; empty of what is no address or transaction id.
    pub chains: Vec<Candidate>,
    /// What proves it.
    pub proof: Proof,
    /// How it stood there; empty where plainly. In ascending order.
    pub manner: Vec<Manner>,
}
