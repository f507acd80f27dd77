//! What a label stands on: who made the statement, and with what force.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The ground of a label. The order goes from the strongest to the weakest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A competent authority put the address on a sanctions list.
    Designation,
    /// A court decided it.
    Judgment,
    /// An authority ordered the property to be seized. A preventive measure, often without a hearing.
    SeizureOrder,
    /// A filed complaint, indictment or forfeiture action: an allegation.
    Complaint,
    /// A police force, ministry or regulator published it without a decision behind it.
    AuthorityStatement,
    /// A company, researcher, service or anonymous source says so.
    ThirdPartyClaim,
    /// The user's own work.
    OwnAnalysis,
}

impl Basis {
    /// Every basis, from the strongest to the weakest.
    pub const ALL: [Self; 7] = [
        Self::Designation,
        Self::Judgment,
        Self::SeizureOrder,
        Self::Complaint,
        Self::AuthorityStatement,
        Self::ThirdPartyClaim,
        Self::OwnAnalysis,
    ];

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Designation => "designation",
            Self::Judgment => "judgment",
            Self::SeizureOrder => "seizure_order",
            Self::Complaint => "complaint",
            Self::AuthorityStatement => "authority_statement",
            Self::ThirdPartyClaim => "third_party_claim",
            Self::OwnAnalysis => "own_analysis",
        }
    }

    /// Whether a label on this basis can be `severe` by itself: a designation or a judgment only.
    pub const fn can_be_severe(self) -> bool {
        matches!(self, Self::Designation | Self::Judgment)
    }

    /// Whether the statement is an allegation that nobody has decided on, and must be shown as one.
    pub const fn is_allegation(self) -> bool {
        !matches!(self, Self::Designation | Self::Judgment | Self::SeizureOrder)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no basis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no known basis (designation, judgment, seizure_order, complaint, authority_statement, third_party_claim, own_analysis)"
)]
pub struct BasisError;

/// Case, spaces and hyphens are forgiven: `Seizure order` reads as `seizure_order`.
impl FromStr for Basis {
    type Err = BasisError;

    fn from_str(text: &str) -> Result<Self, BasisError> {
        let name = crate::category::snake(text);
        Self::ALL.into_iter().find(|b| b.name() == name).ok_or(BasisError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_basis_reads_back_and_only_two_can_be_severe() {
        for basis in Basis::ALL {
            assert_eq!(basis.name().parse(), Ok(basis));
            assert_eq!(serde_json::to_value(basis).unwrap(), basis.name());
        }
        assert_eq!("Seizure order".parse(), Ok(Basis::SeizureOrder));
        assert_eq!("rumour".parse::<Basis>(), Err(BasisError));
        let severe: Vec<_> = Basis::ALL.into_iter().filter(|b| b.can_be_severe()).collect();
        assert_eq!(severe, [Basis::Designation, Basis::Judgment]);
        assert!(Basis::Complaint.is_allegation() && !Basis::SeizureOrder.is_allegation());
    }
}
