//! The decision point: may this withdrawal go out? Allow, review or hold, within a stated time, with the reasons.
//!
//! * [`CheckQuestion`] is what is asked; [`crate::Engine::check`] looks as deep as the time allows and tells every step.
//! * [`crate::Engine::knowledge`] says how far the store is behind the world.
//! * [`CheckMade::decide`] makes one [`DecisionView`] of both, of the policy's table, and of how looking ended.
//!
//! The three are apart so that whoever waits (a service, a command line) can decide at the end of the time by what is there
//! then, while the work under way is left to itself.

mod decide;
mod knowledge;
mod question;
mod view;
mod walk;

pub use decide::{CheckEnd, CheckMade};
pub use knowledge::{KnowledgeView, StoreState};
pub use question::{CHECK_TEXT_MAX, CheckFieldError, CheckQuestion};
pub use view::{CheckDepth, DecidedBy, DecidingPolicy, DecisionView, ReasonCode, ReasonView};
pub use walk::CheckFound;
