//! What the voucher pattern needs: sales joined with redemptions, by beneficiary.
//!
//! Two passes over the records, each in the order in which they lie: redemptions first, then the sales of the serials that were redeemed.
//! Memory grows with the redemptions, of which there may be [`REDEMPTIONS_MAX`], and not with the sales.

use crate::store::{RAW, Raw};
use crate::{Field, Kind, Money, Note, Pseudonym, Record, Records, RecordsError, When};
use athar_vault::KeysInOrder;
use hashbrown::HashMap;
use rusqlite::params;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Redemptions that one join takes: some 300 bytes each.
pub const REDEMPTIONS_MAX: u64 = 2_000_000;

/// Which redemptions are joined, and how they are put together.
#[derive(Clone, Copy, Debug, Default)]
pub struct FlowQuery {
    /// Redeemed from this second on, since 1970.
    pub from: Option<i64>,
    /// Redeemed before this second.
    pub to: Option<i64>,
    /// Beneficiaries with at least so many redemptions.
    pub redemptions_min: usize,
    /// By crypto address where there is one, else by account. Not set: by account where there is one, else by address.
    pub by_address: bool,
}

/// Who got what coupons were worth.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeneficiaryId {
    /// An account at the one whose records these are.
    Account(Pseudonym),
    /// A crypto address, in its canonical text.
    Address(String),
}

/// The sale of a coupon.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CouponSale {
    /// The record.
    pub record: u64,
    /// When it was sold.
    pub time: When,
    /// For how much.
    pub amount: Option<Money>,
    /// Where.
    pub outlet: Option<Pseudonym>,
    /// Town or region of that.
    pub place: Option<String>,
    /// To whom.
    pub buyer: Option<Pseudonym>,
}

/// A redemption, with the sale of its coupon.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CouponRedemption {
    /// The record.
    pub record: u64,
    /// When it was redeemed.
    pub time: When,
    /// The coupon.
    pub serial: Pseudonym,
    /// What it was worth: as the redemption says, else as the sale does.
    pub amount: Option<Money>,
    /// The same in euro cents, where it is in euros.
    pub euro_cents: Option<i64>,
    /// Account that it was credited to.
    pub account: Option<Pseudonym>,
    /// Address that it was paid out to.
    pub address: Option<String>,
    /// Chain of the address, where it is certain.
    pub chain: Option<String>,
    /// The payment on the chain, where the records name it.
    pub txid: Option<String>,
    /// Country of the IP address (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The IP address.
    pub ip: Option<Pseudonym>,
    /// The sale of that serial; the last one before the redemption, where there are several. `None` where no record tells of one.
    pub sale: Option<CouponSale>,
}

/// A beneficiary with the coupons that were redeemed for it, in the order of time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Beneficiary {
    /// Who.
    pub id: BeneficiaryId,
    /// The redemptions.
    pub redemptions: Vec<CouponRedemption>,
    /// Addresses that were paid.
    pub addresses: BTreeSet<String>,
    /// Accounts that were credited.
    pub accounts: BTreeSet<Pseudonym>,
    /// Points of sale of the coupons, as far as is known.
    pub outlets: BTreeSet<Pseudonym>,
    /// Towns or regions of those.
    pub places: BTreeSet<String>,
    /// Buyers of the coupons, as far as is known.
    pub buyers: BTreeSet<Pseudonym>,
    /// Countries that they were redeemed from.
    pub countries: BTreeSet<String>,
    /// Euro cents of all redemptions whose worth in euros is known.
    pub euro_cents: i64,
    /// Redemptions whose worth in euros is not known.
    pub unpriced: u64,
    /// What is known of the circumstances of the beneficiary, its addresses and its buyers.
    pub context: Vec<Note>,
}

/// The join.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct VoucherFlows {
    /// In the order of their first redemption.
    pub beneficiaries: Vec<Beneficiary>,
    /// Redemptions that were joined, of all beneficiaries.
    pub redemptions: u64,
    /// Of those, how many met their sale.
    pub matched: u64,
    /// Records that could not be decrypted and are left out.
    pub unreadable: u64,
}

impl Records {
    /// Coupon sales joined with redemptions by serial, by beneficiary. Equal records give an equal answer, whatever the order of their import.
    ///
    /// # Errors
    ///
    /// [`RecordsError::TooMany`] where more than [`REDEMPTIONS_MAX`] are asked for: ask for a span of time.
    pub fn voucher_flows(&self, query: &FlowQuery) -> Result<VoucherFlows, RecordsError> {
        let mut flows = VoucherFlows::default();
        let mut redemptions: Vec<CouponRedemption> = Vec::new();
        let (from, to) = (query.from.unwrap_or(i64::MIN), query.to.unwrap_or(i64::MAX));
        flows.unreadable += self.scan(Kind::Redemption, from, to, |record| {
            if redemptions.len() as u64 >= REDEMPTIONS_MAX {
                return Err(RecordsError::TooMany { what: "redemptions", max: REDEMPTIONS_MAX });
            }
            redemptions.extend(redemption(&record));
            Ok(())
        })?;
        let mut sales: HashMap<Pseudonym, Vec<CouponSale>> =
            redemptions.iter().map(|r| (r.serial, Vec::new())).collect();
        // a coupon is sold before it is redeemed
        flows.unreadable += self.scan(Kind::CouponSale, i64::MIN, to, |record| {
            if let Some(serial) = record.pseudonym(Field::Serial)
                && let Some(of_serial) = sales.get_mut(&serial)
            {
                of_serial.push(sale(record));
            }
            Ok(())
        })?;
        redemptions.sort_by_key(|r| (r.time.seconds, r.serial, r.record));
        let mut groups: BTreeMap<BeneficiaryId, Vec<CouponRedemption>> = BTreeMap::new();
        for mut redemption in redemptions {
            let of_serial = sales.get(&redemption.serial).map_or(&[][..], Vec::as_slice);
            let before = of_serial.iter().filter(|sale| sale.time.seconds <= redemption.time.seconds);
            redemption.sale = before.max_by_key(|sale| (sale.time.seconds, sale.record)).cloned();
            if redemption.amount.is_none() {
                redemption.amount = redemption.sale.as_ref().and_then(|sale| sale.amount.clone());
            }
            redemption.euro_cents = redemption.amount.as_ref().and_then(Money::euro_cents);
            flows.redemptions += 1;
            flows.matched += u64::from(redemption.sale.is_some());
            let account = redemption.account.map(BeneficiaryId::Account);
            let address = redemption.address.clone().map(BeneficiaryId::Address);
            let id = if query.by_address { address.or(account) } else { account.or(address) };
            if let Some(id) = id {
                groups.entry(id).or_default().push(redemption);
            }
        }
        let notes = self.all_notes()?;
        flows.beneficiaries = groups
            .into_iter()
            .filter(|(_, redemptions)| redemptions.len() >= query.redemptions_min)
            .map(|(id, redemptions)| beneficiary(id, redemptions, &notes))
            .collect();
        flows.beneficiaries.sort_by(|a, b| {
            let first = |b: &Beneficiary| b.redemptions.first().map(|r| r.time.seconds);
            (first(a), &a.id).cmp(&(first(b), &b.id))
        });
        Ok(flows)
    }

    /// Gives every record of a kind within a time; how many could not be decrypted.
    fn scan(
        &self,
        kind: Kind,
        from: i64,
        to: i64,
        mut give: impl FnMut(Record) -> Result<(), RecordsError>,
    ) -> Result<u64, RecordsError> {
        self.db.read(|t| {
            let mut unreadable = 0;
            let mut keys = KeysInOrder::new(&self.keys);
            let mut query = t.prepare_cached(&format!(
                "SELECT {RAW} FROM records WHERE kind = ?1 AND state = 1 AND time >= ?2 AND time < ?3 ORDER BY id"
            ))?;
            let mut rows = query.query(params![kind.code(), from, to])?;
            while let Some(row) = rows.next()? {
                let raw = Raw::of(row)?;
                match raw.open(keys.get(raw.id)?) {
                    Ok(record) => give(record)?,
                    Err(_) if self.is_gone(raw.id)? => {}
                    Err(_) => unreadable += 1,
                }
            }
            Ok(unreadable)
        })
    }
}

fn redemption(record: &Record) -> Option<CouponRedemption> {
    let plain = |field| record.plain(field).map(str::to_owned);
    Some(CouponRedemption {
        record: record.id,
        time: record.time,
        serial: record.pseudonym(Field::Serial)?,
        amount: record.amount.clone(),
        euro_cents: None,
        account: record.pseudonym(Field::Account),
        address: plain(Field::Address),
        chain: plain(Field::Chain),
        txid: plain(Field::Txid),
        country: plain(Field::Country),
        ip: record.pseudonym(Field::Ip),
        sale: None,
    })
}

fn sale(record: Record) -> CouponSale {
    CouponSale {
        record: record.id,
        time: record.time,
        outlet: record.pseudonym(Field::Outlet),
        place: record.plain(Field::Place).map(str::to_owned),
        // a seller may know the buyer by name, by number or by telephone
        buyer: [Field::Buyer, Field::Person, Field::Phone].into_iter().find_map(|field| record.pseudonym(field)),
        amount: record.amount,
    }
}

fn beneficiary(id: BeneficiaryId, redemptions: Vec<CouponRedemption>, notes: &[Note]) -> Beneficiary {
    let sales = || redemptions.iter().filter_map(|r| r.sale.as_ref());
    let mut whole = Beneficiary {
        addresses: redemptions.iter().filter_map(|r| r.address.clone()).collect(),
        accounts: redemptions.iter().filter_map(|r| r.account).collect(),
        outlets: sales().filter_map(|s| s.outlet).collect(),
        places: sales().filter_map(|s| s.place.clone()).collect(),
        buyers: sales().filter_map(|s| s.buyer).collect(),
        countries: redemptions.iter().filter_map(|r| r.country.clone()).collect(),
        euro_cents: redemptions.iter().filter_map(|r| r.euro_cents).fold(0, i64::saturating_add),
        unpriced: redemptions.iter().filter(|r| r.euro_cents.is_none()).count() as u64,
        context: Vec::new(),
        redemptions,
        id,
    };
    if !notes.is_empty() {
        let named: BTreeSet<String> = whole
            .accounts
            .iter()
            .chain(&whole.buyers)
            .map(ToString::to_string)
            .chain(whole.addresses.iter().cloned())
            .collect();
        whole.context = notes.iter().filter(|note| named.contains(&note.subject)).cloned().collect();
    }
    whole
}
