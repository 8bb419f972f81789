-- How far the projection of a site is. Whoever writes subjects of the site holds this row's lock, so that positions
-- commit in order. `digest` is the sum modulo 2^256 over all records held.
CREATE TABLE projection (
    site text PRIMARY KEY REFERENCES site,
    position bigint NOT NULL DEFAULT 0,
    subjects bigint NOT NULL DEFAULT 0,
    digest bytea NOT NULL
);

-- The subject as it stands. `position` is its last change in the site's projection: read in its order, this table is
-- the delta log. A removed subject stays as a row with an empty record. `dropped_keys` are look-up keys it had before.
CREATE TABLE subject (
    site text NOT NULL,
    subject_id text NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    feed_epoch bigint NOT NULL,
    feed_version bigint NOT NULL,
    record bytea NOT NULL,
    record_hash bytea NOT NULL,
    keys text[] NOT NULL,
    dropped_keys text[] NOT NULL,
    pin_verifier bytea NOT NULL,
    duress_verifier bytea NOT NULL,
    photo_ref text NOT NULL,
    PRIMARY KEY (site, subject_id)
);
CREATE UNIQUE INDEX subject_by_position ON subject (site, position);

-- Every version an event may cite.
CREATE TABLE subject_version (
    site text NOT NULL,
    subject_id text NOT NULL,
    version bigint NOT NULL,
    record bytea NOT NULL,
    PRIMARY KEY (site, subject_id, version)
);

-- Position reached in a feed of another service.
CREATE TABLE feed_cursor (
    site text NOT NULL,
    feed text NOT NULL,
    epoch bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (site, feed)
);

-- Versions of plan and holds. Whoever changes either holds this row's lock.
CREATE TABLE plan_head (
    site text PRIMARY KEY REFERENCES site,
    plan_version bigint NOT NULL DEFAULT 0,
    holds_version bigint NOT NULL DEFAULT 0
);

-- The whole plan as canonical JSON, the policies known at that version included.
CREATE TABLE plan_version (
    site text NOT NULL,
    version bigint NOT NULL,
    document bytea NOT NULL,
    stored_at_ms bigint NOT NULL,
    reason text NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (site, version)
);

-- Policy documents as given. A policy is in force from `from_ms` until the next one starts.
CREATE TABLE policy (
    site text NOT NULL,
    policy_id text NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    title text NOT NULL,
    language integer NOT NULL,
    document text NOT NULL,
    plan_version bigint NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (site, policy_id)
);

CREATE TABLE assignment (
    site text NOT NULL,
    assignment_id uuid NOT NULL,
    subject_id text NOT NULL,
    group_id text NOT NULL,
    access_level text NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    reason text NOT NULL,
    grantor text NOT NULL,
    PRIMARY KEY (site, assignment_id),
    CHECK ((subject_id = '') <> (group_id = ''))
);
CREATE INDEX assignment_by_subject ON assignment (site, subject_id);

CREATE TABLE hold (
    site text NOT NULL,
    hold_id uuid NOT NULL,
    origin text NOT NULL,
    area text NOT NULL,
    access_point text NOT NULL,
    reason text NOT NULL,
    raised_at_ms bigint NOT NULL,
    released_at_ms bigint,
    PRIMARY KEY (site, hold_id)
);
CREATE INDEX hold_in_force ON hold (site) WHERE released_at_ms IS NULL;
