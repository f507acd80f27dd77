//! The browser application in the binary: its files as the build packed them, with the forms that browsers take compressed.
//!
//! The build script (`build/`) makes the application from `ui/` where Node is there, and in its place packs a page that says what is
//! missing where it is not ([`is_built`] tells the two apart). Nothing is read from the disk at run time, so no path that a
//! client sends can lead to a file.

/// A file of the application.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its path, without a slash at the beginning: `index.html`, `assets/index-Bk3x.js`.
    pub path: &'static str,
    /// Its media type, as in `Content-Type`.
    pub media: &'static str,
    /// Hash of its bytes, 32 hexadecimal digits.
    pub hash: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// The same by gzip, where that is shorter.
    pub gzip: Option<&'static [u8]>,
    /// The same by brotli, where that is shorter.
    pub brotli: Option<&'static [u8]>,
}

impl Asset {
    /// Whether its name holds a hash of its content, so that a browser may keep it for good.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file of exactly that path (no slash at the beginning, nothing to be decoded).
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|at| &ASSETS[at])
}

/// All files, by path.
pub fn assets() -> &'static [Asset] {
    ASSETS
}

/// Whether the application is there. Where it is not, `index.html` is a page that says what is missing.
pub const fn is_built() -> bool {
    IS_BUILT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_page_and_nothing_outside_of_the_application() {
        assert!(asset("index.html").is_some_and(|a| a.media.starts_with("text/html") && !a.bytes.is_empty()));
        for path in ["", "/", "/index.html", "../Cargo.toml", "assets/../index.html", "index.html\0", "INDEX.HTML"] {
            assert!(asset(path).is_none(), "{path:?}");
        }
        assert!(assets().is_sorted_by_key(|a| a.path));
        assert!(assets().iter().all(|a| a.hash.len() == 32 && asset(a.path).is_some()));
    }
}
