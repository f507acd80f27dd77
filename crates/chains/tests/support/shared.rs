//! Real data beside the checkout, where it is present.

use std::path::{Path, PathBuf};

/// The folder of shared real data, or `None` (said on stderr) where it is absent and not required.
///
/// `../shared/data` from the workspace's root, or `ATHAR_SHARED_DATA`; `ATHAR_REQUIRE_SHARED=1` makes absence fail.
pub(crate) fn data(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    let required = std::env::var_os("ATHAR_REQUIRE_SHARED").is_some_and(|v| v == "1");
    assert!(!required, "{test}: shared data required but absent at {}", path.display());
    eprintln!("{test}: skipped, no shared data at {}", path.display());
    None
}

/// A file's bytes, decompressed by what its name ends in.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut bytes = Vec::new();
    let mut reader: Box<dyn std::io::Read> = match path.extension().and_then(|e| e.to_str()) {
        Some("zst") => Box::new(zstd::Decoder::new(file).unwrap()),
        Some("bz2") => Box::new(bzip2::read::BzDecoder::new(file)),
        _ => Box::new(file),
    };
    reader.read_to_end(&mut bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    bytes
}
