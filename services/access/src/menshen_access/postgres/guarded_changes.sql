-- Statements of changes that need a second approver.

-- name: put_change_approval
INSERT INTO change_approval (site, digest, at_ms, who, reason, loss) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING

-- name: change_approvals
SELECT who, at_ms, loss FROM change_approval WHERE site = $1 AND digest = $2 AND at_ms > $3 ORDER BY at_ms

-- name: known_up_to
SELECT count(*) FROM (SELECT FROM subject WHERE site = $1 AND record <> ''::bytea LIMIT $2) AS known
