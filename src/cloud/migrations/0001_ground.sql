-- The ground of the store. One file for SQLite and PostgreSQL: TEXT and BIGINT alone, ON CONFLICT, RETURNING.
--
-- Moments that are part of a record are ISO 8601 in UTC with six digits after the second; limits of sessions
-- and sign-in counters are milliseconds since 1970, since they are only ever compared.
-- What the database itself puts in order (seq, day, id, kana_key) is ASCII: no collation changes that order.
-- Every key of an institution's rows begins with institution_id, so that rows can be spread by it.

CREATE TABLE institutions (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    utc_offset_seconds BIGINT NOT NULL
);

-- One row an institution: where its numbered rows stand. Writers lock it first.
CREATE TABLE heads (
    institution_id BIGINT NOT NULL PRIMARY KEY REFERENCES institutions (id),
    event_seq BIGINT NOT NULL,
    audit_seq BIGINT NOT NULL,
    audit_hash TEXT NOT NULL
);

CREATE TABLE accounts (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    login TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    password_changed_at TEXT NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, login)
);

-- The token itself is kept nowhere, only its SHA-256.
CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    account_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    began_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    idle_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (institution_id, account_id);

-- Wrong passwords: a row for each terminal address that tried a login, and one with an empty address for the
-- login over all addresses. Institution 0 holds tries at institutions that do not exist.
CREATE TABLE sign_in_tries (
    institution_id BIGINT NOT NULL,
    login TEXT NOT NULL,
    address TEXT NOT NULL,
    failures BIGINT NOT NULL,
    failed_ms BIGINT NOT NULL,
    blocked_until_ms BIGINT NOT NULL,
    succeeded_ms BIGINT NOT NULL,
    PRIMARY KEY (institution_id, login, address)
);

-- canonical is the number without leading zeros; kana_key is the 五十音 key in hexadecimal.
CREATE TABLE patients (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    canonical TEXT NOT NULL,
    number TEXT NOT NULL,
    body TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    -- 0 while only what a list tells is known: then a missing safety remark means nothing.
    whole BIGINT NOT NULL,
    PRIMARY KEY (institution_id, canonical)
);

-- What a search reads, apart from the bodies, so that a scan over all patients stays in few pages.
-- kanji: the folded name, on a second line without blanks. sounds: kana and romaji as they are compared, then
-- every beginning that a word typed may have, each after a line feed.
CREATE TABLE patient_search (
    institution_id BIGINT NOT NULL,
    canonical TEXT NOT NULL,
    kanji TEXT NOT NULL,
    sounds TEXT NOT NULL,
    birth TEXT NOT NULL,
    sex TEXT NOT NULL,
    kana_key TEXT NOT NULL,
    PRIMARY KEY (institution_id, canonical)
);

CREATE TABLE receptions (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    day TEXT NOT NULL,
    id TEXT NOT NULL,
    canonical TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, day, id)
);
CREATE INDEX receptions_by_patient ON receptions (institution_id, canonical, day);

-- State changes of the desk by the name that the sender gave them: sending twice is changing once.
CREATE TABLE desk_changes (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    change_id TEXT NOT NULL,
    day TEXT NOT NULL,
    reception_id TEXT NOT NULL,
    state TEXT NOT NULL,
    seen_revision BIGINT NOT NULL,
    at TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (institution_id, change_id)
);

CREATE TABLE reference_lists (
    institution_id BIGINT NOT NULL PRIMARY KEY REFERENCES institutions (id),
    body TEXT NOT NULL
);

CREATE TABLE links (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    last_success TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (institution_id, name)
);

-- What changed, numbered without gaps; old rows are removed from the lower end.
CREATE TABLE events (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    seq BIGINT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, seq)
);

-- Who did what, when. hash covers all other columns and the hash of the row before; the last one stands in heads.
CREATE TABLE audit (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    seq BIGINT NOT NULL,
    at TEXT NOT NULL,
    account TEXT NOT NULL,
    login TEXT NOT NULL,
    terminal TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (institution_id, seq)
);
