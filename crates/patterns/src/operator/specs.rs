//! Short forms for the tables of parameters and measures that operators declare.

use super::{MeasureSpec, ParamSpec};
use crate::Unit;

pub(super) const fn p(name: &'static str, unit: Unit, about: &'static str) -> ParamSpec {
    ParamSpec { name, unit, about }
}

pub(super) const fn m(name: &'static str, unit: Unit, about: &'static str) -> MeasureSpec {
    MeasureSpec { name, unit, about }
}
