//! Addresses of a segment: which outputs pay the same one, which of them earlier segments know, and the ids of the
//! others in the order of their first output.

use super::build::{KeyEntry, NO_ADDRESS, SegmentBuilder};
use super::parts::{Part, Parts, Slots};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::run::index::Heads;
use crate::schema::{RunData, SegmentData};
use athar_types::{AddressId, AddressKind};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// What the cell of an output holds while ids are given.
const FINAL: u8 = 0;
/// ... where its address was found: see [`Locators`].
const FIRST: u8 = 1;
/// ... the first output that pays the same address.
const AGAIN: u8 = 2;

/// New addresses gathered by one task.
const CHUNK: usize = 1 << 14;

/// New addresses of a part in the order of their keys, by the length of their payloads.
struct Fresh(Vec<KeyEntry<20>>, Vec<KeyEntry<32>>, Vec<KeyEntry<41>>);

/// Where a new address stands: class, part and place in one number.
#[derive(Clone, Copy)]
struct Locators {
    place_bits: u32,
}

impl Locators {
    fn pack(self, class: u32, part: usize, place: usize) -> u32 {
        class << 30 | (part as u32) << self.place_bits | place as u32
    }

    fn unpack(self, locator: u32) -> (u32, usize, usize) {
        let part = (locator & ((1 << 30) - 1)) >> self.place_bits;
        (locator >> 30, part as usize, (locator & ((1 << self.place_bits) - 1)) as usize)
    }
}

struct Matching<'a> {
    cells: Vec<AtomicU32>,
    marks: Vec<AtomicU8>,
    locators: Locators,
    earlier: &'a Ledger,
}

impl SegmentBuilder {
    /// The address id of each output. Fills in the columns of new addresses and their look-up.
    pub(super) fn give_addresses(&mut self, earlier: &Ledger, run: &mut RunData) -> Result<Vec<u32>, LedgerError> {
        let outputs = self.data.output_value.len();
        let matching = Matching {
            cells: (0..outputs).map(|_| AtomicU32::new(NO_ADDRESS)).collect(),
            marks: (0..outputs).map(|_| AtomicU8::new(FINAL)).collect(),
            locators: Locators { place_bits: 30 - self.part_bits },
            earlier,
        };
        let parts: Vec<_> = std::mem::replace(&mut self.keys20, Parts::new(0))
            .into_parts()
            .into_iter()
            .zip(std::mem::replace(&mut self.keys32, Parts::new(0)).into_parts())
            .zip(std::mem::replace(&mut self.keys41, Parts::new(0)).into_parts())
            .collect();
        let fresh: Vec<Fresh> = parts
            .into_par_iter()
            .enumerate()
            .map(|(at, ((keys20, keys32), keys41))| {
                Ok(Fresh(matching.part(0, at, keys20)?, matching.part(1, at, keys32)?, matching.part(2, at, keys41)?))
            })
            .collect::<Result<_, LedgerError>>()?;

        let Matching { cells, marks, locators, .. } = matching;
        let mut cells: Vec<u32> = cells.into_iter().map(AtomicU32::into_inner).collect();
        let first = self.ranges.addresses[0];
        let found = number(&mut cells, &marks, first)?;
        drop(marks);
        self.ranges.addresses[1] = first + found.len() as u32;
        gather(&mut self.data, &found, &fresh, locators);
        let mut heads = Heads::new(found.len());
        drop(found);
        let of = |row: u32| cells[row as usize] - first;
        let ordered: Vec<Vec<(u64, u32)>> = fresh.into_par_iter().map(|part| part.by_key(of)).collect();
        run.key_head = Vec::with_capacity(self.data.address_kind.len());
        run.key_address = Vec::with_capacity(self.data.address_kind.len());
        for (key, address) in ordered.into_iter().flatten() {
            run.key_head.push(heads.next(key));
            run.key_address.push(address);
        }
        run.key_bucket = heads.finish();
        Ok(cells)
    }
}

impl Matching<'_> {
    /// Matches the outputs of one part; gives its new addresses in the order of their keys.
    fn part<const N: usize>(
        &self,
        class: u32,
        at: usize,
        part: Part<KeyEntry<N>>,
    ) -> Result<Vec<KeyEntry<N>>, LedgerError> {
        let mut slots = Slots::new(part.len());
        // the first output of each address, and the address of each row
        let mut firsts: Vec<KeyEntry<N>> = Vec::new();
        let mut of = Vec::with_capacity(part.len());
        for row in part.iter() {
            let next = firsts.len() as u32;
            let found = slots.get_or_put(row.key() >> 16, next, |a| firsts[a as usize].same_address(row));
            if found.is_none() {
                firsts.push(*row);
            }
            of.push(found.unwrap_or(next));
        }
        drop(slots);
        let mut order: Vec<(u64, u32)> = (0..).zip(&firsts).map(|(address, first)| (first.key(), address)).collect();
        // addresses are numbered by their first row: ties stand in chain order
        order.sort_unstable();
        // what the cell of an address's outputs gets, and whether that is an id already
        let mut answers = vec![(0, false); firsts.len()];
        let mut fresh = Vec::new();
        let known = self.earlier.known_addresses(order.len(), |at| {
            let first = &firsts[order[at].1 as usize];
            (order[at].0, first.kind, first.payload())
        });
        for ((_, address), known) in order.into_iter().zip(known) {
            answers[address as usize] = if known == NO_ADDRESS {
                fresh.push(firsts[address as usize]);
                (self.locators.pack(class, at, fresh.len() - 1), false)
            } else {
                (known, true)
            };
        }
        if fresh.len() >> self.locators.place_bits != 0 {
            return Err(LedgerError::Full("addresses in one segment"));
        }
        for (row, address) in part.iter().zip(of) {
            let first = firsts[address as usize].row;
            let (mark, cell) = match answers[address as usize] {
                (id, true) => (FINAL, id),
                (locator, false) if first == row.row => (FIRST, locator),
                _ => (AGAIN, first),
            };
            self.cells[row.row as usize].store(cell, Relaxed);
            self.marks[row.row as usize].store(mark, Relaxed);
        }
        Ok(fresh)
    }
}

/// Gives ids to new addresses in the order of their first outputs; gives where each was found.
fn number(cells: &mut [u32], marks: &[AtomicU8], first: u32) -> Result<Vec<u32>, LedgerError> {
    let mut found = Vec::new();
    for (row, mark) in marks.iter().enumerate() {
        match mark.load(Relaxed) {
            FIRST => {
                let id = u64::from(first) + found.len() as u64;
                let Some(id) = AddressId::checked(id) else { return Err(LedgerError::Full("addresses")) };
                found.push(cells[row]);
                cells[row] = id.0;
            }
            AGAIN => cells[row] = cells[cells[row] as usize],
            _ => {}
        }
    }
    Ok(found)
}

/// The columns of new addresses, in id order.
fn gather(data: &mut SegmentData, found: &[u32], fresh: &[Fresh], locators: Locators) {
    data.address_kind = vec![0; found.len()];
    data.address_head = vec![[0; 20]; found.len()];
    let work = data
        .address_kind
        .par_chunks_mut(CHUNK)
        .zip(data.address_head.par_chunks_mut(CHUNK))
        .zip(found.par_chunks(CHUNK))
        .enumerate();
    let odd: Vec<(Vec<(u32, [u8; 12])>, Vec<(u32, &[u8])>)> = work
        .map(|(chunk, ((kinds, heads), found))| {
            let (mut tails, mut programs) = (Vec::new(), Vec::new());
            for (i, locator) in found.iter().enumerate() {
                let (class, part, place) = locators.unpack(*locator);
                let address = (chunk * CHUNK + i) as u32;
                let (kind, payload) = match class {
                    0 => (fresh[part].0[place].kind, fresh[part].0[place].payload()),
                    1 => (fresh[part].1[place].kind, fresh[part].1[place].payload()),
                    _ => (fresh[part].2[place].kind, fresh[part].2[place].payload()),
                };
                kinds[i] = kind;
                let short = payload.len().min(20);
                heads[i][..short].copy_from_slice(&payload[..short]);
                if kind == AddressKind::Witness as u8 {
                    programs.push((address, payload));
                } else if let Some(tail) = payload.get(20..).and_then(|t| <[u8; 12]>::try_from(t).ok()) {
                    tails.push((address, tail));
                }
            }
            (tails, programs)
        })
        .collect();
    data.program_start = vec![0];
    for (tails, programs) in odd {
        data.tail_address.extend(tails.iter().map(|t| t.0));
        data.tail_bytes.extend(tails.iter().map(|t| t.1));
        for (address, program) in programs {
            data.program_address.push(address);
            data.program_bytes.extend_from_slice(program);
            data.program_start.push(data.program_bytes.len() as u32);
        }
    }
}

impl Fresh {
    /// The addresses of the part by key; ties stand in chain order.
    fn by_key(self, address_of: impl Fn(u32) -> u32) -> Vec<(u64, u32)> {
        let mut all: Vec<(u64, u32)> = self.0.iter().map(|e| (e.key(), e.row)).collect();
        // nearly all addresses have twenty bytes, and those are in order already
        if !self.1.is_empty() || !self.2.is_empty() {
            all.extend(self.1.iter().map(|e| (e.key(), e.row)));
            all.extend(self.2.iter().map(|e| (e.key(), e.row)));
            all.sort_unstable();
        }
        for (_, row) in &mut all {
            *row = address_of(*row);
        }
        all
    }
}
