-- Statements of the questions who can pass.

-- name: records_after
SELECT subject_id, record
FROM subject WHERE site = $1 AND subject_id > $2 AND record <> ''::bytea
ORDER BY subject_id LIMIT $3

-- name: record_of_subject
SELECT record FROM subject WHERE site = $1 AND subject_id = $2
