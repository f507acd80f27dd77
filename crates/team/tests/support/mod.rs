//! Both databases for a test: a fresh SQLite file, and a fresh database in a real PostgreSQL.
//!
//! The server is that of `ATHAR_TEST_POSTGRES` (a URL whose user may create databases), or one that is started from Debian's packages in a
//! temporary folder, once for each test program. Where there is neither, that is said and only SQLite is tested; with
//! `ATHAR_REQUIRE_POSTGRES=1` it is a failure.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // each test program uses a part of it

pub mod people;

use postgres::{Client, NoTls};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Runs a test on a fresh database of each kind. The text is what `Database::open` takes.
pub fn on_each(test: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    test(sqlite_in(folder.path()).as_str());
    if let Some(url) = postgres() {
        test(&url);
    }
}

/// The file of an SQLite database that is not there yet.
pub fn sqlite_in(folder: &Path) -> String {
    folder.join("team.sqlite").to_str().unwrap().to_owned()
}

/// The URL of a fresh database in PostgreSQL; nothing where there is no server.
pub fn postgres() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else {
        skipped("no PostgreSQL here (Debian's postgresql, or ATHAR_TEST_POSTGRES=URL)");
        return None;
    };
    let name = format!("athar_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut client = Client::connect(server, NoTls).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")).unwrap();
    let (base, query) = server.split_once('?').unwrap_or((server, ""));
    let base = base.rsplit_once('/').unwrap().0;
    Some(if query.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{query}") })
}

/// Says that a test is left out, past the test harness, which holds back what is printed; a failure where PostgreSQL is required.
fn skipped(why: &str) {
    assert!(std::env::var_os("ATHAR_REQUIRE_POSTGRES").is_none(), "{why}");
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A client beside the program, to look into a database or to damage it.
pub fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var("ATHAR_TEST_POSTGRES").ok().or_else(start)).as_deref()
}

fn start() -> Option<String> {
    let own = Own::start_as(false)?;
    let url = own.url();
    // the last thread of a test program does not run destructors: a shell waits for this program to end, then stops the server
    own.outlive();
    Some(url)
}

/// A server of our own.
pub struct Own {
    folder: PathBuf,
    port: u16,
    child: Option<Child>,
    programs: PathBuf,
    /// With a certificate, and the password [`SERVER_PASSWORD`].
    secured: bool,
}

/// The password of a secured server.
pub const SERVER_PASSWORD: &str = "s3cret of the server";

impl Own {
    /// Starts one; nothing where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let own = Self::start_as(false);
        if own.is_none() {
            skipped("Debian's postgresql is not installed, and this test stops and starts a server of its own");
        }
        own
    }

    /// Starts one that speaks TLS and asks for a password; nothing where PostgreSQL or openssl is not installed.
    pub fn start_secured() -> Option<Self> {
        let has_openssl = Command::new("openssl").arg("version").output().is_ok();
        let own = if has_openssl { Self::start_as(true) } else { None };
        if own.is_none() {
            skipped("a server with a certificate of its own needs Debian's postgresql and openssl");
        }
        own
    }

    fn start_as(secured: bool) -> Option<Self> {
        let mut versions: Vec<PathBuf> =
            std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
        versions.retain(|programs| programs.join("initdb").exists());
        versions.sort();
        let programs = versions.pop()?;
        let folder = tempfile::Builder::new().prefix("athar-postgres").tempdir().unwrap().keep();
        if secured {
            certificate(&folder);
            std::fs::write(folder.join("password"), SERVER_PASSWORD).unwrap();
        }
        give_away(&folder);
        let data = folder.join("data");
        let mut initdb = as_user(&programs.join("initdb"));
        initdb.args(["-D", data.to_str().unwrap(), "-U", "athar", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        if secured {
            initdb.args(["-A", "scram-sha-256", "--pwfile", folder.join("password").to_str().unwrap()]);
        } else {
            initdb.args(["-A", "trust"]);
        }
        let made = initdb.current_dir(&folder).stdin(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut own = Self { folder, port, child: None, programs, secured };
        own.run();
        Some(own)
    }

    /// Starts the server on its folder, and waits until it answers.
    pub fn run(&mut self) {
        let log = std::fs::File::options().append(true).create(true).open(self.folder.join("log")).unwrap();
        let mut server = as_user(&self.programs.join("postgres"));
        server.args([
            "-D",
            self.folder.join("data").to_str().unwrap(),
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
        ]);
        server.args(["-k", "", "-c", "max_connections=200", "-c", "shared_buffers=32MB"]);
        if self.secured {
            let file = |name: &str| self.folder.join(name).display().to_string();
            server.args(["-c", "ssl=on", "-c", &format!("ssl_cert_file={}", file("certificate"))]);
            server.args(["-c", &format!("ssl_key_file={}", file("key"))]);
        }
        server.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(server.spawn().unwrap());
        let until = Instant::now() + Duration::from_secs(60);
        while let Err(error) = Client::connect(&self.url(), NoTls) {
            assert!(Instant::now() < until, "PostgreSQL does not answer: {error}; see {}", self.folder.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let password = if self.secured { format!(":{}", SERVER_PASSWORD.replace(' ', "%20")) } else { String::new() };
        format!("postgres://athar{password}@127.0.0.1:{}/postgres", self.port)
    }

    /// Its certificate, for 127.0.0.1, signed by itself.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate")
    }

    /// Ends it at once, as a power cut of the server would, and waits until it is gone.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        assert!(Command::new("kill").args(["-QUIT", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap();
    }

    #[allow(clippy::zombie_processes)] // it ends after this program
    fn outlive(self) {
        let script = "while kill -0 \"$0\" 2>/dev/null; do sleep 0.3; done; kill -QUIT \"$(head -n 1 \"$1/data/postmaster.pid\")\"; sleep 0.5; rm -rf \"$1\"";
        let mut watch = Command::new("sh");
        watch.args(["-c", script, &std::process::id().to_string(), self.folder.to_str().unwrap()]);
        watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::mem::forget(self);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn certificate(folder: &Path) {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args([
        "-subj",
        "/CN=database",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]);
    openssl.args(["-keyout", &file("key"), "-out", &file("certificate")]);
    let made = openssl.output().unwrap();
    assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
    if let Some(user) = other_user() {
        assert!(Command::new("chown").args([user, &file("key")]).status().unwrap().success());
    }
}

/// PostgreSQL refuses to run as root: then as `postgres`, or as `nobody`.
fn as_user(program: &Path) -> Command {
    let Some(user) = other_user() else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", group_of(user).as_str(), "--clear-groups"]).arg(program);
    command
}

fn other_user() -> Option<&'static str> {
    let id = Command::new("id").arg("-u").output().unwrap();
    let root = id.stdout.starts_with(b"0\n");
    let known = |user: &str| Command::new("id").args(["-u", user]).output().is_ok_and(|id| id.status.success());
    root.then(|| if known("postgres") { "postgres" } else { "nobody" })
}

fn group_of(user: &str) -> String {
    let id = Command::new("id").args(["-g", user]).output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

fn give_away(folder: &Path) {
    if let Some(user) = other_user() {
        let done = Command::new("chown").args([user, folder.to_str().unwrap()]).status().unwrap();
        assert!(done.success());
    }
}

/// Everything that a database holds, as text: of SQLite the bytes of its file and its log, whatever of it is in use.
pub fn dump(url: &str) -> String {
    if !url.starts_with("postgres") {
        let read = |path: String| std::fs::read(path).unwrap_or_default();
        let mut all = read(url.to_owned());
        all.extend(read(format!("{url}-wal")));
        return String::from_utf8_lossy(&all).into_owned();
    }
    let mut client = client(url);
    let tables = client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", &[]).unwrap();
    let mut all = String::new();
    for table in tables {
        let table: String = table.get(0);
        for row in client.query(&format!("SELECT CAST(t AS TEXT) FROM {table} t"), &[]).unwrap() {
            all.push_str(row.get::<_, &str>(0));
            all.push('\n');
        }
    }
    all
}

/// Takes everything out of a database again.
pub fn emptied(url: &str) {
    if url.starts_with("postgres") {
        client(url).batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    } else {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{url}{end}"));
        }
    }
}
