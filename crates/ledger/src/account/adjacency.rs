//! The adjacency from accounts to their transfers.

use super::NONE;
use super::schema::AccountData;
use rayon::prelude::*;

/// Fills in `moved.*` from the two sides of each transfer. `first` is the first account named in this segment, `end` the end
/// of all.
pub(super) fn sort_moved(data: &mut AccountData, first: u32, end: u32) {
    let sides = data.transfer_from.par_iter().zip(&data.transfer_to).enumerate();
    let mut rows: Vec<u64> = sides
        .flat_map_iter(|(n, (from, to))| {
            let row = |account: u32| (account != NONE).then_some(u64::from(account) << 32 | n as u64);
            let other = if to == from { None } else { row(*to) };
            row(*from).into_iter().chain(other)
        })
        .collect();
    rows.par_sort_unstable();
    let split = rows.partition_point(|row| ((row >> 32) as u32) < first);
    let mut last = None;
    for (at, row) in (0_u32..).zip(&rows[..split]) {
        let account = (row >> 32) as u32;
        if last != Some(account) {
            data.moved_again.push(account);
            data.moved_start.push(at);
            last = Some(account);
        }
    }
    // every account first named here has a place, also one that only called or was called
    let mut at = split;
    for account in first..end {
        data.moved_start.push(at as u32);
        while rows.get(at).is_some_and(|row| (row >> 32) as u32 == account) {
            at += 1;
        }
    }
    data.moved_start.push(at as u32);
    data.moved_transfer = rows.into_par_iter().map(|row| row as u32).collect();
}
