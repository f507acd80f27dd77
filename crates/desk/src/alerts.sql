-- Version 2: what is watched for, and the alerts of it. Times are seconds since 1970 (UTC).
CREATE TABLE watchlists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL
) STRICT;
CREATE TABLE watches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    watchlist INTEGER NOT NULL,
    identity BLOB NOT NULL UNIQUE,        -- hash of what makes two watches of a list the same
    kind TEXT NOT NULL,
    chain TEXT NOT NULL,                  -- '': every chain
    value TEXT NOT NULL,                  -- address, category, campaign, pattern; '' for an amount
    direction TEXT NOT NULL,
    asset TEXT NOT NULL,                  -- '': the coin of the chain
    units TEXT,                           -- least amount in smallest units, as decimal digits
    usd_cents INTEGER,                    -- least amount in cents
    severity TEXT NOT NULL,
    note TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;
CREATE INDEX watches_list ON watches (watchlist, id);
CREATE INDEX watches_kind ON watches (kind, id);
-- how far the chain was looked at, and its last blocks, by which a reorganisation is seen
CREATE TABLE watched_blocks (chain TEXT NOT NULL, height INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (chain, height))
    STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity BLOB NOT NULL UNIQUE,        -- hash of the watch and the transaction, or of the watch, the pattern and its subject
    watch INTEGER NOT NULL,
    watchlist TEXT NOT NULL,              -- its name then: the list may be deleted
    kind TEXT NOT NULL,
    value TEXT NOT NULL,                  -- of the watch
    pattern TEXT NOT NULL,                -- '' where it is of a transaction
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    txid TEXT NOT NULL,                   -- '' where it is of a pattern
    stage TEXT NOT NULL,
    block_height INTEGER,
    block_hash TEXT,
    direction TEXT NOT NULL,
    asset TEXT NOT NULL,
    units TEXT,
    usd_cents INTEGER,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    assignee TEXT,
    pending_state TEXT,                   -- what one person asked for and a second has to confirm
    pending_by TEXT,
    pending_reason TEXT,
    snapshot TEXT NOT NULL,
    evidence TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_counted ON alerts (state, severity, stage);
CREATE INDEX alerts_state ON alerts (state, id);
CREATE INDEX alerts_txid ON alerts (chain, txid);
CREATE INDEX alerts_unsettled ON alerts (chain, txid) WHERE txid <> '' AND stage <> 'block';
CREATE INDEX alerts_in_blocks ON alerts (chain, block_height) WHERE stage = 'block';
CREATE INDEX alerts_of_pattern ON alerts (watch, pattern, chain, subject, id) WHERE pattern <> '';
CREATE INDEX alerts_open ON alerts (raised_at) WHERE state IN ('open', 'in_review', 'escalated');
CREATE TABLE alert_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert INTEGER NOT NULL,
    version INTEGER NOT NULL,             -- of the alert after it
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    was TEXT NOT NULL,
    now TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX alert_history_alert ON alert_history (alert, id);
CREATE TRIGGER alert_history_kept BEFORE UPDATE ON alert_history BEGIN SELECT RAISE(ABORT, 'the history of alerts is only added to'); END;
CREATE TRIGGER alert_history_whole BEFORE DELETE ON alert_history BEGIN SELECT RAISE(ABORT, 'the history of alerts is only added to'); END;
CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                   -- subject, watch, pattern
    value TEXT NOT NULL,
    chain TEXT NOT NULL,                  -- '': every chain
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    lifted_at INTEGER,
    lifted_by TEXT,
    held_back INTEGER NOT NULL DEFAULT 0, -- matches that raised no alert
    last_at INTEGER,
    last_match TEXT
) STRICT;
CREATE INDEX suppressions_value ON suppressions (kind, value, expires_at);
-- how often each delivery was handed to its sender: counted before it is sent, so that no kill can hide one
ALTER TABLE deliveries ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
-- least severity of the alerts that an endpoint is told of; '': all
ALTER TABLE endpoints ADD COLUMN least TEXT NOT NULL DEFAULT '';
