//! Figures in the text format of Prometheus (version 0.0.4). They count, and name nobody.

use athar_desk::alert::{AlertFigures, AlertState, Stage};
use athar_engine::Level;
use athar_team::Counts;
use std::fmt::Write as _;

/// The figures as text. Every combination of state, severity and stage is there, also those that count nothing: what is missing could
/// not be told from what was never measured.
pub(crate) fn text(figures: &AlertFigures, now: i64) -> String {
    let mut out = String::new();
    let mut family = |name: &str, help: &str, lines: Vec<(String, i64)>| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in lines {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let mut lines = Vec::new();
    for state in AlertState::ALL {
        for severity in Level::ALL.into_iter().filter(|level| *level >= Level::Low) {
            for stage in Stage::ALL {
                let of =
                    |c: &&athar_desk::alert::AlertCount| (c.state, c.severity, c.stage) == (state, severity, stage);
                let count = figures.alerts.iter().find(of).map_or(0, |c| c.count);
                let labels = format!(
                    "{{state=\"{}\",severity=\"{}\",stage=\"{}\"}}",
                    state.name(),
                    severity.name(),
                    stage.name()
                );
                lines.push((labels, count as i64));
            }
        }
    }
    family("athar_alerts", "Alerts by state, severity and stage.", lines);
    let none = String::new;
    let age = figures.oldest_open_at.map_or(0, |at| (now - at).max(0));
    family(
        "athar_alerts_oldest_open_seconds",
        "Age of the oldest alert that is not closed; 0 where all are.",
        vec![(none(), age)],
    );
    family(
        "athar_alerts_pending_second_person",
        "Alerts whose closing waits for a second person.",
        vec![(none(), figures.pending as i64)],
    );
    family("athar_watches", "Watches on all lists.", vec![(none(), figures.watches as i64)]);
    family("athar_suppressions", "Suppressions that have not ended.", vec![(none(), figures.suppressions as i64)]);
    let queues = |value: &dyn Fn(&athar_desk::alert::QueueFigures) -> i64| {
        let line = |q: &athar_desk::alert::QueueFigures| {
            (format!("{{endpoint=\"{}\",transport=\"{}\"}}", q.endpoint, q.transport), value(q))
        };
        figures.queues.iter().map(line).collect::<Vec<_>>()
    };
    family("athar_deliveries_waiting", "Deliveries that wait, by endpoint.", queues(&|q| q.waiting as i64));
    family("athar_deliveries_dead", "Deliveries that were given up, by endpoint.", queues(&|q| q.dead as i64));
    family(
        "athar_deliveries_oldest_seconds",
        "Age of the oldest delivery that waits, by endpoint; 0 where none does.",
        queues(&|q| q.oldest_at.map_or(0, |at| (now - at).max(0))),
    );
    out
}

/// What is counted of the team.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TeamFigures {
    /// Logins since the service was started: done, refused, locked out.
    pub(crate) logins: [u64; 3],
    /// What the database counts; none where there is no database.
    pub(crate) counts: Option<Counts>,
    /// Entries that wait to be written to the audit log.
    pub(crate) audit_waiting: usize,
}

/// The figures of the team as text.
pub(crate) fn team_text(figures: &TeamFigures) -> String {
    let mut out = String::new();
    out.push_str("# HELP athar_logins_total Logins since the service was started, by what became of them.\n");
    out.push_str("# TYPE athar_logins_total counter\n");
    for (outcome, count) in ["done", "refused", "locked"].into_iter().zip(figures.logins) {
        let _ = writeln!(out, "athar_logins_total{{outcome=\"{outcome}\"}} {count}");
    }
    let mut gauge = |name: &str, help: &str, value: i64| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    };
    if let Some(counts) = figures.counts {
        gauge("athar_sessions", "Sessions that are open.", counts.sessions);
        gauge("athar_users", "Users who are not erased.", counts.users);
        gauge("athar_cases", "Cases.", counts.cases);
        gauge("athar_audit_entries", "Entries of the audit log.", counts.audit);
        gauge("athar_audit_waiting", "Entries that wait to be written to it.", figures.audit_waiting as i64);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_desk::alert::{AlertCount, QueueFigures};

    #[test]
    fn every_combination_is_there_and_every_line_has_a_value() {
        let figures = AlertFigures {
            alerts: vec![AlertCount {
                state: AlertState::Open,
                severity: Level::Severe,
                stage: Stage::Mempool,
                count: 3,
            }],
            oldest_open_at: Some(100),
            pending: 1,
            watches: 7,
            suppressions: 0,
            queues: vec![QueueFigures {
                endpoint: 2,
                transport: "mail".into(),
                waiting: 5,
                dead: 0,
                oldest_at: Some(150),
            }],
        };
        let text = text(&figures, 160);
        assert_eq!(text.lines().filter(|line| line.starts_with("athar_alerts{")).count(), 5 * 4 * 4);
        for wanted in [
            "athar_alerts{state=\"open\",severity=\"severe\",stage=\"mempool\"} 3",
            "athar_alerts_oldest_open_seconds 60",
            "athar_deliveries_waiting{endpoint=\"2\",transport=\"mail\"} 5",
            "athar_deliveries_oldest_seconds{endpoint=\"2\",transport=\"mail\"} 10",
        ] {
            assert!(text.lines().any(|line| line == wanted), "{wanted} in {text}");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.rsplit_once(' ').unwrap().1.parse::<i64>().is_ok(), "{line}");
        }
    }
}
