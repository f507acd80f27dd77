-- Version 1. Nothing but keys: the store's own, by name, and one for each item.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE keys (item INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;
