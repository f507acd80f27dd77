//! Places that an answer was read from, as numbers: what is stored and looked up.

use athar_engine::read::Place as Seen;
use athar_types::Chain;

/// An answer that was read from more places depends on everything.
pub const PLACES_MAX: usize = athar_engine::read::PLACES_MAX;

/// A place: kind (7 bits), chain (8 bits) and value (48 bits), never negative as a signed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(crate) i64);

impl Place {
    /// A place of one's own kind; `kind` below 128, `value` below 2^48.
    pub const fn new(kind: u8, chain: u8, value: u64) -> Self {
        Self(((kind & 0x7f) as i64) << 56 | (chain as i64) << 48 | (value & 0xffff_ffff_ffff) as i64)
    }

    /// A place in the engine's store.
    pub fn seen(chain: Chain, seen: Seen) -> Self {
        let (kind, value) = match seen {
            Seen::Met(root) => (1, u64::from(root)),
            Seen::Own(root) => (2, u64::from(root)),
            Seen::Traffic(root) => (3, u64::from(root)),
            Seen::Address(id) => (4, u64::from(id)),
            Seen::Unspent(output) => (5, output),
            Seen::Named(hash) => (6, hash),
        };
        Self::new(kind, chain as u8, value)
    }
}

/// What an answer was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    places: Vec<Place>,
    everything: bool,
}

impl Dependencies {
    /// Everything: any change may alter the answer.
    pub fn everything() -> Self {
        Self { places: Vec::new(), everything: true }
    }

    /// These places, or everything where they are more than [`PLACES_MAX`].
    pub fn new(mut places: Vec<Place>) -> Self {
        places.sort_unstable();
        places.dedup();
        if places.len() > PLACES_MAX { Self::everything() } else { Self { places, everything: false } }
    }

    /// Both together, for an answer made of two.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        if self.everything || other.everything {
            return Self::everything();
        }
        Self::new([self.places, other.places].concat())
    }

    /// Whether any change may alter the answer.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// The places, ascending; none where it is everything.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.places.iter().flat_map(|place| place.0.to_le_bytes()).collect()
    }

    pub(crate) fn places_of(bytes: &[u8]) -> Vec<Place> {
        bytes.chunks_exact(8).map(|b| Place(i64::from_le_bytes(b.try_into().unwrap_or_default()))).collect()
    }
}
