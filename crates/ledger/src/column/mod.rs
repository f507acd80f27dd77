//! One column, one file: an Arrow IPC file with a single record batch of a single non-null column.
//!
//! Any Arrow reader opens such a file without copying; we map it and use the body as a slice. One file per column lets
//! a column be streamed to disk without knowing its length: the metadata has a fixed room at the front and is filled in
//! at the end. Layout (Arrow columnar format 1.x, "IPC File Format"):
//!
//! ```text
//! 0     "ARROW1\0\0"
//! 8     schema message, record-batch message padded so that
//! 4096  the body begins on a page
//! ...   end-of-stream marker, footer, its length, "ARROW1"
//! ```

mod metadata;
pub(crate) mod read;
mod scratch;
pub(crate) mod write;

pub use read::Column;
pub use scratch::{Scratch, ScratchArray};
pub use write::{ColumnWriter, FileMeta};

use arrow_schema::DataType;

/// Where the body of every column file begins, in bytes.
pub(crate) const BODY_START: usize = 4096;

/// A value that a column can hold: plain bytes of a fixed width.
pub trait Element: bytemuck::Pod + Send + Sync {
    /// How Arrow names this type.
    fn data_type() -> DataType;
}

macro_rules! element {
    ($($t:ty => $d:expr),* $(,)?) => {
        $(impl Element for $t {
            fn data_type() -> DataType {
                $d
            }
        })*
    };
}

element! {
    u8 => DataType::UInt8,
    u16 => DataType::UInt16,
    u32 => DataType::UInt32,
    i32 => DataType::Int32,
    u64 => DataType::UInt64,
    i64 => DataType::Int64,
    [u8; 12] => DataType::FixedSizeBinary(12),
    [u8; 16] => DataType::FixedSizeBinary(16),
    [u8; 20] => DataType::FixedSizeBinary(20),
    [u8; 32] => DataType::FixedSizeBinary(32),
    [u8; 80] => DataType::FixedSizeBinary(80),
}
