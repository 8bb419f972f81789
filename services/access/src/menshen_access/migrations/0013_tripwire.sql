-- A further act of a policy_transition: 10 ROLL_BACK, from SCHEDULED or ACTIVE to WITHDRAWN.

-- Changes after which refusals jumped, and the numbers that said so; the control room was alarmed once about each.
-- `roll_back_to` is the plan version before the change, 0 where no plan brought it about.
CREATE TABLE tripwire_trip (
    site text NOT NULL,
    change_id text NOT NULL,
    changed_at_ms bigint NOT NULL,
    plan_version bigint NOT NULL,
    roll_back_to bigint NOT NULL,
    policy_id text NOT NULL,
    tripped_at_ms bigint NOT NULL,
    decided_before bigint NOT NULL,
    refused_before bigint NOT NULL,
    decided_after bigint NOT NULL,
    refused_after bigint NOT NULL,
    reason_code text NOT NULL,
    PRIMARY KEY (site, change_id)
);
