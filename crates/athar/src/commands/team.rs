//! `athar users`, `athar audit`, `athar team`: the team's database from the command line. Who may read the database may do this;
//! what is done stands in the audit log as done by `local`.

use crate::Outcome;
use crate::args::{Audit, AuditQuestion, RoleWord, TeamPlace, TeamQuestion, TeamWords, Tongue, Users, UsersQuestion};
use crate::printer::Printer;
use crate::show::{self, plain_table};
use anyhow::Context;
use athar_engine::Day;
use athar_server::{keys, team_default};
use athar_team::{Actor, Anchor, AuditOf, Entry, Kept, NewPassword, NewUser, Role, Target, Team, User, UserChange};
use serde::Serialize;
use std::io::BufRead;
use std::path::Path;

/// Longest line of stdin that is read as a password.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// A user as the command line shows one.
#[derive(Serialize)]
struct UserLine {
    #[serde(flatten)]
    user: User,
    /// The password, where one was made: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_password: Option<String>,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Viewer => Self::Viewer,
            RoleWord::Analyst => Self::Analyst,
            RoleWord::Supervisor => Self::Supervisor,
            RoleWord::Admin => Self::Admin,
        }
    }
}

const fn say(tongue: Tongue, en: &'static str, ar: &'static str) -> &'static str {
    match tongue {
        Tongue::En => en,
        Tongue::Ar => ar,
    }
}

const fn role_in(role: Role, t: Tongue) -> &'static str {
    match role {
        Role::Viewer => say(t, "viewer", "مطّلع"),
        Role::Analyst => say(t, "analyst", "محلّل"),
        Role::Supervisor => say(t, "supervisor", "مشرف"),
        Role::Admin => say(t, "admin", "مدير"),
    }
}

fn now() -> i64 {
    i64::try_from(keys::now_s()).unwrap_or(i64::MAX)
}

fn url(store: &Path, place: &TeamPlace) -> String {
    place.team.clone().unwrap_or_else(|| team_default(store)).0
}

fn open(store: &Path, place: &TeamPlace) -> anyhow::Result<Team> {
    if place.team.is_none() {
        std::fs::create_dir_all(store).with_context(|| format!("cannot create {}", store.display()))?;
    }
    Ok(Team::open(&url(store, place))?)
}

/// The password in the first line of stdin.
fn from_stdin() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = std::io::Read::take(std::io::stdin().lock(), PASSWORD_BYTES_MAX).read_line(&mut line);
    read.context("cannot read the password from stdin")?;
    let password = line.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!password.is_empty(), "stdin holds no password");
    Ok(password.to_owned())
}

fn found(team: &Team, name: &str) -> anyhow::Result<User> {
    team.user_by_name(name)?.with_context(|| format!("there is no user `{}`", show::safe(name)))
}

fn shown(printer: &Printer, user: User, new_password: Option<String>, t: Tongue) -> anyhow::Result<()> {
    let line = UserLine { user, new_password };
    printer.view(&line, |line| {
        let mut text = table(std::slice::from_ref(&line.user), t);
        if let Some(password) = &line.new_password {
            text.push_str(&format!("\n{}: {password}", say(t, "password", "كلمة السر")));
        }
        text
    })?;
    if line.new_password.is_some() {
        printer.note(say(
            t,
            "the password is shown this once: the database keeps its hash alone",
            "تُعرض كلمة السر هذه المرة فقط: لا تحفظ قاعدة البيانات إلا بصمتها",
        ));
    }
    Ok(())
}

fn table(users: &[User], t: Tongue) -> String {
    let header = [
        say(t, "number", "الرقم"),
        say(t, "name", "الاسم"),
        say(t, "shown as", "يظهر باسم"),
        say(t, "role", "الدور"),
        say(t, "standing", "الحالة"),
        say(t, "since", "منذ"),
    ];
    let row = |user: &User| {
        let standing = match (user.disabled, user.has_password) {
            (true, _) => say(t, "kept out", "موقوف"),
            (false, true) => say(t, "password", "بكلمة سر"),
            (false, false) => say(t, "no password", "بلا كلمة سر"),
        };
        let since = Day((user.created_s / 86_400) as i32).to_string();
        let [name, display] = [&user.name, &user.display].map(|text| show::safe(text));
        vec![user.id.to_string(), name, display, role_in(user.role, t).into(), standing.into(), since]
    };
    plain_table(&header, users.iter().map(row).collect())
}

pub(crate) fn users(store: &Path, words: &Users, printer: &Printer) -> anyhow::Result<Outcome> {
    let team = open(store, &words.place)?;
    let by = Actor::Local;
    match &words.question {
        UsersQuestion::Add { name, role, display, password_stdin, oidc, lang } => {
            let password = match (oidc, password_stdin) {
                (true, _) => NewPassword::None,
                (false, true) => NewPassword::Given(from_stdin()?),
                (false, false) => NewPassword::Made,
            };
            let new = NewUser {
                name: name.clone(),
                display: display.clone().unwrap_or_else(|| name.clone()),
                role: (*role).into(),
                language: say(lang.tongue, "und", "ar").into(),
                password,
            };
            let (user, made) = team.create_user(&by, now(), &new)?;
            shown(printer, user, made, lang.tongue)?;
        }
        UsersQuestion::List { lang } => {
            team.append_read(Entry::new(now(), by, "user.list", Target::None))?;
            let users = team.users()?;
            printer.view(&users, |users| table(users, lang.tongue))?;
            return Ok(if users.is_empty() { Outcome::Nothing } else { Outcome::Done });
        }
        UsersQuestion::Role { name, role, lang } => {
            let user = found(&team, name)?;
            let change = UserChange { role: Some((*role).into()), ..UserChange::default() };
            let (user, made) = team.change_user(&by, now(), user.id, user.version, &change)?;
            shown(printer, user, made, lang.tongue)?;
        }
        UsersQuestion::Password { name, password_stdin, lang } => {
            let user = found(&team, name)?;
            let password = if *password_stdin { NewPassword::Given(from_stdin()?) } else { NewPassword::Made };
            let change = UserChange { password: Some(password), ..UserChange::default() };
            let (user, made) = team.change_user(&by, now(), user.id, user.version, &change)?;
            team.unlock(&by, now(), user.id)?;
            shown(printer, user, made, lang.tongue)?;
        }
        UsersQuestion::Disable { name, undo, lang } => {
            let user = found(&team, name)?;
            let change = UserChange { disabled: Some(!undo), ..UserChange::default() };
            let (user, made) = team.change_user(&by, now(), user.id, user.version, &change)?;
            shown(printer, user, made, lang.tongue)?;
        }
        UsersQuestion::Erase { name, lang } => {
            let user = found(&team, name)?;
            team.erase_user(&by, now(), user.id)?;
            let erased = serde_json::json!({ "erased": user.id });
            printer
                .view(&erased, |_| format!("{} {}", say(lang.tongue, "erased: user", "مُحي: المستخدم رقم"), user.id))?;
        }
    }
    Ok(Outcome::Done)
}

pub(crate) fn audit(store: &Path, words: &Audit, printer: &Printer) -> anyhow::Result<Outcome> {
    let team = open(store, &words.place)?;
    match &words.question {
        AuditQuestion::Verify { anchor, lang } => {
            let verified = team.verify_audit(anchor.as_deref().map(read_anchor).transpose()?)?;
            let t = lang.tongue;
            printer.view(&verified, |verified| match verified.broken_at {
                None => format!(
                    "{} {}\n{}:{}",
                    say(t, "whole; entries:", "السجل سليم؛ عدد القيود:"),
                    verified.entries,
                    verified.head.seq,
                    hex(&verified.head.hash)
                ),
                Some(at) => format!(
                    "{} {at}: {}",
                    say(t, "NOT what was written, from entry", "السجل ليس كما كُتب، ابتداءً من القيد"),
                    verified.why.as_deref().unwrap_or_default()
                ),
            })?;
            Ok(if verified.ok() { Outcome::Done } else { Outcome::Partly })
        }
        AuditQuestion::List { limit, before, case, actor, lang } => {
            let of = AuditOf { actor: actor.clone(), case: *case, before: *before };
            let target = case.map_or(Target::None, |case| Target::id("case", case));
            team.append_read(Entry::new(now(), Actor::Local, "audit.read", target))?;
            let entries = team.audit(&of, *limit)?;
            printer.view(&entries, |entries| entries_table(entries, lang.tongue))?;
            Ok(if entries.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        AuditQuestion::Head => {
            let head = team.audit_head()?;
            printer.view(&head, |head| format!("{}:{}", head.seq, hex(&head.hash)))?;
            Ok(Outcome::Done)
        }
    }
}

/// A moment in UTC.
fn time(at_s: i64) -> String {
    let (day, second) = (at_s.div_euclid(86_400), at_s.rem_euclid(86_400));
    format!("{} {:02}:{:02}:{:02}", Day(day as i32), second / 3_600, second / 60 % 60, second % 60)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Number and hash, as `head` prints them.
fn read_anchor(text: &str) -> anyhow::Result<Anchor> {
    let wrong = || format!("`{}` is no NUMBER:HASH of `athar audit head`", show::safe(text));
    let (seq, digits) = text.split_once(':').with_context(wrong)?;
    let mut hash = [0; 32];
    anyhow::ensure!(digits.len() == 64 && digits.is_ascii(), wrong());
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).with_context(wrong)?;
    }
    Ok(Anchor { seq: seq.parse().with_context(wrong)?, hash })
}

fn entries_table(entries: &[Kept], t: Tongue) -> String {
    let header = [
        say(t, "number", "الرقم"),
        say(t, "time", "الوقت"),
        say(t, "who", "من"),
        say(t, "what", "ماذا"),
        say(t, "to what", "على ماذا"),
        say(t, "case", "القضية"),
        say(t, "outcome", "النتيجة"),
    ];
    let row = |entry: &Kept| {
        let outcome = match entry.outcome.as_str() {
            "done" => say(t, "done", "تمّ"),
            "refused" => say(t, "refused", "رُفض"),
            _ => say(t, "failed", "فشل"),
        };
        let target = match (entry.target_kind.as_str(), entry.target.split_at_checked(17)) {
            ("", _) => String::new(),
            // a salted hash is told by its beginning; --json has all of it
            (kind, Some((short, _))) if short.starts_with("hash:") => format!("{kind} {short}…"),
            (kind, _) => format!("{kind} {}", entry.target),
        };
        let case = entry.case.map(|case| case.to_string()).unwrap_or_default();
        vec![
            entry.seq.to_string(),
            time(entry.at_s),
            show::safe(&entry.actor),
            show::safe(&entry.action),
            show::safe(&target),
            case,
            outcome.into(),
        ]
    };
    plain_table(&header, entries.iter().map(row).collect())
}

pub(crate) fn team(store: &Path, words: &TeamWords, printer: &Printer) -> anyhow::Result<Outcome> {
    match &words.question {
        TeamQuestion::Backup { file, lang } => {
            let report = open(store, &words.place)?.backup(&Actor::Local, now(), file)?;
            let t = lang.tongue;
            printer.view(&report, |report| {
                let rows: u64 = report.tables.iter().map(|(_, rows)| rows).sum();
                format!(
                    "{} {}\n{} {rows}   {} {}   BLAKE3 {}",
                    say(t, "backup:", "النسخة الاحتياطية:"),
                    file.display(),
                    say(t, "rows:", "السطور:"),
                    say(t, "bytes:", "الحجم بالبايت:"),
                    report.bytes,
                    report.blake3
                )
            })?;
        }
        TeamQuestion::Restore { file, lang } => {
            let report = Team::restore(&url(store, &words.place), file, &Actor::Local, now())?;
            let t = lang.tongue;
            printer.view(&report, |report| {
                let rows: u64 = report.backup.tables.iter().map(|(_, rows)| rows).sum();
                let log = if report.audit.ok() {
                    say(t, "the audit log in it is whole", "سجل التدقيق فيها سليم")
                } else {
                    say(t, "the audit log in it was NOT whole", "سجل التدقيق فيها ليس سليماً")
                };
                format!("{} {rows}; {log}", say(t, "restored; rows:", "تمت الاستعادة؛ السطور:"))
            })?;
            return Ok(if report.audit.ok() { Outcome::Done } else { Outcome::Partly });
        }
        TeamQuestion::Migrate { lang } => {
            let team = open(store, &words.place)?;
            let version = athar_team::Database::tables_version();
            let view = serde_json::json!({ "database": team.db().name(), "tables_version": version });
            printer.view(&view, |_| {
                let says = say(lang.tongue, "version of the tables:", "إصدار الجداول:");
                format!("{}\n{says} {version}", show::safe(team.db().name()))
            })?;
        }
    }
    Ok(Outcome::Done)
}
