//! The Arrow metadata around a column's body, written and checked with `arrow-ipc`'s own types.

use super::BODY_START;
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::{
    Block, Buffer, FieldNode, FooterBuilder, Message, MessageBuilder, MessageHeader, MetadataVersion,
    RecordBatchBuilder, root_as_footer,
};
use arrow_schema::{DataType, Field, Schema};
use flatbuffers::FlatBufferBuilder;

const MAGIC: &[u8; 6] = b"ARROW1";
const CONTINUATION: [u8; 4] = [0xff; 4];

fn schema(name: &str, data_type: &DataType) -> Schema {
    Schema::new(vec![Field::new(name, data_type.clone(), false)])
}

/// Continuation marker, length, metadata, zeros up to `room` bytes in all.
fn message(out: &mut Vec<u8>, metadata: &[u8], room: usize) {
    out.extend_from_slice(&CONTINUATION);
    out.extend_from_slice(&((room - 8) as i32).to_le_bytes());
    out.extend_from_slice(metadata);
    out.resize(out.len() + room - 8 - metadata.len(), 0);
}

/// Bytes of the body with padding to 64, as Arrow recommends.
pub(super) const fn padded(len: u64) -> u64 {
    len.div_ceil(64) * 64
}

/// What stands before and after the body of a column of `rows` values in `body` bytes (without padding).
pub(super) fn head_and_foot(name: &str, data_type: &DataType, rows: u64, body: u64) -> (Vec<u8>, Vec<u8>) {
    let schema = schema(name, data_type);
    let mut head = Vec::with_capacity(BODY_START);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&[0, 0]);

    let mut builder = FlatBufferBuilder::new();
    let encoded = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, &schema);
    let mut of_schema = MessageBuilder::new(&mut builder);
    of_schema.add_version(MetadataVersion::V5);
    of_schema.add_header_type(MessageHeader::Schema);
    of_schema.add_bodyLength(0);
    of_schema.add_header(encoded.as_union_value());
    let root = of_schema.finish();
    builder.finish(root, None);
    let data = builder.finished_data();
    message(&mut head, data, (data.len() + 8).div_ceil(8) * 8);

    let batch_start = head.len();
    let mut builder = FlatBufferBuilder::new();
    let nodes = builder.create_vector(&[FieldNode::new(rows as i64, 0)]);
    let buffers = builder.create_vector(&[Buffer::new(0, 0), Buffer::new(0, body as i64)]);
    let mut batch = RecordBatchBuilder::new(&mut builder);
    batch.add_length(rows as i64);
    batch.add_nodes(nodes);
    batch.add_buffers(buffers);
    let batch = batch.finish();
    let mut of_batch = MessageBuilder::new(&mut builder);
    of_batch.add_version(MetadataVersion::V5);
    of_batch.add_header_type(MessageHeader::RecordBatch);
    of_batch.add_bodyLength(padded(body) as i64);
    of_batch.add_header(batch.as_union_value());
    let root = of_batch.finish();
    builder.finish(root, None);
    message(&mut head, builder.finished_data(), BODY_START - batch_start);
    debug_assert_eq!(head.len(), BODY_START);

    let mut foot = Vec::with_capacity(512);
    foot.extend_from_slice(&CONTINUATION);
    foot.extend_from_slice(&[0; 4]);
    let mut builder = FlatBufferBuilder::new();
    let encoded = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, &schema);
    let block = Block::new(batch_start as i64, (BODY_START - batch_start) as i32, padded(body) as i64);
    let batches = builder.create_vector(&[block]);
    let dictionaries = builder.create_vector::<Block>(&[]);
    let mut footer = FooterBuilder::new(&mut builder);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(encoded);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    let root = footer.finish();
    builder.finish(root, None);
    let data = builder.finished_data();
    foot.extend_from_slice(data);
    foot.extend_from_slice(&(data.len() as i32).to_le_bytes());
    foot.extend_from_slice(MAGIC);
    (head, foot)
}

/// Rows of a column file of type `expected`, after checking that all its parts agree; says in words what does not.
pub(super) fn rows_of(file: &[u8], expected: &DataType, width: usize) -> Result<usize, String> {
    let tail = file.len().checked_sub(10).ok_or("too short for an Arrow file")?;
    if file.get(..6) != Some(MAGIC) || &file[tail + 4..] != MAGIC {
        return Err("no Arrow file, or its end is missing".into());
    }
    let footer_len = i32::from_le_bytes([file[tail], file[tail + 1], file[tail + 2], file[tail + 3]]);
    let footer_start = usize::try_from(footer_len).ok().and_then(|len| tail.checked_sub(len)).ok_or("footer length")?;
    let footer = root_as_footer(&file[footer_start..tail]).map_err(|e| format!("footer: {e}"))?;
    let found = footer.schema().map(arrow_ipc::convert::fb_to_schema).ok_or("no schema")?;
    if found.fields().len() != 1 || found.field(0).data_type() != expected {
        return Err(format!("holds {:?}, {expected:?} was expected", found.fields()));
    }
    let batch = footer.recordBatches().filter(|b| b.len() == 1).ok_or("not exactly one record batch")?.get(0);
    let (start, metadata) = (batch.offset(), i64::from(batch.metaDataLength()));
    if start < 8 || metadata < 8 || start + metadata != BODY_START as i64 || file.len() < BODY_START {
        return Err("body does not begin where expected".into());
    }
    let message: Message<'_> =
        arrow_ipc::root_as_message(&file[start as usize + 8..BODY_START]).map_err(|e| format!("record batch: {e}"))?;
    let rows = message.header_as_record_batch().map(|b| b.length()).ok_or("no record batch")?;
    let rows = usize::try_from(rows).map_err(|_| "negative length")?;
    let body = rows.checked_mul(width).ok_or("length overflows")? as u64;
    if batch.bodyLength() as u64 != padded(body) || footer_start as u64 != BODY_START as u64 + padded(body) + 8 {
        return Err(format!("{rows} rows do not fit a file of {} bytes", file.len()));
    }
    Ok(rows)
}
