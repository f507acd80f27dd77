//! The balances that taint has been on: opened when taint first arrives, asleep while there is none on them.

use super::amount::{Sum, is_beyond, sum_of};
use super::flows::{Flows, Place, Transfer};
use super::limits::AccountBound;
use super::pot::{Part, Pot};
use super::view::{Side, View};
use rustc_hash::FxHashMap;

/// An account with so many times [`AccountLimits::fan_max`](super::AccountLimits::fan_max) transfers of whatever asset before taint comes is
/// not followed either: reading them all would be all that a trace does.
pub(super) const SCAN_PER_FAN: u64 = 16;
/// But so many are always read.
pub(super) const SCAN_MIN: u64 = 1_000;

/// The next transfers of a balance, read a few at a time.
#[derive(Debug)]
struct Cursor {
    keys: [u64; 8],
    head: u8,
    len: u8,
    /// How many to read the next time: few at first, since most balances give on at once.
    size: u8,
    is_done: bool,
    from: u64,
}

impl Cursor {
    fn at(from: u64) -> Self {
        Self { keys: [0; 8], head: 0, len: 0, size: 2, is_done: false, from }
    }

    /// The first key at or above `key`.
    #[inline]
    fn seek<F: Flows + ?Sized, const BACK: bool>(
        &mut self,
        view: &View<'_, F, BACK>,
        place: Place,
        key: u64,
        looked: &mut u64,
    ) -> Option<u64> {
        loop {
            while self.head < self.len {
                let next = self.keys[self.head as usize];
                if next >= key {
                    return Some(next);
                }
                self.head += 1;
            }
            if self.is_done {
                return None;
            }
            (self.head, self.len) = (0, 0);
            let Self { keys, len, size, from, .. } = self;
            self.is_done = view.scan(place.account, (*from).max(key), |key, transfer| {
                *looked += 1;
                *from = key + 1;
                if place.side(transfer).is_some() {
                    keys[*len as usize] = key;
                    *len += 1;
                }
                *len < *size
            });
            self.size = 8;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There is taint on it.
    Open,
    /// There was; everything below the key is accounted for.
    Asleep(u64),
    /// Not followed, for this reason.
    Closed(AccountBound),
}

#[derive(Debug)]
pub(super) struct Balance<P> {
    pub(super) place: Place,
    pub(super) pot: P,
    pub(super) state: State,
    /// Whether its next transfer is in the queue.
    pub(super) is_queued: bool,
    /// Its transfers so far.
    pub(super) count: u64,
    /// What it gave inside a transaction of swaps before it had it.
    pub(super) debt: Sum,
    /// Going backward: numbers of transfers that gave more than there was, and how much more, ascending.
    shorts: Vec<(u64, Sum)>,
    cursor: Cursor,
}

impl<P: Pot> Balance<P> {
    /// How much of a transfer was given beyond what there was.
    #[inline]
    pub(super) fn short_of(&self, n: u64) -> Sum {
        if self.shorts.is_empty() {
            return Sum::ZERO;
        }
        self.shorts.binary_search_by_key(&n, |s| s.0).map_or(Sum::ZERO, |at| self.shorts[at].1)
    }

    /// The next transfer at or above `key`.
    #[inline]
    pub(super) fn next<F: Flows + ?Sized, const BACK: bool>(
        &mut self,
        view: &View<'_, F, BACK>,
        key: u64,
        looked: &mut u64,
    ) -> Option<u64> {
        self.cursor.seek(view, self.place, key, looked)
    }
}

/// What a history says of a balance.
struct History {
    balance: Sum,
    count: u64,
    short: Sum,
    shorts: Vec<(u64, Sum)>,
    is_beyond: bool,
}

/// Balances by place.
pub(super) struct Places<P> {
    index: FxHashMap<Place, u32>,
    pub(super) list: Vec<Balance<P>>,
    pub(super) looked: u64,
    pub(super) fan_max: u64,
    pub(super) looked_max: u64,
}

/// What opening a balance found.
pub(super) struct Opened {
    pub(super) index: usize,
    /// What its history lacks.
    pub(super) short: Sum,
    pub(super) is_beyond: bool,
    pub(super) is_new: bool,
}

impl<P: Pot> Places<P> {
    pub(super) fn new(fan_max: u64, looked_max: u64) -> Self {
        Self { index: FxHashMap::default(), list: Vec::new(), looked: 0, fan_max, looked_max }
    }

    /// The open balance of a place.
    #[inline]
    pub(super) fn open(&self, place: Place) -> Option<usize> {
        let index = *self.index.get(&place)? as usize;
        (self.list[index].state == State::Open).then_some(index)
    }

    /// Opens a balance as it was before `start`, and then after what a transaction of swaps has `done` since.
    pub(super) fn wake<F: Flows + ?Sized, const BACK: bool>(
        &mut self,
        view: &View<'_, F, BACK>,
        place: Place,
        start: u64,
        done: &[(u64, Transfer)],
    ) -> Result<Opened, AccountBound> {
        let mut opened = Opened { index: 0, short: Sum::ZERO, is_beyond: false, is_new: false };
        if let Some(index) = self.index.get(&place) {
            opened.index = *index as usize;
            match self.list[opened.index].state {
                State::Open => return Ok(opened),
                State::Closed(bound) => return Err(bound),
                State::Asleep(from) => self.catch_up(view, opened.index, from, start),
            }
        } else {
            opened.index = self.list.len();
            opened.is_new = true;
            let history = if P::IS_SUMMED {
                self.history(view, place, start)?
            } else {
                History { balance: Sum::ZERO, count: 0, short: Sum::ZERO, shorts: Vec::new(), is_beyond: false }
            };
            (opened.short, opened.is_beyond) = (history.short, history.is_beyond);
            let is_closed = history.count > self.fan_max || history.count == u64::MAX;
            self.index.insert(place, opened.index as u32);
            self.list.push(Balance {
                place,
                pot: P::open(history.balance),
                state: if is_closed { State::Closed(AccountBound::Fan) } else { State::Open },
                is_queued: false,
                count: history.count,
                debt: Sum::ZERO,
                shorts: history.shorts,
                cursor: Cursor::at(start),
            });
            if is_closed {
                return Err(AccountBound::Fan);
            }
        }
        let balance = &mut self.list[opened.index];
        balance.state = State::Open;
        let mut gone = Vec::new();
        for (key, transfer) in done {
            Self::apply(balance, view.turn(*key), transfer, true, BACK, &mut gone);
        }
        Ok(opened)
    }

    /// Lets a transfer without taint change a balance. What is short is a debt inside a transaction of swaps, and else forgiven.
    fn apply(b: &mut Balance<P>, n: u64, transfer: &Transfer, owes: bool, back: bool, gone: &mut Vec<Part>) {
        let amount = sum_of(transfer.amount);
        match b.place.side(transfer) {
            Some(Side::In) => {
                let known = amount.saturating_sub(b.short_of(n));
                let paid = known.min(b.debt);
                b.debt -= paid;
                if known > paid {
                    b.pot.put(&[Part::clean(known - paid)]);
                }
            }
            Some(Side::Out) => {
                gone.clear();
                let missing = b.pot.take(amount, gone);
                if owes {
                    b.debt += missing;
                }
            }
            None => return,
        }
        if !back || !P::IS_SUMMED {
            b.count += 1;
        }
    }

    /// Accounts for what happened to a balance while it was asleep.
    fn catch_up<F: Flows + ?Sized, const BACK: bool>(
        &mut self,
        view: &View<'_, F, BACK>,
        index: usize,
        from: u64,
        until: u64,
    ) {
        let Self { list, looked, .. } = self;
        let balance = &mut list[index];
        let mut gone = Vec::new();
        view.scan(balance.place.account, from, |key, transfer| {
            if key >= until {
                return false;
            }
            *looked += 1;
            Self::apply(balance, view.turn(key), transfer, false, BACK, &mut gone);
            true
        });
        balance.cursor = Cursor::at(until);
    }

    /// What a balance's transfers before the key `start` (backward: those with a number up to it) come to.
    fn history<F: Flows + ?Sized, const BACK: bool>(
        &mut self,
        view: &View<'_, F, BACK>,
        place: Place,
        start: u64,
    ) -> Result<History, AccountBound> {
        let until = if BACK { view.count - start } else { start };
        let mut history =
            History { balance: Sum::ZERO, count: 0, short: Sum::ZERO, shorts: Vec::new(), is_beyond: false };
        let scan_max = self.fan_max.saturating_mul(SCAN_PER_FAN).max(SCAN_MIN);
        for (scanned, n) in (0_u64..).zip(view.flows.of_account(place.account, 0)) {
            if n >= until || history.count > self.fan_max {
                break;
            }
            if scanned == scan_max {
                // it serves many, if not with this asset
                history.count = u64::MAX;
                break;
            }
            self.looked += 1;
            if self.looked > self.looked_max {
                return Err(AccountBound::Looked);
            }
            let transfer = view.flows.transfer(n);
            let amount = sum_of(transfer.amount);
            match place.side(&transfer) {
                Some(Side::In) => history.balance += amount,
                Some(Side::Out) if amount <= history.balance => history.balance -= amount,
                Some(Side::Out) => {
                    let missing = amount - history.balance;
                    history.short += missing;
                    history.balance = Sum::ZERO;
                    if BACK {
                        history.shorts.push((n, missing));
                    }
                }
                None => continue,
            }
            history.is_beyond |= is_beyond(&history.balance);
            history.count += 1;
        }
        Ok(history)
    }
}
