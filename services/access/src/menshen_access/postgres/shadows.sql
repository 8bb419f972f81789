-- Policies that run beside the one in force.

-- name: history_end
SELECT sequence FROM head WHERE site = $1

-- name: start_shadow
INSERT INTO shadow (site, shadow_id, policy_id, sha256, state, from_sequence, through_sequence, started_at_ms,
                    ends_at_ms, started_by, reason)
VALUES ($1, $2, $3, $4, 1, $5, $5, $6, $7, $8, $9)

-- name: forget_oldest
DELETE FROM shadow AS s WHERE s.site = $1 AND s.state <> 1 AND s.shadow_id NOT IN (
    SELECT shadow_id FROM shadow WHERE site = $1 AND state <> 1 ORDER BY started_at_ms DESC, shadow_id DESC LIMIT $2
)

-- name: lock_shadow
SELECT shadow_id, policy_id, sha256, state, from_sequence, through_sequence, kept, started_at_ms, ends_at_ms,
       started_by, reason, ended_at_ms, ended_by, end_reason
FROM shadow WHERE site = $1 AND shadow_id = $2 FOR UPDATE

-- name: list_shadows
SELECT s.shadow_id, s.policy_id, s.sha256, s.state, s.from_sequence, s.through_sequence, s.kept, s.started_at_ms,
       s.ends_at_ms, s.started_by, s.reason, s.ended_at_ms, s.ended_by, s.end_reason,
       coalesce(sum(c.decided), 0)::bigint AS decided, coalesce(sum(c.differing), 0)::bigint AS differing,
       coalesce(sum(c.decided) FILTER (WHERE c.outcome_under = 0), 0)::bigint AS unjudged
FROM shadow AS s LEFT JOIN shadow_count AS c USING (site, shadow_id)
WHERE s.site = $1
GROUP BY s.site, s.shadow_id ORDER BY s.started_at_ms DESC, s.shadow_id DESC

-- name: shadows_running
SELECT s.shadow_id, s.policy_id, s.sha256, s.state, s.from_sequence, s.through_sequence, s.kept, s.started_at_ms,
       s.ends_at_ms, s.started_by, s.reason, s.ended_at_ms, s.ended_by, s.end_reason,
       p.number, p.document, p.state AS policy_state, p.from_ms, t.epoch
FROM shadow AS s JOIN policy AS p USING (site, policy_id) JOIN site AS t USING (site)
WHERE s.site = $1 AND s.state = 1 ORDER BY s.started_at_ms, s.shadow_id

-- name: end_shadow
UPDATE shadow SET state = $3, ended_at_ms = $4, ended_by = $5, end_reason = $6
WHERE site = $1 AND shadow_id = $2 AND state = 1

-- name: advance_shadow
UPDATE shadow SET through_sequence = $4, kept = kept + $5
WHERE site = $1 AND shadow_id = $2 AND state = 1 AND through_sequence = $3
  AND EXISTS (SELECT FROM site WHERE site = $1 AND epoch = $6)
RETURNING shadow_id

-- name: add_counts
INSERT INTO shadow_count (site, shadow_id, access_point, outcome, outcome_under, decided, differing)
SELECT $1, $2, n.access_point, n.outcome, n.outcome_under, n.decided, n.differing
FROM unnest($3::text[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bigint[])
     AS n (access_point, outcome, outcome_under, decided, differing)
ON CONFLICT (site, shadow_id, access_point, outcome, outcome_under) DO UPDATE SET
    decided = shadow_count.decided + excluded.decided, differing = shadow_count.differing + excluded.differing

-- name: put_difference
INSERT INTO shadow_difference (site, shadow_id, sequence, day, event_id, kind, access_point, at_ms, outcome,
                               reason_code, outcome_under, reason_code_under)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: shadow_counts
SELECT access_point, outcome, outcome_under, decided, differing FROM shadow_count
WHERE site = $1 AND shadow_id = $2 ORDER BY access_point, outcome, outcome_under

-- name: days_of_differences
SELECT coalesce(array_agg(DISTINCT d.day), '{}') FROM (
    SELECT day FROM shadow_difference WHERE site = $1 AND shadow_id = $2 AND sequence > $3 ORDER BY sequence LIMIT $4
) AS d

-- name: list_differences
SELECT d.sequence, d.day, d.event_id, d.kind, d.access_point, d.at_ms, d.outcome, d.reason_code, d.outcome_under,
       d.reason_code_under, coalesce(e.subject_ids, '{}') AS subject_ids
FROM shadow_difference AS d
LEFT JOIN event AS e ON e.site = d.site AND e.day = d.day AND e.day = ANY ($5::date[])
    AND e.event_id = d.event_id AND e.kind = d.kind
WHERE d.site = $1 AND d.shadow_id = $2 AND d.sequence > $3 ORDER BY d.sequence LIMIT $4

-- name: history_after
SELECT c.sequence, coalesce(e.recorded_at_ms, 0) AS recorded_at_ms,
       CASE WHEN c.kind IN (1, 2) THEN e.core END AS core, CASE WHEN c.kind IN (1, 2) THEN e.identity END AS identity,
       CASE WHEN c.kind IN (1, 2) THEN e.health END AS health,
       e.identity IS NULL OR (e.health IS NULL AND c.health_commitment IS NOT NULL) AS is_deleted, c.epoch
FROM event_chain AS c
LEFT JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($4::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind
WHERE c.site = $1 AND c.sequence > $2 AND c.sequence <= $3 ORDER BY c.sequence

-- name: plans_of_versions
SELECT version, document FROM plan_version WHERE site = $1 AND version = ANY ($2::bigint[])
