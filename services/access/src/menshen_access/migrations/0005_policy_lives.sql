-- The life of a policy. state: 1 DRAFT, 2 CHECKED, 3 APPROVED, 4 SCHEDULED, 5 ACTIVE, 7 REJECTED, 8 WITHDRAWN; what is
-- SCHEDULED or ACTIVE at an instant follows from the plan, and 5 says that its taking force is written down. `number` is
-- the version the document names, 0 while it cannot be read that far. `revision` is the number of the last transition.
-- A row written by a process that knows no lives is a policy the plan carries: SCHEDULED.
ALTER TABLE policy ADD COLUMN state smallint NOT NULL DEFAULT 4;
ALTER TABLE policy ADD COLUMN number bigint NOT NULL DEFAULT 0;
ALTER TABLE policy ADD COLUMN revision integer NOT NULL DEFAULT 0;
ALTER TABLE policy ADD COLUMN writers text[] NOT NULL DEFAULT '{}';

-- The plan version that first carried a policy has it last in its list.
UPDATE policy AS p
SET number = coalesce((
        SELECT (convert_from(v.document, 'UTF8')::jsonb -> 'policies' -> -1 ->> 'version')::bigint
        FROM plan_version AS v WHERE v.site = p.site AND v.version = p.plan_version
    ), 0),
    state = CASE WHEN p.from_ms <= extract(epoch FROM now()) * 1000 THEN 5 ELSE 4 END,
    writers = ARRAY[p.author]
WHERE EXISTS (SELECT FROM plan_version AS v WHERE v.site = p.site AND v.version = p.plan_version);

-- Everything done to a policy, who, when and why; sha256 is that of the document as it was then.
-- act: 1 DRAFT, 2 REVISE, 3 CHECK, 4 APPROVE, 5 REJECT, 6 SCHEDULE, 7 WITHDRAW, 8 ACTIVATE, 9 TAKE_FORCE.
CREATE TABLE policy_transition (
    site text NOT NULL,
    policy_id text NOT NULL,
    number integer NOT NULL,
    act smallint NOT NULL,
    state_before smallint NOT NULL,
    state_after smallint NOT NULL,
    who text NOT NULL,
    at_ms bigint NOT NULL,
    reason text NOT NULL,
    sha256 bytea NOT NULL,
    PRIMARY KEY (site, policy_id, number),
    FOREIGN KEY (site, policy_id) REFERENCES policy
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % stay as they are', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER policy_transition_only_grows BEFORE UPDATE OR DELETE ON policy_transition
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER policy_document_stays BEFORE UPDATE ON policy
FOR EACH ROW WHEN (OLD.state <> 1 AND OLD.document IS DISTINCT FROM NEW.document) EXECUTE FUNCTION refuse_change();

-- What the public is told when a policy takes force, once for each; `late` when no keeper ran at that instant.
CREATE TABLE notice_outbox (
    site text NOT NULL,
    position bigint NOT NULL,
    policy_id text NOT NULL,
    policy_version bigint NOT NULL,
    effective_ms bigint NOT NULL,
    put_at_ms bigint NOT NULL,
    late boolean NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    acknowledged_at_ms bigint,
    acknowledged_by text NOT NULL DEFAULT '',
    PRIMARY KEY (site, position)
);
CREATE UNIQUE INDEX notice_by_policy ON notice_outbox (site, policy_id);

-- Entries closed in an emergency. The plan carries the interval; `to_ms` is the planned end, or the instant somebody
-- ended it. Empty and 0 for what has not happened.
CREATE TABLE emergency_closure (
    site text NOT NULL,
    closure_id uuid NOT NULL,
    access_point text NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    redirect text NOT NULL,
    closed_by text NOT NULL,
    reason text NOT NULL,
    ended_by text NOT NULL DEFAULT '',
    end_reason text NOT NULL DEFAULT '',
    approved_by text NOT NULL DEFAULT '',
    approved_at_ms bigint NOT NULL DEFAULT 0,
    approval_reason text NOT NULL DEFAULT '',
    alarmed_at_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site, closure_id)
);
CREATE INDEX closure_waiting ON emergency_closure (site, from_ms) WHERE approved_by = '' AND ended_by = '';
