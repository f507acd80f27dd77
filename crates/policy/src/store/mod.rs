//! The policies of a store: every version that was ever added, and a journal of what was decided about them.
//!
//! A version is the file as it was given, named by the hash of what it says; it is never overwritten. Which policy decides
//! and which are only tried follows from the journal, whose replacement is the commit. Exactly one decides at any time: the
//! shipped [`DEFAULT`] until another is activated.

mod journal;

pub use journal::{Event, EventKind};

use crate::error::PolicyError;
use crate::policy::{BYTES_MAX, Policy};
use crate::shipped::{DEFAULT, shipped};
use athar_disk::Disk;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Whether a policy decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It decides. One in a store.
    Active,
    /// It is evaluated and shown beside the one that decides.
    Test,
    /// It is kept, and not evaluated unless asked for.
    Idle,
    /// It was named in the question, whatever the store says of it.
    Asked,
}

impl Mode {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Test => "test",
            Self::Idle => "idle",
            Self::Asked => "asked",
        }
    }
}

/// A version of a policy that can be asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Stored {
    /// Name of the policy.
    pub name: String,
    /// Its version: BLAKE3 of its content, 64 hexadecimal digits.
    pub version: String,
    /// Whether it decides.
    pub mode: Mode,
    /// Whether it comes with this program.
    pub is_shipped: bool,
    /// The day on which it was first added here; null for a shipped one that never was.
    #[schemars(with = "Option<String>")]
    pub added_on: Option<Day>,
}

/// The policies of a store. Two processes must not write to one folder at a time: the caller locks.
#[derive(Debug)]
pub struct PolicyStore {
    dir: PathBuf,
    disk: Disk,
    events: Vec<Event>,
    stored: Vec<Stored>,
}

const VERSIONS: &str = "versions";

impl PolicyStore {
    /// Opens the policies in `dir`. A folder that does not exist holds the shipped ones alone; the first change makes it.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, PolicyError> {
        let dir = dir.into();
        let events = journal::read(&dir)?;
        let stored = replay(&events);
        Ok(Self { dir, disk: Disk::default(), events, stored })
    }

    /// The same store, writing to `disk`.
    #[must_use]
    pub fn with_disk(mut self, disk: Disk) -> Self {
        self.disk = disk;
        self
    }

    /// Every version: the shipped ones first, then in the order of their adding.
    pub fn all(&self) -> &[Stored] {
        &self.stored
    }

    /// What was decided, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The version that decides.
    ///
    /// # Panics
    /// Never: one always does.
    pub fn active(&self) -> &Stored {
        match self.stored.iter().find(|s| s.mode == Mode::Active) {
            Some(active) => active,
            None => unreachable!("a store without an active policy"),
        }
    }

    /// The versions on test.
    pub fn testing(&self) -> impl Iterator<Item = &Stored> {
        self.stored.iter().filter(|s| s.mode == Mode::Test)
    }

    /// The version that a text names: `active`; a name (its newest version); a name, `@` and the beginning of the version, or
    /// that beginning alone, of at least six digits.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find(&self, text: &str) -> Result<&Stored, PolicyError> {
        let no_such = || PolicyError::NoSuch { what: crate::exact::shown(text) };
        if text == "active" {
            return Ok(self.active());
        }
        // own policies cannot take a shipped name: what else bears one is a copy of an older program's, named by its version
        let named = |s: &&Stored| s.name == text;
        if let Some(found) = self.stored.iter().filter(|s| s.is_shipped).find(named) {
            return Ok(found);
        }
        if let Some(found) = self.stored.iter().rev().find(named) {
            return Ok(found);
        }
        let (name, at) = text.split_once('@').map_or((None, text), |(name, at)| (Some(name), at));
        if at.len() < 6 || !at.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(no_such());
        }
        let of = |s: &&Stored| name.is_none_or(|name| s.name == name) && s.version.starts_with(at);
        let mut found = self.stored.iter().filter(of);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(PolicyError::Refused { what: format!("{at} names several versions") }),
            (None, _) => Err(no_such()),
        }
    }

    /// Reads a version, checked against its hash.
    ///
    /// # Errors
    /// Its file is missing or damaged.
    pub fn load(&self, stored: &Stored) -> Result<Policy, PolicyError> {
        if let Some(policy) = shipped().iter().find(|p| p.version() == stored.version) {
            return Ok(policy.clone());
        }
        let path = self.path(&stored.version);
        let policy = Policy::read(&path)?;
        if policy.version() != stored.version {
            return Err(PolicyError::Corrupt { path, what: "what it says does not match its name".into() });
        }
        Ok(policy)
    }

    /// The text of a version's file, as it was written.
    ///
    /// # Errors
    /// The file is missing or is not of that version.
    pub fn text(&self, stored: &Stored) -> Result<String, PolicyError> {
        let policy = self.load(stored)?;
        let is_shipped = shipped().iter().any(|of| of.version() == stored.version);
        match crate::shipped_file(&policy.name).filter(|_| is_shipped) {
            Some(text) => Ok(text.to_owned()),
            None => Policy::read_text(&self.path(&stored.version)),
        }
    }

    /// Adds a policy and puts it on test; `text` is its file. Nothing is written where it is on test or active already.
    ///
    /// # Errors
    /// Its name is that of a shipped policy that says something else, or the disk refuses.
    pub fn add(&mut self, text: &str, policy: &Policy, day: Day) -> Result<Stored, PolicyError> {
        let taken = shipped().iter().any(|p| p.name == policy.name && p.version() != policy.version());
        let known = self.stored.iter().any(|s| s.version == policy.version());
        if taken && !known {
            let what = format!("`{}` comes with the program: give your own another name", policy.name);
            return Err(PolicyError::Refused { what });
        }
        if policy.name == "active" || text.len() > BYTES_MAX {
            return Err(PolicyError::Refused {
                what: "`active` stands for the policy that decides: take another name".into(),
            });
        }
        self.keep(text, policy.version())?;
        let current = self.stored.iter().find(|s| s.version == policy.version()).map(|s| s.mode);
        if !matches!(current, Some(Mode::Active | Mode::Test)) {
            self.record(EventKind::Add, &policy.name, policy.version(), day)?;
        }
        Ok(self.of(policy.version()))
    }

    /// Puts a version that is known here on test: a shipped one, or one that was retired.
    ///
    /// # Errors
    /// It decides or is on test already, its file is damaged, or the disk refuses.
    pub fn take_up(&mut self, stored: &Stored, day: Day) -> Result<Stored, PolicyError> {
        let stored = &self.now(stored)?;
        if matches!(stored.mode, Mode::Active | Mode::Test) {
            return Err(PolicyError::Refused { what: format!("`{}` is {} already", stored.name, stored.mode.name()) });
        }
        self.keep_shipped(stored)?;
        self.record(EventKind::Add, &stored.name, &stored.version, day)?;
        Ok(self.of(&stored.version))
    }

    /// Makes a version the one that decides.
    ///
    /// # Errors
    /// It is already, its file is damaged, or the disk refuses.
    pub fn activate(&mut self, stored: &Stored, day: Day) -> Result<Stored, PolicyError> {
        let stored = &self.now(stored)?;
        if stored.mode == Mode::Active {
            return Err(PolicyError::Refused { what: format!("`{}` is active already", stored.name) });
        }
        self.load(stored)?;
        self.keep_shipped(stored)?;
        self.record(EventKind::Activate, &stored.name, &stored.version, day)?;
        Ok(self.of(&stored.version))
    }

    /// Takes a version off test.
    ///
    /// # Errors
    /// It decides, or is not on test, or the disk refuses.
    pub fn retire(&mut self, stored: &Stored, day: Day) -> Result<Stored, PolicyError> {
        let stored = &self.now(stored)?;
        let refuse = |what| Err(PolicyError::Refused { what });
        match stored.mode {
            Mode::Active => refuse(format!("`{}` is active, and one always decides: activate another", stored.name)),
            Mode::Idle | Mode::Asked => refuse(format!("`{}` is not on test", stored.name)),
            Mode::Test => {
                self.record(EventKind::Retire, &stored.name, &stored.version, day)?;
                Ok(self.of(&stored.version))
            }
        }
    }

    /// Reads every version that was added and checks it against its hash.
    ///
    /// # Errors
    /// The first that is missing or damaged.
    pub fn verify(&self) -> Result<(), PolicyError> {
        self.stored.iter().try_for_each(|stored| self.load(stored).map(|_| ()))
    }

    /// What stands of a version now, whatever was known when it was looked up.
    fn now(&self, stored: &Stored) -> Result<Stored, PolicyError> {
        let found = self.stored.iter().find(|s| s.version == stored.version);
        found.cloned().ok_or_else(|| PolicyError::NoSuch { what: stored.name.clone() })
    }

    fn of(&self, version: &str) -> Stored {
        match self.stored.iter().find(|s| s.version == version) {
            Some(stored) => stored.clone(),
            None => unreachable!("a version without an event"),
        }
    }

    /// Keeps a copy of a shipped policy that is chosen: a newer program must not change what was decided.
    fn keep_shipped(&self, stored: &Stored) -> Result<(), PolicyError> {
        match crate::shipped::text_of(&stored.version) {
            Some(text) => self.keep(text, &stored.version),
            None => Ok(()),
        }
    }

    fn keep(&self, text: &str, version: &str) -> Result<(), PolicyError> {
        let folder = self.dir.join(VERSIONS);
        self.disk.create_folder(&folder)?;
        if self.events.is_empty() {
            // a first change that was killed may have made them without making their names durable
            let above = self.dir.parent().filter(|above| above.is_dir());
            above.into_iter().chain([&*self.dir]).try_for_each(|folder| self.disk.sync_folder(folder))?;
        }
        let path = self.path(version);
        // a file that is whole is never overwritten; one that was damaged since is written anew
        if Policy::read(&path).is_ok_and(|policy| policy.version() == version) {
            return Ok(self.disk.sync_folder(&folder)?);
        }
        Ok(self.disk.replace(&path, text.as_bytes())?)
    }

    fn record(&mut self, kind: EventKind, name: &str, version: &str, day: Day) -> Result<(), PolicyError> {
        let mut events = self.events.clone();
        events.push(Event { day, kind, name: name.into(), version: version.into() });
        journal::write(&self.disk, &self.dir, &events)?;
        self.stored = replay(&events);
        self.events = events;
        Ok(())
    }

    fn path(&self, version: &str) -> PathBuf {
        self.dir.join(VERSIONS).join(format!("{version}.toml"))
    }
}

/// What stands after all that was decided.
fn replay(events: &[Event]) -> Vec<Stored> {
    let mut stored: Vec<Stored> = shipped()
        .iter()
        .map(|policy| Stored {
            name: policy.name.clone(),
            version: policy.version().to_owned(),
            mode: if policy.name == DEFAULT { Mode::Active } else { Mode::Idle },
            is_shipped: true,
            added_on: None,
        })
        .collect();
    for event in events {
        let at = stored.iter().position(|s| s.version == event.version).unwrap_or_else(|| {
            let (name, version) = (event.name.clone(), event.version.clone());
            stored.push(Stored { name, version, mode: Mode::Idle, is_shipped: false, added_on: None });
            stored.len() - 1
        });
        stored[at].added_on = stored[at].added_on.or(Some(event.day));
        match event.kind {
            EventKind::Add => stored[at].mode = Mode::Test,
            EventKind::Retire => stored[at].mode = Mode::Idle,
            EventKind::Activate => {
                stored.iter_mut().filter(|s| s.mode == Mode::Active).for_each(|s| s.mode = Mode::Idle);
                stored[at].mode = Mode::Active;
            }
        }
    }
    stored
}
