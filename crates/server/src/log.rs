//! The log: one JSON object a line on stderr.
//!
//! Lines never hold what was asked about: a route is logged by its template, a key by its id, an error by its code. Writing is a
//! thread of its own, so that a slow terminal holds up no request; lines beyond what may wait are dropped and counted.

use crate::settings::{LOG_LINES_MAX, LogLevel};
use serde::Serialize;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where lines go.
#[derive(Debug)]
pub(crate) struct Log {
    level: LogLevel,
    lines: SyncSender<Vec<u8>>,
    dropped: AtomicU64,
}

/// What every line begins with.
#[derive(Serialize)]
struct Line<'a, T: Serialize> {
    time_ms: u64,
    level: &'a str,
    event: &'a str,
    #[serde(flatten)]
    fields: T,
}

/// A request that was answered.
#[derive(Serialize)]
pub(crate) struct Answered<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) method: &'a str,
    /// The template; none where no route was found.
    pub(crate) route: Option<&'a str>,
    pub(crate) status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    pub(crate) micros: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
}

impl Log {
    /// Begins to write to `out`.
    pub(crate) fn new(level: LogLevel, out: impl Write + Send + 'static) -> Self {
        let (lines, waiting) = sync_channel(LOG_LINES_MAX);
        // where no thread can be had, lines are dropped like those of a full queue
        let _ = std::thread::Builder::new().name("log".into()).spawn(move || write_all(&waiting, out));
        Self { level, lines, dropped: AtomicU64::new(0) }
    }

    /// Whether lines of that level are written.
    pub(crate) fn has(&self, level: LogLevel) -> bool {
        level <= self.level
    }

    /// Writes a line.
    pub(crate) fn line(&self, level: LogLevel, event: &str, fields: impl Serialize) {
        if !self.has(level) {
            return;
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            self.send("error", "log_lines_dropped", serde_json::json!({ "lines": dropped }));
        }
        self.send(if level == LogLevel::Error { "error" } else { "info" }, event, fields);
    }

    fn send(&self, level: &str, event: &str, fields: impl Serialize) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = Line { time_ms: now.as_millis() as u64, level, event, fields };
        let Ok(mut text) = serde_json::to_vec(&line) else { return };
        text.push(b'\n');
        if self.lines.try_send(text).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes lines as they come, as many at once as are there.
fn write_all(lines: &Receiver<Vec<u8>>, mut out: impl Write) {
    let mut batch = Vec::new();
    while let Ok(first) = lines.recv() {
        batch.clear();
        batch.extend(first);
        while batch.len() < 1 << 16
            && let Ok(more) = lines.try_recv()
        {
            batch.extend(more);
        }
        let _ = out.write_all(&batch).and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_json_object_whatever_stands_in_it() {
        let kept = Kept::default();
        let log = Log::new(LogLevel::Info, kept.clone());
        log.line(LogLevel::Error, "failed", serde_json::json!({ "cause": "a\n{\"event\":\"forged\"}\u{1b}[31m" }));
        log.line(LogLevel::Requests, "request", serde_json::json!({}));
        log.line(LogLevel::Info, "last", serde_json::json!({}));
        for _ in 0..1_000 {
            if kept.0.lock().unwrap().iter().filter(|b| **b == b'\n').count() >= 2 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.iter().map(|l| l["event"].as_str().unwrap()).collect::<Vec<_>>(), ["failed", "last"]);
        assert!(!text.contains('\u{1b}'));
    }
}
