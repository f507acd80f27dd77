//! The table of a run, in Markdown.

use crate::{
    child::Usage,
    contender::Reach,
    reference::{HELD_BACK, Reference},
    run::Measured,
};
use std::fmt::Write;

/// Rates are in millions of bytes of block files a second, over all files, whatever part of them a contender gives out.
pub(crate) fn table(bytes: u64, rounds: u32, reference: &Reference, measured: &[Measured]) -> String {
    let mut text = String::new();
    let chain = &reference.chain;
    let _ = writeln!(
        text,
        "{:.0} MB in block files: {} blocks, {} on the longest chain with {} transactions, {} inputs, {} outputs; median \
         of {rounds}\n",
        bytes as f64 / 1e6,
        reference.files.blocks,
        chain.blocks,
        chain.txs,
        chain.inputs,
        chain.outputs
    );
    text +=
        "| what | MB/s wall | MB per CPU second | peak MiB | blocks | txs | inputs resolved | txids | same counts |\n";
    text += "|---|---|---|---|---|---|---|---|---|\n";
    for row in measured {
        let rate = |seconds: fn(&Usage) -> f64| bytes as f64 / 1e6 / median(row.rounds.iter().map(seconds).collect());
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {} | {} | {} | {} | {} |",
            row.contender.title(),
            rate(|usage| usage.wall.as_secs_f64()),
            rate(|usage| usage.cpu.as_secs_f64()),
            median(row.rounds.iter().map(|usage| usage.peak as f64 / f64::from(1 << 20)).collect()),
            row.counts.blocks,
            row.counts.txs,
            row.counts.resolved.map_or_else(|| "-".to_owned(), |resolved| resolved.to_string()),
            if row.counts.txid_fold.is_some() { "yes" } else { "no" },
            if row.differences.is_empty() { "yes" } else { "NO" },
        );
    }
    if measured.iter().any(|row| row.contender.reach() == Reach::Settled) {
        let _ = writeln!(text, "\nblocks_iterator holds back the last {HELD_BACK} blocks, and is held to the rest.");
    }
    for row in measured.iter().filter(|row| !row.differences.is_empty()) {
        let _ = writeln!(text, "\n{} differs: {}.", row.contender.title(), row.differences.join("; "));
    }
    text
}

/// The middle value, or the mean of both.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contender::Contender, counts::Counts};
    use std::time::Duration;

    #[test]
    fn rates_are_medians_and_a_difference_is_spelled_out() {
        let usage = |seconds| Usage {
            wall: Duration::from_secs(seconds),
            cpu: Duration::from_secs(2 * seconds),
            peak: seconds << 20,
        };
        let row = Measured {
            contender: Contender::Walk,
            rounds: [1, 5, 2].map(usage).to_vec(),
            counts: Counts { blocks: 4, ..Counts::default() },
            differences: vec!["blocks 4, expected 5".to_owned()],
        };
        let text = table(40_000_000, 3, &Reference::default(), &[row]);
        assert!(text.contains("1 thread | 20 | 10 | 2 | 4 | 0 | - | no | NO |"), "{text}");
        assert!(text.contains("1 thread differs: blocks 4, expected 5."), "{text}");
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }
}
