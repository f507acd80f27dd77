//! What the tests of the engine share.

use std::io::Write;
use std::path::PathBuf;

/// The folder of shared data, or `None` (with a printed line) where it is absent and not required.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let base = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let path = base.join(path);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("ATHAR_REQUIRE_SHARED").is_none(), "{} is required", path.display());
    // past libtest, which keeps what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
    None
}
