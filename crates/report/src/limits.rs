//! The named maxima of a report. What lies beyond one is counted and said.

/// Statements shown, over all screened targets.
pub(crate) const STATEMENTS_MAX: usize = 200;
/// Notes shown of a screened target.
pub(crate) const NOTES_MAX: usize = 20;
/// Screened targets shown.
pub(crate) const SCREENS_MAX: usize = 100;
/// Pieces of evidence shown of each kind for a statement.
pub(crate) const EVIDENCE_MAX: usize = 20;
/// Steps shown of a path, and of an explanation.
pub(crate) const STEPS_MAX: usize = 60;
/// Rows shown of a table of outputs.
pub(crate) const PLACES_MAX: usize = 300;
/// Rows shown of the table of movements.
pub(crate) const EDGES_MAX: usize = 300;
/// Addresses of the entity shown.
pub(crate) const ADDRESSES_MAX: usize = 60;
/// Labels of the entity shown.
pub(crate) const LABELS_MAX: usize = 40;
/// Rows shown in the table of services.
pub(crate) const SERVICES_MAX: usize = 100;

/// Columns of hops in the diagram; further hops share one.
pub(crate) const HOP_COLUMNS_MAX: usize = 3;
/// Boxes in a column of hops, beside the one for all others.
pub(crate) const HOP_BOXES_MAX: usize = 5;
/// Boxes of services at which money ended, beside the one for all others.
pub(crate) const SERVICE_BOXES_MAX: usize = 5;
/// Boxes of labelled payers, beside the one for all others.
pub(crate) const PAYER_BOXES_MAX: usize = 4;
/// Boxes that a diagram can have under the bounds above.
pub(crate) const BOXES_MAX: usize = 1                 // the subject
    + (PAYER_BOXES_MAX + 3)                           // other payers, newly mined, not listed
    + HOP_COLUMNS_MAX * (HOP_BOXES_MAX + 1)
    + (SERVICE_BOXES_MAX + 1)
    + 6; // CoinJoin, unspent, fees, bounds, came back, newly mined; not listed stands for fees and bounds
