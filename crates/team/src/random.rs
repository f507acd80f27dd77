//! Random bytes of the operating system.

use crate::TeamError;

/// `N` bytes that nobody can guess.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], TeamError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| TeamError::Random(error.to_string()))?;
    Ok(bytes)
}
