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

-- The youngest event that was ever deleted whole.
-- name: events_gone
INSERT INTO feed_cursor (site, feed, epoch, position) VALUES ($1, 'retention.core.gone', 1, $2)
ON CONFLICT (site, feed) DO UPDATE SET position = greatest(feed_cursor.position, excluded.position)

-- name: end_retention_run
UPDATE retention_run SET ended_at_ms = $4, kept_by_holds = $5, kept_in_use = $6, oldest_left_ms = $7
WHERE site = $1 AND class = $2 AND started_at_ms = $3
RETURNING class, started_at_ms, ended_at_ms, deleted, kept_by_holds, kept_in_use, oldest_left_ms

-- name: list_retention_runs
SELECT class, started_at_ms, coalesce(ended_at_ms, 0) AS ended_at_ms, deleted, kept_by_holds, kept_in_use, oldest_left_ms
FROM retention_run WHERE site = $1 ORDER BY started_at_ms DESC, class LIMIT $2

-- What no duty has derived presence from yet is no matter of retention.
-- name: derived_through
SELECT position FROM feed_cursor WHERE site = $1 AND feed = 'registers'

-- The page is cut before events are looked up one by one, so that no plan reads the whole history for it.
-- name: retention_page
WITH page AS MATERIALIZED (
    SELECT site, sequence, day, event_id, kind FROM event_chain
    WHERE site = $1 AND sequence > $2 AND sequence <= $3
)
SELECT c.sequence, c.event_id, c.kind, coalesce(e.recorded_at_ms, 0) AS recorded_at_ms,
       coalesce(whole.first_ms, 0) AS first_ms, coalesce(whole.last_ms, 0) AS last_ms,
       coalesce(whole.subject_ids, '{}') AS subject_ids, coalesce(e.has_bytes, false) AS has_bytes,
       $4::smallint IN (1, 3) AND EXISTS (
           SELECT FROM used_once AS u WHERE u.site = c.site AND u.event_id = c.event_id) AS is_in_use
FROM page AS c
LEFT JOIN LATERAL (
    SELECT o.recorded_at_ms,
           CASE $4::smallint
               WHEN 1 THEN o.identity IS NOT NULL OR o.identity_salt IS NOT NULL OR cardinality(o.subject_ids) > 0
                 OR cardinality(o.categories) > 0
               WHEN 2 THEN o.health IS NOT NULL OR o.health_salt IS NOT NULL
               ELSE true
           END AS has_bytes
    FROM event AS o
    WHERE o.site = c.site AND o.day = c.day AND o.day = ANY ($5::date[]) AND o.event_id = c.event_id AND o.kind = c.kind
    LIMIT 1
) AS e ON true
CROSS JOIN LATERAL (
    SELECT min(o.at_ms) AS first_ms, max(o.at_ms) AS last_ms,
           array_agg(DISTINCT one.subject_id) FILTER (WHERE one.subject_id IS NOT NULL) AS subject_ids
    FROM event AS o LEFT JOIN LATERAL unnest(o.subject_ids) AS one (subject_id) ON true
    WHERE o.site = c.site AND o.day = c.day AND o.day = ANY ($5::date[]) AND o.event_id = c.event_id
) AS whole
ORDER BY c.sequence

-- The first event after a sequence that ever had bytes of a class: whatever is not over age has them still.
-- name: next_with_bytes
SELECT day, event_id, kind FROM event_chain
WHERE site = $1 AND sequence > $2
  AND CASE $3::smallint WHEN 1 THEN identity_commitment IS NOT NULL WHEN 2 THEN health_commitment IS NOT NULL ELSE true END
ORDER BY sequence LIMIT 1

-- name: recorded_at
SELECT recorded_at_ms FROM event WHERE site = $1 AND day = $2 AND event_id = $3 AND kind = $4

-- name: delete_identity
UPDATE event AS e SET identity = NULL, identity_salt = NULL, subject_ids = '{}', categories = '{}', units = '{}'
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

-- name: delete_core
DELETE FROM event AS e
USING unnest($3::uuid[], $4::smallint[]) AS n (event_id, kind)
WHERE e.site = $1 AND e.day = $2 AND e.event_id = n.event_id AND e.kind = n.kind

-- Of a day from which events went. The shadow first, as whoever deletes that does.
-- name: delete_differences
WITH gone AS MATERIALIZED (
    SELECT d.shadow_id, d.sequence FROM shadow_difference AS d
    WHERE d.site = $1 AND d.day = $2 AND NOT EXISTS (
        SELECT FROM event AS e WHERE e.site = $1 AND e.day = $2 AND e.event_id = d.event_id AND e.kind = d.kind)
), fewer AS (
    UPDATE shadow AS s SET kept = s.kept - n.number
    FROM (SELECT shadow_id, count(*) AS number FROM gone GROUP BY shadow_id) AS n
    WHERE s.site = $1 AND s.shadow_id = n.shadow_id
    RETURNING s.shadow_id
)
DELETE FROM shadow_difference AS d USING gone AS g JOIN fewer AS f USING (shadow_id)
WHERE d.site = $1 AND d.shadow_id = g.shadow_id AND d.sequence = g.sequence

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

-- By the chain, which knows of events that are deleted whole.
-- name: ids_without_identity
SELECT DISTINCT c.event_id
FROM event_chain AS c
LEFT JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($2::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind
WHERE c.site = $1 AND c.event_id = ANY ($3::uuid[]) AND c.identity_commitment IS NOT NULL AND e.identity IS NULL
