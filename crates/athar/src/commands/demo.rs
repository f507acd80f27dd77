//! placeholder
use crate::Outcome;
use crate::args::Demo;
use crate::printer::Printer;

pub(crate) fn run(_words: &Demo, _printer: &Printer) -> anyhow::Result<Outcome> {
    anyhow::bail!("not yet")
}
