//! STIX 2.1 (OASIS standard, 10 June 2021): a bundle of what was seen where.
//!
//! A campaign becomes a `grouping`, and not a `campaign`: that object asserts malicious behaviour of somebody, which a text that stood somewhere
//! does not prove. An address becomes a `cryptocurrency-wallet`, an object that STIX itself does not have; it is that of the extension
//! `stix2extensions`, which OASIS has not adopted. Each address has `observed-data` with the pages, the hashes of the originals and
//! the first and last date.
//!
//! Ids are the same for the same content: those of observables by the rule of the standard (UUIDv5 over the contributing properties in its name space), those of
//! the others in a name space of ours.

use crate::campaign::{Campaign, CampaignAddress, TieKind};
use crate::{Item, ItemId, Sighting};
use athar_types::Day;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use uuid::Uuid;

/// Name space of the ids of observables, section 2.9 of the standard.
const OBSERVABLES: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);
/// Name space of the ids of everything else: made once, at random.
const OURS: Uuid = Uuid::from_u128(0x8f1c_2d0a_6b7e_4c35_9a54_1e07_d3b2_c6f9);
/// The extension that has `cryptocurrency-wallet`.
pub const STIX_WALLET_EXTENSION: &str = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7";
/// The extension that has the marking definitions of TLP 2.0.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
/// The most that `number_observed` may be.
const OBSERVED_MAX: u64 = 999_999_999;
/// Excerpts of one address.
const EXCERPTS_MAX: usize = 20;

/// A marking of the Traffic Light Protocol 2.0 (FIRST, 2022), as OASIS defines it for STIX 2.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the protocol's own names
pub enum Tlp {
    Clear,
    Green,
    Amber,
    AmberStrict,
    Red,
}

impl Tlp {
    /// The marking of a name (`clear`, `amber+strict`, …), in any case, with or without `TLP:`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let name = name.strip_prefix("tlp:").unwrap_or(&name);
        [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red].into_iter().find(|tlp| tlp.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            Self::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            Self::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
            Self::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
            Self::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
        }
    }

    fn object(self) -> Value {
        json!({
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": self.id(),
            "created": "2022-10-01T00:00:00.000Z",
            "name": format!("TLP:{}", self.name().to_uppercase()),
            "extensions": { TLP_EXTENSION: { "extension_type": "property-extension", "tlp_2_0": self.name() } },
        })
    }
}

/// What goes into a bundle.
#[derive(Clone, Copy, Debug)]
pub struct StixOptions<'a> {
    /// Now, in seconds since 1970: `created` and `modified` of what has them.
    pub now: i64,
    /// Who exports it.
    pub producer: &'a str,
    /// The marking of every object.
    pub tlp: Option<Tlp>,
    /// Whether e-mail addresses and handles are in it.
    pub personal: bool,
}

/// A bundle of campaigns, with the items that they rest on. Of `sightings` the excerpts become notes: give none to have none.
///
/// The same campaigns with the same options give the same bytes.
pub fn stix_bundle(campaigns: &[Campaign], items: &[Item], sightings: &[Sighting], options: StixOptions<'_>) -> Value {
    let items: BTreeMap<ItemId, &Item> = items.iter().map(|item| (item.id, item)).collect();
    let mut bundle = Bundle { objects: Vec::new(), known: BTreeSet::new(), options, producer: String::new() };
    if let Some(tlp) = options.tlp {
        bundle.add_raw(tlp.object());
    }
    bundle.producer = bundle.domain(
        "identity",
        options.producer,
        json!({ "name": options.producer, "identity_class": "organization" }),
    );
    let mut excerpts: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for seen in sightings.iter().filter(|seen| !seen.excerpt.is_empty()) {
        excerpts.entry(&seen.value).or_default().push(seen);
    }
    for campaign in campaigns {
        bundle.campaign(campaign, &items, &excerpts);
    }
    let ids: Vec<&str> = bundle.objects.iter().filter_map(|o| o["id"].as_str()).collect();
    let id = format!("bundle--{}", Uuid::new_v5(&OURS, format!("bundle {} {}", options.now, ids.join(" ")).as_bytes()));
    json!({ "type": "bundle", "id": id, "objects": bundle.objects })
}

struct Bundle<'o> {
    objects: Vec<Value>,
    known: BTreeSet<String>,
    options: StixOptions<'o>,
    producer: String,
}

impl Bundle<'_> {
    fn add_raw(&mut self, object: Value) -> String {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        if self.known.insert(id.clone()) {
            self.objects.push(object);
        }
        id
    }

    fn marked(&self, object: &mut Map<String, Value>) {
        if let Some(tlp) = self.options.tlp {
            object.insert("object_marking_refs".into(), json!([tlp.id()]));
        }
    }

    /// An observable, whose id is that of its contributing properties.
    fn observable(&mut self, kind: &str, contributing: &Value, more: Value) -> String {
        // members in the order of their names, without blanks, as RFC 8785 wants it: serde_json's maps are ordered
        let id = format!("{kind}--{}", Uuid::new_v5(&OBSERVABLES, contributing.to_string().as_bytes()));
        let mut object = Map::new();
        object.insert("type".into(), kind.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.into());
        for part in [contributing, &more] {
            object.extend(part.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
        }
        self.marked(&mut object);
        self.add_raw(Value::Object(object))
    }

    /// A domain object, whose id is that of what it is about.
    fn domain(&mut self, kind: &str, about: &str, more: Value) -> String {
        let id = format!("{kind}--{}", Uuid::new_v5(&OURS, format!("{kind} {about}").as_bytes()));
        let mut object = Map::new();
        object.insert("type".into(), kind.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.into());
        if !self.producer.is_empty() {
            object.insert("created_by_ref".into(), self.producer.clone().into());
        }
        let now = timestamp(self.options.now);
        object.insert("created".into(), now.clone().into());
        object.insert("modified".into(), now.into());
        object.extend(more.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
        self.marked(&mut object);
        self.add_raw(Value::Object(object))
    }

    fn campaign(
        &mut self,
        campaign: &Campaign,
        items: &BTreeMap<ItemId, &Item>,
        excerpts: &BTreeMap<&str, Vec<&Sighting>>,
    ) {
        let mut refs: Vec<String> = Vec::new();
        for address in &campaign.addresses {
            self.address(campaign, address, items, excerpts, &mut refs);
        }
        for value in &campaign.values {
            let found = match value.kind {
                TieKind::Site => Some(self.host(&value.value)),
                TieKind::Email if self.options.personal => {
                    Some(self.observable("email-addr", &json!({ "value": value.value }), json!({})))
                }
                TieKind::Handle if self.options.personal => {
                    let (network, name) = value.value.split_once(':').unwrap_or(("", &value.value));
                    let account = if network.is_empty() {
                        json!({ "account_login": name })
                    } else {
                        json!({ "account_login": name, "account_type": network })
                    };
                    Some(self.observable("user-account", &account, json!({})))
                }
                _ => None,
            };
            refs.extend(found);
        }
        let mut seen = BTreeSet::new();
        refs.retain(|id| seen.insert(id.clone()));
        if refs.is_empty() {
            return;
        }
        let description = format!(
            "Addresses and places that were published together: {} addresses in {} units from {} to {}, of which {} ask for money. A \
             sighting says that a text stood somewhere. It does not say who owns an address.",
            campaign.addresses_total,
            campaign.units_total,
            campaign.first.day,
            campaign.last.day,
            campaign.soliciting_total,
        );
        let grouping = json!({
            "name": format!("Published addresses: campaign {}", campaign.id),
            "description": description,
            "context": "suspicious-activity",
            "object_refs": refs,
        });
        self.domain("grouping", &campaign.id, grouping);
    }

    fn address(
        &mut self,
        campaign: &Campaign,
        address: &CampaignAddress,
        items: &BTreeMap<ItemId, &Item>,
        excerpts: &BTreeMap<&str, Vec<&Sighting>>,
        refs: &mut Vec<String>,
    ) {
        let extension = json!({ "extensions": { STIX_WALLET_EXTENSION: { "extension_type": "new-sco" } } });
        let mut observed =
            vec![self.observable("cryptocurrency-wallet", &json!({ "value": address.value }), extension)];
        for item in address.units.iter().filter_map(|unit| items.get(&unit.item)) {
            if let Some(uri) = &item.uri {
                observed.push(self.observable("url", &json!({ "value": encoded(uri) }), json!({})));
            }
            if let Some(sha256) = &item.sha256 {
                let hashes = json!({ "hashes": { "SHA-256": hex::encode(sha256) } });
                observed.push(self.observable("file", &hashes, json!({})));
            }
        }
        let mut seen = BTreeSet::new();
        observed.retain(|id| seen.insert(id.clone()));
        refs.extend(observed.iter().cloned());
        let about = format!("{} {}", campaign.id, address.value);
        let data = json!({
            "first_observed": timestamp(address.first_published.time),
            "last_observed": timestamp(address.last_published.time),
            "number_observed": address.units_total.clamp(1, OBSERVED_MAX),
            "object_refs": observed,
            "labels": [format!("first-date-{}", serde_json::to_value(address.first_published.source).ok().and_then(|s| s.as_str().map(str::to_owned)).unwrap_or_default())],
        });
        let data = self.domain("observed-data", &about, data);
        refs.push(data.clone());
        let units: BTreeSet<(ItemId, Option<&str>)> =
            address.units.iter().map(|unit| (unit.item, unit.message.as_deref())).collect();
        let of_address = excerpts.get(&*address.value).into_iter().flatten();
        let mut excerpts: Vec<&Sighting> =
            of_address.filter(|s| units.contains(&(s.item, s.message.as_deref()))).copied().collect();
        excerpts.sort_by_key(|s| (s.item, s.n));
        for excerpt in excerpts.into_iter().take(EXCERPTS_MAX) {
            let about = format!("{about} {} {}", excerpt.item, excerpt.n);
            let note = json!({ "content": excerpt.excerpt, "object_refs": [data] });
            refs.push(self.domain("note", &about, note));
        }
    }

    fn host(&mut self, host: &str) -> String {
        let kind = match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => "ipv4-addr",
            Ok(IpAddr::V6(_)) => "ipv6-addr",
            Err(_) => "domain-name",
        };
        self.observable(kind, &json!({ "value": host }), json!({}))
    }
}

/// `2020-01-31T12:00:00.000Z`.
fn timestamp(time: i64) -> String {
    let seconds = time.rem_euclid(86_400);
    let day = Day(time.div_euclid(86_400) as i32);
    format!("{day}T{:02}:{:02}:{:02}.000Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A URI with what RFC 3986 does not allow in one as per cent codes.
fn encoded(uri: &str) -> String {
    uri.bytes().fold(String::with_capacity(uri.len()), |mut out, byte| {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_wallet_is_that_of_another_implementation() {
        let options = StixOptions { now: 0, producer: "x", tlp: None, personal: false };
        let mut bundle = Bundle { objects: Vec::new(), known: BTreeSet::new(), options, producer: String::new() };
        // CryptocurrencyWallet(value=…) of stix2extensions 2.3.5
        let id = bundle.observable(
            "cryptocurrency-wallet",
            &json!({ "value": "1HWTg6YPnbb4DoPqmY8bwFr6s8BoHyAVBf" }),
            json!({}),
        );
        assert_eq!(id, "cryptocurrency-wallet--906f40f1-00b1-55a6-a04d-f70bb4540ec3");
    }

    #[test]
    fn times_and_uris_are_written_as_the_standard_wants_them() {
        assert_eq!(timestamp(1_580_472_000), "2020-01-31T12:00:00.000Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59.000Z");
        assert_eq!(encoded("http://a.example/ا b?q=\"1\"&x=%20"), "http://a.example/%D8%A7%20b?q=%221%22&x=%20");
        assert_eq!(Tlp::from_name("TLP:AMBER+STRICT"), Some(Tlp::AmberStrict));
        assert_eq!(Tlp::from_name("white"), None);
    }
}
