-- Whether a name occurs. What may have many rows is materialised without a limit, so that an index finds it and not a
-- walk that hopes for a row nearby; EXISTS takes the first.

-- name: knows_subject
SELECT EXISTS (SELECT FROM subject WHERE site = $1 AND subject_id = $2)
    OR EXISTS (SELECT FROM subject_version WHERE site = $1 AND subject_id = $2)
    OR EXISTS (SELECT FROM transition WHERE site = $1 AND subject_id = $2) AS is_known

-- Every kept plan that has the text as one of its words, and of those one whose path it is.
-- name: plan_names
WITH naming AS MATERIALIZED (
    SELECT document FROM plan_version
    WHERE site = $1 AND position(convert_to(to_json($2::text)::text, 'UTF8') IN document) > 0
)
SELECT EXISTS (
    SELECT FROM naming
    WHERE jsonb_path_exists(
        convert_from(document, 'UTF8')::jsonb, ($3::text)::jsonpath, jsonb_build_object('name', $2::text)
    )
) AS is_known

-- name: records_with_word
SELECT subject_id, record
FROM subject
WHERE site = $1 AND subject_id > $3 AND position(convert_to(to_json($2::text)::text, 'UTF8') IN record) > 0
ORDER BY subject_id LIMIT $4

-- name: events_of_subject
WITH named AS MATERIALIZED (
    SELECT FROM event WHERE site = $1 AND day BETWEEN $3::date AND $4::date AND subject_ids @> ARRAY[$2::text]
)
SELECT EXISTS (SELECT FROM named) AS is_known

-- name: events_at_access_point
WITH named AS MATERIALIZED (
    SELECT FROM event WHERE site = $1 AND day BETWEEN $3::date AND $4::date AND access_point = $2
)
SELECT EXISTS (SELECT FROM named) AS is_known

-- name: events_of_category
WITH named AS MATERIALIZED (
    SELECT FROM event
    WHERE site = $1 AND day BETWEEN $3::date AND $4::date AND categories <> '{}' AND categories @> ARRAY[$2::text]
)
SELECT EXISTS (SELECT FROM named) AS is_known

-- name: events_of_unit
WITH named AS MATERIALIZED (
    SELECT FROM event
    WHERE site = $1 AND day BETWEEN $3::date AND $4::date AND categories <> '{}' AND units @> ARRAY[$2::text]
)
SELECT EXISTS (SELECT FROM named) AS is_known

-- name: events_with_reason
WITH named AS MATERIALIZED (
    SELECT FROM event
    WHERE site = $1 AND day BETWEEN $3::date AND $4::date AND reason_codes <> '{}' AND $2::text = ANY (reason_codes)
)
SELECT EXISTS (SELECT FROM named) AS is_known
