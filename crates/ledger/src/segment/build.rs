//! Building a segment: decoded blocks in, in chain order; everything that can be told from the segment alone is
//! resolved at once, the rest is kept for [`SegmentBuilder::finish`].

use super::resolve::Pending;
use crate::error::LedgerError;
use crate::manifest::Ranges;
use crate::rows::{BlockRows, OutRow};
use crate::schema::ColumnData;
use athar_types::{AddressId, Hash32, Height, TxNum};

/// Sum of ids that a segment may hold; the two top bits of a rank are its class.
const ROWS_MAX: usize = 1 << 30;

/// A hash table from 64-bit hashes to row numbers; the rows themselves live elsewhere and are compared by the caller.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// `hash tag << 32 | row`, or `u64::MAX` for an empty slot.
    slots: Vec<u64>,
    len: usize,
}

impl Table {
    const EMPTY: u64 = u64::MAX;

    /// The slot of the row that `is_it` accepts among those with this hash, or the empty slot where it belongs.
    #[inline]
    fn slot(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> (usize, Option<u32>) {
        let mask = self.slots.len() - 1;
        let tag = hash & 0xffff_ffff_0000_0000;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == Self::EMPTY {
                return (at, None);
            }
            if slot & 0xffff_ffff_0000_0000 == tag && is_it(slot as u32) {
                return (at, Some(slot as u32));
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    fn get(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() { None } else { self.slot(hash, is_it).1 }
    }

    #[inline]
    fn set(&mut self, at: usize, hash: u64, row: u32, fresh: bool) {
        self.slots[at] = hash & 0xffff_ffff_0000_0000 | u64::from(row);
        self.len += usize::from(fresh);
    }

    /// Makes room for one more row. `hash_of` gives a row's hash again.
    #[inline]
    fn reserve(&mut self, hash_of: impl Fn(u32) -> u64) {
        if self.len * 8 < self.slots.len() * 5 {
            return;
        }
        let size = (self.slots.len() * 2).max(1 << 12);
        let old = std::mem::replace(&mut self.slots, vec![Self::EMPTY; size]);
        for slot in old.into_iter().filter(|s| *s != Self::EMPTY) {
            let row = slot as u32;
            let hash = hash_of(row);
            let mut at = hash as usize & (size - 1);
            while self.slots[at] != Self::EMPTY {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
        }
    }
}

/// The distinct addresses paid in the segment, in the order they are first paid.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    table: Table,
    pub(super) hashes: Vec<u64>,
    /// Kind, and where the payload begins in `payloads`.
    pub(super) kinds: Vec<u8>,
    starts: Vec<u32>,
    pub(super) payloads: Vec<u8>,
}

impl Addresses {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    #[inline]
    pub(super) fn payload(&self, row: usize) -> &[u8] {
        let end = self.starts.get(row + 1).map_or(self.payloads.len(), |e| *e as usize);
        &self.payloads[self.starts[row] as usize..end]
    }

    /// The row of an address, new or known.
    #[inline]
    fn row(&mut self, hash: u64, kind: u8, payload: &[u8]) -> Result<u32, LedgerError> {
        let Self { table, hashes, .. } = self;
        table.reserve(|row| hashes[row as usize]);
        let (at, found) = self.table.slot(hash, |row| {
            let row = row as usize;
            self.kinds[row] == kind && self.payload(row) == payload
        });
        if let Some(row) = found {
            return Ok(row);
        }
        let row = self.kinds.len() as u32;
        let start =
            u32::try_from(self.payloads.len()).map_err(|_| LedgerError::Full("address bytes in one segment"))?;
        self.table.set(at, hash, row, true);
        self.hashes.push(hash);
        self.kinds.push(kind);
        self.starts.push(start);
        self.payloads.extend_from_slice(payload);
        Ok(row)
    }
}

/// Collects blocks in chain order and writes them as a segment.
#[derive(Debug)]
pub struct SegmentBuilder {
    pub(super) ranges: Ranges,
    pub(super) tip: Hash32,
    pub(super) block_bytes: u64,
    pub(super) data: ColumnData,
    pub(super) txids: Vec<[u8; 32]>,
    tx_table: Table,
    pub(super) addresses: Addresses,
    /// Inputs that spend outputs of earlier segments.
    pub(super) pending: Vec<Pending>,
    /// Relative inputs that push an uncompressed key.
    pub(super) uncompressed: Vec<u32>,
}

impl SegmentBuilder {
    /// A builder for the blocks that follow `ranges` (of the last segment) and the block `tip`.
    pub fn new(ranges: &Ranges, tip: Hash32) -> Self {
        let mut data = ColumnData::default();
        data.tx_output.push(0);
        data.tx_input.push(0);
        data.script_start.push(0);
        data.block_header_start.push(0);
        Self {
            ranges: ranges.next(),
            tip,
            block_bytes: 0,
            data,
            txids: Vec::new(),
            tx_table: Table::default(),
            addresses: Addresses::default(),
            pending: Vec::new(),
            uncompressed: Vec::new(),
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
        let (txs, outputs, inputs) = (self.txids.len(), self.data.output_value.len(), self.data.input_prev_tx.len());
        let addresses = self.addresses.len();
        // per row: columns, tables at their emptiest, and the largest set of temporary arrays alive in `finish`
        (txs * (32 + 25 + 26 + 20) + outputs * (17 + 8) + inputs * 12 + addresses * (37 + 26 + 30)) as u64
            + (self.pending.len() * 80 + self.data.script_bytes.len() + self.addresses.payloads.len()) as u64
    }

    /// Adds the next block.
    pub fn push(&mut self, block: &BlockRows) -> Result<(), LedgerError> {
        let mut parent = Hash32::ZERO;
        parent.0.copy_from_slice(&block.header[4..36]);
        if parent != self.tip {
            return Err(LedgerError::NotTheNextBlock { hash: block.hash, parent, tip: self.tip });
        }
        self.check_room(block)?;
        let first_output = self.data.output_value.len() as u32;
        let first_input = self.data.input_prev_tx.len() as u32;
        self.push_outputs(block)?;
        self.push_txs(block, first_output)?;
        for script in &block.scripts {
            self.data.script_output.push(first_output + script.output);
            let bytes = &block.script_bytes[script.bytes.start as usize..script.bytes.end as usize];
            self.data.script_bytes.extend_from_slice(bytes);
            self.data.script_start.push(self.data.script_bytes.len() as u64);
        }
        for (input, hash) in &block.wrapped {
            self.data.wrapped_input.push(first_input + input);
            self.data.wrapped_hash.push(*hash);
        }
        self.uncompressed.extend(block.uncompressed.iter().map(|input| first_input + input));

        self.ranges.blocks[1] += 1;
        self.ranges.txs[1] += block.txs.len() as u32;
        self.ranges.outputs[1] += block.outputs.len() as u64;
        self.ranges.inputs[1] += block.inputs.len() as u64;
        self.data.block_header.extend_from_slice(&block.header);
        self.data.block_header_start.push(self.data.block_header.len() as u64);
        self.data.block_time.push(block.time);
        self.data.block_hash.push(block.hash.0);
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
        let addresses_max = u64::from(self.ranges.addresses[0]) + (self.addresses.len() + block.outputs.len()) as u64;
        if AddressId::checked(addresses_max).is_none() {
            return Err(LedgerError::Full("addresses"));
        }
        if full(self.data.output_value.len(), block.outputs.len())
            || full(self.data.input_prev_tx.len(), block.inputs.len())
        {
            return Err(LedgerError::Full("rows in one segment"));
        }
        Ok(())
    }

    fn push_outputs(&mut self, block: &BlockRows) -> Result<(), LedgerError> {
        let outputs = block.outputs.len();
        self.data.output_value.extend(block.outputs.iter().map(|o| o.value));
        self.data.output_kind.extend(block.outputs.iter().map(|o| o.kind as u8));
        self.data.output_spent_by.resize(self.data.output_spent_by.len() + outputs, TxNum::NONE);
        self.data.output_address.reserve(outputs);
        for output in &block.outputs {
            let row = self.address_row(output, &block.keys)?;
            self.data.output_address.push(row);
        }
        Ok(())
    }

    #[inline]
    fn address_row(&mut self, output: &OutRow, keys: &[u8]) -> Result<u32, LedgerError> {
        if output.key_len == 0 {
            return Ok(AddressId::NONE);
        }
        let start = output.key_start as usize;
        let payload = &keys[start..start + usize::from(output.key_len)];
        self.addresses.row(output.key_hash, output.key_kind, payload)
    }

    fn push_txs(&mut self, block: &BlockRows, first_output: u32) -> Result<(), LedgerError> {
        let (mut output, mut input) = (first_output, 0);
        for tx in &block.txs {
            let num = self.ranges.txs[0] + self.txids.len() as u32;
            for row in &block.inputs[input..input + tx.inputs as usize] {
                self.push_input(num, row.prev_txid, row.prev_vout)?;
            }
            input += tx.inputs as usize;
            output += tx.outputs;
            self.data.tx_output.push(output);
            self.data.tx_input.push(self.data.input_prev_tx.len() as u32);
            self.data.tx_version.push(tx.version);
            self.data.tx_locktime.push(tx.locktime);
            self.data.tx_weight.push(tx.weight);
            self.data.tx_flags.push(tx.flags.0);
            self.remember_txid(tx.txid);
        }
        Ok(())
    }

    /// After a transaction's own inputs: it cannot spend itself.
    #[inline]
    fn remember_txid(&mut self, txid: Hash32) {
        let Self { tx_table, txids, .. } = self;
        tx_table.reserve(|row| Hash32(txids[row as usize]).prefix());
        let hash = txid.prefix();
        // BIP 30: two early coinbases repeat an earlier id; from then on the id means the later transaction
        let (at, found) = tx_table.slot(hash, |row| txids[row as usize] == txid.0);
        tx_table.set(at, hash, txids.len() as u32, found.is_none());
        txids.push(txid.0);
    }

    #[inline]
    fn push_input(&mut self, tx: u32, txid: Hash32, vout: u32) -> Result<(), LedgerError> {
        let Self { tx_table, txids, data, .. } = self;
        let found = tx_table.get(txid.prefix(), |row| txids[row as usize] == txid.0);
        let Some(row) = found else {
            let input = data.input_prev_tx.len() as u32;
            self.pending.push(Pending { txid: txid.0, vout, input, tx });
            self.data.input_prev_tx.push(TxNum::NONE);
            self.data.input_prev_vout.push(vout);
            self.data.input_address.push(AddressId::NONE);
            return Ok(());
        };
        let row = row as usize;
        let height = Height(self.ranges.blocks[1]);
        let output = data.tx_output[row].checked_add(vout).filter(|o| *o < data.tx_output[row + 1]);
        let Some(output) = output else { return Err(LedgerError::MissingOutput { height, txid, vout }) };
        let spent_by = &mut data.output_spent_by[output as usize];
        if *spent_by != TxNum::NONE {
            return Err(LedgerError::DoubleSpend { height, txid, vout });
        }
        *spent_by = tx;
        data.input_prev_tx.push(self.ranges.txs[0] + row as u32);
        data.input_prev_vout.push(vout);
        // the address row of the segment for now; `finish` turns rows into ids
        data.input_address.push(data.output_address[output as usize]);
        Ok(())
    }
}
