-- Statements of the vehicle import. A batch is the staged rows of import $1 with $2 < line <= $3.
-- Permit states: 1 is ACTIVE; tag states: 1 is ACTIVE.

-- What staged rows contradict: each other, or what is stored. Plates are compared as they are seen, O as 0 and I as 1. $2 is the only site the sender may write to, NULL for
-- any.
-- name: check_staged
WITH staged AS (
    SELECT line, given_id, external_ref, plate, epc FROM staged_rows WHERE import_id = $1
)
SELECT line, 'REPEATED_REFERENCE' AS code
FROM (SELECT line, row_number() OVER (PARTITION BY external_ref ORDER BY line) AS nth FROM staged) AS numbered
WHERE nth > 1
UNION ALL
SELECT line, 'REPEATED_PLATE'
FROM (SELECT line, row_number() OVER (PARTITION BY translate(plate, 'IO', '10') ORDER BY line) AS nth FROM staged WHERE plate <> '') AS numbered
WHERE nth > 1
UNION ALL
SELECT line, 'REPEATED_TAG'
FROM (SELECT line, row_number() OVER (PARTITION BY epc ORDER BY line) AS nth FROM staged WHERE epc <> '') AS numbered
WHERE nth > 1
UNION ALL
SELECT line, 'REPEATED_ID'
FROM (SELECT line, row_number() OVER (PARTITION BY given_id ORDER BY line) AS nth FROM staged WHERE given_id <> '') AS numbered
WHERE nth > 1
UNION ALL
SELECT s.line, 'ID_TAKEN'
FROM staged AS s
INNER JOIN vehicles AS v ON v.vehicle_id = s.given_id
WHERE v.external_ref <> s.external_ref
UNION ALL
SELECT s.line, 'ID_DIFFERS'
FROM staged AS s
INNER JOIN vehicles AS v ON v.external_ref = s.external_ref AND v.external_ref <> ''
WHERE s.given_id <> '' AND v.vehicle_id <> s.given_id
UNION ALL
SELECT s.line, 'FOREIGN_HOME'
FROM staged AS s
INNER JOIN vehicles AS v ON v.external_ref = s.external_ref AND v.external_ref <> ''
WHERE v.site <> $2
UNION ALL
SELECT s.line, 'PLATE_TAKEN'
FROM staged AS s
INNER JOIN vehicles AS v ON translate(v.plate, 'IO', '10') = translate(s.plate, 'IO', '10') AND v.plate <> ''
WHERE v.external_ref <> s.external_ref
UNION ALL
SELECT s.line, 'TAG_BOUND'
FROM staged AS s
INNER JOIN tag_bindings AS b ON b.epc = s.epc AND b.is_live
INNER JOIN vehicles AS v ON v.vehicle_id = b.vehicle_id
WHERE s.epc <> '' AND v.external_ref <> s.external_ref
ORDER BY line
LIMIT 100

-- name: begun_at
SELECT at_ms FROM imports WHERE import_id = $1

-- name: last_line
SELECT max(line) FROM (
    SELECT line FROM staged_rows WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3
) AS batch

-- name: batch_vehicles
SELECT v.vehicle_id
FROM staged_rows AS s
INNER JOIN vehicles AS v ON v.external_ref = s.external_ref AND v.external_ref <> ''
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3

-- name: lock_vehicles
SELECT vehicle_id FROM vehicles WHERE vehicle_id = ANY ($1::text[]) ORDER BY vehicle_id FOR UPDATE

-- A permit or a tag that the file has and the vehicle has too is not given again: the permit of the same source, the
-- live binding of the same EPC.
-- name: resolve_batch
UPDATE staged_rows AS s SET
    vehicle_id = coalesce(found.vehicle_id, s.new_id),
    is_new = found.vehicle_id IS NULL,
    permit_id = found.permit_id,
    binding_id = found.binding_id
FROM (
    SELECT b.line, v.vehicle_id, granted.permit_id, bound.binding_id
    FROM staged_rows AS b
    LEFT JOIN vehicles AS v ON v.external_ref = b.external_ref AND v.external_ref <> ''
    LEFT JOIN LATERAL (
        SELECT p.permit_id
        FROM permits AS p
        WHERE p.vehicle_id = v.vehicle_id AND p.external_ref = b.external_ref
        ORDER BY p.permit_id DESC
        LIMIT 1
    ) AS granted ON b.has_permit
    LEFT JOIN LATERAL (
        SELECT t.binding_id
        FROM tag_bindings AS t
        WHERE t.epc = b.epc AND t.is_live AND t.vehicle_id = v.vehicle_id
    ) AS bound ON b.epc <> ''
    WHERE b.import_id = $1 AND b.line > $2 AND b.line <= $3
) AS found
WHERE s.import_id = $1 AND s.line = found.line

-- name: change_vehicles
WITH wanted AS (
    SELECT
        v.vehicle_id, s.site, s.vehicle_class,
        coalesce(s.sites, ARRAY(
            SELECT DISTINCT known.site FROM unnest(v.sites || s.site) AS known (site) ORDER BY known.site
        )) AS sites,
        coalesce(s.plate, v.plate) AS plate,
        coalesce(s.owner_id, v.owner_id) AS owner_id,
        coalesce(s.owner_category, v.owner_category) AS owner_category
    FROM staged_rows AS s
    INNER JOIN vehicles AS v ON v.vehicle_id = s.vehicle_id
    WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND NOT s.is_new
)
UPDATE vehicles AS v SET
    site = w.site, sites = w.sites, vehicle_class = w.vehicle_class, plate = w.plate, owner_id = w.owner_id,
    owner_category = w.owner_category
FROM wanted AS w
WHERE
    v.vehicle_id = w.vehicle_id
    AND (v.site, v.sites, v.vehicle_class, v.plate, v.owner_id, v.owner_category)
    IS DISTINCT FROM (w.site, w.sites, w.vehicle_class, w.plate, w.owner_id, w.owner_category)
RETURNING v.vehicle_id

-- name: create_vehicles
INSERT INTO vehicles (vehicle_id, site, sites, vehicle_class, plate, owner_id, owner_category, external_ref, version)
SELECT
    s.vehicle_id, s.site, coalesce(s.sites, ARRAY[s.site]), s.vehicle_class, coalesce(s.plate, ''),
    coalesce(s.owner_id, ''), coalesce(s.owner_category, ''), s.external_ref, 1
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.is_new
RETURNING vehicle_id, sites

-- A measure outlives the file: the window of a permit follows it, its state does not.
-- name: change_permits
UPDATE permits AS p SET valid_from_ms = s.permit_from_ms, valid_to_ms = s.permit_to_ms
FROM staged_rows AS s
WHERE
    s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND p.permit_id = s.permit_id
    AND (p.valid_from_ms, p.valid_to_ms) IS DISTINCT FROM (s.permit_from_ms, s.permit_to_ms)
RETURNING p.vehicle_id

-- name: grant_permits
INSERT INTO permits (permit_id, vehicle_id, state, valid_from_ms, valid_to_ms, external_ref)
SELECT s.new_permit_id, s.vehicle_id, 1, s.permit_from_ms, s.permit_to_ms, s.external_ref
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.has_permit AND s.permit_id IS NULL
RETURNING vehicle_id

-- A tag enrolled without its TID learns it; one that has another keeps it: a TID is not changed by a file.
-- name: learn_tids
UPDATE tag_bindings AS b SET tid = s.tid
FROM staged_rows AS s
WHERE
    s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND b.binding_id = s.binding_id AND b.tid = '' AND s.tid <> ''
RETURNING b.vehicle_id

-- name: bind_tags
INSERT INTO tag_bindings (binding_id, vehicle_id, epc, tid, state, is_live, bound_at_ms, ended_at_ms, bound_by)
SELECT s.new_binding_id, s.vehicle_id, s.epc, s.tid, 1, true, s.at_ms, 0, s.actor
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.epc <> '' AND s.binding_id IS NULL
RETURNING vehicle_id

-- Those just created have their first version. The sites of visits that end after $2 are told as well.
-- name: raise_versions
UPDATE vehicles AS v SET version = v.version + 1
WHERE v.vehicle_id = ANY ($1::text[])
RETURNING v.vehicle_id, v.sites || ARRAY(
    SELECT n.site FROM visits AS n WHERE n.vehicle_id = v.vehicle_id AND n.state = 1 AND n.to_ms > $2
) AS sites
