//! The ways that events are delivered, by the URL of an endpoint.

use super::{lines, syslog};
use crate::DeskError;
use crate::db::Desk;
use crate::event::EventKind;
use crate::webhook::{ENDPOINTS_MAX, SendError};
use athar_types::Level;
use rusqlite::params;
use std::path::PathBuf;
use std::time::Duration;

const URL_BYTES_MAX: usize = 2_000;

/// How an endpoint is delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `http://` or `https://`: see [`crate::webhook`].
    Webhook,
    /// `smtp://HOST:PORT?from=…&to=…`, `smtps://…`: one mail for an event.
    Mail(String),
    /// `syslog+udp://127.0.0.1:514`, `syslog+tcp://127.0.0.1:601`, `syslog+unix:///dev/log`: RFC 5424, to this machine.
    Syslog(syslog::Place),
    /// `jsonl:///var/log/athar/alerts.jsonl`: a line for an event, appended.
    Lines(PathBuf),
    /// `jsonl:-`: a line for an event, to the standard output of whoever delivers and says that it has one.
    Stdout,
}

impl Transport {
    /// Reads the URL of an endpoint.
    pub fn parse(url: &str) -> Result<Self, DeskError> {
        let wrong = |what: String| DeskError::input("url", what);
        if url.len() > URL_BYTES_MAX || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong(format!("has more than {URL_BYTES_MAX} bytes, white space or control characters")));
        }
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "http" | "https" => Ok(Self::Webhook),
            "smtp" | "smtps" => mail(url),
            "syslog+udp" | "syslog+tcp" | "syslog+unix" => syslog::Place::parse(url).map(Self::Syslog).map_err(wrong),
            "jsonl" if url == "jsonl:-" => Ok(Self::Stdout),
            "jsonl" => {
                let path = url.strip_prefix("jsonl://").filter(|path| path.starts_with('/') && !path.ends_with('/'));
                let path = path
                    .ok_or_else(|| wrong("a file is written jsonl:///FOLDER/FILE, standard output jsonl:-".into()))?;
                Ok(Self::Lines(path.into()))
            }
            _ => Err(wrong(
                "begins with none of smtp, smtps, syslog+udp, syslog+tcp, syslog+unix, jsonl, http, https".into(),
            )),
        }
    }

    /// The name of the way of a URL.
    pub(crate) fn name_of(url: &str) -> &'static str {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "http" | "https" => "webhook",
            "smtp" | "smtps" => "mail",
            "jsonl" if url == "jsonl:-" => "stdout",
            "jsonl" => "lines",
            _ => "syslog",
        }
    }
}

#[cfg(feature = "mail")]
fn mail(url: &str) -> Result<Transport, DeskError> {
    super::mail::Server::parse(url).map_err(|what| DeskError::input("url", what))?;
    Ok(Transport::Mail(url.to_owned()))
}

#[cfg(not(feature = "mail"))]
fn mail(_: &str) -> Result<Transport, DeskError> {
    Err(DeskError::input("url", "this program was built without mail"))
}

/// An event on its way.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    /// Number of the delivery.
    pub delivery: i64,
    /// Which attempt it is, from 1. From 2 on it may have arrived before.
    pub attempt: u32,
    /// Id of the event.
    pub event: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// Its body, JSON.
    pub body: &'a str,
    /// Seconds since 1970.
    pub now: i64,
}

impl Parcel<'_> {
    /// Whether it may have arrived before.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.attempt > 1
    }

    /// One line of JSON: what is delivered, and the event as it is.
    pub(crate) fn line(&self) -> String {
        format!(
            "{{\"delivery\":{},\"attempt\":{},\"duplicate\":{},\"event\":{}}}\n",
            self.delivery,
            self.attempt,
            self.is_duplicate(),
            self.body
        )
    }
}

/// Sends a parcel by another way than HTTP.
pub(crate) fn send(transport: &Transport, secret: &str, parcel: &Parcel<'_>, time: Duration) -> Result<(), SendError> {
    match transport {
        Transport::Webhook => Err(SendError::Failed("a webhook is sent by HTTP".into())),
        Transport::Syslog(place) => place.send(parcel, time),
        Transport::Lines(path) => lines::append(path, parcel),
        Transport::Stdout => lines::print(parcel),
        #[cfg(feature = "mail")]
        Transport::Mail(url) => super::mail::send(url, secret, parcel, time),
        #[cfg(not(feature = "mail"))]
        Transport::Mail(_) => {
            let _ = secret;
            Err(SendError::Failed("this program was built without mail".into()))
        }
    }
}

/// A sink to add: an endpoint that is no webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSink {
    /// How and where: see [`Transport`].
    pub url: String,
    /// Which events; those of alerts where none is named.
    pub events: Vec<EventKind>,
    /// Least severity of the alerts that are told.
    pub least: Option<Level>,
    /// Password of the mail server.
    pub password: Option<String>,
}

impl Desk {
    /// Adds a sink and gives its number. Who may name files and servers here may write to them: this is for whoever has the desk's
    /// files already, not for whoever asks over the network.
    pub fn add_sink(&self, new: &NewSink, now: i64) -> Result<i64, DeskError> {
        match Transport::parse(&new.url)? {
            Transport::Webhook => {
                return Err(DeskError::input(
                    "url",
                    "a server of webhooks has a secret: `athar desk webhooks add` adds it",
                ));
            }
            Transport::Lines(path) if !path.parent().is_some_and(std::path::Path::is_dir) => {
                return Err(DeskError::input("url", format!("there is no folder for {}", path.display())));
            }
            _ => {}
        }
        let alerts = [EventKind::AlertRaised, EventKind::AlertConfirmed, EventKind::AlertChanged, EventKind::Test];
        let events = if new.events.is_empty() { &alerts[..] } else { &new.events };
        let events = events.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(",");
        self.write(|t| {
            let count: i64 = t.query_row("SELECT count(*) FROM endpoints", [], |row| row.get(0))?;
            if count as u64 >= ENDPOINTS_MAX {
                return Err(DeskError::TooMany { what: "endpoints", max: ENDPOINTS_MAX }.into());
            }
            t.execute(
                "INSERT INTO endpoints (url, secret, events, enabled, allow_internal, added_at, least) VALUES (?1, ?2, ?3, 1, 1, ?4, ?5)",
                params![
                    new.url,
                    new.password.as_deref().unwrap_or(""),
                    events,
                    now,
                    new.least.map_or("", Level::name)
                ],
            )?;
            Ok(t.last_insert_rowid())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how() {
        let name = |url: &str| Transport::parse(url).map(|_| Transport::name_of(url));
        assert_eq!(name("https://host/path").unwrap(), "webhook");
        assert_eq!(name("jsonl:-").unwrap(), "stdout");
        assert_eq!(name("jsonl:///var/alerts.jsonl").unwrap(), "lines");
        assert_eq!(name("syslog+udp://127.0.0.1:514").unwrap(), "syslog");
        for wrong in [
            "",
            "ftp://x",
            "jsonl://",
            "jsonl://relative",
            "jsonl:///folder/",
            "syslog+udp://10.0.0.1:514",
            "jsonl:///a b",
        ] {
            assert!(Transport::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_repeated_parcel_says_so() {
        let parcel =
            Parcel { delivery: 7, attempt: 2, event: "evt_1", kind: "alert.raised", body: "{\"a\":1}", now: 0 };
        let line: serde_json::Value = serde_json::from_str(&parcel.line()).unwrap();
        assert_eq!((&line["delivery"], &line["attempt"], &line["duplicate"]), (&7.into(), &2.into(), &true.into()));
        assert_eq!(line["event"]["a"], 1);
        assert!(!Parcel { attempt: 1, ..parcel }.is_duplicate());
    }
}
