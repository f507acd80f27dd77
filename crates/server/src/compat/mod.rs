//! Shapes that clients of other services already speak, for a trial beside them. `docs/reference/compat.md` says field by field
//! what is the same, what differs and what cannot be known.

mod chainalysis;

pub(crate) use chainalysis::ROUTES;
