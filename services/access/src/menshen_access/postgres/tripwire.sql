-- name: plan_changes
SELECT version, stored_at_ms FROM plan_version
WHERE site = $1 AND version > (SELECT plan_version FROM plan_head WHERE site = $1) - 20 AND stored_at_ms >= $2
ORDER BY version

-- name: policy_brought_by
SELECT policy_id, plan_version FROM policy
WHERE site = $1 AND number = $2 AND state IN (4, 5) AND plan_version > 0
ORDER BY plan_version DESC LIMIT 1

-- name: projection_now
SELECT position, subjects FROM projection WHERE site = $1

-- name: last_tripped
SELECT coalesce(max(tripped_at_ms), 0) FROM tripwire_trip WHERE site = $1

-- name: tally
SELECT count(*) AS decided, count(*) FILTER (WHERE outcome = 4) AS refused FROM event
WHERE site = $1 AND day BETWEEN $2 AND $3 AND event_id >= $4 AND event_id < $5 AND kind IN (1, 2)
  AND access_point <> ALL ($6::text[])

-- name: most_frequent_refusal
SELECT code FROM event, unnest(reason_codes) AS code
WHERE site = $1 AND day BETWEEN $2 AND $3 AND event_id >= $4 AND event_id < $5 AND kind IN (1, 2) AND outcome = 4
  AND access_point <> ALL ($6::text[])
GROUP BY code ORDER BY count(*) DESC, code LIMIT 1

-- name: put_trip
INSERT INTO tripwire_trip (site, change_id, changed_at_ms, plan_version, roll_back_to, policy_id, tripped_at_ms,
                           decided_before, refused_before, decided_after, refused_after, reason_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING RETURNING change_id

-- name: list_trips
SELECT change_id, changed_at_ms, plan_version, roll_back_to, policy_id, tripped_at_ms, decided_before, refused_before,
       decided_after, refused_after, reason_code
FROM tripwire_trip WHERE site = $1 ORDER BY tripped_at_ms DESC, change_id LIMIT 100

-- name: last_policy_put_in_the_plan
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND plan_version > 0 ORDER BY plan_version DESC LIMIT 1 FOR UPDATE

-- name: policy_in_the_plan
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND policy_id = $2 AND plan_version > 0 FOR UPDATE

-- name: trip_names_policy
SELECT EXISTS (SELECT FROM tripwire_trip WHERE site = $1 AND policy_id = $2 AND tripped_at_ms > $3)

-- name: carried_before
SELECT count(DISTINCT number) FROM policy
WHERE site = $1 AND number = ANY ($2::bigint[]) AND state IN (4, 5) AND plan_version > 0 AND plan_version < $3
