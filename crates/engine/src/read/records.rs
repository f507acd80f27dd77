//! Off-chain records: what a coupon seller, an exchange or a bank knows, and the join of coupons with the chain.
//!
//! Records need no chain. Joined with one, each redemption gets the payment that it led to: the first output to its address from an hour
//! before it (a block's time may be off) until three days after it, that no earlier redemption has taken. Whether the payer is a coupon
//! service, labels say; a payment whose payer nobody names is told as such and is no proof.

use crate::error::EngineError;
use crate::{Category, Engine};
use athar_ledger::Ledger;
use athar_records::{
    BeneficiaryId, Counts as RecordsCounts, CouponRedemption, FlowQuery, JournalEntry, Note, Query, Receipt, Record,
    Records, RecordsError, Subject, Unreadable as UnreadableRecord, VoucherFlows,
};
use athar_types::{AddressId, OutputNum};
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Seconds that a payment may lie before the redemption it is for: block times may be two hours off, mostly far less.
const EARLY_S: i64 = 3_600;
/// Seconds that it may come after it.
const LATE_S: i64 = 3 * 86_400;
/// Outputs of one address that are looked at.
const OUTPUTS_MAX: usize = 100_000;
/// Addresses and transactions that are named with a collector.
const COLLECTED_MAX: usize = 100;
/// Names of labels that are given for a payer.
const LABELS_MAX: usize = 5;

/// What there is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordsStatusView {
    /// How much.
    #[serde(flatten)]
    pub counts: RecordsCounts,
    /// Version of all of it: part of the snapshot of every answer.
    pub version: String,
    /// What does not fit in the journal; empty where the chain of its entries is whole.
    pub journal_wrong: Vec<String>,
}

/// A page of records.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordsView {
    /// The records, in the order of their numbers.
    pub records: Vec<Record>,
    /// Those that cannot be decrypted.
    pub unreadable: Vec<UnreadableRecord>,
    /// What is known of the circumstances of the subject that was asked about.
    pub context: Vec<Note>,
    /// The number after which the next page begins, where there is one.
    pub next: Option<u64>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl RecordsView {
    /// The answer where nothing was ever imported.
    pub fn none() -> Self {
        let snapshot = snapshot_at("", "records", &[]);
        Self { records: Vec::new(), unreadable: Vec::new(), context: Vec::new(), next: None, snapshot }
    }
}

/// One record, with what is known of the circumstances of whom it names.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordView {
    /// The record.
    #[serde(flatten)]
    pub record: Record,
    /// The notes.
    pub context: Vec<Note>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Receipts of imports.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReceiptsListView {
    /// In the order of imports.
    pub imports: Vec<Receipt>,
    /// The number after which the next page begins, where there is one.
    pub next: Option<u64>,
}

/// A page of the journal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordsJournalView {
    /// From the oldest entry on.
    pub entries: Vec<JournalEntry>,
    /// The number after which the next page begins, where there is one.
    pub next: Option<u64>,
}

/// Notes on the circumstances of persons.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotesView {
    /// The oldest first.
    pub notes: Vec<Note>,
}

/// The payment that a redemption led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CouponPaymentView {
    /// The transaction.
    pub txid: String,
    /// Its output.
    pub vout: u32,
    /// Time of its block, in seconds since 1970.
    pub time: i64,
    /// Its value in satoshi.
    pub value_sat: u64,
    /// Entity of the payer, by its first-seen address.
    pub payer: Option<String>,
    /// Names of labels on the payer.
    pub payer_labels: Vec<String>,
    /// Whether a label says that the payer is a coupon service.
    pub is_from_coupon_service: bool,
}

/// A redemption with its payment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CouponRedemptionView {
    /// The redemption, and the sale of its coupon.
    #[serde(flatten)]
    pub redemption: CouponRedemption,
    /// The payment on the chain; none where no output fits, or its address is not on the chain of this store.
    pub payment: Option<CouponPaymentView>,
}

/// A beneficiary of coupons, joined with the chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CouponBeneficiaryView {
    /// Who.
    pub id: BeneficiaryId,
    /// The redemptions, in the order of time.
    pub redemptions: Vec<CouponRedemptionView>,
    /// Redemptions whose payment by a coupon service was found.
    pub paid: u64,
    /// What those payments sum up to, in satoshi.
    pub paid_sat: u64,
    /// Addresses that were paid.
    pub addresses: BTreeSet<String>,
    /// Entities of those on the chain, by first-seen address.
    pub entities: BTreeSet<String>,
    /// Points of sale of the coupons, as far as is known: how many.
    pub outlets: u64,
    /// Buyers, as far as is known: how many.
    pub buyers: u64,
    /// Towns or regions of the points of sale.
    pub places: BTreeSet<String>,
    /// Countries that they were redeemed from.
    pub countries: BTreeSet<String>,
    /// Euro cents of all redemptions whose worth in euros is known.
    pub euro_cents: i64,
    /// Redemptions whose worth in euros is not known.
    pub unpriced: u64,
    /// What is known of the circumstances of the beneficiary, its addresses and its buyers.
    pub context: Vec<Note>,
}

/// An entity that coupons of several beneficiaries ended at: each of them passed on to it what the coupon service had paid out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CouponCollectorView {
    /// The entity, by its first-seen address.
    pub entity: String,
    /// Addresses of it that were paid, at most a hundred.
    pub addresses: BTreeSet<String>,
    /// Names of labels on it.
    pub labels: Vec<String>,
    /// Beneficiaries whose coupons led there: how many.
    pub beneficiaries: u64,
    /// Coupons that led there.
    pub redemptions: u64,
    /// Points of sale of those, as far as is known: how many.
    pub outlets: u64,
    /// Buyers, as far as is known: how many.
    pub buyers: u64,
    /// Countries that they were redeemed from.
    pub countries: BTreeSet<String>,
    /// Euro cents of those whose worth in euros is known.
    pub euro_cents: i64,
    /// Transactions by which the money came, at most a hundred.
    pub txids: BTreeSet<String>,
    /// What is known of the circumstances of the beneficiaries and buyers.
    pub context: Vec<Note>,
}

/// Coupon sales, redemptions and payments on the chain, by beneficiary.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CouponFlowsView {
    /// In the order of their first redemption.
    pub beneficiaries: Vec<CouponBeneficiaryView>,
    /// Entities that two or more beneficiaries, listed or not, passed their coupons' worth on to in one step, those with most coupons first.
    /// Services that labels name are left out: many customers sell there.
    pub collectors: Vec<CouponCollectorView>,
    /// Redemptions that were joined, of all beneficiaries, listed or not.
    pub redemptions: u64,
    /// Of those, how many met their sale.
    pub matched: u64,
    /// Records that could not be decrypted and are left out.
    pub unreadable: u64,
    /// Whether the store has a chain that addresses were looked for on.
    pub is_on_chain: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The records of the store in `folder`; `None` where nothing was ever imported.
pub fn open_records(folder: &Path) -> Result<Option<Records>, EngineError> {
    Ok(if Records::exists(folder) { Some(Records::open(folder)?) } else { None })
}

/// What goes into the basis of snapshots: the version of the records, none where there are none. A store whose folder cannot be written is
/// read all the same, and its records count as unreadable.
pub(crate) fn records_basis(folder: &Path) -> Result<Option<String>, EngineError> {
    if !Records::exists(folder) {
        return Ok(None);
    }
    match Records::open(folder) {
        Ok(records) => Ok(Some(records.version()?)),
        Err(RecordsError::Vault(athar_records::VaultError::Io { .. })) => Ok(Some("unreadable".into())),
        Err(error) => Err(error.into()),
    }
}

/// What there is; `None` where nothing was ever imported.
pub fn records_status(folder: &Path) -> Result<Option<RecordsStatusView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let (counts, version) = (store.counts()?, store.version()?);
    Ok(Some(RecordsStatusView { counts, version, journal_wrong: store.verify_journal()? }))
}

/// A page of records, with what is known of the circumstances of the subject, where one is asked about.
pub fn records(folder: &Path, query: &Query) -> Result<Option<RecordsView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let context = query.subject.as_ref().map(|subject| store.notes(subject)).transpose()?.unwrap_or_default();
    let page = store.list(query)?;
    // the subject itself may be a value that is kept nowhere: its pseudonyms stand for it in the question
    let asked = query.subject.as_ref().map(|subject| match subject {
        Subject::Pseudonym(pseudonym) => vec![*pseudonym],
        Subject::Value(value) => store.pseudonyms_of(value),
    });
    let question = format!("{:?}", (query.kind, query.import, asked, query.from, query.to, query.after, query.limit));
    Ok(Some(RecordsView {
        records: page.records,
        unreadable: page.unreadable,
        context,
        next: page.next,
        snapshot: snapshot_at(&store.version()?, "records", &[&question]),
    }))
}

/// One record; `None` where there is none of that number, or none at all.
pub fn record(folder: &Path, id: u64) -> Result<Option<RecordView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let record = match store.record(id) {
        Err(RecordsError::Unknown { .. }) => return Ok(None),
        found => found?,
    };
    let named: BTreeSet<String> = record
        .values
        .values()
        .map(|value| match value {
            athar_records::Value::Plain(text) => text.clone(),
            athar_records::Value::Personal { pseudonym, .. } => pseudonym.to_string(),
        })
        .collect();
    let context = store.all_notes()?.into_iter().filter(|note| named.contains(&note.subject)).collect();
    let snapshot = snapshot_at(&store.version()?, "record", &[&id.to_string()]);
    Ok(Some(RecordView { record, context, snapshot }))
}

/// Receipts of imports after number `after`; `None` where nothing was ever imported.
pub fn records_imports(folder: &Path, after: u64, limit: u32) -> Result<Option<ReceiptsListView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let mut imports = store.imports(after, limit.saturating_add(1))?;
    let is_more = imports.len() > limit as usize;
    imports.truncate(limit as usize);
    let next = imports.last().filter(|_| is_more).map(|last| last.import);
    Ok(Some(ReceiptsListView { imports, next }))
}

/// The journal of records after entry `after`; `None` where nothing was ever imported.
pub fn records_journal(folder: &Path, after: u64, limit: u32) -> Result<Option<RecordsJournalView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let mut entries = store.journal(after, limit.saturating_add(1))?;
    let is_more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| is_more).map(|last| last.seq);
    Ok(Some(RecordsJournalView { entries, next }))
}

/// The notes on a subject, or all of them; `None` where nothing was ever imported.
pub fn records_notes(folder: &Path, subject: Option<&Subject>) -> Result<Option<NotesView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let notes = subject.map_or_else(|| store.all_notes(), |subject| store.notes(subject))?;
    Ok(Some(NotesView { notes }))
}

/// Coupons by beneficiary, without a chain; `None` where nothing was ever imported.
pub fn records_linked(
    folder: &Path,
    query: &FlowQuery,
    engine: Option<&Engine>,
) -> Result<Option<CouponFlowsView>, EngineError> {
    let Some(store) = open_records(folder)? else { return Ok(None) };
    let flows = store.voucher_flows(&FlowQuery { redemptions_min: 0, ..*query })?;
    let question = format!("{query:?}");
    let chain = engine.map(|engine| engine.snapshot("records_chain", &())).unwrap_or_default();
    let snapshot = snapshot_at(&store.version()?, "linked", &[&question, &chain]);
    let ledger = engine.map(Engine::ledger).transpose()?;
    Ok(Some(linked(flows, query.redemptions_min, engine.zip(ledger), snapshot)?))
}

fn linked(
    flows: VoucherFlows,
    redemptions_min: usize,
    chain: Option<(&Engine, &Ledger)>,
    snapshot: String,
) -> Result<CouponFlowsView, EngineError> {
    // an output is the payment of one redemption: they are dealt out in the order of time, over all beneficiaries
    let mut order: Vec<(i64, usize, usize)> = Vec::new();
    for (b, beneficiary) in flows.beneficiaries.iter().enumerate() {
        order.extend(beneficiary.redemptions.iter().enumerate().map(|(r, one)| (one.time.seconds, b, r)));
    }
    order.sort_unstable();
    let mut payments = Payments::default();
    if let Some((engine, ledger)) = chain {
        let mut queues: FxHashMap<String, Paid> = FxHashMap::default();
        for (time, b, r) in order {
            let redemption = &flows.beneficiaries[b].redemptions[r];
            let Some(address) = &redemption.address else { continue };
            let paid = match queues.get_mut(address) {
                Some(paid) => paid,
                None => queues.entry(address.clone()).or_insert_with(|| Paid::of(engine, ledger, address)),
            };
            if let Some(output) = paid.take(time, redemption.txid.as_deref()) {
                payments.insert((b, r), (output, engine.coupon_payment(ledger, output)?));
            }
        }
    }
    let collectors = match chain {
        Some((engine, ledger)) if engine.forest.is_some() => engine.coupon_collectors(ledger, &flows, &payments)?,
        _ => Vec::new(),
    };
    let mut beneficiaries = Vec::with_capacity(flows.beneficiaries.len());
    for (b, whole) in flows.beneficiaries.into_iter().enumerate() {
        if whole.redemptions.len() < redemptions_min {
            continue;
        }
        let mut entities = BTreeSet::new();
        if let Some((engine, _)) = chain.filter(|(engine, _)| engine.forest.is_some()) {
            for address in &whole.addresses {
                if let Ok(Some(id)) = engine.address_id(address) {
                    entities.insert(engine.entity_name(id)?);
                }
            }
        }
        let redemptions: Vec<CouponRedemptionView> = whole
            .redemptions
            .into_iter()
            .enumerate()
            .map(|(r, redemption)| CouponRedemptionView {
                redemption,
                payment: payments.remove(&(b, r)).map(|(_, payment)| payment),
            })
            .collect();
        let paid = || redemptions.iter().filter_map(|r| r.payment.as_ref()).filter(|p| p.is_from_coupon_service);
        beneficiaries.push(CouponBeneficiaryView {
            paid: paid().count() as u64,
            paid_sat: paid().fold(0, |sum, p| sum.saturating_add(p.value_sat)),
            id: whole.id,
            addresses: whole.addresses,
            entities,
            outlets: whole.outlets.len() as u64,
            buyers: whole.buyers.len() as u64,
            places: whole.places,
            countries: whole.countries,
            euro_cents: whole.euro_cents,
            unpriced: whole.unpriced,
            context: whole.context,
            redemptions,
        });
    }
    Ok(CouponFlowsView {
        beneficiaries,
        collectors,
        redemptions: flows.redemptions,
        matched: flows.matched,
        unreadable: flows.unreadable,
        is_on_chain: chain.is_some(),
        snapshot,
    })
}

/// The payment of each redemption, by the places of its beneficiary and itself.
type Payments = FxHashMap<(usize, usize), (OutputNum, CouponPaymentView)>;

/// What leads to one collector, as it is gathered.
#[derive(Default)]
struct Gathered {
    addresses: BTreeSet<String>,
    beneficiaries: BTreeSet<usize>,
    redemptions: BTreeSet<(usize, usize)>,
    txids: BTreeSet<String>,
}

/// The outputs that paid an address, in the order of time, those not yet taken.
struct Paid(Vec<(i64, String, OutputNum)>);

impl Paid {
    fn of(engine: &Engine, ledger: &Ledger, address: &str) -> Self {
        // an address of another chain or network is on no output of this one
        let Ok(Some(id)) = engine.address_id(address) else { return Self(Vec::new()) };
        let outputs = ledger.address_outputs(id).take(OUTPUTS_MAX);
        let mut all: Vec<(i64, String, OutputNum)> = outputs
            .map(|output| {
                let (tx, _) = ledger.output_tx(output);
                (i64::from(engine.tx_time(tx).0), ledger.txid(tx).to_string(), output)
            })
            .collect();
        all.sort_by_key(|(time, _, output)| (*time, output.0));
        Self(all)
    }

    /// The payment for a redemption at `time`: that of the transaction that the records name, else the first that fits.
    fn take(&mut self, time: i64, txid: Option<&str>) -> Option<OutputNum> {
        let fits = |(at, of, _): &(i64, String, OutputNum)| match txid {
            Some(txid) => of == txid,
            None => (time - EARLY_S..=time + LATE_S).contains(at),
        };
        let at = self.0.iter().position(fits)?;
        Some(self.0.remove(at).2)
    }
}

impl Engine {
    /// The entities that several beneficiaries passed their coupons' worth on to, in the transaction that spends it.
    fn coupon_collectors(
        &self,
        ledger: &Ledger,
        flows: &VoucherFlows,
        payments: &Payments,
    ) -> Result<Vec<CouponCollectorView>, EngineError> {
        let mut gathered: BTreeMap<AddressId, Gathered> = BTreeMap::new();
        for (place, (output, payment)) in payments {
            let (Some(spent_by), Some(own)) = (ledger.output(*output).spent_by, ledger.output_address(*output)) else {
                continue;
            };
            if !payment.is_from_coupon_service {
                continue;
            }
            let own = self.root_of(own);
            for to in ledger.tx_outputs(spent_by).filter_map(|num| ledger.output_address(OutputNum(num))) {
                let root = self.root_of(to);
                if root == own || self.known.subject(to, root).is_some_and(|subject| self.known.is_service(subject)) {
                    continue;
                }
                let all = gathered.entry(root).or_default();
                all.beneficiaries.insert(place.0);
                all.redemptions.insert(*place);
                if all.addresses.len() < COLLECTED_MAX {
                    all.addresses.insert(ledger.address_text(to));
                }
                if all.txids.len() < COLLECTED_MAX {
                    all.txids.insert(ledger.txid(spent_by).to_string());
                }
            }
        }
        let mut collectors = Vec::new();
        for (root, all) in gathered {
            if all.beneficiaries.len() < 2 {
                continue;
            }
            let redemptions = || all.redemptions.iter().map(|(b, r)| &flows.beneficiaries[*b].redemptions[*r]);
            let sales = || redemptions().filter_map(|r| r.sale.as_ref());
            let mut context: Vec<Note> = Vec::new();
            for note in all.beneficiaries.iter().flat_map(|b| &flows.beneficiaries[*b].context) {
                if !context.contains(note) {
                    context.push(note.clone());
                }
            }
            let mut labels: Vec<String> = Vec::new();
            if let Some(subject) = self.known.subject(root, root) {
                for (_, label) in self.known.labels(subject, &self.labels) {
                    if labels.len() < LABELS_MAX && !labels.contains(&label.name) {
                        labels.push(label.name.clone());
                    }
                }
            }
            collectors.push(CouponCollectorView {
                entity: self.entity_name(root)?,
                labels,
                beneficiaries: all.beneficiaries.len() as u64,
                redemptions: all.redemptions.len() as u64,
                outlets: sales().filter_map(|s| s.outlet).collect::<BTreeSet<_>>().len() as u64,
                buyers: sales().filter_map(|s| s.buyer).collect::<BTreeSet<_>>().len() as u64,
                countries: redemptions().filter_map(|r| r.country.clone()).collect(),
                euro_cents: redemptions().filter_map(|r| r.euro_cents).fold(0, i64::saturating_add),
                addresses: all.addresses,
                txids: all.txids,
                context,
            });
        }
        collectors.sort_by(|a, b| b.redemptions.cmp(&a.redemptions).then_with(|| a.entity.cmp(&b.entity)));
        Ok(collectors)
    }

    /// An output as the payment of a coupon: who paid it, and what labels say of them.
    fn coupon_payment(&self, ledger: &Ledger, output: OutputNum) -> Result<CouponPaymentView, EngineError> {
        let (tx, vout) = ledger.output_tx(output);
        let payer: Option<AddressId> = ledger.inputs(tx).find_map(|input| input.address);
        let mut labels: Vec<String> = Vec::new();
        let mut is_service = false;
        if let Some(payer) = payer
            && let Some(subject) = self.known.subject(payer, self.root_of(payer))
        {
            for (_, label) in self.known.labels(subject, &self.labels) {
                is_service |= label.categories.contains(&Category::CouponService);
                if labels.len() < LABELS_MAX && !labels.contains(&label.name) {
                    labels.push(label.name.clone());
                }
            }
        }
        let name = match payer {
            Some(payer) if self.forest.is_some() => Some(self.entity_name(payer)?),
            Some(payer) => Some(ledger.address_text(payer)),
            None => None,
        };
        Ok(CouponPaymentView {
            txid: ledger.txid(tx).to_string(),
            vout,
            time: i64::from(self.tx_time(tx).0),
            value_sat: ledger.output_value(output).0,
            payer: name,
            payer_labels: labels,
            is_from_coupon_service: is_service,
        })
    }
}

/// The snapshot of an answer from records: BLAKE3 over the program's version, the version of the records and the question.
fn snapshot_at(version: &str, command: &str, question: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("athar records snapshot version 1");
    for part in [env!("CARGO_PKG_VERSION"), version, command].iter().chain(question) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
