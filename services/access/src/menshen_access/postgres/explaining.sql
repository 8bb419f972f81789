-- What decisions were made on, by version.

-- name: keep_circumstances
INSERT INTO circumstances_version (site, version, encoded, stored_at_ms) VALUES ($1, $2, $3, $4)

-- name: circumstances_of_version
SELECT encoded FROM circumstances_version WHERE site = $1 AND version = $2

-- name: circumstances_of_versions
SELECT version, encoded FROM circumstances_version WHERE site = $1 AND version = ANY ($2::bigint[])

-- name: records_of_versions
SELECT v.subject_id, v.version, v.record
FROM unnest($2::text[], $3::bigint[]) AS n (subject_id, version)
JOIN subject_version AS v ON v.site = $1 AND v.subject_id = n.subject_id AND v.version = n.version

-- name: records_of_keys
SELECT record FROM subject WHERE site = $1 AND keys && $2::text[] AND record <> ''::bytea ORDER BY subject_id LIMIT 16

-- name: epoch_of_link
SELECT epoch FROM event_chain WHERE site = $1 AND sequence = $2

-- name: is_health_deleted
SELECT EXISTS (
    SELECT FROM event AS e
    JOIN event_chain AS c ON c.site = e.site AND c.sequence = e.sequence
    WHERE e.site = $1 AND e.day = $2 AND e.event_id = $3 AND e.kind = $4
      AND e.health IS NULL AND c.health_commitment IS NOT NULL
)
