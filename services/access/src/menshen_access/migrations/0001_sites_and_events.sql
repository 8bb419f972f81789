-- One row per site. `epoch` changes with a restore and stands in every cursor.
CREATE TABLE site (
    site text PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 1
);

-- The head of a site's history. Whoever appends events holds this row's lock.
-- stream_position is the last entry of the Redis stream that is in PostgreSQL; recorded entries are trimmed, so that
-- the stream is always read from its start.
CREATE TABLE head (
    site text PRIMARY KEY REFERENCES site,
    sequence bigint NOT NULL DEFAULT 0,
    last_hash bytea NOT NULL,
    stream_position text NOT NULL DEFAULT '0-0'
);

-- Events by the UTC day inside their UUIDv7. The bytes of a retention class and their salt are deleted together; the
-- chain of commitments stays verifiable. Columns beside them exist to be queried and repeat what the bytes say.
CREATE TABLE event (
    site text NOT NULL,
    day date NOT NULL,
    event_id uuid NOT NULL,
    kind smallint NOT NULL,
    sequence bigint NOT NULL,
    at_ms bigint NOT NULL,
    recorded_at_ms bigint NOT NULL,
    late boolean NOT NULL,
    access_point text NOT NULL,
    outcome smallint NOT NULL,
    reason_codes text[] NOT NULL,
    subject_ids text[] NOT NULL,
    agent_id text NOT NULL,
    spool_epoch bigint NOT NULL,
    spool_number bigint NOT NULL,
    core bytea NOT NULL,
    core_salt bytea NOT NULL,
    identity bytea,
    identity_salt bytea,
    health bytea,
    health_salt bytea,
    PRIMARY KEY (site, day, event_id, kind)
) PARTITION BY RANGE (day);

CREATE INDEX event_by_sequence ON event (site, sequence);
CREATE INDEX event_by_access_point ON event (site, access_point, sequence);
CREATE INDEX event_by_subject ON event USING gin (subject_ids);

-- Never dropped. A commitment is SHA-256 over salt and stored bytes of one retention class, NULL where there are none.
CREATE TABLE event_chain (
    site text NOT NULL,
    sequence bigint NOT NULL,
    epoch bigint NOT NULL,
    day date NOT NULL,
    event_id uuid NOT NULL,
    kind smallint NOT NULL,
    core_commitment bytea NOT NULL,
    identity_commitment bytea,
    health_commitment bytea,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (site, sequence)
);

-- Entries of the stream that could not be read as events: kept, so that they never stop the recorder.
CREATE TABLE unreadable_entry (
    site text NOT NULL,
    stream_position text NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL,
    stored_at_ms bigint NOT NULL,
    PRIMARY KEY (site, stream_position, body_hash)
);

-- What is recorded of an agent's spool: every number up to `contiguous`, and the ranges in `above` (first, last, ...).
CREATE TABLE watermark (
    site text NOT NULL,
    agent_id text NOT NULL,
    spool_epoch bigint NOT NULL,
    contiguous bigint NOT NULL,
    above bigint[] NOT NULL,
    PRIMARY KEY (site, agent_id, spool_epoch)
);

-- Transitions of presence registers, from which Redis is rebuilt: derived from the events of each id, and derived anew
-- when another event of the id is recorded. No areas: the place is unknown, forgiven or evacuated.
CREATE TABLE transition (
    site text NOT NULL,
    subject_id text NOT NULL,
    at_ms bigint NOT NULL,
    event_id uuid NOT NULL,
    kind smallint NOT NULL,
    areas text[] NOT NULL,
    PRIMARY KEY (site, subject_id, at_ms, event_id, kind)
);
CREATE INDEX transition_by_event ON transition (site, event_id);

-- Single-use credentials and single-entry visits that have been used.
CREATE TABLE used_once (
    site text NOT NULL,
    used_id text NOT NULL,
    event_id uuid NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (site, used_id)
);
