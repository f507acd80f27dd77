//! Whether two names can be the same: persons and organisations, across scripts, with the reasons.

mod chunks;
mod facts;
mod frequency;
mod index;
mod key;
mod learn;
mod letters;
mod model;
mod normal;
mod score;
mod screen;
mod script;
mod similar;
mod token;
mod words;

pub use facts::{Agreement, Compared, Facts, Grade, bare_identifier, country_code, same_country};
pub use frequency::{Population, frequency_table};
pub use learn::Spelling;
pub use model::{TableError, Weights};
pub use normal::{NAME_MAX, Oddity};
pub use screen::{
    Comparison, Hit, Listed, ListedName, MatchedPart, Query, Screener, Session, THRESHOLD, Wanted, Why, compare,
    compare_with,
};
pub use similar::Rule;
pub use words::tables_hash;
