//! Named stages that are timed: each prints its time when it ends, and a table of all closes the chore.

use anyhow::{Context, Result};
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// How a stage ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It did its work; the text is what is worth a place in the table, often nothing.
    Passed(String),
    /// It could not do its work here and says why; that is no failure.
    Skipped(String),
}

/// The stages of one chore, in the order they ran.
pub(crate) struct Stages {
    rows: Vec<Row>,
    start: Instant,
}

struct Row {
    name: &'static str,
    time: Duration,
    verdict: &'static str,
    note: String,
}

impl Stages {
    /// Starts the clock.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new(), start: Instant::now() }
    }

    /// Runs one stage and prints its time. On an error the table is printed and the error names the stage, so a caller
    /// hands it on with `?` and nothing after it runs.
    pub(crate) fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        eprintln!("\n==> {name}");
        let start = Instant::now();
        let result = work();
        let time = start.elapsed();
        let (verdict, note) = match &result {
            Ok(Outcome::Passed(note)) => ("ok", note.clone()),
            Ok(Outcome::Skipped(why)) => ("skipped", why.clone()),
            Err(_) => ("FAILED", String::new()),
        };
        eprintln!("<== {name}: {verdict} in {}", seconds(time));
        self.rows.push(Row { name, time, verdict, note });
        match result {
            Ok(_) => Ok(()),
            Err(error) => {
                eprint!("{}", self.table());
                Err(error).with_context(|| format!("stage `{name}` failed"))
            }
        }
    }

    /// Prints the table of stages.
    pub(crate) fn finish(self) {
        eprint!("{}", self.table());
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max("total".len());
        let mut text = String::from("\n");
        for Row { name, time, verdict, note } in &self.rows {
            let line = format!("{name:width$}  {:>9}  {verdict:7}  {note}", seconds(*time));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        let _ = writeln!(text, "{:width$}  {:>9}", "total", seconds(self.start.elapsed()));
        text
    }
}

/// A time as people compare it: `12.3 s`, `4 m 07 s`.
pub(crate) fn seconds(time: Duration) -> String {
    let all = time.as_secs();
    if all < 100 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} m {:02} s", all / 60, all % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_table_lists_each_stage_with_its_time_verdict_and_note() {
        let mut stages = Stages::new();
        stages.run("quick", || Ok(Outcome::Passed("3 passed".into()))).unwrap();
        stages.run("absent", || Ok(Outcome::Skipped("no tool".into()))).unwrap();
        let table = stages.table();
        let lines: Vec<&str> = table.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 3, "{table}");
        assert!(lines[0].starts_with("quick ") && lines[0].ends_with("ok       3 passed"), "{table}");
        assert!(lines[1].starts_with("absent ") && lines[1].ends_with("skipped  no tool"), "{table}");
        assert!(lines[2].starts_with("total "), "{table}");
    }

    #[test]
    fn an_error_names_the_stage_and_its_cause() {
        let mut stages = Stages::new();
        let error = stages.run("broken", || bail!("the cause")).unwrap_err();
        assert_eq!(format!("{error:#}"), "stage `broken` failed: the cause");
        assert!(stages.table().contains("FAILED"));
    }

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(seconds(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(247)), "4 m 07 s");
    }
}
