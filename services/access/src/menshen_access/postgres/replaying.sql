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

-- name: records_of_page
SELECT v.subject_id, v.version, v.record
FROM unnest($2::text[], $3::bigint[]) AS n (subject_id, version)
JOIN subject_version AS v ON v.site = $1 AND v.subject_id = n.subject_id AND v.version = n.version

-- name: circumstances_of_page
SELECT version, encoded FROM circumstances_version WHERE site = $1 AND version = ANY ($2::bigint[])

-- Joined, so that thousands of keys are hashed once: in a list they would be gone through for each key that is held.
-- name: holders_of_keys
SELECT record FROM subject
WHERE site = $1 AND record <> ''::bytea
  AND subject_id IN (
      SELECT h.subject_id
      FROM subject AS h CROSS JOIN LATERAL unnest(h.keys) AS k (key) JOIN unnest($2::text[]) AS n (key) USING (key)
      WHERE h.site = $1
  )
ORDER BY position
