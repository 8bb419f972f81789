-- Recorded decisions and what they were made on, by the page.

-- The page first: nothing of the chain is read for what the window leaves out. Of one day, so that no other partition
-- is locked.
-- name: decisions_of_day
WITH page AS MATERIALIZED (
    SELECT sequence, kind, core, identity, health
    FROM event
    WHERE site = $1 AND day = $2::date AND sequence > $3 AND sequence <= $4
      AND at_ms >= $5 AND at_ms < $6
      AND kind IN (1, 2)
    ORDER BY sequence LIMIT $7
)
SELECT p.sequence, p.kind, p.core, p.identity, p.health,
       p.identity IS NULL OR (p.health IS NULL AND c.health_commitment IS NOT NULL) AS is_deleted, c.epoch
FROM page AS p JOIN event_chain AS c ON c.site = $1 AND c.sequence = p.sequence
ORDER BY p.sequence

-- Key by key, each by the index of keys: for thousands at once the planner would go through all that are held, and the
-- other conditions, told to it in there, would have it go through the site.
-- name: holders_of_keys
SELECT f.record FROM (
    SELECT DISTINCT ON (h.subject_id) h.position, h.record
    FROM unnest($2::text[]) AS n (key) CROSS JOIN LATERAL (
        SELECT s.site, s.subject_id, s.position, s.record FROM subject AS s WHERE s.keys @> ARRAY[n.key] OFFSET 0
    ) AS h
    WHERE h.site = $1 AND h.record <> ''::bytea
) AS f ORDER BY f.position
