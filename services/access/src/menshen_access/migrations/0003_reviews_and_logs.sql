-- state: 1 OPEN, 2 TAKEN, 3 PASSED, 4 REFUSED, 5 EXPIRED. `position` orders changes within a site for watchers.
-- opens_itself: at expires_at_ms the access point opens without a guard.
CREATE TABLE review (
    site text NOT NULL,
    review_id text NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    agent_id text NOT NULL,
    access_point text NOT NULL,
    subject_ids text[] NOT NULL,
    reasons text NOT NULL,
    state smallint NOT NULL,
    opened_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    opens_itself boolean NOT NULL,
    operator text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (site, review_id)
);
CREATE UNIQUE INDEX review_by_position ON review (site, position);
CREATE INDEX review_undecided ON review (site, expires_at_ms) WHERE state IN (1, 2);

CREATE TABLE review_head (
    site text PRIMARY KEY REFERENCES site,
    position bigint NOT NULL DEFAULT 0
);

-- Alarms on their way to the safety service; a row leaves when safety has stored it.
CREATE TABLE alarm_outbox (
    alarm_id uuid PRIMARY KEY,
    site text NOT NULL,
    kind smallint NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    raised_at_ms bigint NOT NULL,
    detail text NOT NULL
);

CREATE TABLE query_log (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL,
    caller text NOT NULL,
    method text NOT NULL,
    purpose text NOT NULL,
    filter text NOT NULL,
    at_ms bigint NOT NULL
);

CREATE TABLE audit (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL,
    at_ms bigint NOT NULL,
    caller text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL
);
