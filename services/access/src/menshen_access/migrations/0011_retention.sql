-- Records that are kept beyond their age, because a court, an authority or an inquiry asks for them. Covers the events
-- whose device time lies in from_ms <= at_ms < to_ms: those of one subject, or of the whole site where `subject_id` is
-- empty. In force while `ended_at_ms` is NULL.
CREATE TABLE legal_hold (
    site text NOT NULL,
    hold_id uuid NOT NULL,
    subject_id text NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    reason text NOT NULL,
    origin text NOT NULL,
    placed_at_ms bigint NOT NULL,
    ended_at_ms bigint,
    ended_by text NOT NULL DEFAULT '',
    PRIMARY KEY (site, hold_id),
    CHECK (from_ms < to_ms)
);

-- What each run deleted and left. class: 1 IDENTITY, 2 HEALTH. `ended_at_ms` is NULL while it runs, or was cut short: the
-- next run goes on with it. `oldest_left_ms` is when the oldest event that still has bytes of the class was recorded, 0
-- for none.
CREATE TABLE retention_run (
    site text NOT NULL,
    class smallint NOT NULL,
    started_at_ms bigint NOT NULL,
    ended_at_ms bigint,
    deleted bigint NOT NULL DEFAULT 0,
    kept_by_holds bigint NOT NULL DEFAULT 0,
    kept_in_use bigint NOT NULL DEFAULT 0,
    oldest_left_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site, class, started_at_ms)
);
CREATE UNIQUE INDEX retention_run_under_way ON retention_run (site, class) WHERE ended_at_ms IS NULL;

-- The oldest queries, and what an event used up, are found without reading the others.
CREATE INDEX query_log_by_time ON query_log (site, at_ms);
CREATE INDEX used_once_by_event ON used_once (site, event_id);
