-- Every statement gives its rows and, on each of them, the total over all: one statement, one snapshot. All events of a
-- presentation lie in the day of its id, so that two days bound what is read of each. A NUL in a stored text is read as
-- U+FFFD, for jsonb takes none.

-- name: allow_ms
SELECT set_config('statement_timeout', $1::bigint::text, true)

-- Decisions of a time whose identity was deleted.
-- name: count_bare_decisions
SELECT count(*) FROM event
WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND at_ms >= $4 AND at_ms < $5
  AND kind IN (1, 2) AND identity IS NULL

-- Decisions of a time that were deleted whole; their time is that of their id. What is younger than the youngest that
-- went is not looked for.
-- name: count_gone_decisions
SELECT count(*) FROM event_chain AS c
WHERE c.site = $1 AND c.event_id >= $6::uuid AND c.event_id < $7::uuid AND c.kind IN (1, 2)
  AND ('x' || substr(c.event_id::text, 1, 8) || substr(c.event_id::text, 10, 4))::bit(48)::bigint BETWEEN $4 AND $5::bigint - 1
  AND NOT EXISTS (
    SELECT FROM event AS e
    WHERE e.site = $1 AND e.day = c.day AND e.day BETWEEN $2::date AND $3::date
      AND e.event_id = c.event_id AND e.kind = c.kind)

-- name: last_day_gone
SELECT max(c.day) FROM feed_cursor AS f JOIN event_chain AS c ON c.site = f.site AND c.sequence = f.position
WHERE f.site = $1 AND f.feed = 'retention.core.gone'

-- Obeyed decisions are those of `domain.presence_history`: the one ACTED names, else the edge's, else the centre's.
-- name: count_passages
WITH presentation AS (
    SELECT event_id,
           max((replace(convert_from(core, 'UTF8'), '\u0000', '\ufffd')::jsonb ->> 'obeyed')::smallint)
               FILTER (WHERE kind = 3) AS obeyed,
           bool_or(kind = 2) AS at_edge, bool_or(kind IN (4, 5)) AS sensed
    FROM event WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND kind BETWEEN 1 AND 5
    GROUP BY event_id
),
unsensed AS MATERIALIZED (
    SELECT e.event_id, e.access_point, e.at_ms,
           replace(convert_from(e.identity, 'UTF8'), '\u0000', '\ufffd')::jsonb -> 'effects' AS effects
    FROM event AS e JOIN presentation AS p USING (event_id)
    WHERE e.site = $1 AND e.day BETWEEN $2::date AND $3::date AND NOT p.sensed
      AND e.at_ms >= $4 AND e.at_ms < $5
      AND e.kind = coalesce(nullif(p.obeyed, 0), CASE WHEN p.at_edge THEN 2 ELSE 1 END)
),
passage AS (
    SELECT access_point, at_ms FROM event
    WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND kind = 4 AND at_ms >= $4 AND at_ms < $5
    UNION ALL
    SELECT u.access_point, u.at_ms FROM unsensed AS u
    WHERE u.effects @> '[["M"]]'
       OR u.effects @? 'strict $[*] ? (@[0] == "V")[2][*] ? (@[0] == "M")' AND EXISTS (
           SELECT FROM review AS r
           WHERE r.site = $1 AND r.review_id = u.event_id::text AND (r.state = 3 OR r.state = 5 AND r.opens_itself))
)
SELECT access_point, (at_ms + $6) / 3600000 * 3600000 - $6 AS hour_from_ms, count(*) AS passages,
       (sum(count(*)) OVER ())::bigint AS total
FROM passage GROUP BY access_point, hour_from_ms ORDER BY access_point, hour_from_ms

-- name: count_refusals
WITH presentation AS (
    SELECT event_id,
           max((replace(convert_from(core, 'UTF8'), '\u0000', '\ufffd')::jsonb ->> 'obeyed')::smallint)
               FILTER (WHERE kind = 3) AS obeyed,
           bool_or(kind = 2) AS at_edge
    FROM event WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND kind BETWEEN 1 AND 3
    GROUP BY event_id
)
SELECT e.access_point, coalesce(e.reason_codes[1], '') AS reason_code, count(*) AS refusals,
       (sum(count(*)) OVER ())::bigint AS total
FROM event AS e JOIN presentation AS p USING (event_id)
WHERE e.site = $1 AND e.day BETWEEN $2::date AND $3::date AND e.at_ms >= $4 AND e.at_ms < $5 AND e.outcome = 4
  AND e.kind = coalesce(nullif(p.obeyed, 0), CASE WHEN p.at_edge THEN 2 ELSE 1 END)
GROUP BY e.access_point, reason_code ORDER BY e.access_point, reason_code

-- A stay begins with the first passage into the area after the last one that led out of it or left the place unknown.
-- name: list_overstays
WITH place AS (
    SELECT DISTINCT ON (subject_id) subject_id, areas
    FROM transition WHERE site = $1
    ORDER BY subject_id, at_ms DESC, event_id DESC
)
SELECT p.subject_id, stay.since_ms, p.areas[1] AS area, count(*) OVER () AS total
FROM place AS p
CROSS JOIN LATERAL (
    SELECT min(t.at_ms) AS since_ms FROM transition AS t
    WHERE t.site = $1 AND t.subject_id = p.subject_id AND (t.at_ms, t.event_id) > (
        SELECT coalesce(max(o.at_ms), -1),
               coalesce((array_agg(o.event_id ORDER BY o.at_ms DESC, o.event_id DESC))[1],
                        '00000000-0000-0000-0000-000000000000')
        FROM transition AS o WHERE o.site = $1 AND o.subject_id = p.subject_id AND NOT $2 = ANY (o.areas))
) AS stay
WHERE $2 = ANY (p.areas) AND stay.since_ms < $3
ORDER BY stay.since_ms, p.subject_id

-- name: list_without_passage
WITH presentation AS (
    SELECT event_id,
           max((replace(convert_from(core, 'UTF8'), '\u0000', '\ufffd')::jsonb ->> 'obeyed')::smallint)
               FILTER (WHERE kind = 3) AS obeyed,
           bool_or(kind = 2) AS at_edge, bool_or(kind = 5) AS not_taken, max(at_ms) FILTER (WHERE kind = 4) AS taken_ms
    FROM event WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND kind BETWEEN 1 AND 5
    GROUP BY event_id
),
decision AS MATERIALIZED (
    SELECT e.event_id, e.at_ms, e.subject_ids, p.taken_ms,
           CASE WHEN p.taken_ms IS NULL AND NOT p.not_taken
                THEN replace(convert_from(e.identity, 'UTF8'), '\u0000', '\ufffd')::jsonb -> 'effects' END AS effects
    FROM event AS e JOIN presentation AS p USING (event_id)
    WHERE e.site = $1 AND e.day BETWEEN $2::date AND $3::date
      AND e.kind = coalesce(nullif(p.obeyed, 0), CASE WHEN p.at_edge THEN 2 ELSE 1 END)
      AND coalesce(p.taken_ms, e.at_ms) >= $4 AND coalesce(p.taken_ms, e.at_ms) < $5
),
passed AS (
    SELECT DISTINCT unnest(d.subject_ids) AS subject_id FROM decision AS d
    WHERE d.taken_ms IS NOT NULL OR d.effects @> '[["M"]]'
       OR d.effects @? 'strict $[*] ? (@[0] == "V")[2][*] ? (@[0] == "M")' AND EXISTS (
           SELECT FROM review AS r
           WHERE r.site = $1 AND r.review_id = d.event_id::text AND (r.state = 3 OR r.state = 5 AND r.opens_itself))
),
known AS (
    SELECT s.subject_id, p.subject_id IS NOT NULL AS has_passed
    FROM subject AS s LEFT JOIN passed AS p USING (subject_id)
    WHERE s.site = $1 AND s.record <> ''::bytea
),
counted AS (
    SELECT count(*) FILTER (WHERE NOT has_passed) AS total, count(*) FILTER (WHERE has_passed) AS passed FROM known
)
SELECT k.subject_id, c.total, c.passed
FROM counted AS c LEFT JOIN known AS k ON NOT k.has_passed
ORDER BY k.subject_id

-- Place 7 of a subject record holds its credentials: [id, [type, value, type, value, ...], state, ...]; 2 is ACTIVE.
-- name: list_unused_credentials
WITH decision AS MATERIALIZED (
    SELECT replace(convert_from(identity, 'UTF8'), '\u0000', '\ufffd')::jsonb -> 'identifiers' AS identifiers,
           identity IS NULL AS deleted
    FROM event
    WHERE site = $1 AND day BETWEEN $2::date AND $3::date AND kind IN (1, 2) AND at_ms >= $4 AND at_ms < $5
),
shown AS MATERIALIZED (
    SELECT DISTINCT i.pair ->> 0 AS type, i.pair ->> 1 AS value
    FROM decision AS d, LATERAL jsonb_array_elements(coalesce(d.identifiers, '[]')) AS i (pair)
),
held AS MATERIALIZED (
    SELECT s.subject_id, c.told ->> 0 AS credential_id, c.told -> 1 AS identifiers
    FROM subject AS s,
         LATERAL jsonb_array_elements(coalesce(
             replace(convert_from(s.record, 'UTF8'), '\u0000', '\ufffd')::jsonb -> 7, '[]')) AS c (told)
    WHERE s.site = $1 AND s.record <> ''::bytea AND (c.told ->> 2)::int = 2
),
presented AS (
    SELECT DISTINCT h.subject_id, h.credential_id
    FROM held AS h
    CROSS JOIN LATERAL generate_series(0, jsonb_array_length(h.identifiers) - 2, 2) AS n (place)
    JOIN shown AS w ON w.type = h.identifiers ->> n.place AND w.value = h.identifiers ->> (n.place + 1)
),
known AS (
    SELECT h.subject_id, h.credential_id, p.subject_id IS NOT NULL AS is_presented
    FROM held AS h LEFT JOIN presented AS p USING (subject_id, credential_id)
),
counted AS (
    SELECT count(*) FILTER (WHERE NOT is_presented) AS total, count(*) FILTER (WHERE is_presented) AS presented,
           (SELECT count(*) FROM decision WHERE deleted) AS deleted
    FROM known
)
SELECT k.subject_id, k.credential_id, c.total, c.presented, c.deleted
FROM counted AS c LEFT JOIN known AS k ON NOT k.is_presented
ORDER BY k.subject_id, k.credential_id

-- name: count_muster
WITH place AS (
    SELECT DISTINCT ON (subject_id) subject_id, cardinality(areas) = 0 AS is_unknown
    FROM transition WHERE site = $1
    ORDER BY subject_id, at_ms DESC, event_id DESC
),
seen AS (
    SELECT p.is_unknown, coalesce((
        SELECT t.areas[1] FROM transition AS t
        WHERE t.site = $1 AND t.subject_id = p.subject_id AND cardinality(t.areas) > 0
        ORDER BY t.at_ms DESC, t.event_id DESC LIMIT 1), '') AS area
    FROM place AS p
)
SELECT area, count(*) FILTER (WHERE NOT is_unknown) AS inside, count(*) FILTER (WHERE is_unknown) AS unknown,
       (sum(count(*)) OVER ())::bigint AS total
FROM seen GROUP BY area ORDER BY area
