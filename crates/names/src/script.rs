//! Which script a text is in.

/// A script, as far as names are told apart by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Script {
    /// Latin letters.
    Latin,
    /// Arabic letters, those of Persian, Urdu, Pashto and Kurdish among them.
    Arabic,
    /// Cyrillic letters.
    Cyrillic,
    /// Hebrew letters.
    Hebrew,
    /// Any other: romanised letter by letter and compared as Latin.
    Other,
}

impl Script {
    /// The script of a letter; `None` for digits, marks, spaces and signs.
    pub(crate) fn of(c: char) -> Option<Self> {
        Some(match u32::from(c) {
            _ if !c.is_alphabetic() => return None,
            0x41..=0x24F | 0x250..=0x2AF | 0x1E00..=0x1EFF => Self::Latin,
            0x600..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => Self::Arabic,
            0x400..=0x52F => Self::Cyrillic,
            0x590..=0x5FF | 0xFB1D..=0xFB4F => Self::Hebrew,
            _ => Self::Other,
        })
    }
}
