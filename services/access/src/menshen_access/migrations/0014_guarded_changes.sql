-- A further act of a policy_transition: 11 SECOND_APPROVE, from APPROVED to APPROVED. `loss` is what its approver
-- approved, as JSON; empty for other acts.
ALTER TABLE policy_transition ADD COLUMN loss text NOT NULL DEFAULT '';

-- Second approvals of plan documents and of revocations, by SHA-256; the table only grows.
CREATE TABLE change_approval (
    site text NOT NULL,
    digest bytea NOT NULL,
    at_ms bigint NOT NULL,
    who text NOT NULL,
    reason text NOT NULL,
    loss text NOT NULL,
    PRIMARY KEY (site, digest, at_ms, who)
);

CREATE TRIGGER change_approval_only_grows BEFORE UPDATE OR DELETE ON change_approval
FOR EACH ROW EXECUTE FUNCTION refuse_change();
