-- name: ensure_site
INSERT INTO site (site) VALUES ($1) ON CONFLICT DO NOTHING

-- name: ensure_head
INSERT INTO head (site, last_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: ensure_projection
INSERT INTO projection (site, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: ensure_plan_head
INSERT INTO plan_head (site) VALUES ($1) ON CONFLICT DO NOTHING

-- name: ensure_review_head
INSERT INTO review_head (site) VALUES ($1) ON CONFLICT DO NOTHING

-- name: try_lease
SELECT pg_try_advisory_lock(hashtextextended('menshen.access.' || $1, 0))

-- name: end_lease
SELECT pg_advisory_unlock(hashtextextended('menshen.access.' || $1, 0))

-- name: keep_connection_honest
SELECT set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false)

-- name: notify
SELECT pg_notify('menshen_access', $1)

-- name: attached_days
SELECT substring(c.relname FROM 7) AS day
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'event'::regclass

-- name: partition_statements
SELECT format('CREATE TABLE IF NOT EXISTS %I (LIKE event INCLUDING ALL)', 'event_' || to_char($1::date, 'YYYYMMDD')) AS make,
       format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
              'event_' || to_char($1::date, 'YYYYMMDD'), $1::date, $1::date + 1) AS attach

-- name: lock_partitions
SELECT pg_advisory_xact_lock(hashtextextended('menshen.access.partitions', 0))

-- name: lock_head
SELECT h.site, s.epoch, h.sequence, h.last_hash, h.stream_position
FROM head AS h JOIN site AS s USING (site) WHERE h.site = $1 FOR UPDATE OF h

-- name: read_head
SELECT h.site, s.epoch, h.sequence, h.last_hash, h.stream_position
FROM head AS h JOIN site AS s USING (site) WHERE h.site = $1

-- By the chain: what was deleted at the end of its time was recorded all the same. Looked up one by one, so that no plan
-- reads the whole chain for a batch.
-- name: known_events
SELECT c.event_id, c.kind
FROM unnest($2::uuid[], $3::smallint[]) AS n (event_id, kind)
CROSS JOIN LATERAL (
    SELECT o.event_id, o.kind FROM event_chain AS o
    WHERE o.site = $1 AND o.event_id = n.event_id AND o.kind = n.kind LIMIT 1
) AS c

-- name: kinds_of_id
SELECT kind FROM event_chain WHERE site = $1 AND event_id = $2

-- name: insert_events
INSERT INTO event (site, day, event_id, kind, sequence, at_ms, recorded_at_ms, late, access_point, outcome,
                   reason_codes, subject_ids, categories, units, agent_id, spool_epoch, spool_number,
                   core, core_salt, identity, identity_salt, health, health_salt)
SELECT $1, day, event_id, kind, sequence, at_ms, $2, late, access_point, outcome,
       string_to_array(reason_codes, E'\x1f'), string_to_array(subject_ids, E'\x1f'),
       string_to_array(categories, E'\x1f'), string_to_array(units, E'\x1f'), agent_id, spool_epoch, spool_number,
       core, core_salt, identity, identity_salt, health, health_salt
FROM unnest($3::date[], $4::uuid[], $5::smallint[], $6::bigint[], $7::bigint[], $8::boolean[], $9::text[],
            $10::smallint[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[],
            $18::bytea[], $19::bytea[], $20::bytea[], $21::bytea[], $22::bytea[], $23::bytea[])
     AS n (day, event_id, kind, sequence, at_ms, late, access_point, outcome, reason_codes, subject_ids,
           categories, units, agent_id, spool_epoch, spool_number,
           core, core_salt, identity, identity_salt, health, health_salt)

-- name: insert_links
INSERT INTO event_chain (site, epoch, sequence, day, event_id, kind, core_commitment, identity_commitment,
                         health_commitment, previous, hash)
SELECT $1, $2, sequence, day, event_id, kind, core_commitment, identity_commitment, health_commitment, previous, hash
FROM unnest($3::bigint[], $4::date[], $5::uuid[], $6::smallint[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[],
            $11::bytea[])
     AS n (sequence, day, event_id, kind, core_commitment, identity_commitment, health_commitment, previous, hash)

-- name: advance_head
UPDATE head SET sequence = $2, last_hash = $3, stream_position = $4 WHERE site = $1

-- name: keep_unreadable
INSERT INTO unreadable_entry (site, stream_position, body_hash, body, stored_at_ms)
VALUES ($1, $2, sha256($3), $3, $4) ON CONFLICT DO NOTHING

-- name: lock_watermarks
SELECT w.agent_id, w.spool_epoch, w.contiguous, w.above
FROM unnest($2::text[], $3::bigint[]) AS n (agent_id, spool_epoch)
JOIN watermark AS w ON w.site = $1 AND w.agent_id = n.agent_id AND w.spool_epoch = n.spool_epoch
FOR UPDATE OF w

-- name: put_watermark
INSERT INTO watermark (site, agent_id, spool_epoch, contiguous, above) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (site, agent_id, spool_epoch) DO UPDATE SET contiguous = excluded.contiguous, above = excluded.above

-- name: watermark_of
SELECT contiguous FROM watermark WHERE site = $1 AND agent_id = $2 AND spool_epoch = $3

-- name: newest_watermarks
SELECT DISTINCT ON (agent_id) agent_id, spool_epoch, contiguous
FROM watermark WHERE site = $1 AND agent_id = ANY ($2::text[])
ORDER BY agent_id, spool_epoch DESC

-- Statements on events name the days they read as a constant: the planner locks those partitions and no others. The
-- server's table of locks does not hold all partitions of three years with their indexes.
-- name: days_of_links
SELECT coalesce(max(p.sequence), $2::bigint) AS last, coalesce(array_agg(DISTINCT p.day), '{}') AS days
FROM (
    SELECT sequence, day FROM event_chain
    WHERE site = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence LIMIT $4
) AS p

-- name: links_between
SELECT c.site, c.sequence, c.epoch, c.event_id, c.kind, c.core_commitment, c.identity_commitment, c.health_commitment,
       c.previous, c.hash, e.core, e.core_salt, e.identity, e.identity_salt, e.health, e.health_salt
FROM event_chain AS c
LEFT JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($4::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind
WHERE c.site = $1 AND c.sequence > $2 AND c.sequence <= $3
ORDER BY c.sequence

-- name: events_between
SELECT e.sequence, e.recorded_at_ms, e.late, e.core, e.identity, e.health
FROM event_chain AS c
JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($4::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind
WHERE c.site = $1 AND c.sequence > $2 AND c.sequence <= $3
ORDER BY c.sequence

-- name: list_events
SELECT sequence, recorded_at_ms, late, core, identity, health
FROM event
WHERE site = $1 AND sequence < $2
  AND ($3::text = '' OR access_point = $3)
  AND day BETWEEN $4::date AND $5::date
  AND at_ms >= $6 AND at_ms < $7
  AND ($8::smallint = 0 OR kind = $8)
  AND ($9::smallint = 0 OR outcome = $9)
  AND ($10::text = '' OR (reason_codes <> '{}' AND $10 = ANY (reason_codes)))
ORDER BY sequence DESC LIMIT $11

-- Of one subject. Materialised, so that the index on subjects is used: by the limit alone the planner would walk down
-- the sequence of everybody.
-- name: list_events_of_subject
WITH theirs AS MATERIALIZED (
    SELECT sequence, recorded_at_ms, late, core, identity, health
    FROM event
    WHERE site = $1 AND subject_ids @> ARRAY[$12::text] AND sequence < $2
      AND ($3::text = '' OR access_point = $3)
      AND day BETWEEN $4::date AND $5::date
      AND at_ms >= $6 AND at_ms < $7
      AND ($8::smallint = 0 OR kind = $8)
      AND ($9::smallint = 0 OR outcome = $9)
      AND ($10::text = '' OR $10 = ANY (reason_codes))
      AND ($13::text = '' OR $13 = ANY (categories)) AND ($14::text = '' OR $14 = ANY (units))
)
SELECT sequence, recorded_at_ms, late, core, identity, health FROM theirs ORDER BY sequence DESC LIMIT $11

-- name: events_of_id
SELECT sequence, recorded_at_ms, late, core, identity, health
FROM event WHERE site = $1 AND day = $2 AND event_id = $3
ORDER BY sequence

-- name: put_transitions
INSERT INTO transition (site, subject_id, at_ms, event_id, kind, areas, access_point)
SELECT $1, subject_id, at_ms, event_id, kind, string_to_array(areas, E'\x1f'), access_point
FROM unnest($2::text[], $3::bigint[], $4::uuid[], $5::smallint[], $6::text[], $7::text[])
    AS n (subject_id, at_ms, event_id, kind, areas, access_point)
ON CONFLICT DO NOTHING

-- name: drop_transitions
DELETE FROM transition WHERE site = $1 AND event_id = ANY ($2::uuid[]) AND kind <> 0

-- name: presentations_of_ids
SELECT e.event_id, e.core, e.identity
FROM unnest($2::date[], $3::uuid[]) AS n (day, event_id)
JOIN event AS e ON e.site = $1 AND e.day = n.day AND e.day = ANY ($2) AND e.event_id = n.event_id
ORDER BY e.sequence

-- name: ids_after
SELECT sequence, day, event_id, kind FROM event_chain WHERE site = $1 AND sequence > $2 ORDER BY sequence LIMIT $3

-- name: late_between
SELECT e.core, e.identity
FROM event_chain AS c
JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($4::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind AND e.late
WHERE c.site = $1 AND c.sequence > $2 AND c.sequence <= $3 ORDER BY c.sequence

-- Decisions whose identity bytes hold a mark, between two sequences.
-- name: marked_decisions
SELECT e.core, e.identity
FROM event_chain AS c
JOIN event AS e ON e.site = c.site AND e.day = c.day AND e.day = ANY ($4::date[])
    AND e.event_id = c.event_id AND e.kind = c.kind
WHERE c.site = $1 AND c.sequence > $2 AND c.sequence <= $3 AND c.kind IN (1, 2) AND position($5::bytea IN e.identity) > 0
ORDER BY c.sequence

-- name: read_cursor
SELECT epoch, position FROM feed_cursor WHERE site = $1 AND feed = $2

-- name: put_cursor
INSERT INTO feed_cursor (site, feed, epoch, position) VALUES ($1, $2, $3, $4)
ON CONFLICT (site, feed) DO UPDATE SET epoch = excluded.epoch, position = excluded.position

-- name: put_used
INSERT INTO used_once (site, used_id, event_id, at_ms)
SELECT $1, used_id, event_id, at_ms FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS n (used_id, event_id, at_ms)
ON CONFLICT DO NOTHING

-- name: places_after
SELECT DISTINCT ON (subject_id) subject_id, areas, at_ms, event_id, access_point
FROM transition WHERE site = $1 AND subject_id > $2
ORDER BY subject_id, at_ms DESC, event_id DESC LIMIT $3

-- name: muster_after
SELECT place.subject_id, place.is_unknown, seen.areas, seen.at_ms, seen.event_id
FROM (
    SELECT DISTINCT ON (subject_id) subject_id, cardinality(areas) = 0 AS is_unknown
    FROM transition WHERE site = $1 AND subject_id > $2
    ORDER BY subject_id, at_ms DESC, event_id DESC
) AS place
CROSS JOIN LATERAL (
    SELECT t.areas, t.at_ms, t.event_id
    FROM transition AS t
    WHERE t.site = $1 AND t.subject_id = place.subject_id AND cardinality(t.areas) > 0
    ORDER BY t.at_ms DESC, t.event_id DESC LIMIT 1
) AS seen
WHERE $3 = ANY (seen.areas)
ORDER BY place.subject_id LIMIT $4

-- name: used_after
SELECT used_id, event_id, at_ms FROM used_once WHERE site = $1 AND used_id > $2 ORDER BY used_id LIMIT $3

-- name: records_of_uses
SELECT DISTINCT n.used_id, v.record
FROM unnest($2::text[], $3::date[], $4::uuid[]) AS n (used_id, day, event_id)
JOIN event AS e ON e.site = $1 AND e.day = n.day AND e.day = ANY ($3) AND e.event_id = n.event_id
CROSS JOIN LATERAL unnest(e.subject_ids) AS s (subject_id)
JOIN subject_version AS v ON v.site = $1 AND v.subject_id = s.subject_id
WHERE position(convert_to(n.used_id, 'UTF8') IN v.record) > 0

-- name: forget_uses
DELETE FROM used_once WHERE site = $1 AND used_id = ANY ($2::text[])

-- name: prune_transitions
DELETE FROM transition AS t
WHERE t.site = $1 AND t.at_ms < $2 AND EXISTS (
    SELECT FROM transition AS later
    WHERE later.site = t.site AND later.subject_id = t.subject_id AND later.at_ms > t.at_ms
      AND later.at_ms < $2)

-- name: forgive_transitions
INSERT INTO transition (site, subject_id, at_ms, event_id, kind, areas)
SELECT $1, place.subject_id, $2, $3, 0, '{}'
FROM (SELECT DISTINCT ON (subject_id) subject_id, areas
      FROM transition WHERE site = $1 AND ($5::text = '' OR subject_id = $5)
      ORDER BY subject_id, at_ms DESC, event_id DESC) AS place
WHERE cardinality(place.areas) > 0 AND (cardinality($4::text[]) = 0 OR place.areas && $4::text[])
ON CONFLICT DO NOTHING

-- name: take_review_positions
UPDATE review_head SET position = position + $2 WHERE site = $1 RETURNING position - $2

-- name: insert_review
INSERT INTO review (site, review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state,
                    opened_at_ms, expires_at_ms, opens_itself)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (site, review_id) DO NOTHING

-- name: insert_alarm
INSERT INTO alarm_outbox (alarm_id, site, kind, source, event_id, raised_at_ms, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING

-- name: oldest_alarms
SELECT alarm_id, site, kind, source, event_id, raised_at_ms, detail
FROM alarm_outbox ORDER BY alarm_id LIMIT $1

-- name: alarm_delivered
DELETE FROM alarm_outbox WHERE alarm_id = $1

-- name: list_reviews
SELECT review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state, opened_at_ms, expires_at_ms,
       opens_itself, operator, note, version, telephone_record
FROM review
WHERE site = $1 AND ($2::smallint = 0 OR state = $2) AND ($2::smallint <> 0 OR opened_at_ms >= $3)
ORDER BY opened_at_ms DESC, review_id DESC LIMIT 500

-- name: undecided_reviews
SELECT review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state, opened_at_ms, expires_at_ms,
       opens_itself, operator, note, version, telephone_record
FROM review WHERE site = $1 AND state IN (1, 2) ORDER BY position LIMIT 1000

-- name: reviews_after
SELECT review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state, opened_at_ms, expires_at_ms,
       opens_itself, operator, note, version, telephone_record
FROM review WHERE site = $1 AND position > $2 ORDER BY position LIMIT $3

-- name: review_ids_after
SELECT event_id, position, state = 3 OR state = 5 AND opens_itself AS is_passed
FROM review WHERE site = $1 AND position > $2 ORDER BY position LIMIT $3

-- name: review_position
SELECT position FROM review_head WHERE site = $1

-- name: lock_review
SELECT review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state, opened_at_ms, expires_at_ms,
       opens_itself, operator, note, version, telephone_record
FROM review WHERE site = $1 AND review_id = $2 FOR UPDATE

-- name: change_review
UPDATE review SET position = $3, state = $4, operator = $5, note = $6, telephone_record = $7, version = version + 1
WHERE site = $1 AND review_id = $2
RETURNING review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state, opened_at_ms,
          expires_at_ms, opens_itself, operator, note, version, telephone_record

-- name: overdue_reviews
SELECT review_id FROM review
WHERE site = $1 AND state IN (1, 2) AND expires_at_ms <= $2 ORDER BY expires_at_ms LIMIT 200

-- name: next_review_expiry
SELECT min(expires_at_ms) FROM review WHERE site = $1 AND state IN (1, 2)

-- name: lock_projection
SELECT s.epoch, p.position, p.subjects, p.digest
FROM projection AS p JOIN site AS s USING (site) WHERE p.site = $1 FOR UPDATE OF p

-- name: read_projection
SELECT s.epoch, p.position, p.subjects, p.digest
FROM projection AS p JOIN site AS s USING (site) WHERE p.site = $1

-- name: advance_projection
UPDATE projection SET position = $2, subjects = $3, digest = $4 WHERE site = $1

-- name: held_subjects
SELECT subject_id, version, feed_epoch, feed_version, record, record_hash, keys, dropped_keys, pin_verifier,
       duress_verifier, photo_ref, position
FROM subject WHERE site = $1 AND subject_id = ANY ($2::text[])

-- name: subjects_after
SELECT e.epoch, p.position AS reached, p.subjects, p.digest,
       s.subject_id, s.version, s.feed_epoch, s.feed_version, s.record, s.record_hash, s.keys, s.dropped_keys,
       s.pin_verifier, s.duress_verifier, s.photo_ref, s.position
FROM projection AS p
JOIN site AS e USING (site)
LEFT JOIN LATERAL (
    SELECT * FROM subject WHERE subject.site = $1 AND subject.position > $2 ORDER BY subject.position LIMIT $3
) AS s ON true
WHERE p.site = $1
ORDER BY s.position

-- name: put_subjects
INSERT INTO subject (site, subject_id, version, position, feed_epoch, feed_version, record, record_hash, keys,
                     dropped_keys, pin_verifier, duress_verifier, photo_ref)
SELECT $1, subject_id, version, position, feed_epoch, feed_version, record, record_hash, string_to_array(keys, E'\x1f'),
       string_to_array(dropped_keys, E'\x1f'), pin_verifier, duress_verifier, photo_ref
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::text[],
            $10::text[], $11::bytea[], $12::bytea[], $13::text[])
     AS n (subject_id, version, position, feed_epoch, feed_version, record, record_hash, keys, dropped_keys,
           pin_verifier, duress_verifier, photo_ref)
ON CONFLICT (site, subject_id) DO UPDATE SET
    version = excluded.version, position = excluded.position, feed_epoch = excluded.feed_epoch,
    feed_version = excluded.feed_version, record = excluded.record, record_hash = excluded.record_hash,
    keys = excluded.keys, dropped_keys = excluded.dropped_keys, pin_verifier = excluded.pin_verifier,
    duress_verifier = excluded.duress_verifier, photo_ref = excluded.photo_ref

-- name: put_subject_versions
INSERT INTO subject_version (site, subject_id, version, record)
SELECT $1, subject_id, version, record
FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS n (subject_id, version, record)
ON CONFLICT DO NOTHING

-- name: levels_of
SELECT subject_id, access_level, from_ms, to_ms
FROM assignment WHERE site = $1 AND subject_id = ANY ($2::text[]) ORDER BY assignment_id

-- name: subjects_of_other_epochs
SELECT subject_id FROM subject
WHERE site = $1 AND left(subject_id, 2) = $2 AND feed_epoch <> $3 AND record <> ''::bytea
ORDER BY subject_id LIMIT $4

-- name: lock_plan_head
SELECT plan_version, holds_version FROM plan_head WHERE site = $1 FOR UPDATE

-- name: current_plan
SELECT v.version, v.document
FROM plan_head AS h JOIN plan_version AS v ON v.site = h.site AND v.version = h.plan_version
WHERE h.site = $1

-- name: plan_of_version
SELECT document FROM plan_version WHERE site = $1 AND version = $2

-- name: put_plan_version
INSERT INTO plan_version (site, version, document, stored_at_ms, reason, author) VALUES ($1, $2, $3, $4, $5, $6)

-- name: set_plan_version
UPDATE plan_head SET plan_version = $2 WHERE site = $1

-- name: put_policy
INSERT INTO policy (site, policy_id, number, from_ms, to_ms, title, language, document, plan_version, state, revision,
                    author, writers, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (site, policy_id) DO UPDATE SET
    number = excluded.number, from_ms = excluded.from_ms, to_ms = excluded.to_ms, title = excluded.title,
    language = excluded.language, document = excluded.document, plan_version = excluded.plan_version,
    state = excluded.state, revision = excluded.revision, writers = excluded.writers, reason = excluded.reason

-- name: put_policy_transition
INSERT INTO policy_transition (site, policy_id, number, act, state_before, state_after, who, at_ms, reason, sha256,
                               loss)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: lock_policy
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND policy_id = $2 FOR UPDATE

-- name: get_policy
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND policy_id = $2

-- name: list_policies
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND state = ANY ($2::smallint[]) ORDER BY from_ms, policy_id LIMIT 1000

-- name: list_policy_transitions
SELECT number, act, state_before, state_after, who, at_ms, reason, sha256, loss
FROM policy_transition WHERE site = $1 AND policy_id = $2 ORDER BY number

-- name: lock_scheduled_policies
SELECT policy_id, number, language, title, from_ms, to_ms, document, plan_version, state, revision, author, writers
FROM policy WHERE site = $1 AND state = 4 ORDER BY from_ms, policy_id FOR UPDATE

-- name: plan_version_in_force
SELECT plan_version FROM plan_head WHERE site = $1

-- name: put_notice
INSERT INTO notice_outbox (site, position, policy_id, policy_version, effective_ms, put_at_ms, late, title_zh, title_en,
                           text_zh, text_en)
SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM notice_outbox WHERE site = $1

-- name: notices_after
SELECT position, policy_id, policy_version, effective_ms, put_at_ms, late, title_zh, title_en, text_zh, text_en
FROM notice_outbox WHERE site = $1 AND position > $2 ORDER BY position LIMIT $3

-- name: notices_end
SELECT s.epoch, coalesce(max(n.position), 0) AS last,
       coalesce(min(n.position) FILTER (WHERE n.acknowledged_at_ms IS NULL) - 1, max(n.position), 0) AS acknowledged
FROM site AS s LEFT JOIN notice_outbox AS n USING (site) WHERE s.site = $1 GROUP BY s.epoch

-- name: acknowledge_notices
UPDATE notice_outbox SET acknowledged_at_ms = $3, acknowledged_by = $4
WHERE site = $1 AND position <= $2 AND acknowledged_at_ms IS NULL

-- name: put_audit
INSERT INTO audit (site, at_ms, caller, action, target, reason, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: put_query
INSERT INTO query_log (site, caller, method, purpose, filter, at_ms) VALUES ($1, $2, $3, $4, $5, $6)

-- name: put_assignment
INSERT INTO assignment (site, assignment_id, subject_id, group_id, access_level, from_ms, to_ms, reason, grantor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: lock_assignment
SELECT assignment_id, subject_id, group_id, access_level, from_ms, to_ms, reason, grantor
FROM assignment WHERE site = $1 AND assignment_id = $2 FOR UPDATE

-- name: get_assignment
SELECT assignment_id, subject_id, group_id, access_level, from_ms, to_ms, reason, grantor
FROM assignment WHERE site = $1 AND assignment_id = $2

-- name: end_assignment
UPDATE assignment SET to_ms = $3 WHERE site = $1 AND assignment_id = $2

-- name: list_assignments
SELECT assignment_id, subject_id, group_id, access_level, from_ms, to_ms, reason, grantor
FROM assignment
WHERE site = $1 AND assignment_id > $2 AND ($3::text = '' OR subject_id = $3) AND ($4::text = '' OR group_id = $4)
ORDER BY assignment_id LIMIT $5

-- name: put_closure
INSERT INTO emergency_closure (site, closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: change_closure
UPDATE emergency_closure
SET to_ms = $3, ended_by = $4, end_reason = $5, approved_by = $6, approved_at_ms = $7, approval_reason = $8
WHERE site = $1 AND closure_id = $2

-- name: lock_closure
SELECT closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason, ended_by, end_reason, approved_by,
       approved_at_ms, approval_reason, alarmed_at_ms
FROM emergency_closure WHERE site = $1 AND closure_id = $2 FOR UPDATE

-- name: waiting_closures
SELECT closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason, ended_by, end_reason, approved_by,
       approved_at_ms, approval_reason, alarmed_at_ms
FROM emergency_closure WHERE site = $1 AND approved_by = '' AND ended_by = '' ORDER BY from_ms DESC LIMIT 500

-- name: unapproved_closures
SELECT closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason, ended_by, end_reason, approved_by,
       approved_at_ms, approval_reason, alarmed_at_ms
FROM emergency_closure WHERE site = $1 AND approved_by = '' AND (ended_by = '' OR to_ms > $2)

-- name: list_closures
SELECT closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason, ended_by, end_reason, approved_by,
       approved_at_ms, approval_reason, alarmed_at_ms
FROM emergency_closure WHERE site = $1 ORDER BY from_ms DESC, closure_id DESC LIMIT 500

-- name: take_overdue_closures
UPDATE emergency_closure SET alarmed_at_ms = $3
WHERE site = $1 AND approved_by = '' AND ended_by = '' AND alarmed_at_ms = 0 AND from_ms <= $2
RETURNING closure_id, access_point, from_ms, to_ms, redirect, closed_by, reason, ended_by, end_reason, approved_by,
       approved_at_ms, approval_reason, alarmed_at_ms

-- name: take_holds_version
UPDATE plan_head SET holds_version = holds_version + 1 WHERE site = $1 RETURNING holds_version

-- name: put_hold
INSERT INTO hold (site, hold_id, origin, area, access_point, reason, raised_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: release_hold
UPDATE hold SET released_at_ms = $3 WHERE site = $1 AND hold_id = $2 AND released_at_ms IS NULL
RETURNING hold_id, origin, area, access_point, reason, raised_at_ms

-- name: holds_in_force
SELECT hold_id, origin, area, access_point, reason, raised_at_ms
FROM hold WHERE site = $1 AND released_at_ms IS NULL ORDER BY hold_id

-- name: put_threat_level
INSERT INTO threat_level (site, holds_version, area, level, origin, reason, set_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: threat_levels_in_force
SELECT area, level, origin, reason, set_at_ms
FROM (
    SELECT DISTINCT ON (area) area, level, origin, reason, set_at_ms
    FROM threat_level WHERE site = $1 ORDER BY area, holds_version DESC
) AS standing
WHERE level > 0 ORDER BY area

-- name: hear_sources
INSERT INTO fact_source (site, source, reported_at_ms)
SELECT $1, source, reported_at_ms FROM unnest($2::text[], $3::bigint[]) AS n (source, reported_at_ms)
ON CONFLICT (site, source) DO UPDATE SET reported_at_ms = excluded.reported_at_ms
WHERE fact_source.reported_at_ms < excluded.reported_at_ms

-- name: fact_sources
SELECT source, reported_at_ms, stale FROM fact_source WHERE site = $1

-- name: stale_sources
SELECT source FROM fact_source WHERE site = $1 AND stale

-- name: put_stale_sources
INSERT INTO fact_source (site, source, stale) SELECT $1, source, true FROM unnest($2::text[]) AS n (source)
ON CONFLICT (site, source) DO UPDATE SET stale = true

-- name: put_fresh_sources
UPDATE fact_source SET stale = false WHERE site = $1 AND source = ANY ($2::text[])

-- name: holds_version
SELECT holds_version FROM plan_head WHERE site = $1

-- name: orders_in_force
SELECT command_id, access_point, command, origin, reason, given_at_ms, until_ms
FROM operator_command WHERE site = $1 AND command IN (2, 3) AND ended_at_ms IS NULL ORDER BY command_id

-- name: command_of_request
SELECT command_id, access_point, command, origin, reason, given_at_ms, until_ms, request_id, ended_id
FROM operator_command WHERE site = $1 AND origin = $2 AND request_id = $3

-- name: put_command
INSERT INTO operator_command (site, command_id, access_point, command, origin, reason, given_at_ms, until_ms,
                              request_id, ended_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: end_order
UPDATE operator_command SET ended_at_ms = $3
WHERE site = $1 AND access_point = $2 AND command IN (2, 3) AND ended_at_ms IS NULL RETURNING command_id, until_ms

-- name: end_overdue_orders
UPDATE operator_command SET ended_at_ms = until_ms
WHERE site = $1 AND command IN (2, 3) AND ended_at_ms IS NULL AND until_ms <= $2

-- name: next_order_end
SELECT min(until_ms) FROM operator_command WHERE site = $1 AND command IN (2, 3) AND ended_at_ms IS NULL

-- name: commands_since
SELECT command_id, access_point, command, origin, reason, given_at_ms, until_ms, request_id, ended_id
FROM operator_command WHERE site = $1 AND given_at_ms > $2 ORDER BY given_at_ms, command_id

-- name: command_reached
UPDATE operator_command SET reached_at_ms = $3 WHERE site = $1 AND command_id = $2 AND reached_at_ms = 0

-- name: has_reached
SELECT reached_at_ms > 0 FROM operator_command WHERE site = $1 AND command_id = $2

-- name: put_door_reports
INSERT INTO door_report (site, cause_id, door, said, at_ms)
SELECT $1, n.cause_id, n.door, n.said, max(n.at_ms)
FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::bigint[]) AS n (cause_id, door, said, at_ms)
WHERE n.cause_id = '00000000-0000-0000-0000-000000000000'
   OR EXISTS (SELECT FROM hold AS h WHERE h.site = $1 AND h.hold_id = n.cause_id)
   OR EXISTS (SELECT FROM operator_command AS c WHERE c.site = $1 AND c.command_id = n.cause_id)
GROUP BY n.cause_id, n.door, n.said
ON CONFLICT (site, cause_id, door, said) DO UPDATE SET at_ms = excluded.at_ms WHERE excluded.at_ms > door_report.at_ms

-- name: door_reports_of
SELECT cause_id, door, said, at_ms FROM door_report WHERE site = $1 AND cause_id = ANY ($2::uuid[])

-- name: last_sequence
SELECT sequence FROM head WHERE site = $1

-- name: operated_since
SELECT core FROM event
WHERE site = $1 AND kind = 18 AND day >= $2::date - 1 AND sequence > LEAST($4::bigint, (
    SELECT c.sequence FROM event AS c WHERE c.site = $1 AND c.day = $2 AND c.event_id = $3 AND c.kind = 22))

-- name: put_unsecured_alarms
INSERT INTO unsecured_alarm (site, cause_id, door, raised_at_ms)
SELECT $1, n.cause_id, n.door, $4 FROM unnest($2::uuid[], $3::text[]) AS n (cause_id, door)
ON CONFLICT DO NOTHING RETURNING cause_id, door

-- name: passed_reviews
SELECT review_id FROM review
WHERE site = $1 AND review_id = ANY ($2::text[]) AND (state = 3 OR state = 5 AND opens_itself)

-- name: lock_duty
SELECT pg_advisory_xact_lock(hashtextextended('menshen.access.duty.' || $1, 0))

-- name: analyse_subjects
ANALYZE subject, subject_version, projection

-- name: analyse_history
ANALYZE event, event_chain, watermark
