//! Coupons that were redeemed, from off-chain records: sales joined with redemptions, for the pattern of voucher networks.
//!
//! People are pseudonyms here as they are in the records. What was written down of the humanitarian context of a beneficiary or
//! buyer comes with each redemption of theirs, so that a hit can say so: by the note's number, since hits are kept and a note's text
//! must go with the note.

use crate::Engine;
use crate::error::EngineError;
use crate::read::open_records;
use athar_patterns::Redemption;
use athar_records::{BeneficiaryId, CouponRedemption, FlowQuery, Note};
use athar_types::{Bilingual, UnixTime, isolated};
use std::collections::BTreeMap;

/// Redemptions that are read at most; a store with more says so by an error, since a part would be no basis for a hit.
const REDEMPTIONS_MAX: usize = 5_000_000;

/// Every redemption of the store's records, by beneficiary and time.
pub(super) fn redemptions(engine: &Engine) -> Result<Vec<Redemption>, EngineError> {
    let Some(records) = open_records(&engine.folder)? else { return Ok(Vec::new()) };
    let flows = records.voucher_flows(&FlowQuery { by_address: true, ..FlowQuery::default() })?;
    let mut redemptions = Vec::new();
    for beneficiary in flows.beneficiaries {
        let name = match &beneficiary.id {
            BeneficiaryId::Account(account) => account.to_string(),
            BeneficiaryId::Address(address) => address.clone(),
        };
        let mut notes: BTreeMap<&str, Vec<&Note>> = BTreeMap::new();
        for note in &beneficiary.context {
            notes.entry(&note.subject).or_default().push(note);
        }
        for redeemed in &beneficiary.redemptions {
            if redemptions.len() == REDEMPTIONS_MAX {
                let what = format!("more than {REDEMPTIONS_MAX} redemptions: more than a run of patterns reads");
                return Err(EngineError::Output { path: engine.folder.join("records"), what });
            }
            let sale = redeemed.sale.as_ref();
            let country = redeemed.country.as_deref().map(str::as_bytes);
            redemptions.push(Redemption {
                address: redeemed.address.as_deref().and_then(|address| engine.number_of(address)),
                beneficiary: name.clone(),
                account: redeemed.account.map(|account| account.to_string()),
                time: UnixTime(u32::try_from(redeemed.time.seconds).unwrap_or(0)),
                // what has no worth in euros is in no band of amounts
                euro_cents: redeemed.euro_cents.and_then(|cents| u64::try_from(cents).ok()).unwrap_or(0),
                outlet: sale.and_then(|sale| sale.outlet).map(|outlet| outlet.to_string()),
                buyer: sale.and_then(|sale| sale.buyer).map(|buyer| buyer.to_string()),
                country: match country {
                    Some([a, b]) => Some([*a, *b]),
                    _ => None,
                },
                record: redeemed.record.to_string(),
                context: context(redeemed, &notes),
            });
        }
    }
    Ok(redemptions)
}

const ON_AN_ADDRESS: [&str; 2] = ["an address", "عنوان"];

/// A note by its number, and on whom it is.
fn named(note: &Note, [en, ar]: [&str; 2]) -> Bilingual {
    let id = note.id.to_string();
    Bilingual::new(format!("note {id} on {en}"), format!("الملاحظة {} عن {ar}", isolated(&id)))
}

/// Notes on the account or address that a coupon was redeemed to, and on who bought it.
fn context(redeemed: &CouponRedemption, notes: &BTreeMap<&str, Vec<&Note>>) -> Vec<Bilingual> {
    if notes.is_empty() {
        return Vec::new();
    }
    let account = redeemed.account.map(|account| account.to_string());
    let buyer = redeemed.sale.as_ref().and_then(|sale| sale.buyer).map(|buyer| buyer.to_string());
    let of = |subject: &Option<String>, who: [&str; 2]| {
        let found = subject.as_deref().and_then(|subject| notes.get(subject)).into_iter().flatten();
        found.map(|note| named(note, who)).collect::<Vec<_>>()
    };
    let mut all = of(&account, ["the beneficiary", "المستفيد"]);
    all.extend(of(&redeemed.address, ON_AN_ADDRESS));
    all.extend(of(&buyer, ["a buyer", "أحد المشترين"]));
    all
}

/// Notes on addresses that the chain has seen, whether or not a record names them; a note is called the same wherever it is met.
pub(super) fn noted_addresses(engine: &Engine) -> Result<Vec<(u32, Bilingual)>, EngineError> {
    let Some(records) = open_records(&engine.folder)? else { return Ok(Vec::new()) };
    let notes = records.all_notes()?;
    let of = |note: &Note| Some((engine.number_of(&note.subject)?, named(note, ON_AN_ADDRESS)));
    Ok(notes.iter().filter_map(of).collect())
}
