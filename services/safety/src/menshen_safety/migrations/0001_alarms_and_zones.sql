-- Positions: every change of a site's alarms takes the next one under this row's lock, so that a watcher skips nothing.
CREATE TABLE alarm_head (
    site text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0
);

CREATE TABLE alarm (
    site text NOT NULL,
    alarm_id uuid NOT NULL,
    kind integer NOT NULL,
    state integer NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    raised_at_ms bigint NOT NULL,
    stored_at_ms bigint NOT NULL,
    acknowledged_at_ms bigint NOT NULL DEFAULT 0,
    owner text NOT NULL DEFAULT '',
    closed_at_ms bigint NOT NULL DEFAULT 0,
    note text NOT NULL DEFAULT '',
    escalations integer NOT NULL DEFAULT 0,
    escalate_at_ms bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    position bigint NOT NULL DEFAULT 0,
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (site, alarm_id)
);
CREATE INDEX alarm_position ON alarm (site, position);
CREATE INDEX alarm_raised ON alarm (site, raised_at_ms DESC);
CREATE INDEX alarm_unowned ON alarm (escalate_at_ms) WHERE owner = '' AND closed_at_ms = 0;

CREATE TABLE zone (
    site text NOT NULL,
    zone_id text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    doors text[] NOT NULL,
    areas text[] NOT NULL,
    external_ref text NOT NULL DEFAULT '',
    release_id text NOT NULL DEFAULT '',
    released_at_ms bigint NOT NULL DEFAULT 0,
    ended_release_id text NOT NULL DEFAULT '',
    ended_at_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site, zone_id)
);

-- A fire line as the agent it is wired to last sensed it.
CREATE TABLE panel (
    site text NOT NULL,
    zone_id text NOT NULL,
    agent_id text NOT NULL,
    state integer NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (site, zone_id, agent_id)
);

CREATE TABLE release_door (
    site text NOT NULL,
    release_id text NOT NULL,
    door text NOT NULL,
    zone_id text NOT NULL,
    released boolean NOT NULL,
    commanded_at_ms bigint NOT NULL,
    commanded_after_ms integer NOT NULL,
    confirmed_after_ms integer NOT NULL,
    stuck boolean NOT NULL,
    PRIMARY KEY (site, release_id, door)
);

-- Presence to be forgiven after a reset, until access has done it.
CREATE TABLE forgiveness (
    site text NOT NULL,
    release_id text NOT NULL,
    areas text[] NOT NULL,
    done_at_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site, release_id)
);

CREATE TABLE audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL,
    at_ms bigint NOT NULL,
    caller text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL
);
