-- Version 1. Times are seconds since 1970 (UTC).
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity BLOB NOT NULL UNIQUE,        -- hash of what makes two registrations the same
    kind TEXT NOT NULL,
    chain TEXT NOT NULL,
    target TEXT NOT NULL,
    asset TEXT NOT NULL,
    amount TEXT,                          -- smallest units, as decimal digits
    direction TEXT,
    reference TEXT,
    customer TEXT,
    registered_at INTEGER NOT NULL,
    monitor_until INTEGER,                -- NULL: for good
    everything INTEGER NOT NULL DEFAULT 0,-- its answer was read from more places than are kept
    screening INTEGER,                    -- the newest
    places BLOB NOT NULL DEFAULT x''      -- what the newest was read from, as in `dependencies`
) STRICT;
CREATE INDEX subjects_chain ON subjects (chain, id);
CREATE INDEX subjects_everything ON subjects (chain) WHERE everything = 1;
CREATE TABLE answers (digest BLOB PRIMARY KEY, summary TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE screenings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    level TEXT NOT NULL,
    score INTEGER,
    policy TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX screenings_subject ON screenings (subject, id);
CREATE INDEX screenings_digest ON screenings (digest);
CREATE TABLE dependencies (place INTEGER NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (place, subject))
    STRICT, WITHOUT ROWID;
-- what was read at `old` is found at `new` from now on
CREATE TABLE moved (new INTEGER NOT NULL, old INTEGER NOT NULL, PRIMARY KEY (new, old)) STRICT, WITHOUT ROWID;
-- what labels said of each text when subjects were last caught up
CREATE TABLE said (chain TEXT NOT NULL, text TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (chain, text))
    STRICT, WITHOUT ROWID;
CREATE TABLE queue (subject INTEGER PRIMARY KEY, cause TEXT NOT NULL, queued_at INTEGER NOT NULL) STRICT;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    before INTEGER NOT NULL,
    level_before TEXT NOT NULL,           -- kept here too: the screening before may be pruned
    after INTEGER NOT NULL,
    level_after TEXT NOT NULL
) STRICT;
CREATE INDEX changes_subject ON changes (subject, id);
CREATE TABLE endpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    allow_internal INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    waiting INTEGER NOT NULL DEFAULT 0    -- deliveries that wait; kept by the triggers below
) STRICT;
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX events_subject ON events (subject);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    state TEXT NOT NULL,                  -- waiting, done, dead
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    leased_until INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    ended_at INTEGER,
    UNIQUE (endpoint, event)
) STRICT;
CREATE INDEX deliveries_event ON deliveries (event);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_order ON deliveries (endpoint, subject, event) WHERE state = 'waiting';
CREATE INDEX deliveries_waiting ON deliveries (endpoint, event) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE state = 'dead';
CREATE TRIGGER delivery_added AFTER INSERT ON deliveries WHEN NEW.state = 'waiting' BEGIN
    UPDATE endpoints SET waiting = waiting + 1 WHERE id = NEW.endpoint;
END;
CREATE TRIGGER delivery_moved AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
    UPDATE endpoints SET waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting') WHERE id = NEW.endpoint;
END;
CREATE TRIGGER delivery_removed AFTER DELETE ON deliveries WHEN OLD.state = 'waiting' BEGIN
    UPDATE endpoints SET waiting = waiting - 1 WHERE id = OLD.endpoint;
END;
CREATE TABLE requests (
    api_key TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    ticket INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,        -- while it is worked on
    expires_at INTEGER NOT NULL,
    status INTEGER,                       -- NULL: not finished
    response BLOB,                        -- NULL with a status: too long to be kept
    PRIMARY KEY (api_key, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_expiry ON requests (expires_at);
