-- Lab orders, tubes, results, and what is exchanged with laboratories. One file for SQLite and PostgreSQL, by the rules
-- of 0001.

-- Orders as their versions and the laboratories' words make them; could be made anew from lab_versions at any time.
-- ordered is when; state a word for readers of the database. tubes counts what is drawn for it: none for an order that
-- stands for a report which nobody had ordered. unsent is 1 while a drawn tube waits here, open 1 until a practitioner
-- has confirmed all or it is cancelled. unconfirmed counts results that wait, alarm is 1 where one of them is a panic
-- value, waits_since is when the oldest of them came, empty where none waits.
CREATE TABLE lab_orders (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    canonical TEXT NOT NULL,
    ordered TEXT NOT NULL,
    collect_on TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    tubes BIGINT NOT NULL,
    unsent BIGINT NOT NULL,
    open BIGINT NOT NULL,
    unconfirmed BIGINT NOT NULL,
    alarm BIGINT NOT NULL,
    waits_since TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX lab_orders_by_patient ON lab_orders (institution_id, canonical, ordered);
CREATE INDEX lab_orders_open ON lab_orders (institution_id, canonical, ordered) WHERE open = 1;
CREATE INDEX lab_orders_by_day ON lab_orders (institution_id, collect_on);
CREATE INDEX lab_orders_unsent ON lab_orders (institution_id, collect_on) WHERE unsent = 1;
CREATE INDEX lab_orders_waiting ON lab_orders (institution_id, alarm, waits_since, id) WHERE waits_since <> '';

-- Everything that an order follows from, numbered within the order: versions (with the entry of the same id) and the
-- laboratory's words (without). Rows are added, never changed or removed.
CREATE TABLE lab_versions (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    order_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    entry_id TEXT,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, order_id, seq),
    UNIQUE (institution_id, entry_id),
    FOREIGN KEY (institution_id, entry_id) REFERENCES entries (institution_id, id),
    FOREIGN KEY (institution_id, order_id) REFERENCES lab_orders (institution_id, id)
);

-- A number belongs to one tube of one order, whoever gave it.
CREATE TABLE specimens (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    number TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (institution_id, number),
    FOREIGN KEY (institution_id, order_id) REFERENCES lab_orders (institution_id, id)
);
CREATE INDEX specimens_by_order ON specimens (institution_id, order_id);

-- Messages with results, byte for byte (base64): the same bytes under the same name are stored once.
CREATE TABLE lab_messages (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    lab TEXT NOT NULL,
    control_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (institution_id, lab, control_id, hash)
);
CREATE INDEX lab_messages_by_hash ON lab_messages (institution_id, hash);

-- What such a message tells of one specimen. state is taken (it fitted its order), tray (a person must decide),
-- assigned or aside (a person has). why says why it waits or waited; order_id names the order that it went to.
CREATE TABLE lab_reports (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    lab TEXT NOT NULL,
    control_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    part BIGINT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    order_id TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, lab, control_id, hash, part),
    FOREIGN KEY (institution_id, lab, control_id, hash)
        REFERENCES lab_messages (institution_id, lab, control_id, hash)
);
CREATE INDEX lab_reports_tray ON lab_reports (institution_id, at, id) WHERE state = 'tray';
CREATE INDEX lab_reports_of_order ON lab_reports (institution_id, order_id) WHERE order_id <> '';
-- Whom a report without a known number may mean.
CREATE INDEX patient_search_by_birth ON patient_search (institution_id, birth);

-- Results. day is when the specimen was taken, else when the result came; stands is 0 once another has replaced it,
-- waits 1 while it stands and no practitioner has confirmed it. seq numbers them within the order, as they came.
CREATE TABLE lab_results (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    canonical TEXT NOT NULL,
    order_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    report_id TEXT NOT NULL,
    day TEXT NOT NULL,
    stands BIGINT NOT NULL,
    waits BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, order_id) REFERENCES lab_orders (institution_id, id),
    FOREIGN KEY (institution_id, report_id) REFERENCES lab_reports (institution_id, id)
);
CREATE INDEX lab_results_by_patient ON lab_results (institution_id, canonical, day);
CREATE INDEX lab_results_by_order ON lab_results (institution_id, order_id, seq);

-- Sets; said is when the person said what stands, so that the latest word wins however late an earlier one arrives.
-- A removed one leaves its row, without a body.
CREATE TABLE lab_sets (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    said TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, id)
);

-- The two digits of each terminal's store in specimen numbers. used_ms is the last sign-in.
CREATE TABLE stations (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    number BIGINT NOT NULL,
    store TEXT NOT NULL,
    used_ms BIGINT NOT NULL,
    PRIMARY KEY (institution_id, number),
    UNIQUE (institution_id, store)
);

-- -1 where the terminal named no store, or all hundred are in use.
ALTER TABLE sessions ADD COLUMN station BIGINT NOT NULL DEFAULT -1;

-- Papers that were given to a printer; id is the entry's.
CREATE TABLE print_records (
    institution_id BIGINT NOT NULL REFERENCES institutions (id),
    id TEXT NOT NULL,
    canonical TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, id) REFERENCES entries (institution_id, id)
);
CREATE INDEX print_records_by_patient ON print_records (institution_id, canonical, at);

-- Delivery: how often it was tried, when to try next (milliseconds, 0 at once), and what the other side said last.
-- state is waiting, delivered or refused.
ALTER TABLE outgoing ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outgoing ADD COLUMN next_try_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outgoing ADD COLUMN error TEXT NOT NULL DEFAULT '';
CREATE INDEX outgoing_waiting ON outgoing (institution_id, service, seq) WHERE state = 'waiting';
CREATE INDEX outgoing_of_subject ON outgoing (institution_id, service, subject, seq) WHERE state = 'waiting';
