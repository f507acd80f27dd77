//! The read view: all segments of one commit, asked as one.

use crate::column::FileMeta;
use crate::column::write::checksum_of;
use crate::error::LedgerError;
use crate::manifest::{ChainManifest, Ranges, Tip};
use crate::rows::{BlockInfo, Input, Output, Tx, TxFlags};
use crate::segment::Segment;
use athar_types::{
    AddressId, AddressKey, Chain, Hash32, Height, InputNum, Network, OutputNum, Sats, ScriptKind, TxNum, UnixTime,
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
    end: Ranges,
}

impl Ledger {
    pub(crate) fn open(folder: &Path, entry: &ChainManifest) -> Result<Self, LedgerError> {
        let segments =
            entry.segments.iter().map(|s| Segment::open(folder, s).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let end = segments.last().map(|s| s.ranges).unwrap_or_default();
        Ok(Self { chain: entry.chain, network: entry.network, tip: entry.tip(), segments, end })
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
            header: c.block_header[c.block_header_start[row] as usize..c.block_header_start[row + 1] as usize].to_vec(),
            time: UnixTime(c.block_time[row]),
            txs: start..c.block_tx_end[row],
            size: c.block_size[row],
        })
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
        self.segments.iter().rev().find_map(|s| s.tx_by_id(txid))
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
            version: c.tx_version[row],
            locktime: c.tx_locktime[row],
            weight: c.tx_weight[row],
            flags: TxFlags(c.tx_flags[row]),
            outputs: self.tx_outputs(tx),
            inputs: self.tx_inputs(tx),
        }
    }

    /// Numbers of a transaction's outputs.
    #[inline]
    pub fn tx_outputs(&self, tx: TxNum) -> Range<u64> {
        let (segment, row) = self.of_tx(tx);
        let (c, first) = (&segment.columns, segment.ranges.outputs[0]);
        first + u64::from(c.tx_output[row])..first + u64::from(c.tx_output[row + 1])
    }

    /// Numbers of a transaction's inputs; none for a coinbase.
    #[inline]
    pub fn tx_inputs(&self, tx: TxNum) -> Range<u64> {
        let (segment, row) = self.of_tx(tx);
        let (c, first) = (&segment.columns, segment.ranges.inputs[0]);
        first + u64::from(c.tx_input[row])..first + u64::from(c.tx_input[row + 1])
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
        let own = self.segments.partition_point(|s| s.ranges.outputs[1] <= output.0);
        let segment = &self.segments[own];
        let tx = segment.columns.output_spent_by[(output.0 - segment.ranges.outputs[0]) as usize];
        if tx != TxNum::NONE {
            return Some(TxNum(tx));
        }
        self.segments[own + 1..].iter().find_map(|s| s.late_spend(output.0))
    }

    /// The transaction that made an output, and which of its outputs it is.
    #[inline]
    pub fn output_tx(&self, output: OutputNum) -> (TxNum, u32) {
        let (segment, row) = self.of_output(output);
        let starts = &segment.columns.tx_output;
        // transactions without outputs do not exist, so the last start at or below the row is its transaction
        let tx = starts.partition_point(|start| *start as usize <= row) - 1;
        (TxNum(segment.ranges.txs[0] + tx as u32), row as u32 - starts[tx])
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
            prev_vout: c.input_prev_vout[row],
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
        // coinbases share their start with the transaction after them, which is the one that owns the input
        let tx = segment.columns.tx_input.partition_point(|start| *start as usize <= row) - 1;
        TxNum(segment.ranges.txs[0] + tx as u32)
    }

    /// The number of the output that an input spends.
    #[inline]
    pub fn spent_output(&self, input: &Input) -> OutputNum {
        OutputNum(self.tx_outputs(input.prev_tx).start + u64::from(input.prev_vout))
    }

    /// The id of an address, `None` where no output ever paid it.
    pub fn address_id(&self, key: &AddressKey) -> Option<AddressId> {
        self.segments.iter().rev().find_map(|s| s.address_id(key))
    }

    /// The key of an address.
    ///
    /// # Panics
    /// On an id past the end, or where the store was damaged after it was opened.
    pub fn address_key(&self, address: AddressId) -> AddressKey {
        let segment = self.by(|r| r.addresses[1] <= address.0);
        let key = segment.address_key((address.0 - segment.ranges.addresses[0]) as usize);
        match key {
            Some(key) => key,
            None => panic!("address {address} has no readable key: the store is damaged, run `athar verify`"),
        }
    }

    /// The text of an address on this network.
    pub fn address_text(&self, address: AddressId) -> String {
        self.address_key(address).to_text_on(self.chain, self.network)
    }

    /// The outputs that pay an address, in chain order.
    pub fn address_outputs(&self, address: AddressId) -> AddressOutputs<'_> {
        let first = self.segments.partition_point(|s| s.ranges.addresses[1] <= address.0);
        AddressOutputs { segments: &self.segments[first..], address, current: None }
    }

    /// Every spend that reveals a key hash wrapped in P2SH, the first for each address in each segment: input, address,
    /// key hash.
    pub fn wrapped_reveals(&self) -> impl Iterator<Item = (InputNum, AddressId, [u8; 20])> + '_ {
        self.segments.iter().flat_map(|s| {
            let c = &s.columns;
            c.wrapped_input.iter().zip(&*c.wrapped_hash).map(|(input, hash)| {
                let num = InputNum(s.ranges.inputs[0] + u64::from(*input));
                (num, AddressId(c.input_address[*input as usize]), *hash)
            })
        })
    }

    /// Whether an address was ever spent from, or paid, with an uncompressed public key.
    pub fn is_uncompressed(&self, address: AddressId) -> bool {
        self.segments.iter().any(|s| s.columns.uncompressed.binary_search(&address.0).is_ok())
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
    pub fn tx_input_starts(&self) -> &[u32] {
        &self.columns.tx_input
    }

    /// Where each transaction's outputs begin, relative; one more entry at the end.
    pub fn tx_output_starts(&self) -> &[u32] {
        &self.columns.tx_output
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

    /// Transaction that spends each output where it lies in this segment; [`TxNum::NONE`] otherwise.
    pub fn output_spenders(&self) -> &[u32] {
        &self.columns.output_spent_by
    }

    /// Outputs of earlier segments that this one spends (chain-wide, ascending), and the transaction that spends each.
    pub fn late_spends(&self) -> (&[u64], &[u32]) {
        (&self.columns.late_output, &self.columns.late_spent_by)
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
    segments: &'a [Arc<Segment>],
    address: AddressId,
    current: Option<(&'a Segment, Range<usize>)>,
}

impl Iterator for AddressOutputs<'_> {
    type Item = OutputNum;

    fn next(&mut self) -> Option<OutputNum> {
        loop {
            if let Some((segment, places)) = &mut self.current
                && let Some(place) = places.next()
            {
                let relative = segment.columns.paid_output[place];
                return Some(OutputNum(segment.ranges.outputs[0] + u64::from(relative)));
            }
            let (segment, rest) = self.segments.split_first()?;
            self.segments = rest;
            self.current = Some((segment, segment.paid(self.address)));
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.current.as_ref().map_or(0, |(_, places)| places.len()), None)
    }
}
