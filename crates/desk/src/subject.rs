//! Subjects: what is watched.

use crate::DeskError;
use crate::world::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest text of a field.
const TEXT_MAX: usize = 256;

/// What kind of thing is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An address.
    Address,
    /// An output, `txid:vout`.
    Output,
    /// A transaction.
    Transaction,
    /// An address that a customer wants to be paid out to; no transaction exists yet.
    WithdrawalAttempt,
    /// A transfer, `txid:vout` or `txid:address`; the transaction may not be on the chain yet.
    Transfer,
}

impl SubjectKind {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Output => "output",
            Self::Transaction => "transaction",
            Self::WithdrawalAttempt => "withdrawal_attempt",
            Self::Transfer => "transfer",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Address, Self::Output, Self::Transaction, Self::WithdrawalAttempt, Self::Transfer]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Which way a transfer goes, seen from whoever runs the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To him: where the money came from is screened.
    Received,
    /// From him: whom it goes to is screened.
    Sent,
}

impl Way {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Received, Self::Sent].into_iter().find(|way| way.name() == name)
    }
}

/// A subject to register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewSubject {
    /// What it is.
    pub kind: SubjectKind,
    /// Chain, by name.
    pub chain: String,
    /// Address, transaction id, `txid:vout` or `txid:address`.
    pub target: String,
    /// Asset; the coin of the chain where none is given.
    #[serde(default)]
    pub asset: Option<String>,
    /// Amount in the asset's smallest units.
    #[serde(default)]
    pub amount: Option<u128>,
    /// Which way; a transfer needs it.
    #[serde(default)]
    pub direction: Option<Way>,
    /// The caller's own reference.
    #[serde(default)]
    pub reference: Option<String>,
    /// Pseudonym of the customer. Never a name: the desk does not need it.
    #[serde(default)]
    pub customer: Option<String>,
    /// Until when it is watched, in seconds since 1970; for good where nothing is given.
    #[serde(default)]
    pub monitor_until: Option<i64>,
}

impl NewSubject {
    /// A subject of this kind, with nothing else said.
    pub fn new(kind: SubjectKind, chain: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            kind,
            chain: chain.into(),
            target: target.into(),
            asset: None,
            amount: None,
            direction: None,
            reference: None,
            customer: None,
            monitor_until: None,
        }
    }

    /// Checks the form. Whether the chain knows the target is for the screening to say.
    pub fn check(&self) -> Result<(), DeskError> {
        let texts = [
            ("chain", Some(&self.chain)),
            ("target", Some(&self.target)),
            ("asset", self.asset.as_ref()),
            ("reference", self.reference.as_ref()),
            ("customer", self.customer.as_ref()),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            if text.trim().is_empty() || text.trim() != text {
                return Err(DeskError::input(field, "is empty, or has white space around it"));
            }
            if text.len() > TEXT_MAX {
                return Err(DeskError::input(field, format!("has {} bytes, more than {TEXT_MAX}", text.len())));
            }
            if text.chars().any(char::is_control) {
                return Err(DeskError::input(field, "has control characters"));
            }
        }
        let is_txid = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let parts = self.target.split_once(':');
        let fits = match self.kind {
            SubjectKind::Address | SubjectKind::WithdrawalAttempt => {
                !is_txid(&self.target) && !parts.is_some_and(|(t, _)| is_txid(t))
            }
            SubjectKind::Transaction => is_txid(&self.target),
            SubjectKind::Output => parts.is_some_and(|(t, vout)| is_txid(t) && vout.parse::<u32>().is_ok()),
            SubjectKind::Transfer => parts.is_some_and(|(t, place)| is_txid(t) && !place.is_empty()),
        };
        if !fits {
            return Err(DeskError::input(
                "target",
                format!("is not of the form of a subject of kind {}", self.kind.name()),
            ));
        }
        if self.kind == SubjectKind::Transfer && self.direction.is_none() {
            return Err(DeskError::input("direction", "a transfer is received or sent"));
        }
        Ok(())
    }

    /// What makes two registrations the same.
    pub(crate) fn identity(&self) -> [u8; 32] {
        let way = self.direction.map(Way::name);
        let parts = [
            Some(self.kind.name()),
            Some(&self.chain),
            Some(&self.target),
            self.asset.as_deref(),
            way,
            self.reference.as_deref(),
            self.customer.as_deref(),
        ];
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            let part = part.unwrap_or("\u{0}");
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A registered subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Subject {
    /// Its number at this desk.
    pub id: i64,
    /// What it is.
    pub kind: SubjectKind,
    /// Chain, by name.
    pub chain: String,
    /// Address, transaction id, `txid:vout` or `txid:address`.
    pub target: String,
    /// Asset; empty: the coin of the chain.
    pub asset: String,
    /// Amount in smallest units, as digits.
    pub amount: Option<String>,
    /// Which way.
    pub direction: Option<Way>,
    /// The caller's reference.
    pub reference: Option<String>,
    /// Pseudonym of the customer.
    pub customer: Option<String>,
    /// When it was registered, in seconds since 1970.
    pub registered_at: i64,
    /// Until when it is watched.
    pub monitor_until: Option<i64>,
    /// Its newest screening; none: it waits for its first.
    pub screening: Option<i64>,
    /// Level of that screening.
    pub level: Option<String>,
    /// Whether it could be screened.
    pub state: Option<State>,
}
