//! Statements to HTML: one file that holds a whole investigation, to be read by people who have nothing but a browser.
//!
//! [`render`] takes the engine's answers ([`CaseReport`]) and gives one HTML document in English and Arabic:
//!
//! 1. what this is: title, snapshot, chain, program, and whether the world is invented;
//! 2. the finding: who was screened, how serious, why; ownership, counterparty and indirect exposure apart;
//! 3. the money: a flow diagram (`flow`) and the services reached;
//! 4. every amount in tables, which add up to the source to the last satoshi;
//! 5. the evidence of every statement: labels with file and line, merges, paths with their transactions;
//! 6. method, limits, and how to check it.
//!
//! Invariants: the document loads nothing and runs no script (it carries a Content-Security-Policy that forbids both);
//! the language is chosen with two radio buttons, and print gives the one chosen; nothing depends on clock, machine or
//! locale, so the same answers give the same bytes; every text from outside is escaped, its invisible characters are
//! written out (`visible`), and every list has a named maximum and says how much it leaves out; a trace whose parts
//! are not its whole is refused.

// the invented cases of the test programs serve the unit tests as well
#[cfg(test)]
extern crate self as athar_report;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

mod error;
mod flow;
mod i18n;
mod input;
mod limits;
mod model;
mod numbers;
mod page;
mod visible;

pub use error::ReportError;
pub use i18n::Language;
pub use input::{CaseReport, SimulatedWorld, Title};

/// Writes the report of a case as one HTML document.
pub fn render(case: &CaseReport<'_>) -> Result<String, ReportError> {
    page::render(case)
}
