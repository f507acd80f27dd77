//! What happened, per chain: segments, columns, indexes, manifest, snapshots.
