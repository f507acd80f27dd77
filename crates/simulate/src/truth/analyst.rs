//! `analyst/`: what is known when an investigation begins. A few labels of each source, never the whole truth.

use super::names::Names;
use crate::{
    CampaignSet, SimulateError,
    agents::{Dated, Economy, USD_CENTS_PER_EURO},
    blocks::{FileEntry, HashedFile, Kind},
    campaigns::CampaignKind,
    dice::Dice,
    world::{ActorId, DAY, KeyId, PRICES_FROM, Role},
};
use athar_types::{Basis, Category, Day};
use std::{fmt::Write, path::Path};

const README: &str = "\
This world is invented.

Every person, service, campaign, address and payment in this folder comes from a random generator with a seed.
The names are made up; where one equals that of a real company or group, it is by chance.
The chain begins with the public genesis block of Bitcoin's regtest network. Its keys and signatures have the right
shape only: nothing here can be spent anywhere.

blocks/   Bitcoin Core's block files, with xor.dat
analyst/  what an analyst would know: labels.csv, prices.csv (US dollars a bitcoin), fx.csv (US dollars a euro)
truth/    what really happened: actors, the owner of every address, campaigns and their look-alikes, mixes, a manifest
";

/// Writes the four files.
pub(super) fn write(
    root: &Path,
    seed: u64,
    economy: &Economy,
    names: &Names<'_>,
) -> Result<Vec<FileEntry>, SimulateError> {
    let mut prices = String::from("day,asset,usd,source\n");
    for (i, cents) in economy.world.clock.prices().iter().enumerate() {
        let day = Day((PRICES_FROM + i as u32) as i32);
        let _ = writeln!(prices, "{day},BTC,{}.{:02},simulated", cents / 100, cents % 100);
    }
    let first = Day(PRICES_FROM as i32);
    let fx = format!(
        "valid_from,currency,usd,source\n{first},EUR,{}.{:02},simulated\n",
        USD_CENTS_PER_EURO / 100,
        USD_CENTS_PER_EURO % 100
    );
    let mut files = vec![
        HashedFile::whole(root, "analyst/README.txt", README.as_bytes())?,
        HashedFile::whole(root, "analyst/labels.csv", labels(seed, economy, names).as_bytes())?,
        HashedFile::whole(root, "analyst/prices.csv", prices.as_bytes())?,
        HashedFile::whole(root, "analyst/fx.csv", fx.as_bytes())?,
    ];
    if economy.set != CampaignSet::Usual {
        let mut events = String::from("day,event,country,source\n");
        for Dated { time, name, country, .. } in &economy.dated {
            let _ = writeln!(events, "{},{name},{country},Simulated chronicle", Day((time / DAY) as i32));
        }
        files.push(HashedFile::whole(root, "analyst/events.csv", events.as_bytes())?);
    }
    Ok(files)
}

/// Rows of `labels.csv`.
struct Labels<'a> {
    economy: &'a Economy,
    names: &'a Names<'a>,
    text: String,
}

/// Who says so, and how sure.
#[derive(Clone, Copy)]
struct Origin {
    source: &'static str,
    confidence: &'static str,
    basis: Basis,
}

const VENDOR: Origin =
    Origin { source: "Simulated attribution vendor", confidence: "forensic", basis: Basis::ThirdPartyClaim };
const OWN: Origin =
    Origin { source: "Simulated test payment", confidence: "manual_transaction", basis: Basis::OwnAnalysis };
const WEB: Origin = Origin { source: "Simulated web page", confidence: "web_crawl", basis: Basis::ThirdPartyClaim };
const LIST: Origin =
    Origin { source: "Simulated sanctions list", confidence: "authority_data", basis: Basis::Designation };

const DOCUMENTS: [Origin; 4] = [
    Origin { source: "Simulated forfeiture complaint", confidence: "authority_data", basis: Basis::Complaint },
    Origin { source: "Simulated seizure order", confidence: "authority_data", basis: Basis::SeizureOrder },
    Origin { source: "Simulated police notice", confidence: "authority_data", basis: Basis::AuthorityStatement },
    Origin { source: "Simulated research report", confidence: "web_crawl", basis: Basis::ThirdPartyClaim },
];

impl Labels<'_> {
    fn add(
        &mut self,
        address: &str,
        label: &str,
        category: Category,
        origin: Origin,
        country: &str,
        from: Option<u32>,
    ) {
        let Origin { source, confidence, basis } = origin;
        let from = from.map_or_else(String::new, |time| Day((time / DAY) as i32).to_string());
        let _ = writeln!(self.text, "{address},{label},{category},{source},{confidence},{basis},{country},{from},");
    }

    /// A label of a key, where it was ever paid.
    fn key(&mut self, key: KeyId, category: Category, origin: Origin) {
        if self.economy.world.keys.is_paid(key) {
            let actor = &self.economy.world.actors[self.economy.world.keys[key].actor.index()];
            let name = format!("{} (simulated)", actor.name.as_deref().unwrap_or_default());
            self.add(&self.names.address(key), &name, category, origin, actor.country, None);
        }
    }

    /// Labels of the first ordinary addresses of a service in a role: what test payments find.
    fn some(&mut self, actor: ActorId, role: Role, count: usize, category: Category) {
        let keys = &self.economy.world.keys;
        let found: Vec<KeyId> = keys
            .iter()
            .filter(|(key, info)| {
                info.actor == actor && info.role == role && info.watch.index().is_none() && keys.is_paid(*key)
            })
            .take(count)
            .map(|(key, _)| key)
            .collect();
        for key in found {
            self.key(key, category, OWN);
        }
    }
}

fn labels(seed: u64, economy: &Economy, names: &Names<'_>) -> String {
    let text = String::from("address,label,category,source,confidence,basis,country,valid_from,valid_to\n");
    let mut labels = Labels { economy, names, text };
    for exchange in &economy.exchanges {
        labels.key(exchange.hot_key, Category::Exchange, VENDOR);
        labels.key(exchange.cold_key, Category::Exchange, VENDOR);
        labels.some(exchange.actor, Role::Deposit, 2, Category::Exchange);
    }
    labels.key(economy.processor.settle_key, Category::PaymentProcessor, VENDOR);
    labels.some(economy.processor.actor, Role::Invoice, 2, Category::PaymentProcessor);
    labels.key(economy.coupons.hot_key, Category::CouponService, OWN);
    labels.key(economy.market.hot_key, Category::DarkMarket, VENDOR);
    labels.some(economy.market.actor, Role::Deposit, 2, Category::DarkMarket);
    if let Some(key) = economy.mixer.fee_key {
        labels.key(key, Category::Mixer, VENDOR);
    }
    labels.key(economy.house.key, Category::Gambling, WEB);
    for pool in &economy.pools {
        if pool.is_company() {
            labels.key(pool.main, Category::MiningPool, WEB);
        }
    }
    for charity in &economy.charities {
        labels.key(charity.key, Category::HumanitarianOrganisation, WEB);
    }
    campaign_labels(seed, &mut labels);
    further_labels(seed, &mut labels);
    // a listed address that no block has ever named
    let unseen = names.address_of_kind(u32::MAX - 1000, Kind::P2pkh);
    let day = economy.world.clock.schedule.end - 200 * DAY;
    labels.add(
        &unseen,
        "Listed wallet without transactions (simulated)",
        Category::TerroristFinancing,
        LIST,
        "",
        Some(day),
    );
    labels.text
}

/// The appeal's first address is on a list; of the other campaigns some have an address in some document.
fn campaign_labels(seed: u64, labels: &mut Labels<'_>) {
    let economy = labels.economy;
    let mut dice = Dice::new(seed, "labels");
    let mut documents = 0;
    for (index, campaign) in economy.campaigns.iter().enumerate() {
        let Some(key) = campaign.published.first().filter(|k| economy.world.keys.is_paid(**k)) else { continue };
        let (origin, category) = match (campaign.kind, campaign.decoy) {
            (CampaignKind::Appeal, _) => (LIST, Category::TerroristFinancing),
            (CampaignKind::StaticDonation, true) => (WEB, Category::HumanitarianOrganisation),
            (CampaignKind::Facilitator, false) => (DOCUMENTS[0], Category::TerroristFinancing),
            (CampaignKind::PeelChain | CampaignKind::Purchase | CampaignKind::Voucher, _) | (_, true) => continue,
            (kind, _) if kind.has_own_labels() => continue,
            _ => {
                // the first is always known, so that every world has one on a complaint
                if documents > 0 && dice.chance(500) {
                    continue;
                }
                documents += 1;
                (DOCUMENTS[(documents - 1) % DOCUMENTS.len()], Category::TerroristFinancing)
            }
        };
        // documents follow the payments, by months
        let last = economy.world.journal.logs[index].receipts.last().map_or(0, |r| r.time);
        let end = economy.world.clock.schedule.end - 10 * DAY;
        let time = (last + dice.range(40, 200) as u32 * DAY).min(end.max(last));
        let name = if campaign.decoy { "Relief appeal" } else { "Donation appeal" };
        let name = if campaign.kind == CampaignKind::Facilitator { "Linked group" } else { name };
        let label = format!("{name} {} (simulated)", campaign.id);
        labels.add(&labels.names.address(*key), &label, category, origin, "", Some(time));
    }
}

/// Labels that campaigns of the further kinds brought along: those of a listed group in documents after the payments, those of
/// services and charities without a day.
fn further_labels(seed: u64, labels: &mut Labels<'_>) {
    let economy = labels.economy;
    let mut dice = Dice::new(seed, "labels/further");
    for (index, campaign) in economy.campaigns.iter().enumerate() {
        for (rank, (key, category)) in campaign.labels.iter().enumerate() {
            let document = dice.index(DOCUMENTS.len());
            let days = dice.range(40, 200) as u32;
            if !economy.world.keys.is_paid(*key) {
                continue;
            }
            let told = *category == Category::TerroristFinancing;
            let last = economy.world.journal.logs[index].receipts.last().map_or(0, |r| r.time);
            let end = economy.world.clock.schedule.end - 10 * DAY;
            let time = told.then(|| (last + days * DAY).min(end.max(last)));
            let text = campaign.label_text.clone().unwrap_or_else(|| {
                let place = if campaign.labels.len() > 1 { format!(" {}", rank + 1) } else { String::new() };
                let what = if told { "Appeal of" } else { "Service of" };
                format!("{what} {}{place} (simulated)", campaign.id)
            });
            let origin = if told { DOCUMENTS[document] } else { WEB };
            labels.add(&labels.names.address(*key), &text, *category, origin, "", time);
        }
    }
}
