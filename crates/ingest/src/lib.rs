//! Sources of blocks as ordered blocks into the ledger.
