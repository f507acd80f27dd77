//! `athar discover fetch`.

use crate::Outcome;
use crate::args::Fetch;
use crate::printer::Printer;
use crate::show;
use athar_collect::{Collected, Collector, Settings};
use std::time::Duration;

pub(crate) fn run(fetch: &Fetch, printer: &Printer) -> anyhow::Result<Outcome> {
    let defaults = Settings::default();
    let settings = Settings {
        proxy: fetch.proxy.clone(),
        delay: Duration::from_secs_f64(fetch.delay),
        time: Duration::from_secs(u64::from(fetch.time)),
        bytes: usize::from(fetch.mib) << 20,
        authority: fetch.authority.clone(),
        user_agent: fetch.user_agent.clone().unwrap_or(defaults.user_agent),
        operator: fetch.operator.clone(),
    };
    let mut collector = Collector::new(settings)?;
    let mut broken = None;
    let summary = collector.collect(&fetch.list, &fetch.out, |collected| match tell(collected, printer) {
        Ok(()) => true,
        Err(error) => {
            broken = Some(error);
            false
        }
    })?;
    if let Some(error) = broken {
        return Err(error);
    }
    printer.note(&show::fetched(&summary));
    Ok(if summary.stored == summary.urls { Outcome::Done } else { Outcome::Partly })
}

/// A line a URL, as it is done.
fn tell(collected: &Collected, printer: &Printer) -> anyhow::Result<()> {
    let line = if printer.is_json() { serde_json::to_string(collected)? } else { show::collected(collected) };
    printer.data(&(line + "\n"))
}
