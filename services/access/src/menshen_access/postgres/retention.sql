-- name: epoch_of_site
SELECT epoch FROM site WHERE site = $1

-- Two runs never begin at one instant.
-- name: begin_retention_run
INSERT INTO retention_run (site, class, started_at_ms)
SELECT $1, $2, greatest($3, max(started_at_ms) + 1) FROM retention_run WHERE site = $1 AND class = $2
ON CONFLICT DO NOTHING

-- name: retention_run_under_way
SELECT started_at_ms FROM retention_run WHERE site = $1 AND class = $2 AND ended_at_ms IS NULL

-- name: add_deleted
UPDATE retention_run SET deleted = deleted + $4 WHERE site = $1 AND class = $2 AND started_at_ms = $3

-- name: end_retention_run
UPDATE retention_run SET ended_at_ms = $4, kept_by_holds = $5, kept_in_use = $6, oldest_left_ms = $7
WHERE site = $1 AND class = $2 AND started_at_ms = $3
RETURNING class, started_at_ms, ended_at_ms, deleted, kept_by_holds, kept_in_use, oldest_left_ms

-- name: list_retention_runs
SELECT class, started_at_ms, coalesce(ended_at_ms, 0) AS ended_at_ms, deleted, kept_by_holds, kept_in_use, oldest_left_ms
FROM retention_run WHERE site = $1 ORDER BY started_at_ms DESC, class LIMIT $2

-- What no duty has derived presence from yet is no matter of retention. The page is cut before events are looked up one by
-- one, so that no plan reads the whole history for it.
-- name: retention_page
WITH page AS MATERIALIZED (
    SELECT site, sequence, day, event_id, kind FROM event_chain
    WHERE site = $1 AND sequence > $2
      AND sequence <= (SELECT position FROM feed_cursor WHERE site = $1 AND feed = 'registers')
    ORDER BY sequence LIMIT $3
)
SELECT c.sequence, c.event_id, c.kind, coalesce(e.recorded_at_ms, 0) AS recorded_at_ms, coalesce(e.at_ms, 0) AS at_ms,
       coalesce(e.has_bytes, false) AS has_bytes, named.subject_ids,
       $4::smallint = 1 AND EXISTS (
           SELECT FROM used_once AS u WHERE u.site = c.site AND u.event_id = c.event_id) AS is_in_use
FROM page AS c
LEFT JOIN LATERAL (
    SELECT o.recorded_at_ms, o.at_ms,
           CASE $4::smallint
               WHEN 1 THEN o.identity IS NOT NULL OR o.identity_salt IS NOT NULL OR cardinality(o.subject_ids) > 0
               ELSE o.health IS NOT NULL OR o.health_salt IS NOT NULL
           END AS has_bytes
    FROM event AS o
    WHERE o.site = c.site AND o.day = c.day AND o.event_id = c.event_id AND o.kind = c.kind LIMIT 1
) AS e ON true
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT DISTINCT one.subject_id
        FROM event AS o CROSS JOIN LATERAL unnest(o.subject_ids) AS one (subject_id)
        WHERE o.site = c.site AND o.day = c.day AND o.event_id = c.event_id) AS subject_ids
) AS named
ORDER BY c.sequence

-- name: delete_identity
UPDATE event AS e SET identity = NULL, identity_salt = NULL, subject_ids = '{}'
FROM unnest($3::uuid[], $4::smallint[]) AS n (event_id, kind)
WHERE e.site = $1 AND e.day = $2 AND e.event_id = n.event_id AND e.kind = n.kind

-- name: delete_reviewed
UPDATE review
SET subject_ids = '{}', reasons = (reasons::jsonb || '{"arguments": []}')::text, note = '', telephone_record = ''
WHERE site = $1 AND review_id = ANY ($2::text[]) AND state NOT IN (1, 2)

-- name: delete_health
UPDATE event AS e SET health = NULL, health_salt = NULL
FROM unnest($3::uuid[], $4::smallint[]) AS n (event_id, kind)
WHERE e.site = $1 AND e.day = $2 AND e.event_id = n.event_id AND e.kind = n.kind

-- A hold without a subject keeps what was asked and commanded in its time, too.
-- name: prune_queries
DELETE FROM query_log WHERE number IN (
    SELECT q.number FROM query_log AS q
    WHERE q.site = $1 AND q.at_ms <= $2 AND NOT EXISTS (
        SELECT FROM legal_hold AS h
        WHERE h.site = $1 AND h.ended_at_ms IS NULL AND h.subject_id = '' AND q.at_ms >= h.from_ms AND q.at_ms < h.to_ms)
    LIMIT $3)

-- Commands that are no longer obeyed, with what doors said of them.
-- name: prune_commands
WITH gone AS (
    DELETE FROM operator_command WHERE site = $1 AND command_id IN (
        SELECT c.command_id FROM operator_command AS c
        WHERE c.site = $1 AND c.given_at_ms <= $2 AND coalesce(c.ended_at_ms, c.until_ms) <= $2
          AND (c.command NOT IN (2, 3) OR c.ended_at_ms IS NOT NULL) AND NOT EXISTS (
            SELECT FROM legal_hold AS h
            WHERE h.site = $1 AND h.ended_at_ms IS NULL AND h.subject_id = ''
              AND c.given_at_ms >= h.from_ms AND c.given_at_ms < h.to_ms)
        LIMIT $3)
    RETURNING command_id
), reports AS (
    DELETE FROM door_report WHERE site = $1 AND cause_id IN (SELECT command_id FROM gone)
), alarms AS (
    DELETE FROM unsecured_alarm WHERE site = $1 AND cause_id IN (SELECT command_id FROM gone)
)
SELECT count(*) FROM gone

-- name: wait_briefly
SELECT set_config('lock_timeout', '1s', true)

-- name: put_legal_hold
INSERT INTO legal_hold (site, hold_id, subject_id, from_ms, to_ms, reason, origin, placed_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: end_legal_hold
UPDATE legal_hold SET ended_at_ms = $3, ended_by = $4
WHERE site = $1 AND hold_id = $2 AND ended_at_ms IS NULL
RETURNING hold_id, subject_id, from_ms, to_ms, reason, origin, placed_at_ms, ended_at_ms, ended_by

-- name: list_legal_holds
SELECT hold_id, subject_id, from_ms, to_ms, reason, origin, placed_at_ms, coalesce(ended_at_ms, 0) AS ended_at_ms, ended_by
FROM legal_hold WHERE site = $1 AND (ended_at_ms IS NULL OR $2) ORDER BY placed_at_ms DESC, hold_id LIMIT 1000

-- name: legal_holds_in_force
SELECT hold_id, subject_id, from_ms, to_ms, reason, origin, placed_at_ms, coalesce(ended_at_ms, 0) AS ended_at_ms, ended_by
FROM legal_hold WHERE site = $1 AND ended_at_ms IS NULL

-- name: ids_without_identity
SELECT DISTINCT e.event_id
FROM unnest($2::date[], $3::uuid[]) AS n (day, event_id)
JOIN event AS e ON e.site = $1 AND e.day = n.day AND e.event_id = n.event_id
JOIN event_chain AS c ON c.site = e.site AND c.sequence = e.sequence
WHERE e.identity IS NULL AND c.identity_commitment IS NOT NULL
