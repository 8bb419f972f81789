-- Events by what their subjects belonged to.

-- name: newest_day
SELECT max(substring(c.relname FROM 7)) AS day
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'event'::regclass

-- One day: whatever way the planner takes, it reads no more than that.
-- name: list_members_of_day
SELECT sequence, recorded_at_ms, late, core, identity, health
FROM event
WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND (day < $4::date OR sequence < $5)
  AND categories <> '{}' AND ($6::text = '' OR categories @> ARRAY[$6::text]) AND ($7::text = '' OR units @> ARRAY[$7::text])
  AND ($8::text = '' OR access_point = $8)
  AND at_ms >= $9 AND at_ms < $10
  AND ($11::smallint = 0 OR kind = $11)
  AND ($12::smallint = 0 OR outcome = $12)
  AND ($13::text = '' OR (reason_codes <> '{}' AND $13 = ANY (reason_codes)))
ORDER BY day DESC, sequence DESC LIMIT $14

-- Days in which there may be few, or none. Materialised, so that indexes find them: for the limit alone the planner would
-- walk down everything. Without their bytes, so that many days of many do not fill the memory.
-- name: list_members_of_days
WITH theirs AS MATERIALIZED (
    SELECT day, event_id, kind, sequence
    FROM event
    WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND (day < $4::date OR sequence < $5)
      AND categories <> '{}'
      AND ($6::text = '' OR categories @> ARRAY[$6::text]) AND ($7::text = '' OR units @> ARRAY[$7::text])
      AND ($8::text = '' OR access_point = $8)
      AND at_ms >= $9 AND at_ms < $10
      AND ($11::smallint = 0 OR kind = $11)
      AND ($12::smallint = 0 OR outcome = $12)
      AND ($13::text = '' OR (reason_codes <> '{}' AND $13 = ANY (reason_codes)))
), page AS MATERIALIZED (
    SELECT day, event_id, kind, sequence FROM theirs ORDER BY day DESC, sequence DESC LIMIT $14
)
SELECT e.sequence, e.recorded_at_ms, e.late, e.core, e.identity, e.health
FROM page AS p JOIN LATERAL (
    SELECT sequence, recorded_at_ms, late, core, identity, health FROM event AS o
    WHERE o.site = $1 AND o.day = p.day AND o.day BETWEEN $2 AND $3 AND o.event_id = p.event_id AND o.kind = p.kind LIMIT 1
) AS e ON true
ORDER BY p.day DESC, p.sequence DESC
