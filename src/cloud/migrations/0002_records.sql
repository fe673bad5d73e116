-- Records that are never lost: what a person confirms at a terminal is an entry; a profile's entries become versions,
-- and versions make items. One file for SQLite and PostgreSQL, by the rules of 0001.

-- Entries take its place. What stood here were names of changes already made; no terminal asks for them any more.
DROP TABLE desk_changes;

-- The newest receptions of a patient come straight from this index. With its shorter forerunner SQLite walked through the
-- whole institution's receptions instead.
DROP INDEX receptions_by_patient;
CREATE INDEX receptions_by_patient ON receptions (institution_id, canonical, day, id);

-- Public keys with which people sign what they confirm, a key for each person at each terminal. Known from a
-- sign-in on; never removed, since what they signed is kept.
CREATE TABLE entry_keys (
    public_key TEXT NOT NULL PRIMARY KEY,
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    account_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    FOREIGN KEY (institution_id, account_id) REFERENCES accounts (institution_id, id)
);

-- What was confirmed, byte for byte, with the hash, the key and the signature that prove it, and the receipt that
-- was given: the same id again gets the same receipt. kind is profile or reception_state; canonical names the
-- patient, empty for a reception without one.
CREATE TABLE entries (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    canonical TEXT NOT NULL,
    account_id TEXT NOT NULL,
    public_key TEXT NOT NULL REFERENCES entry_keys (public_key),
    signature TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    receipt TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX entries_by_age ON entries (institution_id, kind, at);

-- Versions of the items of profiles, in the order in which they were stored, numbered within the patient. Rows are
-- added, never changed or removed. id is the entry's.
CREATE TABLE versions (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    canonical TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, canonical, seq),
    FOREIGN KEY (institution_id, id) REFERENCES entries (institution_id, id)
);

-- Items as their versions make them; could be made anew from versions at any time. page says when a patient's page shows
-- the item: 0 never, 1 while it is among the latest of its kind by happened, 2 always. since is when what awaits
-- confirmation was entered, empty where nothing does.
CREATE TABLE items (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    canonical TEXT NOT NULL,
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    page BIGINT NOT NULL,
    happened TEXT NOT NULL,
    since TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, canonical, item)
);
CREATE INDEX items_shown ON items (institution_id, canonical, page, kind, happened, item);
CREATE INDEX items_waiting ON items (institution_id, since, item) WHERE since <> '';

-- What a service outside must hear, stored in the transaction that causes it, in the order of seq. subject names
-- what is to be told (patient/item), cause the entry; the content is read when it is sent.
CREATE TABLE outgoing (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    seq BIGINT NOT NULL,
    service TEXT NOT NULL,
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (institution_id, seq),
    UNIQUE (institution_id, service, cause)
);
