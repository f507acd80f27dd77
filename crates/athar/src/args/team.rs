//! The words of `athar users`, `athar audit` and `athar team`.

use super::Tongue;
use athar_server::DatabaseUrl;
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// Where the team's database is.
#[derive(Clone, Debug, Words)]
pub(crate) struct TeamPlace {
    /// Database of users, cases and the audit log: a path, or postgres://USER:PASSWORD@HOST/NAME [default: desk/team.sqlite in the store]
    #[arg(long, value_name = "PATH|URL", env = "ATHAR_TEAM_DB", hide_env_values = true, value_parser = place)]
    pub(crate) team: Option<DatabaseUrl>,
}

#[allow(clippy::unnecessary_wraps)] // clap's shape
fn place(text: &str) -> Result<DatabaseUrl, String> {
    Ok(DatabaseUrl(text.into()))
}

/// In which language.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct In {
    /// Language of the text
    #[arg(long = "lang", visible_alias = "language", value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE")]
    pub(crate) tongue: Tongue,
}

/// A role in the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RoleWord {
    /// Reads, screens, reads cases
    Viewer,
    /// Also writes and works on cases
    Analyst,
    /// Also sees every case, decides on policies, reads the audit log
    Supervisor,
    /// Also users, keys and webhooks
    Admin,
}

#[derive(Debug, Words)]
pub(crate) struct Users {
    #[command(flatten)]
    pub(crate) place: TeamPlace,
    #[command(subcommand)]
    pub(crate) question: UsersQuestion,
}

/// What is done about users.
#[derive(Debug, Subcommand)]
pub(crate) enum UsersQuestion {
    /// Make a user; a password that is made is shown this once
    Add {
        /// The name to log in by: letters and digits of any script, and . _ - @ +
        name: String,
        /// What the user may
        #[arg(long, value_enum)]
        role: RoleWord,
        /// The name that others see [default: the name to log in by]
        #[arg(long)]
        display: Option<String>,
        /// Read the password from the first line of stdin, instead of having one made
        #[arg(long)]
        password_stdin: bool,
        /// No password: the user comes by the provider of logins, under this name
        #[arg(long, conflicts_with = "password_stdin")]
        oidc: bool,
        #[command(flatten)]
        lang: In,
    },
    /// List the users
    List {
        #[command(flatten)]
        lang: In,
    },
    /// Give a user another role; open sessions of the user end
    Role {
        /// The name
        name: String,
        /// The role
        #[arg(value_enum)]
        role: RoleWord,
        #[command(flatten)]
        lang: In,
    },
    /// Give a user another password, and let one in again who mistyped too often; open sessions of the user end
    Password {
        /// The name
        name: String,
        /// Read it from the first line of stdin, instead of having one made
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        lang: In,
    },
    /// Keep a user out, at once
    Disable {
        /// The name
        name: String,
        /// Let the user in again
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        lang: In,
    },
    /// Erase a person: names, password, sessions; the number stays in the audit log
    Erase {
        /// The name
        name: String,
        #[command(flatten)]
        lang: In,
    },
}

#[derive(Debug, Words)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) place: TeamPlace,
    #[command(subcommand)]
    pub(crate) question: AuditQuestion,
}

/// What is asked of the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditQuestion {
    /// Read the whole log and say whether it is what was written: exit code 2 where it is not
    Verify {
        /// Number and hash that `athar audit head` gave before: shows also whether the end was cut off
        #[arg(long, value_name = "NUMBER:HASH")]
        anchor: Option<String>,
        #[command(flatten)]
        lang: In,
    },
    /// List entries, the newest first
    List {
        /// Entries to list
        #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
        /// Only entries older than this number
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// Only what was done in this case
        #[arg(long, value_name = "NUMBER")]
        case: Option<i64>,
        /// Only what this one did: a user's number, key:ID, local, system, nobody
        #[arg(long)]
        actor: Option<String>,
        #[command(flatten)]
        lang: In,
    },
    /// Number and hash of the newest entry, to be written down elsewhere
    Head,
}

#[derive(Debug, Words)]
pub(crate) struct TeamWords {
    #[command(flatten)]
    pub(crate) place: TeamPlace,
    #[command(subcommand)]
    pub(crate) question: TeamQuestion,
}

/// What is done about the database.
#[derive(Debug, Subcommand)]
pub(crate) enum TeamQuestion {
    /// Write all of it into one file, while the service runs
    Backup {
        /// The file, which must not be there yet
        file: PathBuf,
        #[command(flatten)]
        lang: In,
    },
    /// Make an empty database what a backup was, of either kind
    Restore {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        lang: In,
    },
    /// Bring the tables to the version of this program, as every opening does
    Migrate {
        #[command(flatten)]
        lang: In,
    },
}
