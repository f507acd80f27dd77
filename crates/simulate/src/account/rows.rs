//! The chain of an invented world: accounts, balances, and the rows that each transaction leaves.

use super::{AccountRole, AccountTruth, AccountWorldSettings, AccountWorldTruth};
use crate::dice::Dice;
use athar_types::UnixTime;
use athar_types::account::{
    AccountBlock, AccountBytes, AccountParams, AccountTxRow, AssetKey, EventKind, EventRow, TransferKind, TransferRow,
    TxStatus, U256,
};
use sha2::{Digest, Sha256};

/// The chain's coin.
pub(super) const COIN: usize = 0;
/// The dollar token.
pub(super) const DOLLAR: usize = 1;
/// A token of which each transfer costs a hundredth.
pub(super) const TAXED: usize = 2;
/// A token that is given away.
pub(super) const GIFT: usize = 3;
const ASSETS: usize = 4;

/// A dollar, in the smallest unit.
pub(super) const USD: u128 = 1_000_000;
/// Seconds between blocks: a quiet chain, so that a year does not need ten million transfers.
pub(super) const BLOCK_SECS: u32 = 300;
/// 2024-01-01.
pub(super) const START: UnixTime = UnixTime(1_704_067_200);
const TRANSFER_SELECTOR: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];
const TRANSFER_FROM_SELECTOR: [u8; 4] = [0x23, 0xb8, 0x72, 0xdd];

pub(super) struct Rows {
    pub(super) params: &'static AccountParams,
    pub(super) truth: AccountWorldTruth,
    pub(super) blocks: Vec<AccountBlock>,
    pub(super) transfers: usize,
    pub(super) tokens: [u32; ASSETS],
    pub(super) producer: u32,
    /// Who gets the fee of the taxed token.
    pub(super) taxman: u32,
    block_secs: u32,
    block: AccountBlock,
    balances: Vec<[u128; ASSETS]>,
    keys: Dice,
    seed: u64,
    made: u64,
}

impl Rows {
    pub(super) fn new(seed: u64, settings: &AccountWorldSettings) -> Self {
        let params = settings.params;
        let mut rows = Self {
            params,
            block_secs: settings.block_secs,
            truth: AccountWorldTruth::default(),
            blocks: Vec::new(),
            transfers: 0,
            tokens: [0; ASSETS],
            producer: 0,
            taxman: 0,
            block: AccountBlock { time: settings.start, ..AccountBlock::default() },
            balances: Vec::new(),
            keys: Dice::new(seed, "accounts/keys"),
            seed,
            made: 0,
        };
        rows.block.hash = rows.digest();
        rows
    }

    fn digest(&mut self) -> [u8; 32] {
        self.made += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(self.made.to_le_bytes());
        hash.finalize().into()
    }

    pub(super) fn is_tron(&self) -> bool {
        self.params.decimals == 6
    }

    /// So many thousandths of a coin.
    pub(super) fn coin(&self, thousandths: u128) -> u128 {
        thousandths * 10u128.pow(u32::from(self.params.decimals)) / 1_000
    }

    pub(super) fn now(&self) -> u32 {
        self.block.time.0
    }

    /// A fresh account.
    pub(super) fn account(&mut self, actor: u32, role: AccountRole, customer: Option<u32>) -> u32 {
        let mut account = [0; 20];
        for part in account.chunks_mut(8) {
            part.copy_from_slice(&self.keys.any().to_le_bytes()[..part.len()]);
        }
        self.known(AccountTruth { account, actor, role, customer })
    }

    /// A fresh account whose address begins and ends as that of `like`.
    pub(super) fn look_alike(&mut self, actor: u32, like: u32) -> u32 {
        let id = self.account(actor, AccountRole::LookAlike, None);
        let model = self.bytes(like);
        let own = &mut self.truth.accounts[id as usize].account;
        own[..3].copy_from_slice(&model[..3]);
        own[17..].copy_from_slice(&model[17..]);
        id
    }

    /// An account whose address is known beforehand.
    pub(super) fn known(&mut self, truth: AccountTruth) -> u32 {
        self.truth.accounts.push(truth);
        self.balances.push([0; ASSETS]);
        self.balances.len() as u32 - 1
    }

    pub(super) fn bytes(&self, account: u32) -> AccountBytes {
        self.truth.accounts[account as usize].account
    }

    pub(super) fn balance(&self, account: u32, asset: usize) -> u128 {
        self.balances[account as usize][asset]
    }

    fn key(&self, asset: usize) -> AssetKey {
        if asset == COIN { AssetKey::Native } else { AssetKey::Token(self.bytes(self.tokens[asset])) }
    }

    fn row(
        &mut self,
        tx: Option<u32>,
        from: Option<u32>,
        to: Option<u32>,
        asset: usize,
        amount: u128,
        kind: TransferKind,
    ) {
        if let Some(from) = from {
            self.balances[from as usize][asset] -= amount;
        }
        if let Some(to) = to {
            self.balances[to as usize][asset] += amount;
        }
        self.block.transfers.push(TransferRow {
            tx,
            from: from.map(|a| self.bytes(a)),
            to: to.map(|a| self.bytes(a)),
            asset: self.key(asset),
            amount: U256::from(amount),
            kind,
        });
        self.transfers += 1;
    }

    /// What an account holds before everything else; only in the first block.
    pub(super) fn genesis(&mut self, account: u32, amount: u128) {
        self.row(None, None, Some(account), COIN, amount, TransferKind::Genesis);
    }

    /// What a transaction costs: of coins, or of a token.
    pub(super) fn fee(&self, asset: usize) -> u128 {
        match (self.is_tron(), asset) {
            // bandwidth is free for most; energy is burned at 420 sun
            (true, COIN) => 0,
            (true, _) => 13_844_000,
            (false, COIN) => 21_000 * 20_000_000_000,
            (false, _) => 65_000 * 20_000_000_000,
        }
    }

    /// Begins a transaction: its row and its fee. `None`, and nothing happens, where the signer cannot pay.
    pub(super) fn tx(&mut self, signer: u32, to: Option<u32>, fee: u128, selector: Option<[u8; 4]>) -> Option<u32> {
        if self.balance(signer, COIN) < fee {
            return None;
        }
        let rank = self.block.txs.len() as u32;
        let hash = self.digest();
        self.block.txs.push(AccountTxRow {
            hash,
            from: self.bytes(signer),
            to: to.map(|a| self.bytes(a)),
            created: None,
            status: TxStatus::Success,
            selector,
        });
        if fee > 0 {
            let burned = if self.is_tron() { fee } else { fee / 10 * 9 };
            self.row(Some(rank), Some(signer), None, COIN, burned, TransferKind::FeeBurned);
            if fee > burned {
                self.row(Some(rank), Some(signer), Some(self.producer), COIN, fee - burned, TransferKind::Fee);
            }
        }
        Some(rank)
    }

    /// Moves an amount in a transaction that was begun; the taxed token takes its hundredth.
    pub(super) fn moved(&mut self, tx: u32, from: u32, to: u32, asset: usize, amount: u128) {
        let kind = if asset == COIN { TransferKind::Internal } else { TransferKind::Token };
        let tax = if asset == TAXED { amount / 100 } else { 0 };
        self.row(Some(tx), Some(from), Some(to), asset, amount - tax, kind);
        if tax > 0 {
            self.row(Some(tx), Some(from), Some(self.taxman), asset, tax, kind);
        }
    }

    /// The hash of a transaction of the open block.
    pub(super) fn hash(&self, tx: u32) -> [u8; 32] {
        self.block.txs[tx as usize].hash
    }

    /// An ordinary payment. Whether it could be made.
    pub(super) fn pay(&mut self, from: u32, to: u32, asset: usize, amount: u128) -> bool {
        self.pay_at(from, to, asset, amount, self.fee(asset))
    }

    /// An ordinary payment at another fee.
    pub(super) fn pay_at(&mut self, from: u32, to: u32, asset: usize, amount: u128, fee: u128) -> bool {
        let needed = if asset == COIN { amount.saturating_add(fee) } else { amount };
        if amount == 0 || from == to || self.balance(from, asset) < needed {
            return false;
        }
        if asset == COIN {
            let Some(tx) = self.tx(from, Some(to), fee, None) else { return false };
            self.row(Some(tx), Some(from), Some(to), COIN, amount, TransferKind::Value);
        } else {
            let Some(tx) = self.tx(from, Some(self.tokens[asset]), fee, Some(TRANSFER_SELECTOR)) else { return false };
            self.moved(tx, from, to, asset, amount);
        }
        true
    }

    /// A transfer of amount zero in another's name: anybody may sign it.
    pub(super) fn poison(&mut self, signer: u32, victims: &[(u32, u32)]) {
        let fee = self.fee(DOLLAR);
        let Some(tx) = self.tx(signer, Some(self.tokens[DOLLAR]), fee, Some(TRANSFER_FROM_SELECTOR)) else { return };
        for (victim, look_alike) in victims {
            self.row(Some(tx), Some(*victim), Some(*look_alike), DOLLAR, 0, TransferKind::Token);
        }
    }

    /// Many payments of one token in one transaction of a contract that the signer fills.
    pub(super) fn scatter(&mut self, signer: u32, asset: usize, amount: u128, to: &[u32]) {
        let fee = self.fee(asset);
        let Some(tx) = self.tx(signer, Some(self.tokens[asset]), fee, None) else { return };
        for to in to.iter().filter(|to| **to != signer) {
            if self.balance(signer, asset) >= amount {
                self.moved(tx, signer, *to, asset, amount);
            }
        }
    }

    /// New tokens.
    pub(super) fn mint(&mut self, issuer: u32, to: u32, asset: usize, amount: u128) {
        let Some(tx) = self.tx(issuer, Some(self.tokens[asset]), self.fee(asset), None) else { return };
        self.row(Some(tx), None, Some(to), asset, amount, TransferKind::Mint);
    }

    /// Deploys a contract.
    pub(super) fn deploy(&mut self, signer: u32, contract: u32) {
        let Some(tx) = self.tx(signer, None, self.fee(DOLLAR), None) else { return };
        let account = self.bytes(contract);
        self.block.txs[tx as usize].created = Some(account);
        self.event(tx, EventKind::Contract { account });
    }

    pub(super) fn event(&mut self, tx: u32, kind: EventKind) {
        self.block.events.push(EventRow { tx, kind });
    }

    /// Ends the block.
    pub(super) fn next_block(&mut self) {
        let hash = self.digest();
        let next = AccountBlock {
            number: self.block.number + 1,
            hash,
            parent: self.block.hash,
            time: UnixTime(self.block.time.0 + self.block_secs),
            ..AccountBlock::default()
        };
        self.blocks.push(std::mem::replace(&mut self.block, next));
    }
}
