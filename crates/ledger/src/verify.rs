//! `verify`: re-reads everything and checks that the tables say the same thing twice wherever they can.

use crate::account::{self, AccountLedger};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::run::Run;
use crate::segment::Segment;
use crate::store::Store;
use athar_types::address::sha256d;
use athar_types::{AddressId, Hash32, Height, InputNum, OutputNum, TxNum};
use rayon::prelude::*;
use std::path::Path;

/// What a verification read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segments.
    pub segments: u64,
    /// Runs.
    pub runs: u64,
    /// Files whose checksum was recomputed.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Blocks whose hash and parent were checked.
    pub blocks: u64,
    /// Transactions.
    pub txs: u64,
    /// Inputs whose spent output names their transaction.
    pub inputs: u64,
    /// Outputs found again under their address.
    pub outputs: u64,
    /// Addresses found again by their key.
    pub addresses: u64,
    /// Transfers of chains of accounts found again under both their accounts.
    pub transfers: u64,
    /// Accounts found again by their address.
    pub accounts: u64,
}

/// Checks every file of the store against the manifest, then the tables against each other. The first thing that does
/// not fit is the error.
pub fn verify(store: &Store) -> Result<VerifyReport, LedgerError> {
    let mut report = VerifyReport::default();
    for entry in &store.manifest().chains {
        let folder = store.chain_folder(entry.chain);
        let segments = entry.segments.iter().map(|s| (&s.folder, &s.files));
        for (name, files) in segments.chain(entry.runs.iter().map(|r| (&r.folder, &r.files))) {
            let home = folder.join(name);
            files.par_iter().try_for_each(|file| file.verify(&home))?;
            report.files += files.len() as u64;
            report.bytes += files.iter().map(|f| f.bytes).sum::<u64>();
        }
        report.segments += entry.segments.len() as u64;
        report.runs += entry.runs.len() as u64;
        let ledger = Ledger::open(&folder, entry)?;
        let checker = Checker { ledger: &ledger, folder: &folder };
        checker.blocks()?;
        for segment in ledger.segments() {
            checker.transactions(segment)?;
            checker.outputs(segment)?;
            checker.addresses(segment)?;
        }
        ledger.runs().iter().try_for_each(|run| checker.paid(run))?;
        report.blocks += u64::from(ledger.block_count());
        report.txs += u64::from(ledger.tx_count());
        report.inputs += ledger.input_count();
        report.outputs += ledger.output_count();
        report.addresses += u64::from(ledger.address_count());
    }
    for entry in &store.manifest().accounts {
        let folder = store.chain_folder(entry.chain);
        for segment in &entry.segments {
            let home = folder.join(&segment.folder);
            segment.files.par_iter().try_for_each(|file| file.verify(&home))?;
            report.files += segment.files.len() as u64;
            report.bytes += segment.files.iter().map(|f| f.bytes).sum::<u64>();
        }
        let checked = account::check(&AccountLedger::open(&folder, entry)?, &folder)?;
        report.segments += checked.segments;
        report.blocks += checked.blocks;
        report.txs += checked.txs;
        report.transfers += checked.transfers;
        report.accounts += checked.accounts;
    }
    Ok(report)
}

struct Checker<'a> {
    ledger: &'a Ledger,
    folder: &'a Path,
}

impl Checker<'_> {
    fn wrong(&self, what: String) -> LedgerError {
        LedgerError::corrupt(self.folder, what)
    }

    /// Each header hashes to its hash and names the one before it.
    fn blocks(&self) -> Result<(), LedgerError> {
        let mut parent = Hash32::ZERO;
        for height in (0..self.ledger.block_count()).map(Height) {
            let Some(block) = self.ledger.block(height) else { continue };
            if sha256d(&block.header) != block.hash.0 || (block.prev() != parent) {
                return Err(self.wrong(format!("block {height} does not follow the one before it")));
            }
            parent = block.hash;
        }
        Ok(())
    }

    /// Ids are found again; each input's output names this transaction as its spender and the same address.
    fn transactions(&self, segment: &Segment) -> Result<(), LedgerError> {
        let range = segment.ranges().txs;
        (range[0]..range[1]).into_par_iter().map(TxNum).try_for_each(|tx| {
            let txid = self.ledger.txid(tx);
            if self.ledger.tx_by_id(&txid).is_none_or(|found| found < tx) {
                return Err(self.wrong(format!("transaction {txid} is not found by its id")));
            }
            for input in self.ledger.inputs(tx) {
                if input.prev_tx > tx
                    || !self.ledger.tx_outputs(input.prev_tx).contains(&self.ledger.spent_output(&input).0)
                {
                    return Err(self.wrong(format!("an input of {txid} spends an output that does not exist")));
                }
                let output = self.ledger.output(self.ledger.spent_output(&input));
                if output.spent_by != Some(tx) || output.address != input.address {
                    return Err(self.wrong(format!("an input of {txid} and the output it spends disagree")));
                }
                if self.ledger.input_tx(input.num) != tx {
                    return Err(self.wrong(format!("an input of {txid} lies outside its transaction")));
                }
            }
            Ok(())
        })
    }

    /// Each spent output is an input of the transaction it names, and each stands under its address.
    fn outputs(&self, segment: &Segment) -> Result<(), LedgerError> {
        let range = segment.ranges().outputs;
        (range[0]..range[1])
            .into_par_iter()
            .map(|num| -> Result<(), LedgerError> {
                let output = self.ledger.output(OutputNum(num));
                let Some(tx) = output.spent_by else { return Ok(()) };
                let found = tx.0 < self.ledger.tx_count()
                    && self
                        .ledger
                        .tx_inputs(tx)
                        .any(|i| self.ledger.spent_output(&self.ledger.input(InputNum(i))) == output.num);
                if found { Ok(()) } else { Err(self.wrong(format!("output {num} is not spent where it says"))) }
            })
            .collect()
    }

    /// Each output with an address stands under it, and nothing else does.
    fn paid(&self, run: &Run) -> Result<(), LedgerError> {
        let [first, end] = run.ranges().outputs;
        let paid = run.columns.paid_output.len() as u64;
        let addressed = (first..end).into_par_iter().filter(|o| self.ledger.output_address(OutputNum(*o)).is_some());
        let with_address = addressed.count() as u64;
        if paid != with_address {
            return Err(self.wrong(format!("{with_address} outputs pay an address, {paid} stand under one")));
        }
        run.columns.paid_output.par_iter().enumerate().try_for_each(|(place, output)| {
            let output = OutputNum(first + u64::from(*output));
            if self.ledger.output_address(output).is_some_and(|address| run.paid(address).contains(&place)) {
                Ok(())
            } else {
                Err(self.wrong(format!("output {output} stands under an address it does not pay")))
            }
        })
    }

    /// Each address is found again by its key, and nothing earlier has that key.
    fn addresses(&self, segment: &Segment) -> Result<(), LedgerError> {
        let range = segment.ranges().addresses;
        (range[0]..range[1]).into_par_iter().map(AddressId).try_for_each(|address| {
            let key = segment.address_key((address.0 - range[0]) as usize);
            let found = key.and_then(|key| self.ledger.address_id(&key));
            if found == Some(address) {
                Ok(())
            } else {
                Err(self.wrong(format!("address {address} is not found by its key")))
            }
        })
    }
}
