//! "Seen also on": other chains on which the same key, or the same 20 bytes, is labelled or in the store.
//!
//! Nothing is merged: what is known there is told beside the answer, with what the two addresses have in common. Only a list
//! that names the very text asked about, under a chain that writes addresses the same way, is a statement of its own.

use crate::Engine;
use athar_labels::{Label, LabelStore};
use athar_ledger::Ledger;
use athar_ledger::account::AccountLedger;
use athar_types::address::{Holder, NormalAddress, TwinReason, parse_key, twins};
use athar_types::{Basis, Bilingual, Chain, Network, isolated};
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::OnceLock;

/// Labels named of one address.
const LABELS_MAX: usize = 5;

/// An address of another chain, or another form on the same one, behind which the same key may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeenOnView {
    /// The chain.
    pub chain: String,
    /// The address there.
    pub address: String,
    /// What the two have in common: `same_key_hash`, `witness_form`, `same_script`, `same_output_key`, `same_account`,
    /// `same_account_if_key`, `same_contract_address`.
    #[schemars(with = "String")]
    pub reason: TwinReason,
    /// Whether it follows that one person can use both.
    pub is_one_key: bool,
    /// Whether the store has it.
    pub is_in_store: bool,
    /// Names of its labels.
    pub labels: Vec<String>,
}

/// The other ledgers of a store, opened when they are first asked.
#[derive(Debug, Default)]
pub(crate) struct Others {
    opened: OnceLock<Vec<Other>>,
    /// Accepted labels of addresses, by how another chain writes the same bytes: chain and text there to places of labels.
    siblings: OnceLock<FxHashMap<(Chain, String), Vec<u32>>>,
}

/// Chains of outputs that write, or wrote, the same bytes as the same text.
const ALIKE: [&[Chain]; 2] =
    [&[Chain::Bitcoin, Chain::BitcoinCash, Chain::BitcoinSv], &[Chain::Dogecoin, Chain::Verge]];

fn siblings(labels: &LabelStore) -> FxHashMap<(Chain, String), Vec<u32>> {
    let mut found: FxHashMap<(Chain, String), Vec<u32>> = FxHashMap::default();
    for (at, label) in (0_u32..).zip(labels.iter()) {
        let Some(chain) = label.chain.filter(|_| label.is_accepted()) else { continue };
        // a list of Bitcoin's own addresses is long, and its siblings are asked about seldom
        let Some(group) = ALIKE.iter().find(|group| group.contains(&chain) && chain != group[0]) else { continue };
        let Ok(all) = twins(chain, &label.text, Holder::Unknown) else { continue };
        let is_alike = |reason| matches!(reason, TwinReason::SameKeyHash | TwinReason::SameScript);
        for twin in all.into_iter().filter(|twin| group.contains(&twin.chain) && is_alike(twin.reason)) {
            let places = found.entry((twin.chain, twin.text)).or_default();
            if !places.contains(&at) {
                places.push(at);
            }
        }
    }
    found
}

/// A note on a label of the same text under another chain.
pub(super) fn listed_under(label: &Label) -> Bilingual {
    let (chain, arabic) = match label.chain {
        Some(chain) => (chain.name(), isolated(chain.name())),
        None => ("another chain", "سلسلة أخرى".into()),
    };
    let (text, name) = (&label.text, &label.name);
    Bilingual::new(
        format!("{text} is listed as an address of {chain}: {name}"),
        format!("{} مُدرَج بوصفه عنوانًا على {arabic}: {}", isolated(text), isolated(name)),
    )
}

#[derive(Debug)]
enum Other {
    Outputs(Ledger),
    Accounts(AccountLedger),
}

impl Engine {
    fn others(&self) -> &[Other] {
        self.others.opened.get_or_init(|| {
            let manifest = self.store.manifest();
            let outputs = manifest.chains.iter().filter(|entry| entry.chain != self.chain);
            let accounts = manifest.accounts.iter().filter(|entry| entry.chain != self.chain);
            // a ledger that cannot be opened is told by whoever asks it; here it only says nothing
            let outputs = outputs.filter_map(|e| self.store.ledger(e.chain).ok().flatten().map(Other::Outputs));
            let accounts =
                accounts.filter_map(|e| self.store.account_ledger(e.chain).ok().flatten().map(Other::Accounts));
            outputs.chain(accounts).collect()
        })
    }

    /// The ledgers of the other chains of accounts in the store.
    pub(crate) fn other_accounts(&self) -> impl Iterator<Item = &AccountLedger> {
        self.others().iter().filter_map(|other| match other {
            Other::Accounts(ledger) => Some(ledger),
            Other::Outputs(_) => None,
        })
    }

    /// Labels of the very text under another chain that writes addresses the same way. Who reads a list for one chain can
    /// mistake it for another: Bitcoin SV's addresses look like Bitcoin's. On chains of accounts the same text is the same key
    /// unless it is a contract, so there only what authorities say of an address counts, and never of a contract.
    pub(crate) fn same_text(&self, address: &NormalAddress) -> Vec<&Label> {
        let all = self.labels.labels();
        if address.chain.account().is_none() {
            let siblings = self.others.siblings.get_or_init(|| siblings(&self.labels));
            let places = siblings.get(&(address.chain, address.text.clone())).map_or(&[][..], Vec::as_slice);
            return places.iter().map(|at| &all[*at as usize]).collect();
        }
        let form = address.chain.account().map(|params| params.form);
        let alike = Chain::ACCOUNT_LEDGERS
            .into_iter()
            .filter(|chain| *chain != address.chain && chain.account().map(|params| params.form) == form);
        let labels: Vec<&Label> = alike
            .flat_map(|chain| self.labels.lookup(chain, &address.text))
            .filter(|label| label.basis <= Basis::Complaint)
            .collect();
        if labels.is_empty() || self.is_known_contract(address) { Vec::new() } else { labels }
    }

    fn is_known_contract(&self, address: &NormalAddress) -> bool {
        self.account_chain.as_ref().filter(|chain| chain.ledger.chain() == address.chain).is_some_and(|chain| {
            let account = chain.ledger.form().parse(&address.text).ok().and_then(|b| chain.ledger.account_id(&b));
            account.is_some_and(|account| chain.ledger.is_contract(account))
        })
    }

    /// Where else the key of an address is labelled or seen.
    pub(crate) fn seen_on(&self, address: &NormalAddress) -> Vec<SeenOnView> {
        let holder = self.account_chain.as_ref().filter(|chain| chain.ledger.chain() == address.chain).map(|chain| {
            let account = chain.ledger.form().parse(&address.text).ok().and_then(|b| chain.ledger.account_id(&b));
            match account {
                Some(account) if chain.ledger.is_contract(account) => Holder::Contract,
                // whoever signed a transaction, as its fee shows, has a key
                Some(account) if chain.has_signed(account) => Holder::Key,
                _ => Holder::Unknown,
            }
        });
        let Ok(found) = twins(address.chain, &address.text, holder.unwrap_or_default()) else { return Vec::new() };
        let view = |twin: athar_types::address::Twin| {
            let labels: Vec<String> =
                self.labels.lookup(twin.chain, &twin.text).take(LABELS_MAX).map(|label| label.name.clone()).collect();
            let is_in_store = self.has(twin.chain, &twin.text);
            (is_in_store || !labels.is_empty()).then(|| SeenOnView {
                chain: twin.chain.to_string(),
                address: twin.text,
                reason: twin.reason,
                is_one_key: twin.reason.is_one_key(),
                is_in_store,
                labels,
            })
        };
        found.into_iter().filter_map(view).collect()
    }

    /// Whether the store has an address of a chain's main network.
    fn has(&self, chain: Chain, text: &str) -> bool {
        let in_outputs = |ledger: &Ledger| {
            ledger.chain() == chain
                && ledger.network() == Network::Mainnet
                && parse_key(chain, Network::Mainnet, text).is_ok_and(|key| ledger.address_id(&key).is_some())
        };
        let in_accounts = |ledger: &AccountLedger| {
            ledger.chain() == chain
                && ledger.is_mainnet()
                && ledger.form().parse(text).is_ok_and(|bytes| ledger.account_id(&bytes).is_some())
        };
        self.ledger.as_ref().is_some_and(in_outputs)
            || self.account_chain.as_ref().is_some_and(|own| in_accounts(&own.ledger))
            || self.others().iter().any(|other| match other {
                Other::Outputs(ledger) => in_outputs(ledger),
                Other::Accounts(ledger) => in_accounts(ledger),
            })
    }
}
