//! The policies that come with the program.

use crate::policy::Policy;
use std::path::Path;
use std::sync::OnceLock;

/// The one that decides where a store has chosen none.
pub const DEFAULT: &str = "strict-sanctions";

const FILES: [(&str, &str); 2] = [
    ("strict-sanctions.toml", include_str!("../policies/strict-sanctions.toml")),
    ("weighted.toml", include_str!("../policies/weighted.toml")),
];

static SHIPPED: OnceLock<Vec<Policy>> = OnceLock::new();

/// The shipped policies, the default first.
///
/// # Panics
/// Never: a test reads them.
pub fn shipped() -> &'static [Policy] {
    SHIPPED.get_or_init(|| {
        let read = |(file, text)| match Policy::parse(Path::new(file), text) {
            Ok(policy) => policy,
            Err(error) => unreachable!("{error}"),
        };
        FILES.into_iter().map(read).collect()
    })
}

/// The file of the shipped policy with that version.
pub(crate) fn text_of(version: &str) -> Option<&'static str> {
    let at = shipped().iter().position(|policy| policy.version() == version)?;
    Some(FILES[at].1)
}

/// The file of the shipped policy with that name, to begin one's own with.
pub fn shipped_file(name: &str) -> Option<&'static str> {
    let at = shipped().iter().position(|policy| policy.name == name)?;
    Some(FILES[at].1)
}
