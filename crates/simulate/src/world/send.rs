//! Transactions: choosing coins, paying the fee, returning change, and entering the result everywhere.

use super::{
    ActorId, Coin, Journal, KeyId, KeyInfo, PurseId, Receipt, Role, Spend, World, journal::Log, taint::TaintOut,
};
use crate::blocks::{InputPlan, Kind, Named, OutputPlan, Style, TX_WEIGHT, TxPlan};

/// Number of a transaction over the whole chain.
pub(crate) type TxId = u32;

/// An output to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pay {
    /// To this key.
    pub(crate) to: KeyId,
    /// In satoshi.
    pub(crate) value: u64,
}

/// The least change that is worth an output: nodes do not relay smaller ones of some kinds.
const DUST: u64 = 1000;
/// Most coins that one payment gathers.
const INPUTS_MAX: usize = 200;

impl World {
    /// Pays from a purse, with change to it, at today's fee. `None`, with nothing changed, where the purse or the
    /// block has no room for it.
    pub(crate) fn pay(&mut self, from: PurseId, pays: &[Pay]) -> Option<TxId> {
        if !self.open() {
            return None;
        }
        let kind = self[from].kind;
        let value: u64 = pays.iter().map(|p| p.value).sum();
        let outputs: u64 = pays.iter().map(|p| self.kind_of(p.to).output_weight()).sum();
        let fixed = TX_WEIGHT + outputs;
        let mut coins = std::mem::take(&mut self.picked);
        coins.clear();
        let found = self.gather(from, value, fixed + kind.output_weight(), &mut coins);
        if let Some(weight) = found {
            let sum: u64 = coins.iter().map(|c| c.value).sum();
            let change = (sum - value).saturating_sub(self.fee(weight));
            let mut outs = std::mem::take(&mut self.outs);
            outs.clear();
            outs.extend_from_slice(pays);
            if change >= DUST {
                let to = self.change(from, pays);
                let habits = self[from].habits;
                let place = if habits.change_last { outs.len() } else { self.dice.index(outs.len() + 1) };
                outs.insert(place, Pay { to, value: change });
            }
            let mut style = self[from].habits.style;
            if self[from].habits.asks_rbf {
                style.sequence = if self.dice.chance(500) { 0xfd } else { 0xfe };
            }
            let tx = self.commit(&coins, &outs, style);
            (self.picked, self.outs) = (coins, outs);
            return Some(tx);
        }
        while let Some(coin) = coins.pop() {
            self.purses[from.index()].put_back(coin);
        }
        self.picked = coins;
        None
    }

    /// Moves the oldest coins of a purse, at most `inputs_max`, to one key. `None` where nothing would be left after
    /// the fee.
    pub(crate) fn sweep(&mut self, from: PurseId, inputs_max: usize, to: KeyId) -> Option<TxId> {
        self.sweep_with(from, inputs_max, None, to)
    }

    /// As [`Self::sweep`], with one coin of a second purse of the same owner beside them.
    pub(crate) fn sweep_with(
        &mut self,
        from: PurseId,
        inputs_max: usize,
        beside: Option<PurseId>,
        to: KeyId,
    ) -> Option<TxId> {
        if !self.open() {
            return None;
        }
        let mut coins = std::mem::take(&mut self.picked);
        coins.clear();
        let second = beside.and_then(|purse| self.purses[purse.index()].take_oldest());
        while coins.len() < inputs_max.min(INPUTS_MAX)
            && let Some(coin) = self.purses[from.index()].take_oldest()
        {
            coins.push(coin);
        }
        let own = coins.len();
        coins.extend(second);
        let sum: u64 = coins.iter().map(|c| c.value).sum();
        let inputs: u64 = coins.iter().map(|c| self.keys[c.key].kind.input_weight()).sum();
        let fee = self.fee(TX_WEIGHT + inputs + self.kind_of(to).output_weight());
        let worth = own > 0 && sum > fee + DUST;
        let tx = worth.then(|| {
            let style = self[from].habits.style;
            self.commit(&coins, &[Pay { to, value: sum - fee }], style)
        });
        if tx.is_none() {
            if let (Some(coin), Some(purse)) = (second, beside) {
                coins.pop();
                self.purses[purse.index()].put_back(coin);
            }
            while let Some(coin) = coins.pop() {
                self.purses[from.index()].put_back(coin);
            }
        }
        self.picked = coins;
        tx
    }

    /// Sends everything in a purse (at most 100 coins) to several keys, by shares in thousandths that sum to 1000; the
    /// last takes what rounding leaves. `None`, with nothing changed, where a share would be too small for an output.
    pub(crate) fn split(&mut self, from: PurseId, shares: &[(KeyId, u64)]) -> Option<TxId> {
        if !self.open() || self[from].len() == 0 {
            return None;
        }
        let mut coins = Vec::new();
        while coins.len() < 100
            && let Some(coin) = self.purses[from.index()].take_oldest()
        {
            coins.push(coin);
        }
        let sum: u64 = coins.iter().map(|c: &Coin| c.value).sum();
        let inputs: u64 = coins.iter().map(|c| self.keys[c.key].kind.input_weight()).sum();
        let outputs: u64 = shares.iter().map(|(to, _)| self.kind_of(*to).output_weight()).sum();
        let whole = sum.saturating_sub(self.fee(TX_WEIGHT + inputs + outputs));
        let mut outs: Vec<Pay> =
            shares.iter().map(|(to, share)| Pay { to: *to, value: whole / 1000 * share }).collect();
        let given: u64 = outs.iter().map(|o| o.value).sum();
        if let Some(last) = outs.last_mut() {
            last.value += whole.saturating_sub(given);
        }
        if outs.iter().all(|o| o.value >= DUST) {
            let style = self[from].habits.style;
            return Some(self.commit(&coins, &outs, style));
        }
        while let Some(coin) = coins.pop() {
            self.purses[from.index()].put_back(coin);
        }
        None
    }

    /// Takes coins until they pay `value` and the fee; the weight with `fixed` and the inputs, or `None` (then the
    /// coins taken so far must go back).
    fn gather(&mut self, from: PurseId, value: u64, fixed: u64, coins: &mut Vec<Coin>) -> Option<u64> {
        let purse = &mut self.purses[from.index()];
        let (rate, kind) = (self.clock.fee_rate, purse.kind);
        let fee = |weight: u64| weight * rate / 4000;
        if purse.balance() < value + fee(fixed + kind.input_weight()) {
            return None;
        }
        let mut weight = fixed;
        if !purse.habits.oldest_first
            && let Some(coin) = purse.take_best(value + fee(fixed + kind.input_weight()))
        {
            coins.push(coin);
            return Some(weight + self.keys[coin.key].kind.input_weight());
        }
        let mut sum = 0;
        while coins.len() < INPUTS_MAX {
            let coin = purse.take_oldest()?;
            coins.push(coin);
            sum += coin.value;
            weight += self.keys[coin.key].kind.input_weight();
            if sum >= value + fee(weight) {
                return Some(weight);
            }
        }
        None
    }

    fn change(&mut self, from: PurseId, pays: &[Pay]) -> KeyId {
        let purse = &self[from];
        let single = |kind| matches!(kind, Kind::P2pkh | Kind::P2shP2wpkh | Kind::P2wpkh | Kind::P2tr);
        match (purse.main, pays) {
            (Some(main), _) if purse.habits.reuses => main,
            (_, [pay]) if purse.habits.mirrors && single(purse.kind) && single(self.kind_of(pay.to)) => {
                self.key_of_kind(from, Role::Change, self.kind_of(pay.to))
            }
            _ => self.key(from, Role::Change),
        }
    }

    fn kind_of(&self, key: KeyId) -> Kind {
        if key.data_len().is_some() { Kind::Data } else { self.keys[key].kind }
    }

    /// Enters a transaction into the block; what the outputs do not take is the fee. The coins must have been taken
    /// out of their purses, and be in the open block or an earlier one.
    pub(crate) fn commit(&mut self, coins: &[Coin], outs: &[Pay], style: Style) -> TxId {
        let tx = self.count;
        let paid: u64 = outs.iter().map(|o| o.value).sum();
        let had: u64 = coins.iter().map(|c| c.value).sum();
        assert!(self.count < self.limit, "a transaction beyond the world's end");
        assert!(paid <= had && !coins.is_empty(), "a transaction spends what it has");
        self.count += 1;
        self.block_weight += TX_WEIGHT;
        for coin in coins {
            let KeyInfo { kind, secret, .. } = self.keys[coin.key];
            self.block_weight += kind.input_weight();
            // what BIP 141 counts for an input: 4 a legacy key or script, 1 a segwit one, 3 keys in each multisig
            self.block_sigops += match kind {
                Kind::P2shMultisig => 12,
                Kind::P2wshMultisig => 3,
                _ => 1,
            };
            self.block.inputs.push(InputPlan { tx: coin.tx, vout: coin.vout, kind, key: secret });
        }
        let marks = self.follow(tx, coins, outs);
        for (vout, out) in outs.iter().enumerate() {
            let kind = self.kind_of(out.to);
            self.block_weight += kind.output_weight();
            self.block_sigops += match kind {
                Kind::P2pk | Kind::P2pkLong | Kind::P2pkh => 4,
                Kind::BareMultisig => 80,
                _ => 0,
            };
            if let Some(len) = out.to.data_len() {
                self.block.outputs.push(OutputPlan { value: 0, key: len, kind });
                continue;
            }
            let info = self.keys[out.to];
            if info.actor != self.keys[coins[0].key].actor {
                self.worth.add(super::cents_at(out.value, self.clock.price));
            }
            if self.keys.pay(out.to) {
                self.block.named.push(Named {
                    output: self.block.outputs.len() as u32,
                    actor: info.actor.0,
                    customer: info.customer.0,
                    role: info.role.name(),
                });
            }
            self.block.outputs.push(OutputPlan { value: out.value, key: info.secret, kind });
            let tainted = marks && self.journal.marks[vout];
            self.purses[info.purse.index()].put(Coin { value: out.value, tx, key: out.to, vout: vout as u16, tainted });
        }
        self.block.txs.push(TxPlan {
            inputs_end: self.block.inputs.len() as u32,
            outputs_end: self.block.outputs.len() as u32,
            fee: had - paid,
            style,
        });
        tx
    }

    /// Notes what concerns campaigns; whether [`Journal::marks`] says which outputs are followed.
    fn follow(&mut self, tx: TxId, coins: &[Coin], outs: &[Pay]) -> bool {
        let watched_in = |c: &Coin| self.keys[c.key].watch.index();
        let watched_out = |o: &Pay| o.to.data_len().is_none().then(|| self.keys[o.to].watch.index()).flatten();
        let tainted = coins.iter().any(|c| c.tainted);
        if !tainted && !coins.iter().any(|c| watched_in(c).is_some()) && !outs.iter().any(|o| watched_out(o).is_some())
        {
            return false;
        }
        let sender = self.keys[coins[0].key];
        let Journal { logs, taint, marks } = &mut self.journal;
        let mut flow = Vec::with_capacity(outs.len());
        for (vout, out) in outs.iter().enumerate() {
            if out.to.data_len().is_some() {
                flow.push(TaintOut { value: 0, actor: ActorId::NONE, service: false, source: None });
                continue;
            }
            let info = self.keys[out.to];
            let service = self.actors[info.actor.index()].kind.is_service();
            let mut source = None;
            if let Some(index) = info.watch.index() {
                let log: &mut Log = &mut logs[index];
                log.receipts.push(Receipt {
                    tx,
                    vout: vout as u16,
                    key: out.to,
                    value: out.value,
                    time: self.clock.time,
                    price: self.clock.price,
                    sender: sender.actor,
                    single_use: self.purses[sender.purse.index()].single_use,
                });
                source = (info.role.is_source() && !log.own.contains(&sender.actor)).then_some(index);
            }
            flow.push(TaintOut { value: out.value, actor: info.actor, service, source });
        }
        let mut spenders: Vec<usize> = coins
            .iter()
            .filter(|c| !matches!(self.keys[c.key].role, Role::Deposit | Role::Invoice))
            .filter_map(|c| self.keys[c.key].watch.index())
            .collect();
        spenders.sort_unstable();
        spenders.dedup();
        for index in spenders {
            let outs = outs.iter().map(|o| (o.to, o.value)).collect();
            logs[index].spends.push(Spend { tx, time: self.clock.time, coins: coins.to_vec(), outs });
        }
        if !tainted && flow.iter().all(|o| o.source.is_none()) {
            return false;
        }
        taint.transaction(tx, coins, &flow, marks);
        true
    }
}
