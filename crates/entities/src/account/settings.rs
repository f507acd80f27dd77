//! The bounds of the heuristics. Each was chosen on the simulated worlds of the seeds that `docs/reference/account-heuristics.md`
//! names, and measured on others.

use serde::{Deserialize, Serialize};

/// Version of the rules as a whole: any change that can alter a forest built from the same chain raises it.
pub const ACCOUNT_HEURISTICS_VERSION: u32 = 1;

/// Transfers of one account that a rule looks at; an account with more is busy, which no customer's account is.
pub(crate) const TRANSFERS_MAX: usize = 100_000;
/// Assets that one account gives; an account that gives more is no deposit address.
pub(crate) const ASSETS_MAX: usize = 64;
/// A collector that pays nobody out itself pays at most so many accounts: the service's own wallets.
pub(crate) const COLLECTOR_PAYEES_MAX: usize = 8;
/// Of what a payout wallet receives of an asset, one part in so many comes from its collector.
pub(crate) const FED_PART: u64 = 20;
/// Transfers of a collector or a payout wallet that are looked at for the accounts it pays.
pub(crate) const HUB_TRANSFERS_MAX: usize = 1_000_000;

/// What a forest of accounts is built with: everything besides the chain that can change it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Deposit addresses that must forward to an account before it is held for a collector.
    pub forwarders_min: u32,
    /// Accounts that a collector, or the wallet that it is emptied into, must pay: services pay out, campaigns and bosses of
    /// mules hardly.
    pub payees_min: u32,
    /// Forwards by which an account is held for a deposit address.
    pub forwards_min: u32,
    /// Thousandths of what lay there that a whole forward may leave behind.
    pub slack_permille: u32,
    /// Thousandths of all forwards that must be whole.
    pub whole_permille: u32,
    /// Seconds between the last receipt and the forward. Victor 2020: 3,200 blocks, about twelve hours; services that sweep
    /// once a day need more.
    pub window_secs: u32,
    /// Payments by which a payer of a deposit address is held for its customer.
    pub deposits_min: u32,
    /// Thousandths of all that the address received of an asset that a payer must have paid, or it is dust.
    pub share_min_permille: u32,
    /// Payers of a deposit address who are no services. With more, its customer takes money from others there, and it ties
    /// nobody.
    pub senders_max: u32,
    /// Accounts that a payer may pay in all. Who pays more is a service.
    pub sender_payees_max: u32,
    /// Whether the funder of an account's first coins can be its owner.
    pub shared_funder: bool,
    /// Accounts that such a funder may pay in all.
    pub funder_payees_max: u32,
    /// Accounts that such a funder may keep; who keeps more keeps those of mules.
    pub kept_max: u32,
    /// Times such a funder must have sent coins.
    pub fundings_min: u32,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            forwarders_min: 10,
            payees_min: 50,
            forwards_min: 2,
            slack_permille: 10,
            whole_permille: 900,
            window_secs: 129_600,
            deposits_min: 2,
            share_min_permille: 20,
            senders_max: 4,
            sender_payees_max: 50,
            shared_funder: false,
            funder_payees_max: 50,
            kept_max: 3,
            fundings_min: 2,
        }
    }
}

impl AccountSettings {
    /// A short text that is equal for equal settings under equal rules, for the name of a folder.
    pub fn version(&self) -> String {
        // a struct of numbers always has a JSON text
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&ACCOUNT_HEURISTICS_VERSION.to_le_bytes());
        hasher.update(&text);
        let name = if self.shared_funder { "deposit-reuse+shared-funder" } else { "deposit-reuse" };
        format!("{name}-{}", &hasher.finalize().to_hex()[..12])
    }
}
