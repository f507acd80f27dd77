//! A published address on its chain: what it and its entity received, by month, before and after it was published.
//!
//! What an address received from its own entity is change or moving house, and no receipt here. What its entity received is told apart
//! from what the address did: the entity may do other business. Where the address is a customer's at a service (row 25 of the
//! typologies), or its entity acts as a service, the entity's receipts are the service's and are not told at all.

use super::account_chain::DepositView;
use super::{AccountView, AmountView};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget};
use crate::error::EngineError;
use crate::json::Usd;
use crate::worth::Worth;
use athar_types::account::{U256, show_units};
use athar_types::{AddressId, Asset, Day, TxNum, UnixTime};
use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Outputs or transfers that are looked at for one address or entity.
const LOOKED_MAX: usize = 2_000_000;
/// Members of an entity whose receipts are summed.
const MEMBERS_MAX: u32 = 100_000;
/// Assets listed with a sum.
const ASSETS_MAX: usize = 20;

/// Receipts: amounts that came from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReceiptsView {
    /// How many.
    pub count: u64,
    /// The amounts, asset by asset.
    pub amounts: Vec<AmountView>,
    /// What all of it was worth, each receipt at the price of its day; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something of it has no price and is not in `usd`.
    pub is_partly_unpriced: bool,
}

/// Receipts of a calendar month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MonthView {
    /// As 2019-06, in UTC.
    pub month: String,
    /// What came in.
    #[serde(flatten)]
    pub receipts: ReceiptsView,
}

/// One receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReceiptView {
    /// The transaction.
    pub txid: String,
    /// Time of its block.
    pub time: String,
    /// The amount.
    pub amount: AmountView,
}

/// Receipts of an address or entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReceivedView {
    /// All of it.
    pub total: ReceiptsView,
    /// What came before the address was published; none where that time is not known. A page that was only captured was
    /// published then or before, so that some of it may have come after.
    pub before_publication: Option<ReceiptsView>,
    /// What came since.
    pub since_publication: Option<ReceiptsView>,
    /// The first receipt.
    pub first: Option<ReceiptView>,
    /// The first receipt at or after the time of publication.
    pub first_since_publication: Option<ReceiptView>,
    /// Month by month.
    pub by_month: Vec<MonthView>,
    /// Whether sums end at a bound: 2,000,000 receipts looked at, or 100,000 addresses of an entity.
    pub truncated: bool,
}

/// Who holds a published address for a customer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustodyView {
    /// On a chain of outputs.
    AccountAt(AccountView),
    /// On a chain of accounts.
    DepositAt(DepositView),
}

/// A published address as its chain knows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OnChainView {
    /// Name of its entity: the first-seen address in it. None where entities are not built.
    pub entity: Option<String>,
    /// Addresses in it.
    pub entity_size: Option<u32>,
    /// The service that holds it for a customer: the one to ask whose it is.
    pub custody: Option<CustodyView>,
    /// Why the entity's own receipts are not told: `custody` (they are the service's), `service` (a label or a rule says the entity is
    /// one), `no_entities`.
    #[schemars(with = "Option<String>")]
    pub entity_left_out: Option<&'static str>,
    /// Names of labels on the address or its entity.
    pub labels: Vec<String>,
    /// What the address received.
    pub received: ReceivedView,
    /// What its entity received, the address with it.
    pub entity_received: Option<ReceivedView>,
    /// The chain's last block that this is of, as height or number.
    pub tip: u32,
}

/// Sums as they grow.
struct Tally<S> {
    total: S,
    before: S,
    since: S,
    months: BTreeMap<(i32, u32), S>,
    first: Option<(u64, UnixTime)>,
    first_since: Option<(u64, UnixTime)>,
    published: Option<UnixTime>,
    looked: usize,
    truncated: bool,
}

impl<S: Clone> Tally<S> {
    fn new(empty: S, published: Option<UnixTime>) -> Self {
        Self {
            total: empty.clone(),
            before: empty.clone(),
            since: empty,
            months: BTreeMap::new(),
            first: None,
            first_since: None,
            published,
            looked: 0,
            truncated: false,
        }
    }

    /// Whether one more may be looked at.
    fn look(&mut self) -> bool {
        self.looked += 1;
        self.truncated |= self.looked > LOOKED_MAX;
        !self.truncated
    }

    /// Adds receipt number `at` of its chain to every sum that it belongs to.
    fn add(&mut self, at: u64, time: UnixTime, empty: &S, mut add: impl FnMut(&mut S)) {
        let (year, month, _) = time.day().ymd();
        add(&mut self.total);
        add(self.months.entry((year, month)).or_insert_with(|| empty.clone()));
        if self.first.is_none_or(|(first, _)| at < first) {
            self.first = Some((at, time));
        }
        match self.published {
            Some(published) if time < published => add(&mut self.before),
            Some(_) => {
                add(&mut self.since);
                if self.first_since.is_none_or(|(first, _)| at < first) {
                    self.first_since = Some((at, time));
                }
            }
            None => {}
        }
    }

    fn view(
        self,
        receipts: impl Fn(&S) -> ReceiptsView,
        receipt: impl Fn(u64, UnixTime) -> ReceiptView,
    ) -> ReceivedView {
        let known = self.published.is_some();
        ReceivedView {
            total: receipts(&self.total),
            before_publication: known.then(|| receipts(&self.before)),
            since_publication: known.then(|| receipts(&self.since)),
            first: self.first.map(|(at, time)| receipt(at, time)),
            first_since_publication: self.first_since.map(|(at, time)| receipt(at, time)),
            by_month: self
                .months
                .iter()
                .map(|((year, month), sums)| MonthView {
                    month: format!("{year:04}-{month:02}"),
                    receipts: receipts(sums),
                })
                .collect(),
            truncated: self.truncated,
        }
    }
}

/// Satoshi with what they were worth.
#[derive(Clone, Copy, Default)]
struct Coins {
    count: u64,
    sat: u64,
    worth: Worth,
}

impl Engine {
    /// A published address on the chain of this engine; `None` where nothing in the store names it. `published` is when it was first
    /// seen published, where that is known.
    pub fn published(&self, address: &str, published: Option<UnixTime>) -> Result<Option<OnChainView>, EngineError> {
        match &self.account_chain {
            Some(chain) => self.published_account(chain, address, published),
            None => self.published_outputs(address, published),
        }
    }

    fn published_outputs(
        &self,
        address: &str,
        published: Option<UnixTime>,
    ) -> Result<Option<OnChainView>, EngineError> {
        let Some(id) = self.address_id(address)? else { return Ok(None) };
        let ledger = self.ledger()?;
        let custody = self.account_view(id)?;
        let forest = self.forest.as_ref();
        let is_service = self.subject_of(id).is_some_and(|subject| self.known.is_service(subject))
            || self.inferred_service(id).rule.is_some_and(|rule| rule.stops_traces);
        let entity_left_out = match (&custody, forest) {
            (Some(_), _) => Some("custody"),
            (None, None) => Some("no_entities"),
            (None, Some(_)) if is_service => Some("service"),
            (None, Some(_)) => None,
        };
        let entity_received = match forest {
            Some(forest) if entity_left_out.is_none() => {
                let size = self.guard.size(forest, id);
                let members = self.guard.members(forest, id, 0, MEMBERS_MAX);
                let mut view = self.receipts(&members, id, published)?;
                view.truncated |= size > MEMBERS_MAX;
                Some(view)
            }
            _ => None,
        };
        let labels = self
            .subject_of(id)
            .map(|subject| self.known.labels(subject, &self.labels).map(|(_, label)| label.name.clone()).collect());
        Ok(Some(OnChainView {
            entity: forest.map(|forest| ledger.address_text(self.guard.name(forest, id))),
            entity_size: forest.map(|forest| self.guard.size(forest, id)),
            custody: custody.map(CustodyView::AccountAt),
            entity_left_out,
            labels: labels.unwrap_or_default(),
            received: self.receipts(&[id], id, published)?,
            entity_received,
            tip: ledger.tip().map_or(0, |tip| tip.height.0),
        }))
    }

    /// What came to `members`, addresses of the entity of `of`, from outside that entity.
    fn receipts(
        &self,
        members: &[AddressId],
        of: AddressId,
        published: Option<UnixTime>,
    ) -> Result<ReceivedView, EngineError> {
        let ledger = self.ledger()?;
        let root = self.root_of(of);
        let mut tally = Tally::new(Coins::default(), published);
        // several outputs of one transaction pay one entity: its inputs are looked at once
        let mut own: FxHashSet<TxNum> = FxHashSet::default();
        let mut outside: FxHashSet<TxNum> = FxHashSet::default();
        'members: for member in members {
            for num in ledger.address_outputs(*member) {
                if !tally.look() {
                    break 'members;
                }
                let (tx, _) = ledger.output_tx(num);
                if own.contains(&tx) {
                    continue;
                }
                if !outside.contains(&tx) {
                    if ledger.inputs(tx).any(|i| i.address.is_some_and(|a| self.root_of(a) == root)) {
                        own.insert(tx);
                        continue;
                    }
                    outside.insert(tx);
                }
                let (time, sat) = (self.tx_time(tx), ledger.output_value(num).0);
                let usd = self.usd(sat, time);
                tally.add(num.0, time, &Coins::default(), |sums| {
                    sums.count += 1;
                    sums.sat = sums.sat.saturating_add(sat);
                    sums.worth.add(sat, usd);
                });
            }
        }
        let asset = self.asset();
        let receipts = |sums: &Coins| ReceiptsView {
            count: sums.count,
            amounts: if sums.count == 0 { Vec::new() } else { vec![coins(asset, sums.sat, sums.worth.usd())] },
            usd: sums.worth.usd(),
            is_partly_unpriced: sums.worth.unpriced_sat() > 0,
        };
        let receipt = |at: u64, time: UnixTime| {
            let num = athar_types::OutputNum(at);
            let sat = ledger.output_value(num).0;
            let txid = ledger.txid(ledger.output_tx(num).0).to_string();
            ReceiptView { txid, time: time.to_string(), amount: coins(asset, sat, self.usd(sat, time)) }
        };
        Ok(tally.view(receipts, receipt))
    }

    fn published_account(
        &self,
        chain: &AccountChain,
        address: &str,
        published: Option<UnixTime>,
    ) -> Result<Option<OnChainView>, EngineError> {
        let AccountTarget::Account(bytes) = AccountTarget::parse(address, chain.ledger.form()) else {
            return Err(super::account_chain::not_a("address", address));
        };
        let Some(account) = chain.ledger.account_id(&bytes) else { return Ok(None) };
        let deposit = chain.custody(account);
        let is_service = chain.labelled.is_service(account);
        let entity_left_out = match (&deposit, &chain.forest) {
            (Some(_), _) => Some("custody"),
            (None, None) => Some("no_entities"),
            (None, Some(_)) if is_service => Some("service"),
            (None, Some(_)) => None,
        };
        let size = chain.entity_size(account);
        let members = chain.members(account, MEMBERS_MAX);
        let entity_received = entity_left_out.is_none().then(|| {
            let mut view = self.account_receipts(chain, &members, &members, published);
            view.truncated |= size > MEMBERS_MAX;
            view
        });
        let labels = self.labels.labels();
        Ok(Some(OnChainView {
            entity: chain.forest.as_ref().map(|_| chain.ledger.account_text(chain.entity_name(account))),
            entity_size: chain.forest.as_ref().map(|_| size),
            custody: deposit.map(|deposit| CustodyView::DepositAt(self.deposit_view(chain, &deposit))),
            entity_left_out,
            labels: chain.labels_of(account).iter().map(|(_, at)| labels[*at as usize].name.clone()).collect(),
            received: self.account_receipts(chain, &[account], &members, published),
            entity_received,
            tip: chain.ledger.tip().map_or(0, |tip| tip.number),
        }))
    }

    /// What came to `members` from outside of `own`.
    fn account_receipts(
        &self,
        chain: &AccountChain,
        members: &[u32],
        own: &[u32],
        published: Option<UnixTime>,
    ) -> ReceivedView {
        let ledger = &chain.ledger;
        let own: FxHashSet<u32> = own.iter().copied().collect();
        let empty = (0_u64, chain.sums(&self.prices));
        let mut tally = Tally::new(empty.clone(), published);
        'members: for member in members {
            for n in ledger.of_account(*member, 0) {
                if !tally.look() {
                    break 'members;
                }
                let transfer = ledger.transfer(n);
                let is_receipt = transfer.to == *member && !own.contains(&transfer.from);
                if !is_receipt || !super::account_chain::is_dealing(&transfer) {
                    continue;
                }
                let time = ledger.block(ledger.transfer_block(n)).time;
                tally.add(n, time, &empty, |(count, sums)| {
                    *count += 1;
                    sums.add(transfer.asset, transfer.amount, time.day());
                });
            }
        }
        let receipts = |(count, sums): &(u64, crate::account_chain::Sums<'_>)| {
            let (usd, is_partly_unpriced) = sums.usd();
            ReceiptsView { count: *count, amounts: sums.views(ASSETS_MAX), usd, is_partly_unpriced }
        };
        let receipt = |n: u64, time: UnixTime| {
            let transfer = ledger.transfer(n);
            ReceiptView {
                txid: chain.tx_text(transfer.tx),
                time: time.to_string(),
                amount: chain.amount_on(&self.prices, transfer.asset, transfer.amount, day(time)),
            }
        };
        tally.view(receipts, receipt)
    }
}

fn day(time: UnixTime) -> Day {
    time.day()
}

/// Satoshi as an amount of an asset.
fn coins(asset: Asset, sat: u64, usd: Option<Usd>) -> AmountView {
    AmountView {
        asset: super::AssetView {
            id: "native".into(),
            symbol: Some(asset.symbol().into()),
            verified: true,
            decimals: Some(8),
        },
        units: sat.to_string(),
        amount: Some(show_units(U256::from(sat), 8)),
        usd,
        usd_at_par: false,
    }
}
