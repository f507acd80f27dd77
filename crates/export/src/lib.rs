//! The whole of a store as open tables: partitioned, zstd-compressed Parquet files that DuckDB, Polars, Spark and pandas
//! read as they are.
//!
//! * [`Table`] names the tables, [`Column`] every column of each with its type, unit and the meaning of null;
//!   `docs/reference/tables.md` is generated from them.
//! * [`export`] writes the tables of a store into a folder. Work is cut into parts of bounded size, a file each; a file
//!   has its name only once it is whole and durable, and the folder's manifest names the finished ones. So an export
//!   that was interrupted at any instant goes on where it stopped.
//!
//! Nothing here reads the clock: the same store, program and settings give the same bytes in every data file, whatever
//! the number of threads and whether the export was interrupted.

mod columns;
mod error;
mod export;
mod file;
mod folder;
mod manifest;
mod plan;
mod rows;
mod settings;
mod table;

pub use athar_types::Chain;
pub use columns::{Column, Kind};
pub use error::ExportError;
pub use export::{Progress, Summary, TableSummary, export};
pub use manifest::{MANIFEST, Manifest, PartFile};
pub use plan::{BLOCKS_PER_PARTITION, IDS_PER_PARTITION, PART_ROWS, Sizes};
pub use settings::Settings;
pub use table::Table;

/// zstd level of every column: 3, the library's own default. Level 9 was measured and is not worth it, see
/// `docs/benchmarks.md`.
pub const ZSTD_LEVEL: i32 = 3;

/// Version of the tables: raised by any change to a column, to its meaning, or to how files are cut.
pub const TABLES_VERSION: u32 = 1;
