//! A balance with taint on it, by policy: what comes in, and which of it goes out next.

use super::amount::{Sum, is_zero, share};
use std::collections::VecDeque;

/// A part of a balance or of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How much; under poison the amount of the transfer that reached the balance, which is never summed.
    pub amount: Sum,
    /// Hops from the source.
    pub hop: u32,
    /// Mark of the source, or what the [`crate::account::AccountSink`] made of it. Parts with different marks are never merged.
    pub tag: u32,
}

impl Part {
    /// Hops of what is not tainted.
    const CLEAN: u32 = u32::MAX;

    pub(super) const fn clean(amount: Sum) -> Self {
        Self { amount, hop: Self::CLEAN, tag: 0 }
    }

    #[inline]
    pub(super) const fn is_clean(&self) -> bool {
        self.hop == Self::CLEAN
    }

    #[inline]
    pub(super) fn wash(&mut self) {
        (self.hop, self.tag) = (Self::CLEAN, 0);
    }

    #[inline]
    fn is_like(&self, other: &Self) -> bool {
        (self.hop, self.tag) == (other.hop, other.tag)
    }
}

/// Adds a part behind the others, merged with the last where both are of one kind.
#[inline]
pub(super) fn push(parts: &mut Vec<Part>, part: Part) {
    match parts.last_mut() {
        Some(last) if last.is_like(&part) => last.amount += part.amount,
        _ => parts.push(part),
    }
}

/// Whether any of it is tainted.
#[inline]
pub(super) fn is_tainted(parts: &[Part]) -> bool {
    parts.iter().any(|p| !p.is_clean())
}

/// How a policy keeps a balance.
pub(super) trait Pot: Sized {
    /// Whether amounts are conserved.
    const IS_SUMMED: bool = true;

    /// A balance without taint.
    fn open(balance: Sum) -> Self;

    /// Adds the parts of one transfer, in its order.
    fn put(&mut self, parts: &[Part]);

    /// Takes `amount` out, appended to `out` in the order in which it leaves, and gives what the balance lacks.
    fn take(&mut self, amount: Sum, out: &mut Vec<Part>) -> Sum;

    /// Whether there is taint on it.
    fn is_tainted(&self) -> bool;

    /// Declares all of it clean; what was tainted is appended to `out`.
    fn wash(&mut self, out: &mut Vec<Part>);

    /// Takes `amount` out of the parts of one transfer: those that match nothing on the side of the receiver, who is short
    /// of them. See the module documentation of [`crate::account`].
    fn cut(parts: &mut Vec<Part>, amount: Sum, out: &mut Vec<Part>);
}

/// Takes `amount` from the front of the parts.
fn cut_front(parts: &mut Vec<Part>, mut amount: Sum, out: &mut Vec<Part>) {
    let mut whole = 0;
    for part in parts.iter_mut() {
        if amount < part.amount {
            if !is_zero(&amount) {
                part.amount -= amount;
                push(out, Part { amount, ..*part });
            }
            break;
        }
        amount -= part.amount;
        push(out, *part);
        whole += 1;
    }
    parts.drain(..whole);
}

/// First in, first out; or last in, first out, where what one transfer brought keeps its order.
#[derive(Debug, Default)]
pub(super) struct Line<const LIFO: bool> {
    /// The next to leave is the first.
    lots: VecDeque<Part>,
    tainted: u32,
}

impl<const LIFO: bool> Line<LIFO> {
    #[inline]
    fn add_back(&mut self, part: Part) {
        match self.lots.back_mut() {
            Some(last) if last.is_like(&part) => last.amount += part.amount,
            _ => {
                self.tainted += u32::from(!part.is_clean());
                self.lots.push_back(part);
            }
        }
    }

    #[inline]
    fn add_front(&mut self, part: Part) {
        match self.lots.front_mut() {
            Some(first) if first.is_like(&part) => first.amount += part.amount,
            _ => {
                self.tainted += u32::from(!part.is_clean());
                self.lots.push_front(part);
            }
        }
    }
}

impl<const LIFO: bool> Pot for Line<LIFO> {
    fn open(balance: Sum) -> Self {
        let mut line = Self { lots: VecDeque::new(), tainted: 0 };
        if !is_zero(&balance) {
            line.lots.push_back(Part::clean(balance));
        }
        line
    }

    #[inline]
    fn put(&mut self, parts: &[Part]) {
        if LIFO {
            for part in parts.iter().rev() {
                self.add_front(*part);
            }
        } else {
            for part in parts {
                self.add_back(*part);
            }
        }
    }

    #[inline]
    fn take(&mut self, mut amount: Sum, out: &mut Vec<Part>) -> Sum {
        while !is_zero(&amount) {
            let Some(lot) = self.lots.front_mut() else { return amount };
            if amount < lot.amount {
                lot.amount -= amount;
                push(out, Part { amount, ..*lot });
                return Sum::ZERO;
            }
            let lot = *lot;
            self.lots.pop_front();
            self.tainted -= u32::from(!lot.is_clean());
            amount -= lot.amount;
            push(out, lot);
        }
        Sum::ZERO
    }

    #[inline]
    fn is_tainted(&self) -> bool {
        self.tainted > 0
    }

    fn wash(&mut self, out: &mut Vec<Part>) {
        let mut sum = Sum::ZERO;
        for lot in self.lots.drain(..) {
            sum += lot.amount;
            if !lot.is_clean() {
                push(out, lot);
            }
        }
        *self = Self::open(sum);
    }

    fn cut(parts: &mut Vec<Part>, amount: Sum, out: &mut Vec<Part>) {
        if LIFO {
            // the end of the transfer
            let whole: Sum = parts.iter().fold(Sum::ZERO, |sum, p| sum + p.amount);
            let mut kept = Vec::new();
            cut_front(parts, whole.saturating_sub(amount), &mut kept);
            out.append(parts);
            *parts = kept;
        } else {
            cut_front(parts, amount, out);
        }
    }
}

/// Every transfer takes the share of the taint that it has of the balance.
#[derive(Debug, Default)]
pub(super) struct Haircut {
    balance: Sum,
    taint: Sum,
    /// Ascending by hops and mark.
    kinds: Vec<Part>,
}

impl Haircut {
    /// Takes `amount` of the taint, each kind in order by its share of what is left to take.
    fn share_out(&mut self, amount: Sum, out: &mut Vec<Part>) {
        let (mut left, mut whole) = (amount, self.taint);
        for kind in &mut self.kinds {
            let part = share(kind.amount, left, whole);
            whole -= kind.amount;
            left -= part;
            kind.amount -= part;
            if !is_zero(&part) {
                push(out, Part { amount: part, ..*kind });
            }
        }
        self.taint -= amount;
        self.kinds.retain(|kind| !is_zero(&kind.amount));
    }
}

impl Pot for Haircut {
    fn open(balance: Sum) -> Self {
        Self { balance, taint: Sum::ZERO, kinds: Vec::new() }
    }

    #[inline]
    fn put(&mut self, parts: &[Part]) {
        for part in parts {
            self.balance += part.amount;
            if part.is_clean() {
                continue;
            }
            self.taint += part.amount;
            match self.kinds.binary_search_by_key(&(part.hop, part.tag), |k| (k.hop, k.tag)) {
                Ok(at) => self.kinds[at].amount += part.amount,
                Err(at) => self.kinds.insert(at, *part),
            }
        }
    }

    #[inline]
    fn take(&mut self, amount: Sum, out: &mut Vec<Part>) -> Sum {
        let given = amount.min(self.balance);
        let taint = if is_zero(&self.taint) { Sum::ZERO } else { share(self.taint, given, self.balance) };
        self.balance -= given;
        if !is_zero(&taint) {
            self.share_out(taint, out);
        }
        if given > taint {
            push(out, Part::clean(given - taint));
        }
        amount - given
    }

    #[inline]
    fn is_tainted(&self) -> bool {
        !self.kinds.is_empty()
    }

    fn wash(&mut self, out: &mut Vec<Part>) {
        out.append(&mut self.kinds);
        self.taint = Sum::ZERO;
    }

    fn cut(parts: &mut Vec<Part>, amount: Sum, out: &mut Vec<Part>) {
        let mut pot = Self::open(Sum::ZERO);
        pot.put(parts);
        pot.take(amount, out);
        let left = pot.balance;
        parts.clear();
        pot.take(left, parts);
    }
}

/// Everything that leaves after taint came in is tainted whole. Not a balance: it only knows that it was reached, and how near.
#[derive(Debug, Default)]
pub(super) struct Poison {
    reached: Option<Part>,
}

impl Pot for Poison {
    const IS_SUMMED: bool = false;

    fn open(_: Sum) -> Self {
        Self::default()
    }

    #[inline]
    fn put(&mut self, parts: &[Part]) {
        for part in parts.iter().filter(|p| !p.is_clean()) {
            let kind = |p: &Part| (p.hop, p.tag);
            if self.reached.as_ref().is_none_or(|had| kind(part) < kind(had)) {
                self.reached = Some(*part);
            }
        }
    }

    #[inline]
    fn take(&mut self, amount: Sum, out: &mut Vec<Part>) -> Sum {
        out.push(self.reached.map_or(Part::clean(amount), |part| Part { amount, ..part }));
        Sum::ZERO
    }

    #[inline]
    fn is_tainted(&self) -> bool {
        self.reached.is_some()
    }

    fn wash(&mut self, out: &mut Vec<Part>) {
        out.extend(self.reached.take());
    }

    fn cut(_: &mut Vec<Part>, _: Sum, _: &mut Vec<Part>) {}
}
