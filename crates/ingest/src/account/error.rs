//! What can go wrong while reading files of account chains, with the file and the line.

use athar_chains::account::AccountError;
use athar_chains::account::era::EraError;
use athar_chains::account::etl::EtlError;
use athar_types::Chain;
use std::io;
use std::path::PathBuf;

/// An error of a [`Source`](super::Source). Blocks that it gave before stay good; it gives none after.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountSourceError {
    /// The operating system refused to read, or a compressed file is damaged or cut.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// Not a chain of accounts.
    #[error("{0} is no chain of accounts")]
    Chain(Chain),
    /// Nothing that can be read.
    #[error("{} holds no file of a known form\nhint: see docs/reference/account-files.md", .0.display())]
    NoFiles(PathBuf),
    /// A file that was named, and is of no known form.
    #[error("{} is of no known form: its first line names no columns that tell blocks, transactions, receipts, logs, token transfers, traces or fees", .0.display())]
    NotRecognised(PathBuf),
    /// Files of different forms together.
    #[error("{} is of the form {found}, the files before it are {expected}\nhint: read each form by itself", path.display())]
    TwoFormats {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: super::Format,
        /// The form so far.
        expected: super::Format,
    },
    /// More files, or deeper folders, than are read.
    #[error("{}: more than {most} {what}", path.display())]
    TooMany {
        /// Where.
        path: PathBuf,
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        most: usize,
    },
    /// Two columns claim to be the same, or no column is known.
    #[error("{}: the first line does not name columns of a known table, or one twice", .0.display())]
    Header(PathBuf),
    /// A CSV line has more or fewer cells than the header, or a quote that does not end.
    #[error("{} line {line}: {found} cells, the header has {expected}: a cut line?", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Cells in it; 0 where a quote does not end.
        found: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// The last line of a CSV file has no end.
    #[error("{} line {line}: the last line has no end, and may be cut inside of a number\nhint: where it is whole, add the end of the line", path.display())]
    NoEnd {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// Bytes that are no UTF-8.
    #[error("{} line {line}: not UTF-8", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A line longer than is read.
    #[error("{} line {line}: longer than {most} bytes", path.display())]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The longest that is read.
        most: usize,
    },
    /// A row that cannot be read.
    #[error("{} line {line}: {source}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        source: EtlError,
    },
    /// A block on a line that cannot be read.
    #[error("{} line {line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        source: AccountError,
    },
    /// An archive that cannot be read.
    #[error("{} at byte {offset}: {source}", path.display())]
    Era {
        /// The file.
        path: PathBuf,
        /// Where the entry, or the block's header, begins.
        offset: u64,
        /// What is wrong.
        source: EraError,
    },
    /// An archive that ends before its index, or holds other blocks than its index says.
    #[error("{} at byte {offset}: it ends too soon, or holds other blocks than its index says", path.display())]
    EraCut {
        /// The file.
        path: PathBuf,
        /// How far it was read.
        offset: u64,
    },
    /// A block of which less is there than of the first.
    #[error("{} line {line}: block {block} has no {what}, the first one has: what is absent would be taken for none", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The block.
        block: u64,
        /// What is absent.
        what: &'static str,
    },
    /// A block does not name the one before it as its parent.
    #[error("block {block} names another parent than block {} of the same source", block.saturating_sub(1))]
    Parent {
        /// The block.
        block: u64,
    },
    /// A row comes after later blocks were given out.
    #[error("{} line {line}: block {block} after block {after} was done; rows may be out of order within {window_bytes} bytes of their table\nhint: sort the file by block number", path.display())]
    Order {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Its block.
        block: u64,
        /// The last block given out.
        after: u64,
        /// How far out of order rows may be.
        window_bytes: usize,
    },
    /// The rows of a block make none.
    #[error("{}: {source}", path.display())]
    Block {
        /// The file, or a folder of the files.
        path: PathBuf,
        /// What is wrong.
        source: EtlError,
    },
    /// A block with more rows than is read.
    #[error("{} line {line}: block {block} has more than {most} rows in one table", path.display())]
    LargeBlock {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The block.
        block: u64,
        /// The most rows that are read.
        most: usize,
    },
    /// More fees than are held.
    #[error("{} line {line}: more than {most} fees, which name no block and must be held together\nhint: split the dump by ranges of blocks", path.display())]
    ManyFees {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The most that are held.
        most: usize,
    },
    /// A transaction has two fees.
    #[error("{} line {line}: a second fee of one transaction", path.display())]
    FeeTwice {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}
