-- Statements of the vehicles service. Columns are enumerated; instants are epoch milliseconds.

-- name: lock_vehicle
SELECT vehicle_id, site, sites, vehicle_class, plate, owner_id, owner_category, external_ref, version,
    driver_ids
FROM vehicles
WHERE vehicle_id = $1
FOR UPDATE

-- name: put_vehicle
INSERT INTO vehicles (vehicle_id, site, sites, vehicle_class, plate, owner_id, owner_category, external_ref, driver_ids)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (vehicle_id) DO UPDATE SET
    site = excluded.site, sites = excluded.sites, vehicle_class = excluded.vehicle_class, plate = excluded.plate,
    owner_id = excluded.owner_id, owner_category = excluded.owner_category, external_ref = excluded.external_ref,
    driver_ids = excluded.driver_ids

-- name: raise_versions
UPDATE vehicles SET version = version + 1 WHERE vehicle_id = ANY ($1::text[])

-- name: get_vehicle
SELECT vehicle_id, site, sites, vehicle_class, plate, owner_id, owner_category, external_ref, version,
    driver_ids
FROM vehicles
WHERE vehicle_id = $1 AND $2 = ANY (sites)

-- name: vehicle_of_plate
SELECT vehicle_id, site, sites, vehicle_class, plate, owner_id, owner_category, external_ref, version,
    driver_ids
FROM vehicles
WHERE plate = $1 AND plate <> '' AND $2 = ANY (sites)

-- name: vehicle_of_tag
SELECT
    v.vehicle_id, v.site, v.sites, v.vehicle_class, v.plate, v.owner_id, v.owner_category, v.external_ref, v.version,
    v.driver_ids
FROM tag_bindings AS b
INNER JOIN vehicles AS v ON v.vehicle_id = b.vehicle_id
WHERE b.epc = $1 AND $2 = ANY (v.sites)
ORDER BY b.is_live DESC, b.bound_at_ms DESC
LIMIT 1

-- name: page_vehicles
SELECT
    v.vehicle_id, v.site, v.sites, v.vehicle_class, v.plate, v.owner_id, v.owner_category, v.external_ref, v.version,
    v.driver_ids
FROM vehicles AS v
INNER JOIN feed_entries AS e ON e.entry_id = v.vehicle_id AND e.site = $1 AND NOT e.is_removed
WHERE v.vehicle_id > $2 AND $1 = ANY (v.sites)
ORDER BY v.vehicle_id
LIMIT $3

-- name: get_permit
SELECT permit_id, vehicle_id, state, valid_from_ms, valid_to_ms, external_ref FROM permits WHERE permit_id = $1

-- name: list_permits
SELECT permit_id, vehicle_id, state, valid_from_ms, valid_to_ms, external_ref
FROM permits
WHERE vehicle_id = $1
ORDER BY permit_id

-- name: put_permit
INSERT INTO permits (permit_id, vehicle_id, state, valid_from_ms, valid_to_ms, external_ref)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (permit_id) DO UPDATE SET state = excluded.state

-- name: get_suspension
SELECT suspension_id, vehicle_id, from_ms, to_ms, reason_code, until_test, lifted_at_ms
FROM suspensions
WHERE suspension_id = $1

-- name: list_suspensions
SELECT suspension_id, vehicle_id, from_ms, to_ms, reason_code, until_test, lifted_at_ms
FROM suspensions
WHERE vehicle_id = $1
ORDER BY from_ms, suspension_id

-- name: put_suspension
INSERT INTO suspensions (suspension_id, vehicle_id, from_ms, to_ms, reason_code, until_test, lifted_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (suspension_id) DO UPDATE SET
    until_test = excluded.until_test, lifted_at_ms = excluded.lifted_at_ms

-- name: get_visit
SELECT
    visit_id, vehicle_id, site, host_id, from_ms, to_ms, access_points, state, single_entry, official_ticket,
    external_ref, code
FROM visits
WHERE visit_id = $1

-- name: list_visits
SELECT
    visit_id, vehicle_id, site, host_id, from_ms, to_ms, access_points, state, single_entry, official_ticket,
    external_ref, '' AS code
FROM visits
WHERE vehicle_id = $1
ORDER BY from_ms, visit_id

-- name: put_visit
INSERT INTO visits (
    visit_id, vehicle_id, site, host_id, from_ms, to_ms, access_points, state, single_entry, official_ticket,
    external_ref, code
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (visit_id) DO UPDATE SET state = excluded.state

-- name: open_visits
SELECT count(*) FROM visits WHERE vehicle_id = $1 AND site = $2 AND state = 1 AND to_ms > $3

-- name: visited_sites
SELECT DISTINCT vehicle_id, site FROM visits WHERE vehicle_id = ANY ($1::text[]) AND state = 1 AND to_ms > $2

-- name: vehicle_id_of_plate
SELECT vehicle_id FROM vehicles WHERE plate = $1 AND plate <> ''

-- name: get_binding
SELECT binding_id, vehicle_id, epc, tid, state, bound_at_ms, ended_at_ms, bound_by
FROM tag_bindings
WHERE binding_id = $1

-- name: live_binding
SELECT binding_id, vehicle_id, epc, tid, state, bound_at_ms, ended_at_ms, bound_by
FROM tag_bindings
WHERE epc = $1 AND is_live

-- name: list_bindings
SELECT binding_id, vehicle_id, epc, tid, state, bound_at_ms, ended_at_ms, bound_by
FROM tag_bindings
WHERE vehicle_id = $1
ORDER BY bound_at_ms, binding_id

-- name: put_binding
INSERT INTO tag_bindings (binding_id, vehicle_id, epc, tid, state, is_live, bound_at_ms, ended_at_ms, bound_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (binding_id) DO UPDATE SET
    state = excluded.state, is_live = excluded.is_live, ended_at_ms = excluded.ended_at_ms

-- name: note
INSERT INTO audit (at_ms, actor, action, site, target_id, reason) VALUES ($1, $2, $3, $4, $5, $6)

-- One read of the feed. $4 chooses the lane: of the two branches the planner runs only one. The head and the changes are
-- of one snapshot. A reader that begins from nothing is spared what was removed. Of the visits that end after $6 it
-- carries 16: first those open at the site at $5, the next ones first, of which no more are ever booked.
-- name: read_feed
SELECT
    head.epoch, head.position AS head, e.at, e.entry_id AS subject_id, e.is_removed,
    v.version, v.vehicle_class, v.site AS home_site, $1 = ANY (v.sites) AS is_known, v.plate, v.owner_id, v.owner_category, v.driver_ids,
    (
        SELECT json_agg(json_build_array(
            p.permit_id, p.vehicle_id, p.state, p.valid_from_ms, p.valid_to_ms, p.external_ref
        ) ORDER BY p.permit_id)
        FROM permits AS p WHERE p.vehicle_id = v.vehicle_id
    ) AS permits,
    (
        SELECT json_agg(json_build_array(
            b.binding_id, b.vehicle_id, b.epc, b.tid, b.state, b.bound_at_ms, b.ended_at_ms, b.bound_by
        ) ORDER BY b.bound_at_ms, b.binding_id)
        FROM tag_bindings AS b WHERE b.vehicle_id = v.vehicle_id AND b.is_live
    ) AS tags,
    (
        SELECT json_agg(json_build_array(
            s.suspension_id, s.vehicle_id, s.from_ms, s.to_ms, s.reason_code, s.until_test, s.lifted_at_ms
        ) ORDER BY s.from_ms, s.suspension_id)
        FROM suspensions AS s WHERE s.vehicle_id = v.vehicle_id AND s.lifted_at_ms = 0
    ) AS suspensions,
    (
        SELECT json_agg(json_build_array(
            chosen.visit_id, chosen.vehicle_id, chosen.site, chosen.host_id, chosen.from_ms, chosen.to_ms,
            chosen.access_points, chosen.state, chosen.single_entry, chosen.official_ticket, chosen.external_ref,
            chosen.code
        ) ORDER BY chosen.from_ms, chosen.visit_id)
        FROM (
            SELECT
                n.visit_id, n.vehicle_id, n.site, n.host_id, n.from_ms, n.to_ms, n.access_points, n.state,
                n.single_entry, n.official_ticket, n.external_ref, n.code
            FROM visits AS n WHERE n.vehicle_id = v.vehicle_id AND n.to_ms > $6
            ORDER BY (n.site = $1 AND n.state = 1 AND n.to_ms > $5) DESC, n.to_ms, n.visit_id LIMIT 16
        ) AS chosen
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
LEFT JOIN vehicles AS v ON v.vehicle_id = e.entry_id
ORDER BY e.at
