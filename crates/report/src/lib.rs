//! Statements to HTML.
