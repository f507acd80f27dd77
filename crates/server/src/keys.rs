//! API keys: who may ask what, until when.
//!
//! A key is `ath_ID_SECRET`; SECRET is 256 bits from the system's random source. The file holds its BLAKE3 hash alone. A slow
//! password hash would spare nothing here: it hinders guessing of texts that people choose, and nobody guesses 256 random bits,
//! while every request would pay for it. The id names the row, so that one hash is compared, in constant time.

use crate::error::ServeError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use subtle::ConstantTimeEq;

/// Version of the file.
const VERSION: u32 = 1;
/// Keys of one file.
pub const KEYS_MAX: usize = 10_000;
/// Bytes of the file.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// Days that a key may hold.
pub const DAYS_MAX: u32 = 3_650;
/// Characters of a key's name.
pub const NAME_MAX: usize = 100;

/// What a key lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what the store holds.
    Read,
    /// Screen subjects.
    Screen,
    /// Change what the service keeps.
    Write,
    /// See and end the work of others; users, keys, webhooks.
    Admin,
    /// Read the cases that one is a member of.
    CaseRead,
    /// Work on cases.
    CaseWrite,
    /// See every case, decide on policies, read the audit log.
    Supervise,
}

impl Scope {
    /// All, in order.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Screen, Self::Write, Self::Admin, Self::CaseRead, Self::CaseWrite, Self::Supervise];

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Screen => "screen",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::CaseRead => "case_read",
            Self::CaseWrite => "case_write",
            Self::Supervise => "supervise",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let one_of = || format!("one of {}", Self::ALL.map(Self::name).join(", "));
        Self::ALL.into_iter().find(|s| s.name() == text).ok_or_else(one_of)
    }
}

/// One key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Names it in the log and for `revoke`.
    pub id: String,
    /// Who bears it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// BLAKE3 of the secret, hexadecimal.
    pub hash: String,
    /// Seconds since 1970 at which it was made.
    pub created_s: u64,
    /// Seconds since 1970 from which it holds no longer.
    pub expires_s: u64,
    /// Seconds since 1970 at which it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_s: Option<u64>,
}

/// The standing of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds.
    InForce,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Key {
    /// Its standing at a moment, in seconds since 1970.
    pub fn standing(&self, now_s: u64) -> Standing {
        match self.revoked_s {
            Some(_) => Standing::Revoked,
            None if now_s >= self.expires_s => Standing::Expired,
            None => Standing::InForce,
        }
    }
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such key, or another secret.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    keys: Vec<Key>,
}

/// The keys of a file.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    keys: Vec<Key>,
}

/// The file of keys of a store, unless the operator names another.
pub fn default_file(store: &Path) -> PathBuf {
    store.join("keys.json")
}

/// The seconds since 1970.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn hash(secret: &[u8]) -> [u8; 32] {
    blake3::derive_key("athar api key version 1", secret)
}

impl Keys {
    /// Reads a file; one that is not there holds no key.
    pub fn read(path: &Path) -> Result<Self, ServeError> {
        let wrong = |what: String| ServeError::Keys { path: path.into(), what };
        let length = match fs::metadata(path) {
            Ok(data) => data.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(wrong(error.to_string())),
        };
        if length > FILE_BYTES_MAX {
            return Err(wrong(format!("{length} bytes, more than {FILE_BYTES_MAX}")));
        }
        let text = fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let mut stored: Stored = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if stored.version != VERSION {
            return Err(wrong(format!("version {}, this program reads version {VERSION}", stored.version)));
        }
        stored.keys.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(twice) = stored.keys.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(wrong(format!("the id {} stands there twice", crate::problem::shown(&twice[0].id))));
        }
        Ok(Self { keys: stored.keys })
    }

    /// All keys, by id.
    pub fn all(&self) -> &[Key] {
        &self.keys
    }

    /// Whether a key is in force.
    pub fn any_in_force(&self, now_s: u64) -> bool {
        self.keys.iter().any(|key| key.standing(now_s) == Standing::InForce)
    }

    /// The key that a token is, where it lets its bearer in.
    pub fn check(&self, token: &str, now_s: u64) -> Result<&Key, Refusal> {
        let (id, secret) = parts(token).ok_or(Refusal::Unknown)?;
        let found = self.keys.binary_search_by(|key| key.id.as_str().cmp(id)).ok().map(|at| &self.keys[at]);
        let mut stored = [0; 32];
        let is_hash = found.is_some_and(|key| decode_hex(&key.hash, &mut stored));
        // an unknown id costs the same comparison as a wrong secret
        let is_same = bool::from(hash(&secret).ct_eq(&stored));
        let key = found.filter(|_| is_hash && is_same).ok_or(Refusal::Unknown)?;
        match key.standing(now_s) {
            Standing::InForce => Ok(key),
            Standing::Expired => Err(Refusal::Expired),
            Standing::Revoked => Err(Refusal::Revoked),
        }
    }
}

/// Id and secret of a token.
fn parts(token: &str) -> Option<(&str, [u8; 32])> {
    let (id, secret) = token.strip_prefix("ath_")?.split_once('_')?;
    let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
    Some((id, bytes.try_into().ok()?))
}

fn decode_hex(text: &str, to: &mut [u8; 32]) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|d| d as u8);
    let bytes = text.as_bytes();
    bytes.len() == 64
        && to.iter_mut().zip(bytes.chunks_exact(2)).all(|(to, pair)| {
            let value = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low);
            value.map(|value| *to = value).is_some()
        })
}

/// Makes a key, keeps its hash, and gives it with the token: the only time that anybody sees it.
pub fn add(path: &Path, name: &str, scopes: &[Scope], days: u32, now_s: u64) -> Result<(Key, String), ServeError> {
    let wrong = |what: String| ServeError::Keys { path: path.into(), what };
    if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(wrong(format!("a name has 1 to {NAME_MAX} characters and no control characters")));
    }
    if scopes.is_empty() || !(1..=DAYS_MAX).contains(&days) {
        return Err(wrong(format!("a key has at least one scope and holds 1 to {DAYS_MAX} days")));
    }
    let (mut id, mut secret) = ([0; 6], [0; 32]);
    for part in [&mut id[..], &mut secret[..]] {
        getrandom::fill(part).map_err(|e| wrong(format!("no random numbers from the system: {e}")))?;
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut scopes = scopes.to_vec();
    scopes.sort();
    scopes.dedup();
    let key = Key {
        id: hex(&id),
        name: name.trim().into(),
        scopes,
        hash: hex(&hash(&secret)),
        created_s: now_s,
        expires_s: now_s + u64::from(days) * 86_400,
        revoked_s: None,
    };
    change(path, |keys| {
        if keys.len() >= KEYS_MAX {
            return Err(format!("{KEYS_MAX} keys are as many as a file holds"));
        }
        keys.push(key.clone());
        Ok(())
    })?;
    let token = format!("ath_{}_{}", key.id, URL_SAFE_NO_PAD.encode(secret));
    Ok((key, token))
}

/// Revokes a key. One that was revoked before keeps its moment.
pub fn revoke(path: &Path, id: &str, now_s: u64) -> Result<Key, ServeError> {
    let mut revoked = None;
    change(path, |keys| {
        let no_such = || format!("no key has the id {}", crate::problem::shown(id));
        let key = keys.iter_mut().find(|key| key.id == id).ok_or_else(no_such)?;
        key.revoked_s.get_or_insert(now_s);
        revoked = Some(key.clone());
        Ok(())
    })?;
    revoked.ok_or_else(|| ServeError::Keys { path: path.into(), what: "no such key".into() })
}

/// Changes the file, one process at a time: a reader sees it as it was or as it is to be.
fn change(path: &Path, with: impl FnOnce(&mut Vec<Key>) -> Result<(), String>) -> Result<(), ServeError> {
    let wrong = |what: String| ServeError::Keys { path: path.into(), what };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|e| wrong(e.to_string()))?;
    let lock = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock"));
    let lock = lock.map_err(|e| wrong(e.to_string()))?;
    lock.lock().map_err(|e| wrong(e.to_string()))?;
    let mut keys = Keys::read(path)?.keys;
    with(&mut keys).map_err(wrong)?;
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    let text = serde_json::to_string_pretty(&Stored { version: VERSION, keys }).map_err(|e| wrong(e.to_string()))?;
    // a temporary file of this library is readable by its owner alone, and stays so
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| wrong(e.to_string()))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n"));
    written.and_then(|()| file.as_file().sync_all()).map_err(|e| wrong(e.to_string()))?;
    file.persist(path).map_err(|e| wrong(e.to_string()))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| wrong(e.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn a_key_lets_its_bearer_in_until_it_expires_or_is_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_file(folder.path());
        let (key, token) = add(&path, "bank", &[Scope::Screen, Scope::Read, Scope::Read], 2, 1_000).unwrap();
        assert_eq!(key.scopes, [Scope::Read, Scope::Screen]);
        let (other, other_token) = add(&path, "other", &[Scope::Admin], 9, 1_000).unwrap();
        let keys = Keys::read(&path).unwrap();
        assert_eq!(keys.check(&token, 1_000).unwrap(), &key);
        assert_eq!(keys.check(&token, 1_000 + 2 * 86_400 - 1).unwrap().id, key.id);
        assert_eq!(keys.check(&token, 1_000 + 2 * 86_400), Err(Refusal::Expired));
        revoke(&path, &key.id, 2_000).unwrap();
        assert_eq!(revoke(&path, &key.id, 3_000).unwrap().revoked_s, Some(2_000));
        let keys = Keys::read(&path).unwrap();
        assert_eq!(keys.check(&token, 2_000), Err(Refusal::Revoked));
        assert_eq!(keys.check(&other_token, 2_000).unwrap(), &other);
        // the id of one with the secret of the other
        let secret = other_token.rsplit_once('_').map(|(_, s)| s.to_string());
        for wrong in ["", "ath_", "ath_x_y", &format!("ath_{}_{}", key.id, "A".repeat(43)), &token[..token.len() - 1]] {
            assert_eq!(keys.check(wrong, 2_000), Err(Refusal::Unknown), "{wrong}");
        }
        if let Some(secret) = secret.filter(|s| !s.contains('_')) {
            assert_eq!(keys.check(&format!("ath_{}_{secret}", key.id), 2_000), Err(Refusal::Unknown));
        }
    }

    #[test]
    fn the_file_holds_no_secret_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_file(folder.path());
        let (_, token) = add(&path, "bank", &[Scope::Read], 1, 5).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&token[17..]), "the secret is in the file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_refused_by_name_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_file(folder.path());
        for (text, says) in [
            ("{", "line 1"),
            ("{\"version\":9,\"keys\":[]}", "version 9"),
            ("{\"version\":1,\"keys\":[],\"more\":1}", "more"),
        ] {
            fs::write(&path, text).unwrap();
            let error = add(&path, "bank", &[Scope::Read], 1, 5).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("keys.json"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::remove_file(&path).unwrap();
        assert!(Keys::read(&path).unwrap().all().is_empty());
        for (name, scopes, days) in
            [("", vec![Scope::Read], 1), ("a\nb", vec![Scope::Read], 1), ("a", vec![], 1), ("a", vec![Scope::Read], 0)]
        {
            assert!(add(&path, name, &scopes, days, 5).is_err(), "{name:?}");
        }
        assert!(!path.exists());
    }

    #[test]
    fn keys_made_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = default_file(folder.path());
        std::thread::scope(|scope| {
            for n in 0..8 {
                let path = &path;
                scope.spawn(move || add(path, &format!("n{n}"), &[Scope::Read], 1, 5).unwrap());
            }
        });
        assert_eq!(Keys::read(&path).unwrap().all().len(), 8);
    }
}
