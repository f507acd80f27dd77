//! `athar serve`.

use crate::Outcome;
use crate::args::{KeysQuestion, Serve, ServeQuestion};
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::{Day, Options};
use athar_server::keys::{self, Key, Keys, Standing};
use athar_server::{Limits, Oidc, People, Server, Settings, TlsFiles, Transport, Upkeep, team_default};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A key as the command line shows it.
#[derive(Serialize)]
struct KeyView {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    created_s: u64,
    expires_s: u64,
    standing: Standing,
    /// The key itself, where it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl KeyView {
    fn of(key: &Key, token: Option<String>) -> Self {
        Self {
            id: key.id.clone(),
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|scope| scope.name()).collect(),
            created_s: key.created_s,
            expires_s: key.expires_s,
            standing: key.standing(keys::now_s()),
            key: token,
        }
    }

    fn line(&self) -> String {
        let standing = match self.standing {
            Standing::InForce => "in force",
            Standing::Expired => "expired",
            Standing::Revoked => "revoked",
        };
        let until = Day((self.expires_s / 86_400) as i32);
        format!("{}  {standing:8}  until {until}  {:24}  {}", self.id, self.scopes.join(","), show::safe(&self.name))
    }
}

pub(crate) fn run(store: PathBuf, options: Options, words: &Serve, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some(ServeQuestion::Keys(question)) = &words.question {
        return about_keys(&store, question, printer);
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = words.workers.map_or(processors, usize::from);
    let limits = Limits {
        connections_max: words.connections as usize,
        request_time: Duration::from_secs(u64::from(words.time_limit)),
        rate: words.rate,
        ..Limits::for_workers(workers)
    };
    let file = words.keys.clone().unwrap_or_else(|| keys::default_file(&store));
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let roots = words.webhook_ca.as_ref().map(read).transpose()?;
    let settings = Settings {
        options,
        listen: words.listen,
        keys: (!words.no_keys).then_some(file),
        workers,
        log: words.log,
        limits,
        upkeep: Upkeep {
            rescreen: !words.no_rescreen,
            hops: words.rescreen_hops,
            deliver: !words.no_deliver,
            roots,
            ..Upkeep::default()
        },
        transport: Transport {
            tls: words.tls_cert.clone().zip(words.tls_key.clone()).map(|(cert, key)| TlsFiles { cert, key }),
            behind_proxy: words.behind_proxy,
        },
        people: people(&store, words)?,
        store,
    };
    let scheme = if settings.transport.tls.is_some() { "https" } else { "http" };
    let server = Server::bind(settings, std::io::stderr())?;
    // on stdout too: whoever asked for port 0 reads it here
    printer.data(&format!("{scheme}://{}\n", server.address()))?;
    if !server.has_people() {
        printer.note(
            "nobody can log in with a browser yet: `athar users add NAME --role admin` makes the first administrator",
        );
    }
    Ok(if server.run_until_signal() == 0 { Outcome::Done } else { Outcome::Partly })
}

/// Who works here, as the words say.
fn people(store: &Path, words: &Serve) -> anyhow::Result<People> {
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let oidc = match (&words.oidc_issuer, &words.oidc_client_id) {
        (Some(issuer), Some(client_id)) => {
            let secret = match &words.oidc_client_secret_file {
                Some(path) => Some(String::from_utf8(read(path)?).context("the secret of the provider is no text")?),
                None => std::env::var("ATHAR_OIDC_CLIENT_SECRET").ok(),
            };
            Some(Oidc {
                issuer: issuer.clone(),
                client_id: client_id.clone(),
                client_secret: secret.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
                name: words.oidc_name.clone(),
                make_users: words.oidc_make_users,
                roots: words.oidc_ca.as_ref().map(read).transpose()?,
            })
        }
        _ => None,
    };
    Ok(People {
        team_may_be_absent: words.place.team.is_none(),
        team: Some(words.place.team.clone().unwrap_or_else(|| team_default(store))),
        idle: Duration::from_secs(u64::from(words.session_idle) * 60),
        absolute: Duration::from_secs(u64::from(words.session_hours) * 3_600),
        logins_per_minute: words.login_rate,
        oidc,
        ..People::default()
    })
}

fn about_keys(store: &Path, question: &KeysQuestion, printer: &Printer) -> anyhow::Result<Outcome> {
    let file = |given: &Option<PathBuf>| given.clone().unwrap_or_else(|| keys::default_file(store));
    match question {
        KeysQuestion::Add { name, scope, days, keys } => {
            let (key, token) = keys::add(&file(keys), name, scope, *days, keys::now_s())?;
            let view = KeyView::of(&key, Some(token.clone()));
            printer.view(&view, |view| format!("{}\n{token}", view.line()))?;
            printer.note("the key is shown this once: the file keeps its hash alone");
        }
        KeysQuestion::List { keys } => {
            let keys = Keys::read(&file(keys))?;
            let views: Vec<KeyView> = keys.all().iter().map(|key| KeyView::of(key, None)).collect();
            printer.view(&views, |views| views.iter().map(KeyView::line).collect::<Vec<_>>().join("\n"))?;
            return Ok(if views.is_empty() { Outcome::Nothing } else { Outcome::Done });
        }
        KeysQuestion::Revoke { id, keys } => {
            let key = keys::revoke(&file(keys), id, keys::now_s())?;
            printer.view(&KeyView::of(&key, None), KeyView::line)?;
        }
    }
    Ok(Outcome::Done)
}
