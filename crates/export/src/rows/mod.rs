//! Rows of every table, a batch at a time. One file for each kind of table.

mod addresses;
mod blocks;
mod cursor;
mod entities;
mod figures;
mod inputs;
mod labels;
mod outputs;
mod spent;
mod transactions;

use crate::Table;
use crate::error::ExportError;
use crate::plan::{BATCH_ROWS, Part};
use arrow_array::builder::{FixedSizeBinaryBuilder, ListBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::{ArrowError, DataType, Field};
use athar_entities::Forest;
use athar_labels::LabelStore;
use athar_ledger::Ledger;
use athar_prices::Prices;
use athar_types::{Hash32, OutputNum, Sats, ScriptKind, UnixTime};
use std::{ops::Range, sync::Arc};

/// What rows are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) forest: &'a Forest,
    pub(crate) labels: &'a LabelStore,
    pub(crate) prices: &'a Prices,
}

/// The batches of a part, in order; `done` is told the numbers of [`Part::rows`] that each covers.
pub(crate) fn batches<'a>(
    view: &'a View<'a>,
    part: &'a Part,
    done: &'a dyn Fn(u64),
) -> impl Iterator<Item = Result<RecordBatch, ExportError>> + 'a {
    let Range { start, end } = part.rows;
    (start..end).step_by(BATCH_ROWS as usize).map(move |from| {
        let rows = from..from.saturating_add(BATCH_ROWS).min(end);
        let len = rows.end - rows.start;
        let columns = match part.table {
            Table::Blocks => blocks::columns(view, rows)?,
            Table::Transactions => transactions::columns(view, rows)?,
            Table::Inputs => inputs::columns(view, rows)?,
            Table::Outputs => outputs::columns(view, rows)?,
            Table::Addresses => addresses::columns(view, rows)?,
            Table::Entities => entities::columns(view, rows),
            Table::Labels => labels::columns(view, rows),
        };
        let batch = RecordBatch::try_new(part.table.schema(), columns).map_err(|e| misfit(part.table, e))?;
        done(len);
        Ok(batch)
    })
}

fn misfit(table: Table, source: ArrowError) -> ExportError {
    ExportError::Rows { table, source }
}

fn array(array: impl arrow_array::Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// Hashes in the order in which they are shown.
fn hashes(hashes: impl ExactSizeIterator<Item = Hash32>) -> ArrayRef {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(hashes.len(), 32);
    for Hash32(mut bytes) in hashes {
        bytes.reverse();
        let appended = builder.append_value(bytes);
        debug_assert!(appended.is_ok(), "32 bytes fit 32 bytes");
    }
    Arc::new(builder.finish())
}

/// Times of blocks.
fn times(times: impl Iterator<Item = UnixTime>) -> ArrayRef {
    let millis = TimestampMillisecondArray::from_iter_values(times.map(|t| i64::from(t.0) * 1000));
    Arc::new(millis.with_timezone("UTC"))
}

/// Script kinds as words.
fn script_kinds(kinds: impl Iterator<Item = ScriptKind>) -> Result<ArrayRef, ArrowError> {
    let words = StringArray::from_iter_values(ScriptKind::ALL.map(word));
    let keys = Int32Array::from_iter_values(kinds.map(|k| k as i32));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(words))?))
}

/// The word of a script kind, as answers write it.
fn word(kind: ScriptKind) -> String {
    // a kind is a unit variant: its JSON is a text
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Lists of texts.
fn lists(lists: impl Iterator<Item = Option<Vec<String>>>) -> ArrayRef {
    let field = Arc::new(Field::new_list_field(DataType::Utf8, false));
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(field);
    for list in lists {
        let is_there = list.is_some();
        for text in list.into_iter().flatten() {
            builder.values().append_value(text);
        }
        builder.append(is_there);
    }
    Arc::new(builder.finish())
}

/// Optional words.
fn words<'a>(words: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    words.for_each(|word| builder.append_option(word));
    Arc::new(builder.finish())
}

/// The value of an output as a signed number.
fn sat(num: OutputNum, value: Sats) -> Result<i64, ExportError> {
    i64::try_from(value.0).map_err(|_| ExportError::Value { output: num.0, value_sat: value.0 })
}

/// The sum in satoshi of the outputs in a range of numbers.
fn paid(view: &View<'_>, outputs: Range<u64>) -> Result<i64, ExportError> {
    outputs
        .map(OutputNum)
        .try_fold(0i64, |total, num| Ok(total.saturating_add(sat(num, view.ledger.output_value(num))?)))
}

/// A sum of values, held at the largest signed number where it would pass it.
fn sum(value_sat: u64) -> i64 {
    i64::try_from(value_sat).unwrap_or(i64::MAX)
}
