//! What moved in or out of a set of addresses, transaction by transaction, and what each movement counts as.
//!
//! A transaction of a chain of outputs that spends nothing of the set and pays it is a receipt. One that spends of the set
//! alone pays everything that does not come back to it; what comes back is internal (change, moving house), and the fee is
//! told apart. One that spends of the set and of others counts by its net, and is told as shared: nobody can say whose coins
//! paid whom. So for every transaction: what the set holds afterwards is what it held, plus received, less sent, less fees.
//!
//! A transfer of a chain of accounts is the same with one giver and one receiver, and without a fee.

use athar_types::Day;
use athar_types::account::U256;

/// Sides of transactions that are kept: one for each own unit or service on either side of a transaction.
pub(super) const SIDES_MAX: usize = 16_000_000;
/// Whoever is neither own nor a service.
pub(super) const OUTSIDE: u32 = u32::MAX;
/// From here on a party is a service: its place in the table of services. Below it is one of the set's units.
pub(super) const SERVICES_FROM: u32 = 1 << 31;

/// What a movement counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(super) enum Figure {
    /// From outside the set.
    Received,
    /// To outside the set, services among them.
    Sent,
    /// Of what was sent: to a labelled service where coins become money or goods.
    CashedOut,
    /// Of what was sent: to another labelled service.
    ToServices,
    /// Of what was sent: to a service that a rule recognised and no label names.
    ToInferred,
    /// Among the set's own addresses.
    Internal,
    /// Fees.
    Fees,
    /// Of what was received or sent: the net of a transaction that others paid into too.
    Shared,
}

/// A party of a transaction, and what it gave or took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) party: u32,
    pub(super) amount: u128,
}

#[derive(Clone, Copy, Debug)]
struct Move {
    day: Day,
    asset: u32,
    from: u32,
    /// Where the receivers begin, and where they end.
    to: u32,
    end: u32,
    has_fee: bool,
}

/// What a movement adds to a figure of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) unit: u32,
    pub(super) figure: Figure,
    /// The service that was paid, where one was.
    pub(super) party: u32,
    pub(super) amount: u128,
}

/// Every transaction that touches the set, as much of it as matters.
#[derive(Debug, Default)]
pub(super) struct Moves {
    moves: Vec<Move>,
    sides: Vec<Side>,
    of_unit: Vec<Vec<u32>>,
    /// Whether transactions were left out for their number.
    pub(super) is_truncated: bool,
}

impl Moves {
    pub(super) fn new(units: usize) -> Self {
        Self { of_unit: vec![Vec::new(); units], ..Self::default() }
    }

    /// Adds a transaction. The sides of one party are summed up.
    pub(super) fn push(&mut self, day: Day, asset: u32, from: &[Side], to: &[Side], has_fee: bool) -> bool {
        let (from, to) = (summed(from), summed(to));
        if self.sides.len() + from.len() + to.len() > SIDES_MAX {
            self.is_truncated = true;
            return false;
        }
        let at = self.moves.len() as u32;
        let begin = self.sides.len() as u32;
        self.sides.extend(&from);
        let middle = self.sides.len() as u32;
        self.sides.extend(&to);
        self.moves.push(Move { day, asset, from: begin, to: middle, end: self.sides.len() as u32, has_fee });
        let mut units: Vec<u32> =
            from.iter().chain(&to).map(|side| side.party).filter(|party| *party < SERVICES_FROM).collect();
        units.sort_unstable();
        units.dedup();
        for unit in units {
            self.of_unit[unit as usize].push(at);
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.moves.len()
    }

    /// The transactions that units take part in, ascending, each once.
    pub(super) fn of_units(&self, units: &[u32]) -> Vec<u32> {
        let mut all: Vec<u32> = units.iter().flat_map(|unit| &self.of_unit[*unit as usize]).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn day(&self, at: u32) -> Day {
        self.moves[at as usize].day
    }

    pub(super) fn asset(&self, at: u32) -> u32 {
        self.moves[at as usize].asset
    }

    /// What a transaction adds, where only some units belong to the set. `is_inferred` and `is_cash_out` tell services apart.
    pub(super) fn counts(
        &self,
        at: u32,
        is_own: impl Fn(u32) -> bool,
        service: impl Fn(u32) -> Figure,
        add: &mut impl FnMut(Added),
    ) {
        let of = self.moves[at as usize];
        let (from, to) = (&self.sides[of.from as usize..of.to as usize], &self.sides[of.to as usize..of.end as usize]);
        let own = |party: u32| party < SERVICES_FROM && is_own(party);
        let sum = |sides: &[Side], wanted: bool| {
            sides.iter().filter(|s| own(s.party) == wanted).map(|s| s.amount).fold(0_u128, u128::saturating_add)
        };
        let (given, others) = (sum(from, true), sum(from, false));
        let mut to_unit = |unit, figure, party, amount| {
            if amount > 0 {
                add(Added { unit, figure, party, amount });
            }
        };
        if given == 0 {
            for side in to.iter().filter(|s| own(s.party)) {
                to_unit(side.party, Figure::Received, OUTSIDE, side.amount);
            }
            return;
        }
        let givers: Vec<Side> = from.iter().filter(|s| own(s.party)).copied().collect();
        let takers: Vec<Side> = to.iter().filter(|s| own(s.party)).copied().collect();
        if others == 0 {
            for side in takers {
                to_unit(side.party, Figure::Internal, OUTSIDE, side.amount);
            }
            let mut paid = 0_u128;
            for side in to.iter().filter(|s| !own(s.party)) {
                for (unit, amount) in shared(side.amount, &givers) {
                    to_unit(unit, Figure::Sent, side.party, amount);
                    // a unit that is no longer believed to be of the set is an outsider like any other
                    if (SERVICES_FROM..OUTSIDE).contains(&side.party) {
                        to_unit(unit, service(side.party), side.party, amount);
                    }
                }
                paid = paid.saturating_add(side.amount);
            }
            if of.has_fee {
                let back = sum(to, true);
                for (unit, amount) in shared(given.saturating_sub(paid).saturating_sub(back), &givers) {
                    to_unit(unit, Figure::Fees, OUTSIDE, amount);
                }
            }
            return;
        }
        let taken = sum(to, true);
        let (figure, whose, net) = if given >= taken {
            (Figure::Sent, &givers, given - taken)
        } else {
            (Figure::Received, &takers, taken - given)
        };
        for (unit, amount) in shared(net, whose) {
            to_unit(unit, figure, OUTSIDE, amount);
            to_unit(unit, Figure::Shared, OUTSIDE, amount);
        }
        for (unit, amount) in shared(given.min(taken), &takers) {
            to_unit(unit, Figure::Internal, OUTSIDE, amount);
        }
    }

    /// The parties that gave in a transaction.
    pub(super) fn givers(&self, at: u32) -> &[Side] {
        let of = self.moves[at as usize];
        &self.sides[of.from as usize..of.to as usize]
    }
}

/// The sides by party, ascending.
fn summed(sides: &[Side]) -> Vec<Side> {
    let mut sides = sides.to_vec();
    sides.sort_by_key(|side| side.party);
    sides.dedup_by(|b, a| {
        let same = a.party == b.party;
        if same {
            a.amount = a.amount.saturating_add(b.amount);
        }
        same
    });
    sides
}

/// An amount in proportion to what each gave, rounded down, the rest to the largest: the parts add up to the amount.
fn shared(amount: u128, whose: &[Side]) -> Vec<(u32, u128)> {
    if let [one] = whose {
        return vec![(one.party, amount)];
    }
    let whole: U256 = whose.iter().map(|side| U256::from(side.amount)).fold(U256::ZERO, |a, b| a + b);
    if whole == U256::ZERO {
        return Vec::new();
    }
    let mut parts: Vec<(u32, u128)> = whose
        .iter()
        .map(|side| (side.party, (U256::from(amount) * U256::from(side.amount) / whole).saturating_to()))
        .collect();
    let given: u128 = parts.iter().map(|(_, part)| *part).fold(0, u128::saturating_add);
    let largest = (0..whose.len()).max_by_key(|at| (whose[*at].amount, std::cmp::Reverse(whose[*at].party)));
    if let Some(at) = largest {
        parts[at].1 = parts[at].1.saturating_add(amount - given);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const EXCHANGE: u32 = SERVICES_FROM;

    fn sides(of: &[(u32, u128)]) -> Vec<Side> {
        of.iter().map(|(party, amount)| Side { party: *party, amount: *amount }).collect()
    }

    fn counted(
        from: &[(u32, u128)],
        to: &[(u32, u128)],
        is_own: impl Fn(u32) -> bool,
    ) -> BTreeMap<(Figure, u32), u128> {
        let mut moves = Moves::new(4);
        assert!(moves.push(Day(0), 0, &sides(from), &sides(to), true));
        let mut all = BTreeMap::new();
        moves.counts(0, is_own, |_| Figure::CashedOut, &mut |added| {
            *all.entry((added.figure, added.unit)).or_default() += added.amount;
        });
        all
    }

    #[test]
    fn receipts_payments_change_and_fees_are_told_apart() {
        let all = |_| true;
        assert_eq!(
            counted(&[(OUTSIDE, 10)], &[(0, 4), (1, 3), (OUTSIDE, 2)], all),
            BTreeMap::from([((Figure::Received, 0), 4), ((Figure::Received, 1), 3),])
        );
        assert_eq!(
            counted(&[(0, 10)], &[(OUTSIDE, 3), (EXCHANGE, 2), (1, 4)], all),
            BTreeMap::from([
                ((Figure::Sent, 0), 5),
                ((Figure::CashedOut, 0), 2),
                ((Figure::Internal, 1), 4),
                ((Figure::Fees, 0), 1),
            ])
        );
        // two givers: in proportion, and nothing is lost in rounding
        let two = counted(&[(0, 2), (1, 1)], &[(OUTSIDE, 2)], all);
        assert_eq!((two[&(Figure::Sent, 0)], two.get(&(Figure::Sent, 1))), (2, None));
        assert_eq!(two[&(Figure::Fees, 0)], 1);
        // what came from nobody was mined
        assert_eq!(counted(&[], &[(2, 50)], all), BTreeMap::from([((Figure::Received, 2), 50)]));
    }

    #[test]
    fn who_is_no_longer_believed_makes_inside_outside() {
        let without_1 = |unit| unit != 1;
        assert_eq!(
            counted(&[(0, 10)], &[(1, 9)], without_1),
            BTreeMap::from([((Figure::Sent, 0), 9), ((Figure::Fees, 0), 1),])
        );
        assert_eq!(counted(&[(1, 10)], &[(0, 9)], without_1), BTreeMap::from([((Figure::Received, 0), 9)]));
    }

    #[test]
    fn a_transaction_that_others_pay_into_counts_by_its_net() {
        let all = |_| true;
        assert_eq!(
            counted(&[(0, 10), (OUTSIDE, 10)], &[(0, 4), (OUTSIDE, 15)], all),
            BTreeMap::from([((Figure::Sent, 0), 6), ((Figure::Shared, 0), 6), ((Figure::Internal, 0), 4),])
        );
        assert_eq!(
            counted(&[(0, 1), (OUTSIDE, 10)], &[(1, 4)], all),
            BTreeMap::from([((Figure::Received, 1), 3), ((Figure::Shared, 1), 3), ((Figure::Internal, 1), 1),])
        );
    }

    #[test]
    fn what_the_set_holds_is_received_less_sent_less_fees() {
        // every division of three parties on both sides
        for a in 0..4_u128 {
            for b in 0..4_u128 {
                for c in 0..4_u128 {
                    let (from, to) = ([(0, a), (1, b), (OUTSIDE, c)], [(0, c), (2, a), (OUTSIDE, b)]);
                    let all = counted(&from, &to, |_| true);
                    let sum =
                        |figure| all.iter().filter(|((f, _), _)| *f == figure).map(|(_, v)| *v as i128).sum::<i128>();
                    let held = c as i128 + a as i128 - a as i128 - b as i128;
                    let flow = sum(Figure::Received) - sum(Figure::Sent) - sum(Figure::Fees);
                    assert_eq!(flow, held, "{a} {b} {c}: {all:?}");
                }
            }
        }
    }
}
