-- Version 1. Times are seconds since 1970 (UTC). What is `sealed` is encrypted under a key of its own in keys.sqlite, by the number of
-- the row: records, imports and notes are numbered together. A mark is a keyed hash, here its first 64 bits: what it finds is compared
-- with the whole pseudonym after decryption.
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('next', 1);
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,               -- 0 open, 1 finished, 3 is being deleted
    file BLOB NOT NULL,                   -- mark of the file's hash and of the map
    time INTEGER NOT NULL,                -- when it began
    retain_days INTEGER,
    sealed BLOB NOT NULL                  -- the receipt
) STRICT;
CREATE INDEX imports_file ON imports (file);
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    import INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,               -- 1 there, 3 its key is being destroyed
    time INTEGER NOT NULL,
    line INTEGER NOT NULL,
    digest BLOB,                          -- mark of all that it says; none once it is being deleted
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_digest ON records (digest) WHERE digest IS NOT NULL;
CREATE INDEX records_import ON records (import);
CREATE INDEX records_kind ON records (kind, id);
CREATE INDEX records_time ON records (time);
CREATE INDEX records_dying ON records (state) WHERE state <> 1;
CREATE TABLE marks (mark INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (mark, record)) STRICT, WITHOUT ROWID;
-- what is known of the circumstances of a person, beside the records
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,               -- as of a record
    mark INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX notes_mark ON notes (mark);
-- how many days the records of a kind are kept after their import
CREATE TABLE retention (kind INTEGER PRIMARY KEY, days INTEGER NOT NULL) STRICT;
-- what was done: numbers and salted hashes, never a value
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    operator TEXT NOT NULL,
    action TEXT NOT NULL,
    subject INTEGER,                      -- number of the record, import or note
    salt BLOB,
    digest BLOB,                          -- SHA-256 of the salt and of the pseudonym or address that a deletion was asked for
    count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
