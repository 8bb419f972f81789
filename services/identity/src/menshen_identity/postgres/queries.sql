-- Statements of the identity service. Columns are enumerated; instants are epoch milliseconds.

-- name: lock_cardholders
SELECT cardholder_id, site, sites, category, groups, name, organisation_id, photo_ref, external_ref, version
FROM cardholders
WHERE cardholder_id = ANY ($1::text[])
ORDER BY cardholder_id
FOR UPDATE

-- name: put_cardholder
INSERT INTO cardholders
    (cardholder_id, site, sites, category, groups, name, organisation_id, photo_ref, external_ref)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (cardholder_id) DO UPDATE SET
    site = excluded.site, sites = excluded.sites, category = excluded.category, groups = excluded.groups,
    name = excluded.name, organisation_id = excluded.organisation_id, photo_ref = excluded.photo_ref,
    external_ref = excluded.external_ref

-- name: raise_versions
UPDATE cardholders SET version = version + 1 WHERE cardholder_id = ANY ($1::text[])

-- name: get_cardholder
SELECT cardholder_id, site, sites, category, groups, name, organisation_id, photo_ref, external_ref, version
FROM cardholders
WHERE cardholder_id = $1 AND $2 = ANY (sites)

-- name: page_cardholders
SELECT
    c.cardholder_id, c.site, c.sites, c.category, c.groups, c.name, c.organisation_id, c.photo_ref, c.external_ref,
    c.version
FROM cardholders AS c
INNER JOIN feed_entries AS e ON e.entry_id = c.cardholder_id AND e.site = $1 AND NOT e.is_removed
WHERE c.cardholder_id > $3 AND ($2 = '' OR c.category = $2)
ORDER BY c.cardholder_id
LIMIT $4

-- name: get_organisation
SELECT site, organisation_id, parent_id, name_zh, name_en, external_ref FROM organisations WHERE organisation_id = $1

-- name: put_organisation
INSERT INTO organisations (organisation_id, site, parent_id, name_zh, name_en, external_ref)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (organisation_id) DO UPDATE SET
    parent_id = excluded.parent_id, name_zh = excluded.name_zh, name_en = excluded.name_en,
    external_ref = excluded.external_ref

-- name: list_organisations
SELECT site, organisation_id, parent_id, name_zh, name_en, external_ref
FROM organisations
WHERE site = $1
ORDER BY organisation_id

-- name: get_credential
SELECT
    k.credential_id, k.cardholder_id, k.state, k.valid_from_ms, k.valid_to_ms, k.external_ref, k.changed_at_ms,
    k.replaces, k.stands_in_for, k.single_use, k.pin_required, k.is_code, k.only_site,
    ARRAY(SELECT i.type FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS types,
    ARRAY(SELECT i.value FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS values
FROM credentials AS k
WHERE k.credential_id = $1

-- name: list_credentials
SELECT
    k.credential_id, k.cardholder_id, k.state, k.valid_from_ms, k.valid_to_ms, k.external_ref, k.changed_at_ms,
    k.replaces, k.stands_in_for, k.single_use, k.pin_required, k.is_code, k.only_site,
    ARRAY(SELECT i.type FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS types,
    ARRAY(SELECT i.value FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS values
FROM credentials AS k
WHERE k.cardholder_id = $1
ORDER BY k.credential_id

-- name: holders
SELECT
    k.credential_id, k.cardholder_id, k.state, k.valid_from_ms, k.valid_to_ms, k.external_ref, k.changed_at_ms,
    k.replaces, k.stands_in_for, k.single_use, k.pin_required, k.is_code, k.only_site,
    ARRAY(SELECT i.type FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS types,
    ARRAY(SELECT i.value FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS values
FROM credentials AS k
WHERE k.credential_id IN (
    SELECT i.credential_id
    FROM credential_identifiers AS i
    INNER JOIN unnest($1::smallint[], $2::text[]) AS wanted (type, value) ON wanted.type = i.type AND wanted.value = i.value
    WHERE NOT i.is_superseded
)
ORDER BY k.credential_id

-- name: holder_of
SELECT
    k.credential_id, k.cardholder_id, k.state, k.valid_from_ms, k.valid_to_ms, k.external_ref, k.changed_at_ms,
    k.replaces, k.stands_in_for, k.single_use, k.pin_required, k.is_code, k.only_site,
    ARRAY(SELECT i.type FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS types,
    ARRAY(SELECT i.value FROM credential_identifiers AS i WHERE i.credential_id = k.credential_id ORDER BY i.type, i.value) AS values
FROM credential_identifiers AS found
INNER JOIN credentials AS k ON k.credential_id = found.credential_id
INNER JOIN cardholders AS c ON c.cardholder_id = k.cardholder_id AND $1 = ANY (c.sites)
WHERE found.type = $2 AND found.value = $3
ORDER BY found.is_live DESC, found.is_superseded, k.changed_at_ms DESC
LIMIT 1

-- name: put_credential
INSERT INTO credentials
    (credential_id, cardholder_id, state, valid_from_ms, valid_to_ms, external_ref, changed_at_ms, replaces,
     stands_in_for, single_use, pin_required, is_code, only_site)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (credential_id) DO UPDATE SET
    state = excluded.state, valid_from_ms = excluded.valid_from_ms, valid_to_ms = excluded.valid_to_ms,
    changed_at_ms = excluded.changed_at_ms

-- name: forget_code_values
DELETE FROM credential_identifiers AS i USING credentials AS k
WHERE k.credential_id = i.credential_id AND k.cardholder_id = $1 AND k.is_code AND k.valid_to_ms < $2

-- name: forget_codes
DELETE FROM credentials WHERE cardholder_id = $1 AND is_code AND valid_to_ms < $2

-- name: put_identifiers
INSERT INTO credential_identifiers (credential_id, type, value, is_live)
SELECT $1, given.type, given.value, $4 FROM unnest($2::smallint[], $3::text[]) AS given (type, value)
ON CONFLICT (credential_id, type, value) DO UPDATE SET is_live = excluded.is_live

-- name: supersede
UPDATE credential_identifiers AS i SET is_superseded = true
FROM unnest($2::smallint[], $3::text[]) AS taken (type, value)
WHERE i.credential_id = $1 AND i.type = taken.type AND i.value = taken.value AND NOT i.is_live

-- name: put_pins
INSERT INTO pins (cardholder_id, verifier, duress_verifier) VALUES ($1, $2, $3)
ON CONFLICT (cardholder_id) DO UPDATE SET verifier = excluded.verifier, duress_verifier = excluded.duress_verifier

-- name: get_fact
SELECT type, value, source, valid_from_ms, valid_to_ms, reported_at_ms FROM facts WHERE cardholder_id = $1 AND type = $2

-- name: list_facts
SELECT type, value, source, valid_from_ms, valid_to_ms, reported_at_ms FROM facts WHERE cardholder_id = $1 ORDER BY type

-- name: put_fact
INSERT INTO facts (cardholder_id, type, value, source, valid_from_ms, valid_to_ms, reported_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (cardholder_id, type) DO UPDATE SET
    value = excluded.value, source = excluded.source, valid_from_ms = excluded.valid_from_ms,
    valid_to_ms = excluded.valid_to_ms, reported_at_ms = excluded.reported_at_ms

-- name: get_entry
SELECT entry_id, cardholder_id, kind, access_point, scope_site, from_ms, to_ms, reason_code, source,
    access_point_class
FROM list_entries
WHERE entry_id = $1

-- name: list_entries
SELECT entry_id, cardholder_id, kind, access_point, scope_site, from_ms, to_ms, reason_code, source,
    access_point_class
FROM list_entries
WHERE cardholder_id = $1 AND (to_ms = 0 OR to_ms > $2)
ORDER BY entry_id

-- name: put_entry
INSERT INTO list_entries
    (entry_id, cardholder_id, kind, access_point, scope_site, from_ms, to_ms, reason_code, source, access_point_class)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (entry_id) DO UPDATE SET from_ms = excluded.from_ms, to_ms = excluded.to_ms

-- name: get_visit
SELECT visit_id, site, cardholder_id, host_id, from_ms, to_ms, access_points, state, single_entry, external_ref
FROM visits
WHERE visit_id = $1

-- name: list_visits
SELECT visit_id, site, cardholder_id, host_id, from_ms, to_ms, access_points, state, single_entry, external_ref
FROM visits
WHERE site = $1 AND ($2::bigint = 0 OR to_ms > $2) AND ($3::bigint = 0 OR from_ms < $3)
ORDER BY from_ms, visit_id
LIMIT $4

-- name: put_visit
INSERT INTO visits
    (visit_id, site, cardholder_id, host_id, from_ms, to_ms, access_points, state, single_entry, external_ref)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (visit_id) DO UPDATE SET state = excluded.state

-- name: note
INSERT INTO audit (at_ms, actor, action, site, target_id, reason) VALUES ($1, $2, $3, $4, $5, $6)

-- One read of the feed. $4 chooses the lane: of the two branches the planner runs only one. The head and the changes
-- are of one snapshot. A reader that begins from nothing is spared what was removed.
-- name: read_feed
SELECT
    head.epoch, head.position AS head, e.at, e.entry_id AS subject_id, e.is_removed,
    c.version, c.category, c.site AS home_site, c.groups, c.photo_ref,
    p.verifier, p.duress_verifier,
    (
        SELECT json_agg(json_build_array(
            k.credential_id, k.state, k.valid_from_ms, k.valid_to_ms, k.external_ref, k.changed_at_ms, k.replaces,
            k.stands_in_for, k.single_use, k.pin_required,
            (
                SELECT json_agg(json_build_array(i.type, i.value))
                FROM credential_identifiers AS i
                WHERE i.credential_id = k.credential_id AND NOT i.is_superseded
            )
        ) ORDER BY k.credential_id)
        FROM credentials AS k
        WHERE
            k.cardholder_id = c.cardholder_id AND NOT (k.is_code AND k.valid_to_ms <= $7)
            AND k.only_site IN ('', $1)
    ) AS credentials,
    (
        SELECT json_agg(json_build_array(
            f.type, f.value, f.source, f.valid_from_ms, f.valid_to_ms, f.reported_at_ms
        ) ORDER BY f.type)
        FROM facts AS f WHERE f.cardholder_id = c.cardholder_id
    ) AS facts,
    (
        SELECT json_agg(json_build_array(
            l.entry_id, l.cardholder_id, l.kind, l.access_point, l.scope_site, l.from_ms, l.to_ms, l.reason_code,
            l.source, l.access_point_class
        ) ORDER BY l.entry_id)
        FROM list_entries AS l WHERE l.cardholder_id = c.cardholder_id AND (l.to_ms = 0 OR l.to_ms > $5)
    ) AS entries,
    (
        SELECT json_agg(json_build_array(
            v.visit_id, v.site, v.cardholder_id, v.host_id, v.from_ms, v.to_ms, v.access_points, v.state,
            v.single_entry, v.external_ref, h.groups
        ) ORDER BY v.visit_id)
        FROM visits AS v
        INNER JOIN cardholders AS h ON h.cardholder_id = v.host_id
        WHERE v.cardholder_id = c.cardholder_id AND v.to_ms > $6
    ) AS visits
FROM feed_head AS head
LEFT JOIN (
    (
        SELECT f.entry_id, f.is_removed, f.position AS at
        FROM feed_entries AS f
        WHERE NOT $4::boolean AND f.site = $1 AND f.position > $2 AND NOT (f.is_removed AND $2 = 0)
        ORDER BY f.position LIMIT $3
    )
    UNION ALL
    (
        SELECT f.entry_id, f.is_removed, f.urgent_position AS at
        FROM feed_entries AS f
        WHERE $4::boolean AND f.site = $1 AND f.urgent_position > $2 AND NOT (f.is_removed AND $2 = 0)
        ORDER BY f.urgent_position LIMIT $3
    )
) AS e ON true
LEFT JOIN cardholders AS c ON c.cardholder_id = e.entry_id
LEFT JOIN pins AS p ON p.cardholder_id = e.entry_id
ORDER BY e.at

-- name: hear_source
INSERT INTO fact_sources AS kept (site, source, complete_to_ms) VALUES ($1, $2, $3)
ON CONFLICT (site, source) DO UPDATE SET complete_to_ms = greatest(kept.complete_to_ms, excluded.complete_to_ms)
RETURNING complete_to_ms

-- name: sources_of_site
SELECT source, complete_to_ms FROM fact_sources WHERE site = $1 ORDER BY source
