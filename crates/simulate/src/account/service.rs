//! What exchanges do: deposit addresses, withdrawals, sweeps, gas and energy.

use super::AccountRole;
use super::acts::{Acts, Due};
use super::rows::{COIN, DOLLAR, TAXED, USD};
use athar_types::account::{EventKind, U256};
use std::cmp::Reverse;

impl Acts {
    /// The deposit address of a customer, made at need.
    pub(super) fn deposit_address(&mut self, exchange: usize, customer: u32) -> u32 {
        let e = &mut self.cast.exchanges[exchange];
        if let Some(address) = e.deposits.get(&customer) {
            return *address;
        }
        let role = if e.contracts { AccountRole::DepositContract } else { AccountRole::Deposit };
        let address = self.cast.rows.account(e.actor, role, Some(customer));
        e.deposits.insert(customer, address);
        let (contracts, gas) = (e.contracts, e.gas);
        if contracts {
            self.cast.rows.deploy(gas, address);
        }
        self.deposit_of.insert(address, exchange);
        address
    }

    /// Somebody pays a deposit address; the sweep follows.
    pub(super) fn pay_in(&mut self, from: u32, exchange: usize, customer: u32, asset: usize, amount: u128) -> bool {
        let address = self.deposit_address(exchange, customer);
        if !self.pay(from, address, asset, amount) {
            return false;
        }
        self.expect_sweep(exchange, address, asset);
        true
    }

    pub(super) fn expect_sweep(&mut self, exchange: usize, address: u32, asset: usize) {
        if self.sweeping.insert((address, asset)) {
            let median = self.cast.exchanges[exchange].delay;
            let at = self.cast.rows.now() + self.dice.bell(u64::from(median), 1) as u32;
            self.due.push(Reverse((at, Due::Sweep { address, exchange, asset })));
        }
    }

    /// The exchange takes what lies at a deposit address.
    pub(super) fn sweep(&mut self, exchange: usize, address: u32, asset: usize) {
        self.sweeping.remove(&(address, asset));
        let e = &self.cast.exchanges[exchange];
        let (collector, gas, contracts) = (e.collector, e.gas, e.contracts);
        let rows = &mut self.cast.rows;
        let held = rows.balance(address, asset);
        // what is not worth the fee waits
        if held < if asset == COIN { rows.coin(20) } else { 5 * USD } {
            return;
        }
        if contracts {
            if let Some(tx) = rows.tx(gas, Some(address), rows.fee(DOLLAR), None) {
                rows.moved(tx, address, collector, asset, held);
            }
            return;
        }
        if asset == COIN {
            let fee = rows.fee(COIN);
            rows.pay(address, collector, COIN, held.saturating_sub(fee));
            return;
        }
        let fee = rows.fee(asset);
        if rows.is_tron() && self.dice.chance(700) {
            // energy is lent, the token moves, the energy is taken back
            let (from, to) = (rows.bytes(gas), rows.bytes(address));
            for is_given in [true, false] {
                if let Some(tx) = rows.tx(gas, Some(address), 0, None) {
                    let amount = U256::from(5_000_000_000u64);
                    rows.event(tx, EventKind::Delegate { from, to, amount, is_given });
                }
                if is_given {
                    rows.pay_at(address, collector, asset, held, 0);
                }
            }
            return;
        }
        let short = fee.saturating_sub(rows.balance(address, COIN));
        if short > 0 {
            // a little more than needed, as gas stations send
            rows.pay(gas, address, COIN, short + short / 10);
        }
        rows.pay(address, collector, asset, held);
    }

    /// A customer takes money out.
    pub(super) fn withdraw(&mut self, exchange: usize, to: u32, asset: usize, amount: u128) {
        let hot = self.cast.exchanges[exchange].hot;
        self.cast.rows.pay(hot, to, asset, amount);
    }

    /// Collectors are emptied into hot wallets.
    pub(super) fn refill(&mut self) {
        for e in &self.cast.exchanges {
            for asset in [COIN, DOLLAR, TAXED] {
                let rows = &mut self.cast.rows;
                if e.collector == e.hot {
                    continue;
                }
                if rows.balance(e.collector, COIN) < rows.fee(asset) * 2 {
                    let amount = rows.fee(DOLLAR) * 20 + rows.coin(10);
                    rows.pay(e.gas, e.collector, COIN, amount);
                }
                let held = rows.balance(e.collector, asset);
                rows.pay(e.collector, e.hot, asset, held / 10 * 9);
            }
        }
    }
}
