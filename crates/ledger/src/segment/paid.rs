//! The adjacency from addresses to the outputs that pay them.

use super::build::NO_ADDRESS;
use super::parts::Parts;
use crate::schema::RunData;

/// Parts on each side: of addresses known before and of new ones.
const SIDE_BITS: u32 = 9;

/// Fills in `paid.*` from the address of each output. `first` is the first new address, `end` the end of all.
pub(super) fn sort_paid(addresses: &[u32], first: u32, end: u32, run: &mut RunData) {
    // an address is parted by its place among those known before or among the new ones, so that parts ascend
    let place = |address: u32| -> usize {
        let (low, high, side) = if address < first { (0, first, 0) } else { (first, end, 1) };
        let within = (u64::from(address - low) << SIDE_BITS) / u64::from(high - low).max(1);
        side << SIDE_BITS | within as usize
    };
    let mut parts: Parts<u64> = Parts::new(SIDE_BITS + 1);
    for (output, address) in (0_u64..).zip(addresses) {
        if *address != NO_ADDRESS {
            parts.push_to(place(*address), u64::from(*address) << 32 | output);
        }
    }
    let sorted = parts.map(|_, part| {
        let mut rows = part.into_vec();
        rows.sort_unstable();
        let (mut ids, mut starts) = (Vec::new(), Vec::new());
        for (at, row) in (0_u32..).zip(&rows) {
            let address = (row >> 32) as u32;
            if ids.last() != Some(&address) {
                ids.push(address);
                starts.push(at);
            }
        }
        let outputs: Vec<u32> = rows.into_iter().map(|row| row as u32).collect();
        (ids, starts, outputs)
    });
    let mut base = 0;
    for (ids, starts, outputs) in sorted {
        // every new address is paid here, so those need no list: they are all of `first..end`
        run.paid_again.extend(ids.into_iter().take_while(|id| *id < first));
        run.paid_start.extend(starts.into_iter().map(|start| base + start));
        run.paid_output.extend_from_slice(&outputs);
        base += outputs.len() as u32;
    }
    run.paid_start.push(base);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_stand_under_their_address_in_order() {
        let addresses = [7, 2, NO_ADDRESS, 5, 6, 2, 5, 7, 4, 5];
        let mut run = RunData::default();
        sort_paid(&addresses, 5, 8, &mut run);
        assert_eq!(run.paid_again, [2, 4]);
        assert_eq!(run.paid_start, [0, 2, 3, 6, 7, 9]);
        assert_eq!(run.paid_output, [1, 5, 8, 3, 6, 9, 4, 0, 7]);
    }
}
