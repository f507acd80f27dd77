//! Campaigns: what was published together, with what its addresses received.
//!
//! The campaign itself is made of sightings alone (`athar_sightings::campaign`). The chain side is added here: each address on its chain,
//! sums by month, and when the first money came after the address was published. Three sums are kept apart: what the published
//! addresses received, what their entities received, and what is known of neither.

use super::sightings::{open_sightings, snapshot_at, time_of};
use super::{OnChainView, ReceiptView, ReceiptsView};
use crate::error::EngineError;
use crate::json::Usd;
use crate::{Engine, EngineError as Error};
use athar_discover::mask;
use athar_sightings::campaign::TieKind;
use athar_sightings::{Campaign, Campaigns, DateSource, Hosts, Material, Params, Sightings, campaigns};
use athar_types::{Bilingual, Chain, UnixTime, isolated};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Addresses of one campaign that are looked up on their chain.
const LOOKED_UP_MAX: usize = 1_000;

/// A line of the list of campaigns.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CampaignLine {
    /// Its id.
    pub id: String,
    /// Ids that it, or what grew into it, had before.
    pub former_ids: Vec<String>,
    /// When it was first published, as far as is known.
    pub first: String,
    /// What that rests on.
    pub first_dated: DateSource,
    /// When it was last published.
    pub last: String,
    /// Documents and messages.
    pub units: u64,
    /// Those that solicit.
    pub soliciting: u64,
    /// The highest score.
    pub score_max: u8,
    /// Addresses, at most five, the first published first.
    pub addresses: Vec<String>,
    /// How many there are.
    pub addresses_total: u64,
    /// Channels and sites, at most five.
    pub places: Vec<String>,
    /// Languages of its texts, with how many each.
    pub languages: Vec<(String, u64)>,
    /// What its addresses received, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<CampaignTotalsView>,
}

/// What the addresses of a campaign received, in short; as in [`CampaignView`].
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CampaignTotalsView {
    /// Addresses that a chain of the store names.
    pub on_chain: u64,
    /// Receipts of the published addresses.
    pub receipts: u64,
    /// What they were worth; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something has no price and is not in `usd`.
    pub is_partly_unpriced: bool,
    /// What the entities of the addresses received.
    pub with_entities_usd: Option<Usd>,
    /// Time of the first money after publication.
    pub first_donation: Option<String>,
    /// Whether a bound was hit.
    pub truncated: bool,
}

impl CampaignTotalsView {
    /// Of a campaign with all it received.
    pub fn of(view: &CampaignView) -> Self {
        Self {
            on_chain: view.chain_addresses.iter().filter(|address| address.on_chain.is_some()).count() as u64,
            receipts: view.received.count,
            usd: view.received.usd,
            is_partly_unpriced: view.received.is_partly_unpriced,
            with_entities_usd: view.received_with_entities.usd,
            first_donation: view.first_donation.as_ref().map(|first| first.receipt.time.clone()),
            truncated: view.received.truncated,
        }
    }
}

/// Every campaign.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CampaignsView {
    /// A page of campaigns, the first published first.
    pub campaigns: Vec<CampaignLine>,
    /// How many there are.
    pub total: u64,
    /// Where the page begins.
    pub offset: u64,
    /// Documents and messages that were looked at.
    pub units: u64,
    /// Those that only quote (news, court, research, warning) and tie nothing.
    pub quoting: u64,
    /// Those that list so many addresses that they tie nothing.
    pub lists: u64,
    /// Bounds that were hit, and the like.
    pub notes: Vec<Bilingual>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl CampaignsView {
    /// The answer where nothing was ever recorded.
    pub fn none(offset: u64, limit: usize) -> Self {
        Self {
            campaigns: Vec::new(),
            total: 0,
            offset,
            units: 0,
            quoting: 0,
            lists: 0,
            notes: Vec::new(),
            snapshot: snapshot_at("", "campaigns", &[&offset.to_string(), &limit.to_string()]),
        }
    }
}

/// An address of a campaign, on its chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CampaignAddressView {
    /// The chain that it was looked up on.
    pub chain: String,
    /// The address.
    pub address: String,
    /// When it was first published, as far as is known.
    pub published: String,
    /// What that rests on. What was only captured or read was published then or before.
    pub published_dated: DateSource,
    /// Whether the zone of that time is known; where it is not, the true time is up to 14 hours off.
    pub zone_known: bool,
    /// What its chain knows of it; none where the store has no blocks of the chain, or they do not name it.
    pub on_chain: Option<OnChainView>,
    /// Why nothing is known: `no_blocks` (of its chain in the store), `not_on_chain`, `bound` (of addresses looked up).
    #[schemars(with = "Option<String>")]
    pub unknown: Option<&'static str>,
}

/// What several addresses or entities received together, in dollars: they may be of several chains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CampaignSumView {
    /// Addresses or entities that are in the sum.
    pub subjects: u64,
    /// Receipts.
    pub count: u64,
    /// What they were worth, each at the price of its day; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something has no price and is not in `usd`.
    pub is_partly_unpriced: bool,
    /// The same of what came since each address was published, of those of which that time is known.
    pub since_publication_usd: Option<Usd>,
    /// Month by month, as 2019-06: receipts, dollars, and whether something has no price.
    pub by_month: Vec<CampaignMonthView>,
    /// Whether a bound was hit.
    pub truncated: bool,
}

/// A calendar month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CampaignMonthView {
    /// As 2019-06, in UTC.
    pub month: String,
    /// Receipts.
    pub count: u64,
    /// What they were worth; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something has no price and is not in `usd`.
    pub is_partly_unpriced: bool,
}

/// The first money after publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FirstDonationView {
    /// The address.
    pub address: String,
    /// Its chain.
    pub chain: String,
    /// When it was first published, as far as is known.
    pub published: String,
    /// What that rests on.
    pub published_dated: DateSource,
    /// The receipt.
    pub receipt: ReceiptView,
    /// Receipts before publication: where there are some, the address was in use before.
    pub receipts_before: u64,
}

/// A campaign with what its addresses received.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CampaignView {
    /// The campaign, as sightings make it.
    #[serde(flatten)]
    pub campaign: Campaign,
    /// Its addresses on their chains.
    pub chain_addresses: Vec<CampaignAddressView>,
    /// What the published addresses received from others.
    pub received: CampaignSumView,
    /// What their entities received from others, the addresses with them. Of a custodial address or a service only the address's own
    /// receipts count.
    pub received_with_entities: CampaignSumView,
    /// The earliest receipt at or after publication, over all addresses.
    pub first_donation: Option<FirstDonationView>,
    /// Chains of its addresses that the store has no blocks of.
    pub chains_missing: Vec<String>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Gives the engine of a chain; `None` where the store has no blocks of it.
pub type EngineOf<'a> = &'a mut dyn FnMut(Chain) -> Result<Option<Arc<Engine>>, Error>;

/// The campaigns of everything recorded, with the rows that they were made of.
pub fn recorded_campaigns(store: &Sightings) -> Result<(Campaigns, Material), EngineError> {
    let material = store.material()?;
    let mut found = campaigns(&material.items, &material.sightings, &Hosts::built_in(), &Params::default());
    if material.cut {
        found.notes.push(Bilingual::new(
            "not every sighting was looked at: those recorded first, up to a bound",
            "لم يُنظر في كل المشاهدات، بل في أقدمها تسجيلًا إلى حدّ معيّن",
        ));
    }
    if !material.unreadable.is_empty() {
        let count = material.unreadable.len().to_string();
        found.notes.push(Bilingual::new(
            format!("{count} records cannot be decrypted and are left out"),
            format!("سجلات تعذّر فك تشفيرها فاستُبعدت: {}", isolated(&count)),
        ));
    }
    found.name_former(&store.known_campaigns()?);
    Ok((found, material))
}

/// The campaigns of everything recorded, made once for many questions.
#[derive(Debug)]
pub struct CampaignsMade {
    found: Campaigns,
    /// What the recorded rows were like.
    head: String,
}

impl CampaignsMade {
    /// Every campaign, the first published first.
    pub fn each(&self) -> impl Iterator<Item = &Campaign> {
        self.found.campaigns.iter()
    }

    /// A page of them.
    pub fn view(&self, offset: u64, limit: usize) -> CampaignsView {
        let found = &self.found;
        let page = found.campaigns.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit);
        CampaignsView {
            campaigns: page.map(line).collect(),
            total: found.campaigns.len() as u64,
            offset,
            units: found.units,
            quoting: found.quoting,
            lists: found.lists,
            notes: found.notes.clone(),
            snapshot: snapshot_at(&self.head, "campaigns", &[&offset.to_string(), &limit.to_string()]),
        }
    }

    /// The campaign of that id, of one it had before, or with that address.
    pub fn find(&self, named: &str) -> Option<&Campaign> {
        let named = named.trim();
        let is_it = |c: &&Campaign| {
            c.id == named
                || c.former_ids.iter().any(|id| id == named)
                || c.addresses.iter().any(|a| a.value.eq_ignore_ascii_case(named))
        };
        self.found.campaigns.iter().find(is_it)
    }
}

/// Makes the campaigns of everything recorded in the store in `folder`. `None` where nothing was ever recorded.
pub fn campaigns_made(folder: &Path) -> Result<Option<CampaignsMade>, EngineError> {
    let Some(store) = open_sightings(folder)? else { return Ok(None) };
    // before the rows are read: what is recorded meanwhile makes the head an old one
    let head = store.custody_head()?.unwrap_or_default();
    let (found, _) = recorded_campaigns(&store)?;
    Ok(Some(CampaignsMade { found, head }))
}

/// A page of the campaigns recorded in the store in `folder`. `None` where nothing was ever recorded.
pub fn campaigns_view(folder: &Path, offset: u64, limit: usize) -> Result<Option<CampaignsView>, EngineError> {
    Ok(campaigns_made(folder)?.map(|made| made.view(offset, limit)))
}

/// One campaign, by its id, one it had before, or an address in it; `None` where there is none.
pub fn campaign_view(
    folder: &Path,
    named: &str,
    unmasked: bool,
    engine_of: EngineOf<'_>,
) -> Result<Option<CampaignView>, EngineError> {
    match campaigns_made(folder)? {
        Some(made) => campaign_view_of(&made, named, unmasked, engine_of),
        None => Ok(None),
    }
}

/// The same, of campaigns that are made already.
pub fn campaign_view_of(
    made: &CampaignsMade,
    named: &str,
    unmasked: bool,
    engine_of: EngineOf<'_>,
) -> Result<Option<CampaignView>, EngineError> {
    let named = named.trim();
    let Some(campaign) = made.find(named).cloned() else { return Ok(None) };
    let mut view = CampaignView {
        chain_addresses: Vec::new(),
        received: CampaignSumView::default(),
        received_with_entities: CampaignSumView::default(),
        first_donation: None,
        chains_missing: Vec::new(),
        snapshot: String::new(),
        campaign,
    };
    let bases = view.look_up(engine_of)?;
    view.sum_up();
    let question = [named, &unmasked.to_string(), &bases];
    view.snapshot = snapshot_at(&made.head, "campaign", &question);
    if !unmasked {
        view.mask();
    }
    Ok(Some(view))
}

fn line(campaign: &Campaign) -> CampaignLine {
    let places: BTreeSet<&str> = campaign.timeline.iter().map(|entry| entry.place.name.as_str()).collect();
    CampaignLine {
        id: campaign.id.clone(),
        former_ids: campaign.former_ids.clone(),
        first: time_of(campaign.first.time),
        first_dated: campaign.first.source,
        last: time_of(campaign.last.time),
        units: campaign.units_total,
        soliciting: campaign.soliciting_total,
        score_max: campaign.score_max,
        addresses: campaign.addresses.iter().take(5).map(|a| a.value.clone()).collect(),
        addresses_total: campaign.addresses_total,
        places: places.into_iter().take(5).map(str::to_owned).collect(),
        languages: campaign.languages.clone(),
        totals: None,
    }
}

impl CampaignView {
    /// Asks the chains of the addresses, and gives what the answer depends on besides sightings.
    fn look_up(&mut self, engine_of: EngineOf<'_>) -> Result<String, EngineError> {
        let (mut bases, mut missing) = (BTreeMap::new(), BTreeSet::new());
        for (at, address) in self.campaign.addresses.iter().enumerate() {
            // what was only read now was published at some time before: nothing can be told before and after it
            let published = (address.first_published.source != DateSource::Read)
                .then(|| UnixTime(u32::try_from(address.first_published.time.max(0)).unwrap_or(u32::MAX)));
            // an old Bitcoin address is one of Bitcoin Cash too: every chain that the store has and that names it is told
            let candidates: Vec<Chain> = address.chains.iter().filter_map(|name| Chain::from_name(name)).collect();
            let mut row = CampaignAddressView {
                chain: address.chain.clone(),
                address: address.value.clone(),
                published: time_of(address.first_published.time),
                published_dated: address.first_published.source,
                zone_known: address.first_published.zone_known,
                on_chain: None,
                unknown: Some(if at < LOOKED_UP_MAX { "no_blocks" } else { "bound" }),
            };
            let mut told = false;
            for chain in candidates.into_iter().filter(|_| at < LOOKED_UP_MAX) {
                let Some(engine) = engine_of(chain)? else { continue };
                row.unknown = Some("not_on_chain");
                bases.entry(chain).or_insert_with(|| serde_json::to_string(engine.basis()).unwrap_or_default());
                let found = match engine.published(&address.value, published) {
                    Ok(found) => found,
                    // of another network than the store's, or of a chain that is not quite this one
                    Err(EngineError::Target { .. }) => None,
                    Err(error) => return Err(error),
                };
                if let Some(on_chain) = found {
                    let chain = chain.name().to_owned();
                    let on_chain = Some(on_chain);
                    self.chain_addresses.push(CampaignAddressView { chain, on_chain, unknown: None, ..row.clone() });
                    told = true;
                }
            }
            if !told {
                if row.unknown == Some("no_blocks") {
                    missing.insert(row.chain.clone());
                }
                self.chain_addresses.push(row);
            }
        }
        self.chains_missing = missing.into_iter().collect();
        Ok(serde_json::to_string(&bases).unwrap_or_default())
    }

    fn sum_up(&mut self) {
        let mut entities = BTreeSet::new();
        let mut first: Option<(&CampaignAddressView, &ReceiptView)> = None;
        for row in &self.chain_addresses {
            let Some(on_chain) = &row.on_chain else { continue };
            self.received.add(&on_chain.received);
            match (&on_chain.entity_received, &on_chain.entity) {
                (Some(received), Some(entity)) => {
                    if entities.insert((&row.chain, entity)) {
                        self.received_with_entities.add(received);
                    }
                }
                _ => self.received_with_entities.add(&on_chain.received),
            }
            if let Some(receipt) = &on_chain.received.first_since_publication
                && first.is_none_or(|(_, known)| receipt.time < known.time)
            {
                first = Some((row, receipt));
            }
        }
        self.first_donation = first.map(|(row, receipt)| FirstDonationView {
            address: row.address.clone(),
            chain: row.chain.clone(),
            published: row.published.clone(),
            published_dated: row.published_dated,
            receipt: receipt.clone(),
            receipts_before: row
                .on_chain
                .as_ref()
                .and_then(|on_chain| on_chain.received.before_publication.as_ref())
                .map_or(0, |before| before.count),
        });
    }

    /// Masks what belongs to persons. Channels, sites and handles are where something was published, and stay.
    fn mask(&mut self) {
        let masked = |kind: TieKind, value: &str| {
            let name = serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            mask(&name, value)
        };
        for value in &mut self.campaign.values {
            value.value = masked(value.kind, &value.value);
        }
        for tie in &mut self.campaign.ties {
            let value = masked(tie.kind, &tie.value);
            for words in [&mut tie.words.en, &mut tie.words.ar] {
                *words = words.replace(&tie.value, &value);
            }
            tie.value = value;
        }
        for left_out in &mut self.campaign.left_out {
            left_out.value = masked(left_out.kind, &left_out.value);
        }
    }
}

impl CampaignSumView {
    fn add(&mut self, received: &super::ReceivedView) {
        let ReceiptsView { count, usd, is_partly_unpriced, .. } = &received.total;
        self.subjects += 1;
        self.count += count;
        self.usd = plus(self.usd, *usd, *count);
        self.is_partly_unpriced |= is_partly_unpriced;
        if let Some(since) = &received.since_publication {
            self.since_publication_usd = plus(self.since_publication_usd, since.usd, since.count);
        }
        self.truncated |= received.truncated;
        for month in &received.by_month {
            let at = self.by_month.partition_point(|known| known.month < month.month);
            if self.by_month.get(at).is_none_or(|known| known.month != month.month) {
                self.by_month
                    .insert(at, CampaignMonthView { month: month.month.clone(), ..CampaignMonthView::default() });
            }
            let sum = &mut self.by_month[at];
            sum.count += month.receipts.count;
            sum.usd = plus(sum.usd, month.receipts.usd, month.receipts.count);
            sum.is_partly_unpriced |= month.receipts.is_partly_unpriced;
        }
    }
}

/// A sum of dollars, where nothing is worth nothing and what has no price stays out.
fn plus(sum: Option<Usd>, usd: Option<Usd>, count: u64) -> Option<Usd> {
    match (sum, usd) {
        (sum, _) if count == 0 => sum,
        (Some(a), Some(b)) => Some(Usd(a.0.saturating_add(b.0))),
        (a, b) => a.or(b),
    }
}
