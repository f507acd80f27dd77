//! Where events go besides webhooks: mail, syslog, lines of JSON.
//!
//! An endpoint's URL says how it is delivered to; the queue, its order, its back-off and what is kept as dead are the same for all
//! ([`webhook`](crate::webhook)). Every delivery carries its number and which attempt it is; one that may have arrived before, since a process was killed
//! while it was under way or the target did not answer, is marked as a duplicate.

mod lines;
#[cfg(feature = "mail")]
mod mail;
mod syslog;
mod transport;

pub use syslog::Place;
pub(crate) use transport::send;
pub use transport::{NewSink, Parcel, Transport};
