//! Collecting blocks for a segment: decoded blocks in, in chain order. Facts go to their columns at once; what has to be
//! matched (inputs with transactions, outputs with addresses) is parted by key and left to [`SegmentBuilder::finish`].

use super::parts::Parts;
use crate::error::LedgerError;
use crate::manifest::Ranges;
use crate::rows::{BlockRows, OutRow};
use crate::schema::SegmentData;
use athar_types::{AddressId, Hash32, Height, ScriptKind, TxNum};

/// Rows that a segment may hold: places in its arrays take 30 bits.
const ROWS_MAX: usize = 1 << 30;
/// Bits of the number of parts that the rows of a segment are matched in: with four million transactions the tables of
/// a part fit a core's own cache, and so do the ends of all parts while they are filled.
const PART_BITS: u32 = 9;
/// Parts of a segment that is known to be small, as a single block.
const PART_BITS_SMALL: u32 = 4;

/// A transaction of the segment, under its id.
#[derive(Clone, Copy, Debug)]
pub(super) struct TxEntry {
    pub(super) id: [u8; 32],
    /// Relative number.
    pub(super) row: u32,
}

/// An input, under the id of the transaction that it spends from.
#[derive(Clone, Copy, Debug)]
pub(super) struct InputEntry {
    pub(super) txid: [u8; 32],
    /// Relative number.
    pub(super) row: u32,
}

/// An output, under the key of its address. `N` bytes hold the longest payload of its class.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyEntry<const N: usize> {
    /// [`crate::key_hash`]: bits 32 to 64 and 16 to 32.
    top: u32,
    middle: u16,
    pub(super) kind: u8,
    len: u8,
    /// Relative number.
    pub(super) row: u32,
    payload: [u8; N],
}

impl<const N: usize> KeyEntry<N> {
    fn new(output: &OutRow, row: u32, bytes: &[u8]) -> Self {
        let mut payload = [0; N];
        payload[..bytes.len()].copy_from_slice(bytes);
        let (top, middle) = ((output.key_hash >> 32) as u32, (output.key_hash >> 16) as u16);
        Self { top, middle, kind: output.key_kind, len: bytes.len() as u8, row, payload }
    }

    /// The first 48 bits of the key.
    #[inline]
    pub(super) fn key(&self) -> u64 {
        u64::from(self.top) << 32 | u64::from(self.middle) << 16
    }

    #[inline]
    pub(super) fn payload(&self) -> &[u8] {
        &self.payload[..usize::from(self.len)]
    }

    #[inline]
    pub(super) fn same_address(&self, other: &Self) -> bool {
        self.payload == other.payload && self.kind == other.kind && self.len == other.len
    }
}

/// Collects blocks in chain order and writes them as a segment.
#[derive(Debug)]
pub struct SegmentBuilder {
    pub(super) ranges: Ranges,
    pub(super) tip: Hash32,
    pub(super) block_bytes: u64,
    pub(super) part_bits: u32,
    pub(super) data: SegmentData,
    /// First output of each transaction, relative; one more entry at the end.
    pub(super) tx_output: Vec<u32>,
    /// First input of each transaction, the same.
    pub(super) tx_input: Vec<u32>,
    pub(super) txs: Parts<TxEntry>,
    pub(super) inputs: Parts<InputEntry>,
    pub(super) keys20: Parts<KeyEntry<20>>,
    pub(super) keys32: Parts<KeyEntry<32>>,
    pub(super) keys41: Parts<KeyEntry<41>>,
    /// Relative inputs that push an uncompressed key.
    pub(super) uncompressed: Vec<u32>,
    /// Relative outputs that pay an uncompressed key directly.
    pub(super) uncompressed_paid: Vec<u32>,
}

impl SegmentBuilder {
    /// A builder for the blocks that follow `ranges` (of the last segment) and the block `tip`.
    pub fn new(ranges: &Ranges, tip: Hash32) -> Self {
        Self::parted(ranges, tip, PART_BITS)
    }

    /// The same for few blocks: takes less memory and time to begin.
    pub fn small(ranges: &Ranges, tip: Hash32) -> Self {
        Self::parted(ranges, tip, PART_BITS_SMALL)
    }

    fn parted(ranges: &Ranges, tip: Hash32, part_bits: u32) -> Self {
        let mut data = SegmentData::default();
        data.script_start.push(0);
        data.block_more_start.push(0);
        Self {
            ranges: ranges.next(),
            tip,
            block_bytes: 0,
            part_bits,
            data,
            tx_output: vec![0],
            tx_input: vec![0],
            txs: Parts::new(part_bits),
            inputs: Parts::new(part_bits),
            keys20: Parts::new(part_bits),
            keys32: Parts::new(part_bits),
            keys41: Parts::new(part_bits),
            uncompressed: Vec::new(),
            uncompressed_paid: Vec::new(),
        }
    }

    /// Whether no block was added yet.
    pub fn is_empty(&self) -> bool {
        self.data.block_hash.is_empty()
    }

    /// Hash of the last block added, or of the block before the segment.
    pub fn tip(&self) -> Hash32 {
        self.tip
    }

    /// Height of the next block to add.
    pub fn next_height(&self) -> Height {
        Height(self.ranges.blocks[1])
    }

    /// Anonymous memory that the builder needs at its peak (while it finishes), in bytes: an estimate from above.
    pub fn memory_bytes(&self) -> u64 {
        let (txs, outputs, inputs) =
            (self.data.tx_id.len(), self.data.output_value.len(), self.data.input_prev_vout.len());
        // A row at its widest: its columns, its parted entry with the slack of growing vectors, and what `finish` adds
        // before it lets go. Measured peaks lie below; see docs/benchmarks.md.
        (txs * (52 + 44) + inputs * (44 + 16) + outputs * (26 + 44 + 24)) as u64
            + (self.data.script_bytes.capacity() + self.data.script_start.capacity() * 12) as u64
            + ((48 * 5) << self.part_bits)
    }

    /// Adds the next block.
    pub fn push(&mut self, block: &BlockRows) -> Result<(), LedgerError> {
        let mut header = [0; 80];
        header.copy_from_slice(&block.header[..80]);
        let mut parent = Hash32::ZERO;
        parent.0.copy_from_slice(&header[4..36]);
        if parent != self.tip {
            return Err(LedgerError::NotTheNextBlock { hash: block.hash, parent, tip: self.tip });
        }
        self.check_room(block)?;
        let first_tx = self.data.tx_id.len() as u32;
        let first_output = self.data.output_value.len() as u32;
        let first_input = self.data.input_prev_vout.len() as u32;
        self.push_outputs(block, first_output);
        self.push_txs(block, first_tx, first_output);
        self.push_inputs(block, first_input);
        for script in &block.scripts {
            let output = first_output + script.output;
            let bytes = &block.script_bytes[script.bytes.start as usize..script.bytes.end as usize];
            self.data.script_output.push(output);
            self.data.script_bytes.extend_from_slice(bytes);
            self.data.script_start.push(self.data.script_bytes.len() as u64);
            // a key paid directly shows its form in the output itself: 65 bytes and two opcodes
            if block.outputs[script.output as usize].kind == ScriptKind::P2pk && bytes.len() == 67 {
                self.uncompressed_paid.push(output);
            }
        }
        self.uncompressed.extend(block.uncompressed.iter().map(|input| first_input + input));
        for flow in &block.pools {
            self.data.pool_tx.push(first_tx + flow.tx);
            self.data.pool_kind.push(flow.pool);
            self.data.pool_value.push(flow.value_sat);
        }

        self.ranges.blocks[1] += 1;
        self.ranges.txs[1] += block.txs.len() as u32;
        self.ranges.outputs[1] += block.outputs.len() as u64;
        self.ranges.inputs[1] += block.inputs.len() as u64;
        self.data.block_header.push(header);
        self.data.block_more_bytes.extend_from_slice(&block.header[80..]);
        self.data.block_more_start.push(self.data.block_more_bytes.len() as u32);
        self.data.block_hash.push(block.hash.0);
        self.data.block_time.push(block.time);
        self.data.block_tx_end.push(self.ranges.txs[1]);
        self.data.block_size.push(block.size);
        self.block_bytes += u64::from(block.size);
        self.tip = block.hash;
        Ok(())
    }

    fn check_room(&self, block: &BlockRows) -> Result<(), LedgerError> {
        let full = |have: usize, more: usize| have + more >= ROWS_MAX;
        if TxNum::checked(u64::from(self.ranges.txs[1]) + block.txs.len() as u64).is_none() {
            return Err(LedgerError::Full("transactions"));
        }
        if full(self.data.output_value.len(), block.outputs.len())
            || full(self.data.input_prev_vout.len(), block.inputs.len())
            || full(self.data.block_more_bytes.len(), block.header.len())
        {
            return Err(LedgerError::Full("rows in one segment"));
        }
        Ok(())
    }

    fn push_outputs(&mut self, block: &BlockRows, first: u32) {
        let data = &mut self.data;
        data.output_value.extend(block.outputs.iter().map(|o| o.value));
        data.output_kind.extend(block.outputs.iter().map(|o| o.kind as u8));
        for (row, output) in (first..).zip(&block.outputs) {
            let start = output.key_start as usize;
            let payload = &block.keys[start..start + usize::from(output.key_len)];
            match (output.class(), output.key_hash) {
                (KeyClass::None, _) => {}
                (KeyClass::Bytes20, hash) => self.keys20.push(hash, KeyEntry::new(output, row, payload)),
                (KeyClass::Bytes32, hash) => self.keys32.push(hash, KeyEntry::new(output, row, payload)),
                (KeyClass::Other, hash) => self.keys41.push(hash, KeyEntry::new(output, row, payload)),
            }
        }
    }

    fn push_txs(&mut self, block: &BlockRows, first: u32, first_output: u32) {
        let data = &mut self.data;
        let mut output = first_output;
        let mut input = data.input_prev_vout.len() as u32;
        for (row, tx) in (first..).zip(&block.txs) {
            output += tx.outputs;
            input += tx.inputs;
            self.tx_output.push(output);
            self.tx_input.push(input);
            data.tx_flags.push(tx.flags.0);
            data.tx_id.push(tx.txid.0);
            self.txs.push(tx.txid.prefix(), TxEntry { id: tx.txid.0, row });
            let version = u8::try_from(tx.version).ok().filter(|v| *v != u8::MAX);
            data.tx_version.push(version.unwrap_or(u8::MAX));
            if version.is_none() {
                data.version_tx.push(row);
                data.version_value.push(tx.version);
            }
            let weight = u16::try_from(tx.weight).ok().filter(|w| *w != u16::MAX);
            data.tx_weight.push(weight.unwrap_or(u16::MAX));
            if weight.is_none() {
                data.weight_tx.push(row);
                data.weight_value.push(tx.weight);
            }
            if tx.locktime != 0 {
                data.locktime_tx.push(row);
                data.locktime_value.push(tx.locktime);
            }
        }
    }

    fn push_inputs(&mut self, block: &BlockRows, first: u32) {
        let data = &mut self.data;
        for (row, input) in (first..).zip(&block.inputs) {
            let vout = u8::try_from(input.prev_vout).ok().filter(|v| *v != u8::MAX);
            data.input_prev_vout.push(vout.unwrap_or(u8::MAX));
            if vout.is_none() {
                data.vout_input.push(row);
                data.vout_value.push(input.prev_vout);
            }
            self.inputs.push(input.prev_txid.prefix(), InputEntry { txid: input.prev_txid.0, row });
        }
    }
}

/// Where the key of an address goes: by the room that its payload takes.
enum KeyClass {
    None,
    Bytes20,
    Bytes32,
    Other,
}

impl OutRow {
    #[inline]
    fn class(&self) -> KeyClass {
        const WITNESS: u8 = athar_types::AddressKind::Witness as u8;
        match (self.key_len, self.key_kind) {
            (0, _) => KeyClass::None,
            (_, WITNESS) => KeyClass::Other,
            (20, _) => KeyClass::Bytes20,
            (32, _) => KeyClass::Bytes32,
            _ => KeyClass::Other,
        }
    }
}

/// The value of a row in a column that keeps the exceptions apart: `rows` (ascending) and their `values`.
#[inline]
pub(super) fn exception<T: Copy>(rows: &[u32], values: &[T], row: u32) -> Option<T> {
    rows.binary_search(&row).ok().map(|at| values[at])
}

/// Stored where an output pays no address.
pub(super) const NO_ADDRESS: u32 = AddressId::NONE;
