//! Well-known hosts and handles, which stand everywhere and tie nothing: share buttons, networks, archives, explorers, exchanges, news.
//!
//! A data file: a line is kind, name, category and source, parted by tabs. A host stands for what is under it. Who reads a store can add names of
//! their own.

use rustc_hash::FxHashMap;

const DATA: &str = include_str!("../../data/hosts.tsv");
/// Lines of a list.
const LINES_MAX: usize = 1_000_000;

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct HostError {
    /// The file, as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Well-known hosts and handles with their categories.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    hosts: FxHashMap<String, String>,
    handles: FxHashMap<String, String>,
}

/// A category of the built-in list in Arabic; none of others, which those who read a store may have added.
pub(crate) fn arabic(category: &str) -> Option<&'static str> {
    Some(match category {
        "network" => "شبكة تواصل",
        "share" => "زر مشاركة",
        "search" => "بحث",
        "infrastructure" => "بنية الشبكة",
        "archive" => "أرشيف",
        "files" => "ملفات",
        "reference" => "مرجع",
        "explorer" => "مستكشف كتل",
        "prices" => "أسعار",
        "exchange" => "منصة تداول",
        "wallet" => "محفظة",
        "payment" => "خدمة دفع",
        "news" => "أخبار",
        "authority" => "سلطة",
        "research" => "أبحاث",
        _ => return None,
    })
}

impl Hosts {
    /// No names at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The names that come with the program.
    pub fn built_in() -> Self {
        let mut hosts = Self::default();
        // the file is tested
        let _ = hosts.add("hosts.tsv", DATA);
        hosts
    }

    /// Adds the names of a file: `host` or `handle`, the name, its category, and (which may be missing) its source, parted by tabs. Empty
    /// lines and those that begin with `#` are passed over.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), HostError> {
        for (n, line) in text.lines().enumerate() {
            let wrong = |what: String| HostError { file: file.to_owned(), line: n + 1, what };
            if n >= LINES_MAX {
                return Err(wrong(format!("no more than {LINES_MAX} lines")));
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.split('\t').map(str::trim);
            let (Some(kind), Some(name), Some(category)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(wrong("kind, name and category are parted by tabs".into()));
            };
            let name = name.to_lowercase();
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(wrong("no name".into()));
            }
            match kind {
                "host" => self.hosts.insert(name, category.into()),
                "handle" => self.handles.insert(name, category.into()),
                other => return Err(wrong(format!("{other:?} is neither host nor handle"))),
            };
        }
        Ok(())
    }

    /// The category of a host or of what it is under.
    pub fn host(&self, host: &str) -> Option<&str> {
        let mut rest = host;
        loop {
            if let Some(category) = self.hosts.get(rest) {
                return Some(category);
            }
            (_, rest) = rest.split_once('.')?;
        }
    }

    /// The category of a handle, with its network before a colon.
    pub fn handle(&self, handle: &str) -> Option<&str> {
        self.handles.get(handle).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_of_the_list_has_an_arabic_name() {
        let named = |line: &str| line.split('\t').nth(2).map(|category| arabic(category).is_some());
        let lines: Vec<_> = DATA.lines().filter(|line| !line.starts_with('#')).filter_map(named).collect();
        assert!(lines.len() > 100 && lines.iter().all(|is_named| *is_named));
    }

    #[test]
    fn the_built_in_names_can_be_read_and_have_sources() {
        let mut hosts = Hosts::none();
        hosts.add("hosts.tsv", DATA).unwrap();
        assert!(hosts.hosts.len() > 100 && !hosts.handles.is_empty());
        for line in DATA.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            assert_eq!(line.split('\t').filter(|part| !part.trim().is_empty()).count(), 4, "{line}");
        }
    }

    #[test]
    fn a_host_stands_for_what_is_under_it_and_for_nothing_beside() {
        let hosts = Hosts::built_in();
        assert!(hosts.host("facebook.com").is_some() && hosts.host("www.facebook.com").is_some());
        assert!(hosts.host("notfacebook.com").is_none() && hosts.host("facebook.com.example").is_none());
        assert!(hosts.host("com").is_none() && hosts.host("").is_none());
        assert!(hosts.handle("telegram:share").is_some() && hosts.handle("telegram:somebody").is_none());
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = |text: &str| Hosts::none().add("f", text).unwrap_err().to_string();
        assert!(error("host\ta.example\tx\nsite\tb\tx").starts_with("f, line 2: \"site\""));
        assert!(error("# c\n\nhost").starts_with("f, line 3: kind"));
        assert!(error("host\t\tx").starts_with("f, line 1: no name"));
    }
}
