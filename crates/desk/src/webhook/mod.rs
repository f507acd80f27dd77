//! Webhooks: changes told to servers that the user named.
//!
//! * **At least once.** A delivery is done when its target answered 2xx; whoever receives drops what he has had by the
//!   event's id. A process that is killed while it sends sends again.
//! * **In order of one subject.** No event about a subject is sent to an endpoint while an earlier one about it waits there.
//!   Events of different subjects overtake each other: one that the target cannot digest must not hold up all others for
//!   hours. Bodies carry a `sequence`.
//! * **Signed** ([`signature`]), repeated with back-off ([`delay_seconds`]), and after [`ATTEMPTS_MAX`] kept as dead.
//! * **Guarded** ([`refusal`]): a target is never an address inside the operator's network, unless he says so.

mod deliver;
mod endpoint;
mod guard;
mod retry;
mod send;
mod sign;

pub use deliver::{Delivered, Delivery};
pub use endpoint::{ENDPOINTS_MAX, Endpoint, NewEndpoint};
pub use guard::{GuardError, Target, refusal};
pub use retry::{ATTEMPTS_MAX, delay_seconds};
pub use send::{Lookup, SendError, Sender, SenderSettings};
pub use sign::{SIGNATURE_HEADER, TOLERANCE_SECONDS, signature, verify};
