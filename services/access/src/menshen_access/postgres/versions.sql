-- Superseded versions: which of them something still names, and removing the others.

-- name: parts_of_events
SELECT e.core, e.identity
FROM unnest($3::uuid[], $4::smallint[]) AS n (event_id, kind)
JOIN event AS e ON e.site = $1 AND e.day = $2 AND e.event_id = n.event_id AND e.kind = n.kind

-- name: put_cited
INSERT INTO cited_version (site, kind, subject_id, version, run_ms)
SELECT $1, kind, subject_id, version, $2 FROM unnest($3::smallint[], $4::text[], $5::bigint[]) AS n (kind, subject_id, version)
ON CONFLICT (site, kind, subject_id, version) DO UPDATE SET run_ms = excluded.run_ms
WHERE cited_version.run_ms <> excluded.run_ms

-- name: forget_cited
DELETE FROM cited_version WHERE site = $1 AND run_ms < $2

-- A hold keeps all versions of its subject, one of the whole site those of everybody, and that for as long as events may
-- be uncited because of it. The version that stands is never among these: nothing took its place.
-- name: prune_subject_versions
WITH page AS MATERIALIZED (
    SELECT subject_id, version FROM subject_version
    WHERE site = $1 AND (subject_id, version) > ($2, $3) ORDER BY subject_id, version LIMIT $4
),
superseded AS MATERIALIZED (
    SELECT p.subject_id, p.version,
           EXISTS (SELECT FROM legal_hold AS h
                   WHERE h.site = $1 AND (h.subject_id = p.subject_id AND h.ended_at_ms IS NULL
                         OR h.subject_id = '' AND coalesce(h.ended_at_ms, $6) >= $6)) AS is_held,
           EXISTS (SELECT FROM cited_version AS c
                   WHERE c.site = $1 AND c.kind = 4 AND c.subject_id = p.subject_id AND c.version IN (0, p.version))
           OR EXISTS (SELECT FROM subject AS s
                   WHERE s.site = $1 AND s.subject_id = p.subject_id AND s.version = p.version) AS is_named
    FROM page AS p
    WHERE EXISTS (SELECT FROM subject_version AS n
                  WHERE n.site = $1 AND n.subject_id = p.subject_id AND n.version > p.version AND n.stored_at_ms <= $5)
),
gone AS (
    DELETE FROM subject_version AS v USING superseded AS s
    WHERE v.site = $1 AND v.subject_id = s.subject_id AND v.version = s.version AND NOT s.is_held AND NOT s.is_named
    RETURNING 1
)
SELECT last.subject_id, last.version, (SELECT count(*) FROM gone) AS deleted,
       (SELECT count(*) FROM superseded WHERE is_held) AS held,
       (SELECT count(*) FROM superseded WHERE is_named AND NOT is_held) AS named
FROM (SELECT subject_id, version FROM page ORDER BY subject_id DESC, version DESC LIMIT 1) AS last

-- name: prune_plan_versions
WITH page AS MATERIALIZED (
    SELECT version FROM plan_version WHERE site = $1 AND version > $3 ORDER BY version LIMIT $4
),
superseded AS MATERIALIZED (
    SELECT p.version,
           EXISTS (SELECT FROM legal_hold AS h
                   WHERE h.site = $1 AND h.subject_id = '' AND coalesce(h.ended_at_ms, $6) >= $6) AS is_held,
           EXISTS (SELECT FROM cited_version AS c WHERE c.site = $1 AND c.kind = 5 AND c.version = p.version)
           OR EXISTS (SELECT FROM plan_head AS h WHERE h.site = $1 AND h.plan_version = p.version)
           OR EXISTS (SELECT FROM policy AS y WHERE y.site = $1 AND y.plan_version = p.version)
           OR EXISTS (SELECT FROM tripwire_trip AS t
                      WHERE t.site = $1 AND p.version IN (t.plan_version, t.roll_back_to)) AS is_named
    FROM page AS p
    WHERE p.version < (SELECT max(n.version) FROM plan_version AS n WHERE n.site = $1 AND n.stored_at_ms <= $5)
),
gone AS (
    DELETE FROM plan_version AS v USING superseded AS s
    WHERE v.site = $1 AND v.version = s.version AND NOT s.is_held AND NOT s.is_named
    RETURNING 1
)
SELECT $2::text AS subject_id, last.version, (SELECT count(*) FROM gone) AS deleted,
       (SELECT count(*) FROM superseded WHERE is_held) AS held,
       (SELECT count(*) FROM superseded WHERE is_named AND NOT is_held) AS named
FROM (SELECT max(version) AS version FROM page) AS last WHERE last.version IS NOT NULL

-- name: prune_circumstances_versions
WITH page AS MATERIALIZED (
    SELECT version FROM circumstances_version WHERE site = $1 AND version > $3 ORDER BY version LIMIT $4
),
superseded AS MATERIALIZED (
    SELECT p.version,
           EXISTS (SELECT FROM legal_hold AS h
                   WHERE h.site = $1 AND h.subject_id = '' AND coalesce(h.ended_at_ms, $6) >= $6) AS is_held,
           EXISTS (SELECT FROM cited_version AS c WHERE c.site = $1 AND c.kind = 6 AND c.version = p.version)
           OR EXISTS (SELECT FROM plan_head AS h WHERE h.site = $1 AND h.holds_version = p.version) AS is_named
    FROM page AS p
    WHERE p.version < (
        SELECT max(n.version) FROM circumstances_version AS n WHERE n.site = $1 AND n.stored_at_ms <= $5)
),
gone AS (
    DELETE FROM circumstances_version AS v USING superseded AS s
    WHERE v.site = $1 AND v.version = s.version AND NOT s.is_held AND NOT s.is_named
    RETURNING 1
)
SELECT $2::text AS subject_id, last.version, (SELECT count(*) FROM gone) AS deleted,
       (SELECT count(*) FROM superseded WHERE is_held) AS held,
       (SELECT count(*) FROM superseded WHERE is_named AND NOT is_held) AS named
FROM (SELECT max(version) AS version FROM page) AS last WHERE last.version IS NOT NULL
