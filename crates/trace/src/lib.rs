//! Where the money went: flows, taint, exposure.
