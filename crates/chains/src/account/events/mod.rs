use super::{raw::RawLog, tokens::Tokens}; use athar_types::{Chain, account::EventRow};
pub(crate) fn events(_: Chain, _: u32, _: &RawLog, _: &Tokens, _: &mut Vec<EventRow>) {}
#[allow(missing_docs)] pub fn bridge_name(_: u16) -> Option<&'static str> { None }
