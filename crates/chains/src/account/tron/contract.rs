//! What a transaction asks for: one contract of some type.

use super::fields::{Address, Selector, is_coin, token_number};
use athar_types::account::{AccountBytes, U256};
use serde::Deserialize;
use std::borrow::Cow;

/// The fields of every type of contract that moves something; each type has some of them.
#[derive(Deserialize)]
pub(super) struct Parameter<'a> {
    #[serde(default)]
    owner_address: Option<Address>,
    #[serde(default)]
    to_address: Option<Address>,
    #[serde(default)]
    contract_address: Option<Address>,
    #[serde(default)]
    account_address: Option<Address>,
    #[serde(default)]
    receiver_address: Option<Address>,
    #[serde(default)]
    amount: u64,
    #[serde(default)]
    call_value: u64,
    #[serde(default)]
    call_token_value: u64,
    #[serde(default)]
    token_id: Option<TokenId<'a>>,
    #[serde(default, borrow)]
    asset_name: Option<Cow<'a, str>>,
    #[serde(default)]
    data: Selector,
    #[serde(default)]
    new_contract: Option<NewContract>,
    #[serde(default)]
    frozen_balance: u64,
    #[serde(default)]
    balance: u64,
    #[serde(default)]
    quant: u64,
}

#[derive(Deserialize)]
struct NewContract {
    #[serde(default)]
    call_value: u64,
}

/// A number in calls of contracts, a text in the chain's exchange.
#[derive(Deserialize)]
#[serde(untagged)]
enum TokenId<'a> {
    Number(u64),
    #[serde(borrow)]
    Name(Cow<'a, str>),
}

/// What a transaction moves or lends, as far as its request says.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) owner: AccountBytes,
    pub(super) to: Option<AccountBytes>,
    pub(super) value: U256,
    pub(super) trc10: Option<(u64, U256)>,
    pub(super) selector: Option<[u8; 4]>,
    /// Whether it creates a contract.
    pub(super) creates: bool,
    /// Coins put aside.
    pub(super) staked: u64,
    /// Whether what the information calls `unfreeze_amount` comes back to the owner.
    pub(super) unstakes: bool,
    /// Who is lent something, or loses it; how much, where the request says it; and whether it is given.
    pub(super) lent: Option<(AccountBytes, Option<u64>, bool)>,
    /// Coins or tokens given to the chain's own exchange: the token's number, or `None` for the coin.
    pub(super) exchanged: Option<(Option<u64>, u64)>,
    /// Whether it moves something that is not told in full.
    pub(super) is_not_told: bool,
}

/// Types that change no balance beyond the fee.
const STILL: &[&str] = &[
    "VoteAssetContract",
    "VoteWitnessContract",
    "WitnessCreateContract",
    "WitnessUpdateContract",
    "AccountUpdateContract",
    "SetAccountIdContract",
    "ProposalCreateContract",
    "ProposalApproveContract",
    "ProposalDeleteContract",
    "UpdateAssetContract",
    "UpdateSettingContract",
    "UpdateEnergyLimitContract",
    "ClearABIContract",
    "UpdateBrokerageContract",
    "AccountPermissionUpdateContract",
    "UnfreezeBalanceV2Contract",
    "CancelAllUnfreezeV2Contract",
    "WithdrawExpireUnfreezeContract",
    "WithdrawBalanceContract",
];

/// Reads a contract; `None` where it names no owner.
pub(super) fn asked(kind: &str, from: &Parameter<'_>) -> Option<Asked> {
    let address = |field: &Option<Address>| field.as_ref().map(|address| address.0);
    let coin = U256::from;
    let mut asked = Asked { owner: address(&from.owner_address)?, ..Asked::default() };
    let tokens = |amount: u64| match &from.token_id {
        Some(TokenId::Number(id)) if *id != 0 && amount != 0 => Some((*id, U256::from(amount))),
        _ => None,
    };
    match kind {
        "TransferContract" => {
            asked.to = address(&from.to_address);
            asked.value = coin(from.amount);
        }
        "TransferAssetContract" => {
            asked.to = address(&from.to_address);
            let number = from.asset_name.as_deref().and_then(token_number);
            asked.trc10 = number.map(|number| (number, coin(from.amount)));
            asked.is_not_told = number.is_none();
        }
        "TriggerSmartContract" => {
            asked.to = address(&from.contract_address);
            asked.value = coin(from.call_value);
            asked.trc10 = tokens(from.call_token_value);
            asked.selector = from.data.0;
        }
        "CreateSmartContract" => {
            asked.value = coin(from.new_contract.as_ref().map_or(0, |contract| contract.call_value));
            asked.trc10 = tokens(from.call_token_value);
            asked.creates = true;
        }
        "AccountCreateContract" => asked.to = address(&from.account_address),
        "FreezeBalanceContract" | "FreezeBalanceV2Contract" => {
            asked.staked = from.frozen_balance;
            asked.lent = address(&from.receiver_address).map(|to| (to, Some(from.frozen_balance), true));
        }
        "UnfreezeBalanceContract" => {
            asked.unstakes = true;
            asked.lent = address(&from.receiver_address).map(|to| (to, None, false));
        }
        "DelegateResourceContract" => {
            asked.lent = address(&from.receiver_address).map(|to| (to, Some(from.balance), true));
        }
        "UnDelegateResourceContract" => {
            asked.lent = address(&from.receiver_address).map(|to| (to, Some(from.balance), false));
        }
        "ParticipateAssetIssueContract" => {
            // the coin is paid to the issuer; how many tokens come back follows from the issue
            asked.to = address(&from.to_address);
            asked.value = coin(from.amount);
            asked.is_not_told = true;
        }
        "ExchangeTransactionContract" => {
            let name = match &from.token_id {
                Some(TokenId::Name(name)) => name.as_ref(),
                _ => "",
            };
            let number = token_number(name);
            asked.exchanged = (number.is_some() || is_coin(name)).then_some((number, from.quant));
            asked.is_not_told = true;
        }
        _ => asked.is_not_told = !STILL.contains(&kind),
    }
    Some(asked)
}
