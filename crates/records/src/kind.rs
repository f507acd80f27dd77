//! The kinds of records and their fields: a closed list, so that what is personal is known before a file is read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a record is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A coupon was sold over a counter.
    CouponSale,
    /// A coupon was redeemed to an account or a crypto address.
    Redemption,
    /// Money or coins came into an account.
    Deposit,
    /// Money or coins left an account.
    Withdrawal,
    /// Somebody logged in.
    Login,
    /// Money went from one account to another.
    FiatTransfer,
}

impl Kind {
    /// Every kind, in the order of its code.
    pub const ALL: [Self; 6] =
        [Self::CouponSale, Self::Redemption, Self::Deposit, Self::Withdrawal, Self::Login, Self::FiatTransfer];

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CouponSale => "coupon_sale",
            Self::Redemption => "redemption",
            Self::Deposit => "deposit",
            Self::Withdrawal => "withdrawal",
            Self::Login => "login",
            Self::FiatTransfer => "fiat_transfer",
        }
    }

    /// The kind of that name; `-` counts as `_`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The fields without which a row is no record of this kind. `time` always is one.
    pub const fn required(self) -> &'static [Field] {
        match self {
            Self::CouponSale => &[Field::Serial, Field::Amount, Field::Currency],
            Self::Redemption => &[Field::Serial],
            Self::Deposit | Self::Withdrawal => &[Field::Account, Field::Amount, Field::Currency],
            Self::Login => &[Field::Account],
            Self::FiatTransfer => &[Field::From, Field::To, Field::Amount, Field::Currency],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A field that a record can have. Every kind may have every one; [`Kind::required`] says which it must.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The sender's own number of the record, which tells two rows apart that are otherwise equal.
    Id,
    /// When, with its zone.
    Time,
    /// How much, as a decimal number.
    Amount,
    /// ISO 4217 code, or the symbol of a coin.
    Currency,
    /// Serial number or code of a coupon.
    Serial,
    /// Point of sale, or who sold there.
    Outlet,
    /// Town or region of it.
    Place,
    /// Account at the one whose records these are.
    Account,
    /// Account that a transfer left.
    From,
    /// Account that it went to.
    To,
    /// Customer, by name or number.
    Person,
    /// Who bought, by name or number.
    Buyer,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// IP address.
    Ip,
    /// Device or session.
    Device,
    /// Reference or purpose.
    Reference,
    /// Country, mostly of the IP address: ISO 3166-1 alpha-2.
    Country,
    /// Crypto address.
    Address,
    /// Chain of the address.
    Chain,
    /// Transaction id on the chain.
    Txid,
}

impl Field {
    /// Every field, in the order of its code.
    pub const ALL: [Self; 21] = [
        Self::Id,
        Self::Time,
        Self::Amount,
        Self::Currency,
        Self::Serial,
        Self::Outlet,
        Self::Place,
        Self::Account,
        Self::From,
        Self::To,
        Self::Person,
        Self::Buyer,
        Self::Phone,
        Self::Email,
        Self::Ip,
        Self::Device,
        Self::Reference,
        Self::Country,
        Self::Address,
        Self::Chain,
        Self::Txid,
    ];

    /// The name in files, maps and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Time => "time",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Serial => "serial",
            Self::Outlet => "outlet",
            Self::Place => "place",
            Self::Account => "account",
            Self::From => "from",
            Self::To => "to",
            Self::Person => "person",
            Self::Buyer => "buyer",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Ip => "ip",
            Self::Device => "device",
            Self::Reference => "reference",
            Self::Country => "country",
            Self::Address => "address",
            Self::Chain => "chain",
            Self::Txid => "txid",
        }
    }

    /// The field of that name; `-` counts as `_`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether a value of it leads to a person, so that a pseudonym takes its place. Not: times, amounts, towns and countries, and what
    /// anybody can read on a public chain.
    pub const fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::Time
                | Self::Amount
                | Self::Currency
                | Self::Place
                | Self::Country
                | Self::Address
                | Self::Chain
                | Self::Txid
        )
    }

    /// Whether records are found by its value.
    pub(crate) const fn is_indexed(self) -> bool {
        self.is_personal() || matches!(self, Self::Address | Self::Txid)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_lead_back() {
        for (n, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!((kind.code() as usize, Kind::from_name(kind.name())), (n, Some(kind)));
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        for (n, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!((field.code() as usize, Field::from_name(field.name())), (n, Some(field)));
        }
        assert_eq!(Kind::from_name("coupon-sale"), Some(Kind::CouponSale));
    }
}
