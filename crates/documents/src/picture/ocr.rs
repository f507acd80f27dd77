//! Text in a picture, read by a program of the user's choice that answers as `tesseract` does.
//!
//! Off unless asked. The program is started without a shell, is given the decoded grey pixels on its input and never the file's own
//! bytes, and has until a deadline; then it is killed.

use image::GrayImage;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of text that are taken from one picture.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// The program that reads text in pictures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OcrSettings {
    /// The program: a path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    /// Its languages, as `tesseract -l` takes them: `ara+eng`.
    pub languages: String,
}

impl Default for OcrSettings {
    fn default() -> Self {
        Self { program: "tesseract".into(), languages: "ara+eng".into() }
    }
}

/// What the program read; `Err` says why it read nothing.
pub(crate) fn read(settings: &OcrSettings, grey: &GrayImage, deadline: Instant) -> Result<String, String> {
    let name_ok = |c: char| c.is_ascii_alphanumeric() || "_+/".contains(c);
    if settings.languages.is_empty() || !settings.languages.chars().all(name_ok) {
        return Err(format!("`{}` are no languages of a text reader", settings.languages));
    }
    let program = settings.program.display();
    let mut child = Command::new(&settings.program)
        .args(["stdin", "stdout", "-l", &settings.languages])
        // one picture a thread: more threads of its own only slow the others
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program} was not started: {error}"))?;
    let said = speak(&mut child, grey, deadline);
    // it has ended, or has no more time
    let killed = child.kill();
    let status = child.wait();
    match (said, status) {
        (Some(text), Ok(status)) if status.success() || killed.is_ok() && !text.is_empty() => {
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        (Some(_), Ok(status)) => Err(format!("{program} failed: {status}")),
        (Some(_), Err(error)) => Err(format!("{program} failed: {error}")),
        (None, _) => Err(format!("{program} did not end in time")),
    }
}

/// Gives the pixels and takes the text; `None` where time ran out.
fn speak(child: &mut Child, grey: &GrayImage, deadline: Instant) -> Option<Vec<u8>> {
    let mut input = child.stdin.take()?;
    let output = child.stdout.take()?;
    let mut picture = format!("P5 {} {} 255\n", grey.width(), grey.height()).into_bytes();
    picture.extend_from_slice(grey.as_raw());
    // both end when the child does, because its ends of the pipes close then
    thread::spawn(move || {
        // a program that does not want the whole picture says so by its answer
        let _ = input.write_all(&picture);
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = output.take(TEXT_BYTES_MAX).read_to_end(&mut text);
        let _ = sender.send(read.ok().map(|_| text));
    });
    let text = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()??;
    // its output has ended; a moment to end by itself, so that its status tells
    let patience = Instant::now() + Duration::from_secs(2);
    while Instant::now() < patience.min(deadline) && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_millis(2));
    }
    Some(text)
}
