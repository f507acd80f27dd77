//! The read view: all segments and runs of one commit, asked as one.

use crate::column::FileMeta;
use crate::column::write::checksum_of;
use crate::error::LedgerError;
use crate::manifest::{ChainManifest, Ranges, Tip};
use crate::rows::{BlockInfo, Input, Output, Tx, TxFlags, key_hash};
use crate::run::Run;
use crate::segment::Segment;
use athar_types::{
    AddressId, AddressKey, Chain, Hash32, Height, InputNum, Network, OutputNum, Pool, Sats, ScriptKind, TxNum, UnixTime,
};
use std::{ops::Range, path::Path, sync::Arc};

/// Everything known of one chain at one commit. Ids that a query takes must come from the same ledger: an id past the
/// end is a programmer's error and panics.
#[derive(Clone, Debug)]
pub struct Ledger {
    chain: Chain,
    network: Network,
    tip: Option<Tip>,
    segments: Vec<Arc<Segment>>,
    runs: Vec<Arc<Run>>,
    end: Ranges,
}

/// Where in each run the last late spend was looked for ([`Ledger::spent_by_near`]).
#[derive(Clone, Debug, Default)]
pub struct SpendCursor {
    at: Vec<usize>,
}

impl Ledger {
    pub(crate) fn open(folder: &Path, entry: &ChainManifest) -> Result<Self, LedgerError> {
        let segments =
            entry.segments.iter().map(|s| Segment::open(folder, s).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let runs = entry.runs.iter().map(|r| Run::open(folder, r).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let end = segments.last().map(|s| s.ranges).unwrap_or_default();
        let covered = |ranges: Vec<Ranges>| {
            let mut ranges = ranges.into_iter();
            ranges.try_fold(Ranges::default(), |at, next| next.follows(&at).then_some(next)).map(|r| r.next())
        };
        let of_segments = covered(segments.iter().map(|s| s.ranges).collect());
        if of_segments.is_none() || of_segments != covered(runs.iter().map(|r| r.ranges).collect()) {
            return Err(LedgerError::corrupt(folder, "its segments and runs do not cover the same blocks"));
        }
        Ok(Self { chain: entry.chain, network: entry.network, tip: entry.tip(), segments, runs, end })
    }

    /// The chain.
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// Its network.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The last block, `None` in an empty ledger.
    pub fn tip(&self) -> Option<Tip> {
        self.tip
    }

    /// The segments in chain order.
    pub fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// The runs in chain order.
    pub fn runs(&self) -> &[Arc<Run>] {
        &self.runs
    }

    /// The ranges of the last segment: where the next one begins.
    pub fn end(&self) -> &Ranges {
        &self.end
    }

    /// Number of blocks.
    pub fn block_count(&self) -> u32 {
        self.end.blocks[1]
    }

    /// Number of transactions.
    pub fn tx_count(&self) -> u32 {
        self.end.txs[1]
    }

    /// Number of outputs.
    pub fn output_count(&self) -> u64 {
        self.end.outputs[1]
    }

    /// Number of inputs that spend an output.
    pub fn input_count(&self) -> u64 {
        self.end.inputs[1]
    }

    /// Number of addresses.
    pub fn address_count(&self) -> u32 {
        self.end.addresses[1]
    }

    fn by(&self, is_before: impl Fn(&Ranges) -> bool) -> &Segment {
        &self.segments[self.segments.partition_point(|s| is_before(&s.ranges))]
    }

    #[inline]
    fn of_tx(&self, tx: TxNum) -> (&Segment, usize) {
        let segment = self.by(|r| r.txs[1] <= tx.0);
        (segment, (tx.0 - segment.ranges.txs[0]) as usize)
    }

    #[inline]
    fn of_output(&self, output: OutputNum) -> (&Segment, usize) {
        let segment = self.by(|r| r.outputs[1] <= output.0);
        (segment, (output.0 - segment.ranges.outputs[0]) as usize)
    }

    #[inline]
    fn of_input(&self, input: u64) -> (&Segment, usize) {
        let segment = self.by(|r| r.inputs[1] <= input);
        (segment, (input - segment.ranges.inputs[0]) as usize)
    }

    /// The block at `height`.
    pub fn block(&self, height: Height) -> Option<BlockInfo> {
        if height.0 >= self.block_count() {
            return None;
        }
        let segment = self.by(|r| r.blocks[1] <= height.0);
        let row = (height.0 - segment.ranges.blocks[0]) as usize;
        let c = &segment.columns;
        let start = if row == 0 { segment.ranges.txs[0] } else { c.block_tx_end[row - 1] };
        Some(BlockInfo {
            height,
            hash: Hash32(c.block_hash[row]),
            header: [&c.block_header[row][..], segment.header_rest(row)].concat(),
            time: UnixTime(c.block_time[row]),
            txs: start..c.block_tx_end[row],
            size: c.block_size[row],
        })
    }

    /// The miner's time stamp of the block at `height`.
    ///
    /// # Panics
    /// On a height past the end.
    #[inline]
    pub fn block_time(&self, height: Height) -> UnixTime {
        let segment = self.by(|r| r.blocks[1] <= height.0);
        UnixTime(segment.columns.block_time[(height.0 - segment.ranges.blocks[0]) as usize])
    }

    /// The height of a block of the best chain, given its hash. Walks the hash columns: 32 bytes a block.
    pub fn height_of(&self, hash: &Hash32) -> Option<Height> {
        self.segments.iter().rev().find_map(|s| {
            let row = s.columns.block_hash.iter().position(|h| *h == hash.0)?;
            Some(Height(s.ranges.blocks[0] + row as u32))
        })
    }

    /// The height of a transaction's block.
    #[inline]
    pub fn tx_height(&self, tx: TxNum) -> Height {
        let (segment, _) = self.of_tx(tx);
        Height(segment.ranges.blocks[0] + segment.columns.block_tx_end.partition_point(|end| *end <= tx.0) as u32)
    }

    /// The transaction with that id. Where an id occurs twice (BIP 30), the later one.
    pub fn tx_by_id(&self, txid: &Hash32) -> Option<TxNum> {
        // newest first: most look-ups are of young transactions
        self.runs.iter().rev().find_map(|run| {
            let first = run.ranges.txs[0];
            run.txids().find(txid.prefix(), |row| self.txid(TxNum(first + row)) == *txid).map(|row| TxNum(first + row))
        })
    }

    /// The id of a transaction.
    pub fn txid(&self, tx: TxNum) -> Hash32 {
        let (segment, row) = self.of_tx(tx);
        segment.txid(row)
    }

    /// A transaction.
    pub fn tx(&self, tx: TxNum) -> Tx {
        let (segment, row) = self.of_tx(tx);
        let c = &segment.columns;
        Tx {
            num: tx,
            height: self.tx_height(tx),
            version: segment.version(row),
            locktime: segment.locktime(row),
            weight: segment.weight(row),
            flags: TxFlags(c.tx_flags[row]),
            outputs: self.tx_outputs(tx),
            inputs: self.tx_inputs(tx),
        }
    }

    /// Numbers of a transaction's outputs.
    #[inline]
    pub fn tx_outputs(&self, tx: TxNum) -> Range<u64> {
        let (segment, row) = self.of_tx(tx);
        let (first, rows) = (segment.ranges.outputs[0], segment.outputs().range(row));
        first + u64::from(rows.start)..first + u64::from(rows.end)
    }

    /// Numbers of a transaction's inputs; none for a coinbase.
    #[inline]
    pub fn tx_inputs(&self, tx: TxNum) -> Range<u64> {
        let (segment, row) = self.of_tx(tx);
        let (first, rows) = (segment.ranges.inputs[0], segment.inputs().range(row));
        first + u64::from(rows.start)..first + u64::from(rows.end)
    }

    /// Facts about a transaction, in bits.
    #[inline]
    pub fn tx_flags(&self, tx: TxNum) -> TxFlags {
        let (segment, row) = self.of_tx(tx);
        TxFlags(segment.columns.tx_flags[row])
    }

    /// An output.
    #[inline]
    pub fn output(&self, output: OutputNum) -> Output {
        let (segment, row) = self.of_output(output);
        let c = &segment.columns;
        let address = c.output_address[row];
        Output {
            num: output,
            value: Sats(c.output_value[row]),
            address: (address != AddressId::NONE).then_some(AddressId(address)),
            kind: segment.kind(row),
            spent_by: self.spent_by(output),
        }
    }

    /// The value of an output.
    #[inline]
    pub fn output_value(&self, output: OutputNum) -> Sats {
        let (segment, row) = self.of_output(output);
        Sats(segment.columns.output_value[row])
    }

    /// The address that an output pays.
    #[inline]
    pub fn output_address(&self, output: OutputNum) -> Option<AddressId> {
        let (segment, row) = self.of_output(output);
        let address = segment.columns.output_address[row];
        (address != AddressId::NONE).then_some(AddressId(address))
    }

    /// The transaction that spends an output.
    #[inline]
    pub fn spent_by(&self, output: OutputNum) -> Option<TxNum> {
        let own = self.runs.partition_point(|r| r.ranges.outputs[1] <= output.0);
        let run = &self.runs[own];
        let tx = run.columns.spent_by[(output.0 - run.ranges.outputs[0]) as usize];
        if tx != TxNum::NONE {
            return Some(TxNum(tx));
        }
        self.runs[own + 1..].iter().find_map(|r| r.late_spend(output.0))
    }

    /// The same for many outputs that come in order, or nearly: each is looked for near the last one.
    #[inline]
    pub fn spent_by_near(&self, output: OutputNum, near: &mut SpendCursor) -> Option<TxNum> {
        let own = self.runs.partition_point(|r| r.ranges.outputs[1] <= output.0);
        let run = &self.runs[own];
        let tx = run.columns.spent_by[(output.0 - run.ranges.outputs[0]) as usize];
        if tx != TxNum::NONE {
            return Some(TxNum(tx));
        }
        near.at.resize(self.runs.len(), 0);
        self.runs[own + 1..].iter().zip(&mut near.at[own + 1..]).find_map(|(r, at)| r.late_spend_near(output.0, at))
    }

    /// The transaction that made an output, and which of its outputs it is.
    #[inline]
    pub fn output_tx(&self, output: OutputNum) -> (TxNum, u32) {
        let (segment, row) = self.of_output(output);
        let (tx, start) = segment.outputs().tx_of(row as u32);
        (TxNum(segment.ranges.txs[0] + tx as u32), row as u32 - start)
    }

    /// The whole script of an output where its address does not imply it (keys of bare multisig, `OP_RETURN`, a key
    /// paid directly, anything unknown).
    pub fn output_script(&self, output: OutputNum) -> Option<&[u8]> {
        let (segment, row) = self.of_output(output);
        segment.script(row as u32)
    }

    /// The outputs of a transaction.
    pub fn outputs(&self, tx: TxNum) -> impl Iterator<Item = Output> + '_ {
        self.tx_outputs(tx).map(|num| self.output(OutputNum(num)))
    }

    /// An input.
    #[inline]
    pub fn input(&self, input: InputNum) -> Input {
        let (segment, row) = self.of_input(input.0);
        let c = &segment.columns;
        let address = c.input_address[row];
        Input {
            num: input,
            prev_tx: TxNum(c.input_prev_tx[row]),
            prev_vout: segment.prev_vout(row),
            address: (address != AddressId::NONE).then_some(AddressId(address)),
        }
    }

    /// The inputs of a transaction; none for a coinbase.
    pub fn inputs(&self, tx: TxNum) -> impl Iterator<Item = Input> + '_ {
        self.tx_inputs(tx).map(|num| self.input(InputNum(num)))
    }

    /// The transaction of an input.
    pub fn input_tx(&self, input: InputNum) -> TxNum {
        let (segment, row) = self.of_input(input.0);
        let (tx, _) = segment.inputs().tx_of(row as u32);
        TxNum(segment.ranges.txs[0] + tx as u32)
    }

    /// The number of the output that an input spends.
    #[inline]
    pub fn spent_output(&self, input: &Input) -> OutputNum {
        OutputNum(self.tx_outputs(input.prev_tx).start + u64::from(input.prev_vout))
    }

    /// The id of an address, `None` where no output ever paid it.
    pub fn address_id(&self, key: &AddressKey) -> Option<AddressId> {
        let kind = key.kind() as u8;
        self.address_by_hash(key_hash(kind, key.payload()), kind, key.payload())
    }

    /// The same, given the hash of the key.
    #[inline]
    pub(crate) fn address_by_hash(&self, hash: u64, kind: u8, payload: &[u8]) -> Option<AddressId> {
        self.runs.iter().rev().find_map(|run| {
            let first = run.ranges.addresses[0];
            let is_it = |row| {
                let (segment, relative) = self.of_address(AddressId(first + row));
                segment.is_key(relative, kind, payload)
            };
            run.keys().find(hash, is_it).map(|row| AddressId(first + row))
        })
    }

    /// The ids of many addresses, each given as hash, kind and payload and best asked in the order of the hashes;
    /// [`AddressId::NONE`] for those that no output ever paid.
    ///
    /// Each run is first asked for candidates, front to back, and these are compared in a second pass: comparing reads
    /// far memory, and reads that do not wait for one another overlap.
    pub(crate) fn known_addresses<'a>(&self, count: usize, asked: impl Fn(usize) -> (u64, u8, &'a [u8])) -> Vec<u32> {
        let mut found = vec![AddressId::NONE; count];
        let mut candidates: Vec<(u32, u32)> = Vec::new();
        for run in self.runs.iter().rev() {
            let (index, first) = (run.keys(), run.ranges.addresses[0]);
            candidates.clear();
            for at in (0..count).filter(|at| found[*at] == AddressId::NONE) {
                candidates.extend(index.candidates(asked(at).0).iter().map(|row| (at as u32, first + row)));
            }
            for (at, id) in &candidates {
                let (_, kind, payload) = asked(*at as usize);
                let (segment, relative) = self.of_address(AddressId(*id));
                if segment.is_key(relative, kind, payload) {
                    found[*at as usize] = *id;
                }
            }
        }
        found
    }

    /// The hash of an address's key.
    pub(crate) fn address_hash(&self, address: AddressId) -> u64 {
        let key = self.address_key(address);
        key_hash(key.kind() as u8, key.payload())
    }

    #[inline]
    fn of_address(&self, address: AddressId) -> (&Segment, usize) {
        let segment = self.by(|r| r.addresses[1] <= address.0);
        (segment, (address.0 - segment.ranges.addresses[0]) as usize)
    }

    /// The key of an address.
    ///
    /// # Panics
    /// On an id past the end, or where the store was damaged after it was opened.
    pub fn address_key(&self, address: AddressId) -> AddressKey {
        let (segment, relative) = self.of_address(address);
        match segment.address_key(relative) {
            Some(key) => key,
            None => panic!("address {address} has no readable key: the store is damaged, run `athar verify`"),
        }
    }

    /// The text of an address on this network.
    pub fn address_text(&self, address: AddressId) -> String {
        self.address_key(address).to_text_on(self.chain, self.network)
    }

    /// The outputs that pay an address, in chain order. Leaving many of them out by `skip` or `nth` costs nothing.
    pub fn address_outputs(&self, address: AddressId) -> AddressOutputs<'_> {
        let first = self.runs.partition_point(|r| r.ranges.addresses[1] <= address.0);
        AddressOutputs { runs: &self.runs[first..], address, current: None }
    }

    /// How many addresses were first paid before a transaction: ids follow that order.
    pub fn addresses_before(&self, tx: TxNum) -> u32 {
        // every address is paid by some output
        let first_paid = |address| self.address_outputs(AddressId(address)).next().map(|o| self.output_tx(o).0);
        let (mut low, mut high) = (0, self.address_count());
        while low < high {
            let middle = low + (high - low) / 2;
            if first_paid(middle).is_some_and(|first| first < tx) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// How many outputs pay an address.
    pub fn address_output_count(&self, address: AddressId) -> u64 {
        self.runs.iter().map(|r| r.paid(address).len() as u64).sum()
    }

    /// The values that a transaction moves into named pools; negative where they leave.
    pub fn pool_flows(&self, tx: TxNum) -> impl Iterator<Item = (Pool, i64)> + '_ {
        let (segment, row) = self.of_tx(tx);
        let c = &segment.columns;
        let from = c.pool_tx.partition_point(|t| (*t as usize) < row);
        let to = c.pool_tx.partition_point(|t| (*t as usize) <= row);
        (from..to).filter_map(|at| Some((Pool::from_code(c.pool_kind[at])?, c.pool_value[at])))
    }

    /// For each output of a segment, the transaction that spends it as far as its own run knows; [`TxNum::NONE`]
    /// otherwise. Later spends are in [`Run::late_spends`] of later runs.
    pub fn spenders_of(&self, segment: &Segment) -> &[u32] {
        let [first, end] = segment.ranges.outputs;
        let at = self.runs.partition_point(|r| r.ranges.outputs[1] <= first);
        let Some(run) = self.runs.get(at) else { return &[] };
        let base = run.ranges.outputs[0];
        &run.columns.spent_by[(first - base) as usize..(end - base) as usize]
    }

    /// Whether an address was ever spent from, or paid, with an uncompressed public key.
    pub fn is_uncompressed(&self, address: AddressId) -> bool {
        self.segments.iter().any(|s| s.columns.uncompressed_address.binary_search(&address.0).is_ok())
    }

    /// Whether an output is a bare multisig.
    pub fn is_multisig(&self, output: OutputNum) -> bool {
        let (segment, row) = self.of_output(output);
        segment.kind(row) == ScriptKind::Multisig
    }
}

/// Whole columns in chain order, for batch jobs that stream over everything once. Numbers count from the segment's own
/// first row ("relative") where the text says so.
impl Segment {
    /// Where each transaction's inputs begin, relative; one more entry at the end.
    pub fn tx_input_starts(&self) -> Vec<u32> {
        self.inputs().starts(self.inputs().len())
    }

    /// Where each transaction's outputs begin, relative; one more entry at the end.
    pub fn tx_output_starts(&self) -> Vec<u32> {
        self.outputs().starts(self.outputs().len())
    }

    /// Address of the output that each input spends; [`AddressId::NONE`] for none.
    pub fn input_addresses(&self) -> &[u32] {
        &self.columns.input_address
    }

    /// Value of each output in satoshi.
    pub fn output_values(&self) -> &[u64] {
        &self.columns.output_value
    }

    /// Address that each output pays; [`AddressId::NONE`] for none.
    pub fn output_addresses(&self) -> &[u32] {
        &self.columns.output_address
    }
}

impl FileMeta {
    /// Recomputes the checksum of this file in `folder`: for tables kept beside the ledger in files of its format.
    pub fn verify(&self, folder: &Path) -> Result<(), LedgerError> {
        let path = folder.join(&self.name);
        if checksum_of(&path)? == self.checksum {
            Ok(())
        } else {
            Err(LedgerError::corrupt(path, "checksum does not match the manifest"))
        }
    }
}

/// The outputs that pay an address, in chain order.
#[derive(Debug)]
pub struct AddressOutputs<'a> {
    runs: &'a [Arc<Run>],
    address: AddressId,
    current: Option<(&'a Run, Range<usize>)>,
}

impl AddressOutputs<'_> {
    /// Goes on to the next run; `false` after the last one.
    fn advance(&mut self) -> bool {
        let Some((run, rest)) = self.runs.split_first() else { return false };
        self.runs = rest;
        self.current = Some((run, run.paid(self.address)));
        true
    }
}

impl Iterator for AddressOutputs<'_> {
    type Item = OutputNum;

    fn next(&mut self) -> Option<OutputNum> {
        self.nth(0)
    }

    fn nth(&mut self, mut skip: usize) -> Option<OutputNum> {
        loop {
            if let Some((run, places)) = &mut self.current {
                let have = places.len();
                if let Some(place) = places.nth(skip) {
                    return Some(OutputNum(run.ranges.outputs[0] + u64::from(run.columns.paid_output[place])));
                }
                skip -= have;
            }
            if !self.advance() {
                return None;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest: usize = self.runs.iter().map(|r| r.paid(self.address).len()).sum();
        let all = rest + self.current.as_ref().map_or(0, |(_, places)| places.len());
        (all, Some(all))
    }
}

impl ExactSizeIterator for AddressOutputs<'_> {}
