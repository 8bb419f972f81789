-- Days of the history that go whole, with their partition.

-- name: statements_of_day
SELECT format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', p.name) AS lock, format('DROP TABLE %I', p.name) AS drop
FROM (SELECT 'event_' || to_char($1::date, 'YYYYMMDD') AS name) AS p

-- Whoever writes waits behind whoever waits for a whole table: not for long.
-- name: hardly_wait
SELECT set_config('lock_timeout', '300ms', true)

-- name: contents_of_day
SELECT e.site, count(*) AS events, max(e.recorded_at_ms) AS youngest_ms, max(e.sequence) AS last,
       coalesce((SELECT position FROM feed_cursor AS c WHERE c.site = e.site AND c.feed = 'registers'), 0) AS derived
FROM event AS e WHERE e.day = $1 GROUP BY e.site ORDER BY e.site

-- As `covers` of the domain says it: of a presentation by its first and last device time and all its subjects.
-- name: is_day_kept
SELECT EXISTS (
    SELECT FROM event AS e
    JOIN legal_hold AS h ON h.site = e.site AND h.ended_at_ms IS NULL AND e.at_ms >= h.from_ms
    WHERE e.day = $1 AND (h.subject_id = '' OR EXISTS (
        SELECT FROM event AS o
        WHERE o.site = e.site AND o.day = $1 AND o.event_id = e.event_id AND o.subject_ids @> ARRAY[h.subject_id]))
      AND (e.at_ms < h.to_ms OR EXISTS (
        SELECT FROM event AS o
        WHERE o.site = e.site AND o.day = $1 AND o.event_id = e.event_id AND o.at_ms < h.to_ms))
) OR EXISTS (
    SELECT FROM event AS e JOIN used_once AS u ON u.site = e.site AND u.event_id = e.event_id WHERE e.day = $1
)

-- The shadow first, as whoever deletes that does.
-- name: delete_differences_of_day
WITH fewer AS (
    UPDATE shadow AS s SET kept = s.kept - n.number
    FROM (SELECT site, shadow_id, count(*) AS number FROM shadow_difference WHERE day = $1 GROUP BY site, shadow_id) AS n
    WHERE s.site = n.site AND s.shadow_id = n.shadow_id
    RETURNING s.site, s.shadow_id
)
DELETE FROM shadow_difference AS d USING fewer AS f WHERE d.site = f.site AND d.shadow_id = f.shadow_id AND d.day = $1

-- name: count_of_day
SELECT count(*) FROM event WHERE day = $1
