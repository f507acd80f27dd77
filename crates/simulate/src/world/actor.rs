//! Who acts: people, services, and those whom an investigation would be about.

/// An actor: its rank of appearance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ActorId(pub(crate) u32);

impl ActorId {
    /// Nobody.
    pub(crate) const NONE: Self = Self(u32::MAX);

    /// As an index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What an actor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ActorKind {
    /// A person with a wallet.
    Person,
    /// Holds customers' money and trades it.
    Exchange,
    /// Finds blocks and pays its members.
    MiningPool,
    /// Takes payments for shops.
    PaymentProcessor,
    /// Sells coupons for cash and redeems them in bitcoin.
    CouponService,
    /// Holds payments for forbidden goods.
    DarkMarket,
    /// Coordinates equal-output mixes.
    Mixer,
    /// Takes bets.
    Gambling,
    /// Collects for people in need.
    Charity,
    /// Pays wages.
    Employer,
    /// A shop or project of its own.
    Business,
    /// Raises or moves money for a listed group.
    Campaign,
}

impl ActorKind {
    /// The name in the truth's files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Exchange => "exchange",
            Self::MiningPool => "mining_pool",
            Self::PaymentProcessor => "payment_processor",
            Self::CouponService => "coupon_service",
            Self::DarkMarket => "dark_market",
            Self::Mixer => "mixer",
            Self::Gambling => "gambling",
            Self::Charity => "humanitarian_organisation",
            Self::Employer => "employer",
            Self::Business => "business",
            Self::Campaign => "campaign",
        }
    }

    /// Whether money that reaches it is mixed with that of others in one purse, so that following it further says
    /// nothing: there the truth's FIFO stops.
    pub(crate) const fn is_service(self) -> bool {
        matches!(
            self,
            Self::Exchange
                | Self::MiningPool
                | Self::PaymentProcessor
                | Self::CouponService
                | Self::DarkMarket
                | Self::Mixer
                | Self::Gambling
        )
    }
}

/// An actor.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// What it is.
    pub(crate) kind: ActorKind,
    /// Its name where it has one.
    pub(crate) name: Option<Box<str>>,
    /// ISO 3166-1 code of its seat, or empty.
    pub(crate) country: &'static str,
}
