//! Injected campaigns of the kinds that the detectors must find, and innocent look-alikes of each.
//!
//! Parameters are drawn from the seed over ranges that are wider than the typologies' thresholds and do not depend on
//! them: some campaigns fall outside the definitions. Whether one meets its definition is measured afterwards, from
//! what really happened on the chain (`truth::criteria`).

mod collect;
mod donation;
mod facilitator;
mod hub;
mod plan;
mod purchase;
mod quick;
mod structuring;
mod surge;
mod timeline;
mod trail;
mod voucher;

pub(crate) use plan::plan;
pub(crate) use structuring::THRESHOLDS;

use crate::{
    CampaignSet,
    agents::Economy,
    blocks::Kind,
    dice::Dice,
    world::{ActorId, ActorKind, DAY, Habits, KeyId, Log, PurseId, Watch},
};
use athar_types::Category;

/// The kinds, by the rows of the typologies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum CampaignKind {
    /// The story that the demo tells: an appeal with one address, then new ones, then one a donor.
    Appeal,
    /// Row 4.
    StaticDonation,
    /// Row 5.
    Rotation,
    /// Row 6.
    FreshPerDonor,
    /// Row 7.
    ManyToOneExit,
    /// Row 9.
    Facilitator,
    /// Row 10.
    Voucher,
    /// Row 17.
    PeelChain,
    /// Row 23.
    Purchase,
    /// Row 8.
    Hub,
    /// Row 12: the half that this chain shows.
    Migration,
    /// Row 13.
    SuddenDonation,
    /// Row 14.
    EventSpike,
    /// Row 18.
    PassThrough,
    /// Row 19.
    Structuring,
    /// Row 20.
    Drain,
    /// Row 21.
    Spray,
}

impl CampaignKind {
    /// The name in the truth's files: the typology's where there is one.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Appeal => "appeal",
            Self::StaticDonation => "static-donation-address",
            Self::Rotation => "address-rotation",
            Self::FreshPerDonor => "fresh-per-donor",
            Self::ManyToOneExit => "many-to-one-then-exit",
            Self::Facilitator => "facilitator",
            Self::Voucher => "voucher-network",
            Self::PeelChain => "peel-chain",
            Self::Purchase => "dark-market-purchase",
            Self::Hub => "layer-to-hub-redistribute",
            Self::Migration => "chain-migration",
            Self::SuddenDonation => "sudden-large-donation",
            Self::EventSpike => "event-spike",
            Self::PassThrough => "pass-through",
            Self::Structuring => "structuring",
            Self::Drain => "new-account-drain",
            Self::Spray => "vasp-spray",
        }
    }

    /// Rows of the typologies that it is a case of.
    pub(crate) const fn rows(self) -> &'static [u32] {
        match self {
            Self::Appeal => &[4, 5, 6, 17],
            Self::StaticDonation => &[4],
            Self::Rotation => &[5],
            Self::FreshPerDonor => &[6],
            Self::ManyToOneExit => &[7],
            Self::Facilitator => &[9],
            Self::Voucher => &[10],
            Self::PeelChain => &[17],
            Self::Purchase => &[23],
            Self::Hub => &[8],
            Self::Migration => &[12],
            Self::SuddenDonation => &[13],
            Self::EventSpike => &[14],
            Self::PassThrough => &[18],
            Self::Structuring => &[19],
            Self::Drain => &[20],
            Self::Spray => &[21],
        }
    }

    /// Whether it says itself which of its addresses somebody put a label on.
    pub(crate) const fn has_own_labels(self) -> bool {
        use CampaignKind::{Drain, EventSpike, Hub, Migration, PassThrough, Spray, Structuring, SuddenDonation};
        matches!(self, Hub | Migration | SuddenDonation | EventSpike | PassThrough | Structuring | Drain | Spray)
    }

    /// Own addresses that one of them has on the average, rounded up: room for so many is kept where campaigns are rare.
    pub(crate) const fn addresses(self) -> u64 {
        match self {
            Self::Appeal => 90,
            Self::Facilitator => 260,
            Self::FreshPerDonor => 32,
            Self::Hub => 26,
            Self::Rotation | Self::ManyToOneExit => 20,
            Self::StaticDonation | Self::Voucher | Self::PeelChain => 13,
            Self::PassThrough => 9,
            Self::Structuring => 6,
            Self::Purchase | Self::Migration | Self::SuddenDonation | Self::EventSpike => 3,
            Self::Drain | Self::Spray => 3,
        }
    }

    /// What its look-alike is. Those of several sorts say it themselves.
    pub(crate) const fn look_alike(self) -> &'static str {
        match self {
            Self::StaticDonation => "charity",
            Self::Appeal | Self::Rotation => "software project",
            Self::FreshPerDonor | Self::ManyToOneExit | Self::Purchase => "merchant",
            Self::Facilitator => "trading desk",
            Self::Voucher => "gift-card reseller",
            Self::PeelChain => "exchange peel chain",
            _ => "",
        }
    }
}

/// A coupon that a network redeemed, for the truth: what no chain shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redemption {
    /// Paid to.
    pub(crate) key: KeyId,
    /// The coupon's worth.
    pub(crate) euro_cents: u64,
    /// Where it was bought.
    pub(crate) point_of_sale: u32,
}

/// A campaign or a look-alike.
pub(crate) struct Campaign {
    /// `campaign-1`, or `decoy-1`.
    pub(crate) id: String,
    /// What it is, or looks like.
    pub(crate) kind: CampaignKind,
    /// Whether it is innocent.
    pub(crate) decoy: bool,
    /// One sentence of story.
    pub(crate) story: String,
    /// Who is behind it.
    pub(crate) actor: ActorId,
    /// Addresses that anybody can know: published in appeals, named in documents.
    pub(crate) published: Vec<KeyId>,
    /// What was drawn, by name.
    pub(crate) drawn: Vec<(&'static str, u64)>,
    /// Of a voucher network, in order of redemption.
    pub(crate) redemptions: Vec<Redemption>,
    /// Of a facilitator, the group that it serves.
    pub(crate) linked: Option<ActorId>,
    /// Of a look-alike in other worlds than the usual ones: what it is.
    pub(crate) look_alike: Option<&'static str>,
    /// Addresses that somebody has put a label on, and which. The usual kinds are labelled by rules of their own.
    pub(crate) labels: Vec<(KeyId, Category)>,
    /// What those labels say, where it is not the usual text.
    pub(crate) label_text: Option<String>,
}

/// How a campaign behaves: it plans steps on the agenda and takes them.
pub(crate) trait Script: Send {
    /// Takes the step of that number.
    fn step(&mut self, economy: &mut Economy, step: u32);
}

/// A campaign being set up.
struct Setup<'a> {
    economy: &'a mut Economy,
    dice: Dice,
    index: usize,
    actor: ActorId,
    kind: CampaignKind,
    decoy: bool,
    /// First second of its story.
    start: u32,
    /// Of the world.
    seed: u64,
    /// How many of the kind, real ones or look-alikes, there are before it.
    rank: u32,
}

/// How often the address that a guard or an anchor asks of has a label, in thousandths.
const LABELLED: u64 = 700;

impl Setup<'_> {
    /// A purse that the campaign's log watches.
    fn purse(&mut self, owner: ActorId, kind: Kind) -> PurseId {
        let purse =
            self.economy.world.purse(owner, kind, Habits { change_last: self.dice.chance(500), ..Habits::WALLET });
        self.economy.world.purses[purse.index()].watch = Watch::campaign(self.index);
        purse
    }

    /// An actor that is the campaign itself, too.
    fn member(&mut self, kind: ActorKind) -> ActorId {
        let actor = self.economy.world.actor(kind, None, "");
        self.economy.world.journal.logs[self.index].own.push(actor);
        actor
    }

    /// The scripts that such people use.
    fn script_kind(&mut self) -> Kind {
        self.dice.pick(&[Kind::P2pkh, Kind::P2shP2wpkh, Kind::P2wpkh, Kind::P2wpkh])
    }

    /// Notes what was drawn.
    fn drawn(&mut self, name: &'static str, value: u64) -> u64 {
        self.economy.campaigns[self.index].drawn.push((name, value));
        value
    }

    /// Draws a parameter and notes it.
    fn draw(&mut self, name: &'static str, lo: u64, hi: u64) -> u64 {
        let value = self.dice.range(lo, hi);
        self.drawn(name, value)
    }

    /// Its story in a sentence, the addresses that anybody can know, and what a look-alike of it is.
    fn told(&mut self, story: &str, published: &[KeyId], look_alike: &'static str) {
        let decoy = self.decoy;
        let campaign = &mut self.economy.campaigns[self.index];
        story.clone_into(&mut campaign.story);
        campaign.published = published.to_vec();
        campaign.look_alike = decoy.then_some(look_alike);
    }

    /// Mostly, somebody has put a label on an address.
    fn labelled(&mut self, key: KeyId, category: Category) {
        if self.dice.chance(LABELLED) {
            self.economy.campaigns[self.index].labels.push((key, category));
        }
    }

    /// Days after the start.
    fn day(&self, days: u64) -> u32 {
        self.start + days as u32 * DAY
    }
}

/// Enters a campaign and returns what sets it up. The story's days are what must fit before the end.
fn enter(economy: &mut Economy, seed: u64, id: String, kind: CampaignKind, decoy: bool, days: u64) -> Setup<'_> {
    let mut dice = Dice::new(seed, &format!("campaign/{id}"));
    let schedule = economy.world.clock.schedule;
    let last = u64::from((schedule.end - schedule.opening) / DAY).saturating_sub(days + 75);
    let start = schedule.opening + dice.range(45, last.max(46)) as u32 * DAY;
    let actor_kind = match (decoy, kind) {
        (false, _) => ActorKind::Campaign,
        (true, CampaignKind::StaticDonation | CampaignKind::SuddenDonation) => ActorKind::Charity,
        (true, CampaignKind::PassThrough | CampaignKind::Spray) => ActorKind::PaymentProcessor,
        (true, CampaignKind::Hub) => ActorKind::Exchange,
        (true, _) => ActorKind::Business,
    };
    let actor = economy.world.actor(actor_kind, id.clone(), "");
    let index = economy.campaigns.len();
    let rank = economy.campaigns.iter().filter(|c| (c.kind, c.decoy) == (kind, decoy)).count() as u32;
    economy.campaigns.push(Campaign {
        id,
        kind,
        decoy,
        story: String::new(),
        actor,
        published: Vec::new(),
        drawn: Vec::new(),
        redemptions: Vec::new(),
        linked: None,
        look_alike: (decoy && economy.set != CampaignSet::Usual).then(|| kind.look_alike()),
        labels: Vec::new(),
        label_text: None,
    });
    economy.world.journal.logs.push(Log { own: vec![actor], ..Log::default() });
    economy.scripts.push(None);
    Setup { economy, dice, index, actor, kind, decoy, start, seed, rank }
}
