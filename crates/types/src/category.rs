//! What kind of actor or conduct a label speaks of.
//!
//! The list holds the concepts of INTERPOL's Dark Web and Virtual Assets taxonomy that an address can carry, the
//! abuse concepts of GraphSense, and what both lack for the financing of terrorism. How other vocabularies map to it
//! is data of the labels crate. `extremism` is its own category and never becomes [`Category::TerroristFinancing`].

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! categories {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $risk:literal, $service:literal;)*) => {
        /// A category of a label. Names are snake_case in every file and answer. The order goes from what weighs most
        /// to what says least: of several categories the smallest is the one to name.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Category {
            $($(#[$doc])* $variant,)*
        }

        impl Category {
            /// Every category, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in files, answers and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the category is itself a reason for concern. A category that is none (an exchange) can still
            /// be designated: see [`crate::Basis`].
            pub const fn is_risk(self) -> bool {
                match self { $(Self::$variant => $risk,)* }
            }

            /// Whether an address of this category pools the money of many customers, so that following it further
            /// would follow other people's money: a trace stops there.
            pub const fn is_service(self) -> bool {
                match self { $(Self::$variant => $service,)* }
            }
        }
    };
}

categories! {
    // name, risk, service; the weightiest first
    /// Money for a terrorist group, its members or its acts; also its own wallets.
    TerroristFinancing = "terrorist_financing", true, false;
    /// A public call for gifts attributed to a terrorist group or its supporters.
    DonationCampaign = "donation_campaign", true, false;
    /// A person or desk that collects, changes or passes on money for others who are listed or charged.
    Facilitator = "facilitator", true, false;
    /// On a sanctions list for another reason than terrorism.
    Sanctioned = "sanctioned", true, false;
    /// Sexual abuse, of children among it.
    SexualAbuse = "sexual_abuse", true, false;
    /// Trade in human beings.
    HumanTrafficking = "human_trafficking", true, false;
    /// Arms.
    Weapons = "weapons", true, false;
    /// Violence against persons.
    Violence = "violence", true, false;
    /// A market for illegal goods.
    DarkMarket = "dark_market", true, true;
    /// Pools and returns coins to hide where they came from.
    Mixer = "mixer", true, true;
    /// Ransomware.
    Ransomware = "ransomware", true, false;
    /// Other malware.
    Malware = "malware", true, false;
    /// Threats for money, other than ransomware.
    Extortion = "extortion", true, false;
    /// Stolen coins: a hacked service or protocol.
    Theft = "theft", true, false;
    /// Hacking without more being said.
    Hacking = "hacking", true, false;
    /// Phishing and social engineering.
    Phishing = "phishing", true, false;
    /// Ponzi and pyramid schemes and other investment fraud.
    InvestmentFraud = "investment_fraud", true, false;
    /// Fraud without more being said.
    Scam = "scam", true, false;
    /// Laundering of proceeds; money mules.
    MoneyLaundering = "money_laundering", true, false;
    /// Stolen payment cards, credentials, false documents.
    FraudShop = "fraud_shop", true, false;
    /// Illegal drugs.
    Drugs = "drugs", true, false;
    /// Counterfeit goods or money.
    Counterfeit = "counterfeit", true, false;
    /// An offender, without more being said.
    Perpetrator = "perpetrator", true, false;
    /// Violent or hateful extremism that no authority has called terrorism.
    Extremism = "extremism", true, false;
    /// Barred by an issuer or service (a frozen token balance), not by a state.
    Blacklisted = "blacklisted", true, false;
    /// A shop or forum in a dark net, without more being said.
    DarkWeb = "dark_web", true, false;
    /// An exchange known for taking customers without asking who they are.
    HighRiskExchange = "high_risk_exchange", true, true;
    /// Sells coupons, vouchers or redeemable codes for coins.
    CouponService = "coupon_service", true, true;
    /// Moves value through informal brokers without moving money.
    Hawala = "hawala", true, true;
    /// Wallets or coordinators of collaborative transactions (CoinJoin).
    Coinjoin = "coinjoin", true, true;
    /// A market for goods that need not be illegal.
    Market = "market", false, true;
    /// Betting and games of chance.
    Gambling = "gambling", false, true;
    /// A place where people trade with one another.
    PeerToPeerExchange = "peer_to_peer_exchange", false, true;
    /// A machine that trades coins for cash.
    Atm = "atm", false, true;
    /// A bridge between chains.
    Bridge = "bridge", false, true;
    /// The sale of a new token.
    Ico = "ico", false, false;
    /// One customer's deposit address or account at a service: it says nothing about the service's other addresses.
    CustodialAccount = "custodial_account", false, false;
    /// An exchange that holds its customers' coins.
    Exchange = "exchange", false, true;
    /// An exchange protocol without custody.
    DecentralisedExchange = "decentralised_exchange", false, true;
    /// Lending, derivatives, staking and other protocols.
    Defi = "defi", false, true;
    /// A wallet service that holds its customers' keys.
    HostedWallet = "hosted_wallet", false, true;
    /// Escrow.
    Escrow = "escrow", false, true;
    /// Takes payments for merchants.
    PaymentProcessor = "payment_processor", false, true;
    /// Sells goods or services for coins.
    Merchant = "merchant", false, false;
    /// A mining pool or miner.
    MiningPool = "mining_pool", false, true;
    /// Gives away small amounts.
    Faucet = "faucet", false, true;
    /// Hosting, VPN, messaging, file sharing, search and other services of the net.
    InternetService = "internet_service", false, false;
    /// Another service.
    Service = "service", false, true;
    /// Gives humanitarian help.
    HumanitarianOrganisation = "humanitarian_organisation", false, false;
    /// Receives gifts, without a reason for concern.
    Donation = "donation", false, false;
    /// A court, police force, ministry or regulator, holding seized coins among others.
    Authority = "authority", false, false;
    /// Someone who was robbed, defrauded or extorted.
    Victim = "victim", false, false;
    /// An association, company or institution.
    Organisation = "organisation", false, false;
    /// A token, contract or other piece of a protocol.
    Contract = "contract", false, false;
    /// A person, without more being said.
    User = "user", false, false;
    /// Said in words that no mapping knows; the label keeps them.
    Other = "other", false, false;
    /// Nothing is said.
    Unknown = "unknown", false, false;
}

impl Category {
    /// Whether nothing can be concluded from the category, neither risk nor its absence.
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Other | Self::Unknown | Self::User | Self::Organisation | Self::Contract)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no known category")]
pub struct CategoryError;

/// Case, spaces and hyphens are forgiven: `Terrorist financing` reads as `terrorist_financing`.
impl FromStr for Category {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        let name = snake(text);
        Self::ALL.iter().copied().find(|c| c.name() == name).ok_or(CategoryError)
    }
}

/// `Dark market` and `dark-market` as `dark_market`.
pub(crate) fn snake(text: &str) -> String {
    text.trim().chars().map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for (i, category) in Category::ALL.iter().enumerate() {
            assert_eq!(category.name().parse(), Ok(*category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
            assert!(Category::ALL[..i].iter().all(|c| c.name() != category.name()));
        }
        assert_eq!("Terrorist-financing".parse(), Ok(Category::TerroristFinancing));
        assert_eq!("bank".parse::<Category>(), Err(CategoryError));
    }

    #[test]
    fn traces_stop_at_services_and_not_at_persons() {
        use Category as C;
        for c in [C::Exchange, C::HostedWallet, C::PaymentProcessor, C::Mixer, C::Market, C::DarkMarket, C::Gambling]
            .into_iter()
            .chain([C::Atm, C::CouponService, C::Hawala, C::MiningPool])
        {
            assert!(c.is_service(), "{c}");
        }
        for c in [C::TerroristFinancing, C::DonationCampaign, C::CustodialAccount, C::User, C::Merchant] {
            assert!(!c.is_service(), "{c}");
        }
        assert!(C::Extremism.is_risk() && C::Extremism != C::TerroristFinancing);
    }
}
