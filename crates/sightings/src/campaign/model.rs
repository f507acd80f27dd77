//! A campaign as plain data.

use crate::{DateSource, ItemId};
use athar_types::{Bilingual, isolated};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a value is that ties units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TieKind {
    /// An address, on whatever chain.
    Address,
    /// A bank account.
    Iban,
    /// A payment card.
    Card,
    /// A user id at an exchange.
    ExchangeUser,
    /// A code of a prepaid coupon.
    CouponCode,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A handle or channel of a messenger or network, found in a text or from the URI of a page.
    Handle,
    /// A channel by the name that its export gives it, published in or forwarded from.
    Channel,
    /// A site, published on or linked to.
    Site,
    /// A picture, by its perceptual hash.
    Picture,
    /// A text, by near-duplicates.
    Text,
    /// A document that holds others: a mail with its attachments, a page with its pictures.
    Document,
}

impl TieKind {
    /// Whether money can be sent to it.
    pub fn is_payment(self) -> bool {
        matches!(self, Self::Address | Self::Iban | Self::Card | Self::ExchangeUser | Self::CouponCode)
    }

    /// Whether it is shown only where it is asked for: accounts, cards, codes, telephone numbers, e-mail addresses.
    pub fn is_masked(self) -> bool {
        self.is_payment() && self != Self::Address || matches!(self, Self::Phone | Self::Email)
    }

    /// The tie of a kind of sightings; `None` of what ties nothing.
    pub(crate) fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "address" => Self::Address,
            "iban" => Self::Iban,
            "card" => Self::Card,
            "exchange_user" => Self::ExchangeUser,
            "coupon_code" => Self::CouponCode,
            "phone" => Self::Phone,
            "email" => Self::Email,
            "handle" => Self::Handle,
            "site" => Self::Site,
            _ => return None,
        })
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Iban => "bank account",
            Self::Card => "card",
            Self::ExchangeUser => "exchange user",
            Self::CouponCode => "coupon code",
            Self::Phone => "telephone number",
            Self::Email => "e-mail address",
            Self::Handle => "handle",
            Self::Channel => "channel",
            Self::Site => "site",
            Self::Picture => "picture",
            Self::Text => "text",
            Self::Document => "document",
        }
    }

    /// In Arabic.
    pub(crate) fn arabic(self) -> &'static str {
        match self {
            Self::Address => "العنوان",
            Self::Iban => "الحساب المصرفي",
            Self::Card => "البطاقة",
            Self::ExchangeUser => "حساب المنصة",
            Self::CouponCode => "رمز القسيمة",
            Self::Phone => "رقم الهاتف",
            Self::Email => "البريد الإلكتروني",
            Self::Handle => "المعرّف",
            Self::Channel => "القناة",
            Self::Site => "الموقع",
            Self::Picture => "الصورة",
            Self::Text => "النص",
            Self::Document => "الوثيقة",
        }
    }
}

/// What was published at once: an item, or one message of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UnitRef {
    /// The item.
    pub item: ItemId,
    /// The message, of a chat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// The number in the item of its first sighting, of a message: an export of several chats may have the same id in each.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub n: Option<u32>,
}

impl fmt::Display for UnitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            None => write!(f, "item {}", self.item),
            Some(message) => write!(f, "item {} message {message}", self.item),
        }
    }
}

impl UnitRef {
    /// The unit in words, in both languages.
    pub(crate) fn said(&self) -> Bilingual {
        let item = isolated(&self.item.to_string());
        let arabic = match &self.message {
            None => format!("الوثيقة {item}"),
            Some(message) => format!("الوثيقة {item}، الرسالة {}", isolated(message)),
        };
        Bilingual::new(self.to_string(), arabic)
    }
}

/// A date, and what it rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Dated {
    /// Seconds since 1970.
    pub time: i64,
    /// The day (UTC).
    pub day: String,
    /// Which time it is: posted, captured or read. Of the last two the true date is that or before.
    pub source: DateSource,
    /// Whether the zone of a posted time is known; where not, it is up to 14 hours off.
    pub zone_known: bool,
    /// By what.
    pub unit: UnitRef,
}

/// Where something was published.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Its name.
    pub name: String,
}

/// What a place is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A channel, group or chat, by the name in its export.
    Channel,
    /// A channel or account, by the URI.
    Handle,
    /// A site.
    Site,
    /// A file, where nothing tells where it was published.
    File,
}

/// An address of a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CampaignAddress {
    /// The likeliest chain, by its name.
    pub chain: String,
    /// The canonical text.
    pub value: String,
    /// Every chain that it could belong to.
    pub chains: Vec<String>,
    /// When it was first published in the campaign, as far as is known.
    pub first_published: Dated,
    /// When last.
    pub last_published: Dated,
    /// By which units, in the order of time; the first of them.
    pub units: Vec<UnitRef>,
    /// How many there are.
    pub units_total: u64,
    /// In which places; the first of them.
    pub places: Vec<Place>,
    /// How many there are.
    pub places_total: u64,
    /// Whether a unit that it stands in solicits.
    pub solicited: bool,
    /// The highest score of a sighting of it.
    pub score_max: u8,
}

/// Something else of a campaign: a channel, a site, a handle, an e-mail address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Valued {
    /// What it is.
    pub kind: TieKind,
    /// The value; of some kinds to be masked ([`Campaign::mask`]).
    pub value: String,
    /// When it was first seen in the campaign.
    pub first: Dated,
    /// In how many units.
    pub units_total: u64,
}

/// A text of a campaign and its variants.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TextGroup {
    /// The first of them.
    pub first: Dated,
    /// All, in the order of time; the first of them.
    pub units: Vec<UnitRef>,
    /// How many there are.
    pub units_total: u64,
    /// The least estimated similarity of one to the first, 0 to 1.
    pub similarity_min: f64,
}

/// A picture of a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PictureGroup {
    /// Perceptual hash of the first, in hexadecimal.
    pub hash: String,
    /// The first of them.
    pub first: Dated,
    /// All, in the order of time; the first of them.
    pub units: Vec<UnitRef>,
    /// How many there are.
    pub units_total: u64,
}

/// What was published on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// When, and by what.
    pub at: Dated,
    /// Where.
    pub place: Place,
    /// Whether it solicits.
    pub solicits: bool,
    /// The highest score in it.
    pub score: u8,
    /// Addresses in it that were in the campaign before.
    pub addresses_again: Vec<String>,
    /// Addresses in it that come up for the first time.
    pub addresses_new: Vec<String>,
}

/// A reason why units are one campaign: they share a value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tie {
    /// What they share.
    pub kind: TieKind,
    /// The value; of some kinds to be masked ([`Campaign::mask`]).
    pub value: String,
    /// The units, in the order of time; the first of them.
    pub units: Vec<UnitRef>,
    /// How many there are.
    pub units_total: u64,
    /// In how many places.
    pub places_total: u64,
    /// The same in a line, without the value.
    pub words: Bilingual,
}

/// A value that stands in the campaign's units and does not tie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// What it is.
    pub kind: TieKind,
    /// The value.
    pub value: String,
    /// Why.
    pub why: Bilingual,
}

/// Why a unit that names an address of the campaign is not part of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MentionKind {
    /// It reports: news, a court, research, a warning.
    Quotes,
    /// It lists many addresses.
    Lists,
    /// It neither solicits nor quotes, and such units do not tie ([`Params::neutral_ties`](crate::campaign::Params::neutral_ties)).
    Neutral,
}

/// A unit that names an address of the campaign and is not part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// When, and by what.
    pub at: Dated,
    /// Why it is no part.
    pub kind: MentionKind,
}

/// An address in several channels or sites (row 27 of the typologies).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoPublication {
    /// The address.
    pub value: String,
    /// The channels and sites, each with its first date; the first of them.
    pub places: Vec<(Place, Dated)>,
    /// How many there are.
    pub places_total: u64,
}

/// Several addresses in one channel or site (the published half of row 5 of the typologies: whether their active periods follow one
/// another, the chain tells).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rotation {
    /// The channel or site.
    pub place: Place,
    /// Its addresses, in the order of their first date there; the first of them.
    pub addresses: Vec<RotationAddress>,
    /// How many there are.
    pub addresses_total: u64,
}

/// An address of a rotation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RotationAddress {
    /// The address.
    pub value: String,
    /// First published there.
    pub first: Dated,
    /// Last published there.
    pub last: Dated,
}

/// A campaign.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Campaign {
    /// Its id: 16 hexadecimal digits. Of the address that was published first, so that the same campaign has the same id in every store that
    /// knows this address as its first.
    pub id: String,
    /// Ids under which campaigns were told before that have an address of this one: it was joined of them, split from them, or an
    /// earlier publication became known.
    pub former_ids: Vec<String>,
    /// The first unit.
    pub first: Dated,
    /// The last.
    pub last: Dated,
    /// Units.
    pub units_total: u64,
    /// Units that solicit (row 26 of the typologies).
    pub soliciting_total: u64,
    /// The highest score.
    pub score_max: u8,
    /// The addresses, in the order of their first date.
    pub addresses: Vec<CampaignAddress>,
    /// How many there are.
    pub addresses_total: u64,
    /// Everything else that stands in it: channels, sites, handles, accounts. By kind and value.
    pub values: Vec<Valued>,
    /// How many there are.
    pub values_total: u64,
    /// Languages (ISO 639-1) with their number of sightings, the most first.
    pub languages: Vec<(String, u64)>,
    /// Texts.
    pub texts: Vec<TextGroup>,
    /// Pictures.
    pub pictures: Vec<PictureGroup>,
    /// What was published when.
    pub timeline: Vec<TimelineEntry>,
    /// Why it is one campaign.
    pub ties: Vec<Tie>,
    /// How many ties there are.
    pub ties_total: u64,
    /// Addresses in several channels or sites.
    pub co_publications: Vec<CoPublication>,
    /// Several addresses in one channel or site.
    pub rotations: Vec<Rotation>,
    /// Who else names its addresses.
    pub mentions: Vec<Mention>,
    /// What was left out of it.
    pub left_out: Vec<LeftOut>,
    /// Bounds that were reached.
    pub notes: Vec<Bilingual>,
}

/// Every campaign.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Campaigns {
    /// The campaigns, in the order of their first address.
    pub campaigns: Vec<Campaign>,
    /// Units that were looked at.
    pub units: u64,
    /// Units that tie.
    pub tying: u64,
    /// Units that quote.
    pub quoting: u64,
    /// Units that list too many addresses.
    pub lists: u64,
    /// Bounds that were reached.
    pub notes: Vec<Bilingual>,
}

impl Campaign {
    /// Puts `mask(kind, value)` in the place of every value that is shown only where it is asked for.
    pub fn mask(&mut self, mask: impl Fn(TieKind, &str) -> String) {
        let values = self.values.iter_mut().map(|v| (v.kind, &mut v.value));
        let ties = self.ties.iter_mut().map(|t| (t.kind, &mut t.value));
        let left_out = self.left_out.iter_mut().map(|l| (l.kind, &mut l.value));
        for (kind, value) in values.chain(ties).chain(left_out).filter(|(kind, _)| kind.is_masked()) {
            *value = mask(kind, value);
        }
    }
}
