//! Exact amounts: sums that cannot overflow, and shares of them.
//!
//! One transfer moves less than 2^256, and a chain has fewer than 2^64 of them, so 320 bits hold every balance and every sum,
//! also of a token whose contract logs whatever it likes. Nothing here saturates.

use athar_types::account::U256;
use ruint::Uint;
use serde::Serializer;

/// An amount, a balance or a sum of amounts, in the smallest unit of its asset. It cannot overflow (see the module).
pub type Sum = Uint<320, 5>;

/// Wide enough for the product of two sums.
pub(super) type Wide = Uint<640, 10>;

/// Writes a sum as decimal digits in a text: JSON numbers lose what is above 2^53.
pub(super) fn digits<S: Serializer>(sum: &Sum, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(sum)
}

/// The amount of a transfer as a sum.
#[inline]
pub(super) fn sum_of(amount: U256) -> Sum {
    let [a, b, c, d] = *amount.as_limbs();
    Sum::from_limbs([a, b, c, d, 0])
}

/// Whether it is nothing: inlined, where comparing arrays is a call.
#[inline]
pub(super) fn is_zero(sum: &Sum) -> bool {
    let [a, b, c, d, e] = *sum.as_limbs();
    a | b | c | d | e == 0
}

/// Whether more than 256 bits are needed: no honest token holds so much.
#[inline]
pub(super) fn is_beyond(sum: &Sum) -> bool {
    sum.as_limbs()[4] != 0
}

/// `a * b / c`, rounded down, and the remainder; `(0, 0)` for `c` of 0. The quotient must fit, as it does for `a <= c`.
#[inline]
fn divide(a: Sum, b: Sum, c: Sum) -> (Sum, Sum) {
    let (x, y, z) = (a.as_limbs(), b.as_limbs(), c.as_limbs());
    if is_zero(&c) {
        return (Sum::ZERO, Sum::ZERO);
    }
    let high = |limbs: &[u64; 5], from: usize| limbs[from..].iter().any(|l| *l != 0);
    if !high(x, 1) && !high(y, 1) && !high(z, 2) {
        let product = u128::from(x[0]) * u128::from(y[0]);
        let whole = u128::from(z[0]) | (u128::from(z[1]) << 64);
        return (Sum::from(product / whole), Sum::from(product % whole));
    }
    if !high(x, 2) && !high(y, 2) && !high(z, 4) {
        let narrow = |l: &[u64; 5]| U256::from_limbs([l[0], l[1], l[2], l[3]]);
        let (part, rest) = (narrow(x) * narrow(y)).div_rem(narrow(z));
        return (sum_of(part), sum_of(rest));
    }
    let wide = |l: &[u64; 5]| Wide::from_limbs([l[0], l[1], l[2], l[3], l[4], 0, 0, 0, 0, 0]);
    let (part, rest) = (wide(x) * wide(y)).div_rem(wide(z));
    let narrow = |w: Wide| {
        let l = w.as_limbs();
        Sum::from_limbs([l[0], l[1], l[2], l[3], l[4]])
    };
    (narrow(part), narrow(rest))
}

/// `total * part / whole` rounded down.
#[inline]
pub(super) fn share_down(total: Sum, part: Sum, whole: Sum) -> Sum {
    divide(total, part, whole).0
}

/// The share of `part` where `total` is split between `part` and the rest of `whole` by largest remainders, a tie to `part`:
/// `total * part / whole` to the nearest unit. `part` and `total` are at most `whole`, and then the share is at most `part`, and
/// what is left for the rest at most the rest.
#[inline]
pub(super) fn share(total: Sum, part: Sum, whole: Sum) -> Sum {
    if is_zero(&(whole - part)) {
        return total;
    }
    if is_zero(&(whole - total)) {
        return part;
    }
    let (down, rest) = divide(total, part, whole);
    // rest >= whole - rest is 2 * rest >= whole without the doubling
    if !is_zero(&rest) && rest >= whole - rest { down + Sum::ONE } else { down }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_unit_left_over_goes_to_the_larger_remainder_and_a_tie_to_the_part() {
        let share = |t: u64, p: u64, w: u64| share(Sum::from(t), Sum::from(p), Sum::from(w)).to::<u64>();
        assert_eq!(share(1, 1, 3), 0);
        assert_eq!(share(1, 2, 3), 1);
        assert_eq!(share(1, 1, 2), 1);
        assert_eq!(share(3, 1, 2), 2);
        assert_eq!(share(0, 1, 2), 0);
        assert_eq!(share(2, 2, 2), 2);
        assert_eq!(share(5, 0, 7), 0);
    }

    fn any_sum() -> impl Strategy<Value = Sum> {
        (any::<[u64; 5]>(), 0_usize..320).prop_map(|(limbs, shift)| Sum::from_limbs(limbs) >> shift)
    }

    proptest! {
        /// All three widths give what the widest gives.
        #[test]
        fn shares_are_exact_whatever_the_width(a in any_sum(), b in any_sum(), c in any_sum()) {
            let whole = a.max(b).max(c);
            let (total, part) = (a, b);
            let wide = |s: Sum| Wide::from(s);
            let (exact, rest) = if whole.is_zero() {
                (Wide::ZERO, Wide::ZERO)
            } else {
                (wide(total) * wide(part)).div_rem(wide(whole))
            };
            prop_assert_eq!(wide(share_down(total, part, whole)), exact);
            let near = share(total, part, whole);
            let up = !whole.is_zero() && rest * Wide::from(2) >= wide(whole) && !rest.is_zero();
            prop_assert_eq!(wide(near), exact + Wide::from(u8::from(up)));
            prop_assert!(near <= part && total - near <= whole - part);
        }
    }
}
