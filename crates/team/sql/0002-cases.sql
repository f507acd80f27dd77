-- Cases. See src/db/dialect.rs for the words that begin with @. Items and changes are numbered within their case, so that a case that
-- is exported and imported keeps every number. Days are texts: 2027-01-31.

-- next_item, next_seq: the numbers that the next item and the next change get. texts: bytes of its items and of what its history keeps.
CREATE TABLE cases (
    id @id,
    version @int NOT NULL,
    title @text NOT NULL,
    search @text NOT NULL, -- title and summary in small letters
    state @text NOT NULL,
    summary @text NOT NULL,
    legal_basis @text NOT NULL,
    retention_until @text,
    humanitarian @int NOT NULL,
    humanitarian_note @text NOT NULL,
    disclosure @text NOT NULL,
    created_s @int NOT NULL,
    created_by @int NOT NULL,
    changed_s @int NOT NULL,
    next_item @int NOT NULL,
    next_seq @int NOT NULL,
    texts @int NOT NULL
) @strict;
CREATE INDEX cases_by_retention ON cases (retention_until);

CREATE TABLE case_members (
    case_id @int NOT NULL REFERENCES cases (id),
    user_id @int NOT NULL REFERENCES users (id),
    role @text NOT NULL,
    since_s @int NOT NULL,
    PRIMARY KEY (case_id, user_id)
) @strict;
CREATE INDEX case_members_by_user ON case_members (user_id, case_id);

-- authors of an imported case who are no users here, by negative numbers
CREATE TABLE case_people (
    case_id @int NOT NULL REFERENCES cases (id),
    id @int NOT NULL,
    display @text NOT NULL,
    PRIMARY KEY (case_id, id)
) @strict;

-- subject_key, party_key: by which other cases have the same subject. is_open: of a task, 1 until it is done. linked: of a link, the other case.
CREATE TABLE case_items (
    case_id @int NOT NULL REFERENCES cases (id),
    id @int NOT NULL,
    kind @text NOT NULL,
    version @int NOT NULL,
    created_s @int NOT NULL,
    created_by @int NOT NULL,
    changed_s @int NOT NULL,
    changed_by @int NOT NULL,
    body @text NOT NULL,
    subject_key @text,
    party_key @text,
    is_open @int,
    linked @int,
    PRIMARY KEY (case_id, id)
) @strict;
CREATE INDEX case_items_by_kind ON case_items (case_id, kind, id);
CREATE INDEX case_items_by_subject ON case_items (subject_key);
CREATE INDEX case_items_by_party ON case_items (party_key);
CREATE INDEX case_items_by_task ON case_items (is_open, case_id, id);
CREATE INDEX case_items_by_link ON case_items (linked);

-- bytes of attachments, each once however many cases hold it
CREATE TABLE case_files (
    hash @bytes PRIMARY KEY,
    size @int NOT NULL,
    bytes @bytes NOT NULL
) @strict;

-- a case holds a file from its first attachment on until the case is purged: an attachment that was removed can be brought back
CREATE TABLE case_holds (
    case_id @int NOT NULL REFERENCES cases (id),
    hash @bytes NOT NULL REFERENCES case_files (hash),
    size @int NOT NULL,
    PRIMARY KEY (case_id, hash)
) @strict;
CREATE INDEX case_holds_by_hash ON case_holds (hash);

-- state: what the thing was after the change; nothing where it was gone, or where it is kept no longer (kept = 0).
-- version: of the thing, after it. of_seq: the change that this one undoes or does again. undone_seq, undone_by: where this one is undone.
CREATE TABLE case_changes (
    case_id @int NOT NULL REFERENCES cases (id),
    seq @int NOT NULL,
    at_s @int NOT NULL,
    by_id @int NOT NULL,
    action @text NOT NULL,
    kind @text NOT NULL,
    item @int NOT NULL,
    state @text,
    kept @int NOT NULL,
    version @int NOT NULL,
    summary @text NOT NULL,
    of_seq @int,
    undone_seq @int,
    undone_by @int,
    PRIMARY KEY (case_id, seq)
) @strict;
CREATE INDEX case_changes_by_thing ON case_changes (case_id, kind, item, seq);
CREATE INDEX case_changes_by_author ON case_changes (case_id, by_id, seq);
CREATE INDEX case_changes_by_undoer ON case_changes (case_id, undone_by, undone_seq);
