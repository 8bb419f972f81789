-- Policies that run beside the one in force. state: 1 RUNNING, 2 STOPPED, 3 OVER, 4 IN_FORCE, 5 REVISED, 6 WITHDRAWN.
-- Every decision after `from_sequence` and up to `through_sequence` is counted, each once; `sha256` is that of the
-- document it is made again under. `ended_at_ms` is 0 while it runs, `kept` how many differences have a row.
CREATE TABLE shadow (
    site text NOT NULL REFERENCES site,
    shadow_id text NOT NULL,
    policy_id text NOT NULL,
    sha256 bytea NOT NULL,
    state smallint NOT NULL,
    from_sequence bigint NOT NULL,
    through_sequence bigint NOT NULL,
    kept bigint NOT NULL DEFAULT 0,
    started_at_ms bigint NOT NULL,
    ends_at_ms bigint NOT NULL,
    started_by text NOT NULL,
    reason text NOT NULL,
    ended_at_ms bigint NOT NULL DEFAULT 0,
    ended_by text NOT NULL DEFAULT '',
    end_reason text NOT NULL DEFAULT '',
    PRIMARY KEY (site, shadow_id),
    FOREIGN KEY (site, policy_id) REFERENCES policy,
    CHECK (through_sequence >= from_sequence)
);
CREATE UNIQUE INDEX shadow_running ON shadow (site, policy_id) WHERE state = 1;

-- How many decisions came out as what. outcome_under 0: the decision could not be made again. `differing` of them have
-- another outcome or another first reason under the policy.
CREATE TABLE shadow_count (
    site text NOT NULL,
    shadow_id text NOT NULL,
    access_point text NOT NULL,
    outcome smallint NOT NULL,
    outcome_under smallint NOT NULL,
    decided bigint NOT NULL,
    differing bigint NOT NULL,
    PRIMARY KEY (site, shadow_id, access_point, outcome, outcome_under),
    FOREIGN KEY (site, shadow_id) REFERENCES shadow ON DELETE CASCADE
);

-- The first differences of a shadow. Who was concerned stands in the event alone, and goes when its identity goes.
CREATE TABLE shadow_difference (
    site text NOT NULL,
    shadow_id text NOT NULL,
    sequence bigint NOT NULL,
    day date NOT NULL,
    event_id uuid NOT NULL,
    kind smallint NOT NULL,
    access_point text NOT NULL,
    at_ms bigint NOT NULL,
    outcome smallint NOT NULL,
    reason_code text NOT NULL,
    outcome_under smallint NOT NULL,
    reason_code_under text NOT NULL,
    PRIMARY KEY (site, shadow_id, sequence),
    FOREIGN KEY (site, shadow_id) REFERENCES shadow ON DELETE CASCADE
);
