//! What a bridge says of a passage, and who may be its other end where the store holds the other chain.

use crate::Engine;
use crate::account_chain::{AccountChain, hash_text};
use athar_ledger::account::{AccountLedger, NONE};
use athar_trace::account::{FarSide, Match, MatchedBy, Passage, candidates};
use athar_types::UnixTime;
use athar_types::account::{AccountParams, AssetKey, BridgeEvent, EventKind, U256};
use schemars::JsonSchema;
use serde::Serialize;

/// Candidates listed.
const LISTED_MAX: usize = 10;
/// Seconds that a passage may take: the slowest ways back wait a week, and their users longer.
const WINDOW: i64 = 14 * 86_400;
/// Seconds by which the clocks of two chains may differ.
const SKEW: i64 = 900;
/// Millionths of the amount that fees may have taken.
const FEE_MAX_PPM: u32 = 20_000;

/// What a bridge says of a passage. Where it names no account on the other chain, nobody is named here either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PassageView {
    /// The protocol.
    pub protocol: String,
    /// The other chain, by its chain id.
    pub far_chain: Option<u64>,
    /// The account there, in hexadecimal.
    pub far_account: Option<String>,
    /// What both sides have in common.
    pub message: Option<String>,
    /// What the same protocol did on the other chains of the store that may be the other end. None where the store holds no
    /// chain that it can be.
    pub candidates: Vec<CandidatesView>,
}

/// What may be the other end on one chain. Of an empty set nothing follows: the store may not hold everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CandidatesView {
    /// The chain.
    pub chain: String,
    /// By what they were found: `message`, `account` or `amount`.
    #[schemars(with = "String")]
    pub by: MatchedBy,
    /// How many there are. More than one: nobody can say which.
    pub size: u64,
    /// The first of them in time; at most ten.
    pub listed: Vec<CandidateView>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CandidateView {
    /// The transaction.
    pub tx: String,
    /// Its time.
    pub time: String,
    /// The account.
    pub account: String,
    /// How much, in the smallest unit of the asset there.
    pub units: String,
}

impl Engine {
    /// What is known of a passage that a transfer of `asset` is part of.
    pub(super) fn passage_view(&self, chain: &AccountChain, asset: u32, passage: &Passage) -> PassageView {
        let decimals = chain.asset_facts(asset).decimals;
        let is_far = |ledger: &&AccountLedger| match passage.far_chain {
            Some(id) => AccountParams::of_chain_id(id).is_some_and(|params| params.chain == ledger.chain()),
            None => true,
        };
        let far = self.other_accounts().filter(is_far).filter(|ledger| ledger.is_mainnet());
        PassageView {
            protocol: AccountChain::bridge_name(passage.protocol),
            far_chain: passage.far_chain,
            far_account: passage.far_account.map(hex::encode),
            message: passage.message.map(hex::encode),
            candidates: far.map(|ledger| found(ledger, passage, decimals)).collect(),
        }
    }
}

fn found(ledger: &AccountLedger, passage: &Passage, decimals: Option<u8>) -> CandidatesView {
    let sides = ledger.notices().filter_map(|notice| match notice.event {
        EventKind::Bridge(event) if event.protocol == passage.protocol && event.is_out != passage.is_out => {
            side(ledger, notice.tx, &event)
        }
        _ => None,
    });
    // one token mostly has the same decimals everywhere; where it has not, the registry of the other chain would have to tell
    let decimals = decimals.unwrap_or(0);
    let by = Match {
        window: WINDOW,
        skew: SKEW,
        fee_max_ppm: FEE_MAX_PPM,
        decimals,
        far_decimals: decimals,
        list_max: LISTED_MAX,
    };
    let found = candidates(passage, sides, &by);
    let form = ledger.form();
    CandidatesView {
        chain: ledger.chain().to_string(),
        by: found.by,
        size: found.size,
        listed: found
            .listed
            .iter()
            .map(|side| {
                let mut bytes = [0; 20];
                bytes.copy_from_slice(&side.account[12..]);
                CandidateView {
                    tx: hash_text(form, &ledger.tx_hash(ledger.transfer(side.transfer).tx)),
                    time: UnixTime(u32::try_from(side.time).unwrap_or(0)).to_string(),
                    account: form.text(&bytes),
                    units: side.amount.to_string(),
                }
            })
            .collect(),
    }
}

/// What a bridge's event says, with the transfer of its transaction that it speaks of.
pub(in crate::read) fn side(ledger: &AccountLedger, tx: u32, event: &BridgeEvent) -> Option<FarSide> {
    let account = event.account?;
    let id = ledger.account_id(&account);
    let token = event.token.and_then(|token| ledger.asset_id(&AssetKey::Token(token)));
    let n = ledger.tx_transfers(tx).find(|n| {
        let transfer = ledger.transfer(*n);
        let touches = id.is_some_and(|id| transfer.from == id || transfer.to == id);
        touches && transfer.tx != NONE && !transfer.kind.is_fee() && token.is_none_or(|token| transfer.asset == token)
    })?;
    let mut padded = [0; 32];
    padded[12..].copy_from_slice(&account);
    // a log that does not say the amount exactly has zero
    let amount = if event.amount == U256::ZERO { ledger.transfer(n).amount } else { event.amount };
    let time = i64::from(ledger.tx_time(tx).0);
    Some(FarSide { transfer: n, account: padded, amount, time, message: event.message })
}
