-- Users, sessions, the lock against guessing, the audit log. See src/db/dialect.rs for the words that begin with @.

-- values of this database alone: the secret under which sources and searched values are hashed
CREATE TABLE settings (name @text PRIMARY KEY, value @bytes NOT NULL) @strict;

-- an erased user keeps the id alone: the name is free again
CREATE TABLE users (
    id @id,
    version @int NOT NULL,
    name @text UNIQUE,
    display @text NOT NULL,
    role @text NOT NULL,
    language @text NOT NULL,
    disabled @int NOT NULL,
    password @text,
    created_s @int NOT NULL,
    changed_s @int NOT NULL,
    erased_s @int
) @strict;

-- who a user is at a provider of OpenID Connect
CREATE TABLE identities (
    issuer @text NOT NULL,
    subject @text NOT NULL,
    user_id @int NOT NULL REFERENCES users (id),
    created_s @int NOT NULL,
    PRIMARY KEY (issuer, subject)
) @strict;
CREATE INDEX identities_by_user ON identities (user_id);

-- the id of a session itself is nowhere: hash = BLAKE3 of it
CREATE TABLE sessions (
    hash @bytes PRIMARY KEY,
    user_id @int NOT NULL REFERENCES users (id),
    created_s @int NOT NULL,
    seen_s @int NOT NULL
) @strict;
CREATE INDEX sessions_by_user ON sessions (user_id, created_s);
CREATE INDEX sessions_by_seen ON sessions (seen_s);

-- failed logins by keyed hash of the name or of the source
CREATE TABLE failures (
    mark @bytes PRIMARY KEY,
    count @int NOT NULL,
    last_s @int NOT NULL,
    until_s @int NOT NULL
) @strict;
CREATE INDEX failures_by_last ON failures (last_s);

-- one salt for each subject of the log that is told by hash; without its salt nobody can try values against the hash
CREATE TABLE audit_salts (
    mark @bytes PRIMARY KEY,
    salt @bytes NOT NULL
) @strict;

CREATE TABLE audit (
    seq @int PRIMARY KEY,
    at_s @int NOT NULL,
    actor @text NOT NULL,
    action @text NOT NULL,
    target_kind @text NOT NULL,
    target @text NOT NULL,
    case_id @int,
    outcome @text NOT NULL,
    hash @bytes NOT NULL
) @strict;
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE INDEX audit_by_case ON audit (case_id, seq);

-- the newest entry: whoever appends changes this row first, so that two servers wait for each other
CREATE TABLE audit_head (
    one @int PRIMARY KEY CHECK (one = 1),
    seq @int NOT NULL,
    hash @bytes NOT NULL
) @strict;
