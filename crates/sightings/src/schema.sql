-- Version 1. Times are seconds since 1970 (UTC). What is `sealed` is encrypted under the item's key (keys.sqlite); a `mark` is a
-- keyed hash of what is personal, for finding it again.
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,               -- 0 open, 1 finished, 2 superseded by a newer reading, 3 its key is being destroyed
    file BLOB NOT NULL,                   -- mark
    source BLOB NOT NULL,                 -- mark of file and member
    kind TEXT NOT NULL,
    site TEXT,                            -- host of the URI
    channel BLOB,                         -- mark
    captured INTEGER NOT NULL,            -- whether it is known when
    read_at INTEGER NOT NULL,
    sha256 BLOB,
    bytes INTEGER NOT NULL,
    tool TEXT NOT NULL,
    lexicon TEXT NOT NULL,
    sealed BLOB NOT NULL,                 -- file, member, URI, channel, title, operator, picture hash
    sketch BLOB,                          -- sealed
    originals INTEGER NOT NULL,           -- whether the original is kept
    superseded_by INTEGER,
    run INTEGER NOT NULL                  -- random, of the process that wrote it
) STRICT;
CREATE INDEX items_file ON items (file);
CREATE INDEX items_source ON items (source, state);
CREATE INDEX items_sha256 ON items (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX items_read ON items (read_at);
CREATE INDEX items_unfinished ON items (state) WHERE state <> 1;
CREATE TABLE originals (item INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    item INTEGER NOT NULL,
    n INTEGER NOT NULL,                   -- number in the item, from 0
    kind TEXT NOT NULL,
    chains TEXT NOT NULL,                 -- ',bitcoin,bitcoin-cash,' the likeliest first; '' of what has none
    value TEXT,                           -- of what is public
    mark BLOB,                            -- of what is personal
    site TEXT,                            -- that of the item
    channel BLOB,                         -- mark, of the message's channel, else of the item's
    time INTEGER NOT NULL,                -- posted, else captured, else read
    score INTEGER NOT NULL,
    solicits INTEGER NOT NULL,
    sealed BLOB NOT NULL,                 -- everything else
    sketch BLOB                           -- sealed
) STRICT;
CREATE UNIQUE INDEX sightings_item ON sightings (item, n);
CREATE INDEX sightings_value ON sightings (value, id) WHERE value IS NOT NULL;
CREATE INDEX sightings_mark ON sightings (mark, id) WHERE mark IS NOT NULL;
CREATE INDEX sightings_channel ON sightings (channel, id) WHERE channel IS NOT NULL;
CREATE INDEX sightings_site ON sightings (site, id) WHERE site IS NOT NULL;
CREATE INDEX sightings_time ON sightings (time);
-- the canonical text of a further candidate chain, where it differs from `value`
CREATE TABLE aliases (value TEXT NOT NULL, sighting INTEGER NOT NULL, PRIMARY KEY (value, sighting)) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_sighting ON aliases (sighting);
-- files that were read to their end
CREATE TABLE files (path BLOB PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, settings BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE custody (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    operator TEXT NOT NULL,
    action TEXT NOT NULL,
    item INTEGER,
    sha256 BLOB,
    details TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX custody_item ON custody (item) WHERE item IS NOT NULL;
CREATE TRIGGER custody_is_not_changed BEFORE UPDATE ON custody BEGIN SELECT RAISE(ABORT, 'the custody log is only added to'); END;
CREATE TRIGGER custody_is_not_deleted BEFORE DELETE ON custody BEGIN SELECT RAISE(ABORT, 'the custody log is only added to'); END;
-- ids that campaigns were once told under, with digests of their addresses
CREATE TABLE campaigns (id TEXT NOT NULL, address BLOB NOT NULL, PRIMARY KEY (id, address)) STRICT, WITHOUT ROWID;
CREATE INDEX campaigns_address ON campaigns (address);
