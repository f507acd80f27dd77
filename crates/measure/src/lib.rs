//! How often entities are wrong: every heuristic and every clustering against worlds whose truth is known.
//!
//! `athar bench entities` runs this. A simulated world says who owns each address ([`Owners`]); [`ties`] asks of every
//! single tie that a heuristic makes whether it joins one owner's addresses, by the year of the tie; [`clusters`] asks of
//! whole entities, as of the end of each year, how many pairs they claim rightly and how many they miss. The figures go
//! into `docs/reference/error-rates.md` ([`table`]) and into the program itself ([`ErrorRates`]), whose answers quote
//! them.
//!
//! What it cannot say: how the heuristics fare on habits that the simulator does not have. The page says so.

pub mod clusters;
mod error;
pub mod names;
mod owners;
pub mod patterns;
mod recorders;
pub mod services;
pub mod table;
mod ties;
pub mod truth;
mod world;

pub use athar_entities::{ErrorRates, Tally};
pub use error::MeasureError;
pub use owners::Owners;
pub use recorders::recorders;
pub use ties::ties;
pub use world::{Measured, Worlds, measure};

/// The name under which simulated worlds stand in the rates.
pub const SIMULATED: &str = "simulated";
/// The name of all years together.
pub const ALL_ERAS: &str = "all";
