//! Rows of `blocks`.

use super::{View, array, hashes, lists, misfit, paid, times};
use crate::Table;
use crate::columns::{PRICE_DECIMALS, PRICE_DIGITS};
use crate::error::ExportError;
use crate::plan::outputs_of;
use arrow_array::{ArrayRef, BooleanArray, Decimal128Array, Int32Array, Int64Array, UInt32Array};
use arrow_schema::ArrowError;
use athar_chains::bitcoin::Header;
use athar_chains::read_header;
use athar_ledger::BlockInfo;
use athar_prices::Quote;
use athar_types::{Asset, Height};
use std::ops::Range;

pub(super) fn columns(view: &View<'_>, heights: Range<u64>) -> Result<Vec<ArrayRef>, ExportError> {
    let blocks: Vec<BlockInfo> = heights.filter_map(|h| view.ledger.block(Height(h as u32))).collect();
    let chain = view.ledger.chain();
    let header = |b: &BlockInfo| read_header(chain, &b.header).map(|h| h.fields);
    let headers: Vec<Header> = blocks
        .iter()
        .map(header)
        .collect::<Result<_, _>>()
        .map_err(|e| misfit(Table::Blocks, ArrowError::ExternalError(Box::new(e))))?;
    let output_sat = blocks
        .iter()
        .map(|b| paid(view, outputs_of(view.ledger, &b.txs)))
        .collect::<Result<Vec<i64>, ExportError>>()?;
    let coin = Asset::coin_of(view.ledger.chain());
    let quotes: Vec<Option<Quote<'_>>> = blocks.iter().map(|b| view.prices.quote(coin, b.time().day())).collect();
    let price_usd: Decimal128Array = quotes.iter().map(|q| q.as_ref().map(|q| i128::from(q.price.units()))).collect();
    let price_usd =
        price_usd.with_precision_and_scale(PRICE_DIGITS, PRICE_DECIMALS).map_err(|e| misfit(Table::Blocks, e))?;
    let sources = |q: &Quote<'_>| q.sources.iter().map(ToString::to_string).collect();
    let int32 = |value: &dyn Fn(&BlockInfo) -> i32| array(Int32Array::from_iter_values(blocks.iter().map(value)));
    Ok(vec![
        int32(&|b| b.height.0 as i32),
        hashes(blocks.iter().map(|b| b.hash)),
        hashes(headers.iter().map(|h| h.prev)),
        hashes(headers.iter().map(|h| h.merkle_root)),
        times(blocks.iter().map(BlockInfo::time)),
        array(Int32Array::from_iter_values(headers.iter().map(|h| h.version))),
        array(UInt32Array::from_iter_values(headers.iter().map(|h| h.bits))),
        array(UInt32Array::from_iter_values(headers.iter().map(|h| h.nonce))),
        int32(&|b| b.size as i32),
        array(UInt32Array::from_iter_values(blocks.iter().map(|b| b.txs.start))),
        int32(&|b| b.txs.len() as i32),
        array(Int64Array::from(output_sat)),
        array(price_usd),
        lists(quotes.iter().map(|q| q.as_ref().map(sources))),
        array(quotes.iter().map(|q| q.as_ref().map(|q| q.is_builtin)).collect::<BooleanArray>()),
    ])
}
