//! One place decides what goes where: data to stdout, everything else to stderr.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Decides where words go.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    quiet: bool,
}

#[allow(clippy::unused_self)] // whoever prints goes through the printer, also where it has nothing to decide
impl Printer {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether the user asked for JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a view: as JSON where asked for, else as the text that `show` gives.
    pub(crate) fn view<T: Serialize>(&self, view: &T, show: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let mut text = if self.json { serde_json::to_string_pretty(view)? } else { show(view) };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.data(&text)
    }

    /// Prints text to stdout as it is.
    pub(crate) fn data(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// A remark on stderr, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// Something that needs attention, on stderr.
    pub(crate) fn warn(&self, text: &str) {
        eprintln!("warning: {text}");
    }

    /// An error with what led to it.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        eprint!("error: {error}");
        let mut last = error.to_string();
        for cause in error.chain().skip(1) {
            let text = cause.to_string();
            // transparent errors repeat the text of what they wrap
            if !last.contains(&text) {
                eprint!(": {text}");
            }
            last = text;
        }
        eprintln!();
    }

    /// A progress bar over `total` steps; invisible when quiet or when stderr is no terminal.
    pub(crate) fn bar(&self, total: u64, what: &str, template: &str) -> ProgressBar {
        let bar = ProgressBar::new(total);
        if self.quiet || !io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(what.to_string());
        bar
    }
}

/// Whether an error is that the reader of our output went away.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
